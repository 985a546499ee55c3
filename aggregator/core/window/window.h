/* Windows: sums over minutes, quarters, hours, shifts and days, per node, product and team. A
 * window holds sums only; ratios are computed last (indicator.h). This room adds and keeps; when a
 * window is settled or restated is decided by the engine. */
#ifndef PB_WINDOW_WINDOW_H
#define PB_WINDOW_WINDOW_H

#include "cell/cell.h"
#include "window/indicator.h"

enum window_kind {
    WINDOW_MINUTE,  /* not kept as a window: its sums are cells, its life is in lives.h */
    WINDOW_QUARTER, /* 15 min, clock aligned (UTC) */
    WINDOW_HOUR,    /* local hours: whole quarters */
    WINDOW_SHIFT,   /* one shift instance; start = its begin */
    WINDOW_DAY,     /* local day: 23, 24 or 25 h */
    WINDOW_ORDER,   /* an order's local hour at a unit: for a database, the API adds up minutes */
    WINDOW_KIND_COUNT
};
enum { WINDOW_SHOWN_COUNT = WINDOW_ORDER }; /* kinds before it are shown and asked for */

enum window_life { WINDOW_PROVISIONAL, WINDOW_SETTLED, WINDOW_RESTATED };

enum restate_cause {
    RESTATE_NONE,
    RESTATE_LATE_DATA,
    RESTATE_GAP,
    RESTATE_CORRECTION,
    RESTATE_CAUSE_COUNT
};

/* product = team = 0: the node's own window. With product or team: a unit's context window; node =
 * site and product = 0: the team's window over all units. Word ids. */
struct window_key {
    uint32_t node; /* index in plant.node */
    uint8_t kind;  /* enum window_kind */
    uint32_t product;
    union {
        uint32_t team;
        uint32_t order; /* WINDOW_ORDER, never 0 */
    };
    int64_t start_ms;
};

/* The revisions before the last one, newest first: past[0] is revision - 1. Of those before them
 * nothing is kept but their number. */
enum { WINDOW_PAST_MAX = 4 };
struct window_past {
    int64_t told_ms[WINDOW_PAST_MAX];
    uint8_t cause[WINDOW_PAST_MAX]; /* enum restate_cause */
    uint8_t n;
};

struct window {
    struct window_key key;
    int64_t end_ms;
    struct sums sums;
    uint8_t life;               /* enum window_life */
    uint8_t cause;              /* enum restate_cause of the last revision */
    uint32_t revision;          /* 0 when settled first */
    uint8_t next_cause;         /* enum restate_cause of the coming revision */
    bool changed;               /* sums moved since last published or stored */
    bool stored;                /* the store's row equals this */
    int64_t published_ms;       /* wall clock of the last publication, 0: never */
    struct indicator_told told; /* in some publication */
    struct window_past past;
};

struct windows; /* hash table, owned */

enum err windows_open(size_t expected, struct windows **out);
void windows_close(struct windows *w);
struct window *windows_find(struct windows *w, const struct window_key *key); /* or NULL */
/* The same; whoever changes it must wake it. A window is awake until it is sent to sleep: then it
 * has nothing to tell or to store. */
struct window *windows_wake(struct windows *w, const struct window_key *key);
void windows_sleep(struct windows *w, const struct window_key *key);
/* Finds and wakes, or creates; a created one is provisional with zero sums. Pointers stay valid
 * until that window is dropped. ERR_NOMEM. */
enum err windows_get(struct windows *w, const struct window_key *key, int64_t end_ms,
                     struct window **out);
void windows_drop(struct windows *w, const struct window_key *key);
size_t windows_count(const struct windows *w);
/* Iterates all: *pos starts at 0; NULL at the end. Whoever drops the window just returned lowers
 * *pos by one. */
struct window *windows_next(struct windows *w, size_t *pos);
/* Those awake. Whoever drops the one just returned, or sends it to sleep, lowers *pos by one; none
 * may be woken meanwhile. */
struct window *windows_next_awake(struct windows *w, size_t *pos);

/* The start and end of the window of `kind` that contains t_ms, for the unit's site and calendar.
 * WINDOW_SHIFT outside a shift: false. */
bool window_bounds(const struct plant *p, uint32_t calendar, enum window_kind kind, int64_t t_ms,
                   int64_t *start_ms, int64_t *end_ms);

/* Which windows one cell of a unit counts in: the unit's own of every kind kept, those of every
 * ancestor (in shifts of the ancestor's own calendar, so that its windows are whole: law L1), its
 * context windows (product x team, of kinds SHIFT and DAY), its team's over the site (SHIFT and
 * DAY) and its order's. At most WINDOW_TARGETS_MAX; a target says whether pieces count there
 * (output rule). */
enum { WINDOW_TARGETS_MAX = 64 };
struct window_target {
    struct window_key key;
    int64_t end_ms;
    bool pieces; /* false: PQ, GQ, RQ (known and unknown) stay out */
};
unsigned window_targets(const struct plant *p, uint32_t unit, int64_t minute,
                        const struct context *ctx, struct window_target out[WINDOW_TARGETS_MAX]);
/* Adds sign (+1, -1) times the cell's sums to the window under the target's rule; false if nothing
 * of them counts there. */
bool window_apply(struct window *w, const struct window_target *t, const struct sums *s, int sign);
/* Its two halves: whether anything counts, and the move, for sums of which something does. */
bool window_counts_sums(const struct window_target *t, const struct sums *s);
void window_move(struct window *w, const struct window_target *t, const struct sums *s, int sign);
/* A quantity that a node takes from its outputs only. */
bool window_is_piece(enum qty q);
/* True if cells of the unit count in the node's windows: it lies below, and the node is its own or
 * it is not in commissioning for good; and whether those of one minute do. */
bool window_counts(const struct plant *p, uint32_t node, uint32_t unit);
bool window_counts_at(const struct plant *p, uint32_t node, uint32_t unit, int64_t minute);
/* True if the node is a unit that is in commissioning in a part of [from, to). */
bool window_commissioning(const struct plant *p, uint32_t node, int64_t from_ms, int64_t to_ms);
/* True if every node above the unit has the shifts of the unit's calendar. */
bool window_one_calendar(const struct plant *p, uint32_t unit);
/* True if unit's pieces are pieces of node: every step of the path from node down to the unit is
 * declared as an output of the step above. A unit is its own output. */
bool window_output(const struct plant *p, uint32_t node, uint32_t unit);

bool window_key_equal(const struct window_key *a, const struct window_key *b);

/* The revision that is told now becomes a past one. */
void window_push_past(struct window *w);

/* Store form: key as bytes that sort by (node, kind, product, team, start), of orders by (node,
 * kind, start, product, order); value with checksum. */
enum { WINDOW_KEY_BYTES = 24 };
void window_key_pack(const struct window_key *k, uint8_t out[WINDOW_KEY_BYTES]);
enum err window_key_unpack(struct span bytes, struct window_key *out);
enum err window_pack(const struct window *w, struct buf *out);
enum err window_unpack(struct span bytes, struct window *out); /* key is left alone */

const char *
window_kind_name(enum window_kind k); /* "minute", "15min", "hour", "shift", "day", "order" */
const char *restate_cause_name(enum restate_cause c);

#endif
