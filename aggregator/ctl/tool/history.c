/* plantbus history: windows of one node and kind as they are stored, page by page from the daemon.
 */
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ident.h"
#include "base/utc.h"
#include "ctl/answer.h"
#include "ctl/args.h"
#include "ctl/cells.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/gauge.h"
#include "ctl/list.h"
#include "ctl/pages.h"
#include "ctl/screen.h"
#include "json/json.h"

#define GAUGE "gauge:"
enum { WIDTH = 200 };

struct options {
    const char *socket, *url, *node, *kind, *product, *team;
    const char *each;
    int64_t from_ms, to_ms; /* INT64_MIN, INT64_MAX: the daemon's own */
    bool csv, jsonl;
};

struct job {
    const struct options *o;
    struct client client;
    struct pages pages;
    uint64_t windows;
};

/* --- printing -----------------------------------------------------------------------------------
 */

static void put_indicator(struct cells *c, const struct json_value *w, const char *id,
                          unsigned columns) {
    const struct json_value *i = json_find(json_find(w, "indicators"), id);
    double v = 0;
    char text[40] = "–";
    if (json_double_of(json_find(i, "value"), &v) == ERR_OK)
        (void)snprintf(text, sizeof text,
                       span_equal(answer_text(i, "unit"), span_str("1")) ? "%.1f %%" : "%.3f",
                       span_equal(answer_text(i, "unit"), span_str("1")) ? v * 100 : v);
    cells_field(c, STYLE_PLAIN, span_str(text), columns, true);
}

/* Millionths or microwatt-hours of the sums whose names begin with prefix. */
static void put_sum(struct cells *c, const struct json_value *w, const char *const *key, size_t n,
                    double unit) {
    char text[40];
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)answer_number(json_find(w, "sums"), key[i]);
    (void)snprintf(text, sizeof text, unit > 1e6 ? "%.3f" : "%.0f", sum / unit);
    cells_field(c, STYLE_PLAIN, span_str(text), 10, true);
}

static const struct list_column column[] = {
    {"begin (UTC)", 18, false}, {"life", 13, false},  {"rev", 4, true},
    {"coverage", 10, true},     {"util", 9, true},    {"OEE", 9, true},
    {"kWh/good", 10, true},     {"scrap", 9, true},   {"kWh", 10, true},
    {"good", 10, true},         {"  why", 14, false}, {"context", 20, false}};

static void put_window(struct cells *c, const struct json_value *w) {
    static const char *const energy[] = {
        "energy_unknown", "energy_not_scheduled", "energy_planned_down",  "energy_production",
        "energy_setup",   "energy_delay",         "energy_down_no_order", "energy_engineering"};
    static const char *const good[] = {"gq", "gq_unknown"};
    struct span start = answer_text(w, "start"), cause = answer_text(w, "cause");
    bool changed = false;
    double coverage = 0;
    char text[40];
    (void)snprintf(text, sizeof text, "%.10s %.5s", (const char *)start.p,
                   start.n > 16 ? (const char *)start.p + 11 : "");
    cells_field(c, STYLE_PLAIN, start.n ? span_str(text) : start, 18, false);
    cells_field(c, STYLE_PLAIN, answer_text(w, "life"), 13, false);
    (void)snprintf(text, sizeof text, "%" PRId64, answer_number(w, "revision"));
    cells_field(c, STYLE_PLAIN, span_str(text), 4, true);
    (void)json_double_of(json_find(w, "coverage"), &coverage);
    (void)snprintf(text, sizeof text, "%.1f %%", coverage * 100);
    cells_field(c, STYLE_PLAIN, span_str(text), 10, true);
    put_indicator(c, w, "time_utilization", 9);
    put_indicator(c, w, "oee", 9);
    put_indicator(c, w, "energy_per_good", 10);
    put_indicator(c, w, "scrap_ratio", 9);
    put_sum(c, w, energy, sizeof energy / sizeof *energy, 1e9);
    put_sum(c, w, good, 2, 1e6);
    (void)json_bool_of(json_find(w, "changed"), &changed);
    (void)snprintf(text, sizeof text, "  %.*s%s", (int)cause.n,
                   span_equal(cause, span_str("none")) ? "" : (const char *)cause.p,
                   changed ? " moving" : "");
    cells_field(c, STYLE_PLAIN, span_str(text), 14, false);
    cells_put(c, STYLE_PLAIN, answer_text(w, "product"));
    cells_put(c, STYLE_PLAIN, span_str(answer_text(w, "team").n ? " team " : ""));
    cells_put(c, STYLE_PLAIN, answer_text(w, "team"));
    cells_end(c);
}

