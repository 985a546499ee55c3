/* Written moments: text in a declared form becomes an instant, a local civil time or a distance
 * from the recording's start. It reads no clock; the zone comes with the caller. */
#ifndef PB_SOURCES_STAMP_H
#define PB_SOURCES_STAMP_H

#include "base/err.h"
#include "base/span.h"
#include "base/utc.h"
#include "base/zone.h"

enum stamp_form {
    STAMP_ISO,     /* 2026-11-23T06:00:00.250 with or without offset; blank for T */
    STAMP_EPOCH_S, /* seconds since 1970, fraction allowed */
    STAMP_EPOCH_MS,
    STAMP_ELAPSED_S, /* seconds since the recording's start */
    STAMP_ROW,       /* no stamp: the row's number times the period */
    STAMP_PATTERN    /* strptime's %Y %y %m %d %e %H %I %M %S %f %p %b %j %z %% */
};

struct stamp_rule {
    enum stamp_form form;
    const char *pattern;     /* STAMP_PATTERN; borrowed */
    const struct zone *zone; /* borrowed; NULL: offset_min */
    int64_t offset_min;      /* local time minus UTC */
    bool midnight_ends_day;  /* a local 00:00:00 stands for 24:00 of its date */
    int64_t epoch_ms;        /* instant of the recording's start, for STAMP_ELAPSED_S */
};

/* Chooses form and pattern by the configured word: iso, epoch_s, epoch_ms, elapsed_s, row, or a
 * pattern with % in it. ERR_CONFIG for anything else and for an unknown conversion. */
enum err stamp_rule_parse(struct stamp_rule *r, const char *word);
/* Gives the instant. Of a local time that occurs twice, the first, unless that is not after
 * previous_ms (INT64_MIN: none) and the second is. ERR_FORMAT, ERR_RANGE. */
enum err stamp_parse(const struct stamp_rule *r, struct span text, int64_t previous_ms,
                     int64_t *t_ms);

#endif
