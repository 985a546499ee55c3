/* Claims: of each quantity of a unit one signal counts, or pieces would count twice. Where people
 * count beside the machine, the unit's `source` says who is believed; the other one is kept and
 * shown, and adds nothing. */
#include <stdlib.h>
#include <string.h>

#include "plantfile/build.h"
#include "window/indicator.h"

enum who { WHO_UNSAID, WHO_MACHINE, WHO_OPERATOR };

static bool is_counted_by_hand(uint8_t role) {
    return plant_role_is_amount(role) && role != ROLE_ENERGY;
}

static enum who truth_of(const struct unit_row *row, uint8_t role) {
    const char *name = plant_role_name((enum plant_role)role);
    for (size_t i = 0; row && i < row->source_n; i++)
        if (strcmp(row->source[i].key, name) == 0)
            return strcmp(row->source[i].value, "operator") == 0 ? WHO_OPERATOR : WHO_MACHINE;
    return WHO_UNSAID;
}

static void check_sources(struct build *b, const struct unit_row *row) {
    for (size_t i = 0; i < row->source_n; i++) {
        const struct conf_pair *p = &row->source[i];
        bool known = false;
        for (unsigned r = 1; r < ROLE_COUNT; r++)
            known = known || (is_counted_by_hand((uint8_t)r) &&
                              strcmp(plant_role_name((enum plant_role)r), p->key) == 0);
        if (!known)
            conf_report_at(b->report, p->pos, "%s is nothing that people and machines both count",
                           p->key);
        if (strcmp(p->value, "machine") != 0 && strcmp(p->value, "operator") != 0)
            conf_report_at(b->report, p->pos, "a source is machine or operator, not %s", p->value);
    }
}

struct claim {
    uint32_t unit;
    uint8_t role;
    bool by_operator;
    size_t signal;
};

static int by_claim(const void *x, const void *y) {
    const struct claim *a = x, *b = y;
    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    if (a->role != b->role)
        return a->role < b->role ? -1 : 1;
    if (a->by_operator != b->by_operator)
        return a->by_operator ? 1 : -1;
    return (a->signal > b->signal) - (a->signal < b->signal);
}

static void report_double(struct build *b, const struct claim *first, const struct claim *second,
                          bool one_source) {
    const struct plant_signal *s = b->signal.at;
    const struct plant_signal *x = &s[first->signal], *y = &s[second->signal];
    const struct plant_unit *unit = b->unit.at;
    conf_report_at(b->report, ((struct signal_from *)b->from.at)[second->signal].row->pos,
                   "%s of %s is counted twice: by point %s of %s and by point %s of %s%s",
                   plant_role_name((enum plant_role)first->role), unit[first->unit].id.s, x->point,
                   x->agent.s, y->point, y->agent.s,
                   one_source ? "" : "; say whom to believe: source: {ROLE: machine} or operator");
}

/* Claims [i, end) are of one quantity of one unit. */
static void judge(struct build *b, const struct claim *c, size_t i, size_t end,
                  const struct unit_row *row) {
    const enum who truth = truth_of(row, c[i].role);
    const bool machine = !c[i].by_operator, people = c[end - 1].by_operator;
    struct plant_signal *s = b->signal.at;
    size_t first = SIZE_MAX;
    if (machine && people && truth == WHO_UNSAID)
        report_double(b, &c[i], &c[end - 1], false);
    for (size_t k = i; k < end; k++) {
        const bool believed = truth == WHO_UNSAID || c[k].by_operator == (truth == WHO_OPERATOR);
        if (!believed) {
            s[c[k].signal].role = ROLE_NONE;
            continue;
        }
        if (first != SIZE_MAX && c[first].by_operator == c[k].by_operator)
            report_double(b, &c[first], &c[k], true);
        first = k;
    }
}

static const struct unit_row *row_of(const struct build *b, uint32_t unit) {
    const struct ident *id = &((struct plant_unit *)b->unit.at)[unit].id;
    for (size_t a = 0; a < b->rows->area_n; a++)
        for (size_t l = 0; l < b->rows->areas[a].line_n; l++) {
            const struct line_row *line = &b->rows->areas[a].lines[l];
            for (size_t u = 0; u < line->unit_n; u++)
                if (ident_equal(&line->units[u].id, id))
                    return &line->units[u];
        }
    return NULL;
}

static void check_roles(struct build *b, uint32_t unit, const struct unit_row *row,
                        const bool has[ROLE_COUNT]) {
    if (has[ROLE_INSPECTED] != has[ROLE_PASSED])
        conf_report_at(b->report, row->pos,
                       "%s reads %s pieces only: the first pass yield takes inspected and passed",
                       ((struct plant_unit *)b->unit.at)[unit].id.s,
                       has[ROLE_INSPECTED] ? "inspected" : "passed");
    if (row->state.from == STATE_MTCONNECT && !has[ROLE_STATE])
        conf_report_at(b->report, row->pos,
                       "%s: state from mtconnect needs the signal state, its EXECUTION",
                       ((struct plant_unit *)b->unit.at)[unit].id.s);
    for (unsigned r = ROLE_AVAILABILITY; r <= ROLE_CONDITION && row->state.from != STATE_MTCONNECT;
         r++)
        if (has[r])
            conf_report_at(
                b->report, row->pos, "%s: %s is looked at with state from mtconnect only",
                ((struct plant_unit *)b->unit.at)[unit].id.s, plant_role_name((enum plant_role)r));
    if (has[ROLE_TOTAL] && has[ROLE_GOOD] && !row->total_has_scrap)
        conf_note_at(b->report, row->pos,
                     "%s: total without scrap and good are the same pieces; good counts",
                     ((struct plant_unit *)b->unit.at)[unit].id.s);
}

void build_claims(struct build *b) {
    const struct plant_signal *s = b->signal.at;
    struct claim *c = calloc(b->signal.n + 1, sizeof *c);
    size_t n = 0;
    if (!c) {
        b->nomem = true;
        return;
    }
    for (size_t i = 0; i < b->signal.n; i++)
        if (s[i].role != ROLE_NONE && s[i].role != ROLE_POWER && s[i].role != ROLE_GAUGE &&
            s[i].unit != UINT32_MAX && s[i].meter == 0)
            c[n++] = (struct claim){s[i].unit, s[i].role,
                                    ((struct signal_from *)b->from.at)[i].by_operator, i};
    qsort(c, n, sizeof *c, by_claim);
    for (uint32_t unit = 0, at = 0; unit < b->unit.n; unit++) {
        const struct unit_row *row = row_of(b, unit);
        struct plant_unit *u = &((struct plant_unit *)b->unit.at)[unit];
        bool has[ROLE_COUNT] = {false};
        if (!row)
            continue;
        check_sources(b, row);
        for (size_t end; at < n && c[at].unit == unit; at = (uint32_t)end) {
            has[c[at].role] = true;
            for (end = at; end < n && c[end].unit == unit && c[end].role == c[at].role;)
                end++;
            judge(b, c, at, end, row);
            if (s[c[at].signal].station != unit && u->entered >> c[at].role & 1)
                conf_report_at(b->report, row->pos,
                               "%s of %s is found at another station and entered by people: it "
                               "would count twice",
                               plant_role_name((enum plant_role)c[at].role), u->id.s);
        }
        check_roles(b, unit, row, has);
        if (has[ROLE_SCRAP]) /* found at another station, too */
            u->missing_class[CLASS_QUALITY] = false;
        if (u->crew_sum && (has[ROLE_TOTAL] || has[ROLE_GOOD]))
            u->missing_class[CLASS_LABOUR] = false;
    }
    free(c);
}
