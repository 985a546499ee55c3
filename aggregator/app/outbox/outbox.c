/* States: idle -> loading -> (retracting ->) writing -> (looking ->) committing -> idle. A request
 * that fails for a while waits and is sent again; one that the database refuses is halved until the
 * bad rows stand alone, which then go to the dead-letter table with the database's words. Answers:
 *   2xx            delivered
 *   400, 413, 422  halve; alone: once more, then dead
 *   404            create once, then as 401
 *   401, 403       held: alarm, tried again at the longest wait
 *   429, 5xx, none wait, longer each time, at least Retry-After, at most retry_after_max: a
 *                  database that asks for days is asked again */
#include "outbox/outbox.h"

#include <stdlib.h>

#include "outbox/outbox_impl.h"

void outbox_tell(struct outbox *o, bool warn, const char *event, const char *detail) {
    if (o->conf.on_note)
        o->conf.on_note(o->conf.note_user, warn, event, detail);
}

void outbox_set_state(struct outbox *o, enum outbox_state state, const char *event) {
    if (o->stats.state == state)
        return;
    o->stats.state = (uint8_t)state;
    outbox_tell(o, state != OUTBOX_OK, event, o->stats.last_error);
}

void outbox_wait(struct outbox *o, enum step after, int64_t least_ms) {
    int64_t ms = o->wait_ms > least_ms ? o->wait_ms : least_ms;
    o->wait_until_ms =
        o->now_mono_ms + ms + (ms > 8 ? (int64_t)(o->jitter % (uint32_t)(ms / 4)) : 0);
    o->wait_ms = o->wait_ms * 2 < o->conf.retry_max_ms ? o->wait_ms * 2 : o->conf.retry_max_ms;
    o->after_wait = after;
    o->step = WAITING;
}

/* --- loading ------------------------------------------------------------------------------------
 */

/* A full page is followed by the next one: rows that must wait (their node is not in the plant
 * file) would else hide all behind them. Behind the last page it begins anew. */
static void turn_page(struct outbox *o, const struct store_rows *rows) {
    bool full = rows->n > 0 && (rows->truncated || rows->n >= o->row_cap), begun = o->from.n == 0;
    buf_reset(&o->from);
    if (full) {
        const struct span *last = &rows->at[rows->n - 1].key;
        buf_add(&o->from, last->p, last->n);
        buf_add_byte(&o->from, 0); /* the least key after it */
        if (o->from.failed)
            buf_reset(&o->from);
    }
    o->woken |= full || (!begun && o->again);
}

/* The first one last: it is the next. */
static void push_parts(struct outbox *o) {
    size_t each = o->conf.request_rows ? o->conf.request_rows : o->page.n;
    o->stack_n = 0;
    o->text_of = o->ahead_of = (struct part){0, 0};
    for (size_t i = (o->page.n + each - 1) / each; i-- > 0;) {
        size_t to = (i + 1) * each;
        o->stack[o->stack_n++] = (struct part){i * each, to < o->page.n ? to : o->page.n};
    }
}

void outbox_begin_page(struct outbox *o) {
    struct page sent = o->page;
    o->page = o->behind;
    o->behind = sent;
    o->behind.n = 0;
    if (o->page.n == 0) {
        o->step = IDLE;
        return;
    }
    o->retract_at = 0;
    push_parts(o);
    o->step = RETRACTING;
    outbox_next(o);
}

static void on_loaded(void *user, enum err err, const struct store_rows *rows) {
    struct outbox *o = user;
    o->loading = false;
    o->behind.n = 0;
    if (!err)
        err = page_take(&o->behind, &o->page_source, rows, o->row_cap);
    if (!err)
        turn_page(o, rows);
    else
        o->woken = true;
    if (o->step == LOADING)
        outbox_begin_page(o); /* else it waits until the one under way is told */
}

static void ask(struct outbox *o) {
    struct store_range all = {
        .table = STORE_OUTBOX, .limit = (uint32_t)o->row_cap, .from = buf_span(&o->from)};
    if (o->loading)
        return;
    o->woken = false;
    if (o->from.n == 0)
        o->again = false;
    if (o->store->ops->load(o->store, &all, 1, on_loaded, o)) {
        o->woken = o->again = true; /* the store is busy: the next tick asks again */
        return;
    }
    o->loading = true;
}

void outbox_load(struct outbox *o) {
    ask(o);
    if (o->loading)
        o->step = LOADING;
}

void outbox_load_ahead(struct outbox *o) {
    if (o->stack_n == 1 && o->from.n && o->behind.n == 0)
        ask(o);
}

