/* The guard's store, its thread and its turns. Truth is what the store holds: a change of people or
 * tokens is written down together with its event in one transaction, and answered behind its
 * commit. What may be lost in a crash are logins and the last minutes of "last used": their rows go
 * with the next commit. */
#include "guard/guard_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

enum { SWEEP_MS = 1000 };

/* --- rows ---------------------------------------------------------------------------------------
 */

struct store_tx *guard_tx(void) {
    struct store_tx *tx = calloc(1, sizeof *tx);
    if (tx)
        store_tx_init(tx);
    return tx;
}

void guard_tx_free(struct store_tx *tx) {
    if (tx)
        store_tx_fini(tx);
    free(tx);
}

static enum err put(struct store_tx *tx, const uint8_t *key, size_t n, struct buf *value,
                    enum err err) {
    if (!err)
        err = store_tx_add(tx, STORE_PUT, STORE_ACCESS, span_of(key, n), buf_span(value));
    if (value->p)
        secret_wipe(value->p, value->n);
    buf_fini(value);
    return err;
}

enum err guard_put_person(struct store_tx *tx, const struct person *x) {
    uint8_t key[RECORD_KEY_MAX];
    struct buf value;
    buf_init(&value);
    const enum err err = record_person(x, &value);
    return put(tx, key, record_key_person(&x->id, key), &value, err);
}

enum err guard_put_token(struct store_tx *tx, const struct token *x) {
    uint8_t key[RECORD_KEY_MAX];
    struct buf value;
    buf_init(&value);
    const enum err err = record_token(x, &value);
    return put(tx, key, record_key_token(&x->id, key), &value, err);
}

enum err guard_put_session(struct store_tx *tx, const struct login *x) {
    uint8_t key[RECORD_KEY_MAX];
    struct buf value;
    buf_init(&value);
    const enum err err = record_session(x, &value);
    return put(tx, key, record_key_session(x->hash, key), &value, err);
}

enum err guard_delete(struct store_tx *tx, const uint8_t *key, size_t n) {
    return store_tx_add(tx, STORE_DELETE, STORE_ACCESS, span_of(key, n), span_of(NULL, 0));
}

/* --- events -------------------------------------------------------------------------------------
 */

enum err guard_keep_event(struct guard *g, const struct access_event *e) {
    if (g->event_n == g->event_cap && g->event_cap < GUARD_EVENTS_KEPT) {
        const size_t more = g->event_cap ? 2 * g->event_cap : 16;
        const size_t cap = more < GUARD_EVENTS_KEPT ? more : GUARD_EVENTS_KEPT;
        struct access_event *fresh = realloc(g->event, cap * sizeof *fresh);
        if (!fresh)
            return ERR_NOMEM;
        g->event = fresh;
        g->event_cap = cap;
    }
    g->event[g->event_at] = *e;
    g->event_at = (g->event_at + 1) % GUARD_EVENTS_KEPT;
    g->event_n += g->event_n < GUARD_EVENTS_KEPT;
    return ERR_OK;
}

enum err guard_put_event(struct store_tx *tx, const struct access_event *e) {
    uint8_t key[RECORD_KEY_MAX];
    struct buf value;
    buf_init(&value);
    const enum err err = record_event(e, &value);
    return put(tx, key, record_key_event(e->n, key), &value, err);
}

enum err guard_put_last(const struct guard *g, struct store_tx *tx) {
    uint8_t last[GUARD_LAST_BYTES];
    for (unsigned i = 0; i < GUARD_LAST_BYTES; i++)
        last[i] = (uint8_t)(g->event_last >> (8 * i));
    return store_tx_add(tx, STORE_PUT, STORE_ACCESS, span_str(GUARD_LAST_KEY),
                        span_of(last, sizeof last));
}

enum err guard_new_event(struct guard *g, const struct actor *by, int64_t now_ms, const char *what,
                         const char *detail, struct access_event *out) {
    *out = (struct access_event){.n = g->event_last + 1, .at_ms = now_ms, .roles = by->roles};
    snprintf(out->who, sizeof out->who, "%s", by->name);
    snprintf(out->address, sizeof out->address, "%s", by->address);
    snprintf(out->what, sizeof out->what, "%s", what);
    snprintf(out->detail, sizeof out->detail, "%s", detail);
    out->station = by->station;
    const enum err err = guard_keep_event(g, out);
    if (!err) {
        g->event_last++;
        g->stats.events++;
    }
    return err;
}

