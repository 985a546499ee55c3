/* History against norms, on a store whose rows are put there by hand: shifts of eight hours at the
 * press and the packer of the simulated line, and a ledger of imported norms. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "calendar/calendar.h"
#include "engine/normed.h"
#include "memory/store_memory.h"
#include "simkit/line_plant.h"

enum { LINE = 1, PRESS = 2, PACK = 3, NUMBER = 40 /* of a node in the store: + its index */ };
enum { BOLT = 1, NUT, RED, BLUE }; /* words */
#define PIECE INT64_C(1000000)
#define KWH INT64_C(1000000000)
#define MIN UTC_MINUTE_MS
/* Early shifts; SIM_DAY0 is the first of June 2026, and a Monday. */
#define EARLY(day) (SIM_DAY0 + (day)*UTC_DAY_MS + 6 * UTC_HOUR_MS)
#define APRIL (-61) /* days before */
#define MAY (-31)

struct past {
    struct plant *plant;
    struct store *store;
    struct store_tx *tx; /* until it is committed */
    struct ledger_conf conf;
    struct ledger *ledger;
    struct ledger *read; /* as the store has it */
    struct history_reader reader;
    struct normed_query q;
};

static const struct norm_grant grants[] = {{"office",
                                            RIGHT_BIT(RIGHT_IMPORT) | RIGHT_BIT(RIGHT_APPROVE) |
                                                RIGHT_BIT(RIGHT_TIGHTEN) | RIGHT_BIT(RIGHT_LOOSEN),
                                            0xff, 0xff}};

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

static void put(struct past *p, enum store_table table, struct span key, struct span value) {
    cr_assert_eq(store_tx_add(p->tx, STORE_PUT, table, key, value), ERR_OK);
}

static void put_word(struct past *p, uint32_t id, const char *text) {
    const uint8_t key[4] = {0, 0, 0, (uint8_t)id};
    put(p, STORE_WORD, span_of(key, 4), span_str(text));
}

static void begin(struct past *p) {
    *p = (struct past){0};
    cr_assert_eq(line_plant_open(&p->plant), ERR_OK);
    cr_assert_eq(store_memory_open(&(struct store_memory_conf){0}, &p->store), ERR_OK);
    p->tx = malloc(sizeof *p->tx);
    cr_assert_not_null(p->tx);
    store_tx_init(p->tx);
    p->reader = (struct history_reader){.load = load, .user = p->store};
    for (uint32_t node = 0; node < p->plant->node_n; node++) {
        char key[IDENT_MAX + 8];
        const uint8_t no = (uint8_t)(NUMBER + node);
        (void)snprintf(key, sizeof key, "node/%s", p->plant->node[node].id.s);
        put(p, STORE_META, span_str(key), span_of(&no, 1));
    }
    put_word(p, BOLT, "bolt");
    put_word(p, NUT, "nut");
    put_word(p, RED, "red");
    put_word(p, BLUE, "blue");
    ledger_conf_init(&p->conf);
    p->conf.grant = grants;
    p->conf.grant_n = 1;
    cr_assert_eq(ledger_open(&p->conf, &p->ledger), ERR_OK);
    ledger_bind(p->ledger, p->plant);
    p->q = (struct normed_query){.plant = p->plant,
                                 .node = PRESS,
                                 .from_ms = SIM_DAY0 - 100 * UTC_DAY_MS,
                                 .to_ms = SIM_DAY0 + UTC_HOUR_MS,
                                 .indicator = IND_LABOUR_PER_UNIT,
                                 .method = METHOD_ADVANCED};
}

static void committed(void *user, enum err err) {
    (void)user;
    cr_assert_eq(err, ERR_OK);
}

