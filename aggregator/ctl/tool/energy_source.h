/* Where the rows of an energy study come from: files, or a running aggregator. It explains to
 * standard error what is wrong and gives an exit code. */
#ifndef PB_CTL_ENERGY_SOURCE_H
#define PB_CTL_ENERGY_SOURCE_H

#include "frozen/rows.h"
#include "study/days.h"

struct energy_source {
    const char *windows; /* a file of windows; NULL: the aggregator is asked */
    const char *columns; /* the drivers' file, or NULL */
    const char *table;   /* of batches, or NULL */
    const char *socket, *url;
    const char *from, *to;  /* as they were written, or NULL */
    int64_t from_ms, to_ms; /* rows that begin in [from, to); INT64_MIN, INT64_MAX: all */
};

/* Fills from_ms and to_ms. A date is the local midnight of the zone; without a zone ("") days are
 * dated by their noon in UTC, so theirs is the noon before, and that of batches is UTC's. */
int energy_source_period(struct energy_source *s, enum energy_grain grain, const char *zone);

/* Fills in what nobody said and the aggregator knows: its zone if zone is "", and the nodes below
 * the node as parts if parts are asked for. Without an aggregator in the source nothing happens. */
int energy_source_complete(const struct energy_source *s, struct energy_spec *spec,
                           char zone[ENERGY_TEXT], bool parts);
/* The rows, owned by the caller on CTL_OK. */
int energy_source_rows(const struct energy_source *s, const struct energy_spec *spec,
                       const char *zone, struct energy_rows *out);
/* Ids of the units below a node, of a running aggregator; those in commissioning are left out. *out
 * is the caller's on CTL_OK. */
int energy_source_units(const struct energy_source *s, const char *node, struct ident **out,
                        size_t *n);
/* What the plant file of a running aggregator says that the node may draw; 0: nothing. */
int energy_source_contract(const struct energy_source *s, const char *node, int64_t *contract_uw);
/* The node's own windows of a kind that begin in the period, oldest first from an aggregator, as
 * they stand in a file. */
int energy_source_windows(const struct energy_source *s, const char *node, const char *kind,
                          energy_window_take take, void *user);

#endif
