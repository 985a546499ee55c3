/* A window as a point of the time-series database. The point's key (measurement, tags, stamp) is a
 * pure function of the window, so writing it twice overwrites. Pure. */
#ifndef PB_OUTBOX_OUTBOX_ROWS_H
#define PB_OUTBOX_OUTBOX_ROWS_H

#include "window/indicator.h"
#include "window/window.h"

/* Text of a word id; n = 0: none. */
typedef struct span (*outbox_word)(void *user, uint32_t word);

struct outbox_plan {
    uint32_t product; /* index in the plant */
    int64_t quantity; /* millionths */
    int64_t from_ms;
};

/* Where rows find what a window does not hold; borrowed. */
struct outbox_source {
    const struct plant *plant;
    outbox_word word;
    /* What is planned of the order of a WINDOW_ORDER; false: nothing. NULL: nothing ever is. */
    bool (*plan)(void *user, const struct window_key *k, struct outbox_plan *out);
    void *user;
};

/* pb_unit: a node's own window; pb_context: one of a product or team; pb_order: an order's hour. */
const char *outbox_measurement(const struct window_key *k);
/* Stamp of the point, ms. That of an order lies within half an hour behind its hour's begin: its
 * name, a field, keeps it apart from others of the same product. */
int64_t outbox_stamp(const struct outbox_source *from, const struct window_key *k);
/* Appends the line: numerators, denominators, all quantities, coverage, revision; ratios only if
 * asked for. ERR_NOMEM. */
enum err outbox_line(const struct outbox_source *from, const struct window *w, bool ratios,
                     struct buf *out);
/* Appends "unit='press-1' AND ..." naming every tag of the point, absent ones as ''. ERR_NOMEM. */
enum err outbox_where(const struct outbox_source *from, const struct window_key *k,
                      struct buf *out);
#endif
