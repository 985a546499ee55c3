/* What was given live, and what a back-test of the same hours says: the same firings. A day of the
 * press told minute by minute, with restarts in between and two products; rules of several kinds,
 * one of which quiets another, others with norms of products and teams. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "backtest/backtest.h"
#include "core_rig.h"

enum { HOURS = 20, EVENTS = 2000 };

static const uint32_t press[] = {SIM_FIRST_UNIT}, line[] = {1}, both[] = {1, SIM_FIRST_UNIT};

static struct alert_rule rules[] = {
    {.id = {"a-slow"},
     .subject = ALERT_INDICATOR,
     .indicator = IND_TIME_UTILIZATION,
     .node = both,
     .node_n = 2,
     .minutes = 15,
     .below = true,
     .level = {{0.6, 0.7, ALERT_LOW}, {0.3, 0.35, ALERT_HIGH}},
     .level_n = 2,
     .hold_ms = 2 * MIN,
     .clear_hold_ms = MIN,
     .flaps = 3,
     .flap_ms = 120 * MIN,
     .flap_quiet_ms = 10 * MIN},
    {.id = {"b-stands"},
     .subject = ALERT_QUANTITY,
     .quantity = ALERT_Q_DELAY,
     .node = press,
     .node_n = 1,
     .minutes = 5,
     .level = {{3, 1, ALERT_MEDIUM}},
     .level_n = 1,
     .in_shift = true,
     .repeat_ms = 10 * MIN,
     .escalate_ms = 20 * MIN,
     .escalate_severity = ALERT_CRITICAL},
    {.id = {"c-line"},
     .subject = ALERT_QUANTITY,
     .quantity = ALERT_Q_DELAY,
     .node = line,
     .node_n = 1,
     .minutes = 10,
     .level = {{7, 5, ALERT_HIGH}},
     .level_n = 1,
     .quiets = true},
    {.id = {"d-silent"},
     .subject = ALERT_QUANTITY,
     .quantity = ALERT_Q_PRODUCTION,
     .node = press,
     .node_n = 1,
     .minutes = 3,
     .condition = ALERT_NO_DATA,
     .level = {{0, 0, ALERT_HIGH}},
     .level_n = 1},
    {.id = {"e-stops"},
     .subject = ALERT_QUANTITY,
     .quantity = ALERT_Q_STOPS,
     .node = press,
     .node_n = 1,
     .window = ALERT_SHIFT,
     .level = {{12, 12, ALERT_LOW}},
     .level_n = 1},
    {.id = {"f-norm"},
     .subject = ALERT_INDICATOR,
     .indicator = IND_TIME_UTILIZATION,
     .condition = ALERT_NORM,
     .node = both,
     .node_n = 2,
     .minutes = 20,
     .below = true,
     .level = {{1, 1.05, ALERT_LOW}, {0.7, 0.75, ALERT_HIGH}},
     .level_n = 2},
    {.id = {"g-nuts"},
     .subject = ALERT_QUANTITY,
     .quantity = ALERT_Q_DELAY,
     .product = {"nut"},
     .node = press,
     .node_n = 1,
     .minutes = 30,
     .level = {{9, 7, ALERT_LOW}},
     .level_n = 1},
    {.id = {"h-team"},
     .subject = ALERT_INDICATOR,
     .indicator = IND_TIME_UTILIZATION,
     .condition = ALERT_NORM,
     .team = {"red"},
     .node = both,
     .node_n = 2,
     .window = ALERT_HOUR,
     .below = true,
     .level = {{1, 1, ALERT_LOW}},
     .level_n = 1},
};
enum { RULES = sizeof rules / sizeof *rules };

struct firing {
    struct ident rule, node;
    int64_t from_ms, to_ms;
};

struct firings {
    struct firing at[EVENTS];
    size_t n;
};

/* --- live ---------------------------------------------------------------------------------------
 */

/* One minute of the press, told at its end; now and then nothing is known of it for a while, and
 * never will be: what comes late is in a back-test and was not live. */
static void tell_minute(struct bench *b, uint16_t product, int64_t m, unsigned *random,
                        int64_t *known_ms) {
    const unsigned x = (unsigned)rand_r(random);
    struct script *g = &b->gw1;
    const bool silent = m % 97 > 88;
    const int64_t since_ms = *known_ms;
    *known_ms = T0 + (m + 1) * MIN;
    if (silent)
        return;
    script_asof(g, since_ms, *known_ms);
    if (x % 4 == 0)
        script_int(g, b->state, T0 + m * MIN + x % 60000, x % 3 ? MACHINE_RUN : MACHINE_HELD);
    if (m % 23 == 7)
        script_text(g, product, T0 + m * MIN + x % 60000, m % 2 ? "nut" : "bolt");
    cr_assert_eq(script_send(g), ERR_OK);
}

