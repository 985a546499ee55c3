/* Random agents and networks against the session: whatever is lost, doubled, reordered, killed or
 * restored, every accepted record is applied exactly once and in order, or is booked as a gap that
 * the agent knows of; lanes are used as agreed, and the register that the records carry sums up to
 * last value - first value. The agent is that of tests/model, in small.
 * usage: session_property [seeds [first seed]] */
#include <stdio.h>
#include <stdlib.h>

#include "session/session.h"

enum {
    SEGMENT = 6, /* records a segment holds at most before the next key frame */
    SYNC = 3,    /* all times are steps of STEP_MS */
    HELLO = 6,
    GUARD = 20,
    GO_BACK = 30,
    RETENTION = 220, /* a backup is at most 72 old, an absence 90, a refusal 48 */
    FRESH = 20,
    BACKLOG = 8,
    CREDIT = 12, /* records */
    FAULTY = 420,
    STEPS = 1800,
    STEP_MS = 2000,
    EPOCHS = 160, /* in a whole run */
    HELD = 64,    /* by the agent */
    SEQS = 640,
    QUEUE = 8192,
    NEVER = -1000
};

struct rec {
    int64_t raw;
    int sent, durable_at; /* durable_at: -1 not durable */
    uint8_t kind, part, parts;
};

struct aepoch { /* one epoch in the agent's journal: records base .. next-1 */
    uint64_t id, prev, prev_last;
    unsigned no; /* in the run */
    uint64_t base, next, synced, acked, cursor;
    uint64_t drop_to; /* base .. drop_to are one dropped record; 0: none */
    bool open, listed, stopped;
    struct rec rec[SEQS];
};

struct agent {
    struct aepoch *e;
    size_t n;
    uint64_t nonce, store, generation, n_seen;
    uint32_t hello_n;
    int64_t raw;
    bool credit, ready, linked;
    int last_hello, progress, link_up;
};

struct slot {
    bool used, has, start_has, inherits;
    uint64_t epoch;
    int64_t raw, start;
};

struct owner { /* what the engine would hold; part of every commit */
    struct slot lane[SESSION_LANES];
    bool aside_has, aside_used;
    int64_t aside_raw, booked;
    uint8_t applied[EPOCHS][SEQS], gap[EPOCHS][SEQS];
};

struct disk {
    struct buf packed;
    struct session_store store;
    struct owner owner;
};

struct message {
    int at;
    unsigned order;
    bool up;
    struct hello *hello; /* hello, ack or, if neither, a record */
    struct ack *ack;
    struct batch batch;
    int64_t raw;
};

struct world {
    uint64_t seed, random;
    int now, link_quota;
    unsigned sent;
    struct agent agent;
    struct aepoch *snapshot;
    size_t snapshot_n;
    uint64_t epoch_id[EPOCHS];
    unsigned epoch_n;
    uint8_t accepted[EPOCHS][SEQS], given_up[EPOCHS][SEQS], excused[EPOCHS][SEQS];
    struct message queue[QUEUE];
    size_t queue_n;
    int arrived[2]; /* the last one in order, down and up */
    struct session s;
    struct session_store store;
    struct owner owner;
    struct disk disk, backup, writing;
    int written_at; /* 0: no commit under way */
    int restored_at;
    bool rolled, store_lost, quiet;
    uint64_t applied, duplicates, gap_records, unfinished;
};

static struct ident agent_id(void) {
    struct ident id = {{0}};
    ident_set(&id, span_str("gw"));
    return id;
}

static void fail(const struct world *w, const char *law) {
    printf("FAIL seed=%llu step=%d law=%s\n", (unsigned long long)w->seed, w->now, law);
    exit(1);
}

static void check(const struct world *w, bool holds, const char *law) {
    if (!holds)
        fail(w, law);
}

