/* What the files of the lane share: one reading's turn at one signal. Private to this room; it
 * decides nothing by itself. */
#ifndef PB_SIGNAL_LANE_PART_H
#define PB_SIGNAL_LANE_PART_H

#include "base/decimal.h"
#include "base/utc.h"
#include "signal/lane.h"

#define LANE_NEVER INT64_MIN
#define LANE_LONG_AGO (-(INT64_C(1) << 45)) /* the oldest time that a checkpoint takes */
/* An amount that is logged: a sum of two never leaves int64. */
#define LANE_SCALED_LIMIT (INT64_C(1) << 62)
/* More than this a minute no unit moves, whatever is counted: 67 GW, 10^9 pieces, kg or m3. */
#define LANE_MINUTE_LIMIT (INT64_C(1) << 50)
/* |microwatts|: 400 MW over a slot of 10 s, doubled, stays within int64. */
#define LANE_POWER_LIMIT_UW INT64_C(400000000000000)
/* |millionths| of a gauge's unit: the same. */
#define LANE_GAUGE_LIMIT INT64_C(400000000000000)
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

static inline struct turn turn_of(struct lane *l, size_t point, const struct lane_out *out) {
    struct signal_state *s = &l->slab[point];

    return (struct turn){l, out, s, &l->limits[l->limits_at[point]], &l->source[s->source]};
}

/* Room for so many signals, and at least so many sources (new ones without coverage). */
enum err lane_part_grow(struct lane *l, size_t signals, size_t sources);
/* Room for so many links. */
enum err lane_part_links(struct lane *l, size_t n);
/* Gives a point its limits; the lane has room for the point. ERR_NOMEM: unchanged. */
enum err lane_limits_put(struct lane *l, size_t point, const struct signal_limits *limits);
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

/* Whether nothing before t has minutes any more. */
static inline bool turn_late(const struct turn *t, int64_t t_ms) {
    return t->out->unplaced != NULL && t_ms <= t->out->least_ms;
}

static inline void turn_unplaced(const struct turn *t, int64_t from_ms, int64_t to_ms,
                                 int64_t amount) {
    t->out->unplaced(t->out->user, t->s->id, from_ms, to_ms, amount);
}

static inline void lane_prefetch(const struct lane *l, size_t point) {
    point = point < l->n ? point : 0;
    __builtin_prefetch(&l->slab[point], 1);
    __builtin_prefetch((const char *)&l->slab[point] + 64, 1);
}

static inline void lane_covered(const struct lane_out *out, int64_t from_ms, int64_t to_ms) {
    if (from_ms < to_ms)
        out->covered(out->user, from_ms, to_ms);
}

static inline void turn_verdict(const struct turn *t, enum step_verdict v, int64_t raw,
                                int64_t t_ms) {
    t->out->verdict(t->out->user, t->s->id, v, raw, t_ms);
}

static inline uint8_t quality_flags(uint8_t quality) {
    return quality == QUALITY_UNCERTAIN ? SIGLOG_UNCERTAIN : 0;
}

bool lane_scale_any(const struct signal_limits *lim, int64_t x, int64_t *out);
bool lane_integral_real(const struct value *v, int64_t *out);

/* floor(x * num / den); false if it leaves LANE_SCALED_LIMIT. */
static inline bool lane_scale(const struct signal_limits *lim, int64_t x, int64_t *out) {
    int64_t y;

    if (lim->den != 1 || __builtin_mul_overflow(x, lim->num, &y) || y > LANE_SCALED_LIMIT ||
        y < -LANE_SCALED_LIMIT)
        return lane_scale_any(lim, x, out);
    *out = y;
    return true;
}

/* R(x) = floor(x * num / den) of a total, whatever x. How much ever passed a meter is no amount: it
 * may be beyond int64, only the steps between two of them are counted. */
i128 lane_total_any(const struct signal_limits *lim, int64_t x);
static inline i128 lane_total(const struct signal_limits *lim, int64_t x) {
    int64_t y;

    if (lim->den != 1 || __builtin_mul_overflow(x, lim->num, &y))
        return lane_total_any(lim, x);
    return y;
}

