/* The life of a norm: which command is allowed in which state, who may give it, what becomes of the
 * norm. In force and superseded are no states here: dates make them (norm_state_at). */
#include <math.h>
#include <stdio.h>

#include "base/utc.h"
#include "norm/ledger_impl.h"

#define IN(state) (1u << NORM_##state)
enum { NEW = 1u << NORM_STATE_COUNT, OPEN = IN(PROPOSED) | IN(TRIAL) | IN(SUBMITTED) };

struct life {
    unsigned from;  /* set of states, or NEW */
    unsigned parts; /* what of the command's norm is taken */
    bool needs_why;
    bool (*go)(struct decision *d);
};

/* --- who -------------------------------------------------------------------------------------- */

static bool has(const struct decision *d, enum norm_right right) {
    return ledger_command_may(d->l->conf, d->c, right, (enum norm_class)d->next.norm_class,
                              ledger_level(d->l, &d->next));
}

static bool need(struct decision *d, enum norm_right right) {
    if (has(d, right))
        return true;
    return decide_refuse(d, "who", "%.64s has no right to %s norms of class %s there.", d->c->who,
                         norm_right_name(right),
                         norm_class_name((enum norm_class)d->next.norm_class));
}

static bool is_proposer(const struct decision *d) {
    return same_name(d->next.proposed_by, d->c->who);
}

static bool need_other(struct decision *d) {
    if (!is_proposer(d))
        return true;
    return decide_refuse(d, "who", "%.64s proposed it: another one has to decide.", d->c->who);
}

/* Who carries a proposal on: its proposer, or whoever may propose or approve by name. */
static bool need_part(struct decision *d) {
    if (is_proposer(d) || has(d, RIGHT_PROPOSE))
        return true;
    return need(d, RIGHT_APPROVE);
}

/* --- what is due next ------------------------------------------------------------------------- */

static const char *approver(const struct decision *d) {
    return ledger_whose(d->l->conf, RIGHT_APPROVE, (enum norm_class)d->next.norm_class,
                        ledger_level(d->l, &d->next));
}

static void due(struct decision *d, int64_t from_ms, int64_t days, const char *owner) {
    d->next.due_ms = d->c->due_ms != NORM_NO_TIME ? d->c->due_ms : from_ms + days * UTC_DAY_MS;
    d->next.owner = d->c->owner ? d->c->owner : owner;
}

static bool to_state(struct decision *d, enum norm_state state) {
    d->next.state = (uint8_t)state;
    return true;
}

/* --- commands --------------------------------------------------------------------------------- */

/* What was said of another value says nothing of this one. */
static void forget_records(struct decision *d) {
    struct norm *n = &d->next;
    const struct norm *w = d->was;
    const bool same = w && n->value == w->value && strcmp(n->unit, w->unit) == 0 &&
                      norm_same_scope(n, w) && norm_same_subject(n, w);
    if (!same)
        norm_clear(n, PART_TRIAL | PART_RESULT | PART_CONSULTATION | PART_PUBLICATION |
                          PART_CHOICE | PART_CEILING);
    n->answer = n->answered_by = "";
    n->answered_ms = NORM_NO_TIME;
}

static bool author(struct decision *d) {
    if (d->was && !is_proposer(d))
        return decide_refuse(d, "who", "it is %.64s's.", d->was->proposed_by);
    d->next.proposed_by = d->c->who;
    if (d->l->conf->anyone_proposes)
        return true;
    return need(d, RIGHT_PROPOSE);
}

static bool draft(struct decision *d) {
    if (!check_content(d) || !author(d))
        return false;
    forget_records(d);
    due(d, d->now_ms, d->l->conf->due_days.draft, d->c->who);
    if (!d->was)
        d->next.state = NORM_DRAFT; /* else it stays what it is */
    return true;
}

static bool propose(struct decision *d) {
    if (!check_content(d) || !author(d) || !check_floor(d))
        return false;
    warn_ceiling(d);
    forget_records(d);
    d->next.proposed_ms = d->now_ms;
    due(d, d->now_ms, d->l->conf->due_days.answer, approver(d));
    return to_state(d, NORM_PROPOSED);
}

