/* plantbus energy: baselines, what they expect, and where a deviation comes from. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/energy_balance.h"
#include "ctl/energy_cost.h"
#include "ctl/energy_demand.h"
#include "ctl/energy_idle.h"
#include "ctl/energy_load.h"
#include "ctl/energy_print.h"
#include "ctl/energy_source.h"
#include "ctl/whole_file.h"

struct options {
    struct energy_source source;
    const char *grain, *zone, *profile, *freeze, *baseline, *who, *reason;
    struct args_texts driver, part;
    bool csv;
};

static int fail(const char *why, int code) {
    fprintf(stderr, "plantbus: %s\n", why);
    return code;
}

static int flushed(int code) {
    return code == CTL_OK && fflush(stdout) != 0 ? fail("standard output failed", CTL_FAILED)
                                                 : code;
}

/* --- baseline -----------------------------------------------------------------------------------
 */

static bool take_profile(const char *name, enum baseline_profile *out) {
    for (unsigned p = 0; p < BASELINE_PROFILE_COUNT; p++)
        if (strcmp(name, baseline_profile((enum baseline_profile)p)->name) == 0) {
            *out = (enum baseline_profile)p;
            return true;
        }
    return false;
}

static bool take_spec(const struct options *o, const char *node, struct energy_spec *s,
                      char why[ENERGY_WHY]) {
    bool ok = energy_spec_set_node(s, node, why) && energy_spec_set_grain(s, o->grain, why);
    for (size_t i = 0; i < o->driver.n && ok; i++)
        ok = energy_spec_add_driver(s, o->driver.at[i], why);
    for (size_t i = 0; i < o->part.n && ok; i++)
        ok = energy_spec_add_part(s, o->part.at[i], why);
    return ok && energy_spec_finish(s, why);
}

static int check_options(const struct options *o, struct frozen *r) {
    if (!o->source.from || !o->source.to)
        return fail("a baseline needs its reference period: --from TIME and --to TIME", CTL_USAGE);
    if (!take_profile(o->profile, &r->profile))
        return fail("--profile: strict, sep or uncertainty", CTL_USAGE);
    if (o->freeze && (!o->who || !*o->who || !o->reason || !*o->reason))
        return fail("freezing a baseline is recorded: --who NAME and --why TEXT", CTL_USAGE);
    if (o->freeze && (strlen(o->who) >= sizeof r->who || strlen(o->reason) >= sizeof r->reason))
        return fail("--who or --why is too long", CTL_USAGE);
    return CTL_OK;
}

static int take_options(struct options *o, const char *node, struct frozen *r) {
    char why[ENERGY_WHY];
    int code = check_options(o, r);
    if (code != CTL_OK)
        return code;
    if (!take_spec(o, node, &r->spec, why))
        return fail(why, CTL_USAGE);
    (void)snprintf(r->zone, sizeof r->zone, "%s", o->zone ? o->zone : "");
    (void)snprintf(r->who, sizeof r->who, "%s", o->who ? o->who : "");
    (void)snprintf(r->reason, sizeof r->reason, "%s", o->reason ? o->reason : "");
    energy_tame(r->who);
    energy_tame(r->reason);
    code = energy_source_complete(&o->source, &r->spec, r->zone, true);
    if (code == CTL_OK)
        code = energy_source_period(&o->source, r->spec.grain, r->zone);
    if (code == CTL_OK && o->source.from_ms >= o->source.to_ms)
        code = fail("--from lies behind --to", CTL_USAGE);
    r->from_ms = o->source.from_ms;
    r->to_ms = o->source.to_ms;
    r->when_ms = clock_wall_ms();
    return code;
}

static int fit(struct frozen *r, struct energy_target *target) {
    struct baseline_wrong wrong = {BASELINE_NO_FAULT, 0, 0};
    char why[ENERGY_WHY];
    if (frozen_fit(r, &wrong)) {
        frozen_say_wrong(&r->spec, &r->rows, &wrong, why);
        return fail(why, CTL_FAILED);
    }
    struct baseline_rows rows = energy_rows_view(&r->rows);
    target->found = baseline_target(&rows, &r->model, &target->line, &wrong) == ERR_OK;
    if (!target->found)
        frozen_say_wrong(&r->spec, &r->rows, &wrong, target->why);
    return CTL_OK;
}

