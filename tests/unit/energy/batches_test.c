#include <criterion/criterion.h>

#include "energy/batches.h"
#include "made.h"

static const char *const drivers[] = {"file:kg", NULL};

Test(batches, each_record_is_a_row) {
    static const char text[] = "batch,start,end,kg,energy_kwh\n"
                               "B7,2026-01-05T06:00:00Z,2026-01-05T07:30:00Z,250,41.5\n"
                               ",2026-01-05T08:00:00+01:00,2026-01-05T09:00:00+01:00,100,20\n";
    struct energy_spec s = made_spec("oven", "batch", drivers);
    struct energy_rows r;
    char why[ENERGY_WHY] = "";
    cr_assert(batches_take(&s, "b.csv", span_str(text), &r, why), "%s", why);
    cr_assert_eq(r.n, 2);
    cr_expect_str_eq(r.label[0], "B7");
    cr_expect_eq(r.time_h[0], 1.5);
    cr_expect_eq(r.energy_kwh[0], 41.5);
    cr_expect_eq(r.driver[0], 250);
    cr_expect_str_eq(r.label[1], "2026-01-05T07:00");
    cr_expect_eq(r.time_h[1], 1);
    energy_rows_fini(&r);
}

Test(batches, names_cannot_move_a_cursor) {
    static const char text[] = "batch,start,end,kg,energy_kwh\n"
                               "B\x1b[2J,2026-01-05T06:00:00Z,2026-01-05T07:00:00Z,1,1\n";
    struct energy_spec s = made_spec("oven", "batch", drivers);
    struct energy_rows r;
    char why[ENERGY_WHY] = "";
    cr_assert(batches_take(&s, "b.csv", span_str(text), &r, why), "%s", why);
    cr_expect_str_eq(r.label[0], "B?[2J");
    energy_rows_fini(&r);
}

static void refused(const char *text, const char *word) {
    struct energy_spec s = made_spec("oven", "batch", drivers);
    struct energy_rows r = {0};
    char why[ENERGY_WHY] = "";
    cr_expect_not(batches_take(&s, "b.csv", span_str(text), &r, why), "%s", text);
    cr_expect(strstr(why, word), "%s", why);
}

Test(batches, mistakes_are_told_with_their_line) {
    refused("start,end,kg\n", "no column energy_kwh");
    refused("start,end,energy_kwh\n", "no column kg");
    refused("start,end,energy_kwh,kg\n2026-01-05T06:00:00Z,2026-01-05T06:00:00Z,1,1\n",
            "b.csv:2: the batch ends before it begins");
    refused("start,end,energy_kwh,kg\n2026-01-05T06:00:00Z,2026-01-05T07:00:00Z,1,1\n"
            "2026-01-05T05:00:00Z,2026-01-05T07:00:00Z,1,1\n",
            "b.csv:3: the batch begins before the one above it");
    refused("start,end,energy_kwh,kg\n2026-01-05T06:00:00,2026-01-05T07:00:00Z,1,1\n",
            "no time with an offset");
    refused("start,end,energy_kwh,kg\n2026-01-05T06:00:00Z,2026-01-05T07:00:00Z,,1\n",
            "column energy_kwh:  is no number");
}
