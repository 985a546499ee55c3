#include "ctl/norm_past.h"

#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/past_ask.h"
#include "ctl/rows_csv.h"

struct options {
    const char *socket, *url, *by, *method, *supplement, *product, *team, *limit;
    int64_t from_ms, to_ms; /* INT64_MIN, INT64_MAX: the daemon's own */
    bool json, csv, yaml;
};

enum { NODE_NEEDED = 1, INDICATOR = 2, INDICATOR_NEEDED = 4 };

static const struct question {
    const char *name, *path, *usage, *about;
    unsigned operands;
    enum err (*print)(const struct json_value *answer, struct buf *out);
} questions[] = {
    {"suggest", "suggest", "norm suggest NODE INDICATOR [OPTION...]",
     "Prints the norm that history proposes, as the command that proposes it, with what it rests\n"
     "on and what it would have meant for each team in the last quarter as comments above it;\n"
     "with --yaml as a file. To propose it: ... | WHO=\"planning office\" sh. METHOD: advanced "
     "(mean\n"
     "of the mean and the mean of what is better), middle (of mean and best), growth (the months'\n"
     "means, gone on).",
     NODE_NEEDED | INDICATOR | INDICATOR_NEEDED, norm_print_suggest},
    {"attain", "attainment", "norm attain NODE [INDICATOR] [OPTION...]",
     "Prints attainment with the norm in force at the time of each shift, of all time and of\n"
     "time with conditions held. Without --by the node's own; by unit of the units below it.",
     NODE_NEEDED | INDICATOR, norm_print_attain},
    {"teams", "teams", "norm teams NODE INDICATOR [OPTION...]",
     "Prints how the attainment of shifts is distributed, by unit and team.",
     NODE_NEEDED | INDICATOR | INDICATOR_NEEDED, norm_print_teams},
    {"status", "status", "norm status [NODE] [OPTION...]",
     "Prints the status of each unit and team in the four classes, the worst first, and what\n"
     "has no norm or no data.",
     0, norm_print_status},
    {"review", "review", "norm review [NODE] [OPTION...]",
     "Prints each norm's verdict of the two whole months before --to with its reasons, what runs\n"
     "without a norm, what rests on no basis, and steps that are overdue.",
     0, norm_print_review},
    {"records", "records", "norm records NODE INDICATOR [OPTION...]",
     "Prints records of units by product, the newest first: full shifts that were known and in\n"
     "which the other classes were at their norms.",
     NODE_NEEDED | INDICATOR | INDICATOR_NEEDED, norm_print_records},
    {"links", "links", "norm links NODE [OPTION...]",
     "Prints the units below a line by how much they decide what it makes: the key link is busy\n"
     "most and waits least. Behind them what their own stops cost the line.",
     NODE_NEEDED, norm_print_links},
};

static const struct question *find(const char *name) {
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        if (strcmp(questions[i].name, name) == 0)
            return &questions[i];
    return NULL;
}

/* --- asking -------------------------------------------------------------------------------------
 */

static void add(struct buf *path, const char *name, const char *value) {
    if (value)
        client_add_argument(path, name, value);
}

static enum err path_of(const struct question *q, const struct options *o,
                        const struct args_texts *line, struct buf *path) {
    (void)buf_addf(path, "/api/v1/norms/%s?", q->path);
    add(path, "node", line->n > 0 ? line->at[0] : NULL);
    add(path, "indicator", line->n > 1 ? line->at[1] : NULL);
    client_add_span(path, o->from_ms, o->to_ms);
    add(path, "by", o->by);
    add(path, "method", o->method);
    add(path, "supplement", o->supplement);
    add(path, "product", o->product);
    add(path, "team", o->team);
    add(path, "limit", o->limit);
    return buf_add_byte(path, 0);
}

static int print_csv(struct span body) {
    struct json_value *root = NULL;
    struct buf text;
    buf_init(&text);
    bool ok = json_parse(body, NULL, &root, NULL) == ERR_OK &&
              rows_csv(json_find(root, "rows"), &text) == ERR_OK &&
              fwrite(text.p ? text.p : (const uint8_t *)"", 1, text.n, stdout) == text.n;
    json_close(root);
    buf_fini(&text);
    return ok ? CTL_OK : CTL_FAILED;
}

static int print(const struct question *q, const struct options *o, struct span body) {
    if (o->csv)
        return print_csv(body);
    if (!o->json)
        return past_print(body, o->yaml ? norm_print_suggest_file : q->print);
    return fwrite(body.p, 1, body.n, stdout) == body.n && putchar('\n') != EOF ? CTL_OK
                                                                               : CTL_FAILED;
}

static int ask(const struct question *q, const struct options *o, const struct args_texts *line) {
    struct buf path, body;
    int code = CTL_FAILED;
    buf_init(&path);
    buf_init(&body);
    if (path_of(q, o, line, &path))
        fprintf(stderr, "plantbus: out of memory\n");
    else if (past_get(o->socket, o->url, (const char *)path.p, &body))
        code = print(q, o, buf_span(&body));
    buf_fini(&path);
    buf_fini(&body);
    return code;
}

int norm_past_run(int argc, char **argv) {
    const struct question *q = find(argv[0]);
    struct options o = {.from_ms = INT64_MIN, .to_ms = INT64_MAX};
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &o.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &o.url, "address of the page; else http://127.0.0.1:8080"},
        {"from", "TIME", ARGS_TIME, &o.from_ms, "shifts that begin then or later; else 92 days"},
        {"to", "TIME", ARGS_TIME, &o.to_ms, "and before then; else now"},
        {"product", "ID", ARGS_TEXT, &o.product, "of one product"},
        {"team", "ID", ARGS_TEXT, &o.team, "of one team"},
        {"by", "LIST", ARGS_TEXT, &o.by, "attain: rows by unit,team,product,period"},
        {"method", "METHOD", ARGS_TEXT, &o.method, "suggest: advanced, middle or growth"},
        {"supplement", "NUMBER", ARGS_TEXT, &o.supplement, "suggest: k of the piece rate now"},
        {"limit", "N", ARGS_TEXT, &o.limit, "records: so many"},
        {"yaml", NULL, ARGS_FLAG, &o.yaml, "suggest: as a file"},
        {"csv", NULL, ARGS_FLAG, &o.csv, "the rows as CSV"},
        {"json", NULL, ARGS_FLAG, &o.json, "everything as JSON"}};
    struct args_texts operands;
    if (!q)
        return CTL_USAGE;
    const struct args args = {.usage = q->usage,
                              .about = q->about,
                              .rows = rows,
                              .row_n = sizeof rows / sizeof *rows,
                              .least = (q->operands & NODE_NEEDED ? 1 : 0) +
                                       (q->operands & INDICATOR_NEEDED ? 1 : 0),
                              .most = q->operands & INDICATOR ? 2 : 1};
    const enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    if (o.yaml && q->print != norm_print_suggest) {
        fprintf(stderr, "plantbus: --yaml is of suggestions\n");
        return CTL_USAGE;
    }
    if (o.json && o.csv) {
        fprintf(stderr, "plantbus: --csv or --json, not both\n");
        return CTL_USAGE;
    }
    return ask(q, &o, &operands);
}
