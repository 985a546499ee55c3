/* The newest told times of the points that were told last, for the position: after a restart what
 * is sent again is known by them. Only points that count need it: an older total would be taken for
 * a meter that began anew; another held value may be told twice.
 *
 * As text "1 <until> <floor> {<name> <t>} x 8": up to where the source has vouched; the newest time
 * of points that found no place here; and hashes of names with their times. */
#ifndef PB_MQTT_MQLAST_H
#define PB_MQTT_MQLAST_H

#include "base/buf.h"

enum { MQLAST_ROWS = 8 };

struct mqlast_row {
    uint32_t name; /* fnv1a32 */
    int64_t t_ms;  /* MQSEEN_NONE: free */
};

struct mqlast {
    struct mqlast_row rows[MQLAST_ROWS]; /* the last told first */
    int64_t floor_ms;
};

void mqlast_init(struct mqlast *l);
/* ERR_FORMAT. */
enum err mqlast_parse(struct mqlast *l, struct span text, int64_t *until_ms);
void mqlast_format(const struct mqlast *l, int64_t until_ms, struct buf *out);
/* A reading of t_ms was told. */
void mqlast_add(struct mqlast *l, uint32_t name, int64_t t_ms);
/* Up to when a point was told, at most; MQSEEN_NONE: nothing was. */
int64_t mqlast_find(const struct mqlast *l, uint32_t name);

#endif
