/* GET /api/v1/windows, orders, stops, scrap and a unit's timeline: what is asked for is checked
 * here, read off the loop by whoever the source names, and answered on a later turn. */
#include <stdio.h>
#include <stdlib.h>

#include "web/web_impl.h"

enum { LIMIT_USUAL = 500, LONGEST_USUAL = 20 };
#define LONG_MS (400 * UTC_DAY_MS)

struct pending { /* a page being read; its client may be gone before it is */
    struct client *client;
    struct plans plans; /* the core's, for whoever reads */
};

static void on_page(void *user, enum err err, struct buf *text, int64_t next_ms) {
    struct pending *p = user;
    struct client *c = p->client;
    plans_fini(&p->plans);
    free(p);
    if (!c)
        return;
    c->pending = NULL;
    c->failed = err;
    if (next_ms != INT64_MAX)
        utc_format(next_ms, c->next_from);
    if (!err) {
        c->body = *text; /* taken over */
        buf_init(text);
    }
    c->ready = true;
    lws_callback_on_writable(c->wsi);
}

void past_forget(struct client *c) {
    if (c->pending)
        c->pending->client = NULL;
    c->pending = NULL;
}

int past_reply(struct client *c) {
    c->ready = false;
    if (c->failed == ERR_BUSY)
        return reply_problem(c, 503, "busy", "too many questions to history at a time");
    if (c->failed)
        return reply_problem(c, 503, "history cannot be read", err_name(c->failed));
    return reply_bytes(c, 200, c->type, NULL);
}

/* --- arguments ----------------------------------------------------------------------------------
 */

struct asked {
    const struct plant *plant;
    struct core *core;
    int64_t now_ms;
    struct view_history out;
    bool node, kind, from, to, unknown_word;
    char why[160]; /* what is wrong, where that is no fixed text */
};

/* The years 0000 to 9999, all that RFC 3339 can say. */
#define LEAST_MS INT64_C(-62167219200000)
#define MOST_MS INT64_C(253402300799999)

/* RFC 3339, a date as its midnight (UTC), or milliseconds. */
bool past_time(const char *text, int64_t *out) {
    char full[64];
    char *end = NULL;
    long long ms = strtoll(text, &end, 10);
    if (*text && !*end) {
        *out = ms;
        return ms >= LEAST_MS && ms <= MOST_MS;
    }
    snprintf(full, sizeof full, "%s%s", text, strlen(text) == 10 ? "T00:00:00Z" : "");
    return utc_parse(span_str(full), out) == ERR_OK;
}

