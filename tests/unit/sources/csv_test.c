#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/utc.h"
#include "sourcekit/capture.h"
#include "sourcekit/yaml.h"
#include "sources/csv.h"

static struct capture got;
static char path[] = "/tmp/pb_csv_test_XXXXXX";

static void set_up(void) {
    capture_init(&got);
    const int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
}

static void tear_down(void) {
    unlink(path);
    capture_fini(&got);
}

TestSuite(csv, .init = set_up, .fini = tear_down);

static void put_file(const char *text, size_t n) {
    FILE *f = fopen(path, "wb");
    fwrite(text, 1, n, f);
    fclose(f);
}

static int64_t at(const char *text) {
    int64_t t = 0;
    cr_assert_eq(utc_parse(span_str(text), &t), ERR_OK);
    return t;
}

/* The configuration of the text, with the temporary file. */
static void load(struct csv_conf *c, const char *yaml) {
    char all[4096];
    struct conf_report report;

    snprintf(all, sizeof all, "file: %s\n%s", path, yaml);
    yaml_load(all, &csv_schema, c);
    conf_report_init(&report);
    csv_conf_finish(c, &report);
    yaml_clean(&report);
    conf_report_fini(&report);
}

/* Reads the file to its end at once. */
static void read_all(const char *text, const char *yaml, int64_t now_ms) {
    struct csv_conf c;
    struct source *s = NULL;
    int64_t next;

    put_file(text, strlen(text));
    load(&c, yaml);
    cr_assert_eq(csv_open(&c, now_ms, span_of(NULL, 0), &s), ERR_OK);
    capture_drain(&got, s, now_ms, &next);
    cr_assert_eq(next, INT64_MIN);
    s->ops->close(s);
    conf_free(&csv_schema, &c);
}

Test(csv, samples_become_readings_at_their_time) {
    read_all("time,kW,total,state\n"
             "2026-01-05T06:00:00Z,12.5,7,on\n"
             "2026-01-05T06:00:10Z,-0.25,9,off\n",
             "time_columns: [time]\n"
             "columns:\n"
             "  - {column: kW, point: m/power, type: power, unit: kW, decimals: 2}\n"
             "  - {column: total, point: m/total, type: counter, unit: piece, decimals: 0}\n"
             "  - {column: state, point: m/state, type: state, map: {on: 6, 'off': 2}}\n",
             0);
    cr_assert_eq(got.reading_n, 6u);
    cr_assert_eq(capture_reading(&got, "m/power", 0)->r.v.as.i, 1250);
    cr_assert_eq(capture_reading(&got, "m/power", 1)->r.v.as.i, -25);
    /* One hundredth of a kW is 10 W = 10^7 uW. */
    const struct point *power = &got.points[capture_point(&got, "m/power")];
    cr_assert_eq(power->num, 10000000);
    cr_assert_eq(power->den, 1);
    cr_assert_str_eq(power->unit, "uW");
    cr_assert_eq(capture_reading(&got, "m/total", 1)->r.v.as.i, 9);
    cr_assert_eq(capture_reading(&got, "m/state", 0)->r.v.as.i, 6);
    cr_assert_eq(capture_reading(&got, "m/state", 1)->r.t_ms, at("2026-01-05T06:00:10Z"));
    cr_assert_eq(got.cover_n, 1u);
    cr_assert_eq(got.covers[0].since_ms, at("2026-01-05T06:00:00Z"));
    cr_assert_eq(got.covers[0].until_ms, at("2026-01-05T06:00:10Z"));
}