static uint64_t draw(struct world *w) { /* splitmix64 */
    uint64_t z = w->random += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static unsigned below(struct world *w, unsigned n) {
    return (unsigned)(draw(w) % n);
}

/* --- the network -------------------------------------------------------------------------------
 */

static void message_free(struct message *m) {
    free(m->hello);
    free(m->ack);
}

/* In order, but for a few that are late or early. */
static int arrival(struct world *w, bool up) {
    int at = w->now + 1 + (int)below(w, w->quiet ? 2 : 6);
    if (!w->quiet && below(w, 100) < 10)
        return at + (below(w, 5) ? 0 : (int)below(w, 70));
    if (at < w->arrived[up])
        at = w->arrived[up];
    w->arrived[up] = at;
    return at;
}

static void post(struct world *w, struct message m) {
    unsigned copies = w->quiet || below(w, 100) >= 8 ? 1 : 2;
    if (!w->quiet && below(w, 100) < 8)
        copies = 0;
    for (unsigned i = 0; i < copies; i++) {
        struct message c = m;
        check(w, w->queue_n < QUEUE, "the test's queue is long enough");
        c.at = arrival(w, m.up);
        c.order = w->sent++;
        if (m.hello) {
            c.hello = malloc(sizeof *c.hello);
            *c.hello = *m.hello;
        }
        if (m.ack) {
            c.ack = malloc(sizeof *c.ack);
            *c.ack = *m.ack;
        }
        w->queue[w->queue_n++] = c;
    }
}

static void wipe(struct world *w) {
    while (w->queue_n)
        message_free(&w->queue[--w->queue_n]);
}

static bool take_due(struct world *w, struct message *out) {
    size_t best = QUEUE;
    for (size_t i = 0; i < w->queue_n; i++) {
        const struct message *m = &w->queue[i];
        if (m->at <= w->now && (best == QUEUE || m->at < w->queue[best].at ||
                                (m->at == w->queue[best].at && m->order < w->queue[best].order)))
            best = i;
    }
    if (best == QUEUE)
        return false;
    *out = w->queue[best];
    w->queue[best] = w->queue[--w->queue_n];
    return true;
}

/* --- the agent: journal ------------------------------------------------------------------------
 */

static struct aepoch *live(struct agent *a) {
    return &a->e[a->n - 1];
}

static void journal(struct world *w, struct aepoch *e, uint8_t kind, uint8_t part, uint8_t parts) {
    check(w, e->next < SEQS, "the test's epochs are long enough");
    e->rec[e->next++] = (struct rec){w->agent.raw, NEVER, -1, kind, part, parts};
}

static void key_frame(struct world *w, struct aepoch *e) {
    uint8_t parts = (uint8_t)(below(w, 3) ? 1 : 1 + below(w, 3));
    for (uint8_t i = 0; i < parts; i++)
        journal(w, e, BATCH_KEY, i, parts);
}

static void sync_journal(struct world *w, struct aepoch *e) {
    for (; e->synced + 1 < e->next; e->synced++)
        if (e->rec[e->synced + 1].kind == BATCH_DATA)
            w->accepted[e->no][e->synced + 1] = 1;
}

static void open_epoch(struct world *w) {
    struct agent *a = &w->agent;
    uint64_t prev = 0, prev_last = 0;
    check(w, a->n < HELD && w->epoch_n < EPOCHS, "the test's tables are long enough");
    if (a->n) {
        struct aepoch *old = live(a);
        sync_journal(w, old);
        old->open = false;
        prev = old->id;
        prev_last = old->next - 1;
        a->raw = old->rec[old->next - 1].raw;
    }
    struct aepoch *e = &a->e[a->n++];
    *e = (struct aepoch){.id = draw(w) | 1,
                         .prev = prev,
                         .prev_last = prev_last,
                         .no = w->epoch_n,
                         .base = 1,
                         .next = 1,
                         .cursor = 1,
                         .open = true};
    w->epoch_id[w->epoch_n++] = e->id;
    key_frame(w, e);
    e->synced = 1; /* the other parts may be lost */
}

static void reading(struct world *w, int64_t raw) {
    struct aepoch *e = live(&w->agent);
    uint64_t since = 0;
    while (since + 1 < e->next && e->rec[e->next - 1 - since].kind != BATCH_KEY)
        since++;
    if (since >= SEGMENT - 1)
        key_frame(w, e);
    w->agent.raw = raw;
    journal(w, e, BATCH_DATA, 0, 0);
}

/* Last record of the oldest segment (or the dropped record); 0: still being written. */
static uint64_t head_end(const struct aepoch *e) {
    uint64_t i = e->drop_to ? e->drop_to + 1 : e->base + 1;
    if (e->drop_to && (i < e->next || !e->open))
        return e->drop_to;
    for (; i < e->next; i++)
        if (e->rec[i].kind == BATCH_KEY && e->rec[i].part == 0)
            return i - 1 <= e->synced ? i - 1 : 0;
    return e->open ? 0 : e->next - 1;
}

static bool head_durable(const struct aepoch *e, uint64_t end, int before) {
    for (uint64_t i = e->drop_to ? e->drop_to : e->base; i <= end; i++)
        if (e->rec[i].durable_at < 0 || e->rec[i].durable_at > before)
            return false;
    return true;
}

static bool is_empty(const struct aepoch *e) {
    return e->base == e->next;
}

/* Excused: what was not given its time (a restore may miss it), and what a restored store lacks
 * although its time is over, since the agent was not heard for so long. */
static bool cut_head(struct world *w, struct aepoch *e, int before) {
    uint64_t end = is_empty(e) ? 0 : head_end(e);
    if (!end || !head_durable(e, end, before))
        return false;
    for (uint64_t i = e->base; i <= end; i++)
        if (before == w->now || e->rec[i].durable_at < w->restored_at)
            w->excused[e->no][i] |= !w->disk.owner.applied[e->no][i] || before == w->now;
    e->base = end + 1;
    e->drop_to = 0;
    return true;
}

static bool give_up(struct world *w, struct aepoch *e) {
    uint64_t end = is_empty(e) ? 0 : head_end(e);
    if (end && e->drop_to) {
        struct aepoch rest = *e;
        rest.base = end + 1;
        rest.drop_to = 0;
        end = rest.base < rest.next ? head_end(&rest) : 0;
    }
    if (!end)
        return false;
    for (uint64_t i = e->base; i <= end; i++)
        w->given_up[e->no][i] = 1;
    e->drop_to = end;
    e->rec[end].sent = NEVER;
    e->rec[end].kind = BATCH_DROPPED;
    return true;
}

static uint64_t held(const struct agent *a) {
    uint64_t n = 0;
    for (size_t i = 0; i < a->n; i++)
        n += a->e[i].next - (a->e[i].drop_to ? a->e[i].drop_to : a->e[i].base);
    return n;
}

static void trim(struct world *w) {
    struct agent *a = &w->agent;
    for (size_t i = 0; i < a->n; i++)
        while (cut_head(w, &a->e[i], w->now - RETENTION))
            ;
    for (bool more = true; more && held(a) > (uint64_t)w->link_quota;) {
        more = false;
        for (size_t i = 0; i < a->n && !more; i++)
            more = cut_head(w, &a->e[i], w->now);
        for (size_t i = 0; i < a->n && !more; i++)
            more = give_up(w, &a->e[i]);
    }
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++)
        if (!is_empty(&a->e[i])) {
            if (n != i)
                a->e[n] = a->e[i];
            n++;
        }
    a->n = n;
}

