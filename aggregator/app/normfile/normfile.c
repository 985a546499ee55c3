/* Norms from and to a file. */
#include "normfile/normfile.h"

#include <stdio.h>
#include <stdlib.h>

#include "normfile/shape.h"

struct file_row {
    char *document;
    void *norms; /* each: a head, then the shape's slots */
    size_t norm_n;
};

struct head {
    struct ident id;
    struct conf_pos pos;
};

/* Stands for what is made of the table of fields at each loading. */
static const struct conf_schema any_norm = {.size = sizeof(struct head),
                                            .id = CONF_FIELD(struct head, id),
                                            .pos = CONF_FIELD(struct head, pos)};
static const struct conf_row top_rows[] = {{.key = "document",
                                            .type = CONF_TEXT,
                                            .max = NORM_TEXT_MAX,
                                            .field = CONF_FIELD(struct file_row, document),
                                            .help = "Document of all norms that name none."},
                                           {.key = "norms",
                                            .type = CONF_KEYED,
                                            .sub = &any_norm,
                                            .field = CONF_FIELD(struct file_row, norms),
                                            .count = CONF_FIELD(struct file_row, norm_n),
                                            .help = "Norms by id."}};
enum { TOP_ROWS = sizeof top_rows / sizeof *top_rows };
const struct conf_schema normfile_top_schema = CONF_SCHEMA(struct file_row, top_rows);

static struct conf_schema norm_schema(const struct shape *s) {
    struct conf_schema out = s->schema;
    out.id = (struct conf_field){offsetof(struct head, id), sizeof(struct ident)};
    out.pos = (struct conf_field){offsetof(struct head, pos), sizeof(struct conf_pos)};
    return out;
}

struct taking {
    struct norm *norm;
    const struct zone *zone;
    struct norm_texts *texts;
    struct conf_report *report;
};

static enum err take(void *user, const char *path, struct span text, struct conf_pos pos) {
    struct taking *t = user;
    char why[FIELD_WHY];
    enum err err = norm_set(t->norm, path, text, t->zone, t->texts, why);
    if (!err || err == ERR_NOMEM)
        return err;
    conf_report_at(t->report, pos, "%s: %s", path,
                   err == ERR_NOT_FOUND ? "an item before it says nothing" : why);
    return ERR_OK;
}

static enum err take_norm(const struct shape *s, const char *object, const struct file_row *file,
                          const struct zone *zone, struct conf_report *report,
                          struct normfile *out) {
    struct normfile_norm *n = &out->at[out->n];
    struct head head;
    struct taking t = {&n->norm, zone, &out->texts, report};
    memcpy(&head, object, sizeof head);
    norm_init(&n->norm);
    n->norm.id = head.id;
    n->pos = head.pos;
    enum err err = shape_each(s, object, "", take, &t);
    if (!err && !n->norm.document[0] && file->document[0])
        err = take(&t, "document", span_str(file->document), head.pos);
    out->n++;
    return err;
}

enum err normfile_load(struct span bytes, const char *file, const struct zone *zone,
                       struct conf_report *report, struct normfile *out) {
    struct shape *s = NULL;
    struct file_row row = {0};
    const size_t before = conf_report_count(report);
    *out = (struct normfile){0};
    enum err err = shape_open(&norm_fields, sizeof(struct head), &s);
    if (err)
        return err;
    const struct conf_schema each = norm_schema(s);
    struct conf_row rows[TOP_ROWS];
    memcpy(rows, top_rows, sizeof rows);
    rows[TOP_ROWS - 1].sub = &each;
    const struct conf_schema schema = CONF_SCHEMA(struct file_row, rows);
    err = conf_load(bytes, file, &schema, &row, report);
    if (!err) {
        out->at = calloc(row.norm_n + 1, sizeof *out->at);
        err = out->at ? ERR_OK : ERR_NOMEM;
        for (size_t i = 0; i < row.norm_n && !err; i++)
            err = take_norm(s, (const char *)row.norms + i * each.size, &row, zone, report, out);
        conf_free(&schema, &row);
    }
    shape_close(s);
    if (!err && conf_report_count(report) > before)
        err = ERR_CONFIG;
    if (err)
        normfile_fini(out);
    return err;
}

void normfile_fini(struct normfile *f) {
    free(f->at);
    norm_texts_fini(&f->texts);
    *f = (struct normfile){0};
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Paths come in order: what they share with the one before stands already. */
struct writing {
    struct buf *out;
    char last[FIELD_PATH];
};

static const struct norm_field *field_of(const char *path) {
    const struct norm_fields *of = &norm_fields;
    const struct norm_field *f = NULL;
    while (of) {
        const size_t n = strcspn(path, ".");
        if (path[0] < '0' || path[0] > '9') {
            f = norm_field_find(of, span_of(path, n));
            of = f ? f->sub : NULL;
        }
        path += n + (path[n] == '.');
    }
    return f;
}

/* Depth of words already written, a "- " being one of them. */
static enum err put_leaf(void *user, const char *path, struct span text) {
    struct writing *w = user;
    const char *at = path, *last = w->last;
    const struct norm_field *f = field_of(path);
    unsigned depth = 2;
    bool same = true, item = false;
    for (size_t n = strcspn(at, "."); at[n]; at += n + 1, n = strcspn(at, ".")) {
        same = same && strncmp(at, last, n + 1) == 0;
        last += same ? n + 1 : 0;
        const bool number = at[0] >= '0' && at[0] <= '9';
        if (!same && number) {
            (void)buf_addf(w->out, "%*s- ", (int)(2 * depth), "");
            item = true;
        } else if (!same) {
            (void)buf_addf(w->out, "%*s%.*s:\n", (int)(2 * depth), "", (int)n, at);
        }
        depth++;
    }
    (void)buf_addf(w->out, "%*s%s: ", item ? 0 : (int)(2 * depth), "", at);
    if (f->type == FIELD_TEXT || f->type == FIELD_ID)
        conf_quote(text, w->out);
    else
        (void)buf_add(w->out, text.p, text.n);
    (void)snprintf(w->last, sizeof w->last, "%s", path);
    return buf_add_byte(w->out, '\n');
}

enum err normfile_format(const struct norm *const *norm, size_t n, struct buf *out) {
    enum err err = buf_add_str(out, n ? "norms:\n" : "norms: {}\n");
    for (size_t i = 0; i < n && !err; i++) {
        struct writing w = {.out = out};
        (void)buf_addf(out, "  %s:\n", norm[i]->id.s);
        err = norm_each(norm[i], PART_ALL, put_leaf, &w);
    }
    return err ? err : out->failed ? ERR_NOMEM : ERR_OK;
}

enum err normfile_reference(struct buf *out) {
    struct shape *s = NULL;
    enum err err = shape_open(&norm_fields, 0, &s);
    if (!err)
        err = conf_reference(&s->schema, "Keys of a norm", out);
    shape_close(s);
    return err;
}
