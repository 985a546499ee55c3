/* One turn of the loop: messages from the bus enter the core; the tick computes and checkpoints;
 * what the core wants done is done at the end of each. Stopping runs through stages, one after the
 * other: last checkpoint, bus, page, database, store, handles. A failure leaves the loop at once
 * and daemon_close runs the stages that are still to come. */
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "daemon/daemon_impl.h"
#include "wire/seal.h"

enum { LAST_CHECKPOINT_MS = 10000, PAGES_LATE_MS = 50, TURN_NS = 2000000 };

struct request { /* a commit or a load under way */
    struct daemon *d;
    uint64_t id;
    uint64_t begun_ns;
    uint64_t arrived_ns; /* of the oldest record in it, 0: none */
};

struct core_now daemon_now(void) {
    return (struct core_now){clock_wall_ms(), clock_mono_ms()};
}

/* What the core cannot survive (no memory, damaged rows) ends the process: the next start continues
 * from the last checkpoint, agents send again. */
static void fail(struct daemon *d, enum err err, const char *where) {
    if (!d->failed)
        log_event(d->log, LOG_ERROR, "core_failed", "where=%s error=%s", where, err_name(err));
    d->failed = err;
    uv_stop(&d->loop);
}

/* --- effects ------------------------------------------------------------------------------------
 */

static void on_committed(void *user, enum err err) {
    struct request *r = user;
    struct daemon *d = r->d;
    uint64_t id = r->id, begun_ns = r->begun_ns, arrived_ns = r->arrived_ns;
    free(r);
    if (d->failed)
        return; /* the core is not asked again */
    metric_observe(&d->checkpoints, metric_wait_us, (uv_hrtime() - begun_ns) / 1000);
    if (d->outbox)
        outbox_wake(d->outbox);
    core_on_committed(d->core, id, err, daemon_now());
    if (err &&
        !d->stopping) /* its log entries are gone with it: only a start from the store is right */
        fail(d, err, "commit");
    else
        daemon_pump(d);
    if (!err)
        notices_on_commit(d);
    if (reload_holds(d))
        daemon_wake(d); /* it waits for this */
    web_wake(d->web);   /* what was entered is answered now */
    if (!err && arrived_ns)
        metric_observe(&d->acks, metric_wait_us, (uv_hrtime() - arrived_ns) / 1000);
}

static void on_loaded(void *user, enum err err, const struct store_rows *rows) {
    struct request *r = user;
    struct daemon *d = r->d;
    uint64_t id = r->id;
    free(r);
    if (d->failed)
        return;
    err = core_on_loaded(d->core, id, err, rows, daemon_now());
    if (err) {
        fail(d, err, "load");
        return;
    }
    daemon_pump(d);
    daemon_wake(d); /* what waited for it is computed */
}

static struct request *request(struct daemon *d, uint64_t id) {
    struct request *r = malloc(sizeof *r);
    if (r)
        *r = (struct request){.d = d, .id = id, .begun_ns = uv_hrtime()};
    else
        fail(d, ERR_NOMEM, "request");
    return r;
}

static void do_commit(struct daemon *d, struct store_tx *tx, uint64_t id) {
    struct request *r = request(d, id);
    if (!r)
        return;
    r->arrived_ns = d->arrived_ns;
    enum err err = d->store->ops->commit(d->store, tx, on_committed, r);
    if (!err) {
        d->arrived_ns = 0;
        return;
    }
    free(r);
    d->held = tx; /* tried again on the next turn, or freed at the end */
    d->held_id = id;
    if (err != ERR_FULL && err != ERR_NOMEM)
        fail(d, err, "commit");
}

static void do_load(struct daemon *d, const struct core_effect *e) {
    struct request *r = request(d, e->id);
    if (!r)
        return;
    enum err err = d->store->ops->load(d->store, e->range, e->range_n, on_loaded, r);
    if (err) {
        free(r);
        fail(d, err, "load");
    }
}

void daemon_note(void *user, bool warn, const char *event, const char *detail) {
    struct daemon *d = user;
    log_event(d->log, warn ? LOG_WARN : LOG_INFO, event, "%s", detail);
}

/* A lost ack costs a repetition, never a reading; QoS 0, since a connection that publishes at QoS 1
 * while it receives waits for its own acknowledgements. */