static bool print_page(struct job *j, const struct json_value *page) {
    const struct json_value *list = json_find(page, "windows");
    struct buf text;
    struct cells c = {.out = &text, .width = WIDTH};
    buf_init(&text);
    if (j->windows == 0 && json_count(list) > 0)
        list_head(&c, column, sizeof column / sizeof *column);
    for (size_t i = 0; i < json_count(list); i++, j->windows++)
        put_window(&c, json_at(list, i));
    bool ok =
        !text.failed && fwrite(text.p ? text.p : (const uint8_t *)"", 1, text.n, stdout) == text.n;
    buf_fini(&text);
    return ok;
}

/* --- pages --------------------------------------------------------------------------------------
 */

/* A page as it is understood; *more: another one follows. */
static int take_json(struct job *j, struct span body, bool *more) {
    struct json_value *root = NULL;
    struct json_error wrong;
    if (json_parse(body, NULL, &root, &wrong)) {
        fprintf(stderr, "plantbus: the answer is no JSON: %s\n", wrong.text);
        return CTL_FAILED;
    }
    struct span next = answer_text(root, "next");
    *more = next.n > 0 && next.n < sizeof j->pages.next;
    if (*more)
        (void)snprintf(j->pages.next, sizeof j->pages.next, "%.*s", (int)next.n,
                       (const char *)next.p);
    bool ok = print_page(j, root);
    json_close(root);
    return ok ? CTL_OK : CTL_FAILED;
}

static bool ask(struct job *j, struct buf *body) {
    struct buf path;
    char why[CLIENT_WHY] = "out of memory";
    buf_init(&path);
    buf_reset(body);
    bool ok = pages_path(&j->pages, NULL, &path) == ERR_OK &&
              client_get(&j->client, (const char *)path.p, body, why);
    if (!ok)
        fprintf(stderr, "plantbus: %s\n", why);
    buf_fini(&path);
    return ok;
}

static int run_pages(struct job *j) {
    struct buf body;
    int code = CTL_OK;
    bool more = true;
    buf_init(&body);
    while (more && code == CTL_OK)
        code = ask(j, &body) ? take_json(j, buf_span(&body), &more) : CTL_FAILED;
    buf_fini(&body);
    return code;
}

/* Lines as the daemon writes them; the head of a CSV page is printed once. */
static int run_lines(struct job *j) {
    char why[CLIENT_WHY];
    struct span head, lines = {.n = 1};
    struct buf body;
    bool ok = true, first = true;
    buf_init(&body);
    while (ok && lines.n > 0) {
        ok = pages_take(&j->pages, &body, &head, &lines, why);
        if (!ok)
            fprintf(stderr, "plantbus: %s\n", why);
        else if (first)
            ok = fwrite(head.p ? head.p : (const uint8_t *)"", 1, head.n, stdout) == head.n;
        ok = ok && fwrite(lines.p ? lines.p : (const uint8_t *)"", 1, lines.n, stdout) == lines.n;
        first = false;
    }
    buf_fini(&body);
    return ok ? CTL_OK : CTL_FAILED;
}

