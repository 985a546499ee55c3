#include "simworld/alarm_watch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "alert/machine.h"
#include "simkit/line_plant.h"
#include "simworld/alarm_rows.h"
#include "simworld/alarm_sums.h"
#include "simworld/mutant.h"

enum { LINE = 1, PRESS, PACK, RULES = 5, INSTANCES_MAX = 16, SAID_MAX = 512 };
enum { MINUTES = ALARM_SUMS_MINUTES, HOURS = MINUTES / 60, EVENTS_MAX = 40000 };

struct seen { /* of an instance and minute, by whoever evaluated it last */
    bool is, no_data;
    double value;
    uint64_t before; /* number of the newest event then */
};

struct said { /* by people, and taken */
    uint64_t n;
    bool durable;
    char who[16];
};

struct alarm_watch {
    struct alert_rule rule[RULES];
    struct alert_rules rules;
    struct rng rng;
    int64_t first; /* minute */
    bool late;     /* a minute did not fit */
    bool forgot;   /* alerts began anew, though the store had how far they were */
    const struct station *station;
    struct alarm_sums *sums;
    uint64_t compared;
    struct seen *seen[INSTANCES_MAX][HOURS]; /* NULL: nothing in the whole hour */
    struct said said[SAID_MAX];
    size_t said_n;
    unsigned asked;
    uint64_t process;          /* that they were said to */
    struct alert_event *event; /* as stored */
    size_t event_n;
    size_t notice_n;
    enum err err;
};

/* --- what the core evaluates -------------------------------------------------------------------
 * The linker sends its calls here (--wrap). The watch is file-scope state, as a wrapped call has no
 * place to carry it. */

enum err __real_alerts_evaluate(struct alerts *a, uint32_t node, int64_t now_ms);
enum err __wrap_alerts_evaluate(struct alerts *a, uint32_t node, int64_t now_ms);
void __real_alerts_begin(struct alerts *a, uint32_t node, int64_t next);
void __wrap_alerts_begin(struct alerts *a, uint32_t node, int64_t next);
void __real_alarms_moved(struct core *c, uint32_t unit, const struct window_target *t,
                         const struct cell *cell, int sign);
void __wrap_alarms_moved(struct core *c, uint32_t unit, const struct window_target *t,
                         const struct cell *cell, int sign);
typedef enum err (*put_row)(void *user, struct span key, struct span value);
enum err __real_alerts_rows(struct alerts *a, put_row put, void *user);
enum err __wrap_alerts_rows(struct alerts *a, put_row put, void *user);

static struct alarm_watch *present;

static struct seen seen_at(const struct alarm_watch *w, size_t i, int64_t minute) {
    const struct seen *hour = w->seen[i][minute / 60];
    return hour ? hour[minute % 60] : (struct seen){0};
}

static void see(struct alarm_watch *w, size_t i, int64_t minute, struct seen s) {
    struct seen **hour = &w->seen[i][minute / 60];
    if (!*hour && !s.is)
        return;
    if (!*hour && !(*hour = calloc(60, sizeof **hour))) {
        w->err = ERR_NOMEM;
        return;
    }
    (*hour)[minute % 60] = s;
}

enum err __wrap_alerts_evaluate(struct alerts *a, uint32_t node, int64_t now_ms) {
    const int64_t minute = alerts_next(a, node);
    const uint64_t before = alerts_last(a);
    enum err err = __real_alerts_evaluate(a, node, now_ms);
    if (present)
        alarm_sums_see(present->sums, node, minute);
    for (size_t i = 0; !err && present && i < alerts_count(a); i++) {
        struct alert_view v;
        alerts_view(a, i, &v);
        const int64_t at = minute - present->first;
        present->late = present->late || at < 0 || at >= MINUTES;
        if (v.node == node && !present->late)
            see(present, i, at, (struct seen){true, v.no_data, v.value, before});
    }
    return err;
}

void __wrap_alarms_moved(struct core *c, uint32_t unit, const struct window_target *t,
                         const struct cell *cell, int sign) {
    if (present)
        alarm_sums_move(present->sums, t->key.node, cell->minute);
    if (mutant_now() != MUTANT_DEAF_ALERTS)
        __real_alarms_moved(c, unit, t, cell, sign);
}

