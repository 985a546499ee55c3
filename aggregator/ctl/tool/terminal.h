/* What the terminal of the tool can: colours and size. It writes nothing to it. */
#ifndef PB_CTL_TERMINAL_H
#define PB_CTL_TERMINAL_H

#include <stdbool.h>

enum { TERMINAL_WIDTH = 120, TERMINAL_WIDTH_LEAST = 20 };

/* Standard output is a terminal that can move its cursor. */
bool terminal_live(void);
/* The same, and nobody asked for no colours (NO_COLOR set to anything, no-color.org). */
bool terminal_colour(void);
/* Columns and rows of standard output; TERMINAL_WIDTH and 0 where there is no terminal. */
void terminal_size(unsigned *width, unsigned *height);

#endif
