/* A review as events: of each norm that somebody has to act on its verdict, of each class without
 * any norm that it is neglected. */
#include <math.h>
#include <stdlib.h>

#include "engine/announce.h"
#include "norm/propose.h"

struct finding {
    struct announce_findings *out;
    const struct plant *p;
    enum err err;
};

/* NULL: there is no room, or no more memory. */
static struct alert_event *add(struct finding *x, uint32_t node, enum alert_why why) {
    struct announce_findings *f = x->out;
    if (f->n == ANNOUNCE_FINDINGS_MAX) {
        f->left_out++;
        return NULL;
    }
    if (f->n == f->cap) {
        const size_t cap = f->cap ? f->cap * 2 : 16;
        struct alert_event *at = realloc(f->at, cap * sizeof *at);
        if (!at) {
            x->err = ERR_NOMEM;
            return NULL;
        }
        f->at = at;
        f->cap = cap;
    }
    struct alert_event *e = &f->at[f->n++];
    *e = (struct alert_event){.node = x->p->node[node].id,
                              .why = (uint8_t)why,
                              .severity = ALERT_LOW,
                              .value = (double)NAN,
                              .threshold = (double)NAN,
                              .until_ms = f->to_ms};
    return e;
}

/* Where there is no norm, the class stands in the place of its id. */
static void name_class(struct alert_event *e, uint8_t norm_class) {
    e->norm.norm_class = norm_class;
    (void)ident_set(&e->rule, span_str(norm_class_name((enum norm_class)norm_class)));
}

/* --- neglected ---------------------------------------------------------------------------------
 */

/* Rows of a unit stand together, its own first: whom the unit's own row names, its teams' need not.
 */
static void find_neglected(struct finding *x, const struct normed_status *s) {
    const struct normed_status_row *unit = NULL;
    for (size_t i = 0; i < s->n && !x->err; i++) {
        const struct normed_status_row *row = &s->row[i];
        unit = row->team.n == 0 ? row : unit;
        for (unsigned c = 0; c < CLASS_COUNT && !x->err; c++) {
            const bool known = row != unit && unit && unit->whole.of[c].neglected;
            if (!row->whole.of[c].neglected || known)
                continue;
            struct alert_event *e = add(x, row->node, ALERT_WHY_NORM_NEGLECTED);
            if (!e)
                continue;
            name_class(e, (uint8_t)c);
            e->norm.state = (uint8_t)row->whole.of[c].status;
            announce_text(e->note, sizeof e->note, row->team);
        }
    }
}

static bool is_neglected(const struct normed_status *s, uint32_t node, uint8_t norm_class) {
    for (size_t i = 0; i < s->n; i++)
        if (s->row[i].node == node && s->row[i].team.n == 0 &&
            s->row[i].whole.of[norm_class].neglected)
            return true;
    return false;
}

/* --- verdicts ----------------------------------------------------------------------------------
 */

static bool wants_action(const struct normed_review_row *row) {
    return row->out.verdict != REVIEW_KEEP && row->out.verdict != REVIEW_NOT_ENOUGH_BASIS;
}

static void tell_verdict(struct finding *x, const struct normed_review_row *row) {
    const struct norm *n = row->norm;
    const uint32_t scope = n && n->scope.node.s[0] ? plant_find_node(x->p, n->scope.node.s) : 0;
    struct alert_event *e = add(x, n ? scope : row->node, ALERT_WHY_NORM_REVIEW);
    if (!e)
        return;
    name_class(e, row->norm_class);
    if (n)
        e->rule = n->id;
    e->norm.verdict = row->out.verdict;
    e->norm.reasons = row->out.reasons;
    e->norm.state = NORM_IN_FORCE;
    e->value = row->in.median;
    e->threshold = row->in.reach;
    announce_text(e->note, sizeof e->note, n ? span_str(n->scope.product.s) : row->product);
    announce_text(e->who, sizeof e->who, n ? span_str(n->owner) : span_of(NULL, 0));
}

static void find_verdicts(struct finding *x, const struct normed_review *r,
                          const struct normed_status *s) {
    for (size_t i = 0; i < r->n && !x->err; i++) {
        const struct normed_review_row *row = &r->row[i];
        if (wants_action(row) && (row->norm || !is_neglected(s, row->node, row->norm_class)))
            tell_verdict(x, row);
    }
}

/* --- both --------------------------------------------------------------------------------------
 */

enum err announce_review(const struct ledger_conf *conf, const struct plant *p,
                         const struct history_reader *r, int64_t to_ms, bool verdicts,
                         bool neglected, struct announce_findings *out) {
    struct finding x = {.out = out, .p = p};
    struct normed_review review = {0};
    struct normed_status status = {0};
    struct ledger *l = NULL;
    *out = (struct announce_findings){.to_ms = to_ms};
    enum err err = normed_ledger(conf, p, r, &l);
    struct normed_query q = {.plant = p,
                             .ledger = l,
                             .from_ms = norm_period_begin(p, norm_period(p, to_ms) - 1),
                             .to_ms = to_ms};
    if (!err && neglected)
        err = normed_status(&q, r, &status);
    if (!err && verdicts)
        err = normed_review(&q, r, &review);
    if (!err) {
        find_verdicts(&x, &review, &status);
        find_neglected(&x, &status);
    }
    normed_review_fini(&review);
    normed_status_fini(&status);
    ledger_close(l);
    return err ? err : x.err;
}

void announce_findings_fini(struct announce_findings *f) {
    free(f->at);
    *f = (struct announce_findings){0};
}
