#include "agent_app/agent_impl.h"

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hangup.h"

enum {
    TURN_MOST_MS = 100,  /* longest sleep of the loop's timer */
    TURN_LEAST_MS = 10,  /* shortest; also after the journal turned a batch away */
    BATCHES_A_TURN = 16, /* a source that is far behind must not hold the loop */
    STATE_MS = 60000,    /* one state line a minute */
    END_SYNC_MS = 5000,  /* at the end: for the last sync */
    END_SEND_MS = 2000,  /* ... and then for the last records to become durable */
    END_BUS_MS = 3000,   /* ... and for the goodbye to the broker */
};

/* --- turns of the loop --------------------------------------------------------------------------
 */

static void on_timer(uv_timer_t *t) {
    agent_turn(t->data);
}

/* The wall clock against the monotonic one, since the turn before. */
static void watch_clock(struct agent *a, int64_t mono_ms, int64_t wall_ms) {
    int64_t gap = wall_ms - mono_ms;
    int64_t by = gap - a->clock_gap_ms;
    if (by >= a->conf->clock_step_ms || by <= -a->conf->clock_step_ms) {
        log_event(a->log, LOG_WARN, "clock_step", "by_ms=%lld", (long long)by);
        batcher_clock_step(a->batcher, wall_ms - by, wall_ms);
        feeds_wake(a->feeds);
    }
    a->clock_gap_ms = gap; /* slewing moves it a little every turn and is no step */
}

static void state_line(struct agent *a, int64_t mono_ms) {
    if (mono_ms < a->state_ms)
        return;
    a->state_ms = mono_ms + STATE_MS;
    const struct journal_stats *j = journal_stats(a->journal);
    const struct publisher_stats *p = publisher_stats(a->publisher);
    const struct batcher_stats *b = batcher_stats(a->batcher);
    log_event(a->log, LOG_INFO, "state",
              "accepted=%llu waiting=%u refused=%llu illegal=%llu ahead=%llu journal_bytes=%llu "
              "segments=%llu backlog_bytes=%llu sent=%llu resent=%llu in_flight_bytes=%llu "
              "credit_bytes=%llu rtt_ms=%lld dropped=%llu sync_failures=%llu write_failures=%llu "
              "lost_here=%llu probes=%llu reloads=%llu damaged=%llu broker=%s",
              (unsigned long long)j->readings, batcher_waiting(a->batcher),
              (unsigned long long)b->refused, (unsigned long long)b->illegal,
              (unsigned long long)b->ahead, (unsigned long long)j->bytes,
              (unsigned long long)j->segments,
              (unsigned long long)journal_backlog_bytes(a->journal), (unsigned long long)p->sent,
              (unsigned long long)p->resent, (unsigned long long)p->in_flight_bytes,
              (unsigned long long)p->credit_bytes, (long long)p->rtt_ms,
              (unsigned long long)j->dropped_readings, (unsigned long long)j->sync_failures,
              (unsigned long long)j->write_failures, (unsigned long long)p->lost_here,
              (unsigned long long)a->told.probes, (unsigned long long)a->told.reloads,
              (unsigned long long)a->told.damaged, a->bus_up ? "up" : "down");
}

static void enter(struct agent *a, enum phase phase) {
    a->phase = phase;
    a->phase_ms = clock_mono_ms();
}

static void on_bus_stopped(void *user) {
    struct agent *a = user;
    a->bus_stopped = true;
    agent_turn(a);
}

static void say_goodbye(struct agent *a) {
    if (a->bus_up)
        (void)a->bus->ops->publish(a->bus, a->status_topic, span_str("offline"), 1, true);
    enter(a, PHASE_BUS);
    a->bus->ops->stop(a->bus, on_bus_stopped, a);
}

/* The end in steps: everything to the disk, a short try to deliver, the goodbye. */
static void end_step(struct agent *a, int64_t mono_ms) {
    int64_t since = mono_ms - a->phase_ms;
    if (a->phase == PHASE_SYNC) {
        journal_flush(a->journal);
        bool done = batcher_waiting(a->batcher) == 0 && journal_idle(a->journal);
        if (!done && since < END_SYNC_MS)
            return;
        a->unwritten = done ? 0 : batcher_waiting(a->batcher);
        enter(a, PHASE_SEND);
    }
    if (a->phase == PHASE_SEND) {
        bool wait = a->bus_up && !publisher_drained(a->publisher);
        if (!wait || mono_ms - a->phase_ms >= END_SEND_MS)
            say_goodbye(a);
    }
    if (a->phase == PHASE_BUS && (a->bus_stopped || mono_ms - a->phase_ms >= END_BUS_MS)) {
        enter(a, PHASE_OVER);
        uv_stop(&a->loop);
    }
}

