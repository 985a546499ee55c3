/* One transaction: what changed in truth and in what is derived from it, together. Agents are
 * written whole, so an agent's positions never run ahead of its slabs and logs.
 *
 * It may be built in slices, one a call of core_on_tick, between which records are applied. What is
 * derived stands still meanwhile: no cell is computed, no window moves or settles. A record that
 * comes between its agent's rows and its units' dirty sets makes more dirty than the rows ask for:
 * after a crash the same cells are computed once more. Agents and signals that come meanwhile wait
 * for the next one, for numbers in the store have no holes. */
#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"
#include "engine/parts.h"

enum { VISIT_BYTES = 32 }; /* what it costs to look at a row that is not put */

static void be32(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

bool checkpoint_full(struct core *c) {
    struct build *b = &c->build;
    size_t done = b->tx->ops.n - b->slice_begun + b->visits * VISIT_BYTES;
    return b->visits++ && c->conf.slice_bytes && done >= c->conf.slice_bytes;
}

static enum err put(struct store_tx *tx, enum store_table table, struct span key,
                    struct span value) {
    return store_tx_add(tx, STORE_PUT, table, key, value);
}

static enum err put_words(struct core *c, struct store_tx *tx) {
    enum err err = ERR_OK;
    for (; c->words.stored_n < c->words.n && !err; c->words.stored_n++) {
        const struct word *w = c->words.at[c->words.stored_n];
        uint8_t key[4];
        be32(key, w->id);
        err = put(tx, STORE_WORD, span_of(key, 4), w->text);
    }
    return err;
}

/* Value: agent number (be32), then the struct of the point as fields. */
static enum err put_signal(const struct csignal *s, uint32_t id, struct buf *v,
                           struct store_tx *tx) {
    uint8_t key[4];
    be32(key, id);
    buf_reset(v);
    buf_add_varint(v, s->agent);
    buf_add_varint(v, s->type);
    buf_add_varint(v, s->sampling);
    buf_add_varint(v, s->sticky);
    buf_add_varint(v, s->width_bits);
    buf_add_varint(v, s->width_digits);
    buf_add_varint(v, s->source);
    buf_add_varint(v, s->poll_ms);
    buf_add_svarint(v, s->num);
    buf_add_svarint(v, s->den);
    buf_add(v, s->name, strlen(s->name) + 1);
    buf_add(v, csignal_unit_text(s), strlen(csignal_unit_text(s)) + 1);
    buf_add(v, csignal_hint(s), strlen(csignal_hint(s)) + 1);
    return v->failed ? ERR_NOMEM : put(tx, STORE_SIGNAL, span_of(key, 4), buf_span(v));
}

/* In order, for numbers in the store have no holes; as many as fill a quarter of a transaction. The
 * others' agents wait: their slabs and logs name them. */
static enum err put_signals(struct core *c, struct store_tx *tx) {
    struct build *b = &c->build;
    size_t enough = b->bytes ? b->bytes / 4 : SIZE_MAX;
    struct buf v;
    enum err err = ERR_OK;
    buf_init(&v);
    for (; c->unstored_n && c->unstored_from < b->signal_n &&
           tx->ops.n - b->signals_begun <= enough && !err;
         c->unstored_from++) {
        if ((b->again = checkpoint_full(c)))
            break;
        struct csignal *s = &c->signal[c->unstored_from];
        if (s->stored)
            continue;
        err = put_signal(s, (uint32_t)c->unstored_from, &v, tx);
        s->stored = true;
        c->unstored_n--;
        c->agent[s->agent]->unstored_n--;
    }
    buf_fini(&v);
    return err;
}

/* (long spans last, hour): the segments of one commit. */
static int by_segment(const void *x, const void *y) {
    const struct siglog_entry *a = x, *b = y;
    bool la = entry_is_long(a), lb = entry_is_long(b);
    int64_t ha = la ? 0 : siglog_hour(a), hb = lb ? 0 : siglog_hour(b);
    if (la != lb)
        return la - lb;
    return (ha > hb) - (ha < hb);
}

/* Live entries are of one hour: nothing to sort, and looking is cheaper by far. */
static void sort(struct siglog *p) {
    for (size_t i = 1; i < p->n; i++) {
        if (by_segment(&p->at[i - 1], &p->at[i]) > 0) {
            qsort(p->at, p->n, sizeof *p->at, by_segment);
            return;
        }
    }
}

/* Long spans leave the store when all of a segment have ended (retain.c). */
static uint32_t last_hour(const struct siglog_entry *e, size_t n) {
    int64_t last = 1;
    for (size_t i = 0; i < n; i++)
        last = siglog_hour(&e[i]) > last ? siglog_hour(&e[i]) : last;
    return (uint32_t)last;
}

static enum err put_segment(struct core *c, struct cagent *a, const struct siglog_entry *e,
                            size_t n, struct store_tx *tx) {
    struct buf v;
    uint8_t key[12];
    bool lng = entry_is_long(e);
    buf_init(&v);
    be32(key, a->no | (lng ? UINT32_C(1) << LONG_SPAN_BIT : 0));
    be32(key + 4, lng ? last_hour(e, n) : (uint32_t)siglog_hour(e));
    be32(key + 8, a->segment_n);
    enum err err = siglog_pack(e, n, &v);
    if (!err)
        err = put(tx, STORE_LOG, span_of(key, sizeof key), buf_span(&v));
    if (!err && !lng)
        err = folds_note(c, a, (uint32_t)siglog_hour(e), v.n, tx);
    a->segment_n++;
    buf_fini(&v);
    return err;
}

static enum err put_log(struct core *c, struct cagent *a, struct store_tx *tx) {
    struct siglog *p = &a->pending;
    enum err err = ERR_OK;
    if (p->n == 0)
        return ERR_OK;
    sort(p);
    for (size_t i = 0, j; i < p->n && !err; i = j) {
        for (j = i + 1; j < p->n && by_segment(&p->at[i], &p->at[j]) == 0;)
            j++;
        err = put_segment(c, a, p->at + i, j - i, tx);
    }
    p->n = 0;
    return err;
}

enum { LANE_KEY_MAX = IDENT_MAX + 3 };

static struct span lane_key(const struct cagent *a, unsigned slot, char out[LANE_KEY_MAX]) {
    size_t n = strlen(a->id.s);
    memcpy(out, a->id.s, n);
    out[n] = '/';
    out[n + 1] = (char)('0' + slot);
    return span_of(out, n + 2);
}

/* What is left beside a lane stands behind all slots, as a lane packs itself. */
static enum err put_rest(struct cagent *a, unsigned slot, struct store_tx *tx) {
    char key[LANE_KEY_MAX];
    struct span k = lane_key(a, LANE_SLOTS + slot, key);
    struct buf v;
    const bool any = a->rest[slot].n > 0, stored = a->rest_stored[slot];
    a->rest_stored[slot] = any;
    if (!any)
        return stored ? store_tx_add(tx, STORE_DELETE, STORE_LANE, k, span_of(NULL, 0)) : ERR_OK;
    buf_init(&v);
    enum err err = lane_pack(&a->rest[slot], &v);
    if (!err)
        err = put(tx, STORE_LANE, k, buf_span(&v));
    buf_fini(&v);
    return err;
}

static enum err put_heads(struct cagent *a, struct store_tx *tx) {
    char key[LANE_KEY_MAX];
    const struct span k = lane_key(a, HEADS_SLOT, key);
    const bool stored = a->heads_stored;
    if (!a->heads_changed)
        return ERR_OK;
    a->heads_changed = false;
    a->heads_stored = a->heads.n > 0;
    if (a->heads_stored)
        return put(tx, STORE_LANE, k, buf_span(&a->heads));
    return stored ? store_tx_add(tx, STORE_DELETE, STORE_LANE, k, span_of(NULL, 0)) : ERR_OK;
}

/* Slab of a slot: epoch, begin, 255 (once a lane that a key frame under way inherited), slab bytes,
 * start bytes; an unused slot is deleted. */
static enum err put_lane(struct cagent *a, unsigned slot, struct store_tx *tx) {
    struct buf v, slab;
    char key[LANE_KEY_MAX];
    struct span k = lane_key(a, slot, key);
    if (!a->lane_used[slot])
        return store_tx_add(tx, STORE_DELETE, STORE_LANE, k, span_of(NULL, 0));
    buf_init(&v);
    buf_init(&slab);
    enum err err = lane_pack(&a->lane[slot], &slab);
    buf_add_le64(&v, a->lane_epoch[slot]);
    buf_add_svarint(&v, a->begun_ms[slot]);
    buf_add_byte(&v, SESSION_NO_LANE);
    buf_add_varint(&v, slab.n);
    buf_add(&v, slab.p, slab.n);
    buf_add(&v, a->start[slot].p, a->start[slot].n);
    if (!err)
        err = v.failed ? ERR_NOMEM : put(tx, STORE_LANE, k, buf_span(&v));
    buf_fini(&slab);
    buf_fini(&v);
    return err;
}

static enum err put_agent_row(const struct cagent *a, struct span session, struct store_tx *tx) {
    struct buf v;
    buf_init(&v);
    buf_add_varint(&v, a->no);
    buf_add_varint(&v, a->segment_n);
    buf_add_byte(&v, a->online);
    buf_add(&v, session.p, session.n);
    enum err err = v.failed ? ERR_NOMEM : put(tx, STORE_AGENT, span_str(a->id.s), buf_span(&v));
    buf_fini(&v);
    return err;
}

/* New ones at once, as ones that have told nothing yet: signals name them by their numbers, of
 * which none may be missing in the store. Those that come later come too late. */
static enum err put_newcomers(struct core *c, struct store_tx *tx) {
    enum err err = ERR_OK;
    c->build.agent_n = c->agent_n;
    c->build.signal_n = c->signal_n;
    for (size_t i = 0; i < c->agent_n && !err; i++) {
        struct cagent *a = c->agent[i];
        struct session silent;
        struct buf v;
        if (a->stored)
            continue;
        buf_init(&v);
        session_init(&silent, &a->id, c->conf.credit_bytes);
        err = session_pack(&silent, &v);
        if (!err)
            err = put_agent_row(a, buf_span(&v), tx);
        session_fini(&silent);
        buf_fini(&v);
        a->stored = true;
    }
    c->build.signals_begun = tx->ops.n;
    return err;
}

static enum err put_agent(struct core *c, struct cagent *a, struct store_tx *tx) {
    enum err err = put_log(c, a, tx);
    if (!err)
        err = unplaced_put(c, a, tx);
    for (unsigned slot = 0; slot < SESSION_LANES && !err; slot++)
        err = put_lane(a, slot, tx);
    for (unsigned slot = 0; slot < SESSION_LANES && !err; slot++)
        err = put_rest(a, slot, tx);
    if (!err)
        err = put_heads(a, tx);
    if (err)
        return err;
    buf_reset(&a->committing);
    err = session_pack(&a->session, &a->committing);
    if (!err)
        err = put_agent_row(a, buf_span(&a->committing), tx);
    a->changed = false;
    a->touched_ms = INT64_MAX;
    return err;
}

/* Whole agents, in turn, until the transaction is long enough for one turn of the loop; the others
 * follow in the next one. Dirty sets and cells go with each: what they say of an agent that is left
 * is computed again after a crash, for it may have lost meanwhile what it would send again. */
static enum err put_agents(struct core *c, struct store_tx *tx) {
    struct build *b = &c->build;
    size_t n = b->agent_n;
    enum err err = ERR_OK;
    if (b->at == 0) {
        b->from = n ? c->commit_next % n : 0;
        b->enough = false;
        c->commit_more = c->unstored_n > 0;
        for (size_t i = 0; i < c->agent_n; i++) {
            buf_reset(&c->agent[i]->committing);
            c->agent[i]->left = c->agent[i]->changed;
        }
    }
    for (; b->at < n && !err; b->at++) {
        struct cagent *a = c->agent[(b->from + b->at) % n];
        if (!a->changed || a->unstored_n > 0)
            continue;
        if (b->bytes && tx->ops.n >= b->bytes) {
            c->commit_next = b->enough ? c->commit_next : (b->from + b->at) % n;
            b->enough = c->commit_more = true;
            continue;
        }
        if ((b->again = checkpoint_full(c)))
            break;
        err = put_agent(c, a, tx);
        a->left = false;
    }
    return err;
}

static enum err put_generation(struct core *c, struct store_tx *tx) {
    struct buf v;
    if (c->generation_committed)
        return ERR_OK;
    buf_init(&v);
    buf_add_le64(&v, c->store.id);
    buf_add_le64(&v, c->store.generation);
    enum err err = v.failed ? ERR_NOMEM : put(tx, STORE_META, span_str("store"), buf_span(&v));
    if (!err)
        err = order_windows_put(c, tx);
    buf_fini(&v);
    c->generation_in_commit = c->store.generation;
    return err;
}

/* In this order: what names something comes behind it. */
static enum err (*const part[])(struct core *c, struct store_tx *tx) = {
    put_generation,    nodes_put,           put_newcomers,    put_signals,       put_agents,
    acts_put,          norms_put,           reach_put,        folds_put,         derived_put_units,
    derived_put_cells, derived_put_windows, minutes_put_rows, minutes_put_hours, alarms_put,
    put_words,         retain_put};

void checkpoint_drop(struct core *c) {
    if (c->build.tx) {
        store_tx_fini(c->build.tx);
        free(c->build.tx);
    }
    c->build = (struct build){0};
}

enum err checkpoint_begin(struct core *c) {
    assert(!c->build.tx && !c->commit_tx); /* one at a time */
    struct store_tx *tx = calloc(1, sizeof *tx);
    if (!tx)
        return ERR_NOMEM;
    store_tx_init(tx);
    /* What nears the horizon goes with all agents in one: later it may be told apart as too late.
     */
    c->build = (struct build){.tx = tx, .bytes = horizon_near(c) ? 0 : c->conf.commit_bytes};
    return checkpoint_build(c);
}

enum err checkpoint_build(struct core *c) {
    struct build *b = &c->build;
    enum err err = ERR_OK;
    b->slice_begun = b->tx->ops.n;
    b->visits = 0;
    while (b->part < sizeof part / sizeof *part && !err) {
        b->again = false;
        err = part[b->part](c, b->tx);
        if (b->again && !err)
            return ERR_OK;
        b->part++;
        b->at = 0;
    }
    if (!err && b->tx->n) {
        c->commit_tx = b->tx;
        c->commit_id = ++c->next_id;
        b->tx = NULL;
    }
    checkpoint_drop(c);
    return err;
}
