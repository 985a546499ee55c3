#include "support/sink_memory.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/hash.h"

struct point {
    uint64_t number; /* see number_of() */
    int64_t t;
    struct buf text;        /* the only line that was ever written of it, else empty */
    struct line_read *read; /* NULL: not as yet */
};

struct sink_memory {
    struct sink sink;
    struct sink_memory_conf conf;
    struct sink_ops ops;
    struct point *point;
    size_t n, cap;
    uint64_t *taken; /* numbers of points that were taken away */
    size_t taken_n;
    unsigned requests;
    enum sink_request what;
    struct buf text;
    char measurement[LINE_READ_TEXT];
    int64_t t_ms;
    void (*done)(void *user, const struct sink_answer *a);
    void *user;
};

/* Points with different numbers are different points. */
static uint64_t number_of(const struct line_read *p) {
    uint64_t h = fnv1a64(span_str(p->measurement)) ^ (uint64_t)p->t;
    for (size_t i = 0; i < p->tag_n; i++)
        h = h * UINT64_C(0x9e3779b97f4a7c15) + fnv1a64(span_str(p->tag[i].value));
    return h;
}

static struct line_read *parsed(struct span line) {
    struct line_read *read = malloc(sizeof *read);
    if (!read || line_read(&line, read))
        abort();
    return read;
}

static struct line_read *read_of(struct point *p) {
    if (!p->read)
        p->read = parsed(buf_span(&p->text));
    return p->read;
}

static bool is_text(const struct point *p, struct span line) {
    return p->text.n > 0 && span_equal(buf_span(&p->text), line);
}

/* line: what may be its text, to save reading it. */
static struct point *find(const struct sink_memory *s, const struct line_read *like,
                          struct span line) {
    uint64_t number = number_of(like);
    for (size_t i = 0; i < s->n; i++) {
        struct point *p = &s->point[i];
        if (p->number == number && (is_text(p, line) || line_read_same_point(read_of(p), like)))
            return p;
    }
    return NULL;
}

static void new_point(struct sink_memory *s, const struct line_read *like, struct span line) {
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 64;
        s->point = realloc(s->point, s->cap * sizeof *s->point);
        if (!s->point)
            abort();
    }
    struct point *p = &s->point[s->n++];
    *p = (struct point){.number = number_of(like), .t = like->t};
    buf_init(&p->text);
    if (buf_add(&p->text, line.p, line.n))
        abort();
}

static void add_line(struct sink_memory *s, const struct line_read *like, struct span line) {
    struct point *p = find(s, like, line);
    if (!p) {
        new_point(s, like, line);
        return;
    }
    if (is_text(p, line))
        return;
    struct line_read *more = parsed(line);
    if (line_read_merge(read_of(p), more))
        abort();
    free(more);
    buf_reset(&p->text);
}

static void apply_lines(struct sink_memory *s) {
    struct span text = buf_span(&s->text);
    struct line_read *p = malloc(sizeof *p);
    const uint8_t *line = text.p;
    for (; p && line_read_point(&text, p) == ERR_OK; line = text.p)
        add_line(s, p, span_of(line, (size_t)(text.p - line)));
    free(p);
}

static void point_fini(struct point *p) {
    buf_fini(&p->text);
    free(p->read);
}

static void drop_point(struct sink_memory *s, size_t i) {
    s->taken = realloc(s->taken, (s->taken_n + 1) * sizeof *s->taken);
    if (!s->taken)
        abort();
    s->taken[s->taken_n++] = s->point[i].number;
    point_fini(&s->point[i]);
    s->point[i] = s->point[--s->n];
}

/* "key"='value' AND ...; '' means that the tag is absent. No value of the tests holds a quote. */
static bool fits(const struct line_read *p, const char *where) {
    char key[LINE_READ_TEXT], value[LINE_READ_TEXT];
    int n = 0;
    while (*where) {
        value[0] = '\0';
        if (sscanf(where, "\"%127[^\"]\"=''%n", key, &n) < 1 || n == 0)
            if (sscanf(where, "\"%127[^\"]\"='%127[^']'%n", key, value, &n) < 2)
                abort();
        const char *have = line_read_tag(p, key);
        if (strcmp(have ? have : "", value) != 0)
            return false;
        where += n;
        if (strncmp(where, " AND ", 5) == 0)
            where += 5;
        n = 0;
    }
    return true;
}

static void apply_retract(struct sink_memory *s) {
    buf_add_byte(&s->text, 0);
    for (size_t i = s->n; i-- > 0;) {
        if (s->point[i].t != s->t_ms)
            continue;
        const struct line_read *p = read_of(&s->point[i]);
        if (strcmp(p->measurement, s->measurement) == 0 && fits(p, (const char *)s->text.p))
            drop_point(s, i);
    }
}

