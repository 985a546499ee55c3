#include "ctl/energy_print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "energy/chart.h"

static void date_of(int64_t t_ms, char out[UTC_TEXT]) {
    utc_format(t_ms, out);
    out[16] = 'Z'; /* minutes will do */
    out[17] = 0;
}

/* --- a model ------------------------------------------------------------------------------------
 */

enum { FIGURE = 32 };

/* "-" for what is undefined. */
static const char *figure(double v, int digits, char text[FIGURE]) {
    (void)snprintf(text, FIGURE, "%.*f", digits, v);
    return isnan(v) ? "-" : text;
}

static void print_equation(const struct frozen *r, const struct baseline *b) {
    printf("E = %.6g kWh/h x T", b->term[0].value);
    for (size_t i = 0; i < r->spec.driver_n; i++)
        printf(" + %.6g kWh x %s", b->term[i + 1].value, r->spec.driver[i].text);
}

static void print_p(double p) {
    if (isnan(p))
        printf(" %9s", "-");
    else if (p < 0.0001)
        printf(" %9s", "< 0.0001");
    else
        printf(" %9.4f", p);
}

static void print_terms(const struct frozen *r) {
    const struct baseline *b = &r->model;
    printf("\n  %-28s %12s %12s %9s %9s  %s\n", "term", "kWh a unit", "deviation", "t", "p",
           "fitted from, to");
    for (size_t j = 0; j <= r->spec.driver_n; j++) {
        const struct baseline_term *t = &b->term[j];
        char ratio[FIGURE];
        printf("  %-28s %12.6g %12.6g %9s", j ? r->spec.driver[j - 1].text : "base load, an hour",
               t->value, t->error, figure(t->t, 3, ratio));
        print_p(t->p);
        if (j)
            printf("  %.6g, %.6g %s", b->low[j - 1], b->high[j - 1],
                   energy_driver_unit(&r->spec.driver[j - 1]));
        putchar('\n');
    }
}

static void print_reason(const struct frozen *r, unsigned reason, size_t driver, FILE *to) {
    const struct baseline_profile_row *p = baseline_profile(r->profile);
    char text[FIGURE];
    switch ((enum baseline_reason)reason) {
    case BASELINE_LOW_R2:
        fprintf(to, "R2 %s is under %.2f", figure(r->model.r2, 4, text), p->r2_least);
        return;
    case BASELINE_FEW_POINTS:
        fprintf(to, "%zu rows are fewer than %zu", r->model.n, p->rows_least);
        return;
    case BASELINE_WEAK_MODEL:
        fprintf(to, "the drivers together explain nothing surely (p %s)",
                figure(r->model.f_p, 4, text));
        return;
    case BASELINE_WEAK_DRIVER:
        fprintf(to, "%s is not significant (p %s)", r->spec.driver[driver].text,
                figure(r->model.term[driver + 1].p, 4, text));
        return;
    case BASELINE_NO_STRONG_DRIVER:
        fprintf(to, "no driver has p below %.1f", p->best_p_below);
        return;
    }
}

static void print_reasons(const struct frozen *r, unsigned reasons, size_t driver, FILE *to) {
    const char *between = "";
    for (unsigned bit = 1; bit <= BASELINE_NO_STRONG_DRIVER; bit *= 2)
        if (reasons & bit) {
            fputs(between, to);
            print_reason(r, bit, driver, to);
            between = "; ";
        }
}

/* True: usable. */
static bool print_verdict(const struct frozen *r) {
    size_t driver = 0;
    unsigned reasons = baseline_judge(&r->model, r->profile, &driver);
    const struct baseline_profile_row *p = baseline_profile(r->profile);
    printf("\nverdict by profile %s (%s): ", p->name, p->about);
    if (!reasons) {
        puts("usable");
        return true;
    }
    fputs("UNUSABLE, no savings are shown: ", stdout);
    print_reasons(r, reasons, driver, stdout);
    putchar('\n');
    return false;
}

