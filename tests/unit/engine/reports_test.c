/* What agents tell of their sources: the newest of each, whose it is, and when it is not known. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "core_rig.h"

enum { MONO = 1000 };

static struct report report_of(const struct bench *b, uint32_t n, uint32_t from, uint32_t total) {
    struct report r = {.nonce = b->gw1.nonce, .n = n, .from = from, .total = total, .since_ms = T0};
    for (uint32_t i = from; i < total && r.source_n < REPORT_SOURCES_MAX; i++) {
        struct report_source *s = &r.source[r.source_n++];
        *s = (struct report_source){.phase = REPORT_OPEN, .well = true, .readings = n};
        (void)snprintf(s->id.s, sizeof s->id.s, "s%u", i);
    }
    return r;
}

static void tell(struct bench *b, const char *agent, const struct report *r) {
    struct ident id;
    char topic[TOPIC_MAX];
    struct buf bytes;
    buf_init(&bytes);
    cr_assert(ident_set(&id, span_str(agent)));
    topic_format(TOPIC_REPORT, &id, topic);
    cr_assert_eq(report_format(r, &bytes), ERR_OK);
    cr_assert_eq(station_message(&b->station, topic, buf_span(&bytes)), ERR_OK);
    buf_fini(&bytes);
}

static void status(struct bench *b, const char *word) {
    char topic[TOPIC_MAX];
    topic_format(TOPIC_STATUS, &b->gw1.agent, topic);
    cr_assert_eq(station_message(&b->station, topic, span_str(word)), ERR_OK);
}

static struct core_report_view view(const struct bench *b, int64_t after_ms) {
    struct core_report_view v;
    core_report_view(b->station.core, 0, b->station.now.mono_ms + after_ms, &v);
    return v;
}

Test(reports, the_newest_of_each_source_is_known_until_it_is_old) {
    struct bench b;
    struct core_source_view s;
    size_t at = 0;
    bench_open(&b);
    cr_expect_not(view(&b, 0).told);
    struct report r = report_of(&b, 1, 0, 2);
    status(&b, "online");
    tell(&b, "gw1", &r);
    r = report_of(&b, 2, 0, 2);
    r.source[1].well = false;
    tell(&b, "gw1", &r);
    r = report_of(&b, 1, 0, 2); /* overtaken */
    tell(&b, "gw1", &r);
    cr_expect_eq(view(&b, 0).known, 2);
    cr_expect(core_source_view(b.station.core, 0, &at, b.station.now.mono_ms, &s));
    cr_expect_str_eq(s.is->id.s, "s0");
    cr_expect(core_source_view(b.station.core, 0, &at, b.station.now.mono_ms, &s));
    cr_expect_eq(s.is->readings, 2);
    cr_expect_not(s.is->well);
    cr_expect(s.current);
    cr_expect_not(core_source_view(b.station.core, 0, &at, b.station.now.mono_ms, &s));
    cr_expect(view(&b, CORE_REPORT_AGES_MS - 1).current);
    cr_expect_not(view(&b, CORE_REPORT_AGES_MS).current, "three reports are missing");
    bench_close(&b);
}

Test(reports, nothing_is_known_of_an_agent_that_is_away) {
    struct bench b;
    bench_open(&b);
    struct report r = report_of(&b, 1, 0, 1);
    status(&b, "online");
    tell(&b, "gw1", &r);
    cr_expect(view(&b, 0).current);
    status(&b, "offline");
    cr_expect_not(view(&b, 0).current);
    cr_expect(view(&b, 0).told, "what it told last is shown as that");
    bench_close(&b);
}

Test(reports, parts_make_a_whole_and_another_file_begins_anew) {
    struct bench b;
    bench_open(&b);
    struct report r = report_of(&b, 1, 0, 20);
    tell(&b, "gw1", &r);
    cr_expect_eq(view(&b, 0).known, 16);
    cr_expect_eq(view(&b, 0).total, 20);
    r = report_of(&b, 1, 16, 20);
    tell(&b, "gw1", &r);
    cr_expect_eq(view(&b, 0).known, 20);
    r = report_of(&b, 2, 16, 20);
    r.since_ms++; /* the places may mean others now */
    tell(&b, "gw1", &r);
    cr_expect_eq(view(&b, 0).known, 4);
    bench_close(&b);
}

Test(reports, strangers_and_nonsense_are_counted_and_change_nothing) {
    struct bench b;
    char topic[TOPIC_MAX];
    bench_open(&b);
    struct report r = report_of(&b, 1, 0, 1);
    r.nonce++;
    tell(&b, "gw1", &r); /* a second process with its id */
    tell(&b, "gw9", &r); /* nobody heard of: it is not kept for ever for that */
    topic_format(TOPIC_REPORT, &b.gw1.agent, topic);
    cr_assert_eq(station_message(&b.station, topic, span_str("\xc0")), ERR_OK);
    cr_expect_eq(core_stats(b.station.core)->report_refused, 3);
    cr_expect_eq(core_stats(b.station.core)->reports, 0);
    cr_expect_eq(core_agents(b.station.core), 1);
    cr_expect_not(view(&b, 0).told);
    bench_close(&b);
}

/* 8,192 sources are kept: eight agents of 1,024 fill that, the ninth has none, until one has less.
 */
Test(reports, memory_is_bounded_over_all_agents) {
    struct bench b;
    struct core_report_view v;
    bench_open(&b);
    struct script other[9];
    char id[8];
    for (unsigned i = 0; i < 9; i++) {
        (void)snprintf(id, sizeof id, "x%u", i);
        script_init(&other[i], &b.station, id, 500 + i);
        script_point(&other[i], "p", POINT_COUNTER, PIECE);
        cr_assert_eq(script_hello(&other[i]), ERR_OK);
        struct report r = report_of(&b, 1, 1008, 1024);
        r.nonce = other[i].nonce;
        tell(&b, id, &r);
        core_report_view(b.station.core, 1 + i, b.station.now.mono_ms, &v);
        cr_expect_eq(v.total, 1024);
        cr_expect_eq(v.known, i < 8 ? 16 : 0, "agent %u", i);
    }
    struct report r = report_of(&b, 2, 0, 4);
    r.nonce = other[0].nonce;
    tell(&b, "x0", &r);
    r = report_of(&b, 2, 0, 1023);
    r.nonce = other[8].nonce;
    tell(&b, "x8", &r);
    core_report_view(b.station.core, 9, b.station.now.mono_ms, &v);
    cr_expect_eq(v.known, 16);
    for (unsigned i = 0; i < 9; i++)
        script_fini(&other[i]);
    bench_close(&b);
}
