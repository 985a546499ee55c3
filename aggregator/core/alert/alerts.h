/* All rules at all their nodes: fed with minutes, they give transitions. Pure and deterministic:
 * the same minutes and commands in the same order give the same events, however the run was cut in
 * between. Live, after a restart and in a back-test it is this code that runs.
 *
 * A node's minutes are evaluated one after the other, each once. Sums are exact at any time: what
 * is added to or taken from an evaluated minute later counts from the next evaluation on and moves
 * no alert of the past. Where an alert above may quiet those below, the node above must be
 * evaluated first; alerts_ready() says so. */
#ifndef PB_ALERT_ALERTS_H
#define PB_ALERT_ALERTS_H

#include "alert/event.h"
#include "cell/cell.h"
#include "signal/gauge.h"

struct alerts;

/* Of what a norm is looked for: words as cells have them, 0: of none. */
struct alert_scope {
    uint32_t node; /* index in plant.node */
    enum indicator indicator;
    uint32_t product, team;
};

/* Called while sums are added. */
struct alert_norms {
    /* The norm in force at a time; false: there is none. */
    bool (*in_force)(void *user, const struct alert_scope *of, int64_t t_ms, double *value);
    /* Whether the word is the id. NULL: no rule names a product or a team. */
    bool (*is)(void *user, uint32_t word, const struct ident *id);
    void *user;
};

/* Rules, plant and norms are borrowed until alerts_replace() or alerts_close(). Rules that
 * alert_rule_check() refuses: ERR_RANGE. ERR_NOMEM. */
enum err alerts_open(const struct alert_rules *rules, const struct plant *plant,
                     const struct alert_norms *norms, struct alerts **out);
void alerts_close(struct alerts *a);
/* Others are in force from now on, in what may be another plant. Instances (rule id x node id)
 * whose rule says the same keep everything; of a rule that changed shelves and being out of service
 * stay; what was active of the others ends with an event. ERR_NOMEM, ERR_RANGE: nothing has
 * changed. */
enum err alerts_replace(struct alerts *a, const struct alert_rules *rules,
                        const struct plant *plant, int64_t now_ms);
/* Norms in force may be others than those told so far: nodes that look at them are hollow again. */
void alerts_norms_changed(struct alerts *a);

/* --- minutes -----------------------------------------------------------------------------------
 * Numbered from 1970-01-01 on. */

/* No rule stands for the node. */
bool alerts_watches(const struct alerts *a, uint32_t node);
size_t alerts_rules_at(const struct alerts *a, uint32_t node); /* how many stand for it */
/* The minute to be evaluated next; INT64_MIN: none was yet. */
int64_t alerts_next(const struct alerts *a, uint32_t node);
/* The first minute whose sums the evaluation of `minute` looks at. */
int64_t alerts_reach(const struct alerts *a, uint32_t node, int64_t minute);
/* Whether the node's sums are to be given: at first, and after a start or a reload that changed
 * what is looked at. */
bool alerts_hollow(const struct alerts *a, uint32_t node);
void alerts_forget(struct alerts *a, uint32_t node); /* it is hollow again */
/* Forgets the node's sums; the next minute to be evaluated is this one, and those from
 * alerts_reach() on are to be added now. Minutes that are left out say nothing: no alert ends by
 * them. */
void alerts_begin(struct alerts *a, uint32_t node, int64_t next);
/* Marks the quantities that some rule looks at: others need not be in what is added. */
void alerts_need(const struct alerts *a, bool qty[QTY_COUNT]);
/* Adds sign (+1, -1) times sums to a minute up to alerts_next(), in any order and in any parts;
 * before what is looked at it has no effect. */
void alerts_add(struct alerts *a, uint32_t node, int64_t minute, const struct sums *sums, int sign);
/* Whether rules of the node tell products and teams apart; then every cell goes there, too, under
 * the rules of alerts_add(). ERR_NOMEM: the node is hollow again. */
bool alerts_by_context(const struct alerts *a, uint32_t node);
enum err alerts_add_context(struct alerts *a, uint32_t node, int64_t minute,
                            const struct context *of, const struct sums *sums, int sign);
/* The i-th gauge that rules of the node look at, an index in plant.gauge, and how many minutes up
 * to alerts_next() they look at. False past the last. */
bool alerts_gauge_at(const struct alerts *a, uint32_t node, size_t i, uint32_t *gauge,
                     unsigned *minutes);
/* Gives those of the i-th, in their order, before each evaluation: anew each time, so what came
 * late is in them. Of a gauge whose minutes were not given nothing is known. */
void alerts_put_gauge(struct alerts *a, uint32_t node, size_t i, const struct gauge_span *minute);
/* The i-th node whose days rules look at, and from when on; false past the last. */
bool alerts_day_source(const struct alerts *a, size_t i, uint32_t *node, int64_t *from_ms);
/* Gives the sums of such a node's local day, in the place of those given before, whenever they
 * move; of other nodes nothing happens. ERR_NOMEM. */
enum err alerts_put_day(struct alerts *a, uint32_t node, int64_t start_ms, int64_t end_ms,
                        const struct sums *s);
/* Whether the node's day was given. */
bool alerts_has_day(const struct alerts *a, uint32_t node, int64_t start_ms);
/* All days there are were given; until then no node with such rules is ready. */
void alerts_days_given(struct alerts *a);
/* Whether nodes above, which may quiet this one, have gone as far, and days were given. */
bool alerts_ready(const struct alerts *a, uint32_t node);
/* Evaluates alerts_next(), all of whose sums were added; then the next one is it. now_ms is only
 * told. ERR_NOMEM: nothing has changed. */
