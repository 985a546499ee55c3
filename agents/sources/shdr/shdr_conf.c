/* The rows of a client of an adapter, and the rules that span several of them. */
#include <stdio.h>

#include "shdr/shdr.h"
#include "sources/line.h"

#define WORDS(table) .words = (table), .word_n = sizeof(table) / sizeof((table)[0])

static const struct conf_word form_word[] = {
    {"value", LINE_VALUE, "key|value"},
    {"condition", LINE_CONDITION,
     "key|level|code|severity|qualifier|text; the worst level that is "
     "active"},
    {"message", LINE_MESSAGE, "key|code|text"},
    {"series", LINE_SERIES, "key|count|values a second|values"}};
static const struct conf_word clock_word[] = {
    {"original", SHDR_ORIGINAL, "the times of the lines"},
    {"relative", SHDR_RELATIVE,
     "the first line of a connection is of now, the others as far from "
     "it as they say"},
    {"arrival", SHDR_ARRIVAL, "the moment at which a line is read"}};

#define POINT(member) CONF_FIELD(struct shdr_point_conf, member)
static const struct conf_row point_row[] = {
    {.key = "name",
     .type = CONF_TEXT,
     .field = POINT(name),
     .min = 1,
     .max = POINT_NAME_MAX,
     .required = true,
     .help = "Name of the point."},
    {.key = "key",
     .type = CONF_TEXT,
     .field = POINT(key),
     .max = 200,
     .fallback = "",
     .help = "What the lines call it, with its device if they name one (mill:load); empty: its "
             "name."},
    {.key = "hint",
     .type = CONF_TEXT,
     .field = POINT(hint),
     .max = IDENT_MAX,
     .fallback = "",
     .help = "Unit it probably belongs to."},
    {.key = "form",
     .type = CONF_ENUM,
     .field = POINT(form),
     WORDS(form_word),
     .fallback = "value",
     .help = "What stands behind the key."},
    QUANTITY_ROWS(struct shdr_point_conf),
};
static const struct conf_schema point_schema = {.rows = point_row,
                                                .row_n = sizeof point_row / sizeof *point_row,
                                                .size = sizeof(struct shdr_point_conf),
                                                .pos = POINT(pos)};

#define SHDR(member) CONF_FIELD(struct shdr_conf, member)
static const struct conf_row shdr_row[] = {
    {.key = "host",
     .type = CONF_TEXT,
     .field = SHDR(host),
     .min = 1,
     .max = 255,
     .required = true,
     .help = "Name or address of the adapter."},
    {.key = "port",
     .type = CONF_INT,
     .field = SHDR(port),
     .min = 1,
     .max = 65535,
     .fallback = "7878",
     .help = "Port of the adapter."},
    {.key = "clock",
     .type = CONF_ENUM,
     .field = SHDR(clock),
     WORDS(clock_word),
     .fallback = "original",
     .help = "Which time the readings get."},
    {.key = "utc_offset",
     .type = CONF_INT,
     .field = SHDR(offset_min),
     .unit = "min",
     .min = -720,
     .max = 840,
     .fallback = "0",
     .help = "Of times without offset."},
    {.key = "silence",
     .type = CONF_DURATION,
     .field = SHDR(silence_ms),
     .min = 100,
     .max = 86400000,
     .fallback = "60 s",
     .help = "A longer time without a line or PONG is time in which nothing is known."},
    {.key = "timeout",
     .type = CONF_DURATION,
     .field = SHDR(timeout_ms),
     .min = 100,
     .max = 60000,
     .fallback = "5 s",
     .help = "Longest wait for a connection."},
    {.key = "name_unknown",
     .type = CONF_BOOL,
     .field = SHDR(name_unknown),
     .fallback = "false",
     .help = "Name and count each key that points does not have, once."},
    {.key = "points",
     .type = CONF_LIST,
     .sub = &point_schema,
     .field = SHDR(points),
     .count = SHDR(point_n),
     .most = 10000,
     .help = "What is read from lines."},
};
const struct conf_schema shdr_schema = CONF_SCHEMA(struct shdr_conf, shdr_row);

static const char *key_of(const struct shdr_point_conf *p) {
    return p->key[0] != '\0' ? p->key : p->name;
}

static void finish_point(const struct shdr_conf *c, size_t i, struct conf_report *report) {
    const struct shdr_point_conf *p = &c->points[i];
    struct quantity q;
    char why[160] = "out of memory";

    if (quantity_init(&q, &p->quantity, false, why) != ERR_OK) {
        conf_report_at(report, p->pos, "point %s: %s", p->name, why);
        return;
    }
    struct point shape = q.shape;
    quantity_fini(&q);
    snprintf(shape.name, sizeof shape.name, "%s", p->name);
    snprintf(shape.hint, sizeof shape.hint, "%s", p->hint);
    if (!point_check(&shape))
        conf_report_at(report, p->pos,
                       "point %s: a name is of [A-Za-z0-9_./:-], a hint is an id of [a-z0-9_-]",
                       p->name);
    if (p->quantity.type == POINT_INTERVAL)
        conf_report_at(report, p->pos, "point %s: SHDR has no intervals", p->name);
    if ((p->form == LINE_CONDITION || p->form == LINE_MESSAGE) && p->quantity.type != POINT_STATE)
        conf_report_at(report, p->pos, "point %s: a condition or message is a state", p->name);
    for (size_t j = 0; j < i; j++)
        if (strcmp(c->points[j].name, p->name) == 0 ||
            strcmp(key_of(&c->points[j]), key_of(p)) == 0)
            conf_report_at(report, p->pos, "name or key of %s stands in two points", p->name);
}

void shdr_conf_finish(const struct shdr_conf *c, struct conf_report *report) {
    for (size_t i = 0; i < c->point_n; i++)
        finish_point(c, i, report);
}
