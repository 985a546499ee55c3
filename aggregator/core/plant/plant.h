/* The plant as the engineer describes it: equipment tree, meaning of signals, products, teams,
 * state maps, calendars. Plain data, immutable once checked; parsing lives in aggregator/app. All
 * strings and arrays are owned by the plant (one arena) and freed by plant_close(). */
#ifndef PB_PLANT_PLANT_H
#define PB_PLANT_PLANT_H

#include "base/decimal.h"
#include "base/ident.h"
#include "base/zone.h"

enum plant_level { LEVEL_SITE, LEVEL_AREA, LEVEL_LINE, LEVEL_UNIT };

/* What a signal means for its unit. */
enum plant_role {
    ROLE_NONE,
    ROLE_STATE,  /* machine state by a state map; POINT_STATE or POINT_INTERVAL (tag = code) */
    ROLE_POWER,  /* electric power */
    ROLE_ENERGY, /* electric energy register, or energy of interval rows */
    ROLE_TOTAL,  /* pieces made; see plant_unit.total_has_scrap */
    ROLE_GOOD,
    ROLE_SCRAP,
    ROLE_REWORK,
    ROLE_MATERIAL,  /* material consumed, millionths of its unit */
    ROLE_ORDER,     /* text; empty = no order is open */
    ROLE_PRODUCT,   /* text: product id */
    ROLE_TEAM,      /* text: team id; outranks the rota */
    ROLE_HEADCOUNT, /* persons at the unit, integer */
    ROLE_REASON,    /* text: cause of a stop, stated by people or a panel */
    ROLE_GAS, /* amounts of carriers, millionths of the carrier's unit; order of enum carrier */
    ROLE_STEAM,
    ROLE_WATER,
    ROLE_AIR,
    ROLE_HEAT,
    ROLE_FUEL,
    ROLE_REACTIVE, /* reactive electric energy register, uvarh */
    /* Electricity in other directions: beside them ROLE_ENERGY is what the unit takes from the
     * grid. Each has a register of its own; they are never netted. */
    ROLE_EXPORT,
    ROLE_GENERATION,
    ROLE_STORAGE_IN,
    ROLE_STORAGE_OUT,
    ROLE_INSPECTED, /* pieces inspected for the first time */
    ROLE_PASSED,    /* of these: good */
    /* Of an MTConnect control, beside its EXECUTION, which is ROLE_STATE; texts. */
    ROLE_AVAILABILITY,
    ROLE_FUNCTIONAL_MODE,
    ROLE_CONTROLLER_MODE,
    ROLE_WAIT_STATE,
    ROLE_EMERGENCY_STOP,
    ROLE_CONDITION,
    ROLE_GAUGE, /* a raw measured value; see plant_gauge. It is in no cell and no indicator */
    ROLE_COUNT
};
_Static_assert(ROLE_COUNT <= 64, "a bit of a set of roles for each");
#define ROLE_BIT(role) (UINT64_C(1) << (role))

/* Weights of a crew sum to at most this. */
#define PLANT_CREW_SUM_MAX INT64_C(1000000)

/* Carriers of energy. Their number is fixed, so that fields, norms and roles mean the same in every
 * plant; what a plant calls them and measures them in is its own. */
enum carrier {
    CARRIER_GAS,
    CARRIER_STEAM,
    CARRIER_WATER,
    CARRIER_AIR, /* compressed air */
    CARRIER_HEAT,
    CARRIER_FUEL,
    CARRIER_ELECTRICITY, /* has quantities by category of its own; its unit is the kWh */
    CARRIER_COUNT,
    CARRIER_OTHERS = CARRIER_ELECTRICITY /* so many beside electricity */
};

/* Where the unit's machine state comes from. */
enum plant_state_source { STATE_NONE, STATE_MAP, STATE_POWER, STATE_COUNTS, STATE_MTCONNECT };

