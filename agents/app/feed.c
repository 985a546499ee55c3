#include "agent_app/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "base/utc.h"

enum { RETRY_MS = 5000, TELL_MS = 10000 };

/* A descriptor under watch; freed by its close callback, so it outlives the feed by a turn. */
struct watch {
    uv_poll_t poll; /* first: handle and watch are one block */
    struct feed *feed;
    int fd;
};

struct feed {
    struct feeds *all;
    struct source_conf *conf;
    const struct agent_conf *of; /* whose source it is */
    struct source *source;       /* NULL: not open (yet, or no more) */
    struct watch *watch;
    uint16_t number;
    bool over;      /* nothing will ever come again */
    bool failing;   /* its last poll failed */
    bool ready;     /* its descriptor is readable */
    int64_t due_ms; /* wall */
    uint64_t polls, failures;
    int64_t told_mono_ms;
    struct source_state state; /* as last logged */
};

struct feeds {
    struct feeds_env env;
    struct feed *feed;
    size_t n;
};

static void on_closed(uv_handle_t *h) {
    free(h);
}

static void unwatch(struct feed *f) {
    if (!f->watch)
        return;
    f->watch->feed = NULL;
    uv_close((uv_handle_t *)&f->watch->poll, on_closed);
    f->watch = NULL;
}

static void on_readable(uv_poll_t *p, int status, int events) {
    struct watch *w = (struct watch *)p;
    (void)status; /* an error shows itself to the source's next read */
    (void)events;
    (void)uv_poll_stop(p); /* until the source was polled: level-triggered */
    if (!w->feed)
        return;
    w->feed->ready = true;
    w->feed->all->env.on_ready(w->feed->all->env.user);
}

static void watch(struct feed *f) {
    int fd = f->source ? f->source->ops->fd(f->source) : -1;
    if (f->watch && f->watch->fd != fd)
        unwatch(f);
    if (fd < 0)
        return;
    if (!f->watch) {
        struct watch *w = calloc(1, sizeof *w);
        if (!w)
            return; /* polled by time only */
        if (uv_poll_init(f->all->env.loop, &w->poll, fd) != 0) {
            free(w);
            return;
        }
        w->feed = f;
        w->fd = fd;
        f->watch = w;
    }
    (void)uv_poll_start(&f->watch->poll, UV_READABLE, on_readable);
}

static void shut(struct feed *f) {
    unwatch(f);
    if (f->source) {
        batcher_drop_source(f->all->env.batcher, f->number);
        f->source->ops->close(f->source);
    }
    f->source = NULL;
}

/* To whoever looks after it as well: it has no state of its own yet. */
static void tell_refused(struct feed *f, const struct kinds_row *kind, const char *why,
                         const char *position) {
    f->state = (struct source_state){0};
    (void)snprintf(f->state.detail, sizeof f->state.detail, "cannot be opened: %s", why);
    log_event(f->all->env.log, LOG_ERROR, "source_refused",
              "source=%s kind=%s why=\"%s\" position=\"%s\"", f->conf->id.s, kind->name, why,
              position);
}

static void open_source(struct feed *f, int64_t wall_ms) {
    const struct feeds_env *e = &f->all->env;
    void *settings = NULL;
    const struct kinds_row *kind = source_conf_kind(f->conf, &settings);
    if (!kind)
        return; /* refused when the file was loaded */
    const char *position = journal_position(e->journal, &f->conf->id);
    struct source *s = NULL;
    errno = 0;
    enum err rc = kind->open(settings, f->of->folder, wall_ms, span_str(position), &s);
    if (rc) {
        f->failures++;
        f->due_ms = wall_ms + RETRY_MS;
        tell_refused(f, kind, rc == ERR_IO && errno ? strerror(errno) : err_name(rc), position);
        return;
    }
    f->state = (struct source_state){0};
    batcher_set_source(e->batcher, f->number, s);
    f->source = s;
    f->due_ms = wall_ms;
    log_event(e->log, LOG_INFO, "source_open", "source=%s kind=%s position=\"%s\"", f->conf->id.s,
              kind->name, position);
}

static void feed_init(struct feed *f, struct feeds *all, const struct agent_conf *conf, size_t i) {
    *f = (struct feed){.all = all, .conf = &conf->sources[i], .of = conf};
}

