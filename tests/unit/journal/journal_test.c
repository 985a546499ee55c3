#include "rig.h"

#include <stdio.h>
#include <stdlib.h>

enum { E1 = 101, E2 = 102, E3 = 103 };

static struct rig *rig_new(void) {
    struct rig *r = malloc(sizeof *r);
    cr_assert_not_null(r);
    rig_init(r);
    return r;
}

static void rig_free(struct rig *r) {
    rig_fini(r);
    free(r);
}

static struct rig_seen *seen(struct rig *r, uint64_t epoch) {
    struct rig_seen *s = malloc(sizeof *s);
    cr_assert_not_null(s);
    rig_read(r, epoch, s);
    return s;
}

Test(journal, a_record_can_be_read_only_after_its_sync) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    cr_assert_eq(rig_append(r, 7), ERR_OK);
    cr_assert_null(journal_find_epoch(r->j, E1));
    rig_sync(r);
    struct rig_seen *s = seen(r, E1);
    cr_assert_eq(s->last, 2); /* key frame, batch */
    cr_assert_eq(s->value_n, 1);
    cr_assert_eq(s->values[0], 7);
    cr_assert(journal_idle(r->j));
    free(s);
    rig_free(r);
}

/* 200 ms from one sync to the next. */
Test(journal, group_commit_waits_for_its_time_and_no_longer) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    rig_accept(r, 1); /* its sync begins now */
    rig_tick(r, 150);
    cr_expect_eq(journal_due_ms(r->j), INT64_MAX);
    cr_assert_eq(rig_append(r, 2), ERR_OK);
    cr_expect_eq(journal_due_ms(r->j), r->mono_ms + 50);
    rig_tick(r, 49);
    cr_assert_not(r->disk.syncing);
    rig_tick(r, 1);
    cr_assert(r->disk.syncing);
    cr_expect_eq(journal_due_ms(r->j), INT64_MAX); /* one at a time */
    disk_memory_settle(&r->disk);
    cr_assert_eq(journal_find_epoch(r->j, E1)->last, 3);
    rig_free(r);
}

Test(journal, after_silence_a_record_is_synced_by_the_next_tick) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    rig_accept(r, 1);
    rig_tick(r, 60000);
    cr_assert_eq(rig_append(r, 2), ERR_OK);
    cr_assert_not(r->disk.syncing);
    rig_tick(r, 0);
    cr_assert(r->disk.syncing);
    disk_memory_settle(&r->disk);
    cr_assert_eq(journal_find_epoch(r->j, E1)->last, 3);
    rig_free(r);
}

/* A record each 10 ms for two seconds, behind one that was synced at their begin: syncs at 200, 400
 * .. 2000 ms and no more. */
Test(journal, under_load_the_period_bounds_the_syncs) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    rig_accept(r, 0);
    uint64_t before = journal_stats(r->j)->syncs;
    for (int64_t ms = 10; ms <= 2000; ms += 10) {
        cr_assert_eq(rig_append(r, ms), ERR_OK);
        rig_tick(r, 10);
        disk_memory_settle(&r->disk);
    }
    cr_expect_eq(journal_stats(r->j)->syncs - before, 10);
    rig_free(r);
}

Test(journal, last_values_and_positions_survive_a_restart) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 2), ERR_OK);
    for (int64_t v = 1; v <= 20; v++)
        rig_accept(r, v);
    rig_close(r);
    disk_memory_kill(&r->disk);
    cr_assert_eq(rig_open(r, E2, 2), ERR_OK);
    struct ident src;
    cr_assert(ident_set(&src, span_str("src")));
    cr_assert_str_eq(journal_position(r->j, &src), "20");
    rig_sync(r);
    rig_sync(r);
    const struct journal_epoch *e = journal_find_epoch(r->j, E2);
    cr_assert_not_null(e);
    cr_assert_eq(e->prev_epoch, E1);
    cr_assert_eq(e->prev_last, 21); /* key frame and 20 batches */
    cr_assert(e->open);
    struct rig_seen *s = seen(r, E2);
    cr_assert_eq(s->key_value, 20);
    free(s);
    s = seen(r, E1);
    cr_assert_eq(s->value_n, 20);
    free(s);
    rig_free(r);
}

