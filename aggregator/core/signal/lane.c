/* How readings become log entries. Coverage, states, counters, power: the rules, then the record's
 * life.
 *
 * Order. A signal's readings are taken in the order of the stream; their times only say where an
 * amount or a piece lies. All rules depend on the stream alone, so a log does not depend on how the
 * stream was cut into batches (as long as an asof covers the readings of its own batch), on
 * checkpoints, or on which lane took which part.
 *
 * Coverage. A source has one run [since, until]. An asof with since <= until moves until forward,
 * never back; one with since > until is a gap: asof states and held powers end at the old until and
 * start again, with the same value, at since. An advance over LANE_ADVANCE_MAX_MS is a gap, too,
 * and so is a first asof of an epoch that begins just where the run of the epoch before ended: that
 * was another process's, of which a lane of its own would not know. The asofs of a batch are
 * applied before its readings. Sticky states ignore coverage. Of a point that a key frame newly
 * names only the asofs of that record and later ones tell: a run from before that they do not go on
 * from was another process's.
 *
 * STATE. A reading closes the piece before it at its time (or at until, if that is earlier) and
 * opens its own; the same value again changes nothing; a bad one closes and leaves no value. What
 * holds on is logged a day behind the last full hour of the coverage, no piece crosses an hour.
 * What is logged is never rewritten: a reading from before the open piece takes effect at the
 * piece's start. Only a piece begun beyond the coverage (a stamp from the future), or a sticky one
 * where nothing was known before, gives way to an earlier reading, back to what is logged. In a run
 * of the epoch before a reading has no say. A sticky piece that no asof vouched for is logged at
 * most LANE_ADVANCE_MAX_MS back; one that nothing tells of any more, up to the asof of those that
 * knew it.
 *
 * COUNTER, REGISTER. R(x) = floor(x * num / den), in 128 bits: how much ever passed a meter may be
 * beyond 64, only steps are counted. `last` is the last good reading, v the new one, dt the time
 * between. P(a) = "a rise by a is plausible". With a rate stated and dt > 0: a - R's
 * step of one count <= max rate x dt x 1.2 (the one count was on its way when the last reading was
 * taken). Without a rate, or with dt <= 0 (the stamp fell or stood still, which says nothing about
 * the amount): not W(a). In any case a is countable: at most 2^50 for each minute begun of dt > 0
 * (67 GW, a billion pieces), 2^62 at all. wrap(v) and restart(v) give countable amounts, too.
 *
 * W(a) = "a is wildly beyond what the signal did itself", about a hundredfold. L(x) = length of x
 * in bits; the epoch's largest step so far has the length La, its fastest the speed Ls = L(amount)
 * - L(dt). W(a): L(a) >= La + 7 and, for dt > 0, L(a) - L(dt) >= Ls + 7 (dt at least 1 s): larger
 * than 64 to 256 such steps, and as much faster. With no step yet: L(a) >= L(R(last) - R(preset)) +
 * 7, all that was ever counted; at the preset nothing is wild. Only the stream of the epoch
 * decides.
 *
 *   no value yet                                   NONE           last := v
 *   quality bad, not integral                      BAD            nothing
 *   v == last                                      NONE           time := t
 *   v > last, P(R(v) - R(last))                    FORWARD        + R(v) - R(last)
 *   v > last, not P                                GLITCH_HELD    v is held
 *   v < last, dt <= 0                              TIME_BACK      nothing, a late one; last stands
 *   v < last, no rate stated                       GLITCH_HELD    v is held
 *   v < last, wrap(v)                              WRAP           + R(v + M) - R(last)
 *   v < last, v != 0, R(v) > R(preset), restart(v) RESET          + R(v) - R(preset), flag RESET
 *   v < last otherwise (0, the preset, a slip)     GLITCH_HELD    v is held
 *
 *   wrap(v): width declared, 0 <= v, last < M. With a rate stated: P(R(v + M) - R(last)). Without:
 *   the wrapped step a is below M / 10 (so last stood in the last tenth), the epoch has had a step,
 *   and a is not W. An epoch without a step before h is measured by the one that follows h, s:
 *   L(a) < L(s) + 7; what nothing follows is no wrap then.
 *
 *   restart(v): R(v) >= R(preset). With a rate stated: P(R(v) - R(preset)). Without: v is nearer to
 *   the preset than to last.
 *
 *   While h is held, the next reading v with last's dt decides; v is then a step like any other:
 *   h > last, v < h                                GLITCH_BACK    the spike is gone, last stands
 *   h > last, v >= h, P(R(v) - R(last))            (no verdict)   h was true, v's step counts it
 *   h > last, v >= h, h not countable              UNEXPLAINED    nothing; last := h
 *   h > last, v >= h, h's own dt <= 0              FORWARD        + R(h) - R(last); last := h
 *   h > last, v >= h, no rate, and the step from
 *     h to v shows that h is not W after all; with
 *     under 8 steps in the epoch h may also stand,
 *     and W has 14 bits in place of 7              FORWARD        + R(h) - R(last); last := h
 *   h > last, v >= h otherwise                     UNEXPLAINED    nothing; last := h
 *   h < last, v >= last, P(R(v) - R(last)), not
 *     (no rate, wrap(h) or restart(h), h != 0, and
 *     the step from h to v is not W)               GLITCH_BACK    h is dropped, last stands
 *   h < last, no rate, wrap(h)                     WRAP           + R(h + M) - R(last); last := h
 *   h < last, restart(h)                           RESET          + R(h) - R(preset); last := h
 *   h < last otherwise                             UNEXPLAINED    nothing; last := h
 *
 * Epochs. An epoch begins with the value k of its key frame, whatever the one before knows, for it
 * may be read in a lane of its own: without a step to measure by, and the step from k to the first
 * value f that it accepts is none to measure by either. Where the epoch before ended with k, that
 * is all. Where it did not (k is on hold there, or was a late one that fell), the step from k to f
 * is not booked; instead the epoch before goes on to f: f decides what is held and is a step, with
 * that epoch's measure; what it would hold is judged as if nothing followed. An epoch that accepts
 * nothing hands on what was before it; its measure and what it holds then are dropped: the next key
 * frame tells the value again. A key frame that tells no value of it makes f the first one there
 * is: the epoch before goes on to f the same way, over a gap and without its measure. All are the
 * same in one lane and in two (lane_link.c). A lane that ends for good judges what is held as if it
 * stood.
 *
 * Without resets and glitches the amounts sum to R(last) - R(first); none is ever negative.
 * "Nearer": a meter that slips from 50,000 to 49,990 did not start again and count 49,990.
 *
 * Span of a step: (t0, t1], t1 = t; t0 = time of last. A COUNTER whose source vouches for
 * [t - poll, t] rose within that poll: t0 = max(time of last, t - poll); with poll 0 it is an
 * instant. A dropped held value leaves no trace: the span begins at the last good reading. Time
 * that fell or stood while the value rose: an instant at the later of the two times; the next span
 * begins at the new time. A span inside a minute (m, m + 60 s] is added to the open record of that
 * minute, which is logged when another minute (or other flags) comes; a longer one is logged at
 * once, UNDISTRIBUTED beyond gap_limit_ms (0: never). Amounts of 0 are not logged.
 *
 * Late: the owner keeps no minutes before some time (lane_out.least_ms). What ended there is told
 * apart as it is booked; a span or row that ends behind it is moved to begin there, a span marked
 * UNDISTRIBUTED, so that its amount stays whole; power is cut there. States may be logged all the
 * same: the owner does not look.
 *
 * Watched: from the first good value (an event: at once) until a bad one, while the source
 * vouches; a key frame's value that is marked bad is one to step from, not one that was watched.
 * A reading has no say in a run of the epoch before, whatever its time; what a key frame tells
 * was read in that, perhaps, or in records that are lost. A time that lies ahead (stamped so, or
 * moved by a clock step that was told twice) puts that off until the next key frame at most:
 * behind what it covers, all that was not bad is watched. Logged like states, up to each full
 * hour and where the run ends; entries may overlap.
 *
 * POWER. Samples are floored to microwatts. SAMPLED: a trapezoid between neighbours in the stream,
 * both good, no longer apart than gap_limit_ms (0: three polls, at least 60 s; at most a day) and
 * with the run over both. HELD: a rectangle up to the next reading or until. What was integrated is
 * not integrated again. Integrals are doubled and cut at slots by their floored running sum: slots
 * add to the whole exactly. Beyond 400 MW: BAD.
 *
 * GAUGE: the same of millionths of its unit, which may be negative. An integer is floored to them,
 * a real rounded. Beyond 400,000,000 units, or the plausible ones (low, high), it is BAD: nothing
 * is known then.
 *
 * EVENT and INTERVAL are logged as they come.
 *
 * Key frame. In sequence it changes nothing, but that a state is logged up to the reading that it
 * tells: what is told behind it holds from there on, as where another lane begins with it. A sticky
 * value with a stamp from the future holds from LANE_AHEAD_MS behind the key frame on. A state or
 * power that it tells newer was in a record that is lost, whether or not anything followed that.
 * After a gap newer values of counters and registers are steps over it, spans from the last reading
 * to the key's; states and held powers take the key's value from its own time, and what lay between
 * stays unknown; samples begin anew. A fresh lane takes all values: steps and trapezoids go on from
 * them, states hold from max(their time, since), held powers from the until of the key frame's own
 * asof, because the stream before it has logged the rest. So a key frame with the runs as they
 * stand (since = the run's start) makes two lanes log what one would. An older lane that ends
 * before a younger one's start takes that key frame as the one after a gap (lane_lead_*), for the
 * same reason; a reading that was bad counts there as well.
 *
 * Named late. A point may be named first in a later key frame than the lane's first. What is open
 * of it is logged when the first one does not have it; its value stays behind (lane_left.c),
 * finished. The one that names it is a fresh lane's key frame for it, and for a counter or register
 * one after a gap for what stayed behind: it leads up to it, and then the two meet as epochs do.
 * Any other value that stayed behind is told in its place where it knows an older one: an image put
 * back has forgotten what was read since. Where it knows none, nothing is known until the next
 * reading. Where older lanes have not ended, they are led up to it when they do. Events are watched
 * from the coverage of the key frame that names them, whatever lane reads it. A run that a first
 * key frame tells says nothing of what it does not name: that ends with the run it had, sticky or
 * not, where an older lane is led up to it, too.
 *
 * Clock step. States, powers and runs end with their coverage (a sticky value, where the clock
 * falls back, ends at from_ms) and go on at to_ms, and no state was read later than that; the
 * last times of counters move with the clock, so that spans keep their length. Those of powers
 * and gauges do, but never ahead of the clock: else what a key frame tells behind a step told
 * twice is older than what was read before it. A step told twice, or of a time long covered,
 * takes nothing away that was vouched for: the lane of an older epoch would not hear of it. */
