/* The rows of a simulated plant's configuration, and the rules that span several of them. */
#include <stddef.h>

#include "base/utc.h"
#include "sources/sim.h"

#define DAY_MIN 1440
#define MONTH_MS (30 * UTC_DAY_MS)
#define POWER_MAX_UW INT64_C(100000000000000) /* 100 MW */
#define WORDS(table) .words = (table), .word_n = sizeof(table) / sizeof((table)[0])

#define SHIFT(member) CONF_FIELD(struct sim_shift_conf, member)
static const struct conf_row shift_row[] = {
    {.key = "start",
     .type = CONF_TIME_OF_DAY,
     .field = SHIFT(start_min),
     .required = true,
     .help = "Local time at which it begins."},
    {.key = "end",
     .type = CONF_TIME_OF_DAY,
     .field = SHIFT(end_min),
     .max = DAY_MIN,
     .required = true,
     .help = "Local time at which it ends; not after start: on the next day."},
};
static const struct conf_schema shift_schema = CONF_SCHEMA(struct sim_shift_conf, shift_row);

#define PRODUCT(member) CONF_FIELD(struct sim_product_conf, member)
static const struct conf_row product_row[] = {
    {.key = "cycle",
     .type = CONF_RATIO,
     .field = PRODUCT(cycle_ppm),
     .min = 10000,
     .max = 100000000,
     .fallback = "100 %",
     .help = "Cycle time in proportion to the machine's."},
};
static const struct conf_schema product_schema = {.rows = product_row,
                                                  .row_n = 1,
                                                  .size = sizeof(struct sim_product_conf),
                                                  .id = PRODUCT(id),
                                                  .pos = PRODUCT(pos)};

static const struct conf_word counts_word[] = {
    {"all", SIM_COUNT_ALL, "total, good and scrap"},
    {"good_scrap", SIM_COUNT_GOOD_SCRAP, NULL},
    {"total_scrap", SIM_COUNT_TOTAL_SCRAP, NULL},
    {"good", SIM_COUNT_GOOD, NULL},
};

