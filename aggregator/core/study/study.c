#include "study/study.h"

#include <math.h>
#include <stdlib.h>

static const double *drivers_of(const struct study *s, size_t row) {
    return s->rows->driver + row * s->rows->driver_n;
}

double study_expected(const struct study *s, size_t row) {
    return baseline_expect(&s->record->model, s->rows->time_h[row], drivers_of(s, row));
}

bool study_outside(const struct study *s, size_t row) {
    bool outside = false;
    for (size_t i = 0; i < s->rows->driver_n; i++)
        outside = outside || baseline_outside(&s->record->model, i, drivers_of(s, row)[i]);
    return outside;
}

static void note_alarm(struct study *s, size_t row) {
    const struct cusum_point *p = &s->point[row];
    if (p->alarm == CUSUM_QUIET)
        return;
    struct study_alarm *last = s->alarm_n ? &s->alarm[s->alarm_n - 1] : NULL;
    if (!last || last->kind != p->alarm || last->last + 1 != row) {
        last = &s->alarm[s->alarm_n++];
        *last = (struct study_alarm){.kind = p->alarm, .begin = p->begin, .raised = row};
    }
    last->last = row;
    last->standing = row + 1 == s->rows->n;
}

enum err study_open(const struct frozen *record, const struct energy_rows *rows,
                    struct study *out) {
    struct cusum cusum;
    *out = (struct study){.record = record, .rows = rows};
    out->point = calloc(rows->n + 1, sizeof *out->point);
    out->alarm = calloc(rows->n + 1, sizeof *out->alarm);
    if (!out->point || !out->alarm)
        return ERR_NOMEM;
    cusum_init(&cusum, baseline_scatter(&record->model));
    for (size_t i = 0; i < rows->n; i++) {
        out->point[i] = cusum_add(&cusum, rows->energy_kwh[i] - study_expected(out, i));
        note_alarm(out, i);
    }
    out->reasons = baseline_judge(&record->model, record->profile, &out->weak_driver);
    return ERR_OK;
}

void study_close(struct study *s) {
    free(s->point);
    free(s->alarm);
    *s = (struct study){0};
}

/* --- where it comes from ------------------------------------------------------------------------
 */

static void add_share(struct study_share *to, const struct study_share *by, double sign) {
    to->actual_kwh += sign * by->actual_kwh;
    to->expected_kwh += sign * by->expected_kwh;
    to->difference_kwh += sign * by->difference_kwh;
}

static struct study_share share_of(const struct study *s, size_t row, size_t part, size_t group) {
    const double *b = s->record->part[part][group];
    struct study_share out = {.actual_kwh = energy_rows_part(s->rows, row, part)[group],
                              .expected_kwh = b[0] * s->rows->time_h[row]};
    for (size_t i = 0; i < s->rows->driver_n; i++)
        out.expected_kwh += b[i + 1] * drivers_of(s, row)[i];
    out.difference_kwh = out.actual_kwh - out.expected_kwh;
    return out;
}

/* The rest: the node less its parts. */
static void take_rest(struct study_finding *f) {
    size_t rest = f->share_n - 1;
    for (size_t g = 0; g < ENERGY_GROUP_COUNT; g++) {
        f->state[rest][g] = f->state[0][g];
        for (size_t p = 1; p < rest; p++)
            add_share(&f->state[rest][g], &f->state[p][g], -1);
    }
}

static void take_shares(const struct study *s, struct study_finding *f) {
    for (size_t row = f->from; row < f->to; row++)
        for (size_t p = 0; p < s->rows->part_n; p++)
            for (size_t g = 0; g < ENERGY_GROUP_COUNT; g++) {
                struct study_share share = share_of(s, row, p, g);
                add_share(&f->state[p][g], &share, 1);
            }
    if (f->share_n > 1)
        take_rest(f);
    for (size_t p = 0; p < f->share_n; p++)
        for (size_t g = 0; g < ENERGY_GROUP_COUNT; g++)
            add_share(&f->share[p], &f->state[p][g], 1);
}

static void find_leading(struct study_finding *f) {
    double sign = f->total.difference_kwh < 0 ? -1 : 1;
    f->part = f->share_n > 1;
    for (size_t p = 2; p < f->share_n; p++)
        if (sign * f->share[p].difference_kwh > sign * f->share[f->part].difference_kwh)
            f->part = p;
    for (unsigned g = 1; g < ENERGY_GROUP_COUNT; g++)
        if (sign * f->state[f->part][g].difference_kwh >
            sign * f->state[f->part][f->group].difference_kwh)
            f->group = (enum energy_group)g;
}

void study_find(const struct study *s, size_t from, size_t to, struct study_finding *out) {
    struct baseline_rows rows = energy_rows_view(s->rows);
    *out = (struct study_finding){.from = from, .to = to};
    out->total = baseline_total(&s->record->model, &rows, from, to);
    out->counts = s->reasons == 0 && out->total.n > 0;
    if (baseline_profile(s->record->profile)->beyond_uncertainty)
        out->counts = out->counts && fabs(out->total.difference_kwh) > out->total.uncertainty_kwh;
    if (s->rows->part_n > 0) {
        out->share_n = s->rows->part_n > 1 ? s->rows->part_n + 1 : 1;
        take_shares(s, out);
        find_leading(out);
    }
    for (size_t i = 0; i < s->alarm_n; i++)
        if (to > 0 && s->alarm[i].raised < to && s->alarm[i].last + 1 >= to)
            out->alarm = &s->alarm[i];
}
