#include "unit_log.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const struct plant_state_row code_row[] = {
    {NULL, MACHINE_RUN, MACHINE_RUN},
    {NULL, MACHINE_SPEED, MACHINE_SPEED},
    {NULL, MACHINE_HELD, MACHINE_HELD},
    {NULL, MACHINE_BLOCKED, MACHINE_BLOCKED},
    {NULL, MACHINE_STARVED, MACHINE_STARVED},
    {NULL, MACHINE_FAILED, MACHINE_FAILED},
    {NULL, MACHINE_STOPPED, MACHINE_STOPPED},
    {NULL, MACHINE_IDLE, MACHINE_IDLE},
    {NULL, MACHINE_SETUP, MACHINE_SETUP},
    {NULL, MACHINE_MAINTAINED, MACHINE_MAINTAINED},
    {"running", 0, MACHINE_RUN},
};

static struct span text_of(void *user, uint32_t word) {
    const struct unit_log *u = user;
    return word == 0 || word > u->word_n ? span_of(NULL, 0) : span_str(u->word[word - 1]);
}

static enum err word_of(void *user, struct span text, uint32_t *id) {
    struct unit_log *u = user;
    *id = 0;
    if (text.n == 0)
        return ERR_OK;
    for (uint32_t i = 0; i < u->word_n; i++)
        if (span_equal(span_str(u->word[i]), text)) {
            *id = i + 1;
            return ERR_OK;
        }
    cr_assert(u->word_n < UNIT_LOG_WORDS && text.n <= IDENT_MAX);
    memcpy(u->word[u->word_n], text.p, text.n);
    *id = ++u->word_n;
    return ERR_OK;
}

void unit_log_init(struct unit_log *u, enum plant_state_source source) {
    *u = (struct unit_log){0};
    u->product[0].id = (struct ident){"bolt"};
    u->product[1].id = (struct ident){"nut"};
    u->ideal[0] = (struct plant_ideal){0, 1000000000, INT64_MIN};
    u->ideal[1] = (struct plant_ideal){1, 2000000000, INT64_MIN};
    u->map = (struct plant_state_map){
        .id = {"codes"}, .row = code_row, .row_n = sizeof code_row / sizeof code_row[0]};
    u->unit = (struct plant_unit){.id = {"press"},
                                  .calendar = UINT32_MAX,
                                  .state_source = (uint8_t)source,
                                  .micro_stop_ms = 300000,
                                  .assume_order = true,
                                  .default_headcount = -1,
                                  .run_factor_ppm = 3000000,
                                  .ideal = u->ideal,
                                  .ideal_n = 2,
                                  .signal = u->signal_index};
    u->plant = (struct plant){.unit = &u->unit,
                              .unit_n = 1,
                              .product = u->product,
                              .product_n = 2,
                              .state_map = &u->map,
                              .state_map_n = 1,
                              .signal = u->plant_signal,
                              .power_slot_ms = 10000};
    u->words = (struct cell_words){text_of, word_of, u};
    u->known_ms = INT64_MAX;
    siglog_init(&u->log);
    cells_init(&u->cells);
}

void unit_log_fini(struct unit_log *u) {
    siglog_fini(&u->log);
    cells_fini(&u->cells);
    if (u->plant.zone != NULL)
        zone_close(u->plant.zone);
}

uint32_t unit_log_signal(struct unit_log *u, enum plant_role role) {
    const uint32_t id = 100 + (uint32_t)u->signal_n;
    cr_assert(u->signal_n < UNIT_LOG_SIGNALS);
    u->signal[u->signal_n] = (struct cell_signal){
        .signal = id, .role = (uint8_t)role, .num = 1, .den = 1, .quantum = PIECES};
    u->plant_signal[u->signal_n].role = (uint8_t)role;
    u->signal_index[u->signal_n] = (uint32_t)u->signal_n;
    u->plant.signal_n = u->unit.signal_n = ++u->signal_n;
    return id;
}

