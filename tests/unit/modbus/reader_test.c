#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "modbus/modbus_reader.h"
#include "sourcekit/capture.h"
#include "sourcekit/yaml.h"

#define T0 INT64_C(1795392000000)

struct desk {
    struct modbus_conf c;
    struct conf_report report;
    struct modbus_plan plan;
    struct modbus_reader reader;
    struct capture got;
    struct buf message;
};

static void desk_init(struct desk *d, const char *text) {
    yaml_load(text, &modbus_schema, &d->c);
    conf_report_init(&d->report);
    cr_assert_eq(modbus_plan_init(&d->plan, &d->c, &d->report), ERR_OK);
    yaml_clean(&d->report);
    cr_assert_eq(modbus_reader_init(&d->reader, &d->plan), ERR_OK);
    capture_init(&d->got);
    buf_init(&d->message);
    cr_assert_eq(modbus_reader_declare(&d->reader, &d->got.out), ERR_OK);
}

static void desk_fini(struct desk *d) {
    buf_fini(&d->message);
    capture_fini(&d->got);
    modbus_reader_fini(&d->reader);
    modbus_plan_fini(&d->plan);
    conf_report_fini(&d->report);
    conf_free(&modbus_schema, &d->c);
}

static enum err give(struct desk *d, enum modbus_news kind, uint32_t request, int64_t t_ms,
                     struct span rest, int exception) {
    const struct modbus_head head = {
        .kind = (uint8_t)kind, .exception = (uint8_t)exception, .request = request, .t_ms = t_ms};
    buf_reset(&d->message);
    cr_assert_eq(modbus_message_format(&head, rest, &d->message), ERR_OK);
    cr_assert_eq(modbus_reader_take(&d->reader, buf_span(&d->message)), ERR_OK);
    const enum err err = modbus_reader_step(&d->reader, &d->got.out);
    cr_assert_eq(modbus_reader_vouch(&d->reader, &d->got.out), ERR_OK);
    return err;
}

#define VALUES(d, request, t, bytes)                                                               \
    cr_assert_eq(give(d, MODBUS_NEWS_VALUES, request, t, span_of(bytes, sizeof(bytes) - 1), 0),    \
                 ERR_OK)
#define SILENCE(d, request, t, alone)                                                              \
    cr_assert_eq(give(d, MODBUS_NEWS_SILENCE, request, t, span_str("timed out"), alone), ERR_OK)
#define DOWN(d, t) cr_assert_eq(give(d, MODBUS_NEWS_LINK_DOWN, 0, t, span_str("reset"), 0), ERR_OK)

static void covers(const struct desk *d, size_t i, int64_t since, int64_t until) {
    cr_assert_lt(i, d->got.cover_n);
    cr_assert_eq(d->got.covers[i].since_ms - T0, since, "%d",
                 (int)(d->got.covers[i].since_ms - T0));
    cr_assert_eq(d->got.covers[i].until_ms - T0, until, "%d",
                 (int)(d->got.covers[i].until_ms - T0));
}

static const char one[] = "{connect: tcp://h, heartbeat: 10 s, devices: {d: {points: ["
                          "{name: a, address: 0, decimals: 1, type: register, unit: kWh},"
                          "{name: s, address: 1, type: state}]}}}";
static const char two[] = "{connect: tcp://h, devices: {d: {points: [{name: a, address: 0}]},"
                          "e: {unit: 2, points: [{name: a, address: 0}]}}}";

/* 0x022b = 555; one decimal is kept: 5550. */
Test(reader, gives_exact_amounts_and_codes) {
    struct desk d;
    desk_init(&d, one);
    VALUES(&d, 0, T0, "\x02\x2b\x00\x04");
    cr_assert_eq(capture_reading(&d.got, "d/a", 0)->r.v.as.i, 5550);
    cr_assert_eq(capture_reading(&d.got, "d/s", 0)->r.v.as.i, 4);
    cr_assert_eq(capture_reading(&d.got, "d/a", 0)->r.t_ms, T0);
    desk_fini(&d);
}

Test(reader, tells_what_changes_and_the_rest_at_the_heartbeat) {
    struct desk d;
    desk_init(&d, one);
    VALUES(&d, 0, T0, "\0\1\0\4");
    VALUES(&d, 0, T0 + 1000, "\0\1\0\4");
    VALUES(&d, 0, T0 + 2000, "\0\2\0\4");
    VALUES(&d, 0, T0 + 9999, "\0\2\0\4");
    cr_assert_eq(capture_count(&d.got, "d/a"), 2u);
    cr_assert_eq(capture_count(&d.got, "d/s"), 1u);
    VALUES(&d, 0, T0 + 10000, "\0\2\0\4");
    cr_assert_eq(capture_count(&d.got, "d/a"), 2u);
    cr_assert_eq(capture_count(&d.got, "d/s"), 2u);
    cr_assert_eq(d.got.cover_n, 1u); /* without a gap */
    covers(&d, 0, 0, 10000);
    desk_fini(&d);
}

