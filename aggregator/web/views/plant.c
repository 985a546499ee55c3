/* The plant as the page needs it: its tree, what is made, what people may enter and state. */
#include "cell/sums.h"
#include "views/field.h"
#include "views/views.h"

/* What people may enter there. */
static void entered_of(struct json_writer *w, const struct plant *p, uint32_t node) {
    const uint32_t unit = p->node[node].unit;
    if (unit == UINT32_MAX)
        return;
    field_array(w, "entered");
    for (unsigned role = 0; role < ROLE_COUNT; role++)
        if (p->unit[unit].entered & ROLE_BIT(role))
            json_writer_text(w, plant_role_name((enum plant_role)role));
    json_writer_end_array(w);
}

/* null: it may be given at every unit. */
static void units_of_reason(struct json_writer *w, const struct plant *p, uint32_t reason) {
    size_t n = 0;
    for (uint32_t u = 0; u < p->unit_n; u++)
        n += plant_reason_fits(p, reason, u);
    json_writer_key(w, "units");
    if (n == p->unit_n) {
        json_writer_null(w);
        return;
    }
    json_writer_begin_array(w);
    for (uint32_t u = 0; u < p->unit_n; u++)
        if (plant_reason_fits(p, reason, u))
            json_writer_text(w, p->unit[u].id.s);
    json_writer_end_array(w);
}

static void reasons_of(struct json_writer *w, const struct plant *p) {
    field_array(w, "reasons");
    for (uint32_t r = 0; r < p->reason_n; r++) {
        const struct plant_reason *x = &p->reason[r];
        json_writer_begin_object(w);
        field_text(w, "id", x->id.s);
        field_text(w, "name", x->name);
        field_text(w, "kind", x->kind == REASON_STOP ? "stop" : "scrap");
        field_text(w, "cause", x->kind == REASON_STOP ? cause_name((enum cause)x->cause) : NULL);
        field_text(w, "parent", x->parent == UINT32_MAX ? NULL : p->reason[x->parent].id.s);
        units_of_reason(w, p, r);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

void view_plant(struct json_writer *w, const struct plant *p, int64_t now_ms) {
    json_writer_begin_object(w);
    field_text(w, "site", p->site.s);
    field_text(w, "name", p->node_n && p->node[0].name ? p->node[0].name : p->site.s);
    field_text(w, "zone", p->zone_name);
    field_array(w, "nodes");
    for (uint32_t n = 0; n < p->node_n; n++) {
        json_writer_begin_object(w);
        view_node_ids(w, p, n, now_ms);
        field_array(w, "output");
        for (size_t i = 0; i < p->node[n].output_n; i++)
            json_writer_text(w, p->node[p->node[n].output[i]].id.s);
        json_writer_end_array(w);
        if (p->node[n].contract_uw > 0)
            field_decimal(w, "contract_kw", p->node[n].contract_uw, 9);
        entered_of(w, p, n);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
    field_array(w, "products");
    for (size_t i = 0; i < p->product_n; i++) {
        json_writer_begin_object(w);
        field_text(w, "id", p->product[i].id.s);
        field_text(w, "name", p->product[i].name);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
    reasons_of(w, p);
    json_writer_end_object(w);
}
