/* Every write, sync and removal of a small life is a place where the power may fail. */
#include "rig.h"

#include <stdlib.h>

enum { LIVES = 3, APPENDS = 14, SEEDS = 3 };

/* What the outside knows: values told as accepted, by whoever asked last. */
struct truth {
    int64_t accepted; /* every value 1 .. accepted was accepted */
    int64_t offered;
};

static int64_t position_of(struct rig *r) {
    struct ident src;
    cr_assert(ident_set(&src, span_str("src")));
    return strtoll(journal_position(r->j, &src), NULL, 10);
}

static void note_accepted(struct rig *r, struct truth *t) {
    int64_t at = position_of(r);
    t->accepted = at > t->accepted ? at : t->accepted;
}

/* A source that goes on where the journal says, until the power fails or it has said enough. */
static void live(struct rig *r, struct truth *t, uint64_t epoch) {
    if (rig_open(r, epoch, 1))
        return;
    int64_t next = position_of(r) + 1;
    for (int i = 0; i < 60 && next <= t->offered && !r->disk.dead; i++) {
        if (rig_append(r, next) == ERR_OK)
            next++;
        if (i % 3 == 2)
            journal_flush(r->j);
        (void)disk_memory_step(&r->disk);
        rig_tick(r, 150);
        note_accepted(r, t);
    }
    rig_sync(r);
    if (!r->disk.dead)
        note_accepted(r, t);
}

/* Everything that was ever accepted stands in the chain of epochs once, in order, with nothing in
 * between that was not offered. */
static void audit(struct rig *r, const struct truth *t, uint64_t die_at) {
    size_t n;
    int64_t next = 1;
    const struct journal_epoch *list = journal_epochs(r->j, &n);
    uint64_t epochs[16], prev = 0;
    cr_assert_leq(n, 16);
    for (size_t i = 0; i < n; i++) {
        cr_assert_eq(list[i].prev_epoch, prev, "die_at %llu", (unsigned long long)die_at);
        cr_assert(i == 0 || list[i].prev_last == list[i - 1].last);
        epochs[i] = prev = list[i].epoch;
    }
    struct rig_seen *s = malloc(sizeof *s);
    cr_assert_not_null(s);
    for (size_t i = 0; i < n; i++) {
        rig_read(r, epochs[i], s);
        cr_assert_eq(s->drops, 0, "die_at %llu", (unsigned long long)die_at);
        for (size_t k = 0; k < s->value_n; k++)
            cr_assert_eq(s->values[k], next++, "die_at %llu", (unsigned long long)die_at);
    }
    free(s);
    cr_assert_geq(next - 1, t->accepted, "die_at %llu", (unsigned long long)die_at);
    cr_assert_eq(next - 1, position_of(r));
}

/* One run: the power fails at operation die_at of the first life and again of the second. */
static bool run(uint64_t die_at, uint64_t seed, size_t segment_bytes, enum err fail_sync) {
    struct rig *r = malloc(sizeof *r);
    cr_assert_not_null(r);
    rig_init(r);
    r->conf.segment_bytes = segment_bytes;
    struct truth t = {0};
    bool died = false;
    for (unsigned life = 0; life < LIVES; life++) {
        t.offered += APPENDS;
        r->disk.die_at = life < 2 ? die_at : 0;
        r->disk.fail_sync = life == 0 && die_at % 4 == 0 ? fail_sync : ERR_OK;
        live(r, &t, 100 + life);
        died |= r->disk.dead;
        if (life + 1 < LIVES) {
            rig_close(r);
            disk_memory_crash(&r->disk, seed * 1000 + die_at + life);
        }
    }
    audit(r, &t, die_at);
    rig_fini(r);
    free(r);
    return died;
}

Test(crash, at_every_operation_nothing_accepted_is_lost_or_doubled) {
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (uint64_t die_at = 1; die_at < 80; die_at++)
            (void)run(die_at, seed, 4u << 20, ERR_OK);
}

Test(crash, also_while_segments_rotate) {
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (uint64_t die_at = 1; die_at < 80; die_at++)
            (void)run(die_at, seed, 700, ERR_OK);
}

