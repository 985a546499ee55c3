/* How far back a dated factor acts. Where logs are kept its minutes are computed anew from them
 * (acts_log.c); behind, as far as minutes are kept, their cells are corrected (kept.c), if they
 * tell apart what stems from the meter (cell/factor.h). What cannot be corrected is refused when
 * the factor is entered, with the time from which on it can act.
 *
 * META "scales": varint, the number of the first entry that may be put to cells; le32 CRC-32C. In a
 * store from before there was this, earlier ones are in the cells and nothing tells in which. */
#include <stdio.h>

#include "base/hash.h"
#include "cell/factor.h"
#include "engine/acts.h"

/* A span may put a part of a factor's time into cells as far away (work.h). */
#define SPAN_MAX_MS (40 * UTC_DAY_MS)

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* Whole hours that are there, and stay until they are computed (retain.c). */
static int64_t cells_from_ms(const struct core *c) {
    return utc_floor(retain_cells_ms(c), UTC_HOUR_MS) + UTC_HOUR_MS;
}

__attribute__((format(printf, 3, 4))) static bool refuse(struct act_refusal *why, const char *field,
                                                         const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    why->field = field;
    vsnprintf(why->why, sizeof why->why, fmt, args);
    va_end(args);
    return false;
}

/* --- entering --------------------------------------------------------------------------------- */

bool reach_check(const struct core *c, const struct act *a, struct act_refusal *why) {
    const int64_t logs = horizon_ms(c);
    struct ident agent;
    char point[ACT_TEXT_MAX + 1] = "", when[UTC_TEXT], clause[CELL_FACTOR_WHY];
    if (a->kind != ACT_FACTOR || a->t0_ms >= logs)
        return true;
    const int64_t cells = c->retain.known ? cells_from_ms(c) : logs;
    if (!ident_set(&agent, a->agent) || a->point.n > ACT_TEXT_MAX)
        return refuse(why, "signal", "it is written agent/point.");
    memcpy(point, a->point.p, a->point.n);
    const uint32_t signal = plant_find_signal(c->plant, &agent, point);
    utc_format(logs, when);
    if (signal == UINT32_MAX || !cell_factor_fits(c->plant, signal, clause))
        return refuse(why, "from", "%s: without logs it can't be corrected; from %s on it can.",
                      signal == UINT32_MAX ? "the plant file has no such signal" : clause, when);
    utc_format(earlier(cells, logs), when);
    return a->t0_ms >= earlier(cells, logs) ||
           refuse(why, "from",
                  "minutes from before have left the store (keep_cells): from %s on it can act.",
                  when);
}

/* --- taking it back --------------------------------------------------------------------------- */

/* Another factor in the unit's frozen minutes that can't be put to cells, or NULL. */
static const struct cact *entangled(const struct core *c, const struct cact *of, uint32_t unit) {
    const int64_t frozen = earlier(horizon_frozen_ms(c, unit), of->a.t1_ms);
    char clause[CELL_FACTOR_WHY];
    for (size_t i = 0; i < c->of_signals.n; i++) {
        const struct cact *x = c->of_signals.at[i];
        bool meet = later(x->a.t0_ms, of->a.t0_ms) < earlier(x->a.t1_ms, frozen);
        if (x != of && meet && kept_concerns(c, x, unit) &&
            !cell_factor_fits(c->plant, x->signal, clause))
            return x;
    }
    return NULL;
}

/* Frozen minutes may be there with both and with neither, but not with one of them. */
bool reach_check_void(const struct core *c, const struct cact *of, struct act_refusal *why) {
    const struct cact *x = NULL;
    char clause[CELL_FACTOR_WHY];
    if (of->a.kind != ACT_FACTOR || cell_factor_fits(c->plant, of->signal, clause))
        return true;
    for (uint32_t unit = 0; unit < c->plant->unit_n && !x; unit++)
        if (kept_concerns(c, of, unit) && (x = entangled(c, of, unit)) != NULL)
            return refuse(why, "value",
                          "minutes of %s without logs hold entry %llu, too, and don't tell the two "
                          "apart.",
                          c->plant->unit[unit].id.s, (unsigned long long)x->n);
    return true;
}

/* --- what it moves ---------------------------------------------------------------------------- */

/* Time of which nothing was told stays so: a factor makes none. */
static struct range filled_part(const struct cunit *u, size_t i, struct range r) {
    return (struct range){later(r.from_ms, u->filled.at[i].from_ms),
                          earlier(r.to_ms, u->filled.at[i].to_ms)};
}

