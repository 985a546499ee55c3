/* A unit's timeline, piece by piece: the Gantt of a shift can be drawn of it. */
#include "views/csv.h"
#include "views/field.h"
#include "views/history.h"

const char *view_calendar_name(uint8_t kind) {
    static const char *const name[] = {[CALENDAR_OFF] = "off",
                                       [CALENDAR_WORK] = "work",
                                       [CALENDAR_BREAK] = "break",
                                       [CALENDAR_PLANNED] = "planned_stop"};
    return kind < sizeof name / sizeof *name ? name[kind] : "none";
}

static const char *cause_of(const struct cell_piece *p) {
    return p->category == CAT_DELAY ? cause_name((enum cause)p->cause) : NULL;
}

static void piece_fields(struct json_writer *w, const struct timelines *t,
                         const struct cell_piece *p) {
    json_writer_begin_object(w);
    field_time(w, "from", p->t0_ms);
    field_time(w, "to", p->t1_ms);
    field_text(w, "category", category_name((enum category)p->category));
    field_text(w, "cause", cause_of(p));
    field_span(w, "reason", core_word(t->core, p->reason));
    field_text(w, "machine", machine_state_name((enum machine_state)p->machine));
    field_text(w, "calendar", view_calendar_name(p->calendar));
    field_span(w, "order", core_word(t->core, p->ctx.order));
    field_span(w, "product", core_word(t->core, p->ctx.product));
    field_span(w, "team", core_word(t->core, p->ctx.team));
    if (p->headcount >= 0)
        field_int(w, "headcount", p->headcount);
    json_writer_end_object(w);
}

static void piece_csv(struct buf *out, const struct timelines *t, const struct cell_piece *p) {
    char from[UTC_TEXT], to[UTC_TEXT];
    const char *cause = cause_of(p);
    utc_format(p->t0_ms, from);
    utc_format(p->t1_ms, to);
    (void)buf_addf(out, "%s,%s,%lld,%s,%s,", from, to, (long long)(p->t1_ms - p->t0_ms),
                   category_name((enum category)p->category), cause ? cause : "");
    csv_text(out, core_word(t->core, p->reason));
    (void)buf_addf(out, ",%s,%s,", machine_state_name((enum machine_state)p->machine),
                   view_calendar_name(p->calendar));
    csv_text(out, core_word(t->core, p->ctx.order));
    (void)buf_add_byte(out, ',');
    csv_text(out, core_word(t->core, p->ctx.product));
    (void)buf_add_byte(out, ',');
    csv_text(out, core_word(t->core, p->ctx.team));
    if (p->headcount >= 0)
        (void)buf_addf(out, ",%lld\n", (long long)p->headcount);
    else
        (void)buf_add_str(out, ",\n");
}

static enum err as_lines(const struct view_history *ask, const struct timelines *t,
                         const struct timeline *unit, struct buf *out) {
    if (ask->format == VIEW_CSV)
        (void)buf_add_str(
            out, "from,to,duration_ms,category,cause,reason,machine,calendar,order,product,"
                 "team,headcount\n");
    for (size_t i = 0; unit && i < unit->n; i++) {
        struct json_writer w;
        if (ask->format == VIEW_CSV) {
            piece_csv(out, t, &unit->at[i]);
            continue;
        }
        json_writer_init(&w, out);
        piece_fields(&w, t, &unit->at[i]);
        (void)buf_add_byte(out, '\n');
    }
    return out->failed ? ERR_NOMEM : ERR_OK;
}

enum err view_timeline(const struct view_history *ask, const struct timelines *t, struct buf *out) {
    const struct timeline *unit = t->unit_n ? &t->unit[0] : NULL;
    struct json_writer w;
    if (ask->format != VIEW_JSON)
        return as_lines(ask, t, unit, out);
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    field_text(&w, "unit", ask->query.plant->node[ask->query.node].id.s);
    field_time(&w, "from", ask->query.from_ms);
    field_time(&w, "to", ask->query.to_ms);
    field_time(&w, "known_to", unit && unit->n ? unit->at[unit->n - 1].t1_ms : INT64_MIN);
    field_array(&w, "pieces");
    for (size_t i = 0; unit && i < unit->n; i++)
        piece_fields(&w, t, &unit->at[i]);
    json_writer_end_array(&w);
    view_breaches(&w, ask, unit, false);
    view_breaches(&w, ask, unit, true);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}
