/* Planned orders: whose unit has an ideal cycle for their product, or there would be no plan. */
#include <string.h>

#include "plantfile/build.h"

static uint32_t product_of(struct build *b, const struct order_row *row) {
    for (size_t k = 0; k < b->rows->product_n; k++)
        if (ident_equal(&b->rows->products[k].id, &row->product))
            return (uint32_t)k;
    build_missing(b, row->pos, "product", row->product.s, b->rows->products,
                  sizeof *b->rows->products, b->rows->product_n);
    return UINT32_MAX;
}

static bool has_cycle(const struct plant_unit *u, uint32_t product) {
    for (size_t i = 0; i < u->ideal_n; i++)
        if (u->ideal[i].product == product)
            return true;
    return false;
}

static void fill(struct build *b, const struct order_row *row, struct plant_order *out) {
    const struct plant_unit *unit = b->unit.at;
    *out = (struct plant_order){.order = build_text(b, row->order),
                                .unit = build_find_unit(b, &row->unit),
                                .product = product_of(b, row),
                                .quantity = row->quantity,
                                .from_ms = row->from_ms};
    if (out->unit == UINT32_MAX)
        build_missing(b, row->pos, "unit", row->unit.s, unit, sizeof *unit, b->unit.n);
    else if (out->product != UINT32_MAX && !has_cycle(&unit[out->unit], out->product))
        conf_report_at(b->report, row->pos, "%s has no ideal cycle of %s: nothing to plan by",
                       row->unit.s, row->product.s);
}

void build_orders(struct build *b) {
    struct plant_order *at = build_alloc(b, b->rows->order_n * sizeof *at);
    if (!at)
        return;
    for (size_t i = 0; i < b->rows->order_n; i++) {
        const struct order_row *row = &b->rows->orders[i];
        fill(b, row, &at[i]);
        for (size_t k = 0; k < i; k++)
            if (at[k].unit == at[i].unit && at[k].product == at[i].product &&
                strcmp(at[k].order, at[i].order) == 0)
                conf_report_at(b->report, row->pos, "order %s of %s is planned already", row->order,
                               row->unit.s);
    }
    b->plant->order = at;
    b->plant->order_n = b->rows->order_n;
}