#include "signal/lane.h"

#include <assert.h>
#include <stdlib.h>

#include "signal/lane_part.h"

enum { LANE_FIRST = 64 };

void lane_init(struct lane *l, int64_t slot_ms) {
    assert(slot_ms >= 1 && slot_ms <= LANE_SLOT_MAX_MS); /* a configured choice of two */
    *l = (struct lane){.slot_ms = slot_ms};
}

void lane_fini(struct lane *l) {
    free(l->slab);
    free(l->limits_at);
    free(l->limits);
    free(l->source);
    free(l->link);
    *l = (struct lane){.slot_ms = l->slot_ms};
}

bool lane_scale_any(const struct signal_limits *lim, int64_t x, int64_t *out) {
    int64_t y;

    if (lim->num == lim->den) {
        y = x;
    } else if (__builtin_mul_overflow(x, lim->num, &y)) {
        if (decimal_scale(x, lim->num, lim->den, &y) != ERR_OK)
            return false;
    } else if (lim->den != 1) {
        int64_t q = y / lim->den;
        y = q - (y % lim->den < 0);
    }
    if (y > LANE_SCALED_LIMIT || y < -LANE_SCALED_LIMIT)
        return false;
    *out = y;
    return true;
}

i128 lane_total_any(const struct signal_limits *lim, int64_t x) {
    int64_t y;

    if (lim->num == lim->den)
        return x;
    if (!__builtin_mul_overflow(x, lim->num, &y))
        return y / lim->den - (y % lim->den < 0);
    const i128 wide = (i128)x * lim->num;
    return wide / lim->den - (wide % lim->den < 0);
}

