/* Nanoseconds of a cell: a week of one unit (state, energy register, good, scrap) computed anew by
 * the hour as jobs do, packed, and added to the fifteen windows it counts in. The best of several
 * rounds, CPU time of this thread. Prints one JSON object. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "window/window.h"

enum { ROUNDS = 40, HOURS = 7 * 24, HOUR_MS = 3600000, WINDOWS = 15 };

static const int64_t start_ms = INT64_C(1790000000000) / 86400000 * 86400000;

static int64_t cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void need(enum err err, const char *what) {
    if (err != ERR_OK) {
        fprintf(stderr, "%s: %s\n", what, err_name(err));
        exit(1);
    }
}

static struct span text_of(void *user, uint32_t word) {
    (void)user;
    (void)word;
    return span_of(NULL, 0);
}

static enum err word_of(void *user, struct span text, uint32_t *id) {
    (void)user;
    (void)text;
    *id = 0;
    return ERR_OK;
}

static void add(struct siglog *log, uint32_t signal, uint8_t kind, int64_t t0, int64_t t1,
                int64_t value) {
    const struct siglog_entry e = {
        .signal = signal, .kind = kind, .t0_ms = t0, .t1_ms = t1, .value = value};
    need(siglog_add(log, &e), "log");
}

/* What the computation of the hour must be given. */
static void fill(struct siglog *log, int64_t hour) {
    siglog_init(log);
    for (int64_t m = hour * 60 - 10; m < hour * 60 + 70; m++) {
        const int64_t t = start_ms + m * 60000;
        add(log, 1, SIGLOG_STATE, t, t + 60000, m / 60 % 3 == 0 ? 4 : 6);
        add(log, 2, SIGLOG_SPAN, t, t + 60000, 200000000 + m % 977);
        add(log, 4, SIGLOG_SPAN, t + 10000, t + 50000, (5 + m % 3) * INT64_C(1000000));
        if (m % 10 == 0)
            add(log, 5, SIGLOG_SPAN, t + 20000, t + 30000, 1000000);
    }
    siglog_canonical(log);
}

/* One press with a state, a register of energy, good and scrap. */
static const struct plant_state_row row[] = {{NULL, 6, MACHINE_RUN}, {NULL, 4, MACHINE_IDLE}};
static const struct plant_ideal ideal[] = {{0, INT64_C(8000000000), INT64_MIN}};
static const struct plant_state_map map = {.row = row, .row_n = 2};
static const struct plant_signal meaning[] = {
    {.role = ROLE_STATE}, {.role = ROLE_ENERGY}, {.role = ROLE_GOOD}, {.role = ROLE_SCRAP}};
static const uint32_t index_of[] = {0, 1, 2, 3};
static const struct cell_signal signals[] = {
    {.signal = 1, .role = ROLE_STATE, .num = 1, .den = 1},
    {.signal = 2, .role = ROLE_ENERGY, .num = 1, .den = 1, .quantum = 1},
    {.signal = 4, .role = ROLE_GOOD, .num = 1, .den = 1, .quantum = 1000000},
    {.signal = 5, .role = ROLE_SCRAP, .num = 1, .den = 1, .quantum = 1000000}};
static const struct plant_unit unit = {.calendar = UINT32_MAX,
                                       .state_source = STATE_MAP,
                                       .micro_stop_ms = 300000,
                                       .assume_order = true,
                                       .default_headcount = 1,
                                       .ideal = ideal,
                                       .ideal_n = 1,
                                       .signal = index_of,
                                       .signal_n = 4};
static const struct plant plant = {.unit = &unit,
                                   .unit_n = 1,
                                   .state_map = &map,
                                   .state_map_n = 1,
                                   .signal = meaning,
                                   .signal_n = 4,
                                   .power_slot_ms = 10000};
static const struct cell_words words = {text_of, word_of, NULL};

struct cost {
    int64_t compute_ns, pack_ns, apply_ns;
    size_t cells;
};

static void apply(struct window *window, const struct cells *cells) {
    const struct window_target target = {.pieces = true};
    for (size_t i = 0; i < cells->n; i++)
        for (unsigned k = 0; k < WINDOWS; k++)
            (void)window_apply(&window[k], &target, &cells->at[i].sums, 1);
}

/* All hours once. */
static struct cost round_of(const struct siglog *log, struct cells *cells, struct buf *bytes) {
    static struct window window[WINDOWS];
    struct cell_input in = {.plant = &plant,
                            .signal = signals,
                            .signal_n = 4,
                            .words = &words,
                            .now_known_ms = INT64_MAX};
    struct cost cost = {0};
    buf_reset(bytes);
    for (int64_t h = 0; h < HOURS; h++) {
        in.entry = log[h].at;
        in.entry_n = log[h].n;
        in.from_ms = start_ms + h * HOUR_MS;
        in.to_ms = in.from_ms + HOUR_MS;
        const int64_t t0 = cpu_ns();
        need(cell_compute(&in, cells), "compute");
        const int64_t t1 = cpu_ns();
        need(cells_pack(cells->at, cells->n, bytes), "pack");
        const int64_t t2 = cpu_ns();
        apply(window, cells);
        cost.compute_ns += t1 - t0;
        cost.pack_ns += t2 - t1;
        cost.apply_ns += cpu_ns() - t2;
        cost.cells += cells->n;
    }
    return cost;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

int main(void) {
    static struct siglog log[HOURS];
    struct cost best = {INT64_MAX, INT64_MAX, INT64_MAX, 0};
    struct cells cells;
    struct buf bytes;
    cells_init(&cells);
    buf_init(&bytes);
    for (int64_t h = 0; h < HOURS; h++)
        fill(&log[h], h);
    for (int round = 0; round < ROUNDS; round++) {
        const struct cost c = round_of(log, &cells, &bytes);
        best = (struct cost){least(best.compute_ns, c.compute_ns), least(best.pack_ns, c.pack_ns),
                             least(best.apply_ns, c.apply_ns), c.cells};
    }
    const long long n = (long long)best.cells;
    printf("{\"cells\": %lld, \"compute_ns\": %lld, \"pack_ns\": %lld, \"apply_ns\": %lld, "
           "\"bytes_a_cell\": %.1f, \"sums_bytes\": %zu}\n",
           n, (long long)best.compute_ns / n, (long long)best.pack_ns / n,
           (long long)best.apply_ns / n, (double)bytes.n / (double)n, sizeof(struct sums));
    for (int64_t h = 0; h < HOURS; h++)
        siglog_fini(&log[h]);
    cells_fini(&cells);
    buf_fini(&bytes);
    return 0;
}
