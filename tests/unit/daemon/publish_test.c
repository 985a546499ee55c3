/* Closed windows over MQTT: each once as settled, again with revision and cause when late data move
 * it, whatever the broker does meanwhile. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "daemon/publish.h"
#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS)
#define MIN UTC_MINUTE_MS

enum { TOLD_MAX = 400 };

struct bench { /* the bus first: its functions get it */
    struct bus bus;
    unsigned room; /* messages it takes before it is full */
    char *topic[TOLD_MAX], *payload[TOLD_MAX];
    size_t told;
    struct plant *plant;
    struct station station;
    struct script gw1, gw2;
    uint16_t energy;
    struct publisher_state publish;
};

static enum err take(struct bus *bus, const char *topic, struct span payload, int qos,
                     bool retain) {
    struct bench *b = (struct bench *)bus;
    if (b->room == 0)
        return ERR_FULL;
    cr_assert_lt(b->told, (size_t)TOLD_MAX);
    cr_expect_eq(qos, 1);
    cr_expect_not(retain);
    b->room--;
    b->topic[b->told] = strdup(topic);
    b->payload[b->told++] = strndup((const char *)payload.p, payload.n);
    return ERR_OK;
}

static const struct bus_ops ops = {.publish = take};

static void at(struct bench *b, int64_t wall_ms) {
    struct core_now now = {wall_ms, 1000 + wall_ms - T0};
    cr_assert_eq(station_tick(&b->station, now), ERR_OK);
    cr_assert_eq(station_settle(&b->station), ERR_OK);
}

static void tell(struct bench *b, bool up) {
    while (publish_closed(&b->publish, b->station.core, &b->bus, up, b->station.now)) {
    }
}

static void run(struct bench *b, int64_t from_ms, int64_t to_ms) {
    for (int64_t t = from_ms; t <= to_ms; t += MIN)
        at(b, t);
}

