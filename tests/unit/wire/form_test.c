#include "wire/form.h"

#include <criterion/criterion.h>
#include <msgpack/unpack.h>

Test(form, length_that_is_not_covered_by_bytes_is_refused) {
    static const struct span bad[] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"\xdd\xff\xff\xff\xff", 5},     /* array of 4 G elements */
        {(const uint8_t *)"\xdf\x80\x00\x00\x00\x00", 6}, /* map of 2 G pairs */
        {(const uint8_t *)"\xdb\x00\x00\x00\x02x", 6},
        {(const uint8_t *)"\xc1", 1},
        {(const uint8_t *)"\x92\x01", 2},
        {(const uint8_t *)"\x01\x01", 2}, /* two objects */
        {(const uint8_t *)"\xcd\x01", 2},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_not(form_check(bad[i]), "row %zu", i);
    }
}

Test(form, depth_is_bounded_at_eight) {
    uint8_t nest[10];
    memset(nest, 0x91, sizeof nest);
    nest[8] = 0xc0;
    cr_assert(form_check(span_of(nest, 9))); /* 8 arrays, then nil */
    nest[8] = 0x90;
    cr_assert_not(form_check(span_of(nest, 9)));
}

/* Every lead byte, with every amount of zeros behind it, judged by msgpack-c as well. */
Test(form, agrees_with_msgpack_c_on_every_lead_byte) {
    for (unsigned lead = 0; lead < 256; lead++) {
        for (size_t n = 1; n <= 24; n++) {
            char bytes[24] = {(char)lead};
            size_t end = 0;
            msgpack_unpacked tree;
            msgpack_unpacked_init(&tree);
            bool theirs =
                msgpack_unpack_next(&tree, bytes, n, &end) == MSGPACK_UNPACK_SUCCESS && end == n;
            msgpack_unpacked_destroy(&tree);
            cr_assert_eq(form_check(span_of(bytes, n)), theirs, "lead %02x, %zu bytes", lead, n);
        }
    }
}