/* Writes the ledger down and reads it back: from then on questions can be asked. */
static void written(struct past *p) {
    for (uint64_t n = 1; n <= ledger_last(p->ledger); n++) {
        const uint8_t key[8] = {0, 0, 0, 0, 0, 0, (uint8_t)(n >> 8), (uint8_t)n};
        struct buf bytes;
        buf_init(&bytes);
        cr_assert_eq(ledger_pack(p->ledger, n, &bytes), ERR_OK);
        put(p, STORE_NORM, span_of(key, 8), buf_span(&bytes));
        buf_fini(&bytes);
    }
    cr_assert_eq(p->store->ops->commit(p->store, p->tx, committed, NULL), ERR_OK);
    cr_assert(store_memory_step(p->store));
    cr_assert_eq(normed_ledger(&p->conf, p->plant, &p->reader, &p->read), ERR_OK);
    p->q.ledger = p->read;
}

static void stopped(void *user) {
    (void)user;
}

static void end(struct past *p) {
    ledger_close(p->ledger);
    ledger_close(p->read);
    p->store->ops->stop(p->store, stopped, NULL);
    (void)store_memory_step(p->store);
    p->store->ops->close(p->store);
    plant_close(p->plant);
}

/* A norm of the press, as a document has it. */
static struct norm *norm_of(enum indicator i, double value, int64_t from_ms) {
    static struct norm n;
    norm_init(&n);
    n.indicator = (uint8_t)i;
    n.value = value;
    n.scope.node = (struct ident){"press"};
    n.from_ms = from_ms;
    n.state = NORM_APPROVED;
    n.approved_by = "head";
    n.document = "Order 1";
    n.approved_ms = from_ms - UTC_DAY_MS;
    n.basis.kind = BASIS_CALCULATED;
    n.ceiling_reason = "as it stands there";
    n.basis.reach = 0.4;
    n.trial =
        (struct norm_trial){from_ms - 30 * UTC_DAY_MS, from_ms - UTC_DAY_MS, 40, 0.6, true, ""};
    n.consultation = (struct norm_consultation){from_ms - UTC_DAY_MS, "the union", ""};
    n.publication = (struct norm_publication){from_ms - UTC_DAY_MS, "the board"};
    return &n;
}

static void import(struct past *p, const char *id, const struct norm *n) {
    struct ledger_answer a;
    struct ledger_command c = {.action = LEDGER_IMPORT,
                               .who = "office",
                               .why = "as it stands",
                               .key = span_str(id),
                               .norm = n,
                               .at_ms = NORM_NO_TIME,
                               .due_ms = NORM_NO_TIME};
    cr_assert(ident_set(&c.id, span_str(id)));
    cr_assert_eq(ledger_apply(p->ledger, &c, n->from_ms - UTC_DAY_MS, &a), ERR_OK, "%s %s",
                 a.refusal.field, a.refusal.why);
}

/* 480 min of two people, 420 of running; so many good pieces, and kWh. */
static struct sums made(int64_t good, int64_t kwh) {
    struct sums s;
    memset(&s, 0, sizeof s);
    s.q[QTY_TIME + CAT_PRODUCTION] = 420 * MIN;
    s.q[QTY_TIME + CAT_DELAY] = 60 * MIN;
    s.q[QTY_PQ] = s.q[QTY_GQ] = good * PIECE;
    s.q[QTY_LABOUR] = 960 * MIN;
    s.q[QTY_LABOUR_TIME] = s.q[QTY_COUNT_DUE] = s.q[QTY_COUNT_SEEN] = 480 * MIN;
    s.q[QTY_ENERGY_DUE] = s.q[QTY_ENERGY_SEEN] = 480 * MIN;
    s.q[QTY_SCRAP_DUE] = s.q[QTY_SCRAP_SEEN] = 480 * MIN;
    s.q[QTY_ENERGY + CAT_PRODUCTION] = kwh * KWH;
    return s;
}

