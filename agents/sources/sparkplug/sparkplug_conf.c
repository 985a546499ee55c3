/* The rows of a source of Sparkplug, and the rules that span several of them. */
#include <stdio.h>

#include "sparkplug/sprules.h"
#include "sparkplug/sptopic.h"

static const struct conf_word clock_word[] = {
    {"metric", SPARKPLUG_METRIC, "the metric's time, else the message's"},
    {"arrival", SPARKPLUG_ARRIVAL, "the moment at which the message came; for wrong clocks"}};

#define RULE(member) CONF_FIELD(struct sparkplug_rule, member)
#define PATTERN(what, about)                                                                       \
    {                                                                                              \
        .key = #what, .type = CONF_TEXT, .field = RULE(what), .max = 200, .fallback = "*",         \
        .help = (about)                                                                            \
    }
static const struct conf_row rule_row[] = {
    PATTERN(group, "Group ids it is for; * is any run of characters."),
    PATTERN(node, "Edge node ids it is for."),
    PATTERN(device, "Device ids it is for; '' is the node itself."),
    PATTERN(metric, "Names of metrics it is for, such as 'Counters/*'."),
    {.key = "ignore",
     .type = CONF_BOOL,
     .field = RULE(ignore),
     .fallback = "false",
     .help = "What it matches is no point, whatever later rules say."},
    {.key = "name",
     .type = CONF_TEXT,
     .field = RULE(name),
     .min = 1,
     .max = 200,
     .fallback = "{node}/{device}/{metric}",
     .help = "Name of the point, of {group} {node} {device} {metric}; what a name may not have "
             "becomes a dash."},
    {.key = "hint",
     .type = CONF_TEXT,
     .field = RULE(hint),
     .max = 200,
     .fallback = "",
     .help = "Unit it probably belongs to, of the same names."},
    {.key = "clock",
     .type = CONF_ENUM,
     .field = RULE(clock),
     .words = clock_word,
     .word_n = 2,
     .fallback = "metric",
     .help = "Which time the readings get."},
    QUANTITY_ROWS(struct sparkplug_rule),
};
static const struct conf_schema rule_schema = {.rows = rule_row,
                                               .row_n = sizeof rule_row / sizeof rule_row[0],
                                               .size = sizeof(struct sparkplug_rule),
                                               .pos = RULE(pos)};

#define SPARKPLUG(member) CONF_FIELD(struct sparkplug_conf, member)
static const struct conf_row sparkplug_row[] = {
    {.key = "broker",
     .type = CONF_MAP,
     .sub = &mqttlink_schema,
     .field = SPARKPLUG(broker),
     .required = true,
     .help = "The broker of the edge nodes."},
    {.key = "host_id",
     .type = CONF_TEXT,
     .field = SPARKPLUG(host_id),
     .pos = SPARKPLUG(host_pos),
     .min = 1,
     .max = 100,
     .fallback = "plantbus",
     .help = "Id of this host application, unique among all; edge nodes that have it as their "
             "primary host publish only while we are there."},
    {.key = "groups",
     .type = CONF_SCALARS,
     .item = CONF_TEXT,
     .field = SPARKPLUG(groups),
     .count = SPARKPLUG(group_n),
     .most = MQTTLINK_FILTER_MAX - 1,
     .help = "Group ids to listen to; none: all of them."},
    {.key = "state",
     .type = CONF_BOOL,
     .field = SPARKPLUG(state),
     .fallback = "true",
     .help = "Publish STATE, as a host application must; false only beside another host, to listen "
             "without being seen."},
    {.key = "rebirth",
     .type = CONF_BOOL,
     .field = SPARKPLUG(rebirth),
     .fallback = "true",
     .help = "Ask nodes for a birth when theirs was not heard or a message is missing."},
    {.key = "rebirth_every",
     .type = CONF_DURATION,
     .field = SPARKPLUG(rebirth_every_ms),
     .min = 100,
     .max = 86400000,
     .fallback = "60 s",
     .help = "Shortest time from one such request to a node to the next."},
    {.key = "reorder",
     .type = CONF_DURATION,
     .field = SPARKPLUG(reorder_ms),
     .max = 600000,
     .fallback = "2 s",
     .help = "How long messages behind a missing one wait for it (Reorder Timeout)."},
    {.key = "heartbeat",
     .type = CONF_DURATION,
     .field = SPARKPLUG(heartbeat_ms),
     .min = 1000,
     .max = 3600000,
     .fallback = "10 s",
     .help = "When nothing came for so long, STATE is published again: its echo shows that the "
             "silence is the plant's and not the connection's."},
    {.key = "nodes_max",
     .type = CONF_INT,
     .field = SPARKPLUG(nodes_max),
     .min = 1,
     .max = 10000,
     .fallback = "200",
     .help = "Most edge nodes that are kept in mind."},
    {.key = "points_max",
     .type = CONF_INT,
     .field = SPARKPLUG(points_max),
     .min = 1,
     .max = 60000,
     .fallback = "5000",
     .help = "Most points; a node has at most four times as many metrics."},
    {.key = "rules",
     .type = CONF_LIST,
     .sub = &rule_schema,
     .field = SPARKPLUG(rules),
     .count = SPARKPLUG(rule_n),
     .least = 1,
     .most = 10000,
     .help = "Which metrics are points; the first that matches holds, the rest is passed over."},
};
const struct conf_schema sparkplug_schema = CONF_SCHEMA(struct sparkplug_conf, sparkplug_row);

static void finish_template(const struct sparkplug_rule *k, const char *key, const char *text,
                            struct conf_report *report) {
    const struct sprules_metric none = {{0}, {0}, {0}, {0}, {0}};
    char name[256];
    if (*text != '\0' && sprules_name(text, &none, name, sizeof name) == ERR_CONFIG)
        conf_report_at(report, k->pos,
                       "%s has something in braces that is not {group}, {node}, {device} or "
                       "{metric}",
                       key);
}

static void finish_rule(const struct sparkplug_rule *k, struct conf_report *report) {
    struct quantity q;
    char why[160] = "out of memory";
    if (k->ignore)
        return;
    finish_template(k, "name", k->name, report);
    finish_template(k, "hint", k->hint, report);
    if (k->quantity.type == QUANTITY_INTERVAL) {
        conf_report_at(report, k->pos, "a metric has no length, so it cannot be of type interval");
        return;
    }
    if (quantity_init(&q, &k->quantity, false, why) != ERR_OK) {
        conf_report_at(report, k->pos, "%s", why);
        return;
    }
    quantity_fini(&q);
}

void sparkplug_conf_finish(const struct sparkplug_conf *c, struct conf_report *report) {
    mqttlink_conf_finish(&c->broker, "broker", report);
    if (!sptopic_id_check(c->host_id))
        conf_report_at(report, c->host_pos, "host_id may not have any of / + #");
    for (size_t i = 0; i < c->group_n; i++)
        if (!sptopic_id_check(c->groups[i]))
            conf_report_at(report, c->host_pos, "a group may not be empty nor have any of / + #");
    if (!c->rebirth && c->reorder_ms == 0)
        conf_report_at(report, c->host_pos,
                       "reorder 0 s without rebirth: a node would be lost with its first message "
                       "that is");
    for (size_t i = 0; i < c->rule_n; i++)
        finish_rule(&c->rules[i], report);
}
