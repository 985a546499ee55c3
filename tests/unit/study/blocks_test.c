#include "study/blocks.h"

#include <criterion/criterion.h>
#include <string.h>

#define QUARTER INT64_C(900000)
#define KWH INT64_C(1000000000)

struct told {
    int64_t due, seen, import, gap;
};

static int64_t sum(const void *user, const char *name) {
    const struct told *t = user;
    return strcmp(name, "energy_due") == 0    ? t->due
           : strcmp(name, "energy_seen") == 0 ? t->seen
           : strcmp(name, "import") == 0      ? t->import
           : strcmp(name, "energy_gap") == 0  ? t->gap
                                              : 0;
}

static void take(struct blocks *b, int64_t start_ms, const char *life, struct told told) {
    const struct energy_window w = {.life = span_str(life),
                                    .start_ms = start_ms,
                                    .end_ms = start_ms + QUARTER,
                                    .sum = sum,
                                    .user = &told};
    cr_assert_eq(blocks_take(b, &w), ERR_OK);
}

/* Of two units: both are due 15 min each. The running quarter is due as long as it runs. */
Test(blocks, a_block_is_whole_if_all_of_it_was_measured_and_is_over) {
    struct blocks b = {0};
    take(&b, 4 * QUARTER, "settled", (struct told){2 * QUARTER, 2 * QUARTER, 5 * KWH, 0});
    take(&b, 5 * QUARTER, "restated", (struct told){2 * QUARTER, 2 * QUARTER - 1, 5 * KWH, 0});
    take(&b, 6 * QUARTER, "settled",
         (struct told){2 * QUARTER - 60000, 2 * QUARTER - 60000, KWH, 0});
    take(&b, 7 * QUARTER, "provisional", (struct told){2 * QUARTER, 2 * QUARTER, 5 * KWH, 0});
    take(&b, 8 * QUARTER, "settled", (struct told){2 * QUARTER, 2 * QUARTER, 5 * KWH, 1});
    cr_assert_eq(b.n, 5u);
    cr_expect(b.at[0].whole);
    cr_expect_eq(b.at[0].start_ms, 4 * QUARTER);
    cr_expect_eq(b.at[0].energy_uwh, 5 * KWH);
    cr_expect_not(b.at[1].whole, "a millisecond is missing");
    cr_expect_not(b.at[2].whole, "a minute was nobody's business");
    cr_expect_not(b.at[3].whole, "it may change yet");
    cr_expect_not(b.at[4].whole, "a part of it may belong to its neighbours");
    blocks_fini(&b);
    cr_expect_eq(b.n, 0u);
}

Test(blocks, what_says_nothing_of_the_load_is_no_block) {
    struct blocks b = {0};
    take(&b, 0, "settled", (struct told){QUARTER, 0, 0, 0});
    cr_expect_eq(b.n, 0u, "nothing was measured");
    take(&b, 60000, "settled", (struct told){QUARTER, QUARTER, KWH, 0});
    cr_expect_eq(b.n, 0u, "not aligned to the clock");
    struct told told = {4 * QUARTER, 4 * QUARTER, KWH, 0};
    const struct energy_window hour = {
        .life = span_str("settled"), .end_ms = 4 * QUARTER, .sum = sum, .user = &told};
    cr_assert_eq(blocks_take(&b, &hour), ERR_OK);
    cr_expect_eq(b.n, 0u, "an hour");
    take(&b, 0, "settled", (struct told){QUARTER, QUARTER, 0, 0});
    cr_expect_eq(b.n, 1u, "a measured 0 is a load");
    cr_expect(b.at[0].whole);
    blocks_fini(&b);
}
