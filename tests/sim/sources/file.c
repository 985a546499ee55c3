/* A file that a machine's controller writes: it grows by rows, sometimes by half a one, is renamed
 * and begun anew, cut down to nothing in its place, or written again as a whole with more in it.
 * What was in a file that is gone and was not read while it was there is lost. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "simsources/device.h"
#include "sources/csv.h"
#include "sources/lines.h"

enum { COLUMNS = 3, ROWS_AT_ONCE = 4, PATH = 240 };

struct file {
    struct device device; /* first */
    bool csv;
    char path[PATH];
    struct csv_conf csv_conf;
    struct lines_conf lines_conf;
    struct buf text; /* what the file holds, with a row that is not written whole yet */
    size_t written;  /* of text */
    uint32_t run;    /* how often it was begun */
    int64_t t_ms;    /* of the last row */
    int64_t replaced_ms, first_ms; /* first_ms: of its first row */
    bool replaces;                 /* it is replaced at times, not only grown */
};

static struct file *self_of(struct device *d) {
    return (struct file *)d;
}

/* --- the file -----------------------------------------------------------------------------------
 */

static void write_out(struct file *f, bool anew, size_t until) {
    const int flags = O_WRONLY | O_CREAT | (anew ? O_TRUNC : 0);
    const int fd = open(f->path, flags, 0600);
    const size_t from = anew ? 0 : f->written;
    if (fd < 0 || lseek(fd, (off_t)from, SEEK_SET) < 0 ||
        write(fd, f->text.p + from, until - from) != (ssize_t)(until - from))
        device_complain(&f->device, "the file of the simulation cannot be written");
    if (fd >= 0)
        (void)close(fd);
    f->written = until;
}

static void add_head(struct file *f) {
    if (f->csv)
        (void)buf_add_str(&f->text, "time,a,b,c\n");
}

/* Rows have times of their own, and now and then two have the same. */
static void add_row(struct file *f, int64_t now_ms) {
    char values[160] = "";
    size_t n = 0;
    const bool first = f->first_ms == INT64_MAX;
    f->t_ms = now_ms > f->t_ms && (first || !rng_ppm(f->device.rng, 100000)) ? now_ms : f->t_ms;
    f->first_ms = f->first_ms == INT64_MAX ? now_ms : f->first_ms;
    for (size_t i = 0; i < COLUMNS; i++) {
        const struct offer o = {.t_ms = f->t_ms, .run = f->run, .place = (int64_t)f->text.n};
        const size_t number = device_offer(&f->device, &o);
        if (f->csv)
            n += (size_t)snprintf(values + n, sizeof values - n, ",%zu", number);
        else
            n += (size_t)snprintf(values + n, sizeof values - n, "%s\"%s/%c\":%zu", i ? "," : "",
                                  f->device.id.s, (char)('a' + i), number);
    }
    if (f->csv)
        (void)buf_addf(&f->text, "%" PRId64 "%s\n", f->t_ms, values);
    else
        (void)buf_addf(&f->text, "{\"t\":%" PRId64 ",\"values\":{%s}}\n", f->t_ms, values);
}

/* The file that was there is nobody's. */
static void lose(struct file *f, bool all) {
    for (size_t i = 0; i < f->device.n; i++)
        if (all || f->device.at[i].run < f->run)
            f->device.at[i].gone = true;
}

enum change { RENAMED, CUT, WRITTEN_AGAIN };

static void replace(struct file *f, enum change how, int64_t now_ms) {
    char old[PATH + 8];
    (void)snprintf(old, sizeof old, "%s.old", f->path);
    if (how == WRITTEN_AGAIN) {
        (void)unlink(f->path);
        write_out(f, true, f->text.n);
        f->replaced_ms = now_ms;
        return;
    }
    if (how == RENAMED && rename(f->path, old) != 0)
        device_complain(&f->device, "the file of the simulation cannot be renamed");
    /* Who reads a renamed file can read it to its end. */
    if (!f->device.read || how == CUT)
        lose(f, true);
    f->run++;
    f->first_ms = INT64_MAX;
    f->replaced_ms = now_ms;
    buf_reset(&f->text);
    add_head(f);
    for (uint64_t n = rng_below(f->device.rng, 2 * ROWS_AT_ONCE); n > 0; n--)
        add_row(f, now_ms);
    write_out(f, true, f->text.n);
}