static void put_window(struct past *p, uint32_t node, uint32_t product, uint32_t team, int64_t t_ms,
                       enum window_life life, const struct sums *s) {
    const struct window w = {.key = {.node = NUMBER + node,
                                     .kind = WINDOW_SHIFT,
                                     .product = product,
                                     .team = team,
                                     .start_ms = t_ms},
                             .end_ms = t_ms + 8 * UTC_HOUR_MS,
                             .sums = *s,
                             .life = (uint8_t)life,
                             .published_ms = t_ms + UTC_DAY_MS};
    uint8_t key[WINDOW_KEY_BYTES];
    struct buf bytes;
    buf_init(&bytes);
    window_key_pack(&w.key, key);
    cr_assert_eq(window_pack(&w, &bytes), ERR_OK);
    put(p, life == WINDOW_PROVISIONAL ? STORE_OPEN : STORE_WINDOW, span_of(key, sizeof key),
        buf_span(&bytes));
    buf_fini(&bytes);
}

/* A whole shift of one team and product: the unit's own window is the same. */
static void put_shift(struct past *p, uint32_t node, uint32_t product, uint32_t team, int64_t t_ms,
                      const struct sums *s) {
    put_window(p, node, product, team, t_ms, WINDOW_SETTLED, s);
    put_window(p, node, 0, 0, t_ms, WINDOW_SETTLED, s);
}

static void shift_of(struct past *p, uint32_t product, uint32_t team, int64_t t_ms, int64_t good) {
    const struct sums s = made(good, 100);
    put_shift(p, PRESS, product, team, t_ms, &s);
}

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-9;
}

/* --- attainment ---------------------------------------------------------------------------------
 */

/* 384 pieces under 2.5 min and 480 under 2 min: (960 + 960) / 1920. By the later norm alone it
 * would be 1728 / 1920: a revision does not rewrite the past. */
Test(normed, each_shift_is_held_against_the_norm_of_its_time) {
    struct past p;
    struct normed_attain a;
    begin(&p);
    import(&p, "old", norm_of(IND_LABOUR_PER_UNIT, 2.5, EARLY(-90)));
    import(&p, "new", norm_of(IND_LABOUR_PER_UNIT, 2.0, EARLY(-20)));
    shift_of(&p, BOLT, RED, EARLY(-35), 384);
    shift_of(&p, BOLT, BLUE, EARLY(-10), 480);
    written(&p);
    cr_assert_eq(normed_attain(&p.q, &p.reader, &a), ERR_OK);
    cr_assert_eq(a.table.n, 1u);
    cr_expect_eq(a.table.row[0].all.n, 2u);
    cr_expect(near(attain_value(&a.table.row[0].all, ATTAIN_TIME), 1));
    normed_attain_fini(&a);
    p.q.by = ATTAIN_BY_NODE | ATTAIN_BY_TEAM | ATTAIN_BY_PERIOD;
    cr_assert_eq(normed_attain(&p.q, &p.reader, &a), ERR_OK);
    cr_assert_eq(a.table.n, 2u);
    cr_expect(span_equal(a.table.row[0].team, span_str("red")));
    cr_expect_eq(a.table.row[0].period, 2026 * 12 + 3, "the 27th of April");
    normed_attain_fini(&a);
    end(&p);
}

/* The most specific one in force: of the product before all, of the team before all teams. */
Test(normed, a_norm_of_the_product_or_team_comes_first) {
    struct past p;
    struct normed_attain a;
    begin(&p);
    import(&p, "all", norm_of(IND_LABOUR_PER_UNIT, 2, EARLY(-90)));
    struct norm *n = norm_of(IND_LABOUR_PER_UNIT, 4, EARLY(-90));
    n->scope.product = (struct ident){"nut"};
    import(&p, "nuts", n);
    shift_of(&p, BOLT, RED, EARLY(-30), 480);
    shift_of(&p, NUT, RED, EARLY(-29), 240);
    written(&p);
    p.q.by = ATTAIN_BY_PRODUCT;
    cr_assert_eq(normed_attain(&p.q, &p.reader, &a), ERR_OK);
    cr_assert_eq(a.table.n, 2u);
    cr_expect(near(attain_value(&a.table.row[0].all, ATTAIN_TIME), 1));
    cr_expect(near(attain_value(&a.table.row[1].all, ATTAIN_TIME), 1));
    normed_attain_fini(&a);
    end(&p);
}

