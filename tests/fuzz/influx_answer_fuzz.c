/* Whatever a database answers, each row ends in one place: told with a 2xx, or in the dead-letter
 * table after it was refused alone, never both and never neither. */
#include <stdlib.h>

#include "memory/store_memory.h"
#include "outbox/outbox.h"
#include "plant/plant.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 9 };

struct world {
    struct sink sink;
    struct cursor script;
    struct store *store;
    void (*done)(void *user, const struct sink_answer *a);
    void *user;
    uint32_t under_way, told, refused; /* bit i: row i */
};

static enum err take(struct world *w, void (*done)(void *, const struct sink_answer *), void *user,
                     uint32_t rows) {
    if (w->done)
        abort(); /* one request at a time */
    w->done = done;
    w->user = user;
    w->under_way = rows;
    return ERR_OK;
}

/* The stamp at a line's end is the row's number. */
static enum err on_write(struct sink *s, struct span lines,
                         void (*done)(void *, const struct sink_answer *), void *user) {
    uint32_t rows = 0;
    for (size_t i = 1; i < lines.n; i++)
        if (lines.p[i] == '\n')
            rows |= UINT32_C(1) << (lines.p[i - 1] - '0');
    return take((struct world *)s, done, user, rows);
}

static enum err on_retract(struct sink *s, const char *measurement, struct span where, int64_t t_ms,
                           void (*done)(void *, const struct sink_answer *), void *user) {
    (void)measurement;
    (void)where;
    (void)t_ms;
    return take((struct world *)s, done, user, 0);
}

static enum err on_create(struct sink *s, void (*done)(void *, const struct sink_answer *),
                          void *user) {
    return take((struct world *)s, done, user, 0);
}

/* Two bytes make the status (0 to 599, most often one that means something), one Retry-After, one
 * the length of the words that follow. A script that has ended says 204. */
static void answer(struct world *w) {
    static const int often[] = {204, 400, 401, 404, 413, 422, 429, 500, 503, 0};
    struct sink_answer a = {.status = 204, .retry_after_ms = -1, .error = ""};
    uint8_t b[4] = {0};
    void (*done)(void *, const struct sink_answer *) = w->done;
    if (cursor_left(&w->script) >= 4) {
        for (int i = 0; i < 4; i++)
            cursor_take_byte(&w->script, &b[i]);
        a.status = b[0] & 1 ? often[b[1] % 10] : (b[0] << 8 | b[1]) % 600;
        a.retry_after_ms = b[2] ? b[2] * 100 : -1;
        if (cursor_take_span(&w->script, b[3], &a.body))
            a.body = span_of(NULL, 0);
    }
    if (a.status >= 200 && a.status < 300)
        w->told |= w->under_way;
    if ((a.status == 400 || a.status == 413 || a.status == 422) &&
        !(w->under_way & (w->under_way - 1)))
        w->refused |= w->under_way;
    w->done = NULL;
    done(w->user, &a);
}

static void on_committed(void *user, enum err err) {
    (void)user;
    if (err)
        abort();
}

static void put_rows(struct world *w) {
    struct store_tx *tx = malloc(sizeof *tx);
    struct buf value = {0};
    store_tx_init(tx);
    for (int i = 0; i < ROWS; i++) {
        uint8_t key[WINDOW_KEY_BYTES];
        struct window row = {.key = {.node = 0, .kind = WINDOW_HOUR, .start_ms = i},
                             .revision = i % 3 == 0,
                             .told = {.value = 1}};
        buf_reset(&value);
        window_key_pack(&row.key, key);
        if (window_pack(&row, &value) ||
            store_tx_add(tx, STORE_PUT, STORE_OUTBOX, span_of(key, sizeof key), buf_span(&value)))
            abort();
    }
    buf_fini(&value);
    if (w->store->ops->commit(w->store, tx, on_committed, NULL))
        abort();
    store_memory_step(w->store);
}

static void on_dead(void *user, enum err err, const struct store_rows *rows) {
    uint32_t *dead = user;
    for (size_t i = 0; !err && i < rows->n; i++) {
        struct window_key key;
        if (window_key_unpack(rows->at[i].key, &key))
            abort();
        *dead |= UINT32_C(1) << key.start_ms;
    }
}

static void check(struct world *w) {
    struct store_range all = {.table = STORE_DEAD};
    uint32_t dead = 0;
    w->store->ops->load_now(w->store, &all, 1, on_dead, &dead);
    if ((w->told | dead) != (UINT32_C(1) << ROWS) - 1 || dead != (w->refused & ~w->told) ||
        (w->told & dead))
        abort();
}

static const struct plant_node node[] = {{.id = {"site"},
                                          .name = "Site",
                                          .level = LEVEL_SITE,
                                          .parent = UINT32_MAX,
                                          .unit = UINT32_MAX}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct sink_ops ops = {.write = on_write, .retract = on_retract, .create = on_create};
    struct world w = {.sink = {&ops}, .script = cursor_of(span_of(data, size))};
    const struct plant plant = {.node = node, .node_n = 1};
    const struct store_memory_conf memory = {0};
    const struct outbox_conf conf = {.retry_min_ms = 10, .retry_max_ms = 100, .rows_max = 8};
    struct outbox *o = NULL;
    int64_t now = 0;
    if (store_memory_open(&memory, &w.store) || outbox_open(&conf, &plant, w.store, &w.sink, &o))
        abort();
    put_rows(&w);
    /* Each answer takes four bytes or ends the script, and each wait is over in a tick. */
    for (size_t i = 0; i < size + 20 && store_memory_rows(w.store, STORE_OUTBOX); i++) {
        outbox_on_tick(o, now, now, 0);
        now += 100000;
        while (w.done || store_memory_pending(w.store)) {
            if (w.done)
                answer(&w);
            else
                store_memory_step(w.store);
        }
    }
    if (store_memory_rows(w.store, STORE_OUTBOX))
        abort();
    check(&w);
    outbox_stop(o);
    outbox_close(o);
    w.store->ops->close(w.store);
    return 0;
}
