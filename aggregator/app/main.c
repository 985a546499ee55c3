/* plantbus-aggregator CONFIG: reads its two files, reports every mistake in them, and runs. Exit
 * codes: 0 stopped by a signal, 1 failure while running, 2 wrong call, 3 wrong configuration. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/daemon.h"
#include "plantfile/plantfile.h"

enum { EXIT_FAILED = 1, EXIT_CALL = 2, EXIT_CONFIG = 3 };

static const char help[] =
    "Usage: plantbus-aggregator [--check] CONFIG\n"
    "Turns the readings of a site's agents into live indicators.\n\n"
    "  --check   read and check the configuration, start nothing\n"
    "  --version, --help\n\n"
    "SIGTERM or Ctrl-C: last checkpoint, clean end.\n"
    "Exit codes: 0 stopped, 1 failure, 2 wrong call, 3 wrong configuration.\n"
    "Every key: plantbus reference aggregator\n";

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

/* Paths in the file are relative to the file's folder. */
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

static enum err load_conf(const char *path, struct daemon_conf *conf, struct conf_report *report) {
    struct buf text;
    buf_init(&text);
    enum err err = read_file(path, &text, report);
    if (!err)
        err = conf_load(buf_span(&text), path, &daemon_schema, conf, report);
    buf_fini(&text);
    if (err)
        return err;
    daemon_conf_finish(conf, report);
    err = resolve(&conf->plant_path, path);
    if (!err)
        err = resolve(&conf->data_path, path);
    if (err)
        conf_free(&daemon_schema, conf);
    return err;
}

static enum err load_plant(const char *path, struct conf_report *report, struct plant **out) {
    struct buf text;
    buf_init(&text);
    enum err err = read_file(path, &text, report);
    if (!err)
        err = plantfile_load(buf_span(&text), path, clock_zone_bytes, report, out);
    buf_fini(&text);
    return err;
}

static void print_report(struct conf_report *report, bool plant_read) {
    struct buf text;
    buf_init(&text);
    conf_report_format(report, &text);
    fwrite(text.p, 1, text.n, stderr);
    fprintf(stderr, "%zu mistake%s%s; nothing was started\n", conf_report_count(report),
            conf_report_count(report) == 1 ? "" : "s",
            plant_read ? "" : ", and the plant file was not read yet");
    buf_fini(&text);
}

static int run(const struct daemon_conf *conf, const struct plant *plant) {
    struct daemon *d = NULL;
    struct log log;
    char why[200] = "";
    log_init(&log, STDERR_FILENO, (enum log_level)conf->log_level);
    enum err err = daemon_open(conf, plant, &log, &d, why);
    if (err) {
        log_event(&log, LOG_ERROR, "start_failed", "why=\"%s\"", why);
        return EXIT_FAILED;
    }
    err = daemon_run(d);
    daemon_close(d);
    return err ? EXIT_FAILED : 0;
}

/* What is wrong stands last, where it is read. */
static int wrong_call(const char *what, const char *word) {
    fprintf(stderr, "%s\nplantbus-aggregator: %s%s%s\n", help, what, word ? " " : "",
            word ? word : "");
    return EXIT_CALL;
}

struct call {
    const char *path;
    bool check;
};

/* -1: go on; else the exit code. */
static int read_call(int argc, char **argv, struct call *call) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(help, stdout);
            return 0;
        }
        if (strcmp(argv[i], "--version") == 0) {
            puts("plantbus-aggregator " PLANTBUS_VERSION);
            return 0;
        }
        if (strcmp(argv[i], "--check") == 0)
            call->check = true;
        else if (argv[i][0] == '-')
            return wrong_call("unknown option", argv[i]);
        else if (call->path)
            return wrong_call("one configuration file only, unexpected argument", argv[i]);
        else
            call->path = argv[i];
    }
    return call->path ? -1 : wrong_call("no configuration file is named", NULL);
}

int main(int argc, char **argv) {
    struct call call = {0};
    int over = read_call(argc, argv, &call);
    if (over >= 0)
        return over;
    const char *path = call.path;
    struct conf_report report;
    struct daemon_conf conf;
    struct plant *plant = NULL;
    int code = EXIT_CONFIG;
    conf_report_init(&report);
    enum err err = load_conf(path, &conf, &report);
    bool loaded = err == ERR_OK;
    if (loaded)
        err = load_plant(conf.plant_path, &report, &plant);
    if (err || conf_report_count(&report))
        print_report(&report, loaded);
    else
        code = call.check ? 0 : run(&conf, plant);
    plant_close(plant);
    if (loaded)
        conf_free(&daemon_schema, &conf);
    conf_report_fini(&report);
    return code;
}
