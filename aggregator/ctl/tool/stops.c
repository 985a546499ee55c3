/* plantbus stops: what a node's machines did instead of running, by what it cost. */
#include "ctl/stops.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utc.h"
#include "ctl/answer.h"
#include "ctl/cells.h"
#include "ctl/ctl.h"
#include "ctl/list.h"
#include "ctl/past_ask.h"

enum { WIDTH = 160 };

void stops_duration(int64_t ms, char out[24]) {
    if (ms < UTC_MINUTE_MS)
        (void)snprintf(out, 24, "%" PRId64 " s", ms / 1000);
    else if (ms < UTC_HOUR_MS)
        (void)snprintf(out, 24, "%.1f min", (double)ms / 6e4);
    else
        (void)snprintf(out, 24, "%" PRId64 " h %02d", ms / UTC_HOUR_MS,
                       (int)(ms % UTC_HOUR_MS / UTC_MINUTE_MS));
}

static void put_duration(struct cells *c, const struct json_value *v, const char *key) {
    char text[24];
    stops_duration(answer_number(v, key), text);
    list_text(c, text, 11, true);
}

static void put_row(struct cells *c, const struct json_value *row) {
    char count[24];
    cells_field(c, STYLE_PLAIN, answer_text(row, "category"), 16, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "cause"), 12, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "reason"), 20, false);
    (void)snprintf(count, sizeof count, "%" PRId64, answer_number(row, "count"));
    list_text(c, count, 7, true);
    put_duration(c, row, "total_ms");
    put_duration(c, row, "median_ms");
    put_duration(c, row, "longest_ms");
    list_percent(c, row, "share");
    list_percent(c, row, "cumulated");
    list_bar(c, row, "share");
}

static const struct list_column column[] = {
    {"category", 16, false}, {"cause", 12, false}, {"reason", 20, false},
    {"stops", 7, true},      {"total", 11, true},  {"median", 11, true},
    {"longest", 11, true},   {"share", 9, true},   {"sum", 9, true}};

/* A mean without a divisor is said to be none. */
static void put_mean(struct buf *out, const struct json_value *f, const char *name, const char *key,
                     const char *n_key, const char *of) {
    double v = 0;
    if (json_double_of(json_find(f, key), &v) == ERR_OK)
        (void)buf_addf(out, "%s %.2f h, mean of %" PRId64 " %s\n", name, v, answer_number(f, n_key),
                       of);
    else
        (void)buf_addf(out, "%s –, no %s seen whole\n", name, of);
}

static void put_longest(struct cells *c, const struct json_value *list) {
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *x = json_at(list, i);
        const struct span from = answer_text(x, "from");
        char text[40];
        (void)snprintf(text, sizeof text, "%.10s %.8s", (const char *)from.p,
                       from.n > 19 ? (const char *)from.p + 11 : "");
        list_text(c, from.n ? text : "", 21, false);
        cells_field(c, STYLE_PLAIN, answer_text(x, "unit"), 20, false);
        put_duration(c, x, "duration_ms");
        list_text(c, "  ", 2, false);
        cells_field(c, STYLE_PLAIN, answer_text(x, "category"), 16, false);
        cells_field(c, STYLE_PLAIN, answer_text(x, "cause"), 12, false);
        cells_field(c, STYLE_PLAIN, answer_text(x, "reason"), 20, false);
        cells_put(c, STYLE_PLAIN, answer_text(x, "order"));
        cells_end(c);
    }
}

enum err stops_print(const struct json_value *answer, struct buf *out) {
    const struct json_value *rows = json_find(answer, "rows"), *f = json_find(answer, "failures");
    struct cells c = {.out = out, .width = WIDTH};
    char run[24], stop[24], unknown[24];
    stops_duration(answer_number(answer, "run_ms"), run);
    stops_duration(answer_number(answer, "stop_ms"), stop);
    stops_duration(answer_number(answer, "unknown_ms"), unknown);
    (void)buf_addf(out, "running %s, not running %s, no data %s\n", run, stop, unknown);
    if (json_count(rows) > 0)
        list_head(&c, column, sizeof column / sizeof *column);
    for (size_t i = 0; i < json_count(rows); i++)
        put_row(&c, json_at(rows, i));
    (void)buf_addf(out, "failures begun %" PRId64 "\n", answer_number(f, "begun"));
    put_mean(out, f, "MTBF", "mtbf_h", "intervals", "intervals between failures");
    put_mean(out, f, "MTTR", "mttr_h", "repairs", "repairs");
    if (json_count(json_find(answer, "longest")) > 0)
        (void)buf_add_str(out, "the longest (UTC):\n");
    put_longest(&c, json_find(answer, "longest"));
    return out->failed ? ERR_NOMEM : ERR_OK;
}

int stops_run(int argc, char **argv) {
    static const struct past_command command = {
        .usage = "stops NODE [OPTION...]",
        .about =
            "Prints what the machines below a node did instead of running: by category, cause\n"
            "and stated reason, what cost most first; the means of failures over intervals\n"
            "that were seen whole; the longest stops. Computed from the logs, so as far back\n"
            "as they are kept.",
        .from = "begin of the span; else a day before its end",
        .csv = "the rows as CSV",
        .jsonl = "the same as JSON, one row a line",
        .path = "/api/v1/stops?limit=10",
        .operand = "node",
        .print = stops_print};
    return past_run(&command, argc, argv);
}
