/* What people are told of norms without having asked: steps that are due, overdue ones, verdicts of
 * the reviews of a period, classes that nobody looks after. Each once: what was told is stored in
 * the commit that holds the event. Steps follow from the ledger and the clock here; a review reads
 * history, so somebody else works it out (announce_review() on a reader's thread) and hands it
 * over. */
#ifndef PB_ENGINE_ANNOUNCE_H
#define PB_ENGINE_ANNOUNCE_H

#include "engine/core.h"
#include "engine/normed.h"

/* A review is worked out so long after its period's end, when its last shifts are over. */
#define ANNOUNCE_REVIEW_AFTER_MS UTC_DAY_MS
/* Of one review; the rest is counted in the log. */
enum { ANNOUNCE_FINDINGS_MAX = 500 };

struct announce_findings {
    int64_t to_ms;          /* the period's end */
    struct alert_event *at; /* owned; without number and times */
    size_t n, cap, left_out;
};
/* What the review of the period that ends at to_ms wants people to act on: verdicts but KEEP and
 * NOT ENOUGH BASIS; then, by unit and class, what is measured and has no norm, or has one and no
 * data for the whole period. For a reader's thread. ERR_NOMEM; errors of normed.h. Fini in any
 * case. */
enum err announce_review(const struct ledger_conf *conf, const struct plant *p,
                         const struct history_reader *r, int64_t to_ms, bool verdicts,
                         bool neglected, struct announce_findings *out);
void announce_findings_fini(struct announce_findings *f);
/* Copies a text, cut between characters where it is too long. */
void announce_text(char *out, size_t size, struct span text);

/* --- the core's side ---------------------------------------------------------------------------
 */

/* Who is told of what, from now on; copied. Without recipients nobody is told of anything. */
struct core_announcing {
    struct ident to[ALERT_RECIPIENTS_MAX];
    size_t to_n;
    bool steps, answers, verdicts, neglected;
    int64_t ahead_ms; /* so long before it is due a step is told of */
};
void core_set_announcing(struct core *c, const struct core_announcing *a);
const struct core_announcing *core_announcing(const struct core *c);
/* The end of the period whose review is to be worked out now; false: none is. */
bool core_review_due(struct core *c, struct core_now now, int64_t *to_ms);
/* Takes what a review found, unless its period was announced meanwhile. ERR_NOMEM: nothing has
 * changed. */
enum err core_on_review(struct core *c, const struct announce_findings *f, struct core_now now);

#endif
