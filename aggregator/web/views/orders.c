/* Orders with all their sums and indicators; in JSON also what was planned, as of the span's end.
 */
#include "plan/plan.h"
#include "views/csv.h"
#include "views/field.h"
#include "views/history.h"
#include "views/window_text.h"

static void order_fields(struct json_writer *w, const struct view_history *ask,
                         const struct orders *all, const struct order *o) {
    json_writer_begin_object(w);
    field_text(w, "unit", ask->query.plant->node[ask->query.node].id.s);
    field_span(w, "order", orders_word(all, o->order));
    field_span(w, "product", orders_word(all, o->product));
    field_time(w, "first", o->first_ms);
    field_time(w, "last", o->last_ms);
    window_text_sums_json(w, ask->query.plant, &o->sums);
    json_writer_end_object(w);
}

static void order_csv(struct buf *out, const struct view_history *ask, const struct orders *all,
                      const struct order *o) {
    char first[UTC_TEXT], last[UTC_TEXT];
    utc_format(o->first_ms, first);
    utc_format(o->last_ms, last);
    (void)buf_addf(out, "%s,", ask->query.plant->node[ask->query.node].id.s);
    csv_text(out, orders_word(all, o->order));
    (void)buf_add_byte(out, ',');
    csv_text(out, orders_word(all, o->product));
    (void)buf_addf(out, ",%s,%s", first, last);
    window_text_sums_csv(&o->sums, out);
    (void)buf_add_byte(out, '\n');
}

/* --- what was planned ---------------------------------------------------------------------------
 */

static int64_t made_of(const struct orders *all, const struct plant_order *o,
                       const struct plant *p) {
    int64_t made = 0;
    for (size_t i = 0; i < all->n; i++)
        if (span_equal(orders_word(all, all->at[i].order), span_str(o->order)) &&
            span_equal(orders_word(all, all->at[i].product), span_str(p->product[o->product].id.s)))
            made += all->at[i].sums.q[QTY_GQ] + all->at[i].sums.q[QTY_GQ_UNKNOWN];
    return made;
}

/* The cycle in force when it is to begin; 0: none yet. */
static int64_t cycle_ns(const struct plant_unit *u, const struct plant_order *o) {
    int64_t pri_ns = 0;
    for (size_t i = 0; i < u->ideal_n; i++)
        if (u->ideal[i].product == o->product && u->ideal[i].from_ms <= o->from_ms)
            pri_ns = u->ideal[i].pri_ns;
    return pri_ns;
}

static void end_field(struct json_writer *w, const char *key, int64_t t_ms) {
    field_time(w, key, t_ms == PLAN_NEVER ? INT64_MIN : t_ms);
}

static void plan_fields(struct json_writer *w, const struct plant *p, const struct orders *all,
                        const struct plant_order *o, int64_t now_ms) {
    const struct plant_unit *u = &p->unit[o->unit];
    const struct plan_order plan = {.plant = p,
                                    .calendar = u->calendar,
                                    .from_ms = o->from_ms,
                                    .quantity = o->quantity,
                                    .pri_ns = cycle_ns(u, o)};
    const int64_t made = made_of(all, o, p);
    json_writer_begin_object(w);
    field_text(w, "order", o->order);
    field_text(w, "product", p->product[o->product].id.s);
    field_time(w, "from", o->from_ms);
    field_int(w, "quantity", o->quantity);
    field_int(w, "made", made);
    if (plan.pri_ns > 0) {
        const struct plan_now n = plan_at(&plan, made, now_ms);
        field_int(w, "expected", n.expected);
        field_int(w, "gap", n.gap);
        end_field(w, "planned_end", n.planned_end_ms);
        end_field(w, "forecast_end", n.forecast_end_ms);
    }
    json_writer_end_object(w);
}

/* Plans that begin in the span: what was made of others may lie before it. */
static void put_plans(struct json_writer *w, const struct view_history *ask,
                      const struct orders *all) {
    const struct plant *p = ask->query.plant;
    field_array(w, "plan");
    for (size_t i = 0; i < p->order_n; i++) {
        const struct plant_order *o = &p->order[i];
        if (p->unit[o->unit].node == ask->query.node && o->from_ms >= ask->query.from_ms &&
            o->from_ms < ask->query.to_ms)
            plan_fields(w, p, all, o, ask->query.to_ms);
    }
    json_writer_end_array(w);
}

static enum err as_lines(const struct view_history *ask, const struct orders *o, struct buf *out) {
    if (ask->format == VIEW_CSV) {
        (void)buf_add_str(out, "unit,order,product,first,last");
        window_text_sums_csv_head(out);
        (void)buf_add_byte(out, '\n');
    }
    for (size_t i = 0; i < o->n; i++) {
        struct json_writer w;
        if (ask->format == VIEW_CSV) {
            order_csv(out, ask, o, &o->at[i]);
            continue;
        }
        json_writer_init(&w, out);
        order_fields(&w, ask, o, &o->at[i]);
        (void)buf_add_byte(out, '\n');
    }
    return out->failed ? ERR_NOMEM : ERR_OK;
}

enum err view_orders(const struct view_history *ask, const struct orders *o, struct buf *out) {
    struct json_writer w;
    if (ask->format != VIEW_JSON)
        return as_lines(ask, o, out);
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    field_text(&w, "unit", ask->query.plant->node[ask->query.node].id.s);
    field_time(&w, "from", ask->query.from_ms);
    field_time(&w, "to", ask->query.to_ms);
    field_array(&w, "orders");
    for (size_t i = 0; i < o->n; i++)
        order_fields(&w, ask, o, &o->at[i]);
    json_writer_end_array(&w);
    put_plans(&w, ask, o);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}
