/* Status by unit and team, records, key links. */
#include <math.h>

#include "views/norms_impl.h"

static void class_of(const struct norms_telling *t, enum norm_class c,
                     const struct status_class *s) {
    struct json_writer *w = t->w;
    const bool band = s->normed && s->norm.band;
    json_writer_begin_object(w);
    field_text(w, "class", norm_class_name(c));
    field_text(w, "status", norm_status_name(s->status));
    field_text(w, "indicator", indicator_row(s->indicator)->id);
    field_text(w, "unit", indicator_unit(t->p, s->indicator));
    field_real(w, "value", s->value.value, s->value.defined);
    field_measured(w, "coverage", s->value.coverage);
    field_measured(w, "norm", s->normed && !band ? s->norm.value : NAN);
    field_measured(w, "low", band ? s->norm.low : NAN);
    field_measured(w, "high", band ? s->norm.high : NAN);
    field_bool(w, "neglected", s->neglected);
    json_writer_end_object(w);
}

static enum err row(const struct norms_telling *t, const struct normed_status_row *r) {
    struct json_writer *w = t->w;
    struct buf text;
    buf_init(&text);
    const enum err err = norm_status_text(&r->whole, &text);
    if (!err) {
        json_writer_begin_object(w);
        norms_key(t, r->node, span_of(NULL, 0), r->team);
        field_count(w, "shifts", r->shifts);
        field_text(w, "status", norm_status_name(r->whole.worst));
        field_span(w, "text", buf_span(&text));
        field_array(w, "classes");
        for (unsigned c = 0; c < CLASS_COUNT; c++)
            class_of(t, (enum norm_class)c, &r->whole.of[c]);
        json_writer_end_array(w);
        json_writer_end_object(w);
    }
    buf_fini(&text);
    return err;
}

enum err norms_status(struct norms_telling *t) {
    struct normed_status s;
    enum err err = normed_status(&t->q, t->reader, &s);
    field_array(t->w, "rows");
    for (size_t i = 0; i < s.n && !err; i++)
        err = row(t, &s.row[i]);
    json_writer_end_array(t->w);
    normed_status_fini(&s);
    return err;
}

/* --- records ------------------------------------------------------------------------------------
 */

static void record(const struct norms_telling *t, const struct normed_record *r) {
    struct json_writer *w = t->w;
    json_writer_begin_object(w);
    norms_key(t, r->node, r->product, r->team);
    field_text(w, "verdict", record_verdict_name((enum record_verdict)r->verdict));
    field_measured(w, "value", r->value);
    field_measured(w, "before", r->before);
    field_time(w, "shift_begin", r->start_ms);
    field_time(w, "shift_end", r->end_ms);
    json_writer_end_object(w);
}

enum err norms_records(struct norms_telling *t) {
    struct json_writer *w = t->w;
    struct normed_records x;
    const enum err err = normed_records(&t->q, t->reader, &x);
    field_text(w, "indicator", indicator_row(t->q.indicator)->id);
    field_text(w, "unit", indicator_unit(t->p, t->q.indicator));
    field_object(w, "shifts");
    for (unsigned v = 0; v < RECORD_VERDICT_COUNT; v++)
        field_count(w, record_verdict_name((enum record_verdict)v), x.seen[v]);
    json_writer_end_object(w);
    field_array(w, "rows");
    for (size_t i = 0; i < x.n && i < t->ask->query.limit && !err; i++)
        record(t, &x.at[i]);
    json_writer_end_array(w);
    normed_records_fini(&x);
    return err;
}

/* --- key links ----------------------------------------------------------------------------------
 */

static const struct plant_keylink *marked(const struct plant *p, uint32_t unit, int64_t t_ms) {
    for (size_t i = 0; i < p->keylink_n; i++) {
        const struct plant_keylink *k = &p->keylink[i];
        if (k->unit == unit && k->from_ms <= t_ms && t_ms < k->to_ms)
            return k;
    }
    return NULL;
}

static void link(const struct norms_telling *t, const struct keylink *k, bool first) {
    struct json_writer *w = t->w;
    const struct plant_keylink *mark = marked(t->p, k->unit, t->q.to_ms - 1);
    json_writer_begin_object(w);
    field_text(w, "node", t->p->unit[k->unit].id.s);
    field_bool(w, "key_link", mark || (first && isfinite(k->score)));
    field_measured(w, "busy", k->busy);
    field_measured(w, "waiting", k->waiting);
    field_measured(w, "lost_h", k->lost_h);
    field_measured(w, "lost_pieces", k->lost_pieces);
    field_measured(w, "lost_kwh", k->lost_kwh);
    field_text(w, "marked_because", mark ? mark->reason : NULL);
    field_time(w, "marked_until", mark ? mark->to_ms : INT64_MIN);
    json_writer_end_object(w);
}

enum err norms_links(struct norms_telling *t) {
    struct normed_links l;
    const enum err err = normed_links(&t->q, t->reader, &l);
    bool by_hand = false;
    for (size_t i = 0; i < l.n && !err; i++)
        by_hand = by_hand || marked(t->p, l.at[i].unit, t->q.to_ms - 1);
    field_array(t->w, "rows");
    for (size_t i = 0; i < l.n && !err; i++)
        link(t, &l.at[i], i == 0 && !by_hand);
    json_writer_end_array(t->w);
    normed_links_fini(&l);
    return err;
}
