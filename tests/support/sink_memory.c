#include "support/sink_memory.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

struct sink_memory {
    struct sink sink;
    struct sink_memory_conf conf;
    struct sink_ops ops;
    struct line_read *point;
    size_t n, cap;
    unsigned requests;
    enum sink_request what;
    struct buf text;
    char measurement[LINE_READ_TEXT];
    int64_t t_ms;
    void (*done)(void *user, const struct sink_answer *a);
    void *user;
};

static bool same_point(const struct line_read *a, const struct line_read *b) {
    if (a->t != b->t || a->tag_n != b->tag_n || strcmp(a->measurement, b->measurement) != 0)
        return false;
    for (size_t i = 0; i < a->tag_n; i++)
        if (strcmp(a->tag[i].key, b->tag[i].key) != 0 ||
            strcmp(a->tag[i].value, b->tag[i].value) != 0)
            return false;
    return true;
}

static void merge(struct line_read *to, const struct line_read *from) {
    for (size_t i = 0; i < from->field_n; i++) {
        size_t at = 0;
        while (at < to->field_n && strcmp(to->field[at].key, from->field[i].key) != 0)
            at++;
        if (at == LINE_READ_MAX)
            abort();
        to->field[at] = from->field[i];
        to->field_n += at == to->field_n;
    }
}

static void add_point(struct sink_memory *s, const struct line_read *p) {
    for (size_t i = 0; i < s->n; i++)
        if (same_point(&s->point[i], p)) {
            merge(&s->point[i], p);
            return;
        }
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 64;
        s->point = realloc(s->point, s->cap * sizeof *s->point);
        if (!s->point)
            abort();
    }
    s->point[s->n++] = *p;
}

static void apply_lines(struct sink_memory *s) {
    struct span text = buf_span(&s->text);
    struct line_read *p = malloc(sizeof *p);
    while (p && line_read(&text, p) == ERR_OK)
        add_point(s, p);
    free(p);
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
        const struct line_read *p = &s->point[i];
        if (p->t == s->t_ms && strcmp(p->measurement, s->measurement) == 0 &&
            fits(p, (const char *)s->text.p))
            s->point[i] = s->point[--s->n];
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
    return &((const struct sink_memory *)s)->point[i];
}

void sink_memory_close(struct sink *base) {
    struct sink_memory *s = (struct sink_memory *)base;
    buf_fini(&s->text);
    free(s->point);
    free(s);
}
