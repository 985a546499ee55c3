/* A load duration curve of quarters of an hour, drawn with characters. */
#ifndef PB_CTL_ENERGY_BLOCKS_H
#define PB_CTL_ENERGY_BLOCKS_H

#include "study/blocks.h"

/* Draws the curve of sorted blocks to standard output; false: out of memory. */
bool blocks_print_curve(const struct blocks *b);

#endif
