/* measurement,tag=value,... field=value,... stamp\n. Escaped by a backslash: blank and comma in a
 * measurement; blank, comma and equals sign in keys and tag values. A backslash at the end of a tag
 * value would escape what follows (InfluxDB 1.6 refuses the line), so it becomes a slash. */
#include "line/line.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void escaped(struct buf *out, struct span s, const char *special) {
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (c < 0x20 || c == 0x7f)
            c = ' ';
        if (c == '\\' && i + 1 == s.n)
            c = '/';
        if (strchr(special, c) && c)
            buf_add_byte(out, '\\');
        buf_add_byte(out, c);
    }
}

void line_begin(struct line *l, struct buf *out, const char *measurement) {
    *l = (struct line){.out = out, .begun = out->n};
    escaped(out, span_str(measurement), ", ");
}

void line_tag(struct line *l, const char *key, struct span value) {
    if (value.n == 0)
        return;
    buf_add_byte(l->out, ',');
    escaped(l->out, span_str(key), ",= ");
    buf_add_byte(l->out, '=');
    escaped(l->out, value, ",= ");
}

static void field(struct line *l, const char *key) {
    buf_add_byte(l->out, l->fields ? ',' : ' ');
    l->fields = true;
    escaped(l->out, span_str(key), ",= ");
    buf_add_byte(l->out, '=');
}

void line_int(struct line *l, const char *key, int64_t v) {
    char text[24];
    int n = snprintf(text, sizeof text, "%lldi", (long long)v);
    field(l, key);
    buf_add(l->out, text, (size_t)n);
}

void line_real(struct line *l, const char *key, double v) {
    char text[40];
    int n = 0;
    if (!isfinite(v))
        return;
    for (int digits = 15; digits <= 17; digits += 2) {
        n = snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    field(l, key);
    buf_add(l->out, text, (size_t)n);
}

enum err line_end(struct line *l, int64_t t_ms) {
    if (!l->fields) {
        l->out->n = l->begun;
        return ERR_OK;
    }
    return buf_addf(l->out, " %lld\n", (long long)t_ms);
}
