/* What the files of the ledger share. Nothing outside the room includes this. */
#ifndef PB_NORM_LEDGER_IMPL_H
#define PB_NORM_LEDGER_IMPL_H

#include "norm/field.h"
#include "norm/ledger.h"

struct entry { /* one norm */
    struct norm norm;
    struct norm_texts texts;
    uint32_t node; /* of its scope, in the plant bound; UINT32_MAX: not there */
    uint64_t told; /* number of its newest event */
};

struct entries {
    struct entry **at;
    size_t n, cap;
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
    struct entries all;
    struct entries of[INDICATOR_COUNT + 1]; /* by subject; the last: of quantities */
    struct record **event;
    size_t event_n, event_cap;
};

enum { LEDGER_EVENTS_MAX = 200000 };

/* A command being judged. */
struct decision {
    const struct ledger *l;
    const struct ledger_command *c;
    const struct norm *was; /* NULL: it is new */
    struct norm next;       /* what it would be; texts are of `was`, the command or static */
    int64_t now_ms;
    struct ledger_answer *out;
};

/* False, with the reason in d->out. */
__attribute__((format(printf, 3, 4))) bool decide_refuse(struct decision *d, const char *field,
                                                         const char *fmt, ...);
void decide_warn(struct decision *d, const char *sentence);
/* ledger_life.c: fills d->next. */
bool decide(struct decision *d);
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
/* ledger_labour.c: all that class b asks before it is approved. */
bool check_labour(struct decision *d);
bool check_choice(struct decision *d);

/* ledger_find.c */
uint32_t ledger_node(const struct ledger *l, const struct norm *n);
enum plant_level ledger_level(const struct ledger *l, const struct norm *n);
/* Our norm that holds where d->next is to hold, when it begins; NULL: none. */
const struct norm *revised_by(const struct decision *d);
bool node_covers(const struct ledger *l, uint32_t above, uint32_t below);
/* Whether own `a` is weaker than `b`: 1, 0, -1: no conversion. */
int is_weaker(const struct ledger *l, const struct norm *a, const struct norm *b);
/* Of the same boundary and capacity class. */
bool is_comparable(const struct norm *own, const struct norm *superior);
/* Whether our best, as any norm of it tells, is weaker than this superior one. */
bool beyond_best(const struct ledger *l, const struct norm *superior);
/* convert.c: unit NULL: the indicator's, of a quantity its own. */
bool convert_norm(const struct ledger *l, const struct norm *n, const char *unit,
                  struct norm_values *out);
bool same_name(const char *a, const char *b);                        /* of persons and offices */
void date_text(const struct ledger *l, int64_t t_ms, char text[16]); /* local day */

/* ledger_bytes.c */
enum err record_pack(const struct record *r, struct buf *out);
enum err record_unpack(struct span bytes, uint64_t n, struct record **out);
void record_close(struct record *r);

#endif
