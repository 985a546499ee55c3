/* A client of an MTConnect adapter: lines of SHDR over TCP, with PING and PONG. An adapter keeps no
 * buffer: what it said while nobody listened is lost, and that time is a gap. Recorded files of the
 * same lines are read by the kind lines. */
#ifndef PB_SHDR_SHDR_H
#define PB_SHDR_SHDR_H

#include "conf/conf.h"
#include "source/source.h"
#include "sources/quantity.h"

enum shdr_clock { SHDR_ORIGINAL, SHDR_RELATIVE, SHDR_ARRIVAL };

struct shdr_point_conf {
    struct conf_pos pos;
    char *name;
    char *key; /* what lines call it; "": its name */
    char *hint;
    int form; /* enum line_form */
    struct quantity_conf quantity;
};

struct shdr_conf {
    char *host;
    int64_t port, silence_ms, timeout_ms, offset_min;
    int clock;
    bool name_unknown;
    struct shdr_point_conf *points;
    size_t point_n;
};

extern const struct conf_schema shdr_schema;
void shdr_conf_finish(const struct shdr_conf *c, struct conf_report *report);

/* The configuration is borrowed until close. It has no position. ERR_CONFIG, ERR_NOMEM. */
enum err shdr_open(const struct shdr_conf *c, int64_t now_ms, struct source **out);
/* Listens for a while and writes the keys that lines had. ERR_IO: there is no adapter. */
enum err shdr_probe(const struct shdr_conf *c, struct buf *out);

#endif
