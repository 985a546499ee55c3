/* Names that people write: of persons and offices, of quantities, boundaries, classes of machines.
 * When two of them are the same, and which letters they may have. */
#ifndef PB_NORM_NAME_H
#define PB_NORM_NAME_H

#include <stdbool.h>

/* Without regard to case and to how many blanks there are, around it none: who proposed as "Office"
 * is not another one than "office ", and a state's "Oven temperature" binds "oven temperature". */
bool name_same(const char *a, const char *b);
/* False: it has letters that nobody sees or that are put together of several, by which one name
 * could be written in two ways that look the same. */
bool name_plain(const char *s);

#endif
