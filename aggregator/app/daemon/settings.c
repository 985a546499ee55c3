#include "daemon/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "plantfile/plant_diff.h"
#include "plantfile/plantfile.h"
#include "web/web.h"

static enum err read_file(const char *path, struct buf *out, struct conf_report *report) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : 1;
    while (n > 0) {
        if (buf_reserve(out, 65536))
            n = -1;
        else
            n = read(fd, out->p + out->n, 65536);
        out->n += n > 0 ? (size_t)n : 0;
        if (out->n > CONF_FILE_MAX)
            break;
    }
    if (n < 0)
        conf_report_at(report, (struct conf_pos){0}, "%s cannot be read: %s", path,
                       strerror(errno));
    if (fd >= 0)
        close(fd);
    return n < 0 ? ERR_IO : ERR_OK;
}

static enum err resolve(char **path, const char *config) {
    const char *slash = strrchr(config, '/');
    if ((*path)[0] == '/' || !slash)
        return ERR_OK;
    size_t folder = (size_t)(slash - config) + 1, n = strlen(*path) + 1;
    char *full = malloc(folder + n);
    if (!full)
        return ERR_NOMEM;
    memcpy(full, config, folder);
    memcpy(full + folder, *path, n);
    free(*path);
    *path = full;
    return ERR_OK;
}

static void add_print(uint64_t *print, const char *path, struct span text) {
    *print = (*print ^ fnv1a64(span_str(path))) * UINT64_C(0x9e3779b97f4a7c15);
    *print = (*print ^ fnv1a64(text)) * UINT64_C(0x9e3779b97f4a7c15);
}

/* What must not stand in the file itself. It belongs to the print: another password is another
 * configuration. */
static enum err load_secrets(struct settings *s, struct conf_report *report) {
    struct notify_conf *c = &s->conf.notify;
    enum err err = ERR_OK;
    for (size_t i = 0; i < c->channel_n && !err; i++) {
        char **paths[] = {&c->channels[i].password_file, &c->channels[i].token_file,
                          &c->channels[i].ca_file};
        for (size_t p = 0; p < sizeof paths / sizeof *paths && !err; p++)
            if (**paths[p])
                err = resolve(paths[p], s->path);
    }
    if (!err)
        err = notify_conf_secrets(c, report);
    for (size_t i = 0; i < c->channel_n && !err; i++) {
        add_print(&s->print, "password", span_str(c->channels[i].password));
        add_print(&s->print, "token", span_str(c->channels[i].token));
    }
    return err;
}

/* Both are read when the port is opened; here it is seen that they can be. */
static enum err load_tls(struct settings *s, struct conf_report *report) {
    struct http_conf *h = &s->conf.http;
    char why[200];
    if (!h->certificate[0] || !h->key[0])
        return ERR_OK;
    enum err err = resolve(&h->certificate, s->path);
    if (!err)
        err = resolve(&h->key, s->path);
    if (!err && !web_tls_check(h->certificate, h->key, why))
        conf_report_at(report, why[0] == 'k' ? h->key_pos : h->certificate_pos, "http.%s", why);
    return err;
}

static enum err load_conf(struct settings *s, struct conf_report *report) {
    struct buf text;
    buf_init(&text);
    enum err err = read_file(s->path, &text, report);
    if (!err) {
        add_print(&s->print, s->path, buf_span(&text));
        err = conf_load(buf_span(&text), s->path, &daemon_schema, &s->conf, report);
    }
    buf_fini(&text);
    if (err)
        return err;
    daemon_conf_finish(&s->conf, report);
    err = resolve(&s->conf.plant_path, s->path);
    if (!err && s->conf.norms_path[0])
        err = resolve(&s->conf.norms_path, s->path);
    if (!err && s->conf.alerts_path[0])
        err = resolve(&s->conf.alerts_path, s->path);
    if (!err && s->conf.baselines_path[0])
        err = resolve(&s->conf.baselines_path, s->path);
    if (!err)
        err = resolve(&s->conf.data_path, s->path);
    if (!err)
        err = load_tls(s, report);
    return err ? err : load_secrets(s, report);
}

static enum err load_plant(struct settings *s, struct conf_report *report) {
    struct buf text;
    buf_init(&text);
    enum err err = read_file(s->conf.plant_path, &text, report);
    if (!err) {
        add_print(&s->print, s->conf.plant_path, buf_span(&text));
        err = plantfile_load(buf_span(&text), s->conf.plant_path, clock_zone_bytes, report,
                             &s->plant);
    }
    buf_fini(&text);
    return err;
}

static enum err load_norms(struct settings *s, struct conf_report *report) {
    struct buf text;
    if (!s->conf.norms_path[0])
        return ERR_OK;
    buf_init(&text);
    enum err err = read_file(s->conf.norms_path, &text, report);
    if (!err) {
        add_print(&s->print, s->conf.norms_path, buf_span(&text));
        err = norm_settings_load(buf_span(&text), s->conf.norms_path, report, &s->norms);
    }
    buf_fini(&text);
    return err;
}

/* NULL: no memory. */
static char *all_of(const char *folder, const char *ending) {
    const size_t n = strlen(folder) + strlen(ending) + 1;
    char *all = malloc(n);
    if (all)
        snprintf(all, n, "%s%s", folder, ending);
    return all;
}

static enum err load_baselines(struct settings *s, struct conf_report *report) {
    const char *folder = s->conf.baselines_path;
    uint64_t print = 0;
    if (!folder[0])
        return ERR_OK;
    s->baseline_files = all_of(folder, "/*.baseline");
    if (!s->baseline_files)
        return ERR_NOMEM;
    const enum err err = baselines_load(folder, report, &print, &s->baselines);
    add_print(&s->print, folder, span_of(&print, sizeof print));
    return err;
}

