/* Bytes that rot: whatever changes on the disk, no wrong record comes back and nothing crashes. */
#include "rig.h"

#include <stdlib.h>

enum { E1 = 101, E2 = 102, VALUES = 6 };

static struct rig *rig_new(size_t segment_bytes, int64_t values) {
    struct rig *r = malloc(sizeof *r);
    cr_assert_not_null(r);
    rig_init(r);
    r->conf.segment_bytes = segment_bytes;
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
    for (int64_t v = 1; v <= values; v++)
        rig_accept(r, v);
    rig_close(r);
    disk_memory_kill(&r->disk);
    return r;
}

static void rig_free(struct rig *r) {
    rig_fini(r);
    free(r);
}

/* Starts on the damaged disk and reads everything back: values are a rising part of 1 .. n, and
 * what is missing from the middle is given up by record. */
static size_t reread(struct rig *r, uint64_t epoch, int64_t values) {
    enum err rc = rig_open(r, epoch, 1);
    cr_assert(rc == ERR_OK || rc == ERR_CONFIG, "open says %s", err_name(rc));
    if (rc)
        return 0;
    rig_sync(r);
    rig_sync(r);
    struct rig_seen *s = malloc(sizeof *s);
    cr_assert_not_null(s);
    rig_read(r, E1, s);
    int64_t before = 0;
    for (size_t k = 0; k < s->value_n; k++) {
        cr_assert(s->values[k] > before && s->values[k] <= values);
        before = s->values[k];
    }
    size_t n = s->value_n;
    free(s);
    const struct journal_epoch *e = journal_find_epoch(r->j, epoch);
    cr_assert_not_null(e); /* and it goes on writing */
    rig_close(r);
    disk_memory_kill(&r->disk);
    return n;
}

static void flip_all(size_t segment_bytes) {
    struct rig *r = rig_new(segment_bytes, VALUES);
    for (size_t f = 0; f < r->disk.file_n; f++)
        for (size_t at = 0; at < r->disk.files[f].n; at++) {
            struct disk_memory clean;
            cr_assert_eq(disk_memory_copy(&r->disk, &clean), ERR_OK);
            r->disk.files[f].p[at] ^= (uint8_t)(1u << (at % 8));
            size_t n = reread(r, E2, VALUES);
            cr_assert_leq(n, VALUES);
            disk_memory_fini(&r->disk);
            r->disk = clean;
        }
    rig_free(r);
}

Test(damage, every_byte_flipped_in_one_segment) {
    flip_all(4u << 20);
}

Test(damage, every_byte_flipped_over_several_segments) {
    flip_all(400);
}

Test(damage, every_truncation_of_the_newest_segment) {
    struct rig *r = rig_new(4u << 20, VALUES);
    size_t n = r->disk.files[0].n, best = 0;
    for (size_t cut = 0; cut <= n; cut++) {
        struct disk_memory clean;
        cr_assert_eq(disk_memory_copy(&r->disk, &clean), ERR_OK);
        r->disk.files[0].n = cut;
        size_t got = reread(r, E2, VALUES);
        cr_assert_geq(got, best); /* a longer file never holds less */
        best = got;
        disk_memory_fini(&r->disk);
        r->disk = clean;
    }
    cr_assert_eq(best, VALUES);
    rig_free(r);
}

Test(damage, a_flipped_byte_in_the_middle_costs_one_record) {
    struct rig *r = rig_new(4u << 20, 20);
    r->disk.files[0].p[r->disk.files[0].n / 2] ^= 0x10;
    cr_assert_eq(reread(r, E2, 20), 19);
    cr_assert_eq(r->gap.reason, DROP_CORRUPT);
    cr_assert_eq(r->gap.from, r->gap.to);
    cr_assert_eq(r->dropped, 1);
    rig_free(r);
}

Test(damage, a_lost_segment_in_the_middle_is_given_up_by_record) {
    struct rig *r = rig_new(400, 40);
    cr_assert_gt(r->disk.file_n, 4);
    cr_assert_eq(r->disk.disk.ops->remove(&r->disk.disk, 3), ERR_OK);
    size_t n = reread(r, E2, 40);
    cr_assert_lt(n, 40);
    cr_assert_gt(n, 30);
    cr_assert_eq(r->dropped, 1);
    rig_free(r);
}

Test(damage, swapped_segments_are_put_in_order_by_their_heads) {
    struct rig *r = rig_new(400, 40);
    uint32_t id = r->disk.files[1].id;
    r->disk.files[1].id = r->disk.files[2].id;
    r->disk.files[2].id = id;
    cr_assert_eq(reread(r, E2, 40), 40);
    cr_assert_eq(r->dropped, 0);
    rig_free(r);
}

Test(damage, a_record_copied_to_another_segment_does_not_count) {
    struct rig *r = rig_new(400, 40);
    struct disk_memory_file *a = &r->disk.files[1], *b = &r->disk.files[2];
    size_t n = a->n < b->n ? a->n : b->n;
    memcpy(b->p + 72, a->p + 72, n - 72); /* behind the head of 72 bytes */
    size_t got = reread(r, E2, 40);
    cr_assert_lt(got, 40);
    cr_assert_gt(r->dropped, 0);
    rig_free(r);
}
