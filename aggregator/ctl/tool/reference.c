/* plantbus reference: every configuration key, printed from the rows themselves. */
#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/files.h"
#include "kinds/kinds.h"
#include "normfile/normfile.h"

/* The settings of each kind of source stand in source files and agents' files alike. */
static enum err add_sources(struct buf *text) {
    enum err err = ERR_OK;
    for (size_t k = 0; k < kinds_n && !err; k++) {
        char title[64];
        (void)snprintf(title, sizeof title, "Keys of a source of kind %s", kinds_rows[k].name);
        err = conf_reference(kinds_rows[k].schema, title, text);
    }
    return err;
}

static int print_norms(void) {
    struct buf text;
    buf_init(&text);
    const enum err err = normfile_reference(&text);
    if (!err)
        fwrite(text.p, 1, text.n, stdout);
    else
        fprintf(stderr, "plantbus: %s\n", err_name(err));
    buf_fini(&text);
    return err ? CTL_FAILED : CTL_OK;
}

static int print(enum files_kind kind) {
    struct buf text;
    char title[64];
    buf_init(&text);
    (void)snprintf(title, sizeof title, "Keys of the %s file", files_kind_name(kind));
    enum err err = conf_reference(files_schema(kind), title, &text);
    if (!err && kind == FILES_SOURCE)
        err = add_sources(&text);
    if (!err)
        fwrite(text.p, 1, text.n, stdout);
    else
        fprintf(stderr, "plantbus: %s\n", err_name(err));
    buf_fini(&text);
    return err ? CTL_FAILED : CTL_OK;
}

int reference_run(int argc, char **argv) {
    static const struct args args = {
        .usage = "reference [plant|aggregator|agent|source|alerts|norm-settings|norms]",
        .about = "Prints every configuration key as Markdown: type, unit, range, default, help.\n"
                 "Without a word, all files.",
        .most = 1};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    if (operands.n == 1) {
        enum files_kind kind = files_kind_find(operands.at[0]);
        if (kind == FILES_NORMS)
            return print_norms();
        if (kind < FILES_WHOLE)
            return print(kind);
        fprintf(stderr,
                "plantbus: %s is no kind of file; plant, aggregator, agent, source, alerts, "
                "norm-settings or norms\n",
                operands.at[0]);
        return CTL_USAGE;
    }
    int code = CTL_OK;
    for (unsigned k = 0; k < FILES_WHOLE && code == CTL_OK; k++)
        code = print((enum files_kind)k);
    return code ? code : print_norms();
}
