#include "ctl/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alertfile/alertfile.h"
#include "alertfile/baselines.h"
#include "base/clock.h"
#include "base/readable.h"
#include "ctl/source_file.h"
#include "daemon/daemon_conf.h"
#include "kinds/kinds.h"
#include "normfile/normfile.h"
#include "plantfile/plantfile.h"

static const struct conf_schema *aggregator_schema(void) {
    return &daemon_schema;
}

static const struct conf_schema *norm_settings_rows(void) {
    return &norm_settings_schema;
}

static const struct conf_schema *norm_rows(void) {
    return &normfile_top_schema;
}

static const struct conf_schema *sim_rows(void) {
    return kinds_find("sim")->schema;
}

static const struct conf_schema *csv_rows(void) {
    return kinds_find("csv")->schema;
}

static const struct conf_schema *lines_rows(void) {
    return kinds_find("lines")->schema;
}

static const struct {
    const char *name;
    const struct conf_schema *(*schema)(void);
} kinds[FILES_KIND_COUNT] = {[FILES_PLANT] = {"plant", plantfile_schema},
                             [FILES_AGGREGATOR] = {"aggregator", aggregator_schema},
                             [FILES_AGENT] = {"agent", files_agent_schema},
                             [FILES_SOURCE] = {"source", source_file_schema},
                             [FILES_ALERTS] = {"alerts", alertfile_schema},
                             [FILES_NORM_SETTINGS] = {"norm-settings", norm_settings_rows},
                             [FILES_NORMS] = {"norms", norm_rows},
                             [FILES_MAP] = {"map", plantfile_map_schema},
                             [FILES_SIM] = {"sim", sim_rows},
                             [FILES_CSV] = {"csv", csv_rows},
                             [FILES_LINES] = {"lines", lines_rows}};

const char *files_kind_name(enum files_kind kind) {
    return kind < FILES_KIND_COUNT ? kinds[kind].name : "unknown";
}

enum files_kind files_kind_find(const char *name) {
    unsigned k = 0;
    while (k < FILES_KIND_COUNT && strcmp(kinds[k].name, name) != 0)
        k++;
    return (enum files_kind)k;
}

const struct conf_schema *files_schema(enum files_kind kind) {
    return kinds[kind].schema();
}

void files_folder(const char *path, struct buf *out) {
    const char *slash = strrchr(path, '/');
    (void)buf_add(out, path, slash ? (size_t)(slash - path) + 1 : 0); /* failure is kept in out */
}

enum err files_read(const char *path, struct buf *out, struct conf_report *report) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : 1;
    bool nomem = false;
    while (n > 0 && out->n <= CONF_FILE_MAX) {
        nomem = buf_reserve(out, 65536) != ERR_OK;
        n = nomem ? 0 : read(fd, out->p + out->n, 65536);
        out->n += n > 0 ? (size_t)n : 0;
    }
    if (n < 0)
        conf_report_at(report, (struct conf_pos){0}, "%s cannot be read: %s", path,
                       strerror(errno));
    if (fd >= 0)
        close(fd);
    return n < 0 ? ERR_IO : nomem ? ERR_NOMEM : ERR_OK;
}

/* --- kinds by keys ------------------------------------------------------------------------------
 */

static bool has_key(const struct conf_schema *schema, struct span key) {
    for (size_t i = 0; i < schema->row_n; i++)
        if (span_equal(key, span_str(schema->rows[i].key)))
            return true;
    return false;
}

/* The key that begins the line, n == 0 if none does: blocks of YAML begin in column 1. */
static struct span key_of_line(struct span line) {
    size_t n = 0;
    while (n < line.n &&
           (line.p[n] == '_' || line.p[n] == '-' || (line.p[n] >= 'a' && line.p[n] <= 'z') ||
            (line.p[n] >= '0' && line.p[n] <= '9')))
        n++;
    return n < line.n && line.p[n] == ':' ? span_of(line.p, n) : span_of(line.p, 0);
}

