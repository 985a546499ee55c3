/* The source that runs a program. It is idle, running (the program writes), or ending (its output
 * is at an end, it and what it started are not yet); from there it is idle again. Its position is
 * that of a struct lines_kept, if the program says its own. */
#include "exec/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "exec/child.h"

extern char **environ;

enum {
    WORDS_MAX = 400, /* of a line for people */
    WORD_READS = 16, /* in a poll */
    ENDING_MS = 20,
    TERM_MS = 500, /* whoever has said all may take so long to end by itself */
    DETAIL = 160
};
#define POSITION_VARIABLE "PLANTBUS_POSITION"

enum phase { IDLE, RUNNING, ENDING };

struct exec {
    struct source source;
    const struct exec_conf *conf;
    struct source *lines;
    struct child child;
    enum phase phase;
    int epoll;
    int64_t due_ms, begun_ms, term_ms, kill_ms, pause_ms;
    bool termed, killed;
    char *folder;                 /* where it runs; owned */
    char **words;                 /* argv, borrowed texts */
    char words_at[WORDS_MAX + 1]; /* a line for people that has begun */
    size_t words_n;
    bool words_long;
    uint64_t starts, failures;
    char ended[DETAIL]; /* how, the last time it failed; "" */
};

/* --- what it says to people ---------------------------------------------------------------------
 */

static void tell_words(struct exec *s, const struct source_out *out) {
    for (size_t i = 0; i < s->words_n; i++)
        if ((uint8_t)s->words_at[i] < 0x20 || s->words_at[i] == 0x7f || s->words_at[i] == '"')
            s->words_at[i] = s->words_at[i] == '"' ? '\'' : ' ';
    s->words_at[s->words_n] = '\0';
    if (s->words_n > 0 && out->said != NULL)
        out->said(out->user, s->words_at);
    s->words_n = 0;
}

static void take_words(struct exec *s, const char *p, size_t n, const struct source_out *out) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\n') {
            tell_words(s, out);
            s->words_long = false;
        } else if (s->words_n == WORDS_MAX) {
            tell_words(s, out);
            s->words_long = true; /* the rest of such a line is nobody's */
        } else if (!s->words_long) {
            s->words_at[s->words_n++] = p[i];
        }
    }
}

static void read_words(struct exec *s, const struct source_out *out) {
    char bytes[4096];
    for (int i = 0; i < WORD_READS && s->child.err >= 0; i++) {
        const ssize_t n = read(s->child.err, bytes, sizeof bytes);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) {
            (void)epoll_ctl(s->epoll, EPOLL_CTL_DEL, s->child.err, NULL);
            (void)close(s->child.err);
            s->child.err = -1;
            tell_words(s, out);
            return;
        }
        take_words(s, bytes, (size_t)n, out);
    }
}

/* A text of two parts with one between; NULL: no memory. */
static char *joined(struct span first, char between, const char *second) {
    const size_t n = strlen(second);
    char *text = malloc(first.n + n + 2);
    if (text == NULL)
        return NULL;
    memcpy(text, first.p, first.n);
    text[first.n] = between;
    memcpy(text + first.n + 1, second, n + 1);
    return text;
}

/* --- starting -----------------------------------------------------------------------------------
 */

static bool is_program(const char *path) {
    return access(path, X_OK) == 0;
}

/* The program as a path; NULL: no folder of PATH has it (*missing), or no memory. */
static char *find_program(const char *name, bool *missing) {
    const char *path = getenv("PATH");
    char *at = NULL;
    *missing = false;
    if (strchr(name, '/') != NULL)
        return strdup(name);
    for (const char *p = path != NULL ? path : "/usr/bin:/bin"; *p != '\0';) {
        const size_t n = strcspn(p, ":");
        if (n > 0 && (at = joined(span_of(p, n), '/', name)) == NULL)
            return NULL;
        if (n > 0 && is_program(at))
            return at;
        free(at);
        at = NULL;
        p += n + (p[n] == ':');
    }
    *missing = true;
    return NULL;
}