/* A store that was put back knows nothing of what was seen since; of one that knows how far the
 * node was looked at nothing is forgiven. */
void __wrap_alerts_begin(struct alerts *a, uint32_t node, int64_t next) {
    const bool never = alerts_next(a, node) == INT64_MIN;
    if (present && never)
        present->forgot = present->forgot || alarm_rows_next(present->station, node) != INT64_MIN;
    for (size_t i = 0; present && i < alerts_count(a); i++) {
        struct alert_view v;
        alerts_view(a, i, &v);
        int64_t from = never ? 0 : next - present->first;
        for (from = from > 0 ? from : 0; v.node == node && from < MINUTES; from++)
            see(present, i, from, (struct seen){0});
    }
    __real_alerts_begin(a, node, next);
}

static enum err forget_row(void *user, struct span key, struct span value) {
    (void)user, (void)key, (void)value;
    return ERR_OK;
}

/* The variant writes events down and not the states that they lead to. */
enum err __wrap_alerts_rows(struct alerts *a, put_row put, void *user) {
    return __real_alerts_rows(a, mutant_now() == MUTANT_STATELESS_ALERTS ? forget_row : put, user);
}

/* --- rules -------------------------------------------------------------------------------------
 */

static const uint32_t all_nodes[] = {LINE, PRESS, PACK}, units[] = {PRESS, PACK}, line[] = {LINE};
static const struct ident lead[] = {{"lead"}, {"office"}};

static void make_rules(struct alarm_watch *w) {
    const struct alert_rule delay = {.id = {"delay"},
                                     .subject = ALERT_QUANTITY,
                                     .quantity = ALERT_Q_DELAY,
                                     .node = units,
                                     .node_n = 2,
                                     .minutes = 5,
                                     .hold_ms = 2 * UTC_MINUTE_MS,
                                     .clear_hold_ms = UTC_MINUTE_MS,
                                     .level = {{1, 0.5, ALERT_LOW}, {3, 2, ALERT_MEDIUM}},
                                     .level_n = 2,
                                     .escalate_ms = 20 * UTC_MINUTE_MS,
                                     .escalate_severity = ALERT_CRITICAL,
                                     .repeat_ms = 15 * UTC_MINUTE_MS,
                                     .recipient = lead,
                                     .recipient_n = 2};
    struct alert_rule *r = w->rule;
    for (unsigned i = 0; i < RULES; i++)
        r[i] = delay;
    r[1].id = (struct ident){"energy-day"};
    r[1].quantity = ALERT_Q_ENERGY;
    r[1].window = ALERT_DAY;
    r[1].minutes = 0;
    r[1].node = all_nodes;
    r[1].node_n = 3;
    r[1].level[0] = (struct alert_level){1, 1, ALERT_LOW};
    r[1].level[1] = (struct alert_level){5, 5, ALERT_HIGH};
    r[1].recipient_n = 1;
    r[2].id = (struct ident){"line-stop"};
    r[2].node = line;
    r[2].node_n = 1;
    r[2].minutes = 3;
    r[2].quiets = true;
    r[2].hold_ms = 0;
    r[3].id = (struct ident){"no-data"};
    r[3].condition = ALERT_NO_DATA;
    r[3].minutes = 2;
    r[3].level_n = 1;
    r[3].hold_ms = 3 * UTC_MINUTE_MS;
    r[4].id = (struct ident){"stops"};
    r[4].quantity = ALERT_Q_STOPS;
    r[4].minutes = 10;
    r[4].level[0] = (struct alert_level){0.5, 0, ALERT_INFO};
    r[4].level[1] = (struct alert_level){2.5, 1, ALERT_MEDIUM};
    r[4].flaps = 3;
    r[4].flap_ms = 60 * UTC_MINUTE_MS;
    r[4].flap_quiet_ms = 12 * UTC_MINUTE_MS;
    r[4].hold_ms = r[4].clear_hold_ms = 0;
    for (unsigned i = 0; i < RULES; i++)
        r[i].said = alert_rule_said(&r[i]);
    w->rules = (struct alert_rules){w->rule, RULES};
}

