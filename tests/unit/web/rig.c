#include "rig.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000 };

static struct core *core_of(void *user) {
    struct rig *r = user;
    return r->no_core ? NULL : r->station.core;
}

/* Monotonic time must move for pushes and beats: it is the loop's. */
static struct core_now now_of(void *user) {
    struct rig *r = user;
    return (struct core_now){r->station.now.wall_ms,
                             1000 + (int64_t)uv_now(&r->loop) - r->started_ms};
}

static void extra_of(void *user, struct view_extra *out) {
    (void)user;
    *out = (struct view_extra){.version = "test", .uptime_ms = 1};
}

static bool identify(void *user, const struct web_proof *proof, struct actor *out) {
    struct rig *r = user;
    snprintf(r->proof, sizeof r->proof, "%.*s|%.*s|%d|%s", (int)proof->cookie.n,
             proof->cookie.n ? (const char *)proof->cookie.p : "", (int)proof->authorization.n,
             proof->authorization.n ? (const char *)proof->authorization.p : "", proof->local,
             proof->address);
    *out = r->actor;
    return !r->gone;
}

static bool still(void *user, const struct actor *who) {
    const struct rig *r = user;
    return !r->gone && who->rights == r->actor.rights;
}

static enum err people(void *user, const struct web_people_ask *ask, struct buf *out) {
    struct rig *r = user;
    r->told = ask->what;
    return buf_addf(out, "{\"limit\":%zu}", ask->limit);
}

enum err rig_command(void *user, struct web_command *command) {
    struct rig *r = user;
    command->status = r->like.status;
    command->retry_ms = r->like.retry_ms;
    command->cookie_ms = r->like.cookie_ms;
    command->cookie_ended = r->like.cookie_ended;
    memcpy(command->cookie, r->like.cookie, sizeof command->cookie);
    snprintf(r->posted, sizeof r->posted, "%.*s %zu", (int)command->noun.n,
             (const char *)command->noun.p, command->json.n);
    command->wait_for = r->wait_for;
    if (command->json.n == 0)
        return ERR_RANGE;
    cr_expect_eq(command->ticket, r->came ? 40 + r->came : 0);
    command->ticket = 40 + ++r->came;
    command->later = r->came <= r->put_off;
    if (command->later)
        return ERR_OK;
    r->came = 0;
    return buf_add_str(command->answer, "{\"done\":true}");
}

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

void rig_answer(struct rig *r) {
    const struct history_reader reader = {.load = load, .user = r->station.store};
    int64_t next_ms = INT64_MAX;
    struct buf text;
    struct question q = r->question;
    cr_assert(q.asked);
    buf_init(&text);
    r->question.asked = false;
    const enum err err = view_past(&q.ask, &reader, &text, &next_ms);
    cr_assert(err == ERR_OK || err == ERR_NOT_FOUND, "%s", err_name(err));
    q.done(q.user, q.err ? q.err : err, &text, next_ms);
    buf_fini(&text);
}

static void on_later(uv_timer_t *t) {
    struct rig *r = t->data;
    if (!r->question.held)
        rig_answer(r);
}

static enum err history(void *user, const struct view_history *question,
                        void (*done)(void *user, enum err err, struct buf *text, int64_t next_ms),
                        void *done_user) {
    struct rig *r = user;
    if (r->question.asked)
        return ERR_BUSY;
    r->question.asked = true;
    r->question.ask = *question;
    r->question.done = done;
    r->question.user = done_user;
    uv_timer_start(&r->later, on_later, 0, 0);
    return ERR_OK;
}

static void tick(struct rig *r, int64_t wall_ms) {
    struct core_now now = {wall_ms, 1000 + wall_ms - RIG_T0};
    cr_assert_eq(station_tick(&r->station, now), ERR_OK);
    cr_assert_eq(station_settle(&r->station), ERR_OK);
}

void rig_say(struct rig *r, int64_t wall_ms, int64_t machine) {
    script_asof(&r->gw1, RIG_T0, wall_ms);
    script_int(&r->gw1, r->state, wall_ms, machine);
    cr_assert_eq(script_send(&r->gw1), ERR_OK);
    tick(r, wall_ms);
}