static bool is_set(const struct exec_conf *c, const char *variable) {
    const size_t n = strcspn(variable, "=");
    for (size_t i = 0; i < c->environment_n; i++)
        if (strlen(c->environment[i].key) == n && memcmp(c->environment[i].key, variable, n) == 0)
            return true;
    return span_equal(span_of(variable, n), span_str(POSITION_VARIABLE));
}

/* Ours, without what is set anew, then that. The last `own` are owned. NULL: no memory. */
static char **make_environment(const struct exec *s, size_t *first, size_t *n) {
    const struct exec_conf *c = s->conf;
    size_t count = 0;
    while (environ != NULL && environ[count] != NULL)
        count++;
    char **env = calloc(count + c->environment_n + 2, sizeof *env);
    *first = *n = 0;
    if (env == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (!is_set(c, environ[i]))
            env[(*n)++] = environ[i];
    *first = *n;
    for (size_t i = 0; i < c->environment_n; i++, ++*n)
        if ((env[*n] = joined(span_str(c->environment[i].key), '=', c->environment[i].value)) ==
            NULL)
            goto fail;
    if (!c->lines.positions)
        return env;
    env[*n] = joined(span_str(POSITION_VARIABLE), '=', lines_pipe_kept(s->lines)->position);
    if (env[*n] == NULL)
        goto fail;
    ++*n;
    return env;
fail:
    for (size_t i = *first; i < *n; i++)
        free(env[i]);
    free(env);
    return NULL;
}

static enum err run_program(struct exec *s) {
    bool missing;
    size_t first, n;
    char *path = find_program(s->conf->command[0], &missing);
    if (path == NULL)
        return missing ? ERR_NOT_FOUND : ERR_NOMEM;
    char **env = make_environment(s, &first, &n);
    if (env == NULL) {
        free(path);
        return ERR_NOMEM;
    }
    const struct child_ask ask = {.path = path, .words = s->words, .env = env, .folder = s->folder};
    const enum err e = child_open(&s->child, &ask);
    for (size_t i = first; i < n; i++)
        free(env[i]);
    free(env);
    free(path);
    return e;
}

static enum err watch_program(struct exec *s) {
    struct epoll_event ev = {.events = EPOLLIN};
    const int fd = s->child.out;
    s->child.out = -1; /* taken */
    const bool looks = s->conf->every_ms > 0 && s->starts > 1 && s->ended[0] == '\0';
    enum err e = lines_pipe_attach(s->lines, fd, !looks);
    if (e == ERR_OK && epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->child.err, &ev) != 0)
        e = ERR_IO;
    return e;
}

/* --- ending -------------------------------------------------------------------------------------
 */

static void describe(const struct exec *s, const struct child_end *end, char text[DETAIL]) {
    const char *name = s->conf->command[0];
    switch (end->how) {
    case CHILD_EXITED:
        (void)snprintf(text, DETAIL, "%.60s ended with code %d", name, end->number);
        return;
    case CHILD_KILLED:
        (void)snprintf(text, DETAIL, "%.60s was ended by signal %d (%s)", name, end->number,
                       strsignal(end->number));
        return;
    case CHILD_NOT_RUN:
        (void)snprintf(text, DETAIL, "%.60s could not be run in %.40s: %s", name,
                       s->folder != NULL ? s->folder : ".", strerror(end->number));
        return;
    case CHILD_LOST:
        (void)snprintf(text, DETAIL, "%.60s was ended by somebody", name);
        return;
    }
}

/* The next start, and the words that say so. */
static void schedule(struct exec *s, int64_t now_ms, bool failed, const char *how,
                     const struct source_out *out) {
    const struct exec_conf *c = s->conf;
    char text[DETAIL + 60];
    const int64_t lived_ms = now_ms - s->begun_ms;
    s->phase = IDLE;
    s->failures += failed;
    if (!failed || lived_ms >= c->lived_ms)
        s->pause_ms = c->restart_min_ms;
    int64_t wait_ms = s->pause_ms;
    if (failed)
        s->pause_ms = s->pause_ms * 2 < c->restart_max_ms ? s->pause_ms * 2 : c->restart_max_ms;
    else if (c->every_ms > 0)
        wait_ms = lived_ms >= 0 && lived_ms < c->every_ms ? c->every_ms - lived_ms : 0;
    s->due_ms = now_ms + wait_ms;
    (void)snprintf(s->ended, sizeof s->ended, "%s", failed ? how : "");
    if (!failed && c->every_ms > 0)
        return;
    (void)snprintf(text, sizeof text, "%s after %lld s; it is started again in %lld ms", how,
                   (long long)(lived_ms / 1000), (long long)wait_ms);
    if (out->said != NULL)
        out->said(out->user, text);
}

