/* Reasons, and the tags of events that name reasons and origins. */
#include <stdlib.h>
#include <string.h>

#include "cell/sums.h"
#include "plantfile/build.h"

uint32_t build_find_unit(const struct build *b, const struct ident *id) {
    const struct plant_unit *unit = b->unit.at;
    for (size_t i = 0; i < b->unit.n; i++)
        if (ident_equal(&unit[i].id, id))
            return (uint32_t)i;
    return UINT32_MAX;
}

static void missing_unit(struct build *b, struct conf_pos pos, const struct ident *id) {
    build_missing(b, pos, "unit", id->s, b->unit.at, sizeof(struct plant_unit), b->unit.n);
}

/* --- reasons ------------------------------------------------------------------------------------
 */

static uint32_t find_reason(const struct build *b, const struct ident *id) {
    for (size_t i = 0; i < b->rows->reason_n; i++)
        if (ident_equal(&b->rows->reasons[i].id, id))
            return (uint32_t)i;
    return UINT32_MAX;
}

bool build_is_place(const struct build *b, const struct ident *id) {
    const struct plant_node *node = b->node.at;
    const struct plant_unit *unit = b->unit.at;
    for (size_t i = 0; i < b->node.n; i++)
        if (ident_equal(&node[i].id, id))
            return true;
    for (size_t i = 0; i < b->unit.n; i++)
        if (ident_equal(&unit[i].kind, id))
            return true;
    return false;
}

const struct ident *build_places(struct build *b, const char *what, const char *id,
                                 struct conf_pos pos, const struct ident *of, size_t n) {
    struct ident *out = build_alloc(b, n * sizeof *out);
    if (!out)
        return NULL;
    if (n)
        memcpy(out, of, n * sizeof *out);
    for (size_t i = 0; i < n; i++)
        if (!build_is_place(b, &of[i]))
            conf_report_at(b->report, pos,
                           "%s %s is for %s, which is no node and no class of a unit", what, id,
                           of[i].s);
    return out;
}

static void fill_parent(struct build *b, const struct reason_row *row, struct plant_reason *out) {
    out->parent = UINT32_MAX;
    if (!row->parent.s[0])
        return;
    out->parent = find_reason(b, &row->parent);
    if (out->parent == UINT32_MAX)
        build_missing(b, row->pos, "reason", row->parent.s, b->rows->reasons,
                      sizeof *b->rows->reasons, b->rows->reason_n);
    else if (b->rows->reasons[out->parent].kind != row->kind)
        conf_report_at(b->report, row->pos, "reason %s and its parent %s are not of one kind",
                       row->id.s, row->parent.s);
}

/* A circle is cut where it is found, so that whoever walks up ends. */
static void check_circle(struct build *b, struct plant_reason *all, size_t i) {
    size_t steps = 0;
    for (uint32_t at = all[i].parent; at != UINT32_MAX; at = all[at].parent)
        if (at == i || ++steps > b->rows->reason_n) {
            conf_report_at(b->report, b->rows->reasons[i].pos, "reason %s is its own parent",
                           all[i].id.s);
            all[i].parent = UINT32_MAX;
            return;
        }
}

static uint8_t cause_of(const struct build *b, const struct plant_reason *all, uint32_t i) {
    for (; i != UINT32_MAX; i = all[i].parent)
        if (b->rows->reasons[i].cause_given)
            return (uint8_t)b->rows->reasons[i].cause;
    return CAUSE_OTHER;
}

static void check_codes(struct build *b, const struct plant_reason *all, size_t i) {
    const struct reason_row *row = &b->rows->reasons[i];
    if (row->kind == REASON_SCRAP && row->cause_given)
        conf_report_at(b->report, row->pos, "reason %s is of scrap: a cause is of stops",
                       row->id.s);
    for (size_t k = 0; k < i && row->code_given; k++)
        if (all[k].kind == all[i].kind && all[k].code == row->code)
            conf_report_at(b->report, row->pos, "reasons %s and %s have one code", all[k].id.s,
                           row->id.s);
}

/* The name of a cause is that cause in every plant, so no reason may mean another one by it. */
static void check_name(struct build *b, const struct plant_reason *r, struct conf_pos pos) {
    for (unsigned k = 0; k < CAUSE_COUNT; k++)
        if (r->kind == REASON_STOP && strcmp(r->id.s, cause_name((enum cause)k)) == 0 &&
            r->cause != k)
            conf_report_at(b->report, pos, "reason %s has the name of a cause that is not its own",
                           r->id.s);
}

