/* plantbus energy demand: what quarters of an hour of a node say of its load. */
#include "ctl/energy_demand.h"

#include <math.h>
#include <stdio.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/energy_blocks.h"
#include "ctl/energy_source.h"

enum { PEAKS = 5 };

static int fail(const char *why, int code) {
    fprintf(stderr, "plantbus: %s\n", why);
    return code;
}

static void print_csv(const struct blocks *b) {
    char start[UTC_TEXT];
    puts("start,kw,kwh,whole");
    for (size_t i = 0; i < b->n; i++) {
        utc_format(b->at[i].start_ms, start);
        printf("%s,%.6f,%.9f,%d\n", start, demand_kw(b->at[i].energy_uwh),
               (double)b->at[i].energy_uwh / 1e9, b->at[i].whole);
    }
}

static int print(const char *node, struct blocks *b) {
    struct demand_summary s;
    char at[UTC_TEXT], from[UTC_TEXT], to[UTC_TEXT];
    demand_summarise(b->at, b->n, &s);
    utc_format(b->at[0].start_ms, from);
    utc_format(b->at[b->n - 1].start_ms + DEMAND_BLOCK_MS, to);
    printf("Demand of %s, %s to %s: %zu quarters of an hour\n", node, from, to, s.blocks);
    if (s.partial > 0)
        printf("%zu of them were not measured all the time: they may be higher\n", s.partial);
    printf("energy %.1f kWh in %.2f h, mean %.2f kW, peak %.2f kW", s.energy_kwh, s.hours,
           s.mean_kw, s.peak_kw);
    if (isfinite(s.load_factor))
        printf(", load factor %.3f", s.load_factor);
    puts("\n\npeaks");
    demand_sort(b->at, b->n);
    for (size_t i = 0; i < b->n && i < PEAKS; i++) {
        utc_format(b->at[i].start_ms, at);
        printf("  %s %10.2f kW%s\n", at, demand_kw(b->at[i].energy_uwh),
               b->at[i].whole ? "" : "  not whole");
    }
    return blocks_print_curve(b) ? CTL_OK : fail("out of memory", CTL_FAILED);
}

static int run(struct energy_source *source, const char *node, const char *zone, bool csv) {
    struct blocks b = {0};
    int code = energy_source_period(source, ENERGY_BATCH, zone);
    if (code == CTL_OK)
        code = energy_source_windows(source, node, "15min", blocks_take, &b);
    if (code == CTL_OK && b.n == 0)
        code = fail("no quarter of an hour of that node in which energy was measured", CTL_FAILED);
    if (code == CTL_OK && csv)
        print_csv(&b);
    else if (code == CTL_OK)
        code = print(node, &b);
    blocks_fini(&b);
    return code == CTL_OK && fflush(stdout) ? fail("standard output failed", CTL_FAILED) : code;
}

int demand_run(int argc, char **argv) {
    struct energy_source s = {0};
    const char *zone = "";
    bool csv = false;
    const struct args_row rows[] = {
        {"windows", "FILE", ARGS_TEXT, &s.windows,
         "windows of plantbus replay or history, CSV or JSON lines"},
        {"socket", "PATH", ARGS_TEXT, &s.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &s.url, "address of the page; else http://127.0.0.1:8080"},
        {"from", "TIME", ARGS_TEXT, &s.from, "quarters that begin then or later"},
        {"to", "TIME", ARGS_TEXT, &s.to, "quarters that begin before"},
        {"zone", "ZONE", ARGS_TEXT, &zone, "time zone of dates; else UTC"},
        {"csv", NULL, ARGS_FLAG, &csv, "each quarter of an hour as a row"}};
    const struct args args = {
        .usage = "energy demand NODE [OPTION...]",
        .about = "Prints the highest quarters of an hour of a node, its load factor and its load "
                 "duration\ncurve. Windows come from the running aggregator, or from --windows "
                 "FILE.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows,
        .least = 1,
        .most = 1};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    return v != ARGS_GO ? args_exit(v) : run(&s, operands.at[0], zone, csv);
}
