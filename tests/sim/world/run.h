/* One run of the whole line under faults: two gateways, a network, an aggregator and its store, all
 * from one seed. Then everything heals, drains, and is audited. */
#ifndef PB_SIMWORLD_RUN_H
#define PB_SIMWORLD_RUN_H

#include "simkit/line_plant.h"
#include "simkit/station.h"
#include "simworld/gateway.h"
#include "simworld/mutant.h"
#include "simworld/trip.h"

struct run_conf {
    uint64_t seed;
    enum mutant mutant;
    struct trip *trip; /* NULL: faults by chance; else the story of points.h */
    bool keep;         /* logs, cells and windows are kept for hours (keep.h) */
    bool light;        /* the pace is pace_light; not with keep */
    bool quota;        /* every gateway has little room: it gives up whole epochs */
    bool split;        /* key frames have parts in every seed, else in a third */
    bool late;   /* points are named late in every seed, processes die, counters begin anew often */
    bool clock;  /* clocks step in every seed, and often; no image is put back */
    bool hard;   /* more kinds of faults at once, each twice as often */
    bool reload; /* the plant file is reloaded while all runs, edited or not */
    bool print;  /* what is wrong, and what happened */
    bool fingerprint; /* fill in the result's (fingerprint.h) */
};

struct run_result {
    unsigned bad;    /* complaints of the audit */
    const char *why; /* first one in a word; NULL: none */
    uint64_t readings, records, kills, wipes, restores, duplicates, gaps, given_up, restated,
        windows, unplaced, reloads, edits;
    int64_t gauge_ms;     /* known of gauges, in the end */
    uint64_t fingerprint; /* 0 unless asked for */
};

/* ERR_NOMEM; everything else is in the result. */
enum err run_seed(const struct run_conf *conf, struct run_result *out);

#endif
