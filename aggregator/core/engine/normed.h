/* History against norms: what a ledger of norms and the team-shifts of the past make of each other
 * (proposals, attainment, reviews, status, key links, records). For a reader's thread, like
 * history.h; it changes no norm. */
#ifndef PB_ENGINE_NORMED_H
#define PB_ENGINE_NORMED_H

#include "engine/shifts.h"
#include "norm/keylink.h"
#include "norm/ledger.h"
#include "norm/propose.h"
#include "norm/review.h"
#include "norm/status.h"

struct normed_query { /* texts may be NULL: of all */
    const struct plant *plant;
    const struct ledger *ledger; /* bound to the plant */
    uint32_t node;
    int64_t from_ms, to_ms;   /* of the shifts' begins */
    enum indicator indicator; /* of suggestions, attainment and records */
    const char *product, *team;
    unsigned by;       /* attainment: set of enum attain_by; by node: the units below, one by one */
    uint8_t method;    /* suggestions: enum norm_method */
    double supplement; /* k0 of piece rates */
};

/* Words that results borrow their texts from. */
struct normed_words {
    struct history_word **at; /* owned, all of them */
    size_t n;
};
void normed_words_fini(struct normed_words *w);

/* The ledger as the store holds it, as far as it was read; zeroed: nothing is. Events are only ever
 * added, so what was read stays right, and each question reads the newer ones alone. It keeps norms
 * and no events: some kilobytes a norm. Of one thread at a time. */
struct normed_cache {
    struct ledger *ledger;
};
void normed_cache_fini(struct normed_cache *cache);
/* The same up to the newest event, under these settings and bound to the plant; both are borrowed
 * until the next call. *out is the cache's. Errors of ledger_open and ledger_take, and of the
 * reader. */
enum err normed_kept(struct normed_cache *cache, const struct ledger_conf *conf,
                     const struct plant *p, const struct history_reader *r,
                     const struct ledger **out);
/* The same for who asks once: *out is for ledger_close. */
enum err normed_ledger(const struct ledger_conf *conf, const struct plant *p,
                       const struct history_reader *r, struct ledger **out);
/* The norm in force at a shift's begin as attainment takes it. False: none, or none that is a
 * number in the indicator's unit. *which (may be NULL) is the ledger's norm; NULL: a manning norm,
 * of the plant file. */
bool normed_at(const struct normed_query *q, const struct team_shift *s, enum indicator i,
               struct attain_norm *out, const struct norm **which);
/* Hands on the team-shifts of each unit below the node, or with `together` the node's own; the
 * filters hold. Errors of `take` end it. */
enum err normed_each(const struct normed_query *q, const struct history_reader *r, bool together,
                     struct normed_words *words,
                     enum err (*take)(void *user, const struct team_shift *s), void *user);

/* --- attainment: normed_attain.c ----------------------------------------------------------------
 */

struct normed_attain {
    struct attain_table table;
    struct normed_words words;
};
/* ERR_FULL: more rows than ATTAIN_ROWS_MAX. *out is for normed_attain_fini in any case, as with all
 * below. */
enum err normed_attain(const struct normed_query *q, const struct history_reader *r,
                       struct normed_attain *out);
void normed_attain_fini(struct normed_attain *a);

/* --- suggestions: normed_suggest.c --------------------------------------------------------------
 */

#define NORMED_QUARTER_MS (92 * UTC_DAY_MS)
enum { NORMED_REFERENCES_MAX = 16 };

struct normed_reference {
    const struct norm *norm; /* of the ledger */
    double value;            /* in the indicator's unit */
};
struct normed_suggestion {
    struct observations seen;    /* of the window asked for */
    struct observations quarter; /* of the last 92 days before its end: what it is tried on */
    struct proposal proposal;
    const struct norm *in_force;                              /* at the window's end, or NULL */
    double in_force_value;                                    /* NAN: none */
    struct normed_reference reference[NORMED_REFERENCES_MAX]; /* superior ones, then and now */
    size_t reference_n;
    struct proposal_effect effect[PROPOSE_TEAMS_MAX + 1]; /* none if nothing is proposed */
    size_t effect_n;
    struct normed_words words;
};
enum err normed_suggest(const struct normed_query *q, const struct history_reader *r,
                        struct normed_suggestion *out);