enum err guard_add_event(struct guard *g, struct store_tx *tx, const struct actor *by,
                         int64_t now_ms, const char *what, const char *detail) {
    struct access_event e;
    enum err err = guard_new_event(g, by, now_ms, what, detail, &e);
    if (!err && (err = guard_put_event(tx, &e)) != ERR_OK)
        guard_unevent(g);
    return err;
}

/* Only of the one that was added last, before anything else happens. */
void guard_unevent(struct guard *g) {
    g->event_last--;
    g->stats.events--;
    g->event_n--;
    g->event_at = (g->event_at + GUARD_EVENTS_KEPT - 1) % GUARD_EVENTS_KEPT;
}

/* --- commits ------------------------------------------------------------------------------------
 */

struct commit {
    struct guard *g;
    uint64_t ticket; /* of the job that waits, 0: none */
};

void guard_end_if_quiet(struct guard *g) {
    void (*const stopped)(void *user) = g->stopped;
    if (!g->stopping || !stopped || g->commits || g->working)
        return;
    g->stopped = NULL; /* once */
    stopped(g->stopped_user);
}

static void job_done(struct guard *g, struct job *job, enum err err) {
    job->err = job->err ? job->err : err;
    job->step = JOB_DONE;
    job->done_mono_ms = clock_mono_ms();
    if (g->conf.ready)
        g->conf.ready(g->conf.user);
}

static struct job *job_of(struct guard *g, uint64_t ticket) {
    struct job *job = g->jobs;
    while (job && job->ticket != ticket)
        job = job->next;
    return job;
}

static void on_committed(void *user, enum err err) {
    struct commit *c = user;
    struct guard *g = c->g;
    struct job *job = job_of(g, c->ticket);
    free(c);
    g->commits--;
    if (err)
        log_event(g->conf.log, LOG_ERROR, "access_commit", "error=%s", err_name(err));
    if (job)
        job_done(g, job, err);
    guard_end_if_quiet(g);
}

enum err guard_commit(struct guard *g, struct store_tx *tx, struct job *job) {
    struct commit *c = malloc(sizeof *c);
    if (!c)
        return ERR_NOMEM;
    *c = (struct commit){g, job ? job->ticket : 0};
    enum err err = guard_put_last(g, tx);
    if (!err)
        err = g->store->ops->commit(g->store, tx, on_committed, c);
    if (err) {
        free(c);
        return err;
    }
    g->commits++;
    if (job) {
        job->step = JOB_COMMITTING;
        job->applied = true;
    }
    return ERR_OK;
}

void guard_flush(struct guard *g) {
    if (!g->waiting || !g->waiting->n)
        return;
    if (guard_commit(g, g->waiting, NULL) == ERR_OK)
        g->waiting = NULL;
}

struct store_tx *guard_waiting(struct guard *g) {
    if (!g->waiting)
        g->waiting = guard_tx();
    return g->waiting;
}

void guard_note(struct guard *g, const struct actor *by, int64_t now_ms, const char *what,
                const char *detail) {
    struct store_tx *tx = guard_waiting(g);
    if (!tx || guard_add_event(g, tx, by, now_ms, what, detail))
        g->stats.events_lost++;
}

/* --- passwords, on a thread
 * -----------------------------------------------------------------------
 */

static void on_work(uv_work_t *work) {
    struct job *job = ((struct guard *)work->data)->working;
    job->fits = !job->verify || secret_fits(job->given, job->given_n, job->against);
    if (job->make && job->fits)
        job->err = secret_make(job->fresh, job->fresh_n, job->made);
}

static void job_wipe(struct job *job) {
    secret_wipe(job->given, sizeof job->given);
    secret_wipe(job->against, sizeof job->against);
    secret_wipe(job->fresh, sizeof job->fresh);
}

