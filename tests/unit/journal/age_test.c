/* The age of the backlog. Records of the rig: seq 1 is the key frame, the n-th batch has n + 1. */
#include "rig.h"

#include <stdlib.h>

enum { E1 = 101, E2 = 102 };
#define NONE INT64_MIN

static struct rig *rig_new(void) {
    struct rig *r = malloc(sizeof *r);
    cr_assert_not_null(r);
    rig_init(r);
    return r;
}

/* Gives the time at which it was accepted. */
static int64_t accept_at(struct rig *r, int64_t step_ms, int64_t value) {
    rig_tick(r, step_ms);
    rig_accept(r, value);
    return r->wall_ms;
}

static void rig_free(struct rig *r) {
    rig_fini(r);
    free(r);
}

Test(age, oldest_record_that_is_not_durable_tells_it) {
    struct rig *r = rig_new();
    int64_t t0 = r->wall_ms;
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    cr_expect_eq(journal_oldest_ms(r->j), NONE);
    cr_expect_eq(journal_backlog_records(r->j), 0);
    rig_accept(r, 1);
    int64_t second = accept_at(r, 3000, 2), third = accept_at(r, 3000, 3);
    cr_expect_eq(journal_oldest_ms(r->j), t0);
    cr_expect_eq(journal_backlog_records(r->j), 4);
    journal_set_durable(r->j, E1, 2);
    cr_expect_eq(journal_oldest_ms(r->j), second);
    cr_expect_eq(journal_backlog_records(r->j), 2);
    journal_set_durable(r->j, E1, 3);
    cr_expect_eq(journal_oldest_ms(r->j), third);
    journal_set_durable(r->j, E1, 4);
    cr_expect_eq(journal_oldest_ms(r->j), NONE);
    cr_expect_eq(journal_backlog_records(r->j), 0);
    journal_set_durable(r->j, E1, 1); /* an aggregator that was put back */
    cr_expect_leq(journal_oldest_ms(r->j), t0);
    rig_free(r);
}

/* Acks follow at once, for a day: what is young is never called old. */
Test(age, stream_that_is_kept_up_with_stays_young) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    for (int64_t i = 1; i <= 4000; i++) {
        rig_tick(r, 20000);
        rig_accept(r, i);
        cr_assert_geq(journal_oldest_ms(r->j), r->wall_ms - 1000);
        journal_set_durable(r->j, E1, (uint64_t)i + 1);
    }
    rig_free(r);
}

/* 3,000 s without an ack, a record each second, then acks one by one: with 128 marks at most the
 * spacing is 1, 2, 4 .. 32 s, never more; 33 for the step between two records. */
Test(age, after_a_long_outage_it_falls_with_the_backlog) {
    enum { N = 3000 };
    static int64_t accepted[N + 1];
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    for (int64_t i = 1; i <= N; i++) {
        accepted[i] = accept_at(r, 999, i); /* the rig's sync takes 1 ms */
        cr_assert_leq(journal_oldest_ms(r->j), accepted[1]);
    }
    for (int64_t i = 1; i < N; i++) {
        journal_set_durable(r->j, E1, (uint64_t)i + 1);
        int64_t told = journal_oldest_ms(r->j);
        cr_assert_leq(told, accepted[i + 1], "record %lld", (long long)i);
        cr_assert_gt(told, accepted[i + 1] - 33000, "record %lld", (long long)i);
    }
    rig_free(r);
}

Test(age, older_epoch_comes_first) {
    struct rig *r = rig_new();
    int64_t t0 = r->wall_ms;
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    rig_accept(r, 1);
    int64_t second = accept_at(r, 5000, 2);
    journal_begin_epoch(r->j, E2);
    (void)accept_at(r, 5000, 3);
    cr_assert_eq(journal_open_epoch(r->j), E2);
    cr_expect_eq(journal_oldest_ms(r->j), t0);
    journal_set_durable(r->j, E1, 2);
    cr_expect_eq(journal_oldest_ms(r->j), second);
    journal_set_durable(r->j, E2, 2);
    cr_expect_eq(journal_oldest_ms(r->j), second);
    cr_expect_eq(journal_backlog_records(r->j), 1);
    journal_set_durable(r->j, E1, 3);
    cr_expect_eq(journal_oldest_ms(r->j), NONE);
    rig_free(r);
}

/* The marks went with the process: the segment says when it was begun. */
Test(age, after_a_restart_a_backlog_is_as_old_as_its_segment) {
    struct rig *r = rig_new();
    int64_t t0 = r->wall_ms;
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    rig_accept(r, 1);
    (void)accept_at(r, 5000, 2);
    rig_close(r);
    disk_memory_kill(&r->disk);
    r->wall_ms += 60000;
    cr_assert_eq(rig_open(r, E2, 1), ERR_OK);
    rig_sync(r);
    cr_expect_eq(journal_oldest_ms(r->j), t0);
    cr_expect_geq(journal_backlog_records(r->j), 3);
    rig_free(r);
}

Test(age, what_is_written_is_counted) {
    struct rig *r = rig_new();
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    cr_assert_eq(rig_append(r, 1), ERR_OK);
    cr_assert_eq(rig_append(r, 2), ERR_OK);
    const struct journal_stats *s = journal_stats(r->j);
    cr_expect_eq(s->written, 3); /* a key frame, too */
    cr_expect_eq(s->records, 0);
    cr_expect_eq(s->written_bytes, s->bytes);
    rig_sync(r);
    cr_expect_eq(s->records, 3);
    cr_expect_eq(s->readings, 2);
    rig_free(r);
}
