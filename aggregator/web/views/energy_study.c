/* What was used held against a frozen baseline, or against a trial: CUSUM with its alarms, and what
 * a period came to. */
#include <math.h>
#include <stdio.h>

#include "views/csv.h"
#include "views/energy_impl.h"

struct held {
    struct frozen record;
    const char *name; /* of a frozen one; NULL: a trial */
    struct energy_rows rows;
    struct study study;
    bool studied;
    struct study_finding finding;
    bool found;
    char why[ENERGY_WHY]; /* why nothing can be told; "": it can */
};

static enum err take_trial(const struct view_history *ask, const struct history_reader *r,
                           struct held *h) {
    const struct view_energy_ask *e = ask->energy;
    struct baseline_wrong wrong = {BASELINE_NO_FAULT, 0, 0};
    h->record = (struct frozen){.spec = e->spec,
                                .profile = e->profile,
                                .from_ms = e->reference_from_ms,
                                .to_ms = e->reference_to_ms};
    (void)snprintf(h->record.zone, sizeof h->record.zone, "%s", ask->query.plant->zone_name);
    enum err err = energy_rows_read(ask, r, &h->record.spec, h->record.zone, h->record.from_ms,
                                    h->record.to_ms, &h->record.rows, h->why);
    if (err || h->why[0])
        return err;
    err = frozen_fit(&h->record, &wrong);
    if (err == ERR_RANGE)
        frozen_say_wrong(&h->record.spec, &h->record.rows, &wrong, h->why);
    return err == ERR_RANGE ? ERR_OK : err;
}

static enum err take_record(const struct view_history *ask, const struct history_reader *r,
                            struct held *h) {
    const struct view_energy_ask *e = ask->energy;
    char file[IDENT_MAX + 16];
    if (e->frozen.n == 0)
        return take_trial(ask, r, h);
    h->name = e->name.s;
    (void)snprintf(file, sizeof file, "%s.baseline", e->name.s);
    (void)frozen_parse(file, buf_span(&e->frozen), &h->record, h->why);
    return ERR_OK;
}

/* From where rows are read: as `plantbus energy cusum` and `energy report` begin. */
static int64_t begin_of(const struct view_history *ask, const struct frozen *r) {
    const bool report = ask->energy->what == VIEW_ENERGY_REPORT;
    const int64_t from_ms = ask->query.from_ms;
    return ask->energy->from && (!report || from_ms < r->to_ms) ? from_ms : r->to_ms;
}

/* The rows to report: those that begin at `from` or later, or those usually reported: seven days,
 * a week. */
static size_t report_from(const struct view_history *ask, const struct study *s) {
    const size_t usual = s->record->spec.grain == ENERGY_DAY ? 7 : 1, n = s->rows->n;
    size_t from = 0;
    if (!ask->energy->from)
        return n > usual ? n - usual : 0;
    while (from < n && s->rows->start_ms[from] < ask->query.from_ms)
        from++;
    return from;
}

static void find(const struct view_history *ask, struct held *h) {
    const struct study *s = &h->study;
    const size_t from = report_from(ask, s);
    if (ask->energy->what != VIEW_ENERGY_REPORT || s->reasons || from == s->rows->n)
        return;
    study_find(s, from, s->rows->n, &h->finding);
    h->found = true;
}

static enum err hold(const struct view_history *ask, const struct history_reader *r,
                     struct held *h) {
    enum err err = take_record(ask, r, h);
    if (err || h->why[0])
        return err;
    err = energy_rows_read(ask, r, &h->record.spec, h->record.zone, begin_of(ask, &h->record),
                           ask->query.to_ms, &h->rows, h->why);
    if (err || h->why[0])
        return err;
    h->studied = true;
    err = study_open(&h->record, &h->rows, &h->study);
    if (!err)
        find(ask, h);
    return err;
}

/* --- telling ------------------------------------------------------------------------------------
 */

static const char *alarm_word(enum cusum_alarm a) {
    return a == CUSUM_OVERUSE ? "overuse" : a == CUSUM_SAVING ? "saving" : NULL;
}

