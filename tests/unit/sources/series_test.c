#include "sources/series.h"

#include <criterion/criterion.h>

#include "sources/conditions.h"

static enum err parse(const char *values, const char *count, const char *rate, struct series *s) {
    char why[SERIES_WHY];
    return series_parse(span_str(values), span_str(count), span_str(rate), s, why);
}

Test(series, the_last_value_is_at_the_observations_time) {
    struct series s;
    cr_assert_eq(parse("1 2  3\n4", "4", "100", &s), ERR_OK);
    cr_expect_eq(s.n, 4u);
    cr_expect_eq(series_time(&s, 3, 5000), 5000);
    cr_expect_eq(series_time(&s, 0, 5000), 4970); /* three periods of 10 ms */
    cr_assert_eq(parse("1 2", "", "0.5", &s), ERR_OK);
    cr_expect_eq(series_time(&s, 0, 5000), 3000);
}

Test(series, what_does_not_fit_is_refused) {
    struct series s;
    cr_expect_eq(parse("1 2", "3", "100", &s), ERR_FORMAT);
    cr_expect_eq(parse("1 2", "2", "0", &s), ERR_FORMAT);
    cr_expect_eq(parse("1 2", "2", "", &s), ERR_FORMAT);
    cr_expect_eq(parse("7", "1", "", &s), ERR_OK); /* one needs no rate */
}

static enum condition_level take(struct conditions *c, enum condition_level level,
                                 const char *code) {
    enum condition_level shown = CONDITION_LEVEL_COUNT;
    cr_assert_eq(conditions_take(c, 3, level, span_str(code), &shown), ERR_OK);
    return shown;
}

Test(conditions, the_worst_that_is_active_is_shown) {
    struct conditions c;
    conditions_init(&c);
    cr_expect_eq(take(&c, CONDITION_WARNING, "a"), CONDITION_WARNING);
    cr_expect_eq(take(&c, CONDITION_FAULT, "b"), CONDITION_FAULT);
    cr_expect_eq(take(&c, CONDITION_WARNING, "c"), CONDITION_FAULT);
    cr_expect_eq(take(&c, CONDITION_NORMAL, "b"), CONDITION_WARNING);
    cr_expect_eq(take(&c, CONDITION_NORMAL, "never"), CONDITION_WARNING);
    cr_expect_eq(take(&c, CONDITION_NORMAL, ""), CONDITION_NORMAL);
    cr_expect_eq(c.n, 0u);
    cr_expect_eq(take(&c, CONDITION_FAULT, ""), CONDITION_FAULT);
    cr_expect_eq(take(&c, CONDITION_UNAVAILABLE, ""), CONDITION_UNAVAILABLE);
    cr_expect_eq(take(&c, CONDITION_WARNING, "a"), CONDITION_WARNING);
    conditions_fini(&c);
}
