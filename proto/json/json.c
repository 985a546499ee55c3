#include "json/json.h"

#include <jansson.h>
#include <stdio.h>

#include "base/decimal.h"
#include "json/json_real.h"

enum { DEPTH_DEFAULT = 64, DEPTH_MOST = 1000, BYTES_DEFAULT = 16 << 20 };

static const json_t *tree(const struct json_value *v) {
    return (const json_t *)v;
}

static const struct json_value *value(const json_t *t) {
    return (const struct json_value *)t;
}

static void explain(struct json_error *error, unsigned line, unsigned column, const char *text) {
    if (error == NULL) {
        return;
    }
    error->line = line;
    error->column = column;
    snprintf(error->text, sizeof error->text, "%s", text);
}

/* jansson's own depth limit is fixed at 2048 and recursive; ours is checked before it begins. */
static enum err check_depth(struct span text, unsigned most, struct json_error *error) {
    unsigned depth = 0, line = 1;
    size_t line_start = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if (c == '\n') {
            line++;
            line_start = i + 1;
        } else if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > most) {
                explain(error, line, (unsigned)(i - line_start) + 1, "nested too deeply");
                return ERR_RANGE;
            }
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return ERR_OK;
}

static enum err code_of(const json_error_t *e) {
    switch ((int)json_error_code(e)) {
    case json_error_out_of_memory:
        return ERR_NOMEM;
    case json_error_premature_end_of_input:
        return ERR_TRUNCATED;
    case json_error_numeric_overflow:
    case json_error_stack_overflow:
        return ERR_RANGE;
    default:
        return ERR_FORMAT;
    }
}

enum err json_parse(struct span text, const struct json_limits *limits, struct json_value **root,
                    struct json_error *error) {
    size_t bytes_max = limits != NULL ? limits->bytes_max : BYTES_DEFAULT;
    unsigned depth_max = limits != NULL ? limits->depth_max : 0;
    if (depth_max == 0 || depth_max > DEPTH_MOST) {
        depth_max = depth_max == 0 ? DEPTH_DEFAULT : DEPTH_MOST;
    }
    if (bytes_max != 0 && text.n > bytes_max) {
        explain(error, 0, 0, "text is over its size limit");
        return ERR_RANGE;
    }
    enum err e = check_depth(text, depth_max, error);
    if (e != ERR_OK) {
        return e;
    }
    json_error_t why = {0};
    const char *bytes = text.n > 0 ? (const char *)text.p : "";
    json_t *t = json_loadb(bytes, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    if (t == NULL) {
        bool placed = why.line > 0 && why.column >= 0;
        explain(error, placed ? (unsigned)why.line : 0, placed ? (unsigned)why.column : 0,
                why.text[0] != '\0' ? why.text : "out of memory");
        return why.text[0] != '\0' ? code_of(&why) : ERR_NOMEM;
    }
    *root = (struct json_value *)t;
    return ERR_OK;
}

void json_close(struct json_value *root) {
    json_decref((json_t *)root);
}

enum json_kind json_kind(const struct json_value *v) {
    static const enum json_kind kind[] = {
        [JSON_OBJECT] = JSON_KIND_OBJECT, [JSON_ARRAY] = JSON_KIND_ARRAY,
        [JSON_STRING] = JSON_KIND_STRING, [JSON_INTEGER] = JSON_KIND_INT,
        [JSON_REAL] = JSON_KIND_REAL,     [JSON_TRUE] = JSON_KIND_BOOL,
        [JSON_FALSE] = JSON_KIND_BOOL,    [JSON_NULL] = JSON_KIND_NULL,
    };
    return v == NULL ? JSON_KIND_NULL : kind[json_typeof(tree(v))];
}

const struct json_value *json_find(const struct json_value *v, const char *key) {
    return value(json_object_get(tree(v), key)); /* NULL for NULL and other kinds */
}

size_t json_count(const struct json_value *v) {
    return json_is_object(tree(v)) ? json_object_size(tree(v)) : json_array_size(tree(v));
}

const struct json_value *json_at(const struct json_value *v, size_t i) {
    return value(json_array_get(tree(v), i));
}

bool json_next(const struct json_value *object, struct json_walk *walk) {
    json_t *t = (json_t *)(uintptr_t)object; /* jansson's iterators take it without const */
    void *place = walk->begun ? json_object_iter_next(t, walk->place) : json_object_iter(t);
    walk->begun = true;
    walk->place = place;
    if (place == NULL) {
        walk->begun = false;
        return false;
    }
    walk->key = span_of(json_object_iter_key(place), json_object_iter_key_len(place));
    walk->value = value(json_object_iter_value(place));
    return true;
}

static enum err refuse(const struct json_value *v) {
    return v == NULL ? ERR_NOT_FOUND : ERR_FORMAT;
}

enum err json_string_of(const struct json_value *v, struct span *out) {
    if (!json_is_string(tree(v))) {
        return refuse(v);
    }
    *out = span_of(json_string_value(tree(v)), json_string_length(tree(v)));
    return ERR_OK;
}

enum err json_int64_of(const struct json_value *v, int64_t *out) {
    if (json_is_integer(tree(v))) {
        *out = json_integer_value(tree(v));
        return ERR_OK;
    }
    if (!json_is_real(tree(v))) {
        return refuse(v);
    }
    double x = json_real_value(tree(v));
    /* -2^63 is a double, 2^63 - 1 is not: the upper bound is open. */
    if (!(x >= -0x1p63 && x < 0x1p63) || x != (double)(int64_t)x) {
        return ERR_RANGE;
    }
    *out = (int64_t)x;
    return ERR_OK;
}

enum err json_double_of(const struct json_value *v, double *out) {
    if (!json_is_number(tree(v))) {
        return refuse(v);
    }
    *out = json_number_value(tree(v));
    return ERR_OK;
}

enum err json_decimal_of(const struct json_value *v, int places, int64_t *out) {
    char text[JSON_REAL_TEXT];
    if (json_is_integer(tree(v))) {
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(tree(v)));
    } else if (json_is_real(tree(v))) {
        json_real_format(json_real_value(tree(v)), text);
    } else {
        return refuse(v);
    }
    return decimal_parse(span_str(text), places, out);
}

enum err json_bool_of(const struct json_value *v, bool *out) {
    if (!json_is_boolean(tree(v))) {
        return refuse(v);
    }
    *out = json_is_true(tree(v));
    return ERR_OK;
}
