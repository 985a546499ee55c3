#include "window/window.h"

#include "base/hash.h"

const char *window_kind_name(enum window_kind k) {
    static const char *const name[WINDOW_KIND_COUNT] = {"minute", "15min", "hour",
                                                        "shift",  "day",   "order"};
    return k < WINDOW_KIND_COUNT ? name[k] : "unknown";
}

const char *restate_cause_name(enum restate_cause c) {
    static const char *const name[RESTATE_CAUSE_COUNT] = {"none", "late_data", "gap", "correction"};
    return c < RESTATE_CAUSE_COUNT ? name[c] : "unknown";
}

struct day { /* local */
    int64_t start_ms, next_ms;
};

static struct day day_of(const struct plant *p, int64_t t_ms) {
    struct day d;
    zone_day(p->zone, t_ms, &d.start_ms, &d.next_ms);
    return d;
}

static bool bounds_in(const struct plant *p, uint32_t calendar, enum window_kind kind, int64_t t_ms,
                      const struct day *day, struct window_target *out) {
    int64_t *start_ms = &out->key.start_ms, *end_ms = &out->end_ms;
    switch (kind) {
    case WINDOW_MINUTE:
        *start_ms = utc_floor(t_ms, UTC_MINUTE_MS);
        *end_ms = *start_ms + UTC_MINUTE_MS;
        return true;
    case WINDOW_QUARTER:
        *start_ms = utc_floor(t_ms, 15 * UTC_MINUTE_MS);
        *end_ms = *start_ms + 15 * UTC_MINUTE_MS;
        return true;
    case WINDOW_HOUR:
    case WINDOW_ORDER:
        /* Hours count from the local midnight; the last one of a day with a half-hour change is
         * short. */
        *start_ms = day->start_ms + utc_floor(t_ms - day->start_ms, UTC_HOUR_MS);
        *end_ms = *start_ms + UTC_HOUR_MS < day->next_ms ? *start_ms + UTC_HOUR_MS : day->next_ms;
        return true;
    case WINDOW_SHIFT: {
        struct calendar_piece piece = calendar_at(p, calendar, t_ms);
        if (piece.shift == UINT32_MAX)
            return false;
        *start_ms = piece.shift_from_ms;
        *end_ms = piece.shift_to_ms;
        return true;
    }
    case WINDOW_DAY:
        *start_ms = day->start_ms;
        *end_ms = day->next_ms;
        return true;
    case WINDOW_KIND_COUNT:
        break;
    }
    return false;
}

bool window_bounds(const struct plant *p, uint32_t calendar, enum window_kind kind, int64_t t_ms,
                   int64_t *start_ms, int64_t *end_ms) {
    struct window_target t;
    struct day day = {0};
    if (kind == WINDOW_HOUR || kind == WINDOW_DAY || kind == WINDOW_ORDER)
        day = day_of(p, t_ms);
    if (!bounds_in(p, calendar, kind, t_ms, &day, &t))
        return false;
    *start_ms = t.key.start_ms;
    *end_ms = t.end_ms;
    return true;
}

bool window_counts(const struct plant *p, uint32_t node, uint32_t unit) {
    uint32_t n = p->unit[unit].node;
    if (plant_term_covers(&p->unit[unit].commissioning, INT64_MIN, INT64_MAX))
        return n == node;
    while (n != node && n != UINT32_MAX)
        n = p->node[n].parent;
    return n == node;
}

bool window_counts_at(const struct plant *p, uint32_t node, uint32_t unit, int64_t minute) {
    const int64_t t_ms = minute * UTC_MINUTE_MS;
    if (p->unit[unit].node != node &&
        plant_term_covers(&p->unit[unit].commissioning, t_ms, t_ms + UTC_MINUTE_MS))
        return false;
    return window_counts(p, node, unit);
}

bool window_commissioning(const struct plant *p, uint32_t node, int64_t from_ms, int64_t to_ms) {
    uint32_t unit = p->node[node].unit;
    return unit != UINT32_MAX && plant_term_meets(&p->unit[unit].commissioning, from_ms, to_ms);
}

bool window_one_calendar(const struct plant *p, uint32_t unit) {
    for (uint32_t n = p->unit[unit].node; n != UINT32_MAX; n = p->node[n].parent)
        if (plant_node_calendar(p, n) != p->unit[unit].calendar)
            return false;
    return true;
}

