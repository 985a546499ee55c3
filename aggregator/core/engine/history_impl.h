/* What the files of history share. Nothing else includes this. */
#ifndef PB_ENGINE_HISTORY_IMPL_H
#define PB_ENGINE_HISTORY_IMPL_H

#include "engine/history.h"

enum err history_add(struct history_page *page, const struct window *w);
/* history_minutes.c */
enum err history_read_minutes(const struct history_query *q, const struct history_reader *r,
                              struct history_page *out);

#endif
