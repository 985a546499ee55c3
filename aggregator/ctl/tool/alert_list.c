/* plantbus alert list: what stands now. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/alert.h"
#include "ctl/answer.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/list.h"
#include "ctl/past_ask.h"
#include "ctl/stops.h"

enum { WIDTH = 160 };

static const struct list_column column[] = {
    {"severity", 10, false}, {"state", 25, false}, {"node", 16, false},
    {"rule", 24, false},     {"age", 11, true},    {"value", 12, true},
    {"limit", 12, true},     {"  unit", 8, false}, {"what to do", 40, false}};

void alert_number(const struct json_value *v, const char *key, char out[32]) {
    double x = 0;
    if (json_double_of(json_find(v, key), &x))
        (void)snprintf(out, 32, "–");
    else
        (void)snprintf(out, 32, "%.5g", x);
}

static enum cells_style style_of(struct span severity) {
    if (span_equal(severity, span_str("critical")) || span_equal(severity, span_str("high")))
        return STYLE_BAD;
    return span_equal(severity, span_str("medium")) ? STYLE_WARN : STYLE_PLAIN;
}

/* Why it is worth a second look. */
static void put_marks(struct cells *c, const struct json_value *row) {
    static const char *const mark[] = {"first_out", "flood", "flapping", "no_data"};
    static const char *const word[] = {" first out", " flood", " flapping", " no data"};
    for (size_t i = 0; i < sizeof mark / sizeof *mark; i++) {
        bool is = false;
        (void)json_bool_of(json_find(row, mark[i]), &is);
        if (is)
            cells_put(c, STYLE_DIM, span_str(word[i]));
    }
}

static void put_row(struct cells *c, const struct json_value *row) {
    char text[32], age[24];
    const struct span severity = answer_text(row, "severity");
    cells_field(c, style_of(severity), severity, 10, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "state"), 25, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "node"), 16, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "rule"), 24, false);
    stops_duration(answer_number(row, "age_ms"), age);
    list_text(c, age, 11, true);
    alert_number(row, "value", text);
    list_text(c, text, 12, true);
    alert_number(row, "threshold", text);
    list_text(c, text, 12, true);
    list_text(c, "  ", 2, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "unit"), 6, false);
    cells_put(c, STYLE_PLAIN, answer_text(row, "action"));
    put_marks(c, row);
    cells_end(c);
}

enum err alert_list_print(const struct json_value *answer, struct buf *out) {
    const struct json_value *rows = json_find(answer, "alerts"),
                            *states = json_find(answer, "states");
    struct cells c = {.out = out, .width = WIDTH};
    (void)buf_addf(out,
                   "%" PRId64 " active and unacknowledged, %" PRId64 " acknowledged, %" PRId64
                   " returned and unacknowledged; %" PRId64 " shelved, %" PRId64
                   " suppressed, %" PRId64 " out of service\n",
                   answer_number(states, "active_unacknowledged"),
                   answer_number(states, "active_acknowledged"),
                   answer_number(states, "returned_unacknowledged"),
                   answer_number(states, "shelved"), answer_number(states, "suppressed"),
                   answer_number(states, "out_of_service"));
    if (json_count(rows) > 0)
        list_head(&c, column, sizeof column / sizeof *column);
    for (size_t i = 0; i < json_count(rows); i++)
        put_row(&c, json_at(rows, i));
    return out->failed ? ERR_NOMEM : ERR_OK;
}

int alert_list_run(int argc, char **argv) {
    const char *socket = NULL, *url = NULL, *node = NULL;
    bool all = false, json = false;
    const struct args_row rows[] = {
        {"node", "NODE", ARGS_TEXT, &node, "of it and what lies below; else of the plant"},
        {"all", NULL, ARGS_FLAG, &all, "those that are normal, too"},
        {"socket", "PATH", ARGS_TEXT, &socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &url, "address of the page; else http://127.0.0.1:8080"},
        {"json", NULL, ARGS_FLAG, &json, "the answer as it came"}};
    const struct args args = {.usage = "alert list [OPTION...]",
                              .about = "Prints the alerts that stand, the loudest first.",
                              .rows = rows,
                              .row_n = sizeof rows / sizeof *rows};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    struct buf path;
    buf_init(&path);
    buf_add_str(&path, all ? "/api/v1/alerts?limit=1000&all=1" : "/api/v1/alerts?limit=1000");
    past_add_text(&path, "node", node);
    const int code = past_show(socket, url, &path, json, alert_list_print);
    buf_fini(&path);
    return code;
}
