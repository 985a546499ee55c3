/* Gauges of a run, minute by minute, out of the store: they must be those of the straight run. */
#ifndef PB_SIMWORLD_AUDITGAUGE_H
#define PB_SIMWORLD_AUDITGAUGE_H

#include "engine/gauges.h"
#include "simkit/station.h"

enum { AUDITGAUGE_MINUTES = 6 * 24 * 60 };

struct auditgauge {
    struct gauge_span *minute; /* AUDITGAUGE_MINUTES of each gauge; NULL: the plant has none */
    size_t n;
    int64_t known_ms;
};

/* From three days before t_ms on. Everything must be committed and nothing under way. */
enum err auditgauge_collect(struct station *s, int64_t t_ms, struct auditgauge *out);
void auditgauge_fini(struct auditgauge *a);
/* How many minutes differ; the first few are printed. */
unsigned auditgauge_differ(const struct auditgauge *a, const struct auditgauge *b, bool print);

#endif
