#include <criterion/criterion.h>
#include <math.h>

#include "energy/columns.h"
#include "made.h"

enum { JAN_5 = 20458 }; /* days from 1970-01-01 to 2026-01-05 */

static const char *const drivers[] = {"file:workday", "gq", "hdd:15:t", "cdd:22:t", NULL};

Test(columns, values_and_degree_days_are_found_by_date) {
    /* 2026-01-05: 4 degrees, 11 below 15; 2026-01-06: 25, 3 above 22; the last without t. */
    static const char text[] =
        "date,t,workday\r\n2026-01-06,25,0\r\n\"2026-01-05\",4,1\r\n2026-01-07,,1\r\n";
    struct energy_spec s = made_spec("line-1", "day", drivers);
    struct columns c;
    char why[ENERGY_WHY] = "";
    cr_assert(columns_open(&c, &s, "d.csv", span_str(text), why), "%s", why);
    cr_expect_eq(columns_get(&c, JAN_5, 0), 1);
    cr_expect(isnan(columns_get(&c, JAN_5, 1))); /* no column of the file */
    cr_expect_eq(columns_get(&c, JAN_5, 2), 11);
    cr_expect_eq(columns_get(&c, JAN_5, 3), 0);
    cr_expect_eq(columns_get(&c, JAN_5 + 1, 2), 0);
    cr_expect_eq(columns_get(&c, JAN_5 + 1, 3), 3);
    cr_expect_eq(columns_get(&c, JAN_5 + 2, 0), 1);
    cr_expect(isnan(columns_get(&c, JAN_5 + 2, 2)));
    cr_expect(isnan(columns_get(&c, JAN_5 + 3, 0)));
    columns_close(&c);
}

static void refused(const char *text, const char *word) {
    struct energy_spec s = made_spec("line-1", "day", drivers);
    struct columns c;
    char why[ENERGY_WHY] = "";
    cr_expect_not(columns_open(&c, &s, "d.csv", span_str(text), why), "%s", text);
    cr_expect(strstr(why, word), "%s", why);
    columns_close(&c);
}

Test(columns, mistakes_are_told_with_their_line) {
    refused("", "d.csv:1: no header");
    refused("day,t,workday\n", "not called date");
    refused("date,t\n", "no column workday");
    refused("date,t,workday\n2026-01-05,4,1\n2026-01-05,4,1\n", "d.csv:3: this date");
    refused("date,t,workday\n05.01.2026,4,1\n", "d.csv:2: the first column is no date");
    refused("date,t,workday\n2026-02-30,4,1\n", "is no date");
    refused("date,t,workday\n2026-01-05,warm,1\n", "d.csv:2: column t: warm is no number");
    refused("date,t,workday\n2026-01-05,4\n", "2 fields where the header has 3");
    refused("date,t,workday\n2026-01-05,nan,1\n", "is no number");
}
