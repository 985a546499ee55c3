/* The core: everything the aggregator knows and decides, as one state machine. Inputs are bytes and
 * times, outputs are effects that the shell carries out; it reads no file, socket or clock. */
#ifndef PB_ENGINE_CORE_H
#define PB_ENGINE_CORE_H

#include "act/act.h"
#include "alert/alerts.h"
#include "norm/ledger.h"
#include "ports/store.h"
#include "session/session.h"
#include "window/indicator.h"
#include "window/window.h"
#include "wire/topic.h"

struct core;

/* Agents are known for ever once they spoke; who can publish could invent any number of them. */
enum { CORE_AGENTS_MAX = 1024 };
/* Sources whose state is kept, of all agents together; those beyond are counted only. */
enum { CORE_SOURCES_MAX = 8192 };
/* Nothing is known of a source that nobody told of for so long: an agent tells every 30 s. */
enum { CORE_REPORT_AGES_MS = 95000 };
/* Acts that are younger than the logs. */
enum { CORE_ACTS_MAX = 200000 };

/* Two clocks: wall decides when windows are settled and nothing else; mono drives timers. */
struct core_now {
    int64_t wall_ms;
    int64_t mono_ms;
};

struct core_conf {
    uint64_t store_id; /* drawn by the shell when a store is made */
    uint64_t
        store_generation;   /* as stored; the core raises it by one at start, commits, then acks */
    uint64_t start_random;  /* drawn by the shell: spreads generations of runs from one backup */
    uint64_t credit_bytes;  /* an agent, both lanes */
    int64_t checkpoint_ms;  /* longest time between an applied record and its commit */
    int64_t tick_ms;        /* how often dirty cells are computed; after silence at once */
    size_t hours_max;       /* unit-hours kept in memory */
    size_t slice_bytes;     /* of a checkpoint, built in one call of core_on_tick; 0: all of it */
    unsigned slice_jobs;    /* so many are computed in one call; 0: all that is due is done in it */
    size_t commit_bytes;    /* agents beyond it wait for the next commit; 0: all in one */
    bool database;          /* rows for a time-series database are wanted */
    uint8_t database_kinds; /* bits of enum window_kind it wants; 0: all but minutes */
    bool minutes;           /* core_next_published gives minutes too */
    int64_t alert_grace_ms; /* minutes without data are evaluated so long after their end */
    const struct ledger_conf *norms; /* borrowed; NULL: nobody has a right but to propose */
    bool offline; /* replay: settle as soon as data has passed, ignore the wall clock */
};

enum core_effect_kind {
    EFFECT_COMMIT, /* tx: carry out, then core_on_committed */
    EFFECT_LOAD,   /* ranges: carry out after the commits before it, then core_on_loaded */
    EFFECT_ACK,    /* bytes to topic, QoS 1 */
    EFFECT_NOTE,   /* an event for the log */
    EFFECT_KIND_COUNT
};

struct core_effect {
    uint8_t kind;
    uint64_t id;                     /* COMMIT, LOAD */
    struct store_tx *tx;             /* COMMIT: taken by the shell */
    const struct store_range *range; /* LOAD; valid until core_on_loaded of this id */
    size_t range_n;
    char topic[TOPIC_MAX]; /* ACK */
    struct span bytes;     /* ACK: valid until the next call of core_next_effect */
    const char *event;     /* NOTE: static text */
    const char *detail;    /* NOTE: "key=value ..." */
    bool warn;             /* NOTE */
};

/* The plant is borrowed and must outlive the core. Call core_start next. */
enum err core_open(const struct core_conf *conf, const struct plant *plant, struct core **out);
void core_close(struct core *c);
/* The rows of core_start_ranges as stored; once, before any input. ERR_FORMAT: the store is
 * damaged, nothing may be started; *where names the row. */
enum err core_start(struct core *c, const struct store_rows *rows, struct core_now now,
                    char where[96]);
/* Ranges core_start wants. */
size_t core_start_ranges(const struct store_range **out);

/* A message of the bus: data, hello, report or status, by topic. Malformed ones are refused and
 * counted. */
enum err core_on_message(struct core *c, struct span topic, struct span payload,
                         struct core_now now);
