#include "energy/sheet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utc.h"

bool sheet_complain(struct sheet *t, const char *fmt, ...) {
    char text[ENERGY_WHY];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    (void)snprintf(t->why, ENERGY_WHY, "%.120s:%llu: %.180s", t->file,
                   (unsigned long long)t->reader.record_line, text);
    energy_tame(t->why);
    return false;
}

static enum sheet_taken next_record(struct sheet *t) {
    enum csv_verdict verdict = CSV_MORE;
    size_t column = 0;
    if (csv_reader_feed(&t->reader, &t->left, &verdict)) {
        (void)sheet_complain(t, "out of memory");
        return SHEET_WRONG;
    }
    if (verdict == CSV_MORE)
        verdict = csv_reader_end(&t->reader);
    if (verdict == CSV_MORE)
        return SHEET_END;
    if (verdict == CSV_BROKEN ||
        csv_split(&t->reader.record, ',', t->field, &t->field_n, &column)) {
        (void)sheet_complain(t,
                             column ? "field %zu has a quote in the wrong place"
                                    : "a quote that never closes, or a line without end",
                             column);
        return SHEET_WRONG;
    }
    return SHEET_TAKEN;
}

static bool take_head(struct sheet *t) {
    enum sheet_taken taken = next_record(t);
    if (taken == SHEET_WRONG)
        return false;
    if (taken == SHEET_END)
        return sheet_complain(t, "no header");
    for (size_t i = 0; i < t->field_n; i++) {
        struct span name = t->field[i];
        if (i == 0 && name.n >= 3 && memcmp(name.p, "\xef\xbb\xbf", 3) == 0)
            name = span_of(name.p + 3, name.n - 3); /* a byte order mark */
        if (memchr(name.p ? name.p : (const uint8_t *)"", 0, name.n))
            return sheet_complain(t, "a name with a NUL");
        (void)buf_add(&t->head, name.p, name.n);
        (void)buf_add_byte(&t->head, 0);
    }
    t->column_n = t->field_n;
    return !t->head.failed || sheet_complain(t, "out of memory");
}

bool sheet_open(struct sheet *t, const char *file, struct span text, char why[ENERGY_WHY]) {
    *t = (struct sheet){.file = file, .left = text, .why = why};
    csv_reader_init(&t->reader, ',', 0, 1);
    buf_init(&t->head);
    t->field = calloc(CSV_FIELDS_MAX, sizeof *t->field);
    if (!t->field)
        return sheet_complain(t, "out of memory");
    return take_head(t);
}

void sheet_close(struct sheet *t) {
    csv_reader_fini(&t->reader);
    buf_fini(&t->head);
    free(t->field);
    t->field = NULL;
}

enum sheet_taken sheet_take(struct sheet *t) {
    enum sheet_taken taken;
    do
        taken = next_record(t);
    while (taken == SHEET_TAKEN && t->field_n == 1 && t->field[0].n == 0 && t->column_n != 1);
    if (taken != SHEET_TAKEN || t->field_n == t->column_n)
        return taken;
    (void)sheet_complain(t, "%zu fields where the header has %zu", t->field_n, t->column_n);
    return SHEET_WRONG;
}

const char *sheet_name(const struct sheet *t, size_t column) {
    const char *name = (const char *)t->head.p;
    while (column-- > 0)
        name += strlen(name) + 1;
    return name;
}

size_t sheet_find(const struct sheet *t, const char *name) {
    const char *at = (const char *)t->head.p;
    for (size_t i = 0; i < t->column_n; i++, at += strlen(at) + 1)
        if (strcmp(at, name) == 0)
            return i;
    return t->column_n;
}

struct span sheet_field(const struct sheet *t, size_t column) {
    return column < t->field_n ? t->field[column] : (struct span){0};
}

bool sheet_real(struct sheet *t, size_t column, double *out) {
    struct span s = sheet_field(t, column);
    char text[64] = "", *end = text;
    if (s.n > 0 && s.n < sizeof text) {
        memcpy(text, s.p, s.n);
        text[s.n] = 0;
        *out = strtod(text, &end);
    }
    if (end != text && !*end && isfinite(*out))
        return true;
    return sheet_complain(t, "column %s: %.*s is no number", sheet_name(t, column),
                          (int)(s.n < 40 ? s.n : 40), (const char *)s.p);
}

bool sheet_time(struct sheet *t, size_t column, int64_t *out_ms) {
    struct span s = sheet_field(t, column);
    return utc_parse(s, out_ms) == ERR_OK ||
           sheet_complain(t,
                          "column %s: %.*s is no time with an offset, such as "
                          "2026-11-23T06:00:00+01:00",
                          sheet_name(t, column), (int)(s.n < 40 ? s.n : 40), (const char *)s.p);
}
