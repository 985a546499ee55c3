/* A line of text for a terminal: cells of a display width, cut or filled, with colour. What comes
 * from outside cannot move the cursor. */
#ifndef PB_CTL_CELLS_H
#define PB_CTL_CELLS_H

#include "base/buf.h"

enum cells_style {
    STYLE_PLAIN,
    STYLE_BOLD,
    STYLE_DIM,
    STYLE_GOOD,
    STYLE_BAD,
    STYLE_WARN,
    STYLE_INFO,
    STYLE_BETTER,
    STYLE_COUNT
};

struct cells {
    struct buf *out;
    unsigned width, used; /* columns */
    bool colour;
};

/* Columns a text takes; combining marks take none, wide characters two. */
unsigned cells_width(struct span text);
/* Adds as much of the text as there is room for. */
void cells_put(struct cells *c, enum cells_style style, struct span text);
/* The same in exactly `columns` columns: filled with blanks, or cut with an ellipsis. */
void cells_field(struct cells *c, enum cells_style style, struct span text, unsigned columns,
                 bool right);
void cells_blank(struct cells *c, unsigned columns);
/* Ends the line and begins the next one. */
void cells_end(struct cells *c);

#endif