#define MACHINE(member) CONF_FIELD(struct sim_machine_conf, member)
static const struct conf_row machine_row[] = {
    {.key = "cycle",
     .type = CONF_DURATION,
     .field = MACHINE(cycle_ms),
     .min = 1,
     .max = UTC_DAY_MS,
     .fallback = "10 s",
     .help = "Ideal time of one piece."},
    {.key = "speed",
     .type = CONF_RATIO,
     .field = MACHINE(speed_ppm),
     .min = 100000,
     .max = 2000000,
     .fallback = "94 %",
     .help = "Mean speed in proportion to the ideal one."},
    {.key = "scrap",
     .type = CONF_RATIO,
     .field = MACHINE(scrap_ppm),
     .max = 250000,
     .fallback = "1.5 %",
     .help = "Scrap in proportion to the pieces made."},
    {.key = "mtbf",
     .type = CONF_DURATION,
     .field = MACHINE(mtbf_ms),
     .max = 12 * MONTH_MS,
     .fallback = "5 h",
     .help = "Mean running time between breakdowns; 0 s: none."},
    {.key = "mttr",
     .type = CONF_DURATION,
     .field = MACHINE(mttr_ms),
     .min = 1000,
     .max = MONTH_MS,
     .fallback = "12 min",
     .help = "Mean length of a breakdown."},
    {.key = "micro_mtbf",
     .type = CONF_DURATION,
     .field = MACHINE(micro_mtbf_ms),
     .max = MONTH_MS,
     .fallback = "12 min",
     .help = "Mean running time between micro-stops; 0 s: none."},
    {.key = "micro",
     .type = CONF_DURATION,
     .field = MACHINE(micro_ms),
     .min = 1000,
     .max = UTC_DAY_MS,
     .fallback = "40 s",
     .help = "Mean length of a micro-stop."},
    {.key = "setup",
     .type = CONF_DURATION,
     .field = MACHINE(setup_ms),
     .max = UTC_DAY_MS,
     .fallback = "15 min",
     .help = "Mean length of a changeover."},
    {.key = "warmup",
     .type = CONF_DURATION,
     .field = MACHINE(warmup_ms),
     .max = UTC_DAY_MS,
     .fallback = "3 min",
     .help = "Warm-up after 30 min without work."},
    {.key = "run_power",
     .type = CONF_POWER,
     .field = MACHINE(run_uw),
     .max = POWER_MAX_UW,
     .fallback = "18 kW",
     .help = "Power while it runs."},
    {.key = "idle_power",
     .type = CONF_POWER,
     .field = MACHINE(idle_uw),
     .max = POWER_MAX_UW,
     .fallback = "6 kW",
     .help = "Power while it stands in a shift."},
    {.key = "standby_power",
     .type = CONF_POWER,
     .field = MACHINE(standby_uw),
     .max = POWER_MAX_UW,
     .fallback = "900 W",
     .help = "Power out of shifts."},
    {.key = "air_power",
     .type = CONF_POWER,
     .field = MACHINE(air_uw),
     .max = POWER_MAX_UW,
     .fallback = "2 kW",
     .help = "Load on the utilities while it runs."},
    {.key = "energy_drift",
     .type = CONF_RATIO,
     .field = MACHINE(energy_drift_ppm),
     .min = -100000,
     .max = 100000,
     .fallback = "0 ppm",
     .help = "Growth of its power per day since the first one."},
    {.key = "energy_start",
     .type = CONF_INT,
     .field = MACHINE(energy_start_wh),
     .unit = "Wh",
     .max = INT64_C(1000000000000),
     .fallback = "1000000",
     .help = "Register on the first day."},
    {.key = "energy_digits",
     .type = CONF_INT,
     .field = MACHINE(energy_digits),
     .max = 15,
     .fallback = "9",
     .help = "The register wraps at this number of digits of Wh; 0: not."},
    {.key = "counter_bits",
     .type = CONF_INT,
     .field = MACHINE(counter_bits),
     .max = 32,
     .fallback = "32",
     .help = "Counters wrap at 16 or 32 bits; 0: not."},
    {.key = "reset_at",
     .type = CONF_INT,
     .field = MACHINE(reset_min),
     .unit = "min",
     .min = -1,
     .max = DAY_MIN - 1,
     .fallback = "-1",
     .help = "Local minute of the day at which the counters go to zero; -1: never."},
    {.key = "counts",
     .type = CONF_ENUM,
     .field = MACHINE(counts),
     WORDS(counts_word),
     .fallback = "good_scrap",
     .help = "Counters it has."},
};
static const struct conf_schema machine_schema = {.rows = machine_row,
                                                  .row_n = sizeof machine_row / sizeof *machine_row,
                                                  .size = sizeof(struct sim_machine_conf),
                                                  .id = MACHINE(id),
                                                  .pos = MACHINE(pos)};

#define LINE(member) CONF_FIELD(struct sim_line_conf, member)
static const struct conf_row line_row[] = {
    {.key = "machines",
     .type = CONF_KEYED,
     .sub = &machine_schema,
     .field = LINE(machines),
     .count = LINE(machine_n),
     .least = 1,
     .most = 100,
     .required = true,
     .help = "Machines in series, in the order of the flow."},
    {.key = "products",
     .type = CONF_KEYED,
     .sub = &product_schema,
     .field = LINE(products),
     .count = LINE(product_n),
     .most = 100,
     .help = "What orders ask for."},
    {.key = "order_least",
     .type = CONF_INT,
     .field = LINE(order_least),
     .unit = "pieces",
     .min = 1,
     .max = 100000000,
     .fallback = "300",
     .help = "Smallest order."},
    {.key = "order_most",
     .type = CONF_INT,
     .field = LINE(order_most),
     .unit = "pieces",
     .min = 1,
     .max = 100000000,
     .fallback = "1200",
     .help = "Largest order."},
    {.key = "gap_chance",
     .type = CONF_RATIO,
     .field = LINE(gap_ppm),
     .max = 1000000,
     .fallback = "15 %",
     .help = "How often no order waits when one is done."},
    {.key = "gap",
     .type = CONF_DURATION,
     .field = LINE(gap_ms),
     .max = MONTH_MS,
     .fallback = "20 min",
     .help = "Mean wait for an order then."},
    {.key = "buffer",
     .type = CONF_INT,
     .field = LINE(buffer),
     .unit = "pieces",
     .min = 1,
     .max = 1000000,
     .fallback = "12",
     .help = "Room between two machines."},
    {.key = "headcount",
     .type = CONF_INT,
     .field = LINE(headcount),
     .max = 1000,
     .fallback = "4",
     .help = "Persons of a full team."},
};
static const struct conf_schema line_schema = {.rows = line_row,
                                               .row_n = sizeof line_row / sizeof *line_row,
                                               .size = sizeof(struct sim_line_conf),
                                               .id = LINE(id),
                                               .pos = LINE(pos)};