static int run(const struct options *o) {
    struct job j = {.o = o,
                    .pages = {.client = &j.client,
                              .node = o->node,
                              .kind = o->kind,
                              .product = o->product,
                              .team = o->team,
                              .from_ms = o->from_ms,
                              .to_ms = o->to_ms,
                              .csv = o->csv}};
    int code = CTL_FAILED;
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* widths of characters */
    if (client_open(&j.client, o->socket, o->url))
        fprintf(stderr, "plantbus: out of memory\n");
    else
        code = o->csv || o->jsonl ? run_lines(&j) : run_pages(&j);
    client_close(&j.client);
    if (code == CTL_OK && !o->csv && !o->jsonl && j.windows == 0)
        fprintf(stderr, "plantbus: no window of kind %s of %s in this span\n", o->kind, o->node);
    return code == CTL_OK && fflush(stdout) != 0 ? CTL_FAILED : code;
}

/* KIND is gauge:ID. */
static int run_gauge(const struct options *o) {
    const struct gauge_ask ask = {.socket = o->socket,
                                  .url = o->url,
                                  .unit = o->node,
                                  .gauge = o->kind + strlen(GAUGE),
                                  .from_ms = o->from_ms,
                                  .to_ms = o->to_ms,
                                  .by_hour = o->each && strcmp(o->each, "hour") == 0,
                                  .csv = o->csv,
                                  .jsonl = o->jsonl};
    if (o->product || o->team) {
        fprintf(stderr, "plantbus: a gauge has no product and no team\n");
        return CTL_USAGE;
    }
    if (o->each && !ask.by_hour && strcmp(o->each, "minute") != 0) {
        fprintf(stderr, "plantbus: --each minute or hour, not \"%s\"\n", o->each);
        return CTL_USAGE;
    }
    return gauge_history(&ask);
}

static int run_any(const struct options *o) {
    if (strncmp(o->kind, GAUGE, strlen(GAUGE)) == 0)
        return run_gauge(o);
    if (o->each) {
        fprintf(stderr, "plantbus: --each is for gauges\n");
        return CTL_USAGE;
    }
    return run(o);
}

int history_run(int argc, char **argv) {
    struct options o = {.from_ms = INT64_MIN, .to_ms = INT64_MAX};
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &o.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &o.url, "address of the page; else http://127.0.0.1:8080"},
        {"from", "TIME", ARGS_TIME, &o.from_ms, "windows that begin then or later"},
        {"to", "TIME", ARGS_TIME, &o.to_ms, "windows that begin before; else up to now"},
        {"product", "NAME", ARGS_TEXT, &o.product, "of one product (shift, day)"},
        {"team", "NAME", ARGS_TEXT, &o.team, "of one team (shift, day)"},
        {"each", "minute|hour", ARGS_TEXT, &o.each, "rows of a gauge; else minute"},
        {"csv", NULL, ARGS_FLAG, &o.csv, "CSV with every sum, numerator and denominator"},
        {"jsonl", NULL, ARGS_FLAG, &o.jsonl, "the same as JSON, one window a line"}};
    const struct args args = {
        .usage = "history NODE KIND [OPTION...]",
        .about =
            "Prints the windows of a node as the running aggregator has stored them, oldest\n"
            "first. KIND is minute, 15min, hour, shift or day. Without --from: the last day,\n"
            "of shifts and days the last 31. \"moving\": late data came, the next revision is\n"
            "not told yet. Of a unit KIND may be gauge:ID: mean, least and greatest of what the\n"
            "gauge showed and how much of the time is known, out of the logs, so as far back as\n"
            "they are kept; least and greatest are means of slots of 10 s.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows,
        .least = 2,
        .most = 2};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    o.node = operands.at[0];
    o.kind = operands.at[1];
    if (o.csv && o.jsonl) {
        fprintf(stderr, "plantbus: --csv or --jsonl, not both\n");
        return CTL_USAGE;
    }
    return run_any(&o);
}
