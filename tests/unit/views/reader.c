#include "reader.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json_writer shown_begin(struct shown *s) {
    struct json_writer w;
    *s = (struct shown){0};
    buf_init(&s->text);
    json_writer_init(&w, &s->text);
    return w;
}

void shown_end(struct shown *s, const struct json_writer *w) {
    struct json_error error = {0};
    cr_assert_eq(json_writer_finish(w), ERR_OK);
    cr_assert_eq(json_parse(buf_span(&s->text), NULL, &s->root, &error), ERR_OK, "%u:%u %s",
                 error.line, error.column, error.text);
}

void shown_fini(struct shown *s) {
    json_close(s->root);
    buf_fini(&s->text);
}

const struct json_value *shown_at(const struct shown *s, const char *path) {
    char text[256], *save = NULL;
    const struct json_value *v = s->root;
    snprintf(text, sizeof text, "%s", path);
    for (char *key = strtok_r(text, ".", &save); key && v; key = strtok_r(NULL, ".", &save))
        v = json_kind(v) == JSON_KIND_ARRAY ? json_at(v, strtoul(key, NULL, 10))
                                            : json_find(v, key);
    return v;
}

double shown_real(const struct shown *s, const char *path) {
    double x = 0;
    cr_assert_eq(json_double_of(shown_at(s, path), &x), ERR_OK, "no number at %s", path);
    return x;
}

int64_t shown_int(const struct shown *s, const char *path) {
    int64_t x = 0;
    cr_assert_eq(json_int64_of(shown_at(s, path), &x), ERR_OK, "no integer at %s", path);
    return x;
}

bool shown_bool(const struct shown *s, const char *path) {
    bool x = false;
    cr_assert_eq(json_bool_of(shown_at(s, path), &x), ERR_OK, "no bool at %s", path);
    return x;
}

const char *shown_text(const struct shown *s, const char *path) {
    const struct json_value *v = shown_at(s, path);
    struct span text;
    cr_assert_not_null(v, "nothing at %s", path);
    if (json_kind(v) == JSON_KIND_NULL)
        return NULL;
    cr_assert_eq(json_string_of(v, &text), ERR_OK, "no text at %s", path);
    return (const char *)text.p;
}