static void do_ack(struct daemon *d, const struct core_effect *e) {
    if (!d->bus_up || d->stage != STAGE_RUN)
        return;
    buf_reset(&d->sealed);
    if (seal_format(span_str(e->topic), e->bytes, &d->sealed) == ERR_OK &&
        d->bus->ops->publish(d->bus, e->topic, buf_span(&d->sealed), 0, false) == ERR_FULL)
        core_ack_refused(d->core); /* of many agents: the rest when there is room */
}

static void do_effect(struct daemon *d, struct core_effect *e) {
    switch ((enum core_effect_kind)e->kind) {
    case EFFECT_COMMIT:
        daemon_join_notes(d, e->tx);
        do_commit(d, e->tx, e->id);
        break;
    case EFFECT_LOAD:
        do_load(d, e);
        break;
    case EFFECT_ACK:
        do_ack(d, e);
        break;
    case EFFECT_NOTE:
        daemon_note(d, e->warn, e->event, e->detail);
        break;
    case EFFECT_KIND_COUNT:
        break;
    }
}

void daemon_pump(struct daemon *d) {
    struct core_effect e;
    if (d->failed)
        return;
    if (d->held) {
        struct store_tx *tx = d->held;
        d->held = NULL;
        do_commit(d, tx, d->held_id);
        if (d->held)
            return; /* a load must see every commit built before it */
    }
    while (!d->failed && core_next_effect(d->core, &e))
        do_effect(d, &e);
}

/* --- bus ----------------------------------------------------------------------------------------
 */

static void on_up(void *user) {
    struct daemon *d = user;
    d->bus_up = true;
    notices_on_bus(d, true);
    core_acks_resume(d->core);
    log_event(d->log, LOG_INFO, "broker_up", "url=%s", d->conf->broker.url);
}

static void on_down(void *user, const char *reason) {
    struct daemon *d = user;
    d->bus_up = false;
    notices_on_bus(d, false);
    log_event(d->log, LOG_WARN, "broker_down", "url=%s reason=\"%s\"", d->conf->broker.url, reason);
}

static void on_message(void *user, struct span topic, struct span payload, bool retained) {
    struct daemon *d = user;
    (void)retained;
    if (d->stopping || d->failed)
        return; /* not acknowledged, so it comes again */
    uint64_t before = core_readings(d->core);
    enum err err = core_on_message(d->core, topic, payload, daemon_now());
    if (!d->arrived_ns && core_readings(d->core) > before)
        d->arrived_ns = uv_hrtime();
    if (err)
        fail(d, err, "message");
}

static void on_writable(void *user) {
    struct daemon *d = user;
    core_acks_resume(d->core);
    daemon_pump(d);
}

struct bus_events daemon_bus_events(struct daemon *d) {
    return (struct bus_events){.on_up = on_up,
                               .on_down = on_down,
                               .on_message = on_message,
                               .on_writable = on_writable,
                               .user = d};
}

/* --- what the page asks
 * --------------------------------------------------------------------------- */

static struct core *web_core(void *user) {
    return ((struct daemon *)user)->core;
}

static struct core_now web_now(void *user) {
    (void)user;
    return daemon_now();
}

/* Asked of the system at most once a second: streams render more often. */
static void measure_memory(struct daemon *d) {
    int64_t now_ms = clock_mono_ms();
    size_t rss = 0;
    if (d->measured_mono_ms && now_ms - d->measured_mono_ms < 1000)
        return;
    d->measured_mono_ms = now_ms;
    d->resident_bytes = uv_resident_set_memory(&rss) ? 0 : (int64_t)rss;
    const struct mallinfo2 heap = mallinfo2();
    d->heap_bytes = (int64_t)(heap.uordblks + heap.hblkhd);
}

