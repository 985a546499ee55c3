#include "sources/csv_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CSV_CHUNK = 65536 };

static enum err path_of(const char *folder, const char *name, struct buf *path) {
    if (name[0] != '/' && folder != NULL && folder[0] != '\0')
        (void)buf_addf(path, "%s/", folder);
    (void)buf_add_str(path, name);
    (void)buf_add_byte(path, '\0');
    return path->failed ? ERR_NOMEM : ERR_OK;
}

enum err csv_file_open(struct csv_file *f, const char *folder, const char *name, uint8_t separator,
                       bool follow) {
    struct buf path;

    *f = (struct csv_file){.fd = -1, .follow = follow};
    csv_reader_init(&f->reader, separator, 0, 1);
    buf_init(&path);
    enum err e = path_of(folder, name, &path);
    f->chunk = malloc(CSV_CHUNK);
    f->fields = calloc(CSV_FIELDS_MAX, sizeof *f->fields);
    if (f->chunk == NULL || f->fields == NULL)
        e = ERR_NOMEM;
    if (e == ERR_OK) {
        f->fd = open((const char *)path.p, O_RDONLY | O_CLOEXEC);
        e = f->fd < 0 ? ERR_IO : ERR_OK;
    }
    if (e == ERR_OK)
        f->path = strdup((const char *)path.p);
    if (e == ERR_OK && f->path == NULL)
        e = ERR_NOMEM;
    buf_fini(&path);
    if (e != ERR_OK)
        csv_file_close(f);
    return e;
}

void csv_file_close(struct csv_file *f) {
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
    free(f->chunk);
    free(f->fields);
    free(f->path);
    f->path = NULL;
    f->chunk = NULL;
    f->fields = NULL;
    csv_reader_fini(&f->reader);
}

enum err csv_file_seek(struct csv_file *f, uint64_t offset, uint64_t line) {
    if (lseek(f->fd, (off_t)offset, SEEK_SET) < 0)
        return ERR_IO;
    f->left = span_of(f->chunk, 0);
    csv_reader_seek(&f->reader, offset, line);
    f->next_at = offset;
    f->next_line = line;
    f->mark = f->next_mark = (struct file_mark){0};
    return ERR_OK;
}

/* Half a record may be written anew before its other half: it is read again. */
static enum err go_back(struct csv_file *f) {
    const struct file_mark mark = f->next_mark;
    if (lseek(f->fd, 0, SEEK_CUR) < 0)
        return ERR_OK; /* nothing of a FIFO can be read again */
    const enum err e = csv_file_seek(f, f->next_at, f->next_line);

    f->next_mark = mark;
    return e;
}

enum err csv_file_look(struct csv_file *f, enum file_change *change) {
    const int was = f->fd;

    *change = file_mark_look(f->path, &f->fd, f->next_at, &f->next_mark, &f->seen);
    if (*change != FILE_SAME)
        return csv_file_seek(f, 0, 1);
    if (f->fd == was)
        return ERR_OK;
    return go_back(f);
}

uint64_t csv_file_size(const struct csv_file *f) {
    struct stat st;

    return fstat(f->fd, &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

/* The byte order mark of UTF-8 at the file's start is no content. */
static void skip_mark(struct csv_file *f) {
    if (f->reader.offset != 0 || f->left.n < 3 || memcmp(f->left.p, "\xef\xbb\xbf", 3) != 0)
        return;
    f->left = span_of(f->left.p + 3, f->left.n - 3);
    csv_reader_seek(&f->reader, 3, 1);
}

/* Feeds the reader until it has a verdict; CSV_MORE: the file is at its end. */
static enum err next_verdict(struct csv_file *f, enum csv_verdict *verdict) {
    for (;;) {
        if (f->left.n == 0) {
            /* What was cut down meanwhile must not be read on in its middle. */
            const bool ours = !f->follow || file_mark_holds(f->fd, f->next_at, &f->next_mark);
            const ssize_t n = ours ? read(f->fd, f->chunk, CSV_CHUNK) : 0;
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0)
                return ERR_IO;
            if (n == 0) {
                *verdict = f->follow ? CSV_MORE : csv_reader_end(&f->reader);
                return f->follow ? go_back(f) : ERR_OK;
            }
            f->left = span_of(f->chunk, (size_t)n);
            skip_mark(f);
        }
        const enum err e = csv_reader_feed(&f->reader, &f->left, verdict);
        if (e != ERR_OK || *verdict != CSV_MORE)
            return e;
    }
}

enum err csv_file_take(struct csv_file *f, enum csv_taken *taken, size_t *column) {
    enum csv_verdict verdict;
    enum err e = next_verdict(f, &verdict);

    *taken = CSV_END;
    *column = 0;
    if (e != ERR_OK || verdict == CSV_MORE)
        return e;
    f->at = f->reader.record_at;
    f->line = f->reader.record_line;
    const struct file_mark mark = f->next_mark;
    if (verdict == CSV_BROKEN) {
        *taken = CSV_REFUSED;
        return csv_file_seek(f, f->reader.resume_at, f->reader.resume_line);
    }
    f->next_at = f->reader.offset;
    f->next_line = f->reader.line;
    f->mark = mark;
    f->next_mark = file_mark_of(buf_span(&f->reader.record), f->next_at - f->at);
    e = csv_split(&f->reader.record, f->reader.separator, f->fields, &f->field_n, column);
    *taken = e == ERR_OK ? CSV_TAKEN : CSV_REFUSED;
    return ERR_OK;
}
