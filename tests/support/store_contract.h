/* What every store must do, as cases that run on any of them. A case gives NULL or the words of
 * what did not hold; opening and turning the store is its caller's. */
#ifndef PB_SUPPORT_STORE_CONTRACT_H
#define PB_SUPPORT_STORE_CONTRACT_H

#include "ports/store.h"

enum { CONTRACT_QUEUE_BYTES = 1 << 20, CONTRACT_LOAD_BYTES = 4096 };

/* A fresh, empty store with the bounds above. */
struct store_rig {
    struct store *store;
    /* Lets it work until holds(arg); false if that never happens. */
    bool (*until)(void *user, bool (*holds)(void *arg), void *arg);
    void *user;
    unsigned answers; /* dones so far, counted by the cases */
    enum err err;     /* of the last done */
    struct buf got;   /* rows of the last load: "key=value;" each, "|" behind each range */
    bool truncated, stopped;
};

struct store_case {
    const char *says;
    const char *(*run)(struct store_rig *rig);
};
/* Ends with a case whose `says` is NULL. Each leaves a store that is stopped. */
const struct store_case *store_contract(void);

/* --- what cases and other tests build with ------------------------------------------------------
 */

/* A transaction on the heap as commit takes it; NULL: out of memory. */
struct store_tx *rig_tx(void);
void rig_add(struct store_tx *tx, enum store_op op, enum store_table table, const char *key,
             const char *value);
/* Submits and waits for the answer. */
enum err rig_commit(struct store_rig *rig, struct store_tx *tx);
enum err rig_put(struct store_rig *rig, const char *key, const char *value); /* into META */
/* Loads ranges and waits; the rows as text, valid until the next load. */
const char *rig_load(struct store_rig *rig, const struct store_range *range, size_t n);
const char *rig_content(struct store_rig *rig, enum store_table table);
bool rig_stop(struct store_rig *rig);
void rig_fini(struct store_rig *rig); /* closes the store */

#endif
