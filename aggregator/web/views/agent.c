/* One agent, as its stream says it does, and its sources, as it says they do. */
#include "views/field.h"
#include "views/views.h"

static void refusals(struct json_writer *w, const uint64_t by[BATCH_FAULT_COUNT]) {
    field_object(w, "refused_by");
    for (unsigned f = BATCH_FAULT_NONE + 1; f < BATCH_FAULT_COUNT; f++)
        if (by[f])
            field_count(w, batch_fault_name((enum batch_fault)f), by[f]);
    json_writer_end_object(w);
}

/* While there is no broker nobody tells of anything. */
static bool can_hear(const struct view_in *in) {
    const struct view_process *p = in->extra ? in->extra->process : NULL;
    return !p || p->bus_up;
}

/* What is not known to be well is not well: what was told is of before. */
static const char *verdict_of(const struct report_source *s, bool current) {
    if (!current)
        return "unknown";
    if (s->phase == REPORT_OVER)
        return "over";
    return s->well ? "well" : "trouble";
}

static const char *state_of(const struct report_source *s) {
    static const char *const phase[REPORT_PHASE_COUNT] = {"waiting", "open", "over"};
    return s->phase == REPORT_OPEN && s->state[0] ? s->state : phase[s->phase];
}

static const char *clock_of(const struct report_source *s) {
    if (s->readings == 0)
        return NULL;
    return s->stamped == 0 ? "gateway" : s->stamped >= s->readings ? "device" : "both";
}

static void refused_input(struct json_writer *w, const struct report_source *s) {
    uint64_t rest = s->refused;
    bool other = true;
    field_object(w, "refused_by");
    for (uint32_t i = 0; i < s->why.n; i++) {
        const struct report_reason *why = &s->why.at[i];
        field_count(w, why->text, why->n);
        rest -= why->n < rest ? why->n : rest;
        other = other && strcmp(why->text, "other") != 0;
    }
    if (rest && other)
        field_count(w, "other", rest);
    json_writer_end_object(w);
}

static void source_of(struct json_writer *w, const struct view_in *in,
                      const struct core_source_view *v) {
    const struct report_source *s = v->is;
    json_writer_begin_object(w);
    field_text(w, "id", s->id.s);
    field_text(w, "kind", s->kind);
    field_text(w, "verdict", verdict_of(s, v->current && can_hear(in)));
    field_text(w, "state", state_of(s));
    field_text(w, "detail", s->detail[0] ? s->detail : NULL);
    field_int(w, "told_ms_ago", in->now.mono_ms - v->told_mono_ms);
    field_text(w, "time_by", clock_of(s));
    field_count(w, "points", s->points);
    field_count(w, "readings", s->readings);
    field_count(w, "polls", s->polls);
    field_count(w, "failures", s->failures);
    field_count(w, "requests", s->requests);
    field_count(w, "errors", s->errors);
    field_count(w, "reconnects", s->reconnects);
    field_count(w, "devices", s->devices);
    field_count(w, "devices_silent", s->devices_silent);
    field_count(w, "refused", s->refused);
    refused_input(w, s);
    json_writer_end_object(w);
}

static void sources_of(struct json_writer *w, const struct view_in *in, size_t agent) {
    struct core_report_view r;
    struct core_source_view v;
    size_t at = 0;
    core_report_view(in->core, agent, in->now.mono_ms, &r);
    if (!r.told) {
        json_writer_key(w, "sources");
        json_writer_null(w);
        return;
    }
    field_object(w, "sources");
    field_bool(w, "current", r.current && can_hear(in));
    field_int(w, "told_ms_ago", in->now.mono_ms - r.told_mono_ms);
    field_int(w, "total", r.total);
    field_time(w, "since", r.since_ms);
    field_count(w, "reloads", r.reloads);
    field_count(w, "reloads_refused", r.refused);
    field_text(w, "wrong", r.wrong[0] ? r.wrong : NULL);
    field_array(w, "list");
    while (core_source_view(in->core, agent, &at, in->now.mono_ms, &v))
        source_of(w, in, &v);
    json_writer_end_array(w);
    json_writer_end_object(w);
}

void view_source_metrics(struct buf *out, const struct view_in *in) {
    static const char *const verdict[] = {"well", "trouble", "over", "unknown"};
    static const char name[] = "plantbus_agent_sources";
    metric_add_head(out, name, "sources of an agent by how they do, as it last told", "gauge");
    for (size_t i = 0; i < core_agents(in->core); i++) {
        struct core_agent_view a;
        struct core_report_view r;
        struct core_source_view v;
        size_t at = 0, n[sizeof verdict / sizeof *verdict] = {0};
        core_agent_view(in->core, i, &a);
        core_report_view(in->core, i, in->now.mono_ms, &r);
        n[3] = r.total - r.known;
        while (core_source_view(in->core, i, &at, in->now.mono_ms, &v))
            for (size_t k = 0; k < sizeof verdict / sizeof *verdict; k++)
                n[k] += strcmp(verdict_of(v.is, v.current && can_hear(in)), verdict[k]) == 0;
        for (size_t k = 0; r.told && k < sizeof verdict / sizeof *verdict; k++)
            (void)buf_addf(out, "%s{agent=\"%s\",verdict=\"%s\"} %zu\n", name, a.id->s, verdict[k],
                           n[k]);
    }
}

static void agent_times(struct json_writer *w, const struct view_in *in,
                        const struct core_agent_view *a) {
    field_time(w, "asof", a->asof_ms);
    json_writer_key(w, "lag_ms");
    if (a->asof_ms != INT64_MIN)
        json_writer_int64(w, in->now.wall_ms - a->asof_ms);
    else
        json_writer_null(w);
    field_int(w, "clock_ahead_ms", a->ahead_ms);
    json_writer_key(w, "heard_ms_ago");
    if (a->heard_mono_ms > 0)
        json_writer_int64(w, in->now.mono_ms - a->heard_mono_ms);
    else
        json_writer_null(w);
}

void view_agent(struct json_writer *w, const struct view_in *in, size_t i) {
    struct core_agent_view a;
    core_agent_view(in->core, i, &a);
    json_writer_begin_object(w);
    field_text(w, "id", a.id->s);
    field_bool(w, "online", a.online);
    agent_times(w, in, &a);
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
    field_count(w, "given_up", a.given_up);
    field_count(w, "readings", a.readings);
    field_count(w, "unexplained", a.unexplained);
    field_count(w, "refused", a.refused);
    refusals(w, a.refused_by);
    field_int(w, "points", a.points);
    field_int(w, "unassigned", a.unassigned);
    field_int(w, "misfits", a.misfits);
    sources_of(w, in, i);
    json_writer_end_object(w);
}
