/* The files of a folder that end alike (rules: *.yaml), in the order of their names, and one of
 * them replaced so that a crash leaves the old or the new one. It takes no file apart. */
#ifndef PB_ALERTFILE_FOLDER_H
#define PB_ALERTFILE_FOLDER_H

#include "conf/conf.h"

enum { FOLDER_FILES_MAX = 1000 };

struct folder_file {
    char *path; /* folder/name, owned */
    struct buf text;
};

struct folder {
    struct folder_file *file;
    size_t n;
};

/* Reads them all; folder_fini in any case. ERR_IO: the report says what cannot be read; ERR_FULL:
 * more than FOLDER_FILES_MAX; ERR_NOMEM. Files that begin with a dot, or end otherwise, are left
 * alone; a *.yml is told by a note. */
enum err folder_read(const char *path, const char *ending, struct folder *out,
                     struct conf_report *report);
uint64_t folder_print(const struct folder *f); /* of their names and bytes */
void folder_fini(struct folder *f);
/* Writes beside, syncs, renames, syncs the folder: the file is the old or the new one, whole, at
 * any moment. ERR_IO: errno says why, nothing has changed. */
enum err folder_write(const char *path, struct span text);

#endif
