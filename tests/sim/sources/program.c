/* A program that prints what it has measured since a position that it is given, and says its
 * position now and then. It prints half a line, ends, and is started again; it forgets nothing.
 * Its process is played here, and what it prints goes through a pipe of the system. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "simsources/device.h"
#include "sources/lines.h"

enum { COLUMNS = 2, LINES_AT_ONCE = 6, AHEAD = 4096 /* bytes in the pipe, far from full */ };

struct program {
    struct device device; /* first */
    struct lines_conf conf;
    unsigned every; /* it says its position with every so-manieth line */
    bool alone;     /* ... in a line of its own */
    int64_t t_ms;
};

/* The source that runs it: what sources/exec does, but for processes. */
struct runner {
    struct source source; /* first */
    struct program *program;
    struct source *lines;
    int pipe;    /* the program's end; -1: it does not run */
    size_t next; /* the line that it prints next, from 0 */
    size_t left; /* of a line that it has begun */
    struct buf line;
    bool attached;  /* what it printed is not read to its end yet */
    int64_t due_ms; /* when it is started again */
};

static struct program *self_of(struct device *d) {
    return (struct program *)d;
}

/* --- what it prints -----------------------------------------------------------------------------
 */

static void program_live(struct device *d, int64_t now_ms) {
    struct program *p = self_of(d);
    for (uint64_t n = d->calm ? 0 : rng_below(d->rng, 3); n > 0; n--) {
        p->t_ms = now_ms > p->t_ms && !rng_ppm(d->rng, 100000) ? now_ms : p->t_ms;
        for (unsigned i = 0; i < COLUMNS; i++)
            (void)device_offer(d, &(struct offer){.t_ms = p->t_ms, .place = (int64_t)(d->n / 2)});
    }
}

/* A position is the number of lines that are said. */
static void say(struct runner *r) {
    const struct program *p = r->program;
    const size_t first = r->next * COLUMNS + 1;
    const bool at = (r->next + 1) % p->every == 0;
    buf_reset(&r->line);
    (void)buf_addf(&r->line, "{\"t\":%" PRId64 ",\"values\":{\"%s/a\":%zu,\"%s/b\":%zu}",
                   p->device.at[first - 1].t_ms, p->device.id.s, first, p->device.id.s, first + 1);
    if (at && p->alone)
        (void)buf_addf(&r->line, "}\n{\"position\":\"%zu\"", r->next + 1);
    else if (at)
        (void)buf_addf(&r->line, ",\"position\":\"%zu\"", r->next + 1);
    (void)buf_add_str(&r->line, "}\n");
    r->left = r->line.n;
    r->next++;
}

static void print(struct runner *r) {
    size_t room = AHEAD;
    struct rng *rng = r->program->device.rng;
    for (uint64_t n = rng_below(rng, LINES_AT_ONCE) + 1; n > 0; n--) {
        if (r->left == 0 && (r->next + 1) * COLUMNS > r->program->device.n)
            return;
        if (r->left == 0)
            say(r);
        const bool torn = rng_ppm(rng, 100000);
        const size_t part = torn ? rng_below(rng, r->left) : r->left;
        if (part > room || write(r->pipe, r->line.p + r->line.n - r->left, part) != (ssize_t)part)
            return;
        room -= part;
        r->left -= part;
        if (torn)
            return;
    }
}

/* --- who runs it --------------------------------------------------------------------------------
 */

static enum err start(struct runner *r) {
    int fd[2];
    const char *position = lines_pipe_kept(r->lines)->position;
    if (pipe2(fd, O_NONBLOCK | O_CLOEXEC) != 0)
        return ERR_IO;
    r->pipe = fd[1];
    r->attached = true;
    r->left = 0;
    r->next = (size_t)strtoull(position, NULL, 10);
    /* Some say first where they begin. */
    if (*position && rng_ppm(r->program->device.rng, 300000)) {
        buf_reset(&r->line);
        (void)buf_addf(&r->line, "{\"position\":\"%s\"}\n", position);
        r->left = r->line.n;
    }
    return lines_pipe_attach(r->lines, fd[0], true);
}

