/* Conditions of MTConnect: of one data item several may be active at a time, each with a code; the
 * worst of them is what the item shows. It knows no documents, lines and points. */
#ifndef PB_SOURCES_CONDITIONS_H
#define PB_SOURCES_CONDITIONS_H

#include "base/err.h"
#include "base/span.h"

enum condition_level {
    CONDITION_NORMAL,
    CONDITION_WARNING,
    CONDITION_FAULT,
    CONDITION_UNAVAILABLE,
    CONDITION_LEVEL_COUNT
};

enum { CONDITION_CODE_MAX = 60, CONDITIONS_MAX = 4096 };

struct condition_row {
    uint32_t item;
    uint8_t level; /* WARNING or FAULT */
    uint8_t n;
    char code[CONDITION_CODE_MAX]; /* longer ones are told apart by so much */
};

struct conditions {
    struct condition_row *rows; /* owned: what is active */
    size_t n, cap;
};

void conditions_init(struct conditions *c);
void conditions_fini(struct conditions *c);
/* NORMAL, Normal, ... ERR_FORMAT. */
enum err condition_parse(struct span word, enum condition_level *out);
/* The word of the standard: NORMAL, WARNING, FAULT, UNAVAILABLE. */
const char *condition_name(enum condition_level level);
/* Takes what is told of an item and gives what it shows then. Normal without a code ends all of
 * them, with one that one; Unavailable ends all. ERR_FULL, ERR_NOMEM: it is not kept. */
enum err conditions_take(struct conditions *c, uint32_t item, enum condition_level level,
                         struct span code, enum condition_level *shown);
/* Forgets what is active of an item. */
void conditions_clear(struct conditions *c, uint32_t item);

#endif
