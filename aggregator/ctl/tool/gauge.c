#include "ctl/gauge.h"

#include <stdio.h>

#include "ctl/answer.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/list.h"
#include "ctl/past_ask.h"

enum { WIDTH = 100 };

static const struct list_column column[] = {{"begin (UTC)", 18, false},
                                            {"mean", 14, true},
                                            {"least", 14, true},
                                            {"greatest", 14, true},
                                            {"known", 10, true}};

static void put_number(struct cells *c, const struct json_value *row, const char *key) {
    char text[40] = "–";
    double v = 0;
    if (json_double_of(json_find(row, key), &v) == ERR_OK)
        (void)snprintf(text, sizeof text, "%.9g", v);
    list_text(c, text, 14, true);
}

static void put_row(struct cells *c, const struct json_value *row) {
    const struct span start = answer_text(row, "start");
    char text[40] = "";
    if (start.n > 16)
        (void)snprintf(text, sizeof text, "%.10s %.5s", (const char *)start.p,
                       (const char *)start.p + 11);
    list_text(c, text, 18, false);
    put_number(c, row, "mean");
    put_number(c, row, "least");
    put_number(c, row, "greatest");
    (void)snprintf(text, sizeof text, "%.1f s", (double)answer_number(row, "known_ms") / 1e3);
    list_text(c, text, 10, true);
    cells_end(c);
}

enum err gauge_print(const struct json_value *answer, struct buf *out) {
    const struct json_value *rows = json_find(answer, "rows");
    const struct span name = answer_text(answer, "name"), unit = answer_text(answer, "unit"),
                      shown = answer_text(answer, "unit_text");
    struct cells c = {.out = out, .width = WIDTH};
    bool gone = false;
    (void)json_bool_of(json_find(answer, "logs_gone"), &gone);
    (void)buf_addf(out, "%.*s of %.*s", (int)name.n, (const char *)name.p, (int)unit.n,
                   (const char *)unit.p);
    if (shown.n)
        (void)buf_addf(out, ", %.*s", (int)shown.n, (const char *)shown.p);
    (void)buf_add_byte(out, '\n');
    if (gone)
        (void)buf_add_str(out, "logs do not reach back to the begin: what lies before is gone\n");
    if (json_count(rows) == 0)
        (void)buf_add_str(out, "nothing is known of this time\n");
    else
        list_head(&c, column, sizeof column / sizeof *column);
    for (size_t i = 0; i < json_count(rows); i++)
        put_row(&c, json_at(rows, i));
    return out->failed ? ERR_NOMEM : ERR_OK;
}

static enum err add_path(const struct gauge_ask *a, struct buf *path) {
    (void)buf_add_str(path, "/api/v1/gauges?");
    client_add_argument(path, "unit", a->unit);
    client_add_argument(path, "gauge", a->gauge);
    client_add_argument(path, "each", a->by_hour ? "hour" : "minute");
    client_add_span(path, a->from_ms, a->to_ms);
    if (a->csv || a->jsonl)
        client_add_argument(path, "format", a->csv ? "csv" : "jsonl");
    return buf_add_byte(path, 0);
}

int gauge_history(const struct gauge_ask *a) {
    struct buf path, body;
    int code = CTL_FAILED;
    buf_init(&path);
    buf_init(&body);
    if (add_path(a, &path))
        fprintf(stderr, "plantbus: out of memory\n");
    else if (past_get(a->socket, a->url, (const char *)path.p, &body))
        code = past_put(buf_span(&body), a->csv || a->jsonl, gauge_print);
    buf_fini(&path);
    buf_fini(&body);
    return code;
}
