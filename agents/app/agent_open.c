/* The parts of the agent: how each is opened, what it tells and what it asks. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent_app/agent_impl.h"
#include "base/clock.h"
#include "bus/bus_paho.h"
#include "wire/seal.h"

enum {
    LOCK_MS = 3000, /* wait for the journal's lock */
    LOCK_RETRY_MS = 50,
    INBOX_BYTES = 256 << 10
};

/* --- told by the journal ------------------------------------------------------------------------
 */

static void on_accepted(void *user) {
    ((struct agent *)user)->accepted = true;
}

static void on_fault(void *user, enum journal_fault fault, enum err why) {
    struct agent *a = user;
    log_event(a->log, LOG_ERROR, "journal_fault", "kind=%s why=%s folder=%s",
              journal_fault_name(fault), err_name(why), a->conf->journal.folder);
}

static void on_dropped(void *user, uint64_t epoch, const struct batch_dropped *gap) {
    struct agent *a = user;
    a->told.dropped_records[gap->reason] += gap->to - gap->from + 1;
    a->told.dropped_readings[gap->reason] += gap->readings;
    log_event(a->log, LOG_ERROR, "readings_given_up",
              "epoch=%016llx from=%llu to=%llu readings=%llu reason=%s", (unsigned long long)epoch,
              (unsigned long long)gap->from, (unsigned long long)gap->to,
              (unsigned long long)gap->readings, gap->reason == DROP_QUOTA ? "quota" : "corrupt");
}

static void after_sync(void *user) {
    agent_turn(user);
}

/* --- asked by the publisher ---------------------------------------------------------------------
 */

static enum err send_sealed(struct agent *a, const char *topic, struct span bytes) {
    buf_reset(&a->sealed);
    enum err rc = seal_format(span_str(topic), bytes, &a->sealed);
    return rc ? rc : a->bus->ops->publish(a->bus, topic, buf_span(&a->sealed), 1, false);
}

static enum err send_data(void *user, struct span frame) {
    struct agent *a = user;
    return send_sealed(a, a->data_topic, frame);
}

static enum err send_hello(void *user, struct span bytes) {
    struct agent *a = user;
    return send_sealed(a, a->hello_topic, bytes);
}

static enum err send_report(void *user, struct span bytes) {
    struct agent *a = user;
    return send_sealed(a, a->report_topic, bytes);
}

static uint64_t draw(void *user) {
    struct agent *a = user;
    uint64_t v = 0;
    while (v == 0)
        if (clock_random(&v, sizeof v)) {
            log_event(a->log, LOG_ERROR, "random_failed", "errno=%d", errno);
            return 0;
        }
    return v;
}

static void on_note(void *user, enum publisher_note note, uint64_t epoch, uint64_t seq) {
    struct agent *a = user;
    bool worry = note == PUBLISHER_NOTE_CREDIT_0 || note == PUBLISHER_NOTE_AHEAD;
    bool usual = note == PUBLISHER_NOTE_REWIND || note == PUBLISHER_NOTE_GO_BACK;
    log_event(a->log,
              worry   ? LOG_ERROR
              : usual ? LOG_WARN
                      : LOG_INFO,
              "publisher", "note=%s epoch=%016llx seq=%llu", publisher_note_name(note),
              (unsigned long long)epoch, (unsigned long long)seq);
    if (note == PUBLISHER_NOTE_AHEAD)
        log_event(a->log, LOG_ERROR, "journal_lost_sent_records",
                  "folder=%s meaning=\"they count at the aggregator; rows that a file source reads "
                  "again may count twice\"",
                  a->conf->journal.folder);
}

/* --- told by the bus ----------------------------------------------------------------------------
 */

static void bus_on_up(void *user) {
    struct agent *a = user;
    a->bus_up = true;
    log_event(a->log, LOG_INFO, "broker_up", "url=%s", a->conf->broker.url);
    (void)a->bus->ops->publish(a->bus, a->status_topic, span_str("online"), 1, true);
    publisher_on_up(a->publisher, clock_mono_ms());
    reporter_on_up(a->reporter);
}

