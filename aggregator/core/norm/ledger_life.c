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
    return check_right(d, right);
}

static bool is_proposer(const struct decision *d) {
    return name_same(d->next.proposed_by, d->c->who);
}

/* Who brought it from a document says of it what it says of itself: to decide is another one's. */
static bool need_other(struct decision *d) {
    const bool imported = d->imported_by[0] && name_same(d->imported_by, d->c->who);
    if (!is_proposer(d) && !imported)
        return true;
    return decide_refuse(d, "who", "%.64s %s it: another one has to decide.", d->c->who,
                         imported ? "imported" : "proposed");
}

/* Who carries a proposal on: its proposer, or whoever may propose or approve by name. */
static bool need_part(struct decision *d) {
    if (is_proposer(d) || has(d, RIGHT_PROPOSE))
        return true;
    return need(d, RIGHT_APPROVE);
}

/* --- what is due next ------------------------------------------------------------------------- */

const char *decide_approver(const struct decision *d) {
    return ledger_whose(d->l->conf, RIGHT_APPROVE, (enum norm_class)d->next.norm_class,
                        ledger_level(d->l, &d->next));
}

void decide_due(struct decision *d, int64_t from_ms, int64_t days, const char *owner) {
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
    decide_due(d, d->now_ms, d->l->conf->due_days.draft, d->c->who);
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
    decide_due(d, d->now_ms, d->l->conf->due_days.answer, decide_approver(d));
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
    decide_due(d, d->now_ms, d->l->conf->due_days.submit, d->next.proposed_by);
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
    decide_due(d, t->to_ms, d->l->conf->due_days.trial, d->next.proposed_by);
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
    decide_due(d, d->now_ms, d->l->conf->due_days.submit, d->next.proposed_by);
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

static bool choose_pay(struct decision *d) {
    return need(d, RIGHT_APPROVE) && check_choice(d);
}

static bool submit(struct decision *d) {
    if (!need_part(d) || !is_answered(d) || !check_floor(d))
        return false;
    warn_ceiling(d);
    decide_due(d, d->now_ms, d->l->conf->due_days.approve, decide_approver(d));
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
    decide_due(d, d->now_ms, d->l->conf->due_days.correct, d->next.proposed_by);
    return to_state(d, NORM_RETURNED);
}

static bool not_past(struct decision *d) {
    char from[16];
    if (d->next.from_ms >= d->now_ms)
        return true;
    ledger_day(d->l, d->next.from_ms, from);
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
    decide_due(d, d->next.from_ms, d->l->conf->due_days.review, decide_approver(d));
    return to_state(d, NORM_APPROVED);
}

/* By what becomes of what is in force: where a stricter norm comes up it tightens. */
static bool check_withdrawal(struct decision *d, int64_t t_ms) {
    const struct withdrawal w = withdrawal_of(d->l, d->was, t_ms);
    if (w.instead && d->was->from_ms < t_ms && d->was->norm_class == CLASS_LABOUR &&
        (d->was->piece_paid || w.instead->piece_paid)) {
        d->out->refusal.collides = w.instead->id;
        return decide_refuse(d, "id",
                             "%s would come up, and pay would move without a choice: revise %s "
                             "instead.",
                             w.instead->id.s, d->was->id.s);
    }
    if (!w.tighter && !w.looser)
        return need(d, RIGHT_APPROVE);
    return (!w.tighter || need(d, RIGHT_TIGHTEN)) && (!w.looser || need(d, RIGHT_LOOSEN));
}

/* Where a superior norm goes that binds, a floor goes. */
static bool check_withdrawal_of_others(struct decision *d) {
    return need(d, RIGHT_IMPORT) && (!d->was->binding || need(d, RIGHT_LOOSEN));
}

/* What comes behind a withdrawal was decided by it: a later day would decide anew, asking nobody.
 */
static bool not_put_off(struct decision *d, int64_t t_ms) {
    char day[16];
    if (d->was->withdrawn_ms == NORM_NO_TIME || t_ms <= d->was->withdrawn_ms)
        return true;
    ledger_day(d->l, d->was->withdrawn_ms, day);
    return decide_refuse(d, "at",
                         "it is withdrawn from %s on, and a withdrawal is not put off: propose the "
                         "norm anew.",
                         day);
}

static bool withdraw_approved(struct decision *d) {
    const int64_t t_ms = d->c->at_ms != NORM_NO_TIME ? d->c->at_ms : d->now_ms;
    if (t_ms < d->now_ms)
        return decide_refuse(d, "at", "it was in force until now: what has passed stays.");
    if (norm_state_at(d->was, d->now_ms) >= NORM_SUPERSEDED)
        return decide_refuse(d, "id", "it is not in force any more.");
    if (norm_is_own(d->was) && !not_put_off(d, t_ms))
        return false;
    if (!(norm_is_own(d->was) ? check_withdrawal(d, t_ms) : check_withdrawal_of_others(d)))
        return false;
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

/* --- the table -------------------------------------------------------------------------------- */

static const struct life lives[LEDGER_ACTION_COUNT] = {
    [LEDGER_DRAFT] = {NEW | IN(DRAFT) | IN(RETURNED), PART_CONTENT, false, draft},
    [LEDGER_PROPOSE] = {NEW | IN(DRAFT) | IN(RETURNED), PART_CONTENT, false, propose},
    [LEDGER_ANSWER] = {IN(PROPOSED), 0, true, answer},
    [LEDGER_TRIAL] = {IN(PROPOSED) | IN(TRIAL), PART_TRIAL, false, trial},
    [LEDGER_RESULT] = {IN(TRIAL), PART_RESULT, false, result},
    [LEDGER_CONSULT] = {OPEN, PART_CONSULTATION, false, consult},
    [LEDGER_PUBLISH] = {OPEN, PART_PUBLICATION, false, publish},
    [LEDGER_CHOOSE] = {OPEN, PART_CHOICE, false, choose_pay},
    [LEDGER_SUBMIT] = {IN(PROPOSED) | IN(TRIAL), PART_CEILING, false, submit},
    [LEDGER_RETURN] = {OPEN, 0, true, give_back},
    [LEDGER_APPROVE] = {IN(SUBMITTED), PART_CEILING, true, approve},
    [LEDGER_WITHDRAW] = {IN(DRAFT) | OPEN | IN(RETURNED) | IN(APPROVED), 0, true, withdraw},
    [LEDGER_IMPORT] = {~0u, PART_ALL, false, decide_import},
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
    if (!name_plain(d->c->who))
        return decide_refuse(d, "who",
                             "it has letters that nobody sees, or that are put together "
                             "of several.");
    if (!state_fits(d, life))
        return false;
    if (life->needs_why && (!d->c->why || !d->c->why[0]))
        return decide_refuse(d, "why", "say why.");
    if (d->c->norm)
        norm_take(&d->next, d->c->norm, life->parts);
    return life->go(d);
}
