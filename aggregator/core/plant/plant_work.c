/* Operations: which one a unit does. */
#include "plant/plant.h"

uint32_t plant_find_operation(const struct plant *p, struct span id) {
    for (size_t i = 0; i < p->operation_n; i++)
        if (span_equal(id, span_str(p->operation[i].id.s)))
            return (uint32_t)i;
    return UINT32_MAX;
}

const struct plant_operation *plant_operation_at(const struct plant *p, uint32_t unit,
                                                 struct span product, int64_t t_ms) {
    const uint32_t of = product.n && p->work_n ? plant_find_product(p, product) : UINT32_MAX;
    const struct plant_work *found = NULL;
    for (size_t i = 0; i < p->work_n && p->work[i].from_ms <= t_ms; i++) {
        const struct plant_work *w = &p->work[i];
        if (w->unit != unit || (w->product != UINT32_MAX && w->product != of))
            continue;
        if (!found || w->product != UINT32_MAX || found->product == UINT32_MAX)
            found = w;
    }
    return found ? &p->operation[found->operation] : NULL;
}
