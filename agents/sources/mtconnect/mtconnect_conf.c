/* The rows of an MTConnect client, and the rules that span several of them. */
#include <stdio.h>

#include "mtconnect/mtconnect.h"
#include "mtconnect/picks.h"

#define POINT(member) CONF_FIELD(struct mtconnect_point_conf, member)
#define CRITERION(k, m, h)                                                                         \
    { .key = (k), .type = CONF_TEXT, .field = POINT(m), .max = 200, .fallback = "", .help = (h) }
static const struct conf_row point_row[] = {
    {.key = "name",
     .type = CONF_TEXT,
     .field = POINT(name),
     .min = 1,
     .max = POINT_NAME_MAX,
     .required = true,
     .help = "Name of the point. {device}, {component}, {item} and {id} stand for those of the "
             "data item; with them one rule makes many points."},
    CRITERION("id", id, "Data items of this id."),
    CRITERION("item", item, "Data items of this name."),
    CRITERION("item_type", item_type, "Data items of this type, such as EXECUTION."),
    CRITERION("sub_type", sub_type, "Data items of this subType, such as ACTUAL."),
    CRITERION("component", component,
              "Data items of a component of this element (Controller, Path, Linear), name or id."),
    CRITERION("device", device, "Data items of a device of this name or uuid."),
    {.key = "hint",
     .type = CONF_TEXT,
     .field = POINT(hint),
     .max = IDENT_MAX,
     .fallback = "",
     .help = "Unit it probably belongs to."},
    QUANTITY_ROWS(struct mtconnect_point_conf),
};
static const struct conf_schema point_schema = {.rows = point_row,
                                                .row_n = sizeof point_row / sizeof *point_row,
                                                .size = sizeof(struct mtconnect_point_conf),
                                                .pos = POINT(pos)};

#define AGENT(member) CONF_FIELD(struct mtconnect_conf, member)
static const struct conf_row mtconnect_row[] = {
    {.key = "url",
     .type = CONF_URL,
     .field = AGENT(url),
     .pos = AGENT(url_pos),
     .required = true,
     .help = "Of the MTConnect agent: http://host:5000, without probe, current or sample."},
    {.key = "device",
     .type = CONF_TEXT,
     .field = AGENT(device),
     .max = 200,
     .fallback = "",
     .help = "Name or uuid of the one device that is asked for; empty: all of the agent's."},
    {.key = "interval",
     .type = CONF_DURATION,
     .field = AGENT(interval_ms),
     .min = 1,
     .max = 600000,
     .fallback = "500 ms",
     .help = "Shortest time from one part of the stream to the next."},
    {.key = "heartbeat",
     .type = CONF_DURATION,
     .field = AGENT(heartbeat_ms),
     .min = 100,
     .max = 3600000,
     .fallback = "10 s",
     .help = "The agent says at least so often that nothing has changed; after twice this time of "
             "silence the connection is made anew."},
    {.key = "timeout",
     .type = CONF_DURATION,
     .field = AGENT(timeout_ms),
     .min = 100,
     .max = 600000,
     .fallback = "20 s",
     .help = "Longest wait for a connection, and for a whole answer that is no stream."},
    {.key = "count",
     .type = CONF_INT,
     .field = AGENT(count),
     .min = 1,
     .max = 100000,
     .fallback = "1000",
     .help = "Most observations of one part."},
    {.key = "history",
     .type = CONF_BOOL,
     .field = AGENT(history),
     .fallback = "false",
     .help = "The first time, read what the agent's buffer still has, instead of from now on."},
    {.key = "points",
     .type = CONF_LIST,
     .sub = &point_schema,
     .field = AGENT(points),
     .count = AGENT(point_n),
     .most = 10000,
     .help = "What is read; a data item goes to the first rule that fits."},
};
const struct conf_schema mtconnect_schema = CONF_SCHEMA(struct mtconnect_conf, mtconnect_row);

static bool chooses(const struct mtconnect_point_conf *p) {
    return p->id[0] != '\0' || p->item[0] != '\0' || p->item_type[0] != '\0' ||
           p->sub_type[0] != '\0' || p->component[0] != '\0';
}

static void finish_point(const struct mtconnect_point_conf *p, struct conf_report *report) {
    struct quantity q;
    char why[160] = "out of memory", name[POINT_NAME_MAX + 1];
    const struct picks_words probe = {span_str("d"), span_str("c"), span_str("i"), span_str("x")};

    if (!chooses(p))
        conf_report_at(report, p->pos,
                       "point %s chooses nothing: give id, item, item_type, sub_type or component",
                       p->name);
    if (p->quantity.type == POINT_INTERVAL)
        conf_report_at(report, p->pos, "point %s: MTConnect has no intervals", p->name);
    if (quantity_init(&q, &p->quantity, false, why) != ERR_OK) {
        conf_report_at(report, p->pos, "point %s: %s", p->name, why);
        return;
    }
    struct point shape = q.shape;
    quantity_fini(&q);
    if (picks_name(p->name, &probe, name) != ERR_OK) {
        conf_report_at(report, p->pos,
                       "point %s: what may stand in braces is device, component, item and id",
                       p->name);
        return;
    }
    memcpy(shape.name, name, sizeof name);
    snprintf(shape.hint, sizeof shape.hint, "%s", p->hint);
    if (!point_check(&shape))
        conf_report_at(report, p->pos,
                       "point %s: a name is of [A-Za-z0-9_./:-], a hint is an id of [a-z0-9_-]",
                       p->name);
}

/* The text's first n bytes, all digits. */
static bool port_check(const char *text, size_t n) {
    long port = 0;
    if (n < 1 || n > 5 || strspn(text, "0123456789") < n)
        return false;
    for (size_t i = 0; i < n; i++)
        port = port * 10 + (text[i] - '0');
    return port >= 1 && port <= 65535;
}

/* A path may follow: an agent behind another server. */
static bool url_check(const char *url) {
    const size_t scheme = strncmp(url, "http://", 7) == 0    ? 7
                          : strncmp(url, "https://", 8) == 0 ? 8
                                                             : 0;
    const char *host = url + scheme;
    if (scheme == 0 || strpbrk(host, "?#") != NULL)
        return false;
    const size_t n = strcspn(host, "/");
    const char *bracket = host[0] == '[' ? memchr(host, ']', n) : NULL;
    if (host[0] == '[' && bracket == NULL)
        return false;
    const char *end = bracket != NULL ? bracket + 1 : host + strcspn(host, ":/");
    if (end == host || end == host + n)
        return end != host;
    return *end == ':' && port_check(end + 1, (size_t)(host + n - end - 1));
}

void mtconnect_conf_finish(const struct mtconnect_conf *c, struct conf_report *report) {
    if (!url_check(c->url))
        conf_report_at(report, c->url_pos, "url is not http://HOST:PORT or https://HOST:PORT");
    if (strchr(c->url, '?') != NULL)
        conf_report_at(report, c->url_pos, "url ends before probe, current or sample");
    for (size_t i = 0; i < c->point_n; i++) {
        finish_point(&c->points[i], report);
        for (size_t j = 0; j < i; j++)
            if (strcmp(c->points[j].name, c->points[i].name) == 0 &&
                strchr(c->points[i].name, '{') == NULL)
                conf_report_at(report, c->points[i].pos, "name %s stands in two points",
                               c->points[i].name);
    }
}
