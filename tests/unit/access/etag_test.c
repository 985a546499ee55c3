#include <criterion/criterion.h>

#include "access/etag.h"

static enum etag_verdict of(const char *if_match) {
    return etag_check(span_str(if_match), "\"use-17\"");
}

Test(etag, names_what_stands_alone_or_among_others) {
    cr_expect_eq(of("\"use-17\""), ETAG_SAME);
    cr_expect_eq(of(" \"a\" ,\t\"use-17\" "), ETAG_SAME);
    cr_expect_eq(of("*"), ETAG_SAME);
    cr_expect_eq(of("\"use-18\""), ETAG_OTHER);
    cr_expect_eq(of("W/\"use-17\""), ETAG_OTHER, "a weak one never matches");
    cr_expect_eq(of("use-17"), ETAG_OTHER, "it is quoted");
    cr_expect_eq(of("  "), ETAG_MISSING);
    cr_expect_eq(of(""), ETAG_MISSING);
}

Test(etag, goes_by_the_edition_of_an_answer) {
    cr_expect_eq(of("\"use-17+0123456789abcdef\""), ETAG_SAME);
    cr_expect_eq(of("\"use-17+\""), ETAG_SAME);
    cr_expect_eq(of("\"use-1+0123456789abcdef\""), ETAG_OTHER);
    cr_expect_eq(of("\"use-170+0123456789abcdef\""), ETAG_OTHER);
    cr_expect_eq(of("\"use-17+0123"), ETAG_OTHER, "cut off");
    cr_expect_eq(of("+"), ETAG_OTHER);
    cr_expect_eq(etag_check(span_str("\"+x\""), ""), ETAG_OTHER, "of nothing there is none");
}