/* What a machine says of itself; calendar and order decide the category (cell/rules.h). */
enum machine_state {
    MACHINE_UNKNOWN,  /* undefined, unavailable */
    MACHINE_RUN,      /* execute, active */
    MACHINE_SPEED,    /* starting, completing, unholding: DELAY/SPEED */
    MACHINE_HELD,     /* internal hold: DELAY/UNSTATED */
    MACHINE_BLOCKED,  /* DELAY/BLOCKED */
    MACHINE_STARVED,  /* DELAY/STARVED */
    MACHINE_FAILED,   /* aborted, fault, e-stop: DELAY/FAILURE */
    MACHINE_STOPPED,  /* DOWN_NO_ORDER; PLANNED_DOWN in a planned stop; DELAY with an open order */
    MACHINE_IDLE,     /* SETUP in a changeover; DELAY with a waiting order; else DOWN_NO_ORDER */
    MACHINE_COMPLETE, /* DELAY with an order, else DOWN_NO_ORDER */
    MACHINE_SETUP,    /* SETUP with an order, else DOWN_NO_ORDER */
    MACHINE_MAINTAINED, /* PLANNED_DOWN in a planned stop, else DELAY/FAILURE */
    MACHINE_OFF,        /* by power: like STOPPED */
    MACHINE_ENGINEERING,
    MACHINE_STATE_COUNT
};

/* A value that a state map names is a number or a word. The first row that fits decides. */
struct plant_state_row {
    const char *word; /* NULL: by code */
    int64_t code;
    uint8_t state; /* enum machine_state */
};

struct plant_state_map {
    struct ident id;
    uint32_t version;
    const struct plant_state_row *row;
    size_t row_n;
    uint8_t otherwise; /* state of anything not listed: MACHINE_UNKNOWN unless set */
};

/* What the tag of an event or a row of pieces says. */
struct plant_tag {
    int64_t tag;
    uint32_t unit;   /* that made the pieces: they are booked there */
    uint32_t reason; /* index in plant.reason, UINT32_MAX: none */
};

struct plant_factor { /* what one unit of a carrier stands for */
    int64_t from_ms;  /* valid from; INT64_MIN: always */
    int64_t kwh_millionths;
    int64_t co2_mg; /* -1: not known */
};

struct plant_carrier {
    const char *name;
    const char *unit; /* "m3" ...; NULL: the plant does not have it */
    const char *base; /* base unit of points that can tell it: "um3", "ukg", "uWh" */
    int64_t num, den; /* millionths of the unit in a base unit */
    const struct plant_factor *factor; /* sorted by from_ms */
    size_t factor_n;
};

/* Bands of a tariff; their number is fixed for the same reason. */
enum tariff_band { BAND_PEAK, BAND_NORMAL, BAND_LOW, BAND_SPECIAL, BAND_COUNT };

struct plant_band_time {
    uint8_t band;               /* enum tariff_band */
    uint8_t days;               /* bit 0 = Monday .. bit 6 = Sunday: days on which it starts */
    int32_t start_min, end_min; /* local minutes of the day; end <= start: crosses midnight */
};

struct plant_tariff {
    int64_t from_ms;                    /* valid from; INT64_MIN: always */
    int64_t price[BAND_COUNT];          /* millionths of the currency a kWh */
    const struct plant_band_time *time; /* the first that fits decides */
    size_t time_n;
    uint8_t otherwise; /* enum tariff_band */
};

/* Time in which a unit or a signal is in commissioning: [from_ms, to_ms), whole minutes or the ends
 * of time; empty: never. It counts from to_ms on, when it was accepted. */
struct plant_term {
    int64_t from_ms, to_ms;
};
static inline bool plant_term_meets(const struct plant_term *t, int64_t from_ms, int64_t to_ms) {
    return t->from_ms < t->to_ms && t->from_ms < to_ms && from_ms < t->to_ms;
}
static inline bool plant_term_covers(const struct plant_term *t, int64_t from_ms, int64_t to_ms) {
    return t->from_ms < t->to_ms && t->from_ms <= from_ms && to_ms <= t->to_ms;
}