uint32_t unit_log_word(struct unit_log *u, const char *text) {
    uint32_t id = 0;
    cr_assert_eq(word_of(u, span_str(text), &id), ERR_OK);
    return id;
}

void unit_log_shift(struct unit_log *u, int32_t start_min, int32_t end_min, const int32_t *pair) {
    if (u->plant.zone == NULL)
        cr_assert_eq(zone_open_utc(&u->plant.zone), ERR_OK);
    u->shift = (struct plant_shift){.id = {"day"},
                                    .start_min = start_min,
                                    .end_min = end_min,
                                    .days = 0x7f,
                                    .break_min = pair,
                                    .break_n = pair == NULL ? 0 : 1};
    u->calendar = (struct plant_calendar){
        .id = {"main"}, .from_ms = INT64_MIN, .shift = &u->shift, .shift_n = 1};
    u->plant.calendar = &u->calendar;
    u->plant.calendar_n = 1;
    u->unit.calendar = 0;
}

static void add(struct unit_log *u, const struct siglog_entry *e) {
    cr_assert_eq(siglog_add(&u->log, e), ERR_OK);
}

void log_state(struct unit_log *u, uint32_t signal, int64_t t0, int64_t t1, int64_t code) {
    for (int64_t end; t0 < t1; t0 = end) { /* the log cuts states at hours */
        end = utc_floor(t0, HOUR) + HOUR < t1 ? utc_floor(t0, HOUR) + HOUR : t1;
        add(u, &(struct siglog_entry){.signal = signal, .t0_ms = t0, .t1_ms = end, .value = code});
    }
}

void log_word(struct unit_log *u, uint32_t signal, int64_t t0, int64_t t1, const char *text) {
    add(u, &(struct siglog_entry){.signal = signal,
                                  .flags = SIGLOG_TEXT,
                                  .t0_ms = t0,
                                  .t1_ms = t1,
                                  .value = unit_log_word(u, text)});
}

void log_span(struct unit_log *u, uint32_t signal, int64_t t0, int64_t t1, int64_t amount) {
    add(u, &(struct siglog_entry){
               .signal = signal, .kind = SIGLOG_SPAN, .t0_ms = t0, .t1_ms = t1, .value = amount});
}

void log_event(struct unit_log *u, uint32_t signal, int64_t t, int64_t amount) {
    add(u, &(struct siglog_entry){
               .signal = signal, .kind = SIGLOG_EVENT, .t0_ms = t, .t1_ms = t, .value = amount});
}

void log_row(struct unit_log *u, uint32_t signal, int64_t t0, int64_t t1, int64_t amount,
             int64_t tag) {
    add(u, &(struct siglog_entry){.signal = signal,
                                  .kind = SIGLOG_ROW,
                                  .t0_ms = t0,
                                  .t1_ms = t1,
                                  .value = amount,
                                  .tag = tag});
}

void log_power(struct unit_log *u, uint32_t signal, int64_t t0, int64_t t1, int64_t uw) {
    for (; t0 < t1; t0 += 10000)
        add(u, &(struct siglog_entry){.signal = signal,
                                      .kind = SIGLOG_SLOT,
                                      .t0_ms = t0,
                                      .t1_ms = t0 + 10000,
                                      .value = 2 * uw * 10000});
}

struct cell_input unit_log_input(struct unit_log *u, int64_t from, int64_t to) {
    siglog_canonical(&u->log);
    return (struct cell_input){.plant = &u->plant,
                               .signal = u->signal,
                               .signal_n = u->signal_n,
                               .entry = u->log.at,
                               .entry_n = u->log.n,
                               .words = &u->words,
                               .from_ms = from,
                               .to_ms = to,
                               .now_known_ms = u->known_ms};
}

struct sums unit_log_compute(struct unit_log *u, int64_t from, int64_t to) {
    const struct cell_input in = unit_log_input(u, from, to);
    struct sums sum = {0};
    cr_assert_eq(cell_compute(&in, &u->cells), ERR_OK);
    for (size_t i = 0; i < u->cells.n; i++)
        sums_add(&sum, &u->cells.at[i].sums);
    return sum;
}
