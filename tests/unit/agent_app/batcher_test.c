#include "agent_app/batcher.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/disk_memory.h"

enum { E1 = 101, PLAN_MAX = 32 };

/* A source that does what the test wrote down, one step after another. */
enum act { ACT_READING, ACT_COVERED, ACT_STAMPED };
struct step {
    enum act act;
    int64_t a, b;
};
struct script {
    struct source source; /* first */
    struct step step[PLAN_MAX];
    size_t n, at;
    uint16_t point;
    bool declared, holds; /* the point is a state, else a counter */
};

static enum err script_poll(struct source *s, int64_t now_ms, const struct source_out *out,
                            int64_t *next_ms) {
    struct script *c = (struct script *)s;
    enum err rc = ERR_OK;
    if (!c->declared) {
        struct point p = {.type = c->holds ? POINT_STATE : POINT_COUNTER, .num = 1, .den = 1};
        (void)snprintf(p.name, sizeof p.name, "c");
        rc = out->add_point(out->user, &p, &c->point);
        c->declared = true;
    }
    *next_ms = now_ms + 1000;
    while (!rc && c->at < c->n) {
        const struct step *t = &c->step[c->at];
        struct reading r = {.point = c->point, .t_ms = now_ms};
        r.v.kind = VALUE_INT;
        r.v.as.i = t->a;
        if (t->act == ACT_STAMPED)
            r.t_ms = t->b;
        rc = t->act == ACT_COVERED ? out->covered(out->user, t->a, t->b)
                                   : out->reading(out->user, &r);
        c->at += rc == ERR_OK;
    }
    return rc;
}

static int script_fd(const struct source *s) {
    (void)s;
    return -1;
}

static void script_position(const struct source *s, struct buf *out) {
    (void)buf_addf(out, "%zu", ((const struct script *)s)->at);
}

static const struct source_ops script_ops = {
    .kind = "script", .poll = script_poll, .fd = script_fd, .position = script_position};

struct rig {
    struct disk_memory disk;
    struct journal *j;
    struct journal_cursor *cursor;
    struct batcher *b;
    struct script s;
    uint16_t number;
    struct ident id;
    int64_t mono_ms, wall_ms;
    unsigned ahead_told;
    int64_t ahead_by_ms;
};

static void on_ahead(void *user, const struct ident *source, int64_t by_ms) {
    struct rig *r = user;
    (void)source;
    r->ahead_told++;
    r->ahead_by_ms = by_ms;
}

static struct rig *rig_new(uint32_t readings_max) {
    struct rig *r = calloc(1, sizeof *r);
    cr_assert_not_null(r);
    r->mono_ms = 5000;
    r->wall_ms = INT64_C(1790000000000);
    disk_memory_init(&r->disk);
    struct journal_conf jc;
    journal_conf_init(&jc);
    cr_assert(ident_set(&jc.agent, span_str("gw-1")));
    cr_assert(ident_set(&r->id, span_str("script")));
    cr_assert_eq(journal_open(&jc, &r->disk.disk, NULL, E1, r->mono_ms, r->wall_ms, &r->j), ERR_OK);
    const struct batcher_conf bc = {
        .every_ms = 200, .readings_max = readings_max, .bytes_max = 40000, .ahead_ms = 10000};
    const struct batcher_events events = {.on_ahead = on_ahead, .user = r};
    cr_assert_eq(batcher_open(&bc, r->j, &events, &r->b), ERR_OK);
    r->s.source.ops = &script_ops;
    cr_assert_eq(batcher_add_source(r->b, &r->id, &r->s.source, &r->number), ERR_OK);
    cr_assert_eq(journal_cursor_open(&r->cursor), ERR_OK);
    return r;
}

static void rig_free(struct rig *r) {
    batcher_close(r->b);
    journal_cursor_close(r->cursor);
    journal_close(r->j);
    disk_memory_fini(&r->disk);
    free(r);
}

static void plan(struct rig *r, enum act act, int64_t a, int64_t b) {
    cr_assert_lt(r->s.n, PLAN_MAX);
    r->s.step[r->s.n++] = (struct step){act, a, b};
}

static bool poll(struct rig *r) {
    int64_t next;
    bool full;
    cr_assert_eq(batcher_poll(r->b, r->number, r->wall_ms, r->mono_ms, &next, &full), ERR_OK);
    return full;
}

static enum err flush(struct rig *r, bool now) {
    enum err rc = batcher_flush(r->b, now, r->mono_ms, r->wall_ms);
    journal_flush(r->j);
    disk_memory_settle(&r->disk);
    return rc;
}

/* The record of that number; seq 1 is the key frame. */
static struct batch record(struct rig *r, uint64_t seq) {
    struct journal_record rec;
    struct batch b;
    enum batch_fault fault;
    cr_assert_eq(journal_read(r->j, r->cursor, E1, seq, &rec), ERR_OK);
    cr_assert_eq(batch_parse(rec.frame, &b, &fault), ERR_OK);
    return b;
}

static uint64_t last(struct rig *r) {
    const struct journal_epoch *e = journal_find_epoch(r->j, E1);
    return e ? e->last : 0;
}

