#include "base/ident.h"

#include <criterion/criterion.h>

Test(ident, legal_ids_are_lower_case_digits_dash_and_underscore) {
    cr_assert(ident_check(span_str("press-1_a")));
    cr_assert(ident_check(span_str("0")));
    cr_assert_not(ident_check(span_str("")));
    cr_assert_not(ident_check(span_str("Press")));
    cr_assert_not(ident_check(span_str("a/b")));
    cr_assert_not(ident_check(span_str("a+")));
    cr_assert_not(ident_check(span_of("a\0b", 3)));
}

Test(ident, length_ends_at_48) {
    char text[49];

    memset(text, 'x', sizeof text);
    cr_assert(ident_check(span_of(text, 48)));
    cr_assert_not(ident_check(span_of(text, 49)));
}

Test(ident, set_copies_a_legal_id_and_leaves_the_old_one_otherwise) {
    struct ident a, b;

    cr_assert(ident_set(&a, span_str("line-1")));
    cr_assert(ident_set(&b, span_of("line-1xyz", 6)));
    cr_assert(ident_equal(&a, &b));
    cr_assert_not(ident_set(&a, span_str("Line 2")));
    cr_assert_str_eq(a.s, "line-1");
}

Test(ident, nearest_finds_typing_errors) {
    static const char *const keys[] = {"keep_alive", "url", "client_id", "password"};

    cr_assert_str_eq(ident_nearest("keepalive", keys, 4), "keep_alive");
    cr_assert_str_eq(ident_nearest("ulr", keys, 4), "url");
    cr_assert_str_eq(ident_nearest("passwort", keys, 4), "password");
    cr_assert_str_eq(ident_nearest("url", keys, 4), "url");
    cr_assert_null(ident_nearest("temperature", keys, 4));
}

Test(ident, nearest_prefers_the_smaller_distance_and_then_the_first) {
    static const char *const keys[] = {"mixer-2", "mixer-1", "mixers"};

    cr_assert_str_eq(ident_nearest("mixer-3", keys, 3), "mixer-2");
    cr_assert_str_eq(ident_nearest("mixer-11", keys, 3), "mixer-1");
}

Test(ident, nearest_counts_a_swap_as_one_change) {
    static const char *const keys[] = {"abdc", "axyd"};

    /* "abcd" is one swap from the first and two replacements from the second. */
    cr_assert_str_eq(ident_nearest("abcd", keys, 2), "abdc");
    cr_assert_str_eq(ident_nearest("abcd", keys + 1, 1), "axyd");
}

Test(ident, nearest_suggests_no_word_without_a_common_letter) {
    static const char *const keys[] = {"xy"};

    cr_assert_null(ident_nearest("ab", keys, 1));
    cr_assert_null(ident_nearest("", keys, 1));
}
