/* GET /api/v1/explain: where a number comes from, and what is wrong with a question. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "rig.h"

static struct json_value *tree(const struct answer *a) {
    struct json_value *v = NULL;
    cr_assert_eq(json_parse(span_of(a->body, a->body_n), NULL, &v, NULL), ERR_OK, "%s", a->body);
    return v;
}

static bool text_is(const struct json_value *v, const char *key, const char *text) {
    struct span s = {0};
    return json_string_of(json_find(v, key), &s) == ERR_OK && span_equal(s, span_str(text));
}

static int64_t int_of(const struct json_value *v, const char *key) {
    int64_t n = -1;
    cr_expect_eq(json_int64_of(json_find(v, key), &n), ERR_OK, "%s", key);
    return n;
}

static double real_of(const struct json_value *v, const char *key) {
    double x = -1;
    cr_expect_eq(json_double_of(json_find(v, key), &x), ERR_OK, "%s", key);
    return x;
}

static void stand(struct rig *r, int64_t from_min, int64_t to_min, int64_t machine) {
    script_asof(&r->gw1, RIG_T0, RIG_T0 + to_min * UTC_MINUTE_MS);
    script_int(&r->gw1, r->state, RIG_T0 + from_min * UTC_MINUTE_MS, machine);
    cr_assert_eq(script_send(&r->gw1), ERR_OK);
    const int64_t wall_ms = RIG_T0 + to_min * UTC_MINUTE_MS;
    cr_assert_eq(station_tick(&r->station, (struct core_now){wall_ms, 1000 + wall_ms - RIG_T0}),
                 ERR_OK);
    cr_assert_eq(station_settle(&r->station), ERR_OK);
}

/* The press runs since 06:00, stands from 06:10 to 06:22, runs to 06:40. */
static void open_and_stand(struct rig *r) {
    rig_open(r, NULL);
    stand(r, 10, 22, MACHINE_HELD);
    stand(r, 22, 40, MACHINE_RUN);
}

static const struct json_value *sum_of(const struct json_value *v, const char *id) {
    const struct json_value *sums = json_find(v, "sums");
    for (size_t i = 0; i < json_count(sums); i++)
        if (text_is(json_at(sums, i), "id", id))
            return json_at(sums, i);
    cr_assert_fail("no sum %s", id);
    return NULL;
}

Test(explain, an_open_hour_is_told_with_its_parts) {
    struct rig r;
    struct answer a;
    open_and_stand(&r);
    ask(&r, "GET", "/api/v1/explain?unit=press&kind=hour&indicator=time_utilization", "", NULL, &a);
    cr_assert_eq(a.status, 200, "%s", a.body);
    struct json_value *v = tree(&a);
    const struct json_value *i = json_find(v, "indicator"), *w = json_find(v, "window"),
                            *parts = json_find(v, "parts"), *run = sum_of(v, "time_production");
    cr_expect(text_is(i, "formula", "APT / (PBT - UNKNOWN)"));
    cr_expect_float_eq(real_of(i, "value"), 28.0 / 40, 1e-12);
    cr_expect_float_eq(real_of(i, "numerator"), 28.0 / 60, 1e-12); /* hours */
    cr_expect(text_is(w, "life", "provisional"));
    cr_expect(text_is(w, "start", "2026-06-01T06:00:00.000Z"));
    cr_expect_eq(json_kind(json_find(w, "told")), JSON_KIND_NULL, "it was never told");
    cr_expect_eq(int_of(run, "told"), 28 * UTC_MINUTE_MS);
    cr_expect_eq(int_of(run, "parts"), 28 * UTC_MINUTE_MS);
    cr_expect(text_is(run, "numerator", "more") && text_is(run, "denominator", "more"));
    cr_expect_eq(int_of(sum_of(v, "time_delay"), "told"), 12 * UTC_MINUTE_MS);
    bool adds_up = false;
    cr_expect_eq(json_bool_of(json_find(v, "adds_up"), &adds_up), ERR_OK);
    cr_expect(adds_up);
    cr_assert_eq(json_count(parts), 3u, "%s", a.body);
    cr_expect(text_is(json_at(parts, 1), "kind", "interval"));
    cr_expect(text_is(json_at(parts, 1), "category", "delay"));
    cr_expect(text_is(json_at(parts, 1), "cause", "unstated"));
    cr_expect(text_is(json_at(parts, 1), "from", "2026-06-01T06:10:00.000Z"));
    cr_expect_eq(int_of(json_find(json_at(parts, 1), "adds"), "time_delay"), 12 * UTC_MINUTE_MS);
    cr_expect(text_is(json_at(json_find(v, "contexts"), 0), "order", "o-1"));
    json_close(v);
    answer_fini(&a);
    rig_close(&r);
}