enum files_kind files_recognise(struct span text) {
    unsigned votes[FILES_KIND_COUNT] = {0};
    enum files_kind best = FILES_KIND_COUNT;
    while (text.n > 0) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        size_t n = end ? (size_t)(end - text.p) : text.n;
        struct span key = key_of_line(span_of(text.p, n));
        for (unsigned k = 0; k < FILES_KIND_COUNT && key.n > 0; k++)
            votes[k] += has_key(files_schema((enum files_kind)k), key);
        n += end != NULL;
        text = span_of(text.p + n, text.n - n);
    }
    for (unsigned k = 0; k < FILES_KIND_COUNT; k++)
        if (votes[k] > 0 && (best == FILES_KIND_COUNT || votes[k] > votes[best]))
            best = (enum files_kind)k;
    return best;
}

/* --- checks -------------------------------------------------------------------------------------
 */

/* A path that an aggregator's file names, as seen from here. ERR_NOMEM. */
static enum err named_path(const char *path, const char *named, struct buf *out) {
    if (named[0] != '/')
        files_folder(path, out);
    (void)buf_add_str(out, named);
    (void)buf_add_byte(out, 0);
    return out->failed ? ERR_NOMEM : ERR_OK;
}

static enum err load_baselines(const char *path, const struct daemon_conf *conf,
                               struct conf_report *report, struct baselines **out) {
    struct buf full;
    if (!conf->baselines_path[0])
        return ERR_OK;
    buf_init(&full);
    enum err err = named_path(path, conf->baselines_path, &full);
    if (!err)
        err = baselines_load((const char *)full.p, report, NULL, out);
    buf_fini(&full);
    return err;
}

static enum err check_alerts(const char *path, const struct daemon_conf *conf,
                             const struct plant *plant, struct conf_report *report) {
    struct baselines *baselines = NULL;
    struct alertfile *rules = NULL;
    struct buf full;
    buf_init(&full);
    enum err err = load_baselines(path, conf, report, &baselines);
    if (!err)
        err = named_path(path, conf->alerts_path, &full);
    if (!err)
        err = alertfile_load((const char *)full.p, plant, baselines, report, NULL, &rules);
    for (size_t i = 0; !err && i < rules->rules.rule_n; i++)
        notify_conf_check_rule(&conf->notify, &rules->rules.rule[i], rules->place[i].file,
                               rules->place[i].line, report);
    alertfile_close(rules);
    baselines_close(baselines);
    buf_fini(&full);
    return err;
}

/* The settings of norms that an aggregator's file names. */
static enum err check_named_norms(const char *path, const struct daemon_conf *conf,
                                  struct buf *mistakes) {
    struct buf full;
    if (!conf->norms_path[0])
        return ERR_OK;
    buf_init(&full);
    enum err err = named_path(path, conf->norms_path, &full);
    if (!err)
        err = files_check(FILES_NORM_SETTINGS, (const char *)full.p, mistakes, NULL);
    buf_fini(&full);
    return err;
}

/* Of another machine's file they may be right all the same. */
static enum err note_broker(const char *path, const struct broker_conf *b, struct buf *mistakes) {
    const char *const file[][2] = {
        {"ca_file", b->ca_file}, {"cert_file", b->cert_file}, {"key_file", b->key_file}};
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof file / sizeof *file && !err; i++) {
        const char *wrong = unreadable(file[i][1]);
        if (wrong)
            err = buf_addf(mistakes, "%s: note: broker.%s: %s: %s\n", path, file[i][0], file[i][1],
                           wrong);
    }
    return err;
}

static enum err check_aggregator(const char *path, struct span text, struct conf_report *report,
                                 struct buf *mistakes) {
    struct daemon_conf conf;
    struct buf plant_path;
    enum err err = conf_load(text, path, &daemon_schema, &conf, report);
    if (err)
        return err;
    daemon_conf_finish(&conf, report);
    buf_init(&plant_path);
    struct plant *plant = NULL;
    err = named_path(path, conf.plant_path, &plant_path);
    if (!err)
        err = files_load_plant((const char *)plant_path.p, mistakes, NULL, &plant);
    if (!err && conf.alerts_path[0])
        err = check_alerts(path, &conf, plant, report);
    if (!err)
        notify_conf_check_plant(&conf.notify, plant, report);
    if (!err)
        err = note_broker(path, &conf.broker, mistakes);
    plant_close(plant);
    buf_fini(&plant_path);
    const enum err norms = check_named_norms(path, &conf, mistakes);
    err = err ? err : norms;
    conf_free(&daemon_schema, &conf);
    return err;
}

