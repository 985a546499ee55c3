/* The batch codec held against msgpack-c: it reads what we write, and we read what it writes in
 * every width. */
#include <criterion/criterion.h>
#include <msgpack.h>

#include "sample.h"

static const int64_t now_ms = 1795476000000;

static int64_t as_int(const msgpack_object *o) {
    cr_assert(o->type == MSGPACK_OBJECT_POSITIVE_INTEGER ||
              o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER);
    return o->via.i64;
}

static void same_value(const msgpack_object *o, const struct value *v) {
    switch ((enum value_kind)v->kind) {
    case VALUE_NONE:
        cr_assert_eq(o->type, MSGPACK_OBJECT_NIL);
        return;
    case VALUE_INT:
        cr_assert_eq(as_int(o), v->as.i);
        return;
    case VALUE_REAL:
        cr_assert_eq(o->type, MSGPACK_OBJECT_FLOAT64);
        cr_assert(memcmp(&o->via.f64, &v->as.r, sizeof v->as.r) == 0);
        return;
    case VALUE_TEXT:
        cr_assert_eq(o->type, MSGPACK_OBJECT_STR);
        cr_assert(span_equal(span_of(o->via.str.ptr, o->via.str.size),
                             span_of(v->as.text.p, v->as.text.n)));
        return;
    case VALUE_AMOUNT:
        cr_assert_eq(o->type, MSGPACK_OBJECT_ARRAY);
        cr_assert_eq(o->via.array.size, 3);
        cr_assert_eq(as_int(&o->via.array.ptr[0]), v->as.span.amount);
        cr_assert_eq(as_int(&o->via.array.ptr[1]), v->as.span.dur_ms);
        cr_assert_eq(as_int(&o->via.array.ptr[2]), v->as.span.tag);
        return;
    }
    cr_assert_fail("no such kind");
}

Test(batch_oracle, msgpack_c_reads_every_record_we_write) {
    for (int kind = 0; kind < BATCH_KIND_COUNT; kind++) {
        struct buf out;
        buf_init(&out);
        sample_record((enum batch_kind)kind, &out);
        msgpack_unpacked tree;
        msgpack_unpacked_init(&tree);
        size_t end = 0;
        cr_assert_eq(msgpack_unpack_next(&tree, (const char *)out.p, out.n, &end),
                     MSGPACK_UNPACK_SUCCESS);
        cr_assert_eq(end, out.n);
        cr_assert_eq(tree.data.type, MSGPACK_OBJECT_ARRAY);
        cr_assert_eq(tree.data.via.array.size, 9);
        const msgpack_object *field = tree.data.via.array.ptr;
        cr_assert_eq(field[1].via.u64, (unsigned)kind);
        cr_assert_eq(field[2].via.u64, UINT64_C(0xfedcba9876543210));
        cr_assert_eq(field[6].via.array.size, kind == BATCH_KEY ? 3 : 0);
        cr_assert_eq(field[7].via.array.size, 3);
        const msgpack_object *o = field[8].via.array.ptr;
        for (unsigned i = 0; kind != BATCH_CLOCK && i < SAMPLE_READINGS; i++, o += 3) {
            struct reading r = sample_reading(i, now_ms);
            cr_assert_eq(as_int(&o[0]), r.point | r.quality << 16);
            cr_assert_eq(as_int(&o[1]), r.t_ms - now_ms);
            same_value(&o[2], &r.v);
        }
        msgpack_unpacked_destroy(&tree);
        buf_fini(&out);
    }
}

