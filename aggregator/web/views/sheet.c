/* CSV of our own, read field by field and written anew. What a column is follows from its name. */
#include "views/sheet.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "views/csv.h"
#include "window/indicator.h"
#include "window/ingredient.h"

enum column_kind { COLUMN_TEXT, COLUMN_TIME, COLUMN_DECIMAL, COLUMN_REAL, COLUMN_LEFT_OUT };
enum { UNIT_MAX = 40 };

struct column {
    uint8_t kind; /* enum column_kind */
    int places;   /* of a decimal: base units to the one that is shown */
    char unit[UNIT_MAX];
};

struct making {
    const struct sheet *sheet;
    char separator, mark;
    struct column *column;
    size_t column_n;
    struct buf out;
};

enum sheet_locale sheet_locale_find(const char *name) {
    return strcmp(name, "en") == 0   ? SHEET_EN
           : strcmp(name, "vi") == 0 ? SHEET_VI
                                     : SHEET_LOCALE_COUNT;
}

/* --- reading ------------------------------------------------------------------------------------
 */

/* The next field of a CSV line, without its quotes; true: it is the last of its line. text has room
 * for all that is left. */
static bool take_field(struct span *left, uint8_t *text, size_t *n) {
    size_t i = 0;
    bool quoted = left->n > 0 && left->p[0] == '"';
    for (*n = 0, i = quoted; i < left->n; i++) {
        const uint8_t c = left->p[i];
        if (quoted && c == '"') {
            if (i + 1 < left->n && left->p[i + 1] == '"')
                i++; /* one of the text */
            else {
                quoted = false;
                continue;
            }
        } else if (!quoted && (c == ',' || c == '\n')) {
            break;
        }
        text[(*n)++] = c;
    }
    const bool last = i >= left->n || left->p[i] == '\n';
    const size_t used = i < left->n ? i + 1 : i;
    *left = span_of(left->p + used, left->n - used);
    return last;
}

/* --- what a column is ---------------------------------------------------------------------------
 */

static bool among(const char *words, const char *name) {
    const size_t n = strlen(name);
    for (const char *at = words; at && *at;) {
        const size_t len = strcspn(at, " ");
        if (len == n && strncmp(at, name, n) == 0)
            return true;
        at += len + strspn(at + len, " ");
    }
    return false;
}

/* Words that people or files chose: digits in them are no number. */
static const char texts[] =
    "node unit order product team rule cause reason name group kind window life category machine "
    "calendar who address station what detail note text key why evidence field norm action "
    "state_from state_to state id status indicator class scope.node scope.product "
    "scope.operation scope.team origin source document approved_by owner severity condition "
    "recipients roles superseded_by imported_by agent point subject action consequence from to";
static const char times[] =
    "start end at told when since active_since until observed entered first last due";

static void decimal(struct column *c, int places, const char *unit) {
    c->kind = COLUMN_DECIMAL;
    c->places = places;
    (void)snprintf(c->unit, sizeof c->unit, "%s", unit);
}

/* A sum: its base unit, and what is shown in its place. */
static void of_quantity(struct column *c, const struct plant *p, unsigned q) {
    const char *base = ingredient_unit(q);
    const char *own = q == QTY_MATERIAL                         ? ""
                      : q >= QTY_BAND_COST && q < QTY_BAND_CO2  ? p->currency
                      : q >= QTY_CARRIER && q < QTY_CARRIER_DUE ? ""
                                                                : "pieces";
    if (q < QTY_COUNT && !indicator_qty_applies(p, (enum qty)q))
        c->kind = COLUMN_LEFT_OUT;
    else if (strcmp(base, "ms") == 0)
        decimal(c, 3, "s");
    else if (strcmp(base, "uWh") == 0)
        decimal(c, 9, "kWh");
    else if (strcmp(base, "uvarh") == 0)
        decimal(c, 9, "kvarh");
    else if (strcmp(base, "mg") == 0)
        decimal(c, 6, "kg");
    else
        decimal(c, strcmp(base, "1") == 0 ? 0 : 6, strcmp(base, "1") == 0 ? "" : own ? own : "");
}