static void process_view(struct daemon *d) {
    measure_memory(d);
    const struct bus_stats *b = &d->bus->stats;
    const struct web_stats *w = web_stats(d->web);
    struct guard_stats g;
    guard_stats(d->guard, &g);
    d->process = (struct view_process){.resident_bytes = d->resident_bytes,
                                       .heap_bytes = d->heap_bytes,
                                       .bus_received = b->received,
                                       .bus_received_bytes = b->received_bytes,
                                       .bus_published = b->published,
                                       .bus_refused_full = b->refused_full,
                                       .bus_connects = b->connects,
                                       .bus_disconnects = b->disconnects,
                                       .bus_inbox_dropped = b->inbox_dropped,
                                       .bus_inbox_bytes = (int64_t)b->inbox_bytes,
                                       .bus_inbox_bytes_max = (int64_t)b->inbox_bytes_max,
                                       .bus_up = d->bus_up,
                                       .closed_told = d->publish.closed_told,
                                       .closed_lost = d->publish.closed_lost,
                                       .http_requests = w->requests,
                                       .http_refused = w->refused,
                                       .http_cut = w->cut,
                                       .http_streams = w->streams,
                                       .http_events = w->events,
                                       .http_stream_bytes = w->stream_bytes,
                                       .http_connections = w->connections,
                                       .http_streams_open = w->streams_open,
                                       .logins = g.logins,
                                       .logins_refused = g.refused,
                                       .logins_throttled = g.throttled,
                                       .access_events = g.events,
                                       .access_events_lost = g.events_lost,
                                       .sessions = g.sessions};
}

static void web_extra(void *user, struct view_extra *out) {
    struct daemon *d = user;
    process_view(d);
    static const char *const state[] = {"ok", "retrying", "held"};
    if (d->outbox) {
        const struct outbox_stats *s = outbox_stats(d->outbox);
        const int64_t waiting = d->store->stats.outbox_rows;
        d->view_sink = (struct view_sink){.name = "influxdb",
                                          .state = state[s->state],
                                          .detail = s->last_error,
                                          .rows = s->delivered,
                                          .batches = s->requests,
                                          .retries = s->retries,
                                          .dead = s->dead.n,
                                          .dead_oldest_ms = s->dead.oldest_ms,
                                          .backlog_rows = waiting > 0 ? (uint64_t)waiting : 0};
        if (s->last_ok_mono_ms >= 0)
            d->view_sink.last_ok_ms = clock_wall_ms() - (clock_mono_ms() - s->last_ok_mono_ms);
    }
    *out = (struct view_extra){.version = PLANTBUS_VERSION,
                               .uptime_ms = clock_mono_ms() - d->started_mono_ms,
                               .store = &d->store->stats,
                               .sink = &d->view_sink,
                               .sink_n = d->sink ? 1 : 0,
                               .loop_max_us = d->loop_max_us,
                               .loop_turns = &d->loop_turns,
                               .loop_cpu = &d->loop_cpu,
                               .checkpoints = &d->checkpoints,
                               .acks = &d->acks,
                               .process = &d->process,
                               .configuration = &d->view_configuration};
    reload_state(d, &d->view_configuration);
    notices_state(d, out);
}

static enum err web_history(void *user, const struct view_history *ask,
                            void (*done)(void *user, enum err err, struct buf *text,
                                         int64_t next_ms),
                            void *done_user) {
    return archive_ask(((struct daemon *)user)->archive, ask, done, done_user);
}

static enum err web_baseline(void *user, const struct ident *node, struct ident *name,
                             struct buf *text) {
    const struct baselines *all = ((struct daemon *)user)->settings->baselines;
    const struct baseline_file *f =
        name->s[0] ? baselines_find(all, name->s) : baselines_find_of(all, node);
    if (!f || f->n == 0 || !ident_equal(&f->line[0].node, node))
        return ERR_NOT_FOUND;
    *name = f->name;
    return buf_add(text, f->text.p, f->text.n);
}

static enum err web_settings(void *user, struct buf *out) {
    return settings_dump(((struct daemon *)user)->conf, out);
}

struct web_source daemon_web_source(struct daemon *d) {
    return (struct web_source){.core = web_core,
                               .now = web_now,
                               .extra = web_extra,
                               .command = daemon_command,
                               .history = web_history,
                               .rules = rules_view,
                               .baseline = web_baseline,
                               .settings = web_settings,
                               .identify = daemon_identify,
                               .still = daemon_still,
                               .people = daemon_people,
                               .user = d};
}

/* --- turns --------------------------------------------------------------------------------------
 */

/* From one wait to the next, less the waiting itself: timers and what came from sockets and
 * threads. Beside it, how much of that time was ours: on a busy machine others have the rest. */