Test(crash, also_after_failed_syncs) {
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (uint64_t die_at = 1; die_at < 80; die_at++)
            (void)run(die_at, seed, 900, ERR_IO);
}

Test(crash, the_enumeration_reaches_the_power_failure) {
    cr_assert(run(1, 1, 4u << 20, ERR_OK));
    cr_assert(run(9, 1, 4u << 20, ERR_OK));
}

/* The newest synced segment holds the last values, the positions and the name of the predecessor:
 * it stays, however durable, until the next one is synced. */
Test(crash, retention_leaves_what_the_next_start_needs) {
    struct rig r;
    const struct journal_epoch *e;
    size_t n = 0;
    rig_init(&r);
    r.conf.retain_ms = 0;
    cr_assert_eq(rig_open(&r, 11, 1), ERR_OK);
    rig_accept(&r, 5);
    rig_close(&r);
    disk_memory_kill(&r.disk);
    cr_assert_eq(rig_open(&r, 12, 1), ERR_OK);
    disk_memory_settle(&r.disk); /* the old segment is trusted */
    journal_set_durable(r.j, 11, UINT64_MAX);
    for (unsigned i = 0; i < 5; i++)
        rig_tick(&r, 1000); /* the new one is written, its sync never ends */
    rig_close(&r);
    disk_memory_kill(&r.disk);
    cr_assert_eq(r.disk.disk.ops->remove(&r.disk.disk, 2), ERR_OK); /* the power took it */
    cr_assert_eq(rig_open(&r, 13, 1), ERR_OK);
    cr_expect_str_eq(journal_position(r.j, &(struct ident){"src"}), "5");
    rig_sync(&r);
    rig_sync(&r);
    e = journal_epochs(r.j, &n);
    cr_assert_geq(n, 1);
    cr_expect_eq(e[n - 1].epoch, 13);
    cr_expect_eq(e[n - 1].prev_epoch, 11);
    rig_fini(&r);
}

/* A deletion reaches the disk with the next sync of the folder: until then the power may bring some
 * segments back, with holes between them. What the next start goes on from is the newest all the
 * same. */
Test(crash, segments_that_come_back_change_nothing_of_what_follows) {
    unsigned back = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct rig r;
        size_t n = 0;
        rig_init(&r);
        r.conf.segment_bytes = 600;
        r.conf.retain_ms = 0;
        cr_assert_eq(rig_open(&r, 11, 1), ERR_OK);
        for (int64_t v = 1; v <= 30; v++)
            rig_accept(&r, v);
        uint64_t last = journal_find_epoch(r.j, 11)->last;
        journal_set_durable(r.j, 11, UINT64_MAX);
        rig_tick(&r, 1000);
        size_t kept = r.disk.file_n;
        cr_assert_eq(kept, 1);
        rig_close(&r);
        disk_memory_crash(&r.disk, seed);
        back += r.disk.file_n > kept;
        cr_assert_eq(rig_open(&r, 12, 1), ERR_OK);
        cr_expect_str_eq(journal_position(r.j, &(struct ident){"src"}), "30");
        rig_accept(&r, 31);
        rig_sync(&r);
        const struct journal_epoch *e = journal_epochs(r.j, &n);
        cr_assert_gt(n, 1);
        cr_expect_eq(e[n - 1].prev_epoch, 11);
        cr_expect_eq(e[n - 1].prev_last, last);
        cr_expect_eq(e[n - 2].last, last);
        rig_fini(&r);
    }
    cr_assert_gt(back, 15); /* of several segments some are back, nearly always */
}

/* What a dead process left unsynced is shown as accepted by whoever syncs it. One that could not
 * must not hide it behind a segment of its own, which the next one would sync instead. */
