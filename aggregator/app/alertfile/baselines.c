#include "alertfile/baselines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alertfile/folder.h"
#include "frozen/frozen.h"

static const char ending[] = ".baseline";
static const struct conf_pos no_place = {0};

/* --- a line -------------------------------------------------------------------------------------
 */

/* What rules call it, and how many of theirs one of the tool's is. */
static const struct {
    const char *name;
    uint8_t quantity; /* enum alert_quantity */
    double times;
} quantities[] = {{"gq", ALERT_Q_GOOD, 1},
                  {"pq", ALERT_Q_PIECES, 1},
                  {"sq", ALERT_Q_SCRAP, 1},
                  {"rq", ALERT_Q_REWORK, 1},
                  {"material", ALERT_Q_MATERIAL, 1},
                  {"labour", ALERT_Q_LABOUR, 1},
                  {"time_production", ALERT_Q_PRODUCTION, 60},
                  {"time_setup", ALERT_Q_SETUP, 60},
                  {"time_delay", ALERT_Q_DELAY, 60},
                  {"time_down_no_order", ALERT_Q_NO_ORDER, 60},
                  {"time_planned_down", ALERT_Q_PLANNED_DOWN, 60},
                  {"time_not_scheduled", ALERT_Q_NOT_SCHEDULED, 60}};
enum { QUANTITIES = sizeof quantities / sizeof *quantities };

__attribute__((format(printf, 2, 3))) static bool unfit(struct baseline_file *f, const char *fmt,
                                                        ...) {
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(f->why, sizeof f->why, fmt, args);
    va_end(args);
    return false;
}

static bool take_driver(struct baseline_file *f, const struct frozen *from, size_t i,
                        struct alert_baseline *b) {
    const struct energy_driver *d = &from->spec.driver[i];
    struct alert_driver *to = &b->driver[b->driver_n];
    size_t q = 0;
    if (d->kind != ENERGY_QUANTITY)
        return unfit(f,
                     "its driver %.60s stands in a file of the tool's, the aggregator does not "
                     "have it",
                     d->text);
    if (d->product[0])
        return unfit(f, "its driver %.60s is of one product alone", d->text);
    if (b->driver_n == ALERT_DRIVERS_MAX)
        return unfit(f, "it has more than %d drivers", ALERT_DRIVERS_MAX);
    while (q < QUANTITIES && strcmp(quantities[q].name, d->quantity->name) != 0)
        q++;
    if (q == QUANTITIES)
        return unfit(f, "rules know no quantity %s", d->quantity->name);
    *to = (struct alert_driver){.quantity = quantities[q].quantity,
                                .kwh_each = from->model.term[i + 1].value / quantities[q].times};
    if (!ident_equal(&d->node, &from->spec.node))
        to->node = d->node;
    b->driver_n++;
    return true;
}

static bool is_fit(struct baseline_file *f, const struct frozen *from, struct alert_baseline *b) {
    size_t weak = 0;
    if (from->spec.grain == ENERGY_BATCH)
        return unfit(f, "it is of batches, whose begin and end the aggregator does not know");
    if (baseline_judge(&from->model, from->profile, &weak))
        return unfit(f, "it is unusable by its profile %s", baseline_profile(from->profile)->name);
    for (size_t i = 0; i < from->spec.driver_n; i++)
        if (!take_driver(f, from, i, b))
            return false;
    return true;
}

/* It is in force from the end of its reference period on, where `plantbus energy cusum` begins,
 * and takes the place of whatever would be from then on. */
