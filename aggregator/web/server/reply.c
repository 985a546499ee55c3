/* Answers: heads with the house's security headers, problem+json, bodies in chunks as the socket
 * takes them. */
#include <stdio.h>

#include "base/hash.h"
#include "views/field.h"
#include "web/web_impl.h"

/* Nothing from elsewhere, no inline code, no frames: a plant's page needs none of it. */
static const char csp[] = "default-src 'none'; script-src 'self'; style-src 'self'; "
                          "img-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
                          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct head { /* of an answer, under construction */
    struct lws *wsi;
    unsigned char room[LWS_PRE + 3072];
    unsigned char *p, *end;
    bool failed;
};

static void head_add(struct head *h, const char *name, const char *value) {
    h->failed = h->failed || lws_add_http_header_by_name(h->wsi, (const unsigned char *)name,
                                                         (const unsigned char *)value,
                                                         (int)strlen(value), &h->p, h->end);
}

/* What belongs to who asks. */
static void head_add_access(struct head *h, const struct client *c) {
    char text[24];
    if (c->challenge)
        head_add(h, "www-authenticate:", "Bearer realm=\"plantbus\"");
    if (c->retry_ms > 0) {
        (void)snprintf(text, sizeof text, "%lld", (long long)((c->retry_ms + 999) / 1000));
        head_add(h, "retry-after:", text);
    }
    if (c->set_cookie[0])
        head_add(h, "set-cookie:", c->set_cookie);
}

static void head_begin(struct head *h, struct client *c, int status) {
    h->wsi = c->wsi;
    h->p = h->room + LWS_PRE;
    h->end = h->room + sizeof h->room;
    h->failed = lws_add_http_header_status(c->wsi, (unsigned)status, &h->p, h->end) != 0;
    head_add(h, "x-content-type-options:", "nosniff");
    head_add(h, "referrer-policy:", "no-referrer");
    head_add(h, "cross-origin-resource-policy:", "same-origin");
    head_add(h, "content-security-policy:", csp);
    head_add_access(h, c);
}

static int head_send(struct head *h, bool length_known, size_t length) {
    if (length_known)
        h->failed = h->failed || lws_add_http_header_content_length(h->wsi, length, &h->p, h->end);
    if (h->failed || lws_finalize_write_http_header(h->wsi, h->room + LWS_PRE, &h->p, h->end))
        return REPLY_END;
    return REPLY_GOES_ON;
}

/* Whether the library holds bytes that came behind this request. It answers for all connections at
 * once: beside one that sends ahead, another may end early, too. */
static bool sent_ahead(const struct client *c) {
    return lws_service_adjust_timeout(lws_get_context(c->wsi), 1, 0) == 0;
}

static int end_transaction(struct client *c) {
    struct web *w = c->web;
    struct lws *wsi = c->wsi;
    c->answering = false;
    buf_fini(&c->body);
    c->fixed = span_of(NULL, 0);
    /* What is left of a body that nobody wanted must not be read as the next request; and of a
     * request that came ahead of this answer the library (4.1.6) takes the head for the body, frees
     * it while it reads, or turns on the spot for ever. */
    if (c->close || sent_ahead(c) || lws_http_transaction_completed(wsi))
        return REPLY_END;
    connection_rests(w, wsi); /* c went with its request */
    return REPLY_GOES_ON;
}

static struct span answer_of(const struct client *c) {
    return c->fixed.p ? c->fixed : buf_span(&c->body);
}

static int start_body(struct client *c, struct head *h) {
    struct span s = answer_of(c);
    c->sent = 0;
    c->answering = true;
    if (head_send(h, true, s.n))
        return REPLY_END;
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, WEB_STUCK_S);
    if (c->head_only)
        c->sent = s.n;
    lws_callback_on_writable(c->wsi);
    return REPLY_GOES_ON;
}

int reply_bytes(struct client *c, int status, const char *type, const char *etag) {
    struct head h;
    head_begin(&h, c, status);
    head_add(&h, "content-type:", type);
    head_add(&h, "cache-control:", etag ? "no-cache" : "no-store");
    if (etag)
        head_add(&h, "etag:", etag);
    if (etag) {
        head_add(&h, "vary:", "accept-encoding");
        if (c->fixed.n > 2 && c->fixed.p[0] == 0x1f && c->fixed.p[1] == 0x8b)
            head_add(&h, "content-encoding:", "gzip");
    }
    if (c->next_from[0])
        head_add(&h, "plantbus-next:", c->next_from);
    if (c->file[0] && status == 200)
        head_add(&h, "content-disposition:", c->file);
    if (c->close)
        head_add(&h, "connection:", "close");
    return start_body(c, &h);
}

int reply_json(struct client *c, int status) {
    return reply_bytes(c, status, "application/json", NULL);
}

