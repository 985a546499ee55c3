#include "cell_world.h"

#include <stdio.h>
#include <stdlib.h>

void fail(const char *law, uint64_t seed) {
    printf("FAIL seed=%llu law=%s\n", (unsigned long long)seed, law);
    exit(1);
}

void need(enum err e) {
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

int64_t pick(struct world *w, int64_t below) {
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

static void make_products(struct world *w) {
    w->product[0].id = (struct ident){"bolt"};
    w->product[1].id = (struct ident){"nut"};
    w->product[0].planned_scrap_ppm = pick(w, 2) * 33333;
    w->ideal[0] = (struct plant_ideal){0, 1000000000 + pick(w, 1000000000), INT64_MIN};
    w->ideal[1] = (struct plant_ideal){1, 20000000000, INT64_MIN};
    for (uint8_t i = 0; i < MACHINE_STATE_COUNT; i++)
        w->row[i] = (struct plant_state_row){NULL, i, i};
    w->map = (struct plant_state_map){.row = w->row, .row_n = MACHINE_STATE_COUNT};
    w->plant.product = w->product, w->plant.product_n = 2;
    w->plant.state_map = &w->map, w->plant.state_map_n = 1;
}

static void make_calendar(struct world *w) {
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
    w->plant.calendar = &w->calendar, w->plant.calendar_n = 1;
}

static void make_unit(struct world *w) {
    w->manning[0] = (struct plant_manning){pick(w, 4), INT64_MIN};
    w->manning[1] = (struct plant_manning){pick(w, 3), w->from + pick(w, RANGE_MIN) * MIN};
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
                                  .manning = w->manning,
                                  .manning_n = 2,
                                  .ideal = w->ideal,
                                  .ideal_n = 2,
                                  .signal = w->signal_index};
    w->plant.unit = &w->unit, w->plant.unit_n = 1;
}

static void make_energy(struct world *w) {
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
}

/* In this order: what is picked depends on it. */
static void make_plant(struct world *w) {
    need(zone_open_utc(&w->plant.zone));
    make_products(w);
    make_calendar(w);
    make_unit(w);
    make_energy(w);
    w->plant.signal = w->plant_signal;
    w->plant.power_slot_ms = 10000;
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

struct cell_input input_of(struct world *w, const struct siglog *log, int64_t from, int64_t to) {
    struct cell_input in = {.plant = &w->plant,
                            .signal = w->signal,
                            .signal_n = w->signal_n,
                            .entry = log->at,
                            .entry_n = log->n,
                            .words = &w->words,
                            .from_ms = from,
                            .to_ms = to,
                            .now_known_ms = INT64_MAX};
    if (w->plant.meter_n == 0)
        return in;
    for (uint32_t u = 0; u < SHARERS; u++) {
        w->mate[u] = in;
        w->mate[u].unit = u;
    }
    in.mate = w->mate;
    in.mate_n = SHARERS;
    return in;
}

void world_init(struct world *w, uint64_t seed) {
    *w = (struct world){.random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1};
    w->from = DAY0 + pick(w, 24) * HOUR;
    w->to = w->from + RANGE_MIN * MIN;
    w->scales = 3 + pick(w, 3);
    siglog_init(&w->log);
    make_plant(w);
    make_log(w);
}

void world_fini(struct world *w) {
    siglog_fini(&w->log);
    zone_close(w->plant.zone);
}
