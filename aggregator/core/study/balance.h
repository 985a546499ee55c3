/* The balance of meters: what came in through a node's main meters against what the meters behind
 * them told, interval by interval. The rest is what no sub-meter explains; it is told only with how
 * much of the time it is true of. Where windows come from is the caller's business. */
#ifndef PB_STUDY_BALANCE_H
#define PB_STUDY_BALANCE_H

#include "study/days.h"

/* A meter, or the units that share one: their parts sum to what it told. */
struct balance_meter {
    struct ident id;
    bool main;
    size_t units;             /* windows of an interval, one a unit */
    int64_t energy_uwh;       /* what came through it: import less export */
    int64_t spread_uwh;       /* of it: of unknown distribution */
    int64_t due_ms, seen_ms;  /* of its units */
    size_t windows, measured; /* measured: see balance_take() */
};

struct balance_interval {
    int64_t start_ms, end_ms;
    int64_t main_uwh, sub_uwh; /* import less export */
    int64_t spread_uwh;        /* on either side: of unknown distribution */
    size_t main_n, sub_n;      /* windows that were measured */
};

struct balance {
    struct balance_meter *meter; /* borrowed */
    size_t meter_n;
    struct balance_interval *at; /* by start; owned */
    size_t n, cap;
    struct balance_meter *taking; /* whose windows come */
};

/* A sum of intervals; rest = main - sub, exactly. */
struct balance_total {
    size_t n;
    int64_t time_ms;
    int64_t main_uwh, sub_uwh, rest_uwh, spread_uwh;
    double share; /* rest / main; NAN: nothing came in */
};
struct balance_result {
    struct balance_total all;      /* whatever was measured */
    struct balance_total complete; /* of intervals in which every meter was measured */
    double coverage;               /* time of complete intervals / time of all; NAN: none */
};

/* Meters with zero sums. balance_fini() in any case. */
void balance_init(struct balance *b, struct balance_meter *meter, size_t n);
void balance_fini(struct balance *b);
/* An energy_window_take: a window of a unit of b->taking. It is measured if it is over and energy
 * was measured in 95 % of its time. What a meter that is read seldom shows lies in the intervals
 * between two readings, spread evenly: it is measured, and told. All windows have one grid.
 * ERR_NOMEM. */
enum err balance_take(void *balance, const struct energy_window *w);
/* Every meter was measured in it. */
bool balance_complete(const struct balance *b, const struct balance_interval *at);
void balance_result(const struct balance *b, struct balance_result *out);

#endif
