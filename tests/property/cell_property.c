/* The laws of cells on random logs (DESIGN "The laws", L1 and L2, and purity):
 *   - the categories of every minute sum to a minute;
 *   - energy, carriers and pieces sum to what the log holds, to the last unit;
 *   - what is told of where bookings come from adds up to every cell, to the last digit, and alters
 * none;
 *   - a range computed alone, from only the log that the contract asks for, equals its part of the
 * whole;
 *   - neither the order of entries nor where states were cut matters;
 *   - a change in the log changes nothing beyond the range that the contract names.
 *
 * usage: cell_property [seeds [first seed]] */
#include <stdio.h>
#include <stdlib.h>

#include "cell/cell.h"

#define DAY0 INT64_C(1780272000000) /* 2026-06-01T00:00:00Z */
#define MIN UTC_MINUTE_MS
#define SEC UTC_SECOND_MS
#define HOUR UTC_HOUR_MS
#define PIECE INT64_C(1000000)

enum { WORDS = 32, SIGNALS = 28, RANGE_MIN = 480 };

struct world {
    uint64_t random;
    int64_t scales; /* durations come from so many scales: worlds of short ones and of long ones */
    struct plant plant;
    struct plant_unit unit;
    struct plant_product product[2];
    struct plant_ideal ideal[2];
    struct plant_state_map map;
    struct plant_state_row row[MACHINE_STATE_COUNT];
    struct plant_calendar calendar;
    struct plant_shift shift[2];
    struct plant_stop stop;
    int32_t pause[2];
    struct plant_signal plant_signal[SIGNALS];
    uint32_t signal_index[SIGNALS];
    struct cell_signal signal[SIGNALS];
    size_t signal_n;
    char word[WORDS][IDENT_MAX + 1];
    uint32_t word_n;
    struct cell_words words;
    struct siglog log;
    int64_t from, to;
    struct plant_tariff tariff;
    struct plant_band_time band[3];
    struct plant_factor factor[CARRIER_OTHERS][2];
    i128 energy, import, reactive, made, inspected, passed,
        carrier[CARRIER_OTHERS]; /* in the log */
};

static void fail(const char *law, uint64_t seed) {
    printf("FAIL seed=%llu law=%s\n", (unsigned long long)seed, law);
    exit(1);
}

static void need(enum err e) {
    if (e != ERR_OK) {
        printf("FAIL err=%s\n", err_name(e));
        exit(1);
    }
}

/* xorshift64*, G. Marsaglia, S. Vigna. */
static uint64_t roll(struct world *w) {
    w->random ^= w->random >> 12;
    w->random ^= w->random << 25;
    w->random ^= w->random >> 27;
    return w->random * UINT64_C(2685821657736338717);
}

static int64_t pick(struct world *w, int64_t below) {
    return (int64_t)((roll(w) >> 11) % (uint64_t)below);
}

static struct span text_of(void *user, uint32_t word) {
    const struct world *w = user;
    return word == 0 || word > w->word_n ? span_of(NULL, 0) : span_str(w->word[word - 1]);
}

static enum err word_of(void *user, struct span text, uint32_t *id) {
    struct world *w = user;
    *id = 0;
    if (text.n == 0)
        return ERR_OK;
    for (*id = 1; *id <= w->word_n; ++*id)
        if (span_equal(span_str(w->word[*id - 1]), text))
            return ERR_OK;
    if (w->word_n == WORDS || text.n > IDENT_MAX)
        return ERR_NOMEM;
    memcpy(w->word[w->word_n++], text.p, text.n);
    return ERR_OK;
}

static uint32_t signal_add(struct world *w, enum plant_role role) {
    const uint32_t id = 7 + (uint32_t)w->signal_n;
    w->signal[w->signal_n] = (struct cell_signal){
        .signal = id, .role = (uint8_t)role, .num = 1, .den = 1, .quantum = PIECE};
    w->plant_signal[w->signal_n].role = (uint8_t)role;
    w->signal_index[w->signal_n] = (uint32_t)w->signal_n;
    w->plant.signal_n = w->unit.signal_n = ++w->signal_n;
    return id;
}

static void add(struct world *w, struct siglog_entry e) {
    need(siglog_add(&w->log, &e));
}

