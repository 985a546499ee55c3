#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "sample.h"

static struct sample loaded(const char *yaml) {
    struct sample s;
    char said[SAMPLE_SAID];

    cr_assert_eq(sample_load(yaml, &s, said), ERR_OK, "%s", said);
    cr_assert_str_empty(said);
    return s;
}

/* Expects one report that holds `want`, and an untouched struct. */
static void refused(const char *yaml, const char *want) {
    struct sample s, before;
    char said[SAMPLE_SAID];

    memset(&s, 0x5a, sizeof s);
    memcpy(&before, &s, sizeof s);
    cr_assert_eq(sample_load(yaml, &s, said), ERR_CONFIG, "%s", yaml);
    cr_assert_not_null(strstr(said, want), "wanted: %s\nsaid: %s", want, said);
    cr_assert_eq(memcmp(&s, &before, sizeof s), 0);
}

Test(load, values_carry_their_units) {
    struct sample s = loaded(SAMPLE_LEAST "enabled: false\ncount: 12 pieces\noffset: -3\n"
                                          "cache: 64 KiB\nenergy: 2.5 kWh\nratio: 95 %\n"
                                          "price: 12.345678 EUR\nshift: 06:30\nsince: 2026-11-23\n"
                                          "from: 2026-11-23T06:00:00+07:00\ntitle: Press\n"
                                          "data: /srv/x\n");

    cr_assert_not(s.enabled);
    cr_assert_eq(s.count, 12);
    cr_assert_eq(s.offset, -3);
    cr_assert_eq(s.cache_bytes, 65536);
    cr_assert_eq(s.energy_uwh, INT64_C(2500000000));
    cr_assert_eq(s.ratio_ppm, 950000);
    cr_assert_eq(s.price_millionths, 12345678);
    cr_assert_eq(s.shift_min, 390);
    cr_assert_eq(s.since_ms, INT64_C(1795392000000)); /* date -ud 2026-11-23 +%s */
    cr_assert_eq(s.from_ms, INT64_C(1795388400000));  /* an hour before that midnight */
    cr_assert_str_eq(s.title, "Press");
    cr_assert_str_eq(s.data, "/srv/x");
    conf_free(&sample_schema, &s);
}

Test(load, absent_keys_have_their_fallback) {
    struct sample s = loaded(SAMPLE_LEAST);

    cr_assert(s.enabled);
    cr_assert_eq(s.cache_bytes, 1 << 20);
    cr_assert_str_eq(s.title, "");
    cr_assert_str_eq(s.data, "/tmp");
    cr_assert_eq(s.server.keep_alive_ms, 60000);
    cr_assert_eq(s.server.port, 1883);
    cr_assert_str_eq(s.server.url, "mqtt://b");
    cr_assert_not(s.backup_given);
    cr_assert_eq(s.backup.port, 1883);
    cr_assert_str_eq(s.backup.url, "");
    cr_assert_eq(s.unit_n + s.source_n + s.tag_n + s.state_n, 0);
    conf_free(&sample_schema, &s);
    cr_assert_null(s.data);
}

Test(load, maps_by_id_keep_order_ids_and_places) {
    struct sample s = loaded(SAMPLE_LEAST "units:\n  press-1: {rated: 15 kW, mode: manual}\n"
                                          "  oven: {rated: 800 W}\n  idle:\n");

    cr_assert_eq(s.unit_n, 3);
    cr_assert_str_eq(s.units[0].id.s, "press-1");
    cr_assert_eq(s.units[0].rated_uw, INT64_C(15000000000));
    cr_assert_eq(s.units[0].mode, 2);
    cr_assert_eq(s.units[0].pos.line, 3);
    cr_assert_eq(s.units[0].pos.column, 3);
    cr_assert_eq(s.units[0].rated_pos.line, 3);
    cr_assert_eq(s.units[0].rated_pos.column, 20);
    cr_assert(s.units[0].rated_given);
    cr_assert_str_eq(s.units[1].id.s, "oven");
    cr_assert_eq(s.units[1].rated_uw, 800000000);
    cr_assert_eq(s.units[1].mode, 1);
    cr_assert_not(s.units[2].rated_given);
    cr_assert_eq(s.units[2].pos.line, 5);
    conf_free(&sample_schema, &s);
}

