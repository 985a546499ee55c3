#include "support/line_read.h"

#include <stdlib.h>

static bool put(struct line_read *l, uint8_t c) {
    if (l->text_n == LINE_READ_BYTES)
        return false;
    l->text[l->text_n++] = (char)c;
    return true;
}

/* One of two; of one, if the second is NUL, which always stops. */
static bool is_of(const char two[2], uint8_t c) {
    return c == (uint8_t)two[0] || c == (uint8_t)two[1] || c == 0;
}

/* Not 0 if one of eight bytes is c. */
static inline uint64_t has(uint64_t eight, char c) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t v = eight ^ ones * (uint8_t)c;
    return (v - ones) & ~v & ones << 7;
}

static inline bool all_plain(const uint8_t *p, const char two[2]) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return !(has(v, two[0]) | has(v, two[1]) | has(v, 0) | has(v, '\\') | has(v, '\n'));
}

/* Takes over what is neither a stop nor escaped: mostly all of a word. */
static size_t plain_part(const uint8_t *p, const uint8_t *end, const char *stop,
                         struct line_read *l) {
    size_t n = 0, max = (size_t)(end - p);
    max = max < LINE_READ_TEXT - 1 ? max : LINE_READ_TEXT - 1;
    max = max < LINE_READ_BYTES - l->text_n ? max : LINE_READ_BYTES - l->text_n;
    char *to = l->text + l->text_n;
    for (; max - n >= 8 && all_plain(p + n, stop); n += 8)
        memcpy(to + n, p + n, 8);
    for (; n < max && !is_of(stop, p[n]) && p[n] != '\\' && p[n] != '\n'; n++)
        to[n] = (char)p[n];
    l->text_n += n;
    return n;
}

/* Up to an unescaped byte of `stop`; a backslash before one of `escapable` is dropped. */
static enum err word(struct span *s, const char *stop, const char *escapable, struct line_read *l,
                     const char **out) {
    const uint8_t *p = s->p, *end = s->p + s->n;
    size_t begin = l->text_n;
    p += plain_part(p, end, stop, l);
    while (p < end && !is_of(stop, *p)) {
        if (*p == '\n' || l->text_n - begin + 1 == LINE_READ_TEXT)
            return ERR_FORMAT;
        p += *p == '\\' && end - p > 1 && strchr(escapable, p[1]);
        if (!put(l, *p++))
            return ERR_FORMAT;
    }
    *s = span_of(p, (size_t)(end - p));
    *out = l->text + begin;
    bool some = l->text_n > begin;
    return put(l, 0) && s->n > 0 && some ? ERR_OK : ERR_FORMAT;
}

static uint8_t take(struct span *s) {
    uint8_t c = s->p[0];
    s->p++;
    s->n--;
    return c;
}

static enum err text(struct span *s, struct line_read *l, const char **out) {
    size_t begin = l->text_n;
    bool fits = put(l, take(s));
    while (s->n > 1 && s->p[0] != '"') {
        if (s->p[0] == '\\')
            take(s);
        if (l->text_n - begin + 2 >= LINE_READ_TEXT)
            return ERR_FORMAT;
        fits = put(l, take(s)) && fits;
    }
    fits = put(l, '"') && put(l, 0) && fits;
    *out = l->text + begin;
    return fits && s->n > 1 && take(s) == '"' ? ERR_OK : ERR_FORMAT;
}

static enum err tags(struct span *s, struct line_read *out) {
    enum err err = word(s, ", ", ", ", out, &out->measurement);
    while (!err && take(s) == ',') {
        if (out->tag_n == sizeof out->tag / sizeof *out->tag)
            return ERR_FORMAT;
        struct line_pair *p = &out->tag[out->tag_n++];
        err = word(s, "=", ",= ", out, &p->key);
        if (err)
            return err;
        take(s);
        err = word(s, ", ", ",= ", out, &p->value);
    }
    return err;
}

static enum err fields(struct span *s, struct line_read *out) {
    enum err err = ERR_OK;
    do {
        if (out->field_n == LINE_READ_MAX)
            return ERR_FORMAT;
        struct line_pair *p = &out->field[out->field_n++];
        err = word(s, "=", ",= ", out, &p->key);
        if (err)
            return err;
        take(s);
        if (s->n > 0 && s->p[0] == '"')
            err = text(s, out, &p->value);
        else
            err = word(s, ", ", "", out, &p->value);
        if (err || s->n == 0)
            return ERR_FORMAT;
    } while (take(s) == ',');
    return ERR_OK;
}

static enum err stamp(struct span *s, struct line_read *out) {
    char text[LINE_READ_TEXT];
    const uint8_t *end = memchr(s->p, '\n', s->n);
    size_t n = end ? (size_t)(end - s->p) : 0;
    if (n == 0 || n >= sizeof text)
        return ERR_FORMAT;
    memcpy(text, s->p, n);
    text[n] = '\0';
    char *rest = NULL;
    out->t = strtoll(text, &rest, 10);
    *s = span_of(s->p + n + 1, s->n - n - 1);
    return *rest ? ERR_FORMAT : ERR_OK;
}

