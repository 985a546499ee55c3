/* The point table: what an agent says of its physical signals (DESIGN "Who says what"). It does not
 * say what a signal means; the plant file of the aggregator does. */
#ifndef PB_WIRE_POINT_H
#define PB_WIRE_POINT_H

#include "base/err.h"
#include "base/ident.h"

enum point_type {
    POINT_STATE,    /* a code: int or text; holds while its source is heard of (asof) or for ever
                       (sticky) */
    POINT_COUNTER,  /* pieces, strokes: raw integer that rises, may wrap at its width */
    POINT_REGISTER, /* a meter's total (energy, volume, mass): raw integer that rises */
    POINT_POWER,    /* a rate in raw * num / den microwatts, integrated per slot */
    POINT_GAUGE,    /* a raw measured value; kept, never summed */
    POINT_EVENT, /* each reading is a thing that happened, with an amount: scrap booking, failure */
    POINT_INTERVAL, /* each reading is a finished span with an amount: rows of an interval file */
    POINT_TYPE_COUNT
};

enum point_sampling { POINT_SAMPLED, POINT_HELD }; /* trapezoid | rectangle */

enum { POINT_NAME_MAX = 96, POINT_UNIT_MAX = 16, POINT_TABLE_MAX = 65535, POINT_SOURCE_MAX = 1024 };

struct point {
    uint16_t id;                   /* dense: 0 .. n-1 within an epoch */
    uint16_t source;               /* index of the agent's source, 0 .. POINT_SOURCE_MAX-1 */
    uint8_t type;                  /* enum point_type */
    uint8_t sampling;              /* enum point_sampling */
    bool sticky;                   /* holds until changed; otherwise covered by its source's asof */
    uint8_t width_bits;            /* counters: 16, 32, 48, 64; 0 = no wrap by bits */
    uint8_t width_digits;          /* counters: wraps at 10^digits; 0 = no wrap by digits */
    int64_t num, den;              /* amount in base units = floor(raw * num / den); den > 0 */
    uint32_t poll_ms;              /* expected interval between readings; 0 = on change */
    char name[POINT_NAME_MAX + 1]; /* unique within the agent: [A-Za-z0-9_./:-]{1,96} */
    char unit[POINT_UNIT_MAX + 1]; /* of the base amount: "uWh", "uW", "ppiece" (millionths), "" */
    char hint[IDENT_MAX + 1];      /* unit of the plant it probably belongs to; "" if unknown */
};

struct point_table {
    struct point *at; /* n points, at[i].id == i; owned */
    size_t n, cap;
};

void point_table_init(struct point_table *t);
void point_table_fini(struct point_table *t);
/* Copies p and gives it the next id. ERR_FULL at POINT_TABLE_MAX, ERR_NOMEM, ERR_RANGE if not
 * legal. */
enum err point_table_add(struct point_table *t, const struct point *p);
/* Legal: name not empty, type and sampling known, den > 0, num != 0, width one of the above. */
bool point_check(const struct point *p);
bool point_equal(const struct point *a, const struct point *b); /* all fields but the id */
const char *point_type_name(enum point_type type);              /* "state", "counter", ... */
enum err point_type_parse(struct span word, enum point_type *out);

#endif
