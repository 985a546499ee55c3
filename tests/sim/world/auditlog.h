/* The cells of two stores, which must be equal, and their logs and cells as lines of text for
 * whoever repeats a bad seed. */
#ifndef PB_SIMWORLD_AUDITLOG_H
#define PB_SIMWORLD_AUDITLOG_H

#include "simkit/station.h"

enum { AUDITLOG_TEXT = 24 };

struct auditlog_cell { /* words replaced by their texts: ids depend on arrival */
    char unit[AUDITLOG_TEXT], product[AUDITLOG_TEXT], order[AUDITLOG_TEXT], team[AUDITLOG_TEXT];
    int64_t minute;
    uint32_t shift;
    int32_t shift_day;
    size_t sums; /* index; cells in a row share what is equal */
};

struct auditlog {
    struct auditlog_cell *cell; /* sorted */
    size_t cell_n, cell_cap;
    struct sums *sums;
    size_t sums_n, sums_cap;
    char **line; /* sorted; none unless asked for */
    size_t n, cap;
};

/* Nothing may be under way in the store. Cells before cells_from_ms are left out. */
enum err auditlog_collect(struct station *s, bool lines, int64_t cells_from_ms,
                          struct auditlog *out);
void auditlog_fini(struct auditlog *l);
/* How many cells only one of them has. */
unsigned auditlog_differ(const struct auditlog *run, const struct auditlog *straight);
/* Prints lines that only one has, at most `most`. */
void auditlog_print(const struct auditlog *run, const struct auditlog *straight, unsigned most);

#endif
