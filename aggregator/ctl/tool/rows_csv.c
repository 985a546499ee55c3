#include "ctl/rows_csv.h"

#include <string.h>

#include "views/csv.h"
#include "json/json_writer.h"

enum { NAME_MAX_BYTES = 96 };

struct walking {
    struct buf *out;
    bool head, first;
};

static bool ends_with_ms(struct span key) {
    return key.n > 3 && memcmp(key.p + key.n - 3, "_ms", 3) == 0;
}

/* "from_ms" beside "from". */
static bool is_double(const struct json_value *object, struct span key) {
    char name[NAME_MAX_BYTES];
    if (!ends_with_ms(key) || key.n - 3 >= sizeof name)
        return false;
    memcpy(name, key.p, key.n - 3);
    name[key.n - 3] = 0;
    const struct json_value *other = json_find(object, name);
    return other != NULL;
}

static void put_number(struct buf *out, const struct json_value *v) {
    struct json_writer w;
    int64_t whole = 0;
    double real = 0;
    json_writer_init(&w, out);
    if (json_int64_of(v, &whole) == ERR_OK)
        json_writer_int64(&w, whole);
    else if (json_double_of(v, &real) == ERR_OK)
        json_writer_real(&w, real);
}

static void put_value(struct buf *out, const struct json_value *v) {
    struct span text = {0};
    bool yes = false;
    if (json_string_of(v, &text) == ERR_OK)
        csv_text(out, text);
    else if (json_bool_of(v, &yes) == ERR_OK)
        (void)buf_add_str(out, yes ? "true" : "false");
    else
        put_number(out, v);
}

static void separate(struct walking *w) {
    if (!w->first)
        (void)buf_add_byte(w->out, ',');
    w->first = false;
}

/* One line of what `shape` has, with the values of `row`. */
static void put_line(struct walking *w, const struct json_value *shape,
                     const struct json_value *row, const char *above) {
    struct json_walk at = {0};
    while (json_next(shape, &at)) {
        const char *key = (const char *)at.key.p;
        const struct json_value *value = json_find(row, key);
        if (json_kind(at.value) == JSON_KIND_ARRAY || is_double(shape, at.key))
            continue;
        if (json_kind(at.value) == JSON_KIND_OBJECT) {
            put_line(w, at.value, value, key);
            continue;
        }
        separate(w);
        if (!w->head)
            put_value(w->out, value);
        else
            (void)buf_addf(w->out, "%s%s%s", above ? above : "", above ? "_" : "", key);
    }
}

enum err rows_csv(const struct json_value *rows, struct buf *out) {
    const struct json_value *shape = json_at(rows, 0);
    if (!shape)
        return ERR_OK;
    struct walking w = {.out = out, .head = true, .first = true};
    put_line(&w, shape, shape, NULL);
    (void)buf_add_byte(out, '\n');
    for (size_t i = 0; i < json_count(rows); i++) {
        w = (struct walking){.out = out, .first = true};
        put_line(&w, shape, json_at(rows, i), NULL);
        (void)buf_add_byte(out, '\n');
    }
    return out->failed ? ERR_NOMEM : ERR_OK;
}
