/* GET /api/v1/alerts: those that stand; what happened to them; figures of the alarm system; what
 * could not be told of them. */
#include <stdlib.h>
#include <string.h>

#include "views/alerts.h"
#include "web/web_impl.h"

enum { LIMIT_USUAL = 200, LIMIT_MAX = 1000 };

/* node, all=1, limit. */
int alerts_get(struct client *c, struct core *core, const char *id) {
    static const struct sheet_rows rows = {
        "alerts", "rule name node node_name state severity level since active_since until observed "
                  "no_data value threshold unit first_out flood flapping event who note"};
    (void)id;
    int64_t limit = LIMIT_USUAL, all = 0;
    enum view_format format = VIEW_JSON;
    enum sheet_locale locale = SHEET_NONE;
    struct view_alerts ask = {.node = UINT32_MAX};
    struct args a = {.c = c};
    struct json_writer w;
    args_node(&a, core_plant(core), &ask.node);
    args_number(&a, "limit", 1, LIMIT_MAX, &limit);
    args_number(&a, "all", 0, 1, &all);
    if (sheets_format(&a, 1 << VIEW_JSON | 1 << VIEW_CSV, &format, &locale))
        return args_refuse(&a);
    ask.limit = (size_t)limit;
    ask.all = all == 1;
    json_writer_init(&w, &c->body);
    if (view_alerts(&w, core, &ask, c->web->source.now(c->web->source.user).wall_ms))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    if (format == VIEW_JSON)
        return reply_json(c, 200);
    sheets_name(c, "alerts", "");
    return sheets_reply(c, core, &rows, NULL, locale);
}

/* rule, node, from, to, before, limit. Rules and nodes may be gone by now. */
int alerts_get_history(struct client *c, struct core *core, const char *id) {
    (void)id;
    const int64_t all = (int64_t)core_alerts_durable(core) + 1;
    int64_t limit = LIMIT_USUAL, before = all;
    struct args a = {.c = c};
    struct view_history ask = {
        .what = VIEW_PAST_ALERTS,
        .query = {.plant = core_plant(core), .from_ms = INT64_MIN / 2, .to_ms = INT64_MAX}};
    args_ident(&a, "node", &ask.alarms.node);
    args_ident(&a, "rule", &ask.alarms.rule);
    args_time(&a, "from", &ask.query.from_ms);
    args_time(&a, "to", &ask.query.to_ms);
    args_number(&a, "limit", 1, LIMIT_MAX, &limit);
    args_number(&a, "before", 1, INT64_MAX, &before);
    if (sheets_format(&a, 1 << VIEW_JSON | 1 << VIEW_CSV, &ask.format, &ask.locale))
        return args_refuse(&a);
    if (ask.locale != SHEET_NONE)
        sheets_name(c, "alerts-history", "");
    ask.query.limit = (size_t)limit;
    ask.alarms.before = (uint64_t)(before < all ? before : all); /* beyond them nothing is read */
    return past_send(c, core, &ask);
}

/* from, to; else the last day. */
int alerts_get_figures(struct client *c, struct core *core, const char *id) {
    (void)id;
    const int64_t now_ms = c->web->source.now(c->web->source.user).wall_ms;
    struct args a = {.c = c};
    struct view_history ask = {.what = VIEW_PAST_ALARM_FIGURES,
                               .query = {.plant = core_plant(core), .to_ms = now_ms},
                               .alarms = {.before = core_alerts_durable(core) + 1}};
    args_time(&a, "to", &ask.query.to_ms);
    ask.query.from_ms = ask.query.to_ms - UTC_DAY_MS;
    args_time(&a, "from", &ask.query.from_ms);
    if (ask.query.from_ms >= ask.query.to_ms ||
        ask.query.to_ms - ask.query.from_ms > 400 * UTC_DAY_MS)
        args_wrong(&a, 400, "from: lies before to, by at most 400 days");
    if (a.status)
        return args_refuse(&a);
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
        return reply_wrong(c, 404, "id: no rule has this id");
    if (err)
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return ask->etag[0] ? reply_tagged(c, ask->etag) : reply_json(c, 200);
}

/* node, after, limit. */
int alerts_get_rules(struct client *c, struct core *core, const char *id) {
    (void)id;
    struct ident after = {""};
    int64_t limit = LIMIT_USUAL;
    struct args a = {.c = c};
    struct web_rules_ask ask = {.node = UINT32_MAX, .after = after.s};
    args_node(&a, core_plant(core), &ask.node);
    args_ident(&a, "after", &after);
    args_number(&a, "limit", 1, LIMIT_MAX, &limit);
    if (a.status)
        return args_refuse(&a);
    ask.limit = (size_t)limit;
    return answer_rules(c, &ask);
}

int alerts_get_rule(struct client *c, struct core *core, const char *id) {
    struct web_rules_ask ask = {.rule = id};
    (void)core;
    return answer_rules(c, &ask);
}

/* CHANNEL/NUMBER, as `next` has it. */
static bool place_of(struct args *a, struct view_alarms *out) {
    char text[ARGS_TEXT], *end = NULL;
    if (!args_text(a, "after", text, sizeof text))
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
    int64_t limit = LIMIT_USUAL;
    struct args a = {.c = c};
    struct view_history ask = {.what = VIEW_PAST_LETTERS, .query = {.plant = core_plant(core)}};
    args_ident(&a, "channel", &ask.alarms.channel);
    if (!place_of(&a, &ask.alarms))
        args_wrong(&a, 400, "after: CHANNEL/NUMBER is expected, as `next` has it");
    args_number(&a, "limit", 1, LIMIT_MAX, &limit);
    if (a.status)
        return args_refuse(&a);
    ask.query.limit = (size_t)limit;
    return past_send(c, core, &ask);
}
