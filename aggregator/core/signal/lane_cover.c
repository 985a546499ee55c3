/* What an asof does: coverage, and what follows from it. The rules stand in the head of lane.c. */
#include "signal/lane_part.h"

enum { AHEAD = 8 /* points */ };

/* The old run ends where it ended; what follows it goes on at since. */
static enum err run_break(struct lane *l, struct lane_source *src, int64_t since_ms,
                          const struct lane_out *out) {
    enum err err = ERR_OK;

    for (uint32_t at = src->first; at != 0 && err == ERR_OK; at = l->slab[at - 1].next) {
        struct turn t = turn_of(l, at - 1, out);
        if (lane_slots(t.s->type)) {
            err = lane_power_hold(&t, src->until_ms); /* never before the new since */
        } else if (!(t.s->flags & SIGNAL_STICKY)) {
            err = lane_state_close(&t, src->until_ms);
            t.s->open_t0_ms = later(t.s->open_t0_ms, since_ms);
        }
    }
    if (err == ERR_OK)
        err = lane_watch_log_all(l, (uint16_t)(src - l->source), src->until_ms, since_ms, out);
    return err;
}

/* The run is of the epoch before and ended where this epoch's begins: another process's. One that
 * goes on began earlier, as the key frame says. */
static bool another_begins(const struct lane_source *src, int64_t since_ms) {
    return src->handed && since_ms == src->until_ms && src->since_ms < src->until_ms;
}

/* The run so far holds for a point that was named since: nobody has looked at that yet. */
static void touch_heard(struct lane *l, const struct signal_state *s, const struct lane_out *out) {
    const struct turn t = turn_of(l, (size_t)(s - l->slab), out);
    const int64_t from = s->type == POINT_STATE ? s->open_t0_ms : s->watched_ms;
    const bool holds = s->type == POINT_STATE ? s->flags & SIGNAL_SEEN : s->flags & SIGNAL_WATCHED;

    if (holds && later(from, t.src->since_ms) < t.src->until_ms)
        turn_touched(&t, later(from, t.src->since_ms), t.src->until_ms);
}

/* The first asof since points were named. A run that it does not go on from was another process's,
 * which did not know them. */
static void hear(struct lane *l, struct lane_source *src, int64_t since_ms,
                 const struct lane_out *out) {
    const bool goes_on = since_ms <= src->until_ms && !another_begins(src, since_ms);

    for (size_t i = 0; i < l->n; i++) {
        struct signal_state *s = &l->slab[i];
        if (!s->unheard || &l->source[s->source] != src)
            continue;
        s->unheard = false;
        if (goes_on) {
            touch_heard(l, s, out);
            continue;
        }
        if (s->type == POINT_STATE && s->flags & SIGNAL_SEEN && !(s->flags & SIGNAL_STICKY))
            s->open_t0_ms = later(s->open_t0_ms, since_ms);
        if (s->flags & SIGNAL_WATCHED)
            s->watched_ms = later(s->watched_ms, since_ms);
    }
    src->unheard = false;
}

static enum err asof_apply(struct lane *l, struct asof a, const struct lane_out *out) {
    struct lane_source *src = &l->source[a.source];
    int64_t since = later(a.since_ms, a.until_ms - LANE_ADVANCE_MAX_MS);
    enum err err = ERR_OK;

    if (src->unheard)
        hear(l, src, since, out);
    const bool begins = since > src->until_ms || another_begins(src, since);
    src->was_ms = src->until_ms;
    src->handed = false;
    if (a.until_ms < src->until_ms || (a.until_ms == src->until_ms && !begins))
        return ERR_OK;
    if (begins) {
        err = run_break(l, src, since, out);
        src->since_ms = since;
        src->was_ms = since;
    }
    src->until_ms = a.until_ms;
    lane_covered(out, src->was_ms, src->until_ms);
    return err;
}

/* After the readings: what is sampled and held up to the coverage, states up to a day before its
 * last full hour: also one named or read since, for a lane that is begun now logs it as far. */
static enum err follow_on(const struct turn *t) {
    if (lane_slots(t->s->type))
        return lane_power_hold(t, t->src->until_ms);
    if ((t->s->flags & (SIGNAL_STICKY | SIGNAL_SEEN)) == SIGNAL_SEEN &&
        t->src->was_ms < t->src->until_ms)
        turn_touched(t, t->src->was_ms, t->src->until_ms);
    const int64_t settled = t->src->hour_ms - LANE_RESTATE_MS;
    return t->s->open_t0_ms < settled ? lane_state_close(t, settled) : ERR_OK;
}

static enum err follow(struct lane *l, struct lane_source *src, const struct lane_out *out) {
    int64_t hour = utc_floor(src->until_ms, UTC_HOUR_MS);
    bool hour_passed = hour > src->hour_ms;
    enum err err = ERR_OK;

    src->hour_ms = hour;
    if (hour_passed)
        err = lane_watch_log_all(l, (uint16_t)(src - l->source), hour, LANE_NEVER, out);
    for (uint32_t at = src->first; at != 0 && err == ERR_OK;) {
        struct turn t = turn_of(l, at - 1, out);
        at = t.s->next;
        lane_prefetch(l, at + AHEAD); /* near where the list will be, mostly */
        err = follow_on(&t);
    }
    src->was_ms = src->until_ms;
    return err;
}

enum err lane_cover(struct lane *l, const struct batch *b, const struct lane_out *out) {
    struct batch copy = *b; /* the asofs are read twice */
    struct asof a;
    enum err err = ERR_OK;

    while (err == ERR_OK && batch_next_asof(&copy, &a)) {
        if (a.source < l->source_n)
            err = asof_apply(l, a, out);
    }
    return err;
}

enum err lane_cover_follow(struct lane *l, struct batch *b, const struct lane_out *out) {
    struct asof a;
    enum err err = ERR_OK;

    while (err == ERR_OK && batch_next_asof(b, &a)) {
        struct lane_source *src = a.source < l->source_n ? &l->source[a.source] : NULL;
        if (src != NULL && a.until_ms == src->until_ms)
            err = follow(l, src, out);
    }
    return err;
}

enum err lane_lead_source(struct lane *l, uint16_t source, const struct lane_source *start,
                          const struct lane_out *out) {
    if (source >= l->source_n)
        return ERR_RANGE;
    if (start->since_ms > start->until_ms)
        return ERR_OK;
    const struct asof a = {source, start->since_ms, start->until_ms};
    enum err err = asof_apply(l, a, out);
    return err != ERR_OK ? err : follow(l, &l->source[source], out);
}
