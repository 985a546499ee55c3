/* What a full disk gave up, told as it was by every process after it, whatever the power brings
 * back. */
#include "rig.h"

enum { SEEDS = 200, END_OF_11 = 2, END_OF_12 = 3 };

/* Epoch 11 ends with record 2: its record 3, whose sync failed, is in its file and was accepted as
 * one of epoch 12. Of the three files only the newest may stay, and nothing was trimmed yet. */
static void fails_and_goes_on(struct rig *r) {
    rig_init(r);
    r->conf.segments_max = 1;
    cr_assert_eq(rig_open(r, 11, 1), ERR_OK);
    rig_accept(r, 5);
    cr_assert_eq(rig_append(r, 6), ERR_OK);
    r->disk.fail_sync = ERR_IO;
    rig_sync(r);
    r->disk.fail_sync = ERR_OK;
    r->disk.files[0].synced = r->disk.files[0].n; /* it reached the disk all the same */
    journal_begin_epoch(r->j, 12);
    rig_accept(r, 7);
    journal_begin_epoch(r->j, 13);
    rig_accept(r, 8);
    cr_assert_eq(journal_find_epoch(r->j, 11)->last, END_OF_11);
    cr_assert_eq(journal_find_epoch(r->j, 12)->last, END_OF_12);
    cr_assert_eq(r->disk.file_n, 3);
}

/* A look at the quota: the oldest file goes. */
static void give_up_one(struct rig *r) {
    const size_t had = r->disk.file_n;
    rig_tick(r, 1000);
    disk_memory_settle(&r->disk);
    cr_assert_eq(r->disk.file_n, had - 1);
}

/* The process after it lists no epoch with another end than its successor names; *alone becomes
 * true if of the two files only that of epoch 11 is back. */
static void next_start_agrees(struct rig *r, uint64_t seed, bool *alone) {
    *alone = disk_memory_find(&r->disk, 1) && !disk_memory_find(&r->disk, 2);
    cr_assert_eq(rig_open(r, 20, 1), ERR_OK);
    disk_memory_settle(&r->disk);
    rig_accept(r, 9);
    size_t n = 0;
    const struct journal_epoch *e = journal_epochs(r->j, &n);
    cr_assert_geq(n, 2);
    for (size_t i = 1; i < n; i++)
        if (e[i].prev_epoch == e[i - 1].epoch)
            cr_expect_eq(e[i].prev_last, e[i - 1].last, "seed %u: epoch %u", (unsigned)seed,
                         (unsigned)e[i].epoch);
    for (size_t i = 0; i < n; i++)
        if (e[i].epoch == 11)
            cr_expect_eq(e[i].last, END_OF_11, "seed %u: %u", (unsigned)seed, (unsigned)e[i].last);
}

Test(given_up, an_epoch_that_comes_back_ends_where_the_one_given_up_after_it_says) {
    unsigned back = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rig r;
        bool alone;
        fails_and_goes_on(&r);
        give_up_one(&r);
        give_up_one(&r);
        rig_close(&r);
        disk_memory_crash(&r.disk, seed);
        next_start_agrees(&r, seed, &alone);
        back += alone;
        rig_fini(&r);
    }
    cr_expect_gt(back, SEEDS / 10);
}

/* The aggregator has both gaps, and a first write that tells neither is whole on the disk by luck,
 * but no sync of it ended. */
Test(given_up, also_when_the_aggregator_has_the_gap) {
    unsigned back = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rig r;
        bool alone;
        fails_and_goes_on(&r);
        give_up_one(&r);
        give_up_one(&r);
        journal_set_durable(r.j, 11, UINT64_MAX);
        journal_set_durable(r.j, 12, UINT64_MAX);
        rig_tick(&r, 1000);
        journal_begin_epoch(r.j, 14);
        rig_tick(&r, 1);
        struct disk_memory_file *f = disk_memory_find(&r.disk, 4);
        cr_assert_not_null(f);
        f->named = true;
        f->synced = f->n;
        rig_close(&r);
        disk_memory_crash(&r.disk, seed);
        next_start_agrees(&r, seed, &alone);
        back += alone;
        rig_fini(&r);
    }
    cr_expect_gt(back, SEEDS / 10);
}

Test(given_up, once_the_folder_is_synced_a_gap_that_the_aggregator_has_is_forgotten) {
    struct rig r;
    fails_and_goes_on(&r);
    give_up_one(&r);
    give_up_one(&r);
    journal_set_durable(r.j, 11, UINT64_MAX);
    journal_set_durable(r.j, 12, UINT64_MAX);
    journal_begin_epoch(r.j, 14);
    rig_accept(&r, 9);
    rig_tick(&r, 1000);
    rig_sync(&r);
    cr_expect_null(journal_find_epoch(r.j, 11));
    cr_expect_null(journal_find_epoch(r.j, 12));
    rig_fini(&r);
}

/* The record that gives epoch 12 up does not reach the disk, and meanwhile the aggregator has all
 * of that epoch: its file goes as one that is durable, but not while it alone says where 11 ends.
 */
Test(given_up, what_became_durable_meanwhile_stays_as_long_as_it_tells_an_end) {
    unsigned back = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rig r;
        bool alone;
        fails_and_goes_on(&r);
        give_up_one(&r);
        r.disk.fail_sync = ERR_IO;
        rig_tick(&r, 1000);
        disk_memory_settle(&r.disk);
        r.disk.fail_sync = ERR_OK;
        journal_set_durable(r.j, 12, UINT64_MAX);
        rig_tick(&r, 1000);
        rig_close(&r);
        disk_memory_crash(&r.disk, seed);
        next_start_agrees(&r, seed, &alone);
        back += alone;
        rig_fini(&r);
    }
    cr_expect_eq(back, 0);
}
