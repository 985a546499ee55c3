/* plantbus alert backtest: asks a running aggregator to try rules on what it has stored. */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ident.h"
#include "base/utc.h"
#include "ctl/alert.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/files.h"
#include "ctl/past_ask.h"
#include "json/json_writer.h"

enum { PATIENCE_MS = 600000 };

struct options {
    const char *socket, *url, *unit, *rule;
    int64_t from_ms, to_ms;
    bool json, plain;
};

static void put_time(struct json_writer *w, const char *key, int64_t t_ms) {
    char text[UTC_TEXT];
    utc_format(t_ms, text);
    json_writer_key(w, key);
    json_writer_text(w, text);
}

static void put_text(struct json_writer *w, const char *key, const char *text) {
    json_writer_key(w, key);
    json_writer_text(w, text);
}

static enum err form(const struct options *o, const char *rule, const struct buf *rules,
                     struct buf *out) {
    struct json_writer w;
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    if (rules) {
        json_writer_key(&w, "rules");
        json_writer_string(&w, buf_span(rules));
    }
    if (rule)
        put_text(&w, "rule", rule);
    if (o->unit)
        put_text(&w, "unit", o->unit);
    if (o->from_ms != INT64_MIN)
        put_time(&w, "from", o->from_ms);
    if (o->to_ms != INT64_MAX)
        put_time(&w, "to", o->to_ms);
    json_writer_key(&w, "try");
    json_writer_bool(&w, !o->plain);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

static bool ask(const struct options *o, struct span json, struct buf *body) {
    struct client client;
    char why[CLIENT_WHY] = "out of memory";
    bool unanswered = false;
    bool ok = client_open(&client, o->socket, o->url) == ERR_OK;
    client.timeout_ms = PATIENCE_MS;
    ok = ok && client_post(&client, "/api/v1/alerts/backtest", json, body, why, &unanswered);
    client_close(&client);
    if (!ok)
        fprintf(stderr, "plantbus: %s\n", why);
    return ok;
}

/* An id is a rule in force, anything else a file. */
static bool is_rule(const char *operand) {
    return ident_check(span_str(operand)) && access(operand, F_OK) != 0;
}

static bool read_rules(const char *path, struct buf *rules) {
    struct conf_report report;
    struct buf said;
    conf_report_init(&report);
    buf_init(&said);
    const bool ok = files_read(path, rules, &report) == ERR_OK;
    (void)conf_report_format(&report, &said);
    fwrite(said.p ? said.p : (const uint8_t *)"", 1, said.n, stderr);
    buf_fini(&said);
    conf_report_fini(&report);
    return ok;
}

static int run(const struct options *o, const char *operand) {
    struct buf rules, json, body;
    int code = CTL_FAILED;
    buf_init(&rules);
    buf_init(&json);
    buf_init(&body);
    const bool in_force = is_rule(operand);
    if (!in_force && !read_rules(operand, &rules))
        code = CTL_CONFIG;
    else if (form(o, in_force ? operand : o->rule, in_force ? NULL : &rules, &json))
        fprintf(stderr, "plantbus: out of memory\n");
    else if (!ask(o, buf_span(&json), &body))
        code = CTL_FAILED;
    else if (o->json)
        code = fwrite(body.p, 1, body.n, stdout) == body.n && puts("") >= 0 ? CTL_OK : CTL_FAILED;
    else
        code = past_print(buf_span(&body), alert_backtest_print);
    buf_fini(&rules);
    buf_fini(&json);
    buf_fini(&body);
    return code;
}

int alert_backtest_run(int argc, char **argv) {
    struct options o = {.from_ms = INT64_MIN, .to_ms = INT64_MAX};
    const struct args_row rows[] = {
        {"from", "TIME", ARGS_TIME, &o.from_ms,
         "begin of the span; else seven days before its end"},
        {"to", "TIME", ARGS_TIME, &o.to_ms, "its end; else now"},
        {"unit", "NODE", ARGS_TEXT, &o.unit, "only at this unit, or at what lies below this node"},
        {"rule", "RULE", ARGS_TEXT, &o.rule, "only this one of the file"},
        {"no-try", NULL, ARGS_FLAG, &o.plain, "suggestions are not tried: half the time"},
        {"json", NULL, ARGS_FLAG, &o.json, "the answer as it came"},
        {"socket", "PATH", ARGS_TEXT, &o.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &o.url, "address of the page; else http://127.0.0.1:8080"}};
    const struct args args = {
        .usage = "alert backtest RULE|FILE [OPTION...]",
        .about =
            "Tries a rule in force, or the rules of a file, on the minutes that the aggregator "
            "has\n"
            "stored, with the engine that runs live: how often it would have fired, for how long,\n"
            "how many firings under two minutes, and, of a file, how that compares with the rule\n"
            "in force of the same id. Suggests a hold and a clear level that would have made it\n"
            "quieter, and tries them. Nothing is changed and nobody is told.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows,
        .least = 1,
        .most = 1};
    struct args_texts operands;
    const enum args_verdict v = args_parse(&args, argc, argv, &operands);
    return v == ARGS_GO ? run(&o, operands.at[0]) : args_exit(v);
}
