/* JSON text in: bytes become a read-only tree, under limits, with the place of an error. It does
 * not write (json_writer.h) and gives no meaning to what it reads; jansson stays behind it. */
#ifndef PB_JSON_JSON_H
#define PB_JSON_JSON_H

#include "base/err.h"
#include "base/span.h"

struct json_value; /* opaque; lives as long as its root */

enum json_kind {
    JSON_KIND_NULL,
    JSON_KIND_BOOL,
    JSON_KIND_INT, /* written without fraction and exponent, fits int64 */
    JSON_KIND_REAL,
    JSON_KIND_STRING,
    JSON_KIND_ARRAY,
    JSON_KIND_OBJECT,
};

struct json_limits {
    size_t bytes_max;   /* 0: no limit */
    unsigned depth_max; /* nested arrays and objects; 0: 64, never more than 1000 */
};

struct json_error {
    unsigned line, column; /* from 1; 0 when the error has no place */
    char text[160];
};

/* Parses exactly one JSON value (RFC 8259; any value may be the root). Keys may not be doubled, NUL
 * may not occur in strings, text must be UTF-8. limits NULL: 16 MiB and depth 64. Owned by the
 * caller until json_close(). ERR_FORMAT, ERR_TRUNCATED (the text ends too early), ERR_RANGE (over a
 * limit, number too large), ERR_NOMEM; *error tells more and may be NULL. */
enum err json_parse(struct span text, const struct json_limits *limits, struct json_value **root,
                    struct json_error *error);
/* Frees the whole tree of a root; NULL is nothing. */
void json_close(struct json_value *root);

/* All below take NULL as "not there", so that look-ups can be chained. */
enum json_kind json_kind(const struct json_value *v); /* NULL: JSON_KIND_NULL */
/* The value of a key; NULL if v is not an object or has no such key. */
const struct json_value *json_find(const struct json_value *v, const char *key);
/* Members of an object or elements of an array; 0 for all else. */
size_t json_count(const struct json_value *v);
/* Element i of an array; NULL beyond its end and for all else. */
const struct json_value *json_at(const struct json_value *v, size_t i);

/* A walk over an object in the order of its text: begin with a zeroed json_walk. */
struct json_walk {
    void *place;
    bool begun;
    struct span key; /* also NUL-terminated */
    const struct json_value *value;
};
/* Fills key and value with the next member; false at the end and for all but objects. */
bool json_next(const struct json_value *object, struct json_walk *walk);

/* Each leaves *out untouched and answers ERR_NOT_FOUND for NULL, ERR_FORMAT for another kind. */
/* The bytes of a string, UTF-8, also NUL-terminated. */
enum err json_string_of(const struct json_value *v, struct span *out);
/* An int, or a real whose value is a whole number within int64 (else ERR_RANGE). */
enum err json_int64_of(const struct json_value *v, int64_t *out);
/* An int or a real, in the unit its writer chose. */
enum err json_double_of(const struct json_value *v, double *out);
/* An int or a real as value * 10^places, places 0..9: the decimal that was written, if it had at
 * most 15 digits; what lies beyond places is cut off. ERR_RANGE. */
enum err json_decimal_of(const struct json_value *v, int places, int64_t *out);
enum err json_bool_of(const struct json_value *v, bool *out);

#endif