bool lane_integral_real(const struct value *v, int64_t *out) {
    const double limit = 9007199254740992.0; /* 2^53 */

    if (v->kind != VALUE_REAL || !(v->as.r >= -limit && v->as.r <= limit))
        return false;
    int64_t whole = (int64_t)v->as.r;
    if ((double)whole != v->as.r)
        return false;
    *out = whole;
    return true;
}

static bool steps(const struct signal_state *s) {
    return lane_steps(s->type);
}

/* Its log grows with the coverage of its source, without a reading. */
static bool follows(const struct signal_state *s) {
    return s->type == POINT_STATE || (lane_slots(s->type) && s->sampling == POINT_HELD);
}

static bool needs_asof(const struct signal_state *s) {
    bool sticky_state = s->type == POINT_STATE && s->flags & SIGNAL_STICKY;

    return s->type != POINT_EVENT && s->type != POINT_INTERVAL && !sticky_state;
}

static enum err grow_signals(struct lane *l, size_t n) {
    size_t cap = l->cap > 0 ? l->cap : LANE_FIRST;

    if (n <= l->cap)
        return ERR_OK;
    while (cap < n)
        cap *= 2;
    struct signal_state *slab = realloc(l->slab, cap * sizeof *slab);
    if (slab == NULL)
        return ERR_NOMEM;
    l->slab = slab;
    uint32_t *limits_at = realloc(l->limits_at, cap * sizeof *limits_at);
    if (limits_at == NULL)
        return ERR_NOMEM;
    l->limits_at = limits_at;
    l->cap = cap;
    return ERR_OK;
}