static void shown_stays(uint64_t seed) {
    struct rig r;
    rig_init(&r);
    cr_assert_eq(rig_open(&r, 11, 1), ERR_OK);
    rig_accept(&r, 5);
    cr_assert_eq(rig_append(&r, 6), ERR_OK);
    rig_close(&r);
    disk_memory_kill(&r.disk);
    cr_assert_eq(rig_open(&r, 12, 1), ERR_OK);
    r.disk.fail_sync = ERR_IO;
    disk_memory_settle(&r.disk);
    r.disk.fail_sync = ERR_OK;
    (void)rig_append(&r, 7); /* before the next try */
    rig_tick(&r, 300);
    disk_memory_settle(&r.disk);
    rig_close(&r);
    disk_memory_kill(&r.disk);
    cr_assert_eq(rig_open(&r, 13, 1), ERR_OK);
    disk_memory_settle(&r.disk);
    const struct journal_epoch *e = journal_find_epoch(r.j, 11);
    cr_assert_eq(e != NULL ? e->last : 0, 3);
    rig_close(&r);
    disk_memory_crash(&r.disk, seed);
    cr_assert_eq(rig_open(&r, 14, 1), ERR_OK);
    disk_memory_settle(&r.disk);
    struct rig_seen *seen = calloc(1, sizeof *seen);
    cr_assert_not_null(seen);
    rig_read(&r, 11, seen);
    cr_expect_eq(seen->drops, 0);
    cr_expect_eq(seen->value_n, 2);
    free(seen);
    rig_fini(&r);
}

Test(crash, what_was_found_is_synced_before_anything_is_written) {
    for (uint64_t seed = 0; seed < 20; seed++)
        shown_stays(seed);
}

/* A record whose sync failed is in the file of epoch 11 and was accepted as one of epoch 12. */
static void fails_and_goes_on(struct rig *r) {
    rig_init(r);
    r->conf.retain_ms = 0;
    cr_assert_eq(rig_open(r, 11, 1), ERR_OK);
    rig_accept(r, 5);
    cr_assert_eq(rig_append(r, 6), ERR_OK);
    r->disk.fail_sync = ERR_IO;
    rig_sync(r);
    r->disk.fail_sync = ERR_OK;
    journal_begin_epoch(r->j, 12);
    rig_tick(r, 2000);
    rig_accept(r, 7);
    cr_assert_eq(journal_find_epoch(r->j, 11)->last, 2);
    journal_begin_epoch(r->j, 13);
    rig_accept(r, 8);
}

static uint64_t end_of_11(struct rig *r) {
    cr_assert_eq(rig_open(r, 14, 1), ERR_OK);
    disk_memory_settle(&r->disk);
    const struct journal_epoch *e = journal_find_epoch(r->j, 11);
    return e ? e->last : 0;
}

/* Live data is durable before the backlog: its epoch alone says where the one before it ends. */
Test(crash, what_a_failed_sync_left_is_not_accepted_when_the_epoch_after_it_is_durable) {
    struct rig r;
    fails_and_goes_on(&r);
    journal_set_durable(r.j, 12, journal_find_epoch(r.j, 12)->last);
    rig_tick(&r, 2000);
    rig_tick(&r, 2000);
    rig_close(&r);
    disk_memory_kill(&r.disk);
    cr_expect_eq(end_of_11(&r), 2);
    rig_fini(&r);
}

/* The backlog's segments are deleted before; a loss of power may bring them back alone. */
Test(crash, nor_when_a_loss_of_power_brings_its_file_back) {
    unsigned back = 0;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct rig r;
        fails_and_goes_on(&r);
        journal_set_durable(r.j, 11, 2);
        journal_set_durable(r.j, 12, journal_find_epoch(r.j, 12)->last);
        rig_tick(&r, 2000);
        rig_tick(&r, 2000);
        rig_close(&r);
        disk_memory_crash(&r.disk, seed);
        uint64_t end = end_of_11(&r);
        cr_expect(end == 0 || end == 2, "seed %u: %u", (unsigned)seed, (unsigned)end);
        back += end == 2;
        rig_fini(&r);
    }
    cr_expect_gt(back, 5);
}

