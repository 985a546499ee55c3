/* Frozen baselines that rules name: the files NAME.baseline of a folder, as `plantbus energy
 * baseline --freeze` writes them. They are read and made ready for rules; what a rule makes of one
 * is decided where it names it. */
#ifndef PB_ALERTFILE_BASELINES_H
#define PB_ALERTFILE_BASELINES_H

#include "alert/rule.h"
#include "conf/conf.h"

enum { BASELINES_WHY = 320 };

struct baseline_file {
    struct ident name;
    char *path;                  /* owned */
    struct buf text;             /* of the file */
    struct alert_baseline *line; /* by from_ms, each in force until the next; owned */
    size_t n;
    bool batches;            /* the last line is of batches, which stand in a table of the tool's */
    char why[BASELINES_WHY]; /* why no rule can be held against it; "": one can */
};

struct baselines {
    struct baseline_file *file; /* by name */
    size_t n;
};

/* *print, unless NULL, is of the names and bytes of all files that could be read, also on failure.
 * ERR_CONFIG: the report names every mistake; ERR_IO: what cannot be read; ERR_NOMEM. *out is
 * untouched then. */
enum err baselines_load(const char *folder, struct conf_report *report, uint64_t *print,
                        struct baselines **out);
/* Adds one file's text to an empty or sorted set. ERR_CONFIG, ERR_NOMEM. */
enum err baselines_add(struct baselines *b, const char *path, struct span text,
                       struct conf_report *report);
void baselines_close(struct baselines *b); /* NULL is nothing */
/* NULL: there is none of this name. */
const struct baseline_file *baselines_find(const struct baselines *b, const char *name);
/* Of those of the node that are of days or weeks the one that comes into force last, of equals the
 * first by name; NULL: there is none. */
const struct baseline_file *baselines_find_of(const struct baselines *b, const struct ident *node);

#endif
