/* The running block of 15 minutes of a node, and what it will come to against its contract. */
#include <stdlib.h>

#include "demand/demand.h"
#include "views/field.h"
#include "views/views.h"

/* What of the block the unit's energy covers: up to the register's newest value, or the time in
 * which power was integrated. */
static int64_t covered_ms(const struct sums *s, const struct core_unit_view *v, int64_t start_ms) {
    const int64_t t = v->energy_ms == INT64_MIN ? s->q[QTY_ENERGY_SEEN] : v->energy_ms - start_ms;

    return t < 0 ? 0 : t > DEMAND_BLOCK_MS ? DEMAND_BLOCK_MS : t;
}

/* False: the unit measures no electricity. */
static bool part_of(const struct view_in *in, uint32_t unit, struct window_key key,
                    struct demand_part *out) {
    struct core_unit_view v;
    key.node = core_plant(in->core)->unit[unit].node;
    const struct window *w = core_window(in->core, &key);
    core_unit_view(in->core, unit, &v);
    if ((!w || w->sums.q[QTY_ENERGY_DUE] == 0) && v.power_uw < 0)
        return false;
    *out = (struct demand_part){.power_uw = v.power_uw};
    if (w) {
        out->energy_uwh = w->sums.q[QTY_IMPORT];
        out->covered_ms = covered_ms(&w->sums, &v, key.start_ms);
    }
    return true;
}

static void write(struct json_writer *w, const struct plant_node *n, int64_t start_ms,
                  const struct demand_running *r) {
    const double contract = (double)n->contract_uw / 1e9;
    const bool limited = n->contract_uw > 0;

    field_object(w, "demand");
    field_time(w, "block", start_ms);
    field_real(w, "so_far_kwh", r->so_far_kwh, true);
    field_real(w, "power_kw", r->power_kw, r->known);
    field_real(w, "forecast_kw", r->forecast_kw, r->known);
    field_real(w, "contract_kw", contract, limited);
    json_writer_key(w, "over");
    if (limited && (r->known || r->forecast_kw > contract))
        json_writer_bool(w, r->forecast_kw > contract);
    else
        json_writer_null(w);
    json_writer_end_object(w);
}

void view_demand(struct json_writer *w, const struct view_in *in, uint32_t node) {
    const struct plant *p = core_plant(in->core);
    struct demand_part *part = calloc(p->unit_n + 1, sizeof *part);
    struct demand_running r;
    struct window_key key;
    int64_t end_ms = 0;
    size_t n = 0;

    (void)core_current(in->core, node, WINDOW_QUARTER, in->now.wall_ms, &key, &end_ms);
    for (uint32_t u = 0; part && u < p->unit_n; u++)
        if (window_counts_at(p, node, u, in->now.wall_ms / UTC_MINUTE_MS) &&
            part_of(in, u, key, &part[n]))
            n++;
    demand_forecast(part, n, &r);
    if (n > 0) {
        write(w, &p->node[node], key.start_ms, &r);
    } else {
        json_writer_key(w, "demand");
        json_writer_null(w);
    }
    free(part);
}
