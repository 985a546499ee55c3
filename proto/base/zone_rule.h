/* The rule in the footer of a TZif file: a POSIX TZ text such as "CET-1CEST,M3.5.0,M10.5.0/3" with
 * the extensions of RFC 8536, 3.3.1. Of use to zone.c only; it knows nothing of files or tables. */
#ifndef PB_BASE_ZONE_RULE_H
#define PB_BASE_ZONE_RULE_H

#include "base/err.h"
#include "base/span.h"

enum { ZONE_OFFSET_LIMIT_S = 26 * 3600 }; /* offsets lie strictly inside of +-26 h */

enum zone_date_kind {
    ZONE_DATE_WEEKDAY, /* Mm.w.d: the w-th weekday d (0 = Sunday) of month m, w = 5 the last */
    ZONE_DATE_JULIAN,  /* Jn: day 1..365, 29 February is never counted */
    ZONE_DATE_DAY,     /* n: day 0..365, 29 February is counted */
};

struct zone_date {
    enum zone_date_kind kind;
    int month, week, day;
    int32_t time_s; /* local wall clock, may lie outside of the day */
};

struct zone_rule {
    bool has_dst;
    int32_t std_s, dst_s; /* local time minus UTC */
    struct zone_date start, end;
};

/* A stretch [from_s, until_s) of one offset; seconds since 1970 UTC. */
struct zone_stretch {
    int64_t from_s, until_s;
    int32_t offset_s;
};

enum err zone_rule_parse(struct span text, struct zone_rule *out);
/* Finds the stretch that holds t_s; without daylight saving it has no ends (INT64_MIN/MAX). */
struct zone_stretch zone_rule_find(const struct zone_rule *r, int64_t t_s);

#endif