enum err line_read(struct span *s, struct line_read *out) {
    if (s->n == 0)
        return ERR_TRUNCATED;
    out->tag_n = out->field_n = out->text_n = 0;
    enum err err = tags(s, out);
    if (!err)
        err = fields(s, out);
    return err ? err : stamp(s, out);
}

/* A line holds no line feed but the one at its end, and no blank behind the stamp's. */
enum err line_read_point(struct span *s, struct line_read *out) {
    if (s->n == 0)
        return ERR_TRUNCATED;
    out->tag_n = out->field_n = out->text_n = 0;
    enum err err = tags(s, out);
    const uint8_t *end = err ? NULL : memchr(s->p, '\n', s->n);
    if (!end)
        return ERR_FORMAT;
    const uint8_t *at = end;
    while (at > s->p && at[-1] != ' ')
        at--;
    *s = span_of(at, s->n - (size_t)(at - s->p));
    return stamp(s, out);
}

static const char *moved(const struct line_read *l, const char *at, struct line_read *out) {
    return out->text + (at - l->text);
}

void line_read_copy(const struct line_read *l, struct line_read *out) {
    memcpy(out->text, l->text, l->text_n);
    out->text_n = l->text_n;
    out->measurement = moved(l, l->measurement, out);
    out->tag_n = l->tag_n;
    for (size_t i = 0; i < l->tag_n; i++)
        out->tag[i] =
            (struct line_pair){moved(l, l->tag[i].key, out), moved(l, l->tag[i].value, out)};
    out->field_n = l->field_n;
    for (size_t i = 0; i < l->field_n; i++)
        out->field[i] =
            (struct line_pair){moved(l, l->field[i].key, out), moved(l, l->field[i].value, out)};
    out->t = l->t;
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

const char *line_read_field_near(const struct line_read *l, const char *key, size_t i) {
    bool there = i < l->field_n && strcmp(l->field[i].key, key) == 0;
    return there ? l->field[i].value : line_read_field(l, key);
}

static bool same_keys(const struct line_read *a, const struct line_read *b) {
    bool same = a->field_n == b->field_n;
    for (size_t i = 0; i < a->field_n && same; i++)
        same = strcmp(a->field[i].key, b->field[i].key) == 0;
    return same;
}

static bool keep(struct line_read *l, const char *s, const char **out) {
    size_t n = strlen(s) + 1;
    if (LINE_READ_BYTES - l->text_n < n)
        return false;
    memcpy(l->text + l->text_n, s, n);
    *out = l->text + l->text_n;
    l->text_n += n;
    return true;
}

static bool add_field(struct line_read *l, const char *key, const char *value) {
    struct line_pair p;
    if (l->field_n == LINE_READ_MAX || !keep(l, key, &p.key) || !keep(l, value, &p.value))
        return false;
    l->field[l->field_n++] = p;
    return true;
}

static bool add_merged(struct line_read *l, const struct line_read *old,
                       const struct line_read *from) {
    bool fits = keep(l, old->measurement, &l->measurement);
    for (size_t i = 0; i < old->tag_n && fits; i++) {
        struct line_pair *p = &l->tag[l->tag_n++];
        fits = keep(l, old->tag[i].key, &p->key) && keep(l, old->tag[i].value, &p->value);
    }
    for (size_t i = 0; i < old->field_n && fits; i++) {
        const char *fresh = line_read_field_near(from, old->field[i].key, i);
        fits = add_field(l, old->field[i].key, fresh ? fresh : old->field[i].value);
    }
    for (size_t i = 0; i < from->field_n && fits; i++)
        if (!line_read_field_near(old, from->field[i].key, i))
            fits = add_field(l, from->field[i].key, from->field[i].value);
    return fits;
}

enum err line_read_merge(struct line_read *l, const struct line_read *from) {
    if (same_keys(l, from)) {
        line_read_copy(from, l);
        return ERR_OK;
    }
    struct line_read *merged = malloc(sizeof *merged);
    if (!merged)
        return ERR_NOMEM;
    merged->tag_n = merged->field_n = merged->text_n = 0;
    merged->t = l->t;
    bool fits = add_merged(merged, l, from);
    if (fits)
        line_read_copy(merged, l);
    free(merged);
    return fits ? ERR_OK : ERR_RANGE;
}

bool line_read_same_point(const struct line_read *a, const struct line_read *b) {
    if (a->t != b->t || a->tag_n != b->tag_n || strcmp(a->measurement, b->measurement) != 0)
        return false;
    for (size_t i = 0; i < a->tag_n; i++)
        if (strcmp(a->tag[i].key, b->tag[i].key) != 0 ||
            strcmp(a->tag[i].value, b->tag[i].value) != 0)
            return false;
    return true;
}
