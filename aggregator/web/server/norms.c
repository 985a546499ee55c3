/* GET /api/v1/norms: the ledger as it stands, one norm with its history, which norm is in force and
 * why, the audit. */
#include "views/norms.h"
#include "web/web_impl.h"

/* Each some hundred bytes a field: what is formatted in one turn of the loop. */
enum { LIMIT_USUAL = 100, LIMIT_MAX = 500, AUDIT_USUAL = 100, AUDIT_MAX = 200, TEXT_MAX_N = 112 };

static int finish(struct client *c, const struct json_writer *w) {
    if (json_writer_finish(w))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_json(c, 200);
}

static bool indicator(struct client *c, enum indicator *out) {
    char text[TEXT_MAX_N];
    *out = INDICATOR_COUNT;
    if (!route_argument(c, "indicator", text, sizeof text))
        return true;
    *out = indicator_find(text);
    return *out != INDICATOR_COUNT;
}

static bool state_set(struct client *c, unsigned *out) {
    char text[TEXT_MAX_N];
    *out = 0;
    if (!route_argument(c, "state", text, sizeof text))
        return true;
    for (unsigned s = 0; s < NORM_STATE_COUNT; s++)
        if (strcmp(text, norm_state_name((enum norm_state)s)) == 0)
            *out = 1u << s;
    return *out != 0;
}

static const struct sheet_rows norm_rows = {
    "norms",
    "id status fields.class fields.indicator fields.scope.node fields.scope.product "
    "fields.scope.operation fields.scope.team fields.value fields.unit fields.low "
    "fields.high fields.target fields.origin fields.source fields.binding fields.from until "
    "fields.approved_by fields.owner fields.due overdue in_indicator_unit superseded_by "
    "imported_by event"};

int norms_get(struct client *c, struct core *core, const char *id) {
    (void)id;
    int64_t from = 0, limit = LIMIT_USUAL, overdue = 0;
    enum view_format format = VIEW_JSON;
    enum sheet_locale locale = SHEET_NONE;
    struct view_norms ask = {.node = UINT32_MAX};
    struct args a = {.c = c};
    struct json_writer w;
    args_node(&a, core_plant(core), &ask.node);
    if (!indicator(c, &ask.indicator))
        args_wrong(&a, 400, "indicator: none of this id; /api/v1/indicators tells them");
    if (!state_set(c, &ask.states))
        args_wrong(&a, 400,
                   "state: draft, proposed, trial, submitted, returned, approved, "
                   "in_force, superseded or withdrawn");
    args_number(&a, "overdue", 0, 1, &overdue);
    args_number(&a, "from", 0, INT32_MAX, &from);
    args_number(&a, "limit", 1, LIMIT_MAX, &limit);
    if (sheets_format(&a, 1 << VIEW_JSON | 1 << VIEW_CSV, &format, &locale))
        return args_refuse(&a);
    ask.overdue = overdue == 1;
    ask.from = (size_t)from;
    ask.limit = (size_t)limit;
    json_writer_init(&w, &c->body);
    view_norms(&w, core_norms(core), &ask, c->web->source.now(c->web->source.user).wall_ms);
    if (format == VIEW_JSON || json_writer_finish(&w))
        return finish(c, &w);
    sheets_name(c, "norms", "");
    return sheets_reply(c, core, &norm_rows, "fields.from from", locale);
}

int norms_get_one(struct client *c, struct core *core, const char *id) {
    struct json_writer w;
    const struct norm *n = ledger_find(core_norms(core), id);
    if (!n)
        return reply_wrong(c, 404, "id: there is no norm of this id");
    json_writer_init(&w, &c->body);
    char etag[ETAG_TEXT];
    view_norm_whole(&w, core_norms(core), n, c->web->source.now(c->web->source.user).wall_ms);
    view_norm_etag(core_norms(core), n, etag);
    return json_writer_finish(&w) ? finish(c, &w) : reply_tagged(c, etag);
}

int norms_get_why(struct client *c, struct core *core, const char *id) {
    (void)id;
    char quantity[TEXT_MAX_N], product[TEXT_MAX_N], operation[TEXT_MAX_N], team[TEXT_MAX_N];
    struct view_norm_why ask = {.t_ms = c->web->source.now(c->web->source.user).wall_ms};
    struct json_writer w;
    struct args a = {.c = c};
    ask.node = UINT32_MAX;
    args_node(&a, core_plant(core), &ask.node);
    if (ask.node == UINT32_MAX)
        args_wrong(&a, 400, "node: missing");
    if (!indicator(c, &ask.indicator))
        args_wrong(&a, 400, "indicator: none of this id; /api/v1/indicators tells them");
    if (route_argument(c, "quantity", quantity, sizeof quantity))
        ask.quantity = quantity;
    if ((ask.indicator == INDICATOR_COUNT) == !ask.quantity)
        args_wrong(&a, 400, "indicator: name one, or a quantity, and not both");
    if (route_argument(c, "product", product, sizeof product))
        ask.product = product;
    if (route_argument(c, "operation", operation, sizeof operation))
        ask.operation = operation;
    if (route_argument(c, "team", team, sizeof team))
        ask.team = team;
    args_time(&a, "at", &ask.t_ms);
    if (a.status)
        return args_refuse(&a);
    json_writer_init(&w, &c->body);
    view_norm_why(&w, core_norms(core), core_plant(core), &ask);
    return finish(c, &w);
}

int norms_get_audit(struct client *c, struct core *core, const char *id) {
    (void)id;
    enum { ALL = 1 << VIEW_JSON | 1 << VIEW_CSV | 1 << VIEW_JSONL };
    int64_t from = 1, limit = AUDIT_USUAL;
    struct sheet sheet = {.plant = core_plant(core)};
    enum view_format format = VIEW_JSON;
    struct args a = {.c = c};
    struct json_writer w;
    args_number(&a, "from", 1, INT64_MAX, &from);
    args_number(&a, "limit", 1, AUDIT_MAX, &limit);
    if (sheets_format(&a, ALL, &format, &sheet.locale))
        return args_refuse(&a);
    if (format == VIEW_JSON) {
        json_writer_init(&w, &c->body);
        view_norm_audit(&w, core_norms(core), (uint64_t)from, (size_t)limit);
        return finish(c, &w);
    }
    if (sheet.locale != SHEET_NONE)
        sheets_name(c, "norms-audit", "");
    if (view_norm_audit_file(&c->body, core_norms(core), (uint64_t)from, (size_t)limit,
                             format == VIEW_CSV) ||
        sheet_of(&sheet, &c->body))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_bytes(
        c, 200, format == VIEW_CSV ? "text/csv; charset=utf-8" : "application/x-ndjson", NULL);
}
