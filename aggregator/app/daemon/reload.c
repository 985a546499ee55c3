#include "daemon/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/daemon_impl.h"
#include "sqlite/store_sqlite.h"

enum { SAID_MAX = 16 << 10 /* bytes of it that are kept and shown */ };

static void begin(struct daemon *d);

/* --- on the worker's thread ---------------------------------------------------------------------
 */

static void read_files(uv_work_t *work) {
    struct reload *r = work->data;
    r->err = settings_load(r->d->settings->path, &r->report, &r->print, &r->next);
    if (!r->err)
        r->err = settings_diff(r->d->settings, r->next, &r->said, &r->change);
    else
        (void)conf_report_format(&r->report, &r->said);
}

static void on_start_rows(void *user, enum err err, const struct store_rows *rows) {
    struct reload *r = user;
    const struct core_now now = {clock_wall_ms(), clock_mono_ms()};
    r->err = err ? err : core_start(r->core, rows, now, r->where);
}

/* The store holds all that is known, and nobody changes what a core starts from. */
static void build_core(uv_work_t *work) {
    struct reload *r = work->data;
    struct store_reader *reader = NULL;
    const struct store_range *range = NULL;
    const size_t n = core_start_ranges(&range);
    const struct alertfile *alerts = r->next->alerts;
    r->err = core_open(&r->core_conf, r->next->plant, &r->core);
    if (!r->err && alerts) /* before the rows of their states */
        r->err = core_set_alerts(r->core, &alerts->rules, daemon_now());
    if (!r->err)
        r->err = store_reader_open(r->d->path, &reader);
    if (r->err)
        return;
    const enum err err = store_reader_load(reader, range, n, SIZE_MAX, on_start_rows, r);
    r->err = r->err ? r->err : err;
    store_reader_close(reader);
}

/* --- its end ------------------------------------------------------------------------------------
 */

static const char *const result_name[] = {"none", "loaded", "unchanged", "refused"};

static void drop_next(struct reload *r) {
    struct sink *sink = r->sink;
    notices_drop(r->d, r->notify, r->next ? &r->next->conf.notify : NULL, r->notices_old);
    r->notify = NULL;
    r->notices_old = NULL;
    core_close(r->core);
    settings_close(r->next);
    conf_report_fini(&r->report);
    r->core = NULL;
    r->next = NULL;
    r->sink = NULL;
    if (sink)
        swap_close_sink(r->d, sink);
}

static void let_go(struct daemon *d) {
    struct reload *r = &d->reload;
    if (r->step < RELOAD_FLUSHING)
        return;
    core_end_flush(d->core);
    d->bus->ops->hold(d->bus, false);
    r->paused_ms = clock_mono_ms() - r->held_mono_ms;
}

static void tell(struct daemon *d, enum reload_result result, size_t n) {
    struct reload *r = &d->reload;
    struct buf last = r->told_text;
    r->result = (uint8_t)result;
    r->at_ms = clock_wall_ms();
    r->took_ms = clock_mono_ms() - r->begun_mono_ms;
    r->told_by = r->by;
    r->told_paused_ms = r->paused_ms;
    r->told_n = n;
    r->told_text = r->said;
    r->said = last;
    if (r->told_text.n > SAID_MAX)
        r->told_text.n = SAID_MAX;
    if (r->told_text.failed)
        r->told_text.n = 0;
}

static void end(struct daemon *d) {
    struct reload *r = &d->reload;
    drop_next(r);
    buf_reset(&r->said);
    r->step = RELOAD_IDLE;
    r->told = r->run;
    daemon_wake(d); /* who asked is answered */
    if (r->asked > r->run && !r->stopping)
        begin(d);
}

/* Since when the files are not what runs: since it was noticed. */
static void note_difference(struct reload *r) {
    const bool differs = r->print != r->d->settings->print;
    if (!differs)
        r->differs_ms = 0;
    else if (!r->differs_ms)
        r->differs_ms = clock_wall_ms();
}

/* Where the first mistake is, in the log; all of them in the answer and in the status. */
static void log_refused(struct daemon *d, size_t n) {
    const struct buf *text = &d->reload.told_text;
    const uint8_t *end_of_line = text->n ? memchr(text->p, '\n', text->n) : NULL;
    const size_t line_n = end_of_line ? (size_t)(end_of_line - text->p) : text->n;
    log_event(d->log, LOG_ERROR, "reload_refused", "by=%s problems=%zu first=\"%.*s\"",
              d->reload.by, n, (int)line_n, line_n ? (const char *)text->p : "");
}

static void refuse(struct daemon *d, size_t n) {
    struct reload *r = &d->reload;
    let_go(d);
    note_difference(r);
    r->refused_n++;
    r->refused_print = r->print;
    tell(d, RELOAD_REFUSED, n);
    log_refused(d, n);
    end(d);
}

static void refuse_for(struct daemon *d, const char *why) {
    buf_reset(&d->reload.said);
    (void)buf_addf(&d->reload.said, "%s\n", why);
    refuse(d, 1);
}

