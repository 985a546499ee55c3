#include <criterion/criterion.h>

#include "plantfile/plantfile.h"

Test(plantfile_schema, every_row_is_sound) {
    struct buf wrong;
    buf_init(&wrong);
    bool ok = conf_schema_check(plantfile_schema(), &wrong);
    cr_expect(ok, "%.*s", (int)wrong.n, (const char *)wrong.p);
    buf_fini(&wrong);
}
