/* Back-tests that are asked for: their rules are read, then tried on the archive's thread, while
 * all else goes on. Who asked comes again with the ticket until there is an answer. */
#ifndef PB_DAEMON_TRIAL_H
#define PB_DAEMON_TRIAL_H

#include "web/web.h"

enum { TRIALS_MAX = 4 }; /* under way, or with answers that nobody has fetched yet */

struct daemon;
struct trial;

struct trials {
    struct trial *at[TRIALS_MAX];
    uint64_t last; /* ticket */
};

/* POST alerts/backtest: {"rules": YAML (else those in force), "rule": id, "unit": node, "from",
 * "to": times, "try": bool, "curve": node at which the one rule is drawn, too}. ERR_CONFIG: the
 * rules are wrong, detail says where; ERR_RANGE, ERR_NOT_FOUND, ERR_BUSY. */
enum err trial_command(struct daemon *d, struct web_command *command);
/* Frees the answers; once the archive has stopped. */
void trials_fini(struct trials *t);

#endif
