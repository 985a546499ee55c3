/* The four classes from sums worked by hand, held against norms. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "held.h"
#include "reader.h"
#include "simkit/line_plant.h"

#define MIN UTC_MINUTE_MS
#define PIECE INT64_C(1000000)
#define KWH INT64_C(1000000000) /* in uWh */
#define NOW (SIM_DAY0 + 14 * UTC_HOUR_MS)
#define NEAR(a, b) cr_expect(fabs((a) - (b)) < 5e-5, "%.9g, not %.9g", (double)(a), (double)(b))

/* INDICATORS section 8, example 1: PBT 420 min = 373 production + 30 setup + 17 delay; ideal cycle
 * 1 s; 19,271 pieces, 423 rejects. Beside it: 2 persons, 840 labour minutes; 942.4 kWh. */
static struct sums example(void) {
    struct sums s = {0};
    s.q[QTY_TIME + CAT_PRODUCTION] = 373 * MIN;
    s.q[QTY_TIME + CAT_SETUP] = 30 * MIN;
    s.q[QTY_TIME + CAT_DELAY] = 17 * MIN;
    s.q[QTY_TIME + CAT_PLANNED_DOWN] = 60 * MIN;
    s.q[QTY_DELAY + CAUSE_FAILURE] = 17 * MIN;
    s.q[QTY_PQ] = 19271 * PIECE;
    s.q[QTY_GQ] = 18848 * PIECE;
    s.q[QTY_SQ] = 423 * PIECE;
    s.pri_pq = (i128)19271 * PIECE * 1000000000;
    s.pri_gq = (i128)18848 * PIECE * 1000000000;
    s.priced_pq = 19271 * PIECE;
    s.q[QTY_PRICED_RUN] = 373 * MIN;
    s.q[QTY_PRICED_SETUP] = 30 * MIN;
    s.q[QTY_PRICED_TIME] = 420 * MIN;
    s.q[QTY_LABOUR] = 840 * MIN;
    s.q[QTY_LABOUR_TIME] = 420 * MIN;
    s.q[QTY_ENERGY + CAT_PRODUCTION] = 900 * KWH;
    s.q[QTY_ENERGY + CAT_DELAY] = 42400 * (KWH / 1000);
    return s;
}

static void show_held(struct shown *out, const struct plant *p, uint32_t node, const struct sums *s,
                      const struct held *norm, size_t n) {
    struct json_writer w = shown_begin(out);
    struct ledger *l = held_open(p, norm, n);
    json_writer_begin_object(&w);
    view_classes(&w, p, l, node, s, NOW);
    json_writer_end_object(&w);
    shown_end(out, &w);
    ledger_close(l);
}

static void show(struct shown *out, const struct plant *p, uint32_t node, const struct sums *s) {
    show_held(out, p, node, s, NULL, 0);
}

Test(classes, lead_figures_are_those_worked_by_hand) {
    struct plant *p;
    struct shown v;
    struct sums s = example();
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    show(&v, p, 2, &s);
    cr_expect_eq(json_count(shown_at(&v, "classes")), 4);
    cr_expect_str_eq(shown_text(&v, "classes.0.class"), "equipment");
    cr_expect_str_eq(shown_text(&v, "classes.0.indicators.0.id"), "time_utilization");
    NEAR(shown_real(&v, "classes.0.indicators.0.value"), 373.0 / 420.0);
    NEAR(shown_real(&v, "classes.0.indicators.0.numerator"), 373.0 / 60.0);
    NEAR(shown_real(&v, "classes.0.indicators.0.denominator"), 7.0);
    NEAR(shown_real(&v, "classes.0.indicators.0.coverage"), 1.0);
    cr_expect_str_eq(shown_text(&v, "classes.1.indicators.0.id"), "labour_per_unit");
    NEAR(shown_real(&v, "classes.1.indicators.0.value"), 840.0 / 18848.0);
    cr_expect_str_eq(shown_text(&v, "classes.2.indicators.0.id"), "energy_per_good");
    NEAR(shown_real(&v, "classes.2.indicators.0.value"), 0.05); /* 942.4 / 18848 */
    cr_expect_str_eq(shown_text(&v, "classes.3.indicators.0.id"), "scrap_ratio");
    NEAR(shown_real(&v, "classes.3.indicators.0.value"), 423.0 / 19271.0);
    shown_fini(&v);
    plant_close(p);
}