/* What was counted between the last good reading and the next epoch's first is a step from the
 * value in its key frame: a bad reading must not take it away. */
/* A source that has nothing to tell names no point: two starts in such a time, and the step from
 * the value before them to the one behind them would be lost. */
Test(journal, last_values_survive_starts_that_name_no_point) {
    struct rig *r = rig_new();
    struct rig_seen *s = malloc(sizeof *s);
    cr_assert_eq(rig_open(r, 1, 2), ERR_OK);
    rig_accept(r, 7);
    for (uint64_t life = 2; life <= 4; life++) {
        rig_close(r);
        disk_memory_kill(&r->disk);
        cr_assert_eq(rig_open(r, life, 0), ERR_OK);
        rig_sync(r);
        rig_tick(r, 1000);
        rig_sync(r);
        cr_assert_eq(journal_find_epoch(r->j, life)->last, 1);
    }
    rig_close(r);
    disk_memory_kill(&r->disk);
    cr_assert_eq(rig_open(r, 5, 1), ERR_OK);
    rig_sync(r);
    rig_tick(r, 1000);
    rig_sync(r);
    cr_assert_not_null(s);
    rig_read(r, 5, s);
    cr_expect_eq(s->key_value, 7);
    free(s);
    rig_free(r);
}

Test(journal, a_bad_reading_leaves_a_counters_last_value) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    rig_accept(r, 41);
    const struct reading bad = {.point = r->point[0],
                                .quality = QUALITY_BAD,
                                .t_ms = r->wall_ms,
                                .v = {.kind = VALUE_NONE}};
    batch_writer_reset(&r->w, r->wall_ms);
    cr_assert_eq(batch_writer_add(&r->w, &bad), ERR_OK);
    const struct journal_entry e = {.batch = &r->w};
    cr_assert_eq(journal_append(r->j, &e, r->mono_ms, r->wall_ms), ERR_OK);
    rig_sync(r);
    rig_close(r);
    cr_assert_eq(rig_open(r, E2, 1), ERR_OK);
    rig_accept(r, 43);
    struct rig_seen *s = seen(r, E2);
    cr_expect_eq(s->key_value, 41);
    cr_expect_eq(s->key_quality, QUALITY_BAD, "nobody watches it now");
    free(s);
    rig_close(r);
    cr_assert_eq(rig_open(r, E3, 1), ERR_OK);
    rig_accept(r, 44);
    s = seen(r, E3);
    cr_expect_eq(s->key_value, 43);
    cr_expect_eq(s->key_quality, QUALITY_GOOD);
    free(s);
    rig_free(r);
}

Test(journal, segments_rotate_and_each_begins_with_a_key_frame) {
    struct rig *r = rig_new();
    r->conf.segment_bytes = 1000;
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    for (int64_t v = 0; v < 100; v++)
        rig_accept(r, v);
    cr_assert(journal_stats(r->j)->segments > 5);
    struct rig_seen *s = seen(r, E1);
    cr_assert_eq(s->keys, journal_stats(r->j)->segments);
    cr_assert_eq(s->value_n, 100);
    for (int64_t v = 0; v < 100; v++)
        cr_assert_eq(s->values[v], v);
    free(s);
    rig_free(r);
}

Test(journal, a_big_key_frame_is_split_and_read_back) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 0), ERR_OK);
    for (unsigned i = 0; i < 3000; i++) { /* some 40 bytes each: over 64 KiB in all */
        struct point p = {.type = POINT_COUNTER, .num = 1, .den = 1};
        uint16_t id;
        (void)snprintf(p.name, sizeof p.name, "plant.line.machine.counter.%u", i);
        cr_assert_eq(journal_add_point(r->j, &p, &id), ERR_OK);
        cr_assert_eq(id, i);
    }
    r->point[0] = 2999;
    rig_accept(r, 5);
    struct rig_seen *s = seen(r, E1);
    cr_assert(s->keys > 1);
    cr_assert_eq(s->value_n, 1);
    uint64_t parts = s->keys;
    free(s);
    rig_close(r);
    disk_memory_kill(&r->disk);
    cr_assert_eq(rig_open(r, E2, 1), ERR_OK);
    struct point p = {.type = POINT_COUNTER, .num = 1, .den = 1};
    uint16_t id;
    (void)snprintf(p.name, sizeof p.name, "plant.line.machine.counter.%u", 2999);
    cr_assert_eq(journal_add_point(r->j, &p, &id), ERR_OK);
    cr_assert_eq(id, 1);
    rig_sync(r);
    rig_sync(r);
    const struct journal_epoch *e = journal_find_epoch(r->j, E2);
    cr_assert_eq(e->prev_last, parts + 1);
    rig_free(r);
}

