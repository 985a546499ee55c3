/* Labour norms, class b: nobody's pay moves without a trial, a consultation, a publication. */
#include <math.h>
#include <stdio.h>
#include <string.h>

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

/* --- what it revises ----------------------------------------------------------------------------
 */

/* Of all scopes in which it takes the place of another one of ours. */
struct revision {
    const struct norm *was, *other; /* the first; one of another value. NULL: none */
    bool labour, piece_paid;
    struct ident team[NORM_TEAMS_MAX]; /* whose pay moves, as far as plant and ledger know them */
    size_t team_n;
    bool too_many;
};

static bool has_team(const struct revision *r, const char *team) {
    for (size_t i = 0; i < r->team_n; i++)
        if (strcmp(r->team[i].s, team) == 0)
            return true;
    return false;
}

static void add_team(struct revision *r, const char *team) {
    if (!*team || has_team(r, team))
        return;
    if (r->team_n == NORM_TEAMS_MAX) {
        r->too_many = true;
        return;
    }
    if (ident_set(&r->team[r->team_n], span_str(team)))
        r->team_n++;
}

struct looking {
    const struct decision *d;
    const struct touch *t;
    struct revision *r;
    uint32_t unit;
};

/* A team that has a norm of its own there keeps it. */
static void consider_team(struct looking *x, const char *team) {
    const struct ledger *l = x->d->l;
    const struct norm *w = &x->t->was->norm;
    struct ledger_scope of = x->t->of;
    of.node = l->plant->unit[x->unit].node;
    of.team = team;
    if (stood_at(l, &l->of[w->indicator], w->quantity, &of, x->t->t_ms) == x->t->was)
        add_team(x->r, team);
}

static void take_team(void *user, const char *team) {
    consider_team(user, team);
}

/* Teams of the rota, by any calendar that the unit's shifts ever had, and those that worked there.
 */
static void teams_of_unit(struct looking *x) {
    const struct plant *p = x->d->l->plant;
    const uint32_t calendar = p->unit[x->unit].calendar;
    for (size_t i = 0; i < p->calendar_n && calendar < p->calendar_n; i++) {
        const struct plant_calendar *c = &p->calendar[i];
        if (!ident_equal(&c->id, &p->calendar[calendar].id))
            continue;
        for (size_t k = 0; k < c->rota_n; k++)
            for (size_t t = 0; t < c->rota[k].team_n; t++)
                consider_team(x, c->rota[k].team[t].s);
    }
    if (x->d->l->teams.each)
        x->d->l->teams.each(x->d->l->teams.user, x->unit, take_team, x);
}

static void add_touch(struct decision *d, const struct touch *t, void *user) {
    struct revision *r = user;
    const struct norm *w = &t->was->norm;
    struct looking x = {.d = d, .t = t, .r = r};
    struct norm_values a, b;
    r->labour = r->labour || w->norm_class == CLASS_LABOUR;
    r->piece_paid = r->piece_paid || w->piece_paid;
    if (!r->was)
        r->was = w;
    else if (!convert_norm(d->l, r->was, d->next.unit, &a) ||
             !convert_norm(d->l, w, d->next.unit, &b) || a.value < b.value || a.value > b.value)
        r->other = w;
    if (t->of.team && *t->of.team) {
        add_team(r, t->of.team);
        return;
    }
    for (x.unit = 0; x.unit < d->l->plant->unit_n; x.unit++)
        if (node_covers(d->l, t->of.node, d->l->plant->unit[x.unit].node))
            teams_of_unit(&x);
}

static void find_revision(struct decision *d, struct revision *r) {
    *r = (struct revision){.piece_paid = d->next.piece_paid,
                           .labour = d->next.norm_class == CLASS_LABOUR};
    each_touched(d, add_touch, r);
}

/* --- the piece rate -----------------------------------------------------------------------------
 */

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

/* What a document tells of a time that is over was chosen among the teams, and under the minimum,
 * of then. */
static bool is_history(const struct decision *d) {
    return d->c->action == LEDGER_IMPORT && d->next.from_ms < d->now_ms;
}

/* All whose pay moves, each once. */
static bool check_teams(struct decision *d, const struct revision *r) {
    const struct norm_choice *c = &d->next.choice;
    if (r->too_many)
        return decide_refuse(d, "pay.teams",
                             "the pay of more than %d teams would move at once: revise it for "
                             "fewer units, one after the other.",
                             NORM_TEAMS_MAX);
    for (size_t i = 0; i < c->team_n; i++)
        for (size_t k = 0; k < i; k++)
            if (ident_equal(&c->team[i].team, &c->team[k].team))
                return decide_refuse(d, "pay.teams", "%s stands there twice.", c->team[i].team.s);
    for (size_t i = 0; i < r->team_n && !is_history(d); i++) {
        bool told = false;
        for (size_t k = 0; k < c->team_n; k++)
            told = told || ident_equal(&c->team[k].team, &r->team[i]);
        if (!told)
            return decide_refuse(d, "pay.teams",
                                 "the pay of %s would move, too: its last quarter is needed.",
                                 r->team[i].s);
    }
    return true;
}

