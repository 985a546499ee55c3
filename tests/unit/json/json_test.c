#include <criterion/criterion.h>

#include "json/json.h"

static struct json_value *parsed(const char *text) {
    struct json_value *root = NULL;
    struct json_error error = {0};
    enum err e = json_parse(span_str(text), NULL, &root, &error);
    cr_assert_eq(e, ERR_OK, "%s: %u:%u: %s", text, error.line, error.column, error.text);
    return root;
}

static struct json_error refused(const char *text, enum err expected) {
    struct json_value *root = NULL;
    struct json_error error = {0};
    enum err e = json_parse(span_str(text), NULL, &root, &error);
    cr_expect_eq(e, expected, "%s gives %s (%s)", text, err_name(e), error.text);
    cr_expect_null(root);
    cr_expect_neq(error.text[0], '\0');
    return error;
}

Test(json, every_kind_is_read) {
    struct json_value *root = parsed(
        "{\"i\":-7,\"r\":2.5,\"s\":\"a\\u00e9\",\"t\":true,\"n\":null,\"a\":[1,2],\"o\":{}}");
    int64_t i = 0;
    double r = 0;
    struct span s = {0};
    bool t = false;
    cr_expect_eq(json_int64_of(json_find(root, "i"), &i), ERR_OK);
    cr_expect_eq(i, -7);
    cr_expect_eq(json_double_of(json_find(root, "r"), &r), ERR_OK);
    cr_expect_eq(r, 2.5);
    cr_expect_eq(json_string_of(json_find(root, "s"), &s), ERR_OK);
    cr_expect(span_equal(s, span_str("a\xc3\xa9")));
    cr_expect_eq(json_bool_of(json_find(root, "t"), &t), ERR_OK);
    cr_expect(t);
    cr_expect_eq(json_kind(json_find(root, "n")), JSON_KIND_NULL);
    cr_expect_eq(json_kind(json_find(root, "o")), JSON_KIND_OBJECT);
    cr_expect_eq(json_count(json_find(root, "a")), 2);
    cr_expect_eq(json_int64_of(json_at(json_find(root, "a"), 1), &i), ERR_OK);
    cr_expect_eq(i, 2);
    json_close(root);
}

Test(json, missing_and_wrong_kinds_are_told_apart_and_leave_the_out_parameter) {
    struct json_value *root = parsed("{\"s\":\"x\"}");
    int64_t i = 42;
    bool t = true;
    cr_expect_eq(json_int64_of(json_find(root, "none"), &i), ERR_NOT_FOUND);
    cr_expect_eq(json_int64_of(json_find(root, "s"), &i), ERR_FORMAT);
    cr_expect_eq(i, 42);
    cr_expect_eq(json_bool_of(json_find(root, "s"), &t), ERR_FORMAT);
    cr_expect_null(json_find(json_find(json_find(root, "a"), "b"), "c"));
    cr_expect_null(json_at(root, 0));
    cr_expect_null(json_find(json_find(root, "s"), "x"));
    cr_expect_eq(json_count(NULL), 0);
    json_close(root);
}

Test(json, members_are_walked_in_the_order_of_the_text) {
    struct json_value *root = parsed("{\"b\":1,\"a\":2,\"c\":3}");
    struct json_walk walk = {0};
    const char *expected[] = {"b", "a", "c"};
    unsigned n = 0;
    while (json_next(root, &walk)) {
        int64_t v = 0;
        cr_assert(n < 3);
        cr_expect_str_eq((const char *)walk.key.p, expected[n]);
        cr_expect_eq(json_int64_of(walk.value, &v), ERR_OK);
        cr_expect_eq(v, (int64_t)++n);
    }
    cr_expect_eq(n, 3);
    walk = (struct json_walk){0};
    cr_expect_not(json_next(json_find(root, "b"), &walk));
    json_close(root);
}

Test(json, any_value_may_be_the_root) {
    struct json_value *root = parsed(" 12.5 ");
    double v = 0;
    cr_expect_eq(json_double_of(root, &v), ERR_OK);
    cr_expect_eq(v, 12.5);
    json_close(root);
}

