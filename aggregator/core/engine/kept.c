/* What an hour's cells were without dated factors: kept beside them, so that a factor that is
 * entered, or void, when the log is gone still acts exactly.
 *
 * Cells of an hour are one of three things:
 *   told: computed from the log by what its meters told, without any factor;
 *   made: computed from the log with the factors that held then;
 *   put:  told or made cells, and other factors put to them (cell/factor.h), since the log is gone.
 * Scaling rounds, so put cells do not lead back to what they were. What they come from is kept
 * instead: told and made, and which entries are in made. From these, and from the entries that hold
 * now, follows what the cells are to be, and nothing else counts: not how often it is computed, not
 * what was put before. A job may be done again after any crash; it moves windows by what differs.
 * No entry is put to cells that the log made with it, which is what the list is for.
 *
 * While all entries of the list hold, made cells are the base, for a log knows more than its cells;
 * once one of them is void, the told ones are. So void entries leave the very cells that would have
 * been there without them. Only where another entry of the list can't be put to cells, what is void
 * is taken from the made ones instead, to the microunit. Hours that no factor concerns have no row,
 * and their cells are both. Such a row is written when an hour is computed from its log with a
 * factor in reach, and when a factor is first put to its cells; always by the commit that writes
 * the cells.
 *
 *   0  u8       form, 1
 *   .. varint   n, number of entries in the made cells, then n x varint step of their numbers
 *   .. varint   bytes of the told cells, 0: they are the made ones; then these (cell_pack.c)
 *   .. varint   bytes of the made cells, 0: they are those of the hour itself; then these
 *   .. le32     CRC-32C of all before */
#include <stdlib.h>

#include "base/hash.h"
#include "cell/factor.h"
#include "engine/acts.h"

enum { FORM = 1, CRC_BYTES = 4 };

struct kept {
    uint64_t act_n;
    struct span acts; /* steps */
    struct span told, made;
};

static enum err take_blob(struct cursor *c, struct span *out) {
    uint64_t n = 0;
    enum err err = cursor_take_varint(c, &n);
    if (!err && n > cursor_left(c))
        err = ERR_FORMAT;
    return err ? err : cursor_take_span(c, (size_t)n, out);
}

static enum err take_acts(struct cursor *c, struct kept *k) {
    const uint8_t *from;
    uint64_t step = 0;
    enum err err = cursor_take_varint(c, &k->act_n);
    if (!err && k->act_n > cursor_left(c))
        err = ERR_FORMAT;
    from = c->p;
    for (uint64_t i = 0; i < k->act_n && !err; i++)
        err = cursor_take_varint(c, &step);
    k->acts = span_of(from, (size_t)(c->p - from));
    return err;
}

static enum err open(struct span bytes, struct kept *out) {
    struct kept k = {0};
    uint8_t form = 0;
    uint32_t crc = 0;
    *out = k;
    if (bytes.n == 0)
        return ERR_OK;
    if (bytes.n < CRC_BYTES)
        return ERR_TRUNCATED;
    struct span body = span_of(bytes.p, bytes.n - CRC_BYTES);
    struct cursor tail = cursor_of(span_of(bytes.p + body.n, CRC_BYTES)), c = cursor_of(body);
    enum err err = cursor_take_le32(&tail, &crc);
    if (!err && crc != crc32c(body))
        err = ERR_CHECKSUM;
    if (!err)
        err = cursor_take_byte(&c, &form);
    if (!err && form != FORM)
        err = ERR_UNSUPPORTED;
    if (!err)
        err = take_acts(&c, &k);
    if (!err)
        err = take_blob(&c, &k.told);
    if (!err)
        err = take_blob(&c, &k.made);
    if (!err && cursor_left(&c))
        err = ERR_FORMAT;
    if (!err)
        *out = k;
    return err;
}

static bool has_act(const struct kept *k, uint64_t number) {
    struct cursor c = cursor_of(k->acts);
    uint64_t at = 0, step = 0;
    for (uint64_t i = 0; i < k->act_n && cursor_take_varint(&c, &step) == ERR_OK; i++)
        if ((at += step) == number)
            return true;
    return false;
}

static void add_blob(struct buf *b, struct span blob) {
    buf_add_varint(b, blob.n);
    buf_add(b, blob.p, blob.n);
}

