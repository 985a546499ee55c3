/* An outbox between a store and a database, both in memory, on the plant of the simulation. */
#ifndef PB_UNIT_OUTBOX_RIG_H
#define PB_UNIT_OUTBOX_RIG_H

#include "memory/store_memory.h"
#include "outbox/outbox.h"
#include "simkit/line_plant.h"
#include "support/sink_memory.h"
#include "support/store_contract.h"

struct outbox_rig {
    struct store_rig rig; /* its store */
    struct plant *plant;
    struct sink *sink;
    struct outbox *outbox;
    int64_t now_ms;
    unsigned notes, warnings;
    bool press_is_gone;                            /* for a `node` that looks at it */
    uint32_t (*node)(void *user, uint32_t number); /* of the outbox at its next start */
    uint32_t request_rows, rows_max;               /* the same; 0: all of a page, ROWS_MAX */
    char note[400];                                /* the last one */
};

enum {
    PRESS = 2,
    PACK = 3,
    RETRY_MIN_MS = 100,
    RETRY_MAX_MS = 1000,
    RETRY_AFTER_MAX_MS = 600000,
    ROWS_MAX = 50
};

void outbox_rig_open(struct outbox_rig *r, const struct sink_memory_conf *sink);
/* The process dies and comes back; what was under way at the database is carried out if applied. */
void outbox_rig_restart(struct outbox_rig *r, bool applied);
void outbox_rig_close(struct outbox_rig *r);
/* A settled hour of a node from SIM_DAY0 + hour; its row is put into the outbox. good < 0: nothing
 * was counted or made, so no ratio of pieces is defined. */
void outbox_rig_put(struct outbox_rig *r, uint32_t node, int hour, int64_t good, uint32_t revision);
/* One of a product and a team. */
void outbox_rig_put_context(struct outbox_rig *r, uint32_t node, uint32_t product, uint32_t team);
/* Lets everything happen that happens without time; then the clock goes on by ms, with one tick. */
void outbox_rig_settle(struct outbox_rig *r);
void outbox_rig_tick(struct outbox_rig *r, int64_t ms);
/* Until the outbox table is empty, at most so many ticks of a second. */
bool outbox_rig_drain(struct outbox_rig *r, unsigned ticks);
/* The point of a unit's hour, or NULL. */
const struct line_read *outbox_rig_point(const struct outbox_rig *r, const char *unit, int hour);

#endif
