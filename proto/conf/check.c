/* The check of a schema itself: mistakes in rows are ours, and tests must find them before users
 * do. */
#include <stdlib.h>

#include "conf/object.h"

enum { SCHEMA_DEPTH_MAX = 16 };

struct check {
    struct buf *wrong;
    size_t found;
    size_t depth;
};

static void note(struct check *c, const char *key, const char *what) {
    (void)buf_addf(c->wrong, "%s: %s\n", key, what);
    c->found++;
}

static bool whole_size(size_t size) {
    return size == 1 || size == 2 || size == 4 || size == 8;
}

static void check_field(struct check *c, const struct conf_schema *s, const struct conf_row *row) {
    const struct conf_kind *kind = conf_kind_get(row->type);
    size_t want = kind->size;

    if (row->type == CONF_MAP)
        want = row->sub != NULL ? row->sub->size : 0;
    else if (row->type > CONF_MAP)
        want = sizeof(void *);
    if (row->field.size == 0 || row->field.offset + row->field.size > s->size)
        note(c, row->key, "field lies outside of the struct");
    if (kind->whole ? !whole_size(row->field.size) : row->field.size != want)
        note(c, row->key, "field has the wrong size for its type");
    if ((row->type == CONF_DATE || row->type == CONF_UTC) && row->field.size != sizeof(int64_t))
        note(c, row->key, "times need an int64_t");
    if (row->given.size != 0 && row->given.size != sizeof(bool))
        note(c, row->key, "given must be a bool");
    if (row->or_bool && (row->type != CONF_MAP || row->given.size == 0))
        note(c, row->key, "or_bool belongs to maps with given");
    if (row->pos.size != 0 && row->pos.size != sizeof(struct conf_pos))
        note(c, row->key, "pos must be a struct conf_pos");
    if ((row->count.size == sizeof(size_t)) != (row->type > CONF_MAP))
        note(c, row->key, "lists, and only they, need a size_t count");
}

static void check_limits(struct check *c, const struct conf_row *row) {
    int64_t low, high;

    if (!conf_kind_get(row->type)->whole || !whole_size(row->field.size))
        return;
    conf_limits_get(row, row->type, row->field.size, &low, &high);
    if (low > high)
        note(c, row->key, "min is above max");
    if (row->field.size == 8)
        return;
    const int64_t half = INT64_C(1) << (row->field.size * 8 - 1);
    const bool fits_signed = low >= -half && high < half;
    const bool fits_unsigned = low >= 0 && high < 2 * half;
    if (!fits_signed && !fits_unsigned)
        note(c, row->key, "its range does not fit into the field");
}

static void check_fallback(struct check *c, const struct conf_row *row) {
    const struct conf_kind *kind = conf_kind_get(row->type);
    struct conf_why why = {""};

    if (row->fallback == NULL)
        return;
    if (row->required)
        note(c, row->key, "is required and has a fallback");
    if (kind->store == NULL) {
        note(c, row->key, "maps and lists have no fallback");
        return;
    }
    void *at = calloc(1, row->field.size > 0 ? row->field.size : 1);
    if (at == NULL ||
        kind->store(row, row->type, span_str(row->fallback), at, row->field.size, &why) != ERR_OK)
        note(c, row->key, why.text[0] != '\0' ? why.text : "fallback cannot be stored");
    else if (kind->owned)
        free(*(char **)at);
    free(at);
}

static void check_words(struct check *c, const struct conf_row *row) {
    const bool wants =
        row->type == CONF_ENUM || (row->type == CONF_SCALARS && row->item == CONF_ENUM);

    if (wants != (row->words != NULL && row->word_n > 0))
        note(c, row->key, "words belong to an enum, and an enum has words");
    if (row->words == NULL)
        return;
    for (size_t i = 0; i < row->word_n; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(row->words[i].word, row->words[j].word) == 0)
                note(c, row->key, "a word stands twice in its table");
}

static void check_schema(struct check *c, const struct conf_schema *s);

static void check_sub(struct check *c, const struct conf_row *row) {
    const bool wants = row->type == CONF_MAP || row->type == CONF_LIST || row->type == CONF_KEYED;

    if (wants != (row->sub != NULL)) {
        note(c, row->key, "sub belongs to maps, lists and maps by id");
        return;
    }
    if (row->type == CONF_SCALARS && conf_kind_get(row->item)->store == NULL)
        note(c, row->key, "a list of values holds scalars");
    if (row->sub == NULL)
        return;
    if (row->type == CONF_KEYED && row->sub->id.size != sizeof(struct ident))
        note(c, row->key, "a map by id needs a struct ident in its schema");
    check_schema(c, row->sub);
}

static void check_row(struct check *c, const struct conf_schema *s, const struct conf_row *row) {
    if (row->key == NULL || !ident_check(span_str(row->key))) {
        note(c, row->key != NULL ? row->key : "(no key)", "key is no id");
        return;
    }
    if (row->type >= CONF_TYPE_COUNT || row->item >= CONF_TYPE_COUNT) {
        note(c, row->key, "has no such type");
        return;
    }
    if (row->help == NULL || row->help[0] == '\0')
        note(c, row->key, "has no help");
    for (const struct conf_row *other = s->rows; other < row; other++)
        if (other->key != NULL && strcmp(other->key, row->key) == 0)
            note(c, row->key, "stands twice in its schema");
    check_field(c, s, row);
    check_limits(c, row);
    check_words(c, row);
    check_fallback(c, row);
    check_sub(c, row);
}

static void check_schema(struct check *c, const struct conf_schema *s) {
    if (c->depth == SCHEMA_DEPTH_MAX) {
        note(c, "(schema)", "holds itself, or is nested too deeply");
        return;
    }
    if (s->row_n > CONF_CHOICES_MAX)
        note(c, "(schema)", "has more than 128 rows");
    if (s->pos.size != 0 && s->pos.size != sizeof(struct conf_pos))
        note(c, "(schema)", "pos must be a struct conf_pos");
    c->depth++;
    for (size_t i = 0; i < s->row_n; i++)
        check_row(c, s, &s->rows[i]);
    c->depth--;
}

bool conf_schema_check(const struct conf_schema *schema, struct buf *wrong) {
    struct check c = {.wrong = wrong};

    check_schema(&c, schema);
    return c.found == 0;
}
