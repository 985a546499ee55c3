/* One transaction: what changed in truth and in what is derived from it, together. Agents are
 * written whole, so an agent's positions never run ahead of its slabs and logs. */
#include <stdlib.h>

#include "base/hash.h"
#include "engine/state.h"

static void be32(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
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
static enum err put_signals(struct core *c, size_t bytes, struct store_tx *tx) {
    size_t begun = tx->ops.n, enough = bytes ? bytes / 4 : SIZE_MAX;
    struct buf v;
    enum err err = ERR_OK;
    buf_init(&v);
    for (; c->unstored_n && tx->ops.n - begun <= enough && !err; c->unstored_from++) {
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

static bool is_long(const struct siglog_entry *e) {
    return (e->kind == SIGLOG_SPAN || e->kind == SIGLOG_ROW) && e->t1_ms - e->t0_ms > LONG_SPAN_MS;
}

/* (long spans last, hour): the segments of one commit. */
static int by_segment(const void *x, const void *y) {
    const struct siglog_entry *a = x, *b = y;
    bool la = is_long(a), lb = is_long(b);
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
    bool lng = is_long(e);
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

/* Slab of a slot: epoch, begin, inherit source, slab bytes, start bytes; an unused slot is deleted.
 */
static enum err put_lane(struct cagent *a, unsigned slot, struct store_tx *tx) {
    struct buf v, slab;
    char key[IDENT_MAX + 3];
    size_t n = strlen(a->id.s);
    memcpy(key, a->id.s, n);
    key[n] = '/';
    key[n + 1] = (char)('0' + slot);
    struct span k = span_of(key, n + 2);
    if (!a->lane_used[slot])
        return store_tx_add(tx, STORE_DELETE, STORE_LANE, k, span_of(NULL, 0));
    buf_init(&v);
    buf_init(&slab);
    enum err err = lane_pack(&a->lane[slot], &slab);
    buf_add_le64(&v, a->lane_epoch[slot]);
    buf_add_svarint(&v, a->begun_ms[slot]);
    buf_add_byte(&v, a->key_from[slot]);
    buf_add_varint(&v, slab.n);
    buf_add(&v, slab.p, slab.n);
    if (slot < SESSION_LANES)
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
 * which none may be missing in the store. */
static enum err put_newcomers(struct core *c, struct store_tx *tx) {
    enum err err = ERR_OK;
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
    return err;
}

static enum err put_agent(struct core *c, struct cagent *a, struct store_tx *tx) {
    enum err err = put_log(c, a, tx);
    if (!err)
        err = unplaced_put(c, a, tx);
    for (unsigned slot = 0; slot < LANE_SLOTS && !err; slot++)
        err = put_lane(a, slot, tx);
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
 * follow in the next one. Dirty sets and cells go with each: what they say of an agent that is not
 * in it yet is computed again after a crash, for that agent sends again and touches it. Unless it
 * is then told apart as too late: so what nears the horizon goes with all agents in one. */
static enum err put_agents(struct core *c, size_t bytes, struct store_tx *tx) {
    size_t n = c->agent_n, from = c->commit_next;
    enum err err = ERR_OK;
    c->commit_more = c->unstored_n > 0;
    for (size_t i = 0; i < n; i++)
        buf_reset(&c->agent[i]->committing);
    bool full = false;
    for (size_t i = 0; i < n && !err; i++) {
        struct cagent *a = c->agent[(from + i) % n];
        if (!a->changed || a->unstored_n > 0)
            continue;
        if (bytes && tx->ops.n >= bytes) {
            c->commit_next = full ? c->commit_next : (from + i) % n;
            full = c->commit_more = true;
            continue;
        }
        err = put_agent(c, a, tx);
    }
    return err;
}

/* Value: how far it is computed, the three sets of ranges, a seal over them. */
static enum err put_unit(struct core *c, uint32_t unit, struct store_tx *tx) {
    struct cunit *u = &c->unit[unit];
    struct buf v;
    buf_init(&v);
    buf_add_svarint(&v, u->known_ms);
    ranges_pack(&u->dirty, &v);
    ranges_pack(&u->filled, &v);
    ranges_pack(&u->apart, &v);
    buf_add_le32(&v, crc32c(buf_span(&v)));
    enum err err = v.failed
                       ? ERR_NOMEM
                       : put(tx, STORE_UNIT, span_str(c->plant->unit[unit].id.s), buf_span(&v));
    buf_fini(&v);
    u->unstored = false;
    return err;
}

static enum err put_cells(struct core *c, struct unit_hour *h, struct store_tx *tx) {
    struct buf v;
    const struct ident *unit = &c->plant->unit[h->unit].id;
    uint8_t key[IDENT_MAX + 5];
    size_t n = strlen(unit->s) + 1;
    memcpy(key, unit->s, n);
    be32(key + n, h->hour);
    buf_init(&v);
    enum err err = cells_pack(h->cells.at, h->cells.n, &v);
    if (!err)
        err = put(tx, STORE_CELL, span_of(key, n + 4), buf_span(&v));
    buf_fini(&v);
    return err;
}

static bool database_wants(const struct core *c, enum window_kind kind) {
    unsigned kinds = c->conf.database_kinds;
    if (!kinds)
        kinds = ~(1U << WINDOW_MINUTE);
    return c->conf.database && kinds >> kind & 1;
}

/* An open window lives in OPEN, a settled one in WINDOW; both never hold the same key for long: a
 * settled one that moved is in both until it is restated, and OPEN is the newer. */
static enum err put_window(struct core *c, struct window *w, struct store_tx *tx) {
    uint8_t key[WINDOW_KEY_BYTES];
    struct buf v;
    bool open = w->life == WINDOW_PROVISIONAL || w->changed;
    nodes_pack_key(c, &w->key, key);
    struct span k = span_of(key, sizeof key);
    buf_init(&v);
    enum err err = window_pack(w, &v);
    if (!err)
        err = put(tx, open ? STORE_OPEN : STORE_WINDOW, k, buf_span(&v));
    if (!err && !open) {
        err = store_tx_add(tx, STORE_DELETE, STORE_OPEN, k, span_of(NULL, 0));
        if (!err && database_wants(c, (enum window_kind)w->key.kind)) {
            err = put(tx, STORE_OUTBOX, k, buf_span(&v));
            c->stats.outbox_rows++;
        }
    }
    buf_fini(&v);
    w->stored = !err;
    return err;
}

static enum err put_derived(struct core *c, struct store_tx *tx) {
    enum err err = ERR_OK;
    size_t pos = 0;
    for (uint32_t i = 0; i < c->plant->unit_n && !err; i++)
        if (c->unit[i].unstored)
            err = put_unit(c, i, tx);
    for (struct unit_hour *h; !err && (h = c->hours_unstored) != NULL;) {
        c->hours_unstored = h->next_unstored;
        h->unstored = false;
        err = put_cells(c, h, tx);
    }
    for (struct window *w; !err && (w = windows_next_awake(c->windows, &pos)) != NULL;) {
        if (!w->stored)
            err = put_window(c, w, tx);
        if (w->stored && !w->changed && w->life != WINDOW_PROVISIONAL) {
            windows_sleep(c->windows, &w->key);
            pos--;
        }
    }
    return err ? err : minutes_put(c, tx);
}

static enum err put_generation(struct core *c, struct store_tx *tx) {
    struct buf v;
    if (c->generation_committed)
        return ERR_OK;
    buf_init(&v);
    buf_add_le64(&v, c->store.id);
    buf_add_le64(&v, c->store.generation);
    enum err err = v.failed ? ERR_NOMEM : put(tx, STORE_META, span_str("store"), buf_span(&v));
    buf_fini(&v);
    c->generation_in_commit = c->store.generation;
    return err;
}

enum err checkpoint_build(struct core *c) {
    struct store_tx *tx = calloc(1, sizeof *tx);
    if (!tx)
        return ERR_NOMEM;
    store_tx_init(tx);
    const size_t bytes = horizon_near(c) ? 0 : c->conf.commit_bytes;
    enum err err = put_generation(c, tx);
    if (!err)
        err = nodes_put(c, tx);
    if (!err)
        err = put_newcomers(c, tx);
    if (!err)
        err = put_signals(c, bytes, tx);
    if (!err)
        err = put_agents(c, bytes, tx);
    if (!err)
        err = folds_put(c, tx);
    if (!err)
        err = put_derived(c, tx);
    if (!err)
        err = put_words(c, tx);
    if (!err)
        err = retain_put(c, tx);
    if (err || tx->n == 0) {
        store_tx_fini(tx);
        free(tx);
        return err;
    }
    c->commit_tx = tx;
    c->commit_id = ++c->next_id;
    return ERR_OK;
}
