/* Says when files may have changed: their folders are watched, for editors and tools replace files
 * rather than write to them. It reads none of them. */
#ifndef PB_DAEMON_WATCH_H
#define PB_DAEMON_WATCH_H

#include <uv.h>

#include "base/err.h"

enum { WATCH_FILES_MAX = 8, WATCH_NAME_MAX = 256 };

struct watch_folder {
    uv_fs_event_t handle;
    char path[1024];
};

struct watch {
    uv_timer_t settle; /* several writes are one change */
    struct watch_folder folder[WATCH_FILES_MAX];
    char name[WATCH_FILES_MAX][WATCH_NAME_MAX];
    unsigned name_n, folder_n, open_n; /* open_n: handles not closed yet */
    uint64_t first_ms;                 /* of the changes that are not told yet, 0: none */
    void (*on_change)(void *user);
    void (*on_closed)(void *user);
    void *user;
};

/* on_change is called on the loop, half a second after the last of several events, at most five
 * after the first. The struct stays where it is until watch_close() is done. */
void watch_open(struct watch *w, uv_loop_t *loop, void (*on_change)(void *user), void *user);
/* These files in the place of those before; paths are copied. A name may be all that end so:
 * "*.yaml". Names the first folder that cannot be
 * watched in *why, NULL: all can; the others are. */
void watch_set_files(struct watch *w, const char *const *file, size_t n, const char **why);
/* closed is called on a later turn of the loop. */
void watch_close(struct watch *w, void (*closed)(void *user));

#endif