void outbox_next(struct outbox *o) {
    if (o->stopping) {
        o->step = IDLE;
        return;
    }
    if (!o->sink) {
        outbox_wait(o, RETRACTING, 0);
        return;
    }
    if (outbox_retract(o))
        return;
    if (o->stack_n)
        outbox_write(o);
    else
        outbox_commit(o);
}

/* --- doors --------------------------------------------------------------------------------------
 */

enum err outbox_open(const struct outbox_conf *conf, const struct plant *plant, struct store *store,
                     struct sink *sink, struct outbox **out) {
    struct outbox *o = calloc(1, sizeof *o);
    if (!o)
        return ERR_NOMEM;
    o->conf = *conf;
    o->plant = plant;
    o->store = store;
    o->sink = sink;
    o->woken = true;
    o->wait_ms = conf->retry_min_ms;
    o->stats.last_ok_mono_ms = -1;
    o->source = (struct outbox_source){plant, conf->word, conf->plan, conf->word_user};
    o->page_source = (struct page_source){&o->conf, plant, sink->ops->retract != NULL};
    o->row_cap = conf->rows_max;
    o->page.row = calloc(o->row_cap, sizeof *o->page.row);
    o->behind.row = calloc(o->row_cap, sizeof *o->behind.row);
    enum err err = o->page.row && o->behind.row ? letters_count(store, &o->stats.dead) : ERR_NOMEM;
    if (err) {
        outbox_close(o);
        return err;
    }
    *out = o;
    return ERR_OK;
}

void outbox_set_sink(struct outbox *o, struct sink *sink, const struct outbox_conf *conf) {
    const bool asked = o->step == RETRACTING || o->step == WRITING || o->step == CREATING;
    o->sink = sink;
    o->conf.retry_min_ms = o->wait_ms = conf->retry_min_ms;
    o->conf.retry_max_ms = conf->retry_max_ms;
    o->conf.retry_after_max_ms = conf->retry_after_max_ms;
    o->page_source.retracts = sink && sink->ops->retract;
    o->text_of = o->ahead_of = (struct part){0, 0};
    o->created = false;
    o->stats.state = OUTBOX_OK;
    o->stats.last_error[0] = 0;
    if (asked) { /* the answer never comes */
        o->step = WAITING;
        o->after_wait = RETRACTING;
    }
    if (o->step == WAITING)
        o->wait_until_ms = o->now_mono_ms;
    outbox_wake(o);
}

/* Rows that are damaged name no node; they are DEAD already. */
static void set_nodes(struct page *p, const struct plant *was, const struct plant *plant,
                      const uint32_t *node) {
    for (size_t i = 0; i < p->n; i++) {
        struct row *r = &p->row[i];
        struct window_key *k = &r->window.key;
        if (r->fate == DEAD || k->node >= was->node_n)
            continue;
        k->node = node[k->node];
        if (k->node != UINT32_MAX &&
            (k->kind != WINDOW_ORDER || plant->node[k->node].unit != UINT32_MAX))
            continue;
        r->fate = r->fate == PENDING ? LEFT : r->fate;
        r->retract = false;
    }
}

/* What is on its way to the database has its words already; lines that are still to be made, or to
 * be made again, are made with the new plant. */
void outbox_set_plant(struct outbox *o, const struct plant *plant, const uint32_t *node) {
    set_nodes(&o->page, o->plant, plant, node);
    set_nodes(&o->behind, o->plant, plant, node);
    o->plant = o->source.plant = o->page_source.plant = plant;
    o->ahead_of = (struct part){0, 0};
    if (o->step != WRITING)
        o->text_of = (struct part){0, 0};
    outbox_wake(o); /* rows that waited for their node */
}

void outbox_wake(struct outbox *o) {
    o->woken = o->again = true;
}

void outbox_on_tick(struct outbox *o, int64_t now_mono_ms, int64_t now_wall_ms, uint32_t jitter) {
    o->now_mono_ms = now_mono_ms;
    o->now_wall_ms = now_wall_ms;
    o->jitter = jitter;
    if (o->stopping || !o->sink)
        return;
    if (o->step == WAITING && now_mono_ms >= o->wait_until_ms) {
        o->step = o->after_wait;
        outbox_next(o);
    } else if (o->step == IDLE && o->woken) {
        outbox_load(o);
    }
}

const struct outbox_stats *outbox_stats(const struct outbox *o) {
    return &o->stats;
}

bool outbox_stop(struct outbox *o) {
    o->stopping = true;
    return !o->loading && !o->looking && !o->committing;
}

void outbox_close(struct outbox *o) {
    if (!o)
        return;
    buf_fini(&o->page.bytes);
    buf_fini(&o->behind.bytes);
    buf_fini(&o->text);
    buf_fini(&o->ahead);
    buf_fini(&o->from);
    free(o->page.row);
    free(o->behind.row);
    free(o);
}
