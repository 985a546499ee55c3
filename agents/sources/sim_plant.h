/* State of the simulated plant and its step of one second. The plant makes no readings; sim.c looks
 * at it after every step and tells what changed. */
#ifndef PB_SOURCES_SIM_PLANT_H
#define PB_SOURCES_SIM_PLANT_H

#include "sources/sim.h"
#include "sources/sim_rng.h"

enum { SIM_TICK_MS = 1000, SIM_ORDER_TEXT = 24, SIM_AMBIENT = 20000000 /* millionths of a degC */ };

enum sim_state {
    SIM_OFF,   /* no shift */
    SIM_BREAK, /* break in a shift */
    SIM_IDLE,  /* no order */
    SIM_SETUP,
    SIM_WARMUP,
    SIM_RUN,
    SIM_MICRO,
    SIM_DOWN,
    SIM_CLEAR, /* put right after a breakdown, restarting */
    SIM_BLOCKED,
    SIM_STARVED,
    SIM_DONE, /* its share of the order is made, the line is not through */
    SIM_STATE_COUNT
};

struct sim_shift_now {
    int64_t minute;   /* for which the rest was worked out: local ms / 60,000 */
    bool working;     /* in a shift and not in a break */
    bool in_break;    /* in a break of a shift */
    size_t shift;     /* index, SIZE_MAX out of shifts */
    int64_t week;     /* of the shift's start date, counted from some Monday */
    int64_t start_ms; /* local ms at which the shift began */
};

struct sim_machine {
    const struct sim_machine_conf *conf;
    struct sim_rng rng;
    enum sim_state state;
    int64_t left_ms;                 /* of a timed state */
    int64_t setup_ms;                /* left of the changeover */
    int64_t order;                   /* number of the order it is set up for */
    size_t product;                  /* it is set up for */
    int64_t rest_ms;                 /* since it last ran */
    int64_t fresh_ms;                /* running time since a start: more scrap at first */
    int64_t speed_ppm;               /* of the present ten minutes */
    int64_t done_ms_ppm;             /* progress of the piece in work, ms * 10^6 */
    int64_t in;                      /* pieces waiting before it */
    int64_t made, good, scrap;       /* since the first day */
    int64_t made_0, good_0, scrap_0; /* taken off at the last reset */
    int64_t power_w;
    int64_t energy_j;   /* 3,600 J = 1 Wh */
    int64_t energy_0;   /* taken off at the last reset, J */
    int64_t reactive_j; /* var x s */
    int64_t heat;       /* millionths of a degC */
    int64_t air, gas;   /* millionths of a m3 x 3,600 */
    int64_t worked_ms[SIM_STATE_COUNT];
};

struct sim_line {
    const struct sim_line_conf *conf;
    struct sim_rng rng;
    struct sim_machine *machines;
    size_t machine_n;
    bool open;     /* an order is open */
    int64_t order; /* its number */
    size_t product;
    int64_t quantity; /* pieces to begin */
    int64_t begun;    /* pieces begun at the first machine */
    int64_t wait_ms;  /* until the next order */
    char order_text[SIM_ORDER_TEXT];
};

struct sim_utility {
    const struct sim_utility_conf *conf;
    struct sim_rng rng;
    int64_t power_w, energy_j;
};

struct sim_plant {
    const struct sim_conf *conf;
    int64_t anchor_ms; /* local midnight of the first day, UTC */
    int64_t t_ms;      /* worked out up to here */
    struct sim_shift_now now;
    struct sim_line *lines;
    size_t line_n;
    struct sim_machine *machines; /* of all lines, one block */
    size_t machine_n;
    struct sim_utility *utilities;
    size_t utility_n;
};

/* Begins at anchor_ms with everything at rest. ERR_NOMEM. */
enum err sim_plant_init(struct sim_plant *p, const struct sim_conf *c, int64_t anchor_ms);
void sim_plant_fini(struct sim_plant *p);
/* Goes on by SIM_TICK_MS. */
void sim_plant_step(struct sim_plant *p);

/* --- parts, each in its own file ----------------------------------------------------------------
 */

/* Works out the shift of t_ms; cheap when the minute is the one of the last call. */
void sim_shift_find(const struct sim_conf *c, int64_t t_ms, struct sim_shift_now *now);

/* What a machine sees of its surroundings. */
struct sim_place {
    const struct sim_plant *plant;
    struct sim_line *line;
    struct sim_machine *next; /* NULL for the last of the line */
    bool first;
    bool upstream_done; /* the machine before it has made its share */
};
/* Makes what was made in the second that ended at the plant's t_ms. */
void sim_machine_work(struct sim_machine *m, const struct sim_place *place);
/* Decides the state from the plant's t_ms on. */
void sim_machine_decide(struct sim_machine *m, const struct sim_place *place);
/* The counters show this from now on. */
void sim_machine_preset(struct sim_machine *m, int64_t to);

/* Adds the energy of the second that ended, then gives the power from t_ms on. */
void sim_meter_count(struct sim_machine *m);
void sim_meter_read(const struct sim_plant *p, struct sim_machine *m, bool changed);
void sim_meter_utility(const struct sim_plant *p, struct sim_utility *u);

/* Whether a fault of that kind is at work for the unit ("" asks for one without unit) at t_ms;
 * began says that this is its first second. May be NULL: began, amount. */
bool sim_fault_active(const struct sim_conf *c, enum sim_fault_kind kind, const struct ident *unit,
                      int64_t t_ms, bool *began, int64_t *amount);
/* What stamps are off by at t_ms. */
int64_t sim_fault_clock(const struct sim_conf *c, int64_t t_ms);

#endif
