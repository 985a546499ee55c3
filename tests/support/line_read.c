#include "support/line_read.h"

#include <stdlib.h>

/* Up to an unescaped byte of `stop`; a backslash before one of `escapable` is dropped. */
static enum err word(struct span *s, const char *stop, const char *escapable, char *out) {
    size_t n = 0;
    while (s->n > 0 && !strchr(stop, s->p[0])) {
        if (s->p[0] == '\n' || n + 1 == LINE_READ_TEXT)
            return ERR_FORMAT;
        if (s->p[0] == '\\' && s->n > 1 && strchr(escapable, s->p[1])) {
            s->p++;
            s->n--;
        }
        out[n++] = (char)s->p[0];
        s->p++;
        s->n--;
    }
    out[n] = '\0';
    return s->n > 0 && n > 0 ? ERR_OK : ERR_FORMAT;
}

static uint8_t take(struct span *s) {
    uint8_t c = s->p[0];
    s->p++;
    s->n--;
    return c;
}

static enum err text(struct span *s, char *out) {
    size_t n = 0;
    out[n++] = (char)take(s);
    while (s->n > 1 && s->p[0] != '"') {
        if (s->p[0] == '\\')
            take(s);
        if (n + 2 >= LINE_READ_TEXT)
            return ERR_FORMAT;
        out[n++] = (char)take(s);
    }
    out[n++] = '"';
    out[n] = '\0';
    return s->n > 1 && take(s) == '"' ? ERR_OK : ERR_FORMAT;
}

static enum err tags(struct span *s, struct line_read *out) {
    enum err err = word(s, ", ", ", ", out->measurement);
    while (!err && take(s) == ',') {
        if (out->tag_n == sizeof out->tag / sizeof *out->tag)
            return ERR_FORMAT;
        struct line_pair *p = &out->tag[out->tag_n++];
        err = word(s, "=", ",= ", p->key);
        if (err)
            return err;
        take(s);
        err = word(s, ", ", ",= ", p->value);
    }
    return err;
}

static enum err fields(struct span *s, struct line_read *out) {
    enum err err = ERR_OK;
    do {
        if (out->field_n == LINE_READ_MAX)
            return ERR_FORMAT;
        struct line_pair *p = &out->field[out->field_n++];
        err = word(s, "=", ",= ", p->key);
        if (err)
            return err;
        take(s);
        if (s->n > 0 && s->p[0] == '"')
            err = text(s, p->value);
        else
            err = word(s, ", ", "", p->value);
        if (err || s->n == 0)
            return ERR_FORMAT;
    } while (take(s) == ',');
    return ERR_OK;
}

enum err line_read(struct span *s, struct line_read *out) {
    char stamp[LINE_READ_TEXT];
    if (s->n == 0)
        return ERR_TRUNCATED;
    *out = (struct line_read){0};
    enum err err = tags(s, out);
    if (!err)
        err = fields(s, out);
    if (err)
        return err;
    const uint8_t *end = memchr(s->p, '\n', s->n);
    size_t n = end ? (size_t)(end - s->p) : 0;
    if (n == 0 || n >= sizeof stamp)
        return ERR_FORMAT;
    memcpy(stamp, s->p, n);
    stamp[n] = '\0';
    char *rest = NULL;
    out->t = strtoll(stamp, &rest, 10);
    s->p += n + 1;
    s->n -= n + 1;
    return *rest ? ERR_FORMAT : ERR_OK;
}

static const char *find(const struct line_pair *p, size_t n, const char *key) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(p[i].key, key) == 0)
            return p[i].value;
    return NULL;
}

const char *line_read_tag(const struct line_read *l, const char *key) {
    return find(l->tag, l->tag_n, key);
}

const char *line_read_field(const struct line_read *l, const char *key) {
    return find(l->field, l->field_n, key);
}
