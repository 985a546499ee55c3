/* A frozen baseline: what was asked, the rows of its reference period, its coefficients, and who
 * froze it, when and why. It is written and read as a line of text; files are the caller's. */
#ifndef PB_FROZEN_FROZEN_H
#define PB_FROZEN_FROZEN_H

#include "base/buf.h"
#include "frozen/rows.h"

struct frozen {
    struct energy_spec spec;
    enum baseline_profile profile;
    char zone[ENERGY_TEXT]; /* "": none was said */
    char who[ENERGY_TEXT], reason[ENERGY_TEXT * 3];
    int64_t when_ms;
    int64_t from_ms, to_ms;  /* the reference period, as it was asked for */
    struct energy_rows rows; /* of it; without parts when read from a text */
    struct baseline model;
    /* Coefficients of part p and group g over the same drivers; they sum to the model's. */
    double part[ENERGY_PARTS_MAX + 1][ENERGY_GROUP_COUNT][FIT_COLUMNS_MAX];
    size_t acts; /* lines up to this one in the text it was read from */
};

/* Fits the model and its parts to r->rows, all else being filled in. ERR_RANGE with *wrong;
 * ERR_NOMEM. */
enum err frozen_fit(struct frozen *r, struct baseline_wrong *wrong);
/* The same refusal in words: "the coefficient of gq is negative ...". */
void frozen_say_wrong(const struct energy_spec *s, const struct energy_rows *rows,
                      const struct baseline_wrong *wrong, char why[ENERGY_WHY]);
/* Adds one line. ERR_NOMEM. */
enum err frozen_format(const struct frozen *r, struct buf *out);
/* Reads the last line of a file's text, which is the one in force. Its figures are worked out anew
 * from its rows; coefficients that do not follow from them are refused, then those written are
 * used to the digit. False with file, line and what is wrong. frozen_fini() in any case. */
bool frozen_parse(const char *file, struct span text, struct frozen *out, char why[ENERGY_WHY]);
/* The same of all lines, the oldest first: each goes to take, which may refuse it in words. */
bool frozen_parse_all(const char *file, struct span text,
                      bool (*take)(void *user, const struct frozen *f, char why[ENERGY_WHY]),
                      void *user, char why[ENERGY_WHY]);
void frozen_fini(struct frozen *r);

#endif
