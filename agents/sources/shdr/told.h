/* What lines of an adapter say, as readings: keys to points, times by the configured clock, and
 * what an adapter repeats when a connection begins. Pure. */
#ifndef PB_SHDR_TOLD_H
#define PB_SHDR_TOLD_H

#include "shdr/shdr.h"
#include "sources/conditions.h"
#include "sources/coverage.h"
#include "sources/line.h"
#include "sources/names.h"

struct told_bound {
    struct quantity quantity;
    uint16_t point;
    bool declared;
    bool met; /* in this connection */
};

struct told_reading {
    struct reading r; /* its point is the index of the bound */
    struct span raw;
};

struct told {
    const struct shdr_conf *conf;
    struct told_bound *bound; /* one a point of the configuration */
    size_t quantity_n;
    struct names keys;    /* key -> index */
    struct names unknown; /* keys that were named */
    struct conditions conditions;
    struct line_rule rule;
    struct line_shdr state;
    struct line line;
    struct coverage coverage;
    bool fresh;                       /* a connection has begun, and no line of it was told */
    int64_t begun_ms;                 /* when */
    int64_t start_ms;                 /* of the span that the connection began */
    bool anchored;                    /* clock: relative */
    int64_t anchor_ms, anchor_now_ms; /* of its first line */
    struct told_reading *readings;    /* of the line at hand; owned */
    size_t n, cap, at;
    bool holding;
    int64_t t_ms;  /* of the line at hand */
    bool own_time; /* it is the adapter's */
};

/* ERR_CONFIG, ERR_NOMEM. */
enum err told_init(struct told *t, const struct shdr_conf *c);
void told_fini(struct told *t);
/* A connection begins: what was active is told anew. */
void told_begin(struct told *t, int64_t now_ms);
/* Takes a line; not while it holds one. place: "line 17". Errors of memory. */
enum err told_take(struct told *t, struct span line, const char *place, int64_t now_ms,
                   const struct source_out *out);
/* The adapter is alive. Errors of the owner. */
enum err told_alive(struct told *t, int64_t now_ms, const struct source_out *out);
/* Declares points, tells what is held. Errors of the owner: call it again. */
enum err told_tell(struct told *t, const struct source_out *out);

#endif
