/* The content of a norm as a file has it: by the table of fields, two blanks a level. */
#include "norm/field.h"
#include "views/norms_impl.h"

enum { DEEPEST = 4 };

struct writing {
    struct buf *out;
    unsigned depth;
    bool dash; /* the next key begins an item of a list */
};

static void indent(struct writing *w) {
    for (unsigned i = 0; i < w->depth; i++)
        (void)buf_add_str(w->out, i + 1 == w->depth && w->dash ? "- " : "  ");
    w->dash = false;
}

/* Quoted, whatever stands in it: the strings of YAML in double quotes are those of JSON. */
static void put_text(struct writing *w, struct span text) {
    struct json_writer j;
    json_writer_init(&j, w->out);
    json_writer_string(&j, text);
}

static bool is_bare(const struct norm_field *f) {
    return f->type == FIELD_REAL || f->type == FIELD_INT || f->type == FIELD_BOOL ||
           f->type == FIELD_WORD || f->type == FIELD_ID;
}

static enum err put_scalar(struct writing *w, const struct norm_field *f, const void *at) {
    struct buf text;
    buf_init(&text);
    enum err err = norm_field_text(f, at, &text);
    if (!err) {
        indent(w);
        (void)buf_addf(w->out, "%s: ", f->key);
        if (is_bare(f))
            (void)buf_add(w->out, text.p, text.n);
        else
            put_text(w, buf_span(&text));
        (void)buf_add_byte(w->out, '\n');
    }
    buf_fini(&text);
    return err;
}

static enum err put_fields(struct writing *w, const struct norm_fields *of, const void *base);

static size_t count_of(const struct norm_field *f, const void *base) {
    size_t n = 0;
    memcpy(&n, (const char *)base + f->count_at, sizeof n);
    return n;
}

static bool any_given(const struct norm_fields *of, const void *base) {
    for (size_t i = 0; i < of->n; i++) {
        const struct norm_field *f = &of->at[i];
        if (f->type == FIELD_LIST ? count_of(f, base) > 0
                                  : norm_field_given(f, (const char *)base + f->at))
            return true;
    }
    return false;
}

static enum err put_map(struct writing *w, const struct norm_field *f, const void *base) {
    if (!any_given(f->sub, base))
        return ERR_OK;
    indent(w);
    (void)buf_addf(w->out, "%s:\n", f->key);
    w->depth++;
    const enum err err = put_fields(w, f->sub, base);
    w->depth--;
    return err;
}

static enum err put_list(struct writing *w, const struct norm_field *f, const void *base) {
    const char *at = (const char *)base + f->at;
    const size_t n = count_of(f, base);
    enum err err = ERR_OK;
    if (n == 0)
        return ERR_OK;
    indent(w);
    (void)buf_addf(w->out, "%s:\n", f->key);
    w->depth++;
    for (size_t i = 0; i < n && !err; i++) {
        w->dash = true;
        err = put_fields(w, f->sub, at + i * f->step);
    }
    w->depth--;
    return err;
}

static enum err put_fields(struct writing *w, const struct norm_fields *of, const void *base) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < of->n && !err && w->depth < DEEPEST; i++) {
        const struct norm_field *f = &of->at[i];
        const void *at = (const char *)base + f->at;
        if (!(f->part & PART_CONTENT))
            continue;
        if (f->type == FIELD_MAP)
            err = put_map(w, f, base);
        else if (f->type == FIELD_LIST)
            err = put_list(w, f, base);
        else if (norm_field_given(f, at))
            err = put_scalar(w, f, at);
    }
    return err;
}

enum err norms_yaml(const struct norm *n, struct buf *out) {
    struct writing w = {.out = out};
    const enum err err = put_fields(&w, &norm_fields, n);
    return err ? err : out->failed ? ERR_NOMEM : ERR_OK;
}
