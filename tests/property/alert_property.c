/* Random rules over random minutes: the engine says at every minute what the slow evaluation says,
 * with late data, acts of people and nodes that lag behind each other; and an engine that is packed
 * and unpacked into another one again and again says the same to the byte.
 *
 * alert_property [seeds [first seed]] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert_draw.h"
#include "simkit/line_plant.h"

/* --- minutes -----------------------------------------------------------------------------------
 */

/* A mood that lasts: values stay beyond or within for a while. */
static struct sums draw_minute(unsigned mood) {
    struct sums s = {0};
    const int64_t unknown = mood == 3 ? 60000 : one_in(20) ? (int64_t)draw(60000) : 0;
    const int64_t run = (60000 - unknown) *
                        (mood == 0   ? 9
                         : mood == 1 ? 2
                                     : (int64_t)draw(10)) /
                        10;
    s.q[QTY_TIME + CAT_UNKNOWN] = unknown;
    s.q[QTY_TIME + CAT_PRODUCTION] = run;
    s.q[QTY_TIME + CAT_DELAY] = s.q[QTY_DELAY + CAUSE_UNSTATED] = 60000 - unknown - run;
    s.q[QTY_STOPS] = run < 30000;
    s.q[QTY_ENERGY_DUE] = s.q[QTY_COUNT_DUE] = s.q[QTY_SCRAP_DUE] = 60000;
    s.q[QTY_ENERGY_SEEN] = s.q[QTY_COUNT_SEEN] = s.q[QTY_SCRAP_SEEN] = 60000 - unknown;
    s.q[QTY_ENERGY + CAT_PRODUCTION] = unknown == 60000 ? 0 : (int64_t)draw(340000000);
    s.q[QTY_PQ] = run / 6000 * 1000000;
    s.q[QTY_GQ] = s.q[QTY_PQ] - (one_in(2) && s.q[QTY_PQ] ? 1000000 : 0);
    s.q[QTY_SQ] = s.q[QTY_PQ] - s.q[QTY_GQ];
    s.q[QTY_PRICED_RUN] = run;
    s.q[QTY_PRICED_TIME] = 60000 - unknown;
    s.pri_pq = (i128)s.q[QTY_PQ] * 5000000000;
    s.pri_gq = (i128)s.q[QTY_GQ] * 5000000000;
    s.priced_pq = s.q[QTY_PQ];
    s.q[QTY_LABOUR] = s.q[QTY_LABOUR_TIME] = 2 * (60000 - unknown);
    return s;
}

struct trial {
    struct ref_world *world;
    struct rule_room room;
    struct alerts *whole, *split; /* the second is packed and unpacked */
    struct ref_alert *alert[REF_NODES * REF_RULES];
    size_t alert_n;
    int done[REF_NODES]; /* minutes evaluated */
    uint64_t last;
    uint64_t events, refused, splits, late;
    uint64_t drifts, shared; /* of the transitions */
    unsigned mood;
    struct buf rows; /* of `split`: what its store holds; keys and values behind their lengths */
};

static void fail(const struct trial *t, const char *why) {
    for (size_t i = 0; i < t->room.all.rule_n; i++)
        fprintf(stderr, "%s: %s, window %u %u, product %s, team %s\n", t->room.rule[i].id.s,
                alert_condition_name((enum alert_condition)t->room.rule[i].condition),
                t->room.rule[i].window, t->room.rule[i].minutes, t->room.rule[i].product.s,
                t->room.rule[i].team.s);
    fprintf(stderr, "alert_property: %s (event %llu)\n", why, (unsigned long long)t->last);
    exit(1);
}

static void put_minute(struct trial *t, uint32_t node, int m, const struct sums *s, int sign) {
    alerts_add(t->whole, node, t->world->first + m, s, sign);
    alerts_add(t->split, node, t->world->first + m, s, sign);
}

static void put_parts(struct trial *t, uint32_t node, int m, const struct ref_part *part,
                      int sign) {
    for (unsigned i = 0; i < REF_PARTS; i++) {
        const struct context of = {.product = part[i].product, .team = part[i].team};
        if (sums_zero(&part[i].sums))
            continue;
        if (alerts_add_context(t->whole, node, t->world->first + m, &of, &part[i].sums, sign) ||
            alerts_add_context(t->split, node, t->world->first + m, &of, &part[i].sums, sign))
            fail(t, "no memory");
    }
}

