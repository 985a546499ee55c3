#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "modbus/modbus_link.h"
#include "modbus/modbus_plan.h"
#include "sourcekit/yaml.h"

enum { PROBLEM = CONF_PROBLEM_TEXT + 16 };

/* What is wrong with the settings, the first of it; "" if nothing. */
static void first_problem(const char *text, char out[PROBLEM]) {
    struct modbus_conf c;
    struct conf_report report;
    out[0] = '\0';
    yaml_load(text, &modbus_schema, &c);
    conf_report_init(&report);
    modbus_conf_finish(&c, &report);
    const struct conf_problem *p = conf_report_find(&report, 0);
    if (p)
        snprintf(out, PROBLEM, "%u: %s", p->pos.line, p->text);
    conf_report_fini(&report);
    conf_free(&modbus_schema, &c);
}

static void refuses(const char *device, const char *expected) {
    char text[2000], got[PROBLEM];
    snprintf(text, sizeof text,
             "connect: tcp://127.0.0.1\ndevices:\n  d:\n    points:\n      - %s\n", device);
    first_problem(text, got);
    cr_assert(strstr(got, expected), "%s: %s", device, got);
}

struct planned {
    struct modbus_conf c;
    struct conf_report report;
    struct modbus_plan plan;
};

static void plan(struct planned *p, const char *text) {
    yaml_load(text, &modbus_schema, &p->c);
    conf_report_init(&p->report);
    const enum err err = modbus_plan_init(&p->plan, &p->c, &p->report);
    yaml_clean(&p->report);
    cr_assert_eq(err, ERR_OK);
}

static void fini(struct planned *p) {
    modbus_plan_fini(&p->plan);
    conf_report_fini(&p->report);
    conf_free(&modbus_schema, &p->c);
}

static void asks(const struct planned *p, size_t i, int table, int address, int count) {
    const struct modbus_request *q = &p->plan.requests[i];
    cr_assert_lt(i, p->plan.request_n);
    cr_assert_eq(q->table, table);
    cr_assert_eq(q->address, address, "%zu: %d", i, q->address);
    cr_assert_eq(q->count, count, "%zu: %d", i, q->count);
}

Test(plan, takes_neighbours_together_up_to_the_gap) {
    struct planned p;
    plan(&p, "{connect: tcp://h, gap: 3, devices: {d: {points: [{name: c, address: 16},"
             "{name: a, address: 10, format: float32}, {name: b, address: 12}]}}}");
    cr_assert_eq(p.plan.request_n, 1u); /* 13, 14, 15 are read along */
    asks(&p, 0, 3, 10, 7);
    fini(&p);
    plan(&p, "{connect: tcp://h, gap: 2, devices: {d: {points: [{name: c, address: 16},"
             "{name: a, address: 10, format: float32}, {name: b, address: 12}]}}}");
    cr_assert_eq(p.plan.request_n, 2u);
    asks(&p, 0, 3, 10, 3);
    asks(&p, 1, 3, 16, 1);
    fini(&p);
}

Test(plan, asks_for_at_most_125_registers_and_splits_no_value) {
    struct planned p;
    char text[8000] = "{connect: tcp://h, gap: 0, devices: {d: {points: [";
    for (int i = 0; i < 63; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "{name: p%d, address: %d, format: float32},", i, 2 * i);
    strcat(text, "]}}}");
    plan(&p, text);
    cr_assert_eq(p.plan.request_n, 2u);
    asks(&p, 0, 3, 0, 124);
    asks(&p, 1, 3, 124, 2);
    fini(&p);
}

Test(plan, keeps_tables_classes_and_devices_apart) {
    struct planned p;
    plan(&p,
         "{connect: tcp://h, one_based: true, slow: 90 s, devices: {"
         "a: {unit: 3, points: [{name: a, address: 1}, {name: b, address: 2, class: slow},"
         "{name: c, table: input, address: 1}, {name: d, table: coil, address: 1, format: bool},"
         "{name: e, table: discrete, address: 7, format: bool}]},"
         "b: {unit: 4, base: 100, points: [{name: a, address: 1}]}}}");
    cr_assert_eq(p.plan.request_n, 6u);
    asks(&p, 0, 1, 0, 1);
    asks(&p, 1, 2, 6, 1);
    asks(&p, 2, 3, 0, 1);
    asks(&p, 3, 3, 1, 1);
    asks(&p, 4, 4, 0, 1);
    asks(&p, 5, 3, 100, 1);
    cr_assert_eq(p.plan.requests[3].every_ms, 90000);
    cr_assert_eq(p.plan.requests[5].unit, 4);
    cr_assert_str_eq(p.plan.items[5].quantity.shape.name, "b/a");
    fini(&p);
}

Test(plan, reads_a_scale_register_once) {
    struct planned p;
    plan(&p,
         "{connect: tcp://h, devices: {d: {prefix: 'm.', points: ["
         "{name: a, address: 0, scale_register: 4}, {name: b, address: 1, scale_register: 4}]}}}");
    cr_assert_eq(p.plan.factor_n, 1u);
    cr_assert_eq(p.plan.request_n, 1u);
    cr_assert_eq(p.plan.part_n, 3u);
    asks(&p, 0, 3, 0, 5);
    cr_assert_str_eq(p.plan.items[0].quantity.shape.name, "m.a");
    fini(&p);
}

