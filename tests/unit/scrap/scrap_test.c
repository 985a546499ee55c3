#include <criterion/criterion.h>

#include "scrap/scrap.h"

#define PIECES INT64_C(1000000)

static struct cell_reject reject(enum cell_reject_kind kind, uint32_t reason, uint32_t product,
                                 int64_t known, int64_t unknown) {
    return (struct cell_reject){.kind = (uint8_t)kind,
                                .reason = reason,
                                .product = product,
                                .amount = known * PIECES,
                                .amount_unknown = unknown * PIECES};
}

/* Two units. The first: 3 of reason 0, 4 + 1 of reason 1 (one in unknown time), 2 to be reworked.
 * The second: 8 without a reason, 5 of reason 0, one row that came to nothing. */
static void add_two(struct scrap *s) {
    struct cell_reject one[] = {reject(CELL_SCRAP, 0, 1, 3, 0), reject(CELL_SCRAP, 1, 1, 4, 1),
                                reject(CELL_REWORK, 0, 1, 2, 0)};
    struct cell_reject two[] = {reject(CELL_SCRAP, 0, 2, 5, 0),
                                reject(CELL_SCRAP, UINT32_MAX, 2, 8, 0),
                                reject(CELL_REWORK, 1, 2, 0, 0)};
    scrap_init(s);
    cr_assert_eq(scrap_add(s, 0, &(struct cell_rejects){one, 3, 3}), ERR_OK);
    cr_assert_eq(scrap_add(s, 1, &(struct cell_rejects){two, 3, 3}), ERR_OK);
    scrap_sort(s);
}

Test(scrap, the_most_pieces_come_first_and_sums_run_on) {
    static const int64_t pieces[] = {8, 5, 5, 3, 2}, sums[] = {8, 13, 18, 21, 2};
    struct scrap s;
    add_two(&s);
    cr_assert_eq(s.n, 5u, "what came to nothing has no row");
    for (size_t i = 0; i < s.n; i++) {
        cr_expect_eq(s.row[i].pieces, pieces[i] * PIECES, "%zu", i);
        cr_expect_eq(s.row[i].pieces_sum, sums[i] * PIECES, "%zu: rework has a sum of its own", i);
    }
    cr_expect_eq(s.row[0].of.reason, UINT32_MAX);
    cr_expect_eq(s.row[1].of.reason, 0u, "of equals the first of the plant's reasons");
    cr_expect_eq(s.row[1].unit, 1u);
    cr_expect_eq(s.row[4].of.kind, CELL_REWORK);
    cr_expect_eq(s.total[CELL_SCRAP], 21 * PIECES);
    cr_expect_eq(s.unknown[CELL_SCRAP], PIECES);
    cr_expect_eq(s.total[CELL_REWORK], 2 * PIECES);
    scrap_fini(&s);
}

Test(scrap, nothing_is_no_row) {
    struct scrap s;
    scrap_init(&s);
    cr_assert_eq(scrap_add(&s, 0, &(struct cell_rejects){0}), ERR_OK);
    scrap_sort(&s);
    cr_expect_eq(s.n, 0u);
    scrap_fini(&s);
}
