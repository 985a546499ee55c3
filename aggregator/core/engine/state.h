/* What the core holds, for the files of this room only; what they do for each other stands in
 * parts.h. Truth: words, signals, agents with sessions and lanes, logs. Derived: hours with cells,
 * windows. Everything is owned by struct core. */
#ifndef PB_ENGINE_STATE_H
#define PB_ENGINE_STATE_H

#define HASH_NONFATAL_OOM 1 /* an element that found no room has hh.tbl == NULL */
#include <uthash.h>

#include "alert/alerts.h"
#include "engine/announce.h"
#include "engine/core.h"
#include "engine/texts.h"
#include "signal/lane.h"
#include "window/lives.h"

enum {
    FOLD_HOURS = 4, /* an agent's live hour and those of what it catches up with */
    LANE_INHERIT =
        SESSION_LANES, /* slab of a finished epoch while its successor's key frame is applied */
    LANE_SLOTS = SESSION_LANES + 1,
    HEADS_SLOT = LANE_SLOTS + SESSION_LANES, /* behind lanes and rests in the store */
    LONG_SPAN_BIT = 31,
    CORE_READINGS_KEPT = 1024 /* of a batch, decoded once; a larger one is decoded twice */
};
#define LONG_SPAN_MS UTC_HOUR_MS
#define STATE_NEVER INT64_MIN

/* Kept beside the hours: it may concern any of many. */
static inline bool entry_is_long(const struct siglog_entry *e) {
    bool spans = e->kind == SIGLOG_SPAN || e->kind == SIGLOG_ROW || e->kind == SIGLOG_BREAK;
    return spans && e->t1_ms - e->t0_ms > LONG_SPAN_MS;
}

struct word {
    uint32_t id;
    struct span text; /* owned by the word's own allocation */
    UT_hash_handle hh;
};

struct words {
    struct word *by_text;
    struct word **at; /* by id - 1 */
    size_t n, cap, stored_n;
};

/* Of a machine state: whether its map names the newest value (unmapped.c). */
struct csignal_state {
    uint32_t map; /* index in plant.state_map */
    bool text, looked;
    int64_t raw; /* as looked at last */
};

/* One physical signal: (agent, point name), known for ever by a dense id. */
struct csignal {
    char *name;     /* behind it the texts of unit and hint */
    uint32_t *unit; /* indexes in plant.unit: several share a line's order, product, team; own_n
                     * whose signal it is, then those that watch a mate's, or a gauge */
    struct csignal_state *state; /* owned; NULL: no state by a map */
    int64_t num, den;
    uint32_t agent; /* index */
    uint32_t poll_ms;
    uint32_t bound; /* index in plant.signal, UINT32_MAX: unassigned */
    uint16_t unit_n, own_n;
    uint32_t at[LANE_SLOTS]; /* point id in the lane, UINT32_MAX: not there */
    uint16_t source;
    uint8_t type, sampling, width_bits, width_digits;
    uint8_t unit_at, hint_at; /* from name */
    bool sticky, stored;
    bool own_text; /* the texts are an allocation of their own, else in core.texts */
    bool gauge;    /* bound as one: cells look at it where it judges a condition alone */
};
_Static_assert(sizeof(struct csignal) <= 88, "BARS S4: bytes a signal");

static inline const char *csignal_unit_text(const struct csignal *s) {
    return s->name + s->unit_at;
}

static inline const char *csignal_hint(const struct csignal *s) {
    return s->name + s->hint_at;
}

/* Finds a signal by (agent, point name): open addressing, at most half full. */
struct signal_table {
    uint32_t *at; /* id + 1; 0: free */
    size_t cap;   /* a power of two, or 0 */
};

struct ids { /* indexes in core.signal */
    uint32_t *at;
    size_t n, cap;
};

struct range {
    int64_t from_ms, to_ms;
};

struct ranges { /* sorted, disjoint, not touching */
    struct range *at;
    size_t n, cap;
};

/* What the plant file says of a unit from a moment on, as hashes (facts.c). */
struct fact {
    int64_t from_ms; /* INT64_MIN: always */
    uint64_t said, cut;
};