struct plant_signal {
    struct ident agent;
    const char *point;
    uint32_t unit;               /* index in plant.unit: where it counts */
    uint32_t station;            /* where it is read; another one than `unit` by its tags only */
    const struct plant_tag *tag; /* sorted; the same for all units that the point counts at */
    size_t tag_n;
    uint16_t tagged;  /* index in plant.tagged + 1; 0: counts here whatever its tag */
    uint16_t meter;   /* index in plant.meter + 1: the unit has a part of it; 0: it is its own */
    uint32_t gauge;   /* index in plant.gauge + 1: ROLE_GAUGE; else 0 */
    uint8_t role;     /* enum plant_role */
    int64_t num, den; /* extra exact factor on amounts (transformer ratio), 1/1 by default */
    int64_t max_rate_per_h; /* base units per hour; 0: not stated, then no wrap is ever plausible */
    int64_t preset;         /* raw value a counter shows after a reset */
    int64_t gap_limit_ms;   /* spans longer than this are marked "distribution unknown" */
    int64_t quantum;        /* smallest amount when spread, base units (1,000,000 = one piece) */
    struct plant_term commissioning; /* what it tells of then is journalled and shown, in no cell */
};

/* A raw signal of a unit: temperature, pressure, level, vibration ... A unit may have several. */
struct plant_gauge {
    struct ident id; /* unique within its unit */
    const char *name;
    const char *unit_text; /* what it is shown in; "": as its point says */
    uint32_t unit, signal; /* indexes in plant.unit, plant.signal */
    int64_t low, high;     /* beyond them a value is not plausible, millionths; equal: no limits */
};

/* A meter that several units share: each has a signal of its point, marked with the meter. */
struct plant_meter {
    struct ident id;
    const uint32_t *unit;  /* that share it, indexes in plant.unit in the order of their ids */
    const int64_t *weight; /* unit_n each, > 0; by running time: watts */
    size_t unit_n;
    bool by_run;          /* by weight x running time */
    uint32_t rest;        /* of those: the unit that takes what no running explains */
    const uint32_t *less; /* units whose own meters of the same are taken off first */
    size_t less_n;
};
/* Weights of a meter sum to at most this; watts to the other. */
#define PLANT_METER_SUM_MAX INT64_C(1000000)
#define PLANT_RATED_SUM_MAX INT64_C(1000000000)
/* So many units may tell how a meter is shared: each of them looks at all of their logs. */
enum { PLANT_METER_MATES = 64 };

struct plant_ideal {  /* PRI: ideal cycle time */
    uint32_t product; /* index in plant.product */
    int64_t pri_ns;   /* per piece */
    int64_t from_ms;  /* valid from; INT64_MIN: always */
};

struct plant_manning { /* persons that a manning norm has at a unit, or in its crew */
    int64_t persons;   /* 0: no norm from then on */
    int64_t from_ms;
};

