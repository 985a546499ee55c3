/* A time zone as a table of transitions with the POSIX rule of its footer, built from the bytes of
 * a TZif file (RFC 8536). Pure: the shell reads the file with clock_zone_bytes(). */
#ifndef PB_BASE_ZONE_H
#define PB_BASE_ZONE_H

#include "base/err.h"
#include "base/utc.h"

struct zone; /* opaque, immutable after zone_open */

/* Owned by the caller until zone_close(). ERR_FORMAT, ERR_TRUNCATED, ERR_NOMEM;
 * ERR_UNSUPPORTED for a file that counts leap seconds. */
enum err zone_open(struct span tzif, struct zone **out);
enum err zone_open_utc(struct zone **out);
void zone_close(struct zone *z);
/* Local time minus UTC, seconds, in force at t_ms. */
int32_t zone_offset_s(const struct zone *z, int64_t t_ms);
/* Local civil fields of an instant. */
struct utc_parts zone_local(const struct zone *z, int64_t t_ms);
/* Instant of a local civil time. A time that occurs twice gives the first; a time that is skipped
 * gives the instant of the transition. */
int64_t zone_instant(const struct zone *z, const struct utc_parts *local);
/* The same of a local time in ms since 1970-01-01 00:00 of the local clock. */
int64_t zone_instant_of(const struct zone *z, int64_t wall_ms);
/* Instant at which the local day that contains t_ms begins, and the next one: 23, 24 or 25 h apart.
 */
int64_t zone_day_start(const struct zone *z, int64_t t_ms);
int64_t zone_next_day(const struct zone *z, int64_t t_ms);
void zone_day(const struct zone *z, int64_t t_ms, int64_t *start_ms, int64_t *next_ms); /* both */

#endif
