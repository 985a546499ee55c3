/* Conditions that norms assume: whose they are, and which stops breach them. Key links. */
#include <string.h>

#include "plantfile/build.h"

static void fill_reasons(struct build *b, const struct condition_row *row,
                         struct plant_condition *out) {
    uint32_t *reason = build_alloc(b, row->reason_n * sizeof *reason);
    size_t n = 0;
    if (!reason)
        return;
    for (size_t i = 0; i < row->reason_n; i++) {
        const uint32_t at = plant_find_reason(b->plant, span_str(row->reasons[i].s));
        if (at == UINT32_MAX)
            build_missing(b, row->pos, "reason", row->reasons[i].s, b->rows->reasons,
                          sizeof *b->rows->reasons, b->rows->reason_n);
        else if (b->plant->reason[at].kind != REASON_STOP)
            conf_report_at(b->report, row->pos, "reason %s is of scrap: a condition looks at stops",
                           row->reasons[i].s);
        else
            reason[n++] = at;
    }
    out->reason = reason;
    out->reason_n = n;
}

static void build_keylinks(struct build *b) {
    const size_t n = b->rows->keylink_n;
    struct plant_keylink *at = build_alloc(b, n * sizeof *at);
    if (!at)
        return;
    for (size_t i = 0; i < n; i++) {
        const struct keylink_row *row = &b->rows->keylinks[i];
        at[i] = (struct plant_keylink){.unit = build_find_unit(b, &row->unit),
                                       .reason = build_text(b, row->reason),
                                       .from_ms = row->from_ms,
                                       .to_ms = row->to_ms};
        if (at[i].unit == UINT32_MAX)
            build_missing(b, row->pos, "unit", row->unit.s, b->unit.at, sizeof(struct plant_unit),
                          b->unit.n);
        if (row->from_ms >= row->to_ms)
            conf_report_at(b->report, row->pos, "it ends before it begins");
    }
    b->plant->keylink = at;
    b->plant->keylink_n = n;
}

void build_conditions(struct build *b) {
    const size_t n = b->rows->condition_n;
    struct plant_condition *at = build_alloc(b, n * sizeof *at);
    if (!at)
        return;
    for (size_t i = 0; i < n; i++) {
        const struct condition_row *row = &b->rows->conditions[i];
        at[i].id = row->id;
        at[i].name = build_text(b, row->name && *row->name ? row->name : row->id.s);
        at[i].owner = build_text(b, row->owner);
        at[i].kind = (uint8_t)row->kind;
        for (size_t k = 0; k < row->cause_n; k++)
            at[i].causes |= 1U << row->causes[k];
        fill_reasons(b, row, &at[i]);
        build_proof(b, row, &at[i]);
        at[i].of = build_places(b, "condition", row->id.s, row->pos, row->of, row->of_n);
        at[i].of_n = at[i].of ? row->of_n : 0;
    }
    b->plant->condition = at;
    b->plant->condition_n = n;
    build_keylinks(b);
}