struct core_act_answer {
    uint64_t n;    /* its number */
    bool repeated; /* it was entered before under its key: nothing has changed */
    struct act_refusal refusal;
};
/* What a person enters; a->entered_ms is not looked at. It is taken when core_act_durable() says so
 * of its number: only then may it be answered. ERR_RANGE, ERR_EXISTS (the key is another act's):
 * out->refusal says why; ERR_FULL; ERR_NOMEM. */
enum err core_on_act(struct core *c, const struct act *a, struct core_now now,
                     struct core_act_answer *out);
bool core_act_durable(const struct core *c, uint64_t n);
/* An act under this key was taken: another one is its repetition. */
bool core_act_knows(const struct core *c, struct span key);
/* Other rules of alerts from now on, NULL: none; borrowed, with all they point to, until the next
 * call or core_close(). Once before core_start(), for what is stored of other rules ends then, and
 * at any time after; states and timers of rules that say the same go on. None in a replay.
 * ERR_RANGE: a rule is out of its bounds; ERR_NOMEM: those before stay in force. */
enum err core_set_alerts(struct core *c, const struct alert_rules *rules, struct core_now now);
struct core_alert_answer {
    uint64_t n;      /* number of its event */
    const char *why; /* a sentence, if it was refused */
};
/* What a person wants of an alert. As of an act: to be answered when core_alert_durable() says so
 * of its number. ERR_NOT_FOUND, ERR_STATE, ERR_RANGE: out->why; ERR_NOMEM. */
enum err core_on_alert(struct core *c, const struct alert_command *cmd, struct core_now now,
                       struct core_alert_answer *out);
bool core_alert_durable(const struct core *c, uint64_t n);
/* The newest event that is durable: those up to it are rows of STORE_EVENT, with their notices. */
uint64_t core_alerts_durable(const struct core *c);
/* A command of the ledger of norms. As core_on_act: it is taken when core_norm_durable() says so of
 * the number in *out. Errors of ledger_apply. */
enum err core_on_norm(struct core *c, const struct ledger_command *command, struct core_now now,
                      struct ledger_answer *out);
bool core_norm_durable(const struct core *c, uint64_t n);
/* The newest act, event of a norm and event of an alert that are in a transaction: in the one of an
 * EFFECT_COMMIT that was just given, or in one before. */
struct core_handed {
    uint64_t act, norm, alert;
};
struct core_handed core_handed(const struct core *c);
/* Teams that worked at units, beside the rota's; until the next call. */
void core_set_norm_teams(struct core *c, struct ledger_teams teams);
const struct ledger *core_norms(const struct core *c);          /* valid as long as the core */
const struct ledger_conf *core_norm_conf(const struct core *c); /* what it goes by */
enum err core_on_tick(struct core *c, struct core_now now);
/* Whether records have come that the next core_on_tick computes: none did for the time of a tick,
 * or that time is over. Cheap, to be asked after messages; core_on_tick is due in any case. */
bool core_tick_due(const struct core *c, int64_t mono_ms);
/* Whether core_on_tick left something for a call at once: it works in slices (conf). */
bool core_tick_more(const struct core *c);
void core_on_committed(struct core *c, uint64_t id, enum err err, struct core_now now);
enum err core_on_loaded(struct core *c, uint64_t id, enum err err, const struct store_rows *rows,
                        struct core_now now);
/* Takes the next effect; false when there is none. */
bool core_next_effect(struct core *c, struct core_effect *out);
/* The bus had no room for the ack just taken: it is due again, and none comes until the bus has
 * room. */
void core_ack_refused(struct core *c);
void core_acks_resume(struct core *c);
/* True when everything received is computed and committed: for a clean stop and for tests. */
bool core_idle(const struct core *c);
/* Asks for a last checkpoint and for no more than that. */
void core_begin_stop(struct core *c, struct core_now now);

/* --- another plant, while it runs ---------------------------------------------------------------
 * A core keeps its plant for life. A second one, opened with the new plant and started on what the
 * store holds, takes the first one's place: all that the first knows must be in the store then, and
 * nothing may come in between. */

/* Asks for commits of all that is known; until core_end_flush nothing else is done: nothing is
 * computed, no window settles. No input may come but time, commits and loads. */
void core_begin_flush(struct core *c, struct core_now now);
/* All is in the store and nothing is asked of it: a core may be started from there. */
bool core_flushed(const struct core *c);
/* Goes on as if nothing had been asked. */
void core_end_flush(struct core *c);
/* After core_start, before any input: c takes from `old`, which is flushed, what the store does not
 * have: sessions as they are, so that agents notice nothing, counters, hours that are in memory.
 * What core_next_published of `old` has still is not taken. `old` is then good for core_close
 * alone. ERR_STATE: the two are not of one store, ERR_NOMEM: nothing has happened. O(hours). */