enum err feeds_open(const struct feeds_env *env, int64_t wall_ms, struct feeds **out) {
    struct feeds *f = calloc(1, sizeof *f);
    if (!f)
        return ERR_NOMEM;
    f->env = *env;
    f->feed = calloc(env->conf->source_n, sizeof *f->feed);
    if (!f->feed) {
        free(f);
        return ERR_NOMEM;
    }
    f->n = env->conf->source_n;
    enum err rc = ERR_OK;
    for (size_t i = 0; i < f->n; i++) {
        struct feed *one = &f->feed[i];
        feed_init(one, f, env->conf, i);
        /* numbers follow the configuration, also for what cannot be opened yet */
        rc = batcher_add_source(env->batcher, &one->conf->id, NULL, &one->number);
        if (rc) {
            feeds_close(f);
            return rc;
        }
        open_source(one, wall_ms);
    }
    *out = f;
    return ERR_OK;
}

/* How far an import is: of a file that takes longer, every now and then. */
static void tell_progress(struct feed *f, const char *event, int64_t mono_ms) {
    struct source_progress p;
    char until[UTC_TEXT] = "-";
    f->told_mono_ms = mono_ms;
    if (!f->source->ops->progress || !f->source->ops->progress(f->source, &p))
        return;
    if (p.until_ms != INT64_MIN)
        utc_format(p.until_ms, until);
    log_event(f->all->env.log, LOG_INFO, event,
              "source=%s percent=%u done_bytes=%llu all_bytes=%llu rows=%llu until=%s",
              f->conf->id.s, p.all ? (unsigned)((double)p.done / (double)p.all * 100) : 100,
              (unsigned long long)p.done, (unsigned long long)p.all, (unsigned long long)p.rows,
              until);
}

/* Only a change is logged, and a detail alone is none: it may hold times. */
static void tell_state(struct feed *f) {
    struct source_state now = {0};
    if (!f->source->ops->state)
        return;
    f->source->ops->state(f->source, &now);
    if (strcmp(now.state, f->state.state) != 0)
        log_event(f->all->env.log, now.devices_silent ? LOG_WARN : LOG_INFO, "source_state",
                  "source=%s state=%s devices=%lld silent=%lld detail=\"%s\"", f->conf->id.s,
                  now.state, (long long)now.devices, (long long)now.devices_silent, now.detail);
    f->state = now;
}

static bool poll_one(struct feed *f, int64_t wall_ms, int64_t mono_ms) {
    const struct feeds_env *e = &f->all->env;
    int64_t next = INT64_MAX;
    bool full = false;
    f->polls++;
    enum err rc = batcher_poll(e->batcher, f->number, wall_ms, mono_ms, &next, &full);
    f->ready = full && f->ready;
    f->failing = rc != ERR_OK;
    tell_state(f);
    f->told_mono_ms = f->told_mono_ms ? f->told_mono_ms : mono_ms;
    if ((full || (next != INT64_MIN && next <= wall_ms)) && mono_ms - f->told_mono_ms >= TELL_MS)
        tell_progress(f, "source_progress", mono_ms);
    if (full) {
        f->due_ms = wall_ms;
        return true; /* its descriptor stays unwatched until then */
    }
    if (rc) {
        f->failures++;
        log_event(e->log, LOG_ERROR, "source_failed", "source=%s why=%s", f->conf->id.s,
                  err_name(rc));
        next = wall_ms + RETRY_MS;
    }
    if (next == INT64_MIN) {
        log_event(e->log, LOG_INFO, "source_over", "source=%s", f->conf->id.s);
        tell_progress(f, "source_read", mono_ms);
        f->over = true;
        next = INT64_MAX;
    }
    f->due_ms = next;
    if (!f->over)
        watch(f);
    return false;
}

bool feeds_poll(struct feeds *f, int64_t wall_ms, int64_t mono_ms) {
    bool full = false;
    for (size_t i = 0; i < f->n; i++) {
        struct feed *one = &f->feed[i];
        if (one->over || (wall_ms < one->due_ms && !one->ready))
            continue;
        if (!one->source)
            open_source(one, wall_ms);
        if (one->source)
            full |= poll_one(one, wall_ms, mono_ms);
    }
    return full;
}

int64_t feeds_due_ms(const struct feeds *f) {
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < f->n; i++)
        if (!f->feed[i].over && f->feed[i].due_ms < due)
            due = f->feed[i].due_ms;
    return due;
}

void feeds_wake(struct feeds *f) {
    for (size_t i = 0; i < f->n; i++)
        f->feed[i].due_ms = INT64_MIN;
}

static bool is_well(const struct kinds_row *kind, const struct source_state *s) {
    return kind && strcmp(s->state, kind->well ? kind->well : "") == 0 && s->devices_silent == 0;
}

size_t feeds_count(const struct feeds *f) {
    return f->n;
}