/* The press takes 3 kWh in an hour; 20 minutes later its quarters and the hour are settled. */
static void bench_open(struct bench *b) {
    *b = (struct bench){.bus = {.ops = &ops}, .room = TOLD_MAX};
    cr_assert_eq(line_plant_open(&b->plant), ERR_OK);
    cr_assert_eq(station_init(&b->station, b->plant), ERR_OK);
    cr_assert_eq(station_start(&b->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    struct script *g = &b->gw1;
    script_init(g, &b->station, "gw1", 101);
    script_init(&b->gw2, &b->station, "gw2", 201);
    b->energy = script_point(g, "energy", POINT_REGISTER, 1000000);
    at(b, T0);
    cr_assert_eq(script_hello(g), ERR_OK);
    cr_assert_eq(script_key(g, T0), ERR_OK);
    script_asof(g, T0, T0 + 60 * MIN);
    script_int(g, b->energy, T0, 5000);
    script_int(g, b->energy, T0 + 60 * MIN, 8000);
    cr_assert_eq(script_send(g), ERR_OK);
    run(b, T0 + 60 * MIN, T0 + 80 * MIN);
}

/* The packer's gateway comes back with 1 kWh of that hour. */
static void late(struct bench *b) {
    struct script *g = &b->gw2;
    uint16_t energy = script_point(g, "energy", POINT_REGISTER, 1000000);
    cr_assert_eq(script_hello(g), ERR_OK);
    cr_assert_eq(script_key(g, T0), ERR_OK);
    script_asof(g, T0, T0 + 20 * MIN);
    script_int(g, energy, T0, 0);
    script_int(g, energy, T0 + 20 * MIN, 1000);
    cr_assert_eq(script_send(g), ERR_OK);
    run(b, T0 + 81 * MIN, T0 + 95 * MIN);
}

static void bench_close(struct bench *b) {
    for (size_t i = 0; i < b->told; i++) {
        free(b->topic[i]);
        free(b->payload[i]);
    }
    publish_fini(&b->publish);
    script_fini(&b->gw1);
    script_fini(&b->gw2);
    station_fini(&b->station);
    plant_close(b->plant);
}

/* How often something was told on a topic with all of the words. */
static unsigned times(const struct bench *b, const char *topic, const char *word,
                      const char *word2) {
    unsigned n = 0;
    for (size_t i = 0; i < b->told; i++)
        n += strcmp(b->topic[i], topic) == 0 && strstr(b->payload[i], word) &&
             strstr(b->payload[i], word2);
    return n;
}

#define HOUR "pb1i/site/line/hour/closed"

static const char *start_of_t0(void) {
    static char text[64];
    char when[UTC_TEXT];
    utc_format(T0, when);
    snprintf(text, sizeof text, "\"start\":\"%s\"", when);
    return text;
}

Test(publish, a_window_is_told_when_it_settles_and_again_when_late_data_move_it) {
    struct bench b;
    bench_open(&b);
    tell(&b, true);
    cr_expect_eq(times(&b, HOUR, start_of_t0(), "\"life\":\"settled\""), 1);
    cr_expect_eq(times(&b, HOUR, start_of_t0(), "\"revision\":0,\"cause\":null"), 1);
    cr_expect_eq(times(&b, "pb1i/site/press/15min/closed", start_of_t0(), "\"settled\""), 1);
    const size_t before = b.told;
    tell(&b, true);
    cr_expect_eq(b.told, before, "once");
    late(&b);
    tell(&b, true);
    cr_expect_eq(times(&b, HOUR, start_of_t0(), "\"life\":\"restated\""), 1);
    cr_expect_eq(times(&b, HOUR, start_of_t0(), "\"revision\":1,\"cause\":\"late_data\""), 1);
    cr_expect_eq(b.publish.closed_told, b.told);
    cr_expect_eq(b.publish.closed_lost, 0);
    bench_close(&b);
}

Test(publish, what_the_broker_cannot_take_now_is_told_later_and_once) {
    struct bench b;
    bench_open(&b);
    tell(&b, false);
    cr_expect_eq(b.told, 0);
    b.room = 3;
    tell(&b, true);
    cr_expect_eq(b.told, 3);
    b.room = TOLD_MAX;
    tell(&b, true);
    cr_expect_eq(times(&b, HOUR, start_of_t0(), "\"life\":\"settled\""), 1);
    for (size_t i = 0; i < b.told; i++)
        cr_expect_eq(times(&b, b.topic[i], b.payload[i], ""), 1);
    cr_expect_eq(b.publish.closed_lost, 0);
    bench_close(&b);
}

/* While the broker is away another core follows, which holds no window that is closed. */
Test(publish, what_waits_when_the_core_changes_is_told_all_the_same) {
    static const uint32_t node[] = {0, 1, 2, 3};
    struct bench b;
    bench_open(&b);
    tell(&b, false);
    struct core *core = b.station.core;
    core_begin_flush(core, b.station.now);
    for (unsigned i = 0; i < 1000 && !core_flushed(core); i++)
        cr_assert_eq(station_tick(&b.station, b.station.now), ERR_OK);
    while (publish_leave(&b.publish, core)) {
    }
    cr_assert_eq(station_reload(&b.station, b.plant, b.station.now, 9), ERR_OK);
    publish_set_core(&b.publish, b.station.core, b.station.core, node);
    b.room = 3; /* it is full in between */
    tell(&b, true);
    cr_expect_eq(b.told, 3);
    b.room = TOLD_MAX;
    tell(&b, true);
    cr_expect_eq(times(&b, "pb1i/site/press/15min/closed", start_of_t0(), "\"settled\""), 1);
    cr_expect_eq(times(&b, HOUR, start_of_t0(), "\"settled\""), 1);
    cr_expect_eq(b.publish.closed_told, b.told);
    cr_expect_eq(b.publish.closed_lost, 0);
    bench_close(&b);
}

static enum err take_all(struct bus *bus, const char *topic, struct span payload, int qos,
                         bool retain) {
    struct bench *b = (struct bench *)bus;
    cr_expect(retain && payload.n == 0 && qos == 1);
    b->topic[b->told] = strdup(topic);
    b->payload[b->told++] = strdup("");
    return ERR_OK;
}

/* Their retained topics would look alive for ever. */
Test(publish, what_the_broker_shows_of_a_node_that_is_gone_is_taken_off) {
    static const struct bus_ops retained = {.publish = take_all};
    static const uint32_t node[] = {0, 1, UINT32_MAX, 3};
    struct bench b;
    bench_open(&b);
    while (publish_leave(&b.publish, b.station.core)) {
    }
    publish_set_core(&b.publish, b.station.core, b.station.core, node);
    b.bus.ops = &retained;
    while (publish_gone(&b.publish, &b.bus)) {
    }
    cr_assert_eq(b.told, 2);
    cr_expect_str_eq(b.topic[0], "pb1i/site/press/hour");
    cr_expect_str_eq(b.topic[1], "pb1i/site/press/shift");
    cr_expect_not(publish_gone(&b.publish, &b.bus));
    bench_close(&b);
}

Test(publish, a_node_tells_which_of_its_closed_windows_moved) {
    struct bench b;
    bench_open(&b);
    const struct core_restated *r = core_restated(b.station.core, 1);
    cr_expect_eq(r->windows, 0);
    late(&b);
    cr_expect_geq(r->windows, 1);
    cr_expect_leq(r->from_ms, T0);
    cr_expect_geq(r->to_ms, T0 + 60 * MIN);
    cr_expect_eq(r->cause, RESTATE_LATE_DATA);
    bench_close(&b);
}
