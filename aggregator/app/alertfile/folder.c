#include "alertfile/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

enum { READ_BYTES = 65536 };

static const struct conf_pos no_place = {0};

static bool ends(const char *name, const char *with) {
    const size_t n = strlen(name), tail = strlen(with);
    return name[0] != '.' && n > tail && strcmp(name + n - tail, with) == 0;
}

/* The problem names the file itself: it has no source in the report. */
static void cannot(struct conf_report *report, const char *path) {
    conf_report_at(report, no_place, "%s cannot be read: %s", path, strerror(errno));
}

/* Not a pipe, which would be waited for, nor a device. -1: it was reported. */
static int open_file(const char *path, struct conf_report *report) {
    struct stat is;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &is) == 0 && S_ISREG(is.st_mode))
        return fd;
    if (fd < 0)
        cannot(report, path);
    else
        conf_report_at(report, no_place, "%s is no file", path);
    if (fd >= 0)
        close(fd);
    return -1;
}

static enum err read_file(const char *path, struct buf *out, struct conf_report *report) {
    const int fd = open_file(path, report);
    ssize_t n = 1;
    enum err err = ERR_OK;
    if (fd < 0)
        return ERR_IO;
    while (n > 0 && !err && out->n <= CONF_FILE_MAX) {
        err = buf_reserve(out, READ_BYTES);
        n = err ? 0 : read(fd, out->p + out->n, READ_BYTES);
        out->n += n > 0 ? (size_t)n : 0;
    }
    if (n < 0)
        cannot(report, path);
    close(fd);
    return n < 0 ? ERR_IO : err;
}

static enum err add_file(struct folder *f, const char *folder, const char *name) {
    if (f->n == FOLDER_FILES_MAX)
        return ERR_FULL;
    struct folder_file *at = realloc(f->file, (f->n + 1) * sizeof *at);
    if (!at)
        return ERR_NOMEM;
    f->file = at;
    const size_t n = strlen(folder) + strlen(name) + 2;
    char *path = malloc(n);
    if (!path)
        return ERR_NOMEM;
    (void)snprintf(path, n, "%s/%s", folder, name);
    buf_init(&f->file[f->n].text);
    f->file[f->n++].path = path;
    return ERR_OK;
}

static int by_path(const void *x, const void *y) {
    return strcmp(((const struct folder_file *)x)->path, ((const struct folder_file *)y)->path);
}

static enum err list(const char *path, const char *ending, DIR *dir, struct folder *out,
                     struct conf_report *report) {
    enum err err = ERR_OK;
    const struct dirent *d;
    while (!err && (d = readdir(dir)) != NULL) {
        if (ends(d->d_name, ending))
            err = add_file(out, path, d->d_name);
        else if (strcmp(ending, ".yaml") == 0 && ends(d->d_name, ".yml"))
            conf_note_at(report, no_place, "%s/%s is not read: rules stand in *.yaml", path,
                         d->d_name);
    }
    if (err == ERR_FULL)
        conf_report_at(report, no_place, "%s has more than %d files", path, FOLDER_FILES_MAX);
    return err;
}

enum err folder_read(const char *path, const char *ending, struct folder *out,
                     struct conf_report *report) {
    *out = (struct folder){0};
    DIR *dir = opendir(path);
    if (!dir) {
        cannot(report, path);
        return ERR_IO;
    }
    enum err err = list(path, ending, dir, out, report);
    closedir(dir);
    if (out->n > 1)
        qsort(out->file, out->n, sizeof *out->file, by_path);
    for (size_t i = 0; i < out->n && !err; i++)
        err = read_file(out->file[i].path, &out->file[i].text, report);
    return err;
}

uint64_t folder_print(const struct folder *f) {
    uint64_t print = 0;
    for (size_t i = 0; i < f->n; i++) {
        print = (print ^ fnv1a64(span_str(f->file[i].path))) * UINT64_C(0x9e3779b97f4a7c15);
        print = (print ^ fnv1a64(buf_span(&f->file[i].text))) * UINT64_C(0x9e3779b97f4a7c15);
    }
    return print;
}

void folder_fini(struct folder *f) {
    for (size_t i = 0; i < f->n; i++) {
        free(f->file[i].path);
        buf_fini(&f->file[i].text);
    }
    free(f->file);
    *f = (struct folder){0};
}

/* --- writing ------------------------------------------------------------------------------------
 */

static bool put_all(int fd, struct span text) {
    while (text.n > 0) {
        const ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text = span_of(text.p + n, text.n - (size_t)n);
    }
    return fsync(fd) == 0;
}

static bool sync_folder(const char *path) {
    char copy[4096];
    (void)snprintf(copy, sizeof copy, "%s", path);
    const int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

/* A hidden name, which folder_read leaves alone should a crash leave it behind. */
static bool beside(const char *path, char *out, size_t size) {
    const char *slash = strrchr(path, '/');
    const int folder = slash ? (int)(slash - path) + 1 : 0;
    const int n = snprintf(out, size, "%.*s.%s.new", folder, path, path + folder);
    return n > 0 && (size_t)n < size;
}

enum err folder_write(const char *path, struct span text) {
    char name[4096];
    struct stat old;
    const mode_t mode = stat(path, &old) == 0 ? old.st_mode & 07777 : 0644;
    if (!beside(path, name, sizeof name)) {
        errno = ENAMETOOLONG;
        return ERR_IO;
    }
    const int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    bool ok = fd >= 0 && put_all(fd, text);
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    if (ok && rename(name, path) == 0)
        return sync_folder(path) ? ERR_OK : ERR_IO;
    const int why = errno;
    (void)unlink(name);
    errno = why;
    return ERR_IO;
}
