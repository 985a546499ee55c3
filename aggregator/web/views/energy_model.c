/* A baseline as JSON: its terms, what it is worth and why it may not be used; and one that is
 * fitted to the period asked for. */
#include <math.h>
#include <stdio.h>

#include "views/csv.h"
#include "views/energy_impl.h"

void energy_csv_real(struct buf *out, double v) {
    struct json_writer j; /* the shortest text that reads back the same */
    (void)buf_add_byte(out, ',');
    if (!isfinite(v))
        return;
    json_writer_init(&j, out);
    json_writer_real(&j, v);
}

/* --- rows ---------------------------------------------------------------------------------------
 */

void energy_row_json(struct json_writer *w, const struct energy_rows *rows, size_t i) {
    field_text(w, "label", rows->label[i]);
    field_time(w, "start", rows->start_ms[i]);
    field_time(w, "end", rows->end_ms[i]);
    field_real(w, "time_h", rows->time_h[i], true);
    field_array(w, "drivers");
    for (size_t k = 0; k < rows->driver_n; k++)
        json_writer_real(w, rows->driver[i * rows->driver_n + k]);
    json_writer_end_array(w);
    field_real(w, "actual_kwh", rows->energy_kwh[i], true);
}

void energy_row_csv_head(const struct energy_spec *s, struct buf *out) {
    (void)buf_add_str(out, "label,start,end,time_h");
    for (size_t i = 0; i < s->driver_n; i++) {
        (void)buf_add_byte(out, ',');
        csv_text(out, span_str(s->driver[i].text));
    }
}

void energy_row_csv(const struct energy_rows *rows, size_t i, struct buf *out) {
    char from[UTC_TEXT], to[UTC_TEXT];
    utc_format(rows->start_ms[i], from);
    utc_format(rows->end_ms[i], to);
    csv_text(out, span_str(rows->label[i]));
    (void)buf_addf(out, ",%s,%s", from, to);
    energy_csv_real(out, rows->time_h[i]);
    for (size_t k = 0; k < rows->driver_n; k++)
        energy_csv_real(out, rows->driver[i * rows->driver_n + k]);
}

