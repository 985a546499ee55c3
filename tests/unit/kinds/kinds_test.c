#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kinds/kinds.h"
#include "mqtt/mqtt.h"
#include "sourcekit/capture.h"
#include "sourcekit/yaml.h"
#include "sources/quantity.h"
#include "sources/sim.h"
#include "sparkplug/sparkplug.h"

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
    cr_assert_null(kinds_find("nokind"));
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

/* Two clients of one name end each other at the broker. */
Test(kinds, who_only_looks_has_no_name_of_an_agents) {
    char one[] = "shop", two[] = "shop";
    struct sparkplug_conf host = {.state = true, .broker.client_id = one};
    struct mqtt_conf client = {.broker.client_id = two};

    kinds_find("sparkplug")->look(&host);
    cr_expect_not(host.state);
    cr_expect_str_eq(one, "");
    kinds_find("mqtt")->look(&client);
    cr_expect_str_eq(two, "");
}

Test(kinds, a_rate_is_no_total_and_a_total_no_rate) {
    static const struct {
        int type;
        const char *unit;
        bool legal;
    } row[] = {{POINT_POWER, "kW", true},     {POINT_POWER, "kWh", false},
               {POINT_POWER, "piece", false}, {POINT_REGISTER, "kWh", true},
               {POINT_REGISTER, "kW", false}, {POINT_COUNTER, "W", false},
               {POINT_INTERVAL, "kWh", true}, {POINT_GAUGE, "kW", true}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct quantity_conf c = {.type = row[i].type};
        struct quantity q;
        char why[160], unit[16];
        snprintf(unit, sizeof unit, "%s", row[i].unit);
        c.unit = unit;
        const enum err e = quantity_init(&q, &c, false, why);
        cr_expect_eq(e, row[i].legal ? ERR_OK : ERR_CONFIG, "row %zu", i);
        if (e == ERR_OK)
            quantity_fini(&q);
    }
}

/* Without decimals stated a counter of 16 bits is a whole number: a wrap at 65,536 of thousandths
 * would be one at 65.536. A meter that shows six digits and one decimal wraps at 10^7 tenths. */
Test(kinds, a_width_is_that_of_the_written_number) {
    static const struct {
        struct quantity_conf c;
        bool legal;
        int decimals, bits, digits;
    } row[] = {
        {{.type = POINT_COUNTER, .decimals = 3, .width_bits = 16}, true, 0, 16, 0},
        {{.type = POINT_COUNTER, .decimals = 1, .decimals_given = true, .width_bits = 16},
         true,
         1,
         16,
         0},
        {{.type = POINT_REGISTER, .decimals = 1, .decimals_given = true, .width_digits = 6},
         true,
         1,
         0,
         7},
        {{.type = POINT_REGISTER, .decimals = 3, .width_digits = 6}, true, 3, 0, 9},
        {{.type = POINT_REGISTER, .decimals = 3, .width_digits = 15}, true, 3, 0, 18},
        {{.type = POINT_REGISTER, .decimals = 3, .width_digits = 16}, false, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct quantity q;
        char why[160];

        const enum err e = quantity_init(&q, &row[i].c, false, why);
        cr_assert_eq(e, row[i].legal ? ERR_OK : ERR_CONFIG, "row %zu", i);
        if (e != ERR_OK)
            continue;
        cr_expect_eq(q.decimals, row[i].decimals, "row %zu", i);
        cr_expect_eq(q.shape.width_bits, row[i].bits, "row %zu", i);
        cr_expect_eq(q.shape.width_digits, row[i].digits, "row %zu", i);
        quantity_fini(&q);
    }
}
