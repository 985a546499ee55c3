/* Applies records to a lane: who takes a reading, what an asof or a key frame does. The rules stand
 * in the head of lane.c. */
#include "signal/lane_part.h"

enum {
    CHUNK = 64, /* readings decoded at once: on the stack, long enough to prefetch the slab */
    AHEAD = 8   /* points */
};

static void prefetch(const struct lane *l, size_t point) {
    point = point < l->n ? point : 0;
    __builtin_prefetch(&l->slab[point], 1);
    __builtin_prefetch((const char *)&l->slab[point] + 64, 1);
}

/* EVENT and INTERVAL: a finished thing. A row is never split, whatever hours it crosses. */
static enum err amount_reading(const struct turn *t, const struct reading *r, bool over_gap) {
    bool row = t->s->type == POINT_INTERVAL;
    int64_t amount;

    (void)over_gap;
    t->s->t_ms = r->t_ms;
    t->s->quality = r->quality;
    if (r->quality == QUALITY_BAD || r->v.kind != VALUE_AMOUNT ||
        !lane_scale(t->lim, r->v.as.span.amount, &amount)) {
        turn_verdict(t, STEP_BAD, 0, r->t_ms);
        return ERR_OK;
    }
    struct siglog_entry e = {.signal = t->s->id,
                             .kind = row ? SIGLOG_ROW : SIGLOG_EVENT,
                             .flags = quality_flags(r->quality),
                             .t0_ms = row ? r->t_ms - r->v.as.span.dur_ms : r->t_ms,
                             .t1_ms = r->t_ms,
                             .value = amount,
                             .tag = r->v.as.span.tag};
    if (turn_late(t, e.t1_ms)) {
        turn_unplaced(t, e.t0_ms, e.t1_ms, amount);
        return ERR_OK;
    }
    if (t->out->unplaced != NULL && e.t0_ms < t->out->least_ms) {
        turn_unplaced(t, e.t0_ms, t->out->least_ms, 0);
        e.t0_ms = t->out->least_ms;
    }
    turn_touched(t, e.t0_ms, e.t1_ms);
    return turn_entry(t, &e);
}

static enum err (*const on_reading[POINT_TYPE_COUNT])(const struct turn *, const struct reading *,
                                                      bool) = {
    [POINT_STATE] = lane_state_reading,   [POINT_COUNTER] = lane_step_reading,
    [POINT_REGISTER] = lane_step_reading, [POINT_POWER] = lane_power_reading,
    [POINT_GAUGE] = lane_power_reading,   [POINT_EVENT] = amount_reading,
    [POINT_INTERVAL] = amount_reading,
};

/* --- coverage -----------------------------------------------------------------------------------
 */

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
        prefetch(l, at + AHEAD); /* near where the list will be, mostly */
        err = follow_on(&t);
    }
    src->was_ms = src->until_ms;
    return err;
}

static enum err asofs_apply(struct lane *l, const struct batch *b, const struct lane_out *out) {
    struct batch copy = *b; /* the asofs are read twice */
    struct asof a;
    enum err err = ERR_OK;

    while (err == ERR_OK && batch_next_asof(&copy, &a)) {
        if (a.source < l->source_n)
            err = asof_apply(l, a, out);
    }
    return err;
}

static enum err asofs_follow(struct lane *l, struct batch *b, const struct lane_out *out) {
    struct asof a;
    enum err err = ERR_OK;

    while (err == ERR_OK && batch_next_asof(b, &a)) {
        struct lane_source *src = a.source < l->source_n ? &l->source[a.source] : NULL;
        if (src != NULL && a.until_ms == src->until_ms)
            err = follow(l, src, out);
    }
    return err;
}

/* --- records ------------------------------------------------------------------------------------
 */

_Static_assert(BATCH_WHY_COUNT <= 8, "three bits of signal_state");

static void note_why(struct signal_state *s, const struct reading *r) {
    s->why = (uint8_t)(r->quality == QUALITY_BAD ? batch_why_of(r) : BATCH_WHY_NONE) & 7U;
}

