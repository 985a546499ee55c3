#include <criterion/criterion.h>
#include <stdlib.h>

#include "sample.h"

static const int64_t now_ms = 1795476000000; /* 2026-11-23T23:20:00Z */

static struct batch parsed(const struct buf *frame) {
    struct batch b;
    enum batch_fault fault;
    cr_assert_eq(batch_parse(buf_span(frame), &b, &fault), ERR_OK, "%s", batch_fault_name(fault));
    return b;
}

/* Worked by hand from the layout in batch_write.c and the msgpack specification. */
Test(batch, small_record_has_the_bytes_of_the_layout) {
    static const uint8_t expected[] = {
        0x99,                               /* array of 9 */
        0x01,                               /* version 1 */
        0x00,                               /* data */
        0xcd, 0x01, 0x00,                   /* epoch 256 */
        0x07,                               /* seq 7 */
        0xcd, 0x03, 0xe8,                   /* t_ms 1000 */
        0xc0,                               /* no body */
        0x90,                               /* no points */
        0x91,                               /* one asof: */
        0x93, 0x02, 0xd1, 0xfe, 0x0c, 0x00, /* source 2, 500 - 1000 = -500 = 0xfe0c, 1000 - 1000 */
        0x99,                               /* 3 readings, 9 elements */
        0x05, 0x00, 0x2a,                   /* point 5, +0 ms, 42 */
        0xce, 0x00, 0x01, 0x01, 0x2c,       /* point 300 | uncertain << 16 = 65836 */
        0xff,                               /* -1 ms */
        0xa2, 'o',  'n',                    /* "on" */
        0xce, 0x00, 0x02, 0x00, 0x00,       /* point 0 | bad << 16 */
        0x64,                               /* +100 ms */
        0xc0,                               /* none */
    };
    struct batch_writer w;
    batch_writer_init(&w);
    batch_writer_reset(&w, 1000);
    struct reading r[3] = {
        sample_int(5, 1000, 42),
        {300, QUALITY_UNCERTAIN, false, 999, {VALUE_TEXT, .as.text = {"on", 2}}},
        {0, QUALITY_BAD, false, 1100, {.kind = VALUE_NONE}},
    };
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(batch_writer_add(&w, &r[i]), ERR_OK);
    }
    cr_assert_eq(batch_writer_add_asof(&w, (struct asof){2, 500, 1000}), ERR_OK);
    struct batch_head head = {BATCH_DATA, 256, 7, 1000};
    struct buf out;
    buf_init(&out);
    cr_assert_eq(batch_writer_encode(&w, &head, NULL, NULL, NULL, &out), ERR_OK);
    cr_assert_eq(out.n, sizeof expected);
    cr_assert_arr_eq(out.p, expected, sizeof expected);
    buf_fini(&out);
    batch_writer_fini(&w);
}

Test(batch, every_kind_comes_back_as_it_was_written) {
    for (int kind = 0; kind < BATCH_KIND_COUNT; kind++) {
        struct buf out;
        buf_init(&out);
        sample_record((enum batch_kind)kind, &out);
        struct batch b = parsed(&out);
        cr_assert_eq(b.head.kind, kind);
        cr_assert_eq(b.head.epoch, UINT64_C(0xfedcba9876543210));
        cr_assert_eq(b.head.seq, 300);
        cr_assert_eq(b.head.t_ms, now_ms);
        cr_assert_eq(b.reading_n, kind == BATCH_CLOCK ? 0 : SAMPLE_READINGS + 1);
        cr_assert_eq(b.point_n, kind == BATCH_KEY ? 3 : 0);
        struct reading r;
        for (unsigned i = 0; kind != BATCH_CLOCK && i < SAMPLE_READINGS; i++) {
            struct reading expected = sample_reading(i, now_ms);
            cr_assert(batch_next_reading(&b, &r));
            cr_assert(sample_equal(&r, &expected), "reading %u", i);
        }
        struct asof a;
        for (uint16_t i = 0; i < 3; i++) {
            cr_assert(batch_next_asof(&b, &a));
            cr_assert(a.source == i && a.since_ms == now_ms - 1000 && a.until_ms == now_ms + i);
        }
        cr_assert_not(batch_next_asof(&b, &a));
        cr_assert(sample_walk(buf_span(&out)));
        buf_fini(&out);
    }
}

Test(batch, key_body_and_points_come_back) {
    struct buf out;
    buf_init(&out);
    sample_record(BATCH_KEY, &out);
    struct batch b = parsed(&out);
    cr_assert(b.key.prev_epoch == 77 && b.key.prev_last == 12);
    cr_assert(b.key.part == 1 && b.key.parts == 2 && b.key.points_total == 13);
    struct point p;
    for (uint16_t i = 10; i < 13; i++) {
        struct point expected = sample_point(i);
        cr_assert(batch_next_point(&b, &p));
        cr_assert_eq(p.id, i);
        cr_assert(point_equal(&p, &expected));
    }
    cr_assert_not(batch_next_point(&b, &p));
    buf_fini(&out);
}

