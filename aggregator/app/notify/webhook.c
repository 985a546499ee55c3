#include "notify/webhook.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "notify/post.h"

struct webhook {
    struct messenger base;
    const struct notify_channel_conf *conf;
    const struct notice_world *world;
    struct http_client *http;
    struct http_call *call; /* under way */
    void (*done)(void *user, const struct messenger_answer *answer);
    void *done_user;
};

void webhook_id(const struct notice_world *world, const struct letter *letter, char text[64]) {
    char id[NOTICE_ID];
    notice_id(world, &letter->notice[0], id);
    if (letter->n > 1)
        snprintf(text, 64, "%s-%" PRIu64, id, letter->notice[letter->n - 1].event->n);
    else
        snprintf(text, 64, "%s", id);
}

/* --- bodies -------------------------------------------------------------------------------------
 */

struct both {
    const struct notice_world *world;
    const struct notice *notice;
};

static void value_of(void *user, enum template_field f, struct buf *out) {
    const struct both *b = user;
    notice_field(b->world, b->notice, f, out);
}

static void add_text(struct json_writer *w, const char *key, struct buf *text) {
    json_writer_key(w, key);
    json_writer_string(w, buf_span(text));
    buf_reset(text);
}

static void add_one(const struct notify_channel_conf *conf, const struct notice_world *world,
                    const struct notice *n, struct json_writer *w, struct buf *text) {
    notice_json(world, n, w);
    (void)notice_subject(world, n, conf->subject, text);
    add_text(w, "subject", text);
    (void)notice_body(world, n, conf->body, text);
    add_text(w, "text", text);
}

static void add_many(const struct notice_world *world, const struct letter *l,
                     struct json_writer *w, struct buf *text) {
    char id[64];
    webhook_id(world, l, id);
    json_writer_key(w, "id");
    json_writer_text(w, id);
    json_writer_key(w, "digest");
    json_writer_text(w, l->flood ? "flood" : "late");
    (void)notice_many_subject(world, l->notice, l->n, text);
    add_text(w, "subject", text);
    (void)notice_many_body(world, l->notice, l->n, l->flood, text);
    add_text(w, "text", text);
    json_writer_key(w, "alerts");
    json_writer_begin_array(w);
    for (size_t i = 0; i < l->n; i++) {
        json_writer_begin_object(w);
        notice_json(world, &l->notice[i], w);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

enum err webhook_body(const struct notify_channel_conf *conf, const struct notice_world *world,
                      const struct letter *letter, struct buf *out) {
    struct json_writer w;
    struct buf text;
    if (conf->json && *conf->json) {
        struct both b = {world, &letter->notice[0]};
        return template_fill(conf->json, value_of, &b, template_json, out);
    }
    buf_init(&text);
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    if (letter->n == 1)
        add_one(conf, world, &letter->notice[0], &w, &text);
    else
        add_many(world, letter, &w, &text);
    json_writer_end_object(&w);
    enum err err = text.failed ? ERR_NOMEM : json_writer_finish(&w);
    buf_fini(&text);
    return err;
}

/* --- sending ------------------------------------------------------------------------------------
 */

static void on_done(void *user, const struct http_answer *a) {
    struct webhook *h = user;
    char words[MESSENGER_WORDS];
    int status = a->err ? 0 : a->status;
    h->call = NULL;
    messenger_words(words, status, a->body, a->error);
    struct messenger_answer answer = {.verdict = (uint8_t)messenger_of_http(status),
                                      .status = status,
                                      .retry_after_ms = a->retry_after_ms,
                                      .words = words};
    h->done(h->done_user, &answer);
}

static enum err webhook_send(struct messenger *m, const struct letter *letter,
                             void (*done)(void *user, const struct messenger_answer *answer),
                             void *user) {
    struct webhook *h = (struct webhook *)m;
    char id[64];
    struct buf body;
    buf_init(&body);
    webhook_id(h->world, letter, id);
    h->done = done;
    h->done_user = user;
    enum err err = webhook_body(h->conf, h->world, letter, &body);
    if (!err)
        err = post_send(h->http, h->conf, h->conf->url, buf_span(&body), id, on_done, h, &h->call);
    buf_fini(&body);
    return err;
}

static void webhook_close(struct messenger *m, void (*closed)(void *user), void *user) {
    struct webhook *h = (struct webhook *)m;
    if (h->call)
        http_client_cancel(h->http, h->call);
    free(h);
    closed(user);
}

enum err webhook_open(const struct notify_channel_conf *conf, const struct notice_world *world,
                      struct http_client *http, struct messenger **out) {
    static const struct messenger_ops ops = {.send = webhook_send, .close = webhook_close};
    struct webhook *h = calloc(1, sizeof *h);
    if (!h)
        return ERR_NOMEM;
    h->base.ops = &ops;
    h->base.digests = conf->digest && !(conf->json && *conf->json);
    h->conf = conf;
    h->world = world;
    h->http = http;
    *out = &h->base;
    return ERR_OK;
}