/* "node: no node of the plant has this id; did you mean press-1?", of nodes or of units alone. */
static const char *unknown_id(struct asked *a, const char *what, bool units, const char *text) {
    const struct plant *p = a->plant;
    const char **id = calloc(p->node_n + 1, sizeof *id);
    size_t n = 0;
    for (size_t i = 0; id && i < p->node_n; i++)
        if (!units || p->node[i].unit != UINT32_MAX)
            id[n++] = p->node[i].id.s;
    const char *near = id ? ident_nearest(text, id, n) : NULL;
    snprintf(a->why, sizeof a->why, "%s: no %s of the plant has this id%s%s%s", what, what,
             near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    free(id);
    return a->why;
}

static const char *take_node(struct asked *a, const char *text) {
    a->out.query.node = plant_find_node(a->plant, text);
    a->node = true;
    return a->out.query.node == UINT32_MAX ? unknown_id(a, "node", false, text) : NULL;
}

static const char *take_unit(struct asked *a, const char *text) {
    const uint32_t unit = plant_find_unit(a->plant, text);
    a->node = true;
    a->out.query.node = unit == UINT32_MAX ? UINT32_MAX : a->plant->unit[unit].node;
    return unit == UINT32_MAX ? unknown_id(a, "unit", true, text) : NULL;
}

static const char *take_kind(struct asked *a, const char *text) {
    unsigned k = 0;
    while (k < WINDOW_SHOWN_COUNT && strcmp(text, window_kind_name((enum window_kind)k)) != 0)
        k++;
    a->out.query.kind = (enum window_kind)k;
    a->kind = true;
    return k == WINDOW_SHOWN_COUNT ? "kind: one of minute, 15min, hour, shift, day" : NULL;
}

static const char *take_from(struct asked *a, const char *text) {
    a->from = true;
    return past_time(text, &a->out.query.from_ms)
               ? NULL
               : "from: expected a time such as 2026-11-23T06:00:00Z, a date or milliseconds";
}

static const char *take_to(struct asked *a, const char *text) {
    a->to = true;
    return past_time(text, &a->out.query.to_ms)
               ? NULL
               : "to: expected a time such as 2026-11-23T06:00:00Z, a date or milliseconds";
}

static uint32_t word_of(struct asked *a, const char *text) {
    uint32_t word = core_find_word(a->core, span_str(text));
    a->unknown_word = a->unknown_word || !word; /* never read: there is nothing of it */
    return word;
}

static const char *take_product(struct asked *a, const char *text) {
    a->out.query.product = word_of(a, text);
    return *text ? NULL : "product: expected the product as it was read";
}

static const char *take_team(struct asked *a, const char *text) {
    a->out.query.team = word_of(a, text);
    return *text ? NULL : "team: expected the team as it was read";
}

static const char *take_limit(struct asked *a, const char *text) {
    char *end = NULL;
    long n = strtol(text, &end, 10);
    a->out.query.limit = n > 0 ? (size_t)n : 0;
    return *text && !*end && n >= 1 && n <= HISTORY_LIMIT_MAX ? NULL
                                                              : "limit: a number from 1 to 1000";
}

static const char *const format_name[] = {"json", "csv", "jsonl"};
static const char *const format_type[] = {"application/json", "text/csv; charset=utf-8",
                                          "application/x-ndjson"};

static const char *take_format(struct asked *a, const char *text) {
    unsigned f = VIEW_JSON;
    while (f <= VIEW_JSONL && strcmp(text, format_name[f]) != 0)
        f++;
    a->out.format = (enum view_format)f;
    return f <= VIEW_JSONL ? NULL : "format: json, csv or jsonl";
}

enum {
    WINDOWS = 1 << VIEW_PAST_WINDOWS,
    STOPS = 1 << VIEW_PAST_STOPS,
    ORDERS = 1 << VIEW_PAST_ORDERS,
    SCRAP = 1 << VIEW_PAST_SCRAP,
    ANY = 255
};

static const struct argument_row {
    const char *name;
    const char *(*take)(struct asked *a, const char *text); /* what is wrong, or NULL */
    unsigned of;                                            /* who takes it */
} arguments[] = {
    {"node", take_node, WINDOWS | STOPS | SCRAP},
    {"unit", take_unit, ORDERS},
    {"kind", take_kind, WINDOWS},
    {"from", take_from, ANY},
    {"to", take_to, ANY},
    {"team", take_team, WINDOWS},
    {"product", take_product, WINDOWS},
    {"limit", take_limit, WINDOWS | STOPS},
    {"format", take_format, ANY},
};

static const char *take_argument(struct asked *a, char *fragment) {
    char *equals = strchr(fragment, '=');
    if (equals)
        *equals = 0;
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
        if (strcmp(fragment, arguments[i].name) == 0 && arguments[i].of >> a->out.what & 1)
            return arguments[i].take(a, equals ? equals + 1 : "");
    static const char *const known[] = {
        [VIEW_PAST_WINDOWS] =
            "known parameters: node, kind, from, to, product, team, limit, format",
        [VIEW_PAST_STOPS] = "known parameters: node, from, to, limit, format",
        [VIEW_PAST_TIMELINE] = "known parameters: from, to, format",
        [VIEW_PAST_ORDERS] = "known parameters: unit, from, to, format",
        [VIEW_PAST_SCRAP] = "known parameters: node, from, to, format"};
    return known[a->out.what];
}

/* Of stops, timelines, orders and scrap; without `from` the last day, eight hours, 31 days, a day.
 */
static const char *check_span(struct asked *a) {
    static const int64_t usual[] = {[VIEW_PAST_STOPS] = UTC_DAY_MS,
                                    [VIEW_PAST_TIMELINE] = 8 * UTC_HOUR_MS,
                                    [VIEW_PAST_ORDERS] = 31 * UTC_DAY_MS,
                                    [VIEW_PAST_SCRAP] = UTC_DAY_MS};
    struct history_query *q = &a->out.query;
    if (!a->node)
        return a->out.what == VIEW_PAST_ORDERS ? "unit: missing" : "node: missing";
    if (!a->to)
        q->to_ms = a->now_ms + 1;
    if (!a->from)
        q->from_ms = q->to_ms - usual[a->out.what];
    if (q->from_ms > q->to_ms)
        return "from: lies behind to";
    return q->to_ms - q->from_ms > LONG_MS ? "from: at most 400 days before to" : NULL;
}

static const char *check(struct asked *a) {
    struct history_query *q = &a->out.query;
    bool split = q->product || q->team || a->unknown_word;
    if (!a->node)
        return "node: missing";
    if (!a->kind)
        return "kind: missing; one of minute, 15min, hour, shift, day";
    if (split && q->kind != WINDOW_SHIFT && q->kind != WINDOW_DAY)
        return "kind: only shift and day are split by product and team";
    bool wide = q->kind == WINDOW_SHIFT || q->kind == WINDOW_DAY;
    if (!a->to)
        q->to_ms = a->now_ms + 1;
    if (!a->from)
        q->from_ms = q->to_ms - (wide ? 31 : 1) * UTC_DAY_MS;
    return q->from_ms > q->to_ms ? "from: lies behind to" : NULL;
}

static const char *read_arguments(struct client *c, struct asked *a) {
    char fragment[320];
    const char *wrong = NULL;
    for (int i = 0; !wrong; i++) {
        int n =
            lws_hdr_copy_fragment(c->wsi, fragment, sizeof fragment, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (n < 0 && lws_hdr_fragment_length(c->wsi, WSI_TOKEN_HTTP_URI_ARGS, i) > 0)
            return "a parameter is too long";
        if (n < 0)
            break;
        if (n > 0 && strcmp(fragment, "/") != 0) /* "?" alone is handed on as "/" */
            wrong = take_argument(a, fragment);
    }
    if (wrong)
        return wrong;
    return a->out.what == VIEW_PAST_WINDOWS ? check(a) : check_span(a);
}

static int get(struct client *c, struct core *core, enum view_past what, uint32_t unit) {
    struct web *w = c->web;
    struct asked a = {.plant = core_plant(core), .core = core, .out.what = what};
    if (!w->source.history)
        return reply_problem(c, 404, "not found", "no history is kept here");
    a.now_ms = w->source.now(w->source.user).wall_ms;
    a.out.query.limit = what == VIEW_PAST_STOPS ? LONGEST_USUAL : LIMIT_USUAL;
    a.node = unit != UINT32_MAX;
    a.out.query.node = a.node ? a.plant->unit[unit].node : 0;
    const char *wrong = read_arguments(c, &a);
    if (wrong)
        return reply_problem(c, a.node && a.out.query.node == UINT32_MAX ? 404 : 400, "bad request",
                             wrong);
    a.out.query.plant = a.plant;
    a.out.query.node_no = core_node_number(core, a.out.query.node);
    if (what != VIEW_PAST_WINDOWS)
        core_agents_of(core, a.out.query.node, a.out.agents);
    a.out.logs_from_ms = core_stats(core)->logs_from_ms;
    if (a.unknown_word)
        a.out.query.to_ms = a.out.query.from_ms;
    struct pending *p = calloc(1, sizeof *p);
    if (!p)
        return reply_problem(c, 503, "out of memory", "ask again later");
    if (what == VIEW_PAST_ORDERS &&
        plans_known(core, a.plant->node[a.out.query.node].unit, &p->plans)) {
        plans_fini(&p->plans);
        free(p);
        return reply_problem(c, 503, "out of memory", "ask again later");
    }
    a.out.known = &p->plans;
    p->client = c;
    c->type = format_type[a.out.format];
    c->pending = p;
    enum err err = w->source.history(w->source.user, &a.out, on_page, p);
    if (!err) {
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, WEB_STUCK_S);
        return REPLY_GOES_ON;
    }
    plans_fini(&p->plans);
    free(p);
    c->pending = NULL;
    c->failed = err;
    return past_reply(c);
}

int past_get(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_PAST_WINDOWS, UINT32_MAX);
}

int past_get_stops(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_PAST_STOPS, UINT32_MAX);
}

int past_get_scrap(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_PAST_SCRAP, UINT32_MAX);
}

int past_get_timeline(struct client *c, struct core *core, const char *id) {
    const uint32_t unit = plant_find_unit(core_plant(core), id);
    if (unit == UINT32_MAX)
        return reply_problem(c, 404, "not found", "no unit of the plant has this id");
    return get(c, core, VIEW_PAST_TIMELINE, unit);
}

int past_get_orders(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_PAST_ORDERS, UINT32_MAX);
}
