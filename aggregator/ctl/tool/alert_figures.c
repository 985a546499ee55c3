/* plantbus alert figures: measures of the alarm system itself. */
#include <inttypes.h>
#include <stdio.h>

#include "ctl/alert.h"
#include "ctl/answer.h"
#include "ctl/cells.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/list.h"
#include "ctl/past_ask.h"

enum { WIDTH = 120 };

static const struct list_column column[] = {{"rule", 28, false},
                                            {"node", 20, false},
                                            {"activations", 12, true},
                                            {"share", 9, true},
                                            {"  chatters", 10, false}};

static void put_top(struct cells *c, const struct json_value *top) {
    if (json_count(top) > 0)
        list_head(c, column, sizeof column / sizeof *column);
    for (size_t i = 0; i < json_count(top); i++) {
        const struct json_value *row = json_at(top, i);
        char text[24];
        bool chatters = false;
        (void)json_bool_of(json_find(row, "chatters"), &chatters);
        cells_field(c, STYLE_PLAIN, answer_text(row, "rule"), 28, false);
        cells_field(c, STYLE_PLAIN, answer_text(row, "node"), 20, false);
        (void)snprintf(text, sizeof text, "%" PRId64, answer_number(row, "activations"));
        list_text(c, text, 12, true);
        list_percent(c, row, "share");
        list_text(c, chatters ? "  yes" : "", 10, false);
        cells_end(c);
    }
}

static void put_standing(struct cells *c, const struct json_value *list) {
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *row = json_at(list, i);
        cells_field(c, STYLE_PLAIN, answer_text(row, "rule"), 28, false);
        cells_field(c, STYLE_PLAIN, answer_text(row, "node"), 20, false);
        cells_put(c, STYLE_PLAIN, span_str("since "));
        cells_put(c, STYLE_PLAIN, answer_text(row, "since"));
        cells_end(c);
    }
}

enum err alert_figures_print(const struct json_value *answer, struct buf *out) {
    const struct json_value *now = json_find(answer, "now");
    struct cells c = {.out = out, .width = WIDTH};
    char rate[32];
    alert_number(answer, "per_hour", rate);
    (void)buf_addf(out,
                   "%" PRId64 " activations, %s an hour, %" PRId64
                   " in the busiest one; none in %" PRId64 " of %" PRId64 " hours\n",
                   answer_number(answer, "activations"), rate,
                   answer_number(answer, "busiest_hour"), answer_number(answer, "quiet_hours"),
                   answer_number(answer, "hours"));
    (void)buf_addf(out,
                   "%" PRId64 " chattering, %" PRId64 " in floods, %" PRId64 " suppressed, %" PRId64
                   " acknowledged\n",
                   answer_number(answer, "chattering"), answer_number(answer, "in_floods"),
                   answer_number(answer, "suppressed"), answer_number(answer, "acknowledged"));
    (void)buf_addf(out,
                   "now: %" PRId64 " active, %" PRId64 " unacknowledged, %" PRId64
                   " standing for a day or longer, %" PRId64 " positions in a flood\n",
                   answer_number(now, "active"), answer_number(now, "unacknowledged"),
                   answer_number(now, "standing"), answer_number(now, "positions_flooded"));
    if (answer_number(answer, "in_no_row") > 0)
        (void)buf_addf(out,
                       "%" PRId64 " of the activations are of alerts beyond the %" PRId64
                       " that are told apart: none of those is among the chattering or below\n",
                       answer_number(answer, "in_no_row"), answer_number(answer, "alerts"));
    put_top(&c, json_find(answer, "top"));
    put_standing(&c, json_find(answer, "standing"));
    return out->failed ? ERR_NOMEM : ERR_OK;
}

int alert_figures_run(int argc, char **argv) {
    static const struct past_command command = {
        .usage = "alert figures [OPTION...]",
        .about =
            "Prints how the alarm system itself does: activations by the hour, the ten alerts\n"
            "that come most, those that chatter, those that stand for a day and longer.",
        .from = "begin of the span; else a day before its end",
        .path = "/api/v1/alerts/figures?",
        .print = alert_figures_print};
    return past_run(&command, argc, argv);
}