static const struct norm_grant grant = {"office", 0xff, 0xff, 0xff};

/* Of time utilization; from an hour of the day on. */
static void import(struct bench *b, const char *id, const char *product, const char *team,
                   double value, int64_t hour) {
    struct ledger_answer answer;
    struct norm n;
    norm_init(&n);
    cr_assert(!product || ident_set(&n.scope.product, span_str(product)));
    cr_assert(!team || ident_set(&n.scope.team, span_str(team)));
    n.indicator = IND_TIME_UTILIZATION;
    n.value = value;
    n.from_ms = T0 + hour * UTC_HOUR_MS;
    n.basis.kind = BASIS_CALCULATED;
    n.state = NORM_APPROVED;
    n.approved_by = "board";
    n.ceiling_reason = "as it stood";
    n.proposed_by = "shop";
    n.document = "Order 12";
    struct ledger_command c = {.action = LEDGER_IMPORT,
                               .key = span_str(id),
                               .who = "office",
                               .why = "it stood so",
                               .norm = &n,
                               .at_ms = NORM_NO_TIME,
                               .due_ms = NORM_NO_TIME};
    cr_assert(ident_set(&c.id, span_str(id)));
    cr_assert_eq(core_on_norm(b->station.core, &c, b->station.now, &answer), ERR_OK, "%s: %s",
                 answer.refusal.field, answer.refusal.why);
}

/* The rota has red and blue in the two shifts, so that of a team begins or ends within the day; one
 * more is in force from the tenth hour on. */
static void import_all(struct bench *b) {
    import(b, "all", NULL, NULL, 0.6, -24);
    import(b, "bolts", "bolt", NULL, 0.8, -24);
    import(b, "nuts", "nut", NULL, 0.4, -24);
    import(b, "nuts-of-red", "nut", "red", 0.7, -24);
    import(b, "bolts-later", "bolt", NULL, 0.5, 10);
}

static bool is_active(uint8_t state) {
    return state == ALERT_ACTIVE || state == ALERT_ACKED;
}

static void take_events(void *user, enum err err, const struct store_rows *rows) {
    struct firings *f = user;
    cr_assert_eq(err, ERR_OK);
    for (size_t i = 0; i < rows->n; i++) {
        struct alert_event e;
        cr_assert_eq(alert_event_unpack(rows->at[i].value, &e), ERR_OK);
        if (is_active(e.from) == is_active(e.to))
            continue;
        if (is_active(e.to)) {
            cr_assert(f->n < EVENTS);
            f->at[f->n++] = (struct firing){e.rule, e.node, e.at_ms, INT64_MAX};
        }
        for (size_t k = f->n; k-- > 0 && !is_active(e.to);)
            if (ident_equal(&f->at[k].rule, &e.rule) && ident_equal(&f->at[k].node, &e.node)) {
                f->at[k].to_ms = e.at_ms;
                break;
            }
    }
}

static struct ledger_conf norm_conf;

static void live(struct bench *b, struct firings *out) {
    static const struct alert_rules all = {rules, RULES};
    const struct store_range range = {.table = STORE_EVENT};
    unsigned random = 7;
    int64_t known_ms = T0;
    for (size_t i = 0; i < RULES; i++)
        rules[i].said = alert_rule_said(&rules[i]);
    ledger_conf_init(&norm_conf);
    norm_conf.grant = &grant;
    norm_conf.grant_n = 1;
    bench_open(b);
    b->station.conf.norms = &norm_conf;
    bench_restart(b, T0);
    bench_at(b, T0);
    cr_assert_eq(script_hello(&b->gw1), ERR_OK);
    const uint16_t product = script_point(&b->gw1, "product", POINT_STATE, 1);
    b->gw1.point[product].sticky = true;
    import_all(b);
    b->station.alerts = &all;
    cr_assert_eq(core_set_alerts(b->station.core, &all, b->station.now), ERR_OK);
    cr_assert_eq(script_key(&b->gw1, T0), ERR_OK);
    script_text(&b->gw1, b->order, T0, "o-1");
    script_int(&b->gw1, b->state, T0, MACHINE_RUN);
    bench_at(b, T0);
    for (int64_t m = 0; m < HOURS * 60; m++) {
        tell_minute(b, product, m, &random, &known_ms);
        bench_at(b, T0 + (m + 1) * MIN);
        if (m % 233 == 232) {
            bench_restart(b, T0 + (m + 1) * MIN);
            cr_assert_eq(script_hello(&b->gw1), ERR_OK);
        }
    }
    bench_at(b, T0 + HOURS * 60 * MIN + 1000);
    b->station.store->ops->load_now(b->station.store, &range, 1, take_events, out);
}

/* --- both ---------------------------------------------------------------------------------------
 */

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

