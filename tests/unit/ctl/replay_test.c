/* The replay against a source of ten readings, with hours worked by hand. */
#include "replay/replay.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "plant_text.h"
#include "views/window_text.h"
#include "json/json.h"

#define T0 INT64_C(1767254400000) /* 2026-01-01T08:00:00Z */
#define MIN UTC_MINUTE_MS

/* 08:00 runs, 08:40 aborted, 08:50 runs; vouches for 08:00 .. 09:00. 12 pieces, one each 3 min of
 * the first 36. */
struct script {
    struct source source;
    int step;
    uint16_t state, total;
};

static enum err tell(const struct source_out *out, uint16_t point, int64_t t_ms, int64_t v) {
    const struct reading r = {.point = point, .t_ms = t_ms, .v = {.kind = VALUE_INT, .as.i = v}};
    return out->reading(out->user, &r);
}

static enum err script_poll(struct source *s, int64_t now_ms, const struct source_out *out,
                            int64_t *next_ms) {
    struct script *k = (struct script *)s;
    const struct point state = {
        .type = POINT_STATE, .sampling = POINT_HELD, .num = 1, .den = 1, .name = "press/state"};
    const struct point total = {.type = POINT_COUNTER,
                                .width_bits = 32,
                                .num = 1000000,
                                .den = 1,
                                .name = "press/total",
                                .unit = "ppiece"};
    (void)now_ms;
    enum err err = out->add_point(out->user, &state, &k->state);
    err = err ? err : out->add_point(out->user, &total, &k->total);
    err = err ? err : tell(out, k->state, T0, 6);
    for (int i = 0; i <= 12 && !err; i++)
        err = tell(out, k->total, T0 + i * 3 * MIN, i);
    err = err ? err : tell(out, k->state, T0 + 40 * MIN, 9);
    err = err ? err : tell(out, k->state, T0 + 50 * MIN, 6);
    err = err ? err : out->covered(out->user, T0, T0 + 60 * MIN);
    *next_ms = INT64_MIN;
    return err;
}

static int script_fd(const struct source *s) {
    (void)s;
    return -1;
}

static void script_position(const struct source *s, struct buf *out) {
    (void)s;
    (void)out;
}

static void script_close(struct source *s) {
    (void)s;
}

static const struct source_ops script_ops = {"csv",        script_poll, script_fd, script_position,
                                             script_close, NULL,        NULL};

struct run {
    struct plant *plant;
    struct script script;
    struct replay *replay;
};

static const struct window_words no_words;

static void play_entered(struct run *r, const struct act *a, bool minutes,
                         bool (*wanted)(void *user, const struct window *w)) {
    struct replay_source source = {.source = &r->script.source};
    const struct replay_conf conf = {.source = &source,
                                     .source_n = 1,
                                     .end_ms = INT64_MAX,
                                     .minutes = minutes,
                                     .wanted = wanted};
    *r = (struct run){.plant = plant_text_open(""), .script = {.source = {&script_ops}}};
    struct replay_conf c = conf;
    c.plant = r->plant;
    cr_assert(ident_set(&source.agent, span_str("gw")));
    cr_assert_not(replay_open(&c, &r->replay));
    if (a)
        cr_assert_not(replay_enter(r->replay, a));
    enum err err = replay_run(r->replay);
    cr_assert_eq(err, ERR_OK, "%s", err_name(err));
    if (a)
        cr_assert_eq(replay_enter(r->replay, a), ERR_STATE); /* it has begun */
}

static void play_kinds(struct run *r, bool minutes,
                       bool (*wanted)(void *user, const struct window *w)) {
    play_entered(r, NULL, minutes, wanted);
}

static void play(struct run *r) {
    play_kinds(r, false, NULL);
}

static void end(struct run *r) {
    replay_close(r->replay);
    plant_close(r->plant);
}

static const struct window *hour_of(const struct run *r, const char *node, int64_t start_ms) {
    size_t n = 0;
    const struct window *w = replay_windows(r->replay, &n);
    for (size_t i = 0; i < n; i++)
        if (w[i].key.kind == WINDOW_HOUR && w[i].key.start_ms == start_ms &&
            w[i].key.node == plant_find_node(r->plant, node))
            return &w[i];
    return NULL;
}

