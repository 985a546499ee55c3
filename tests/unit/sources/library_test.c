#include "sources/library.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include <zlib.h>

#define CALLS(X) X(zlibVersion) X(crc32)
LIBRARY_CALLS(zlib_calls, CALLS);
#define ROW(f) LIBRARY_ROW(struct zlib_calls, f)

Test(library, its_calls_are_those_of_the_header) {
    static const struct library_call call[] = {CALLS(ROW)};
    struct zlib_calls lib;
    char why[LIBRARY_WHY];
    cr_assert_eq(library_load("libz.so.1", call, 2, &lib, why), ERR_OK, "%s", why);
    /* The check value of CRC-32 as published. */
    cr_expect_eq(lib.crc32(0, (const Bytef *)"123456789", 9), 0xcbf43926u);
    cr_expect_not_null(lib.zlibVersion());
}

Test(library, one_that_is_missing_is_named) {
    static const struct library_call call[] = {CALLS(ROW)};
    struct zlib_calls lib;
    char why[LIBRARY_WHY];
    cr_assert_eq(library_load("libno-such-thing.so.7", call, 2, &lib, why), ERR_NOT_FOUND);
    cr_expect_not_null(strstr(why, "libno-such-thing.so.7 is not there"), "%s", why);
}

Test(library, a_call_that_is_missing_is_named) {
    static const struct library_call call[] = {{"no_such_call", 0}};
    struct zlib_calls lib;
    char why[LIBRARY_WHY];
    cr_assert_eq(library_load("libz.so.1", call, 1, &lib, why), ERR_NOT_FOUND);
    cr_expect_str_eq(why, "libz.so.1 has no no_such_call");
}
