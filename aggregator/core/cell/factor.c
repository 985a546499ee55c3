#include "cell/factor.h"

#include <stdio.h>

#include "cell/book.h"

/* --- what cells tell apart -------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static bool refuse(char why[CELL_FACTOR_WHY], const char *fmt,
                                                         ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, CELL_FACTOR_WHY, fmt, args);
    va_end(args);
    return false;
}

/* Its tags decide where it counts, or several units have a part of it. */
static bool is_shared(const struct plant *p, uint32_t signal) {
    const struct plant_signal *s = &p->signal[signal];

    for (uint32_t i = 0; i < p->signal_n; i++)
        if (i != signal && strcmp(p->signal[i].agent.s, s->agent.s) == 0 &&
            strcmp(p->signal[i].point, s->point) == 0)
            return true;
    return s->tagged != 0 || s->tag_n != 0;
}

/* Signals of the unit of any of these roles, and what people enter of them. */
static size_t count(const struct plant_unit *u, const struct plant *p, uint64_t roles) {
    size_t n = 0;

    for (size_t i = 0; i < u->signal_n; i++)
        n += (roles & ROLE_BIT(p->signal[u->signal[i]].role)) != 0;
    for (unsigned r = 0; r < ROLE_COUNT; r++)
        n += (u->entered & roles & ROLE_BIT(r)) != 0;
    return n;
}

#define REGISTERS                                                                                  \
    (ROLE_BIT(ROLE_ENERGY) | ROLE_BIT(ROLE_EXPORT) | ROLE_BIT(ROLE_GENERATION) |                   \
     ROLE_BIT(ROLE_STORAGE_IN) | ROLE_BIT(ROLE_STORAGE_OUT))

static bool power_fits(const struct plant *p, const struct plant_unit *u,
                       char why[CELL_FACTOR_WHY]) {
    if (count(u, p, REGISTERS) > 0)
        return refuse(why, "power of %s only tells where the energy of its register went", u->id.s);
    if (u->state_source == STATE_POWER)
        return refuse(why, "the states of %s follow from its power", u->id.s);
    return count(u, p, ROLE_BIT(ROLE_POWER)) == 1 ||
           refuse(why, "minutes of %s don't tell its power meters apart", u->id.s);
}

static bool has_shared(const struct plant *p, const struct plant_unit *u, uint64_t roles) {
    for (size_t i = 0; i < u->signal_n; i++)
        if (roles & ROLE_BIT(p->signal[u->signal[i]].role) && is_shared(p, u->signal[i]))
            return true;
    return false;
}

/* A meter that others share is less by it (plant_meter.less). */
static bool is_taken_off(const struct plant *p, uint32_t unit) {
    for (size_t m = 0; m < p->meter_n; m++)
        for (size_t i = 0; i < p->meter[m].less_n; i++)
            if (p->meter[m].less[i] == unit)
                return true;
    return false;
}

static bool role_fits(const struct plant *p, const struct plant_unit *u, enum plant_role role,
                      char why[CELL_FACTOR_WHY]) {
    const bool electric = ROLE_BIT(role) & (REGISTERS | ROLE_BIT(ROLE_POWER));

    if (electric && has_shared(p, u, REGISTERS | ROLE_BIT(ROLE_POWER)))
        return refuse(why, "minutes of %s don't tell its part of a shared meter from its own",
                      u->id.s);
    if (role == ROLE_POWER)
        return power_fits(p, u, why);
    if (electric)
        return count(u, p, REGISTERS) == 1 ||
               refuse(why, "minutes of %s don't tell its registers of electricity apart", u->id.s);
    if (plant_role_is_carrier(role) || role == ROLE_REACTIVE || role == ROLE_MATERIAL)
        return count(u, p, ROLE_BIT(role)) == 1 ||
               refuse(why, "minutes of %s don't tell its sources of %s apart", u->id.s,
                      plant_role_name(role));
    if (plant_role_is_amount(role))
        return refuse(why, "pieces of %s are whole, and parts of them follow from others", u->id.s);
    return refuse(why, "nothing in minutes of %s is an amount of it", u->id.s);
}

bool cell_factor_fits(const struct plant *p, uint32_t signal, char why[CELL_FACTOR_WHY]) {
    const struct plant_signal *s = &p->signal[signal];

    if (is_shared(p, signal))
        return refuse(why, "more units than %s have a part of it", p->unit[s->unit].id.s);
    if (is_taken_off(p, s->unit))
        return refuse(why, "what %s uses is taken off a meter that others share",
                      p->unit[s->unit].id.s);
    return role_fits(p, &p->unit[s->unit], (enum plant_role)s->role, why);
}

/* --- the correction --------------------------------------------------------------------------- */

/* Of an hour, from its begin on. floor() of the sum so far, less what was given already: parts of
 * either sign sum to the floor of the whole. */
struct change {
    const struct cell_factor *x;
    i128 told;  /* amount times ms within the factor */
    i128 given; /* changes so far */
};

