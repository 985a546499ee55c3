#include "simworld/step.h"

#include <stdlib.h>

#include "simworld/points.h"
#include "wire/session_msg.h"

static void hear(const struct run *r, const struct gateway *g, struct span bytes,
                 struct heard *heard) {
    struct hello h;
    if (!hello_parse(bytes, &h) && h.nonce == g->nonce &&
        (h.nonce != heard->nonce || h.n > heard->n))
        *heard = (struct heard){h.nonce, h.n, r->mono_ms};
}

static void deliver(struct run *r, const struct net_message *m) {
    enum topic_kind kind;
    struct ident id;
    struct span bytes = span_of(m->p, m->n);
    if (topic_parse(span_str(m->topic), &kind, &id))
        return;
    struct gateway *g = &r->gateway[id.s[2] - '1'];
    if (kind == TOPIC_ACK) {
        gateway_on_ack(g, bytes, r->mono_ms);
        return;
    }
    if (r->mono_ms < r->away_until_ms)
        return;
    if (kind == TOPIC_HELLO && r->station.core && r->listens)
        hear(r, g, bytes, &r->heard[id.s[2] - '1']);
    if (r->station.core && station_message(&r->station, m->topic, bytes))
        run_complain(r, "the core refused to go on");
}

static void bury(struct run *r) {
    if (r->trip)
        points_bury(r);
}

void step_run(struct run *r, int64_t dt_ms, bool reading) {
    struct net_message m;
    r->mono_ms += dt_ms;
    bury(r);
    if (r->conf.trip)
        points_revive(r);
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        if (gateway_step(&r->gateway[g], r->mono_ms, reading))
            run_complain(r, "a gateway lost what it had accepted");
    bury(r);
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        if (r->gateway[g].wrong)
            run_complain(r, r->gateway[g].wrong);
    while (net_take(&r->net, r->mono_ms, &m)) {
        r->station.now = run_time(r);
        deliver(r, &m);
        free(m.p);
        bury(r);
    }
    if (!r->station.core)
        return;
    do { /* between its slices there may be time for records */
        if (station_tick(&r->station, run_time(r)))
            run_complain(r, "the core's tick failed");
        bury(r);
    } while (r->station.core && core_tick_more(r->station.core) && rng_ppm(&r->rng, 900000));
    const char *wrong = people_step(&r->people, &r->station, reading);
    if (!wrong)
        wrong = norms_step(&r->norms, &r->station, reading);
    if (wrong)
        run_complain(r, wrong);
    bury(r);
    if (r->alarms && reading)
        alarm_watch_step(r->alarms, &r->station);
    bury(r);
    if (r->has_database)
        database_step(&r->database, r->mono_ms);
    bury(r);
    while (rng_ppm(&r->rng, reading ? 600000 : 950000) && points_store_step(r))
        bury(r);
}
