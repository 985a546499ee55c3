/* Rows of reasons: why machines stop, why pieces are scrap. */
#include "cell/sums.h"
#include "plant/plant.h"
#include "plantfile/rows_impl.h"

#define F(member) CONF_FIELD(struct reason_row, member)

static const struct conf_word kind_words[] = {{"stop", REASON_STOP, "of a stop"},
                                              {"scrap", REASON_SCRAP, "of scrap or rework"}};
/* A micro-stop follows from its length and is not stated. */
static const struct conf_word cause_words[] = {
    {"unstated", CAUSE_UNSTATED, NULL}, {"failure", CAUSE_FAILURE, NULL},
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
     .word_n = 2,
     .fallback = "stop",
     .help = "What it is a reason of."},
    {.key = "cause",
     .type = CONF_ENUM,
     .field = F(cause),
     .given = F(cause_given),
     .words = cause_words,
     .word_n = sizeof cause_words / sizeof *cause_words,
     .help =
         "Of stops: the cause that its time is counted under; absent: its parent's, else other."},
    {.key = "parent", .type = CONF_ID, .field = F(parent), .help = "Reason that it is a part of."},
    {.key = "code",
     .type = CONF_INT,
     .field = F(code),
     .given = F(code_given),
     .min = -1000000000,
     .max = 1000000000,
     .help = "Number by which tags of events name it."},
    {.key = "for",
     .type = CONF_SCALARS,
     .item = CONF_ID,
     .field = F(of),
     .count = F(of_n),
     .most = 1000,
     .help = "Units, lines, areas and classes of machines it is for; absent: all."}};
const struct conf_schema rows_reason = {.rows = table,
                                        .row_n = sizeof table / sizeof *table,
                                        .size = sizeof(struct reason_row),
                                        .id = F(id),
                                        .pos = F(pos)};