bool window_output(const struct plant *p, uint32_t node, uint32_t unit) {
    for (uint32_t at = p->unit[unit].node; at != node; at = p->node[at].parent) {
        if (at == UINT32_MAX)
            return false;
        uint32_t up = p->node[at].parent;
        if (up == UINT32_MAX)
            return false;
        bool declared = false;
        for (size_t i = 0; i < p->node[up].output_n; i++)
            declared = declared || p->node[up].output[i] == at;
        if (!declared)
            return false;
    }
    return true;
}

struct target_list {
    struct window_target *at;
    unsigned n;
};

static void add_target(struct target_list *l, struct window_key key, int64_t end_ms, bool pieces) {
    if (l->n < WINDOW_TARGETS_MAX)
        l->at[l->n++] = (struct window_target){.key = key, .end_ms = end_ms, .pieces = pieces};
}

static void add_contexts(struct target_list *l, const struct plant *p, uint32_t unit,
                         const struct context *ctx, struct window_key key, int64_t end_ms) {
    if (key.kind == WINDOW_HOUR && ctx->order) {
        struct window_key own = key;
        own.kind = WINDOW_ORDER;
        own.product = ctx->product;
        own.order = ctx->order;
        add_target(l, own, end_ms, true);
    }
    if (key.kind != WINDOW_SHIFT && key.kind != WINDOW_DAY)
        return;
    if (ctx->product || ctx->team) {
        struct window_key own = key;
        own.node = p->unit[unit].node;
        own.product = ctx->product;
        own.team = ctx->team;
        add_target(l, own, end_ms, true);
    }
    if (ctx->team && p->node_n) {
        struct window_key team = key;
        team.node = 0;
        team.team = ctx->team;
        add_target(l, team, end_ms, window_output(p, 0, unit));
    }
}

/* own: the unit's window of the kind, which is that of the nodes above as long as they have its
 * calendar; `pieces` tells whether there is one. */
static void add_above(struct target_list *l, const struct plant *p, uint32_t unit, int64_t minute,
                      const struct window_target *own) {
    uint32_t n = p->node[p->unit[unit].node].parent;
    for (; n != UINT32_MAX; n = p->node[n].parent) {
        struct window_target t = *own;
        uint32_t calendar = plant_node_calendar(p, n);
        if (t.key.kind == WINDOW_SHIFT && calendar != p->unit[unit].calendar)
            t.pieces = window_bounds(p, calendar, WINDOW_SHIFT, minute * UTC_MINUTE_MS,
                                     &t.key.start_ms, &t.end_ms);
        t.key.node = n;
        if (t.pieces)
            add_target(l, t.key, t.end_ms, window_output(p, n, unit));
    }
}

unsigned window_targets(const struct plant *p, uint32_t unit, int64_t minute,
                        const struct context *ctx, struct window_target out[WINDOW_TARGETS_MAX]) {
    struct target_list l = {out, 0};
    const struct plant_unit *u = &p->unit[unit];
    int64_t t_ms = minute * UTC_MINUTE_MS;
    const struct day day = day_of(p, t_ms);
    for (unsigned kind = WINDOW_QUARTER; kind < WINDOW_SHOWN_COUNT; kind++) {
        struct window_target own = {.key = {.node = u->node, .kind = (uint8_t)kind}};
        own.pieces = !(kind == WINDOW_SHIFT && ctx->shift == UINT32_MAX) &&
                     bounds_in(p, u->calendar, (enum window_kind)kind, t_ms, &day, &own);
        if (own.pieces) {
            add_target(&l, own.key, own.end_ms, true);
            add_contexts(&l, p, unit, ctx, own.key, own.end_ms);
        }
        add_above(&l, p, unit, minute, &own);
    }
    return l.n;
}

/* What a node takes from its declared outputs only. */
static const enum qty pieces[] = {
    QTY_PQ,         QTY_GQ,          QTY_RQ,         QTY_PQ_UNKNOWN,  QTY_GQ_UNKNOWN,
    QTY_RQ_UNKNOWN, QTY_COUNT_DUE,   QTY_COUNT_SEEN, QTY_QUALITY_DUE, QTY_QUALITY_SEEN,
    QTY_REWORK_DUE, QTY_REWORK_SEEN, QTY_ORDER_TIME, QTY_INSPECTED,   QTY_FIRST_GOOD,
    QTY_PASS_DUE,   QTY_PASS_SEEN};

