/* A thread for each mail, which are few: it runs curl's easy interface to its end and wakes the
 * loop, that joins it. Both touch `give_up` alone at the same time. The connection is not kept, so
 * that the goodbye is said on this thread, under our own time limit. */
#include "http/mail.h"

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

enum { TIMEOUT_MS = 30000, REPLY_S = 15, WORDS = 240, LAST_REPLY = 599, GOODBYE_REPLY = 221 };

struct mail {
    uv_thread_t thread;
    uv_async_t ended;
    atomic_bool give_up;
    CURL *easy;
    struct curl_slist *to;
    uint8_t *message;
    size_t message_n, sent;
    char error[CURL_ERROR_SIZE];
    CURLcode code;
    int reply;             /* code of the server's last line before the goodbye */
    unsigned denied;       /* recipients that were */
    bool naming;           /* its next line is about a recipient */
    bool closing;          /* given up by the owner */
    char words[WORDS];     /* of the last line */
    char bad_words[WORDS]; /* of the last one that refused something */
    void (*on_done)(void *user, const struct mail_answer *answer);
    void (*on_closed)(void *user);
    void *done_user, *closed_user;
};

static size_t on_read(char *p, size_t size, size_t n, void *user) {
    struct mail *m = user;
    size_t left = m->message_n - m->sent, room = size * n;
    size_t take = left < room ? left : room;
    if (take > 0) {
        memcpy(p, m->message + m->sent, take);
    }
    m->sent += take;
    return take;
}

static void copy_line(char to[WORDS], const char *p, size_t n) {
    while (n > 0 && (unsigned char)p[n - 1] <= ' ') {
        n--;
    }
    snprintf(to, WORDS, "%.*s", (int)(n < WORDS ? n : WORDS - 1), p);
    for (char *c = to; *c != '\0'; c++) {
        *c = (unsigned char)*c < ' ' || *c == '"' ? ' ' : *c;
    }
}

/* Each line of the server: "250-more follows", "250 this is all". */
static void on_line(struct mail *m, const char *p, size_t have) {
    int code = 0;
    for (size_t i = 0; i < 3 && i < have && p[i] >= '0' && p[i] <= '9'; i++) {
        code = code * 10 + (p[i] - '0');
    }
    if (code < 200 || code > LAST_REPLY || code == GOODBYE_REPLY) {
        return;
    }
    m->reply = code;
    copy_line(m->words, p, have);
    if (code >= 400) {
        m->denied += m->naming;
        copy_line(m->bad_words, p, have);
    }
}

/* Commands and answers as curl shows them to whoever traces it: what it says of recipients it
 * tells in no other way. */
static int on_trace(CURL *easy, curl_infotype type, char *p, size_t n, void *user) {
    struct mail *m = user;
    (void)easy;
    if (type == CURLINFO_HEADER_OUT) {
        m->naming = n > 4 && memcmp(p, "RCPT", 4) == 0;
    } else if (type == CURLINFO_HEADER_IN) {
        on_line(m, p, n);
    }
    return 0;
}

static int on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    struct mail *m = user;
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load(&m->give_up) ? 1 : 0;
}

static void mail_free(struct mail *m) {
    if (m->easy != NULL) {
        curl_easy_cleanup(m->easy);
    }
    curl_slist_free_all(m->to);
    free(m->message);
    free(m);
    curl_global_cleanup();
}

/* A mail that was taken stays taken whatever happens to the goodbye; a refusal by the server is its
 * decision, not a trouble of the way. */
static struct mail_answer answer_of(const struct mail *m) {
    struct mail_answer a = {.status = m->reply, .words = m->words};
    if (m->code == CURLE_OK) {
        a.denied = m->denied;
        a.words = m->denied > 0 ? m->bad_words : m->words;
        return a;
    }
    bool decided = m->reply >= 400;
    a.err = decided ? ERR_OK : m->code == CURLE_OUT_OF_MEMORY ? ERR_NOMEM : ERR_IO;
    a.status = decided ? m->reply : 0;
    a.words = decided ? m->bad_words : m->error[0] != '\0' ? m->error : curl_easy_strerror(m->code);
    return a;
}

static void on_handle_closed(uv_handle_t *h) {
    struct mail *m = h->data;
    if (m->closing) {
        void (*done)(void *user) = m->on_closed;
        void *user = m->closed_user;
        mail_free(m);
        if (done != NULL) {
            done(user);
        }
        return;
    }
    struct mail_answer a = answer_of(m);
    m->on_done(m->done_user, &a);
    mail_free(m);
}

static void on_ended(uv_async_t *a) {
    struct mail *m = a->data;
    uv_thread_join(&m->thread);
    uv_close((uv_handle_t *)a, on_handle_closed);
}

