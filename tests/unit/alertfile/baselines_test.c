/* Rules that name frozen baselines, and those of products and teams. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alertfile/baselines.h"
#include "frozen/frozen.h"
#include "hall.h"

#define DAY UTC_DAY_MS
#define MONDAY (INT64_C(1767571200) * 1000) /* 2026-01-05 */

/* Twelve rows by 2 kWh/h and 0.5 kWh a unit of the driver, one kWh more and less in turn. Appends
 * the line of the file. */
static void freeze(const char *node, const char *grain, const char *driver, int64_t to_ms,
                   struct buf *out) {
    struct frozen f = {.profile = BASELINE_STRICT,
                       .who = "B. Energy",
                       .reason = "first quarter",
                       .when_ms = to_ms + DAY,
                       .from_ms = MONDAY,
                       .to_ms = to_ms};
    struct baseline_wrong wrong;
    char why[ENERGY_WHY] = "";
    cr_assert(energy_spec_set_node(&f.spec, node, why) &&
                  energy_spec_set_grain(&f.spec, grain, why) &&
                  energy_spec_add_driver(&f.spec, driver, why),
              "%s", why);
    cr_assert_eq(energy_rows_init(&f.rows, 12, 1, f.spec.grain == ENERGY_BATCH ? 0 : 1), ERR_OK);
    for (size_t i = 0; i < 12; i++) {
        f.rows.start_ms[i] = MONDAY + (int64_t)i * DAY;
        f.rows.end_ms[i] = f.rows.start_ms[i] + DAY;
        (void)snprintf(f.rows.label[i], ENERGY_LABEL, "row-%zu", i);
        f.rows.time_h[i] = 24;
        f.rows.driver[i] = 10 * (double)(i / 2 + 1);
        f.rows.energy_kwh[i] = 48 + f.rows.driver[i] / 2 + (i % 2 ? -1 : 1);
    }
    f.rows.n = 12;
    cr_assert_eq(frozen_fit(&f, &wrong), ERR_OK);
    cr_assert_eq(frozen_format(&f, out), ERR_OK);
    frozen_fini(&f);
}

struct shelf {
    struct plant *plant;
    struct baselines baselines;
    struct conf_report report;
    struct buf said;
    struct alertfile *rules;
};

static void put(struct shelf *s, const char *path, const char *node, const char *grain,
                const char *driver) {
    struct buf text;
    buf_init(&text);
    freeze(node, grain, driver, MONDAY + 12 * DAY, &text);
    freeze(node, grain, driver, MONDAY + 40 * DAY, &text);
    cr_assert_eq(baselines_add(&s->baselines, path, buf_span(&text), &s->report), ERR_OK);
    buf_fini(&text);
}

static void open_shelf(struct shelf *s) {
    *s = (struct shelf){.plant = hall_open()};
    conf_report_init(&s->report);
    buf_init(&s->said);
    put(s, "b/oven.baseline", "oven-1", "day", "time_not_scheduled");
    put(s, "b/press.baseline", "press-1", "day", "gq");
    put(s, "b/line.baseline", "l", "week", "press-1/gq");
    put(s, "b/batches.baseline", "press-2", "batch", "file:kg");
    put(s, "b/weather.baseline", "press-2", "day", "hdd:15:temperature");
    put(s, "b/lids.baseline", "press-2", "day", "gq:lid");
}

static void drop(struct baselines *b) {
    for (size_t i = 0; i < b->n; i++) {
        free(b->file[i].path);
        free(b->file[i].line);
        buf_fini(&b->file[i].text);
    }
    free(b->file);
}

static void close_shelf(struct shelf *s) {
    drop(&s->baselines);
    alertfile_close(s->rules);
    conf_report_fini(&s->report);
    buf_fini(&s->said);
    plant_close(s->plant);
}

static enum err load(struct shelf *s, const char *yaml) {
    alertfile_close(s->rules);
    s->rules = NULL;
    conf_report_fini(&s->report);
    conf_report_init(&s->report);
    buf_reset(&s->said);
    const enum err err =
        alertfile_parse(span_str(yaml), "f.yaml", s->plant, &s->baselines, &s->report, &s->rules);
    (void)conf_report_format(&s->report, &s->said);
    (void)conf_report_format_notes(&s->report, &s->said);
    (void)buf_add_byte(&s->said, 0);
    return err;
}

