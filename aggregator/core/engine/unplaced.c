/* Late, unplaced: what came when its time had left the logs, and is in no figure. It is told apart
 * by agent, unit and local day, in the transaction that holds the agent's positions, so each
 * reading is counted there or in the indicators, once. An amount is of the day it ended in.
 *
 * META, "late/", agent (be32), day (be64, its first millisecond plus 2^63), unit id: varints of the
 * stretches, then of the amounts and of when it was last added to (both signed), a seal. */
#include <stdlib.h>

#include "base/hash.h"
#include "engine/parts.h"

enum {
    LINES_MAX = 2000, /* then the days of an agent and unit share one line */
    HEAD = 5,         /* "late/" */
    KEY_MAX = HEAD + 12 + IDENT_MAX
};
#define SHARED_DAY INT64_MIN

static void be32(uint8_t *p, uint32_t v) {
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static struct span key_of(const struct unplaced_line *l, uint8_t key[KEY_MAX]) {
    uint64_t day = (uint64_t)l->day_ms + (UINT64_C(1) << 63);
    size_t n = strlen(l->unit.s);
    memcpy(key, "late/", HEAD);
    be32(key + HEAD, l->agent);
    be32(key + HEAD + 4, (uint32_t)(day >> 32));
    be32(key + HEAD + 8, (uint32_t)day);
    memcpy(key + HEAD + 12, l->unit.s, n);
    return span_of(key, HEAD + 12 + n);
}

static struct unplaced_line *find(const struct unplaced *u, uint32_t agent, int64_t day_ms,
                                  const char *unit) {
    for (size_t i = u->n; i-- > 0;)
        if (u->at[i].agent == agent && u->at[i].day_ms == day_ms &&
            strcmp(u->at[i].unit.s, unit) == 0)
            return &u->at[i];
    return NULL;
}

static struct unplaced_line *add(struct unplaced *u, const struct unplaced_line *l) {
    if (u->n == u->cap) {
        size_t cap = u->cap ? u->cap * 2 : 16;
        struct unplaced_line *at = realloc(u->at, cap * sizeof *at);
        if (!at)
            return NULL;
        u->at = at;
        u->cap = cap;
    }
    u->at[u->n] = *l;
    return &u->at[u->n++];
}

/* NULL: out of memory. */
static struct unplaced_line *get(struct core *c, const struct cagent *a, uint32_t unit,
                                 int64_t t_ms) {
    struct unplaced_line fresh = {.agent = a->no,
                                  .unit = c->plant->unit[unit].id,
                                  .day_ms = zone_day_start(c->plant->zone, t_ms)};
    struct unplaced_line *l = find(&c->late, a->no, fresh.day_ms, fresh.unit.s);
    if (!l && c->late.n >= LINES_MAX) {
        fresh.day_ms = SHARED_DAY;
        l = find(&c->late, a->no, SHARED_DAY, fresh.unit.s);
    }
    return l ? l : add(&c->late, &fresh);
}

void unplaced_add(struct core *c, uint32_t unit, int64_t t_ms, const struct unplaced_amount *what) {
    struct cagent *a = c->batch_agent;
    struct unplaced_line *l = get(c, a, unit, t_ms);
    int64_t sum = 0;
    if (!l) {
        c->batch_err = ERR_NOMEM;
        return;
    }
    l->stretches++;
    if (what && what->role >= ROLE_POWER && what->role <= ROLE_MATERIAL) {
        int64_t *to = &l->amount[what->role - ROLE_POWER];
        if (!__builtin_add_overflow(*to, what->amount, &sum))
            *to = sum;
    }
    l->booked_ms = c->now.wall_ms;
    l->stored = false;
    a->changed = true;
}

static enum err put(const struct unplaced_line *l, struct store_tx *tx) {
    uint8_t key[KEY_MAX];
    struct buf v;
    buf_init(&v);
    buf_add_varint(&v, l->stretches);
    for (unsigned i = 0; i < UNPLACED_AMOUNTS; i++)
        buf_add_svarint(&v, l->amount[i]);
    buf_add_svarint(&v, l->booked_ms);
    enum err err = buf_add_le32(&v, crc32c(buf_span(&v)));
    if (!err)
        err = store_tx_add(tx, STORE_PUT, STORE_META, key_of(l, key), buf_span(&v));
    buf_fini(&v);
    return err;
}

enum err unplaced_put(struct core *c, const struct cagent *a, struct store_tx *tx) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < c->late.n && !err; i++) {
        struct unplaced_line *l = &c->late.at[i];
        if (l->agent != a->no || l->stored)
            continue;
        err = put(l, tx);
        l->stored = !err;
    }
    return err;
}

enum err unplaced_drop(struct core *c, int64_t before_ms, struct store_tx *tx) {
    uint8_t key[KEY_MAX];
    size_t n = 0;
    enum err err = ERR_OK;
    for (size_t i = 0; i < c->late.n; i++) {
        const struct unplaced_line l = c->late.at[i];
        bool old = l.booked_ms < before_ms;
        if (old && !err)
            err = store_tx_add(tx, STORE_DELETE, STORE_META, key_of(&l, key), span_of(NULL, 0));
        if (!old)
            c->late.at[n++] = l;
    }
    c->late.n = n;
    return err;
}

static uint32_t be32_of(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

enum err unplaced_take(struct core *c, struct span key, struct span value) {
    struct unplaced_line l = {.stored = true};
    struct cursor v = cursor_of(value);
    uint32_t seal = 0;
    if (key.n <= HEAD + 12 || !ident_set(&l.unit, span_of(key.p + HEAD + 12, key.n - HEAD - 12)))
        return ERR_FORMAT;
    uint64_t day = (uint64_t)be32_of(key.p + HEAD + 4) << 32 | be32_of(key.p + HEAD + 8);
    l.agent = be32_of(key.p + HEAD);
    l.day_ms = (int64_t)(day - (UINT64_C(1) << 63));
    enum err err = cursor_take_varint(&v, &l.stretches);
    for (unsigned i = 0; i < UNPLACED_AMOUNTS && !err; i++)
        err = cursor_take_svarint(&v, &l.amount[i]);
    if (!err)
        err = cursor_take_svarint(&v, &l.booked_ms);
    if (!err)
        err = cursor_take_le32(&v, &seal);
    if (!err && seal != crc32c(span_of(value.p, value.n - 4)))
        err = ERR_CHECKSUM;
    if (err)
        return err;
    return add(&c->late, &l) ? ERR_OK : ERR_NOMEM;
}

bool core_unplaced_at(const struct core *c, size_t i, struct core_unplaced *out) {
    if (i >= c->late.n)
        return false;
    const struct unplaced_line *l = &c->late.at[i];
    *out = (struct core_unplaced){.agent = l->agent < c->agent_n ? &c->agent[l->agent]->id : NULL,
                                  .unit = &l->unit,
                                  .day_ms = l->day_ms,
                                  .booked_ms = l->booked_ms,
                                  .stretches = l->stretches,
                                  .amount = l->amount};
    return true;
}
