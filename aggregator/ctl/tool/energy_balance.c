/* plantbus energy balance: what came in through a node's main meters against the meters behind
 * them. */
#include "ctl/energy_balance.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/utc.h"
#include "ctl/answer.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/past_ask.h"

enum { USUAL_DAYS = 7 };

static double real(const struct json_value *v, const char *key) {
    double x = 0;
    (void)json_double_of(json_find(v, key), &x); /* null: 0, and not printed */
    return x;
}

static bool is_null(const struct json_value *v, const char *key) {
    double x = 0;
    return json_double_of(json_find(v, key), &x) != ERR_OK;
}

static void put_kwh(struct buf *out, const struct json_value *v, const char *key) {
    if (is_null(v, key))
        (void)buf_addf(out, " %12s", "-");
    else
        (void)buf_addf(out, " %12.1f", real(v, key));
}

static void put_meter(struct buf *out, const struct json_value *m) {
    const struct span id = answer_text(m, "id");
    const struct json_value *units = json_find(m, "units");
    bool main = false, shared = false;
    (void)json_bool_of(json_find(m, "main"), &main);
    (void)json_bool_of(json_find(m, "shared"), &shared);
    (void)buf_addf(out, "  %-28.*s", (int)id.n, (const char *)id.p);
    put_kwh(out, m, "kwh");
    if (is_null(m, "coverage"))
        (void)buf_addf(out, " %9s", "-");
    else
        (void)buf_addf(out, " %7.1f %%", 100 * real(m, "coverage"));
    (void)buf_add_str(out, main ? "  main" : shared ? "  shared by" : "");
    for (size_t i = 0; shared && i < json_count(units); i++) {
        struct span unit = {0};
        (void)json_string_of(json_at(units, i), &unit);
        (void)buf_addf(out, " %.*s", (int)unit.n, (const char *)unit.p);
    }
    (void)buf_add_byte(out, '\n');
}

static enum err print(const struct json_value *answer, struct buf *out) {
    const struct span node = answer_text(answer, "node"), fault = answer_text(answer, "fault");
    const struct json_value *meters = json_find(answer, "meters");
    const struct json_value *c = json_find(answer, "complete"), *all = json_find(answer, "all");
    (void)buf_addf(out, "Balance of the meters of %.*s\n", (int)node.n, (const char *)node.p);
    if (fault.n > 0)
        (void)buf_addf(out, "%.*s\n", (int)fault.n, (const char *)fault.p);
    (void)buf_addf(out, "\n  %-28s %12s %9s\n", "meter", "kWh", "measured");
    for (size_t i = 0; i < json_count(meters); i++)
        put_meter(out, json_at(meters, i));
    if (is_null(c, "rest_kwh")) {
        (void)buf_add_str(out,
                          "\nat no time all of its meters were measured: what is not explained "
                          "is not known\n");
        return out->failed ? ERR_NOMEM : ERR_OK;
    }
    (void)buf_addf(out, "\nnot explained: %.1f kWh", real(c, "rest_kwh"));
    if (!is_null(c, "rest_share"))
        (void)buf_addf(out, ", %.2f %% of what came in", 100 * real(c, "rest_share"));
    (void)buf_addf(out, ": in %.0f of %.0f h, in which all meters were measured\n",
                   real(c, "hours"), real(all, "hours"));
    if (real(c, "spread_kwh") > 0)
        (void)buf_addf(out, "%.1f kWh of it come from meters that are read seldom\n",
                       real(c, "spread_kwh"));
    return out->failed ? ERR_NOMEM : ERR_OK;
}

struct options {
    const char *socket, *url;
    int64_t from_ms, to_ms;
    bool csv, json;
};

static int run(const struct options *o, const char *node) {
    struct buf path, body;
    int code = CTL_FAILED;
    buf_init(&path);
    buf_init(&body);
    (void)buf_add_str(&path, "/api/v1/energy/balance?");
    client_add_argument(&path, "node", node);
    client_add_span(&path, o->from_ms, o->to_ms);
    if (o->csv)
        client_add_argument(&path, "format", "csv");
    if (buf_add_byte(&path, 0))
        fprintf(stderr, "plantbus: out of memory\n");
    else if (past_get(o->socket, o->url, (const char *)path.p, &body))
        code = past_put(buf_span(&body), o->csv || o->json, print);
    buf_fini(&path);
    buf_fini(&body);
    return code;
}

int balance_run(int argc, char **argv) {
    struct options o = {.from_ms = clock_wall_ms() - USUAL_DAYS * UTC_DAY_MS, .to_ms = INT64_MAX};
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &o.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &o.url, "address of the page; else http://127.0.0.1:8080"},
        {"from", "TIME", ARGS_TIME, &o.from_ms, "begin of the time; else seven days ago"},
        {"to", "TIME", ARGS_TIME, &o.to_ms, "its end; else now"},
        {"csv", NULL, ARGS_FLAG, &o.csv, "each hour as a row; of more than 31 days each day"},
        {"json", NULL, ARGS_FLAG, &o.json, "the answer as it came"}};
    const struct args args = {
        .usage = "energy balance NODE [OPTION...]",
        .about = "Prints what came in through a node's main meters (the plant file's main_meters), "
                 "what\nthe meters behind them told, and what none of them explains: of the hours "
                 "in which all of\nthem were measured.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows,
        .least = 1,
        .most = 1};
    struct args_texts operands;
    const enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    if (o.csv && o.json) {
        fprintf(stderr, "plantbus: --csv or --json, not both\n");
        return CTL_USAGE;
    }
    return run(&o, operands.at[0]);
}
