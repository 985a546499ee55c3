#include "views/metrics.h"

#include <inttypes.h>
#include <stdio.h>

#include "engine/core.h"
#include "views/views.h"

/* --- rows ---------------------------------------------------------------------------------------
 */

#define CORE(field, metric, text)                                                                  \
    {                                                                                              \
#field, "plantbus_" metric "_total", text, false, METRIC_ONE,                              \
            offsetof(struct core_stats, field)                                                     \
    }
const struct metric_row metric_core[] = {
    CORE(messages, "messages", "messages of the bus taken"),
    CORE(batches, "batches", "records that could be read, repeated ones too"),
    CORE(readings, "readings", "readings applied"),
    CORE(refused, "refused", "records refused as malformed"),
    CORE(refused_topics, "refused_topics", "messages refused by their topic"),
    CORE(refused_agents, "refused_agents", "messages of new agents beyond the most that are kept"),
    CORE(damaged, "damaged", "messages whose checksum was wrong"),
    CORE(hellos, "hellos", "hellos taken"),
    CORE(hello_refused, "hello_refused", "hellos refused as malformed"),
    CORE(reports, "reports", "reports of how sources do, taken"),
    CORE(report_refused, "report_refused", "reports refused: malformed, or not of the agent heard"),
    CORE(entries, "entries", "log entries written"),
    CORE(cells, "cells", "minute cells computed"),
    CORE(jobs, "jobs", "runs of the cell computation"),
    CORE(loads, "loads", "loads from the store asked for"),
    CORE(commits, "commits", "checkpoints committed"),
    CORE(commit_failures, "commit_failures", "checkpoints that failed"),
    CORE(settled, "settled", "windows settled"),
    CORE(restated, "restated", "windows restated"),
    CORE(minutes_settled, "minute_windows_settled", "windows of a minute settled"),
    CORE(minutes_restated, "minute_windows_restated", "windows of a minute restated"),
    CORE(acks, "acks", "acknowledgements sent"),
    CORE(outbox_rows, "outbox_rows", "rows put into the outbox"),
    CORE(unplaced, "unplaced", "stretches of readings late beyond keep_logs, in no indicator"),
    CORE(unmapped, "unmapped_states", "machine states that came and no map names"),
    CORE(ahead, "ahead", "stretches of readings over a day ahead of our clock, not computed yet"),
};
const size_t metric_core_n = sizeof metric_core / sizeof metric_core[0];

/* What stands in memory and in queues now, as the core has it. */
struct held {
    int64_t hours, windows, dirty_units, unassigned, misfits, agents, unplaced_lines, logs_from_ms;
};
#define HELD(field, metric, text)                                                                  \
    { NULL, "plantbus_" metric, text, true, METRIC_ONE, offsetof(struct held, field) }
static const struct metric_row held_rows[] = {
    HELD(hours, "hour_logs_in_memory", "unit-hours kept in memory"),
    HELD(windows, "windows_in_memory", "windows kept in memory"),
    HELD(dirty_units, "dirty_units", "units with minutes still to be computed"),
    HELD(unassigned, "unassigned_signals", "signals that no plant file names"),
    HELD(misfits, "misfit_signals", "signals whose type or unit cannot serve their role"),
    HELD(agents, "agents", "agents known"),
    HELD(unplaced_lines, "unplaced_lines",
         "days of units with readings too late for any indicator"),
    {NULL, "plantbus_taken_from_timestamp_seconds",
     "readings from before it are too late for any indicator", true, METRIC_MILLI,
     offsetof(struct held, logs_from_ms)},
};

/* What an agent is seen to do, from its view. */
struct agent {
    int64_t online, lag_ms, ahead_ms, backlog_bytes, points, unassigned;
    uint64_t applied, duplicates, gaps, stale, clones, refused, given_up, readings, unexplained;
    uint64_t input_refused, input_ahead;
};
#define AGENT(field, metric, text)                                                                 \
    {                                                                                              \
        NULL, "plantbus_agent_" metric "_total", text, false, METRIC_ONE,                          \
            offsetof(struct agent, field)                                                          \
    }
#define AGENT_NOW(field, metric, as, text)                                                         \
    { NULL, "plantbus_agent_" metric, text, true, as, offsetof(struct agent, field) }
