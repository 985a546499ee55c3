/* What stops and timelines look like to people. */
#include <criterion/criterion.h>
#include <string.h>

#include "ctl/gauge.h"
#include "ctl/orders.h"
#include "ctl/scrap.h"
#include "ctl/stops.h"
#include "ctl/timeline.h"

static char *printed(const char *json,
                     enum err (*print)(const struct json_value *answer, struct buf *out),
                     struct buf *text) {
    struct json_value *v = NULL;
    cr_assert_eq(json_parse(span_str(json), NULL, &v, NULL), ERR_OK);
    buf_init(text);
    cr_assert_eq(print(v, text), ERR_OK);
    cr_assert_eq(buf_add_byte(text, 0), ERR_OK);
    json_close(v);
    return (char *)text->p;
}

Test(stops_print, durations_are_as_short_as_they_can_be_read) {
    char text[24];
    stops_duration(47999, text);
    cr_expect_str_eq(text, "47 s");
    stops_duration(750000, text);
    cr_expect_str_eq(text, "12.5 min");
    stops_duration(12000000, text);
    cr_expect_str_eq(text, "3 h 20");
}

Test(scrap_print, rows_have_their_shares_and_what_has_no_reason_says_so) {
    static const char json[] =
        "{\"from\":\"2026-06-01T06:00:00.000Z\",\"logs_gone\":true,\"scrap\":{\"pieces\":8000000,"
        "\"pieces_unknown\":500000,\"unstated\":2000000},\"rework\":{\"pieces\":0,"
        "\"pieces_unknown\":0,\"unstated\":0},\"rows\":[{\"kind\":\"scrap\",\"reason\":\"burr\","
        "\"unit\":\"press\",\"product\":\"bolt\",\"pieces\":6000000,\"share\":0.75,\"cumulated\":"
        "0.75},{\"kind\":\"scrap\",\"reason\":null,\"unit\":\"press\",\"product\":\"bolt\","
        "\"pieces\":2000000,\"share\":0.25,\"cumulated\":1}]}";
    struct buf b;
    const char *text = printed(json, scrap_print, &b);
    cr_expect_not_null(strstr(text, "logs reach back to 2026-06-01T06:00:00.000Z: "), "%s", text);
    cr_expect_not_null(strstr(text,
                              "scrap 8 pieces, of them 2 without a stated reason, 0.5 in time "
                              "without data\n"),
                       "%s", text);
    cr_expect_not_null(strstr(text, "burr "), "%s", text);
    cr_expect_not_null(strstr(text, "6   75.0 %   75.0 %  ###############\n"), "%s", text);
    cr_expect_not_null(strstr(text, "(not stated)"), "%s", text);
    cr_expect_not_null(strstr(text, "2   25.0 %  100.0 %  #####\n"), "%s", text);
    buf_fini(&b);
}

Test(stops_print, rows_have_their_shares_and_means_their_divisors) {
    static const char json[] =
        "{\"run_ms\":3600000,\"stop_ms\":1200000,\"unknown_ms\":0,\"rows\":[{\"category\":"
        "\"delay\","
        "\"cause\":\"failure\",\"count\":2,\"total_ms\":900000,\"median_ms\":450000,\"longest_ms\":"
        "600000,\"share\":0.75,\"cumulated\":0.75}],\"failures\":{\"begun\":3,\"intervals\":2,"
        "\"mtbf_h\":1.5,\"repairs\":0,\"mttr_h\":null},\"longest\":[{\"unit\":\"press-1\",\"from\":"
        "\"2026-06-01T06:10:00.000Z\",\"duration_ms\":600000,\"category\":\"delay\",\"cause\":"
        "\"failure\",\"order\":\"o-1\"}]}";
    struct buf b;
    const char *text = printed(json, stops_print, &b);
    cr_expect_not_null(strstr(text, "running 1 h 00, not running 20.0 min, no data 0 s\n"), "%s",
                       text);
    cr_expect_not_null(strstr(text, "75.0 %   75.0 %  ###############\n"), "%s", text);
    cr_expect_not_null(strstr(text, "MTBF 1.50 h, mean of 2 intervals between failures\n"), "%s",
                       text);
    cr_expect_not_null(strstr(text, "MTTR –, no repairs seen whole\n"), "%s", text);
    cr_expect_not_null(strstr(text, "2026-06-01 06:10:00  press-1"), "%s", text);
    buf_fini(&b);
}

