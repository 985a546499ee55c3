/* plantbus stops: what a node's machines did instead of running, by what it cost. */
#include "ctl/stops.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utc.h"
#include "ctl/args.h"
#include "ctl/cells.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/past_ask.h"

enum { WIDTH = 160, BAR = 20 };

void stops_duration(int64_t ms, char out[24]) {
    if (ms < UTC_MINUTE_MS)
        (void)snprintf(out, 24, "%" PRId64 " s", ms / 1000);
    else if (ms < UTC_HOUR_MS)
        (void)snprintf(out, 24, "%.1f min", (double)ms / 6e4);
    else
        (void)snprintf(out, 24, "%" PRId64 " h %02d", ms / UTC_HOUR_MS,
                       (int)(ms % UTC_HOUR_MS / UTC_MINUTE_MS));
}

static struct span text_of(const struct json_value *v, const char *key) {
    struct span s = {0};
    (void)json_string_of(json_find(v, key), &s); /* not there: empty */
    return s;
}

static int64_t number_of(const struct json_value *v, const char *key) {
    int64_t n = 0;
    (void)json_int64_of(json_find(v, key), &n); /* not there: 0 */
    return n;
}

static void put(struct cells *c, const char *text, unsigned columns, bool right) {
    cells_field(c, STYLE_PLAIN, span_str(text), columns, right);
}

static void put_duration(struct cells *c, const struct json_value *v, const char *key) {
    char text[24];
    stops_duration(number_of(v, key), text);
    put(c, text, 11, true);
}

static void put_percent(struct cells *c, const struct json_value *v, const char *key) {
    char text[24];
    double x = 0;
    (void)json_double_of(json_find(v, key), &x);
    (void)snprintf(text, sizeof text, "%.1f %%", x * 100);
    put(c, text, 9, true);
}

static void put_row(struct cells *c, const struct json_value *row) {
    static const char bar[] = "####################";
    char count[24];
    double x = 0;
    (void)json_double_of(json_find(row, "share"), &x);
    cells_field(c, STYLE_PLAIN, text_of(row, "category"), 16, false);
    cells_field(c, STYLE_PLAIN, text_of(row, "cause"), 12, false);
    cells_field(c, STYLE_PLAIN, text_of(row, "reason"), 20, false);
    (void)snprintf(count, sizeof count, "%" PRId64, number_of(row, "count"));
    put(c, count, 7, true);
    put_duration(c, row, "total_ms");
    put_duration(c, row, "median_ms");
    put_duration(c, row, "longest_ms");
    put_percent(c, row, "share");
    put_percent(c, row, "cumulated");
    put(c, "  ", 2, false);
    cells_put(c, STYLE_PLAIN, span_of(bar, (size_t)(x * BAR + 0.5) % (BAR + 1)));
    cells_end(c);
}

static void put_head(struct cells *c) {
    static const struct {
        const char *text;
        unsigned columns;
        bool right;
    } head[] = {{"category", 16, false}, {"cause", 12, false}, {"reason", 20, false},
                {"stops", 7, true},      {"total", 11, true},  {"median", 11, true},
                {"longest", 11, true},   {"share", 9, true},   {"sum", 9, true}};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        put(c, head[i].text, head[i].columns, head[i].right);
    cells_end(c);
}

/* A mean without a divisor is said to be none. */
static void put_mean(struct buf *out, const struct json_value *f, const char *name, const char *key,
                     const char *n_key, const char *of) {
    double v = 0;
    if (json_double_of(json_find(f, key), &v) == ERR_OK)
        (void)buf_addf(out, "%s %.2f h, mean of %" PRId64 " %s\n", name, v, number_of(f, n_key),
                       of);
    else
        (void)buf_addf(out, "%s –, no %s seen whole\n", name, of);
}

static void put_longest(struct cells *c, const struct json_value *list) {
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *x = json_at(list, i);
        const struct span from = text_of(x, "from");
        char text[40];
        (void)snprintf(text, sizeof text, "%.10s %.8s", (const char *)from.p,
                       from.n > 19 ? (const char *)from.p + 11 : "");
        put(c, from.n ? text : "", 21, false);
        cells_field(c, STYLE_PLAIN, text_of(x, "unit"), 20, false);
        put_duration(c, x, "duration_ms");
        put(c, "  ", 2, false);
        cells_field(c, STYLE_PLAIN, text_of(x, "category"), 16, false);
        cells_field(c, STYLE_PLAIN, text_of(x, "cause"), 12, false);
        cells_field(c, STYLE_PLAIN, text_of(x, "reason"), 20, false);
        cells_put(c, STYLE_PLAIN, text_of(x, "order"));
        cells_end(c);
    }
}

enum err stops_print(const struct json_value *answer, struct buf *out) {
    const struct json_value *rows = json_find(answer, "rows"), *f = json_find(answer, "failures");
    struct cells c = {.out = out, .width = WIDTH};
    char run[24], stop[24], unknown[24];
    stops_duration(number_of(answer, "run_ms"), run);
    stops_duration(number_of(answer, "stop_ms"), stop);
    stops_duration(number_of(answer, "unknown_ms"), unknown);
    (void)buf_addf(out, "running %s, not running %s, no data %s\n", run, stop, unknown);
    if (json_count(rows) > 0)
        put_head(&c);
    for (size_t i = 0; i < json_count(rows); i++)
        put_row(&c, json_at(rows, i));
    (void)buf_addf(out, "failures begun %" PRId64 "\n", number_of(f, "begun"));
    put_mean(out, f, "MTBF", "mtbf_h", "intervals", "intervals between failures");
    put_mean(out, f, "MTTR", "mttr_h", "repairs", "repairs");
    if (json_count(json_find(answer, "longest")) > 0)
        (void)buf_add_str(out, "the longest (UTC):\n");
    put_longest(&c, json_find(answer, "longest"));
    return out->failed ? ERR_NOMEM : ERR_OK;
}

int stops_run(int argc, char **argv) {
    struct past_ask o = {.from_ms = INT64_MIN, .to_ms = INT64_MAX};
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &o.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &o.url, "address of the page; else http://127.0.0.1:8080"},
        {"from", "TIME", ARGS_TIME, &o.from_ms, "begin of the span; else a day before its end"},
        {"to", "TIME", ARGS_TIME, &o.to_ms, "its end; else now"},
        {"csv", NULL, ARGS_FLAG, &o.csv, "the rows as CSV"},
        {"jsonl", NULL, ARGS_FLAG, &o.jsonl, "the same as JSON, one row a line"}};
    const struct args args = {
        .usage = "stops NODE [OPTION...]",
        .about = "Prints what the machines below a node did instead of running: by category,\n"
                 "cause and stated reason, what cost most first; the means of failures over "
                 "intervals that were\n"
                 "seen whole; the longest stops. Computed from the logs, so as far back as they\n"
                 "are kept.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows,
        .least = 1,
        .most = 1};
    struct args_texts operands;
    struct buf path, body;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    if (o.csv && o.jsonl) {
        fprintf(stderr, "plantbus: --csv or --jsonl, not both\n");
        return CTL_USAGE;
    }
    buf_init(&path);
    buf_init(&body);
    (void)buf_add_str(&path, "/api/v1/stops?limit=10");
    client_add_argument(&path, "node", operands.at[0]);
    int code = buf_add_byte(&path, 0) == ERR_OK && past_ask(&o, (const char *)path.p, &body)
                   ? past_print(&o, buf_span(&body), stops_print)
                   : CTL_FAILED;
    buf_fini(&path);
    buf_fini(&body);
    return code;
}
