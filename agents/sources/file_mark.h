/* What tells a file from another one under its name: the line that ends where reading stands. It
 * finds out whether a file was renamed, replaced, cut down or only written again. */
#ifndef PB_SOURCES_FILE_MARK_H
#define PB_SOURCES_FILE_MARK_H

#include "base/buf.h"

enum { FILE_MARK_BYTES_MAX = 4096 };

/* Of the line that ends at a place of a file. */
struct file_mark {
    uint32_t bytes; /* with its line end; 0: it is not known, or too long */
    uint32_t crc;   /* without it */
};

struct file_mark file_mark_of(struct span line, uint64_t bytes);
/* Whether the file has that line before the place. Without a mark: whether it is that long. */
bool file_mark_holds(int fd, uint64_t at, const struct file_mark *m);

enum file_change {
    FILE_SAME,    /* what stands at the name goes on where reading stands */
    FILE_RENAMED, /* another file stands there, and ours can be read to its end */
    FILE_CUT      /* ours has another content now: what was not read is lost */
};
/* Looks at what stands at path now. If that is another file than *fd and somebody has written to
 * it, it is opened in its place: to be called at the end of the file. Whatever cannot be looked at
 * is FILE_SAME, and so is one of which more can be read since *seen, its size at the look before.
 */
enum file_change file_mark_look(const char *path, int *fd, uint64_t at, const struct file_mark *m,
                                uint64_t *seen);

/* As two numbers of a position, "-" for what is not known; and back. ERR_FORMAT. */
void file_mark_format(const struct file_mark *m, struct buf *out);
enum err file_mark_parse(const int64_t v[2], struct file_mark *out);

#endif
