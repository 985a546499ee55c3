/* Lines for the plant file, for points that agents send and no unit uses: ready to be pasted, what
 * is guessed marked as such, what nobody can guess as a comment. It asks nobody and changes
 * nothing. */
#ifndef PB_CTL_ADOPT_H
#define PB_CTL_ADOPT_H

#include "base/buf.h"
#include "plant/plant.h"
#include "wire/point.h"

struct adopt_point {
    struct ident agent;
    char name[POINT_NAME_MAX + 1], base[POINT_UNIT_MAX + 1];
    char hint[IDENT_MAX + 1]; /* unit that the agent thinks of; "": it says none */
    uint8_t type;             /* enum point_type */
    char last[64];            /* newest value as a person reads it; "": never read */
    int64_t t_ms;             /* its time */
};

/* What a point may mean, by its type, its base unit and the words of its name. */
struct adopt_guess {
    uint8_t role; /* enum plant_role; ROLE_NONE: nobody knows */
    bool sure;    /* its type allows nothing else */
};
struct adopt_guess adopt_guess(const struct plant *p, const struct adopt_point *x);
/* Adds the lines of all points to *out, which keeps ERR_NOMEM; sorts them by where they go. */
void adopt_print(const struct plant *p, struct adopt_point *point, size_t n, struct buf *out);
/* Whether the plant could take it in that role. */
bool adopt_fits(const struct plant *p, uint8_t role, const struct adopt_point *x);
/* adopt_guess.c: an id made of a text; what can't be in one is a '-'. */
struct ident adopt_ident(const char *text);
/* The last part of a point's name: "energy" of "press-1/energy". */
const char *adopt_tail(const char *name);

#endif
