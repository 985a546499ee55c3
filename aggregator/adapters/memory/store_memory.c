#include "memory/store_memory.h"

#include <assert.h>
#include <stdlib.h>

#include "memory/table.h"

struct job {
    struct job *next;
    struct store_tx *tx; /* a commit, else a load */
    struct store_range *range;
    size_t range_n;
    struct buf keys; /* of the ranges */
    void (*commit_done)(void *user, enum err err);
    void (*load_done)(void *user, enum err err, const struct store_rows *rows);
    void *user;
};

struct store_memory {
    struct store store;
    struct store_memory_conf conf;
    struct table table[STORE_TABLE_COUNT];
    struct job *head, **tail;
    size_t pending;
    unsigned full_tries;
    enum err broken;
    bool stopping, stepping, given_up;
    void (*stop_done)(void *user);
    void *stop_user;
};

struct store_image {
    struct table table[STORE_TABLE_COUNT];
};

static struct store_memory *memory_of(struct store *s) {
    return (struct store_memory *)s;
}

static void job_free(struct job *j) {
    if (j->tx) {
        store_tx_fini(j->tx);
        free(j->tx);
    }
    free(j->range);
    buf_fini(&j->keys);
    free(j);
}

static struct job *take(struct store_memory *s) {
    struct job *j = s->head;
    s->head = j->next;
    if (!s->head)
        s->tail = &s->head;
    s->pending--;
    if (j->tx)
        s->store.stats.queued_bytes -= j->tx->ops.n;
    return j;
}

static enum err submit(struct store_memory *s, struct job *j) {
    size_t n = j->tx ? j->tx->ops.n : 0, queued = s->store.stats.queued_bytes;
    size_t max = s->conf.queue_bytes_max;
    if (s->stopping)
        return ERR_STATE;
    if (max && queued > 0 && queued + n > max)
        return ERR_FULL;
    *s->tail = j;
    s->tail = &j->next;
    s->pending++;
    s->store.stats.queued_bytes += n;
    return ERR_OK;
}

/* --- content ------------------------------------------------------------------------------------
 */

static void drop_range(struct table *t, struct span from, struct span to) {
    const struct table_row *row;
    while ((row = table_from(t, from)) != NULL && table_order(row->key, to) < 0)
        table_drop(t, row->key);
}

static enum err drop_before(struct table *t, const struct store_item *item) {
    struct store_run run;
    const struct table_row *row = table_from(t, item->key);
    enum err err = store_run_init(&run, item);
    while (!err && row && table_order(row->key, run.to) < 0) {
        err = store_run_at(&run, row->key);
        if (err)
            break;
        drop_range(t, buf_span(&run.first), buf_span(&run.drop_to));
        row = table_from(t, buf_span(&run.next));
    }
    store_run_fini(&run);
    return err;
}

/* Rows of the range, as spans; *n of them. */
static struct span *values_in(const struct table *t, struct span from, struct span to, size_t *n) {
    struct span *value = NULL;
    const struct table_row *first = table_from(t, from);
    *n = 0;
    for (const struct table_row *r = first; r && table_order(r->key, to) < 0; r = r->next[0])
        ++*n;
    if (*n > 0)
        value = calloc(*n, sizeof *value);
    for (size_t i = 0; value && i < *n; first = first->next[0])
        value[i++] = first->value;
    return value;
}

static enum err fold(struct table *t, const struct store_tx *tx, const struct store_item *item) {
    size_t n = 0;
    struct buf whole;
    struct span *value = values_in(t, item->key, item->value, &n);
    enum err err = ERR_OK;
    buf_init(&whole);
    if (tx->fold && value && n > 1 && tx->fold(value, n, &whole) == ERR_OK) {
        const struct table_row *first = table_from(t, item->key);
        err = table_put(t, first->key, buf_span(&whole));
        for (size_t i = 1; !err && i < n; i++)
            table_drop(t, first->next[0]->key);
    }
    buf_fini(&whole);
    free(value);
    return err;
}

static enum err apply_item(struct table *t, const struct store_tx *tx,
                           const struct store_item *item) {
    const struct table_row *row;
    switch ((enum store_op)item->op) {
    case STORE_PUT:
        return table_put(t, item->key, item->value);
    case STORE_DELETE:
        table_drop(t, item->key);
        return ERR_OK;
    case STORE_DELETE_IF:
        row = table_from(t, item->key);
        if (row && span_equal(row->key, item->key) && span_equal(row->value, item->value))
            table_drop(t, item->key);
        return ERR_OK;
    case STORE_DELETE_RANGE:
        drop_range(t, item->key, item->value);
        return ERR_OK;
    case STORE_DELETE_BEFORE:
        return drop_before(t, item);
    case STORE_FOLD:
        return fold(t, tx, item);
    }
    return ERR_RANGE;
}

/* Memory can run out in the middle: then the content is no longer a state between two commits, and
 * the store stays broken rather than show it. */
