/* What a document brings: norms of others, ours as they were approved elsewhere or before. It says
 * nothing that a command would not have to show: whose right, what order, what evidence. */
#include <math.h>

#include "base/utc.h"
#include "norm/ledger_impl.h"

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

/* --- what a document may claim ------------------------------------------------------------------
 */

/* One person's word is none of two: who brings the document is neither its proposer nor who
 * approved it. */
static bool need_two(struct decision *d) {
    const struct norm *n = &d->next;
    const char *who = d->c->who;
    if (n->approved_by[0] && name_same(n->approved_by, who))
        return decide_refuse(d, "approved_by", "%.64s approved it: another one has to import it.",
                             who);
    if (n->proposed_by[0] && name_same(n->proposed_by, who))
        return decide_refuse(d, "proposed_by", "%.64s proposed it: another one has to import it.",
                             who);
    return true;
}

static bool any_record(const struct norm *n) {
    if (n->choice.kind != CHOICE_NONE || n->ceiling_reason[0])
        return true;
    return n->trial.from_ms != NORM_NO_TIME || n->trial.n >= 0 ||
           n->consultation.t_ms != NORM_NO_TIME || n->publication.t_ms != NORM_NO_TIME;
}

/* Documents are entered by who may import; that something of ours was answered, tried or approved
 * elsewhere is believed of who may approve. */
static bool need_authority(struct decision *d) {
    const struct norm *n = &d->next;
    const bool open = n->state == NORM_PROPOSED || n->state == NORM_DRAFT;
    if (n->state == NORM_RETURNED || (open && n->answered_ms == NORM_NO_TIME && !any_record(n)))
        return true;
    if (ledger_command_may(d->l->conf, d->c, RIGHT_APPROVE, (enum norm_class)n->norm_class,
                           ledger_level(d->l, n)))
        return n->state != NORM_APPROVED || need_two(d);
    return decide_refuse(d, "who",
                         "%.64s may import it as proposed, without records: that it was answered, "
                         "tried or approved needs the right to approve norms of class %s there.",
                         d->c->who, norm_class_name((enum norm_class)n->norm_class));
}

static bool is_ahead(const struct decision *d, int64_t t_ms) {
    return t_ms != NORM_NO_TIME && t_ms > d->now_ms;
}

static bool behind(int64_t a, int64_t b) {
    return a != NORM_NO_TIME && b != NORM_NO_TIME && a > b;
}

/* Dates of what was done: not ahead, and one after the other. */
static bool check_dates(struct decision *d) {
    const struct norm *n = &d->next;
    if (is_ahead(d, n->proposed_ms))
        return decide_refuse(d, "proposed", "that is ahead.");
    if (is_ahead(d, n->answered_ms) || behind(n->proposed_ms, n->answered_ms))
        return decide_refuse(d, "answered", "that is ahead, or before it was proposed.");
    if (is_ahead(d, n->consultation.t_ms))
        return decide_refuse(d, "consultation.date", "it has not been yet.");
    if (n->trial.n >= 0 && (n->trial.to_ms == NORM_NO_TIME || n->trial.to_ms > d->now_ms))
        return decide_refuse(d, "trial.n", "a trial that is not over has no result.");
    return true;
}

/* What has to be there before a norm stands where the document has it. */
static bool check_evidence(struct decision *d) {
    const struct norm *n = &d->next;
    const unsigned in = 1u << n->state;
    const char *state = norm_state_name((enum norm_state)n->state);
    if (!n->proposed_by[0] &&
        in & (1u << NORM_PROPOSED | 1u << NORM_TRIAL | 1u << NORM_SUBMITTED | 1u << NORM_RETURNED))
        return decide_refuse(d, "proposed_by", "what is %s has who proposed it.", state);
    if (in & (1u << NORM_TRIAL | 1u << NORM_SUBMITTED) && n->answered_ms == NORM_NO_TIME)
        return decide_refuse(d, "answered", "what is %s was answered.", state);
    if (n->answered_ms != NORM_NO_TIME && !(n->answered_by[0] && n->answer[0]))
        return decide_refuse(d, "answered_by", "an answer has who gave it, and what it was.");
    if (n->answered_ms != NORM_NO_TIME && name_same(n->answered_by, n->proposed_by))
        return decide_refuse(d, "answered_by", "%.64s proposed it: another one has to answer.",
                             n->proposed_by);
    if (n->state == NORM_TRIAL &&
        (n->trial.from_ms == NORM_NO_TIME || n->trial.to_ms == NORM_NO_TIME ||
         n->trial.to_ms <= n->trial.from_ms))
        return decide_refuse(d, "trial", "what is on trial has its begin and, behind it, its end.");
    if (n->state == NORM_RETURNED && !n->correction[0])
        return decide_refuse(d, "correction", "what was returned has the correction it needs.");
    return check_dates(d);
}

