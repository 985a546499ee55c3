#include <stdio.h>
#include <stdlib.h>

#include "session_world.h"

struct ident agent_id(void) {
    struct ident id = {{0}};
    ident_set(&id, span_str("gw"));
    return id;
}

static void fail(const struct world *w, const char *law) {
    printf("FAIL seed=%llu step=%d law=%s\n", (unsigned long long)w->seed, w->now, law);
    exit(1);
}

void check(const struct world *w, bool holds, const char *law) {
    if (!holds)
        fail(w, law);
}

uint64_t draw(struct world *w) { /* splitmix64 */
    uint64_t z = w->random += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

unsigned below(struct world *w, unsigned n) {
    return (unsigned)(draw(w) % n);
}

/* --- the network -------------------------------------------------------------------------------
 */

void message_free(struct message *m) {
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

void post(struct world *w, struct message m) {
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

void wipe(struct world *w) {
    while (w->queue_n)
        message_free(&w->queue[--w->queue_n]);
}

bool take_due(struct world *w, struct message *out) {
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

struct aepoch *live(struct agent *a) {
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

void sync_journal(struct world *w, struct aepoch *e) {
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

void reading(struct world *w, int64_t raw) {
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

void connect_agent(struct world *w, bool again) {
    struct agent *a = &w->agent;
    a->linked = true;
    a->ready = false;
    a->last_hello = NEVER;
    if (again && live(a)->next - 1 - live(a)->acked > BACKLOG)
        open_epoch(w);
    for (size_t i = 0; i < a->n; i++)
        a->e[i].cursor = a->e[i].acked + 1;
}

void boot(struct world *w) {
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

void agent_step(struct world *w) {
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

void take_ack(struct world *w, const struct ack *k) {
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
