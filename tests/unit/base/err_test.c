#include "base/err.h"

#include <criterion/criterion.h>
#include <string.h>

Test(err, every_code_has_a_name_of_its_own) {
    for (int i = 0; i < ERR_COUNT; i++)
        for (int j = 0; j < i; j++)
            cr_assert_str_neq(err_name((enum err)i), err_name((enum err)j));
    cr_assert_str_eq(err_name(ERR_OK), "ok");
    cr_assert_str_eq(err_name(ERR_NOT_FOUND), "not_found");
}

Test(err, a_number_that_is_no_code_is_unknown) {
    cr_assert_str_eq(err_name((enum err)ERR_COUNT), "unknown");
    cr_assert_str_eq(err_name((enum err)(ERR_COUNT + 1)), "unknown");
}
