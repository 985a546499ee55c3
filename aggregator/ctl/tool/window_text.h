/* Windows as text for programs: a JSON object or a CSV record each, with every sum and every
 * indicator, numerator and denominator beside it. */
#ifndef PB_CTL_WINDOW_TEXT_H
#define PB_CTL_WINDOW_TEXT_H

#include "engine/core.h"

/* One line. Sums are written in base units (ms, uWh, millionths) as exact integers. */
enum err window_text_json(const struct core *core, const struct window *w, struct buf *out);
/* The same figures; columns are named by window_text_csv_head. */
enum err window_text_csv(const struct core *core, const struct window *w, struct buf *out);
enum err window_text_csv_head(struct buf *out);

#endif
