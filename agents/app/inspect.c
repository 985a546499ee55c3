#include "agent_app/inspect.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "base/utc.h"

enum { TURN_MS = 200, TEXT = 300 };

struct looked {
    struct inspect *all;
    const struct ident *id;
    struct source *source;
    int64_t due_ms; /* wall */
    bool over;
    struct source_state state; /* as last printed */
};

/* Of a point: readings, and of these with the device's own time. */
struct clocked {
    uint64_t readings, by_device;
};

struct inspect {
    const struct inspect_ask *ask;
    struct looked *at;
    size_t n;
    struct point *points;    /* by their numbers here */
    struct clocked *clocked; /* by the same */
    size_t point_n;
    uint64_t readings;
    struct buf raw;
    bool dump;
};

/* --- what is printed ----------------------------------------------------------------------------
 */

/* Base amounts are millionths of what people read. */
static void amount_text(const struct point *p, int64_t raw, char text[TEXT]) {
    char number[32];
    int64_t base;
    const bool millionths = (p->unit[0] == 'u' || p->unit[0] == 'p') && p->unit[1];
    if (decimal_scale(raw, p->num, p->den, &base)) {
        (void)snprintf(text, TEXT, "%" PRId64 " (beyond 64 bits in %s)", raw, p->unit);
        return;
    }
    decimal_format(base, millionths ? 6 : 0, number);
    (void)snprintf(text, TEXT, "%s %s", number, p->unit + millionths);
}

static void value_text(const struct point *p, const struct value *v, char text[TEXT]) {
    switch ((enum value_kind)v->kind) {
    case VALUE_NONE:
        (void)snprintf(text, TEXT, "-");
        return;
    case VALUE_INT:
        if (p->type == POINT_STATE)
            (void)snprintf(text, TEXT, "%" PRId64, v->as.i);
        else
            amount_text(p, v->as.i, text);
        return;
    case VALUE_REAL:
        (void)snprintf(text, TEXT, "%.12g %s", v->as.r * (double)p->num / (double)p->den, p->unit);
        return;
    case VALUE_TEXT:
        (void)snprintf(text, TEXT, "\"%.*s\"", (int)v->as.text.n, v->as.text.p);
        return;
    case VALUE_AMOUNT:
        amount_text(p, v->as.span.amount, text);
        (void)snprintf(text + strlen(text), TEXT - strlen(text), " in %" PRId64 " ms, tag %" PRId64,
                       v->as.span.dur_ms, v->as.span.tag);
        return;
    }
}

/* What others wrote must not steer the terminal it is shown on. */
static void print_safe(FILE *out, struct span text, bool lines) {
    for (size_t i = 0; i < text.n; i++) {
        const uint8_t c = text.p[i];
        const bool c1 = c == 0xc2 && i + 1 < text.n && text.p[i + 1] < 0xa0; /* U+0080 .. 9F */
        const bool control = (c < 0x20 && !(lines && c == '\n')) || c == 0x7f || c1;
        i += c1;
        (void)fputc(control ? '?' : c, out);
    }
}

static void print_line(FILE *out, const char *text) {
    print_safe(out, span_str(text), false);
    (void)fputc('\n', out);
}

static void print_time(FILE *out, int64_t t_ms) {
    char text[UTC_TEXT];
    utc_format(t_ms, text);
    (void)fprintf(out, "%-24s  ", text);
}

static void print_raw(struct inspect *x) {
    for (size_t i = 0; i < x->raw.n; i++)
        (void)fprintf(x->ask->out, "%s%02x", i ? " " : "  [", x->raw.p[i]);
    if (x->raw.n)
        (void)fputc(']', x->ask->out);
    buf_reset(&x->raw);
}

/* --- what a source says -------------------------------------------------------------------------
 */