bool feeds_stats(const struct feeds *f, size_t i, struct feed_stats *out) {
    if (i >= f->n)
        return false;
    const struct feed *one = &f->feed[i];
    const struct batcher_source_stats *s = batcher_source_stats(f->env.batcher, one->number);
    void *settings = NULL;
    const struct kinds_row *kind = source_conf_kind(one->conf, &settings);
    *out = (struct feed_stats){.id = &one->conf->id,
                               .kind = kind ? kind->name : "",
                               .open = one->source && !one->over,
                               .polls = one->polls,
                               .failures = one->failures,
                               .readings = s->readings,
                               .stamped = s->stamped,
                               .points = s->points,
                               .refused = s->refused,
                               .why = &s->why,
                               .state = one->state,
                               .phase = one->over     ? REPORT_OVER
                                        : one->source ? REPORT_OPEN
                                                      : REPORT_WAITING};
    out->well = out->phase == REPORT_OPEN && !one->failing && is_well(kind, &one->state);
    return true;
}

/* --- another configuration ----------------------------------------------------------------------
 */

/* Of each source of the new file its number, of those that are new one of their own. */
static enum err number_all(struct feeds *f, const struct reload_plan *plan, struct feed *fresh) {
    enum err rc = ERR_OK;
    for (size_t i = 0; i < plan->n && !rc; i++) {
        struct feed *one = &fresh[i];
        if (plan->from[i] != RELOAD_NONE)
            one->number = f->feed[plan->from[i]].number;
        else if (!batcher_find_source(f->env.batcher, &one->conf->id, &one->number))
            rc = batcher_add_source(f->env.batcher, &one->conf->id, NULL, &one->number);
    }
    return rc;
}

struct keeping {
    bool is[POINT_SOURCE_MAX]; /* by number */
};

static bool keeps(void *user, uint16_t source) {
    return source < POINT_SOURCE_MAX && ((struct keeping *)user)->is[source];
}

/* The points of what is closed leave the table first: if that fails, nothing has happened. */
static enum err renew(struct feeds *f, const struct reload_plan *plan, uint64_t epoch) {
    struct keeping *k = calloc(1, sizeof *k);
    if (!k)
        return ERR_NOMEM;
    for (size_t i = 0; i < plan->n; i++)
        if (plan->kept[i])
            k->is[f->feed[plan->from[i]].number] = true;
    const struct journal_keep keep = {keeps, k};
    enum err rc = batcher_renew(f->env.batcher, epoch, &keep);
    free(k);
    return rc;
}

static void move(struct feed *to, struct feed *from) {
    *to = *from;
    if (to->watch)
        to->watch->feed = to;
    *from = (struct feed){.all = from->all};
}

static void close_gone(struct feeds *f, const struct reload_plan *plan) {
    for (size_t i = 0; i < f->n; i++) {
        struct feed *one = &f->feed[i];
        if (reload_plan_keeps(plan, i) != RELOAD_NONE)
            continue;
        if (one->source)
            log_event(f->env.log, LOG_INFO, "source_closed", "source=%s", one->conf->id.s);
        shut(one);
    }
}

enum err feeds_change(struct feeds *f, const struct agent_conf *now, const struct reload_plan *plan,
                      uint64_t epoch, int64_t wall_ms) {
    struct feed *fresh = calloc(plan->n + 1, sizeof *fresh);
    if (!fresh)
        return ERR_NOMEM;
    for (size_t i = 0; i < plan->n; i++)
        feed_init(&fresh[i], f, now, i);
    enum err rc = number_all(f, plan, fresh);
    if (!rc && plan->changed_n + plan->dropped_n > 0)
        rc = renew(f, plan, epoch);
    if (rc) {
        free(fresh);
        return rc;
    }
    close_gone(f, plan);
    for (size_t i = 0; i < plan->n; i++)
        if (plan->kept[i])
            move(&fresh[i], &f->feed[plan->from[i]]);
    free(f->feed);
    f->feed = fresh;
    f->n = plan->n;
    f->env.conf = now;
    for (size_t i = 0; i < f->n; i++)
        if (!plan->kept[i])
            open_source(&f->feed[i], wall_ms);
    return ERR_OK;
}

bool feeds_use(const struct feeds *f, const struct agent_conf *conf) {
    for (size_t i = 0; i < f->n; i++)
        if (f->feed[i].of == conf)
            return true;
    return false;
}

void feeds_close(struct feeds *f) {
    if (!f)
        return;
    for (size_t i = 0; i < f->n; i++)
        shut(&f->feed[i]);
    free(f->feed);
    free(f);
}
