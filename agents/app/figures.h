/* What an agent tells of itself: the names, units and helps as tables, and the text Prometheus
 * reads of them. It measures nothing and serves nothing. */
#ifndef PB_AGENT_FIGURES_H
#define PB_AGENT_FIGURES_H

#include "agent_app/batcher.h"
#include "agent_app/feed.h"
#include "bus/bus.h"
#include "publisher/publisher.h"
#include "scrape/scrape.h"

/* What only the agent's shell sees, counted since its start. */
struct figures_told {
    uint64_t dropped_records[DROP_REASON_COUNT], dropped_readings[DROP_REASON_COUNT];
    uint64_t connect_failures;          /* attempts at the broker that brought no connection */
    uint64_t probes, reloads;           /* commands */
    uint64_t conf_loaded, conf_refused; /* versions of its file, since the start */
    uint64_t damaged;                   /* messages whose checksum was wrong */
};

struct figures_now {
    int64_t connected; /* to the broker, 0 or 1 */
    int64_t waiting;   /* readings in the open batch */
    int64_t quota_bytes, backlog_records, backlog_bytes;
    int64_t backlog_age_ms; /* of the oldest record, 0: there is none */
    int64_t resident_bytes, heap_bytes;
    int64_t started_ms; /* UTC */
};

/* All pointers are borrowed. */
struct figures {
    const struct ident *agent;
    const char *version;
    const struct journal_stats *journal;
    const struct publisher_stats *publisher;
    const struct batcher_stats *batcher;
    const struct bus_stats *bus;
    const struct metric_histogram *syncs;
    const struct scrape_stats *scrapes;
    const struct figures_told *told;
    const struct feed_stats *sources;
    size_t source_n;
    struct figures_now now;
};

/* Appends the text. ERR_NOMEM. */
enum err figures_format(const struct figures *f, struct buf *out);

#endif
