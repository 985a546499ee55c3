/* All files of the aggregator, read and checked as one: its own, and those that it names.
 * It starts nothing; what two of them differ in is told in words. */
#ifndef PB_DAEMON_SETTINGS_H
#define PB_DAEMON_SETTINGS_H

#include "alertfile/alertfile.h"
#include "alertfile/baselines.h"
#include "daemon/daemon_conf.h"
#include "normfile/normfile.h"
#include "plant/plant.h"

enum { SETTINGS_FILES = 5 };

struct settings {
    char *path; /* of the aggregator's file */
    struct daemon_conf conf;
    struct plant *plant;
    struct norm_settings *norms; /* NULL: none are named */
    struct alertfile *alerts;    /* NULL: none are named */
    struct baselines *baselines; /* NULL: none are named */
    char *alert_files;           /* as a path with "*.yaml"; NULL: none */
    char *baseline_files;        /* the same of "*.baseline" */
    uint64_t print;              /* of the bytes of all files */
};

/* Paths in the file are relative to its folder. *print, unless NULL, is of what could be read, also
 * on failure. ERR_CONFIG, ERR_IO: the report says what is wrong and where, *out is untouched;
 * ERR_NOMEM. Reads files: off the loop. */
enum err settings_load(const char *path, struct conf_report *report, uint64_t *print,
                       struct settings **out);
void settings_close(struct settings *s); /* NULL is nothing */
/* The files it was read from, borrowed; how many. One may stand for several: "*.yaml". */
size_t settings_files(const struct settings *s, const char *file[SETTINGS_FILES]);

/* The aggregator's own settings as a file that conf_load() reads, with paths from the root and
 * without secrets. ERR_NOMEM. */
enum err settings_dump(const struct daemon_conf *c, struct buf *out);

struct settings_change {
    size_t n, fixed; /* what differs; of this what needs a restart */
    bool plant;      /* the plant file is another one, were it by a comment */
    bool database;   /* where it is or how it is spoken to */
    bool notify;     /* who is told of alerts, or how */
};
/* Writes what differs, a line each, as conf_changes() and plant_diff() have it. ERR_NOMEM. */
enum err settings_diff(const struct settings *old, const struct settings *now, struct buf *out,
                       struct settings_change *change);

#endif