static uint32_t number_of(const void *core, const char *text) {
    return core_word_number(core, text);
}

static struct backtest *tested(struct bench *b, int64_t to_ms) {
    static const struct alert_rules all = {rules, RULES};
    const struct backtest_words words = {number_of, b->station.core};
    struct backtest_norms *norms = NULL;
    cr_assert_eq(backtest_norms_open(core_norms(b->station.core), &words, &all, T0, to_ms, &norms),
                 ERR_OK);
    const struct history_reader reader = {.load = load, .user = b->station.store};
    const struct backtest_conf conf = {.plant = b->plant,
                                       .rules = &all,
                                       .beside = &all,
                                       .norms = {backtest_norm, backtest_word_is, norms},
                                       .from_ms = T0,
                                       .to_ms = to_ms,
                                       .curved = true,
                                       .curve_node = SIM_FIRST_UNIT};
    struct backtest *out = NULL;
    bool more = true;
    cr_assert_eq(backtest_open(&conf, &out), ERR_OK);
    while (more)
        cr_assert_eq(backtest_step(out, &reader, &more), ERR_OK);
    backtest_norms_close(norms);
    return out;
}

static size_t fired_live(const struct firings *f, const char *rule) {
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        n += strcmp(f->at[i].rule.s, rule) == 0;
    return n;
}

static bool was_live(const struct firings *f, const char *rule, const char *node,
                     const struct backtest_firing *x) {
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->at[i].rule.s, rule) == 0 && strcmp(f->at[i].node.s, node) == 0 &&
            f->at[i].from_ms == x->from_ms && f->at[i].to_ms == x->to_ms)
            return true;
    return false;
}

/* What raised the alert lies on the curve, in the part that holds the minute before. */
static size_t on_curve(const struct backtest *t, const struct backtest_rule *r, int64_t to_ms) {
    size_t n = 0, seen = 0;
    const struct backtest_point *p = backtest_curve(t, &n);
    cr_assert_not_null(p);
    for (size_t k = 0; k < r->firing_n; k++) {
        const struct backtest_firing *f = &r->firing[k];
        if (f->node != SIM_FIRST_UNIT)
            continue;
        const size_t at = (size_t)((f->from_ms - MIN - T0) * (int64_t)n / (to_ms - T0));
        cr_assert_lt(at, n);
        cr_expect(p[at].least <= f->value && f->value <= p[at].most, "%g not in %g .. %g", f->value,
                  p[at].least, p[at].most);
        seen++;
    }
    return seen;
}

Test(backtest, says_what_was_given_live) {
    static struct firings given;
    static struct bench b;
    size_t n = 0, all = 0;
    live(&b, &given);
    struct backtest *t = tested(&b, T0 + HOURS * 60 * MIN);
    const struct backtest_rule *r = backtest_rules(t, &n);
    cr_assert_eq(n, RULES);
    for (size_t i = 0; i < n; i++) {
        all += r[i].firing_n;
        cr_expect(r[i].firing_n > 0, "%s never fired: it shows nothing", r[i].rule->id.s);
        cr_expect_eq(r[i].firing_n, fired_live(&given, r[i].rule->id.s), "%s: %zu and live %zu",
                     r[i].rule->id.s, r[i].firing_n, fired_live(&given, r[i].rule->id.s));
        for (size_t k = 0; k < r[i].firing_n; k++)
            cr_expect(was_live(&given, r[i].rule->id.s, b.plant->node[r[i].firing[k].node].id.s,
                               &r[i].firing[k]),
                      "%s at %s from minute %lld", r[i].rule->id.s,
                      b.plant->node[r[i].firing[k].node].id.s,
                      (long long)((r[i].firing[k].from_ms - T0) / MIN));
        /* Beside itself it is itself. */
        cr_expect_eq(r[i].force.firings, r[i].figures.firings);
        cr_expect_eq(r[i].both, r[i].firing_n);
        cr_expect_eq(r[i].only_new + r[i].only_force, 0);
    }
    cr_expect_eq(all, given.n);
    cr_expect_gt(on_curve(t, &r[0], T0 + HOURS * 60 * MIN), 0);
    backtest_close(t);
    bench_close(&b);
}

/* Seven minutes in sixty columns: each minute lies in nine or ten. */
Test(backtest, what_is_known_is_shown_of_a_short_span) {
    static struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    struct backtest *t = tested(&b, T0 + 7 * MIN);
    for (unsigned c = 0; c < BACKTEST_COLUMNS; c++)
        cr_expect(backtest_known(t, SIM_FIRST_UNIT, c), "column %u", c);
    size_t points = 0;
    (void)backtest_curve(t, &points);
    cr_expect_eq(points, 7); /* a minute is the least */
    backtest_close(t);
    bench_close(&b);
}
