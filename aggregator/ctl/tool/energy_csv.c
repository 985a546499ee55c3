/* The same as CSV: every figure with all its digits. */
#include <math.h>
#include <stdio.h>

#include "ctl/energy_print.h"
#include "views/csv.h"

static void put_text(const char *text) {
    struct buf field;
    buf_init(&field);
    csv_text(&field, span_str(text));
    fwrite(field.p, 1, field.n, stdout);
    buf_fini(&field);
}

/* An empty field for what is undefined. */
static void put_real(double v) {
    putchar(',');
    if (isfinite(v))
        printf("%.17g", v);
}

static void put_row(const struct energy_rows *rows, size_t i) {
    char from[UTC_TEXT], to[UTC_TEXT];
    utc_format(rows->start_ms[i], from);
    utc_format(rows->end_ms[i], to);
    put_text(rows->label[i]);
    printf(",%s,%s", from, to);
    put_real(rows->time_h[i]);
    for (size_t k = 0; k < rows->driver_n; k++)
        put_real(rows->driver[i * rows->driver_n + k]);
}

static void put_head(const struct energy_spec *s) {
    fputs("label,start,end,time_h", stdout);
    for (size_t i = 0; i < s->driver_n; i++) {
        putchar(',');
        put_text(s->driver[i].text);
    }
}

void energy_csv_model(const struct frozen *r, const struct energy_target *target) {
    size_t driver = 0;
    bool usable = baseline_judge(&r->model, r->profile, &driver) == 0;
    put_head(&r->spec);
    puts(",actual_kwh,expected_kwh,difference_kwh,target_kwh");
    for (size_t i = 0; i < r->rows.n; i++) {
        const double *x = r->rows.driver + i * r->rows.driver_n;
        double expected = baseline_expect(&r->model, r->rows.time_h[i], x);
        put_row(&r->rows, i);
        put_real(r->rows.energy_kwh[i]);
        put_real(usable ? expected : NAN);
        put_real(usable ? r->rows.energy_kwh[i] - expected : NAN);
        put_real(usable && target->found ? baseline_expect(&target->line, r->rows.time_h[i], x)
                                         : NAN);
        putchar('\n');
    }
}

void energy_csv_cusum(const struct study *s) {
    static const char *const word[] = {
        [CUSUM_QUIET] = "", [CUSUM_OVERUSE] = "overuse", [CUSUM_SAVING] = "saving"};
    put_head(&s->record->spec);
    puts(
        ",actual_kwh,expected_kwh,difference_kwh,cusum_kwh,over_kwh,under_kwh,alarm,since,outside");
    for (size_t i = 0; i < s->rows->n; i++) {
        const struct cusum_point *p = &s->point[i];
        put_row(s->rows, i);
        put_real(s->rows->energy_kwh[i]);
        put_real(study_expected(s, i));
        put_real(p->d);
        put_real(p->total);
        put_real(p->over);
        put_real(p->under);
        printf(",%s,", word[p->alarm]);
        put_text(p->alarm ? s->rows->label[p->begin] : "");
        printf(",%d\n", study_outside(s, i));
    }
}

static void put_share(const struct study_finding *f, const char *part, const char *state,
                      const struct study_share *x) {
    put_text(part);
    printf(",%s", state);
    put_real(x->actual_kwh);
    put_real(f->counts ? x->expected_kwh : NAN);
    put_real(f->counts ? x->difference_kwh : NAN);
    putchar('\n');
}

void energy_csv_report(const struct study *s, const struct study_finding *f) {
    const struct study_share all = {f->total.actual_kwh, f->total.expected_kwh,
                                    f->total.difference_kwh};
    puts("part,state,actual_kwh,expected_kwh,difference_kwh");
    put_share(f, s->record->spec.node.s, "", &all);
    for (size_t p = 0; p < f->share_n; p++) {
        const char *name = p == 0                ? s->record->spec.node.s
                           : p + 1 == f->share_n ? ""
                                                 : s->record->spec.part[p - 1].s;
        if (p > 0)
            put_share(f, name, "", &f->share[p]);
        for (size_t g = 0; g < ENERGY_GROUP_COUNT; g++)
            put_share(f, name, energy_group_name((enum energy_group)g), &f->state[p][g]);
    }
}