Test(classes, oee_of_the_printed_example_is_shown) {
    struct plant *p;
    struct shown v;
    struct sums s = example();
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    show(&v, p, 2, &s);
    bool seen = false;
    for (size_t i = 0; i < json_count(shown_at(&v, "classes.0.indicators")); i++) {
        char id[64], value[64];
        snprintf(id, sizeof id, "classes.0.indicators.%zu.id", i);
        snprintf(value, sizeof value, "classes.0.indicators.%zu.value", i);
        if (strcmp(shown_text(&v, id), "oee"))
            continue;
        seen = true;
        NEAR(shown_real(&v, value), 0.7479);
    }
    cr_expect(seen);
    shown_fini(&v);
    plant_close(p);
}

Test(classes, whole_is_the_worst_and_is_written_out) {
    /* 0.8881 against 0.85 is met; 0.0219 scrap against 0.02 is not; 0.05 kWh against 0.06 is better
     * by a sixth; labour has none. */
    static const struct held norm[] = {
        {.node = 2, .indicator = "time_utilization", .value = 0.85, .approved_by = "an engineer"},
        {.node = 2, .indicator = "scrap_ratio", .value = 0.02, .approved_by = "an engineer"},
        {.node = 2, .indicator = "energy_per_good", .value = 0.06, .approved_by = "an officer"},
    };
    struct plant *p;
    struct shown v;
    struct sums s = example();
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    show_held(&v, p, 2, &s, norm, 3);
    cr_expect_str_eq(shown_text(&v, "classes.0.status"), "met");
    cr_expect_str_eq(shown_text(&v, "classes.1.status"), "no_norm");
    cr_expect_str_eq(shown_text(&v, "classes.2.status"), "better");
    cr_expect_str_eq(shown_text(&v, "classes.3.status"), "not_met");
    cr_expect_str_eq(shown_text(&v, "whole.status"), "not_met");
    cr_expect_eq(shown_int(&v, "whole.not_met"), 1);
    cr_expect_eq(shown_int(&v, "whole.no_norm"), 1);
    cr_expect_eq(shown_int(&v, "whole.met"), 1);
    cr_expect_eq(shown_int(&v, "whole.better"), 1);
    cr_expect_str_eq(shown_text(&v, "classes.0.indicators.0.norm.approved_by"), "an engineer");
    shown_fini(&v);
    plant_close(p);
}

Test(classes, norm_in_force_is_the_newest_that_has_begun) {
    static const struct held norm[] = {
        {.node = 2, .indicator = "time_utilization", .value = 0.95, .from_ms = NOW + 1},
        {.node = 2, .indicator = "time_utilization", .value = 0.90, .from_ms = NOW},
        {.node = 2, .indicator = "time_utilization", .value = 0.80, .from_ms = NOW - 1},
        {.node = 3, .indicator = "time_utilization", .value = 0.10, .from_ms = NOW},
    };
    struct plant *p;
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    struct ledger *l = held_open(p, norm, 4);
    const enum indicator i = IND_TIME_UTILIZATION;
    NEAR(view_norm_at(p, l, 2, i, NOW).value, 0.90);
    NEAR(view_norm_at(p, l, 2, i, NOW - 1).value, 0.80);
    NEAR(view_norm_at(p, l, 2, i, NOW + 1).value, 0.95);
    cr_expect_not(view_norm_at(p, l, 2, i, NOW - 2).given);
    cr_expect_not(view_norm_at(p, l, 1, i, NOW).given, "what is of a unit is not of its line");
    cr_expect_not(view_norm_at(p, l, 2, IND_OEE, NOW).given);
    ledger_close(l);
    plant_close(p);
}

Test(classes, thin_coverage_is_never_judged) {
    static const struct held norm[] = {{.node = 2, .indicator = "time_utilization", .value = 0.99}};
    struct plant *p;
    struct shown v;
    struct sums s = example();
    s.q[QTY_TIME + CAT_UNKNOWN] = 60 * MIN; /* 420 of 480 known: 87.5 % */
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    show_held(&v, p, 2, &s, norm, 1);
    cr_expect_str_eq(shown_text(&v, "classes.0.indicators.0.status"), "no_data");
    cr_expect_str_eq(shown_text(&v, "classes.0.indicators.0.reason"), "low_coverage");
    NEAR(shown_real(&v, "classes.0.indicators.0.coverage"), 0.875);
    NEAR(shown_real(&v, "classes.0.indicators.0.value"), 373.0 / 420.0);
    NEAR(shown_real(&v, "classes.0.indicators.0.low"), 373.0 / 480.0);
    NEAR(shown_real(&v, "classes.0.indicators.0.high"), 433.0 / 480.0);
    shown_fini(&v);
    plant_close(p);
}