/* In a run of the epoch before a state's reading has no say, nor does that vouch for it. */
static enum err behind_handed(const struct turn *t, const struct reading *r) {
    struct reading own = *r;
    if (t->s->flags & SIGNAL_STICKY)
        t->s->unheard = t->src->unheard = true;
    else
        own.t_ms = later(own.t_ms, t->src->until_ms);
    return lane_state_reading(t, &own, false);
}

static enum err take_reading(struct lane *l, const struct reading *r, const struct lane_out *out) {
    if (r->point >= l->n) {
        out->verdict(out->user, UINT32_MAX, STEP_BAD, 0, r->t_ms);
        return ERR_OK;
    }
    struct turn t = turn_of(l, r->point, out);
    const bool handed = t.s->type == POINT_STATE && t.src->handed;
    enum err err = handed ? behind_handed(&t, r) : on_reading[t.s->type](&t, r, false);
    note_why(t.s, r);
    if (lane_slots(t.s->type) && t.s->flags & SIGNAL_SEEN && t.s->open_t1_ms == LANE_NEVER)
        t.s->open_t1_ms = earlier(r->t_ms, t.src->until_ms); /* known, and by no key frame */
    return err;
}

enum err lane_on_batch(struct lane *l, struct batch *b, const struct lane_out *out) {
    struct reading room[CHUNK];
    const struct reading *r;
    size_t n;
    enum err err = asofs_apply(l, b, out);

    while (err == ERR_OK && (n = batch_next_chunk(b, room, CHUNK, &r)) > 0) {
        for (size_t i = 0; i < n && l->n > 0; i++)
            prefetch(l, r[i].point);
        for (size_t i = 0; i < n && err == ERR_OK; i++)
            err = take_reading(l, &r[i], out);
    }
    return err != ERR_OK ? err : asofs_follow(l, b, out);
}

/* A value that only the key frame told is none of this epoch. */
static void begin_young(struct signal_state *s) {
    if (lane_steps(s->type) && s->flags & SIGNAL_SEEN)
        s->flags |= SIGNAL_YOUNG;
}

/* A counter that reads bad now: the last good value is where its next step begins, but nobody
 * watches it. */
static enum err take_broken(const struct turn *t, const struct reading *r, bool over_gap) {
    const bool watched = t->s->flags & SIGNAL_WATCHED;
    struct reading good = *r;

    good.quality = QUALITY_GOOD;
    enum err err = lane_step_reading(t, &good, over_gap);
    t->s->quality = QUALITY_BAD;
    if (!watched)
        t->s->flags &= (uint8_t)~SIGNAL_WATCHED;
    if (!over_gap)
        begin_young(t->s);
    return err != ERR_OK ? err : lane_watch_end(t, t->src->until_ms);
}

enum err lane_key_over_gap(const struct turn *t, const struct reading *r) {
    return r->quality == QUALITY_BAD ? take_broken(t, r, true) : lane_step_reading(t, r, true);
}

/* What said so may be lost, and no gap told of any more. */
static enum err watch_as_told(const struct turn *t, const struct reading *r) {
    if (r->quality == QUALITY_BAD)
        return lane_watch_end(t, t->src->until_ms);
    if (!(t->s->flags & SIGNAL_WATCHED))
        lane_watch_begin(t, lane_watch_time(t, r->t_ms));
    return ERR_OK;
}

/* As lane_key_over_gap, where the step is an older lane's. */
static enum err watch_over_gap(const struct turn *t, const struct reading *r) {
    if (r->quality != QUALITY_BAD && r->t_ms <= t->s->t_ms)
        return ERR_OK;
    t->s->quality = r->quality;
    if (r->quality == QUALITY_BAD)
        return lane_watch_end(t, t->src->until_ms);
    lane_watch_begin(t, r->t_ms);
    return ERR_OK;
}

/* What the epoch before left, and what the key frame says of it. */
static enum err take_handed(const struct turn *t, const struct reading *r, bool after_gap) {
    struct lane_value key = {.t_ms = r->t_ms};
    enum err err = ERR_OK;