bool window_is_piece(enum qty q) {
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        if (pieces[i] == q)
            return true;
    return false;
}

static struct sums without_pieces(const struct sums *s) {
    struct sums part = *s;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        part.q[pieces[i]] = 0;
    return part;
}

bool window_counts_sums(const struct window_target *t, const struct sums *s) {
    if (t->pieces)
        return !sums_zero(s);
    struct sums part = without_pieces(s);
    return !sums_zero(&part);
}

/* Pieces that were moved with the rest go back: cheaper than a copy without them. */
static void move_pieces(struct sums *w, const struct sums *s, int sign) {
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        int64_t *q = &w->q[pieces[i]];
        *q = sign > 0 ? sums_plus(*q, s->q[pieces[i]]) : sums_minus(*q, s->q[pieces[i]]);
    }
}

void window_move(struct window *w, const struct window_target *t, const struct sums *s, int sign) {
    if (sign > 0)
        sums_add(&w->sums, s);
    else
        sums_sub(&w->sums, s);
    if (!t->pieces)
        move_pieces(&w->sums, s, -sign);
    w->end_ms = t->end_ms > w->end_ms ? t->end_ms : w->end_ms;
    w->changed = true;
    w->stored = false;
}

bool window_apply(struct window *w, const struct window_target *t, const struct sums *s, int sign) {
    if (!window_counts_sums(t, s))
        return false;
    window_move(w, t, s, sign);
    return true;
}

