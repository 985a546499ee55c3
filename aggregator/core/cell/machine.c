/* Machine states that no controller tells: found from power or from pieces.
 *
 * Power. The mean over a slot lies below idle_above (OFF), below run_above (IDLE) or above it
 * (RUN). It falls back through a threshold only by the hysteresis as well; in between it keeps to
 * the side from which it came, which is that of the last slot outside this band. That slot is
 * looked for within an hour; without one, the lower state holds. So a slot's state follows from the
 * hour before it.
 *
 * Counts. Running means that pieces follow each other within n x ideal cycle. Time between two
 * steps of a counter is known afterwards, even if nobody listened: no piece was made. Such a pause
 * up to n x cycle is running, up to an hour a stop; beyond, and after the last piece, nothing is
 * known (a step of amount 0 in the log says that the counter was watched and stood still). A step
 * over more than n x cycle a piece is unknown, too: its pieces were made at some time in it. */
#include <stdlib.h>

#include "cell/work.h"

enum band { BAND_OFF, BAND_OFF_IDLE, BAND_IDLE, BAND_IDLE_RUN, BAND_RUN };

#define DEFAULT_CYCLE_MS UTC_MINUTE_MS /* n x cycle of a product without ideal cycle time */
#define DEFAULT_RUN_FACTOR INT64_C(2000000)
#define PIECE INT64_C(1000000)
#define NS_PER_MS INT64_C(1000000)

uint32_t machine_rank(uint8_t state) {
    /* Production, setup, then delays from the gravest, then standing still; silence last. */
    static const uint8_t rank[MACHINE_STATE_COUNT] = {
        [MACHINE_RUN] = 0,     [MACHINE_SETUP] = 1,      [MACHINE_ENGINEERING] = 2,
        [MACHINE_FAILED] = 3,  [MACHINE_MAINTAINED] = 4, [MACHINE_HELD] = 5,
        [MACHINE_BLOCKED] = 6, [MACHINE_STARVED] = 7,    [MACHINE_SPEED] = 8,
        [MACHINE_STOPPED] = 9, [MACHINE_COMPLETE] = 10,  [MACHINE_IDLE] = 11,
        [MACHINE_OFF] = 12,    [MACHINE_UNKNOWN] = 13,
    };

    return state < MACHINE_STATE_COUNT ? rank[state] : MACHINE_STATE_COUNT;
}

static enum err machine_add(struct work *w, int64_t t0, int64_t t1, enum machine_state state) {
    const struct stretch s = {t0, t1, state, machine_rank((uint8_t)state)};

    return layer_add(&w->machine, &s);
}

static enum band band_of(const struct plant_unit *u, i128 power_uw) {
    const int64_t idle = u->idle_above_uw, run = u->run_above_uw;
    int64_t h = u->power_hysteresis_uw;

    h = h > run - idle ? run - idle : h; /* bands must not overlap */
    h = h < 0 ? 0 : h;
    if (power_uw >= run)
        return BAND_RUN;
    if (power_uw >= (i128)run - h)
        return BAND_IDLE_RUN;
    if (power_uw >= idle)
        return BAND_IDLE;
    return power_uw >= (i128)idle - h ? BAND_OFF_IDLE : BAND_OFF;
}

/* came: the band of the last slot outside this one, or this one itself if there was none. */
static enum machine_state band_state(enum band band, enum band came) {
    switch (band) {
    case BAND_OFF:
        return MACHINE_OFF;
    case BAND_OFF_IDLE:
        return came > band ? MACHINE_IDLE : MACHINE_OFF;
    case BAND_IDLE:
        return MACHINE_IDLE;
    case BAND_IDLE_RUN:
        return came > band ? MACHINE_RUN : MACHINE_IDLE;
    case BAND_RUN:
        return MACHINE_RUN;
    }
    return MACHINE_UNKNOWN;
}

/* Slots of several signals (three phases) that begin together are one: their powers add, the
 * longest cover counts. Gives the index after them. */
