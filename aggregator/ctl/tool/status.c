/* plantbus status: how the aggregator itself is doing. */
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/answer.h"
#include "ctl/args.h"
#include "ctl/cells.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/grid.h"
#include "ctl/screen.h"
#include "ctl/status.h"
#include "ctl/terminal.h"
#include "json/json.h"

enum { LATE_MS = 15000, PIPE_WIDTH = 200 };

static void put_duration(struct grid *t, const struct json_value *v, const char *key) {
    char text[24] = "never";
    int64_t ms = INT64_MAX;
    if (json_int64_of(json_find(v, key), &ms) == ERR_OK)
        screen_duration(ms, text);
    grid_put(t, ms > LATE_MS ? STYLE_WARN : STYLE_PLAIN, span_str(text));
}

/* Why its records were refused, a line each. */
static void refusals(struct cells *c, const struct json_value *agent) {
    struct json_walk walk = {0};
    const struct json_value *by = json_find(agent, "refused_by");
    char text[80];
    while (json_next(by, &walk)) {
        int64_t n = 0;
        (void)json_int64_of(walk.value, &n);
        (void)snprintf(text, sizeof text, "    refused: %.40s %" PRId64, (const char *)walk.key.p,
                       n);
        cells_put(c, STYLE_WARN, span_str(text));
        cells_end(c);
    }
}

/* What stands in no column: two processes of one id, a wrong clock, what is lost or was refused. */
static void troubles(struct cells *c, const struct json_value *agent) {
    int64_t clones = answer_number(agent, "clones"),
            ahead_ms = answer_number(agent, "clock_ahead_ms");
    int64_t refused = answer_number(agent, "input_refused"),
            ahead = answer_number(agent, "input_ahead");
    int64_t given_up = answer_number(agent, "given_up");
    char text[160], by[24];
    if (clones) {
        (void)snprintf(text, sizeof text,
                       "    another process uses this id: refused %" PRId64 " times", clones);
        grid_put_trouble(c, text);
    }
    if (ahead_ms) {
        screen_duration(ahead_ms, by);
        (void)snprintf(text, sizeof text, "    its clock is %s ahead of ours", by);
        grid_put_trouble(c, text);
    }
    if (given_up) {
        (void)snprintf(text, sizeof text,
                       "    given up: %" PRId64 " records that were accepted never came", given_up);
        grid_put_trouble(c, text);
    }
    if (refused) {
        (void)snprintf(text, sizeof text,
                       "    refused at the gateway: %" PRId64
                       " lines, rows or values; its log says which",
                       refused);
        grid_put_trouble(c, text);
    }
    if (ahead) {
        (void)snprintf(text, sizeof text,
                       "    stamped ahead of the gateway's clock: %" PRId64 " readings, uncertain",
                       ahead);
        grid_put_trouble(c, text);
    }
}

static void unmapped(struct cells *c, const struct json_value *root) {
    const struct json_value *list = json_find(root, "unmapped");
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *u = json_at(list, i), *value = json_find(u, "value");
        struct span agent = answer_text(u, "agent"), point = answer_text(u, "point"),
                    map = answer_text(u, "map"), word = answer_text(u, "value");
        char text[400], number[24];
        (void)snprintf(number, sizeof number, "%" PRId64, answer_number(u, "value"));
        if (json_kind(value) != JSON_KIND_STRING)
            word = span_str(number);
        (void)snprintf(
            text, sizeof text,
            "state %.*s of %.*s, %.*s is not in map %.*s: its time is unknown; seen: %" PRId64,
            (int)word.n, (const char *)word.p, (int)agent.n, (const char *)agent.p, (int)point.n,
            (const char *)point.p, (int)map.n, (const char *)map.p, answer_number(u, "times"));
        grid_put_trouble(c, text);
    }
    if (json_count(list))
        cells_end(c);
}

/* What is shown and counts nowhere yet. */
static void commissioning(struct cells *c, const struct json_value *root) {
    const struct json_value *list = json_find(root, "commissioning");
    const int64_t all = answer_number(root, "commissioning_n");
    char text[320];
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *v = json_at(list, i);
        const struct span unit = answer_text(v, "unit"), point = answer_text(v, "point"),
                          role = answer_text(v, "role"), agent = answer_text(v, "agent"),
                          accepted = answer_text(v, "accepted");
        (void)snprintf(text, sizeof text, "commissioning: %.*s%s%.*s%s%.*s%s%.*s%s, %s%.*s",
                       (int)unit.n, (const char *)unit.p, role.n ? ", " : "", (int)role.n,
                       (const char *)role.p, role.n ? " (" : "", (int)agent.n,
                       (const char *)agent.p, role.n ? " " : "", (int)point.n,
                       (const char *)point.p, role.n ? ")" : "",
                       accepted.n ? "counts from " : "not accepted yet", (int)accepted.n,
                       (const char *)accepted.p);
        cells_put(c, STYLE_INFO, span_str(text));
        cells_end(c);
    }
    if (all > (int64_t)json_count(list)) {
        (void)snprintf(text, sizeof text, "commissioning: %" PRId64 " in all", all);
        cells_put(c, STYLE_INFO, span_str(text));
        cells_end(c);
    }
    if (all > 0)
        cells_end(c);
}