/* One part of each sum is told: the second stretch of running, of 18 minutes, is in the rest. Time
 * that is in no sum is told as often. */
Test(explain, what_is_left_out_is_told_as_a_whole) {
    struct rig r;
    struct answer a;
    open_and_stand(&r);
    ask(&r, "GET",
        "/api/v1/explain?unit=press&kind=shift&start=2026-06-01/early&indicator=time_utilization"
        "&limit=1",
        "", NULL, &a);
    cr_assert_eq(a.status, 200, "%s", a.body);
    struct json_value *v = tree(&a);
    const struct json_value *more = json_find(v, "more");
    cr_expect_eq(json_count(json_find(v, "parts")), 2u);
    cr_expect_eq(int_of(more, "n"), 1);
    cr_expect_eq(int_of(json_find(more, "adds"), "time_production"), 18 * UTC_MINUTE_MS);
    json_close(v);
    answer_fini(&a);
    rig_close(&r);
}

static void enter(struct rig *r, const struct act *a) {
    struct core_act_answer answer;
    cr_assert_eq(core_on_act(r->station.core, a, r->station.now, &answer), ERR_OK);
    cr_assert_eq(station_settle(&r->station), ERR_OK);
}

/* A stated cause moves no time; it stands at the interval, and among the entries, until voided. */
Test(explain, entries_are_told_also_those_that_do_not_hold) {
    struct rig r;
    struct answer a;
    open_and_stand(&r);
    enter(&r, &(struct act){.kind = ACT_CAUSE,
                            .key = span_str("k1"),
                            .unit = span_str("press"),
                            .t0_ms = RIG_T0 + 10 * UTC_MINUTE_MS,
                            .t1_ms = RIG_T0 + 22 * UTC_MINUTE_MS,
                            .text = span_str("material"),
                            .who = span_str("shift")});
    stand(&r, 40, 41, MACHINE_RUN);
    static const char path[] = "/api/v1/explain?unit=press&kind=hour&start=2026-06-01T06:59:59Z"
                               "&indicator=time_utilization";
    ask(&r, "GET", path, "", NULL, &a);
    cr_assert_eq(a.status, 200, "%s", a.body);
    struct json_value *v = tree(&a);
    cr_expect(text_is(json_at(json_find(v, "parts"), 1), "cause", "material"), "%s", a.body);
    const struct json_value *entry = json_at(json_find(v, "entries"), 0);
    cr_expect(text_is(entry, "kind", "cause"));
    cr_expect(text_is(entry, "who", "shift"));
    cr_expect_eq(json_kind(json_find(entry, "voided_by")), JSON_KIND_NULL, "%s", a.body);
    json_close(v);
    answer_fini(&a);
    enter(&r, &(struct act){
                  .kind = ACT_VOID, .key = span_str("k2"), .value = 1, .who = span_str("shift")});
    stand(&r, 41, 42, MACHINE_RUN);
    ask(&r, "GET", path, "", NULL, &a);
    v = tree(&a);
    cr_expect(text_is(json_at(json_find(v, "parts"), 1), "cause", "unstated"), "%s", a.body);
    cr_expect_eq(int_of(json_at(json_find(v, "entries"), 0), "voided_by"), 2);
    json_close(v);
    answer_fini(&a);
    rig_close(&r);
}

/* Bolts take 10 s each by the plant file. */
Test(explain, the_ideal_cycle_in_force_is_among_the_factors) {
    struct rig r;
    struct answer a;
    open_and_stand(&r);
    ask(&r, "GET", "/api/v1/explain?unit=press&kind=hour&indicator=effectiveness", "", NULL, &a);
    cr_assert_eq(a.status, 200, "%s", a.body);
    struct json_value *v = tree(&a);
    const struct json_value *f = json_at(json_find(v, "factors"), 0);
    cr_assert_not_null(f, "%s", a.body);
    cr_expect(text_is(f, "factor", "ideal_cycle"));
    cr_expect(text_is(f, "of", "bolt"));
    cr_expect(text_is(f, "value", "10"));
    cr_expect(text_is(f, "in", "s/piece"));
    json_close(v);
    answer_fini(&a);
    rig_close(&r);
}

