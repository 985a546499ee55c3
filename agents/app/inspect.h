/* For the engineer who connects a source: what would be sent, without sending it. Nothing here
 * opens the journal or the broker, so a running agent of the same file is not disturbed, unless a
 * device takes one client only. Sources are opened as those of somebody who looks (kinds.h). */
#ifndef PB_AGENT_INSPECT_H
#define PB_AGENT_INSPECT_H

#include <stdio.h>

#include "agent_app/agent_conf.h"

struct inspect_ask {
    const char *source; /* this one only; NULL: all */
    int64_t for_ms;     /* how long; INT64_MAX: until SIGINT or SIGTERM */
    uint64_t readings;  /* so many and no more; UINT64_MAX: no bound */
    FILE *out;
};

/* The points that the sources declare within the time, as a table. ERR_NOT_FOUND: there is no such
 * source. ERR_IO: a source could not be opened; it is named in the output. */
enum err inspect_points(struct agent_conf *conf, const struct inspect_ask *ask);
/* Every reading with its time, quality, value in the unit of the plant and the bytes it was made
 * of; what is vouched for, what is refused, how the source is. Errors as above. */
enum err inspect_dump(struct agent_conf *conf, const struct inspect_ask *ask);
/* What the sources find out there. ERR_NOT_FOUND; ERR_IO: one of them found nothing. */
enum err inspect_probe(struct agent_conf *conf, const struct inspect_ask *ask);
/* One line a source: name, kind. */
void inspect_sources(struct agent_conf *conf, FILE *out);

#endif
