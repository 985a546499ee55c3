/* Live streams (server-sent events). A stream carries state, not a history: every event holds all
 * parts that changed since the last event its reader took, so a slow reader gets fewer, larger
 * events, nothing queues up for it, and a reader that comes back is simply sent everything.
 *
 *   event: plant    id: <epoch>-<n>   the whole view: {"now_ms", "head", "tiles": [...]}
 *   event: change   id: <epoch>-<n>   {"now_ms", "head" (if changed), "tiles": [changed ones]}
 *   event: time                       {"now_ms"}: nothing changed, but we live
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "web/web_impl.h"

static void feed_free(struct feed *f) {
    for (size_t i = 0; i < f->part_n; i++)
        buf_fini(&f->part[i].json);
    free(f->part);
    free(f);
}

static struct feed *feed_new(struct core *core, uint32_t node, enum view_window window) {
    const struct plant *p = core_plant(core);
    struct feed *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->node = node;
    f->id = p->node[node].id;
    f->window = window;
    size_t n = 1;
    for (uint32_t k = 0; k < p->node_n; k++)
        n += view_below(p, node, k);
    f->part = calloc(n, sizeof *f->part);
    if (!f->part) {
        free(f);
        return NULL;
    }
    f->part[f->part_n++].node = node; /* the head */
    for (uint32_t k = 0; k < p->node_n; k++)
        if (view_below(p, node, k) && (k != node || p->node[k].unit != UINT32_MAX))
            f->part[f->part_n++].node = k;
    f->at = f->part_n;
    return f;
}

static void feed_release(struct web *w, struct feed *f) {
    if (--f->users)
        return;
    struct feed **at = &w->feeds;
    while (*at != f)
        at = &(*at)->next;
    *at = f->next;
    feed_free(f);
}

static struct feed *feed_get(struct web *w, struct core *core, uint32_t node,
                             enum view_window window) {
    for (struct feed *f = w->feeds; f; f = f->next)
        if (f->node == node && f->window == window) {
            f->users++;
            return f;
        }
    struct feed *f = feed_new(core, node, window);
    if (f) {
        f->users = 1;
        f->news = core_news(core); /* whoever begins to read has them */
        f->news_ms = -(int64_t)w->conf.push_ms;
        f->next = w->feeds;
        w->feeds = f;
    }
    return f;
}

static enum err render_part(const struct view_in *in, const struct feed *f, size_t i,
                            struct buf *out) {
    struct json_writer w;
    json_writer_init(&w, out);
    if (i == 0)
        view_head(&w, in, f->node, 1U << f->window);
    else
        view_tile(&w, in, f->part[i].node);
    return json_writer_finish(&w);
}

static bool rendering(const struct feed *f) {
    return f->at < f->part_n;
}

/* What comes while it is rendered is news for the next time. */
static void feed_begin(struct feed *f, struct core *core, int64_t mono_ms) {
    if (rendering(f))
        return;
    f->at = 0;
    f->version = core_version(core);
    if (f->news != core_news(core))
        f->news_ms = mono_ms;
    f->news = core_news(core);
    f->rendered_ms = mono_ms;
}

/* Renders the next parts, at most so many, and takes them off; false if memory ran out (what was
 * rendered stays). Nobody is told of a half: see news(). */
static bool feed_render(struct web *w, struct core *core, struct feed *f, size_t *most) {
    struct view_extra extra;
    struct view_in in;
    route_view(w, core, &extra, &in);
    struct buf fresh;
    buf_init(&fresh);
    uint64_t event = f->event + 1;
    bool ok = true;
    for (; rendering(f) && *most && ok; f->at++, --*most) {
        struct feed_part *part = &f->part[f->at];
        buf_reset(&fresh);
        ok = render_part(&in, f, f->at, &fresh) == ERR_OK;
        if (!ok || span_equal(buf_span(&fresh), buf_span(&part->json)))
            continue;
        struct buf old = part->json;
        part->json = fresh;
        part->event = event;
        f->event = event;
        fresh = old;
    }
    buf_fini(&fresh);
    f->wall_ms = in.now.wall_ms;
    f->at = ok ? f->at : f->part_n;
    return ok;
}

