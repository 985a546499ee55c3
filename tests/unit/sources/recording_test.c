/* The sample configurations against the recordings, where these are there. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utc.h"
#include "sourcekit/capture.h"
#include "sourcekit/yaml.h"
#include "sources/csv.h"
#include "sources/lines.h"

static struct capture got;

static void set_up(void) {
    capture_init(&got);
}

static void tear_down(void) {
    capture_fini(&got);
}

TestSuite(recording, .init = set_up, .fini = tear_down);

/* Reads the whole recording of an example; false when it is not there. */
static bool replay(const char *example, const char *file, int64_t now_ms, int64_t end_ms) {
    char path[1024], folder[900];
    struct conf_report report;
    struct csv_conf c;
    struct source *s = NULL;
    int64_t next;

    snprintf(path, sizeof path, "%s/../shared/data/%s", yaml_root(), file);
    if (!yaml_recording(path))
        return false;
    snprintf(folder, sizeof folder, "%s/config/examples", yaml_root());
    snprintf(path, sizeof path, "%s/%s", folder, example);
    char *text = yaml_file(path);
    cr_assert_not_null(text);
    yaml_load(text, &csv_schema, &c);
    conf_report_init(&report);
    csv_conf_finish(&c, &report);
    yaml_clean(&report);
    conf_report_fini(&report);
    c.folder = folder;
    cr_assert_eq(csv_open(&c, now_ms, span_of(NULL, 0), &s), ERR_OK);
    capture_drain(&got, s, end_ms, &next);
    cr_assert_eq(next, INT64_MIN);
    s->ops->close(s);
    conf_free(&csv_schema, &c);
    free(text);
    return true;
}

static int64_t at(const char *text) {
    int64_t t = 0;
    cr_assert_eq(utc_parse(span_str(text), &t), ERR_OK);
    return t;
}

/* Totals: awk -F, 'NR>1{n++; s+=$2*100; k+=$3*100} END{printf "%d %.0f %.0f\n", n, s, k}'
 * steel_plant_energy_15min_h1.csv -> 17376 52119976 22843605 (hundredths). */
Test(recording, steel_energy_sums_to_its_file) {
    if (!replay("csv_steel_energy.yaml", "steel_plant_energy_15min_h1.csv", 0, 0))
        return;
    cr_assert_eq(got.refused_n, 0u, "%s", got.refused[0]);
    cr_assert_eq(capture_count(&got, "steel-plant/energy"), 17376u);
    cr_assert_eq(capture_amount(&got, "steel-plant/energy"), INT64_C(521199760));
    cr_assert_eq(capture_amount(&got, "steel-plant/reactive-lagging"), INT64_C(228436050));
    /* 181 days from local midnight; Seoul is UTC+9. Every quarter of an hour is there once. */
    cr_assert_eq(got.cover_n, 1u);
    cr_assert_eq(got.covers[0].since_ms, at("2017-12-31T15:00:00Z"));
    cr_assert_eq(got.covers[0].until_ms, at("2018-06-30T15:00:00Z"));
    cr_assert_eq(17376 * 15, 181 * 24 * 60);
}

/* Totals: sed 's/\r//' production_log_first100_orders.csv | awk -F, 'NR>1{n++;
 * if($4!=""){t++;m+=$6; c+=$11;r+=$12} C+=$11;R+=$12} END{print n,t,m,c,r,C,R}' -> 1958 1578 320976
 * 32024 158 42655 225 */
Test(recording, production_log_sums_to_its_file) {
    int64_t minutes = 0, good = 0, scrap = 0;
    size_t rows = 0;

    if (!replay("csv_production_log.yaml", "production_log_first100_orders.csv", 0, 0))
        return;
    for (size_t i = 0; i < got.reading_n; i++) {
        const struct reading *r = &got.readings[i].r;
        const char *kind = strchr(got.points[r->point].name, '/');
        if (strcmp(kind, "/state") == 0) {
            minutes += r->v.as.span.amount;
            rows++;
        }
        good += strcmp(kind, "/good") == 0 ? r->v.as.span.amount : 0;
        scrap += strcmp(kind, "/scrap") == 0 ? r->v.as.span.amount : 0;
    }
    cr_assert_eq(got.refused_n, 0u, "%s", got.refused[0]);
    cr_assert_eq(rows, 1958u);
    cr_assert_eq(minutes, 320976 * UTC_MINUTE_MS);
    cr_assert_eq(good, 42655);
    cr_assert_eq(scrap, 225);
    /* The same with && $3=="Machine 4 - Turning & Milling": 2010 completed where there is a time.
     */
    cr_assert_geq(capture_amount(&got, "machine-4-turning-milling/good"), 2010);
}

