/* plantbus alert test: a marked message through a real channel, and what its receiver said. */
#include <inttypes.h>
#include <stdio.h>

#include "ctl/alert.h"
#include "ctl/answer.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "json/json.h"
#include "json/json_writer.h"

enum { PATIENCE_MS = 70000 /* the aggregator gives the receiver a minute */ };

static enum err form(const char *rule, const char *channel, const char *node, struct buf *out) {
    struct json_writer w;
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    json_writer_key(&w, "rule");
    json_writer_text(&w, rule);
    json_writer_key(&w, "channel");
    json_writer_text(&w, channel);
    if (node) {
        json_writer_key(&w, "node");
        json_writer_text(&w, node);
    }
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

int alert_test_say(struct span body, const char *channel) {
    struct json_value *root = NULL;
    bool told = false;
    if (json_parse(body, NULL, &root, NULL) || json_bool_of(json_find(root, "told"), &told)) {
        json_close(root);
        fprintf(stderr, "plantbus: the answer has another form than expected\n");
        return CTL_FAILED;
    }
    struct span words = answer_text(root, "answer"), verdict = answer_text(root, "verdict");
    FILE *to = told ? stdout : stderr;
    fprintf(to, "%s %s, %" PRId64 " ms: %.*s\n", channel, told ? "has it" : "does not have it",
            answer_number(root, "took_ms"), (int)words.n, words.n ? (const char *)words.p : "");
    if (span_equal(verdict, span_str("held")))
        fprintf(to, "it takes nothing from us: look at address, user, password or token\n");
    else if (span_equal(verdict, span_str("refused")))
        fprintf(to, "it takes others, not this one: look at its recipients or at the template\n");
    else if (!told)
        fprintf(to, "it may be for now only: alerts are told again until it has them\n");
    json_close(root);
    return fflush(to) || !told ? CTL_FAILED : CTL_OK;
}

static int post(struct client *c, struct span json, const char *channel, bool raw) {
    struct buf body;
    char why[CLIENT_WHY] = "out of memory";
    bool unanswered = false;
    int code = CTL_FAILED;
    buf_init(&body);
    if (!client_post(c, "/api/v1/alerts/test", json, &body, why, &unanswered))
        fprintf(stderr, "plantbus: %s\n", why);
    else if (raw)
        code = fwrite(body.p, 1, body.n, stdout) == body.n && puts("") >= 0 ? CTL_OK : CTL_FAILED;
    else
        code = alert_test_say(buf_span(&body), channel);
    buf_fini(&body);
    return code;
}

int alert_test_run(int argc, char **argv) {
    const char *socket = NULL, *url = NULL, *channel = NULL, *node = NULL;
    bool json = false;
    const struct args_row rows[] = {
        {"to", "CHANNEL", ARGS_TEXT, &channel, "a channel of the aggregator's file; needed"},
        {"node", "NODE", ARGS_TEXT, &node, "as if it happened there; else the rule's first node"},
        {"socket", "PATH", ARGS_TEXT, &socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &url, "address of the page; else http://127.0.0.1:8080"},
        {"json", NULL, ARGS_FLAG, &json, "the answer as it came"}};
    const struct args args = {
        .usage = "alert test RULE --to CHANNEL [--node NODE] [--socket PATH | --url URL] [--json]",
        .about = "Tells a channel of an alert that did not happen, marked as a test, the way real\n"
                 "ones go, and prints what the receiver answered. Nothing else changes.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows,
        .least = 1,
        .most = 1};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    if (!channel) {
        fprintf(stderr, "plantbus: --to CHANNEL is needed; plantbus status lists them\n");
        return CTL_USAGE;
    }
    struct client client;
    struct buf text;
    int code = CTL_FAILED;
    buf_init(&text);
    enum err err = form(operands.at[0], channel, node, &text);
    enum err opened = client_open(&client, socket, url);
    client.timeout_ms = PATIENCE_MS;
    if (err || opened)
        fprintf(stderr, "plantbus: %s\n", err_name(err ? err : opened));
    else
        code = post(&client, buf_span(&text), channel, json);
    client_close(&client);
    buf_fini(&text);
    return code;
}