Test(classes, undefined_is_null_with_its_reason) {
    struct plant *p;
    struct shown v;
    struct sums s = {0};
    s.q[QTY_TIME + CAT_NOT_SCHEDULED] = 60 * MIN;
    s.q[QTY_ENERGY + CAT_NOT_SCHEDULED] = 3 * KWH;
    s.q[QTY_SCRAP_DUE] = s.q[QTY_SCRAP_SEEN] = 60 * MIN;
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    show(&v, p, 2, &s);
    for (int c = 0; c < 4; c++) {
        char path[64];
        snprintf(path, sizeof path, "classes.%d.indicators.0.value", c);
        cr_expect_eq(json_kind(shown_at(&v, path)), JSON_KIND_NULL);
        snprintf(path, sizeof path, "classes.%d.status", c);
        cr_expect_str_eq(shown_text(&v, path), "no_data");
    }
    cr_expect_str_eq(shown_text(&v, "classes.0.indicators.0.reason"), "not_scheduled");
    cr_expect_str_eq(shown_text(&v, "classes.1.indicators.0.reason"), "no_headcount");
    cr_expect_str_eq(shown_text(&v, "classes.2.indicators.0.reason"), "no_pieces_yet");
    cr_expect_str_eq(shown_text(&v, "classes.3.indicators.0.reason"), "no_pieces_yet");
    NEAR(shown_real(&v, "classes.2.indicators.0.numerator"), 3.0); /* the kWh are still told */
    shown_fini(&v);
    plant_close(p);
}

Test(classes, window_of_which_nothing_is_known_has_not_begun) {
    struct plant *p;
    struct sums s = {0};
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    for (unsigned i = 0; i < INDICATOR_COUNT; i++)
        cr_expect_str_eq(view_reason(p, 2, (enum indicator)i, &s), "not_begun");
    plant_close(p);
}

Test(classes, missing_class_says_which_signal_is_missing) {
    struct plant *p;
    struct shown v;
    struct sums s = example();
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    struct plant_unit *unit = (struct plant_unit *)p->unit; /* in the plant's own arena */
    unit[0].missing_class[CLASS_LABOUR] = true;
    unit[0].missing_class[CLASS_CONSUMPTION] = true;
    show(&v, p, 2, &s);
    cr_expect_str_eq(shown_text(&v, "classes.1.missing"), "no_headcount");
    cr_expect_str_eq(shown_text(&v, "classes.2.missing"), "no_meter");
    cr_expect_str_eq(shown_text(&v, "classes.1.status"), "no_data");
    cr_expect_null(shown_text(&v, "classes.0.missing"));
    shown_fini(&v);
    /* One unit of the line has it: the line's class is there. */
    cr_expect_null(view_missing(p, 1, CLASS_LABOUR));
    plant_close(p);
}

Test(classes, node_without_outputs_says_so) {
    struct plant *p;
    struct sums s = {0};
    s.q[QTY_TIME + CAT_PRODUCTION] = 60 * MIN;
    s.q[QTY_SCRAP_DUE] = s.q[QTY_SCRAP_SEEN] = 60 * MIN;
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    struct plant_node node[4];
    memcpy(node, p->node, sizeof node);
    node[1].output_n = 0;
    p->node = node;
    cr_expect_str_eq(view_reason(p, 1, IND_SCRAP_RATIO, &s), "no_output_declared");
    cr_expect_str_eq(view_reason(p, 2, IND_SCRAP_RATIO, &s), "no_pieces_yet");
    cr_expect_null(view_reason(p, 1, IND_TIME_UTILIZATION, &s));
    plant_close(p);
}