enum err alarm_watch_open(struct station *s, int64_t wall_ms, uint64_t seed,
                          struct alarm_watch **out) {
    struct alarm_watch *w = calloc(1, sizeof *w);
    if (!w)
        return ERR_NOMEM;
    *out = present = w;
    w->rng.state = seed * UINT64_C(0x9e3779b97f4a7c15) + 99;
    w->first = utc_floor(wall_ms, UTC_MINUTE_MS) / UTC_MINUTE_MS - 1440;
    make_rules(w);
    w->sums = calloc(1, sizeof *w->sums);
    if (!w->sums)
        return ERR_NOMEM;
    w->sums->first = w->first;
    w->station = s;
    s->alerts = &w->rules;
    s->conf.alert_grace_ms = rng_between(&w->rng, 0, 90) * 1000;
    return ERR_OK;
}

void alarm_watch_close(struct alarm_watch *w) {
    if (!w)
        return;
    present = NULL;
    for (unsigned i = 0; i < INSTANCES_MAX; i++)
        for (unsigned h = 0; h < HOURS; h++)
            free(w->seen[i][h]);
    free(w->sums);
    free(w->event);
    free(w);
}

/* --- people ------------------------------------------------------------------------------------
 */

static void ask(struct alarm_watch *w, struct station *s) {
    const struct alerts *all = core_alerts(s->core);
    struct core_alert_answer answer;
    struct said *said = &w->said[w->said_n];
    struct alert_view v;
    alerts_view(all, (size_t)rng_below(&w->rng, alerts_count(all)), &v);
    (void)snprintf(said->who, sizeof said->who, "p%u", w->asked++);
    const struct alert_command c = {.act = (uint8_t)rng_below(&w->rng, ALERT_ACTS),
                                    .rule = v.rule->id,
                                    .node = s->plant->node[v.node].id,
                                    .who = span_str(said->who),
                                    .until_ms = s->now.wall_ms +
                                                rng_between(&w->rng, 1, 40) * UTC_MINUTE_MS};
    if (core_on_alert(s->core, &c, s->now, &answer))
        return;
    said->n = answer.n;
    said->durable = false;
    w->said_n++;
}

/* What a process that is dead now had taken was not answered. */
static void forget_lost(struct alarm_watch *w, const struct station *s) {
    size_t n = 0;
    if (w->process == s->conf.start_random)
        return;
    w->process = s->conf.start_random;
    for (size_t i = 0; i < w->said_n; i++)
        if (w->said[i].durable)
            w->said[n++] = w->said[i];
    w->said_n = n;
}

void alarm_watch_step(struct alarm_watch *w, struct station *s) {
    if (!s->core)
        return;
    forget_lost(w, s);
    for (size_t i = 0; i < w->said_n; i++)
        w->said[i].durable = w->said[i].durable || core_alert_durable(s->core, w->said[i].n);
    if (w->said_n < SAID_MAX && rng_ppm(&w->rng, 50000))
        ask(w, s);
}

/* --- what is stored ----------------------------------------------------------------------------
 */

static void on_events(void *user, enum err err, const struct store_rows *rows) {
    struct alarm_watch *w = user;
    w->err = err ? err : rows->n > EVENTS_MAX ? ERR_FULL : ERR_OK;
    w->event = calloc(rows->n ? rows->n : 1, sizeof *w->event);
    if (!w->event)
        w->err = ERR_NOMEM;
    for (w->event_n = 0; w->event_n < rows->n && !w->err; w->event_n++)
        w->err = alert_event_unpack(rows->at[w->event_n].value, &w->event[w->event_n]);
}

/* Nobody told them yet: each is the event of its number, but that a flood may be another's. */
static void on_notices(void *user, enum err err, const struct store_rows *rows) {
    struct alarm_watch *w = user;
    w->err = err;
    w->notice_n = rows->n;
    for (size_t i = 0; i < rows->n && !w->err; i++) {
        struct alert_event e;
        struct ident to;
        uint64_t n = 0;
        w->err = alert_notice_key_parse(rows->at[i].key, &to, &n);
        if (!w->err)
            w->err = alert_event_unpack(rows->at[i].value, &e);
        if (!w->err && n > 0 && n <= w->event_n)
            e.mark |= w->event[n - 1].mark & ALERT_FLOOD;
        if (!w->err &&
            (e.n != n || n == 0 || n > w->event_n || memcmp(&e, &w->event[n - 1], sizeof e) != 0))
            w->err = ERR_FORMAT;
    }
}