static size_t slots_join(const struct work *w, size_t i, i128 *power_uw, int64_t *t1) {
    const int64_t t0 = w->slot[i].t0;

    *power_uw = 0;
    *t1 = t0;
    for (; i < w->slot_n && w->slot[i].t0 == t0; i++) {
        const struct slot *s = &w->slot[i];
        *power_uw += s->value / 2 / (s->t1 - s->t0);
        *t1 = s->t1 > *t1 ? s->t1 : *t1;
    }
    return i;
}

enum err machine_by_power(struct work *w) {
    enum band last = BAND_OFF, came = BAND_OFF;
    int64_t last_t0 = INT64_MIN / 2, came_t0 = INT64_MIN / 2; /* never within the hour */
    enum err e = ERR_OK;

    for (size_t i = 0; i < w->slot_n && e == ERR_OK;) {
        const int64_t t0 = w->slot[i].t0;
        i128 power_uw;
        int64_t t1;
        i = slots_join(w, i, &power_uw, &t1);
        const enum band band = band_of(w->unit, power_uw);
        if (band != last) {
            came = last;
            came_t0 = last_t0;
        }
        last = band;
        last_t0 = t0;
        e = machine_add(w, t0, t1, band_state(band, t0 - came_t0 <= WORK_HISTORY_MS ? came : band));
    }
    return e;
}

int64_t machine_cycle_ms(const struct work *w, uint32_t product_word, int64_t t_ms) {
    const uint32_t product = ideal_product(w->in, product_word);
    const int64_t pri_ns = product == UINT32_MAX ? 0 : ideal_pri_ns(w->unit, product, t_ms);
    const int64_t factor =
        w->unit->run_factor_ppm > 0 ? w->unit->run_factor_ppm : DEFAULT_RUN_FACTOR;

    if (pri_ns <= 0)
        return DEFAULT_CYCLE_MS;
    const i128 ms = (i128)pri_ns * factor / 1000000 / NS_PER_MS;
    return ms > WORK_HISTORY_MS ? WORK_HISTORY_MS : (int64_t)ms;
}

static int counted_compare(const void *a, const void *b) {
    const struct amount *x = a, *y = b;

    if (x->t1 != y->t1)
        return x->t1 < y->t1 ? -1 : 1;
    if (x->t0 != y->t0)
        return x->t0 < y->t0 ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

static enum err counted_span(struct work *w, const struct amount *a, int64_t cycle_ms) {
    if (a->value <= 0)
        return machine_add(w, a->t0, a->t1, MACHINE_STOPPED);
    const int64_t pieces = a->value > PIECE ? a->value : PIECE;
    const bool runs = (i128)(a->t1 - a->t0) * PIECE <= (i128)cycle_ms * pieces;
    return runs ? machine_add(w, a->t0, a->t1, MACHINE_RUN) : ERR_OK;
}

static enum err counted_pause(struct work *w, int64_t t0, int64_t t1, int64_t cycle_ms) {
    if (t1 - t0 > WORK_HISTORY_MS)
        return ERR_OK;
    return machine_add(w, t0, t1, t1 - t0 <= cycle_ms ? MACHINE_RUN : MACHINE_STOPPED);
}

enum err machine_by_counts(struct work *w) {
    const struct plant *p = w->in->plant;
    const struct cell_words *words = w->in->words;
    uint32_t standard = 0; /* word of the default product */
    int64_t last_t1 = INT64_MIN / 2;
    size_t at = 0;
    enum err e = ERR_OK;

    if (w->unit->default_product < p->product_n)
        e = words->word(words->user, span_str(p->product[w->unit->default_product].id.s),
                        &standard);
    if (w->counted_n > 0)
        qsort(w->counted, w->counted_n, sizeof *w->counted, counted_compare);
    for (size_t i = 0; i < w->counted_n && e == ERR_OK; i++) {
        const struct amount *a = &w->counted[i];
        int64_t next = INT64_MAX;
        const struct stretch *s = layer_look(&w->product, &at, a->t1 - 1, &next);
        const int64_t cycle_ms =
            machine_cycle_ms(w, s != NULL ? (uint32_t)s->value : standard, a->t1 - 1);
        e = counted_span(w, a, cycle_ms);
        if (a->value <= 0)
            continue;
        if (e == ERR_OK)
            e = counted_pause(w, last_t1, a->t0, cycle_ms);
        last_t1 = a->t1;
    }
    return e;
}
