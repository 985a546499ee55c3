/* File: one table a store table, "t_<name>(k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID"; its
 * user_version is the format. Crash story: SQLite's WAL with synchronous=FULL; a transaction is
 * there whole or not at all. Only this thread's connection writes and checkpoints (SQLite
 * before 3.51 can lose a WAL when a checkpoint races with another writer). */
#include "sqlite/store_sqlite.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

#include "base/clock.h"
#include "sqlite/rows.h"

enum { FORMAT_VERSION = 1, CHECKPOINT_PAGES = 2000 };

struct job {
    struct job *next;
    struct store_tx *tx; /* commit, else load */
    struct store_range *range;
    size_t range_n;
    struct buf keys;
    struct rows rows;
    size_t bytes;
    void (*commit_done)(void *user, enum err err);
    void (*load_done)(void *user, enum err err, const struct store_rows *rows);
    void *user;
    enum err err;
};

struct queue {
    struct job *head, **tail;
};

struct store_sqlite {
    struct store store;
    struct store_sqlite_conf conf;
    sqlite3 *db;
    pthread_t thread;
    pthread_mutex_t lock; /* guards todo, ready, queued, stopping, trouble */
    pthread_cond_t wake;
    struct queue todo, ready;
    size_t queued;
    bool stopping, ended;
    int trouble; /* 1 began, 2 ended: to be told on the loop */
    char trouble_text[160];
    struct store_stats written; /* by the thread, under the lock */
    uv_async_t async;
    void (*stop_done)(void *user);
    void *stop_user;
};

static void queue_add(struct queue *q, struct job *j) {
    j->next = NULL;
    *q->tail = j;
    q->tail = &j->next;
}

static struct job *queue_take(struct queue *q) {
    struct job *j = q->head;
    if (j) {
        q->head = j->next;
        if (!q->head)
            q->tail = &q->head;
    }
    return j;
}

static void job_free(struct job *j) {
    if (j->tx) {
        store_tx_fini(j->tx);
        free(j->tx);
    }
    free(j->range);
    buf_fini(&j->keys);
    rows_fini(&j->rows);
    free(j);
}

/* --- on the thread ------------------------------------------------------------------------------
 */

struct statements {
    sqlite3_stmt *at[STORE_TABLE_COUNT][4];
};

static sqlite3_stmt *statement(sqlite3 *db, struct statements *s, uint8_t table, uint8_t op) {
    static const char *const form[4] = {
        [STORE_PUT] = "INSERT INTO %s(k, v) VALUES(?1, ?2) ON CONFLICT(k) DO UPDATE SET v = ?2",
        [STORE_DELETE] = "DELETE FROM %s WHERE k = ?1",
        [STORE_DELETE_IF] = "DELETE FROM %s WHERE k = ?1 AND v = ?2",
        [STORE_DELETE_RANGE] = "DELETE FROM %s WHERE k >= ?1 AND k < ?2"};
    char sql[160];
    if (table >= STORE_TABLE_COUNT || op > STORE_DELETE_RANGE)
        return NULL;
    if (!s->at[table][op]) {
        snprintf(sql, sizeof sql, form[op], rows_table(table));
        sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->at[table][op], NULL);
    }
    return s->at[table][op];
}

static bool run(sqlite3_stmt *s, const struct store_item *item) {
    if (!s)
        return false;
    sqlite3_bind_blob(s, 1, item->key.n ? (const void *)item->key.p : "", (int)item->key.n,
                      SQLITE_STATIC);
    if (item->op != STORE_DELETE)
        sqlite3_bind_blob(s, 2, item->value.n ? (const void *)item->value.p : "",
                          (int)item->value.n, SQLITE_STATIC);
    int rc = sqlite3_step(s);
    sqlite3_reset(s);
    return rc == SQLITE_DONE;
}

static enum err try_commit(sqlite3 *db, struct statements *st, const struct store_tx *tx) {
    struct cursor c = {0};
    struct store_item item;
    bool ok = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
    while (ok && store_tx_next(tx, &c, &item))
        ok = run(statement(db, st, item.table, item.op), &item);
    if (ok)
        ok = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
    if (ok)
        return ERR_OK;
    return ERR_IO;
}

static void tell_trouble(struct store_sqlite *s, int what, const char *text) {
    pthread_mutex_lock(&s->lock);
    s->trouble = what;
    snprintf(s->trouble_text, sizeof s->trouble_text, "%s", text);
    pthread_mutex_unlock(&s->lock);
    uv_async_send(&s->async);
}

/* Waits retry_ms or until the store is stopped; true if it is. */
static bool wait_retry(struct store_sqlite *s) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += s->conf.retry_ms / 1000;
    until.tv_nsec += (long)(s->conf.retry_ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&s->lock);
    if (!s->stopping)
        pthread_cond_timedwait(&s->wake, &s->lock, &until);
    bool stopping = s->stopping;
    pthread_mutex_unlock(&s->lock);
    return stopping;
}

