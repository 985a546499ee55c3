/* Status against norms: of one figure, of a class, of the four together, the worst first; and
 * records, which count only where nothing else was sacrificed (INDICATORS section 6). */
#ifndef PB_NORM_STATUS_H
#define PB_NORM_STATUS_H

#include "norm/attain.h"

enum norm_status { /* worst first, so that the whole is the minimum */
                   STATUS_NOT_MET,
                   STATUS_NO_DATA,
                   STATUS_NO_NORM,
                   STATUS_MET,
                   STATUS_BETTER,
                   NORM_STATUS_COUNT
};
const char *norm_status_name(enum norm_status s); /* "not_met" ...; never NULL */

#define STATUS_BETTER_BY 0.10    /* this much better than the norm is "better than norm" */
#define STATUS_COVERAGE_MIN 0.95 /* under it nothing is held against norms */

/* NULL: no norm is in force. */
enum norm_status norm_status_of(enum indicator i, const struct indicator_value *v,
                                const struct attain_norm *norm);

/* Says which norm was in force; false: none. */
typedef bool (*status_lookup)(void *user, enum indicator i, struct attain_norm *out);

struct status_class {
    enum norm_status status;
    enum indicator indicator; /* that decides it */
    struct indicator_value value;
    bool normed; /* `norm` is that of the indicator */
    struct attain_norm norm;
    bool neglected; /* it is measured, and no norm is in force for anything of the class */
};
struct status_whole {
    struct status_class of[CLASS_COUNT];
    enum norm_status worst;
    unsigned count[NORM_STATUS_COUNT];
};
/* A class is as bad as the worst of what has a norm in it; without any its lead indicator says
 * whether there are data. */
void norm_status_whole(const struct plant *p, const struct sums *s, status_lookup lookup,
                       void *user, struct status_whole *out);
/* "2 met, 1 not met, 1 without norm"; appended. ERR_NOMEM. */
enum err norm_status_text(const struct status_whole *w, struct buf *out);

/* --- records ------------------------------------------------------------------------------------
 */

enum record_verdict {
    RECORD_COUNTS,
    RECORD_PROVISIONAL, /* some other class has no norm */
    RECORD_NOT_BEST,    /* one before it was as good */
    RECORD_NOT_FULL,    /* the team did not have the product for the whole shift */
    RECORD_COVERAGE,
    RECORD_OTHERS_NOT_MET, /* another class is not at its norm, or has no data */
    RECORD_VERDICT_COUNT
};
const char *record_verdict_name(enum record_verdict v); /* "record" ...; never NULL */
#define RECORD_FULL 0.95                                /* of the shift's length */

/* Whether a shift is a record of the indicator, best being the best value of the consumption domain
 * so far (INFINITY: none), which *value gets to be compared with. `whole` is of the same shift. */
enum record_verdict record_of(const struct team_shift *s, enum indicator i,
                              const struct status_whole *whole, double best, double *value);

#endif