/* INT, or a REAL that is integral and within 2^53. */
static inline bool lane_integral(const struct value *v, int64_t *out) {
    if (v->kind != VALUE_INT)
        return lane_integral_real(v, out);
    *out = v->as.i;
    return true;
}

/* Whether a counter can have risen by amount from the value `from` (R of it) in dt_ms; `least`,
 * when not NULL, is the step that came after it: the rise was not taken back. */
struct lane_step {
    i128 amount;
    int64_t dt_ms;
};
bool lane_rate_believes(const struct turn *t, i128 from, struct lane_step step,
                        const struct lane_step *least);
/* Whether anything can have risen by it, and a log can hold it. No other amount is booked. */
bool lane_rate_countable(struct lane_step step);
/* Amounts alone, whatever the time between: less than about a hundred times the other. */
bool lane_rate_alike(i128 amount, i128 other);
/* The step was believed: later ones are measured by it. */
void lane_rate_learn(struct signal_state *s, struct lane_step step);
void lane_rate_forget(struct signal_state *s);
static inline bool lane_rate_learned(const struct signal_state *s) {
    return s->most_amount > 0;
}
/* Enough steps to call untrue what stays, although nothing follows it. */
enum { LANE_STEPS_ENOUGH = 8 };
static inline bool lane_rate_knows(const struct signal_state *s) {
    return s->steps >= LANE_STEPS_ENOUGH;
}

/* Handlers of one reading. over_gap: records before it will never come, and the signal has a value.
 */
enum err lane_step_reading(const struct turn *t, const struct reading *r, bool over_gap);
enum err lane_state_reading(const struct turn *t, const struct reading *r, bool over_gap);
enum err lane_power_reading(const struct turn *t, const struct reading *r, bool over_gap);

/* What a batch's asofs cover: before its readings, and, with the same batch, behind them. */
enum err lane_cover(struct lane *l, const struct batch *b, const struct lane_out *out);
enum err lane_cover_follow(struct lane *l, struct batch *b, const struct lane_out *out);

/* A counter that reads bad now: the last good value is where its next step begins, but nobody
 * watches it. */
enum err lane_step_broken(const struct turn *t, const struct reading *r, bool over_gap);
/* A key frame's value of a counter or register, over a gap. */
enum err lane_key_over_gap(const struct turn *t, const struct reading *r);
/* What a younger lane's key frame said of the signal, newer than what is known: a value, or that
 * there is none any more. */
enum err lane_state_over_gap(const struct turn *t, const struct signal_state *now);
enum err lane_power_over_gap(const struct turn *t, const struct signal_state *now);

/* The key frame tells no value: it is as of any that nothing is known of. */
void lane_left_forget(struct signal_state *s);
/* Of a value that was left (no counter's) and is HANDED: whether it is newer than what the key
 * frame tells. If not, the signal is as of any that is named late. */
bool lane_left_newer(const struct turn *t, const struct reading *r);
/* The key frame tells of a time before it: that value holds, as if it were told. */
enum err lane_left_hold(const struct turn *t);

/* A counter's value. */
struct lane_value {
    int64_t raw, t_ms;
    uint8_t flags; /* SIGLOG_UNCERTAIN or 0 */
};
/* The one whose first value is to come. NULL: its epoch meets no other one, or has met it. */
struct lane_link *lane_link_find(const struct lane *l, uint32_t point);
enum err lane_link_add(struct lane *l, const struct lane_link *k);
/* The one whose key frame's value is to come, or NULL. */
struct lane_link *lane_link_keyless(const struct lane *l, uint32_t point);
/* The value came, and was taken as a fresh lane's: what was left leads up to it. */
enum err lane_link_key(const struct turn *t, struct lane_link *k, const struct reading *r);
/* It will not come: a reading is there, and what was left, or is in an older lane, leads up to it.
 */
void lane_link_recall(const struct turn *t);
/* The same of a signal that goes on from an epoch which accepted nothing: it waits as that one did.
 */
void lane_link_untold(const struct turn *t);
/* A reading came before any key frame's value of what the epoch before handed on: that leads up to
 * it over a gap, as it does where it is in an older lane. *led: the reading's own step does, and
 * may be told as it is; else the link's. ERR_NOMEM. */