Test(journal, a_new_point_brings_a_key_frame_before_its_first_reading) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    rig_accept(r, 1);
    cr_assert_eq(rig_append(r, 2), ERR_OK);
    struct point p = {.type = POINT_STATE, .num = 1, .den = 1};
    (void)snprintf(p.name, sizeof p.name, "state");
    cr_assert_eq(journal_add_point(r->j, &p, &r->point[0]), ERR_OK);
    cr_assert_eq(rig_append(r, 3), ERR_BUSY); /* waits for the sync of 2 */
    rig_accept(r, 3);
    struct rig_seen *s = seen(r, E1);
    cr_assert_eq(s->keys, 2);
    cr_assert_eq(s->records, 5); /* key 1 2 key 3 */
    cr_assert_eq(s->key_value, 2);
    free(s);
    rig_free(r);
}

Test(journal, a_failed_sync_writes_its_records_again_to_a_new_segment) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    rig_accept(r, 1);
    cr_assert_eq(rig_append(r, 2), ERR_OK);
    cr_assert_eq(rig_append(r, 3), ERR_OK);
    r->disk.fail_sync = ERR_IO;
    rig_sync(r);
    cr_assert_eq(journal_find_epoch(r->j, E1)->last, 2);
    r->disk.fail_sync = ERR_OK;
    rig_tick(r, 2000);
    rig_sync(r);
    struct rig_seen *s = seen(r, E1);
    cr_assert_eq(s->value_n, 3);
    cr_assert_eq(s->values[1], 2);
    cr_assert_eq(s->values[2], 3);
    cr_assert_eq(s->key_value, 1); /* the values before the records that were written again */
    cr_assert_eq(s->drops, 0);
    cr_assert_gt(journal_stats(r->j)->rewritten, 0);
    free(s);
    rig_free(r);
}

static void full_or_refused(enum err why) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    rig_accept(r, 1);
    r->disk.fail_write = why;
    cr_assert_neq(rig_append(r, 2), ERR_OK);
    rig_tick(r, 5000);
    cr_assert_neq(rig_append(r, 2), ERR_OK);
    cr_assert_gt(r->faults, 0);
    r->disk.fail_write = ERR_OK;
    rig_tick(r, 5000);
    rig_accept(r, 2);
    struct rig_seen *s = seen(r, E1);
    cr_assert_eq(s->value_n, 2);
    cr_assert_eq(s->drops, 0);
    free(s);
    rig_free(r);
}

Test(journal, goes_on_without_restart_when_a_full_disk_has_room_again) {
    full_or_refused(ERR_FULL);
}

Test(journal, goes_on_without_restart_after_io_errors) {
    full_or_refused(ERR_IO);
}

Test(journal, a_start_on_a_refusing_disk_recovers_when_it_works_again) {
    struct rig *r = rig_new();
    r->disk.fail_write = ERR_IO;
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    cr_assert_neq(rig_append(r, 1), ERR_OK);
    rig_tick(r, 1500);
    r->disk.fail_write = ERR_OK;
    rig_tick(r, 1500);
    rig_sync(r);
    rig_accept(r, 1);
    struct rig_seen *s = seen(r, E1);
    cr_assert_eq(s->value_n, 1);
    free(s);
    rig_free(r);
}

