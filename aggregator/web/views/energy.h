/* Questions of energy to the past: demand, baselines, CUSUM, reports and balances of meters, from
 * stored windows, by the code that the command line tool uses. Apart from the core, for a thread of
 * its own. */
#ifndef PB_VIEWS_ENERGY_H
#define PB_VIEWS_ENERGY_H

#include "engine/history.h"
#include "frozen/frozen.h"
#include "study/days.h"

enum view_energy {
    VIEW_ENERGY_DEMAND,
    VIEW_ENERGY_BASELINE, /* fitted to the period asked for */
    VIEW_ENERGY_CUSUM,
    VIEW_ENERGY_REPORT,
    VIEW_ENERGY_BALANCE,
    VIEW_ENERGY_COUNT
};

struct view_energy_ask {
    enum view_energy what;
    /* Of a baseline, and of the trial that stands in for a frozen one: with parts. */
    struct energy_spec spec;
    enum baseline_profile profile;
    int64_t reference_from_ms, reference_to_ms; /* of a trial */
    bool from; /* said: a CUSUM begins there, not behind the reference period */
    struct ident name;
    struct buf frozen; /* text of the frozen baseline of that name, owned; empty: a trial */
    uint32_t *node_no; /* numbers of all nodes in stored keys, owned */
};

/* Nothing owned; and what is owned goes. */
void view_energy_ask_init(struct view_energy_ask *ask, enum view_energy what);
void view_energy_ask_fini(struct view_energy_ask *ask);
const char *view_energy_name(enum view_energy what); /* "demand" ...; never NULL */

struct view_history;
/* JSON, an object; or CSV with the columns of the tool. What cannot be told is said in `fault`, a
 * sentence. Errors of history_read; ERR_NOMEM. */
enum err view_energy_past(const struct view_history *ask, const struct history_reader *r,
                          struct buf *out);

#endif
