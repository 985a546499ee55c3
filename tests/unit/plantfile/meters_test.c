#include <criterion/criterion.h>
#include <string.h>

#include "load_text.h"

#define SITE "site: {id: s, time_zone: Etc/UTC}\n"
#define LINE(units) SITE "areas: {a: {lines: {l: {agent: gw, units: {" units "}}}}}\n"
#define METER(what, shares) "meters: {hall: {signals: {" what "}, shares: {" shares "}}}\n"
#define KWH "energy: {agent: gw, point: hall/kwh}"

static void expect_problem(const char *text, const char *where, const char *what) {
    struct plant *p = NULL;
    struct buf said;
    cr_expect_eq(load_text(text, &p, &said), 1u, "%s", said.p);
    cr_expect(strstr((const char *)said.p, where) && strstr((const char *)said.p, what), "%s",
              said.p);
    cr_expect_null(p);
    buf_fini(&said);
}

/* Ties go by unit id, whatever stands first in the file. */
Test(meters, a_meter_is_a_signal_of_each_unit_that_shares_it) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text(METER(KWH, "u3: 5, u1: 2") LINE("u1: {}, u2: {}, u3: {}"), &p, &said), 0,
                 "%s", said.p);
    cr_assert_eq(p->meter_n, 1u);
    cr_assert_eq(p->meter[0].unit_n, 2u);
    cr_expect_str_eq(p->meter[0].id.s, "hall");
    cr_expect_eq(p->meter[0].unit[0], 0u);
    cr_expect_eq(p->meter[0].weight[0], 2);
    cr_expect_eq(p->meter[0].unit[1], 2u);
    cr_expect_eq(p->meter[0].weight[1], 5);
    cr_assert_eq(p->signal_n, 2u, "one point, a meaning at each of its units");
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(p->signal[i].meter, 1);
        cr_expect_eq(p->signal[i].role, ROLE_ENERGY);
    }
    cr_expect_not(p->unit[0].missing_class[2], "a share is a figure of consumption");
    cr_expect(p->unit[1].missing_class[2]);
    plant_close(p);
    buf_fini(&said);
}

Test(meters, a_unit_may_have_a_register_of_its_own_beside_shares_of_several_meters) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text("meters: {air: {signals: {energy: {agent: gw, point: a}}, shares: {u1: "
                           "1, u2: 1}}, hall: {signals: {power: {agent: gw, point: h}}, shares: "
                           "{u1: 1}}}\n" LINE("u1: {signals: {energy: {point: own}}}, u2: {}"),
                           &p, &said),
                 0, "%s", said.p);
    cr_assert_eq(p->meter_n, 2u);
    cr_expect_eq(p->unit[0].signal_n, 3u);
    plant_close(p);
    buf_fini(&said);
}

Test(meters, what_cannot_be_shared_is_refused_where_it_stands) {
    expect_problem(METER(KWH, "u9: 1") LINE("u1: {}"), "p.yaml:1:", "did you mean u1?");
    expect_problem(METER(KWH, "u1: half") LINE("u1: {}"), "p.yaml:1:", "a share is a whole number");
    expect_problem(METER(KWH, "u1: 0") LINE("u1: {}"), "p.yaml:1:", "a share is a whole number");
    expect_problem(METER(KWH, "u1: 600000, u2: 600000") LINE("u1: {}, u2: {}"),
                   "p.yaml:1:", "sum to more than");
    expect_problem(METER("enrgy: {agent: gw, point: x}", "u1: 1") LINE("u1: {}"),
                   "p.yaml:1:", "did you mean energy?");
    expect_problem(METER("total: {agent: gw, point: x}", "u1: 1") LINE("u1: {}"),
                   "p.yaml:1:", "units share no meter of total");
    expect_problem(METER("energy: {point: x}", "u1: 1, u2: 1") LINE("u1: {}, u2: {}"),
                   "p.yaml:1:", "no agent is named");
    expect_problem(METER("gas: {agent: gw, point: x}", "u1: 1, u2: 1") LINE("u1: {}, u2: {}"),
                   "p.yaml:1:", "gas is not among the plant's carriers");
    expect_problem(METER("", "u1: 1") LINE("u1: {}"), "p.yaml:1:", "one signal");
}

Test(meters, what_would_count_twice_or_mislead_is_refused) {
    expect_problem(METER(KWH, "u1: 1") LINE("u1: {signals: {energy: {point: hall/kwh}}}"),
                   "p.yaml:1:", "has a meaning already");
    expect_problem(METER(KWH, "u1: 1") LINE("u1: {signals: {reactive: {point: var}}}"),
                   "p.yaml:1:", "its power factor would be wrong");
}