static enum err add_point(void *user, const struct point *p, uint16_t *id) {
    struct inspect *x = ((struct looked *)user)->all;
    if (x->point_n == POINT_TABLE_MAX)
        return ERR_FULL;
    struct point *at = realloc(x->points, (x->point_n + 1) * sizeof *at);
    if (!at)
        return ERR_NOMEM;
    x->points = at;
    struct clocked *clocked = realloc(x->clocked, (x->point_n + 1) * sizeof *clocked);
    if (!clocked)
        return ERR_NOMEM;
    x->clocked = clocked;
    clocked[x->point_n] = (struct clocked){0};
    at[x->point_n] = *p;
    at[x->point_n].source = (uint16_t)((struct looked *)user - x->at);
    *id = at[x->point_n].id = (uint16_t)x->point_n;
    x->point_n++;
    return ERR_OK;
}

static enum err take_reading(void *user, const struct reading *r) {
    static const char *const quality[] = {"good", "uncertain", "bad"};
    struct looked *s = user;
    struct inspect *x = s->all;
    char text[TEXT];
    if (x->readings == x->ask->readings)
        return ERR_FULL;
    x->readings++;
    x->clocked[r->point].readings++;
    x->clocked[r->point].by_device += r->by_device;
    if (!x->dump)
        return ERR_OK;
    const struct point *p = &x->points[r->point];
    if (batch_why_of(r) == BATCH_WHY_NONE)
        value_text(p, &r->v, text);
    else
        (void)snprintf(text, TEXT, "(%s)", batch_why_name(batch_why_of(r)));
    print_time(x->ask->out, r->t_ms);
    (void)fprintf(x->ask->out, "%s  %s  %s  ", s->id->s, p->name, quality[r->quality]);
    print_safe(x->ask->out, span_str(text), false);
    (void)fprintf(x->ask->out, "  (%s time)", r->by_device ? "device's" : "gateway's");
    print_raw(x);
    (void)fputc('\n', x->ask->out);
    return ERR_OK;
}

static enum err take_cover(void *user, int64_t since_ms, int64_t until_ms) {
    struct looked *s = user;
    char since[UTC_TEXT];
    if (!s->all->dump)
        return ERR_OK;
    utc_format(since_ms, since);
    print_time(s->all->ask->out, until_ms);
    (void)fprintf(s->all->ask->out, "%s  heard of since %s\n", s->id->s, since);
    return ERR_OK;
}

static void take_refusal(void *user, const char *reason, const char *place) {
    struct looked *s = user;
    (void)fprintf(s->all->ask->out, "%s: refused: %s: ", s->id->s, reason);
    print_line(s->all->ask->out, place);
}

static void take_words(void *user, const char *text) {
    struct looked *s = user;
    (void)fprintf(s->all->ask->out, "%s: said: ", s->id->s);
    print_line(s->all->ask->out, text);
}

static void take_raw(void *user, uint16_t point, struct span bytes) {
    struct inspect *x = ((struct looked *)user)->all;
    (void)point;
    buf_reset(&x->raw);
    (void)buf_add(&x->raw, bytes.p, bytes.n);
}

static void tell_state(struct looked *s) {
    struct source_state now = {0};
    if (!s->source->ops->state)
        return;
    s->source->ops->state(s->source, &now);
    if (strcmp(now.state, s->state.state) != 0 || strcmp(now.detail, s->state.detail) != 0) {
        (void)fprintf(s->all->ask->out, "%s: %s%s", s->id->s, now.state, now.detail[0] ? ": " : "");
        print_line(s->all->ask->out, now.detail);
    }
    s->state = now;
}

/* --- the turn -----------------------------------------------------------------------------------
 */

static void poll_source(struct looked *s, int64_t now_ms) {
    struct source_out out = {.add_point = add_point,
                             .reading = take_reading,
                             .covered = take_cover,
                             .refused = take_refusal,
                             .said = take_words,
                             .raw = s->all->dump ? take_raw : NULL,
                             .user = s};
    int64_t next = INT64_MAX;
    enum err err = s->source->ops->poll(s->source, now_ms, &out, &next);
    if (err && err != ERR_FULL)
        (void)fprintf(s->all->ask->out, "%s: failed: %s\n", s->id->s, err_name(err));
    s->over = next == INT64_MIN;
    s->due_ms = next;
    tell_state(s);
}

