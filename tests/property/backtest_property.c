/* A back-test against brute force: random minutes of two machines, random rules at machines, line
 * and site. What each rule should have done is worked out here, minute by minute, from nothing but
 * the minutes themselves: every window is added up anew, every hold is counted. The firings must be
 * the same, to the minute.
 *
 * usage: backtest_property [seeds [first seed]] */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backtest/backtest.h"
#include "backtest_brute.h"
#include "memory/store_memory.h"

static uint64_t next_random(uint64_t *s) { /* splitmix64, public domain by Sebastiano Vigna */
    uint64_t z = *s += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static int64_t below(struct world *w, int64_t n) {
    return (int64_t)(next_random(&w->random) % (uint64_t)n);
}

static bool chance(struct world *w, int64_t one_in) {
    return below(w, one_in) == 0;
}

static void must(enum err err) {
    if (err != ERR_OK) {
        printf("FAIL error=%s\n", err_name(err));
        exit(1);
    }
}

/* --- a world ------------------------------------------------------------------------------------
 */

static struct minute half_of(const struct minute *x) {
    return (struct minute){.there = true,
                           .production = x->production / 2,
                           .setup = x->setup / 2,
                           .delay = x->delay / 2,
                           .no_order = x->no_order / 2,
                           .unknown = x->unknown / 2,
                           .unknown_off = x->unknown_off / 2,
                           .planned = x->planned / 2,
                           .energy = x->energy / 2,
                           .energy_due = x->energy_due / 2,
                           .energy_seen = x->energy_seen / 2,
                           .pieces = x->pieces / 2,
                           .count_due = x->count_due / 2,
                           .count_seen = x->count_seen / 2,
                           .stops = x->stops / 2};
}

/* Products last for some minutes, teams for longer; now and then a minute is of two products. */
static void share_out(struct world *w, unsigned unit, int64_t m) {
    struct told *t = &w->minute[unit][m];
    t->product = m > 0 ? t[-1].product : BOLT;
    t->team = m > 0 ? t[-1].team : RED;
    if (chance(w, 15))
        t->product = chance(w, 4) ? NOBODY : BOLT + (uint32_t)below(w, 2);
    if (chance(w, 200))
        t->team = chance(w, 4) ? NOBODY : RED + (uint32_t)below(w, 2);
    t->other = BOLT + (uint32_t)below(w, 2);
    t->half = (struct minute){.there = false};
    if (t->all.there && t->other != t->product && chance(w, 5))
        t->half = half_of(&t->all);
}

/* Machines go through spells: they run, stand, are unknown, or the gateway is away. */
static void fill_unit(struct world *w, unsigned unit) {
    int64_t spell = 0, mood = 0;
    for (int64_t m = 0; m < MINUTES; m++) {
        struct minute *x = &w->minute[unit][m].all;
        if (spell-- <= 0) {
            spell = 1 + below(w, 12);
            mood = below(w, 12);
        }
        *x = (struct minute){.there = mood != 0};
        if (!x->there)
            continue;
        int64_t left = UTC_MINUTE_MS;
        x->unknown = mood == 1 ? UTC_MINUTE_MS : chance(w, 10) ? below(w, 30000) : 0;
        x->unknown_off = mood == 1 && chance(w, 2) ? x->unknown : 0;
        left -= x->unknown;
        x->delay = mood < 5 ? left : below(w, left + 1) / 4;
        left -= x->delay;
        x->setup = chance(w, 6) ? left / 3 : 0;
        x->no_order = chance(w, 9) ? left / 2 : 0;
        x->planned = chance(w, 30) ? left / 8 : 0;
        x->production = left - x->setup - x->no_order - x->planned;
        x->stops = x->delay > 0;
        x->energy = 20000000 + x->production * 4000 + below(w, 50000000);
        x->energy_due = UTC_MINUTE_MS;
        x->energy_seen = chance(w, 12) ? below(w, 60001) : mood == 2 ? 0 : UTC_MINUTE_MS;
        x->energy = x->energy_seen ? x->energy : 0;
        x->pieces = x->production / 8000 * 1000000;
        x->count_due = x->production + x->delay;
        x->count_seen = chance(w, 15) ? x->count_due / 2 : x->count_due;
    }
    for (int64_t m = 0; m < MINUTES; m++)
        share_out(w, unit, m);
}

static struct cell cell_of(const struct minute *x, int64_t minute, uint32_t product,
                           uint32_t team) {
    struct cell c = {.minute = minute,
                     .ctx = {.product = product, .team = team, .shift = UINT32_MAX}};
    int64_t *q = c.sums.q;
    q[QTY_TIME + CAT_PRODUCTION] = x->production;
    q[QTY_TIME + CAT_SETUP] = x->setup;
    q[QTY_TIME + CAT_DELAY] = x->delay;
    q[QTY_TIME + CAT_DOWN_NO_ORDER] = x->no_order;
    q[QTY_TIME + CAT_PLANNED_DOWN] = x->planned;
    q[QTY_TIME + CAT_UNKNOWN] = x->unknown;
    q[QTY_UNKNOWN_OFF] = x->unknown_off;
    q[QTY_ENERGY + CAT_PRODUCTION] = x->energy;
    q[QTY_ENERGY_DUE] = x->energy_due;
    q[QTY_ENERGY_SEEN] = x->energy_seen;
    q[QTY_PQ] = x->pieces;
    q[QTY_COUNT_DUE] = x->count_due;
    q[QTY_COUNT_SEEN] = x->count_seen;
    q[QTY_STOPS] = x->stops;
    return c;
}

/* What is taken from a minute for the other product. */
static struct cell rest_of(struct cell c, const struct cell *half) {
    for (unsigned q = 0; q < QTY_COUNT; q++)
        c.sums.q[q] -= half->sums.q[q];
    return c;
}

static void on_committed(void *user, enum err err) {
    *(enum err *)user = err;
}

static void put_hour(struct world *w, struct store_tx *tx, uint32_t unit, int64_t hour) {
    uint8_t key[HISTORY_CELL_KEY_MAX];
    struct cells cells;
    struct buf bytes;
    cells_init(&cells);
    buf_init(&bytes);
    for (int64_t m = hour * 60; m < hour * 60 + 60; m++) {
        const struct told *t = &w->minute[unit][m];
        if (!t->all.there)
            continue;
        const struct cell c = cell_of(&t->all, FIRST + m, t->product, t->team);
        const struct cell half = cell_of(&t->half, FIRST + m, t->other, t->team);
        const struct cell rest = rest_of(c, &half);
        must(cells_add(&cells, &rest));
        if (t->half.there)
            must(cells_add(&cells, &half));
    }
    const size_t n = history_cell_key(w->plant, unit, FIRST / 60 + hour, key);
    must(cells_pack(cells.at, cells.n, &bytes));
    must(store_tx_add(tx, STORE_PUT, STORE_CELL, span_of(key, n), buf_span(&bytes)));
    buf_fini(&bytes);
    cells_fini(&cells);
}

static void fill_days(struct world *w) {
    for (uint32_t node = 1; node < NODES; node++)
        for (int64_t i = 0; i < DAYS; i++) {
            struct day *d = &w->day[node][i];
            *d = (struct day){
                .there = !chance(w, 25), .covered = !chance(w, 20), .good = 1000 + below(w, 3000)};
            d->energy_wh = 240000 + d->good * 20 + below(w, 90000) - 45000;
        }
}

/* As the engine keeps windows; of the last ones what was not told yet. */
static void put_day(const struct world *w, struct store_tx *tx, uint32_t node, int64_t i) {
    const struct day *d = &w->day[node][i];
    struct window x = {
        .key = {.node = node, .kind = WINDOW_DAY, .start_ms = DAY0_MS + i * UTC_DAY_MS},
        .life = i + 2 < DAYS ? WINDOW_SETTLED : WINDOW_PROVISIONAL};
    uint8_t key[WINDOW_KEY_BYTES];
    struct buf v;
    x.end_ms = x.key.start_ms + UTC_DAY_MS;
    x.sums.q[QTY_ENERGY + CAT_PRODUCTION] = d->energy_wh / 2 * 1000000;
    x.sums.q[QTY_ENERGY + CAT_DELAY] = (d->energy_wh - d->energy_wh / 2) * 1000000;
    x.sums.q[QTY_GQ] = d->good * 1000000;
    x.sums.q[QTY_ENERGY_DUE] = x.sums.q[QTY_COUNT_DUE] = UTC_DAY_MS;
    x.sums.q[QTY_ENERGY_SEEN] = d->covered ? UTC_DAY_MS : UTC_DAY_MS / 2;
    x.sums.q[QTY_COUNT_SEEN] = UTC_DAY_MS;
    buf_init(&v);
    window_key_pack(&x.key, key);
    must(window_pack(&x, &v));
    must(store_tx_add(tx, STORE_PUT, x.life == WINDOW_SETTLED ? STORE_WINDOW : STORE_OPEN,
                      span_of(key, sizeof key), buf_span(&v)));
    buf_fini(&v);
}

static struct store *store_of(struct world *w) {
    const struct store_memory_conf conf = {0};
    struct store *s = NULL;
    struct store_tx *tx = calloc(1, sizeof *tx);
    enum err err = ERR_IO;
    must(tx ? store_memory_open(&conf, &s) : ERR_NOMEM);
    store_tx_init(tx);
    for (uint32_t u = 0; u < UNITS; u++)
        for (int64_t h = 0; h < HOURS; h++)
            put_hour(w, tx, u, h);
    for (uint32_t node = 1; node < NODES; node++)
        for (int64_t i = 0; i < DAYS; i++)
            if (w->day[node][i].there)
                put_day(w, tx, node, i);
    must(s->ops->commit(s, tx, on_committed, &err));
    while (store_memory_step(s)) {
    }
    must(err);
    return s;
}

/* --- a rule -------------------------------------------------------------------------------------
 */

static double some_level(struct world *w, const struct alert_rule *r) {
    const double x = (double)below(w, 1000) / 1000;
    if (r->condition == ALERT_NORM)
        return 0.6 + x * 0.8;
    if (r->condition == ALERT_DRIFT)
        return (r->below ? -1 : 1) * (0.2 + x * 2);
    if (r->condition == ALERT_BASELINE)
        return x * 0.6 - 0.3;
    if (r->condition == ALERT_RATE)
        return x * 4;
    if (r->subject == ALERT_INDICATOR)
        return 0.3 + x * 0.7 + 1.234567e-9; /* no share of whole milliseconds is just that */
    const double minutes = r->window == ALERT_ROLLING ? r->minutes : 60;
    if (r->quantity == ALERT_Q_POWER)
        return 3 + x * 18;
    if (r->quantity == ALERT_Q_PIECES)
        return x * 8 * minutes;
    return x * (r->quantity == ALERT_Q_DELAY ? 0.6 : 1) * minutes;
}

static void some_subject(struct world *w, struct alert_rule *r) {
    static const uint8_t quantity[] = {ALERT_Q_POWER, ALERT_Q_DELAY, ALERT_Q_PIECES, ALERT_Q_STOPS};
    r->subject = chance(w, 3) ? ALERT_INDICATOR : ALERT_QUANTITY;
    r->indicator = IND_TIME_UTILIZATION;
    r->quantity = quantity[below(w, 4)];
    r->window = (uint8_t)(chance(w, 2) ? ALERT_ROLLING : below(w, ALERT_WINDOW_COUNT));
    if (r->window == ALERT_ROLLING)
        r->minutes = (uint8_t)(1 + below(w, chance(w, 3) ? 60 : 10));
    const int64_t kind = below(w, 8);
    if (r->window == ALERT_ROLLING && kind == 0) {
        r->condition = ALERT_NO_DATA;
        r->subject = ALERT_QUANTITY;
        r->quantity = ALERT_Q_ENERGY;
    } else if (r->window == ALERT_ROLLING && kind == 1) {
        r->condition = ALERT_RATE;
        r->span_min = (uint8_t)(1 + below(w, 60));
    }
}

/* The same of line and machines; of the press another one comes into force. */
static void some_baselines(struct world *w) {
    static const char *const node[BASELINES] = {"line", "press", "press"};
    for (unsigned i = 0; i < BASELINES; i++) {
        struct alert_baseline *b = &w->baseline[i];
        *b = (struct alert_baseline){.from_ms = DAY0_MS + (i == 2 ? 12 : 2) * UTC_DAY_MS,
                                     .weeks = i == 0 && chance(w, 2),
                                     .base_kwh_per_h = i == 2 ? 10 : 9.5,
                                     .s_kwh = 20.0371 + (double)below(w, 30),
                                     .driver_n = 1};
        must(ident_set(&b->node, span_str(node[i])) ? ERR_OK : ERR_RANGE);
        b->driver[0] = (struct alert_driver){.quantity = ALERT_Q_GOOD, .kwh_each = 0.02};
        if (i == 0)
            b->driver[0].node = (struct ident){"pack"};
    }
}

static void some_context(struct world *w, struct alert_rule *r) {
    if (chance(w, 4)) {
        r->condition = ALERT_NORM;
        r->subject = ALERT_INDICATOR;
    }
    if (chance(w, 2))
        return;
    r->product = word[chance(w, 3) ? NOBODY : BOLT + below(w, 2)];
    r->team = word[chance(w, 2) ? NOBODY : RED + below(w, 2)];
}

static void some_drift(struct world *w, struct alert_rule *r) {
    some_baselines(w);
    r->condition = ALERT_DRIFT;
    r->subject = ALERT_QUANTITY;
    r->quantity = ALERT_Q_ENERGY;
    r->window = ALERT_DAY;
    r->minutes = 0;
    r->baseline = w->baseline;
    r->baseline_n = BASELINES;
}

/* Of what the minutes hold: a base, what a minute of production takes, and a piece. Of line and
 * press, as above; the press has another one from some minute on. */
static void some_excess(struct world *w, struct alert_rule *r) {
    some_baselines(w);
    r->condition = ALERT_BASELINE;
    r->subject = ALERT_QUANTITY;
    r->quantity = ALERT_Q_ENERGY;
    r->baseline = w->baseline;
    r->baseline_n = BASELINES;
    for (unsigned i = 0; i < BASELINES; i++) {
        struct alert_baseline *b = &w->baseline[i];
        b->base_kwh_per_h = (i == 0 ? 5 : 2.5) + (double)below(w, 10) / 10;
        b->driver_n = 2;
        b->driver[0] = (struct alert_driver){.quantity = ALERT_Q_PRODUCTION,
                                             .kwh_each = 0.2 + (double)below(w, 9) / 100};
        b->driver[1] = (struct alert_driver){.quantity = ALERT_Q_PIECES, .kwh_each = 0.001};
        if (i == 2)
            b->from_ms = (FIRST + 700 + below(w, 1000)) * UTC_MINUTE_MS;
    }
}

static void some_rule(struct world *w) {
    struct alert_rule *r = &w->rule;
    *r = (struct alert_rule){.id = {"r"}, .name = "r", .node = w->node};
    some_subject(w, r);
    if (chance(w, 6))
        some_drift(w, r);
    else if (r->condition == ALERT_VALUE && chance(w, 5))
        some_excess(w, r);
    else if (r->condition == ALERT_VALUE)
        some_context(w, r);
    for (uint32_t n = 0; n < NODES; n++)
        if (chance(w, 2))
            w->node[r->node_n++] = n;
    if (r->node_n == 0)
        w->node[r->node_n++] = 2;
    r->below = chance(w, 2) || (r->condition == ALERT_NORM && chance(w, 2));
    r->level_n = r->condition == ALERT_NO_DATA ? 1 : (uint8_t)(1 + below(w, 2));
    const double sign = r->below ? -1 : 1;
    for (unsigned i = 0; i < r->level_n && r->condition != ALERT_NO_DATA; i++) {
        r->level[i].threshold =
            i ? r->level[0].threshold + sign * 0.05 * (1 + (double)below(w, 9)) : some_level(w, r);
        r->level[i].clear =
            r->level[i].threshold - sign * (chance(w, 2) ? (double)below(w, 5) * 0.04 : 0);
        r->level[i].severity = (uint8_t)(ALERT_LOW + i);
    }
    r->hold_ms = chance(w, 3) ? 0 : below(w, 7) * UTC_MINUTE_MS;
    r->clear_hold_ms = chance(w, 2) ? 0 : below(w, 5) * UTC_MINUTE_MS;
    r->least_coverage = (double)below(w, 5) * 0.24;
    r->in_shift = chance(w, 3);
    r->said = alert_rule_said(r);
}

/* --- both ---------------------------------------------------------------------------------------
 */

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

static bool norm_in_force(void *user, const struct alert_scope *of, int64_t t_ms, double *value) {
    (void)user;
    *value = norm_of(of->product, of->team, t_ms / UTC_MINUTE_MS - FIRST);
    return !isnan(*value);
}

static bool word_is(void *user, uint32_t of, const struct ident *id) {
    (void)user;
    return of < WORDS && strcmp(word[of].s, id->s) == 0;
}

static struct backtest *test(const struct world *w, struct store *s,
                             const struct alert_rules *rules, int64_t from, int64_t to) {
    const struct history_reader reader = {.load = load, .user = s};
    static const uint32_t node_no[NODES] = {0, 1, 2, 3};
    const struct backtest_conf conf = {.plant = w->plant,
                                       .rules = rules,
                                       .norms = {norm_in_force, word_is, NULL},
                                       .node_no = node_no,
                                       .from_ms = (FIRST + from) * UTC_MINUTE_MS,
                                       .to_ms = (FIRST + to) * UTC_MINUTE_MS,
                                       .tries = true};
    struct backtest *b = NULL;
    bool more = true;
    must(backtest_open(&conf, &b));
    while (more)
        must(backtest_step(b, &reader, &more));
    return b;
}

static int by_begin(const void *x, const void *y) {
    const struct firing *a = x, *b = y;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return (a->node > b->node) - (a->node < b->node);
}

static bool same(const struct firing *want, const struct backtest_firing *got) {
    const int64_t to = want->to < 0 ? INT64_MAX : (FIRST + want->to) * UTC_MINUTE_MS;
    return got->node == want->node && got->from_ms == (FIRST + want->from) * UTC_MINUTE_MS &&
           got->to_ms == to;
}

/* The total of what was told one by one. */
static bool figures_hold(const struct backtest_rule *r, int64_t to) {
    int64_t active = 0;
    uint64_t brief = 0, open = 0;
    for (size_t i = 0; i < r->firing_n; i++) {
        const bool at_end = r->firing[i].to_ms == INT64_MAX;
        const int64_t end = at_end ? (FIRST + to) * UTC_MINUTE_MS : r->firing[i].to_ms;
        active += end - r->firing[i].from_ms;
        brief += !at_end && end - r->firing[i].from_ms < 120000;
        open += at_end;
    }
    return r->figures.firings == r->firing_n && r->figures.active_ms == active &&
           r->figures.brief == brief && r->figures.active_at_end == open;
}

static size_t compare(const struct world *w, struct store *s, uint64_t seed) {
    static struct firings want;
    const struct alert_rules rules = {&w->rule, 1};
    const int64_t from = 600 + (int64_t)(seed % 700), to = MINUTES - (int64_t)(seed % 300);
    size_t n = 0;
    want.n = 0;
    for (size_t i = 0; i < w->rule.node_n; i++)
        run_node(w, w->rule.node[i], from, to, &want);
    qsort(want.at, want.n, sizeof *want.at, by_begin);
    struct backtest *b = test(w, s, &rules, from, to);
    const struct backtest_rule *got = backtest_rules(b, &n);
    bool ok = got->firing_n == want.n && figures_hold(got, to);
    for (size_t i = 0; ok && i < want.n; i++)
        ok = same(&want.at[i], &got->firing[i]);
    if (!ok) {
        printf("FAIL seed=%" PRIu64 " wanted=%zu got=%zu condition=%s window=%s\n", seed, want.n,
               got->firing_n, alert_condition_name((enum alert_condition)w->rule.condition),
               alert_window_name((enum alert_window)w->rule.window));
        exit(1);
    }
    backtest_close(b);
    return want.n;
}

int main(int argc, char **argv) {
    const uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 100;
    const uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    static struct world w;
    size_t firings = 0, fired = 0, of[ALERT_CONDITION_COUNT] = {0};
    must(line_plant_open(&w.plant));
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        w.random = seed;
        for (unsigned u = 0; u < UNITS; u++)
            fill_unit(&w, u);
        fill_days(&w);
        struct store *s = store_of(&w);
        for (unsigned i = 0; i < 10; i++) {
            some_rule(&w);
            const size_t n = compare(&w, s, seed);
            firings += n;
            fired += n > 0;
            of[w.rule.condition] += n;
        }
        s->ops->close(s);
    }
    plant_close(w.plant);
    printf("ok: %" PRIu64 " worlds, %" PRIu64 " rules, %zu of them fired, %zu firings\n", seeds,
           10 * seeds, fired, firings);
    for (unsigned i = 0; i < ALERT_CONDITION_COUNT; i++)
        printf("    %s: %zu\n", alert_condition_name((enum alert_condition)i), of[i]);
    return firings && (seeds < 20 || (of[ALERT_NORM] && of[ALERT_DRIFT] && of[ALERT_BASELINE])) ? 0
                                                                                                : 1;
}
