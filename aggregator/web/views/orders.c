/* Orders with all their sums and indicators; in JSON also what was planned, as of the span's end.
 */
#include "views/csv.h"
#include "views/field.h"
#include "views/history.h"
#include "views/planned.h"
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

enum err view_orders(const struct view_history *ask, const struct orders *o,
                     const struct plans *plans, struct buf *out) {
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
    const struct planned_in in = {ask->query.plant, ask->query.plant->node[ask->query.node].unit,
                                  ask->query.to_ms};
    planned_orders(&w, &in, plans);
    planned_shifts(&w, &in, plans);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}