Test(csv, a_width_in_the_file_is_that_of_the_written_number) {
    read_all(
        "time,n,kWh\n"
        "2026-01-05T06:00:00Z,65535,999999.9\n",
        "time_columns: [time]\n"
        "columns:\n"
        "  - {column: n, point: n, type: counter, unit: piece, width_bits: 16}\n"
        "  - {column: kWh, point: e, type: register, unit: kWh, decimals: 1, width_digits: 6}\n",
        0);
    cr_assert_eq(capture_reading(&got, "n", 0)->r.v.as.i, 65535);
    cr_assert_eq(got.points[capture_point(&got, "n")].width_bits, 16);
    cr_assert_eq(capture_reading(&got, "e", 0)->r.v.as.i, 9999999);
    cr_assert_eq(got.points[capture_point(&got, "e")].width_digits, 7);
}

Test(csv, quotes_bom_crlf_comments_and_commas_are_understood) {
    read_all("\xef\xbb\xbf\"day\";clock;\"kWh \"\"net\"\"\"\r\n"
             "# taken over by hand\r\n"
             "05.01.2026;06:00;\"1,5\"\r\n"
             "\r\n"
             "05.01.2026;06:15;1.500,5\r\n"
             "05.01.2026;06:30;2,25",
             "separator: ;\ncomment: '#'\ndecimal: comma\n"
             "time_columns: [day, clock]\nformat: '%d.%m.%Y %H:%M'\nutc_offset: 60\n"
             "columns:\n"
             "  - {column: 'kWh \"net\"', point: m/energy, type: register, unit: kWh}\n",
             0);
    cr_assert_eq(got.reading_n, 2u);
    cr_assert_eq(got.readings[0].r.v.as.i, 1500);
    cr_assert_eq(got.readings[0].r.t_ms, at("2026-01-05T05:00:00Z"));
    cr_assert_eq(got.readings[1].r.v.as.i, 2250);
    cr_assert_eq(got.refused_n, 1u);
    cr_assert_str_eq(got.refused[0],
                     "value: line 5, column 3 (kWh \"net\"): expected a number (decimals "
                     "behind a comma)");
}

Test(csv, an_open_quote_costs_its_line_only) {
    read_all("time,v\n1,1\n2,\"2\n3,3\n4,4\n",
             "format: epoch_s\ntime_columns: [time]\n"
             "columns:\n  - {column: v, point: a, type: gauge}\n",
             0);
    cr_assert_eq(got.reading_n, 3u);
    cr_assert_eq(got.readings[1].r.t_ms, 3000);
    cr_assert_eq(got.refused_n, 1u);
    cr_assert_eq(strncmp(got.refused[0], "record: line 3", 14), 0);
}

Test(csv, a_line_over_64_KiB_is_refused_and_passed) {
    const size_t n = 70000;
    char *text = calloc(1, n + 100);
    strcpy(text, "time,v\n1,1\n2,");
    memset(text + 13, '7', n);
    strcpy(text + 13 + n, "\n3,3\n");
    read_all(text,
             "format: epoch_s\ntime_columns: [time]\n"
             "columns:\n  - {column: v, point: a, type: gauge}\n",
             0);
    cr_assert_eq(got.reading_n, 2u);
    cr_assert_eq(got.refused_n, 1u);
    free(text);
}

Test(csv, interval_rows_mark_their_end_and_midnight_ends_the_day) {
    read_all("t,kWh\n05/01/2026 23:45,1.25\n05/01/2026 00:00,2\n06/01/2026 00:15,3\n",
             "rows: intervals\nperiod: 15 min\nstamp: end\nmidnight: end-of-day\n"
             "time_columns: [t]\nformat: '%d/%m/%Y %H:%M'\nzone: Asia/Ho_Chi_Minh\n"
             "columns:\n  - {column: kWh, point: e, type: interval, unit: kWh}\n",
             0);
    cr_assert_eq(got.refused_n, 0u);
    cr_assert_eq(got.reading_n, 3u);
    /* Local midnight is 17:00 UTC. */
    cr_assert_eq(got.readings[1].r.t_ms, at("2026-01-05T17:00:00Z"));
    cr_assert_eq(got.readings[1].r.v.as.span.dur_ms, 900000);
    cr_assert_eq(got.readings[1].r.v.as.span.amount, 2000);
    cr_assert_eq(got.covers[0].since_ms, at("2026-01-05T16:30:00Z"));
    cr_assert_eq(got.covers[0].until_ms, at("2026-01-05T17:15:00Z"));
    cr_assert_eq(got.cover_n, 1u);
}

