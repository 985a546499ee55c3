/* plantbus scrap: why pieces of a node were scrap or reworked. */
#include "ctl/scrap.h"

#include <stdio.h>
#include <string.h>

#include "ctl/answer.h"
#include "ctl/cells.h"
#include "ctl/ctl.h"
#include "ctl/list.h"
#include "ctl/past_ask.h"

enum { WIDTH = 160 };

static double pieces(const struct json_value *v, const char *key) {
    return (double)answer_number(v, key) / 1e6;
}

static void put_row(struct cells *c, const struct json_value *row) {
    const struct span reason = answer_text(row, "reason");
    char count[32];
    cells_field(c, STYLE_PLAIN, answer_text(row, "kind"), 8, false);
    cells_field(c, STYLE_PLAIN, reason.n ? reason : span_str("(not stated)"), 24, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "unit"), 20, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "product"), 16, false);
    (void)snprintf(count, sizeof count, "%.9g", pieces(row, "pieces"));
    list_text(c, count, 10, true);
    list_percent(c, row, "share");
    list_percent(c, row, "cumulated");
    list_bar(c, row, "share");
}

static const struct list_column column[] = {
    {"kind", 8, false},   {"reason", 24, false}, {"unit", 20, false}, {"product", 16, false},
    {"pieces", 10, true}, {"share", 9, true},    {"sum", 9, true}};

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
        list_head(&c, column, sizeof column / sizeof *column);
    for (size_t i = 0; i < json_count(rows); i++)
        put_row(&c, json_at(rows, i));
    return out->failed ? ERR_NOMEM : ERR_OK;
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
        .path = "/api/v1/scrap?",
        .operand = "node",
        .print = scrap_print};
    return past_run(&command, argc, argv);
}