static enum err seal(struct buf *b) {
    return b->failed ? ERR_NOMEM : buf_add_le32(b, crc32c(buf_span(b)));
}

/* In the place of what the hour has kept so far; takes the bytes. */
static void replace(struct core *c, struct unit_hour *h, struct buf *by) {
    bool same = by->n == h->kept.n && (by->n == 0 || memcmp(by->p, h->kept.p, by->n) == 0);
    if (same) {
        buf_fini(by);
        return;
    }
    buf_fini(&h->kept);
    h->kept = *by;
    h->kept_changed = true;
    hours_changed(c, h);
}

/* --- entries ---------------------------------------------------------------------------------- */

static bool is_among(const struct core *c, const struct cact *x, uint32_t unit, size_t n) {
    const struct cunit *u = &c->unit[unit];
    if (x->a.kind != ACT_FACTOR || x->signal == UINT32_MAX)
        return false;
    for (size_t i = 0; i < n; i++)
        if (c->signal[u->signal[i].signal].bound == x->signal)
            return true;
    return false;
}

/* Mates' meters count, too: what is left of a shared one may follow from them. */
static bool is_of(const struct core *c, const struct cact *x, uint32_t unit) {
    return is_among(c, x, unit, c->unit[unit].signal_n);
}

static bool is_own(const struct core *c, const struct cact *x, uint32_t unit) {
    return is_among(c, x, unit, c->unit[unit].own_n);
}

bool kept_concerns(const struct core *c, const struct cact *x, uint32_t unit) {
    return !x->voided_by && is_of(c, x, unit);
}

static bool meets(const struct cact *x, int64_t from_ms, int64_t to_ms) {
    return x->a.t0_ms < to_ms && x->a.t1_ms > from_ms;
}

static bool any_meets(const struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms) {
    for (size_t i = 0; i < c->of_signals.n; i++)
        if (kept_concerns(c, c->of_signals.at[i], unit) &&
            meets(c->of_signals.at[i], from_ms, to_ms))
            return true;
    return false;
}

/* Whether none of the entries in the made cells is void. Those that are forgotten are older than
 * any cell. */
static bool all_hold(const struct core *c, const struct kept *k) {
    for (size_t i = 0; i < c->of_signals.n; i++)
        if (c->of_signals.at[i]->voided_by && has_act(k, c->of_signals.at[i]->n))
            return false;
    return true;
}

/* --- computed from the log -------------------------------------------------------------------- */

static enum err append(struct cells *to, const struct cells *from, int64_t from_min,
                       int64_t to_min) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < from->n && !err; i++)
        if (from->at[i].minute >= from_min && from->at[i].minute < to_min)
            err = cells_add(to, &from->at[i]);
    return err;
}

static bool cells_equal(const struct cells *a, const struct cells *b) {
    bool same = a->n == b->n;
    for (size_t i = 0; i < a->n && same; i++)
        same = a->at[i].minute == b->at[i].minute && context_equal(&a->at[i].ctx, &b->at[i].ctx) &&
               sums_equal(&a->at[i].sums, &b->at[i].sums);
    return same;
}

struct look { /* of a computation */
    const struct cells *told;
    int64_t from_min, to_min; /* its minutes */
    int64_t from_ms, to_ms;   /* the log that it looked at */
};

/* Which entries are in the cells of the hour: those of its time; and where a span reaches beyond
 * that, those of the span. */
static void add_acts(const struct core *c, const struct unit_hour *h, const struct kept *old,
                     const struct look *l, bool same, struct buf *out) {
    int64_t begin = (int64_t)h->hour * UTC_HOUR_MS;
    uint64_t n = 0, last = 0;
    struct buf steps;
    buf_init(&steps);
    for (size_t i = 0; i < c->of_signals.n; i++) {
        const struct cact *x = c->of_signals.at[i];
        bool in = kept_concerns(c, x, h->unit) &&
                  (meets(x, begin, begin + UTC_HOUR_MS) ||
                   (!same && (has_act(old, x->n) || meets(x, l->from_ms, l->to_ms))));
        if (!in)
            continue;
        buf_add_varint(&steps, x->n - last);
        last = x->n;
        n++;
    }
    out->failed = out->failed || steps.failed;
    buf_add_varint(out, n);
    buf_add(out, steps.p, steps.n);
    buf_fini(&steps);
}