/* What a minute was spent on: mostly on what the one before was. */
static void draw_parts(const struct trial *t, uint32_t unit, int m, const struct sums *s,
                       struct ref_part *part) {
    const struct ref_part *before = t->world->part[unit][m > 0 ? m - 1 : 0];
    for (unsigned i = 0; i < REF_PARTS; i++)
        part[i] = (struct ref_part){.product = before[i].product, .team = before[i].team};
    if (m == 0 || one_in(9))
        part[0].product = one_in(5) ? REF_NOBODY : REF_BOLT + (uint32_t)draw(2);
    if (m == 0 || one_in(40))
        part[0].team = one_in(5) ? REF_NOBODY : REF_RED + (uint32_t)draw(2);
    part[1].product = REF_BOLT + (uint32_t)draw(2);
    part[1].team = part[0].team;
    part[0].sums = *s;
    if (!one_in(3))
        return;
    struct sums *half = &part[1].sums;
    for (unsigned q = 0; q < QTY_COUNT; q++)
        half->q[q] = s->q[q] / 2;
    half->pri_pq = s->pri_pq / 2;
    half->pri_gq = s->pri_gq / 2;
    half->priced_pq = s->priced_pq / 2;
    sums_sub(&part[0].sums, half);
}

/* To the unit and the nodes above it, in parts; the world has it as a whole. */
static void change_minute(struct trial *t, uint32_t unit, int m, const struct sums *s, bool late) {
    const uint32_t path[] = {unit, LINE, SITE};
    struct sums *old = &t->world->sums[unit][m], before = *old;
    struct ref_part *part = t->world->part[unit][m], parts[REF_PARTS];
    draw_parts(t, unit, m, s, parts);
    for (unsigned i = 0; i < 3; i++) {
        struct sums *at = &t->world->sums[path[i]][m];
        if (late) { /* else the engine is given the minute when it is due */
            put_minute(t, path[i], m, &before, -1);
            put_minute(t, path[i], m, s, 1);
            put_parts(t, path[i], m, part, -1);
            put_parts(t, path[i], m, parts, 1);
        }
        sums_sub(at, &before);
        sums_add(at, s);
    }
    memcpy(part, parts, sizeof parts);
}

static void draw_next(struct trial *t, int m) {
    if (one_in(12))
        t->mood = (unsigned)draw(4);
    for (uint32_t unit = PRESS; unit <= PACK; unit++) {
        const struct sums s = draw_minute(t->mood);
        change_minute(t, unit, m, &s, false);
    }
}

static void put_day(struct trial *t, uint32_t node, int i, struct alerts *to) {
    const int64_t start_ms = t->world->day0_ms + i * DAY_MS;
    const struct ref_day *d = &t->world->day[node][i];
    if (d->there && alerts_put_day(to, node, start_ms, start_ms + DAY_MS, &d->sums))
        fail(t, "no memory");
}

static void put_days(struct trial *t, struct alerts *to) {
    for (uint32_t node = 0; node < REF_NODES; node++)
        for (int i = 0; i < REF_DAYS; i++)
            put_day(t, node, i, to);
    alerts_days_given(to);
}

/* What was there stays, with other sums. */
static void draw_day(struct trial *t, uint32_t node, int i) {
    struct ref_day *d = &t->world->day[node][i];
    int64_t *q = d->sums.q;
    const int64_t due = one_in(30) ? 0 : DAY_MS;
    d->there = d->there || !one_in(30);
    q[QTY_ENERGY_DUE] = q[QTY_COUNT_DUE] = due;
    q[QTY_ENERGY_SEEN] = one_in(20) ? due / 2 : due - due / 100;
    q[QTY_COUNT_SEEN] = one_in(20) ? due / 2 : due;
    q[QTY_GQ] = (int64_t)(1000 + draw(3000)) * 1000000;
    q[QTY_ENERGY + CAT_PRODUCTION] = q[QTY_GQ] * 20 + (int64_t)draw(80) * 1000000000;
    q[QTY_ENERGY + CAT_DELAY] = INT64_C(200) * 1000000000;
}

static void draw_late_day(struct trial *t) {
    const uint32_t node = LINE + (uint32_t)draw(3);
    const int i = (int)draw(REF_DAYS);
    if (!one_in(30))
        return;
    draw_day(t, node, i);
    put_day(t, node, i, t->whole);
    put_day(t, node, i, t->split);
    t->late++;
}

