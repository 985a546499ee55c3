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

#include <stdio.h>
#include <stdlib.h>

#include "outbox/outbox_page.h"

enum { STACK_MAX = 64 };
enum step { IDLE, LOADING, RETRACTING, WRITING, CREATING, LOOKING, COMMITTING, WAITING };
struct part {
    size_t from, to;
};

struct outbox {
    struct outbox_conf conf;
    const struct plant *plant;
    struct store *store;
    struct sink *sink;
    struct outbox_stats stats;
    enum step step;
    enum step after_wait;
    bool woken, stopping, created;
    bool loading, committing; /* at the store; both at a time only in this order */
    bool looking;             /* the same: which dead letters are known */
    bool again; /* woken since the pass over the table began: rows may stand before `from` */
    int64_t now_mono_ms, now_wall_ms, wait_until_ms, wait_ms;
    uint32_t jitter;
    struct buf text;
    struct part text_of; /* rows whose lines stand in text; empty: none */
    struct buf ahead;    /* text of the part behind the one under way */
    struct part ahead_of;
    struct buf from; /* where the next load begins; empty: at the first row */
    struct page_source page_source;
    struct outbox_source source;
    struct page page, behind; /* being sent; read meanwhile */
    size_t row_cap, retract_at;
    struct part stack[STACK_MAX]; /* parts still to be sent, the next one last */
    size_t stack_n;
    struct letters fresh; /* dead letters of the commit under way that were none before */
};

static void next(struct outbox *o);

static void tell(struct outbox *o, bool warn, const char *event, const char *detail) {
    if (o->conf.on_note)
        o->conf.on_note(o->conf.note_user, warn, event, detail);
}

static void set_state(struct outbox *o, enum outbox_state state, const char *event) {
    if (o->stats.state == state)
        return;
    o->stats.state = (uint8_t)state;
    tell(o, state != OUTBOX_OK, event, o->stats.last_error);
}

