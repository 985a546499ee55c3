/* The thread and the loop of the store. The thread takes jobs in order and gives them back in
 * order; only its connection writes and checkpoints (SQLite before 3.51 can lose a WAL when a
 * checkpoint races with another writer). */
#include "sqlite/store_sqlite.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

#include "base/clock.h"
#include "sqlite/commit.h"
#include "sqlite/file.h"
#include "sqlite/rows.h"

/* A value of 1e9 bytes or more would be refused by SQLite at every try, for ever. */
enum { TURN_NS = 1000000 }; /* answers are given in one turn of the loop for so long */
enum { CHECKPOINT_PAGES = 2000, TX_BYTES_MAX = 1000000000, DAMAGED_TRIES = 60 };

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
    sqlite3 *db; /* the thread's, while busy */
    int lock_fd, wal_pages;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all from here to written */
    pthread_cond_t wake;
    struct queue todo, ready;
    size_t queued;
    bool busy; /* a job is being worked on */
    bool stopping, ended;
    bool trouble; /* trouble_text is to be told on the loop */
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

static void tell_trouble(struct store_sqlite *s, const char *text) {
    pthread_mutex_lock(&s->lock);
    s->trouble = true;
    snprintf(s->trouble_text, sizeof s->trouble_text, "%s", text);
    pthread_mutex_unlock(&s->lock);
    uv_async_send(&s->async);
}

/* Waits retry_ms or until the store is stopped; true if it is. New jobs do not end the wait. */
static bool wait_retry(struct store_sqlite *s) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += s->conf.retry_ms / 1000;
    until.tv_nsec += (long)(s->conf.retry_ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&s->lock);
    s->written.failures++;
    int rc = 0;
    while (!s->stopping && rc == 0)
        rc = pthread_cond_timedwait(&s->wake, &s->lock, &until);
    bool stopping = s->stopping;
    pthread_mutex_unlock(&s->lock);
    return stopping;
}

/* Once, before the first job: from then on commits tell how the outbox grows. */
static void count_outbox(struct store_sqlite *s) {
    if (s->written.outbox_rows >= 0)
        return;
    const int64_t rows = rows_count(s->db, STORE_OUTBOX);
    pthread_mutex_lock(&s->lock);
    s->written.outbox_rows = rows;
    pthread_mutex_unlock(&s->lock);
}

static void count_commit(struct store_sqlite *s, const struct store_tx *tx, int64_t us,
                         int64_t outbox_grown) {
    pthread_mutex_lock(&s->lock);
    if (s->written.outbox_rows >= 0)
        s->written.outbox_rows += outbox_grown;
    s->written.commits++;
    s->written.rows += tx->n;
    s->written.bytes += tx->ops.n;
    s->written.last_commit_us = us;
    if (us > s->written.max_commit_us)
        s->written.max_commit_us = us;
    pthread_mutex_unlock(&s->lock);
}

/* Tries until it works or the store is stopped; false: given up. */
static bool commit(struct store_sqlite *s, struct commit_statements *st, struct job *j) {
    int64_t begun = clock_mono_ns();
    bool failed = false;
    char text[160];
    while ((j->err = commit_try(s->db, st, j->tx, text)) != ERR_OK) {
        if (!failed)
            tell_trouble(s, text);
        failed = true;
        if (wait_retry(s))
            return false;
    }
    if (failed)
        tell_trouble(s, "commit works again");
    count_commit(s, j->tx, (clock_mono_ns() - begun) / 1000, st->outbox_grown);
    return true;
}

/* The same of a load. SQLite tells a disk that answers EIO as a damaged file: what is damaged is so
 * after DAMAGED_TRIES, too. */
static void load(struct store_sqlite *s, struct job *j) {
    unsigned tries = 0;
    while ((j->err = rows_read(s->db, j->range, j->range_n, s->conf.load_bytes_max, &j->rows)) !=
           ERR_OK) {
        if (tries == 0)
            tell_trouble(s, sqlite3_errmsg(s->db));
        if ((++tries == DAMAGED_TRIES && j->err == ERR_FORMAT) || wait_retry(s))
            return;
        rows_fini(&j->rows);
    }
    if (tries)
        tell_trouble(s, "load works again");
}

static int on_wal(void *user, sqlite3 *db, const char *name, int pages) {
    int *count = user;
    (void)db;
    (void)name;
    *count = pages;
    return SQLITE_OK;
}

static struct job *next_job(struct store_sqlite *s) {
    pthread_mutex_lock(&s->lock);
    s->busy = false;
    while (!s->todo.head && !s->stopping)
        pthread_cond_wait(&s->wake, &s->lock);
    struct job *j = queue_take(&s->todo);
    s->busy = j != NULL;
    pthread_mutex_unlock(&s->lock);
    return j;
}

static void give_back(struct store_sqlite *s, struct job *j) {
    pthread_mutex_lock(&s->lock);
    s->queued -= j->bytes;
    queue_add(&s->ready, j);
    pthread_mutex_unlock(&s->lock);
    uv_async_send(&s->async);
}