#define UTILITY(member) CONF_FIELD(struct sim_utility_conf, member)
static const struct conf_row utility_row[] = {
    {.key = "base_power",
     .type = CONF_POWER,
     .field = UTILITY(base_uw),
     .max = POWER_MAX_UW,
     .fallback = "4 kW",
     .help = "Power when no machine runs."},
    {.key = "energy_start",
     .type = CONF_INT,
     .field = UTILITY(energy_start_wh),
     .unit = "Wh",
     .max = INT64_C(1000000000000),
     .fallback = "5000000",
     .help = "Register on the first day."},
};
static const struct conf_schema utility_schema = {.rows = utility_row,
                                                  .row_n = 2,
                                                  .size = sizeof(struct sim_utility_conf),
                                                  .id = UTILITY(id),
                                                  .pos = UTILITY(pos)};

static const struct conf_word fault_word[] = {
    {"counter_reset", SIM_FAULT_COUNTER_RESET, "counters begin again at amount"},
    {"energy_reset", SIM_FAULT_ENERGY_RESET, "the register begins again at amount Wh"},
    {"stuck", SIM_FAULT_STUCK, "counters stand still, then jump"},
    {"silent", SIM_FAULT_SILENT, "with unit: its points are bad; without: no coverage"},
    {"breakdown", SIM_FAULT_BREAKDOWN, "the unit is down"},
    {"no_material", SIM_FAULT_NO_MATERIAL, "the first unit of a line is starved"},
    {"clock_step", SIM_FAULT_CLOCK_STEP, "stamps are off by amount ms"},
    {"clock_drift", SIM_FAULT_CLOCK_DRIFT, "stamps run away by amount ppm"},
};

#define FAULT(member) CONF_FIELD(struct sim_fault_conf, member)
static const struct conf_row fault_row[] = {
    {.key = "kind",
     .type = CONF_ENUM,
     .field = FAULT(kind),
     WORDS(fault_word),
     .required = true,
     .help = "What goes wrong."},
    {.key = "unit",
     .type = CONF_ID,
     .field = FAULT(unit),
     .given = FAULT(has_unit),
     .help = "The machine it happens to."},
    {.key = "at",
     .type = CONF_UTC,
     .field = FAULT(at_ms),
     .given = FAULT(has_at),
     .help = "Moment at which it begins, once."},
    {.key = "daily",
     .type = CONF_TIME_OF_DAY,
     .field = FAULT(daily_min),
     .given = FAULT(has_daily),
     .help = "Local time at which it begins, every day."},
    {.key = "for",
     .type = CONF_DURATION,
     .field = FAULT(for_ms),
     .max = MONTH_MS,
     .fallback = "10 min",
     .help = "How long it lasts; under a day for a daily one."},
    {.key = "amount",
     .type = CONF_INT,
     .field = FAULT(amount),
     .min = -INT64_C(1000000000000),
     .max = INT64_C(1000000000000),
     .help = "Value after a reset, ms of a step, ppm of a drift."},
};
static const struct conf_schema fault_schema = {.rows = fault_row,
                                                .row_n = sizeof fault_row / sizeof *fault_row,
                                                .size = sizeof(struct sim_fault_conf),
                                                .pos = FAULT(pos)};

