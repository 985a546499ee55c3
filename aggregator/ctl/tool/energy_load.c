/* plantbus energy load: the load duration curve of a node, from complete quarters of an hour alone.
 * One that was not measured all the time would lie too low in the curve: it is counted as missing.
 */
#include "ctl/energy_load.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/energy_blocks.h"
#include "ctl/energy_source.h"

struct load {
    struct energy_source source;
    const char *zone, *contract;
    struct args_texts above;
    int64_t limit_uw[ARGS_TEXTS_MAX], contract_uw; /* 0: no contract */
    bool csv;
    struct blocks blocks;
    int64_t from_ms, to_ms; /* whole quarters that are asked for */
    size_t missing, partly; /* without a complete block; of them: measured in part */
};

static int fail(const char *why, int code) {
    fprintf(stderr, "plantbus: %s\n", why);
    return code;
}

/* --- what is asked ------------------------------------------------------------------------------
 */

static int take_kw(const char *option, const char *text, int64_t *out) {
    int64_t uw = 0;
    if (decimal_parse(span_str(text), 9, &uw) == ERR_OK && uw > 0) {
        *out = uw;
        return CTL_OK;
    }
    fprintf(stderr, "plantbus: --%s %s: expected kW above 0\n", option, text);
    return CTL_USAGE;
}

static int take_limits(struct load *l, const char *node) {
    int code = CTL_OK;
    for (size_t i = 0; i < l->above.n && code == CTL_OK; i++)
        code = take_kw("above", l->above.at[i], &l->limit_uw[i]);
    if (code == CTL_OK && l->contract)
        return take_kw("contract", l->contract, &l->contract_uw);
    if (code == CTL_OK && !l->source.windows)
        code = energy_source_contract(&l->source, node, &l->contract_uw);
    return code;
}

/* --- complete ones ------------------------------------------------------------------------------
 */

static int by_start(const void *a, const void *b) {
    const struct demand_block *x = a, *y = b;
    return (x->start_ms > y->start_ms) - (x->start_ms < y->start_ms);
}

static int check_once(const struct blocks *b) {
    char at[UTC_TEXT], why[80];
    for (size_t i = 1; i < b->n; i++)
        if (b->at[i].start_ms == b->at[i - 1].start_ms) {
            utc_format(b->at[i].start_ms, at);
            (void)snprintf(why, sizeof why, "the quarter of %s is there twice", at);
            return fail(why, CTL_FAILED);
        }
    return CTL_OK;
}

static int64_t ceil_block(int64_t t_ms) {
    return utc_floor(t_ms + DEMAND_BLOCK_MS - 1, DEMAND_BLOCK_MS);
}

/* The quarters that are asked for: nobody said from or to, then from the first to the last that was
 * measured. What is still to come cannot be missing. */
static void take_period(struct load *l) {
    const struct blocks *b = &l->blocks;
    const int64_t end = b->at[b->n - 1].start_ms + DEMAND_BLOCK_MS;
    const int64_t over = utc_floor(clock_wall_ms(), DEMAND_BLOCK_MS);
    const int64_t last = end > over ? end : over;
    l->from_ms = l->source.from_ms == INT64_MIN ? b->at[0].start_ms : ceil_block(l->source.from_ms);
    l->to_ms = l->source.to_ms == INT64_MAX ? end : ceil_block(l->source.to_ms);
    l->to_ms = l->to_ms < last ? l->to_ms : last;
}

/* Leaves the complete ones. */
static int keep_complete(struct load *l) {
    struct blocks *b = &l->blocks;
    size_t n = 0;
    if (b->n == 0)
        return fail("no quarter of an hour of that node in which energy was measured", CTL_FAILED);
    qsort(b->at, b->n, sizeof *b->at, by_start);
    int code = check_once(b);
    take_period(l);
    for (size_t i = 0; i < b->n; i++)
        if (b->at[i].whole)
            b->at[n++] = b->at[i];
    l->partly = b->n - n;
    l->missing = (size_t)((l->to_ms - l->from_ms) / DEMAND_BLOCK_MS) - n;
    b->n = n;
    if (code == CTL_OK && n == 0)
        code = fail("no quarter of an hour of that node was measured all the time", CTL_FAILED);
    return code;
}

/* --- what is told -------------------------------------------------------------------------------
 */

static void print_csv(const struct blocks *b) {
    char start[UTC_TEXT];
    puts("rank,start,kw,kwh,hours,share");
    for (size_t i = 0; i < b->n; i++) {
        utc_format(b->at[i].start_ms, start);
        printf("%zu,%s,%.6f,%.9f,%.2f,%.6f\n", i + 1, start, demand_kw(b->at[i].energy_uwh),
               (double)b->at[i].energy_uwh / 1e9, (double)(i + 1) / 4,
               (double)(i + 1) / (double)b->n);
    }
}

static void print_missing(const struct load *l, FILE *to) {
    if (l->missing > 0)
        fprintf(to, "missing: %zu, %zu of them measured in part; they are in no figure\n",
                l->missing, l->partly);
}