static void compose(struct client *c) {
    const struct feed *f = c->feed;
    bool all = c->seen == 0, head = f->part[0].event > c->seen, first = true;
    struct buf *out = &c->body;
    (void)buf_addf(out, "event: %s\nid: %016" PRIx64 "-%" PRIu64 "\ndata: {\"now_ms\":%" PRId64,
                   all ? "plant" : "change", c->web->epoch, f->event, f->wall_ms);
    if (head) {
        (void)buf_add_str(out, ",\"head\":");
        (void)buf_add(out, f->part[0].json.p, f->part[0].json.n);
    }
    (void)buf_add_str(out, ",\"tiles\":[");
    for (size_t i = 1; i < f->part_n; i++) {
        if (f->part[i].event <= c->seen)
            continue;
        if (!first)
            (void)buf_add_byte(out, ',');
        first = false;
        (void)buf_add(out, f->part[i].json.p, f->part[i].json.n);
    }
    (void)buf_add_str(out, "]}\n\n");
    c->seen = f->event;
}

static bool news(const struct client *c) {
    return !rendering(c->feed) && c->feed->event > c->seen;
}

static bool due(const struct client *c, int64_t mono_ms) {
    return news(c) || (c->seen && mono_ms - c->sent_mono_ms >= WEB_BEAT_MS);
}

/* Hundreds of readers are ready in the same turn of the loop: a few have theirs in each, that
 * nothing else waits for all of them. */
static bool has_turn(struct web *w) {
    const uint64_t turn = uv_now(w->loop);
    if (turn != w->turn)
        w->turn_left = WEB_TURN_CHUNKS;
    w->turn = turn;
    if (w->turn_left == 0)
        return false;
    w->turn_left--;
    return true;
}

int stream_writable(struct client *c) {
    struct web *w = c->web;
    int64_t mono = w->source.now(w->source.user).mono_ms;
    if (c->feed->node == UINT32_MAX || c->over)
        return REPLY_END;
    if (c->sent >= c->body.n && !due(c, mono))
        return REPLY_GOES_ON;
    if (!has_turn(w)) {
        lws_callback_on_writable(c->wsi);
        return REPLY_GOES_ON;
    }
    if (c->sent < c->body.n)
        return reply_continue(c);
    buf_reset(&c->body);
    c->sent = 0;
    if (news(c))
        compose(c);
    else
        (void)buf_addf(&c->body, "event: time\ndata: {\"now_ms\":%" PRId64 "}\n\n",
                       w->source.now(w->source.user).wall_ms);
    if (c->body.failed)
        return REPLY_END;
    c->sent_mono_ms = mono;
    w->stats.events++;
    w->stats.stream_bytes += c->body.n;
    return reply_continue(c);
}

int stream_begin(struct client *c, struct core *core, uint32_t node, enum view_window window) {
    struct web *w = c->web;
    int64_t mono = w->source.now(w->source.user).mono_ms;
    struct feed *f = feed_get(w, core, node, window);
    if (!f)
        return reply_problem(c, 503, "out of memory", "no room for another stream");
    size_t most = w->conf.slice_parts;
    feed_begin(f, core, mono);
    if (!feed_render(w, core, f, &most)) {
        feed_release(w, f);
        return reply_problem(c, 503, "out of memory", "no room for another stream");
    }
    c->stream = true;
    c->feed = f;
    c->next = w->streams;
    w->streams = c;
    w->stats.streams++;
    w->stats.streams_open++;
    c->sent = 0;
    buf_reset(&c->body);
    if (reply_stream(c))
        return REPLY_END;
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, WEB_STUCK_S);
    lws_callback_on_writable(c->wsi);
    stream_schedule(w);
    return REPLY_GOES_ON;
}

void stream_end(struct client *c) {
    if (!c->stream)
        return;
    struct client **at = &c->web->streams;
    while (*at && *at != c)
        at = &(*at)->next;
    if (*at)
        *at = c->next;
    c->stream = false;
    c->web->stats.streams_open--;
    feed_release(c->web, c->feed);
    c->feed = NULL;
}

/* Parts of the new plant in the place of the old ones; nobody is told before all are rendered. */
static void feed_renew(struct feed *f, struct core *core, int64_t mono_ms) {
    const uint32_t node = plant_find_node(core_plant(core), f->id.s);
    struct feed *fresh =
        node == UINT32_MAX ? NULL : feed_new(core, node, (enum view_window)f->window);
    f->node = UINT32_MAX;
    if (!fresh)
        return;
    struct feed old = *f;
    f->node = node;
    f->part = fresh->part;
    f->part_n = fresh->part_n;
    fresh->part = old.part;
    fresh->part_n = old.part_n;
    feed_free(fresh);
    f->at = f->part_n;
    feed_begin(f, core, mono_ms);
}

