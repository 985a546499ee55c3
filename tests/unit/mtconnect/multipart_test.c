/* Bodies as RFC 2046 and the standard's example of a multipart stream (Part 1) have them. */
#include "mtconnect/multipart.h"

#include <criterion/criterion.h>

static const char stream[] = "--cut\r\nContent-type: text/xml\r\nContent-length: 4\r\n\r\n<a/>\r\n"
                             "--cut\r\nContent-type: text/xml\r\n\r\n<bb/>\r\n--cut--\r\n";

static void begin(struct multipart *p, const char *type) {
    multipart_init(p);
    cr_assert_eq(multipart_begin(p, span_str(type)), ERR_OK);
}

static bool is(struct span got, const char *want) {
    return span_equal(got, span_str(want));
}

Test(multipart, a_stream_in_any_pieces_gives_the_same_parts) {
    for (size_t size = 1; size < sizeof stream; size++) {
        struct multipart p;
        struct span body;
        size_t n = 0;
        begin(&p, "multipart/x-mixed-replace;boundary=cut");
        for (size_t at = 0; at < sizeof stream - 1; at += size) {
            const size_t left = sizeof stream - 1 - at;
            cr_assert_eq(multipart_add(&p, span_of(stream + at, left < size ? left : size)),
                         ERR_OK);
            while (multipart_next(&p, false, &body) == ERR_OK) {
                /* What ends at a boundary keeps the line's end before it. */
                cr_assert(is(body, n == 0 ? "<a/>" : "<bb/>\r\n"), "size %zu part %zu", size, n);
                n++;
            }
        }
        cr_expect_eq(n, 2u, "size %zu", size);
        multipart_fini(&p);
    }
}

Test(multipart, a_length_is_believed_over_a_boundary_inside) {
    struct multipart p;
    struct span body;
    begin(&p, "Multipart/x-mixed-replace; boundary=\"a b\"; x=y");
    const char *text = "\r\n--a b\r\nCONTENT-LENGTH:  9\r\n\r\nx\r\n--a b\r\r\n--a b--";
    cr_assert_eq(multipart_add(&p, span_str(text)), ERR_OK);
    cr_assert_eq(multipart_next(&p, false, &body), ERR_OK);
    cr_expect(is(body, "x\r\n--a b\r"));
    cr_expect_eq(multipart_next(&p, false, &body), ERR_NOT_FOUND);
    cr_expect(p.over);
    multipart_fini(&p);
}

Test(multipart, another_type_is_one_body_at_its_end) {
    struct multipart p;
    struct span body;
    begin(&p, "text/xml");
    cr_assert_eq(multipart_add(&p, span_str("<a")), ERR_OK);
    cr_expect_eq(multipart_next(&p, false, &body), ERR_NOT_FOUND);
    cr_assert_eq(multipart_add(&p, span_str("/>")), ERR_OK);
    cr_assert_eq(multipart_next(&p, true, &body), ERR_OK);
    cr_expect(is(body, "<a/>"));
    cr_expect_eq(multipart_next(&p, true, &body), ERR_NOT_FOUND);
    multipart_fini(&p);
}

Test(multipart, multipart_without_a_boundary_is_refused) {
    struct multipart p;
    multipart_init(&p);
    cr_expect_eq(multipart_begin(&p, span_str("multipart/x-mixed-replace")), ERR_FORMAT);
    cr_expect_eq(multipart_begin(&p, span_str("multipart/mixed;boundary=")), ERR_FORMAT);
    multipart_fini(&p);
}

Test(multipart, a_length_that_is_none_is_refused) {
    struct multipart p;
    struct span body;
    begin(&p, "multipart/x-mixed-replace;boundary=cut");
    cr_assert_eq(multipart_add(&p, span_str("--cut\r\nContent-length: 4x\r\n\r\n")), ERR_OK);
    cr_expect_eq(multipart_next(&p, false, &body), ERR_FORMAT);
    multipart_fini(&p);
}