Test(normed, what_is_not_settled_is_no_shift_yet) {
    struct past p;
    struct normed_attain a;
    const struct sums s = made(480, 100);
    begin(&p);
    import(&p, "all", norm_of(IND_LABOUR_PER_UNIT, 2, EARLY(-90)));
    put_window(&p, PRESS, BOLT, RED, EARLY(-1), WINDOW_PROVISIONAL, &s);
    written(&p);
    cr_assert_eq(normed_attain(&p.q, &p.reader, &a), ERR_OK);
    cr_expect_eq(a.table.n, 0u);
    normed_attain_fini(&a);
    end(&p);
}

/* A line has the pieces of its output and the energy of all its units: 100 + 50 kWh for 300. */
Test(normed, a_line_is_the_sum_of_its_units_by_the_output_rule) {
    struct past p;
    struct normed_suggestion s;
    begin(&p);
    for (int day = -9; day < 0; day++) {
        const struct sums press = made(480, 100), pack = made(300, 50);
        put_shift(&p, PRESS, BOLT, day % 2 ? RED : BLUE, EARLY(day), &press);
        put_shift(&p, PACK, BOLT, day % 2 ? RED : BLUE, EARLY(day), &pack);
    }
    written(&p);
    p.q.node = LINE;
    p.q.indicator = IND_ENERGY_PER_GOOD;
    cr_assert_eq(normed_suggest(&p.q, &p.reader, &s), ERR_OK);
    cr_expect_eq(s.proposal.n, 9u);
    cr_expect_eq(s.proposal.verdict, PROPOSE_OK);
    cr_expect(near(s.proposal.mean, 0.5));
    normed_suggestion_fini(&s);
    end(&p);
}

/* What another machine has to reach says nothing of this one. */
Test(normed, norms_beside_it_are_of_the_place_or_around_it) {
    static const char *const nodes[] = {"press", "line", "", "pack"};
    struct past p;
    struct normed_suggestion s;
    begin(&p);
    for (unsigned i = 0; i < 4; i++) {
        struct norm *n = norm_of(IND_ENERGY_PER_GOOD, 0.5, SIM_DAY0 - 90 * UTC_DAY_MS);
        char id[16];
        n->scope.node = (struct ident){""};
        cr_assert(!*nodes[i] || ident_set(&n->scope.node, span_str(nodes[i])));
        n->origin = ORIGIN_STATE;
        n->source = "State Office";
        n->source_ms = n->from_ms;
        (void)snprintf(id, sizeof id, "state-%u", i);
        import(&p, id, n);
    }
    written(&p);
    p.q.indicator = IND_ENERGY_PER_GOOD;
    cr_assert_eq(normed_suggest(&p.q, &p.reader, &s), ERR_OK);
    cr_assert_eq(s.reference_n, 3u);
    for (unsigned i = 0; i < 3; i++)
        cr_expect_str_eq(s.reference[i].norm->scope.node.s, nodes[i]);
    normed_suggestion_fini(&s);
    end(&p);
}

/* --- breaches -----------------------------------------------------------------------------------
 */

/* Of 480 pieces 30 were made in an hour of the wrong lot, or of which nobody knows: the rest is 450
 * in 420 min of two. */