Test(csv, a_wrong_guess_of_midnight_is_reported) {
    read_all("t,kWh\n05/01/2026 23:45,1.25\n05/01/2026 00:00,2\n06/01/2026 00:15,3\n",
             "rows: intervals\nperiod: 15 min\nstamp: end\n"
             "time_columns: [t]\nformat: '%d/%m/%Y %H:%M'\n"
             "columns:\n  - {column: kWh, point: e, type: interval, unit: kWh}\n",
             0);
    /* 23:45 -> 00:00 of the same day is a step of -85500 s; the row is out of order as well. */
    cr_assert_eq(got.reading_n, 2u);
    cr_assert_str_eq(
        got.refused[0],
        "step: line 3: step of -85500 s, expected 900 s; 00:00 seems to stand for 24:00 "
        "of its date: try midnight: end-of-day");
    cr_assert_eq(strncmp(got.refused[1], "order: line 3, column 1", 23), 0);
}

Test(csv, contents_of_a_column_name_the_points) {
    read_all("res,start,min,kind,qty\n"
             "Mill & Co. 1,2026-01-05 06:00,30,S,1\n"
             "Press (A),2026-01-05 05:00,10,D,4\n"
             "Press (A),2026-01-05 05:10,20,X,4\n"
             ",2026-01-05 05:10,20,D,4\n"
             "scrap line,2026-01-05 05:10,20,D,4\n",
             "rows: intervals\norder: any\ntime_columns: [start]\nduration_column: min\n"
             "names: {'Press (A)': press-a}\n"
             "filters: [{column: res, not: [scrap line]}]\n"
             "columns:\n"
             "  - {column: '', point: '{res}/state', hint: '{res}', type: interval, tag: kind,"
             " map: {D: 6, S: 15}}\n"
             "  - {column: qty, point: '{res}/good', type: interval, unit: piece, decimals: 0}\n",
             0);
    cr_assert_eq(got.point_n, 4u);
    cr_assert_geq(capture_point(&got, "mill-co-1/state"), 0);
    cr_assert_str_eq(got.points[capture_point(&got, "press-a/state")].hint, "press-a");
    cr_assert_eq(capture_reading(&got, "mill-co-1/state", 0)->r.v.as.span.tag, 15);
    cr_assert_eq(capture_reading(&got, "mill-co-1/state", 0)->r.v.as.span.dur_ms, 1800000);
    cr_assert_eq(capture_amount(&got, "press-a/good"), 8);
    cr_assert_eq(capture_count(&got, "press-a/state"), 1u);
    /* Line 4: kind X has no code; line 5: no name, for both columns. */
    cr_assert_eq(got.refused_n, 3u);
    cr_assert_str_eq(got.refused[0], "value: line 4, column 4 (kind): expected a code or a word of "
                                     "the map");
}

Test(csv, a_shifted_replay_tells_rows_when_they_are_due) {
    struct csv_conf c;
    struct source *s = NULL;
    int64_t next;
    const char text[] = "v\n1\n2\n3\n";

    put_file(text, sizeof text - 1);
    load(&c, "format: row\nperiod: 10 s\nclock: shifted\nspeed: 10\n"
             "columns:\n  - {column: v, point: a, type: gauge}\n");
    cr_assert_eq(csv_open(&c, 5000000, span_of(NULL, 0), &s), ERR_OK);
    capture_drain(&got, s, 5000000, &next);
    cr_assert_eq(got.reading_n, 1u);
    cr_assert_eq(next, 5001000); /* 10 s at tenfold speed */
    capture_drain(&got, s, 5001000, &next);
    cr_assert_eq(got.reading_n, 2u);
    cr_assert_eq(got.readings[1].r.t_ms, 5001000);
    capture_drain(&got, s, 6000000, &next);
    cr_assert_eq(got.reading_n, 3u);
    cr_assert_eq(next, INT64_MIN);
    s->ops->close(s);
    conf_free(&csv_schema, &c);
}