static void bus_on_down(void *user, const char *reason) {
    struct agent *a = user;
    if (a->bus_up)
        publisher_on_down(a->publisher, clock_mono_ms());
    else
        a->told.connect_failures++;
    a->bus_up = false;
    reporter_on_down(a->reporter);
    log_event(a->log, LOG_WARN, "broker_down", "url=%s reason=\"%s\"", a->conf->broker.url,
              reason ? reason : "");
}

static void take_command(struct agent *a, struct span payload) {
    struct command c;
    if (command_parse(payload, &c)) {
        log_event(a->log, LOG_WARN, "command_refused", "bytes=%zu", payload.n);
        return;
    }
    a->told.probes += c.kind == COMMAND_PROBE;
    a->told.reloads += c.kind == COMMAND_RELOAD;
    if (c.kind == COMMAND_RELOAD && a->phase == PHASE_RUN)
        reloader_ask(a->reloader, "command", clock_mono_ms());
}

static void bus_on_message(void *user, struct span topic, struct span payload, bool retained) {
    struct agent *a = user;
    if (retained) /* acks and commands are never retained by us */
        return;
    if (!seal_open(topic, &payload)) {
        a->told.damaged++;
        return;
    }
    if (span_equal(topic, span_str(a->command_topic))) {
        take_command(a, payload);
        return;
    }
    if (!span_equal(topic, span_str(a->ack_topic)))
        return;
    if (ack_parse(payload, &a->ack)) {
        log_event(a->log, LOG_WARN, "ack_refused", "bytes=%zu", payload.n);
        return;
    }
    publisher_on_ack(a->publisher, &a->ack, clock_mono_ms());
    if (a->ack.nonce == a->nonce)
        reporter_on_ack(a->reporter, a->ack.store, a->ack.generation);
    agent_turn(a);
}

static void bus_on_writable(void *user) {
    publisher_on_writable(((struct agent *)user)->publisher, clock_mono_ms());
}

/* --- life ---------------------------------------------------------------------------------------
 */

/* A process that was killed holds its lock until the kernel is through with it. */
static enum err open_disk(struct agent *a) {
    int64_t until_ms = clock_mono_ms() + LOCK_MS;
    for (;;) {
        enum err rc = disk_posix_open(a->conf->journal.folder, &a->loop, after_sync, a, &a->disk);
        if (rc != ERR_BUSY || clock_mono_ms() >= until_ms)
            return rc;
        uv_sleep(LOCK_RETRY_MS);
    }
}

/* A board without a battery has not been told the time when it starts. */
static void tell_clock(const struct agent *a) {
    const int64_t told_ms = journal_covered_ms(a->journal), now_ms = clock_wall_ms();
    if (told_ms == INT64_MIN || told_ms - now_ms < a->conf->clock_step_ms)
        return;
    log_event(a->log, LOG_WARN, "clock_behind_journal", "by_ms=%lld do=\"%s\"",
              (long long)(told_ms - now_ms),
              "until the clock is right, readings are dated to what was told of already: let the "
              "agent start when the time is set");
}

