/* What the core tells of norms by itself: each step once when it is due soon and once when it is
 * overdue, each review once, over any number of deaths. */
#include "core_rig.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/announce.h"

enum { EVENTS = 32 };
#define DUE (T0 + 60 * MIN)

struct told {
    struct alert_event at[EVENTS];
    size_t n;
};

static void on_events(void *user, enum err err, const struct store_rows *rows) {
    struct told *t = user;
    cr_assert_eq(err, ERR_OK);
    for (t->n = 0; t->n < rows->n; t->n++) {
        cr_assert(t->n < EVENTS);
        cr_assert_eq(alert_event_unpack(rows->at[t->n].value, &t->at[t->n]), ERR_OK);
        cr_expect_eq(t->at[t->n].n, t->n + 1, "numbers have no hole");
    }
}

/* Events as they are stored; each waits for the office and for nobody else. */
static struct told told(struct bench *b) {
    const struct store_range all = {.table = STORE_EVENT};
    struct store *s = b->station.store;
    struct told t = {.n = 0};
    cr_assert_eq(s->ops->load_now(s, &all, 1, on_events, &t), ERR_OK);
    cr_expect_eq(store_memory_rows(s, STORE_NOTICE), t.n);
    for (size_t i = 0; i < t.n; i++) {
        uint8_t key[ALERT_NOTICE_KEY_MAX];
        struct span value;
        const size_t size = alert_notice_key(&(struct ident){"office"}, t.at[i].n, key);
        cr_expect(store_memory_find(s, STORE_NOTICE, span_of(key, size), &value));
    }
    return t;
}

static void announce(struct bench *b) {
    static const struct core_announcing all = {.to = {{"office"}},
                                               .to_n = 1,
                                               .steps = true,
                                               .answers = true,
                                               .verdicts = true,
                                               .neglected = true,
                                               .ahead_ms = 20 * MIN};
    core_set_announcing(b->station.core, &all);
}

static void die(struct bench *b, int64_t at_ms) {
    bench_restart(b, at_ms);
    announce(b);
}

static void put_forward(struct bench *b, const char *id, int64_t due_ms) {
    struct norm n;
    struct ledger_answer a;
    norm_init(&n);
    n.indicator = IND_TIME_UTILIZATION;
    n.scope.node = (struct ident){"press"};
    n.value = 0.8;
    n.from_ms = T0 + 40 * UTC_DAY_MS;
    struct ledger_command c = {.action = LEDGER_PROPOSE,
                               .key = span_str(id),
                               .who = "shop",
                               .why = "because",
                               .owner = "head of shop",
                               .norm = &n,
                               .at_ms = NORM_NO_TIME,
                               .due_ms = due_ms};
    cr_assert(ident_set(&c.id, span_str(id)));
    cr_assert_eq(core_on_norm(b->station.core, &c, b->station.now, &a), ERR_OK, "%s",
                 a.refusal.why);
}

Test(announce, a_proposal_is_told_of_once_when_its_answer_is_due_soon_and_once_when_overdue) {
    struct bench b;
    struct told t;
    bench_open(&b);
    announce(&b);
    bench_at(&b, T0 + MIN);
    put_forward(&b, "press-use", DUE);
    bench_at(&b, DUE - 20 * MIN - 1000);
    cr_expect_eq(told(&b).n, 0);
    bench_at(&b, DUE - 19 * MIN); /* it looks once a minute */
    t = told(&b);
    cr_assert_eq(t.n, 1);
    cr_expect_eq(t.at[0].why, ALERT_WHY_NORM_ANSWER);
    cr_expect_str_eq(t.at[0].rule.s, "press-use");
    cr_expect_str_eq(t.at[0].node.s, "press");
    cr_expect_str_eq(t.at[0].who, "head of shop");
    cr_expect_eq(t.at[0].until_ms, DUE);
    cr_expect_eq(t.at[0].norm.state, NORM_PROPOSED);
    cr_expect_eq(t.at[0].norm.norm_class, CLASS_EQUIPMENT);
    bench_at(&b, DUE - 10 * MIN);
    die(&b, DUE - 9 * MIN);
    bench_at(&b, DUE);
    cr_expect_eq(told(&b).n, 1, "it is not overdue yet");
    bench_at(&b, DUE + MIN);
    t = told(&b);
    cr_assert_eq(t.n, 2);
    cr_expect_eq(t.at[1].why, ALERT_WHY_NORM_OVERDUE);
    cr_expect_eq(t.at[1].severity, ALERT_MEDIUM);
    die(&b, DUE + 2 * MIN);
    bench_at(&b, DUE + 10 * MIN);
    cr_expect_eq(told(&b).n, 2);
    bench_close(&b);
}

