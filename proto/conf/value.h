/* One written value: how its text becomes the bytes of a field, for every scalar type. It knows
 * rows but no trees, and it reports nothing: it says why a text will not do. */
#ifndef PB_CONF_VALUE_H
#define PB_CONF_VALUE_H

#include "conf/conf.h"

enum { CONF_WHY = 200, CONF_CHOICES_MAX = 128 };

/* Why a text was refused, to stand behind "key: ". */
struct conf_why {
    char text[CONF_WHY];
};

enum conf_shape { CONF_SHAPE_SCALAR, CONF_SHAPE_MAP, CONF_SHAPE_LIST };

/* A unit that may be written and what it is worth in the stored unit. */
struct conf_unit {
    const char *word;
    int64_t factor;
};

/* Parses text into the field of `size` bytes at `at`. ERR_FORMAT and ERR_RANGE fill *why;
 * ERR_NOMEM. */
typedef enum err (*conf_store_fn)(const struct conf_row *row, enum conf_type type, struct span text,
                                  void *at, size_t size, struct conf_why *why);

struct conf_kind {
    const char *name;   /* for the reference: "duration" */
    const char *expect; /* for reports: "a duration such as 200 ms" */
    enum conf_shape shape;
    const struct conf_unit *units; /* ascending, ends with a NULL word; NULL = plain numbers */
    bool from_zero;                /* without limits of its own, negative values are refused */
    size_t size;                   /* bytes of an element of CONF_SCALARS; 0 for maps and lists */
    bool whole;                    /* stored in an integer of 1, 2, 4 or 8 bytes */
    bool owned;                    /* the field is a char * that conf_free() frees */
    conf_store_fn store;
};

const struct conf_kind *conf_kind_get(enum conf_type type);
/* Limits of a whole number in a field of `size` bytes. */
void conf_limits_get(const struct conf_row *row, enum conf_type type, size_t size, int64_t *low,
                     int64_t *high);
__attribute__((format(printf, 2, 3))) void conf_why_set(struct conf_why *why, const char *fmt, ...);
/* Finds the choice nearest to a mistyped word, or NULL; the first CONF_CHOICES_MAX are looked at.
 */
const char *conf_nearest_find(const char *word, const char *const *choice, size_t n);

#endif
