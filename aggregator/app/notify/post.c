#include "notify/post.h"

#include <stdlib.h>

enum { ANSWER_MAX = 4096 };

/* Head fields one behind another, NUL between. */
static enum err fields(const struct notify_channel_conf *c, const char *id, struct buf *text) {
    (void)buf_add_str(text, "Content-Type: application/json");
    (void)buf_add_byte(text, 0);
    if (id) {
        (void)buf_addf(text, "Idempotency-Key: %s", id);
        (void)buf_add_byte(text, 0);
    }
    if (c->token && *c->token) {
        (void)buf_addf(text, "Authorization: Bearer %s", c->token);
        (void)buf_add_byte(text, 0);
    }
    for (size_t i = 0; i < c->header_n; i++) {
        (void)buf_addf(text, "%s: %s", c->headers[i].key, c->headers[i].value);
        (void)buf_add_byte(text, 0);
    }
    return text->failed ? ERR_NOMEM : ERR_OK;
}

static const char *or_null(const char *text) {
    return text && *text ? text : NULL;
}

enum err post_send(struct http_client *http, const struct notify_channel_conf *c, const char *url,
                   struct span json, const char *id,
                   void (*done)(void *user, const struct http_answer *answer), void *user,
                   struct http_call **call) {
    const char **header = calloc(c->header_n + 3, sizeof *header);
    unsigned n = 0;
    struct buf text;
    buf_init(&text);
    enum err err = header ? fields(c, id, &text) : ERR_NOMEM;
    for (size_t at = 0; !err && at < text.n; at += strlen((const char *)text.p + at) + 1)
        header[n++] = (const char *)text.p + at;
    struct http_request r = {.method = "POST",
                             .url = url,
                             .ca_file = or_null(c->ca_file),
                             .header = header,
                             .header_n = n,
                             .body = json,
                             .timeout_ms = (uint32_t)c->timeout_ms,
                             .user = or_null(c->user),
                             .password = c->password,
                             .answer_max = ANSWER_MAX,
                             .on_done = done,
                             .done_user = user};
    if (!err)
        err = http_client_send(http, &r, call);
    buf_fini(&text);
    free(header);
    return err;
}
