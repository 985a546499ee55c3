/* Options of a command as rows that parse the line and print the help. Every option is --name or
 * --name VALUE (or --name=VALUE); what is left are operands. */
#ifndef PB_CTL_ARGS_H
#define PB_CTL_ARGS_H

#include "base/span.h"

enum args_type {
    ARGS_FLAG,  /* bool: true when given */
    ARGS_TEXT,  /* const char * */
    ARGS_TEXTS, /* struct args_texts: may be given several times */
    ARGS_TIME,  /* int64_t ms: RFC 3339, or a date as midnight UTC */
};

enum { ARGS_TEXTS_MAX = 64 };
struct args_texts {
    const char *at[ARGS_TEXTS_MAX];
    size_t n;
};

struct args_row {
    const char *name;  /* without -- */
    const char *value; /* what the help calls it; NULL for flags */
    enum args_type type;
    void *out; /* untouched when the option is not given */
    const char *help;
};

struct args {
    const char *usage; /* "check [OPTION...] FILE..." */
    const char *about; /* sentences below it */
    const struct args_row *rows;
    size_t row_n;
    size_t least, most; /* operands */
};

enum args_verdict { ARGS_GO, ARGS_HELPED, ARGS_WRONG };

/* Fills the rows' places and the operands (borrowed from argv). ARGS_HELPED: the help went to
 * standard output; ARGS_WRONG: what is wrong went to standard error. */
enum args_verdict args_parse(const struct args *a, int argc, char **argv,
                             struct args_texts *operands);
/* The exit code that goes with a verdict that is not ARGS_GO. */
int args_exit(enum args_verdict v);

#endif
