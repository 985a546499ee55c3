/* File: a table each of the store's, "t_<name>(k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID";
 * application_id "PBST", user_version the format. All are made in one transaction, so a file is
 * empty or ours. Format 2 added t_minute, format 3 t_kept, format 4 t_norm, t_alert,
 * t_event and t_notice, format 5 t_access; an older file gets the tables it lacks.
 * Crash story: SQLite's WAL with synchronous=FULL; a transaction is there whole or not at all. */
#include "sqlite/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "sqlite/rows.h"

enum { FORMAT_VERSION = 5, APPLICATION_ID = 0x50425354 };

/* Slabs are blobs of many pages, written over in each checkpoint: larger pages are fewer calls, and
 * what the cache holds need not be read before it is written. Half the CPU of a commit of 100,000
 * signals. A small plant writes a page or two of each table in a commit, which keeps pages from
 * being larger still. Both hold for the connection that writes; a file keeps the pages it has. */
#define PAGES "PRAGMA page_size=8192; PRAGMA cache_size=-8192"

enum err file_error(sqlite3 *db) {
    switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return ERR_FORMAT;
    case SQLITE_NOMEM:
        return ERR_NOMEM;
    default:
        return ERR_IO;
    }
}

/* Not on the file itself: closing a second descriptor of it would drop SQLite's own locks. */
static enum err lock(const char *path, int *fd, char why[FILE_WHY]) {
    char name[4096];
    if ((size_t)snprintf(name, sizeof name, "%s.lock", path) >= sizeof name) {
        snprintf(why, FILE_WHY, "the path is too long");
        return ERR_IO;
    }
    *fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0) {
        snprintf(why, FILE_WHY, "its lock file: %s", strerror(errno));
        return ERR_IO;
    }
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return ERR_OK;
    snprintf(why, FILE_WHY, "another process uses it");
    close(*fd);
    *fd = -1;
    return ERR_BUSY;
}

static int text_row(void *user, int n, char **text, char **name) {
    (void)n;
    (void)name;
    snprintf(user, 32, "%s", text[0] ? text[0] : "");
    return 0;
}

/* The first column of the last row of sql, "" if it has none. */
static enum err ask(sqlite3 *db, const char *sql, char answer[32], char why[FILE_WHY]) {
    answer[0] = '\0';
    if (sqlite3_exec(db, sql, text_row, answer, NULL) == SQLITE_OK)
        return ERR_OK;
    snprintf(why, FILE_WHY, "%s", sqlite3_errmsg(db));
    return file_error(db);
}

static enum err make_tables(sqlite3 *db, char why[FILE_WHY]) {
    char sql[STORE_TABLE_COUNT * 96 + 160], none[32];
    size_t n = 0;
    n += (size_t)snprintf(sql + n, sizeof sql - n, "BEGIN IMMEDIATE;");
    for (unsigned t = 0; t < STORE_TABLE_COUNT; t++)
        n += (size_t)snprintf(
            sql + n, sizeof sql - n,
            "CREATE TABLE IF NOT EXISTS %s(k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID;",
            rows_table((uint8_t)t));
    snprintf(sql + n, sizeof sql - n, "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
             APPLICATION_ID, FORMAT_VERSION);
    enum err err = ask(db, sql, none, why);
    if (err)
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return err;
}

/* Empty, or ours and of a format we know; whole: it has all tables of this format. */
static enum err check_format(sqlite3 *db, bool *whole, char why[FILE_WHY]) {
    char version[32], application[32], tables[32];
    enum err err = ask(db, "PRAGMA user_version", version, why);
    if (!err)
        err = ask(db, "PRAGMA application_id", application, why);
    if (!err)
        err = ask(db, "SELECT count(*) FROM sqlite_master", tables, why);
    if (err)
        return err;
    *whole = atoi(tables) > 0 && atoi(version) == FORMAT_VERSION;
    if (atoi(tables) > 0 && atoi(application) != APPLICATION_ID) {
        snprintf(why, FILE_WHY, "it is a database of another program");
        return ERR_FORMAT;
    }
    if (atoi(version) > FORMAT_VERSION) {
        snprintf(why, FILE_WHY, "format %s is newer than this program's %d", version,
                 FORMAT_VERSION);
        return ERR_FORMAT;
    }
    return ERR_OK;
}

static enum err prepare(sqlite3 *db, char why[FILE_WHY]) {
    char mode[32], none[32];
    bool whole = false;
    enum err err = check_format(db, &whole, why);
    if (!err)
        err = ask(db, PAGES, none, why);
    if (!err)
        err = ask(db, "PRAGMA journal_mode=WAL", mode, why);
    if (!err && strcmp(mode, "wal") != 0) {
        snprintf(why, FILE_WHY, "the file system cannot hold a write-ahead log");
        err = ERR_IO;
    }
    if (!err)
        err = ask(db, "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0", none, why);
    if (!err && !whole)
        err = make_tables(db, why);
    return err;
}

enum err file_open(const char *path, sqlite3 **out, int *lock_fd, char why[FILE_WHY]) {
    sqlite3 *db = NULL;
    int fd = -1;
    enum err err = lock(path, &fd, why);
    if (err)
        return err;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        snprintf(why, FILE_WHY, "%s", db ? sqlite3_errmsg(db) : "out of memory");
        err = ERR_IO;
    } else {
        err = prepare(db, why);
    }
    if (err) {
        file_close(db, fd);
        return err;
    }
    *out = db;
    *lock_fd = fd;
    return ERR_OK;
}

void file_close(sqlite3 *db, int lock_fd) {
    sqlite3_close(db);
    close(lock_fd);
}