Test(batcher, the_first_batch_goes_at_once_and_the_next_when_its_period_is_over) {
    struct rig *r = rig_new(100);
    plan(r, ACT_READING, 1, 0);
    cr_assert_not(poll(r));
    cr_expect_eq(batcher_due_ms(r->b), r->mono_ms);
    cr_assert_eq(flush(r, false), ERR_OK);
    cr_assert_eq(last(r), 2); /* key frame, batch */
    cr_assert_eq(batcher_due_ms(r->b), INT64_MAX);
    r->mono_ms += 150;
    plan(r, ACT_READING, 2, 0);
    cr_assert_not(poll(r));
    cr_expect_eq(batcher_due_ms(r->b), r->mono_ms + 50); /* 200 ms after the first */
    r->mono_ms += 49;
    cr_assert_eq(flush(r, false), ERR_OK);
    cr_assert_eq(last(r), 2);
    r->mono_ms += 1;
    cr_assert_eq(flush(r, false), ERR_OK);
    cr_assert_eq(last(r), 3);
    r->mono_ms += 60000; /* a quiet minute */
    plan(r, ACT_READING, 3, 0);
    cr_assert_not(poll(r));
    cr_assert_eq(flush(r, false), ERR_OK);
    cr_assert_eq(last(r), 4);
    rig_free(r);
}

/* A reading each 10 ms for two seconds: batches at 0, 200 .. 2000 ms and no more. */
Test(batcher, under_load_the_period_bounds_the_batches) {
    struct rig *r = rig_new(100);
    for (int64_t ms = 0; ms <= 2000; ms += 10) {
        r->s.n = r->s.at = 0;
        plan(r, ACT_READING, ms, 0);
        cr_assert_not(poll(r));
        cr_assert_eq(flush(r, false), ERR_OK);
        r->mono_ms += 10;
    }
    cr_expect_eq(batcher_stats(r->b)->batches, 11);
    rig_free(r);
}

Test(batcher, a_full_batch_stops_the_source_and_nothing_is_skipped) {
    struct rig *r = rig_new(2);
    for (int64_t v = 1; v <= 5; v++)
        plan(r, ACT_READING, v, 0);
    cr_assert(poll(r));
    cr_assert_eq(flush(r, false), ERR_OK);
    cr_assert_str_eq(journal_position(r->j, &r->id), "2"); /* where the third reading begins */
    cr_assert(poll(r));
    cr_assert_eq(flush(r, false), ERR_OK);
    cr_assert_not(poll(r));
    cr_assert_eq(flush(r, true), ERR_OK);
    cr_assert_eq(last(r), 4); /* key frame; 2, 2 and 1 readings */
    struct batch b = record(r, 4);
    struct reading rd;
    cr_assert(batch_next_reading(&b, &rd));
    cr_assert_eq(rd.v.as.i, 5);
    cr_expect_eq(batcher_source_stats(r->b, r->number)->readings, 5);
    cr_assert_str_eq(journal_position(r->j, &r->id), "5");
    rig_free(r);
}

Test(batcher, coverage_that_joins_is_one_span_and_a_break_waits_for_the_next_batch) {
    struct rig *r = rig_new(100);
    plan(r, ACT_COVERED, 1000, 2000);
    plan(r, ACT_READING, 1, 0);
    plan(r, ACT_COVERED, 2000, 3000);
    plan(r, ACT_COVERED, 9000, 9500); /* nothing is known of 3000 .. 9000 */
    cr_assert_not(poll(r));
    cr_assert_eq(flush(r, true), ERR_OK);
    cr_assert_eq(flush(r, true), ERR_OK);
    struct asof a;
    struct batch b = record(r, 2);
    cr_assert_eq(b.asof_n, 1);
    cr_assert(batch_next_asof(&b, &a));
    cr_assert_eq(a.since_ms, 1000);
    cr_assert_eq(a.until_ms, 3000);
    b = record(r, 3);
    cr_assert(batch_next_asof(&b, &a));
    cr_assert_eq(a.since_ms, 9000);
    cr_assert_eq(a.until_ms, 9500);
    rig_free(r);
}

/* A batch that vouches for nothing of their time would leave their states unknown. */
Test(batcher, readings_behind_a_break_go_with_the_batch_that_vouches_for_them) {
    struct rig *r = rig_new(100);
    plan(r, ACT_READING, 1, 0);
    plan(r, ACT_COVERED, 1000, 2000);
    plan(r, ACT_COVERED, 9000, 9000);
    plan(r, ACT_READING, 2, 0);
    plan(r, ACT_COVERED, 9000, 9500);
    cr_assert(poll(r)); /* the second reading waits */
    cr_assert_eq(flush(r, true), ERR_OK);
    cr_assert_not(poll(r));
    cr_assert_eq(flush(r, true), ERR_OK);
    struct asof a;
    struct batch b = record(r, 2);
    cr_assert_eq(b.reading_n, 1);
    cr_assert(batch_next_asof(&b, &a));
    cr_assert_eq(a.until_ms, 2000);
    b = record(r, 3);
    cr_assert_eq(b.reading_n, 1);
    cr_assert_eq(b.asof_n, 1);
    cr_assert(batch_next_asof(&b, &a));
    cr_assert_eq(a.since_ms, 9000);
    cr_assert_eq(a.until_ms, 9500);
    rig_free(r);
}

