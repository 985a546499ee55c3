/* plantbus timeline: what a unit did, minute by minute. */
#include "ctl/timeline.h"

#include <stdio.h>
#include <string.h>

#include "base/ident.h"
#include "base/utc.h"
#include "ctl/answer.h"
#include "ctl/conditions.h"
#include "ctl/ctl.h"
#include "ctl/past_ask.h"

enum { KINDS = 9, MINUTES = 60 };

static const struct {
    const char *category, *cause; /* cause NULL: any other */
    char mark;
    const char *legend;
} kind[KINDS] = {
    {"production", NULL, '#', "runs"},         {"setup", NULL, 's', "setup"},
    {"delay", "failure", 'F', "failure"},      {"delay", NULL, '!', "stopped"},
    {"down_no_order", NULL, '.', "no order"},  {"planned_down", NULL, '-', "planned stop"},
    {"engineering", NULL, 'e', "engineering"}, {"not_scheduled", NULL, ' ', "not scheduled"},
    {"unknown", NULL, '?', "no data"}};

struct chart { /* the minute being filled */
    struct buf *out;
    int64_t minute_ms;
    int64_t of[KINDS];
};

static int kind_of(const struct json_value *piece) {
    struct span category = {0}, cause = {0};
    (void)json_string_of(json_find(piece, "category"), &category);
    (void)json_string_of(json_find(piece, "cause"), &cause);
    for (int k = 0; k < KINDS; k++)
        if (span_equal(category, span_str(kind[k].category)) &&
            (!kind[k].cause || span_equal(cause, span_str(kind[k].cause))))
            return k;
    return KINDS - 1;
}

static void end_minute(struct chart *c) {
    int most = -1;
    for (int k = 0; k < KINDS; k++)
        if (c->of[k] > 0 && (most < 0 || c->of[k] > c->of[most]))
            most = k;
    (void)buf_add_byte(c->out, (uint8_t)(most < 0 ? ' ' : kind[most].mark));
    memset(c->of, 0, sizeof c->of);
    c->minute_ms += UTC_MINUTE_MS;
}

static void begin_hour(struct chart *c) {
    char text[UTC_TEXT];
    utc_format(c->minute_ms, text);
    (void)buf_addf(c->out, "%.10s %.5s ", text, text + 11);
}

/* Fills minutes up to t with what was before it. */
static void advance(struct chart *c, int64_t t_ms) {
    while (c->minute_ms + UTC_MINUTE_MS <= t_ms) {
        end_minute(c);
        if (c->minute_ms % UTC_HOUR_MS == 0) {
            (void)buf_add_byte(c->out, '\n');
            begin_hour(c);
        }
    }
}

static void add_piece(struct chart *c, const struct json_value *piece) {
    const int k = kind_of(piece);
    int64_t from = 0, to = 0;
    if (json_int64_of(json_find(piece, "from_ms"), &from) ||
        json_int64_of(json_find(piece, "to_ms"), &to))
        return;
    for (int64_t end; from < to; from = end) {
        advance(c, from);
        end = c->minute_ms + UTC_MINUTE_MS < to ? c->minute_ms + UTC_MINUTE_MS : to;
        end = end > from ? end : to;
        c->of[k] += end - from;
    }
}

enum err timeline_print(const struct json_value *answer, struct buf *out) {
    const struct json_value *list = json_find(answer, "pieces");
    struct chart c = {.out = out};
    int64_t from = 0, to = 0;
    for (int k = 0; k < KINDS; k++)
        if (kind[k].mark != ' ')
            (void)buf_addf(out, "%c %s  ", kind[k].mark, kind[k].legend);
    (void)buf_add_str(out, "(UTC)\n");
    const size_t n = json_count(list);
    if (n == 0)
        return buf_add_str(out, "nothing is known of this time\n");
    if (json_int64_of(json_find(json_at(list, 0), "from_ms"), &from) ||
        json_int64_of(json_find(json_at(list, n - 1), "to_ms"), &to) || to < from)
        return ERR_FORMAT;
    c.minute_ms = utc_floor(from, UTC_HOUR_MS);
    begin_hour(&c);
    for (size_t i = 0; i < n; i++)
        add_piece(&c, json_at(list, i));
    if (utc_floor(to, UTC_MINUTE_MS) > c.minute_ms)
        advance(&c, utc_floor(to, UTC_MINUTE_MS));
    if (to > c.minute_ms)
        end_minute(&c);
    (void)buf_add_byte(out, '\n');
    conditions_print(out, json_find(answer, "breaches"), "breached");
    conditions_print(out, json_find(answer, "unproven"), "not known to be kept");
    return out->failed ? ERR_NOMEM : ERR_OK;
}

static bool unit_path(const char *operand, struct buf *out) {
    (void)buf_addf(out, "/api/v1/units/%s/timeline?", operand);
    return ident_check(span_str(operand));
}

int timeline_run(int argc, char **argv) {
    static const struct past_command command = {
        .usage = "timeline UNIT [OPTION...]",
        .about = "Draws what a unit did: a line an hour, a character a minute. With --csv every\n"
                 "stretch of one state, order, product and team with its begin and end. Computed\n"
                 "from the logs, so as far back as they are kept.",
        .from = "begin of the span; else 8 h before its end",
        .csv = "every piece to the millisecond as CSV",
        .jsonl = "the same as JSON, one piece a line",
        .path_of = unit_path,
        .print = timeline_print};
    return past_run(&command, argc, argv);
}