static void stop(struct runner *r) {
    if (r->pipe >= 0)
        (void)close(r->pipe);
    r->pipe = -1;
}

static enum err runner_poll(struct source *source, int64_t now_ms, const struct source_out *out,
                            int64_t *next_ms) {
    struct runner *r = (struct runner *)source;
    struct device *d = &r->program->device;
    enum err e = ERR_OK;
    if (!r->attached && now_ms >= r->due_ms)
        e = start(r);
    if (!e && r->pipe >= 0)
        print(r);
    if (!d->calm && rng_ppm(d->rng, 30000))
        stop(r);
    if (!e)
        e = r->lines->ops->poll(r->lines, now_ms, out, next_ms);
    if (!e && *next_ms == INT64_MIN) {
        stop(r);
        lines_pipe_detach(r->lines);
        r->attached = false;
        r->due_ms = now_ms + rng_between(d->rng, 100, 3000);
    }
    *next_ms = now_ms;
    return e;
}

static int runner_fd(const struct source *source) {
    (void)source;
    return -1;
}

static void runner_position(const struct source *source, struct buf *out) {
    lines_kept_format(lines_pipe_kept(((const struct runner *)source)->lines), out);
}

static void runner_close(struct source *source) {
    struct runner *r = (struct runner *)source;
    stop(r);
    r->lines->ops->close(r->lines);
    buf_fini(&r->line);
    free(r);
}

static const struct source_ops runner_ops = {.kind = "exec",
                                             .poll = runner_poll,
                                             .fd = runner_fd,
                                             .position = runner_position,
                                             .close = runner_close};

static enum err program_open(struct device *d, int64_t now_ms, struct span position,
                             struct source **out) {
    struct lines_kept kept;
    struct runner *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NOMEM;
    *r = (struct runner){
        .source = {&runner_ops}, .program = self_of(d), .pipe = -1, .due_ms = now_ms};
    buf_init(&r->line);
    enum err e = lines_kept_parse(position, &kept);
    if (!e)
        e = lines_pipe_open(&r->program->conf, &kept, &r->lines);
    if (e)
        free(r);
    else
        *out = &r->source;
    return e;
}

static void program_left(struct device *d) {
    (void)d;
}

static bool program_excused(const struct device *d, size_t number) {
    (void)d;
    (void)number;
    return false; /* it forgets nothing */
}

static void program_close(struct device *d) {
    conf_free(&lines_schema, &self_of(d)->conf);
    free(d->at);
    free(d);
}

static const struct device_ops program_device = {.kind = "exec",
                                                 .live = program_live,
                                                 .open = program_open,
                                                 .left = program_left,
                                                 .excused = program_excused,
                                                 .close = program_close};

enum err program_make(const struct device_ask *ask, struct device **out) {
    char text[400];
    struct program *p = calloc(1, sizeof *p);
    if (!p)
        return ERR_NOMEM;
    device_init(&p->device, &program_device, "exec", ask->no);
    p->device.rng = ask->rng;
    p->device.variant = ask->variant;
    p->t_ms = ask->now_ms;
    p->every = (unsigned)rng_between(ask->rng, 1, 5);
    p->alone = rng_ppm(ask->rng, 300000);
    const char *id = p->device.id.s;
    (void)snprintf(text, sizeof text,
                   "from: stdin\nheartbeat: 1 h\npoints:\n"
                   "  - {name: %s/a, type: event, unit: piece, decimals: 0}\n"
                   "  - {name: %s/b, type: event, unit: piece, decimals: 0}\n",
                   id, id);
    const enum err e = device_conf(text, &lines_schema, &p->conf);
    if (e) {
        free(p);
        return e;
    }
    p->conf.from = LINES_PIPE;
    p->conf.positions = true;
    *out = &p->device;
    return ERR_OK;
}
