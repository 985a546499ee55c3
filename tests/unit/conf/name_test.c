#include <criterion/criterion.h>

#include "conf/conf.h"

struct crew {
    struct conf_name *member;
    size_t member_n;
    struct conf_name head;
};

static const struct conf_row rows[] = {
    {.key = "members",
     .type = CONF_SCALARS,
     .item = CONF_NAME,
     .field = CONF_FIELD(struct crew, member),
     .count = CONF_FIELD(struct crew, member_n),
     .help = "Who is in it."},
    {.key = "head",
     .type = CONF_NAME,
     .field = CONF_FIELD(struct crew, head),
     .help = "Who leads it."},
};
static const struct conf_schema schema = CONF_SCHEMA(struct crew, rows);

Test(name, knows_where_it_stands) {
    struct conf_report r;
    struct crew c;

    conf_report_init(&r);
    cr_assert_eq(
        conf_load(span_str("head: ann\nmembers:\n  - bob\n  - cid\n"), "f.yaml", &schema, &c, &r),
        ERR_OK);
    cr_expect_str_eq(c.head.id.s, "ann");
    cr_expect_eq(c.head.pos.line, 1);
    cr_expect_eq(c.head.pos.column, 7);
    cr_assert_eq(c.member_n, 2);
    cr_expect_str_eq(c.member[1].id.s, "cid");
    cr_expect_eq(c.member[1].pos.line, 4);
    cr_expect_eq(c.member[1].pos.column, 5);
    conf_free(&schema, &c);
    conf_report_fini(&r);
}

Test(name, no_id_is_refused_and_rows_are_sound) {
    struct conf_report r;
    struct crew c;
    struct buf wrong;

    conf_report_init(&r);
    buf_init(&wrong);
    cr_expect_eq(conf_load(span_str("head: Ann\n"), "f.yaml", &schema, &c, &r), ERR_CONFIG);
    cr_expect(conf_schema_check(&schema, &wrong), "%s", (const char *)wrong.p);
    buf_fini(&wrong);
    conf_report_fini(&r);
}

Test(name, elsewhere_in_the_file_is_no_change) {
    struct conf_report r;
    struct crew a, b;
    struct buf names;
    size_t n = 9;

    conf_report_init(&r);
    buf_init(&names);
    cr_assert_eq(conf_load(span_str("head: ann\n"), "a.yaml", &schema, &a, &r), ERR_OK);
    cr_assert_eq(conf_load(span_str("# moved\nhead: ann\n"), "b.yaml", &schema, &b, &r), ERR_OK);
    cr_expect_eq(conf_fixed_changes(&schema, &a, &b, &names, &n), ERR_OK);
    cr_expect_eq(n, 0);
    conf_free(&schema, &a);
    conf_free(&schema, &b);
    buf_fini(&names);
    conf_report_fini(&r);
}