Test(reader, has_a_deadband_in_the_unit_as_written) {
    struct desk d;
    desk_init(&d, "{connect: tcp://h, devices: {d: {points: ["
                  "{name: g, address: 0, deadband: 5}, {name: p, address: 1, type: power, unit: W,"
                  "deadband: 5}]}}}");
    VALUES(&d, 0, T0, "\0\12\0\12");
    VALUES(&d, 0, T0 + 1000, "\0\17\0\17"); /* 15: moved by 5, not by more */
    cr_assert_eq(d.got.reading_n, 2u);
    VALUES(&d, 0, T0 + 2000, "\0\20\0\20");
    cr_assert_eq(d.got.reading_n, 4u);
    desk_fini(&d);
}

Test(reader, tells_sampled_values_always) {
    struct desk d;
    desk_init(&d, "{connect: tcp://h, devices: {d: {points: [{name: a, address: 0, sampling: "
                  "sampled}]}}}");
    VALUES(&d, 0, T0, "\0\1");
    VALUES(&d, 0, T0 + 1000, "\0\1");
    cr_assert_eq(d.got.reading_n, 2u);
    desk_fini(&d);
}

/* 2304 with -1: 230.4; the factor stands behind its value. Then it is absent. */
Test(reader, uses_the_scale_register_of_the_same_answer) {
    struct desk d;
    desk_init(&d, "{connect: tcp://h, devices: {d: {points: [{name: v, address: 0, scale_register: "
                  "1}]}}}");
    VALUES(&d, 0, T0, "\x09\x00\xff\xff");
    cr_assert_float_eq(capture_reading(&d.got, "d/v", 0)->r.v.as.r, 230.4, 1e-12);
    VALUES(&d, 0, T0 + 1000, "\x09\x00\x80\x00");
    cr_assert_eq(capture_reading(&d.got, "d/v", 1)->r.quality, QUALITY_BAD);
    cr_assert_eq(batch_why_of(&capture_reading(&d.got, "d/v", 1)->r), BATCH_WHY_UNAVAILABLE);
    cr_assert(strstr(d.got.refused[0], "absent: device d, point d/v"), "%s", d.got.refused[0]);
    desk_fini(&d);
}

Test(reader, waits_for_a_factor_that_is_read_elsewhere) {
    struct desk d;
    desk_init(&d, "{connect: tcp://h, gap: 0, devices: {d: {points: [{name: v, address: 0, "
                  "scale_register: 50}]}}}");
    cr_assert_eq(d.plan.request_n, 2u);
    VALUES(&d, 0, T0, "\x09\x00");
    cr_assert_eq(d.got.reading_n, 0u);
    VALUES(&d, 1, T0 + 10, "\xff\xff");
    VALUES(&d, 0, T0 + 1000, "\x09\x00");
    cr_assert_eq(d.got.reading_n, 1u);
    desk_fini(&d);
}

/* The other device lives, so the time goes on; the silent one's points are bad from the first
 * request on that it did not answer. */
Test(reader, a_silent_device_has_bad_points_and_the_others_go_on) {
    struct desk d;
    desk_init(&d, two);
    VALUES(&d, 0, T0, "\0\1");
    VALUES(&d, 1, T0 + 5, "\0\1");
    SILENCE(&d, 1, T0 + 1000, 0);
    VALUES(&d, 0, T0 + 3000, "\0\1");
    const struct captured *bad = capture_reading(&d.got, "e/a", 1);
    cr_assert_eq(bad->r.quality, QUALITY_BAD);
    cr_assert_eq(batch_why_of(&bad->r), BATCH_WHY_NO_ANSWER);
    cr_assert_eq(bad->r.t_ms, T0 + 1000);
    cr_assert_eq(d.got.cover_n, 1u);
    covers(&d, 0, 0, 3000);
    cr_assert_eq(modbus_reader_silent(&d.reader), 1u);
    cr_assert(strstr(d.got.refused[0], "silent: device e, unit 2: no answer: timed out"), "%s",
              d.got.refused[0]);
    VALUES(&d, 1, T0 + 4000, "\0\1");
    cr_assert_eq(capture_reading(&d.got, "e/a", 2)->r.quality, QUALITY_GOOD);
    cr_assert_eq(capture_count(&d.got, "d/a"), 1u);
    desk_fini(&d);
}

Test(reader, a_lost_connection_is_a_gap_and_then_all_is_told_anew) {
    struct desk d;
    desk_init(&d, two);
    VALUES(&d, 0, T0, "\0\1");
    VALUES(&d, 1, T0 + 5, "\0\1");
    DOWN(&d, T0 + 900);
    cr_assert_eq(d.got.reading_n, 2u); /* of the time of the break nothing is said */
    cr_assert_eq(d.got.covers[d.got.cover_n - 1].until_ms, T0 + 5);
    capture_clear(&d.got);
    VALUES(&d, 0, T0 + 5000, "\0\1");
    covers(&d, 0, 5000, 5000);
    cr_assert_eq(d.got.reading_n, 1u);
    cr_assert_eq(capture_reading(&d.got, "d/a", 0)->r.t_ms, T0 + 5000);
    VALUES(&d, 1, T0 + 5010, "\0\1");
    covers(&d, d.got.cover_n - 1, 5000, 5010);
    desk_fini(&d);
}

