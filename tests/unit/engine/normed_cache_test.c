/* The ledger that questions share: what each of them reads of the store. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/normed.h"
#include "memory/store_memory.h"
#include "norm/field.h"
#include "simkit/line_plant.h"

enum { EVENTS = 50000, IDS = 500 };

struct kept {
    struct plant *plant;
    struct store *store;
    struct ledger_conf conf;
    struct ledger *ledger;
    uint64_t written;
    struct normed_cache cache;
    struct history_reader reader;
    size_t reads, rows;
    void (*done)(void *user, enum err err, const struct store_rows *rows);
    void *done_user;
};

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct kept *k = user;
    k->rows += rows ? rows->n : 0;
    k->done(k->done_user, err, rows);
}

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct kept *k = user;
    k->reads++;
    k->done = done;
    k->done_user = done_user;
    return k->store->ops->load_now(k->store, range, n, on_rows, k);
}

static void begin(struct kept *k) {
    *k = (struct kept){0};
    cr_assert_eq(line_plant_open(&k->plant), ERR_OK);
    cr_assert_eq(store_memory_open(&(struct store_memory_conf){0}, &k->store), ERR_OK);
    ledger_conf_init(&k->conf);
    cr_assert_eq(ledger_open(&k->conf, &k->ledger), ERR_OK);
    ledger_bind(k->ledger, k->plant);
    k->reader = (struct history_reader){.load = load, .user = k, .norms = &k->cache};
}

static void end(struct kept *k) {
    normed_cache_fini(&k->cache);
    ledger_close(k->ledger);
    k->store->ops->close(k->store);
    plant_close(k->plant);
}

static void draft(struct kept *k, size_t id, double value) {
    struct ledger_answer a;
    struct norm n;
    struct ledger_command c = {.action = LEDGER_DRAFT,
                               .who = "shop",
                               .norm = &n,
                               .at_ms = NORM_NO_TIME,
                               .due_ms = NORM_NO_TIME};
    norm_init(&n);
    n.indicator = IND_OEE;
    n.value = value;
    (void)snprintf(c.id.s, sizeof c.id.s, "n-%zu", id);
    cr_assert_eq(ledger_apply(k->ledger, &c, SIM_DAY0, &a), ERR_OK, "%s", a.refusal.why);
}

static void committed(void *user, enum err err) {
    (void)user;
    cr_assert_eq(err, ERR_OK);
}

static void write_down(struct kept *k) {
    struct store_tx *tx = malloc(sizeof *tx);
    struct buf bytes;
    cr_assert_not_null(tx);
    store_tx_init(tx);
    buf_init(&bytes);
    for (uint64_t n = k->written + 1; n <= ledger_last(k->ledger); n++) {
        uint8_t key[8];
        for (unsigned i = 0; i < sizeof key; i++)
            key[i] = (uint8_t)(n >> (56 - 8 * i));
        buf_reset(&bytes);
        cr_assert_eq(ledger_pack(k->ledger, n, &bytes), ERR_OK);
        cr_assert_eq(store_tx_add(tx, STORE_PUT, STORE_NORM, span_of(key, 8), buf_span(&bytes)),
                     ERR_OK);
        k->written = n;
    }
    buf_fini(&bytes);
    cr_assert_eq(k->store->ops->commit(k->store, tx, committed, NULL), ERR_OK);
    cr_assert(store_memory_step(k->store));
}

/* Asks, and says how many rows were read for it. */
static size_t ask(struct kept *k, const struct ledger **out) {
    k->rows = k->reads = 0;
    cr_assert_eq(normed_kept(&k->cache, &k->conf, k->plant, &k->reader, out), ERR_OK);
    return k->rows;
}

Test(normed_cache, a_question_reads_what_is_new_and_nothing_twice) {
    struct kept k;
    const struct ledger *l = NULL;
    begin(&k);
    for (size_t i = 0; i < EVENTS; i++)
        draft(&k, i % IDS, 0.3 + (double)i / EVENTS);
    write_down(&k);
    cr_expect_eq(ask(&k, &l), (size_t)EVENTS, "the first one reads all");
    cr_expect_eq(ledger_last(l), (uint64_t)EVENTS);
    cr_expect_eq(ledger_count(l), (size_t)IDS);
    cr_expect_eq(ask(&k, &l), 0u, "the second one nothing");
    cr_expect_eq(k.reads, 1u, "it looks once whether there is more");
    draft(&k, 7, 0.95);
    draft(&k, IDS, 0.5);
    write_down(&k);
    cr_expect_eq(ask(&k, &l), 2u);
    for (size_t i = 0; i <= IDS; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "n-%zu", i);
        const struct norm *x = ledger_find(k.ledger, id), *y = ledger_find(l, id);
        cr_assert(x && y && norm_equal(x, y), "%s is as it was written", id);
    }
    cr_expect_null(ledger_event(l, 1), "events are not kept");
    end(&k);
}

/* What is damaged is told each time, and mended it is read again from its begin. */
Test(normed_cache, what_could_not_be_read_is_read_again) {
    struct kept k;
    const struct ledger *l = NULL;
    const uint8_t second[8] = {0, 0, 0, 0, 0, 0, 0, 2};
    begin(&k);
    draft(&k, 1, 0.5);
    write_down(&k);
    cr_expect_eq(ask(&k, &l), 1u);
    draft(&k, 2, 0.6);
    k.written = 2;
    for (unsigned turn = 0; turn < 2; turn++) {
        struct store_tx *tx = malloc(sizeof *tx);
        cr_assert_not_null(tx);
        store_tx_init(tx);
        cr_assert_eq(store_tx_add(tx, STORE_PUT, STORE_NORM, span_of(second, 8), span_str("odd")),
                     ERR_OK);
        cr_assert_eq(k.store->ops->commit(k.store, tx, committed, NULL), ERR_OK);
        cr_assert(store_memory_step(k.store));
        cr_expect_neq(normed_kept(&k.cache, &k.conf, k.plant, &k.reader, &l), ERR_OK);
    }
    k.written = 1;
    write_down(&k);
    cr_expect_eq(ask(&k, &l), 2u);
    cr_expect_eq(ledger_count(l), 2u);
    end(&k);
}
