#include "views/field.h"

#include <math.h>
#include <stdio.h>

#include "base/utc.h"

void field_text(struct json_writer *w, const char *key, const char *text) {
    json_writer_key(w, key);
    json_writer_text(w, text);
}

void field_span(struct json_writer *w, const char *key, struct span text) {
    json_writer_key(w, key);
    if (text.n)
        json_writer_string(w, text);
    else
        json_writer_null(w);
}

void field_int(struct json_writer *w, const char *key, int64_t v) {
    json_writer_key(w, key);
    json_writer_int64(w, v);
}

void field_count(struct json_writer *w, const char *key, uint64_t v) {
    field_int(w, key, v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

void field_bool(struct json_writer *w, const char *key, bool v) {
    json_writer_key(w, key);
    json_writer_bool(w, v);
}

void field_real(struct json_writer *w, const char *key, double v, bool defined) {
    json_writer_key(w, key);
    if (defined)
        json_writer_real(w, v);
    else
        json_writer_null(w);
}

void field_measured(struct json_writer *w, const char *key, double v) {
    field_real(w, key, v, isfinite(v));
}

void field_decimal(struct json_writer *w, const char *key, int64_t v, int places) {
    json_writer_key(w, key);
    json_writer_decimal(w, v, places);
}

void field_time(struct json_writer *w, const char *key, int64_t t_ms) {
    char text[UTC_TEXT], key_ms[48];
    bool known = t_ms != INT64_MIN;
    if (known)
        utc_format(t_ms, text);
    field_text(w, key, known ? text : NULL);
    snprintf(key_ms, sizeof key_ms, "%s_ms", key);
    json_writer_key(w, key_ms);
    if (known)
        json_writer_int64(w, t_ms);
    else
        json_writer_null(w);
}

void field_object(struct json_writer *w, const char *key) {
    json_writer_key(w, key);
    json_writer_begin_object(w);
}

void field_array(struct json_writer *w, const char *key) {
    json_writer_key(w, key);
    json_writer_begin_array(w);
}
