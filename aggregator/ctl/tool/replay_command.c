/* plantbus replay: recordings and a plant file in, windows out; no broker, no database, no clock.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/files.h"
#include "ctl/source_file.h"
#include "replay/replay.h"
#include "signal/lane.h"
#include "views/entry.h"
#include "views/window_text.h"
#include "json/json.h"

/* The clock of shifted sources when nobody says --from; any constant keeps runs equal. */
#define CLOCK_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

enum { PROGRESS_MS = 500, REFUSED_SHOWN = 20 };

struct options {
    const char *plant, *windows, *node, *output, *entries;
    struct args_texts source;
    int64_t from_ms, to_ms;
    bool csv, jsonl, quiet;
};

struct job {
    const struct options *o;
    struct plant *plant;
    struct source_file *file[ARGS_TEXTS_MAX];
    size_t file_n;
    struct replay_source *source;
    const char **name; /* of each source */
    size_t source_n;
    bool kind[WINDOW_KIND_COUNT];
    uint32_t node; /* UINT32_MAX: all */
    uint64_t refused;
    bool shows; /* progress */
    int64_t shown_ms;
};

/* --- what happens meanwhile ---------------------------------------------------------------------
 */

static void clear_progress(const struct job *j) {
    if (j->shows && j->shown_ms)
        fputs("\r\033[K", stderr);
}

static void on_refused(void *user, size_t source, const char *reason, const char *place) {
    struct job *j = user;
    j->refused++;
    if (j->refused > REFUSED_SHOWN)
        return;
    clear_progress(j);
    fprintf(stderr, "refused: source %s, %s: %s\n", j->name[source], reason, place ? place : "");
}

static void on_note(void *user, const char *event, const char *detail, bool warn) {
    struct job *j = user;
    if (!warn || j->o->quiet)
        return;
    clear_progress(j);
    fprintf(stderr, "note: %s %s\n", event, detail);
}

static void on_progress(void *user, const struct replay_progress *p) {
    struct job *j = user;
    int64_t now = clock_mono_ms();
    char when[UTC_TEXT];
    if (!j->shows || now - j->shown_ms < PROGRESS_MS || p->data_ms == INT64_MIN)
        return;
    j->shown_ms = now;
    utc_format(p->data_ms, when);
    fprintf(stderr, "\r\033[K%.10s %.5s  %llu readings, %llu windows", when, when + 11,
            (unsigned long long)p->readings, (unsigned long long)p->windows);
    fflush(stderr);
}

/* --- input --------------------------------------------------------------------------------------
 */

static int say(struct buf *mistakes, enum err err) {
    fwrite(mistakes->p ? mistakes->p : (const uint8_t *)"", 1, mistakes->n, stderr);
    if (err == ERR_OK)
        return CTL_OK;
    if (mistakes->n == 0)
        fprintf(stderr, "plantbus: %s\n", err_name(err));
    return err == ERR_NOMEM ? CTL_FAILED : CTL_CONFIG;
}

static int load_plant(struct job *j) {
    struct buf mistakes;
    buf_init(&mistakes);
    enum err err = files_load_plant(j->o->plant, &mistakes, NULL, &j->plant);
    int code = say(&mistakes, err);
    buf_fini(&mistakes);
    if (code || !j->o->node)
        return code;
    j->node = plant_find_node(j->plant, j->o->node);
    if (j->node != UINT32_MAX)
        return CTL_OK;
    fprintf(stderr, "plantbus: %s has no node %s\n", j->o->plant, j->o->node);
    return CTL_USAGE;
}

static int open_file(struct job *j, const char *path) {
    struct conf_report report;
    struct buf mistakes;
    int64_t clock_ms = j->o->from_ms == INT64_MIN ? CLOCK_MS : j->o->from_ms;
    conf_report_init(&report);
    buf_init(&mistakes);
    enum err err = source_file_open(path, clock_ms, &report, &j->file[j->file_n]);
    j->file_n += err == ERR_OK;
    if (conf_report_count(&report))
        (void)conf_report_format(&report, &mistakes);
    int code = say(&mistakes, err);
    buf_fini(&mistakes);
    conf_report_fini(&report);
    return code;
}

static int open_sources(struct job *j) {
    int code = CTL_OK;
    size_t n = 0;
    for (size_t i = 0; i < j->o->source.n && code == CTL_OK; i++)
        code = open_file(j, j->o->source.at[i]);
    for (size_t i = 0; i < j->file_n; i++)
        n += source_file_count(j->file[i]);
    j->source = calloc(n + 1, sizeof *j->source);
    j->name = calloc(n + 1, sizeof(const char *));
    if (!j->source || !j->name)
        return CTL_FAILED;
    for (size_t i = 0; i < j->file_n; i++)
        for (size_t k = 0; k < source_file_count(j->file[i]); k++) {
            j->name[j->source_n] = source_file_name(j->file[i], k);
            j->source[j->source_n++] = source_file_at(j->file[i], k);
        }
    return code;
}