static const struct conf_word dialect_word[] = {
    {"packml", SIM_PACKML, "numbers of ISA-TR88.00.02"},
    {"mtconnect", SIM_MTCONNECT, "EXECUTION and FUNCTIONAL_MODE words"},
    {"words", SIM_WORDS, "running, setup, blocked, starved ..."},
};
static const struct conf_word resume_word[] = {
    {"fill", SIM_FILL, "the time it was down is produced at once"},
    {"gap", SIM_GAP, "the time it was down is unknown"},
};

#define SIM(member) CONF_FIELD(struct sim_conf, member)
static const struct conf_row sim_row[] = {
    {.key = "seed",
     .type = CONF_INT,
     .field = SIM(seed),
     .fallback = "1",
     .help = "Another seed is another plant life."},
    {.key = "history",
     .type = CONF_DURATION,
     .field = SIM(history_ms),
     .max = 35 * UTC_DAY_MS,
     .fallback = "0 s",
     .help = "Time before the first start that is produced at once."},
    {.key = "poll",
     .type = CONF_DURATION,
     .field = SIM(poll_ms),
     .min = 1000,
     .max = UTC_HOUR_MS,
     .fallback = "1 s",
     .help = "Interval at which counters are looked at."},
    {.key = "power_every",
     .type = CONF_DURATION,
     .field = SIM(power_ms),
     .min = 1000,
     .max = UTC_HOUR_MS,
     .fallback = "10 s",
     .help = "Interval of power readings."},
    {.key = "energy_every",
     .type = CONF_DURATION,
     .field = SIM(energy_ms),
     .min = 1000,
     .max = UTC_DAY_MS,
     .fallback = "60 s",
     .help = "Interval of energy readings."},
    {.key = "utc_offset",
     .type = CONF_INT,
     .field = SIM(offset_min),
     .unit = "min",
     .min = -720,
     .max = 840,
     .fallback = "0",
     .help = "Local time minus UTC."},
    {.key = "work_days",
     .type = CONF_INT,
     .field = SIM(work_days),
     .min = 1,
     .max = 7,
     .fallback = "7",
     .help = "Days of the week, from Monday on, on which shifts begin."},
    {.key = "readings_max",
     .type = CONF_INT,
     .field = SIM(readings_max),
     .min = 1,
     .max = 1000000,
     .fallback = "5000",
     .help = "Most readings of one poll."},
    {.key = "state",
     .type = CONF_ENUM,
     .field = SIM(dialect),
     WORDS(dialect_word),
     .fallback = "packml",
     .help = "How machines name their states."},
    {.key = "blocked_code",
     .type = CONF_INT,
     .field = SIM(blocked_code),
     .max = 1000000,
     .fallback = "5",
     .help = "PackML number of a blocked machine."},
    {.key = "starved_code",
     .type = CONF_INT,
     .field = SIM(starved_code),
     .max = 1000000,
     .fallback = "5",
     .help = "PackML number of a starved machine."},
    {.key = "resume",
     .type = CONF_ENUM,
     .field = SIM(resume),
     WORDS(resume_word),
     .fallback = "fill",
     .help = "What a restart does with the time it was down."},
    {.key = "shifts",
     .type = CONF_LIST,
     .sub = &shift_schema,
     .field = SIM(shifts),
     .count = SIM(shift_n),
     .most = 24,
     .help = "Working time; none: 06-14, 14-22, 22-06."},
    {.key = "breaks",
     .type = CONF_LIST,
     .sub = &shift_schema,
     .field = SIM(breaks),
     .count = SIM(break_n),
     .most = 48,
     .help = "Breaks in it."},
    {.key = "teams",
     .type = CONF_SCALARS,
     .item = CONF_ID,
     .field = SIM(teams),
     .count = SIM(team_n),
     .most = 100,
     .help = "Teams that take turns, week by week."},
    {.key = "emit",
     .type = CONF_SCALARS,
     .item = CONF_ID,
     .field = SIM(emit),
     .count = SIM(emit_n),
     .most = 10000,
     .help = "Machines, lines and utilities that are told; none: all. Several agents with the same "
             "plant and seed may each tell a part of it."},
    {.key = "lines",
     .type = CONF_KEYED,
     .sub = &line_schema,
     .field = SIM(lines),
     .count = SIM(line_n),
     .least = 1,
     .most = 100,
     .required = true,
     .help = "Lines of machines."},
    {.key = "utilities",
     .type = CONF_KEYED,
     .sub = &utility_schema,
     .field = SIM(utilities),
     .count = SIM(utility_n),
     .most = 100,
     .help = "Compressors and the like."},
    {.key = "faults",
     .type = CONF_LIST,
     .sub = &fault_schema,
     .field = SIM(faults),
     .count = SIM(fault_n),
     .most = 100,
     .help = "What goes wrong on purpose."},
};
const struct conf_schema sim_schema = CONF_SCHEMA(struct sim_conf, sim_row);