/* --- the agent: life and lanes -----------------------------------------------------------------
 */

static void connect_agent(struct world *w, bool again) {
    struct agent *a = &w->agent;
    a->linked = true;
    a->ready = false;
    a->last_hello = NEVER;
    if (again && live(a)->next - 1 - live(a)->acked > BACKLOG)
        open_epoch(w);
    for (size_t i = 0; i < a->n; i++)
        a->e[i].cursor = a->e[i].acked + 1;
}

static void boot(struct world *w) {
    struct agent *a = &w->agent;
    for (size_t i = 0; i < a->n; i++) {
        struct aepoch *e = &a->e[i];
        e->next = e->synced + 1;
        e->open = e->listed = e->stopped = false;
        e->acked = 0;
        for (uint64_t k = 1; k < e->next; k++)
            e->rec[k].durable_at = -1;
    }
    a->nonce = draw(w) | 1;
    a->store = a->generation = a->n_seen = 0;
    a->hello_n = 0;
    a->credit = false;
    a->progress = NEVER;
    open_epoch(w);
    connect_agent(w, false);
}

static void say_hello(struct world *w) {
    struct agent *a = &w->agent;
    struct hello h = {.agent = agent_id(),
                      .nonce = a->nonce,
                      .generation = a->generation,
                      .store = a->store,
                      .n = ++a->hello_n};
    a->last_hello = w->now;
    for (size_t i = 0; i < a->n; i++) {
        const struct aepoch *e = &a->e[i];
        if (e->acked < e->synced)
            h.backlog_bytes += e->synced - e->acked;
        h.epoch[h.epoch_n++] =
            (struct hello_epoch){e->id, e->prev, e->prev_last, e->base, e->synced + 1, e->open};
    }
    post(w, (struct message){.up = true, .hello = &h});
}