    if (!lane_integral(&r->v, &key.raw))
        return ERR_OK;
    t->s->flags &= (uint8_t)~SIGNAL_HANDED; /* the old epoch's steps still measure this one */
    /* What was left is led up to always so (lane_left.c). */
    const bool over_gap = after_gap || lane_link_keyless(t->l, turn_point(t)) != NULL;
    if (over_gap)
        err = lane_link_leads(t) ? watch_over_gap(t, r) : lane_key_over_gap(t, r);
    if (err == ERR_OK)
        err = lane_link_meet(t, &key, over_gap ? r : NULL);
    if (err == ERR_OK && !over_gap)
        err = watch_as_told(t, r);
    struct lane_link *late = lane_link_keyless(t->l, turn_point(t));
    if (late != NULL && r->quality != QUALITY_BAD)
        lane_watch_begin(t, r->t_ms); /* as of any that is named late */
    if (late != NULL)
        late->flags &= (uint8_t)~LINK_KEYLESS;
    return err;
}

/* The newest reading was bad or not plausible, and the key frame tells of one before it: it does
 * not hold again. Counters have steps to be joined (take_broken). */
static bool is_behind(const struct signal_state *s, const struct reading *r) {
    return !lane_steps(s->type) && s->t_ms > 0 && r->t_ms < s->t_ms;
}

/* A bad total comes with its last good value; a text that says why is none. */
static bool has_total(const struct reading *r) {
    return r->v.kind != VALUE_NONE && r->v.kind != VALUE_TEXT;
}

/* Of a signal that the lane knows nothing of: its value is where the signal begins. */
static enum err take_first(const struct turn *t, const struct reading *r) {
    struct signal_state *s = t->s;
    enum err err;

    if (r->quality == QUALITY_BAD && !(lane_steps(s->type) && has_total(r))) {
        note_why(s, r);
        if (!lane_steps(s->type))
            s->t_ms = later(s->t_ms, r->t_ms); /* an older lane is led up to that, too */
        return ERR_OK;
    }
    if (is_behind(s, r))
        return ERR_OK;
    struct lane_link *late = lane_steps(s->type) ? lane_link_keyless(t->l, turn_point(t)) : NULL;
    if (late != NULL)
        late->flags &= (uint8_t)~LINK_KEYLESS; /* it is no reading of the epoch */
    if (r->quality == QUALITY_BAD) {
        err = take_broken(t, r, false);
    } else {
        err = on_reading[s->type](t, r, false);
        begin_young(s);
        if (lane_steps(s->type) && s->flags & SIGNAL_WATCHED)
            lane_watch_begin(t, r->t_ms);
    }
    if (err != ERR_OK || late == NULL)
        return err;
    if (s->flags & SIGNAL_SEEN)
        return lane_link_key(t, late, r);
    late->flags |= LINK_KEYLESS;
    return ERR_OK;
}

static enum err take_told(const struct turn *t, const struct reading *r, bool after_gap) {
    bool finished = t->s->type == POINT_EVENT || t->s->type == POINT_INTERVAL;
    bool seen = t->s->flags & SIGNAL_SEEN;
    if (seen && t->s->flags & SIGNAL_HANDED && lane_steps(t->s->type))
        return take_handed(t, r, after_gap);
    if (seen && t->s->flags & SIGNAL_HANDED && lane_left_newer(t, r))
        return lane_left_hold(t);
    seen = t->s->flags & SIGNAL_SEEN;
    /* What steps went over the gap with the first reading behind it, were it that no key frame came
     * before; what holds did not, and a key frame tells the same but for that. */
    if (finished || (seen && !after_gap && lane_steps(t->s->type)))
        return ERR_OK;
    if (!seen)
        return take_first(t, r);
    if (r->quality == QUALITY_BAD && lane_steps(t->s->type) && has_total(r))
        return take_broken(t, r, true);
    return on_reading[t->s->type](t, r, true);
}

/* Of a state. What was before is, perhaps, another lane's: it is logged, and nothing told later
 * changes it. A sticky one with a stamp from the future holds from there on at most, and as far as
 * the run vouches that the epoch before left. */
static enum err settle_told(const struct turn *t, int64_t key_ms) {
    struct signal_state *s = t->s;
    const int64_t most_ms = key_ms + LANE_AHEAD_MS, told = earlier(s->t_ms, most_ms);
    enum err err = lane_state_close(t, told);

