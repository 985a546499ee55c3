#include "sources/csv_plan.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

static bool given(const char *text) {
    return text != NULL && text[0] != '\0';
}

static enum err open_zone(struct csv_plan *p) {
    struct buf bytes;

    if (!given(p->conf->zone))
        return ERR_OK;
    buf_init(&bytes);
    enum err e = clock_zone_bytes(p->conf->zone, &bytes);
    if (e == ERR_OK)
        e = zone_open(buf_span(&bytes), &p->zone);
    buf_fini(&bytes);
    return e;
}

static enum err init_column(struct csv_plan *p, size_t i) {
    struct csv_column *k = &p->columns[i];
    struct quantity_conf q = p->conf->columns[i].quantity;
    static char ms[] = "ms", one[] = "1";
    char why[160];

    k->conf = &p->conf->columns[i];
    if (!given(k->conf->column)) { /* length in ms, or one event */
        q.decimals = 0;
        q.unit = q.type == POINT_INTERVAL ? ms : q.unit;
        q.scale = q.type == POINT_INTERVAL ? one : q.scale;
    }
    return quantity_init(&k->quantity, &q, p->conf->decimal == ',', why);
}

enum err csv_plan_init(struct csv_plan *p, const struct csv_conf *c) {
    *p = (struct csv_plan){.conf = c};
    p->separator = (uint8_t)(strcmp(c->separator, "tab") == 0 ? '\t' : c->separator[0]);
    p->columns = calloc(c->column_n + 1, sizeof *p->columns);
    p->filters = calloc(c->filter_n + 1, sizeof *p->filters);
    enum err e = p->columns == NULL || p->filters == NULL ? ERR_NOMEM : open_zone(p);
    if (e == ERR_OK)
        e = stamp_rule_parse(&p->stamp, c->format);
    for (; e == ERR_OK && p->column_n < c->column_n; p->column_n++)
        e = init_column(p, p->column_n);
    if (e != ERR_OK) {
        csv_plan_fini(p);
        return e;
    }
    p->stamp.zone = p->zone;
    p->stamp.offset_min = c->offset_min;
    p->stamp.midnight_ends_day = c->midnight == CSV_MIDNIGHT_END_OF_DAY;
    p->stamp.epoch_ms = c->has_epoch ? c->epoch_ms : 0;
    return ERR_OK;
}

void csv_plan_fini(struct csv_plan *p) {
    for (size_t i = 0; i < p->column_n; i++)
        quantity_fini(&p->columns[i].quantity);
    free(p->columns);
    free(p->filters);
    zone_close(p->zone);
    *p = (struct csv_plan){0};
}

/* --- places -------------------------------------------------------------------------------------
 */

struct header {
    const struct span *fields; /* NULL: columns are numbers */
    size_t n;
    char *why;
};

static enum err find_column(const struct header *h, struct span name, int *place) {
    for (size_t i = 0; h->fields != NULL && i < h->n; i++)
        if (span_equal(h->fields[i], name)) {
            *place = (int)i;
            return ERR_OK;
        }
    int number = 0;
    for (size_t i = 0; h->fields == NULL && i < name.n && i < 5 && isdigit(name.p[i]); i++)
        number = number * 10 + (name.p[i] - '0');
    if (number > 0) {
        *place = number - 1;
        return ERR_OK;
    }
    snprintf(h->why, CSV_WHY, "column \"%.*s\": expected %s", (int)(name.n < 100 ? name.n : 100),
             (const char *)name.p,
             h->fields != NULL ? "a name of the header" : "a number from 1, as there is no header");
    return ERR_CONFIG;
}

static enum err find_optional(const struct header *h, const char *name, int *place) {
    *place = CSV_NO_COLUMN;
    return given(name) ? find_column(h, span_str(name), place) : ERR_OK;
}

static enum err bind_template(const struct header *h, const char *text, struct csv_template *t) {
    t->n = 0;
    while (*text != '\0') {
        if (t->n == CSV_PIECES_MAX) {
            snprintf(h->why, CSV_WHY, "point \"%.100s\": expected at most %d parts", text,
                     CSV_PIECES_MAX);
            return ERR_CONFIG;
        }
        struct csv_piece *piece = &t->pieces[t->n++];
        const char *close = *text == '{' ? strchr(text, '}') : NULL;
        if (close == NULL) {
            const size_t n = 1 + strcspn(text + 1, "{");
            *piece = (struct csv_piece){span_of(text, n), CSV_NO_COLUMN};
            text += n;
            continue;
        }
        const struct span name = span_of(text + 1, (size_t)(close - text) - 1);
        const enum err e = find_column(h, name, &piece->column);
        if (e != ERR_OK)
            return e;
        text = close + 1;
    }
    return ERR_OK;
}

