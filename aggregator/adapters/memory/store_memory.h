/* The store in memory, for replays and tests. Nothing happens by itself: each step carries out and
 * delivers the oldest thing submitted, so a run is the same every time. It keeps nothing on disk.
 */
#ifndef PB_MEMORY_STORE_MEMORY_H
#define PB_MEMORY_STORE_MEMORY_H

#include "ports/store.h"

struct store_memory_conf {
    size_t queue_bytes_max; /* as of the store on disk; 0: no bound */
    size_t load_bytes_max;
};

enum err store_memory_open(const struct store_memory_conf *conf, struct store **out);
/* Carries out the oldest commit or load and calls its done; then, when all are out, that of stop.
 * False if there was nothing to do. Not callable from inside a done. */
bool store_memory_step(struct store *s);
size_t store_memory_pending(const struct store *s); /* commits and loads not delivered */
bool store_memory_commit_next(const struct store *s); /* the oldest of them is a commit */
size_t store_memory_rows(const struct store *s, enum store_table table);
/* What is committed, whatever is under way; false if the row is not there. Valid until the next
 * step. */
bool store_memory_find(const struct store *s, enum store_table table, struct span key,
                       struct span *value);

/* --- faults -------------------------------------------------------------------------------------
 */

/* The process dies: the oldest `written` commits still reach the disk, all else submitted is gone
 * and nothing is called. The store goes on with what is there, as if opened again. */
void store_memory_crash(struct store *s, size_t written);
/* The disk is full for so many tries: a step counts a failure and delivers nothing. A store that is
 * stopped meanwhile gives up, as the one on disk does: this commit and all behind it fail. */
void store_memory_fill(struct store *s, unsigned tries);
/* From now on every commit and load fails with err; ERR_OK heals. */
void store_memory_break(struct store *s, enum err err);

/* A copy of the content. Owned by the caller. ERR_NOMEM. */
struct store_image;
enum err store_memory_save(const struct store *s, struct store_image **out);
/* Replaces the content, as a backup put back; only with nothing pending (ERR_STATE). */
enum err store_memory_restore(struct store *s, const struct store_image *image);
void store_image_free(struct store_image *image);

#endif
