#include "plantfile/plant_diff.h"

#include <string.h>

struct diff {
    const struct plant *old, *now;
    struct buf *out;
    size_t n;
};

#define DIFF(d, ...) ((d)->n++, (void)buf_addf((d)->out, __VA_ARGS__))

/* --- units --------------------------------------------------------------------------------------
 */

static const char *parent_of(const struct plant *p, const struct plant_unit *u) {
    uint32_t parent = p->node[u->node].parent;
    return parent == UINT32_MAX ? "" : p->node[parent].id.s;
}

static void diff_manning(struct diff *d, const struct plant_unit *a, const struct plant_unit *b) {
    bool same = a->manning_n == b->manning_n;
    for (size_t i = 0; same && i < a->manning_n; i++)
        same = a->manning[i].persons == b->manning[i].persons &&
               a->manning[i].from_ms == b->manning[i].from_ms;
    if (same)
        return;
    if (b->manning_n > 0)
        DIFF(d, "~ unit %s: its manning norm changes, %lld persons in the end\n", b->id.s,
             (long long)b->manning[b->manning_n - 1].persons);
    else
        DIFF(d, "~ unit %s: its manning norm ends\n", b->id.s);
}

static void diff_unit(struct diff *d, const struct plant_unit *a, const struct plant_unit *b) {
    if (strcmp(parent_of(d->old, a), parent_of(d->now, b)) != 0)
        DIFF(d, "~ unit %s moves from %s to %s\n", b->id.s, parent_of(d->old, a),
             parent_of(d->now, b));
    if (a->state_source != b->state_source || a->idle_above_uw != b->idle_above_uw ||
        a->run_above_uw != b->run_above_uw || a->power_hysteresis_uw != b->power_hysteresis_uw ||
        a->run_factor_ppm != b->run_factor_ppm)
        DIFF(d, "~ unit %s: its state is known otherwise\n", b->id.s);
    if (a->micro_stop_ms != b->micro_stop_ms)
        DIFF(d, "~ unit %s: micro_stop %lld ms -> %lld ms\n", b->id.s, (long long)a->micro_stop_ms,
             (long long)b->micro_stop_ms);
    if (a->default_headcount != b->default_headcount)
        DIFF(d, "~ unit %s: headcount %lld -> %lld\n", b->id.s, (long long)a->default_headcount,
             (long long)b->default_headcount);
    if (a->crew_weight * b->crew_sum != b->crew_weight * a->crew_sum)
        DIFF(d, "~ unit %s: share of its crew %lld/%lld -> %lld/%lld\n", b->id.s,
             (long long)a->crew_weight, (long long)a->crew_sum, (long long)b->crew_weight,
             (long long)b->crew_sum);
    diff_manning(d, a, b);
    if (!ident_equal(&a->kind, &b->kind))
        DIFF(d, "~ unit %s: class %s -> %s\n", b->id.s, a->kind.s[0] ? a->kind.s : "none",
             b->kind.s[0] ? b->kind.s : "none");
    if (a->ideal_n != b->ideal_n)
        DIFF(d, "~ unit %s: %zu ideal cycles -> %zu\n", b->id.s, a->ideal_n, b->ideal_n);
    for (size_t i = 0; a->ideal_n == b->ideal_n && i < a->ideal_n; i++)
        if (a->ideal[i].pri_ns != b->ideal[i].pri_ns || a->ideal[i].from_ms != b->ideal[i].from_ms)
            DIFF(d, "~ unit %s: ideal cycle of %s changes\n", b->id.s,
                 d->now->product[b->ideal[i].product].id.s);
}

static void diff_units(struct diff *d) {
    for (size_t i = 0; i < d->old->unit_n; i++)
        if (plant_find_unit(d->now, d->old->unit[i].id.s) == UINT32_MAX)
            DIFF(d, "- unit %s: its history stays, nothing more is counted\n",
                 d->old->unit[i].id.s);
    for (size_t i = 0; i < d->now->unit_n; i++) {
        uint32_t was = plant_find_unit(d->old, d->now->unit[i].id.s);
        if (was == UINT32_MAX)
            DIFF(d, "+ unit %s in %s\n", d->now->unit[i].id.s, parent_of(d->now, &d->now->unit[i]));
        else
            diff_unit(d, &d->old->unit[was], &d->now->unit[i]);
    }
}

/* --- signals ------------------------------------------------------------------------------------
 */