static void send_record(struct world *w, struct aepoch *e) {
    struct message m = {.up = true};
    uint64_t seq = e->cursor > e->base ? e->cursor : e->base;
    bool drop = e->drop_to && seq <= e->drop_to;
    seq = drop ? e->drop_to : seq;
    struct rec *r = &e->rec[seq];
    m.batch.head = (struct batch_head){.kind = r->kind, .epoch = e->id, .seq = seq};
    m.batch.key = (struct batch_key){e->prev, e->prev_last, r->part, r->parts, 1};
    m.batch.dropped = (struct batch_dropped){.from = e->base, .to = seq};
    m.raw = r->raw;
    r->sent = w->now;
    e->cursor = seq + 1;
    post(w, m);
}

static bool sendable(const struct aepoch *e) {
    return e->listed && !e->stopped && e->cursor <= e->synced && !is_empty(e);
}

static void send_lanes(struct world *w) {
    struct agent *a = &w->agent;
    struct aepoch *drain = NULL;
    for (size_t i = 0; i + 1 < a->n && !drain; i++)
        if (a->e[i].acked < a->e[i].synced && !a->e[i].stopped)
            drain = &a->e[i];
    for (unsigned i = 0; i < CREDIT / 2; i++) {
        struct aepoch *l = live(a);
        if (sendable(l) && l->cursor - 1 - l->acked < CREDIT * 2 / 3)
            send_record(w, l);
        if (drain && sendable(drain) && drain->cursor - 1 - drain->acked < CREDIT / 2)
            send_record(w, drain);
        else if (drain && sendable(drain) && drain->cursor <= drain->base)
            send_record(w, drain);
    }
}

static void agent_step(struct world *w) {
    struct agent *a = &w->agent;
    bool waiting = false;
    if (w->now % SYNC == 0)
        sync_journal(w, live(a));
    trim(w);
    if (!a->linked)
        return;
    for (size_t i = 0; i < a->n; i++)
        waiting = waiting || a->e[i].cursor > a->e[i].acked + 1;
    bool back = waiting && w->now - a->progress > GO_BACK;
    if (back) {
        a->progress = w->now;
        for (size_t i = 0; i < a->n; i++)
            a->e[i].cursor = a->e[i].acked + 1;
    }
    if (back || w->now - a->last_hello >= HELLO)
        say_hello(w);
    if (a->ready && a->credit)
        send_lanes(w);
}

