/* What `orders`, `stops`, `scrap` and `timeline` share: a question about a span of time to the
 * running aggregator. */
#ifndef PB_CTL_PAST_ASK_H
#define PB_CTL_PAST_ASK_H

#include "base/buf.h"
#include "json/json.h"

struct past_command {
    const char *usage, *about;
    const char *from, *csv, *jsonl; /* what --help says of these */
    /* Appends the path of the question about the operand, which ends with a parameter or with '?'.
     * False: it is no operand of this command. */
    bool (*path)(const char *operand, struct buf *out);
    enum err (*print)(const struct json_value *answer, struct buf *out);
};

/* Runs the command: an exit code. What came is printed as it is (--csv, --jsonl), or by `print`. */
int past_run(const struct past_command *command, int argc, char **argv);

#endif
