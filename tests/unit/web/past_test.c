/* GET /api/v1/windows: pages of history, what is wrong with a question, and clients that do not
 * wait for the answer. */
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

/* The press runs since 06:00 and is known up to 06:10, ordered since then. */
static void open_at_ten(struct rig *r) {
    rig_open(r, NULL);
    rig_say(r, RIG_T0 + 10 * UTC_MINUTE_MS, MACHINE_RUN);
}

Test(past, minutes_come_page_by_page) {
    struct rig r;
    struct answer a;
    open_at_ten(&r);
    ask(&r, "GET",
        "/api/v1/windows?node=press&kind=minute&from=2026-06-01T06:00:00Z&to=2026-06-01T07:00:00Z"
        "&limit=4",
        "", NULL, &a);
    cr_assert_eq(a.status, 200, "%s", a.body);
    cr_expect(answer_has(&a, "content-type: application/json\r\n"));
    cr_expect(answer_has(&a, "plantbus-next: 2026-06-01T06:04:00.000Z\r\n"));
    struct json_value *v = tree(&a);
    cr_expect(text_is(v, "node", "press"));
    cr_expect(text_is(v, "kind", "minute"));
    cr_expect(text_is(v, "next", "2026-06-01T06:04:00.000Z"));
    const struct json_value *list = json_find(v, "windows"), *first = json_at(list, 0);
    cr_assert_eq(json_count(list), 4);
    cr_expect(text_is(first, "start", "2026-06-01T06:00:00.000Z"));
    cr_expect(text_is(first, "end", "2026-06-01T06:01:00.000Z"));
    cr_expect(text_is(first, "life", "settled"), "known up to five minutes and more after it");
    cr_expect(text_is(first, "cause", "none"));
    cr_expect_eq(int_of(first, "revision"), 0);
    cr_expect_eq(int_of(json_find(first, "sums"), "time_production"), UTC_MINUTE_MS);
    const struct json_value *u = json_find(json_find(first, "indicators"), "time_utilization");
    double numerator = 0, coverage = 0;
    cr_expect_eq(json_double_of(json_find(u, "numerator"), &numerator), ERR_OK);
    cr_expect_float_eq(numerator, 1.0 / 60.0, 1e-12); /* hours */
    cr_expect_eq(json_double_of(json_find(first, "coverage"), &coverage), ERR_OK);
    cr_expect_float_eq(coverage, 1.0, 1e-12);
    json_close(v);
    answer_fini(&a);
    ask(&r, "GET",
        "/api/v1/windows?node=press&kind=minute&from=2026-06-01T06:04:00.000Z"
        "&to=2026-06-01T07:00:00Z",
        "", NULL, &a);
    v = tree(&a);
    cr_expect_eq(json_count(json_find(v, "windows")), 6);
    cr_expect_eq(json_kind(json_find(v, "next")), JSON_KIND_NULL);
    cr_expect_not(answer_has(&a, "plantbus-next:"));
    json_close(v);
    answer_fini(&a);
    rig_close(&r);
}

Test(past, csv_has_a_head_and_a_record_each) {
    struct rig r;
    struct answer a;
    open_at_ten(&r);
    ask(&r, "GET", "/api/v1/windows?node=press&kind=15min&format=csv&from=2026-06-01&to=2026-06-02",
        "", NULL, &a);
    cr_assert_eq(a.status, 200, "%s", a.body);
    cr_expect(answer_has(&a, "content-type: text/csv; charset=utf-8\r\n"));
    cr_expect_eq(strncmp(a.body, "node,window,start,end,product,team,life,revision,cause,", 55), 0);
    size_t lines = 0;
    for (size_t i = 0; i < a.body_n; i++)
        lines += a.body[i] == '\n';
    /* From midnight to 06:15: 25 quarters. */
    cr_expect_eq(lines, 26, "%zu", lines);
    cr_expect_not_null(strstr(a.body, "press,15min,2026-06-01T06:00:00.000Z,"));
    answer_fini(&a);
    rig_close(&r);
}

