/* plantbus orders: what a unit did for each order, and what was planned. */
#include "ctl/orders.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/answer.h"
#include "ctl/cells.h"
#include "ctl/ctl.h"
#include "ctl/list.h"
#include "ctl/past_ask.h"

enum { WIDTH = 180 };

static void put_time(struct cells *c, const struct json_value *o, const char *key) {
    const struct span t = answer_text(o, key);
    char text[40] = "";
    if (t.n > 16)
        (void)snprintf(text, sizeof text, "%.10s %.5s", (const char *)t.p, (const char *)t.p + 11);
    list_text(c, text, 18, false);
}

/* Pieces of known and of unknown time. */
static void put_pieces(struct cells *c, const struct json_value *o, const char *known,
                       const char *unknown) {
    int64_t a = 0, b = 0;
    char text[40];
    (void)json_int64_of(json_find(json_find(o, "sums"), known), &a);
    (void)json_int64_of(json_find(json_find(o, "sums"), unknown), &b);
    (void)snprintf(text, sizeof text, "%.0f", (double)(a + b) / 1e6);
    list_text(c, text, 9, true);
}

static void put_indicator(struct cells *c, const struct json_value *o, const char *id) {
    const struct json_value *i = json_find(json_find(o, "indicators"), id);
    const bool ratio = span_equal(answer_text(i, "unit"), span_str("1"));
    char text[40] = "–";
    double v = 0;
    if (json_double_of(json_find(i, "value"), &v) == ERR_OK)
        (void)snprintf(text, sizeof text, ratio ? "%.1f %%" : "%.3f", ratio ? v * 100 : v);
    list_text(c, text, 10, true);
}

static const struct list_column column[] = {
    {"order", 20, false},   {"product", 16, false}, {"begin (UTC)", 18, false}, {"end", 18, false},
    {"good", 9, true},      {"scrap", 9, true},     {"util", 10, true},         {"OEE", 10, true},
    {"min/good", 10, true}, {"kWh/good", 10, true}};

static double pieces(const struct json_value *v, const char *key) {
    int64_t n = 0;
    (void)json_int64_of(json_find(v, key), &n);
    return (double)n / 1e6;
}

static void put_end(struct buf *out, const char *what, struct span t) {
    if (t.n > 16)
        (void)buf_addf(out, ", %s %.10s %.5s", what, (const char *)t.p, (const char *)t.p + 11);
    else
        (void)buf_addf(out, ", %s never", what);
}

static void put_expected(struct buf *out, const struct json_value *p) {
    (void)buf_addf(out, "%.0f of %.0f made", pieces(p, "made"), pieces(p, "quantity"));
    if (json_find(p, "expected"))
        (void)buf_addf(out, ", %.0f expected (%+.0f)", pieces(p, "expected"), pieces(p, "gap"));
}

static void put_plan(struct buf *out, const struct json_value *list) {
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *p = json_at(list, i);
        const struct span order = answer_text(p, "order"), product = answer_text(p, "product");
        (void)buf_addf(out, "plan %.*s, %.*s: ", (int)order.n, (const char *)order.p,
                       (int)product.n, (const char *)product.p);
        put_expected(out, p);
        if (json_find(p, "expected")) {
            put_end(out, "planned to end", answer_text(p, "planned_end"));
            put_end(out, "will end", answer_text(p, "forecast_end"));
        }
        (void)buf_add_byte(out, '\n');
    }
}

/* Of shifts the last few: what is wanted of older ones is in the JSON. */
static void put_shifts(struct buf *out, const struct json_value *list) {
    enum { LAST = 6 };
    const size_t n = json_count(list);
    for (size_t i = n > LAST ? n - LAST : 0; i < n; i++) {
        const struct json_value *p = json_at(list, i);
        const struct span from = answer_text(p, "from"), to = answer_text(p, "to"),
                          product = answer_text(p, "product");
        if (from.n <= 16 || to.n <= 16)
            continue;
        (void)buf_addf(out, "plan %.10s %.5s to %.5s%s%.*s: ", (const char *)from.p,
                       (const char *)from.p + 11, (const char *)to.p + 11, product.n ? ", " : "",
                       (int)product.n, product.n ? (const char *)product.p : "");
        put_expected(out, p);
        if (json_find(p, "forecast"))
            (void)buf_addf(out, ", will be %.0f", pieces(p, "forecast"));
        if (answer_text(p, "forecast_end").n > 16)
            put_end(out, "all at", answer_text(p, "forecast_end"));
        (void)buf_add_byte(out, '\n');
    }
}

enum err orders_print(const struct json_value *answer, struct buf *out) {
    const struct json_value *list = json_find(answer, "orders");
    struct cells c = {.out = out, .width = WIDTH};
    if (json_count(list) == 0)
        (void)buf_add_str(out, "no order was worked on in this span\n");
    else
        list_head(&c, column, sizeof column / sizeof *column);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *o = json_at(list, i);
        cells_field(&c, STYLE_PLAIN, answer_text(o, "order"), 20, false);
        cells_field(&c, STYLE_PLAIN, answer_text(o, "product"), 16, false);
        put_time(&c, o, "first");
        put_time(&c, o, "last");
        put_pieces(&c, o, "gq", "gq_unknown");
        put_pieces(&c, o, "sq", "sq_unknown");
        put_indicator(&c, o, "time_utilization");
        put_indicator(&c, o, "oee");
        put_indicator(&c, o, "labour_per_unit");
        put_indicator(&c, o, "energy_per_good");
        cells_end(&c);
    }
    put_plan(out, json_find(answer, "plan"));
    put_shifts(out, json_find(answer, "shifts"));
    return out->failed ? ERR_NOMEM : ERR_OK;
}

int orders_run(int argc, char **argv) {
    static const struct past_command command = {
        .usage = "orders UNIT [OPTION...]",
        .about =
            "Prints what a unit did for each order it worked on in a span: its sums are those\n"
            "of its minutes in it, so late data are in them at once. Then what was planned of "
            "orders\n"
            "and shifts that begin in the span: made, expected by its end, gap, forecast.",
        .from = "begin of the span; else 31 days before its end",
        .csv = "CSV with every sum, numerator and denominator",
        .jsonl = "the same as JSON, one order a line",
        .path = "/api/v1/orders?",
        .operand = "unit",
        .print = orders_print};
    return past_run(&command, argc, argv);
}