enum err alerts_evaluate(struct alerts *a, uint32_t node, int64_t now_ms);

/* Many minutes at once, for history: what they come to is the same. Up to `minutes` from
 * alerts_next() on may then be added before they are evaluated, but for alerts_add_context(), which
 * takes none ahead; at most ALERT_AHEAD_MAX, before the first alerts_begin(). ERR_NOMEM. */
enum { ALERT_AHEAD_MAX = 60 };
enum err alerts_look_ahead(struct alerts *a, unsigned minutes);
/* Evaluates at least one and at most n minutes, *done of them. Gauges are to be given for the first
 * of them. ERR_NOMEM: some of them are. */
enum err alerts_evaluate_run(struct alerts *a, uint32_t node, unsigned n, int64_t now_ms,
                             unsigned *done);
/* What instance i of alerts_view() saw in minute t of those that were evaluated last, if it is of
 * their node; false: nothing. scale: of its levels. */
bool alerts_seen(const struct alerts *a, size_t i, unsigned t, double *value, double *scale);

/* --- people ------------------------------------------------------------------------------------
 */

enum alert_act { ALERT_ACK, ALERT_SHELVE, ALERT_UNSHELVE, ALERT_DISABLE, ALERT_ENABLE, ALERT_ACTS };
struct alert_command {
    uint8_t act; /* enum alert_act */
    struct ident rule, node;
    struct span who, note; /* UTF-8; who is needed, an acknowledgement may carry a note */
    int64_t until_ms;      /* ALERT_SHELVE: at most ALERT_SHELF_MAX ahead */
};
#define ALERT_SHELF_MAX (INT64_C(7) * 24 * 3600 * 1000)
/* ERR_NOT_FOUND, ERR_STATE (nothing to acknowledge ...), ERR_RANGE: *why is a sentence, nothing has
 * changed. ERR_NOMEM. The transition is the last of alerts_event(). */
enum err alerts_command(struct alerts *a, const struct alert_command *c, int64_t now_ms,
                        const char **why);
const char *alert_act_name(enum alert_act act); /* "ack", "shelve" ... */

/* --- transitions, rows -------------------------------------------------------------------------
 */

/* Those not dropped yet, oldest first; NULL past the end. */
const struct alert_event *alerts_event(const struct alerts *a, size_t i);
void alerts_drop_events(struct alerts *a); /* they were taken */
/* Events that are no alert's join them, with the next numbers. ERR_NOMEM: none did. */
enum err alerts_announce(struct alerts *a, const struct alert_event *e, size_t n);
uint64_t alerts_last(const struct alerts *a); /* number of the newest, 0: none ever */
/* The recipients of the event's rule, as it is now; of one that is gone as it was, until
 * alerts_rows(). */
size_t alerts_recipients(const struct alerts *a, const struct alert_event *e,
                         const struct ident **out);

bool alerts_unstored(const struct alerts *a); /* something is to be put, or events to be taken */
/* Rows of STORE_ALERT that changed since they were last put; layouts in rows.c. ERR_NOMEM.
 */
enum err alerts_rows(struct alerts *a,
                     enum err (*put)(void *user, struct span key,
                                     struct span value), /* n = 0: gone */
                     void *user);
/* A row as stored, before the first minute. What it is of may be gone: then it ends with an event
 * at alerts_started(). ERR_FORMAT, ERR_CHECKSUM, ERR_TRUNCATED: the store is damaged. */
enum err alerts_take_row(struct alerts *a, struct span key, struct span value);
enum err alerts_started(struct alerts *a, int64_t now_ms);

/* --- views --------------------------------------------------------------------------------------
 */

struct alert_view {
    const struct alert_rule *rule;
    uint32_t node;
    uint8_t state; /* enum alert_state */
    uint8_t level, severity, mark;
    bool no_data;        /* the last observation said nothing */
    int64_t since_ms;    /* of the state */
    int64_t active_ms;   /* when it became active; 0: it is not */
    int64_t until_ms;    /* of a shelf */
    int64_t observed_ms; /* end of the last minute */
    double value,
        threshold;  /* of the last observation, of the level that holds or comes next; NAN */
    uint64_t event; /* number of its last transition; 0: none */
    const char *who, *note; /* of the last command; "" */
};
size_t alerts_count(const struct alerts *a);
void alerts_view(const struct alerts *a, size_t i, struct alert_view *out);
/* The same of one; false: there is no such alert. O(log rules + rules at the node). */
bool alerts_view_of(const struct alerts *a, const struct ident *rule, const struct ident *node,
                    struct alert_view *out);
/* NULL: none of that id is in force. O(log rules). */
const struct alert_rule *alerts_rule(const struct alerts *a, const struct ident *id);

struct alert_figures {
    uint64_t evaluations, events, commands;
    size_t by_state[ALERT_STATE_COUNT];
    size_t active_by_severity[ALERT_SEVERITY_COUNT]; /* active, acknowledged or not */
    size_t flapping, no_data, positions_flooded;
};
/* As of a time. Flooded is a position, by the rule that marks events, with more than
 * ALERT_FLOOD_COUNT activations in the ALERT_FLOOD_MS up to then. O(instances + positions). */
void alerts_figures(const struct alerts *a, int64_t now_ms, struct alert_figures *out);
/* Bytes held. */
size_t alerts_memory(const struct alerts *a);

#endif
