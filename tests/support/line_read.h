/* Reads a line of the line protocol back, for tests. It takes what the writer writes and refuses
 * everything else. */
#ifndef PB_SUPPORT_LINE_READ_H
#define PB_SUPPORT_LINE_READ_H

#include "base/err.h"
#include "base/span.h"

enum { LINE_READ_MAX = 256, LINE_READ_TEXT = 128 };

struct line_pair {
    char key[LINE_READ_TEXT],
        value[LINE_READ_TEXT]; /* unescaped; a field as written: 1i, 0.5, "x" */
};
struct line_read {
    char measurement[LINE_READ_TEXT];
    struct line_pair tag[16], field[LINE_READ_MAX];
    size_t tag_n, field_n;
    int64_t t;
};

/* Takes one line from the front of *s. ERR_TRUNCATED at the end, ERR_FORMAT. */
enum err line_read(struct span *s, struct line_read *out);
/* The value, or NULL. */
const char *line_read_tag(const struct line_read *l, const char *key);
const char *line_read_field(const struct line_read *l, const char *key);

#endif
