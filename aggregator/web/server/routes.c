/* What is served where: a table of paths, one small function each. */
#include <stdio.h>

#include "views/entry.h"
#include "web/web_impl.h"

void route_view(const struct web *w, struct core *core, struct view_extra *extra,
                struct view_in *in) {
    *extra = (struct view_extra){0};
    if (w->source.extra)
        w->source.extra(w->source.user, extra);
    *in = (struct view_in){.core = core,
                           .now = w->source.now(w->source.user),
                           .stale_ms = w->conf.stale_ms,
                           .extra = extra};
}

static int finish(struct client *c, const struct json_writer *w) {
    if (json_writer_finish(w))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_json(c, 200);
}

/* A view of all that the daemon knows now. */
static int show(struct client *c, struct core *core,
                void (*view)(struct json_writer *w, const struct view_in *in)) {
    struct view_extra extra;
    struct view_in in;
    struct json_writer w;
    route_view(c->web, core, &extra, &in);
    json_writer_init(&w, &c->body);
    view(&w, &in);
    return finish(c, &w);
}

static int get_status(struct client *c, struct core *core, const char *id) {
    (void)id;
    return show(c, core, view_health);
}

static int get_agents(struct client *c, struct core *core, const char *id) {
    (void)id;
    return show(c, core, view_agents);
}

static int get_plant(struct client *c, struct core *core, const char *id) {
    (void)id;
    struct json_writer w;
    json_writer_init(&w, &c->body);
    view_plant(&w, core_plant(core), c->web->source.now(c->web->source.user).wall_ms);
    return finish(c, &w);
}

/* The file in force, for `plantbus check --against`. It holds no secret. */
static int get_plant_file(struct client *c, struct core *core, const char *id) {
    (void)id;
    struct span text = core_plant(core)->text;
    if (text.n == 0)
        return reply_problem(c, 404, "not found", "this plant was not read from a file");
    if (buf_add(&c->body, text.p, text.n))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_bytes(c, 200, "application/yaml", NULL);
}

/* What is described, is told to whoever asks. */
static int get_openapi(struct client *c, struct core *core, const char *id) {
    struct page p;
    (void)core, (void)id;
    if (!page_find("/api/v1/openapi.json", &p))
        return reply_problem(c, 404, "not found", "this program has no description of its API");
    return reply_page(c, &p);
}

/* For `plantbus check --against`: where things are is for whoever runs the machine. */
static int get_settings(struct client *c, struct core *core, const char *id) {
    struct web *w = c->web;
    (void)core, (void)id;
    if (!w->source.settings)
        return reply_problem(c, 404, "not found", "these settings are not those of a file");
    if (lws_get_vhost(c->wsi) != w->local)
        return reply_problem(c, 403, "forbidden", "settings are told over the UNIX socket only");
    if (w->source.settings(w->source.user, &c->body))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_bytes(c, 200, "application/yaml", NULL);
}

static int get_indicators(struct client *c, struct core *core, const char *id) {
    (void)core, (void)id;
    struct json_writer w;
    json_writer_init(&w, &c->body);
    view_indicators(&w);
    return finish(c, &w);
}

static int get_unassigned(struct client *c, struct core *core, const char *id) {
    (void)id;
    return show(c, core, view_unassigned);
}

static int get_unplaced(struct client *c, struct core *core, const char *id) {
    (void)id;
    return show(c, core, view_unplaced);
}

static int get_metrics(struct client *c, struct core *core, const char *id) {
    (void)id;
    struct view_extra extra;
    struct view_in in;
    route_view(c->web, core, &extra, &in);
    if (view_metrics(&c->body, &in))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_bytes(c, 200, "text/plain; version=0.0.4; charset=utf-8", NULL);
}

static int unknown_window(struct client *c) {
    return reply_wrong(c, 400, "window: one of rolling, hour, shift, day");
}

static int get_node(struct client *c, struct core *core, const char *id) {
    char text[ARGS_TEXT];
    unsigned windows = VIEW_ALL_WINDOWS;
    uint32_t node = plant_find_node(core_plant(core), id);
    if (node == UINT32_MAX)
        return reply_wrong(c, 404, "id: no node of the plant has this id");
    if (route_argument(c, "window", text, sizeof text)) {
        enum view_window v = view_window_find(span_str(text));
        if (v == VIEW_WINDOW_COUNT)
            return unknown_window(c);
        windows = 1U << v;
    }
    struct view_extra extra;
    struct view_in in;
    struct json_writer w;
    route_view(c->web, core, &extra, &in);
    json_writer_init(&w, &c->body);
    view_node(&w, &in, node, windows);
    return finish(c, &w);
}