/* awk -F, 'NR>1{n++; s+=$12+$23+$44} END{print n,s}' experiment_01.csv -> 1055 183.15 (kW) */
Test(recording, milling_power_sums_to_its_file) {
    const int64_t now = at("2026-11-23T06:00:00Z");
    int64_t nanos = 0;

    if (!replay("csv_cnc_mill.yaml", "cnc_mill/experiment_01.csv", now, now + UTC_HOUR_MS))
        return;
    cr_assert_eq(got.refused_n, 0u, "%s", got.refused[0]);
    for (size_t i = 0; i < got.reading_n; i++)
        if (strstr(got.points[got.readings[i].r.point].name, "-power") != NULL)
            nanos += got.readings[i].r.v.as.i;
    cr_assert_eq(capture_count(&got, "cnc-mill/x-power"), 1055u);
    /* awk prints six digits. */
    cr_assert_gt(nanos, INT64_C(183149500000));
    cr_assert_lt(nanos, INT64_C(183150500000));
    cr_assert_eq(got.covers[0].since_ms, now);
    cr_assert_eq(got.covers[0].until_ms, now + 1054 * 100);
}

/* awk -F, 'NR>1{n++;d+=$7;m+=$8;t+=$9} END{print n,d,m,t}' soda_line_batches.csv ->
 * 38 3858 2470 1388; INDICATORS section 8, example 10, has the same. */
Test(recording, soda_batches_sum_to_their_file) {
    if (!replay("csv_soda_line.yaml", "soda_line_batches.csv", 0, 0))
        return;
    cr_assert_eq(got.refused_n, 0u, "%s", got.refused[0]);
    cr_assert_eq(capture_count(&got, "soda-line/state"), 38u);
    cr_assert_eq(capture_amount(&got, "soda-line/state"), 3858 * UTC_MINUTE_MS);
    cr_assert_eq(capture_amount(&got, "soda-line/duration"), 38580);
    cr_assert_eq(capture_amount(&got, "soda-line/minimum"), 24700);
    cr_assert_eq(capture_amount(&got, "soda-line/downtime"), 13880);
}

/* grep -v -- '^<\|^--multi' mtconnect_okuma_segment1_shdr.txt | awk -F'|' '{for(i=2;i<NF;i+=2)
 * if($i=="Z1load"){n++;s+=$(i+1)}} END{print n,s}' -> 160 2354; the same with print for pexecution
 * and ppartcount gives READY, ACTIVE, PROGRAM_COMPLETED, READY and 0, 1. */
Test(recording, okuma_cycle_is_told_as_recorded) {
    char path[1024], folder[900];
    struct lines_conf c;
    struct source *s = NULL;
    double load = 0;
    int64_t next;

    snprintf(path, sizeof path, "%s/../shared/data/mtconnect_okuma_segment1_shdr.txt", yaml_root());
    if (!yaml_recording(path))
        return;
    snprintf(folder, sizeof folder, "%s/config/examples", yaml_root());
    snprintf(path, sizeof path, "%s/lines_okuma_shdr.yaml", folder);
    char *text = yaml_file(path);
    cr_assert_not_null(text);
    yaml_load(text, &lines_schema, &c);
    c.folder = folder;
    cr_assert_eq(lines_open(&c, 0, span_of(NULL, 0), &s), ERR_OK);
    capture_drain(&got, s, 0, &next);
    cr_assert_eq(next, INT64_MIN);
    cr_assert_eq(got.refused_n, 0u, "%s", got.refused[0]);
    cr_assert_eq(capture_count(&got, "okuma/execution"), 4u);
    cr_assert_str_eq(capture_reading(&got, "okuma/execution", 1)->text, "ACTIVE");
    cr_assert_eq(capture_reading(&got, "okuma/execution", 1)->r.t_ms,
                 at("2022-08-08T13:51:36.771Z"));
    cr_assert_eq(capture_reading(&got, "okuma/execution", 2)->r.t_ms,
                 at("2022-08-08T13:54:43.500Z"));
    cr_assert_eq(capture_reading(&got, "okuma/good", 1)->r.v.as.i, 1);
    cr_assert_str_eq(capture_reading(&got, "okuma/hydraulics", 0)->text, "NORMAL");
    cr_assert_eq(capture_count(&got, "okuma/z-load"), 160u);
    for (size_t i = 0; i < 160; i++)
        load += capture_reading(&got, "okuma/z-load", i)->r.v.as.r;
    cr_assert_eq(load, 2354.0);
    cr_assert_eq(got.cover_n, 1u);
    cr_assert_eq(got.covers[0].until_ms, at("2022-08-08T13:54:44.913Z"));
    s->ops->close(s);
    conf_free(&lines_schema, &c);
    free(text);
}