/* Integer packers of fixed width, each with the limits of what it can hold. */
static void pack_u8(msgpack_packer *k, int64_t v) {
    msgpack_pack_fix_uint8(k, (uint8_t)v);
}
static void pack_u16(msgpack_packer *k, int64_t v) {
    msgpack_pack_fix_uint16(k, (uint16_t)v);
}
static void pack_u32(msgpack_packer *k, int64_t v) {
    msgpack_pack_fix_uint32(k, (uint32_t)v);
}
static void pack_u64(msgpack_packer *k, int64_t v) {
    msgpack_pack_fix_uint64(k, (uint64_t)v);
}
static void pack_i8(msgpack_packer *k, int64_t v) {
    msgpack_pack_fix_int8(k, (int8_t)v);
}
static void pack_i16(msgpack_packer *k, int64_t v) {
    msgpack_pack_fix_int16(k, (int16_t)v);
}
static void pack_i32(msgpack_packer *k, int64_t v) {
    msgpack_pack_fix_int32(k, (int32_t)v);
}
static void pack_i64(msgpack_packer *k, int64_t v) {
    msgpack_pack_fix_int64(k, v);
}
static void pack_shortest(msgpack_packer *k, int64_t v) {
    msgpack_pack_int64(k, v);
}

static const struct width {
    void (*pack)(msgpack_packer *, int64_t);
    int64_t min, max;
} width_row[] = {
    {pack_u8, 0, UINT8_MAX},
    {pack_u16, 0, UINT16_MAX},
    {pack_u32, 0, UINT32_MAX},
    {pack_u64, 0, INT64_MAX},
    {pack_i8, INT8_MIN, INT8_MAX},
    {pack_i16, INT16_MIN, INT16_MAX},
    {pack_i32, INT32_MIN, INT32_MAX},
    {pack_i64, INT64_MIN, INT64_MAX},
    {pack_shortest, INT64_MIN, INT64_MAX},
};

enum { WIDTHS = sizeof width_row / sizeof width_row[0] };

static int64_t clamped(int64_t v, const struct width *w) {
    return v < w->min ? w->min : v > w->max ? w->max : v;
}

/* A data record whose every integer has one width; one reading, of point 100 at +delta. */
static enum err parse_width(const struct width *w, int64_t delta, int64_t v, struct batch *b,
                            msgpack_sbuffer *sb) {
    msgpack_packer k;
    msgpack_packer_init(&k, sb, msgpack_sbuffer_write);
    msgpack_pack_array(&k, 9);
    w->pack(&k, 1); /* version */
    w->pack(&k, 0); /* data */
    w->pack(&k, 120);
    w->pack(&k, 121);
    w->pack(&k, 122); /* t_ms */
    msgpack_pack_nil(&k);
    msgpack_pack_array(&k, 0);
    msgpack_pack_array(&k, 1);
    msgpack_pack_array(&k, 3);
    w->pack(&k, 5);
    w->pack(&k, 0);
    w->pack(&k, 7);
    msgpack_pack_array(&k, 3);
    w->pack(&k, 100);
    w->pack(&k, delta);
    w->pack(&k, v);
    enum batch_fault fault;
    return batch_parse(span_of(sb->data, sb->size), b, &fault);
}

Test(batch_oracle, every_integer_width_is_read_alike) {
    static const int64_t value[] = {0,         1,         127,       128,       255, 256,
                                    65535,     65536,     -1,        -32,       -33, -128,
                                    -129,      -32768,    -32769,    INT32_MAX, 100, 1LL << 32,
                                    INT64_MAX, INT64_MIN, INT32_MIN, UINT32_MAX};
    for (int i = 0; i < WIDTHS; i++) {
        const struct width *w = &width_row[i];
        for (size_t j = 0; j < sizeof value / sizeof value[0]; j++) {
            int64_t v = clamped(value[j], w), delta = clamped(value[j] % 1000000, w);
            struct batch b;
            struct reading r;
            struct asof a;
            msgpack_sbuffer sb;
            msgpack_sbuffer_init(&sb);
            cr_assert_eq(parse_width(w, delta, v, &b, &sb), ERR_OK, "width %d value %zu", i, j);
            cr_assert(b.head.epoch == 120 && b.head.seq == 121 && b.head.t_ms == 122);
            cr_assert(batch_next_asof(&b, &a));
            cr_assert(a.source == 5 && a.since_ms == 122 && a.until_ms == 129);
            cr_assert(batch_next_reading(&b, &r));
            cr_assert(r.point == 100 && r.quality == QUALITY_GOOD && r.t_ms == 122 + delta);
            cr_assert(r.v.kind == VALUE_INT && r.v.as.i == v, "width %d value %zu", i, j);
            cr_assert_not(batch_next_reading(&b, &r));
            msgpack_sbuffer_destroy(&sb);
        }
    }
}