static void loaded(struct daemon *d) {
    struct reload *r = &d->reload;
    r->since_ms = clock_wall_ms();
    r->differs_ms = 0;
    r->loaded_n++;
    tell(d, RELOAD_LOADED, r->change.n);
    log_event(d->log, LOG_INFO, "reloaded",
              "by=%s changes=%zu took_ms=%lld paused_ms=%lld swap_us=%llu", r->by, r->change.n,
              (long long)r->took_ms, (long long)r->paused_ms, (unsigned long long)r->swap_us);
    end(d);
}

/* --- its way ------------------------------------------------------------------------------------
 */

static void work(struct daemon *d, uv_work_cb do_it, uv_after_work_cb done) {
    struct reload *r = &d->reload;
    r->work.data = r;
    r->working = true;
    if (uv_queue_work(&d->loop, &r->work, do_it, done) == 0)
        return;
    r->working = false;
    refuse_for(d, "no thread can be had");
}

/* Whether it may go on: not when the daemon ends meanwhile. */
static bool worked(struct reload *r) {
    r->working = false;
    if (!r->stopping && !r->d->stopping && !r->d->failed)
        return true;
    drop_next(r);
    r->step = RELOAD_IDLE;
    if (r->stopping)
        reload_stopped(r->d);
    return false;
}

static void make(struct daemon *d) {
    struct reload *r = &d->reload;
    const bool held = r->step >= RELOAD_FLUSHING;
    char why[80];
    const uint64_t begun_ns = uv_hrtime();
    const enum err err = swap_make(d);
    r->swap_us = (uv_hrtime() - begun_ns) / 1000;
    if (err) {
        snprintf(why, sizeof why, "it cannot be put in force: %s", err_name(err));
        refuse_for(d, why);
        return;
    }
    r->paused_ms = held ? clock_mono_ms() - r->held_mono_ms : 0;
    if (held)
        d->bus->ops->hold(d->bus, false);
    r->step = RELOAD_READING; /* nothing is held any more */
    loaded(d);
}

static void on_built(uv_work_t *request, int status) {
    struct reload *r = request->data;
    char why[160];
    (void)status; /* nobody cancels it */
    if (!worked(r))
        return;
    if (!r->err) {
        r->built = true;
        daemon_wake(r->d);
        return;
    }
    snprintf(why, sizeof why, "no core can be started with it: %s",
             r->where[0] ? r->where : err_name(r->err));
    refuse_for(r->d, why);
}

static void flush(struct daemon *d) {
    struct reload *r = &d->reload;
    r->step = RELOAD_FLUSHING;
    r->held_mono_ms = clock_mono_ms();
    d->bus->ops->hold(d->bus, true);
    core_begin_flush(d->core, daemon_now());
    daemon_wake(d);
}

static void start_building(struct daemon *d) {
    struct reload *r = &d->reload;
    r->step = RELOAD_BUILDING;
    r->built = !r->change.plant; /* the core stays */
    r->core_conf = daemon_core_conf(r->next);
    if (r->built)
        return;
    if (clock_random(&r->core_conf.start_random, sizeof r->core_conf.start_random))
        refuse_for(d, "the system gives no random numbers");
    else
        work(d, build_core, on_built);
}

/* While the next core is made, what this one has still to tell is taken out of it. */
bool reload_turn(struct daemon *d) {
    struct reload *r = &d->reload;
    swap_retire(d);
    if (r->step == RELOAD_FLUSHING && core_flushed(d->core) && !d->store->stats.queued_bytes)
        start_building(d);
    if (r->step != RELOAD_BUILDING)
        return false;
    if (r->change.plant && publish_leave(&d->publish, d->core))
        return true;
    if (r->built)
        make(d);
    return false;
}

static void keep_fixed_lines(struct buf *said) {
    static const char mark[] = "(needs a restart)\n";
    const size_t mark_n = sizeof mark - 1;
    size_t n = 0;
    for (size_t at = 0; at < said->n;) {
        const uint8_t *end_of_line = memchr(said->p + at, '\n', said->n - at);
        const size_t line_n = end_of_line ? (size_t)(end_of_line - said->p) + 1 - at : said->n - at;
        if (line_n >= mark_n && memcmp(said->p + at + line_n - mark_n, mark, mark_n) == 0) {
            memmove(said->p + n, said->p + at, line_n);
            n += line_n;
        }
        at += line_n;
    }
    said->n = n;
}

/* Whether it needs a core that stands still: another plant, or the first database. */
static bool needs_flush(const struct daemon *d) {
    const struct reload *r = &d->reload;
    return r->change.plant || (!d->outbox && r->next->conf.database.kind != DATABASE_NONE);
}

static void take(struct daemon *d) {
    struct reload *r = &d->reload;
    if (r->change.fixed) {
        keep_fixed_lines(&r->said);
        refuse(d, r->change.fixed);
        return;
    }
    if (r->change.database && daemon_open_sink(d, &r->next->conf.database, &r->sink)) {
        refuse_for(d, "the database settings cannot be used");
        return;
    }
    if (needs_flush(d))
        flush(d);
    else
        make(d);
}

