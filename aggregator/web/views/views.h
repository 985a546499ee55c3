/* JSON views of the core: what the API, the page and the command line show, written straight into a
 * buffer. It decides nothing and keeps nothing; numbers come from sums, undefined ones are null. */
#ifndef PB_VIEWS_VIEWS_H
#define PB_VIEWS_VIEWS_H

#include "engine/core.h"
#include "metric/metric.h"
#include "json/json_writer.h"

enum { VIEW_STALE_MS = 15000 }; /* age from which a tile is marked stale, unless set otherwise */

/* What the shell knows and the core does not. Texts are borrowed for the call; NULL: not there. */
struct view_sink {
    const char *name;  /* "influxdb" */
    const char *state; /* "ok", "retrying", "held", "off" */
    const char *detail;
    uint64_t rows, batches, retries, backlog_rows;
    uint64_t dead;          /* dead letters in the store */
    int64_t dead_oldest_ms; /* UTC, of the oldest; INT64_MIN: none, or not known */
    int64_t last_ok_ms;     /* UTC, 0: never */
};
struct view_channel { /* of those that tell of alerts */
    const char *name, *kind;
    const char *state;                        /* "ok", "retrying", "held" */
    const char *detail;                       /* "": none */
    uint64_t told, letters, digests, retries; /* since the start */
    uint64_t waiting, dead;                   /* in the store */
    uint64_t lost;      /* refused beyond as many dead letters as are kept; since the start */
    int64_t oldest_ms;  /* UTC, of what waits; INT64_MIN: nothing does */
    int64_t last_ok_ms; /* UTC, 0: never */
};
struct view_notices { /* since the start */
    uint64_t routed, unrouted, otherwise, damaged;
};
struct view_process {                   /* counters since the start, but for what stands now */
    int64_t resident_bytes, heap_bytes; /* now */
    uint64_t bus_received, bus_received_bytes, bus_published, bus_refused_full;
    uint64_t bus_connects, bus_disconnects, bus_inbox_dropped;
    int64_t bus_inbox_bytes, bus_inbox_bytes_max; /* what it holds; the most it held */
    int64_t bus_up; /* now: 1 while there is a connection to the broker */
    uint64_t closed_told, closed_lost;
    uint64_t http_requests, http_refused, http_cut, http_streams, http_events, http_stream_bytes;
    int64_t http_connections, http_streams_open; /* now */
    uint64_t logins, logins_refused, logins_throttled, access_events, access_events_lost;
    int64_t sessions; /* now */
};

struct view_configuration {   /* texts are borrowed */
    const char *result;       /* of the last reload: "loaded", "unchanged", "refused"; "none" */
    const char *by;           /* who asked for it; NULL: nobody did yet */
    int64_t at_ms;            /* UTC, when it ended */
    int64_t took_ms;          /* ... and how long it took */
    int64_t paused_ms;        /* ... and for how long nothing was taken from the bus */
    int64_t since_ms;         /* UTC, when what runs came into force */
    int64_t differs_ms;       /* UTC, since when the files are others, or wrong; 0: they are not */
    bool watched;             /* changes of the files are taken over without a word */
    uint64_t loaded, refused; /* reloads since the start */
    size_t n;                 /* changes, or what is wrong */
    struct span text;         /* it in words, lines */
};

struct view_extra {
    const char *version;
    int64_t uptime_ms;
    const struct store_stats *store;
    const struct view_sink *sink;
    size_t sink_n;
    uint64_t loop_max_us; /* longest turn of the loop, 0: not measured */
    /* NULL: not measured. Checkpoint: from the transaction's handing over to its commit. Ack: from
     * the arrival of the oldest record in it to the acks behind it. CPU: what the loop's thread had
     * of a turn's time; the rest others had, or a lock or a disk kept it. */
    const struct metric_histogram *loop_turns, *loop_cpu, *checkpoints, *acks;
    const struct view_process *process; /* NULL: not known */
    const struct view_channel *channel;
    size_t channel_n;
    const struct view_notices *notices;             /* NULL: nobody is ever told */
    const struct view_configuration *configuration; /* NULL: it is none of files */
};

struct view_in {
    struct core *core;
    struct core_now now;
    int64_t stale_ms; /* 0: VIEW_STALE_MS */
    const struct view_extra *extra;
};

/* Windows of a node view: bits of a set. */
enum view_window { VIEW_ROLLING, VIEW_HOUR, VIEW_SHIFT, VIEW_DAY, VIEW_WINDOW_COUNT };
enum { VIEW_ALL_WINDOWS = (1 << VIEW_WINDOW_COUNT) - 1 };
/* "rolling" (last 60 minutes), "hour", "shift", "day". */
const char *view_window_name(enum view_window v);
enum view_window view_window_find(struct span name); /* VIEW_WINDOW_COUNT: none */

/* INDICATORS section 6: worst first, so that the whole is the minimum. */
enum view_status {
    VIEW_NOT_MET,
    VIEW_NO_DATA,
    VIEW_NO_NORM,
    VIEW_MET,
    VIEW_BETTER,
    VIEW_STATUS_COUNT
};
const char *view_status_name(enum view_status s);
/* A value this much better than its norm (relative) is "better than norm": the 110 % attainment at
 * which a review would tighten it. */