/* A minute of the past comes out differently: only where all nodes have gone beyond it. */
static void draw_late(struct trial *t, int m) {
    int least = m;
    for (uint32_t node = LINE; node <= PACK; node++)
        if (alerts_watches(t->whole, node) && t->done[node] < least)
            least = t->done[node];
    if (least < 1 || !one_in(6))
        return;
    const int at = (int)draw((uint64_t)least);
    const struct sums s = draw_minute((unsigned)draw(4));
    change_minute(t, PRESS + (uint32_t)draw(2), at, &s, true);
    t->late++;
}

/* --- comparing ---------------------------------------------------------------------------------
 */

static void take_event(struct trial *t, size_t *at, const struct ref_alert *a,
                       const struct ref_event *want) {
    const struct alert_event *e = alerts_event(t->whole, *at);
    const char *node = t->world->plant->node[a->node].id.s;
    if (!want->any)
        return;
    if (!e || strcmp(e->rule.s, a->rule->id.s) != 0 || strcmp(e->node.s, node) != 0) {
        fprintf(stderr, "%s at %s, minute %d: %s to %s (%s)\n", a->rule->id.s, node, a->n - 1,
                alert_state_name((enum alert_state)want->from),
                alert_state_name((enum alert_state)want->to),
                alert_why_name((enum alert_why)want->why));
        fail(t, "a transition is missing");
    }
    if (e->from != want->from || e->to != want->to || e->why != want->why ||
        e->severity != want->severity || e->level != want->level) {
        fprintf(stderr,
                "%s at %s: %s to %s (%s, severity %u, level %u), not %s to %s (%s, %u, %u)\n",
                a->rule->id.s, node, alert_state_name((enum alert_state)e->from),
                alert_state_name((enum alert_state)e->to), alert_why_name((enum alert_why)e->why),
                e->severity, e->level, alert_state_name((enum alert_state)want->from),
                alert_state_name((enum alert_state)want->to),
                alert_why_name((enum alert_why)want->why), want->severity, want->level);
        fail(t, "another transition");
    }
    if (e->n != t->last + 1)
        fail(t, "numbers have a hole");
    t->last = e->n;
    t->events++;
    t->drifts += a->rule->condition == ALERT_DRIFT;
    t->shared += a->rule->product.s[0] || a->rule->team.s[0] || a->rule->condition == ALERT_NORM;
    ++*at;
}

/* Both engines told the same, and no more than was expected. */
static void take_rest(struct trial *t, size_t at) {
    struct buf x, y;
    buf_init(&x);
    buf_init(&y);
    const struct alert_event *e = alerts_event(t->whole, at);
    if (e) {
        fprintf(stderr, "%s at %s: %s, value %g, threshold %g\n", e->rule.s, e->node.s,
                alert_why_name((enum alert_why)e->why), e->value, e->threshold);
        fail(t, "a transition too many");
    }
    for (size_t i = 0; i < at; i++) {
        e = alerts_event(t->split, i);
        if (!e || alert_event_pack(alerts_event(t->whole, i), &x) || alert_event_pack(e, &y))
            fail(t, "the packed one told less");
    }
    if (alerts_event(t->split, at) || !span_equal(buf_span(&x), buf_span(&y)))
        fail(t, "the packed one told something else");
    alerts_drop_events(t->whole);
    alerts_drop_events(t->split);
    buf_fini(&x);
    buf_fini(&y);
}

static bool is_quiet(const struct trial *t, uint32_t node, int m) {
    bool quiet = false;
    for (size_t i = 0; i < t->alert_n; i++)
        quiet = quiet || (t->alert[i]->node == LINE && node != LINE && m < t->alert[i]->n &&
                          t->alert[i]->quiets[m]);
    return quiet;
}

static void evaluate(struct trial *t, uint32_t node) {
    const int m = t->done[node]++;
    size_t at = 0;
    put_minute(t, node, m, &t->world->sums[node][m], 1);
    for (uint32_t unit = PRESS; unit <= PACK; unit++)
        if (node == unit || node < PRESS)
            put_parts(t, node, m, t->world->part[unit][m], 1);
    const bool quiet = is_quiet(t, node, m);
    if (alerts_evaluate(t->whole, node, 0) || alerts_evaluate(t->split, node, 0))
        fail(t, "a minute is refused");
    for (size_t i = 0; i < t->alert_n; i++) {
        if (t->alert[i]->node != node)
            continue;
        const struct ref_event want = ref_minute(t->world, t->alert[i], quiet);
        take_event(t, &at, t->alert[i], &want);
    }
    take_rest(t, at);
}

