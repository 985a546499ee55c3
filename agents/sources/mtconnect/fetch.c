/* A message of the thread: kind (1 byte), serial (4 bytes), status (4 bytes), then bytes. */
#include "mtconnect/fetch.h"

/* curl's checks of types are for its functions, not for pointers to them. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "sources/worker.h"

enum { QUEUE_BYTES = 4 << 20, URL_MAX = 2048, IDLE_MS = 60000, TURN_MS = 1000, HEAD_BYTES = 9 };

LIBRARY_CALLS(fetch_calls, FETCH_CALLS);
#define ROW(f) LIBRARY_ROW(struct fetch_calls, f)

struct fetch {
    struct fetch_calls curl;
    struct worker *worker;
    CURLM *multi;
    pthread_mutex_t lock; /* of what the loop asks */
    uint32_t serial;
    bool stream, end;
    char url[URL_MAX];
    int64_t timeout_ms;
    /* the thread's own */
    uint32_t at; /* the question in work, or the last one */
    CURL *easy;
    bool headed, refused;
};

static void put(struct fetch *f, enum fetch_kind kind, long status, struct span bytes) {
    struct buf m;

    buf_init(&m);
    (void)buf_add_byte(&m, (uint8_t)kind);
    (void)buf_add_le32(&m, f->at);
    (void)buf_add_le32(&m, (uint32_t)status);
    if (bytes.n > 0)
        (void)buf_add(&m, bytes.p, bytes.n);
    if (m.failed || worker_put(f->worker, buf_span(&m)) != ERR_OK)
        f->refused = true;
    buf_fini(&m);
}

static bool is_given_up(struct fetch *f) {
    pthread_mutex_lock(&f->lock);
    const bool gone = f->end || f->serial != f->at;
    pthread_mutex_unlock(&f->lock);
    return gone || f->refused;
}

static void put_head(struct fetch *f) {
    long status = 0;
    char *type = NULL;

    if (f->headed)
        return;
    f->headed = true;
    (void)f->curl.curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)f->curl.curl_easy_getinfo(f->easy, CURLINFO_CONTENT_TYPE, &type);
    put(f, FETCH_HEAD, status, span_str(type != NULL ? type : ""));
}

static size_t on_body(char *bytes, size_t size, size_t n, void *user) {
    struct fetch *f = user;

    if (is_given_up(f))
        return 0;
    put_head(f);
    put(f, FETCH_BODY, 0, span_of(bytes, size * n));
    return f->refused ? 0 : size * n;
}

