/* plantbus alert letters, resend, prune: what receivers refused for what it holds. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utc.h"
#include "ctl/alert.h"
#include "ctl/answer.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/list.h"
#include "ctl/past_ask.h"
#include "json/json_writer.h"

enum { WIDTH = 180, PATIENCE_MS = 70000 };

static const struct list_column column[] = {
    {"channel", 14, false}, {"event", 8, true},          {"  since (UTC)", 22, false},
    {"node", 16, false},    {"rule", 24, false},         {"what", 17, false},
    {"tries", 6, true},     {"  recipients", 24, false}, {"error", 50, false}};

static void put_time(struct cells *c, struct span at) {
    char text[64];
    (void)snprintf(text, sizeof text, "  %.10s %.8s", at.n ? (const char *)at.p : "-",
                   at.n > 19 ? (const char *)at.p + 11 : "");
    list_text(c, text, 22, false);
}

static void put_row(struct cells *c, const struct json_value *row) {
    char text[32];
    const struct json_value *event = json_find(row, "event");
    const int64_t tries = answer_number(row, "tries");
    cells_field(c, STYLE_PLAIN, answer_text(row, "channel"), 14, false);
    (void)snprintf(text, sizeof text, "%" PRId64, answer_number(row, "n"));
    list_text(c, text, 8, true);
    put_time(c, answer_text(row, "since"));
    cells_field(c, STYLE_PLAIN, answer_text(event, "node"), 16, false);
    cells_field(c, STYLE_PLAIN, answer_text(event, "rule"), 24, false);
    cells_field(c, STYLE_PLAIN, answer_text(event, "why"), 17, false);
    (void)snprintf(text, sizeof text, "%" PRId64, tries);
    list_text(c, tries > 0 ? text : "-", 6, true);
    list_text(c, "  ", 2, false);
    cells_field(c, STYLE_PLAIN, answer_text(row, "recipients"), 22, false);
    cells_put(c, STYLE_WARN, answer_text(row, "error"));
    cells_end(c);
}

enum err alert_letters_print(const struct json_value *answer, struct buf *out) {
    const struct json_value *rows = json_find(answer, "letters");
    const struct span next = answer_text(answer, "next");
    struct cells c = {.out = out, .width = WIDTH};
    if (json_count(rows) > 0)
        list_head(&c, column, sizeof column / sizeof *column);
    else
        (void)buf_add_str(out, "no dead letters\n");
    for (size_t i = 0; i < json_count(rows); i++)
        put_row(&c, json_at(rows, i));
    if (next.n)
        (void)buf_addf(out, "more: --after %.*s\n", (int)next.n, (const char *)next.p);
    return out->failed ? ERR_NOMEM : ERR_OK;
}

int alert_letters_run(int argc, char **argv) {
    const char *socket = NULL, *url = NULL, *channel = NULL, *after = NULL, *limit = "200";
    bool json = false;
    const struct args_row rows[] = {
        {"channel", "CHANNEL", ARGS_TEXT, &channel, "of this one; it may be gone"},
        {"after", "PLACE", ARGS_TEXT, &after, "the next page, as the one before names it"},
        {"limit", "N", ARGS_TEXT, &limit, "at most so many, up to 1000; else 200"},
        {"socket", "PATH", ARGS_TEXT, &socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &url, "address of the page; else http://127.0.0.1:8080"},
        {"json", NULL, ARGS_FLAG, &json, "the answer as it came"}};
    const struct args args = {
        .usage = "alert letters [OPTION...]",
        .about = "Prints dead letters: messages that a receiver refused three times for what they\n"
                 "hold, by channel, with its words.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    struct buf path;
    buf_init(&path);
    buf_add_str(&path, "/api/v1/alerts/letters?");
    client_add_argument(&path, "limit", limit);
    past_add_text(&path, "channel", channel);
    past_add_text(&path, "after", after);
    const int code = past_show(socket, url, &path, json, alert_letters_print);
    buf_fini(&path);
    return code;
}

/* --- acts ---------------------------------------------------------------------------------------
 */

struct wanted {
    const char *socket, *url, *act, *who, *channel, *n, *days;
    int64_t before_ms;
};

static void put_text(struct json_writer *w, const char *key, const char *text) {
    if (!text)
        return;
    json_writer_key(w, key);
    json_writer_text(w, text);
}

static void put_digits(struct json_writer *w, const char *key, const char *text) {
    if (!text)
        return;
    json_writer_key(w, key);
    json_writer_raw(w, span_str(text));
}

