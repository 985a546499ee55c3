/* The rows of a source of MQTT messages, and the rules that span several of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "base/utc.h"
#include "mqtt/mqname.h"
#include "mqtt/mqtime.h"
#include "mqtt/mqtt.h"

#define WORDS(table) .words = (table), .word_n = sizeof(table) / sizeof((table)[0])

static const struct conf_word payload_word[] = {{"json", MQTT_JSON, NULL},
                                                {"plain", MQTT_PLAIN, "the value itself"}};
static const struct conf_word clock_word[] = {
    {"payload", MQTT_PAYLOAD, "the record's time; where the rule names none, as arrival"},
    {"arrival", MQTT_ARRIVAL, "the moment at which the message came; for wrong clocks"}};
static const struct conf_word form_word[] = {
    {"iso", MQTIME_ISO, "2026-11-23T06:00:00Z; without an offset it is of zone or utc_offset"},
    {"s", MQTIME_S, "since 1970, as a number or a text"},
    {"ms", MQTIME_MS, NULL},
    {"us", MQTIME_US, NULL},
    {"ns", MQTIME_NS, NULL}};
static const struct conf_word length_word[] = {
    {"ms", 1, NULL}, {"s", 1000, NULL}, {"min", 60000, NULL}};

#define POINT(member) CONF_FIELD(struct mqtt_point_conf, member)
static const struct conf_row point_row[] = {
    {.key = "name",
     .type = CONF_TEXT,
     .field = POINT(name),
     .min = 1,
     .max = 200,
     .required = true,
     .help = "Name of the point: {machine} or {1} is what stood at a wildcard of the topic, "
             "{/tags/host} what stands at a pointer; what a name may not have becomes a dash."},
    {.key = "hint",
     .type = CONF_TEXT,
     .field = POINT(hint),
     .max = 200,
     .fallback = "",
     .help = "Unit it probably belongs to, of the same names."},
    {.key = "value",
     .type = CONF_TEXT,
     .field = POINT(value),
     .given = POINT(has_value),
     .max = MQPOINTER_MAX,
     .fallback = "",
     .help = "Where the value stands: a JSON pointer (RFC 6901) such as /ENERGY/Total; '' is the "
             "whole record. A record without it says nothing of the point."},
    {.key = "amount",
     .type = CONF_TEXT,
     .field = POINT(amount),
     .max = 40,
     .fallback = "",
     .help = "Of an event, instead of a value: what each record counts, such as 1."},
    {.key = "tag",
     .type = CONF_TEXT,
     .field = POINT(tag),
     .max = MQPOINTER_MAX,
     .fallback = "",
     .help = "Events and intervals: where a code or a word of the map stands."},
    {.key = "length",
     .type = CONF_TEXT,
     .field = POINT(length),
     .max = MQPOINTER_MAX,
     .fallback = "",
     .help = "Intervals: where the length stands; the record's time is the end."},
    {.key = "length_unit",
     .type = CONF_ENUM,
     .field = POINT(length_ms),
     WORDS(length_word),
     .fallback = "ms",
     .help = "Of the length."},
    {.key = "quality",
     .type = CONF_TEXT,
     .field = POINT(quality),
     .max = MQPOINTER_MAX,
     .fallback = "",
     .help = "Where good, uncertain, bad, true, false or a code of OPC stands; where it does not, "
             "the value is good."},
    QUANTITY_ROWS(struct mqtt_point_conf),
};
static const struct conf_schema point_schema = {.rows = point_row,
                                                .row_n = sizeof point_row / sizeof point_row[0],
                                                .size = sizeof(struct mqtt_point_conf),
                                                .pos = POINT(pos)};

#define RULE(member) CONF_FIELD(struct mqtt_rule, member)
static const struct conf_row rule_row[] = {
    {.key = "topic",
     .type = CONF_TEXT,
     .field = RULE(topic),
     .min = 1,
     .max = 400,
     .required = true,
     .help = "Topics it is for: {name} or + is any one level, # at the end any number of them."},
    {.key = "payload",
     .type = CONF_ENUM,
     .field = RULE(payload),
     WORDS(payload_word),
     .fallback = "json",
     .help = "What a message holds."},
    {.key = "alive",
     .type = CONF_BOOL,
     .field = RULE(alive),
     .fallback = "false",
     .help = "Its messages have no points and only vouch for the time, such as those of "
             "$SYS/broker/uptime."},
    {.key = "records",
     .type = CONF_TEXT,
     .field = RULE(records),
     .given = RULE(has_records),
     .max = MQPOINTER_MAX,
     .fallback = "",
     .help = "Where an array of records (or one) stands; none: the payload is a record, or an "
             "array of them. Pointers are looked up in the record, then in the payload."},
    {.key = "where",
     .type = CONF_PAIRS,
     .field = RULE(where),
     .count = RULE(where_n),
     .most = 20,
     .help = "Pointers with the text that must stand there, else the record is not the rule's: "
             "{/name: energy}."},
    {.key = "time",
     .type = CONF_TEXT,
     .field = RULE(time),
     .max = MQPOINTER_MAX,
     .fallback = "",
     .help = "Where the time stands; none: the moment of arrival, and then a message that is sent "
             "twice counts twice."},
    {.key = "time_form",
     .type = CONF_ENUM,
     .field = RULE(time_form),
     WORDS(form_word),
     .fallback = "iso",
     .help = "How the time is written."},
    {.key = "clock",
     .type = CONF_ENUM,
     .field = RULE(clock),
     WORDS(clock_word),
     .fallback = "payload",
     .help = "Which time the readings get."},
    {.key = "silent_after",
     .type = CONF_DURATION,
     .field = RULE(silent_ms),
     .max = 366 * UTC_DAY_MS,
     .fallback = "0 s",
     .help = "A point that was not heard for so long is bad, though others are heard; 0 s: never."},
    {.key = "points",
     .type = CONF_LIST,
     .sub = &point_schema,
     .field = RULE(points),
     .count = RULE(point_n),
     .most = 1000,
     .help = "What is read from a record."},
};
static const struct conf_schema rule_schema = {.rows = rule_row,
                                               .row_n = sizeof rule_row / sizeof rule_row[0],
                                               .size = sizeof(struct mqtt_rule),
                                               .pos = RULE(pos)};

#define MQTT(member) CONF_FIELD(struct mqtt_conf, member)
static const struct conf_row mqtt_row[] = {
    {.key = "broker",
     .type = CONF_MAP,
     .sub = &mqttlink_schema,
     .field = MQTT(broker),
     .required = true,
     .help = "The broker of the publishers."},
    {.key = "filters",
     .type = CONF_SCALARS,
     .item = CONF_TEXT,
     .field = MQTT(filters),
     .count = MQTT(filter_n),
     .most = MQTTLINK_FILTER_MAX,
     .help = "Topic filters to subscribe to; none: those of the rules."},
    {.key = "heartbeat",
     .type = CONF_DURATION,
     .field = MQTT(heartbeat_ms),
     .min = 1000,
     .max = 366 * UTC_DAY_MS,
     .fallback = "60 s",
     .help = "A longer time without a message of the rules is time in which nothing is known."},
    {.key = "zone",
     .type = CONF_TEXT,
     .field = MQTT(zone),
     .pos = MQTT(zone_pos),
     .max = 60,
     .fallback = "",
     .help = "IANA zone of times without an offset; empty: utc_offset."},
    {.key = "utc_offset",
     .type = CONF_INT,
     .field = MQTT(offset_min),
     .unit = "min",
     .min = -720,
     .max = 840,
     .fallback = "0",
     .help = "Local time minus UTC, without a zone."},
    {.key = "points_max",
     .type = CONF_INT,
     .field = MQTT(points_max),
     .min = 1,
     .max = 60000,
     .fallback = "2000",
     .help = "Most points."},
    {.key = "bad_words",
     .type = CONF_SCALARS,
     .item = CONF_TEXT,
     .field = MQTT(bad_words),
     .count = MQTT(bad_word_n),
     .most = 100,
     .help = "Values that say there is none; none: NaN, null, UNAVAILABLE."},
    {.key = "rules",
     .type = CONF_LIST,
     .sub = &rule_schema,
     .field = MQTT(rules),
     .count = MQTT(rule_n),
     .least = 1,
     .most = 1000,
     .help = "What is read from which topics. A message goes to each rule with a `where`, and to "
             "the first without one."},
};
const struct conf_schema mqtt_schema = CONF_SCHEMA(struct mqtt_conf, mqtt_row);

/* --- a point ------------------------------------------------------------------------------------
 */

