#include "ctl/past_ask.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"

struct past_ask {
    const char *socket, *url;
    int64_t from_ms, to_ms; /* INT64_MIN, INT64_MAX: the daemon's own */
    bool csv, jsonl;
};

void past_add_text(struct buf *path, const char *name, const char *text) {
    if (text)
        client_add_argument(path, name, text);
}

static enum err add_span(const struct past_ask *o, struct buf *out) {
    client_add_span(out, o->from_ms, o->to_ms);
    if (o->csv || o->jsonl)
        client_add_argument(out, "format", o->csv ? "csv" : "jsonl");
    return buf_add_byte(out, 0);
}

bool past_get(const char *socket, const char *url, const char *path, struct buf *body) {
    struct client client;
    char why[CLIENT_WHY] = "out of memory";
    bool ok = client_open(&client, socket, url) == ERR_OK && client_get(&client, path, body, why);
    client_close(&client);
    if (!ok)
        fprintf(stderr, "plantbus: %s\n", why);
    return ok;
}

int past_print(struct span body,
               enum err (*print)(const struct json_value *answer, struct buf *out)) {
    struct json_value *root = NULL;
    struct json_error wrong;
    struct buf text;
    if (json_parse(body, NULL, &root, &wrong)) {
        fprintf(stderr, "plantbus: the answer is no JSON: %s\n", wrong.text);
        return CTL_FAILED;
    }
    buf_init(&text);
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* widths of characters */
    bool ok = print(root, &text) == ERR_OK && fwrite(text.p, 1, text.n, stdout) == text.n;
    buf_fini(&text);
    json_close(root);
    return ok ? CTL_OK : CTL_FAILED;
}

int past_put(struct span body, bool lines,
             enum err (*print)(const struct json_value *answer, struct buf *out)) {
    if (!lines)
        return past_print(body, print);
    return fwrite(body.p ? body.p : (const uint8_t *)"", 1, body.n, stdout) == body.n ? CTL_OK
                                                                                      : CTL_FAILED;
}

int past_show(const char *socket, const char *url, struct buf *path, bool json,
              enum err (*print)(const struct json_value *answer, struct buf *out)) {
    struct buf body;
    int code = CTL_FAILED;
    buf_init(&body);
    if (buf_add_byte(path, 0))
        fprintf(stderr, "plantbus: out of memory\n");
    else if (past_get(socket, url, (const char *)path->p, &body))
        code = past_put(buf_span(&body), json, print);
    buf_fini(&body);
    return code;
}

static bool add_path(const struct past_command *command, const char *operand, struct buf *out) {
    if (command->path_of)
        return command->path_of(operand, out);
    (void)buf_add_str(out, command->path);
    if (command->operand)
        client_add_argument(out, command->operand, operand);
    return true;
}

static int ask_and_print(const struct past_command *command, const struct past_ask *o,
                         const char *operand) {
    struct buf path, body;
    int code = CTL_FAILED;
    buf_init(&path);
    buf_init(&body);
    if (!add_path(command, operand, &path)) {
        fprintf(stderr, "plantbus: \"%s\" is no id of a unit\n", operand);
        code = CTL_USAGE;
    } else if (add_span(o, &path)) {
        fprintf(stderr, "plantbus: out of memory\n");
    } else if (past_get(o->socket, o->url, (const char *)path.p, &body)) {
        code = past_put(buf_span(&body), o->csv || o->jsonl, command->print);
    }
    buf_fini(&path);
    buf_fini(&body);
    return code;
}

int past_run(const struct past_command *command, int argc, char **argv) {
    struct past_ask o = {.from_ms = INT64_MIN, .to_ms = INT64_MAX};
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &o.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &o.url, "address of the page; else http://127.0.0.1:8080"},
        {"from", "TIME", ARGS_TIME, &o.from_ms, command->from},
        {"to", "TIME", ARGS_TIME, &o.to_ms, "its end; else now"},
        {"csv", NULL, ARGS_FLAG, &o.csv, command->csv},
        {"jsonl", NULL, ARGS_FLAG, &o.jsonl, command->jsonl}};
    const size_t all = sizeof rows / sizeof *rows;
    const size_t operand = command->operand || command->path_of;
    const struct args args = {.usage = command->usage,
                              .about = command->about,
                              .rows = rows,
                              .row_n = command->csv ? all : all - 2,
                              .least = operand,
                              .most = operand};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    if (o.csv && o.jsonl) {
        fprintf(stderr, "plantbus: --csv or --jsonl, not both\n");
        return CTL_USAGE;
    }
    return ask_and_print(command, &o, operand ? operands.at[0] : NULL);
}
