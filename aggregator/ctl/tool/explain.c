/* plantbus explain: where a number comes from. */
#include "ctl/explain.h"

#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/past_ask.h"

void explain_path(const char *unit, const char *window, const char *indicator, const char *parts,
                  struct buf *out) {
    const char *colon = strchr(window, ':'), *slash = strchr(window, '/');
    const bool shift = slash && !(colon && colon < slash); /* all of it names one */
    const char *start = shift ? window : colon ? colon + 1 : NULL;
    const int n = colon ? (int)(colon - window) : (int)strlen(window);
    char kind[32] = "shift";
    if (!shift)
        (void)snprintf(kind, sizeof kind, "%.*s", n, window);
    (void)buf_add_str(out, "/api/v1/explain?");
    client_add_argument(out, "unit", unit);
    client_add_argument(out, "kind", kind);
    if (start)
        client_add_argument(out, "start", start);
    client_add_argument(out, "indicator", indicator);
    client_add_argument(out, "limit", parts);
}

static int run(const char *socket, const char *url, bool json, const char *path) {
    struct buf body;
    int code = CTL_FAILED;
    buf_init(&body);
    if (past_get(socket, url, path, &body)) {
        const struct span text = buf_span(&body);
        if (!json)
            code = past_print(text, explain_print);
        else if (fwrite(text.p, 1, text.n, stdout) == text.n && putchar('\n') != EOF)
            code = CTL_OK;
    }
    buf_fini(&body);
    return code;
}

int explain_run(int argc, char **argv) {
    const char *socket = NULL, *url = NULL, *parts = "20";
    bool json = false;
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &url, "address of the page; else http://127.0.0.1:8080"},
        {"parts", "N", ARGS_TEXT, &parts,
         "of each sum so many are told one by one, up to 1000; else 20"},
        {"json", NULL, ARGS_FLAG, &json, "everything as JSON"}};
    const struct args args = {
        .usage = "explain UNIT WINDOW INDICATOR [OPTION...]",
        .about =
            "Prints where a number comes from: the formula, the sums it is made of, and for\n"
            "each the parts that add up to it to the last digit (stretches of the timeline,\n"
            "counter steps, meter spans, power, entries); what was left out; the norm, factors\n"
            "and revision. UNIT may be a line, an area or the site: then the parts are units.\n"
            "WINDOW is minute, 15min, hour, shift or day, alone for the running one, or with\n"
            "a time in it: hour:2026-11-23T06:00:00Z, day:2026-11-23, shift:2026-11-23/early.\n"
            "INDICATOR is an id, such as time_utilization, oee, energy_per_good.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows,
        .least = 3,
        .most = 3};
    struct args_texts operands;
    struct buf path;
    int code = CTL_FAILED;
    const enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    buf_init(&path);
    explain_path(operands.at[0], operands.at[1], operands.at[2], parts, &path);
    if (buf_add_byte(&path, 0))
        fprintf(stderr, "plantbus: out of memory\n");
    else
        code = run(socket, url, json, (const char *)path.p);
    buf_fini(&path);
    return code;
}
