/* A client of an MTConnect agent: probe, current, and the stream of samples, over HTTP. What the
 * agent keeps in its buffer is read without loss over breaks and restarts; what it no longer has is
 * a gap, and counted. It sends nothing but these questions. */
#ifndef PB_MTCONNECT_MTCONNECT_H
#define PB_MTCONNECT_MTCONNECT_H

#include "conf/conf.h"
#include "source/source.h"
#include "sources/quantity.h"

/* Chooses data items: each criterion that is not empty must fit. */
struct mtconnect_point_conf {
    struct conf_pos pos;
    char *name; /* {device}, {component}, {item} and {id} stand for those of the item */
    char *id, *item, *item_type, *sub_type, *component, *device;
    char *hint;
    struct quantity_conf quantity;
};

struct mtconnect_conf {
    char *url;
    struct conf_pos url_pos;
    char *device; /* "": all */
    int64_t interval_ms, heartbeat_ms, timeout_ms;
    int64_t count;
    bool history;
    struct mtconnect_point_conf *points;
    size_t point_n;
};

extern const struct conf_schema mtconnect_schema;
void mtconnect_conf_finish(const struct mtconnect_conf *c, struct conf_report *report);

/* Needs libcurl and libexpat at run; the configuration is borrowed until close. ERR_FORMAT: not a
 * position of this source; ERR_CONFIG, ERR_NOMEM, ERR_IO. Without the libraries it opens, and its
 * state says what is missing. */
enum err mtconnect_open(const struct mtconnect_conf *c, int64_t now_ms, struct span position,
                        struct source **out);
/* Writes devices and data items with the point each would make. ERR_IO: the agent did not answer.
 */
enum err mtconnect_probe(const struct mtconnect_conf *c, struct buf *out);

#endif
