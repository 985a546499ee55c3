/* Whatever the bytes, json_parse() answers; what it accepts can be walked, and written again it is
 * accepted again. */
#include <stdlib.h>

#include "json/json.h"
#include "json/json_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_value(struct json_writer *w, const struct json_value *v);

static void write_object(struct json_writer *w, const struct json_value *v) {
    struct json_walk walk = {0};
    json_writer_begin_object(w);
    while (json_next(v, &walk)) {
        json_writer_key(w, (const char *)walk.key.p);
        write_value(w, walk.value);
    }
    json_writer_end_object(w);
}

static void write_array(struct json_writer *w, const struct json_value *v) {
    json_writer_begin_array(w);
    for (size_t i = 0; i < json_count(v); i++) {
        write_value(w, json_at(v, i));
    }
    json_writer_end_array(w);
}

static void write_value(struct json_writer *w, const struct json_value *v) {
    int64_t i = 0;
    double d = 0;
    bool b = false;
    struct span s = {0};
    switch (json_kind(v)) {
    case JSON_KIND_OBJECT:
        write_object(w, v);
        break;
    case JSON_KIND_ARRAY:
        write_array(w, v);
        break;
    case JSON_KIND_STRING:
        (void)json_string_of(v, &s);
        json_writer_string(w, s);
        break;
    case JSON_KIND_INT:
        (void)json_int64_of(v, &i);
        json_writer_int64(w, i);
        break;
    case JSON_KIND_REAL:
        (void)json_decimal_of(v, 6, &i);
        (void)json_double_of(v, &d);
        json_writer_real(w, d);
        break;
    case JSON_KIND_BOOL:
        (void)json_bool_of(v, &b);
        json_writer_bool(w, b);
        break;
    case JSON_KIND_NULL:
        json_writer_null(w);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct json_limits limits = {.bytes_max = 1 << 16, .depth_max = 60};
    struct json_value *root = NULL;
    struct json_value *again = NULL;
    struct json_error error;
    if (json_parse(span_of(data, size), &limits, &root, &error) != ERR_OK) {
        return 0;
    }
    struct buf out;
    struct json_writer w;
    buf_init(&out);
    json_writer_init(&w, &out);
    write_value(&w, root);
    if (json_writer_finish(&w) != ERR_OK ||
        json_parse(buf_span(&out), NULL, &again, &error) != ERR_OK) {
        abort();
    }
    json_close(again);
    json_close(root);
    buf_fini(&out);
    return 0;
}
