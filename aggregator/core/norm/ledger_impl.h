/* What the files of the ledger share. Nothing outside the room includes this. */
#ifndef PB_NORM_LEDGER_IMPL_H
#define PB_NORM_LEDGER_IMPL_H

#include "norm/field.h"
#include "norm/ledger.h"
#include "norm/name.h"

struct entry { /* one norm */
    struct norm norm;
    struct norm_texts texts;
    uint32_t node;           /* of its scope, in the plant bound; UINT32_MAX: not there */
    uint64_t told;           /* number of its newest event */
    const char *imported_by; /* who brought it from a document, of texts; "": it was written here */
    int64_t held_ms; /* when this ledger learnt that it is approved; NORM_NO_TIME: it is not */
};

struct entries {
    struct entry **at;
    size_t n, cap;
};

struct ledger_index { /* by id */
    struct entry **at;
    size_t n, cap; /* cap: a power of two */
};

struct record { /* one event */
    struct ledger_event e;
    struct norm_texts texts;
    struct ledger_change *change; /* e.change */
    uint64_t print;               /* of the command */
};

struct ledger {
    const struct ledger_conf *conf;
    const struct plant *plant;
    struct ledger_teams teams;
    struct entries all;
    struct entries of[INDICATOR_COUNT + 1]; /* by subject; the last: of quantities */
    struct ledger_index by_id;
    struct record **event; /* NULL where only norms are kept */
    size_t event_n, event_cap;
    bool norms_only;
};

enum { LEDGER_EVENTS_MAX = 200000 };

/* A command being judged. */
struct decision {
    const struct ledger *l;
    const struct ledger_command *c;
    const struct norm *was;  /* NULL: it is new */
    const char *imported_by; /* "": it was written here */
    struct norm next;        /* what it would be; texts are of `was`, the command or static */
    int64_t now_ms;
    struct ledger_answer *out;
};

/* False, with the reason in d->out. */
__attribute__((format(printf, 3, 4))) bool decide_refuse(struct decision *d, const char *field,
                                                         const char *fmt, ...);
void decide_warn(struct decision *d, const char *sentence);
/* ledger_life.c: fills d->next. */
bool decide(struct decision *d);
/* What is due next, when and by whom, unless the command says so; who may approve. */
void decide_due(struct decision *d, int64_t from_ms, int64_t days, const char *owner);
const char *decide_approver(const struct decision *d);
/* ledger_import.c */
bool decide_import(struct decision *d);
/* ledger_check.c: whether what a norm says makes sense. Fills in what follows from its indicator.
 */
bool check_content(struct decision *d);
/* ledger_floor.c */
bool check_floor(struct decision *d);
/* Mean and best: a warning; and the written reason that approval needs. */
void warn_ceiling(struct decision *d);
bool check_ceiling(struct decision *d);
/* Tightening and loosening need rights of their own, and more than one team and period. */
bool check_change(struct decision *d);
bool check_right(struct decision *d, enum norm_right right);
/* ledger_labour.c: all that class b asks before it is approved. */
bool check_labour(struct decision *d);
bool check_choice(struct decision *d);

/* ledger_find.c */
uint32_t ledger_node(const struct ledger *l, const struct norm *n);
enum plant_level ledger_level(const struct ledger *l, const struct norm *n);
bool node_covers(const struct ledger *l, uint32_t above, uint32_t below);
/* Whether own `a` is weaker than `b`: 1, 0, -1: no conversion. */
int is_weaker(const struct ledger *l, const struct norm *a, const struct norm *b);
/* Of boundaries and capacity classes that have something in common: who names none names all. */
bool is_comparable(const struct norm *a, const struct norm *b);
/* Whether our best, as any norm of it tells, is weaker than this superior one. */
bool beyond_best(const struct ledger *l, const struct norm *superior);
/* Whether it holds at t, binds or is ours, and is for all that the scope says. */
bool entry_fits(const struct ledger *l, const struct entry *e, const char *quantity,
                const struct ledger_scope *of, int64_t t_ms);
/* Whether a is chosen before b; *why: what the other one lacks. */
bool entry_before(const struct ledger *l, const struct entry *a, const struct entry *b,
                  enum ledger_loss *why);
/* The norm in force among these; `why` may be NULL. */
const struct norm *choose(const struct ledger *l, const struct entries *of, const char *quantity,
                          const struct ledger_scope *scope, int64_t t_ms, struct ledger_why *why);

/* ledger_touch.c */
/* Ours that holds there, whatever binds; NULL: none. */
const struct entry *own_at(const struct ledger *l, const struct entries *of, const char *quantity,
                           const struct ledger_scope *scope, int64_t t_ms);
/* The same, or where none does the one that held there last. */
const struct entry *stood_at(const struct ledger *l, const struct entries *of, const char *quantity,
                             const struct ledger_scope *scope, int64_t t_ms);
/* Whether something may be of both: an operation that only one names is done where both are. */
bool scopes_meet(const struct ledger *l, const struct entry *a, const struct entry *b);
struct ledger_scope common_scope(const struct ledger *l, const struct entry *a,
                                 const struct entry *b);
/* One of ours whose place d->next would take: in the scope, from t_ms on until to_ms at most. Where
 * none holds any more it is the one that held last. */
struct touch {
    const struct entry *was;
    struct ledger_scope of;
    int64_t t_ms, to_ms;
};
typedef void (*touch_take)(struct decision *d, const struct touch *t, void *user);
void each_touched(struct decision *d, touch_take take, void *user);
/* The first norm whose place d->next would take for a time that has passed while it was known to be
 * in force; NULL: none. */
const struct norm *rewritten_by(const struct decision *d);
/* What becomes of what is in force if one that is approved is withdrawn at t; without memory to
 * find out, both. */
struct withdrawal {
    bool tighter, looser;       /* somewhere, some time */
    const struct norm *instead; /* one of ours of another value that comes up; NULL: none */
};
struct withdrawal withdrawal_of(const struct ledger *l, const struct norm *n, int64_t t_ms);
/* ledger.c: until when each holds of those that take n's place or whose place it takes. */
void link_chain(const struct entries *of, const struct norm *n);
/* convert.c: unit NULL: the indicator's, of a quantity its own. */
bool convert_norm(const struct ledger *l, const struct norm *n, const char *unit,
                  struct norm_values *out);

/* ledger_index.c: NULL: there is none. Room for one more before it is added; ERR_NOMEM. */
struct entry *ledger_index_find(const struct ledger_index *x, const char *id);
enum err ledger_index_room(struct ledger_index *x);
void ledger_index_add(struct ledger_index *x, struct entry *e);

/* ledger_bytes.c */
enum err record_pack(const struct record *r, struct buf *out);
enum err record_unpack(struct span bytes, uint64_t n, struct record **out);
void record_close(struct record *r);

#endif