struct facts { /* sorted; one that differs from the one before at each moment */
    struct fact *at;
    size_t n;
};

/* What leaves the store (retain.c). */
struct retain {
    int64_t now_ms;   /* the clock that decides; known: it was set, by the store or by a start */
    int64_t least_ms; /* the horizon, a full hour: no minute before it is computed any more */
    int64_t log_ms, ended_ms, cells_ms; /* what leaves in this sweep: logs, long spans, minutes */
    int64_t begun_mono_ms;
    size_t next; /* step of the sweep under way */
    bool known, begun, sweeping;
};

/* What came too late for any figure (unplaced.c). */
enum { UNPLACED_AMOUNTS = ROLE_MATERIAL - ROLE_POWER + 1 };
struct unplaced_line {
    uint32_t agent; /* its number */
    struct ident unit;
    int64_t day_ms; /* begin of the local day; INT64_MIN: of several */
    uint64_t stretches;
    int64_t amount[UNPLACED_AMOUNTS]; /* by role from ROLE_POWER on; of power microwatt-hours */
    int64_t booked_ms;                /* last time something was added */
    bool stored;
};
struct unplaced {
    struct unplaced_line *at;
    size_t n, cap;
};
struct unplaced_amount {
    uint8_t role; /* enum plant_role */
    int64_t amount;
};

/* Segments of an hour that are rows of their own yet (folds.c). */
struct fold {
    uint32_t hour;
    uint32_t from_n, to_n; /* first and last of them */
    uint32_t rows;         /* 0: a free place */
    uint32_t bytes;
    int64_t used_mono_ms;
};

/* What an agent told of its sources (reports.c); in memory only. */
struct creported {
    struct report_source is;
    int64_t told_mono_ms;
    bool told;
};
struct creport {
    uint64_t nonce;
    uint32_t n, total;
    int64_t told_mono_ms, since_ms;
    uint64_t reloads, refused;
    char wrong[REPORT_DETAIL_MAX + 1];
    struct creported *at; /* by place in its configuration; owned */
    size_t at_n;          /* less than total where the bound of all agents is reached */
};

struct cagent {
    struct ident id;
    uint32_t no;
    struct ids signals; /* its own, in the order they came */
    uint32_t unassigned_n;
    size_t unstored_n; /* signals that a commit has to write before it */
    struct session session;
    struct lane lane[LANE_SLOTS];
    struct lane rest[SESSION_LANES]; /* beside each: what its epochs left (lane_left.c) */
    bool rest_stored[SESSION_LANES]; /* the store has a row of it */
    bool lane_used[LANE_SLOTS];
    uint64_t lane_epoch[LANE_SLOTS];
    int64_t begun_ms[LANE_SLOTS]; /* of its first key frame, or what its clock was set back to;
                                     STATE_NEVER: within that key frame */
    struct buf
        start[SESSION_LANES]; /* slab as its first key frame gave it, beside unfinished ones */
    struct buf heads;         /* parts of key frames that are not whole yet (heads.c) */
    bool heads_changed;       /* since they were handed to a commit */
    bool heads_stored;        /* the store has a row of them */
    struct ranges covered;    /* its sources vouch for this now; told at the next tick */
    struct siglog pending;    /* not handed to a commit yet */
    struct buf committing;    /* session positions in the commit under way */
    uint32_t misfit_n;        /* points that cannot serve the role the plant file gives them */
    uint32_t segment_n;       /* next number of a log segment */
    struct fold fold[FOLD_HOURS];
    int64_t touched_ms;    /* the oldest time touched since then; INT64_MAX: none */
    struct creport report; /* nonce 0: there was none */
    bool changed;          /* since the last commit was handed out */
    bool left;             /* by the commit being built: it changed and is not in it */
    bool stored;           /* has been handed to a commit once */
    bool online;
    bool ahead_told; /* its clock runs ahead of ours */
    uint64_t refused_by[BATCH_FAULT_COUNT], readings, unexplained, given_up;
    UT_hash_handle hh;
};