static void fail_start(struct exec *s, enum err e, int64_t now_ms, const struct source_out *out) {
    char how[DETAIL];
    (void)snprintf(how, sizeof how, "%.60s was not started: %s", s->conf->command[0],
                   e == ERR_NOT_FOUND ? "no folder of PATH has such a program" : err_name(e));
    schedule(s, now_ms, true, how, out);
}

static void start(struct exec *s, int64_t now_ms, const struct source_out *out) {
    s->begun_ms = now_ms;
    s->starts++;
    enum err e = run_program(s);
    if (e == ERR_OK)
        e = watch_program(s);
    if (e == ERR_OK) {
        s->phase = RUNNING;
        return;
    }
    child_close(&s->child, 0);
    lines_pipe_detach(s->lines);
    fail_start(s, e, now_ms, out);
}

/* Its output is at an end, and so shall it be. */
static void begin_to_end(struct exec *s, int64_t now_ms) {
    lines_pipe_detach(s->lines);
    s->phase = ENDING;
    s->termed = s->killed = false;
    s->term_ms = now_ms + TERM_MS;
    s->kill_ms = s->term_ms + s->conf->stop_ms;
}

static void look_for_end(struct exec *s, int64_t now_ms, const struct source_out *out) {
    struct child_end end;
    char how[DETAIL];
    read_words(s, out);
    if (!child_reap(&s->child, &end)) {
        if (now_ms >= s->kill_ms && !s->killed)
            child_end(&s->child, true);
        else if (now_ms >= s->term_ms && !s->termed)
            child_end(&s->child, false);
        s->killed |= now_ms >= s->kill_ms;
        s->termed |= now_ms >= s->term_ms;
        return;
    }
    tell_words(s, out);
    describe(s, &end, how);
    schedule(s, now_ms, end.how != CHILD_EXITED || end.number != 0, how, out);
}

/* --- the source ---------------------------------------------------------------------------------
 */

/* A clock that was set back makes no pause longer. */
static void bound_times(struct exec *s, int64_t now_ms) {
    const struct exec_conf *c = s->conf;
    const int64_t most_ms = c->every_ms > c->restart_max_ms ? c->every_ms : c->restart_max_ms;
    s->due_ms = s->due_ms < now_ms + most_ms ? s->due_ms : now_ms + most_ms;
    s->term_ms = s->term_ms < now_ms + TERM_MS ? s->term_ms : now_ms + TERM_MS;
    s->kill_ms = s->kill_ms < s->term_ms + c->stop_ms ? s->kill_ms : s->term_ms + c->stop_ms;
    s->begun_ms = s->begun_ms < now_ms ? s->begun_ms : now_ms;
}

static enum err exec_poll(struct source *source, int64_t now_ms, const struct source_out *out,
                          int64_t *next_ms) {
    struct exec *s = (struct exec *)source;
    bound_times(s, now_ms);
    if (s->phase == IDLE && now_ms >= s->due_ms)
        start(s, now_ms, out);
    read_words(s, out);
    *next_ms = INT64_MAX;
    const enum err e = s->lines->ops->poll(s->lines, now_ms, out, next_ms);
    if (e != ERR_OK)
        return e;
    if (*next_ms == INT64_MIN) {
        begin_to_end(s, now_ms);
        *next_ms = INT64_MAX;
    }
    if (s->phase == ENDING)
        look_for_end(s, now_ms, out);
    const int64_t due_ms = s->phase == IDLE     ? s->due_ms
                           : s->phase == ENDING ? now_ms + ENDING_MS
                                                : INT64_MAX;
    *next_ms = due_ms < *next_ms ? due_ms : *next_ms;
    return ERR_OK;
}

