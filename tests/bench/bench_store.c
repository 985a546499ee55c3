/* What the store costs and holds, with the real core and the real file. Usage, each with the
 * folder, the number of agents and of points of each:
 *
 *   bench_store checkpoint FOLDER AGENTS POINTS ROUNDS     S6: all signals dirty in each
 *   bench_store log FOLDER AGENTS POINTS MINUTES           S4: each signal each second, committed
 *                                                          as the daemon does; see the file
 *   bench_store days FOLDER AGENTS POINTS DAYS PLANT       S10: each signal each minute; the cost
 *                                                          of a reading and the file's MB, by
 *                                                          the hour
 *   bench_store month FOLDER AGENTS POINTS DAYS PLANT      S9: a store that has run so long: cells
 *                                                          and windows as the core packs them,
 *                                                          for the daemon to be started on
 *   bench_store cells FOLDER AGENTS POINTS DAYS PLANT      S11: the cells of so many days alone
 *
 * Each prints one JSON object. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/utc.h"
#include "benchhall/hall.h"
#include "cell/cell.h"

enum { BATCH = 500, CHECKPOINT_MS = 500, HOURS = 2000, ROUNDS_MAX = 200 };
enum { CELL_ROWS = 8000 }; /* of a transaction, some megabytes */

static struct hall_conf conf_of(char **argv, int64_t begun_ms) {
    struct hall_conf conf = {.folder = argv[2],
                             .agents = (unsigned)atoi(argv[3]),
                             .checkpoint_ms = CHECKPOINT_MS,
                             .hours_max = HOURS};
    conf.shape.points = (unsigned)atoi(argv[4]);
    conf.shape.batch = conf.shape.points < BATCH ? conf.shape.points : BATCH;
    conf.shape.begun_ms = begun_ms;
    return conf;
}

