/* plantbus energy cost: what the electricity of a node cost by day and band of the tariff. */
#include "ctl/energy_cost.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/energy_source.h"
#include "plant/plant.h"

struct money {
    double kwh[BAND_COUNT], cost[BAND_COUNT], co2_kg[BAND_COUNT];
    double unpriced_kwh, good;
};

struct table {
    struct money total;
    size_t n;
    bool csv;
};

static int fail(const char *why, int code) {
    fprintf(stderr, "plantbus: %s\n", why);
    return code;
}

static double sum_of(const struct energy_window *w, const char *what, const char *band,
                     double unit) {
    char name[32];
    (void)snprintf(name, sizeof name, "%s%s", what, band);
    return (double)w->sum(w->user, name) / unit;
}

static struct money money_of(const struct energy_window *w) {
    struct money m = {.unpriced_kwh = sum_of(w, "unpriced_energy", "", 1e9),
                      .good = sum_of(w, "gq", "", 1e6) + sum_of(w, "gq_unknown", "", 1e6)};
    for (unsigned b = 0; b < BAND_COUNT; b++) {
        const char *band = band_name((enum tariff_band)b);
        m.kwh[b] = sum_of(w, "bought_", band, 1e9);
        m.cost[b] = sum_of(w, "cost_", band, 1e6);
        m.co2_kg[b] = sum_of(w, "co2_", band, 1e6);
    }
    return m;
}

static void add(struct money *to, const struct money *m) {
    for (unsigned b = 0; b < BAND_COUNT; b++) {
        to->kwh[b] += m->kwh[b];
        to->cost[b] += m->cost[b];
        to->co2_kg[b] += m->co2_kg[b];
    }
    to->unpriced_kwh += m->unpriced_kwh;
    to->good += m->good;
}

static double of_bands(const double v[BAND_COUNT]) {
    double sum = 0;
    for (unsigned b = 0; b < BAND_COUNT; b++)
        sum += v[b];
    return sum;
}

static void print_head(bool csv) {
    if (!csv)
        printf("%-12s", "from");
    else
        fputs("start", stdout);
    for (unsigned b = 0; b < BAND_COUNT; b++) {
        const char *band = band_name((enum tariff_band)b);
        if (csv)
            printf(",%s_kwh,%s_cost,%s_co2_kg", band, band, band);
        else
            printf(" %7.7s kWh %12s", band, "cost");
    }
    if (csv)
        puts(",unpriced_kwh,cost,cost_per_good");
    else
        printf(" %14s %12s\n", "cost", "per good");
}

/* Of energy that no tariff prices, the whole is not known. */
static void print_money(const char *label, const struct money *m, bool csv) {
    const bool known = m->unpriced_kwh <= 0;
    printf(csv ? "%s" : "%-12.12s", label);
    for (unsigned b = 0; b < BAND_COUNT; b++)
        if (csv)
            printf(",%.9f,%.6f,%.6f", m->kwh[b], m->cost[b], m->co2_kg[b]);
        else
            printf(" %11.1f %12.2f", m->kwh[b], m->cost[b]);
    if (csv)
        printf(",%.9f,", m->unpriced_kwh);
    if (known)
        printf(csv ? "%.6f," : " %14.2f", of_bands(m->cost));
    else
        printf(csv ? "," : " %14s", "-");
    if (known && m->good > 0)
        printf(csv ? "%.9g" : " %12.4f", of_bands(m->cost) / m->good);
    else if (!csv)
        printf(" %12s", "-");
    putchar('\n');
}

static enum err take(void *user, const struct energy_window *w) {
    struct table *t = user;
    char start[UTC_TEXT];
    const struct money m = money_of(w);
    if (t->n++ == 0)
        print_head(t->csv);
    /* A local day begins on the date of its noon in UTC, less than 12 h off. */
    utc_format(t->csv ? w->start_ms : w->start_ms + UTC_DAY_MS / 2, start);
    if (!t->csv)
        start[10] = '\0';
    print_money(start, &m, t->csv);
    add(&t->total, &m);
    return ERR_OK;
}

static void print_total(const struct table *t) {
    print_money("sum", &t->total, false);
    printf("\nCO2 of it: %.1f kg;", of_bands(t->total.co2_kg));
    for (unsigned b = 0; b < BAND_COUNT; b++)
        printf(" %s %.1f%s", band_name((enum tariff_band)b), t->total.co2_kg[b],
               b + 1 < BAND_COUNT ? "," : "\n");
    if (t->total.unpriced_kwh > 0)
        printf("%.1f kWh had no tariff in force: the whole is not known\n", t->total.unpriced_kwh);
}

static int run(struct energy_source *source, const char *node, const char *zone, bool csv) {
    struct table t = {.csv = csv};
    int code = energy_source_period(source, ENERGY_DAY, zone);
    if (code == CTL_OK)
        code = energy_source_windows(source, node, "day", take, &t);
    if (code == CTL_OK && t.n == 0)
        code = fail("no day of that node in this time", CTL_FAILED);
    if (code == CTL_OK && !csv)
        print_total(&t);
    return code == CTL_OK && fflush(stdout) ? fail("standard output failed", CTL_FAILED) : code;
}

int cost_run(int argc, char **argv) {
    struct energy_source s = {0};
    const char *zone = "";
    bool csv = false;
    const struct args_row rows[] = {
        {"windows", "FILE", ARGS_TEXT, &s.windows,
         "windows of plantbus replay or history, CSV or JSON lines"},
        {"socket", "PATH", ARGS_TEXT, &s.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &s.url, "address of the page; else http://127.0.0.1:8080"},
        {"from", "TIME", ARGS_TEXT, &s.from, "days that begin then or later"},
        {"to", "TIME", ARGS_TEXT, &s.to, "days that begin before"},
        {"zone", "ZONE", ARGS_TEXT, &zone, "time zone of dates; else by their noon in UTC"},
        {"csv", NULL, ARGS_FLAG, &csv, "every figure of each day as a row"}};
    const struct args args = {
        .usage = "energy cost NODE [OPTION...]",
        .about = "Prints what the electricity of a node cost by day and band, in the currency of "
                 "the plant\nfile's tariffs, and per good unit. Windows come from the running "
                 "aggregator, or from\n--windows FILE.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows,
        .least = 1,
        .most = 1};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    return v != ARGS_GO ? args_exit(v) : run(&s, operands.at[0], zone, csv);
}
