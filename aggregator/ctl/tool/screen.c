#include "ctl/screen.h"

#include <stdio.h>

#include "base/utc.h"
#include "ctl/answer.h"
#include "ctl/cells.h"
#include "ctl/screen_gauges.h"

#define WORD(literal) span_of(literal, sizeof(literal) - 1)

void screen_duration(int64_t ms, char text[24]) {
    long long s = ms > 0 ? (long long)(ms / 1000) : 0;
    if (s < 60)
        (void)snprintf(text, 24, "%lld s", s);
    else if (s < 3600)
        (void)snprintf(text, 24, "%lld min", s / 60);
    else if (s < 48 * 3600)
        (void)snprintf(text, 24, "%lld h %02lld", s / 3600, s / 60 % 60);
    else
        (void)snprintf(text, 24, "%lld d", s / 86400);
}

/* --- reading the answer -------------------------------------------------------------------------
 */

static bool real_of(const struct json_value *v, const char *key, double *out) {
    return json_double_of(json_find(v, key), out) == ERR_OK;
}

static bool int_of(const struct json_value *v, const char *key, int64_t *out) {
    return json_int64_of(json_find(v, key), out) == ERR_OK;
}

static bool flag_of(const struct json_value *v, const char *key) {
    bool b = false;
    (void)json_bool_of(json_find(v, key), &b); /* not there: false */
    return b;
}

/* --- numbers for people -------------------------------------------------------------------------
 */

/* Ratios as per cent, everything else in its unit. */
static struct span value_text(bool there, double v, struct span unit, char text[40]) {
    if (!there)
        return WORD("–");
    if (span_equal(unit, WORD("1")))
        (void)snprintf(text, 40, "%.1f %%", v * 100);
    else
        (void)snprintf(text, 40, "%.*f %.*s",
                       v < 10     ? 3
                       : v < 1000 ? 1
                                  : 0,
                       v, (int)unit.n, (const char *)unit.p);
    return span_str(text);
}

struct status_row {
    struct span id, shown;
    enum cells_style style;
};

