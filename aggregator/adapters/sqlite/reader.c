/* Readers: read-only connections in this process; short transactions, no checkpoints. */
#include <stdlib.h>

#include "sqlite/rows.h"
#include "sqlite/store_sqlite.h"

struct store_reader {
    sqlite3 *db;
};

enum err store_reader_open(const char *path, struct store_reader **out) {
    struct store_reader *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NOMEM;
    if (sqlite3_open_v2(path, &r->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_db_config(r->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) != SQLITE_OK ||
        sqlite3_exec(r->db, "PRAGMA wal_autocheckpoint=0", NULL, NULL, NULL) != SQLITE_OK) {
        store_reader_close(r);
        return ERR_IO;
    }
    sqlite3_busy_timeout(r->db, 100);
    *out = r;
    return ERR_OK;
}

enum err store_reader_load(struct store_reader *r, const struct store_range *range, size_t n,
                           size_t bytes_max,
                           void (*done)(void *user, enum err err, const struct store_rows *rows),
                           void *user) {
    struct rows rows;
    /* One read transaction, so that all ranges show the same commit. It ends before done is called:
     * an open one would keep the log from being reset. */
    sqlite3_exec(r->db, "BEGIN", NULL, NULL, NULL);
    enum err err = rows_read(r->db, range, n, bytes_max, &rows);
    sqlite3_exec(r->db, "COMMIT", NULL, NULL, NULL);
    struct store_rows view = rows_view(&rows);
    done(user, err, &view);
    rows_fini(&rows);
    return err;
}

void store_reader_close(struct store_reader *r) {
    if (!r)
        return;
    sqlite3_close(r->db);
    free(r);
}
