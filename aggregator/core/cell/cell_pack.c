/* Cells as bytes: all cells of one (unit, hour), in their order. A cell is told as what differs
 * from a prediction, which for a machine that goes on as before is little.
 *
 *   byte    form, 3
 *   varint  n, number of cells
 *   n x {
 *     varint  context: its number in the order of first mention; equal to the number of contexts so
 *             far for a new one, which follows:
 *             varint product, varint order, varint team, varint shift (0: none, else index + 1),
 *             svarint start day
 *     svarint minute minus that of the cell before (of 0 for the first)
 *     varint  number of corrections
 *     corrections: varint step of the index (to the one before, less 1; the first: the index),
 *             zigzag varint, 128 bit, not 0: value minus prediction
 *   }
 *   le32    CRC-32C of everything before
 *
 * The values of a cell are pri_pq, pri_gq, priced_pq and its quantities. Before they are compared
 * with those of the cell before of this run (zeros for the first), what goes together is taken
 * apart: good and priced pieces less all pieces, labour less the time it was known for, the energy
 * of all carriers less that of electricity and the same of its times due and seen; import less what
 * is used, energy without a tariff less import that is in no band; the sums of PRI less priced
 * (good) pieces times the PRI of the last cell that had priced pieces. All arithmetic is modulo
 * 2^64 (2^128), so every value has its form. Contents are valid only as a whole: a wrong checksum,
 * length or index refuses everything. At most CELLS_PACK_MAX cells. */
#include <stdlib.h>

#include "base/hash.h"
#include "cell/cell.h"
#include "cell/varint128.h"

__extension__ typedef unsigned __int128 u128;

enum { FORM = 3, CELLS_PACK_MAX = 1 << 20 };
enum { VALUE_PRI_PQ, VALUE_PRI_GQ, VALUE_PRICED, VALUE_QTY, VALUE_COUNT = VALUE_QTY + QTY_COUNT };
/* The shortest cell: context, minute, no corrections. */
enum { CELL_BYTES_MIN = 3, CRC_BYTES = 4 };
_Static_assert(VALUE_COUNT <= UINT8_MAX, "indexes of values fit a byte");

struct packer {       /* of either direction */
    struct sums last; /* taken apart */
    uint64_t pri;     /* of the last cell with priced pieces */
    int64_t minute;
    struct context *context; /* owned */
    size_t context_n, context_cap;
};

