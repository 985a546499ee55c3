/* What plantbus status says besides its tables. */
#include "ctl/status.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *shown(const char *body, struct buf *text) {
    struct cells c = {.out = text, .width = 200};
    struct json_value *root = NULL;
    struct json_error wrong;
    cr_assert_eq(json_parse(span_str(body), NULL, &root, &wrong), ERR_OK);
    buf_init(text);
    status_put(&c, root);
    cr_assert_eq(buf_add_byte(text, 0), ERR_OK);
    json_close(root);
    return (const char *)text->p;
}

Test(status, what_an_agent_is_in_trouble_with_stands_below_its_row) {
    struct buf text;
    const char *s = shown("{\"agents\": [{\"id\": \"gw1\", \"clones\": 3, \"clock_ahead_ms\": "
                          "7200000, \"input_refused\": 12, \"input_ahead\": 5, \"given_up\": 3}]}",
                          &text);
    cr_expect_not_null(strstr(s, "\n    another process uses this id: refused 3 times\n"));
    cr_expect_not_null(strstr(s, "\n    its clock is 2 h 00 ahead of ours\n"), "%s", s);
    cr_expect_not_null(
        strstr(s, "\n    refused at the gateway: 12 lines, rows or values; its log says which\n"));
    cr_expect_not_null(
        strstr(s, "\n    stamped ahead of the gateway's clock: 5 readings, uncertain\n"));
    cr_expect_not_null(strstr(s, "\n    given up: 3 records that were accepted never came\n"));
    buf_fini(&text);
}

Test(status, an_agent_without_trouble_has_one_row) {
    struct buf text;
    const char *s = shown("{\"agents\": [{\"id\": \"gw1\"}]}", &text);
    cr_expect_null(strstr(s, "\n    "));
    buf_fini(&text);
}

Test(status, a_state_that_no_map_names_is_named) {
    struct buf text;
    const char *s =
        shown("{\"unmapped\": [{\"agent\": \"gw1\", \"point\": \"m/state\", \"map\": "
              "\"packml\", \"value\": \"weird\", \"times\": 2}, {\"agent\": \"gw1\", "
              "\"point\": \"m/state\", \"map\": \"packml\", \"value\": 99, \"times\": 1}]}",
              &text);
    cr_expect_not_null(strstr(
        s, "state weird of gw1, m/state is not in map packml: its time is unknown; seen: 2\n"));
    cr_expect_not_null(
        strstr(s, "state 99 of gw1, m/state is not in map packml: its time is unknown; seen: 1\n"));
    buf_fini(&text);
}

Test(status, what_came_too_late_is_a_line_of_its_day) {
    struct buf text;
    const char *s =
        shown("{\"taken_from\": \"2026-05-01T00:00:00.000Z\", \"unplaced\": {\"lines\": 3, "
              "\"newest\": [{\"unit\": \"press\", \"agent\": \"gw1\", \"day\": "
              "\"2026-04-02\", \"stretches\": 4, \"amounts\": {\"energy\": 1500000000, "
              "\"total\": 7000000}}, {\"unit\": \"pack\", \"agent\": \"gw2\", "
              "\"day\": null, \"stretches\": 1, \"amounts\": {}}]}}",
              &text);
    cr_expect_not_null(strstr(s, "late, unplaced: press, 2026-04-02 of gw1: 4 stretches, energy "
                                 "1.500 kWh, total 7\n"),
                       "%s", s);
    cr_expect_not_null(strstr(s, "late, unplaced: pack, several days of gw2: 1 stretches\n"));
    cr_expect_not_null(strstr(s, "late, unplaced: 3 lines in all\n"));
    cr_expect_not_null(strstr(s, "readings are taken from 2026-05-01T00:00:00.000Z on\n"));
    buf_fini(&text);
}

Test(status, channels_stand_with_what_waits_and_why) {
    struct buf text;
    const char *s = shown("{\"channels\": [{\"name\": \"mail\", \"state\": \"held\", \"detail\": "
                          "\"535 no\", \"told\": 3, \"waiting\": 2, \"retries\": 7, \"dead\": 0, "
                          "\"oldest\": \"2026-11-26T07:03:00.000Z\"}], \"alerts_unrouted\": 4}",
                          &text);
    cr_expect_not_null(strstr(s, "\n    oldest of what waits: 2026-11-26T07:03:00.000Z\n"), "%s",
                       s);
    cr_expect_not_null(strstr(s, "\n    535 no\n"));
    cr_expect_not_null(
        strstr(s, "\n4 alert events concerned nobody: see positions and otherwise\n"));
    buf_fini(&text);
}

Test(status, without_channels_nothing_is_said_of_them) {
    struct buf text;
    const char *s = shown("{\"channels\": [], \"alerts_unrouted\": 0}", &text);
    cr_expect_null(strstr(s, "channel"), "%s", s);
    buf_fini(&text);
}

static const char sources_body[] =
    "{\"agents\": [{\"id\": \"gw1\", \"sources\": {\"total\": 4, \"wrong\": \"a.yaml:3:5: no "
    "number\", \"list\": [{\"id\": \"bus\", \"kind\": \"modbus\", \"verdict\": \"well\", "
    "\"state\": \"connected\", \"devices\": 3, \"time_by\": \"gateway\", \"detail\": null, "
    "\"refused_by\": {}}, {\"id\": \"plc\", \"kind\": \"shdr\", \"verdict\": \"trouble\", "
    "\"state\": \"waiting\", \"devices\": 3, \"devices_silent\": 1, \"detail\": \"refused the "
    "connection\", \"refused\": 5, \"refused_by\": {\"line\": 5}}, {\"id\": \"old\", \"kind\": "
    "\"csv\", \"verdict\": \"unknown\", \"state\": \"open\", \"told_ms_ago\": 120000}]}}, "
    "{\"id\": \"gw2\", \"sources\": null}]}";

Test(status, sources_stand_with_their_state_and_what_they_refuse) {
    struct buf text;
    const char *s = shown(sources_body, &text);
    cr_expect_not_null(strstr(s, "\ngw1/bus "), "%s", s);
    cr_expect_not_null(strstr(s, "modbus  connected     3 of 3    gateway"), "%s", s);
    cr_expect_not_null(strstr(s, "shdr    waiting     2 of 3          -"), "%s", s);
    cr_expect_not_null(strstr(s, "\n    refused the connection\n    refused: line 5\n"));
    cr_expect_not_null(strstr(s, "\ngw1 refused its new configuration: a.yaml:3:5: no number\n"));
    cr_expect_not_null(strstr(s, "\ngw1 has 1 sources more, not known here\n"));
    cr_expect_not_null(strstr(s, "\ngw2 does not tell of its sources\n"));
    buf_fini(&text);
}

/* What was told two minutes ago is shown as that, never as how it is. */
Test(status, a_source_nobody_told_of_lately_is_not_known) {
    struct buf text;
    const char *s = shown(sources_body, &text);
    cr_expect_not_null(strstr(s, "\n    not known: this was told 2 min ago\n"), "%s", s);
    cr_expect_not_null(strstr(s, "csv    unknown"), "%s", s);
    buf_fini(&text);
}
