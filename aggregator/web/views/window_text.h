/* Windows as text for programs: a JSON object or a CSV record each, with every sum and every
 * indicator, numerator and denominator beside it. */
#ifndef PB_VIEWS_WINDOW_TEXT_H
#define PB_VIEWS_WINDOW_TEXT_H

#include "window/indicator.h"
#include "window/window.h"
#include "json/json_writer.h"

struct window_words { /* texts of the window's product and team; n = 0: none */
    struct span product, team;
};

/* One JSON object. Sums are written in base units (ms, uWh, millionths) as exact integers. */
void window_text_json(struct json_writer *j, const struct plant *p, const struct window *w,
                      const struct window_words *words);
/* Members coverage, sums and indicators, of any sums. */
void window_text_sums_json(struct json_writer *j, const struct plant *p, const struct sums *s);
/* Columns ",coverage,...": the same. */
void window_text_sums_csv(const struct sums *s, struct buf *out);
void window_text_sums_csv_head(struct buf *out);
/* The same figures; columns are named by window_text_csv_head. */
enum err window_text_csv(const struct plant *p, const struct window *w,
                         const struct window_words *words, struct buf *out);
enum err window_text_csv_head(struct buf *out);

#endif