enum err lane_link_handed(const struct turn *t, bool *led);
/* The next epoch does not name the point s: what its older lane holds is judged as it is left. */
void lane_link_left(struct lane_link *k, struct signal_state *s);
/* The one that waits for the end of an older lane, or NULL. */
struct lane_link *lane_link_waiting(const struct lane *l, uint32_t point);
static inline uint32_t turn_point(const struct turn *t) {
    return (uint32_t)(t->s - t->l->slab);
}
/* The first value of the epoch was accepted. */
enum err lane_link_first(const struct turn *t, struct lane_link *k, const struct lane_value *first);
/* A counter that was handed on from the epoch before hears what the key frame says of it. */
/* over_gap: s was led up to it so, and an older lane's value will be; NULL: it was not. */
enum err lane_link_meet(const struct turn *t, const struct lane_value *key,
                        const struct reading *over_gap);
/* Before that, over a gap: whether the older lane's value will be led up to the key frame's, which
 * is not known here. Led so already, it ends there, and s goes on from it. */
bool lane_link_leads(const struct turn *t);
/* Books what the first value adds to the key frame's after all. */
enum err lane_link_settle(const struct turn *t, struct lane_link *k);
/* Logs what the link holds of the younger epoch, as if it were over. */
enum err lane_link_tell(const struct turn *t, const struct lane_link *k);
void lane_link_moved(const struct lane *l, uint32_t point, int64_t by_ms);
/* Booked as one step of the open or its own record: lane_step.c. */
enum err lane_step_book(const struct turn *t, int64_t t0, int64_t t1, int64_t amount,
                        uint8_t flags);
/* Logs a BREAK that has all but its values: those of the raw ones. */
enum err lane_step_break(const struct turn *t, struct siglog_entry *e, int64_t before,
                         int64_t after);
/* From the state t->s to that value, which nothing follows. */
enum err lane_step_bridge(const struct turn *t, const struct lane_value *to);

/* Logs the open minute, the open slot. */
enum err lane_step_flush(const struct turn *t);
enum err lane_power_flush(const struct turn *t);
/* The lane ends: a held value (of any type; others have none) is judged without its next report. */
enum err lane_step_held_finish(const struct turn *t);

/* Up to where its source vouches for it, or of a sticky one an older lane's did. */
int64_t lane_state_vouched(const struct turn *t);
/* An older lane's source vouched for a sticky state up to there: it holds as far at least. Nothing
 * behind a clock step, that time is another one's. */
void lane_state_vouch(struct signal_state *s, int64_t until_ms);
/* Logs the state's open piece up to end_ms, or up to its coverage if that is less; the rest stays
 * open. */
enum err lane_state_close(const struct turn *t, int64_t end_ms);
/* Counters, registers, events: a good value came at t, from then on silence is telling; a bad one
 * ends that. */
void lane_watch_begin(const struct turn *t, int64_t t_ms);
enum err lane_watch_end(const struct turn *t, int64_t t_ms);
/* Of a reading of that time: a run of the epoch before ended as it ended, nothing of this one moves
 * what was watched in it. */
int64_t lane_watch_time(const struct turn *t, int64_t t_ms);
/* Logs what was watched up to end_ms, or up to its coverage if that is less. */
enum err lane_watch_log(const struct turn *t, int64_t end_ms);
/* The same for all signals of a source; they go on at since_ms if that is later. */
enum err lane_watch_log_all(struct lane *l, uint16_t source, int64_t end_ms, int64_t since_ms,
                            const struct lane_out *out);
bool lane_watches(uint8_t type);
/* Counters and registers: totals, of which the steps count. */
static inline bool lane_steps(uint8_t type) {
    return type == POINT_COUNTER || type == POINT_REGISTER;
}
/* Powers and gauges: integrated over slots. */
static inline bool lane_slots(uint8_t type) {
    return type == POINT_POWER || type == POINT_GAUGE;
}
/* Integrates a held power or gauge up to end_ms, or up to its coverage if that is less. */
enum err lane_power_hold(const struct turn *t, int64_t end_ms);

#endif