static const struct metric_row agent_rows[] = {
    AGENT_NOW(online, "online", METRIC_ONE, "1: it says so, 0: its last will"),
    AGENT_NOW(ahead_ms, "clock_ahead_seconds", METRIC_MILLI, "its clock against ours, 0 if near"),
    AGENT_NOW(backlog_bytes, "backlog_bytes", METRIC_ONE, "journalled and not durable here"),
    AGENT_NOW(points, "points", METRIC_ONE, "points in its tables"),
    AGENT_NOW(unassigned, "unassigned_points", METRIC_ONE, "points that no plant file names"),
    AGENT(applied, "records_applied", "records applied"),
    AGENT(duplicates, "records_replayed", "records that came again and were counted already"),
    AGENT(gaps, "records_beyond_gap", "records beyond the next one, to be sent again"),
    AGENT(stale, "records_stale", "records of an epoch that is ended or given up"),
    AGENT(clones, "clones", "messages of a second process with this id"),
    AGENT(refused, "records_refused", "records refused as malformed"),
    AGENT(given_up, "records_given_up",
          "records that were accepted and never came: accounted gaps"),
    AGENT(readings, "readings", "readings applied"),
    AGENT(unexplained, "unexplained_steps", "counter steps not counted, for want of a reason"),
    AGENT(input_refused, "input_refused", "what its sources refused, since it started"),
    AGENT(input_ahead, "input_ahead", "readings stamped ahead of its clock, since it started"),
};
static const struct metric_row lag_row =
    AGENT_NOW(lag_ms, "lag_seconds", METRIC_MILLI, "age of what an agent vouches for");

#define STORE(field, metric, text)                                                                 \
    {                                                                                              \
        NULL, "plantbus_store_" metric "_total", text, false, METRIC_ONE,                          \
            offsetof(struct store_stats, field)                                                    \
    }
#define STORE_NOW(field, metric, as, text)                                                         \
    { NULL, "plantbus_store_" metric, text, true, as, offsetof(struct store_stats, field) }
static const struct metric_row store_rows[] = {
    STORE(commits, "commits", "transactions committed"),
    STORE(rows, "rows", "rows written"),
    STORE(bytes, "written_bytes", "bytes of keys and values written"),
    STORE(failures, "failures", "tries of a transaction that failed"),
    STORE_NOW(queued_bytes, "queued_bytes", METRIC_ONE, "waiting for the store's thread"),
    STORE_NOW(last_commit_us, "last_commit_seconds", METRIC_MICRO, "duration of the last commit"),
    STORE_NOW(max_commit_us, "longest_commit_seconds", METRIC_MICRO, "of the longest commit"),
};

struct sink {
    int64_t ok, dead, dead_age_ms, backlog_rows, last_ok_ms;
    uint64_t rows, batches, retries;
};
#define SINK(field, metric, text)                                                                  \
    {                                                                                              \
        NULL, "plantbus_sink_" metric "_total", text, false, METRIC_ONE,                           \
            offsetof(struct sink, field)                                                           \
    }
#define SINK_NOW(field, metric, as, text)                                                          \
    { NULL, "plantbus_sink_" metric, text, true, as, offsetof(struct sink, field) }
static const struct metric_row sink_rows[] = {
    SINK_NOW(ok, "up", METRIC_ONE, "1: the last answer was good"),
    SINK(rows, "rows", "rows delivered"),
    SINK(batches, "requests", "requests sent"),
    SINK(retries, "retries", "requests to be sent again"),
    SINK_NOW(dead, "dead_letters", METRIC_ONE, "rows refused by the database, kept aside"),
    SINK_NOW(dead_age_ms, "oldest_dead_letter_age_seconds", METRIC_MILLI,
             "since the oldest of them was put aside, 0: none"),
    SINK_NOW(backlog_rows, "backlog_rows", METRIC_ONE, "rows waiting to be delivered"),
    SINK_NOW(last_ok_ms, "last_success_timestamp_seconds", METRIC_MILLI,
             "when the database last took rows, 0: never"),
};

struct channel {
    int64_t ok, waiting, oldest_age_ms, dead, last_ok_ms;
    uint64_t told, letters, digests, retries, lost;
};
#define CHANNEL(field, metric, text)                                                               \
    {                                                                                              \
        NULL, "plantbus_channel_" metric "_total", text, false, METRIC_ONE,                        \
            offsetof(struct channel, field)                                                        \
    }
#define CHANNEL_NOW(field, metric, as, text)                                                       \
    { NULL, "plantbus_channel_" metric, text, true, as, offsetof(struct channel, field) }
