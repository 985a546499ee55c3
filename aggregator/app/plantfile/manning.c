/* Manning norms: persons of a shift by date. Attainment is a share of them, so what the page holds
 * it against is 1, by whoever approved the persons. */
#include <stdlib.h>

#include "plantfile/build.h"
#include "window/indicator.h"

static int by_date(const void *x, const void *y) {
    const struct plant_manning *a = x, *b = y;
    return (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

static void add_norm(struct build *b, const struct manning_row *row, uint32_t node) {
    struct plant_norm *out = build_add(b, &b->norm, sizeof *out);
    if (!out)
        return;
    *out = (struct plant_norm){.node = node,
                               .indicator = indicator_row(IND_MANNING)->id,
                               .value = 1,
                               .approved_by = build_text(b, row->approved_by),
                               .from_ms = row->from_ms};
}

void build_manning(struct build *b, const struct manning_row *row, size_t n, uint32_t unit) {
    struct plant_manning *at = n > 0 ? build_alloc(b, n * sizeof *at) : NULL;
    struct plant_unit *u = &((struct plant_unit *)b->unit.at)[unit];
    if (!at)
        return;
    for (size_t i = 0; i < n; i++) {
        at[i] = (struct plant_manning){row[i].persons, row[i].from_ms};
        for (size_t k = 0; k < i; k++)
            if (row[k].from_ms == row[i].from_ms)
                conf_report_at(b->report, row[i].pos, "two manning norms begin at one time");
        add_norm(b, &row[i], u->node);
    }
    qsort(at, n, sizeof *at, by_date);
    u->manning = at;
    u->manning_n = n;
    b->plant->has_manning = true;
}
