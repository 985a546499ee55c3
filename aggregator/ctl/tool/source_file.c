#include "ctl/source_file.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "agent_app/agent_conf.h"
#include "ctl/files.h"

enum { KINDS_MAX = 16, SMALL_ROWS = 2, ALIGN = 16 };

/* One source of the small file; the settings of each kind follow at the offsets of the shape. */
struct entry {
    struct ident id;
    struct conf_pos pos;
    bool given[KINDS_MAX];
};

struct small_conf {
    struct ident agent;
    void *sources;
    size_t source_n;
};

/* The rows of the small file, made from the table of kinds: a kind added there is known here. */
struct shape {
    struct conf_row kind[KINDS_MAX], top[SMALL_ROWS];
    size_t at[KINDS_MAX];
    struct conf_schema entry, file;
};

struct source_file {
    struct shape shape;
    bool is_agent, loaded;
    struct small_conf small;
    struct agent_conf whole;
    size_t n;
    struct ident agent;
    struct buf folder;
    struct source **source;
};

/* For recognising and the printed page: no values are loaded with it. */
static const struct conf_row page_rows[SMALL_ROWS] = {
    {.key = "agent",
     .type = CONF_ID,
     .field = CONF_FIELD(struct small_conf, agent),
     .required = true,
     .help = "Agent the plant file knows these points of."},
    {.key = "sources",
     .type = CONF_PAIRS,
     .required = true,
     .field = CONF_FIELD(struct small_conf, sources),
     .count = CONF_FIELD(struct small_conf, source_n),
     .help = "Sources by name, each of one kind, as in an agent's configuration."}};
static const struct conf_schema page_schema = CONF_SCHEMA(struct small_conf, page_rows);

const struct conf_schema *source_file_schema(void) {
    return &page_schema;
}

static void shape_init(struct shape *s) {
    size_t end = sizeof(struct entry), n = kinds_n < KINDS_MAX ? kinds_n : KINDS_MAX;
    for (size_t k = 0; k < n; k++) {
        s->at[k] = (end + ALIGN - 1) / ALIGN * ALIGN;
        s->kind[k] = (struct conf_row){.key = kinds_rows[k].name,
                                       .type = CONF_MAP,
                                       .sub = kinds_rows[k].schema,
                                       .field = {s->at[k], kinds_rows[k].schema->size},
                                       .given = {offsetof(struct entry, given) + k, sizeof(bool)},
                                       .help = "Settings of a source of this kind."};
        end = s->at[k] + kinds_rows[k].schema->size;
    }
    s->entry = (struct conf_schema){.rows = s->kind,
                                    .row_n = n,
                                    .size = (end + ALIGN - 1) / ALIGN * ALIGN,
                                    .id = CONF_FIELD(struct entry, id),
                                    .pos = CONF_FIELD(struct entry, pos)};
    s->top[0] = page_rows[0];
    s->top[1] = page_rows[1];
    s->top[1].type = CONF_KEYED;
    s->top[1].sub = &s->entry;
    s->top[1].least = 1;
    s->file = (struct conf_schema){
        .rows = s->top, .row_n = SMALL_ROWS, .size = sizeof(struct small_conf)};
}

/* --- one source of either file ------------------------------------------------------------------
 */

static struct entry *entry_at(const struct source_file *f, size_t i) {
    return (struct entry *)((char *)f->small.sources + i * f->shape.entry.size);
}

static const struct ident *id_of(const struct source_file *f, size_t i) {
    return f->is_agent ? &f->whole.sources[i].id : &entry_at(f, i)->id;
}

const char *source_file_name(const struct source_file *f, size_t i) {
    return id_of(f, i)->s;
}

static struct conf_pos pos_of(const struct source_file *f, size_t i) {
    return f->is_agent ? f->whole.sources[i].pos : entry_at(f, i)->pos;
}

/* NULL unless it has exactly one kind. */
static const struct kinds_row *kind_of(const struct source_file *f, size_t i, void **settings) {
    const struct kinds_row *found = NULL;
    if (f->is_agent)
        return source_conf_kind(&f->whole.sources[i], settings);
    struct entry *e = entry_at(f, i);
    for (size_t k = 0; k < f->shape.entry.row_n; k++) {
        if (!e->given[k])
            continue;
        if (found)
            return NULL;
        found = &kinds_rows[k];
        *settings = (char *)e + f->shape.at[k];
    }
    return found;
}