static int64_t add(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t less(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* x - by * pri, modulo 2^128 */
static i128 less_priced(i128 x, int64_t by, uint64_t pri) {
    return (i128)((u128)x - (u128)(i128)by * pri);
}

static int64_t electricity(const struct sums *s) {
    uint64_t sum = 0;

    for (unsigned c = 0; c < CATEGORY_COUNT; c++)
        sum += (uint64_t)s->q[QTY_ENERGY + c];
    return (int64_t)sum;
}

static int64_t bought(const struct sums *s) {
    uint64_t sum = 0;

    for (unsigned b = 0; b < BAND_COUNT; b++)
        sum += (uint64_t)s->q[QTY_BAND_ENERGY + b];
    return (int64_t)sum;
}

static void take_apart(struct sums *s, uint64_t pri) {
    int64_t *q = s->q;

    q[QTY_UNPRICED_ENERGY] = less(add(q[QTY_UNPRICED_ENERGY], bought(s)), q[QTY_IMPORT]);
    q[QTY_IMPORT] = less(q[QTY_IMPORT], electricity(s));
    q[QTY_TOTAL_ENERGY] = less(q[QTY_TOTAL_ENERGY], electricity(s));
    q[QTY_TOTAL_DUE] = less(q[QTY_TOTAL_DUE], q[QTY_ENERGY_DUE]);
    q[QTY_TOTAL_SEEN] = less(q[QTY_TOTAL_SEEN], q[QTY_ENERGY_SEEN]);
    s->pri_pq = less_priced(s->pri_pq, s->priced_pq, pri);
    s->pri_gq = less_priced(s->pri_gq, q[QTY_GQ], pri);
    s->priced_pq = less(s->priced_pq, q[QTY_PQ]);
    q[QTY_GQ] = less(q[QTY_GQ], q[QTY_PQ]);
    q[QTY_LABOUR] = less(q[QTY_LABOUR], q[QTY_LABOUR_TIME]);
}

static void put_together(struct sums *s, uint64_t pri) {
    int64_t *q = s->q;

    q[QTY_LABOUR] = add(q[QTY_LABOUR], q[QTY_LABOUR_TIME]);
    q[QTY_GQ] = add(q[QTY_GQ], q[QTY_PQ]);
    s->priced_pq = add(s->priced_pq, q[QTY_PQ]);
    s->pri_gq = less_priced(s->pri_gq, less(0, q[QTY_GQ]), pri);
    s->pri_pq = less_priced(s->pri_pq, less(0, s->priced_pq), pri);
    q[QTY_TOTAL_SEEN] = add(q[QTY_TOTAL_SEEN], q[QTY_ENERGY_SEEN]);
    q[QTY_TOTAL_DUE] = add(q[QTY_TOTAL_DUE], q[QTY_ENERGY_DUE]);
    q[QTY_TOTAL_ENERGY] = add(q[QTY_TOTAL_ENERGY], electricity(s));
    q[QTY_IMPORT] = add(q[QTY_IMPORT], electricity(s));
    q[QTY_UNPRICED_ENERGY] = less(add(q[QTY_UNPRICED_ENERGY], q[QTY_IMPORT]), bought(s));
}

/* The PRI that the next cell is predicted by. */
static uint64_t pri_after(const struct sums *s, uint64_t pri) {
    return s->priced_pq <= 0 ? pri : (uint64_t)(s->pri_pq / s->priced_pq);
}

static enum err context_keep(struct packer *p, const struct context *c) {
    if (p->context_n == p->context_cap) {
        const size_t cap = p->context_cap == 0 ? 8 : p->context_cap * 2;
        struct context *at = realloc(p->context, cap * sizeof *at);
        if (at == NULL)
            return ERR_NOMEM;
        p->context = at;
        p->context_cap = cap;
    }
    p->context[p->context_n++] = *c;
    return ERR_OK;
}

/* A failed buf takes nothing more and says so at the end, so results of its adds may wait. */
static enum err pack_context(struct packer *p, const struct context *c, struct buf *out) {
    size_t i = p->context_n;

    while (i > 0 && !context_equal(&p->context[i - 1], c)) /* mostly the newest */
        i--;
    if (i > 0)
        return buf_add_varint(out, i - 1);
    (void)buf_add_varint(out, p->context_n);
    (void)buf_add_varint(out, c->product);
    (void)buf_add_varint(out, c->order);
    (void)buf_add_varint(out, c->team);
    (void)buf_add_varint(out, c->shift == UINT32_MAX ? 0 : (uint64_t)c->shift + 1);
    const enum err e = buf_add_svarint(out, c->shift_day);
    return e == ERR_OK ? context_keep(p, c) : e;
}

/* Value minus prediction, modulo what it lives in. */
static i128 correction(const struct sums *x, const struct sums *last, unsigned i) {
    switch (i) {
    case VALUE_PRI_PQ:
        return (i128)((u128)x->pri_pq - (u128)last->pri_pq);
    case VALUE_PRI_GQ:
        return (i128)((u128)x->pri_gq - (u128)last->pri_gq);
    case VALUE_PRICED:
        return less(x->priced_pq, last->priced_pq);
    default:
        return less(x->q[i - VALUE_QTY], last->q[i - VALUE_QTY]);
    }
}

static unsigned changes(const struct sums *x, const struct sums *last,
                        uint8_t changed[VALUE_COUNT]) {
    unsigned n = 0;

    for (unsigned i = 0; i < VALUE_QTY; i++)
        if (correction(x, last, i) != 0)
            changed[n++] = (uint8_t)i;
    /* Mostly whole groups stay as they are. */
    for (unsigned group = 0; group < SUMS_ROOM; group += SUMS_GROUP) {
        if (memcmp(&x->q[group], &last->q[group], SUMS_GROUP * sizeof *x->q) == 0)
            continue;
        for (unsigned i = group; i < group + SUMS_GROUP; i++)
            if (x->q[i] != last->q[i])
                changed[n++] = (uint8_t)(VALUE_QTY + i);
    }
    return n;
}

static enum err pack_values(struct packer *p, const struct sums *s, struct buf *out) {
    struct sums x = *s;
    uint8_t changed[VALUE_COUNT];
    unsigned last = 0;

    take_apart(&x, p->pri);
    const unsigned n = changes(&x, &p->last, changed);
    (void)buf_add_varint(out, n);
    for (unsigned k = 0; k < n; k++) {
        const unsigned i = changed[k];
        (void)buf_add_varint(out, i - last);
        (void)varint128_add(out, correction(&x, &p->last, i));
        last = i + 1;
    }
    p->last = x;
    p->pri = pri_after(s, p->pri);
    return out->failed ? ERR_NOMEM : ERR_OK;
}

static enum err pack_cell(struct packer *p, const struct cell *c, struct buf *out) {
    enum err e = pack_context(p, &c->ctx, out);

    if (e != ERR_OK)
        return e;
    (void)buf_add_svarint(out, (int64_t)((uint64_t)c->minute - (uint64_t)p->minute));
    p->minute = c->minute;
    return pack_values(p, &c->sums, out);
}

enum err cells_pack(const struct cell *c, size_t n, struct buf *out) {
    struct packer p = {0};
    const size_t start = out->n;
    enum err e;

    if (n > CELLS_PACK_MAX)
        return ERR_RANGE;
    (void)buf_add_byte(out, FORM);
    e = buf_add_varint(out, n);
    for (size_t i = 0; i < n && e == ERR_OK; i++)
        e = pack_cell(&p, &c[i], out);
    if (e == ERR_OK)
        e = buf_add_le32(out, crc32c(span_of(out->p + start, out->n - start)));
    if (e != ERR_OK && out->n > start)
        out->n = start;
    free(p.context);
    return e;
}

/* Counts, contexts and steps are nearly always one byte. */
static inline enum err take_small(struct cursor *c, uint64_t *v) {
    if (c->p == c->end || *c->p >= 0x80)
        return cursor_take_varint(c, v);
    *v = *c->p++;
    return ERR_OK;
}

static enum err take_word(struct cursor *c, uint32_t *word) {
    uint64_t v;
    const enum err e = cursor_take_varint(c, &v);

    if (e != ERR_OK)
        return e;
    if (v > UINT32_MAX)
        return ERR_FORMAT;
    *word = (uint32_t)v;
    return ERR_OK;
}

static enum err take_new_context(struct cursor *c, struct context *x) {
    uint32_t shift = 0;
    int64_t day = 0;
    enum err e = take_word(c, &x->product);

    if (e == ERR_OK)
        e = take_word(c, &x->order);
    if (e == ERR_OK)
        e = take_word(c, &x->team);
    if (e == ERR_OK)
        e = take_word(c, &shift);
    if (e == ERR_OK)
        e = cursor_take_svarint(c, &day);
    if (e != ERR_OK)
        return e;
    if (day < INT32_MIN || day > INT32_MAX)
        return ERR_FORMAT;
    x->shift = shift == 0 ? UINT32_MAX : shift - 1;
    x->shift_day = (int32_t)day;
    return ERR_OK;
}

static enum err take_context(struct packer *p, struct cursor *c, struct context *x) {
    uint64_t i;
    enum err e = take_small(c, &i);

    if (e != ERR_OK)
        return e;
    if (i > p->context_n)
        return ERR_FORMAT;
    if (i < p->context_n) {
        *x = p->context[i];
        return ERR_OK;
    }
    e = take_new_context(c, x);
    return e == ERR_OK ? context_keep(p, x) : e;
}

static void correct(struct sums *s, unsigned i, i128 by) {
    const int64_t by64 = (int64_t)(uint64_t)(u128)by;

    switch (i) {
    case VALUE_PRI_PQ:
        s->pri_pq = (i128)((u128)s->pri_pq + (u128)by);
        break;
    case VALUE_PRI_GQ:
        s->pri_gq = (i128)((u128)s->pri_gq + (u128)by);
        break;
    case VALUE_PRICED:
        s->priced_pq = add(s->priced_pq, by64);
        break;
    default:
        s->q[i - VALUE_QTY] = add(s->q[i - VALUE_QTY], by64);
        break;
    }
}

static inline enum err take_correction(struct cursor *c, unsigned i, struct sums *s) {
    int64_t near = 0;
    i128 v = 0;
    if (i >= VALUE_QTY && varint128_take_near(c, &near)) {
        s->q[i - VALUE_QTY] = add(s->q[i - VALUE_QTY], near);
        return ERR_OK;
    }
    const enum err e = varint128_take(c, &v);
    if (e == ERR_OK)
        correct(s, i, v);
    return e;
}

static enum err take_values(struct packer *p, struct cursor *c, struct sums *out) {
    uint64_t n, step, index = 0;
    enum err e = take_small(c, &n);

    for (uint64_t k = 0; k < n && e == ERR_OK; k++, index++) {
        e = take_small(c, &step);
        if (e != ERR_OK)
            break;
        if (index >= VALUE_COUNT || step >= VALUE_COUNT - index)
            return ERR_FORMAT;
        index += step;
        e = take_correction(c, (unsigned)index, &p->last);
    }
    if (e != ERR_OK)
        return e;
    *out = p->last;
    put_together(out, p->pri);
    p->pri = pri_after(out, p->pri);
    return ERR_OK;
}

static enum err take_cell(struct packer *p, struct cursor *c, struct cell *x) {
    int64_t step = 0;
    enum err e = take_context(p, c, &x->ctx);

    if (e == ERR_OK)
        e = cursor_take_svarint(c, &step);
    if (e != ERR_OK)
        return e;
    x->minute = p->minute = (int64_t)((uint64_t)p->minute + (uint64_t)step);
    return take_values(p, c, &x->sums);
}

static enum err take_cells(struct cursor *c, struct cells *out) {
    struct packer p = {0};
    uint8_t form = 0;
    uint64_t n = 0;
    enum err e = cursor_take_byte(c, &form);

    if (e == ERR_OK && form != FORM)
        e = ERR_UNSUPPORTED;
    if (e == ERR_OK)
        e = cursor_take_varint(c, &n);
    if (e == ERR_OK && (n > CELLS_PACK_MAX || n > cursor_left(c) / CELL_BYTES_MIN))
        e = ERR_FORMAT;
    for (uint64_t i = 0; i < n && e == ERR_OK; i++) {
        struct cell *at = cells_place(out);
        e = at ? take_cell(&p, c, at) : ERR_NOMEM;
        out->n += e == ERR_OK;
    }
    if (e == ERR_OK && cursor_left(c) > 0)
        e = ERR_FORMAT;
    free(p.context);
    return e;
}

enum err cells_unpack(struct span bytes, struct cells *out) {
    const size_t held = out->n;
    uint32_t crc;

    if (bytes.n < CRC_BYTES)
        return ERR_TRUNCATED;
    const struct span body = span_of(bytes.p, bytes.n - CRC_BYTES);
    struct cursor tail = cursor_of(span_of(bytes.p + body.n, CRC_BYTES));
    enum err e = cursor_take_le32(&tail, &crc);
    if (e == ERR_OK && crc != crc32c(body))
        e = ERR_CHECKSUM;
    struct cursor c = cursor_of(body);
    if (e == ERR_OK)
        e = take_cells(&c, out);
    if (e != ERR_OK)
        out->n = held;
    return e;
}