/* With a line at hand that can't be told yet, more of them would only wake the owner. */
static int exec_fd(const struct source *source) {
    const struct exec *s = (const struct exec *)source;
    return s->lines->ops->fd(s->lines) < 0 ? -1 : s->epoll;
}

static void exec_position(const struct source *source, struct buf *out) {
    const struct exec *s = (const struct exec *)source;
    if (s->conf->lines.positions)
        lines_kept_format(lines_pipe_kept(s->lines), out);
}

static void exec_state(const struct source *source, struct source_state *out) {
    static const char *const words[] = {"waiting", "running", "ending"};
    const struct exec *s = (const struct exec *)source;
    *out = (struct source_state){.requests = s->starts,
                                 .errors = s->failures,
                                 .reconnects = s->starts > 1 ? s->starts - 1 : 0};
    /* One that only takes looks is well between them. */
    const enum phase phase =
        s->conf->every_ms > 0 && s->starts > 0 && s->ended[0] == '\0' ? RUNNING : s->phase;
    (void)snprintf(out->state, sizeof out->state, "%s", words[phase]);
    (void)snprintf(out->detail, sizeof out->detail, "%s", s->ended);
}

static void exec_close(struct source *source) {
    struct exec *s = (struct exec *)source;
    child_close(&s->child, s->conf->stop_ms);
    if (s->lines != NULL)
        s->lines->ops->close(s->lines);
    if (s->epoll >= 0)
        (void)close(s->epoll);
    free(s->folder);
    free(s->words);
    free(s);
}

static const struct source_ops exec_ops = {.kind = "exec",
                                           .poll = exec_poll,
                                           .fd = exec_fd,
                                           .position = exec_position,
                                           .state = exec_state,
                                           .close = exec_close};

/* --- opening ------------------------------------------------------------------------------------
 */

/* NULL with ERR_OK: here. */
static enum err make_folder(const struct exec_conf *c, char **out) {
    const char *own = c->folder != NULL && *c->folder != '\0' ? c->folder : NULL;
    *out = NULL;
    if (own == NULL && c->base == NULL)
        return ERR_OK;
    if (own != NULL && *own != '/' && c->base != NULL)
        *out = joined(span_str(c->base), '/', own);
    else
        *out = strdup(own != NULL ? own : c->base);
    return *out != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err prepare(struct exec *s, const struct lines_kept *kept) {
    const struct exec_conf *c = s->conf;
    struct epoll_event ev = {.events = EPOLLIN};
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (s->epoll < 0)
        return ERR_IO;
    enum err e = make_folder(c, &s->folder);
    s->words = e == ERR_OK ? calloc(c->command_n + 1, sizeof *s->words) : NULL;
    if (s->words == NULL)
        return ERR_NOMEM;
    memcpy(s->words, c->command, c->command_n * sizeof *s->words);
    e = lines_pipe_open(&c->lines, c->lines.positions ? kept : NULL, &s->lines);
    if (e == ERR_OK && epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->lines->ops->fd(s->lines), &ev) != 0)
        e = ERR_IO;
    return e;
}

enum err exec_open(struct exec_conf *c, int64_t now_ms, struct span position, struct source **out) {
    struct lines_kept kept;
    enum err e = lines_kept_parse(position, &kept);
    struct exec *s = e == ERR_OK ? calloc(1, sizeof *s) : NULL;
    if (s == NULL)
        return e == ERR_OK ? ERR_NOMEM : e;
    c->lines.from = LINES_PIPE;
    s->source.ops = &exec_ops;
    s->conf = c;
    s->child = (struct child){.out = -1, .err = -1, .link = -1};
    s->epoll = -1;
    s->due_ms = now_ms;
    s->pause_ms = c->restart_min_ms;
    e = prepare(s, &kept);
    if (e != ERR_OK) {
        exec_close(&s->source);
        return e;
    }
    *out = &s->source;
    return ERR_OK;
}
