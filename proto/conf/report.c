#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/source.h"

enum { SHOWN_BYTES = 100, SHOWN_BEFORE = 60 };

void conf_report_init(struct conf_report *r) {
    *r = (struct conf_report){0};
}

void conf_report_fini(struct conf_report *r) {
    for (size_t i = 0; i < r->source_n; i++) {
        free(r->sources[i].name);
        free(r->sources[i].bytes);
    }
    free(r->sources);
    free(r->problems);
    free(r->notes);
    *r = (struct conf_report){0};
}

enum err conf_source_add(struct conf_report *r, const char *name, struct span bytes,
                         uint32_t *number) {
    struct conf_source *grown = realloc(r->sources, (r->source_n + 1) * sizeof *grown);

    if (grown == NULL)
        return ERR_NOMEM;
    r->sources = grown;
    struct conf_source s = {.name = strdup(name), .bytes = malloc(bytes.n + 1), .n = bytes.n};
    if (s.name == NULL || s.bytes == NULL) {
        free(s.name);
        free(s.bytes);
        return ERR_NOMEM;
    }
    if (bytes.n > 0)
        memcpy(s.bytes, bytes.p, bytes.n);
    s.bytes[bytes.n] = '\0';
    *number = (uint32_t)r->source_n;
    r->sources[r->source_n++] = s;
    return ERR_OK;
}