static bool has_machine(const struct sim_conf *c, const struct ident *id) {
    for (size_t i = 0; i < c->line_n; i++)
        for (size_t j = 0; j < c->lines[i].machine_n; j++)
            if (ident_equal(&c->lines[i].machines[j].id, id))
                return true;
    return false;
}

static bool has_anything(const struct sim_conf *c, const struct ident *id) {
    for (size_t i = 0; i < c->line_n; i++)
        if (ident_equal(&c->lines[i].id, id))
            return true;
    for (size_t i = 0; i < c->utility_n; i++)
        if (ident_equal(&c->utilities[i].id, id))
            return true;
    return has_machine(c, id);
}

static void finish_machine(const struct sim_conf *c, const struct sim_machine_conf *m,
                           struct conf_report *report) {
    size_t same = 0;

    for (size_t i = 0; i < c->line_n; i++)
        for (size_t j = 0; j < c->lines[i].machine_n; j++)
            same += ident_equal(&c->lines[i].machines[j].id, &m->id) ? 1 : 0;
    if (same > 1)
        conf_report_at(report, m->pos, "machine %s stands in two lines", m->id.s);
    if (m->counter_bits != 0 && m->counter_bits != 16 && m->counter_bits != 32)
        conf_report_at(report, m->pos, "counter_bits of %s must be 0, 16 or 32", m->id.s);
}

static void finish_fault(const struct sim_conf *c, const struct sim_fault_conf *f,
                         struct conf_report *report) {
    const bool whole = f->kind == SIM_FAULT_CLOCK_STEP || f->kind == SIM_FAULT_CLOCK_DRIFT;

    if (f->has_at == f->has_daily)
        conf_report_at(report, f->pos, "a fault needs either at or daily");
    if (f->has_daily && f->for_ms >= UTC_DAY_MS)
        conf_report_at(report, f->pos, "a daily fault must last less than a day");
    if (f->has_unit && (whole || !has_machine(c, &f->unit)))
        conf_report_at(report, f->pos, whole ? "this fault takes no unit (%s)" : "no machine %s",
                       f->unit.s);
    if (!f->has_unit && !whole && f->kind != SIM_FAULT_SILENT)
        conf_report_at(report, f->pos, "this fault needs a unit");
}

void sim_conf_finish(const struct sim_conf *c, struct conf_report *report) {
    for (size_t i = 0; i < c->line_n; i++) {
        const struct sim_line_conf *l = &c->lines[i];
        if (l->order_most < l->order_least)
            conf_report_at(report, l->pos, "order_most of %s is below order_least", l->id.s);
        for (size_t j = 0; j < l->machine_n; j++)
            finish_machine(c, &l->machines[j], report);
    }
    for (size_t i = 0; i < c->fault_n; i++)
        finish_fault(c, &c->faults[i], report);
    for (size_t i = 0; i < c->emit_n; i++)
        if (!has_anything(c, &c->emit[i]))
            conf_report_at(report, (struct conf_pos){0}, "emit names %s, which is nowhere",
                           c->emit[i].s);
}