    s->open_t1_ms = later(s->open_t1_ms, told);
    if (!(s->flags & SIGNAL_SEEN)) {
        s->open_t0_ms = later(s->open_t0_ms, told);
        return err;
    }
    if (!(s->flags & SIGNAL_STICKY))
        return err;
    if (s->open_t0_ms > later(most_ms, s->open_t1_ms)) {
        s->open_t0_ms = s->open_t1_ms = later(most_ms, s->open_t1_ms);
        turn_touched(t, s->open_t0_ms, s->open_t0_ms);
    }
    if (t->src->handed && !s->unheard)
        s->held_t_ms = later(s->held_t_ms, t->src->until_ms);
    return err;
}

static enum err take_key_value(struct lane *l, const struct reading *r, int64_t key_ms,
                               bool after_gap, const struct lane_out *out) {
    if (r->point >= l->n)
        return take_reading(l, r, out);
    const struct turn t = turn_of(l, r->point, out);
    enum err err = take_told(&t, r, after_gap);
    if (err == ERR_OK && t.s->type == POINT_STATE)
        err = settle_told(&t, key_ms);
    return err;
}

/* Of what was left and is named now the key frame knows no value: nothing is known of it. */
static void untold(struct signal_state *s) {
    if (s->flags & SIGNAL_HANDED && !lane_steps(s->type))
        lane_left_forget(s);
}

/* What a key frame's asofs cover is in the log of the stream before it: a held power that the key
 * frame made known is integrated from there on, or as any other, if the frame covers nothing: its
 * time may lie ahead of what is read next. Events that it named are watched from there on, for
 * nobody vouched for them before. States may be told twice, power may not. A value with a time
 * ahead of it is known there, so it is watched, whichever epochs the lane has seen. */
static void after_key(struct lane *l, bool key) {
    for (size_t i = 0; i < l->n; i++) {
        struct signal_state *s = &l->slab[i];
        const int64_t until = l->source[s->source].until_ms;
        if (lane_slots(s->type) && !(s->flags & SIGNAL_SEEN) && s->open_t1_ms == LANE_NEVER && key)
            s->open_t1_ms = LANE_LONG_AGO; /* what makes it known is no first key frame */
        if (lane_slots(s->type) && s->flags & SIGNAL_SEEN && s->open_t1_ms == LANE_NEVER &&
            s->sampling == POINT_HELD)
            s->open_t1_ms = until == LANE_NEVER ? LANE_LONG_AGO : until;
        if (s->type == POINT_EVENT && s->flags & SIGNAL_YOUNG) {
            s->watched_ms = until;
            s->flags &= (uint8_t)~SIGNAL_YOUNG;
        }
        if (s->flags & SIGNAL_WATCHED)
            s->watched_ms = earlier(s->watched_ms, until);
    }
}

enum err lane_on_key_values(struct lane *l, struct batch *part, size_t n, bool after_gap,
                            const struct lane_out *out) {
    struct reading r;
    enum err err = ERR_OK;

    for (size_t i = 0; i < n; i++)
        while (err == ERR_OK && batch_next_reading(&part[i], &r))
            err = take_key_value(l, &r, part[n - 1].head.t_ms, after_gap, out);
    for (size_t i = 0; i < l->n; i++)
        untold(&l->slab[i]);
    for (size_t i = 0; i < n && err == ERR_OK; i++)
        err = asofs_apply(l, &part[i], out);
    after_key(l, n > 0 && part[n - 1].head.kind == BATCH_KEY);
    for (size_t i = 0; i < n && err == ERR_OK; i++)
        err = asofs_follow(l, &part[i], out);
    return err;
}

/* --- led up to a younger lane
 * ----------------------------------------------------------------------
 */

static bool holds_as(const struct signal_state *s, const struct signal_state *start) {
    return s->type == POINT_STATE && start->type == POINT_STATE &&
           s->flags & start->flags & SIGNAL_SEEN && s->raw == start->raw &&
           s->quality == start->quality && ((s->flags ^ start->flags) & SIGNAL_TEXT) == 0;
}

/* As take_key_value: what is newer holds, were it that nothing is known any more; what reads bad
 * gives way to what is good and not from before. */