static const struct metric_row channel_rows[] = {
    CHANNEL_NOW(ok, "up", METRIC_ONE, "1: the last answer was good, or none was asked for"),
    CHANNEL(told, "told", "events of alerts told"),
    CHANNEL(letters, "messages", "messages told, digests too"),
    CHANNEL(digests, "digests", "messages of several events"),
    CHANNEL(retries, "retries", "messages to be told again"),
    CHANNEL_NOW(waiting, "waiting", METRIC_ONE, "events waiting, as far as last looked"),
    CHANNEL_NOW(oldest_age_ms, "oldest_age_seconds", METRIC_MILLI,
                "since the oldest of them, 0: none waits"),
    CHANNEL_NOW(dead, "dead_letters", METRIC_ONE, "events its receiver refused, kept aside"),
    CHANNEL(lost, "lost", "the same beyond as many as are kept: counted only"),
    CHANNEL_NOW(last_ok_ms, "last_success_timestamp_seconds", METRIC_MILLI,
                "when it last told something, 0: never"),
};
#define NOTICES(field, metric, text)                                                               \
    {                                                                                              \
        NULL, "plantbus_alert_" metric "_total", text, false, METRIC_ONE,                          \
            offsetof(struct view_notices, field)                                                   \
    }
static const struct metric_row notices_rows[] = {
    NOTICES(routed, "routed", "events of alerts given to channels, once for each"),
    NOTICES(unrouted, "unrouted", "events for a position of which nobody was told"),
    NOTICES(otherwise, "otherwise", "events told to the channels for what fits nobody"),
    NOTICES(damaged, "damaged_rows", "rows of events that could not be read"),
};

#define PROCESS(field, metric, text)                                                               \
    {                                                                                              \
        NULL, "plantbus_" metric "_total", text, false, METRIC_ONE,                                \
            offsetof(struct view_process, field)                                                   \
    }
#define PROCESS_NOW(field, metric, text)                                                           \
    { NULL, metric, text, true, METRIC_ONE, offsetof(struct view_process, field) }
static const struct metric_row process_rows[] = {
    PROCESS_NOW(resident_bytes, "process_resident_memory_bytes", "memory of the process"),
    PROCESS_NOW(heap_bytes, "plantbus_heap_bytes", "allocated and not freed"),
    PROCESS(bus_received, "bus_received", "messages from the broker"),
    PROCESS(bus_received_bytes, "bus_received_bytes", "bytes from the broker"),
    PROCESS(bus_published, "bus_published", "messages to the broker"),
    PROCESS(bus_refused_full, "bus_full", "messages that found the window to the broker full"),
    PROCESS(bus_connects, "bus_connects", "connections to the broker made"),
    PROCESS(bus_disconnects, "bus_disconnects", "connections to the broker lost"),
    PROCESS(bus_inbox_dropped, "bus_inbox_dropped", "messages dropped at the inbox's bound"),
    PROCESS_NOW(bus_up, "plantbus_bus_up", "1 while there is a connection to the broker"),
    PROCESS_NOW(bus_inbox_bytes, "plantbus_bus_inbox_bytes", "messages that wait to be taken in"),
    PROCESS_NOW(bus_inbox_bytes_max, "plantbus_bus_inbox_peak_bytes", "the most the inbox held"),
    PROCESS(closed_told, "closed_windows_told", "settled and restated windows told over MQTT"),
    PROCESS(closed_lost, "closed_windows_untold",
            "the same, given up while the broker was away or could not follow"),
    PROCESS(http_requests, "http_requests", "requests over HTTP"),
    PROCESS(http_refused, "http_refused", "requests refused"),
    PROCESS(http_cut, "http_cut",
            "connections ended before they asked: no HTTP, too long, slow or many"),
    PROCESS(http_streams, "http_streams", "live streams begun"),
    PROCESS(http_events, "http_events", "events sent on live streams"),
    PROCESS(http_stream_bytes, "http_stream_bytes", "bytes of events sent"),
    PROCESS_NOW(http_connections, "plantbus_http_connections", "connections open"),
    PROCESS_NOW(http_streams_open, "plantbus_http_open_streams", "live streams open"),
    PROCESS(logins, "logins", "sessions begun"),
    PROCESS(logins_refused, "logins_refused", "wrong passwords, PINs, links and tokens at logins"),
    PROCESS(logins_throttled, "logins_throttled", "tries that came before their time"),
    PROCESS(access_events, "access_events", "who did what, written down"),
    PROCESS(access_events_lost, "access_events_lost", "who did what, not written down: no memory"),
    PROCESS_NOW(sessions, "plantbus_sessions", "sessions of people and screens"),
};