/* Once the folder is synced nothing comes back: then it goes. */
Test(crash, the_epoch_that_said_so_goes_once_the_folder_is_synced) {
    struct rig r;
    fails_and_goes_on(&r);
    journal_set_durable(r.j, 11, 2);
    journal_set_durable(r.j, 12, journal_find_epoch(r.j, 12)->last);
    rig_tick(&r, 2000);
    rig_tick(&r, 2000);
    cr_expect_null(journal_find_epoch(r.j, 11));
    cr_expect_not_null(journal_find_epoch(r.j, 12));
    journal_begin_epoch(r.j, 15);
    rig_accept(&r, 9);
    rig_tick(&r, 2000);
    rig_tick(&r, 2000);
    cr_expect_null(journal_find_epoch(r.j, 12));
    rig_fini(&r);
}

/* Of many epochs those that are durable go early, but none that says where a backlog ends. */
Test(crash, nor_when_there_are_too_many_epochs_to_tell_of) {
    struct rig r;
    size_t n = 0;
    fails_and_goes_on(&r);
    for (uint64_t epoch = 100; epoch < 300; epoch++) {
        journal_begin_epoch(r.j, epoch);
        rig_accept(&r, (int64_t)epoch);
    }
    (void)journal_epochs(r.j, &n);
    cr_assert_gt(n, 192);
    journal_set_durable(r.j, 12, journal_find_epoch(r.j, 12)->last);
    rig_tick(&r, 2000);
    rig_tick(&r, 2000);
    rig_close(&r);
    disk_memory_kill(&r.disk);
    cr_expect_eq(end_of_11(&r), 2);
    const struct journal_epoch *e = journal_epochs(r.j, &n);
    cr_assert_gt(n, 192);
    for (size_t i = 0; i < n; i++)
        journal_set_durable(r.j, e[i].epoch, UINT64_MAX);
    rig_tick(&r, 2000);
    (void)journal_epochs(r.j, &n);
    cr_expect_leq(n, 192, "%zu", n);
    rig_fini(&r);
}

static void leave_the_head_alone(struct rig *r) {
    disk_memory_kill(&r->disk);
    cr_assert_eq(r->disk.file_n, 2);
    r->disk.files[1].n = 72;
    for (size_t i = 0; i < 2; i++) {
        r->disk.files[i].synced = r->disk.files[i].n;
        r->disk.files[i].named = true;
    }
    r->disk.fail_sync = ERR_OK;
}

/* Value 5 is accepted by epoch 11, and 6 is in its file without a sync. */
static void fails_to_sync(struct rig *r, enum err why) {
    rig_init(r);
    cr_assert_eq(rig_open(r, 11, 1), ERR_OK);
    rig_accept(r, 5);
    cr_assert_eq(rig_append(r, 6), ERR_OK);
    r->disk.fail_sync = why;
    rig_sync(r);
}

/* The sync of a record fails, and so does that of the next file of the epoch, which has it again:
 * of that the power leaves the head alone. */
static void fails_within_an_epoch(struct rig *r) {
    fails_to_sync(r, ERR_IO);
    rig_tick(r, 2000);
    rig_close(r);
    leave_the_head_alone(r);
}

/* That head says where the file before it ends, and nothing else does until the next process has
 * accepted something. */
Test(crash, a_head_alone_says_where_the_file_before_it_ends) {
    struct rig r;
    fails_within_an_epoch(&r);
    for (uint64_t epoch = 12; epoch < 14; epoch++) {
        cr_assert_eq(rig_open(&r, epoch, 1), ERR_OK);
        disk_memory_settle(&r.disk);
        cr_expect_eq(journal_find_epoch(r.j, 11)->last, 2, "life %u", (unsigned)epoch);
        rig_tick(&r, 2000);
        rig_close(&r);
        disk_memory_crash(&r.disk, epoch);
    }
    cr_expect_eq(end_of_11(&r), 2);
    rig_accept(&r, 6);
    rig_tick(&r, 2000);
    cr_expect_null(disk_memory_find(&r.disk, 2));
    rig_fini(&r);
}

/* The next process accepts nothing, for its own syncs fail as well. What they left is on no disk,
 * so it is not for their heads that the one before them goes. */
