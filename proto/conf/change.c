/* What a reload changes and what it may not: two loaded structs are walked row by row, side by
 * side.
 */
#include "conf/object.h"

struct change {
    struct buf *names;
    size_t n;     /* fixed keys */
    size_t all_n; /* all keys */
    bool all;     /* all are written, with what they were and are */
    bool below;   /* a row that is reloadable with all below it */
};

struct place {
    const struct place *up;
    const char *name; /* NULL: the element `index` of a list */
    size_t index;
};

static void put_place(const struct place *p, struct buf *out) {
    if (p == NULL)
        return;
    put_place(p->up, out);
    if (p->name == NULL)
        (void)buf_addf(out, "[%zu]", p->index);
    else
        (void)buf_addf(out, "%s%s", p->up != NULL ? "." : "", p->name);
}

/* What is to be said of a key that differs; without values where old is NULL. */
static void add_change(struct change *c, const struct conf_row *row, const struct place *at,
                       const void *old, const void *now) {
    const bool reloadable = row->reloadable || c->below;
    c->n += !reloadable;
    c->all_n++;
    if (!c->all && reloadable)
        return;
    (void)buf_add_str(c->names, c->all ? "~ " : "");
    put_place(at, c->names);
    if (c->all && (old == NULL || row->secret)) {
        (void)buf_add_str(c->names, " changes");
    } else if (c->all) {
        (void)buf_add_str(c->names, ": ");
        (void)conf_value_format(row, row->type, row->field.size, old, c->names);
        (void)buf_add_str(c->names, " -> ");
        (void)conf_value_format(row, row->type, row->field.size, now, c->names);
    }
    (void)buf_add_str(c->names, c->all && !reloadable ? " (needs a restart)\n" : "\n");
}

static bool text_equal(const void *a, const void *b) {
    const char *left, *right;

    memcpy(&left, a, sizeof left);
    memcpy(&right, b, sizeof right);
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

static bool scalar_equal(enum conf_type type, size_t size, const void *a, const void *b) {
    if (type == CONF_NAME) /* wherever it stands */
        return ident_equal(a, b);
    return conf_kind_get(type)->owned ? text_equal(a, b) : memcmp(a, b, size) == 0;
}

static bool pair_equal(const struct conf_pair *a, const struct conf_pair *b) {
    return text_equal(&a->key, &b->key) && text_equal(&a->value, &b->value);
}

/* Whether the element stands for the same thing: its id for KEYED, its value where it has no rows.
 */
static bool element_same(const struct conf_row *row, const void *a, const void *b) {
    if (row->type == CONF_PAIRS)
        return pair_equal(a, b);
    if (row->type == CONF_SCALARS)
        return scalar_equal(row->item, conf_element_size(row), a, b);
    return row->sub->id.size == 0 ||
           ident_equal(conf_at_const(a, row->sub->id), conf_at_const(b, row->sub->id));
}

static void compare_maps(struct change *c, const struct conf_schema *schema, const void *a,
                         const void *b, const struct place *at);

/* The element of b that answers to element i of a: by id where there are ids, else by position. */
static const uint8_t *partner(const struct conf_row *row, const uint8_t *element,
                              const uint8_t *others, size_t n, size_t i) {
    const size_t size = conf_element_size(row);

    if (row->type != CONF_KEYED)
        return i < n && element_same(row, element, others + i * size) ? others + i * size : NULL;
    for (size_t j = 0; j < n; j++) {
        const uint8_t *other = others + (i + j) % n * size; /* mostly at the same place */
        if (element_same(row, element, other))
            return other;
    }
    return NULL;
}

static void compare_lists(struct change *c, const struct conf_row *row, const void *a,
                          const void *b, const struct place *at) {
    size_t na, nb;
    const uint8_t *old = conf_list_get(row, a, &na), *now = conf_list_get(row, b, &nb);
    bool same = na == nb;

    for (size_t i = 0; i < na; i++) {
        const uint8_t *element = old + i * conf_element_size(row);
        const uint8_t *other = partner(row, element, now, nb, i);
        same = same && other != NULL;
        if (other == NULL || row->sub == NULL)
            continue;
        const struct ident *id =
            row->sub->id.size > 0 ? conf_at_const(element, row->sub->id) : NULL;
        const struct place below = {at, id != NULL && row->type == CONF_KEYED ? id->s : NULL, i};
        compare_maps(c, row->sub, element, other, &below);
    }
    if (!same)
        add_change(c, row, at, NULL, NULL);
}

/* Whether one file has the key and the other one leaves it to its fallback, where that matters. */
static bool given_differs(const struct conf_row *row, const void *a, const void *b) {
    bool old, now;

    if (row->given.size == 0)
        return false;
    memcpy(&old, conf_at_const(a, row->given), sizeof old);
    memcpy(&now, conf_at_const(b, row->given), sizeof now);
    return old != now;
}

static void compare_maps(struct change *c, const struct conf_schema *schema, const void *a,
                         const void *b, const struct place *at) {
    for (size_t i = 0; i < schema->row_n; i++) {
        const struct conf_row *row = &schema->rows[i];
        const struct place here = {at, row->key, 0};
        const void *old = conf_at_const(a, row->field), *now = conf_at_const(b, row->field);
        const bool given = given_differs(row, a, b), was_below = c->below;
        if (given && row->type >= CONF_MAP)
            add_change(c, row, &here, NULL, NULL);
        c->below = was_below || row->reloadable_below;
        if (row->type == CONF_MAP)
            compare_maps(c, row->sub, old, now, &here);
        else if (row->type > CONF_MAP)
            compare_lists(c, row, a, b, &here);
        else if (!scalar_equal(row->type, row->field.size, old, now))
            add_change(c, row, &here, old, now);
        else if (given)
            add_change(c, row, &here, NULL, NULL);
        c->below = was_below;
    }
}

enum err conf_fixed_changes(const struct conf_schema *schema, const void *old, const void *now,
                            struct buf *names, size_t *n) {
    struct change c = {.names = names};

    compare_maps(&c, schema, old, now, NULL);
    if (names->failed)
        return ERR_NOMEM;
    *n = c.n;
    return ERR_OK;
}

enum err conf_changes(const struct conf_schema *schema, const void *old, const void *now,
                      struct buf *out, struct conf_changes *found) {
    struct change c = {.names = out, .all = true};

    compare_maps(&c, schema, old, now, NULL);
    if (out->failed)
        return ERR_NOMEM;
    *found = (struct conf_changes){c.all_n, c.n};
    return ERR_OK;
}
