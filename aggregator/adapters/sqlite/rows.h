/* Rows read from SQLite, collected into one result. Used by the writing connection and by readers.
 */
#ifndef PB_SQLITE_ROWS_H
#define PB_SQLITE_ROWS_H

#include <sqlite3.h>

#include "ports/store.h"

struct rows {
    struct buf bytes; /* keys and values, one after the other */
    struct store_item *at;
    size_t n, cap;
    uint32_t *range_end;
    size_t range_n;
    bool truncated;
};

/* Name of the table in the file, "t_window" and so on. */
const char *rows_table(uint8_t table);
/* Reads all ranges; stops with truncated at bytes_max. ERR_IO, ERR_FORMAT (damaged), ERR_NOMEM;
 * then out holds what was read so far, rows_fini is due in any case. */
enum err rows_read(sqlite3 *db, const struct store_range *range, size_t n, size_t bytes_max,
                   struct rows *out);
/* Rows of a table; -1: cannot be told. O(bytes of the table). */
int64_t rows_count(sqlite3 *db, uint8_t table);
struct store_rows rows_view(const struct rows *r);
void rows_fini(struct rows *r);

#endif