struct configuration {
    int64_t ok, at_ms, since_ms, differs_ms, paused_ms;
    uint64_t loaded, refused;
};
#define CONFIGURATION(field, metric, as, text)                                                     \
    { NULL, "plantbus_" metric, text, true, as, offsetof(struct configuration, field) }
static const struct metric_row configuration_rows[] = {
    CONFIGURATION(ok, "reload_last_ok", METRIC_ONE, "0: the last reload was refused, else 1"),
    CONFIGURATION(at_ms, "reload_last_timestamp_seconds", METRIC_MILLI,
                  "when the last reload ended, 0: there was none"),
    CONFIGURATION(paused_ms, "reload_last_pause_seconds", METRIC_MILLI,
                  "how long the last reload took nothing from the bus"),
    CONFIGURATION(since_ms, "configuration_since_timestamp_seconds", METRIC_MILLI,
                  "when the running configuration came into force"),
    CONFIGURATION(differs_ms, "configuration_differs_since_timestamp_seconds", METRIC_MILLI,
                  "since when the files are not what runs, 0: they are"),
    {NULL, "plantbus_reloads_loaded_total", "reloads that were taken over", false, METRIC_ONE,
     offsetof(struct configuration, loaded)},
    {NULL, "plantbus_reloads_refused_total", "reloads that were refused", false, METRIC_ONE,
     offsetof(struct configuration, refused)},
};

/* Of the alarm system. */
struct alarm {
    uint64_t evaluations, events, commands, notices;
    int64_t instances, flapping, no_data, positions_flooded;
};
#define ALARM(field, metric, text)                                                                 \
    {                                                                                              \
        NULL, "plantbus_alert_" metric "_total", text, false, METRIC_ONE,                          \
            offsetof(struct alarm, field)                                                          \
    }
#define ALARM_NOW(field, metric, text)                                                             \
    { NULL, "plantbus_alert_" metric, text, true, METRIC_ONE, offsetof(struct alarm, field) }
static const struct metric_row alarm_rows[] = {
    ALARM(evaluations, "evaluations", "minutes of a rule at a node that were evaluated"),
    ALARM(events, "events", "transitions of alerts"),
    ALARM(commands, "commands", "acknowledgements, shelves and other acts of people"),
    ALARM(notices, "notices", "notices put for recipients"),
    ALARM_NOW(instances, "instances", "rules times the nodes they stand for"),
    ALARM_NOW(flapping, "flapping", "alerts that the flap guard holds"),
    ALARM_NOW(positions_flooded, "flooded_positions",
              "positions with more than ten activations in the last ten minutes"),
    ALARM_NOW(no_data, "without_data", "rules at nodes whose last observation said nothing"),
};

/* --- groups -------------------------------------------------------------------------------------
 */

static void held_metrics(struct buf *out, const struct view_in *in, const struct core_stats *s) {
    struct held h = {.hours = (int64_t)s->hours,
                     .windows = (int64_t)s->windows,
                     .dirty_units = (int64_t)s->dirty_units,
                     .unassigned = (int64_t)s->unassigned,
                     .misfits = (int64_t)s->misfits,
                     .unplaced_lines = (int64_t)s->unplaced_lines,
                     .logs_from_ms = s->logs_from_ms,
                     .agents = (int64_t)core_agents(in->core)};
    metric_add_rows(out, METRIC_ROWS(held_rows), &h);
}

static void agent_sample(struct buf *out, const struct view_in *in, const struct metric_row *row,
                         size_t i) {
    struct core_agent_view v;
    char label[IDENT_MAX + 16];
    core_agent_view(in->core, i, &v);
    if (row == &lag_row && v.asof_ms == INT64_MIN)
        return; /* never vouched for anything */
    struct agent a = {.online = v.online,
                      .lag_ms = v.asof_ms == INT64_MIN ? 0 : in->now.wall_ms - v.asof_ms,
                      .ahead_ms = v.ahead_ms,
                      .backlog_bytes = (int64_t)v.backlog_bytes,
                      .points = v.points,
                      .unassigned = v.unassigned,
                      .applied = v.applied,
                      .duplicates = v.duplicates,
                      .gaps = v.gaps,
                      .stale = v.stale,
                      .clones = v.clones,
                      .refused = v.refused,
                      .given_up = v.given_up,
                      .readings = v.readings,
                      .unexplained = v.unexplained,
                      .input_refused = v.input_refused,
                      .input_ahead = v.input_ahead};
    snprintf(label, sizeof label, "agent=\"%s\"", v.id->s);
    metric_add_sample(out, row, label, &a);
}

