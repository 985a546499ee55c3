/* The core over an hour of a press: start, hello, key frame, readings, ticks, commits, a new
 * process that loads, an epoch that follows another. Where an error comes out, the process dies and
 * the next one goes on from the store; the agent sends again. In the end the figures are as if
 * nothing was. */
#include <stdlib.h>

#include "nomem.h"
#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 SIM_DAY0 /* midnight: no day to fill before it */
#define PIECE INT64_C(1000000)
#define WH INT64_C(1000000)
enum { STEPS = 8, RESTART_AT = 4, EPOCH_AT = 6, RECORDS_MAX = 40 };

/* Only what the core itself allocates: the station is the shell of these runs. */
#define WRAPPED(type, name, arguments, ...)                                                        \
    type __real_##name arguments;                                                                  \
    type __wrap_##name arguments;                                                                  \
    type __wrap_##name arguments {                                                                 \
        nomem_arm();                                                                               \
        type answer = __real_##name(__VA_ARGS__);                                                  \
        nomem_disarm();                                                                            \
        return answer;                                                                             \
    }

WRAPPED(enum err, core_open,
        (const struct core_conf *conf, const struct plant *plant, struct core **out), conf, plant,
        out)
WRAPPED(enum err, core_start,
        (struct core * c, const struct store_rows *rows, struct core_now now, char where[96]), c,
        rows, now, where)
WRAPPED(enum err, core_on_message,
        (struct core * c, struct span topic, struct span payload, struct core_now now), c, topic,
        payload, now)
WRAPPED(enum err, core_on_tick, (struct core * c, struct core_now now), c, now)
WRAPPED(enum err, core_on_loaded,
        (struct core * c, uint64_t id, enum err err, const struct store_rows *rows,
         struct core_now now),
        c, id, err, rows, now)
WRAPPED(enum err, core_on_act,
        (struct core * c, const struct act *a, struct core_now now, struct core_act_answer *out), c,
        a, now, out)
WRAPPED(bool, core_next_effect, (struct core * c, struct core_effect *out), c, out)
void __real_core_on_committed(struct core *c, uint64_t id, enum err err, struct core_now now);
void __wrap_core_on_committed(struct core *c, uint64_t id, enum err err, struct core_now now);
void __wrap_core_on_committed(struct core *c, uint64_t id, enum err err, struct core_now now) {
    nomem_arm();
    __real_core_on_committed(c, id, err, now);
    nomem_disarm();
}

struct sent { /* what the agent's journal would hold */
    bool hello;
    char topic[TOPIC_MAX];
    struct buf bytes;
};

struct world {
    struct plant *plant;
    struct station station;
    struct script gw1;
    uint16_t state, total, energy, order, stray;
    struct sent sent[RECORDS_MAX];
    size_t sent_n;
    struct core_now now;
    unsigned deaths;
    unsigned entered_n; /* of entries */
};

/* --- a process that dies and comes back ---------------------------------------------------------
 */

static void start(struct world *w) {
    for (unsigned tries = 0;; tries++) {
        enum err err = station_start(&w->station, w->now, 5 + w->deaths);
        if (!err)
            return;
        nomem_need(err == ERR_NOMEM && tries == 0, "a start fails for want of memory, once");
        station_kill(&w->station, 0);
    }
}

static void live_on(struct world *w);

static void tick(struct world *w) {
    w->now.mono_ms += 600;
    (void)station_tick(&w->station, w->now);
    live_on(w);
}

/* Everything once more, as an agent does that heard of nothing durable. */
static void send_all(struct world *w) {
    for (size_t i = 0; i < w->sent_n; i++) {
        (void)station_message(&w->station, w->sent[i].topic, buf_span(&w->sent[i].bytes));
        live_on(w);
    }
}

/* Until it is taken, as a person would. What is out of memory took nothing, so it is no reason to
 * die. */
