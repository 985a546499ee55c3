/* plantbus state: why a unit is in its state now, and its signals with value, quality and age. */
#include "ctl/state.h"

#include <inttypes.h>
#include <locale.h>
#include <stdio.h>

#include "base/ident.h"
#include "ctl/answer.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/screen.h"
#include "ctl/terminal.h"

enum { FACT = 12, ROLE = 16, VALUE = 20, QUALITY = 24, AGE = 9, PIPE_WIDTH = 240 };

static bool flag(const struct json_value *v, const char *key) {
    bool b = false;
    (void)json_bool_of(json_find(v, key), &b);
    return b;
}

static void fact(struct cells *c, const char *what, const char *text) {
    cells_field(c, STYLE_DIM, span_str(what), FACT, false);
    cells_put(c, STYLE_PLAIN, span_str(text));
    cells_end(c);
}

static void put_head(struct cells *c, const struct json_value *root) {
    const struct span id = answer_text(root, "id"), state = answer_text(root, "state");
    const int64_t now = answer_number(root, "now_ms"), since = answer_number(root, "since_ms");
    char text[160], age[24];
    screen_duration(now - since, age);
    cells_put(c, STYLE_BOLD, id);
    (void)snprintf(text, sizeof text, "  %.*s%s%s%s%s", (int)state.n, (const char *)state.p,
                   since ? " for " : "", since ? age : "", flag(root, "stale") ? ", stale" : "",
                   flag(root, "commissioning") ? ", in commissioning: it counts nowhere above"
                                               : "");
    cells_put(c, flag(root, "stale") ? STYLE_WARN : STYLE_PLAIN, span_str(text));
    cells_end(c);
    cells_put(c, STYLE_PLAIN, answer_text(json_find(root, "why"), "text"));
    cells_end(c);
    cells_end(c);
}

static void put_calendar(struct cells *c, const struct json_value *why) {
    const struct span kind = answer_text(why, "calendar"), shift = answer_text(why, "shift"),
                      until = answer_text(why, "until");
    char text[160];
    (void)snprintf(text, sizeof text, "%.*s%s%.*s%s%.*s", (int)kind.n, (const char *)kind.p,
                   shift.n ? ", shift " : "", (int)shift.n, (const char *)shift.p,
                   until.n ? ", until " : "", (int)until.n, (const char *)until.p);
    fact(c, "calendar", text);
}

static void put_order(struct cells *c, const struct json_value *why) {
    const struct span order = answer_text(why, "order");
    const bool open = flag(why, "order_open");
    char text[160];
    if (!flag(why, "order_told"))
        (void)snprintf(text, sizeof text, "%s taken to be open: nothing tells orders here",
                       open ? "one is" : "none is");
    else if (open)
        (void)snprintf(text, sizeof text, "%.*s is open", (int)order.n, (const char *)order.p);
    else
        (void)snprintf(text, sizeof text, "none is open");
    fact(c, "order", text);
}

static void put_age(struct cells *c, const struct json_value *root) {
    const struct span asof = answer_text(root, "asof");
    char text[120], age[24];
    screen_duration(answer_number(root, "now_ms") - answer_number(root, "asof_ms"), age);
    if (asof.n)
        (void)snprintf(text, sizeof text, "%.*s, %s ago", (int)asof.n, (const char *)asof.p, age);
    else
        (void)snprintf(text, sizeof text, "never");
    fact(c, "known up to", text);
}

static void put_quality(struct cells *c, const struct json_value *s) {
    const struct span quality = answer_text(s, "quality"), reason = answer_text(s, "reason");
    const bool good = span_equal(quality, span_str("good"));
    char text[80];
    (void)snprintf(text, sizeof text, "%.*s%s%.*s", (int)quality.n, (const char *)quality.p,
                   reason.n ? ", " : "", (int)reason.n, (const char *)reason.p);
    if (flag(s, "misfit"))
        (void)snprintf(text, sizeof text, "does not fit its role");
    else if (!quality.n)
        (void)snprintf(text, sizeof text, "never heard");
    cells_field(c, good ? STYLE_GOOD : STYLE_WARN, span_str(text), QUALITY, false);
}