static enum err read_rows(struct alarm_watch *w, struct station *s) {
    const struct store_range events = {.table = STORE_EVENT}, notices = {.table = STORE_NOTICE};
    enum err err = s->store->ops->load_now(s->store, &events, 1, on_events, w);
    err = err ? err : w->err;
    if (!err)
        err = s->store->ops->load_now(s->store, &notices, 1, on_notices, w);
    return err ? err : w->err;
}

/* --- the laws ----------------------------------------------------------------------------------
 */

struct replayed {
    const struct alert_rule *rule;
    struct ident node;
    uint32_t at;
    int end; /* the minute that is evaluated next: of it nothing can be said yet */
    struct machine m;
    size_t next; /* in the events: its own are looked for from here on */
};

static const struct alert_event *next_event(const struct alarm_watch *w, struct replayed *x) {
    for (; x->next < w->event_n; x->next++) {
        const struct alert_event *e = &w->event[x->next];
        if (ident_equal(&e->rule, &x->rule->id) && ident_equal(&e->node, &x->node))
            return e;
    }
    return NULL;
}

static bool is_same(const struct alert_event *e, const struct machine_change *c, int64_t at_ms) {
    return e && e->from == c->from && e->to == c->to && e->why == c->why &&
           e->severity == c->severity && e->level == c->level && e->at_ms == at_ms;
}

static enum alert_act act_of(const struct alert_event *e) {
    static const uint8_t act[ALERT_WHY_COUNT] = {[ALERT_WHY_ACKED] = ALERT_ACK,
                                                 [ALERT_WHY_SHELVED] = ALERT_SHELVE,
                                                 [ALERT_WHY_UNSHELVED] = ALERT_UNSHELVE,
                                                 [ALERT_WHY_DISABLED] = ALERT_DISABLE,
                                                 [ALERT_WHY_ENABLED] = ALERT_ENABLE};
    return (enum alert_act)act[e->why];
}

/* What people wanted before the minute was evaluated. */
static bool play_acts(const struct alarm_watch *w, struct replayed *x, uint64_t until, bool quiet) {
    const struct alert_event *e = NULL;
    while ((e = next_event(w, x)) != NULL && e->who[0] && e->n <= until) {
        struct machine_change c;
        const char *why = NULL;
        if (machine_command(&x->m, x->rule, act_of(e), e->at_ms, e->until_ms, quiet, &c, &why) ||
            !is_same(e, &c, e->at_ms))
            return false;
        x->next++;
    }
    return true;
}

static struct machine_minute minute_of(const struct replayed *x, const struct seen *s,
                                       int64_t at_ms, bool quiet) {
    const bool nothing = x->rule->condition == ALERT_NO_DATA;
    struct machine_minute in = {
        .at_ms = at_ms, .scheduled = true, .known = nothing || !s->no_data, .quiet = quiet};
    if (nothing) {
        in.beyond = s->no_data;
        in.cleared = !s->no_data;
        return in;
    }
    for (unsigned i = 0; i < x->rule->level_n && in.known; i++) {
        in.beyond |= (uint8_t)((s->value > x->rule->level[i].threshold) << i);
        in.cleared |= (uint8_t)((s->value <= x->rule->level[i].clear) << i);
    }
    return in;
}

static bool play_minute(const struct alarm_watch *w, struct replayed *x, size_t i, int minute,
                        bool quiet_before, bool quiet) {
    const struct seen s = seen_at(w, i, minute);
    const int64_t at_ms = (w->first + minute + 1) * UTC_MINUTE_MS;
    const struct machine_minute in = minute_of(x, &s, at_ms, quiet);
    struct machine_change c;
    if (!play_acts(w, x, s.before, quiet_before))
        return false;
    if (!machine_minute(&x->m, x->rule, &in, &c))
        return true;
    if (!is_same(next_event(w, x), &c, at_ms))
        return false;
    x->next++;
    return true;
}

