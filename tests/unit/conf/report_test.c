#include <criterion/criterion.h>

#include "sample.h"

static const char yaml[] = SAMPLE_LEAST "units:\n  a: {rated: 5 W}\n  b: {rated: 7 W}\n";

Test(report, cross_checks_report_at_the_places_of_the_values) {
    struct conf_report r;
    struct sample s;
    struct buf text;

    conf_report_init(&r);
    buf_init(&text);
    cr_assert_eq(conf_load(span_str(yaml), "plant.yaml", &sample_schema, &s, &r), ERR_OK);
    conf_report_at(&r, s.units[1].rated_pos, "unit %s is too strong", s.units[1].id.s);
    conf_report_at(&r, s.units[0].pos, "unit %s stands alone", s.units[0].id.s);
    conf_report_at(&r, (struct conf_pos){0}, "the whole file");
    cr_assert_eq(conf_report_count(&r), 3);
    cr_assert_eq(conf_report_format(&r, &text), ERR_OK);
    cr_assert(span_equal(buf_span(&text), span_str("plant.yaml: the whole file\n"
                                                   "plant.yaml:3:3: unit a stands alone\n"
                                                   "      a: {rated: 5 W}\n"
                                                   "      ^\n"
                                                   "plant.yaml:4:14: unit b is too strong\n"
                                                   "      b: {rated: 7 W}\n"
                                                   "                 ^\n")),
              "%.*s", (int)text.n, (const char *)text.p);
    conf_free(&sample_schema, &s);
    buf_fini(&text);
    conf_report_fini(&r);
}

Test(report, several_files_stay_apart) {
    struct conf_report r;
    struct sample s;

    conf_report_init(&r);
    cr_assert_eq(conf_load(span_str("a: 1\n"), "one", &sample_schema, &s, &r), ERR_CONFIG);
    cr_assert_eq(conf_load(span_str(yaml), "two", &sample_schema, &s, &r), ERR_OK);
    cr_assert_eq(s.units[0].pos.source, 1);
    conf_report_at(&r, s.units[0].pos, "here");
    cr_assert_eq(conf_report_find(&r, 2)->pos.source, 1);
    cr_assert_null(conf_report_find(&r, 3));
    conf_free(&sample_schema, &s);
    conf_report_fini(&r);
}

Test(report, long_lines_are_shown_around_the_caret) {
    struct conf_report r;
    struct sample s;
    struct buf file, text;

    buf_init(&file);
    buf_init(&text);
    (void)buf_add_str(&file, "{");
    for (int i = 0; i < 100; i++)
        (void)buf_addf(&file, "k\xc3\xa9y%d: 1, ", i);
    (void)buf_add_str(&file, "server: {url: \"mqtt://b\"}}");
    conf_report_init(&r);
    cr_assert_eq(conf_load(buf_span(&file), "f", &sample_schema, &s, &r), ERR_CONFIG);
    cr_assert_eq(conf_report_format(&r, &text), ERR_OK);
    (void)buf_add_byte(&text, '\0');
    for (const char *p = (const char *)text.p; *p != '\0';) {
        const size_t line = strcspn(p, "\n");
        cr_assert_leq(line, 120);
        p += line + 1;
    }
    buf_fini(&text);
    buf_fini(&file);
    conf_report_fini(&r);
}

Test(report, messages_stay_on_one_line_and_whole_characters) {
    struct conf_report r;
    char longer[1000];

    memset(longer, 'x', sizeof longer);
    /* 319 bytes fit: 318 x and the first byte of a two-byte character, which must go. */
    memcpy(longer + 318, "\xc3\xa9", 3);
    conf_report_init(&r);
    conf_report_at(&r, (struct conf_pos){1, 1, 0}, "a\nb");
    conf_report_at(&r, (struct conf_pos){2, 1, 0}, "%s", longer);
    cr_assert_str_eq(conf_report_find(&r, 0)->text, "a?b");
    cr_assert_eq(strlen(conf_report_find(&r, 1)->text), 318);
    conf_report_fini(&r);
}

Test(report, a_line_that_may_hold_a_secret_is_not_shown) {
    struct conf_report r;
    struct sample s;
    struct buf text;

    conf_report_init(&r);
    buf_init(&text);
    cr_assert_eq(conf_load(span_str(yaml), "plant.yaml", &sample_schema, &s, &r), ERR_OK);
    conf_report_hidden(&r, s.units[0].pos, "unit %s stands alone", s.units[0].id.s);
    cr_assert_eq(conf_report_format(&r, &text), ERR_OK);
    cr_assert(span_equal(buf_span(&text), span_str("plant.yaml:3:3: unit a stands alone\n")));
    conf_free(&sample_schema, &s);
    buf_fini(&text);
    conf_report_fini(&r);
}
