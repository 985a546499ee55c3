/* Power and gauges: the integral of what is sampled (microwatts, millionths of a gauge's unit) over
 * covered time, per slot. The rules stand in the head of lane.c. All integrals are doubled (uW x ms
 * x 2), so that a trapezoid's area is whole. */
#include <math.h>

#include "signal/lane_part.h"

/* What is sampled as a straight line over [t0, t1]. */
struct line {
    int64_t t0, t1;
    int64_t p0, p1; /* microwatts, millionths */
};

/* Twice the integral over [t0, t], floored: pieces cut anywhere sum to the whole. */
static i128 line_integral(const struct line *p, int64_t t) {
    i128 d = t - p->t0, rise = (i128)(p->p1 - p->p0) * d * d;
    int64_t dt = p->t1 - p->t0;
    i128 q = rise / dt;

    return 2 * d * p->p0 + q - (rise % dt < 0);
}

static int64_t line_piece(const struct line *p, int64_t from, int64_t to) {
    if (from == p->t0 && to == p->t1)
        return (p->p0 + p->p1) * (to - from);
    if (p->p0 == p->p1)
        return 2 * p->p0 * (to - from);
    return (int64_t)(line_integral(p, to) - line_integral(p, from));
}

enum err lane_power_flush(const struct turn *t) {
    struct signal_state *s = t->s;

    if (s->open_covered_ms == 0)
        return ERR_OK;
    struct siglog_entry e = {.signal = s->id,
                             .kind = SIGLOG_SLOT,
                             .flags = s->open_flags,
                             .t0_ms = s->open_t0_ms,
                             .t1_ms = s->open_t0_ms + s->open_covered_ms,
                             .value = s->open_value};
    s->open_covered_ms = 0;
    s->open_value = 0;
    return turn_entry(t, &e);
}

/* Makes the slot of `at` the open one. */
static enum err slot_open(const struct turn *t, int64_t at, uint8_t flags) {
    struct signal_state *s = t->s;
    int64_t slot = t->l->slot_ms;

    if (s->open_covered_ms > 0 && s->open_covered_ms < slot && flags == s->open_flags &&
        at >= s->open_t0_ms && at < s->open_t0_ms + slot)
        return ERR_OK;
    enum err err = lane_power_flush(t);
    s->open_t0_ms = utc_floor(at, slot);
    s->open_flags = flags;
    return err;
}

/* Adds [from, to) of the line, slot by slot. A slot never holds more than its own length, so values
 * stay within int64 even where a clock ran twice over the same time. */
static enum err integrate(const struct turn *t, const struct line *p, int64_t from, int64_t to,
                          uint8_t flags) {
    struct signal_state *s = t->s;
    enum err err = ERR_OK;

    if (t->out->unplaced != NULL && from < to && from < t->out->least_ms) {
        int64_t least = earlier(to, t->out->least_ms);
        i128 late = line_integral(p, least) - line_integral(p, from);
        turn_unplaced(t, from, least,
                      s->type == POINT_POWER ? (int64_t)(late / SIGLOG_SLOT_PER_UWH) : 0);
        s->open_t1_ms = from = least;
    }
    if (from >= to)
        return ERR_OK;
    turn_touched(t, from, to);
    for (int64_t at = from; at < to && err == ERR_OK;) {
        err = slot_open(t, at, flags);
        int64_t room = t->l->slot_ms - s->open_covered_ms;
        int64_t end = earlier(earlier(to, s->open_t0_ms + t->l->slot_ms), at + room);
        s->open_value += line_piece(p, at, end);
        s->open_covered_ms += end - at;
        at = end;
    }
    s->open_t1_ms = to;
    return err;
}

enum err lane_power_hold(const struct turn *t, int64_t end_ms) {
    struct signal_state *s = t->s;
    int64_t from = later(later(s->t_ms, s->open_t1_ms), t->src->since_ms);
    int64_t end = earlier(end_ms, t->src->until_ms);

    if (!(s->flags & SIGNAL_SEEN) || s->open_t1_ms == LANE_NEVER || end <= from)
        return ERR_OK; /* NEVER: known by a key frame only, which says nothing of before */
    struct line flat = {from, end, s->scaled, s->scaled};
    return integrate(t, &flat, from, end, quality_flags(s->quality));
}

/* Millionths of the gauge's unit. A real is a decimal number's nearest one: so is what comes out of
 * it, where an integer is floored as everywhere. */
static bool gauge_value(const struct turn *t, const struct reading *r, int64_t *out) {
    const struct signal_limits *lim = t->lim;
    bool fits = false;

    if (r->quality == QUALITY_BAD)
        return false;
    if (r->v.kind == VALUE_REAL) {
        double x = round(r->v.as.r * (double)lim->num / (double)lim->den * 1e6);
        fits = fabs(x) <= (double)LANE_GAUGE_LIMIT;
        *out = fits ? (int64_t)x : 0;
    } else if (r->v.kind == VALUE_INT) {
        i128 x = (i128)r->v.as.i * lim->num, y;
        fits = !__builtin_mul_overflow(x, (i128)1000000, &y);
        y = fits ? y / lim->den - (y % lim->den < 0) : 0;
        fits = fits && y <= LANE_GAUGE_LIMIT && y >= -LANE_GAUGE_LIMIT;
        *out = fits ? (int64_t)y : 0;
    }
    return fits && (lim->low >= lim->high || (*out >= lim->low && *out <= lim->high));
}