static void core_begin(struct rig *r) {
    cr_assert_eq(line_plant_open(&r->plant), ERR_OK);
    cr_assert_eq(station_init(&r->station, r->plant), ERR_OK);
    cr_assert_eq(station_start(&r->station, (struct core_now){RIG_T0, 1000}, 5), ERR_OK);
    script_init(&r->gw1, &r->station, "gw1", 101);
    r->state = script_point(&r->gw1, "state", POINT_STATE, 1);
    r->order = script_point(&r->gw1, "order", POINT_STATE, 1);
    r->gw1.point[r->order].sticky = true;
    tick(r, RIG_T0);
    cr_assert_eq(script_hello(&r->gw1), ERR_OK);
    cr_assert_eq(script_key(&r->gw1, RIG_T0), ERR_OK);
    script_text(&r->gw1, r->order, RIG_T0, "o-1");
    script_int(&r->gw1, r->state, RIG_T0, MACHINE_RUN);
    rig_say(r, RIG_T0 + UTC_MINUTE_MS, MACHINE_RUN);
}

void rig_open(struct rig *r, const struct web_conf *conf) {
    memset(r, 0, sizeof *r);
    cr_assert_eq(uv_loop_init(&r->loop), 0);
    r->started_ms = (int64_t)uv_now(&r->loop);
    r->actor = (struct actor){.known = true, .rights = ACCESS_ALL, .name = "anna"};
    snprintf(r->dir, sizeof r->dir, "/tmp/pb-web-XXXXXX");
    cr_assert_not_null(mkdtemp(r->dir));
    snprintf(r->socket, sizeof r->socket, "%s/api.sock", r->dir);
    core_begin(r);
    uv_timer_init(&r->loop, &r->later);
    r->later.data = r;
    struct web_source source = {.core = core_of,
                                .now = now_of,
                                .extra = extra_of,
                                .command = rig_command,
                                .history = history,
                                .identify = identify,
                                .still = still,
                                .people = people,
                                .user = r};
    struct web_conf use = conf ? *conf : (struct web_conf){.pages = true};
    use.unix_path = r->socket;
    if (!use.push_ms)
        use.push_ms = 5;
    cr_assert_eq(web_open(&use, &r->loop, &source, &r->web), ERR_OK);
    cr_assert_gt(web_port(r->web), 0);
}

void rig_on_stopped(void *user) {
    struct rig *r = user;
    r->stopped = true;
}

static bool is_stopped(void *user) {
    const struct rig *r = user;
    return r->stopped;
}

void rig_close(struct rig *r) {
    web_stop(r->web, rig_on_stopped, r);
    rig_end(r);
}

void rig_end(struct rig *r) {
    cr_assert(loop_until(&r->loop, is_stopped, r, PATIENCE_MS));
    web_close(r->web);
    uv_close((uv_handle_t *)&r->later, NULL);
    cr_expect(loop_closed(&r->loop), "a handle stays open");
    cr_expect_neq(access(r->socket, F_OK), 0, "the socket's file stays");
    script_fini(&r->gw1);
    station_fini(&r->station);
    plant_close(r->plant);
    rmdir(r->dir);
}

static void on_connected(uv_connect_t *c, int status) {
    struct peer *p = c->data;
    p->open = status == 0;
    p->ended = status != 0;
    free(c);
}

static void on_room(uv_handle_t *h, size_t suggested, uv_buf_t *buf) {
    (void)h;
    *buf = uv_buf_init(malloc(suggested), (unsigned)suggested);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf) {
    struct peer *p = s->data;
    if (n > 0) {
        cr_assert_eq(buf_add(&p->got, buf->base, (size_t)n), ERR_OK);
        cr_assert_eq(buf_add_byte(&p->got, 0), ERR_OK);
        p->got.n--;
    } else if (n < 0) {
        p->ended = true;
        uv_read_stop(s);
    }
    free(buf->base);
}

static bool is_open(void *user) {
    const struct peer *p = user;
    return p->open || p->ended;
}

