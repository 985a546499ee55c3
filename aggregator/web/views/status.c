/* How the aggregator itself is doing: agents, refusals, store, sinks, counters. */
#include "views/field.h"
#include "views/metrics.h"
#include "views/views.h"

static void agents_of(struct json_writer *w, const struct view_in *in) {
    field_array(w, "agents");
    for (size_t i = 0; i < core_agents(in->core); i++)
        view_agent(w, in, i);
    json_writer_end_array(w);
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

/* The last bucket has no border. */
static void turns_of(struct json_writer *w, const struct metric_histogram *turns,
                     const struct metric_histogram *cpu) {
    field_array(w, "loop_turns");
    for (unsigned i = 0; turns && i < METRIC_BUCKETS; i++) {
        json_writer_begin_object(w);
        json_writer_key(w, "to_us");
        if (i < METRIC_BUCKETS - 1)
            json_writer_int64(w, metric_turn_us[i]);
        else
            json_writer_null(w);
        field_count(w, "turns", turns->count[i]);
        if (cpu)
            field_count(w, "cpu_turns", cpu->count[i]);
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
        field_time(w, "dead_oldest", s->dead ? s->dead_oldest_ms : INT64_MIN);
        field_count(w, "backlog_rows", s->backlog_rows);
        field_time(w, "last_ok", s->last_ok_ms ? s->last_ok_ms : INT64_MIN);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

static void channels_of(struct json_writer *w, const struct view_extra *x) {
    field_array(w, "channels");
    for (size_t i = 0; x && i < x->channel_n; i++) {
        const struct view_channel *c = &x->channel[i];
        json_writer_begin_object(w);
        field_text(w, "name", c->name);
        field_text(w, "kind", c->kind);
        field_text(w, "state", c->state);
        field_text(w, "detail", c->detail);
        field_count(w, "told", c->told);
        field_count(w, "letters", c->letters);
        field_count(w, "digests", c->digests);
        field_count(w, "retries", c->retries);
        field_count(w, "waiting", c->waiting);
        field_count(w, "dead", c->dead);
        field_count(w, "lost", c->lost);
        field_time(w, "oldest", c->oldest_ms);
        field_time(w, "last_ok", c->last_ok_ms ? c->last_ok_ms : INT64_MIN);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
    field_count(w, "alerts_unrouted", x && x->notices ? x->notices->unrouted : 0);
}

/* While it is away nobody tells us of agents: what is said of their links is of before. */
static void broker_of(struct json_writer *w, const struct view_process *p) {
    if (!p) {
        json_writer_key(w, "broker");
        json_writer_null(w);
        return;
    }
    field_object(w, "broker");
    field_bool(w, "connected", p->bus_up);
    field_count(w, "connects", p->bus_connects);
    json_writer_end_object(w);
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
    turns_of(w, x ? x->loop_turns : NULL, x ? x->loop_cpu : NULL);
    broker_of(w, x ? x->process : NULL);
    agents_of(w, in);
    unmapped_of(w, in);
    view_commissioning(w, in);
    view_late(w, in);
    store_of(w, x ? x->store : NULL);
    sinks_of(w, x);
    channels_of(w, x);
    json_writer_key(w, "configuration");
    if (x && x->configuration)
        view_configuration(w, x->configuration);
    else
        json_writer_null(w);
    field_object(w, "counters");
    for (size_t i = 0; i < metric_core_n; i++)
        field_count(w, metric_core[i].id, (uint64_t)metric_value(&metric_core[i], s));
    json_writer_end_object(w);
    field_count(w, "hours_in_memory", s->hours);
    field_count(w, "windows_in_memory", s->windows);
    field_count(w, "dirty_units", s->dirty_units);
    field_count(w, "unassigned", s->unassigned);
    field_count(w, "misfits", s->misfits);
    json_writer_end_object(w);
}

void view_agents(struct json_writer *w, const struct view_in *in) {
    json_writer_begin_object(w);
    field_time(w, "now", in->now.wall_ms);
    broker_of(w, in->extra ? in->extra->process : NULL);
    agents_of(w, in);
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
    } else if (u->text.n) {
        json_writer_string(w, u->text);
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
        field_text(w, "base", u.base);
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
        field_text(w, "better", direction_name((enum direction)r->direction));
        field_text(w, "numerator", r->numerator_name);
        field_text(w, "denominator", r->denominator_name);
        field_text(w, "formula", r->formula);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
    json_writer_end_object(w);
}