static void add_state(struct world *w, uint32_t signal, int64_t t0, int64_t t1, int64_t value,
                      uint8_t flags) {
    for (int64_t end; t0 < t1; t0 = end) {
        end = utc_floor(t0, HOUR) + HOUR < t1 ? utc_floor(t0, HOUR) + HOUR : t1;
        add(w, (struct siglog_entry){
                   .signal = signal, .flags = flags, .t0_ms = t0, .t1_ms = end, .value = value});
    }
}

static int64_t duration(struct world *w) {
    static const int64_t scale[] = {3 * SEC, 20 * SEC, 2 * MIN, 8 * MIN, 90 * MIN};
    return 1 + pick(w, scale[pick(w, w->scales)]);
}

/* Stops and idling are what history decides. */
static int64_t any_state(struct world *w) {
    static const uint8_t often[] = {MACHINE_RUN, MACHINE_HELD, MACHINE_IDLE, MACHINE_IDLE};
    return pick(w, 2) ? often[pick(w, 4)] : pick(w, MACHINE_STATE_COUNT);
}

static void make_states(struct world *w, uint32_t signal) {
    for (int64_t t = w->from - 3 * HOUR, t1; t < w->to + 3 * HOUR; t = t1) {
        t1 = t + duration(w);
        if (pick(w, 8) > 0)
            add_state(w, signal, t, t1, any_state(w), 0);
    }
    for (int64_t i = pick(w, 6); i > 0; i--) { /* imports that overlap */
        const int64_t t = w->from + pick(w, RANGE_MIN) * MIN;
        add(w, (struct siglog_entry){.signal = signal,
                                     .kind = SIGLOG_ROW,
                                     .t0_ms = t,
                                     .t1_ms = t + duration(w),
                                     .tag = pick(w, MACHINE_STATE_COUNT)});
    }
}

static void make_words(struct world *w, uint32_t signal, const char *const *text, int64_t n) {
    for (int64_t t = w->from - 3 * HOUR, t1; t < w->to + 3 * HOUR; t = t1) {
        uint32_t id = 0;
        t1 = t + duration(w) + pick(w, 30 * MIN);
        need(word_of(w, span_str(text[pick(w, n)]), &id));
        if (pick(w, 10) > 0)
            add_state(w, signal, t, t1, id, SIGLOG_TEXT);
    }
}

/* Spans one after the other, now and then a pause; some over many minutes. All inside the range. */
static i128 make_spans(struct world *w, uint32_t signal, int64_t most) {
    i128 sum = 0;
    for (int64_t t = w->from + pick(w, 5 * MIN), t1; t < w->to - 2 * MIN; t = t1) {
        t1 = t + duration(w);
        t1 = t1 < w->to ? t1 : w->to;
        const int64_t amount = pick(w, most) * (pick(w, 4) > 0);
        if (pick(w, 6) > 0) {
            add(w, (struct siglog_entry){.signal = signal,
                                         .kind = SIGLOG_SPAN,
                                         .flags = pick(w, 9) == 0 ? SIGLOG_UNDISTRIBUTED : 0,
                                         .t0_ms = t,
                                         .t1_ms = t1,
                                         .value = amount});
            sum += amount;
        }
    }
    return sum;
}

static void make_power(struct world *w, uint32_t signal) {
    int64_t watt = 3000;
    for (int64_t t = w->from - 2 * HOUR; t < w->to + 2 * HOUR; t += 10 * SEC) {
        watt += pick(w, 801) - 400;
        watt = watt < 0 ? 0 : watt > 9000 ? 9000 : watt;
        const int64_t covered = pick(w, 9) == 0 ? pick(w, 10 * SEC) : 10 * SEC;
        if (covered > 0 && pick(w, 20) > 0)
            add(w, (struct siglog_entry){.signal = signal,
                                         .kind = SIGLOG_SLOT,
                                         .t0_ms = t,
                                         .t1_ms = t + covered,
                                         .value = 2 * watt * 1000000 * covered + pick(w, 99)});
    }
}

