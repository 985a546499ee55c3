/* One rule changed through us: its file is edited as a text, the folder is looked at as it would be
 * then, and only then written. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alertfile/alertfile.h"
#include "alertfile/edit.h"
#include "alertfile/folder.h"
#include "alertfile/rows.h"
#include "alertfile/set.h"

struct change {
    struct folder folder;
    struct set_text *text; /* as the folder would be; one more than it has files */
    size_t n, at;          /* of them; the one that is changed */
    char path[4096];       /* of that one */
    struct buf edited;
};

/* Whether the file's text has the rule: what cannot be loaded has it where its lines say so. */
static bool has_rule(const struct folder_file *f, const struct ident *rule) {
    struct buf without;
    buf_init(&without);
    const bool found = edit_rule(buf_span(&f->text), rule, span_of(NULL, 0), &without) == ERR_OK;
    buf_fini(&without);
    return found;
}

/* The file that has the rule, else the one named. */
static enum err find_file(struct change *c, const struct alertfile_change *asked) {
    const int n = snprintf(c->path, sizeof c->path, "%s/%s", asked->folder, asked->name);
    if (n < 0 || (size_t)n >= sizeof c->path)
        return ERR_RANGE;
    c->at = c->folder.n;
    for (size_t i = 0; i < c->folder.n; i++) {
        c->text[i] = (struct set_text){c->folder.file[i].path, buf_span(&c->folder.file[i].text)};
        if (strcmp(c->folder.file[i].path, c->path) == 0 && c->at == c->folder.n)
            c->at = i;
    }
    for (size_t i = 0; i < c->folder.n; i++)
        if (has_rule(&c->folder.file[i], asked->rule)) {
            c->at = i;
            break;
        }
    c->n = c->folder.n + (c->at == c->folder.n);
    if (c->at < c->folder.n)
        (void)snprintf(c->path, sizeof c->path, "%s", c->folder.file[c->at].path);
    return ERR_OK;
}

/* Whether what stands there is what whoever asks has before him. */
static enum err check_when(const struct change *c, const struct alertfile_change *asked) {
    struct edit_place at;
    const bool there =
        c->at < c->folder.n && edit_find(c->text[c->at].text, asked->rule, &at) == ERR_OK;
    if (asked->when == ALERTFILE_NEW && there)
        return ERR_EXISTS;
    if (asked->when == ALERTFILE_STILL && !there)
        return ERR_NOT_FOUND;
    return asked->when == ALERTFILE_STILL && alertfile_print(at.entry) != asked->print ? ERR_STATE
                                                                                       : ERR_OK;
}

static enum err edit(struct change *c, const struct alertfile_change *asked) {
    const struct span old = c->at < c->folder.n ? c->text[c->at].text : span_of(NULL, 0);
    const enum err err = edit_rule(old, asked->rule, asked->body, &c->edited);
    c->text[c->at] = (struct set_text){c->path, buf_span(&c->edited)};
    return err;
}

enum err alertfile_change(const struct alertfile_change *change, const struct plant *plant,
                          const struct baselines *baselines, struct conf_report *report) {
    struct change c = {.n = 0};
    struct alertfile *then = NULL;
    buf_init(&c.edited);
    enum err err = folder_read(change->folder, ".yaml", &c.folder, report);
    if (!err) {
        c.text = calloc(c.folder.n + 2, sizeof *c.text);
        err = c.text ? find_file(&c, change) : ERR_NOMEM;
    }
    if (!err)
        err = check_when(&c, change);
    if (!err)
        err = edit(&c, change);
    if (!err)
        err = set_make(c.text, c.n, plant, baselines, report, &then);
    if (!err)
        err = folder_write(c.path, buf_span(&c.edited));
    const int why = errno;
    alertfile_close(then);
    free(c.text);
    buf_fini(&c.edited);
    folder_fini(&c.folder);
    errno = why;
    return err;
}