static void on_worked(uv_work_t *work, int status) {
    struct guard *g = work->data;
    struct job *job = g->working;
    g->working = NULL;
    job_wipe(job);
    job_done(g, job, status ? ERR_STATE : ERR_OK);
    guard_next_job(g);
    guard_end_if_quiet(g); /* it may be closed then */
}

void guard_next_job(struct guard *g) {
    if (g->working || g->stopping)
        return;
    for (struct job *job = g->jobs; job && !g->working; job = job->next) {
        if (job->step != JOB_WAITING)
            continue;
        g->working = job;
        job->step = JOB_WORKING;
        g->work.data = g;
        if (uv_queue_work(g->loop, &g->work, on_work, on_worked)) {
            g->working = NULL;
            job_done(g, job, ERR_NOMEM);
        }
    }
}

enum err guard_job(struct guard *g, struct guard_command *c, const struct job *like) {
    struct job **at = &g->jobs, *job = NULL;
    if (g->job_n >= GUARD_JOBS_MAX || g->stopping)
        return guard_refuse(c, ERR_BUSY, 0, "", "too many are logging in at once: try again");
    job = calloc(1, sizeof *job);
    if (!job)
        return ERR_NOMEM;
    *job = *like;
    job->next = NULL;
    job->ticket = ++g->tickets;
    if (!job->verify && !job->make)
        job->step = JOB_COMMITTING; /* nothing for the thread */
    while (*at)
        at = &(*at)->next;
    *at = job;
    g->job_n++;
    c->ticket = job->ticket;
    c->later = true;
    guard_next_job(g);
    return ERR_OK;
}

void guard_job_free(struct guard *g, struct job *job) {
    struct job **at = &g->jobs;
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    g->job_n--;
    secret_wipe(job, sizeof *job);
    free(job);
}

enum err guard_write(struct guard *g, struct guard_command *c, struct store_tx *tx,
                     const char *said) {
    struct job like = {0};
    snprintf(like.made, sizeof like.made, "%s", said);
    enum err err = guard_job(g, c, &like);
    secret_wipe(&like, sizeof like);
    if (!err && (err = guard_commit(g, tx, job_of(g, c->ticket)))) {
        guard_job_free(g, job_of(g, c->ticket));
        c->ticket = 0;
        c->later = false;
    }
    if (err) {
        guard_tx_free(tx);
        guard_unevent(g);
    }
    return err;
}

/* Of those whose client has gone. */
static void forget_jobs(struct guard *g, int64_t mono_ms) {
    for (struct job *job = g->jobs, *next = NULL; job; job = next) {
        next = job->next;
        if (job->step == JOB_DONE && mono_ms - job->done_mono_ms > GUARD_JOB_MS)
            guard_job_free(g, job);
    }
}

/* --- commands -----------------------------------------------------------------------------------
 */

static const struct guard_verb verbs[] = {
    {.noun = "login", .open = true, .begin = login_begin, .finish = login_finish},
    {.noun = "logout", .open = true, .begin = logout_begin},
    {.noun = "welcome", .open = true, .begin = welcome_begin, .finish = welcome_finish},
    {.noun = "password", .begin = password_begin, .finish = password_finish},
    {.noun = "pin", .begin = pin_begin, .finish = pin_finish},
    {.noun = "station", .begin = station_begin, .finish = station_finish},
    {.noun = "users", .begin = users_begin, .finish = users_finish},
    {.noun = "tokens", .begin = tokens_begin, .finish = tokens_finish},
};

static const struct guard_verb *verb_of(struct span noun) {
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (span_equal(noun, span_str(verbs[i].noun)))
            return &verbs[i];
    return NULL;
}

enum err guard_refuse(struct guard_command *c, enum err err, int status, const char *field,
                      const char *why) {
    snprintf(c->field, sizeof c->field, "%s", field);
    snprintf(c->detail, sizeof c->detail, "%s%s%s", field, *field ? ": " : "", why);
    c->status = status;
    return err;
}

enum err guard_text(struct guard_command *c, const struct json_value *root, const char *key,
                    struct span *out) {
    const struct json_value *v = json_find(root, key);
    *out = span_str("");
    if (json_kind(v) == JSON_KIND_NULL || json_string_of(v, out) == ERR_OK)
        return ERR_OK;
    return guard_refuse(c, ERR_FORMAT, 0, key, "a text is expected");
}

