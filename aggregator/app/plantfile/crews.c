/* Crews: people who tend several units are split by weight, so that no minute of theirs counts
 * twice. */
#include <stdlib.h>
#include <string.h>

#include "plantfile/build.h"

/* 0: no weight. */
static int64_t weight_of(struct build *b, const struct conf_pair *p) {
    char *end = NULL;
    const long long w = strtoll(p->value, &end, 10);
    if (end != p->value && *end == 0 && w > 0 && w <= PLANT_CREW_SUM_MAX)
        return w;
    conf_report_at(b->report, p->pos, "a weight is a whole number from 1 to %lld, not \"%s\"",
                   (long long)PLANT_CREW_SUM_MAX, p->value);
    return 0;
}

static uint32_t unit_of(struct build *b, const struct conf_pair *p) {
    struct ident id;
    const uint32_t unit = ident_set(&id, span_str(p->key)) ? build_find_unit(b, &id) : UINT32_MAX;
    if (unit == UINT32_MAX)
        build_missing(b, p->pos, "unit", p->key, b->unit.at, sizeof(struct plant_unit), b->unit.n);
    return unit;
}

static void join(struct build *b, const struct crew_row *row, const struct conf_pair *p,
                 int64_t *sum) {
    static const struct ident nobody = {""};
    const uint32_t unit = unit_of(b, p);
    const int64_t weight = weight_of(b, p);
    if (unit == UINT32_MAX || weight == 0)
        return;
    struct plant_unit *u = &((struct plant_unit *)b->unit.at)[unit];
    if (u->entered >> ROLE_HEADCOUNT & 1)
        conf_report_at(b->report, p->pos, "people enter the headcount of %s: it would count twice",
                       u->id.s);
    if (u->crew_weight)
        conf_report_at(b->report, p->pos, "%s has a crew already", u->id.s);
    else if (u->default_headcount >= 0)
        conf_report_at(b->report, p->pos, "%s has a headcount of its own, so people count twice",
                       u->id.s);
    if (u->manning_n > 0)
        conf_report_at(b->report, p->pos,
                       "%s has a manning norm of its own: its people are the crew's, and so is the "
                       "norm",
                       u->id.s);
    u->crew_before = *sum;
    u->crew_weight = weight;
    u->default_headcount = row->persons;
    *sum += weight;
    build_manning(b, row->manning, row->manning_n, unit);
    if (row->headcount_given)
        build_add_signal(b, &row->headcount, ROLE_HEADCOUNT, unit, &nobody);
}

static void fill_crew(struct build *b, const struct crew_row *row) {
    struct plant_unit *unit = b->unit.at;
    int64_t sum = 0;
    if (row->persons < 0 && !row->headcount_given)
        conf_report_at(b->report, row->pos, "crew %s has neither persons nor headcount", row->id.s);
    for (size_t i = 0; i < row->unit_n && !b->nomem; i++)
        join(b, row, &row->units[i], &sum);
    if (sum > PLANT_CREW_SUM_MAX)
        conf_report_at(b->report, row->pos, "the weights of crew %s sum to more than %lld",
                       row->id.s, (long long)PLANT_CREW_SUM_MAX);
    for (size_t i = 0; i < row->unit_n; i++) {
        struct ident id;
        const uint32_t u =
            ident_set(&id, span_str(row->units[i].key)) ? build_find_unit(b, &id) : UINT32_MAX;
        if (u != UINT32_MAX)
            unit[u].crew_sum = sum;
    }
}

void build_crews(struct build *b) {
    for (size_t i = 0; i < b->rows->crew_n && !b->nomem; i++)
        fill_crew(b, &b->rows->crews[i]);
}
