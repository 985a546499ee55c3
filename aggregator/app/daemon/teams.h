/* Whose pay a labour norm moves: the teams of the last quarter's shifts, read on the archive's
 * thread before a choice of the piece rate, an approval or an import of one is decided. */
#ifndef PB_DAEMON_TEAMS_H
#define PB_DAEMON_TEAMS_H

#include "engine/normed.h"

struct daemon;

struct teams {
    struct daemon *d;
    bool reading, read;
    const struct plant *plant; /* that they were read under */
    uint32_t node;             /* at and below it */
    int64_t from_ms, to_ms;
    int64_t read_mono_ms;
    enum err err;
    struct normed_teams of; /* the reader's while `reading` */
};

/* Whether the command has to come again, once the teams are read; they are handed to the core. What
 * went wrong with reading them, with a sentence. */
enum err teams_before(struct daemon *d, const struct ledger_command *c, bool *later,
                      struct ledger_refusal *why);
/* Once the archive has stopped. */
void teams_fini(struct teams *t);

#endif