Test(json, an_error_names_line_and_column) {
    struct json_error error = refused("{\n  \"a\": 1,\n  \"b\" 2\n}", ERR_FORMAT);
    cr_expect_eq(error.line, 3);
    cr_expect_eq(error.column, 7); /* the character that should have been ':' is the seventh */
}

Test(json, illegal_texts_are_refused_by_kind_of_fault) {
    refused("{\"a\":1,\"a\":2}", ERR_FORMAT); /* doubled key */
    refused("[1,2", ERR_TRUNCATED);
    refused("", ERR_TRUNCATED);
    refused("1 2", ERR_FORMAT);
    refused("[1,]", ERR_FORMAT);
    refused("\"a\\u0000b\"", ERR_FORMAT);
    refused("\"\xff\"", ERR_FORMAT);
    refused("nan", ERR_FORMAT);
    refused("9223372036854775808", ERR_RANGE); /* 2^63 */
    refused("1e400", ERR_RANGE);
}

Test(json, limits_hold_exactly) {
    struct json_value *root = NULL;
    struct json_error error = {0};
    struct json_limits depth = {.depth_max = 3};
    cr_expect_eq(json_parse(span_str("[[[1]]]"), &depth, &root, NULL), ERR_OK);
    json_close(root);
    root = NULL;
    cr_expect_eq(json_parse(span_str("[\n[[[1]]]]"), &depth, &root, &error), ERR_RANGE);
    cr_expect_eq(error.line, 2);
    cr_expect_eq(error.column, 3);
    /* brackets inside a string, behind an escaped quote too, do not nest */
    cr_expect_eq(json_parse(span_str("[\"\\\"[[[[[[\"]"), &depth, &root, NULL), ERR_OK);
    json_close(root);
    root = NULL;
    struct json_limits size = {.bytes_max = 4};
    cr_expect_eq(json_parse(span_str("[12]"), &size, &root, NULL), ERR_OK);
    json_close(root);
    root = NULL;
    cr_expect_eq(json_parse(span_str("[123]"), &size, &root, &error), ERR_RANGE);
    cr_expect_null(root);
}

Test(json, whole_reals_are_int64_and_others_are_not) {
    struct json_value *root = parsed("[3.0, 2.5, 1e18, 1e19, -9223372036854775808]");
    int64_t v = 0;
    cr_expect_eq(json_int64_of(json_at(root, 0), &v), ERR_OK);
    cr_expect_eq(v, 3);
    cr_expect_eq(json_int64_of(json_at(root, 1), &v), ERR_RANGE);
    cr_expect_eq(json_int64_of(json_at(root, 2), &v), ERR_OK);
    cr_expect_eq(v, INT64_C(1000000000000000000));
    cr_expect_eq(json_int64_of(json_at(root, 3), &v), ERR_RANGE);
    cr_expect_eq(json_int64_of(json_at(root, 4), &v), ERR_OK);
    cr_expect_eq(v, INT64_MIN);
    json_close(root);
}

Test(json, a_decimal_keeps_the_digits_that_were_written) {
    struct json_value *root = parsed("[12.345, 0.1, -0.000001, 7, \"7\", 1e300]");
    int64_t v = 0;
    cr_expect_eq(json_decimal_of(json_at(root, 0), 6, &v), ERR_OK);
    cr_expect_eq(v, 12345000); /* 12.345 * 10^6; as a double product 12344999.99.. would be cut */
    cr_expect_eq(json_decimal_of(json_at(root, 1), 1, &v), ERR_OK);
    cr_expect_eq(v, 1);
    cr_expect_eq(json_decimal_of(json_at(root, 2), 6, &v), ERR_OK);
    cr_expect_eq(v, -1);
    cr_expect_eq(json_decimal_of(json_at(root, 3), 3, &v), ERR_OK);
    cr_expect_eq(v, 7000);
    cr_expect_eq(json_decimal_of(json_at(root, 4), 3, &v), ERR_FORMAT);
    cr_expect_eq(json_decimal_of(json_at(root, 5), 3, &v), ERR_RANGE);
    json_close(root);
}