static void take_row(struct world *w, struct aepoch *e, const struct ack_epoch *row, bool fresh) {
    uint64_t durable = row->durable < e->synced ? row->durable : e->synced;
    struct agent *a = &w->agent;
    if (durable != e->acked)
        a->progress = w->now;
    else if (e->cursor == e->acked + 1 && a->progress < w->now - GO_BACK)
        a->progress = w->now - GO_BACK;
    for (uint64_t i = 1; i < e->next; i++) {
        if (i > durable)
            e->rec[i].durable_at = -1;
        else if (e->rec[i].durable_at < 0)
            e->rec[i].durable_at = w->now;
    }
    e->acked = durable;
    e->stopped = row->want == 0;
    if (row->want > e->cursor) {
        e->cursor = row->want < e->synced + 1 ? row->want : e->synced + 1;
    } else if (row->want && row->want < e->cursor && row->want < e->next) {
        uint64_t at = row->want <= e->drop_to ? e->drop_to : row->want;
        if (fresh || w->now - e->rec[at].sent > GUARD) {
            e->cursor = row->want > e->base ? row->want : e->base;
            a->progress = w->now;
        }
    }
    e->cursor = e->cursor > durable ? e->cursor : durable + 1;
}

static void take_ack(struct world *w, const struct ack *k) {
    struct agent *a = &w->agent;
    if (k->nonce != a->nonce || !a->linked)
        return;
    bool fresh = k->store != a->store || k->generation != a->generation;
    if (k->store == a->store &&
        (k->generation < a->generation || (k->generation == a->generation && k->n <= a->n_seen)))
        return;
    a->store = k->store;
    a->generation = k->generation;
    a->n_seen = k->n;
    a->credit = k->credit_bytes != 0;
    a->ready = true;
    for (size_t i = 0; i < a->n; i++) {
        a->e[i].listed = false;
        for (uint32_t j = 0; j < k->epoch_n; j++) {
            if (k->epoch[j].epoch != a->e[i].id)
                continue;
            a->e[i].listed = true;
            take_row(w, &a->e[i], &k->epoch[j], fresh);
        }
    }
}

/* --- the owner of the lanes --------------------------------------------------------------------
 */

static unsigned number_of(const struct world *w, uint64_t epoch) {
    for (unsigned i = 0; i < w->epoch_n; i++)
        if (w->epoch_id[i] == epoch)
            return i;
    fail(w, "plans speak of epochs that exist");
    return 0;
}

static void book(struct world *w, const struct session_plan *p) {
    unsigned no = number_of(w, p->epoch);
    for (uint64_t i = p->gap_from; p->gap_from && i <= p->gap_to && i < SEQS; i++) {
        check(w, !w->owner.gap[no][i] && !w->owner.applied[no][i], "a gap is booked once");
        w->owner.gap[no][i] = 1;
        w->gap_records++;
    }
}

static void begin_lane(struct world *w, const struct session_plan *p) {
    struct owner *o = &w->owner;
    check(w, p->lane < SESSION_LANES, "a record has a lane");
    struct slot *l = &o->lane[p->lane];
    if (p->lane_from != SESSION_NO_LANE) {
        check(w, p->lane_from == p->lane && l->used && !o->aside_used, "one slab aside at a time");
        o->aside_used = true;
        o->aside_has = l->has;
        o->aside_raw = l->raw;
        l->has = false;
        l->inherits = true;
        l->epoch = p->epoch;
    } else if (p->lane_new) {
        check(w, !l->used, "a new lane is a free one");
        *l = (struct slot){.used = true, .epoch = p->epoch};
    }
    check(w, l->used && l->epoch == p->epoch, "a lane belongs to its epoch");
}

/* The register stands in the last part of the table. */
static void apply_key(struct world *w, struct slot *l, const struct session_plan *p,
                      const struct message *m) {
    struct owner *o = &w->owner;
    if (m->batch.key.part + 1 < m->batch.key.parts)
        return;
    if (!l->has && l->inherits && o->aside_has) {
        l->has = true;
        l->raw = o->aside_raw;
        o->aside_has = false;
    }
    if (l->has) {
        check(w, p->after_gap || l->raw == m->raw, "a key frame in sequence changes nothing");
        o->booked += m->raw - l->raw;
    } else if (!l->start_has) {
        l->start_has = true;
        l->start = m->raw;
    }
    l->has = true;
    l->raw = m->raw;
}

