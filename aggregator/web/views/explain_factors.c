/* What an explanation depends on beside readings: dated factors of the plant file, and entries. A
 * factor is a row of texts, since its value is exact. */
#include <stdio.h>

#include "views/entry.h"
#include "views/explain_impl.h"

enum { ENTRIES_TOLD = 50, DECIMALS = 24 };

struct factor {
    const char *factor, *of; /* what it is, and of what */
    const char *unit;        /* at which unit; NULL: everywhere */
    const char *value, *in;
    int64_t from_ms; /* valid from; INT64_MIN: always */
};

static void put(const struct telling *t, const struct factor *f) {
    struct json_writer *w = t->w;
    json_writer_begin_object(w);
    field_text(w, "factor", f->factor);
    field_text(w, "of", f->of);
    field_text(w, "unit", f->unit);
    field_text(w, "value", f->value);
    field_text(w, "in", f->in);
    field_time(w, "from", f->from_ms);
    json_writer_end_object(w);
}

static bool is_made_of(const struct telling *t, unsigned from, unsigned to) {
    for (size_t k = 0; k < t->e->sum_n; k++)
        if (t->e->sum[k].ingredient >= from && t->e->sum[k].ingredient < to)
            return true;
    return false;
}

/* Of a row that holds until the next one begins. */
static bool in_force(const struct telling *t, int64_t from_ms, int64_t until_ms) {
    return from_ms < t->ask->query.to_ms && until_ms > t->ask->query.from_ms;
}

/* --- carriers and tariffs -----------------------------------------------------------------------
 */

static void put_carrier(const struct telling *t, enum carrier c, bool energy, bool co2) {
    const struct plant_carrier *x = &t->p->carrier[c];
    const bool electric = c == CARRIER_ELECTRICITY;
    for (size_t i = 0; i < x->factor_n; i++) {
        const struct plant_factor *f = &x->factor[i];
        const int64_t until = i + 1 < x->factor_n ? f[1].from_ms : INT64_MAX;
        char value[DECIMALS], in[64];
        if (!in_force(t, f->from_ms, until))
            continue;
        if (energy && !electric) {
            decimal_format(f->kwh_millionths, 6, value);
            (void)snprintf(in, sizeof in, "kWh/%s", x->unit);
            put(t, &(struct factor){"energy", x->name, NULL, value, in, f->from_ms});
        }
        if (co2 && f->co2_mg >= 0) {
            decimal_format(f->co2_mg, 6, value);
            (void)snprintf(in, sizeof in, "kg CO2/%s", electric ? "kWh" : x->unit);
            put(t, &(struct factor){"co2", x->name, NULL, value, in, f->from_ms});
        }
    }
}

static void put_carriers(const struct telling *t) {
    const bool energy = is_made_of(t, QTY_TOTAL_ENERGY, QTY_TOTAL_ENERGY + 1);
    const bool co2 = is_made_of(t, QTY_CO2, QTY_CO2 + 1) ||
                     is_made_of(t, QTY_BAND_CO2, QTY_BAND_CO2 + BAND_COUNT);
    for (unsigned c = 0; c < CARRIER_COUNT; c++) {
        const bool used = c == CARRIER_ELECTRICITY || t->e->window.sums.q[QTY_CARRIER + c] != 0;
        if (t->p->carrier[c].unit && used)
            put_carrier(t, (enum carrier)c, energy, co2);
    }
}

static void put_tariffs(const struct telling *t) {
    char in[64], value[DECIMALS];
    if (!is_made_of(t, QTY_BAND_COST, QTY_BAND_COST + BAND_COUNT))
        return;
    (void)snprintf(in, sizeof in, "%s/kWh", t->p->currency ? t->p->currency : "");
    for (size_t i = 0; i < t->p->tariff_n; i++) {
        const struct plant_tariff *x = &t->p->tariff[i];
        if (!in_force(t, x->from_ms, i + 1 < t->p->tariff_n ? x[1].from_ms : INT64_MAX))
            continue;
        for (unsigned b = 0; b < BAND_COUNT; b++)
            if (t->e->window.sums.q[QTY_BAND_ENERGY + b] != 0) {
                decimal_format(x->price[b], 6, value);
                put(t, &(struct factor){"price", band_name((enum tariff_band)b), NULL, value, in,
                                        x->from_ms});
            }
    }
}

/* --- of units -----------------------------------------------------------------------------------
 */

static bool was_made(const struct telling *t, uint32_t product, const struct plant_unit *u) {
    if (product == u->default_product)
        return true;
    for (size_t i = 0; i < t->e->contexts.n; i++)
        if (span_equal(explain_word(t->e, t->e->contexts.at[i].piece.ctx.product),
                       span_str(t->p->product[product].id.s)))
            return true;
    return false;
}

