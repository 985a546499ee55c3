/* Reads what batch_write.c describes, over the frame's own memory. */
#include "wire/batch_check.h"
#include "wire/item.h"
#include "wire/utf8.h"

/* Leaves the calling function with the first fault. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum batch_fault fault_ = (call);                                                          \
        if (fault_ != BATCH_FAULT_NONE) {                                                          \
            return fault_;                                                                         \
        }                                                                                          \
    } while (0)

static const char *const fault_word[BATCH_FAULT_COUNT] = {
    [BATCH_FAULT_NONE] = "none",           [BATCH_FAULT_SIZE] = "size",
    [BATCH_FAULT_TRUNCATED] = "truncated", [BATCH_FAULT_SHAPE] = "shape",
    [BATCH_FAULT_VERSION] = "version",     [BATCH_FAULT_KIND] = "kind",
    [BATCH_FAULT_RANGE] = "range",         [BATCH_FAULT_TRAILING] = "trailing",
};

const char *batch_fault_name(enum batch_fault fault) {
    return (unsigned)fault < BATCH_FAULT_COUNT ? fault_word[fault] : "unknown";
}

static enum batch_fault within(bool holds) {
    return holds ? BATCH_FAULT_NONE : BATCH_FAULT_RANGE;
}

static enum batch_fault array_of(struct cursor *c, uint32_t n) {
    uint32_t found = 0;
    TRY(item_take_array(c, &found));
    return found == n ? BATCH_FAULT_NONE : BATCH_FAULT_SHAPE;
}

static enum batch_fault take_u32(struct cursor *c, uint64_t max, uint32_t *out) {
    uint64_t v = 0;
    TRY(item_take_uint(c, max, &v));
    *out = (uint32_t)v;
    return BATCH_FAULT_NONE;
}

static enum batch_fault take_u16(struct cursor *c, uint16_t *out) {
    uint64_t v = 0;
    TRY(item_take_uint(c, UINT16_MAX, &v));
    *out = (uint16_t)v;
    return BATCH_FAULT_NONE;
}

static enum batch_fault take_u8(struct cursor *c, uint64_t max, uint8_t *out) {
    uint64_t v = 0;
    TRY(item_take_uint(c, max, &v));
    *out = (uint8_t)v;
    return BATCH_FAULT_NONE;
}

/* Hot, hence inlined by force: a time relative to base. The first check keeps the sum from
 * overflowing. */
__attribute__((always_inline)) static inline enum batch_fault
take_time(struct cursor *c, int64_t base, int64_t *out) {
    int64_t delta = 0;
    TRY(item_take_int(c, &delta));
    if (!batch_time_check(delta / 2) || !batch_time_check(base + delta)) {
        return BATCH_FAULT_RANGE;
    }
    *out = base + delta;
    return BATCH_FAULT_NONE;
}

/* --- head and body --- */

static enum batch_fault take_head(struct cursor *c, struct batch_head *h) {
    uint32_t fields = 0;
    uint64_t version = 0;
    TRY(item_take_array(c, &fields));
    TRY(item_take_uint(c, UINT64_MAX, &version));
    if (version != BATCH_VERSION) {
        return BATCH_FAULT_VERSION;
    }
    if (fields != BATCH_FIELDS) {
        return BATCH_FAULT_SHAPE;
    }
    uint64_t kind = 0;
    TRY(item_take_uint(c, UINT64_MAX, &kind));
    if (kind >= BATCH_KIND_COUNT) {
        return BATCH_FAULT_KIND;
    }
    h->kind = (uint8_t)kind;
    TRY(item_take_uint(c, UINT64_MAX, &h->epoch));
    TRY(item_take_uint(c, BATCH_SEQ_MAX, &h->seq));
    TRY(item_take_int(c, &h->t_ms));
    return within(batch_head_check(h));
}