static void end_lane(struct world *w, const struct session_plan *p) {
    struct owner *o = &w->owner;
    struct slot *l = &o->lane[p->lane];
    check(w, l->used && l->epoch == p->epoch, "a lane that ends was in use");
    if (p->lane_into != SESSION_NO_LANE) {
        struct slot *to = &o->lane[p->lane_into];
        check(w, to->used && l->has, "a lane leads from values to a lane");
        if (to->start_has) {
            o->booked += to->start - l->raw;
            to->start_has = l->start_has;
            to->start = l->start;
        }
    }
    *l = (struct slot){0};
}

static void execute(struct world *w, const struct session_plan *p, const struct message *m) {
    struct owner *o = &w->owner;
    book(w, p);
    if (m) {
        struct slot *l = &o->lane[p->lane];
        unsigned no = number_of(w, p->epoch);
        begin_lane(w, p);
        if (m->batch.head.kind == BATCH_DATA) {
            check(w, l->has, "data follows a whole key frame");
            check(w, !o->applied[no][m->batch.head.seq]++ && !o->gap[no][m->batch.head.seq],
                  "a record is applied once");
            w->applied++;
        }
        if (m->batch.head.kind == BATCH_KEY)
            apply_key(w, l, p, m);
        else if (l->has)
            o->booked += m->raw - l->raw, l->raw = m->raw;
    }
    if (p->lane_whole || p->lane_cut) {
        struct slot *l = &o->lane[p->lane];
        if (p->lane_cut && o->aside_has) {
            l->has = true;
            l->raw = o->aside_raw;
            o->aside_has = false;
        }
        check(w, !l->inherits || !o->aside_has, "the whole table has taken every value over");
        if (l->inherits)
            o->aside_used = l->inherits = false;
    }
    if (p->lane_end)
        end_lane(w, p);
}

static void drain_plans(struct world *w) {
    struct session_plan p;
    while (session_next_plan(&w->s, &p))
        execute(w, &p, NULL);
}

/* --- the aggregator ----------------------------------------------------------------------------
 */

static void pack_disk(struct world *w, struct disk *d) {
    buf_reset(&d->packed);
    check(w, session_pack(&w->s, &d->packed) == ERR_OK, "positions pack");
    d->store = w->store;
    d->owner = w->owner;
}

static void copy_disk(struct disk *to, const struct disk *from) {
    struct buf keep = to->packed;
    *to = *from;
    to->packed = keep;
    buf_reset(&to->packed);
    buf_add(&to->packed, from->packed.p, from->packed.n);
}

static void commit_now(struct world *w) {
    pack_disk(w, &w->disk);
    session_on_committed(&w->s, buf_span(&w->disk.packed));
    w->written_at = 0;
}

static void start_store(struct world *w) {
    struct ident id = agent_id();
    w->duplicates += w->s.duplicates;
    session_fini(&w->s);
    session_init(&w->s, &id, CREDIT);
    if (w->disk.packed.n)
        check(w, session_unpack(&w->s, buf_span(&w->disk.packed)) == ERR_OK, "positions unpack");
    w->owner = w->disk.owner;
    w->store = w->disk.store;
    w->store.generation += 1 + below(w, 65536);
    commit_now(w);
}

/* What only the lost store had is excused: trimmed already, or about to be. */
static void lose_store(struct world *w) {
    static const struct owner nothing;
    struct agent *a = &w->agent;
    for (unsigned no = 0; no < w->epoch_n; no++)
        for (unsigned i = 1; i < SEQS; i++)
            w->excused[no][i] |= w->disk.owner.applied[no][i];
    for (size_t k = 0; k < a->n; k++)
        for (uint64_t i = a->e[k].base; i < a->e[k].next; i++)
            if (a->e[k].rec[i].durable_at < 0 || w->now - a->e[k].rec[i].durable_at < FRESH)
                w->excused[a->e[k].no][i] = 0;
    buf_reset(&w->disk.packed);
    w->disk.owner = nothing;
    w->disk.store = (struct session_store){draw(w) | 1, 0};
    start_store(w);
    copy_disk(&w->backup, &w->disk);
    w->store_lost = true;
    w->restored_at = w->now;
}

