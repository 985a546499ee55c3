/* Lives: what was told to the world of the sixty minutes of a node's hour (UTC). The sums of a
 * minute are those of its cells, which the store has already; kept here is only what cells do not
 * say: whether a minute is settled, how often it was restated and why. */
#ifndef PB_WINDOW_LIVES_H
#define PB_WINDOW_LIVES_H

#include "window/window.h"

enum { LIVES_MINUTES = 60 };

struct lives_told { /* of minutes that were restated */
    uint32_t revision[LIVES_MINUTES];
    uint8_t cause[LIVES_MINUTES]; /* enum restate_cause */
};

struct lives {
    uint64_t exists;              /* bit m: minute m of the hour has cells */
    uint64_t settled;             /* bit m: it was told */
    uint64_t changed;             /* bit m: its sums moved since */
    struct indicator_told fields; /* of all minutes that were told */
    uint8_t next_cause;           /* enum restate_cause of what is to be told, the gravest */
    struct lives_told *told;      /* owned; NULL: none was restated */
};

void lives_fini(struct lives *l);
/* Nothing of the hour waits to be told. */
static inline bool lives_closed(const struct lives *l) {
    return !(l->exists & ~l->settled) && !l->changed;
}
/* A minute is told: settled first, restated with revision + 1 afterwards. ERR_NOMEM. */
enum err lives_tell(struct lives *l, unsigned minute, enum restate_cause cause);
/* Life, cause, revision, `changed` and bounds into w; its key's node and kind are left alone. */
void lives_get(const struct lives *l, int64_t hour, unsigned minute, struct window *w);

/* Store key: a byte 0 (something waits to be told) or 1 (closed), then the window key of the hour
 * with kind minute; n bytes, so that a start reads the open ones alone. */
enum { LIVES_KEY_BYTES = 1 + WINDOW_KEY_BYTES };
void lives_key_pack(bool closed, uint32_t node_no, int64_t hour, uint8_t out[LIVES_KEY_BYTES]);
enum err lives_key_unpack(struct span bytes, uint32_t *node_no, int64_t *hour);
/* Appends the value; an hour of which every minute was told once takes some 20 bytes. ERR_NOMEM. */
enum err lives_pack(const struct lives *l, struct buf *out);
/* ERR_CHECKSUM, ERR_TRUNCATED, ERR_FORMAT, ERR_NOMEM: *out is untouched. What it held is freed. */
enum err lives_unpack(struct span bytes, struct lives *out);

#endif