Test(csv, a_restart_goes_on_after_the_last_reading_taken) {
    struct csv_conf c;
    struct capture parts;
    struct buf position;
    char text[4000] = "t,a,b\n";
    const char yaml[] = "format: epoch_s\ntime_columns: [t]\nclock: shifted\nstart: "
                        "2026-01-05T00:00:00Z\ncolumns:\n"
                        "  - {column: a, point: a, type: gauge}\n"
                        "  - {column: b, point: b, type: state}\n";
    for (int i = 0; i < 100; i++)
        sprintf(text + strlen(text), "%d,%d.5,w%d\n", 1000 + i * i, i, i);
    const int64_t now = at("2026-01-06T00:00:00Z");
    read_all(text, yaml, now);
    load(&c, yaml);
    capture_init(&parts);
    buf_init(&position);
    for (int i = 0; i < 60 && parts.reading_n < got.reading_n; i++) {
        struct source *s = NULL;
        int64_t next;
        cr_assert_eq(csv_open(&c, now + i, buf_span(&position), &s), ERR_OK);
        parts.point_n = 0;
        parts.room = 7;
        cr_assert_eq(s->ops->poll(s, now, &parts.out, &next), ERR_OK);
        buf_reset(&position);
        s->ops->position(s, &position);
        cr_assert_leq(position.n, 240u);
        s->ops->close(s);
    }
    cr_assert_eq(got.reading_n, 200u);
    cr_assert_eq(parts.reading_n, 200u);
    for (size_t i = 0; i < 200; i++) {
        cr_assert_eq(parts.readings[i].r.t_ms, got.readings[i].r.t_ms);
        cr_assert_str_eq(parts.readings[i].text, got.readings[i].text);
    }
    cr_assert_eq(got.readings[198].r.t_ms, at("2026-01-05T00:00:00Z") + 99 * 99 * 1000);
    buf_fini(&position);
    capture_fini(&parts);
    conf_free(&csv_schema, &c);
}

Test(csv, a_long_step_is_a_gap_when_asked_for) {
    read_all("t,v\n0,1\n60,2\n4000,3\n4060,4\n",
             "format: epoch_s\ntime_columns: [t]\ngap: 10 min\n"
             "columns:\n  - {column: v, point: a, type: gauge}\n",
             0);
    cr_assert_eq(got.cover_n, 2u);
    cr_assert_eq(got.covers[0].until_ms, 60000);
    cr_assert_eq(got.covers[1].since_ms, 4000000);
}

Test(csv, a_growing_file_is_followed) {
    struct csv_conf c;
    struct source *s = NULL;
    int64_t next;

    put_file("t,v\n1,1\n2,", 10);
    load(&c, "follow: true\nformat: epoch_s\ntime_columns: [t]\n"
             "columns:\n  - {column: v, point: a, type: gauge}\n");
    cr_assert_eq(csv_open(&c, 0, span_of(NULL, 0), &s), ERR_OK);
    capture_drain(&got, s, 0, &next);
    cr_assert_eq(got.reading_n, 1u);
    cr_assert_eq(next, 1000);
    FILE *f = fopen(path, "ab");
    fputs("25\n", f);
    fclose(f);
    capture_drain(&got, s, 1000, &next);
    cr_assert_eq(got.reading_n, 2u);
    cr_assert_eq(got.readings[1].r.v.as.r, 25.0);
    s->ops->close(s);
    conf_free(&csv_schema, &c);
}

#define FOLLOWED                                                                                   \
    "follow: true\nformat: epoch_s\ntime_columns: [t]\ncolumns:\n  - {column: v, point: a, type: " \
    "gauge}\n"