static void agent_metrics(struct buf *out, const struct view_in *in) {
    const size_t rows = sizeof agent_rows / sizeof *agent_rows;
    for (size_t r = 0; r <= rows; r++) {
        const struct metric_row *row = r < rows ? &agent_rows[r] : &lag_row;
        metric_add_row_head(out, row);
        for (size_t i = 0; i < core_agents(in->core); i++)
            agent_sample(out, in, row, i);
    }
}

/* Why records were refused, and what became of counter steps: by a label each. */
static void reason_metrics(struct buf *out, const struct view_in *in, const struct core_stats *s) {
    uint64_t by[BATCH_FAULT_COUNT] = {0};
    for (size_t i = 0; i < core_agents(in->core); i++) {
        struct core_agent_view v;
        core_agent_view(in->core, i, &v);
        for (unsigned f = 0; f < BATCH_FAULT_COUNT; f++)
            by[f] += v.refused_by[f];
    }
    metric_add_head(out, "plantbus_refused_records_total",
                    "records refused as malformed, by reason", "counter");
    for (unsigned f = BATCH_FAULT_NONE + 1; f < BATCH_FAULT_COUNT; f++)
        (void)buf_addf(out, "plantbus_refused_records_total{reason=\"%s\"} %" PRIu64 "\n",
                       batch_fault_name((enum batch_fault)f), by[f]);
    metric_add_head(out, "plantbus_steps_total", "steps of counters and registers, by verdict",
                    "counter");
    for (unsigned v = 0; core_step_name(v); v++)
        (void)buf_addf(out, "plantbus_steps_total{verdict=\"%s\"} %" PRIu64 "\n", core_step_name(v),
                       s->verdict[v]);
}

static void alarm_metrics(struct buf *out, const struct view_in *in) {
    struct alert_figures f;
    alerts_figures(core_alerts(in->core), in->now.wall_ms, &f);
    const struct alarm a = {.evaluations = f.evaluations,
                            .events = f.events,
                            .commands = f.commands,
                            .notices = core_alert_notices(in->core),
                            .instances = (int64_t)alerts_count(core_alerts(in->core)),
                            .flapping = (int64_t)f.flapping,
                            .no_data = (int64_t)f.no_data,
                            .positions_flooded = (int64_t)f.positions_flooded};
    metric_add_rows(out, METRIC_ROWS(alarm_rows), &a);
    metric_add_head(out, "plantbus_alerts_active", "active alerts, acknowledged or not", "gauge");
    for (unsigned s = 0; s < ALERT_SEVERITY_COUNT; s++)
        (void)buf_addf(out, "plantbus_alerts_active{severity=\"%s\"} %zu\n",
                       alert_severity_name((enum alert_severity)s), f.active_by_severity[s]);
    metric_add_head(out, "plantbus_alerts", "alerts by state", "gauge");
    for (unsigned s = 0; s < ALERT_STATE_COUNT; s++)
        (void)buf_addf(out, "plantbus_alerts{state=\"%s\"} %zu\n",
                       alert_state_name((enum alert_state)s), f.by_state[s]);
}

static void memory_metrics(struct buf *out, const struct view_in *in) {
    static const char name[] = "plantbus_memory_bytes";
    struct core_memory m;
    core_memory(in->core, &m);
    const struct {
        const char *room;
        uint64_t bytes;
    } rooms[] = {{"signals", m.signals}, {"logs", m.logs},         {"cells", m.cells},
                 {"windows", m.windows}, {"sessions", m.sessions}, {"words", m.words},
                 {"alerts", m.alerts}};
    metric_add_head(out, name, "memory held by what it is for", "gauge");
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
        (void)buf_addf(out, "%s{room=\"%s\"} %" PRIu64 "\n", name, rooms[i].room, rooms[i].bytes);
    if (in->extra && in->extra->store)
        (void)buf_addf(out, "%s{room=\"store\"} %" PRIu64 "\n", name,
                       in->extra->store->queued_bytes);
    if (in->extra && in->extra->process)
        (void)buf_addf(out, "%s{room=\"inbox\"} %" PRId64 "\n", name,
                       in->extra->process->bus_inbox_bytes);
}