void peer_open(struct peer *p, struct rig *r, bool local) {
    uv_connect_t *c = malloc(sizeof *c);
    memset(p, 0, sizeof *p);
    p->rig = r;
    buf_init(&p->got);
    cr_assert_eq(buf_add_byte(&p->got, 0), ERR_OK);
    p->got.n = 0;
    c->data = p;
    if (local) {
        uv_pipe_init(&r->loop, &p->as.pipe, 0);
        uv_pipe_connect(c, &p->as.pipe, r->socket, on_connected);
    } else {
        struct sockaddr_in to;
        uv_ip4_addr("127.0.0.1", web_port(r->web), &to);
        uv_tcp_init(&r->loop, &p->as.tcp);
        cr_assert_eq(uv_tcp_connect(c, &p->as.tcp, (struct sockaddr *)&to, on_connected), 0);
    }
    p->as.handle.data = p;
    cr_assert(loop_until(&r->loop, is_open, p, PATIENCE_MS));
    if (p->open)
        uv_read_start(&p->as.stream, on_room, on_read);
}

static void on_closed(uv_handle_t *h) {
    struct peer *p = h->data;
    p->closed = true;
}

static bool is_closed(void *user) {
    const struct peer *p = user;
    return p->closed;
}

void peer_close(struct peer *p) {
    uv_close(&p->as.handle, on_closed);
    cr_assert(loop_until(&p->rig->loop, is_closed, p, PATIENCE_MS));
    buf_fini(&p->got);
}

struct write { /* owns the bytes until they are gone */
    uv_write_t req;
    char bytes[];
};

static void on_written(uv_write_t *req, int status) {
    (void)status;
    free(req->data);
}

void peer_send(struct peer *p, const void *bytes, size_t n) {
    struct write *w = malloc(sizeof *w + n);
    memcpy(w->bytes, bytes, n);
    w->req.data = w;
    uv_buf_t buf = uv_buf_init(w->bytes, (unsigned)n);
    if (uv_write(&w->req, &p->as.stream, &buf, 1, on_written))
        free(w);
}

void peer_say(struct peer *p, const char *text) {
    peer_send(p, text, strlen(text));
}

static bool has_text(void *user) {
    const struct peer *p = user;
    return p->ended || (p->got.n && strstr((const char *)p->got.p, p->until));
}

bool peer_until(struct peer *p, const char *text) {
    p->until = text;
    return loop_until(&p->rig->loop, has_text, p, PATIENCE_MS) && p->got.n &&
           strstr((const char *)p->got.p, text);
}

static bool has_ended(void *user) {
    const struct peer *p = user;
    return p->ended;
}

bool peer_ended(struct peer *p) {
    return loop_until(&p->rig->loop, has_ended, p, PATIENCE_MS);
}

void peer_pause(struct peer *p, bool pause) {
    if (pause)
        uv_read_stop(&p->as.stream);
    else
        uv_read_start(&p->as.stream, on_room, on_read);
}

void peer_clear(struct peer *p) {
    p->got.n = 0;
    p->got.p[0] = 0;
}

void ask(struct rig *r, const char *method, const char *path, const char *extra, const char *body,
         struct answer *out) {
    struct peer p;
    struct buf request;
    buf_init(&request);
    *out = (struct answer){0};
    peer_open(&p, r, false);
    (void)buf_addf(&request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n%s",
                   method, path, web_port(r->web), extra);
    if (body)
        (void)buf_addf(&request, "Content-Length: %zu\r\n", strlen(body));
    (void)buf_addf(&request, "\r\n%s", body ? body : "");
    peer_send(&p, request.p, request.n);
    buf_fini(&request);
    cr_assert(peer_ended(&p), "no end of %s %s", method, path);
    out->text = p.got; /* taken over */
    buf_init(&p.got);
    peer_close(&p);
    out->head = (char *)out->text.p;
    char *gap = strstr(out->head, "\r\n\r\n");
    cr_assert(gap && sscanf(out->head, "HTTP/1.%*d %d", &out->status) == 1, "%s %s: %s", method,
              path, out->head);
    out->body = gap + 4;
    gap[2] = 0;
    out->body_n = out->text.n - (size_t)(out->body - out->head);
}

void answer_fini(struct answer *a) {
    buf_fini(&a->text);
}

bool answer_has(const struct answer *a, const char *header_line) {
    return strstr(a->head, header_line) != NULL;
}