Test(classes, judging_knows_both_directions) {
    struct indicator_value v = {.defined = true, .coverage = 1.0};
    struct view_norm norm = {.given = true, .value = 0.5};
    const enum indicator high = IND_TIME_UTILIZATION, low = IND_SCRAP_RATIO;
    v.value = 0.499;
    cr_expect_eq(view_judge(high, &v, &norm), VIEW_NOT_MET);
    cr_expect_eq(view_judge(low, &v, &norm), VIEW_MET);
    v.value = 0.5;
    cr_expect_eq(view_judge(high, &v, &norm), VIEW_MET);
    cr_expect_eq(view_judge(low, &v, &norm), VIEW_MET);
    v.value = 0.56; /* 112 % of the norm */
    cr_expect_eq(view_judge(high, &v, &norm), VIEW_BETTER);
    cr_expect_eq(view_judge(low, &v, &norm), VIEW_NOT_MET);
    cr_expect_eq(view_judge(high, &v, &(struct view_norm){0}), VIEW_NO_NORM);
    norm = (struct view_norm){.given = true, .standard = true, .low = 0.5, .high = 0.56};
    cr_expect_eq(view_judge(high, &v, &norm), VIEW_MET, "a band has no better side");
    v.value = 0.5601;
    cr_expect_eq(view_judge(high, &v, &norm), VIEW_NOT_MET);
    v.value = 0.4999;
    cr_expect_eq(view_judge(high, &v, &norm), VIEW_NOT_MET);
    v.defined = false;
    cr_expect_eq(view_judge(high, &v, &norm), VIEW_NO_DATA);
}

/* An hour of 100 pieces; meter and scrap signal are configured and never spoke. Norms of both can
 * neither be met nor be bettered. */
Test(classes, silence_is_never_better_than_a_norm) {
    static const struct held norm[] = {{.node = 2, .indicator = "energy_per_good", .value = 0.5},
                                       {.node = 2, .indicator = "scrap_ratio", .value = 0.02}};
    struct plant *p;
    struct shown v;
    struct sums s = {0};
    s.q[QTY_TIME + CAT_PRODUCTION] = 60 * MIN;
    s.q[QTY_PQ] = s.q[QTY_GQ] = 100 * PIECE;
    s.q[QTY_ENERGY_DUE] = s.q[QTY_SCRAP_DUE] = s.q[QTY_QUALITY_DUE] = 60 * MIN;
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    show_held(&v, p, 2, &s, norm, 2);
    for (int c = 2; c < 4; c++) {
        char path[64];
        snprintf(path, sizeof path, "classes.%d.status", c);
        cr_expect_str_eq(shown_text(&v, path), "no_data");
        snprintf(path, sizeof path, "classes.%d.indicators.0.value", c);
        cr_expect_eq(json_kind(shown_at(&v, path)), JSON_KIND_NULL);
        snprintf(path, sizeof path, "classes.%d.indicators.0.numerator", c);
        cr_expect_eq(json_kind(shown_at(&v, path)), JSON_KIND_NULL);
    }
    cr_expect_str_eq(shown_text(&v, "classes.2.indicators.0.reason"), "energy_not_seen");
    cr_expect_str_eq(shown_text(&v, "classes.3.indicators.0.reason"), "scrap_not_seen");
    shown_fini(&v);
    plant_close(p);
}

/* A line with a norm of 2 persons at the press: nothing due yet, due and not told, 6 of 8 h, 10 of
 * 8 h. The pack has none. */
