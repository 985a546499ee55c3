/* Rows of days and weeks for a baseline, from stored windows: what the tool asks for page by page.
 */
#include <stdio.h>

#include "views/energy_impl.h"

static bool missing(char why[ENERGY_WHY], const char *id) {
    (void)snprintf(why, ENERGY_WHY, "the plant has no node %.60s, which the baseline asks for", id);
    return false;
}

/* Every node that it names is in the plant. */
static bool all_known(const struct plant *p, const struct energy_spec *s, char why[ENERGY_WHY]) {
    if (plant_find_node(p, s->node.s) == UINT32_MAX)
        return missing(why, s->node.s);
    for (size_t i = 0; i < s->driver_n; i++)
        if (s->driver[i].kind == ENERGY_QUANTITY &&
            plant_find_node(p, s->driver[i].node.s) == UINT32_MAX)
            return missing(why, s->driver[i].node.s);
    if (energy_spec_has_columns(s))
        (void)snprintf(why, ENERGY_WHY,
                       "a driver of the baseline stands in a file of the tool's: plantbus energy");
    if (s->grain == ENERGY_BATCH)
        (void)snprintf(why, ENERGY_WHY,
                       "the baseline is of batches, which stand in a table of the tool's");
    return !why[0];
}

/* Whether a node's own windows were read before driver i's. */
static bool read_before(const struct energy_spec *s, size_t i) {
    const struct ident *node = &s->driver[i].node;
    bool before = ident_equal(node, &s->node);
    for (size_t k = 0; k < s->part_n; k++)
        before = before || ident_equal(node, &s->part[k]);
    for (size_t k = 0; k < i; k++)
        before = before ||
                 (s->driver[k].kind == ENERGY_QUANTITY && ident_equal(node, &s->driver[k].node));
    return before;
}

/* Whether its products' were. */
static bool products_before(const struct energy_spec *s, size_t i) {
    bool before = false;
    for (size_t k = 0; k < i; k++)
        before = before || (s->driver[k].kind == ENERGY_QUANTITY && s->driver[k].product[0] &&
                            ident_equal(&s->driver[k].node, &s->driver[i].node));
    return before;
}

static enum err read_node(const struct view_history *ask, const struct history_reader *r,
                          const struct ident *id, bool products, struct days *to) {
    const uint32_t node = plant_find_node(ask->query.plant, id->s);
    return node == UINT32_MAX ? ERR_OK /* a part that is gone used nothing */
                              : energy_windows(ask, r, node, WINDOW_DAY, products, days_take, to);
}

static enum err read_all(const struct view_history *ask, const struct history_reader *r,
                         const struct energy_spec *s, struct days *to) {
    enum err err = read_node(ask, r, &s->node, false, to);
    for (size_t i = 0; i < s->part_n && !err; i++)
        err = read_node(ask, r, &s->part[i], false, to);
    for (size_t i = 0; i < s->driver_n && !err; i++) {
        const struct energy_driver *d = &s->driver[i];
        if (d->kind == ENERGY_QUANTITY && !read_before(s, i))
            err = read_node(ask, r, &d->node, false, to);
        if (!err && d->kind == ENERGY_QUANTITY && d->product[0] && !products_before(s, i))
            err = read_node(ask, r, &d->node, true, to);
    }
    return err;
}

enum err energy_rows_read(const struct view_history *ask, const struct history_reader *r,
                          const struct energy_spec *spec, const char *zone, int64_t from_ms,
                          int64_t to_ms, struct energy_rows *out, char why[ENERGY_WHY]) {
    const struct plant *p = ask->query.plant;
    struct view_history of = *ask;
    struct days *days = NULL;
    why[0] = 0;
    if (!all_known(p, spec, why))
        return ERR_OK;
    if (zone[0] && strcmp(zone, p->zone_name) != 0) {
        (void)snprintf(why, ENERGY_WHY,
                       "the baseline is of days in %.60s, the plant of days in %.60s", zone,
                       p->zone_name);
        return ERR_OK;
    }
    of.query.from_ms = from_ms;
    of.query.to_ms = to_ms;
    enum err err = days_open(spec, zone[0] ? p->zone : NULL, &days);
    if (!err)
        err = read_all(&of, r, spec, days);
    if (!err)
        (void)days_finish(days, NULL, from_ms, to_ms, out, why);
    days_close(days);
    return err;
}