static void answer(struct world *w) {
    struct ack ack;
    int64_t now_mono_ms = (int64_t)w->now * STEP_MS;
    if (session_make_clone_ack(&w->s, &w->store, &ack))
        post(w, (struct message){.ack = &ack});
    if (!session_ack_due(&w->s, now_mono_ms))
        return;
    session_make_ack(&w->s, &w->store, now_mono_ms, &ack);
    post(w, (struct message){.ack = &ack});
}

static void store_step(struct world *w) {
    if (w->written_at && w->now >= w->written_at) {
        copy_disk(&w->disk, &w->writing);
        session_on_committed(&w->s, buf_span(&w->disk.packed));
        w->written_at = 0;
    } else if (!w->written_at && w->now % 7 == 0) {
        pack_disk(w, &w->writing);
        w->written_at = w->now + 2;
    }
    answer(w);
}

static void deliver(struct world *w) {
    struct message m;
    struct session_plan p;
    int64_t now_mono_ms = (int64_t)w->now * STEP_MS;
    while (take_due(w, &m)) {
        uint64_t bump = 0;
        if (m.ack) {
            take_ack(w, m.ack);
        } else if (m.hello) {
            check(w, !session_on_hello(&w->s, m.hello, &w->store, now_mono_ms, &bump),
                  "hellos are taken");
            drain_plans(w);
            if (bump > w->store.generation) {
                w->store.generation = bump;
                commit_now(w);
            }
        } else if (session_on_record(&w->s, &m.batch, now_mono_ms, &p) == SESSION_APPLY) {
            execute(w, &p, &m);
            if (w->seed % 2) /* else they wait for the next hello */
                drain_plans(w);
        }
        check(w, session_check(&w->s), "invariants");
        message_free(&m);
    }
}

/* --- faults and the audit ----------------------------------------------------------------------
 */

static void take_snapshot(struct world *w) {
    w->snapshot_n = w->agent.n;
    memcpy(w->snapshot, w->agent.e, w->agent.n * sizeof *w->snapshot);
}

enum { GONE = 2 };

/* The gateway's disk goes back to its snapshot: what came after it is nobody's. */
static void roll_back(struct world *w) {
    struct agent *a = &w->agent;
    for (size_t k = 0; k < a->n; k++)
        for (uint64_t i = a->e[k].base; i < a->e[k].next; i++)
            if (!w->excused[a->e[k].no][i])
                w->excused[a->e[k].no][i] = GONE;
    a->n = w->snapshot_n;
    memcpy(a->e, w->snapshot, w->snapshot_n * sizeof *a->e);
    for (size_t k = 0; k < a->n; k++)
        for (uint64_t i = a->e[k].base; i <= a->e[k].synced; i++)
            if (w->excused[a->e[k].no][i] == GONE)
                w->excused[a->e[k].no][i] = 0;
    boot(w);
    w->rolled = true;
}

static void fault(struct world *w) {
    unsigned x = below(w, 10000);
    if (x < 120) {
        start_store(w);
    } else if (x < 220) {
        boot(w);
    } else if (x < 300) {
        wipe(w);
        connect_agent(w, true);
    } else if (x < 360 && w->agent.linked) {
        w->agent.linked = false;
        w->agent.link_up = w->now + 20 + (int)below(w, 70);
    } else if (x < 380 && w->snapshot_n) {
        roll_back(w);
    } else if (x < 392) {
        lose_store(w);
    } else if (x < 430) {
        copy_disk(&w->disk, &w->backup);
        start_store(w);
        w->restored_at = w->now;
    }
}

static bool settled(const struct agent *a) {
    for (size_t i = 0; i < a->n; i++)
        if (a->e[i].acked != a->e[i].synced || a->e[i].synced != a->e[i].next - 1)
            return false;
    return a->ready;
}

/* After a restore the oldest unfinished epoch, or one never seen before it, may be one that the
 * agent has trimmed while it still lists an older one: it is given up when that one goes (rule 20),
 * not before. */
