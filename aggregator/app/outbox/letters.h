/* Dead letters: rows of the outbox that the database refused for what they hold, kept in the store
 * with its words. How many there are and since when, of the table and not of the process. Nothing
 * is ever taken out of the table here. */
#ifndef PB_OUTBOX_LETTERS_H
#define PB_OUTBOX_LETTERS_H

#include "ports/store.h"

struct letters {
    uint64_t n;
    int64_t oldest_ms; /* UTC, when the oldest was put aside; INT64_MIN: none, or not known */
};

/* Appends the value of a row; its key is the outbox's. ERR_NOMEM. */
enum err letters_format(int64_t at_ms, const char *words, struct span window, struct buf *out);
/* When the row was put aside; INT64_MIN: not known. */
int64_t letters_time(struct span value);
void letters_add(struct letters *l, int64_t at_ms);
void letters_merge(struct letters *l, const struct letters *more);
/* Loads the rows of n keys, a range each, for done. The store's errors, ERR_NOMEM. */
enum err letters_load(struct store *s, const struct span *key, size_t n,
                      void (*done)(void *user, enum err err, const struct store_rows *rows),
                      void *user);
/* Counts what the table holds, at once: for the start. The store's errors. O(rows). */
enum err letters_count(struct store *s, struct letters *out);

#endif
