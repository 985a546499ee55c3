/* The arguments of a question to history, one by one and then as a whole. */
#include "web/past_asked.h"

#include <stdio.h>
#include <stdlib.h>

#define LONG_MS (400 * UTC_DAY_MS)
#define START_EXPECTED                                                                             \
    "start: expected a time in the window such as 2026-11-23T06:00:00Z, or a shift such as "       \
    "2026-11-23/early"

/* The years 0000 to 9999, all that RFC 3339 can say. */
#define LEAST_MS INT64_C(-62167219200000)
#define MOST_MS INT64_C(253402300799999)

/* RFC 3339, a date as its midnight (UTC), or milliseconds. */
bool past_time(const char *text, int64_t *out) {
    char full[64];
    char *end = NULL;
    long long ms = strtoll(text, &end, 10);
    if (*text && !*end) {
        if (ms < LEAST_MS || ms > MOST_MS)
            return false;
        *out = ms;
        return true;
    }
    snprintf(full, sizeof full, "%s%s", text, strlen(text) == 10 ? "T00:00:00Z" : "");
    return utc_parse(span_str(full), out) == ERR_OK;
}

/* What is wrong, and the legal word that is nearest. */
static const char *not_known(struct asked *a, const char *wrong, const char *text,
                             const char *const *legal, size_t n) {
    const char *near = legal ? ident_nearest(text, legal, n) : NULL;
    snprintf(a->wrong, sizeof a->wrong, near ? "%s; did you mean %s?" : "%s", wrong, near);
    return a->wrong;
}

static const char *no_node(struct asked *a, const char *wrong, const char *text, bool units) {
    const struct plant *p = a->plant;
    const char **legal = calloc(p->node_n, sizeof *legal);
    size_t n = 0;
    for (size_t i = 0; legal && i < p->node_n; i++)
        if (!units || p->node[i].level == LEVEL_UNIT)
            legal[n++] = p->node[i].id.s;
    wrong = not_known(a, wrong, text, legal, n);
    free(legal);
    return wrong;
}

static const char *take_node(struct asked *a, const char *text) {
    a->out.query.node = plant_find_node(a->plant, text);
    a->node = true;
    return a->out.query.node == UINT32_MAX
               ? no_node(a, "node: no node of the plant has this id", text, false)
               : NULL;
}

static const char *take_unit(struct asked *a, const char *text) {
    const uint32_t unit = plant_find_unit(a->plant, text);
    a->node = true;
    a->out.query.node = unit == UINT32_MAX ? UINT32_MAX : a->plant->unit[unit].node;
    return unit == UINT32_MAX ? no_node(a, "unit: no unit of the plant has this id", text, true)
                              : NULL;
}

static const char *take_explained(struct asked *a, const char *text) {
    a->out.query.node = plant_find_node(a->plant, text);
    a->node = true;
    return a->out.query.node == UINT32_MAX
               ? no_node(a, "unit: no unit or node of the plant has this id", text, false)
               : NULL;
}

static const char *take_start(struct asked *a, const char *text) {
    const int n = snprintf(a->start, sizeof a->start, "%s", text);
    return n > 0 && (size_t)n < sizeof a->start ? NULL : START_EXPECTED;
}

static const char *take_indicator(struct asked *a, const char *text) {
    const char *legal[INDICATOR_COUNT];
    size_t n = 0;
    a->indicator = true;
    a->out.indicator = indicator_find(text);
    if (a->out.indicator != INDICATOR_COUNT && indicator_applies(a->plant, a->out.indicator))
        return NULL;
    for (unsigned i = 0; i < INDICATOR_COUNT; i++)
        if (indicator_applies(a->plant, (enum indicator)i))
            legal[n++] = indicator_row((enum indicator)i)->id;
    return not_known(a, "indicator: none of this plant has this id (/api/v1/indicators tells them)",
                     text, legal, n);
}

static const char *take_gauge(struct asked *a, const char *text) {
    const int n = snprintf(a->gauge, sizeof a->gauge, "%s", text);
    return n > 0 && (size_t)n < sizeof a->gauge ? NULL : "gauge: expected the id of a gauge";
}