static void touch_logs(struct core *c, uint32_t unit, bool own, struct range r) {
    struct cunit *u = &c->unit[unit];
    for (size_t i = 0; i < u->filled.n; i++) {
        struct range part = filled_part(u, i, r);
        if (part.from_ms < part.to_ms)
            (own ? dirty_touch : dirty_touch_mate)(c, unit, part.from_ms, part.to_ms);
    }
}

static void touch_cells(struct core *c, uint32_t unit, struct range r) {
    struct cunit *u = &c->unit[unit];
    for (size_t i = 0; i < u->filled.n; i++) {
        struct range part = filled_part(u, i, r);
        if (part.from_ms >= part.to_ms)
            continue;
        u->cause = u->cause > RESTATE_CORRECTION ? u->cause : RESTATE_CORRECTION;
        u->unstored = true;
        if (ranges_add(&u->dirty, utc_floor(part.from_ms, UTC_MINUTE_MS), part.to_ms))
            c->batch_err = ERR_NOMEM;
    }
}

/* Whole hours before the horizon; of a void factor as far as its time was spread. */
static struct range cells_of(const struct core *c, const struct cact *x, bool voided) {
    const int64_t logs = horizon_ms(c), around = voided ? SPAN_MAX_MS : 0;
    struct range r = {logs, logs}; /* of a replay: nowhere */
    if (x->a.t0_ms >= logs || !c->retain.known)
        return r;
    r.from_ms = later(utc_floor(x->a.t0_ms - around, UTC_HOUR_MS), cells_from_ms(c));
    if (x->a.t1_ms < logs - around)
        r.to_ms = earlier(utc_floor(x->a.t1_ms + around + UTC_HOUR_MS - 1, UTC_HOUR_MS), logs);
    return r;
}

/* What it did where nothing is left to take it back from. */
static void tell_rest(struct core *c, const struct cact *x) {
    const int64_t logs = horizon_ms(c);
    const int64_t from = x->n < c->act_scales ? logs : earlier(cells_from_ms(c), logs);
    char when[UTC_TEXT];
    if (!c->retain.known || x->a.t0_ms >= from)
        return;
    utc_format(from, when);
    note(c, true, "factor_stays", "entry=%llu until=%s", (unsigned long long)x->n, when);
}

void reach_touch(struct core *c, const struct cact *x, bool voided) {
    const struct range cells = cells_of(c, x, voided);
    const int64_t logs_ms = later(x->a.t0_ms, horizon_ms(c));
    if (voided && !c->conf.offline)
        tell_rest(c, x);
    for (size_t i = 0; i < c->signal_n; i++) {
        const struct csignal *s = &c->signal[i];
        for (size_t k = 0; s->bound == x->signal && k < s->unit_n; k++) {
            if (k < s->own_n || voided) /* cells of mates take nothing, but give back */
                touch_cells(c, s->unit[k], cells);
            const struct range logs = {logs_ms,
                                       earlier(x->a.t1_ms, unit_reached_ms(c, s->unit[k]))};
            touch_logs(c, s->unit[k], k < s->own_n, logs);
        }
    }
}

/* --- the store -------------------------------------------------------------------------------- */

enum err reach_take(struct core *c, struct span value) {
    struct cursor v = cursor_of(value);
    uint64_t n = 0;
    uint32_t crc = 0;
    enum err err = cursor_take_varint(&v, &n);
    if (!err)
        err = cursor_take_le32(&v, &crc);
    if (!err && cursor_left(&v))
        err = ERR_FORMAT;
    if (!err && crc != crc32c(span_of(value.p, value.n - 4)))
        err = ERR_CHECKSUM;
    if (err)
        return err;
    c->act_scales = n;
    c->act_scales_stored = true;
    return ERR_OK;
}

void reach_start(struct core *c) {
    if (!c->act_scales_stored)
        c->act_scales = c->act_last + 1;
}

enum err reach_put(struct core *c, struct store_tx *tx) {
    struct buf v;
    if (c->act_scales_stored)
        return ERR_OK;
    buf_init(&v);
    buf_add_varint(&v, c->act_scales);
    enum err err = v.failed ? ERR_NOMEM : buf_add_le32(&v, crc32c(buf_span(&v)));
    if (!err)
        err = store_tx_add(tx, STORE_PUT, STORE_META, span_str("scales"), buf_span(&v));
    buf_fini(&v);
    c->act_scales_stored = !err;
    return err;
}
