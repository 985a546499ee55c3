/* Time stamps: int64 milliseconds since 1970-01-01T00:00:00Z (UTC, no leap seconds).
 * Nothing here reads a clock: see clock.h. */
#ifndef PB_BASE_UTC_H
#define PB_BASE_UTC_H

#include "base/err.h"
#include "base/span.h"

enum { UTC_TEXT = 32 };
#define UTC_SECOND_MS INT64_C(1000)
#define UTC_MINUTE_MS INT64_C(60000)
#define UTC_HOUR_MS INT64_C(3600000)
#define UTC_DAY_MS INT64_C(86400000)

struct utc_parts {
    int year, month, day; /* month 1..12, day 1..31 */
    int hour, minute, second, ms;
    int weekday; /* 1 = Monday .. 7 = Sunday (ISO 8601); output only */
};

int64_t utc_from_parts(const struct utc_parts *p); /* proleptic Gregorian; fields may overflow */
struct utc_parts utc_to_parts(int64_t t_ms);
/* "2026-11-23T23:17:18.250Z" */
void utc_format(int64_t t_ms, char text[UTC_TEXT]);
/* RFC 3339 with 'T' or blank, optional fraction (truncated to ms), and Z or +hh:mm.
 * ERR_FORMAT if no offset is given: local times need a zone (zone.h). */
enum err utc_parse(struct span text, int64_t *t_ms);
/* Largest multiple of step_ms not above t_ms, also for t_ms < 0. */
int64_t utc_floor(int64_t t_ms, int64_t step_ms);

#endif