Test(past, the_last_day_is_meant_when_no_span_is_named) {
    struct rig r;
    struct answer a;
    open_at_ten(&r);
    ask(&r, "GET", "/api/v1/windows?node=line&kind=hour", "", NULL, &a);
    struct json_value *v = tree(&a);
    /* The station's clock says 06:10: hours 00 to 06. */
    cr_expect_eq(json_count(json_find(v, "windows")), 7);
    json_close(v);
    answer_fini(&a);
    ask(&r, "GET", "/api/v1/windows?node=press&kind=shift&team=red", "", NULL, &a);
    v = tree(&a);
    cr_expect_eq(json_count(json_find(v, "windows")), 1);
    cr_expect(text_is(json_at(json_find(v, "windows"), 0), "team", "red"));
    json_close(v);
    answer_fini(&a);
    ask(&r, "GET", "/api/v1/windows?node=press&kind=shift&team=never%20heard", "", NULL, &a);
    v = tree(&a);
    cr_expect_eq(json_count(json_find(v, "windows")), 0);
    json_close(v);
    answer_fini(&a);
    rig_close(&r);
}

Test(past, what_is_wrong_is_named) {
    static const struct {
        const char *query, *says;
        int status;
    } cases[] = {
        {"kind=hour", "node: missing", 400},
        {"node=press", "kind: missing", 400},
        {"node=nowhere&kind=hour", "node: no node", 404},
        {"node=press&kind=week", "kind: one of", 400},
        {"node=press&kind=hour&from=yesterday", "from: expected a time", 400},
        {"node=press&kind=hour&to=2026-13-01", "to: expected a time", 400},
        {"node=press&kind=day&to=-9223372036854775808", "to: expected a time", 400},
        {"node=press&kind=day&from=99999999999999999999", "from: expected a time", 400},
        {"node=press&kind=day&to=253402300800000", "to: expected a time", 400}, /* year 10000 */
        {"node=press&kind=hour&from=2026-06-02&to=2026-06-01", "from: lies behind to", 400},
        {"node=press&kind=hour&limit=0", "limit: a number", 400},
        {"node=press&kind=hour&limit=1001", "limit: a number", 400},
        {"node=press&kind=hour&limit=4x", "limit: a number", 400},
        {"node=press&kind=hour&format=xml", "format: json, csv or jsonl", 400},
        {"node=press&kind=hour&team=red", "kind: only shift and day", 400},
        {"node=press&kind=day&product=", "product: expected", 400},
        {"node=press&kind=hour&page=2", "known parameters: node, kind", 400},
        {"node=press&kind=hour&&page=2", "known parameters: node, kind", 400},
        {"node=press&kind=hour&=2", "known parameters: node, kind", 400},
    };
    struct rig r;
    open_at_ten(&r);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct answer a;
        char path[256];
        snprintf(path, sizeof path, "/api/v1/windows?%s", cases[i].query);
        ask(&r, "GET", path, "", NULL, &a);
        cr_expect_eq(a.status, cases[i].status, "%s: %d", cases[i].query, a.status);
        cr_expect(answer_has(&a, "content-type: application/problem+json\r\n"));
        cr_expect_not_null(strstr(a.body, cases[i].says), "%s: %s", cases[i].query, a.body);
        answer_fini(&a);
    }
    rig_close(&r);
}

Test(past, a_parameter_that_is_too_long_is_not_overlooked) {
    struct rig r;
    struct answer a;
    char path[600] = "/api/v1/windows?node=press&kind=day&team=";
    size_t n = strlen(path);
    open_at_ten(&r);
    memset(path + n, 'x', 500);
    path[n + 500] = 0;
    ask(&r, "GET", path, "", NULL, &a);
    cr_expect_eq(a.status, 400, "%d: %s", a.status, a.body);
    answer_fini(&a);
    rig_close(&r);
}

static bool is_asked(void *user) {
    return ((struct rig *)user)->question.asked;
}