Test(journal, retention_counts_from_when_it_became_durable) {
    struct rig *r = rig_new();
    r->conf.segment_bytes = 1000;
    r->conf.retain_ms = 60000;
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    for (int64_t v = 0; v < 50; v++)
        rig_accept(r, v);
    uint64_t before = journal_stats(r->j)->segments;
    rig_tick(r, 120000);
    cr_assert_eq(journal_stats(r->j)->segments, before);
    journal_set_durable(r->j, E1, UINT64_MAX);
    rig_tick(r, 1000); /* seen as durable */
    rig_tick(r, 59000);
    cr_assert_eq(journal_stats(r->j)->segments, before);
    rig_tick(r, 1000);
    cr_assert_eq(journal_stats(r->j)->segments, 1); /* the active one stays */
    const struct journal_epoch *e = journal_find_epoch(r->j, E1);
    struct journal_record rec;
    cr_assert_gt(e->base, 1);
    cr_assert_eq(journal_read(r->j, r->cursor, E1, 1, &rec), ERR_RANGE);
    rig_free(r);
}

Test(journal, quota_gives_up_the_oldest_with_a_counted_record) {
    struct rig *r = rig_new();
    r->conf.segment_bytes = 1000;
    r->conf.quota_bytes = 5000;
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    for (int64_t v = 0; v < 200; v++) {
        rig_accept(r, v);
        rig_tick(r, 1000);
        disk_memory_settle(&r->disk);
    }
    cr_assert(journal_stats(r->j)->bytes <= 5000);
    struct rig_seen *s = seen(r, E1);
    cr_assert_eq(s->drops, 1); /* neighbours are merged */
    cr_assert_eq(s->drop.from, 1);
    cr_assert_eq(s->drop.reason, DROP_QUOTA);
    cr_assert_eq(s->drop.readings + s->value_n, 200); /* every reading is there or counted */
    cr_assert_eq(s->values[0], (int64_t)s->drop.readings);
    cr_assert_eq(journal_stats(r->j)->dropped_readings, s->drop.readings);
    uint64_t dropped = s->drop.readings;
    free(s);
    rig_close(r); /* the gap survives a restart */
    disk_memory_kill(&r->disk);
    cr_assert_eq(rig_open(r, E2, 1), ERR_OK);
    disk_memory_settle(&r->disk);
    s = seen(r, E1);
    cr_assert_eq(s->drops, 1);
    cr_assert_eq(s->drop.readings, dropped);
    cr_assert_eq(s->drop.readings + s->value_n, 200);
    free(s);
    rig_free(r);
}

/* What the aggregator has of a segment is not lost with it: as many readings are told as it misses.
 */
Test(journal, what_is_durable_is_not_counted_as_given_up) {
    struct rig *r = rig_new();
    r->conf.segment_bytes = 1000;
    r->conf.quota_bytes = 5000;
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    for (int64_t v = 0; v < 200; v++) {
        rig_accept(r, v);
        if (v == 2) /* three readings of the first segment are delivered, then the line is cut */
            journal_set_durable(r->j, E1, journal_find_epoch(r->j, E1)->last);
        rig_tick(r, 1000);
        disk_memory_settle(&r->disk);
    }
    struct rig_seen *s = seen(r, E1);
    cr_expect_eq(s->drop.from, 1);
    cr_expect_eq(s->drop.readings + s->value_n, 200 - 3);
    cr_expect_eq(journal_stats(r->j)->dropped_readings, s->drop.readings);
    free(s);
    rig_free(r);
}

/* Two segments of an epoch are given up, the second one while the next segment, which tells of the
 * first again, waits for its sync; the aggregator has the first one meanwhile. The epoch still ends
 * where it ended: a hello that told less would hide what was given up of the second. */
