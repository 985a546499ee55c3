#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "sources/kinds.h"
#include "sources/sim.h"
#include "yaml.h"

Test(kinds, every_schema_is_sound) {
    struct buf wrong;

    buf_init(&wrong);
    for (size_t i = 0; i < kinds_n; i++) {
        const bool sound = conf_schema_check(kinds_rows[i].schema, &wrong);
        buf_add_byte(&wrong, '\0');
        cr_assert(sound, "%s: %s", kinds_rows[i].name, (const char *)wrong.p);
        buf_reset(&wrong);
    }
    buf_fini(&wrong);
}

Test(kinds, are_found_by_name) {
    cr_assert_eq(kinds_find("csv"), &kinds_rows[1]);
    cr_assert_null(kinds_find("modbus"));
}

Test(kinds, the_sample_plant_opens_and_runs) {
    char path[1024];
    struct sim_conf c;
    struct conf_report report;
    struct source *s = NULL;
    struct capture got;
    int64_t next;

    snprintf(path, sizeof path, "%s/config/sim/line_a.yaml", yaml_root());
    char *text = yaml_file(path);
    cr_assert_not_null(text);
    yaml_load(text, &sim_schema, &c);
    conf_report_init(&report);
    sim_conf_finish(&c, &report);
    yaml_clean(&report);
    const struct kinds_row *kind = kinds_find("sim");
    cr_assert_eq(kind->open(&c, NULL, INT64_C(1795392000000), span_of(NULL, 0), &s), ERR_OK);
    capture_init(&got);
    capture_drain(&got, s, INT64_C(1795392000000), &next);
    cr_assert_gt(got.reading_n, 5000u);
    s->ops->close(s);
    capture_fini(&got);
    conf_free(&sim_schema, &c);
    conf_report_fini(&report);
    free(text);
}