static bool is_over(const struct inspect *x) {
    if (x->readings == x->ask->readings)
        return true;
    for (size_t i = 0; i < x->n; i++)
        if (x->at[i].source && !x->at[i].over)
            return false;
    return true;
}

static volatile sig_atomic_t asked_to_end;

static void on_signal(int number) {
    (void)number;
    asked_to_end = 1;
}

static void wait_for_more(struct inspect *x, struct pollfd *fd, int64_t now_ms) {
    int64_t due = now_ms + TURN_MS;
    for (size_t i = 0; i < x->n; i++) {
        const struct looked *s = &x->at[i];
        fd[i] = (struct pollfd){.fd = s->source && !s->over ? s->source->ops->fd(s->source) : -1,
                                .events = POLLIN};
        if (s->source && !s->over && s->due_ms < due)
            due = s->due_ms;
    }
    (void)fflush(x->ask->out);
    (void)poll(fd, (nfds_t)x->n, due > now_ms ? (int)(due - now_ms) : 0);
    for (size_t i = 0; i < x->n; i++)
        if (fd[i].revents)
            x->at[i].due_ms = INT64_MIN;
}

static enum err run(struct inspect *x) {
    struct pollfd *fd = calloc(x->n, sizeof *fd);
    int64_t begun_ms = clock_mono_ms();
    if (!fd)
        return ERR_NOMEM;
    (void)signal(SIGINT, on_signal);
    (void)signal(SIGTERM, on_signal);
    while (!asked_to_end && !is_over(x) && clock_mono_ms() - begun_ms < x->ask->for_ms) {
        int64_t now_ms = clock_wall_ms();
        for (size_t i = 0; i < x->n; i++)
            if (x->at[i].source && !x->at[i].over && x->at[i].due_ms <= now_ms)
                poll_source(&x->at[i], now_ms);
        if (!is_over(x))
            wait_for_more(x, fd, clock_wall_ms());
    }
    free(fd);
    return ERR_OK;
}

/* --- from the first to the last -----------------------------------------------------------------
 */

static bool is_asked(const struct inspect_ask *ask, const struct source_conf *c) {
    return !ask->source || strcmp(ask->source, c->id.s) == 0;
}

static enum err check_asked(const struct agent_conf *conf, const struct inspect_ask *ask) {
    for (size_t i = 0; i < conf->source_n; i++)
        if (is_asked(ask, &conf->sources[i]))
            return ERR_OK;
    (void)fprintf(ask->out, "there is no source %s; the sources are:\n", ask->source);
    for (size_t i = 0; i < conf->source_n; i++)
        (void)fprintf(ask->out, "  %s\n", conf->sources[i].id.s);
    return ERR_NOT_FOUND;
}

static enum err open_one(struct inspect *x, const struct agent_conf *conf, struct source_conf *c) {
    struct looked *s = &x->at[x->n];
    void *settings = NULL;
    const struct kinds_row *kind = source_conf_kind(c, &settings);
    *s = (struct looked){.all = x, .id = &c->id, .due_ms = INT64_MIN};
    x->n++;
    if (kind->look)
        kind->look(settings);
    errno = 0;
    enum err err =
        kind->open(settings, conf->folder, clock_wall_ms(), span_of(NULL, 0), &s->source);
    if (err)
        (void)fprintf(x->ask->out, "%s: a source of kind %s could not be opened: %s\n", c->id.s,
                      kind->name, err == ERR_IO && errno ? strerror(errno) : err_name(err));
    return err;
}