/* --- loading ------------------------------------------------------------------------------------
 */

static void finish(struct source_file *f, struct conf_report *report) {
    for (size_t i = 0; i < f->n; i++) {
        void *settings = NULL;
        const struct kinds_row *kind = kind_of(f, i, &settings);
        if (kind)
            kinds_finish(kind, settings, id_of(f, i), pos_of(f, i), report);
        else
            conf_report_at(report, pos_of(f, i), "source %s: give exactly one kind",
                           source_file_name(f, i));
    }
}

static enum err load(struct source_file *f, const char *path, struct span text,
                     struct conf_report *report) {
    size_t before = conf_report_count(report);
    f->is_agent = files_recognise(text) == FILES_AGENT;
    shape_init(&f->shape);
    enum err err = f->is_agent ? conf_load(text, path, &agent_schema, &f->whole, report)
                               : conf_load(text, path, &f->shape.file, &f->small, report);
    if (err)
        return err;
    f->loaded = true;
    f->n = f->is_agent ? f->whole.source_n : f->small.source_n;
    f->agent = f->is_agent ? f->whole.id : f->small.agent;
    finish(f, report);
    return conf_report_count(report) > before ? ERR_CONFIG : ERR_OK;
}

static enum err open_sources(struct source_file *f, int64_t clock_ms, struct conf_report *report) {
    const struct span nowhere = {0};
    const char *folder = f->folder.n > 1 ? (const char *)f->folder.p : NULL;
    f->source = calloc(f->n ? f->n : 1, sizeof(struct source *));
    if (!f->source)
        return ERR_NOMEM;
    for (size_t i = 0; i < f->n; i++) {
        void *settings = NULL;
        const struct kinds_row *kind = kind_of(f, i, &settings);
        errno = 0;
        enum err err = kind->open(settings, folder, clock_ms, nowhere, &f->source[i]);
        if (err) {
            conf_report_at(report, pos_of(f, i), "source %s cannot be opened: %s",
                           source_file_name(f, i),
                           err == ERR_IO && errno ? strerror(errno) : err_name(err));
            return err;
        }
    }
    return ERR_OK;
}

enum err source_file_open(const char *path, int64_t clock_ms, struct conf_report *report,
                          struct source_file **out) {
    struct source_file *f = calloc(1, sizeof *f);
    struct buf text;
    if (!f)
        return ERR_NOMEM;
    buf_init(&text);
    buf_init(&f->folder);
    files_folder(path, &f->folder);
    (void)buf_add_byte(&f->folder, 0);
    enum err err = f->folder.failed ? ERR_NOMEM : files_read(path, &text, report);
    if (!err)
        err = load(f, path, buf_span(&text), report);
    if (!err)
        err = open_sources(f, clock_ms, report);
    buf_fini(&text);
    if (err) {
        source_file_close(f);
        return err;
    }
    *out = f;
    return ERR_OK;
}

enum err source_file_check(const char *path, struct span text, struct conf_report *report) {
    struct source_file *f = calloc(1, sizeof *f);
    if (!f)
        return ERR_NOMEM;
    buf_init(&f->folder);
    enum err err = load(f, path, text, report);
    source_file_close(f);
    return err;
}

size_t source_file_count(const struct source_file *f) {
    return f->n;
}

struct replay_source source_file_at(const struct source_file *f, size_t i) {
    return (struct replay_source){.agent = f->agent, .source = f->source[i]};
}

void source_file_close(struct source_file *f) {
    if (!f)
        return;
    for (size_t i = 0; f->source && i < f->n; i++)
        if (f->source[i])
            f->source[i]->ops->close(f->source[i]);
    free(f->source);
    if (f->loaded && f->is_agent)
        conf_free(&agent_schema, &f->whole);
    else if (f->loaded)
        conf_free(&f->shape.file, &f->small);
    buf_fini(&f->folder);
    free(f);
}
