/* What the files of the lane share: one reading's turn at one signal. Private to this room; it
 * decides nothing by itself. */
#ifndef PB_SIGNAL_LANE_PART_H
#define PB_SIGNAL_LANE_PART_H

#include "base/decimal.h"
#include "base/utc.h"
#include "signal/lane.h"

#define LANE_NEVER INT64_MIN
/* |R(x)|: a difference of two never leaves int64. */
#define LANE_SCALED_LIMIT (INT64_C(1) << 62)
/* |microwatts|: 400 MW over a slot of 10 s, doubled, stays within int64. */
#define LANE_POWER_LIMIT_UW INT64_C(400000000000000)
/* A longer limit between two power samples means nothing, and keeps 128-bit products whole. */
#define LANE_POWER_GAP_MAX_MS UTC_DAY_MS
enum { LANE_SLOT_MAX_MS = 10000 };

/* One signal and all that a rule may look at. */
struct turn {
    struct lane *l;
    const struct lane_out *out;
    struct signal_state *s;
    const struct signal_limits *lim;
    struct lane_source *src;
};

struct turn turn_of(struct lane *l, size_t point, const struct lane_out *out);
/* Room for so many signals, and at least so many sources (new ones without coverage). */
enum err lane_part_grow(struct lane *l, size_t signals, size_t sources);
/* Enters a point into the lists of its source. */
void lane_part_link(struct lane *l, size_t point);

static inline int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static inline int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static inline bool run_covers(const struct lane_source *src, int64_t from_ms, int64_t to_ms) {
    return src->since_ms <= from_ms && to_ms <= src->until_ms;
}

static inline enum err turn_entry(const struct turn *t, const struct siglog_entry *e) {
    return t->out->entry(t->out->user, e);
}

static inline void turn_touched(const struct turn *t, int64_t from_ms, int64_t to_ms) {
    t->out->touched(t->out->user, t->s->id, from_ms, to_ms);
}

static inline void turn_verdict(const struct turn *t, enum step_verdict v, int64_t raw,
                                int64_t t_ms) {
    t->out->verdict(t->out->user, t->s->id, v, raw, t_ms);
}

static inline uint8_t quality_flags(uint8_t quality) {
    return quality == QUALITY_UNCERTAIN ? SIGLOG_UNCERTAIN : 0;
}

/* floor(x * num / den); false if it leaves LANE_SCALED_LIMIT. */
bool lane_scale(const struct signal_limits *lim, int64_t x, int64_t *out);
/* INT, or a REAL that is integral and within 2^53. */
bool lane_integral(const struct value *v, int64_t *out);

/* Handlers of one reading. over_gap: records before it will never come, and the signal has a value.
 */
enum err lane_step_reading(const struct turn *t, const struct reading *r, bool over_gap);
enum err lane_state_reading(const struct turn *t, const struct reading *r, bool over_gap);
enum err lane_power_reading(const struct turn *t, const struct reading *r, bool over_gap);

/* A value that is known decoded, told over a gap. */
enum err lane_state_over_gap(const struct turn *t, const struct signal_state *now);
enum err lane_power_over_gap(const struct turn *t, const struct signal_state *now);

/* Logs the open minute, the open slot. */
enum err lane_step_flush(const struct turn *t);
enum err lane_power_flush(const struct turn *t);
/* The lane ends: a held value (of any type; others have none) is judged without its next report. */
enum err lane_step_held_finish(const struct turn *t);

/* Logs the state's open piece up to end_ms, or up to its coverage if that is less; the rest stays
 * open. */
enum err lane_state_close(const struct turn *t, int64_t end_ms);
/* Integrates a held power up to end_ms, or up to its coverage if that is less. */
enum err lane_power_hold(const struct turn *t, int64_t end_ms);

#endif
