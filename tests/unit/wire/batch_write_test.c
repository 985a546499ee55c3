#include <criterion/criterion.h>
#include <math.h>

#include "sample.h"

static const int64_t now_ms = 1795476000000;

static struct batch parsed(const struct buf *frame) {
    struct batch b;
    enum batch_fault fault;
    cr_assert_eq(batch_parse(buf_span(frame), &b, &fault), ERR_OK, "%s", batch_fault_name(fault));
    return b;
}

Test(batch_write, illegal_readings_are_refused) {
    char text[BATCH_TEXT_MAX + 1];
    memset(text, 'x', sizeof text);
    const struct reading bad[] = {
        {0, 0, false, now_ms, {VALUE_REAL, .as.r = NAN}},
        {0, 0, false, now_ms, {VALUE_REAL, .as.r = INFINITY}},
        {0, 0, false, now_ms, {VALUE_TEXT, .as.text = {text, BATCH_TEXT_MAX + 1}}},
        {0, 0, false, now_ms, {VALUE_TEXT, .as.text = {"a\nb", 3}}},
        {0, 0, false, now_ms, {VALUE_TEXT, .as.text = {"\xff", 1}}},
        {0, 0, false, now_ms, {VALUE_NONE, .as.i = 0}},
        {0, QUALITY_COUNT, false, now_ms, {VALUE_INT, .as.i = 0}},
        {0, 0, false, BATCH_TIME_LIMIT_MS + 1, {VALUE_INT, .as.i = 0}},
        {0, 0, false, INT64_MIN, {VALUE_INT, .as.i = 0}},
        {0, 0, false, now_ms, {VALUE_AMOUNT, .as.span = {1, -1, 0}}},
        {0, 0, false, now_ms, {.kind = 99}},
    };
    struct batch_writer w;
    batch_writer_init(&w);
    batch_writer_reset(&w, now_ms);
    size_t size = batch_writer_size(&w);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_eq(batch_writer_add(&w, &bad[i]), ERR_RANGE, "row %zu", i);
    }
    cr_assert_eq(w.reading_n, 0);
    cr_assert_eq(batch_writer_size(&w), size);
    struct reading longest = {0, 0, false, now_ms, {VALUE_TEXT, .as.text = {text, BATCH_TEXT_MAX}}};
    cr_assert_eq(batch_writer_add(&w, &longest), ERR_OK);
    batch_writer_fini(&w);
}

Test(batch_write, second_asof_of_a_source_and_a_gap_in_ids_are_refused) {
    struct batch_writer w;
    batch_writer_init(&w);
    batch_writer_reset(&w, now_ms);
    cr_assert_eq(batch_writer_add_asof(&w, (struct asof){1023, now_ms, now_ms}), ERR_OK);
    cr_assert_eq(batch_writer_add_asof(&w, (struct asof){1023, now_ms, now_ms + 1}), ERR_EXISTS);
    cr_assert_eq(batch_writer_add_asof(&w, (struct asof){1024, now_ms, now_ms}), ERR_RANGE);
    cr_assert_eq(batch_writer_add_asof(&w, (struct asof){1, now_ms, now_ms - 1}), ERR_RANGE);
    struct point p = sample_point(4);
    cr_assert_eq(batch_writer_add_point(&w, &p), ERR_OK);
    p.id = 6;
    cr_assert_eq(batch_writer_add_point(&w, &p), ERR_RANGE);
    p.id = 5;
    cr_assert_eq(batch_writer_add_point(&w, &p), ERR_OK);
    batch_writer_reset(&w, now_ms);
    cr_assert_eq(batch_writer_add_asof(&w, (struct asof){1023, now_ms, now_ms}), ERR_OK);
    batch_writer_fini(&w);
}

