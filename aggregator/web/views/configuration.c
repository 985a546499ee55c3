/* What became of the last reload of the files. */
#include "views/field.h"
#include "views/views.h"

/* A line each; what is longer than that is cut by whoever made it. */
static void lines_of(struct json_writer *w, struct span text) {
    field_array(w, "lines");
    while (text.n > 0) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        const size_t n = end ? (size_t)(end - text.p) : text.n;
        json_writer_string(w, span_of(text.p, n));
        text = span_of(text.p + n + (end != NULL), text.n - n - (end != NULL));
    }
    json_writer_end_array(w);
}

void view_configuration(struct json_writer *w, const struct view_configuration *c) {
    json_writer_begin_object(w);
    field_text(w, "result", c->result);
    field_text(w, "by", c->by);
    field_time(w, "at", c->by ? c->at_ms : INT64_MIN);
    field_int(w, "took_ms", c->took_ms);
    field_int(w, "paused_ms", c->paused_ms);
    field_time(w, "since", c->since_ms);
    field_time(w, "differs", c->differs_ms ? c->differs_ms : INT64_MIN);
    field_bool(w, "watched", c->watched);
    field_count(w, "loaded", c->loaded);
    field_count(w, "refused", c->refused);
    field_count(w, "n", c->n);
    lines_of(w, c->text);
    json_writer_end_object(w);
}