static void finish_pointer(struct conf_pos pos, const char *key, const char *pointer,
                           struct conf_report *report) {
    if (mqpointer_check(span_str(pointer)))
        return;
    if (*pointer == '/')
        conf_report_at(report, pos,
                       "%s is no JSON pointer: a ~ of a name is written ~0, a slash ~1", key);
    else
        conf_report_at(report, pos, "%s is no JSON pointer: did you mean /%s?", key, pointer);
}

static void finish_name(const struct mqtt_rule *r, const struct mqtt_point_conf *k, const char *key,
                        const char *pattern, struct conf_report *report) {
    struct mqtopic_captures names;
    char why[MQNAME_WHY];
    mqtopic_names(r->topic, &names);
    if (mqname_check(pattern, &names, r->payload == MQTT_JSON, why) != ERR_OK)
        conf_report_at(report, k->pos, "%s: %s", key, why);
}

static void finish_amount(const struct mqtt_point_conf *k, struct conf_report *report) {
    int64_t amount;
    if (k->quantity.type != QUANTITY_EVENT)
        conf_report_at(report, k->pos, "only an event has an amount in place of a value");
    else if (decimal_parse(span_str(k->amount), (int)k->quantity.decimals, &amount) != ERR_OK)
        conf_report_at(report, k->pos, "amount: expected a number such as 1, not \"%s\"",
                       k->amount);
    if (k->has_value)
        conf_report_at(report, k->pos, "value and amount exclude each other");
}