static void enter(struct world *w, const struct act *a) {
    struct core_act_answer out;
    enum err err = core_on_act(w->station.core, a, w->now, &out);
    if (err == ERR_NOMEM) {
        nomem_need(nomem_struck(), "memory was out");
        err = core_on_act(w->station.core, a, w->now, &out);
        nomem_need(!out.repeated, "what was refused was not taken");
    }
    nomem_need(!err, "it is taken");
}

#define ENTRY(of, ...)                                                                             \
    { .kind = ACT_##of, .who = {(const uint8_t *)"x", 1}, __VA_ARGS__ }
#define TEXT(s)                                                                                    \
    { (const uint8_t *)(s), sizeof(s) - 1 }

/* Two pieces of scrap of which one is void, a stop's cause, a factor of two from half past on, and
 * each is sent again and again. */
static void enter_all(struct world *w) {
    static const struct act all[] = {
        ENTRY(SCRAP, .key = TEXT("a"), .unit = TEXT("press"), .t0_ms = T0, .t1_ms = T0 + 600000,
              .value = PIECE),
        ENTRY(SCRAP, .key = TEXT("c"), .unit = TEXT("press"), .t0_ms = T0, .t1_ms = T0,
              .value = PIECE),
        ENTRY(VOID, .key = TEXT("d"), .value = 2),
        ENTRY(CAUSE, .key = TEXT("e"), .unit = TEXT("press"), .t0_ms = T0, .t1_ms = T0 + 60000,
              .text = TEXT("material")),
        ENTRY(FACTOR, .key = TEXT("b"), .agent = TEXT("gw1"), .point = TEXT("energy"),
              .t0_ms = T0 + 1800000, .t1_ms = T0 + 2400000, .value = 2, .value2 = 1),
    };
    for (unsigned i = 0; i < w->entered_n && i < sizeof all / sizeof *all; i++)
        enter(w, &all[i]);
}

static void live_on(struct world *w) {
    if (!w->station.failed)
        return;
    nomem_need(w->station.failed == ERR_NOMEM, "what fails says that memory was out");
    nomem_need(nomem_struck() && w->deaths == 0, "it fails once");
    w->deaths++;
    station_kill(&w->station, 0);
    start(w);
    tick(w);
    send_all(w);
    enter_all(w);
}

/* --- the agent ----------------------------------------------------------------------------------
 */

/* Keeps the bytes first: a record that the core could not take is sent again. */
static void on_wire(struct world *w, enum topic_kind kind, struct span bytes) {
    struct sent *s = &w->sent[w->sent_n++];
    topic_format(kind, &w->gw1.agent, s->topic);
    buf_init(&s->bytes);
    nomem_need(w->sent_n < RECORDS_MAX && !buf_add(&s->bytes, bytes.p, bytes.n), "room to note");
    (void)station_message(&w->station, s->topic, buf_span(&s->bytes));
    live_on(w);
}

static void hello(struct world *w) {
    struct script *g = &w->gw1;
    struct hello h = {.agent = g->agent, .nonce = g->nonce, .n = ++g->hello_n, .epoch_n = 1};
    struct buf b;
    h.epoch[0] = (struct hello_epoch){.epoch = g->epoch,
                                      .prev_epoch = g->prev_epoch,
                                      .prev_last = g->prev_last,
                                      .base = 1,
                                      .next = 100,
                                      .open = true};
    buf_init(&b);
    nomem_need(!hello_format(&h, &b), "hello");
    on_wire(w, TOPIC_HELLO, buf_span(&b));
    buf_fini(&b);
}

static void record(struct world *w, enum batch_kind kind) {
    struct script *g = &w->gw1;
    struct batch_key key = {.prev_epoch = g->prev_epoch,
                            .prev_last = g->prev_last,
                            .parts = 1,
                            .points_total = (uint32_t)g->point_n};
    struct batch_head head = {
        .kind = (uint8_t)kind, .epoch = g->epoch, .seq = g->next++, .t_ms = g->writer.t_ms};
    for (size_t i = 0; i < g->point_n && kind == BATCH_KEY; i++)
        nomem_need(!batch_writer_add_point(&g->writer, &g->point[i]), "point");
    buf_reset(&g->bytes);
    nomem_need(!batch_writer_encode(&g->writer, &head, kind == BATCH_KEY ? &key : NULL, NULL, NULL,
                                    &g->bytes),
               "record");
    batch_writer_reset(&g->writer, T0);
    on_wire(w, TOPIC_DATA, buf_span(&g->bytes));
}

static void step(struct world *w, int64_t i) {
    int64_t t = T0 + i * 10 * UTC_MINUTE_MS;
    w->now.wall_ms = t;
    script_asof(&w->gw1, T0, t);
    script_int(&w->gw1, w->state, t, MACHINE_RUN);
    script_int(&w->gw1, w->total, t, 100 + 3 * i);
    script_int(&w->gw1, w->energy, t, 5000 + 500 * i);
    script_int(&w->gw1, w->stray, t, i);
    script_text(&w->gw1, w->order, t, i < 3 ? "o-1" : "o-2");
    record(w, BATCH_DATA);
    tick(w);
}

/* --- the run ------------------------------------------------------------------------------------
 */

static void begin(struct world *w) {
    struct script *g = &w->gw1;
    nomem_need(!line_plant_open(&w->plant) && !station_init(&w->station, w->plant), "setup");
    w->now = (struct core_now){T0, 1000};
    start(w);
    tick(w);
    script_init(g, &w->station, "gw1", 101);
    w->state = script_point(g, "state", POINT_STATE, 1);
    w->total = script_point(g, "total", POINT_COUNTER, PIECE);
    w->energy = script_point(g, "energy", POINT_REGISTER, WH);
    w->order = script_point(g, "order", POINT_STATE, 1);
    w->stray = script_point(g, "stray", POINT_COUNTER, 1);
    g->point[w->order].sticky = true;
    hello(w);
    record(w, BATCH_KEY);
}

static void settle(struct world *w) {
    for (unsigned i = 0; i < 200 && !core_idle(w->station.core); i++)
        tick(w);
    nomem_need(core_idle(w->station.core), "all is computed and committed");
}

/* Ten minutes a step, 70 minutes in all: 3 pieces and 500 Wh each. */
static void expect(struct world *w) {
    struct window_key key = {.node = SIM_FIRST_UNIT, .kind = WINDOW_DAY, .start_ms = SIM_DAY0};
    struct window day = {0};
    nomem_need(station_window(&w->station, &key, &day), "the day is there");
    const int64_t *q = day.sums.q;
    nomem_need(q[QTY_PQ] + q[QTY_PQ_UNKNOWN] == (STEPS - 1) * 3 * PIECE, "pieces");
    nomem_need(q[QTY_SQ] + q[QTY_SQ_UNKNOWN] == PIECE, "scrap");
    nomem_need(sums_energy(&day.sums) == STEPS * 500 * WH, "energy, ten minutes of it twice");
    nomem_need(sums_time(&day.sums) == (STEPS - 1) * 10 * UTC_MINUTE_MS, "time");
    nomem_need(q[QTY_TIME + CAT_UNKNOWN] == 0, "no time is unknown");
    nomem_need(core_stats(w->station.core)->refused == 0, "nothing was refused");
}

void nomem_core(void) {
    struct world *w = calloc(1, sizeof *w);
    nomem_need(w != NULL, "setup");
    begin(w);
    for (int64_t i = 0; i < STEPS; i++) {
        if (i == RESTART_AT) { /* killed behind its last commit, and started by somebody */
            station_kill(&w->station, 0);
            start(w);
            tick(w);
            send_all(w);
        }
        if (i == EPOCH_AT) {
            script_restart(&w->gw1, 102);
            hello(w);
            record(w, BATCH_KEY);
        }
        step(w, i);
        w->entered_n = (unsigned)i;
        enter_all(w);
    }
    settle(w);
    expect(w);
    station_kill(&w->station, 0);
    start(w);
    settle(w);
    expect(w);
    script_fini(&w->gw1);
    station_fini(&w->station);
    plant_close(w->plant);
    for (size_t i = 0; i < w->sent_n; i++)
        buf_fini(&w->sent[i].bytes);
    free(w);
}