static void put_signal(struct cells *c, const struct json_value *s) {
    const struct span gauge = answer_text(s, "gauge"), value = answer_text(s, "value"),
                      unit = answer_text(s, "unit");
    int64_t age_ms = 0;
    char text[140], age[24] = "-";
    cells_field(c, STYLE_BOLD, gauge.n ? gauge : answer_text(s, "role"), ROLE, false);
    cells_blank(c, 1);
    (void)snprintf(text, sizeof text, "%.*s%s%.*s", (int)value.n, (const char *)value.p,
                   value.n && unit.n ? " " : "", value.n ? (int)unit.n : 0, (const char *)unit.p);
    cells_field(c, STYLE_PLAIN, span_str(value.n ? text : "-"), VALUE, true);
    cells_blank(c, 2);
    put_quality(c, s);
    if (json_int64_of(json_find(s, "age_ms"), &age_ms) == ERR_OK)
        screen_duration(age_ms, age);
    cells_field(c, flag(s, "stale") ? STYLE_WARN : STYLE_PLAIN, span_str(age), AGE, true);
    const struct span agent = answer_text(s, "agent"), point = answer_text(s, "point");
    (void)snprintf(text, sizeof text, "  %.*s %.*s%s%s", (int)agent.n, (const char *)agent.p,
                   (int)point.n, (const char *)point.p, flag(s, "stale") ? ", stale" : "",
                   flag(s, "commissioning") ? ", in commissioning" : "");
    cells_put(c, STYLE_DIM, span_str(text));
    cells_end(c);
}

bool state_put(struct cells *c, const struct json_value *root) {
    const struct json_value *why = json_find(root, "why"), *list = json_find(root, "signals");
    if (json_kind(why) != JSON_KIND_OBJECT || json_kind(list) != JSON_KIND_ARRAY)
        return false;
    put_head(c, root);
    put_calendar(c, why);
    put_order(c, why);
    if (answer_text(why, "stated").n) {
        cells_field(c, STYLE_DIM, span_str("stated"), FACT, false);
        cells_put(c, STYLE_PLAIN, answer_text(why, "stated"));
        cells_end(c);
    }
    put_age(c, root);
    cells_end(c);
    for (size_t i = 0; i < json_count(list); i++)
        put_signal(c, json_at(list, i));
    if (json_count(list) == 0) {
        cells_put(c, STYLE_PLAIN, span_str("no signals are bound"));
        cells_end(c);
    }
    return true;
}

static int print(struct span body) {
    struct json_value *root = NULL;
    struct buf text;
    struct cells c = {.out = &text, .colour = terminal_colour()};
    unsigned height;
    buf_init(&text);
    terminal_size(&c.width, &height);
    if (height == 0)
        c.width = PIPE_WIDTH; /* a file or a program reads it: nothing has to fit */
    const bool ok = json_parse(body, NULL, &root, NULL) == ERR_OK && state_put(&c, root) &&
                    fwrite(text.p, 1, text.n, stdout) == text.n;
    if (!ok)
        (void)fprintf(stderr, "plantbus: the answer has another form than expected\n");
    json_close(root);
    buf_fini(&text);
    return ok && fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
}

static int ask(struct client *c, const char *unit, bool json) {
    struct buf body;
    char why[CLIENT_WHY], path[IDENT_MAX + 40];
    int code = CTL_FAILED;
    buf_init(&body);
    (void)snprintf(path, sizeof path, "/api/v1/units/%s/state", unit);
    if (!client_get(c, path, &body, why))
        (void)fprintf(stderr, "plantbus: %s\n", why);
    else if (json)
        code = fwrite(body.p, 1, body.n, stdout) == body.n && puts("") >= 0 ? CTL_OK : CTL_FAILED;
    else
        code = print(buf_span(&body));
    buf_fini(&body);
    return code;
}

int state_run(int argc, char **argv) {
    const char *socket = NULL, *url = NULL;
    bool json = false;
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &url, "address of the page; else http://127.0.0.1:8080"},
        {"json", NULL, ARGS_FLAG, &json, "the answer as it came"}};
    const struct args args = {
        .usage = "state [--socket PATH | --url URL] [--json] UNIT",
        .about =
            "Says why a unit is in its state now: what its signals tell, what the map, thresholds\n"
            "or rules make of that, calendar, order and stated cause, and since when its sources\n"
            "are silent; then each of its signals with value, quality with reason, and age.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows,
        .least = 1,
        .most = 1};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    if (!ident_check(span_str(operands.at[0]))) {
        (void)fprintf(stderr, "plantbus: %s is no id\n", operands.at[0]);
        return CTL_USAGE;
    }
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* widths of characters */
    struct client client;
    const bool ok = client_open(&client, socket, url) == ERR_OK;
    if (!ok)
        (void)fprintf(stderr, "plantbus: out of memory\n");
    const int code = ok ? ask(&client, operands.at[0], json) : CTL_FAILED;
    client_close(&client);
    return code;
}
