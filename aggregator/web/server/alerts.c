/* GET /api/v1/alerts: those that stand; what happened to them; figures of the alarm system; what
 * could not be told of them. */
#include <stdlib.h>
#include <string.h>

#include "views/alerts.h"
#include "web/web_impl.h"

enum { LIMIT_USUAL = 200, LIMIT_MAX = 1000, TEXT_BYTES = 112 };

static int bad(struct client *c, const char *why) {
    return reply_problem(c, 400, "bad request", why);
}

static int no_node(struct client *c) {
    return reply_problem(c, 404, "not found", "node: no node of the plant has this id");
}

/* A number from 1 to most; what is not given stays. */
static bool number(struct client *c, const char *name, int64_t most, int64_t *out) {
    char text[TEXT_BYTES], *end = NULL;
    if (!route_argument(c, name, text, sizeof text))
        return true;
    *out = strtoll(text, &end, 10);
    return *text && !*end && *out >= 1 && *out <= most;
}

static bool time_of(struct client *c, const char *name, int64_t *out) {
    char text[TEXT_BYTES];
    return !route_argument(c, name, text, sizeof text) || past_time(text, out);
}

/* node, all=1, limit. */
int alerts_get(struct client *c, struct core *core, const char *id) {
    (void)id;
    char text[TEXT_BYTES];
    int64_t limit = LIMIT_USUAL, all = 0;
    struct view_alerts ask = {.node = UINT32_MAX};
    struct json_writer w;
    if (route_argument(c, "node", text, sizeof text) &&
        (ask.node = plant_find_node(core_plant(core), text)) == UINT32_MAX)
        return no_node(c);
    if (!number(c, "limit", LIMIT_MAX, &limit) || !number(c, "all", 1, &all))
        return bad(c, "limit: 1 to 1000; all: 1");
    ask.limit = (size_t)limit;
    ask.all = all == 1;
    json_writer_init(&w, &c->body);
    if (view_alerts(&w, core, &ask, c->web->source.now(c->web->source.user).wall_ms))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_json(c, 200);
}

/* rule, node, from, to, before, limit. Rules and nodes may be gone by now. */
int alerts_get_history(struct client *c, struct core *core, const char *id) {
    (void)id;
    char text[TEXT_BYTES];
    const int64_t all = (int64_t)core_alerts_durable(core) + 1;
    int64_t limit = LIMIT_USUAL, before = all;
    struct view_history ask = {
        .what = VIEW_PAST_ALERTS,
        .query = {.plant = core_plant(core), .from_ms = INT64_MIN / 2, .to_ms = INT64_MAX}};
    if (route_argument(c, "node", text, sizeof text) &&
        !ident_set(&ask.alarms.node, span_str(text)))
        return no_node(c);
    if (route_argument(c, "rule", text, sizeof text) &&
        !ident_set(&ask.alarms.rule, span_str(text)))
        return bad(c, "rule: the id of a rule is expected");
    if (!time_of(c, "from", &ask.query.from_ms) || !time_of(c, "to", &ask.query.to_ms))
        return bad(c, "from, to: times are expected");
    if (!number(c, "limit", LIMIT_MAX, &limit) || !number(c, "before", INT64_MAX, &before))
        return bad(c, "limit: 1 to 1000; before: number of an event");
    ask.query.limit = (size_t)limit;
    ask.alarms.before = (uint64_t)(before < all ? before : all); /* beyond them nothing is read */
    return past_send(c, core, &ask);
}

/* from, to; else the last day. */
int alerts_get_figures(struct client *c, struct core *core, const char *id) {
    (void)id;
    const int64_t now_ms = c->web->source.now(c->web->source.user).wall_ms;
    struct view_history ask = {.what = VIEW_PAST_ALARM_FIGURES,
                               .query = {.plant = core_plant(core), .to_ms = now_ms},
                               .alarms = {.before = core_alerts_durable(core) + 1}};
    if (!time_of(c, "to", &ask.query.to_ms))
        return bad(c, "to: a time is expected");
    ask.query.from_ms = ask.query.to_ms - UTC_DAY_MS;
    if (!time_of(c, "from", &ask.query.from_ms))
        return bad(c, "from: a time is expected");
    if (ask.query.from_ms >= ask.query.to_ms ||
        ask.query.to_ms - ask.query.from_ms > 400 * UTC_DAY_MS)
        return bad(c, "from: lies before to, by at most 400 days");
    view_alarms_now(core, now_ms, &ask.alarms.now);
    return past_send(c, core, &ask);
}

/* --- rules --------------------------------------------------------------------------------------
 */

static int answer_rules(struct client *c, struct web_rules_ask *ask) {
    const struct web *w = c->web;
    const enum err err =
        w->source.rules ? w->source.rules(w->source.user, ask, &c->body) : ERR_NOT_FOUND;
    if (err == ERR_NOT_FOUND)
        return reply_problem(c, 404, "not found", "no rule has this id");
    if (err)
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_bytes(c, 200, "application/json", ask->rule ? ask->etag : NULL);
}

/* node, after, limit. */
int alerts_get_rules(struct client *c, struct core *core, const char *id) {
    (void)id;
    char text[TEXT_BYTES], after[IDENT_MAX + 1] = "";
    int64_t limit = LIMIT_USUAL;
    struct web_rules_ask ask = {.node = UINT32_MAX, .after = after};
    if (route_argument(c, "node", text, sizeof text) &&
        (ask.node = plant_find_node(core_plant(core), text)) == UINT32_MAX)
        return no_node(c);
    (void)route_argument(c, "after", after, sizeof after);
    if (!number(c, "limit", LIMIT_MAX, &limit))
        return bad(c, "limit: 1 to 1000");
    ask.limit = (size_t)limit;
    return answer_rules(c, &ask);
}

int alerts_get_rule(struct client *c, struct core *core, const char *id) {
    struct web_rules_ask ask = {.rule = id};
    (void)core;
    return answer_rules(c, &ask);
}

/* CHANNEL/NUMBER, as `next` has it. */
static bool place_of(struct client *c, struct view_alarms *out) {
    char text[TEXT_BYTES], *end = NULL;
    if (!route_argument(c, "after", text, sizeof text))
        return true;
    char *slash = strchr(text, '/');
    if (!slash || slash[1] < '0' || slash[1] > '9')
        return false;
    *slash = 0;
    out->before = strtoull(slash + 1, &end, 10);
    return !*end && ident_set(&out->after, span_str(text));
}

/* channel, after, limit. Channels may be gone by now. */
int alerts_get_letters(struct client *c, struct core *core, const char *id) {
    (void)id;
    char text[TEXT_BYTES];
    int64_t limit = LIMIT_USUAL;
    struct view_history ask = {.what = VIEW_PAST_LETTERS, .query = {.plant = core_plant(core)}};
    if (route_argument(c, "channel", text, sizeof text) &&
        !ident_set(&ask.alarms.channel, span_str(text)))
        return bad(c, "channel: the id of a channel is expected");
    if (!place_of(c, &ask.alarms))
        return bad(c, "after: CHANNEL/NUMBER is expected, as `next` has it");
    if (!number(c, "limit", LIMIT_MAX, &limit))
        return bad(c, "limit: 1 to 1000");
    ask.query.limit = (size_t)limit;
    return past_send(c, core, &ask);
}