struct plant_unit {
    struct ident id;
    const char *name;
    struct ident
        kind;      /* class of machines it belongs to: reasons are given for classes; "": none */
    uint32_t node; /* index in plant.node */
    uint32_t calendar;    /* index in plant.calendar, UINT32_MAX: always scheduled, no shifts */
    uint8_t state_source; /* enum plant_state_source */
    uint32_t state_map;   /* index in plant.state_map, for STATE_MAP */
    int64_t idle_above_uw, run_above_uw, power_hysteresis_uw; /* STATE_POWER */
    int64_t run_factor_ppm;   /* STATE_COUNTS: running while pieces arrive within n x ideal cycle */
    int64_t micro_stop_ms;    /* default 300,000 */
    bool total_has_scrap;     /* ROLE_TOTAL includes scrap and rework */
    bool assume_order;        /* no ROLE_ORDER signal: an order is always taken to be open */
    uint32_t default_product; /* index in plant.product or UINT32_MAX */
    int64_t default_headcount; /* persons; -1: unknown */
    /* Its share of a crew that tends several units, whose persons the headcount is then: weight of
     * crew_sum, behind crew_before; crew_sum 0: nobody is shared. */
    int64_t crew_before, crew_weight, crew_sum;
    const struct plant_ideal *ideal; /* sorted by product, from_ms */
    size_t ideal_n;
    const struct plant_manning *manning; /* sorted by from_ms; none: no norm */
    size_t manning_n;
    const uint32_t *signal; /* indexes in plant.signal */
    size_t signal_n;
    const uint32_t *mate; /* units whose logs decide, too, what it has of the meters it shares */
    size_t mate_n;
    const uint32_t *watcher; /* the units that it is a mate of */
    size_t watcher_n;
    uint64_t entered;                /* set of roles: people enter it, no signal tells it */
    struct plant_term commissioning; /* its own windows are kept then; nobody above counts it */
    bool missing_class[4]; /* class a-d for which no signal gives data, derived by plant_check */
};

struct plant_node {
    struct ident id;
    const char *name;
    uint8_t level;          /* enum plant_level */
    uint32_t parent;        /* UINT32_MAX for the site; parents stand before children */
    uint32_t unit;          /* index in plant.unit for LEVEL_UNIT, else UINT32_MAX */
    const uint32_t *output; /* nodes whose pieces are this node's pieces; none: shows no counts */
    size_t output_n;
    int64_t contract_uw; /* demand of a quarter that the contract allows; 0: none */
    /* Units whose meters all its electricity comes through, indexes in plant.unit; none of them
     * counts in the node. */
    const uint32_t *main_meter;
    size_t main_meter_n;
};

struct plant_product {
    struct ident id;
    const char *name;
    int64_t planned_scrap_ppm; /* of pieces made; 0: none is planned */
};

/* Why machines stop, why pieces are scrap: the plant's own codes, as trees. */
enum plant_reason_kind { REASON_STOP, REASON_SCRAP };

struct plant_reason {
    struct ident id;
    const char *name;
    uint8_t kind;           /* enum plant_reason_kind */
    uint8_t cause;          /* of stops: enum cause of cell/sums.h */
    uint32_t parent;        /* index in plant.reason, UINT32_MAX: none; no circles */
    int64_t code;           /* by which tags of events name it; PLANT_NO_CODE: none */
    const struct ident *of; /* nodes and classes of machines it is for; none: all */
    size_t of_n;
};
#define PLANT_NO_CODE INT64_MIN

/* What norms assume of the way work is done. Fixed, so that fields mean the same in every plant. */
enum breach_kind {
    BREACH_MAINTENANCE, /* maintenance due */
    BREACH_MATERIAL,    /* specification or lot */
    BREACH_PROCEDURE,   /* version */
    BREACH_TOOL,
    BREACH_SUPPLY, /* of power or air */
    BREACH_STAFFING,
    BREACH_SAFETY,
    BREACH_OTHER,
    BREACH_KIND_COUNT
};

/* A condition. It is breached when people enter so, while a machine stands for one of its causes or
 * reasons, and while a gauge shows values beyond its limits. */
struct plant_condition {
    struct ident id;
    const char *name, *owner; /* who looks after it: an office or a team */
    uint8_t kind;             /* enum breach_kind */
    uint32_t causes;          /* set of enum cause of cell/sums.h */
    const uint32_t *reason;   /* indexes in plant.reason; what is below them is meant, too */
    size_t reason_n;
    const struct ident *of; /* nodes and classes of machines it is for; none: all */
    size_t of_n;
    struct ident gauge; /* "": no gauge judges it */
    uint32_t at;        /* the unit whose gauge that is; UINT32_MAX: each unit's own */
    int64_t low, high;  /* millionths; a mean of a slot below or above them breaches it. INT64_MIN,
                         * INT64_MAX: there is no such limit */
    int64_t hold_ms;    /* it must last so long; 0: any slot does */
};
#define PLANT_HOLD_MAX_MS INT64_C(3600000)

