#include "alertfile/rows.h"

#include "alert/rule.h"

#define F(type, member) CONF_FIELD(struct type, member)
#define MINUTE INT64_C(60000)
#define MONTH ALERT_TIME_MAX

static const struct conf_word severity_words[] = {{"info", ALERT_INFO, "to be known"},
                                                  {"low", ALERT_LOW, NULL},
                                                  {"medium", ALERT_MEDIUM, NULL},
                                                  {"high", ALERT_HIGH, NULL},
                                                  {"critical", ALERT_CRITICAL, "at once"}};
enum { SEVERITIES = sizeof severity_words / sizeof *severity_words };
_Static_assert((int)SEVERITIES == (int)ALERT_SEVERITY_COUNT, "a word for each");

static const struct conf_word schedule_words[] = {
    {"always", SCHEDULE_ALWAYS, NULL},
    {"in_shift", SCHEDULE_IN_SHIFT, "in the working time of shifts"}};

// NOLINTBEGIN(bugprone-macro-parentheses)
/* A text whose place is kept. */
#define TEXT_AT(owner, member)                                                                     \
    .type = CONF_TEXT, .field = F(owner, member.text), .pos = F(owner, member.pos),                \
    .given = F(owner, member.given), .min = 1, .max = 80
/* The keys that make a level, in a rule with one and in each of several. */
#define LEVEL_ROWS(owner, prefix)                                                                  \
    {.key = "above",                                                                               \
     .reloadable = true,                                                                           \
     TEXT_AT(owner, prefix above),                                                                 \
     .help = "Too much above this, in the unit of what is watched: 85 %, 0.3 kWh, 12 kW."},        \
        {.key = "below",                                                                           \
         .reloadable = true,                                                                       \
         TEXT_AT(owner, prefix below),                                                             \
         .help = "Too little below this."},                                                        \
        {.key = "norm",                                                                            \
         .reloadable = true,                                                                       \
         TEXT_AT(owner, prefix norm),                                                              \
         .help = "Worse than so much of the norm in force, such as 110 %."},                       \
    {                                                                                              \
        .key = "clear", .reloadable = true, TEXT_AT(owner, prefix clear),                          \
        .help = "The level is left when this is no more exceeded; absent: the threshold."          \
    }

#define NAMES(member)                                                                              \
    .type = CONF_SCALARS, .item = CONF_NAME, .field = F(rule_row, member.at),                      \
    .count = F(rule_row, member.n)
// NOLINTEND(bugprone-macro-parentheses)

static const struct conf_row level_rows[] = {LEVEL_ROWS(level_row, ),
                                             {.key = "severity",
                                              .reloadable = true,
                                              .type = CONF_ENUM,
                                              .field = F(level_row, severity),
                                              .words = severity_words,
                                              .word_n = SEVERITIES,
                                              .required = true,
                                              .help = "How loud it is."}};
static const struct conf_schema level_schema = {.rows = level_rows,
                                                .row_n = sizeof level_rows / sizeof *level_rows,
                                                .size = sizeof(struct level_row),
                                                .pos = F(level_row, pos)};

static const struct conf_row baseline_rows[] = {
    {.key = "base",
     .reloadable = true,
     .type = CONF_AMOUNT,
     .field = F(baseline_row, base),
     .unit = "kWh/h",
     .min = 0,
     .max = INT64_C(1000000000000000),
     .fallback = "0",
     .help = "Energy of an hour without anything made, as `plantbus energy baseline` found it."},
    {.key = "drivers",
     .reloadable = true,
     .type = CONF_PAIRS,
     .field = F(baseline_row, driver.at),
     .count = F(baseline_row, driver.n),
     .most = ALERT_DRIVERS_MAX,
     .help = "Energy of each unit of a signal: {pieces: 0.12 kWh, production: 0.05 kWh}."}};
static const struct conf_schema baseline_schema = CONF_SCHEMA(struct baseline_row, baseline_rows);

static const struct conf_row flap_rows[] = {
    {.key = "count",
     .reloadable = true,
     .type = CONF_INT,
     .field = F(flap_row, count),
     .min = 2,
     .max = ALERT_FLAPS_MAX,
     .required = true,
     .help = "So many alerts of one unit ..."},
    {.key = "within",
     .reloadable = true,
     .type = CONF_DURATION,
     .field = F(flap_row, within_ms),
     .min = MINUTE,
     .max = MONTH,
     .required = true,
     .help = "... within this time are flapping; the last one stays ..."},
    {.key = "quiet",
     .reloadable = true,
     .type = CONF_DURATION,
     .field = F(flap_row, quiet_ms),
     .min = MINUTE,
     .max = MONTH,
     .required = true,
     .help = "... until it was clear for so long."}};