static enum batch_fault take_key(struct cursor *c, const struct batch_head *h,
                                 struct batch_key *key) {
    TRY(array_of(c, 5));
    TRY(item_take_uint(c, UINT64_MAX, &key->prev_epoch));
    TRY(item_take_uint(c, BATCH_SEQ_MAX, &key->prev_last));
    TRY(take_u32(c, POINT_TABLE_MAX, &key->part));
    TRY(take_u32(c, POINT_TABLE_MAX, &key->parts));
    TRY(take_u32(c, POINT_TABLE_MAX, &key->points_total));
    return within(batch_key_check(h, key));
}

static enum batch_fault take_dropped(struct cursor *c, const struct batch_head *h,
                                     struct batch_dropped *d) {
    TRY(array_of(c, 6));
    TRY(item_take_uint(c, BATCH_SEQ_MAX, &d->from));
    TRY(item_take_uint(c, BATCH_SEQ_MAX, &d->to));
    TRY(take_u8(c, DROP_REASON_COUNT - 1, &d->reason));
    TRY(item_take_uint(c, BATCH_SEQ_MAX, &d->readings));
    TRY(item_take_int(c, &d->from_ms));
    TRY(item_take_int(c, &d->to_ms));
    return within(batch_dropped_check(h, d));
}

static enum batch_fault take_clock(struct cursor *c, struct batch_clock *clock) {
    TRY(array_of(c, 2));
    TRY(item_take_int(c, &clock->from_ms));
    TRY(item_take_int(c, &clock->to_ms));
    return within(batch_clock_check(clock));
}

static enum batch_fault take_body(struct cursor *c, struct batch *b) {
    switch ((enum batch_kind)b->head.kind) {
    case BATCH_DATA:
        return item_take_nil(c);
    case BATCH_KEY:
        return take_key(c, &b->head, &b->key);
    case BATCH_DROPPED:
        return take_dropped(c, &b->head, &b->dropped);
    case BATCH_CLOCK:
        return take_clock(c, &b->clock);
    case BATCH_KIND_COUNT:
        break;
    }
    return BATCH_FAULT_KIND;
}

/* --- points and asofs --- */

/* A text into a field of size max + 1. A NUL inside would hide what follows it: refused. */
static enum batch_fault take_field(struct cursor *c, uint32_t max, char *field) {
    struct span s = {0};
    TRY(item_take_str(c, max, &s));
    if (s.n > 0 && memchr(s.p, 0, s.n)) {
        return BATCH_FAULT_RANGE;
    }
    if (s.n > 0) {
        memcpy(field, s.p, s.n);
    }
    field[s.n] = '\0';
    return BATCH_FAULT_NONE;
}

static enum batch_fault take_point(struct cursor *c, struct point *p) {
    TRY(array_of(c, POINT_FIELDS));
    TRY(take_u16(c, &p->id));
    TRY(take_u16(c, &p->source));
    TRY(take_u8(c, POINT_TYPE_COUNT - 1, &p->type));
    TRY(take_u8(c, POINT_HELD, &p->sampling));
    TRY(item_take_bool(c, &p->sticky));
    TRY(take_u8(c, 64, &p->width_bits));
    TRY(take_u8(c, 18, &p->width_digits));
    TRY(item_take_int(c, &p->num));
    TRY(item_take_int(c, &p->den));
    TRY(take_u32(c, UINT32_MAX, &p->poll_ms));
    TRY(take_field(c, POINT_NAME_MAX, p->name));
    TRY(take_field(c, POINT_UNIT_MAX, p->unit));
    TRY(take_field(c, IDENT_MAX, p->hint));
    return within(p->id < POINT_TABLE_MAX && point_check(p));
}

static enum batch_fault check_points(struct cursor *c, struct batch *b) {
    uint32_t total = b->head.kind == BATCH_KEY ? b->key.points_total : POINT_TABLE_MAX;
    TRY(item_take_array(c, &b->point_n));
    TRY(within(batch_load_check((enum batch_kind)b->head.kind, b->point_n, total, 0)));
    b->points.p = c->p;
    uint32_t next = 0;
    for (uint32_t i = 0; i < b->point_n; i++) {
        struct point p;
        TRY(take_point(c, &p));
        TRY(within((i == 0 || p.id == next) && p.id < total));
        next = p.id + 1u;
    }
    b->points.end = c->p;
    return BATCH_FAULT_NONE;
}

