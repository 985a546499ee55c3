/* What an explanation looks like to people, and how they name a window. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "ctl/explain.h"
#include "ctl/measure.h"

static char *printed(const char *json, struct buf *text) {
    struct json_value *v = NULL;
    cr_assert_eq(json_parse(span_str(json), NULL, &v, NULL), ERR_OK);
    buf_init(text);
    cr_assert_eq(explain_print(v, text), ERR_OK);
    cr_assert_eq(buf_add_byte(text, 0), ERR_OK);
    json_close(v);
    return (char *)text->p;
}

static void expect(const char *text, const char *line) {
    cr_expect_not_null(strstr(text, line), "%s\nis not in\n%s", line, text);
}

#define HEAD(indicator, window)                                                                    \
    "{\"node\":\"press-1\",\"indicator\":{" indicator "},\"window\":{\"kind\":\"hour\",\"start\":" \
    "\"2026-11-23T06:00:00.000Z\",\"end\":\"2026-11-23T07:00:00.000Z\"," window "},"

/* 1,234,567 uWh of 2 Wh went to production, the rest to a stop: 0.765433 Wh. */
static const char step_of_two[] = HEAD(
    "\"name\":\"Energy per good unit\",\"unit\":\"kWh\",\"formula\":\"E_total / GQ\","
    "\"value\":0.002,\"numerator\":0.002,\"numerator_is\":\"energy, kWh\","
    "\"denominator\":1,\"denominator_is\":\"good pieces\",\"coverage\":0.975",
    "\"life\":\"restated\",\"revision\":2,\"cause\":\"late_data\",\"told\":"
    "\"2026-11-23T09:10:11.000Z\",\"changed\":false") "\"norm\":{\"value\":0.0015,\"from\":"
                                                      "\"2026-01-01T00:00:00.000Z\",\"approved_"
                                                      "by\":"
                                                      "\"office\"},\"status\":\"not_met\","
                                                      "\"sums\":[{\"id\":\"energy_production\","
                                                      "\"unit\":"
                                                      "\"uWh\",\"numerator\":\"more\","
                                                      "\"denominator\":null,\"told\":1234567,"
                                                      "\"parts\":1234567},"
                                                      "{\"id\":\"energy_delay\",\"unit\":"
                                                      "\"uWh\",\"numerator\":\"more\",\"told\":"
                                                      "765433,"
                                                      "\"parts\":765433},{\"id\":\"gq\","
                                                      "\"unit\":\"1e-6\",\"denominator\":"
                                                      "\"more\",\"told\":"
                                                      "1000000,\"parts\":1000000}],\"adds_up\":"
                                                      "true,\"parts\":[{\"kind\":\"step\","
                                                      "\"from\":"
                                                      "\"2026-11-23T06:00:00.000Z\",\"to\":"
                                                      "\"2026-11-23T06:10:00.500Z\",\"agent\":"
                                                      "\"gw\","
                                                      "\"signal\":\"energy\",\"amount\":"
                                                      "2000000,\"amount_unit\":\"uWh\","
                                                      "\"flags\":[\"reset\"],"
                                                      "\"adds\":{\"energy_production\":1234567,"
                                                      "\"energy_delay\":765433}}],\"more\":{"
                                                      "\"n\":3,"
                                                      "\"adds\":{\"gq\":1000000}},\"factors\":["
                                                      "{\"factor\":\"scale\",\"of\":\"gw/"
                                                      "energy\","
                                                      "\"unit\":\"press-1\",\"value\":\"200/"
                                                      "1\"}],\"entries\":[{\"entry\":4,"
                                                      "\"kind\":\"scrap\","
                                                      "\"value\":7,\"from\":\"2026-11-23T06:00:"
                                                      "00.000Z\",\"to\":\"2026-11-23T06:30:00."
                                                      "000Z\","
                                                      "\"who\":\"quality\",\"entered\":\"2026-"
                                                      "11-23T08:00:00.000Z\",\"voided_by\":5}]"
                                                      "}";