static bool leads_on(const struct signal_state *s, const struct signal_state *start) {
    const bool seen = s->flags & SIGNAL_SEEN, told = start->flags & SIGNAL_SEEN;

    if (s->type != start->type)
        return false;
    if (lane_steps(s->type))
        return seen && told;
    if (seen && s->type == POINT_STATE && start->t_ms == s->t_ms && start->t_ms != 0)
        return !holds_as(s, start);
    if (seen)
        return start->t_ms > s->t_ms && (told || start->t_ms != 0);
    return told && (s->t_ms <= 0 || start->t_ms >= s->t_ms);
}

/* As take_first: the lane knows nothing of it, and covers what the younger one was told. */
static bool is_first(const struct signal_state *s, const struct signal_state *start) {
    return s->type == start->type && lane_steps(s->type) && !(s->flags & SIGNAL_SEEN) &&
           start->flags & SIGNAL_SEEN;
}

enum err lane_lead_signal(struct lane *l, uint32_t point, const struct signal_state *start,
                          bool after_gap, const struct lane_out *out) {
    if (point >= l->n)
        return ERR_RANGE;
    struct turn t = turn_of(l, point, out);
    if (is_first(t.s, start) && start->quality != QUALITY_BAD)
        lane_watch_begin(&t, start->t_ms);
    if (!leads_on(t.s, start))
        return ERR_OK;
    switch ((enum point_type)t.s->type) {
    case POINT_STATE:
        return lane_state_over_gap(&t, start);
    case POINT_COUNTER:
    case POINT_REGISTER: {
        const struct reading r = {.t_ms = start->t_ms,
                                  .quality = start->quality,
                                  .v = {.kind = VALUE_INT, .as.i = start->raw}};
        if (!after_gap)
            return ERR_OK;                /* lane_link_older joins them */
        if (t.s->flags & SIGNAL_HANDED) { /* as in take_handed: its own steps still measure this */
            t.s->flags &= (uint8_t)~SIGNAL_HANDED;
            lane_link_untold(&t);
        }
        return start->quality == QUALITY_BAD ? take_broken(&t, &r, true)
                                             : lane_step_reading(&t, &r, true);
    }
    case POINT_POWER:
    case POINT_GAUGE:
        return lane_power_over_gap(&t, start);
    case POINT_EVENT:
    case POINT_INTERVAL:
    case POINT_TYPE_COUNT:
        break;
    }
    return ERR_OK;
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

/* A sticky value that the younger lane went on from is that one's from its time on; one that it
 * only named no more holds as far as the older one vouched, were it named late again. */
static int64_t sticky_end(const struct lane_meeting *m, const struct signal_state *start,
                          int64_t from_ms, int64_t vouched_ms) {
    const bool named = m->to < m->young->n;
    const struct signal_state *left = named ? &m->young->slab[m->to] : m->left;
    const bool was_left = left != NULL && left->held_raw == start->open_t0_ms;

    return was_left && (named || holds_as(left, start)) ? later(from_ms, vouched_ms) : from_ms;
}

enum err lane_yield_state(const struct lane_meeting *m, const struct lane_out *out) {
    if (m->at >= m->old->n || m->first >= m->start->n)
        return ERR_RANGE;
    const struct turn t = turn_of(m->old, m->at, out);
    const struct signal_state *start = &m->start->slab[m->first];
    const struct lane_source *run = &m->start->source[start->source];
    const bool sticky = t.s->flags & SIGNAL_STICKY;
    const int64_t vouched = lane_state_vouched(&t);

    if (!holds_as(t.s, start) || (!sticky && run->since_ms > run->until_ms))
        return ERR_OK;
    const int64_t told = sticky ? start->open_t0_ms : later(start->t_ms, run->since_ms);
    const int64_t from = later(told, t.s->open_t0_ms);
    if (from > vouched && !sticky)
        return ERR_OK;
    if (sticky && m->to < m->young->n)
        lane_state_vouch(&m->young->slab[m->to], vouched);
    turn_touched(&t, from, later(from, vouched));
    enum err err = lane_state_close(&t, sticky ? sticky_end(m, start, from, vouched) : from);
    t.s->flags &= (uint8_t)~SIGNAL_SEEN;
    return err;
}