static double sum_of(const struct baseline *b, const struct energy_rows *rows) {
    double sum = 0;
    for (size_t i = 0; i < rows->n; i++)
        sum += baseline_expect(b, rows->time_h[i], rows->driver + i * rows->driver_n);
    return sum;
}

static void print_target(const struct frozen *r, const struct energy_target *t) {
    if (!t->found) {
        printf("best practice: no line through the better half: %s\n", t->why);
        return;
    }
    char r2[FIGURE];
    double now = sum_of(&r->model, &r->rows), best = sum_of(&t->line, &r->rows);
    fputs("best practice: ", stdout);
    print_equation(r, &t->line);
    printf("\n  through the better half (%zu rows, R2 %s): %.0f kWh or %.1f %% less than the "
           "baseline over its own period\n",
           t->line.n, figure(t->line.r2, 4, r2), now - best,
           now > 0 ? 100 * (now - best) / now : 0);
}

static void print_dropped(const struct energy_rows *rows) {
    for (unsigned d = 0; d < ENERGY_DROP_COUNT; d++)
        if (rows->dropped[d])
            printf("  left out: %zu, %s\n", rows->dropped[d],
                   energy_drop_name((enum energy_drop)d));
}

void energy_print_model(const struct frozen *r, const struct energy_target *target) {
    const struct baseline *b = &r->model;
    char r2[FIGURE], adjusted[FIGURE], cv[FIGURE], lag[FIGURE], f[FIGURE];
    printf("Baseline of %s by %s, %s to %s, %zu rows\n", r->spec.node.s,
           energy_grain_name(r->spec.grain), r->rows.label[0], r->rows.label[r->rows.n - 1],
           r->rows.n);
    print_dropped(&r->rows);
    fputs("  ", stdout);
    print_equation(r, b);
    putchar('\n');
    print_terms(r);
    printf("\n  R2 %s, adjusted %s, s %.6g kWh, CV(RMSE) %s %%, lag-1 autocorrelation %s\n",
           figure(b->r2, 4, r2), figure(b->adjusted, 4, adjusted), b->s_kwh,
           figure(100 * b->cv_rmse, 2, cv), figure(b->autocorrelation, 3, lag));
    if (r->spec.driver_n > 0) {
        printf("  F %s, p", figure(b->f, 2, f));
        print_p(b->f_p);
        putchar('\n');
    }
    if (print_verdict(r))
        print_target(r, target);
}

void energy_print_unusable(const struct study *s) {
    fputs("plantbus: the baseline is unusable, no savings are shown: ", stderr);
    print_reasons(s->record, s->reasons, s->weak_driver, stderr);
    fputc('\n', stderr);
}

/* --- a CUSUM ------------------------------------------------------------------------------------
 */

static void print_against(const struct study *s) {
    const struct frozen *r = s->record;
    char when[UTC_TEXT];
    date_of(r->when_ms, when);
    printf("against the baseline of %s to %s\n  (act %zu of its file, frozen %s by %s: %s)\n",
           r->rows.label[0], r->rows.label[r->rows.n - 1], r->acts, when, r->who, r->reason);
}

static const char *alarm_word(enum cusum_alarm a) {
    return a == CUSUM_OVERUSE ? "overuse" : a == CUSUM_SAVING ? "saving" : "";
}

static void print_rows(const struct study *s) {
    printf("\n%-18s %12s %12s %11s %12s %10s %10s  %s\n", "", "actual", "expected", "d",
           "C = sum d", "S+", "S-", "kWh");
    for (size_t i = 0; i < s->rows->n; i++) {
        const struct cusum_point *p = &s->point[i];
        bool outside = study_outside(s, i);
        printf("%-18.18s %12.1f %12.1f %+11.1f %+12.1f %10.1f %10.1f%s%s%s\n", s->rows->label[i],
               s->rows->energy_kwh[i], study_expected(s, i), p->d, p->total, p->over, p->under,
               p->alarm || outside ? "  " : "", alarm_word(p->alarm),
               !outside   ? ""
               : p->alarm ? ", driver outside the fitted range"
                          : "driver outside the fitted range");
    }
}

