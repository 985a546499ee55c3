/* The command form of what people enter: each key, each time, each refusal. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "calendar/calendar.h"
#include "reader.h"
#include "simkit/line_plant.h"
#include "views/entry.h"

#define NOW (SIM_DAY0 + 30 * UTC_HOUR_MS) /* Tuesday 06:00 */

static struct plant *plant;
static struct json_value *root;
static struct act act;
static struct act_refusal why;

static void open_plant(void) {
    cr_assert_eq(line_plant_open(&plant), ERR_OK);
}

static void close_plant(void) {
    json_close(root);
    plant_close(plant);
}

static enum err read_form(const char *json) {
    json_close(root);
    return view_entry_read(span_str(json), plant, NOW, &root, &act, &why);
}

TestSuite(entry, .init = open_plant, .fini = close_plant);

Test(entry, amounts_are_exact_and_take_text) {
    cr_assert_eq(read_form("{\"kind\":\"scrap\",\"unit\":\"press\",\"value\":0.1,\"key\":\"k\","
                           "\"who\":\"office\",\"at\":\"2026-06-01T08:00:00Z\"}"),
                 ERR_OK);
    cr_expect_eq(act.kind, ACT_SCRAP);
    cr_expect_eq(act.value, 100000);
    cr_expect_eq(act.t0_ms, SIM_DAY0 + 8 * UTC_HOUR_MS);
    cr_expect_eq(act.t1_ms, act.t0_ms);
    cr_assert_eq(read_form("{\"kind\":\"energy\",\"unit\":\"press\",\"value\":\"12.5\"}"), ERR_OK);
    cr_expect_eq(act.value, INT64_C(12500000000));
    cr_expect_eq(act.t0_ms, NOW);
    cr_assert_eq(read_form("{\"kind\":\"material\",\"unit\":\"press\",\"value\":\"x\"}"),
                 ERR_FORMAT);
    cr_expect_str_eq(why.field, "value");
}

Test(entry, what_holds_has_no_end_unless_it_is_given) {
    cr_assert_eq(read_form("{\"kind\":\"team\",\"unit\":\"press\",\"text\":\"blue\"}"), ERR_OK);
    cr_expect_eq(act.t0_ms, NOW);
    cr_expect_eq(act.t1_ms, ACT_FOR_GOOD);
    cr_assert_eq(
        read_form("{\"kind\":\"order\",\"unit\":\"press\",\"text\":\"\",\"from\":1,\"to\":2}"),
        ERR_OK);
    cr_expect_eq(act.t0_ms, 1);
    cr_expect_eq(act.t1_ms, 2);
    cr_expect_eq(act.text.n, 0);
    cr_expect_eq(read_form("{\"kind\":\"order\",\"unit\":\"press\"}"), ERR_FORMAT);
    cr_expect_str_eq(why.field, "text");
}

Test(entry, a_shift_is_found_by_its_date_and_name) {
    cr_assert_eq(read_form("{\"kind\":\"scrap\",\"unit\":\"press\",\"value\":3,"
                           "\"shift\":\"2026-06-01/late\"}"),
                 ERR_OK);
    cr_expect_eq(act.t0_ms, SIM_DAY0 + 14 * UTC_HOUR_MS);
    cr_expect_eq(act.t1_ms, SIM_DAY0 + 22 * UTC_HOUR_MS);
    cr_expect_eq(read_form("{\"kind\":\"scrap\",\"unit\":\"press\",\"value\":3,"
                           "\"shift\":\"2026-06-01/night\"}"),
                 ERR_FORMAT);
    cr_expect_eq(read_form("{\"kind\":\"scrap\",\"unit\":\"press\",\"value\":3,"
                           "\"shift\":\"2026-06-01/late\",\"to\":5}"),
                 ERR_FORMAT);
    cr_expect_eq(read_form("{\"kind\":\"scrap\",\"unit\":\"pres\",\"value\":3,"
                           "\"shift\":\"2026-06-01/late\"}"),
                 ERR_FORMAT);
}

Test(entry, a_plan_is_of_a_shift_or_of_an_order) {
    cr_assert_eq(read_form("{\"kind\":\"plan\",\"unit\":\"press\",\"value\":400,"
                           "\"product\":\"bolt\",\"shift\":\"2026-06-02/early\"}"),
                 ERR_OK);
    cr_expect_eq(act.kind, ACT_PLAN);
    cr_expect_eq(act.value, 400000000);
    cr_expect_eq(act.t0_ms, SIM_DAY0 + 30 * UTC_HOUR_MS);
    cr_expect_eq(act.t1_ms, SIM_DAY0 + 38 * UTC_HOUR_MS);
    cr_expect(span_equal(act.product, span_str("bolt")));
    cr_expect_eq(act.text.n, 0);
    cr_assert_eq(read_form("{\"kind\":\"plan\",\"unit\":\"press\",\"value\":400,"
                           "\"product\":\"bolt\",\"order\":\"o-7\",\"from\":5}"),
                 ERR_OK);
    cr_expect_eq(act.t0_ms, 5);
    cr_expect_eq(act.t1_ms, ACT_FOR_GOOD);
    cr_expect(span_equal(act.text, span_str("o-7")));
    cr_expect_eq(read_form("{\"kind\":\"scrap\",\"unit\":\"press\",\"value\":3,"
                           "\"order\":\"o-7\"}"),
                 ERR_FORMAT);
    cr_expect_str_eq(why.field, "order");
}

