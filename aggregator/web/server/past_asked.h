/* What is asked of history: the arguments of /api/v1/windows, orders, stops, scrap, gauges, explain
 * and a unit's timeline. It reads and checks them; past.c hands the question on. */
#ifndef PB_WEB_PAST_ASKED_H
#define PB_WEB_PAST_ASKED_H

#include "web/web_impl.h"

struct asked {
    const struct plant *plant;
    struct core *core;
    int64_t now_ms;
    struct view_history out;
    bool node, kind, from, to, unknown_word, indicator;
    char gauge[IDENT_MAX + 1];
    char start[64];  /* of an explanation; "": now */
    char wrong[256]; /* what is wrong, where it must be put together */
};

/* Reads what stands behind "?" into *a, of which plant, core, now_ms, out.what and the usual limit
 * are set, and the node where the path names it. What is wrong, in words that are static or *a's,
 * or NULL. */
const char *past_asked_read(struct client *c, struct asked *a);

#endif
