/* What the store costs and holds, with the real core and the real file. Usage:
 *
 *   bench_store checkpoint FOLDER AGENTS POINTS ROUNDS     S6: all signals dirty in each
 *   bench_store fill FOLDER AGENTS POINTS MINUTES STEP_MS [PLANT]
 *                                                          S4, S9: so long a time, all signals each
 *                                                          STEP_MS; what it takes is the file's
 *   bench_store days FOLDER AGENTS POINTS DAYS STEP_MS PLANT
 *                                                          S10: the cost of a reading, by the hour
 *
 * Each prints one JSON object. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utc.h"
#include "benchhall/hall.h"

enum { BATCH = 500, CHECKPOINT_MS = 500, HOURS = 2000, ROUNDS_MAX = 200 };

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
    printf("{\"signals\": %u, \"rounds\": %u, \"ms\": %.1f, \"longest_ms\": %.1f, "
           "\"commits\": %.1f, \"longest_commit_ms\": %.1f, \"loop_ms\": %.2f, "
           "\"loop_at_once_ms\": %.2f, \"store_cpu_ms\": %.1f, \"mb\": %.2f, "
           "\"first_commit_ms\": %.1f, \"first_at_once_ms\": %.2f}\n",
           conf.agents * conf.shape.points, rounds, median(took, rounds), took[rounds - 1],
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

static void fill(int argc, char **argv) {
    int64_t minutes = atoll(argv[5]), step_ms = atoll(argv[6]);
    int64_t end_ms = clock_wall_ms() / UTC_HOUR_MS * UTC_HOUR_MS;
    struct hall_conf conf = conf_of(argv, end_ms - minutes * UTC_MINUTE_MS);
    struct hall hall;
    struct hall_cost cost;
    conf.plant = argc > 7 ? argv[7] : NULL;
    hall_open(&hall, &conf);
    hall_introduce(&hall);
    play(&hall, minutes * UTC_MINUTE_MS, step_ms);
    hall_settle(&hall);
    hall_take_cost(&hall, &cost);
    printf("{\"signals\": %u, \"minutes\": %lld, \"readings\": %llu, \"cells\": %llu, "
           "\"commits\": %llu, \"loop_ms\": %.0f, \"store_cpu_ms\": %.0f, \"mb\": %.2f}\n",
           conf.agents * conf.shape.points, (long long)minutes, (unsigned long long)cost.readings,
           (unsigned long long)core_stats(hall.core)->cells, (unsigned long long)cost.commits,
           cost.loop_ms, cost.store_ms, (double)cost.bytes / 1e6);
    hall_close(&hall);
}

static void days(char **argv) {
    int64_t step_ms = atoll(argv[6]);
    unsigned n = (unsigned)atoi(argv[5]) * 24;
    int64_t end_ms = clock_wall_ms() / UTC_HOUR_MS * UTC_HOUR_MS;
    struct hall_conf conf = conf_of(argv, end_ms - n * UTC_HOUR_MS);
    struct hall hall;
    struct hall_cost cost;
    conf.plant = argv[7];
    hall_open(&hall, &conf);
    hall_introduce(&hall);
    printf("{\"signals\": %u, \"hours\": [", conf.agents * conf.shape.points);
    for (unsigned i = 0; i < n; i++) {
        play(&hall, UTC_HOUR_MS, step_ms);
        hall_take_cost(&hall, &cost);
        printf("%s[%.2f, %.2f, %.1f]", i ? ", " : "", cost.loop_ms * 1e6 / (double)cost.readings,
               cost.store_ms * 1e6 / (double)cost.readings,
               (double)cost.bytes / (double)cost.readings);
    }
    printf("]}\n");
    hall_close(&hall);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (argc == 6 && strcmp(what, "checkpoint") == 0) {
        checkpoints(argv);
    } else if (argc >= 7 && strcmp(what, "fill") == 0) {
        fill(argc, argv);
    } else if (argc == 8 && strcmp(what, "days") == 0) {
        days(argv);
    } else {
        fprintf(stderr, "usage: bench_store checkpoint FOLDER AGENTS POINTS ROUNDS\n"
                        "       bench_store fill FOLDER AGENTS POINTS MINUTES STEP_MS [PLANT]\n"
                        "       bench_store days FOLDER AGENTS POINTS DAYS STEP_MS PLANT\n");
        return 2;
    }
    return 0;
}
