/* The logs and cells of two stores as lines of text, to find where two runs part: no judgement, a
 * tool for whoever repeats a bad seed. */
#ifndef PB_SIMWORLD_AUDITLOG_H
#define PB_SIMWORLD_AUDITLOG_H

#include "simkit/station.h"

struct auditlog {
    char **line; /* sorted */
    size_t n, cap;
};

/* Nothing may be under way in the store. */
enum err auditlog_collect(struct station *s, struct auditlog *out);
void auditlog_fini(struct auditlog *l);
/* Prints lines that only one of them has, at most `most`. */
void auditlog_differ(const struct auditlog *run, const struct auditlog *straight, unsigned most);

#endif
