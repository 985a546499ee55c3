/* Files that another library opens, and of which it would only say that something failed. */
#ifndef PB_BASE_READABLE_H
#define PB_BASE_READABLE_H

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Why the file can't be read, for a person; NULL: it can be, or none is named (NULL or ""). The
 * text holds until the next call. */
static inline const char *unreadable(const char *path) {
    if (path == NULL || path[0] == '\0' || access(path, R_OK) == 0)
        return NULL;
    return strerror(errno);
}

#endif
