/* Another table of points while sources go on: a new epoch, ids that hold, values that wait. */
#include "agent_app/batcher.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/disk_memory.h"

enum { E1 = 101, E2 = 102, E3 = 103, POINTS = 3 };

/* Declares three points at its first poll and gives what `value` says, of the second one. */
struct feeder {
    struct source source; /* first */
    const char *name;
    int64_t num, value;
    uint16_t id[POINTS];
    bool declared;
};

static enum err feeder_poll(struct source *s, int64_t now_ms, const struct source_out *out,
                            int64_t *next_ms) {
    struct feeder *f = (struct feeder *)s;
    struct point p = {.type = POINT_COUNTER, .num = f->num, .den = 1};
    enum err rc = ERR_OK;
    for (unsigned i = 0; i < POINTS && !f->declared && !rc; i++) {
        (void)snprintf(p.name, sizeof p.name, "%s/%u", f->name, i);
        rc = out->add_point(out->user, &p, &f->id[i]);
    }
    f->declared = true;
    struct reading r = {.point = f->id[1], .t_ms = now_ms};
    r.v.kind = VALUE_INT;
    r.v.as.i = f->value;
    *next_ms = now_ms + 1000;
    rc = rc ? rc : out->reading(out->user, &r);
    return rc ? rc : out->covered(out->user, now_ms - 1000, now_ms);
}

static int feeder_fd(const struct source *s) {
    (void)s;
    return -1;
}

static void feeder_position(const struct source *s, struct buf *out) {
    (void)buf_addf(out, "%lld", (long long)((const struct feeder *)s)->value);
}

static const struct source_ops feeder_ops = {
    .kind = "feeder", .poll = feeder_poll, .fd = feeder_fd, .position = feeder_position};

struct rig {
    struct disk_memory disk;
    struct journal *j;
    struct journal_cursor *cursor;
    struct batcher *b;
    struct feeder a, z;
    struct ident a_id, z_id;
    uint16_t a_no, z_no;
    int64_t mono_ms, wall_ms;
};

static void feeder_init(struct feeder *f, const char *name, int64_t num) {
    *f = (struct feeder){.source = {&feeder_ops}, .name = name, .num = num};
}