static int by_size(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static double median(double *v, unsigned n) {
    qsort(v, n, sizeof *v, by_size);
    return v[n / 2];
}

/* From the first copy to the last commit, nothing else to do for the loop. */
static void checkpoints(char **argv) {
    unsigned rounds = (unsigned)atoi(argv[5]);
    struct hall_conf conf = conf_of(argv, clock_wall_ms() / UTC_HOUR_MS * UTC_HOUR_MS);
    struct hall hall;
    struct hall_cost first, cost;
    double took[ROUNDS_MAX];
    rounds = rounds < ROUNDS_MAX ? rounds : ROUNDS_MAX;
    hall_open(&hall, &conf);
    hall_introduce(&hall);
    hall_take_cost(&hall, &first);
    hall_send(&hall, 1000);
    hall_settle(&hall);
    hall_take_cost(&hall, &first);
    for (unsigned i = 0; i < rounds; i++) {
        hall_send(&hall, 1000);
        int64_t begun = clock_mono_ns();
        hall_settle(&hall);
        took[i] = (double)(clock_mono_ns() - begun) / 1e6;
    }
    hall_take_cost(&hall, &cost);
    double middle = median(took, rounds); /* they are in order from here on */
    printf("{\"signals\": %u, \"rounds\": %u, \"ms\": %.1f, \"longest_ms\": %.1f, "
           "\"commits\": %.1f, \"longest_commit_ms\": %.1f, \"loop_ms\": %.2f, "
           "\"loop_at_once_ms\": %.2f, \"store_cpu_ms\": %.1f, \"mb\": %.2f, "
           "\"first_commit_ms\": %.1f, \"first_at_once_ms\": %.2f}\n",
           conf.agents * conf.shape.points, rounds, middle, took[rounds - 1],
           (double)cost.commits / rounds, cost.longest_commit_ms, cost.loop_ms / rounds,
           cost.longest_ms, cost.store_ms / rounds, (double)cost.bytes / 1e6 / rounds,
           first.longest_commit_ms, first.longest_ms);
    hall_close(&hall);
}

/* At the daemon's own pace of commits. */
static void play(struct hall *h, int64_t ms, int64_t step_ms) {
    for (int64_t at = 0; at < ms; at += step_ms) {
        hall_send(h, step_ms);
        hall_tick(h);
    }
}

static void fill_log(char **argv) {
    int64_t minutes = atoll(argv[5]);
    int64_t end_ms = clock_wall_ms() / UTC_HOUR_MS * UTC_HOUR_MS;
    struct hall_conf conf = conf_of(argv, end_ms - minutes * UTC_MINUTE_MS);
    struct hall hall;
    struct hall_cost cost;
    hall_open(&hall, &conf);
    hall_introduce(&hall);
    play(&hall, minutes * UTC_MINUTE_MS, 1000);
    hall_settle(&hall);
    hall_take_cost(&hall, &cost);
    printf("{\"signals\": %u, \"minutes\": %lld, \"commits\": %llu, \"loop_ms\": %.0f, "
           "\"store_cpu_ms\": %.0f, \"mb\": %.2f}\n",
           conf.agents * conf.shape.points, (long long)minutes, (unsigned long long)cost.commits,
           cost.loop_ms, cost.store_ms, (double)cost.bytes / 1e6);
    hall_close(&hall);
}

/* A minute of a machine that runs, pauses, makes and takes, with what the core books beside it. Now
 * and then it stands, and once a day the line to it is down for a while. */
static bool fill_minute(struct cell *cell, uint32_t unit, int64_t minute) {
    const uint32_t x = (unit * 31 + (uint32_t)minute) * 2654435761U >> 16;
    const uint32_t spell = (unit * 77 + (uint32_t)(minute / 10)) * 2654435761U >> 20;
    const bool stands = spell % 8 == 0, silent = spell % 144 == 1;
    int64_t *q = cell->sums.q;
    if (silent)
        return false;
    *cell = (struct cell){.minute = minute};
    q[QTY_TIME + CAT_DELAY] = stands ? UTC_MINUTE_MS - x % 3000 : x % 9000;
    q[QTY_TIME + CAT_PRODUCTION] = UTC_MINUTE_MS - q[QTY_TIME + CAT_DELAY];
    q[QTY_DELAY + CAUSE_MICRO_STOP] = q[QTY_TIME + CAT_DELAY];
    q[QTY_STOPS] = x % 3 == 0;
    q[QTY_ENERGY + CAT_PRODUCTION] = stands ? 4000000 : 250000000 + x * 1000;
    q[QTY_ENERGY + CAT_DELAY] = stands ? 60000000 + x * 100 : x * 200;
    q[QTY_IMPORT] = q[QTY_TOTAL_ENERGY] =
        q[QTY_ENERGY + CAT_PRODUCTION] + q[QTY_ENERGY + CAT_DELAY];
    q[QTY_UNPRICED_ENERGY] = q[QTY_IMPORT];
    q[QTY_PQ] = q[QTY_GQ] = stands ? 0 : (5 + x % 7) * INT64_C(1000000);
    q[QTY_PQ_UNPRICED] = q[QTY_PQ];
    q[QTY_ORDER_TIME] = q[QTY_COUNT_DUE] = q[QTY_COUNT_SEEN] = UTC_MINUTE_MS;
    q[QTY_ENERGY_DUE] = q[QTY_ENERGY_SEEN] = q[QTY_TOTAL_DUE] = q[QTY_TOTAL_SEEN] = UTC_MINUTE_MS;
    return true;
}

static enum err pack_hour(uint32_t unit, int64_t hour, struct buf *out) {
    struct cell cell[60];
    size_t n = 0;
    for (int64_t m = 0; m < 60; m++)
        n += fill_minute(&cell[n], unit, hour * 60 + m);
    return cells_pack(cell, n, out);
}

static void on_written(void *user, enum err err) {
    bool *done = user;
    *done = err == ERR_OK;
}

static void write_tx(struct hall *h, struct store_tx *tx) {
    bool done = false;
    if (h->store->ops->commit(h->store, tx, on_written, &done))
        exit(1);
    while (!done)
        uv_run(&h->loop, UV_RUN_ONCE);
}

static struct store_tx *new_tx(void) {
    struct store_tx *tx = malloc(sizeof *tx);
    if (!tx)
        exit(1);
    store_tx_init(tx);
    return tx;
}

static uint64_t put_cells(struct hall *h, int64_t from_hour, unsigned hours) {
    struct buf v;
    buf_init(&v);
    struct store_tx *tx = new_tx();
    for (uint32_t u = 0; u < h->plant->unit_n; u++) {
        const struct ident *id = &h->plant->unit[u].id;
        uint8_t key[IDENT_MAX + 5];
        size_t n = strlen(id->s) + 1;
        memcpy(key, id->s, n);
        for (unsigned i = 0; i < hours; i++) {
            int64_t hour = from_hour + i;
            for (unsigned k = 0; k < 4; k++)
                key[n + k] = (uint8_t)(hour >> (24 - 8 * k));
            buf_reset(&v);
            if (pack_hour(u, hour, &v) ||
                store_tx_add(tx, STORE_PUT, STORE_CELL, span_of(key, n + 4), buf_span(&v)))
                exit(1);
        }
        if (tx->n < CELL_ROWS && u + 1 < h->plant->unit_n)
            continue;
        write_tx(h, tx);
        tx = u + 1 < h->plant->unit_n ? new_tx() : NULL;
    }
    buf_fini(&v);
    return (uint64_t)h->plant->unit_n * hours * 60;
}

static void put_windows(struct hall *h, enum window_kind kind, int64_t from_ms, int64_t each_ms,
                        unsigned n) {
    struct buf v;
    buf_init(&v);
    for (uint32_t node = 0; node < h->plant->node_n; node++) {
        struct store_tx *tx = new_tx();
        for (unsigned i = 0; i < n; i++) {
            struct window w = {.key = {.node = core_node_number(h->core, node),
                                       .kind = (uint8_t)kind,
                                       .start_ms = from_ms + i * each_ms},
                               .end_ms = from_ms + (i + 1) * each_ms,
                               .life = WINDOW_SETTLED};
            uint8_t key[WINDOW_KEY_BYTES];
            for (unsigned q = 0; q < QTY_COUNT; q++)
                w.sums.q[q] = (int64_t)(node + q) * 1000003 * (i + 1);
            window_key_pack(&w.key, key);
            buf_reset(&v);
            if (window_pack(&w, &v) ||
                store_tx_add(tx, STORE_PUT, STORE_WINDOW, span_of(key, sizeof key), buf_span(&v)))
                exit(1);
        }
        write_tx(h, tx);
    }
    buf_fini(&v);
}

/* As the core packs them; computing them would take an hour. */
static void month(char **argv) {
    unsigned n = (unsigned)atoi(argv[5]);
    int64_t end_ms = clock_wall_ms() / UTC_DAY_MS * UTC_DAY_MS;
    int64_t from_ms = end_ms - n * UTC_DAY_MS, shift_ms = 8 * UTC_HOUR_MS;
    struct hall_conf conf = conf_of(argv, clock_wall_ms() - UTC_MINUTE_MS);
    struct hall hall;
    conf.plant = argv[6];
    hall_open(&hall, &conf);
    hall_introduce(&hall);
    hall_send(&hall, 1000);
    hall_settle(&hall);
    uint64_t cells = put_cells(&hall, from_ms / UTC_HOUR_MS, n * 24);
    put_windows(&hall, WINDOW_HOUR, from_ms, UTC_HOUR_MS, n * 24);
    /* The shifts of bench.py's plant begin at six. */
    put_windows(&hall, WINDOW_SHIFT, from_ms + 6 * UTC_HOUR_MS, shift_ms, (n - 1) * 3);
    put_windows(&hall, WINDOW_DAY, from_ms, UTC_DAY_MS, n);
    printf("{\"signals\": %u, \"days\": %u, \"cells\": %llu, \"from_ms\": %lld}\n",
           conf.agents * conf.shape.points, n, (unsigned long long)cells, (long long)from_ms);
    hall_close(&hall);
}

static void cells(char **argv) {
    unsigned n = (unsigned)atoi(argv[5]);
    int64_t end_ms = clock_wall_ms() / UTC_DAY_MS * UTC_DAY_MS;
    struct hall_conf conf = conf_of(argv, end_ms);
    struct hall hall;
    conf.plant = argv[6];
    hall_open(&hall, &conf);
    uint64_t all = put_cells(&hall, end_ms / UTC_HOUR_MS - n * 24, n * 24);
    printf("{\"days\": %u, \"cells\": %llu}\n", n, (unsigned long long)all);
    hall_close(&hall);
}

/* With what is not in the file proper yet; 0 if it cannot be looked at. */
static double file_mb(const char *folder) {
    static const char *const part[] = {"plantbus.db", "plantbus.db-wal"};
    char path[4096];
    struct stat s;
    double sum = 0;
    for (unsigned i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, part[i]);
        sum += stat(path, &s) == 0 ? (double)s.st_size / 1e6 : 0;
    }
    return sum;
}