static const struct alert_rule *only(struct shelf *s, const char *yaml) {
    cr_assert_eq(load(s, yaml), ERR_OK, "%s", (const char *)s->said.p);
    cr_assert_eq(s->rules->rules.rule_n, 1);
    return &s->rules->rules.rule[0];
}

static void refused(struct shelf *s, const char *yaml, const char *with) {
    cr_expect_eq(load(s, yaml), ERR_CONFIG);
    cr_expect(strstr((const char *)s->said.p, with), "wanted %s, said %s", with,
              (const char *)s->said.p);
}

Test(baselines, a_rule_of_drift_has_the_lines_of_its_node_with_their_dates) {
    struct shelf s;
    open_shelf(&s);
    const struct alert_rule *r = only(&s, "rules: {a: {units: [press-1], drift: [press]}}");
    cr_expect_eq(r->condition, ALERT_DRIFT);
    cr_expect_eq(r->window, ALERT_DAY);
    cr_expect_eq(r->level[0].threshold, 4.5);
    cr_assert_eq(r->baseline_n, 2);
    cr_expect_eq(r->baseline[0].from_ms, MONDAY + 12 * DAY);
    cr_expect_eq(r->baseline[1].from_ms, MONDAY + 40 * DAY);
    cr_expect_float_eq(r->baseline[0].base_kwh_per_h, 2, 1e-9);
    cr_expect_eq(r->baseline[0].driver[0].quantity, ALERT_Q_GOOD);
    cr_expect_float_eq(r->baseline[0].driver[0].kwh_each, 0.5, 1e-9);
    /* Twelve residuals of 1 kWh over ten degrees of freedom. */
    cr_expect_float_eq(r->baseline[0].s_kwh, sqrt(1.2), 1e-9);
    close_shelf(&s);
}

Test(baselines, of_a_node_the_one_that_comes_into_force_last_is_found) {
    struct shelf s;
    struct buf later;
    struct ident press, none;
    open_shelf(&s);
    cr_assert(ident_set(&press, span_str("press-2")) && ident_set(&none, span_str("press-3")));
    cr_expect_str_eq(baselines_find_of(&s.baselines, &press)->name.s, "lids", "none of batches");
    buf_init(&later);
    freeze("press-2", "week", "gq", MONDAY + 41 * DAY, &later);
    cr_assert_eq(baselines_add(&s.baselines, "b/newest.baseline", buf_span(&later), &s.report),
                 ERR_OK);
    const struct baseline_file *f = baselines_find_of(&s.baselines, &press);
    cr_expect_str_eq(f->name.s, "newest");
    cr_assert_eq(f->text.n, later.n);
    cr_expect_eq(memcmp(f->text.p, later.p, later.n), 0, "its text is what was read");
    cr_expect_null(baselines_find_of(&s.baselines, &none));
    buf_fini(&later);
    close_shelf(&s);
}

Test(baselines, hours_of_the_tool_are_minutes_of_a_rule) {
    struct shelf s;
    open_shelf(&s);
    const struct alert_rule *r =
        only(&s, "rules: {a: {units: [oven-1], drift: [oven], below: -4.5, clear: -2}}");
    cr_expect(r->below);
    cr_expect_eq(r->baseline[0].driver[0].quantity, ALERT_Q_NOT_SCHEDULED);
    cr_expect_float_eq(r->baseline[0].driver[0].kwh_each, 0.5 / 60, 1e-12);
    cr_expect_eq(r->level[0].clear, -2);
    close_shelf(&s);
}

