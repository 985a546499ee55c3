/* Rules in the making: what the files of this room share. Nothing else includes this. */
#ifndef PB_ALERTFILE_MAKING_H
#define PB_ALERTFILE_MAKING_H

#include "alertfile/alertfile.h"
#include "alertfile/baselines.h"
#include "alertfile/pool.h"
#include "alertfile/rows.h"

struct making {
    const struct plant *plant;
    const struct baselines *baselines; /* NULL: none are named */
    struct conf_report *report;
    struct pool *pool;
    bool nomem;
};

/* Reports "<what> <word> does not exist", with the nearest of the legal words. */
void making_missing(struct making *m, struct conf_pos pos, const char *what, const char *word,
                    const char *const *legal, size_t n);

/* rule.c: fills *out, or reports why it is none; it is whole only if nothing was reported. */
void making_rule(struct making *m, const struct rule_row *row, struct alert_rule *out);
/* subject.c: what is watched; false: reported. */
bool making_subject(struct making *m, const struct rule_row *row, struct alert_rule *out);
/* scope.c: the nodes it stands for; reports those that are not there. */
void making_scope(struct making *m, const struct rule_row *row, struct alert_rule *out);
/* context.c: the product and the team it is limited to; after its levels. */
void making_context(struct making *m, const struct rule_row *row, struct alert_rule *out);
/* level.c: condition and levels. */
void making_levels(struct making *m, const struct rule_row *row, struct alert_rule *out);
/* baseline.c: the condition baseline, or drift, and what it is held against. */
void making_baseline(struct making *m, const struct rule_row *row, struct alert_rule *out);
void making_drift(struct making *m, const struct rule_row *row, struct alert_rule *out);
/* data.c: reports nodes that have no signals for what is watched. */
void making_data(struct making *m, const struct rule_row *row, const struct alert_rule *r);

#endif
