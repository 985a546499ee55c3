/* How the aggregator itself is doing: agents, refusals, store, sinks, counters. */
#include "views/field.h"
#include "views/views.h"

/* Counters of the core as data: JSON key, Prometheus name and help in one row. */
struct counter_row {
    const char *id, *help;
    size_t offset; /* of a uint64_t in core_stats */
};
#define COUNTER(field, text)                                                                       \
    { #field, text, offsetof(struct core_stats, field) }
static const struct counter_row counters[] = {
    COUNTER(messages, "messages of the bus taken"),
    COUNTER(batches, "batches applied"),
    COUNTER(readings, "readings applied"),
    COUNTER(refused, "records refused as malformed"),
    COUNTER(refused_topics, "messages refused by their topic"),
    COUNTER(damaged, "messages whose checksum was wrong"),
    COUNTER(hellos, "hellos taken"),
    COUNTER(hello_refused, "hellos refused as malformed"),
    COUNTER(entries, "log entries written"),
    COUNTER(cells, "minute cells computed"),
    COUNTER(jobs, "runs of the cell computation"),
    COUNTER(loads, "loads from the store asked for"),
    COUNTER(commits, "checkpoints committed"),
    COUNTER(commit_failures, "checkpoints that failed"),
    COUNTER(settled, "windows settled"),
    COUNTER(restated, "windows restated"),
    COUNTER(minutes_settled, "minutes settled"),
    COUNTER(minutes_restated, "minutes restated"),
    COUNTER(acks, "acknowledgements sent"),
    COUNTER(outbox_rows, "rows put into the outbox"),
    COUNTER(unplaced, "stretches of readings late beyond keep_logs, in no indicator"),
    COUNTER(unmapped, "machine states that came and no map names"),
    COUNTER(ahead, "stretches of readings over a day ahead of our clock, not computed yet"),
};
enum { COUNTERS = sizeof counters / sizeof counters[0] };

static uint64_t counter_of(const struct core_stats *s, const struct counter_row *row) {
    uint64_t v;
    memcpy(&v, (const char *)s + row->offset, sizeof v);
    return v;
}

static void refusals(struct json_writer *w, const uint64_t by[BATCH_FAULT_COUNT]) {
    field_object(w, "refused_by");
    for (unsigned f = BATCH_FAULT_NONE + 1; f < BATCH_FAULT_COUNT; f++)
        if (by[f])
            field_count(w, batch_fault_name((enum batch_fault)f), by[f]);
    json_writer_end_object(w);
}

static void agent_of(struct json_writer *w, const struct view_in *in, size_t i) {
    struct core_agent_view a;
    core_agent_view(in->core, i, &a);
    bool known = a.asof_ms != INT64_MIN;
    json_writer_begin_object(w);
    field_text(w, "id", a.id->s);
    field_bool(w, "online", a.online);
    field_time(w, "asof", a.asof_ms);
    json_writer_key(w, "lag_ms");
    if (known)
        json_writer_int64(w, in->now.wall_ms - a.asof_ms);
    else
        json_writer_null(w);
    field_int(w, "clock_ahead_ms", a.ahead_ms);
    json_writer_key(w, "heard_ms_ago");
    if (a.heard_mono_ms > 0)
        json_writer_int64(w, in->now.mono_ms - a.heard_mono_ms);
    else
        json_writer_null(w);
    field_bool(w, "draining", a.draining);
    field_count(w, "backlog_bytes", a.backlog_bytes);
    field_count(w, "input_refused", a.input_refused);
    field_count(w, "input_ahead", a.input_ahead);
    field_count(w, "epochs", a.epochs);
    field_count(w, "applied", a.applied);
    field_count(w, "duplicates", a.duplicates);
    field_count(w, "gaps", a.gaps);
    field_count(w, "clones", a.clones);
    field_count(w, "stale", a.stale);
    field_count(w, "readings", a.readings);
    field_count(w, "unexplained", a.unexplained);
    field_count(w, "refused", a.refused);
    refusals(w, a.refused_by);
    field_int(w, "points", a.points);
    field_int(w, "unassigned", a.unassigned);
    field_int(w, "misfits", a.misfits);
    json_writer_end_object(w);
}

static void unmapped_of(struct json_writer *w, const struct view_in *in) {
    struct core_unmapped u;
    field_array(w, "unmapped");
    for (size_t i = 0; core_unmapped_at(in->core, i, &u); i++) {
        json_writer_begin_object(w);
        field_text(w, "agent", u.agent->s);
        field_text(w, "point", u.point);
        field_text(w, "map", u.map->s);
        json_writer_key(w, "value");
        if (u.is_text)
            json_writer_string(w, u.text);
        else
            json_writer_int64(w, u.raw);
        field_count(w, "times", u.times);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

static void store_of(struct json_writer *w, const struct store_stats *s) {
    json_writer_key(w, "store");
    if (!s) {
        json_writer_null(w);
        return;
    }
    json_writer_begin_object(w);
    field_count(w, "commits", s->commits);
    field_count(w, "rows", s->rows);
    field_count(w, "bytes", s->bytes);
    field_count(w, "failures", s->failures);
    field_int(w, "last_commit_us", s->last_commit_us);
    field_int(w, "max_commit_us", s->max_commit_us);
    field_count(w, "queued_bytes", s->queued_bytes);
    json_writer_end_object(w);
}

const uint32_t view_turn_us[VIEW_TURN_BUCKETS - 1] = {500,   1000,  2000,   5000,  10000,
                                                      20000, 50000, 100000, 200000};

unsigned view_turn_bucket(uint64_t held_us) {
    unsigned i = 0;
    while (i < VIEW_TURN_BUCKETS - 1 && held_us > view_turn_us[i])
        i++;
    return i;
}

/* The last bucket has no border. */
static void turns_of(struct json_writer *w, const uint64_t *turns) {
    field_array(w, "loop_turns");
    for (unsigned i = 0; turns && i < VIEW_TURN_BUCKETS; i++) {
        json_writer_begin_object(w);
        json_writer_key(w, "to_us");
        if (i < VIEW_TURN_BUCKETS - 1)
            json_writer_int64(w, view_turn_us[i]);
        else
            json_writer_null(w);
        field_count(w, "turns", turns[i]);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

static void sinks_of(struct json_writer *w, const struct view_extra *x) {
    field_array(w, "sinks");
    for (size_t i = 0; x && i < x->sink_n; i++) {
        const struct view_sink *s = &x->sink[i];
        json_writer_begin_object(w);
        field_text(w, "name", s->name);
        field_text(w, "state", s->state);
        field_text(w, "detail", s->detail);
        field_count(w, "rows", s->rows);
        field_count(w, "batches", s->batches);
        field_count(w, "retries", s->retries);
        field_count(w, "dead", s->dead);
        field_count(w, "backlog_rows", s->backlog_rows);
        field_time(w, "last_ok", s->last_ok_ms ? s->last_ok_ms : INT64_MIN);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

void view_health(struct json_writer *w, const struct view_in *in) {
    const struct core_stats *s = core_stats(in->core);
    const struct view_extra *x = in->extra;
    json_writer_begin_object(w);
    field_text(w, "site", core_plant(in->core)->site.s);
    field_text(w, "version", x ? x->version : NULL);
    field_time(w, "now", in->now.wall_ms);
    field_int(w, "uptime_ms", x ? x->uptime_ms : 0);
    field_count(w, "loop_max_us", x ? x->loop_max_us : 0);
    turns_of(w, x ? x->loop_turns : NULL);
    field_array(w, "agents");
    for (size_t i = 0; i < core_agents(in->core); i++)
        agent_of(w, in, i);
    json_writer_end_array(w);
    unmapped_of(w, in);
    store_of(w, x ? x->store : NULL);
    sinks_of(w, x);
    field_object(w, "counters");
    for (unsigned i = 0; i < COUNTERS; i++)
        field_count(w, counters[i].id, counter_of(s, &counters[i]));
    json_writer_end_object(w);
    field_count(w, "hours_in_memory", s->hours);
    field_count(w, "windows_in_memory", s->windows);
    field_count(w, "dirty_units", s->dirty_units);
    field_count(w, "unassigned", s->unassigned);
    field_count(w, "misfits", s->misfits);
    json_writer_end_object(w);
}

/* Signals of one agent with one unit hint. */
struct stray {
    const struct ident *agent;
    const char *unit; /* "": no hint */
    unsigned signals;
    int64_t t_ms;
};
enum { STRAYS_MAX = 20, STRAY_SIGNALS_MAX = 10000 /* looked at, so that the loop is not held */ };

static struct stray *find_stray(struct stray *at, size_t *n, const struct core_unassigned *u) {
    for (size_t i = 0; i < *n; i++)
        if (at[i].agent == u->agent && strcmp(at[i].unit, u->hint) == 0)
            return &at[i];
    if (*n == STRAYS_MAX)
        return NULL;
    at[*n] = (struct stray){.agent = u->agent, .unit = u->hint, .t_ms = INT64_MIN};
    return &at[(*n)++];
}

void view_strays(struct json_writer *w, const struct view_in *in) {
    struct stray at[STRAYS_MAX];
    struct core_unassigned u;
    size_t n = 0, pos = 0, seen = 0;
    size_t all = core_stats(in->core)->unassigned;
    field_object(w, "unassigned");
    field_count(w, "signals", all);
    field_array(w, "units");
    while (all && seen++ < STRAY_SIGNALS_MAX && core_unassigned_at(in->core, pos++, &u)) {
        struct stray *s = find_stray(at, &n, &u);
        if (!s)
            continue;
        s->signals++;
        s->t_ms = u.seen && u.t_ms > s->t_ms ? u.t_ms : s->t_ms;
    }
    for (size_t i = 0; i < n; i++) {
        json_writer_begin_object(w);
        field_text(w, "unit", at[i].unit[0] ? at[i].unit : NULL);
        field_text(w, "agent", at[i].agent->s);
        field_int(w, "signals", at[i].signals);
        field_time(w, "t", at[i].t_ms);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
    json_writer_end_object(w);
}

/* The last value as it came: of a gauge the core keeps the bits of a double. */
static void raw_of(struct json_writer *w, const struct core_unassigned *u) {
    double real;
    json_writer_key(w, "raw");
    if (!u->seen) {
        json_writer_null(w);
    } else if (u->type == POINT_GAUGE) {
        memcpy(&real, &u->raw, sizeof real);
        json_writer_real(w, real);
    } else {
        json_writer_int64(w, u->raw);
    }
}

void view_unassigned(struct json_writer *w, const struct view_in *in) {
    struct core_unassigned u;
    size_t pos = 0;
    json_writer_begin_object(w);
    field_array(w, "unassigned");
    while (core_unassigned_at(in->core, pos++, &u)) {
        json_writer_begin_object(w);
        field_text(w, "agent", u.agent->s);
        field_text(w, "point", u.name);
        field_text(w, "unit", u.hint[0] ? u.hint : NULL);
        field_bool(w, "seen", u.seen);
        field_text(w, "type", point_type_name((enum point_type)u.type));
        raw_of(w, &u);
        field_time(w, "t", u.seen ? u.t_ms : INT64_MIN);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
    json_writer_end_object(w);
}

void view_indicators(struct json_writer *w) {
    json_writer_begin_object(w);
    field_array(w, "indicators");
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        const struct indicator_row *r = indicator_row((enum indicator)i);
        json_writer_begin_object(w);
        field_text(w, "id", r->id);
        field_text(w, "iso", r->iso);
        field_text(w, "name", r->name);
        field_text(w, "name_vi", r->name_vi);
        field_text(w, "unit", r->unit);
        field_text(w, "class", norm_class_name((enum norm_class)r->norm_class));
        field_text(w, "better", r->direction == HIGH_IS_BETTER ? "high" : "low");
        field_text(w, "numerator", r->numerator_name);
        field_text(w, "denominator", r->denominator_name);
        field_text(w, "formula", r->formula);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
    json_writer_end_object(w);
}

static void gauge(struct buf *out, const char *name, const char *help, uint64_t v) {
    (void)buf_addf(out, "# HELP plantbus_%s %s\n# TYPE plantbus_%s gauge\nplantbus_%s %llu\n", name,
                   help, name, name, (unsigned long long)v);
}

/* A histogram by the rules of the format: counts add up, the last border is +Inf. */
static void turn_metrics(struct buf *out, const struct view_extra *x) {
    static const char name[] = "plantbus_loop_turn_seconds";
    uint64_t n = 0;
    if (!x || !x->loop_turns)
        return;
    (void)buf_addf(out, "# HELP %s how long a turn of the loop held it\n# TYPE %s histogram\n",
                   name, name);
    for (unsigned i = 0; i < VIEW_TURN_BUCKETS; i++) {
        n += x->loop_turns[i];
        if (i < VIEW_TURN_BUCKETS - 1)
            (void)buf_addf(out, "%s_bucket{le=\"%g\"} %llu\n", name, view_turn_us[i] / 1e6,
                           (unsigned long long)n);
    }
    (void)buf_addf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.6f\n%s_count %llu\n", name,
                   (unsigned long long)n, name, (double)x->loop_held_us / 1e6, name,
                   (unsigned long long)n);
}

static void agent_metrics(struct buf *out, const struct view_in *in) {
    (void)buf_add_str(out, "# HELP plantbus_agent_lag_seconds age of what an agent vouches for\n"
                           "# TYPE plantbus_agent_lag_seconds gauge\n");
    for (size_t i = 0; i < core_agents(in->core); i++) {
        struct core_agent_view a;
        core_agent_view(in->core, i, &a);
        if (a.asof_ms != INT64_MIN)
            (void)buf_addf(out, "plantbus_agent_lag_seconds{agent=\"%s\"} %.3f\n", a.id->s,
                           (double)(in->now.wall_ms - a.asof_ms) / 1e3);
    }
    (void)buf_add_str(out, "# HELP plantbus_agent_backlog_bytes journalled and not durable here\n"
                           "# TYPE plantbus_agent_backlog_bytes gauge\n");
    for (size_t i = 0; i < core_agents(in->core); i++) {
        struct core_agent_view a;
        core_agent_view(in->core, i, &a);
        (void)buf_addf(out, "plantbus_agent_backlog_bytes{agent=\"%s\"} %llu\n", a.id->s,
                       (unsigned long long)a.backlog_bytes);
    }
}

enum err view_metrics(struct buf *out, const struct view_in *in) {
    const struct core_stats *s = core_stats(in->core);
    for (unsigned i = 0; i < COUNTERS; i++)
        (void)buf_addf(out,
                       "# HELP plantbus_%s_total %s\n# TYPE plantbus_%s_total counter\n"
                       "plantbus_%s_total %llu\n",
                       counters[i].id, counters[i].help, counters[i].id, counters[i].id,
                       (unsigned long long)counter_of(s, &counters[i]));
    gauge(out, "hours_in_memory", "unit-hours kept in memory", s->hours);
    gauge(out, "windows_in_memory", "windows kept in memory", s->windows);
    gauge(out, "dirty_units", "units with minutes still to be computed", s->dirty_units);
    gauge(out, "unassigned_signals", "signals that no plant file names", s->unassigned);
    gauge(out, "misfit_signals", "signals whose type or unit cannot serve their role", s->misfits);
    gauge(out, "agents", "agents known", core_agents(in->core));
    turn_metrics(out, in->extra);
    agent_metrics(out, in);
    return out->failed ? ERR_NOMEM : ERR_OK;
}