void energy_left_out_json(struct json_writer *w, const struct energy_rows *rows) {
    field_array(w, "left_out");
    for (unsigned d = 0; d < ENERGY_DROP_COUNT; d++) {
        if (!rows->dropped[d])
            continue;
        json_writer_begin_object(w);
        field_text(w, "why", energy_drop_name((enum energy_drop)d));
        field_count(w, "rows", rows->dropped[d]);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

/* --- a model ------------------------------------------------------------------------------------
 */

static void put_terms(struct json_writer *w, const struct energy_spec *s,
                      const struct baseline *b) {
    field_array(w, "terms");
    for (size_t j = 0; j <= s->driver_n; j++) {
        const struct baseline_term *t = &b->term[j];
        json_writer_begin_object(w);
        field_text(w, "driver", j ? s->driver[j - 1].text : NULL);
        field_text(w, "unit", j ? energy_driver_unit(&s->driver[j - 1]) : "h");
        field_measured(w, "value", t->value);
        field_measured(w, "error", t->error);
        field_measured(w, "t", t->t);
        field_measured(w, "p", t->p);
        field_measured(w, "low", j ? b->low[j - 1] : NAN);
        field_measured(w, "high", j ? b->high[j - 1] : NAN);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

static void put_reason(struct json_writer *w, const struct frozen *r, unsigned reason,
                       size_t weak) {
    const struct baseline_profile_row *p = baseline_profile(r->profile);
    const struct {
        unsigned reason;
        const char *id;
        double value, limit;
    } row[] = {{BASELINE_LOW_R2, "low_r2", r->model.r2, p->r2_least},
               {BASELINE_FEW_POINTS, "few_points", (double)r->model.n, (double)p->rows_least},
               {BASELINE_WEAK_MODEL, "weak_model", r->model.f_p, p->model_p_below},
               {BASELINE_WEAK_DRIVER, "weak_driver", r->model.term[weak + 1].p, p->drivers_p_below},
               {BASELINE_NO_STRONG_DRIVER, "no_strong_driver", NAN, p->best_p_below}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (row[i].reason != reason)
            continue;
        json_writer_begin_object(w);
        field_text(w, "id", row[i].id);
        field_measured(w, "value", row[i].value);
        field_measured(w, "limit", row[i].limit);
        field_text(w, "driver", reason == BASELINE_WEAK_DRIVER ? r->spec.driver[weak].text : NULL);
        json_writer_end_object(w);
    }
}

/* Frozen ones have an act; a trial is somebody's question. */
static void put_origin(struct json_writer *w, const char *name, const struct frozen *r) {
    const bool any = r->rows.n > 0;
    field_text(w, "name", name);
    field_bool(w, "frozen", name != NULL);
    field_text(w, "who", name ? r->who : NULL);
    field_text(w, "why", name ? r->reason : NULL);
    field_time(w, "when", name ? r->when_ms : INT64_MIN);
    field_real(w, "act", (double)r->acts, name != NULL);
    field_text(w, "grain", energy_grain_name(r->spec.grain));
    field_time(w, "reference_from", r->from_ms);
    field_time(w, "reference_to", r->to_ms);
    field_text(w, "first", any ? r->rows.label[0] : NULL);
    field_text(w, "last", any ? r->rows.label[r->rows.n - 1] : NULL);
    field_count(w, "rows", r->rows.n);
}

static void put_verdict(struct json_writer *w, const struct frozen *r) {
    size_t weak = 0;
    const unsigned reasons = baseline_judge(&r->model, r->profile, &weak);
    field_text(w, "profile", baseline_profile(r->profile)->name);
    field_text(w, "profile_about", baseline_profile(r->profile)->about);
    field_bool(w, "usable", reasons == 0);
    field_array(w, "reasons");
    for (unsigned bit = 1; bit <= BASELINE_NO_STRONG_DRIVER; bit *= 2)
        if (reasons & bit)
            put_reason(w, r, bit, weak);
    json_writer_end_array(w);
}

static double sum_of(const struct baseline *b, const struct energy_rows *rows) {
    double sum = 0;
    for (size_t i = 0; i < rows->n; i++)
        sum += baseline_expect(b, rows->time_h[i], rows->driver + i * rows->driver_n);
    return sum;
}

static void put_target(struct json_writer *w, const struct frozen *r, const struct baseline *t) {
    if (!t) {
        field_text(w, "target", NULL);
        return;
    }
    field_object(w, "target");
    put_terms(w, &r->spec, t);
    field_count(w, "rows", t->n);
    field_measured(w, "r2", t->r2);
    field_real(w, "less_kwh", sum_of(&r->model, &r->rows) - sum_of(t, &r->rows), true);
    json_writer_end_object(w);
}

/* Rows of the reference period, as points of the scatter. */
static void put_points(struct json_writer *w, const struct frozen *r) {
    field_array(w, "points");
    for (size_t i = 0; i < r->rows.n; i++) {
        json_writer_begin_object(w);
        energy_row_json(w, &r->rows, i);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

void energy_model_json(struct json_writer *w, const char *name, const struct frozen *r,
                       const struct baseline *target) {
    const struct baseline *b = &r->model;
    field_object(w, "baseline");
    put_origin(w, name, r);
    put_terms(w, &r->spec, b);
    field_measured(w, "r2", b->r2);
    field_measured(w, "adjusted", b->adjusted);
    field_measured(w, "s_kwh", b->s_kwh);
    field_measured(w, "cv_rmse", b->cv_rmse);
    field_measured(w, "f", b->f);
    field_measured(w, "f_p", b->f_p);
    field_measured(w, "autocorrelation", b->autocorrelation);
    put_verdict(w, r);
    put_target(w, r, target);
    put_points(w, r);
    json_writer_end_object(w);
}

/* --- of the period asked for --------------------------------------------------------------------
 */

struct fitted {
    struct frozen record;
    struct baseline target;
    bool usable, has_target;
    char why[ENERGY_WHY]; /* why there is none; "": there is */
};

static enum err fit(struct fitted *f) {
    struct frozen *r = &f->record;
    struct baseline_wrong wrong = {BASELINE_NO_FAULT, 0, 0};
    size_t weak = 0;
    const enum err err = frozen_fit(r, &wrong);
    if (err == ERR_RANGE)
        frozen_say_wrong(&r->spec, &r->rows, &wrong, f->why);
    if (err)
        return err == ERR_RANGE ? ERR_OK : err;
    f->usable = baseline_judge(&r->model, r->profile, &weak) == 0;
    struct baseline_rows rows = energy_rows_view(&r->rows);
    const enum err target = baseline_target(&rows, &r->model, &f->target, &wrong);
    f->has_target = f->usable && !target;
    return target == ERR_NOMEM ? target : ERR_OK;
}

static double expected_of(const struct fitted *f, const struct baseline *b, size_t i) {
    const struct energy_rows *rows = &f->record.rows;
    return baseline_expect(b, rows->time_h[i], rows->driver + i * rows->driver_n);
}

static void rows_json(struct json_writer *w, const struct fitted *f) {
    const struct energy_rows *rows = &f->record.rows;
    field_array(w, "rows");
    for (size_t i = 0; i < rows->n; i++) {
        const double expected = f->usable ? expected_of(f, &f->record.model, i) : NAN;
        json_writer_begin_object(w);
        energy_row_json(w, rows, i);
        field_measured(w, "expected_kwh", expected);
        field_measured(w, "difference_kwh", rows->energy_kwh[i] - expected);
        field_measured(w, "target_kwh", f->has_target ? expected_of(f, &f->target, i) : NAN);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

static void rows_csv(struct buf *out, const struct fitted *f) {
    const struct energy_rows *rows = &f->record.rows;
    energy_row_csv_head(&f->record.spec, out);
    (void)buf_add_str(out, ",actual_kwh,expected_kwh,difference_kwh,target_kwh\n");
    for (size_t i = 0; i < rows->n; i++) {
        const double expected = f->usable ? expected_of(f, &f->record.model, i) : NAN;
        energy_row_csv(rows, i, out);
        energy_csv_real(out, rows->energy_kwh[i]);
        energy_csv_real(out, expected);
        energy_csv_real(out, rows->energy_kwh[i] - expected);
        energy_csv_real(out, f->has_target ? expected_of(f, &f->target, i) : NAN);
        (void)buf_add_byte(out, '\n');
    }
}

enum err energy_baseline(const struct view_history *ask, const struct history_reader *r,
                         struct json_writer *w, struct buf *out) {
    const struct view_energy_ask *e = ask->energy;
    const struct history_query *q = &ask->query;
    struct fitted f = {
        .record = {
            .spec = e->spec, .profile = e->profile, .from_ms = q->from_ms, .to_ms = q->to_ms}};
    enum err err = energy_rows_read(ask, r, &f.record.spec, q->plant->zone_name, q->from_ms,
                                    q->to_ms, &f.record.rows, f.why);
    if (!err && !f.why[0])
        err = fit(&f);
    if (!err && !w)
        rows_csv(out, &f);
    if (!err && w) {
        field_text(w, "fault", f.why[0] ? f.why : NULL);
        if (f.why[0])
            field_text(w, "baseline", NULL);
        else
            energy_model_json(w, NULL, &f.record, f.has_target ? &f.target : NULL);
        energy_left_out_json(w, &f.record.rows);
        rows_json(w, &f);
    }
    frozen_fini(&f.record);
    return err;
}