static int end_of(const struct alarm_watch *w, const struct alerts *all, uint32_t node) {
    const int64_t next = alerts_next(all, node);
    if (next < w->first) /* also if none was evaluated */
        return 0;
    return next - w->first < MINUTES ? (int)(next - w->first) : MINUTES;
}

static size_t open_replay(const struct alarm_watch *w, const struct station *s,
                          struct replayed x[INSTANCES_MAX]) {
    const struct alerts *all = core_alerts(s->core);
    for (size_t i = 0; i < alerts_count(all); i++) {
        struct alert_view v;
        alerts_view(all, i, &v);
        x[i] = (struct replayed){.rule = v.rule,
                                 .node = s->plant->node[v.node].id,
                                 .at = v.node,
                                 .end = end_of(w, all, v.node)};
        machine_init(&x[i].m);
    }
    return alerts_count(all);
}

static bool is_quieted(const struct replayed *x, size_t n, uint32_t node) {
    for (size_t i = 0; i < n; i++)
        if (x[i].rule->quiets && x[i].at == LINE && node != LINE && machine_is_active(&x[i].m))
            return true;
    return false;
}

static bool is_blank(const struct alarm_watch *w, unsigned hour) {
    for (unsigned i = 0; i < INSTANCES_MAX; i++)
        if (w->seen[i][hour])
            return false;
    return true;
}

static int first_seen(const struct alarm_watch *w) {
    unsigned h = 0;
    while (h < HOURS && is_blank(w, h))
        h++;
    return (int)h * 60;
}

static int end_of_seen(const struct alarm_watch *w) {
    unsigned h = HOURS;
    while (h > 0 && is_blank(w, h - 1))
        h--;
    return (int)h * 60;
}

/* When all of them were evaluated for the last time. */
static int end_of_all(const struct replayed *x, size_t n) {
    int end = 0;
    for (size_t i = 0; i < n; i++)
        end = x[i].end > end ? x[i].end : end;
    return end;
}

static const char *check_ends(const struct alarm_watch *w, const struct station *s,
                              struct replayed *x, size_t n, bool print) {
    for (size_t i = 0; i < n; i++) {
        struct alert_view v;
        if (!play_acts(w, &x[i], UINT64_MAX, is_quieted(x, n, x[i].at)) || next_event(w, &x[i]))
            return "an alert has transitions that nothing led to";
        alerts_view(core_alerts(s->core), i, &v);
        if (v.state == (uint8_t)machine_state(&x[i].m) && v.level == x[i].m.level)
            continue;
        if (print)
            fprintf(stderr, "  alert %s of %s: %s, by its transitions %s\n", x[i].rule->id.s,
                    x[i].node.s, alert_state_name((enum alert_state)v.state),
                    alert_state_name(machine_state(&x[i].m)));
        return "an alert is in another state than its transitions led to";
    }
    return NULL;
}

/* A machine of its own for each alert, minute by minute up to where the core stands: what is about
 * to happen then is so still, while a minute that was left out makes it begin anew. */
static const char *replay(const struct alarm_watch *w, const struct station *s, bool print) {
    struct replayed x[INSTANCES_MAX];
    const size_t n = open_replay(w, s, x);
    const int end = end_of_all(x, n);
    for (int m = first_seen(w); m < end; m++) {
        const bool was = is_quieted(x, n, PRESS); /* when the minute before was over */
        for (size_t i = 0; i < n; i++) {
            if (m >= x[i].end)
                continue;
            const bool quiet = is_quieted(x, n, x[i].at), before = was && x[i].at != LINE;
            if (!seen_at(w, i, m).is) { /* left out: as after a stop of more than a day */
                machine_skip(&x[i].m);
                continue;
            }
            if (play_minute(w, &x[i], i, m, before, quiet))
                continue;
            if (print)
                fprintf(stderr, "  alert %s of %s, minute %d\n", x[i].rule->id.s, x[i].node.s, m);
            return "an alert is not what its observations make of it";
        }
    }
    return check_ends(w, s, x, n, print);
}