static void file_live(struct device *d, int64_t now_ms) {
    struct file *f = self_of(d);
    if (d->calm) {
        write_out(f, false, f->text.n);
        return;
    }
    if (f->written < f->text.n || rng_ppm(d->rng, 500000)) {
        for (uint64_t n = rng_below(d->rng, ROWS_AT_ONCE); n > 0; n--)
            add_row(f, now_ms);
        const size_t half = rng_below(d->rng, 20);
        const bool torn = rng_ppm(d->rng, 300000) && f->text.n - f->written > half;
        write_out(f, false, torn ? f->text.n - half : f->text.n);
    }
    /* Of two that are gone before anybody looked one is never known, and neither is what was in
     * a file that is cut down before its first row, or the first one of a process, was read. */
    const bool looked = !d->read || (d->heard_ms > f->replaced_ms && d->heard_ms > f->first_ms);
    if (f->replaces && looked && now_ms > f->t_ms && f->written == f->text.n &&
        rng_ppm(d->rng, 30000))
        replace(f, (enum change)rng_below(d->rng, 3), now_ms);
}

/* --- who reads it -------------------------------------------------------------------------------
 */

static enum err file_open(struct device *d, int64_t now_ms, struct span position,
                          struct source **out) {
    struct file *f = self_of(d);
    return f->csv ? csv_open(&f->csv_conf, now_ms, position, out)
                  : lines_open(&f->lines_conf, now_ms, position, out);
}

/* What was renamed can be found by nobody who opens the file anew. */
static void file_left(struct device *d) {
    lose(self_of(d), false);
}

static bool file_excused(const struct device *d, size_t number) {
    return d->at[number - 1].gone;
}

static void file_close(struct device *d) {
    struct file *f = self_of(d);
    char old[PATH + 8];
    (void)snprintf(old, sizeof old, "%s.old", f->path);
    (void)unlink(f->path);
    (void)unlink(old);
    if (f->csv)
        conf_free(&csv_schema, &f->csv_conf);
    else
        conf_free(&lines_schema, &f->lines_conf);
    buf_fini(&f->text);
    free(d->at);
    free(f);
}

static const struct device_ops csv_device = {.kind = "csv",
                                             .live = file_live,
                                             .open = file_open,
                                             .left = file_left,
                                             .excused = file_excused,
                                             .close = file_close};
static const struct device_ops lines_device = {.kind = "lines",
                                               .live = file_live,
                                               .open = file_open,
                                               .left = file_left,
                                               .excused = file_excused,
                                               .close = file_close};

static enum err load(struct file *f) {
    char text[800];
    const char *id = f->device.id.s;
    size_t n = 0;
    if (f->csv)
        n = (size_t)snprintf(text, sizeof text,
                             "file: %s\nfollow: true\ntime_columns: [time]\nformat: "
                             "epoch_ms\ncolumns:\n",
                             f->path);
    else
        n = (size_t)snprintf(text, sizeof text,
                             "from: file\npath: %s\nfollow: true\nheartbeat: 1 h\npoints:\n",
                             f->path);
    for (int c = 'a'; c < 'a' + COLUMNS; c++)
        n += (size_t)snprintf(
            text + n, sizeof text - n, "  - {%s%c%s%s/%c, type: event, unit: piece, decimals: 0}\n",
            f->csv ? "column: " : "hint: ", c, f->csv ? ", point: " : ", name: ", id, c);
    return f->csv ? device_conf(text, &csv_schema, &f->csv_conf)
                  : device_conf(text, &lines_schema, &f->lines_conf);
}

static enum err make(const struct device_ask *ask, bool csv, struct device **out) {
    struct file *f = calloc(1, sizeof *f);
    if (!f)
        return ERR_NOMEM;
    f->csv = csv;
    device_init(&f->device, csv ? &csv_device : &lines_device, csv ? "csv" : "lines", ask->no);
    f->device.rng = ask->rng;
    f->device.variant = ask->variant;
    f->t_ms = ask->now_ms;
    f->first_ms = INT64_MAX;
    f->replaces = rng_ppm(ask->rng, 500000);
    buf_init(&f->text);
    (void)snprintf(f->path, sizeof f->path, "%s/%s", ask->folder, f->device.id.s);
    const enum err e = load(f);
    if (e) {
        buf_fini(&f->text);
        free(f);
        return e;
    }
    add_head(f);
    write_out(f, true, f->text.n);
    *out = &f->device;
    return ERR_OK;
}

enum err file_make_csv(const struct device_ask *ask, struct device **out) {
    return make(ask, true, out);
}

enum err file_make_lines(const struct device_ask *ask, struct device **out) {
    return make(ask, false, out);
}