static int get_unit(struct client *c, struct core *core, const char *id) {
    const struct plant *p = core_plant(core);
    uint32_t unit = plant_find_unit(p, id);
    if (unit == UINT32_MAX)
        return reply_wrong(c, 404, "id: no unit of the plant has this id");
    return get_node(c, core, p->node[p->unit[unit].node].id.s);
}

static int get_state(struct client *c, struct core *core, const char *id) {
    const uint32_t unit = plant_find_unit(core_plant(core), id);
    struct view_extra extra;
    struct view_in in;
    struct json_writer w;
    if (unit == UINT32_MAX)
        return reply_wrong(c, 404, "id: no unit of the plant has this id");
    route_view(c->web, core, &extra, &in);
    json_writer_init(&w, &c->body);
    view_present(&w, &in, unit);
    return finish(c, &w);
}

static int get_stream(struct client *c, struct core *core, const char *id) {
    (void)id;
    char text[ARGS_TEXT];
    struct args a = {.c = c};
    const struct plant *p = core_plant(core);
    uint32_t node = p->node_n ? 0 : UINT32_MAX;
    enum view_window window = VIEW_SHIFT;
    if (c->close) /* the library would look for its end as long as the stream lasts */
        return reply_problem(c, 400, "bad request", "a stream takes no body");
    args_node(&a, p, &node);
    if (a.status)
        return args_refuse(&a);
    if (node == UINT32_MAX)
        return reply_problem(c, 404, "not found", "the plant has no node");
    if (route_argument(c, "window", text, sizeof text))
        window = view_window_find(span_str(text));
    if (window == VIEW_WINDOW_COUNT)
        return unknown_window(c);
    if (c->web->stats.streams_open >= c->web->conf.clients_max)
        return reply_problem(c, 503, "too many viewers", "the number of live streams is limited");
    return stream_begin(c, core, node, window);
}

/* unit, from, to, limit: as history has them; before: number of an entry. More of them at once
 * would hold the loop. */
static int get_entries(struct client *c, struct core *core, const char *id) {
    (void)id;
    enum { LIMIT_USUAL = 200, LIMIT_MAX = 1000 };
    char text[ARGS_TEXT];
    int64_t before = 0, limit = LIMIT_USUAL;
    struct args a = {.c = c};
    struct view_entries asked = {.unit = UINT32_MAX, .from_ms = INT64_MIN, .to_ms = INT64_MAX};
    static const struct sheet_rows rows = {
        "entries", "entry kind unit from to value text product reason note who entered key voids "
                   "voided_by agent point"};
    enum view_format format = VIEW_JSON;
    enum sheet_locale locale = SHEET_NONE;
    struct json_writer w;
    if (args_text(&a, "unit", text, sizeof text) &&
        (asked.unit = plant_find_unit(core_plant(core), text)) == UINT32_MAX)
        args_wrong(&a, 404, "unit: no unit of the plant has this id");
    args_time(&a, "from", &asked.from_ms);
    args_time(&a, "to", &asked.to_ms);
    args_number(&a, "before", 1, INT64_MAX, &before);
    args_number(&a, "limit", 1, LIMIT_MAX, &limit);
    if (sheets_format(&a, 1 << VIEW_JSON | 1 << VIEW_CSV, &format, &locale))
        return args_refuse(&a);
    asked.before = (uint64_t)before;
    asked.limit = (size_t)limit;
    json_writer_init(&w, &c->body);
    view_entries(&w, core, &asked);
    if (format == VIEW_JSON || json_writer_finish(&w))
        return finish(c, &w);
    sheets_name(c, "entries", "");
    return sheets_reply(c, core, &rows, "from to", locale);
}

/* A path with the parameters it takes, blanks between them. */
#define GET(where, how, what)                                                                      \
    { .path = "/api/v1/" where, .get = (how), .takes = (what) }
#define POST(where, whom)                                                                          \
    { .path = "/api/v1/" where, .post = (where), .post_for = (whom) }