static void command(struct trial *t, int64_t now_ms) {
    struct ref_alert *a = t->alert[draw(t->alert_n)];
    const int64_t until_ms = now_ms + (int64_t)(1 + draw(20)) * MINUTE_MS;
    struct alert_command c = {.act = (uint8_t)draw(ALERT_ACTS),
                              .rule = a->rule->id,
                              .node = t->world->plant->node[a->node].id,
                              .who = span_str("somebody"),
                              .note = span_str(one_in(2) ? "a note" : ""),
                              .until_ms = until_ms};
    const char *why = NULL;
    bool refused = false;
    size_t at = 0;
    const bool quiet = is_quiet(t, a->node, t->done[a->node] - 1);
    const struct ref_event want =
        ref_command(a, (enum alert_act)c.act, now_ms, until_ms, quiet, &refused);
    const enum err x = alerts_command(t->whole, &c, now_ms, &why);
    const enum err y = alerts_command(t->split, &c, now_ms, &why);
    if ((x != ERR_OK) != refused || x != y)
        fail(t, "an act is taken otherwise");
    t->refused += refused;
    take_event(t, &at, a, &want);
    take_rest(t, at);
}

/* --- packing -----------------------------------------------------------------------------------
 */

static enum err keep_row(void *user, struct span key, struct span value) {
    struct trial *t = user;
    buf_add_varint(&t->rows, key.n);
    buf_add(&t->rows, key.p, key.n);
    buf_add_varint(&t->rows, value.n);
    return value.n ? buf_add(&t->rows, value.p, value.n) : ERR_OK;
}

static bool next_row(struct cursor *c, struct span *key, struct span *value) {
    uint64_t n = 0;
    return cursor_left(c) && !cursor_take_varint(c, &n) && !cursor_take_span(c, n, key) &&
           !cursor_take_varint(c, &n) && !cursor_take_span(c, n, value);
}

static bool is_newest(struct cursor rest, struct span key) {
    struct span k, v;
    while (next_row(&rest, &k, &v))
        if (span_equal(k, key))
            return false;
    return true;
}

static bool norm_in_force(void *user, const struct alert_scope *of, int64_t t_ms, double *value) {
    return ref_norm(user, of->product, of->team, t_ms / MINUTE_MS, value);
}

static bool word_is(void *user, uint32_t word, const struct ident *id) {
    (void)user;
    return word < REF_WORDS && ident_equal(&ref_word[word], id);
}

static void give_again(struct trial *t, uint32_t node, int m) {
    alerts_add(t->split, node, t->world->first + m, &t->world->sums[node][m], 1);
    for (uint32_t unit = PRESS; unit <= PACK; unit++)
        for (unsigned i = 0; i < REF_PARTS && (node == unit || node < PRESS); i++) {
            const struct ref_part *p = &t->world->part[unit][m][i];
            const struct context of = {.product = p->product, .team = p->team};
            if (!sums_zero(&p->sums) &&
                alerts_add_context(t->split, node, t->world->first + m, &of, &p->sums, 1))
                fail(t, "no memory");
        }
}

/* The engine dies; another one starts from the rows and is given the minutes anew. */
static void split(struct trial *t) {
    struct span key, value;
    if (alerts_rows(t->split, keep_row, t))
        fail(t, "no rows");
    alerts_close(t->split);
    const struct alert_norms norms = {norm_in_force, word_is, t->world};
    if (alerts_open(&t->room.all, t->world->plant, &norms, &t->split))
        fail(t, "it does not open again");
    struct cursor c = cursor_of(buf_span(&t->rows));
    while (next_row(&c, &key, &value))
        if (value.n && is_newest(c, key) && alerts_take_row(t->split, key, value))
            fail(t, "a row is refused");
    if (alerts_started(t->split, 0) || alerts_event(t->split, 0))
        fail(t, "a start told something");
    for (uint32_t node = LINE; node <= PACK; node++) {
        if (!alerts_watches(t->split, node))
            continue;
        const int64_t next = t->world->first + t->done[node];
        if (alerts_next(t->split, node) != next || !alerts_hollow(t->split, node))
            fail(t, "it does not go on where it was");
        int64_t from = alerts_reach(t->split, node, next) - t->world->first;
        alerts_begin(t->split, node, next);
        for (from = from > 0 ? from : 0; from < t->done[node]; from++)
            give_again(t, node, (int)from);
    }
    put_days(t, t->split);
    t->splits++;
}

