/* S11: how long a back-test takes on the store of a folder. Usage:
 *
 *   bench_backtest FOLDER PLANT RULES FROM_MS TO_MS ROUNDS
 *
 * Prints one JSON object: seconds of each round, by the clock and of the processor, from opening
 * the rules to the last figure, with the pages of the store in the cache of the machine after the
 * first. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "alertfile/alertfile.h"
#include "backtest/backtest.h"
#include "base/clock.h"
#include "benchhall/hall.h"
#include "sqlite/store_sqlite.h"

enum { READ_BYTES_MAX = 64 << 20 };

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    return store_reader_load(user, range, n, READ_BYTES_MAX, done, done_user);
}

static struct alertfile *rules_of(const char *folder, const struct plant *plant) {
    struct conf_report report;
    struct alertfile *rules = NULL;
    struct buf said;
    conf_report_init(&report);
    buf_init(&said);
    if (alertfile_load(folder, plant, NULL, &report, NULL, &rules)) {
        (void)conf_report_format(&report, &said);
        fprintf(stderr, "%.*s", (int)said.n, said.n ? (const char *)said.p : "");
        exit(1);
    }
    buf_fini(&said);
    conf_report_fini(&report);
    return rules;
}

/* Of the whole process, the kernel's part too: others of the machine are not in it. */
static double cpu_s(void) {
    struct rusage r;
    (void)getrusage(RUSAGE_SELF, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static void run(const struct backtest_conf *conf, const struct history_reader *reader,
                unsigned round) {
    const int64_t begun_ns = clock_mono_ns();
    const double begun_cpu_s = cpu_s();
    struct backtest *b = NULL;
    bool more = true;
    unsigned steps = 0;
    int64_t longest_ns = 0;
    if (backtest_open(conf, &b))
        exit(1);
    while (more) {
        const int64_t at_ns = clock_mono_ns();
        if (backtest_step(b, reader, &more))
            exit(1);
        const int64_t took_ns = clock_mono_ns() - at_ns;
        longest_ns = took_ns > longest_ns ? took_ns : longest_ns;
        steps++;
    }
    size_t n = 0;
    uint64_t firings = 0;
    const struct backtest_rule *r = backtest_rules(b, &n);
    for (size_t i = 0; i < n; i++)
        firings += r[i].figures.firings;
    printf("%s{\"seconds\": %.3f, \"cpu_seconds\": %.3f, \"evaluations\": %llu, \"firings\": %llu, "
           "\"steps\": %u, "
           "\"longest_step_ms\": %.1f}",
           round ? ", " : "", (double)(clock_mono_ns() - begun_ns) / 1e9, cpu_s() - begun_cpu_s,
           (unsigned long long)backtest_evaluations(b), (unsigned long long)firings, steps,
           (double)longest_ns / 1e6);
    backtest_close(b);
}

int main(int argc, char **argv) {
    char path[4096];
    if (argc != 7) {
        fprintf(stderr, "usage: bench_backtest FOLDER PLANT RULES FROM_MS TO_MS ROUNDS\n");
        return 2;
    }
    struct plant *plant = hall_plant(argv[2]);
    struct alertfile *rules = rules_of(argv[3], plant);
    struct store_reader *store = NULL;
    (void)snprintf(path, sizeof path, "%s/plantbus.db", argv[1]);
    if (store_reader_open(path, &store))
        return 1;
    const struct history_reader reader = {.load = load, .user = store};
    const struct backtest_conf conf = {
        .plant = plant, .rules = &rules->rules, .from_ms = atoll(argv[4]), .to_ms = atoll(argv[5])};
    printf("{\"rules\": %zu, \"rounds\": [", rules->rules.rule_n);
    for (unsigned i = 0; i < (unsigned)atoi(argv[6]); i++)
        run(&conf, &reader, i);
    printf("]}\n");
    store_reader_close(store);
    alertfile_close(rules);
    plant_close(plant);
    return 0;
}