static enum err check_rules(const char *path, struct span text, struct conf_report *report) {
    const struct conf_schema *schema = alertfile_schema();
    void *rows = calloc(1, schema->size);
    const enum err err = rows ? conf_load(text, path, schema, rows, report) : ERR_NOMEM;
    if (!err)
        conf_free(schema, rows);
    free(rows);
    return err;
}

static enum err check_norm_settings(const char *path, struct span text,
                                    struct conf_report *report) {
    struct norm_settings *s = NULL;
    enum err err = norm_settings_load(text, path, report, &s);
    norm_settings_close(s);
    return err;
}

/* Their dates are not looked at here, for the plant's zone is not known. */
static enum err check_norms(const char *path, struct span text, struct conf_report *report) {
    struct normfile f;
    enum err err = normfile_load(text, path, NULL, report, &f);
    if (!err)
        normfile_fini(&f);
    return err;
}

/* The settings of a source without the file that they are part of. */
static enum err check_settings(const char *path, struct span text, enum files_kind kind,
                               struct conf_report *report) {
    const struct kinds_row *k = kinds_find(files_kind_name(kind));
    void *settings = calloc(1, k->schema->size);
    if (!settings)
        return ERR_NOMEM;
    enum err err = conf_load(text, path, k->schema, settings, report);
    if (!err) {
        k->finish(settings, report);
        conf_free(k->schema, settings);
    }
    free(settings);
    return err;
}

static enum err tell(enum err err, struct conf_report *report, struct buf *mistakes) {
    if (conf_report_count(report) == 0)
        return err;
    (void)conf_report_format(report, mistakes);
    return err ? err : ERR_CONFIG;
}

enum err files_parse_plant(struct span text, const char *file, struct buf *mistakes,
                           struct buf *notes, struct plant **out) {
    struct conf_report report;
    conf_report_init(&report);
    enum err err = plantfile_load(text, file, clock_zone_bytes, &report, out);
    err = tell(err, &report, mistakes);
    if (!err && notes)
        (void)conf_report_format_notes(&report, notes);
    conf_report_fini(&report);
    return err;
}

enum err files_load_plant(const char *path, struct buf *mistakes, struct buf *notes,
                          struct plant **out) {
    struct conf_report report;
    struct buf text;
    conf_report_init(&report);
    buf_init(&text);
    enum err err = tell(files_read(path, &text, &report), &report, mistakes);
    if (!err)
        err = files_parse_plant(buf_span(&text), path, mistakes, notes, out);
    buf_fini(&text);
    conf_report_fini(&report);
    return err;
}

enum err files_check(enum files_kind kind, const char *path, struct buf *mistakes,
                     struct plant **plant) {
    struct conf_report report;
    struct buf text;
    if (kind == FILES_AGENT)
        return files_check_agent(path, mistakes);
    if (kind == FILES_PLANT)
        return files_load_plant(path, mistakes, mistakes, plant);
    conf_report_init(&report);
    buf_init(&text);
    enum err err = files_read(path, &text, &report);
    if (!err && kind == FILES_AGGREGATOR)
        err = check_aggregator(path, buf_span(&text), &report, mistakes);
    else if (!err && kind == FILES_SOURCE)
        err = source_file_check(path, buf_span(&text), &report);
    else if (!err && kind == FILES_ALERTS)
        err = check_rules(path, buf_span(&text), &report);
    else if (!err && kind == FILES_MAP)
        err = plantfile_check_map(buf_span(&text), path, &report);
    else if (!err && kind == FILES_NORM_SETTINGS)
        err = check_norm_settings(path, buf_span(&text), &report);
    else if (!err && kind == FILES_NORMS)
        err = check_norms(path, buf_span(&text), &report);
    else if (!err)
        err = check_settings(path, buf_span(&text), kind, &report);
    err = tell(err, &report, mistakes);
    buf_fini(&text);
    conf_report_fini(&report);
    return err;
}