/* 0, 0, then one value packed by the row; the outcome is known from the limits in batch_write.c. */
struct lone {
    const char *bytes; /* of the readings' three elements */
    size_t n;
    enum err expected;
};

Test(batch_oracle, limits_of_one_reading) {
    static const struct lone row[] = {
        {"\x00\x00\xca\x3f\x80\x00\x00", 7, ERR_OK},                      /* 1.0f */
        {"\x00\x00\xca\x7f\x80\x00\x00", 7, ERR_FORMAT},                  /* inf */
        {"\x00\x00\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", 11, ERR_FORMAT}, /* nan */
        {"\x00\x00\xcf\x80\x00\x00\x00\x00\x00\x00\x00", 11, ERR_FORMAT}, /* 2^63 */
        {"\x00\x00\xda\x00\x01x", 6, ERR_OK},                             /* str 16 */
        {"\x00\x00\xdb\x00\x00\x00\x01x", 8, ERR_OK},                     /* str 32 */
        {"\x00\x00\xc4\x01x", 5, ERR_FORMAT},                             /* bin */
        {"\x00\x00\xa1\x07", 4, ERR_FORMAT},                              /* control */
        {"\x00\x00\xc3", 3, ERR_FORMAT},                                  /* bool */
        {"\x00\x00\x80", 3, ERR_FORMAT},                                  /* map */
        {"\x00\x00\x93\x01\x02\x03", 6, ERR_OK},                          /* amount */
        {"\x00\x00\xdc\x00\x03\x01\x02\x03", 8, ERR_OK},                  /* array 16 */
        {"\x00\x00\x93\x01\xff\x03", 6, ERR_FORMAT},                      /* dur -1 */
        {"\x00\x00\x92\x01\x02", 5, ERR_FORMAT},
        {"\xce\x00\x02\xff\xff\x00\x00", 7, ERR_OK},                      /* bad, 65535 */
        {"\xce\x00\x03\x00\x00\x00\x00", 7, ERR_FORMAT},                  /* quality 3 */
        {"\xff\x00\x00", 3, ERR_FORMAT},                                  /* point -1 */
        {"\x00\xd3\x00\x00\x08\x00\x00\x00\x00\x00\x00", 11, ERR_OK},     /* 2^43 */
        {"\x00\xd3\x00\x00\x08\x00\x00\x00\x00\x01\x00", 11, ERR_FORMAT}, /* 2^43 + 1 */
        {"\x00\xd3\xff\xff\xf8\x00\x00\x00\x00\x00\x00", 11, ERR_OK},     /* -2^43 */
        {"\x00\xd3\xff\xff\xf7\xff\xff\xff\xff\xff\x00", 11, ERR_FORMAT},
        {"\x00\xd3\x7f\xff\xff\xff\xff\xff\xff\xff\x00", 11, ERR_FORMAT},
        {"\x00\xd3\x80\x00\x00\x00\x00\x00\x00\x00\x00", 11, ERR_FORMAT},
    };
    static const uint8_t head[] = {0x99, 1, 0, 5, 1, 0, 0xc0, 0x90, 0x90, 0x93};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        uint8_t frame[32];
        memcpy(frame, head, sizeof head);
        memcpy(frame + sizeof head, row[i].bytes, row[i].n);
        struct batch b;
        enum batch_fault fault;
        cr_assert_eq(batch_parse(span_of(frame, sizeof head + row[i].n), &b, &fault),
                     row[i].expected, "row %zu: %s", i, batch_fault_name(fault));
    }
}
