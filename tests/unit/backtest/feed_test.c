/* Minutes of nodes as a back-test is given them: of a line what its machines made, by product and
 * team, however many machines there are. */
#include <criterion/criterion.h>

#include "backtest/feed.h"
#include "memory/store_memory.h"
#include "simkit/line_plant.h"

#define HOUR (SIM_DAY0 / UTC_HOUR_MS)
enum { LINE = 1, BOLT = 7, NUT, RED, BLUE }; /* words */

static struct plant *plant;
static struct store *store;
static struct feed feed;

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    return store->ops->load_now(user, range, n, done, done_user);
}

static void on_committed(void *user, enum err err) {
    *(enum err *)user = err;
}

static void add(struct cells *to, int64_t minute, uint32_t product, uint32_t team, uint32_t order,
                int64_t run_ms) {
    struct cell c = {
        .minute = HOUR * 60 + minute,
        .ctx = {.product = product, .team = team, .order = order, .shift = UINT32_MAX}};
    c.sums.q[QTY_TIME + CAT_PRODUCTION] = run_ms;
    c.sums.q[QTY_PQ] = run_ms;
    cr_assert_eq(cells_add(to, &c), ERR_OK);
}

static void put(uint32_t unit, const struct cells *cells) {
    struct store_tx *tx = calloc(1, sizeof *tx);
    uint8_t key[HISTORY_CELL_KEY_MAX];
    struct buf bytes;
    enum err err = ERR_IO;
    buf_init(&bytes);
    store_tx_init(tx);
    const size_t n = history_cell_key(plant, unit, HOUR, key);
    cr_assert_eq(cells_pack(cells->at, cells->n, &bytes), ERR_OK);
    cr_assert_eq(store_tx_add(tx, STORE_PUT, STORE_CELL, span_of(key, n), buf_span(&bytes)),
                 ERR_OK);
    cr_assert_eq(store->ops->commit(store, tx, on_committed, &err), ERR_OK);
    while (store_memory_step(store)) {
    }
    cr_assert_eq(err, ERR_OK);
    buf_fini(&bytes);
}

/* Minute 0: press and packer make bolts, the press of two orders; the packer half a minute of nuts.
 * Minute 1: the press makes bolts with another team. */
static void start(void) {
    const struct store_memory_conf conf = {0};
    const bool node[] = {false, true, false, false};
    struct feed_want want = {.node = node, .by_context = node};
    struct cells press, pack;
    want.qty[QTY_TIME + CAT_PRODUCTION] = want.qty[QTY_PQ] = true;
    cr_assert_eq(line_plant_open(&plant), ERR_OK);
    cr_assert_eq(store_memory_open(&conf, &store), ERR_OK);
    cells_init(&press);
    cells_init(&pack);
    add(&press, 0, BOLT, RED, 1, 20000);
    add(&press, 0, BOLT, RED, 2, 30000);
    add(&press, 1, BOLT, BLUE, 2, 60000);
    add(&pack, 0, BOLT, RED, 1, 10000);
    add(&pack, 0, NUT, RED, 1, 30000);
    put(0, &press);
    put(1, &pack);
    cells_fini(&press);
    cells_fini(&pack);
    const struct history_reader reader = {.load = load, .user = store};
    cr_assert_eq(feed_open(&feed, plant, &want), ERR_OK);
    cr_assert_eq(feed_read(&feed, HOUR, HOUR + 1, &reader), ERR_OK);
}

static void stop(void) {
    feed_fini(&feed);
    store->ops->close(store);
    plant_close(plant);
}

TestSuite(feed, .init = start, .fini = stop);

struct seen {
    size_t n;
    int64_t run_ms[16], pieces[16]; /* by word of the product */
};

static void see(void *user, const struct cell *c) {
    struct seen *s = user;
    s->n++;
    s->run_ms[c->ctx.product] += c->sums.q[QTY_TIME + CAT_PRODUCTION];
    s->pieces[c->ctx.product] += c->sums.q[QTY_PQ];
}

/* 20 + 30 + 10 s of bolts, 30 s of nuts. Pieces of the line are those of the packer. */
Test(feed, a_line_has_one_part_of_each_product_and_team) {
    struct seen s = {0};
    struct feed_node *line = &feed.node[feed.of[LINE]];
    feed_parts(line, &feed, HOUR * 60, see, &s);
    cr_expect_eq(s.n, 2u, "not one of each machine and order");
    cr_expect_eq(s.run_ms[BOLT], 60000);
    cr_expect_eq(s.run_ms[NUT], 30000);
    cr_expect_eq(s.pieces[BOLT], 10000);
    cr_expect_eq(s.pieces[NUT], 30000);
    s = (struct seen){0};
    feed_parts(line, &feed, HOUR * 60 + 1, see, &s);
    cr_expect_eq(s.n, 1u);
    cr_expect_eq(s.run_ms[BOLT], 60000);
    s = (struct seen){0};
    feed_parts(line, &feed, HOUR * 60 + 2, see, &s);
    cr_expect_eq(s.n, 0u);
}