static void put_ideals(const struct telling *t, const struct plant_unit *u) {
    char value[DECIMALS];
    for (size_t i = 0; i < u->ideal_n; i++) {
        const struct plant_ideal *x = &u->ideal[i];
        const bool followed = i + 1 < u->ideal_n && x[1].product == x->product;
        if (!in_force(t, x->from_ms, followed ? x[1].from_ms : INT64_MAX) ||
            !was_made(t, x->product, u))
            continue;
        decimal_format(x->pri_ns, 9, value);
        put(t, &(struct factor){"ideal_cycle", t->p->product[x->product].id.s, u->id.s, value,
                                "s/piece", x->from_ms});
    }
}

static bool is_used(const struct telling *t, const struct plant_signal *s) {
    const struct ident *agent = NULL;
    const char *point = NULL;
    for (size_t i = 0; i < t->e->items.n; i++)
        if (t->e->items.at[i].signal != UINT32_MAX &&
            explain_signal(t->e, t->e->items.at[i].signal, &agent, &point) &&
            ident_equal(agent, &s->agent) && strcmp(point, s->point) == 0)
            return true;
    return false;
}

static void put_scales(const struct telling *t, const struct plant_unit *u) {
    for (size_t i = 0; i < u->signal_n; i++) {
        const struct plant_signal *s = &t->p->signal[u->signal[i]];
        char value[2 * DECIMALS], of[2 * IDENT_MAX + 80];
        if (s->num == s->den || !is_used(t, s))
            continue;
        (void)snprintf(value, sizeof value, "%lld/%lld", (long long)s->num, (long long)s->den);
        (void)snprintf(of, sizeof of, "%s/%s", s->agent.s, s->point);
        put(t, &(struct factor){"scale", of, u->id.s, value, NULL, INT64_MIN});
    }
}

static void put_crew(const struct telling *t, const struct plant_unit *u) {
    char value[2 * DECIMALS];
    if (u->crew_sum == 0)
        return;
    (void)snprintf(value, sizeof value, "%lld/%lld", (long long)u->crew_weight,
                   (long long)u->crew_sum);
    put(t, &(struct factor){"crew_share", u->id.s, u->id.s, value, "persons", INT64_MIN});
}

static void put_planned_scrap(const struct telling *t) {
    static const struct plant_unit nothing = {.default_product = UINT32_MAX};
    char value[DECIMALS];
    for (size_t i = 0; i < t->p->product_n; i++) {
        const struct plant_product *x = &t->p->product[i];
        if (x->planned_scrap_ppm == 0 || !was_made(t, (uint32_t)i, &nothing))
            continue;
        decimal_format(x->planned_scrap_ppm, 4, value);
        put(t, &(struct factor){"planned_scrap", x->id.s, NULL, value, "%", INT64_MIN});
    }
}

void view_explain_factors(const struct telling *t) {
    const bool earned = is_made_of(t, INGREDIENT_PRI_PQ, INGREDIENT_COUNT);
    const bool labour = is_made_of(t, QTY_LABOUR, QTY_LABOUR + 1);
    field_array(t->w, "factors");
    put_carriers(t);
    put_tariffs(t);
    if (is_made_of(t, QTY_PLANNED_SCRAP, QTY_PLANNED_SCRAP + 1))
        put_planned_scrap(t);
    for (uint32_t u = 0; u < t->p->unit_n; u++) {
        if (!window_counts(t->p, t->ask->query.node, u))
            continue;
        if (earned)
            put_ideals(t, &t->p->unit[u]);
        if (labour)
            put_crew(t, &t->p->unit[u]);
        put_scales(t, &t->p->unit[u]);
    }
    json_writer_end_array(t->w);
}

/* --- entries ------------------------------------------------------------------------------------
 */

static bool of_signal(const struct plant *p, uint32_t unit, const struct act *a) {
    for (size_t i = 0; i < p->unit[unit].signal_n; i++) {
        const struct plant_signal *s = &p->signal[p->unit[unit].signal[i]];
        if (span_equal(a->agent, span_str(s->agent.s)) && span_equal(a->point, span_str(s->point)))
            return true;
    }
    return false;
}

static bool touches(const struct telling *t, const struct core_act *x) {
    const struct history_query *q = &t->ask->query;
    const uint32_t unit = t->p->node[q->node].unit;
    const struct act *a = x->act;
    if (a->kind == ACT_VOID || a->t0_ms >= q->to_ms || a->t1_ms < q->from_ms)
        return false;
    return act_is_signal((enum act_kind)a->kind)
               ? of_signal(t->p, unit, a)
               : span_equal(a->unit, span_str(t->p->unit[unit].id.s));
}

/* Newest first; those that do not hold any more, too, for they are why there is a revision. */
void view_explain_entries(const struct telling *t) {
    const struct core *core = t->e->lines.core;
    struct core_act x;
    size_t n = 0;
    field_array(t->w, "entries");
    for (size_t i = core ? core_acts(core) : 0; i-- > 0;) {
        core_act_view(core, i, &x);
        if (touches(t, &x) && n++ < ENTRIES_TOLD)
            view_entry(t->w, &x);
    }
    json_writer_end_array(t->w);
    field_count(t->w, "more_entries", n > ENTRIES_TOLD ? n - ENTRIES_TOLD : 0);
}