static enum err grow_sources(struct lane *l, size_t n) {
    if (n <= l->source_n)
        return ERR_OK;
    struct lane_source *source = realloc(l->source, n * sizeof *source);
    if (source == NULL)
        return ERR_NOMEM;
    l->source = source;
    for (; l->source_n < n; l->source_n++)
        source[l->source_n] = (struct lane_source){.since_ms = LANE_NEVER + 1,
                                                   .until_ms = LANE_NEVER,
                                                   .was_ms = LANE_NEVER,
                                                   .hour_ms = LANE_NEVER};
    return ERR_OK;
}

enum err lane_part_grow(struct lane *l, size_t signals, size_t sources) {
    enum err err = grow_signals(l, signals);

    return err != ERR_OK ? err : grow_sources(l, sources);
}

void lane_part_link(struct lane *l, size_t point) {
    struct signal_state *s = &l->slab[point];
    struct lane_source *src = &l->source[s->source];

    src->vouching = src->vouching || needs_asof(s);
    src->unheard = src->unheard || s->unheard;
    s->next = 0;
    if (!follows(s))
        return;
    if (src->last > 0)
        l->slab[src->last - 1].next = (uint32_t)point + 1;
    else
        src->first = (uint32_t)point + 1;
    src->last = (uint32_t)point + 1;
}

static bool limits_legal(const struct signal_state *s, const struct signal_limits *limits) {
    return limits->den > 0 && limits->num != 0 && (limits->num > 0 || !steps(s));
}

enum err lane_put_limits(struct lane *l, uint32_t point, const struct signal_limits *limits) {
    if (point >= l->n || !limits_legal(&l->slab[point], limits))
        return ERR_RANGE;
    return lane_limits_put(l, point, limits);
}

