/* People who enter what no signal tells, and correct what one told, while everything dies around
 * them. They send an entry again under its key until its answer came: until the core has it
 * durable. A store put back from a backup has forgotten some; then they enter those again. */
#ifndef PB_SIMWORLD_PEOPLE_H
#define PB_SIMWORLD_PEOPLE_H

#include "simkit/station.h"
#include "simworld/rng.h"

enum { PEOPLE_ENTRIES_MAX = 24 };

struct people_entry {
    struct act act; /* texts are static, the key stands behind */
    char key[16];
    size_t of;  /* ACT_VOID: which of the entries */
    uint64_t n; /* its number at the core that took it last, 0: none */
    bool answered;
};

struct people {
    struct rng rng;
    bool at_work;
    bool crew; /* a signal tells the packer's headcount: corrected for a while, never for good */
    const struct plant *plant; /* borrowed; of people_of_meters() */
    struct people_entry at[PEOPLE_ENTRIES_MAX];
    size_t n;
};

/* A third of all seeds have people. */
void people_init(struct people *p, uint64_t seed, bool crew);
/* Of a world in which logs are kept for hours: nothing but factors of meters, as far back as cells
 * are kept and further, which may be refused; each is void in the end, and then all is as if there
 * had been none. */
void people_of_meters(struct people *p, uint64_t seed, const struct plant *plant);
/* Enters something now and then (`more`), sends what is not answered. What the core says against
 * the rules of entries; NULL: nothing. */
const char *people_step(struct people *p, struct station *s, bool more);
/* The store is older than what they know: nothing counts as answered. */
void people_forget(struct people *p);
bool people_answered(const struct people *p);
/* All of it into another core, in the order in which it holds. ERR_STATE: it takes it otherwise. */
enum err people_play(const struct people *p, struct station *s);

#endif