/* "hour,shift" */
static bool parse_windows(struct job *j) {
    const char *at = j->o->windows;
    while (*at) {
        size_t n = strcspn(at, ",");
        unsigned k = WINDOW_MINUTE;
        while (k < WINDOW_SHOWN_COUNT &&
               !span_equal(span_of(at, n), span_str(window_kind_name((enum window_kind)k))))
            k++;
        if (k == WINDOW_SHOWN_COUNT) {
            fprintf(stderr, "plantbus: no window %.*s; minute, 15min, hour, shift, day\n", (int)n,
                    at);
            return false;
        }
        j->kind[k] = true;
        at += n + (at[n] == ',');
    }
    return true;
}

/* --- output -------------------------------------------------------------------------------------
 */

static bool wanted(const struct job *j, const struct window *w) {
    return j->kind[w->key.kind] && (j->node == UINT32_MAX || w->key.node == j->node) &&
           w->key.start_ms >= j->o->from_ms && w->key.start_ms < j->o->to_ms;
}

static enum err add_window(const struct job *j, const struct core *core, const struct window *w,
                           struct buf *out) {
    const struct span none = {0};
    struct window_words words = {w->key.product ? core_word(core, w->key.product) : none,
                                 w->key.team ? core_word(core, w->key.team) : none};
    struct json_writer json;
    if (j->o->csv)
        return window_text_csv(j->plant, w, &words, out);
    json_writer_init(&json, out);
    window_text_json(&json, j->plant, w, &words);
    enum err err = json_writer_finish(&json);
    return err ? err : buf_add_byte(out, '\n');
}

static enum err write_windows(const struct job *j, struct replay *r, FILE *to) {
    size_t n = 0;
    const struct window *w = replay_windows(r, &n);
    struct buf line;
    buf_init(&line);
    enum err err = j->o->csv ? window_text_csv_head(&line) : ERR_OK;
    for (size_t i = 0; i < n && !err; i++) {
        if (wanted(j, &w[i]))
            err = add_window(j, replay_core(r), &w[i], &line);
        if (!err && fwrite(line.p ? line.p : (const uint8_t *)"", 1, line.n, to) != line.n)
            err = ERR_IO;
        buf_reset(&line);
    }
    buf_fini(&line);
    return err;
}

static int output(const struct job *j, struct replay *r) {
    FILE *to = j->o->output ? fopen(j->o->output, "w") : stdout;
    enum err err = to ? write_windows(j, r, to) : ERR_IO;
    if (to && fflush(to) != 0)
        err = ERR_IO;
    if (err)
        fprintf(stderr, "plantbus: %s: %s\n", j->o->output ? j->o->output : "output",
                err == ERR_IO ? strerror(errno) : err_name(err));
    if (to && to != stdout && fclose(to) != 0)
        return CTL_FAILED;
    return err ? CTL_FAILED : CTL_OK;
}

static void summary(struct job *j, struct replay *r) {
    struct replay_progress p;
    replay_progress(r, &p);
    const struct core_stats *s = core_stats(replay_core(r));
    clear_progress(j);
    if (j->o->quiet)
        return;
    fprintf(stderr, "%llu readings, %llu windows, %llu refused, %llu unexplained steps\n",
            (unsigned long long)p.readings, (unsigned long long)p.windows,
            (unsigned long long)j->refused + s->refused,
            (unsigned long long)s->verdict[STEP_UNEXPLAINED] +
                (unsigned long long)s->verdict[STEP_TIME_BACK]);
    struct core_unassigned u;
    for (size_t i = 0; core_unassigned_at(replay_core(r), i, &u); i++)
        fprintf(stderr, "unassigned: agent %s, point %s\n", u.agent->s, u.name);
}

/* --- entries ------------------------------------------------------------------------------------
 */

/* A line in the command form of plantbus enter and the API. */
static bool enter_line(const struct job *j, struct replay *r, unsigned line, struct span text) {
    struct act_refusal why = {.field = ""};
    struct json_value *root = NULL;
    struct act a;
    enum err err = view_entry_read(text, j->plant, 0, &root, &a, &why);
    int64_t present_ms = a.t1_ms == ACT_FOR_GOOD ? a.t0_ms : a.t1_ms;
    if (!err && a.undated && a.kind != ACT_VOID) {
        why = (struct act_refusal){.field = "from", .why = "say when; a replay has no present."};
        err = ERR_FORMAT;
    }
    if (!err && a.kind == ACT_VOID) {
        why = (struct act_refusal){.field = "kind", .why = "leave out what does not hold."};
        err = ERR_FORMAT;
    }
    if (!err && !act_check(&a, j->plant, present_ms, &why))
        err = ERR_RANGE;
    if (!err)
        err = replay_enter(r, &a);
    if (err)
        fprintf(stderr, "plantbus: %s:%u: %s%s%s\n", j->o->entries, line, why.field,
                why.field[0] ? ": " : "", why.why[0] ? why.why : err_name(err));
    json_close(root);
    return err == ERR_OK;
}