Test(replay, an_hour_comes_out_as_worked_by_hand) {
    struct run r;
    play(&r);
    const struct window *w = hour_of(&r, "press-1", T0);
    cr_assert_not_null(w);
    cr_expect_eq(w->life, WINDOW_SETTLED);
    cr_expect_eq(w->sums.q[QTY_TIME + CAT_PRODUCTION], 50 * MIN);
    cr_expect_eq(w->sums.q[QTY_TIME + CAT_DELAY], 10 * MIN);
    cr_expect_eq(w->sums.q[QTY_DELAY + CAUSE_FAILURE], 10 * MIN);
    cr_expect_eq(w->sums.q[QTY_PQ] + w->sums.q[QTY_PQ_UNKNOWN], INT64_C(12000000));
    const struct window *site = hour_of(&r, "works", T0);
    cr_assert_not_null(site);
    cr_expect(sums_equal(&site->sums, &w->sums));
    end(&r);
}

/* The recording ends at 09:00: the hour is whole, the day is not. */
Test(replay, a_window_that_the_recording_does_not_fill_stays_provisional) {
    struct run r;
    size_t n = 0, days = 0;
    play(&r);
    const struct window *w = replay_windows(r.replay, &n);
    for (size_t i = 0; i < n; i++) {
        const bool over = w[i].end_ms <= T0 + 60 * MIN;
        cr_expect_eq(w[i].life, over ? WINDOW_SETTLED : WINDOW_PROVISIONAL);
        days += w[i].key.kind == WINDOW_DAY;
    }
    cr_expect_gt(days, 0);
    end(&r);
}

Test(replay, time_before_the_first_reading_is_unknown) {
    struct run r;
    play(&r);
    const struct window *w = hour_of(&r, "press-1", T0 - 60 * MIN);
    cr_assert_not_null(w);
    cr_expect_eq(w->sums.q[QTY_TIME + CAT_UNKNOWN], 60 * MIN);
    end(&r);
}

Test(replay, two_runs_give_the_same_windows) {
    struct run a, b;
    size_t n = 0, m = 0;
    play(&a);
    play(&b);
    const struct window *x = replay_windows(a.replay, &n), *y = replay_windows(b.replay, &m);
    cr_assert_eq(n, m);
    for (size_t i = 0; i < n; i++) {
        cr_expect(sums_equal(&x[i].sums, &y[i].sums));
        cr_expect_eq(x[i].key.start_ms, y[i].key.start_ms);
        cr_expect_eq(x[i].revision, y[i].revision);
    }
    end(&a);
    end(&b);
}

Test(replay, windows_come_once_and_in_order) {
    struct run r;
    size_t n = 0;
    play(&r);
    const struct window *w = replay_windows(r.replay, &n);
    cr_assert_gt(n, 0);
    for (size_t i = 1; i < n; i++) {
        bool same_series =
            w[i].key.node == w[i - 1].key.node && w[i].key.kind == w[i - 1].key.kind &&
            w[i].key.product == w[i - 1].key.product && w[i].key.team == w[i - 1].key.team;
        cr_expect(!same_series || w[i].key.start_ms > w[i - 1].key.start_ms);
    }
    end(&r);
}

static bool minute_of_press(void *user, const struct window *w) {
    (void)user;
    return w->key.kind == WINDOW_MINUTE && w->key.node == 3;
}

Test(replay, minutes_come_when_they_are_asked_for) {
    struct run r;
    size_t n = 0, pieces = 0;
    play(&r);
    const struct window *w = replay_windows(r.replay, &n);
    for (size_t i = 0; i < n; i++)
        cr_expect_neq(w[i].key.kind, WINDOW_MINUTE);
    end(&r);
    play_kinds(&r, true, minute_of_press);
    cr_assert_eq(plant_find_node(r.plant, "press-1"), 3);
    w = replay_windows(r.replay, &n);
    /* From the begin of the day of the data to their end, 00:00 to 09:00, and nothing else. */
    cr_assert_eq(n, 9 * 60, "%zu", n);
    for (size_t i = 0; i < n; i++) {
        cr_expect_eq(w[i].life, WINDOW_SETTLED);
        cr_expect_eq(sums_time(&w[i].sums), MIN);
        if (w[i].key.start_ms < T0 || w[i].key.start_ms >= T0 + 60 * MIN)
            continue;
        int64_t minute = (w[i].key.start_ms - T0) / MIN;
        /* Stopped from 08:40 to 08:50. A piece is booked at the end of its three minutes. */
        bool stopped = minute >= 40 && minute < 50;
        cr_expect_eq(w[i].sums.q[QTY_TIME + CAT_PRODUCTION], stopped ? 0 : MIN);
        pieces += w[i].sums.q[QTY_PQ] + w[i].sums.q[QTY_PQ_UNKNOWN] != 0;
    }
    cr_expect_eq(pieces, 12);
    end(&r);
}