struct unit_hour {
    uint64_t key; /* unit << 32 | hour */
    uint32_t unit, hour;
    struct siglog log;    /* what cells are made of */
    struct siglog gauges; /* what they are not, but for conditions */
    struct cells cells;
    struct buf kept; /* kept.c; empty: the cells are as meters told them */
    bool kept_changed;
    bool loaded, loading, unstored;
    uint64_t used; /* tick of the last use; 0: there will be none soon (or before the first tick) */
    struct unit_hour *next_unstored;
    UT_hash_handle hh;
};

struct cact;

struct acts {
    struct cact **at;
    size_t n, cap;
};

/* What people entered of a unit and what holds: a list a kind, and one more of what holds for good,
 * in the order of t0 and number. */
enum { ACTS_GOOD = ACT_KIND_COUNT, ACTS_LISTS = ACTS_GOOD + ACT_HEADCOUNT + 1 };
struct unit_acts {
    struct acts of[ACTS_LISTS];
    int64_t lead_ms[ACTS_LISTS], reach_ms[ACTS_LISTS]; /* at most, of what one concerns around t0 */
    bool any;
};

struct cunit {
    struct unit_acts acts;
    /* Bound and known so far: its own, gauges of others that judge its conditions, then those of
     * its mates. */
    struct cell_signal *signal;
    size_t own_n, seen_n, signal_n, signal_cap; /* seen: the first two; its cells look at them */
    struct ranges dirty;                        /* to compute */
    struct ranges apart;  /* cells stored in here count in its own windows alone: commissioning */
    struct ranges retell; /* windows of orders in here are told anew: a plan has changed */
    uint8_t cause;        /* enum restate_cause of what is dirty, the gravest */
    struct ranges early;  /* computed since a commit took all of its agents */
    struct ranges filled; /* every minute in here has been computed at least once */
    struct facts facts;   /* by which they were; from a start on those of the plant file */
    struct ranges uncut; /* time whose shifts stay as they were cut before the plant file changed */
    struct siglog longs; /* spans and rows over an hour */
    int64_t known_ms;    /* time up to which cells were computed live; STATE_NEVER before */
    int64_t fill_minute_ms, fill_known_ms; /* of the last fill: the same again changes nothing */
    struct range calm;                     /* a touch within it changes nothing */
    int64_t outside_told_ms; /* readings outside of the bounds are told again from then on */
    bool waiting;            /* for a load */
    bool sweeps;             /* what is dirty goes far back */
    bool unstored;
    struct cell_piece last; /* newest piece of its timeline, for the views */
    bool last_valid;
};

/* What is told of the minutes of a node's hour. */
struct node_hour {
    uint64_t key; /* node << 32 | hour */
    uint32_t node, hour;
    struct lives lives;
    uint64_t computing; /* minutes with cells still to be computed, while settling */
    bool stored;
    uint64_t used; /* tick of the last use */
    UT_hash_handle hh;
};

struct load_job {
    uint64_t id;
    uint32_t unit;
    uint32_t *hour; /* hours asked for */
    size_t hour_n;
    struct window_key *key; /* windows asked for, with their ends */
    int64_t *key_end;
    size_t key_n;
    struct store_range *range;
    size_t range_n;
    struct buf keys; /* bytes the ranges point into */
    struct buf from; /* where the first range goes on after a cut */
    bool for_alerts; /* cells alone, which go to the sums of alarms.c; `hour`: those taken */
    bool for_days;   /* the same of windows of days */
    uint64_t round;
    bool issued;
    bool behind; /* asked for when a commit was built already: it must see that commit */
    struct load_job *next;
};

/* A node's number in the store: its index in the plant file changes when the file is edited. */
struct node_no {
    char id[IDENT_MAX + 1];
    uint32_t no;
    uint32_t node; /* index, UINT32_MAX: not in the plant file now */
    UT_hash_handle hh;
};