static void take_out_an_hour(enum qty of) {
    struct past p;
    struct normed_suggestion x;
    struct cells cells;
    struct buf bytes;
    struct sums s = made(480, 100);
    begin(&p);
    s.q[of] = 60 * MIN;
    put_shift(&p, PRESS, BOLT, RED, EARLY(-1), &s);
    cells_init(&cells);
    buf_init(&bytes);
    for (int64_t hour = 0; hour < 8; hour++) {
        const int64_t at = EARLY(-1) / UTC_HOUR_MS + hour;
        uint8_t key[16] = "press";
        for (unsigned b = 0; b < 4; b++)
            key[6 + b] = (uint8_t)((uint64_t)at >> (24 - 8 * b));
        cells.n = 0;
        buf_reset(&bytes);
        for (int64_t m = 0; m < 60; m++) {
            struct cell c = {.minute = at * 60 + m,
                             .ctx = {.product = BOLT, .team = RED, .shift = 0, .shift_day = 1}};
            c.sums.q[QTY_TIME + CAT_PRODUCTION] = MIN;
            c.sums.q[QTY_LABOUR] = 2 * MIN;
            c.sums.q[QTY_LABOUR_TIME] = c.sums.q[QTY_COUNT_DUE] = c.sums.q[QTY_COUNT_SEEN] = MIN;
            c.sums.q[QTY_GQ] = (hour == 3 ? m % 2 : 1) * PIECE; /* 30 in the fourth hour */
            c.sums.q[of] = hour == 3 ? MIN : 0;
            cr_assert_eq(cells_add(&cells, &c), ERR_OK);
        }
        cr_assert_eq(cells_pack(cells.at, cells.n, &bytes), ERR_OK);
        put(&p, STORE_CELL, span_of(key, 10), buf_span(&bytes));
    }
    written(&p);
    cr_assert_eq(normed_suggest(&p.q, &p.reader, &x), ERR_OK);
    cr_assert_eq(x.seen.n, 1u);
    cr_expect(near(x.seen.at[0].weight, 420), "7 h of 60 pieces");
    cr_expect(near(x.seen.at[0].value, 840.0 / 420));
    normed_suggestion_fini(&x);
    cells_fini(&cells);
    buf_fini(&bytes);
    end(&p);
}

Test(normed, time_out_of_conditions_is_taken_out_minute_by_minute) {
    take_out_an_hour(QTY_BREACH);
}

Test(normed, time_of_which_nobody_knows_is_not_held) {
    take_out_an_hour(QTY_UNPROVEN);
}

/* Without its minutes nobody knows what was made with conditions held. */
static void lose_minutes(enum qty of) {
    struct past p;
    struct normed_suggestion x;
    struct sums s = made(480, 100);
    begin(&p);
    s.q[of] = MIN;
    put_shift(&p, PRESS, BOLT, RED, EARLY(-1), &s);
    written(&p);
    cr_assert_eq(normed_suggest(&p.q, &p.reader, &x), ERR_OK);
    cr_expect_eq(x.seen.seen[OBSERVE_CONDITION], 1u);
    normed_suggestion_fini(&x);
    end(&p);
}

Test(normed, where_minutes_are_gone_a_breached_shift_is_no_observation) {
    lose_minutes(QTY_BREACH);
    lose_minutes(QTY_UNPROVEN);
}

/* --- reviews ------------------------------------------------------------------------------------
 */

/* So many shifts of a month; every fifth is at `few` pieces, the others at `many`. */
static void month(struct past *p, int first_day, int n, int64_t many, int64_t few) {
    for (int i = 0; i < n; i++)
        shift_of(p, BOLT, i % 2 ? RED : BLUE, EARLY(first_day + i), i % 5 == 0 ? few : many);
}

static const struct normed_review_row *row_of(const struct normed_review *x, const char *id) {
    for (size_t i = 0; i < x->n; i++)
        if (x->row[i].norm && strcmp(x->row[i].norm->id.s, id) == 0)
            return &x->row[i];
    return NULL;
}

static const struct normed_review_row *missing(const struct normed_review *x, enum norm_class c) {
    for (size_t i = 0; i < x->n; i++)
        if (!x->row[i].norm && x->row[i].norm_class == c)
            return &x->row[i];
    return NULL;
}

