#include "sources/file_mark.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "sources/position.h"

static struct span without_end(struct span line) {
    if (line.n > 0 && line.p[line.n - 1] == '\n')
        line.n--;
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

struct file_mark file_mark_of(struct span line, uint64_t bytes) {
    if (bytes > FILE_MARK_BYTES_MAX)
        return (struct file_mark){0};
    return (struct file_mark){.bytes = (uint32_t)bytes, .crc = crc32c(without_end(line))};
}

bool file_mark_holds(int fd, uint64_t at, const struct file_mark *m) {
    uint8_t line[FILE_MARK_BYTES_MAX];
    struct stat st;

    if (fstat(fd, &st) != 0)
        return false;
    if (!S_ISREG(st.st_mode)) /* a FIFO has no other place */
        return true;
    if (st.st_size < 0 || (uint64_t)st.st_size < at)
        return false;
    if (m->bytes == 0)
        return true;
    if (m->bytes > at || m->bytes > sizeof line)
        return false;
    const ssize_t n = pread(fd, line, m->bytes, (off_t)(at - m->bytes));
    return n == (ssize_t)m->bytes && crc32c(without_end(span_of(line, m->bytes))) == m->crc;
}

enum file_change file_mark_look(const char *path, int *fd, uint64_t at, const struct file_mark *m,
                                uint64_t *seen) {
    struct stat named, ours;

    if (stat(path, &named) != 0 || fstat(*fd, &ours) != 0 || !S_ISREG(named.st_mode))
        return FILE_SAME;
    if (named.st_ino == ours.st_ino && named.st_dev == ours.st_dev)
        return file_mark_holds(*fd, at, m) ? FILE_SAME : FILE_CUT;
    const uint64_t size = (uint64_t)ours.st_size, before = *seen;
    *seen = size;
    /* Who writes lets go of a renamed file only when he begins the next one. */
    if (named.st_size == 0 || (size > at && size != before))
        return FILE_SAME;
    const int fresh = open(path, O_RDONLY | O_CLOEXEC);
    if (fresh < 0)
        return FILE_SAME;
    const bool known = m->bytes > 0; /* else nothing says that it goes on there */
    const bool same = known && file_mark_holds(fresh, at, m);
    const bool cut = size > at || !file_mark_holds(*fd, at, m); /* or a line without its end */
    (void)close(*fd);
    *fd = fresh;
    return same ? FILE_SAME : cut ? FILE_CUT : FILE_RENAMED;
}

void file_mark_format(const struct file_mark *m, struct buf *out) {
    position_add(out, m->bytes > 0 ? m->bytes : POSITION_NONE);
    position_add(out, m->bytes > 0 ? m->crc : POSITION_NONE);
}

enum err file_mark_parse(const int64_t v[2], struct file_mark *out) {
    *out = (struct file_mark){0};
    if (v[0] == POSITION_NONE)
        return ERR_OK;
    if (v[0] < 1 || v[0] > FILE_MARK_BYTES_MAX || v[1] < 0 || v[1] > UINT32_MAX)
        return ERR_FORMAT;
    *out = (struct file_mark){(uint32_t)v[0], (uint32_t)v[1]};
    return ERR_OK;
}
