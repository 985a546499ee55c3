/* Bytes that rot in the store: a row that carries a seal is refused where it is read, at the start
 * or when its hour is loaded; what carries none may change what is told, but crashes nothing. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "engine/announce.h"
#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define T1 (T0 + 10 * UTC_MINUTE_MS)    /* the next start, in the same hour */
#define MIN UTC_MINUTE_MS
#define PIECE INT64_C(1000000)

struct bench {
    struct plant *plant;
    struct station station;
    struct script gw1;
    struct store_image *image;
};

/* Beside the hour's cells stand then those without it. */
static void enter_factor(struct bench *b) {
    const struct act a = {.kind = ACT_FACTOR,
                          .key = span_str("k1"),
                          .agent = span_str("gw1"),
                          .point = span_str("total"),
                          .t0_ms = T0,
                          .t1_ms = T0 + MIN,
                          .value = 2,
                          .value2 = 1,
                          .who = span_str("office")};
    struct core_act_answer out;
    cr_assert_eq(core_on_act(b->station.core, &a, b->station.now, &out), ERR_OK);
}

/* Three minutes of the press, committed; then the process dies. */
static void bench_open(struct bench *b) {
    cr_assert_eq(line_plant_open(&b->plant), ERR_OK);
    cr_assert_eq(station_init(&b->station, b->plant), ERR_OK);
    cr_assert_eq(station_start(&b->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    cr_assert_eq(station_tick(&b->station, (struct core_now){T0, 1000}), ERR_OK);
    script_init(&b->gw1, &b->station, "gw1", 101);
    uint16_t state = script_point(&b->gw1, "state", POINT_STATE, 1);
    uint16_t total = script_point(&b->gw1, "total", POINT_COUNTER, PIECE);
    uint16_t order = script_point(&b->gw1, "order", POINT_STATE, 1);
    cr_assert_eq(script_hello(&b->gw1), ERR_OK);
    cr_assert_eq(script_key(&b->gw1, T0), ERR_OK);
    for (int64_t i = 0; i < 3; i++) {
        int64_t t = T0 + i * MIN;
        script_asof(&b->gw1, T0, t);
        script_int(&b->gw1, state, t, MACHINE_RUN);
        script_int(&b->gw1, total, t, 100 + i);
        script_text(&b->gw1, order, t, "o-1");
        cr_assert_eq(script_send(&b->gw1), ERR_OK);
        cr_assert_eq(station_tick(&b->station, (struct core_now){t, 1000 + t - T0}), ERR_OK);
    }
    enter_factor(b);
    int64_t review_ms = 0;
    cr_expect_not(core_review_due(b->station.core, b->station.now, &review_ms), "it is noted");
    cr_assert_eq(station_settle(&b->station), ERR_OK);
    station_kill(&b->station, 0);
    cr_assert_eq(store_memory_save(b->station.store, &b->image), ERR_OK);
}

static void bench_close(struct bench *b) {
    store_image_free(b->image);
    script_fini(&b->gw1);
    station_fini(&b->station);
    plant_close(b->plant);
}

/* --- at the start ------------------------------------------------------------------------------
 */

static enum err start_on(struct bench *b, const struct store_rows *rows, char where[96]) {
    struct core *core = NULL;
    cr_assert_eq(core_open(&b->station.conf, b->plant, &core), ERR_OK);
    where[0] = '\0';
    enum err err = core_start(core, rows, (struct core_now){T1, 1000}, where);
    core_close(core);
    return err;
}

struct part { /* of a row's value; both 0: none of it */
    size_t from, to;
};

/* What the seal covers, with the seal. */
static struct part sealed_part(const struct store_item *row) {
    struct cursor v = cursor_of(row->value);
    struct span part = {0};
    uint64_t n = 0, skipped64;
    int64_t skipped;
    uint8_t byte;
    switch ((int)row->table) {
    case STORE_META: /* the horizon, how far factors reach, what was announced; others carry none */
        n = span_equal(row->key, span_str("retain")) || span_equal(row->key, span_str("scales")) ||
                    span_equal(row->key, span_str("announced"))
                ? row->value.n
                : 0;
        return (struct part){0, (size_t)n};
    case STORE_UNIT:
    case STORE_OPEN:
    case STORE_MINUTE:
    case STORE_LOG:
        return (struct part){0, row->value.n};
    case STORE_AGENT: /* number, segments and presence stand before the positions */
        cr_assert(!cursor_take_varint(&v, &n) && !cursor_take_varint(&v, &n) &&
                  !cursor_take_byte(&v, &byte));
        return (struct part){(size_t)(v.p - row->value.p), row->value.n};
    case STORE_LANE: /* epoch, begin and origin before the slab, the start behind it */
        cr_assert(!cursor_take_le64(&v, &skipped64) && !cursor_take_svarint(&v, &skipped) &&
                  !cursor_take_byte(&v, &byte) && !cursor_take_varint(&v, &n) &&
                  !cursor_take_span(&v, (size_t)n, &part));
        return (struct part){(size_t)(part.p - row->value.p),
                             (size_t)(part.p - row->value.p) + part.n};
    default:
        return (struct part){0, 0};
    }
}

struct flips {
    struct bench *b;
    unsigned sealed[STORE_TABLE_COUNT], open; /* bytes tried */
};

static void flip_row(struct flips *f, struct store_item *row, const struct store_rows *rows) {
    struct part seal = sealed_part(row);
    struct span sound = row->value;
    uint8_t *copy = malloc(sound.n);
    char where[96];
    cr_assert_not_null(copy);
    memcpy(copy, sound.p, sound.n);
    row->value.p = copy;
    for (size_t i = 0; i < sound.n; i++) {
        bool sealed = i >= seal.from && i < seal.to;
        copy[i] ^= (uint8_t)(1U << i % 8);
        enum err err = start_on(f->b, rows, where);
        cr_expect(!sealed || err, "table %u byte %zu of %zu", row->table, i, sound.n);
        cr_expect_eq(where[0] != '\0', err != ERR_OK);
        copy[i] ^= (uint8_t)(1U << i % 8);
        f->sealed[row->table] += sealed;
        f->open += !sealed;
    }
    row->value = sound;
    free(copy);
}

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct flips *f = user;
    struct store_rows edited = *rows;
    struct store_item *at = calloc(rows->n, sizeof *at);
    char where[96];
    cr_assert_eq(err, ERR_OK);
    cr_assert_not_null(at);
    memcpy(at, rows->at, rows->n * sizeof *at);
    edited.at = at;
    cr_assert_eq(start_on(f->b, &edited, where), ERR_OK);
    for (size_t i = 0; i < rows->n; i++)
        flip_row(f, &at[i], &edited);
    free(at);
}

Test(rot, every_flipped_byte_of_what_a_start_reads_is_refused_or_harmless) {
    struct bench b;
    struct flips f = {.b = &b};
    const struct store_range *range = NULL;
    bench_open(&b);
    size_t n = core_start_ranges(&range);
    cr_assert_eq(b.station.store->ops->load_now(b.station.store, range, n, on_rows, &f), ERR_OK);
    static const uint8_t tables[] = {STORE_META, STORE_AGENT, STORE_LANE,
                                     STORE_UNIT, STORE_OPEN,  STORE_MINUTE};
    for (size_t i = 0; i < sizeof tables; i++)
        cr_expect_gt(f.sealed[tables[i]], 0, "no row of table %u", tables[i]);
    cr_expect_gt(f.open, 0);
    bench_close(&b);
}

/* --- when an hour is loaded --------------------------------------------------------------------
 */

struct blob {
    uint8_t table, key[64], value[4096];
    size_t key_n, value_n;
};

struct blobs {
    struct blob at[16];
    size_t n;
};

/* Cells end their key with the hour; of the logs all are of this hour. */
static bool is_of_this_hour(const struct store_item *row) {
    const uint8_t *p = row->key.p + row->key.n - 4;
    uint32_t hour = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    return row->table != STORE_CELL || hour == (uint32_t)(T0 / UTC_HOUR_MS);
}

static void on_blobs(void *user, enum err err, const struct store_rows *rows) {
    struct blobs *all = user;
    cr_assert_eq(err, ERR_OK);
    for (size_t i = 0; i < rows->n; i++) {
        const struct store_item *row = &rows->at[i];
        if (!is_of_this_hour(row))
            continue;
        cr_assert_lt(all->n, sizeof all->at / sizeof *all->at);
        struct blob *x = &all->at[all->n++];
        cr_assert(row->key.n <= sizeof x->key && row->value.n <= sizeof x->value);
        x->table = row->table;
        x->key_n = row->key.n;
        x->value_n = row->value.n;
        memcpy(x->key, row->key.p, row->key.n);
        memcpy(x->value, row->value.p, row->value.n);
    }
}

static void on_put(void *user, enum err err) {
    *(enum err *)user = err;
}

static void put(struct bench *b, const struct blob *x, size_t n) {
    enum err err = ERR_STATE;
    struct store_tx *tx = calloc(1, sizeof *tx);
    cr_assert_not_null(tx);
    store_tx_init(tx);
    cr_assert_eq(
        store_tx_add(tx, STORE_PUT, x->table, span_of(x->key, x->key_n), span_of(x->value, n)),
        ERR_OK);
    cr_assert_eq(b->station.store->ops->commit(b->station.store, tx, on_put, &err), ERR_OK);
    cr_assert(store_memory_step(b->station.store));
    cr_assert_eq(err, ERR_OK);
}

/* Starts on what stands there and goes on in the same hour: its logs and cells are loaded. */
static enum err go_on(struct bench *b) {
    struct station *s = &b->station;
    cr_assert_eq(station_start(s, (struct core_now){T1, 1000}, 6), ERR_OK);
    enum err err = station_tick(s, (struct core_now){T1, 2000});
    if (!err)
        err = station_settle(s);
    station_kill(s, 0);
    cr_assert_eq(store_memory_restore(s->store, b->image), ERR_OK);
    return err;
}

static void refuses_every_flip(uint8_t table) {
    struct bench b;
    struct blobs all = {.n = 0};
    const struct store_range range = {.table = table};
    bench_open(&b);
    cr_assert_eq(b.station.store->ops->load_now(b.station.store, &range, 1, on_blobs, &all),
                 ERR_OK);
    cr_assert_gt(all.n, 0u);
    cr_assert_eq(go_on(&b), ERR_OK);
    for (size_t k = 0; k < all.n; k++) {
        struct blob *x = &all.at[k];
        for (size_t i = 0; i < x->value_n; i++) {
            x->value[i] ^= (uint8_t)(1U << i % 8);
            put(&b, x, x->value_n);
            cr_expect_neq(go_on(&b), ERR_OK, "row %zu byte %zu of %zu", k, i, x->value_n);
            x->value[i] ^= (uint8_t)(1U << i % 8);
            put(&b, x, i); /* and cut there */
            cr_expect_neq(go_on(&b), ERR_OK, "row %zu of %zu bytes", k, i);
        }
    }
    bench_close(&b);
}

Test(rot, every_flipped_byte_and_every_truncation_of_a_signal_log_is_refused) {
    refuses_every_flip(STORE_LOG);
}

Test(rot, every_flipped_byte_and_every_truncation_of_cells_is_refused) {
    refuses_every_flip(STORE_CELL);
}

Test(rot, every_flipped_byte_and_every_truncation_of_kept_cells_is_refused) {
    refuses_every_flip(STORE_KEPT);
}