Test(load, lists_and_free_maps_are_filled_in_order) {
    struct sample s = loaded(SAMPLE_LEAST "sources:\n- name: a\n  registers: [1, 0x1F]\n"
                                          "- {name: b, registers: [7]}\ntags: [x, \"y z\"]\n"
                                          "states: {0: idle, 17: \"running\", a b: c}\n");

    cr_assert_eq(s.source_n, 2);
    cr_assert_str_eq(s.sources[0].name.s, "a");
    cr_assert_eq(s.sources[0].register_n, 2);
    cr_assert_eq(s.sources[0].registers[1], 31);
    cr_assert_eq(s.sources[1].registers[0], 7);
    cr_assert_eq(s.sources[1].pos.line, 5);
    cr_assert_eq(s.tag_n, 2);
    cr_assert_str_eq(s.tags[1], "y z");
    cr_assert_eq(s.state_n, 3);
    cr_assert_str_eq(s.states[1].key, "17");
    cr_assert_str_eq(s.states[1].value, "running");
    cr_assert_str_eq(s.states[2].key, "a b");
    cr_assert_eq(s.states[0].pos.line, 7);
    conf_free(&sample_schema, &s);
}

Test(load, unknown_key_gets_a_place_and_a_suggestion) {
    refused(SAMPLE_LEAST "enabeld: true\n",
            "f.yaml:2:1: unknown key \"enabeld\", did you mean \"enabled\"?\n"
            "    enabeld: true\n    ^\n");
    refused("server: {url: \"mqtt://b\", prot: 1}\n",
            "f.yaml:1:27: server: unknown key \"prot\", did you mean \"port\"?");
    refused(SAMPLE_LEAST "zzzzzzzz: 1\n", "unknown key \"zzzzzzzz\"\n");
}

Test(load, doubled_keys_are_reported_everywhere) {
    refused(SAMPLE_LEAST "count: 1\ncount: 2\n",
            "f.yaml:3:1: the key \"count\" is given twice, first in line 2");
    refused(SAMPLE_LEAST "units: {a: {}, b: {}, a: {}}\n",
            "f.yaml:2:23: units: \"a\" is given twice, first in line 2");
    refused(SAMPLE_LEAST "states: {1: x, 1: y}\n", "states: \"1\" is given twice");
}

Test(load, missing_required_key_is_reported_at_its_map) {
    refused("count: 1\n", "f.yaml:1:1: the key \"server\" is missing: The broker.");
    refused("", "the key \"server\" is missing");
    refused("# nothing\n", "the key \"server\" is missing");
    refused("server: {port: 1}\n", "f.yaml:1:9: server: the key \"url\" is missing");
    refused(SAMPLE_LEAST "backup: {}\n", "backup: the key \"url\" is missing");
    refused(SAMPLE_LEAST "sources: [{name: a}]\n", "sources[0]: the key \"registers\" is missing");
}

