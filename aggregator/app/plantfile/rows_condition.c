/* Rows of conditions (what norms assume of the way work is done) and of key links. */
#include "cell/sums.h"
#include "plant/plant.h"
#include "plantfile/rows_impl.h"

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
     .help = "Units, lines, areas and classes of machines it is for; absent: all."}};
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