static bool of_indicator(struct column *c, const struct plant *p, const char *name) {
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        const char *id = indicator_row((enum indicator)i)->id;
        const size_t n = strlen(id);
        if (strncmp(name, id, n) != 0)
            continue;
        const bool value = name[n] == 0;
        if (!value && strcmp(name + n, "_numerator") != 0 && strcmp(name + n, "_denominator") != 0)
            continue;
        const char *unit = indicator_unit(p, (enum indicator)i);
        c->kind = indicator_applies(p, (enum indicator)i) ? COLUMN_REAL : COLUMN_LEFT_OUT;
        (void)snprintf(c->unit, sizeof c->unit, "%s", value && strcmp(unit, "1") != 0 ? unit : "");
        return true;
    }
    return false;
}

static bool of_sum(struct column *c, const struct plant *p, const char *name) {
    for (unsigned q = 0; q < INGREDIENT_COUNT; q++)
        if (strcmp(name, ingredient_name(q)) == 0) {
            of_quantity(c, p, q);
            return true;
        }
    return false;
}

static void of_other(struct column *c, const struct sheet *s, const char *name, bool is_ms) {
    if (is_ms)
        decimal(c, 3, "s");
    else if (among("pieces pieces_unknown", name))
        decimal(c, 6, "pieces");
    else if (s->unit && among("mean least greatest", name))
        (void)snprintf(c->unit, sizeof c->unit, "%s", s->unit);
}

static void name_column(struct making *m, struct column *c, char *name) {
    static const char ms[] = "_ms";
    const struct sheet *s = m->sheet;
    const size_t n = strlen(name);
    const bool is_ms = n > sizeof ms - 1 && strcmp(name + n - (sizeof ms - 1), ms) == 0;
    *c = (struct column){.kind = COLUMN_REAL};
    if (s->rooms ? among("start end", name) : among(times, name) || among(s->times, name))
        c->kind = COLUMN_TIME;
    else if (s->rooms)
        return;
    else if (among(texts, name))
        c->kind = COLUMN_TEXT;
    else if (!of_sum(c, s->plant, name) && !of_indicator(c, s->plant, name))
        of_other(c, s, name, is_ms);
    if (c->kind == COLUMN_DECIMAL && is_ms)
        name[n - (sizeof ms - 1)] = 0; /* it is in seconds now */
}

/* --- writing ------------------------------------------------------------------------------------
 */

static void put_text(struct making *m, const uint8_t *text, size_t n) {
    csv_text_by(&m->out, span_of(text, n), m->separator);
}

/* A spreadsheet works out what begins like a formula, whoever wrote it, in quotes or not. */
static void put_words(struct making *m, uint8_t *text, size_t n) {
    if (n == 0 || !strchr("=+-@\t\r", text[0])) {
        put_text(m, text, n);
        return;
    }
    memmove(text + 1, text, n);
    text[0] = '\'';
    put_text(m, text, n + 1);
}

static bool is_number(const uint8_t *text, size_t n) {
    char word[40], *end = NULL;
    if (n == 0 || n >= sizeof word || strspn((const char *)text, "-0123456789.eE+") < n)
        return false;
    (void)snprintf(word, sizeof word, "%.*s", (int)n, (const char *)text);
    (void)strtod(word, &end);
    return *end == 0 && word[0] != '+';
}

static void put_number(struct making *m, const char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        (void)buf_add_byte(&m->out, (uint8_t)(text[i] == '.' ? m->mark : text[i]));
}

static void put_decimal(struct making *m, const struct column *c, uint8_t *text, size_t n) {
    char word[24], shown[24];
    if (!is_number(text, n) || n >= sizeof word || memchr(text, '.', n)) {
        put_words(m, text, n);
        return;
    }
    (void)snprintf(word, sizeof word, "%.*s", (int)n, (const char *)text);
    decimal_format(strtoll(word, NULL, 10), c->places, shown);
    put_number(m, shown, strlen(shown));
}