static bool power_value(const struct turn *t, const struct reading *r, int64_t *uw) {
    if (r->quality == QUALITY_BAD)
        return false;
    if (r->v.kind == VALUE_REAL) {
        double x = floor(r->v.as.r * (double)t->lim->num / (double)t->lim->den);
        if (!(fabs(x) <= (double)LANE_POWER_LIMIT_UW))
            return false;
        *uw = (int64_t)x;
        return true;
    }
    return r->v.kind == VALUE_INT && lane_scale(t->lim, r->v.as.i, uw) &&
           *uw <= LANE_POWER_LIMIT_UW && *uw >= -LANE_POWER_LIMIT_UW;
}

static int64_t gap_limit(const struct signal_limits *lim, const struct signal_state *s) {
    int64_t limit = lim->gap_limit_ms;

    if (limit <= 0)
        limit = later(3 * (int64_t)s->poll_ms, UTC_MINUTE_MS);
    return earlier(limit, LANE_POWER_GAP_MAX_MS);
}

/* The trapezoid since the last good sample, if there is no gap between; only what was not
 * integrated before. */
static enum err sampled(const struct turn *t, const struct reading *r, int64_t uw) {
    struct signal_state *s = t->s;
    int64_t from = later(s->t_ms, s->open_t1_ms);

    if (!(s->flags & SIGNAL_SEEN) || r->t_ms <= from || r->t_ms - s->t_ms > gap_limit(t->lim, s) ||
        !run_covers(t->src, s->t_ms, r->t_ms))
        return ERR_OK;
    struct line p = {s->t_ms, r->t_ms, s->scaled, uw};
    return integrate(t, &p, from, r->t_ms, quality_flags(s->quality) | quality_flags(r->quality));
}

/* As it was read, for whoever shows a gauge that no plant file names. */
static int64_t gauge_bits(const struct reading *r) {
    double x = r->v.kind == VALUE_INT ? (double)r->v.as.i : r->v.kind == VALUE_REAL ? r->v.as.r : 0;
    int64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

enum err lane_power_reading(const struct turn *t, const struct reading *r, bool over_gap) {
    struct signal_state *s = t->s;
    int64_t uw = 0;
    enum err err = ERR_OK;

    if (over_gap && r->t_ms <= s->t_ms)
        return ERR_OK;
    bool good = s->type == POINT_GAUGE ? gauge_value(t, r, &uw) : power_value(t, r, &uw);
    if (s->sampling == POINT_HELD)
        err = lane_power_hold(t, r->t_ms);
    else if (good && !over_gap)
        err = sampled(t, r, uw);
    s->t_ms = r->t_ms;
    s->quality = r->quality;
    s->scaled = uw;
    s->raw = s->type == POINT_GAUGE ? gauge_bits(r) : r->v.kind == VALUE_INT ? r->v.as.i : uw;
    s->flags &= (uint8_t)~SIGNAL_SEEN;
    s->flags |= good ? SIGNAL_SEEN : 0;
    turn_touched(t, r->t_ms, later(r->t_ms, t->src->until_ms));
    if (!good)
        turn_verdict(t, STEP_BAD, 0, r->t_ms);
    return err;
}

enum err lane_power_over_gap(const struct turn *t, const struct signal_state *now) {
    struct signal_state *s = t->s;
    const bool held = s->sampling == POINT_HELD;
    enum err err = ERR_OK;

    if (held && s->open_t1_ms == LANE_NEVER)
        return ERR_OK; /* known by that key frame only, which says nothing of before */
    if (held)
        err = lane_power_hold(t, now->t_ms);
    s->t_ms = now->t_ms;
    s->quality = now->quality;
    s->scaled = now->scaled;
    s->raw = now->raw;
    s->flags &= (uint8_t)~SIGNAL_SEEN;
    s->flags |= now->flags & SIGNAL_SEEN;
    turn_touched(t, now->t_ms, later(now->t_ms, t->src->until_ms));
    return err;
}

int64_t lane_slots_final_ms(const struct lane *l, uint32_t point) {
    if (point >= l->n || !lane_slots(l->slab[point].type))
        return INT64_MIN;
    const struct signal_state *s = &l->slab[point];
    const struct lane_source *src = &l->source[s->source];
    if (src->since_ms > src->until_ms)
        return INT64_MIN;
    bool waits = s->sampling == POINT_SAMPLED && s->flags & SIGNAL_SEEN &&
                 src->since_ms <= s->t_ms && s->t_ms < src->until_ms &&
                 src->until_ms - s->t_ms <= gap_limit(&l->limits[l->limits_at[point]], s);
    return waits ? s->t_ms : src->until_ms;
}