static void commit(struct store_sqlite *s, struct statements *st, struct job *j) {
    int64_t begun = clock_mono_ns();
    bool failed = false;
    for (;;) {
        j->err = try_commit(s->db, st, j->tx);
        if (!j->err)
            break;
        if (!failed)
            tell_trouble(s, 1, sqlite3_errmsg(s->db));
        failed = true;
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
        pthread_mutex_lock(&s->lock);
        s->written.failures++;
        pthread_mutex_unlock(&s->lock);
        if (wait_retry(s))
            return;
    }
    if (failed)
        tell_trouble(s, 2, "commit works again");
    int64_t us = (clock_mono_ns() - begun) / 1000;
    pthread_mutex_lock(&s->lock);
    s->written.commits++;
    s->written.rows += j->tx->n;
    s->written.bytes += j->tx->ops.n;
    s->written.last_commit_us = us;
    if (us > s->written.max_commit_us)
        s->written.max_commit_us = us;
    pthread_mutex_unlock(&s->lock);
}

static int on_wal(void *user, sqlite3 *db, const char *name, int pages) {
    int *count = user;
    (void)db;
    (void)name;
    *count = pages;
    return SQLITE_OK;
}

static void *thread_main(void *arg) {
    struct store_sqlite *s = arg;
    struct statements st = {0};
    int wal_pages = 0;
    sqlite3_wal_hook(s->db, on_wal, &wal_pages);
    for (;;) {
        pthread_mutex_lock(&s->lock);
        while (!s->todo.head && !s->stopping)
            pthread_cond_wait(&s->wake, &s->lock);
        struct job *j = queue_take(&s->todo);
        pthread_mutex_unlock(&s->lock);
        if (!j)
            break;
        if (j->tx)
            commit(s, &st, j);
        else
            j->err = rows_read(s->db, j->range, j->range_n, s->conf.load_bytes_max, &j->rows);
        pthread_mutex_lock(&s->lock);
        s->queued -= j->bytes;
        queue_add(&s->ready, j);
        pthread_mutex_unlock(&s->lock);
        uv_async_send(&s->async);
        if (wal_pages > CHECKPOINT_PAGES) {
            sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
            wal_pages = 0;
        }
    }
    for (unsigned t = 0; t < STORE_TABLE_COUNT; t++)
        for (unsigned op = 0; op < 4; op++)
            sqlite3_finalize(st.at[t][op]);
    pthread_mutex_lock(&s->lock);
    s->ended = true;
    pthread_mutex_unlock(&s->lock);
    uv_async_send(&s->async);
    return NULL;
}

/* --- on the loop --------------------------------------------------------------------------------
 */

static void on_closed(uv_handle_t *handle) {
    struct store_sqlite *s = handle->data;
    s->stop_done(s->stop_user);
}

static void finish(struct store_sqlite *s, struct job *j) {
    if (j->tx) {
        j->commit_done(j->user, j->err);
    } else {
        struct store_rows view = rows_view(&j->rows);
        j->load_done(j->user, j->err, &view);
    }
    (void)s;
    job_free(j);
}

static void on_async(uv_async_t *async) {
    struct store_sqlite *s = async->data;
    char text[160];
    for (;;) {
        pthread_mutex_lock(&s->lock);
        struct job *j = queue_take(&s->ready);
        int trouble = s->trouble;
        bool ended = s->ended;
        s->trouble = 0;
        memcpy(text, s->trouble_text, sizeof text);
        s->store.stats = s->written;
        s->store.stats.queued_bytes = s->queued;
        pthread_mutex_unlock(&s->lock);
        if (trouble && s->conf.on_trouble)
            s->conf.on_trouble(s->conf.user, text);
        if (j) {
            finish(s, j);
            continue;
        }
        if (ended && s->stop_done && !uv_is_closing((uv_handle_t *)async)) {
            pthread_join(s->thread, NULL);
            uv_close((uv_handle_t *)async, on_closed);
        }
        return;
    }
}

static enum err submit(struct store_sqlite *s, struct job *j) {
    pthread_mutex_lock(&s->lock);
    bool full = s->stopping || s->queued + j->bytes > s->conf.queue_bytes_max;
    if (full && s->queued == 0 && !s->stopping)
        full = false; /* a single transaction larger than the bound must still pass */
    if (!full) {
        s->queued += j->bytes;
        queue_add(&s->todo, j);
        pthread_cond_signal(&s->wake);
    }
    pthread_mutex_unlock(&s->lock);
    return full ? ERR_FULL : ERR_OK;
}

static enum err sqlite_commit(struct store *base, struct store_tx *tx,
                              void (*done)(void *user, enum err err), void *user) {
    struct store_sqlite *s = (struct store_sqlite *)base;
    struct job *j = calloc(1, sizeof *j);
    if (!j)
        return ERR_NOMEM;
    j->tx = tx;
    j->bytes = tx->ops.n;
    j->commit_done = done;
    j->user = user;
    enum err err = submit(s, j);
    if (err)
        free(j);
    return err;
}