static void on_read(uv_work_t *request, int status) {
    struct reload *r = request->data;
    struct daemon *d = r->d;
    (void)status; /* nobody cancels it */
    if (!worked(r))
        return;
    const bool same = r->print == d->settings->print;
    if (r->look && same && r->result == RELOAD_REFUSED) {
        note_difference(r); /* what was wrong is as it was again */
        tell(d, RELOAD_UNCHANGED, 0);
        end(d);
    } else if (r->look && (same || r->print == r->refused_print || !d->conf->watch)) {
        note_difference(r);
        end(d);
    } else if (r->err == ERR_NOMEM) {
        refuse_for(d, "out of memory");
    } else if (r->err) {
        refuse(d, conf_report_count(&r->report));
    } else if (same) {
        note_difference(r);
        tell(d, RELOAD_UNCHANGED, 0);
        end(d);
    } else {
        take(d);
    }
}

static void begin(struct daemon *d) {
    struct reload *r = &d->reload;
    r->run = r->asked;
    r->look = r->asked_look;
    r->by = r->asked_by;
    r->asked_look = true; /* unless somebody asks */
    r->step = RELOAD_READING;
    r->begun_mono_ms = clock_mono_ms();
    r->paused_ms = 0;
    r->where[0] = 0;
    r->change = (struct settings_change){0};
    conf_report_init(&r->report);
    buf_reset(&r->said);
    work(d, read_files, on_read);
}

/* --- doors --------------------------------------------------------------------------------------
 */

static uint64_t ask(struct daemon *d, const char *by, bool look) {
    struct reload *r = &d->reload;
    if (!r->opened || r->stopping)
        return 0;
    if (r->asked == r->run)
        r->asked++;
    if (!look || r->asked_look)
        r->asked_by = by;
    r->asked_look = r->asked_look && look;
    const uint64_t n = r->asked;
    if (r->step == RELOAD_IDLE)
        begin(d);
    return n;
}

uint64_t reload_ask(struct daemon *d, const char *by) {
    return ask(d, by, false);
}

static void on_change(void *user) {
    (void)ask(user, "files", true);
}

void reload_watch(struct daemon *d) {
    const char *file[SETTINGS_FILES], *why = NULL;
    const size_t n = settings_files(d->settings, file);
    watch_set_files(&d->reload.watch, file, n, &why);
    if (why)
        log_event(d->log, LOG_WARN, "files_not_watched", "folder=%s", why);
}

void reload_open(struct daemon *d) {
    struct reload *r = &d->reload;
    r->d = d;
    r->opened = true;
    r->asked_look = true;
    r->since_ms = r->at_ms = clock_wall_ms();
    buf_init(&r->said);
    buf_init(&r->told_text);
    watch_open(&r->watch, &d->loop, on_change, d);
    reload_watch(d);
}

bool reload_holds(const struct daemon *d) {
    return d->reload.step >= RELOAD_FLUSHING;
}

void reload_state(const struct daemon *d, struct view_configuration *out) {
    const struct reload *r = &d->reload;
    *out = (struct view_configuration){.result = result_name[r->result],
                                       .by = r->told_by,
                                       .at_ms = r->at_ms,
                                       .took_ms = r->took_ms,
                                       .paused_ms = r->told_paused_ms,
                                       .since_ms = r->since_ms,
                                       .differs_ms = r->differs_ms,
                                       .watched = d->conf->watch,
                                       .loaded = r->loaded_n,
                                       .refused = r->refused_n,
                                       .n = r->told_n,
                                       .text = buf_span(&r->told_text)};
}

/* What the worker has, cores and sinks that are being freed. */
static bool busy(const struct reload *r) {
    return r->working || r->retired_n || r->sinks_n || r->watch.open_n || r->d->notices.old_n ||
           r->d->rules.working;
}

void reload_stopped(struct daemon *d) {
    if (d->reload.stopping && !busy(&d->reload) && d->stage == STAGE_RELOAD)
        daemon_next_stage(d);
}

static void on_watch_closed(void *user) {
    reload_stopped(user);
}

/* What a worker has is dropped when it is done. */
void reload_give_up(struct daemon *d) {
    struct reload *r = &d->reload;
    let_go(d);
    r->step = RELOAD_IDLE;
    if (!r->working)
        drop_next(r);
}

bool reload_stop(struct daemon *d) {
    struct reload *r = &d->reload;
    if (!r->opened)
        return false;
    r->stopping = true;
    if (!r->working)
        drop_next(r);
    swap_retire(d); /* no turn of a reload comes any more */
    watch_close(&r->watch, on_watch_closed);
    return true;
}

void reload_close(struct daemon *d) {
    struct reload *r = &d->reload;
    if (!r->opened)
        return;
    buf_fini(&r->said);
    buf_fini(&r->told_text);
}