static const char *check_chain(const struct alarm_watch *w) {
    for (size_t i = 0; i < w->event_n; i++) {
        const struct alert_event *e = &w->event[i];
        uint8_t state = ALERT_NORMAL;
        if (e->n != i + 1)
            return "numbers of transitions have a hole";
        for (size_t k = i; k > 0; k--) {
            if (!ident_equal(&w->event[k - 1].rule, &e->rule) ||
                !ident_equal(&w->event[k - 1].node, &e->node))
                continue;
            state = w->event[k - 1].to;
            break;
        }
        if (e->from != state)
            return "a transition begins where none ended";
    }
    return NULL;
}

static const char *check_notices(const struct alarm_watch *w) {
    size_t n = 0;
    for (size_t i = 0; i < w->event_n; i++)
        for (unsigned k = 0; k < RULES; k++)
            if (ident_equal(&w->rule[k].id, &w->event[i].rule) && alert_event_is_told(&w->event[i]))
                n += w->rule[k].recipient_n;
    return n == w->notice_n ? NULL : "notices are not one for each recipient of a transition";
}

static const char *check_said(const struct alarm_watch *w, bool exact) {
    for (size_t i = 0; i < w->said_n; i++) {
        size_t times = 0;
        for (size_t k = 0; k < w->event_n; k++)
            times += strcmp(w->event[k].who, w->said[i].who) == 0;
        if (times > 1 || (exact && w->said[i].durable && times == 0))
            return "what a person was told is done is not there once";
    }
    return NULL;
}

static int64_t window_from(const struct alarm_watch *w, const struct alert_rule *r, int64_t m) {
    const int64_t midnight =
        utc_floor((w->first + m) * UTC_MINUTE_MS, UTC_DAY_MS) / UTC_MINUTE_MS - w->first;
    return r->window == ALERT_DAY ? midnight : m + 1 - r->minutes;
}

static double sum_of(const struct alert_rule *r, const struct alarm_sum *sum) {
    return r->quantity == ALERT_Q_DELAY    ? (double)sum->delay_ms / 60000
           : r->quantity == ALERT_Q_ENERGY ? (double)sum->energy_uwh / 1e9
                                           : (double)sum->stops;
}

/* By event time: a minute that nothing moved since it was looked at is still what it was then. */
static const char *check_seen(struct alarm_watch *w, struct station *s, bool print) {
    const struct alerts *all = core_alerts(s->core);
    if (alarm_sums_collect(w->sums, s))
        return "cells cannot be read";
    for (size_t i = 0; i < alerts_count(all); i++) {
        struct alert_view v;
        alerts_view(all, i, &v);
        for (int m = first_seen(w); m < end_of_seen(w); m++) {
            const struct seen x = seen_at(w, i, m);
            const int64_t from = window_from(w, v.rule, m);
            if (!x.is || x.no_data || v.rule->condition == ALERT_NO_DATA)
                continue;
            struct alarm_sum sum;
            if (!alarm_sums_of(w->sums, v.node, from, m, &sum))
                continue;
            w->compared++;
            if (fabs(x.value - sum_of(v.rule, &sum)) < 1e-9)
                continue;
            if (print)
                fprintf(stderr, "  alert %s of node %u, minute %d: saw %.9g, stored %.9g\n",
                        v.rule->id.s, v.node, m, x.value, sum_of(v.rule, &sum));
            return "an alert saw what no cells add up to";
        }
    }
    return NULL;
}

const char *alarm_watch_audit(struct alarm_watch *w, struct station *s, bool exact, bool kept,
                              bool print) {
    if (w->err || read_rows(w, s))
        return "transitions or notices cannot be read";
    const char *wrong = w->late ? "the run is longer than the watch" : check_chain(w);
    if (!wrong && (w->forgot || !alarm_rows_hold(s)))
        wrong = w->forgot ? "alerts began anew where the store has how far they were"
                          : "the store does not have how far alerts are";
    if (!wrong)
        wrong = check_notices(w);
    if (!wrong)
        wrong = check_said(w, exact);
    if (!wrong && kept)
        wrong = check_seen(w, s, print);
    if (print)
        fprintf(stderr, "  alerts: %zu transitions, %llu values held against cells\n", w->event_n,
                (unsigned long long)w->compared);
    return wrong ? wrong : replay(w, s, print);
}
