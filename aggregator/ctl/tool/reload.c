/* plantbus reload: has the aggregator read its files anew, and says what became of it. */
#include <inttypes.h>
#include <stdio.h>

#include "ctl/answer.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"

enum { PATIENCE_MS = 60000 };

static void print_lines(const struct json_value *root, FILE *to) {
    const struct json_value *lines = json_find(root, "lines");
    for (size_t i = 0; i < json_count(lines); i++) {
        struct span line = {0};
        (void)json_string_of(json_at(lines, i), &line);
        (void)fprintf(to, "%.*s\n", (int)line.n, (const char *)line.p);
    }
}

/* Refused is wrong configuration, wherever the mistake is. */
static int say(struct span body) {
    struct json_value *root = NULL;
    if (json_parse(body, NULL, &root, NULL)) {
        (void)fprintf(stderr, "plantbus: the answer has another form than expected\n");
        return CTL_FAILED;
    }
    const struct span result = answer_text(root, "result");
    const int64_t n = answer_number(root, "n");
    int code = CTL_FAILED;
    if (span_equal(result, span_str("refused"))) {
        print_lines(root, stderr);
        (void)fprintf(stderr, "refused, %" PRId64 " problem%s: what runs stays as it is\n", n,
                      n == 1 ? "" : "s");
        code = CTL_CONFIG;
    } else if (span_equal(result, span_str("unchanged"))) {
        printf("the files are what runs\n");
        code = CTL_OK;
    } else if (span_equal(result, span_str("loaded"))) {
        print_lines(root, stdout);
        printf("loaded, %" PRId64 " change%s, in %" PRId64 " ms; nothing was taken in for %" PRId64
               " ms\n",
               n, n == 1 ? "" : "s", answer_number(root, "took_ms"),
               answer_number(root, "paused_ms"));
        code = CTL_OK;
    } else {
        (void)fprintf(stderr, "plantbus: it did not come to a reload\n");
    }
    json_close(root);
    return fflush(stdout) ? CTL_FAILED : code;
}

int reload_run(int argc, char **argv) {
    const char *socket = NULL, *url = NULL;
    bool json = false;
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &url, "address of the page; else http://127.0.0.1:8080"},
        {"json", NULL, ARGS_FLAG, &json, "the answer as it came"}};
    const struct args args = {
        .usage = "reload [--socket PATH | --url URL] [--json]",
        .about =
            "Has the running aggregator read its files anew and take over what differs, all of it\n"
            "or, if anything in any file is wrong or needs a restart, nothing. Prints what has\n"
            "changed, or every mistake with its place.",
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
    bool unanswered = false;
    buf_init(&body);
    bool ok = client_open(&client, socket, url) == ERR_OK;
    client.timeout_ms = PATIENCE_MS;
    ok = ok && client_post(&client, "/api/v1/reload", span_str("{}"), &body, why, &unanswered);
    if (!ok)
        (void)fprintf(stderr, "plantbus: %s\n", why);
    else if (json)
        code = fwrite(body.p, 1, body.n, stdout) == body.n && puts("") >= 0 ? CTL_OK : CTL_FAILED;
    else
        code = say(buf_span(&body));
    client_close(&client);
    buf_fini(&body);
    return code;
}
