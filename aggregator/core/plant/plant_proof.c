/* Proofs: by which gauge a condition is judged at a unit, found once, so that nobody who computes
 * minutes has to look ids up. A unit without the gauge has no proof: whoever reads the plant file
 * refuses that. */
#include <stdlib.h>

#include "plant/plant.h"

static uint32_t gauge_of(const struct plant *p, uint32_t condition, uint32_t unit) {
    const struct plant_condition *c = &p->condition[condition];

    if (c->gauge.s[0] == 0 || !plant_condition_fits(p, condition, unit))
        return UINT32_MAX;
    return plant_find_gauge(p, c->at == UINT32_MAX ? unit : c->at, span_str(c->gauge.s));
}

/* Fills out if it is not NULL; how many there are. */
static size_t find_all(const struct plant *p, struct plant_proof *out) {
    size_t n = 0;

    for (uint32_t u = 0; u < p->unit_n && p->gauge_n > 0; u++)
        for (uint32_t c = 0; c < p->condition_n; c++) {
            const uint32_t gauge = gauge_of(p, c, u);
            if (gauge == UINT32_MAX)
                continue;
            if (out != NULL)
                out[n] = (struct plant_proof){u, c, gauge};
            n++;
        }
    return n;
}

static int by_gauge(const void *a, const void *b, void *user) {
    const struct plant_proof *all = user;
    const struct plant_proof *x = &all[*(const uint32_t *)a], *y = &all[*(const uint32_t *)b];

    if (x->gauge != y->gauge)
        return x->gauge < y->gauge ? -1 : 1;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

enum err plant_proofs_make(struct plant *p) {
    const size_t n = find_all(p, NULL);

    p->proof_n = 0;
    if (n == 0)
        return ERR_OK;
    struct plant_proof *at = plant_alloc(p, n * sizeof *at);
    uint32_t *order = plant_alloc(p, n * sizeof *order);
    if (at == NULL || order == NULL)
        return ERR_NOMEM;
    (void)find_all(p, at);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof *order, by_gauge, at);
    p->proof = at;
    p->proof_by_gauge = order;
    p->proof_n = n;
    return ERR_OK;
}

const struct plant_proof *plant_proofs(const struct plant *p, uint32_t unit, size_t *n) {
    size_t low = 0, high = p->proof_n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (p->proof[middle].unit < unit)
            low = middle + 1;
        else
            high = middle;
    }
    for (*n = 0; low + *n < p->proof_n && p->proof[low + *n].unit == unit;)
        ++*n;
    return *n > 0 ? &p->proof[low] : NULL;
}

/* Index in proof_by_gauge of the first that is not before. */
static size_t first_of(const struct plant *p, uint32_t gauge, uint32_t unit) {
    size_t low = 0, high = p->proof_n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct plant_proof *x = &p->proof[p->proof_by_gauge[middle]];
        if (x->gauge < gauge || (x->gauge == gauge && x->unit < unit))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct plant_proof *at_order(const struct plant *p, size_t i) {
    return i < p->proof_n ? &p->proof[p->proof_by_gauge[i]] : NULL;
}

bool plant_proves(const struct plant *p, uint32_t gauge, uint32_t unit) {
    const struct plant_proof *x = at_order(p, first_of(p, gauge, unit));

    return x != NULL && x->gauge == gauge && x->unit == unit;
}

uint32_t plant_next_proven(const struct plant *p, uint32_t gauge, size_t *at) {
    if (*at == 0) /* one more than the index of the next */
        *at = first_of(p, gauge, 0) + 1;
    const struct plant_proof *x = at_order(p, *at - 1);
    if (x == NULL || x->gauge != gauge)
        return UINT32_MAX;
    const uint32_t unit = x->unit;
    while (x != NULL && x->gauge == gauge && x->unit == unit)
        x = at_order(p, ++*at - 1);
    return unit;
}
