/* When sources are told of, and in how many parts. */
#include "agent_app/reporter.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCES = 40 };

struct rig {
    struct reporter *r;
    size_t n;
    struct ident id[SOURCES];
    struct source_state state[SOURCES];
    int64_t well[SOURCES];
    struct report got; /* the last one */
    unsigned sent;
    bool full;
    int64_t now_ms;
};

static bool source(void *user, size_t i, struct feed_stats *out) {
    static const struct report_reasons why = {1, {{"line", 2}}};
    struct rig *r = user;
    if (i >= r->n)
        return false;
    *out = (struct feed_stats){.id = &r->id[i],
                               .kind = "a-kind-of-a-very-long-name",
                               .refused = 3,
                               .why = &why,
                               .phase = REPORT_OPEN,
                               .well = r->well[i],
                               .state = r->state[i]};
    return true;
}

static enum err send(void *user, struct span bytes) {
    struct rig *r = user;
    if (r->full)
        return ERR_BUSY;
    cr_assert_eq(report_parse(bytes, &r->got), ERR_OK);
    r->sent++;
    return ERR_OK;
}

static struct rig *rig_new(size_t n) {
    struct rig *r = calloc(1, sizeof *r);
    cr_assert_not_null(r);
    r->n = n;
    r->now_ms = 5000;
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(r->id[i].s, sizeof r->id[i].s, "s%zu", i);
        r->well[i] = 1;
    }
    const struct reporter_env env = {9, source, send, r};
    cr_assert_eq(reporter_open(&env, &r->r), ERR_OK);
    return r;
}

static void rig_free(struct rig *r) {
    reporter_close(r->r);
    free(r);
}

/* Ticks each 100 ms for so long; how many messages went out. */
static unsigned ticks(struct rig *r, int64_t ms) {
    const unsigned before = r->sent;
    for (int64_t end = r->now_ms + ms; r->now_ms < end; r->now_ms += 100)
        reporter_tick(r->r, r->now_ms);
    return r->sent - before;
}

Test(reporter, tells_on_a_connection_and_every_half_minute) {
    struct rig *r = rig_new(2);
    cr_expect_eq(ticks(r, 60000), 0, "nobody is there");
    reporter_on_up(r->r);
    cr_expect_eq(ticks(r, 3000), 1);
    cr_expect_eq(r->got.source_n, 2);
    cr_expect_str_eq(r->got.source[1].kind, "a-kind-of-a-ver");
    cr_expect_eq(r->got.source[1].why.at[0].n, 2);
    cr_expect_eq(r->got.nonce, 9);
    const uint32_t n = r->got.n;
    cr_expect_eq(ticks(r, 60000), 2);
    cr_expect_eq(r->got.n, n + 2);
    reporter_on_down(r->r);
    cr_expect_eq(ticks(r, 60000), 0);
    rig_free(r);
}

/* What was sent before the aggregator subscribed is gone: its first ack asks for all again. */
Test(reporter, tells_again_whoever_is_new) {
    struct rig *r = rig_new(1);
    reporter_on_up(r->r);
    cr_expect_eq(ticks(r, 3000), 1);
    reporter_on_ack(r->r, 7, 1);
    cr_expect_eq(ticks(r, 3000), 1);
    reporter_on_ack(r->r, 7, 1);
    cr_expect_eq(ticks(r, 3000), 0, "it has them");
    reporter_on_ack(r->r, 7, 2);
    cr_expect_eq(ticks(r, 3000), 1, "it was started anew");
    rig_free(r);
}

Test(reporter, a_change_is_told_within_seconds_and_a_detail_alone_is_none) {
    struct rig *r = rig_new(2);
    reporter_on_up(r->r);
    cr_expect_eq(ticks(r, 3000), 1);
    (void)snprintf(r->state[1].detail, sizeof r->state[1].detail, "since 3 s\n");
    cr_expect_eq(ticks(r, 10000), 0);
    r->well[1] = 0;
    r->state[1].devices_silent = 1;
    cr_expect_eq(ticks(r, 2100), 1);
    cr_expect_not(r->got.source[1].well);
    cr_expect_str_eq(r->got.source[1].detail, "since 3 s?");
    /* One that comes and goes all the time fills no link: at most each two seconds. */
    const unsigned before = r->sent;
    for (unsigned i = 0; i < 100; i++) {
        r->well[1] = i & 1;
        r->state[1].devices = i;
        (void)ticks(r, 100);
    }
    cr_expect_leq(r->sent - before, 6);
    rig_free(r);
}

/* 40 sources: 16, 16, 8. What finds no room goes out later, and nothing is left out. */
Test(reporter, many_sources_go_in_parts) {
    struct rig *r = rig_new(SOURCES);
    reporter_on_up(r->r);
    r->full = true;
    cr_expect_eq(ticks(r, 3000), 0);
    r->full = false;
    cr_expect_eq(ticks(r, 100), 1);
    cr_expect(r->got.from == 0 && r->got.source_n == 16 && r->got.total == SOURCES);
    cr_expect_eq(ticks(r, 100), 1);
    cr_expect(r->got.from == 16 && r->got.source_n == 16);
    r->full = true;
    cr_expect_eq(ticks(r, 500), 0);
    r->full = false;
    cr_expect_eq(ticks(r, 5000), 1);
    cr_expect(r->got.from == 32 && r->got.source_n == 8);
    rig_free(r);
}

Test(reporter, another_file_is_told_at_once_with_what_was_wrong) {
    struct rig *r = rig_new(1);
    const struct reporter_conf conf = {77, 3, 1, "a.yaml:3:1: no such key"};
    reporter_on_up(r->r);
    cr_expect_eq(ticks(r, 3000), 1);
    reporter_put_conf(r->r, &conf);
    cr_expect_eq(ticks(r, 3000), 1);
    cr_expect(r->got.since_ms == 77 && r->got.reloads == 3 && r->got.refused == 1);
    cr_expect_str_eq(r->got.wrong, "a.yaml:3:1: no such key");
    rig_free(r);
}