enum err core_succeed(struct core *c, struct core *old);
/* Credit, periods, bounds and what the database wants, from now on; all else of conf stays. */
void core_set_conf(struct core *c, const struct core_conf *conf);

/* --- views: read-only, borrowed until the next input -------------------------------------------
 */

struct core_unit_view {
    uint8_t category, cause, machine; /* of the newest known moment */
    int64_t since_ms;                 /* begin of the present category */
    int64_t asof_ms;                  /* known up to; INT64_MIN: never heard */
    bool online;                      /* its agents' last status */
    bool no_signals;                  /* nothing is bound to it */
    int64_t power_uw;                 /* newest power, -1 unknown */
    int64_t energy_ms;                /* newest value of an energy register; INT64_MIN: none */
    struct span order, product, team; /* texts, n = 0: none */
    int64_t headcount;
};
struct core_agent_view {
    const struct ident *id;
    bool online;
    int64_t heard_mono_ms, asof_ms;
    int64_t ahead_ms; /* its clock against ours, 0 within a minute */
    uint64_t epochs, applied, duplicates, gaps, clones, stale, refused, readings, unexplained;
    uint64_t given_up; /* records that it said are gone, or no longer holds */
    uint64_t backlog_bytes;
    uint64_t input_refused, input_ahead; /* at the gateway, since it started */
    uint32_t points, unassigned, misfits;
    bool draining;
    uint64_t refused_by[BATCH_FAULT_COUNT];
};
/* How the sources of an agent do, as it last told. */
struct core_report_view {
    bool told;            /* else the rest is 0: it never did, or is of before there were reports */
    bool current;         /* it was told lately, and the agent is online */
    int64_t told_mono_ms; /* the newest message of it */
    uint32_t total, known; /* sources it has; of these core_source_view() has */
    int64_t since_ms;      /* UTC at the agent: its configuration is in force since then */
    uint64_t reloads, refused;
    const char *wrong; /* with the file it would have taken over last; "": nothing */
};
struct core_source_view {
    const struct report_source *is;
    int64_t told_mono_ms;
    bool current; /* else it may have changed since: nothing is known */
};
struct core_stats {
    uint64_t messages, batches, readings, refused, refused_topics, hellos, hello_refused;
    uint64_t reports, report_refused; /* of how sources do: taken; malformed, or of a stranger */
    uint64_t refused_agents;          /* messages of agents beyond CORE_AGENTS_MAX */
    uint64_t damaged;                 /* broken seals: not taken, no agent is blamed */
    uint64_t entries, cells, jobs, loads, commits, commit_failures, settled, restated, acks;
    uint64_t verdict[16]; /* by enum step_verdict */
    size_t hours, windows, dirty_units, unassigned, misfits;
    uint64_t outbox_rows; /* rows put since the start */
    uint64_t minutes_settled, minutes_restated;
    uint64_t unplaced; /* stretches older than the logs: in no cell */
    size_t unplaced_lines;
    int64_t logs_from_ms; /* the horizon: nothing before it is taken any more; INT64_MIN: none */
    uint64_t unmapped;    /* times that a machine state came which its map does not name */
    uint64_t ahead;       /* stretches over a day ahead of our clock: computed when it gets there */
};

void core_unit_view(const struct core *c, uint32_t unit, struct core_unit_view *out);
size_t core_agents(const struct core *c);
void core_agent_view(const struct core *c, size_t i, struct core_agent_view *out);
void core_report_view(const struct core *c, size_t agent, int64_t mono_ms,
                      struct core_report_view *out);
/* The next source that it told of; *at is 0 for the first. False past the last. */
bool core_source_view(const struct core *c, size_t agent, size_t *at, int64_t mono_ms,
                      struct core_source_view *out);
