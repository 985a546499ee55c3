/* The plant file as it is written: structs that the rows fill, before names are resolved. */
#ifndef PB_PLANTFILE_ROWS_H
#define PB_PLANTFILE_ROWS_H

#include "conf/conf.h"

struct shift_row {
    struct ident id;
    struct conf_pos pos;
    char *name;
    int64_t start_min, end_min;
    int *days; /* 0 = Monday */
    size_t day_n;
    struct break_row *breaks;
    size_t break_n;
};
struct break_row {
    struct conf_pos pos;
    int64_t start_min, end_min;
};
struct rota_row {
    struct conf_pos pos;
    struct ident shift;
    int64_t from_ms, each_ms;
    struct ident *teams;
    size_t team_n;
};
struct stop_row {
    struct conf_pos pos;
    int64_t from_ms, to_ms;
    char *reason;
};
struct calendar_row {
    struct ident id;
    struct conf_pos pos;
    int64_t from_ms;
    bool from_given;
    struct ident of; /* an earlier calendar this one replaces from its date on */
    struct shift_row *shifts;
    size_t shift_n;
    int64_t *holidays;
    size_t holiday_n;
    struct rota_row *rota;
    size_t rota_n;
    struct stop_row *stops;
    size_t stop_n;
};
struct product_row {
    struct ident id;
    struct conf_pos pos;
    char *name;
    int64_t planned_scrap_ppm;
};
struct reason_row {
    struct ident id;
    struct conf_pos pos;
    char *name;
    int kind;  /* enum plant_reason_kind */
    int cause; /* enum cause */
    bool cause_given, code_given;
    int64_t code;
    struct ident parent;
    struct ident *of; /* nodes and classes of machines */
    size_t of_n;
};
struct proof_row { /* the gauge that judges a condition */
    struct conf_pos pos;
    struct conf_name gauge, at;
    char *unit;
    int64_t low, high, hold_ms; /* millionths */
    bool low_given, high_given;
    struct conf_pos low_pos, high_pos, unit_pos;
};
struct condition_row {
    struct ident id;
    struct conf_pos pos;
    char *name, *owner;
    int kind;    /* enum breach_kind */
    int *causes; /* enum cause */
    size_t cause_n;
    struct ident *reasons;
    size_t reason_n;
    struct ident *of; /* nodes and classes of machines */
    size_t of_n;
    struct proof_row proof;
    bool proof_given;
};
struct work_row {
    struct conf_pos pos;
    struct ident unit, product;
    int64_t from_ms;
    bool from_given;
};
struct operation_row {
    struct ident id;
    struct conf_pos pos;
    char *name;
    struct work_row *at;
    size_t at_n;
};
struct keylink_row {
    struct conf_pos pos;
    struct ident unit;
    char *reason;
    int64_t from_ms, to_ms;
};
struct tag_row {
    struct conf_pos pos;
    int64_t tag;
    struct ident reason, unit;
};
struct map_row {
    struct ident id;
    struct conf_pos pos;
    int64_t version;
    int otherwise; /* enum machine_state */
    struct conf_pair *states;
    size_t state_n;
};
struct term_row { /* commissioning */
    struct conf_pos pos;
    int64_t since_ms, accepted_ms;
    bool since_given, accepted_given;
    struct conf_pos since_pos, accepted_pos;
};
struct signal_row {
    struct ident id; /* the role, with "-operator" behind it if people count it */
    struct conf_pos pos;
    struct ident agent;
    char *point;
    int64_t max_rate; /* millionths per hour */
    int64_t preset, gap_limit_ms, factor_num, factor_den, quantum;
    struct term_row commissioning;
    bool commissioning_given;
    struct tag_row *tags;
    size_t tag_n;
};
struct gauge_row {
    struct signal_row signal; /* its id is the gauge's */
    char *name, *unit;
    int64_t low, high; /* millionths */
    bool low_given, high_given;
};
struct ideal_row {
    struct conf_pos pos;
    struct ident product;
    int64_t cycle_ms;
    int64_t from_ms;
    bool from_given;
};
struct norm_row {
    struct ident id; /* the indicator, with '-' or '_' */
    struct conf_pos pos;
    int64_t value; /* millionths */
    char *approved_by;
    int64_t from_ms;
};
struct manning_row {
    struct conf_pos pos;
    int64_t persons;
    char *approved_by;
    int64_t from_ms;
};
struct state_row {
    int from; /* enum plant_state_source */
    struct ident map;
    struct conf_pos pos;
    int64_t idle_above_uw, run_above_uw, hysteresis_uw, factor_ppm;
};
struct order_row {
    struct conf_pos pos;
    char *order;
    struct ident unit, product;
    int64_t quantity; /* millionths */
    int64_t from_ms;
};
struct shift_plan_row {
    struct conf_pos pos;
    struct ident unit, product, shift;
    int64_t quantity; /* millionths */
    int64_t from_ms;
    bool from_given;
};
struct crew_row {
    struct ident id;
    struct conf_pos pos;
    int64_t persons; /* -1: by the signal */
    struct signal_row headcount;
    bool headcount_given;
    struct conf_pair *units; /* unit: weight */
    size_t unit_n;
    struct manning_row *manning;
    size_t manning_n;
};
struct meter_row {
    struct ident id;
    struct conf_pos pos;
    struct signal_row *signals; /* one, by role */
    size_t signal_n;
    struct conf_pair *shares; /* unit: weight */
    size_t share_n;
    struct conf_pair *rated; /* unit: power */
    size_t rated_n;
    struct ident rest;
    bool rest_given;
    struct conf_pos rest_pos;
    struct ident *less; /* units */
    size_t less_n;
    struct conf_pos less_pos;
};
struct unit_row {
    struct ident id;
    struct conf_pos pos;
    char *name;
    struct ident calendar, agent, product, kind;
    struct conf_pair *source; /* role: who counts it */
    size_t source_n;
    struct state_row state;
    int64_t micro_stop_ms, headcount, contract_uw;
    bool total_has_scrap, assume_order, commissioning_given;
    struct term_row commissioning;
    struct ideal_row *ideal;
    size_t ideal_n;
    struct manning_row *manning;
    size_t manning_n;
    struct signal_row *signals;
    size_t signal_n;
    struct gauge_row *gauges;
    size_t gauge_n;
    struct ident *entered;
    size_t entered_n;
    struct norm_row *norms;
    size_t norm_n;
};
struct line_row {
    struct ident id;
    struct conf_pos pos;
    char *name;
    struct ident calendar, agent;
    struct conf_pos calendar_pos;
    struct ident *outputs;
    size_t output_n;
    int64_t contract_uw;
    struct ident *main_meters;
    size_t main_meter_n;
    struct signal_row *signals; /* context shared by its units */
    size_t signal_n;
    struct norm_row *norms;
    size_t norm_n;
    struct unit_row *units;
    size_t unit_n;
};
struct area_row {
    struct ident id;
    struct conf_pos pos;
    char *name;
    struct ident *outputs;
    size_t output_n;
    int64_t contract_uw;
    struct ident *main_meters;
    size_t main_meter_n;
    struct norm_row *norms;
    size_t norm_n;
    struct line_row *lines;
    size_t line_n;
};
struct site_row {
    struct ident id;
    char *name, *zone;
    struct conf_pos zone_pos, calendar_pos, keep_cells_pos, keep_windows_pos, pos;
    struct ident calendar;
    struct ident *outputs;
    size_t output_n;
    int64_t contract_uw;
    struct ident *main_meters;
    size_t main_meter_n;
    struct norm_row *norms;
    size_t norm_n;
    int64_t settle_ms, settle_late_ms, slot_ms, keep_logs_ms, keep_cells_ms, keep_windows_ms;
};
struct factor_row {
    struct conf_pos pos;
    int64_t from_ms;
    bool from_given, kwh_given, co2_given;
    int64_t kwh, co2; /* millionths */
};
struct carrier_row {
    struct ident id;
    struct conf_pos pos;
    char *name;
    int unit; /* index of rows_carrier_unit */
    struct factor_row *factors;
    size_t factor_n;
};
struct band_row {
    struct conf_pos pos;
    int band; /* enum tariff_band */
    int *days;
    size_t day_n;
    int64_t start_min, end_min;
};
struct tariff_row {
    struct conf_pos pos;
    int64_t from_ms;
    bool from_given, price_given[4];
    int64_t price[4]; /* millionths, by enum tariff_band */
    int otherwise;
    struct band_row *times;
    size_t time_n;
};
struct plant_rows {
    struct site_row site;
    struct calendar_row *calendars;
    size_t calendar_n;
    struct product_row *products;
    size_t product_n;
    struct map_row *maps;
    size_t map_n;
    struct reason_row *reasons;
    size_t reason_n;
    struct condition_row *conditions;
    size_t condition_n;
    struct operation_row *operations;
    size_t operation_n;
    struct keylink_row *keylinks;
    size_t keylink_n;
    struct crew_row *crews;
    size_t crew_n;
    struct meter_row *meters;
    size_t meter_n;
    struct order_row *orders;
    size_t order_n;
    struct shift_plan_row *shift_plans;
    size_t shift_plan_n;
    struct carrier_row *carriers;
    size_t carrier_n;
    char *currency;
    struct conf_pos currency_pos;
    struct tariff_row *tariffs;
    size_t tariff_n;
    struct area_row *areas;
    size_t area_n;
};

/* What carriers are measured in, and what an agent's base unit is of it. */
struct carrier_unit {
    const char *word, *base;
    int64_t num, den; /* millionths of the unit in a base unit */
};
enum { CARRIER_UNIT_NONE, CARRIER_UNIT_COUNT = 9 };
extern const struct carrier_unit rows_carrier_unit[CARRIER_UNIT_COUNT];

/* rows_energy.c */
extern const struct conf_schema rows_carrier, rows_tariff;
extern const struct conf_schema rows_plant;
extern const struct conf_schema rows_map; /* one state map alone: the shipped files */

#endif
