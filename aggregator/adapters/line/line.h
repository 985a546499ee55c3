/* InfluxDB line protocol, written straight into a buf. Pure. What the format cannot carry never
 * enters: empty tags are left out, values that are not finite are skipped, line breaks become
 * blanks. */
#ifndef PB_LINE_LINE_H
#define PB_LINE_LINE_H

#include "base/buf.h"

struct line {
    struct buf *out;
    size_t begun; /* where this line begins in out */
    bool fields;  /* a field has been written */
};

/* Begins a line; tags in the order of their keys, then fields, then line_end. */
void line_begin(struct line *l, struct buf *out, const char *measurement);
void line_tag(struct line *l, const char *key, struct span value);
void line_int(struct line *l, const char *key, int64_t v);
void line_real(struct line *l, const char *key, double v); /* shortest form that reads back */
void line_text(struct line *l, const char *key, struct span v);
/* Stamp in ms. A line without fields is taken back. ERR_NOMEM: out is marked failed. */
enum err line_end(struct line *l, int64_t t_ms);

#endif
