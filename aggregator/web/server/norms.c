/* GET /api/v1/norms: the ledger as it stands, one norm with its history, which norm is in force and
 * why, the audit. */
#include <stdlib.h>

#include "views/norms.h"
#include "web/web_impl.h"

/* Each some hundred bytes a field: what is formatted in one turn of the loop. */
enum { LIMIT_USUAL = 100, LIMIT_MAX = 500, AUDIT_USUAL = 100, AUDIT_MAX = 200, TEXT_MAX_N = 112 };

static int finish(struct client *c, const struct json_writer *w) {
    if (json_writer_finish(w))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_json(c, 200);
}

static int bad(struct client *c, const char *why) {
    return reply_problem(c, 400, "bad request", why);
}

/* A number from least to most; what is not given stays. */
static bool number(struct client *c, const char *name, int64_t least, int64_t most, int64_t *out) {
    char text[TEXT_MAX_N], *end = NULL;
    if (!route_argument(c, name, text, sizeof text))
        return true;
    *out = strtoll(text, &end, 10);
    return *text && !*end && *out >= least && *out <= most;
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

int norms_get(struct client *c, struct core *core, const char *id) {
    (void)id;
    char text[TEXT_MAX_N];
    int64_t from = 0, limit = LIMIT_USUAL, overdue = 0;
    struct view_norms ask = {.node = UINT32_MAX};
    struct json_writer w;
    if (route_argument(c, "node", text, sizeof text) &&
        (ask.node = plant_find_node(core_plant(core), text)) == UINT32_MAX)
        return reply_problem(c, 404, "not found", "node: no node of the plant has this id");
    if (!indicator(c, &ask.indicator))
        return bad(c, "indicator: none of this id; /api/v1/indicators tells them");
    if (!state_set(c, &ask.states))
        return bad(c, "state: draft, proposed, trial, submitted, returned, approved, in_force, "
                      "superseded or withdrawn");
    if (!number(c, "overdue", 0, 1, &overdue) || !number(c, "from", 0, INT32_MAX, &from) ||
        !number(c, "limit", 1, LIMIT_MAX, &limit))
        return bad(c, "overdue: 0 or 1; from: a place in the list; limit: 1 to 500");
    ask.overdue = overdue == 1;
    ask.from = (size_t)from;
    ask.limit = (size_t)limit;
    json_writer_init(&w, &c->body);
    view_norms(&w, core_norms(core), &ask, c->web->source.now(c->web->source.user).wall_ms);
    return finish(c, &w);
}

int norms_get_one(struct client *c, struct core *core, const char *id) {
    struct json_writer w;
    const struct norm *n = ledger_find(core_norms(core), id);
    if (!n)
        return reply_problem(c, 404, "not found", "there is no norm of this id");
    json_writer_init(&w, &c->body);
    view_norm_whole(&w, core_norms(core), n, c->web->source.now(c->web->source.user).wall_ms);
    return finish(c, &w);
}

int norms_get_why(struct client *c, struct core *core, const char *id) {
    (void)id;
    char node[TEXT_MAX_N], quantity[TEXT_MAX_N], product[TEXT_MAX_N], operation[TEXT_MAX_N],
        team[TEXT_MAX_N], at[TEXT_MAX_N];
    struct view_norm_why ask = {.t_ms = c->web->source.now(c->web->source.user).wall_ms};
    struct json_writer w;
    if (!route_argument(c, "node", node, sizeof node) ||
        (ask.node = plant_find_node(core_plant(core), node)) == UINT32_MAX)
        return reply_problem(c, 404, "not found", "node: no node of the plant has this id");
    if (!indicator(c, &ask.indicator))
        return bad(c, "indicator: none of this id; /api/v1/indicators tells them");
    if (route_argument(c, "quantity", quantity, sizeof quantity))
        ask.quantity = quantity;
    if ((ask.indicator == INDICATOR_COUNT) == !ask.quantity)
        return bad(c, "name an indicator, or a quantity");
    if (route_argument(c, "product", product, sizeof product))
        ask.product = product;
    if (route_argument(c, "operation", operation, sizeof operation))
        ask.operation = operation;
    if (route_argument(c, "team", team, sizeof team))
        ask.team = team;
    if (route_argument(c, "at", at, sizeof at) && !past_time(at, &ask.t_ms))
        return bad(c, "at: expected a time");
    json_writer_init(&w, &c->body);
    view_norm_why(&w, core_norms(core), core_plant(core), &ask);
    return finish(c, &w);
}

int norms_get_audit(struct client *c, struct core *core, const char *id) {
    (void)id;
    char format[TEXT_MAX_N] = "json";
    int64_t from = 1, limit = AUDIT_USUAL;
    struct json_writer w;
    if (!number(c, "from", 1, INT64_MAX, &from) || !number(c, "limit", 1, AUDIT_MAX, &limit))
        return bad(c, "from: number of an event; limit: 1 to 200");
    (void)route_argument(c, "format", format, sizeof format);
    const bool csv = strcmp(format, "csv") == 0;
    if (csv || strcmp(format, "jsonl") == 0) {
        if (view_norm_audit_file(&c->body, core_norms(core), (uint64_t)from, (size_t)limit, csv))
            return reply_problem(c, 503, "out of memory", "the answer did not fit");
        return reply_bytes(c, 200, csv ? "text/csv; charset=utf-8" : "application/jsonl", NULL);
    }
    if (strcmp(format, "json") != 0)
        return bad(c, "format: json, jsonl or csv");
    json_writer_init(&w, &c->body);
    view_norm_audit(&w, core_norms(core), (uint64_t)from, (size_t)limit);
    return finish(c, &w);
}
