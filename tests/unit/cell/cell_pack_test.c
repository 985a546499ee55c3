#include <criterion/criterion.h>

#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)

static void expect_same(const struct cells *a, const struct cells *b) {
    cr_assert_eq(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        cr_expect_eq(a->at[i].minute, b->at[i].minute);
        cr_expect(context_equal(&a->at[i].ctx, &b->at[i].ctx));
        cr_expect(sums_equal(&a->at[i].sums, &b->at[i].sums));
    }
}

/* An hour of a machine as machines are: power that wanders, pieces a little behind their cycle,
 * some scrap, a stop, three people, a change of product. */
static void typical_hour(struct unit_log *u) {
    unit_log_init(u, STATE_MAP);
    unit_log_shift(u, 6 * 60, 14 * 60, NULL);
    u->unit.default_headcount = 3;
    u->unit.total_has_scrap = true;
    const uint32_t state = unit_log_signal(u, ROLE_STATE);
    const uint32_t total = unit_log_signal(u, ROLE_TOTAL);
    const uint32_t scrap = unit_log_signal(u, ROLE_SCRAP);
    const uint32_t meter = unit_log_signal(u, ROLE_ENERGY);
    const uint32_t product = unit_log_signal(u, ROLE_PRODUCT);
    log_state(u, state, T0, T0 + 20 * MIN + 7123, MACHINE_RUN);
    log_state(u, state, T0 + 20 * MIN + 7123, T0 + 23 * MIN + 999, MACHINE_HELD);
    log_state(u, state, T0 + 23 * MIN + 999, T0 + HOUR, MACHINE_RUN);
    log_word(u, product, T0, T0 + 40 * MIN + 5000, "bolt");
    log_word(u, product, T0 + 40 * MIN + 5000, T0 + HOUR, "nut");
    for (int i = 0; i < 60; i++) {
        const int64_t t = T0 + i * MIN;
        if (i < 20 || i > 23)
            log_span(u, total, t + 5 * SEC, t + 58 * SEC, (50 + i * 7 % 9) * PIECES);
        if (i % 7 == 3)
            log_span(u, scrap, t + 5 * SEC, t + 50 * SEC, PIECES);
        log_span(u, meter, t, t + MIN, 500000000 + i * INT64_C(7654321) % 9999991);
    }
}

Test(cell_pack, an_hour_comes_back_and_a_cell_is_small) {
    struct unit_log u;
    struct cells back;
    struct buf b;
    typical_hour(&u);
    (void)unit_log_compute(&u, T0, T0 + HOUR);
    buf_init(&b);
    cells_init(&back);
    cr_assert_eq(cells_pack(u.cells.at, u.cells.n, &b), ERR_OK);
    cr_assert_eq(cells_unpack(buf_span(&b), &back), ERR_OK);
    expect_same(&u.cells, &back);
    cr_log_info("%zu cells, %zu bytes", u.cells.n, b.n);
    cr_expect_geq(u.cells.n, 61u);
    cr_expect_leq(b.n, 25 * u.cells.n, "%zu bytes for %zu cells", b.n, u.cells.n);
    buf_fini(&b);
    cells_fini(&back);
    unit_log_fini(&u);
}

Test(cell_pack, extreme_values_come_back) {
    struct cell c[3];
    struct cells in = {c, 3, 3}, back;
    struct buf b;
    memset(c, 0, sizeof c);
    for (int i = 0; i < 3; i++) {
        c[i].minute = i == 1 ? INT64_MAX : INT64_MIN + i;
        c[i].ctx = (struct context){UINT32_MAX, 0, 7, i == 1 ? UINT32_MAX : UINT32_MAX - 1,
                                    i == 1 ? INT32_MIN : INT32_MAX};
        for (int k = 0; k < QTY_COUNT; k++)
            c[i].sums.q[k] = (k + i) % 2 == 0 ? INT64_MIN : INT64_MAX;
        c[i].sums.priced_pq = i == 0 ? INT64_MIN : i;
        c[i].sums.pri_pq = (i128)INT64_MIN * INT64_MAX * (i == 2 ? -1 : 1);
        c[i].sums.pri_gq = i;
    }
    buf_init(&b);
    cells_init(&back);
    cr_assert_eq(cells_pack(c, 3, &b), ERR_OK);
    cr_assert_eq(cells_unpack(buf_span(&b), &back), ERR_OK);
    expect_same(&in, &back);
    buf_fini(&b);
    cells_fini(&back);
}

Test(cell_pack, no_cells_are_a_few_bytes) {
    struct cells back;
    struct buf b;
    buf_init(&b);
    cells_init(&back);
    cr_assert_eq(cells_pack(NULL, 0, &b), ERR_OK);
    cr_expect_eq(b.n, 6u);
    cr_assert_eq(cells_unpack(buf_span(&b), &back), ERR_OK);
    cr_expect_eq(back.n, 0u);
    buf_fini(&b);
    cells_fini(&back);
}

Test(cell_pack, every_flipped_byte_and_every_truncation_is_refused) {
    struct unit_log u;
    struct cells back;
    struct buf b;
    typical_hour(&u);
    (void)unit_log_compute(&u, T0, T0 + 5 * MIN);
    buf_init(&b);
    cells_init(&back);
    cr_assert_eq(cells_pack(u.cells.at, u.cells.n, &b), ERR_OK);
    cr_assert_eq(cells_add(&back, &u.cells.at[0]), ERR_OK);
    for (size_t i = 0; i < b.n; i++) {
        b.p[i] ^= 0x10;
        cr_expect_neq(cells_unpack(buf_span(&b), &back), ERR_OK);
        b.p[i] ^= 0x10;
        cr_expect_neq(cells_unpack(span_of(b.p, i), &back), ERR_OK);
    }
    cr_expect_eq(back.n, 1u, "nothing was added");
    buf_fini(&b);
    cells_fini(&back);
    unit_log_fini(&u);
}