static const char *take_each(struct asked *a, const char *text) {
    a->out.by_hour = strcmp(text, "hour") == 0;
    return a->out.by_hour || strcmp(text, "minute") == 0 ? NULL : "each: minute or hour";
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

/* Both are read together, when all the rest is: sheets_format(). */
static const char *take_later(struct asked *a, const char *text) {
    (void)a, (void)text;
    return NULL;
}

enum {
    WINDOWS = 1 << VIEW_PAST_WINDOWS,
    STOPS = 1 << VIEW_PAST_STOPS,
    TIMELINE = 1 << VIEW_PAST_TIMELINE,
    ORDERS = 1 << VIEW_PAST_ORDERS,
    SCRAP = 1 << VIEW_PAST_SCRAP,
    EXPLAIN = 1 << VIEW_PAST_EXPLAIN,
    GAUGE = 1 << VIEW_PAST_GAUGE,
    SPANS = WINDOWS | STOPS | TIMELINE | ORDERS | SCRAP | GAUGE
};

static const struct argument_row {
    const char *name;
    const char *(*take)(struct asked *a, const char *text); /* what is wrong, or NULL */
    unsigned of;                                            /* who takes it */
} arguments[] = {
    {"node", take_node, WINDOWS | STOPS | SCRAP},
    {"unit", take_unit, ORDERS | GAUGE},
    {"unit", take_explained, EXPLAIN},
    {"kind", take_kind, WINDOWS | EXPLAIN},
    {"gauge", take_gauge, GAUGE},
    {"each", take_each, GAUGE},
    {"start", take_start, EXPLAIN},
    {"indicator", take_indicator, EXPLAIN},
    {"from", take_from, SPANS},
    {"to", take_to, SPANS},
    {"team", take_team, WINDOWS},
    {"product", take_product, WINDOWS},
    {"limit", take_limit, WINDOWS | STOPS | EXPLAIN},
    {"format", take_later, SPANS},
    {"locale", take_later, SPANS},
};

static const char *take_argument(struct asked *a, char *fragment) {
    char *equals = strchr(fragment, '=');
    if (equals)
        *equals = 0;
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
        if (strcmp(fragment, arguments[i].name) == 0 && arguments[i].of >> a->out.what & 1)
            return arguments[i].take(a, equals ? equals + 1 : "");
    return "there is no such parameter";
}

/* Of stops, timelines, orders, scrap and gauges; without `from` the last day, eight hours, 31 days,
 * a day, a day. */
static const char *check_span(struct asked *a) {
    static const int64_t usual[] = {[VIEW_PAST_STOPS] = UTC_DAY_MS,
                                    [VIEW_PAST_TIMELINE] = 8 * UTC_HOUR_MS,
                                    [VIEW_PAST_ORDERS] = 31 * UTC_DAY_MS,
                                    [VIEW_PAST_SCRAP] = UTC_DAY_MS,
                                    [VIEW_PAST_GAUGE] = UTC_DAY_MS};
    struct history_query *q = &a->out.query;
    if (!a->node)
        return ORDERS >> a->out.what & 1 || GAUGE >> a->out.what & 1 ? "unit: missing"
                                                                     : "node: missing";
    if (!a->to)
        q->to_ms = a->now_ms + 1;
    if (!a->from)
        q->from_ms = q->to_ms - usual[a->out.what];
    if (q->from_ms > q->to_ms)
        return "from: lies behind to";
    return q->to_ms - q->from_ms > LONG_MS ? "from: at most 400 days before to" : NULL;
}

static const char *check_gauge(struct asked *a) {
    const char *wrong = check_span(a), **legal = calloc(a->plant->gauge_n + 1, sizeof *legal);
    size_t n = 0;
    if (!wrong && a->gauge[0] == 0)
        wrong = "gauge: missing";
    const uint32_t unit = wrong ? UINT32_MAX : a->plant->node[a->out.query.node].unit;
    if (!wrong)
        a->out.gauge = plant_find_gauge(a->plant, unit, span_str(a->gauge));
    for (size_t i = 0; !wrong && legal && i < a->plant->gauge_n; i++)
        if (a->plant->gauge[i].unit == unit)
            legal[n++] = a->plant->gauge[i].id.s;
    if (!wrong && a->out.gauge == UINT32_MAX)
        wrong = not_known(a, "gauge: the unit has none of this id", a->gauge, legal, n);
    free(legal);
    if (wrong)
        return wrong;
    struct core_gauge_view v;
    core_gauge_view(a->core, a->out.gauge, &v);
    snprintf(a->out.gauge_unit, sizeof a->out.gauge_unit, "%s", v.unit_text);
    return NULL;
}

/* A date alone is the local day; everything else a moment. */
static bool moment(const struct asked *a, int64_t *out) {
    if (!a->start[0]) {
        *out = a->now_ms;
        return true;
    }
    if (!past_time(a->start, out))
        return false;
    if (a->out.query.kind == WINDOW_DAY && strlen(a->start) == strlen("2026-11-23")) {
        const int32_t date = (int32_t)(*out / UTC_DAY_MS);
        *out += UTC_DAY_MS / 2; /* noon: at most a day off in any zone */
        *out += (date - calendar_day(a->plant, *out)) * UTC_DAY_MS;
    }
    return true;
}

/* The window that the time lies in, or that the shift is. */
static const char *find_window(struct asked *a) {
    struct history_query *q = &a->out.query;
    const uint32_t calendar = plant_node_calendar(a->plant, q->node);
    int64_t t_ms = 0;
    if (q->kind == WINDOW_SHIFT && strchr(a->start, '/')) {
        enum err err =
            calendar_find_shift(a->plant, calendar, span_str(a->start), &q->from_ms, &q->to_ms);
        return err == ERR_FORMAT ? START_EXPECTED
               : err             ? "start: no shift of that name began on that date"
                                 : NULL;
    }
    if (!moment(a, &t_ms))
        return START_EXPECTED;
    return window_bounds(a->plant, calendar, q->kind, t_ms, &q->from_ms, &q->to_ms)
               ? NULL
               : "start: no shift is on at that time";
}

static const char *check_explain(struct asked *a) {
    const struct history_query *q = &a->out.query;
    if (!a->node)
        return "unit: missing";
    if (!a->kind)
        return "kind: missing; one of minute, 15min, hour, shift, day";
    if (!a->indicator)
        return "indicator: missing; /api/v1/indicators tells them";
    const char *wrong = find_window(a);
    if (wrong)
        return wrong;
    if (q->from_ms > a->now_ms)
        return "start: that window has not begun yet";
    const bool minute = q->kind == WINDOW_MINUTE;
    const int64_t keep_ms = minute ? a->plant->keep_cells_ms : a->plant->keep_windows_ms;
    if (keep_ms <= 0 || q->to_ms > a->now_ms - keep_ms)
        return NULL;
    snprintf(a->wrong, sizeof a->wrong, "start: that is further back than is kept (%s, %lld days)",
             minute ? "keep_cells" : "keep_windows", (long long)(keep_ms / UTC_DAY_MS));
    return a->wrong;
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

static const char *take_formats(struct client *c, struct asked *a) {
    enum { ALL = 1 << VIEW_JSON | 1 << VIEW_CSV | 1 << VIEW_JSONL };
    struct args args = {.c = c};
    if (!sheets_format(&args, ALL, &a->out.format, &a->out.locale))
        return NULL;
    (void)snprintf(a->wrong, sizeof a->wrong, "%s", args.wrong);
    return a->wrong;
}

const char *past_asked_read(struct client *c, struct asked *a) {
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
    if (!wrong && a->out.what != VIEW_PAST_EXPLAIN)
        wrong = take_formats(c, a);
    if (wrong)
        return wrong;
    if (a->out.what == VIEW_PAST_EXPLAIN)
        return check_explain(a);
    if (a->out.what == VIEW_PAST_GAUGE)
        return check_gauge(a);
    return a->out.what == VIEW_PAST_WINDOWS ? check(a) : check_span(a);
}
