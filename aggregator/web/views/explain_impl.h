/* What the files of an explanation's view share. Nothing else includes this. */
#ifndef PB_VIEWS_EXPLAIN_IMPL_H
#define PB_VIEWS_EXPLAIN_IMPL_H

#include "views/field.h"
#include "views/history.h"

struct telling {
    struct json_writer *w;
    const struct view_history *ask;
    const struct plant *p;
    const struct explain *e;
};

/* explain_factors.c: members "factors", "entries" and "more_entries": dated factors that were in
 * force somewhere in the window and that its sums depend on, and what people entered. */
void view_explain_factors(const struct telling *t);
void view_explain_entries(const struct telling *t);

#endif
