/* plantbus check: what is wrong with configuration files, what a plant file contains, and what a
 * new one would change. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/files.h"
#include "daemon/settings.h"
#include "plantfile/plant_diff.h"
#include "plantfile/plantfile.h"

static void print_bytes(int64_t bytes) {
    static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double v = (double)bytes;
    unsigned u = 0;
    for (; v >= 1024 && u < 4; u++)
        v /= 1024;
    printf(u ? "%.1f %s" : "%.0f %s", v, unit[u]);
}

static size_t nodes_of(const struct plant *p, enum plant_level level) {
    size_t n = 0;
    for (size_t i = 0; i < p->node_n; i++)
        n += p->node[i].level == level;
    return n;
}

static void print_missing(const struct plant *p) {
    static const char *const name[] = {"equipment", "labour", "consumption", "quality"};
    for (size_t u = 0; u < p->unit_n; u++)
        for (unsigned c = 0; c < 4; c++)
            if (p->unit[u].missing_class[c])
                printf("  note: %s has no signals for class %s\n", p->unit[u].id.s, name[c]);
}

/* Who shares what: "meter hall (energy, point ...), less oven-1: press-1 3/4, press-2 1/4", or by
 * rated power: "press-1 22000 W, press-2 800 W by time of production, the rest to hall-1". */
static void print_meter(const struct plant *p, uint16_t at) {
    const struct plant_meter *m = &p->meter[at];
    const struct plant_signal *s = NULL;
    int64_t sum = 0;
    for (size_t i = 0; i < p->signal_n && !s; i++)
        s = p->signal[i].meter == at + 1 ? &p->signal[i] : NULL;
    for (size_t i = 0; i < m->unit_n; i++)
        sum += m->weight[i];
    printf("  meter %s (%s, point %s of %s)", m->id.s,
           plant_role_name(s ? (enum plant_role)s->role : ROLE_NONE), s ? s->point : "?",
           s ? s->agent.s : "?");
    for (size_t i = 0; i < m->less_n; i++)
        printf("%s %s", i ? "," : ", less", p->unit[m->less[i]].id.s);
    for (size_t i = 0; i < m->unit_n; i++) {
        printf("%s %s %" PRId64, i ? "," : ":", p->unit[m->unit[i]].id.s, m->weight[i]);
        if (m->by_run)
            printf(" W");
        else
            printf("/%" PRId64, sum);
    }
    if (m->by_run)
        printf(" by time of production, the rest to %s", p->unit[m->rest].id.s);
    printf("\n");
}

/* "gauge oven-1/chamber (point oven/temp of gw-a), degC, plausible from -20 to 400" */
static void print_gauge(const struct plant *p, const struct plant_gauge *g) {
    const struct plant_signal *s = &p->signal[g->signal];
    char low[24], high[24];
    decimal_format(g->low, 6, low);
    decimal_format(g->high, 6, high);
    printf("  gauge %s/%s (point %s of %s)%s%s", p->unit[g->unit].id.s, g->id.s, s->point,
           s->agent.s, g->unit_text[0] ? ", " : "", g->unit_text);
    if (g->low < g->high)
        printf(", plausible%s%s%s%s", g->low == INT64_MIN ? "" : " from ",
               g->low == INT64_MIN ? "" : low, g->high == INT64_MAX ? "" : " up to ",
               g->high == INT64_MAX ? "" : high);
    printf("\n");
}

static void print_plant(const struct plant *p) {
    printf("  site %s, time zone %s: %zu areas, %zu lines, %zu units, %zu signals\n", p->site.s,
           p->zone_name, nodes_of(p, LEVEL_AREA), nodes_of(p, LEVEL_LINE), p->unit_n, p->signal_n);
    printf("  %zu products, %zu calendars, %zu state maps\n", p->product_n, p->calendar_n,
           p->state_map_n);
    for (size_t i = 0; i < p->meter_n; i++)
        print_meter(p, (uint16_t)i);
    for (size_t i = 0; i < p->gauge_n; i++)
        print_gauge(p, &p->gauge[i]);
    printf("  disk at most: ");
    print_bytes(plantfile_disk_bytes(p));
    printf(" (logs %" PRId64 " d, minutes %" PRId64 " d, windows %" PRId64 " d)\n",
           p->keep_logs_ms / UTC_DAY_MS, p->keep_cells_ms / UTC_DAY_MS,
           p->keep_windows_ms / UTC_DAY_MS);
    print_missing(p);
}

static enum files_kind recognise(const char *path) {
    struct conf_report report;
    struct buf text;
    conf_report_init(&report);
    buf_init(&text);
    enum files_kind kind = FILES_PLANT; /* a file that cannot be read: said by the check itself */
    if (files_read(path, &text, &report) == ERR_OK)
        kind = files_recognise(buf_span(&text));
    buf_fini(&text);
    conf_report_fini(&report);
    return kind;
}

