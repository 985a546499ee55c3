/* Key links: which unit of a line decides what the line makes, and what its own losses cost the
 * line (INDICATORS section 6). Pure arithmetic over the sums of a span. */
#ifndef PB_NORM_KEYLINK_H
#define PB_NORM_KEYLINK_H

#include "window/indicator.h"

struct keylink {
    uint32_t unit;           /* index in plant.unit */
    const struct sums *sums; /* borrowed: of the unit, over the span */
    /* Set by keylinks_rank; NAN: nothing is known of the unit. */
    double busy;    /* production and setup of known planned busy time */
    double waiting; /* of it: starved and blocked */
    double score;   /* busy - waiting: the highest is the key link */
    /* What its own stops cost: delay that is neither starved nor blocked. */
    double lost_h;
    double lost_pieces; /* at the pace of its running time; NAN: it tells no pieces */
    double lost_kwh;    /* its own energy in these stops, and that of others while they waited */
};

/* Ranks in place, the key link first; units of which nothing is known last. The loss of each is
 * what the line lost if this one is its key link. */
void keylinks_rank(struct keylink *at, size_t n);

#endif