static enum err open_journal(struct agent *a) {
    struct journal_conf c;
    journal_conf_init(&c);
    c.agent = a->conf->id;
    c.quota_bytes = (uint64_t)a->conf->journal.quota_bytes;
    c.segment_bytes = (uint64_t)a->conf->journal.segment_bytes;
    c.retain_ms = a->conf->journal.keep_ms;
    c.commit_ms = (uint32_t)a->conf->journal.commit_ms;
    const struct journal_events events = {on_accepted, on_fault, on_dropped, a};
    enum err rc = open_disk(a);
    if (!rc)
        rc = journal_open(&c, disk_posix_port(a->disk), &events, draw(a), clock_mono_ms(),
                          clock_wall_ms(), &a->journal);
    if (rc) {
        const char *why = rc == ERR_BUSY     ? "another process has it"
                          : rc == ERR_CONFIG ? "it belongs to another agent"
                          : rc == ERR_IO     ? strerror(errno)
                                             : err_name(rc);
        log_event(a->log, LOG_ERROR, "journal_refused", "folder=%s why=\"%s\"",
                  a->conf->journal.folder, why);
        return rc;
    }
    const struct journal_stats *s = journal_stats(a->journal);
    log_event(a->log, LOG_INFO, "journal_open",
              "folder=%s epoch=%016llx segments=%llu bytes=%llu torn_bytes=%llu bad_segments=%llu",
              a->conf->journal.folder, (unsigned long long)journal_open_epoch(a->journal),
              (unsigned long long)s->segments, (unsigned long long)s->bytes,
              (unsigned long long)s->torn_bytes, (unsigned long long)s->bad_segments);
    tell_clock(a);
    return ERR_OK;
}

static const char *or_null(const char *s) {
    return s && *s ? s : NULL;
}

static enum err open_bus(struct agent *a) {
    const struct ident *id = &a->conf->id;
    const struct broker_conf *b = &a->conf->broker;
    topic_format(TOPIC_DATA, id, a->data_topic);
    topic_format(TOPIC_HELLO, id, a->hello_topic);
    topic_format(TOPIC_STATUS, id, a->status_topic);
    topic_format(TOPIC_REPORT, id, a->report_topic);
    topic_format(TOPIC_ACK, id, a->ack_topic);
    topic_format(TOPIC_COMMAND, id, a->command_topic);
    const char *subscribe[] = {a->ack_topic, a->command_topic};
    char client_id[IDENT_MAX + 32];
    (void)snprintf(client_id, sizeof client_id, "pb-agent-%s", id->s);
    const struct bus_paho_conf c = {
        .url = b->url,
        .client_id = client_id,
        .user = or_null(b->user),
        .password = or_null(b->password),
        .ca_file = or_null(b->ca),
        .cert_file = or_null(b->cert),
        .key_file = or_null(b->key),
        .subscribe = subscribe,
        .subscribe_n = 2,
        .will_topic = a->status_topic,
        .will_payload = span_str("offline"),
        .keepalive_s = (unsigned)(b->keepalive_ms / 1000),
        .max_inflight = (unsigned)b->inflight,
        .retry_min_ms = (uint32_t)b->retry_min_ms,
        .retry_max_ms = (uint32_t)b->retry_max_ms,
        .inbox_bytes_max = INBOX_BYTES,
    };
    const struct bus_events events = {bus_on_up, bus_on_down, bus_on_message, bus_on_writable, a};
    enum err rc = bus_paho_open(&c, &events, &a->loop, &a->bus);
    if (rc)
        log_event(a->log, LOG_ERROR, "broker_refused", "url=%s why=%s", b->url, err_name(rc));
    return rc;
}

static enum err open_publisher(struct agent *a) {
    struct publisher_conf c;
    publisher_conf_init(&c);
    c.agent = a->conf->id;
    c.nonce = a->nonce = draw(a);
    const struct publisher_ops ops = {send_data, send_hello, draw, on_note, a};
    return publisher_open(&c, a->journal, &ops, &a->publisher);
}

static void on_refused(void *user, const struct ident *source, const char *reason,
                       const char *place) {
    struct agent *a = user;
    log_event(a->log, LOG_WARN, "input_refused", "source=%s reason=\"%s\" place=\"%s\"", source->s,
              reason, place ? place : "");
}

static void on_said(void *user, const struct ident *source, const char *text) {
    struct agent *a = user;
    log_event(a->log, LOG_INFO, "source_said", "source=%s text=\"%s\"", source->s, text);
}

static void on_ahead(void *user, const struct ident *source, int64_t by_ms) {
    struct agent *a = user;
    log_event(a->log, LOG_WARN, "stamp_ahead_of_clock",
              "source=%s by_ms=%lld meaning=\"taken as uncertain; it vouches for no time\"",
              source->s, (long long)by_ms);
}

