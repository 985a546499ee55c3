/* Gauges that judge conditions, as the plant file says it. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "load_text.h"
#include "plantfile/plantfile.h"

#define SITE "site: {id: s, time_zone: Etc/UTC}\n"
#define HALL                                                                                       \
    SITE "areas: {hall: {lines: {l: {agent: gw, units: {u1: {class: oven, gauges: {temp: {point: " \
         "a/t, unit: degC, low: 0, high: 400}}}, u2: {class: oven, gauges: {temp: {point: b/t, "   \
         "unit: degC}, air: {point: b/p, unit: bar}}}, u3: {}}}}}}\n"

static struct plant *plant;
static struct buf said;

static size_t load(const char *condition) {
    struct buf text;
    buf_init(&text);
    cr_assert_eq(buf_addf(&text, "conditions: {c: {kind: supply, owner: x, %s}}\n" HALL, condition),
                 ERR_OK);
    cr_assert_eq(buf_add_byte(&text, 0), ERR_OK);
    const size_t n = load_text((const char *)text.p, &plant, &said);
    buf_fini(&text);
    return n;
}

static void unload(void) {
    plant_close(plant);
    plant = NULL;
    buf_fini(&said);
}

/* The condition begins at column 42, so that the place of each word can be counted. */
static void expect_problem(const char *condition, const char *place, const char *words) {
    const size_t n = load(condition);
    cr_expect_eq(n, 1, "%s", said.p);
    cr_expect_null(plant);
    cr_expect(strstr((char *)said.p, place) != NULL, "%s not in %s", place, said.p);
    cr_expect(strstr((char *)said.p, words) != NULL, "%s not in %s", words, said.p);
    unload();
}

Test(proofs, each_unit_is_judged_by_its_own_gauge) {
    size_t n = 0;
    cr_assert_eq(load("for: [oven], gauge: {id: temp, high: 30.5, unit: degC, hold: 2 min}"), 0,
                 "%s", said.p);
    const struct plant_condition *c = &plant->condition[0];
    cr_expect_str_eq(c->gauge.s, "temp");
    cr_expect_eq(c->at, UINT32_MAX);
    cr_expect_eq(c->high, 30500000);
    cr_expect_eq(c->low, INT64_MIN);
    cr_expect_eq(c->hold_ms, 120000);
    cr_assert_eq(plant->proof_n, 2u);
    const struct plant_proof *x = plant_proofs(plant, 1, &n);
    cr_assert_eq(n, 1u);
    cr_expect_eq(plant->gauge[x->gauge].unit, 1u);
    cr_expect_null(plant_proofs(plant, 2, &n));
    cr_expect_eq(n, 0u);
    cr_expect(plant_proves(plant, x->gauge, 1) && !plant_proves(plant, x->gauge, 0));
    unload();
}

/* One sensor of the hall, named by its unit or as the only one of the hall, judges all. */
Test(proofs, a_gauge_of_another_unit_judges_those_that_it_is_for) {
    static const char *const at[] = {"u2", "hall", "l", "s"};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        char text[96];
        size_t order = 0;
        snprintf(text, sizeof text, "gauge: {id: air, at: %s, low: 5.5, high: 8, unit: bar}",
                 at[i]);
        cr_assert_eq(load(text), 0, "%s", said.p);
        cr_expect_eq(plant->condition[0].at, 1u);
        cr_assert_eq(plant->proof_n, 3u);
        const uint32_t gauge = plant->proof[0].gauge;
        cr_expect_str_eq(plant->gauge[gauge].id.s, "air");
        for (uint32_t u = 0; u < 3; u++)
            cr_expect_eq(plant_next_proven(plant, gauge, &order), u);
        cr_expect_eq(plant_next_proven(plant, gauge, &order), UINT32_MAX);
        order = 0;
        cr_expect_eq(plant_next_proven(plant, gauge == 0 ? 1 : 0, &order), UINT32_MAX);
        unload();
    }
}

Test(proofs, what_is_wrong_is_reported_where_it_is) {
    expect_problem("for: [oven], gauge: {id: tmp, high: 30, unit: degC}",
                   "p.yaml:1:67:", "did you mean temp?");
    expect_problem("for: [oven], gauge: {idd: temp, id: temp, high: 30, unit: degC}",
                   "p.yaml:1:", "did you mean \"id\"?");
    expect_problem("gauge: {id: temp, high: 30, unit: degC}",
                   "p.yaml:1:54:", "u3 has no gauge temp");
    expect_problem("for: [oven], gauge: {high: 30, unit: degC}", "p.yaml:1:", "id");
    expect_problem("for: [oven], gauge: {id: temp, unit: degC}", "p.yaml:1:", "neither low nor");
    expect_problem("for: [oven], gauge: {id: temp, low: 30, high: 30, unit: degC}",
                   "p.yaml:1:", "low must be less");
    expect_problem("for: [oven], gauge: {id: temp, low: 31, high: 30, unit: degC}",
                   "p.yaml:1:88:", "low must be less");
    expect_problem("gauge: {id: air, at: u1, low: 5, unit: bar}",
                   "p.yaml:1:54:", "gauge air of u1 does not exist");
    expect_problem("gauge: {id: air, at: hal, low: 5, unit: bar}",
                   "p.yaml:1:63:", "did you mean hall?");
    expect_problem("gauge: {id: temp, at: hall, high: 30, unit: degC}",
                   "p.yaml:1:64:", "u1 and u2 below hall both have a gauge temp");
    expect_problem("gauge: {id: air, at: u2, low: 5}", "p.yaml:1:", "say so: unit: bar");
    expect_problem("gauge: {id: air, at: u2, low: 5, unit: mbar}", "p.yaml:1:81:", "shown in bar");
    expect_problem("for: [u1], gauge: {id: temp, high: 400, unit: degC}",
                   "p.yaml:1:77:", "no higher value");
    expect_problem("for: [u1], gauge: {id: temp, low: -1, unit: degC}",
                   "p.yaml:1:76:", "no lower value");
    expect_problem("for: [u2], gauge: {id: temp, high: 30, unit: degC, hold: 61 min}",
                   "p.yaml:1:", "hold");
    expect_problem("for: [u2], gauge: {id: temp, high: hot, unit: degC}", "p.yaml:1:77:", "high");
    expect_problem("for: [u2], gauge: {id: temp, high: 4e20, unit: degC}", "p.yaml:1:77:", "high");
    expect_problem("high: 30", "p.yaml:1:", "high");
}

/* In what the gauge is shown may be said nowhere: then neither does the condition. */
Test(proofs, a_unit_is_said_at_both_or_at_neither) {
    static const char bare[] =
        "conditions: {c: {kind: tool, owner: x, gauge: {id: g, high: 3}}}\n" SITE
        "areas: {a: {lines: {l: {agent: gw, units: {u1: {gauges: {g: {point: p}}}}}}}}\n";
    cr_assert_eq(load_text(bare, &plant, &said), 0, "%s", said.p);
    cr_expect_eq(plant->proof_n, 1u);
    unload();
    cr_expect_eq(load_text("conditions: {c: {kind: tool, owner: x, gauge: {id: g, high: 3, unit: "
                           "mm}}}\n" SITE "areas: {a: {lines: {l: {agent: gw, units: {u1: "
                           "{gauges: {g: {point: p}}}}}}}}\n",
                           &plant, &said),
                 1);
    cr_expect(strstr((char *)said.p, "do not say") != NULL, "%s", said.p);
    unload();
}
