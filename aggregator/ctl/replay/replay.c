#include "replay/replay.h"

#include <poll.h>
#include <stdlib.h>

#include "replay/stage.h"
#include "replay/stream.h"

enum { TURN_MS = 60000, TURN_READINGS = STREAM_BATCH_READINGS / 2 };

#define EPOCH UINT64_C(0x706c616e74627573) /* any constant: a replay has one life */

struct play {
    struct source *source;
    struct stream *stream;
    uint16_t number; /* in its stream */
    int64_t due_ms;
    int64_t turn_ms; /* data time of the last tick after it */
    bool full, ended;
};

struct replay {
    struct replay_conf conf;
    struct stage *stage;
    struct stream *stream;
    size_t stream_n;
    struct play *play;
    size_t play_n;
    struct play *polled;
    int64_t data_ms, latest_ms;
    struct window *window;
    size_t window_n, window_cap;
    enum err failed; /* of the core, inside a source's call */
};

/* --- windows ------------------------------------------------------------------------------------
 */

static enum err on_window(void *user, const struct window *w) {
    struct replay *r = user;
    if (r->conf.wanted && !r->conf.wanted(r->conf.user, w))
        return ERR_OK;
    if (r->window_n == r->window_cap) {
        size_t cap = r->window_cap ? r->window_cap * 2 : 256;
        struct window *at = realloc(r->window, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        r->window = at;
        r->window_cap = cap;
    }
    r->window[r->window_n++] = *w;
    return ERR_OK;
}

static void on_note(void *user, const char *event, const char *detail, bool warn) {
    struct replay *r = user;
    if (r->conf.on_note)
        r->conf.on_note(r->conf.user, event, detail, warn);
}

static int compare(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

static int by_key(const struct window_key *a, const struct window_key *b) {
    int c = compare(a->node, b->node);
    c = c ? c : compare(a->kind, b->kind);
    c = c ? c : compare(a->product, b->product);
    c = c ? c : compare(a->team, b->team);
    return c ? c : compare(a->start_ms, b->start_ms);
}

static int by_key_and_revision(const void *x, const void *y) {
    const struct window *a = x, *b = y;
    int c = by_key(&a->key, &b->key);
    return c ? c : compare(a->revision, b->revision);
}

/* Only the last word on each window is kept. */
static void sort_windows(struct replay *r) {
    size_t n = 0;
    if (r->window_n)
        qsort(r->window, r->window_n, sizeof *r->window, by_key_and_revision);
    for (size_t i = 0; i < r->window_n; i++) {
        if (i + 1 < r->window_n && by_key(&r->window[i].key, &r->window[i + 1].key) == 0)
            continue;
        r->window[n++] = r->window[i];
    }
    r->window_n = n;
}

/* --- what a source calls ------------------------------------------------------------------------
 */

static enum err deliver(void *user, const char *topic, struct span bytes) {
    struct replay *r = user;
    r->failed = stage_message(r->stage, topic, bytes, r->data_ms);
    return r->failed;
}

static enum err add_point(void *user, const struct point *p, uint16_t *id) {
    struct replay *r = user;
    return stream_add_point(r->polled->stream, r->polled->number, p, id);
}

static enum err take_reading(void *user, const struct reading *reading) {
    struct replay *r = user;
    if (r->data_ms == INT64_MIN)
        r->data_ms = reading->t_ms;
    enum err err = stream_reading(r->polled->stream, r->polled->number, reading);
    r->polled->full = r->polled->full || err == ERR_FULL;
    return err;
}

static enum err take_cover(void *user, int64_t since_ms, int64_t until_ms) {
    struct replay *r = user;
    if (r->data_ms == INT64_MIN)
        r->data_ms = since_ms;
    return stream_covered(r->polled->stream, r->polled->number, since_ms, until_ms);
}

static void take_refusal(void *user, const char *reason, const char *place) {
    struct replay *r = user;
    if (r->conf.on_refused)
        r->conf.on_refused(r->conf.user, (size_t)(r->polled - r->play), reason, place);
}

/* --- time ---------------------------------------------------------------------------------------
 */

static int64_t data_of(const struct play *p) {
    return p->stream->until_ms[p->number];
}

/* The data have come as far as the slowest source that still has something to say. */
static void move_data(struct replay *r) {
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < r->play_n; i++) {
        const struct play *p = &r->play[i];
        if (!p->ended && data_of(p) < least)
            least = data_of(p);
        if (data_of(p) > r->latest_ms)
            r->latest_ms = data_of(p);
    }
    if (least != INT64_MAX && least > r->data_ms)
        r->data_ms = least;
}

static void wait_for_input(const struct replay *r) {
    struct pollfd fd[STREAM_SOURCES_MAX];
    nfds_t n = 0;
    for (size_t i = 0; i < r->play_n && n < STREAM_SOURCES_MAX; i++) {
        const struct play *p = &r->play[i];
        if (!p->ended && p->source->ops->fd(p->source) >= 0)
            fd[n++] = (struct pollfd){.fd = p->source->ops->fd(p->source), .events = POLLIN};
    }
    if (n)
        (void)poll(fd, n, -1);
}

/* The source to poll next: of those due first, the one whose data are furthest behind. NULL: none
 * will ever be. */
static struct play *next_play(struct replay *r, int64_t *now_ms) {
    struct play *best = NULL;
    bool waits = false;
    for (size_t i = 0; i < r->play_n; i++) {
        struct play *p = &r->play[i];
        if (p->ended)
            continue;
        if (p->due_ms == INT64_MAX) {
            waits = true;
            continue;
        }
        int64_t due = p->due_ms > *now_ms ? p->due_ms : *now_ms;
        int64_t best_due = !best ? INT64_MAX : best->due_ms > *now_ms ? best->due_ms : *now_ms;
        if (!best || due < best_due || (due == best_due && data_of(p) < data_of(best)))
            best = p;
    }
    if (!best && waits) {
        wait_for_input(r);
        for (size_t i = 0; i < r->play_n; i++)
            r->play[i].due_ms = *now_ms;
        return next_play(r, now_ms);
    }
    if (best && best->due_ms > *now_ms)
        *now_ms = best->due_ms;
    return best;
}

/* --- the run ------------------------------------------------------------------------------------
 */

static void tell_progress(const struct replay *r) {
    struct replay_progress p;
    replay_progress(r, &p);
    if (r->conf.on_progress)
        r->conf.on_progress(r->conf.user, &p);
}

static enum err turn(struct replay *r, struct play *p) {
    bool due = p->ended || p->full || p->stream->data.reading_n >= TURN_READINGS ||
               p->turn_ms == INT64_MIN || data_of(p) - p->turn_ms >= TURN_MS;
    if (!due || data_of(p) == INT64_MIN)
        return ERR_OK;
    p->turn_ms = data_of(p);
    enum err err = stream_flush(p->stream);
    move_data(r);
    if (!err)
        err = stage_tick(r->stage, r->data_ms);
    tell_progress(r);
    return err;
}

static enum err poll_one(struct replay *r, struct play *p, int64_t now_ms) {
    const struct source_out out = {.add_point = add_point,
                                   .reading = take_reading,
                                   .covered = take_cover,
                                   .refused = take_refusal,
                                   .user = r,
                                   .no_clock = true};
    int64_t next = INT64_MIN;
    p->full = false;
    r->polled = p;
    enum err err = p->source->ops->poll(p->source, now_ms, &out, &next);
    if (!err)
        err = r->failed;
    if (err && !(p->full && err == ERR_FULL))
        return err;
    p->due_ms = p->full ? now_ms : next;
    p->ended = !p->full && next == INT64_MIN;
    return turn(r, p);
}

enum err replay_run(struct replay *r) {
    int64_t now = r->conf.start_ms;
    enum err err = ERR_OK;
    for (struct play *p; !err && (p = next_play(r, &now)) != NULL;) {
        if (now > r->conf.end_ms)
            break;
        err = poll_one(r, p, now);
    }
    for (size_t i = 0; i < r->stream_n && !err; i++)
        err = stream_flush(&r->stream[i]);
    move_data(r);
    if (!err && r->data_ms != INT64_MIN)
        err = stage_finish(r->stage, r->latest_ms > r->data_ms ? r->latest_ms : r->data_ms);
    sort_windows(r);
    tell_progress(r);
    return err;
}

/* --- life ---------------------------------------------------------------------------------------
 */

/* The stream of the source's agent: found, or begun. */
static struct stream *get_stream(struct replay *r, const struct ident *agent) {
    for (size_t i = 0; i < r->stream_n; i++)
        if (ident_equal(&r->stream[i].agent, agent))
            return &r->stream[i];
    stream_init(&r->stream[r->stream_n], agent, EPOCH, deliver, r);
    return &r->stream[r->stream_n++];
}

static enum err add_source(struct replay *r, const struct replay_source *s) {
    struct play *p = &r->play[r->play_n];
    *p = (struct play){.source = s->source, .due_ms = r->conf.start_ms, .turn_ms = INT64_MIN};
    p->stream = get_stream(r, &s->agent);
    for (size_t i = 0; i < r->play_n; i++)
        p->number = (uint16_t)(p->number + (r->play[i].stream == p->stream));
    r->play_n++;
    if (strcmp(s->source->ops->kind, "sim") == 0 && r->conf.end_ms == INT64_MAX)
        return ERR_STATE;
    return p->number < STREAM_SOURCES_MAX ? ERR_OK : ERR_FULL;
}

enum err replay_open(const struct replay_conf *conf, struct replay **out) {
    struct replay *r = calloc(1, sizeof *r);
    size_t n = conf->source_n ? conf->source_n : 1;
    if (!r)
        return ERR_NOMEM;
    r->conf = *conf;
    r->data_ms = r->latest_ms = INT64_MIN;
    r->play = calloc(n, sizeof *r->play);
    r->stream = calloc(n, sizeof *r->stream);
    const struct stage_events events = {.on_window = on_window, .on_note = on_note, .user = r};
    enum err err = r->play && r->stream ? stage_open(conf->plant, conf->minutes, &events, &r->stage)
                                        : ERR_NOMEM;
    for (size_t i = 0; i < conf->source_n && !err; i++)
        err = add_source(r, &conf->source[i]);
    if (err) {
        replay_close(r);
        return err;
    }
    *out = r;
    return ERR_OK;
}

enum err replay_enter(struct replay *r, const struct act *a) {
    return stage_enter(r->stage, a);
}

const struct window *replay_windows(const struct replay *r, size_t *n) {
    *n = r->window_n;
    return r->window;
}

struct core *replay_core(struct replay *r) {
    return stage_core(r->stage);
}

void replay_progress(const struct replay *r, struct replay_progress *out) {
    *out = (struct replay_progress){.windows = r->window_n, .data_ms = r->data_ms};
    for (size_t i = 0; i < r->stream_n; i++)
        out->readings += r->stream[i].readings;
}

void replay_close(struct replay *r) {
    if (!r)
        return;
    stage_close(r->stage);
    for (size_t i = 0; i < r->stream_n; i++)
        stream_fini(&r->stream[i]);
    free(r->stream);
    free(r->play);
    free(r->window);
    free(r);
}
