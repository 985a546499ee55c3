/* The finders: binary search over orders made by plant_index(). */
#include <stdlib.h>

#include "plant/plant.h"

/* What is looked for: an id, or a signal by its agent and point. */
struct key {
    const char *id;
    const char *point; /* signals only */
};

typedef struct key (*key_at)(const struct plant *p, uint32_t i);

static struct key unit_key(const struct plant *p, uint32_t i) {
    return (struct key){p->unit[i].id.s, NULL};
}

static struct key node_key(const struct plant *p, uint32_t i) {
    return (struct key){p->node[i].id.s, NULL};
}

static struct key product_key(const struct plant *p, uint32_t i) {
    return (struct key){p->product[i].id.s, NULL};
}

static struct key signal_key(const struct plant *p, uint32_t i) {
    return (struct key){p->signal[i].agent.s, p->signal[i].point};
}

static int key_compare(struct key a, struct key b) {
    const int c = strcmp(a.id, b.id);

    return c != 0 || a.point == NULL || b.point == NULL ? c : strcmp(a.point, b.point);
}

struct sort_context {
    const struct plant *plant;
    key_at at;
};

static int order_compare(const void *a, const void *b, void *user) {
    const struct sort_context *s = user;
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const int c = key_compare(s->at(s->plant, x), s->at(s->plant, y));

    return c != 0 ? c : (x > y) - (x < y);
}

/* Makes one order in the arena; *doubled becomes true if two keys are equal. */
static enum err order_make(struct plant *p, size_t n, key_at at, const uint32_t **out,
                           bool *doubled) {
    struct sort_context s = {p, at};
    uint32_t *order = plant_alloc(p, (n + 1) * sizeof *order);

    if (order == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof *order, order_compare, &s);
    for (size_t i = 1; i < n; i++)
        if (key_compare(at(p, order[i - 1]), at(p, order[i])) == 0)
            *doubled = true;
    *out = order;
    return ERR_OK;
}

/* Parents stand before children, so that this ends in any plant, checked or not. */
static uint32_t node_above(const struct plant *p, uint32_t node) {
    return p->node[node].parent < node ? p->node[node].parent : UINT32_MAX;
}

static enum err calendars_make(struct plant *p) {
    uint32_t *calendar = plant_alloc(p, (p->node_n + 1) * sizeof *calendar);

    if (calendar == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < p->node_n; i++)
        calendar[i] = UINT32_MAX;
    for (size_t u = p->unit_n; u-- > 0;) /* the first unit's word is the last one */
        for (uint32_t n = p->unit[u].node; n < p->node_n; n = node_above(p, n))
            calendar[n] = p->unit[u].calendar;
    p->node_calendar = calendar;
    return ERR_OK;
}

uint32_t plant_node_calendar(const struct plant *p, uint32_t node) {
    if (p->node_calendar != NULL)
        return p->node_calendar[node];
    for (size_t u = 0; u < p->unit_n; u++)
        for (uint32_t n = p->unit[u].node; n < p->node_n; n = node_above(p, n))
            if (n == node)
                return p->unit[u].calendar;
    return UINT32_MAX;
}

enum err plant_index(struct plant *p) {
    bool doubled = false;
    enum err e = order_make(p, p->unit_n, unit_key, &p->unit_by_id, &doubled);

    if (e == ERR_OK)
        e = order_make(p, p->node_n, node_key, &p->node_by_id, &doubled);
    if (e == ERR_OK)
        e = order_make(p, p->product_n, product_key, &p->product_by_id, &doubled);
    if (e == ERR_OK)
        e = order_make(p, p->signal_n, signal_key, &p->signal_by_name, &doubled);
    if (e == ERR_OK)
        e = calendars_make(p);
    if (e == ERR_OK)
        e = plant_proofs_make(p);
    if (e != ERR_OK)
        return e;
    return doubled ? ERR_EXISTS : ERR_OK;
}

static uint32_t find_linear(const struct plant *p, size_t n, key_at at, struct key want) {
    for (uint32_t i = 0; i < n; i++)
        if (key_compare(at(p, i), want) == 0)
            return i;
    return UINT32_MAX;
}

static uint32_t find(const struct plant *p, const uint32_t *order, size_t n, key_at at,
                     struct key want) {
    size_t low = 0, high = n;

    if (order == NULL)
        return find_linear(p, n, at, want);
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (key_compare(at(p, order[middle]), want) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && key_compare(at(p, order[low]), want) == 0 ? order[low] : UINT32_MAX;
}

uint32_t plant_find_unit(const struct plant *p, const char *id) {
    return find(p, p->unit_by_id, p->unit_n, unit_key, (struct key){id, NULL});
}

uint32_t plant_find_node(const struct plant *p, const char *id) {
    return find(p, p->node_by_id, p->node_n, node_key, (struct key){id, NULL});
}

uint32_t plant_find_product(const struct plant *p, struct span id) {
    struct ident want;

    if (!ident_set(&want, id)) /* no product has an illegal id */
        return UINT32_MAX;
    return find(p, p->product_by_id, p->product_n, product_key, (struct key){want.s, NULL});
}

uint32_t plant_find_signal(const struct plant *p, const struct ident *agent, const char *point) {
    return find(p, p->signal_by_name, p->signal_n, signal_key, (struct key){agent->s, point});
}

uint32_t plant_find_gauge(const struct plant *p, uint32_t unit, struct span id) {
    for (size_t i = 0; i < p->gauge_n; i++)
        if (p->gauge[i].unit == unit && span_equal(id, span_str(p->gauge[i].id.s)))
            return (uint32_t)i;
    return UINT32_MAX;
}

const char *plant_gauge_unit(const struct plant *p, const struct ident *id) {
    for (size_t i = 0; i < p->gauge_n; i++)
        if (ident_equal(&p->gauge[i].id, id))
            return p->gauge[i].unit_text;
    return "";
}
