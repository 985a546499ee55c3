#include "sqlite/rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "sqlite/file.h"

const char *rows_table(uint8_t table) {
    static const char *const name[STORE_TABLE_COUNT] = {
        [STORE_META] = "t_meta",   [STORE_WORD] = "t_word",     [STORE_SIGNAL] = "t_signal",
        [STORE_AGENT] = "t_agent", [STORE_LANE] = "t_lane",     [STORE_LOG] = "t_log",
        [STORE_CELL] = "t_cell",   [STORE_WINDOW] = "t_window", [STORE_OPEN] = "t_open",
        [STORE_UNIT] = "t_unit",   [STORE_GAP] = "t_gap",       [STORE_OUTBOX] = "t_outbox",
        [STORE_DEAD] = "t_dead",   [STORE_LEDGER] = "t_ledger", [STORE_MINUTE] = "t_minute",
        [STORE_KEPT] = "t_kept",   [STORE_NORM] = "t_norm",     [STORE_ALERT] = "t_alert",
        [STORE_EVENT] = "t_event", [STORE_NOTICE] = "t_notice", [STORE_ACCESS] = "t_access"};
    return table < STORE_TABLE_COUNT ? name[table] : NULL;
}

/* Ranges of one read mostly ask the same of the same table: to prepare costs more than to read a
 * few rows. */
struct question {
    sqlite3_stmt *stmt; /* NULL: none yet */
    uint8_t table;
    bool ends;
};

static enum err prepare(sqlite3 *db, const struct store_range *r, struct question *q) {
    char sql[160];
    const char *table = rows_table(r->table);
    if (q->stmt && q->table == r->table && q->ends == (r->to.n > 0))
        return sqlite3_reset(q->stmt) == SQLITE_OK ? ERR_OK : file_error(db);
    if (!table)
        return ERR_RANGE;
    sqlite3_finalize(q->stmt);
    *q = (struct question){.table = r->table, .ends = r->to.n > 0};
    snprintf(sql, sizeof sql, "SELECT k, v FROM %s WHERE k >= ?1%s ORDER BY k LIMIT ?3", table,
             q->ends ? " AND k < ?2" : "");
    return sqlite3_prepare_v2(db, sql, -1, &q->stmt, NULL) == SQLITE_OK ? ERR_OK : file_error(db);
}

static enum err ask(sqlite3 *db, const struct store_range *r, struct question *q) {
    const enum err err = prepare(db, r, q);
    if (err)
        return err;
    /* A zero-length blob needs a pointer, or SQLite binds NULL. */
    int rc = sqlite3_bind_blob64(q->stmt, 1, r->from.n ? (const void *)r->from.p : "", r->from.n,
                                 SQLITE_STATIC);
    if (rc == SQLITE_OK && r->to.n)
        rc = sqlite3_bind_blob64(q->stmt, 2, r->to.p, r->to.n, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(q->stmt, 3, r->limit ? (sqlite3_int64)r->limit : -1);
    return rc == SQLITE_OK ? ERR_OK : file_error(db);
}

static enum err add_row(struct rows *out, uint8_t table, sqlite3_stmt *s) {
    if (out->n == out->cap) {
        size_t cap = out->cap ? out->cap * 2 : 64;
        struct store_item *at = realloc(out->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        out->at = at;
        out->cap = cap;
    }
    const void *k = sqlite3_column_blob(s, 0), *v = sqlite3_column_blob(s, 1);
    size_t kn = (size_t)sqlite3_column_bytes(s, 0), vn = (size_t)sqlite3_column_bytes(s, 1);
    if ((kn > 0 && !k) || (vn > 0 && !v))
        return ERR_NOMEM; /* the only way a blob has bytes and no place */
    /* Spans keep offsets until all bytes are there: the buffer moves as it grows. */
    struct store_item *item = &out->at[out->n];
    *item = (struct store_item){.op = STORE_PUT, .table = table};
    item->key.n = kn;
    item->value.n = vn;
    enum err err = buf_add(&out->bytes, k, kn);
    if (!err)
        err = buf_add(&out->bytes, v, vn);
    if (!err)
        out->n++;
    return err;
}

static enum err read_range(sqlite3 *db, const struct store_range *r, size_t bytes_max,
                           struct question *q, struct rows *out) {
    enum err err = ask(db, r, q);
    while (!err) {
        int rc = sqlite3_step(q->stmt);
        if (rc == SQLITE_DONE)
            break;
        if (rc != SQLITE_ROW)
            err = file_error(db);
        else if (out->bytes.n > bytes_max)
            out->truncated = true;
        else
            err = add_row(out, r->table, q->stmt);
        if (out->truncated)
            break;
    }
    return err;
}

enum err rows_read(sqlite3 *db, const struct store_range *range, size_t n, size_t bytes_max,
                   struct rows *out) {
    struct question q = {0};
    *out = (struct rows){0};
    buf_init(&out->bytes);
    out->range_end = calloc(n ? n : 1, sizeof *out->range_end);
    if (!out->range_end)
        return ERR_NOMEM;
    enum err err = ERR_OK;
    for (size_t i = 0; i < n && !err; i++) {
        if (!out->truncated)
            err = read_range(db, &range[i], bytes_max, &q, out);
        out->range_end[i] = (uint32_t)out->n;
    }
    sqlite3_finalize(q.stmt);
    out->range_n = n;
    size_t at = 0;
    for (size_t i = 0; out->bytes.p && i < out->n; i++) {
        out->at[i].key.p = out->bytes.p + at;
        at += out->at[i].key.n;
        out->at[i].value.p = out->bytes.p + at;
        at += out->at[i].value.n;
    }
    return err;
}

int64_t rows_count(sqlite3 *db, uint8_t table) {
    sqlite3_stmt *s = NULL;
    char sql[64];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", rows_table(table));
    int64_t n = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
        n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

struct store_rows rows_view(const struct rows *r) {
    return (struct store_rows){
        .at = r->at, .range_end = r->range_end, .n = r->n, .truncated = r->truncated};
}

void rows_fini(struct rows *r) {
    buf_fini(&r->bytes);
    free(r->at);
    free(r->range_end);
    *r = (struct rows){0};
}