static i128 floor_div(i128 num, i128 den) {
    const i128 q = num / den;

    return num % den < 0 ? q - 1 : q;
}

static int64_t change_by(struct change *c, int64_t amount, int64_t ms) {
    c->told += (i128)amount * ms;
    const i128 sum = floor_div(c->told * (c->x->num - c->x->den), (i128)c->x->den * UTC_MINUTE_MS);
    const i128 by = sum - c->given;
    c->given = sum;
    return (int64_t)by;
}

static bool unit_has_flows(const struct plant *p, const struct plant_unit *u) {
    return count(u, p, REGISTERS & ~ROLE_BIT(ROLE_ENERGY)) > 0;
}

/* Of a unit with registers of other directions the one that it is, as energy.c books it. */
static void change_direction(struct sums *s, uint8_t role, int64_t by) {
    const bool goes = role == ROLE_EXPORT || role == ROLE_STORAGE_IN;

    if (role == ROLE_ENERGY)
        book_add(s, QTY_IMPORT, by);
    else
        book_add(s, QTY_EXPORT + (unsigned)(role - ROLE_EXPORT), goes ? -by : by);
}

static void change_electricity(struct change *c, const struct sums *told, int64_t ms, bool flows,
                               struct sums *s) {
    const int64_t whole = sums_energy(told);
    int64_t by = 0;

    for (unsigned i = 0; i < CATEGORY_COUNT; i++) {
        const int64_t part = change_by(c, told->q[QTY_ENERGY + i], ms);
        book_add(s, QTY_ENERGY + i, part);
        by += part;
    }
    if (flows)
        change_direction(s, c->x->role, by);
    if (whole != 0) /* of it, so that all of it stays all of it */
        book_add(s, QTY_ENERGY_GAP, (int64_t)((i128)told->q[QTY_ENERGY_GAP] * by / whole));
}

/* In production, idle, and what is neither. */
static void change_carrier(struct change *c, const struct sums *told, int64_t ms, struct sums *s) {
    const unsigned k = (unsigned)(c->x->role - ROLE_GAS);
    const int64_t run = told->q[QTY_CARRIER_RUN + k], idle = told->q[QTY_CARRIER_IDLE + k];
    const int64_t by_run = change_by(c, run, ms), by_idle = change_by(c, idle, ms);
    const int64_t by = change_by(c, told->q[QTY_CARRIER + k] - run - idle, ms);

    book_add(s, QTY_CARRIER_RUN + k, by_run);
    book_add(s, QTY_CARRIER_IDLE + k, by_idle);
    book_add(s, QTY_CARRIER + k, by_run + by_idle + by);
}

static void change(struct change *c, const struct sums *told, int64_t ms, bool flows,
                   struct sums *s) {
    if (plant_role_is_carrier((enum plant_role)c->x->role))
        change_carrier(c, told, ms, s);
    else if (c->x->role == ROLE_REACTIVE)
        book_add(s, QTY_REACTIVE, change_by(c, told->q[QTY_REACTIVE], ms));
    else if (c->x->role == ROLE_MATERIAL)
        book_add(s, QTY_MATERIAL, change_by(c, told->q[QTY_MATERIAL], ms));
    else if (ROLE_BIT(c->x->role) & (REGISTERS | ROLE_BIT(ROLE_POWER)))
        change_electricity(c, told, ms, flows, s);
}

static int64_t ms_within(const struct cell_factor *x, int64_t minute) {
    const int64_t from = minute * UTC_MINUTE_MS, to = from + UTC_MINUTE_MS;
    const int64_t a = x->t0_ms > from ? x->t0_ms : from, b = x->t1_ms < to ? x->t1_ms : to;

    return b > a ? b - a : 0;
}

static struct cell *find(struct cells *cells, size_t *at, const struct cell *like) {
    for (size_t i = 0; i < cells->n; i++, *at = (*at + 1) % cells->n) {
        struct cell *c = &cells->at[*at];
        if (c->minute == like->minute && context_equal(&c->ctx, &like->ctx))
            return c;
    }
    return NULL; /* all minutes have time, so both have a cell of each context */
}

void cells_put_factors(const struct plant *p, uint32_t unit, const struct cells *told,
                       const struct cell_factor *x, size_t n, struct cells *cells) {
    const bool flows = unit_has_flows(p, &p->unit[unit]);

    for (size_t i = 0; i < n; i++) {
        struct change c = {.x = &x[i]};
        size_t at = 0;
        for (size_t k = 0; k < told->n; k++) {
            const struct cell *from = &told->at[k];
            const int64_t ms = ms_within(&x[i], from->minute);
            struct cell *to = ms > 0 ? find(cells, &at, from) : NULL;
            if (to == NULL)
                continue;
            const struct sums before = to->sums;
            change(&c, &from->sums, ms, flows, &to->sums);
            if (!sums_equal(&before, &to->sums))
                convert_again(
                    p, to, flows,
                    (from->sums.q[QTY_REACTIVE_ENERGY] | to->sums.q[QTY_REACTIVE_ENERGY]) != 0);
        }
    }
}