static int check_one(const char *path, const char *kind_name) {
    enum files_kind kind = kind_name ? files_kind_find(kind_name) : recognise(path);
    struct plant *plant = NULL;
    struct buf mistakes;
    if (kind == FILES_KIND_COUNT) {
        fprintf(stderr, "%s: no kind of configuration has these keys; say --kind\n", path);
        return CTL_CONFIG;
    }
    buf_init(&mistakes);
    enum err err = files_check(kind, path, &mistakes, &plant);
    if (err == ERR_NOMEM)
        (void)fprintf(stderr, "plantbus: out of memory\n");
    fflush(stdout); /* the two streams in the order of the files */
    fwrite(mistakes.p ? mistakes.p : (const uint8_t *)"", 1, mistakes.n, stderr);
    printf("%s: %s file, %s\n", path, files_kind_name(kind), err ? "wrong" : "ok");
    if (!err && plant)
        print_plant(plant);
    plant_close(plant);
    buf_fini(&mistakes);
    return err == ERR_NOMEM ? CTL_FAILED : err ? CTL_CONFIG : CTL_OK;
}

static int load(const char *path, struct plant **out) {
    struct buf mistakes;
    buf_init(&mistakes);
    enum err err = files_load_plant(path, &mistakes, NULL, out);
    fwrite(mistakes.p ? mistakes.p : (const uint8_t *)"", 1, mistakes.n, stderr);
    buf_fini(&mistakes);
    return err == ERR_NOMEM ? CTL_FAILED : err ? CTL_CONFIG : CTL_OK;
}

/* What a daemon says it has in force. */
static int ask_daemon(const char *socket, const char *url, const char *path, struct buf *text) {
    struct client client;
    char why[CLIENT_WHY] = "out of memory";
    bool ok = client_open(&client, socket, url) == ERR_OK && client_get(&client, path, text, why);
    client_close(&client);
    if (!ok)
        fprintf(stderr, "plantbus: %s\n", why);
    return ok ? CTL_OK : CTL_FAILED;
}

static int ask_plant(const char *socket, const char *url, struct plant **out) {
    struct buf text, mistakes;
    buf_init(&text);
    buf_init(&mistakes);
    int code = ask_daemon(socket, url, "/api/v1/plant/file", &text);
    if (code == CTL_OK &&
        files_parse_plant(buf_span(&text), "plant file in force", &mistakes, NULL, out))
        code = CTL_FAILED;
    fwrite(mistakes.p ? mistakes.p : (const uint8_t *)"", 1, mistakes.n, stderr);
    buf_fini(&mistakes);
    buf_fini(&text);
    return code;
}

struct against { /* what a new plant file is compared with: a file, else a daemon */
    const char *path, *socket, *url;
};

static void print_changes(const struct against *a, const char *new_path, const struct buf *text,
                          size_t n, size_t fixed) {
    fwrite(text->p ? text->p : (const uint8_t *)"", 1, text->n, stdout);
    printf("%zu change%s from %s to %s", n, n == 1 ? "" : "s",
           a->path ? a->path : "what is in force", new_path);
    if (fixed)
        printf(": a reload is refused, %zu of them need%s a restart", fixed, fixed == 1 ? "s" : "");
    puts("");
}

static int compare_plants(const struct against *a, const char *new_path) {
    struct plant *old = NULL, *now = NULL;
    int code = a->path ? load(a->path, &old) : ask_plant(a->socket, a->url, &old);
    int second = load(new_path, &now);
    code = code ? code : second;
    if (code == CTL_OK) {
        struct buf text;
        buf_init(&text);
        size_t n = plant_diff(old, now, &text);
        print_changes(a, new_path, &text, n, 0);
        if (text.failed)
            code = CTL_FAILED;
        buf_fini(&text);
    }
    plant_close(old);
    plant_close(now);
    return code;
}

static int load_settings(const char *path, struct settings **out) {
    struct conf_report report;
    struct buf mistakes;
    buf_init(&mistakes);
    conf_report_init(&report);
    enum err err = settings_load(path, &report, NULL, out);
    if (err)
        (void)conf_report_format(&report, &mistakes);
    fwrite(mistakes.p ? mistakes.p : (const uint8_t *)"", 1, mistakes.n, stderr);
    conf_report_fini(&report);
    buf_fini(&mistakes);
    return err == ERR_NOMEM ? CTL_FAILED : err ? CTL_CONFIG : CTL_OK;
}