static enum batch_fault take_asof(struct cursor *c, int64_t base, struct asof *a) {
    TRY(array_of(c, ASOF_FIELDS));
    TRY(take_u16(c, &a->source));
    TRY(take_time(c, base, &a->since_ms));
    TRY(take_time(c, base, &a->until_ms));
    return within(batch_asof_check(a));
}

static enum batch_fault check_asofs(struct cursor *c, struct batch *b) {
    uint64_t seen[POINT_SOURCE_MAX / 64] = {0};
    TRY(item_take_array(c, &b->asof_n));
    TRY(within(b->asof_n <= POINT_SOURCE_MAX));
    b->asofs.p = c->p;
    for (uint32_t i = 0; i < b->asof_n; i++) {
        struct asof a;
        TRY(take_asof(c, b->head.t_ms, &a));
        uint64_t bit = UINT64_C(1) << (a.source % 64);
        TRY(within(!(seen[a.source / 64] & bit)));
        seen[a.source / 64] |= bit;
    }
    b->asofs.end = c->p;
    return BATCH_FAULT_NONE;
}

/* --- readings: the hot path --- */

static enum batch_fault take_span(struct cursor *c, struct value *v) {
    v->kind = VALUE_AMOUNT;
    TRY(array_of(c, AMOUNT_FIELDS));
    TRY(item_take_int(c, &v->as.span.amount));
    TRY(item_take_int(c, &v->as.span.dur_ms));
    TRY(item_take_int(c, &v->as.span.tag));
    return within(v->as.span.dur_ms >= 0 && batch_time_check(v->as.span.dur_ms));
}

static enum batch_fault take_text(struct cursor *c, struct value *v) {
    struct span s = {0};
    TRY(item_take_str(c, BATCH_TEXT_MAX, &s));
    v->kind = VALUE_TEXT;
    v->as.text.p = (const char *)s.p;
    v->as.text.n = (uint32_t)s.n;
    return BATCH_FAULT_NONE;
}

/* Whatever is not an integer. */
static enum batch_fault take_other(struct cursor *c, uint8_t quality, struct value *v) {
    uint8_t lead = *c->p;
    if (lead == 0xca || lead == 0xcb) {
        v->kind = VALUE_REAL;
        return item_take_real(c, &v->as.r);
    }
    if (lead == 0xc0) {
        v->kind = VALUE_NONE;
        TRY(item_take_nil(c));
        return within(quality == QUALITY_BAD);
    }
    if ((lead >= 0xa0 && lead < 0xc0) || (lead >= 0xd9 && lead <= 0xdb)) {
        return take_text(c, v);
    }
    return take_span(c, v);
}

__attribute__((always_inline)) static inline enum batch_fault
take_reading(struct cursor *c, int64_t base, struct reading *r) {
    uint64_t key = 0;
    TRY(item_take_uint(c, ((uint64_t)QUALITY_COUNT << 16) - 1, &key));
    r->point = (uint16_t)key;
    r->quality = (uint8_t)(key >> 16);
    TRY(take_time(c, base, &r->t_ms));
    if (item_at_end(c)) {
        return BATCH_FAULT_TRUNCATED;
    }
    uint8_t lead = *c->p;
    if (item_is_fix(lead) || item_is_wide(lead)) {
        r->v.kind = VALUE_INT;
        return item_take_int(c, &r->v.as.i);
    }
    return take_other(c, r->quality, &r->v);
}

/* Where the readings that are being checked stay. */
struct room {
    struct reading *at;
    size_t cap;
};

