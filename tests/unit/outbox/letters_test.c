/* Dead letters: counted as the store has them, whatever process put them there. */
#include "outbox/letters.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "outbox_rig.h"

static void refuse(void *user, enum sink_request what, struct span text, struct sink_answer *a) {
    (void)user;
    (void)text;
    if (what == SINK_WRITE)
        a->status = 400;
}

Test(letters, are_counted_over_restarts_and_once_each) {
    struct outbox_rig r;
    const struct sink_memory_conf conf = {.deletes = true, .judge = refuse};
    outbox_rig_open(&r, &conf);
    cr_expect_eq(outbox_stats(r.outbox)->dead.n, 0);
    cr_expect_eq(outbox_stats(r.outbox)->dead.oldest_ms, INT64_MIN);
    outbox_rig_put(&r, PACK, 7, 13, 0);
    cr_expect(outbox_rig_drain(&r, 1));
    int64_t first_ms = SIM_DAY0 + r.now_ms;
    outbox_rig_put(&r, PACK, 8, 13, 0);
    cr_expect(outbox_rig_drain(&r, 1));
    const struct letters *dead = &outbox_stats(r.outbox)->dead;
    cr_expect_eq(dead->n, 2);
    cr_expect_eq(dead->oldest_ms, first_ms);
    outbox_rig_restart(&r, false);
    dead = &outbox_stats(r.outbox)->dead;
    cr_expect_eq(dead->n, 2, "after a restart %llu", (unsigned long long)dead->n);
    cr_expect_eq(dead->oldest_ms, first_ms);
    outbox_rig_put(&r, PACK, 7, 13, 1);
    outbox_rig_put(&r, PACK, 9, 13, 0);
    cr_expect(outbox_rig_drain(&r, 1));
    cr_expect_eq(store_memory_rows(r.rig.store, STORE_DEAD), 3);
    cr_expect_eq(dead->n, 3, "a restated one is no second: %llu", (unsigned long long)dead->n);
    cr_expect_eq(dead->oldest_ms, first_ms);
    outbox_rig_restart(&r, false);
    cr_expect_eq(outbox_stats(r.outbox)->dead.n, 3);
    cr_expect_eq(outbox_stats(r.outbox)->dead.oldest_ms, first_ms);
    outbox_rig_close(&r);
}

/* More than a page of the count, and a row of a version that kept no time. */
Test(letters, of_before_are_counted_to_the_last) {
    struct outbox_rig r;
    outbox_rig_open(&r, &(struct sink_memory_conf){.deletes = true});
    struct store_tx *tx = rig_tx();
    rig_add(tx, STORE_PUT, STORE_DEAD, "a",
            "\x03"
            "400");
    for (int i = 0; i < 2500; i++) {
        char key[16];
        struct buf value;
        buf_init(&value);
        snprintf(key, sizeof key, "k%05d", i);
        cr_assert_eq(letters_format(5000000 - i, "400 no", span_str("w"), &value), ERR_OK);
        cr_assert_eq(store_tx_add(tx, STORE_PUT, STORE_DEAD, span_str(key), buf_span(&value)),
                     ERR_OK);
        buf_fini(&value);
    }
    cr_assert_eq(rig_commit(&r.rig, tx), ERR_OK);
    outbox_rig_restart(&r, false);
    cr_expect_eq(outbox_stats(r.outbox)->dead.n, 2501);
    cr_expect_eq(outbox_stats(r.outbox)->dead.oldest_ms, 5000000 - 2499);
    outbox_rig_close(&r);
}

Test(letters, value_without_a_time_tells_none) {
    static const char *const old[] = {"",
                                      "\x03"
                                      "400w",
                                      "\x05 text"};
    struct buf value;
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        cr_expect_eq(letters_time(span_str(old[i])), INT64_MIN, "row %zu", i);
    cr_expect_eq(letters_time(span_of("\0", 1)), INT64_MIN);
    buf_init(&value);
    cr_assert_eq(letters_format(-7, "413", span_str("w"), &value), ERR_OK);
    cr_expect_eq(letters_time(buf_span(&value)), -7);
    /* 0; -7 as zigzag 13; 3, "413"; the window. */
    cr_expect_eq(value.n, 7);
    cr_expect_eq(memcmp(value.p,
                        "\0\x0d\x03"
                        "413w",
                        7),
                 0);
    buf_fini(&value);
}