#define VIEW_BETTER_BY 0.10
/* Below this coverage a window is not held against norms. */
#define VIEW_COVERAGE_MIN 0.95

/* A norm as it is held against a value, in the indicator's unit; a copy, for any thread. */
struct view_norm {
    bool given;
    bool standard;      /* low to high, value is the target or NAN; else value alone */
    bool bound;         /* a binding norm in the place of our own weaker one */
    bool plan_required; /* it lies beyond our best */
    uint8_t origin;     /* enum norm_origin */
    double value, low, high;
    int64_t from_ms;
    char id[IDENT_MAX + 1]; /* "": a manning norm of the plant file */
    char approved_by[LEDGER_WHO_MAX + 1];
    char document[96];
};
/* The norm in force for a node and indicator at t: of the ledger (NULL: none there), of manning the
 * plant file's. Nothing is held against what is in commissioning. */
struct view_norm view_norm_at(const struct plant *p, const struct ledger *l, uint32_t node,
                              enum indicator i, int64_t t_ms);
/* The members of it, `difference` from a value aside. */
void view_norm_members(struct json_writer *w, const struct view_norm *n);
enum view_status view_judge(enum indicator i, const struct indicator_value *v,
                            const struct view_norm *norm);
/* Why an indicator of a node has no value, as an id that the glossary explains; NULL if it has. */
const char *view_reason(const struct plant *p, uint32_t node, enum indicator i,
                        const struct sums *s);
/* What must be known to read a value, as an id that the glossary explains; NULL: nothing. */
const char *view_note(const struct plant *p, uint32_t node, enum indicator i, const struct sums *s);
/* Energy of a window in which nothing good was made, kWh: per unit it is undefined. NAN: none. */
double view_idle_kwh(const struct sums *s);
/* Why a class is missing at a node: no unit below it has a signal for it; NULL: it is not missing.
 * O(units). */
const char *view_missing(const struct plant *p, uint32_t node, enum norm_class c);

/* Each writes one JSON value. */
void view_health(struct json_writer *w, const struct view_in *in);
/* An object: the agents alone. */
void view_agents(struct json_writer *w, const struct view_in *in);
/* One of core_agents(), with its sources. */
void view_agent(struct json_writer *w, const struct view_in *in, size_t i);
void view_plant(struct json_writer *w, const struct plant *p, int64_t now_ms);
/* Into an object that is open: id, name, level, parent, and of a unit whether it is in
 * commissioning. */
void view_node_ids(struct json_writer *w, const struct plant *p, uint32_t node, int64_t now_ms);
/* Into an object that is open: units and signals in commissioning, at most 200, and how many. */
void view_commissioning(struct json_writer *w, const struct view_in *in);
/* Why a unit is in its state now, and its signals with value, quality and age. */
void view_present(struct json_writer *w, const struct view_in *in, uint32_t unit);
void view_indicators(struct json_writer *w); /* the table: names, units, formulas */
void view_unassigned(struct json_writer *w, const struct view_in *in);
/* Member "unassigned": how many signals no plant file names, and the units their agents hint at. */
void view_strays(struct json_writer *w, const struct view_in *in);
/* Members "taken_from" (readings from before it are in no figure) and "unplaced": how many lines of
 * what came too late there are, and the newest. */
void view_late(struct json_writer *w, const struct view_in *in);
void view_unplaced(struct json_writer *w, const struct view_in *in); /* all lines */
/* An object: what became of the last reload, with its lines. */
void view_configuration(struct json_writer *w, const struct view_configuration *c);
/* Four classes, always, from sums of a window, held against the norms in force at t. */
void view_classes(struct json_writer *w, const struct plant *p, const struct ledger *norms,
                  uint32_t node, const struct sums *s, int64_t t_ms);
/* Key "demand": the running quarter of an hour, its forecast and the node's contract; null where no
 * unit below measures electricity. O(units). */
void view_demand(struct json_writer *w, const struct view_in *in, uint32_t node);
/* Head: node, path, summary, the windows of the set. Tile: one node below it. Full: both. */
void view_head(struct json_writer *w, const struct view_in *in, uint32_t node, unsigned windows);
/* gauges.c: member "gauges" of a unit that has some: the newest reading of each. */
void view_gauges(struct json_writer *w, const struct view_in *in, uint32_t unit);
void view_tile(struct json_writer *w, const struct view_in *in, uint32_t node);
void view_node(struct json_writer *w, const struct view_in *in, uint32_t node, unsigned windows);
/* True for the node itself and all below it. */
/* Nothing vouches for it any more, by the time after which the page greys it. */
bool view_stale(const struct view_in *in, int64_t asof_ms);
bool view_below(const struct plant *p, uint32_t node, uint32_t below);
/* Its part about agents' sources. */
void view_source_metrics(struct buf *out, const struct view_in *in);
/* Prometheus text format 0.0.4. ERR_NOMEM. */
enum err view_metrics(struct buf *out, const struct view_in *in);

#endif
