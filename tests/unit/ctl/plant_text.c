#include "plant_text.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/clock.h"
#include "plantfile/plantfile.h"

struct plant *plant_text_open(const char *unit) {
    char text[2048];
    snprintf(text, sizeof text,
             "site: {id: works, time_zone: UTC, outputs: [hall]}\n"
             "areas:\n  hall:\n    outputs: [line]\n    lines:\n      line:\n        agent: gw\n"
             "        outputs: [press-1]\n        units:\n          press-1:\n"
             "            state: {from: map, map: packml}\n%s"
             "            signals:\n              state: {point: press/state}\n"
             "              total: {point: press/total, max_rate: 1000 1/h}\n",
             unit);
    return plant_text_whole(text);
}

struct plant *plant_text_whole(const char *text) {
    struct conf_report report;
    struct plant *p = NULL;
    conf_report_init(&report);
    cr_assert_not(plantfile_load(span_str(text), "plant.yaml", clock_zone_bytes, &report, &p));
    conf_report_fini(&report);
    return p;
}