static void expect_end_behind_failed_syncs(struct rig *r, uint64_t epoch, uint64_t seed) {
    cr_assert_eq(rig_open(r, epoch, 1), ERR_OK);
    disk_memory_settle(&r->disk);
    cr_assert_eq(journal_find_epoch(r->j, 11)->last, 2);
    r->disk.fail_sync = ERR_IO;
    for (unsigned i = 0; i < 4; i++) {
        (void)rig_append(r, 6);
        rig_sync(r);
        rig_tick(r, 2000);
    }
    cr_expect_leq(r->disk.file_n, 4, "%zu files", r->disk.file_n);
    r->disk.fail_sync = ERR_OK;
    rig_close(r);
    disk_memory_crash(&r->disk, seed);
    cr_expect_eq(end_of_11(r), 2, "seed %u", (unsigned)seed);
    rig_fini(r);
}

Test(crash, a_head_alone_stays_while_syncs_fail) {
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct rig r;
        fails_within_an_epoch(&r);
        expect_end_behind_failed_syncs(&r, 12, seed);
    }
}

/* The same of the head of the next epoch. */
Test(crash, the_head_of_an_epoch_that_came_to_nothing_stays_while_syncs_fail) {
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct rig r;
        fails_to_sync(&r, ERR_IO);
        journal_begin_epoch(r.j, 12);
        rig_tick(&r, 2000);
        rig_close(&r);
        leave_the_head_alone(&r);
        expect_end_behind_failed_syncs(&r, 13, seed);
    }
}

/* What stands behind that head may be as long as what waited for the disk. When there is no room
 * for the next file it goes all the same: nothing would ever be accepted again. */
Test(crash, a_head_alone_goes_when_the_disk_is_full) {
    struct rig r;
    fails_to_sync(&r, ERR_FULL);
    for (int64_t v = 7; v < 40; v++)
        (void)rig_append(&r, v);
    rig_tick(&r, 2000);
    rig_close(&r);
    const size_t n = r.disk.files[1].n;
    leave_the_head_alone(&r);
    r.disk.files[1].n = r.disk.files[1].synced = n; /* its first sector did not arrive */
    memset(r.disk.files[1].p + 72, 0, 200);
    r.disk.space = disk_memory_bytes(&r.disk) + 100;
    cr_assert_eq(rig_open(&r, 12, 1), ERR_OK);
    disk_memory_settle(&r.disk);
    cr_expect_eq(journal_find_epoch(r.j, 11)->last, 2);
    bool accepted = false;
    for (unsigned i = 0; i < 60; i++) {
        accepted = accepted || rig_append(&r, 6) == ERR_OK;
        rig_tick(&r, 2000);
        disk_memory_settle(&r.disk);
    }
    cr_expect(accepted);
    rig_close(&r);
    disk_memory_kill(&r.disk);
    cr_expect_eq(end_of_11(&r), 2);
    rig_fini(&r);
}

/* What died before its first sync says no more than its successor does: of any number one stays,
 * until that is on the disk. */
Test(crash, starts_that_came_to_nothing_are_not_kept_for_what_their_heads_say) {
    struct rig r;
    rig_init(&r);
    cr_assert_eq(rig_open(&r, 11, 1), ERR_OK);
    rig_accept(&r, 5);
    for (uint64_t epoch = 12; epoch < 20; epoch++) {
        rig_close(&r);
        disk_memory_kill(&r.disk);
        if (epoch > 12) /* of its records none reached the disk */
            disk_memory_find(&r.disk, (uint32_t)epoch - 11)->n = 72;
        cr_assert_eq(rig_open(&r, epoch, 1), ERR_OK);
        disk_memory_settle(&r.disk);
        rig_tick(&r, 2000);
        rig_tick(&r, 2000);
        cr_expect_leq(r.disk.file_n, 3, "life %u: %zu files", (unsigned)epoch, r.disk.file_n);
        cr_expect_eq(journal_find_epoch(r.j, 11)->last, 2);
    }
    rig_accept(&r, 6);
    rig_tick(&r, 2000);
    cr_expect_eq(r.disk.file_n, 2, "%zu files", r.disk.file_n);
    rig_fini(&r);
}

