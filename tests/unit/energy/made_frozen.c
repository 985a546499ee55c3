#include "made_frozen.h"

#include <criterion/criterion.h>

struct energy_spec made_line_spec(void) {
    struct energy_spec s = made_spec("line-1", "day", (const char *const[]){"gq", NULL});
    char why[ENERGY_WHY] = "";
    cr_assert(energy_spec_add_part(&s, "cutter", why));
    return s;
}

static void take_line_day(struct days *d, int day, const struct made_line_day *at) {
    const struct made_sum line[] = {{"energy_production", (2 * at->pieces + at->more) * KWH},
                                    {"energy_delay", at->standby * KWH},
                                    {"gq", at->pieces * PIECE},
                                    {NULL, 0}};
    const struct made_sum cutter[] = {{"energy_delay", at->standby * KWH}, {NULL, 0}};
    struct energy_window w = made_day("line-1", day, line);
    cr_assert_eq(days_take(d, &w), ERR_OK);
    w = made_day("cutter", day, cutter);
    cr_assert_eq(days_take(d, &w), ERR_OK);
}

struct energy_rows made_line_rows(const struct energy_spec *s, int day,
                                  const struct made_line_day *at, size_t n) {
    struct energy_rows rows = {0};
    struct days *d = NULL;
    char why[ENERGY_WHY] = "";
    cr_assert_eq(days_open(s, NULL, &d), ERR_OK);
    for (size_t i = 0; i < n; i++)
        take_line_day(d, day + (int)i, &at[i]);
    cr_assert(days_finish(d, NULL, INT64_MIN, INT64_MAX, &rows, why), "%s", why);
    days_close(d);
    return rows;
}

struct frozen made_frozen(void) {
    struct frozen f = {.spec = made_line_spec(),
                       .profile = BASELINE_STRICT,
                       .zone = "Asia/Seoul",
                       .who = "B. Energy",
                       .reason = "first \"year\"",
                       .when_ms = MONDAY,
                       .from_ms = MONDAY,
                       .to_ms = MONDAY + 12 * UTC_DAY_MS};
    struct made_line_day at[12];
    struct baseline_wrong wrong;
    for (int i = 0; i < 12; i++)
        at[i] = (struct made_line_day){i / 2 + 1, i % 2 ? -1 : 1, 100};
    f.rows = made_line_rows(&f.spec, 0, at, 12);
    cr_assert_eq(frozen_fit(&f, &wrong), ERR_OK);
    return f;
}
