/* Status by unit and team over a span. A figure of several shifts is held against the mean of the
 * norms that were in force at each of them, weighted as its denominator is. */
#include <stdlib.h>

#include "engine/normed.h"

struct tally { /* of one row, while shifts come */
    struct span team;
    size_t shifts;
    struct sums sums;
    struct attain_sums of[INDICATOR_COUNT];
    bool band[INDICATOR_COUNT];
    double low[INDICATOR_COUNT], high[INDICATOR_COUNT]; /* sums of norm x denominator */
};

enum { TEAMS_MAX = 64 };

struct telling {
    const struct normed_query *q;
    struct normed_status *out;
    struct tally *tally; /* [0]: the unit; behind it one a team */
    size_t n;
    bool normed[INDICATOR_COUNT]; /* some norm of the ledger is of it */
};

static void hold(const struct normed_query *q, const struct team_shift *s, enum indicator i,
                 struct tally *t) {
    const struct indicator_value v = indicator_of(i, s->all);
    struct attain_norm norm;
    if (!v.defined || !normed_at(q, s, i, &norm, NULL))
        return;
    t->band[i] = norm.band;
    t->low[i] += norm.low * v.denominator;
    t->high[i] += norm.high * v.denominator;
    attain_add(&t->of[i], i, &norm, v.numerator, v.denominator);
}

static struct tally *team_of(struct telling *x, struct span team) {
    for (size_t k = 1; k < x->n; k++)
        if (span_equal(x->tally[k].team, team))
            return &x->tally[k];
    if (x->n == TEAMS_MAX)
        return NULL;
    x->tally[x->n] = (struct tally){.team = team};
    return &x->tally[x->n++];
}

static void add(struct telling *x, struct tally *t, const struct team_shift *s) {
    t->shifts++;
    sums_add(&t->sums, s->all);
    for (unsigned i = 0; i < INDICATOR_COUNT; i++)
        if (x->normed[i])
            hold(x->q, s, (enum indicator)i, t);
}

static enum err take(void *user, const struct team_shift *s) {
    struct telling *x = user;
    add(x, &x->tally[0], s);
    if (s->team.n == 0)
        return ERR_OK;
    struct tally *t = team_of(x, s->team);
    if (!t)
        return ERR_FULL;
    add(x, t, s);
    return ERR_OK;
}

/* Of a span: the norm that its sums are held against. */
static bool look(void *user, enum indicator i, struct attain_norm *out) {
    const struct tally *t = user;
    const double weight = t->of[i].denominator;
    if (t->of[i].n == 0 || !(weight > 0))
        return false;
    *out = (struct attain_norm){.band = t->band[i],
                                .value = t->of[i].normed / weight,
                                .low = t->low[i] / weight,
                                .high = t->high[i] / weight};
    return true;
}

static enum err put_rows(struct telling *x, uint32_t node) {
    struct normed_status *out = x->out;
    struct normed_status_row *row = realloc(out->row, (out->n + x->n) * sizeof *row);
    if (!row)
        return ERR_NOMEM;
    out->row = row;
    for (size_t k = 0; k < x->n; k++) {
        struct normed_status_row *r = &out->row[out->n++];
        *r = (struct normed_status_row){
            .node = node, .team = x->tally[k].team, .shifts = x->tally[k].shifts};
        norm_status_whole(x->q->plant, &x->tally[k].sums, look, &x->tally[k], &r->whole);
    }
    return ERR_OK;
}

/* What no team and no product had is the unit's, too: its whole windows less the others. */
struct remainder {
    struct sums sums;
};
static enum err add_whole(void *user, const struct window *w) {
    struct remainder *r = user;
    sums_add(&r->sums, &w->sums);
    return ERR_OK;
}

static enum err tell_unit(struct telling *x, uint32_t node, const struct history_reader *r) {
    struct normed_query q = *x->q;
    const struct shifts_query ask = {q.plant, node, q.from_ms, q.to_ms};
    struct remainder whole = {0};
    q.node = node;
    x->n = 1;
    x->tally[0] = (struct tally){0};
    enum err err = normed_each(&q, r, true, &x->out->words, take, x);
    if (!err && !q.product && !q.team)
        err = shifts_read_whole(&ask, r, add_whole, &whole);
    if (!err && !sums_zero(&whole.sums))
        x->tally[0].sums = whole.sums;
    return err ? err : put_rows(x, node);
}

enum err normed_status(const struct normed_query *q, const struct history_reader *r,
                       struct normed_status *out) {
    struct telling x = {.q = q, .out = out, .tally = calloc(TEAMS_MAX, sizeof *x.tally)};
    enum err err = x.tally ? ERR_OK : ERR_NOMEM;
    *out = (struct normed_status){0};
    x.normed[IND_MANNING] = q->plant->has_manning;
    for (size_t i = 0; i < ledger_count(q->ledger); i++)
        if (ledger_at(q->ledger, i)->indicator < INDICATOR_COUNT)
            x.normed[ledger_at(q->ledger, i)->indicator] = true;
    for (uint32_t u = 0; u < q->plant->unit_n && !err; u++)
        if (window_counts(q->plant, q->node, u))
            err = tell_unit(&x, q->plant->unit[u].node, r);
    free(x.tally);
    return err;
}

void normed_status_fini(struct normed_status *s) {
    free(s->row);
    normed_words_fini(&s->words);
}