Test(classes, manning_is_met_or_not_and_never_better) {
    static const struct plant_manning two = {2, SIM_DAY0};
    const struct plant_norm of_file = {2, "manning", 1, "A. Foreman", SIM_DAY0};
    struct indicator_value v;
    struct sums s = example();
    struct plant *p;
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    cr_expect_str_eq(view_reason(p, 2, IND_MANNING, &s), "no_manning_norm");
    struct plant_unit *unit = (struct plant_unit *)p->unit; /* in the plant's own arena */
    unit[0].manning = &two;
    unit[0].manning_n = 1;
    cr_expect_str_eq(view_reason(p, 2, IND_MANNING, &s), "not_scheduled");
    cr_expect_str_eq(view_reason(p, 1, IND_MANNING, &s), "not_scheduled", "the press is below it");
    cr_expect_str_eq(view_reason(p, 3, IND_MANNING, &s), "no_manning_norm");
    s.q[QTY_MANNING_DUE] = 4 * UTC_HOUR_MS;
    cr_expect_str_eq(view_reason(p, 2, IND_MANNING, &s), "no_headcount");
    s.q[QTY_MANNING_SEEN] = 4 * UTC_HOUR_MS;
    s.q[QTY_MANNING_NORM] = 8 * UTC_HOUR_MS;
    s.q[QTY_MANNED] = 6 * UTC_HOUR_MS;
    cr_expect_null(view_reason(p, 2, IND_MANNING, &s));
    p->norm = &of_file;
    p->norm_n = 1;
    const struct view_norm norm = view_norm_at(p, NULL, 2, IND_MANNING, NOW);
    cr_expect_str_eq(norm.approved_by, "A. Foreman", "it is the plant file's");
    v = indicator_of(IND_MANNING, &s);
    cr_expect_eq(view_judge(IND_MANNING, &v, &norm), VIEW_NOT_MET);
    s.q[QTY_MANNED] = 8 * UTC_HOUR_MS;
    v = indicator_of(IND_MANNING, &s);
    cr_expect_eq(view_judge(IND_MANNING, &v, &norm), VIEW_MET);
    s.q[QTY_MANNED] = 10 * UTC_HOUR_MS;
    v = indicator_of(IND_MANNING, &s);
    cr_expect_eq(view_judge(IND_MANNING, &v, &norm), VIEW_MET, "more hands are not better");
    plant_close(p);
}

/* The meter was read for 30 of 60 minutes: 5 kWh for 100 pieces is half of a figure. */
Test(classes, half_a_figure_is_not_judged) {
    static const struct held norm[] = {{.node = 2, .indicator = "energy_per_good", .value = 0.5}};
    struct plant *p;
    struct shown v;
    struct sums s = {0};
    s.q[QTY_TIME + CAT_PRODUCTION] = 60 * MIN;
    s.q[QTY_PQ] = s.q[QTY_GQ] = 100 * PIECE;
    s.q[QTY_ENERGY + CAT_PRODUCTION] = 5 * KWH;
    s.q[QTY_ENERGY_DUE] = 60 * MIN;
    s.q[QTY_ENERGY_SEEN] = 30 * MIN;
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    show_held(&v, p, 2, &s, norm, 1);
    cr_expect_str_eq(shown_text(&v, "classes.2.status"), "no_data");
    cr_expect_str_eq(shown_text(&v, "classes.2.indicators.0.reason"), "low_coverage");
    NEAR(shown_real(&v, "classes.2.indicators.0.coverage"), 0.5);
    NEAR(shown_real(&v, "classes.2.indicators.0.value"), 0.05);
    shown_fini(&v);
    plant_close(p);
}

Test(classes, what_a_value_leaves_out_is_noted) {
    struct plant *p;
    struct sums s = example();
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    cr_expect_null(view_note(p, 2, IND_OEE, &s));
    cr_expect_null(view_note(p, 2, IND_SCRAP_RATIO, &s));
    cr_expect_str_eq(view_note(p, 1, IND_SCRAP_RATIO, &s), "scrap_of_all", "a line");
    s.q[QTY_PQ_UNPRICED] = PIECE;
    cr_expect_str_eq(view_note(p, 2, IND_OEE, &s), "unpriced_product");
    cr_expect_null(view_note(p, 2, IND_TIME_UTILIZATION, &s));
    plant_close(p);
}

Test(classes, energy_without_pieces_is_idle_energy) {
    struct sums s = {0};
    s.q[QTY_ENERGY + CAT_DELAY] = 3 * KWH;
    NEAR(view_idle_kwh(&s), 3.0);
    s.q[QTY_GQ_UNKNOWN] = PIECE;
    cr_expect(isnan(view_idle_kwh(&s)));
}

Test(classes, no_norm_is_held_against_a_unit_in_commissioning) {
    static const struct held norm[] = {{.node = 2, .indicator = "time_utilization", .value = 0.5}};
    struct plant *p;
    struct shown v;
    struct sums s = example();
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    ((struct plant_unit *)p->unit)[0].commissioning =
        (struct plant_term){INT64_MIN, INT64_MAX}; /* in the plant's own arena */
    show_held(&v, p, 2, &s, norm, 1);
    cr_expect_str_eq(shown_text(&v, "classes.0.status"), "no_norm");
    NEAR(shown_real(&v, "classes.0.indicators.0.value"), 373.0 / 420.0);
    shown_fini(&v);
    plant_close(p);
}
