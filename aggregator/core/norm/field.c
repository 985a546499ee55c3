#include "norm/field.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utc.h"

/* --- texts ------------------------------------------------------------------------------------ */

struct norm_text {
    struct norm_text *next;
    char s[];
};

const char *norm_texts_keep(struct norm_texts *t, struct span text) {
    struct norm_text *x = malloc(sizeof *x + text.n + 1);
    if (!x)
        return NULL;
    if (text.n)
        memcpy(x->s, text.p, text.n);
    x->s[text.n] = 0;
    x->next = t->first;
    t->first = x;
    return x->s;
}

void norm_texts_fini(struct norm_texts *t) {
    for (struct norm_text *x = t->first, *next; x; x = next) {
        next = x->next;
        free(x);
    }
    t->first = NULL;
}

/* --- one field -------------------------------------------------------------------------------- */

const struct norm_field *norm_field_find(const struct norm_fields *of, struct span key) {
    for (size_t i = 0; i < of->n; i++)
        if (span_equal(key, span_str(of->at[i].key)))
            return &of->at[i];
    return NULL;
}

static size_t count_of(const struct norm_field *f, const void *base) {
    size_t n = 0;
    memcpy(&n, (const char *)base + f->count_at, sizeof n);
    return n;
}

static void *place(const struct norm_field *f, void *base) {
    return (char *)base + f->at;
}

static const void *place_of(const struct norm_field *f, const void *base) {
    return (const char *)base + f->at;
}

bool norm_field_given(const struct norm_field *f, const void *at) {
    switch ((enum norm_field_type)f->type) {
    case FIELD_TEXT:
        return **(const char *const *)at != 0;
    case FIELD_ID:
        return ((const struct ident *)at)->s[0] != 0;
    case FIELD_REAL:
        return !isnan(*(const double *)at);
    case FIELD_INT:
        return *(const int64_t *)at != -1;
    case FIELD_BOOL:
        return *(const bool *)at;
    case FIELD_TIME:
        return *(const int64_t *)at != NORM_NO_TIME;
    case FIELD_WORD:
        return *(const uint8_t *)at != f->none;
    case FIELD_MAP:
    case FIELD_LIST:
        break;
    }
    return false;
}

/* Digits as few as read back the same; with an exponent only where zeros would be many. */
void norm_real_text(double x, char text[32]) {
    int digits = 1;
    for (; digits <= 17; digits++) {
        (void)snprintf(text, 32, "%.*e", digits - 1, x);
        if (strtod(text, NULL) == x)
            break;
    }
    const int power = atoi(strchr(text, 'e') + 1);
    if (power >= -4 && power < 15)
        (void)snprintf(text, 32, "%.*f", power < digits - 1 ? digits - 1 - power : 0, x);
}

enum err norm_field_text(const struct norm_field *f, const void *at, struct buf *out) {
    char text[UTC_TEXT > 32 ? UTC_TEXT : 32];
    if (!norm_field_given(f, at))
        return ERR_OK;
    switch ((enum norm_field_type)f->type) {
    case FIELD_TEXT:
        return buf_add_str(out, *(const char *const *)at);
    case FIELD_ID:
        return buf_add_str(out, ((const struct ident *)at)->s);
    case FIELD_REAL:
        norm_real_text(*(const double *)at, text);
        return buf_add_str(out, text);
    case FIELD_INT:
        return buf_addf(out, "%" PRId64, *(const int64_t *)at);
    case FIELD_BOOL:
        return buf_add_str(out, "true");
    case FIELD_TIME:
        utc_format(*(const int64_t *)at, text);
        return buf_add_str(out, text);
    case FIELD_WORD:
        return buf_add_str(out, f->word(*(const uint8_t *)at));
    case FIELD_MAP:
    case FIELD_LIST:
        break;
    }
    return ERR_OK;
}

static void empty(const struct norm_field *f, void *at) {
    switch ((enum norm_field_type)f->type) {
    case FIELD_TEXT:
        *(const char **)at = "";
        break;
    case FIELD_ID:
        *(struct ident *)at = (struct ident){""};
        break;
    case FIELD_REAL:
        *(double *)at = NAN;
        break;
    case FIELD_INT:
        *(int64_t *)at = -1;
        break;
    case FIELD_BOOL:
        *(bool *)at = false;
        break;
    case FIELD_TIME:
        *(int64_t *)at = NORM_NO_TIME;
        break;
    case FIELD_WORD:
        *(uint8_t *)at = f->none;
        break;
    case FIELD_MAP:
    case FIELD_LIST:
        break;
    }
}

