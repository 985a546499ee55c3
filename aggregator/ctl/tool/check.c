/* plantbus check: what is wrong with configuration files, what a plant file contains, and what a
 * new one would change. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/files.h"
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

/* The plant file that a daemon has in force. */
static int ask_daemon(const char *socket, const char *url, struct plant **out) {
    struct client client;
    struct buf text, mistakes;
    char why[CLIENT_WHY] = "out of memory";
    buf_init(&text);
    buf_init(&mistakes);
    bool ok = client_open(&client, socket, url) == ERR_OK &&
              client_get(&client, "/api/v1/plant/file", &text, why);
    client_close(&client);
    if (!ok)
        fprintf(stderr, "plantbus: %s\n", why);
    enum err err =
        ok ? files_parse_plant(buf_span(&text), "plant file in force", &mistakes, NULL, out)
           : ERR_OK;
    fwrite(mistakes.p ? mistakes.p : (const uint8_t *)"", 1, mistakes.n, stderr);
    buf_fini(&mistakes);
    buf_fini(&text);
    return ok && !err ? CTL_OK : CTL_FAILED;
}

struct against { /* what a new plant file is compared with: a file, else a daemon */
    const char *path, *socket, *url;
};

static int compare(const struct against *a, const char *new_path) {
    struct plant *old = NULL, *now = NULL;
    const char *old_path = a->path ? a->path : "what is in force";
    int code = a->path ? load(a->path, &old) : ask_daemon(a->socket, a->url, &old);
    int second = load(new_path, &now);
    code = code ? code : second;
    if (code == CTL_OK) {
        struct buf text;
        buf_init(&text);
        size_t n = plant_diff(old, now, &text);
        fwrite(text.p ? text.p : (const uint8_t *)"", 1, text.n, stdout);
        printf("%zu change%s from %s to %s\n", n, n == 1 ? "" : "s", old_path, new_path);
        if (text.failed)
            code = CTL_FAILED;
        buf_fini(&text);
    }
    plant_close(old);
    plant_close(now);
    return code;
}

/* Of the files named, plant files are compared; all others are checked as ever. */
static bool compares(const struct against *a, bool daemon, const char *path, const char *kind) {
    if (!a->path && !daemon)
        return false;
    return (kind ? files_kind_find(kind) : recognise(path)) == FILES_PLANT;
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
         "print what a plant file would change at the running aggregator"},
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
            "(+), removed (-), changed (~). Nothing is started or changed.",
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
        int one = compares(&a, daemon, files.at[i], kind) ? compare(&a, files.at[i])
                                                          : check_one(files.at[i], kind);
        code = one > code ? one : code;
    }
    return code;
}