static bool answer(struct decision *d) {
    if (!need(d, RIGHT_APPROVE) || !need_other(d))
        return false;
    if (d->next.answered_ms != NORM_NO_TIME)
        return decide_refuse(d, "id", "it is answered already: %.200s", d->next.answer);
    d->next.answer = d->c->why;
    d->next.answered_by = d->c->who;
    d->next.answered_ms = d->now_ms;
    due(d, d->now_ms, d->l->conf->due_days.submit, d->next.proposed_by);
    if (d->c->accept)
        return true;
    d->next.due_ms = NORM_NO_TIME;
    d->next.owner = "";
    return to_state(d, NORM_WITHDRAWN);
}

static bool is_answered(struct decision *d) {
    if (d->next.answered_ms != NORM_NO_TIME)
        return true;
    return decide_refuse(d, "id", "the proposal is not answered yet.");
}

static bool trial(struct decision *d) {
    const struct norm_trial *t = &d->next.trial;
    if (!need_part(d) || !is_answered(d))
        return false;
    if (t->from_ms == NORM_NO_TIME || t->to_ms == NORM_NO_TIME || t->to_ms <= t->from_ms)
        return decide_refuse(d, "trial", "a trial needs its begin and, behind it, its end.");
    norm_clear(&d->next, PART_RESULT); /* of other dates */
    due(d, t->to_ms, d->l->conf->due_days.trial, d->next.proposed_by);
    return to_state(d, NORM_TRIAL);
}

static bool result(struct decision *d) {
    const struct norm_trial *t = &d->next.trial;
    if (!need_part(d))
        return false;
    if (t->n < 1 || !(t->reach >= 0 && t->reach <= 1))
        return decide_refuse(d, "trial", "a result has team-shifts and a reach from 0 to 1.");
    if (d->now_ms < t->to_ms)
        return decide_refuse(d, "trial.to", "the trial is not over.");
    due(d, d->now_ms, d->l->conf->due_days.submit, d->next.proposed_by);
    return true;
}

static bool consult(struct decision *d) {
    if (!need_part(d))
        return false;
    if (d->next.consultation.t_ms == NORM_NO_TIME || !d->next.consultation.with[0])
        return decide_refuse(d, "consultation", "a consultation has a date and whom it was with.");
    if (d->next.consultation.t_ms <= d->now_ms)
        return true;
    return decide_refuse(d, "consultation.date", "it has not been yet.");
}

static bool publish(struct decision *d) {
    if (!need_part(d))
        return false;
    if (d->next.publication.t_ms != NORM_NO_TIME)
        return true;
    return decide_refuse(d, "publication.date", "a publication has a date.");
}

static bool choose(struct decision *d) {
    return need(d, RIGHT_APPROVE) && check_choice(d);
}

static bool submit(struct decision *d) {
    if (!need_part(d) || !is_answered(d) || !check_floor(d))
        return false;
    warn_ceiling(d);
    due(d, d->now_ms, d->l->conf->due_days.approve, approver(d));
    return to_state(d, NORM_SUBMITTED);
}

static bool give_back(struct decision *d) {
    if (!need(d, RIGHT_APPROVE) || !need_other(d))
        return false;
    d->next.correction = d->c->why;
    if (d->next.answered_ms == NORM_NO_TIME) {
        d->next.answer = d->c->why;
        d->next.answered_by = d->c->who;
        d->next.answered_ms = d->now_ms;
    }
    due(d, d->now_ms, d->l->conf->due_days.correct, d->next.proposed_by);
    return to_state(d, NORM_RETURNED);
}

static bool not_past(struct decision *d) {
    char from[16];
    if (d->next.from_ms >= d->now_ms)
        return true;
    date_text(d->l, d->next.from_ms, from);
    return decide_refuse(d, "from",
                         "%s has passed: a norm never comes into force backwards. Approve it with "
                         "a later date.",
                         from);
}

static bool approve(struct decision *d) {
    if (d->c->norm && d->c->norm->from_ms != NORM_NO_TIME)
        d->next.from_ms = d->c->norm->from_ms;
    if (!need(d, RIGHT_APPROVE) || !need_other(d) || !not_past(d) || !check_floor(d) ||
        !check_labour(d) || !check_ceiling(d) || !check_change(d))
        return false;
    d->next.approved_by = d->c->who;
    d->next.approved_ms = d->now_ms;
    due(d, d->next.from_ms, d->l->conf->due_days.review, approver(d));
    return to_state(d, NORM_APPROVED);
}

