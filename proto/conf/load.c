#include <stdio.h>
#include <stdlib.h>

#include "conf/object.h"
#include "conf/screen.h"
#include "conf/source.h"
#include "conf/trail.h"
#include "conf/tree.h"

enum { WORD_BYTES = 64 };

struct load {
    struct conf_report *report;
    uint32_t source;
    bool out_of_memory;
};

/* A map to fill: its node (NULL if the file does not have it) and where it stands. */
struct target {
    const struct conf_schema *schema;
    const struct conf_node *node;
    void *object;
    struct conf_pos pos;
    const struct conf_trail *path;
    bool demand; /* whether a missing required key is a problem */
};

static void fill_map(struct load *l, const struct target *t);

static const char *shape_name(const struct conf_node *node) {
    if (node->kind == CONF_NODE_MAP)
        return "a map";
    return node->kind == CONF_NODE_LIST ? "a list" : "a single value";
}

static bool is_null(const struct conf_node *node) {
    return node->kind == CONF_NODE_SCALAR && node->plain &&
           (node->text_n == 0 || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

static void wrong_shape(struct load *l, const struct conf_node *node, const struct conf_trail *path,
                        const char *expect) {
    if (node->broken)
        return;
    if (is_null(node))
        conf_trail_report(l->report, node->pos, path, false, "has no value; expected %s", expect);
    else
        conf_trail_report(l->report, node->pos, path, false, "expected %s, found %s", expect,
                          shape_name(node));
}

static bool store(struct load *l, const struct conf_row *row, enum conf_type type,
                  const struct conf_node *node, const struct conf_trail *path, void *at,
                  size_t size) {
    struct conf_why why = {""};
    const struct conf_kind *kind = conf_kind_get(type);

    if (node->broken)
        return false;
    if (node->kind != CONF_NODE_SCALAR || is_null(node)) {
        wrong_shape(l, node, path, kind->expect);
        return false;
    }
    const enum err e = kind->store(row, type, span_of(node->text, node->text_n), at, size, &why);
    if (e == ERR_NOMEM)
        l->out_of_memory = true;
    else if (e != ERR_OK)
        conf_trail_report(l->report, node->pos, path, row->secret, "%s", why.text);
    if (e == ERR_OK && type == CONF_NAME)
        ((struct conf_name *)at)->pos = node->pos;
    return e == ERR_OK;
}

/* Values of absent keys. A fallback that does not parse is a mistake in the rows, which
 * conf_schema_check() finds; the field then stays 0. */
static void absent_scalar(struct load *l, const struct conf_row *row, void *object) {
    const struct conf_kind *kind = conf_kind_get(row->type);
    struct conf_why why = {""};
    const char *text = row->fallback != NULL ? row->fallback : "";

    if (row->fallback == NULL && !kind->owned)
        return;
    struct conf_row free_row = *row;
    if (row->fallback == NULL) {
        free_row.type = CONF_TEXT; /* an empty text may be shorter than a given one */
        free_row.min = 0;
    }
    const enum err e = kind->store(&free_row, free_row.type, span_str(text),
                                   conf_at(object, row->field), row->field.size, &why);
    if (e == ERR_NOMEM)
        l->out_of_memory = true;
}

static void absent(struct load *l, const struct target *t, const struct conf_row *row) {
    const bool missing = t->demand && (row->required || row->least > 0);

    conf_mark(row, t->object, false, t->pos);
    if (missing)
        conf_trail_report(l->report, t->pos, t->path, false, "the key \"%s\" is missing: %s",
                          row->key, row->help != NULL ? row->help : "");
    if (row->type < CONF_MAP)
        absent_scalar(l, row, t->object);
    if (row->type != CONF_MAP)
        return;
    const struct conf_trail path = {t->path, row->key, 0};
    fill_map(l, &(struct target){.schema = row->sub,
                                 .object = conf_at(t->object, row->field),
                                 .pos = t->pos,
                                 .path = &path,
                                 .demand = t->demand && !missing && row->given.size == 0});
}

/* A plain true or false in the place of a map that may be said so. */
static bool is_switch(const struct conf_row *row, const struct conf_node *node, bool *on) {
    struct conf_why why;
    return row->or_bool && node->kind == CONF_NODE_SCALAR && node->plain &&
           conf_kind_get(CONF_BOOL)->store(row, CONF_BOOL, span_of(node->text, node->text_n), on,
                                           sizeof *on, &why) == ERR_OK;
}

static void load_map(struct load *l, const struct conf_row *row, const struct conf_node *node,
                     const struct conf_trail *path, void *object) {
    bool on = true;
    const bool plain = is_switch(row, node, &on);
    const bool whole = node->kind == CONF_NODE_MAP || (is_null(node) && !row->or_bool) || plain;

    if (!whole)
        wrong_shape(l, node, path,
                    row->or_bool ? "true, false or a map (key: value)"
                                 : conf_kind_get(row->type)->expect);
    if (!on)
        conf_mark(row, object, false, node->pos);
    fill_map(l, &(struct target){.schema = row->sub,
                                 .node = node->kind == CONF_NODE_MAP ? node : NULL,
                                 .object = conf_at(object, row->field),
                                 .pos = node->pos,
                                 .path = path,
                                 .demand = whole && on && !node->broken});
}

static int compare_keys(const void *left, const void *right) {
    const struct conf_node *a = *(const struct conf_node *const *)left;
    const struct conf_node *b = *(const struct conf_node *const *)right;
    const int order = strcmp(a->key->text, b->key->text);

    if (order != 0)
        return order;
    if (a->key->pos.line != b->key->pos.line)
        return a->key->pos.line < b->key->pos.line ? -1 : 1;
    return (a->key->pos.column > b->key->pos.column) - (a->key->pos.column < b->key->pos.column);
}

/* Free maps may be long: sorted, so that n keys cost n log n. */
static void check_doubled(struct load *l, const struct conf_node *map,
                          const struct conf_trail *path) {
    if (map->child_n < 2)
        return;
    const struct conf_node **sorted = malloc(map->child_n * sizeof *sorted);
    if (sorted == NULL) {
        l->out_of_memory = true;
        return;
    }
    size_t n = 0;
    for (const struct conf_node *c = map->first; c != NULL; c = c->next)
        sorted[n++] = c;
    qsort(sorted, n, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < n; i++) {
        const struct conf_node *one = sorted[i - 1]->key, *two = sorted[i]->key;
        if (strcmp(one->text, two->text) == 0)
            conf_trail_report(l->report, two->pos, path, false,
                              "\"%.48s\" is given twice, first in line %u", two->text,
                              one->pos.line);
    }
    free(sorted);
}

static void take_key(struct load *l, const struct conf_row *row, const struct conf_node *node,
                     const struct conf_trail *path, void *element) {
    const struct conf_node *key = node->key;

    if (row->sub->id.size == 0 || key->broken)
        return;
    if (!ident_set(conf_at(element, row->sub->id), span_of(key->text, key->text_n)))
        conf_trail_report(l->report, key->pos, path, false,
                          "\"%.60s\" cannot be an id: expected %s", key->text,
                          conf_kind_get(CONF_ID)->expect);
}

static void load_pair(struct load *l, const struct conf_node *node, const struct conf_trail *path,
                      struct conf_pair *pair) {
    static const struct conf_row any = {.type = CONF_TEXT};

    pair->pos = node->key->pos;
    pair->key = strndup(node->key->text, node->key->text_n);
    if (pair->key == NULL)
        l->out_of_memory = true;
    (void)store(l, &any, CONF_TEXT, node, path, &pair->value, sizeof pair->value);
}

static void load_element(struct load *l, const struct conf_row *row, const struct conf_node *node,
                         const struct conf_trail *path, void *element) {
    if (row->type == CONF_PAIRS) {
        load_pair(l, node, path, element);
        return;
    }
    if (row->type == CONF_SCALARS) {
        (void)store(l, row, row->item, node, path, element, conf_element_size(row));
        return;
    }
    const bool whole = node->kind == CONF_NODE_MAP || (is_null(node) && row->type == CONF_KEYED);
    if (row->type == CONF_KEYED)
        take_key(l, row, node, path->up, element);
    if (!whole)
        wrong_shape(l, node, path, conf_kind_get(CONF_MAP)->expect);
    fill_map(l, &(struct target){.schema = row->sub,
                                 .node = node->kind == CONF_NODE_MAP ? node : NULL,
                                 .object = element,
                                 .pos = node->key != NULL ? node->key->pos : node->pos,
                                 .path = path,
                                 .demand = whole && !node->broken});
}

static void check_count(struct load *l, const struct conf_row *row, const struct conf_node *node,
                        const struct conf_trail *path) {
    const size_t n = node->child_n;

    if (n < row->least)
        conf_trail_report(l->report, node->pos, path, false, "has %zu entries, needs at least %zu",
                          n, row->least);
    if (row->most > 0 && n > row->most)
        conf_trail_report(l->report, node->pos, path, false,
                          "has %zu entries, at most %zu are allowed", n, row->most);
}

static void load_list(struct load *l, const struct conf_row *row, const struct conf_node *node,
                      const struct conf_trail *path, void *object) {
    const struct conf_kind *kind = conf_kind_get(row->type);
    const enum conf_node_kind want = kind->shape == CONF_SHAPE_MAP ? CONF_NODE_MAP : CONF_NODE_LIST;
    void *elements;
    size_t i = 0;

    if (node->kind != want && !is_null(node)) {
        wrong_shape(l, node, path, kind->expect);
        return;
    }
    if (!node->broken)
        check_count(l, row, node, path);
    if (conf_list_open(row, object, node->child_n, &elements) != ERR_OK) {
        l->out_of_memory = true;
        return;
    }
    if (want == CONF_NODE_MAP)
        check_doubled(l, node, path);
    for (const struct conf_node *c = node->first; c != NULL; c = c->next, i++) {
        const struct conf_trail at = {path, c->key != NULL ? c->key->text : NULL, i};
        load_element(l, row, c, &at, (uint8_t *)elements + i * conf_element_size(row));
    }
}

static void load_row(struct load *l, const struct target *t, const struct conf_row *row,
                     const struct conf_node *node) {
    const struct conf_trail path = {t->path, row->key, 0};

    conf_mark(row, t->object, true, node->pos);
    if (row->type == CONF_MAP)
        load_map(l, row, node, &path, t->object);
    else if (row->type > CONF_MAP)
        load_list(l, row, node, &path, t->object);
    else
        (void)store(l, row, row->type, node, &path, conf_at(t->object, row->field),
                    row->field.size);
}

static const struct conf_row *find_row(const struct conf_schema *s, const struct conf_node *key) {
    for (size_t i = 0; i < s->row_n; i++)
        if (strcmp(s->rows[i].key, key->text) == 0)
            return &s->rows[i];
    return NULL;
}

static void unknown_key(struct load *l, const struct target *t, const struct conf_node *key) {
    const char *choice[CONF_CHOICES_MAX];
    char word[WORD_BYTES];
    size_t n = 0;

    if (key->broken)
        return;
    if (strcmp(key->text, "<<") == 0) {
        conf_trail_report(
            l->report, key->pos, t->path, false,
            "merge keys (<<) are not supported: write the values where they are needed");
        return;
    }
    for (; n < t->schema->row_n && n < CONF_CHOICES_MAX; n++)
        choice[n] = t->schema->rows[n].key;
    (void)snprintf(word, sizeof word, "%s", key->text);
    const char *near = conf_nearest_find(word, choice, n);
    conf_trail_report(l->report, key->pos, t->path, false, "unknown key \"%s\"%s%s%s", word,
                      near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
                      near != NULL ? "\"?" : "");
}

/* Finds a row's entry; the report names those after the first. */
static const struct conf_node *find_entry(struct load *l, const struct target *t,
                                          const struct conf_row *row) {
    const struct conf_node *found = NULL;

    for (const struct conf_node *c = t->node != NULL ? t->node->first : NULL; c != NULL;
         c = c->next) {
        if (strcmp(c->key->text, row->key) != 0)
            continue;
        if (found == NULL)
            found = c;
        else
            conf_trail_report(l->report, c->key->pos, t->path, false,
                              "the key \"%s\" is given twice, first in line %u", row->key,
                              found->key->pos.line);
    }
    return found;
}

static void fill_map(struct load *l, const struct target *t) {
    if (t->schema->pos.size > 0)
        memcpy(conf_at(t->object, t->schema->pos), &t->pos, sizeof t->pos);
    for (const struct conf_node *c = t->node != NULL ? t->node->first : NULL; c != NULL;
         c = c->next)
        if (find_row(t->schema, c->key) == NULL)
            unknown_key(l, t, c->key);
    for (size_t i = 0; i < t->schema->row_n; i++) {
        const struct conf_row *row = &t->schema->rows[i];
        const struct conf_node *entry = find_entry(l, t, row);
        if (entry != NULL)
            load_row(l, t, row, entry);
        else
            absent(l, t, row);
    }
}

static void load_root(struct load *l, const struct conf_schema *schema,
                      const struct conf_node *root, void *object) {
    const bool whole = root == NULL || root->kind == CONF_NODE_MAP || is_null(root);

    if (!whole)
        wrong_shape(l, root, NULL, conf_kind_get(CONF_MAP)->expect);
    fill_map(l, &(struct target){.schema = schema,
                                 .node = root != NULL && root->kind == CONF_NODE_MAP ? root : NULL,
                                 .object = object,
                                 .pos = {1, 1, l->source},
                                 .demand = whole});
}

static enum err read_tree(struct load *l, struct span bytes, struct conf_tree *tree) {
    if (bytes.n > CONF_FILE_MAX) {
        conf_report_at(l->report, (struct conf_pos){.source = l->source},
                       "the file has %zu bytes, at most %d are read", bytes.n, CONF_FILE_MAX);
        return ERR_CONFIG;
    }
    const enum err e = conf_screen(bytes, l->source, l->report);
    return e == ERR_OK ? conf_tree_open(tree, bytes, l->source, l->report) : e;
}

enum err conf_load(struct span bytes, const char *file, const struct conf_schema *schema, void *out,
                   struct conf_report *report) {
    const size_t before = conf_report_count(report);
    const struct span kept = span_of(bytes.p, bytes.n > CONF_FILE_MAX ? 0 : bytes.n);
    struct load l = {.report = report};
    struct conf_tree tree = {0};
    void *object = calloc(1, schema->size);
    enum err e = object != NULL ? conf_source_add(report, file, kept, &l.source) : ERR_NOMEM;

    if (e == ERR_OK)
        e = read_tree(&l, bytes, &tree);
    if (e == ERR_OK) {
        load_root(&l, schema, tree.root, object);
        if (l.out_of_memory)
            e = ERR_NOMEM;
        else if (conf_report_count(report) != before)
            e = ERR_CONFIG;
        if (e == ERR_OK)
            memcpy(out, object, schema->size);
        else
            conf_object_fini(schema, object);
    }
    conf_tree_close(&tree);
    free(object);
    return e;
}

enum err conf_defaults(const struct conf_schema *schema, void *out) {
    struct load l = {0};

    memset(out, 0, schema->size);
    fill_map(&l, &(struct target){.schema = schema, .object = out, .demand = false});
    if (!l.out_of_memory)
        return ERR_OK;
    conf_free(schema, out);
    return ERR_NOMEM;
}