static void empty_all(const struct norm_fields *of, void *base, unsigned parts) {
    for (size_t i = 0; i < of->n; i++) {
        const struct norm_field *f = &of->at[i];
        const size_t none = 0;
        if (!(f->part & parts))
            continue;
        if (f->type == FIELD_MAP)
            empty_all(f->sub, base, parts);
        else if (f->type == FIELD_LIST)
            memcpy((char *)base + f->count_at, &none, sizeof none);
        else
            empty(f, place(f, base));
    }
}

void norm_clear(struct norm *n, unsigned parts) {
    empty_all(&norm_fields, n, parts);
}

static size_t size_of(const struct norm_field *f) {
    static const size_t size[] = {
        [FIELD_TEXT] = sizeof(const char *), [FIELD_ID] = sizeof(struct ident),
        [FIELD_REAL] = sizeof(double),       [FIELD_INT] = sizeof(int64_t),
        [FIELD_BOOL] = sizeof(bool),         [FIELD_TIME] = sizeof(int64_t),
        [FIELD_WORD] = sizeof(uint8_t)};
    return f->type == FIELD_LIST ? f->step * f->most : size[f->type];
}

static void take_fields(const struct norm_fields *of, void *to, const void *from, unsigned parts) {
    for (size_t i = 0; i < of->n; i++) {
        const struct norm_field *f = &of->at[i];
        if (!(f->part & parts))
            continue;
        if (f->type == FIELD_MAP) {
            take_fields(f->sub, to, from, parts);
            continue;
        }
        memcpy(place(f, to), place_of(f, from), size_of(f));
        if (f->type == FIELD_LIST)
            memcpy((char *)to + f->count_at, (const char *)from + f->count_at, sizeof(size_t));
    }
}

void norm_take(struct norm *to, const struct norm *from, unsigned parts) {
    if (!from->ceiling_reason[0])
        parts &= ~(unsigned)PART_CEILING;
    take_fields(&norm_fields, to, from, parts);
}

static bool given_any(const struct norm_fields *of, const void *base) {
    for (size_t i = 0; i < of->n; i++)
        if (norm_field_given(&of->at[i], place_of(&of->at[i], base)))
            return true;
    return false;
}

static void trim_list(const struct norm_field *f, void *base) {
    const size_t n = count_of(f, base);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        char *item = (char *)place(f, base) + i * f->step;
        if (!given_any(f->sub, item))
            continue;
        if (kept < i)
            memcpy((char *)place(f, base) + kept * f->step, item, f->step);
        kept++;
    }
    memcpy((char *)base + f->count_at, &kept, sizeof kept);
}

static void trim(const struct norm_fields *of, void *base) {
    for (size_t i = 0; i < of->n; i++) {
        if (of->at[i].type == FIELD_MAP)
            trim(of->at[i].sub, base);
        if (of->at[i].type == FIELD_LIST)
            trim_list(&of->at[i], base);
    }
}

void norm_trim(struct norm *n) {
    trim(&norm_fields, n);
}

static bool same_field(const struct norm_field *f, const void *a, const void *b) {
    if (f->type == FIELD_TEXT)
        return strcmp(*(const char *const *)a, *(const char *const *)b) == 0;
    if (f->type == FIELD_ID)
        return ident_equal(a, b);
    if (f->type == FIELD_REAL) {
        const double x = *(const double *)a, y = *(const double *)b;
        return isnan(x) ? isnan(y) : x == y;
    }
    return memcmp(a, b, size_of(f)) == 0;
}

static bool same_fields(const struct norm_fields *of, const void *a, const void *b) {
    bool same = true;
    for (size_t i = 0; i < of->n && same; i++) {
        const struct norm_field *f = &of->at[i];
        const char *x = place_of(f, a), *y = place_of(f, b);
        if (f->type == FIELD_MAP)
            same = same_fields(f->sub, a, b);
        else if (f->type != FIELD_LIST)
            same = same_field(f, x, y);
        else
            same = count_of(f, a) == count_of(f, b);
        for (size_t k = 0; f->type == FIELD_LIST && same && k < count_of(f, a); k++)
            same = same_fields(f->sub, x + k * f->step, y + k * f->step);
    }
    return same;
}

bool norm_equal(const struct norm *a, const struct norm *b) {
    return same_fields(&norm_fields, a, b);
}

void norm_init(struct norm *n) {
    *n = (struct norm){0};
    norm_clear(n, PART_ALL);
    n->to_ms = NORM_FOR_GOOD;
}

/* --- reading text ----------------------------------------------------------------------------- */

