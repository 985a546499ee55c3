#include "norm/status.h"

#include <math.h>

const char *norm_status_name(enum norm_status s) {
    static const char *const name[NORM_STATUS_COUNT] = {[STATUS_NOT_MET] = "not_met",
                                                        [STATUS_NO_DATA] = "no_data",
                                                        [STATUS_NO_NORM] = "no_norm",
                                                        [STATUS_MET] = "met",
                                                        [STATUS_BETTER] = "better"};
    return (unsigned)s < NORM_STATUS_COUNT ? name[s] : "no_data";
}

/* By more than a conversion of the norm or a weighted mean of norms loses. */
static bool exceeds(double a, double b) {
    return a - b > 1e-12 * fmax(fabs(a), fabs(b));
}

static enum norm_status in_band(double value, const struct attain_norm *norm) {
    return exceeds(norm->low, value) || exceeds(value, norm->high) ? STATUS_NOT_MET : STATUS_MET;
}

enum norm_status norm_status_of(enum indicator i, const struct indicator_value *v,
                                const struct attain_norm *norm) {
    if (!v->defined)
        return STATUS_NO_DATA;
    if (!norm)
        return STATUS_NO_NORM;
    if (!(v->coverage >= STATUS_COVERAGE_MIN)) /* nor NAN */
        return STATUS_NO_DATA;
    if (norm->band)
        return in_band(v->value, norm);
    const enum direction way = (enum direction)indicator_row(i)->direction;
    const bool high = way != LOW_IS_BETTER;
    if (high ? exceeds(norm->value, v->value) : exceeds(v->value, norm->value))
        return STATUS_NOT_MET;
    if (way == AS_NORMED)
        return STATUS_MET;
    const double better = norm->value * (high ? 1.0 + STATUS_BETTER_BY : 1.0 - STATUS_BETTER_BY);
    return (high ? v->value > better : v->value < better) ? STATUS_BETTER : STATUS_MET;
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static void class_of(const struct plant *p, const struct sums *s, enum norm_class c,
                     status_lookup lookup, void *user, struct status_class *out) {
    const enum indicator lead = indicator_lead(c);
    struct attain_norm norm;

    *out = (struct status_class){.status = NORM_STATUS_COUNT};
    for (unsigned k = 0; k < INDICATOR_COUNT; k++) {
        const enum indicator i = (enum indicator)k;
        if (indicator_row(i)->norm_class != c || !indicator_applies(p, i) ||
            !lookup(user, i, &norm))
            continue;
        const struct indicator_value v = indicator_of(i, s);
        const enum norm_status status = norm_status_of(i, &v, &norm);
        if (status < out->status)
            *out = (struct status_class){status, i, v, true, norm, false};
    }
    if (out->normed)
        return;
    *out = (struct status_class){.indicator = lead, .value = indicator_of(lead, s)};
    out->status = norm_status_of(lead, &out->value, NULL);
    out->neglected = out->status == STATUS_NO_NORM;
}

void norm_status_whole(const struct plant *p, const struct sums *s, status_lookup lookup,
                       void *user, struct status_whole *out) {
    *out = (struct status_whole){.worst = STATUS_BETTER};
    for (unsigned c = 0; c < CLASS_COUNT; c++) {
        class_of(p, s, (enum norm_class)c, lookup, user, &out->of[c]);
        out->count[out->of[c].status]++;
        out->worst = out->of[c].status < out->worst ? out->of[c].status : out->worst;
    }
}

enum err norm_status_text(const struct status_whole *w, struct buf *out) {
    static const struct {
        enum norm_status status;
        const char *text;
    } part[] = {{STATUS_BETTER, "better than norm"},
                {STATUS_MET, "met"},
                {STATUS_NOT_MET, "not met"},
                {STATUS_NO_NORM, "without norm"},
                {STATUS_NO_DATA, "without data"}};
    bool first = true;

    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        if (w->count[part[i].status] == 0)
            continue;
        (void)buf_addf(out, "%s%u %s", first ? "" : ", ", w->count[part[i].status], part[i].text);
        first = false;
    }
    return out->failed ? ERR_NOMEM : ERR_OK;
}

/* --- records ------------------------------------------------------------------------------------
 */

const char *record_verdict_name(enum record_verdict v) {
    static const char *const name[RECORD_VERDICT_COUNT] = {
        [RECORD_COUNTS] = "record",     [RECORD_PROVISIONAL] = "provisional",
        [RECORD_NOT_BEST] = "not_best", [RECORD_NOT_FULL] = "not_a_full_shift",
        [RECORD_COVERAGE] = "coverage", [RECORD_OTHERS_NOT_MET] = "other_class_not_met"};
    return (unsigned)v < RECORD_VERDICT_COUNT ? name[v] : "unknown";
}

static bool is_full(const struct team_shift *s) {
    return (double)sums_time(s->all) >= RECORD_FULL * (double)(s->end_ms - s->start_ms);
}

/* Of the other classes: the worst, and whether one of them has no norm. */
static enum record_verdict others(enum indicator i, const struct status_whole *w) {
    bool without = false;

    for (unsigned c = 0; c < CLASS_COUNT; c++) {
        if (c == indicator_row(i)->norm_class)
            continue;
        if (!w->of[c].normed)
            without = true;
        else if (w->of[c].status < STATUS_MET)
            return RECORD_OTHERS_NOT_MET;
    }
    return without ? RECORD_PROVISIONAL : RECORD_COUNTS;
}

enum record_verdict record_of(const struct team_shift *s, enum indicator i,
                              const struct status_whole *whole, double best, double *value) {
    const struct indicator_value v = indicator_of(i, s->all);
    double weight = 0;

    *value = NAN;
    if (!is_full(s))
        return RECORD_NOT_FULL;
    if (!v.defined || !(observe_coverage(s, &v) >= STATUS_COVERAGE_MIN) ||
        !domain_observe(i, v.numerator, v.denominator, value, &weight))
        return RECORD_COVERAGE;
    if (!(*value < best * (1 - 1e-12)))
        return RECORD_NOT_BEST;
    return others(i, whole);
}