static enum batch_fault check_readings(struct cursor *c, struct batch *b, struct room room) {
    uint32_t elements = 0;
    TRY(item_take_array(c, &elements));
    TRY(within(elements <= BATCH_READINGS_MAX * READING_FIELDS));
    if (elements % READING_FIELDS != 0) {
        return BATCH_FAULT_SHAPE;
    }
    b->reading_n = elements / READING_FIELDS;
    TRY(within(batch_load_check((enum batch_kind)b->head.kind, b->point_n, POINT_TABLE_MAX,
                                b->reading_n)));
    struct cursor at = *c; /* a local copy stays in registers */
    b->readings.p = at.p;
    struct reading one, *r = &one;
    size_t step = 0;
    if (b->reading_n > 0 && b->reading_n <= room.cap) {
        b->decoded = r = room.at;
        step = 1;
    }
    for (uint32_t i = 0; i < b->reading_n; i++, r += step) {
        TRY(take_reading(&at, b->head.t_ms, r));
        if (r->v.kind == VALUE_TEXT && !utf8_check(span_of(r->v.as.text.p, r->v.as.text.n))) {
            return BATCH_FAULT_RANGE;
        }
    }
    b->readings.end = at.p;
    *c = at;
    return BATCH_FAULT_NONE;
}

/* --- the doors --- */

static enum batch_fault check_frame(struct span frame, struct room room, struct batch *b) {
    if (frame.n > BATCH_BYTES_MAX) {
        return BATCH_FAULT_SIZE;
    }
    struct cursor c = cursor_of(frame);
    TRY(take_head(&c, &b->head));
    TRY(take_body(&c, b));
    TRY(check_points(&c, b));
    TRY(check_asofs(&c, b));
    TRY(check_readings(&c, b, room));
    return item_at_end(&c) ? BATCH_FAULT_NONE : BATCH_FAULT_TRAILING;
}

enum err batch_parse_into(struct span frame, struct reading *room, size_t cap, struct batch *out,
                          enum batch_fault *fault) {
    struct batch b = {0};
    enum batch_fault found = check_frame(frame, (struct room){room, cap}, &b);
    if (found != BATCH_FAULT_NONE) {
        *fault = found;
        return ERR_FORMAT;
    }
    *fault = BATCH_FAULT_NONE;
    *out = b;
    return ERR_OK;
}

enum err batch_parse(struct span frame, struct batch *out, enum batch_fault *fault) {
    return batch_parse_into(frame, NULL, 0, out, fault);
}

enum err batch_parse_head(struct span frame, struct batch_head *out) {
    struct cursor c = cursor_of(frame);
    struct batch_head h = {0};
    if (take_head(&c, &h) != BATCH_FAULT_NONE) {
        return ERR_FORMAT;
    }
    *out = h;
    return ERR_OK;
}

/* The iterators check again, cheaply, so that bytes changed under them end the walk, no more. */
bool batch_next_reading(struct batch *b, struct reading *out) {
    struct cursor at = b->readings;
    if (item_at_end(&at) || take_reading(&at, b->head.t_ms, out) != BATCH_FAULT_NONE) {
        b->readings.p = b->readings.end;
        return false;
    }
    b->readings.p = at.p;
    return true;
}

size_t batch_next_readings(struct batch *b, struct reading *out, size_t cap) {
    struct cursor at = b->readings;
    size_t n = 0;
    while (n < cap && !item_at_end(&at)) {
        if (take_reading(&at, b->head.t_ms, &out[n]) != BATCH_FAULT_NONE) {
            at.p = at.end;
            break;
        }
        n++;
    }
    b->readings.p = at.p;
    return n;
}

size_t batch_next_chunk(struct batch *b, struct reading *out, size_t cap,
                        const struct reading **at) {
    if (!b->decoded) {
        *at = out;
        return batch_next_readings(b, out, cap);
    }
    size_t left = (size_t)b->reading_n - b->chunk_n, n = left < cap ? left : cap;
    *at = b->decoded + b->chunk_n;
    b->chunk_n += (uint32_t)n;
    return n;
}

bool batch_next_asof(struct batch *b, struct asof *out) {
    if (item_at_end(&b->asofs) || take_asof(&b->asofs, b->head.t_ms, out) != BATCH_FAULT_NONE) {
        b->asofs.p = b->asofs.end;
        return false;
    }
    return true;
}

bool batch_next_point(struct batch *b, struct point *out) {
    if (item_at_end(&b->points) || take_point(&b->points, out) != BATCH_FAULT_NONE) {
        b->points.p = b->points.end;
        return false;
    }
    return true;
}