/* From 05:58 on: two minutes of running, then a failure of 90 s: the minute is the failure's, and
 * of the next one its half, which it shares with running; then no data up to 06:04. */
Test(stops_print, a_chart_has_a_character_a_minute_and_a_line_an_hour) {
    static const char json[] =
        "{\"pieces\":[{\"from_ms\":1780293480000,\"to_ms\":1780293600000,\"category\":"
        "\"production\"},"
        "{\"from_ms\":1780293600000,\"to_ms\":1780293690000,\"category\":\"delay\",\"cause\":"
        "\"failure\"},"
        "{\"from_ms\":1780293690000,\"to_ms\":1780293780000,\"category\":\"production\"},"
        "{\"from_ms\":1780293780000,\"to_ms\":1780293840000,\"category\":\"unknown\"}]}";
    struct buf b;
    const char *text = printed(json, timeline_print, &b);
    const char *first = strstr(text, "2026-06-01 05:00 ");
    cr_assert_not_null(first, "%s", text);
    cr_expect_eq(strspn(first + 17, " "), 58u, "nothing is told before");
    cr_expect_eq(strncmp(first + 17 + 58, "##\n", 3), 0, "%s", text);
    cr_expect_not_null(strstr(text, "2026-06-01 06:00 F##?\n"), "%s", text);
    cr_expect_not_null(strstr(text, "F failure"));
    buf_fini(&b);
}

Test(stops_print, a_breach_is_a_line_with_its_evidence) {
    static const char json[] =
        "{\"pieces\":[{\"from_ms\":1780293600000,\"to_ms\":1780293660000,\"category\":"
        "\"production\"}],\"breaches\":[{\"from\":\"2026-06-01T06:00:00.000Z\",\"to\":"
        "\"2026-06-01T06:05:00.000Z\",\"condition\":\"cool\",\"kind\":\"supply\",\"owner\":\"M\","
        "\"by\":\"gauge\",\"gauge\":\"head\",\"at\":\"weld-1\",\"value\":31.4,\"limit\":30,"
        "\"passes\":\"high\",\"shown_in\":\"degC\"},{\"from\":\"2026-06-01T06:01:00.000Z\",\"to\":"
        "\"2026-06-01T06:02:00.000Z\",\"condition\":\"lot\",\"kind\":\"material\",\"owner\":\"S\","
        "\"by\":\"entry\"}],\"unproven\":[{\"from\":\"2026-06-01T06:05:00.000Z\",\"to\":"
        "\"2026-06-01T06:06:00.000Z\",\"condition\":\"cool\",\"kind\":\"supply\",\"owner\":\"M\","
        "\"by\":\"gauge\",\"gauge\":\"head\",\"at\":\"weld-1\"}]}";
    struct buf b;
    const char *text = printed(json, timeline_print, &b);
    cr_expect_not_null(
        strstr(text, "2026-06-01 06:00 to 06:05 condition cool breached (supply; M), by signal "
                     "head of weld-1: 31.4 degC > 30 degC\n"),
        "%s", text);
    cr_expect_not_null(
        strstr(text, "06:01 to 06:02 condition lot breached (material; S), by entry\n"));
    cr_expect_not_null(strstr(text, "06:05 to 06:06 condition cool not known to be kept (supply; "
                                    "M), by signal head of weld-1\n"));
    buf_fini(&b);
}

Test(stops_print, nothing_known_is_said) {
    struct buf b;
    cr_expect_not_null(strstr(printed("{\"pieces\":[]}", timeline_print, &b), "nothing is known"));
    buf_fini(&b);
}

