/* Labour norms, class b: nobody's pay moves without a trial, a consultation, a publication. */
#include <math.h>
#include <stdio.h>

#include "norm/ledger_impl.h"
#include "norm/piecework.h"

static bool check_trial(struct decision *d) {
    const struct norm_trial *t = &d->next.trial;
    const double least = d->l->conf->trial_reach_min;
    if (t->from_ms == NORM_NO_TIME || t->to_ms == NORM_NO_TIME)
        return decide_refuse(d, "trial", "a labour norm needs a trial.");
    if (t->n < 1 || isnan(t->reach))
        return decide_refuse(d, "trial", "the trial has no result yet.");
    if (t->to_ms > (d->c->action == LEDGER_IMPORT ? d->next.from_ms : d->now_ms))
        return decide_refuse(d, "trial.to", "the trial is not over.");
    if (!t->normal_hours)
        return decide_refuse(d, "trial.normal_hours", "the trial was not inside normal hours.");
    if (t->reach < least)
        return decide_refuse(d, "trial.reach",
                             "%.1f %% of the team-shifts met it in the trial, %.1f %% are needed.",
                             100 * t->reach, 100 * least);
    return true;
}

/* The time of a piece: of an output it is its reciprocal. */
static double time_of(const struct norm *n, double value) {
    return n->direction == HIGH_IS_BETTER ? 1 / value : value;
}

static bool is_piece_paid(const struct norm *n, const struct norm *was) {
    return n->piece_paid || (was && was->piece_paid);
}

bool check_labour(struct decision *d) {
    const struct norm *n = &d->next;
    const struct norm *was = revised_by(d);
    if (n->norm_class != CLASS_LABOUR || !norm_is_own(n))
        return true;
    if (!check_trial(d))
        return false;
    if (n->consultation.t_ms == NORM_NO_TIME || !n->consultation.with[0])
        return decide_refuse(d, "consultation", "a labour norm needs a consultation record.");
    if (n->publication.t_ms == NORM_NO_TIME)
        return decide_refuse(d, "publication", "a labour norm needs a publication date.");
    if (n->publication.t_ms > n->from_ms)
        return decide_refuse(d, "publication.date",
                             "it is to be published not later than it is valid from.");
    if (was && is_piece_paid(n, was) && n->choice.kind == CHOICE_NONE)
        return decide_refuse(d, "pay",
                             "its operation is paid by the piece: choose keep_supplement or "
                             "keep_incentive first.");
    return true;
}

/* rho of one team under the choice. */
static bool read_team(struct decision *d, const struct norm_pay_team *t, double was,
                      struct piecework_reading *out) {
    const struct norm *n = &d->next;
    const struct piecework p = {.norm_h = time_of(n, was),
                                .revised_h = time_of(n, n->value),
                                .taken_h = time_of(n, t->taken),
                                .supplement = n->choice.supplement};
    return piecework_read(&p, out) == ERR_OK ||
           decide_refuse(d, "pay.teams", "%s: times must be above 0, the supplement above -1.",
                         t->team.s);
}

bool check_choice(struct decision *d) {
    struct norm *n = &d->next;
    struct norm_choice *c = &n->choice;
    const struct norm *was = revised_by(d);
    const double least = d->l->conf->incentive_min;
    struct norm_values v;
    if (n->norm_class != CLASS_LABOUR || !is_piece_paid(n, was))
        return decide_refuse(d, "pay", "only a labour norm that is paid by the piece has it.");
    if (!was || !convert_norm(d->l, was, n->unit, &v))
        return decide_refuse(d, "pay", "it revises no norm in force: there is nothing to keep.");
    if (c->kind != CHOICE_SUPPLEMENT && c->kind != CHOICE_INCENTIVE)
        return decide_refuse(d, "pay.kind", "choose keep_supplement or keep_incentive.");
    if (isnan(c->supplement) || c->team_n == 0)
        return decide_refuse(d, "pay.teams",
                             "the supplement before and each team's last quarter are needed.");
    c->revised_from = v.value;
    c->incentive_least = NAN;
    for (size_t i = 0; i < c->team_n; i++) {
        struct piecework_reading r;
        if (!read_team(d, &c->team[i], v.value, &r))
            return false;
        const bool keep_k = c->kind == CHOICE_SUPPLEMENT;
        const double rho = keep_k ? r.incentive_cut : r.incentive;
        c->supplement_after = keep_k ? c->supplement : r.supplement;
        c->incentive_least = fmin(c->incentive_least, rho);
        if (rho < least)
            return decide_refuse(d, "pay",
                                 "%s's incentive would be %.2f %%, the least allowed is %.2f %%.",
                                 c->team[i].team.s, 100 * rho, 100 * least);
    }
    return true;
}