static void *thread_main(void *arg) {
    struct store_sqlite *s = arg;
    struct commit_statements st = {0};
    bool given_up = false;
    for (struct job *j; (j = next_job(s)) != NULL;) {
        count_outbox(s);
        if (!j->tx)
            load(s, j);
        else if (given_up)
            j->err = ERR_IO; /* it builds on one that is not there */
        else
            given_up = !commit(s, &st, j);
        give_back(s, j);
        /* Behind the answer: nobody waits for a checkpoint. What it cannot do now, it does later.
         */
        if (s->wal_pages > CHECKPOINT_PAGES) {
            s->wal_pages = 0;
            sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        }
    }
    commit_statements_fini(&st);
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

static void finish(struct job *j) {
    if (j->tx) {
        j->commit_done(j->user, j->err);
    } else {
        struct store_rows view = rows_view(&j->rows);
        j->load_done(j->user, j->err, &view);
    }
    job_free(j);
}

static void on_async(uv_async_t *async) {
    struct store_sqlite *s = async->data;
    char text[160];
    uint64_t end_ns = uv_hrtime() + TURN_NS;
    for (;;) {
        pthread_mutex_lock(&s->lock);
        struct job *j = queue_take(&s->ready);
        bool trouble = s->trouble;
        bool ended = s->ended;
        s->trouble = false;
        memcpy(text, s->trouble_text, sizeof text);
        s->store.stats = s->written;
        s->store.stats.queued_bytes = s->queued;
        pthread_mutex_unlock(&s->lock);
        if (trouble && s->conf.on_trouble)
            s->conf.on_trouble(s->conf.user, text);
        if (j) {
            finish(j);
            if (uv_hrtime() < end_ns)
                continue;
            uv_async_send(async); /* the rest in the next turn */
            return;
        }
        if (ended && s->stop_done && !uv_is_closing((uv_handle_t *)async)) {
            pthread_join(s->thread, NULL);
            uv_close((uv_handle_t *)async, on_closed);
        }
        return;
    }
}

static enum err submit(struct store_sqlite *s, struct job *j) {
    enum err err = ERR_OK;
    pthread_mutex_lock(&s->lock);
    /* A single transaction larger than the bound must still pass. */
    if (s->stopping)
        err = ERR_STATE;
    else if (s->queued > 0 && s->queued + j->bytes > s->conf.queue_bytes_max)
        err = ERR_FULL;
    if (!err) {
        s->queued += j->bytes;
        queue_add(&s->todo, j);
        pthread_cond_signal(&s->wake);
    }
    s->store.stats.queued_bytes = s->queued;
    pthread_mutex_unlock(&s->lock);
    return err;
}

static enum err sqlite_commit(struct store *base, struct store_tx *tx,
                              void (*done)(void *user, enum err err), void *user) {
    struct store_sqlite *s = (struct store_sqlite *)base;
    if (tx->ops.n > TX_BYTES_MAX)
        return ERR_RANGE;
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
        j->range[i].from = span_of(j->keys.p ? j->keys.p + at : NULL, range[i].from.n);
        at += range[i].from.n;
        j->range[i].to = span_of(j->keys.p ? j->keys.p + at : NULL, range[i].to.n);
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

/* While nothing is queued the connection is free; the lock keeps the thread from taking it. */
static enum err
sqlite_load_now(struct store *base, const struct store_range *range, size_t n,
                void (*done)(void *user, enum err err, const struct store_rows *rows), void *user) {
    struct store_sqlite *s = (struct store_sqlite *)base;
    struct rows rows;
    pthread_mutex_lock(&s->lock);
    bool idle = !s->busy && !s->todo.head;
    enum err err = idle ? rows_read(s->db, range, n, SIZE_MAX, &rows) : ERR_STATE;
    pthread_mutex_unlock(&s->lock);
    if (!idle)
        return err;
    struct store_rows view = rows_view(&rows);
    done(user, err, &view);
    rows_fini(&rows);
    return err;
}

void store_sqlite_bound(struct store *base, size_t queue_bytes_max) {
    struct store_sqlite *s = (struct store_sqlite *)base;
    pthread_mutex_lock(&s->lock);
    s->conf.queue_bytes_max = queue_bytes_max;
    pthread_mutex_unlock(&s->lock);
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
    file_close(s->db, s->lock_fd);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->wake);
    free(s);
}

static const struct store_ops ops = {.commit = sqlite_commit,
                                     .load = sqlite_load,
                                     .load_now = sqlite_load_now,
                                     .stop = sqlite_stop,
                                     .close = sqlite_close_store};

static void on_abandoned(uv_handle_t *handle) {
    free(handle->data);
}

/* The loop frees s when it has closed the handle inside it. */
static void abandon(struct store_sqlite *s) {
    file_close(s->db, s->lock_fd);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->wake);
    uv_close((uv_handle_t *)&s->async, on_abandoned);
}

static void init_lock(struct store_sqlite *s) {
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    /* A clock that is set back must not stretch the time between two tries. */
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->wake, &attr);
    pthread_condattr_destroy(&attr);
}

enum err store_sqlite_open(const struct store_sqlite_conf *conf, uv_loop_t *loop,
                           struct store **out, char why[160]) {
    struct store_sqlite *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(why, 160, "out of memory");
        return ERR_NOMEM;
    }
    s->store.ops = &ops;
    s->store.stats.outbox_rows = s->written.outbox_rows = -1;
    s->conf = *conf;
    s->todo.tail = &s->todo.head;
    s->ready.tail = &s->ready.head;
    s->async.data = s;
    enum err err = file_open(conf->path, &s->db, &s->lock_fd, why);
    if (err) {
        free(s);
        return err;
    }
    if (uv_async_init(loop, &s->async, on_async) != 0) {
        snprintf(why, 160, "the loop takes no more handles");
        file_close(s->db, s->lock_fd);
        free(s);
        return ERR_IO;
    }
    init_lock(s);
    sqlite3_wal_hook(s->db, on_wal, &s->wal_pages);
    if (pthread_create(&s->thread, NULL, thread_main, s) != 0) {
        snprintf(why, 160, "no thread could be started");
        abandon(s);
        return ERR_IO;
    }
    *out = &s->store;
    return ERR_OK;
}