const struct core_stats *core_stats(struct core *c); /* O(units) */
/* Readings applied since the start, as core_stats has them, in O(1). */
uint64_t core_readings(const struct core *c);
/* Name of index v of core_stats.verdict, NULL past the last. */
const char *core_step_name(unsigned verdict);
/* Bytes held, by what for. O(unit-hours in memory + words). */
struct core_memory {
    uint64_t signals, logs, cells, windows, sessions, words, alerts;
};
void core_memory(const struct core *c, struct core_memory *out);
const struct plant *core_plant(const struct core *c);
uint64_t core_store_id(const struct core *c); /* as drawn when its store was made */
/* For alerts_view() and alerts_figures(). */
const struct alerts *core_alerts(const struct core *c);
/* Notices put since the start. */
uint64_t core_alert_notices(const struct core *c);
/* The window in memory, or NULL. */
const struct window *core_window(const struct core *c, const struct window_key *key);
/* The current window of a kind of a node at wall time: false if that kind has none now. */
bool core_current(const struct core *c, uint32_t node, enum window_kind kind, int64_t wall_ms,
                  struct window_key *key, int64_t *end_ms);
/* Sum of the last n whole and the running minute of a node. */
void core_rolling(const struct core *c, uint32_t node, int64_t wall_ms, unsigned minutes,
                  struct sums *out);
/* The node's number in stored window keys. */
uint32_t core_node_number(const struct core *c, uint32_t node);
/* The number of a text in cells, 0: no cell has it. */
uint32_t core_word_number(const struct core *c, const char *text);
/* Index of the node that has this number in stored window keys; UINT32_MAX: not in the plant file.
 */
uint32_t core_node_of(const struct core *c, uint32_t number);
struct span core_word(const struct core *c, uint32_t word);
uint32_t core_find_word(const struct core *c, struct span text); /* 0: unknown */
/* Whether a point of this type, with amounts in this base unit ("": it says none), can mean what
 * the plant file says. What it cannot would be booked as something else, or stay silent for ever.
 */
bool core_role_fits(const struct plant *p, uint8_t role, uint8_t type, const char *base);
/* Signals that no plant file names: agent, point, last value. false past the end. */
struct core_unassigned {
    const struct ident *agent;
    const char *name, *hint, *base; /* of the point, until its agent describes it anew */
    uint8_t type;                   /* enum point_type */
    int64_t raw, t_ms;
    struct span text; /* of a state that is told in words; n = 0: raw is its code */
    bool seen;
};
bool core_unassigned_at(const struct core *c, size_t i, struct core_unassigned *out);
/* Values of machine states that their map does not name, so that their time is unknown; since the
 * start. false past the end. */
struct core_unmapped {
    uint32_t signal;
    bool is_text;
    int64_t raw; /* the code; of a text its word's id */
    uint64_t times;
    const struct ident *agent, *map; /* these four in answers only */
    const char *point;
    struct span text;
};
bool core_unmapped_at(const struct core *c, size_t i, struct core_unmapped *out);
/* Late, unplaced: what came when its time had left the logs, by agent, unit and local day; it is in
 * no figure. false past the end. */
struct core_unplaced {
    const struct ident *agent, *unit; /* agent NULL: not known */
    int64_t day_ms;                   /* begin of the day; INT64_MIN: of several */
    int64_t booked_ms;                /* when something was last added, by our clock */
    uint64_t stretches;               /* readings, or states, or spans of coverage */
    const int64_t *amount; /* by role from ROLE_POWER to ROLE_MATERIAL, base units of the role; of
                            * power microwatt-hours */
};
bool core_unplaced_at(const struct core *c, size_t i, struct core_unplaced *out);
/* Rises whenever a view may have changed. */
uint64_t core_version(const struct core *c);
/* Rises with each tick that computes what records brought; else only time has passed. */
uint64_t core_news(const struct core *c);
/* Acts that are younger than the logs, in the order of their numbers. */
struct core_act {
    const struct act *act;
    uint64_t n, voided_by; /* 0: it holds */
    bool durable;
};
size_t core_acts(const struct core *c);
void core_act_view(const struct core *c, size_t i, struct core_act *out);
/* What of a node's windows (15 min and above) was told again since the start, as one stretch that
 * grows until nothing of it moved for ten minutes: who keeps windows of it reads them anew. */
struct core_restated {
    int64_t from_ms, to_ms; /* from the earliest begin to the latest end */
    int64_t at_ms;          /* when it last grew, by our clock */
    uint64_t windows;       /* 0: nothing was */
    uint8_t cause;          /* enum restate_cause, the gravest */
};
const struct core_restated *core_restated(const struct core *c, uint32_t node);
/* Windows that were settled or restated since the last call, oldest first (offline output, pages);
 * a minute is valid until the next call. */
const struct window *core_next_published(struct core *c);

#endif