Test(past, a_client_that_leaves_is_not_answered) {
    struct rig r;
    struct peer p;
    open_at_ten(&r);
    r.question.held = true;
    peer_open(&p, &r, false);
    peer_say(&p, "GET /api/v1/windows?node=press&kind=hour HTTP/1.1\r\nHost: localhost\r\n\r\n");
    cr_assert(loop_until(&r.loop, is_asked, &r, 10000));
    peer_close(&p);
    struct answer a; /* the server has seen it go: another one is served meanwhile */
    ask(&r, "GET", "/api/v1/plant", "", NULL, &a);
    cr_expect_eq(a.status, 200);
    answer_fini(&a);
    rig_answer(&r);
    rig_close(&r);
}

Test(past, an_answer_after_the_end_is_dropped) {
    struct rig r;
    struct peer p;
    open_at_ten(&r);
    r.question.held = true;
    peer_open(&p, &r, true);
    peer_say(&p, "GET /api/v1/windows?node=press&kind=hour HTTP/1.1\r\nHost: localhost\r\n\r\n");
    cr_assert(loop_until(&r.loop, is_asked, &r, 10000));
    web_stop(r.web, rig_on_stopped, &r);
    cr_assert(peer_ended(&p), "the farewell does not wait for history");
    rig_answer(&r);
    peer_close(&p);
    rig_end(&r);
}

Test(past, a_history_that_cannot_be_read_is_a_problem) {
    struct rig r;
    struct answer a;
    open_at_ten(&r);
    r.question.err = ERR_IO;
    ask(&r, "GET", "/api/v1/windows?node=press&kind=hour", "", NULL, &a);
    cr_expect_eq(a.status, 503);
    cr_expect_not_null(strstr(a.body, "history cannot be read"));
    answer_fini(&a);
    rig_close(&r);
}

