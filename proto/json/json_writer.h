/* JSON text out, straight into a buf; no tree is built. The caller keeps the order of calls legal
 * (asserted); a failed growth of the buf is kept until json_writer_finish() tells it. */
#ifndef PB_JSON_JSON_WRITER_H
#define PB_JSON_JSON_WRITER_H

#include "base/buf.h"

struct json_writer {
    struct buf *out;
    uint64_t objects; /* bit d: the value open at depth d is an object */
    unsigned depth;   /* open objects and arrays, at most 64 */
    bool comma;       /* a value stands before the next one */
    bool keyed;       /* a key waits for its value */
};

/* Begins one JSON text behind what out holds; out stays the caller's. */
void json_writer_init(struct json_writer *w, struct buf *out);
/* ERR_NOMEM if the buf failed; call when the text is complete. */
enum err json_writer_finish(const struct json_writer *w);

void json_writer_begin_object(struct json_writer *w);
void json_writer_end_object(struct json_writer *w);
void json_writer_begin_array(struct json_writer *w);
void json_writer_end_array(struct json_writer *w);
/* In an object, before each value. */
void json_writer_key(struct json_writer *w, const char *key);
/* Bytes that are not UTF-8 become U+FFFD, so that one bad name cannot make a whole answer illegal.
 */
void json_writer_string(struct json_writer *w, struct span s);
void json_writer_text(struct json_writer *w, const char *s); /* NULL: null */
void json_writer_int64(struct json_writer *w, int64_t v);
/* v / 10^places, exactly, without trailing zeros; places 0..9. */
void json_writer_decimal(struct json_writer *w, int64_t v, int places);
/* The shortest text that reads back as v (any unit); null if v is not finite. */
void json_writer_real(struct json_writer *w, double v);
void json_writer_bool(struct json_writer *w, bool v);
void json_writer_null(struct json_writer *w);
/* A value that is JSON text already. */
void json_writer_raw(struct json_writer *w, struct span json);

#endif