Test(stops_print, an_order_is_a_line) {
    static const char json[] =
        "{\"orders\":[{\"order\":\"o-1\",\"product\":\"bolt\",\"first\":\"2026-06-01T06:00:00."
        "000Z\","
        "\"last\":\"2026-06-01T07:00:00.000Z\",\"sums\":{\"gq\":40000000,\"gq_unknown\":2000000},"
        "\"indicators\":{\"time_utilization\":{\"value\":0.85,\"unit\":\"1\"},\"oee\":{\"value\":"
        "null,"
        "\"unit\":\"1\"},\"labour_per_unit\":{\"value\":1.5,\"unit\":\"min\"}}}]}";
    struct buf b;
    const char *text = printed(json, orders_print, &b);
    cr_expect_not_null(
        strstr(text, "2026-06-01 06:00  2026-06-01 07:00         42        0    85.0 %         –"
                     "     1.500         –\n"),
        "%s", text);
    buf_fini(&b);
    cr_expect_not_null(strstr(printed("{\"orders\":[]}", orders_print, &b), "no order"));
    buf_fini(&b);
}

Test(stops_print, a_plan_says_what_is_missing_and_when_it_ends) {
    static const char json[] =
        "{\"orders\":[],\"plan\":[{\"order\":\"O-1\",\"product\":\"bolt\",\"quantity\":400000000,"
        "\"made\":180000000,\"expected\":270000000,\"gap\":-90000000,\"planned_end\":"
        "\"2026-06-02T06:10:00.000Z\",\"forecast_end\":null}]}";
    struct buf b;
    const char *text = printed(json, orders_print, &b);
    cr_expect_not_null(strstr(text,
                              "plan O-1, bolt: 180 of 400 made, 270 expected (-90), planned to "
                              "end 2026-06-02 06:10, will end never\n"),
                       "%s", text);
    buf_fini(&b);
}

Test(stops_print, a_shift_says_how_many_there_will_be) {
    static const char json[] =
        "{\"orders\":[],\"plan\":[],\"shifts\":[{\"product\":null,\"from\":\"2026-06-01T06:00:00."
        "000Z\",\"to\":\"2026-06-01T14:00:00.000Z\",\"quantity\":360000000,\"made\":180000000,"
        "\"expected\":270000000,\"gap\":-90000000,\"forecast\":260000000,\"forecast_end\":"
        "\"2026-06-02T08:30:00.000Z\"}]}";
    struct buf b;
    const char *text = printed(json, orders_print, &b);
    cr_expect_not_null(strstr(text, "plan 2026-06-01 06:00 to 14:00: 180 of 360 made, 270 expected "
                                    "(-90), will be 260, all at 2026-06-02 08:30\n"),
                       "%s", text);
    buf_fini(&b);
}

Test(gauge_print, rows_have_the_mean_the_extremes_and_how_much_is_known) {
    static const char json[] =
        "{\"unit\":\"oven\",\"gauge\":\"t\",\"name\":\"Chamber\",\"unit_text\":\"degC\","
        "\"logs_gone\":true,\"rows\":[{\"start\":\"2026-06-01T06:00:00.000Z\",\"mean\":182.25,"
        "\"least\":-1.5,\"greatest\":200,\"known_ms\":59500}]}";
    struct buf b;
    const char *text = printed(json, gauge_print, &b);
    cr_expect(strstr(text, "Chamber of oven, degC\n"), "%s", text);
    cr_expect(strstr(text, "what lies before is gone"), "%s", text);
    cr_expect(
        strstr(text, "2026-06-01 06:00          182.25          -1.5           200    59.5 s\n"),
        "%s", text);
    buf_fini(&b);
}

Test(gauge_print, no_rows_are_said_to_be_none) {
    struct buf b;
    const char *text = printed("{\"unit\":\"oven\",\"name\":\"t\",\"rows\":[]}", gauge_print, &b);
    cr_expect_str_eq(text, "t of oven\nnothing is known of this time\n");
    buf_fini(&b);
}