/* A file that holds something else, or baselines of another node, is left alone. */
static bool may_follow(const struct frozen *r, const char *path, struct span text,
                       char why[ENERGY_WHY]) {
    struct frozen last;
    if (text.n == 0)
        return true;
    bool ok = frozen_parse(path, text, &last, why);
    if (ok && !ident_equal(&last.spec.node, &r->spec.node)) {
        (void)snprintf(why, ENERGY_WHY, "%.200s holds baselines of %s", path, last.spec.node.s);
        ok = false;
    }
    frozen_fini(&last);
    return ok;
}

static bool add_act(const struct frozen *r, const char *path, struct buf *text,
                    char why[WHOLE_FILE_WHY]) {
    bool missing = false;
    if (!whole_file_read(path, text, &missing, why) && !missing)
        return false;
    if (!may_follow(r, path, buf_span(text), why))
        return false;
    if (text->n > 0 && text->p[text->n - 1] != '\n')
        (void)buf_add_byte(text, '\n');
    if (frozen_format(r, text) || text->failed) {
        (void)snprintf(why, WHOLE_FILE_WHY, "out of memory");
        return false;
    }
    return whole_file_write(path, buf_span(text), why);
}

/* Adds a line to the file. An unusable baseline is not frozen. */
static int freeze(const struct frozen *r, const char *path) {
    struct buf text;
    char why[WHOLE_FILE_WHY];
    size_t driver = 0;
    if (baseline_judge(&r->model, r->profile, &driver))
        return fail("an unusable baseline is not frozen", CTL_FAILED);
    buf_init(&text);
    bool ok = add_act(r, path, &text, why);
    buf_fini(&text);
    if (!ok)
        return fail(why, CTL_FAILED);
    fprintf(stderr, "frozen in %s\n", path);
    return CTL_OK;
}

static int run_baseline(struct options *o, const char *node) {
    struct energy_target target = {0};
    struct frozen r = {0};
    int code = take_options(o, node, &r);
    if (code == CTL_OK)
        code = energy_source_rows(&o->source, &r.spec, r.zone, &r.rows);
    if (code == CTL_OK)
        code = fit(&r, &target);
    if (code == CTL_OK && o->csv)
        energy_csv_model(&r, &target);
    else if (code == CTL_OK)
        energy_print_model(&r, &target);
    code = flushed(code);
    if (code == CTL_OK && o->freeze)
        code = freeze(&r, o->freeze);
    frozen_fini(&r);
    return code;
}

/* --- cusum and report ---------------------------------------------------------------------------
 */

static int read_record(const char *path, struct frozen *out) {
    struct buf text;
    char why[WHOLE_FILE_WHY];
    *out = (struct frozen){0};
    buf_init(&text);
    bool ok =
        whole_file_read(path, &text, NULL, why) && frozen_parse(path, buf_span(&text), out, why);
    buf_fini(&text);
    return ok ? CTL_OK : fail(why, CTL_FAILED);
}

/* The rows that --from chose, or those usually reported: seven days, a week, all batches. */
static size_t report_from(const struct options *o, const struct study *s) {
    size_t n = s->rows->n, from = 0;
    if (o->source.from_ms != INT64_MIN) {
        while (from < n && s->rows->start_ms[from] < o->source.from_ms)
            from++;
        return from;
    }
    size_t usual = s->record->spec.grain == ENERGY_DAY    ? 7
                   : s->record->spec.grain == ENERGY_WEEK ? 1
                                                          : n;
    return n > usual ? n - usual : 0;
}

static int show_cusum(const struct options *o, const struct study *s) {
    if (o->csv) {
        energy_csv_cusum(s);
        return CTL_OK;
    }
    return energy_print_cusum(s) ? fail("out of memory", CTL_FAILED) : CTL_OK;
}

