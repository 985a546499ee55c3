/* Scrap and rework by reason, unit that made the pieces and product. Amounts are millionths of a
 * piece, as in windows: rows of scrap sum to the SQ of the same minutes. */
#include "scrap/scrap.h"

#include "views/csv.h"
#include "views/field.h"
#include "views/history.h"

static const char *const kind_name[] = {[CELL_SCRAP] = "scrap", [CELL_REWORK] = "rework"};

struct telling {
    const struct view_history *ask;
    const struct timelines *t;
    const struct scrap *s;
};

/* Negative parts (scrap that is what a total leaves over) have no share. */
static double share(int64_t part, int64_t whole) {
    return whole > 0 ? (double)part / (double)whole : 0;
}

static const struct plant_reason *plants_reason(const struct telling *x,
                                                const struct scrap_row *r) {
    return r->of.reason == UINT32_MAX ? NULL : &x->ask->query.plant->reason[r->of.reason];
}

/* The plant's id, else the words that were stated; n = 0: nobody stated why. */
static struct span reason_text(const struct telling *x, const struct scrap_row *r) {
    const struct plant_reason *p = plants_reason(x, r);
    return p ? span_str(p->id.s) : core_word(x->t->core, r->of.stated);
}

/* What the reason is a part of, NULL: nothing. */
static const char *group_text(const struct telling *x, const struct scrap_row *r) {
    const struct plant *p = x->ask->query.plant;
    uint32_t i = r->of.reason;
    if (i == UINT32_MAX || p->reason[i].parent == UINT32_MAX)
        return NULL;
    while (p->reason[i].parent != UINT32_MAX)
        i = p->reason[i].parent;
    return p->reason[i].id.s;
}

static void row_fields(struct json_writer *w, const struct telling *x, const struct scrap_row *r) {
    const struct plant_reason *reason = plants_reason(x, r);
    const int64_t whole = x->s->total[r->of.kind];
    json_writer_begin_object(w);
    field_text(w, "kind", kind_name[r->of.kind]);
    field_span(w, "reason", reason_text(x, r));
    field_text(w, "name", reason ? reason->name : NULL);
    field_text(w, "group", group_text(x, r));
    field_text(w, "unit", x->ask->query.plant->unit[r->unit].id.s);
    field_span(w, "product", core_word(x->t->core, r->of.product));
    field_int(w, "pieces", r->pieces);
    field_int(w, "pieces_unknown", r->of.amount_unknown);
    field_real(w, "share", share(r->pieces, whole), whole > 0);
    field_real(w, "cumulated", share(r->pieces_sum, whole), whole > 0);
    json_writer_end_object(w);
}

/* The first minute that is told of. */
static int64_t begin_ms(const struct view_history *ask) {
    return ask->query.from_ms > ask->logs_from_ms ? ask->query.from_ms : ask->logs_from_ms;
}

static int64_t unstated(const struct telling *x, enum cell_reject_kind kind) {
    int64_t pieces = 0;
    for (size_t i = 0; i < x->s->n; i++)
        if (x->s->row[i].of.kind == kind && reason_text(x, &x->s->row[i]).n == 0)
            pieces += x->s->row[i].pieces;
    return pieces;
}

static void total_fields(struct json_writer *w, const struct telling *x,
                         enum cell_reject_kind kind) {
    field_object(w, kind_name[kind]);
    field_int(w, "pieces", x->s->total[kind]);
    field_int(w, "pieces_unknown", x->s->unknown[kind]);
    field_int(w, "unstated", unstated(x, kind));
    json_writer_end_object(w);
}

static enum err as_json(const struct telling *x, struct buf *out) {
    struct json_writer w;
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    field_text(&w, "node", x->ask->query.plant->node[x->ask->query.node].id.s);
    field_time(&w, "from", begin_ms(x->ask));
    field_time(&w, "to", x->ask->query.to_ms);
    field_bool(&w, "logs_gone", x->ask->query.from_ms < x->ask->logs_from_ms);
    total_fields(&w, x, CELL_SCRAP);
    total_fields(&w, x, CELL_REWORK);
    field_array(&w, "rows");
    for (size_t i = 0; i < x->s->n; i++)
        row_fields(&w, x, &x->s->row[i]);
    json_writer_end_array(&w);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

static void row_csv(struct buf *out, const struct telling *x, const struct scrap_row *r) {
    const struct plant_reason *reason = plants_reason(x, r);
    const int64_t whole = x->s->total[r->of.kind];
    const char *group = group_text(x, r);
    (void)buf_addf(out, "%s,", kind_name[r->of.kind]);
    csv_text(out, reason_text(x, r));
    (void)buf_add_byte(out, ',');
    csv_text(out, span_str(reason ? reason->name : ""));
    (void)buf_addf(out, ",%s,%s,", group ? group : "", x->ask->query.plant->unit[r->unit].id.s);
    csv_text(out, core_word(x->t->core, r->of.product));
    (void)buf_addf(out, ",%lld,%lld,", (long long)r->pieces, (long long)r->of.amount_unknown);
    if (whole > 0)
        (void)buf_addf(out, "%.6f,%.6f\n", share(r->pieces, whole), share(r->pieces_sum, whole));
    else
        (void)buf_add_str(out, ",\n");
}

static enum err as_lines(const struct telling *x, struct buf *out) {
    const bool csv = x->ask->format == VIEW_CSV;
    if (csv)
        (void)buf_add_str(
            out, "kind,reason,name,group,unit,product,pieces,pieces_unknown,share,cumulated\n");
    for (size_t i = 0; i < x->s->n; i++) {
        struct json_writer w;
        if (csv) {
            row_csv(out, x, &x->s->row[i]);
            continue;
        }
        json_writer_init(&w, out);
        row_fields(&w, x, &x->s->row[i]);
        (void)buf_add_byte(out, '\n');
    }
    return out->failed ? ERR_NOMEM : ERR_OK;
}

enum err view_scrap(const struct view_history *ask, const struct timelines *t, struct buf *out) {
    struct scrap s;
    enum err err = ERR_OK;
    scrap_init(&s);
    for (size_t i = 0; i < t->unit_n && !err; i++)
        err = scrap_add(&s, t->unit[i].unit, &t->unit[i].rejects);
    scrap_sort(&s);
    const struct telling x = {.ask = ask, .t = t, .s = &s};
    if (!err)
        err = ask->format == VIEW_JSON ? as_json(&x, out) : as_lines(&x, out);
    scrap_fini(&s);
    return err;
}
