/* Norms through the whole core: durable before they are answered, the same after a kill. */
#include "core_rig.h"

#include <criterion/criterion.h>

static const struct norm_grant grants[] = {
    {"office", RIGHT_BIT(RIGHT_APPROVE) | RIGHT_BIT(RIGHT_IMPORT), 0xff, 0xff}};

static struct ledger_conf conf_of(void) {
    struct ledger_conf c;
    ledger_conf_init(&c);
    c.grant = grants;
    c.grant_n = 1;
    return c;
}

static struct ledger_command command(enum ledger_action a, const char *who, const struct norm *n) {
    return (struct ledger_command){.action = (uint8_t)a,
                                   .id = {"press-use"},
                                   .key = span_str(ledger_action_name(a)),
                                   .who = who,
                                   .why = "because",
                                   .norm = n,
                                   .accept = true,
                                   .at_ms = NORM_NO_TIME,
                                   .due_ms = NORM_NO_TIME};
}

static struct norm press_use(void) {
    struct norm n;
    norm_init(&n);
    n.indicator = IND_TIME_UTILIZATION;
    n.scope.node = (struct ident){"press"};
    n.value = 0.8;
    n.from_ms = T0 + UTC_DAY_MS;
    return n;
}

static enum err give(struct bench *b, enum ledger_action a, const char *who, const struct norm *n,
                     struct ledger_answer *out) {
    const struct ledger_command c = command(a, who, n);
    return core_on_norm(b->station.core, &c, b->station.now, out);
}

Test(norms, a_command_is_durable_with_the_commit_behind_it) {
    struct bench b;
    struct ledger_conf conf = conf_of();
    struct ledger_answer a;
    const struct norm n = press_use();
    bench_open(&b);
    b.station.conf.norms = &conf;
    bench_restart(&b, T0 + MIN);
    bench_at(&b, T0 + 2 * MIN);
    cr_assert_eq(give(&b, LEDGER_PROPOSE, "shop", &n, &a), ERR_OK, "%s", a.refusal.why);
    cr_expect_eq(a.n, 1u);
    cr_expect_not(core_norm_durable(b.station.core, 1));
    cr_expect_not(core_idle(b.station.core), "a stop waits for it");
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    cr_expect(core_norm_durable(b.station.core, 1));
    bench_close(&b);
}

Test(norms, what_was_not_committed_is_gone_and_can_be_sent_again) {
    struct bench b;
    struct ledger_conf conf = conf_of();
    struct ledger_answer a;
    const struct norm n = press_use();
    bench_open(&b);
    b.station.conf.norms = &conf;
    bench_restart(&b, T0 + MIN);
    bench_at(&b, T0 + 2 * MIN);
    cr_assert_eq(give(&b, LEDGER_PROPOSE, "shop", &n, &a), ERR_OK);
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    cr_assert_eq(give(&b, LEDGER_ANSWER, "office", NULL, &a), ERR_OK);
    bench_restart(&b, T0 + 3 * MIN); /* kill -9 before the commit */
    const struct ledger *l = core_norms(b.station.core);
    cr_assert_eq(ledger_last(l), 1u);
    cr_expect(core_norm_durable(b.station.core, 1));
    const struct norm *x = ledger_find(l, "press-use");
    cr_assert_not_null(x);
    cr_expect_eq(x->state, NORM_PROPOSED);
    cr_expect_eq(x->value, 0.8);
    cr_expect_str_eq(x->proposed_by, "shop");
    cr_expect_eq(x->answered_ms, NORM_NO_TIME);
    cr_expect_eq(give(&b, LEDGER_PROPOSE, "shop", &n, &a), ERR_OK);
    cr_expect(a.repeated, "the one that was committed is known by its key");
    cr_expect_eq(give(&b, LEDGER_ANSWER, "office", NULL, &a), ERR_OK);
    cr_expect_not(a.repeated);
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    bench_restart(&b, T0 + 5 * MIN);
    cr_expect_eq(ledger_last(core_norms(b.station.core)), 2u);
    bench_close(&b);
}

Test(norms, without_settings_anyone_proposes_and_nobody_approves) {
    struct bench b;
    struct ledger_answer a;
    const struct norm n = press_use();
    bench_open(&b);
    cr_expect_eq(give(&b, LEDGER_PROPOSE, "shop", &n, &a), ERR_OK);
    cr_expect_eq(give(&b, LEDGER_ANSWER, "office", NULL, &a), ERR_RANGE);
    cr_expect_str_eq(a.refusal.field, "who");
    bench_close(&b);
}
