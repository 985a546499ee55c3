#include <criterion/criterion.h>

#include "daemon/daemon_conf.h"

Test(daemon_schema, every_row_is_sound) {
    struct buf wrong;
    buf_init(&wrong);
    bool ok = conf_schema_check(&daemon_schema, &wrong);
    cr_expect(ok, "%.*s", (int)wrong.n, (const char *)wrong.p);
    buf_fini(&wrong);
}