Test(entry, a_factor_is_a_fraction_of_a_signal) {
    cr_assert_eq(read_form("{\"kind\":\"factor\",\"signal\":\"gw1/line/energy\",\"factor\":\"2/3\","
                           "\"from\":7}"),
                 ERR_OK);
    cr_expect(span_equal(act.agent, span_str("gw1")));
    cr_expect(span_equal(act.point, span_str("line/energy")));
    cr_expect_eq(act.value, 2);
    cr_expect_eq(act.value2, 3);
    static const char *const wrong[] = {"2", "2/", "/3", "0.5", "2/3x", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char json[128];
        snprintf(json, sizeof json, "{\"kind\":\"factor\",\"signal\":\"a/b\",\"factor\":\"%s\"}",
                 wrong[i]);
        cr_expect_eq(read_form(json), ERR_FORMAT, "%s", wrong[i]);
        cr_expect_str_eq(why.field, "factor");
    }
}

Test(entry, unknown_keys_and_kinds_are_told_with_the_nearest) {
    cr_expect_eq(read_form("{\"kind\":\"scrap\",\"unti\":\"press\",\"value\":3}"), ERR_FORMAT);
    cr_expect(strstr(why.why, "did you mean unit?"), "%s", why.why);
    cr_expect_eq(read_form("{\"kind\":\"scrop\"}"), ERR_FORMAT);
    cr_expect(strstr(why.why, "did you mean scrap?"), "%s", why.why);
    cr_expect_eq(read_form("{\"kind\":3}"), ERR_FORMAT);
    cr_expect_eq(read_form("[]"), ERR_FORMAT);
    cr_expect_eq(read_form("{\"kind\":"), ERR_FORMAT);
    cr_expect(strstr(why.why, "line 1"), "%s", why.why);
    cr_expect_eq(read_form(""), ERR_FORMAT);
}

/* Whoever sees a number cut off voids another entry than the one that was meant. */
Test(entry, part_of_a_person_or_of_a_number_is_refused) {
    cr_expect_eq(read_form("{\"kind\":\"void\",\"entry\":\"1.9\"}"), ERR_FORMAT);
    cr_expect_str_eq(why.field, "entry");
    cr_expect_eq(read_form("{\"kind\":\"headcount\",\"unit\":\"press\",\"value\":1.5}"),
                 ERR_FORMAT);
    cr_expect_str_eq(why.field, "value");
    cr_assert_eq(read_form("{\"kind\":\"headcount\",\"unit\":\"press\",\"value\":\"2.0\"}"),
                 ERR_OK);
    cr_expect_eq(act.value, 2);
}

Test(entry, what_a_kind_has_no_use_for_is_refused) {
    static const char *const wrong[][2] = {
        {"{\"kind\":\"factor\",\"signal\":\"a/b\",\"factor\":\"2/1\",\"unit\":\"press\"}", "unit"},
        {"{\"kind\":\"cause\",\"unit\":\"press\",\"text\":\"material\",\"product\":\"bolt\"}",
         "product"},
        {"{\"kind\":\"scrap\",\"unit\":\"press\",\"value\":3,\"text\":\"o-1\"}", "text"},
        {"{\"kind\":\"void\",\"entry\":3,\"unit\":\"press\"}", "unit"},
        {"{\"kind\":\"void\",\"entry\":3,\"from\":5}", "from"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_eq(read_form(wrong[i][0]), ERR_FORMAT, "%s", wrong[i][0]);
        cr_expect_str_eq(why.field, wrong[i][1], "%s: %s", wrong[i][0], why.field);
    }
    cr_expect_eq(read_form("{\"kind\":\"void\",\"entry\":3,\"unit\":null}"), ERR_OK);
}

Test(entry, a_time_is_one_of_a_year_with_four_digits) {
    static const char *const wrong[] = {"9223372036854775807", "-9223372036854775808",
                                        "253402300800000", "1.5", "\"-1\""};
    char json[128];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(json, sizeof json,
                 "{\"kind\":\"material\",\"unit\":\"press\",\"value\":1,\"at\":%s}", wrong[i]);
        cr_expect_eq(read_form(json), ERR_FORMAT, "%s", wrong[i]);
        cr_expect_str_eq(why.field, "at");
    }
    cr_expect_eq(read_form("{\"kind\":\"material\",\"unit\":\"press\",\"value\":1}"), ERR_OK);
    cr_expect(act.undated);
    cr_expect_eq(read_form("{\"kind\":\"material\",\"unit\":\"press\",\"value\":1,\"at\":5}"),
                 ERR_OK);
    cr_expect_not(act.undated);
}
