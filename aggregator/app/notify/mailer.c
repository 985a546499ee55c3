#include "notify/mailer.h"

#include <stdio.h>
#include <stdlib.h>

#include "http/mail.h"
#include "notify/mime.h"
#include "notify/webhook.h"

enum { ID = 400 };

struct mailer {
    struct messenger base;
    const struct notify_channel_conf *conf;
    const struct notice_world *world;
    struct uv_loop_s *loop;
    struct mail *mail; /* under way */
    int64_t now_wall_ms;
    void (*done)(void *user, const struct messenger_answer *answer);
    void (*closed)(void *user);
    void *done_user, *closed_user;
};

static const char *domain(const struct notify_channel_conf *conf) {
    const char *at = strchr(conf->from, '@');
    return at ? at + 1 : "localhost";
}

static enum err texts(const struct notify_channel_conf *conf, const struct notice_world *world,
                      const struct letter *l, struct buf *subject, struct buf *body) {
    const struct notice *first = &l->notice[0];
    enum err err = ERR_OK;
    if (l->n > 1) {
        err = notice_many_subject(world, first, l->n, subject);
        return err ? err : notice_many_body(world, first, l->n, l->flood, body);
    }
    err = notice_subject(world, first, conf->subject, subject);
    return err ? err : notice_body(world, first, conf->body, body);
}

/* Mails about one alert of one node refer to the same matter, so that readers show them together.
 */
enum err mailer_format(const struct notify_channel_conf *conf, const struct notice_world *world,
                       const struct letter *letter, int64_t now_ms, struct buf *out) {
    const struct alert_event *e = letter->notice[0].event;
    char name[64], id[ID], about[ID];
    struct buf subject, body;
    buf_init(&subject);
    buf_init(&body);
    webhook_id(world, letter, name);
    snprintf(id, sizeof id, "%s.%s@%s", name, conf->id.s, domain(conf));
    snprintf(about, sizeof about, "%s.%s.%016llx@%s", e->rule.s, e->node.s,
             (unsigned long long)world->store_id, domain(conf));
    enum err err = texts(conf, world, letter, &subject, &body);
    struct mime m = {.from = conf->from,
                     .to = (const char *const *)conf->to,
                     .to_n = conf->to_n,
                     .subject = buf_span(&subject),
                     .at_ms = now_ms,
                     .offset_s = zone_offset_s(world->plant->zone, now_ms),
                     .id = id,
                     .about = letter->n == 1 && !letter->notice[0].test ? about : NULL,
                     .urgent = e->severity >= ALERT_HIGH && notice_is_active(e),
                     .body = buf_span(&body)};
    if (!err)
        err = mime_format(&m, out);
    buf_fini(&subject);
    buf_fini(&body);
    return err;
}

static void on_done(void *user, const struct mail_answer *a) {
    struct mailer *m = user;
    int status = a->err ? 0 : a->status;
    m->mail = NULL;
    snprintf(m->base.trouble, sizeof m->base.trouble, "%s", a->denied ? a->words : "");
    struct messenger_answer answer = {.verdict = (uint8_t)messenger_of_smtp(status),
                                      .status = status,
                                      .retry_after_ms = -1,
                                      .words = a->words};
    m->done(m->done_user, &answer);
}

static const char *or_null(const char *text) {
    return text && *text ? text : NULL;
}

static enum err mailer_send(struct messenger *base, const struct letter *letter,
                            void (*done)(void *user, const struct messenger_answer *answer),
                            void *user) {
    struct mailer *m = (struct mailer *)base;
    const struct notify_channel_conf *c = m->conf;
    struct buf text;
    buf_init(&text);
    enum err err = mailer_format(c, m->world, letter, m->now_wall_ms, &text);
    struct mail_request r = {.url = c->url,
                             .starttls = c->tls && strncmp(c->url, "smtp://", 7) == 0,
                             .ca_file = or_null(c->ca_file),
                             .user = or_null(c->user),
                             .password = c->password,
                             .from = c->from,
                             .to = (const char *const *)c->to,
                             .to_n = (unsigned)c->to_n,
                             .message = buf_span(&text),
                             .timeout_ms = (uint32_t)c->timeout_ms,
                             .on_done = on_done,
                             .done_user = m};
    m->done = done;
    m->done_user = user;
    if (!err)
        err = mail_open(m->loop, &r, &m->mail);
    buf_fini(&text);
    return err;
}

static void mailer_tick(struct messenger *base, int64_t now_mono_ms, int64_t now_wall_ms) {
    (void)now_mono_ms;
    ((struct mailer *)base)->now_wall_ms = now_wall_ms;
}

static void mailer_free(void *user) {
    struct mailer *m = user;
    void (*closed)(void *user) = m->closed;
    void *closed_user = m->closed_user;
    free(m);
    closed(closed_user);
}

static void mailer_close(struct messenger *base, void (*closed)(void *user), void *user) {
    struct mailer *m = (struct mailer *)base;
    m->closed = closed;
    m->closed_user = user;
    if (m->mail)
        mail_close(m->mail, mailer_free, m);
    else
        mailer_free(m);
}

enum err mailer_open(const struct notify_channel_conf *conf, const struct notice_world *world,
                     struct uv_loop_s *loop, struct messenger **out) {
    static const struct messenger_ops ops = {
        .send = mailer_send, .on_tick = mailer_tick, .close = mailer_close};
    struct mailer *m = calloc(1, sizeof *m);
    if (!m)
        return ERR_NOMEM;
    m->base.ops = &ops;
    m->base.digests = conf->digest;
    m->conf = conf;
    m->world = world;
    m->loop = loop;
    *out = &m->base;
    return ERR_OK;
}
