/* The ledger of norms: an append-only list of events, each a command that was allowed, and what
 * follows from them: every norm with its state, which one is in force of what and when. It reads no
 * clock and stores nothing: whoever holds it writes each event down before it answers. */
#ifndef PB_NORM_LEDGER_H
#define PB_NORM_LEDGER_H

#include "base/buf.h"
#include "norm/norm.h"
#include "norm/rights.h"

enum ledger_action {
    LEDGER_DRAFT,   /* new, or a draft or a returned one changed: norm */
    LEDGER_PROPOSE, /* new, or a draft, or a returned one with correction: norm */
    LEDGER_ANSWER,  /* accept or not, why */
    LEDGER_TRIAL,   /* norm->trial.from_ms, to_ms */
    LEDGER_RESULT,  /* norm->trial: n, reach, normal_hours, note */
    LEDGER_CONSULT, /* norm->consultation */
    LEDGER_PUBLISH, /* norm->publication */
    LEDGER_CHOOSE,  /* norm->choice */
    LEDGER_SUBMIT,
    LEDGER_RETURN,   /* why: the correction that is wanted */
    LEDGER_APPROVE,  /* why; norm->ceiling_reason */
    LEDGER_WITHDRAW, /* why; at_ms: of one in force, from when on */
    LEDGER_IMPORT,   /* norm as a document has it, with its state and records */
    LEDGER_ACTION_COUNT
};

struct ledger_command {
    uint8_t action;  /* enum ledger_action */
    struct span key; /* drawn by who sends it: the same command under it counts once */
    const char *who, *why, *evidence; /* NULL: none */
    const char *const *office;        /* for whom rights are granted, too; who it was is `who` */
    size_t office_n;
    struct ident id;         /* of the norm; "" with DRAFT and PROPOSE: a name is made */
    const struct norm *norm; /* NULL: none; only what the action says is read */
    /* What of it was said, where the rest is what the ledger had: by it, not by the norm, the
     * command is known again under its key. n = 0: all of it was. */
    struct span said;
    bool accept;       /* ANSWER */
    int64_t at_ms;     /* WITHDRAW; NORM_NO_TIME: now */
    const char *owner; /* of the step that follows; NULL: by the rights */
    int64_t due_ms;    /* of it; NORM_NO_TIME: by the settings */
};

struct ledger_refusal {
    const char *field;     /* of the command or the norm, static */
    struct ident collides; /* norm that stands in the way; "": none */
    char why[320];         /* a sentence */
};

enum { LEDGER_RELATED_MAX = 8, LEDGER_WARNINGS_MAX = 4, LEDGER_WHO_MAX = 64, LEDGER_KEY_MAX = 64 };

struct ledger_answer {
    uint64_t n; /* number of the event; 0: refused */
    bool repeated;
    struct ident id;
    uint8_t state; /* enum norm_state afterwards */
    struct ledger_refusal refusal;
    struct ident related[LEDGER_RELATED_MAX]; /* superior norms of other scopes, boundaries ... */
    size_t related_n;
    const char *warning[LEDGER_WARNINGS_MAX]; /* static sentences */
    size_t warning_n;
};

/* What an event changed: a field by its path ("basis.n", "state"), as text. */
struct ledger_change {
    const char *path, *from, *to; /* "": nothing */
};

/* What was done, as the audit shows it. Texts are the ledger's. */
struct ledger_event {
    uint64_t n;
    int64_t at_ms;
    uint8_t action;   /* enum ledger_action */
    uint8_t from, to; /* enum norm_state as stored; from NORM_STATE_COUNT: it was new */
    struct ident id;
    struct span key;
    const char *who, *why, *evidence;
    const struct ledger_change *change;
    size_t change_n;
};

struct ledger;

/* conf is borrowed and may be replaced by ledger_set_conf(). ERR_NOMEM. */
enum err ledger_open(const struct ledger_conf *conf, struct ledger **out);
void ledger_close(struct ledger *l); /* NULL is allowed */
void ledger_set_conf(struct ledger *l, const struct ledger_conf *conf);
/* For who only looks: events are counted, not kept, once their norms stand. Before the first one;
 * such a ledger takes no commands. */
void ledger_keep_norms_only(struct ledger *l);
/* Finds the nodes of scopes in this plant, which is borrowed until the next call. To be called
 * before anything else but the opening, and again with a new plant. */
void ledger_bind(struct ledger *l, const struct plant *p);

/* Teams that worked at a unit of the plant bound, beside those of its rota: whose pay a revision
 * moves. `each` hands on each of them, some perhaps twice. */
struct ledger_teams {
    void (*each)(void *user, uint32_t unit, void (*take)(void *of, const char *team), void *of);
    void *user;
};
void ledger_set_teams(struct ledger *l, struct ledger_teams teams);