/* By which gauge a condition is judged at a unit; derived by plant_index(). */
struct plant_proof {
    uint32_t unit, condition, gauge;
};

/* A step of the routing: what is done to a product, wherever it is done. */
struct plant_operation {
    struct ident id;
    const char *name;
};

/* From a time on a unit does an operation, with one product or with all that have no row there. */
struct plant_work {
    uint32_t unit, product; /* index in plant.product, UINT32_MAX: of all */
    uint32_t operation;     /* index in plant.operation */
    int64_t from_ms;        /* INT64_MIN: always */
};

/* A unit that people say decides what its line makes, for a term. */
struct plant_keylink {
    uint32_t unit;
    const char *reason;
    int64_t from_ms, to_ms;
};

/* A planned order: so many good pieces of a product at a unit. */
struct plant_order {
    const char *order; /* as the signal tells it */
    uint32_t unit, product;
    int64_t quantity; /* millionths */
    int64_t from_ms;
};

/* So many good pieces in each shift of a name, for shifts that begin at from_ms or later, until the
 * next of the same unit, shift and product. */
struct plant_shift_plan {
    uint32_t unit;
    uint32_t product; /* UINT32_MAX: whatever is made */
    struct ident shift;
    int64_t quantity; /* millionths; 0: none is planned */
    int64_t from_ms;  /* INT64_MIN: always */
};

/* A value an approver set. What a unit's `manning` gives (indicator "manning") is a fact of the
 * plant file; all else stands here to be imported into the ledger of norms, and is held against
 * nothing. */
struct plant_norm {
    uint32_t node;         /* index in plant.node */
    const char *indicator; /* id of window/indicator.h */
    double value;          /* in the indicator's unit */
    const char *approved_by;
    int64_t from_ms;
};

struct plant_shift {
    struct ident id; /* "early" */
    const char *name;
    int32_t start_min, end_min; /* local minutes of the day; end <= start: crosses midnight */
    uint8_t days;               /* bit 0 = Monday .. bit 6 = Sunday: days on which it starts */
    const int32_t *break_min;   /* pairs start, end, local minutes of the day */
    size_t break_n;             /* pairs */
};

struct plant_rota {    /* team of a shift on a start date, cyclic */
    uint32_t shift;    /* index in the calendar's shifts */
    int32_t first_day; /* days since 1970-01-01, local: day of team[0] */
    int32_t days_each; /* a team keeps the shift so long: 7 for weekly rotation */
    const struct ident *team;
    size_t team_n;
};

struct plant_stop { /* planned maintenance and the like */
    int64_t from_ms, to_ms;
    const char *reason;
};

struct plant_calendar {
    struct ident id;
    int64_t from_ms; /* valid from; several with one id make a history */
    const struct plant_shift *shift;
    size_t shift_n;
    const int32_t *holiday; /* days since 1970-01-01, local: no shift starts on them; sorted */
    size_t holiday_n;
    const struct plant_rota *rota;
    size_t rota_n;
    const struct plant_stop *stop; /* sorted, not overlapping */
    size_t stop_n;
};

