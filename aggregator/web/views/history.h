/* Pages of history as JSON or CSV. Pure and apart from the core, for a thread of its own. */
#ifndef PB_VIEWS_HISTORY_H
#define PB_VIEWS_HISTORY_H

#include "engine/history.h"

enum view_format { VIEW_JSON, VIEW_CSV, VIEW_JSONL };

struct view_history { /* what was asked for */
    struct history_query query;
    enum view_format format;
};

/* JSON: an object with node, kind, windows (window_text.h) and `next`, the `from` of the next page
 * or null. CSV: a head and a record each; JSONL: a window a line; both without next. ERR_NOMEM. */
enum err view_history(const struct view_history *ask, const struct history_page *page,
                      struct buf *out);

#endif
