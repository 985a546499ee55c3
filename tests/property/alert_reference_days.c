/* What the slow way says of drift, of products, of teams and of norms that differ between them. */
#include <math.h>

#include "alert_reference.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS (1440 * MINUTE_MS)
#define SETTLE_MS (15 * MINUTE_MS) /* of line_plant */

/* --- norms -------------------------------------------------------------------------------------
 */

/* A product comes before a team, both before none. */
bool ref_norm(const struct ref_world *w, uint32_t product, uint32_t team, int64_t minute,
              double *value) {
    int best = -1;
    for (int i = 0; i < w->norm_n; i++) {
        const struct ref_norm *n = &w->norm[i];
        const int rank = 2 * (n->product != 0) + (n->team != 0);
        if ((n->product && n->product != product) || (n->team && n->team != team) ||
            minute - w->first < n->from || minute - w->first >= n->to || rank <= best)
            continue;
        best = rank;
        *value = n->value;
    }
    return best >= 0;
}

static bool is_of(uint32_t word, const struct ident *id) {
    return !id->s[0] || (word && ident_equal(id, &ref_word[word]));
}

struct ref_share {
    double norm;
    struct sums sums;
};

static struct ref_share *share_of(struct ref_share *at, int *n, double norm) {
    for (int i = 0; i < *n; i++)
        if (at[i].norm == norm)
            return &at[i];
    at[*n] = (struct ref_share){.norm = norm};
    return &at[(*n)++];
}

/* One minute of one unit. */
static void add_parts(const struct ref_world *w, const struct ref_alert *a, uint32_t unit,
                      int64_t m, struct ref_share *share, int *n) {
    for (int i = 0; i < REF_PARTS; i++) {
        const struct ref_part *p = &w->part[unit][m][i];
        double norm = 1;
        if (!is_of(p->product, &a->rule->product) || !is_of(p->team, &a->rule->team))
            continue;
        if (a->rule->condition == ALERT_NORM &&
            !ref_norm(w, p->product, p->team, w->first + m, &norm))
            continue;
        sums_add(&share_of(share, n, norm)->sums, &p->sums);
    }
}

bool ref_share(const struct ref_world *w, const struct ref_alert *a, int64_t from, int64_t m,
               struct sums *out, double *scale) {
    struct ref_share share[REF_NORMS + 1];
    double weight = 0, normed = 0;
    int n = 0, weighty = 0;
    for (int64_t at = from > 0 ? from : 0; at <= m; at++)
        for (uint32_t unit = 2; unit < REF_NODES; unit++)
            if (a->node == unit || a->node < 2)
                add_parts(w, a, unit, at, share, &n);
    *out = (struct sums){0};
    *scale = 1;
    for (int i = 0; i < n; i++) {
        double numerator = 0, denominator = 0;
        sums_add(out, &share[i].sums);
        if (a->rule->condition != ALERT_NORM)
            continue;
        indicator_quotient((enum indicator)a->rule->indicator, &share[i].sums, &numerator,
                           &denominator);
        if (denominator == 0)
            continue;
        weighty++;
        weight += denominator;
        normed += denominator * share[i].norm;
        *scale = share[i].norm;
    }
    if (a->rule->condition == ALERT_NORM && weighty != 1)
        *scale = normed / weight;
    return sums_time(out) > 0;
}

/* --- drift -------------------------------------------------------------------------------------
 */

static const struct alert_baseline *baseline_at(const struct ref_world *w,
                                                const struct ref_alert *a, int64_t t_ms) {
    const struct alert_baseline *found = NULL;
    for (size_t i = 0; i < a->rule->baseline_n; i++)
        if (ident_equal(&a->rule->baseline[i].node, &w->plant->node[a->node].id) &&
            a->rule->baseline[i].from_ms <= t_ms)
            found = &a->rule->baseline[i];
    return found;
}

/* False: it does not count. */
static bool day_of(const struct ref_world *w, const struct ref_alert *a,
                   const struct alert_baseline *b, int64_t i, double *d) {
    const struct ref_day *own = &w->day[a->node][i];
    const int64_t *q = own->sums.q;
    double used = 0;
    if (i < 0 || i >= REF_DAYS || w->day0_ms + i * DAY_MS < b->from_ms || !own->there ||
        q[QTY_ENERGY_DUE] == 0 || q[QTY_ENERGY_SEEN] * 100 < q[QTY_ENERGY_DUE] * 95)
        return false;
    for (unsigned c = 0; c < CATEGORY_COUNT; c++)
        used += (double)q[QTY_ENERGY + c] / 1e9;
    *d += used - b->base_kwh_per_h * 24;
    for (size_t k = 0; k < b->driver_n; k++) {
        const uint32_t node =
            b->driver[k].node.s[0] ? plant_find_node(w->plant, b->driver[k].node.s) : a->node;
        const struct ref_day *its = &w->day[node][i];
        if (!its->there || its->sums.q[QTY_COUNT_DUE] == 0 ||
            its->sums.q[QTY_COUNT_SEEN] * 100 < its->sums.q[QTY_COUNT_DUE] * 95)
            return false;
        *d -= b->driver[k].kwh_each * (double)its->sums.q[QTY_GQ] / 1e6;
    }
    return true;
}

bool ref_drift(const struct ref_world *w, const struct ref_alert *a, int64_t m, double *value) {
    const int64_t at_ms = (w->first + m + 1) * MINUTE_MS;
    const int64_t due = (at_ms - SETTLE_MS - w->day0_ms) / DAY_MS - 1;
    const struct alert_baseline *b = baseline_at(w, a, w->day0_ms + due * DAY_MS);
    if (!b)
        return false;
    const int64_t each = b->weeks ? 7 : 1; /* day 0 is a Monday */
    const int64_t last = (due + 1) / each - 1;
    double over = 0, under = 0;
    bool known = false;
    for (int64_t row = 0; row <= last; row++) {
        double d = 0;
        known = true;
        for (int64_t i = row * each; i < (row + 1) * each; i++)
            known = day_of(w, a, b, i, &d) && known;
        if (!known)
            continue;
        over = fmax(0, over + d - b->s_kwh / 2);
        under = fmax(0, under - d - b->s_kwh / 2);
    }
    *value = a->rule->below ? -under / b->s_kwh : over / b->s_kwh;
    return known;
}