/* Of a role's base units: power and energy in kWh, the rest in whole ones. */
static void put_amounts(struct buf *text, const struct json_value *amounts) {
    struct json_walk walk = {0};
    while (json_next(amounts, &walk)) {
        int64_t n = 0;
        bool energy =
            span_equal(walk.key, span_str("energy")) || span_equal(walk.key, span_str("power"));
        (void)json_int64_of(walk.value, &n);
        (void)buf_addf(text, energy ? ", %.*s %.3f kWh" : ", %.*s %.6g", (int)walk.key.n,
                       (const char *)walk.key.p, (double)n / (energy ? 1e9 : 1e6));
    }
}

/* In no figure: each day of a unit with a line, so that it can be looked for. */
static void unplaced(struct cells *c, const struct json_value *root) {
    const struct json_value *late = json_find(root, "unplaced"), *list = json_find(late, "newest");
    struct span from = answer_text(root, "taken_from");
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *l = json_at(list, i);
        struct span unit = answer_text(l, "unit"), agent = answer_text(l, "agent"),
                    day = answer_text(l, "day");
        struct buf text;
        buf_init(&text);
        (void)buf_addf(&text, "late, unplaced: %.*s, %.*s of %.*s: %" PRId64 " stretches",
                       (int)unit.n, (const char *)unit.p, day.n ? (int)day.n : 12,
                       day.n ? (const char *)day.p : "several days", (int)agent.n,
                       (const char *)agent.p, answer_number(l, "stretches"));
        put_amounts(&text, json_find(l, "amounts"));
        if (buf_add_byte(&text, 0) == ERR_OK)
            grid_put_trouble(c, (const char *)text.p);
        buf_fini(&text);
    }
    if (answer_number(late, "lines") > (int64_t)json_count(list)) {
        char text[96];
        (void)snprintf(text, sizeof text, "late, unplaced: %" PRId64 " lines in all",
                       answer_number(late, "lines"));
        grid_put_trouble(c, text);
    }
    if (from.n) {
        cells_put(c, STYLE_DIM, span_str("readings are taken from "));
        cells_put(c, STYLE_DIM, from);
        cells_put(c, STYLE_DIM, span_str(" on"));
        cells_end(c);
        cells_end(c);
    }
}

static void agents(struct cells *c, const struct json_value *root) {
    static const char *const title[] = {"state",    "lag",       "heard",     "backlog",
                                        "readings", "duplicate", "gaps",      "unexpl.",
                                        "refused",  "points",    "unassigned"};
    static const struct {
        const char *key;
        bool trouble;
    } number[] = {{"backlog_bytes", false}, {"readings", false},   {"duplicates", false},
                  {"gaps", true},           {"unexplained", true}, {"refused", true},
                  {"points", false},        {"unassigned", true}};
    const struct json_value *list = json_find(root, "agents");
    struct grid t = grid_of(c, GRID_NAME, "agent", title, sizeof title / sizeof *title);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *a = json_at(list, i);
        bool online = false, draining = false;
        (void)json_bool_of(json_find(a, "online"), &online);
        (void)json_bool_of(json_find(a, "draining"), &draining);
        grid_begin(&t, answer_text(a, "id"));
        grid_put(&t, online ? STYLE_GOOD : STYLE_BAD,
                 span_str(!online    ? "offline"
                          : draining ? "catching up"
                                     : "online"));
        put_duration(&t, a, "lag_ms");
        put_duration(&t, a, "heard_ms_ago");
        for (size_t k = 0; k < sizeof number / sizeof *number; k++)
            grid_put_number(&t, answer_number(a, number[k].key), number[k].trouble);
        grid_end(&t);
        refusals(c, a);
        troubles(c, a);
    }
    if (json_count(list) == 0) {
        cells_put(c, STYLE_PLAIN, span_str("none has been heard"));
        cells_end(c);
    }
    cells_end(c);
}

static void store(struct cells *c, const struct json_value *root) {
    const struct json_value *s = json_find(root, "store");
    static const char *const title[] = {"commits", "rows",   "failures",
                                        "last us", "max us", "queued B"};
    static const char *const key[] = {"commits",        "rows",          "failures",
                                      "last_commit_us", "max_commit_us", "queued_bytes"};
    struct grid t = grid_of(c, GRID_NAME, "store", title, sizeof title / sizeof *title);
    grid_begin(&t, span_str(s ? "" : "not known"));
    for (size_t k = 0; k < sizeof key / sizeof *key; k++)
        grid_put_number(&t, answer_number(s, key[k]), k == 2);
    grid_end(&t);
    cells_end(c);
}