Test(baselines, of_several_nodes_each_has_its_own) {
    struct shelf s;
    size_t n = 0;
    open_shelf(&s);
    const struct alert_rule *r =
        only(&s, "rules: {a: {units: [press-1, oven-1], drift: [press, oven], levels: [{severity: "
                 "low, above: 4.5}, {severity: high, above: 9}]}}");
    cr_expect_eq(r->baseline_n, 4);
    const struct alert_baseline *b = alert_rule_baselines(r, &(struct ident){"press-1"}, &n);
    cr_assert_eq(n, 2);
    cr_expect_null(alert_baseline_at(b, n, MONDAY + 12 * DAY - 1));
    cr_expect_eq(alert_baseline_at(b, n, MONDAY + 12 * DAY), &b[0]);
    cr_expect_eq(alert_baseline_at(b, n, MONDAY + 40 * DAY - 1), &b[0]);
    cr_expect_eq(alert_baseline_at(b, n, MONDAY + 40 * DAY), &b[1]);
    r = only(&s, "rules: {a: {lines: [l], drift: [line]}}");
    cr_expect(r->baseline[0].weeks);
    cr_expect_str_eq(r->baseline[0].driver[0].node.s, "press-1");
    close_shelf(&s);
}

Test(baselines, a_running_shift_is_held_against_the_one_in_force) {
    struct shelf s;
    open_shelf(&s);
    const struct alert_rule *r =
        only(&s, "rules: {a: {units: [press-1], window: shift, above: 10 %, baseline: {frozen: "
                 "[press]}}}");
    cr_expect_eq(r->condition, ALERT_BASELINE);
    cr_expect_eq(r->window, ALERT_SHIFT);
    cr_expect_eq(r->baseline_n, 2);
    close_shelf(&s);
}

/* The same oven with the first line alone. */
Test(baselines, another_line_says_something_else) {
    struct shelf s;
    struct buf text;
    open_shelf(&s);
    const char *rule = "rules: {a: {units: [oven-1], drift: [oven]}}";
    const uint64_t before = only(&s, rule)->said;
    cr_expect_eq(only(&s, "rules: {a: {units: [oven-1], drift: [oven], name: Oven}}")->said,
                 before);
    const struct baselines all = s.baselines;
    s.baselines = (struct baselines){0};
    buf_init(&text);
    freeze("oven-1", "day", "time_not_scheduled", MONDAY + 12 * DAY, &text);
    cr_assert_eq(baselines_add(&s.baselines, "b/oven.baseline", buf_span(&text), &s.report),
                 ERR_OK);
    cr_expect_neq(only(&s, rule)->said, before);
    buf_fini(&text);
    drop(&s.baselines);
    s.baselines = all;
    close_shelf(&s);
}

Test(baselines, mistakes_are_told_where_they_stand) {
    struct shelf s;
    open_shelf(&s);
    refused(&s, "rules:\n  a: {units: [oven-1], drift: [ovem]}\n",
            "f.yaml:2:32: frozen baseline ovem does not exist; did you mean oven?");
    refused(&s, "rules: {a: {units: [press-2], drift: [oven]}}\n",
            "oven is a baseline of oven-1, for which the rule does not stand");
    refused(&s, "rules: {a: {units: [press-1, oven-1], drift: [oven]}}\n",
            "of press-1 no frozen baseline is named");
    refused(&s, "rules: {a: {units: [press-2], drift: [batches]}}\n", "it is of batches");
    refused(&s, "rules: {a: {units: [press-2], drift: [weather]}}\n", "hdd:15:temperature stands");
    refused(&s, "rules: {a: {units: [press-2], drift: [lids]}}\n", "gq:lid is of one product");
    refused(&s, "rules: {a: {units: [press-2], drift: [lids, weather]}}\n", "one product");
    refused(&s, "rules: {a: {units: [oven-1], drift: [oven], window: day}}\n", "it has no window");
    refused(&s, "rules: {a: {units: [oven-1], drift: [oven], norm: 110 %}}\n", "norm excludes");
    refused(&s, "rules: {a: {units: [oven-1], drift: [oven], no_data: true}}\n", "exclude each");
    refused(&s, "rules: {a: {units: [oven-1], signal: power, drift: [oven]}}\n",
            "a baseline is of the signal energy");
    refused(&s, "rules: {a: {lines: [l], above: 10 %, baseline: {frozen: [line]}}}\n",
            "looks at another node, press-1");
    refused(&s, "rules: {a: {units: [oven-1], above: 9 %, baseline: {frozen: [oven], base: 2}}}\n",
            "frozen excludes base");
    close_shelf(&s);
}

