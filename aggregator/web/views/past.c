/* Whatever is asked of the past: read, then written. */
#include <stdlib.h>

#include "views/alerts.h"

static enum err past_windows(const struct view_history *ask, const struct history_reader *r,
                             struct buf *out, int64_t *next_ms) {
    struct history_page page;
    enum err err = history_read(&ask->query, r, &page);
    *next_ms = page.next_ms;
    if (!err)
        err = view_history(ask, &page, out);
    history_fini(&page);
    return err;
}

static enum err past_orders(const struct view_history *ask, const struct history_reader *r,
                            struct buf *out) {
    static const struct plans none;
    const struct plant *p = ask->query.plant;
    struct plans plans;
    const struct orders_query q = {.plant = p,
                                   .unit = p->node[ask->query.node].unit,
                                   .from_ms = ask->query.from_ms,
                                   .to_ms = ask->query.to_ms,
                                   .plans = &plans};
    struct orders found = {0};
    enum err err =
        plans_unfold(ask->known ? ask->known : &none, p, q.unit, q.from_ms, q.to_ms, &plans);
    if (!err)
        err = orders_read(&q, r, &found);
    if (!err)
        err = view_orders(ask, &found, &plans, out);
    orders_fini(&found);
    plans_fini(&plans);
    return err;
}

static enum err past_explain(const struct view_history *ask, const struct history_reader *r,
                             struct buf *out) {
    struct explain_query q = {.plant = ask->query.plant,
                              .node = ask->query.node,
                              .node_no = ask->query.node_no,
                              .kind = ask->query.kind,
                              .from_ms = ask->query.from_ms,
                              .to_ms = ask->query.to_ms,
                              .indicator = ask->indicator,
                              .logs_from_ms = ask->logs_from_ms};
    struct explain found;
    memcpy(q.agents, ask->agents, sizeof q.agents);
    enum err err = explain_read(&q, r, &found);
    if (!err)
        err = found.found ? view_explain(ask, &found, out) : ERR_NOT_FOUND;
    explain_fini(&found);
    return err;
}

/* Of whole minutes, and of none before the logs. */
static enum err past_gauge(const struct view_history *ask, const struct history_reader *r,
                           struct buf *out) {
    const struct history_query *h = &ask->query;
    struct gauges_query q = {.plant = h->plant,
                             .gauge = &ask->gauge,
                             .gauge_n = 1,
                             .from_ms = utc_floor(h->from_ms, UTC_MINUTE_MS),
                             .to_ms = utc_floor(h->to_ms + UTC_MINUTE_MS - 1, UTC_MINUTE_MS)};
    if (q.from_ms < ask->logs_from_ms)
        q.from_ms = utc_floor(ask->logs_from_ms, UTC_MINUTE_MS);
    const size_t n = q.from_ms < q.to_ms ? (size_t)((q.to_ms - q.from_ms) / UTC_MINUTE_MS) : 0;
    struct gauge_span *minute = calloc(n ? n : 1, sizeof *minute);
    memcpy(q.agents, ask->agents, sizeof q.agents);
    enum err err = !minute ? ERR_NOMEM : n ? gauges_read(&q, r, minute) : ERR_OK;
    if (!err)
        err = view_gauge(ask, minute, q.from_ms / UTC_MINUTE_MS, n, out);
    free(minute);
    return err;
}

static enum err past_read(const struct view_history *ask, const struct history_reader *r,
                          struct buf *out, int64_t *next_ms) {
    struct timelines found;
    struct timelines_query q = {.plant = ask->query.plant,
                                .node = ask->query.node,
                                .from_ms = ask->query.from_ms,
                                .to_ms = ask->query.to_ms,
                                .rejects = ask->what == VIEW_PAST_SCRAP};
    if (ask->what == VIEW_PAST_WINDOWS)
        return past_windows(ask, r, out, next_ms);
    *next_ms = INT64_MAX;
    if (ask->what == VIEW_PAST_ALERTS)
        return view_past_alerts(ask, r, out);
    if (ask->what == VIEW_PAST_ALARM_FIGURES)
        return view_past_figures(ask, r, out);
    if (ask->what == VIEW_PAST_LETTERS)
        return view_past_letters(ask, r, out);
    if (ask->what == VIEW_PAST_ORDERS)
        return past_orders(ask, r, out);
    if (ask->what == VIEW_PAST_EXPLAIN)
        return past_explain(ask, r, out);
    if (ask->what == VIEW_PAST_NORMS)
        return view_norms_past(ask, r, out);
    if (ask->what == VIEW_PAST_ENERGY)
        return view_energy_past(ask, r, out);
    if (ask->what == VIEW_PAST_GAUGE)
        return past_gauge(ask, r, out);
    if (ask->what == VIEW_PAST_SCRAP && q.from_ms < ask->logs_from_ms)
        q.from_ms = ask->logs_from_ms;
    memcpy(q.agents, ask->agents, sizeof q.agents);
    enum err err = timelines_read(&q, r, &found);
    if (!err)
        err = ask->what == VIEW_PAST_STOPS   ? view_stops(ask, &found, out)
              : ask->what == VIEW_PAST_SCRAP ? view_scrap(ask, &found, out)
                                             : view_timeline(ask, &found, out);
    timelines_fini(&found);
    return err;
}

/* Events are JSON first. */
static enum err as_csv(const struct view_history *ask, struct buf *out) {
    static const struct sheet_rows events = {
        "events", "n at told rule node from to why severity level value threshold first_out flood "
                  "flapping until who note"};
    const bool spans = ask->what == VIEW_PAST_TIMELINE;
    const struct sheet sheet = {.locale = ask->locale,
                                .plant = ask->query.plant,
                                .times = spans ? "from to" : NULL,
                                .unit = ask->what == VIEW_PAST_GAUGE ? ask->gauge_unit : NULL,
                                .rooms = ask->what == VIEW_PAST_ENERGY};
    char next[64];
    const enum err err = ask->what == VIEW_PAST_ALERTS ? sheet_rows(&events, out, next) : ERR_OK;
    return err ? err : sheet_of(&sheet, out);
}

enum err view_past(const struct view_history *ask, const struct history_reader *r, struct buf *out,
                   int64_t *next_ms) {
    const enum err err = past_read(ask, r, out, next_ms);
    return err || ask->format != VIEW_CSV ? err : as_csv(ask, out);
}