static void put_row(struct json_writer *w, const struct study *s, size_t i) {
    const struct cusum_point *p = &s->point[i];
    const bool usable = !s->reasons;
    json_writer_begin_object(w);
    energy_row_json(w, s->rows, i);
    field_real(w, "expected_kwh", study_expected(s, i), usable);
    field_real(w, "difference_kwh", p->d, usable);
    field_real(w, "cusum_kwh", p->total, usable);
    field_real(w, "over_kwh", p->over, usable);
    field_real(w, "under_kwh", p->under, usable);
    field_text(w, "alarm", usable ? alarm_word(p->alarm) : NULL);
    field_text(w, "since", usable && p->alarm ? s->rows->label[p->begin] : NULL);
    field_bool(w, "outside", study_outside(s, i));
    json_writer_end_object(w);
}

static void put_alarms(struct json_writer *w, const struct study *s) {
    field_array(w, "alarms");
    for (size_t i = 0; i < s->alarm_n && !s->reasons; i++) {
        const struct study_alarm *a = &s->alarm[i];
        json_writer_begin_object(w);
        field_text(w, "kind", alarm_word(a->kind));
        field_text(w, "since", s->rows->label[a->begin]);
        field_text(w, "raised", s->rows->label[a->raised]);
        field_text(w, "last", s->rows->label[a->last]);
        field_bool(w, "standing", a->standing);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

static void as_json(const struct view_history *ask, const struct held *h, struct json_writer *w) {
    const double sd = h->record.model.s_kwh;
    field_text(w, "fault", h->why[0] ? h->why : NULL);
    if (h->record.rows.n > 0 && (h->studied || h->name))
        energy_model_json(w, h->name, &h->record, NULL);
    else
        field_text(w, "baseline", NULL);
    energy_left_out_json(w, &h->rows);
    field_array(w, "rows");
    for (size_t i = 0; h->studied && i < h->rows.n; i++)
        put_row(w, &h->study, i);
    json_writer_end_array(w);
    if (h->studied)
        put_alarms(w, &h->study);
    field_real(w, "slack_kwh", CUSUM_SLACK * sd, h->studied && !h->study.reasons);
    field_real(w, "limit_kwh", CUSUM_LIMIT * sd, h->studied && !h->study.reasons);
    if (ask->energy->what != VIEW_ENERGY_REPORT)
        return;
    if (h->found)
        energy_finding_json(w, &h->study, &h->finding);
    else
        field_text(w, "finding", NULL);
}

static void cusum_csv(const struct held *h, struct buf *out) {
    const struct study *s = &h->study;
    energy_row_csv_head(&h->record.spec, out);
    (void)buf_add_str(out, ",actual_kwh,expected_kwh,difference_kwh,cusum_kwh,over_kwh,under_kwh,"
                           "alarm,since,outside\n");
    for (size_t i = 0; h->studied && i < s->rows->n; i++) {
        const struct cusum_point *p = &s->point[i];
        const double no = s->reasons ? NAN : 0; /* of an unusable baseline nothing is expected */
        const char *word = s->reasons ? NULL : alarm_word(p->alarm);
        energy_row_csv(s->rows, i, out);
        energy_csv_real(out, s->rows->energy_kwh[i]);
        energy_csv_real(out, study_expected(s, i) + no);
        energy_csv_real(out, p->d + no);
        energy_csv_real(out, p->total + no);
        energy_csv_real(out, p->over + no);
        energy_csv_real(out, p->under + no);
        (void)buf_addf(out, ",%s,", word ? word : "");
        csv_text(out, span_str(word ? s->rows->label[p->begin] : ""));
        (void)buf_addf(out, ",%d\n", study_outside(s, i));
    }
}

enum err energy_study(const struct view_history *ask, const struct history_reader *r,
                      struct json_writer *w, struct buf *out) {
    struct held h = {0};
    const enum err err = hold(ask, r, &h);
    if (!err && w)
        as_json(ask, &h, w);
    else if (!err && ask->energy->what == VIEW_ENERGY_REPORT)
        energy_finding_csv(&h.study, h.found ? &h.finding : NULL, out);
    else if (!err)
        cusum_csv(&h, out);
    study_close(&h.study);
    energy_rows_fini(&h.rows);
    frozen_fini(&h.record);
    return err;
}