Test(explain_print, parts_have_the_places_that_they_need) {
    struct buf b;
    const char *text = printed(step_of_two, &b);
    expect(text, "press-1  Energy per good unit  0.002 kWh\n"
                 "= E_total / GQ = 0.002 (energy, kWh) / 1 (good pieces)\n"
                 "hour 2026-11-23 06:00:00 to 2026-11-23 07:00:00 UTC, restated: revision 2, "
                 "late_data, told 2026-11-23 09:10:11; coverage 97.5 %\n");
    expect(text, "norm 0.0015 kWh since 2026-01-01 00:00:00, approved by office: not met\n");
    expect(text, "0.001234567 kWh  in the numerator\n");
    expect(text, "  06:00:00.000  06:10:00.500           0.001234567 kWh  step gw/energy");
    expect(text, "0.001234567 kWh  step gw/energy, 0.002 kWh in all, reset\n");
    expect(text, "0.000765433 kWh  step gw/energy, 0.002 kWh in all, reset\n");
    expect(text, "1  see --parts\n");
    expect(text, "  scale         gw/energy at press-1: 200/1\n");
    expect(text, "  4 scrap 7, from 2026-11-23 06:00:00 to 2026-11-23 06:30:00, by quality at "
                 "2026-11-23 08:00:00; does not hold, by entry 5\n");
    expect(text, "\nThe parts add up to what was told, exactly.\n");
    buf_fini(&b);
}

/* What was out of conditions stands behind the parts, with the signal that proves it. */
Test(explain_print, breached_conditions_are_told_with_their_evidence) {
    static const char json[] =
        HEAD("\"name\":\"Time utilization\",\"unit\":\"1\"",
             "\"life\":\"settled\"") "\"adds_up\":true,\"breaches\":[{\"from\":\"2026-11-23T06:05:"
                                     "00.000Z\",\"to\":"
                                     "\"2026-11-23T06:10:00.000Z\",\"condition\":\"cool\",\"kind\":"
                                     "\"supply\",\"owner\":"
                                     "\"Maintenance\",\"by\":\"gauge\",\"gauge\":\"temperature\","
                                     "\"at\":\"press\",\"value\":95,"
                                     "\"passes\":\"high\",\"limit\":80,\"shown_in\":\"degC\"}],"
                                     "\"unproven\":[]}";
    struct buf b;
    const char *text = printed(json, &b);
    expect(text,
           "\nconditions of norms\n2026-11-23 06:05 to 06:10 condition cool breached (supply; "
           "Maintenance), by signal temperature of press: 95 degC > 80 degC\n");
    buf_fini(&b);
}