Test(past, one_connection_asks_again_and_again) {
    struct rig r;
    struct peer p;
    open_at_ten(&r);
    peer_open(&p, &r, true);
    for (unsigned i = 0; i < 3; i++) {
        peer_say(&p, "GET /api/v1/windows?node=press&kind=hour&limit=1 HTTP/1.1\r\n"
                     "Host: localhost\r\n\r\n");
        cr_assert(peer_until(&p, "\"windows\":[{\"node\":\"press\""));
        peer_clear(&p);
    }
    peer_close(&p);
    rig_close(&r);
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

/* The press runs since 06:00, stands from 06:10 to 06:22 and from 06:30 to 06:31, runs to 06:40. */
static void open_and_stand(struct rig *r) {
    rig_open(r, NULL);
    stand(r, 10, 22, MACHINE_HELD);
    stand(r, 22, 30, MACHINE_RUN);
    stand(r, 30, 31, MACHINE_HELD);
    stand(r, 31, 40, MACHINE_RUN);
}

Test(past, stops_come_by_what_they_cost) {
    struct rig r;
    struct answer a;
    open_and_stand(&r);
    ask(&r, "GET",
        "/api/v1/stops?node=press&from=2026-06-01T06:00:00Z&to=2026-06-01T07:00:00Z&limit=1", "",
        NULL, &a);
    cr_assert_eq(a.status, 200, "%s", a.body);
    struct json_value *v = tree(&a);
    const struct json_value *rows = json_find(v, "rows"), *first = json_at(rows, 0);
    cr_assert_eq(json_count(rows), 2u, "%s", a.body);
    cr_expect(text_is(first, "category", "delay"));
    cr_expect(text_is(first, "cause", "unstated"));
    cr_expect_eq(int_of(first, "total_ms"), 12 * UTC_MINUTE_MS);
    cr_expect_eq(int_of(first, "count"), 1);
    cr_expect(text_is(json_at(rows, 1), "cause", "micro_stop"));
    cr_expect_eq(int_of(v, "run_ms"), (10 + 8 + 9) * UTC_MINUTE_MS);
    cr_expect_eq(int_of(v, "stop_ms"), 13 * UTC_MINUTE_MS);
    double share = 0;
    cr_expect_eq(json_double_of(json_find(first, "share"), &share), ERR_OK);
    cr_expect_float_eq(share, 12.0 / 13, 1e-9);
    const struct json_value *longest = json_find(v, "longest");
    cr_assert_eq(json_count(longest), 1u, "as the limit says");
    cr_expect(text_is(json_at(longest, 0), "from", "2026-06-01T06:10:00.000Z"));
    cr_expect(text_is(json_at(longest, 0), "order", "o-1"));
    cr_expect_eq(json_kind(json_find(json_find(v, "failures"), "mtbf_h")), JSON_KIND_NULL);
    json_close(v);
    answer_fini(&a);
    ask(&r, "GET", "/api/v1/stops?node=press&from=2026-06-01&to=2026-06-02&format=csv", "", NULL,
        &a);
    cr_expect(strstr(a.body, "\n2,delay,micro_stop,,1,60000,60000,60000,") ||
                  strstr(a.body, "\n3,delay,micro_stop,,1,60000,60000,60000,"),
              "%s", a.body);
    answer_fini(&a);
    rig_close(&r);
}

/* The press runs to 06:40. Of 8 pieces five have a burr, which is of the surface; two have "one, or
 * more" of something that the plant did not know then; of one nobody said why. */
static void enter_scrap(struct rig *r, const char *key, int64_t minute, int64_t pieces,
                        const char *why) {
    struct core_act_answer out;
    const struct act a = {.kind = ACT_SCRAP,
                          .key = span_str(key),
                          .unit = span_str("press"),
                          .t0_ms = RIG_T0 + minute * UTC_MINUTE_MS,
                          .t1_ms = RIG_T0 + minute * UTC_MINUTE_MS,
                          .value = pieces * 1000000,
                          .reason = span_str(why),
                          .who = span_str("quality")};
    cr_assert_eq(core_on_act(r->station.core, &a, r->station.now, &out), ERR_OK, "%s",
                 out.refusal.why);
    cr_assert_eq(station_settle(&r->station), ERR_OK);
}

Test(past, scrap_comes_by_its_reasons) {
    static const struct plant_reason reasons[] = {
        {.id = {"surface"},
         .name = "Surface",
         .kind = REASON_SCRAP,
         .parent = UINT32_MAX,
         .code = PLANT_NO_CODE},
        {.id = {"burr"}, .name = "Burr, large", .kind = REASON_SCRAP, .parent = 0, .code = 7}};
    struct rig r;
    struct answer a;
    open_and_stand(&r);
    enter_scrap(&r, "k1", 33, 2, "one, or more");
    r.plant->reason = reasons;
    r.plant->reason_n = 2;
    enter_scrap(&r, "k2", 5, 4, "burr");
    enter_scrap(&r, "k3", 6, 1, "7");
    enter_scrap(&r, "k4", 34, 1, "");
    ask(&r, "GET", "/api/v1/scrap?node=line&from=2026-06-01T06:00:00Z&to=2026-06-01T07:00:00Z", "",
        NULL, &a);
    cr_assert_eq(a.status, 200, "%s", a.body);
    struct json_value *v = tree(&a);
    const struct json_value *rows = json_find(v, "rows"), *first = json_at(rows, 0);
    cr_assert_eq(json_count(rows), 3u, "%s", a.body);
    cr_expect(text_is(first, "kind", "scrap"));
    cr_expect(text_is(first, "reason", "burr"));
    cr_expect(text_is(first, "name", "Burr, large"));
    cr_expect(text_is(first, "group", "surface"));
    cr_expect(text_is(first, "unit", "press"));
    cr_expect(text_is(first, "product", "bolt"));
    cr_expect_eq(int_of(first, "pieces"), 5000000);
    cr_expect(text_is(json_at(rows, 1), "reason", "one, or more"));
    cr_expect_eq(json_kind(json_find(json_at(rows, 2), "reason")), JSON_KIND_NULL);
    double sum = 0;
    cr_expect_eq(json_double_of(json_find(json_at(rows, 1), "cumulated"), &sum), ERR_OK);
    cr_expect_float_eq(sum, 7.0 / 8, 1e-12);
    cr_expect_eq(int_of(json_find(v, "scrap"), "pieces"), 8000000);
    cr_expect_eq(int_of(json_find(v, "scrap"), "unstated"), 1000000);
    cr_expect_eq(int_of(json_find(v, "rework"), "pieces"), 0);
    json_close(v);
    answer_fini(&a);
    ask(&r, "GET", "/api/v1/scrap?node=press&from=2026-06-01&to=2026-06-02&format=csv", "", NULL,
        &a);
    cr_expect_str_eq(a.body,
                     "kind,reason,name,group,unit,product,pieces,pieces_unknown,share,cumulated\n"
                     "scrap,burr,\"Burr, large\",surface,press,bolt,5000000,0,0.625000,0.625000\n"
                     "scrap,\"one, or more\",,,press,bolt,2000000,0,0.250000,0.875000\n"
                     "scrap,,,,press,bolt,1000000,0,0.125000,1.000000\n");
    answer_fini(&a);
    rig_close(&r);
}

Test(past, a_timeline_is_told_piece_by_piece) {
    struct rig r;
    struct answer a;
    open_and_stand(&r);
    ask(&r, "GET", "/api/v1/units/press/timeline?from=2026-06-01T06:00:00Z&to=2026-06-01T07:00:00Z",
        "", NULL, &a);
    cr_assert_eq(a.status, 200, "%s", a.body);
    struct json_value *v = tree(&a);
    const struct json_value *list = json_find(v, "pieces");
    cr_assert_eq(json_count(list), 5u, "%s", a.body);
    cr_expect(text_is(json_at(list, 1), "category", "delay"));
    cr_expect(text_is(json_at(list, 1), "machine", "held"));
    cr_expect(text_is(json_at(list, 1), "to", "2026-06-01T06:22:00.000Z"));
    cr_expect(text_is(v, "known_to", "2026-06-01T06:40:00.000Z"));
    json_close(v);
    answer_fini(&a);
    ask(&r, "GET",
        "/api/v1/units/press/timeline?from=2026-06-01T06:30:00Z&to=2026-06-01T06:31:00Z&format=csv",
        "", NULL, &a);
    cr_expect_not_null(strstr(a.body, "2026-06-01T06:30:00.000Z,2026-06-01T06:31:00.000Z,60000,"
                                      "delay,micro_stop,,held,work,o-1,"),
                       "%s", a.body);
    answer_fini(&a);
    ask(&r, "GET", "/api/v1/units/press/timeline?", "", NULL, &a); /* nothing is said behind '?' */
    cr_expect_eq(a.status, 200, "%s", a.body);
    answer_fini(&a);
    rig_close(&r);
}

Test(past, what_is_wrong_with_a_question_of_stops_is_said) {
    static const struct {
        const char *path;
        int status;
        const char *words;
    } wrong[] = {
        {"/api/v1/stops", 400, "node: missing"},
        {"/api/v1/stops?node=nobody", 404, "no node of the plant"},
        {"/api/v1/scrap?node=pres", 404, "did you mean press?"},
        {"/api/v1/orders?unit=lin", 404, "no unit of the plant has this id"},
        {"/api/v1/stops?node=press&kind=hour", 400, "known parameters: node, from, to"},
        {"/api/v1/stops?node=press&from=2020-01-01&to=2026-01-01", 400, "at most 400 days"},
        {"/api/v1/scrap", 400, "node: missing"},
        {"/api/v1/scrap?node=press&limit=3", 400, "known parameters: node, from, to, format"},
        {"/api/v1/units/press/timeline?node=press", 400, "known parameters: from, to, format"},
        {"/api/v1/units/nobody/timeline", 404, "no unit of the plant"},
        {"/api/v1/units/press/time", 404, "nothing is served"},
    };
    struct rig r;
    struct answer a;
    open_at_ten(&r);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ask(&r, "GET", wrong[i].path, "", NULL, &a);
        cr_expect_eq(a.status, wrong[i].status, "%s: %d", wrong[i].path, a.status);
        cr_expect_not_null(strstr(a.body, wrong[i].words), "%s: %s", wrong[i].path, a.body);
        answer_fini(&a);
    }
    rig_close(&r);
}

