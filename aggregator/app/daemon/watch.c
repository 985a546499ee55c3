#include "daemon/watch.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SETTLE_MS = 500, LONGEST_MS = 5000 };

static void on_settled(uv_timer_t *timer) {
    struct watch *w = timer->data;
    w->first_ms = 0;
    w->on_change(w->user);
}

static void later(struct watch *w) {
    const uint64_t now = uv_now(w->settle.loop);
    w->first_ms = w->first_ms ? w->first_ms : now;
    const uint64_t most = w->first_ms + LONGEST_MS;
    const uint64_t left = most > now ? most - now : 0;
    uv_timer_start(&w->settle, on_settled, left < SETTLE_MS ? left : SETTLE_MS, 0);
}

static bool ends(const char *name, const char *with) {
    const size_t n = strlen(name), tail = strlen(with);
    return name[0] != '.' && n >= tail && strcmp(name + n - tail, with) == 0;
}

/* Folders that are mounted as a whole are switched by a link whose name begins with two dots. */
static bool concerns(const struct watch *w, const char *name) {
    if (!name || strncmp(name, "..", 2) == 0)
        return true;
    for (unsigned i = 0; i < w->name_n; i++)
        if (strcmp(w->name[i], name) == 0 || (w->name[i][0] == '*' && ends(name, w->name[i] + 1)))
            return true;
    return false;
}

static void on_event(uv_fs_event_t *handle, const char *name, int events, int status) {
    struct watch *w = handle->data;
    (void)events;
    if (status == 0 && concerns(w, name))
        later(w);
}

void watch_open(struct watch *w, uv_loop_t *loop, void (*on_change)(void *user), void *user) {
    *w = (struct watch){.on_change = on_change, .user = user};
    uv_timer_init(loop, &w->settle);
    w->settle.data = w;
    for (unsigned i = 0; i < WATCH_FILES_MAX; i++) {
        uv_fs_event_init(loop, &w->folder[i].handle);
        w->folder[i].handle.data = w;
    }
    w->open_n = WATCH_FILES_MAX + 1;
}

static void take_folder(struct watch *w, const char *path, size_t n, const char **why) {
    char text[sizeof w->folder[0].path];
    snprintf(text, sizeof text, "%.*s", (int)n, path);
    for (unsigned i = 0; i < w->folder_n; i++)
        if (strcmp(w->folder[i].path, text) == 0)
            return;
    struct watch_folder *f = &w->folder[w->folder_n++];
    memcpy(f->path, text, sizeof text);
    if (uv_fs_event_start(&f->handle, on_event, f->path, 0) && !*why)
        *why = f->path;
}

void watch_set_files(struct watch *w, const char *const *file, size_t n, const char **why) {
    *why = NULL;
    for (unsigned i = 0; i < w->folder_n; i++)
        uv_fs_event_stop(&w->folder[i].handle);
    w->folder_n = w->name_n = 0;
    for (size_t i = 0; i < n && i < WATCH_FILES_MAX; i++) {
        const char *slash = strrchr(file[i], '/');
        snprintf(w->name[w->name_n++], WATCH_NAME_MAX, "%s", slash ? slash + 1 : file[i]);
        if (!slash)
            take_folder(w, ".", 1, why);
        else
            take_folder(w, file[i], slash == file[i] ? 1 : (size_t)(slash - file[i]), why);
    }
}

static void on_handle_closed(uv_handle_t *handle) {
    struct watch *w = handle->data;
    if (--w->open_n == 0)
        w->on_closed(w->user);
}

void watch_close(struct watch *w, void (*closed)(void *user)) {
    w->on_closed = closed;
    uv_close((uv_handle_t *)&w->settle, on_handle_closed);
    for (unsigned i = 0; i < WATCH_FILES_MAX; i++)
        uv_close((uv_handle_t *)&w->folder[i].handle, on_handle_closed);
}
