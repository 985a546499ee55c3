/* The plant file: YAML that an engineer writes, turned into a checked struct plant. Every mistake
 * is reported with its place, several in one run; nothing is half taken. */
#ifndef PB_PLANTFILE_PLANTFILE_H
#define PB_PLANTFILE_PLANTFILE_H

#include "conf/conf.h"
#include "plant/plant.h"

/* Parses and checks. zone_bytes gives the TZif bytes of a zone name (clock_zone_bytes in programs).
 * The plant keeps a copy of the bytes. ERR_CONFIG: the report names all mistakes, *out is
 * untouched. */
enum err plantfile_load(struct span bytes, const char *file,
                        enum err (*zone_bytes)(const char *name, struct buf *out),
                        struct conf_report *report, struct plant **out);
/* A state map alone, as the shipped ones are. ERR_CONFIG with the report, ERR_NOMEM. */
enum err plantfile_check_map(struct span bytes, const char *file, struct conf_report *report);
const struct conf_schema *plantfile_map_schema(void);
/* The rows, for the printed reference and `check`. */
const struct conf_schema *plantfile_schema(void);
/* What the plant keeps on disk over its retention, bytes, by the budgets of BARS.md S4. */
int64_t plantfile_disk_bytes(const struct plant *p);

#endif
