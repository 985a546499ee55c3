/* One run: an agent with sources of drawn kinds, devices that go on, faults by chance; then all
 * heals, what is there is read, and the journal is audited. */
#ifndef PB_SIMSOURCES_STORY_H
#define PB_SIMSOURCES_STORY_H

#include "simsources/ledger.h"

struct story_conf {
    uint64_t seed;
    enum variant variant;
    const char *folder; /* for files; of this run alone */
    bool print;
};

struct story_result {
    struct ledger ledger;
    uint64_t kills, reloads, offered, refused, sources;
};

/* ERR_NOMEM, ERR_IO, ERR_NOT_FOUND (a library); everything else is in the result. */
enum err story_run(const struct story_conf *conf, struct story_result *out);

#endif