static void print_head(const char *node, const struct load *l) {
    struct demand_summary s;
    char from[UTC_TEXT], to[UTC_TEXT], peak[UTC_TEXT];
    demand_summarise(l->blocks.at, l->blocks.n, &s);
    utc_format(l->from_ms, from);
    utc_format(l->to_ms, to);
    printf("Load of %s, %s to %s: %zu complete quarters of an hour\n", node, from, to, s.blocks);
    print_missing(l, stdout);
    printf("energy %.1f kWh in %.2f h, mean %.2f kW", s.energy_kwh, s.hours, s.mean_kw);
    if (s.peak_kw > 0) {
        utc_format(s.peak_ms, peak);
        printf(", peak %.2f kW at %s", s.peak_kw, peak);
    }
    if (isfinite(s.load_factor))
        printf(", load factor %.3f", s.load_factor);
    putchar('\n');
}

static void print_limit(const char *what, const struct blocks *b, int64_t limit_uw) {
    struct demand_over over;
    demand_above(b->at, b->n, limit_uw, &over);
    printf("  %-9s %10.2f kW %10.2f h %8.2f %% of the time %12.1f kWh beyond\n", what,
           (double)limit_uw / 1e9, over.hours, 100 * (double)over.blocks / (double)b->n, over.kwh);
}

static void print_limits(const struct load *l) {
    if (l->above.n == 0 && l->contract_uw == 0)
        return;
    puts("\nabove");
    if (l->contract_uw > 0)
        print_limit("contract", &l->blocks, l->contract_uw);
    for (size_t i = 0; i < l->above.n; i++)
        print_limit("limit", &l->blocks, l->limit_uw[i]);
}

static void print_table(const struct blocks *b) {
    static const int percent[] = {0, 1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100};
    printf("\n%12s %12s %12s\n", "of the time", "hours", "at least kW");
    for (size_t i = 0; i < sizeof percent / sizeof *percent; i++)
        printf("%10d %% %12.2f %12.2f\n", percent[i], percent[i] * (double)b->n / 400,
               demand_reached(b->at, b->n, percent[i] / 100.0));
}

static int show(const char *node, struct load *l) {
    if (l->csv) {
        demand_sort(l->blocks.at, l->blocks.n);
        print_csv(&l->blocks);
        print_missing(l, stderr);
        return CTL_OK;
    }
    print_head(node, l);
    demand_sort(l->blocks.at, l->blocks.n);
    print_limits(l);
    print_table(&l->blocks);
    return blocks_print_curve(&l->blocks) ? CTL_OK : fail("out of memory", CTL_FAILED);
}

static int run(struct load *l, const char *node) {
    int code = energy_source_period(&l->source, ENERGY_BATCH, l->zone);
    if (code == CTL_OK && l->source.from_ms >= l->source.to_ms)
        code = fail("--from lies behind --to", CTL_USAGE);
    if (code == CTL_OK)
        code = take_limits(l, node);
    if (code == CTL_OK)
        code = energy_source_windows(&l->source, node, "15min", blocks_take, &l->blocks);
    if (code == CTL_OK)
        code = keep_complete(l);
    if (code == CTL_OK)
        code = show(node, l);
    blocks_fini(&l->blocks);
    return code == CTL_OK && fflush(stdout) ? fail("standard output failed", CTL_FAILED) : code;
}

int load_run(int argc, char **argv) {
    struct load l = {.zone = ""};
    const struct args_row rows[] = {
        {"windows", "FILE", ARGS_TEXT, &l.source.windows,
         "windows of plantbus replay or history, CSV or JSON lines"},
        {"socket", "PATH", ARGS_TEXT, &l.source.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &l.source.url, "address of the page; else http://127.0.0.1:8080"},
        {"from", "TIME", ARGS_TEXT, &l.source.from, "quarters that begin then or later"},
        {"to", "TIME", ARGS_TEXT, &l.source.to, "quarters that begin before"},
        {"zone", "ZONE", ARGS_TEXT, &l.zone, "time zone of dates; else UTC"},
        {"above", "KW", ARGS_TEXTS, &l.above, "a limit: how long the load was above it (several)"},
        {"contract", "KW", ARGS_TEXT, &l.contract,
         "what the contract allows; else the plant file's contract_power"},
        {"csv", NULL, ARGS_FLAG, &l.csv, "each quarter of an hour as a row, the highest first"}};
    const struct args args = {
        .usage = "energy load NODE [OPTION...]",
        .about = "Prints the load duration curve of a node with its peak, its load factor E / "
                 "(P peak x h)\nand the hours above limits, from quarters of an hour that were "
                 "measured all the time;\nthe others are counted as missing. Windows come from "
                 "the running aggregator, or from\n--windows FILE.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows,
        .least = 1,
        .most = 1};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    return v != ARGS_GO ? args_exit(v) : run(&l, operands.at[0]);
}