static int compare_name(const struct plant_signal *a, const struct plant_signal *b) {
    int order = strcmp(a->agent.s, b->agent.s);
    return order ? order : strcmp(a->point, b->point);
}

/* The first of that name in the finder's order. O(log signals): there may be 100,000. */
static size_t first_named(const struct plant *p, const struct plant_signal *s) {
    size_t lo = 0, hi = p->signal_by_name ? p->signal_n : 0;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (compare_name(&p->signal[p->signal_by_name[mid]], s) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Shared context gives one point to several units, so the unit belongs to the name. */
static const struct plant_signal *find_signal(const struct plant *p, const struct plant *of,
                                              const struct plant_signal *s) {
    for (size_t i = first_named(p, s); p->signal_by_name && i < p->signal_n; i++) {
        const struct plant_signal *k = &p->signal[p->signal_by_name[i]];
        if (compare_name(k, s) != 0)
            break;
        if (ident_equal(&p->unit[k->unit].id, &of->unit[s->unit].id))
            return k;
    }
    return NULL;
}

static const char *reason_of(const struct plant *p, const struct plant_tag *t) {
    return t->reason == UINT32_MAX ? "" : p->reason[t->reason].id.s;
}

static bool same_tags(const struct diff *d, const struct plant_signal *a,
                      const struct plant_signal *b) {
    bool same = a->tag_n == b->tag_n;
    for (size_t i = 0; same && i < a->tag_n; i++)
        same = a->tag[i].tag == b->tag[i].tag &&
               ident_equal(&d->old->unit[a->tag[i].unit].id, &d->now->unit[b->tag[i].unit].id) &&
               strcmp(reason_of(d->old, &a->tag[i]), reason_of(d->now, &b->tag[i])) == 0;
    return same;
}

static void diff_gauge(struct diff *d, const struct plant_signal *a, const struct plant_signal *b) {
    if (a->gauge == 0 || b->gauge == 0)
        return;
    const struct plant_gauge *x = &d->old->gauge[a->gauge - 1], *y = &d->now->gauge[b->gauge - 1];
    const char *unit = d->now->unit[b->unit].id.s;
    if (!ident_equal(&x->id, &y->id))
        DIFF(d, "~ gauge %s of %s is called %s\n", x->id.s, unit, y->id.s);
    if (x->low != y->low || x->high != y->high)
        DIFF(d, "~ gauge %s of %s: other values are plausible\n", y->id.s, unit);
    if (strcmp(x->unit_text, y->unit_text) != 0)
        DIFF(d, "~ gauge %s of %s: shown in \"%s\" -> \"%s\"\n", y->id.s, unit, x->unit_text,
             y->unit_text);
}

static void diff_signal(struct diff *d, const struct plant_signal *a,
                        const struct plant_signal *b) {
    const char *unit = d->now->unit[b->unit].id.s;
    if (a->role != b->role)
        DIFF(d, "~ signal %s %s of %s: %s -> %s\n", b->agent.s, b->point, unit,
             plant_role_name((enum plant_role)a->role), plant_role_name((enum plant_role)b->role));
    if (a->num * b->den != b->num * a->den)
        DIFF(d, "~ signal %s %s of %s: factor %lld/%lld -> %lld/%lld\n", b->agent.s, b->point, unit,
             (long long)a->num, (long long)a->den, (long long)b->num, (long long)b->den);
    if (!same_tags(d, a, b))
        DIFF(d, "~ signal %s %s of %s: its tags mean something else\n", b->agent.s, b->point, unit);
    if (a->max_rate_per_h != b->max_rate_per_h || a->preset != b->preset ||
        a->gap_limit_ms != b->gap_limit_ms || a->quantum != b->quantum)
        DIFF(d, "~ signal %s %s of %s: limits change\n", b->agent.s, b->point, unit);
    diff_gauge(d, a, b);
}

static void diff_signals(struct diff *d) {
    for (size_t i = 0; i < d->old->signal_n; i++) {
        const struct plant_signal *s = &d->old->signal[i];
        if (!find_signal(d->now, d->old, s))
            DIFF(d, "- signal %s %s of %s\n", s->agent.s, s->point, d->old->unit[s->unit].id.s);
    }
    for (size_t i = 0; i < d->now->signal_n; i++) {
        const struct plant_signal *s = &d->now->signal[i];
        const struct plant_signal *was = find_signal(d->old, d->now, s);
        if (was)
            diff_signal(d, was, s);
        else
            DIFF(d, "+ signal %s %s of %s as %s\n", s->agent.s, s->point,
                 d->now->unit[s->unit].id.s, plant_role_name((enum plant_role)s->role));
    }
}

/* --- norms and products -------------------------------------------------------------------------
 */

static const struct plant_norm *find_norm(const struct plant *p, const struct plant *of,
                                          const struct plant_norm *n) {
    for (size_t i = 0; i < p->norm_n; i++)
        if (strcmp(p->norm[i].indicator, n->indicator) == 0 &&
            ident_equal(&p->node[p->norm[i].node].id, &of->node[n->node].id))
            return &p->norm[i];
    return NULL;
}

static void diff_norms(struct diff *d) {
    for (size_t i = 0; i < d->old->norm_n; i++) {
        const struct plant_norm *n = &d->old->norm[i];
        if (!find_norm(d->now, d->old, n))
            DIFF(d, "- norm %s of %s (%g)\n", n->indicator, d->old->node[n->node].id.s, n->value);
    }
    for (size_t i = 0; i < d->now->norm_n; i++) {
        const struct plant_norm *n = &d->now->norm[i];
        const struct plant_norm *was = find_norm(d->old, d->now, n);
        const char *node = d->now->node[n->node].id.s;
        if (!was)
            DIFF(d, "+ norm %s of %s: %g, approved by %s\n", n->indicator, node, n->value,
                 n->approved_by);
        else if (was->value < n->value || was->value > n->value)
            DIFF(d, "~ norm %s of %s: %g -> %g, approved by %s\n", n->indicator, node, was->value,
                 n->value, n->approved_by);
    }
}

static void diff_products(struct diff *d) {
    for (size_t i = 0; i < d->old->product_n; i++)
        if (plant_find_product(d->now, span_str(d->old->product[i].id.s)) == UINT32_MAX)
            DIFF(d, "- product %s\n", d->old->product[i].id.s);
    for (size_t i = 0; i < d->now->product_n; i++) {
        const struct plant_product *b = &d->now->product[i];
        const uint32_t was = plant_find_product(d->old, span_str(b->id.s));
        if (was == UINT32_MAX)
            DIFF(d, "+ product %s\n", b->id.s);
        else if (d->old->product[was].planned_scrap_ppm != b->planned_scrap_ppm)
            DIFF(d, "~ product %s: planned scrap %g %% -> %g %%\n", b->id.s,
                 (double)d->old->product[was].planned_scrap_ppm / 1e4,
                 (double)b->planned_scrap_ppm / 1e4);
    }
}

static const char *parent_reason(const struct plant *p, const struct plant_reason *r) {
    return r->parent == UINT32_MAX ? "" : p->reason[r->parent].id.s;
}

static bool same_reason(const struct diff *d, const struct plant_reason *a,
                        const struct plant_reason *b) {
    bool same = a->kind == b->kind && a->cause == b->cause && a->code == b->code &&
                a->of_n == b->of_n && strcmp(a->name, b->name) == 0 &&
                strcmp(parent_reason(d->old, a), parent_reason(d->now, b)) == 0;
    for (size_t i = 0; same && i < a->of_n; i++)
        same = ident_equal(&a->of[i], &b->of[i]);
    return same;
}

static void diff_reasons(struct diff *d) {
    for (size_t i = 0; i < d->old->reason_n; i++)
        if (plant_find_reason(d->now, span_str(d->old->reason[i].id.s)) == UINT32_MAX)
            DIFF(d, "- reason %s\n", d->old->reason[i].id.s);
    for (size_t i = 0; i < d->now->reason_n; i++) {
        const struct plant_reason *b = &d->now->reason[i];
        const uint32_t was = plant_find_reason(d->old, span_str(b->id.s));
        if (was == UINT32_MAX)
            DIFF(d, "+ reason %s\n", b->id.s);
        else if (!same_reason(d, &d->old->reason[was], b))
            DIFF(d, "~ reason %s changes\n", b->id.s);
    }
}

/* An order's unit and product belong to its name. */
static const struct plant_order *find_order(const struct plant *p, const struct plant *of,
                                            const struct plant_order *o) {
    for (size_t i = 0; i < p->order_n; i++)
        if (strcmp(p->order[i].order, o->order) == 0 &&
            ident_equal(&p->unit[p->order[i].unit].id, &of->unit[o->unit].id) &&
            ident_equal(&p->product[p->order[i].product].id, &of->product[o->product].id))
            return &p->order[i];
    return NULL;
}

static void diff_orders(struct diff *d) {
    for (size_t i = 0; i < d->old->order_n; i++)
        if (!find_order(d->now, d->old, &d->old->order[i]))
            DIFF(d, "- planned order %s\n", d->old->order[i].order);
    for (size_t i = 0; i < d->now->order_n; i++) {
        const struct plant_order *b = &d->now->order[i], *a = find_order(d->old, d->now, b);
        if (!a)
            DIFF(d, "+ planned order %s of %s: %g pieces\n", b->order, d->now->unit[b->unit].id.s,
                 (double)b->quantity / 1e6);
        else if (a->quantity != b->quantity || a->from_ms != b->from_ms)
            DIFF(d, "~ planned order %s of %s: %g -> %g pieces\n", b->order,
                 d->now->unit[b->unit].id.s, (double)a->quantity / 1e6, (double)b->quantity / 1e6);
    }
}

static const char *product_of(const struct plant *p, const struct plant_shift_plan *s) {
    return s->product == UINT32_MAX ? "" : p->product[s->product].id.s;
}

static const struct plant_shift_plan *find_shift_plan(const struct plant *p, const struct plant *of,
                                                      const struct plant_shift_plan *s) {
    for (size_t i = 0; i < p->shift_plan_n; i++) {
        const struct plant_shift_plan *x = &p->shift_plan[i];
        if (ident_equal(&p->unit[x->unit].id, &of->unit[s->unit].id) &&
            ident_equal(&x->shift, &s->shift) && x->from_ms == s->from_ms &&
            strcmp(product_of(p, x), product_of(of, s)) == 0)
            return x;
    }
    return NULL;
}

static void diff_shift_plans(struct diff *d) {
    for (size_t i = 0; i < d->old->shift_plan_n; i++) {
        const struct plant_shift_plan *a = &d->old->shift_plan[i];
        if (!find_shift_plan(d->now, d->old, a))
            DIFF(d, "- plan of shift %s of %s\n", a->shift.s, d->old->unit[a->unit].id.s);
    }
    for (size_t i = 0; i < d->now->shift_plan_n; i++) {
        const struct plant_shift_plan *b = &d->now->shift_plan[i],
                                      *a = find_shift_plan(d->old, d->now, b);
        if (!a)
            DIFF(d, "+ plan of shift %s of %s: %g pieces\n", b->shift.s, d->now->unit[b->unit].id.s,
                 (double)b->quantity / 1e6);
        else if (a->quantity != b->quantity)
            DIFF(d, "~ plan of shift %s of %s: %g -> %g pieces\n", b->shift.s,
                 d->now->unit[b->unit].id.s, (double)a->quantity / 1e6, (double)b->quantity / 1e6);
    }
}

/* --- calendars and state maps -------------------------------------------------------------------
 */

static bool same_shift(const struct plant_shift *a, const struct plant_shift *b) {
    return ident_equal(&a->id, &b->id) && a->start_min == b->start_min &&
           a->end_min == b->end_min && a->days == b->days && a->break_n == b->break_n &&
           (a->break_n == 0 ||
            memcmp(a->break_min, b->break_min, a->break_n * 2 * sizeof *a->break_min) == 0);
}

static bool same_shifts(const struct plant_calendar *a, const struct plant_calendar *b) {
    bool same = a->shift_n == b->shift_n;
    for (size_t i = 0; same && i < a->shift_n; i++)
        same = same_shift(&a->shift[i], &b->shift[i]);
    return same;
}

static bool same_rota(const struct plant_calendar *a, const struct plant_calendar *b) {
    bool same = a->rota_n == b->rota_n;
    for (size_t i = 0; same && i < a->rota_n; i++) {
        const struct plant_rota *x = &a->rota[i], *y = &b->rota[i];
        same = x->shift == y->shift && x->first_day == y->first_day &&
               x->days_each == y->days_each && x->team_n == y->team_n;
        for (size_t k = 0; same && k < x->team_n; k++)
            same = ident_equal(&x->team[k], &y->team[k]);
    }
    return same;
}

static bool same_days(const struct plant_calendar *a, const struct plant_calendar *b) {
    bool same = a->holiday_n == b->holiday_n && a->stop_n == b->stop_n;
    for (size_t i = 0; same && i < a->holiday_n; i++)
        same = a->holiday[i] == b->holiday[i];
    for (size_t i = 0; same && i < a->stop_n; i++)
        same = a->stop[i].from_ms == b->stop[i].from_ms && a->stop[i].to_ms == b->stop[i].to_ms;
    return same;
}

/* Several calendars of one id are a history by valid-from. */
static const struct plant_calendar *find_calendar(const struct plant *p,
                                                  const struct plant_calendar *of) {
    for (size_t i = 0; i < p->calendar_n; i++)
        if (ident_equal(&p->calendar[i].id, &of->id) && p->calendar[i].from_ms == of->from_ms)
            return &p->calendar[i];
    return NULL;
}

static const char *calendar_of(const struct plant *p, const struct plant_unit *u) {
    return u->calendar == UINT32_MAX ? "none" : p->calendar[u->calendar].id.s;
}

static void diff_calendars(struct diff *d) {
    for (size_t i = 0; i < d->old->calendar_n; i++)
        if (!find_calendar(d->now, &d->old->calendar[i]))
            DIFF(d, "- calendar %s\n", d->old->calendar[i].id.s);
    for (size_t i = 0; i < d->now->calendar_n; i++) {
        const struct plant_calendar *b = &d->now->calendar[i], *a = find_calendar(d->old, b);
        if (!a) {
            DIFF(d, "+ calendar %s, %zu shifts\n", b->id.s, b->shift_n);
            continue;
        }
        if (!same_shifts(a, b))
            DIFF(d, "~ calendar %s: its shifts change\n", b->id.s);
        if (!same_rota(a, b))
            DIFF(d, "~ calendar %s: its teams change\n", b->id.s);
        if (!same_days(a, b))
            DIFF(d, "~ calendar %s: its holidays or planned stops change\n", b->id.s);
    }
    for (size_t i = 0; i < d->now->unit_n; i++) {
        const struct plant_unit *b = &d->now->unit[i];
        uint32_t was = plant_find_unit(d->old, b->id.s);
        if (was != UINT32_MAX &&
            strcmp(calendar_of(d->old, &d->old->unit[was]), calendar_of(d->now, b)) != 0)
            DIFF(d, "~ unit %s: calendar %s -> %s\n", b->id.s,
                 calendar_of(d->old, &d->old->unit[was]), calendar_of(d->now, b));
    }
}

static const struct plant_state_map *find_map(const struct plant *p,
                                              const struct plant_state_map *of) {
    for (size_t i = 0; i < p->state_map_n; i++)
        if (ident_equal(&p->state_map[i].id, &of->id))
            return &p->state_map[i];
    return NULL;
}

static bool same_map(const struct plant_state_map *a, const struct plant_state_map *b) {
    /* Neither is NULL: the caller looked at a, and b is an element of a table. */
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference)
    bool same = a->version == b->version && a->otherwise == b->otherwise && a->row_n == b->row_n;
    for (size_t i = 0; same && i < a->row_n; i++) {
        const char *x = a->row[i].word, *y = b->row[i].word;
        same = a->row[i].code == b->row[i].code && a->row[i].state == b->row[i].state &&
               (!x || !y ? x == y : strcmp(x, y) == 0);
    }
    return same;
}

static void diff_maps(struct diff *d) {
    for (size_t i = 0; i < d->old->state_map_n; i++)
        if (!find_map(d->now, &d->old->state_map[i]))
            DIFF(d, "- state map %s\n", d->old->state_map[i].id.s);
    for (size_t i = 0; i < d->now->state_map_n; i++) {
        const struct plant_state_map *b = &d->now->state_map[i], *a = find_map(d->old, b);
        if (!a)
            DIFF(d, "+ state map %s\n", b->id.s);
        else if (!same_map(a, b))
            DIFF(d, "~ state map %s: states change\n", b->id.s);
    }
}

static bool same_factors(const struct plant_carrier *a, const struct plant_carrier *b) {
    bool same = a->factor_n == b->factor_n;
    for (size_t i = 0; same && i < a->factor_n; i++)
        same = a->factor[i].from_ms == b->factor[i].from_ms &&
               a->factor[i].kwh_millionths == b->factor[i].kwh_millionths &&
               a->factor[i].co2_mg == b->factor[i].co2_mg;
    return same;
}

static void diff_carriers(struct diff *d) {
    for (unsigned c = 0; c < CARRIER_COUNT; c++) {
        const struct plant_carrier *a = &d->old->carrier[c], *b = &d->now->carrier[c];
        const char *name = carrier_name((enum carrier)c);
        if (!a->unit && !b->unit)
            continue;
        if (!a->unit || !b->unit)
            DIFF(d, "%c carrier %s\n", a->unit ? '-' : '+', name);
        else if (strcmp(a->unit, b->unit) != 0)
            DIFF(d, "~ carrier %s: unit %s -> %s\n", name, a->unit, b->unit);
        else if (!same_factors(a, b))
            DIFF(d, "~ carrier %s: factors change; minutes they were for are computed anew\n",
                 name);
    }
}

static bool same_times(const struct plant_tariff *a, const struct plant_tariff *b) {
    bool same = a->time_n == b->time_n;
    for (size_t i = 0; same && i < a->time_n; i++)
        same = a->time[i].band == b->time[i].band && a->time[i].days == b->time[i].days &&
               a->time[i].start_min == b->time[i].start_min &&
               a->time[i].end_min == b->time[i].end_min;
    return same;
}

static void diff_tariffs(struct diff *d) {
    bool same = d->old->tariff_n == d->now->tariff_n;
    for (size_t i = 0; same && i < d->now->tariff_n; i++) {
        const struct plant_tariff *a = &d->old->tariff[i], *b = &d->now->tariff[i];
        same = a->from_ms == b->from_ms && a->otherwise == b->otherwise && same_times(a, b) &&
               memcmp(a->price, b->price, sizeof a->price) == 0;
    }
    if (!same)
        DIFF(d, "~ tariffs: prices or bands change; minutes they were for are computed anew\n");
}

static const struct plant_meter *find_meter(const struct plant *p, const struct ident *id) {
    for (size_t i = 0; i < p->meter_n; i++)
        if (ident_equal(&p->meter[i].id, id))
            return &p->meter[i];
    return NULL;
}

static bool same_units(const struct diff *d, const uint32_t *a, size_t a_n, const uint32_t *b,
                       size_t b_n) {
    bool same = a_n == b_n;
    for (size_t i = 0; same && i < b_n; i++)
        same = ident_equal(&d->old->unit[a[i]].id, &d->now->unit[b[i]].id);
    return same;
}

static bool same_key(const struct diff *d, const struct plant_meter *a,
                     const struct plant_meter *b) {
    bool same = a->by_run == b->by_run && same_units(d, a->unit, a->unit_n, b->unit, b->unit_n) &&
                same_units(d, a->less, a->less_n, b->less, b->less_n) &&
                same_units(d, &a->rest, a->by_run, &b->rest, b->by_run);
    for (size_t i = 0; same && i < b->unit_n; i++)
        same = a->weight[i] == b->weight[i];
    return same;
}

static void diff_meters(struct diff *d) {
    for (size_t i = 0; i < d->old->meter_n; i++)
        if (!find_meter(d->now, &d->old->meter[i].id))
            DIFF(d, "- meter %s\n", d->old->meter[i].id.s);
    const struct plant_meter *now = d->now->meter;
    for (size_t i = 0; now && i < d->now->meter_n; i++) {
        const struct plant_meter *b = &now[i], *a = find_meter(d->old, &b->id);
        if (!a)
            DIFF(d, "+ meter %s, shared by %zu units\n", b->id.s, b->unit_n);
        else if (!same_key(d, a, b))
            DIFF(d, "~ meter %s: it is split otherwise; minutes that are stored stay as they are\n",
                 b->id.s);
    }
}

size_t plant_diff(const struct plant *old, const struct plant *now, struct buf *out) {
    struct diff d = {.old = old, .now = now, .out = out};
    if (!ident_equal(&old->site, &now->site))
        DIFF(&d, "~ site %s -> %s: another site, another history\n", old->site.s, now->site.s);
    if (strcmp(old->zone_name, now->zone_name) != 0)
        DIFF(&d, "~ time zone %s -> %s\n", old->zone_name, now->zone_name);
    diff_products(&d);
    diff_reasons(&d);
    diff_orders(&d);
    diff_shift_plans(&d);
    diff_carriers(&d);
    diff_tariffs(&d);
    diff_calendars(&d);
    diff_maps(&d);
    diff_units(&d);
    diff_signals(&d);
    diff_meters(&d);
    diff_norms(&d);
    return d.n + plant_diff_terms(old, now, out) + plant_diff_conditions(old, now, out) +
           plant_diff_operations(old, now, out);
}