/* Blue and red by turns, each told once; a shift of nobody is of no team. */
Test(normed, teams_are_those_that_worked_at_a_unit) {
    struct past p;
    struct normed_teams t;
    begin(&p);
    month(&p, MAY, 6, 600, 400);
    shift_of(&p, NUT, 0, EARLY(MAY + 9), 500);
    shift_of(&p, NUT, RED, EARLY(-200), 500); /* before the time that is asked for */
    written(&p);
    p.q.node = LINE;
    cr_assert_eq(normed_teams(&p.q, &p.reader, &t), ERR_OK);
    cr_assert_eq(t.n, 2u);
    cr_expect_str_eq(t.at[0].team.s, "blue");
    cr_expect_str_eq(t.at[1].team.s, "red");
    cr_expect_eq(t.at[0].unit, 0u);
    normed_teams_fini(&t);
    p.q.node = PACK;
    cr_assert_eq(normed_teams(&p.q, &p.reader, &t), ERR_OK);
    cr_expect_eq(t.n, 0u);
    normed_teams_fini(&t);
    end(&p);
}

/* April and May with 25 shifts each: 20 at 1.6 min and 5 at 2.4 under a norm of 2 since January:
 * median 125 %, reach 80 %, twice. Energy is measured and has no norm. */
Test(normed, a_review_counts_the_last_two_whole_months) {
    struct past p;
    struct normed_review x;
    begin(&p);
    import(&p, "labour", norm_of(IND_LABOUR_PER_UNIT, 2, EARLY(-150)));
    import(&p, "use", norm_of(IND_TIME_UTILIZATION, 0.875, EARLY(-150)));
    month(&p, APRIL, 25, 600, 400);
    month(&p, MAY, 25, 600, 400);
    shift_of(&p, BOLT, RED, EARLY(0) - 8 * UTC_HOUR_MS, 960); /* the last one of May */
    written(&p);
    p.q.node = 0;
    p.q.to_ms = EARLY(10); /* in June, which is not over */
    cr_assert_eq(normed_review(&p.q, &p.reader, &x), ERR_OK);
    cr_expect_eq(x.from_ms[0], SIM_DAY0 + MAY * UTC_DAY_MS);
    cr_expect_eq(x.from_ms[1], SIM_DAY0 + APRIL * UTC_DAY_MS);
    cr_expect_eq(x.to_ms, SIM_DAY0);
    const struct normed_review_row *r = row_of(&x, "labour");
    cr_assert_not_null(r);
    cr_expect_eq(r->in.n, 26);
    cr_expect(near(r->in.median, 1.25) && near(r->in.median_before, 1.25));
    cr_expect(near(r->in.reach, 21.0 / 26) && near(r->in.reach_before, 0.8));
    cr_expect_eq(r->out.verdict, REVIEW_TIGHTEN);
    r = row_of(&x, "use"); /* 420 of 480 min, all of them */
    cr_assert_not_null(r);
    cr_expect(near(r->in.median, 1) && near(r->in.reach, 1));
    cr_expect_eq(r->out.verdict, REVIEW_TIGHTEN, "everyone meets it");
    r = missing(&x, CLASS_CONSUMPTION);
    cr_assert_not_null(r);
    cr_expect_eq(r->out.verdict, REVIEW_CREATE);
    cr_expect(r->node == PRESS && span_equal(r->product, span_str("bolt")));
    cr_expect_not_null(missing(&x, CLASS_QUALITY), "no scrap at all is a figure, too");
    cr_expect_null(missing(&x, CLASS_LABOUR));
    normed_review_fini(&x);
    end(&p);
}

