#include "agent_app/reporter.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "wire/utf8.h"

enum { EVERY_MS = 30000, LOOK_MS = 2000 /* changes are told at most so often */ };

struct reporter {
    struct reporter_env env;
    struct report report; /* the part being sent; head as of the whole */
    struct buf bytes;     /* of that part */
    bool up, due, sending;
    bool answered; /* an ack came on this connection, of the run below */
    uint64_t store, generation;
    uint64_t told;    /* digest of what was told last */
    int64_t look_ms;  /* monotonic; when to look for changes again */
    int64_t again_ms; /* when to tell in any case */
};

enum err reporter_open(const struct reporter_env *env, struct reporter **out) {
    struct reporter *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NOMEM;
    r->env = *env;
    r->report.nonce = env->nonce;
    r->look_ms = r->again_ms = INT64_MIN;
    buf_init(&r->bytes);
    *out = r;
    return ERR_OK;
}

void reporter_close(struct reporter *r) {
    if (!r)
        return;
    buf_fini(&r->bytes);
    free(r);
}

void reporter_put_conf(struct reporter *r, const struct reporter_conf *conf) {
    r->report.since_ms = conf->since_ms;
    r->report.reloads = conf->reloads;
    r->report.refused = conf->refused;
    utf8_put(r->report.wrong, sizeof r->report.wrong, span_str(conf->wrong));
    r->sending = false; /* parts of before and after make no whole */
    r->due = true;
}

void reporter_on_up(struct reporter *r) {
    r->up = r->due = true;
    r->answered = r->sending = false;
}

void reporter_on_down(struct reporter *r) {
    r->up = r->sending = false;
}

void reporter_on_ack(struct reporter *r, uint64_t store, uint64_t generation) {
    if (r->answered && r->store == store && r->generation == generation)
        return;
    r->answered = r->due = true;
    r->store = store;
    r->generation = generation;
}

/* --- what is told -------------------------------------------------------------------------------
 */

static void mix(uint64_t *digest, uint64_t v) {
    *digest = (*digest ^ v) * UINT64_C(1099511628211);
}

/* Of what people wait for; counts alone, and details, which may hold times, wait for their turn. */
static uint64_t digest_of(const struct reporter *r, uint32_t *n) {
    uint64_t d = 0;
    struct feed_stats s;
    for (*n = 0; r->env.source(r->env.user, *n, &s); (*n)++) {
        mix(&d, fnv1a64(span_str(s.id->s)));
        mix(&d, fnv1a64(span_str(s.kind)));
        mix(&d, fnv1a64(span_str(s.state.state)));
        mix(&d, (uint64_t)s.phase * 2 + (uint64_t)s.well);
        mix(&d, (uint64_t)s.state.devices);
        mix(&d, (uint64_t)s.state.devices_silent);
    }
    return d;
}

static uint64_t not_negative(int64_t v) {
    return v > 0 ? (uint64_t)v : 0;
}

static void put_source(struct report_source *to, const struct feed_stats *s) {
    *to = (struct report_source){.id = *s->id,
                                 .phase = (uint8_t)s->phase,
                                 .well = s->well,
                                 .points = s->points,
                                 .readings = s->readings,
                                 .stamped = s->stamped,
                                 .polls = s->polls,
                                 .failures = s->failures,
                                 .requests = s->state.requests,
                                 .errors = s->state.errors,
                                 .reconnects = s->state.reconnects,
                                 .devices = not_negative(s->state.devices),
                                 .devices_silent = not_negative(s->state.devices_silent),
                                 .refused = s->refused,
                                 .why = *s->why};
    utf8_put(to->kind, sizeof to->kind, span_str(s->kind));
    utf8_put(to->state, sizeof to->state, span_str(s->state.state));
    utf8_put(to->detail, sizeof to->detail, span_str(s->state.detail));
}

static enum err make_part(struct reporter *r) {
    struct report *p = &r->report;
    struct feed_stats s;
    p->source_n = 0;
    while (p->source_n < REPORT_SOURCES_MAX && p->from + p->source_n < p->total &&
           r->env.source(r->env.user, p->from + p->source_n, &s))
        put_source(&p->source[p->source_n++], &s);
    buf_reset(&r->bytes);
    return report_format(p, &r->bytes);
}

static void begin(struct reporter *r, int64_t mono_ms) {
    r->told = digest_of(r, &r->report.total);
    r->report.n++;
    r->report.from = 0;
    r->due = false;
    r->sending = true;
    r->again_ms = mono_ms + EVERY_MS;
}

/* Made anew at each try: it is cheap, and what it says is then of now. */
static void send_part(struct reporter *r) {
    if (make_part(r) || r->env.send(r->env.user, buf_span(&r->bytes)))
        return;
    r->report.from += r->report.source_n;
    r->sending = r->report.source_n > 0 && r->report.from < r->report.total;
}

void reporter_tick(struct reporter *r, int64_t mono_ms) {
    uint32_t n;
    if (!r->up)
        return;
    if (mono_ms >= r->look_ms) {
        r->look_ms = mono_ms + LOOK_MS;
        r->due = r->due || digest_of(r, &n) != r->told;
        if (!r->sending && (r->due || mono_ms >= r->again_ms))
            begin(r, mono_ms);
    }
    if (r->sending)
        send_part(r);
}
