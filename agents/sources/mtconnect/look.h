/* What an agent's data items are, and what point each would make: text for a person. The asking is
 * in the same file; it decides nothing for the source. */
#ifndef PB_MTCONNECT_LOOK_H
#define PB_MTCONNECT_LOOK_H

#include "mtconnect/picks.h"

enum { LOOK_TEXT = 80 };

/* The keys of a point for a data item, or NULL if none makes sense. */
const char *look_suggest(const struct doc *d, const struct doc_item *i, char text[LOOK_TEXT]);
/* A line that says what it is, and one that is ready for `points`. */
void look_item(const struct mtconnect_conf *c, const struct doc *d, const struct doc_item *i,
               struct buf *out);

#endif
