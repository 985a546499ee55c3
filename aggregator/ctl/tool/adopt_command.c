/* plantbus adopt: lines for the plant file, for what agents send and no unit uses. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/adopt.h"
#include "ctl/answer.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/files.h"

static void copy(char *to, size_t size, struct span from) {
    (void)snprintf(to, size, "%.*s", (int)from.n, (const char *)from.p);
}

static void last_of(const struct json_value *v, char out[64]) {
    const struct json_value *raw = json_find(v, "raw");
    double real = NAN;
    int64_t whole = 0;
    out[0] = 0;
    if (json_kind(raw) == JSON_KIND_STRING)
        copy(out, 64, answer_text(v, "raw"));
    else if (json_int64_of(raw, &whole) == ERR_OK)
        (void)snprintf(out, 64, "%lld", (long long)whole);
    else if (json_double_of(raw, &real) == ERR_OK)
        (void)snprintf(out, 64, "%g", real);
}

/* False of a point that no agent may have: an answer of another program. */
static bool point_of(const struct json_value *v, struct adopt_point *out) {
    enum point_type type;
    *out = (struct adopt_point){.t_ms = answer_number(v, "t_ms")};
    copy(out->name, sizeof out->name, answer_text(v, "point"));
    copy(out->base, sizeof out->base, answer_text(v, "base"));
    copy(out->hint, sizeof out->hint, answer_text(v, "unit"));
    last_of(v, out->last);
    const bool ok = ident_set(&out->agent, answer_text(v, "agent")) && out->name[0] &&
                    point_type_parse(answer_text(v, "type"), &type) == ERR_OK;
    out->type = ok ? (uint8_t)type : 0;
    return ok;
}

static int print(const struct plant *p, const struct json_value *list, const char *agent) {
    struct adopt_point *point = calloc(json_count(list) + 1, sizeof *point);
    struct buf text;
    size_t n = 0;
    bool ok = point != NULL;
    buf_init(&text);
    for (size_t i = 0; ok && i < json_count(list); i++) {
        ok = point_of(json_at(list, i), &point[n]);
        n += ok && (!agent || strcmp(point[n].agent.s, agent) == 0);
    }
    if (ok) {
        adopt_print(p, point, n, &text);
        ok = !text.failed && fwrite(text.p, 1, text.n, stdout) == text.n && fflush(stdout) == 0;
    }
    if (!ok)
        (void)fprintf(stderr, "plantbus: the answer has another form than expected\n");
    buf_fini(&text);
    free(point);
    return ok ? CTL_OK : CTL_FAILED;
}

static int run(struct client *c, const char *agent) {
    struct buf file, body, mistakes;
    struct json_value *root = NULL;
    struct plant *p = NULL;
    char why[CLIENT_WHY] = "out of memory";
    int code = CTL_FAILED;
    buf_init(&file);
    buf_init(&body);
    buf_init(&mistakes);
    if (!client_get(c, "/api/v1/plant/file", &file, why) ||
        !client_get(c, "/api/v1/unassigned", &body, why))
        (void)fprintf(stderr, "plantbus: %s\n", why);
    else if (files_parse_plant(buf_span(&file), "plant file in force", &mistakes, NULL, &p))
        (void)fprintf(stderr,
                      "%.*splantbus: this tool does not understand the plant file in "
                      "force: it is of another version\n",
                      (int)mistakes.n, (const char *)mistakes.p);
    else if (json_parse(buf_span(&body), NULL, &root, NULL))
        (void)fprintf(stderr, "plantbus: the answer is no JSON\n");
    else
        code = print(p, json_find(root, "unassigned"), agent);
    json_close(root);
    plant_close(p);
    buf_fini(&mistakes);
    buf_fini(&body);
    buf_fini(&file);
    return code;
}

int adopt_run(int argc, char **argv) {
    const char *socket = NULL, *url = NULL, *agent = NULL;
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &url, "address of the page; else http://127.0.0.1:8080"},
        {"agent", "ID", ARGS_TEXT, &agent, "only what this agent sends"}};
    const struct args args = {
        .usage = "adopt [--socket PATH | --url URL] [--agent ID]",
        .about =
            "Prints lines for the plant file, ready to be pasted, for points that agents send and\n"
            "no unit uses: below units that are there, and as new units. New ones are in\n"
            "commissioning. Roles are guessed by type, unit and name, and marked as guesses; what\n"
            "nobody can guess is a comment with what it may be. It changes nothing.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    struct client client;
    const bool ok = client_open(&client, socket, url) == ERR_OK;
    if (!ok)
        (void)fprintf(stderr, "plantbus: out of memory\n");
    const int code = ok ? run(&client, agent) : CTL_FAILED;
    client_close(&client);
    return code;
}
