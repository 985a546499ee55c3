/* What a file of rules may hold, as structs that the rows fill; thresholds and names are texts
 * still, with their places, for they mean something only with the plant. */
#ifndef PB_ALERTFILE_ROWS_H
#define PB_ALERTFILE_ROWS_H

#include "conf/conf.h"

struct text_at { /* a text as it was written; given: it was */
    char *text;
    struct conf_pos pos;
    bool given;
};

struct names_at {
    struct conf_name *at;
    size_t n;
};

struct level_row {
    struct conf_pos pos;
    struct text_at above, below, norm, clear;
    int severity; /* enum alert_severity */
};

struct driver_rows {
    struct conf_pair *at;
    size_t n;
};

struct baseline_row {
    int64_t base; /* millionths of a kWh in an hour */
    bool base_given;
    struct driver_rows driver;
    struct names_at frozen;
};

struct flap_row {
    int64_t count, within_ms, quiet_ms;
};

struct escalate_row {
    int64_t after_ms;
    int severity;
};

struct rule_row {
    struct ident id;
    struct conf_pos pos;
    char *name;
    struct conf_name indicator, signal;
    bool indicator_given, signal_given;
    struct conf_name product, team;
    bool product_given, team_given;
    struct names_at units, units_of, lines, areas, classes, except;
    bool site;
    struct text_at window;
    struct level_row level; /* the only one: no list of levels is given */
    bool severity_given;
    struct level_row *levels;
    size_t level_n;
    struct conf_pos levels_pos;
    bool levels_given;
    struct baseline_row baseline;
    struct names_at drift;
    struct conf_pos baseline_pos, rate_pos, no_data_pos, drift_pos;
    bool baseline_given, rate_given, no_data, drift_given;
    int64_t rate_ms;
    int64_t for_ms, clear_for_ms, coverage_ppm;
    struct conf_pos for_pos, clear_for_pos;
    struct flap_row flap;
    bool flap_given;
    struct conf_pos flap_pos;
    int schedule;
    struct conf_pos schedule_pos;
    bool schedule_given;
    struct names_at shifts;
    bool quiets;
    struct escalate_row escalate;
    struct conf_pos escalate_pos;
    bool escalate_given;
    int64_t repeat_ms, respond_ms;
    char *cause, *consequence, *action, *owner;
    struct names_at notify;
};

struct rules_rows { /* of one file */
    struct rule_row *rules;
    size_t rule_n;
};

enum rule_schedule { SCHEDULE_ALWAYS, SCHEDULE_IN_SHIFT };

extern const struct conf_schema rows_rules;

#endif
