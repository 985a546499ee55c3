/* The laws of cells on random logs (DESIGN "The laws", L1 and L2, and purity):
 *   - the categories of every minute sum to a minute;
 *   - energy, carriers and pieces sum to what the log holds, to the last unit;
 *   - what is told of where bookings come from adds up to every cell, to the last digit, and alters
 * none;
 *   - a range computed alone, from only the log that the contract asks for, equals its part of the
 * whole;
 *   - scrap and rework by reason sum to those of the same cells;
 *   - neither the order of entries nor where states were cut matters;
 *   - a change in the log changes nothing beyond the range that the contract names.
 *
 * usage: cell_property [seeds [first seed]] */
#include <stdio.h>
#include <stdlib.h>

#include "cell_world.h"

static void compute(struct world *w, const struct siglog *log, int64_t from, int64_t to,
                    struct cells *out) {
    const struct cell_input in = input_of(w, log, from, to);
    need(cell_compute(&in, out));
}

static bool cell_same(const struct cell *a, const struct cell *b) {
    return a->minute == b->minute && context_equal(&a->ctx, &b->ctx) &&
           sums_equal(&a->sums, &b->sums);
}

/* Cells of b are those of a in [from, to). */
static bool part_same(const struct cells *a, const struct cells *b, int64_t from, int64_t to) {
    size_t k = 0;
    for (size_t i = 0; i < a->n; i++) {
        if (a->at[i].minute < from / MIN || a->at[i].minute >= to / MIN)
            continue;
        if (k == b->n || !cell_same(&a->at[i], &b->at[k++]))
            return false;
    }
    return k == b->n;
}

static void check_sums(const struct world *w, const struct cells *c, uint64_t seed) {
    struct sums sum = {0}, minute = {0};
    for (size_t i = 0; i < c->n; i++) {
        int64_t delay = 0;
        sums_add(&sum, &c->at[i].sums);
        sums_add(&minute, &c->at[i].sums);
        for (unsigned k = 0; k < CAUSE_COUNT; k++)
            delay += c->at[i].sums.q[QTY_DELAY + k];
        if (delay != c->at[i].sums.q[QTY_TIME + CAT_DELAY])
            fail("causes sum to delay", seed);
        if (i + 1 == c->n || c->at[i + 1].minute != c->at[i].minute) {
            if (sums_time(&minute) != MIN)
                fail("L1 a minute's categories sum to a minute", seed);
            minute = (struct sums){0};
        }
    }
    const int64_t *q = sum.q;
    const int64_t pq = q[QTY_PQ] + q[QTY_PQ_UNKNOWN];
    if (sums_time(&sum) != w->to - w->from)
        fail("L1 categories sum to the range", seed);
    if (sums_energy(&sum) != w->energy)
        fail("L2 energy sums to the registers", seed);
    int64_t bought = q[QTY_UNPRICED_ENERGY];
    for (unsigned b = 0; b < BAND_COUNT; b++)
        bought += q[QTY_BAND_ENERGY + b];
    if (bought != w->import || q[QTY_IMPORT] != w->import)
        fail("L2 bands sum to the import", seed);
    if (q[QTY_REACTIVE] != w->reactive)
        fail("L2 reactive energy sums to its register", seed);
    for (unsigned k = 0; k < CARRIER_OTHERS; k++) {
        if (q[QTY_CARRIER + k] != w->carrier[k])
            fail("L2 carriers sum to their meters", seed);
        if (q[QTY_CARRIER_RUN + k] + q[QTY_CARRIER_IDLE + k] > q[QTY_CARRIER + k])
            fail("parts of a carrier are no more than the whole", seed);
    }
    if (pq != w->made)
        fail("L2 pieces sum to the spans", seed);
    if (w->inspected && (q[QTY_INSPECTED] != w->inspected || q[QTY_FIRST_GOOD] != w->passed))
        fail("L2 inspected pieces sum to the spans", seed);
    if (q[QTY_MANNING_SEEN] > q[QTY_MANNING_DUE] || q[QTY_MANNED] > q[QTY_LABOUR] ||
        (q[QTY_MANNING_NORM] > 0 && q[QTY_MANNING_SEEN] == 0))
        fail("who is there is labour, a norm is of time that is known", seed);
    if (q[QTY_LABOUR_WORK] + q[QTY_LABOUR_UNKNOWN] > q[QTY_LABOUR])
        fail("work is labour", seed);
    if (q[QTY_PASS_SEEN] > q[QTY_PASS_DUE] || q[QTY_PLANNED_SCRAP] < 0)
        fail("seen is due, plans are positive", seed);
    if (q[QTY_PQ] != q[QTY_GQ] + q[QTY_SQ] + q[QTY_RQ] ||
        q[QTY_PQ_UNKNOWN] != q[QTY_GQ_UNKNOWN] + q[QTY_SQ_UNKNOWN] + q[QTY_RQ_UNKNOWN])
        fail("PQ = GQ + SQ + RQ", seed);
}

