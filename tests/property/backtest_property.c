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
#include "memory/store_memory.h"
#include "simkit/line_plant.h"

enum { HOURS = 40, MINUTES = HOURS * 60, UNITS = 2, NODES = 4, FIRINGS = 4000 };
#define FIRST (SIM_DAY0 / UTC_MINUTE_MS) /* a Monday's midnight */

struct minute { /* of a machine; ms, uWh, millionths, as sums have them */
    bool there;
    int64_t production, setup, delay, no_order, unknown, unknown_off, planned;
    int64_t energy, energy_due, energy_seen, pieces, count_due, count_seen, stops;
};

struct told {                /* a minute, and whose it was: product and team by word */
    struct minute all, half; /* of all of it so much is of the other product */
    uint32_t product, team, other;
};
enum { NOBODY, BOLT, NUT, RED, BLUE, WORDS };
static const struct ident word[WORDS] = {{""}, {"bolt"}, {"nut"}, {"red"}, {"blue"}};

enum { DAYS = 31, BASELINES = 3 };
struct day { /* of press or line */
    bool there, covered;
    int64_t energy_wh, good;
};

struct world {
    uint64_t random;
    struct plant *plant;
    struct told minute[UNITS][MINUTES];
    struct day day[NODES][DAYS]; /* up to the one behind the minutes */
    struct alert_baseline baseline[BASELINES];
    struct alert_rule rule;
    uint32_t node[NODES];
};

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

#define DAY0_MS (SIM_DAY0 - (DAYS - 3) * UTC_DAY_MS)

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
    if (r->condition == ALERT_RATE)
        return x * 4;
    if (r->subject == ALERT_INDICATOR)
        return 0.3 + x * 0.7;
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

