/* plantbus alert history: what happened. */
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

enum { WIDTH = 160 };

static const struct list_column column[] = {
    {"event", 7, true},  {"  at (UTC)", 22, false}, {"severity", 10, false},
    {"what", 17, false}, {"state", 25, false},      {"node", 16, false},
    {"rule", 24, false}, {"value", 12, true},       {"limit", 12, true}};

static void put_row(struct cells *c, const struct json_value *row) {
    char text[64];
    const struct span at = answer_text(row, "at");
    (void)snprintf(text, sizeof text, "%" PRId64, answer_number(row, "n"));
    list_text(c, text, 7, true);
    (void)snprintf(text, sizeof text, "  %.10s %.8s", at.n ? (const char *)at.p : "",
                   at.n > 19 ? (const char *)at.p + 11 : "");
    list_text(c, text, 22, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "severity"), 10, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "why"), 17, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "to"), 25, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "node"), 16, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "rule"), 24, false);
    alert_number(row, "value", text);
    list_text(c, text, 12, true);
    alert_number(row, "threshold", text);
    list_text(c, text, 12, true);
    list_text(c, "  ", 2, false);
    cells_put(c, STYLE_PLAIN, answer_text(row, "who"));
    if (answer_text(row, "note").n)
        cells_put(c, STYLE_PLAIN, span_str(": "));
    cells_put(c, STYLE_PLAIN, answer_text(row, "note"));
    cells_end(c);
}

enum err alert_history_print(const struct json_value *answer, struct buf *out) {
    const struct json_value *rows = json_find(answer, "events");
    const int64_t next = answer_number(answer, "next");
    struct cells c = {.out = out, .width = WIDTH};
    if (json_count(rows) > 0)
        list_head(&c, column, sizeof column / sizeof *column);
    for (size_t i = 0; i < json_count(rows); i++)
        put_row(&c, json_at(rows, i));
    if (next > 0)
        (void)buf_addf(out, "older ones: --before %" PRId64 "\n", next);
    return out->failed ? ERR_NOMEM : ERR_OK;
}

int alert_history_run(int argc, char **argv) {
    const char *socket = NULL, *url = NULL, *node = NULL, *rule = NULL, *before = NULL,
               *limit = "50";
    int64_t from_ms = INT64_MIN, to_ms = INT64_MAX;
    bool json = false;
    const struct args_row rows[] = {
        {"rule", "RULE", ARGS_TEXT, &rule, "of this rule; it may be gone"},
        {"node", "NODE", ARGS_TEXT, &node, "of this node; it may be gone"},
        {"from", "TIME", ARGS_TIME, &from_ms, "not before it"},
        {"to", "TIME", ARGS_TIME, &to_ms, "before it"},
        {"before", "N", ARGS_TEXT, &before, "older than the event of this number"},
        {"limit", "N", ARGS_TEXT, &limit, "at most so many, up to 1000; else 50"},
        {"socket", "PATH", ARGS_TEXT, &socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &url, "address of the page; else http://127.0.0.1:8080"},
        {"json", NULL, ARGS_FLAG, &json, "the answer as it came"}};
    const struct args args = {.usage = "alert history [OPTION...]",
                              .about = "Prints what happened to alerts, the newest first.",
                              .rows = rows,
                              .row_n = sizeof rows / sizeof *rows};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    struct buf path;
    buf_init(&path);
    buf_add_str(&path, "/api/v1/alerts/history?");
    client_add_argument(&path, "limit", limit);
    past_add_text(&path, "rule", rule);
    past_add_text(&path, "node", node);
    past_add_text(&path, "before", before);
    client_add_span(&path, from_ms, to_ms);
    const int code = past_show(socket, url, &path, json, alert_history_print);
    buf_fini(&path);
    return code;
}
