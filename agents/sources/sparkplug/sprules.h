/* Which metric is which point: patterns over its four names, a name made of them, and what the
 * value means. It keeps every point that it made, so that a birth that comes again finds it. */
#ifndef PB_SPARKPLUG_SPRULES_H
#define PB_SPARKPLUG_SPRULES_H

#include "sources/names.h"
#include "sparkplug/sparkplug.h"

/* One metric by its names. */
struct sprules_metric {
    struct span group, node, device, metric; /* device n 0: the node's own */
    struct span unit;                        /* the property engUnit; n 0: none */
};

struct sprules_point {
    uint16_t point; /* at the owner */
    int clock;
    struct quantity quantity;
    char unit[POINT_UNIT_MAX + 1];
};

#define SPRULES_NONE UINT32_MAX

struct sprules {
    const struct sparkplug_conf *conf;
    struct names names; /* of points */
    struct sprules_point **points;
    size_t n;
};

/* ERR_NOMEM. */
enum err sprules_init(struct sprules *r, const struct sparkplug_conf *c);
void sprules_fini(struct sprules *r);
/* Finds the point of a metric, or makes it. *at: its index, or SPRULES_NONE: no rule has it, or
 * what was wrong was told to out->refused. Errors of the owner, ERR_NOMEM. */
enum err sprules_bind(struct sprules *r, const struct sprules_metric *m,
                      const struct source_out *out, uint32_t *at);
/* Whether a pattern matches a whole text: * is any run, all else itself. */
bool sprules_match(const char *pattern, struct span text);
/* A template with the metric's names; what a name of a point may not have becomes a dash.
 * ERR_RANGE: longer than room, or empty; ERR_CONFIG: an unknown name in braces. */
enum err sprules_name(const char *pattern, const struct sprules_metric *m, char *out, size_t room);

#endif