void normed_suggestion_fini(struct normed_suggestion *s);
/* The suggestion as a norm that can be proposed, from the month after the window on. Its texts are
 * static; the basis tells window, observations, what was dropped and why, mean, best sustained and
 * reach. */
void normed_suggestion_norm(const struct normed_query *q, const struct normed_suggestion *s,
                            struct norm *out);

/* --- teams: normed_teams.c ----------------------------------------------------------------------
 */

struct normed_team {
    uint32_t unit; /* index in plant.unit */
    struct ident team;
};
struct normed_teams {
    struct normed_team *at; /* owned; each once */
    size_t n, cap;
};
/* The teams of shifts at the units at and below the node. *out is for normed_teams_fini in any
 * case. */
enum err normed_teams(const struct normed_query *q, const struct history_reader *r,
                      struct normed_teams *out);
void normed_teams_fini(struct normed_teams *t);

/* --- status: normed_status.c --------------------------------------------------------------------
 */

struct normed_status_row {
    uint32_t node;    /* a unit's */
    struct span team; /* n = 0: all that the unit did */
    size_t shifts;    /* with team or product */
    struct status_whole whole;
};
struct normed_status {
    struct normed_status_row *row; /* owned; by unit, its own first, then by team */
    size_t n, cap;
    struct normed_words words;
};
enum err normed_status(const struct normed_query *q, const struct history_reader *r,
                       struct normed_status *out);
void normed_status_fini(struct normed_status *s);

/* --- records and key links: normed_records.c ----------------------------------------------------
 */

struct normed_record {
    uint32_t node;
    struct span product, team;
    int64_t start_ms, end_ms;
    double value, before; /* in the indicator's unit; of the record before it, NAN: none */
    uint8_t verdict;      /* enum record_verdict: counts, or provisional */
};
struct normed_records {
    struct normed_record *at; /* owned; the newest first */
    size_t n, cap;
    size_t seen[RECORD_VERDICT_COUNT]; /* shifts by what became of them */
    struct normed_words words;
};
enum err normed_records(const struct normed_query *q, const struct history_reader *r,
                        struct normed_records *out);
void normed_records_fini(struct normed_records *x);

struct normed_links {
    struct keylink *at; /* owned; ranked */
    struct sums *sums;  /* owned; of the units, in the plant's order */
    size_t n;
};
enum err normed_links(const struct normed_query *q, const struct history_reader *r,
                      struct normed_links *out);
void normed_links_fini(struct normed_links *l);

/* --- reviews: normed_review.c -------------------------------------------------------------------
 */

struct normed_review_row {
    const struct norm
        *norm;           /* of the ledger; NULL: a product that runs without a norm of a class */
    uint32_t node;       /* without a norm: the unit */
    struct span product; /* without a norm */
    uint8_t norm_class;
    struct review_in in;
    struct review_out out;
    bool without_basis;
    double *ratio[2]; /* owned while it is counted: attainment of each shift, last period first */
    size_t ratio_n[2], ratio_cap[2], meet[2];
    struct sums sums; /* of the last period */
};
struct normed_review {
    struct normed_review_row *row; /* owned; norms in the ledger's order, then what has none */
    size_t n, cap;
    int64_t from_ms[2], to_ms; /* begin of the last whole period and of the one before; end */
    struct normed_words words;
};
/* Of the two whole local months before q->to_ms, for norms of the node and below it. */
enum err normed_review(const struct normed_query *q, const struct history_reader *r,
                       struct normed_review *out);
void normed_review_fini(struct normed_review *x);

#endif
