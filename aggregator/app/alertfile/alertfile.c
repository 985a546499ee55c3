#include "alertfile/alertfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alertfile/edit.h"
#include "alertfile/folder.h"
#include "alertfile/making.h"
#include "alertfile/set.h"
#include "base/hash.h"

const struct conf_schema *alertfile_schema(void) {
    return &rows_rules;
}

/* --- a set of files -----------------------------------------------------------------------------
 */

struct files { /* as the rows filled them */
    struct rules_rows *at;
    struct file_text {
        const struct set_text *of;
        bool in_lines; /* its rules are */
        size_t *line;  /* where each begins; NULL: they are not looked for */
        size_t line_n;
    } * text;
    size_t n;
};

static void files_fini(struct files *f) {
    for (size_t i = 0; i < f->n; i++) {
        conf_free(&rows_rules, &f->at[i]);
        free(f->text[i].line);
    }
    free(f->at);
    free(f->text);
}

/* Rules come by their ids: each finds its line without a look at all before it. */
static enum err find_lines(struct file_text *t) {
    const struct span s = t->of->text;
    t->in_lines = edit_in_lines(s);
    size_t n = 1;
    for (size_t i = 0; i < s.n && t->in_lines; i++)
        n += s.p[i] == '\n';
    t->line = t->in_lines ? calloc(n, sizeof *t->line) : NULL;
    if (t->in_lines && !t->line)
        return ERR_NOMEM;
    t->line_n = t->in_lines; /* the first one begins at 0 */
    for (size_t i = 0; i < s.n && t->in_lines; i++)
        if (s.p[i] == '\n')
            t->line[t->line_n++] = i + 1;
    return ERR_OK;
}

struct ref { /* to a rule of a file */
    const struct rule_row *row;
    const struct file_text *file;
};

static int by_id(const void *x, const void *y) {
    const struct ref *a = x, *b = y;
    const int order = strcmp(a->row->id.s, b->row->id.s);
    if (order)
        return order;
    if (a->row->pos.source != b->row->pos.source)
        return a->row->pos.source < b->row->pos.source ? -1 : 1;
    return (a->row->pos.line > b->row->pos.line) - (a->row->pos.line < b->row->pos.line);
}

/* Of doubled ids the second is reported, with the place of the first. */
static struct ref *sort_rules(const struct files *f, size_t *n, struct conf_report *report) {
    size_t all = 0;
    for (size_t i = 0; i < f->n; i++)
        all += f->at[i].rule_n;
    struct ref *ref = calloc(all + 1, sizeof *ref);
    *n = 0;
    if (!ref)
        return NULL;
    for (size_t i = 0; i < f->n; i++)
        for (size_t k = 0; k < f->at[i].rule_n; k++)
            ref[(*n)++] = (struct ref){&f->at[i].rules[k], &f->text[i]};
    qsort(ref, *n, sizeof *ref, by_id);
    for (size_t i = 1; i < *n; i++)
        if (ident_equal(&ref[i].row->id, &ref[i - 1].row->id))
            conf_report_at(report, ref[i].row->pos, "rule %s is in %s, line %u already",
                           ref[i].row->id.s, ref[i - 1].file->of->name, ref[i - 1].row->pos.line);
    return ref;
}

static void check_bounds(struct making *m, const struct alert_rule *rule, const struct ref *ref,
                         size_t n) {
    size_t instances = 0;
    for (size_t i = 0; i < n; i++) {
        instances += rule[i].node_n;
        if (i == ALERT_RULES_MAX)
            conf_report_at(m->report, ref[i].row->pos, "more than %d rules", ALERT_RULES_MAX);
        if (instances > ALERT_INSTANCES_MAX) {
            conf_report_at(m->report, ref[i].row->pos,
                           "more than %d alerts: rules times the nodes they stand for",
                           ALERT_INSTANCES_MAX);
            return;
        }
    }
}

/* False: no memory. */
static bool keep_place(struct pool *pool, const struct ref *ref, struct alertfile_place *out) {
    const struct file_text *t = ref->file;
    const uint32_t line = ref->row->pos.line;
    struct edit_place at;
    *out = (struct alertfile_place){pool_text(pool, t->of->name), line, span_of(NULL, 0)};
    if (!out->file || line < 1 || line > t->line_n ||
        edit_find_at(t->of->text, t->line[line - 1], &ref->row->id, &at))
        return out->file != NULL;
    void *copy = pool_take(pool, at.entry.n);
    if (!copy)
        return false;
    out->text = span_of(memcpy(copy, at.entry.p, at.entry.n), at.entry.n);
    return true;
}