struct plant {
    struct ident site;
    const char *zone_name;
    struct span text;  /* of the file it was read from; n = 0: built otherwise */
    struct zone *zone; /* owned */
    const struct plant_node *node;
    size_t node_n;
    const struct plant_unit *unit;
    size_t unit_n;
    const struct plant_signal *signal;
    size_t signal_n;
    const struct plant_product *product;
    size_t product_n;
    const struct plant_state_map *state_map;
    size_t state_map_n;
    const struct plant_calendar *calendar;
    size_t calendar_n;
    struct plant_carrier carrier[CARRIER_COUNT];
    bool has_flows;                    /* some unit has a signal of those roles */
    bool has_manning;                  /* some unit has a manning norm */
    const char *currency;              /* of tariffs; NULL: no tariff */
    const struct plant_tariff *tariff; /* of electricity, sorted by from_ms */
    size_t tariff_n;
    const struct plant_norm *norm;
    size_t norm_n;
    const struct plant_order *order;
    size_t order_n;
    const struct plant_shift_plan *shift_plan; /* sorted by from_ms */
    size_t shift_plan_n;
    const struct plant_reason *reason;
    size_t reason_n;
    const struct plant_condition *condition;
    size_t condition_n;
    const struct plant_operation *operation;
    size_t operation_n;
    const struct plant_work *work; /* sorted by from_ms */
    size_t work_n;
    const struct plant_keylink *keylink;
    size_t keylink_n;
    const struct plant_meter *meter;
    size_t meter_n;
    const struct plant_gauge *gauge; /* those of a unit stand together, in the order of the file */
    size_t gauge_n;
    const struct plant_proof *proof; /* sorted by unit and condition */
    const uint32_t *proof_by_gauge;  /* their indexes, sorted by gauge and unit */
    size_t proof_n;
    const uint32_t *tagged; /* indexes in `signal` of those whose tags decide where they count */
    size_t tagged_n;
    int64_t settle_ms;                                    /* default 5 min */
    int64_t settle_late_ms;                               /* default 15 min, by our clock */
    int64_t power_slot_ms;                                /* 10,000 or 1,000 */
    int64_t keep_logs_ms, keep_cells_ms, keep_windows_ms; /* retention, by grain */
    /* Sorted orders that the finders use; made by plant_index(), in the arena. */
    const uint32_t *node_calendar; /* per node; see plant_node_calendar() */
    const uint32_t *unit_by_id, *node_by_id, *product_by_id, *signal_by_name;
    struct plant_arena *arena;
};

/* Memory of a plant under construction; everything is freed by plant_close(). ERR_NOMEM. */
enum err plant_open(struct plant **out);
void *plant_alloc(struct plant *p, size_t bytes);       /* zeroed, NULL when out of memory */
const char *plant_text(struct plant *p, const char *s); /* a copy, NULL when out of memory */
void plant_close(struct plant *p);                      /* also the zone; NULL is allowed */
/* Sorts the ids for the finders; to be called once when all arrays stand, and again after a change
 * of them. ERR_EXISTS: two units, nodes, products or signals have one name (finders then give one
 * of them); ERR_NOMEM. */
enum err plant_index(struct plant *p);
/* Index or UINT32_MAX. O(log n); O(n) in a plant that was never indexed. */
uint32_t plant_find_unit(const struct plant *p, const char *id);
uint32_t plant_find_node(const struct plant *p, const char *id);
uint32_t plant_find_product(const struct plant *p, struct span id);
/* Index of the calendar whose shifts are the node's: that of the first unit below it. UINT32_MAX:
 * none. O(1); O(units) in a plant that was never indexed. */
uint32_t plant_node_calendar(const struct plant *p, uint32_t node);
/* Index in plant.signal of (agent, point), or UINT32_MAX. */
uint32_t plant_find_signal(const struct plant *p, const struct ident *agent, const char *point);
/* Index of the unit's gauge of that id, or UINT32_MAX; O(gauges). */
uint32_t plant_find_gauge(const struct plant *p, uint32_t unit, struct span id);
/* What gauges of that id are shown in, wherever they are: of the first one; "": none, or it is not
 * said. */
const char *plant_gauge_unit(const struct plant *p, const struct ident *id);
/* Index of the reason or UINT32_MAX; O(reasons). */
uint32_t plant_find_reason(const struct plant *p, struct span id);
/* The same by code: the first one of the kind that has it. */
uint32_t plant_find_reason_code(const struct plant *p, enum plant_reason_kind kind, int64_t code);
/* The reason of stops that a person or a panel states at a unit, by its id or its code as a number;
 * UINT32_MAX: it is none that may be given there. */