static void problem_text(struct client *c, int status, const char *title, const char *detail) {
    struct json_writer w;
    buf_reset(&c->body);
    c->fixed = span_of(NULL, 0);
    json_writer_init(&w, &c->body);
    json_writer_begin_object(&w);
    field_text(&w, "type", "about:blank");
    field_int(&w, "status", status);
    field_text(&w, "title", title);
    field_text(&w, "detail", detail);
    if (c->field)
        field_text(&w, "field", c->field);
    json_writer_end_object(&w);
}

int reply_problem(struct client *c, int status, const char *title, const char *detail) {
    c->web->stats.refused++;
    problem_text(c, status, title, detail);
    return reply_bytes(c, status, "application/problem+json", NULL);
}

/* "limit: 1 to 1000" is about the field limit. */
int reply_titled(struct client *c, int status, const char *title, const char *wrong) {
    char field[32] = "";
    const size_t n = strspn(wrong, "abcdefghijklmnopqrstuvwxyz0123456789_.-");
    if (n > 0 && n < sizeof field && wrong[n] == ':')
        (void)snprintf(field, sizeof field, "%.*s", (int)n, wrong);
    c->field = field[0] ? field : NULL;
    const int done = reply_problem(c, status, title, wrong);
    c->field = NULL;
    return done;
}

int reply_wrong(struct client *c, int status, const char *wrong) {
    return reply_titled(c, status, status == 404 ? "not found" : "bad request", wrong);
}

int reply_allow(struct client *c, int status, const char *methods) {
    struct head h;
    c->close = true;
    if (status == 405) {
        c->web->stats.refused++;
        problem_text(c, 405, "method not allowed",
                     "this resource takes the methods named in Allow");
    }
    head_begin(&h, c, status);
    head_add(&h, "allow:", methods);
    if (status == 405)
        head_add(&h, "content-type:", "application/problem+json");
    head_add(&h, "connection:", "close");
    return start_body(c, &h);
}

int reply_not_modified(struct client *c, const char *etag) {
    struct head h;
    head_begin(&h, c, 304);
    head_add(&h, "etag:", etag);
    head_add(&h, "cache-control:", "no-cache");
    buf_reset(&c->body);
    c->fixed = span_of(NULL, 0);
    c->answering = true;
    c->sent = 0;
    if (head_send(&h, true, 0))
        return REPLY_END;
    lws_callback_on_writable(c->wsi);
    return REPLY_GOES_ON;
}

/* An edition is told with what follows from the day and the plant around it, and who has it as it
 * was yesterday does not have it as it is: the tag goes by the answer, too. */
int reply_tagged(struct client *c, const char *edition) {
    char text[512], etag[ETAG_TEXT + 20];
    (void)snprintf(etag, sizeof etag, "%.*s+%016llx\"", (int)(strlen(edition) - 1), edition,
                   (unsigned long long)fnv1a64(buf_span(&c->body)));
    if (reply_header(c, WSI_TOKEN_HTTP_IF_NONE_MATCH, text, sizeof text) && strstr(text, etag))
        return reply_not_modified(c, etag);
    return reply_bytes(c, 200, "application/json", etag);
}

int reply_stream(struct client *c) {
    struct head h;
    head_begin(&h, c, 200);
    head_add(&h, "content-type:", "text/event-stream");
    head_add(&h, "cache-control:", "no-store");
    head_add(&h, "connection:", "close"); /* its end is the end of the connection */
    return head_send(&h, false, 0);
}

static int write_chunk(struct client *c, struct span s, bool last_ends) {
    size_t left = s.n - c->sent, n = left < WEB_CHUNK ? left : WEB_CHUNK;
    uint8_t *room = c->web->chunk + LWS_PRE;
    if (n)
        memcpy(room, s.p + c->sent, n);
    bool last = n == left && last_ends;
    int wrote = lws_write(c->wsi, room, n, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP);
    if (wrote < (int)n)
        return REPLY_END;
    c->sent += n;
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, WEB_STUCK_S);
    if (c->sent < s.n)
        lws_callback_on_writable(c->wsi);
    return REPLY_GOES_ON;
}

int reply_continue(struct client *c) {
    struct span s = answer_of(c);
    if (c->sent < s.n && write_chunk(c, s, !c->stream))
        return REPLY_END;
    if (!c->stream && c->answering && c->sent >= s.n)
        return end_transaction(c);
    return REPLY_GOES_ON;
}

bool reply_header(struct client *c, enum lws_token_indexes token, char *text, size_t n) {
    text[0] = 0;
    return lws_hdr_total_length(c->wsi, token) > 0 && lws_hdr_copy(c->wsi, text, (int)n, token) > 0;
}
