#include "rig.h"

#include <stdio.h>
#include <stdlib.h>

static void on_accepted(void *user) {
    ((struct rig *)user)->accepted++;
}

static void on_fault(void *user, enum journal_fault fault, enum err why) {
    (void)fault;
    (void)why;
    ((struct rig *)user)->faults++;
}

static void on_dropped(void *user, uint64_t epoch, const struct batch_dropped *gap) {
    struct rig *r = user;
    (void)epoch;
    r->dropped++;
    r->gap = *gap;
}

void rig_init(struct rig *r) {
    *r = (struct rig){.mono_ms = 1000, .wall_ms = INT64_C(1790000000000)};
    disk_memory_init(&r->disk);
    batch_writer_init(&r->w);
    journal_conf_init(&r->conf);
    cr_assert(ident_set(&r->conf.agent, span_str("gw-1")));
    cr_assert_eq(journal_cursor_open(&r->cursor), ERR_OK);
}

void rig_fini(struct rig *r) {
    rig_close(r);
    journal_cursor_close(r->cursor);
    batch_writer_fini(&r->w);
    disk_memory_fini(&r->disk);
}

void rig_close(struct rig *r) {
    journal_close(r->j);
    r->j = NULL;
}

enum err rig_open(struct rig *r, uint64_t epoch, unsigned points) {
    const struct journal_events events = {on_accepted, on_fault, on_dropped, r};
    enum err rc =
        journal_open(&r->conf, &r->disk.disk, &events, epoch, r->mono_ms, r->wall_ms, &r->j);
    for (unsigned i = 0; i < points && !rc; i++) {
        struct point p = {.type = POINT_COUNTER, .num = 1, .den = 1};
        (void)snprintf(p.name, sizeof p.name, "c%u", i);
        rc = journal_add_point(r->j, &p, &r->point[i]);
    }
    return rc;
}

enum err rig_append(struct rig *r, int64_t value) {
    char text[24];
    int n = snprintf(text, sizeof text, "%lld", (long long)value);
    struct journal_position pos = {.text = span_of(text, (size_t)n)};
    cr_assert(ident_set(&pos.source, span_str("src")));
    batch_writer_reset(&r->w, r->wall_ms);
    struct reading rd = {.point = r->point[0], .t_ms = r->wall_ms};
    rd.v.kind = VALUE_INT;
    rd.v.as.i = value;
    cr_assert_eq(batch_writer_add(&r->w, &rd), ERR_OK);
    struct journal_entry e = {.batch = &r->w, .positions = &pos, .position_n = 1};
    return journal_append(r->j, &e, r->mono_ms, r->wall_ms);
}

void rig_tick(struct rig *r, int64_t step_ms) {
    r->mono_ms += step_ms;
    r->wall_ms += step_ms;
    journal_tick(r->j, r->mono_ms, r->wall_ms);
    journal_check(r->j);
}

void rig_sync(struct rig *r) {
    disk_memory_settle(&r->disk);
    rig_tick(r, 1);
    journal_flush(r->j);
    disk_memory_settle(&r->disk);
    journal_check(r->j);
}

void rig_accept(struct rig *r, int64_t value) {
    enum err rc = rig_append(r, value);
    if (rc == ERR_BUSY) {
        rig_sync(r);
        rc = rig_append(r, value);
    }
    cr_assert_eq(rc, ERR_OK, "append says %s", err_name(rc));
    rig_sync(r);
}

static void see(struct rig_seen *s, struct batch *b) {
    struct reading rd;
    s->records++;
    s->keys += b->head.kind == BATCH_KEY;
    if (b->head.kind == BATCH_DROPPED) {
        s->drops++;
        s->dropped_seqs += b->dropped.to - b->dropped.from + 1;
        s->drop = b->dropped;
    }
    while (batch_next_reading(b, &rd)) {
        if (b->head.kind == BATCH_KEY && rd.point == 0) {
            s->key_value = rd.v.as.i;
            s->key_quality = rd.quality;
        }
        if (b->head.kind == BATCH_DATA && s->value_n < 4096)
            s->values[s->value_n++] = rd.v.as.i;
    }
}

void rig_read(struct rig *r, uint64_t epoch, struct rig_seen *out) {
    *out = (struct rig_seen){.key_value = -1};
    const struct journal_epoch *e = journal_find_epoch(r->j, epoch);
    if (!e)
        return;
    out->last = e->last;
    uint64_t last = e->last;
    for (uint64_t seq = e->base; seq <= last;) {
        struct journal_record rec;
        enum err rc = journal_read(r->j, r->cursor, epoch, seq, &rec);
        cr_assert_eq(rc, ERR_OK, "seq %llu: %s", (unsigned long long)seq, err_name(rc));
        struct batch b;
        enum batch_fault fault;
        cr_assert_eq(batch_parse(rec.frame, &b, &fault), ERR_OK);
        cr_assert_eq(b.head.epoch, epoch);
        cr_assert_eq(b.head.seq, rec.to);
        cr_assert(rec.to >= seq && rec.to <= last);
        if (seq == e->base)
            cr_assert(b.head.kind == BATCH_KEY || b.head.kind == BATCH_DROPPED);
        see(out, &b);
        seq = rec.to + 1;
    }
}