static enum err open_feeds(struct agent *a) {
    const struct batcher_conf c = {.every_ms = a->conf->batch.every_ms,
                                   .readings_max = (uint32_t)a->conf->batch.readings,
                                   .bytes_max = (size_t)a->conf->batch.bytes,
                                   .ahead_ms = a->conf->clock_ahead_ms};
    const struct batcher_events events = {
        .on_refused = on_refused, .on_said = on_said, .on_ahead = on_ahead, .user = a};
    enum err rc = batcher_open(&c, a->journal, &events, &a->batcher);
    const struct feeds_env env = {.conf = a->conf,
                                  .log = a->log,
                                  .loop = &a->loop,
                                  .journal = a->journal,
                                  .batcher = a->batcher,
                                  .on_ready = after_sync,
                                  .user = a};
    return rc ? rc : feeds_open(&env, clock_wall_ms(), &a->feeds);
}

static bool source_stats(void *user, size_t i, struct feed_stats *out) {
    return feeds_stats(((struct agent *)user)->feeds, i, out);
}

static enum err open_reporter(struct agent *a) {
    const struct reporter_env env = {a->nonce, source_stats, send_report, a};
    enum err rc = reporter_open(&env, &a->reporter);
    const struct reloader_env reload = {.path = a->path,
                                        .conf = a->conf,
                                        .log = a->log,
                                        .journal = a->journal,
                                        .batcher = a->batcher,
                                        .feeds = a->feeds,
                                        .reporter = a->reporter,
                                        .told = &a->told,
                                        .draw = draw,
                                        .user = a};
    return rc ? rc : reloader_open(&reload, clock_wall_ms(), &a->reloader);
}

static enum err open_metrics(struct agent *a) {
    const struct metrics_env env = {.conf = a->conf,
                                    .log = a->log,
                                    .loop = &a->loop,
                                    .disk = a->disk,
                                    .journal = a->journal,
                                    .publisher = a->publisher,
                                    .batcher = a->batcher,
                                    .feeds = a->feeds,
                                    .bus = a->bus,
                                    .told = &a->told};
    return metrics_open(&env, clock_mono_ms(), &a->metrics);
}

enum err agent_open_parts(struct agent *a) {
    enum err rc = open_journal(a);
    if (!rc)
        rc = open_feeds(a);
    if (!rc)
        rc = open_publisher(a);
    if (!rc)
        rc = open_reporter(a);
    if (!rc)
        rc = open_bus(a);
    if (!rc)
        rc = open_metrics(a);
    if (!rc)
        rc = a->bus->ops->start(a->bus);
    return rc;
}

void agent_close_parts(struct agent *a) {
    if (a->bus && !a->bus_stopped && a->phase != PHASE_RUN)
        log_event(a->log, LOG_WARN, "broker_goodbye_timed_out", "url=%s", a->conf->broker.url);
    metrics_close(a->metrics);
    if (a->bus && (a->bus_stopped || a->phase == PHASE_RUN))
        a->bus->ops->close(a->bus);
    feeds_close(a->feeds);
    reloader_close(a->reloader);
    reporter_close(a->reporter);
    uv_close((uv_handle_t *)&a->timer, NULL);
    uv_close((uv_handle_t *)&a->hangup, NULL);
    uv_close((uv_handle_t *)&a->term, NULL);
    uv_close((uv_handle_t *)&a->interrupt, NULL);
    if (!a->bus || a->bus_stopped || a->phase == PHASE_RUN)
        (void)uv_run(&a->loop, UV_RUN_DEFAULT);
    publisher_close(a->publisher);
    batcher_close(a->batcher);
    journal_close(a->journal);
    disk_posix_close(a->disk);
    buf_fini(&a->sealed);
    if (uv_loop_close(&a->loop) != 0)
        log_event(a->log, LOG_ERROR, "handles_left", "phase=%d", (int)a->phase);
}
