/* How large a step a counter can make: by the rate that the plant file states, else by what the
 * signal did itself. The rules P and W stand in the head of lane.c.
 *
 * Lengths in bits stand for sizes: a byte each in the slab, the same on every machine, and a
 * hundredfold needs no more. */
#include "signal/lane_part.h"

enum { WILD_BITS = 7, SPEED_BASE = 64, STEP_LEAST_MS = 1000 };

static int bits(i128 x) {
    const uint64_t high = (uint64_t)(x >> 64), low = (uint64_t)x;

    if (x <= 0)
        return 0;
    return high != 0 ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll(low);
}

bool lane_rate_countable(struct lane_step step) {
    if (step.amount > LANE_SCALED_LIMIT)
        return false;
    return step.dt_ms <= 0 ||
           step.amount <= (i128)LANE_MINUTE_LIMIT * (1 + step.dt_ms / UTC_MINUTE_MS);
}

/* L(amount) - L(dt), above 0 for every legal step. */
static int speed(struct lane_step step) {
    return SPEED_BASE + bits(step.amount) - bits(later(step.dt_ms, STEP_LEAST_MS));
}

/* amount <= max rate x dt x 1.2. One count more is always allowed: it was on its way when the last
 * one was read. 1.2 / 3,600,000 ms = 1 / 3,000,000. */
static bool within_rate(const struct signal_limits *lim, struct lane_step step) {
    i128 allowed = (i128)lim->max_rate_per_h * step.dt_ms;

    if (step.amount * 3000000 <= allowed)
        return true;
    int64_t one = lim->num / lim->den + (lim->num % lim->den != 0);
    return (step.amount - one) * 3000000 <= allowed;
}

static bool wild(const struct turn *t, i128 from, struct lane_step step,
                 const struct lane_step *least) {
    int most = t->s->most_amount, fastest = t->s->most_rate, beyond = WILD_BITS;

    if (least != NULL) { /* it stayed: few steps are a poor measure for losing an amount */
        beyond = lane_rate_knows(t->s) ? WILD_BITS : 2 * WILD_BITS;
        most = bits(least->amount) > most ? bits(least->amount) : most;
        fastest = speed(*least) > fastest ? speed(*least) : fastest;
    }
    if (most > 0)
        return bits(step.amount) >= most + beyond &&
               (step.dt_ms <= 0 || speed(step) >= fastest + beyond);
    const i128 preset = lane_total(t->lim, t->lim->preset);
    return from > preset && bits(step.amount) >= bits(from - preset) + WILD_BITS;
}

bool lane_rate_believes(const struct turn *t, i128 from, struct lane_step step,
                        const struct lane_step *least) {
    if (!lane_rate_countable(step))
        return false;
    if (t->lim->max_rate_per_h > 0 && step.dt_ms > 0)
        return within_rate(t->lim, step);
    return !wild(t, from, step, least);
}

bool lane_rate_alike(i128 amount, i128 other) {
    return bits(amount) < bits(other) + WILD_BITS;
}

void lane_rate_learn(struct signal_state *s, struct lane_step step) {
    if (step.dt_ms <= 0 || step.amount <= 0)
        return; /* no time to measure by */
    if (bits(step.amount) > s->most_amount)
        s->most_amount = (uint8_t)bits(step.amount);
    if (speed(step) > s->most_rate)
        s->most_rate = (uint8_t)speed(step);
    if (s->steps < LANE_STEPS_ENOUGH)
        s->steps++;
}

void lane_rate_forget(struct signal_state *s) {
    s->most_amount = s->most_rate = s->steps = 0;
}
