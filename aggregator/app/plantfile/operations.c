/* Operations, and where they are done: one unit does one thing with a product at a time. */
#include <stdlib.h>
#include <string.h>

#include "plantfile/build.h"

struct placing {
    struct plant_work *at;
    size_t n;
};

static void check_twice(struct build *b, const struct placing *x, const struct work_row *row,
                        const struct operation_row *of) {
    const struct plant_work *w = &x->at[x->n];
    for (size_t i = 0; i < x->n; i++) {
        const struct plant_work *other = &x->at[i];
        if (w->unit == UINT32_MAX || other->unit != w->unit || other->product != w->product ||
            other->from_ms != w->from_ms)
            continue;
        conf_report_at(b->report, row->pos,
                       "%s does %s with %s from that time on: it can't do %s, too", row->unit.s,
                       b->rows->operations[other->operation].id.s,
                       row->product.s[0] ? row->product.s : "all products", of->id.s);
        return;
    }
}

static void place(struct build *b, const struct operation_row *of, uint32_t operation,
                  struct placing *x) {
    for (size_t k = 0; k < of->at_n; k++) {
        const struct work_row *row = &of->at[k];
        struct plant_work *w = &x->at[x->n];
        *w = (struct plant_work){.unit = build_find_unit(b, &row->unit),
                                 .product = UINT32_MAX,
                                 .operation = operation,
                                 .from_ms = row->from_given ? row->from_ms : INT64_MIN};
        if (w->unit == UINT32_MAX)
            build_missing(b, row->pos, "unit", row->unit.s, b->unit.at, sizeof(struct plant_unit),
                          b->unit.n);
        for (size_t i = 0; i < b->rows->product_n && row->product.s[0]; i++)
            if (ident_equal(&b->rows->products[i].id, &row->product))
                w->product = (uint32_t)i;
        if (row->product.s[0] && w->product == UINT32_MAX)
            build_missing(b, row->pos, "product", row->product.s, b->rows->products,
                          sizeof *b->rows->products, b->rows->product_n);
        check_twice(b, x, row, of);
        x->n++;
    }
}

static int by_from(const void *x, const void *y) {
    const struct plant_work *a = x, *b = y;
    return (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

void build_operations(struct build *b) {
    const size_t n = b->rows->operation_n;
    size_t places = 0;
    for (size_t i = 0; i < n; i++)
        places += b->rows->operations[i].at_n;
    struct plant_operation *at = build_alloc(b, n * sizeof *at);
    struct placing x = {.at = build_alloc(b, places * sizeof *x.at)};
    if (!at || !x.at)
        return;
    for (size_t i = 0; i < n; i++) {
        const struct operation_row *row = &b->rows->operations[i];
        at[i].id = row->id;
        at[i].name = build_text(b, row->name && *row->name ? row->name : row->id.s);
        place(b, row, (uint32_t)i, &x);
    }
    if (x.n)
        qsort(x.at, x.n, sizeof *x.at, by_from);
    b->plant->operation = at;
    b->plant->operation_n = n;
    b->plant->work = x.at;
    b->plant->work_n = x.n;
}
