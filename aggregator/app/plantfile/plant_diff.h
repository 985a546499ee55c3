/* What differs between two plant files, one line a difference: for a person who is about to put the
 * new one in force, and of what a reload has changed. It knows units, signals, norms,
 * products, calendars and state maps. */
#ifndef PB_PLANTFILE_PLANT_DIFF_H
#define PB_PLANTFILE_PLANT_DIFF_H

#include "base/buf.h"
#include "plant/plant.h"

/* Adds lines "+ ...", "- ..." and "~ ..." and counts them. Out of memory is kept in the buf. */
size_t plant_diff(const struct plant *old, const struct plant *now, struct buf *out);
/* Its part: commissioning of units and signals. */
size_t plant_diff_terms(const struct plant *old, const struct plant *now, struct buf *out);
/* Its part: conditions and key links. */
size_t plant_diff_conditions(const struct plant *old, const struct plant *now, struct buf *out);
/* Its part: operations and where they are done. */
size_t plant_diff_operations(const struct plant *old, const struct plant *now, struct buf *out);

#endif