static enum err print_chart(const struct study *s) {
    size_t n = s->rows->n;
    double *value = calloc(n + 1, sizeof *value);
    bool *marked = calloc(n + 1, sizeof *marked);
    struct buf text;
    buf_init(&text);
    enum err err = value && marked ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; i < n && !err; i++) {
        value[i] = s->point[i].total;
        marked[i] = s->point[i].alarm != CUSUM_QUIET;
    }
    if (!err && n > 0)
        err = chart_draw(&(struct chart){.title = "CUSUM of actual - expected, kWh; positive = "
                                                  "overuse; * C, # C while an alarm stands",
                                         .first = s->rows->label[0],
                                         .last = s->rows->label[n - 1],
                                         .value = value,
                                         .marked = marked,
                                         .n = n},
                         &text);
    if (!err)
        printf("\n%.*s", (int)text.n, (const char *)text.p);
    buf_fini(&text);
    free(value);
    free(marked);
    return err;
}

static void print_alarms(const struct study *s) {
    const double sd = s->record->model.s_kwh;
    printf("\nalarm: S above H = %.1f kWh (%.1f s), K = %.1f kWh (%.1f s)\n", CUSUM_LIMIT * sd,
           CUSUM_LIMIT, CUSUM_SLACK * sd, CUSUM_SLACK);
    for (size_t i = 0; i < s->alarm_n; i++) {
        const struct study_alarm *a = &s->alarm[i];
        printf("  %s since %s, raised %s, ", alarm_word(a->kind), s->rows->label[a->begin],
               s->rows->label[a->raised]);
        if (a->standing)
            puts("standing");
        else
            printf("last %s\n", s->rows->label[a->last]);
    }
    if (s->alarm_n == 0)
        puts("  none");
}

enum err energy_print_cusum(const struct study *s) {
    size_t n = s->rows->n;
    printf("CUSUM of %s by %s, %s to %s, %zu rows, ", s->record->spec.node.s,
           energy_grain_name(s->record->spec.grain), s->rows->label[0], s->rows->label[n - 1], n);
    print_against(s);
    print_dropped(s->rows);
    print_rows(s);
    enum err err = print_chart(s);
    print_alarms(s);
    return err;
}

/* --- a report -----------------------------------------------------------------------------------
 */