static int show_report(const struct options *o, const struct study *s) {
    struct study_finding f;
    size_t from = report_from(o, s);
    if (from == s->rows->n)
        return fail("no row in the time to report", CTL_FAILED);
    study_find(s, from, s->rows->n, &f);
    if (o->csv)
        energy_csv_report(s, &f);
    else
        energy_print_report(s, &f);
    return CTL_OK;
}

static int study(const struct options *o, const struct frozen *r, const struct energy_rows *rows,
                 int (*show)(const struct options *o, const struct study *s)) {
    struct study s;
    int code = CTL_FAILED;
    if (study_open(r, rows, &s))
        code = fail("out of memory", CTL_FAILED);
    else if (s.reasons)
        energy_print_unusable(&s);
    else if (rows->n == 0)
        code = fail("no row behind the reference period that can be used", CTL_FAILED);
    else
        code = show(o, &s);
    study_close(&s);
    return code;
}

/* From where rows are read: CUSUM begins behind the reference period or at --from, a report looks
 * at a part of what is behind it. */
static int64_t begin_of(const struct options *o, const struct frozen *r, bool report) {
    int64_t from_ms = o->source.from_ms;
    bool said = from_ms != INT64_MIN && (!report || from_ms < r->to_ms);
    return said ? from_ms : r->to_ms;
}

static int run_study(struct options *o,
                     int (*show)(const struct options *o, const struct study *s)) {
    struct frozen r = {0};
    struct energy_rows rows = {0};
    if (!o->baseline)
        return fail("--baseline FILE is needed, as `plantbus energy baseline --freeze` writes it",
                    CTL_USAGE);
    int code = read_record(o->baseline, &r);
    if (code == CTL_OK)
        code = energy_source_period(&o->source, r.spec.grain, r.zone);
    struct energy_source source = o->source;
    source.from_ms = begin_of(o, &r, show == show_report);
    if (code == CTL_OK)
        code = energy_source_rows(&source, &r.spec, r.zone, &rows);
    if (code == CTL_OK)
        code = study(o, &r, &rows, show);
    energy_rows_fini(&rows);
    frozen_fini(&r);
    return flushed(code);
}

/* --- the command line ---------------------------------------------------------------------------
 */

enum { SOURCE_ROWS = 8, ROWS_MAX = 24 };

/* What all three take: where windows come from, and of when. */
static void source_rows(struct options *o, struct args_row out[SOURCE_ROWS]) {
    struct energy_source *s = &o->source;
    const struct args_row rows[SOURCE_ROWS] = {
        {"windows", "FILE", ARGS_TEXT, &s->windows,
         "windows of plantbus replay or history, CSV or JSON lines"},
        {"drivers", "FILE", ARGS_TEXT, &s->columns, "CSV by date with columns for drivers"},
        {"table", "FILE", ARGS_TEXT, &s->table, "CSV of batches: start, end, energy_kwh ..."},
        {"socket", "PATH", ARGS_TEXT, &s->socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &s->url, "address of the page; else http://127.0.0.1:8080"},
        {"from", "TIME", ARGS_TEXT, &s->from, "rows that begin then or later; a date is local"},
        {"to", "TIME", ARGS_TEXT, &s->to, "rows that begin before"},
        {"csv", NULL, ARGS_FLAG, &o->csv, "CSV with every figure"}};
    memcpy(out, rows, sizeof rows);
}

