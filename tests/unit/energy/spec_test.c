#include <criterion/criterion.h>

#include "made.h"

static struct energy_driver parsed(const char *text) {
    struct energy_spec s = made_spec("line-1", "day", (const char *const[]){text, NULL});
    return s.driver[0];
}

Test(spec, drivers_are_read_in_all_forms) {
    struct energy_driver d = parsed("gq");
    cr_expect_eq(d.kind, ENERGY_QUANTITY);
    cr_expect_str_eq(d.node.s, "line-1");
    cr_expect_str_eq(d.quantity->name, "gq");
    cr_expect_str_eq(d.product, "");
    d = parsed("furnace/time_production");
    cr_expect_str_eq(d.node.s, "furnace");
    cr_expect_str_eq(energy_driver_unit(&d), "h");
    d = parsed("press-1/pq:bolt M8");
    cr_expect_str_eq(d.node.s, "press-1");
    cr_expect_str_eq(d.product, "bolt M8");
    d = parsed("file:workday");
    cr_expect_eq(d.kind, ENERGY_COLUMN);
    cr_expect_str_eq(d.column, "workday");
    d = parsed("hdd:15.5:outside");
    cr_expect_eq(d.kind, ENERGY_HEATING);
    cr_expect_eq(d.base, 15.5);
    cr_expect_str_eq(d.column, "outside");
    cr_expect_eq(parsed("cdd:22:outside").kind, ENERGY_COOLING);
}

static void refused(const char *text, const char *word) {
    struct energy_spec s = {0};
    char why[ENERGY_WHY] = "";
    cr_assert(energy_spec_set_node(&s, "line-1", why));
    cr_expect_not(energy_spec_add_driver(&s, text, why), "%s", text);
    cr_expect(strstr(why, word), "%s: %s", text, why);
    cr_expect_eq(s.driver_n, 0);
}

Test(spec, wrong_drivers_are_explained) {
    refused("gp", "did you mean");
    refused("LINE/gq", "no id of a node");
    refused("gq:", "no product");
    refused("file:", "column");
    refused("hdd:warm:outside", "base temperature");
    refused("hdd:15", "base temperature");
    refused("", "no quantity");
    refused("file:\x1b[2J", "control characters");
}

static void unfit(struct energy_spec *s, const char *word) {
    char why[ENERGY_WHY] = "";
    cr_expect_not(energy_spec_finish(s, why));
    cr_expect(strstr(why, word), "%s", why);
}

Test(spec, what_does_not_go_together_is_refused) {
    struct energy_spec s = made_spec("line-1", "day", (const char *const[]){"gq", NULL});
    char why[ENERGY_WHY] = "";
    s.grain = ENERGY_BATCH;
    unfit(&s, "columns of their table");
    s.grain = ENERGY_DAY;
    cr_assert(energy_spec_add_part(&s, "line-1", why));
    unfit(&s, "the node itself");
    s.part_n = 0;
    cr_assert(energy_spec_add_driver(&s, "gq", why));
    unfit(&s, "named twice");
    cr_expect_not(energy_spec_set_grain(&s, "month", why));
    cr_expect_not(energy_spec_set_node(&s, "Line 1", why));
    cr_expect_not(energy_spec_add_part(&s, "Line 1", why));
}

Test(spec, only_columns_need_their_file) {
    struct energy_spec s = made_spec("line-1", "day", (const char *const[]){"gq", NULL});
    cr_expect_not(energy_spec_has_columns(&s));
    s = made_spec("line-1", "week", (const char *const[]){"gq", "hdd:15:t", NULL});
    cr_expect(energy_spec_has_columns(&s));
    s = made_spec("line-1", "batch", (const char *const[]){"file:kg", NULL});
    cr_expect_not(energy_spec_has_columns(&s));
}
