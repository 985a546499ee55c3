/* What the core holds, for the files of this room only. Truth: words, signals, agents with sessions
 * and lanes, logs. Derived: hours with cells, windows. Everything is owned by struct core. */
#ifndef PB_ENGINE_STATE_H
#define PB_ENGINE_STATE_H

#define HASH_NONFATAL_OOM 1 /* an element that found no room has hh.tbl == NULL */
#include <uthash.h>

#include "engine/core.h"
#include "engine/texts.h"
#include "signal/lane.h"
#include "window/lives.h"

enum {
    FOLD_HOURS = 4, /* an agent's live hour and those of what it catches up with */
    LANE_INHERIT =
        SESSION_LANES, /* slab of a finished epoch while its successor's key frame arrives */
    LANE_SLOTS = SESSION_LANES + 1,
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
                     * whose signal it is, then those that watch a mate's */
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

struct cagent {
    struct ident id;
    uint32_t no;
    struct ids signals; /* its own, in the order they came */
    uint32_t unassigned_n;
    size_t unstored_n; /* signals that a commit has to write before it */
    struct session session;
    struct lane lane[LANE_SLOTS];
    bool lane_used[LANE_SLOTS];
    uint64_t lane_epoch[LANE_SLOTS];
    int64_t
        begun_ms[LANE_SLOTS]; /* time of the lane's first key frame; STATE_NEVER: not whole yet */
    uint8_t key_from[LANE_SLOTS]; /* slot whose slab the key frame under way inherits, or NO_LANE */
    struct buf
        start[SESSION_LANES]; /* slab as its first key frame gave it, beside unfinished ones */
    struct ranges covered;    /* its sources vouch for this now; told at the next tick */
    struct siglog pending;    /* not handed to a commit yet */
    struct buf committing;    /* session positions in the commit under way */
    uint32_t misfit_n;        /* points that cannot serve the role the plant file gives them */
    uint32_t segment_n;       /* next number of a log segment */
    struct fold fold[FOLD_HOURS];
    int64_t touched_ms; /* the oldest time touched since then; INT64_MAX: none */
    bool changed;       /* since the last commit was handed out */
    bool left;          /* by the commit being built: it changed and is not in it */
    bool stored;        /* has been handed to a commit once */
    bool online;
    bool ahead_told; /* its clock runs ahead of ours */
    uint64_t refused_by[BATCH_FAULT_COUNT], readings, unexplained, given_up;
    UT_hash_handle hh;
};

struct unit_hour {
    uint64_t key; /* unit << 32 | hour */
    uint32_t unit, hour;
    struct siglog log;
    struct cells cells;
    struct buf kept; /* kept.c; empty: the cells are as meters told them */
    bool kept_changed;
    bool loaded, loading, unstored;
    uint64_t used; /* tick of the last use */
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
    struct cell_signal *signal; /* bound and known so far: its own, then those of its mates */
    size_t own_n, signal_n, signal_cap;
    struct ranges dirty;  /* to compute */
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
    bool fresh;                /* records were applied since the last tick */
    int64_t last_news_mono_ms; /* the last tick that found some */
    uint64_t news;             /* ticks that found some */
    bool stopping, stop_seen;
    uint64_t ticks, version;
    struct core_now now; /* of the input being worked on */
    struct core_stats stats;
    struct buf effect_bytes;
    struct published published;
    struct core_restated *restated; /* by node */
    struct acts acts;       /* all that are younger than the logs, by their numbers; owned */
    struct acts of_signals; /* of them: factors, replaced meters */
    struct cact *act_by_key;
    uint64_t act_last;                   /* number of the newest */
    size_t acts_handed;                  /* of acts: to a commit */
    uint64_t act_in_commit, act_durable; /* numbers */
    uint64_t act_scales;                 /* the first that may be put to cells; reach.c */
    bool act_scales_stored;
    struct signal_list act_signal; /* of one computation: acts_signals() */
    struct mates mates;            /* of one computation */
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

/* start.c */
/* The ranges of what is truth but for the logs; so many are filled. */
enum { START_TRUTH_RANGES = 7 };
size_t start_truth(struct store_range out[START_TRUTH_RANGES]);
/* Rows as core_start takes them; *at (may be NULL): the row that failed. */
enum err start_take(struct core *c, const struct store_item *row, size_t n, size_t *at);
/* words.c */
enum err words_get(struct words *w, struct span text, uint32_t *id);
struct span words_text(const struct words *w, uint32_t id);
enum err words_put(struct words *w, uint32_t id, struct span text); /* from the store, in order */
struct cell_words words_of_cells(struct words *w); /* as computations ask for them */
void words_fini(struct words *w);
/* ranges.c */
enum err ranges_add(struct ranges *r, int64_t from_ms, int64_t to_ms);
void ranges_cut(struct ranges *r, int64_t from_ms, int64_t to_ms);
bool ranges_cover(const struct ranges *r, int64_t from_ms, int64_t to_ms);
/* The range that holds t; empty at t if none does. */
struct range ranges_around(const struct ranges *r, int64_t t_ms);
enum err ranges_pack(const struct ranges *r, struct buf *out);
enum err ranges_unpack(struct cursor *c, struct ranges *r);
/* signals.c */
void signals_point(const struct csignal *s, struct point *out); /* with id 0 */
enum err signals_get(struct core *c, struct cagent *a, const struct point *p, uint32_t *id);
/* Whether the unit's log has the signal: it is its own or that of a mate. */
bool signals_of_unit(const struct core *c, uint32_t id, uint32_t unit);
bool signals_own(const struct core *c, uint32_t id, uint32_t unit);
void signals_limits(const struct core *c, uint32_t id, struct signal_limits *out);
/* agents.c */
struct cagent *agents_find(const struct core *c, const struct ident *id); /* or NULL */
enum err agents_get(struct core *c, const struct ident *id, struct cagent **out);
struct lane_out agents_lane_out(struct core *c, struct cagent *a);
/* How far a sticky value of a lane holds: to the begin of a younger lane, at most to most_ms. */
int64_t agents_sticky_end_ms(const struct cagent *a, unsigned slot, int64_t most_ms);
void agents_close(struct cagent *a);
/* unmapped.c */
/* A state signal's value may have changed: is it in its map? Each value that is not is counted when
 * it comes, and told once. */
void unmapped_look(struct core *c, uint32_t signal, bool text, int64_t raw);
/* clocks.c */
/* How far what the agent vouches for lies ahead of our clock; 0 within the tolerance. */
int64_t clocks_ahead_ms(const struct core *c, const struct cagent *a);
void clocks_watch(struct core *c); /* tells of agents whose clock runs ahead, once each time */
/* nodes.c */
enum err nodes_take(struct core *c, struct span id, struct span value);
enum err nodes_number(struct core *c); /* after all were taken: numbers for the new ones */
enum err nodes_put(struct core *c, struct store_tx *tx);
const char *nodes_id(const struct core *c, uint32_t number); /* or NULL. O(nodes) */
void nodes_pack_key(const struct core *c, const struct window_key *k,
                    uint8_t out[WINDOW_KEY_BYTES]);
/* ERR_NOT_FOUND: the node is not in the plant file now. */
enum err nodes_unpack_key(const struct core *c, struct span bytes, struct window_key *out);
void nodes_close(struct core *c);
/* hours.c */
struct unit_hour *hours_find(const struct core *c, uint32_t unit, int64_t hour);
enum err hours_get(struct core *c, uint32_t unit, int64_t hour, struct unit_hour **out);
void hours_changed(struct core *c, struct unit_hour *h); /* a commit has to write it */
void hours_evict(struct core *c);
void hours_close(struct core *c);
/* entries.c */
enum err entries_take(struct core *c, struct cagent *a, const struct siglog_entry *e);
enum err entries_gather(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                        struct siglog *out);
/* The same without what dated factors make of it. */
enum err entries_gather_told(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                             struct siglog *out);
/* What holds at the end of what the unit's sources vouch for (lane_newest_state), behind what was
 * gathered. */
enum err entries_add_newest(struct core *c, uint32_t unit, int64_t asof_ms, struct siglog *out);
/* acts.c */
/* What people entered for the unit, as entries of the log. */
enum err acts_gather(const struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                     struct siglog *out);
/* What acts say of signals, put to the amounts of a canonical log: replaced meters, dated factors.
 */
enum err acts_correct(const struct core *c, struct siglog *log);
enum err acts_replace(const struct core *c, struct siglog *log); /* replaced meters alone */
/* The unit's own signals and those that carry what people enter; valid as long as the list. */
enum err acts_signals(struct core *c, uint32_t unit, struct signal_list *list,
                      struct cell_input *in);
/* mates.c */
/* Gives `in` the mates of in->unit, of whose logs in->entry has what signals told; valid until the
 * next call. */
enum err mates_gather(struct core *c, int64_t from_ms, int64_t to_ms, struct cell_input *in);
void mates_close(struct core *c);
enum err acts_put(struct core *c, struct store_tx *tx);
void acts_on_committed(struct core *c);
bool acts_idle(const struct core *c);
enum err acts_take(struct core *c, const struct store_item *row);
void acts_close(struct core *c);
/* touches.c */
/* Something of the signal changed in [from_ms, to_ms]: its units' cells there are dirty. Of the
 * lane c->batch_slot of c->batch_agent; user is the core. */
void touches_on(void *user, uint32_t signal, int64_t from_ms, int64_t to_ms);
enum err touches_grow(struct core *c, size_t signals);
/* To be called when the signal's units, map or stickiness are new. */
void touches_put(struct core *c, uint32_t signal);
/* dirty.c */
void dirty_touch(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms);
/* The same of a mate: what was looked at already comes out differently, there is no new time. */
void dirty_touch_mate(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms);
/* The same at all units that the unit is a mate of. */
void dirty_touch_watchers(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms);
void dirty_stir(struct cunit *u); /* to be called when `dirty` was cut or known_ms moved */
/* The same for a value that only says whose the time was. Over more than 40 days it reaches what is
 * filled already and makes no new time: it says nothing of whether a machine ran. */
void dirty_touch_sticky(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms);
/* live_only: of its own signals and their newest lanes, as far as it is looked at now. */
int64_t unit_asof_ms(const struct core *c, uint32_t unit, bool live_only);
/* Cells of what the agents' sources have covered since the last tick. */
void dirty_covered(struct core *c);
void dirty_advance(struct core *c);
/* The present of a unit: where its sources stand while they are heard, else the wall clock. At the
 * end of a replay nothing more is heard. */
int64_t unit_present_ms(const struct core *c, uint32_t unit);
/* newest.c */
/* Of a range just computed, whose log is in c->scratch; what it does not touch stays. */
enum err newest_take(struct core *c, const struct cell_input *in);
/* At a start, from what the lanes hold: the views need not wait for hours to be loaded. The first
 * computed range corrects since when. */
enum err newest_start(struct core *c, uint32_t unit);
/* jobs.c */
/* On each call of the tick; `tick`: cells are due again. */
enum err jobs_run(struct core *c, bool tick);
/* The job that waited for a load; the unit's others wait for their turn. */
enum err jobs_resume(struct core *c, uint32_t unit);
/* Afterwards j is done unless j->issued is false: it was cut and is to be issued once more. */
enum err jobs_on_loaded(struct core *c, struct load_job *j, const struct store_rows *rows);
/* Whether the unit's hour is in memory; if not, it is asked for. */
enum err jobs_want_hour(struct core *c, uint32_t unit, int64_t hour, bool *ready);
enum err jobs_want_window(struct load_job *j, const struct window_key *key, int64_t end_ms);
void jobs_free(struct load_job *j);
bool jobs_pending(const struct core *c);
/* frozen.c */
/* Appends to c->cells those of a frozen hour within [from_ms, to_ms), in order: what is stored, or
 * what factors that were entered since make of it; where there is none, as without any data, for
 * what came in time made some. The hour must be in memory. */
enum err frozen_hour(struct core *c, uint32_t unit, int64_t hour, int64_t from_ms, int64_t to_ms);
void frozen_done(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms); /* and moved */
/* kept.c */
/* The cells of [in->from_ms, in->to_ms) were computed from a log, of which [from_ms, to_ms) was
 * looked at. Overwrites c->scratch. */
enum err kept_computed(struct core *c, const struct cell_input *in, int64_t from_ms, int64_t to_ms);
/* Appends the cells of an hour whose log may be gone, as the factors that hold now make them. */
enum err kept_cells(struct core *c, struct unit_hour *h, struct cells *out);
enum err kept_take(struct unit_hour *h, struct span value);
enum err kept_put(struct unit_hour *h, struct span key, struct store_tx *tx);
/* reach.c */
/* Whether a factor can act as far back as it is dated, and be taken back; else why it cannot. */
bool reach_check(const struct core *c, const struct act *a, struct act_refusal *why);
bool reach_check_void(const struct core *c, const struct cact *of, struct act_refusal *why);
/* The minutes that a factor concerns are to be computed. */
void reach_touch(struct core *c, const struct cact *x, bool voided);
/* Entries before this number are in the cells of frozen minutes, if at all; nothing says where. */
enum err reach_take(struct core *c, struct span value);
void reach_start(struct core *c); /* once the store's rows are taken */
enum err reach_put(struct core *c, struct store_tx *tx);
/* moves.c */
/* Asks for the windows that c->cells and the unit's stored cells of [from, to) count in. */
enum err moves_need(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                    struct load_job *j);
/* Puts c->cells in the place of those; all windows and hours must be in memory. */
enum err moves_make(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms);
/* Units whose commissioning began or ended while the daemon was down: their time is computed anew.
 */
enum err moves_start(struct core *c);
/* facts.c */
/* Minutes of which the plant file says something else than when they were computed are dirty. */
enum err facts_start(struct core *c);
void facts_pack(const struct cunit *u, struct buf *out);
enum err facts_unpack(struct cursor *v, struct cunit *u);
void facts_close(struct cunit *u);
/* settle.c */
/* Least asof of the units below a node, and whether anything is still to be computed there. */
struct node_progress {
    int64_t asof_ms;
    int64_t dirty_from_ms; /* INT64_MAX: nothing */
    bool draining;
};
enum err settle_run(struct core *c);
enum err settle_remember(struct core *c, const struct window_key *key);
/* minutes.c */
struct node_hour *minutes_find(const struct core *c, uint32_t node, int64_t hour);
enum err minutes_get(struct core *c, uint32_t node, int64_t hour, struct node_hour **out);
/* Cells of the minute moved; the hour must be in memory. ERR_STATE: it is not. */
enum err minutes_touch(struct core *c, uint32_t node, int64_t minute, uint8_t cause);
enum err minutes_settle(struct core *c, const struct node_progress *at, bool restate_all);
/* The minute with its sums, from cells in memory. */
void minutes_window(const struct core *c, const struct node_hour *h, unsigned minute,
                    struct window *out);
enum err minutes_take(struct core *c, struct span key, struct span value);
enum err minutes_put_rows(struct core *c, struct store_tx *tx);
enum err minutes_put_hours(struct core *c, struct store_tx *tx);
bool minutes_idle(const struct core *c);
void minutes_drop_old(struct core *c);
void minutes_close(struct core *c);
/* checkpoint.c */
enum err checkpoint_begin(struct core *c);
enum err checkpoint_build(struct core *c); /* the next slice of the one that was begun */
void checkpoint_drop(struct core *c);
/* Whether this call has put its share; to be asked before each row. */
bool checkpoint_full(struct core *c);
/* derived.c */
enum err derived_put_units(struct core *c, struct store_tx *tx);
enum err derived_put_cells(struct core *c, struct store_tx *tx);
enum err derived_put_windows(struct core *c, struct store_tx *tx);
/* order_windows.c */
enum err order_windows_take(struct core *c, struct span value);
enum err order_windows_put(const struct core *c, struct store_tx *tx);
void order_windows_start(struct core *c, bool fresh); /* once the store's rows are taken */
/* Cycles or scheduled time of the unit are others now: c->batch_err. */
void order_windows_anew(struct core *c, uint32_t unit);
/* A plan of an order comes or goes: c->batch_err. */
void order_windows_touch(struct core *c, const struct cact *x);
/* folds.c */
/* The agent's next segment is of this hour; it was put into the transaction. */
enum err folds_note(struct core *c, struct cagent *a, uint32_t hour, size_t bytes,
                    struct store_tx *tx);
/* Some of what is due, behind all segments of the transaction. */
enum err folds_put(struct core *c, struct store_tx *tx);
/* horizon.c */
enum err horizon_take(struct core *c, struct span value);
void horizon_start(struct core *c); /* once the store's rows are taken */
enum err horizon_put(const struct core *c, struct store_tx *tx);
void horizon_advance(struct core *c);
/* What happened before it is not taken any more. INT64_MIN in a replay. */
int64_t horizon_ms(const struct core *c);
/* Something that is not committed happened so near to the horizon that it might be too late when it
 * is sent again. O(agents). */
bool horizon_near(const struct core *c);
/* Minutes of the unit before this full hour are never computed again. INT64_MIN in a replay.
 * O(long spans). */
int64_t horizon_frozen_ms(const struct core *c, uint32_t unit);
/* The full hour in which the oldest span begins that ends behind from_ms, at most least_ms. */
int64_t horizon_reach_ms(const struct siglog *longs, int64_t from_ms, int64_t least_ms);
/* retain.c */
enum err retain_put(struct core *c, struct store_tx *tx);
/* Cells before this may have left the store. */
int64_t retain_cells_ms(const struct core *c);
/* unplaced.c */
/* Of c->batch_agent: something of the unit at t lies before the horizon; NULL: no amount. */
void unplaced_add(struct core *c, uint32_t unit, int64_t t_ms, const struct unplaced_amount *what);
enum err unplaced_put(struct core *c, const struct cagent *a, struct store_tx *tx);
enum err unplaced_take(struct core *c, struct span key, struct span value);
/* Lines to which nothing was added since. */
enum err unplaced_drop(struct core *c, int64_t before_ms, struct store_tx *tx);
/* note.c */
__attribute__((format(printf, 4, 5))) void note(struct core *c, bool warn, const char *event,
                                                const char *fmt, ...);

#endif
