#include <criterion/criterion.h>

#include "sources/position.h"

Test(position, numbers_come_back_as_they_were_written) {
    struct buf text;
    int64_t v[3];

    buf_init(&text);
    position_add(&text, 1);
    position_add(&text, POSITION_NONE);
    position_add(&text, -42);
    cr_assert(span_equal(buf_span(&text), span_str("1 - -42")));
    cr_assert_eq(position_parse(buf_span(&text), v, 3), ERR_OK);
    cr_assert_eq(v[0], 1);
    cr_assert_eq(v[1], POSITION_NONE);
    cr_assert_eq(v[2], -42);
    buf_fini(&text);
}

Test(position, other_texts_are_refused) {
    const char *const bad[] = {"", "1", "1 2 3", "1 x", " 1", "1 ", "1  2"};
    int64_t v[2];

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_neq(position_parse(span_str(bad[i]), v, 2), ERR_OK, "%s", bad[i]);
}