static const struct conf_schema flap_schema = CONF_SCHEMA(struct flap_row, flap_rows);

static const struct conf_row escalate_rows[] = {{.key = "after",
                                                 .reloadable = true,
                                                 .type = CONF_DURATION,
                                                 .field = F(escalate_row, after_ms),
                                                 .min = MINUTE,
                                                 .max = MONTH,
                                                 .required = true,
                                                 .help = "Unacknowledged for so long ..."},
                                                {.key = "severity",
                                                 .reloadable = true,
                                                 .type = CONF_ENUM,
                                                 .field = F(escalate_row, severity),
                                                 .words = severity_words,
                                                 .word_n = SEVERITIES,
                                                 .fallback = "critical",
                                                 .help = "... it becomes so loud."}};
static const struct conf_schema escalate_schema = CONF_SCHEMA(struct escalate_row, escalate_rows);

static const struct conf_row rule_rows[] = {
    {.key = "name",
     .reloadable = true,
     .type = CONF_TEXT,
     .field = F(rule_row, name),
     .max = ALERT_TEXT_MAX,
     .help = "What people call it; absent: its id."},
    {.key = "indicator",
     .reloadable = true,
     .type = CONF_NAME,
     .field = F(rule_row, indicator),
     .given = F(rule_row, indicator_given),
     .help = "The indicator that is watched; or `signal`."},
    {.key = "signal",
     .reloadable = true,
     .type = CONF_NAME,
     .field = F(rule_row, signal),
     .given = F(rule_row, signal_given),
     .help = "What signals come to: power, energy, pieces, scrap, delay, stops ..."},
    {.key = "units", .reloadable = true, NAMES(units), .help = "Each of these units."},
    {.key = "units_of",
     .reloadable = true,
     NAMES(units_of),
     .help = "Each unit of these lines or areas."},
    {.key = "lines", .reloadable = true, NAMES(lines), .help = "Each of these lines as a whole."},
    {.key = "areas", .reloadable = true, NAMES(areas), .help = "Each of these areas as a whole."},
    {.key = "classes",
     .reloadable = true,
     NAMES(classes),
     .help = "Each unit of these classes of machines."},
    {.key = "site",
     .reloadable = true,
     .type = CONF_BOOL,
     .field = F(rule_row, site),
     .fallback = "false",
     .help = "The site as a whole."},
    {.key = "except",
     .reloadable = true,
     NAMES(except),
     .help = "But not these, nor what lies below them."},
    {.key = "window",
     .reloadable = true,
     TEXT_AT(rule_row, window),
     .help = "What is looked at each minute: the last 1 min to 60 min, or the running hour, shift "
             "or day; absent: 15 min."},
    LEVEL_ROWS(rule_row, level.),
    {.key = "severity",
     .reloadable = true,
     .type = CONF_ENUM,
     .field = F(rule_row, level.severity),
     .given = F(rule_row, severity_given),
     .words = severity_words,
     .word_n = SEVERITIES,
     .fallback = "medium",
     .help = "How loud it is."},
    {.key = "levels",
     .reloadable = true,
     .type = CONF_LIST,
     .sub = &level_schema,
     .field = F(rule_row, levels),
     .count = F(rule_row, level_n),
     .given = F(rule_row, levels_given),
     .pos = F(rule_row, levels_pos),
     .most = ALERT_LEVELS_MAX,
     .help = "Several, from the mildest on, instead of one."},
    {.key = "baseline",
     .reloadable = true,
     .type = CONF_MAP,
     .sub = &baseline_schema,
     .field = F(rule_row, baseline),
     .given = F(rule_row, baseline_given),
     .pos = F(rule_row, baseline_pos),
     .help = "above is how much more energy than this expects: 10 %."},
    {.key = "rate",
     .reloadable = true,
     .type = CONF_DURATION,
     .field = F(rule_row, rate_ms),
     .given = F(rule_row, rate_given),
     .pos = F(rule_row, rate_pos),
     .min = MINUTE,
     .max = ALERT_SPAN_MAX * MINUTE,
     .help = "above or below is the change an hour, against so long ago: 5 kW/h, 10 %/h."},
    {.key = "no_data",
     .reloadable = true,
     .type = CONF_BOOL,
     .field = F(rule_row, no_data),
     .pos = F(rule_row, no_data_pos),
     .fallback = "false",
     .help = "Nothing was measured in the whole window."},
    {.key = "for",
     .reloadable = true,
     .type = CONF_DURATION,
     .field = F(rule_row, for_ms),
     .pos = F(rule_row, for_pos),
     .max = MONTH,
     .fallback = "0 min",
     .help = "Only if it lasts so long (hold)."},
    {.key = "clear_for",
     .reloadable = true,
     .type = CONF_DURATION,
     .field = F(rule_row, clear_for_ms),
     .pos = F(rule_row, clear_for_pos),
     .max = MONTH,
     .fallback = "0 min",
     .help = "It ends when it was clear for so long."},
    {.key = "coverage",
     .reloadable = true,
     .type = CONF_RATIO,
     .field = F(rule_row, coverage_ppm),
     .max = 1000000,
     .fallback = "50 %",
     .help = "With less known of the window nothing is said: neither raised nor ended."},
    {.key = "flap",
     .reloadable = true,
     .type = CONF_MAP,
     .sub = &flap_schema,
     .field = F(rule_row, flap),
     .given = F(rule_row, flap_given),
     .pos = F(rule_row, flap_pos),
     .help = "A guard against alerts that come and go."},
    {.key = "schedule",
     .reloadable = true,
     .type = CONF_ENUM,
     .field = F(rule_row, schedule),
     .given = F(rule_row, schedule_given),
     .pos = F(rule_row, schedule_pos),
     .words = schedule_words,
     .word_n = 2,
     .fallback = "always",
     .help = "When it counts."},
    {.key = "shifts",
     .reloadable = true,
     NAMES(shifts),
     .most = ALERT_SHIFTS_MAX,
     .help = "Only in shifts of these names."},
    {.key = "quiets",
     .reloadable = true,
     .type = CONF_BOOL,
     .field = F(rule_row, quiets),
     .fallback = "false",
     .help = "While it is active, alerts of what lies below are suppressed."},
    {.key = "escalate",
     .reloadable = true,
     .type = CONF_MAP,
     .sub = &escalate_schema,
     .field = F(rule_row, escalate),
     .given = F(rule_row, escalate_given),
     .pos = F(rule_row, escalate_pos),
     .help = "When nobody acknowledges it."},
    {.key = "repeat",
     .reloadable = true,
     .type = CONF_DURATION,
     .field = F(rule_row, repeat_ms),
     .max = MONTH,
     .fallback = "0 min",
     .help = "Told again so often while nobody acknowledges it, also once it has returned to "
             "normal; 0: once."},
    {.key = "cause",
     .reloadable = true,
     .type = CONF_TEXT,
     .field = F(rule_row, cause),
     .max = ALERT_TEXT_MAX,
     .help = "Its likely cause."},
    {.key = "consequence",
     .reloadable = true,
     .type = CONF_TEXT,
     .field = F(rule_row, consequence),
     .max = ALERT_TEXT_MAX,
     .help = "What follows if nobody acts."},
    {.key = "action",
     .reloadable = true,
     .type = CONF_TEXT,
     .field = F(rule_row, action),
     .max = ALERT_TEXT_MAX,
     .help = "What to do."},
    {.key = "respond_within",
     .reloadable = true,
     .type = CONF_DURATION,
     .field = F(rule_row, respond_ms),
     .max = MONTH,
     .fallback = "0 min",
     .help = "Time to respond."},
    {.key = "owner",
     .reloadable = true,
     .type = CONF_TEXT,
     .field = F(rule_row, owner),
     .max = ALERT_TEXT_MAX,
     .help = "Who answers for the rule."},
    {.key = "notify",
     .reloadable = true,
     NAMES(notify),
     .most = ALERT_RECIPIENTS_MAX,
     .help = "Positions that are told, such as shift-lead."}};
static const struct conf_schema rule_schema = {.rows = rule_rows,
                                               .row_n = sizeof rule_rows / sizeof *rule_rows,
                                               .size = sizeof(struct rule_row),
                                               .id = F(rule_row, id),
                                               .pos = F(rule_row, pos)};

static const struct conf_row file_rows[] = {{.key = "rules",
                                             .reloadable = true,
                                             .type = CONF_KEYED,
                                             .sub = &rule_schema,
                                             .field = F(rules_rows, rules),
                                             .count = F(rules_rows, rule_n),
                                             .help = "Rules of alerts by id."}};
const struct conf_schema rows_rules = CONF_SCHEMA(struct rules_rows, file_rows);