/* ERR_OK: out->n is the event's number, to be written down. ERR_RANGE: out->refusal says why not.
 * ERR_EXISTS: another command has this key. ERR_NOMEM, ERR_FULL. On failure nothing has changed. */
enum err ledger_apply(struct ledger *l, const struct ledger_command *c, int64_t now_ms,
                      struct ledger_answer *out);
/* The bytes of event n, as they are stored; ERR_NOT_FOUND, ERR_NOMEM. */
enum err ledger_pack(const struct ledger *l, uint64_t n, struct buf *out);
/* An event from the store, in order. ERR_FORMAT, ERR_CHECKSUM, ERR_UNSUPPORTED, ERR_NOMEM. */
enum err ledger_take(struct ledger *l, uint64_t n, struct span bytes);

uint64_t ledger_last(const struct ledger *l); /* number of the newest event; 0: none. From 1 on */
const struct ledger_event *ledger_event(const struct ledger *l, uint64_t n); /* or NULL */
size_t ledger_count(const struct ledger *l);
const struct norm *ledger_at(const struct ledger *l, size_t i);         /* in the order they came */
const struct norm *ledger_find(const struct ledger *l, const char *id); /* or NULL */
/* Number of the event that told the norm last, 0: none. */
uint64_t ledger_told(const struct ledger *l, const struct norm *n);
/* A command under this key was taken: another one is its repetition. O(events). */
bool ledger_knows(const struct ledger *l, struct span key);
/* Who brought it from a document, "": it was written here. Never NULL. */
const char *ledger_imported_by(const struct ledger *l, const struct norm *n);
/* Whether the step it stands at was due before t. */
bool ledger_overdue(const struct norm *n, int64_t t_ms);

/* The day of the plant bound, as people write it: "2026-01-01". */
void ledger_day(const struct ledger *l, int64_t t_ms, char text[16]);

/* Whether the norm is of the node, of one above it or of one below it. */
bool ledger_concerns(const struct ledger *l, const struct norm *n, uint32_t node);

/* Of what a norm is looked for. Texts may be NULL: of all. Where no operation is named, it is the
 * one that the plant file has for the unit and the product at that time. */
struct ledger_scope {
    uint32_t node; /* index in the plant bound */
    const char *product, *operation, *team;
};

enum ledger_loss {                     /* why one was not chosen */
                   LOSS_OTHER_PRODUCT, /* the chosen one is of the product, this is of all */
                   LOSS_OTHER_OPERATION,
                   LOSS_HIGHER_NODE, /* of a node farther up */
                   LOSS_ALL_TEAMS,
                   LOSS_SUPERIOR, /* own norms come first, so long as they are no weaker */
                   LOSS_WEAKER,   /* than a binding one, which holds in its place */
                   LOSS_OLDER,
                   LEDGER_LOSS_COUNT
};

enum { LEDGER_LOSERS_MAX = 8 };
struct ledger_loser {
    const struct norm *norm;
    uint8_t why; /* enum ledger_loss */
};
struct ledger_why {
    const struct norm *chosen; /* NULL: none */
    const char *operation;     /* it was looked for in; NULL or "": of all */
    struct ledger_loser loser[LEDGER_LOSERS_MAX];
    size_t loser_n;     /* all of them, which may be more than stand here */
    bool bound;         /* a binding norm holds in the place of a weaker one */
    bool plan_required; /* it is superior and lies beyond our best: not met, a plan is required */
};

/* The norm in force at t, event time: of ours the most specific one by product, operation, node (up
 * the tree) and team, never weaker than one that binds of the same boundary and class, which then
 * holds in its place. Where none of ours is, the strictest that binds. NULL: none. `why` may be
 * NULL. Pointers hold until the next apply or take. O(norms of the indicator x levels). */
const struct norm *ledger_in_force(const struct ledger *l, enum indicator i,
                                   const struct ledger_scope *of, int64_t t_ms,
                                   struct ledger_why *why);
/* The same of a free quantity. */
const struct norm *ledger_in_force_of(const struct ledger *l, const char *quantity,
                                      const struct ledger_scope *of, int64_t t_ms,
                                      struct ledger_why *why);
/* A sentence: "product x of the unit comes before all products". Never NULL. */
const char *ledger_loss_text(enum ledger_loss w);

/* One `from` as `to` by the table of conversions; false: there is none. Also "" to "1". */
bool ledger_convert(const struct ledger *l, const char *from, const char *to, double *factor);
/* The norm's value in the indicator's unit, of a standard its target or else NAN. False: no
 * conversion. */
bool ledger_value(const struct ledger *l, const struct norm *n, double *value);
/* All of its values, NAN where it has none. */
struct norm_values {
    double value, low, target, high;
};
bool ledger_values(const struct ledger *l, const struct norm *n, struct norm_values *out);

const char *ledger_action_name(enum ledger_action a); /* "propose" ...; never NULL */

#endif