Test(reader, when_nobody_answers_the_time_is_a_gap) {
    struct desk d;
    desk_init(&d, two);
    VALUES(&d, 0, T0, "\0\1");
    VALUES(&d, 1, T0 + 5, "\0\1");
    SILENCE(&d, 0, T0 + 1000, 0);
    SILENCE(&d, 1, T0 + 3000, 1);
    cr_assert_eq(d.got.covers[d.got.cover_n - 1].until_ms, T0 + 3000);
    capture_clear(&d.got);
    VALUES(&d, 1, T0 + 9000, "\0\1");
    covers(&d, 0, 9000, 9000);
    cr_assert_eq(capture_reading(&d.got, "d/a", 0)->r.quality, QUALITY_BAD);
    cr_assert_eq(capture_reading(&d.got, "d/a", 0)->r.t_ms, T0 + 9000);
    cr_assert_eq(capture_reading(&d.got, "e/a", 0)->r.quality, QUALITY_GOOD);
    desk_fini(&d);
}

/* 3 x 1 s, 2 x 1 s x 2 and 10 s: nobody looked for 17 s and a bit more. */
Test(reader, a_time_in_which_nobody_looked_is_a_gap) {
    struct desk d;
    desk_init(&d, two);
    VALUES(&d, 0, T0, "\0\1");
    VALUES(&d, 0, T0 + 17000, "\0\1");
    covers(&d, d.got.cover_n - 1, 0, 17000);
    VALUES(&d, 0, T0 + 34001, "\0\1");
    covers(&d, d.got.cover_n - 1, 34001, 34001);
    cr_assert_eq(d.got.reading_n, 2u);
    desk_fini(&d);
}

Test(reader, an_exception_makes_its_points_bad_and_is_said_once) {
    struct desk d;
    desk_init(&d, two);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(
            give(&d, MODBUS_NEWS_REFUSAL, 0, T0 + 1000 * i, span_str("Illegal data address"), 2),
            ERR_OK);
    cr_assert_eq(d.got.reading_n, 1u);
    cr_assert_eq(capture_reading(&d.got, "d/a", 0)->r.quality, QUALITY_BAD);
    cr_assert_eq(batch_why_of(&capture_reading(&d.got, "d/a", 0)->r), BATCH_WHY_REFUSED);
    cr_assert_eq(d.got.refused_n, 1u);
    cr_assert(
        strstr(d.got.refused[0], "function 3, 1 from 0 on: exception 2: Illegal data address"),
        "%s", d.got.refused[0]);
    desk_fini(&d);
}

Test(reader, goes_on_where_the_journal_was_full) {
    struct desk d;
    desk_init(&d, one);
    d.got.room = 1;
    cr_assert_eq(give(&d, MODBUS_NEWS_VALUES, 0, T0, span_of("\0\1\0\2", 4), 0), ERR_FULL);
    cr_assert(d.reader.have);
    d.got.room = 10;
    cr_assert_eq(modbus_reader_step(&d.reader, &d.got.out), ERR_OK);
    cr_assert_eq(capture_count(&d.got, "d/a"), 1u);
    cr_assert_eq(capture_count(&d.got, "d/s"), 1u);
    desk_fini(&d);
}

Test(reader, takes_strings_and_tells_them_on_change) {
    struct desk d;
    desk_init(&d, "{connect: tcp://h, devices: {d: {points: [{name: m, address: 0, format: string, "
                  "length: 2, type: state}]}}}");
    VALUES(&d, 0, T0, "ABC\0");
    VALUES(&d, 0, T0 + 1000, "ABC\0");
    VALUES(&d, 0, T0 + 2000, "ABD\0");
    cr_assert_eq(d.got.reading_n, 2u);
    cr_assert_str_eq(d.got.readings[1].text, "ABD");
    desk_fini(&d);
}

Test(reader, refuses_messages_that_fit_no_request) {
    struct desk d;
    desk_init(&d, one);
    const struct modbus_head head = {.kind = MODBUS_NEWS_VALUES, .request = 0, .t_ms = T0};
    cr_assert_eq(modbus_message_format(&head, span_of("\0\1\0", 3), &d.message), ERR_OK);
    cr_assert_eq(modbus_reader_take(&d.reader, buf_span(&d.message)), ERR_FORMAT);
    cr_assert_eq(modbus_reader_take(&d.reader, span_of(d.message.p, 15)), ERR_FORMAT);
    desk_fini(&d);
}

/* A device has no clock of its own here: the time is that of the answer. */
Test(reader, the_time_is_the_gateways) {
    struct desk d;
    desk_init(&d, one);
    VALUES(&d, 0, T0 + 7, "\x02\x2b\x00\x04");
    SILENCE(&d, 0, T0 + 2000, 1);
    cr_assert_geq(d.got.reading_n, 2u);
    for (size_t i = 0; i < d.got.reading_n; i++)
        cr_expect_not(d.got.readings[i].r.by_device, "%zu", i);
    cr_expect_eq(d.got.readings[0].r.t_ms, T0 + 7);
    desk_fini(&d);
}