static int baseline_run(int argc, char **argv) {
    struct options o = {.grain = "day", .profile = "strict"};
    struct args_row rows[ROWS_MAX];
    const struct args_row own[] = {
        {"grain", "GRAIN", ARGS_TEXT, &o.grain, "day (default), week or batch"},
        {"driver", "DRIVER", ARGS_TEXTS, &o.driver, "what energy depends on (several)"},
        {"part", "NODE", ARGS_TEXTS, &o.part, "a part to look into; else the nodes below"},
        {"zone", "ZONE", ARGS_TEXT, &o.zone, "time zone of dates; else the aggregator's"},
        {"profile", "NAME", ARGS_TEXT, &o.profile, "strict (default), sep or uncertainty"},
        {"freeze", "FILE", ARGS_TEXT, &o.freeze, "record it there, behind older ones"},
        {"who", "NAME", ARGS_TEXT, &o.who, "who freezes it"},
        {"why", "TEXT", ARGS_TEXT, &o.reason, "and why"}};
    const struct args args = {
        .usage = "energy baseline NODE --from TIME --to TIME [OPTION...]",
        .about =
            "Fits E = b0 T + sum b_i N_i to the days, weeks or batches of a reference period "
            "and\nsays what it is worth. T: hours, N_i: drivers. Windows come from the "
            "running\naggregator, or from --windows FILE.\n\nA DRIVER is [NODE/]QUANTITY[:PRODUCT] "
            "with gq, pq, sq, rq (pieces: good, all, scrap,\nreworked), material, labour or "
            "time_production, time_setup, time_delay ... (hours);\nfile:COLUMN of the drivers' "
            "file; hdd:BASE:COLUMN or cdd:BASE:COLUMN, degree days\nbelow or above a base "
            "temperature.",
        .rows = rows,
        .row_n = SOURCE_ROWS + sizeof own / sizeof *own,
        .least = 1,
        .most = 1};
    struct args_texts operands;
    source_rows(&o, rows);
    memcpy(rows + SOURCE_ROWS, own, sizeof own);
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    return v != ARGS_GO ? args_exit(v) : run_baseline(&o, operands.at[0]);
}

static int study_run(int argc, char **argv, const char *usage, const char *about,
                     int (*show)(const struct options *o, const struct study *s)) {
    struct options o = {0};
    struct args_row rows[ROWS_MAX] = {
        {"baseline", "FILE", ARGS_TEXT, &o.baseline, "the frozen baseline (required)"}};
    const struct args args = {
        .usage = usage, .about = about, .rows = rows, .row_n = SOURCE_ROWS + 1};
    struct args_texts operands;
    source_rows(&o, rows + 1);
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    return v != ARGS_GO ? args_exit(v) : run_study(&o, show);
}

static int cusum_run(int argc, char **argv) {
    return study_run(argc, argv, "energy cusum --baseline FILE [OPTION...]",
                     "Prints actual and expected energy of each row, d = actual - expected "
                     "(positive =\noveruse), its CUSUM as a table and a chart, and the alarms of "
                     "the tabular CUSUM.\nIt begins behind the reference period or at --from.",
                     show_cusum);
}

static int report_run(int argc, char **argv) {
    return study_run(argc, argv, "energy report --baseline FILE [OPTION...]",
                     "Says how much more or less than expected was used, since when, in which "
                     "part and\nin which state. Without --from: the last seven days, the last "
                     "week, or all batches\nbehind the reference period.",
                     show_report);
}

int energy_run(int argc, char **argv) {
    static const struct ctl_command commands[] = {
        {"baseline", "fit a baseline to a reference period, judge it, freeze it", baseline_run},
        {"cusum", "hold what was used against a frozen baseline, with alarms", cusum_run},
        {"report", "say how much, since when, where and in which state", report_run},
        {"demand", "mean power of quarters of an hour: peaks, load factor, duration", demand_run},
        {"load", "how long its load was how high: duration curve, hours above limits", load_run},
        {"cost", "what its electricity cost by day and band of the tariff", cost_run},
        {"balance", "what came in against the meters behind: what none explains", balance_run},
        {"idle", "its units by what they use while they make nothing", idle_run},
    };
    enum { COMMANDS = sizeof commands / sizeof *commands };
    for (size_t i = 0; argc > 1 && i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    bool asked = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    FILE *to = asked ? stdout : stderr;
    fputs("Usage: plantbus energy COMMAND [OPTION...]\nEnergy: baselines (ISO 50006), demand.\n\n",
          to);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].help);
    fputs("\nplantbus energy COMMAND --help tells its options.\n", to);
    return asked ? CTL_OK : CTL_USAGE;
}