static void measure_turn(struct daemon *d) {
    uint64_t now_ns = uv_hrtime(), idle_ns = uv_metrics_idle_time(&d->loop);
    int64_t cpu_ns = clock_thread_ns();
    if (d->turn_begun_ns) {
        metric_observe(&d->loop_cpu, metric_turn_us, (uint64_t)(cpu_ns - d->turn_cpu_ns) / 1000);
        uint64_t held_us = (now_ns - d->turn_begun_ns - (idle_ns - d->turn_idle_ns)) / 1000;
        metric_observe(&d->loop_turns, metric_turn_us, held_us);
        if (held_us > d->loop_max_us)
            d->loop_max_us = held_us;
    }
    d->turn_begun_ns = now_ns;
    d->turn_idle_ns = idle_ns;
    d->turn_cpu_ns = cpu_ns;
}

static uint64_t held_ns(struct daemon *d) {
    uint64_t idle_ns = uv_metrics_idle_time(&d->loop) - d->turn_idle_ns;
    return uv_hrtime() - d->turn_begun_ns - idle_ns;
}

/* --- chores -------------------------------------------------------------------------------------
 * Each does a slice of its work, half a millisecond or so, and says whether there is more. */

static bool tick(struct daemon *d, struct core_now now) {
    enum err err = core_on_tick(d->core, now);
    if (err)
        fail(d, err, "tick");
    else
        daemon_pump(d);
    return !d->failed && core_tick_more(d->core);
}

/* Pages are told behind what the tick computes: half of it would hold back the rest. */
static bool tell_pages(struct daemon *d, struct core_now now) {
    bool early = core_tick_more(d->core) && now.mono_ms - d->web_mono_ms < PAGES_LATE_MS;
    if (!d->web_due || early) {
        d->web_more = d->web_more && web_wake(d->web);
        return d->web_more;
    }
    d->web_due = false;
    d->web_mono_ms = now.mono_ms;
    d->web_more = web_wake(d->web);
    return d->web_more;
}

static bool feed_database(struct daemon *d, struct core_now now) {
    if (d->outbox && !d->stopping)
        outbox_on_tick(d->outbox, now.mono_ms, now.wall_ms, (uint32_t)clock_mono_ns());
    return false;
}

static bool publish(struct daemon *d, struct core_now now) {
    return d->bus_up && !d->stopping &&
           publish_due(&d->publish, d->core, d->bus, now, d->conf->publish_ms);
}

/* The list keeps old windows in memory until it is read. */
static bool tell_closed(struct daemon *d, struct core_now now) {
    if (d->bus_up && !d->stopping)
        (void)publish_gone(&d->publish, d->bus); /* seldom anything: the rest in the next round */
    return !reload_holds(d) &&
           publish_closed(&d->publish, d->core, d->bus, d->bus_up && !d->stopping, now);
}

static bool watch_people(struct daemon *d, struct core_now now) {
    if (!d->stopping)
        guard_on_tick(d->guard, now.wall_ms, now.mono_ms);
    return false;
}

static bool reload(struct daemon *d, struct core_now now) {
    (void)now;
    return !d->stopping && reload_turn(d);
}

static bool give_back(struct daemon *d, struct core_now now) {
    if (!d->stopping)
        giveback_turn(&d->giveback, &d->loop, now.mono_ms);
    return false;
}

static bool look_for_end(struct daemon *d, struct core_now now) {
    bool late = d->stopping && now.mono_ms - d->stop_mono_ms > LAST_CHECKPOINT_MS;
    if (d->stopping && d->stage == STAGE_RUN && (core_idle(d->core) || late)) {
        if (late)
            log_event(d->log, LOG_ERROR, "last_checkpoint_missed",
                      "the agents keep what was not committed");
        daemon_next_stage(d);
    }
    return false;
}

static bool (*const chore[])(struct daemon *d, struct core_now now) = {
    tick,        tell_pages,   feed_database, notices_turn, announcer_turn, publish,
    tell_closed, watch_people, reload,        give_back,    look_for_end};
enum { CHORE_N = sizeof chore / sizeof *chore };

static void on_busy(uv_idle_t *idle) {
    (void)idle; /* its being active is all */
}