static void sink_metrics(struct buf *out, const struct view_in *in) {
    const struct view_extra *x = in->extra;
    char label[64];
    for (size_t r = 0; x->sink_n && r < sizeof sink_rows / sizeof *sink_rows; r++) {
        metric_add_row_head(out, &sink_rows[r]);
        for (size_t i = 0; i < x->sink_n; i++) {
            const struct view_sink *v = &x->sink[i];
            bool known = v->dead && v->dead_oldest_ms != INT64_MIN;
            int64_t age_ms = known ? in->now.wall_ms - v->dead_oldest_ms : 0;
            struct sink s = {.ok = strcmp(v->state, "ok") == 0,
                             .backlog_rows = (int64_t)v->backlog_rows,
                             .last_ok_ms = v->last_ok_ms,
                             .rows = v->rows,
                             .batches = v->batches,
                             .retries = v->retries,
                             .dead = (int64_t)v->dead,
                             .dead_age_ms = age_ms > 0 ? age_ms : 0};
            snprintf(label, sizeof label, "sink=\"%s\"", v->name);
            metric_add_sample(out, &sink_rows[r], label, &s);
        }
    }
}

static void configuration_metrics(struct buf *out, const struct view_configuration *v) {
    const struct configuration c = {.ok = strcmp(v->result, "refused") != 0,
                                    .at_ms = v->by ? v->at_ms : 0,
                                    .paused_ms = v->paused_ms,
                                    .since_ms = v->since_ms,
                                    .differs_ms = v->differs_ms,
                                    .loaded = v->loaded,
                                    .refused = v->refused};
    metric_add_rows(out, METRIC_ROWS(configuration_rows), &c);
}

static void channel_metrics(struct buf *out, const struct view_in *in) {
    const struct view_extra *x = in->extra;
    char label[80];
    for (size_t r = 0; x->channel_n && r < sizeof channel_rows / sizeof *channel_rows; r++) {
        metric_add_row_head(out, &channel_rows[r]);
        for (size_t i = 0; i < x->channel_n; i++) {
            const struct view_channel *v = &x->channel[i];
            int64_t age_ms = v->oldest_ms == INT64_MIN ? 0 : in->now.wall_ms - v->oldest_ms;
            struct channel c = {.ok = strcmp(v->state, "ok") == 0,
                                .waiting = (int64_t)v->waiting,
                                .oldest_age_ms = age_ms > 0 ? age_ms : 0,
                                .dead = (int64_t)v->dead,
                                .last_ok_ms = v->last_ok_ms,
                                .told = v->told,
                                .letters = v->letters,
                                .digests = v->digests,
                                .retries = v->retries,
                                .lost = v->lost};
            snprintf(label, sizeof label, "channel=\"%s\"", v->name);
            metric_add_sample(out, &channel_rows[r], label, &c);
        }
    }
    if (x->notices)
        metric_add_rows(out, METRIC_ROWS(notices_rows), x->notices);
}

static void extra_metrics(struct buf *out, const struct view_in *in) {
    const struct view_extra *x = in->extra;
    if (x->store)
        metric_add_rows(out, METRIC_ROWS(store_rows), x->store);
    sink_metrics(out, in);
    channel_metrics(out, in);
    if (x->process)
        metric_add_rows(out, METRIC_ROWS(process_rows), x->process);
    if (x->configuration)
        configuration_metrics(out, x->configuration);
    metric_add_histogram(out, "plantbus_loop_turn_seconds", "how long a turn of the loop held it",
                         x->loop_turns, metric_turn_us);
    metric_add_histogram(
        out, "plantbus_loop_turn_cpu_seconds",
        "CPU time the loop had in a turn: what remains when others held the processor", x->loop_cpu,
        metric_turn_us);
    metric_add_histogram(out, "plantbus_checkpoint_seconds",
                         "from handing a checkpoint to the store to its commit", x->checkpoints,
                         metric_wait_us);
    metric_add_histogram(out, "plantbus_ack_latency_seconds",
                         "from the oldest record of a checkpoint to the acks behind it", x->acks,
                         metric_wait_us);
}

enum err view_metrics(struct buf *out, const struct view_in *in) {
    const struct core_stats *s = core_stats(in->core);
    metric_add_rows(out, metric_core, metric_core_n, s);
    held_metrics(out, in, s);
    reason_metrics(out, in, s);
    agent_metrics(out, in);
    view_source_metrics(out, in);
    alarm_metrics(out, in);
    memory_metrics(out, in);
    if (in->extra)
        extra_metrics(out, in);
    return out->failed ? ERR_NOMEM : ERR_OK;
}
