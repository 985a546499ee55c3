/* GET /api/v1/windows, orders, stops, scrap, gauges, explain and a unit's timeline: what is asked
 * for is checked, read off the loop by whoever the source names, and answered on a later turn. */
#include <stdio.h>
#include <stdlib.h>

#include "web/past_asked.h"

enum { LIMIT_USUAL = 500, LONGEST_USUAL = 20, PARTS_USUAL = 50 };

struct pending { /* a page being read; its client may be gone before it is */
    struct client *client;
    struct plans plans; /* the core's, for whoever reads */
    struct view_energy_ask *energy;
};

static void pending_close(struct pending *p) {
    plans_fini(&p->plans);
    if (p->energy)
        view_energy_ask_fini(p->energy);
    free(p->energy);
    free(p);
}

static void on_page(void *user, enum err err, struct buf *text, int64_t next_ms) {
    struct pending *p = user;
    struct client *c = p->client;
    pending_close(p);
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
    if (c->failed == ERR_NOT_FOUND)
        return reply_wrong(c, 404,
                           "start: no such window is stored: nothing was known of that time");
    if (c->failed)
        return reply_problem(c, 503, "history cannot be read", err_name(c->failed));
    return reply_bytes(c, 200, c->type, NULL);
}

static const char *const format_type[] = {"application/json", "text/csv; charset=utf-8",
                                          "application/x-ndjson"};

int past_send(struct client *c, struct core *core, struct view_history *ask) {
    struct web *w = c->web;
    struct pending *p = calloc(1, sizeof *p);
    if (!p) {
        if (ask->energy)
            view_energy_ask_fini(ask->energy);
        free(ask->energy);
        return reply_problem(c, 503, "out of memory", "ask again later");
    }
    p->energy = ask->energy;
    if (!w->source.history) {
        pending_close(p);
        return reply_problem(c, 404, "not found", "no history is kept here");
    }
    if (ask->what == VIEW_PAST_ORDERS &&
        plans_known(core, ask->query.plant->node[ask->query.node].unit, &p->plans)) {
        pending_close(p);
        return reply_problem(c, 503, "out of memory", "ask again later");
    }
    ask->known = &p->plans;
    p->client = c;
    c->type = format_type[ask->format];
    c->pending = p;
    enum err err = w->source.history(w->source.user, ask, on_page, p);
    if (!err) {
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, WEB_STUCK_S);
        return REPLY_GOES_ON;
    }
    pending_close(p);
    c->pending = NULL;
    c->failed = err;
    return past_reply(c);
}

static int get(struct client *c, struct core *core, enum view_past what, uint32_t unit) {
    static const char *const name[] = {
        [VIEW_PAST_WINDOWS] = "windows",   [VIEW_PAST_STOPS] = "stops",
        [VIEW_PAST_TIMELINE] = "timeline", [VIEW_PAST_ORDERS] = "orders",
        [VIEW_PAST_SCRAP] = "scrap",       [VIEW_PAST_GAUGE] = "gauge"};
    struct web *w = c->web;
    struct asked a = {.plant = core_plant(core), .core = core, .out.what = what};
    if (!w->source.history)
        return reply_problem(c, 404, "not found", "no history is kept here");
    a.now_ms = w->source.now(w->source.user).wall_ms;
    a.out.query.limit = what == VIEW_PAST_STOPS     ? LONGEST_USUAL
                        : what == VIEW_PAST_EXPLAIN ? PARTS_USUAL
                                                    : LIMIT_USUAL;
    a.out.logs_from_ms = core_stats(core)->logs_from_ms;
    a.node = unit != UINT32_MAX;
    a.out.query.node = a.node ? a.plant->unit[unit].node : 0;
    const char *wrong = past_asked_read(c, &a);
    if (wrong)
        return reply_wrong(c, a.node && a.out.query.node == UINT32_MAX ? 404 : 400, wrong);
    a.out.query.plant = a.plant;
    a.out.query.node_no = core_node_number(core, a.out.query.node);
    if (what != VIEW_PAST_WINDOWS)
        core_agents_of(core, a.out.query.node, a.out.what == VIEW_PAST_EXPLAIN, a.out.agents);
    a.out.logs_from_ms = core_stats(core)->logs_from_ms;
    if (what == VIEW_PAST_EXPLAIN) /* the ledger is the loop's */
        a.out.norm = view_norm_at(a.plant, core_norms(core), a.out.query.node, a.out.indicator,
                                  a.out.query.from_ms);
    if (a.out.locale != SHEET_NONE)
        sheets_name(c, name[what], a.plant->node[a.out.query.node].id.s);
    if (a.unknown_word)
        a.out.query.to_ms = a.out.query.from_ms;
    return past_send(c, core, &a.out);
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
        return reply_wrong(c, 404, "id: no unit of the plant has this id");
    return get(c, core, VIEW_PAST_TIMELINE, unit);
}

int past_get_explain(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_PAST_EXPLAIN, UINT32_MAX);
}

int past_get_orders(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_PAST_ORDERS, UINT32_MAX);
}

int past_get_gauge(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_PAST_GAUGE, UINT32_MAX);
}
