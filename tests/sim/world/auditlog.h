/* The logs and cells of two stores as lines of text. Cells must be equal; what the logs part in
 * is for whoever repeats a bad seed. */
#ifndef PB_SIMWORLD_AUDITLOG_H
#define PB_SIMWORLD_AUDITLOG_H

#include "simkit/station.h"

struct auditlog {
    char **line; /* sorted */
    size_t n, cap;
};

/* Nothing may be under way in the store. Cells before cells_from_ms are left out. */
enum err auditlog_collect(struct station *s, int64_t cells_from_ms, struct auditlog *out);
void auditlog_fini(struct auditlog *l);
/* Gives how many cells only one of them has, and prints lines that only one has, at most `most`. */
unsigned auditlog_differ(const struct auditlog *run, const struct auditlog *straight,
                         unsigned most);

#endif
