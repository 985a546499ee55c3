#include "agent_app/disk_posix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

enum { FDS = 4, NAME_MAX_BYTES = 32 };

struct open_file {
    uint32_t id;
    int fd; /* -1: free */
    uint64_t used;
};

struct disk_posix {
    struct disk port; /* first: the port's pointer is ours */
    uv_loop_t *loop;
    void (*after_sync)(void *user);
    void *user;
    int folder, lock;
    struct open_file file[FDS];
    uint64_t clock; /* of the least recently used file */
    uint32_t fresh; /* made since the newest sync of the folder, 0: none */
    uv_work_t work;
    uint32_t sync_id;
    int sync_fd; /* a duplicate, owned by the work */
    bool sync_folder;
    int sync_result;
    uint64_t sync_ns; /* how long it took */
    struct metric_histogram syncs;
};

static struct disk_posix *self_of(struct disk *d) {
    return (struct disk_posix *)d;
}

static enum err of_errno(int e) {
    return e == ENOSPC || e == EDQUOT ? ERR_FULL : e == ENOENT ? ERR_NOT_FOUND : ERR_IO;
}

static void name_of(uint32_t id, char name[NAME_MAX_BYTES]) {
    (void)snprintf(name, NAME_MAX_BYTES, "%08x.pbj", (unsigned)id);
}

/* false for a file that is not a segment's. */
static bool name_parse(const char *name, uint32_t *id) {
    char again[NAME_MAX_BYTES];
    char *end;
    unsigned long v = strtoul(name, &end, 16);
    if (end != name + 8 || v > UINT32_MAX)
        return false;
    name_of((uint32_t)v, again);
    *id = (uint32_t)v;
    return strcmp(again, name) == 0;
}

static enum err list(struct disk *port, struct disk_file *at, size_t max, size_t *n) {
    struct disk_posix *d = self_of(port);
    int fd = openat(d->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return ERR_IO;
    }
    const struct dirent *e;
    size_t found = 0;
    while ((e = readdir(dir)) != NULL) {
        uint32_t id;
        struct stat st;
        if (!name_parse(e->d_name, &id) || fstatat(d->folder, e->d_name, &st, 0) != 0)
            continue;
        if (found < max)
            at[found] = (struct disk_file){id, (uint64_t)st.st_size};
        found++;
    }
    closedir(dir);
    *n = found;
    return ERR_OK;
}

