/* Epochs and files that came to nothing: what stands in them was accepted under other numbers, and
 * never counts again, whatever the power brings back. */
#include "rig.h"

enum { SEEDS = 200 };

/* Epoch 12 offers value 6, and each sync of it fails: its first file has it all the same, its
 * second one is torn. */
static void fails_twice(struct rig *r) {
    cr_assert_eq(rig_open(r, 12, 1), ERR_OK);
    disk_memory_settle(&r->disk);
    r->disk.fail_sync = ERR_IO;
    rig_tick(r, 1);
    const uint32_t first = r->disk.files[r->disk.file_n - 1].id;
    while (rig_append(r, 6) == ERR_BUSY)
        disk_memory_settle(&r->disk);
    rig_sync(r);
    rig_tick(r, 1);
    rig_close(r);
    disk_memory_kill(&r->disk);
    for (size_t i = 0; i < r->disk.file_n; i++) {
        struct disk_memory_file *f = &r->disk.files[i];
        f->n = f->id > first + 1 ? 72 : f->n;
        f->synced = f->n;
        f->named = true;
    }
}

/* Power fails; what deleted files come back is up to the seed. True if that of epoch 12 that has
 * value 6 is back without the one behind it. */
static bool comes_back_alone(struct rig *r, uint64_t seed) {
    rig_close(r);
    disk_memory_crash(&r->disk, seed);
    return disk_memory_find(&r->disk, 1) && !disk_memory_find(&r->disk, 2);
}

Test(nothing, of_two_epochs_that_name_the_same_one_the_older_does_not_count) {
    unsigned back = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rig r;
        rig_init(&r);
        fails_twice(&r);
        cr_assert_eq(rig_open(&r, 13, 1), ERR_OK);
        disk_memory_settle(&r.disk);
        rig_accept(&r, 6);
        rig_tick(&r, 1000);
        cr_assert_eq(r.disk.file_n, 1);
        back += comes_back_alone(&r, seed);
        cr_assert_eq(rig_open(&r, 14, 1), ERR_OK);
        rig_sync(&r);
        cr_expect_not_null(journal_find_epoch(r.j, 13));
        cr_expect_null(journal_find_epoch(r.j, 12), "seed %u", (unsigned)seed);
        rig_fini(&r);
    }
    cr_expect_gt(back, SEEDS / 10);
}

/* The younger one is durable, and stays until the older cannot come back any more. */
Test(nothing, the_epoch_that_says_so_stays_until_the_folder_is_synced) {
    unsigned back = 0;
    struct rig r;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        rig_init(&r);
        r.conf.retain_ms = 0;
        fails_twice(&r);
        cr_assert_eq(rig_open(&r, 13, 1), ERR_OK);
        disk_memory_settle(&r.disk);
        rig_accept(&r, 6);
        journal_begin_epoch(r.j, 14);
        rig_accept(&r, 7);
        journal_set_durable(r.j, 13, UINT64_MAX);
        rig_tick(&r, 1000);
        rig_tick(&r, 1000);
        back += comes_back_alone(&r, seed);
        cr_assert_eq(rig_open(&r, 15, 1), ERR_OK);
        rig_sync(&r);
        cr_expect_not_null(journal_find_epoch(r.j, 14));
        cr_expect_null(journal_find_epoch(r.j, 12), "seed %u", (unsigned)seed);
        rig_fini(&r);
    }
    cr_expect_gt(back, SEEDS / 10);
}

/* The disk is full after `room` bytes of a first write and does not let go of them either. What
 * stands in them is accepted behind, goes its way, and all of it is deleted. */
static void first_write_stays(size_t room) {
    struct rig r;
    rig_init(&r);
    r.conf.retain_ms = 0;
    cr_assert_eq(rig_open(&r, 11, 1), ERR_OK);
    rig_accept(&r, 5);
    cr_assert_eq(rig_append(&r, 6), ERR_OK);
    cr_assert_eq(rig_append(&r, 7), ERR_OK);
    r.disk.fail_sync = r.disk.fail_remove = ERR_IO;
    r.disk.space = disk_memory_bytes(&r.disk) + room;
    rig_sync(&r);
    rig_tick(&r, 1);
    r.disk.fail_sync = r.disk.fail_remove = ERR_OK;
    r.disk.space = 0;
    for (uint64_t epoch = 12; epoch < 15; epoch++) {
        rig_tick(&r, 1000);
        journal_begin_epoch(r.j, epoch);
        rig_accept(&r, (int64_t)epoch);
        for (uint64_t e = 11; e < epoch; e++)
            journal_set_durable(r.j, e, UINT64_MAX);
        rig_tick(&r, 1000);
        disk_memory_settle(&r.disk);
    }
    cr_assert_null(journal_find_epoch(r.j, 11));
    rig_close(&r);
    disk_memory_kill(&r.disk);
    cr_assert_eq(rig_open(&r, 15, 1), ERR_OK);
    rig_sync(&r);
    cr_expect_null(journal_find_epoch(r.j, 11), "%zu bytes", room);
    rig_fini(&r);
}

Test(nothing, a_first_write_that_failed_is_not_left_behind) {
    for (size_t room = 72; room < 300; room += 5)
        first_write_stays(room);
}

/* More files of failed syncs than a start replays: what it goes on from lies behind all of them. */
Test(nothing, many_failed_syncs_hide_no_position) {
    struct rig r;
    rig_init(&r);
    cr_assert_eq(rig_open(&r, 11, 1), ERR_OK);
    rig_accept(&r, 5);
    r.disk.fail_sync = r.disk.fail_remove = ERR_IO;
    (void)rig_append(&r, 6);
    while (r.disk.file_n < 20)
        rig_sync(&r);
    rig_close(&r);
    disk_memory_kill(&r.disk);
    for (size_t i = 0; i < r.disk.file_n; i++)
        if (r.disk.files[i].id > 2)
            r.disk.files[i].n = 72;
    cr_assert_eq(rig_open(&r, 12, 1), ERR_OK);
    cr_expect_str_eq(journal_position(r.j, &(struct ident){"src"}), "5");
    rig_fini(&r);
}
