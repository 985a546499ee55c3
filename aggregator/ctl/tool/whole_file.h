/* Files that are read and written as a whole. It knows no content. */
#ifndef PB_CTL_WHOLE_FILE_H
#define PB_CTL_WHOLE_FILE_H

#include "base/buf.h"

enum { WHOLE_FILE_WHY = 320 };

/* Adds the file's bytes, at most 256 MiB. False with the path and the reason in why; *missing (may
 * be NULL) tells whether there is no such file. */
bool whole_file_read(const char *path, struct buf *out, bool *missing, char why[WHOLE_FILE_WHY]);
/* Puts the bytes in the file's place: written and synced beside it, renamed over it, the folder
 * synced. After a crash there is the old file or the new one. False with a sentence in why. */
bool whole_file_write(const char *path, struct span bytes, char why[WHOLE_FILE_WHY]);
/* Puts a file that is written and synced in the other's place, the folder synced. */
bool whole_file_rename(const char *beside, const char *path, char why[WHOLE_FILE_WHY]);

#endif