static struct source *follow(const struct csv_conf *c, const char *text, struct buf *position) {
    struct source *s = NULL;
    int64_t next;

    if (text != NULL)
        put_file(text, strlen(text));
    cr_assert_eq(csv_open(c, 0, buf_span(position), &s), ERR_OK);
    capture_drain(&got, s, 0, &next);
    buf_reset(position);
    s->ops->position(s, position);
    return s;
}

static void expect_values(const char *want) {
    char text[200] = "";
    for (size_t i = 0; i < got.reading_n; i++)
        sprintf(text + strlen(text), "%g ", got.readings[i].r.v.as.r);
    cr_expect_str_eq(text, want);
}

/* 12 bytes of another content, and more behind them: what was read is not in it. */
Test(csv, a_file_that_was_replaced_is_read_from_its_front) {
    struct csv_conf c;
    struct buf position;

    buf_init(&position);
    load(&c, FOLLOWED);
    struct source *s = follow(&c, "t,v\n1,1\n2,2\n", &position);
    s->ops->close(s);
    got.point_n = 0;
    s = follow(&c, "t,v\n5,5\n6,6\n7,7\n", &position);
    expect_values("1 2 5 6 7 ");
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_str_eq(got.refused[0],
                     "file: line 4: the file has been replaced or cut down; reading "
                     "begins at its front");
    cr_assert_eq(got.cover_n, 2u); /* what lies between the two is not known */
    cr_expect_eq(got.covers[0].until_ms, 2000);
    cr_expect_eq(got.covers[1].since_ms, 5000);
    cr_expect_eq(got.covers[1].until_ms, 7000);
    s->ops->close(s);
    buf_fini(&position);
    conf_free(&csv_schema, &c);
}

Test(csv, a_file_that_was_written_again_with_more_in_it_goes_on) {
    struct csv_conf c;
    struct buf position;

    buf_init(&position);
    load(&c, FOLLOWED);
    struct source *s = follow(&c, "t,v\n1,1\n2,2\n", &position);
    s->ops->close(s);
    (void)unlink(path);
    got.point_n = 0;
    s = follow(&c, "t,v\n1,1\n2,2\n3,3\n", &position);
    expect_values("1 2 3 ");
    cr_expect_eq(got.refused_n, 0u);
    s->ops->close(s);
    buf_fini(&position);
    conf_free(&csv_schema, &c);
}

Test(csv, a_followed_file_that_is_renamed_is_read_to_its_end_and_then_the_next_one) {
    struct csv_conf c;
    struct buf position;
    char old[300];
    int64_t next;

    buf_init(&position);
    load(&c, FOLLOWED);
    struct source *s = follow(&c, "t,v\n1,1\n", &position);
    FILE *f = fopen(path, "ab");
    fputs("2,2\n", f);
    fclose(f);
    snprintf(old, sizeof old, "%s.1", path);
    cr_assert_eq(rename(path, old), 0);
    put_file("t,v\n3,3\n", 8);
    capture_drain(&got, s, 1000, &next);
    expect_values("1 2 3 ");
    cr_expect_eq(got.refused_n, 0u);
    for (size_t i = 1; i < got.cover_n; i++) /* nothing lies between */
        cr_expect_leq(got.covers[i].since_ms, got.covers[i - 1].until_ms);
    cr_expect_eq(got.covers[got.cover_n - 1].until_ms, 3000);
    s->ops->close(s);
    (void)unlink(old);
    buf_fini(&position);
    conf_free(&csv_schema, &c);
}

