/* Rows held against a frozen baseline: deviations, CUSUM, alarms, and which part and which state of
 * the machines a deviation comes from. It prints nothing. */
#ifndef PB_STUDY_STUDY_H
#define PB_STUDY_STUDY_H

#include "baseline/cusum.h"
#include "frozen/frozen.h"

struct study_alarm {
    enum cusum_alarm kind;
    size_t begin, raised, last; /* rows: drift since, alarm from, alarm up to */
    bool standing;              /* up to the last row */
};

struct study {
    const struct frozen *record;    /* borrowed */
    const struct energy_rows *rows; /* borrowed, with the record's drivers and parts */
    struct cusum_point *point;      /* of each row */
    struct study_alarm *alarm;
    size_t alarm_n;
    unsigned reasons; /* enum baseline_reason against the baseline, 0: usable */
    size_t weak_driver;
};

/* ERR_NOMEM. study_close() in any case. */
enum err study_open(const struct frozen *record, const struct energy_rows *rows, struct study *out);
void study_close(struct study *s);
double study_expected(const struct study *s, size_t row);
bool study_outside(const struct study *s, size_t row); /* a driver lies outside */

/* A share of a deviation; actual - expected = difference, in kWh. */
struct study_share {
    double actual_kwh, expected_kwh, difference_kwh;
};

enum { STUDY_SHARES_MAX = ENERGY_PARTS_MAX + 2 }; /* the node, its parts, what no part has */

struct study_finding {
    size_t from, to; /* rows [from, to) */
    struct baseline_total total;
    bool counts;                                /* the profile lets the difference count */
    struct study_share share[STUDY_SHARES_MAX]; /* [0] the node, [1 ..] parts, last: the rest */
    struct study_share state[STUDY_SHARES_MAX][ENERGY_GROUP_COUNT];
    size_t share_n; /* 1 without parts, else parts + 2 */
    size_t part;    /* the share that adds most in the direction of the difference; 0: no parts */
    enum energy_group group;         /* the state of it that does */
    const struct study_alarm *alarm; /* standing in the last of the rows, or NULL */
};

void study_find(const struct study *s, size_t from, size_t to, struct study_finding *out);

#endif