static void some_rule(struct world *w) {
    struct alert_rule *r = &w->rule;
    *r = (struct alert_rule){.id = {"r"}, .name = "r", .node = w->node};
    some_subject(w, r);
    if (chance(w, 6))
        some_drift(w, r);
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

/* --- brute force --------------------------------------------------------------------------------
 */

static const double norms[] = {0.5, 0.55, 0.6, 0.65, 0.75};
enum { NORMS = sizeof norms / sizeof *norms };

struct total {
    struct minute sum, part; /* part: of the rule's product, team, norms */
    int64_t busy[NORMS];
    int64_t minutes, units;
};

static bool unit_in(uint32_t node, unsigned unit) {
    return node < 2 || node == 2 + unit;
}

static void move(struct minute *sum, const struct minute *x, int64_t sign, bool output) {
    sum->production += sign * x->production;
    sum->setup += sign * x->setup;
    sum->delay += sign * x->delay;
    sum->no_order += sign * x->no_order;
    sum->planned += sign * x->planned;
    sum->unknown += sign * x->unknown;
    sum->unknown_off += sign * x->unknown_off;
    sum->energy += sign * x->energy;
    sum->energy_due += sign * x->energy_due;
    sum->energy_seen += sign * x->energy_seen;
    sum->stops += sign * x->stops;
    sum->pieces += output ? sign * x->pieces : 0;
    sum->count_due += output ? sign * x->count_due : 0;
    sum->count_seen += output ? sign * x->count_seen : 0;
}

static bool is_of(uint32_t w, const struct ident *id) {
    return !id->s[0] || (w && strcmp(word[w].s, id->s) == 0);
}

/* NAN: none. A product's comes before a team's; from minute 900 on bolts have another one. */
static double norm_of(uint32_t product, uint32_t team, int64_t m) {
    if (product == BOLT)
        return team == BLUE ? 0.75 : m < 900 ? 0.55 : 0.65;
    if (team == RED)
        return 0.6;
    return product == NUT && m < 1500 ? 0.5 : NAN;
}

/* What of the minute a rule of products, teams or norms looks at. */
static void add_part(struct total *t, const struct alert_rule *r, const struct minute *x,
                     uint32_t product, uint32_t team, int64_t m, int64_t sign, bool output) {
    const double norm = norm_of(product, team, m);
    if (!is_of(product, &r->product) || !is_of(team, &r->team) ||
        (r->condition == ALERT_NORM && isnan(norm)))
        return;
    move(&t->part, x, sign, output);
    const int64_t busy = x->production + x->setup + x->delay + x->no_order;
    for (unsigned i = 0; i < NORMS && r->condition == ALERT_NORM; i++)
        if (norms[i] == norm)
            t->busy[i] += sign * busy;
}

/* Pieces of line and site are those of the packer, the second machine. */
static void add_minute(struct total *t, uint32_t node, int64_t m, const struct world *w) {
    for (unsigned u = 0; u < UNITS; u++) {
        if (!unit_in(node, u) || m < 0 || m >= MINUTES || !w->minute[u][m].all.there)
            continue;
        const struct told *x = &w->minute[u][m];
        const bool output = node >= 2 || u == 1;
        move(&t->sum, &x->all, 1, output);
        add_part(t, &w->rule, &x->all, x->product, x->team, m, 1, output);
        if (!x->half.there)
            continue;
        add_part(t, &w->rule, &x->half, x->product, x->team, m, -1, output);
        add_part(t, &w->rule, &x->half, x->other, x->team, m, 1, output);
    }
}

/* Shifts of the plant: 06 to 14 and 14 to 22 on Monday and Tuesday, the days looked at. */
static int64_t shift_begin(int64_t m) {
    const int64_t day = m / 1440 * 1440, of_day = m % 1440;
    if (of_day < 360 || of_day >= 1320)
        return -1;
    return day + (of_day < 840 ? 360 : 840);
}

static bool is_work(int64_t m) {
    const int64_t of_day = m % 1440;
    return shift_begin(m) >= 0 && !(of_day >= 600 && of_day < 615); /* the break */
}

/* False: there is no such window. */
static bool add_up(const struct world *w, uint32_t node, int64_t last, struct total *t) {
    const struct alert_rule *r = &w->rule;
    int64_t from = last - r->minutes + 1;
    if (r->window == ALERT_HOUR)
        from = last / 60 * 60;
    if (r->window == ALERT_DAY)
        from = last / 1440 * 1440;
    if (r->window == ALERT_SHIFT)
        from = shift_begin(last);
    *t = (struct total){.minutes = last - from + 1, .units = node < 2 ? UNITS : 1};
    if (r->window == ALERT_SHIFT && from < 0)
        return false;
    for (int64_t m = from; m <= last; m++)
        add_minute(t, node, m, w);
    return true;
}

static int64_t busy_of(const struct minute *s) {
    return s->production + s->setup + s->delay + s->no_order;
}

static int64_t time_of(const struct minute *s) {
    return busy_of(s) + s->unknown + s->planned;
}

/* Over so many hours; *share: what of it is known. */
static double value_of(const struct alert_rule *r, const struct minute *s, double hours,
                       double *share) {
    const double busy = (double)busy_of(s), all = (double)time_of(s);
    *share = all > 0 ? (all - (double)s->unknown) / all : 0;
    if (r->subject == ALERT_INDICATOR) {
        const double dark = (double)(s->unknown - s->unknown_off);
        *share = busy + dark > 0 ? busy / (busy + dark) : 1;
        return busy > 0 ? (double)s->production / busy : NAN;
    }
    if (r->quantity == ALERT_Q_DELAY)
        return (double)s->delay / 60000;
    if (r->quantity == ALERT_Q_STOPS)
        return (double)s->stops;
    if (r->quantity == ALERT_Q_PIECES) {
        *share = s->count_due > 0 ? (double)s->count_seen / (double)s->count_due : *share;
        return (double)s->pieces * 1e-6;
    }
    *share = s->energy_due > 0 ? (double)s->energy_seen / (double)s->energy_due : 0;
    return (double)s->energy * 1e-9 / (hours * *share);
}

/* Of a window's parts: their norms weighted by the time that they divide by. */
static double scale_of(const struct total *t) {
    double normed = 0, busy = 0, alone = 0;
    unsigned n = 0;
    for (unsigned i = 0; i < NORMS; i++) {
        normed += (double)t->busy[i] * norms[i];
        busy += (double)t->busy[i];
        n += t->busy[i] != 0;
        alone = t->busy[i] ? norms[i] : alone;
    }
    return n == 1 ? alone : normed / busy;
}

/* S+ or -S- of the days that are due a quarter of an hour after their end; NAN: nothing. */
static double drift_at(const struct world *w, uint32_t node, int64_t last) {
    const int64_t due = ((FIRST + last + 1 - 15) * UTC_MINUTE_MS - DAY0_MS) / UTC_DAY_MS - 1;
    const struct alert_baseline *b = NULL;
    double sum = 0;
    bool counts = false;
    for (unsigned i = 0; i < BASELINES; i++)
        if ((node == 1 ? i == 0 : node == 2 && i > 0) &&
            w->baseline[i].from_ms <= DAY0_MS + due * UTC_DAY_MS)
            b = &w->baseline[i];
    const int64_t days = b && b->weeks ? 7 : 1;
    for (int64_t i = 0, row = 0, whole = 0; b && i <= due; i++) { /* day 0 is a Monday */
        const struct day *d = &w->day[node][i], *by = &w->day[node == 1 ? 3 : node][i];
        row = i % days ? row : 0;
        whole = i % days ? whole : 0;
        if (d->there && by->there && d->covered && DAY0_MS + i * UTC_DAY_MS >= b->from_ms) {
            row += 1000 * d->energy_wh - (int64_t)(24000000 * b->base_kwh_per_h) - 20000 * by->good;
            whole++;
        }
        if (i % days != days - 1)
            continue;
        counts = whole == days;
        const double by_kwh = (w->rule.below ? -1 : 1) * (double)row / 1e6 - b->s_kwh / 2;
        sum = counts ? fmax(0, sum + by_kwh) : sum;
    }
    return counts ? (w->rule.below ? -sum : sum) / b->s_kwh : NAN;
}

/* NAN: nothing can be said. */
static double value_at(const struct world *w, uint32_t node, int64_t last, bool *measured,
                       double *scale) {
    const struct alert_rule *r = &w->rule;
    struct total t;
    double share = 0, whole = 0;
    *measured = false;
    *scale = 1;
    if (r->condition == ALERT_DRIFT)
        return drift_at(w, node, last);
    if (!add_up(w, node, last, &t))
        return NAN;
    const double hours = (double)t.minutes / 60;
    const double told = (double)time_of(&t.sum) / (double)(t.minutes * 60000 * t.units);
    const bool parts = r->condition == ALERT_NORM || r->product.s[0] || r->team.s[0];
    double value = value_of(r, &t.sum, hours, &whole);
    *measured = r->quantity == ALERT_Q_POWER || r->quantity == ALERT_Q_ENERGY ? whole > 0 : false;
    share = whole;
    if (parts) {
        const double part = (double)time_of(&t.part) / (double)time_of(&t.sum);
        value = value_of(r, &t.part, hours * part, &share);
        value = time_of(&t.part) > 0 ? value : NAN;
    }
    if (r->condition == ALERT_NORM)
        *scale = scale_of(&t);
    const double known = fmin(fmin(share, whole), told);
    return isfinite(value) && *scale > 0 && known >= r->least_coverage ? value : NAN;
}

struct level { /* of the brute force: minutes that were beyond it, or on its good side */
    bool on;
    int64_t seen, blind;
};

/* One level's own life: known minutes in a row count, unknown ones wait, too many begin anew. */
static void follow(struct level *l, bool known, bool beyond, bool good,
                   const struct alert_rule *r) {
    const int64_t need = (l->on ? r->clear_hold_ms : r->hold_ms) / UTC_MINUTE_MS;
    if (!known) {
        l->blind += l->seen > 0;
        l->seen = l->blind > need ? 0 : l->seen;
        return;
    }
    l->blind = 0;
    if (l->on ? !good : !beyond) {
        l->seen = 0;
        return;
    }
    if (l->seen++ < need)
        return;
    l->on = !l->on;
    l->seen = 0;
}

struct firing {
    uint32_t node;
    int64_t from, to; /* ends of minutes, from the first on */
};

struct firings {
    struct firing at[FIRINGS];
    size_t n;
};

static void observe(const struct world *w, uint32_t node, int64_t m, bool *known, double *value,
                    bool *measured, double *scale) {
    const struct alert_rule *r = &w->rule;
    *value = value_at(w, node, m, measured, scale);
    *known = r->condition == ALERT_NO_DATA || isfinite(*value);
    if (r->condition != ALERT_RATE || !*known)
        return;
    bool ignored = false;
    double one = 1;
    *value = (*value - value_at(w, node, m - r->span_min, &ignored, &one)) * 60 / r->span_min;
    *known = isfinite(*value);
}

static void run_node(const struct world *w, uint32_t node, int64_t from, int64_t to,
                     struct firings *out) {
    const struct alert_rule *r = &w->rule;
    struct level level[2] = {{0}};
    int64_t since = -1;
    for (int64_t m = from; m < to; m++) {
        bool known = false, measured = false, any = false;
        double v = 0, scale = 1;
        observe(w, node, m, &known, &v, &measured, &scale);
        for (unsigned i = 0; i < r->level_n; i++) {
            const struct alert_level *l = &r->level[i];
            const bool beyond = r->condition == ALERT_NO_DATA ? !measured
                                : r->below                    ? v < l->threshold * scale
                                                              : v > l->threshold * scale;
            const bool good = r->condition == ALERT_NO_DATA ? measured
                              : r->below                    ? v >= l->clear * scale
                                                            : v <= l->clear * scale;
            if (r->in_shift && !is_work(m))
                level[i] = (struct level){0};
            else
                follow(&level[i], known, beyond, good, r);
            any = any || level[i].on;
        }
        if (any && since < 0)
            since = m + 1;
        if (!any && since >= 0) {
            out->at[out->n++] = (struct firing){node, since, m + 1};
            since = -1;
        }
    }
    if (since >= 0)
        out->at[out->n++] = (struct firing){node, since, -1};
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
    return firings && (seeds < 20 || (of[ALERT_NORM] && of[ALERT_DRIFT])) ? 0 : 1;
}
