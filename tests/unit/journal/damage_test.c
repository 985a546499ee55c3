/* Bytes that rot: whatever changes on the disk, nothing crashes, and every frame that comes back is
 * the one that was written under its number, byte for byte, or says that numbers are lost. */
#include "rig.h"

#include <stdlib.h>

enum { E1 = 101, E2 = 102, VALUES = 6, MANY = 40, FRAMES_MAX = 128, FRAME_MAX = 512 };

/* The frames of E1 as they were written, by seq. */
struct truth {
    uint64_t last;
    struct {
        uint8_t p[FRAME_MAX];
        size_t n;
    } frame[FRAMES_MAX];
};

/* Where one was written: its own, with what was known then. */
static bool is_true(const struct truth *t, const struct journal_record *r) {
    return r->to <= t->last && r->frame.n == t->frame[r->to].n &&
           memcmp(r->frame.p, t->frame[r->to].p, r->frame.n) == 0;
}

/* Reads E1 from base to its end. */
static void each_frame(struct rig *r, void (*on)(void *user, const struct journal_record *r),
                       void *user) {
    const struct journal_epoch *e = journal_find_epoch(r->j, E1);
    uint64_t seq = e ? e->base : 1, last = e ? e->last : 0;
    while (seq <= last) {
        struct journal_record rec;
        cr_assert_eq(journal_read(r->j, r->cursor, E1, seq, &rec), ERR_OK);
        on(user, &rec);
        seq = rec.to + 1;
    }
}

static void remember(void *user, const struct journal_record *r) {
    struct truth *t = user;
    cr_assert(r->to < FRAMES_MAX && r->frame.n <= FRAME_MAX);
    memcpy(t->frame[r->to].p, r->frame.p, r->frame.n);
    t->frame[r->to].n = r->frame.n;
    t->last = r->to;
}

static void compare(void *user, const struct journal_record *r) {
    struct batch b;
    enum batch_fault fault;
    cr_assert_eq(batch_parse(r->frame, &b, &fault), ERR_OK);
    cr_assert(b.head.kind == BATCH_DROPPED || is_true(user, r), "seq %llu kind %u",
              (unsigned long long)r->to, b.head.kind);
}

struct damage { /* a rig whose disk is put back after each blow */
    struct rig rig;
    struct truth truth;
    struct disk_memory sound;
};

static struct damage *damage_new(size_t segment_bytes, int64_t values) {
    struct damage *d = calloc(1, sizeof *d);
    cr_assert_not_null(d);
    struct rig *r = &d->rig;
    rig_init(r);
    r->conf.segment_bytes = segment_bytes;
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    for (int64_t v = 1; v <= values; v++)
        rig_accept(r, v);
    each_frame(r, remember, &d->truth);
    cr_assert_geq(d->truth.last, (uint64_t)values);
    rig_close(r);
    disk_memory_kill(&r->disk);
    cr_assert_eq(disk_memory_copy(&r->disk, &d->sound), ERR_OK);
    return d;
}

static void damage_free(struct damage *d) {
    rig_fini(&d->rig);
    disk_memory_fini(&d->sound);
    free(d);
}

/* Starts on the damaged disk and reads everything back; how many values came. The disk is then as
 * it was before. */
static size_t reread(struct damage *d) {
    struct rig *r = &d->rig;
    struct rig_seen *seen = malloc(sizeof *seen);
    size_t n, came = 0;
    cr_assert_not_null(seen);
    r->dropped = 0;
    enum err rc = rig_open(r, E2, 1);
    cr_assert(rc == ERR_OK || rc == ERR_CONFIG, "open says %s", err_name(rc));
    if (!rc) {
        rig_sync(r);
        rig_sync(r);
        each_frame(r, compare, &d->truth);
        rig_read(r, E1, seen);
        came = seen->value_n;
        const struct journal_epoch *e = journal_epochs(r->j, &n);
        for (size_t i = 0; i < n; i++)
            cr_assert(e[i].epoch == E1 || e[i].epoch == E2, "an epoch that never was");
        cr_assert_not_null(journal_find_epoch(r->j, E2)); /* and it goes on writing */
    }
    rig_close(r);
    disk_memory_fini(&r->disk);
    cr_assert_eq(disk_memory_copy(&d->sound, &r->disk), ERR_OK);
    free(seen);
    return came;
}

/* One bit, the byte's complement, and what an erased or a zeroed sector leaves. */
static uint8_t rotten(uint8_t byte, size_t at, unsigned way) {
    const uint8_t to[] = {(uint8_t)(byte ^ 1U << at % 8), (uint8_t)~byte, 0, 0xff};
    return to[way];
}

