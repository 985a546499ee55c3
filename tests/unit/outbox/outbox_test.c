#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "outbox_rig.h"

static const struct sink_memory_conf works = {.deletes = true};

static size_t waiting(const struct outbox_rig *r) {
    return store_memory_rows(r->rig.store, STORE_OUTBOX);
}

static size_t parked(const struct outbox_rig *r) {
    return store_memory_rows(r->rig.store, STORE_DEAD);
}

static size_t lines_in(struct span text) {
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

static const char *field(const struct line_read *p, const char *key) {
    const char *v = p ? line_read_field(p, key) : NULL;
    return v ? v : "none";
}

/* --- points -------------------------------------------------------------------------------------
 */

Test(outbox_rows, a_window_becomes_a_point) {
    struct outbox_rig r;
    outbox_rig_open(&r, &works);
    outbox_rig_put(&r, PACK, 6, 95, 2);
    cr_expect(outbox_rig_drain(&r, 2));
    const struct line_read *p = outbox_rig_point(&r, "pack", 6);
    cr_assert_not_null(p);
    cr_expect_str_eq(p->measurement, "pb_unit");
    /* Tags in the order of their keys; the line plant has no area. */
    const char *const want[][2] = {{"level", "unit"},
                                   {"line", "line"},
                                   {"site", "site"},
                                   {"unit", "pack"},
                                   {"window", "hour"}};
    cr_assert_eq(p->tag_n, 5);
    for (size_t i = 0; i < 5; i++) {
        cr_expect_str_eq(p->tag[i].key, want[i][0]);
        cr_expect_str_eq(p->tag[i].value, want[i][1]);
    }
    cr_expect_str_eq(field(p, "revision"), "2i");
    cr_expect_str_eq(field(p, "end_ms"), "1780297200000i"); /* 1780272000000 + 7 x 3600000 */
    cr_expect_str_eq(field(p, "gq"), "95000000i");
    cr_expect_str_eq(field(p, "sq"), "0i"); /* zeros too */
    cr_expect_str_eq(field(p, "quality_ratio"), "0.95");
    cr_expect_str_eq(field(p, "quality_ratio_num"), "95");
    cr_expect_str_eq(field(p, "quality_ratio_den"), "100");
    cr_expect_str_eq(field(p, "time_utilization"), "0.5");
    cr_expect_str_eq(field(p, "coverage"), "1");
    cr_expect_str_eq(field(p, "energy_per_good_num"), "none"); /* no meter: not even zero */
    cr_expect_str_eq(field(p, "time_utilization_low"), "0.5");
    cr_expect_str_eq(field(p, "time_utilization_high"), "0.5");
    outbox_rig_close(&r);
}

/* Five rows of one page, two a request: 2, 2, 1; the next one is put into words while one is under
 * way, and none is told twice or left out. */
Test(outbox_rows, a_page_goes_out_in_several_requests) {
    struct outbox_rig r;
    outbox_rig_open(&r, &works);
    r.request_rows = 2;
    outbox_rig_restart(&r, false);
    for (int hour = 6; hour < 11; hour++)
        outbox_rig_put(&r, PACK, hour, 90 + hour, 0);
    cr_expect(outbox_rig_drain(&r, 2));
    cr_expect_eq(sink_memory_requests(r.sink), 3);
    cr_expect_eq(sink_memory_points(r.sink), 5);
    cr_expect_eq(outbox_stats(r.outbox)->delivered, 5);
    for (int hour = 6; hour < 11; hour++) {
        char want[24];
        snprintf(want, sizeof want, "%d000000i", 90 + hour);
        const struct line_read *p = outbox_rig_point(&r, "pack", hour);
        cr_assert_not_null(p);
        cr_expect_str_eq(field(p, "gq"), want);
    }
    outbox_rig_close(&r);
}

Test(outbox_rows, a_node_has_no_deeper_tags) {
    struct outbox_rig r;
    outbox_rig_open(&r, &works);
    outbox_rig_put(&r, 1, 6, 95, 0);
    cr_expect(outbox_rig_drain(&r, 2));
    const struct line_read *p = sink_memory_point(r.sink, 0);
    cr_expect_str_eq(line_read_tag(p, "level"), "line");
    cr_expect_str_eq(line_read_tag(p, "line"), "line");
    cr_expect_null(line_read_tag(p, "unit"));
    outbox_rig_close(&r);
}

Test(outbox_rows, a_context_has_product_and_team) {
    struct outbox_rig r;
    outbox_rig_open(&r, &works);
    outbox_rig_put_context(&r, PACK, 1, 2);
    outbox_rig_put_context(&r, 0, 0, 2);
    cr_expect(outbox_rig_drain(&r, 2));
    cr_assert_eq(sink_memory_points(r.sink), 2);
    for (size_t i = 0; i < 2; i++) {
        const struct line_read *p = sink_memory_point(r.sink, i);
        bool unit = line_read_tag(p, "unit") != NULL;
        cr_expect_str_eq(p->measurement, "pb_context");
        cr_expect_str_eq(line_read_tag(p, "team"), "red");
        cr_expect_str_eq(line_read_tag(p, "window"), "shift");
        cr_expect_str_eq(line_read_tag(p, "shift"), "early");
        if (unit)
            cr_expect_str_eq(line_read_tag(p, "product"), "bolt M8");
        else
            cr_expect_null(line_read_tag(p, "product"));
    }
    outbox_rig_close(&r);
}

Test(outbox_rows, a_sink_that_cannot_delete_gets_no_ratios) {
    struct outbox_rig r;
    const struct sink_memory_conf keeps = {.deletes = false};
    outbox_rig_open(&r, &keeps);
    outbox_rig_put(&r, PACK, 6, 95, 0);
    outbox_rig_put(&r, PACK, 6, -1, 1);
    cr_expect(outbox_rig_drain(&r, 2));
    const struct line_read *p = outbox_rig_point(&r, "pack", 6);
    cr_expect_str_eq(field(p, "quality_ratio"), "none");
    cr_expect_str_eq(field(p, "quality_ratio_den"), "0");
    outbox_rig_close(&r);
}

/* --- delivery -----------------------------------------------------------------------------------
 */

Test(outbox, delivers_more_than_one_request_holds) {
    struct outbox_rig r;
    outbox_rig_open(&r, &works);
    for (int i = 0; i < 120; i++)
        outbox_rig_put(&r, PACK, i, i % 100, 0);
    outbox_rig_tick(&r, 1000); /* one tick: each commit leads on to the next batch */
    cr_expect_eq(waiting(&r), 0);
    cr_expect_eq(sink_memory_points(r.sink), 120);
    cr_expect_eq(sink_memory_requests(r.sink), 3); /* 50 + 50 + 20 */
    cr_expect_eq(outbox_stats(r.outbox)->delivered, 120);
    cr_expect_eq(outbox_stats(r.outbox)->last_ok_mono_ms, 1000);
    outbox_rig_close(&r);
}

Test(outbox, a_restated_window_overwrites_its_point) {
    struct outbox_rig r;
    outbox_rig_open(&r, &works);
    outbox_rig_put(&r, PACK, 6, 95, 0);
    outbox_rig_tick(&r, 1000);
    outbox_rig_put(&r, PACK, 6, 90, 1);
    outbox_rig_tick(&r, 1000);
    cr_expect_eq(sink_memory_points(r.sink), 1);
    cr_expect_str_eq(field(outbox_rig_point(&r, "pack", 6), "gq"), "90000000i");
    cr_expect_str_eq(field(outbox_rig_point(&r, "pack", 6), "revision"), "1i");
    outbox_rig_close(&r);
}

Test(outbox, a_row_restated_under_way_stays_and_goes_again) {
    struct outbox_rig r;
    outbox_rig_open(&r, &works);
    outbox_rig_put(&r, PACK, 6, 95, 0);
    outbox_on_tick(r.outbox, 1, SIM_DAY0, 0);
    store_memory_step(r.rig.store);     /* loaded: the request is under way */
    outbox_rig_put(&r, PACK, 6, 90, 1); /* and now the row is another one */
    sink_memory_step(r.sink);
    store_memory_step(r.rig.store);
    cr_expect_eq(waiting(&r), 1);
    outbox_rig_settle(&r);
    cr_expect_eq(waiting(&r), 0);
    cr_expect_str_eq(field(outbox_rig_point(&r, "pack", 6), "revision"), "1i");
    outbox_rig_close(&r);
}

/* InfluxDB merges fields: without the retraction the old ratio would stand beside new numbers. */
Test(outbox, a_ratio_that_became_undefined_is_retracted) {
    struct outbox_rig r;
    outbox_rig_open(&r, &works);
    outbox_rig_put(&r, PACK, 6, 95, 0);
    outbox_rig_put(&r, PRESS, 6, 95, 0);
    outbox_rig_put(&r, 1, 6, 95, 0);
    outbox_rig_tick(&r, 1000);
    outbox_rig_put(&r, PACK, 6, -1, 1);
    outbox_rig_put(&r, 1, 6, -1, 1);
    outbox_rig_tick(&r, 1000);
    cr_expect_eq(outbox_stats(r.outbox)->retracted, 2);
    cr_expect_eq(sink_memory_points(r.sink), 3, "the other unit's point is still there");
    cr_expect_str_eq(field(outbox_rig_point(&r, "pack", 6), "quality_ratio"), "none");
    cr_expect_str_eq(field(outbox_rig_point(&r, "pack", 6), "quality_ratio_den"), "0");
    cr_expect_str_eq(field(outbox_rig_point(&r, "press", 6), "quality_ratio"), "0.95");
    outbox_rig_close(&r);
}

/* --- what a database may answer -----------------------------------------------------------------
 */

struct script {
    int status[8];
    size_t n, at;
    int64_t retry_after_ms;
    unsigned writes, retracts, creates;
};

static void play(void *user, enum sink_request what, struct span text, struct sink_answer *a) {
    struct script *s = user;
    (void)text;
    s->writes += what == SINK_WRITE;
    s->retracts += what == SINK_RETRACT;
    s->creates += what == SINK_CREATE;
    if (what != SINK_CREATE && s->at < s->n) {
        a->status = s->status[s->at++];
        a->retry_after_ms = s->retry_after_ms;
    }
}

static void script_rig(struct outbox_rig *r, struct script *s, bool creates) {
    const struct sink_memory_conf conf = {
        .deletes = true, .creates = creates, .judge = play, .user = s};
    outbox_rig_open(r, &conf);
    outbox_rig_put(r, PACK, 6, 95, 0);
}

/* Tried at once, then after 100, 200 and 400 ms: at 0, 100, 300, 700. */
Test(outbox, waits_longer_each_time_it_fails) {
    struct script s = {.status = {503, 0, 500}, .n = 3, .retry_after_ms = -1};
    struct outbox_rig r;
    script_rig(&r, &s, false);
    const unsigned want[] = {1, 2, 2, 3, 3, 3, 3, 4};
    for (size_t i = 0; i < 8; i++) {
        outbox_rig_tick(&r, i ? 100 : 0);
        cr_expect_eq(s.writes, want[i], "at %zu ms: %u", 100 * i, s.writes);
        cr_expect_eq(outbox_stats(r.outbox)->state, i < 7 ? OUTBOX_RETRYING : OUTBOX_OK);
    }
    cr_expect_eq(waiting(&r), 0);
    cr_expect_eq(outbox_stats(r.outbox)->retries, 3);
    cr_expect_eq(r.notes, 2, "down once, up once");
    outbox_rig_close(&r);
}

Test(outbox, waits_as_long_as_the_database_says) {
    struct script s = {.status = {429}, .n = 1, .retry_after_ms = 5000};
    struct outbox_rig r;
    script_rig(&r, &s, false);
    outbox_rig_tick(&r, 0);
    outbox_rig_tick(&r, 4999);
    cr_expect_eq(s.writes, 1);
    outbox_rig_tick(&r, 1);
    cr_expect_eq(s.writes, 2);
    cr_expect_eq(waiting(&r), 0);
    outbox_rig_close(&r);
}

Test(outbox, waits_no_days_because_the_database_says_so) {
    struct script s = {.status = {503}, .n = 1, .retry_after_ms = 3 * 86400000};
    struct outbox_rig r;
    script_rig(&r, &s, false);
    outbox_rig_tick(&r, 0);
    cr_expect_str_eq(r.note, "retry_after_shortened asked_s=259200 waits_s=600");
    outbox_rig_tick(&r, RETRY_AFTER_MAX_MS - 1);
    cr_expect_eq(s.writes, 1);
    outbox_rig_tick(&r, 1);
    cr_expect_eq(s.writes, 2);
    cr_expect_eq(waiting(&r), 0);
    outbox_rig_close(&r);
}

Test(outbox, is_held_while_it_is_not_let_in) {
    struct script s = {.status = {401, 403}, .n = 2, .retry_after_ms = -1};
    struct outbox_rig r;
    script_rig(&r, &s, false);
    outbox_rig_tick(&r, 0);
    cr_expect_eq(outbox_stats(r.outbox)->state, OUTBOX_HELD);
    cr_expect_eq(r.warnings, 1);
    outbox_rig_tick(&r, RETRY_MAX_MS - 1);
    cr_expect_eq(s.writes, 1);
    outbox_rig_tick(&r, 1);
    outbox_rig_tick(&r, RETRY_MAX_MS);
    cr_expect_eq(s.writes, 3);
    cr_expect_eq(outbox_stats(r.outbox)->state, OUTBOX_OK);
    cr_expect_eq(waiting(&r), 0);
    outbox_rig_close(&r);
}

Test(outbox, creates_a_missing_database_once) {
    struct script s = {.status = {404, 404, 404}, .n = 3, .retry_after_ms = -1};
    struct outbox_rig r;
    script_rig(&r, &s, true);
    outbox_rig_tick(&r, 0);
    cr_expect_eq(s.creates, 1);
    cr_expect_eq(s.writes, 2, "again at once");
    cr_expect_eq(outbox_stats(r.outbox)->state, OUTBOX_HELD);
    cr_expect(outbox_rig_drain(&r, 5));
    cr_expect_eq(s.creates, 1);
    outbox_rig_close(&r);
}

static void lost_twice(void *user, enum sink_request what, struct span text,
                       struct sink_answer *a) {
    struct script *s = user;
    static const int answer[] = {404, 503, 404, 204}; /* write, create, write, create */
    (void)text;
    s->creates += what == SINK_CREATE;
    if (s->at < 4)
        a->status = answer[s->at++];
}

Test(outbox, a_creation_that_failed_is_asked_for_again) {
    struct script s = {0};
    struct outbox_rig r;
    const struct sink_memory_conf conf = {
        .deletes = true, .creates = true, .judge = lost_twice, .user = &s};
    outbox_rig_open(&r, &conf);
    outbox_rig_put(&r, PACK, 6, 95, 0);
    cr_expect(outbox_rig_drain(&r, 5));
    cr_expect_eq(s.creates, 2);
    s.at = 2; /* the database is lost once more, long after */
    outbox_rig_put(&r, PACK, 7, 95, 0);
    cr_expect(outbox_rig_drain(&r, 5));
    cr_expect_eq(s.creates, 3);
    outbox_rig_close(&r);
}

Test(outbox, a_missing_database_it_may_not_create_holds_it) {
    struct script s = {.status = {404}, .n = 1, .retry_after_ms = -1};
    struct outbox_rig r;
    script_rig(&r, &s, false);
    outbox_rig_tick(&r, 0);
    cr_expect_eq(outbox_stats(r.outbox)->state, OUTBOX_HELD);
    cr_expect(outbox_rig_drain(&r, 5));
    outbox_rig_close(&r);
}

Test(outbox, a_retraction_that_is_refused_holds_nothing) {
    struct script s = {.status = {204, 400}, .n = 2, .retry_after_ms = -1};
    struct outbox_rig r;
    script_rig(&r, &s, false);
    outbox_rig_tick(&r, 0);
    outbox_rig_put(&r, PACK, 6, -1, 1);
    cr_expect(outbox_rig_drain(&r, 2));
    cr_expect_eq(s.retracts, 1);
    cr_expect_eq(outbox_stats(r.outbox)->retracted, 0);
    cr_expect_eq(r.warnings, 1);
    cr_expect_str_eq(field(outbox_rig_point(&r, "pack", 6), "revision"), "1i");
    outbox_rig_close(&r);
}

static const char partial[] = "{\"error\":\"partial write: field type conflict dropped=1\"}";

static void refuse_13(void *user, enum sink_request what, struct span text, struct sink_answer *a) {
    (void)user;
    if (what == SINK_WRITE && memmem(text.p, text.n, ",gq=13000000i,", 14)) {
        a->status = 400;
        a->body = span_str(partial);
    }
}

static void refuse_first(void *user, enum sink_request what, struct span text,
                         struct sink_answer *a) {
    unsigned *writes = user;
    (void)text;
    if (what == SINK_WRITE && ++*writes == 1) {
        a->status = 400;
        a->body = span_str("{\"error\":\"gzip: invalid checksum\"}");
    }
}

/* A request that was damaged on its way is refused as well; its row is as good as ever. */
Test(outbox, a_row_is_parked_only_when_it_is_refused_twice) {
    struct outbox_rig r;
    unsigned writes = 0;
    const struct sink_memory_conf conf = {.deletes = true, .judge = refuse_first, .user = &writes};
    outbox_rig_open(&r, &conf);
    outbox_rig_put(&r, PACK, 7, 50, 0);
    cr_expect(outbox_rig_drain(&r, 2));
    cr_expect_eq(writes, 2);
    cr_expect_eq(sink_memory_points(r.sink), 1);
    cr_expect_eq(parked(&r), 0);
    cr_expect_eq(outbox_stats(r.outbox)->dead.n, 0);
    outbox_rig_close(&r);
}

Test(outbox, bad_rows_are_parked_and_good_ones_delivered) {
    struct outbox_rig r;
    const struct sink_memory_conf conf = {.deletes = true, .judge = refuse_13};
    outbox_rig_open(&r, &conf);
    for (int i = 0; i < 40; i++)
        outbox_rig_put(&r, PACK, i, i == 7 || i == 23 ? 13 : 50, 0);
    cr_expect(outbox_rig_drain(&r, 2));
    cr_expect_eq(sink_memory_points(r.sink), 38);
    cr_expect_null(outbox_rig_point(&r, "pack", 7));
    cr_expect_null(outbox_rig_point(&r, "pack", 23));
    cr_expect_eq(parked(&r), 2);
    cr_expect_eq(outbox_stats(r.outbox)->dead.n, 2);
    rig_content(&r.rig, STORE_DEAD);
    cr_expect_not_null(memmem(r.rig.got.p, r.rig.got.n, partial, sizeof partial - 1));
    outbox_rig_close(&r);
}

static void at_most_3(void *user, enum sink_request what, struct span text, struct sink_answer *a) {
    const size_t *most = user;
    if (what == SINK_WRITE && lines_in(text) > *most)
        a->status = 413;
}

Test(outbox, a_request_too_large_is_split) {
    struct outbox_rig r;
    size_t most = 3;
    const struct sink_memory_conf conf = {.deletes = true, .judge = at_most_3, .user = &most};
    outbox_rig_open(&r, &conf);
    for (int i = 0; i < 40; i++)
        outbox_rig_put(&r, PACK, i, 50, 0);
    cr_expect(outbox_rig_drain(&r, 2));
    cr_expect_eq(sink_memory_points(r.sink), 40);
    cr_expect_eq(parked(&r), 0);
    most = 0;
    outbox_rig_put(&r, PACK, 50, 50, 0);
    cr_expect(outbox_rig_drain(&r, 2));
    cr_expect_eq(parked(&r), 1, "alone it is still too large");
    outbox_rig_close(&r);
}

/* --- the store ----------------------------------------------------------------------------------
 */

Test(outbox, a_damaged_row_is_parked) {
    struct outbox_rig r;
    outbox_rig_open(&r, &works);
    outbox_rig_put(&r, PACK, 6, 95, 0);
    struct store_tx *tx = rig_tx();
    rig_add(tx, STORE_PUT, STORE_OUTBOX, "no key at all", "no window");
    cr_assert_eq(rig_commit(&r.rig, tx), ERR_OK);
    cr_expect(outbox_rig_drain(&r, 2));
    cr_expect_eq(parked(&r), 1);
    cr_expect_eq(sink_memory_points(r.sink), 1);
    outbox_rig_close(&r);
}

Test(outbox, goes_on_by_itself_when_the_store_works_again) {
    struct outbox_rig r;
    outbox_rig_open(&r, &works);
    outbox_rig_put(&r, PACK, 6, 95, 0);
    store_memory_break(r.rig.store, ERR_IO);
    outbox_rig_tick(&r, 1000);
    store_memory_break(r.rig.store, ERR_OK);
    outbox_on_tick(r.outbox, 2000, SIM_DAY0, 0);
    store_memory_step(r.rig.store);
    store_memory_break(r.rig.store, ERR_IO); /* sent, and the commit fails */
    outbox_rig_settle(&r);
    cr_expect_eq(waiting(&r), 1);
    store_memory_break(r.rig.store, ERR_OK);
    outbox_rig_tick(&r, 1000);
    cr_expect_eq(waiting(&r), 0);
    cr_expect_eq(sink_memory_points(r.sink), 1);
    outbox_rig_close(&r);
}

Test(outbox, stops_when_the_store_has_answered) {
    struct outbox_rig r;
    outbox_rig_open(&r, &works);
    outbox_rig_put(&r, PACK, 6, 95, 0);
    outbox_on_tick(r.outbox, 1, SIM_DAY0, 0);
    cr_expect_not(outbox_stop(r.outbox));
    outbox_rig_settle(&r);
    cr_expect(outbox_stop(r.outbox));
    outbox_rig_tick(&r, 1000);
    cr_expect_eq(sink_memory_requests(r.sink), 0);
    cr_expect_eq(waiting(&r), 1);
    outbox_rig_close(&r);
}

static uint32_t without_press(void *user, uint32_t number) {
    (void)user;
    return number == PRESS ? UINT32_MAX : number;
}

/* 120 rows of a unit that left the plant file sort before the one that can go: two full pages. */
Test(outbox, rows_that_must_wait_hide_none_behind_them) {
    struct outbox_rig r;
    outbox_rig_open(&r, &works);
    r.node = without_press;
    outbox_rig_restart(&r, false);
    for (int i = 0; i < 120; i++)
        outbox_rig_put(&r, PRESS, i, 50, 0);
    outbox_rig_put(&r, PACK, 6, 95, 0);
    for (int i = 0; i < 5; i++)
        outbox_rig_tick(&r, 1000);
    cr_expect_not_null(outbox_rig_point(&r, "pack", 6));
    cr_expect_eq(waiting(&r), 120);
    outbox_rig_put(&r, PACK, 7, 95, 0);
    for (int i = 0; i < 5; i++)
        outbox_rig_tick(&r, 1000);
    cr_expect_not_null(outbox_rig_point(&r, "pack", 7));
    outbox_on_tick(r.outbox, r.now_ms + 1000, SIM_DAY0, 0);
    cr_expect_eq(store_memory_pending(r.rig.store), 0, "and nothing is asked for ever");
    r.node = NULL;
    outbox_rig_restart(&r, false);
    cr_expect(outbox_rig_drain(&r, 5), "the unit is back");
    cr_expect_eq(sink_memory_points(r.sink), 122);
    outbox_rig_close(&r);
}

/* --- anything, in any order ---------------------------------------------------------------------
 */

struct weather {
    uint32_t x;
    bool storm;
};

static uint32_t draw(struct weather *w, uint32_t n) {
    w->x = w->x * 1664525 + 1013904223; /* Numerical Recipes' generator */
    return (w->x >> 8) % n;
}

/* A row with gq=13 is always refused; all else depends on the weather. */
static void any(void *user, enum sink_request what, struct span text, struct sink_answer *a) {
    static const int bad[] = {0, 401, 404, 413, 429, 500, 503};
    struct weather *w = user;
    if (w->storm && draw(w, 3) == 0) {
        a->status = bad[draw(w, 7)];
        if (a->status == 413 && (what != SINK_WRITE || lines_in(text) == 1))
            a->status = 503; /* else it would rightly be parked */
        return;
    }
    refuse_13(user, what, text, a);
}

static void one_storm(uint32_t seed) {
    enum { HOURS = 30, STEPS = 120 };
    struct weather w = {.x = seed, .storm = true};
    struct outbox_rig r;
    const struct sink_memory_conf conf = {
        .deletes = true, .creates = true, .judge = any, .user = &w};
    int64_t good[HOURS];
    uint32_t revision[HOURS] = {0};
    memset(good, 0xff, sizeof good);
    outbox_rig_open(&r, &conf);
    r.rows_max = seed % 3 * 4; /* one page, or pages of 4 or 8 rows, in whole or by threes */
    r.request_rows = seed / 3 % 2 * 3;
    outbox_rig_restart(&r, false);
    for (int i = 0; i < STEPS; i++) {
        int hour = (int)draw(&w, HOURS);
        /* What is refused once stays refused: a restatement of it would leave the point of before.
         */
        if (revision[hour] == 0 || good[hour] != 13) {
            good[hour] = revision[hour] == 0 && draw(&w, 8) == 0 ? 13 : 20 + (int64_t)draw(&w, 70);
            if (revision[hour] > 0 && draw(&w, 4) == 0)
                good[hour] = -1;
            outbox_rig_put(&r, PACK, hour, good[hour], revision[hour]++);
        }
        for (uint32_t n = draw(&w, 4); n-- > 0;) {
            r.now_ms += draw(&w, 300);
            outbox_on_tick(r.outbox, r.now_ms, SIM_DAY0 + r.now_ms, draw(&w, 1000));
            if (draw(&w, 2))
                store_memory_step(r.rig.store);
            if (draw(&w, 2))
                sink_memory_step(r.sink);
        }
        if (draw(&w, 10) == 0)
            outbox_rig_restart(&r, draw(&w, 2));
    }
    w.storm = false;
    cr_assert(outbox_rig_drain(&r, 200), "seed %u", seed);
    size_t points = 0, dead = 0;
    for (int h = 0; h < HOURS; h++) {
        char want[32];
        const struct line_read *p = outbox_rig_point(&r, "pack", h);
        dead += good[h] == 13;
        if (revision[h] == 0 || good[h] == 13) {
            cr_assert_null(p, "seed %u hour %d", seed, h);
            continue;
        }
        points++;
        snprintf(want, sizeof want, "%ui", revision[h] - 1);
        cr_assert_str_eq(field(p, "revision"), want, "seed %u hour %d", seed, h);
        snprintf(want, sizeof want, "%lldi", good[h] < 0 ? 0LL : (long long)good[h] * 1000000);
        cr_assert_str_eq(field(p, "gq"), want, "seed %u hour %d", seed, h);
        cr_assert_eq(strcmp(field(p, "quality_ratio"), "none") == 0, good[h] < 0, "seed %u", seed);
    }
    cr_assert_eq(sink_memory_points(r.sink), points);
    cr_assert_eq(parked(&r), dead, "seed %u", seed);
    cr_assert_eq(outbox_stats(r.outbox)->dead.n, dead, "seed %u", seed);
    outbox_rig_close(&r);
}

/* Whatever the database answers and wherever the process dies: in the end the database holds each
 * window's last revision, whole, and the dead-letter table exactly what it refused. */
Test(outbox, ends_right_whatever_happens) {
    for (uint32_t seed = 1; seed <= 300; seed++)
        one_storm(seed);
}