void daemon_wake(struct daemon *d) {
    d->quiet = 0;
    d->web_due = true;
}

/* In turn, until none has more to do or the turn was long enough; each turn does one at least. */
static void do_chores(struct daemon *d) {
    struct core_now now = daemon_now();
    while (d->quiet < CHORE_N && !d->failed) {
        bool more = chore[d->chore](d, now);
        d->chore = (d->chore + 1) % CHORE_N;
        d->quiet = more ? 0 : d->quiet + 1;
        if (held_ns(d) >= TURN_NS)
            break;
    }
    if (uv_is_closing((uv_handle_t *)&d->busy))
        return;
    if (d->quiet < CHORE_N && !d->failed)
        uv_idle_start(&d->busy, on_busy);
    else
        uv_idle_stop(&d->busy);
}

/* What has come since the last wait is looked at before the next: after silence a record does not
 * wait for the timer. */
void daemon_before_wait(uv_prepare_t *prepare) {
    struct daemon *d = prepare->data;
    if (!d->stopping && !d->failed && core_tick_due(d->core, clock_mono_ms()))
        daemon_wake(d);
    do_chores(d);
    measure_turn(d);
}

void daemon_on_turn(uv_timer_t *timer) {
    daemon_wake(timer->data);
}

void daemon_on_signal(uv_signal_t *signal, int number) {
    struct daemon *d = signal->data;
    if (d->stopping)
        return;
    if (number == SIGHUP) {
        (void)reload_ask(d, "signal");
        return;
    }
    log_event(d->log, LOG_INFO, "stopping", "signal=%d", number);
    reload_give_up(d);
    d->stopping = true;
    d->stop_mono_ms = clock_mono_ms();
    core_begin_stop(d->core, daemon_now());
}

/* --- the end ------------------------------------------------------------------------------------
 */

static void on_handle_closed(uv_handle_t *handle) {
    struct daemon *d = handle->data;
    if (--d->to_close == 0)
        daemon_next_stage(d);
}

static bool close_handles(struct daemon *d) {
    uv_handle_t *own[] = {(uv_handle_t *)&d->turn,        (uv_handle_t *)&d->sigterm,
                          (uv_handle_t *)&d->sigint,      (uv_handle_t *)&d->sighup,
                          (uv_handle_t *)&d->before_wait, (uv_handle_t *)&d->busy};
    if (!d->turn.loop)
        return false; /* never opened */
    for (unsigned i = 0; i < sizeof own / sizeof *own; i++) {
        d->to_close++;
        uv_close(own[i], on_handle_closed);
    }
    return true;
}

/* Begins to stop what the stage names; false if there is nothing to wait for. */
static bool enter_stage(struct daemon *d) {
    switch (d->stage) {
    case STAGE_RELOAD:
        return reload_stop(d);
    case STAGE_BUS:
        if (d->bus)
            d->bus->ops->stop(d->bus, daemon_next_stage, d);
        return d->bus != NULL;
    case STAGE_WEB:
        if (d->web)
            web_stop(d->web, daemon_next_stage, d);
        return d->web != NULL;
    case STAGE_ARCHIVE:
        if (d->archive)
            archive_stop(d->archive, daemon_next_stage, d);
        return d->archive != NULL;
    case STAGE_GUARD:
        if (d->guard)
            guard_stop(d->guard, daemon_next_stage, d);
        return d->guard != NULL;
    case STAGE_NOTICES:
        if (d->notices.notify)
            notify_stop(d->notices.notify, daemon_next_stage, d);
        return d->notices.notify != NULL;
    case STAGE_SINK: {
        struct sink *sink = d->sink;
        d->sink = NULL;
        if (d->outbox)
            outbox_stop(d->outbox); /* it must not ask a sink that is closed */
        if (sink)
            sink->ops->close(sink, daemon_next_stage, d);
        return sink != NULL;
    }
    case STAGE_STORE:
        if (d->store)
            d->store->ops->stop(d->store, daemon_next_stage, d);
        return d->store != NULL;
    case STAGE_HANDLES:
        return close_handles(d);
    case STAGE_RUN:
    case STAGE_OVER:
        break;
    }
    return true;
}

void daemon_next_stage(void *user) {
    struct daemon *d = user;
    do
        d->stage++;
    while (!enter_stage(d));
}