/* A norm of three weeks has not been there in April: nothing is said of it by what others did. */
Test(normed, shifts_of_another_norm_do_not_count) {
    struct past p;
    struct normed_review x;
    begin(&p);
    import(&p, "old", norm_of(IND_LABOUR_PER_UNIT, 2.2, EARLY(-150)));
    import(&p, "new", norm_of(IND_LABOUR_PER_UNIT, 2, EARLY(MAY + 20)));
    month(&p, APRIL, 25, 600, 400);
    month(&p, MAY, 25, 600, 400);
    written(&p);
    p.q.to_ms = EARLY(10);
    cr_assert_eq(normed_review(&p.q, &p.reader, &x), ERR_OK);
    cr_expect_null(row_of(&x, "old"), "it is superseded");
    const struct normed_review_row *r = row_of(&x, "new");
    cr_assert_not_null(r);
    cr_expect_eq(r->in.n, 5);
    cr_expect(isnan(r->in.median_before));
    cr_expect_eq(r->out.verdict, REVIEW_NOT_ENOUGH_BASIS);
    normed_review_fini(&x);
    end(&p);
}

/* The ideal cycle was set anew after the norm; a ministry's norm came after the other. */
Test(normed, what_a_norm_rests_on_may_have_changed) {
    static const struct plant_ideal ideal[] = {{0, INT64_C(10000000000), INT64_MIN},
                                               {0, INT64_C(9000000000), EARLY(MAY)}};
    struct past p;
    struct normed_review x;
    begin(&p);
    struct plant_unit *press = (struct plant_unit *)&p.plant->unit[0];
    press->ideal = ideal;
    press->ideal_n = 2;
    import(&p, "labour", norm_of(IND_LABOUR_PER_UNIT, 2, EARLY(-150)));
    struct norm *n = norm_of(IND_ENERGY_PER_GOOD, 0.3, EARLY(MAY));
    n->scope.node = (struct ident){""};
    n->origin = ORIGIN_MINISTRY;
    n->source = "Ministry";
    n->source_ms = EARLY(MAY);
    n->document = "Decree 7";
    import(&p, "superior", n);
    import(&p, "energy", norm_of(IND_ENERGY_PER_GOOD, 0.25, EARLY(-150)));
    month(&p, APRIL, 25, 480, 480);
    month(&p, MAY, 25, 480, 480);
    written(&p);
    p.q.to_ms = EARLY(10);
    cr_assert_eq(normed_review(&p.q, &p.reader, &x), ERR_OK);
    cr_expect_eq(row_of(&x, "labour")->in.changed, (unsigned)REASON_PROCESS);
    cr_expect_eq(row_of(&x, "labour")->out.verdict, REVIEW_REVISE);
    cr_expect(row_of(&x, "energy")->in.changed & REASON_SUPERIOR);
    cr_expect_null(row_of(&x, "superior"), "it is reviewed where it was made");
    normed_review_fini(&x);
    end(&p);
}

/* --- status, records, links ---------------------------------------------------------------------
 */

/* Red 400 and blue 600 pieces under 2 min: 2.4 is not met, 1.6 is better, together 1920 / 1000 =
 * 1.92 is met. */
Test(normed, status_is_told_of_the_unit_and_of_each_team) {
    struct past p;
    struct normed_status s;
    begin(&p);
    import(&p, "labour", norm_of(IND_LABOUR_PER_UNIT, 2, EARLY(-90)));
    shift_of(&p, BOLT, RED, EARLY(-30), 400);
    shift_of(&p, BOLT, BLUE, EARLY(-29), 600);
    written(&p);
    cr_assert_eq(normed_status(&p.q, &p.reader, &s), ERR_OK);
    cr_assert_eq(s.n, 3u);
    cr_expect_eq(s.row[0].whole.of[CLASS_LABOUR].status, STATUS_MET);
    cr_expect(near(s.row[0].whole.of[CLASS_LABOUR].value.value, 1.92));
    cr_expect(span_equal(s.row[1].team, span_str("red")));
    cr_expect_eq(s.row[1].whole.of[CLASS_LABOUR].status, STATUS_NOT_MET);
    cr_expect_eq(s.row[2].whole.of[CLASS_LABOUR].status, STATUS_BETTER);
    cr_expect_eq(s.row[0].whole.of[CLASS_CONSUMPTION].status, STATUS_NO_NORM);
    cr_expect(s.row[0].whole.of[CLASS_CONSUMPTION].neglected);
    normed_status_fini(&s);
    end(&p);
}

