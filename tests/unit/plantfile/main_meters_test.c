#include <criterion/criterion.h>
#include <string.h>

#include "load_text.h"

#define PLANT(site, area, line, units)                                                             \
    "site: {id: s, time_zone: Etc/UTC" site "}\nareas: {a: {" area "lines: {l: {agent: gw" line    \
    ", units: {" units "}}}}}\n"
#define METER(more) "main: {" more "signals: {energy: {point: main}}}"
#define PRESS "press: {signals: {energy: {point: press}}}"
#define OUTSIDE "commissioning: true, "

static void expect_problem(const char *text, const char *what) {
    struct plant *p = NULL;
    struct buf said;
    cr_expect_eq(load_text(text, &p, &said), 1u, "%s", said.p);
    cr_expect(strstr((const char *)said.p, what), "%s", said.p);
    cr_expect_null(p);
    buf_fini(&said);
}

Test(main_meters, each_node_may_name_units_that_do_not_count_in_it) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text(PLANT(", main_meters: [main, hand]", "main_meters: [main], ",
                                 ", main_meters: [hand]",
                                 METER(OUTSIDE) ", hand: {commissioning: true, entered: [energy]}, "
                                                "" PRESS),
                           &p, &said),
                 0, "%s", said.p);
    cr_assert_eq(p->node[0].main_meter_n, 2u);
    cr_expect_str_eq(p->unit[p->node[0].main_meter[0]].id.s, "main");
    cr_expect_str_eq(p->unit[p->node[0].main_meter[1]].id.s, "hand");
    cr_assert_eq(p->node[1].main_meter_n, 1u);
    cr_assert_eq(p->node[2].main_meter_n, 1u);
    cr_expect_eq(p->node[3].main_meter_n, 0u);
    plant_close(p);
    buf_fini(&said);
}

Test(main_meters, what_cannot_be_one_is_refused) {
    expect_problem(PLANT(", main_meters: [mian]", "", "", METER(OUTSIDE) ", " PRESS),
                   "main meter mian of s is no unit");
    expect_problem(PLANT(", main_meters: [main]", "", "", METER("") ", " PRESS),
                   "must be in commissioning");
    expect_problem(PLANT(", main_meters: [dumb]", "", "", "dumb: {commissioning: true}, " PRESS),
                   "measures no electricity");
    expect_problem(PLANT(", main_meters: [main, main]", "", "", METER(OUTSIDE) ", " PRESS),
                   "named twice");
}
