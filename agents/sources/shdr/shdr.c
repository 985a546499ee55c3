/* The shell: a connection, its bytes to the talk, lines to what is told. */
#include "shdr/shdr.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utc.h"
#include "shdr/dial.h"
#include "shdr/talk.h"
#include "shdr/told.h"

enum {
    READS_PER_POLL = 16,
    LINES_PER_POLL = 2000,
    FULL_WAIT_MS = 200,
    PAUSE_LEAST_MS = 500,
    PAUSE_MOST_MS = 30000,
    PROBE_MS = 3000,
    PROBE_KEYS = 2000
};

struct shdr {
    struct source source;
    const struct shdr_conf *conf;
    struct talk talk;
    struct told told;
    struct dial *dial; /* NULL: none is being made */
    int fd;            /* -1: not connected */
    int64_t due_ms, pause_ms;
    bool tried;
    char detail[DIAL_WHY + 40];
    uint64_t requests, errors, reconnects;
};

/* --- the connection -----------------------------------------------------------------------------
 */

static void hang_up(struct shdr *s, const char *why, int64_t now_ms) {
    if (s->fd >= 0)
        (void)close(s->fd);
    s->fd = -1;
    dial_close(s->dial);
    s->dial = NULL;
    s->errors++;
    snprintf(s->detail, sizeof s->detail, "%s", why);
    s->due_ms = now_ms + s->pause_ms;
    s->pause_ms = s->pause_ms * 2 < PAUSE_MOST_MS ? s->pause_ms * 2 : PAUSE_MOST_MS;
}

static enum err connect_on(struct shdr *s, int64_t now_ms) {
    char why[DIAL_WHY];
    int fd;

    if (s->dial == NULL) {
        if (now_ms < s->due_ms)
            return ERR_OK;
        s->reconnects += s->tried;
        s->tried = true;
        return dial_open(s->conf->host, s->conf->port, s->conf->timeout_ms, &s->dial);
    }
    const enum err e = dial_take(s->dial, &fd, why);
    if (e == ERR_BUSY)
        return ERR_OK;
    if (e != ERR_OK) {
        hang_up(s, why, now_ms);
        return ERR_OK;
    }
    dial_close(s->dial);
    s->dial = NULL;
    s->fd = fd;
    s->detail[0] = '\0';
    talk_begin(&s->talk, now_ms);
    told_begin(&s->told, now_ms);
    return ERR_OK;
}

/* A PING that does not go out whole would cut the talk in two; so little always fits. */
static void keep_alive(struct shdr *s, int64_t now_ms) {
    static const char ping[] = "* PING\n";
    char why[80], since[UTC_TEXT];

    if (talk_is_dead(&s->talk, now_ms)) {
        utc_format(s->talk.heard_ms, since);
        snprintf(why, sizeof why, "nothing was heard since %s", since);
        hang_up(s, why, now_ms);
        return;
    }
    if (!talk_ping(&s->talk, now_ms))
        return;
    s->requests++;
    if (send(s->fd, ping, sizeof ping - 1, MSG_NOSIGNAL) != (ssize_t)(sizeof ping - 1))
        hang_up(s, "PING could not be sent", now_ms);
}

/* Reads once. False: there is nothing now, or the connection is over. */
static bool read_some(struct shdr *s, int64_t now_ms) {
    const struct span room = talk_room(&s->talk);
    const ssize_t n = recv(s->fd, (void *)(uintptr_t)room.p, room.n, 0);

    if (n > 0) {
        talk_on_bytes(&s->talk, (size_t)n, now_ms);
        s->pause_ms = PAUSE_LEAST_MS;
        return true;
    }
    if (n == 0)
        hang_up(s, "the adapter ended the connection", now_ms);
    else if (errno != EAGAIN && errno != EINTR)
        hang_up(s, "the connection broke", now_ms);
    return false;
}

/* --- lines --------------------------------------------------------------------------------------
 */

