/* The signals of the simulated plant: which points there are, what they show at a moment, and which
 * of them changed since they were last told. */
#ifndef PB_SOURCES_SIM_SIGNAL_H
#define PB_SOURCES_SIM_SIGNAL_H

#include "sources/sim_plant.h"

enum sim_signal_kind {
    SIM_SIGNAL_STATE,
    SIM_SIGNAL_MODE,
    SIM_SIGNAL_TOTAL,
    SIM_SIGNAL_GOOD,
    SIM_SIGNAL_SCRAP,
    SIM_SIGNAL_POWER,
    SIM_SIGNAL_ENERGY,
    SIM_SIGNAL_REACTIVE,
    SIM_SIGNAL_AIR,
    SIM_SIGNAL_GAS,
    SIM_SIGNAL_TEMPERATURE,
    SIM_SIGNAL_ORDER,
    SIM_SIGNAL_PRODUCT,
    SIM_SIGNAL_TEAM,
    SIM_SIGNAL_HEADCOUNT,
    SIM_SIGNAL_UTILITY_POWER,
    SIM_SIGNAL_UTILITY_ENERGY,
    SIM_SIGNAL_KIND_COUNT
};

struct sim_signal {
    uint8_t kind; /* enum sim_signal_kind */
    bool told;    /* value was told at least once */
    bool bad;     /* told as bad: its machine is silent */
    uint16_t point;
    const struct sim_machine *machine;
    const struct sim_line *line;
    const struct sim_utility *utility;
    struct value value; /* last told; a text points to plant or configuration */
    uint64_t text_hash; /* of a told text, whose bytes may have changed since */
};

struct sim_signals {
    const struct sim_plant *plant;
    struct sim_signal *at;
    size_t n;
};

/* Lists the signals of the machines, lines and utilities that are to be told. ERR_NOMEM. */
enum err sim_signals_init(struct sim_signals *s, const struct sim_plant *p);
void sim_signals_fini(struct sim_signals *s);
/* Describes signal i as a point (no ids). */
void sim_signals_point(const struct sim_signals *s, size_t i, struct point *p);
/* Writes a reading for each signal that has something to tell at the plant's time, stamped
 * stamp_ms; out holds n readings. Returns how many. */
size_t sim_signals_take(struct sim_signals *s, int64_t stamp_ms, struct reading *out);
/* Makes every signal tell its value anew. */
void sim_signals_forget(struct sim_signals *s);

#endif
