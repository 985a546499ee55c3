/* What changes of operations and of where they are done. */
#include "plantfile/plant_diff.h"

#include <string.h>

static const char *product_of(const struct plant *p, const struct plant_work *w) {
    return w->product == UINT32_MAX ? "" : p->product[w->product].id.s;
}

static bool has_work(const struct plant *p, const struct plant *of, const struct plant_work *w) {
    for (size_t i = 0; i < p->work_n; i++) {
        const struct plant_work *x = &p->work[i];
        if (x->from_ms == w->from_ms && ident_equal(&p->unit[x->unit].id, &of->unit[w->unit].id) &&
            strcmp(product_of(p, x), product_of(of, w)) == 0 &&
            ident_equal(&p->operation[x->operation].id, &of->operation[w->operation].id))
            return true;
    }
    return false;
}

static size_t tell_work(const struct plant *p, const struct plant *other, char sign,
                        struct buf *out) {
    size_t n = 0;
    for (size_t i = 0; i < p->work_n; i++) {
        const struct plant_work *w = &p->work[i];
        const char *product = product_of(p, w);
        if (has_work(other, p, w))
            continue;
        n++;
        (void)buf_addf(out, "%c operation %s at %s%s%s\n", sign, p->operation[w->operation].id.s,
                       p->unit[w->unit].id.s, *product ? " with " : "", product);
    }
    return n;
}

size_t plant_diff_operations(const struct plant *old, const struct plant *now, struct buf *out) {
    size_t n = 0;
    for (size_t i = 0; i < old->operation_n; i++)
        if (plant_find_operation(now, span_str(old->operation[i].id.s)) == UINT32_MAX && ++n)
            (void)buf_addf(out, "- operation %s\n", old->operation[i].id.s);
    for (size_t i = 0; i < now->operation_n; i++) {
        const struct plant_operation *o = &now->operation[i];
        const uint32_t was = plant_find_operation(old, span_str(o->id.s));
        if (was != UINT32_MAX && strcmp(old->operation[was].name, o->name) == 0)
            continue;
        n++;
        (void)buf_addf(out, was == UINT32_MAX ? "+ operation %s\n" : "~ operation %s changes\n",
                       o->id.s);
    }
    return n + tell_work(old, now, '-', out) + tell_work(now, old, '+', out);
}