Test(explain, a_node_is_told_by_the_units_below) {
    struct rig r;
    struct answer a;
    open_and_stand(&r);
    ask(&r, "GET", "/api/v1/explain?unit=line&kind=day&start=2026-06-01&indicator=time_utilization",
        "", NULL, &a);
    cr_assert_eq(a.status, 200, "%s", a.body);
    struct json_value *v = tree(&a);
    cr_expect(text_is(v, "from", "minutes"));
    const struct json_value *part = json_at(json_find(v, "parts"), 0);
    cr_expect(text_is(part, "kind", "unit"));
    cr_expect(text_is(part, "unit", "press"));
    cr_expect_eq(int_of(json_find(part, "adds"), "time_production"), 28 * UTC_MINUTE_MS);
    cr_expect(text_is(json_at(json_find(v, "contexts"), 0), "order", "o-1") ||
                  text_is(json_at(json_find(v, "contexts"), 1), "order", "o-1"),
              "%s", a.body);
    json_close(v);
    answer_fini(&a);
    rig_close(&r);
}

Test(explain, what_is_wrong_with_a_question_is_said) {
    static const struct {
        const char *query;
        int status;
        const char *words;
    } wrong[] = {
        {"", 400, "unit: missing"},
        {"unit=press", 400, "kind: missing"},
        {"unit=press&kind=hour", 400, "indicator: missing"},
        {"unit=pres&kind=hour&indicator=oee", 404, "has this id; did you mean press?"},
        {"unit=nothing-like-it&kind=hour&indicator=oee", 404, "has this id\""},
        {"unit=press&kind=week&indicator=oee", 400, "kind: one of"},
        {"unit=press&kind=hour&indicator=oe", 400, "did you mean oee?"},
        {"unit=press&kind=hour&indicator=time_utilisation", 400, "did you mean time_utilization?"},
        {"unit=press&kind=hour&start=noon&indicator=oee", 400, "start: expected a time"},
        {"unit=press&kind=hour&start=&indicator=oee", 400, "start: expected a time"},
        {"unit=press&kind=shift&start=2026-06-01/noon&indicator=oee", 400, "start: no shift"},
        {"unit=press&kind=shift&start=early/2026-06-01&indicator=oee", 400, "start: expected"},
        {"unit=press&kind=hour&start=2026-06-01/early&indicator=oee", 400, "start: expected"},
        {"unit=press&kind=hour&start=2026-06-01T07:00:00Z&indicator=oee", 400, "not begun yet"},
        {"unit=press&kind=hour&start=2006-06-01T07:00:00Z&indicator=oee", 400, "keep_windows"},
        {"unit=press&kind=minute&start=2025-03-01T07:00:00Z&indicator=oee", 400, "keep_cells"},
        {"unit=press&kind=hour&start=2026-05-31T07:00:00Z&indicator=oee", 404, "nothing was known"},
        {"unit=press&kind=hour&indicator=oee&format=csv", 400, "known parameters: unit, kind"},
        {"unit=press&kind=hour&indicator=oee&limit=0", 400, "limit"},
        {"node=press&kind=hour&indicator=oee", 400, "known parameters: unit, kind"},
    };
    struct rig r;
    struct answer a;
    char path[256];
    open_and_stand(&r);
    r.plant->keep_cells_ms = 396 * UTC_DAY_MS;
    r.plant->keep_windows_ms = 3653 * UTC_DAY_MS;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(path, sizeof path, "/api/v1/explain?%s", wrong[i].query);
        ask(&r, "GET", path, "", NULL, &a);
        cr_expect_eq(a.status, wrong[i].status, "%s: %d", wrong[i].query, a.status);
        cr_expect_not_null(strstr(a.body, wrong[i].words), "%s: %s", wrong[i].query, a.body);
        answer_fini(&a);
    }
    rig_close(&r);
}

Test(explain, a_date_is_the_local_day) {
    struct rig r;
    struct answer a;
    open_and_stand(&r);
    ask(&r, "GET", "/api/v1/explain?unit=press&kind=day&start=2026-06-01&indicator=oee", "", NULL,
        &a);
    cr_assert_eq(a.status, 200, "%s", a.body);
    struct json_value *v = tree(&a);
    cr_expect(text_is(json_find(v, "window"), "start", "2026-06-01T00:00:00.000Z"), "%s", a.body);
    json_close(v);
    answer_fini(&a);
    rig_close(&r);
}
