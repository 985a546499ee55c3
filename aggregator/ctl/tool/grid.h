/* Tables of `plantbus status`: a name and columns of figures, going on in further lines where the
 * terminal is narrow, so that nothing is cut off. */
#ifndef PB_CTL_GRID_H
#define PB_CTL_GRID_H

#include "ctl/cells.h"

enum { GRID_NAME = 20, GRID_NUMBER = 11 }; /* columns of a name, of a figure */

struct grid {
    struct cells *c;
    const char *const *title;
    unsigned name; /* columns of the names */
    size_t column;
    bool narrow;
};

/* Puts the head line. Titles are borrowed. */
struct grid grid_of(struct cells *c, unsigned name, const char *first, const char *const *title,
                    size_t n);
/* A row: begin, a put for each title, end. */
void grid_begin(struct grid *t, struct span name);
void grid_put(struct grid *t, enum cells_style style, struct span text);
/* A number that should be 0 (trouble) stands out when it is not. */
void grid_put_number(struct grid *t, int64_t v, bool trouble);
void grid_end(struct grid *t);
/* A line of its own, below a row. */
void grid_put_trouble(struct cells *c, const char *text);

#endif