void build_reasons(struct build *b) {
    const size_t n = b->rows->reason_n;
    struct plant_reason *at = build_alloc(b, n * sizeof *at);
    if (!at)
        return;
    for (size_t i = 0; i < n; i++) {
        const struct reason_row *row = &b->rows->reasons[i];
        at[i].id = row->id;
        at[i].name = build_text(b, row->name && *row->name ? row->name : row->id.s);
        at[i].kind = (uint8_t)row->kind;
        at[i].code = row->code_given ? row->code : PLANT_NO_CODE;
        at[i].of = build_places(b, "reason", row->id.s, row->pos, row->of, row->of_n);
        at[i].of_n = at[i].of ? row->of_n : 0;
        fill_parent(b, row, &at[i]);
        check_codes(b, at, i);
    }
    for (size_t i = 0; i < n; i++)
        check_circle(b, at, i);
    for (size_t i = 0; i < n; i++) {
        at[i].cause = cause_of(b, at, (uint32_t)i);
        check_name(b, &at[i], b->rows->reasons[i].pos);
    }
    b->plant->reason = at;
    b->plant->reason_n = n;
}

/* --- tags ---------------------------------------------------------------------------------------
 */

static int by_tag(const void *x, const void *y) {
    const struct plant_tag *a = x, *b = y;
    return (a->tag > b->tag) - (a->tag < b->tag);
}

static void fill_tag(struct build *b, const struct tag_row *row, uint32_t station,
                     struct plant_tag *out) {
    *out = (struct plant_tag){.tag = row->tag, .unit = station, .reason = UINT32_MAX};
    if (row->unit.s[0]) {
        out->unit = build_find_unit(b, &row->unit);
        if (out->unit == UINT32_MAX)
            missing_unit(b, row->pos, &row->unit);
    }
    if (!row->reason.s[0])
        return;
    out->reason = find_reason(b, &row->reason);
    if (out->reason == UINT32_MAX)
        build_missing(b, row->pos, "reason", row->reason.s, b->rows->reasons,
                      sizeof *b->rows->reasons, b->rows->reason_n);
    else if (b->rows->reasons[out->reason].kind != REASON_SCRAP)
        conf_report_at(b->report, row->pos, "reason %s is of stops, not of scrap", row->reason.s);
}

static bool counts_at(const struct build *b, size_t n, const struct plant_signal *s,
                      uint32_t unit) {
    const struct plant_signal *all = b->signal.at;
    for (size_t i = 0; i < n; i++)
        if (all[i].tag == s->tag && all[i].unit == unit)
            return true;
    return false;
}

/* One more meaning of the same point for each unit that its tags name. */
static void add_origins(struct build *b, size_t signal, const struct plant_tag *tag, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct plant_signal s = ((struct plant_signal *)b->signal.at)[signal];
        const struct signal_from from = ((struct signal_from *)b->from.at)[signal];
        if (tag[i].unit == UINT32_MAX || counts_at(b, b->signal.n, &s, tag[i].unit))
            continue;
        struct plant_signal *more = build_add(b, &b->signal, sizeof *more);
        struct signal_from *its = build_add(b, &b->from, sizeof *its);
        if (!more || !its) {
            b->signal.n -= more != NULL;
            b->from.n -= its != NULL;
            return;
        }
        *more = s;
        more->unit = tag[i].unit;
        *its = from;
    }
}

static void fill_tags(struct build *b, size_t signal) {
    const struct signal_row *row = ((struct signal_from *)b->from.at)[signal].row;
    struct plant_signal *s = &((struct plant_signal *)b->signal.at)[signal];
    struct plant_tag *tag = build_alloc(b, row->tag_n * sizeof *tag);
    if (!tag)
        return;
    if (s->role != ROLE_SCRAP && s->role != ROLE_REWORK)
        conf_report_at(b->report, row->pos, "tags tell of scrap and rework, not of %s", row->id.s);
    for (size_t i = 0; i < row->tag_n; i++) {
        fill_tag(b, &row->tags[i], s->station, &tag[i]);
        for (size_t k = 0; k < i; k++)
            if (row->tags[k].tag == row->tags[i].tag)
                conf_report_at(b->report, row->tags[i].pos, "this tag was said before");
    }
    qsort(tag, row->tag_n, sizeof *tag, by_tag);
    s->tag = tag;
    s->tag_n = row->tag_n;
    add_origins(b, signal, tag, row->tag_n);
}

/* Numbers of the signals whose tags decide where they count. */
static void number_tagged(struct build *b) {
    struct plant_signal *s = b->signal.at;
    uint32_t *tagged = build_alloc(b, b->signal.n * sizeof *tagged);
    size_t n = 0;
    if (!tagged)
        return;
    for (size_t i = 0; i < b->signal.n; i++) {
        if (!s[i].tag)
            continue;
        tagged[n++] = (uint32_t)i;
        s[i].tagged = (uint16_t)n;
    }
    if (n > UINT16_MAX)
        conf_report_at(b->report, b->rows->site.pos, "more than %d signals have tags", UINT16_MAX);
    b->plant->tagged = tagged;
    b->plant->tagged_n = n;
}

void build_tags(struct build *b) {
    const size_t n = b->signal.n;
    for (size_t i = 0; i < n && !b->nomem; i++)
        if (((struct signal_from *)b->from.at)[i].row->tag_n)
            fill_tags(b, i);
    if (!b->nomem)
        number_tagged(b);
}