/* Killed when it was found and not yet stored: the next process finds it, and it is there once. */
Test(announce, a_death_before_the_commit_neither_loses_nor_doubles) {
    struct bench b;
    bench_open(&b);
    announce(&b);
    bench_at(&b, T0 + MIN);
    put_forward(&b, "press-use", DUE);
    bench_at(&b, T0 + 2 * MIN);
    b.station.now.wall_ms = DUE - 5 * MIN;
    b.station.now.mono_ms += 10000;
    cr_assert_eq(core_on_tick(b.station.core, b.station.now), ERR_OK);
    cr_expect_not(core_idle(b.station.core), "a stop waits for it");
    die(&b, DUE - 4 * MIN);
    cr_expect_eq(told(&b).n, 0);
    bench_at(&b, DUE - 3 * MIN);
    cr_expect_eq(told(&b).n, 1);
    bench_close(&b);
}

/* Another step has a due date of its own; who hears of it late hears that it is overdue, only. */
Test(announce, each_step_is_its_own) {
    struct bench b;
    struct ledger_answer a;
    static const struct norm_grant grants[] = {{"board", RIGHT_BIT(RIGHT_APPROVE), 0xff, 0xff}};
    struct ledger_conf conf;
    ledger_conf_init(&conf);
    conf.grant = grants;
    conf.grant_n = 1;
    bench_open(&b);
    b.station.conf.norms = &conf;
    die(&b, T0);
    put_forward(&b, "press-use", DUE);
    bench_at(&b, DUE - 5 * MIN);
    const struct ledger_command answer = {.action = LEDGER_ANSWER,
                                          .id = {"press-use"},
                                          .key = span_str("k"),
                                          .who = "board",
                                          .why = "fine",
                                          .accept = true,
                                          .at_ms = NORM_NO_TIME,
                                          .due_ms = DUE + 60 * MIN};
    cr_assert_eq(core_on_norm(b.station.core, &answer, b.station.now, &a), ERR_OK, "%s",
                 a.refusal.why);
    bench_at(&b, DUE + 30 * MIN);
    cr_expect_eq(told(&b).n, 1, "the answer was given in time");
    bench_at(&b, DUE + 41 * MIN);
    struct told t = told(&b);
    cr_assert_eq(t.n, 2);
    cr_expect_eq(t.at[1].why, ALERT_WHY_NORM_DUE, "it is to be submitted");
    die(&b, DUE + 3 * UTC_DAY_MS);
    put_forward(&b, "late", DUE + UTC_DAY_MS);
    bench_at(&b, DUE + 3 * UTC_DAY_MS + 2 * MIN);
    t = told(&b);
    cr_assert_eq(t.n, 4);
    cr_expect_eq(t.at[2].why, ALERT_WHY_NORM_OVERDUE);
    cr_expect_str_eq(t.at[2].rule.s, "press-use");
    cr_expect_eq(t.at[3].why, ALERT_WHY_NORM_OVERDUE);
    cr_expect_str_eq(t.at[3].rule.s, "late");
    bench_close(&b);
}

/* Twelve at a time, in the order they were proposed: told together. */
Test(announce, many_at_a_time_are_told_together) {
    struct bench b;
    char id[8];
    bench_open(&b);
    announce(&b);
    bench_at(&b, T0 + MIN);
    for (unsigned i = 0; i < 12; i++) {
        (void)snprintf(id, sizeof id, "n%u", (i * 7) % 12);
        put_forward(&b, id, DUE);
    }
    bench_at(&b, DUE - MIN);
    const struct told t = told(&b);
    cr_assert_eq(t.n, 12);
    for (unsigned i = 0; i < 12; i++) {
        (void)snprintf(id, sizeof id, "n%u", (i * 7) % 12);
        cr_expect_str_eq(t.at[i].rule.s, id);
    }
    struct alert_event e;
    struct span value;
    uint8_t key[ALERT_NOTICE_KEY_MAX];
    const size_t size = alert_notice_key(&(struct ident){"office"}, 1, key);
    cr_assert(store_memory_find(b.station.store, STORE_NOTICE, span_of(key, size), &value));
    cr_assert_eq(alert_event_unpack(value, &e), ERR_OK);
    cr_expect(e.mark & ALERT_FLOOD);
    bench_close(&b);
}

