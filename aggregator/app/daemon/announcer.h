/* Has the core tell people of norms: who is told of what, by the settings in force; the review of a
 * month that has ended, worked out on the archive's thread. What was told, and that it was, is the
 * core's (engine/announce.h). */
#ifndef PB_DAEMON_ANNOUNCER_H
#define PB_DAEMON_ANNOUNCER_H

#include "engine/announce.h"
#include "notify/notify_conf.h"

struct daemon;

struct announcer {
    bool working, worked;
    int64_t next_mono_ms; /* not before it */
    bool verdicts, neglected;
    struct ledger_conf conf; /* of the review under way, as the next two borrowed */
    const struct plant *plant;
    int64_t to_ms;
    struct announce_findings found;
    enum err err;
};

/* Says who is told from now on. */
void announcer_set(struct core *c, const struct notify_norms_conf *conf);
/* A chore: false, there is no more to do at once. */
bool announcer_turn(struct daemon *d, struct core_now now);
/* Once the archive has stopped. */
void announcer_fini(struct announcer *a);

#endif
