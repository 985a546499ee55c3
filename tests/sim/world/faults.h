/* What goes wrong in a run and when: kills, power, wipes, silence, disks, clocks, backups. A seed
 * draws which kinds happen at all, so that each is also seen alone. */
#ifndef PB_SIMWORLD_FAULTS_H
#define PB_SIMWORLD_FAULTS_H

#include "simworld/alarm_watch.h"
#include "simworld/database.h"
#include "simworld/edit.h"
#include "simworld/norms.h"
#include "simworld/pace.h"
#include "simworld/people.h"
#include "simworld/run.h"
#include "simworld/stranger.h"
#include "simworld/trip.h"

enum { RUN_ACKED_MAX = 1024, RUN_PUBLISHED_MAX = 4096, RUN_GAPS_MAX = 512 };

struct acked {
    unsigned gateway;
    uint64_t epoch, durable;
};

struct heard { /* the newest hello of the living process that arrived, and when */
    uint64_t nonce;
    uint32_t n;
    int64_t mono_ms;
};

struct gap { /* told by the core as accounted */
    unsigned gateway;
    uint64_t epoch, from, to;
};

struct run {
    struct run_conf conf;
    const struct pace *pace;
    struct run_result *result;
    struct rng rng;
    struct net net;
    struct gateway gateway[SIM_AGENTS];
    struct station station;
    struct core_now start;
    int64_t mono_ms, wall_offset_ms, station_skew_ms, retain_ms;
    int64_t gateway_back_ms[SIM_AGENTS]; /* when a dead or cut-off gateway returns */
    int64_t station_back_ms, disk_well_ms[SIM_AGENTS];
    int64_t slow_until_ms; /* hours pass in long steps */
    int64_t away_until_ms; /* the aggregator has lost the broker: what is meant for it is gone */
    struct store_image *image;
    struct database database;
    bool has_database;
    struct stranger stranger[SIM_AGENTS];
    struct people people;
    struct norms norms;
    struct edit edit;
    struct alarm_watch *alarms; /* NULL: no rules */
    struct heard heard[SIM_AGENTS];
    bool listens;   /* heard is kept: strangers speak */
    unsigned kinds; /* bit set of enum fault_kind */
    bool resets;
    enum err failed;
    struct acked acked[RUN_ACKED_MAX];
    size_t acked_n;
    struct {
        struct window_key key;
        uint32_t revision;
    } published[RUN_PUBLISHED_MAX];
    size_t published_n;
    struct gap gap[RUN_GAPS_MAX];
    size_t gap_n;
    bool quota;
    struct trip *trip; /* deaths at effects: the story's, or these by chance; NULL: none */
    struct trip chance;
    struct rng chance_rng; /* of its own, so that seeds without these deaths stay what they were */
    struct rng reload_rng; /* for the same reason */
    unsigned step;
};

void faults_draw(struct run *r);
/* Before each step: what happens now, and how long the step is. */
int64_t faults_step(struct run *r);
/* Ends all faults and brings everything back. */
void faults_heal(struct run *r);
/* kill -9: the oldest `written` commits still reach the disk, the request under way the database if
 * `asked`. */
void run_kill_station(struct run *r, size_t written, bool asked);
void run_start_station(struct run *r);
/* run.c */
/* A run that is wrong: why, in a word. */
void run_complain(struct run *r, const char *why);
/* By the aggregator's clocks. */
struct core_now run_time(const struct run *r);

#endif
