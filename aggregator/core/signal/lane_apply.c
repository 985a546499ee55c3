/* Applies records to a lane: who takes a reading, what a key frame does. The rules stand in the
 * head of lane.c. */
#include "signal/lane_part.h"

enum {
    CHUNK = 64 /* readings decoded at once: on the stack, long enough to prefetch the slab */
};

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
    enum err err = lane_cover(l, b, out);

    while (err == ERR_OK && (n = batch_next_chunk(b, room, CHUNK, &r)) > 0) {
        for (size_t i = 0; i < n && l->n > 0; i++)
            lane_prefetch(l, r[i].point);
        for (size_t i = 0; i < n && err == ERR_OK; i++)
            err = take_reading(l, &r[i], out);
    }
    return err != ERR_OK ? err : lane_cover_follow(l, b, out);
}

/* A value that only the key frame told is none of this epoch. */
static void begin_young(struct signal_state *s) {
    if (lane_steps(s->type) && s->flags & SIGNAL_SEEN)
        s->flags |= SIGNAL_YOUNG;
}

enum err lane_step_broken(const struct turn *t, const struct reading *r, bool over_gap) {
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
    return r->quality == QUALITY_BAD ? lane_step_broken(t, r, true) : lane_step_reading(t, r, true);
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
 * not hold again. Counters have steps to be joined (lane_step_broken). */
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
        err = lane_step_broken(t, r, false);
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
        return lane_step_broken(t, r, true);
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
        err = lane_cover(l, &part[i], out);
    after_key(l, n > 0 && part[n - 1].head.kind == BATCH_KEY);
    for (size_t i = 0; i < n && err == ERR_OK; i++)
        err = lane_cover_follow(l, &part[i], out);
    return err;
}
