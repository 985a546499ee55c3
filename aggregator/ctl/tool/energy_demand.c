/* plantbus energy demand: what quarters of an hour of a node say of its load. */
#include "ctl/energy_demand.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/energy_source.h"
#include "demand/demand.h"
#include "energy/chart.h"

enum { PEAKS = 5 };

struct blocks {
    struct demand_block *at;
    size_t n, cap;
};

static int fail(const char *why, int code) {
    fprintf(stderr, "plantbus: %s\n", why);
    return code;
}

/* A quarter in which nothing was measured says nothing of the load. */
static enum err take(void *user, const struct energy_window *w) {
    struct blocks *b = user;
    const int64_t due = w->sum(w->user, "energy_due"), seen = w->sum(w->user, "energy_seen");
    const int64_t energy_uwh = w->sum(w->user, "import");
    if (w->end_ms - w->start_ms != DEMAND_BLOCK_MS || (seen == 0 && energy_uwh == 0))
        return ERR_OK;
    if (b->n == b->cap) {
        const size_t cap = b->cap ? b->cap * 2 : 96;
        struct demand_block *at = realloc(b->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        b->at = at;
        b->cap = cap;
    }
    b->at[b->n++] = (struct demand_block){w->start_ms, energy_uwh, seen >= due};
    return ERR_OK;
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

/* Blocks are sorted, highest first. */
static int print_curve(const struct blocks *b) {
    double *kw = calloc(b->n, sizeof *kw);
    struct buf text;
    buf_init(&text);
    for (size_t i = 0; kw && i < b->n; i++)
        kw[i] = demand_kw(b->at[i].energy_uwh);
    const struct chart chart = {.title = "load duration: kW that a share of the time is not "
                                         "under, from the highest block down",
                                .first = "0 %",
                                .last = "100 %",
                                .value = kw,
                                .n = b->n};
    const int code = kw && !chart_draw(&chart, &text) ? CTL_OK : fail("out of memory", CTL_FAILED);
    if (code == CTL_OK)
        printf("\n%.*s", (int)text.n, (const char *)text.p);
    buf_fini(&text);
    free(kw);
    return code;
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
    return print_curve(b);
}

static int run(struct energy_source *source, const char *node, const char *zone, bool csv) {
    struct blocks b = {0};
    int code = energy_source_period(source, ENERGY_BATCH, zone);
    if (code == CTL_OK)
        code = energy_source_windows(source, node, "15min", take, &b);
    if (code == CTL_OK && b.n == 0)
        code = fail("no quarter of an hour of that node in which energy was measured", CTL_FAILED);
    if (code == CTL_OK && csv)
        print_csv(&b);
    else if (code == CTL_OK)
        code = print(node, &b);
    free(b.at);
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
