/* What changes of conditions and key links. */
#include "plantfile/plant_diff.h"

#include <string.h>

static bool same_reasons(const struct plant *p, const struct plant_condition *a,
                         const struct plant *q, const struct plant_condition *b) {
    bool same = a->reason_n == b->reason_n;
    for (size_t i = 0; same && i < a->reason_n; i++)
        same = ident_equal(&p->reason[a->reason[i]].id, &q->reason[b->reason[i]].id);
    return same;
}

static bool same_proof(const struct plant *p, const struct plant_condition *a,
                       const struct plant *q, const struct plant_condition *b) {
    if (!ident_equal(&a->gauge, &b->gauge))
        return false;
    if (a->gauge.s[0] == 0)
        return true;
    const bool own = a->at == UINT32_MAX || b->at == UINT32_MAX;
    return (own ? a->at == b->at : ident_equal(&p->unit[a->at].id, &q->unit[b->at].id)) &&
           a->low == b->low && a->high == b->high && a->hold_ms == b->hold_ms;
}

static bool same_condition(const struct plant *p, const struct plant_condition *a,
                           const struct plant *q, const struct plant_condition *b) {
    bool same = a->kind == b->kind && a->causes == b->causes && a->of_n == b->of_n &&
                strcmp(a->name, b->name) == 0 && strcmp(a->owner, b->owner) == 0 &&
                same_reasons(p, a, q, b) && same_proof(p, a, q, b);
    for (size_t i = 0; same && i < a->of_n; i++)
        same = ident_equal(&a->of[i], &b->of[i]);
    return same;
}

static size_t diff_conditions(const struct plant *old, const struct plant *now, struct buf *out) {
    size_t n = 0;
    for (size_t i = 0; i < old->condition_n; i++) {
        const char *id = old->condition[i].id.s;
        if (plant_find_condition(now, span_str(id)) == UINT32_MAX && ++n)
            (void)buf_addf(out, "- condition %s\n", id);
    }
    for (size_t i = 0; i < now->condition_n; i++) {
        const struct plant_condition *b = &now->condition[i];
        const uint32_t was = plant_find_condition(old, span_str(b->id.s));
        if (was != UINT32_MAX && same_condition(old, &old->condition[was], now, b))
            continue;
        n++;
        (void)buf_addf(out, was == UINT32_MAX ? "+ condition %s\n" : "~ condition %s changes\n",
                       b->id.s);
    }
    return n;
}

static bool has_keylink(const struct plant *p, const struct plant *of,
                        const struct plant_keylink *k) {
    for (size_t i = 0; i < p->keylink_n; i++) {
        const struct plant_keylink *other = &p->keylink[i];
        if (ident_equal(&p->unit[other->unit].id, &of->unit[k->unit].id) &&
            other->from_ms == k->from_ms && other->to_ms == k->to_ms &&
            strcmp(other->reason, k->reason) == 0)
            return true;
    }
    return false;
}

static size_t diff_keylinks(const struct plant *old, const struct plant *now, struct buf *out) {
    size_t n = 0;
    for (size_t i = 0; i < old->keylink_n; i++)
        if (!has_keylink(now, old, &old->keylink[i]) && ++n)
            (void)buf_addf(out, "- key link %s\n", old->unit[old->keylink[i].unit].id.s);
    for (size_t i = 0; i < now->keylink_n; i++)
        if (!has_keylink(old, now, &now->keylink[i]) && ++n)
            (void)buf_addf(out, "+ key link %s\n", now->unit[now->keylink[i].unit].id.s);
    return n;
}

size_t plant_diff_conditions(const struct plant *old, const struct plant *now, struct buf *out) {
    return diff_conditions(old, now, out) + diff_keylinks(old, now, out);
}
