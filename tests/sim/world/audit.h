/* The audit of a run: windows as the store holds them, the laws they must keep, and what the tapes
 * say independently of any window. It prints what is wrong and counts it. */
#ifndef PB_SIMWORLD_AUDIT_H
#define PB_SIMWORLD_AUDIT_H

#include "simkit/line_plant.h"
#include "simkit/station.h"
#include "simworld/tape.h"

struct audit_window { /* word ids replaced by texts: they depend on arrival */
    uint32_t node;
    uint8_t kind, life;
    char product[24], team[24];
    int64_t start_ms, end_ms;
    uint32_t revision;
    struct sums sums;
};

struct audit_windows {
    struct audit_window *at; /* sorted; windows without anything in them are left out */
    size_t n, cap;
};

struct audit_totals { /* of a tape, by raw values: last minus first, and events one by one */
    int64_t count, energy, scrap;
};

/* Everything must be committed and nothing under way. */
enum err audit_collect(struct station *s, struct audit_windows *out);
void audit_windows_fini(struct audit_windows *w);
/* Leaves out those that begin before. */
void audit_cut(struct audit_windows *w, int64_t least_ms);
/* Each gives the number of complaints and prints the first few to stderr if `print`. */
unsigned audit_equal(const struct audit_windows *a, const struct audit_windows *b, bool print);
/* L1 and L2; windows that end after known_ms are left alone. */
unsigned audit_laws(const struct audit_windows *w, const struct plant *p, int64_t known_ms,
                    bool print);
/* Of the points of these names. */
struct audit_totals audit_tape(const struct tape *t, const char *count, const char *energy,
                               const char *scrap);
/* What a unit's days hold of a tape; scrap < 0 in totals: not looked at. */
unsigned audit_counts(const struct audit_windows *w, uint32_t node,
                      const struct audit_totals *totals, bool good, bool print);

#endif