static void arm(struct agent *a, int64_t mono_ms, int64_t wall_ms) {
    int64_t sleep = TURN_MOST_MS;
    int64_t batch = batcher_due_ms(a->batcher);
    if (batch != INT64_MAX && batch - mono_ms < sleep)
        sleep = batch - mono_ms;
    int64_t commit = journal_due_ms(a->journal);
    if (commit != INT64_MAX && commit - mono_ms < sleep)
        sleep = commit - mono_ms;
    int64_t poll = feeds_due_ms(a->feeds);
    if (a->phase == PHASE_RUN && poll != INT64_MAX && poll - wall_ms < sleep)
        sleep = poll - wall_ms;
    if (sleep < TURN_LEAST_MS) /* fast sources are polled in bunches: a batch takes longer anyway */
        sleep = TURN_LEAST_MS;
    uv_update_time(&a->loop);
    (void)uv_timer_start(&a->timer, on_timer, (uint64_t)sleep, 0);
}

void agent_turn(struct agent *a) {
    if (a->in_turn || a->phase == PHASE_OVER)
        return;
    a->in_turn = true;
    int64_t mono = clock_mono_ms(), wall = clock_wall_ms();
    watch_clock(a, mono, wall);
    const bool polls = a->phase == PHASE_RUN && !reloader_waits(a->reloader);
    enum err rc = batcher_flush(a->batcher, !polls, mono, wall);
    bool more = polls;
    for (int i = 0; more && rc == ERR_OK && i < BATCHES_A_TURN; i++) {
        more = feeds_poll(a->feeds, wall, mono);
        rc = batcher_flush(a->batcher, false, mono, wall); /* else kept, and offered next turn */
    }
    journal_tick(a->journal, mono, wall);
    if (a->accepted) {
        a->accepted = false;
        publisher_on_accepted(a->publisher, mono);
    }
    const struct batcher_stats *b = batcher_stats(a->batcher);
    publisher_put_input(a->publisher, b->refused + b->illegal, b->ahead);
    publisher_on_tick(a->publisher, mono);
    if (a->phase == PHASE_RUN)
        reloader_tick(a->reloader, mono, wall);
    reporter_tick(a->reporter, mono);
    state_line(a, mono);
    metrics_tick(a->metrics, mono);
    if (a->phase != PHASE_RUN)
        end_step(a, mono);
    arm(a, mono, wall);
    a->in_turn = false;
}

static void on_signal(uv_signal_t *s, int number) {
    struct agent *a = s->data;
    if (a->phase != PHASE_RUN) { /* the second signal: at once, as a crash would */
        enter(a, PHASE_OVER);
        uv_stop(&a->loop);
        return;
    }
    log_event(a->log, LOG_INFO, "stopping", "signal=%d", number);
    enter(a, PHASE_SYNC);
    agent_turn(a);
}

static void on_hangup(uv_signal_t *s, int number) {
    struct agent *a = s->data;
    (void)number;
    if (a->phase != PHASE_RUN)
        return;
    reloader_ask(a->reloader, "signal", clock_mono_ms());
    agent_turn(a);
}

/* --- life ---------------------------------------------------------------------------------------
 */

static void watch_signals(struct agent *a) {
    (void)signal(SIGPIPE, SIG_IGN);
    a->term.data = a->interrupt.data = a->hangup.data = a->timer.data = a;
    (void)uv_timer_init(&a->loop, &a->timer);
    (void)uv_signal_init(&a->loop, &a->term);
    (void)uv_signal_init(&a->loop, &a->interrupt);
    (void)uv_signal_init(&a->loop, &a->hangup);
    (void)uv_signal_start(&a->hangup, on_hangup, SIGHUP);
    hangup_release();
    (void)uv_signal_start(&a->term, on_signal, SIGTERM);
    (void)uv_signal_start(&a->interrupt, on_signal, SIGINT);
}

enum err agent_run(const char *path, const struct agent_conf *conf, struct log *log) {
    struct agent *a = calloc(1, sizeof *a);
    if (!a)
        return ERR_NOMEM;
    a->path = path;
    a->conf = conf;
    a->log = log;
    if (uv_loop_init(&a->loop) != 0) {
        free(a);
        return ERR_NOMEM;
    }
    watch_signals(a);
    enum err rc = agent_open_parts(a);
    if (!rc) {
        log_event(log, LOG_INFO, "started", "agent=%s sources=%zu", conf->id.s, conf->source_n);
        a->clock_gap_ms = clock_wall_ms() - clock_mono_ms();
        a->state_ms = clock_mono_ms() + STATE_MS;
        agent_turn(a);
        (void)uv_run(&a->loop, UV_RUN_DEFAULT);
        if (a->unwritten > 0) {
            rc = ERR_IO;
            log_event(log, LOG_ERROR, "not_written", "readings=%llu",
                      (unsigned long long)a->unwritten);
        }
        log_event(log, LOG_INFO, "stopped", "accepted=%llu delivered=%s",
                  (unsigned long long)journal_stats(a->journal)->readings,
                  publisher_drained(a->publisher) ? "all" : "not_all");
    }
    agent_close_parts(a);
    free(a);
    return rc;
}
