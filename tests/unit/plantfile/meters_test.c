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

#define RATED(rows, rest) "meters: {hall: {signals: {" KWH "}, rated: {" rows "}" rest "}}\n"
#define RUNS                                                                                       \
    "u1: {state: {from: power, idle_above: 1 kW, run_above: 2 kW}, signals: {power: {point: p1}}}"
#define OWN "u1: {signals: {energy: {point: e1}}}, u2: {}, u3: {}"

/* By id: u1 first. The third takes the rest and is no part of the split; each that has a part looks
 * at the two that run. */
Test(meters, rated_powers_are_watts_and_the_rest_is_a_unit) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(
        load_text(RATED("u2: 1.5 kW, u1: 200 W", ", rest: u3")
                      LINE(RUNS ", u2: {state: {from: power, idle_above: 1 kW, run_above: 2 kW}, "
                                "signals: {power: {point: p2}}}, u3: {}, u4: {}"),
                  &p, &said),
        0, "%s", said.p);
    const struct plant_meter *m = &p->meter[0];
    cr_expect(m->by_run);
    cr_assert_eq(m->unit_n, 2u);
    cr_expect_eq(m->unit[0], 0u);
    cr_expect_eq(m->weight[0], 200);
    cr_expect_eq(m->weight[1], 1500);
    cr_expect_eq(m->rest, 2u);
    const size_t mates[] = {1, 1, 2, 0}, watchers[] = {2, 2, 0, 0};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(p->unit[i].mate_n, mates[i], "unit %zu", i);
        cr_expect_eq(p->unit[i].watcher_n, watchers[i], "unit %zu", i);
    }
    cr_expect_eq(p->unit[2].mate[0], 0u);
    cr_expect_eq(p->unit[2].mate[1], 1u);
    cr_expect_eq(p->unit[0].watcher[0], 1u);
    cr_expect_eq(p->unit[2].signal_n, 1u, "the meter is a signal of the rest, too");
    plant_close(p);
    buf_fini(&said);
}

Test(meters, sub_meters_are_the_units_own) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text("meters: {hall: {signals: {" KWH
                           "}, less: [u1], shares: {u2: 1, u3: 2}}}\n" LINE(OWN),
                           &p, &said),
                 0, "%s", said.p);
    cr_assert_eq(p->meter[0].less_n, 1u);
    cr_expect_eq(p->meter[0].less[0], 0u);
    cr_expect_not(p->meter[0].by_run);
    cr_expect_eq(p->unit[1].mate_n, 1u);
    cr_expect_eq(p->unit[1].mate[0], 0u);
    cr_expect_eq(p->unit[0].watcher_n, 2u);
    cr_expect_eq(p->unit[0].mate_n, 0u, "its own meter tells what it has");
    plant_close(p);
    buf_fini(&said);
}

Test(meters, a_key_that_says_too_little_is_refused_where_it_stands) {
    expect_problem("meters: {hall: {signals: {" KWH "}}}\n" LINE("u1: {}"),
                   "p.yaml:1:", "it has neither");
    expect_problem("meters: {hall: {signals: {" KWH
                   "}, shares: {u1: 1}, rated: {u1: 1 kW}}}\n" LINE(RUNS),
                   "p.yaml:1:", "not by both");
    expect_problem(RATED("u1: 1 kW", "") LINE(RUNS), "p.yaml:1:", "meter hall has no rest");
}

Test(meters, what_cannot_run_or_be_taken_off_is_refused) {
    expect_problem(RATED("u1: 1 kW", ", rest: u1") LINE("u1: {}"),
                   "p.yaml:1:", "nothing tells when u1 runs");
    expect_problem(RATED("u1: 22", ", rest: u1") LINE(RUNS), "p.yaml:1:", "a rated power is");
    expect_problem(RATED("u1: 0 W", ", rest: u1") LINE(RUNS), "p.yaml:1:", "a rated power is");
    expect_problem(RATED("u1: 1 kW", ", rest: u9") LINE(RUNS), "p.yaml:1:91", "did you mean u1?");
    expect_problem(RATED("u1: 1 kW", ", rset: u1") LINE(RUNS), "p.yaml:1:", "rest");
    expect_problem("meters: {hall: {signals: {" KWH
                   "}, shares: {u1: 1}, rest: u1}}\n" LINE("u1: {}"),
                   "p.yaml:1:", "fixed shares leave none");
    expect_problem("meters: {hall: {signals: {" KWH "}, less: [u2], shares: {u3: 1}}}\n" LINE(OWN),
                   "p.yaml:1:", "u2 has no meter of its own of electricity");
    expect_problem("meters: {hall: {signals: {" KWH
                   "}, less: [u1, u1], shares: {u3: 1}}}\n" LINE(OWN),
                   "p.yaml:1:", "u1 is taken off twice");
    expect_problem("meters: {hall: {signals: {" KWH "}, less: [u8], shares: {u3: 1}}}\n" LINE(OWN),
                   "p.yaml:1:", "did you mean u");
    expect_problem("meters: {hall: {signals: {" KWH "}, less: [u1], shares: {u2: 1}}}\n" LINE(
                       "u1: {signals: {energy: {point: e}, export: {point: x}}}, u2: {}"),
                   "p.yaml:1:", "u1 has a register of export");
}

Test(meters, what_would_count_twice_or_mislead_is_refused) {
    expect_problem(METER(KWH, "u1: 1") LINE("u1: {signals: {energy: {point: hall/kwh}}}"),
                   "p.yaml:1:", "has a meaning already");
    expect_problem(METER(KWH, "u1: 1") LINE("u1: {signals: {reactive: {point: var}}}"),
                   "p.yaml:1:", "its power factor would be wrong");
}