static void wait_for(struct outbox *o, enum step after, int64_t least_ms) {
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

/* The page that was read becomes the one to be sent. */
static void begin_page(struct outbox *o) {
    struct page sent = o->page;
    o->page = o->behind;
    o->behind = sent;
    o->behind.n = 0;
    o->stats.backlog_rows = o->page.n;
    if (o->page.n == 0) {
        o->step = IDLE;
        return;
    }
    o->retract_at = 0;
    push_parts(o);
    o->step = RETRACTING;
    next(o);
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
        begin_page(o); /* else it waits until the one under way is told */
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

static void load(struct outbox *o) {
    ask(o);
    if (o->loading)
        o->step = LOADING;
}

/* While the database works on a page's last part, the page behind it is read. */
static void load_ahead(struct outbox *o) {
    if (o->stack_n == 1 && o->from.n && o->behind.n == 0)
        ask(o);
}

/* --- sending ------------------------------------------------------------------------------------
 */

static void remember_error(struct outbox *o, const struct sink_answer *a) {
    int n = a->body.n < 120 ? (int)a->body.n : 120;
    snprintf(o->stats.last_error, sizeof o->stats.last_error, "status=%d %s%.*s", a->status,
             a->error ? a->error : "", n, a->body.n ? (const char *)a->body.p : "");
    for (char *c = o->stats.last_error; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == '"')
            *c = ' ';
}

static void mark(struct outbox *o, struct part p, enum fate fate, const struct sink_answer *a) {
    for (size_t i = p.from; i < p.to; i++) {
        struct row *r = &o->page.row[i];
        if (r->fate != PENDING)
            continue;
        r->fate = (uint8_t)fate;
        if (fate == DELIVERED)
            o->stats.delivered++;
        int n = a->body.n < DEAD_WORDS_MAX - 16 ? (int)a->body.n : DEAD_WORDS_MAX - 16;
        if (fate == DEAD)
            snprintf(r->words, sizeof r->words, "%d %.*s", a->status, n,
                     n ? (const char *)a->body.p : "");
    }
}

static void went_well(struct outbox *o) {
    o->wait_ms = o->conf.retry_min_ms;
    o->stats.last_ok_mono_ms = o->now_mono_ms;
    set_state(o, OUTBOX_OK, "database_works");
}

/* Refused for what it holds: halve; a row alone that is refused twice is dead. Once may be a
 * request that was damaged on its way. */
static void refused(struct outbox *o, const struct sink_answer *a) {
    struct part p = o->stack[o->stack_n - 1];
    went_well(o);
    if (p.to - p.from == 1 && !o->page.row[p.from].refused) {
        o->page.row[p.from].refused = true;
        return; /* it is the next part again */
    }
    o->stack_n--;
    if (p.to - p.from == 1) {
        mark(o, p, DEAD, a);
        tell(o, true, "row_parked", o->page.row[p.from].words);
        return;
    }
    size_t mid = p.from + (p.to - p.from) / 2;
    o->stack[o->stack_n++] = (struct part){mid, p.to};
    o->stack[o->stack_n++] = (struct part){p.from, mid};
}

static void try_later(struct outbox *o, const struct sink_answer *a, enum step again) {
    o->stats.retries++;
    remember_error(o, a);
    bool held = a->status == 401 || a->status == 403 || a->status == 404;
    if (held)
        o->wait_ms = o->conf.retry_max_ms;
    set_state(o, held ? OUTBOX_HELD : OUTBOX_RETRYING,
              held ? "database_refuses_us" : "database_down");
    int64_t asked_ms = a->retry_after_ms, most_ms = o->conf.retry_after_max_ms;
    if (asked_ms > most_ms) {
        char text[80];
        snprintf(text, sizeof text, "asked_s=%lld waits_s=%lld", (long long)(asked_ms / 1000),
                 (long long)(most_ms / 1000));
        tell(o, true, "retry_after_shortened", text);
        asked_ms = most_ms;
    }
    wait_for(o, again, asked_ms);
}

static void on_created(void *user, const struct sink_answer *a) {
    struct outbox *o = user;
    o->step = RETRACTING;
    if (a->status >= 200 && a->status < 300) {
        next(o);
        return;
    }
    o->created = false; /* asked again when the next write finds nothing */
    try_later(o, a, RETRACTING);
}

static bool refuses_content(const struct sink_answer *a) {
    return a->status == 400 || a->status == 422 || a->status == 413;
}

static void retract_done(struct outbox *o) {
    o->page.row[o->retract_at++].retract = false;
}

static void on_answer(void *user, const struct sink_answer *a) {
    struct outbox *o = user;
    bool retracting = o->step == RETRACTING;
    if (a->status >= 200 && a->status < 300) {
        went_well(o);
        if (retracting) {
            retract_done(o);
            o->stats.retracted++;
        } else {
            o->created = false; /* it is there; should it go, it is made anew */
            mark(o, o->stack[--o->stack_n], DELIVERED, a);
        }
    } else if (a->status == 404 && o->sink->ops->create && !o->created) {
        o->created = true;
        o->step = CREATING;
        if (o->sink->ops->create(o->sink, on_created, o)) {
            o->created = false;
            try_later(o, a, RETRACTING);
        }
        return;
    } else if (refuses_content(a) && retracting) {
        /* An old ratio stays behind beside new numbers; that is told and must not hold the rest. */
        remember_error(o, a);
        tell(o, true, "ratio_not_retracted", o->stats.last_error);
        retract_done(o);
    } else if (refuses_content(a)) {
        refused(o, a);
    } else {
        try_later(o, a, RETRACTING);
        return;
    }
    next(o);
}

static bool retract_next(struct outbox *o) {
    if (!o->sink->ops->retract)
        return false;
    while (o->retract_at < o->page.n && !o->page.row[o->retract_at].retract)
        o->retract_at++;
    if (o->retract_at == o->page.n)
        return false;
    const struct window_key *k = &o->page.row[o->retract_at].window.key;
    o->text_of = (struct part){0, 0};
    buf_reset(&o->text);
    enum err err = outbox_where(&o->source, k, &o->text);
    o->step = RETRACTING;
    if (!err)
        err = o->sink->ops->retract(o->sink, outbox_measurement(k), buf_span(&o->text),
                                    outbox_stamp(&o->source, k), on_answer, o);
    if (err)
        wait_for(o, RETRACTING, 0);
    return true;
}

static enum err format_part(const struct outbox *o, struct part p, struct buf *out) {
    enum err err = ERR_OK;
    buf_reset(out);
    for (size_t i = p.from; i < p.to && !err; i++) {
        o->page.row[i].text_at = out->n;
        if (o->page.row[i].fate == PENDING)
            err =
                outbox_line(&o->source, &o->page.row[i].window, o->sink->ops->retract != NULL, out);
        o->page.row[i].text_to = out->n;
    }
    return err;
}

static bool holds(struct part whole, struct part p) {
    return whole.from <= p.from && p.to <= whole.to;
}

/* While the database works on one part, the next one is put into words. */
static void format_ahead(struct outbox *o) {
    if (o->stack_n < 2)
        return;
    struct part p = o->stack[o->stack_n - 2];
    if (holds(o->text_of, p) || holds(o->ahead_of, p))
        return;
    o->ahead_of = format_part(o, p, &o->ahead) ? (struct part){0, 0} : p;
}

/* The lines of the part in o->text: a part sent again, or half of one, is there already. */
static enum err text_of(struct outbox *o, struct part p, struct span *out) {
    enum err err = ERR_OK;
    if (holds(o->ahead_of, p)) {
        struct buf text = o->text;
        o->text = o->ahead;
        o->ahead = text;
        o->text_of = o->ahead_of;
        o->ahead_of = (struct part){0, 0};
    } else if (!holds(o->text_of, p)) {
        err = format_part(o, p, &o->text);
        o->text_of = err ? (struct part){0, 0} : p;
    }
    size_t at = o->page.row[p.from].text_at;
    *out = span_of(o->text.p ? o->text.p + at : NULL, o->page.row[p.to - 1].text_to - at);
    return err;
}

static void write_part(struct outbox *o) {
    struct span text;
    enum err err = text_of(o, o->stack[o->stack_n - 1], &text);
    if (!err && text.n == 0) {
        o->stack_n--;
        next(o);
        return;
    }
    o->step = WRITING;
    o->stats.requests++;
    if (!err)
        err = o->sink->ops->write(o->sink, text, on_answer, o);
    if (err) {
        wait_for(o, RETRACTING, 0);
        return;
    }
    load_ahead(o);
    format_ahead(o);
}

/* --- what was told leaves the store -------------------------------------------------------------
 */

static void on_committed(void *user, enum err err) {
    struct outbox *o = user;
    o->committing = false;
    if (!err)
        letters_merge(&o->stats.dead, &o->fresh);
    o->woken = true; /* there may be more; what was not committed is sent again and overwrites */
    o->again |= err != ERR_OK;
    if (o->step != COMMITTING)
        return; /* the next page is under way */
    o->step = IDLE;
    if (err)
        buf_reset(&o->from);
    else if (o->page.n)
        next(o); /* the page behind it waited for its turn */
    else if (!o->stopping)
        load(o);
}

/* What is refused again keeps the time of its first refusal. */
static enum err add_dead(struct outbox *o, struct store_tx *tx, const struct row *r) {
    int64_t at_ms = r->parked && r->parked_ms != INT64_MIN ? r->parked_ms : o->now_wall_ms;
    struct buf value;
    buf_init(&value);
    enum err err = letters_format(at_ms, r->words, r->value, &value);
    if (!err)
        err = store_tx_add(tx, STORE_PUT, STORE_DEAD, r->key, buf_span(&value));
    buf_fini(&value);
    if (!err && !r->parked)
        letters_add(&o->fresh, at_ms);
    return err;
}

/* Sent again from a later tick on: delivered rows overwrite themselves. */
static void give_up_page(struct outbox *o) {
    o->woken = o->again = true;
    if (o->behind.n) {
        begin_page(o);
    } else if (o->loading) {
        o->step = LOADING; /* the next page comes */
    } else {
        o->step = IDLE;
        buf_reset(&o->from);
    }
}

static void on_looked(void *user, enum err err, const struct store_rows *rows) {
    struct outbox *o = user;
    size_t range = 0, at = 0;
    o->looking = false;
    err = err ? err : rows->truncated ? ERR_FULL : ERR_OK;
    for (size_t i = 0; i < o->page.n && !err; i++) {
        struct row *r = &o->page.row[i];
        if (r->fate != DEAD)
            continue;
        r->looked = true;
        r->parked = rows->range_end[range] > at;
        r->parked_ms = r->parked ? letters_time(rows->at[at].value) : INT64_MIN;
        at = rows->range_end[range++];
    }
    if (!err) {
        next(o);
        return;
    }
    o->page.n = 0;
    give_up_page(o);
}

/* Which of the dead ones are in the table already, from an earlier revision? They count once. */
static enum err look(struct outbox *o, size_t dead_n) {
    struct span *key = calloc(dead_n, sizeof *key);
    size_t n = 0;
    if (!key)
        return ERR_NOMEM;
    for (size_t i = 0; i < o->page.n; i++)
        if (o->page.row[i].fate == DEAD)
            key[n++] = o->page.row[i].key;
    enum err err = letters_load(o->store, key, n, on_looked, o);
    free(key);
    o->looking = !err;
    o->step = LOOKING;
    return err;
}

static size_t unlooked(const struct outbox *o) {
    size_t n = 0;
    for (size_t i = 0; i < o->page.n; i++)
        n += o->page.row[i].fate == DEAD && !o->page.row[i].looked;
    return n;
}

/* The next page is read, or asked for, before what was told leaves the store, which takes the
 * disk's time. Only one commit at a time is under way. */
static void commit(struct outbox *o) {
    o->step = COMMITTING;
    if (o->committing)
        return;
    size_t dead_n = unlooked(o);
    if (dead_n) {
        if (look(o, dead_n)) {
            o->page.n = 0;
            give_up_page(o);
        }
        return;
    }
    o->fresh = (struct letters){.oldest_ms = INT64_MIN};
    struct store_tx *tx = calloc(1, sizeof *tx);
    enum err err = tx ? ERR_OK : ERR_NOMEM;
    if (tx)
        store_tx_init(tx);
    for (size_t i = 0; i < o->page.n && !err; i++) {
        const struct row *r = &o->page.row[i];
        if (r->fate == DEAD)
            err = add_dead(o, tx, r);
        if (!err && r->fate != LEFT)
            err = store_tx_add(tx, STORE_DELETE_IF, STORE_OUTBOX, r->key, r->value);
    }
    o->page.n = 0;
    if (!err && o->behind.n == 0 && (o->from.n || o->loading))
        load(o);
    if (!err)
        err = o->store->ops->commit(o->store, tx, on_committed, o);
    o->committing = !err;
    if (err && tx) {
        store_tx_fini(tx);
        free(tx);
    }
    if (err)
        give_up_page(o);
    else if (o->behind.n)
        begin_page(o);
}

static void next(struct outbox *o) {
    if (o->stopping) {
        o->step = IDLE;
        return;
    }
    if (!o->sink) {
        wait_for(o, RETRACTING, 0);
        return;
    }
    if (retract_next(o))
        return;
    if (o->stack_n)
        write_part(o);
    else
        commit(o);
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
        next(o);
    } else if (o->step == IDLE && o->woken) {
        load(o);
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
