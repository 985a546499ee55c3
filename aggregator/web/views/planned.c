#include "views/planned.h"

#include "plan/plan.h"
#include "views/field.h"

/* The cycle in force when it is to begin, of whatever is made that of the shift; 0: none. */
static int64_t cycle_ns(const struct planned_in *in, const struct plan_item *x) {
    const struct plant_unit *u = &in->plant->unit[in->unit];
    if (x->product == UINT32_MAX)
        return plan_even_ns(in->plant, u->calendar, x->from_ms, x->to_ms, x->quantity);
    return plan_cycle_ns(u, x->product, x->from_ms);
}

static struct plan_order order_of(const struct planned_in *in, const struct plan_item *x,
                                  int64_t begin_ms) {
    return (struct plan_order){.plant = in->plant,
                               .calendar = in->plant->unit[in->unit].calendar,
                               .from_ms = begin_ms,
                               .to_ms = x->to_ms,
                               .quantity = x->quantity,
                               .pri_ns = cycle_ns(in, x)};
}

static void end_field(struct json_writer *w, const char *key, int64_t t_ms) {
    field_time(w, key, t_ms == PLAN_NEVER ? INT64_MIN : t_ms);
}

static void now_fields(struct json_writer *w, const struct plan_now *n, bool of_shift) {
    field_int(w, "expected", n->expected);
    field_int(w, "gap", n->gap);
    if (of_shift)
        field_int(w, "forecast", n->forecast);
    end_field(w, "planned_end", n->planned_end_ms);
    end_field(w, "forecast_end", n->forecast_end_ms);
}

/* begin_ms: when its work is to begin; gives when it is to end. */
static int64_t item(struct json_writer *w, const struct planned_in *in, const struct plan_item *x,
                    int64_t begin_ms) {
    const struct plan_order plan = order_of(in, x, begin_ms);
    const bool order = x->order[0];
    struct plan_now n = {.planned_end_ms = begin_ms};
    json_writer_begin_object(w);
    if (order)
        field_text(w, "order", x->order);
    field_text(w, "product", x->product == UINT32_MAX ? NULL : in->plant->product[x->product].id.s);
    field_time(w, "from", x->from_ms);
    if (!order)
        field_time(w, "to", x->to_ms);
    field_count(w, "entry", x->entry);
    field_int(w, "quantity", x->quantity);
    field_int(w, "made", x->made);
    if (plan.pri_ns > 0) {
        n = plan_at(&plan, x->made, in->at_ms);
        now_fields(w, &n, !order);
    }
    json_writer_end_object(w);
    return n.planned_end_ms;
}

void planned_orders(struct json_writer *w, const struct planned_in *in, const struct plans *plans) {
    field_array(w, "plan");
    for (size_t i = 0; i < plans->n; i++)
        if (plans->at[i].order[0])
            (void)item(w, in, &plans->at[i], plans->at[i].from_ms);
    json_writer_end_array(w);
}

/* When the work of x is to begin: behind that of the product before it in the same shift. */
static int64_t begin_of(const struct plan_item *before, int64_t before_end_ms,
                        const struct plan_item *x) {
    const bool next = before && before->from_ms == x->from_ms && before->to_ms == x->to_ms &&
                      x->product != UINT32_MAX && before_end_ms != PLAN_NEVER;
    return next ? before_end_ms : x->from_ms;
}

void planned_shifts(struct json_writer *w, const struct planned_in *in, const struct plans *plans) {
    const struct plan_item *before = NULL;
    int64_t before_end_ms = 0;
    field_array(w, "shifts");
    for (size_t i = 0; i < plans->n; i++) {
        const struct plan_item *x = &plans->at[i];
        if (x->order[0])
            continue;
        const int64_t end_ms = item(w, in, x, begin_of(before, before_end_ms, x));
        if (x->product == UINT32_MAX)
            continue;
        before = x;
        before_end_ms = end_ms;
    }
    json_writer_end_array(w);
}

/* --- a shift in one -----------------------------------------------------------------------------
 */

static bool is_of(const struct plan_item *x, int64_t from_ms, int64_t to_ms) {
    return !x->order[0] && x->from_ms == from_ms && x->to_ms == to_ms;
}

/* All products of the shift as one quantity of their mean cycle; *expected is added up product by
 * product. quantity 0: none has a plan. */
static struct plan_order products_of(const struct planned_in *in, const struct plans *plans,
                                     int64_t from_ms, int64_t to_ms, int64_t *expected) {
    struct plan_order all = {.to_ms = to_ms};
    int64_t begin_ms = from_ms;
    i128 work = 0;
    *expected = 0;
    for (size_t i = 0; i < plans->n; i++) {
        const struct plan_item *x = &plans->at[i];
        if (!is_of(x, from_ms, to_ms) || x->product == UINT32_MAX)
            continue;
        const struct plan_order one = order_of(in, x, begin_ms);
        if (one.pri_ns <= 0)
            continue;
        const struct plan_now n = plan_at(&one, 0, in->at_ms);
        all.plant = one.plant;
        all.calendar = one.calendar;
        all.quantity += one.quantity;
        work += (i128)one.quantity * one.pri_ns;
        *expected += n.expected;
        begin_ms = n.planned_end_ms == PLAN_NEVER ? begin_ms : n.planned_end_ms;
    }
    all.from_ms = from_ms;
    all.pri_ns = all.quantity ? (int64_t)(work / all.quantity) : 0;
    return all;
}

static const struct plan_item *whole_of(const struct plans *plans, int64_t from_ms, int64_t to_ms) {
    for (size_t i = 0; i < plans->n; i++)
        if (is_of(&plans->at[i], from_ms, to_ms) && plans->at[i].product == UINT32_MAX)
            return &plans->at[i];
    return NULL;
}

void planned_shift(struct json_writer *w, const struct planned_in *in, const struct plans *plans,
                   int64_t from_ms, int64_t to_ms, int64_t made) {
    const struct plan_item *whole = whole_of(plans, from_ms, to_ms);
    int64_t expected = 0;
    const struct plan_order plan =
        whole ? order_of(in, whole, from_ms) : products_of(in, plans, from_ms, to_ms, &expected);
    if (plan.pri_ns <= 0) {
        json_writer_key(w, "plan");
        json_writer_null(w);
        return;
    }
    struct plan_now n = plan_at(&plan, made, in->at_ms);
    if (!whole) {
        n.expected = expected;
        n.gap = made - expected;
    }
    field_object(w, "plan");
    field_int(w, "quantity", plan.quantity);
    field_int(w, "made", made);
    now_fields(w, &n, true);
    json_writer_end_object(w);
}
