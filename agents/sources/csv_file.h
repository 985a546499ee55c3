/* The file of a recording as a run of split records. It knows offsets and lines, so that reading
 * can go on anywhere, and no meaning. */
#ifndef PB_SOURCES_CSV_FILE_H
#define PB_SOURCES_CSV_FILE_H

#include "sources/csv_reader.h"
#include "sources/file_mark.h"

struct csv_file {
    int fd;
    char *path; /* owned */
    struct csv_reader reader;
    uint8_t *chunk; /* owned, CSV_CHUNK bytes */
    struct span left;
    uint64_t seen;       /* its size when it was looked at */
    bool follow;         /* the end of the file is not the end */
    struct span *fields; /* owned; of the record at hand, valid until the next take */
    size_t field_n;
    uint64_t at, next_at;             /* offset of the record at hand and of what follows */
    uint64_t line, next_line;         /* likewise */
    struct file_mark mark, next_mark; /* of what ends there */
};

enum csv_taken {
    CSV_TAKEN,   /* fields are filled */
    CSV_REFUSED, /* a record was refused: line and column tell where */
    CSV_END,     /* nothing more (now) */
};

/* Opens folder/name, or name if it is absolute or folder is NULL. ERR_IO, ERR_NOMEM. */
enum err csv_file_open(struct csv_file *f, const char *folder, const char *name, uint8_t separator,
                       bool follow);
void csv_file_close(struct csv_file *f);
/* Goes on at a place. ERR_IO. */
enum err csv_file_seek(struct csv_file *f, uint64_t offset, uint64_t line);
/* At its end: whether its name still stands for it. One that does not goes on in that file, at the
 * same place (FILE_SAME) or at its front. ERR_IO. */
enum err csv_file_look(struct csv_file *f, enum file_change *change);
uint64_t csv_file_size(const struct csv_file *f);
/* Takes the next record. *column (from 1) is set for CSV_REFUSED; 0: the line as a whole. ERR_IO,
 * ERR_NOMEM. */
enum err csv_file_take(struct csv_file *f, enum csv_taken *taken, size_t *column);

#endif
