#include "wire/point.h"

#include <stdlib.h>

#include "wire/utf8.h"

static const char *const type_word[POINT_TYPE_COUNT] = {
    [POINT_STATE] = "state",       [POINT_COUNTER] = "counter", [POINT_REGISTER] = "register",
    [POINT_POWER] = "power",       [POINT_GAUGE] = "gauge",     [POINT_EVENT] = "event",
    [POINT_INTERVAL] = "interval",
};

void point_table_init(struct point_table *t) {
    *t = (struct point_table){0};
}

void point_table_fini(struct point_table *t) {
    free(t->at);
    *t = (struct point_table){0};
}

enum err point_table_add(struct point_table *t, const struct point *p) {
    if (!point_check(p)) {
        return ERR_RANGE;
    }
    if (t->n >= POINT_TABLE_MAX) {
        return ERR_FULL;
    }
    if (t->n == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 64;
        struct point *at = realloc(t->at, cap * sizeof *at);
        if (!at) {
            return ERR_NOMEM;
        }
        t->at = at;
        t->cap = cap;
    }
    t->at[t->n] = *p;
    t->at[t->n].id = (uint16_t)t->n;
    t->n++;
    return ERR_OK;
}

/* The text of a fixed field without its NUL; n == size means there is no NUL: not legal. */
static struct span field(const char *s, size_t size) {
    return span_of(s, strnlen(s, size));
}

static bool name_check(struct span name) {
    if (name.n == 0 || name.n > POINT_NAME_MAX) {
        return false;
    }
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = name.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && (c == '\0' || !strchr("_./:-", c))) {
            return false;
        }
    }
    return true;
}

static bool width_check(uint8_t bits, uint8_t digits) {
    bool bits_known = bits == 0 || bits == 16 || bits == 32 || bits == 48 || bits == 64;
    return bits_known && digits <= 18 && (bits == 0 || digits == 0); /* 10^18 < 2^63 */
}

bool point_check(const struct point *p) {
    struct span unit = field(p->unit, sizeof p->unit);
    struct span hint = field(p->hint, sizeof p->hint);
    return name_check(field(p->name, sizeof p->name)) && p->source < POINT_SOURCE_MAX &&
           p->type < POINT_TYPE_COUNT && p->sampling <= POINT_HELD && p->den > 0 && p->num != 0 &&
           width_check(p->width_bits, p->width_digits) && unit.n <= POINT_UNIT_MAX &&
           utf8_check(unit) && hint.n <= IDENT_MAX && (hint.n == 0 || ident_check(hint));
}

bool point_equal(const struct point *a, const struct point *b) {
    return a->source == b->source && a->type == b->type && a->sampling == b->sampling &&
           a->sticky == b->sticky && a->width_bits == b->width_bits &&
           a->width_digits == b->width_digits && a->num == b->num && a->den == b->den &&
           a->poll_ms == b->poll_ms && strcmp(a->name, b->name) == 0 &&
           strcmp(a->unit, b->unit) == 0 && strcmp(a->hint, b->hint) == 0;
}

const char *point_type_name(enum point_type type) {
    return (unsigned)type < POINT_TYPE_COUNT ? type_word[type] : "unknown";
}

enum err point_type_parse(struct span word, enum point_type *out) {
    for (int i = 0; i < POINT_TYPE_COUNT; i++) {
        if (span_equal(word, span_str(type_word[i]))) {
            *out = (enum point_type)i;
            return ERR_OK;
        }
    }
    return ERR_FORMAT;
}
