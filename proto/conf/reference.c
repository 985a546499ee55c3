#include "conf/number.h"

/* Sections are named like the paths in reports, with <id> and [] for what repeats. */
struct section {
    const struct section *up;
    const char *name, *suffix;
};

static void put_path(const struct section *s, struct buf *out) {
    if (s == NULL)
        return;
    put_path(s->up, out);
    (void)buf_addf(out, "%s%s%s", s->up != NULL ? "." : "", s->name, s->suffix);
}

/* A '|' would end the table's cell. */
static void put_cell(const char *text, struct buf *out) {
    for (; *text != '\0'; text++) {
        if (*text == '|')
            (void)buf_add_byte(out, '\\');
        (void)buf_add_byte(out, *text == '\n' ? ' ' : (uint8_t)*text);
    }
}

static void put_words(const struct conf_row *row, struct buf *out) {
    for (size_t i = 0; i < row->word_n; i++) {
        const struct conf_word *w = &row->words[i];
        (void)buf_addf(out, "%s`%s`", i > 0 ? ", " : "", w->word);
        if (w->help == NULL)
            continue;
        (void)buf_add_str(out, " (");
        put_cell(w->help, out);
        (void)buf_add_str(out, ")");
    }
}

static void put_units(const struct conf_row *row, const struct conf_kind *kind, struct buf *out) {
    if (kind->units == NULL && row->unit != NULL) {
        (void)buf_addf(out, " (%s)", row->unit);
        return;
    }
    for (const struct conf_unit *u = kind->units; u != NULL && u->word != NULL; u++)
        (void)buf_addf(out, "%s%s", u == kind->units ? " (" : ", ", u->word);
    if (kind->units != NULL)
        (void)buf_add_byte(out, ')');
}

static void put_value(const struct conf_row *row, struct buf *out) {
    const enum conf_type type = row->type == CONF_SCALARS ? row->item : row->type;
    const struct conf_kind *kind = conf_kind_get(type);

    if (row->type == CONF_SCALARS)
        (void)buf_add_str(out, "list of ");
    if (type == CONF_ENUM) {
        put_words(row, out);
        return;
    }
    (void)buf_addf(out, "%s%s", row->or_bool ? "true, false or " : "", kind->name);
    put_units(row, kind, out);
}

static void put_count(const struct conf_row *row, struct buf *out) {
    if (row->most > 0)
        (void)buf_addf(out, "%zu to %zu entries", row->least, row->most);
    else if (row->least > 0)
        (void)buf_addf(out, "at least %zu entries", row->least);
}

static void put_range(const struct conf_row *row, struct buf *out) {
    const bool list = row->type == CONF_SCALARS;
    const enum conf_type type = list ? row->item : row->type;
    const struct conf_kind *kind = conf_kind_get(type);
    const size_t before = out->n;

    put_count(row, out);
    if (out->n > before && (kind->whole || kind->owned) && (row->min != 0 || row->max != 0))
        (void)buf_add_str(out, ", each ");
    if (kind->whole)
        (void)conf_range_format(row, type, list ? kind->size : row->field.size, out);
    else if (kind->owned && row->max > 0)
        (void)buf_addf(out, "%lld to %lld bytes", (long long)row->min, (long long)row->max);
    else if (kind->owned && row->min > 0)
        (void)buf_addf(out, "at least %lld bytes", (long long)row->min);
}

static void put_default(const struct conf_row *row, struct buf *out) {
    if (row->required || row->least > 0)
        (void)buf_add_str(out, "**required**");
    else if (row->fallback == NULL)
        return;
    else if (row->secret)
        (void)buf_add_str(out, "(secret)");
    else
        (void)buf_addf(out, "`%s`", row->fallback);
}

static void put_row(const struct conf_row *row, bool reloadable, struct buf *out) {
    (void)buf_addf(out, "| `%s` | ", row->key);
    put_value(row, out);
    (void)buf_add_str(out, " | ");
    put_range(row, out);
    (void)buf_add_str(out, " | ");
    put_default(row, out);
    (void)buf_addf(out, " | %s | ", reloadable || row->reloadable ? "yes" : "no");
    put_cell(row->help != NULL ? row->help : "", out);
    (void)buf_add_str(out, " |\n");
}

static void put_schema(const struct conf_schema *schema, const struct section *at, bool reloadable,
                       struct buf *out) {
    if (at != NULL) {
        (void)buf_add_str(out, "\n## `");
        put_path(at, out);
        (void)buf_add_str(out, "`\n");
    }
    (void)buf_add_str(out, "\n| Key | Value | Range | Default | Reloadable | Meaning |\n"
                           "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < schema->row_n; i++)
        put_row(&schema->rows[i], reloadable, out);
    for (size_t i = 0; i < schema->row_n; i++) {
        const struct conf_row *row = &schema->rows[i];
        const char *suffix = row->type == CONF_LIST ? "[]" : row->type == CONF_KEYED ? ".<id>" : "";
        const struct section below = {at, row->key, suffix};
        if (row->sub != NULL)
            put_schema(row->sub, &below, reloadable || row->reloadable_below, out);
    }
}

enum err conf_reference(const struct conf_schema *schema, const char *title, struct buf *out) {
    (void)buf_addf(out, "# %s\n", title);
    put_schema(schema, NULL, false, out);
    return out->failed ? ERR_NOMEM : ERR_OK;
}