struct told { /* parts of bookings by cell, and a sum of all */
    struct cells cells;
    size_t last; /* the cell found last */
    uint64_t parts, odd;
};

/* A booking for time outside of the range, or of a span outside of its time, would be odd. */
static void on_booked(void *user, const struct cell_source *from, int64_t minute,
                      const struct context *ctx, const struct sums *part) {
    struct told *t = user;
    size_t i = t->last;
    t->parts++;
    t->odd += from->t1_ms < minute * MIN || from->t0_ms > (minute + 1) * MIN;
    if (i >= t->cells.n || t->cells.at[i].minute != minute ||
        !context_equal(&t->cells.at[i].ctx, ctx))
        for (i = 0; i < t->cells.n; i++)
            if (t->cells.at[i].minute == minute && context_equal(&t->cells.at[i].ctx, ctx))
                break;
    if (i == t->cells.n) {
        const struct cell made = {.minute = minute, .ctx = *ctx};
        need(cells_add(&t->cells, &made));
    }
    t->last = i;
    sums_add(&t->cells.at[i].sums, part);
}

static bool all_same(const struct cells *a, const struct cells *b) {
    for (size_t i = 0; i < a->n; i++) {
        size_t k = 0;
        while (k < b->n && !cell_same(&a->at[i], &b->at[k]))
            k++;
        if (k == b->n)
            return false;
    }
    return a->n == b->n;
}

/* Whoever is told where bookings come from is told all of them, each once. */
static void check_trace(struct world *w, const struct cells *whole, uint64_t seed) {
    struct told told = {0};
    struct cells traced;
    struct cell_input in = input_of(w, &w->log, w->from, w->to);
    const struct cell_trace trace = {on_booked, &told};
    cells_init(&traced);
    cells_init(&told.cells);
    in.trace = &trace;
    need(cell_compute(&in, &traced));
    if (!part_same(whole, &traced, w->from, w->to))
        fail("to be asked where bookings come from changes nothing", seed);
    if (!all_same(whole, &told.cells))
        fail("parts told add up to the cells, to the last digit", seed);
    if (told.odd)
        fail("what is booked comes from its time", seed);
    cells_fini(&traced);
    cells_fini(&told.cells);
}

/* Only what the contract says the computation of [from, to) must be given. */
static void log_needed(struct world *w, int64_t from, int64_t to, struct siglog *out) {
    const struct cell_input in = input_of(w, &w->log, from, to);
    cell_widen(&in, &from, &to);
    from -= cell_look_back_ms(&w->plant, 0);
    to += cell_look_ahead_ms(&w->plant, 0);
    out->n = 0;
    for (size_t i = 0; i < w->log.n; i++)
        if (w->log.at[i].t1_ms >= from && w->log.at[i].t0_ms <= to)
            need(siglog_add(out, &w->log.at[i]));
}

/* In known and in unknown time. */
static void check_rejects(struct world *w, const struct siglog *log, int64_t from, int64_t to,
                          const struct cells *c, uint64_t seed) {
    static const enum qty whole[][2] = {
        [CELL_SCRAP] = {QTY_SQ, QTY_SQ_UNKNOWN}, [CELL_REWORK] = {QTY_RQ, QTY_RQ_UNKNOWN}};
    const struct cell_input in = input_of(w, log, from, to);
    struct cell_rejects r = {0};
    int64_t left[2][2] = {{0}};
    need(cell_rejects_add(&in, &r));
    for (size_t i = 0; i < r.n; i++) {
        left[r.at[i].kind][0] -= r.at[i].amount;
        left[r.at[i].kind][1] -= r.at[i].amount_unknown;
    }
    for (size_t i = 0; i < c->n; i++)
        for (unsigned k = 0; k < 4; k++)
            left[k / 2][k % 2] += c->at[i].sums.q[whole[k / 2][k % 2]];
    if (left[0][0] || left[0][1] || left[1][0] || left[1][1])
        fail("reasons sum to scrap and rework", seed);
    cell_rejects_fini(&r);
}

static void check_parts(struct world *w, const struct cells *whole, uint64_t seed) {
    struct siglog log;
    struct cells part;
    siglog_init(&log);
    cells_init(&part);
    for (int64_t t = w->from, end; t < w->to; t = end) {
        end = t + (1 + pick(w, pick(w, 3) == 0 ? 200 : 9)) * MIN;
        end = end < w->to ? end : w->to;
        log_needed(w, t, end, &log);
        compute(w, &log, t, end, &part);
        if (!part_same(whole, &part, t, end))
            fail("a range alone equals its part of the whole", seed);
        check_rejects(w, &log, t, end, &part, seed);
    }
    siglog_fini(&log);
    cells_fini(&part);
}