Test(journal, an_epoch_of_gaps_alone_ends_where_it_ended) {
    struct rig *r = rig_new();
    int64_t v = 0;
    r->conf.segment_bytes = 1000;
    r->conf.segments_max = 4;
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    while (journal_stats(r->j)->segments < 2)
        rig_accept(r, v++);
    rig_accept(r, v++);
    const uint64_t end = journal_find_epoch(r->j, E1)->last;
    journal_begin_epoch(r->j, E2);
    for (; r->dropped == 0; rig_tick(r, 1000))
        rig_accept(r, v++);
    rig_sync(r);
    rig_tick(r, 1000); /* its segment goes */
    cr_assert_lt(r->gap.to, end);
    const uint64_t segments = journal_stats(r->j)->segments;
    journal_set_durable(r->j, E1, r->gap.to + 1);
    for (; journal_stats(r->j)->segments == segments; disk_memory_settle(&r->disk)) {
        journal_flush(r->j);
        disk_memory_settle(&r->disk);
        cr_assert_eq(rig_append(r, v++), ERR_OK);
        if (journal_stats(r->j)->segments > segments)
            break; /* its sync is under way */
    }
    rig_tick(r, 1000);
    cr_assert_eq(r->dropped, 2);
    cr_assert_eq(r->gap.to, end);
    rig_sync(r);
    rig_tick(r, 1000); /* the segment goes */
    const struct journal_epoch *e = journal_find_epoch(r->j, E1);
    cr_assert_not_null(e);
    cr_expect_eq(e->last, end);
    struct rig_seen *s = seen(r, E1);
    cr_expect_eq(s->value_n, 0);
    cr_expect_eq(s->dropped_seqs, e->last - e->base + 1);
    free(s);
    rig_free(r);
}

Test(journal, quota_takes_durable_segments_first) {
    struct rig *r = rig_new();
    r->conf.segment_bytes = 1000;
    r->conf.quota_bytes = 5000;
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    for (int64_t v = 0; v < 200; v++) {
        rig_accept(r, v);
        journal_set_durable(r->j, E1, journal_find_epoch(r->j, E1)->last);
        rig_tick(r, 1000);
        disk_memory_settle(&r->disk);
    }
    cr_assert(journal_stats(r->j)->bytes <= 5000);
    cr_assert_eq(journal_stats(r->j)->dropped_ranges, 0);
    rig_free(r);
}

Test(journal, a_new_epoch_follows_the_last_record_of_the_old_one) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    rig_accept(r, 1);
    cr_assert_eq(rig_append(r, 2), ERR_OK);
    journal_begin_epoch(r->j, E3);
    cr_assert_eq(rig_append(r, 3), ERR_BUSY);
    rig_sync(r);
    rig_accept(r, 3);
    const struct journal_epoch *e = journal_find_epoch(r->j, E3);
    cr_assert_eq(e->prev_epoch, E1);
    cr_assert_eq(e->prev_last, 3);
    cr_assert_not(journal_find_epoch(r->j, E1)->open);
    struct rig_seen *s = seen(r, E3);
    cr_assert_eq(s->key_value, 2);
    cr_assert_eq(s->values[0], 3);
    free(s);
    rig_free(r);
}

/* A hello lists 256; of more it leaves out those before the open one, and then the aggregator does
 * not see whose restart this is (rules 14 and 23): it would wait 95 s. */
Test(journal, after_many_restarts_a_hello_still_lists_them_all) {
    struct rig *r = rig_new();
    for (uint64_t life = 1; life <= 400; life++) {
        size_t n = 0;
        cr_assert_eq(rig_open(r, life, 1), ERR_OK);
        rig_accept(r, (int64_t)life);
        rig_sync(r);
        const struct journal_epoch *e = journal_epochs(r->j, &n);
        cr_assert_lt(n, 256, "life %llu: %zu", (unsigned long long)life, n);
        cr_assert_eq(e[n - 1].epoch, life);
        cr_assert(life == 1 || e[n - 2].epoch == life - 1);
        for (size_t i = 0; i < n; i++)
            journal_set_durable(r->j, e[i].epoch, UINT64_MAX);
        rig_tick(r, 1000);
        rig_close(r);
        disk_memory_kill(&r->disk);
    }
    rig_free(r);
}

Test(journal, durable_may_be_lowered_and_is_clamped) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    rig_accept(r, 1);
    journal_set_durable(r->j, E1, 99);
    cr_assert_eq(journal_find_epoch(r->j, E1)->durable, 2);
    cr_assert_eq(journal_backlog_bytes(r->j), 0);
    journal_set_durable(r->j, E1, 0);
    cr_assert_gt(journal_backlog_bytes(r->j), 0);
    rig_free(r);
}

Test(journal, segments_of_another_agent_are_refused) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    rig_accept(r, 1);
    rig_close(r);
    cr_assert(ident_set(&r->conf.agent, span_str("gw-2")));
    cr_assert_eq(rig_open(r, E2, 1), ERR_CONFIG);
    rig_free(r);
}
