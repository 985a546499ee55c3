/* plantbus scrap: why pieces of a node were scrap or reworked. */
#include "ctl/scrap.h"

#include <stdio.h>
#include <string.h>

#include "ctl/answer.h"
#include "ctl/cells.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/past_ask.h"

enum { WIDTH = 160, BAR = 20 };

static void put(struct cells *c, const char *text, unsigned columns, bool right) {
    cells_field(c, STYLE_PLAIN, span_str(text), columns, right);
}

static double pieces(const struct json_value *v, const char *key) {
    return (double)answer_number(v, key) / 1e6;
}

static void put_percent(struct cells *c, const struct json_value *row, const char *key) {
    char text[24] = "–";
    double x = 0;
    if (json_double_of(json_find(row, key), &x) == ERR_OK)
        (void)snprintf(text, sizeof text, "%.1f %%", x * 100);
    put(c, text, 9, true);
}

static void put_row(struct cells *c, const struct json_value *row) {
    static const char bar[] = "####################";
    const struct span reason = answer_text(row, "reason");
    char count[32];
    double x = 0;
    (void)json_double_of(json_find(row, "share"), &x);
    x = x < 0 ? 0 : x > 1 ? 1 : x; /* beside negative parts a share may be above one */
    cells_field(c, STYLE_PLAIN, answer_text(row, "kind"), 8, false);
    cells_field(c, STYLE_PLAIN, reason.n ? reason : span_str("(not stated)"), 24, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "unit"), 20, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "product"), 16, false);
    (void)snprintf(count, sizeof count, "%.9g", pieces(row, "pieces"));
    put(c, count, 10, true);
    put_percent(c, row, "share");
    put_percent(c, row, "cumulated");
    put(c, "  ", 2, false);
    cells_put(c, STYLE_PLAIN, span_of(bar, (size_t)(x * BAR + 0.5)));
    cells_end(c);
}

static void put_head(struct cells *c) {
    static const struct {
        const char *text;
        unsigned columns;
        bool right;
    } head[] = {{"kind", 8, false},     {"reason", 24, false}, {"unit", 20, false},
                {"product", 16, false}, {"pieces", 10, true},  {"share", 9, true},
                {"sum", 9, true}};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        put(c, head[i].text, head[i].columns, head[i].right);
    cells_end(c);
}

static void put_total(struct buf *out, const struct json_value *answer, const char *kind) {
    const struct json_value *total = json_find(answer, kind);
    const double unknown = pieces(total, "pieces_unknown");
    (void)buf_addf(out, "%s %.9g pieces, of them %.9g without a stated reason", kind,
                   pieces(total, "pieces"), pieces(total, "unstated"));
    if (unknown != 0)
        (void)buf_addf(out, ", %.9g in time without data", unknown);
    (void)buf_add_byte(out, '\n');
}

enum err scrap_print(const struct json_value *answer, struct buf *out) {
    const struct json_value *rows = json_find(answer, "rows");
    struct cells c = {.out = out, .width = WIDTH};
    bool gone = false;
    (void)json_bool_of(json_find(answer, "logs_gone"), &gone);
    if (gone) {
        const struct span from = answer_text(answer, "from");
        (void)buf_addf(out, "logs reach back to %.*s: what lies before is not in this\n",
                       (int)from.n, (const char *)from.p);
    }
    put_total(out, answer, "scrap");
    put_total(out, answer, "rework");
    if (json_count(rows) > 0)
        put_head(&c);
    for (size_t i = 0; i < json_count(rows); i++)
        put_row(&c, json_at(rows, i));
    return out->failed ? ERR_NOMEM : ERR_OK;
}

static bool path_of(const char *operand, struct buf *out) {
    (void)buf_add_str(out, "/api/v1/scrap?");
    client_add_argument(out, "node", operand);
    return true;
}

int scrap_run(int argc, char **argv) {
    static const struct past_command command = {
        .usage = "scrap NODE [OPTION...]",
        .about =
            "Prints why pieces of a node's units were scrap or reworked: by reason, unit that\n"
            "made them and product, the most pieces first, with shares of all scrap and their\n"
            "running sum. Reasons are those of tags of scrap events and of entries; what nobody\n"
            "gave a reason for is told as such, so the rows sum to the scrap of the windows of\n"
            "the same minutes. Computed from the logs, so as far back as they are kept.",
        .from = "begin of the span; else a day before its end",
        .csv = "the rows as CSV, amounts in millionths of a piece",
        .jsonl = "the same as JSON, one row a line",
        .path = path_of,
        .print = scrap_print};
    return past_run(&command, argc, argv);
}
