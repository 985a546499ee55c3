/* What another file changes at the sources: which go on, which are closed and opened, which come
 * and go. It compares what is loaded; it opens and closes nothing. */
#ifndef PB_AGENT_RELOAD_PLAN_H
#define PB_AGENT_RELOAD_PLAN_H

#include "agent_app/agent_conf.h"

#define RELOAD_NONE SIZE_MAX

struct reload_plan {
    size_t n;     /* sources of the new file */
    size_t *from; /* of each: its place in the old file, RELOAD_NONE: it is new; owned */
    bool *kept;   /* of each: it says what it said; owned */
    size_t kept_n, changed_n, added_n, dropped_n;
};

/* Sources are the same by their names; a kind that changes is a change, and so is what a file says
 * that the settings name. ERR_NOMEM. */
enum err reload_plan_init(struct reload_plan *p, const struct agent_conf *old,
                          const struct agent_conf *now);
void reload_plan_fini(struct reload_plan *p);
/* Place of the source in the new file that goes on as the old file's i-th; RELOAD_NONE: it is
 * closed. */
size_t reload_plan_keeps(const struct reload_plan *p, size_t i);
/* Writes the keys that differ and need a restart, one a line; *n: how many.
 * ERR_NOMEM. */
enum err reload_fixed(const struct agent_conf *old, const struct agent_conf *now, struct buf *names,
                      size_t *n);

#endif