/* A checkpoint being built, over several calls of core_on_tick. */
struct build {
    struct store_tx *tx;    /* NULL: none is */
    unsigned part;          /* of checkpoint.c's list */
    size_t at, from;        /* how far the part has come; with which agent it began */
    size_t bytes;           /* agents beyond it wait for the next commit; 0: none does */
    struct node_hour *hour; /* to be put next */
    bool again;             /* the part has more to put */
    bool enough;            /* the transaction holds as many agents as it may */
    size_t agent_n, signal_n, signals_begun; /* those that can be in it; where signals begin */
    size_t slice_begun, visits;              /* of this call */
};

/* Nothing is computed while all that is known goes to the store (succession.c). */
enum flush_step { FLUSH_NONE, FLUSH_ASKED, FLUSH_BEGUN };

struct published {
    struct window_key *at;
    size_t n, cap, next;
};

struct signal_list {
    struct cell_signal *at;
    size_t cap;
};

/* What the mates of a unit say, for one computation (mates.c). */
struct mates {
    struct cell_input *in;
    struct siglog *log;
    struct signal_list *signal;
    size_t cap; /* of each */
};

/* Of alarms.c: how far the alert engine is fed, what of it is in the store. */
enum {
    ALARM_MONTHS = 160,
    ALARM_CATCH_UP_MINUTES = 1440, /* evaluated after a long stop */
    ALARM_AHEAD_MINUTES = 10       /* a clock set back by more has minutes evaluated anew */
};
struct alarms {
    struct alerts *all; /* no rules: empty */
    size_t *first;      /* by plant node, node_n + 1: where its units begin in `unit` */
    uint32_t *unit;     /* the units below watched nodes */
    bool *filling;      /* by plant node: its sums are being gathered */
    uint8_t *fill;      /* by plant unit: enum of alarms_fill.c */
    uint64_t round;     /* of gathering; what was asked for in an earlier one is of no use */
    int64_t fill_from, fill_to; /* hours */
    unsigned loading;
    int64_t started_ms;  /* wall clock of the first look; STATE_NEVER: there was none */
    bool days_wanted;    /* days that rules look at are to be asked for */
    uint64_t days_round; /* the same of them */
    bool due;
    bool again;         /* cells that are being computed or loaded are waited for */
    bool sweeping;      /* `minute` is looked at, from `node` on */
    bool loading_hours; /* some node waits for cells: the next minute does, too */
    int64_t minute;
    size_t node;                          /* to be looked at next */
    uint64_t in_commit, durable, notices; /* numbers of events; notices put since the start */
    /* The number of the first event of each month, oldest first (alarms_rows.c). */
    struct alarm_month {
        int64_t begin_ms;
        uint64_t first;
    } month[ALARM_MONTHS];
    unsigned month_n;
    uint64_t dropped; /* events before this are gone */
    bool months_changed;
};

/* What was told of a norm's step: announce.c. */
struct announced_step {
    struct ident id;
    int64_t due_ms;
    uint8_t state, told; /* enum norm_state; bits: soon, overdue */
};

struct announced {
    struct core_announcing conf;
    struct announced_step *step; /* in the ledger's order; owned */
    size_t step_n;
    int64_t reviewed_ms; /* end of the newest period that was announced; STATE_NEVER: none yet */
    int64_t looked_ms;   /* wall clock of the last look at steps */
    uint64_t looked_n;   /* the ledger's newest event then */
    bool changed;        /* the row */
};

/* Least asof of the units below a node, and whether anything is still to be computed there. */
struct node_progress {
    int64_t asof_ms;
    int64_t dirty_from_ms; /* INT64_MAX: nothing */
    bool draining;
};

/* A pass over what may be told to the world, as far as it has come; settle.c. */
struct settling {
    enum { SETTLE_NONE, SETTLE_UNITS, SETTLE_WINDOWS, SETTLE_MINUTES } step;
    struct node_progress *at; /* by node; owned */
    uint32_t unit;            /* the next one */
    size_t window;            /* place in the table */
    bool restate_all;         /* also what waited for a backlog */
};

