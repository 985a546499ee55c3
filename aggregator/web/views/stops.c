/* Stops as JSON or CSV: what they cost by category, cause and reason, what failures took, the
 * longest ones.
 */
#include "stops/stops.h"

#include "views/csv.h"
#include "views/field.h"
#include "views/history.h"

static double share(int64_t part, int64_t whole) {
    return whole > 0 ? (double)part / (double)whole : 0;
}

static const char *cause_of(uint8_t category, uint8_t cause) {
    return category == CAT_DELAY ? cause_name((enum cause)cause) : NULL;
}

static void row_fields(struct json_writer *w, const struct timelines *t, const struct stops *s,
                       size_t i, int64_t before_ms) {
    const struct stops_row *r = &s->row[i];
    json_writer_begin_object(w);
    field_text(w, "category", category_name((enum category)r->category));
    field_text(w, "cause", cause_of(r->category, r->cause));
    field_span(w, "reason", core_word(t->core, r->reason));
    field_count(w, "count", r->count);
    field_int(w, "total_ms", r->total_ms);
    field_int(w, "median_ms", r->median_ms);
    field_int(w, "longest_ms", r->longest_ms);
    field_real(w, "share", share(r->total_ms, s->stop_ms), true);
    field_real(w, "cumulated", share(before_ms + r->total_ms, s->stop_ms), true);
    json_writer_end_object(w);
}

/* A mean in hours with what it is divided by. */
static void mean_fields(struct json_writer *w, const char *name, const char *n_name,
                        const char *ms_name, uint64_t n, int64_t ms) {
    field_count(w, n_name, n);
    field_int(w, ms_name, ms);
    field_real(w, name, n ? (double)ms / (double)n / 3.6e6 : 0, n > 0);
}

static void failure_fields(struct json_writer *w, const struct stops_failures *f) {
    field_object(w, "failures");
    field_count(w, "begun", f->begun);
    mean_fields(w, "mtbf_h", "intervals", "operating_ms", f->between_n, f->between_ms);
    mean_fields(w, "mttr_h", "repairs", "repair_ms", f->repair_n, f->repair_ms);
    json_writer_end_object(w);
}

static void stop_fields(struct json_writer *w, const struct view_history *ask,
                        const struct timelines *t, const struct stop *x) {
    json_writer_begin_object(w);
    field_text(w, "unit", ask->query.plant->unit[x->unit].id.s);
    field_time(w, "from", x->from_ms);
    field_time(w, "to", x->to_ms);
    field_int(w, "duration_ms", x->to_ms - x->from_ms);
    field_text(w, "category", category_name((enum category)x->category));
    field_text(w, "cause", cause_of(x->category, x->cause));
    field_span(w, "reason", core_word(t->core, x->reason));
    field_span(w, "order", core_word(t->core, x->ctx.order));
    field_span(w, "product", core_word(t->core, x->ctx.product));
    field_span(w, "team", core_word(t->core, x->ctx.team));
    json_writer_end_object(w);
}

static enum err as_json(const struct view_history *ask, const struct timelines *t,
                        const struct stops *s, struct buf *out) {
    struct json_writer w;
    int64_t before_ms = 0;
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    field_text(&w, "node", ask->query.plant->node[ask->query.node].id.s);
    field_time(&w, "from", ask->query.from_ms);
    field_time(&w, "to", ask->query.to_ms);
    field_int(&w, "run_ms", s->run_ms);
    field_int(&w, "stop_ms", s->stop_ms);
    field_int(&w, "unknown_ms", s->unknown_ms);
    field_array(&w, "rows");
    for (size_t i = 0; i < s->row_n; i++) {
        row_fields(&w, t, s, i, before_ms);
        before_ms += s->row[i].total_ms;
    }
    json_writer_end_array(&w);
    failure_fields(&w, &s->failures);
    field_array(&w, "longest");
    for (size_t i = 0; i < s->n && i < ask->query.limit; i++)
        stop_fields(&w, ask, t, &s->at[i]);
    json_writer_end_array(&w);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

static void row_csv(struct buf *out, const struct timelines *t, const struct stops *s, size_t i,
                    int64_t before_ms) {
    const struct stops_row *r = &s->row[i];
    const char *cause = cause_of(r->category, r->cause);
    (void)buf_addf(out, "%zu,%s,%s,", i + 1, category_name((enum category)r->category),
                   cause ? cause : "");
    csv_text(out, core_word(t->core, r->reason));
    (void)buf_addf(out, ",%llu,%lld,%lld,%lld,%.6f,%.6f\n", (unsigned long long)r->count,
                   (long long)r->total_ms, (long long)r->median_ms, (long long)r->longest_ms,
                   share(r->total_ms, s->stop_ms), share(before_ms + r->total_ms, s->stop_ms));
}

static enum err as_lines(const struct view_history *ask, const struct timelines *t,
                         const struct stops *s, struct buf *out) {
    const bool csv = ask->format == VIEW_CSV;
    int64_t before_ms = 0;
    if (csv)
        (void)buf_add_str(out,
                          "rank,category,cause,reason,count,total_ms,median_ms,longest_ms,share,"
                          "cumulated\n");
    for (size_t i = 0; i < s->row_n; before_ms += s->row[i++].total_ms) {
        struct json_writer w;
        if (csv) {
            row_csv(out, t, s, i, before_ms);
            continue;
        }
        json_writer_init(&w, out);
        row_fields(&w, t, s, i, before_ms);
        (void)buf_add_byte(out, '\n');
    }
    return out->failed ? ERR_NOMEM : ERR_OK;
}

enum err view_stops(const struct view_history *ask, const struct timelines *t, struct buf *out) {
    struct stops s;
    enum err err = ERR_OK;
    stops_init(&s);
    for (size_t i = 0; i < t->unit_n && !err; i++)
        err = stops_add(&s, t->unit[i].unit, t->unit[i].at, t->unit[i].n);
    if (!err)
        err = stops_sort(&s);
    if (!err)
        err = ask->format == VIEW_JSON ? as_json(ask, t, &s, out) : as_lines(ask, t, &s, out);
    stops_fini(&s);
    return err;
}