Test(batch, dropped_and_clock_bodies_come_back) {
    struct buf out;
    buf_init(&out);
    sample_record(BATCH_DROPPED, &out);
    struct batch d = parsed(&out);
    cr_assert(d.dropped.from == 200 && d.dropped.to == 300 && d.dropped.reason == DROP_QUOTA);
    cr_assert(d.dropped.readings == 12345);
    cr_assert(d.dropped.from_ms == 1795470000000 && d.dropped.to_ms == 1795475000000);
    buf_reset(&out);
    sample_record(BATCH_CLOCK, &out);
    struct batch c = parsed(&out);
    cr_assert(c.clock.from_ms == 0 && c.clock.to_ms == now_ms);
    buf_fini(&out);
}

/* The frame is copied into memory of exactly its size, so the sanitizer sees any look past the end.
 */
static bool walk_copy(const uint8_t *p, size_t n) {
    uint8_t *copy = malloc(n ? n : 1);
    cr_assert_not_null(copy);
    memcpy(copy, p, n);
    bool accepted = sample_walk(span_of(copy, n));
    free(copy);
    return accepted;
}

Test(batch, every_truncation_is_refused) {
    for (int kind = 0; kind < BATCH_KIND_COUNT; kind++) {
        struct buf out;
        buf_init(&out);
        sample_record((enum batch_kind)kind, &out);
        for (size_t n = 0; n < out.n; n++) {
            cr_assert_not(walk_copy(out.p, n), "kind %d cut at %zu", kind, n);
        }
        cr_assert(walk_copy(out.p, out.n));
        buf_fini(&out);
    }
}

Test(batch, every_flipped_byte_is_legal_or_refused) {
    unsigned refused = 0;
    for (int kind = 0; kind < BATCH_KIND_COUNT; kind++) {
        struct buf out;
        buf_init(&out);
        sample_record((enum batch_kind)kind, &out);
        for (size_t i = 0; i < out.n; i++) {
            uint8_t kept = out.p[i];
            for (unsigned v = 0; v < 256; v++) {
                out.p[i] = (uint8_t)v;
                refused += !walk_copy(out.p, out.n);
            }
            out.p[i] = kept;
        }
        buf_fini(&out);
    }
    cr_assert_gt(refused, 1000);
}

Test(batch, trailing_byte_is_refused) {
    struct buf out;
    buf_init(&out);
    sample_record(BATCH_DATA, &out);
    cr_assert_eq(buf_add_byte(&out, 0xc0), ERR_OK);
    struct batch b;
    enum batch_fault fault = BATCH_FAULT_NONE;
    cr_assert_eq(batch_parse(buf_span(&out), &b, &fault), ERR_FORMAT);
    cr_assert_eq(fault, BATCH_FAULT_TRAILING);
    buf_fini(&out);
}

Test(batch, each_fault_has_its_reason) {
    static const struct {
        enum batch_fault fault;
        uint8_t bytes[24];
        size_t n;
    } row[] = {
        {BATCH_FAULT_TRUNCATED, {0}, 0},
        {BATCH_FAULT_SHAPE, {0xc0}, 1},
        {BATCH_FAULT_VERSION, {0x99, 2}, 2},
        {BATCH_FAULT_SHAPE, {0x98, 1, 0, 5, 1, 0, 0xc0, 0x90, 0x90}, 9},
        {BATCH_FAULT_KIND, {0x99, 1, 4}, 3},
        {BATCH_FAULT_RANGE, {0x99, 1, 0, 0, 1, 0, 0xc0, 0x90, 0x90, 0x90}, 10}, /* epoch 0 */
        {BATCH_FAULT_RANGE, {0x99, 1, 0, 5, 0, 0, 0xc0, 0x90, 0x90, 0x90}, 10}, /* seq 0 */
        {BATCH_FAULT_RANGE, {0x99, 1, 0, 5, 0xff, 0, 0xc0, 0x90, 0x90, 0x90}, 10},
        {BATCH_FAULT_SHAPE, {0x99, 1, 0, 5, 1, 0, 0x00, 0x90, 0x90, 0x90}, 10}, /* body in data */
        {BATCH_FAULT_RANGE, {0x99, 1, 0, 5, 1, 0, 0xc0, 0x91, 0x90, 0x90}, 10}, /* point in data */
        {BATCH_FAULT_SHAPE, {0x99, 1, 0, 5, 1, 0, 0xc0, 0x90, 0x90, 0x92, 0, 0}, 12},
        {BATCH_FAULT_RANGE, {0x99, 1, 0, 5, 1, 0, 0xc0, 0x90, 0x90, 0x93, 0, 0, 0xc0}, 13},
        {BATCH_FAULT_NONE, {0x99, 1, 0, 5, 1, 0, 0xc0, 0x90, 0x90, 0x90}, 10},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct batch b;
        enum batch_fault fault = BATCH_FAULT_COUNT;
        (void)batch_parse(span_of(row[i].bytes, row[i].n), &b, &fault);
        cr_assert_eq(fault, row[i].fault, "row %zu: %s", i, batch_fault_name(fault));
    }
}

