#include "rests_rig.h"

#include <criterion/criterion.h>

struct rests rests;

void rests_begin(struct script *s, uint64_t epoch, uint64_t prev, uint64_t prev_last) {
    script_init(s, &rests.station, "gw1", epoch);
    s->nonce = rests.nonce;
    s->prev_epoch = prev;
    s->prev_last = prev_last;
    (void)script_point(s, "total", POINT_COUNTER, UWH);
}

void rests_open(void) {
    rests = (struct rests){.nonce = 4711};
    cr_assert_eq(line_plant_open(&rests.plant), ERR_OK);
    cr_assert_eq(station_init(&rests.station, rests.plant), ERR_OK);
    cr_assert_eq(station_start(&rests.station, (struct core_now){T0, 1000}, 5), ERR_OK);
    cr_assert_eq(station_tick(&rests.station, (struct core_now){T0, 1000}), ERR_OK);
    rests_begin(&rests.older, OLDER, 0, 0);
    rests_begin(&rests.younger, YOUNGER, OLDER, 2);
    rests_begin(&rests.youngest, YOUNGEST, YOUNGER, 2);
}

void rests_close(void) {
    script_fini(&rests.older);
    script_fini(&rests.younger);
    script_fini(&rests.youngest);
    station_fini(&rests.station);
    plant_close(rests.plant);
}

void rests_at(int64_t wall_ms) {
    const struct core_now now = {wall_ms, 1000 + wall_ms - T0};
    cr_assert_eq(station_tick(&rests.station, now), ERR_OK);
    cr_assert_eq(station_settle(&rests.station), ERR_OK);
}

void rests_hello(const struct hello_epoch *row, uint32_t n) {
    char topic[TOPIC_MAX];
    struct buf bytes;
    struct hello h = {
        .agent = rests.older.agent, .nonce = rests.nonce, .n = ++rests.hello_n, .epoch_n = n};
    memcpy(h.epoch, row, n * sizeof *row);
    buf_init(&bytes);
    topic_format(TOPIC_HELLO, &h.agent, topic);
    cr_assert_eq(hello_format(&h, &bytes), ERR_OK);
    cr_assert_eq(station_message(&rests.station, topic, buf_span(&bytes)), ERR_OK);
    buf_fini(&bytes);
}

void rests_hello_older(void) {
    rests_hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 2, .open = true}}, 1);
}

void rests_hello_younger(uint64_t records, uint64_t known) {
    rests_hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = records + 1},
                                       {.epoch = YOUNGER,
                                        .prev_epoch = OLDER,
                                        .prev_last = known,
                                        .base = 1,
                                        .next = 2,
                                        .open = true}},
                2);
}

void rests_hello_youngest(void) {
    rests_hello(
        (struct hello_epoch[]){
            {.epoch = OLDER, .base = 1, .next = 4},
            {.epoch = YOUNGER, .prev_epoch = OLDER, .prev_last = 3, .base = 1, .next = 3},
            {.epoch = YOUNGEST,
             .prev_epoch = YOUNGER,
             .prev_last = 2,
             .base = 1,
             .next = 2,
             .open = true}},
        3);
}

uint16_t rests_name_energy(struct script *s, int64_t t_ms, int64_t value, int64_t value_ms) {
    const uint16_t point = script_point(s, "energy", POINT_REGISTER, UWH);
    const struct reading r = {
        .point = point, .t_ms = value_ms, .v = {.kind = VALUE_INT, .as.i = value}};
    s->point[point].source = LATE_SOURCE;
    cr_assert_eq(script_key_value(s, t_ms, value_ms ? &r : NULL), ERR_OK);
    return point;
}

void rests_read_energy(struct script *s, uint16_t point, int64_t t_ms, int64_t value) {
    batch_writer_add_asof(&s->writer, (struct asof){LATE_SOURCE, t_ms - MIN, t_ms});
    script_int(s, point, t_ms, value);
    cr_assert_eq(script_send(s), ERR_OK);
}

void rests_key(struct script *s, int64_t t_ms) {
    cr_assert_eq(script_key(s, t_ms), ERR_OK);
}

int64_t rests_energy_of_day(void) {
    const struct window_key of = {.node = 2, .kind = WINDOW_DAY, .start_ms = SIM_DAY0};
    struct window w = {0};
    cr_assert(station_window(&rests.station, &of, &w));
    return sums_energy(&w.sums) / UWH;
}

void rests_older_begins(uint16_t *energy) {
    *energy = rests_name_energy(&rests.older, T0, 100, T0);
    rests_read_energy(&rests.older, *energy, T0 + 5 * MIN, 103);
}

void rests_older_ends(uint16_t energy) {
    rests_read_energy(&rests.older, energy, T0 + 4 * MIN, 90);
}

void rests_drop_last_of(struct script *g, uint64_t epoch, uint64_t seq) {
    const struct batch_head head = {
        .kind = BATCH_DROPPED, .epoch = epoch, .seq = seq, .t_ms = T0 + 32 * MIN};
    const struct batch_dropped last = {.from = seq, .to = seq, .reason = DROP_QUOTA};
    char topic[TOPIC_MAX];
    batch_writer_reset(&g->writer, head.t_ms);
    buf_reset(&g->bytes);
    topic_format(TOPIC_DATA, &g->agent, topic);
    cr_assert_eq(batch_writer_encode(&g->writer, &head, NULL, &last, NULL, &g->bytes), ERR_OK);
    cr_assert_eq(station_message(&rests.station, topic, buf_span(&g->bytes)), ERR_OK);
}

void rests_older_says_more(void) {
    script_int(&rests.older, 0, T0 + 6 * MIN, 7);
    cr_assert_eq(script_send(&rests.older), ERR_OK);
}

int64_t rests_energy_of_quarter(int64_t start_ms) {
    const struct window_key of = {.node = 2, .kind = WINDOW_QUARTER, .start_ms = start_ms};
    struct window w = {0};
    cr_assert(station_window(&rests.station, &of, &w));
    return sums_energy(&w.sums) / UWH;
}