static bool withdraw_approved(struct decision *d) {
    const int64_t t_ms = d->c->at_ms != NORM_NO_TIME ? d->c->at_ms : d->now_ms;
    if (!need(d, norm_is_own(&d->next) ? RIGHT_LOOSEN : RIGHT_IMPORT))
        return false;
    if (t_ms < d->now_ms)
        return decide_refuse(d, "at", "it was in force until now: what has passed stays.");
    if (norm_state_at(d->was, d->now_ms) >= NORM_SUPERSEDED)
        return decide_refuse(d, "id", "it is not in force any more.");
    d->next.withdrawn_ms = t_ms;
    d->next.due_ms = NORM_NO_TIME;
    d->next.owner = "";
    return true;
}

static bool withdraw(struct decision *d) {
    if (d->was->state == NORM_APPROVED)
        return withdraw_approved(d);
    if (!is_proposer(d) && !need(d, RIGHT_APPROVE))
        return false;
    d->next.due_ms = NORM_NO_TIME;
    d->next.owner = "";
    return to_state(d, NORM_WITHDRAWN);
}

/* Nothing that held when something happened may hold no more. */
static bool nothing_rewritten(struct decision *d) {
    const struct entries *of = &d->l->of[d->next.indicator];
    for (size_t i = 0; i < of->n; i++) {
        const struct norm *w = &of->at[i]->norm;
        if (!norm_same_chain(&d->next, w) || w->state != NORM_APPROVED)
            continue;
        if (d->next.from_ms < d->now_ms && d->next.from_ms >= w->from_ms &&
            d->next.from_ms < w->to_ms) {
            d->out->refusal.collides = w->id;
            return decide_refuse(d, "from",
                                 "%s was in force there: what has passed is not rewritten. Give a "
                                 "date from now on.",
                                 w->id.s);
        }
    }
    const struct norm *w = norm_is_own(&d->next) ? rewritten_by(d) : NULL;
    if (!w)
        return true;
    d->out->refusal.collides = w->id;
    return decide_refuse(d, "from",
                         "%s was in force there, and this one would take its place: what has "
                         "passed is not rewritten. Give a date from now on.",
                         w->id.s);
}

static bool import_approved(struct decision *d) {
    struct norm *n = &d->next;
    const bool lived = n->proposed_by[0] && n->answered_ms != NORM_NO_TIME; /* in some ledger */
    if (norm_is_own(n) && !n->approved_by[0])
        return decide_refuse(d, "approved_by", "an own norm that is in force has who approved it.");
    if (norm_is_own(n) && !n->document[0] && !lived)
        return decide_refuse(d, "document", "an own norm that is in force has its document.");
    if (norm_is_own(n) && same_name(n->approved_by, n->proposed_by))
        return decide_refuse(d, "approved_by", "%.64s proposed it: another one has to approve it.",
                             n->approved_by);
    if (norm_is_own(n) && n->norm_class == CLASS_LABOUR && n->approved_ms > n->from_ms)
        return decide_refuse(d, "approved", "a labour norm is never retroactive.");
    return check_labour(d) && check_ceiling(d) && nothing_rewritten(d) &&
           (!norm_is_own(n) || !is_revision(d) || check_change(d));
}

/* Steps that the document does not date. */
static void import_due(struct decision *d) {
    struct norm *n = &d->next;
    const struct norm_due *days = &d->l->conf->due_days;
    if (d->was || n->due_ms != NORM_NO_TIME || n->state == NORM_WITHDRAWN)
        return;
    if (!norm_is_own(n))
        return; /* others review theirs */
    if (n->state == NORM_APPROVED)
        due(d, n->from_ms, days->review, approver(d));
    else if (n->state == NORM_DRAFT || n->state == NORM_RETURNED)
        due(d, d->now_ms, days->correct, n->proposed_by);
    else
        due(d, d->now_ms, days->approve, approver(d));
}