static void make_plant(struct world *w) {
    need(zone_open_utc(&w->plant.zone));
    w->product[0].id = (struct ident){"bolt"};
    w->product[1].id = (struct ident){"nut"};
    w->product[0].planned_scrap_ppm = pick(w, 2) * 33333;
    w->ideal[0] = (struct plant_ideal){0, 1000000000 + pick(w, 1000000000), INT64_MIN};
    w->ideal[1] = (struct plant_ideal){1, 20000000000, INT64_MIN};
    for (uint8_t i = 0; i < MACHINE_STATE_COUNT; i++)
        w->row[i] = (struct plant_state_row){NULL, i, i};
    w->map = (struct plant_state_map){.row = w->row, .row_n = MACHINE_STATE_COUNT};
    w->pause[0] = 500, w->pause[1] = 530;
    w->shift[0] = (struct plant_shift){.id = {"early"},
                                       .start_min = 360,
                                       .end_min = 700,
                                       .days = 0x7f,
                                       .break_min = w->pause,
                                       .break_n = 1};
    w->shift[1] =
        (struct plant_shift){.id = {"late"}, .start_min = 710, .end_min = 60, .days = 0x7f};
    w->stop = (struct plant_stop){w->from + pick(w, HOUR), w->from + 2 * HOUR, "service"};
    w->calendar = (struct plant_calendar){.id = {"main"},
                                          .from_ms = INT64_MIN,
                                          .shift = w->shift,
                                          .shift_n = 2,
                                          .stop = &w->stop,
                                          .stop_n = 1};
    w->unit = (struct plant_unit){.id = {"press"},
                                  .calendar = pick(w, 4) == 0 ? UINT32_MAX : 0,
                                  .state_source = (uint8_t)pick(w, 5),
                                  .idle_above_uw = INT64_C(2000000000),
                                  .run_above_uw = INT64_C(4000000000),
                                  .power_hysteresis_uw = INT64_C(900000000),
                                  .micro_stop_ms = pick(w, 3) * 150 * SEC,
                                  .run_factor_ppm = 3000000,
                                  .total_has_scrap = pick(w, 2),
                                  .assume_order = pick(w, 2),
                                  .default_headcount = pick(w, 4) - 1,
                                  .crew_before = pick(w, 3),
                                  .crew_weight = 1 + pick(w, 4),
                                  .crew_sum = pick(w, 2) * 7,
                                  .ideal = w->ideal,
                                  .ideal_n = 2,
                                  .signal = w->signal_index};
    w->plant.unit = &w->unit, w->plant.unit_n = 1;
    w->plant.product = w->product, w->plant.product_n = 2;
    w->plant.state_map = &w->map, w->plant.state_map_n = 1;
    w->plant.calendar = &w->calendar, w->plant.calendar_n = 1;
    w->plant.signal = w->plant_signal;
    w->plant.power_slot_ms = 10000;
    for (unsigned c = 0; c < CARRIER_OTHERS; c++) {
        w->factor[c][0] = (struct plant_factor){INT64_MIN, pick(w, 20000000), pick(w, 3000000)};
        w->factor[c][1] = (struct plant_factor){w->from + pick(w, RANGE_MIN) * MIN,
                                                pick(w, 20000000), pick(w, 9) - 1};
        w->plant.carrier[c] = (struct plant_carrier){
            .unit = "m3", .base = "um3", .num = 1, .den = 1, .factor = w->factor[c], .factor_n = 2};
    }
    for (int i = 0; i < 3; i++)
        w->band[i] = (struct plant_band_time){(uint8_t)pick(w, BAND_COUNT), (uint8_t)pick(w, 128),
                                              (int32_t)pick(w, 1440), (int32_t)pick(w, 1440)};
    w->tariff = (struct plant_tariff){.from_ms = w->from + pick(w, 100) * MIN,
                                      .price = {7, 5, 3, 1},
                                      .time = w->band,
                                      .time_n = 3};
    w->plant.tariff = &w->tariff;
    w->plant.tariff_n = (size_t)pick(w, 2);
    w->words = (struct cell_words){text_of, word_of, w};
}

static void make_control(struct world *w) {
    static const char *const execution[] = {"ACTIVE", "READY", "Wait", "FEED_HOLD", "odd"};
    static const char *const mode[] = {"PRODUCTION", "SETUP", "MAINTENANCE"};
    static const char *const stop[] = {"ARMED", "TRIGGERED"};
    static const char *const there[] = {"AVAILABLE", "AVAILABLE", "UNAVAILABLE"};
    make_words(w, signal_add(w, ROLE_STATE), execution, 5);
    if (pick(w, 2))
        make_words(w, signal_add(w, ROLE_FUNCTIONAL_MODE), mode, 3);
    if (pick(w, 2))
        make_words(w, signal_add(w, ROLE_EMERGENCY_STOP), stop, 2);
    if (pick(w, 3) == 0)
        make_words(w, signal_add(w, ROLE_AVAILABILITY), there, 3);
}