static void sinks(struct cells *c, const struct json_value *root) {
    const struct json_value *list = json_find(root, "sinks");
    static const char *const title[] = {"state", "rows", "backlog", "retries", "dead"};
    static const char *const key[] = {"rows", "backlog_rows", "retries", "dead"};
    struct grid t = grid_of(c, GRID_NAME, "database", title, sizeof title / sizeof *title);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *s = json_at(list, i);
        struct span state = answer_text(s, "state"), detail = answer_text(s, "detail");
        grid_begin(&t, answer_text(s, "name"));
        grid_put(&t, span_equal(state, span_str("ok")) ? STYLE_GOOD : STYLE_BAD, state);
        for (size_t k = 0; k < sizeof key / sizeof *key; k++)
            grid_put_number(&t, answer_number(s, key[k]), k == 3);
        grid_end(&t);
        if (answer_text(s, "dead_oldest").n) {
            cells_put(c, STYLE_PLAIN, span_str("    oldest dead letter "));
            cells_put(c, STYLE_WARN, answer_text(s, "dead_oldest"));
            cells_end(c);
        }
        if (detail.n) {
            cells_put(c, STYLE_PLAIN, span_str("    "));
            cells_put(c, STYLE_WARN, detail);
            cells_end(c);
        }
    }
    if (json_count(list) == 0) {
        cells_put(c, STYLE_PLAIN, span_str("none: the embedded history alone"));
        cells_end(c);
    }
    cells_end(c);
}

/* Whom alerts are told to. Nothing where no channel is configured and none was missing. */
static void channels(struct cells *c, const struct json_value *root) {
    const struct json_value *list = json_find(root, "channels");
    static const char *const title[] = {"state", "told", "waiting", "retries", "dead"};
    static const char *const key[] = {"told", "waiting", "retries", "dead"};
    const int64_t unrouted = answer_number(root, "alerts_unrouted");
    char text[160];
    if (json_count(list) == 0 && unrouted == 0)
        return;
    struct grid t = grid_of(c, GRID_NAME, "channel", title, sizeof title / sizeof *title);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *v = json_at(list, i);
        struct span state = answer_text(v, "state"), detail = answer_text(v, "detail"),
                    oldest = answer_text(v, "oldest");
        grid_begin(&t, answer_text(v, "name"));
        grid_put(&t, span_equal(state, span_str("ok")) ? STYLE_GOOD : STYLE_BAD, state);
        for (size_t k = 0; k < sizeof key / sizeof *key; k++)
            grid_put_number(&t, answer_number(v, key[k]), k == 1 || k == 3);
        grid_end(&t);
        if (oldest.n) {
            (void)snprintf(text, sizeof text, "    oldest of what waits: %.*s", (int)oldest.n,
                           (const char *)oldest.p);
            grid_put_trouble(c, text);
        }
        if (detail.n) {
            cells_put(c, STYLE_PLAIN, span_str("    "));
            cells_put(c, STYLE_WARN, detail);
            cells_end(c);
        }
    }
    if (unrouted) {
        (void)snprintf(text, sizeof text,
                       "%" PRId64 " alert events concerned nobody: see positions and otherwise",
                       unrouted);
        grid_put_trouble(c, text);
    }
    cells_end(c);
}

/* One line if all is well: the last reload, why it was refused, since when the files differ. */
static void configuration(struct cells *c, const struct json_value *root) {
    const struct json_value *v = json_find(root, "configuration"), *lines = json_find(v, "lines");
    struct span since = answer_text(v, "since"), at = answer_text(v, "at"),
                result = answer_text(v, "result"), by = answer_text(v, "by"),
                differs = answer_text(v, "differs");
    const bool refused = span_equal(result, span_str("refused"));
    char text[256];
    if (!since.n)
        return;
    (void)snprintf(text, sizeof text, "configuration in force since %.*s", (int)since.n,
                   (const char *)since.p);
    cells_put(c, STYLE_PLAIN, span_str(text));
    cells_end(c);
    if (differs.n) {
        (void)snprintf(text, sizeof text, "the files are not what runs, since %.*s", (int)differs.n,
                       (const char *)differs.p);
        grid_put_trouble(c, text);
    }
    if (at.n) {
        (void)snprintf(text, sizeof text, "last reload %.*s by %.*s: %.*s", (int)at.n,
                       (const char *)at.p, (int)by.n, (const char *)by.p, (int)result.n,
                       (const char *)result.p);
        cells_put(c, refused ? STYLE_BAD : STYLE_PLAIN, span_str(text));
        cells_end(c);
    }
    for (size_t i = 0; refused && i < json_count(lines); i++) {
        struct span line = {0};
        (void)json_string_of(json_at(lines, i), &line);
        cells_put(c, STYLE_PLAIN, span_str("    "));
        cells_put(c, STYLE_WARN, line);
        cells_end(c);
    }
    cells_end(c);
}

