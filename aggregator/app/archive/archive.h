/* The archive: pages of history, read on a thread of the loop's pool over a read-only connection,
 * one at a time. It writes nothing and knows nothing of the running core. */
#ifndef PB_ARCHIVE_ARCHIVE_H
#define PB_ARCHIVE_ARCHIVE_H

#include "views/history.h"

struct uv_loop_s;
struct archive;
struct archive_place;

/* Opens a reader of the store's file; after the store, and to be closed before it. ERR_IO,
 * ERR_NOMEM. */
enum err archive_open(const char *path, struct uv_loop_s *loop, struct archive **out);
/* done is called on the loop with the text, which it may take over; the question is copied, its
 * plant borrowed. ERR_BUSY: ARCHIVE_WAITING_MAX wait already; ERR_STATE: it is being stopped;
 * ERR_NOMEM: done is then not called. */
enum { ARCHIVE_WAITING_MAX = 32 };
enum err archive_ask(struct archive *a, const struct view_history *ask,
                     void (*done)(void *user, enum err err, struct buf *text, int64_t next_ms),
                     void *user);
/* Longer work on the same thread and connection: step is called there again and again, other
 * questions in between, until it has no more or fails; then done on the loop. What step borrows
 * stays until then, as a question's plant does. As archive_ask(). */
enum err archive_run(struct archive *a,
                     enum err (*step)(void *user, const struct history_reader *r, bool *more),
                     void (*done)(void *user, enum err err), void *user);
/* Room for one who waits, had while want of memory can still be answered. NULL: there is none. */
struct archive_place *archive_place_open(void);
void archive_place_close(struct archive_place *p); /* one that was not taken; NULL is nothing */
/* Calls done once all that was asked before is answered, at once if nothing was, then also by
 * archive_stop. The place is taken; this cannot fail. */
void archive_wait(struct archive *a, struct archive_place *take, void (*done)(void *user),
                  void *user);
/* Answers what is being read, gives ERR_STATE to what waits, then calls done; then close. */
void archive_stop(struct archive *a, void (*done)(void *user), void *user);
void archive_close(struct archive *a); /* NULL is nothing */

#endif