static int parse_settings(struct span text, struct daemon_conf *out) {
    struct conf_report report;
    conf_report_init(&report);
    enum err err = conf_load(text, "settings", &daemon_schema, out, &report);
    conf_report_fini(&report);
    return err ? CTL_FAILED : CTL_OK;
}

static int ask_settings(const char *socket, const char *url, struct settings **out) {
    struct settings *s = calloc(1, sizeof *s);
    struct buf text;
    buf_init(&text);
    int code = s ? ask_plant(socket, url, &s->plant) : CTL_FAILED;
    if (code == CTL_OK)
        code = ask_daemon(socket, url, "/api/v1/settings", &text);
    if (code == CTL_OK)
        code = parse_settings(buf_span(&text), &s->conf);
    buf_fini(&text);
    if (code)
        settings_close(s);
    else
        *out = s;
    return code;
}

/* Both without secrets and with paths from the root, as a daemon tells them; which rules of alerts
 * and settings of norms it has in force it does not tell. */
static int make_alike(struct settings *s) {
    alertfile_close(s->alerts);
    norm_settings_close(s->norms);
    s->alerts = NULL;
    s->norms = NULL;
    struct daemon_conf alike;
    struct buf text;
    buf_init(&text);
    int code =
        settings_dump(&s->conf, &text) ? CTL_FAILED : parse_settings(buf_span(&text), &alike);
    if (code == CTL_OK) {
        conf_free(&daemon_schema, &s->conf);
        s->conf = alike;
    }
    buf_fini(&text);
    return code;
}

/* An aggregator's file, with the plant file that it names. */
static int compare_settings(const struct against *a, const char *new_path) {
    struct settings *old = NULL, *now = NULL;
    struct settings_change change = {0};
    struct buf text;
    buf_init(&text);
    int code = a->path ? load_settings(a->path, &old) : ask_settings(a->socket, a->url, &old);
    int second = load_settings(new_path, &now);
    code = code ? code : second;
    if (code == CTL_OK && !a->path)
        code = make_alike(now);
    if (code == CTL_OK && settings_diff(old, now, &text, &change))
        code = CTL_FAILED;
    if (code == CTL_OK)
        print_changes(a, new_path, &text, change.n, change.fixed);
    buf_fini(&text);
    settings_close(old);
    settings_close(now);
    return code;
}

/* Of the files named, those of plants and aggregators are compared; all others are checked. */
static int check_or_compare(const struct against *a, bool daemon, const char *path,
                            const char *kind_name) {
    if (!a->path && !daemon)
        return check_one(path, kind_name);
    const enum files_kind kind = kind_name ? files_kind_find(kind_name) : recognise(path);
    if (kind == FILES_PLANT)
        return compare_plants(a, path);
    return kind == FILES_AGGREGATOR ? compare_settings(a, path) : check_one(path, kind_name);
}

int check_run(int argc, char **argv) {
    const char *kind = NULL;
    struct against a = {0};
    bool daemon = false;
    const struct args_row rows[] = {
        {"kind", "KIND", ARGS_TEXT, &kind,
         "plant, aggregator, agent, source, alerts, norm-settings; norms, map, sim, csv, lines; "
         "else by its keys"},
        {"against", NULL, ARGS_FLAG, &daemon,
         "print what a plant or aggregator file would change at the running aggregator"},
        {"socket", "PATH", ARGS_TEXT, &a.socket, "its UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &a.url, "address of its page; else http://127.0.0.1:8080"},
        {"old", "FILE", ARGS_TEXT, &a.path, "the same against a file"}};
    const struct args args = {
        .usage =
            "check [--kind KIND] FILE... | check --against [--socket PATH | --url URL] FILE... |\n"
            "                check --old OLD FILE...",
        .about =
            "Reads configuration files as the programs do, prints every mistake with its place,\n"
            "and says what a plant file contains, or with --against what it would change: added\n"
            "(+), removed (-), changed (~), and of an aggregator's file what would need a "
            "restart.\n"
            "Nothing is started or changed.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows,
        .least = 1,
        .most = ARGS_TEXTS_MAX};
    struct args_texts files;
    enum args_verdict v = args_parse(&args, argc, argv, &files);
    if (v != ARGS_GO)
        return args_exit(v);
    if (kind && files_kind_find(kind) == FILES_KIND_COUNT) {
        fprintf(stderr, "plantbus: %s is no kind of file\n", kind);
        return CTL_USAGE;
    }
    if (a.path && daemon) {
        fprintf(stderr, "plantbus: --old or --against, not both\n");
        return CTL_USAGE;
    }
    int code = CTL_OK;
    for (size_t i = 0; i < files.n; i++) {
        int one = check_or_compare(&a, daemon, files.at[i], kind);
        code = one > code ? one : code;
    }
    return code;
}
