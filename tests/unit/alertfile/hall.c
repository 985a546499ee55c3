#include "hall.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/clock.h"
#include "plantfile/plantfile.h"

static const char hall_text[] =
    "site: {id: s, time_zone: Etc/UTC, outputs: [a]}\n"
    "carriers: {gas: {unit: m3, factors: [{kwh: 10}]}}\n"
    "calendars: {two: {shifts: {early: {start: \"06:00\", end: \"14:00\"}, late: {start: "
    "\"14:00\", end: \"22:00\"}}}}\n"
    "products: {lid: {}}\n"
    "areas:\n"
    "  a:\n"
    "    outputs: [l]\n"
    "    lines:\n"
    "      l:\n"
    "        agent: gw\n"
    "        calendar: two\n"
    "        outputs: [pack-1]\n"
    "        units:\n"
    "          press-1: {class: press, state: {from: map, map: packml}, signals: {state: {point: "
    "s1}, good: {point: g1, max_rate: 9 1/h}, scrap: {point: x1, max_rate: 9 1/h}, energy: "
    "{point: e1, max_rate: 9 1/h}}, norms: {time_utilization: {value: 0.8, approved_by: A, from: "
    "\"2026-01-01T00:00:00Z\"}}}\n"
    "          press-2: {class: press, state: {from: map, map: packml}, signals: {state: {point: "
    "s2}, good: {point: g2, max_rate: 9 1/h}, scrap: {point: x2, max_rate: 9 1/h}, energy: "
    "{point: e2, max_rate: 9 1/h}}}\n"
    "          pack-1: {signals: {good: {point: g3, max_rate: 9 1/h}}}\n"
    "      m:\n"
    "        agent: gw\n"
    "        units:\n"
    "          oven-1: {signals: {energy: {point: e3, max_rate: 9 1/h}}, gauges: {chamber: {point: "
    "t3, "
    "unit: degC}, draught: {point: d3, unit: mbar}}}\n"
    "          oven-2: {gauges: {chamber: {point: t4, unit: degC}, draught: {point: d4, unit: "
    "Pa}}}\n";

struct plant *hall_open(void) {
    struct conf_report report;
    struct plant *p = NULL;
    struct buf text;
    conf_report_init(&report);
    buf_init(&text);
    const enum err err =
        plantfile_load(span_str(hall_text), "plant.yaml", clock_zone_bytes, &report, &p);
    (void)conf_report_format(&report, &text);
    cr_assert_eq(err, ERR_OK, "%.*s", (int)text.n, (const char *)text.p);
    buf_fini(&text);
    conf_report_fini(&report);
    return p;
}

enum err hall_load(const char *yaml, const struct plant *p, struct alertfile **out,
                   char said[HALL_SAID]) {
    struct conf_report report;
    struct buf text;
    conf_report_init(&report);
    buf_init(&text);
    const enum err err = alertfile_parse(span_str(yaml), "f.yaml", p, NULL, &report, out);
    (void)conf_report_format(&report, &text);
    (void)conf_report_format_notes(&report, &text);
    (void)snprintf(said, HALL_SAID, "%.*s", (int)text.n, text.n ? (const char *)text.p : "");
    buf_fini(&text);
    conf_report_fini(&report);
    return err;
}