/* Keys are copied: the caller's spans live only for the call. */
static enum err copy_ranges(struct job *j, const struct store_range *range, size_t n) {
    j->range = calloc(n ? n : 1, sizeof *j->range);
    if (!j->range)
        return ERR_NOMEM;
    j->range_n = n;
    for (size_t i = 0; i < n; i++) {
        buf_add(&j->keys, range[i].from.p, range[i].from.n);
        buf_add(&j->keys, range[i].to.p, range[i].to.n);
    }
    if (j->keys.failed)
        return ERR_NOMEM;
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        j->range[i] = range[i];
        j->range[i].from.p = j->keys.p + at;
        at += range[i].from.n;
        j->range[i].to.p = j->keys.p + at;
        at += range[i].to.n;
    }
    return ERR_OK;
}

static enum err sqlite_load(struct store *base, const struct store_range *range, size_t n,
                            void (*done)(void *user, enum err err, const struct store_rows *rows),
                            void *user) {
    struct store_sqlite *s = (struct store_sqlite *)base;
    struct job *j = calloc(1, sizeof *j);
    if (!j)
        return ERR_NOMEM;
    buf_init(&j->keys);
    j->load_done = done;
    j->user = user;
    enum err err = copy_ranges(j, range, n);
    if (!err)
        err = submit(s, j);
    if (err)
        job_free(j);
    return err;
}

/* Only before the first commit or load: then the thread sleeps and the connection is free. */
static enum err
sqlite_load_now(struct store *base, const struct store_range *range, size_t n,
                void (*done)(void *user, enum err err, const struct store_rows *rows), void *user) {
    struct store_sqlite *s = (struct store_sqlite *)base;
    struct rows rows;
    enum err err = rows_read(s->db, range, n, SIZE_MAX, &rows);
    struct store_rows view = rows_view(&rows);
    done(user, err, &view);
    rows_fini(&rows);
    return err;
}

static void sqlite_stop(struct store *base, void (*done)(void *user), void *user) {
    struct store_sqlite *s = (struct store_sqlite *)base;
    s->stop_done = done;
    s->stop_user = user;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
    uv_async_send(&s->async);
}

static void sqlite_close_store(struct store *base) {
    struct store_sqlite *s = (struct store_sqlite *)base;
    for (struct job *j; (j = queue_take(&s->ready)) != NULL;)
        job_free(j);
    sqlite3_close(s->db);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->wake);
    free(s);
}

static const struct store_ops ops = {.commit = sqlite_commit,
                                     .load = sqlite_load,
                                     .load_now = sqlite_load_now,
                                     .stop = sqlite_stop,
                                     .close = sqlite_close_store};

static int version_row(void *user, int n, char **text, char **name) {
    (void)n;
    (void)name;
    *(int *)user = atoi(text[0] ? text[0] : "0");
    return 0;
}

static enum err prepare_file(sqlite3 *db, char why[160]) {
    int version = 0;
    if (sqlite3_exec(db,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                     "PRAGMA wal_autocheckpoint=0; PRAGMA locking_mode=NORMAL;",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, "PRAGMA user_version", version_row, &version, NULL) != SQLITE_OK) {
        snprintf(why, 160, "%s", sqlite3_errmsg(db));
        return sqlite3_errcode(db) == SQLITE_NOTADB ? ERR_FORMAT : ERR_IO;
    }
    if (version > FORMAT_VERSION) {
        snprintf(why, 160, "format %d is newer than this program's %d", version, FORMAT_VERSION);
        return ERR_FORMAT;
    }
    for (uint8_t t = 0; t < STORE_TABLE_COUNT; t++) {
        char sql[160];
        snprintf(sql, sizeof sql,
                 "CREATE TABLE IF NOT EXISTS %s(k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID",
                 rows_table(t));
        if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
            snprintf(why, 160, "%s", sqlite3_errmsg(db));
            return ERR_IO;
        }
    }
    if (version != FORMAT_VERSION)
        sqlite3_exec(db, "PRAGMA user_version=1", NULL, NULL, NULL);
    return ERR_OK;
}

enum err store_sqlite_open(const struct store_sqlite_conf *conf, uv_loop_t *loop,
                           struct store **out, char why[160]) {
    struct store_sqlite *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->store.ops = &ops;
    s->conf = *conf;
    s->todo.tail = &s->todo.head;
    s->ready.tail = &s->ready.head;
    enum err err = ERR_OK;
    if (sqlite3_open_v2(conf->path, &s->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        snprintf(why, 160, "%s", s->db ? sqlite3_errmsg(s->db) : "out of memory");
        err = ERR_IO;
    } else {
        err = prepare_file(s->db, why);
    }
    if (err) {
        sqlite3_close(s->db);
        free(s);
        return err;
    }
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->wake, NULL);
    s->async.data = s;
    uv_async_init(loop, &s->async, on_async);
    if (pthread_create(&s->thread, NULL, thread_main, s)) {
        snprintf(why, 160, "no thread could be started");
        uv_close((uv_handle_t *)&s->async, NULL);
        sqlite3_close(s->db);
        /* The handle lives inside s until the loop has closed it, so s is given up at exit. */
        return ERR_IO;
    }
    *out = &s->store;
    return ERR_OK;
}
