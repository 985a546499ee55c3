#include "agent_app/figures.h"

#include <inttypes.h>
#include <stdio.h>

/* The aggregator's figures of an agent begin with plantbus_agent_: those are what arrived. */
#define P "plantbus_gateway_"

/* --- rows ---------------------------------------------------------------------------------------
 */

#define COUNT(group, field, metric, text)                                                          \
    { NULL, P metric "_total", text, false, METRIC_ONE, offsetof(struct group, field) }
#define NOW(group, field, metric, as, text)                                                        \
    { NULL, P metric, text, true, as, offsetof(struct group, field) }

static const struct metric_row journal_rows[] = {
    COUNT(journal_stats, readings, "readings_accepted", "readings that are synced to the journal"),
    COUNT(journal_stats, written, "records_journalled",
          "records given to the disk, key frames and rewritten ones too"),
    COUNT(journal_stats, records, "records_synced", "records that are synced, so accepted"),
    COUNT(journal_stats, rewritten, "records_rewritten",
          "records written again after a sync that failed"),
    COUNT(journal_stats, written_bytes, "journal_written_bytes", "bytes given to the disk"),
    COUNT(journal_stats, syncs, "journal_syncs", "syncs of the journal"),
    COUNT(journal_stats, sync_failures, "journal_sync_failures", "syncs that failed"),
    COUNT(journal_stats, write_failures, "journal_write_failures", "writes that failed"),
    COUNT(journal_stats, read_failures, "journal_read_failures", "reads that failed"),
    COUNT(journal_stats, corrupt_ranges, "journal_damages", "damaged stretches found"),
    NOW(journal_stats, bytes, "journal_bytes", METRIC_ONE, "bytes of all segments"),
    NOW(journal_stats, segments, "journal_segments", METRIC_ONE, "segments, a file each"),
    NOW(journal_stats, bad_segments, "journal_bad_segments", METRIC_ONE,
        "files without a readable head, found at the start"),
    NOW(journal_stats, torn_bytes, "journal_torn_bytes", METRIC_ONE,
        "bytes of what was never accepted, found at the start"),
};

static const struct metric_row publisher_rows[] = {
    COUNT(publisher_stats, sent, "records_sent", "records sent, those sent again too"),
    COUNT(publisher_stats, sent_bytes, "sent_bytes", "bytes of records sent"),
    COUNT(publisher_stats, resent, "records_resent", "records sent again"),
    COUNT(publisher_stats, rewinds, "rewinds", "times the aggregator asked for older records"),
    COUNT(publisher_stats, go_backs, "go_backs", "times sent again for want of progress"),
    COUNT(publisher_stats, new_epochs, "live_epochs", "epochs begun so that live data goes first"),
    COUNT(publisher_stats, hellos, "hellos", "hellos sent"),
    COUNT(publisher_stats, acks, "acks", "acks taken"),
    COUNT(publisher_stats, acks_stale, "acks_stale", "acks older than what is known"),
    COUNT(publisher_stats, acks_foreign, "acks_foreign", "acks for another process with this id"),
    COUNT(publisher_stats, lost_here, "records_lost",
          "records the aggregator has and the journal has no more"),
    NOW(publisher_stats, in_flight_bytes, "in_flight_bytes", METRIC_ONE,
        "bytes sent and not durable at the aggregator"),
    NOW(publisher_stats, credit_bytes, "credit_bytes", METRIC_ONE,
        "bytes that may be in flight, as the aggregator says"),
    NOW(publisher_stats, rtt_ms, "round_trip_seconds", METRIC_MILLI,
        "smoothed time from sending to durable, 0 if unknown"),
};

static const struct metric_row batcher_rows[] = {
    COUNT(batcher_stats, batches, "batches", "batches taken by the journal"),
    COUNT(batcher_stats, illegal, "readings_illegal", "readings that no batch can hold"),
    COUNT(batcher_stats, ahead, "readings_ahead", "readings stamped ahead of the clock"),
    COUNT(batcher_stats, clock_steps, "clock_steps", "steps of the wall clock"),
};

static const struct metric_row bus_rows[] = {
    COUNT(bus_stats, connects, "broker_connects", "connections to the broker made"),
    COUNT(bus_stats, disconnects, "broker_disconnects", "connections to the broker lost"),
    COUNT(bus_stats, published, "broker_published", "messages to the broker"),
    COUNT(bus_stats, published_bytes, "broker_published_bytes", "bytes to the broker"),
    COUNT(bus_stats, received, "broker_received", "messages from the broker"),
    COUNT(bus_stats, received_bytes, "broker_received_bytes", "bytes from the broker"),
    COUNT(bus_stats, refused_full, "broker_full", "messages that found the window full"),
    COUNT(bus_stats, inbox_dropped, "inbox_dropped", "messages dropped at the inbox's bound"),
};