static enum err apply(struct store_memory *s, const struct store_tx *tx) {
    struct cursor c = {0};
    struct store_item item;
    enum err err = ERR_OK;
    while (!err && store_tx_next(tx, &c, &item))
        err = item.table < STORE_TABLE_COUNT ? apply_item(&s->table[item.table], tx, &item)
                                             : ERR_RANGE;
    if (err) {
        s->broken = err;
        return err;
    }
    s->store.stats.commits++;
    s->store.stats.rows += tx->n;
    s->store.stats.bytes += tx->ops.n;
    s->store.stats.outbox_rows = (int64_t)s->table[STORE_OUTBOX].n;
    return ERR_OK;
}

struct reading {
    struct store_item *at;
    uint32_t *range_end;
    size_t n, cap, bytes, bytes_max;
    bool truncated;
};

static enum err read_row(struct reading *r, uint8_t table, const struct table_row *row) {
    if (r->n == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 64;
        struct store_item *at = realloc(r->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        r->at = at;
        r->cap = cap;
    }
    r->at[r->n++] = (struct store_item){.op = STORE_PUT, .table = table, row->key, row->value};
    r->bytes += row->key.n + row->value.n;
    return ERR_OK;
}

static enum err read_range(const struct store_memory *s, const struct store_range *range,
                           struct reading *r) {
    if (range->table >= STORE_TABLE_COUNT)
        return ERR_RANGE;
    const struct table_row *row = table_from(&s->table[range->table], range->from);
    enum err err = ERR_OK;
    for (uint32_t n = 0; row && !err; row = row->next[0], n++) {
        if ((range->to.n && table_order(row->key, range->to) >= 0) ||
            (range->limit && n == range->limit))
            break;
        if (r->bytes > r->bytes_max) {
            r->truncated = true;
            break;
        }
        err = read_row(r, range->table, row);
    }
    return err;
}

static enum err read_ranges(struct store_memory *s, const struct store_range *range, size_t n,
                            size_t bytes_max,
                            void (*done)(void *user, enum err err, const struct store_rows *rows),
                            void *user) {
    struct reading r = {.bytes_max = bytes_max};
    r.range_end = calloc(n ? n : 1, sizeof *r.range_end);
    enum err err = r.range_end ? s->broken : ERR_NOMEM;
    for (size_t i = 0; i < n && r.range_end; i++) {
        if (!err && !r.truncated)
            err = read_range(s, &range[i], &r);
        r.range_end[i] = (uint32_t)r.n;
    }
    struct store_rows rows = {
        .at = r.at, .range_end = r.range_end, .n = r.n, .truncated = r.truncated};
    done(user, err, &rows);
    free(r.at);
    free(r.range_end);
    return err;
}

/* --- the port -----------------------------------------------------------------------------------
 */

static enum err memory_commit(struct store *base, struct store_tx *tx,
                              void (*done)(void *user, enum err err), void *user) {
    struct job *j = calloc(1, sizeof *j);
    if (!j)
        return ERR_NOMEM;
    j->tx = tx;
    j->commit_done = done;
    j->user = user;
    enum err err = submit(memory_of(base), j);
    if (err)
        free(j);
    return err;
}

/* Keys are copied: the caller's spans live only for the call. */
static enum err copy_ranges(struct job *j, const struct store_range *range, size_t n) {
    size_t at = 0;
    j->range = calloc(n ? n : 1, sizeof *j->range);
    for (size_t i = 0; i < n; i++) {
        buf_add(&j->keys, range[i].from.p, range[i].from.n);
        buf_add(&j->keys, range[i].to.p, range[i].to.n);
    }
    if (!j->range || j->keys.failed)
        return ERR_NOMEM;
    j->range_n = n;
    for (size_t i = 0; i < n; i++) {
        j->range[i] = range[i];
        j->range[i].from = span_of(j->keys.p ? j->keys.p + at : NULL, range[i].from.n);
        at += range[i].from.n;
        j->range[i].to = span_of(j->keys.p ? j->keys.p + at : NULL, range[i].to.n);
        at += range[i].to.n;
    }
    return ERR_OK;
}

static enum err memory_load(struct store *base, const struct store_range *range, size_t n,
                            void (*done)(void *user, enum err err, const struct store_rows *rows),
                            void *user) {
    struct job *j = calloc(1, sizeof *j);
    if (!j)
        return ERR_NOMEM;
    j->load_done = done;
    j->user = user;
    enum err err = copy_ranges(j, range, n);
    if (!err)
        err = submit(memory_of(base), j);
    if (err)
        job_free(j);
    return err;
}

static enum err
memory_load_now(struct store *base, const struct store_range *range, size_t n,
                void (*done)(void *user, enum err err, const struct store_rows *rows), void *user) {
    struct store_memory *s = memory_of(base);
    return s->head ? ERR_STATE : read_ranges(s, range, n, SIZE_MAX, done, user);
}

static void memory_stop(struct store *base, void (*done)(void *user), void *user) {
    struct store_memory *s = memory_of(base);
    s->stopping = true;
    s->stop_done = done;
    s->stop_user = user;
}

static void memory_close(struct store *base) {
    struct store_memory *s = memory_of(base);
    while (s->head)
        job_free(take(s));
    for (unsigned t = 0; t < STORE_TABLE_COUNT; t++)
        table_fini(&s->table[t]);
    free(s);
}

static const struct store_ops ops = {.commit = memory_commit,
                                     .load = memory_load,
                                     .load_now = memory_load_now,
                                     .stop = memory_stop,
                                     .close = memory_close};

enum err store_memory_open(const struct store_memory_conf *conf, struct store **out) {
    struct store_memory *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->store.ops = &ops;
    s->store.stats.outbox_rows = -1;
    s->conf = *conf;
    s->tail = &s->head;
    *out = &s->store;
    return ERR_OK;
}

/* True if the commit stays where it is, to be tried again. */
static bool disk_full(struct store_memory *s) {
    if (s->full_tries == 0 || s->given_up)
        return false;
    s->full_tries--;
    s->store.stats.failures++;
    s->given_up = s->stopping;
    return !s->stopping;
}

static void deliver(struct store_memory *s, struct job *j) {
    if (j->tx) {
        enum err err = s->given_up ? ERR_IO : s->broken;
        j->commit_done(j->user, err ? err : apply(s, j->tx));
    } else {
        read_ranges(s, j->range, j->range_n,
                    s->conf.load_bytes_max ? s->conf.load_bytes_max : SIZE_MAX, j->load_done,
                    j->user);
    }
    job_free(j);
}

bool store_memory_step(struct store *base) {
    struct store_memory *s = memory_of(base);
    assert(!s->stepping); /* a done must not deliver the next one inside itself */
    if (s->head) {
        if (s->head->tx && disk_full(s))
            return true;
        s->stepping = true;
        deliver(s, take(s));
        s->stepping = false;
        return true;
    }
    if (!s->stop_done)
        return false;
    void (*done)(void *) = s->stop_done;
    s->stop_done = NULL;
    done(s->stop_user); /* may close the store */
    return true;
}

size_t store_memory_pending(const struct store *s) {
    return ((const struct store_memory *)s)->pending;
}

bool store_memory_commit_next(const struct store *s) {
    const struct job *j = ((const struct store_memory *)s)->head;
    return j && j->tx;
}

size_t store_memory_rows(const struct store *s, enum store_table table) {
    return ((const struct store_memory *)s)->table[table].n;
}

bool store_memory_find(const struct store *s, enum store_table table, struct span key,
                       struct span *value) {
    const struct table_row *row = table_from(&((const struct store_memory *)s)->table[table], key);
    if (!row || !span_equal(row->key, key))
        return false;
    *value = row->value;
    return true;
}

/* --- faults -------------------------------------------------------------------------------------
 */

void store_memory_crash(struct store *base, size_t written) {
    struct store_memory *s = memory_of(base);
    while (s->head) {
        struct job *j = take(s);
        if (j->tx && written > 0 && !s->broken) {
            written--;
            apply(s, j->tx);
        }
        job_free(j);
    }
    s->stopping = s->given_up = s->stepping = false;
    s->stop_done = NULL;
}

void store_memory_fill(struct store *s, unsigned tries) {
    memory_of(s)->full_tries = tries;
}

void store_memory_break(struct store *s, enum err err) {
    memory_of(s)->broken = err;
}

static enum err copy_tables(const struct table *from, struct table *to) {
    enum err err = ERR_OK;
    for (unsigned t = 0; t < STORE_TABLE_COUNT; t++)
        for (const struct table_row *r = from[t].first[0]; r && !err; r = r->next[0])
            err = table_put(&to[t], r->key, r->value);
    return err;
}

enum err store_memory_save(const struct store *s, struct store_image **out) {
    struct store_image *image = calloc(1, sizeof *image);
    if (!image)
        return ERR_NOMEM;
    enum err err = copy_tables(((const struct store_memory *)s)->table, image->table);
    if (err)
        store_image_free(image);
    else
        *out = image;
    return err;
}

enum err store_memory_restore(struct store *base, const struct store_image *image) {
    struct store_memory *s = memory_of(base);
    struct table fresh[STORE_TABLE_COUNT] = {0};
    if (s->head)
        return ERR_STATE;
    enum err err = copy_tables(image->table, fresh);
    struct table *drop = err ? fresh : s->table;
    for (unsigned t = 0; t < STORE_TABLE_COUNT; t++)
        table_fini(&drop[t]);
    if (err)
        return err;
    memcpy(s->table, fresh, sizeof fresh);
    s->store.stats.outbox_rows = (int64_t)s->table[STORE_OUTBOX].n;
    return ERR_OK;
}

void store_image_free(struct store_image *image) {
    if (!image)
        return;
    for (unsigned t = 0; t < STORE_TABLE_COUNT; t++)
        table_fini(&image->table[t]);
    free(image);
}
