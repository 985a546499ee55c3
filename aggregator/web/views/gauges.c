/* Gauges: the newest reading of each of a unit, and what one showed minute by minute. */
#include "engine/gauges.h"

#include "views/csv.h"
#include "views/field.h"
#include "views/history.h"
#include "views/views.h"

static void field_millionths(struct json_writer *w, const char *key, int64_t v, bool known) {
    json_writer_key(w, key);
    if (known)
        json_writer_decimal(w, v, 6);
    else
        json_writer_null(w);
}

static void newest_of(struct json_writer *w, const struct view_in *in, uint32_t gauge) {
    const struct plant_gauge *g = &core_plant(in->core)->gauge[gauge];
    struct core_gauge_view v;
    core_gauge_view(in->core, gauge, &v);
    json_writer_begin_object(w);
    field_text(w, "id", g->id.s);
    field_text(w, "name", g->name);
    field_text(w, "unit_text", v.unit_text);
    field_millionths(w, "value", v.value, v.known);
    field_time(w, "at", v.heard ? v.t_ms : INT64_MIN);
    json_writer_key(w, "age_ms");
    if (v.heard)
        json_writer_int64(w, in->now.wall_ms - v.t_ms);
    else
        json_writer_null(w);
    field_bool(w, "stale", view_stale(in, v.asof_ms));
    field_millionths(w, "low", g->low, g->low < g->high && g->low != INT64_MIN);
    field_millionths(w, "high", g->high, g->low < g->high && g->high != INT64_MAX);
    json_writer_end_object(w);
}

void view_gauges(struct json_writer *w, const struct view_in *in, uint32_t unit) {
    const struct plant *p = core_plant(in->core);
    bool any = false;
    for (uint32_t g = 0; g < p->gauge_n; g++) {
        if (p->gauge[g].unit != unit)
            continue;
        if (!any)
            field_array(w, "gauges");
        any = true;
        newest_of(w, in, g);
    }
    if (any)
        json_writer_end_array(w);
}

/* --- the past -----------------------------------------------------------------------------------
 */

struct rows {
    const struct view_history *ask;
    struct buf *out;
    struct json_writer *w; /* JSON */
};

static void fields(struct json_writer *w, int64_t start_ms, int64_t mean,
                   const struct gauge_span *s) {
    json_writer_begin_object(w);
    field_time(w, "start", start_ms);
    field_millionths(w, "mean", mean, true);
    field_millionths(w, "least", s->least, true);
    field_millionths(w, "greatest", s->greatest, true);
    field_int(w, "known_ms", s->known_ms);
    json_writer_end_object(w);
}

static void row(const struct rows *r, int64_t start_ms, const struct gauge_span *s) {
    int64_t mean = 0;
    char text[3][24], start[UTC_TEXT];
    struct json_writer line;
    if (!gauge_mean(s, &mean))
        return;
    if (r->ask->format == VIEW_JSON) {
        fields(r->w, start_ms, mean, s);
    } else if (r->ask->format == VIEW_JSONL) {
        json_writer_init(&line, r->out);
        fields(&line, start_ms, mean, s);
        (void)buf_add_byte(r->out, '\n');
    } else {
        decimal_format(mean, 6, text[0]);
        decimal_format(s->least, 6, text[1]);
        decimal_format(s->greatest, 6, text[2]);
        utc_format(start_ms, start);
        (void)buf_addf(r->out, "%s,%s,%s,%s,%lld\n", start, text[0], text[1], text[2],
                       (long long)s->known_ms);
    }
}

/* Begin of the row that the minute is in. */
static int64_t row_start(const struct rows *r, int64_t t_ms, int64_t *end_ms) {
    const struct history_query *q = &r->ask->query;
    int64_t start = t_ms;
    *end_ms = t_ms + UTC_MINUTE_MS;
    if (r->ask->by_hour)
        (void)window_bounds(q->plant, plant_node_calendar(q->plant, q->node), WINDOW_HOUR, t_ms,
                            &start, end_ms);
    return start;
}

static void put_rows(const struct rows *r, const struct gauge_span *minute, int64_t first_minute,
                     size_t n) {
    int64_t end = 0;
    for (size_t i = 0; i < n;) {
        const int64_t start = row_start(r, (first_minute + (int64_t)i) * UTC_MINUTE_MS, &end);
        struct gauge_span sum = {0};
        do
            gauge_span_add(&sum, &minute[i++]);
        while (i < n && (first_minute + (int64_t)i) * UTC_MINUTE_MS < end);
        row(r, start, &sum);
    }
}

enum err view_gauge(const struct view_history *ask, const struct gauge_span *minute,
                    int64_t first_minute, size_t n, struct buf *out) {
    const struct plant *p = ask->query.plant;
    struct json_writer w;
    const struct rows r = {ask, out, &w};
    if (ask->format == VIEW_CSV)
        (void)buf_add_str(out, "start,mean,least,greatest,known_ms\n");
    if (ask->format != VIEW_JSON) {
        put_rows(&r, minute, first_minute, n);
        return out->failed ? ERR_NOMEM : ERR_OK;
    }
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    field_text(&w, "unit", p->node[ask->query.node].id.s);
    field_text(&w, "gauge", p->gauge[ask->gauge].id.s);
    field_text(&w, "name", p->gauge[ask->gauge].name);
    field_text(&w, "unit_text", ask->gauge_unit);
    field_text(&w, "each", ask->by_hour ? "hour" : "minute");
    field_time(&w, "from", ask->query.from_ms);
    field_time(&w, "to", ask->query.to_ms);
    field_bool(&w, "logs_gone", ask->query.from_ms < ask->logs_from_ms);
    field_array(&w, "rows");
    put_rows(&r, minute, first_minute, n);
    json_writer_end_array(&w);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}
