/* Operations, and where they are done. */
#include <criterion/criterion.h>
#include <string.h>

#include "load_text.h"
#include "plantfile/plant_diff.h"

#define PLANT                                                                                      \
    "site: {id: s, time_zone: Etc/UTC}\nproducts: {bolt: {}, nut: {}}\n"                           \
    "areas: {a: {lines: {l: {agent: gw, units: {press: {}, mill: {}}}}}}\n"
#define JAN INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

static struct plant *open_text(const char *text) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text(text, &p, &said), 0u, "%s", (const char *)said.p);
    buf_fini(&said);
    return p;
}

static const char *at(const struct plant *p, uint32_t unit, const char *product, int64_t t_ms) {
    const struct plant_operation *o = plant_operation_at(p, unit, span_str(product), t_ms);
    return o ? o->id.s : "none";
}

/* A row of the product before one of all; of two the later one; a unit without rows does none. */
Test(operations, are_done_at_a_unit_with_a_product_from_a_time_on) {
    struct plant *p = open_text(PLANT "operations:\n"
                                      "  press: {name: Pressing, at: [{unit: press}]}\n"
                                      "  deburr: {at: [{unit: press, product: nut, from: "
                                      "\"2026-01-01T00:00:00Z\"}]}\n"
                                      "  tap: {at: [{unit: press, product: nut, from: "
                                      "\"2026-01-02T00:00:00Z\"}]}\n");
    cr_assert_eq(p->operation_n, 3u);
    cr_expect_str_eq(p->operation[0].name, "Pressing");
    cr_expect_str_eq(p->operation[1].name, "deburr");
    cr_expect_eq(plant_find_operation(p, span_str("tap")), 2u);
    cr_expect_eq(plant_find_operation(p, span_str("bore")), UINT32_MAX);
    const uint32_t press = plant_find_unit(p, "press"), mill = plant_find_unit(p, "mill");
    cr_expect_str_eq(at(p, press, "bolt", JAN), "press");
    cr_expect_str_eq(at(p, press, "", JAN), "press");
    cr_expect_str_eq(at(p, press, "screw", JAN), "press", "not in the plant file");
    cr_expect_str_eq(at(p, press, "nut", JAN - 1), "press");
    cr_expect_str_eq(at(p, press, "nut", JAN), "deburr");
    cr_expect_str_eq(at(p, press, "nut", JAN + UTC_DAY_MS), "tap");
    cr_expect_str_eq(at(p, mill, "nut", JAN), "none");
    plant_close(p);
}

static void expect_problem(const char *text, const char *what) {
    struct plant *p = NULL;
    struct buf said;
    cr_expect_eq(load_text(text, &p, &said), 1u, "%s", (const char *)said.p);
    cr_expect_not_null(strstr((const char *)said.p, what), "%s", (const char *)said.p);
    cr_expect_null(p);
    buf_fini(&said);
}

Test(operations, what_cannot_be_is_refused_where_it_stands) {
    expect_problem(PLANT "operations: {tap: {at: [{unit: pres}]}}\n",
                   "4:25: unit pres does not exist; did you mean press?");
    expect_problem(PLANT "operations: {tap: {at: [{unit: press, product: net}]}}\n",
                   "4:25: product net does not exist; did you mean nut?");
    expect_problem(PLANT "operations: {tap: {at: [{unit: press}]}, bore: {at: [{unit: press}]}}\n",
                   "press does tap with all products from that time on: it can't do bore, too");
    expect_problem(PLANT "operations: {tap: {at: [{product: nut}]}}\n", "unit");
}

static void expect_diff(const char *old, const char *now, const char *expected) {
    struct plant *a = open_text(old), *b = open_text(now);
    struct buf out;
    size_t lines = 0;
    buf_init(&out);
    const size_t n = plant_diff(a, b, &out);
    (void)buf_add_byte(&out, 0);
    for (const char *c = expected; *c; c++)
        lines += *c == '\n';
    cr_expect_str_eq((const char *)out.p, expected);
    cr_expect_eq(n, lines);
    buf_fini(&out);
    plant_close(a);
    plant_close(b);
}

Test(operations, what_changes_is_told) {
    static const char one[] = PLANT "operations: {tap: {at: [{unit: press}]}, bore: {}}\n";
    expect_diff(one, one, "");
    expect_diff(PLANT, one, "+ operation tap\n+ operation bore\n+ operation tap at press\n");
    expect_diff(one, PLANT "operations: {tap: {name: T, at: [{unit: press, product: nut}]}}\n",
                "- operation bore\n~ operation tap changes\n- operation tap at press\n"
                "+ operation tap at press with nut\n");
}