static struct rig *rig_new(void) {
    struct rig *r = calloc(1, sizeof *r);
    cr_assert_not_null(r);
    r->mono_ms = 5000;
    r->wall_ms = INT64_C(1790000000000);
    disk_memory_init(&r->disk);
    struct journal_conf jc;
    journal_conf_init(&jc);
    cr_assert(ident_set(&jc.agent, span_str("gw-1")));
    cr_assert(ident_set(&r->a_id, span_str("a")));
    cr_assert(ident_set(&r->z_id, span_str("z")));
    cr_assert_eq(journal_open(&jc, &r->disk.disk, NULL, E1, r->mono_ms, r->wall_ms, &r->j), ERR_OK);
    const struct batcher_conf bc = {
        .every_ms = 200, .readings_max = 100, .bytes_max = 40000, .ahead_ms = 10000};
    const struct batcher_events events = {0};
    cr_assert_eq(batcher_open(&bc, r->j, &events, &r->b), ERR_OK);
    feeder_init(&r->a, "a", 1);
    feeder_init(&r->z, "z", 1);
    cr_assert_eq(batcher_add_source(r->b, &r->a_id, &r->a.source, &r->a_no), ERR_OK);
    cr_assert_eq(batcher_add_source(r->b, &r->z_id, &r->z.source, &r->z_no), ERR_OK);
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

static void poll_one(struct rig *r, uint16_t number, struct feeder *f, int64_t value) {
    int64_t next;
    bool full;
    f->value = value;
    cr_assert_eq(batcher_poll(r->b, number, r->wall_ms, r->mono_ms, &next, &full), ERR_OK);
    cr_assert_not(full);
}

static void flush(struct rig *r) {
    r->mono_ms += 1000;
    r->wall_ms += 1000;
    cr_assert_eq(batcher_flush(r->b, true, r->mono_ms, r->wall_ms), ERR_OK);
    journal_flush(r->j);
    disk_memory_settle(&r->disk);
}

static bool keeps(void *user, uint16_t source) {
    return source == *(const uint16_t *)user;
}

static enum err renew(struct rig *r, uint64_t epoch, uint16_t kept) {
    const struct journal_keep keep = {keeps, &kept};
    return batcher_renew(r->b, epoch, &keep);
}

static struct batch record(struct rig *r, uint64_t epoch, uint64_t seq) {
    struct journal_record rec;
    struct batch b;
    enum batch_fault fault;
    cr_assert_eq(journal_read(r->j, r->cursor, epoch, seq, &rec), ERR_OK, "%llu of %llu",
                 (unsigned long long)seq, (unsigned long long)epoch);
    cr_assert_eq(batch_parse(rec.frame, &b, &fault), ERR_OK);
    return b;
}

/* Both have read 10; a goes: its points are gone from the table, those of z have moved up in it,
 * with their value and what was vouched for, and the ids that z has mean them still. */
Test(renew, what_stays_goes_on_under_its_ids) {
    struct rig *r = rig_new();
    struct point p;
    struct reading rd;
    struct asof asof;
    poll_one(r, r->a_no, &r->a, 10);
    poll_one(r, r->z_no, &r->z, 10);
    const int64_t vouched_ms = r->wall_ms;
    flush(r);
    cr_assert_eq(renew(r, E2, r->z_no), ERR_OK);
    batcher_drop_source(r->b, r->a_no);
    poll_one(r, r->z_no, &r->z, 13);
    flush(r);
    cr_assert_eq(journal_open_epoch(r->j), E2);
    struct batch key = record(r, E2, 1);
    cr_expect_eq(key.key.prev_epoch, E1);
    cr_expect_eq(key.key.prev_last, 2);
    cr_assert_eq(key.point_n, POINTS);
    cr_assert(batch_next_point(&key, &p));
    cr_expect_str_eq(p.name, "z/0");
    cr_expect_eq(p.source, r->z_no);
    cr_assert(batch_next_asof(&key, &asof));
    cr_expect(asof.source == r->z_no && asof.until_ms == vouched_ms);
    cr_expect_not(batch_next_asof(&key, &asof), "nothing is said of what was closed");
    cr_assert(batch_next_reading(&key, &rd));
    cr_expect(rd.point == 1 && rd.v.as.i == 10);
    struct batch data = record(r, E2, 2);
    cr_assert(batch_next_reading(&data, &rd));
    cr_expect(rd.point == 1 && rd.v.as.i == 13, "point %u", rd.point);
    rig_free(r);
}

/* Opened anew with another factor the old value means nothing; with the same one it is where the
 * next step begins, also when the source was away for a while. */
Test(renew, a_point_that_comes_back_begins_where_it_was_unless_it_is_another) {
    for (int64_t num = 1; num <= 2; num++) {
        struct rig *r = rig_new();
        struct reading rd;
        poll_one(r, r->a_no, &r->a, 10);
        poll_one(r, r->z_no, &r->z, 20);
        flush(r);
        cr_assert_eq(renew(r, E2, r->z_no), ERR_OK);
        batcher_drop_source(r->b, r->a_no);
        poll_one(r, r->z_no, &r->z, 21);
        flush(r);
        cr_expect_str_eq(journal_position(r->j, &r->a_id), "10", "its position is kept");
        cr_assert_eq(renew(r, E3, r->z_no), ERR_OK);
        feeder_init(&r->a, "a", num);
        batcher_set_source(r->b, r->a_no, &r->a.source);
        cr_expect_eq(batcher_source_stats(r->b, r->a_no)->points, 0);
        poll_one(r, r->a_no, &r->a, 17);
        poll_one(r, r->z_no, &r->z, 22);
        flush(r);
        struct batch key = record(r, E3, 1);
        cr_expect_eq(key.point_n, 2 * POINTS);
        unsigned n = 0;
        while (batch_next_reading(&key, &rd))
            n += rd.v.as.i == 10;
        cr_expect_eq(n, num == 1 ? 1 : 0);
        struct batch data = record(r, E3, 2);
        cr_assert(batch_next_reading(&data, &rd));
        cr_expect(rd.point == 4 && rd.v.as.i == 17, "behind those of z: %u", rd.point);
        cr_assert(batch_next_reading(&data, &rd));
        cr_expect(rd.point == 1 && rd.v.as.i == 22);
        cr_expect_eq(batcher_source_stats(r->b, r->a_no)->points, POINTS);
        rig_free(r);
    }
}

/* Else numbers in records that wait would mean other points. */
Test(renew, nothing_may_wait) {
    struct rig *r = rig_new();
    poll_one(r, r->z_no, &r->z, 1);
    cr_expect_eq(renew(r, E2, r->z_no), ERR_BUSY, "a batch is open");
    r->mono_ms += 1000;
    cr_assert_eq(batcher_flush(r->b, true, r->mono_ms, r->wall_ms), ERR_OK);
    cr_expect_eq(renew(r, E2, r->z_no), ERR_BUSY, "a record waits for its sync");
    journal_flush(r->j);
    disk_memory_settle(&r->disk);
    cr_expect_eq(renew(r, E1, r->z_no), ERR_BUSY, "the epoch is used");
    cr_expect_eq(renew(r, E2, r->z_no), ERR_OK);
    poll_one(r, r->z_no, &r->z, 2);
    flush(r);
    cr_expect_eq(journal_open_epoch(r->j), E2);
    rig_free(r);
}

/* Ids of what was closed are given again: a year of reloads uses up none. */
Test(renew, ids_are_used_again) {
    struct rig *r = rig_new();
    poll_one(r, r->a_no, &r->a, 1);
    poll_one(r, r->z_no, &r->z, 1);
    flush(r);
    for (unsigned i = 0; i < 50; i++) {
        cr_assert_eq(renew(r, E2 + i, r->z_no), ERR_OK);
        feeder_init(&r->a, i & 1 ? "a" : "other", 1);
        batcher_set_source(r->b, r->a_no, &r->a.source);
        poll_one(r, r->a_no, &r->a, i);
        poll_one(r, r->z_no, &r->z, i);
        flush(r);
        cr_assert_lt(r->a.id[2], 2 * POINTS);
    }
    cr_expect_eq(r->z.id[1], 4, "z has what it had");
    cr_expect_eq(batcher_stats(r->b)->illegal, 0);
    rig_free(r);
}

/* A source that gives what it never declared, or no longer has, is refused. */
Test(renew, an_id_of_before_is_no_point) {
    struct rig *r = rig_new();
    int64_t next;
    bool full;
    poll_one(r, r->a_no, &r->a, 1);
    flush(r);
    cr_assert_eq(renew(r, E2, r->z_no), ERR_OK);
    cr_expect_eq(batcher_poll(r->b, r->a_no, r->wall_ms, r->mono_ms, &next, &full), ERR_RANGE);
    cr_expect_eq(batcher_stats(r->b)->illegal, 1);
    rig_free(r);
}
