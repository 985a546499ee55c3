/* What the files of history share. Nothing else includes this. */
#ifndef PB_ENGINE_HISTORY_IMPL_H
#define PB_ENGINE_HISTORY_IMPL_H

#include "engine/history.h"

/* Texts of n words into page->word. */
enum err history_read_words(const struct history_reader *r, const uint32_t *id, size_t n,
                            struct history_page *out);
/* Hands on each cell of the unit whose minute begins in [from_ms, to_ms), as of one commit for
 * every ten days. Errors of `cell` end it. */
enum err history_read_cells(const struct plant *p, uint32_t unit, int64_t from_ms, int64_t to_ms,
                            const struct history_reader *r,
                            enum err (*cell)(void *user, const struct cell *c), void *user);
enum err history_add(struct history_page *page, const struct window *w);
/* history_minutes.c */
enum err history_read_minutes(const struct history_query *q, const struct history_reader *r,
                              struct history_page *out);

#endif
