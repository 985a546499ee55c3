/* What the core's memory is held for, added up from its capacities. */
#include "engine/parts.h"

static const char *const step_name[STEP_VERDICT_COUNT] = {
    [STEP_NONE] = "none",
    [STEP_FORWARD] = "forward",
    [STEP_WRAP] = "wrap",
    [STEP_RESET] = "reset",
    [STEP_GLITCH_HELD] = "glitch_held",
    [STEP_GLITCH_BACK] = "glitch_back",
    [STEP_UNEXPLAINED] = "unexplained",
    [STEP_TIME_BACK] = "time_back",
    [STEP_BAD] = "bad",
};

const char *core_step_name(unsigned verdict) {
    return verdict < STEP_VERDICT_COUNT ? step_name[verdict] : NULL;
}

static uint64_t lane_bytes(const struct lane *l) {
    return l->cap * (sizeof *l->slab + sizeof *l->limits_at) + l->limits_cap * sizeof *l->limits +
           l->source_n * sizeof *l->source;
}

static void add_agent(const struct cagent *a, struct core_memory *out) {
    for (unsigned i = 0; i < LANE_SLOTS; i++)
        out->signals += a->lane_used[i] ? lane_bytes(&a->lane[i]) : 0;
    for (unsigned i = 0; i < SESSION_LANES; i++)
        out->signals += a->start[i].cap + lane_bytes(&a->rest[i]);
    out->logs += a->pending.cap * sizeof *a->pending.at;
    out->sessions += sizeof *a + a->heads.cap + a->session.epoch_cap * sizeof *a->session.epoch +
                     a->committing.cap + a->signals.cap * sizeof *a->signals.at;
}

void core_memory(const struct core *c, struct core_memory *out) {
    *out = (struct core_memory){.windows = c->stats.windows * sizeof(struct window)};
    out->signals = c->signal_cap * (sizeof *c->signal + sizeof *c->touch) + c->texts.bytes +
                   c->signal_by_name.cap * sizeof *c->signal_by_name.at;
    for (size_t i = 0; i < c->agent_n; i++)
        add_agent(c->agent[i], out);
    for (const struct unit_hour *h = c->hours; h; h = h->hh.next) {
        out->logs += sizeof *h + (h->log.cap + h->gauges.cap) * sizeof *h->log.at;
        out->cells += h->cells.cap * sizeof *h->cells.at;
    }
    for (uint32_t i = 0; i < c->plant->unit_n; i++)
        out->logs += c->unit[i].longs.cap * sizeof *c->unit[i].longs.at;
    out->alerts = alerts_memory(c->alarms.all);
    for (size_t i = 0; i < c->words.n; i++)
        out->words += sizeof(struct word) + c->words.at[i]->text.n + 1;
}