uint32_t plant_stop_reason(const struct plant *p, struct span text, uint32_t unit);
/* The same of scrap and rework. */
uint32_t plant_scrap_reason(const struct plant *p, struct span text, uint32_t unit);
/* Whether a reason may be given at a unit: it and all above it are for the unit. */
bool plant_reason_fits(const struct plant *p, uint32_t reason, uint32_t unit);
/* Index of the condition or UINT32_MAX; O(conditions). */
uint32_t plant_find_condition(const struct plant *p, struct span id);
/* Whether a condition is one of the unit's; whether a reason of stops, or one above it, breaches
 * it. */
bool plant_condition_fits(const struct plant *p, uint32_t condition, uint32_t unit);
bool plant_condition_meant(const struct plant *p, uint32_t condition, uint32_t reason);
/* The proofs of a unit, one behind the other; NULL and 0: none of its conditions has one. O(log
 * proofs). */
const struct plant_proof *plant_proofs(const struct plant *p, uint32_t unit, size_t *n);
/* Whether a gauge judges any condition of the unit; at all units, in order: *at begins at 0,
 * UINT32_MAX ends them. O(log proofs). */
bool plant_proves(const struct plant *p, uint32_t gauge, uint32_t unit);
uint32_t plant_next_proven(const struct plant *p, uint32_t gauge, size_t *at);
/* plant_proof.c, for plant_index() alone: makes them. ERR_NOMEM. */
enum err plant_proofs_make(struct plant *p);
/* Index of the operation or UINT32_MAX; O(operations). */
uint32_t plant_find_operation(const struct plant *p, struct span id);
/* The operation that the unit does with the product (n = 0: none) at t; NULL: none is known. A row
 * of the product goes before one of all, of two of them the later one. O(rows). */
const struct plant_operation *plant_operation_at(const struct plant *p, uint32_t unit,
                                                 struct span product, int64_t t_ms);
const char *breach_kind_name(enum breach_kind k); /* "maintenance" ...; never NULL */
/* Whether an amount with this tag counts at the signal's unit; O(log tags). */
bool plant_signal_takes(const struct plant_signal *s, int64_t tag);
/* Reason of scrap of an amount with this tag, UINT32_MAX: none is known. */
uint32_t plant_signal_reason(const struct plant *p, const struct plant_signal *s, int64_t tag);
/* The factor in force at t, or NULL. */
const struct plant_factor *plant_factor_at(const struct plant_carrier *c, int64_t t_ms);
/* The tariff in force and its band; NULL: none. */
const struct plant_tariff *plant_tariff_at(const struct plant *p, int64_t t_ms,
                                           enum tariff_band *band);
const char *band_name(enum tariff_band b); /* "peak" ...; never NULL */
/* Roles whose readings are amounts: energy, pieces, material, carriers. */
bool plant_role_is_amount(enum plant_role role);
bool plant_role_is_carrier(enum plant_role role);
/* Roles that a meter of several units may have: electricity by register or power, carriers. */
bool plant_role_is_shared(enum plant_role role);
/* The signals of a control that only STATE_MTCONNECT looks at. */
bool plant_role_is_control(enum plant_role role);
bool plant_role_is_flow(enum plant_role role); /* export, generation, storage */
const char *carrier_name(enum carrier c);      /* "gas" ... as its role is called; never NULL */
/* enum machine_state; O(rows). A word fits without regard to ASCII case ("Execute", "EXECUTE"). */
uint8_t plant_map_code(const struct plant_state_map *m, int64_t code);
uint8_t plant_map_word(const struct plant_state_map *m, struct span word);
/* Whether the map says what a code means, or a word. */
bool plant_map_has_code(const struct plant_state_map *m, int64_t code);
bool plant_map_has_word(const struct plant_state_map *m, struct span word);
/* Lower-case words, unique, never NULL: "energy", "run" ... */
const char *plant_role_name(enum plant_role role);
const char *machine_state_name(enum machine_state state);

#endif
