#include "sources/conditions.h"

#include <stdlib.h>
#include <strings.h>

static const char *const names[CONDITION_LEVEL_COUNT] = {"NORMAL", "WARNING", "FAULT",
                                                         "UNAVAILABLE"};

void conditions_init(struct conditions *c) {
    *c = (struct conditions){0};
}

void conditions_fini(struct conditions *c) {
    free(c->rows);
    *c = (struct conditions){0};
}

enum err condition_parse(struct span word, enum condition_level *out) {
    for (size_t i = 0; i < CONDITION_LEVEL_COUNT; i++)
        if (word.n == strlen(names[i]) &&
            strncasecmp((const char *)word.p, names[i], word.n) == 0) {
            *out = (enum condition_level)i;
            return ERR_OK;
        }
    return ERR_FORMAT;
}

const char *condition_name(enum condition_level level) {
    return names[level];
}

void conditions_clear(struct conditions *c, uint32_t item) {
    size_t kept = 0;

    for (size_t i = 0; i < c->n; i++)
        if (c->rows[i].item != item)
            c->rows[kept++] = c->rows[i];
    c->n = kept;
}

static struct span code_of(struct span code) {
    return span_of(code.p, code.n < CONDITION_CODE_MAX ? code.n : CONDITION_CODE_MAX);
}

static struct condition_row *find(struct conditions *c, uint32_t item, struct span code) {
    for (size_t i = 0; i < c->n; i++)
        if (c->rows[i].item == item &&
            span_equal(span_of(c->rows[i].code, c->rows[i].n), code_of(code)))
            return &c->rows[i];
    return NULL;
}

static enum err add(struct conditions *c, uint32_t item, struct span code, uint8_t level) {
    if (c->n == CONDITIONS_MAX)
        return ERR_FULL;
    if (c->n == c->cap) {
        const size_t cap = c->cap > 0 ? c->cap * 2 : 16;
        struct condition_row *rows = realloc(c->rows, cap * sizeof *rows);
        if (rows == NULL)
            return ERR_NOMEM;
        c->rows = rows;
        c->cap = cap;
    }
    struct condition_row *row = &c->rows[c->n++];
    code = code_of(code);
    *row = (struct condition_row){.item = item, .level = level, .n = (uint8_t)code.n};
    if (code.n > 0)
        memcpy(row->code, code.p, code.n);
    return ERR_OK;
}

static enum condition_level worst(const struct conditions *c, uint32_t item) {
    enum condition_level level = CONDITION_NORMAL;

    for (size_t i = 0; i < c->n; i++)
        if (c->rows[i].item == item && c->rows[i].level > level)
            level = (enum condition_level)c->rows[i].level;
    return level;
}

enum err conditions_take(struct conditions *c, uint32_t item, enum condition_level level,
                         struct span code, enum condition_level *shown) {
    if (level == CONDITION_UNAVAILABLE || (level == CONDITION_NORMAL && code.n == 0)) {
        conditions_clear(c, item);
        *shown = level;
        return ERR_OK;
    }
    struct condition_row *row = find(c, item, code);
    enum err e = ERR_OK;
    if (level == CONDITION_NORMAL) {
        if (row != NULL)
            *row = c->rows[--c->n];
    } else if (row != NULL) {
        row->level = (uint8_t)level;
    } else {
        e = add(c, item, code, (uint8_t)level);
    }
    const enum condition_level now = worst(c, item);
    *shown = e != ERR_OK && level > now ? level : now;
    return e;
}