static bool is_control(char c) {
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool is_utf8_tail(char c) {
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Control bytes would break the report's lines; a character cut in half would break its reader. */
static void clean(char *text, bool cut) {
    size_t n = strlen(text);

    if (cut) {
        while (n > 0 && is_utf8_tail(text[n - 1]))
            n--;
        if (n > 0 && (unsigned char)text[n - 1] >= 0xc0)
            n--;
        text[n] = '\0';
    }
    for (size_t i = 0; i < n; i++)
        if (is_control(text[i]))
            text[i] = '?';
}

/* False if there is no room. */
static bool add(struct conf_problem **list, size_t *n, struct conf_pos pos, bool hide_line,
                const char *text) {
    if (*list == NULL)
        *list = calloc(CONF_PROBLEMS_MAX, sizeof **list);
    if (*list == NULL || *n == CONF_PROBLEMS_MAX)
        return false;
    struct conf_problem *p = &(*list)[(*n)++];
    p->pos = pos;
    p->hide_line = hide_line;
    const size_t bytes = strlen(text);
    const bool cut = bytes >= sizeof p->text;
    memcpy(p->text, text, cut ? sizeof p->text - 1 : bytes + 1);
    p->text[sizeof p->text - 1] = '\0';
    clean(p->text, cut);
    return true;
}

void conf_problem_add(struct conf_report *r, struct conf_pos pos, bool hide_line,
                      const char *text) {
    if (!add(&r->problems, &r->problem_n, pos, hide_line, text))
        r->dropped++;
}

void conf_note_at(struct conf_report *r, struct conf_pos pos, const char *fmt, ...) {
    char text[CONF_PROBLEM_TEXT + 1];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)add(&r->notes, &r->note_n, pos, false, text);
}

void conf_report_at(struct conf_report *r, struct conf_pos pos, const char *fmt, ...) {
    char text[CONF_PROBLEM_TEXT + 1];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    conf_problem_add(r, pos, false, text);
}

void conf_report_hidden(struct conf_report *r, struct conf_pos pos, const char *fmt, ...) {
    char text[CONF_PROBLEM_TEXT + 1];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    conf_problem_add(r, pos, true, text);
}

size_t conf_report_count(const struct conf_report *r) {
    return r->problem_n + r->dropped;
}

static int compare_u32(uint32_t a, uint32_t b) {
    return (a > b) - (a < b);
}

static int compare_problems(const void *left, const void *right) {
    const struct conf_problem *a = left, *b = right;
    int order = compare_u32(a->pos.source, b->pos.source);

    if (order == 0)
        order = compare_u32(a->pos.line, b->pos.line);
    if (order == 0)
        order = compare_u32(a->pos.column, b->pos.column);
    return order != 0 ? order : strcmp(a->text, b->text);
}

static void sort_problems(struct conf_report *r) {
    if (r->problem_n > 1)
        qsort(r->problems, r->problem_n, sizeof *r->problems, compare_problems);
}

const struct conf_problem *conf_report_find(struct conf_report *r, size_t i) {
    sort_problems(r);
    return i < r->problem_n ? &r->problems[i] : NULL;
}

/* Finds line number `line` (from 1) of a source; YAML ends lines with LF, CR LF or CR. */
static struct span source_line(const struct conf_source *s, uint32_t line) {
    const char *p = s->bytes, *end = s->bytes + s->n;

    for (uint32_t i = 1; i < line && p < end; p++)
        if (*p == '\n' || (*p == '\r' && (p + 1 == end || p[1] != '\n')))
            i++;
    const char *stop = p;
    while (stop < end && *stop != '\n' && *stop != '\r')
        stop++;
    return span_of(p, (size_t)(stop - p));
}

/* Finds the byte of a column; columns count characters from 1. */
static size_t column_byte(struct span line, uint32_t column) {
    size_t at = 0;

    for (uint32_t i = 1; i < column && at < line.n; i++)
        for (at++; at < line.n && is_utf8_tail((char)line.p[at]); at++)
            continue;
    return at;
}

/* Shows the part of the line around the caret, then the caret below it. */
static void format_line(const struct conf_source *s, struct conf_pos pos, struct buf *out) {
    const struct span line = source_line(s, pos.line);
    const size_t caret = column_byte(line, pos.column);
    size_t from = caret > SHOWN_BEFORE ? caret - SHOWN_BEFORE : 0;
    size_t to = from + SHOWN_BYTES;

    if (line.n < SHOWN_BYTES)
        from = 0;
    while (from > 0 && is_utf8_tail((char)line.p[from]))
        from--;
    if (to >= line.n)
        to = line.n;
    while (to < line.n && is_utf8_tail((char)line.p[to]))
        to++;
    (void)buf_add_str(out, "    ");
    for (size_t i = from; i < to; i++)
        (void)buf_add_byte(out, is_control((char)line.p[i]) ? ' ' : line.p[i]);
    (void)buf_add_str(out, "\n    ");
    for (size_t i = from; i < caret; i++)
        if (!is_utf8_tail((char)line.p[i]))
            (void)buf_add_byte(out, ' ');
    (void)buf_add_str(out, "^\n");
}

static void format_problem(const struct conf_report *r, const struct conf_problem *p,
                           struct buf *out) {
    const bool known = p->pos.source < r->source_n;
    const char *name = known ? r->sources[p->pos.source].name : "?";

    if (p->pos.line == 0) {
        (void)buf_addf(out, "%s: %s\n", name, p->text);
        return;
    }
    (void)buf_addf(out, "%s:%u:%u: %s\n", name, p->pos.line, p->pos.column, p->text);
    if (known && !p->hide_line)
        format_line(&r->sources[p->pos.source], p->pos, out);
}

enum err conf_report_format(struct conf_report *r, struct buf *out) {
    sort_problems(r);
    for (size_t i = 0; i < r->problem_n; i++)
        format_problem(r, &r->problems[i], out);
    if (r->dropped > 0)
        (void)buf_addf(out, "... and %zu more\n", r->dropped);
    return out->failed ? ERR_NOMEM : ERR_OK;
}

enum err conf_report_format_notes(struct conf_report *r, struct buf *out) {
    if (r->note_n > 1)
        qsort(r->notes, r->note_n, sizeof *r->notes, compare_problems);
    for (size_t i = 0; i < r->note_n; i++) {
        const struct conf_problem *p = &r->notes[i];
        const bool known = p->pos.source < r->source_n;
        (void)buf_addf(out, "%s:%u:%u: note: %s\n", known ? r->sources[p->pos.source].name : "?",
                       p->pos.line, p->pos.column, p->text);
    }
    return out->failed ? ERR_NOMEM : ERR_OK;
}
