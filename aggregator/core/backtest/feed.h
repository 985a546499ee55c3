/* The minutes of nodes, hour by hour from the store: what is asked for is read in slices, each as
 * of one commit. It knows no rules. For this room only. */
#ifndef PB_BACKTEST_FEED_H
#define PB_BACKTEST_FEED_H

#include "cell/cell.h"
#include "engine/history.h"

/* A minute of a product and team at a node above units, of all units below. */
struct feed_part {
    struct cell cell;
    uint32_t next; /* index of the minute's next one, FEED_NONE: it is the last */
};
#define FEED_NONE UINT32_MAX

struct feed_node {
    uint32_t node;
    struct cells cells;     /* of a unit: its own, by minute */
    size_t at;              /* the next of them */
    struct sums *minute;    /* of others: the slice's minutes, added up; NULL for units */
    bool *any;              /* whether there was something in each */
    bool by_context;        /* products and teams are told apart */
    size_t part_at;         /* then of a unit: the next of its cells */
    uint32_t *first;        /* of others by minute of the slice: index of a part, FEED_NONE: none */
    struct feed_part *part; /* owned; part_n of part_cap */
    size_t part_n, part_cap;
};

struct feed {
    const struct plant *plant;
    struct feed_node *node; /* that are watched, in the order of the plant */
    size_t node_n;
    uint32_t *of;   /* by plant node: its index in `node`, UINT32_MAX: not watched */
    uint32_t *unit; /* whose cells count in some of them */
    size_t unit_n;
    uint16_t qty[QTY_COUNT];   /* enum qty: what nodes above units are to have */
    size_t qty_n, not_piece_n; /* those that count of others than outputs, too, stand first */
    int64_t hour, hours;       /* the slice: [hour, hour + hours) */
    int64_t most;              /* hours of a slice */
    /* Is called once a unit's cells of the slice are there, if they need not stay; else NULL. */
    enum err (*unit_read)(void *user, struct feed_node *n);
    void *user;
};

struct feed_want {
    const bool *node, *by_context; /* by plant node: it is watched; by products and teams, too */
    bool qty[QTY_COUNT];           /* the quantities that count */
    bool keep;                     /* cells of all units stay until the slice is over */
};
/* ERR_NOMEM. feed_fini in any case. */
enum err feed_open(struct feed *f, const struct plant *plant, const struct feed_want *want);
void feed_fini(struct feed *f);
/* Reads the slice from `hour` on, up to `to`. */
enum err feed_read(struct feed *f, int64_t hour, int64_t to, const struct history_reader *r);
/* Hands on what a node has of a minute of the slice; minutes in their order. */
void feed_minute(struct feed_node *n, const struct feed *f, int64_t minute,
                 void (*take)(void *user, const struct sums *s), void *user);

/* The same by products and teams, of a node that is told apart so. */
void feed_parts(struct feed_node *n, const struct feed *f, int64_t minute,
                void (*take)(void *user, const struct cell *c), void *user);

#endif