static bool take_line(void *user, const struct frozen *from, char why[ENERGY_WHY]) {
    struct baseline_file *f = user;
    struct alert_baseline b = {.node = from->spec.node,
                               .from_ms = from->to_ms,
                               .weeks = from->spec.grain == ENERGY_WEEK,
                               .base_kwh_per_h = from->model.term[0].value,
                               .s_kwh = baseline_scatter(&from->model)};
    if (f->n > 0 && !ident_equal(&f->line[0].node, &b.node)) {
        (void)snprintf(why, ENERGY_WHY, "a baseline of %s among those of %s", b.node.s,
                       f->line[0].node.s);
        return false;
    }
    f->batches = from->spec.grain == ENERGY_BATCH;
    if (!f->why[0])
        (void)is_fit(f, from, &b);
    while (f->n > 0 && f->line[f->n - 1].from_ms >= b.from_ms)
        f->n--;
    struct alert_baseline *line = realloc(f->line, (f->n + 1) * sizeof *line);
    if (!line) {
        (void)snprintf(why, ENERGY_WHY, "out of memory");
        return false;
    }
    f->line = line;
    f->line[f->n++] = b;
    return true;
}

/* --- files --------------------------------------------------------------------------------------
 */

static void file_fini(struct baseline_file *f) {
    free(f->path);
    free(f->line);
    buf_fini(&f->text);
}

static bool name_of(const char *path, struct ident *out) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const size_t n = strlen(name), tail = sizeof ending - 1;
    return n > tail && ident_set(out, span_of(name, n - tail));
}

static int by_name(const void *x, const void *y) {
    const struct baseline_file *a = x, *b = y;
    return strcmp(a->name.s, b->name.s);
}

enum err baselines_add(struct baselines *b, const char *path, struct span text,
                       struct conf_report *report) {
    struct baseline_file f = {.path = strdup(path)};
    buf_init(&f.text);
    struct baseline_file *at = realloc(b->file, (b->n + 1) * sizeof *at);
    char why[ENERGY_WHY];
    enum err err = f.path && at ? buf_add(&f.text, text.p, text.n) : ERR_NOMEM;
    if (at)
        b->file = at;
    if (!err && !name_of(path, &f.name)) {
        conf_report_at(report, no_place, "%s: what stands before %s is no id", path, ending);
        err = ERR_CONFIG;
    }
    if (!err && !frozen_parse_all(path, text, take_line, &f, why)) {
        conf_report_at(report, no_place, "%s", why);
        err = ERR_CONFIG;
    }
    if (err) {
        file_fini(&f);
        return err;
    }
    b->file[b->n++] = f;
    qsort(b->file, b->n, sizeof *b->file, by_name);
    return ERR_OK;
}

enum err baselines_load(const char *path, struct conf_report *report, uint64_t *print,
                        struct baselines **out) {
    struct folder folder;
    struct baselines *b = calloc(1, sizeof *b);
    enum err err = folder_read(path, ending, &folder, report), wrong = ERR_OK;
    err = b ? err : ERR_NOMEM;
    if (print)
        *print = folder_print(&folder);
    for (size_t i = 0; i < folder.n && !err && wrong != ERR_NOMEM; i++) { /* all mistakes */
        const enum err one =
            baselines_add(b, folder.file[i].path, buf_span(&folder.file[i].text), report);
        wrong = one ? one : wrong;
    }
    folder_fini(&folder);
    err = err ? err : wrong;
    if (err)
        baselines_close(b);
    else
        *out = b;
    return err;
}

void baselines_close(struct baselines *b) {
    for (size_t i = 0; b && i < b->n; i++)
        file_fini(&b->file[i]);
    if (b)
        free(b->file);
    free(b);
}

const struct baseline_file *baselines_find(const struct baselines *b, const char *name) {
    for (size_t i = 0; b && i < b->n; i++)
        if (strcmp(b->file[i].name.s, name) == 0)
            return &b->file[i];
    return NULL;
}

const struct baseline_file *baselines_find_of(const struct baselines *b, const struct ident *node) {
    const struct baseline_file *found = NULL;
    for (size_t i = 0; b && i < b->n; i++) {
        const struct baseline_file *f = &b->file[i];
        if (f->n > 0 && !f->batches && ident_equal(&f->line[0].node, node) &&
            (!found || f->line[f->n - 1].from_ms > found->line[found->n - 1].from_ms))
            found = f;
    }
    return found;
}
