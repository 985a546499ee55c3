/* Back-test: rules of alerts on stored minutes, by the engine that runs live, with event time for a
 * clock. It reads a bounded number of rows at a time, stores nothing and tells nobody.
 *
 * A minute is what its cells hold now: what came late or was corrected is in it, which the live
 * engine may not have seen in time. Minutes without cells are "no data", as they are live; of
 * gauges those behind the logs. The test begins with every alert normal: one that was active before
 * begins when its hold has passed. Nobody acknowledges anything, and only rules that are tried
 * quiet others. */
#ifndef PB_BACKTEST_BACKTEST_H
#define PB_BACKTEST_BACKTEST_H

#include "alert/alerts.h"
#include "engine/history.h"
#include "norm/ledger.h"

enum {
    BACKTEST_COLUMNS = 60,       /* of a time-line */
    BACKTEST_POINTS = 672,       /* of a curve, at most: a quarter of an hour each in a week */
    BACKTEST_FIRINGS_MAX = 2000, /* of a rule, told one by one; all are counted */
    BACKTEST_LASTING_MAX = 1440  /* minutes; what lasted longer counts as so long */
};
#define BACKTEST_BRIEF_MS INT64_C(120000) /* under it a firing is short */

struct backtest_conf { /* borrowed until backtest_close() */
    const struct plant *plant;
    const struct alert_rules *rules;  /* to be tried */
    const struct alert_rules *beside; /* those in force; of the same ids are compared. NULL: none */
    struct alert_norms norms;         /* asked on whatever thread steps */
    const uint64_t *gauge_agents;     /* core_gauge_agents(); NULL: of gauges nothing is known */
    const uint32_t *node_no; /* by plant node: core_node_number(); NULL: of days the same */
    int64_t from_ms, to_ms;  /* minutes that begin in [from, to) */
    bool tries;              /* suggestions are tried by a second pass over the same minutes */
    bool curved;             /* what the first rule sees at this node is kept */
    uint32_t curve_node;
};

struct backtest_firing {
    uint32_t node;          /* index in plant.node */
    uint8_t severity;       /* as reached */
    int64_t from_ms, to_ms; /* INT64_MAX: it is active at the end */
    double value, threshold;
};

struct backtest_figures {
    uint64_t firings, brief;
    int64_t active_ms, longest_ms; /* what is active at the end counts up to it */
    uint32_t longest_node;         /* UINT32_MAX: there was none */
    uint64_t active_at_end;
};

struct backtest_node { /* of a rule that fired there */
    uint32_t node;
    struct backtest_figures figures;
    /* Of each column: active, ms. Of the span the columns have equal parts. */
    int64_t active_ms[BACKTEST_COLUMNS];
};

/* How a rule could be made quieter; suggest.c says how it is found. */
struct backtest_suggestion {
    bool hold, clear;           /* which are suggested */
    int64_t hold_ms;            /* instead of the rule's */
    uint64_t removed;           /* firings that had not lasted as long */
    double clear_level;         /* of the mildest level */
    uint64_t joined, came_back; /* of the firings that came back soon, so many go into one */
    bool tried;
    struct backtest_figures then; /* with both, by the engine; only if tried */
};

struct backtest_rule {
    const struct alert_rule *rule;
    struct backtest_figures figures;
    struct backtest_node *node; /* those with firings, in the order of the plant; owned */
    size_t node_n;
    struct backtest_firing *firing; /* in the order of time; owned */
    size_t firing_n;
    struct backtest_suggestion suggestion;
    const struct alert_rule *in_force; /* NULL: none has this id */
    struct backtest_figures force;
    /* Firings of both that overlap at one node; those of one alone. Of those told one by one. */
    uint64_t both, only_new, only_force;
};

/* What a rule saw in a part of the span, in the unit of its thresholds; NAN: nothing. */
struct backtest_point {
    double least, most;
};

struct backtest;

/* ERR_RANGE: a rule is none (alert_rule_check()). ERR_NOMEM. */
enum err backtest_open(const struct backtest_conf *conf, struct backtest **out);
/* Reads and evaluates the next hours; *more: there are others. Each read takes some thousand rows
 * at most. ERR_FORMAT, ERR_FULL, ERR_NOMEM, errors of the reader: it is over. */
enum err backtest_step(struct backtest *b, const struct history_reader *r, bool *more);
/* What came out, when there is no more; valid until close. */
const struct backtest_rule *backtest_rules(const struct backtest *b, size_t *n);
/* Of each column of a node: whether anything was known of it. */
bool backtest_known(const struct backtest *b, uint32_t node, unsigned column);
/* The curve that was asked for: points of equal lengths that tile the span; NULL: none. */
const struct backtest_point *backtest_curve(const struct backtest *b, size_t *n);
/* Minutes times rules times nodes, in all passes. */
uint64_t backtest_evaluations(const struct backtest *b);
void backtest_close(struct backtest *b); /* NULL is nothing */

/* The words of stored cells, by what they say; 0: no cell has it. */
struct backtest_words {
    uint32_t (*number)(const void *user, const char *text);
    const void *user;
};
/* Norms in force over a span, of the rules that ask for them, and the products and teams that rules
 * name, for conf.norms: {backtest_norm, backtest_word_is, it}. ERR_NOMEM. */
struct backtest_norms;
enum err backtest_norms_open(const struct ledger *l, const struct backtest_words *words,
                             const struct alert_rules *rules, int64_t from_ms, int64_t to_ms,
                             struct backtest_norms **out);
void backtest_norms_close(struct backtest_norms *x); /* NULL is nothing */
bool backtest_norm(void *user, const struct alert_scope *of, int64_t t_ms, double *value);
bool backtest_word_is(void *user, uint32_t word, const struct ident *id);

#endif