Test(load, wrong_values_tell_what_was_expected_with_an_example) {
    static const struct {
        const char *line, *want;
    } wrong[] = {
        {"enabled: yes", "f.yaml:2:10: enabled: expected true or false, found \"yes\""},
        {"count: many", "count: expected a whole number such as 12, found \"many\""},
        {"count: 1.5", "count: \"1.5\" is too fine: the smallest step is 1"},
        {"count: 3 kg", "count: \"3 kg\" has an unknown unit"},
        {"offset: 40000", "offset: \"40000\" is out of range: "},
        {"offset: 3 x", "offset: \"3 x\" is a number with something behind it"},
        {"cache: 10", "cache: \"10\" has no unit; expected a size such as 64 KiB (units: B, kB"},
        {"cache: -1 B", "cache: \"-1 B\" is out of range: at least 0 B"},
        {"energy: 0.1 uWh", "energy: \"0.1 uWh\" is too fine: the smallest step is 1 uWh"},
        {"energy: 99999999999999 GWh", "is out of range"},
        {"ratio: 0.95",
         "ratio: \"0.95\" has no unit; expected a ratio such as 95 % (units: ppm, %)"},
        {"ratio: 101 %", "ratio: \"101 %\" is out of range: 0 ppm to 100 %"},
        {"price: 1.2345678901", "price: \"1.2345678901\" has more than 9 decimals"},
        {"price: 0.0000001", "is too fine: the smallest step is 0.000001"},
        {"shift: 25:00", "shift: \"25:00\" is out of range: 00:00 to 24:00"},
        {"shift: 6:30", "shift: expected a time of day such as 06:30, found \"6:30\""},
        {"since: 2026-02-30", "since: expected a date such as 2026-11-23, found \"2026-02-30\""},
        {"from: 2026-11-23T06:00:00", "from: expected a time stamp such as"},
        {"title: much too long a title", "title: must have 0 to 10 bytes, has 21"},
        {"title: \"a\\0b\"", "title: expected a text"},
        {"data: \"\"", "data: expected a path such as"},
        {"backup: {url: broker}", "backup.url: expected a URL such as mqtts://broker:8883"},
        {"units: {Press: {}}", "units: \"Press\" cannot be an id: expected an id of 1 to 48"},
        {"units: {a: {mode: atuo}}",
         "units.a.mode: \"atuo\" is not one of: auto, manual; did you mean \"auto\"?"},
        {"units: {a: {rated: 0}}", "units.a.rated: \"0\" is out of range: at least 1 uW"},
        {"units: [a]", "units: expected a map of ids (id: {key: value}), found a list"},
        {"units: {a: 3}", "units.a: expected a map (key: value), found a single value"},
        {"sources: 3", "sources: expected a list (- key: value), found a single value"},
        {"sources: [~]", "sources[0]: has no value; expected a map"},
        {"sources: [{name: a, registers: []}]", "registers: has 0 entries, needs at least 1"},
        {"sources: [{name: a, registers: [1,2,3,4,5]}]", "has 5 entries, at most 4 are allowed"},
        {"sources: [{name: a, registers: [70000]}]",
         "sources[0].registers[0]: \"70000\" is out of range: 0 to 65535"},
        {"tags: {a: b}", "tags: expected a list ([a, b]), found a map"},
        {"states: {1: [x]}", "states.1: expected a text, found a list"},
        {"count:", "f.yaml:2:1: count: has no value; expected a whole number such as 12"},
        {"count: ~", "count: has no value"},
        {"server2: 1", "unknown key \"server2\", did you mean \"server\"?"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char yaml[512];
        (void)snprintf(yaml, sizeof yaml, SAMPLE_LEAST "%s\n", wrong[i].line);
        refused(yaml, wrong[i].want);
    }
}

Test(load, all_mistakes_of_a_file_are_reported_in_order) {
    struct sample s;
    char said[SAMPLE_SAID];

    cr_assert_eq(sample_load("units:\n  a: {rated: 5}\n  b: {mod: auto}\ncount: x\n"
                             "server: {url: \"mqtt://b\", keep_alive: 1 ms}\n",
                             &s, said),
                 ERR_CONFIG);
    const char *first = strstr(said, "f.yaml:2:14: units.a.rated"),
               *second = strstr(said, "f.yaml:3:7: units.b: unknown key \"mod\""),
               *third = strstr(said, "f.yaml:4:8: count: expected"),
               *fourth =
                   strstr(said, "f.yaml:5:39: server.keep_alive: \"1 ms\" is out of range: 1 s");
    cr_assert(first == said && second > first && third > second && fourth > third, "%s", said);
}

Test(load, what_yaml_can_say_beyond_plain_data_is_refused) {
    refused(SAMPLE_LEAST "count: &n 3\n", "anchors (&name) are not supported");
    refused(SAMPLE_LEAST "count: *n\n", "f.yaml:2:8: aliases (*name) are not supported");
    refused(SAMPLE_LEAST "count: !!int 3\n", "tags (!name) are not supported");
    refused(SAMPLE_LEAST "<<: {count: 3}\n", "merge keys (<<) are not supported");
    refused(SAMPLE_LEAST "---\ncount: 1\n", "a second document begins here");
    refused(SAMPLE_LEAST "{a: b}: 1\n", "a key must be a word");
    refused("- a\n", "f.yaml:1:1: expected a map (key: value), found a list");
}

Test(load, syntax_errors_have_a_place) {
    refused("server: {url: \"mqtt://b\"\ncount: [1, 2\n", "f.yaml:");
    refused("count: 1\n bad: 2\n", "syntax: ");
    refused("count: \"abc\n", "syntax: ");
    refused("count: 1\n\tport: 2\n", "syntax: ");
}

Test(load, bytes_that_are_no_text_are_refused_before_parsing) {
    refused("count: 1\ntitle: \x01x\n", "f.yaml:2:8: a control character (byte 0x01 at offset 16)");
    refused("title: \xc3\x28\n", "f.yaml:1:8: not UTF-8 text (byte 0xc3");
    refused("title: \xed\xa0\x80\n", "not UTF-8");
    refused("\xff\xfe"
            "a",
            "not UTF-8");
}

Test(load, nesting_is_bounded) {
    char yaml[600] = SAMPLE_LEAST "count: ";
    const size_t n = strlen(yaml);

    memset(yaml + n, '[', 200);
    memset(yaml + n + 200, ']', 200);
    yaml[n + 400] = '\0';
    refused(yaml, "maps and lists are nested too deeply");
}

Test(load, file_size_is_bounded) {
    struct sample s;
    struct conf_report r;
    const size_t n = (size_t)CONF_FILE_MAX + 1;
    char *big = malloc(n);

    memset(big, '#', n);
    conf_report_init(&r);
    cr_assert_eq(conf_load(span_of(big, n), "big", &sample_schema, &s, &r), ERR_CONFIG);
    cr_assert_eq(conf_report_count(&r), 1);
    cr_assert_not_null(strstr(conf_report_find(&r, 0)->text, "at most 8388608 are read"));
    conf_report_fini(&r);
    free(big);
}

Test(load, secrets_are_never_quoted) {
    struct sample s;
    char said[SAMPLE_SAID];

    cr_assert_eq(sample_load("server:\n  url: \"mqtt://b\"\n  password: hunter2\n", &s, said),
                 ERR_CONFIG);
    cr_assert_not_null(strstr(said, "f.yaml:3:13: server.password: must have at least 8 bytes"));
    cr_assert_null(strstr(said, "hunter2"), "%s", said);
}

Test(load, reports_are_bounded_and_count_the_rest) {
    struct sample s;
    struct conf_report r;
    struct buf yaml;

    buf_init(&yaml);
    (void)buf_add_str(&yaml, SAMPLE_LEAST);
    for (int i = 0; i < 150; i++)
        (void)buf_addf(&yaml, "unknown-%d: 1\n", i);
    conf_report_init(&r);
    cr_assert_eq(conf_load(buf_span(&yaml), "f", &sample_schema, &s, &r), ERR_CONFIG);
    cr_assert_eq(conf_report_count(&r), 150);
    cr_assert_eq(r.problem_n, CONF_PROBLEMS_MAX);
    conf_report_fini(&r);
    buf_fini(&yaml);
}

Test(load, defaults_need_no_file) {
    struct sample s;

    cr_assert_eq(conf_defaults(&sample_schema, &s), ERR_OK);
    cr_assert_eq(s.cache_bytes, 1 << 20);
    cr_assert_eq(s.server.keep_alive_ms, 60000);
    cr_assert_str_eq(s.server.url, "");
    conf_free(&sample_schema, &s);
}