Test(batch_write, writer_is_full_at_its_limits_and_what_it_holds_is_legal) {
    struct batch_writer w;
    struct batch_head head = {BATCH_DATA, 1, 1, now_ms};
    struct buf out;
    batch_writer_init(&w);
    buf_init(&out);
    batch_writer_reset(&w, now_ms);
    struct reading r = sample_int(1, now_ms, 1);
    enum err e;
    while ((e = batch_writer_add(&w, &r)) == ERR_OK) {
    }
    cr_assert_eq(e, ERR_FULL);
    cr_assert_eq(w.reading_n, BATCH_READINGS_MAX); /* 3 bytes each: 24 KiB, the count binds */
    cr_assert_eq(batch_writer_encode(&w, &head, NULL, NULL, NULL, &out), ERR_OK);
    cr_assert(sample_walk(buf_span(&out)));

    batch_writer_reset(&w, now_ms);
    buf_reset(&out);
    r = sample_int(65535, 0, INT64_MIN);
    r.t_ms = -BATCH_TIME_LIMIT_MS;
    r.quality = QUALITY_BAD;
    while ((e = batch_writer_add(&w, &r)) == ERR_OK) {
    }
    cr_assert_eq(e, ERR_FULL); /* 5 + 9 + 9 = 23 bytes each: the bytes bind */
    cr_assert_eq(batch_writer_encode(&w, &head, NULL, NULL, NULL, &out), ERR_OK);
    cr_assert_leq(out.n, BATCH_BYTES_MAX);
    cr_assert_leq(out.n, batch_writer_size(&w));
    cr_assert_gt(out.n, BATCH_BYTES_MAX - 200);
    cr_assert(sample_walk(buf_span(&out)));
    buf_fini(&out);
    batch_writer_fini(&w);
}

Test(batch_write, bodies_that_do_not_fit_the_kind_are_refused_and_leave_out_alone) {
    struct batch_writer w;
    struct buf out;
    batch_writer_init(&w);
    batch_writer_reset(&w, now_ms);
    buf_init(&out);
    cr_assert_eq(buf_add_str(&out, "kept"), ERR_OK);
    struct batch_head data = {BATCH_DATA, 1, 9, now_ms};
    struct batch_head key = {BATCH_KEY, 1, 9, now_ms};
    struct batch_head dropped = {BATCH_DROPPED, 1, 9, now_ms};
    struct batch_head clock = {BATCH_CLOCK, 1, 9, now_ms};
    struct batch_head other_base = {BATCH_DATA, 1, 9, now_ms + 1};
    const struct batch_key own_epoch = {1, 5, 0, 1, 0}, no_part = {0, 0, 1, 1, 0},
                           half_prev = {0, 5, 0, 1, 0}, good = {2, 5, 0, 1, 1};
    const struct batch_dropped turned = {5, 4, 0, 0, 0, 0}, ahead = {5, 10, 0, 0, 0, 0},
                               behind = {5, 8, 0, 0, 0, 0},
                               reason = {5, 9, DROP_REASON_COUNT, 0, 0, 0};
    const struct batch_clock far = {0, BATCH_TIME_LIMIT_MS + 1}, step = {0, now_ms};
    cr_assert_eq(batch_writer_encode(&w, &data, &good, NULL, NULL, &out), ERR_RANGE);
    cr_assert_eq(batch_writer_encode(&w, &key, NULL, NULL, NULL, &out), ERR_RANGE);
    cr_assert_eq(batch_writer_encode(&w, &key, &own_epoch, NULL, NULL, &out), ERR_RANGE);
    cr_assert_eq(batch_writer_encode(&w, &key, &no_part, NULL, NULL, &out), ERR_RANGE);
    cr_assert_eq(batch_writer_encode(&w, &key, &half_prev, NULL, NULL, &out), ERR_RANGE);
    cr_assert_eq(batch_writer_encode(&w, &dropped, NULL, &turned, NULL, &out), ERR_RANGE);
    cr_assert_eq(batch_writer_encode(&w, &dropped, NULL, &ahead, NULL, &out), ERR_RANGE);
    cr_assert_eq(batch_writer_encode(&w, &dropped, NULL, &behind, NULL, &out), ERR_RANGE);
    cr_assert_eq(batch_writer_encode(&w, &dropped, NULL, &reason, NULL, &out), ERR_RANGE);
    cr_assert_eq(batch_writer_encode(&w, &clock, NULL, NULL, &far, &out), ERR_RANGE);
    cr_assert_eq(batch_writer_encode(&w, &other_base, NULL, NULL, NULL, &out), ERR_RANGE);
    struct point p = sample_point(1); /* points_total 1 allows id 0 only */
    cr_assert_eq(batch_writer_add_point(&w, &p), ERR_OK);
    cr_assert_eq(batch_writer_encode(&w, &key, &good, NULL, NULL, &out), ERR_RANGE);
    cr_assert_eq(batch_writer_encode(&w, &data, NULL, NULL, NULL, &out), ERR_RANGE);
    cr_assert_eq(batch_writer_encode(&w, &clock, NULL, NULL, &step, &out), ERR_RANGE);
    cr_assert(span_equal(buf_span(&out), span_str("kept")));
    buf_fini(&out);
    batch_writer_fini(&w);
}

