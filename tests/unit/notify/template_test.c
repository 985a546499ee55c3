#include <criterion/criterion.h>

#include "notify/template.h"

static void value_of(void *user, enum template_field f, struct buf *out) {
    (void)user;
    if (f == TEMPLATE_NAME)
        (void)buf_add_str(out, "Load \"high\"\n");
    else if (f == TEMPLATE_VALUE)
        (void)buf_add_str(out, "63.5");
}

static void expect(const char *text, template_escape escape, bool lines, const char *want) {
    struct buf out;
    buf_init(&out);
    enum err err = lines ? template_fill_lines(text, value_of, NULL, escape, &out)
                         : template_fill(text, value_of, NULL, escape, &out);
    cr_expect_eq(err, ERR_OK);
    cr_expect(span_equal(buf_span(&out), span_str(want)), "%.*s", (int)out.n, (const char *)out.p);
    buf_fini(&out);
}

Test(template, placeholders_become_values) {
    expect("a {value}{value} b", template_plain, false, "a 63.563.5 b");
    expect("{name}", template_one_line, false, "Load \"high\" ");
    expect("{cause}", template_plain, false, "");
    expect("", template_plain, false, "");
}

Test(template, other_braces_stand_for_themselves) {
    expect("{\"a\": {\"b\": \"{value}\"}}", template_plain, false, "{\"a\": {\"b\": \"63.5\"}}");
    expect("{{value}", template_plain, false, "{value}");
    expect("{} { value} {Value} {1} {", template_plain, false, "{} { value} {Value} {1} {");
}

Test(template, values_are_escaped_for_where_they_go) {
    expect("{\"t\": \"{name}\"}", template_json, false, "{\"t\": \"Load \\\"high\\\"\\n\"}");
}

Test(template, lines_without_their_first_value_are_left_out) {
    expect("a\nCause: {cause}\nValue: {value} {unit}\n{unit}: {value}\n\nz {value}", template_plain,
           true, "a\nValue: 63.5 \n\nz 63.5");
}

Test(template, an_unknown_placeholder_is_named_with_the_nearest) {
    char why[TEMPLATE_WHY] = "";
    cr_expect(template_check("{rule} {name} {{nonsense} {not a word}", why));
    cr_expect_not(template_check("{rule} {nmae}", why));
    cr_expect_str_eq(why, "there is no placeholder {nmae}; did you mean {name}?");
    cr_expect_not(template_check("{quite_other}", why));
    cr_expect_str_eq(why, "there is no placeholder {quite_other}");
}

Test(template, every_field_has_a_name_of_its_own) {
    for (unsigned f = 0; f < TEMPLATE_COUNT; f++) {
        const char *name = template_field_name((enum template_field)f);
        cr_assert_not_null(name);
        for (unsigned g = 0; g < f; g++)
            cr_expect_str_neq(name, template_field_name((enum template_field)g));
    }
}