/* One choice is of one norm that is revised: with another T0 another k1 would keep the incentive.
 */
static bool check_one_norm(struct decision *d, const struct revision *r, double *was) {
    struct norm_values v;
    if (!r->was || !convert_norm(d->l, r->was, d->next.unit, &v))
        return decide_refuse(d, "pay", "it revises no norm in force: there is nothing to keep.");
    *was = v.value;
    if (!r->other)
        return true;
    d->out->refusal.collides = r->other->id;
    return decide_refuse(d, "pay",
                         "it would take the place of %s and of %s, which pay differently: revise "
                         "each for its own scope.",
                         r->was->id.s, r->other->id.s);
}

/* Fills in what follows from the teams' times. */
static bool read_choice(struct decision *d, const struct revision *r, double was) {
    struct norm_choice *c = &d->next.choice;
    const bool keep_k = c->kind == CHOICE_SUPPLEMENT;
    if (c->kind != CHOICE_SUPPLEMENT && c->kind != CHOICE_INCENTIVE)
        return decide_refuse(d, "pay.kind", "choose keep_supplement or keep_incentive.");
    if (isnan(c->supplement) || c->team_n == 0)
        return decide_refuse(d, "pay.teams",
                             "the supplement before and each team's last quarter are needed.");
    if (!check_teams(d, r))
        return false;
    c->revised_from = was;
    c->incentive_least = NAN;
    for (size_t i = 0; i < c->team_n; i++) {
        struct piecework_reading p;
        if (!read_team(d, &c->team[i], was, &p))
            return false;
        const double rho = keep_k ? p.incentive_cut : p.incentive;
        c->supplement_after = keep_k ? c->supplement : p.supplement;
        c->incentive_least = fmin(c->incentive_least, rho);
        if (rho < d->l->conf->incentive_min && !is_history(d))
            return decide_refuse(d, "pay",
                                 "%s's incentive would be %.2f %%, the least allowed is %.2f %%.",
                                 c->team[i].team.s, 100 * rho, 100 * d->l->conf->incentive_min);
    }
    return true;
}

bool check_choice(struct decision *d) {
    struct revision r;
    double was = NAN;
    find_revision(d, &r);
    if (d->next.norm_class != CLASS_LABOUR || !r.piece_paid)
        return decide_refuse(d, "pay", "only a labour norm that is paid by the piece has it.");
    return check_one_norm(d, &r, &was) && read_choice(d, &r, was);
}

/* What was chosen is of that norm and of all teams still. What a document says of it is reckoned
 * again. */
static bool check_chosen(struct decision *d, const struct revision *r) {
    const struct norm_choice c = d->next.choice;
    double was = NAN;
    if (c.kind == CHOICE_NONE)
        return decide_refuse(d, "pay",
                             "its operation is paid by the piece: choose keep_supplement or "
                             "keep_incentive first.");
    if (!r->was)
        was = c.revised_from; /* a document may tell it before the norm that it revised */
    else if (!check_one_norm(d, r, &was))
        return false;
    if (was < c.revised_from || was > c.revised_from || isnan(c.revised_from)) {
        if (r->was)
            d->out->refusal.collides = r->was->id;
        return decide_refuse(d, "pay", "it was chosen against another norm than %s: choose again.",
                             r->was ? r->was->id.s : "the one that pay.revised_from tells");
    }
    if (!read_choice(d, r, was))
        return false;
    const struct norm_choice *now = &d->next.choice;
    if (fabs(now->supplement_after - c.supplement_after) > 1e-9 ||
        fabs(now->incentive_least - c.incentive_least) > 1e-9)
        return decide_refuse(d, "pay",
                             "the teams' times give a supplement of %.6g and a least incentive of "
                             "%.6g, not what stands there.",
                             now->supplement_after, now->incentive_least);
    d->next.choice = c; /* to the last digit as it was chosen */
    return true;
}

bool check_labour(struct decision *d) {
    const struct norm *n = &d->next;
    struct revision r;
    if (!norm_is_own(n))
        return true;
    find_revision(d, &r);
    if (!r.labour)
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
    const bool told = d->c->action == LEDGER_IMPORT && n->choice.kind != CHOICE_NONE;
    return !r.piece_paid || !(r.was || told) || check_chosen(d, &r);
}
