/* What a period came to against its baseline: how much, since when, in which part and state. */
#include <math.h>

#include "views/csv.h"
#include "views/energy_impl.h"

/* NULL: what none of the parts has. */
static const char *part_name(const struct study *s, const struct study_finding *f, size_t i) {
    return i == 0                ? s->record->spec.node.s
           : i + 1 == f->share_n ? NULL
                                 : s->record->spec.part[i - 1].s;
}

static void put_share(struct json_writer *w, const struct study_finding *f,
                      const struct study_share *x) {
    field_real(w, "actual_kwh", x->actual_kwh, true);
    field_real(w, "expected_kwh", x->expected_kwh, f->counts);
    field_real(w, "difference_kwh", x->difference_kwh, f->counts);
}

static void put_parts(struct json_writer *w, const struct study *s, const struct study_finding *f) {
    field_array(w, "parts");
    for (size_t p = 0; p < f->share_n; p++) {
        json_writer_begin_object(w);
        field_text(w, "part", part_name(s, f, p));
        put_share(w, f, &f->share[p]);
        field_array(w, "states");
        for (unsigned g = 0; g < ENERGY_GROUP_COUNT; g++) {
            json_writer_begin_object(w);
            field_text(w, "state", energy_group_name((enum energy_group)g));
            put_share(w, f, &f->state[p][g]);
            json_writer_end_object(w);
        }
        json_writer_end_array(w);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

/* The drift that goes on in the direction of the difference. */
static void put_since(struct json_writer *w, const struct study *s, const struct study_finding *f) {
    const enum cusum_alarm kind = f->total.difference_kwh < 0 ? CUSUM_SAVING : CUSUM_OVERUSE;
    const char *label = NULL, *alarm = NULL;
    int64_t since_ms = INT64_MIN;
    if (f->alarm) {
        alarm = f->alarm->kind == CUSUM_OVERUSE ? "overuse" : "saving";
        if (f->counts && f->alarm->kind == kind) {
            label = s->rows->label[f->alarm->begin];
            since_ms = s->rows->start_ms[f->alarm->begin];
        }
    }
    field_text(w, "since", label);
    field_time(w, "since_time", since_ms);
    field_text(w, "alarm", alarm);
}

void energy_finding_json(struct json_writer *w, const struct study *s,
                         const struct study_finding *f) {
    const struct baseline_total *t = &f->total;
    const bool origin = f->counts && f->share_n > 0;
    field_object(w, "finding");
    field_text(w, "first", s->rows->label[f->from]);
    field_text(w, "last", s->rows->label[f->to - 1]);
    field_time(w, "start", s->rows->start_ms[f->from]);
    field_time(w, "end", s->rows->end_ms[f->to - 1]);
    field_count(w, "rows", t->n);
    field_count(w, "outside", t->outside);
    field_bool(w, "counts", f->counts);
    field_real(w, "actual_kwh", t->actual_kwh, true);
    field_real(w, "expected_kwh", t->expected_kwh, true);
    field_real(w, "difference_kwh", t->difference_kwh, true);
    field_real(w, "share", t->difference_kwh / t->expected_kwh, t->expected_kwh > 0);
    field_measured(w, "uncertainty_kwh", t->uncertainty_kwh);
    put_since(w, s, f);
    field_text(w, "part", origin && f->part > 0 ? part_name(s, f, f->part) : NULL);
    field_real(w, "part_kwh", f->share[f->part].difference_kwh, origin && f->part > 0);
    field_text(w, "state", origin ? energy_group_name(f->group) : NULL);
    field_real(w, "state_kwh", f->state[f->part][f->group].difference_kwh, origin);
    put_parts(w, s, f);
    json_writer_end_object(w);
}

static void csv_share(const struct study_finding *f, const char *part, const char *state,
                      const struct study_share *x, struct buf *out) {
    csv_text(out, span_str(part));
    (void)buf_addf(out, ",%s", state);
    energy_csv_real(out, x->actual_kwh);
    energy_csv_real(out, f->counts ? x->expected_kwh : NAN);
    energy_csv_real(out, f->counts ? x->difference_kwh : NAN);
    (void)buf_add_byte(out, '\n');
}

void energy_finding_csv(const struct study *s, const struct study_finding *f, struct buf *out) {
    (void)buf_add_str(out, "part,state,actual_kwh,expected_kwh,difference_kwh\n");
    if (!f)
        return;
    const struct study_share all = {f->total.actual_kwh, f->total.expected_kwh,
                                    f->total.difference_kwh};
    csv_share(f, s->record->spec.node.s, "", &all, out);
    for (size_t p = 0; p < f->share_n; p++) {
        const char *name = part_name(s, f, p) ? part_name(s, f, p) : "";
        if (p > 0)
            csv_share(f, name, "", &f->share[p], out);
        for (unsigned g = 0; g < ENERGY_GROUP_COUNT; g++)
            csv_share(f, name, energy_group_name((enum energy_group)g), &f->state[p][g], out);
    }
}