static const struct status_row *status_find(struct span id) {
    static const struct status_row rows[] = {
        {{(const uint8_t *)"not_met", 7}, {(const uint8_t *)"not met", 7}, STYLE_BAD},
        {{(const uint8_t *)"no_data", 7}, {(const uint8_t *)"no data", 7}, STYLE_WARN},
        {{(const uint8_t *)"no_norm", 7}, {(const uint8_t *)"no norm", 7}, STYLE_DIM},
        {{(const uint8_t *)"met", 3}, {(const uint8_t *)"met", 3}, STYLE_GOOD},
        {{(const uint8_t *)"better", 6}, {(const uint8_t *)"better", 6}, STYLE_BETTER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (span_equal(rows[i].id, id))
            return &rows[i];
    return &rows[1];
}

static enum cells_style state_style(struct span state) {
    static const struct {
        const char *state;
        enum cells_style style;
    } rows[] = {{"production", STYLE_GOOD},   {"setup", STYLE_INFO},
                {"delay", STYLE_BAD},         {"down_no_order", STYLE_WARN},
                {"planned_down", STYLE_INFO}, {"not_scheduled", STYLE_DIM},
                {"engineering", STYLE_INFO},  {"unknown", STYLE_DIM}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (span_equal(state, span_str(rows[i].state)))
            return rows[i].style;
    return STYLE_PLAIN;
}

/* --- head ---------------------------------------------------------------------------------------
 */

enum { DATE_FITS = 64 }; /* columns; below it the number of stale units is what matters */

static void title(struct cells *c, const struct json_value *node, const struct screen_conf *conf) {
    const struct json_value *head = json_find(node, "head");
    const struct json_value *summary = json_find(head, "summary");
    char text[64], age[24];
    int64_t units = 0, stale = 0, trials = 0;
    struct span now = answer_text(node, "now"); /* "2026-11-23T23:17:18.250Z" */
    cells_put(c, STYLE_BOLD, answer_text(head, "name"));
    cells_blank(c, 2);
    if (c->width >= DATE_FITS) {
        cells_put(c, STYLE_DIM, span_of(now.p, now.n > 10 ? 10 : now.n));
        cells_blank(c, 1);
    }
    cells_put(c, STYLE_DIM, now.n > 19 ? span_of(now.p + 11, 8) : WORD(""));
    cells_put(c, STYLE_DIM, WORD(" UTC"));
    (void)int_of(summary, "units", &units);
    (void)int_of(summary, "stale", &stale);
    (void)snprintf(text, sizeof text, "  %lld unit%s", (long long)units, units == 1 ? "" : "s");
    cells_put(c, STYLE_PLAIN, span_str(text));
    if (stale > 0) {
        (void)snprintf(text, sizeof text, ", %lld stale", (long long)stale);
        cells_put(c, STYLE_WARN, span_str(text));
    }
    if (int_of(summary, "commissioning", &trials) && trials > 0) {
        (void)snprintf(text, sizeof text, ", %lld in commissioning", (long long)trials);
        cells_put(c, STYLE_INFO, span_str(text));
    }
    cells_end(c);
    if (!conf->trouble)
        return;
    screen_duration(conf->since_ms, age);
    (void)snprintf(text, sizeof text, "no answer for %s: ", age);
    cells_put(c, STYLE_BAD, span_str(text));
    cells_put(c, STYLE_BAD, span_str(conf->trouble));
    cells_end(c);
}

enum { CLASS_COLUMN = 13, STATUS_COLUMN = 9, LEAD_COLUMN = 22, VALUE_COLUMN = 15 };

static const struct json_value *window_at(const struct json_value *head, const char *window) {
    return json_find(json_find(head, "windows"), window);
}

static const struct json_value *class_at(const struct json_value *head, const char *window,
                                         size_t i) {
    return json_at(json_find(window_at(head, window), "classes"), i);
}

static void lead_value(struct cells *c, const struct json_value *class, enum cells_style style) {
    const struct json_value *lead = json_at(json_find(class, "indicators"), 0);
    double v = 0;
    char text[40];
    bool there = real_of(lead, "value", &v);
    cells_field(c, style, value_text(there, v, answer_text(lead, "unit"), text), VALUE_COLUMN,
                true);
}

/* A number that is cut would look like another one. */
static void put_whole(struct cells *c, enum cells_style style, struct span text) {
    if (c->used + cells_width(text) <= c->width)
        cells_put(c, style, text);
}

/* Where time is unknown a ratio of known time may be this much. */
static void possible(struct cells *c, const struct json_value *lead) {
    double low = 0, high = 0;
    char text[96], from[40], to[40];
    if (!real_of(lead, "low", &low) || !real_of(lead, "high", &high) || high - low < 0.0005)
        return;
    struct span unit = answer_text(lead, "unit");
    struct span a = value_text(true, low, unit, from), b = value_text(true, high, unit, to);
    (void)snprintf(text, sizeof text, "  %.*s to %.*s", (int)a.n, (const char *)a.p, (int)b.n,
                   (const char *)b.p);
    put_whole(c, STYLE_DIM, span_str(text));
}

/* Energy that no piece bears, and what must be known to read the value. */
static void remarks(struct cells *c, const struct json_value *window,
                    const struct json_value *class) {
    struct span note = answer_text(json_at(json_find(class, "indicators"), 0), "note");
    double idle = 0;
    char text[64];
    if (span_equal(answer_text(class, "class"), WORD("consumption")) &&
        real_of(window, "idle_energy_kwh", &idle)) {
        (void)snprintf(text, sizeof text, "  idle %.3f kWh", idle);
        put_whole(c, STYLE_WARN, span_str(text));
    }
    if (!note.n)
        return;
    cells_blank(c, 2);
    cells_put(c, STYLE_DIM, note);
}

static void norm_or_reason(struct cells *c, const struct json_value *window,
                           const struct json_value *class) {
    const struct json_value *lead = json_at(json_find(class, "indicators"), 0);
    double v = 0;
    char text[40];
    struct span missing = answer_text(class, "missing"), reason = answer_text(lead, "reason");
    cells_blank(c, 2);
    if (real_of(json_find(lead, "norm"), "value", &v))
        put_whole(c, STYLE_PLAIN, value_text(true, v, answer_text(lead, "unit"), text));
    else
        cells_put(c, STYLE_DIM, WORD("–"));
    if (missing.n || reason.n) {
        cells_blank(c, 2);
        cells_put(c, STYLE_DIM, missing.n ? missing : reason);
    }
    possible(c, lead);
    remarks(c, window, class);
}

/* On a narrow terminal the figure of the shift is what must be seen. */
static bool names_indicator(const struct cells *c) {
    return c->width >= CLASS_COLUMN + STATUS_COLUMN + LEAD_COLUMN + 2 * VALUE_COLUMN;
}

static bool shows_hour(const struct cells *c) {
    return c->width >= CLASS_COLUMN + STATUS_COLUMN + 2 * VALUE_COLUMN;
}

/* While no answer comes, what was said last is old: it is not judged any more. */
static void class_row(struct cells *c, const struct json_value *head, size_t i, bool old) {
    const struct json_value *shift = class_at(head, "shift", i);
    const struct json_value *hour = class_at(head, "hour", i);
    const struct json_value *shown = shift ? shift : hour;
    const struct status_row *status = status_find(answer_text(shown, "status"));
    enum cells_style style = old ? STYLE_DIM : STYLE_PLAIN;
    cells_field(c, style, answer_text(shown, "class"), CLASS_COLUMN, false);
    if (old)
        cells_field(c, STYLE_WARN, WORD("stale"), STATUS_COLUMN, false);
    else
        cells_field(c, status->style, status->shown, STATUS_COLUMN, false);
    if (names_indicator(c))
        cells_field(c, style, answer_text(shown, "lead"), LEAD_COLUMN, false);
    if (shows_hour(c))
        lead_value(c, hour, style);
    lead_value(c, shift, style);
    norm_or_reason(c, window_at(head, shift ? "shift" : "hour"), shown);
    cells_end(c);
}

static void classes(struct cells *c, const struct json_value *head, bool old) {
    cells_field(c, STYLE_DIM, WORD("class"), CLASS_COLUMN, false);
    cells_field(c, STYLE_DIM, WORD("status"), STATUS_COLUMN, false);
    if (names_indicator(c))
        cells_field(c, STYLE_DIM, WORD("indicator"), LEAD_COLUMN, false);
    if (shows_hour(c))
        cells_field(c, STYLE_DIM, WORD("hour"), VALUE_COLUMN, true);
    cells_field(c, STYLE_DIM, WORD("shift"), VALUE_COLUMN, true);
    put_whole(c, STYLE_DIM, WORD("  norm"));
    cells_end(c);
    for (size_t i = 0; i < 4; i++)
        class_row(c, head, i, old);
    cells_end(c);
}

/* The running block against the contract. */
static void demand(struct cells *c, const struct json_value *head, bool old) {
    const struct json_value *d = json_find(head, "demand");
    double power = 0, forecast = 0, contract = 0;
    char text[96];
    if (!real_of(d, "power_kw", &power) || !real_of(d, "forecast_kw", &forecast))
        return;
    const bool limited = real_of(d, "contract_kw", &contract);
    cells_field(c, STYLE_DIM, WORD("demand"), CLASS_COLUMN, false);
    (void)snprintf(text, sizeof text, "%.1f kW, 15 min forecast ", power);
    cells_put(c, old ? STYLE_DIM : STYLE_PLAIN, span_str(text));
    (void)snprintf(text, sizeof text, "%.1f", forecast);
    cells_put(c, old ? STYLE_DIM : flag_of(d, "over") ? STYLE_BAD : STYLE_BOLD, span_str(text));
    (void)snprintf(text, sizeof text, " kW");
    if (limited)
        (void)snprintf(text, sizeof text, " of %.1f kW%s", contract,
                       flag_of(d, "over") ? ", over the contract" : "");
    cells_put(c, flag_of(d, "over") ? STYLE_BAD : STYLE_PLAIN, span_str(text));
    cells_end(c);
    cells_end(c);
}

/* --- units --------------------------------------------------------------------------------------
 */

struct tile {
    const struct json_value *v;
    const struct screen_conf *conf;
    int64_t age_ms;
    bool known, stale;
};

/* Each writes its cell's text, at most 40 bytes, and gives its style. */
static struct span put_name(const struct tile *t, char text[40], enum cells_style *style) {
    (void)text;
    *style = STYLE_BOLD;
    return answer_text(t->v, "id");
}

static struct span put_state(const struct tile *t, char text[40], enum cells_style *style) {
    struct span state = answer_text(t->v, "state"), cause = answer_text(t->v, "cause");
    *style = state_style(state);
    if (flag_of(t->v, "by_hand"))
        return WORD("entered by hand");
    if (flag_of(t->v, "no_signals"))
        return WORD("no signals");
    if (!t->known)
        return WORD("never heard");
    if (flag_of(t->v, "stateless") && !t->stale && span_equal(state, WORD("unknown")))
        return WORD("no state signal");
    /* Said in words: the column of ages may not fit, and there may be no colours. */
    if (flag_of(t->v, "commissioning")) /* what it does counts nowhere above yet */
        (void)snprintf(text, 40, "commissioning/%.*s", t->stale ? 5 : (int)state.n,
                       t->stale ? "stale" : (const char *)state.p);
    else
        (void)snprintf(text, 40, "%s%.*s%s%.*s", t->stale ? "stale: " : "", (int)state.n,
                       (const char *)state.p, cause.n ? "/" : "", (int)cause.n,
                       (const char *)cause.p);
    return span_str(text);
}

static struct span put_since(const struct tile *t, char text[40], enum cells_style *style) {
    int64_t since = 0, asof = 0;
    char age[24];
    (void)style;
    if (!int_of(t->v, "since_ms", &since) || !int_of(t->v, "asof_ms", &asof))
        return WORD("–");
    screen_duration(asof - since, age);
    (void)snprintf(text, 40, "%s", age);
    return span_str(text);
}

static struct span put_age(const struct tile *t, char text[40], enum cells_style *style) {
    char age[24];
    if (!t->known)
        return WORD("–");
    screen_duration(t->age_ms, age);
    *style = t->stale ? STYLE_WARN : STYLE_PLAIN;
    (void)snprintf(text, 40, "%s", age);
    return span_str(text);
}

static struct span put_ratio(const struct tile *t, const char *key, char text[40]) {
    double v = 0;
    bool there = real_of(t->v, key, &v);
    return value_text(there, v, WORD("1"), text);
}

static struct span put_number(const struct tile *t, const char *key, char text[40]) {
    double v = 0;
    if (!real_of(t->v, key, &v))
        return WORD("–");
    (void)snprintf(text, 40, "%.*f", v < 10 && v > -10 ? 3 : 1, v);
    return span_str(text);
}

#define RATIO(name, key)                                                                           \
    static struct span name(const struct tile *t, char text[40], enum cells_style *style) {        \
        (void)style;                                                                               \
        return put_ratio(t, key, text);                                                            \
    }
#define NUMBER(name, key)                                                                          \
    static struct span name(const struct tile *t, char text[40], enum cells_style *style) {        \
        (void)style;                                                                               \
        return put_number(t, key, text);                                                           \
    }
#define TEXT(name, key)                                                                            \
    static struct span name(const struct tile *t, char text[40], enum cells_style *style) {        \
        (void)text;                                                                                \
        (void)style;                                                                               \
        return answer_text(t->v, key);                                                             \
    }
RATIO(put_utilization, "time_utilization")
RATIO(put_oee, "oee")
RATIO(put_scrap, "scrap_ratio")
NUMBER(put_energy_per_good, "energy_per_good")
NUMBER(put_energy, "energy_kwh")
NUMBER(put_power, "power_kw")
TEXT(put_order, "order")
TEXT(put_product, "product")
TEXT(put_team, "team")

static struct span put_good(const struct tile *t, char text[40], enum cells_style *style) {
    double v = 0;
    (void)style;
    if (!real_of(t->v, "good", &v))
        return WORD("–");
    (void)snprintf(text, 40, "%.0f", v);
    return span_str(text);
}

/* Order is importance: a narrow terminal shows the first ones. */
static const struct column {
    const char *title;
    unsigned width;
    bool right;
    struct span (*put)(const struct tile *t, char text[40], enum cells_style *style);
} columns[] = {
    {"unit", 14, false, put_name},
    {"state", 24, false, put_state},
    {"age", 7, true, put_age},
    {"for", 7, true, put_since},
    {"util", 8, true, put_utilization},
    {"OEE", 8, true, put_oee},
    {"kWh/good", 9, true, put_energy_per_good},
    {"scrap", 8, true, put_scrap},
    {"kW", 8, true, put_power},
    {"kWh", 8, true, put_energy},
    {"good", 7, true, put_good},
    {"product", 12, false, put_product},
    {"order", 12, false, put_order},
    {"team", 8, false, put_team},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static bool fits(const struct cells *c, const struct column *k) {
    return c->used + k->width <= c->width;
}

static void head_row(struct cells *c) {
    for (size_t i = 0; i < COLUMNS && fits(c, &columns[i]); i++) {
        cells_field(c, STYLE_DIM, span_str(columns[i].title), columns[i].width, columns[i].right);
        cells_blank(c, 1);
    }
    cells_end(c);
}

static void tile_row(struct cells *c, const struct tile *t) {
    for (size_t i = 0; i < COLUMNS && fits(c, &columns[i]); i++) {
        char text[40];
        enum cells_style style = STYLE_PLAIN;
        struct span shown = columns[i].put(t, text, &style);
        if (t->stale)
            style =
                columns[i].put == put_age || columns[i].put == put_state ? STYLE_WARN : STYLE_DIM;
        cells_field(c, style, shown, columns[i].width, columns[i].right);
        cells_blank(c, 1);
    }
    cells_end(c);
}

static void units(struct cells *c, const struct json_value *node, const struct screen_conf *conf,
                  int64_t limit) {
    const struct json_value *tiles = json_find(node, "tiles");
    head_row(c);
    for (size_t i = 0; i < json_count(tiles); i++) {
        struct tile t = {.v = json_at(tiles, i), .conf = conf};
        if (!span_equal(answer_text(t.v, "level"), WORD("unit")))
            continue;
        t.known = int_of(t.v, "age_ms", &t.age_ms);
        t.age_ms += conf->since_ms;
        t.stale = !t.known || flag_of(t.v, "stale") || t.age_ms > limit;
        tile_row(c, &t);
    }
}

/* Nothing is dropped: what no plant file names is told of where the site is shown. */
static void strays(struct cells *c, const struct json_value *head) {
    const struct json_value *all = json_find(head, "unassigned");
    const struct json_value *list = json_find(all, "units");
    int64_t signals = 0;
    char text[96];
    if (!int_of(all, "signals", &signals) || signals == 0)
        return;
    cells_end(c);
    (void)snprintf(text, sizeof text, "unassigned: %lld signal%s that no plant file names",
                   (long long)signals, signals == 1 ? "" : "s");
    cells_put(c, STYLE_WARN, span_str(text));
    cells_end(c);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *s = json_at(list, i);
        struct span unit = answer_text(s, "unit");
        int64_t n = 0;
        (void)int_of(s, "signals", &n);
        cells_field(c, STYLE_BOLD, unit.n ? unit : WORD("(no unit said)"), 14, false);
        (void)snprintf(text, sizeof text, " %lld signal%s of agent ", (long long)n,
                       n == 1 ? "" : "s");
        cells_put(c, STYLE_PLAIN, span_str(text));
        cells_put(c, STYLE_PLAIN, answer_text(s, "agent"));
        cells_end(c);
    }
}

/* Closed windows that late data or a correction moved in the last hour. */
static void restated(struct cells *c, const struct json_value *node,
                     const struct json_value *head) {
    const struct json_value *r = json_find(head, "restated");
    struct span from = answer_text(r, "from"), to = answer_text(r, "to"),
                cause = answer_text(r, "cause");
    int64_t windows = 0, at_ms = 0, now_ms = 0;
    char text[160];
    if (!int_of(r, "windows", &windows) || !int_of(r, "at_ms", &at_ms) ||
        !int_of(node, "now_ms", &now_ms) || now_ms - at_ms > UTC_HOUR_MS || from.n < 16 ||
        to.n < 16)
        return;
    cells_end(c);
    (void)snprintf(text, sizeof text, "restated: %lld closed window%s of %.16sZ to %.16sZ (",
                   (long long)windows, windows == 1 ? "" : "s", (const char *)from.p,
                   (const char *)to.p);
    cells_put(c, STYLE_WARN, span_str(text));
    cells_put(c, STYLE_WARN, cause);
    cells_put(c, STYLE_WARN, WORD(")"));
    cells_end(c);
}

enum err screen_render(const struct json_value *node, const struct screen_conf *conf,
                       struct buf *out) {
    struct cells c = {.out = out, .width = conf->width, .colour = conf->colour};
    const struct json_value *head = json_find(node, "head");
    if (json_kind(head) != JSON_KIND_OBJECT ||
        json_kind(json_find(node, "tiles")) != JSON_KIND_ARRAY)
        return ERR_FORMAT;
    int64_t limit = 15000;
    (void)int_of(head, "stale_after_ms", &limit);
    title(&c, node, conf);
    cells_end(&c);
    classes(&c, head, conf->since_ms > limit);
    demand(&c, head, conf->since_ms > limit);
    units(&c, node, conf, limit);
    screen_gauges(&c, json_find(node, "tiles"), conf->since_ms, limit);
    strays(&c, head);
    restated(&c, node, head);
    return out->failed ? ERR_NOMEM : ERR_OK;
}
