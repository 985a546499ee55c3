/* A window as a point of the time-series database. The point's key (measurement, tags, stamp) is a
 * pure function of the window, so writing it twice overwrites. Pure. */
#ifndef PB_OUTBOX_OUTBOX_ROWS_H
#define PB_OUTBOX_OUTBOX_ROWS_H

#include "window/indicator.h"
#include "window/window.h"

/* Text of a word id; n = 0: none. */
typedef struct span (*outbox_word)(void *user, uint32_t word);

/* pb_unit: a node's own window; pb_context: one of a product or team. */
const char *outbox_measurement(const struct window_key *k);
/* Appends the line: numerators, denominators, all quantities, coverage, revision; ratios only if
 * asked for. ERR_NOMEM. */
enum err outbox_line(const struct plant *p, const struct window *w, outbox_word word, void *user,
                     bool ratios, struct buf *out);
/* Appends "unit='press-1' AND ..." naming every tag of the point, absent ones as ''. ERR_NOMEM. */
enum err outbox_where(const struct plant *p, const struct window_key *k, outbox_word word,
                      void *user, struct buf *out);
#endif
