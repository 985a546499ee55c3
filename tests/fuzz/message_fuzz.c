/* Any topics and payloads into a running core: seal, topic, session, lanes, log, cells, checkpoint.
 * It never gives up, and a healthy agent's pieces beside it stay exact. The input is a row of steps
 * [what, length, bytes]; what chooses the topic, whether the payload is sealed (so that the forms
 * behind the seal are reached), or a tick. */
#include <stdlib.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"
#include "wire/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MAX = 40, RAW_TOPIC = 6, TICK = 7, SEALED = 8 };
#define T0 (SIM_DAY0 + 1000) /* just behind midnight: no day to fill before it */
#define PIECE INT64_C(1000000)

static void must(bool holds) {
    if (!holds)
        abort();
}

struct world {
    struct station station;
    struct script healthy;
    uint16_t state, total;
    int64_t wall_ms;
};

static void tick(struct world *w, int64_t ms) {
    w->wall_ms += ms;
    must(!station_tick(&w->station, (struct core_now){w->wall_ms, 1000 + w->wall_ms - T0}));
}

static void say(struct world *w, int64_t total) {
    script_asof(&w->healthy, T0, w->wall_ms);
    script_int(&w->healthy, w->state, w->wall_ms, MACHINE_RUN);
    script_int(&w->healthy, w->total, w->wall_ms, total);
    must(!script_send(&w->healthy));
}

static void hostile(struct world *w, uint8_t what, struct span bytes) {
    static const char *const ids[] = {"gw2", "x"};
    char topic[TOPIC_MAX] = "";
    struct ident id;
    struct buf sealed;
    if ((what & 7) == TICK) {
        tick(w, bytes.n);
        return;
    }
    if ((what & 7) == RAW_TOPIC) {
        size_t n = bytes.n < sizeof topic - 1 ? bytes.n : sizeof topic - 1;
        memcpy(topic, bytes.p, n);
        if (strstr(topic, "gw1"))
            return; /* who may publish as the healthy agent can say what it likes */
    } else {
        must(ident_set(&id, span_str(ids[(what & 7) / 3])));
        topic_format((enum topic_kind)((what & 7) % 3), &id, topic);
    }
    buf_init(&sealed);
    must(!seal_format(span_str(topic), bytes, &sealed));
    must(!station_message(&w->station, topic, what & SEALED ? buf_span(&sealed) : bytes));
    buf_fini(&sealed);
}

static void play(struct world *w, const uint8_t *data, size_t size) {
    size_t at = 0;
    for (unsigned i = 0; i < STEPS_MAX && at + 3 <= size; i++) {
        uint8_t what = data[at];
        size_t n = (size_t)data[at + 1] | (size_t)data[at + 2] << 8;
        at += 3;
        n = n < size - at ? n : size - at;
        hostile(w, what, span_of(data + at, n));
        at += n;
    }
}

/* 100 pieces at T0, 107 after what came between, in the minutes of one hour. */
static void expect_seven(struct world *w) {
    struct window_key key = {.node = SIM_FIRST_UNIT, .kind = WINDOW_HOUR, .start_ms = SIM_DAY0};
    struct window hour = {0};
    must(station_window(&w->station, &key, &hour));
    must(hour.sums.q[QTY_PQ] == 7 * PIECE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct plant *plant = NULL;
    struct world w = {.wall_ms = T0};
    must(!line_plant_open(&plant));
    plant->keep_logs_ms = UTC_DAY_MS; /* what a wild time makes dirty, and so the work of a run */
    must(!station_init(&w.station, plant));
    must(!station_start(&w.station, (struct core_now){T0, 1000}, 5));
    tick(&w, 0);
    script_init(&w.healthy, &w.station, "gw1", 101);
    w.state = script_point(&w.healthy, "state", POINT_STATE, 1);
    w.total = script_point(&w.healthy, "total", POINT_COUNTER, PIECE);
    must(!script_hello(&w.healthy) && !script_key(&w.healthy, T0));
    say(&w, 100);
    tick(&w, 600);
    play(&w, data, size);
    tick(&w, UTC_MINUTE_MS);
    say(&w, 107);
    must(!station_settle(&w.station));
    expect_seven(&w);
    station_kill(&w.station, 0);
    must(!station_start(&w.station, (struct core_now){w.wall_ms, 1000}, 9));
    must(!station_settle(&w.station));
    expect_seven(&w);
    script_fini(&w.healthy);
    station_fini(&w.station);
    plant_close(plant);
    return 0;
}
