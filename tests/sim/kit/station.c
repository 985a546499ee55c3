#include "simkit/station.h"

#include <stdio.h>
#include <stdlib.h>

struct station_call {
    struct station *station;
    uint64_t id;
    struct station_call *next;
};

enum err station_init(struct station *s, const struct plant *plant) {
    *s = (struct station){
        .plant = plant,
        .conf = {.store_id = 7,
                 .credit_bytes = 256 * 1024,
                 .checkpoint_ms = 500,
                 .tick_ms = 200,
                 .hours_max = 4096,
                 .database = true},
    };
    return store_memory_open(&(struct store_memory_conf){0}, &s->store);
}

static void drop_calls(struct station *s) {
    while (s->calls) {
        struct station_call *next = s->calls->next;
        free(s->calls);
        s->calls = next;
    }
}

void station_fini(struct station *s) {
    if (s->core)
        station_kill(s, 0);
    s->store->ops->close(s->store);
}

static void fail(struct station *s, enum err err) {
    if (err && !s->failed)
        s->failed = err;
}

static void on_start_rows(void *user, enum err err, const struct store_rows *rows) {
    struct station *s = user;
    char where[96] = "";
    if (!err)
        err = core_start(s->core, rows, s->now, where);
    if (err)
        fprintf(stderr, "core_start: %s\n", where);
    fail(s, err);
}

enum err station_start(struct station *s, struct core_now now, uint64_t random) {
    const struct store_range *range = NULL;
    size_t n = core_start_ranges(&range);
    s->now = now;
    s->failed = ERR_OK;
    s->conf.start_random = random;
    enum err err = core_open(&s->conf, s->plant, &s->core);
    if (!err && s->alerts)
        err = core_set_alerts(s->core, s->alerts, now);
    if (err)
        return err;
    err = s->store->ops->load_now(s->store, range, n, on_start_rows, s);
    return err ? err : s->failed;
}

enum err station_reload(struct station *s, const struct plant *plant, struct core_now now,
                        uint64_t random) {
    struct core *old = s->core;
    const struct plant *was = s->plant;
    if (!core_flushed(old))
        return ERR_STATE;
    s->plant = plant;
    enum err err = station_start(s, now, random);
    if (!err)
        err = core_succeed(s->core, old);
    if (!err) {
        core_close(old);
        station_effects(s);
        return s->failed;
    }
    if (s->core != old)
        core_close(s->core);
    s->core = old;
    s->plant = was;
    core_end_flush(old);
    return err;
}

void station_kill(struct station *s, size_t written) {
    core_close(s->core);
    s->core = NULL;
    store_memory_crash(s->store, written);
    drop_calls(s);
}

/* --- effects ---------------------------------------------------------------------------------- */

static struct station_call *call_add(struct station *s, uint64_t id) {
    struct station_call *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    *c = (struct station_call){.station = s, .id = id, .next = s->calls};
    s->calls = c;
    return c;
}

static uint64_t call_take(struct station_call *c) {
    struct station_call **at = &c->station->calls;
    uint64_t id = c->id;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    free(c);
    return id;
}

static void on_commit(void *user, enum err err) {
    struct station_call *c = user;
    struct station *s = c->station;
    core_on_committed(s->core, call_take(c), err, s->now);
    fail(s, err);
}

static void on_load(void *user, enum err err, const struct store_rows *rows) {
    struct station_call *c = user;
    struct station *s = c->station;
    fail(s, core_on_loaded(s->core, call_take(c), err, rows, s->now));
}

