/* What is told of norms, while memory runs out: a process that dies of it and one that goes on tell
 * each once. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/announce.h"
#include "nomem.h"
#include "simkit/line_plant.h"
#include "simkit/station.h"

#define T0 SIM_DAY0
enum { NORMS = 3 };

struct world {
    struct plant *plant;
    struct station station;
    struct core_now now;
    unsigned deaths;
    size_t told;
};

static void start(struct world *w) {
    static const struct core_announcing all = {
        .to = {{"office"}}, .to_n = 1, .steps = true, .answers = true, .verdicts = true};
    for (unsigned tries = 0;; tries++) {
        enum err err = station_start(&w->station, w->now, 5 + w->deaths);
        if (!err)
            break;
        nomem_need(err == ERR_NOMEM && tries == 0, "a start fails for want of memory, once");
        station_kill(&w->station, 0);
    }
    core_set_announcing(w->station.core, &all);
}

static void tick(struct world *w) {
    w->now.mono_ms += 600;
    (void)station_tick(&w->station, w->now);
    if (!w->station.failed)
        return;
    nomem_need(w->station.failed == ERR_NOMEM && nomem_struck() && w->deaths == 0, "it fails once");
    w->deaths++;
    station_kill(&w->station, 0);
    start(w);
    tick(w);
}

static void settle(struct world *w) {
    for (unsigned i = 0; i < 200 && (i < 2 || !core_idle(w->station.core)); i++)
        tick(w);
    nomem_need(core_idle(w->station.core), "all is committed");
}

static void put_forward(struct world *w, unsigned i) {
    char id[8];
    struct norm n;
    struct ledger_answer a;
    (void)snprintf(id, sizeof id, "n%u", i);
    norm_init(&n);
    n.indicator = IND_TIME_UTILIZATION;
    n.scope.node = (struct ident){"press"};
    n.value = 0.8;
    n.from_ms = T0 + 90 * UTC_DAY_MS;
    struct ledger_command c = {.action = LEDGER_PROPOSE,
                               .key = span_str(id),
                               .who = "shop",
                               .why = "because",
                               .norm = &n,
                               .at_ms = NORM_NO_TIME,
                               .due_ms = T0 + (1 + i) * UTC_HOUR_MS};
    (void)ident_set(&c.id, span_str(id));
    nomem_need(!core_on_norm(w->station.core, &c, w->now, &a), "it is proposed");
}

/* A finding; again where memory was out. */
static void tell_review(struct world *w) {
    struct alert_event at = {
        .rule = {"n0"}, .node = {"press"}, .why = ALERT_WHY_NORM_REVIEW, .severity = ALERT_LOW};
    struct announce_findings f = {.at = &at, .n = 1};
    if (!core_review_due(w->station.core, w->now, &f.to_ms))
        return;
    nomem_arm();
    nomem_arm();
    enum err err = core_on_review(w->station.core, &f, w->now);
    nomem_disarm();
    nomem_disarm();
    nomem_need(!err || (err == ERR_NOMEM && nomem_struck()), "it fails for want of memory only");
    if (err)
        nomem_need(!core_on_review(w->station.core, &f, w->now), "it is taken then");
}

static void on_events(void *user, enum err err, const struct store_rows *rows) {
    struct world *w = user;
    nomem_need(!err, "events are read");
    w->told = rows->n;
    for (size_t i = 0; i < rows->n; i++) {
        struct alert_event e;
        nomem_need(!alert_event_unpack(rows->at[i].value, &e) && e.n == i + 1, "numbers are whole");
    }
}

/* Three answers that are overdue, the review of May. */
void nomem_announce(void) {
    const struct store_range all = {.table = STORE_EVENT};
    struct world *w = calloc(1, sizeof *w);
    nomem_need(w != NULL, "setup");
    nomem_need(!line_plant_open(&w->plant) && !station_init(&w->station, w->plant), "setup");
    w->now = (struct core_now){T0, 1000};
    nomem_disarm(); /* what a core does else is another scenario's */
    start(w);
    settle(w);
    tell_review(w); /* notes where it begins */
    for (unsigned i = 0; i < NORMS; i++)
        put_forward(w, i);
    settle(w);
    for (unsigned hour = 1; hour <= NORMS; hour++) {
        w->now.wall_ms = T0 + hour * UTC_HOUR_MS + UTC_MINUTE_MS;
        nomem_arm();
        tick(w);
        nomem_disarm();
        settle(w);
    }
    w->now.wall_ms = T0 + UTC_DAY_MS;
    tell_review(w);
    settle(w);
    nomem_arm();
    nomem_need(!w->station.store->ops->load_now(w->station.store, &all, 1, on_events, w), "read");
    nomem_need(w->told == NORMS + 1, "each is told once");
    station_fini(&w->station);
    plant_close(w->plant);
    free(w);
}