static enum err bind_column(const struct header *h, struct csv_column *k) {
    enum err e = find_optional(h, k->conf->column, &k->index);

    if (e == ERR_OK)
        e = find_optional(h, k->conf->tag, &k->tag);
    if (e == ERR_OK)
        e = bind_template(h, k->conf->point, &k->point);
    if (e == ERR_OK)
        e = bind_template(h, k->conf->hint != NULL ? k->conf->hint : "", &k->hint);
    return e;
}

enum err csv_plan_bind(struct csv_plan *p, const struct span *fields, size_t n, char why[CSV_WHY]) {
    const struct header h = {fields, n, why};
    enum err e = ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < p->conf->time_column_n && i < CSV_TIME_MAX; i++)
        e = find_column(&h, span_str(p->conf->time_columns[i]), &p->time[i]);
    if (e == ERR_OK)
        e = find_optional(&h, p->conf->end_column, &p->end);
    if (e == ERR_OK)
        e = find_optional(&h, p->conf->duration_column, &p->duration);
    for (size_t i = 0; e == ERR_OK && i < p->conf->filter_n; i++)
        e = find_column(&h, span_str(p->conf->filters[i].column), &p->filters[i]);
    for (size_t i = 0; e == ERR_OK && i < p->column_n; i++)
        e = bind_column(&h, &p->columns[i]);
    return e;
}

/* --- rows ---------------------------------------------------------------------------------------
 */

static struct span field_at(const struct span *fields, size_t n, int place) {
    return place >= 0 && (size_t)place < n ? fields[place] : span_of("", 0);
}

/* The content as an id: as the configuration names it, or in lower case with a dash for every run
 * of other characters. Returns its length. */
static size_t put_id(const struct csv_plan *p, struct span content, char *out, size_t room) {
    size_t n = 0;

    for (size_t i = 0; i < p->conf->name_n; i++)
        if (span_equal(span_str(p->conf->names[i].key), content)) {
            const size_t len = strlen(p->conf->names[i].value);
            if (len < room)
                memcpy(out, p->conf->names[i].value, len);
            return len;
        }
    for (size_t i = 0; i < content.n && n < room; i++) {
        const uint8_t c = content.p[i];
        if (c < 0x80 && isalnum(c))
            out[n++] = (char)tolower(c);
        else if (n > 0 && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n > 0 && out[n - 1] == '-')
        n--;
    return n;
}

enum err csv_template_fill(const struct csv_plan *p, const struct csv_template *t,
                           const struct span *fields, size_t n, char *out, size_t room) {
    size_t used = 0;

    for (size_t i = 0; i < t->n; i++) {
        const struct csv_piece *piece = &t->pieces[i];
        size_t more = piece->literal.n;
        if (piece->column != CSV_NO_COLUMN) {
            more = put_id(p, field_at(fields, n, piece->column), out + used, room - used);
            if (more == 0)
                return ERR_RANGE;
        } else if (more < room - used) {
            memcpy(out + used, piece->literal.p, more);
        }
        if (more >= room - used)
            return ERR_RANGE;
        used += more;
    }
    out[used] = '\0';
    return ERR_OK;
}

static bool is_one_of(char *const *words, size_t n, struct span text) {
    for (size_t i = 0; i < n; i++)
        if (span_equal(span_str(words[i]), text))
            return true;
    return false;
}

bool csv_plan_takes(const struct csv_plan *p, const struct span *fields, size_t n) {
    for (size_t i = 0; i < p->conf->filter_n; i++) {
        const struct csv_filter_conf *f = &p->conf->filters[i];
        const struct span text = field_at(fields, n, p->filters[i]);
        if ((f->is_n > 0 && !is_one_of(f->is, f->is_n, text)) || is_one_of(f->not, f->not_n, text))
            return false;
    }
    return true;
}

bool csv_plan_bad_word(const struct csv_plan *p, struct span text) {
    static char nan[] = "NaN", null[] = "null", unavailable[] = "UNAVAILABLE";
    char *const usual[] = {nan, null, unavailable};

    if (p->conf->bad_word_n > 0)
        return is_one_of(p->conf->bad_words, p->conf->bad_word_n, text);
    return is_one_of(usual, 3, text);
}