/* The told cells of the hour: the minutes computed now, and the others as they were. */
static enum err told_hour(const struct unit_hour *h, const struct kept *old, const struct look *l,
                          struct cells *out) {
    int64_t begin = (int64_t)h->hour * 60, end = begin + 60;
    struct cells before;
    cells_init(&before);
    enum err err = old->told.n ? cells_unpack(old->told, &before) : ERR_OK;
    const struct cells *rest = old->told.n ? &before : &h->cells;
    int64_t from = l->from_min > begin ? l->from_min : begin;
    int64_t to = l->to_min < end ? l->to_min : end;
    if (!err)
        err = append(out, rest, begin, from);
    if (!err)
        err = append(out, l->told, from, to);
    if (!err)
        err = append(out, rest, to, end);
    cells_fini(&before);
    return err;
}

static enum err keep_hour(struct core *c, struct unit_hour *h, const struct look *l) {
    struct kept old;
    struct cells told;
    struct buf row, packed;
    cells_init(&told);
    buf_init(&row);
    buf_init(&packed);
    enum err err = open(buf_span(&h->kept), &old);
    if (!err)
        err = told_hour(h, &old, l, &told);
    bool same = !err && cells_equal(&told, &h->cells);
    if (!err && !same)
        err = cells_pack(told.at, told.n, &packed);
    buf_add_byte(&row, FORM);
    add_acts(c, h, &old, l, same, &row);
    bool none = row.n == 2 && row.p[1] == 0 && same; /* no entry, nothing that differs */
    if (none)
        buf_reset(&row);
    if (!none) {
        add_blob(&row, buf_span(&packed));
        add_blob(&row, span_of(NULL, 0));
    }
    if (!err && !none)
        err = seal(&row);
    if (!err)
        replace(c, h, &row);
    else
        buf_fini(&row);
    cells_fini(&told);
    buf_fini(&packed);
    return err;
}

static enum err compute_told(struct core *c, const struct cell_input *in, int64_t from_ms,
                             int64_t to_ms, struct cells *out) {
    struct cell_input plain = *in;
    enum err err = acts_signals(c, in->unit, &c->act_signal, &plain);
    if (!err)
        err = entries_gather_told(c, in->unit, from_ms, to_ms, &c->scratch);
    plain.entry = c->scratch.at;
    plain.entry_n = c->scratch.n;
    if (!err)
        err = mates_gather(c, from_ms, to_ms, &plain);
    return err ? err : cell_compute(&plain, out);
}

enum err kept_computed(struct core *c, const struct cell_input *in, int64_t from_ms,
                       int64_t to_ms) {
    const int64_t first = utc_floor(in->from_ms, UTC_HOUR_MS) / UTC_HOUR_MS;
    const int64_t last = utc_floor(in->to_ms - 1, UTC_HOUR_MS) / UTC_HOUR_MS;
    bool corrected = any_meets(c, in->unit, from_ms, to_ms), kept = false;
    struct cells told;
    for (int64_t hour = first; hour <= last; hour++)
        kept = kept || hours_find(c, in->unit, hour)->kept.n;
    if (c->conf.offline || (!corrected && !kept))
        return ERR_OK;
    cells_init(&told);
    enum err err = corrected ? compute_told(c, in, from_ms, to_ms, &told) : ERR_OK;
    const struct look l = {.told = corrected ? &told : &c->cells,
                           .from_min = in->from_ms / UTC_MINUTE_MS,
                           .to_min = in->to_ms / UTC_MINUTE_MS,
                           .from_ms = from_ms,
                           .to_ms = to_ms};
    for (int64_t hour = first; hour <= last && !err; hour++)
        err = keep_hour(c, hours_find(c, in->unit, hour), &l);
    cells_fini(&told);
    return err;
}

/* --- without the log -------------------------------------------------------------------------- */

struct factors {
    struct cell_factor *at;
    size_t n;
};

/* What cells can't be put to is only in those that a log made. */
static bool only_made_have_it(const struct core *c, uint32_t unit, const struct kept *k) {
    char clause[CELL_FACTOR_WHY];
    for (size_t i = 0; i < c->of_signals.n; i++) {
        const struct cact *x = c->of_signals.at[i];
        if (has_act(k, x->n) && kept_concerns(c, x, unit) &&
            !cell_factor_fits(c->plant, x->signal, clause))
            return true;
    }
    return false;
}

