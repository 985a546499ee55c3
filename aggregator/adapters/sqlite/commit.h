/* One try to write a transaction through the writing connection, with its statements kept. When to
 * try again is its caller's. */
#ifndef PB_SQLITE_COMMIT_H
#define PB_SQLITE_COMMIT_H

#include <sqlite3.h>

#include "ports/store.h"

struct commit_statements {
    sqlite3_stmt *at[STORE_TABLE_COUNT][4]; /* made on first use */
    sqlite3_stmt *replace;                  /* a row of the outbox, whose rows are counted */
    int64_t outbox_grown;                   /* rows that the last try put there, less the others */
};

/* Everything or nothing; after a failure the connection is out of the transaction and text, 160
 * bytes, says what SQLite said. ERR_IO, ERR_FORMAT, ERR_NOMEM. */
enum err commit_try(sqlite3 *db, struct commit_statements *st, const struct store_tx *tx,
                    char text[160]);
void commit_statements_fini(struct commit_statements *st);

#endif
