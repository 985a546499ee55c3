/* plantbus alert check: a folder of rules against a plant file, without any aggregator. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alertfile/alertfile.h"
#include "alertfile/baselines.h"
#include "alertfile/threshold.h"
#include "base/utc.h"
#include "ctl/alert.h"
#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/files.h"

enum { NODES_SHOWN = 8 };

static void print_window(const struct alert_rule *r) {
    if (r->window == ALERT_ROLLING)
        printf("over %u min", r->minutes);
    else
        printf("over the running %s", alert_window_name((enum alert_window)r->window));
}

static void print_levels(const struct plant *p, const struct alert_rule *r) {
    const char *unit = alertfile_unit(p, r);
    const bool share = r->condition == ALERT_NORM || r->condition == ALERT_BASELINE;
    if (r->condition == ALERT_DRIFT)
        unit = "SE"; /* standard errors of a row */
    for (size_t i = 0; i < r->level_n && r->condition != ALERT_NO_DATA; i++) {
        char at[64], clear[64];
        const struct alert_level *l = &r->level[i];
        threshold_format(l->threshold, share ? "1" : unit, r->condition == ALERT_RATE, at);
        threshold_format(l->clear, share ? "1" : unit, r->condition == ALERT_RATE, clear);
        printf("      %s %s%s", r->below ? "below" : "above", at,
               r->condition == ALERT_NORM       ? " of the norm"
               : r->condition == ALERT_BASELINE ? " over the baseline"
                                                : "");
        if (l->clear != l->threshold)
            printf(", clear at %s", clear);
        printf(": %s\n", alert_severity_name((enum alert_severity)l->severity));
    }
}

static void print_nodes(const struct plant *p, const struct alert_rule *r) {
    printf("      at %zu node%s:", r->node_n, r->node_n == 1 ? "" : "s");
    for (size_t i = 0; i < r->node_n && i < NODES_SHOWN; i++)
        printf(" %s", p->node[r->node[i]].id.s);
    printf("%s\n", r->node_n > NODES_SHOWN ? " ..." : "");
}

static void print_baselines(const struct alert_rule *r) {
    for (size_t i = 0; i < r->baseline_n; i++) {
        const struct alert_baseline *b = &r->baseline[i];
        char from[UTC_TEXT];
        if (b->from_ms == INT64_MIN)
            continue; /* it stands in the rule */
        utc_format(b->from_ms, from);
        printf("      baseline of %s from %s on: %.6g kWh/h, %zu driver%s, s %.6g kWh\n", b->node.s,
               from, b->base_kwh_per_h, b->driver_n, b->driver_n == 1 ? "" : "s", b->s_kwh);
    }
}

static void print_rule(const struct plant *p, const struct alert_rule *r,
                       const struct alertfile_place *place) {
    const char *slash = strrchr(place->file, '/');
    printf("  %s  (%s:%u)\n      %s", r->id.s, slash ? slash + 1 : place->file, place->line,
           alertfile_watched(r));
    if (r->condition == ALERT_NO_DATA)
        printf(": no data at all, %s",
               alert_severity_name((enum alert_severity)r->level[0].severity));
    else if (r->condition == ALERT_RATE)
        printf(", change against %u min ago", r->span_min);
    printf(", ");
    if (r->condition == ALERT_DRIFT)
        printf("drift by CUSUM over %s", r->baseline[0].weeks ? "weeks" : "days");
    else
        print_window(r);
    if (r->hold_ms)
        printf(", for %lld min", (long long)(r->hold_ms / 60000));
    if (r->product.s[0])
        printf(", of the product %s", r->product.s);
    if (r->team.s[0])
        printf(", of the team %s", r->team.s);
    if (r->in_shift)
        printf(", in shifts only");
    printf("%s\n", r->quiets ? ", quiets what is below" : "");
    print_levels(p, r);
    print_baselines(r);
    print_nodes(p, r);
}

static enum err load_rules(const char *path, const struct plant *p, const struct baselines *b,
                           struct conf_report *report, struct alertfile **out) {
    struct stat s;
    struct buf text;
    if (stat(path, &s) != 0 || S_ISDIR(s.st_mode))
        return alertfile_load(path, p, b, report, NULL, out);
    buf_init(&text);
    enum err err = files_read(path, &text, report);
    if (!err)
        err = alertfile_parse(buf_span(&text), path, p, b, report, out);
    buf_fini(&text);
    return err;
}

static enum err load(const char *path, const char *folder, const struct plant *p,
                     struct conf_report *report, struct alertfile **out) {
    struct baselines *b = NULL;
    enum err err = folder ? baselines_load(folder, report, NULL, &b) : ERR_OK;
    if (!err)
        err = load_rules(path, p, b, report, out);
    baselines_close(b);
    return err;
}

static int check(const char *path, const char *baselines, const struct plant *p) {
    struct conf_report report;
    struct alertfile *rules = NULL;
    struct buf said;
    size_t instances = 0;
    conf_report_init(&report);
    buf_init(&said);
    const enum err err = load(path, baselines, p, &report, &rules);
    (void)conf_report_format(&report, &said);
    (void)conf_report_format_notes(&report, &said);
    fwrite(said.p ? said.p : (const uint8_t *)"", 1, said.n, stderr);
    for (size_t i = 0; !err && i < rules->rules.rule_n; i++) {
        print_rule(p, &rules->rules.rule[i], &rules->place[i]);
        instances += rules->rules.rule[i].node_n;
    }
    if (err)
        printf("%s: wrong, %zu mistake%s\n", path, conf_report_count(&report),
               conf_report_count(&report) == 1 ? "" : "s");
    else
        printf("%s: ok, %zu rules, %zu alerts\n", path, rules->rules.rule_n, instances);
    alertfile_close(rules);
    buf_fini(&said);
    conf_report_fini(&report);
    return err == ERR_NOMEM ? CTL_FAILED : err ? CTL_CONFIG : CTL_OK;
}

int alert_check_run(int argc, char **argv) {
    const char *plant_path = NULL, *baselines = NULL;
    const struct args_row rows[] = {
        {"plant", "FILE", ARGS_TEXT, &plant_path, "the plant file that they are for (required)"},
        {"baselines", "FOLDER", ARGS_TEXT, &baselines, "frozen baselines that they name"}};
    const struct args args = {
        .usage = "alert check --plant FILE [--baselines FOLDER] FOLDER",
        .about =
            "Reads the rules of a folder (or of one file) as the aggregator does, prints every\n"
            "mistake with its place, and says what rules there are and where they stand.\n"
            "Nothing is started or changed.",
        .rows = rows,
        .row_n = 2,
        .least = 1,
        .most = 1};
    struct args_texts operands;
    const enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    if (!plant_path) {
        fprintf(stderr, "plantbus: --plant is missing: rules are of a plant\n");
        return CTL_USAGE;
    }
    struct buf mistakes;
    struct plant *plant = NULL;
    buf_init(&mistakes);
    const enum err err = files_load_plant(plant_path, &mistakes, NULL, &plant);
    fwrite(mistakes.p ? mistakes.p : (const uint8_t *)"", 1, mistakes.n, stderr);
    buf_fini(&mistakes);
    const int code = err == ERR_NOMEM ? CTL_FAILED
                     : err            ? CTL_CONFIG
                                      : check(operands.at[0], baselines, plant);
    plant_close(plant);
    return code;
}