static void put_counter(struct cells *c, struct span name, int64_t v) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, v);
    cells_field(c, STYLE_PLAIN, name, GRID_NAME, false);
    cells_field(c, STYLE_PLAIN, span_str(text), GRID_NUMBER, true);
    cells_end(c);
}

static void counters(struct cells *c, const struct json_value *root) {
    struct json_walk walk = {0};
    const struct json_value *all = json_find(root, "counters");
    while (json_next(all, &walk)) {
        int64_t n = 0;
        (void)json_int64_of(walk.value, &n);
        put_counter(c, walk.key, n);
    }
    put_counter(c, span_str("unassigned"), answer_number(root, "unassigned"));
    put_counter(c, span_str("misfits"), answer_number(root, "misfits"));
}

/* Turns by their length; empty ones are left out. */
static void turns(struct cells *c, const struct json_value *root) {
    const struct json_value *list = json_find(root, "loop_turns");
    static const char *const title[] = {"turns", "by CPU"};
    struct grid t = grid_of(c, GRID_NAME, "loop held up to", title, 2);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *turn = json_at(list, i);
        char text[24] = "longer";
        int64_t us = 0;
        if (json_int64_of(json_find(turn, "to_us"), &us) == ERR_OK)
            (void)snprintf(text, sizeof text, "%.1f ms", (double)us / 1e3);
        if (answer_number(turn, "turns") == 0 && answer_number(turn, "cpu_turns") == 0)
            continue;
        grid_begin(&t, span_str(text));
        grid_put_number(&t, answer_number(turn, "turns"), false);
        grid_put_number(&t, answer_number(turn, "cpu_turns"), false);
        grid_end(&t);
    }
    cells_end(c);
}

void status_put(struct cells *c, const struct json_value *root) {
    agents(c, root);
    status_put_sources(c, root);
    unmapped(c, root);
    commissioning(c, root);
    unplaced(c, root);
    store(c, root);
    sinks(c, root);
    channels(c, root);
    configuration(c, root);
    turns(c, root);
    counters(c, root);
}

static int print(struct span body) {
    struct json_value *root = NULL;
    struct json_error wrong;
    struct buf text;
    struct cells c = {.out = &text, .colour = terminal_colour()};
    unsigned height;
    char up[24];
    if (json_parse(body, NULL, &root, &wrong)) {
        fprintf(stderr, "plantbus: the answer is no JSON: %s\n", wrong.text);
        return CTL_FAILED;
    }
    buf_init(&text);
    terminal_size(&c.width, &height);
    if (height == 0)
        c.width = PIPE_WIDTH; /* a file or a program reads it: nothing has to fit */
    screen_duration(answer_number(root, "uptime_ms"), up);
    struct span site = answer_text(root, "site"), version = answer_text(root, "version");
    (void)buf_addf(&text, "site %.*s, plantbus %.*s, up %s\n\n", (int)site.n, (const char *)site.p,
                   (int)version.n, (const char *)version.p, up);
    status_put(&c, root);
    (void)fwrite(text.p, 1, text.n, stdout);
    buf_fini(&text);
    json_close(root);
    return fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
}

int status_run(int argc, char **argv) {
    const char *socket = NULL, *url = NULL;
    bool json = false;
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &url, "address of the page; else http://127.0.0.1:8080"},
        {"json", NULL, ARGS_FLAG, &json, "the answer as it came"}};
    const struct args args = {
        .usage = "status [--socket PATH | --url URL] [--json]",
        .about = "Agents with lag, backlog, duplicates, gaps and what was refused; their sources;\n"
                 "the store; the database; channels that tell of alerts; counters.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    struct client client;
    struct buf body;
    char why[CLIENT_WHY] = "out of memory";
    int code = CTL_FAILED;
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* widths of characters */
    buf_init(&body);
    bool ok = client_open(&client, socket, url) == ERR_OK &&
              client_get(&client, "/api/v1/status", &body, why);
    if (!ok)
        fprintf(stderr, "plantbus: %s\n", why);
    else if (json)
        code = fwrite(body.p, 1, body.n, stdout) == body.n && puts("") >= 0 ? CTL_OK : CTL_FAILED;
    else
        code = print(buf_span(&body));
    client_close(&client);
    buf_fini(&body);
    return code;
}
