#include "ctl/args.h"

#include <stdio.h>
#include <string.h>

#include "base/ident.h"
#include "base/utc.h"
#include "ctl/ctl.h"

static void print_help(const struct args *a) {
    printf("Usage: plantbus %s\n%s\n\n", a->usage, a->about);
    for (size_t i = 0; i < a->row_n; i++) {
        char left[64];
        (void)snprintf(left, sizeof left, "--%s %s", a->rows[i].name,
                       a->rows[i].value ? a->rows[i].value : "");
        printf("  %-24s %s\n", left, a->rows[i].help);
    }
    printf("  %-24s %s\n", "--help", "this text");
    printf("\nExit codes: 0 ok, 1 failure, 2 wrong call, 3 wrong configuration.\n");
}

static bool parse_time(const char *text, int64_t *out) {
    char full[64];
    if (strlen(text) == 10)
        (void)snprintf(full, sizeof full, "%sT00:00:00Z", text);
    else
        (void)snprintf(full, sizeof full, "%s", text);
    return utc_parse(span_str(full), out) == ERR_OK;
}

static const struct args_row *find(const struct args *a, const char *name, size_t n) {
    for (size_t i = 0; i < a->row_n; i++)
        if (strlen(a->rows[i].name) == n && memcmp(a->rows[i].name, name, n) == 0)
            return &a->rows[i];
    return NULL;
}

static enum args_verdict unknown(const struct args *a, const char *name, size_t n) {
    const char *names[32];
    char word[64];
    size_t known = 0;
    (void)snprintf(word, sizeof word, "%.*s", (int)n, name);
    for (; known < a->row_n && known < 32; known++)
        names[known] = a->rows[known].name;
    const char *near = ident_nearest(word, names, known);
    fprintf(stderr, "plantbus: no option --%s%s%s%s\nUsage: plantbus %s\n", word,
            near ? "; did you mean --" : "", near ? near : "", near ? "?" : "", a->usage);
    return ARGS_WRONG;
}

static bool take(const struct args_row *row, const char *value) {
    struct args_texts *list = row->out;
    switch (row->type) {
    case ARGS_FLAG:
        *(bool *)row->out = true;
        return true;
    case ARGS_TEXT:
        *(const char **)row->out = value;
        return true;
    case ARGS_TEXTS:
        if (list->n == ARGS_TEXTS_MAX)
            return false;
        list->at[list->n++] = value;
        return true;
    case ARGS_TIME:
        return parse_time(value, row->out);
    }
    return false;
}

/* One option at argv[*i]; its value may be the word behind it. */
static enum args_verdict take_option(const struct args *a, int argc, char **argv, int *i) {
    const char *name = argv[*i] + 2, *equals = strchr(name, '=');
    size_t n = equals ? (size_t)(equals - name) : strlen(name);
    const struct args_row *row = find(a, name, n);
    const char *value = equals ? equals + 1 : NULL;
    if (!row)
        return unknown(a, name, n);
    if (row->type == ARGS_FLAG && equals) {
        fprintf(stderr, "plantbus: --%s takes no value\n", row->name);
        return ARGS_WRONG;
    }
    if (row->type != ARGS_FLAG && !value && *i + 1 < argc)
        value = argv[++*i];
    if (row->type != ARGS_FLAG && !value) {
        fprintf(stderr, "plantbus: --%s needs %s\n", row->name, row->value);
        return ARGS_WRONG;
    }
    if (take(row, value))
        return ARGS_GO;
    fprintf(stderr, "plantbus: --%s %s: expected %s\n", row->name, value,
            row->type == ARGS_TIME ? "a time such as 2026-11-23T06:00:00Z or 2026-11-23"
                                   : "fewer of them");
    return ARGS_WRONG;
}

enum args_verdict args_parse(const struct args *a, int argc, char **argv,
                             struct args_texts *operands) {
    operands->n = 0;
    bool only_operands = false;
    for (int i = 1; i < argc; i++) {
        enum args_verdict v = ARGS_GO;
        if (!only_operands && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            print_help(a);
            return ARGS_HELPED;
        }
        if (!only_operands && strcmp(argv[i], "--") == 0)
            only_operands = true;
        else if (!only_operands && strncmp(argv[i], "--", 2) == 0)
            v = take_option(a, argc, argv, &i);
        else if (operands->n < ARGS_TEXTS_MAX)
            operands->at[operands->n++] = argv[i];
        if (v != ARGS_GO)
            return v;
    }
    if (operands->n >= a->least && operands->n <= a->most)
        return ARGS_GO;
    fprintf(stderr, "plantbus: %s\nUsage: plantbus %s\n",
            operands->n < a->least ? "something is missing" : "too many words", a->usage);
    return ARGS_WRONG;
}

int args_exit(enum args_verdict v) {
    return v == ARGS_HELPED ? CTL_OK : CTL_USAGE;
}
