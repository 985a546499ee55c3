/* The disk as the journal sees it: numbered files that grow at their end, in one folder. It knows
 * nothing of records, and never calls back from inside one of its five functions. */
#ifndef PB_JOURNAL_DISK_H
#define PB_JOURNAL_DISK_H

#include "base/err.h"
#include "base/span.h"

struct disk;

struct disk_file {
    uint32_t id;
    uint64_t bytes;
};

struct disk_ops {
    /* Fills at[0..max-1] with the files that exist, in any order; *n counts all of them, also
     * beyond max. ERR_IO. */
    enum err (*list)(struct disk *d, struct disk_file *at, size_t max, size_t *n);
    /* Writes at a byte offset, creating the file at offset 0. Until a sync covers them, the bytes
     * may be lost in whole or in part. ERR_FULL: no space or quota; ERR_IO: everything else. After
     * a failure any part of the bytes may be in the file. */
    enum err (*write)(struct disk *d, uint32_t file, uint64_t offset, struct span bytes);
    /* Reads up to n bytes; *got is less only at the end of the file. ERR_NOT_FOUND, ERR_IO. */
    enum err (*read)(struct disk *d, uint32_t file, uint64_t offset, void *p, size_t n,
                     size_t *got);
    /* Begins to make durable what was written to the file before this call, and its name. The end
     * is told by on_sync, later. One at a time. ERR_IO: not begun. */
    enum err (*sync)(struct disk *d, uint32_t file);
    /* Deletes the file; a crash may bring it back. ERR_IO, ERR_NOT_FOUND. */
    enum err (*remove)(struct disk *d, uint32_t file);
};

struct disk {
    const struct disk_ops *ops;
    void (*on_sync)(void *user, uint32_t file, enum err result); /* set by the journal */
    void *user;
};

#endif
