/* plantbus norm: the ledger of norms from the command line, a table of sub-commands. */
#include "ctl/norm.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/ident.h"
#include "ctl/answer.h"
#include "ctl/norm_past.h"
#include "ctl/past_ask.h"

static const struct ctl_command commands[] = {
    {"list", "norms by node, indicator, state", norm_list_run},
    {"show", "one norm with all that was done to it", norm_show_run},
    {"why", "which norm is in force at a node, and why not the others", norm_why_run},
    {"due", "steps that are overdue, with their owners", norm_due_run},
    {"suggest", "the norm that history proposes, as a file to be proposed", norm_past_run},
    {"attain", "attainment with the norm in force at each shift", norm_past_run},
    {"teams", "how attainment is distributed, by team", norm_past_run},
    {"status", "the four classes of units and teams, the worst first", norm_past_run},
    {"review", "what two months say of each norm, and what has none", norm_past_run},
    {"records", "the best shifts that count", norm_past_run},
    {"links", "which unit decides what its line makes", norm_past_run},
    {"draft", "write a norm down, for later", norm_give_run},
    {"propose", "propose a norm, or a draft, or a returned one with its correction", norm_give_run},
    {"answer", "answer a proposal, with the reason", norm_give_run},
    {"trial", "begin a trial, or give it other dates", norm_give_run},
    {"result", "enter what a trial showed", norm_give_run},
    {"consult", "record a consultation", norm_give_run},
    {"publish", "record a publication", norm_give_run},
    {"choose", "choose what becomes of a piece rate", norm_give_run},
    {"submit", "submit a proposal for approval", norm_give_run},
    {"return", "return it for correction", norm_give_run},
    {"approve", "approve what was submitted", norm_give_run},
    {"withdraw", "withdraw it, or end one that is in force", norm_give_run},
    {"import", "take norms from a file", norm_import_run},
    {"export", "write all norms as such a file", norm_export_run},
    {"audit", "who did what, when and why", norm_audit_run},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

void norm_link_rows(struct norm_link *l, struct args_row row[NORM_LINK_ROWS]) {
    row[0] = (struct args_row){"socket", "PATH", ARGS_TEXT, &l->socket,
                               "UNIX socket; else $PLANTBUS_SOCKET"};
    row[1] = (struct args_row){"url", "URL", ARGS_TEXT, &l->url,
                               "address of the page; else http://127.0.0.1:8080"};
}

bool norm_ask(const struct norm_link *l, const char *path, struct json_value **root) {
    struct buf body;
    buf_init(&body);
    bool ok = past_get(l->socket, l->url, path, &body);
    if (ok && json_parse(buf_span(&body), NULL, root, NULL)) {
        fprintf(stderr, "plantbus: the answer has another form than expected\n");
        ok = false;
    }
    buf_fini(&body);
    return ok;
}

bool norm_zone(const struct norm_link *l, struct zone **out) {
    struct json_value *root = NULL;
    struct buf bytes;
    char name[64];
    if (!norm_ask(l, "/api/v1/plant", &root))
        return false;
    const struct span zone = answer_text(root, "zone");
    (void)snprintf(name, sizeof name, "%.*s", (int)zone.n, zone.n ? (const char *)zone.p : "");
    json_close(root);
    buf_init(&bytes);
    enum err err = clock_zone_bytes(name, &bytes);
    if (!err)
        err = zone_open(buf_span(&bytes), out);
    buf_fini(&bytes);
    if (err)
        fprintf(stderr, "plantbus: the plant's time zone %s is not known here: %s\n", name,
                err_name(err));
    return err == ERR_OK;
}

int norm_run(int argc, char **argv) {
    const char *names[COMMANDS];
    const bool asked = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    for (size_t i = 0; i < COMMANDS; i++) {
        names[i] = commands[i].name;
        if (argc > 1 && strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    FILE *to = asked ? stdout : stderr;
    if (argc > 1 && !asked) {
        const char *near = ident_nearest(argv[1], names, COMMANDS);
        fprintf(stderr, "plantbus: norm has no command %s%s%s%s\n", argv[1],
                near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    fputs("Usage: plantbus norm COMMAND [OPTION...]\n"
          "Norms: what indicators have to be, who said so, since when.\n\n",
          to);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].help);
    fputs("\nplantbus norm COMMAND --help tells its options.\n", to);
    return asked ? CTL_OK : CTL_USAGE;
}