/* The same document once more changes nothing. */
static bool import_again(struct decision *d) {
    if (d->next.due_ms == NORM_NO_TIME) {
        d->next.due_ms = d->was->due_ms;
        d->next.owner = d->was->owner;
    }
    norm_trim(&d->next);
    if (norm_equal(&d->next, d->was))
        return true;
    return decide_refuse(d, "id", "%s is in the ledger already and says something else.",
                         d->c->id.s);
}

static bool import(struct decision *d) {
    struct norm *n = &d->next;
    if (n->state >= NORM_IN_FORCE && n->state != NORM_WITHDRAWN)
        n->state = NORM_APPROVED; /* also where nothing is said */
    if (!check_content(d) || !need(d, RIGHT_IMPORT))
        return false;
    if (n->state == NORM_APPROVED && n->approved_ms == NORM_NO_TIME)
        n->approved_ms = n->from_ms;
    import_due(d);
    if (d->was)
        return import_again(d);
    if (n->state == NORM_DRAFT || n->state == NORM_WITHDRAWN)
        return true;
    return check_floor(d) && (n->state != NORM_APPROVED || import_approved(d));
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct life lives[LEDGER_ACTION_COUNT] = {
    [LEDGER_DRAFT] = {NEW | IN(DRAFT) | IN(RETURNED), PART_CONTENT, false, draft},
    [LEDGER_PROPOSE] = {NEW | IN(DRAFT) | IN(RETURNED), PART_CONTENT, false, propose},
    [LEDGER_ANSWER] = {IN(PROPOSED), 0, true, answer},
    [LEDGER_TRIAL] = {IN(PROPOSED) | IN(TRIAL), PART_TRIAL, false, trial},
    [LEDGER_RESULT] = {IN(TRIAL), PART_RESULT, false, result},
    [LEDGER_CONSULT] = {OPEN, PART_CONSULTATION, false, consult},
    [LEDGER_PUBLISH] = {OPEN, PART_PUBLICATION, false, publish},
    [LEDGER_CHOOSE] = {OPEN, PART_CHOICE, false, choose},
    [LEDGER_SUBMIT] = {IN(PROPOSED) | IN(TRIAL), PART_CEILING, false, submit},
    [LEDGER_RETURN] = {OPEN, 0, true, give_back},
    [LEDGER_APPROVE] = {IN(SUBMITTED), PART_CEILING, true, approve},
    [LEDGER_WITHDRAW] = {IN(DRAFT) | OPEN | IN(RETURNED) | IN(APPROVED), 0, true, withdraw},
    [LEDGER_IMPORT] = {~0u, PART_ALL, false, import},
};

const char *ledger_action_name(enum ledger_action a) {
    static const char *const name[LEDGER_ACTION_COUNT] = {
        "draft",  "propose", "answer", "trial",   "result",   "consult", "publish",
        "choose", "submit",  "return", "approve", "withdraw", "import"};
    return a < LEDGER_ACTION_COUNT ? name[a] : "unknown";
}

static bool state_fits(struct decision *d, const struct life *life) {
    const unsigned in = d->was ? 1u << d->was->state : NEW;
    if (life->from & in)
        return true;
    if (!d->was)
        return decide_refuse(d, "id", "there is no norm %s.", d->c->id.s);
    return decide_refuse(d, "id", "%s can't be done with %s, which is %s.",
                         ledger_action_name((enum ledger_action)d->c->action), d->c->id.s,
                         norm_state_name((enum norm_state)d->was->state));
}

bool decide(struct decision *d) {
    const struct life *life = &lives[d->c->action];
    if (!d->c->who || !d->c->who[0])
        return decide_refuse(d, "who", "say who does it.");
    if (strlen(d->c->who) > LEDGER_WHO_MAX || d->c->who[0] == ' ' ||
        d->c->who[strlen(d->c->who) - 1] == ' ')
        return decide_refuse(d, "who", "a name of at most %d bytes, without blanks around it.",
                             LEDGER_WHO_MAX);
    if (!state_fits(d, life))
        return false;
    if (life->needs_why && (!d->c->why || !d->c->why[0]))
        return decide_refuse(d, "why", "say why.");
    if (d->c->norm)
        norm_take(&d->next, d->c->norm, life->parts);
    return life->go(d);
}