static const struct metric_row told_rows[] = {
    COUNT(figures_told, connect_failures, "broker_connect_failures",
          "attempts that brought no connection to the broker"),
    COUNT(figures_told, damaged, "messages_damaged", "messages whose checksum was wrong"),
    COUNT(figures_told, probes, "probes", "probe commands taken"),
    COUNT(figures_told, reloads, "reloads", "reload commands taken"),
    COUNT(figures_told, conf_loaded, "configurations_loaded",
          "other versions of its file taken over"),
    COUNT(figures_told, conf_refused, "configurations_refused", "the same, refused"),
};

struct reconnects {
    uint64_t n;
};
static const struct metric_row reconnect_row[] = {
    COUNT(reconnects, n, "broker_reconnects", "connections made behind the first")};

static const struct metric_row now_rows[] = {
    NOW(figures_now, connected, "broker_connected", METRIC_ONE, "1: there is a connection"),
    NOW(figures_now, waiting, "readings_waiting", METRIC_ONE, "readings in the open batch"),
    NOW(figures_now, quota_bytes, "journal_quota_bytes", METRIC_ONE,
        "bytes the journal may have before the oldest readings are given up"),
    NOW(figures_now, backlog_records, "backlog_records", METRIC_ONE,
        "records accepted and not durable at the aggregator"),
    NOW(figures_now, backlog_bytes, "backlog_bytes", METRIC_ONE, "their bytes, about"),
    NOW(figures_now, backlog_age_ms, "backlog_oldest_age_seconds", METRIC_MILLI,
        "age of the oldest of them, 0 if there is none"),
    NOW(figures_now, heap_bytes, "heap_bytes", METRIC_ONE, "allocated and not freed"),
    {NULL, "process_resident_memory_bytes", "memory of the process", true, METRIC_ONE,
     offsetof(struct figures_now, resident_bytes)},
    {NULL, "process_start_time_seconds", "when the process began", true, METRIC_MILLI,
     offsetof(struct figures_now, started_ms)},
};

static const struct metric_row source_rows[] = {
    COUNT(feed_stats, polls, "source_polls", "times a source was asked"),
    COUNT(feed_stats, failures, "source_failures", "times it could not be opened or read"),
    COUNT(feed_stats, readings, "source_readings", "readings taken of it"),
    COUNT(feed_stats, refused, "source_refused", "what it refused of its input"),
    COUNT(feed_stats, state.requests, "source_requests", "what it asked of its devices"),
    COUNT(feed_stats, state.errors, "source_errors", "requests that brought no good answer"),
    COUNT(feed_stats, state.reconnects, "source_reconnects", "connections after the first"),
    NOW(feed_stats, state.devices, "source_devices", METRIC_ONE, "devices it knows"),
    NOW(feed_stats, state.devices_silent, "source_devices_silent", METRIC_ONE,
        "devices that do not answer"),
    COUNT(feed_stats, stamped, "source_readings_stamped",
          "readings that came with the device's own time"),
    NOW(feed_stats, points, "source_points", METRIC_ONE, "points it has declared"),
    NOW(feed_stats, well, "source_well", METRIC_ONE,
        "1: it is open and all its devices answer, 0: not, or it is over"),
    NOW(feed_stats, open, "source_open", METRIC_ONE, "1: it is open, 0: not yet, failed, or over"),
};

static const struct metric_row scrape_rows[] = {
    COUNT(scrape_stats, accepted, "scrape_connections", "connections to this page"),
    COUNT(scrape_stats, failed, "scrape_failures", "times this text could not be made"),
};

/* --- text ---------------------------------------------------------------------------------------
 */

static void info(struct buf *out, const struct figures *f) {
    metric_add_head(out, P "info", "which agent this is", "gauge");
    (void)buf_addf(out, P "info{agent=\"%s\",version=\"%s\"} 1\n", f->agent->s, f->version);
}

/* Why accepted records were given up. Of damaged ones nobody knows how many readings they held. */
static void drops(struct buf *out, const struct figures_told *t) {
    static const char *const reason[DROP_REASON_COUNT] = {
        [DROP_QUOTA] = "quota", [DROP_CORRUPT] = "corrupt"};
    metric_add_head(out, P "dropped_records_total", "accepted records given up, by reason",
                    "counter");
    for (unsigned r = 0; r < DROP_REASON_COUNT; r++)
        if (reason[r])
            (void)buf_addf(out, P "dropped_records_total{reason=\"%s\"} %" PRIu64 "\n", reason[r],
                           t->dropped_records[r]);
    metric_add_head(out, P "dropped_readings_total",
                    "their readings, as far as they could be counted", "counter");
    for (unsigned r = 0; r < DROP_REASON_COUNT; r++)
        if (reason[r])
            (void)buf_addf(out, P "dropped_readings_total{reason=\"%s\"} %" PRIu64 "\n", reason[r],
                           t->dropped_readings[r]);
}

