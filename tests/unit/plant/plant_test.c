#include <criterion/criterion.h>

#include "plant/plant.h"

static struct ident id(const char *s) {
    struct ident i = {""};
    cr_assert(ident_set(&i, span_str(s)));
    return i;
}

static struct plant *three_units(void) {
    static const char *const name[] = {"press_2", "filler", "press_1"};
    struct plant *p = NULL;
    cr_assert_eq(plant_open(&p), ERR_OK);
    struct plant_unit *unit = plant_alloc(p, 3 * sizeof *unit);
    struct plant_node *node = plant_alloc(p, 3 * sizeof *node);
    struct plant_product *product = plant_alloc(p, 3 * sizeof *product);
    struct plant_signal *signal = plant_alloc(p, 3 * sizeof *signal);
    for (uint32_t i = 0; i < 3; i++) {
        unit[i].id = node[i].id = product[i].id = id(name[i]);
        signal[i].agent = id(i == 1 ? "gate_b" : "gate_a");
        signal[i].point = plant_text(p, name[i]);
    }
    p->unit = unit, p->node = node, p->product = product, p->signal = signal;
    p->unit_n = p->node_n = p->product_n = p->signal_n = 3;
    return p;
}

static void expect_finders(const struct plant *p) {
    const struct ident a = id("gate_a"), b = id("gate_b");
    cr_expect_eq(plant_find_unit(p, "press_2"), 0u);
    cr_expect_eq(plant_find_node(p, "filler"), 1u);
    cr_expect_eq(plant_find_product(p, span_str("press_1")), 2u);
    cr_expect_eq(plant_find_unit(p, "press_3"), UINT32_MAX);
    cr_expect_eq(plant_find_product(p, span_str("No Such")), UINT32_MAX);
    cr_expect_eq(plant_find_signal(p, &a, "press_1"), 2u);
    cr_expect_eq(plant_find_signal(p, &b, "filler"), 1u);
    cr_expect_eq(plant_find_signal(p, &b, "press_1"), UINT32_MAX);
}

Test(plant, finds_by_id_with_and_without_an_index) {
    struct plant *p = three_units();
    expect_finders(p);
    cr_assert_eq(plant_index(p), ERR_OK);
    expect_finders(p);
    plant_close(p);
}

Test(plant, a_doubled_id_is_reported) {
    struct plant *p = three_units();
    ((struct plant_unit *)p->unit)[1].id = id("press_1");
    cr_expect_eq(plant_index(p), ERR_EXISTS);
    plant_close(p);
}

Test(plant, the_same_point_of_two_agents_is_not_doubled) {
    struct plant *p = three_units();
    ((struct plant_signal *)p->signal)[1].point = "press_1";
    cr_expect_eq(plant_index(p), ERR_OK);
    plant_close(p);
}

Test(plant, memory_is_zeroed_aligned_and_may_be_large) {
    struct plant *p = NULL;
    cr_assert_eq(plant_open(&p), ERR_OK);
    for (size_t bytes = 0; bytes < 300000; bytes = bytes * 3 + 7) {
        uint8_t *at = plant_alloc(p, bytes);
        cr_assert_not_null(at);
        cr_expect_eq((uintptr_t)at % 16, 0u);
        for (size_t i = 0; i < bytes; i++)
            cr_assert_eq(at[i], 0);
        memset(at, 0xff, bytes);
    }
    cr_expect_null(plant_alloc(p, SIZE_MAX));
    cr_expect_str_eq(plant_text(p, "Abf\xc3\xbcller"), "Abf\xc3\xbcller");
    plant_close(p);
}

Test(plant, closing_nothing_is_allowed) {
    plant_close(NULL);
}

/* PackML numbers of INDICATORS section 1: 6 Execute, 11 Held; MTConnect writes ACTIVE in capitals.
 */
static const struct plant_state_row row[] = {
    {NULL, 6, MACHINE_RUN},     {NULL, 11, MACHINE_HELD},         {"Execute", 0, MACHINE_RUN},
    {"ACTIVE", 0, MACHINE_RUN}, {"interrupted", 0, MACHINE_HELD},
};

Test(plant, a_state_map_takes_codes_and_words) {
    const struct plant_state_map m = {.row = row, .row_n = 5, .otherwise = MACHINE_UNKNOWN};
    cr_expect_eq(plant_map_code(&m, 6), MACHINE_RUN);
    cr_expect_eq(plant_map_code(&m, 11), MACHINE_HELD);
    cr_expect_eq(plant_map_code(&m, 0), MACHINE_UNKNOWN, "a word's row has no code");
    cr_expect_eq(plant_map_word(&m, span_str("EXECUTE")), MACHINE_RUN);
    cr_expect_eq(plant_map_word(&m, span_str("active")), MACHINE_RUN);
    cr_expect_eq(plant_map_word(&m, span_str("Interrupted")), MACHINE_HELD);
    cr_expect_eq(plant_map_word(&m, span_str("activ")), MACHINE_UNKNOWN);
    cr_expect_eq(plant_map_word(&m, span_str("")), MACHINE_UNKNOWN);
}

Test(plant, names_are_unique_and_never_null) {
    for (int i = 0; i < ROLE_COUNT; i++)
        for (int k = 0; k < i; k++)
            cr_expect_str_neq(plant_role_name((enum plant_role)i),
                              plant_role_name((enum plant_role)k));
    for (int i = 0; i < MACHINE_STATE_COUNT; i++)
        for (int k = 0; k < i; k++)
            cr_expect_str_neq(machine_state_name((enum machine_state)i),
                              machine_state_name((enum machine_state)k));
    cr_expect_str_eq(plant_role_name((enum plant_role)99), "unknown");
    cr_expect_str_eq(machine_state_name((enum machine_state)99), "unknown");
}