/* 40 minutes of running; a break of 10 adds nothing. What was told is a minute more. */
Test(explain_print, what_adds_nothing_and_what_differs_is_said) {
    static const char json[] =
        HEAD("\"name\":\"Time utilization\",\"unit\":\"1\",\"formula\":\"APT / (PBT - UNKNOWN)\","
             "\"value\":1,\"low\":0.5,\"high\":1,\"numerator\":0.66666667,\"numerator_is\":"
             "\"run, h\",\"denominator\":0.66666667,\"denominator_is\":\"busy, "
             "h\",\"coverage\":null",
             "\"life\":\"settled\",\"revision\":0,\"cause\":\"none\",\"told\":null,\"changed\":"
             "true") "\"norm\":null,\"status\":\"no_norm\",\"sums\":[{\"id\":\"time_production\","
                     "\"unit\":"
                     "\"ms\",\"numerator\":\"more\",\"denominator\":\"more\",\"told\":2460000,"
                     "\"parts\":"
                     "2400000}],\"adds_up\":false,\"differs_because\":\"not_told_yet\",\"parts\":[{"
                     "\"kind\":"
                     "\"interval\",\"from\":\"2026-11-23T06:00:00.000Z\",\"to\":\"2026-11-23T06:40:"
                     "00.000Z\","
                     "\"category\":\"production\",\"cause\":null,\"order\":\"o-1\",\"product\":"
                     "\"bolt\","
                     "\"headcount\":3,\"adds\":{\"time_production\":2400000}},{\"kind\":"
                     "\"interval\",\"from\":"
                     "\"2026-11-23T06:40:00.000Z\",\"from_ms\":1795761600000,\"to\":"
                     "\"2026-11-23T06:50:00.000Z\",\"to_ms\":1795762200000,\"category\":\"planned_"
                     "down\","
                     "\"calendar\":\"break\",\"adds\":{}}],\"more\":{\"n\":0,\"adds\":{}}}";
    struct buf b;
    const char *text = printed(json, &b);
    expect(text, "Time utilization  100.0 %, possible 50.0 % to 100.0 %\n");
    expect(text, "settled; moving, the next revision is not told yet; coverage –\nno norm\n");
    expect(text, "0:41:00  in numerator and denominator\n");
    expect(text,
           "  06:00:00  06:40:00               0:40:00  production  order o-1  product bolt\n");
    expect(text, "  parts in all                     0:40:00\n");
    expect(text, "adds nothing\n"
                 "  06:40:00  06:50:00               0:10:00  planned_down, break\n");
    expect(text, "The parts do not add up to what was told: not_told_yet\n");
    buf_fini(&b);
}

Test(explain_print, windows_are_named_as_people_name_them) {
    static const struct {
        const char *window, *query;
    } row[] = {
        {"hour", "&kind=hour"},
        {"shift", "&kind=shift"},
        {"hour:2026-11-23T06:00:00Z", "&kind=hour&start=2026-11-23T06%3A00%3A00Z"},
        {"day:2026-11-23", "&kind=day&start=2026-11-23"},
        {"shift:2026-11-23/early", "&kind=shift&start=2026-11-23%2Fearly"},
        {"2026-11-23/early", "&kind=shift&start=2026-11-23%2Fearly"},
        {"2026-11-23T06:00:00Z", "&kind=2026-11-23T06&start=00%3A00Z"}, /* refused over there */
        {"", "&kind="},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct buf path;
        char want[200];
        buf_init(&path);
        explain_path("press-1", row[i].window, "oee", "20", &path);
        cr_assert_eq(buf_add_byte(&path, 0), ERR_OK);
        snprintf(want, sizeof want, "/api/v1/explain?&unit=press-1%s&indicator=oee&limit=20",
                 row[i].query);
        cr_expect_str_eq((char *)path.p, want);
        buf_fini(&path);
    }
}

static void expect_text(const char *id, const char *unit, int64_t beside, int64_t v,
                        const char *want) {
    struct measure m = measure_for(id, span_str(unit));
    char text[MEASURE_TEXT];
    measure_add(&m, beside);
    measure_add(&m, v);
    measure_text(&m, v, text);
    cr_expect_str_eq(text, want);
}

Test(explain_print, amounts_are_exact) {
    expect_text("time_delay", "ms", 0, 5400000, "1:30:00");
    expect_text("time_delay", "ms", 250, 5400000, "1:30:00.00");
    expect_text("time_delay", "ms", 0, -61001, "-0:01:01.001");
    expect_text("energy_delay", "uWh", 0, 1, "0.000000001");
    expect_text("energy_delay", "uWh", 0, INT64_MAX, "9223372036.854775807");
    expect_text("energy_delay", "uWh", 0, INT64_MIN, "-9223372036.854775808");
    expect_text("gq", "1e-6", 0, -7000000, "-7");
    expect_text("gq", "1e-6", 500000, 7000000, "7.0");
    expect_text("earned_gq_ms", "ms", 0, INT64_C(9600000000), "0:00:09.6");
    expect_text("failures", "1", 0, 12, "12");
}