/* Thirty bolts of 10 s in the early shift, and sixty nuts of 20 s after them: at 06:03 18 bolts
 * should be there, the nuts begin at 06:05. Nothing is counted. At 06:01, as the node has it: 6. */
Test(past, shifts_are_held_against_their_plans) {
    struct rig r;
    struct answer a;
    static const struct plant_shift_plan planned[] = {{0, 0, {"early"}, 30000000, INT64_MIN},
                                                      {0, 1, {"early"}, 60000000, INT64_MIN}};
    rig_open(&r, NULL);
    r.plant->shift_plan = planned;
    r.plant->shift_plan_n = 2;
    ask(&r, "GET", "/api/v1/orders?unit=press&from=2026-06-01&to=2026-06-01T06:03:00Z", "", NULL,
        &a);
    struct json_value *v = tree(&a);
    const struct json_value *list = json_find(v, "shifts"), *bolts = json_at(list, 0),
                            *nuts = json_at(list, 1);
    cr_assert_eq(json_count(list), 2u, "%s", a.body);
    cr_expect(text_is(bolts, "product", "bolt"));
    cr_expect(text_is(bolts, "to", "2026-06-01T14:00:00.000Z"));
    cr_expect_eq(int_of(bolts, "made"), 0);
    cr_expect_eq(int_of(bolts, "expected"), 18000000);
    cr_expect_eq(int_of(bolts, "gap"), -18000000);
    cr_expect_eq(int_of(bolts, "forecast"), 30000000);
    cr_expect(text_is(bolts, "planned_end", "2026-06-01T06:05:00.000Z"));
    cr_expect(text_is(bolts, "forecast_end", "2026-06-01T06:08:00.000Z"));
    cr_expect_eq(int_of(nuts, "expected"), 0);
    cr_expect(text_is(nuts, "planned_end", "2026-06-01T06:25:00.000Z"));
    json_close(v);
    answer_fini(&a);
    ask(&r, "GET", "/api/v1/nodes/press", "", NULL, &a);
    v = tree(&a);
    const struct json_value *windows = json_find(json_find(v, "head"), "windows"),
                            *plan = json_find(json_find(windows, "shift"), "plan");
    cr_assert_eq(json_kind(plan), JSON_KIND_OBJECT, "%s", a.body);
    cr_expect_eq(int_of(plan, "quantity"), 90000000);
    cr_expect_eq(int_of(plan, "made"), 0);
    cr_expect_eq(int_of(plan, "expected"), 6000000);
    cr_expect_eq(int_of(plan, "gap"), -6000000);
    cr_expect_eq(int_of(plan, "forecast"), 90000000);
    cr_expect(text_is(plan, "planned_end", "2026-06-01T06:25:00.000Z"));
    cr_expect_eq(json_kind(json_find(json_find(windows, "day"), "plan")), JSON_KIND_NULL);
    json_close(v);
    answer_fini(&a);
    r.plant->shift_plan_n = 0;
    ask(&r, "GET", "/api/v1/nodes/press", "", NULL, &a);
    cr_expect_not_null(strstr(a.body, "\"plan\":null"));
    cr_expect_null(strstr(a.body, "\"plan\":{"));
    answer_fini(&a);
    rig_close(&r);
}

