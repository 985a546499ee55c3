/* What an energy baseline is asked about: a node, a grain, the drivers, the parts to look into. It
 * parses what a person wrote and reads nothing. */
#ifndef PB_FROZEN_SPEC_H
#define PB_FROZEN_SPEC_H

#include "base/ident.h"
#include "baseline/baseline.h"

enum { ENERGY_PARTS_MAX = 64, ENERGY_TEXT = 96, ENERGY_WHY = 320 };

enum energy_grain { ENERGY_DAY, ENERGY_WEEK, ENERGY_BATCH, ENERGY_GRAIN_COUNT };

/* Energy by what the machine did: sums of categories. */
enum energy_group {
    ENERGY_PRODUCTION,
    ENERGY_SETUP,
    ENERGY_STANDBY, /* delay, no order, planned down, not scheduled */
    ENERGY_ENGINEERING,
    ENERGY_UNKNOWN,
    ENERGY_GROUP_COUNT
};

/* A quantity of windows that can drive energy: the sum of two of their sums, times a factor. */
struct energy_quantity {
    const char *name, *unit;
    const char *sum[2];     /* names of window sums; the second may be NULL */
    double per;             /* window units in one of ours */
    const char *due, *seen; /* sums of time that tell how much of it was measured; or NULL */
    bool known_time;        /* measured while the unit's time is known */
};

enum energy_driver_kind {
    ENERGY_QUANTITY, /* [NODE/]QUANTITY[:PRODUCT] */
    ENERGY_COLUMN,   /* file:COLUMN */
    ENERGY_HEATING,  /* hdd:BASE:COLUMN, degree days below a base temperature */
    ENERGY_COOLING,  /* cdd:BASE:COLUMN, above it */
};

struct energy_driver {
    char text[ENERGY_TEXT]; /* as it was written */
    enum energy_driver_kind kind;
    struct ident node;
    const struct energy_quantity *quantity;
    char product[ENERGY_TEXT]; /* "": all */
    char column[ENERGY_TEXT];
    double base; /* temperature, in the column's degrees */
};

struct energy_spec {
    struct ident node;
    enum energy_grain grain;
    struct energy_driver driver[BASELINE_DRIVERS_MAX];
    size_t driver_n;
    struct ident part[ENERGY_PARTS_MAX];
    size_t part_n;
};

/* Each false with a sentence in why. The node must stand before drivers are added. */
bool energy_spec_set_node(struct energy_spec *s, const char *id, char why[ENERGY_WHY]);
bool energy_spec_set_grain(struct energy_spec *s, const char *name, char why[ENERGY_WHY]);
bool energy_spec_add_driver(struct energy_spec *s, const char *text, char why[ENERGY_WHY]);
bool energy_spec_add_part(struct energy_spec *s, const char *id, char why[ENERGY_WHY]);
/* Rules across them; to be called once all is there. */
bool energy_spec_finish(const struct energy_spec *s, char why[ENERGY_WHY]);
/* True if a driver needs the file of columns. */
bool energy_spec_has_columns(const struct energy_spec *s);
/* "h", "piece" ...; "unit" of columns. */
const char *energy_driver_unit(const struct energy_driver *d);

/* Control characters become '?': what comes from outside cannot move a terminal's cursor. */
void energy_tame(char *text);

const char *energy_grain_name(enum energy_grain g);
const char *energy_group_name(enum energy_group g);

#endif