/* Whoever writes may have the renamed file open for a while; its last row has no line end. */
Test(csv, a_renamed_file_is_read_until_the_next_one_is_written_to) {
    struct csv_conf c;
    struct buf position;
    char old[300];
    int64_t next;

    buf_init(&position);
    load(&c, FOLLOWED);
    struct source *s = follow(&c, "t,v\n1,1\n", &position);
    FILE *f = fopen(path, "ab");
    snprintf(old, sizeof old, "%s.1", path);
    cr_assert_eq(rename(path, old), 0);
    put_file("", 0);
    capture_drain(&got, s, 1000, &next);
    fputs("2,2\n3,", f);
    fclose(f);
    put_file("t,v\n4,4\n", 8);
    capture_drain(&got, s, 2000, &next);
    expect_values("1 2 ");
    capture_drain(&got, s, 3000, &next);
    expect_values("1 2 4 ");
    cr_assert_eq(got.refused_n, 1u); /* the half row */
    s->ops->close(s);
    (void)unlink(old);
    buf_fini(&position);
    conf_free(&csv_schema, &c);
}

/* Half of the row 2,25 was there when the file was cut down: it is joined to nothing. */
Test(csv, a_followed_file_that_is_cut_down_is_read_from_its_front) {
    struct csv_conf c;
    struct buf position;
    int64_t next;

    buf_init(&position);
    load(&c, FOLLOWED);
    struct source *s = follow(&c, "t,v\n1,1\n2,2", &position);
    put_file("t,v\n3,3\n4,4\n5,5\n", 16);
    capture_drain(&got, s, 1000, &next);
    expect_values("1 3 4 5 ");
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_eq(got.covers[1].since_ms, 3000);
    s->ops->close(s);
    buf_fini(&position);
    conf_free(&csv_schema, &c);
}

/* As it was written before there were marks: the length alone says whether it is the file. */
Test(csv, a_position_without_a_mark_is_still_read) {
    struct csv_conf c;
    struct buf position;

    buf_init(&position);
    buf_add_str(&position, "1 8 3 0 1 1000 0 1000 1000 1000");
    load(&c, FOLLOWED);
    struct source *s = follow(&c, "t,v\n1,1\n2,2\n", &position);
    expect_values("2 ");
    cr_expect_eq(got.covers[0].since_ms, 1000);
    s->ops->close(s);
    buf_fini(&position);
    conf_free(&csv_schema, &c);
}

Test(csv, empty_and_bad_words_follow_the_settings) {
    read_all("t,a,b,c\n1,,,\n2,NaN,UNAVAILABLE,5\n",
             "format: epoch_s\ntime_columns: [t]\n"
             "columns:\n  - {column: a, point: a, type: gauge, empty: bad}\n"
             "  - {column: b, point: b, type: state, empty: zero}\n"
             "  - {column: c, point: c, type: counter, unit: piece}\n",
             0);
    cr_assert_eq(got.reading_n, 5u);
    cr_assert_eq(capture_reading(&got, "a", 0)->r.quality, QUALITY_BAD);
    cr_assert_eq(capture_reading(&got, "a", 1)->r.quality, QUALITY_BAD);
    cr_assert_eq(capture_reading(&got, "b", 0)->r.v.as.text.n, 0u);
    cr_assert_eq(capture_reading(&got, "b", 1)->r.quality, QUALITY_BAD);
}

Test(csv, the_hour_that_comes_twice_is_told_apart) {
    /* Berlin, 2026-10-25: 02:30 summer time is 00:30 UTC, 02:30 winter time is 01:30 UTC. */
    read_all("t,v\n2026-10-25 02:30:00,1\n2026-10-25 02:45:00,2\n2026-10-25 02:30:00,3\n",
             "time_columns: [t]\nzone: Europe/Berlin\n"
             "columns:\n  - {column: v, point: a, type: gauge}\n",
             0);
    cr_assert_eq(got.reading_n, 3u);
    cr_assert_eq(got.readings[0].r.t_ms, at("2026-10-25T00:30:00Z"));
    cr_assert_eq(got.readings[2].r.t_ms, at("2026-10-25T01:30:00Z"));
}