enum err guard_keys(struct guard_command *c, const struct json_value *root, const char *const *keys,
                    size_t n) {
    struct json_walk walk = {0};
    while (json_next(root, &walk)) {
        char told[160], word[32];
        bool known = false;
        for (size_t i = 0; i < n; i++)
            known = known || span_equal(walk.key, span_str(keys[i]));
        if (known)
            continue;
        snprintf(word, sizeof word, "%.*s", (int)(walk.key.n < 31 ? walk.key.n : 31),
                 (const char *)walk.key.p);
        const char *near = ident_nearest(word, keys, n);
        snprintf(told, sizeof told, "there is no such field%s%s%s", near ? "; did you mean " : "",
                 near ? near : "", near ? "?" : "");
        return guard_refuse(c, ERR_FORMAT, 0, word, told);
    }
    return ERR_OK;
}

/* The one who comes again with the ticket is the connection that was given it. */
static enum err go_on(struct guard *g, struct guard_command *c, const struct guard_verb *verb,
                      const struct json_value *root, int64_t now_ms, int64_t mono_ms) {
    struct job *job = job_of(g, c->ticket);
    if (!job)
        return ERR_STATE;
    c->later = job->step != JOB_DONE;
    if (c->later)
        return ERR_OK;
    enum err err = job->err;
    if (!err)
        err = verb->finish(g, c, root, job, now_ms, mono_ms);
    c->later = !err && job->step != JOB_DONE; /* it is being written down */
    if (!c->later)
        guard_job_free(g, job);
    return err;
}

enum err guard_on_command(struct guard *g, struct guard_command *c, int64_t now_ms,
                          int64_t mono_ms) {
    const struct guard_verb *verb = verb_of(c->noun);
    struct json_value *root = NULL;
    struct json_error where = {0};
    if (!verb)
        return ERR_UNSUPPORTED;
    if (!verb->open && !c->by->known)
        return guard_refuse(c, ERR_STATE, GUARD_LOGIN, "", "log in first");
    enum err err = json_parse(c->json, NULL, &root, &where);
    if (err && err != ERR_NOMEM)
        err = guard_refuse(c, ERR_FORMAT, 0, "", where.text);
    else if (!err && json_kind(root) != JSON_KIND_OBJECT)
        err = guard_refuse(c, ERR_FORMAT, 0, "", "an object is expected");
    if (!err)
        err = c->ticket ? go_on(g, c, verb, root, now_ms, mono_ms)
                        : verb->begin(g, c, root, now_ms, mono_ms);
    json_close(root);
    return err;
}

/* --- turns --------------------------------------------------------------------------------------
 */

void guard_on_gone(void *user, const struct login *s) {
    struct guard *g = user;
    uint8_t key[RECORD_KEY_MAX];
    struct store_tx *tx = guard_waiting(g);
    if (tx)
        (void)guard_delete(tx, key, record_key_session(s->hash, key));
}

void guard_write_seen(struct guard *g) {
    for (size_t i = 0; i < g->people.session_n; i++) {
        struct login *s = &g->people.session[i];
        struct store_tx *tx = s->changed ? guard_waiting(g) : NULL;
        if (tx && guard_put_session(tx, s) == ERR_OK)
            s->changed = false;
    }
    for (size_t i = 0; i < g->people.token_n; i++) {
        struct token *t = &g->people.token[i];
        struct store_tx *tx = t->changed ? guard_waiting(g) : NULL;
        if (tx && guard_put_token(tx, t) == ERR_OK)
            t->changed = false;
    }
}

void guard_on_tick(struct guard *g, int64_t now_ms, int64_t mono_ms) {
    g->now_ms = now_ms;
    if (mono_ms - g->swept_mono_ms >= SWEEP_MS) {
        g->swept_mono_ms = mono_ms;
        people_sweep(&g->people, now_ms, guard_on_gone, g);
        guard_write_seen(g);
        forget_jobs(g, mono_ms);
    }
    if (!g->commits)
        guard_flush(g);
}

void guard_stats(const struct guard *g, struct guard_stats *out) {
    *out = g->stats;
    out->sessions = (unsigned)g->people.session_n;
}