static void flip_all(size_t segment_bytes) {
    struct damage *d = damage_new(segment_bytes, VALUES);
    for (size_t f = 0; f < d->sound.file_n; f++)
        for (size_t at = 0; at < d->sound.files[f].n; at++)
            for (unsigned way = 0; way < 4; way++) {
                uint8_t *byte = &d->rig.disk.files[f].p[at], was = *byte;
                *byte = rotten(was, at, way);
                size_t all = *byte == was ? VALUES : 0;
                size_t n = reread(d);
                cr_assert(n <= VALUES && n >= all);
            }
    damage_free(d);
}

Test(damage, every_byte_flipped_in_one_segment) {
    flip_all(4u << 20);
}

Test(damage, every_byte_flipped_over_several_segments) {
    flip_all(400);
}

Test(damage, every_truncation_of_the_newest_segment) {
    struct damage *d = damage_new(4u << 20, VALUES);
    size_t best = 0;
    for (size_t cut = 0; cut <= d->sound.files[0].n; cut++) {
        d->rig.disk.files[0].n = cut;
        size_t got = reread(d);
        cr_assert_geq(got, best); /* a longer file never holds less */
        best = got;
    }
    cr_assert_eq(best, VALUES);
    damage_free(d);
}

Test(damage, every_truncation_of_every_segment) {
    struct damage *d = damage_new(400, 12);
    cr_assert_gt(d->sound.file_n, 2);
    for (size_t f = 0; f < d->sound.file_n; f++)
        for (size_t cut = 0; cut < d->sound.files[f].n; cut++) {
            d->rig.disk.files[f].n = cut;
            cr_assert_leq(reread(d), 12);
        }
    damage_free(d);
}

Test(damage, any_two_segments_swapped_are_put_in_order_by_their_heads) {
    struct damage *d = damage_new(400, MANY);
    cr_assert_gt(d->sound.file_n, 4);
    for (size_t i = 0; i < d->sound.file_n; i++)
        for (size_t k = i + 1; k < d->sound.file_n; k++) {
            struct disk_memory_file *f = d->rig.disk.files;
            uint32_t id = f[i].id;
            f[i].id = f[k].id;
            f[k].id = id;
            cr_assert_eq(reread(d), MANY, "%zu and %zu", i, k);
            cr_assert_eq(d->rig.dropped, 0);
        }
    damage_free(d);
}

/* A copy of a segment in the place of another one: what that one held is lost, nothing comes twice
 * (compare() asks for each frame under its number). */
Test(damage, a_segment_written_over_another_costs_that_one) {
    struct damage *d = damage_new(400, MANY);
    for (size_t i = 0; i < d->sound.file_n; i++)
        for (size_t k = 0; k < d->sound.file_n; k++) {
            if (i == k)
                continue;
            struct disk_memory_file *to = &d->rig.disk.files[i];
            const struct disk_memory_file *from = &d->sound.files[k];
            free(to->p);
            to->p = malloc(from->n);
            cr_assert_not_null(to->p);
            memcpy(to->p, from->p, from->n);
            to->n = to->cap = to->synced = from->n;
            size_t n = reread(d);
            /* The newest segment has just begun: it holds a key frame only. */
            cr_assert(n < MANY || (n == MANY && i + 1 == d->sound.file_n), "%zu over %zu", k, i);
        }
    damage_free(d);
}

Test(damage, a_flipped_byte_in_the_middle_costs_one_record) {
    struct damage *d = damage_new(4u << 20, 20);
    struct disk_memory_file *f = &d->rig.disk.files[0];
    f->p[f->n / 2] ^= 0x10;
    cr_assert_eq(reread(d), 19);
    cr_assert_eq(d->rig.gap.reason, DROP_CORRUPT);
    cr_assert_eq(d->rig.gap.from, d->rig.gap.to);
    cr_assert_eq(d->rig.dropped, 1);
    damage_free(d);
}

Test(damage, a_lost_segment_in_the_middle_is_given_up_by_record) {
    struct damage *d = damage_new(400, MANY);
    struct disk *disk = &d->rig.disk.disk;
    cr_assert_gt(d->sound.file_n, 4);
    cr_assert_eq(disk->ops->remove(disk, 3), ERR_OK);
    size_t n = reread(d);
    cr_assert_lt(n, MANY);
    cr_assert_gt(n, 30);
    cr_assert_eq(d->rig.dropped, 1);
    damage_free(d);
}

Test(damage, a_record_copied_to_another_segment_does_not_count) {
    struct damage *d = damage_new(400, MANY);
    struct disk_memory_file *a = &d->rig.disk.files[1], *b = &d->rig.disk.files[2];
    size_t n = a->n < b->n ? a->n : b->n;
    memcpy(b->p + 72, a->p + 72, n - 72); /* behind the head of 72 bytes */
    cr_assert_lt(reread(d), MANY);
    cr_assert_gt(d->rig.dropped, 0);
    damage_free(d);
}
