/* Reads a line of the line protocol back, for tests. It takes what the writer writes and refuses
 * everything else. */
#ifndef PB_SUPPORT_LINE_READ_H
#define PB_SUPPORT_LINE_READ_H

#include "base/err.h"
#include "base/span.h"

enum { LINE_READ_MAX = 256, LINE_READ_TEXT = 128, LINE_READ_BYTES = 16384 };

struct line_pair {
    const char *key, *value; /* unescaped; a field as written: 1i, 0.5, "x" */
};
struct line_read { /* copied by line_read_copy() only: it points into itself */
    const char *measurement;
    struct line_pair tag[16], field[LINE_READ_MAX];
    size_t tag_n, field_n;
    int64_t t;
    char text[LINE_READ_BYTES];
    size_t text_n;
};

/* Takes one line from the front of *s. ERR_TRUNCATED at the end, ERR_FORMAT. */
enum err line_read(struct span *s, struct line_read *out);
/* The same for measurement, tags and stamp alone; fields are passed over. */
enum err line_read_point(struct span *s, struct line_read *out);
void line_read_copy(const struct line_read *l, struct line_read *out);
/* Fields of `from` replace those of l, as in a database. ERR_RANGE: they are too many; l is then as
 * it was. */
enum err line_read_merge(struct line_read *l, const struct line_read *from);
/* The value, or NULL. */
const char *line_read_tag(const struct line_read *l, const char *key);
const char *line_read_field(const struct line_read *l, const char *key);
/* The same; mostly it is the i-th. */
const char *line_read_field_near(const struct line_read *l, const char *key, size_t i);
/* Same measurement, tags and stamp: one point to a database. */
bool line_read_same_point(const struct line_read *a, const struct line_read *b);

#endif
