/* The memory of loaded structs: fields found by offset, lists sized and freed. For the loader and
 * its neighbours only; it reads no values. */
#ifndef PB_CONF_OBJECT_H
#define PB_CONF_OBJECT_H

#include "conf/value.h"

static inline void *conf_at(void *object, struct conf_field f) {
    return (uint8_t *)object + f.offset;
}

static inline const void *conf_at_const(const void *object, struct conf_field f) {
    return (const uint8_t *)object + f.offset;
}

/* Bytes of one element of a list row. */
size_t conf_element_size(const struct conf_row *row);
/* Reads a list's elements and their number. */
const void *conf_list_get(const struct conf_row *row, const void *object, size_t *n);
/* Gives the list n zeroed elements, of the object from then on. ERR_NOMEM. */
enum err conf_list_open(const struct conf_row *row, void *object, size_t n, void **elements);
/* Writes to the optional fields of a row: whether it was given, and where. */
void conf_mark(const struct conf_row *row, void *object, bool given, struct conf_pos pos);
/* Writes a scalar of a row, or an element of CONF_SCALARS, as a person would; a text as it is,
 * "nothing" if it is empty. ERR_NOMEM. */
enum err conf_value_format(const struct conf_row *row, enum conf_type type, size_t size,
                           const void *at, struct buf *out);
/* Frees what the object owns, also after half a load; leaves its bytes. */
void conf_object_fini(const struct conf_schema *schema, void *object);

#endif
