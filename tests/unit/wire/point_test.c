#include <criterion/criterion.h>
#include <stdio.h>

#include "sample.h"

Test(point, table_gives_dense_ids) {
    struct point_table t;
    point_table_init(&t);
    for (uint16_t i = 0; i < 300; i++) {
        struct point p = sample_point((uint16_t)(1000 + i));
        cr_assert_eq(point_table_add(&t, &p), ERR_OK);
        cr_assert_eq(t.at[i].id, i);
        cr_assert(point_equal(&t.at[i], &p));
    }
    cr_assert_eq(t.n, 300);
    point_table_fini(&t);
    cr_assert_null(t.at);
}

Test(point, table_is_full_at_65535_points) {
    struct point_table t;
    point_table_init(&t);
    struct point p = sample_point(1);
    for (size_t i = 0; i < POINT_TABLE_MAX; i++) {
        cr_assert_eq(point_table_add(&t, &p), ERR_OK);
    }
    cr_assert_eq(t.at[POINT_TABLE_MAX - 1].id, 65534);
    cr_assert_eq(point_table_add(&t, &p), ERR_FULL);
    point_table_fini(&t);
}

Test(point, each_limit_is_checked) {
    const struct point good = sample_point(1);
    cr_assert(point_check(&good));
    struct point p[12];
    for (int i = 0; i < 12; i++) {
        p[i] = good;
    }
    p[0].name[0] = '\0';
    memcpy(p[1].name, "no blank", 9);
    memset(p[2].name, 'x', sizeof p[2].name); /* no NUL */
    p[3].type = POINT_TYPE_COUNT;
    p[4].sampling = POINT_HELD + 1;
    p[5].den = 0;
    p[6].num = 0;
    p[7].width_bits = 24;
    p[8].width_digits = 6; /* beside 32 bits */
    p[9].source = POINT_SOURCE_MAX;
    memcpy(p[10].hint, "Press 1", 8);
    memcpy(p[11].unit, "\x01", 2);
    struct point_table t;
    point_table_init(&t);
    for (int i = 0; i < 12; i++) {
        cr_assert_not(point_check(&p[i]), "row %d", i);
        cr_assert_eq(point_table_add(&t, &p[i]), ERR_RANGE);
    }
    point_table_fini(&t);
}

Test(point, longest_texts_are_legal) {
    struct point p = sample_point(1);
    memset(p.name, 'n', POINT_NAME_MAX);
    memset(p.unit, 'u', POINT_UNIT_MAX);
    memset(p.hint, 'h', IDENT_MAX);
    p.name[POINT_NAME_MAX] = p.unit[POINT_UNIT_MAX] = p.hint[IDENT_MAX] = '\0';
    cr_assert(point_check(&p));
    memcpy(p.unit,
           "\xc2\xb0"
           "C",
           4); /* degree sign, C */
    cr_assert(point_check(&p));
}

Test(point, equal_looks_at_everything_but_the_id) {
    struct point a = sample_point(3), b = a;
    b.id = 9;
    cr_assert(point_equal(&a, &b));
    b.poll_ms++;
    cr_assert_not(point_equal(&a, &b));
    b = a;
    b.name[0] = 'q';
    cr_assert_not(point_equal(&a, &b));
}

Test(point, type_words_go_both_ways) {
    for (int i = 0; i < POINT_TYPE_COUNT; i++) {
        enum point_type t;
        cr_assert_eq(point_type_parse(span_str(point_type_name((enum point_type)i)), &t), ERR_OK);
        cr_assert_eq((int)t, i);
    }
    enum point_type t = POINT_GAUGE;
    cr_assert_eq(point_type_parse(span_str("Gauge"), &t), ERR_FORMAT);
    cr_assert_eq(t, POINT_GAUGE);
}