static void put_be32(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static uint32_t get_be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_start(uint8_t *p, int64_t start_ms) {
    const uint64_t start = (uint64_t)start_ms ^ UINT64_C(0x8000000000000000);
    put_be32(p, (uint32_t)(start >> 32));
    put_be32(p + 4, (uint32_t)start);
}

static int64_t get_start(const uint8_t *p) {
    const uint64_t start = (uint64_t)get_be32(p) << 32 | get_be32(p + 4);
    return (int64_t)(start ^ UINT64_C(0x8000000000000000));
}

/* node, kind, product, team big-endian; start with its sign bit flipped, so that bytes sort by
 * time. Of orders there is no end: there the start stands before the product, so that old ones lie
 * together. */
void window_key_pack(const struct window_key *k, uint8_t out[WINDOW_KEY_BYTES]) {
    const bool order = k->kind == WINDOW_ORDER;
    put_be32(out, k->node);
    put_be32(out + 4, k->kind);
    put_start(out + (order ? 8 : 16), k->start_ms);
    put_be32(out + (order ? 16 : 8), k->product);
    put_be32(out + (order ? 20 : 12), k->team);
}

enum err window_key_unpack(struct span bytes, struct window_key *out) {
    if (bytes.n != WINDOW_KEY_BYTES)
        return ERR_FORMAT;
    const uint32_t kind = get_be32(bytes.p + 4);
    if (kind >= WINDOW_KIND_COUNT)
        return ERR_FORMAT;
    const bool order = kind == WINDOW_ORDER;
    *out = (struct window_key){.node = get_be32(bytes.p),
                               .kind = (uint8_t)kind,
                               .product = get_be32(bytes.p + (order ? 16 : 8)),
                               .team = get_be32(bytes.p + (order ? 20 : 12)),
                               .start_ms = get_start(bytes.p + (order ? 8 : 16))};
    return ERR_OK;
}

void window_push_past(struct window *w) {
    struct window_past *p = &w->past;
    p->n = p->n < WINDOW_PAST_MAX ? p->n + 1 : p->n;
    for (unsigned i = p->n; i-- > 1;) {
        p->told_ms[i] = p->told_ms[i - 1];
        p->cause[i] = p->cause[i - 1];
    }
    p->told_ms[0] = w->published_ms;
    p->cause[0] = w->cause;
}

enum { WINDOW_FORMAT = 4, WINDOW_FORMAT_WITHOUT_PAST = 3 };

/* Value: format byte, life, cause, flags (1 = changed, the cause to come x 2), varints revision,
 * end, published, told values, numerators, denominators; sums; past revisions: their number, and of
 * each its cause and how much earlier than the next one it was told; crc32c over all before it. */
static void pack_past(const struct window *w, struct buf *out) {
    int64_t after_ms = w->published_ms;
    buf_add_byte(out, w->past.n);
    for (unsigned i = 0; i < w->past.n; i++) {
        buf_add_byte(out, w->past.cause[i]);
        buf_add_svarint(out, (int64_t)((uint64_t)after_ms - (uint64_t)w->past.told_ms[i]));
        after_ms = w->past.told_ms[i];
    }
}

static enum err unpack_past(struct cursor *c, struct window *w) {
    int64_t at_ms = w->published_ms, earlier_ms = 0;
    enum err err = cursor_take_byte(c, &w->past.n);
    if (!err && w->past.n > WINDOW_PAST_MAX)
        return ERR_FORMAT;
    for (unsigned i = 0; !err && i < w->past.n; i++) {
        err = cursor_take_byte(c, &w->past.cause[i]);
        if (!err)
            err = cursor_take_svarint(c, &earlier_ms);
        if (!err && w->past.cause[i] >= RESTATE_CAUSE_COUNT)
            return ERR_FORMAT;
        at_ms = (int64_t)((uint64_t)at_ms - (uint64_t)earlier_ms);
        w->past.told_ms[i] = at_ms;
    }
    return err;
}

enum err window_pack(const struct window *w, struct buf *out) {
    size_t from = out->n;
    buf_add_byte(out, WINDOW_FORMAT);
    buf_add_byte(out, w->life);
    buf_add_byte(out, w->cause);
    buf_add_byte(out, (uint8_t)((w->changed ? 1 : 0) | w->next_cause << 1));
    buf_add_varint(out, w->revision);
    buf_add_svarint(out, w->end_ms);
    buf_add_svarint(out, w->published_ms);
    buf_add_varint(out, w->told.value);
    buf_add_varint(out, w->told.numerator);
    buf_add_varint(out, w->told.denominator);
    enum err err = sums_pack(&w->sums, out);
    if (err)
        return err;
    pack_past(w, out);
    return buf_add_le32(out, crc32c(span_of(out->p + from, out->n - from)));
}

static enum err unpack_body(struct cursor *c, struct window *w) {
    uint8_t format = 0, changed = 0;
    uint64_t revision = 0;
    enum err err = cursor_take_byte(c, &format);
    if (!err)
        err = cursor_take_byte(c, &w->life);
    if (!err)
        err = cursor_take_byte(c, &w->cause);
    if (!err)
        err = cursor_take_byte(c, &changed);
    if (!err)
        err = cursor_take_varint(c, &revision);
    if (!err)
        err = cursor_take_svarint(c, &w->end_ms);
    if (!err)
        err = cursor_take_svarint(c, &w->published_ms);
    if (!err)
        err = cursor_take_varint(c, &w->told.value);
    if (!err)
        err = cursor_take_varint(c, &w->told.numerator);
    if (!err)
        err = cursor_take_varint(c, &w->told.denominator);
    if (!err)
        err = sums_unpack(c, &w->sums);
    if (!err && format != WINDOW_FORMAT_WITHOUT_PAST)
        err = unpack_past(c, w);
    if (err)
        return err;
    if (format < WINDOW_FORMAT_WITHOUT_PAST || format > WINDOW_FORMAT ||
        w->life > WINDOW_RESTATED || w->cause >= RESTATE_CAUSE_COUNT ||
        changed >> 1 >= RESTATE_CAUSE_COUNT || revision > UINT32_MAX || cursor_left(c) != 0)
        return ERR_FORMAT;
    if (w->past.n > revision)
        return ERR_FORMAT;
    w->revision = (uint32_t)revision;
    w->changed = changed & 1;
    w->next_cause = changed >> 1;
    return ERR_OK;
}

enum err window_unpack(struct span bytes, struct window *out) {
    if (bytes.n < 12)
        return ERR_TRUNCATED;
    struct cursor tail = cursor_of(span_of(bytes.p + bytes.n - 4, 4));
    struct cursor body = cursor_of(span_of(bytes.p, bytes.n - 4));
    uint32_t crc = 0;
    cursor_take_le32(&tail, &crc);
    if (crc != crc32c(span_of(bytes.p, bytes.n - 4)))
        return ERR_CHECKSUM;
    struct window w = {.key = out->key};
    enum err err = unpack_body(&body, &w);
    if (err)
        return err;
    w.stored = true;
    *out = w;
    return ERR_OK;
}