static void finish_spans(const struct mqtt_rule *r, const struct mqtt_point_conf *k,
                         struct conf_report *report) {
    const bool interval = k->quantity.type == QUANTITY_INTERVAL;
    if (*k->amount != '\0')
        finish_amount(k, report);
    if (interval != (*k->length != '\0'))
        conf_report_at(report, k->pos,
                       interval ? "an interval needs length: a pointer to it"
                                : "only an interval has a length");
    if (*k->tag != '\0' && !interval && k->quantity.type != QUANTITY_EVENT)
        conf_report_at(report, k->pos, "only events and intervals have a tag");
    if (r->payload == MQTT_JSON)
        return;
    if (k->has_value || *k->tag != '\0' || *k->length != '\0' || *k->quality != '\0')
        conf_report_at(report, k->pos,
                       "a plain payload is the value: it has no value, tag, length or quality to "
                       "point to");
}

static void finish_point(const struct mqtt_rule *r, const struct mqtt_point_conf *k,
                         struct conf_report *report) {
    struct quantity q;
    char why[160] = "out of memory";
    finish_name(r, k, "name", k->name, report);
    finish_name(r, k, "hint", k->hint, report);
    finish_pointer(k->pos, "value", k->value, report);
    finish_pointer(k->pos, "tag", k->tag, report);
    finish_pointer(k->pos, "length", k->length, report);
    finish_pointer(k->pos, "quality", k->quality, report);
    finish_spans(r, k, report);
    if (r->payload == MQTT_JSON && !k->has_value && *k->amount == '\0')
        conf_report_at(report, k->pos, "value is missing: the pointer to %s", k->name);
    if (quantity_init(&q, &k->quantity, false, why) != ERR_OK) {
        conf_report_at(report, k->pos, "%s", why);
        return;
    }
    quantity_fini(&q);
}

/* --- rules and filters --------------------------------------------------------------------------
 */

static void finish_payload(const struct mqtt_rule *r, struct conf_report *report) {
    const bool json = r->payload == MQTT_JSON;
    if (!json && (r->has_records || r->where_n > 0 || *r->time != '\0'))
        conf_report_at(report, r->pos, "a plain payload has no records, where or time");
    finish_pointer(r->pos, "records", r->records, report);
    finish_pointer(r->pos, "time", r->time, report);
    for (size_t i = 0; i < r->where_n; i++)
        finish_pointer(r->where[i].pos, "where", r->where[i].key, report);
}

static void finish_rule(const struct mqtt_rule *r, struct conf_report *report) {
    char why[MQTOPIC_WHY];
    if (mqtopic_check(r->topic, why) != ERR_OK) {
        conf_report_at(report, r->pos, "topic %s", why);
        return;
    }
    finish_payload(r, report);
    if (r->alive != (r->point_n == 0))
        conf_report_at(report, r->pos,
                       r->alive ? "a rule that is alive: true has no points"
                                : "points are missing; a rule whose messages only vouch for the "
                                  "time is alive: true");
    for (size_t i = 0; i < r->point_n; i++) {
        finish_point(r, &r->points[i], report);
        for (size_t k = 0; k < i; k++)
            if (strcmp(r->points[k].name, r->points[i].name) == 0)
                conf_report_at(report, r->points[i].pos, "name %s stands in two points of a rule",
                               r->points[i].name);
    }
}