static enum err wrong(char why[FIELD_WHY], const char *expected, struct span text) {
    const int n = text.n < 60 ? (int)text.n : 60;
    (void)snprintf(why, FIELD_WHY, "expected %s, found \"%.*s\"", expected, n,
                   (const char *)text.p);
    return ERR_FORMAT;
}

static enum err set_number(const struct norm_field *f, void *at, struct span text,
                           char why[FIELD_WHY]) {
    char s[64], *end = s;
    if (text.n >= sizeof s)
        return wrong(why, "a number", text);
    memcpy(s, text.p, text.n);
    s[text.n] = 0;
    if (f->type == FIELD_REAL) {
        double x = strtod(s, &end);
        if (*end || !isfinite(x) || s[0] == ' ' || strpbrk(s, "xX"))
            return wrong(why, "a number", text);
        *(double *)at = x;
        return ERR_OK;
    }
    const long long n = text.n <= 18 ? strtoll(s, &end, 10) : -1; /* more would not fit */
    if (*end || n < 0 || s[0] == ' ')
        return wrong(why, "a whole number, not below 0", text);
    *(int64_t *)at = n;
    return ERR_OK;
}

static bool date_of(struct span text, struct utc_parts *p) {
    char s[11], tail = 0;
    *p = (struct utc_parts){0};
    if (text.n != 10)
        return false;
    memcpy(s, text.p, 10);
    s[10] = 0;
    if (sscanf(s, "%4d-%2d-%2d%c", &p->year, &p->month, &p->day, &tail) != 3)
        return false;
    struct utc_parts again = utc_to_parts(utc_from_parts(p));
    return s[4] == '-' && s[7] == '-' && again.month == p->month && again.day == p->day;
}

static enum err set_time(void *at, struct span text, const struct zone *zone, char why[FIELD_WHY]) {
    struct utc_parts p;
    int64_t t_ms = 0;
    if (date_of(text, &p))
        t_ms = zone ? zone_instant(zone, &p) : utc_from_parts(&p);
    else if (utc_parse(text, &t_ms))
        return wrong(why, "a date such as 2026-11-23 or a time with its offset", text);
    *(int64_t *)at = t_ms;
    return ERR_OK;
}

