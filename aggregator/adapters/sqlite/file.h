/* The store's file: made, checked and locked. It reads and writes no rows. */
#ifndef PB_SQLITE_FILE_H
#define PB_SQLITE_FILE_H

#include <sqlite3.h>

#include "base/err.h"

enum { FILE_WHY = 160 };

/* Opens or makes the file for the one connection that writes, and holds "<path>.lock" against a
 * second process. ERR_BUSY (held), ERR_FORMAT (not ours, damaged, newer), ERR_IO: why tells. */
enum err file_open(const char *path, sqlite3 **db, int *lock_fd, char why[FILE_WHY]);
void file_close(sqlite3 *db, int lock_fd);
/* What a failed call on db means: ERR_FORMAT for a damaged file, ERR_NOMEM, else ERR_IO. */
enum err file_error(sqlite3 *db);

#endif