static void sources(struct buf *out, const struct figures *f) {
    char label[2 * IDENT_MAX + 32];
    for (size_t r = 0; f->source_n && r < sizeof source_rows / sizeof *source_rows; r++) {
        metric_add_row_head(out, &source_rows[r]);
        for (size_t i = 0; i < f->source_n; i++) {
            const struct feed_stats *s = &f->sources[i];
            (void)snprintf(label, sizeof label, "source=\"%s\",kind=\"%s\"", s->id->s, s->kind);
            metric_add_sample(out, &source_rows[r], label, s);
        }
    }
}

/* Reasons and states are words of the program; whatever else they held would break the line. */
static void add_word(struct buf *out, const char *label, const char *word) {
    (void)buf_addf(out, ",%s=\"", label);
    for (; *word; word++)
        (void)buf_add_byte(out,
                           *word == '"' || *word == '\\' || *word == '\n' ? '_' : (uint8_t)*word);
    (void)buf_add_str(out, "\"");
}

static void source_words(struct buf *out, const struct figures *f) {
    if (f->source_n == 0)
        return;
    metric_add_head(out, P "source_state", "1: what it says of itself, or how it stands", "gauge");
    for (size_t i = 0; i < f->source_n; i++) {
        static const char *const phase[REPORT_PHASE_COUNT] = {"waiting", "open", "over"};
        const struct feed_stats *s = &f->sources[i];
        const bool own = s->phase == REPORT_OPEN && s->state.state[0];
        (void)buf_addf(out, P "source_state{source=\"%s\",kind=\"%s\"", s->id->s, s->kind);
        add_word(out, "state", own ? s->state.state : phase[s->phase]);
        (void)buf_add_str(out, "} 1\n");
    }
    metric_add_head(out, P "source_refusals_total",
                    "what it refused, by reason; at most six of them", "counter");
    for (size_t i = 0; i < f->source_n; i++) {
        const struct feed_stats *s = &f->sources[i];
        for (uint32_t k = 0; s->why && k < s->why->n; k++) {
            (void)buf_addf(out, P "source_refusals_total{source=\"%s\",kind=\"%s\"", s->id->s,
                           s->kind);
            add_word(out, "reason", s->why->at[k].text);
            (void)buf_addf(out, "} %" PRIu64 "\n", s->why->at[k].n);
        }
    }
}

/* This page itself: whoever abuses it is seen. */
static void scrapes(struct buf *out, const struct scrape_stats *s) {
    static const char *const verdict[REQUEST_VERDICT_COUNT] = {[REQUEST_OK] = "ok",
                                                               [REQUEST_MALFORMED] = "malformed",
                                                               [REQUEST_NOT_FOUND] = "not_found",
                                                               [REQUEST_METHOD] = "method",
                                                               [REQUEST_LARGE] = "too_large",
                                                               [REQUEST_VERSION] = "version"};
    const struct {
        const char *reason;
        uint64_t n;
    } ended[] = {{"late", s->late}, {"crowded_out", s->crowded_out}, {"left", s->left}};
    metric_add_rows(out, METRIC_ROWS(scrape_rows), s);
    metric_add_head(out, P "scrape_answers_total", "requests answered, by verdict", "counter");
    for (unsigned v = 0; v < REQUEST_VERDICT_COUNT; v++)
        if (verdict[v])
            (void)buf_addf(out, P "scrape_answers_total{verdict=\"%s\"} %" PRIu64 "\n", verdict[v],
                           s->answered[v]);
    metric_add_head(out, P "scrape_ended_total", "connections ended early, by reason", "counter");
    for (size_t i = 0; i < sizeof ended / sizeof *ended; i++)
        (void)buf_addf(out, P "scrape_ended_total{reason=\"%s\"} %" PRIu64 "\n", ended[i].reason,
                       ended[i].n);
}

enum err figures_format(const struct figures *f, struct buf *out) {
    struct reconnects again = {f->bus->connects ? f->bus->connects - 1 : 0};
    info(out, f);
    metric_add_rows(out, METRIC_ROWS(now_rows), &f->now);
    metric_add_rows(out, METRIC_ROWS(journal_rows), f->journal);
    metric_add_histogram(out, P "journal_sync_seconds", "how long syncs took", f->syncs,
                         metric_wait_us);
    drops(out, f->told);
    metric_add_rows(out, METRIC_ROWS(publisher_rows), f->publisher);
    metric_add_histogram(out, P "ack_latency_seconds",
                         "from sending a record to the ack that has it durable",
                         &f->publisher->ack_waits, metric_wait_us);
    metric_add_rows(out, METRIC_ROWS(batcher_rows), f->batcher);
    sources(out, f);
    source_words(out, f);
    metric_add_rows(out, METRIC_ROWS(bus_rows), f->bus);
    metric_add_rows(out, METRIC_ROWS(reconnect_row), &again);
    metric_add_rows(out, METRIC_ROWS(told_rows), f->told);
    scrapes(out, f->scrapes);
    return out->failed ? ERR_NOMEM : ERR_OK;
}