/* What the point table says; the values come from an older lane or not at all. */
static struct signal_state state_of(const struct point *p, uint32_t signal_id,
                                    const struct signal_state *from) {
    struct signal_state s = {.open_t0_ms = LANE_NEVER, .open_t1_ms = LANE_NEVER};

    if (from != NULL)
        s = *from;
    s.id = signal_id;
    s.source = p->source;
    s.type = p->type;
    s.sampling = p->sampling == POINT_HELD ? POINT_HELD : POINT_SAMPLED;
    s.unheard = from == NULL || from->unheard;
    s.width_bits = p->width_bits;
    s.width_digits = p->width_digits;
    s.poll_ms = p->poll_ms;
    s.flags &= (uint8_t)~SIGNAL_STICKY;
    s.flags |= p->sticky ? SIGNAL_STICKY : 0;
    if (from != NULL && lane_steps(p->type) && s.flags & SIGNAL_SEEN)
        s.flags |= SIGNAL_HANDED;
    if (from == NULL && lane_watches(p->type))
        s.watched_ms = LANE_NEVER;
    if (p->type == POINT_EVENT)
        s.flags &= (uint8_t)~SIGNAL_YOUNG; /* it was named before */
    return s;
}

enum err lane_add_signal(struct lane *l, const struct point *p, uint32_t signal_id,
                         const struct signal_limits *limits, const struct signal_state *from,
                         const struct lane_source *from_run) {
    if (from != NULL && from->type != p->type)
        return ERR_STATE;
    struct signal_state s = state_of(p, signal_id, from);
    if (p->type >= POINT_TYPE_COUNT || p->source >= POINT_SOURCE_MAX || !limits_legal(&s, limits))
        return ERR_RANGE;
    enum err err = lane_part_grow(l, l->n + 1, (size_t)p->source + 1);
    if (err == ERR_OK)
        err = lane_limits_put(l, l->n, limits);
    if (err != ERR_OK)
        return err;
    struct lane_source *src = &l->source[p->source];
    if (from_run != NULL && src->until_ms == LANE_NEVER) {
        src->since_ms = from_run->since_ms;
        src->until_ms = from_run->until_ms;
        src->was_ms = from_run->until_ms;
        src->hour_ms = from_run->hour_ms;
        src->handed = true;
    }
    if (from == NULL && p->type == POINT_EVENT) { /* events need no first value to be missed */
        s.flags |= SIGNAL_WATCHED | SIGNAL_YOUNG;
        s.watched_ms = src->until_ms;
    }
    l->slab[l->n] = s;
    lane_part_link(l, l->n++);
    return ERR_OK;
}

int64_t lane_asof_ms(const struct lane *l) {
    int64_t asof = INT64_MAX;

    for (size_t i = 0; i < l->source_n; i++) {
        const struct lane_source *src = &l->source[i];
        if (src->vouching || src->until_ms != LANE_NEVER)
            asof = earlier(asof, src->until_ms);
    }
    return asof == INT64_MAX ? INT64_MIN : asof;
}

int64_t lane_newest_ms(const struct lane *l) {
    int64_t newest = INT64_MIN;

    for (size_t i = 0; i < l->source_n; i++)
        newest = later(newest, l->source[i].until_ms);
    return newest;
}

static bool signal_check(const struct lane *l, const struct signal_state *s) {
    bool open = steps(s) && s->open_value != 0;

    return s->source < l->source_n && s->type < POINT_TYPE_COUNT && s->sampling <= POINT_HELD &&
           (s->flags & ~SIGNAL_FLAGS) == 0 && (s->open_flags & ~SIGLOG_FLAGS) == 0 &&
           s->quality < QUALITY_COUNT && s->next <= l->n &&
           (!open || (s->open_value > 0 && s->open_t0_ms <= s->open_t1_ms)) &&
           (!(s->flags & SIGNAL_WATCHED) || lane_watches(s->type)) &&
           (!lane_slots(s->type) || (s->open_covered_ms >= 0 && s->open_covered_ms <= l->slot_ms));
}

bool lane_check(const struct lane *l) {
    size_t linked = 0, following = 0;

    if (l->n > l->cap || l->slot_ms < 1 || l->slot_ms > LANE_SLOT_MAX_MS)
        return false;
    for (size_t i = 0; i < l->n; i++) {
        if (!signal_check(l, &l->slab[i]))
            return false;
        following += follows(&l->slab[i]);
    }
    for (size_t i = 0; i < l->source_n; i++) {
        for (uint32_t at = l->source[i].first; at != 0 && linked <= following;) {
            const struct signal_state *s = &l->slab[at - 1];
            if (s->source != i)
                return false;
            linked++;
            at = s->next;
        }
    }
    return linked == following;
}
