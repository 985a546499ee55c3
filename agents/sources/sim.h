/* The simulated plant: machines in lines that work orders in shifts, stop, break down, wait for
 * each other, use energy and are metered, and that can be made to fail in the ways real signals do.
 * It knows no clock and no chance of its own: what it says of a moment depends on its
 * configuration, the seed and the first local day only, however the polls are cut. */
#ifndef PB_SOURCES_SIM_H
#define PB_SOURCES_SIM_H

#include "conf/conf.h"
#include "source/source.h"

enum sim_dialect {
    SIM_PACKML,    /* PackML numbers */
    SIM_MTCONNECT, /* EXECUTION words, and FUNCTIONAL_MODE in <machine>/mode */
    SIM_WORDS      /* running, setup, blocked ... */
};

enum sim_resume {
    SIM_FILL, /* a restart first produces the time since the last reading */
    SIM_GAP   /* a restart goes on at the present moment; the time between is unknown */
};

enum sim_counts { SIM_COUNT_ALL, SIM_COUNT_GOOD_SCRAP, SIM_COUNT_TOTAL_SCRAP, SIM_COUNT_GOOD };

enum sim_fault_kind {
    SIM_FAULT_COUNTER_RESET, /* the unit's counters begin again at `amount` */
    SIM_FAULT_ENERGY_RESET,  /* the unit's energy register begins again at `amount` Wh */
    SIM_FAULT_STUCK,         /* the unit's counters stand still on the wire, then jump */
    SIM_FAULT_SILENT,    /* a unit: its points turn bad; no unit: the source vouches for nothing */
    SIM_FAULT_BREAKDOWN, /* the unit is down */
    SIM_FAULT_NO_MATERIAL, /* the first unit of a line gets none: starved */
    SIM_FAULT_CLOCK_STEP,  /* stamps are off by `amount` ms */
    SIM_FAULT_CLOCK_DRIFT, /* stamps run away by `amount` ppm, right again at the end */
    SIM_FAULT_COUNT
};

struct sim_shift_conf {
    int64_t start_min, end_min; /* local minutes of the day; end <= start: crosses midnight */
};

struct sim_product_conf {
    struct ident id;
    struct conf_pos pos;
    int64_t cycle_ppm; /* cycle time in proportion to the machine's */
};

struct sim_machine_conf {
    struct ident id;
    struct conf_pos pos;
    int64_t cycle_ms;      /* ideal time of a piece */
    int64_t speed_ppm;     /* mean speed in proportion to the ideal one */
    int64_t scrap_ppm;     /* of the pieces made */
    int64_t mtbf_ms;       /* running time between breakdowns, mean; 0: none */
    int64_t mttr_ms;       /* length of a breakdown, mean */
    int64_t micro_mtbf_ms; /* running time between micro-stops, mean; 0: none */
    int64_t micro_ms;      /* length of a micro-stop, mean */
    int64_t setup_ms;      /* length of a changeover, mean */
    int64_t warmup_ms;     /* after 30 min without work */
    int64_t run_uw, idle_uw, standby_uw;
    int64_t air_uw;             /* load it puts on the utilities while it runs */
    int64_t reactive_ppm;       /* reactive power in proportion to run_power; 0: no meter */
    int64_t air_flow, gas_flow; /* millionths of a m3 per hour while it runs; 0: no meter */
    int64_t hot;                /* millionths of a degC while it runs; 0: it has no thermometer */
    int64_t energy_drift_ppm;   /* growth of its use per day */
    int64_t energy_start_wh;
    int64_t energy_digits; /* register wraps at 10^digits Wh; 0: not */
    int64_t counter_bits;  /* counters wrap at 16 or 32 bits; 0: not */
    int64_t
        counter_start; /* what they show when the first reading is told; -1: made since midnight */
    int64_t reset_min; /* local minute of the day at which counters go to zero; -1: never */
    int counts;        /* enum sim_counts */
};

struct sim_line_conf {
    struct ident id;
    struct conf_pos pos;
    struct sim_machine_conf *machines; /* in series */
    size_t machine_n;
    struct sim_product_conf *products;
    size_t product_n;
    int64_t order_least, order_most; /* pieces */
    int64_t gap_ppm;                 /* chance that no order waits when one is done */
    int64_t gap_ms;                  /* mean length of such a wait */
    int64_t buffer;                  /* pieces between two machines */
    int64_t headcount;
};

struct sim_utility_conf { /* a compressor and the like */
    struct ident id;
    struct conf_pos pos;
    int64_t base_uw;
    int64_t energy_start_wh;
};

struct sim_fault_conf {
    int kind; /* enum sim_fault_kind */
    struct ident unit;
    struct conf_pos pos;
    bool has_at, has_daily, has_unit;
    int64_t at_ms;     /* UTC; once */
    int64_t daily_min; /* local minute of the day; every day */
    int64_t for_ms;
    int64_t amount;
};

struct sim_conf {
    int64_t seed;
    int64_t history_ms; /* produced at once when there is no position yet */
    int64_t poll_ms, power_ms, energy_ms;
    int64_t offset_min;                 /* local time minus UTC */
    int64_t work_days;                  /* 1..7: the week's first days on which shifts begin */
    int64_t readings_max;               /* per poll */
    int64_t blocked_code, starved_code; /* PackML dialect */
    int dialect, resume;
    struct sim_shift_conf *shifts, *breaks;
    size_t shift_n, break_n;
    struct ident *teams, *emit;
    size_t team_n, emit_n;
    struct sim_line_conf *lines;
    size_t line_n;
    struct sim_utility_conf *utilities;
    size_t utility_n;
    struct sim_fault_conf *faults;
    size_t fault_n;
};

extern const struct conf_schema sim_schema;
/* Reports what is wrong across keys; the configuration is usable when the report stays empty. */
void sim_conf_finish(const struct sim_conf *c, struct conf_report *report);

/* Opens the plant. The configuration is borrowed until close. now_ms decides where a source without
 * a position begins; with one it goes on after the last reading taken, having worked out the state
 * again from the position's first day: some 30 ns a machine-second, spread over the next polls. A
 * position older than 40 days from its first day begins a new plant on the day it stands for.
 * ERR_FORMAT: not a position of this source. ERR_NOMEM. */
enum err sim_open(const struct sim_conf *c, int64_t now_ms, struct span position,
                  struct source **out);

#endif