/* The ten minutes of the fault are given another cause; no time moves, and nothing is told twice.
 */
Test(replay, what_people_entered_is_played_with_the_recording) {
    const struct act cause = {.kind = ACT_CAUSE,
                              .key = span_str("k"),
                              .unit = span_str("press-1"),
                              .t0_ms = T0 + 30 * MIN,
                              .t1_ms = T0 + 46 * MIN,
                              .text = span_str("material"),
                              .who = span_str("early")};
    struct run r;
    play_entered(&r, &cause, false, NULL);
    const struct window *w = hour_of(&r, "press-1", T0);
    cr_assert(w);
    cr_expect_eq(w->sums.q[QTY_TIME + CAT_DELAY], 10 * MIN);
    cr_expect_eq(w->sums.q[QTY_DELAY + CAUSE_MATERIAL], 6 * MIN);
    cr_expect_eq(w->sums.q[QTY_DELAY + CAUSE_FAILURE], 4 * MIN);
    cr_expect_eq(w->revision, 0);
    end(&r);
}

Test(replay, a_simulation_needs_an_end) {
    static const struct source_ops sim = {"sim",        script_poll, script_fd, script_position,
                                          script_close, NULL,        NULL};
    struct script s = {.source = {&sim}};
    struct replay_source source = {.source = &s.source};
    struct plant *plant = plant_text_open("");
    struct replay *r = NULL;
    const struct replay_conf conf = {
        .plant = plant, .source = &source, .source_n = 1, .end_ms = INT64_MAX};
    cr_assert(ident_set(&source.agent, span_str("gw")));
    cr_expect_eq(replay_open(&conf, &r), ERR_STATE);
    plant_close(plant);
}

Test(replay, a_window_as_json_has_value_numerator_and_denominator) {
    struct run r;
    struct buf line;
    struct json_value *root = NULL;
    double value = 0, numerator = 0, denominator = 0;
    struct json_writer json;
    play(&r);
    buf_init(&line);
    json_writer_init(&json, &line);
    window_text_json(&json, r.plant, hour_of(&r, "press-1", T0), &no_words);
    cr_assert_not(json_writer_finish(&json));
    cr_assert_not(json_parse(buf_span(&line), NULL, &root, NULL));
    const struct json_value *u = json_find(json_find(root, "indicators"), "time_utilization");
    cr_assert_not(json_double_of(json_find(u, "value"), &value));
    cr_assert_not(json_double_of(json_find(u, "numerator"), &numerator));
    cr_assert_not(json_double_of(json_find(u, "denominator"), &denominator));
    cr_expect_float_eq(value, 50.0 / 60.0, 1e-12);
    cr_expect_float_eq(numerator, 50.0 / 60.0, 1e-12); /* hours */
    cr_expect_float_eq(denominator, 1.0, 1e-12);
    /* No energy is measured: undefined, not zero (law L5). */
    const struct json_value *e = json_find(json_find(root, "indicators"), "standby_ratio");
    cr_expect_eq(json_kind(json_find(e, "value")), JSON_KIND_NULL);
    cr_expect_not_null(json_find(e, "value"));
    json_close(root);
    buf_fini(&line);
    end(&r);
}

static size_t fields_of(const struct buf *line) {
    size_t n = 1;
    for (size_t i = 0; i < line->n; i++)
        n += line->p[i] == ',';
    return n;
}

Test(replay, a_csv_record_has_as_many_fields_as_its_head) {
    struct run r;
    struct buf head, line;
    play(&r);
    buf_init(&head);
    buf_init(&line);
    cr_assert_not(window_text_csv_head(&head));
    cr_assert_not(window_text_csv(r.plant, hour_of(&r, "press-1", T0), &no_words, &line));
    cr_expect_eq(fields_of(&head), fields_of(&line));
    cr_expect_eq(line.p[line.n - 1], '\n');
    buf_fini(&head);
    buf_fini(&line);
    end(&r);
}