/* num / den - 1 with the other sign. */
static int64_t taken_back(const struct act *a) {
    return 2 * a->value2 - a->value;
}

/* What is to be put to the base: to the made cells only what they have not, and what they have and
 * is void is taken from them. An entry of before there was this list is in no list and in the
 * cells. */
static enum err find_factors(const struct core *c, const struct unit_hour *h, const struct kept *k,
                             bool to_made, struct factors *out) {
    int64_t begin = (int64_t)h->hour * UTC_HOUR_MS;
    out->at = c->of_signals.n ? calloc(c->of_signals.n, sizeof *out->at) : NULL;
    if (c->of_signals.n && !out->at)
        return ERR_NOMEM;
    for (size_t i = 0; i < c->of_signals.n; i++) {
        const struct cact *x = c->of_signals.at[i];
        bool holds = !x->voided_by, in = has_act(k, x->n);
        bool wanted = to_made ? holds != in : holds;
        if (!wanted || (!in && x->n < c->act_scales) || !is_own(c, x, h->unit) ||
            !meets(x, begin, begin + UTC_HOUR_MS))
            continue;
        out->at[out->n++] = (struct cell_factor){.t0_ms = x->a.t0_ms,
                                                 .t1_ms = x->a.t1_ms,
                                                 .num = holds ? x->a.value : taken_back(&x->a),
                                                 .den = x->a.value2,
                                                 .role = c->plant->signal[x->signal].role};
    }
    return ERR_OK;
}

/* Before the hour's cells become others for the first time: they are the made ones. */
static enum err keep_made(struct core *c, struct unit_hour *h, struct kept *k) {
    struct buf row, packed;
    if (k->made.n)
        return ERR_OK;
    buf_init(&row);
    buf_init(&packed);
    enum err err = cells_pack(h->cells.at, h->cells.n, &packed);
    buf_add_byte(&row, FORM);
    buf_add_varint(&row, k->act_n);
    buf_add(&row, k->acts.p, k->acts.n);
    add_blob(&row, k->told);
    add_blob(&row, buf_span(&packed));
    buf_fini(&packed);
    if (!err)
        err = seal(&row);
    if (err) {
        buf_fini(&row);
        return err;
    }
    replace(c, h, &row);
    return open(buf_span(&h->kept), k);
}

static enum err put_factors(struct core *c, struct unit_hour *h, struct kept *k, bool to_made,
                            const struct factors *f, struct cells *out) {
    struct cells told;
    enum err err = keep_made(c, h, k);
    cells_init(&told);
    struct span plain = k->told.n ? k->told : k->made;
    if (!err)
        err = cells_unpack(plain, &told);
    if (!err)
        err = cells_unpack(to_made ? k->made : plain, out);
    if (!err)
        cells_put_factors(c->plant, h->unit, &told, f->at, f->n, out);
    cells_fini(&told);
    return err;
}

enum err kept_cells(struct core *c, struct unit_hour *h, struct cells *out) {
    struct factors f = {0};
    struct kept k;
    enum err err = open(buf_span(&h->kept), &k);
    if (err)
        return err;
    bool to_made = all_hold(c, &k) || only_made_have_it(c, h->unit, &k);
    err = find_factors(c, h, &k, to_made, &f);
    if (!err && (f.n || !to_made))
        err = put_factors(c, h, &k, to_made, &f, out);
    else if (!err && k.made.n)
        err = cells_unpack(k.made, out);
    else if (!err)
        err = append(out, &h->cells, INT64_MIN, INT64_MAX);
    free(f.at);
    return err;
}

/* --- the store -------------------------------------------------------------------------------- */

enum err kept_take(struct unit_hour *h, struct span value) {
    struct kept k;
    enum err err = open(value, &k);
    if (!err && value.n == 0)
        err = ERR_TRUNCATED;
    buf_reset(&h->kept);
    return err ? err : buf_add(&h->kept, value.p, value.n);
}

enum err kept_put(struct unit_hour *h, struct span key, struct store_tx *tx) {
    if (!h->kept_changed)
        return ERR_OK;
    h->kept_changed = false;
    return h->kept.n ? store_tx_add(tx, STORE_PUT, STORE_KEPT, key, buf_span(&h->kept))
                     : store_tx_add(tx, STORE_DELETE, STORE_KEPT, key, span_of(NULL, 0));
}