Test(announce, who_wants_to_hear_of_nothing_is_left_alone) {
    struct bench b;
    static const struct core_announcing only_answers = {
        .to = {{"office"}}, .to_n = 1, .answers = true};
    bench_open(&b);
    bench_at(&b, T0 + MIN);
    put_forward(&b, "press-use", DUE);
    bench_at(&b, DUE + 10 * MIN);
    cr_expect_eq(told(&b).n, 0, "there are no recipients");
    core_set_announcing(b.station.core, &only_answers);
    bench_at(&b, DUE + 12 * MIN);
    cr_expect_eq(told(&b).n, 1, "an answer that is overdue is one");
    bench_close(&b);
}

/* --- reviews -----------------------------------------------------------------------------------
 */

static struct alert_event finding(const char *id) {
    struct alert_event e = {.node = {"press"},
                            .why = ALERT_WHY_NORM_REVIEW,
                            .norm = {.verdict = REVIEW_TIGHTEN, .reasons = REASON_REACH_HIGH}};
    cr_assert(ident_set(&e.rule, span_str(id)));
    return e;
}

static bool due(struct bench *b, int64_t *to_ms) {
    return core_review_due(b->station.core, b->station.now, to_ms);
}

/* The first of June, a Monday: May is reviewed a day later, and once. */
Test(announce, a_month_is_reviewed_a_day_after_its_end_and_told_once) {
    struct bench b;
    int64_t to_ms = 0;
    struct alert_event at[] = {finding("a"), finding("b")};
    bench_open(&b);
    announce(&b);
    bench_at(&b, T0);
    cr_expect_not(due(&b, &to_ms), "what was before the first start is not made up for");
    bench_at(&b, SIM_DAY0 + UTC_DAY_MS - 1000);
    cr_expect_not(due(&b, &to_ms));
    bench_at(&b, SIM_DAY0 + UTC_DAY_MS);
    cr_assert(due(&b, &to_ms));
    cr_expect_eq(to_ms, SIM_DAY0);
    die(&b, SIM_DAY0 + UTC_DAY_MS + MIN);
    cr_assert(due(&b, &to_ms), "nothing was told yet");
    struct announce_findings f = {.to_ms = to_ms, .at = at, .n = 2};
    cr_assert_eq(core_on_review(b.station.core, &f, b.station.now), ERR_OK);
    die(&b, SIM_DAY0 + UTC_DAY_MS + 2 * MIN); /* before its commit */
    cr_expect_eq(told(&b).n, 0);
    cr_assert(due(&b, &to_ms));
    cr_assert_eq(core_on_review(b.station.core, &f, b.station.now), ERR_OK);
    bench_at(&b, SIM_DAY0 + UTC_DAY_MS + 3 * MIN);
    cr_expect_not(due(&b, &to_ms));
    cr_assert_eq(core_on_review(b.station.core, &f, b.station.now), ERR_OK);
    die(&b, SIM_DAY0 + UTC_DAY_MS + 4 * MIN);
    cr_expect_not(due(&b, &to_ms));
    const struct told t = told(&b);
    cr_assert_eq(t.n, 2);
    cr_expect_str_eq(t.at[1].rule.s, "b");
    cr_expect_eq(t.at[1].norm.reasons, (unsigned)REASON_REACH_HIGH);
    bench_close(&b);
}

/* Nobody was there in July (for June) and August (for July): both are told, the older one first. */
Test(announce, months_that_ended_meanwhile_come_one_after_the_other) {
    struct bench b;
    int64_t to_ms = 0;
    bench_open(&b);
    announce(&b);
    bench_at(&b, T0);
    cr_expect_not(due(&b, &to_ms));
    bench_at(&b, T0 + MIN);
    die(&b, SIM_DAY0 + 62 * UTC_DAY_MS); /* 2026-08-02 */
    for (int64_t end = SIM_DAY0, days = 30; end <= SIM_DAY0 + 61 * UTC_DAY_MS;
         end += days * UTC_DAY_MS, days++) {
        cr_assert(due(&b, &to_ms));
        cr_expect_eq(to_ms, end);
        const struct announce_findings f = {.to_ms = to_ms};
        cr_assert_eq(core_on_review(b.station.core, &f, b.station.now), ERR_OK);
    }
    cr_expect_not(due(&b, &to_ms));
    bench_close(&b);
}

Test(announce, what_nobody_wanted_to_hear_is_not_made_up_for) {
    struct bench b;
    static const struct core_announcing steps = {.to = {{"office"}}, .to_n = 1, .steps = true};
    int64_t to_ms = 0;
    bench_open(&b);
    announce(&b);
    bench_at(&b, T0);
    cr_expect_not(due(&b, &to_ms));
    core_set_announcing(b.station.core, &steps);
    bench_at(&b, SIM_DAY0 + 3 * UTC_DAY_MS);
    cr_expect_not(due(&b, &to_ms));
    announce(&b);
    cr_expect_not(due(&b, &to_ms));
    bench_close(&b);
}
