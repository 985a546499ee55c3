#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "made_frozen.h"

static struct buf text_of(const struct frozen *f) {
    struct buf out;
    buf_init(&out);
    cr_assert_eq(frozen_format(f, &out), ERR_OK);
    return out;
}

Test(frozen, a_fit_has_its_parts_and_they_sum_to_it) {
    struct frozen f = made_frozen();
    cr_expect_float_eq(f.model.term[0].value, 100.0 / 24, 1e-12);
    cr_expect_float_eq(f.model.term[1].value, 2, 1e-12);
    cr_expect_float_eq(f.model.s_kwh, sqrt(1.2), 1e-12);
    /* The node's standby is the cutter's; production is of no part. */
    cr_expect_float_eq(f.part[1][ENERGY_STANDBY][0], 100.0 / 24, 1e-12);
    cr_expect_float_eq(f.part[1][ENERGY_STANDBY][1], 0, 1e-12);
    cr_expect_float_eq(f.part[0][ENERGY_PRODUCTION][1], 2, 1e-12);
    cr_expect_float_eq(f.part[1][ENERGY_PRODUCTION][1], 0, 1e-12);
    frozen_fini(&f);
}

Test(frozen, what_was_written_comes_back_to_the_digit) {
    struct frozen f = made_frozen(), back;
    struct buf text = text_of(&f);
    char why[ENERGY_WHY] = "";
    cr_assert(frozen_parse("b", buf_span(&text), &back, why), "%s", why);
    cr_expect_str_eq(back.who, "B. Energy");
    cr_expect_str_eq(back.reason, "first \"year\"");
    cr_expect_str_eq(back.zone, "Asia/Seoul");
    cr_expect_eq(back.when_ms, MONDAY);
    cr_expect_eq(back.to_ms, MONDAY + 12 * UTC_DAY_MS);
    cr_expect_eq(back.acts, 1);
    cr_expect_eq(back.rows.n, 12);
    cr_expect_str_eq(back.spec.driver[0].text, "gq");
    cr_expect_str_eq(back.spec.part[0].s, "cutter");
    for (int j = 0; j < 2; j++) {
        cr_expect_eq(back.model.term[j].value, f.model.term[j].value);
        cr_expect_eq(back.part[1][ENERGY_STANDBY][j], f.part[1][ENERGY_STANDBY][j]);
    }
    cr_expect_eq(back.model.s_kwh, f.model.s_kwh);
    buf_fini(&text);
    frozen_fini(&back);
    frozen_fini(&f);
}

Test(frozen, the_last_act_is_in_force) {
    struct frozen f = made_frozen(), back;
    struct buf text = text_of(&f);
    char why[ENERGY_WHY] = "";
    (void)snprintf(f.reason, sizeof f.reason, "new oven");
    cr_assert_eq(frozen_format(&f, &text), ERR_OK);
    cr_assert(frozen_parse("b", buf_span(&text), &back, why), "%s", why);
    cr_expect_str_eq(back.reason, "new oven");
    cr_expect_eq(back.acts, 2);
    buf_fini(&text);
    frozen_fini(&back);
    frozen_fini(&f);
}

/* Replaces the first `what` in the text by `by`, of the same length. */
static void refused_with(const char *what, const char *by, const char *word) {
    struct frozen f = made_frozen(), back;
    struct buf text = text_of(&f);
    char why[ENERGY_WHY] = "";
    char *at = memmem(text.p, text.n, what, strlen(what));
    cr_assert(at, "%s", what);
    memcpy(at, by, strlen(by));
    cr_expect_not(frozen_parse("b", buf_span(&text), &back, why), "%s", by);
    cr_expect(strstr(why, word), "%s: %s", by, why);
    buf_fini(&text);
    frozen_fini(&back);
    frozen_fini(&f);
}

Test(frozen, lines_that_were_changed_are_refused) {
    refused_with("\"terms\":[4.", "\"terms\":[5.", "b:1: term 0 does not follow from the rows");
    refused_with("\"energy_kwh\":103", "\"energy_kwh\":104", "does not follow");
    refused_with("\"format\":1", "\"format\":2", "of format 1");
    refused_with("\"strict\"", "\"strikt\"", "no profile");
    refused_with("[\"gq\"]", "[\"gp\"]", "no quantity");
    refused_with("\"rows\":[", "\"rowz\":[", "no rows");
    refused_with("\"part_terms\":[", "\"part_termz\":[", "part_terms");
    refused_with("{\"format\"", "[\"format\"", "b:1:10: ");
}

Test(frozen, an_empty_file_has_no_baseline) {
    struct frozen back;
    char why[ENERGY_WHY] = "";
    cr_expect_not(frozen_parse("b", span_str("\n\n"), &back, why));
    cr_expect(strstr(why, "no baseline"), "%s", why);
    frozen_fini(&back);
}

Test(frozen, refusals_name_the_driver) {
    struct frozen f = made_frozen();
    char why[ENERGY_WHY] = "";
    struct baseline_wrong wrong = {BASELINE_NEGATIVE, 1, -0.25};
    frozen_say_wrong(&f.spec, &f.rows, &wrong, why);
    cr_expect(strstr(why, "coefficient of gq is negative (-0.25 kWh per piece)"), "%s", why);
    wrong = (struct baseline_wrong){BASELINE_NEGATIVE, 0, -3};
    frozen_say_wrong(&f.spec, &f.rows, &wrong, why);
    cr_expect(strstr(why, "the base load is negative"), "%s", why);
    wrong = (struct baseline_wrong){BASELINE_DEPENDENT, 1, 0};
    frozen_say_wrong(&f.spec, &f.rows, &wrong, why);
    cr_expect(strstr(why, "gq follows from the other drivers"), "%s", why);
    wrong = (struct baseline_wrong){BASELINE_NO_NUMBER, 2, 0};
    frozen_say_wrong(&f.spec, &f.rows, &wrong, why);
    cr_expect(strstr(why, "2026-01-07"), "%s", why);
    wrong = (struct baseline_wrong){BASELINE_FEW_ROWS, 0, 3};
    frozen_say_wrong(&f.spec, &f.rows, &wrong, why);
    cr_expect(strstr(why, "at least 3"), "%s", why);
    frozen_fini(&f);
}