static void check_order(struct world *w, const struct cells *whole, uint64_t seed) {
    struct siglog log;
    struct cells other;
    siglog_init(&log);
    cells_init(&other);
    for (size_t i = 0; i < w->log.n; i++) {
        struct siglog_entry e = w->log.at[i];
        if (e.kind == SIGLOG_STATE && e.t1_ms - e.t0_ms > 1 && pick(w, 2)) {
            struct siglog_entry front = e;
            front.t1_ms = e.t0_ms = e.t0_ms + 1 + pick(w, e.t1_ms - e.t0_ms - 1);
            need(siglog_add(&log, &front));
        }
        need(siglog_add(&log, &e));
    }
    for (size_t i = log.n; i > 1; i--) {
        const size_t k = (size_t)pick(w, (int64_t)i);
        const struct siglog_entry e = log.at[i - 1];
        log.at[i - 1] = log.at[k];
        log.at[k] = e;
    }
    compute(w, &log, w->from, w->to, &other);
    if (!part_same(whole, &other, w->from, w->to))
        fail("order and cuts do not matter", seed);
    siglog_fini(&log);
    cells_fini(&other);
}

/* Cells of both outside [from, to) are equal. */
static bool outside_same(const struct cells *a, const struct cells *b, int64_t from, int64_t to) {
    size_t i = 0, k = 0;
    for (;;) {
        while (i < a->n && a->at[i].minute >= from / MIN && a->at[i].minute < to / MIN)
            i++;
        while (k < b->n && b->at[k].minute >= from / MIN && b->at[k].minute < to / MIN)
            k++;
        if (i == a->n || k == b->n)
            return i == a->n && k == b->n;
        if (!cell_same(&a->at[i++], &b->at[k++]))
            return false;
    }
}

static void check_change(struct world *w, const struct cells *whole, uint64_t seed) {
    struct siglog log;
    struct cells other;
    siglog_init(&log);
    cells_init(&other);
    size_t gone = (size_t)pick(w, (int64_t)w->log.n);
    for (int i = 0; i < 9 && w->log.at[gone].kind != SIGLOG_STATE; i++)
        gone = (size_t)pick(w, (int64_t)w->log.n);
    const struct siglog_entry *e = &w->log.at[gone];
    for (size_t i = 0; i < w->log.n; i++)
        if (i != gone)
            need(siglog_add(&log, &w->log.at[i]));
    compute(w, &log, w->from, w->to, &other);
    const struct cell_input in = input_of(w, &w->log, w->from, w->to);
    int64_t from = e->t0_ms - cell_look_ahead_ms(&w->plant, 0);
    int64_t to = e->t1_ms + cell_look_back_ms(&w->plant, 0);
    cell_widen(&in, &from, &to);
    if (!outside_same(whole, &other, from, to))
        fail("a change stays within the range that the contract names", seed);
    siglog_fini(&log);
    cells_fini(&other);
}

/* By minute: electricity, and the amount of each carrier. */
struct by_minute {
    int64_t q[RANGE_MIN][CARRIER_COUNT];
};

/* Adds `times` what the unit used. */
static void use_of(struct world *w, uint32_t unit, int64_t times, struct by_minute *out) {
    struct cells c;
    struct cell_input in = input_of(w, &w->log, w->from, w->to);
    cells_init(&c);
    in.unit = unit;
    need(cell_compute(&in, &c));
    for (size_t i = 0; i < c.n; i++) {
        int64_t *q = out->q[c.at[i].minute - w->from / MIN];
        q[CARRIER_ELECTRICITY] += times * sums_energy(&c.at[i].sums);
        for (unsigned k = 0; k < CARRIER_OTHERS; k++)
            q[k] += times * c.at[i].sums.q[QTY_CARRIER + k];
    }
    cells_fini(&c);
}

enum key { BY_WEIGHT, BY_RUN, LESS, LESS_BY_RUN, KEYS };

/* Three units with the log of the world, each of which makes other states of it. */
static void make_units(struct world *w) {
    static const uint32_t other[SHARERS][SHARERS - 1] = {{1, 2}, {0, 2}, {0, 1}};
    for (unsigned u = 0; u < SHARERS; u++) {
        w->sharer[u] = w->unit;
        w->sharer[u].mate = other[u];
        w->sharer[u].mate_n = SHARERS - 1;
        w->sharer[u].state_map = u;
        w->sharer[u].run_above_uw += u * 1000000;
        w->sharer[u].run_factor_ppm *= u + 1;
        w->maps[u] = w->map;
        memcpy(w->rows[u], w->row, sizeof w->row);
        for (unsigned i = 0; i < MACHINE_STATE_COUNT; i++)
            w->rows[u][i].state = w->row[(i + 3 * u) % MACHINE_STATE_COUNT].state;
        w->maps[u].row = w->rows[u];
    }
    w->plant.unit = w->sharer, w->plant.unit_n = SHARERS;
    w->plant.state_map = w->maps, w->plant.state_map_n = SHARERS;
}