Test(batch, oversize_frame_is_refused_unseen) {
    uint8_t *big = calloc(1, BATCH_BYTES_MAX + 1);
    struct batch b;
    enum batch_fault fault;
    cr_assert_eq(batch_parse(span_of(big, BATCH_BYTES_MAX + 1), &b, &fault), ERR_FORMAT);
    cr_assert_eq(fault, BATCH_FAULT_SIZE);
    free(big);
}

Test(batch, head_alone_is_read_without_the_rest) {
    struct buf out;
    buf_init(&out);
    sample_record(BATCH_KEY, &out);
    struct batch_head h;
    /* 1 array, 1 version, 1 kind, 9 epoch, 3 seq (300), 9 t_ms = 24 bytes */
    cr_assert_eq(batch_parse_head(span_of(out.p, 24), &h), ERR_OK);
    cr_assert(h.kind == BATCH_KEY && h.seq == 300 && h.t_ms == now_ms);
    cr_assert_eq(batch_parse_head(span_of(out.p, 23), &h), ERR_FORMAT);
    buf_fini(&out);
}

Test(batch, chunks_give_the_readings_that_single_steps_give) {
    struct buf out;
    buf_init(&out);
    sample_record(BATCH_DATA, &out);
    struct batch b = parsed(&out);
    struct reading r[5];
    size_t n, seen = 0;
    while ((n = batch_next_readings(&b, r, 5)) > 0) {
        for (size_t i = 0; i < n && seen < SAMPLE_READINGS; i++, seen++) {
            struct reading expected = sample_reading((unsigned)seen, now_ms);
            cr_assert(sample_equal(&r[i], &expected), "reading %zu", seen);
        }
    }
    cr_assert_eq(seen, SAMPLE_READINGS);
    cr_assert_not(batch_next_reading(&b, &r[0]));
    buf_fini(&out);
}

/* Of a frame's readings, those told by chunks of five, with room for so many at parsing. */
static void expect_chunks(struct span frame, size_t cap, bool kept) {
    struct reading room[2 * SAMPLE_READINGS], five[5];
    const struct reading *r;
    struct batch b;
    enum batch_fault fault;
    size_t n, seen = 0;
    cr_assert_eq(batch_parse_into(frame, room, cap, &b, &fault), ERR_OK);
    cr_expect_eq(b.decoded != NULL, kept);
    while ((n = batch_next_chunk(&b, five, 5, &r)) > 0) {
        cr_assert_leq(n, 5);
        cr_expect_eq(r == five, !kept);
        for (size_t i = 0; i < n && seen < SAMPLE_READINGS; i++, seen++) {
            struct reading expected = sample_reading((unsigned)seen, now_ms);
            cr_assert(sample_equal(&r[i], &expected), "room %zu, reading %zu", cap, seen);
        }
    }
    cr_expect_eq(seen, SAMPLE_READINGS);
    cr_expect_eq(batch_next_chunk(&b, five, 5, &r), 0);
}

Test(batch, readings_kept_at_parsing_are_those_that_decoding_gives) {
    struct buf out;
    buf_init(&out);
    sample_record(BATCH_DATA, &out); /* one reading more than the samples */
    expect_chunks(buf_span(&out), SAMPLE_READINGS + 1, true);
    expect_chunks(buf_span(&out), 2 * SAMPLE_READINGS, true);
    expect_chunks(buf_span(&out), SAMPLE_READINGS, false);
    expect_chunks(buf_span(&out), 0, false);
    buf_fini(&out);
}

Test(batch, a_record_without_readings_has_no_chunk) {
    struct buf out;
    struct reading room[1];
    const struct reading *r;
    struct batch b;
    enum batch_fault fault;
    buf_init(&out);
    sample_record(BATCH_CLOCK, &out);
    cr_assert_eq(batch_parse_into(buf_span(&out), room, 1, &b, &fault), ERR_OK);
    cr_expect_eq(batch_next_chunk(&b, room, 1, &r), 0);
    buf_fini(&out);
}
