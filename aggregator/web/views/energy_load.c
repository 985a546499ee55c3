/* Demand of a node: its quarters of an hour, peaks, load factor and duration. */
#include <math.h>

#include "study/blocks.h"
#include "views/energy_impl.h"

enum { PEAKS = 5 };

static void block(struct json_writer *w, const struct demand_block *b) {
    json_writer_begin_object(w);
    field_time(w, "start", b->start_ms);
    field_real(w, "kw", demand_kw(b->energy_uwh), true);
    field_real(w, "kwh", (double)b->energy_uwh / 1e9, true);
    field_bool(w, "whole", b->whole);
    json_writer_end_object(w);
}

static void summary(struct json_writer *w, const struct blocks *b) {
    struct demand_summary s;
    demand_summarise(b->at, b->n, &s);
    field_object(w, "summary");
    field_count(w, "blocks", s.blocks);
    field_count(w, "partial", s.partial);
    field_real(w, "energy_kwh", s.energy_kwh, true);
    field_real(w, "hours", s.hours, true);
    field_measured(w, "mean_kw", b->n ? s.mean_kw : NAN);
    field_measured(w, "peak_kw", b->n ? s.peak_kw : NAN);
    field_time(w, "peak", b->n ? s.peak_ms : INT64_MIN);
    field_measured(w, "load_factor", s.load_factor);
    json_writer_end_object(w);
}

static void over(struct json_writer *w, const struct blocks *b, int64_t contract_uw) {
    struct demand_over o;
    if (contract_uw <= 0) {
        field_text(w, "over", NULL);
        return;
    }
    demand_above(b->at, b->n, contract_uw, &o);
    field_object(w, "over");
    field_count(w, "blocks", o.blocks);
    field_real(w, "hours", o.hours, true);
    field_real(w, "kwh", o.kwh, true);
    json_writer_end_object(w);
}

/* Sorts the blocks. */
static void ranked(struct json_writer *w, struct blocks *b) {
    static const int percent[] = {0, 1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100};
    demand_sort(b->at, b->n);
    field_array(w, "peaks");
    for (size_t i = 0; i < b->n && i < PEAKS; i++)
        block(w, &b->at[i]);
    json_writer_end_array(w);
    field_array(w, "duration");
    for (size_t i = 0; b->n > 0 && i < sizeof percent / sizeof *percent; i++) {
        json_writer_begin_object(w);
        field_int(w, "percent", percent[i]);
        field_real(w, "kw", demand_reached(b->at, b->n, percent[i] / 100.0), true);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

static void as_csv(const struct blocks *b, struct buf *out) {
    char start[UTC_TEXT];
    (void)buf_add_str(out, "start,kw,kwh,whole\n");
    for (size_t i = 0; i < b->n; i++) {
        utc_format(b->at[i].start_ms, start);
        (void)buf_addf(out, "%s,%.6f,%.9f,%d\n", start, demand_kw(b->at[i].energy_uwh),
                       (double)b->at[i].energy_uwh / 1e9, b->at[i].whole);
    }
}

enum err energy_load(const struct view_history *ask, const struct history_reader *r,
                     struct json_writer *w, struct buf *out) {
    const struct history_query *q = &ask->query;
    const int64_t contract_uw = q->plant->node[q->node].contract_uw;
    struct blocks b = {0};
    const enum err err = energy_windows(ask, r, q->node, WINDOW_QUARTER, false, blocks_take, &b);
    if (!err && !w)
        as_csv(&b, out);
    if (!err && w) {
        field_real(w, "contract_kw", (double)contract_uw / 1e9, contract_uw > 0);
        field_array(w, "blocks");
        for (size_t i = 0; i < b.n; i++)
            block(w, &b.at[i]);
        json_writer_end_array(w);
        summary(w, &b);
        over(w, &b, contract_uw);
        ranked(w, &b);
    }
    blocks_fini(&b);
    return err;
}