static int enter_file(const struct job *j, struct replay *r) {
    char *text = NULL;
    size_t cap = 0;
    ssize_t n = 0;
    unsigned line = 0, wrong = 0;
    FILE *f = j->o->entries ? fopen(j->o->entries, "r") : NULL;
    if (!j->o->entries)
        return CTL_OK;
    if (!f) {
        fprintf(stderr, "plantbus: %s: %s\n", j->o->entries, strerror(errno));
        return CTL_FAILED;
    }
    while ((n = getline(&text, &cap, f)) > 0) {
        line++;
        n -= text[n - 1] == '\n';
        if (n > 0)
            wrong += !enter_line(j, r, line, span_of(text, (size_t)n));
    }
    bool failed = ferror(f) != 0;
    (void)fclose(f); /* it was read only */
    free(text);
    return failed ? CTL_FAILED : wrong ? CTL_CONFIG : CTL_OK;
}

static bool collects(void *user, const struct window *w) {
    return wanted(user, w);
}

static int play(struct job *j) {
    const struct replay_conf conf = {.plant = j->plant,
                                     .source = j->source,
                                     .source_n = j->source_n,
                                     .start_ms =
                                         j->o->from_ms == INT64_MIN ? CLOCK_MS : j->o->from_ms,
                                     .end_ms = j->o->to_ms,
                                     .minutes = j->kind[WINDOW_MINUTE],
                                     .wanted = collects,
                                     .on_refused = on_refused,
                                     .on_note = on_note,
                                     .on_progress = on_progress,
                                     .user = j};
    struct replay *r = NULL;
    enum err err = replay_open(&conf, &r);
    if (err == ERR_STATE) {
        fprintf(stderr, "plantbus: a simulation never ends; say --to\n");
        return CTL_USAGE;
    }
    if (err)
        fprintf(stderr, "plantbus: the replay failed: %s\n", err_name(err));
    int code = err ? CTL_FAILED : enter_file(j, r);
    if (code) {
        replay_close(r);
        return code;
    }
    err = replay_run(r);
    code = CTL_FAILED;
    if (!err) {
        summary(j, r);
        code = output(j, r);
    } else {
        clear_progress(j);
        fprintf(stderr, "plantbus: the replay failed: %s\n",
                err == ERR_EXISTS ? "two different entries have one key" : err_name(err));
    }
    replay_close(r);
    return code;
}

static int run(const struct options *o) {
    struct job j = {.o = o, .node = UINT32_MAX};
    j.shows = !o->quiet && isatty(STDERR_FILENO);
    int code = parse_windows(&j) ? CTL_OK : CTL_USAGE;
    if (code == CTL_OK)
        code = load_plant(&j);
    if (code == CTL_OK)
        code = open_sources(&j);
    if (code == CTL_OK)
        code = play(&j);
    for (size_t i = 0; i < j.file_n; i++)
        source_file_close(j.file[i]);
    free(j.source);
    free(j.name);
    plant_close(j.plant);
    return code;
}

int replay_command_run(int argc, char **argv) {
    struct options o = {.windows = "hour,shift,day", .from_ms = INT64_MIN, .to_ms = INT64_MAX};
    const struct args_row rows[] = {
        {"plant", "FILE", ARGS_TEXT, &o.plant, "what the points mean (required)"},
        {"source", "FILE", ARGS_TEXTS, &o.source,
         "sources to play, or an agent's configuration (required, several)"},
        {"entries", "FILE", ARGS_TEXT, &o.entries,
         "what people entered, a line each, as POST /api/v1/entries takes it"},
        {"from", "TIME", ARGS_TIME, &o.from_ms, "first window; clock of shifted sources"},
        {"to", "TIME", ARGS_TIME, &o.to_ms, "windows before it; end of simulated sources"},
        {"window", "KINDS", ARGS_TEXT, &o.windows,
         "of minute,15min,hour,shift,day; default hour,shift,day"},
        {"node", "ID", ARGS_TEXT, &o.node, "one node of the plant only"},
        {"csv", NULL, ARGS_FLAG, &o.csv, "CSV with a header"},
        {"jsonl", NULL, ARGS_FLAG, &o.jsonl, "JSON, one window a line (default)"},
        {"output", "FILE", ARGS_TEXT, &o.output, "in place of standard output"},
        {"quiet", NULL, ARGS_FLAG, &o.quiet, "no progress, notes and summary"}};
    const struct args args = {
        .usage = "replay --plant FILE --source FILE [OPTION...]",
        .about =
            "Plays recordings through the aggregator's core, offline: no broker, no database.\n"
            "The same files give the same bytes. Prints the last revision of every window with\n"
            "each indicator, its numerator, denominator and coverage, and all sums.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    if (!o.plant || o.source.n == 0 || (o.csv && o.jsonl)) {
        fprintf(stderr, "plantbus: %s\nUsage: plantbus %s\n",
                o.csv && o.jsonl ? "--csv or --jsonl, not both" : "--plant and --source are needed",
                args.usage);
        return CTL_USAGE;
    }
    return run(&o);
}