/* As the site's clock had it, and in the field behind how far that is from UTC. */
static void put_time(struct making *m, uint8_t *text, size_t n) {
    int64_t t_ms = 0;
    if (utc_parse(span_of(text, n), &t_ms)) {
        put_words(m, text, n);
        (void)buf_add_byte(&m->out, (uint8_t)m->separator);
        return;
    }
    const struct zone *z = m->sheet->plant->zone;
    const int32_t off_s = z ? zone_offset_s(z, t_ms) : 0;
    const struct utc_parts p = utc_to_parts(t_ms + off_s * UTC_SECOND_MS);
    const int32_t off_min = (off_s < 0 ? -off_s : off_s) / 60;
    (void)buf_addf(&m->out, "%04d-%02d-%02d %02d:%02d:%02d", p.year, p.month, p.day, p.hour,
                   p.minute, p.second);
    if (p.ms)
        (void)buf_addf(&m->out, "%c%03d", m->mark, p.ms);
    (void)buf_addf(&m->out, "%cUTC%c%02d:%02d", m->separator, off_s < 0 ? '-' : '+', off_min / 60,
                   off_min % 60);
}

static void put_field(struct making *m, const struct column *c, uint8_t *text, size_t n) {
    if (c->kind == COLUMN_TIME)
        put_time(m, text, n);
    else if (c->kind == COLUMN_DECIMAL)
        put_decimal(m, c, text, n);
    else if (c->kind == COLUMN_REAL && is_number(text, n))
        put_number(m, (const char *)text, n);
    else
        put_words(m, text, n);
}

static void put_head(struct making *m, const struct column *c, const char *name) {
    char told[128];
    (void)snprintf(told, sizeof told, "%s%s%s%s", name, *c->unit ? " [" : "", c->unit,
                   *c->unit ? "]" : "");
    put_text(m, (const uint8_t *)told, strlen(told));
    if (c->kind == COLUMN_TIME)
        (void)buf_addf(&m->out, "%c%s offset", m->separator, name);
}

static enum err read_head(struct making *m, struct span *left, uint8_t *text) {
    bool last = left->n == 0, first = true;
    for (size_t n = 0; !last;) {
        last = take_field(left, text, &n);
        struct column *more = realloc(m->column, (m->column_n + 1) * sizeof *more);
        if (!more)
            return ERR_NOMEM;
        m->column = more;
        text[n] = 0;
        name_column(m, &m->column[m->column_n], (char *)text);
        const struct column *c = &m->column[m->column_n++];
        if (c->kind == COLUMN_LEFT_OUT)
            continue;
        if (!first)
            (void)buf_add_byte(&m->out, (uint8_t)m->separator);
        first = false;
        put_head(m, c, (const char *)text);
    }
    return buf_add_str(&m->out, "\r\n");
}

static void write_lines(struct making *m, struct span *left, uint8_t *text) {
    while (left->n && !m->out.failed) {
        bool last = false, first = true;
        for (size_t i = 0, n = 0; !last; i++) {
            last = take_field(left, text, &n);
            text[n] = 0;
            const struct column *c = i < m->column_n ? &m->column[i] : NULL;
            if (!c || c->kind == COLUMN_LEFT_OUT)
                continue;
            if (!first)
                (void)buf_add_byte(&m->out, (uint8_t)m->separator);
            first = false;
            put_field(m, c, text, n);
        }
        (void)buf_add_str(&m->out, "\r\n");
    }
}

enum err sheet_of(const struct sheet *sheet, struct buf *csv) {
    struct making m = {.sheet = sheet, .separator = ',', .mark = '.'};
    struct span left = buf_span(csv);
    if (sheet->locale == SHEET_NONE)
        return ERR_OK;
    if (sheet->locale == SHEET_VI) {
        m.separator = ';';
        m.mark = ',';
    }
    uint8_t *text = malloc(left.n + 2); /* any field, with a mark before it and its end behind */
    buf_init(&m.out);
    enum err err = text ? buf_add_str(&m.out, "\xef\xbb\xbf") : ERR_NOMEM;
    if (!err)
        err = read_head(&m, &left, text);
    if (!err)
        write_lines(&m, &left, text);
    if (!err && m.out.failed)
        err = ERR_NOMEM;
    free(text);
    free(m.column);
    if (err) {
        buf_fini(&m.out);
        return err;
    }
    buf_fini(csv);
    *csv = m.out;
    return ERR_OK;
}
