#include "sample.h"

#include <criterion/criterion.h>
#include <stdio.h>

struct point sample_point(uint16_t id) {
    struct point p = {
        .id = id,
        .source = (uint16_t)(id % 7),
        .type = (uint8_t)(id % POINT_TYPE_COUNT),
        .sampling = id % 2 ? POINT_HELD : POINT_SAMPLED,
        .sticky = id % 3 == 0,
        .width_bits = id % 2 ? 32 : 0,
        .num = id % 5 ? INT64_C(3600000000) : -7,
        .den = 1 + (int64_t)id,
        .poll_ms = 1000u * id,
        .unit = "uWh",
    };
    (void)snprintf(p.name, sizeof p.name, "press-%u/energy.total", id);
    (void)snprintf(p.hint, sizeof p.hint, "%s", id % 2 ? "press-1" : "");
    return p;
}

struct reading sample_int(uint16_t point, int64_t t_ms, int64_t v) {
    return (struct reading){.point = point, .t_ms = t_ms, .v = {.kind = VALUE_INT, .as.i = v}};
}

struct reading sample_reading(unsigned i, int64_t t_ms) {
    static const int64_t wide[] = {0, -1, 127, -33, 255, -32769, 70000, INT64_MAX, INT64_MIN};
    if (i < 9) {
        return sample_int((uint16_t)(i * 8191), t_ms + 100 * wide[i % 7], wide[i]);
    }
    struct reading r = {.point = 65535, .quality = (uint8_t)(i - 9), .t_ms = t_ms - 86400000};
    switch (i) {
    case 9:
        r.v.kind = VALUE_REAL;
        r.v.as.r = -0.1;
        break;
    case 10:
        r.v.kind = VALUE_TEXT;
        r.v.as.text.p = "l\xc3\xa4uft";
        r.v.as.text.n = 6;
        break;
    default:
        r.v.kind = VALUE_AMOUNT;
        r.v.as.span.amount = -5;
        r.v.as.span.dur_ms = 900000;
        r.v.as.span.tag = 40000;
    }
    return r;
}

static bool value_equal(const struct value *a, const struct value *b) {
    switch ((enum value_kind)a->kind) {
    case VALUE_NONE:
        return true;
    case VALUE_INT:
        return a->as.i == b->as.i;
    case VALUE_REAL:
        return memcmp(&a->as.r, &b->as.r, sizeof a->as.r) == 0;
    case VALUE_TEXT:
        return span_equal(span_of(a->as.text.p, a->as.text.n), span_of(b->as.text.p, b->as.text.n));
    case VALUE_AMOUNT:
        return a->as.span.amount == b->as.span.amount && a->as.span.dur_ms == b->as.span.dur_ms &&
               a->as.span.tag == b->as.span.tag;
    }
    return false;
}

bool sample_equal(const struct reading *a, const struct reading *b) {
    return a->point == b->point && a->quality == b->quality && a->t_ms == b->t_ms &&
           a->v.kind == b->v.kind && value_equal(&a->v, &b->v);
}

static void fill(struct batch_writer *w, enum batch_kind kind) {
    if (kind != BATCH_CLOCK) {
        for (unsigned i = 0; i < SAMPLE_READINGS; i++) {
            struct reading r = sample_reading(i, w->t_ms);
            cr_assert_eq(batch_writer_add(w, &r), ERR_OK);
        }
        struct reading none = {.quality = QUALITY_BAD, .t_ms = w->t_ms};
        cr_assert_eq(batch_writer_add(w, &none), ERR_OK);
    }
    for (uint16_t i = 0; i < 3; i++) {
        struct asof a = {i, w->t_ms - 1000, w->t_ms + i};
        cr_assert_eq(batch_writer_add_asof(w, a), ERR_OK);
    }
    for (uint16_t i = 10; kind == BATCH_KEY && i < 13; i++) {
        struct point p = sample_point(i);
        cr_assert_eq(batch_writer_add_point(w, &p), ERR_OK);
    }
}

void sample_record(enum batch_kind kind, struct buf *out) {
    struct batch_head head = {(uint8_t)kind, UINT64_C(0xfedcba9876543210), 300, 1795476000000};
    struct batch_key key = {77, 12, 1, 2, 13};
    struct batch_dropped dropped = {200, 300, DROP_QUOTA, 12345, 1795470000000, 1795475000000};
    struct batch_clock clock = {0, 1795476000000};
    struct batch_writer w;
    batch_writer_init(&w);
    batch_writer_reset(&w, head.t_ms);
    fill(&w, kind);
    size_t start = out->n;
    cr_assert_eq(batch_writer_encode(&w, &head, kind == BATCH_KEY ? &key : NULL,
                                     kind == BATCH_DROPPED ? &dropped : NULL,
                                     kind == BATCH_CLOCK ? &clock : NULL, out),
                 ERR_OK);
    cr_assert_leq(out->n - start, batch_writer_size(&w));
    batch_writer_fini(&w);
}

bool sample_walk(struct span frame) {
    struct batch b;
    enum batch_fault fault;
    if (batch_parse(frame, &b, &fault) != ERR_OK) {
        cr_assert_neq(fault, BATCH_FAULT_NONE);
        return false;
    }
    struct reading r;
    struct asof a;
    struct point p;
    uint32_t readings = 0, asofs = 0, points = 0;
    while (batch_next_reading(&b, &r)) {
        readings++;
    }
    while (batch_next_asof(&b, &a)) {
        asofs++;
    }
    while (batch_next_point(&b, &p)) {
        points++;
        cr_assert(point_check(&p));
    }
    cr_assert_eq(readings, b.reading_n);
    cr_assert_eq(asofs, b.asof_n);
    cr_assert_eq(points, b.point_n);
    return true;
}
