#include <stdio.h>

#include "views/csv.h"
#include "views/sheet.h"
#include "json/json.h"
#include "json/json_writer.h"

enum { NAME_MAX_N = 64 };

static void put_number(struct buf *out, const struct json_value *v) {
    int64_t n = 0;
    double x = 0;
    struct json_writer w;
    json_writer_init(&w, out);
    if (json_kind(v) == JSON_KIND_INT && json_int64_of(v, &n) == ERR_OK)
        json_writer_int64(&w, n);
    else if (json_double_of(v, &x) == ERR_OK)
        json_writer_real(&w, x);
}

static void put_list(struct buf *out, const struct json_value *v) {
    struct buf text;
    buf_init(&text);
    for (size_t i = 0; i < json_count(v); i++) {
        struct span word = {0};
        if (i)
            (void)buf_add_byte(&text, ' ');
        if (json_string_of(json_at(v, i), &word) == ERR_OK)
            (void)buf_add(&text, word.p, word.n);
    }
    out->failed = out->failed || text.failed;
    csv_text(out, buf_span(&text));
    buf_fini(&text);
}

static void put_value(struct buf *out, const struct json_value *v) {
    struct span text = {0};
    bool yes = false;
    switch (json_kind(v)) {
    case JSON_KIND_STRING:
        (void)json_string_of(v, &text);
        csv_text(out, text);
        return;
    case JSON_KIND_INT:
    case JSON_KIND_REAL:
        put_number(out, v);
        return;
    case JSON_KIND_BOOL:
        (void)json_bool_of(v, &yes);
        (void)buf_add_str(out, yes ? "true" : "false");
        return;
    case JSON_KIND_ARRAY:
        put_list(out, v);
        return;
    case JSON_KIND_NULL:
    case JSON_KIND_OBJECT:
        return;
    }
}

/* The member that the first word of `path` names; dots go down. */
static const struct json_value *member(const struct json_value *v, const char *path) {
    while (*path && *path != ' ') {
        char name[NAME_MAX_N];
        const size_t n = strcspn(path, ". ");
        (void)snprintf(name, sizeof name, "%.*s", (int)n, path);
        v = json_find(v, name);
        path += n + (path[n] == '.');
    }
    return v;
}

static const char *behind(const char *column) {
    column += strcspn(column, " ");
    return column + strspn(column, " ");
}

/* "fields.scope.node" is headed "scope.node": what all have in common says nothing. */
static void put_head(const char *columns, struct buf *out) {
    static const char common[] = "fields.";
    for (const char *at = columns; *at; at = behind(at)) {
        const char *name = strncmp(at, common, sizeof common - 1) ? at : at + sizeof common - 1;
        (void)buf_addf(out, "%s%.*s", at == columns ? "" : ",", (int)strcspn(name, " "), name);
    }
    (void)buf_add_byte(out, '\n');
}

static void put_rows(const struct sheet_rows *rows, const struct json_value *root,
                     struct buf *out) {
    const struct json_value *list = json_find(root, rows->array);
    put_head(rows->columns, out);
    for (size_t i = 0; i < json_count(list); i++) {
        for (const char *at = rows->columns; *at; at = behind(at)) {
            if (at != rows->columns)
                (void)buf_add_byte(out, ',');
            put_value(out, member(json_at(list, i), at));
        }
        (void)buf_add_byte(out, '\n');
    }
}

static void take_next(const struct json_value *v, char next[64]) {
    struct span text = {0};
    int64_t n = 0;
    next[0] = 0;
    if (json_string_of(v, &text) == ERR_OK)
        (void)snprintf(next, 64, "%.*s", (int)text.n, (const char *)text.p);
    else if (json_int64_of(v, &n) == ERR_OK)
        (void)snprintf(next, 64, "%lld", (long long)n);
}

enum err sheet_rows(const struct sheet_rows *rows, struct buf *json, char next[64]) {
    struct json_value *root = NULL;
    struct buf out;
    enum err err = json_parse(buf_span(json), NULL, &root, NULL);
    if (err)
        return err;
    buf_init(&out);
    take_next(json_find(root, "next"), next);
    put_rows(rows, root, &out);
    json_close(root);
    if (out.failed) {
        buf_fini(&out);
        return ERR_NOMEM;
    }
    buf_fini(json);
    *json = out;
    return ERR_OK;
}