static enum err fill(struct alertfile *f, struct making *m, const struct ref *ref, size_t n) {
    struct alert_rule *rule = pool_take(f->pool, n * sizeof *rule);
    struct alertfile_place *place = pool_take(f->pool, n * sizeof *place);
    if (!rule || !place)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        making_rule(m, ref[i].row, &rule[i]);
        m->nomem = !keep_place(f->pool, &ref[i], &place[i]) || m->nomem;
    }
    check_bounds(m, rule, ref, n);
    f->rules = (struct alert_rules){rule, n};
    f->place = place;
    return m->nomem ? ERR_NOMEM : conf_report_count(m->report) ? ERR_CONFIG : ERR_OK;
}

static enum err make(const struct files *files, const struct plant *plant,
                     const struct baselines *baselines, struct conf_report *report,
                     struct alertfile **out) {
    size_t n = 0;
    struct alertfile *f = NULL;
    struct ref *ref = sort_rules(files, &n, report);
    enum err err = ref ? alertfile_none(&f) : ERR_NOMEM;
    if (!err) {
        struct making m = {
            .plant = plant, .baselines = baselines, .report = report, .pool = f->pool};
        err = fill(f, &m, ref, n);
    }
    free(ref);
    if (err)
        alertfile_close(f);
    else
        *out = f;
    return err;
}

/* All files are read and all rules are looked at, whatever is wrong with some of them. */
enum err set_make(const struct set_text *text, size_t n, const struct plant *plant,
                  const struct baselines *baselines, struct conf_report *report,
                  struct alertfile **out) {
    struct files files = {.at = calloc(n + 1, sizeof *files.at),
                          .text = calloc(n + 1, sizeof *files.text)};
    enum err err = files.at && files.text ? ERR_OK : ERR_NOMEM, wrong = ERR_OK;
    for (size_t i = 0; i < n && err != ERR_NOMEM; i++) {
        err = conf_load(text[i].text, text[i].name, &rows_rules, &files.at[files.n], report);
        if (!err) {
            files.text[files.n] = (struct file_text){.of = &text[i]};
            err = find_lines(&files.text[files.n++]);
        }
        wrong = err ? err : wrong;
    }
    struct alertfile *made = NULL;
    if (err != ERR_NOMEM)
        err = make(&files, plant, baselines, report, &made);
    err = err ? err : wrong;
    files_fini(&files);
    if (err)
        alertfile_close(made);
    else
        *out = made;
    return err;
}

/* --- doors --------------------------------------------------------------------------------------
 */

enum err alertfile_none(struct alertfile **out) {
    struct alertfile *f = calloc(1, sizeof *f);
    if (f)
        f->pool = pool_open();
    if (!f || !f->pool) {
        free(f);
        return ERR_NOMEM;
    }
    *out = f;
    return ERR_OK;
}

uint64_t alertfile_print(struct span text) {
    return fnv1a64(text);
}

void alertfile_close(struct alertfile *f) {
    if (f)
        pool_close(f->pool);
    free(f);
}

enum err alertfile_parse(struct span text, const char *name, const struct plant *plant,
                         const struct baselines *baselines, struct conf_report *report,
                         struct alertfile **out) {
    const struct set_text one = {name, text};
    return set_make(&one, 1, plant, baselines, report, out);
}

enum err alertfile_load(const char *path, const struct plant *plant,
                        const struct baselines *baselines, struct conf_report *report,
                        uint64_t *print, struct alertfile **out) {
    struct folder folder;
    enum err err = folder_read(path, ".yaml", &folder, report);
    struct set_text *text = err ? NULL : calloc(folder.n + 1, sizeof *text);
    if (print)
        *print = folder_print(&folder);
    for (size_t i = 0; text && i < folder.n; i++)
        text[i] = (struct set_text){folder.file[i].path, buf_span(&folder.file[i].text)};
    if (!err)
        err = text ? set_make(text, folder.n, plant, baselines, report, out) : ERR_NOMEM;
    free(text);
    folder_fini(&folder);
    return err;
}
