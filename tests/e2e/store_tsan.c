/* The store on disk under load, as a plain program: Criterion cannot start under ThreadSanitizer.
 * The loop commits and loads, readers look on from threads of their own, and the store is stopped
 * with work still queued. Usage: store_tsan [commits] */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "sqlite/store_sqlite.h"
#include "support/loop_wait.h"

enum { COMMITS = 500, READERS = 2, UNDER_WAY = 8, WAIT_MS = 60000 };

struct run {
    uv_loop_t loop;
    struct store *store;
    char dir[64], path[96];
    uint32_t commits, submitted, answered, loads, wrong;
    uint32_t seen; /* by the last load */
    atomic_bool over;
    atomic_uint looks, bad_looks;
    bool stopped;
};

static uint32_t value_of(const struct store_rows *rows, size_t i) {
    uint32_t v = 0;
    if (i < rows->n && rows->at[i].value.n == sizeof v)
        memcpy(&v, rows->at[i].value.p, sizeof v);
    return v;
}

/* Every commit writes its number to two tables: whoever sees them apart has seen half of one. */
static bool whole(const struct store_rows *rows) {
    return rows->n == 0 || (rows->n == 2 && value_of(rows, 0) == value_of(rows, 1));
}

static const struct store_range both[2] = {{.table = STORE_META}, {.table = STORE_WORD}};

static void push(struct run *r);

static void on_committed(void *user, enum err err) {
    struct run *r = user;
    r->wrong += err != ERR_OK;
    r->answered++;
    push(r);
}

static void on_loaded(void *user, enum err err, const struct store_rows *rows) {
    struct run *r = user;
    uint32_t now = value_of(rows, 0);
    r->wrong += err != ERR_OK || !whole(rows) || now < r->seen;
    r->seen = now;
    r->loads++;
}

static void push(struct run *r) {
    while (r->submitted < r->commits && r->submitted - r->answered < UNDER_WAY) {
        uint32_t n = ++r->submitted;
        struct store_tx *tx = malloc(sizeof *tx);
        store_tx_init(tx);
        if (store_tx_add(tx, STORE_PUT, STORE_META, span_str("n"), span_of(&n, sizeof n)) ||
            store_tx_add(tx, STORE_PUT, STORE_WORD, span_str("n"), span_of(&n, sizeof n)) ||
            r->store->ops->commit(r->store, tx, on_committed, r))
            abort();
        if (n % 5 == 0 && r->store->ops->load(r->store, both, 2, on_loaded, r))
            abort();
    }
}

static void on_look(void *user, enum err err, const struct store_rows *rows) {
    struct run *r = user;
    if (err || !whole(rows))
        atomic_fetch_add(&r->bad_looks, 1);
    atomic_fetch_add(&r->looks, 1);
}

static void *reader_main(void *arg) {
    struct run *r = arg;
    struct store_reader *reader = NULL;
    if (store_reader_open(r->path, &reader)) {
        atomic_fetch_add(&r->bad_looks, 1);
        return NULL;
    }
    while (!atomic_load(&r->over))
        store_reader_load(reader, both, 2, SIZE_MAX, on_look, r);
    store_reader_close(reader);
    return NULL;
}

static bool half(void *user) {
    struct run *r = user;
    return r->answered >= r->commits / 2;
}

static bool stopped(void *user) {
    return ((struct run *)user)->stopped;
}

static void on_stopped(void *user) {
    ((struct run *)user)->stopped = true;
}

static bool work(struct run *r) {
    pthread_t thread[READERS];
    for (int i = 0; i < READERS; i++)
        if (pthread_create(&thread[i], NULL, reader_main, r))
            abort();
    push(r);
    bool ok = loop_until(&r->loop, half, r, WAIT_MS);
    r->commits = r->submitted; /* no more; what is queued must still be written */
    atomic_store(&r->over, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(thread[i], NULL);
    r->store->ops->stop(r->store, on_stopped, r);
    return loop_until(&r->loop, stopped, r, WAIT_MS) && ok;
}

int main(int argc, char **argv) {
    struct run r = {.dir = "/tmp/pb-store-XXXXXX",
                    .commits = argc > 1 ? (uint32_t)atoi(argv[1]) : COMMITS};
    char why[160], command[96];
    if (!mkdtemp(r.dir) || uv_loop_init(&r.loop))
        return 1;
    snprintf(r.path, sizeof r.path, "%s/store", r.dir);
    const struct store_sqlite_conf conf = {
        .path = r.path, .queue_bytes_max = 1 << 20, .load_bytes_max = 1 << 20, .retry_ms = 10};
    if (store_sqlite_open(&conf, &r.loop, &r.store, why)) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    bool ok = work(&r);
    r.store->ops->close(r.store);
    ok &= loop_closed(&r.loop) && r.answered == r.submitted && r.wrong == 0 && !r.bad_looks;
    snprintf(command, sizeof command, "rm -r %s", r.dir);
    ok &= system(command) == 0;
    printf("%s: %u commits, %u loads, %u looks, %u wrong\n", ok ? "ok" : "FAILED", r.answered,
           r.loads, r.looks, r.wrong + r.bad_looks);
    return ok ? 0 : 1;
}
