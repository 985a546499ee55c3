/* Configuration rows made from the table of a norm's fields, so that keys stand in one place; for
 * this room only. A loaded object holds a text with its place for each scalar. */
#ifndef PB_NORMFILE_SHAPE_H
#define PB_NORMFILE_SHAPE_H

#include "normfile/normfile.h"

struct shape_slot { /* of a scalar */
    char *text;     /* "": not given */
    struct conf_pos pos;
};

struct shape_items { /* of a list */
    void *at;
    size_t n;
};

struct shape {
    const struct norm_fields *fields;
    struct conf_schema schema;
    struct conf_row *rows; /* owned, as all below */
    struct shape **sub;    /* by field, NULL for scalars */
};

/* head: bytes at the begin of each object that are not the fields'. ERR_NOMEM. */
enum err shape_open(const struct norm_fields *fields, size_t head, struct shape **out);
void shape_close(struct shape *s);
/* Each scalar that the object gives, by path. */
typedef enum err (*shape_take)(void *user, const char *path, struct span text, struct conf_pos pos);
enum err shape_each(const struct shape *s, const void *object, const char *prefix, shape_take take,
                    void *user);

#endif
