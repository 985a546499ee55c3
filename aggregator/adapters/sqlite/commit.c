#include "sqlite/commit.h"

#include <stdio.h>
#include <stdlib.h>

#include "sqlite/file.h"
#include "sqlite/rows.h"

static sqlite3_stmt *statement(sqlite3 *db, struct commit_statements *st, uint8_t table,
                               uint8_t op) {
    static const char *const form[4] = {
        [STORE_PUT] = "INSERT INTO %s(k, v) VALUES(?1, ?2) ON CONFLICT(k) DO UPDATE SET v = ?2",
        [STORE_DELETE] = "DELETE FROM %s WHERE k = ?1",
        [STORE_DELETE_IF] = "DELETE FROM %s WHERE k = ?1 AND v = ?2",
        [STORE_DELETE_RANGE] = "DELETE FROM %s WHERE k >= ?1 AND k < ?2"};
    char sql[160];
    if (table >= STORE_TABLE_COUNT || op > STORE_DELETE_RANGE)
        return NULL;
    if (!st->at[table][op]) {
        snprintf(sql, sizeof sql, form[op], rows_table(table));
        sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->at[table][op], NULL);
    }
    return st->at[table][op];
}

/* A zero-length blob needs a pointer, or SQLite binds NULL. */
static int bind(sqlite3_stmt *s, int at, struct span v) {
    return sqlite3_bind_blob64(s, at, v.n ? (const void *)v.p : "", v.n, SQLITE_STATIC);
}

static bool step(sqlite3_stmt *s, const struct store_item *item) {
    if (!s || bind(s, 1, item->key) != SQLITE_OK)
        return false;
    if (item->op != STORE_DELETE && bind(s, 2, item->value) != SQLITE_OK)
        return false;
    bool done = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_reset(s);
    return done;
}

/* SQLite counts a row that is replaced as it does a new one: the outbox's are put in two steps. */
static bool put_counted(sqlite3 *db, struct commit_statements *st, const struct store_item *item) {
    static const char *const replace = "UPDATE t_outbox SET v = ?2 WHERE k = ?1";
    static const char *const insert =
        "INSERT INTO t_outbox(k, v) VALUES(?1, ?2) ON CONFLICT(k) DO NOTHING";
    sqlite3_stmt **s = &st->at[STORE_OUTBOX][STORE_PUT];
    if (!*s)
        sqlite3_prepare_v3(db, insert, -1, SQLITE_PREPARE_PERSISTENT, s, NULL);
    if (!step(*s, item))
        return false;
    if (sqlite3_changes(db) > 0) {
        st->outbox_grown++;
        return true;
    }
    if (!st->replace)
        sqlite3_prepare_v3(db, replace, -1, SQLITE_PREPARE_PERSISTENT, &st->replace, NULL);
    return step(st->replace, item);
}

static bool run(sqlite3 *db, struct commit_statements *st, const struct store_item *item) {
    const bool counted = item->table == STORE_OUTBOX;
    if (counted && item->op == STORE_PUT)
        return put_counted(db, st, item);
    if (!step(statement(db, st, item->table, item->op), item))
        return false;
    if (counted)
        st->outbox_grown -= sqlite3_changes(db);
    return true;
}

static enum err fold_values(const struct store_tx *tx, const struct rows *rows, struct buf *out) {
    struct span *value = calloc(rows->n, sizeof *value);
    if (!value)
        return ERR_NOMEM;
    for (size_t i = 0; i < rows->n; i++)
        value[i] = rows->at[i].value;
    enum err err = tx->fold(value, rows->n, out);
    free(value);
    return err;
}

/* false: the transaction cannot go on. Rows that cannot be folded stay. */
static bool fold(sqlite3 *db, struct commit_statements *st, const struct store_tx *tx,
                 const struct store_item *item) {
    const struct store_range range = {.table = item->table, .from = item->key, .to = item->value};
    struct store_item drop = *item, put = {.op = STORE_PUT, .table = item->table};
    struct rows rows;
    struct buf whole;
    buf_init(&whole);
    bool going = rows_read(db, &range, 1, SIZE_MAX, &rows) == ERR_OK;
    if (going && rows.n > 1 && fold_values(tx, &rows, &whole) == ERR_OK) {
        drop.op = STORE_DELETE_RANGE;
        put.key = rows.at[0].key;
        put.value = buf_span(&whole);
        going = run(db, st, &drop) && run(db, st, &put);
    }
    rows_fini(&rows);
    buf_fini(&whole);
    return going;
}

/* The first key in [from, to); false: none, or an error. */
static bool first_key(sqlite3 *db, uint8_t table, struct span from, struct span to, struct buf *key,
                      bool *failed) {
    const struct store_range range = {.table = table, .from = from, .to = to, .limit = 1};
    struct rows rows;
    buf_reset(key);
    *failed = rows_read(db, &range, 1, SIZE_MAX, &rows) != ERR_OK;
    bool found = !*failed && rows.n > 0;
    if (found)
        *failed = buf_add(key, rows.at[0].key.p, rows.at[0].key.n) != ERR_OK;
    rows_fini(&rows);
    return found && !*failed;
}

static bool drop_before(sqlite3 *db, struct commit_statements *st, const struct store_item *item) {
    struct store_item drop = {.op = STORE_DELETE_RANGE, .table = item->table};
    struct store_run r;
    struct buf key;
    struct span from = item->key;
    bool failed = store_run_init(&r, item) != ERR_OK;
    buf_init(&key);
    while (!failed && first_key(db, item->table, from, r.to, &key, &failed)) {
        failed = store_run_at(&r, buf_span(&key)) != ERR_OK;
        drop.key = buf_span(&r.first);
        drop.value = buf_span(&r.drop_to);
        failed = failed || !run(db, st, &drop);
        from = buf_span(&r.next);
    }
    store_run_fini(&r);
    buf_fini(&key);
    return !failed;
}

static bool carry_out(sqlite3 *db, struct commit_statements *st, const struct store_tx *tx,
                      const struct store_item *item) {
    switch ((enum store_op)item->op) {
    case STORE_FOLD:
        return fold(db, st, tx, item);
    case STORE_DELETE_BEFORE:
        return drop_before(db, st, item);
    case STORE_PUT:
    case STORE_DELETE:
    case STORE_DELETE_IF:
    case STORE_DELETE_RANGE:
        break;
    }
    return run(db, st, item);
}

enum err commit_try(sqlite3 *db, struct commit_statements *st, const struct store_tx *tx,
                    char text[160]) {
    struct cursor c = {0};
    struct store_item item;
    bool ok = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
    st->outbox_grown = 0;
    while (ok && store_tx_next(tx, &c, &item))
        ok = carry_out(db, st, tx, &item);
    if (ok)
        ok = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
    if (ok)
        return ERR_OK;
    enum err err = file_error(db);
    snprintf(text, 160, "%s", sqlite3_errmsg(db));
    /* After some failures SQLite has rolled back already; then this says so and harms nothing. */
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return err;
}

void commit_statements_fini(struct commit_statements *st) {
    for (unsigned t = 0; t < STORE_TABLE_COUNT; t++)
        for (unsigned op = 0; op < 4; op++)
            sqlite3_finalize(st->at[t][op]);
    sqlite3_finalize(st->replace);
}
