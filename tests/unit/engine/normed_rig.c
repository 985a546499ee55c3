#include "normed_rig.h"

#include <stdlib.h>

#include "memory/store_memory.h"

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

void past_put(struct past *p, enum store_table table, struct span key, struct span value) {
    cr_assert_eq(store_tx_add(p->tx, STORE_PUT, table, key, value), ERR_OK);
}

static void put_word(struct past *p, uint32_t id, const char *text) {
    const uint8_t key[4] = {0, 0, 0, (uint8_t)id};
    past_put(p, STORE_WORD, span_of(key, 4), span_str(text));
}

void past_begin(struct past *p) {
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
        past_put(p, STORE_META, span_str(key), span_of(&no, 1));
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

void past_written(struct past *p) {
    for (uint64_t n = 1; n <= ledger_last(p->ledger); n++) {
        const uint8_t key[8] = {0, 0, 0, 0, 0, 0, (uint8_t)(n >> 8), (uint8_t)n};
        struct buf bytes;
        buf_init(&bytes);
        cr_assert_eq(ledger_pack(p->ledger, n, &bytes), ERR_OK);
        past_put(p, STORE_NORM, span_of(key, 8), buf_span(&bytes));
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

void past_end(struct past *p) {
    ledger_close(p->ledger);
    ledger_close(p->read);
    p->store->ops->stop(p->store, stopped, NULL);
    (void)store_memory_step(p->store);
    p->store->ops->close(p->store);
    plant_close(p->plant);
}

struct norm *past_norm(enum indicator i, double value, int64_t from_ms) {
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

void past_import(struct past *p, const char *id, const struct norm *n) {
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

struct sums past_made(int64_t good, int64_t kwh) {
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

void past_put_window(struct past *p, uint32_t node, uint32_t product, uint32_t team, int64_t t_ms,
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
    past_put(p, life == WINDOW_PROVISIONAL ? STORE_OPEN : STORE_WINDOW, span_of(key, sizeof key),
             buf_span(&bytes));
    buf_fini(&bytes);
}

void past_put_shift(struct past *p, uint32_t node, uint32_t product, uint32_t team, int64_t t_ms,
                    const struct sums *s) {
    past_put_window(p, node, product, team, t_ms, WINDOW_SETTLED, s);
    past_put_window(p, node, 0, 0, t_ms, WINDOW_SETTLED, s);
}

void past_shift(struct past *p, uint32_t product, uint32_t team, int64_t t_ms, int64_t good) {
    const struct sums s = past_made(good, 100);
    past_put_shift(p, PRESS, product, team, t_ms, &s);
}

bool past_near(double a, double b) {
    return fabs(a - b) <= 1e-9;
}
