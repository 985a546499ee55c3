#include "ctl/source_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent_app/agent_conf.h"
#include "ctl/files.h"

/* The rows are the agent's own (agent_conf.c), only fewer: a kind of source added there is known
 * here. */
struct small_conf {
    struct ident agent;
    struct source_conf *sources;
    size_t source_n;
};

enum { SMALL_ROWS = 2 };

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
     .help = "Sources by name, as in an agent's configuration."}};
static const struct conf_schema page_schema = CONF_SCHEMA(struct small_conf, page_rows);

const struct conf_schema *source_file_schema(void) {
    return &page_schema;
}

static const struct conf_row *agent_row(const char *key) {
    for (size_t i = 0; i < agent_schema.row_n; i++)
        if (strcmp(agent_schema.rows[i].key, key) == 0)
            return &agent_schema.rows[i];
    return NULL;
}

static struct conf_schema small_schema(struct conf_row rows[SMALL_ROWS]) {
    rows[0] = page_rows[0];
    rows[1] = *agent_row("sources");
    rows[1].field = (struct conf_field)CONF_FIELD(struct small_conf, sources);
    rows[1].count = (struct conf_field)CONF_FIELD(struct small_conf, source_n);
    return (struct conf_schema){
        .rows = rows, .row_n = SMALL_ROWS, .size = sizeof(struct small_conf)};
}

struct source_file {
    struct conf_row rows[SMALL_ROWS];
    struct conf_schema schema;
    bool is_agent, loaded;
    struct small_conf small;
    struct agent_conf whole;
    struct source_conf *conf; /* of one of the two */
    size_t n;
    struct ident agent;
    struct buf folder;
    struct source **source;
};

static void finish(struct source_file *f, struct conf_report *report) {
    for (size_t i = 0; i < f->n; i++) {
        void *settings = NULL;
        const struct kinds_row *kind = source_conf_kind(&f->conf[i], &settings);
        if (kind)
            kind->finish(settings, report);
        else
            conf_report_at(report, f->conf[i].pos, "source %s: give exactly one kind",
                           f->conf[i].id.s);
    }
}

static enum err load(struct source_file *f, const char *path, struct span text,
                     struct conf_report *report) {
    size_t before = conf_report_count(report);
    f->is_agent = files_recognise(text) == FILES_AGENT;
    f->schema = small_schema(f->rows);
    enum err err = f->is_agent ? conf_load(text, path, &agent_schema, &f->whole, report)
                               : conf_load(text, path, &f->schema, &f->small, report);
    if (err)
        return err;
    f->loaded = true;
    f->conf = f->is_agent ? f->whole.sources : f->small.sources;
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
        const struct kinds_row *kind = source_conf_kind(&f->conf[i], &settings);
        errno = 0;
        enum err err = kind->open(settings, folder, clock_ms, nowhere, &f->source[i]);
        if (err) {
            conf_report_at(report, f->conf[i].pos, "source %s cannot be opened: %s",
                           f->conf[i].id.s,
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

const char *source_file_name(const struct source_file *f, size_t i) {
    return f->conf[i].id.s;
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
        conf_free(&f->schema, &f->small);
    buf_fini(&f->folder);
    free(f);
}
