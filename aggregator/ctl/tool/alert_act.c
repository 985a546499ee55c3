/* What people want of an alert: one request, answered when it is durable. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utc.h"
#include "ctl/alert.h"
#include "ctl/answer.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "json/json_writer.h"

struct act {
    const char *name, *usage, *about;
    bool ends; /* it has an end */
};

struct said {
    const char *socket, *url, *who, *note, *minutes;
    int64_t until_ms;
};

static void put_text(struct json_writer *w, const char *key, const char *text) {
    if (!text)
        return;
    json_writer_key(w, key);
    json_writer_text(w, text);
}

static enum err form(const struct act *a, const struct said *s, const char *rule, const char *node,
                     struct buf *out) {
    struct json_writer w;
    char until[UTC_TEXT];
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    put_text(&w, "act", a->name);
    put_text(&w, "rule", rule);
    put_text(&w, "node", node);
    put_text(&w, "who", s->who);
    put_text(&w, "note", s->note);
    if (s->until_ms != INT64_MAX) {
        utc_format(s->until_ms, until);
        put_text(&w, "until", until);
    }
    if (s->minutes) {
        json_writer_key(&w, "minutes");
        json_writer_raw(&w, span_str(s->minutes));
    }
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

static int say(struct span body, const struct act *a, const char *rule, const char *node) {
    struct json_value *root = NULL;
    if (json_parse(body, NULL, &root, NULL)) {
        fprintf(stderr, "plantbus: the answer is no JSON\n");
        return CTL_FAILED;
    }
    printf("%s %s %s: event %" PRId64 "\n", a->name, rule, node, answer_number(root, "event"));
    json_close(root);
    return CTL_OK;
}

static int post(const struct act *a, const struct said *s, const char *rule, const char *node) {
    struct client client;
    struct buf json, body;
    char why[CLIENT_WHY] = "out of memory";
    bool unanswered = false;
    int code = CTL_FAILED;
    buf_init(&json);
    buf_init(&body);
    bool ok = form(a, s, rule, node, &json) == ERR_OK;
    ok = client_open(&client, s->socket, s->url) == ERR_OK && ok;
    ok = ok && client_post(&client, "/api/v1/alerts", buf_span(&json), &body, why, &unanswered);
    client_close(&client);
    if (ok)
        code = say(buf_span(&body), a, rule, node);
    else
        fprintf(stderr, "plantbus: %s%s\n", why,
                unanswered ? "; it may have been taken: see plantbus alert list" : "");
    buf_fini(&json);
    buf_fini(&body);
    return code;
}

/* Digits alone: it is put into JSON as it stands. */
static bool is_number(const char *text) {
    return *text && strlen(text) < 7 && strspn(text, "0123456789") == strlen(text) &&
           (text[0] != '0' || !text[1]);
}

static int run(const struct act *a, int argc, char **argv) {
    struct said s = {.until_ms = INT64_MAX};
    const struct args_row rows[] = {
        {"who", "NAME", ARGS_TEXT, &s.who, "who says so; needed"},
        {"note", "TEXT", ARGS_TEXT, &s.note, "why, or what is done about it"},
        {"socket", "PATH", ARGS_TEXT, &s.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &s.url, "address of the page; else http://127.0.0.1:8080"},
        {"until", "TIME", ARGS_TIME, &s.until_ms, "its end, within seven days"},
        {"minutes", "N", ARGS_TEXT, &s.minutes, "the same, from now on"}};
    const size_t all = sizeof rows / sizeof *rows;
    const struct args args = {.usage = a->usage,
                              .about = a->about,
                              .rows = rows,
                              .row_n = a->ends ? all : all - 2,
                              .least = 2,
                              .most = 2};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    if (!s.who) {
        fprintf(stderr, "plantbus: --who NAME is needed: it is written down\n");
        return CTL_USAGE;
    }
    if (s.minutes && !is_number(s.minutes)) {
        fprintf(stderr, "plantbus: --minutes takes a number of minutes\n");
        return CTL_USAGE;
    }
    return post(a, &s, operands.at[0], operands.at[1]);
}

int alert_ack_run(int argc, char **argv) {
    static const struct act act = {
        .name = "ack",
        .usage = "alert ack RULE NODE --who NAME [--note TEXT] [OPTION...]",
        .about = "Acknowledges an alert that is active or has returned unacknowledged: it is not\n"
                 "repeated and does not escalate any more."};
    return run(&act, argc, argv);
}

int alert_shelve_run(int argc, char **argv) {
    static const struct act act = {
        .name = "shelve",
        .usage = "alert shelve RULE NODE --who NAME --minutes N [--note TEXT] [OPTION...]",
        .about = "Hides an alert until a time. Shelved again, its end is another one.",
        .ends = true};
    return run(&act, argc, argv);
}

int alert_unshelve_run(int argc, char **argv) {
    static const struct act act = {
        .name = "unshelve",
        .usage = "alert unshelve RULE NODE --who NAME [--note TEXT] [OPTION...]",
        .about = "Ends a shelf before its time; what is beyond its limits is active at once."};
    return run(&act, argc, argv);
}

int alert_disable_run(int argc, char **argv) {
    static const struct act act = {
        .name = "disable",
        .usage = "alert disable RULE NODE --who NAME [--note TEXT] [OPTION...]",
        .about = "Takes a rule at a node out of service until it is enabled, over restarts and\n"
                 "changes of the rule."};
    return run(&act, argc, argv);
}

int alert_enable_run(int argc, char **argv) {
    static const struct act act = {
        .name = "enable",
        .usage = "alert enable RULE NODE --who NAME [--note TEXT] [OPTION...]",
        .about = "Puts a rule at a node back in service."};
    return run(&act, argc, argv);
}
