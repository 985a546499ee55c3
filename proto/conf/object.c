#include "conf/object.h"

#include <stdlib.h>

size_t conf_element_size(const struct conf_row *row) {
    if (row->type == CONF_PAIRS)
        return sizeof(struct conf_pair);
    return row->type == CONF_SCALARS ? conf_kind_get(row->item)->size : row->sub->size;
}

const void *conf_list_get(const struct conf_row *row, const void *object, size_t *n) {
    const void *elements;

    memcpy(&elements, conf_at_const(object, row->field), sizeof elements);
    memcpy(n, conf_at_const(object, row->count), sizeof *n);
    return elements;
}

enum err conf_list_open(const struct conf_row *row, void *object, size_t n, void **elements) {
    void *p = n > 0 ? calloc(n, conf_element_size(row)) : NULL;

    if (p == NULL && n > 0)
        return ERR_NOMEM;
    memcpy(conf_at(object, row->field), &p, sizeof p);
    memcpy(conf_at(object, row->count), &n, sizeof n);
    *elements = p;
    return ERR_OK;
}

void conf_mark(const struct conf_row *row, void *object, bool given, struct conf_pos pos) {
    if (row->given.size > 0)
        memcpy(conf_at(object, row->given), &given, sizeof given);
    if (row->pos.size > 0)
        memcpy(conf_at(object, row->pos), &pos, sizeof pos);
}

static void free_text(void *at) {
    char *text;

    memcpy(&text, at, sizeof text);
    free(text);
}

static void element_fini(const struct conf_row *row, void *element) {
    if (row->type == CONF_PAIRS) {
        struct conf_pair *pair = element;
        free(pair->key);
        free(pair->value);
    } else if (row->type != CONF_SCALARS) {
        conf_object_fini(row->sub, element);
    } else if (conf_kind_get(row->item)->owned) {
        free_text(element);
    }
}

static void list_fini(const struct conf_row *row, void *object) {
    size_t n;
    const size_t size = conf_element_size(row);
    uint8_t *elements;

    memcpy(&elements, conf_at(object, row->field), sizeof elements);
    memcpy(&n, conf_at(object, row->count), sizeof n);
    for (size_t i = 0; i < n; i++)
        element_fini(row, elements + i * size);
    free(elements);
}

void conf_object_fini(const struct conf_schema *schema, void *object) {
    for (size_t i = 0; i < schema->row_n; i++) {
        const struct conf_row *row = &schema->rows[i];
        if (row->type == CONF_MAP)
            conf_object_fini(row->sub, conf_at(object, row->field));
        else if (row->type >= CONF_LIST)
            list_fini(row, object);
        else if (conf_kind_get(row->type)->owned)
            free_text(conf_at(object, row->field));
    }
}

void conf_free(const struct conf_schema *schema, void *value) {
    conf_object_fini(schema, value);
    memset(value, 0, schema->size);
}
