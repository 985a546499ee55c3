/* Mates: the units that decide, beside the unit itself, what it has of a meter that several share.
 * Each is computed from its own log as if it shared nothing, so there are no circles. */
#ifndef PB_CELL_MATE_H
#define PB_CELL_MATE_H

#include "cell/book.h"

struct running {
    struct layer run;   /* the unit produced */
    struct layer known; /* it did that or anything else that is known */
};

void running_fini(struct running *r);
/* What `unit`, a mate or the unit of the input itself, did in [from, to), whole minutes. Add to
 * empty layers. ERR_NOMEM. O(its log). */
enum err mate_running(const struct cell_input *in, uint32_t unit, int64_t from, int64_t to,
                      struct running *out);

struct metered { /* by minutes of the input's range; the caller's, of zeros */
    int64_t *sum;
    bool *gap;         /* something of it is of unknown distribution */
    struct layer seen; /* all of the meters were watched */
};
/* Adds what the own meters of `unit` told of the role's energy: electricity of any role, or that
 * carrier. */
enum err mate_metered(const struct cell_input *in, uint32_t unit, uint8_t role,
                      struct metered *out);

#endif