Test(baselines, without_a_folder_a_name_is_a_mistake) {
    struct plant *p = hall_open();
    struct alertfile *f = NULL;
    char said[HALL_SAID];
    cr_expect_eq(hall_load("rules: {a: {units: [oven-1], drift: [oven]}}", p, &f, said),
                 ERR_CONFIG);
    cr_expect(strstr(said, "the key baselines of the aggregator's file"), "%s", said);
    plant_close(p);
}

/* --- files --------------------------------------------------------------------------------------
 */

static void write_file(const char *folder, const char *name, struct span text) {
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    cr_assert(f && fwrite(text.p, 1, text.n, f) == text.n && fclose(f) == 0);
}

Test(baselines, of_a_folder_every_mistake_is_told_with_file_and_line) {
    char folder[] = "/tmp/baselines-XXXXXX", path[256];
    struct conf_report r;
    struct baselines *b = NULL;
    struct buf text, said;
    uint64_t print = 0, again = 0;
    cr_assert_not_null(mkdtemp(folder));
    conf_report_init(&r);
    buf_init(&text);
    buf_init(&said);
    freeze("oven-1", "day", "gq", MONDAY + 12 * DAY, &text);
    write_file(folder, "oven.baseline", buf_span(&text));
    cr_assert_eq(baselines_load(folder, &r, &print, &b), ERR_OK);
    cr_assert_not_null(baselines_find(b, "oven"));
    cr_expect_null(baselines_find(b, "press"));
    cr_expect_str_eq(baselines_find(b, "oven")->line[0].node.s, "oven-1");
    baselines_close(b);
    (void)buf_add_str(&text, "{\"format\":1,}\n");
    write_file(folder, "bad.baseline", buf_span(&text));
    write_file(folder, "Ä.baseline", buf_span(&text));
    cr_expect_eq(baselines_load(folder, &r, &again, &b), ERR_CONFIG);
    cr_expect_neq(print, again);
    (void)conf_report_format(&r, &said);
    (void)buf_add_byte(&said, 0);
    cr_expect(strstr((const char *)said.p, "bad.baseline:2:13: "), "%s", (const char *)said.p);
    cr_expect(strstr((const char *)said.p, "is no id"), "%s", (const char *)said.p);
    for (unsigned i = 0; i < 3; i++) {
        static const char *const name[] = {"oven", "bad", "Ä"};
        (void)snprintf(path, sizeof path, "%s/%s.baseline", folder, name[i]);
        cr_expect_eq(unlink(path), 0);
    }
    cr_expect_eq(rmdir(folder), 0);
    conf_report_fini(&r);
    buf_fini(&text);
    buf_fini(&said);
}

/* --- products and teams -------------------------------------------------------------------------
 */

Test(baselines, a_rule_may_be_of_a_product_or_a_team) {
    struct plant *p = hall_open();
    struct alertfile *f = NULL;
    char said[HALL_SAID];
    cr_assert_eq(hall_load("rules: {a: {indicator: scrap_ratio, units: [press-1], product: lid, "
                           "above: 4 %}}",
                           p, &f, said),
                 ERR_OK, "%s", said);
    cr_expect_str_eq(f->rules.rule[0].product.s, "lid");
    cr_expect(alert_rule_by_context(&f->rules.rule[0]));
    const uint64_t said_lid = f->rules.rule[0].said;
    alertfile_close(f);
    cr_assert_eq(hall_load("rules: {a: {indicator: scrap_ratio, units: [press-1], above: 4 %}}", p,
                           &f, said),
                 ERR_OK);
    cr_expect_neq(f->rules.rule[0].said, said_lid);
    alertfile_close(f);
    cr_expect_eq(hall_load("rules:\n  a: {signal: energy, units: [press-1], product: lit, window: "
                           "10 min, no_data: true}",
                           p, &f, said),
                 ERR_CONFIG);
    cr_expect(strstr(said, "product lit does not exist; did you mean lid?"), "%s", said);
    cr_expect(strstr(said, "product and team go with above, below and norm, not with no_data"),
              "%s", said);
    cr_expect_eq(hall_load("rules:\n  a: {indicator: scrap_ratio, units: [press-1], team: red, "
                           "above: 4 %}",
                           p, &f, said),
                 ERR_CONFIG);
    cr_expect(strstr(said, "f.yaml:2:55: team red does not exist"), "%s", said);
    plant_close(p);
}
