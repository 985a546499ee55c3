/* What `orders`, `stops`, `scrap`, `timeline` and `explain` share: a question about the past to the
 * running aggregator. */
#ifndef PB_CTL_PAST_ASK_H
#define PB_CTL_PAST_ASK_H

#include "base/buf.h"
#include "json/json.h"

struct past_command {
    const char *usage, *about;
    const char *from, *csv, *jsonl; /* what --help says of these; csv NULL: neither is there */
    /* The path of the question, which ends with a parameter or with '?', and the parameter that the
     * operand is, NULL: there is none; */
    const char *path, *operand;
    /* or, not NULL, what appends the path. False: it is no operand of this command. */
    bool (*path_of)(const char *operand, struct buf *out);
    enum err (*print)(const struct json_value *answer, struct buf *out);
};

/* Runs the command: an exit code. What came is printed as it is (--csv, --jsonl), or by `print`. */
int past_run(const struct past_command *command, int argc, char **argv);
/* Its two halves. Asks for a path; false: said on standard error. */
bool past_get(const char *socket, const char *url, const char *path, struct buf *body);
/* Prints JSON for people, or lines as they came: an exit code. */
int past_put(struct span body, bool lines,
             enum err (*print)(const struct json_value *answer, struct buf *out));
int past_print(struct span body,
               enum err (*print)(const struct json_value *answer, struct buf *out));
/* Asks for a path, to which a NUL is added, and prints the answer by `print`, or (json) as it came:
 * an exit code. */
int past_show(const char *socket, const char *url, struct buf *path, bool json,
              enum err (*print)(const struct json_value *answer, struct buf *out));
/* Parameters that are not given are left out. */
void past_add_text(struct buf *path, const char *name, const char *text);

#endif