const struct route web_routes[] = {
    GET("status", get_status, ""),
    GET("agents", get_agents, ""),
    GET("plant", get_plant, ""),
    GET("indicators", get_indicators, ""),
    GET("nodes/", get_node, "window"),
    GET("units/", get_unit, "window"),
    {.path = "/api/v1/units/",
     .get = past_get_timeline,
     .tail = "/timeline",
     .takes = "from to format locale"},
    {.path = "/api/v1/units/", .get = get_state, .tail = "/state", .takes = ""},
    GET("unassigned", get_unassigned, ""),
    GET("unplaced", get_unplaced, ""),
    GET("stream", get_stream, "node window"),
    GET("windows", past_get, "node kind from to product team limit format locale"),
    GET("stops", past_get_stops, "node from to limit format locale"),
    GET("scrap", past_get_scrap, "node from to format locale"),
    GET("orders", past_get_orders, "unit from to format locale"),
    GET("gauges", past_get_gauge, "unit gauge each from to format locale"),
    GET("explain", past_get_explain, "unit kind start indicator limit"),
    GET("energy/demand", past_get_energy_demand, "node from to format locale"),
    GET("energy/baseline", past_get_energy_baseline,
        "node from to grain driver* profile format locale"),
    GET("energy/cusum", past_get_energy_cusum,
        "node from to grain driver* profile "
        "reference_from reference_to baseline format locale"),
    GET("energy/report", past_get_energy_report,
        "node from to grain driver* profile "
        "reference_from reference_to baseline format locale"),
    GET("energy/balance", past_get_energy_balance, "node from to format locale"),
    GET("norms/suggest", past_get_norms_suggest,
        "node indicator from to product team method supplement"),
    GET("norms/attainment", past_get_norms_attainment, "node indicator from to product team by"),
    GET("norms/teams", past_get_norms_teams, "node indicator from to product"),
    GET("norms/status", past_get_norms_status, "node from to product team"),
    GET("norms/review", past_get_norms_review, "node to"),
    GET("norms/records", past_get_norms_records, "node indicator from to product team limit"),
    GET("norms/links", past_get_norms_links, "node from to"),
    GET("plant/file", get_plant_file, ""),
    GET("settings", get_settings, ""),
    {.path = "/api/v1/alerts",
     .get = alerts_get,
     .takes = "node all limit format locale",
     .post = "alerts"},
    GET("alerts/history", alerts_get_history, "rule node from to before limit format locale"),
    GET("alerts/figures", alerts_get_figures, "from to"),
    {.path = "/api/v1/alerts/letters",
     .get = alerts_get_letters,
     .takes = "channel after limit",
     .post = "alerts/letters"},
    POST("alerts/backtest", POST_BY_RIGHT),
    {.path = "/api/v1/alerts/rules",
     .get = alerts_get_rules,
     .takes = "node after limit",
     .post = "alerts/rules"},
    GET("alerts/rules/", alerts_get_rule, ""),
    POST("alerts/rules/check", POST_BY_RIGHT),
    POST("alerts/test", POST_BY_RIGHT),
    {.path = "/metrics", .get = get_metrics, .takes = "", .right = MAY_METRICS},
    {.path = "/api/v1/entries",
     .get = get_entries,
     .takes = "unit from to before limit format locale",
     .post = "entries"},
    {.path = "/api/v1/norms",
     .get = norms_get,
     .takes = "node indicator state overdue from limit format locale",
     .post = "norms"},
    GET("norms/why", norms_get_why, "node indicator quantity product operation team at"),
    GET("norms/audit", norms_get_audit, "from limit format locale"),
    GET("norms/", norms_get_one, ""),
    POST("reload", POST_BY_RIGHT),
    {.path = "/api/v1/session", .get = admit_get_session, .takes = "", .open = true},
    POST("login", POST_OPEN),
    POST("logout", POST_OPEN),
    POST("welcome", POST_OPEN),
    POST("password", POST_KNOWN),
    POST("pin", POST_KNOWN),
    POST("station", POST_KNOWN),
    {.path = "/api/v1/users",
     .get = admit_get_users,
     .takes = "",
     .right = MAY_ADMINISTER,
     .post = "users"},
    {.path = "/api/v1/users/", .get = admit_get_user, .right = MAY_ADMINISTER, .takes = ""},
    {.path = "/api/v1/tokens",
     .get = admit_get_tokens,
     .takes = "",
     .right = MAY_ADMINISTER,
     .post = "tokens"},
    {.path = "/api/v1/audit",
     .get = admit_get_audit,
     .takes = "before limit format locale",
     .right = MAY_AUDIT},
    GET("routes", admit_get_routes, ""),
    {.path = "/api/v1/openapi.json", .get = get_openapi, .takes = "", .open = true},
};
const unsigned web_route_n = sizeof web_routes / sizeof *web_routes;
