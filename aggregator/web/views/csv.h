/* A field of a CSV record as RFC 4180 has it. */
#ifndef PB_VIEWS_CSV_H
#define PB_VIEWS_CSV_H

#include "base/buf.h"

/* In quotes, if a comma, quote or end of line asks for them. */
void csv_text(struct buf *out, struct span s);
/* The same where another character stands between fields. */
void csv_text_by(struct buf *out, struct span s, char separator);

#endif