void stream_renew(struct web *w, struct core *core) {
    int64_t mono = w->source.now(w->source.user).mono_ms;
    for (struct feed *f = w->feeds; f; f = f->next)
        feed_renew(f, core, mono);
    for (struct client *c = w->streams; c; c = c->next) {
        c->seen = 0;
        if (c->feed->node == UINT32_MAX)
            lws_set_timeout(c->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
    }
    stream_schedule(w);
}

/* News are held back by news only: the time that passes in silence is told, too. */
static bool feed_due(const struct web *w, const struct core *core, const struct feed *f,
                     int64_t mono_ms) {
    if (f->version == core_version(core))
        return mono_ms - f->rendered_ms >= 1000;
    int64_t last_ms = f->news != core_news(core) ? f->news_ms : f->rendered_ms;
    return mono_ms - last_ms >= w->conf.push_ms;
}

/* The one that is half rendered, else of those that are due the one that waits longest. */
static struct feed *feed_next(const struct web *w, const struct core *core, int64_t mono_ms) {
    struct feed *next = NULL;
    for (struct feed *f = w->feeds; f; f = f->next) {
        if (f->node == UINT32_MAX)
            continue;
        if (rendering(f))
            return f;
        if (feed_due(w, core, f, mono_ms) && (!next || f->rendered_ms < next->rendered_ms))
            next = f;
    }
    return next;
}

/* Whether the library holds what came in one packet with the request. It answers for all
 * connections at once, except those whose input is held back; beside another one, wait and see. */
static bool holds_more(const struct client *c) {
    struct lws_context *context = lws_get_context(c->wsi);
    if (lws_service_adjust_timeout(context, 1, 0) != 0)
        return false;
    lws_rx_flow_control(c->wsi, 0);
    bool others = lws_service_adjust_timeout(context, 1, 0) == 0;
    lws_rx_flow_control(c->wsi, 1);
    return !others;
}

/* The library reads nothing while it answers, and a socket with something to read, be it the end,
 * is ready in every turn of the loop. Nobody has anything to say behind his request. */
enum peer_word peer_says(const struct client *c) {
    char byte;
    struct pollfd end = {.fd = lws_get_socket_fd(c->wsi), .events = POLLRDHUP};
    if (poll(&end, 1, 0) > 0) /* its end may stand behind bytes that nobody reads */
        return PEER_GONE;
    ssize_t n = recv(end.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        return PEER_GONE;
    return n > 0 || holds_more(c) ? PEER_MORE : PEER_QUIET;
}

/* Who has been logged out, or lost what they might do, sees no more within a beat. */
static bool still_admitted(struct client *c, int64_t mono_ms) {
    const struct web *w = c->web;
    if (!w->source.still || mono_ms - c->asked_mono_ms < WEB_BEAT_MS)
        return true;
    c->asked_mono_ms = mono_ms;
    c->over = !w->source.still(w->source.user, &c->actor);
    return !c->over;
}

bool stream_half(const struct web *w) {
    for (const struct feed *f = w->feeds; f; f = f->next)
        if (f->node != UINT32_MAX && rendering(f))
            return true;
    return false;
}

void stream_push(struct web *w) {
    struct core *core = w->source.core(w->source.user);
    if (!core || !w->streams)
        return;
    int64_t mono = w->source.now(w->source.user).mono_ms;
    size_t most = w->conf.slice_parts;
    for (struct feed *f; most && (f = feed_next(w, core, mono)) != NULL;) {
        feed_begin(f, core, mono);
        (void)feed_render(w, core, f, &most);
    }
    for (struct client *c = w->streams; c; c = c->next)
        if (peer_says(c) != PEER_QUIET || !still_admitted(c, mono))
            lws_set_timeout(c->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
        else if (c->sent >= c->body.n && due(c, mono))
            lws_callback_on_writable(c->wsi);
    stream_schedule(w);
}

static void on_timer(uv_timer_t *t) {
    struct web *w = t->data;
    stream_push(w);
    if (!w->streams)
        uv_timer_stop(t);
}

/* The timer runs only while somebody watches; soon when something is half rendered. Not at once: a
 * timer of 0 ms that is set by its own call-back runs again in the same turn. */
void stream_schedule(struct web *w) {
    bool half = stream_half(w);
    if (w->streams && w->timer && !w->stopping && (half || !uv_is_active((uv_handle_t *)w->timer)))
        uv_timer_start(w->timer, on_timer, half ? 1 : w->conf.push_ms, w->conf.push_ms);
}