static void carry_out(struct station *s, const struct core_effect *e) {
    struct station_call *call = NULL;
    switch ((enum core_effect_kind)e->kind) {
    case EFFECT_COMMIT:
        call = call_add(s, e->id);
        fail(s, call ? s->store->ops->commit(s->store, e->tx, on_commit, call) : ERR_NOMEM);
        break;
    case EFFECT_LOAD:
        call = call_add(s, e->id);
        fail(s,
             call ? s->store->ops->load(s->store, e->range, e->range_n, on_load, call) : ERR_NOMEM);
        break;
    case EFFECT_ACK:
        if (s->on_ack)
            s->on_ack(s->user, e->topic, e->bytes);
        break;
    case EFFECT_NOTE:
        s->notes++;
        s->warnings += e->warn;
        if (s->on_note)
            s->on_note(s->user, e->event, e->detail);
        if (s->print && e->warn)
            fprintf(stderr, "  core: %s %s\n", e->event, e->detail);
        snprintf(s->last_event, sizeof s->last_event, "%s", e->event);
        break;
    case EFFECT_KIND_COUNT:
        break;
    }
}

void station_effects(struct station *s) {
    struct core_effect e;
    bool again = true;
    while (again) {
        while (core_next_effect(s->core, &e)) {
            carry_out(s, &e);
            while (s->eager && !s->by_hand && store_memory_step(s->store))
                ;
        }
        again = !s->by_hand && store_memory_step(s->store);
    }
}

enum err station_message(struct station *s, const char *topic, struct span payload) {
    fail(s, core_on_message(s->core, span_str(topic), payload, s->now));
    station_effects(s);
    return s->failed;
}

enum err station_tick(struct station *s, struct core_now now) {
    s->now = now;
    fail(s, core_on_tick(s->core, now));
    station_effects(s);
    return s->failed;
}

/* Not so many that a core which never says that it is done would be waited for. */
enum { SLICES_MAX = 100000 };

enum err station_tick_whole(struct station *s, struct core_now now) {
    enum err err = station_tick(s, now);
    for (unsigned i = 0; i < SLICES_MAX && !err && core_tick_more(s->core); i++)
        err = station_tick(s, now);
    return err || !core_tick_more(s->core) ? err : ERR_BUSY;
}

bool station_store_step(struct station *s) {
    bool did = store_memory_step(s->store);
    if (did)
        station_effects(s);
    return did;
}

/* The monotonic clock must move for ticks to do anything: far less than any timer, and as much as
 * makes each a whole one. What the last tick had loaded and computed is settled with the next. */
enum err station_settle(struct station *s) {
    const int64_t step_ms =
        s->conf.checkpoint_ms > s->conf.tick_ms ? s->conf.checkpoint_ms : s->conf.tick_ms;
    struct core_now now = s->now;
    for (unsigned i = 0; i < 2000 && !s->failed; i++) {
        now.mono_ms += step_ms;
        station_tick_whole(s, now);
        while (station_store_step(s))
            ;
        if (!s->failed && core_idle(s->core))
            return ERR_OK;
    }
    return s->failed ? s->failed : ERR_BUSY;
}

/* --- windows ---------------------------------------------------------------------------------- */

struct window_found {
    struct window *out;
    bool found;
};

static void on_window(void *user, enum err err, const struct store_rows *rows) {
    struct window_found *f = user;
    f->found = !err && rows->n == 1 && !window_unpack(rows->at[0].value, f->out);
}

bool station_window(struct station *s, const struct window_key *key, struct window *out) {
    const struct window *w = s->core ? core_window(s->core, key) : NULL;
    struct window_found f = {.out = out};
    if (w) {
        *out = *w;
        return true;
    }
    uint8_t from[WINDOW_KEY_BYTES], to[WINDOW_KEY_BYTES + 1] = {0};
    window_key_pack(key, from);
    window_key_pack(key, to);
    out->key = *key;
    const uint8_t tables[] = {STORE_OPEN, STORE_WINDOW};
    for (unsigned i = 0; i < 2 && !f.found; i++) {
        struct store_range range = {
            .table = tables[i], .from = span_of(from, sizeof from), .to = span_of(to, sizeof to)};
        s->store->ops->load_now(s->store, &range, 1, on_window, &f);
    }
    return f.found;
}
