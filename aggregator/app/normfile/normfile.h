/* Files about norms: the settings of the ledger (who may do what), and norms themselves, as they
 * are imported and exported. Pure: callers bring the bytes. Mistakes are reported with their place;
 * what a norm means, the ledger judges. */
#ifndef PB_NORMFILE_NORMFILE_H
#define PB_NORMFILE_NORMFILE_H

#include "conf/conf.h"
#include "norm/field.h"
#include "norm/rights.h"

/* --- settings --------------------------------------------------------------------------------- */

struct norm_settings; /* owns what `conf` borrows */

extern const struct conf_schema norm_settings_schema; /* the rows, for reference and check */
/* ERR_CONFIG: the report names all mistakes. ERR_NOMEM. */
enum err norm_settings_load(struct span bytes, const char *file, struct conf_report *report,
                            struct norm_settings **out);
const struct ledger_conf *norm_settings_conf(const struct norm_settings *s);
/* Writes what differs as conf_changes() does; NULL: a file that says nothing. ERR_NOMEM. */
enum err norm_settings_diff(const struct norm_settings *old, const struct norm_settings *now,
                            struct buf *out, struct conf_changes *found);
void norm_settings_close(struct norm_settings *s); /* NULL is allowed */

/* --- norms ------------------------------------------------------------------------------------ */

struct normfile_norm {
    struct norm norm; /* id and all fields that the file gives; texts are the file's */
    struct conf_pos pos;
};

struct normfile {
    struct normfile_norm *at; /* owned */
    size_t n;
    struct norm_texts texts;
};

/* The file's top-level keys, to know such a file by; what they hold is not among the rows. */
extern const struct conf_schema normfile_top_schema;
/* `document` at the top is that of all norms that name none. Dates are days of the zone; NULL: UTC.
 * ERR_CONFIG with the report; ERR_NOMEM. */
enum err normfile_load(struct span bytes, const char *file, const struct zone *zone,
                       struct conf_report *report, struct normfile *out);
void normfile_fini(struct normfile *f);
/* Appends a file of these norms; loading it gives each norm back, field by field. ERR_NOMEM. */
enum err normfile_format(const struct norm *const *norm, size_t n, struct buf *out);
/* Appends the reference of a norm's keys as Markdown. ERR_NOMEM. */
enum err normfile_reference(struct buf *out);

#endif