static enum err form(const struct wanted *a, struct buf *out) {
    struct json_writer w;
    char before[UTC_TEXT];
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    put_text(&w, "act", a->act);
    put_text(&w, "who", a->who);
    put_text(&w, "channel", a->channel);
    put_digits(&w, "n", a->n);
    put_digits(&w, "days", a->days);
    if (a->before_ms != INT64_MAX) {
        utc_format(a->before_ms, before);
        put_text(&w, "before", before);
    }
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

static int say(struct span body, const struct wanted *a) {
    struct json_value *root = NULL;
    if (json_parse(body, NULL, &root, NULL)) {
        fprintf(stderr, "plantbus: the answer is no JSON\n");
        return CTL_FAILED;
    }
    const int64_t n = answer_number(root, "letters"), left = answer_number(root, "left");
    printf("%" PRId64 " %s %s\n", n, n == 1 ? "letter" : "letters",
           strcmp(a->act, "resend") == 0 ? "will be told again" : "given up");
    if (left > 0)
        printf("%" PRId64 " cannot be: damaged, or of a channel that is no more\n", left);
    json_close(root);
    return n > 0 ? CTL_OK : CTL_FAILED;
}

static int post(const struct wanted *a) {
    struct client client;
    struct buf json, body;
    char why[CLIENT_WHY] = "out of memory";
    bool unanswered = false;
    int code = CTL_FAILED;
    buf_init(&json);
    buf_init(&body);
    bool ok = form(a, &json) == ERR_OK;
    ok = client_open(&client, a->socket, a->url) == ERR_OK && ok;
    client.timeout_ms = PATIENCE_MS;
    ok = ok &&
         client_post(&client, "/api/v1/alerts/letters", buf_span(&json), &body, why, &unanswered);
    client_close(&client);
    if (ok)
        code = say(buf_span(&body), a);
    else
        fprintf(stderr, "plantbus: %s%s\n", why,
                unanswered ? "; it may be done: see plantbus alert letters" : "");
    buf_fini(&json);
    buf_fini(&body);
    return code;
}

/* Digits alone: it is put into JSON as it stands. */
static bool is_number(const char *text) {
    return *text && strlen(text) < 19 && strspn(text, "0123456789") == strlen(text) &&
           (text[0] != '0' || !text[1]);
}

static int run(struct wanted *a, const char *usage, const char *about, int argc, char **argv) {
    bool all = false;
    const struct args_row rows[] = {
        {"who", "NAME", ARGS_TEXT, &a->who, "who says so; needed"},
        {"all", NULL, ARGS_FLAG, &all, "of all channels"},
        {"before", "TIME", ARGS_TIME, &a->before_ms, "only what was put aside before it"},
        {"days", "N", ARGS_TEXT, &a->days, "only what was put aside more than N days ago"},
        {"socket", "PATH", ARGS_TEXT, &a->socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &a->url, "address of the page; else http://127.0.0.1:8080"}};
    const struct args args = {.usage = usage,
                              .about = about,
                              .rows = rows,
                              .row_n = sizeof rows / sizeof *rows,
                              .least = 0,
                              .most = 2};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    const char *wrong = NULL;
    if (v != ARGS_GO)
        return args_exit(v);
    a->channel = operands.n > 0 ? operands.at[0] : NULL;
    a->n = operands.n > 1 ? operands.at[1] : NULL;
    if (!a->who)
        wrong = "--who NAME is needed: it is written down";
    else if (all == (a->channel != NULL))
        wrong = "a channel is needed, or --all";
    else if ((a->n && !is_number(a->n)) || (a->days && !is_number(a->days)))
        wrong = "a letter's number and --days are numbers";
    if (!wrong)
        return post(a);
    fprintf(stderr, "plantbus: %s\n", wrong);
    return CTL_USAGE;
}

int alert_resend_run(int argc, char **argv) {
    struct wanted a = {.act = "resend", .before_ms = INT64_MAX};
    return run(&a, "alert resend CHANNEL [EVENT] | --all --who NAME [OPTION...]",
               "Has dead letters told again: one, those of a channel, or all. Each is told once\n"
               "for each time, under the id that it had; refused again, it is put aside again.",
               argc, argv);
}

int alert_prune_run(int argc, char **argv) {
    struct wanted a = {.act = "prune", .before_ms = INT64_MAX};
    return run(&a, "alert prune CHANNEL [EVENT] | --all --who NAME --days N | --before TIME",
               "Gives dead letters up: one, or those that were put aside long ago. What happened\n"
               "stays in plantbus alert history.",
               argc, argv);
}