Test(normed, a_record_stands_until_a_better_one) {
    static const int64_t good[] = {480, 470, 500, 500, 510};
    struct past p;
    struct normed_records x;
    begin(&p);
    for (int i = 0; i < 5; i++)
        shift_of(&p, BOLT, i % 2 ? RED : BLUE, EARLY(-20 + i), good[i]);
    shift_of(&p, NUT, RED, EARLY(-10), 200);
    written(&p);
    cr_assert_eq(normed_records(&p.q, &p.reader, &x), ERR_OK);
    cr_assert_eq(x.n, 4u);
    cr_expect(span_equal(x.at[0].product, span_str("nut")) && isnan(x.at[0].before));
    cr_expect(near(x.at[1].value, 960.0 / 510) && near(x.at[1].before, 960.0 / 500));
    cr_expect_eq(x.at[1].verdict, RECORD_PROVISIONAL, "other classes have no norms");
    cr_expect_eq(x.seen[RECORD_NOT_BEST], 2u);
    normed_records_fini(&x);
    end(&p);
}

Test(normed, links_are_ranked_over_whole_shifts) {
    struct past p;
    struct normed_links l;
    begin(&p);
    const struct sums press = made(480, 100);
    struct sums pack = made(480, 50);
    pack.q[QTY_TIME + CAT_PRODUCTION] -= 60 * MIN;
    pack.q[QTY_TIME + CAT_DELAY] += 60 * MIN;
    pack.q[QTY_DELAY + CAUSE_STARVED] = 100 * MIN;
    put_shift(&p, PRESS, BOLT, RED, EARLY(-3), &press);
    put_shift(&p, PACK, BOLT, RED, EARLY(-3), &pack);
    written(&p);
    p.q.node = LINE;
    cr_assert_eq(normed_links(&p.q, &p.reader, &l), ERR_OK);
    cr_assert_eq(l.n, 2u);
    cr_expect_eq(l.at[0].unit, 0u);
    cr_expect(near(l.at[0].busy, 420.0 / 480) && near(l.at[0].lost_h, 1));
    cr_expect(near(l.at[1].waiting, 100.0 / 480));
    normed_links_fini(&l);
    end(&p);
}

/* A suggestion can be proposed as it is: a command of the ledger takes it. */
Test(normed, a_suggestion_is_a_norm_to_be_proposed) {
    struct past p;
    struct normed_suggestion s;
    struct ledger_answer a;
    struct norm n;
    begin(&p);
    month(&p, APRIL, 25, 600, 400);
    month(&p, MAY, 25, 600, 400);
    written(&p);
    p.q.product = "bolt";
    cr_assert_eq(normed_suggest(&p.q, &p.reader, &s), ERR_OK);
    normed_suggestion_norm(&p.q, &s, &n);
    cr_expect_eq(n.basis.n, 50);
    cr_expect(near(n.value, (48000.0 / 28000 + 1.6) / 2), "m = 50 x 960 / 28000, a = 1.6");
    const struct ledger_command c = {.action = LEDGER_PROPOSE,
                                     .id = {"press-2026-07"},
                                     .who = "shop",
                                     .why = "history",
                                     .key = span_str("k"),
                                     .norm = &n,
                                     .at_ms = NORM_NO_TIME,
                                     .due_ms = NORM_NO_TIME};
    cr_expect_eq(ledger_apply(p.ledger, &c, EARLY(0), &a), ERR_OK, "%s %s", a.refusal.field,
                 a.refusal.why);
    normed_suggestion_fini(&s);
    end(&p);
}
