/* The fields of a norm as a table: their keys in files, in JSON and in the audit, how each is read
 * and written as text. Who adds a field adds a row. It checks form, not sense. */
#ifndef PB_NORM_FIELD_H
#define PB_NORM_FIELD_H

#include "base/buf.h"
#include "base/zone.h"
#include "norm/norm.h"

enum norm_field_type {
    FIELD_TEXT, /* const char *; empty: "" */
    FIELD_ID,   /* struct ident; empty: "" */
    FIELD_REAL, /* double; empty: NAN */
    FIELD_INT,  /* int64_t; empty: -1 */
    FIELD_BOOL, /* empty: false */
    FIELD_TIME, /* int64_t ms; empty: NORM_NO_TIME. RFC 3339, or a date as its local midnight */
    FIELD_WORD, /* uint8_t; empty: `none` */
    FIELD_MAP,  /* `sub` within the same struct */
    FIELD_LIST  /* items of `step` bytes, each of `sub` */
};

enum norm_part { /* who may bring it: bits of a set */
                 PART_CONTENT = 1,
                 PART_TRIAL = 2,
                 PART_RESULT = 4,
                 PART_CONSULTATION = 8,
                 PART_PUBLICATION = 16,
                 PART_CHOICE = 32,
                 PART_CEILING = 64,
                 PART_LIFE = 128,
                 PART_ALL = 255
};

struct norm_fields {
    const struct norm_field *at;
    size_t n;
};

struct norm_field {
    const char *key;
    uint8_t type; /* enum norm_field_type */
    uint8_t part; /* enum norm_part; of a map or list: those of its fields */
    uint8_t none, word_n;
    const char *(*word)(unsigned v);
    size_t at;       /* bytes from the begin of the struct */
    size_t count_at; /* lists: of the size_t */
    size_t step;
    size_t most; /* items of a list */
    const struct norm_fields *sub;
    const char *help;
};

extern const struct norm_fields norm_fields; /* of struct norm */

/* Texts that norms borrow: freed all at once. */
struct norm_texts {
    struct norm_text *first;
};
const char *norm_texts_keep(struct norm_texts *t, struct span text); /* NULL: out of memory */
void norm_texts_fini(struct norm_texts *t);

enum { FIELD_WHY = 200, FIELD_PATH = 112 };

const struct norm_field *norm_field_find(const struct norm_fields *of,
                                         struct span key); /* or NULL */
/* `at` is the field itself. */
bool norm_field_given(const struct norm_field *f, const void *at);
enum err norm_field_text(const struct norm_field *f, const void *at, struct buf *out);
/* Empty text empties it. zone NULL: dates are UTC. ERR_FORMAT, ERR_RANGE with a sentence in why;
 * ERR_NOMEM. */
enum err norm_field_set(const struct norm_field *f, void *at, struct span text,
                        const struct zone *zone, struct norm_texts *texts, char why[FIELD_WHY]);

/* Each scalar that is given, of these parts; text is borrowed for the call. Stops at an error. */
enum err norm_each(const struct norm *n, unsigned parts,
                   enum err (*take)(void *user, const char *path, struct span text), void *user);
/* Sets by path. ERR_NOT_FOUND: there is no such field. */
enum err norm_set(struct norm *n, const char *path, struct span text, const struct zone *zone,
                  struct norm_texts *texts, char why[FIELD_WHY]);
/* The text of a path, "" if it is not given. ERR_NOT_FOUND, ERR_NOMEM. */
enum err norm_get(const struct norm *n, const char *path, struct buf *out);
/* Copies the fields of these parts; texts stay whose they are. The ceiling's reason only if it is
 * given. */
void norm_take(struct norm *to, const struct norm *from, unsigned parts);
/* All fields of the table say the same. */
bool norm_equal(const struct norm *a, const struct norm *b);
/* Items of lists that say nothing go. */
void norm_trim(struct norm *n);
/* Empties all fields of these parts. */
void norm_clear(struct norm *n, unsigned parts);
/* The shortest text that reads back as x, finite. */
void norm_real_text(double x, char text[32]);

#endif