static void make_log(struct world *w) {
    static const char *const order[] = {"", "a-1", "a-2"}, *const product[] = {"bolt", "nut", "x"};
    static const char *const team[] = {"red", "blue"};
    if (w->unit.state_source == STATE_MTCONNECT)
        make_control(w);
    else
        make_states(w, signal_add(w, ROLE_STATE));
    if (pick(w, 2))
        make_words(w, signal_add(w, ROLE_ORDER), order, 3);
    if (pick(w, 2))
        make_words(w, signal_add(w, ROLE_PRODUCT), product, 3);
    if (pick(w, 3) == 0)
        make_words(w, signal_add(w, ROLE_TEAM), team, 2);
    for (int64_t i = pick(w, 3); i > 0; i--)
        make_power(w, signal_add(w, ROLE_POWER));
    for (int64_t i = 1 + pick(w, 2); i > 0; i--)
        w->import += make_spans(w, signal_add(w, ROLE_ENERGY), INT64_C(300000000));
    w->energy = w->import;
    if (pick(w, 4) == 0) {
        w->energy += make_spans(w, signal_add(w, ROLE_GENERATION), INT64_C(300000000));
        w->energy -= make_spans(w, signal_add(w, ROLE_EXPORT), INT64_C(300000000));
    }
    if (pick(w, 3) == 0)
        w->reactive += make_spans(w, signal_add(w, ROLE_REACTIVE), INT64_C(300000000));
    for (int64_t i = pick(w, 3); i > 0; i--) {
        const int64_t c = pick(w, CARRIER_OTHERS);
        w->carrier[c] += make_spans(w, signal_add(w, (enum plant_role)(ROLE_GAS + c)), 5 * PIECE);
    }
    if (pick(w, 4) > 0)
        w->made += make_spans(w, signal_add(w, ROLE_TOTAL), 90 * PIECE);
    else
        w->made += make_spans(w, signal_add(w, ROLE_GOOD), 90 * PIECE);
    if (pick(w, 2)) { /* adds pieces only if they are not contained in what was counted */
        const i128 scrap = make_spans(w, signal_add(w, ROLE_SCRAP), 3 * PIECE);
        const bool contained =
            w->unit.total_has_scrap && w->made > 0 && w->signal[w->signal_n - 2].role == ROLE_TOTAL;
        w->made += contained ? 0 : scrap;
    }
    if (pick(w, 3) == 0) {
        w->inspected = make_spans(w, signal_add(w, ROLE_INSPECTED), 90 * PIECE);
        w->passed = make_spans(w, signal_add(w, ROLE_PASSED), 80 * PIECE);
    }
    siglog_canonical(&w->log);
}

static struct cell_input input_of(struct world *w, const struct siglog *log, int64_t from,
                                  int64_t to) {
    return (struct cell_input){.plant = &w->plant,
                               .signal = w->signal,
                               .signal_n = w->signal_n,
                               .entry = log->at,
                               .entry_n = log->n,
                               .words = &w->words,
                               .from_ms = from,
                               .to_ms = to,
                               .now_known_ms = INT64_MAX};
}

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

static void run(uint64_t seed) {
    static struct world w; /* large; of this program only */
    struct cells whole;
    w = (struct world){.random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1};
    w.from = DAY0 + pick(&w, 24) * HOUR;
    w.to = w.from + RANGE_MIN * MIN;
    w.scales = 3 + pick(&w, 3);
    siglog_init(&w.log);
    cells_init(&whole);
    make_plant(&w);
    make_log(&w);
    compute(&w, &w.log, w.from, w.to, &whole);
    check_sums(&w, &whole, seed);
    check_trace(&w, &whole, seed);
    check_parts(&w, &whole, seed);
    check_order(&w, &whole, seed);
    for (int i = 0; i < 10; i++)
        check_change(&w, &whole, seed);
    siglog_fini(&w.log);
    cells_fini(&whole);
    zone_close(w.plant.zone);
}

int main(int argc, char **argv) {
    const uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 40;
    const uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    for (uint64_t i = 0; i < n; i++)
        run(first + i);
    printf("cell_property: %llu seeds, all laws hold\n", (unsigned long long)n);
    return 0;
}