/* o-1 from 06:00, o-2 from 06:20; the press stands from 06:10 to 06:22: 10 of its first twenty
 * minutes ran, and of those of o-2 to 06:40 all but 2 and 1. */
Test(past, orders_have_their_own_sums) {
    struct rig r;
    struct answer a;
    rig_open(&r, NULL);
    stand(&r, 10, 20, MACHINE_HELD);
    script_text(&r.gw1, r.order, RIG_T0 + 20 * UTC_MINUTE_MS, "o-2");
    stand(&r, 22, 30, MACHINE_RUN);
    stand(&r, 30, 31, MACHINE_HELD);
    stand(&r, 31, 40, MACHINE_RUN);
    ask(&r, "GET", "/api/v1/orders?unit=press&from=2026-06-01&to=2026-06-02", "", NULL, &a);
    cr_assert_eq(a.status, 200, "%s", a.body);
    struct json_value *v = tree(&a);
    const struct json_value *list = json_find(v, "orders"), *one = json_at(list, 0),
                            *two = json_at(list, 1);
    cr_assert_eq(json_count(list), 2u, "%s", a.body);
    cr_expect(text_is(one, "order", "o-1"));
    cr_expect(text_is(one, "first", "2026-06-01T06:00:00.000Z"));
    cr_expect(text_is(one, "last", "2026-06-01T06:20:00.000Z"));
    cr_expect_eq(int_of(json_find(one, "sums"), "time_production"), 10 * UTC_MINUTE_MS);
    cr_expect_eq(int_of(json_find(one, "sums"), "time_delay"), 10 * UTC_MINUTE_MS);
    cr_expect(text_is(two, "order", "o-2"));
    cr_expect_eq(int_of(json_find(two, "sums"), "time_production"), 17 * UTC_MINUTE_MS);
    double value = 0;
    cr_expect_eq(
        json_double_of(
            json_find(json_find(json_find(two, "indicators"), "time_utilization"), "value"),
            &value),
        ERR_OK);
    cr_expect_float_eq(value, 17.0 / 20, 1e-9);
    json_close(v);
    answer_fini(&a);
    ask(&r, "GET", "/api/v1/orders?unit=press&from=2026-06-01T06:20:00Z&to=2026-06-02&format=csv",
        "", NULL, &a);
    cr_expect_eq(strncmp(a.body, "unit,order,product,first,last,coverage,", 39), 0);
    cr_expect_null(strstr(a.body, "press,o-1,"));
    cr_expect_not_null(strstr(a.body, "press,o-2,"), "%s", a.body);
    answer_fini(&a);
    ask(&r, "GET", "/api/v1/orders?node=press", "", NULL, &a);
    cr_expect_not_null(strstr(a.body, "known parameters: unit, from, to"), "%s", a.body);
    answer_fini(&a);
    ask(&r, "GET", "/api/v1/orders", "", NULL, &a);
    cr_expect_not_null(strstr(a.body, "unit: missing"), "%s", a.body);
    answer_fini(&a);
    rig_close(&r);
}