/* The epoch that follows the given up one has its first write torn after n bytes; what of it counts
 * for the next start, what was given up counts as well. */
static bool torn_after(const struct rig *from, uint32_t file, size_t n, uint64_t dropped) {
    struct rig r;
    size_t epoch_n = 0;
    rig_init(&r);
    r.conf = from->conf;
    disk_memory_fini(&r.disk);
    cr_assert_eq(disk_memory_copy(&from->disk, &r.disk), ERR_OK);
    disk_memory_find(&r.disk, file)->n = n;
    cr_assert_eq(rig_open(&r, 13, 1), ERR_OK);
    disk_memory_settle(&r.disk);
    const struct journal_epoch *e = journal_epochs(r.j, &epoch_n);
    cr_assert_gt(epoch_n, 0);
    const bool counts = e[epoch_n - 1].epoch == 12;
    struct rig_seen *seen = calloc(1, sizeof *seen);
    cr_assert_not_null(seen);
    rig_read(&r, 11, seen);
    cr_expect_eq(seen->drops, 1, "%zu bytes", n);
    cr_expect_eq(seen->drop.from, 1, "%zu bytes", n);
    cr_expect_eq(seen->drop.readings, dropped, "%zu bytes", n);
    free(seen);
    rig_fini(&r);
    return counts;
}

Test(crash, what_was_given_up_is_told_though_the_next_segment_is_torn) {
    struct rig r;
    unsigned counts = 0;
    rig_init(&r);
    r.conf.segment_bytes = 1000;
    r.conf.quota_bytes = 5000;
    cr_assert_eq(rig_open(&r, 11, 1), ERR_OK);
    for (int64_t v = 0; v < 200; v++) {
        rig_accept(&r, v);
        rig_tick(&r, 1000);
        disk_memory_settle(&r.disk);
    }
    const uint64_t dropped = journal_stats(r.j)->dropped_readings;
    cr_assert_gt(dropped, 0);
    rig_close(&r);
    disk_memory_kill(&r.disk);
    cr_assert_eq(rig_open(&r, 12, 1), ERR_OK);
    disk_memory_settle(&r.disk);
    rig_tick(&r, 100); /* its first segment is written; the power fails within the sync */
    rig_close(&r);
    disk_memory_kill(&r.disk);
    const struct disk_memory_file *f = &r.disk.files[r.disk.file_n - 1];
    cr_assert_eq(f->synced, 0);
    for (size_t n = 0; n <= f->n; n++)
        counts += torn_after(&r, f->id, n, dropped);
    cr_expect_gt(counts, 0); /* of the whole write, at least */
    cr_expect_lt(counts, f->n);
    rig_fini(&r);
}

/* Files can be listed and their heads read, and what is behind cannot: the journal does not open,
 * and when the disk reads again, all is there. */
Test(crash, what_a_start_cannot_read_is_not_taken_for_the_end) {
    for (size_t good = 1; good < 12; good++) {
        struct rig r;
        rig_init(&r);
        cr_assert_eq(rig_open(&r, 11, 1), ERR_OK);
        for (int64_t v = 1; v <= 5; v++)
            rig_accept(&r, v);
        rig_close(&r);
        disk_memory_kill(&r.disk);
        r.disk.reads_left = good;
        enum err rc = rig_open(&r, 12, 1);
        const bool opened = rc == ERR_OK;
        cr_expect(opened || rc == ERR_IO, "%s", err_name(rc));
        if (!opened) {
            r.disk.reads_left = 0;
            cr_assert_eq(rig_open(&r, 12, 1), ERR_OK);
        }
        disk_memory_settle(&r.disk);
        const struct journal_epoch *e = journal_find_epoch(r.j, 11);
        cr_assert_not_null(e);
        cr_expect_eq(e->last, 6, "%zu reads: %u", good, (unsigned)e->last);
        rig_fini(&r);
    }
}
