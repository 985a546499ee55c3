/* Whom a reading of a signal concerns, in four bytes a signal that stand side by side. All that is
 * known of a signal fills two cache lines that a reading would have to wait for; most readings need
 * to know only which unit is theirs, and often that there is none. */
#include <stdlib.h>

#include "engine/parts.h"

enum { TOUCH_NOBODY = INT32_MAX, TOUCH_LOOK = INT32_MAX - 1 };

static size_t chain_place(const struct cagent *a, unsigned slot) {
    for (size_t i = a->session.epoch_n; i-- > 0;)
        if (a->session.epoch[i].epoch == a->lane_epoch[slot])
            return i;
    return 0;
}

int64_t agents_sticky_end_ms(const struct cagent *a, unsigned slot, int64_t most_ms) {
    size_t own = 0, n = 0;
    for (unsigned i = 0; i < SESSION_LANES; i++)
        n += a->lane_used[i];
    if (n > 1)
        own = chain_place(a, slot);
    for (unsigned i = 0; i < SESSION_LANES && n > 1; i++)
        if (i != slot && a->lane_used[i] && a->begun_ms[i] != STATE_NEVER &&
            a->begun_ms[i] < most_ms && chain_place(a, i) > own)
            most_ms = a->begun_ms[i];
    return most_ms;
}

static int64_t sticky_end_ms(const struct core *c, uint32_t unit, int64_t to_ms) {
    const struct cagent *a = c->batch_agent;
    int64_t end = agents_sticky_end_ms(a, c->batch_slot, c->unit[unit].known_ms);
    return end > to_ms ? end : to_ms;
}

static void look_at_state(struct core *c, uint32_t signal) {
    uint32_t at = c->signal[signal].at[c->batch_slot];
    if (at == UINT32_MAX)
        return;
    const struct signal_state *st = &c->batch_agent->lane[c->batch_slot].slab[at];
    if (st->type == POINT_STATE && st->flags & SIGNAL_SEEN)
        unmapped_look(c, signal, st->flags & SIGNAL_TEXT, st->raw);
}

/* A gauge makes no time: minutes that are there may be judged otherwise now. */
static void look_at_gauge(struct core *c, const struct csignal *s, int64_t from_ms, int64_t to_ms) {
    const uint32_t gauge = c->plant->signal[s->bound].gauge - 1;
    dirty_touch(c, UINT32_MAX, from_ms, to_ms);
    for (size_t i = 0; i < s->unit_n; i++)
        if (plant_proves(c->plant, gauge, s->unit[i]))
            dirty_touch_proof(c, s->unit[i], from_ms, to_ms);
}

static void look(struct core *c, uint32_t signal, int64_t from_ms, int64_t to_ms) {
    const struct csignal *s = &c->signal[signal];
    if (s->state)
        look_at_state(c, signal);
    if (s->gauge) {
        look_at_gauge(c, s, from_ms, to_ms);
        return;
    }
    for (size_t i = 0; i < s->unit_n; i++) {
        int64_t end_ms = s->sticky ? sticky_end_ms(c, s->unit[i], to_ms) : to_ms;
        if (i >= s->own_n)
            dirty_touch_mate(c, s->unit[i], from_ms, end_ms);
        else if (s->sticky)
            dirty_touch_sticky(c, s->unit[i], from_ms, end_ms);
        else
            dirty_touch(c, s->unit[i], from_ms, end_ms);
    }
}

void touches_on(void *user, uint32_t signal, int64_t from_ms, int64_t to_ms) {
    struct core *c = user;
    uint32_t whom = c->touch[signal];
    if (whom == TOUCH_NOBODY)
        return;
    if (whom == TOUCH_LOOK)
        look(c, signal, from_ms, to_ms);
    else
        dirty_touch(c, whom, from_ms, to_ms);
}

void touches_begun(struct core *c, struct cagent *a, unsigned slot, int64_t begun_ms) {
    const unsigned own = c->batch_slot;
    const size_t place = chain_place(a, slot);
    for (unsigned i = 0; i < SESSION_LANES; i++) {
        const struct lane *l = &a->lane[i];
        if (i == slot || !a->lane_used[i] || chain_place(a, i) > place)
            continue;
        c->batch_slot = i;
        for (uint32_t at = 0; at < l->n; at++)
            if (lane_sticky_end_ms(l, at) != INT64_MIN)
                touches_on(c, l->slab[at].id, begun_ms, begun_ms);
    }
    c->batch_slot = own;
    a->begun_ms[slot] = begun_ms;
}

enum err touches_grow(struct core *c, size_t signals) {
    uint32_t *at = realloc(c->touch, signals * sizeof *at);
    if (!at)
        return ERR_NOMEM;
    c->touch = at;
    return ERR_OK;
}

static bool judges(const struct core *c, const struct csignal *s) {
    const uint32_t gauge = s->bound == UINT32_MAX ? 0 : c->plant->signal[s->bound].gauge;
    size_t at = 0;
    return gauge != 0 && plant_next_proven(c->plant, gauge - 1, &at) != UINT32_MAX;
}

void touches_put(struct core *c, uint32_t signal) {
    const struct csignal *s = &c->signal[signal];
    bool plain = s->unit_n == 1 && !s->sticky && !s->state;
    bool judge = s->gauge && judges(c, s);
    bool nobody = (s->gauge && !judge) || (s->unit_n == 0 && !s->state);
    c->touch[signal] = nobody ? TOUCH_NOBODY : plain && !judge ? s->unit[0] : TOUCH_LOOK;
}
