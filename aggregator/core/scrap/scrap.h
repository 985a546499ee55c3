/* Scrap and rework of several units by reason, the dearest first, with what each row is of the
 * whole (a Pareto). Pure arithmetic over what cells are made of; it finds no reasons. */
#ifndef PB_SCRAP_SCRAP_H
#define PB_SCRAP_SCRAP_H

#include "cell/cell.h"

struct scrap_row {
    uint32_t unit; /* that made the pieces */
    struct cell_reject of;
    int64_t pieces;     /* millionths, of known and unknown time */
    int64_t pieces_sum; /* of this row and those of its kind before it */
};

struct scrap {
    struct scrap_row *row; /* owned; by scrap_sort: scrap, then rework, the most pieces first */
    size_t n, cap;
    int64_t total[CELL_REWORK + 1], unknown[CELL_REWORK + 1]; /* by kind; unknown: of them */
};

void scrap_init(struct scrap *s);
void scrap_fini(struct scrap *s);
/* Adds what is of a unit; once a unit. Rows without pieces are left out. ERR_NOMEM. */
enum err scrap_add(struct scrap *s, uint32_t unit, const struct cell_rejects *r);
/* After the last unit. O(n log n). */
void scrap_sort(struct scrap *s);

#endif