Test(csv, a_missing_column_ends_the_source_with_a_word) {
    struct csv_conf c;
    struct source *s = NULL;
    int64_t next;

    put_file("t,v\n1,1\n", 8);
    load(&c, "format: epoch_s\ntime_columns: [t]\n"
             "columns:\n  - {column: w, point: a, type: gauge}\n");
    cr_assert_eq(csv_open(&c, 0, span_of(NULL, 0), &s), ERR_OK);
    cr_assert_eq(s->ops->poll(s, 0, &got.out, &next), ERR_CONFIG);
    cr_assert_str_eq(got.refused[0], "header: column \"w\": expected a name of the header");
    s->ops->close(s);
    conf_free(&csv_schema, &c);
}

Test(csv, a_text_that_is_not_utf8_costs_itself_only) {
    read_all("t,a,b\n1,x\xff,1\n2,y,2\n",
             "format: epoch_s\ntime_columns: [t]\n"
             "columns:\n  - {column: a, point: a, type: state}\n"
             "  - {column: b, point: b, type: gauge}\n",
             0);
    cr_assert_eq(got.reading_n, 3u);
    cr_assert_eq(got.refused_n, 1u);
    cr_assert_str_eq(got.refused[0],
                     "illegal: line 2: expected texts of at most 256 bytes of UTF-8");
}

/* Line 3 has a decimal comma and so a field too many, line 4 lacks its value; an empty field at the
 * end is no field. */
Test(csv, rows_of_another_width_are_refused_and_told) {
    read_all("t,kWh,kW\n1000,1,5\n2000,1,5,5\n3000,2\n4000,2,6,\n",
             "time_columns: [t]\nformat: epoch_ms\n"
             "columns:\n"
             "  - {column: kWh, point: e, type: register, unit: kWh}\n"
             "  - {column: kW, point: p, type: power, unit: kW}\n",
             0);
    cr_assert_eq(got.reading_n, 4u);
    cr_expect_eq(capture_reading(&got, "e", 1)->r.t_ms, 4000);
    cr_assert_eq(got.refused_n, 2u);
    cr_expect_str_eq(got.refused[0],
                     "fields: line 3: expected 3 fields, not 4 (a separator inside of "
                     "a field needs quotes)");
    cr_expect_str_eq(got.refused[1], "fields: line 4: expected 3 fields, not 2");
}

Test(csv, short_rows_may_be_taken) {
    read_all("t,kWh,kW\n1000,1,5\n3000,2\n",
             "time_columns: [t]\nformat: epoch_ms\nshort_rows: take\n"
             "columns:\n"
             "  - {column: kWh, point: e, type: register, unit: kWh}\n"
             "  - {column: kW, point: p, type: power, unit: kW}\n",
             0);
    cr_assert_eq(got.reading_n, 3u);
    cr_assert_eq(got.refused_n, 0u);
}

Test(csv, without_header_the_first_row_tells_the_width) {
    read_all("1000,1\n2000,1,5\n3000,2\n",
             "header: false\ntime_columns: ['1']\nformat: epoch_ms\n"
             "columns:\n  - {column: '2', point: e, type: register, unit: kWh}\n",
             0);
    cr_assert_eq(got.reading_n, 2u);
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_str_eq(got.refused[0],
                     "fields: line 2: expected 2 fields, not 3 (a separator inside of "
                     "a field needs quotes)");
}

/* Rows of a minute each; the third is stamped a day late. It is told, vouches for nothing, and the
 * rows behind it are in order. */
Test(csv, one_stamp_from_the_future_refuses_and_hides_nothing) {
    read_all("t,kWh\n0,1\n60,2\n86520,3\n180,4\n240,5\n",
             "time_columns: [t]\nformat: epoch_s\n"
             "columns:\n  - {column: kWh, point: e, type: register, unit: kWh}\n",
             0);
    cr_assert_eq(got.reading_n, 5u);
    cr_assert_eq(got.cover_n, 1u);
    cr_expect_eq(got.covers[0].since_ms, 0);
    cr_expect_eq(got.covers[0].until_ms, 240000);
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_str_eq(got.refused[0],
                     "ahead: line 5: the row before is 86340 s ahead of this one: it "
                     "vouches for no time");
}