/* A broker may hand a message over once for each filter it matches. */
static void finish_overlap(const struct mqtt_conf *c, char *const *filters, unsigned n,
                           struct conf_report *report) {
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < i; k++)
            if (mqtopic_overlaps(filters[i], filters[k]))
                conf_report_at(report, c->broker.pos,
                               "filters %s and %s overlap, and a broker may send what matches "
                               "both twice: write `filters:` with one that has both",
                               filters[k], filters[i]);
}

static void finish_filters(const struct mqtt_conf *c, struct conf_report *report) {
    char *filters[MQTTLINK_FILTER_MAX];
    unsigned n = 0;
    char why[MQTOPIC_WHY];
    for (size_t i = 0; i < c->filter_n; i++)
        if (mqtopic_check(c->filters[i], why) != ERR_OK) {
            conf_report_at(report, c->broker.pos, "filter %s", why);
            return;
        }
    const enum err e = mqtt_filters(c, filters, &n);
    if (e == ERR_RANGE)
        conf_report_at(report, c->broker.pos,
                       "the rules have over %d topics: write `filters:` with fewer, such as "
                       "plant/#",
                       MQTTLINK_FILTER_MAX);
    if (e != ERR_OK)
        return;
    finish_overlap(c, filters, n, report);
    for (size_t i = 0; i < c->rule_n && c->filter_n > 0; i++) {
        bool heard = false;
        for (unsigned k = 0; k < n; k++)
            heard |= mqtopic_overlaps(filters[k], c->rules[i].topic);
        if (!heard)
            conf_report_at(report, c->rules[i].pos, "no filter has topic %s", c->rules[i].topic);
    }
    for (unsigned i = 0; i < n; i++)
        free(filters[i]);
}

enum err mqtt_filters(const struct mqtt_conf *c, char *out[MQTTLINK_FILTER_MAX], unsigned *n) {
    const bool own = c->filter_n > 0;
    const size_t count = own ? c->filter_n : c->rule_n;
    enum err e = ERR_OK;
    *n = 0;
    for (size_t i = 0; i < count && e == ERR_OK; i++) {
        const char *topic = own ? c->filters[i] : c->rules[i].topic;
        bool covered = false;
        for (size_t k = 0; k < count && !own && !covered; k++) {
            const char *other = c->rules[k].topic;
            /* Of two that cover each other the first stays. */
            covered =
                k != i && mqtopic_covers(other, topic) && (k < i || !mqtopic_covers(topic, other));
        }
        char filter[512];
        if (covered)
            continue;
        e = *n == MQTTLINK_FILTER_MAX ? ERR_RANGE : mqtopic_filter(topic, filter, sizeof filter);
        if (e == ERR_OK && (out[*n] = strdup(filter)) == NULL)
            e = ERR_NOMEM;
        *n += e == ERR_OK;
    }
    for (unsigned i = 0; e != ERR_OK && i < *n; i++)
        free(out[i]);
    return e;
}

static void finish_zone(const struct mqtt_conf *c, struct conf_report *report) {
    struct buf bytes;
    if (*c->zone == '\0')
        return;
    buf_init(&bytes);
    if (clock_zone_bytes(c->zone, &bytes) != ERR_OK)
        conf_report_at(report, c->zone_pos, "there is no zone %s; expected one such as Europe/Rome",
                       c->zone);
    buf_fini(&bytes);
    if (c->offset_min != 0)
        conf_report_at(report, c->zone_pos, "zone and utc_offset exclude each other");
}

void mqtt_conf_finish(const struct mqtt_conf *c, struct conf_report *report) {
    mqttlink_conf_finish(&c->broker, "broker", report);
    finish_zone(c, report);
    for (size_t i = 0; i < c->rule_n; i++)
        finish_rule(&c->rules[i], report);
    for (size_t i = 0; i < c->rule_n; i++) {
        char why[MQTOPIC_WHY];
        if (mqtopic_check(c->rules[i].topic, why) != ERR_OK)
            return; /* told above */
    }
    finish_filters(c, report);
}