Test(batch_write, empty_text_and_empty_frame_need_no_memory) {
    struct batch_writer w;
    struct batch_head head = {BATCH_DATA, 1, 1, now_ms};
    struct reading r = {1, QUALITY_GOOD, false, now_ms, {VALUE_TEXT, .as.text = {NULL, 0}}};
    struct buf out;
    struct batch b;
    enum batch_fault fault;
    batch_writer_init(&w);
    batch_writer_reset(&w, now_ms);
    buf_init(&out);
    cr_assert_eq(batch_parse(span_of(NULL, 0), &b, &fault), ERR_FORMAT);
    cr_assert_eq(fault, BATCH_FAULT_TRUNCATED);
    cr_assert_eq(batch_writer_add(&w, &r), ERR_OK);
    cr_assert_eq(batch_writer_encode(&w, &head, NULL, NULL, NULL, &out), ERR_OK);
    b = parsed(&out);
    cr_assert(batch_next_reading(&b, &r));
    cr_assert(r.v.kind == VALUE_TEXT && r.v.as.text.n == 0);
    buf_fini(&out);
    batch_writer_fini(&w);
}

/* Writes the table from `next` on until the record is full; returns the id that did not fit. */
static uint16_t fill_part(struct batch_writer *w, const struct point_table *t, uint16_t next) {
    batch_writer_reset(w, now_ms);
    while (next < t->n && batch_writer_add_point(w, &t->at[next]) == ERR_OK) {
        next++;
    }
    return next;
}

Test(batch_write, table_of_2000_points_travels_in_parts) {
    struct point_table t;
    struct batch_writer w;
    struct buf out;
    uint32_t parts = 0, seen = 0;
    point_table_init(&t);
    batch_writer_init(&w);
    buf_init(&out);
    for (uint16_t i = 0; i < 2000; i++) {
        struct point p = sample_point(i);
        cr_assert_eq(point_table_add(&t, &p), ERR_OK);
    }
    for (uint16_t next = 0; next < t.n; parts++) {
        struct batch_head head = {BATCH_KEY, 9, parts + 1, now_ms};
        struct batch_key key = {0, 0, parts, 10, 2000};
        next = fill_part(&w, &t, next);
        buf_reset(&out);
        cr_assert_eq(batch_writer_encode(&w, &head, &key, NULL, NULL, &out), ERR_OK);
        cr_assert_leq(out.n, BATCH_BYTES_MAX);
        struct batch b = parsed(&out);
        for (struct point p; batch_next_point(&b, &p); seen++) {
            cr_assert(p.id == seen && point_equal(&p, &t.at[seen]));
        }
    }
    cr_assert_eq(seen, 2000);
    cr_assert_gt(parts, 1);
    buf_fini(&out);
    batch_writer_fini(&w);
    point_table_fini(&t);
}
