/* Planned orders and shifts: their unit has an ideal cycle for their product, or there would be no
 * plan. */
#include <stdlib.h>
#include <string.h>

#include "plantfile/build.h"

static uint32_t product_of(struct build *b, const struct ident *product, struct conf_pos pos) {
    for (size_t k = 0; k < b->rows->product_n; k++)
        if (ident_equal(&b->rows->products[k].id, product))
            return (uint32_t)k;
    build_missing(b, pos, "product", product->s, b->rows->products, sizeof *b->rows->products,
                  b->rows->product_n);
    return UINT32_MAX;
}

static bool has_cycle(const struct plant_unit *u, uint32_t product) {
    for (size_t i = 0; i < u->ideal_n; i++)
        if (u->ideal[i].product == product)
            return true;
    return false;
}

/* Both are there, and the one can be made at the other. */
static void check_place(struct build *b, uint32_t unit, uint32_t product, const char *unit_id,
                        const char *product_id, struct conf_pos pos) {
    const struct plant_unit *at = b->unit.at;
    if (unit == UINT32_MAX)
        build_missing(b, pos, "unit", unit_id, at, sizeof *at, b->unit.n);
    else if (product != UINT32_MAX && !has_cycle(&at[unit], product))
        conf_report_at(b->report, pos, "%s has no ideal cycle of %s: nothing to plan by", unit_id,
                       product_id);
}

static void fill(struct build *b, const struct order_row *row, struct plant_order *out) {
    *out = (struct plant_order){.order = build_text(b, row->order),
                                .unit = build_find_unit(b, &row->unit),
                                .product = product_of(b, &row->product, row->pos),
                                .quantity = row->quantity,
                                .from_ms = row->from_ms};
    check_place(b, out->unit, out->product, row->unit.s, row->product.s, row->pos);
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

/* --- shifts -----------------------------------------------------------------------------------
 */

static bool has_shift(const struct build *b, uint32_t calendar, const struct ident *shift) {
    const struct plant_calendar *all = b->plant->calendar;
    for (size_t i = 0; i < b->plant->calendar_n; i++)
        for (size_t k = 0; ident_equal(&all[i].id, &all[calendar].id) && k < all[i].shift_n; k++)
            if (ident_equal(&all[i].shift[k].id, shift))
                return true;
    return false;
}

static void fill_shift(struct build *b, const struct shift_plan_row *row,
                       struct plant_shift_plan *out) {
    const struct plant_unit *unit = b->unit.at;
    *out = (struct plant_shift_plan){
        .unit = build_find_unit(b, &row->unit),
        .product = row->product.s[0] ? product_of(b, &row->product, row->pos) : UINT32_MAX,
        .shift = row->shift,
        .quantity = row->quantity,
        .from_ms = row->from_given ? row->from_ms : INT64_MIN};
    check_place(b, out->unit, out->product, row->unit.s, row->product.s, row->pos);
    if (out->unit == UINT32_MAX)
        return;
    const uint32_t calendar = unit[out->unit].calendar;
    if (calendar == UINT32_MAX || !has_shift(b, calendar, &row->shift))
        conf_report_at(b->report, row->pos, "%s has no shift %s", row->unit.s, row->shift.s);
}

static int by_from(const void *x, const void *y) {
    const struct plant_shift_plan *a = x, *b = y;
    return (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

void build_shift_plans(struct build *b) {
    struct plant_shift_plan *at = build_alloc(b, b->rows->shift_plan_n * sizeof *at);
    if (!at)
        return;
    for (size_t i = 0; i < b->rows->shift_plan_n; i++) {
        const struct shift_plan_row *row = &b->rows->shift_plans[i];
        fill_shift(b, row, &at[i]);
        for (size_t k = 0; k < i; k++)
            if (at[k].unit == at[i].unit && at[k].product == at[i].product &&
                at[k].from_ms == at[i].from_ms && ident_equal(&at[k].shift, &at[i].shift))
                conf_report_at(b->report, row->pos, "shift %s of %s is planned already",
                               row->shift.s, row->unit.s);
    }
    if (b->rows->shift_plan_n)
        qsort(at, b->rows->shift_plan_n, sizeof *at, by_from);
    b->plant->shift_plan = at;
    b->plant->shift_plan_n = b->rows->shift_plan_n;
}