static void work(void *user) {
    struct mail *m = user;
    m->code = curl_easy_perform(m->easy);
    uv_async_send(&m->ended);
}

static bool one_line(const char *s, bool needed) {
    return s == NULL ? !needed : (*s != '\0' || !needed) && strpbrk(s, "\r\n") == NULL;
}

static bool is_smtp(const char *url) {
    return strncmp(url, "smtp://", 7) == 0 || strncmp(url, "smtps://", 8) == 0;
}

static enum err check(const struct mail_request *r) {
    bool legal = one_line(r->url, true) && one_line(r->from, true) && one_line(r->user, false) &&
                 one_line(r->password, false) && r->to_n > 0 && r->message.n > 0 &&
                 r->on_done != NULL && is_smtp(r->url);
    for (unsigned i = 0; legal && i < r->to_n; i++) {
        legal = one_line(r->to[i], true) && strpbrk(r->to[i], "<> ") == NULL;
    }
    return legal ? ERR_OK : ERR_RANGE;
}

static enum err copy(struct mail *m, const struct mail_request *r) {
    m->message = malloc(r->message.n);
    if (m->message == NULL) {
        return ERR_NOMEM;
    }
    memcpy(m->message, r->message.p, r->message.n);
    m->message_n = r->message.n;
    for (unsigned i = 0; i < r->to_n; i++) {
        struct curl_slist *longer = curl_slist_append(m->to, r->to[i]);
        if (longer == NULL) {
            return ERR_NOMEM;
        }
        m->to = longer;
    }
    return ERR_OK;
}

/* Options that can fail only for want of memory; the first failure is kept. */
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (code == CURLE_OK) {                                                                    \
            code = curl_easy_setopt(m->easy, option, value);                                       \
        }                                                                                          \
    } while (0)

static CURLcode set_way(struct mail *m, const struct mail_request *r) {
    CURLcode code = CURLE_OK;
    SET(CURLOPT_URL, r->url);
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_USE_SSL, (long)(r->starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    SET(CURLOPT_TIMEOUT_MS, (long)(r->timeout_ms > 0 ? r->timeout_ms : TIMEOUT_MS));
    SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)REPLY_S);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    if (r->ca_file != NULL) {
        SET(CURLOPT_CAINFO, r->ca_file);
    }
    if (r->user != NULL) {
        SET(CURLOPT_USERNAME, r->user);
        SET(CURLOPT_PASSWORD, r->password != NULL ? r->password : "");
    }
    return code;
}

static CURLcode set_mail(struct mail *m, const struct mail_request *r) {
    CURLcode code = CURLE_OK;
    SET(CURLOPT_MAIL_FROM, r->from);
    SET(CURLOPT_MAIL_RCPT, m->to);
    SET(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L); /* one wrong address must not silence the others */
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, on_read);
    SET(CURLOPT_READDATA, m);
    SET(CURLOPT_DEBUGFUNCTION, on_trace);
    SET(CURLOPT_DEBUGDATA, m);
    SET(CURLOPT_VERBOSE, 1L);
    SET(CURLOPT_ERRORBUFFER, m->error);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, m);
    return code;
}

static enum err fill(struct mail *m, const struct mail_request *r) {
    enum err e = copy(m, r);
    m->easy = e == ERR_OK ? curl_easy_init() : NULL;
    if (m->easy == NULL) {
        return ERR_NOMEM;
    }
    m->on_done = r->on_done;
    m->done_user = r->done_user;
    CURLcode code = set_way(m, r);
    code = code != CURLE_OK ? code : set_mail(m, r);
    return code == CURLE_OK ? ERR_OK : ERR_NOMEM;
}

enum err mail_open(struct uv_loop_s *loop, const struct mail_request *r, struct mail **out) {
    enum err e = check(r);
    if (e != ERR_OK) {
        return e;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return ERR_IO;
    }
    struct mail *m = calloc(1, sizeof *m);
    if (m == NULL) {
        curl_global_cleanup();
        return ERR_NOMEM;
    }
    e = fill(m, r);
    if (e == ERR_OK && uv_async_init(loop, &m->ended, on_ended) != 0) {
        e = ERR_IO;
    }
    if (e != ERR_OK) {
        mail_free(m);
        return e;
    }
    m->ended.data = m;
    if (uv_thread_create(&m->thread, work, m) != 0) {
        m->closing = true; /* freed when its handle is */
        uv_close((uv_handle_t *)&m->ended, on_handle_closed);
        return ERR_IO;
    }
    *out = m;
    return ERR_OK;
}

void mail_close(struct mail *m, void (*done)(void *user), void *user) {
    m->closing = true;
    m->on_closed = done;
    m->closed_user = user;
    atomic_store(&m->give_up, true);
}