static const char *weekday_of(int32_t day) {
    static const char *const name[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday"};
    return name[utc_to_parts((int64_t)day * UTC_DAY_MS).weekday - 1];
}

static const char *share_name(const struct study *s, const struct study_finding *f, size_t i) {
    if (i == 0)
        return s->record->spec.node.s;
    return i + 1 == f->share_n ? "none of its parts" : s->record->spec.part[i - 1].s;
}

/* Where the difference comes from: ", on line-2 (+290 kWh), mostly in standby (+250 kWh)". */
static void print_origin(const struct study *s, const struct study_finding *f) {
    double sign = f->total.difference_kwh < 0 ? -1 : 1, part = f->total.difference_kwh;
    if (f->part > 0) {
        part = f->share[f->part].difference_kwh;
        printf(", %s %s (%+.0f kWh)",
               2 * sign * part >= sign * f->total.difference_kwh ? "on" : "first of all on",
               share_name(s, f, f->part), part);
    }
    double state = f->state[f->part][f->group].difference_kwh;
    if (f->group == ENERGY_UNKNOWN)
        printf(", while no state was known (%+.0f kWh)", state);
    else
        printf(", %s in %s (%+.0f kWh)", 2 * sign * state > sign * part ? "mostly" : "first of all",
               energy_group_name(f->group), state);
}

static void print_since(const struct study *s, const struct study_finding *f) {
    enum cusum_alarm kind = f->total.difference_kwh < 0 ? CUSUM_SAVING : CUSUM_OVERUSE;
    if (!f->alarm || f->alarm->kind != kind)
        return;
    size_t row = f->alarm->begin;
    if (s->record->spec.grain == ENERGY_DAY)
        printf(", since %s %s", weekday_of(s->rows->day[row]), s->rows->label[row]);
    else
        printf(", since %s", s->rows->label[row]);
}

/* The baseline is of no use, or the difference lies within its uncertainty and no drift stands. */
static bool is_scatter(const struct study_finding *f) {
    return !f->counts ||
           (f->alarm == NULL && fabs(f->total.difference_kwh) <= f->total.uncertainty_kwh);
}

static void print_statement(const struct study *s, const struct study_finding *f) {
    const struct baseline_total *t = &f->total;
    printf("%s to %s: %s used %.0f kWh, expected were %.0f kWh.\n", s->rows->label[f->from],
           s->rows->label[f->to - 1], s->record->spec.node.s, t->actual_kwh, t->expected_kwh);
    if (is_scatter(f)) {
        printf("The difference of %+.0f kWh cannot be told from scatter: +-%.0f kWh at 90 %%.\n",
               t->difference_kwh, t->uncertainty_kwh);
        return;
    }
    printf("That is %.1f %% %s than expected (%+.0f kWh, +-%.0f kWh at 90 %%)",
           t->expected_kwh > 0 ? 100 * fabs(t->difference_kwh) / t->expected_kwh : 0,
           t->difference_kwh < 0 ? "less" : "more", t->difference_kwh, t->uncertainty_kwh);
    print_since(s, f);
    if (f->share_n > 0)
        print_origin(s, f);
    puts(".");
}

static void print_standing(const struct study *s, const struct study_finding *f) {
    if (f->alarm)
        printf("Drift alarm: %s since %s, raised %s.\n", alarm_word(f->alarm->kind),
               s->rows->label[f->alarm->begin], s->rows->label[f->alarm->raised]);
    else
        puts("Drift alarm: none stands.");
    if (f->total.outside)
        printf("In %zu of %zu rows a driver lies outside the fitted range: take their expectation "
               "with care.\n",
               f->total.outside, f->total.n);
}

/* No "-0.0" where nothing is. */
static double shown(double kwh) {
    return fabs(kwh) < 0.05 ? 0 : kwh;
}

static void print_share(const char *indent, const char *name, const struct study_share *x) {
    printf("  %s%-*s %12.1f %12.1f %+12.1f", indent, (int)(28 - strlen(indent)), name,
           shown(x->actual_kwh), shown(x->expected_kwh), shown(x->difference_kwh));
    if (shown(x->expected_kwh) > 0)
        printf(" %+8.1f %%", 100 * shown(x->difference_kwh) / x->expected_kwh);
    putchar('\n');
}

static bool is_nothing(const struct study_share *x) {
    return fabs(x->actual_kwh) < 1e-6 && fabs(x->expected_kwh) < 1e-6;
}

static void print_shares(const struct study *s, const struct study_finding *f) {
    printf("\n  %-28s %12s %12s %12s\n", "kWh", "actual", "expected", "difference");
    for (size_t p = 0; p < f->share_n; p++) {
        if (p > 0 && is_nothing(&f->share[p]))
            continue;
        print_share("", share_name(s, f, p), &f->share[p]);
        for (size_t g = 0; g < ENERGY_GROUP_COUNT; g++)
            if (!is_nothing(&f->state[p][g]))
                print_share("  ", energy_group_name((enum energy_group)g), &f->state[p][g]);
    }
}

void energy_print_report(const struct study *s, const struct study_finding *f) {
    printf("Energy of %s by %s ", s->record->spec.node.s, energy_grain_name(s->record->spec.grain));
    print_against(s);
    print_dropped(s->rows);
    putchar('\n');
    print_statement(s, f);
    print_standing(s, f);
    if (f->counts && f->share_n > 0)
        print_shares(s, f);
}