/* A descriptor of the file from the small cache; -1 with errno. */
static int fd_of(struct disk_posix *d, uint32_t id, int flags) {
    struct open_file *oldest = &d->file[0];
    for (size_t i = 0; i < FDS; i++) {
        struct open_file *f = &d->file[i];
        if (f->fd >= 0 && f->id == id && !(flags & O_CREAT)) {
            f->used = ++d->clock;
            return f->fd;
        }
        if (f->fd < 0 || (oldest->fd >= 0 && f->used < oldest->used))
            oldest = f;
    }
    char name[NAME_MAX_BYTES];
    name_of(id, name);
    int fd = openat(d->folder, name, flags | O_RDWR | O_CLOEXEC, 0640);
    if (fd < 0 && errno == EROFS && !(flags & O_CREAT))
        fd = openat(d->folder, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (oldest->fd >= 0)
        close(oldest->fd);
    *oldest = (struct open_file){id, fd, ++d->clock};
    return fd;
}

static void forget_fd(struct disk_posix *d, uint32_t id) {
    for (size_t i = 0; i < FDS; i++)
        if (d->file[i].fd >= 0 && d->file[i].id == id) {
            close(d->file[i].fd);
            d->file[i].fd = -1;
        }
}

static enum err write_at(struct disk *port, uint32_t file, uint64_t offset, struct span bytes) {
    struct disk_posix *d = self_of(port);
    if (offset == 0) {
        forget_fd(d, file);
        d->fresh = file;
    }
    int fd = fd_of(d, file, offset == 0 ? O_CREAT | O_TRUNC : 0);
    if (fd < 0)
        return of_errno(errno) == ERR_FULL ? ERR_FULL : ERR_IO;
    size_t done = 0;
    while (done < bytes.n) {
        ssize_t n = pwrite(fd, bytes.p + done, bytes.n - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 && of_errno(errno) == ERR_FULL ? ERR_FULL : ERR_IO;
        done += (size_t)n;
    }
    return ERR_OK;
}

static enum err read_at(struct disk *port, uint32_t file, uint64_t offset, void *p, size_t n,
                        size_t *got) {
    int fd = fd_of(self_of(port), file, 0);
    if (fd < 0)
        return of_errno(errno);
    size_t done = 0;
    while (done < n) {
        ssize_t r = pread(fd, (uint8_t *)p + done, n - done, (off_t)(offset + done));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return ERR_IO;
        if (r == 0)
            break;
        done += (size_t)r;
    }
    *got = done;
    return ERR_OK;
}

/* On a worker: the folder too when the file's name is new. */
static void sync_work(uv_work_t *work) {
    struct disk_posix *d = work->data;
    uint64_t begun_ns = uv_hrtime();
    d->sync_result = fdatasync(d->sync_fd);
    if (d->sync_result == 0 && d->sync_folder)
        d->sync_result = fsync(d->folder);
    d->sync_ns = uv_hrtime() - begun_ns;
}

static void sync_done(uv_work_t *work, int status) {
    struct disk_posix *d = work->data;
    close(d->sync_fd);
    if (status == 0)
        metric_observe(&d->syncs, metric_wait_us, d->sync_ns / 1000);
    bool ok = status == 0 && d->sync_result == 0;
    if (ok && d->sync_folder && d->fresh == d->sync_id)
        d->fresh = 0;
    if (d->port.on_sync)
        d->port.on_sync(d->port.user, d->sync_id, ok ? ERR_OK : ERR_IO);
    d->after_sync(d->user);
}

static enum err sync_file(struct disk *port, uint32_t file) {
    struct disk_posix *d = self_of(port);
    int fd = fd_of(d, file, 0);
    if (fd < 0)
        return ERR_IO;
    d->sync_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (d->sync_fd < 0)
        return ERR_IO;
    d->sync_id = file;
    d->sync_folder = d->fresh == file;
    d->work.data = d;
    if (uv_queue_work(d->loop, &d->work, sync_work, sync_done) != 0) {
        close(d->sync_fd);
        return ERR_IO;
    }
    return ERR_OK;
}

static enum err remove_file(struct disk *port, uint32_t file) {
    struct disk_posix *d = self_of(port);
    char name[NAME_MAX_BYTES];
    name_of(file, name);
    forget_fd(d, file);
    return unlinkat(d->folder, name, 0) == 0 ? ERR_OK : of_errno(errno);
}

static const struct disk_ops ops = {
    .list = list, .write = write_at, .read = read_at, .sync = sync_file, .remove = remove_file};

/* Makes the folder and those above it. */
static enum err make_folders(const char *folder) {
    char path[4096];
    size_t n = strlen(folder);
    if (n == 0 || n >= sizeof path)
        return ERR_IO;
    memcpy(path, folder, n + 1);
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        char was = path[i];
        path[i] = '\0';
        if (mkdir(path, 0750) != 0 && errno != EEXIST && errno != EROFS)
            return ERR_IO;
        path[i] = was;
    }
    return ERR_OK;
}

static enum err take_lock(struct disk_posix *d) {
    d->lock = openat(d->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (d->lock < 0 && errno == EROFS)
        d->lock = openat(d->folder, "lock", O_RDONLY | O_CLOEXEC);
    if (d->lock < 0)
        return ERR_IO;
    if (flock(d->lock, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
    return ERR_OK;
}

enum err disk_posix_open(const char *folder, uv_loop_t *loop, void (*after_sync)(void *user),
                         void *user, struct disk_posix **out) {
    struct disk_posix *d = calloc(1, sizeof *d);
    if (!d)
        return ERR_NOMEM;
    d->port.ops = &ops;
    d->loop = loop;
    d->after_sync = after_sync;
    d->user = user;
    d->lock = -1;
    for (size_t i = 0; i < FDS; i++)
        d->file[i].fd = -1;
    (void)make_folders(folder); /* the open below tells */
    d->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err rc = d->folder < 0 ? ERR_IO : take_lock(d);
    if (rc) {
        int why = errno;
        disk_posix_close(d);
        errno = why;
        return rc;
    }
    *out = d;
    return ERR_OK;
}

struct disk *disk_posix_port(struct disk_posix *d) {
    return &d->port;
}

const struct metric_histogram *disk_posix_syncs(const struct disk_posix *d) {
    return &d->syncs;
}

void disk_posix_close(struct disk_posix *d) {
    if (!d)
        return;
    for (size_t i = 0; i < FDS; i++)
        if (d->file[i].fd >= 0)
            close(d->file[i].fd);
    if (d->lock >= 0)
        close(d->lock);
    if (d->folder >= 0)
        close(d->folder);
    free(d);
}