/* A machine that stood over the weekend: the next row confirms it. */
Test(csv, a_long_pause_between_rows_is_no_wrong_stamp) {
    read_all("t,kWh\n0,1\n60,2\n86520,3\n86580,4\n",
             "time_columns: [t]\nformat: epoch_s\ngap: 120 s\n"
             "columns:\n  - {column: kWh, point: e, type: register, unit: kWh}\n",
             0);
    cr_assert_eq(got.refused_n, 0u);
    cr_assert_eq(got.cover_n, 2u);
    cr_expect_eq(got.covers[0].until_ms, 60000);
    cr_expect_eq(got.covers[1].since_ms, 86520000);
    cr_expect_eq(got.covers[1].until_ms, 86580000);
}

/* An import says how far it is, by the bytes of its file. */
Test(csv, an_import_tells_how_far_it_is) {
    static const char text[] = "time,n\n2026-01-05T06:00:00Z,1\n2026-01-05T06:00:10Z,2\n";
    struct csv_conf c;
    struct source *s = NULL;
    struct source_progress p;
    int64_t next;

    put_file(text, strlen(text));
    load(&c, "time_columns: [time]\ncolumns:\n  - {column: n, point: m/n, type: counter}\n");
    cr_assert_eq(csv_open(&c, 0, span_of(NULL, 0), &s), ERR_OK);
    cr_assert(s->ops->progress(s, &p));
    cr_expect_eq(p.done, 0);
    cr_expect_eq(p.all, strlen(text));
    cr_expect_eq(p.until_ms, INT64_MIN);
    capture_drain(&got, s, 0, &next);
    cr_assert(s->ops->progress(s, &p));
    cr_expect_eq(p.done, strlen(text));
    cr_expect_eq(p.rows, 2);
    cr_expect_eq(p.until_ms, at("2026-01-05T06:00:10Z"));
    s->ops->close(s);
    conf_free(&csv_schema, &c);
}

Test(csv, what_is_followed_has_no_end_to_tell_of) {
    struct csv_conf c;
    struct source *s = NULL;
    struct source_progress p;

    put_file("time,n\n", 7);
    load(&c, "time_columns: [time]\nfollow: true\ncolumns:\n"
             "  - {column: n, point: m/n, type: counter}\n");
    cr_assert_eq(csv_open(&c, 0, span_of(NULL, 0), &s), ERR_OK);
    cr_expect(!s->ops->progress(s, &p));
    s->ops->close(s);
    conf_free(&csv_schema, &c);
}

/* The file's own stamps are the device's; what is counted from a period, or told later than it was,
 * is not. */
Test(csv, whose_time_a_reading_has_is_told) {
    static const struct {
        const char *time;
        bool device;
    } row[] = {{"time_columns: [time]\n", true},
               {"time_columns: [time]\nclock: shifted\nstart: 2026-02-01T00:00:00Z\n", false},
               {"format: row\nperiod: 10 s\nepoch: 2026-01-05T06:00:00Z\n", false}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char yaml[300];
        (void)snprintf(yaml, sizeof yaml,
                       "%scolumns: [{column: kW, point: m/power, type: power, unit: kW}]\n",
                       row[i].time);
        capture_fini(&got); /* the points of the source before, too */
        capture_init(&got);
        read_all("time,kW\n2026-01-05T06:00:00Z,12\n2026-01-05T06:00:10Z,13\n", yaml,
                 at("2026-02-01T00:01:00Z"));
        cr_assert_eq(got.reading_n, 2u, "%zu", i);
        for (size_t k = 0; k < got.reading_n; k++)
            cr_expect_eq(got.readings[k].r.by_device, row[i].device, "%zu", i);
    }
}