static bool check_approval(struct decision *d) {
    const struct norm *n = &d->next;
    const bool lived = n->proposed_by[0] && n->answered_ms != NORM_NO_TIME; /* in some ledger */
    if (!n->approved_by[0])
        return decide_refuse(d, "approved_by", "an own norm that is in force has who approved it.");
    if (!n->document[0] && !lived)
        return decide_refuse(d, "document", "an own norm that is in force has its document.");
    if (name_same(n->approved_by, n->proposed_by))
        return decide_refuse(d, "approved_by", "%.64s proposed it: another one has to approve it.",
                             n->approved_by);
    if (n->norm_class == CLASS_LABOUR && n->approved_ms == NORM_NO_TIME)
        return decide_refuse(d, "approved",
                             "a labour norm is never retroactive: say when it was "
                             "approved.");
    if (n->norm_class == CLASS_LABOUR && n->approved_ms > n->from_ms)
        return decide_refuse(d, "approved", "a labour norm is never retroactive.");
    if (is_ahead(d, n->approved_ms))
        return decide_refuse(d, "approved", "that is ahead.");
    if (behind(n->answered_ms, n->approved_ms) || behind(n->proposed_ms, n->approved_ms))
        return decide_refuse(d, "approved", "that is before it was proposed and answered.");
    if (n->norm_class == CLASS_LABOUR &&
        (behind(n->trial.to_ms, n->approved_ms) || behind(n->consultation.t_ms, n->approved_ms)))
        return decide_refuse(d, "approved", "that is before its trial and consultation.");
    return true;
}

/* An older document says nothing of mean and best; one that begins from now on is no history. */
static bool check_import_ceiling(struct decision *d) {
    const struct norm_basis *b = &d->next.basis;
    return (d->next.from_ms < d->now_ms && (isnan(b->mean) || isnan(b->best))) || check_ceiling(d);
}

/* What others issue: who marks something as binding that need not be, tightens; who puts a weaker
 * one in the place of one that binds, loosens. */
static bool check_superior(struct decision *d) {
    const struct entries *of = &d->l->of[d->next.indicator];
    const struct norm *n = &d->next;
    const bool by_law = n->origin == ORIGIN_STATE || n->origin == ORIGIN_MINISTRY;
    const int64_t t_ms = n->from_ms > d->now_ms ? n->from_ms : d->now_ms;
    if (n->binding && !by_law && !check_right(d, RIGHT_TIGHTEN))
        return false;
    for (size_t i = 0; i < of->n; i++) {
        const struct norm *w = &of->at[i]->norm;
        if (w->binding && norm_same_chain(w, n) && norm_holds(w, t_ms) &&
            w->from_ms <= n->from_ms && (!n->binding || is_weaker(d->l, n, w) != 0))
            return check_right(d, RIGHT_LOOSEN);
    }
    return true;
}

/* One that ends some day leaves nothing behind it where another one would have gone on. */
static bool check_end(struct decision *d) {
    const struct norm *n = &d->next;
    const bool ends = n->withdrawn_ms != NORM_NO_TIME && n->withdrawn_ms > d->now_ms;
    return !ends || !(norm_is_own(n) || n->binding) || check_right(d, RIGHT_LOOSEN);
}

static bool import_approved(struct decision *d) {
    if (!check_end(d))
        return false;
    if (!norm_is_own(&d->next))
        return check_superior(d) && nothing_rewritten(d);
    return check_approval(d) && check_labour(d) && check_import_ceiling(d) &&
           nothing_rewritten(d) && check_change(d);
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
        decide_due(d, n->from_ms, days->review, decide_approver(d));
    else if (n->state == NORM_DRAFT || n->state == NORM_RETURNED)
        decide_due(d, d->now_ms, days->correct, n->proposed_by);
    else
        decide_due(d, d->now_ms, days->approve, decide_approver(d));
}

/* A document without the day of approval: at the latest when it came into force. */
static void import_dates(struct decision *d) {
    if (d->next.state == NORM_APPROVED && d->next.approved_ms == NORM_NO_TIME)
        d->next.approved_ms = d->next.from_ms;
}

/* The same document once more changes nothing. */
static bool import_again(struct decision *d) {
    import_dates(d);
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

bool decide_import(struct decision *d) {
    struct norm *n = &d->next;
    if (n->state >= NORM_IN_FORCE && n->state != NORM_WITHDRAWN)
        n->state = NORM_APPROVED; /* also where nothing is said */
    if (!check_content(d) || !check_right(d, RIGHT_IMPORT))
        return false;
    import_due(d);
    if (d->was)
        return import_again(d);
    if (n->state == NORM_WITHDRAWN)
        return true;
    if (n->state == NORM_DRAFT)
        return !norm_is_own(n) || need_authority(d);
    if (norm_is_own(n) && (!need_authority(d) || !check_evidence(d)))
        return false;
    if (!check_floor(d) || (n->state == NORM_APPROVED && !import_approved(d)))
        return false;
    import_dates(d);
    return true;
}
