/* Rows of conditions (what norms assume of the way work is done) and of key links. */
#include "cell/sums.h"
#include "plant/plant.h"
#include "plantfile/rows_impl.h"

#define F(member) CONF_FIELD(struct proof_row, member)
#define MOST INT64_C(400000000000000) /* millionths: what a lane takes (signal/lane_part.h) */

static const struct conf_row proof_table[] = {
    {.key = "id",
     .type = CONF_NAME,
     .field = F(gauge),
     .required = true,
     .help = "The gauge, as `gauges` of its unit names it."},
    {.key = "at",
     .type = CONF_NAME,
     .field = F(at),
     .help = "The unit whose gauge it is, or a line, an area or the site below which one unit has "
             "it; absent: each unit's own."},
    {.key = "low",
     .type = CONF_AMOUNT,
     .field = F(low),
     .given = F(low_given),
     .pos = F(low_pos),
     .min = -MOST,
     .max = MOST,
     .help = "The condition is breached while a slot's mean is below it."},
    {.key = "high",
     .type = CONF_AMOUNT,
     .field = F(high),
     .given = F(high_given),
     .pos = F(high_pos),
     .min = -MOST,
     .max = MOST,
     .help = "The same above it."},
    {.key = "unit",
     .type = CONF_TEXT,
     .field = F(unit),
     .pos = F(unit_pos),
     .max = 16,
     .help = "What the limits are in: the unit that the gauge is shown in."},
    {.key = "hold",
     .type = CONF_DURATION,
     .field = F(hold_ms),
     .fallback = "0 s",
     .max = PLANT_HOLD_MAX_MS,
     .help = "What lasts shorter breaches nothing; what lasts longer breaches from its begin."}};
static const struct conf_schema proof_schema = {.rows = proof_table,
                                                .row_n = sizeof proof_table / sizeof *proof_table,
                                                .size = sizeof(struct proof_row),
                                                .pos = F(pos)};

#undef F
#define F(member) CONF_FIELD(struct condition_row, member)

static const struct conf_word kind_words[] = {
    {"maintenance", BREACH_MAINTENANCE, "maintenance is done when it is due"},
    {"material", BREACH_MATERIAL, "specification or lot of the material"},
    {"procedure", BREACH_PROCEDURE, "version of the procedure"},
    {"tool", BREACH_TOOL, NULL},
    {"supply", BREACH_SUPPLY, "of power, air or another medium"},
    {"staffing", BREACH_STAFFING, NULL},
    {"safety", BREACH_SAFETY, NULL},
    {"other", BREACH_OTHER, NULL}};
static const struct conf_word cause_words[] = {
    {"failure", CAUSE_FAILURE, NULL},   {"micro_stop", CAUSE_MICRO_STOP, NULL},
    {"blocked", CAUSE_BLOCKED, NULL},   {"starved", CAUSE_STARVED, NULL},
    {"material", CAUSE_MATERIAL, NULL}, {"operator", CAUSE_OPERATOR, NULL},
    {"quality", CAUSE_QUALITY, NULL},   {"energy", CAUSE_ENERGY, NULL},
    {"speed", CAUSE_SPEED, NULL},       {"other", CAUSE_OTHER, NULL}};

static const struct conf_row table[] = {
    {.key = "name", .type = CONF_TEXT, .field = F(name), .help = "Name on the page."},
    {.key = "kind",
     .type = CONF_ENUM,
     .field = F(kind),
     .words = kind_words,
     .word_n = sizeof kind_words / sizeof *kind_words,
     .required = true,
     .help = "What it is a condition of."},
    {.key = "owner",
     .type = CONF_TEXT,
     .field = F(owner),
     .max = 64,
     .required = true,
     .help = "The office or team that looks after it."},
    {.key = "causes",
     .type = CONF_SCALARS,
     .item = CONF_ENUM,
     .field = F(causes),
     .count = F(cause_n),
     .words = cause_words,
     .word_n = sizeof cause_words / sizeof *cause_words,
     .help = "It is breached while a machine stands for one of these causes."},
    {.key = "reasons",
     .type = CONF_SCALARS,
     .item = CONF_ID,
     .field = F(reasons),
     .count = F(reason_n),
     .most = 1000,
     .help = "The same for reasons of stops, and for what is below them."},
    {.key = "for",
     .type = CONF_SCALARS,
     .item = CONF_ID,
     .field = F(of),
     .count = F(of_n),
     .most = 1000,
     .help = "Units, lines, areas and classes of machines it is for; absent: all."},
    {.key = "gauge",
     .type = CONF_MAP,
     .sub = &proof_schema,
     .field = F(proof),
     .given = F(proof_given),
     .help =
         "A raw signal that judges it; time of which it tells nothing is not kept, but unknown."}};
const struct conf_schema rows_condition = {.rows = table,
                                           .row_n = sizeof table / sizeof *table,
                                           .size = sizeof(struct condition_row),
                                           .id = F(id),
                                           .pos = F(pos)};

#undef F
#define F(member) CONF_FIELD(struct keylink_row, member)

static const struct conf_row keylink_table[] = {
    {.key = "unit", .type = CONF_ID, .field = F(unit), .required = true, .help = "The unit."},
    {.key = "reason",
     .type = CONF_TEXT,
     .field = F(reason),
     .max = 200,
     .required = true,
     .help = "Why, and who says so."},
    {.key = "from", .type = CONF_UTC, .field = F(from_ms), .required = true, .help = "Begin."},
    {.key = "to", .type = CONF_UTC, .field = F(to_ms), .required = true, .help = "End."}};
const struct conf_schema rows_keylink = {.rows = keylink_table,
                                         .row_n = sizeof keylink_table / sizeof *keylink_table,
                                         .size = sizeof(struct keylink_row),
                                         .pos = F(pos)};
