#include "replay/stage.h"

#include <stdlib.h>

#include "memory/store_memory.h"

enum {
    TICK_MS = 1000,          /* monotonic time of one tick: settling is looked at in each */
    CHECKPOINT_MS = 8000,    /* eight ticks to a commit */
    HOURS_MAX = 4000,        /* unit-hours in memory */
    STOP_TICKS = 10000,      /* far more than any stop takes */
    CREDIT_BYTES = 64 << 20, /* nobody asks for it here */
};

struct stage {
    struct core *core;
    struct store *store;
    struct stage_events events;
    int64_t mono_ms, wall_ms;
    uint64_t commit_id, load_id;
    enum err failed;
    struct buf acts; /* entered before the run: length, bytes */
};

static struct core_now now_of(const struct stage *s) {
    return (struct core_now){.wall_ms = s->wall_ms, .mono_ms = s->mono_ms};
}

static void on_committed(void *user, enum err err) {
    struct stage *s = user;
    core_on_committed(s->core, s->commit_id, err, now_of(s));
    if (err)
        s->failed = err;
}

static void on_loaded(void *user, enum err err, const struct store_rows *rows) {
    struct stage *s = user;
    err = core_on_loaded(s->core, s->load_id, err, rows, now_of(s));
    if (err)
        s->failed = err;
}

/* One effect at a time: the store answers before the next one is taken, so one id of each kind is
 * enough. */
static enum err do_effect(struct stage *s, const struct core_effect *e) {
    enum err err = ERR_OK;
    switch ((enum core_effect_kind)e->kind) {
    case EFFECT_COMMIT:
        s->commit_id = e->id;
        err = s->store->ops->commit(s->store, e->tx, on_committed, s);
        if (err) {
            store_tx_fini(e->tx);
            free(e->tx);
        }
        break;
    case EFFECT_LOAD:
        s->load_id = e->id;
        err = s->store->ops->load(s->store, e->range, e->range_n, on_loaded, s);
        break;
    case EFFECT_NOTE:
        if (s->events.on_note)
            s->events.on_note(s->events.user, e->event, e->detail, e->warn);
        break;
    case EFFECT_ACK: /* nobody waits for it */
    case EFFECT_KIND_COUNT:
        break;
    }
    while (!err && store_memory_step(s->store))
        ;
    return err ? err : s->failed;
}

static enum err pump(struct stage *s) {
    struct core_effect e;
    enum err err = ERR_OK;
    while (!err && core_next_effect(s->core, &e))
        err = do_effect(s, &e);
    for (const struct window *w; !err && (w = core_next_published(s->core)) != NULL;)
        err = s->events.on_window(s->events.user, w);
    return err;
}

struct start {
    struct stage *stage;
    enum err err;
};

static void on_start_rows(void *user, enum err err, const struct store_rows *rows) {
    struct start *start = user;
    char where[96];
    start->err = err ? err : core_start(start->stage->core, rows, now_of(start->stage), where);
}

static enum err start(struct stage *s) {
    const struct store_range *ranges = NULL;
    size_t n = core_start_ranges(&ranges);
    struct start begun = {.stage = s};
    enum err err = s->store->ops->load_now(s->store, ranges, n, on_start_rows, &begun);
    return err ? err : begun.err;
}

enum err stage_open(const struct plant *plant, bool minutes, const struct stage_events *events,
                    struct stage **out) {
    const struct store_memory_conf memory = {0};
    const struct core_conf conf = {.store_id = 1,
                                   .credit_bytes = CREDIT_BYTES,
                                   .checkpoint_ms = CHECKPOINT_MS,
                                   .tick_ms = TICK_MS,
                                   .hours_max = HOURS_MAX,
                                   .minutes = minutes,
                                   .offline = true};
    struct stage *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->events = *events;
    s->wall_ms = INT64_MIN;
    enum err err = store_memory_open(&memory, &s->store);
    if (!err)
        err = core_open(&conf, plant, &s->core);
    if (err) {
        stage_close(s);
        return err;
    }
    *out = s;
    return ERR_OK;
}

/* What was submitted must be delivered before the store can be closed. */
static void on_stopped(void *user) {
    (void)user;
}

void stage_close(struct stage *s) {
    if (!s)
        return;
    if (s->store) {
        s->store->ops->stop(s->store, on_stopped, s);
        while (s->core && store_memory_step(s->store))
            ;
        s->store->ops->close(s->store);
    }
    core_close(s->core);
    buf_fini(&s->acts);
    free(s);
}

enum err stage_enter(struct stage *s, const struct act *a) {
    struct buf one;
    if (s->wall_ms != INT64_MIN)
        return ERR_STATE;
    buf_init(&one);
    enum err err = act_pack(a, &one);
    if (!err)
        err = buf_add_le32(&s->acts, (uint32_t)one.n);
    if (!err)
        err = buf_add(&s->acts, one.p, one.n);
    buf_fini(&one);
    return err;
}

static enum err enter_all(struct stage *s) {
    struct cursor c = cursor_of(buf_span(&s->acts));
    struct core_act_answer out;
    struct span bytes;
    uint32_t n = 0;
    struct act a;
    enum err err = ERR_OK;
    while (!err && !cursor_take_le32(&c, &n) && !cursor_take_span(&c, n, &bytes)) {
        err = act_unpack(bytes, &a);
        if (!err)
            err = core_on_act(s->core, &a, now_of(s), &out);
    }
    return err;
}

/* The core begins with the first moment that is known. */
static enum err begin(struct stage *s, int64_t wall_ms) {
    if (s->wall_ms != INT64_MIN) {
        s->wall_ms = wall_ms > s->wall_ms ? wall_ms : s->wall_ms;
        return ERR_OK;
    }
    s->wall_ms = wall_ms;
    enum err err = start(s);
    return err ? err : enter_all(s);
}

enum err stage_message(struct stage *s, const char *topic, struct span bytes, int64_t wall_ms) {
    enum err err = begin(s, wall_ms);
    if (!err)
        err = core_on_message(s->core, span_str(topic), bytes, now_of(s));
    return err ? err : pump(s);
}

enum err stage_tick(struct stage *s, int64_t wall_ms) {
    enum err err = begin(s, wall_ms);
    s->mono_ms += TICK_MS;
    if (!err)
        err = core_on_tick(s->core, now_of(s));
    return err ? err : pump(s);
}

enum err stage_finish(struct stage *s, int64_t wall_ms) {
    enum err err = stage_tick(s, wall_ms);
    if (err)
        return err;
    core_begin_stop(s->core, now_of(s));
    for (unsigned i = 0; i < STOP_TICKS; i++) {
        err = stage_tick(s, wall_ms);
        if (err || core_idle(s->core))
            return err;
    }
    return ERR_STATE;
}

struct core *stage_core(struct stage *s) {
    return s->core;
}