/* What is held comes at the heartbeat at the latest, what is sampled with every reading. */
Test(plan, says_how_often_readings_are_to_be_expected) {
    struct planned p;
    plan(&p, "{connect: tcp://h, heartbeat: 30 s, devices: {d: {points: [{name: a, address: 0},"
             "{name: b, address: 1, sampling: sampled}, {name: c, address: 1, poll: 7 s}]}}}");
    cr_assert_eq(p.plan.items[0].quantity.shape.poll_ms, 30000u);
    cr_assert_eq(p.plan.items[1].quantity.shape.poll_ms, 1000u);
    cr_assert_eq(p.plan.items[2].quantity.shape.poll_ms, 7000u);
    fini(&p);
}

Test(plan, says_what_is_wrong_and_where) {
    refuses("{name: a, address: 65535, format: float32}",
            "5: device d, point a: its registers lie");
    refuses("{name: a, address: 0, format: bit}", "needs the key bit");
    refuses("{name: a, address: 0, bit: 3}", "only it has one");
    refuses("{name: a, address: 0, format: string, type: state}", "needs the key length");
    refuses("{name: a, address: 0, format: string, length: 4}", "needs type: state");
    refuses("{name: a, address: 0, table: coil}", "has the format bool");
    refuses("{name: a, address: 0, deadband: x}", "deadband");
    refuses("{name: a b, address: 0}", "a name is of");
    refuses("{name: a, address: 0}\n      - {name: a, address: 1}",
            "6: device d, point a: its name stands");
    refuses("{name: a, address: 0, type: event}", "no events");
    refuses("{name: a, address: 0, type: register, unit: kW}", "kW");
}

Test(plan, wants_points_a_readable_profile_and_an_address) {
    char got[PROBLEM];
    first_problem("{connect: tcp://h, devices: {d: {unit: 1}}}", got);
    cr_assert(strstr(got, "no points"), "%s", got);
    first_problem("{connect: tcp://h, devices: {d: {profile: /nowhere.yaml}}}", got);
    cr_assert(strstr(got, "1: the profile /nowhere.yaml cannot be read"), "%s", got);
    first_problem("{connect: tcp://h, devices: {d: {unit: 248, points: [{name: a, address: 0}]}}}",
                  got);
    cr_assert(strstr(got, "device d: unit 248 is none of 0 .. 247 and 255"), "%s", got);
    first_problem("{connect: rtu:///dev/x, devices: {d: {unit: 0, points: [{name: a, address: "
                  "0}]}}}",
                  got);
    cr_assert(strstr(got, "unit 0 is none of 1 .. 247"), "%s", got);
    first_problem("{connect: udp://h, devices: {d: {points: [{name: a, address: 0}]}}}", got);
    cr_assert(strstr(got, "connect is not tcp://"), "%s", got);
}

Test(place, is_a_host_with_a_port_or_a_line) {
    struct modbus_place p;
    cr_assert(modbus_place_parse("tcp://meter.local", &p));
    cr_assert_str_eq(p.host, "meter.local");
    cr_assert_str_eq(p.service, "502");
    cr_assert(modbus_place_parse("tcp://[::1]:1502", &p));
    cr_assert_str_eq(p.host, "::1");
    cr_assert_str_eq(p.service, "1502");
    cr_assert(modbus_place_parse("rtu:///dev/ttyUSB0", &p) && p.serial);
    cr_assert_str_eq(p.host, "/dev/ttyUSB0");
    static const char *const wrong[] = {"",          "tcp://",    "tcp://h:0",   "tcp://h:65536",
                                        "tcp://h:x", "tcp://h/1", "tcp://[::1",  "rtu://COM1",
                                        "http://h",  "tcp://h:",  "tcp://[::1]x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert(!modbus_place_parse(wrong[i], &p), "%s", wrong[i]);
}

Test(profile, has_sound_rows) {
    struct buf wrong;
    buf_init(&wrong);
    const bool sound = conf_schema_check(&modbus_profile_schema, &wrong);
    buf_add_byte(&wrong, 0);
    cr_assert(sound, "%s", (const char *)wrong.p);
    buf_fini(&wrong);
}

/* Every profile that is shipped loads, and asks for few requests. */
Test(profile, that_is_shipped_is_sound) {
    char pattern[1000];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/config/modbus/*.yaml", yaml_root());
    cr_assert_eq(glob(pattern, 0, NULL, &found), 0);
    cr_assert_geq(found.gl_pathc, 7u);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char text[1200];
        struct planned p;
        snprintf(text, sizeof text,
                 "{connect: tcp://h, devices: {d: {profile: '%s', base: 40069}}}",
                 found.gl_pathv[i]);
        if (!strstr(found.gl_pathv[i], "sunspec"))
            memcpy(strstr(text, "40069"), "0    ", 5);
        plan(&p, text);
        cr_assert_geq(p.plan.item_n, 10u, "%s", found.gl_pathv[i]);
        cr_assert_leq(p.plan.request_n, 6u, "%s", found.gl_pathv[i]);
        fini(&p);
    }
    globfree(&found);
}

/* SunSpec model 203: W is the 19th register of the model and its scale factor the 23rd, so 18 and
 * 22 behind its head at 40070. */
Test(profile, of_a_sunspec_meter_begins_at_its_model) {
    char text[1200];
    struct planned p;
    snprintf(text, sizeof text,
             "{connect: tcp://h, gap: 0, devices: {d: {profile: '%s/config/modbus/"
             "sunspec_meter.yaml', base: 40070}}}",
             yaml_root());
    plan(&p, text);
    bool power = false;
    for (size_t i = 0; i < p.plan.request_n; i++)
        power = power || (p.plan.requests[i].address <= 40088 &&
                          p.plan.requests[i].address + p.plan.requests[i].count > 40092);
    cr_assert(power);
    cr_assert_eq(p.plan.factors[p.plan.items[0].factor].address, 40092);
    fini(&p);
}
