#include "sources/csv_reader.h"

enum csv_place { PLACE_START, PLACE_PLAIN, PLACE_QUOTED, PLACE_CLOSED };

void csv_reader_init(struct csv_reader *r, uint8_t separator, uint64_t offset, uint64_t line) {
    *r = (struct csv_reader){.separator = separator};
    buf_init(&r->record);
    csv_reader_seek(r, offset, line);
}

void csv_reader_fini(struct csv_reader *r) {
    buf_fini(&r->record);
}

void csv_reader_seek(struct csv_reader *r, uint64_t offset, uint64_t line) {
    buf_reset(&r->record);
    r->offset = r->record_at = offset;
    r->line = r->record_line = line;
    r->place = PLACE_START;
    r->ready = r->skipping = false;
}

/* Quotes open only at a field's start, and a quote inside quotes closes them unless another one
 * follows. */
static enum csv_place next_place(enum csv_place place, uint8_t c, uint8_t separator) {
    if (place == PLACE_QUOTED)
        return c == '"' ? PLACE_CLOSED : PLACE_QUOTED;
    if (c == separator)
        return PLACE_START;
    if (c == '"' && (place == PLACE_START || place == PLACE_CLOSED))
        return PLACE_QUOTED;
    return PLACE_PLAIN;
}

static enum csv_verdict give(struct csv_reader *r) {
    r->ready = true;
    if (r->skipping) {
        r->resume_at = r->offset;
        r->resume_line = r->line;
        return CSV_BROKEN;
    }
    if (r->record.n > 0 && r->record.p[r->record.n - 1] == '\r')
        r->record.n--;
    return CSV_RECORD;
}

/* The record has line ends inside of its quotes; probably a stray quote, so only its first line is
 * lost. */
static enum csv_verdict give_up(struct csv_reader *r, const uint8_t *line_end) {
    r->ready = true;
    r->resume_at = r->record_at + (uint64_t)(line_end - r->record.p) + 1;
    r->resume_line = r->record_line + 1;
    return CSV_BROKEN;
}

static const uint8_t *first_line_end(const struct csv_reader *r) {
    return r->record.n > 0 ? memchr(r->record.p, '\n', r->record.n) : NULL;
}

static enum err take(struct csv_reader *r, uint8_t c, enum csv_verdict *verdict) {
    r->offset++;
    r->line += c == '\n' ? 1 : 0;
    if (c == '\n' && (r->skipping || r->place != PLACE_QUOTED)) {
        *verdict = give(r);
        return ERR_OK;
    }
    if (r->skipping)
        return ERR_OK;
    r->place = (uint8_t)next_place((enum csv_place)r->place, c, r->separator);
    if (r->record.n < CSV_RECORD_MAX)
        return buf_add_byte(&r->record, c);
    const uint8_t *line_end = first_line_end(r);
    if (line_end != NULL)
        *verdict = give_up(r, line_end);
    else
        r->skipping = true;
    return ERR_OK;
}

enum err csv_reader_feed(struct csv_reader *r, struct span *bytes, enum csv_verdict *verdict) {
    *verdict = CSV_MORE;
    if (r->ready)
        csv_reader_seek(r, r->offset, r->line);
    while (bytes->n > 0) {
        const enum err e = take(r, bytes->p[0], verdict);
        *bytes = span_of(bytes->p + 1, bytes->n - 1);
        if (e != ERR_OK || r->ready)
            return e;
    }
    return ERR_OK;
}

enum csv_verdict csv_reader_end(struct csv_reader *r) {
    if (r->ready || r->offset == r->record_at)
        return CSV_MORE;
    const uint8_t *line_end = first_line_end(r);
    if (r->place == PLACE_QUOTED && line_end != NULL)
        return give_up(r, line_end);
    return give(r);
}

static bool is_blank(uint8_t c, uint8_t separator) {
    return (c == ' ' || c == '\t') && c != separator;
}

static struct span trimmed(const uint8_t *from, const uint8_t *to, uint8_t separator) {
    while (from < to && is_blank(*from, separator))
        from++;
    while (to > from && is_blank(to[-1], separator))
        to--;
    return span_of(from, (size_t)(to - from));
}

/* Reads one field from *at and leaves *at on its separator or at the end. */
static bool split_field(uint8_t **at, const uint8_t *end, uint8_t separator, struct span *field) {
    uint8_t *from = *at, *to = from;

    if (from == end || *from != '"') {
        while (*at < end && **at != separator)
            (*at)++;
        *field = trimmed(from, *at, separator);
        return true;
    }
    for ((*at)++; *at < end; (*at)++) {
        if (**at == '"' && (*at + 1 == end || (*at)[1] != '"'))
            break;
        if (**at == '"')
            (*at)++;
        *to++ = **at;
    }
    if (*at == end)
        return false;
    (*at)++;
    *field = span_of(from, (size_t)(to - from));
    while (*at < end && is_blank(**at, separator))
        (*at)++;
    return *at == end || **at == separator;
}

enum err csv_split(struct buf *record, uint8_t separator, struct span *fields, size_t *n,
                   size_t *column) {
    uint8_t *at = record->p;
    size_t count = 0;

    for (;;) {
        if (count == CSV_FIELDS_MAX)
            return ERR_RANGE;
        if (record->n == 0) {
            fields[count++] = span_of("", 0);
            break;
        }
        const uint8_t *end = record->p + record->n;
        if (!split_field(&at, end, separator, &fields[count++])) {
            *column = count;
            return ERR_FORMAT;
        }
        if (at == end)
            break;
        at++;
    }
    *n = count;
    return ERR_OK;
}
