#include "http/http_call.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "http/http_gzip.h"

enum { ANSWER_MAX = 64 << 10, TIMEOUT_MS = 30000, RETRY_AFTER_MAX_S = 7 * 86400 };

static size_t on_body(char *p, size_t size, size_t n, void *user) {
    struct http_call *call = user;
    size_t have = size * n;
    size_t room = call->answer_max - call->answer.n;
    size_t keep = have < room ? have : room;
    call->answer_cut = call->answer_cut || keep < have;
    if (keep > 0 && buf_add(&call->answer, p, keep) != ERR_OK) {
        return 0; /* ends the transfer with a write error */
    }
    return have;
}

/* RFC 9110, 10.2.3: seconds or an HTTP date. */
static int64_t retry_after(const char *value) {
    char *end = NULL;
    long long s = strtoll(value, &end, 10);
    if (!isdigit((unsigned char)value[0]) || *end != '\0') {
        time_t date = curl_getdate(value, NULL);
        if (date < 0) {
            return -1;
        }
        s = (long long)date - clock_wall_ms() / 1000;
    }
    s = s < 0 ? 0 : s < RETRY_AFTER_MAX_S ? s : RETRY_AFTER_MAX_S;
    return (int64_t)s * 1000;
}

static size_t on_header(char *p, size_t size, size_t n, void *user) {
    static const char name[] = "retry-after:";
    struct http_call *call = user;
    char value[64];
    size_t have = size * n;
    size_t at = sizeof name - 1;
    if (have <= at || strncasecmp(p, name, at) != 0) {
        return have;
    }
    while (at < have && isspace((unsigned char)p[at])) {
        at++;
    }
    size_t last = have;
    while (last > at && isspace((unsigned char)p[last - 1])) {
        last--;
    }
    if (last > at && last - at < sizeof value) {
        snprintf(value, sizeof value, "%.*s", (int)(last - at), p + at);
        call->retry_after_ms = retry_after(value);
    }
    return have;
}

/* A line break inside a field would let its content write headers of its own. */
static bool one_line(const char *s) {
    return s == NULL || strpbrk(s, "\r\n") == NULL;
}

static enum err check(const struct http_request *r) {
    bool legal = r->url != NULL && one_line(r->url) && one_line(r->method) && one_line(r->token);
    for (unsigned i = 0; i < r->header_n; i++) {
        legal = legal && one_line(r->header[i]);
    }
    return legal && r->on_done != NULL ? ERR_OK : ERR_RANGE;
}

static enum err add_header(struct http_call *call, const char *line) {
    struct curl_slist *longer = curl_slist_append(call->headers, line);
    if (longer == NULL) {
        return ERR_NOMEM;
    }
    call->headers = longer;
    return ERR_OK;
}

static enum err add_token(struct http_call *call, const char *token) {
    struct buf line;
    buf_init(&line);
    enum err e = buf_addf(&line, "Authorization: Token %s", token);
    if (e == ERR_OK) {
        e = buf_add_byte(&line, '\0');
    }
    if (e == ERR_OK) {
        e = add_header(call, (const char *)line.p);
    }
    buf_fini(&line);
    return e;
}

static enum err add_headers(struct http_call *call, const struct http_request *r) {
    bool typed = false;
    enum err e = add_header(call, "Expect:"); /* no round trip before a large body */
    for (unsigned i = 0; i < r->header_n && e == ERR_OK; i++) {
        typed = typed || strncasecmp(r->header[i], "content-type:", 13) == 0;
        e = add_header(call, r->header[i]);
    }
    if (e == ERR_OK && !typed) {
        e = add_header(call, "Content-Type:"); /* else curl calls every body a web form */
    }
    if (e == ERR_OK && r->gzip && r->body.n > 0) {
        e = add_header(call, "Content-Encoding: gzip");
    }
    if (e == ERR_OK && r->token != NULL) {
        e = add_token(call, r->token);
    }
    return e;
}

static enum err add_body(struct http_call *call, const struct http_request *r) {
    if (r->body.n == 0) {
        return ERR_OK;
    }
    return r->gzip ? http_gzip(r->body, &call->body) : buf_add(&call->body, r->body.p, r->body.n);
}

/* Options that can fail only for want of memory; the first failure is kept. */
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (code == CURLE_OK) {                                                                    \
            code = curl_easy_setopt(call->easy, option, value);                                    \
        }                                                                                          \
    } while (0)

static CURLcode set_method(struct http_call *call, const char *method) {
    CURLcode code = CURLE_OK;
    bool post = call->body.n > 0 || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;
    if (post) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.n);
        SET(CURLOPT_POSTFIELDS, call->body.n > 0 ? (const char *)call->body.p : "");
    }
    if (strcmp(method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    } else if (strcmp(method, post ? "POST" : "GET") != 0) {
        SET(CURLOPT_CUSTOMREQUEST, method);
    }
    return code;
}