static void days(char **argv) {
    unsigned n = (unsigned)atoi(argv[5]) * 24;
    int64_t end_ms = clock_wall_ms() / UTC_HOUR_MS * UTC_HOUR_MS;
    struct hall_conf conf = conf_of(argv, end_ms - n * UTC_HOUR_MS);
    struct hall hall;
    struct hall_cost cost;
    conf.plant = argv[6];
    hall_open(&hall, &conf);
    hall_introduce(&hall);
    printf("{\"signals\": %u, \"hours\": [", conf.agents * conf.shape.points);
    for (unsigned i = 0; i < n; i++) {
        play(&hall, UTC_HOUR_MS, UTC_MINUTE_MS);
        hall_take_cost(&hall, &cost);
        printf("%s[%.2f, %.2f, %.1f, %.2f]", i ? ", " : "",
               cost.loop_ms * 1e6 / (double)cost.readings,
               cost.store_ms * 1e6 / (double)cost.readings,
               (double)cost.bytes / (double)cost.readings, file_mb(argv[2]));
    }
    printf("]}\n");
    hall_close(&hall);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (argc == 6 && strcmp(what, "checkpoint") == 0) {
        checkpoints(argv);
    } else if (argc == 6 && strcmp(what, "log") == 0) {
        fill_log(argv);
    } else if (argc == 7 && strcmp(what, "days") == 0) {
        days(argv);
    } else if (argc == 7 && strcmp(what, "month") == 0) {
        month(argv);
    } else if (argc == 7 && strcmp(what, "cells") == 0) {
        cells(argv);
    } else {
        fprintf(stderr, "usage: bench_store checkpoint FOLDER AGENTS POINTS ROUNDS\n"
                        "       bench_store log FOLDER AGENTS POINTS MINUTES\n"
                        "       bench_store days FOLDER AGENTS POINTS DAYS PLANT\n"
                        "       bench_store month FOLDER AGENTS POINTS DAYS PLANT\n"
                        "       bench_store cells FOLDER AGENTS POINTS DAYS PLANT\n");
        return 2;
    }
    return 0;
}