/* What the three have, less the whole of the meter and what is theirs without it. */
static void parts_less_whole(struct world *w, struct plant_meter *m, struct by_minute *out) {
    const struct plant_meter all = *m;
    *out = (struct by_minute){0};
    for (uint32_t u = 0; u < SHARERS; u++)
        use_of(w, u, 1, out);
    *m = (struct plant_meter){.unit = all.unit, .weight = all.weight, .unit_n = 1};
    use_of(w, 0, -1, out); /* all of it */
    use_of(w, 1, -1, out);
    use_of(w, 2, -1, out);
    *m = all;
}

/* Of a meter that is split whole, the sums of all minutes; what is taken off is the second unit's.
 */
static void check_split(struct world *w, enum key key, struct plant_meter *m, uint64_t seed) {
    static struct by_minute left, own; /* large */
    int64_t sum[CARRIER_COUNT] = {0};
    parts_less_whole(w, m, &left);
    own = (struct by_minute){0};
    const size_t n = m->unit_n;
    m->unit_n = 1, m->by_run = false; /* the second has nothing of it */
    const size_t less_n = m->less_n;
    m->less_n = 0;
    use_of(w, 1, 1, &own);
    m->unit_n = n, m->by_run = key == BY_RUN || key == LESS_BY_RUN, m->less_n = less_n;
    for (unsigned i = 0; i < RANGE_MIN; i++)
        for (unsigned k = 0; k < CARRIER_COUNT; k++) {
            const int64_t v = left.q[i][k];
            sum[k] += v;
            if (key != BY_RUN && v != 0 && (less_n == 0 || v != -own.q[i][k]))
                fail("L2 parts of a shared meter sum to it in every minute", seed);
        }
    for (unsigned k = 0; k < CARRIER_COUNT; k++)
        if (key == BY_RUN && sum[k] != 0)
            fail("L2 parts of a shared meter sum to it", seed);
}

/* One of the unit's signals becomes that of a meter which three units share: in every minute their
 * parts sum to what one unit alone would have of it, whatever the key. */
static void check_shared(struct world *w, uint64_t seed) {
    static const uint32_t id[] = {0, 1, 2}, less[] = {1};
    const int64_t weight[] = {1 + pick(w, 9), 1 + pick(w, 1000), 1 + pick(w, 3)};
    size_t at = (size_t)pick(w, (int64_t)w->signal_n);
    while (!plant_role_is_shared((enum plant_role)w->signal[at].role))
        at = (at + 1) % w->signal_n; /* each world has a register of energy */
    w->signal[at].meter = w->plant_signal[at].meter = 1;
    make_units(w);
    for (unsigned key = 0; key < KEYS; key++) {
        struct plant_meter meter = {.unit = id, .weight = weight, .unit_n = SHARERS, .less = less};
        struct cells whole;
        meter.by_run = key == BY_RUN || key == LESS_BY_RUN;
        meter.rest = (uint32_t)pick(w, SHARERS);
        meter.less_n = key >= LESS;
        w->plant.meter = &meter, w->plant.meter_n = 1;
        check_split(w, (enum key)key, &meter, seed);
        cells_init(&whole);
        compute(w, &w->log, w->from, w->to, &whole);
        check_parts(w, &whole, seed);
        check_order(w, &whole, seed);
        for (int i = 0; i < 4; i++)
            check_change(w, &whole, seed);
        cells_fini(&whole);
    }
    w->plant.meter = NULL, w->plant.meter_n = 0;
}

static void run(uint64_t seed) {
    static struct world w; /* large; of this program only */
    struct cells whole;
    world_init(&w, seed);
    cells_init(&whole);
    compute(&w, &w.log, w.from, w.to, &whole);
    check_sums(&w, &whole, seed);
    check_trace(&w, &whole, seed);
    check_parts(&w, &whole, seed);
    check_order(&w, &whole, seed);
    for (int i = 0; i < 10; i++)
        check_change(&w, &whole, seed);
    check_shared(&w, seed);
    cells_fini(&whole);
    world_fini(&w);
}

int main(int argc, char **argv) {
    const uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 40;
    const uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    for (uint64_t i = 0; i < n; i++)
        run(first + i);
    printf("cell_property: %llu seeds, all laws hold\n", (unsigned long long)n);
    return 0;
}