/* Path and query of a url that has both, else NULL, as where curl would write them otherwise. curl
 * 7.88 copies the query out of the url while it connects, and asks without it if there is no memory
 * for that. */
static const char *target_of(const char *url) {
    const char *host = strstr(url, "://");
    const char *at = host != NULL ? host + 3 + strcspn(host + 3, "/?#") : "";
    bool plain = strchr(at, '#') == NULL && strstr(at, "/.") == NULL;
    return plain && *at == '/' && strchr(at, '?') != NULL ? at : NULL;
}

static CURLcode set_target(struct http_call *call, const struct http_request *r) {
    CURLcode code = CURLE_OK;
    const char *target = target_of(r->url);
    SET(CURLOPT_URL, r->url);
    if (target != NULL) {
        SET(CURLOPT_REQUEST_TARGET, target);
    }
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PROXY, ""); /* what the environment says of proxies is not for a plant's database */
    SET(CURLOPT_TIMEOUT_MS, (long)(r->timeout_ms > 0 ? r->timeout_ms : TIMEOUT_MS));
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_HTTPHEADER, call->headers);
    if (r->unix_path != NULL) {
        SET(CURLOPT_UNIX_SOCKET_PATH, r->unix_path);
    }
    if (r->ca_file != NULL) {
        SET(CURLOPT_CAINFO, r->ca_file);
    }
    if (r->user != NULL) {
        SET(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        SET(CURLOPT_USERNAME, r->user);
        SET(CURLOPT_PASSWORD, r->password != NULL ? r->password : "");
    }
    return code;
}

/* A request that is given up, or whose process dies, must not arrive once the way is free again,
 * behind newer ones: a close (a kill, too) drops what the kernel has not delivered. */
static int drop_at_close(void *user, curl_socket_t fd, curlsocktype purpose) {
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    (void)user;
    (void)purpose;
    return setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0
               ? CURL_SOCKOPT_OK
               : CURL_SOCKOPT_ERROR;
}

static CURLcode set_hooks(struct http_call *call) {
    CURLcode code = CURLE_OK;
    SET(CURLOPT_PRIVATE, call);
    SET(CURLOPT_SOCKOPTFUNCTION, drop_at_close);
    SET(CURLOPT_ERRORBUFFER, call->error);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, call);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, call);
    return code;
}

static enum err fill(struct http_call *call, const struct http_request *r) {
    call->easy = curl_easy_init();
    if (call->easy == NULL) {
        return ERR_NOMEM;
    }
    enum err e = add_body(call, r);
    if (e == ERR_OK) {
        e = add_headers(call, r);
    }
    if (e != ERR_OK) {
        return e;
    }
    CURLcode code = set_hooks(call);
    code = code != CURLE_OK ? code : set_target(call, r);
    code = code != CURLE_OK ? code : set_method(call, r->method != NULL ? r->method : "GET");
    return code == CURLE_OK ? ERR_OK : ERR_NOMEM;
}

enum err http_call_open(const struct http_request *r, struct http_call **out) {
    enum err e = check(r);
    if (e != ERR_OK) {
        return e;
    }
    struct http_call *call = calloc(1, sizeof *call);
    if (call == NULL) {
        return ERR_NOMEM;
    }
    buf_init(&call->body);
    buf_init(&call->answer);
    call->answer_max = r->answer_max > 0 ? r->answer_max : ANSWER_MAX;
    call->retry_after_ms = -1;
    call->on_done = r->on_done;
    call->done_user = r->done_user;
    e = fill(call, r);
    if (e != ERR_OK) {
        http_call_close(call);
        return e;
    }
    *out = call;
    return ERR_OK;
}

void http_call_close(struct http_call *call) {
    if (call->easy != NULL) {
        curl_easy_cleanup(call->easy);
    }
    curl_slist_free_all(call->headers);
    buf_fini(&call->body);
    buf_fini(&call->answer);
    free(call);
}

void http_call_finish(struct http_call *call, CURLcode code, uint64_t now_ms) {
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    const char *error = call->error[0] != '\0' ? call->error : curl_easy_strerror(code);
    if (code == CURLE_OK && (status < 100 || status > 599)) { /* "HTTP/2 1" is one to curl */
        code = CURLE_WEIRD_SERVER_REPLY;
        error = "the answer has no legal status";
        status = 0;
    }
    bool memory = code == CURLE_OUT_OF_MEMORY || call->answer.failed;
    struct http_answer answer = {
        .err = code == CURLE_OK ? ERR_OK
               : memory         ? ERR_NOMEM
                                : ERR_IO,
        .status = (int)status,
        .body = buf_span(&call->answer),
        .body_cut = call->answer_cut,
        .retry_after_ms = call->retry_after_ms,
        .error = code == CURLE_OK ? "" : error,
        .took_ms = now_ms - call->began_ms,
        .sent_bytes = call->body.n,
    };
    call->on_done(call->done_user, &answer);
}