/* As above, and nothing is counted. Thirty bolts of 10 s from 06:00 on: five
 * minutes. */
Test(past, a_planned_order_is_told_beside_what_was_made) {
    struct rig r;
    struct answer a;
    rig_open(&r, NULL);
    stand(&r, 10, 20, MACHINE_HELD);
    script_text(&r.gw1, r.order, RIG_T0 + 20 * UTC_MINUTE_MS, "o-2");
    stand(&r, 22, 30, MACHINE_RUN);
    stand(&r, 30, 31, MACHINE_HELD);
    stand(&r, 31, 40, MACHINE_RUN);
    const struct plant_order planned = {
        .order = "o-9", .unit = 0, .product = 0, .quantity = 30000000, .from_ms = RIG_T0};
    r.plant->order = &planned;
    r.plant->order_n = 1;
    ask(&r, "GET", "/api/v1/orders?unit=press&from=2026-06-01&to=2026-06-01T06:03:00Z", "", NULL,
        &a);
    struct json_value *v = tree(&a);
    const struct json_value *plan = json_at(json_find(v, "plan"), 0);
    cr_assert_not_null(plan, "%s", a.body);
    cr_expect(text_is(plan, "order", "o-9"));
    cr_expect_eq(int_of(plan, "made"), 0);
    cr_expect_eq(int_of(plan, "expected"), 18000000);
    cr_expect_eq(int_of(plan, "gap"), -18000000);
    cr_expect(text_is(plan, "planned_end", "2026-06-01T06:05:00.000Z"));
    cr_expect(text_is(plan, "forecast_end", "2026-06-01T06:08:00.000Z"));
    json_close(v);
    answer_fini(&a);
    rig_close(&r);
}
