/* What a back-test should say, worked out from nothing but the minutes and days of a world: every
 * window is added up anew, every hold is counted. */
#ifndef PB_PROPERTY_BACKTEST_BRUTE_H
#define PB_PROPERTY_BACKTEST_BRUTE_H

#include "alert/rule.h"
#include "base/utc.h"
#include "simkit/line_plant.h"

enum { HOURS = 40, MINUTES = HOURS * 60, UNITS = 2, NODES = 4, FIRINGS = 4000 };
#define FIRST (SIM_DAY0 / UTC_MINUTE_MS) /* a Monday's midnight */

struct minute { /* of a machine; ms, uWh, millionths, as sums have them */
    bool there;
    int64_t production, setup, delay, no_order, unknown, unknown_off, planned;
    int64_t energy, energy_due, energy_seen, pieces, count_due, count_seen, stops;
};

struct told {                /* a minute, and whose it was: product and team by word */
    struct minute all, half; /* of all of it so much is of the other product */
    uint32_t product, team, other;
};
enum { NOBODY, BOLT, NUT, RED, BLUE, WORDS };
extern const struct ident word[WORDS];

enum { DAYS = 31, BASELINES = 3 };
#define DAY0_MS (SIM_DAY0 - (DAYS - 3) * UTC_DAY_MS)
struct day { /* of press or line */
    bool there, covered;
    int64_t energy_wh, good;
};

struct world {
    uint64_t random;
    struct plant *plant;
    struct told minute[UNITS][MINUTES];
    struct day day[NODES][DAYS]; /* up to the one behind the minutes */
    struct alert_baseline baseline[BASELINES];
    struct alert_rule rule;
    uint32_t node[NODES];
};

struct firing {
    uint32_t node;
    int64_t from, to; /* ends of minutes, from the first on */
};

struct firings {
    struct firing at[FIRINGS];
    size_t n;
};

/* The norm of a product and a team, NAN: none. A product's comes before a team's; from minute 900
 * on bolts have another one. */
double norm_of(uint32_t product, uint32_t team, int64_t m);
/* Adds what the world's rule should do at a node in the minutes [from, to). */
void run_node(const struct world *w, uint32_t node, int64_t from, int64_t to, struct firings *out);

#endif