static enum err set_word(const struct norm_field *f, void *at, struct span text,
                         char why[FIELD_WHY]) {
    const char *words[96];
    char s[64];
    unsigned n = f->word_n < 96 ? f->word_n : 96;
    for (unsigned v = 0; v < n; v++) {
        words[v] = f->word(v);
        if (span_equal(text, span_str(words[v]))) {
            *(uint8_t *)at = (uint8_t)v;
            return ERR_OK;
        }
    }
    (void)snprintf(s, sizeof s, "%.*s", (int)(text.n < 60 ? text.n : 60), (const char *)text.p);
    const char *near = ident_nearest(s, words, n);
    (void)snprintf(why, FIELD_WHY, "\"%s\" is no %s%s%s%s", s, f->key,
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return ERR_FORMAT;
}

static enum err set_text(void *at, struct span text, struct norm_texts *texts,
                         char why[FIELD_WHY]) {
    if (text.n > NORM_TEXT_MAX || memchr(text.p, 0, text.n)) {
        (void)snprintf(why, FIELD_WHY, "a text may have %d bytes", NORM_TEXT_MAX);
        return ERR_RANGE;
    }
    const char *kept = norm_texts_keep(texts, text);
    if (!kept)
        return ERR_NOMEM;
    *(const char **)at = kept;
    return ERR_OK;
}

enum err norm_field_set(const struct norm_field *f, void *at, struct span text,
                        const struct zone *zone, struct norm_texts *texts, char why[FIELD_WHY]) {
    why[0] = 0;
    if (text.n == 0) {
        empty(f, at);
        return ERR_OK;
    }
    switch ((enum norm_field_type)f->type) {
    case FIELD_TEXT:
        return set_text(at, text, texts, why);
    case FIELD_ID:
        return ident_set(at, text) ? ERR_OK : wrong(why, "an id of a-z, 0-9, - and _", text);
    case FIELD_REAL:
    case FIELD_INT:
        return set_number(f, at, text, why);
    case FIELD_BOOL:
        if (!span_equal(text, span_str("true")) && !span_equal(text, span_str("false")))
            return wrong(why, "true or false", text);
        *(bool *)at = text.n == 4;
        return ERR_OK;
    case FIELD_TIME:
        return set_time(at, text, zone, why);
    case FIELD_WORD:
        return set_word(f, at, text, why);
    case FIELD_MAP:
    case FIELD_LIST:
        break;
    }
    return wrong(why, "a map or a list", text);
}

/* --- paths ------------------------------------------------------------------------------------ */

struct walk {
    enum err (*take)(void *user, const char *path, struct span text);
    void *user;
    struct buf text;
    unsigned parts;
};

static enum err walk_fields(struct walk *w, const struct norm_fields *of, const void *base,
                            const char *prefix);

static enum err walk_one(struct walk *w, const struct norm_field *f, const void *base,
                         const char *path) {
    char item[FIELD_PATH];
    enum err err = ERR_OK;
    if (f->type == FIELD_MAP)
        return walk_fields(w, f->sub, base, path);
    if (f->type == FIELD_LIST) {
        const size_t n = count_of(f, base);
        for (size_t i = 0; i < n && !err; i++) {
            (void)snprintf(item, sizeof item, "%.80s.%u", path, (unsigned)i);
            err = walk_fields(w, f->sub, (const char *)place_of(f, base) + i * f->step, item);
        }
        return err;
    }
    if (!norm_field_given(f, place_of(f, base)))
        return ERR_OK;
    buf_reset(&w->text);
    err = norm_field_text(f, place_of(f, base), &w->text);
    return err ? err : w->take(w->user, path, buf_span(&w->text));
}

static enum err walk_fields(struct walk *w, const struct norm_fields *of, const void *base,
                            const char *prefix) {
    char path[FIELD_PATH];
    enum err err = ERR_OK;
    for (size_t i = 0; i < of->n && !err; i++) {
        if (!(of->at[i].part & w->parts))
            continue;
        (void)snprintf(path, sizeof path, "%.60s%s%.30s", prefix, *prefix ? "." : "",
                       of->at[i].key);
        err = walk_one(w, &of->at[i], base, path);
    }
    return err;
}

enum err norm_each(const struct norm *n, unsigned parts,
                   enum err (*take)(void *user, const char *path, struct span text), void *user) {
    struct walk w = {.take = take, .user = user, .parts = parts};
    buf_init(&w.text);
    enum err err = walk_fields(&w, &norm_fields, n, "");
    buf_fini(&w.text);
    return err;
}

struct spot { /* what a path leads to */
    const struct norm_field *field;
    char *base;
};

/* An item of a list that is one behind its last is made, if `make`. */
static bool item_at(const struct norm_field *f, char **base, struct span digits, bool make) {
    size_t n = count_of(f, *base), i = 0;
    if (digits.n == 0 || digits.n > 2)
        return false;
    for (size_t k = 0; k < digits.n; k++) {
        if (digits.p[k] < '0' || digits.p[k] > '9')
            return false;
        i = i * 10 + digits.p[k] - '0';
    }
    if (i > n || i >= f->most || (i == n && !make))
        return false;
    char *item = *base + f->at + i * f->step;
    if (i == n) {
        memset(item, 0, f->step);
        empty_all(f->sub, item, PART_ALL);
        n++;
        memcpy(*base + f->count_at, &n, sizeof n);
    }
    *base = item;
    return true;
}

static struct span next_word(const char **path) {
    const char *dot = strchr(*path, '.');
    struct span word = dot ? span_of(*path, (size_t)(dot - *path)) : span_str(*path);
    *path += word.n + (dot ? 1 : 0);
    return word;
}

static bool find(struct norm *n, const char *path, bool make, struct spot *out) {
    const struct norm_fields *of = &norm_fields;
    *out = (struct spot){.base = (char *)n};
    while (*path) {
        out->field = norm_field_find(of, next_word(&path));
        if (!out->field)
            return false;
        if (out->field->type == FIELD_LIST &&
            !item_at(out->field, &out->base, next_word(&path), make))
            return false;
        of = out->field->sub;
        if (!of)
            break;
    }
    return out->field && !out->field->sub && *path == 0;
}

enum err norm_set(struct norm *n, const char *path, struct span text, const struct zone *zone,
                  struct norm_texts *texts, char why[FIELD_WHY]) {
    struct spot s;
    why[0] = 0;
    if (!find(n, path, true, &s))
        return ERR_NOT_FOUND;
    return norm_field_set(s.field, place(s.field, s.base), text, zone, texts, why);
}

enum err norm_get(const struct norm *n, const char *path, struct buf *out) {
    struct norm copy = *n; /* nothing is made */
    struct spot s;
    if (!find(&copy, path, false, &s))
        return ERR_NOT_FOUND;
    return norm_field_text(s.field, place_of(s.field, s.base), out);
}
