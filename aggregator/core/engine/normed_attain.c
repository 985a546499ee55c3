/* Attainment with the norm in force at each shift's begin. */
#include "engine/normed.h"

struct attaining {
    const struct normed_query *q;
    struct normed_attain *out;
};

static enum err take(void *user, const struct team_shift *s) {
    struct attaining *a = user;
    struct attain_norm norm;
    const bool normed = normed_at(a->q, s, a->q->indicator, &norm, NULL);
    const struct attain_shift one = {.shift = s,
                                     .node = s->node,
                                     .period = norm_period(a->q->plant, s->start_ms),
                                     .norm = normed ? &norm : NULL};
    return attain_table_add(&a->out->table, &one);
}

enum err normed_attain(const struct normed_query *q, const struct history_reader *r,
                       struct normed_attain *out) {
    struct attaining a = {q, out};
    *out = (struct normed_attain){.table = {.by = q->by | ATTAIN_BY_NODE,
                                            .indicator = q->indicator,
                                            .coverage_min = STATUS_COVERAGE_MIN}};
    const enum err err = normed_each(q, r, !(q->by & ATTAIN_BY_NODE), &out->words, take, &a);
    attain_sort(&out->table);
    return err;
}

void normed_attain_fini(struct normed_attain *a) {
    attain_table_fini(&a->table);
    normed_words_fini(&a->words);
}