static CURLcode prepare(struct fetch *f, const char *url, bool stream, int64_t timeout_ms) {
    const struct fetch_calls *c = &f->curl;

    f->easy = c->curl_easy_init();
    if (f->easy == NULL)
        return CURLE_OUT_OF_MEMORY;
    CURLcode e = c->curl_easy_setopt(f->easy, CURLOPT_URL, url);
    if (e == CURLE_OK)
        e = c->curl_easy_setopt(f->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    if (e == CURLE_OK)
        e = c->curl_easy_setopt(f->easy, CURLOPT_WRITEFUNCTION, on_body);
    if (e == CURLE_OK)
        e = c->curl_easy_setopt(f->easy, CURLOPT_WRITEDATA, f);
    if (e == CURLE_OK)
        e = c->curl_easy_setopt(f->easy, CURLOPT_NOSIGNAL, 1L);
    if (e == CURLE_OK)
        e = c->curl_easy_setopt(f->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms);
    if (e == CURLE_OK && !stream)
        e = c->curl_easy_setopt(f->easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    return e;
}

/* Until the answer is whole, or nobody wants it any more. */
static CURLcode carry(struct fetch *f) {
    const struct fetch_calls *c = &f->curl;

    if (c->curl_multi_add_handle(f->multi, f->easy) != CURLM_OK)
        return CURLE_OUT_OF_MEMORY;
    CURLcode result = CURLE_ABORTED_BY_CALLBACK;
    while (!is_given_up(f)) {
        int running = 0, left;
        if (c->curl_multi_perform(f->multi, &running) != CURLM_OK)
            break;
        const CURLMsg *m = c->curl_multi_info_read(f->multi, &left);
        if (m != NULL && m->msg == CURLMSG_DONE) {
            result = m->data.result;
            break;
        }
        if (c->curl_multi_poll(f->multi, NULL, 0, TURN_MS, NULL) != CURLM_OK)
            break;
    }
    (void)c->curl_multi_remove_handle(f->multi, f->easy);
    return result;
}

/* The question that waits, if there is one. */
static bool take_question(struct fetch *f, char url[URL_MAX], bool *stream, int64_t *timeout_ms) {
    pthread_mutex_lock(&f->lock);
    const bool is_new = !f->end && f->serial != f->at;
    f->at = f->serial;
    memcpy(url, f->url, URL_MAX);
    *stream = f->stream;
    *timeout_ms = f->timeout_ms;
    pthread_mutex_unlock(&f->lock);
    return is_new && url[0] != '\0';
}

static void answer(struct fetch *f, const char *url, bool stream, int64_t timeout_ms) {
    f->headed = f->refused = false;
    CURLcode e = prepare(f, url, stream, timeout_ms);
    if (e == CURLE_OK)
        e = carry(f);
    if (e == CURLE_OK)
        put_head(f); /* of an empty body */
    if (!is_given_up(f))
        put(f, FETCH_END, 0, span_str(e == CURLE_OK ? "" : f->curl.curl_easy_strerror(e)));
    if (f->easy != NULL)
        f->curl.curl_easy_cleanup(f->easy);
    f->easy = NULL;
}

static void run(struct worker *w, void *user) {
    struct fetch *f = user;
    char url[URL_MAX];
    bool stream;
    int64_t timeout_ms;

    do
        while (take_question(f, url, &stream, &timeout_ms))
            answer(f, url, stream, timeout_ms);
    while (worker_wait(w, IDLE_MS));
}

static enum err load(struct fetch *f, char why[LIBRARY_WHY]) {
    static const struct library_call call[] = {FETCH_CALLS(ROW)};

    const enum err e =
        library_load("libcurl.so.4", call, sizeof call / sizeof *call, &f->curl, why);
    if (e != ERR_OK)
        return e;
    if (f->curl.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return ERR_IO;
    f->multi = f->curl.curl_multi_init();
    return f->multi != NULL ? ERR_OK : ERR_NOMEM;
}

enum err fetch_open(struct fetch **out, char why[LIBRARY_WHY]) {
    struct fetch *f = calloc(1, sizeof *f);

    if (f == NULL)
        return ERR_NOMEM;
    why[0] = '\0';
    enum err e = load(f, why);
    if (e == ERR_OK && pthread_mutex_init(&f->lock, NULL) != 0)
        e = ERR_NOMEM;
    else if (e == ERR_OK) {
        /* The thread may look at f->worker as soon as it has a question, so none is asked before.
         */
        e = worker_open(run, f, QUEUE_BYTES, &f->worker);
        if (e != ERR_OK)
            (void)pthread_mutex_destroy(&f->lock);
    }
    if (e != ERR_OK) {
        if (f->multi != NULL)
            (void)f->curl.curl_multi_cleanup(f->multi);
        free(f);
        return e;
    }
    *out = f;
    return ERR_OK;
}

void fetch_close(struct fetch *f) {
    if (f == NULL)
        return;
    pthread_mutex_lock(&f->lock);
    f->end = true;
    pthread_mutex_unlock(&f->lock);
    (void)f->curl.curl_multi_wakeup(f->multi);
    worker_close(f->worker);
    (void)f->curl.curl_multi_cleanup(f->multi);
    (void)pthread_mutex_destroy(&f->lock);
    free(f);
}

void fetch_ask(struct fetch *f, const struct fetch_question *q) {
    pthread_mutex_lock(&f->lock);
    f->serial = q->serial;
    f->stream = q->stream;
    f->timeout_ms = q->timeout_ms;
    const size_t n = strlen(q->url);
    memset(f->url, 0, sizeof f->url);
    memcpy(f->url, q->url, n < URL_MAX ? n : URL_MAX - 1);
    pthread_mutex_unlock(&f->lock);
    (void)f->curl.curl_multi_wakeup(f->multi);
    worker_nudge(f->worker);
}

bool fetch_take(struct fetch *f, struct buf *room, struct fetch_piece *out) {
    uint8_t kind;
    uint32_t status;

    if (!worker_take(f->worker, room))
        return false;
    struct cursor c = cursor_of(buf_span(room));
    if (cursor_take_byte(&c, &kind) != ERR_OK || cursor_take_le32(&c, &out->serial) != ERR_OK ||
        cursor_take_le32(&c, &status) != ERR_OK)
        return false;
    out->kind = (enum fetch_kind)kind;
    out->status = (long)status;
    out->bytes = span_of(room->p + HEAD_BYTES, room->n - HEAD_BYTES);
    return true;
}

int fetch_fd(const struct fetch *f) {
    return worker_fd(f->worker);
}

bool fetch_await(struct fetch *f, int64_t ms) {
    struct pollfd fd = {.fd = worker_fd(f->worker), .events = POLLIN};

    return poll(&fd, 1, (int)ms) > 0;
}