/* Tells and takes lines that are there. */
static enum err take_lines(struct shdr *s, int64_t now_ms, const struct source_out *out,
                           int *budget) {
    struct span line;
    char place[40];

    for (; *budget > 0; (*budget)--) {
        enum err e = told_tell(&s->told, out);
        if (e != ERR_OK)
            return e;
        const enum talk_taken taken = talk_take(&s->talk, &line);
        snprintf(place, sizeof place, "line %" PRIu64, s->talk.line);
        switch (taken) {
        case TALK_NONE:
            return ERR_OK;
        case TALK_PONG:
            e = told_alive(&s->told, now_ms, out);
            break;
        case TALK_LONG:
            out->refused(out->user, "line", "expected at most 64 KiB");
            break;
        case TALK_LINE:
            e = told_take(&s->told, line, place, now_ms, out);
            break;
        }
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static enum err run(struct shdr *s, int64_t now_ms, const struct source_out *out, bool *more) {
    int budget = LINES_PER_POLL;

    enum err e = take_lines(s, now_ms, out, &budget); /* what the owner could not take before */
    for (int i = 0; e == ERR_OK && s->fd < 0 && i < 2; i++)
        e = connect_on(s, now_ms);
    for (int i = 0; e == ERR_OK && s->fd >= 0 && i < READS_PER_POLL && budget > 0; i++) {
        const bool some = read_some(s, now_ms);
        e = take_lines(s, now_ms, out, &budget);
        if (!some)
            break;
        *more = i + 1 == READS_PER_POLL || budget <= 0;
    }
    *more |= budget <= 0;
    if (e == ERR_OK && s->fd >= 0)
        keep_alive(s, now_ms);
    return e;
}

static enum err shdr_poll(struct source *source, int64_t now_ms, const struct source_out *out,
                          int64_t *next_ms) {
    struct shdr *s = (struct shdr *)source;
    bool more = false;

    enum err e = run(s, now_ms, out, &more);
    if (e == ERR_OK || e == ERR_FULL) {
        const enum err vouched = coverage_vouch(&s->told.coverage, out);
        e = vouched == ERR_OK ? e : vouched;
    }
    if (e == ERR_FULL) {
        *next_ms = now_ms + FULL_WAIT_MS;
        return ERR_OK;
    }
    if (more)
        *next_ms = now_ms;
    else if (s->fd >= 0)
        *next_ms = talk_due(&s->talk);
    else
        *next_ms = s->dial != NULL ? INT64_MAX : s->due_ms;
    return e;
}

/* With a line at hand that cannot be told yet, more of them would only wake the owner. */
static int shdr_fd(const struct source *source) {
    const struct shdr *s = (const struct shdr *)source;

    if (s->told.holding)
        return -1;
    return s->fd < 0 && s->dial != NULL ? dial_fd(s->dial) : s->fd;
}

static void shdr_position(const struct source *source, struct buf *out) {
    (void)source; /* an adapter keeps nothing to go back to */
    (void)out;
}

static void shdr_state(const struct source *source, struct source_state *out) {
    const struct shdr *s = (const struct shdr *)source;

    snprintf(out->state, sizeof out->state, "%s", s->fd >= 0 ? "connected" : "waiting");
    snprintf(out->detail, sizeof out->detail, "%s", s->detail);
    out->requests = s->requests;
    out->errors = s->errors;
    out->reconnects = s->reconnects;
    out->devices = 1;
    out->devices_silent = s->fd < 0;
}

static void shdr_close(struct source *source) {
    struct shdr *s = (struct shdr *)source;

    dial_close(s->dial);
    if (s->fd >= 0)
        (void)close(s->fd);
    talk_fini(&s->talk);
    told_fini(&s->told);
    free(s);
}

static const struct source_ops shdr_ops = {.kind = "shdr",
                                           .poll = shdr_poll,
                                           .fd = shdr_fd,
                                           .position = shdr_position,
                                           .close = shdr_close,
                                           .state = shdr_state};

enum err shdr_open(const struct shdr_conf *c, int64_t now_ms, struct source **out) {
    struct shdr *s = calloc(1, sizeof *s);

    if (s == NULL)
        return ERR_NOMEM;
    s->source.ops = &shdr_ops;
    s->conf = c;
    s->fd = -1;
    s->due_ms = now_ms;
    s->pause_ms = PAUSE_LEAST_MS;
    enum err e = told_init(&s->told, c);
    if (e == ERR_OK)
        e = talk_init(&s->talk);
    if (e != ERR_OK) {
        told_fini(&s->told);
        free(s);
        return e;
    }
    *out = &s->source;
    return ERR_OK;
}

/* --- probe --------------------------------------------------------------------------------------
 */

/* Each key once, with a point that it could be; numbers as gauges, the rest as states. */
static void show_line(const struct line *l, struct names *seen, struct buf *out) {
    const struct quantity number = {.type = POINT_GAUGE};
    struct value v;

    for (size_t i = 0; i < l->n; i++) {
        const struct line_item *k = &l->items[i];
        if (names_add(seen, k->key, 0) != ERR_OK)
            continue;
        const char *what = quantity_value(&number, k->text, &v) == ERR_OK ? "gauge" : "state";
        if (k->form == LINE_CONDITION)
            what = "state, form: condition";
        else if (k->form == LINE_MESSAGE)
            what = "state, form: message";
        (void)buf_addf(out, "    - {name: \"%.*s\", type: %s} # %.*s\n", (int)k->key.n,
                       (const char *)k->key.p, what, (int)(k->text.n < 40 ? k->text.n : 40),
                       (const char *)k->text.p);
    }
}

static void listen_to(struct talk *t, struct told *told, int fd, struct names *seen,
                      struct buf *out) {
    const int64_t until_ms = clock_mono_ms() + PROBE_MS;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    struct span line;
    char why[LINE_WHY];

    for (int64_t now_ms = clock_mono_ms(); now_ms < until_ms; now_ms = clock_mono_ms()) {
        if (poll(&p, 1, (int)(until_ms - now_ms)) <= 0)
            return;
        const struct span room = talk_room(t);
        const ssize_t n = recv(fd, (void *)(uintptr_t)room.p, room.n, 0);
        if (n <= 0)
            return;
        talk_on_bytes(t, (size_t)n, now_ms);
        for (enum talk_taken k = talk_take(t, &line); k != TALK_NONE; k = talk_take(t, &line))
            if (k == TALK_LINE &&
                line_parse_shdr(&told->rule, &told->state, line, &told->line, why) == ERR_OK)
                show_line(&told->line, seen, out);
    }
}

static enum err look(const struct shdr_conf *c, struct talk *t, struct told *told,
                     struct buf *out) {
    struct dial *d;
    struct names seen;
    char why[DIAL_WHY];
    int fd;
    enum err e = dial_open(c->host, c->port, c->timeout_ms, &d);

    if (e != ERR_OK)
        return e;
    struct pollfd p = {.fd = dial_fd(d), .events = POLLIN};
    (void)poll(&p, 1, (int)c->timeout_ms + 1000);
    e = dial_take(d, &fd, why);
    if (e != ERR_OK) {
        (void)buf_addf(out, "  %s:%lld: %s\n", c->host, (long long)c->port,
                       e == ERR_BUSY ? "no answer" : why);
    } else {
        names_init(&seen, PROBE_KEYS);
        (void)buf_addf(out,
                       "  # what an adapter said within %d s; what fits may be copied\n"
                       "  points:\n",
                       PROBE_MS / 1000);
        listen_to(t, told, fd, &seen, out);
        names_fini(&seen);
        (void)close(fd);
    }
    dial_close(d);
    return e == ERR_OK ? ERR_OK : ERR_IO;
}

enum err shdr_probe(const struct shdr_conf *c, struct buf *out) {
    struct talk t;
    struct told *told = calloc(1, sizeof *told);
    const struct shdr_conf plain = {.host = c->host, .port = c->port, .timeout_ms = c->timeout_ms};

    if (told == NULL)
        return ERR_NOMEM;
    enum err e = told_init(told, &plain);
    if (e == ERR_OK) {
        e = talk_init(&t);
        if (e == ERR_OK) {
            e = look(&plain, &t, told, out);
            talk_fini(&t);
        }
        told_fini(told);
    }
    free(told);
    return e;
}
