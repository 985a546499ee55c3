/* plantbus energy idle: units by what they use while they make nothing. */
#include "ctl/energy_idle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/energy_source.h"
#include "study/idle.h"

static int fail(const char *why, int code) {
    fprintf(stderr, "plantbus: %s\n", why);
    return code;
}

static double kwh(int64_t uwh) {
    return (double)uwh / 1e9;
}

static double percent(int64_t part, int64_t whole) {
    return whole > 0 ? 100 * (double)part / (double)whole : NAN;
}

/* A figure of that many columns, or a dash. */
static void put(double v, int columns, int places, const char *unit) {
    if (isfinite(v))
        printf(" %*.*f%s", columns, places, v, unit);
    else
        printf(" %*s%*s", columns, "-", (int)strlen(unit), "");
}

static void print_csv(const struct idle_unit *at, size_t n) {
    puts("unit,energy_kwh,idle_kwh,idle_h,unknown_kwh");
    for (size_t i = 0; i < n; i++)
        printf("%s,%.9f,%.9f,%.6f,%.9f\n", at[i].id.s, kwh(at[i].energy_uwh), kwh(at[i].idle_uwh),
               (double)at[i].idle_ms / 3.6e6, kwh(at[i].unknown_uwh));
}

static void print(const char *node, const struct idle_unit *at, size_t n) {
    const int64_t total = idle_total_uwh(at, n);
    int64_t energy = 0;
    printf("Idle energy below %s (delay, no order, planned stops, not scheduled)\n\n", node);
    printf("%-20s %12s %9s %9s %10s %9s\n", "unit", "idle kWh", "of all", "of its", "idle h", "kW");
    for (size_t i = 0; i < n; i++) {
        printf("%-20.20s %12.1f", at[i].id.s, kwh(at[i].idle_uwh));
        put(percent(at[i].idle_uwh, total), 7, 1, " %");
        put(percent(at[i].idle_uwh, at[i].energy_uwh), 7, 1, " %");
        printf(" %10.2f", (double)at[i].idle_ms / 3.6e6);
        put(idle_kw(&at[i]), 9, 2, "");
        putchar('\n');
        energy += at[i].energy_uwh;
    }
    printf("%-20s %12.1f %9s", "sum", kwh(total), "");
    put(percent(total, energy), 7, 1, " %");
    putchar('\n');
}

static int read_units(const struct energy_source *s, struct idle_unit *at, size_t n) {
    int code = CTL_OK;
    for (size_t i = 0; i < n && code == CTL_OK; i++)
        code = energy_source_windows(s, at[i].id.s, "day", idle_take, &at[i]);
    return code;
}

static bool any_window(const struct idle_unit *at, size_t n) {
    bool any = false;
    for (size_t i = 0; i < n; i++)
        any = any || at[i].windows > 0;
    return any;
}

static int show(const struct energy_source *s, const char *node, const struct ident *unit, size_t n,
                bool csv) {
    struct idle_unit *at = calloc(n + 1, sizeof *at);
    if (!at)
        return fail("out of memory", CTL_FAILED);
    for (size_t i = 0; i < n; i++)
        at[i].id = unit[i];
    int code = read_units(s, at, n);
    if (code == CTL_OK && !any_window(at, n))
        code = fail("no day of its units in this time", CTL_FAILED);
    idle_rank(at, n);
    if (code == CTL_OK && csv)
        print_csv(at, n);
    else if (code == CTL_OK)
        print(node, at, n);
    free(at);
    return code == CTL_OK && fflush(stdout) ? fail("standard output failed", CTL_FAILED) : code;
}

static int take_named(const struct args_texts *named, struct ident **out, size_t *n) {
    struct ident *at = calloc(named->n + 1, sizeof *at);
    if (!at)
        return fail("out of memory", CTL_FAILED);
    for (size_t i = 0; i < named->n; i++)
        if (!ident_set(&at[i], span_str(named->at[i]))) {
            free(at);
            return fail("--unit: no id of a unit", CTL_USAGE);
        }
    *out = at;
    *n = named->n;
    return CTL_OK;
}

static int run(struct energy_source *s, const char *node, const char *zone,
               const struct args_texts *named, bool csv) {
    struct ident *unit = NULL;
    size_t n = 0;
    if (s->windows && named->n == 0)
        return fail("a file does not tell which units lie below a node: --unit ID", CTL_USAGE);
    int code = energy_source_period(s, ENERGY_DAY, zone);
    if (code == CTL_OK)
        code =
            named->n > 0 ? take_named(named, &unit, &n) : energy_source_units(s, node, &unit, &n);
    if (code == CTL_OK)
        code = show(s, node, unit, n, csv);
    free(unit);
    return code;
}

int idle_run(int argc, char **argv) {
    struct energy_source s = {0};
    struct args_texts units = {0};
    const char *zone = "";
    bool csv = false;
    const struct args_row rows[] = {
        {"windows", "FILE", ARGS_TEXT, &s.windows,
         "windows of plantbus replay or history, CSV or JSON lines"},
        {"unit", "ID", ARGS_TEXTS, &units, "a unit to rank (several); else all below the node"},
        {"socket", "PATH", ARGS_TEXT, &s.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &s.url, "address of the page; else http://127.0.0.1:8080"},
        {"from", "TIME", ARGS_TEXT, &s.from, "days that begin then or later"},
        {"to", "TIME", ARGS_TEXT, &s.to, "days that begin before"},
        {"zone", "ZONE", ARGS_TEXT, &zone, "time zone of dates; else by their noon in UTC"},
        {"csv", NULL, ARGS_FLAG, &csv, "every figure of each unit as a row"}};
    const struct args args = {
        .usage = "energy idle NODE [OPTION...]",
        .about = "Ranks the units below a node by the energy they used while they made nothing, "
                 "with\nits share of all idle energy and of their own, and the power it stands "
                 "for. Windows\ncome from the running aggregator, or from --windows FILE.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows,
        .least = 1,
        .most = 1};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    return v != ARGS_GO ? args_exit(v) : run(&s, operands.at[0], zone, &units, csv);
}