struct core {
    struct core_conf conf;
    const struct plant *plant;
    struct session_store store;
    bool generation_committed;
    uint64_t generation_in_commit; /* 0: none */
    struct words words;
    struct csignal *signal;
    size_t signal_n, signal_cap;
    struct texts texts;    /* of signals, as first described */
    uint32_t *touch;       /* by signal: touches.c */
    size_t unstored_n;     /* signals that a commit has to write */
    size_t unstored_from;  /* none before it */
    struct ids unassigned; /* signals that no plant file names */
    struct core_unmapped *unmapped;
    size_t unmapped_n;
    struct signal_table signal_by_name;
    struct cagent **agent;
    size_t agent_n, agent_cap;
    size_t reported_n; /* sources that reports have room for, of all agents */
    struct cagent *agent_by_id;
    struct cunit *unit;             /* plant->unit_n */
    int64_t orders_ms;              /* windows of orders begin then or later; INT64_MIN: all do */
    bool orders_known, store_known; /* taken from the store; the store is not new */
    struct node_no *node_no;        /* of node ids, those no longer in the plant file too */
    uint32_t *no_of_node;           /* plant->node_n */
    uint32_t node_no_n;
    bool nodes_stored;
    struct unit_hour *hours;
    struct unit_hour *hours_unstored; /* whose cells a commit has to write */
    unsigned frozen_n;                /* hours computed from cells since the last commit */
    unsigned past_n;                  /* jobs of long ago since the last eviction */
    bool jobs_held;                   /* some wait for a commit */
    struct windows *windows;
    struct node_hour *minutes;
    struct buf minute_rows; /* of the outbox: key and value, each behind its length */
    bool minutes_wait;      /* some are due and wait for cells to be loaded */
    struct window minute;   /* the one that core_next_published gave last */
    struct load_job *loads;
    uint64_t next_id;
    uint64_t commit_id;         /* under way, 0: none */
    struct store_tx *commit_tx; /* built, not taken yet */
    int64_t commit_begun_mono_ms;
    struct build build;
    bool commit_more;              /* agents wait for the next one, which is due at once */
    size_t commit_next, fold_next; /* agents whose turn it is */
    int64_t last_tick_mono_ms, last_settle_mono_ms, last_restate_mono_ms;
    struct retain retain;
    struct unplaced late;
    int64_t dropped_ms; /* quarter in which old windows were last looked for */
    bool settle_due;
    struct settling settling;
    bool fresh;                /* records were applied since the last tick */
    int64_t last_news_mono_ms; /* the last tick that found some */
    uint64_t news;             /* ticks that found some */
    bool stopping, stop_seen;
    uint8_t flush; /* enum flush_step */
    uint64_t ticks, version;
    struct core_now now; /* of the input being worked on */
    struct core_stats stats;
    struct buf effect_bytes;
    struct published published;
    struct core_restated *restated; /* by node */
    struct alarms alarms;
    struct announced announced;
    struct acts acts;       /* all that are younger than the logs, by their numbers; owned */
    struct acts of_signals; /* of them: factors, replaced meters */
    struct cact *act_by_key;
    uint64_t act_last;                   /* number of the newest */
    size_t acts_handed;                  /* of acts: to a commit */
    uint64_t act_in_commit, act_durable; /* numbers */
    uint64_t act_scales;                 /* the first that may be put to cells; reach.c */
    bool act_scales_stored;
    struct ledger *norms;
    struct ledger_conf no_norms;        /* without settings */
    uint64_t norm_handed, norm_durable; /* numbers: to a commit, by one */
    struct signal_list act_signal;      /* of one computation: acts_signals() */
    struct mates mates;                 /* of one computation */
    struct siglog scratch;
    struct cells cells;
    struct buf notes; /* event NUL detail NUL warn-byte, one after the other */
    size_t notes_read;
    size_t ack_next;
    size_t jobs_left;           /* units still to have their turn in this round */
    uint32_t jobs_unit;         /* the next one */
    bool acks_held;             /* the bus has no room */
    struct reading *readings;   /* of the batch being applied, CORE_READINGS_KEPT */
    struct cagent *batch_agent; /* whose batch is being applied; NULL: people say it */
    uint8_t touch_cause;        /* enum restate_cause of what it touches */
    unsigned batch_slot;        /* to which of its lanes */
    enum err batch_err;
};

#endif