/* Rules name parts of the plant and baselines: without these nothing can be said of them. */
static enum err load_alerts(struct settings *s, struct conf_report *report) {
    const char *folder = s->conf.alerts_path;
    uint64_t print = 0;
    const enum err baselines = load_baselines(s, report); /* the page has them without rules, too */
    if (!folder[0])
        return baselines;
    s->alert_files = all_of(folder, "/*.yaml");
    if (!s->alert_files)
        return ERR_NOMEM;
    if (!s->plant || baselines)
        return baselines;
    const enum err err = alertfile_load(folder, s->plant, s->baselines, report, &print, &s->alerts);
    add_print(&s->print, folder, span_of(&print, sizeof print));
    for (size_t i = 0; !err && i < s->alerts->rules.rule_n; i++)
        notify_conf_check_rule(&s->conf.notify, &s->alerts->rules.rule[i], s->alerts->place[i].file,
                               s->alerts->place[i].line, report);
    return err;
}

enum err settings_load(const char *path, struct conf_report *report, uint64_t *print,
                       struct settings **out) {
    struct settings *s = calloc(1, sizeof *s);
    enum err err = s ? ERR_OK : ERR_NOMEM;
    if (s && !(s->path = strdup(path)))
        err = ERR_NOMEM;
    if (!err)
        err = load_conf(s, report);
    if (!err) { /* mistakes of both in one run */
        err = load_plant(s, report);
        const enum err norms = load_norms(s, report);
        const enum err alerts = load_alerts(s, report);
        err = err ? err : norms ? norms : alerts;
    }
    if (!err)
        notify_conf_check_plant(&s->conf.notify, s->plant, report);
    if (!err && conf_report_count(report))
        err = ERR_CONFIG;
    if (print)
        *print = s ? s->print : 0;
    if (err)
        settings_close(s);
    else
        *out = s;
    return err;
}

void settings_close(struct settings *s) {
    if (!s)
        return;
    plant_close(s->plant);
    norm_settings_close(s->norms);
    alertfile_close(s->alerts);
    baselines_close(s->baselines);
    free(s->alert_files);
    free(s->baseline_files);
    conf_free(&daemon_schema, &s->conf);
    free(s->path);
    free(s);
}

size_t settings_files(const struct settings *s, const char *file[SETTINGS_FILES]) {
    file[0] = s->path;
    file[1] = s->conf.plant_path;
    size_t n = 2;
    if (s->conf.norms_path[0])
        file[n++] = s->conf.norms_path;
    if (s->alert_files)
        file[n++] = s->alert_files;
    if (s->baseline_files)
        file[n++] = s->baseline_files;
    return n;
}

static enum err diff_alerts(const struct settings *old, const struct settings *now, struct buf *out,
                            size_t *n) {
    static const struct alertfile none;
    size_t found = 0;
    const enum err err = alertfile_diff(old->alerts ? old->alerts : &none, old->plant,
                                        now->alerts ? now->alerts : &none, now->plant, out, &found);
    *n += found;
    return err;
}

static enum err from_root(char **path) {
    char *whole = **path ? realpath(*path, NULL) : NULL;
    if (!**path)
        return ERR_OK;
    if (!whole)
        return errno == ENOMEM ? ERR_NOMEM : ERR_OK; /* not there: as it was written */
    free(*path);
    *path = whole;
    return ERR_OK;
}

static enum err all_from_root(struct daemon_conf *c) {
    char **path[] = {&c->plant_path,     &c->data_path,        &c->norms_path, &c->alerts_path,
                     &c->baselines_path, &c->http.certificate, &c->http.key};
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof path / sizeof *path && !err; i++)
        err = from_root(path[i]);
    for (size_t i = 0; i < c->notify.channel_n && !err; i++) {
        char **of_channel[] = {&c->notify.channels[i].password_file,
                               &c->notify.channels[i].token_file, &c->notify.channels[i].ca_file};
        for (size_t k = 0; k < sizeof of_channel / sizeof *of_channel && !err; k++)
            err = from_root(of_channel[k]);
    }
    return err;
}

/* Of a copy that lacks nothing but its secrets. */
enum err settings_dump(const struct daemon_conf *c, struct buf *out) {
    struct conf_report report;
    struct daemon_conf copy;
    struct buf text;
    buf_init(&text);
    conf_report_init(&report);
    enum err err = conf_dump(&daemon_schema, c, &text);
    if (!err)
        err = conf_load(buf_span(&text), "settings", &daemon_schema, &copy, &report);
    if (!err) {
        err = all_from_root(&copy);
        if (!err)
            err = conf_dump(&daemon_schema, &copy, out);
        conf_free(&daemon_schema, &copy);
    }
    conf_report_fini(&report);
    buf_fini(&text);
    return err;
}

enum err settings_diff(const struct settings *old, const struct settings *now, struct buf *out,
                       struct settings_change *change) {
    struct conf_changes found = {0};
    enum err err = conf_changes(&daemon_schema, &old->conf, &now->conf, out, &found);
    if (err)
        return err;
    *change = (struct settings_change){.n = found.n, .fixed = found.fixed};
    change->plant = !span_equal(old->plant->text, now->plant->text);
    change->database = !daemon_conf_same_database(&old->conf.database, &now->conf.database);
    change->notify = !daemon_conf_same_notify(&old->conf.notify, &now->conf.notify);
    change->n += plant_diff(old->plant, now->plant, out);
    found = (struct conf_changes){0};
    err = norm_settings_diff(old->norms, now->norms, out, &found);
    change->n += found.n;
    change->fixed += found.fixed;
    if (!err)
        err = diff_alerts(old, now, out, &change->n);
    if (err)
        return err;
    return out->failed ? ERR_NOMEM : ERR_OK;
}