/* --- one world ---------------------------------------------------------------------------------
 */

static void open_trial(struct trial *t, const struct plant *p) {
    t->world->plant = p;
    /* On Monday before the early shift, on Saturday in the late one, or anywhere; often around the
     * time at which a day is due. */
    t->world->first = SIM_DAY0 / MINUTE_MS + (int64_t)draw(6 * 1440);
    if (one_in(2))
        t->world->first = t->world->first / 1440 * 1440 - (int64_t)draw(REF_MINUTES);
    draw_norms(t->world);
    t->world->day0_ms = SIM_DAY0 - 14 * DAY_MS;
    for (uint32_t node = LINE; node <= PACK; node++)
        for (int i = 0; i < REF_DAYS; i++)
            draw_day(t, node, i);
    draw_rules(&t->room, t->world->first);
    buf_init(&t->rows);
    const struct alert_norms norms = {norm_in_force, word_is, t->world};
    if (alerts_open(&t->room.all, p, &norms, &t->whole) ||
        alerts_open(&t->room.all, p, &norms, &t->split))
        fail(t, "rules are refused");
    put_days(t, t->whole);
    put_days(t, t->split);
    for (uint32_t node = LINE; node <= PACK; node++) {
        alerts_begin(t->whole, node, t->world->first);
        alerts_begin(t->split, node, t->world->first);
        for (size_t i = 0; i < t->room.all.rule_n; i++) {
            const struct alert_rule *r = &t->room.rule[i];
            for (size_t k = 0; k < r->node_n; k++) {
                if (r->node[k] != node)
                    continue;
                struct ref_alert *a = calloc(1, sizeof *a);
                *a = (struct ref_alert){.rule = r, .node = node};
                t->alert[t->alert_n++] = a;
            }
        }
    }
}

static void run_trial(struct trial *t) {
    const int lag = (int)draw(4);
    for (int m = 0; m < REF_MINUTES; m++) {
        draw_next(t, m);
        draw_late(t, m);
        draw_late_day(t);
        for (uint32_t node = LINE; node <= PACK; node++) {
            const int until = node == LINE || m + 1 == REF_MINUTES ? m : m - lag;
            while (alerts_watches(t->whole, node) && t->done[node] <= until)
                evaluate(t, node);
        }
        if (lag == 0 && one_in(8))
            command(t, (t->world->first + m + 1) * MINUTE_MS + 30000);
        if (one_in(10))
            split(t);
    }
}

static void close_trial(struct trial *t) {
    for (size_t i = 0; i < t->alert_n; i++)
        free(t->alert[i]);
    alerts_close(t->whole);
    alerts_close(t->split);
    buf_fini(&t->rows);
}

int main(int argc, char **argv) {
    const uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 200;
    const uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    uint64_t drifts = 0, shared = 0, events = 0, splits = 0, late = 0, refused = 0;
    struct plant *p = NULL;
    struct ref_world *world = calloc(1, sizeof *world);
    if (!world || line_plant_open(&p))
        return 1;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        struct trial t = {.world = world};
        draw_begin(seed);
        memset(world, 0, sizeof *world);
        open_trial(&t, p);
        run_trial(&t);
        close_trial(&t);
        events += t.events;
        drifts += t.drifts;
        shared += t.shared;
        splits += t.splits;
        late += t.late;
        refused += t.refused;
    }
    printf(
        "alert_property: %llu worlds, %llu transitions (%llu of drift, %llu by products, teams and "
        "their norms), %llu restarts, %llu late minutes, %llu acts refused\n",
        (unsigned long long)seeds, (unsigned long long)events, (unsigned long long)drifts,
        (unsigned long long)shared, (unsigned long long)splits, (unsigned long long)late,
        (unsigned long long)refused);
    free(world);
    plant_close(p);
    return seeds >= 100 && (drifts == 0 || shared == 0);
}
