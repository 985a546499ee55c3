#include "normfile/shape.h"

#include <stdio.h>
#include <stdlib.h>

void shape_close(struct shape *s) {
    if (!s)
        return;
    for (size_t i = 0; s->sub && i < s->fields->n; i++)
        shape_close(s->sub[i]);
    free(s->sub);
    free(s->rows);
    free(s);
}

static size_t row_of(const struct norm_field *f, const struct shape *sub, size_t at,
                     struct conf_row *row) {
    *row = (struct conf_row){.key = f->key, .help = f->help};
    if (f->type == FIELD_MAP) {
        row->type = CONF_MAP;
        row->sub = &sub->schema;
        // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a map has a shape of its own
        row->field = (struct conf_field){at, sub->schema.size};
        return at + sub->schema.size;
    }
    if (f->type == FIELD_LIST) {
        row->type = CONF_LIST;
        row->sub = &sub->schema;
        row->most = f->most;
        row->field = (struct conf_field){at + offsetof(struct shape_items, at), sizeof(void *)};
        row->count = (struct conf_field){at + offsetof(struct shape_items, n), sizeof(size_t)};
        return at + sizeof(struct shape_items);
    }
    row->type = CONF_TEXT;
    row->max = NORM_TEXT_MAX;
    row->field = (struct conf_field){at + offsetof(struct shape_slot, text), sizeof(char *)};
    row->pos = (struct conf_field){at + offsetof(struct shape_slot, pos), sizeof(struct conf_pos)};
    return at + sizeof(struct shape_slot);
}

enum err shape_open(const struct norm_fields *fields, size_t head, struct shape **out) {
    struct shape *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->fields = fields;
    s->rows = calloc(fields->n, sizeof *s->rows);
    s->sub = calloc(fields->n, sizeof(struct shape *));
    enum err err = s->rows && s->sub ? ERR_OK : ERR_NOMEM;
    size_t at = head;
    for (size_t i = 0; i < fields->n && !err; i++) {
        const struct norm_field *f = &fields->at[i];
        if (f->sub)
            err = shape_open(f->sub, 0, &s->sub[i]);
        if (!err)
            at = row_of(f, s->sub[i], at, &s->rows[i]);
    }
    if (err) {
        shape_close(s);
        return err;
    }
    s->schema = (struct conf_schema){.rows = s->rows, .row_n = fields->n, .size = at};
    *out = s;
    return ERR_OK;
}

static enum err each_item(const struct shape *s, const void *at, const char *path, shape_take take,
                          void *user) {
    struct shape_items items;
    char item[FIELD_PATH];
    enum err err = ERR_OK;
    memcpy(&items, at, sizeof items);
    for (size_t i = 0; i < items.n && !err; i++) {
        (void)snprintf(item, sizeof item, "%.80s.%u", path, (unsigned)i);
        err = shape_each(s, (const char *)items.at + i * s->schema.size, item, take, user);
    }
    return err;
}

enum err shape_each(const struct shape *s, const void *object, const char *prefix, shape_take take,
                    void *user) {
    char path[FIELD_PATH];
    enum err err = ERR_OK;
    for (size_t i = 0; i < s->fields->n && !err; i++) {
        const struct norm_field *f = &s->fields->at[i];
        const char *at = (const char *)object + s->rows[i].field.offset;
        (void)snprintf(path, sizeof path, "%.60s%s%.30s", prefix, *prefix ? "." : "", f->key);
        if (f->type == FIELD_MAP) {
            err = shape_each(s->sub[i], at, path, take, user);
        } else if (f->type == FIELD_LIST) {
            err = each_item(s->sub[i], at, path, take, user);
        } else {
            struct shape_slot slot;
            memcpy(&slot, at, sizeof slot);
            if (slot.text[0])
                err = take(user, path, span_str(slot.text), slot.pos);
        }
    }
    return err;
}