static enum err inspect(struct agent_conf *conf, const struct inspect_ask *ask, bool dump,
                        void (*then)(const struct inspect *x)) {
    struct inspect x = {.ask = ask, .dump = dump};
    enum err err = check_asked(conf, ask), worst = ERR_OK;
    if (err)
        return err;
    x.at = calloc(conf->source_n, sizeof *x.at);
    if (!x.at)
        return ERR_NOMEM;
    buf_init(&x.raw);
    for (size_t i = 0; i < conf->source_n; i++)
        if (is_asked(ask, &conf->sources[i]) && open_one(&x, conf, &conf->sources[i]))
            worst = ERR_IO;
    err = run(&x);
    if (then)
        then(&x);
    for (size_t i = 0; i < x.n; i++)
        if (x.at[i].source)
            x.at[i].source->ops->close(x.at[i].source);
    buf_fini(&x.raw);
    free(x.points);
    free(x.clocked);
    free(x.at);
    return err ? err : worst;
}

static const char *clock_of(const struct clocked *c) {
    if (c->readings == 0)
        return "-"; /* nothing came of it yet */
    return c->by_device == 0 ? "gateway" : c->by_device == c->readings ? "device" : "both";
}

static void print_points(const struct inspect *x) {
    static const char *const sampling[] = {"sampled", "held"};
    FILE *out = x->ask->out;
    (void)fprintf(out, "%-40s %-9s %-8s %-22s %-8s %-6s %8s  %-8s %-12s %s\n", "point", "type",
                  "unit", "raw x", "sampling", "holds", "every", "time by", "of unit", "source");
    for (size_t i = 0; i < x->point_n; i++) {
        const struct point *p = &x->points[i];
        char factor[48], every[24] = "change";
        (void)snprintf(factor, sizeof factor, p->den == 1 ? "%" PRId64 : "%" PRId64 "/%" PRId64,
                       p->num, p->den);
        if (p->poll_ms)
            (void)snprintf(every, sizeof every, "%u ms", (unsigned)p->poll_ms);
        (void)fprintf(out, "%-40s %-9s %-8s %-22s %-8s %-6s %8s  %-8s %-12s %s\n", p->name,
                      point_type_name((enum point_type)p->type), p->unit[0] ? p->unit : "-", factor,
                      sampling[p->sampling], p->sticky ? "sticky" : "heard", every,
                      clock_of(&x->clocked[i]), p->hint[0] ? p->hint : "-", x->at[p->source].id->s);
    }
    (void)fprintf(out, "%zu points\n", x->point_n);
}

enum err inspect_points(struct agent_conf *conf, const struct inspect_ask *ask) {
    return inspect(conf, ask, false, print_points);
}

enum err inspect_dump(struct agent_conf *conf, const struct inspect_ask *ask) {
    return inspect(conf, ask, true, NULL);
}

enum err inspect_probe(struct agent_conf *conf, const struct inspect_ask *ask) {
    enum err err = check_asked(conf, ask), worst = ERR_OK;
    struct buf text;
    if (err)
        return err;
    buf_init(&text);
    for (size_t i = 0; i < conf->source_n; i++) {
        struct source_conf *c = &conf->sources[i];
        void *settings = NULL;
        const struct kinds_row *kind = source_conf_kind(c, &settings);
        if (!is_asked(ask, c))
            continue;
        buf_reset(&text);
        err = kind->probe ? kind->probe(settings, conf->folder, &text) : ERR_OK;
        (void)fprintf(ask->out, "%s: %s%s\n", c->id.s, kind->name,
                      kind->probe ? "" : ": there is nothing to look for");
        print_safe(ask->out, buf_span(&text), true);
        if (err)
            worst = ERR_IO;
    }
    buf_fini(&text);
    return worst;
}

void inspect_sources(struct agent_conf *conf, FILE *out) {
    for (size_t i = 0; i < conf->source_n; i++) {
        void *settings = NULL;
        const struct kinds_row *kind = source_conf_kind(&conf->sources[i], &settings);
        (void)fprintf(out, "  %s: %s\n", conf->sources[i].id.s, kind->name);
    }
}
