#include "agent_app/reloader.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MS = 30000 /* for the disk to take what was read */ };

/* A file that was taken over, for as long as a source goes on with settings of it. */
struct taken {
    struct agent_conf conf;
    struct taken *next;
};

struct reloader {
    struct reloader_env env;
    const struct agent_conf *conf; /* in force */
    struct taken *taken;           /* the newest first */
    struct taken *waiting;         /* NULL: nothing is to be taken over */
    struct reload_plan plan;       /* of it */
    int64_t asked_ms;              /* monotonic */
    const char *by;
    struct reporter_conf told;
    char wrong[REPORT_DETAIL_MAX + 1];
};

enum err reloader_open(const struct reloader_env *env, int64_t wall_ms, struct reloader **out) {
    struct reloader *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NOMEM;
    r->env = *env;
    r->conf = env->conf;
    r->told = (struct reporter_conf){.since_ms = wall_ms, .wrong = r->wrong};
    reporter_put_conf(env->reporter, &r->told);
    *out = r;
    return ERR_OK;
}

static void taken_close(struct taken *t) {
    if (!t)
        return;
    agent_conf_free(&t->conf);
    free(t);
}

static void give_up(struct reloader *r) {
    reload_plan_fini(&r->plan);
    taken_close(r->waiting);
    r->waiting = NULL;
}

void reloader_close(struct reloader *r) {
    if (!r)
        return;
    give_up(r);
    while (r->taken) {
        struct taken *t = r->taken;
        r->taken = t->next;
        taken_close(t);
    }
    free(r);
}

bool reloader_waits(const struct reloader *r) {
    return r->waiting != NULL;
}

const struct agent_conf *reloader_conf(const struct reloader *r) {
    return r->conf;
}

/* --- refused ------------------------------------------------------------------------------------
 */

/* Each mistake in its line; its file's line and the caret may follow, indented. */
static bool next_line(struct span *rest, struct span *line) {
    if (rest->n == 0)
        return false;
    const uint8_t *end = memchr(rest->p, '\n', rest->n);
    const size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *line = span_of(rest->p, n);
    *rest = span_of(rest->p + n + (end != NULL), rest->n - n - (end != NULL));
    return true;
}

static bool is_mistake(struct span line) {
    return line.n > 0 && line.p[0] != ' ';
}

static void refused(struct reloader *r, const char *why) {
    (void)snprintf(r->wrong, sizeof r->wrong, "%s", why);
    r->told.refused = ++r->env.told->conf_refused;
    reporter_put_conf(r->env.reporter, &r->told);
}

static void refuse(struct reloader *r, const char *why) {
    log_event(r->env.log, LOG_ERROR, "reload_refused", "by=%s why=\"%s\"", r->by, why);
    refused(r, why);
}

static void refuse_file(struct reloader *r, const struct buf *report) {
    struct span rest = buf_span(report), line;
    char text[512], first[REPORT_DETAIL_MAX + 1] = "the file cannot be read";
    unsigned n = 0;
    while (next_line(&rest, &line)) {
        if (!is_mistake(line))
            continue;
        (void)snprintf(text, sizeof text, "%.*s", (int)line.n, (const char *)line.p);
        log_event(r->env.log, LOG_ERROR, "reload_refused", "by=%s why=\"%s\"", r->by, text);
        if (n++ == 0)
            (void)snprintf(first, sizeof first, "%.*s", REPORT_DETAIL_MAX, text);
    }
    if (n == 0)
        log_event(r->env.log, LOG_ERROR, "reload_refused", "by=%s why=\"%s\"", r->by, first);
    refused(r, first);
}

/* True if it is refused: the journal, the broker and what else is no source are for life. */
static bool refuse_fixed(struct reloader *r, const struct agent_conf *now) {
    struct buf names;
    size_t n = 0;
    char text[REPORT_DETAIL_MAX + 1];
    buf_init(&names);
    if (reload_fixed(r->conf, now, &names, &n)) {
        refuse(r, "out of memory");
        n = 1;
    } else if (n > 0) {
        for (size_t i = 0; i < names.n; i++)
            names.p[i] = names.p[i] == '\n' ? ' ' : names.p[i];
        (void)snprintf(text, sizeof text, "needs a restart: %.*s", (int)names.n - 1,
                       (const char *)names.p);
        refuse(r, text);
    }
    buf_fini(&names);
    return n > 0;
}

/* --- taken over ---------------------------------------------------------------------------------
 */

void reloader_ask(struct reloader *r, const char *by, int64_t mono_ms) {
    struct taken *t = calloc(1, sizeof *t);
    struct buf report;
    give_up(r);
    r->by = by;
    r->asked_ms = mono_ms;
    buf_init(&report);
    if (!t) {
        refuse(r, "out of memory");
    } else if (agent_conf_load(r->env.path, &t->conf, &report)) {
        refuse_file(r, &report);
        free(t);
    } else if (refuse_fixed(r, &t->conf)) {
        taken_close(t);
    } else if (reload_plan_init(&r->plan, r->conf, &t->conf)) {
        refuse(r, "out of memory");
        taken_close(t);
    } else {
        r->waiting = t;
    }
    buf_fini(&report);
    (void)malloc_trim(0); /* what reading the file took goes back */
}

/* What no source goes on with is let go; the first file is not ours. */
static void let_go(struct reloader *r) {
    struct taken **at = &r->taken;
    while (*at) {
        struct taken *t = *at;
        if (&t->conf == r->conf || feeds_use(r->env.feeds, &t->conf)) {
            at = &t->next;
            continue;
        }
        *at = t->next;
        taken_close(t);
    }
}

static void put_in_force(struct reloader *r, int64_t wall_ms) {
    struct taken *t = r->waiting;
    r->waiting = NULL;
    t->next = r->taken;
    r->taken = t;
    r->conf = &t->conf;
    r->env.log->level = (enum log_level)t->conf.log_level;
    log_event(r->env.log, LOG_INFO, "reloaded", "by=%s kept=%zu changed=%zu added=%zu dropped=%zu",
              r->by, r->plan.kept_n, r->plan.changed_n, r->plan.added_n, r->plan.dropped_n);
    reload_plan_fini(&r->plan);
    let_go(r);
    r->wrong[0] = '\0';
    r->told.since_ms = wall_ms;
    r->told.reloads = ++r->env.told->conf_loaded;
    reporter_put_conf(r->env.reporter, &r->told);
}

static bool only_comes(const struct reload_plan *p) {
    return p->changed_n + p->dropped_n == 0;
}

void reloader_tick(struct reloader *r, int64_t mono_ms, int64_t wall_ms) {
    if (!r->waiting)
        return;
    const bool synced = batcher_idle(r->env.batcher) && journal_idle(r->env.journal);
    enum err rc = ERR_BUSY;
    if (synced || only_comes(&r->plan)) {
        const uint64_t epoch = r->env.draw(r->env.user);
        rc = epoch ? feeds_change(r->env.feeds, &r->waiting->conf, &r->plan, epoch, wall_ms)
                   : ERR_BUSY;
    } else {
        journal_flush(r->env.journal);
    }
    if (!rc) {
        put_in_force(r, wall_ms);
        return;
    }
    if (rc == ERR_BUSY && mono_ms - r->asked_ms < WAIT_MS)
        return;
    refuse(r, rc == ERR_BUSY   ? "the disk does not take what was read before"
              : rc == ERR_FULL ? "needs a restart: too many names of sources since the start"
                               : err_name(rc));
    give_up(r);
}