Test(batcher, what_the_journal_refuses_is_kept_and_offered_again) {
    struct rig *r = rig_new(100);
    plan(r, ACT_READING, 1, 0);
    cr_assert_not(poll(r));
    r->disk.fail_write = ERR_FULL;
    cr_assert_neq(flush(r, true), ERR_OK);
    plan(r, ACT_READING, 2, 0);
    cr_assert(poll(r)); /* nothing more is taken meanwhile */
    cr_assert_eq(r->s.at, 1);
    r->disk.fail_write = ERR_OK;
    r->mono_ms += 2000;
    cr_assert_eq(flush(r, true), ERR_OK);
    cr_assert_not(poll(r));
    cr_assert_eq(flush(r, true), ERR_OK);
    cr_assert_eq(journal_stats(r->j)->readings, 2);
    cr_assert_str_eq(journal_position(r->j, &r->id), "2");
    rig_free(r);
}

Test(batcher, a_clock_step_stands_between_the_readings_before_and_after) {
    struct rig *r = rig_new(100);
    plan(r, ACT_READING, 1, 0);
    cr_assert_not(poll(r));
    const int64_t from_ms = r->wall_ms;
    batcher_clock_step(r->b, r->wall_ms, r->wall_ms - 3600000);
    cr_assert(poll(r)); /* closed until the step is written */
    r->wall_ms -= 3600000;
    cr_assert_eq(flush(r, true), ERR_OK);
    plan(r, ACT_READING, 2, 0);
    cr_assert_not(poll(r));
    cr_assert_eq(flush(r, true), ERR_OK);
    struct batch b = record(r, 3);
    cr_assert_eq(b.head.kind, BATCH_CLOCK);
    cr_assert_eq(b.clock.from_ms - b.clock.to_ms, 3600000);
    cr_assert_eq(record(r, 1).head.t_ms, from_ms); /* of what was read before */
    cr_assert_eq(record(r, 2).head.kind, BATCH_DATA);
    cr_assert_eq(record(r, 4).head.kind, BATCH_DATA);
    rig_free(r);
}

/* The clock of the source is ten minutes ahead: what it says is taken, as uncertain, and what it
 * vouches for ends ten seconds ahead of ours. A stamp within these ten seconds is as good as any.
 */
Test(batcher, a_stamp_ahead_of_our_clock_is_uncertain_and_vouches_for_no_future) {
    struct rig *r = rig_new(100);
    int64_t now = r->wall_ms;
    plan(r, ACT_STAMPED, 1, now + 10000);
    plan(r, ACT_STAMPED, 2, now + 600000);
    plan(r, ACT_STAMPED, 3, now + 600001);
    plan(r, ACT_COVERED, now - 5000, now + 600001);
    cr_assert_not(poll(r));
    cr_assert_eq(flush(r, true), ERR_OK);
    struct batch b = record(r, 2);
    struct asof a;
    struct reading rd;
    cr_assert(batch_next_asof(&b, &a));
    cr_expect_eq(a.since_ms, now - 5000);
    cr_expect_eq(a.until_ms, now + 10000);
    cr_assert(batch_next_reading(&b, &rd));
    cr_expect_eq(rd.quality, QUALITY_GOOD);
    cr_assert(batch_next_reading(&b, &rd));
    cr_expect_eq(rd.quality, QUALITY_UNCERTAIN);
    cr_expect_eq(rd.t_ms, now + 600000);
    cr_expect_eq(batcher_stats(r->b)->ahead, 2);
    cr_expect_eq(r->ahead_told, 1); /* not for each */
    cr_expect_eq(r->ahead_by_ms, 600000);
    plan(r, ACT_COVERED, now + 300000, now + 600000); /* nothing of it has happened yet */
    cr_assert_not(poll(r));
    cr_assert_eq(flush(r, true), ERR_OK);
    cr_expect_eq(last(r), 2);
    rig_free(r);
}

/* Until that time what held before would hold. */
Test(batcher, a_state_stamped_ahead_of_our_clock_holds_from_our_time_on) {
    struct rig *r = rig_new(100);
    int64_t now = r->wall_ms;
    r->s.holds = true;
    plan(r, ACT_STAMPED, 1, now + 10000);
    plan(r, ACT_STAMPED, 2, now + 10001);
    cr_assert_not(poll(r));
    cr_assert_eq(flush(r, true), ERR_OK);
    struct batch b = record(r, 2);
    struct reading rd;
    cr_assert(batch_next_reading(&b, &rd));
    cr_expect_eq(rd.t_ms, now + 10000);
    cr_assert(batch_next_reading(&b, &rd));
    cr_expect_eq(rd.t_ms, now);
    cr_expect_eq(rd.quality, QUALITY_UNCERTAIN);
    cr_expect_eq(batcher_stats(r->b)->ahead, 1);
    rig_free(r);
}
