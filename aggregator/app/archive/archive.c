#include "archive/archive.h"

#include <stdlib.h>
#include <uv.h>

#include "sqlite/store_sqlite.h"

enum { READ_BYTES_MAX = 64 << 20 }; /* of one read: hours of a large site, not more */

struct question {
    struct question *next;
    struct view_history ask;
    void (*done)(void *user, enum err err, struct buf *text, int64_t next_ms);
    enum err (*step)(void *user, const struct history_reader *r, bool *more); /* or work */
    void (*worked)(void *user, enum err err);
    void (*passed)(void *user); /* no question, but somebody who waits for those before */
    void *user;
};

struct archive_place {
    struct question question; /* first: it is freed as one */
};

struct archive {
    uv_loop_t *loop;
    uv_work_t work;
    struct store_reader *reader;
    struct question *first, **last; /* the first one is being read while `reading` */
    size_t n;
    struct normed_cache norms;    /* the worker's while `reading` */
    bool reading, stopping, more; /* more: the work at hand is not done yet */
    struct buf text;              /* of the answer; the worker's while `reading`, as all below */
    int64_t next_ms;
    enum err err;
    void (*stopped)(void *user);
    void *stopped_user;
};

enum err archive_open(const char *path, struct uv_loop_s *loop, struct archive **out) {
    struct archive *a = calloc(1, sizeof *a);
    if (!a)
        return ERR_NOMEM;
    a->loop = loop;
    a->last = &a->first;
    a->work.data = a;
    enum err err = store_reader_open(path, &a->reader);
    if (err) {
        free(a);
        return err;
    }
    *out = a;
    return ERR_OK;
}

/* --- on the worker's thread ---------------------------------------------------------------------
 */

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct archive *a = user;
    return store_reader_load(a->reader, range, n, READ_BYTES_MAX, done, done_user);
}

static void on_work(uv_work_t *work) {
    struct archive *a = work->data;
    const struct history_reader reader = {.load = load, .user = a, .norms = &a->norms};
    a->next_ms = INT64_MAX;
    a->more = false;
    if (a->first->step)
        a->err = a->first->step(a->first->user, &reader, &a->more);
    else
        a->err = view_past(&a->first->ask, &reader, &a->text, &a->next_ms);
}

/* --- on the loop --------------------------------------------------------------------------------
 */

static struct question *take_first(struct archive *a) {
    struct question *q = a->first;
    a->first = q->next;
    if (!a->first)
        a->last = &a->first;
    a->n--;
    return q;
}

static void answer(struct archive *a, enum err err) {
    struct question *q = take_first(a);
    if (q->passed)
        q->passed(q->user);
    else if (q->step)
        q->worked(q->user, err);
    else
        q->done(q->user, err, &a->text, a->next_ms);
    buf_reset(&a->text);
    free(q);
}

static void on_done(uv_work_t *work, int status);

static void read_next(struct archive *a) {
    while (a->first && !a->reading) {
        if (a->first->passed) {
            answer(a, ERR_OK);
            continue;
        }
        a->reading = uv_queue_work(a->loop, &a->work, on_work, on_done) == 0;
        if (!a->reading)
            answer(a, ERR_NOMEM);
    }
}

static void finish_stop(struct archive *a) {
    while (a->first)
        answer(a, ERR_STATE);
    a->stopped(a->stopped_user);
}

/* Work that is not done goes behind the questions that wait, but not behind somebody who waits for
 * it. */
static void go_behind(struct archive *a) {
    struct question *q = take_first(a), **at = &a->first;
    while (*at && !(*at)->passed)
        at = &(*at)->next;
    q->next = *at;
    *at = q;
    a->last = q->next ? a->last : &q->next;
    a->n++;
}

static void on_done(uv_work_t *work, int status) {
    struct archive *a = work->data;
    a->reading = false;
    if (!status && !a->err && a->more && !a->stopping)
        go_behind(a);
    else
        answer(a, status || (a->more && !a->err) ? ERR_STATE : a->err);
    if (a->stopping)
        finish_stop(a);
    else
        read_next(a);
}

static void put(struct archive *a, struct question *q) {
    *a->last = q;
    a->last = &q->next;
    a->n++;
    read_next(a);
}

struct archive_place *archive_place_open(void) {
    return calloc(1, sizeof(struct archive_place));
}

void archive_place_close(struct archive_place *p) {
    free(p);
}

void archive_wait(struct archive *a, struct archive_place *take, void (*done)(void *user),
                  void *user) {
    take->question = (struct question){.passed = done, .user = user};
    put(a, &take->question);
}

enum err archive_ask(struct archive *a, const struct view_history *ask,
                     void (*done)(void *user, enum err err, struct buf *text, int64_t next_ms),
                     void *user) {
    if (a->stopping)
        return ERR_STATE;
    if (a->n >= ARCHIVE_WAITING_MAX)
        return ERR_BUSY;
    struct question *q = calloc(1, sizeof *q);
    if (!q)
        return ERR_NOMEM;
    *q = (struct question){.ask = *ask, .done = done, .user = user};
    put(a, q);
    return ERR_OK;
}

enum err archive_run(struct archive *a,
                     enum err (*step)(void *user, const struct history_reader *r, bool *more),
                     void (*done)(void *user, enum err err), void *user) {
    if (a->stopping)
        return ERR_STATE;
    if (a->n >= ARCHIVE_WAITING_MAX)
        return ERR_BUSY;
    struct question *q = calloc(1, sizeof *q);
    if (!q)
        return ERR_NOMEM;
    *q = (struct question){.step = step, .worked = done, .user = user};
    put(a, q);
    return ERR_OK;
}

void archive_stop(struct archive *a, void (*done)(void *user), void *user) {
    a->stopping = true;
    a->stopped = done;
    a->stopped_user = user;
    if (!a->reading)
        finish_stop(a);
}

void archive_close(struct archive *a) {
    if (!a)
        return;
    store_reader_close(a->reader);
    normed_cache_fini(&a->norms);
    buf_fini(&a->text);
    free(a);
}