static void apply(struct sink_memory *s) {
    if (s->what == SINK_WRITE)
        apply_lines(s);
    else if (s->what == SINK_RETRACT)
        apply_retract(s);
}

static enum err ask(struct sink *base, enum sink_request what, struct span text,
                    void (*done)(void *user, const struct sink_answer *a), void *user) {
    struct sink_memory *s = (struct sink_memory *)base;
    if (s->done)
        abort(); /* never more than one request under way */
    s->what = what;
    s->done = done;
    s->user = user;
    s->requests++;
    buf_reset(&s->text);
    return buf_add(&s->text, text.p, text.n);
}

static enum err memory_write(struct sink *s, struct span lines,
                             void (*done)(void *user, const struct sink_answer *a), void *user) {
    return ask(s, SINK_WRITE, lines, done, user);
}

static enum err memory_retract(struct sink *base, const char *measurement, struct span where,
                               int64_t t_ms, void (*done)(void *user, const struct sink_answer *a),
                               void *user) {
    struct sink_memory *s = (struct sink_memory *)base;
    snprintf(s->measurement, sizeof s->measurement, "%s", measurement);
    s->t_ms = t_ms;
    return ask(base, SINK_RETRACT, where, done, user);
}

static enum err memory_create(struct sink *s, void (*done)(void *user, const struct sink_answer *a),
                              void *user) {
    return ask(s, SINK_CREATE, span_of(NULL, 0), done, user);
}

enum err sink_memory_open(const struct sink_memory_conf *conf, struct sink **out) {
    struct sink_memory *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->conf = *conf;
    s->ops = (struct sink_ops){.write = memory_write,
                               .retract = conf->deletes ? memory_retract : NULL,
                               .create = conf->creates ? memory_create : NULL};
    s->sink.ops = &s->ops;
    *out = &s->sink;
    return ERR_OK;
}

static struct sink_answer carry_out(struct sink_memory *s) {
    struct sink_answer a = {.status = 204, .retry_after_ms = -1, .error = ""};
    if (s->conf.judge)
        s->conf.judge(s->conf.user, s->what, buf_span(&s->text), &a);
    if (a.status >= 200 && a.status < 300)
        apply(s);
    return a;
}

bool sink_memory_step(struct sink *base) {
    struct sink_memory *s = (struct sink_memory *)base;
    void (*done)(void *, const struct sink_answer *) = s->done;
    if (!done)
        return false;
    struct sink_answer a = carry_out(s);
    s->done = NULL;
    done(s->user, &a);
    return true;
}

bool sink_memory_lose(struct sink *base) {
    struct sink_memory *s = (struct sink_memory *)base;
    void (*done)(void *, const struct sink_answer *) = s->done;
    if (!done)
        return false;
    carry_out(s);
    s->done = NULL;
    done(s->user, &(struct sink_answer){.retry_after_ms = -1, .error = "reset"});
    return true;
}

void sink_memory_forget(struct sink *base, bool applied) {
    struct sink_memory *s = (struct sink_memory *)base;
    if (s->done && applied)
        carry_out(s);
    s->done = NULL;
}

bool sink_memory_busy(const struct sink *s) {
    return ((const struct sink_memory *)s)->done != NULL;
}

unsigned sink_memory_requests(const struct sink *s) {
    return ((const struct sink_memory *)s)->requests;
}

size_t sink_memory_points(const struct sink *s) {
    return ((const struct sink_memory *)s)->n;
}

const struct line_read *sink_memory_point(const struct sink *s, size_t i) {
    return read_of(&((const struct sink_memory *)s)->point[i]);
}

const struct line_read *sink_memory_find(const struct sink *s, const struct line_read *like) {
    struct point *p = find((const struct sink_memory *)s, like, span_of(NULL, 0));
    return p ? read_of(p) : NULL;
}

bool sink_memory_took(const struct sink *base, const struct line_read *like) {
    const struct sink_memory *s = (const struct sink_memory *)base;
    size_t i = 0;
    for (uint64_t number = number_of(like); i < s->taken_n && s->taken[i] != number;)
        i++;
    return i < s->taken_n;
}

bool sink_memory_holds(const struct sink *s, const struct line_read *like, struct span line) {
    const struct point *p = find((const struct sink_memory *)s, like, line);
    return p && is_text(p, line);
}

void sink_memory_close(struct sink *base) {
    struct sink_memory *s = (struct sink_memory *)base;
    buf_fini(&s->text);
    while (s->n > 0)
        point_fini(&s->point[--s->n]);
    free(s->point);
    free(s->taken);
    free(s);
}
