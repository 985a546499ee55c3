/* The text in which a source keeps its place: whole numbers parted by blanks, "-" for one that is
 * not known. */
#ifndef PB_SOURCES_POSITION_H
#define PB_SOURCES_POSITION_H

#include "base/buf.h"

#define POSITION_NONE INT64_MIN

/* Appends a number and, unless it is the first of the text, a blank before it. A buf out of memory
 * tells its owner. */
void position_add(struct buf *out, int64_t v);
/* Reads exactly n numbers. ERR_FORMAT, ERR_RANGE. */
enum err position_parse(struct span text, int64_t *v, size_t n);

#endif
