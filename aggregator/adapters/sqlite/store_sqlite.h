/* The store in one SQLite file: WAL, synchronous=FULL, one connection that writes and checkpoints
 * on a thread of its own. The loop never waits for the disk; a failing commit or load is tried
 * again until it succeeds, so a full or failing disk holds acknowledgements back and loses nothing.
 * Only a stop ends the tries: then this commit and all behind it fail, for they build on it. */
#ifndef PB_SQLITE_STORE_SQLITE_H
#define PB_SQLITE_STORE_SQLITE_H

#include "ports/store.h"

struct uv_loop_s;

struct store_sqlite_conf {
    const char *path;       /* the directory must exist */
    size_t queue_bytes_max; /* transactions waiting; beyond it commit answers ERR_FULL */
    size_t load_bytes_max;  /* of one load's rows */
    uint32_t retry_ms;      /* between tries of a commit or load that fails */
    void (*on_trouble)(void *user, const char *what); /* on the loop; one fails or works again */
    void *user;
};

/* Opens or makes the file. ERR_IO, ERR_BUSY (another process has it), ERR_FORMAT (another format,
 * not a database, damaged), ERR_NOMEM: `why`, 160 bytes, says it in words. The loop must outlive
 * the store. Nobody else may open the file while it is open, except store_reader_open(). */
enum err store_sqlite_open(const struct store_sqlite_conf *conf, struct uv_loop_s *loop,
                           struct store **out, char why[160]);
/* Another bound for what waits, from the next commit on. */
void store_sqlite_bound(struct store *s, size_t queue_bytes_max);
/* Reads ranges on a read-only connection, for history; on one thread, the loop or another. Opened
 * after the store and closed before it. All ranges of one load show the same commit. */
struct store_reader;
enum err store_reader_open(const char *path, struct store_reader **out);
enum err store_reader_load(struct store_reader *r, const struct store_range *range, size_t n,
                           size_t bytes_max,
                           void (*done)(void *user, enum err err, const struct store_rows *rows),
                           void *user);
void store_reader_close(struct store_reader *r);

#endif
