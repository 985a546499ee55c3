/* How the guard begins, from what the store holds, and how it ends. */
#include <stdlib.h>

#include "base/clock.h"
#include "guard/guard_impl.h"

struct loading {
    struct guard *g;
    enum err err;
};

static enum err load_row(struct guard *g, const struct store_item *row) {
    const struct span id = span_of(row->key.p + 1, row->key.n - 1);
    struct person person = {0};
    struct token token = {0};
    struct login session = {0};
    enum err err = ERR_FORMAT;
    switch (row->key.p[0]) {
    case RECORD_PERSON:
        if (ident_set(&person.id, id))
            err = record_take_person(row->value, &person);
        return err ? err : people_put(&g->people, &person);
    case RECORD_TOKEN:
        if (ident_set(&token.id, id))
            err = record_take_token(row->value, &token);
        return err ? err : people_put_token(&g->people, &token);
    case RECORD_SESSION:
        if (id.n == SECRET_BYTES) {
            memcpy(session.hash, id.p, id.n);
            err = record_take_session(row->value, &session);
        }
        return err ? err : people_put_session(&g->people, &session);
    default:
        return ERR_FORMAT;
    }
}

/* A row that rots must not keep the plant from being watched; who was in it is not let in. */
static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct loading *l = user;
    l->err = err;
    for (size_t i = 0; !l->err && i < rows->n; i++) {
        const struct store_item *row = &rows->at[i];
        if (row->key.n == 1 && row->key.p[0] == GUARD_LAST_KEY[0]) {
            for (unsigned k = 0; k < GUARD_LAST_BYTES && k < row->value.n; k++)
                l->g->event_last |= (uint64_t)row->value.p[k] << (8 * k);
            continue;
        }
        const enum err bad = row->key.n < 2 ? ERR_FORMAT : load_row(l->g, row);
        if (bad == ERR_NOMEM)
            l->err = bad;
        else if (bad)
            log_event(l->g->conf.log, LOG_ERROR, "access_row_damaged", "kind=%c error=%s",
                      row->key.n ? row->key.p[0] : '?', err_name(bad));
    }
}

static void on_events(void *user, enum err err, const struct store_rows *rows) {
    struct loading *l = user;
    l->err = err;
    for (size_t i = 0; !l->err && i < rows->n; i++) {
        struct access_event e;
        uint64_t n = 0;
        for (size_t k = 1; k < rows->at[i].key.n && k < 9; k++)
            n = n << 8 | rows->at[i].key.p[k];
        if (record_take_event(n, rows->at[i].value, &e) == ERR_OK)
            l->err = guard_keep_event(l->g, &e);
        if (n > l->g->event_last)
            l->g->event_last = n; /* its number rotted: none is written twice */
    }
}

static enum err load(struct guard *g) {
    static const uint8_t from[] = {'n'}, behind[] = {'u'}, no_event[] = {'e' + 1};
    const struct store_range people = {.table = STORE_ACCESS,
                                       .from = span_of(from, sizeof from),
                                       .to = span_of(behind, sizeof behind)};
    struct loading l = {g, ERR_IO};
    uint8_t key[RECORD_KEY_MAX];
    enum err err = g->store->ops->load_now(g->store, &people, 1, on_rows, &l);
    err = err ? err : l.err;
    if (err)
        return err;
    const uint64_t first =
        g->event_last > GUARD_EVENTS_KEPT ? g->event_last - GUARD_EVENTS_KEPT + 1 : 1;
    const struct store_range events = {.table = STORE_ACCESS,
                                       .from = span_of(key, record_key_event(first, key)),
                                       .to = span_of(no_event, sizeof no_event)};
    err = g->store->ops->load_now(g->store, &events, 1, on_events, &l);
    return err ? err : l.err;
}

enum err guard_open(const struct guard_conf *conf, struct uv_loop_s *loop, struct store *store,
                    int64_t now_ms, struct guard **out) {
    uint64_t seed = 0;
    struct guard *g = calloc(1, sizeof *g);
    if (!g)
        return ERR_NOMEM;
    *g = (struct guard){.conf = *conf, .loop = loop, .store = store, .now_ms = now_ms};
    people_init(&g->people, &conf->people);
    enum err err = secret_init();
    if (!err)
        err = clock_random(&seed, sizeof seed);
    throttle_init(&g->throttle, seed);
    if (!err)
        err = load(g);
    if (err) {
        guard_close(g);
        return err;
    }
    people_sweep(&g->people, now_ms, guard_on_gone, g);
    *out = g;
    return ERR_OK;
}

void guard_stop(struct guard *g, void (*done)(void *user), void *user) {
    g->stopped = done;
    g->stopped_user = user;
    guard_write_seen(g);
    guard_flush(g);
    g->stopping = true;
    guard_end_if_quiet(g);
}

void guard_close(struct guard *g) {
    if (!g)
        return;
    while (g->jobs)
        guard_job_free(g, g->jobs);
    guard_tx_free(g->waiting);
    for (struct act_note *note = g->act_notes, *next; note; note = next) {
        next = note->next; /* what the core never wrote down was not done */
        free(note);
    }
    people_fini(&g->people);
    free(g->event);
    free(g);
}
