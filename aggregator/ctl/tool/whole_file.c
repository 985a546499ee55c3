#include "ctl/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/files.h"

enum { CHUNK = 1 << 16, MAX = 256 << 20 };

static bool say(char why[WHOLE_FILE_WHY], const char *path, const char *text) {
    (void)snprintf(why, WHOLE_FILE_WHY, "%.200s: %.100s", path, text);
    return false;
}

bool whole_file_read(const char *path, struct buf *out, bool *missing, char why[WHOLE_FILE_WHY]) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 0;
    if (missing)
        *missing = fd < 0 && errno == ENOENT;
    if (fd < 0)
        return say(why, path, strerror(errno));
    bool ok = true;
    do {
        ok = (buf_reserve(out, CHUNK) == ERR_OK && out->n <= MAX) || say(why, path, "too large");
        n = ok ? read(fd, out->p + out->n, CHUNK) : 0;
        out->n += n > 0 ? (size_t)n : 0;
    } while (ok && n > 0);
    if (n < 0)
        ok = say(why, path, strerror(errno));
    close(fd);
    return ok;
}

static bool write_all(int fd, struct span bytes) {
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0)
            return false;
        bytes = span_of(bytes.p + n, bytes.n - (size_t)n);
    }
    return fsync(fd) == 0;
}

/* The name is durable once its folder is. */
static bool sync_folder(const char *path) {
    struct buf folder;
    buf_init(&folder);
    files_folder(path, &folder);
    if (folder.n == 0)
        (void)buf_add_byte(&folder, '.');
    (void)buf_add_byte(&folder, 0);
    int fd = folder.failed ? -1 : open((const char *)folder.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    buf_fini(&folder);
    return ok;
}

bool whole_file_write(const char *path, struct span bytes, char why[WHOLE_FILE_WHY]) {
    char beside[1024];
    int n = snprintf(beside, sizeof beside, "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof beside)
        return say(why, path, "too long a name");
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return say(why, beside, strerror(errno));
    bool ok = write_all(fd, bytes) || say(why, beside, strerror(errno));
    ok = (close(fd) == 0 && ok) || (ok && say(why, beside, strerror(errno)));
    ok = ok && (rename(beside, path) == 0 || say(why, path, strerror(errno)));
    if (!ok) {
        (void)unlink(beside);
        return false;
    }
    return sync_folder(path) || say(why, path, strerror(errno));
}

bool whole_file_rename(const char *beside, const char *path, char why[WHOLE_FILE_WHY]) {
    return (rename(beside, path) == 0 && sync_folder(path)) || say(why, path, strerror(errno));
}