static bool left_behind(const struct world *w) {
    if (w->rolled || !w->s.epoch[w->s.front].joined)
        return true; /* rolled back beside a restored store: older epochs came after younger ones */
    for (size_t i = 0; i < w->agent.n; i++)
        if (w->agent.e[i].id == w->s.epoch[w->s.front].epoch)
            return false;
    return true;
}

static void audit(struct world *w) {
    const struct owner *o = &w->disk.owner;
    unsigned lanes = 0;
    for (unsigned no = 0; no < w->epoch_n; no++) {
        for (unsigned i = 1; i < SEQS; i++) {
            if (!w->accepted[no][i] || w->excused[no][i] || o->applied[no][i] == 1)
                continue;
            check(w, o->gap[no][i] && w->given_up[no][i], "an accepted record is applied or told");
        }
    }
    drain_plans(w);
    if (w->s.front + 1 != w->s.epoch_n || !w->s.epoch[w->s.front].joined) {
        check(w, left_behind(w), "only what the agent has no more is left unfinished");
        w->unfinished++;
        return;
    }
    for (unsigned i = 0; i < SESSION_LANES; i++) {
        const struct slot *l = &w->owner.lane[i];
        lanes += l->used;
        if (l->used && l->has && l->start_has && !(w->rolled && w->store_lost))
            check(w, w->owner.booked == l->raw - l->start, "amount = last value - first value");
    }
    check(w, lanes == 1, "one lane is left when all is delivered");
}

static void step(struct world *w, int64_t *raw) {
    if (w->now <= FAULTY && below(w, 2)) {
        *raw += 1 + below(w, 9);
        reading(w, *raw);
    }
    if (!w->agent.linked && w->now >= w->agent.link_up)
        connect_agent(w, true);
    agent_step(w);
    deliver(w);
    store_step(w);
    if (w->now > FAULTY)
        return;
    fault(w);
    if (w->now % 70 == 0)
        take_snapshot(w);
    if (w->now % 60 == 0)
        copy_disk(&w->backup, &w->disk);
}

static void run(struct world *w) {
    int64_t raw = 0;
    w->link_quota = below(w, 10) < 4 ? 45 : 600;
    lose_store(w);
    w->store_lost = false;
    boot(w);
    for (w->now = 1; w->now < STEPS; w->now++) {
        step(w, &raw);
        if (w->now == FAULTY) {
            w->quiet = true;
            sync_journal(w, live(&w->agent));
        }
        if (w->now > FAULTY && w->now % 8 == 0 && settled(&w->agent))
            break;
    }
    check(w, w->now < STEPS, "everything becomes durable in the end");
    audit(w);
}

int main(int argc, char **argv) {
    uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 300;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    uint64_t applied = 0, duplicates = 0, gaps = 0, unfinished = 0;
    struct aepoch *held_epochs = malloc(HELD * sizeof *held_epochs);
    struct aepoch *snapshot = malloc(HELD * sizeof *snapshot);
    struct world *w = malloc(sizeof *w);
    if (!held_epochs || !snapshot || !w)
        return 2;
    for (uint64_t seed = first; seed < first + n; seed++) {
        memset(w, 0, sizeof *w);
        w->seed = w->random = seed;
        w->agent.e = held_epochs;
        w->snapshot = snapshot;
        run(w);
        applied += w->applied;
        duplicates += w->duplicates + w->s.duplicates;
        gaps += w->gap_records;
        unfinished += w->unfinished;
        wipe(w);
        session_fini(&w->s);
        buf_fini(&w->disk.packed);
        buf_fini(&w->backup.packed);
        buf_fini(&w->writing.packed);
    }
    free(w);
    free(snapshot);
    free(held_epochs);
    printf("session_property: %llu seeds, %llu records applied, %llu duplicates, %llu given up, "
           "%llu with an epoch still waited for, all laws hold\n",
           (unsigned long long)n, (unsigned long long)applied, (unsigned long long)duplicates,
           (unsigned long long)gaps, (unsigned long long)unfinished);
    return 0;
}
