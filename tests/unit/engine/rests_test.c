/* Points that an agent names late: what the epochs before left of them leads up to the value that
 * the key frame tells. One register, read from a second source. */
#include <criterion/criterion.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define UWH INT64_C(1000000) /* of a step by one */

enum { OLDER = 101, YOUNGER = 102, YOUNGEST = 103, LATE_SOURCE = 1, MILLION = 1000000 };

struct bench {
    struct plant *plant;
    struct station station;
    struct script older, younger, youngest;
    uint64_t nonce;
    uint32_t hello_n;
};

static struct bench b;

static void begin(struct script *s, uint64_t epoch, uint64_t prev, uint64_t prev_last) {
    script_init(s, &b.station, "gw1", epoch);
    s->nonce = b.nonce;
    s->prev_epoch = prev;
    s->prev_last = prev_last;
    (void)script_point(s, "total", POINT_COUNTER, UWH);
}

static void open_bench(void) {
    b = (struct bench){.nonce = 4711};
    cr_assert_eq(line_plant_open(&b.plant), ERR_OK);
    cr_assert_eq(station_init(&b.station, b.plant), ERR_OK);
    cr_assert_eq(station_start(&b.station, (struct core_now){T0, 1000}, 5), ERR_OK);
    cr_assert_eq(station_tick(&b.station, (struct core_now){T0, 1000}), ERR_OK);
    begin(&b.older, OLDER, 0, 0);
    begin(&b.younger, YOUNGER, OLDER, 2);
    begin(&b.youngest, YOUNGEST, YOUNGER, 2);
}

static void close_bench(void) {
    script_fini(&b.older);
    script_fini(&b.younger);
    script_fini(&b.youngest);
    station_fini(&b.station);
    plant_close(b.plant);
}

TestSuite(rests, .init = open_bench, .fini = close_bench);

static void at(int64_t wall_ms) {
    const struct core_now now = {wall_ms, 1000 + wall_ms - T0};
    cr_assert_eq(station_tick(&b.station, now), ERR_OK);
    cr_assert_eq(station_settle(&b.station), ERR_OK);
}

/* The agent holds these, the last one open. */
static void hello(const struct hello_epoch *row, uint32_t n) {
    char topic[TOPIC_MAX];
    struct buf bytes;
    struct hello h = {.agent = b.older.agent, .nonce = b.nonce, .n = ++b.hello_n, .epoch_n = n};
    memcpy(h.epoch, row, n * sizeof *row);
    buf_init(&bytes);
    topic_format(TOPIC_HELLO, &h.agent, topic);
    cr_assert_eq(hello_format(&h, &bytes), ERR_OK);
    cr_assert_eq(station_message(&b.station, topic, buf_span(&bytes)), ERR_OK);
    buf_fini(&bytes);
}

static void hello_older(void) {
    hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 2, .open = true}}, 1);
}

/* The older one has so many records, of which the younger one knows so many. */
static void hello_younger(uint64_t records, uint64_t known) {
    hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = records + 1},
                                 {.epoch = YOUNGER,
                                  .prev_epoch = OLDER,
                                  .prev_last = known,
                                  .base = 1,
                                  .next = 2,
                                  .open = true}},
          2);
}

static void hello_youngest(void) {
    hello(
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

/* Names the register, with its value; value_ms 0: it has none. */
static uint16_t name_energy(struct script *s, int64_t t_ms, int64_t value, int64_t value_ms) {
    const uint16_t point = script_point(s, "energy", POINT_REGISTER, UWH);
    const struct reading r = {
        .point = point, .t_ms = value_ms, .v = {.kind = VALUE_INT, .as.i = value}};
    s->point[point].source = LATE_SOURCE;
    cr_assert_eq(script_key_value(s, t_ms, value_ms ? &r : NULL), ERR_OK);
    return point;
}

static void read_energy(struct script *s, uint16_t point, int64_t t_ms, int64_t value) {
    batch_writer_add_asof(&s->writer, (struct asof){LATE_SOURCE, t_ms - MIN, t_ms});
    script_int(s, point, t_ms, value);
    cr_assert_eq(script_send(s), ERR_OK);
}

static void key(struct script *s, int64_t t_ms) {
    cr_assert_eq(script_key(s, t_ms), ERR_OK);
}

static int64_t energy_of_day(void) {
    const struct window_key of = {.node = 2, .kind = WINDOW_DAY, .start_ms = SIM_DAY0};
    struct window w = {0};
    cr_assert(station_window(&b.station, &of, &w));
    return sums_energy(&w.sums) / UWH;
}

/* 5000, then 6000 were read; the image knows of the first record only. */
static void two_readings(uint16_t *energy) {
    hello_older();
    *energy = name_energy(&b.older, T0, 5000, T0);
    read_energy(&b.older, *energy, T0 + 10 * MIN, 6000);
    at(T0 + 11 * MIN);
    cr_assert_eq(energy_of_day(), 1000);
}

/* 6500 when it is read again: 1000 + 500, not 1500 more than the image's 5000. */
Test(rests, what_an_image_names_late_goes_on_from_what_was_counted) {
    uint16_t energy;
    two_readings(&energy);
    hello_younger(1, 1);
    key(&b.younger, T0 + 20 * MIN);
    energy = name_energy(&b.younger, T0 + 22 * MIN, 5000, T0);
    read_energy(&b.younger, energy, T0 + 23 * MIN, 6500);
    at(T0 + 30 * MIN);
    cr_expect_eq(energy_of_day(), 1500);
}

/* The same where the image was taken before the register had been read at all. */
Test(rests, what_an_image_knows_no_value_of_goes_on_all_the_same) {
    uint16_t energy;
    two_readings(&energy);
    hello_younger(1, 1);
    key(&b.younger, T0 + 20 * MIN);
    energy = name_energy(&b.younger, T0 + 22 * MIN, 0, 0);
    read_energy(&b.younger, energy, T0 + 23 * MIN, 6500);
    at(T0 + 30 * MIN);
    cr_expect_eq(energy_of_day(), 1500);
}

/* And where a whole epoch lies between that never named it, and the aggregator starts anew. */
Test(rests, what_is_left_outlives_an_epoch_and_a_restart) {
    uint16_t energy;
    two_readings(&energy);
    hello_younger(1, 1);
    key(&b.younger, T0 + 20 * MIN);
    script_int(&b.younger, 0, T0 + 21 * MIN, 7);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    hello(
        (struct hello_epoch[]){
            {.epoch = YOUNGER, .prev_epoch = OLDER, .prev_last = 1, .base = 1, .next = 3},
            {.epoch = YOUNGEST,
             .prev_epoch = YOUNGER,
             .prev_last = 2,
             .base = 1,
             .next = 2,
             .open = true}},
        2);
    key(&b.youngest, T0 + 22 * MIN);
    at(T0 + 23 * MIN);
    station_kill(&b.station, 0);
    cr_assert_eq(station_start(&b.station, (struct core_now){T0 + 24 * MIN, 1000}, 6), ERR_OK);
    hello((struct hello_epoch[]){{.epoch = YOUNGEST,
                                  .prev_epoch = YOUNGER,
                                  .prev_last = 2,
                                  .base = 1,
                                  .next = 2,
                                  .open = true}},
          1);
    energy = name_energy(&b.youngest, T0 + 25 * MIN, 5000, T0);
    read_energy(&b.youngest, energy, T0 + 26 * MIN, 6500);
    at(T0 + 30 * MIN);
    cr_expect_eq(energy_of_day(), 1500);
}

/* 100, 103, and a late 90 that is no step; it is the newest that the journal remembers. 110 is 7
 * more than 103, not 20 more than 90. */
static void older_begins(uint16_t *energy) {
    *energy = name_energy(&b.older, T0, 100, T0);
    read_energy(&b.older, *energy, T0 + 5 * MIN, 103);
}

static void older_ends(uint16_t energy) {
    read_energy(&b.older, energy, T0 + 4 * MIN, 90);
}

static void younger_reads(void) {
    key(&b.younger, T0 + 20 * MIN);
    const uint16_t energy = name_energy(&b.younger, T0 + 22 * MIN, 90, T0 + 4 * MIN);
    read_energy(&b.younger, energy, T0 + 23 * MIN, 110);
}

Test(rests, a_late_value_that_fell_is_no_beginning) {
    uint16_t energy;
    hello_younger(3, 3);
    b.younger.prev_last = 3;
    older_begins(&energy);
    older_ends(energy);
    younger_reads();
    at(T0 + 30 * MIN);
    cr_expect_eq(energy_of_day(), 10);
}

/* The younger epoch is read first: 20 more than 90 are shown until the older one has ended. */
Test(rests, what_is_named_late_waits_for_the_end_of_the_older_lane) {
    uint16_t energy;
    hello_younger(3, 3);
    b.younger.prev_last = 3;
    older_begins(&energy);
    younger_reads();
    at(T0 + 30 * MIN);
    cr_expect_eq(energy_of_day(), 23);
    older_ends(energy);
    at(T0 + 31 * MIN);
    cr_expect_eq(energy_of_day(), 10);
}

/* The epoch between has named the register and read 105, the youngest names it late; then comes the
 * end of the oldest: 103 to 105 to 110. */
Test(rests, what_is_left_waits_for_the_end_of_an_older_lane) {
    uint16_t energy, younger;
    hello_youngest();
    b.younger.prev_last = 3;
    older_begins(&energy);
    younger = name_energy(&b.younger, T0 + 20 * MIN, 90, T0 + 4 * MIN);
    read_energy(&b.younger, younger, T0 + 21 * MIN, 105);
    key(&b.youngest, T0 + 22 * MIN);
    at(T0 + 30 * MIN);
    cr_expect_eq(energy_of_day(), 3 + 15);
    younger = name_energy(&b.youngest, T0 + 31 * MIN, 105, T0 + 21 * MIN);
    read_energy(&b.youngest, younger, T0 + 32 * MIN, 110);
    at(T0 + 33 * MIN);
    cr_expect_eq(energy_of_day(), 3 + 15 + 5);
    older_ends(energy);
    at(T0 + 34 * MIN);
    cr_expect_eq(energy_of_day(), 10);
}

/* The same, and the one between reads nothing of it; the oldest ends before it is named again. */
Test(rests, what_was_left_unread_is_as_the_older_lane_leaves_it) {
    uint16_t energy;
    hello_youngest();
    b.younger.prev_last = 3;
    older_begins(&energy);
    (void)name_energy(&b.younger, T0 + 20 * MIN, 90, T0 + 4 * MIN);
    script_int(&b.younger, 0, T0 + 21 * MIN, 7);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    key(&b.youngest, T0 + 22 * MIN);
    older_ends(energy);
    energy = name_energy(&b.youngest, T0 + 31 * MIN, 90, T0 + 4 * MIN);
    read_energy(&b.youngest, energy, T0 + 32 * MIN, 110);
    at(T0 + 33 * MIN);
    cr_expect_eq(energy_of_day(), 10);
}

/* The same, and nothing was late: the older lane ends with what the key frame told. */
Test(rests, what_is_left_is_booked_when_the_older_lane_ends_as_told) {
    uint16_t energy, younger;
    hello_youngest();
    b.younger.prev_last = 3;
    older_begins(&energy);
    younger = name_energy(&b.younger, T0 + 20 * MIN, 103, T0 + 5 * MIN);
    read_energy(&b.younger, younger, T0 + 5 * MIN + MIN / 2, 105); /* in one minute */
    key(&b.youngest, T0 + 22 * MIN);
    script_int(&b.older, 0, T0 + 6 * MIN, 7);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    at(T0 + 30 * MIN);
    cr_expect_eq(energy_of_day(), 5);
}

/* A plant file is reloaded while key frames of the image are looked at, and while a rest waits. */
Test(rests, what_is_left_outlives_a_reload) {
    uint16_t energy;
    struct plant *plant = NULL;
    two_readings(&energy);
    hello_younger(1, 1);
    key(&b.younger, T0 + 20 * MIN);
    at(T0 + 21 * MIN);
    core_begin_flush(b.station.core, b.station.now);
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    cr_assert_eq(line_plant_open(&plant), ERR_OK);
    cr_assert_eq(station_reload(&b.station, plant, b.station.now, 9), ERR_OK);
    plant_close(b.plant);
    b.plant = plant;
    key(&b.younger, T0 + 22 * MIN);
    energy = name_energy(&b.younger, T0 + 22 * MIN, 5000, T0);
    read_energy(&b.younger, energy, T0 + 23 * MIN, 6500);
    at(T0 + 30 * MIN);
    cr_expect_eq(energy_of_day(), 1500);
}

/* The journal of the younger one remembers no value: 110 is 7 more than the older lane's 103. */
Test(rests, what_is_named_without_a_value_waits_as_well) {
    uint16_t energy;
    hello_younger(3, 3);
    b.younger.prev_last = 3;
    older_begins(&energy);
    key(&b.younger, T0 + 20 * MIN);
    const uint16_t younger = name_energy(&b.younger, T0 + 22 * MIN, 0, 0);
    read_energy(&b.younger, younger, T0 + 23 * MIN, 110);
    at(T0 + 30 * MIN);
    cr_expect_eq(energy_of_day(), 3);
    older_ends(energy);
    at(T0 + 31 * MIN);
    cr_expect_eq(energy_of_day(), 10);
}

/* Named without a value by the younger one, and not at all by the youngest, which goes on in the
 * same lane: what the older one leaves when it ends is there for who names it late. */
Test(rests, what_an_epoch_named_without_a_value_is_left_by_an_older_one) {
    uint16_t energy;
    hello_youngest();
    b.younger.prev_last = 3;
    older_begins(&energy);
    (void)name_energy(&b.younger, T0 + 20 * MIN, 0, 0);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    key(&b.youngest, T0 + 22 * MIN);
    older_ends(energy);
    at(T0 + 24 * MIN);
    cr_expect_eq(energy_of_day(), 3);
    const uint16_t late = name_energy(&b.youngest, T0 + 25 * MIN, 0, 0);
    read_energy(&b.youngest, late, T0 + 26 * MIN, 110);
    at(T0 + 30 * MIN);
    cr_expect_eq(energy_of_day(), 10);
}

static void drop_last_of_older(void) {
    const struct batch_head head = {
        .kind = BATCH_DROPPED, .epoch = OLDER, .seq = 3, .t_ms = T0 + 32 * MIN};
    const struct batch_dropped last = {.from = 3, .to = 3, .reason = DROP_QUOTA};
    struct script *g = &b.older;
    char topic[TOPIC_MAX];
    batch_writer_reset(&g->writer, head.t_ms);
    buf_reset(&g->bytes);
    topic_format(TOPIC_DATA, &g->agent, topic);
    cr_assert_eq(batch_writer_encode(&g->writer, &head, NULL, &last, NULL, &g->bytes), ERR_OK);
    cr_assert_eq(station_message(&b.station, topic, buf_span(&g->bytes)), ERR_OK);
}

/* 5000 at 06:00, 5500 at 06:10 and 6000 at 06:11, which was given up. The epoch between reads
 * another point of that source for four minutes, the youngest names the register with 6000. What
 * passed until 06:11 is told; in those four minutes nobody looked. */
Test(rests, what_is_left_is_not_watched_by_who_does_not_name_it) {
    uint16_t energy, extra;
    hello_youngest();
    b.younger.prev_last = 3;
    energy = name_energy(&b.older, T0, 5000, T0);
    read_energy(&b.older, energy, T0 + 10 * MIN, 5500);
    extra = script_point(&b.younger, "extra", POINT_GAUGE, 1);
    b.younger.point[extra].source = LATE_SOURCE;
    key(&b.younger, T0 + 20 * MIN);
    key(&b.youngest, T0 + 30 * MIN);
    (void)name_energy(&b.youngest, T0 + 31 * MIN, 6000, T0 + 11 * MIN);
    drop_last_of_older();
    batch_writer_add_asof(&b.younger.writer,
                          (struct asof){LATE_SOURCE, T0 + 20 * MIN, T0 + 24 * MIN});
    script_int(&b.younger, extra, T0 + 20 * MIN, 17);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    at(T0 + 40 * MIN);
    cr_expect_eq(energy_of_day(), 1000);
    const struct window_key of = {.node = 2, .kind = WINDOW_DAY, .start_ms = SIM_DAY0};
    struct window w = {0};
    cr_assert(station_window(&b.station, &of, &w));
    cr_expect_eq(w.sums.q[QTY_ENERGY_SEEN], 11 * MIN);
}

/* 100, 103, and a fall to 0 that is held when the epoch ends. The next one does not name the
 * register at first, so it is judged there, as one that nothing follows: it began anew, and 120 is
 * 120 more than 0. Had it waited for that, it would be a slip, and 120 were 17 more than 103. */
static void younger_goes_on_from_zero(void) {
    key(&b.younger, T0 + 20 * MIN);
    const uint16_t energy = name_energy(&b.younger, T0 + 22 * MIN, 0, T0 + 6 * MIN);
    read_energy(&b.younger, energy, T0 + 23 * MIN, 120);
}

Test(rests, what_is_held_is_judged_where_it_is_left) {
    uint16_t energy;
    hello_younger(3, 3);
    b.younger.prev_last = 3;
    older_begins(&energy);
    read_energy(&b.older, energy, T0 + 6 * MIN, 0);
    younger_goes_on_from_zero();
    at(T0 + 30 * MIN);
    cr_expect_eq(energy_of_day(), 3 + 120);
}

Test(rests, what_is_held_is_judged_the_same_in_a_lane_of_its_own) {
    uint16_t energy;
    hello_younger(3, 3);
    b.younger.prev_last = 3;
    older_begins(&energy);
    younger_goes_on_from_zero();
    read_energy(&b.older, energy, T0 + 6 * MIN, 0);
    at(T0 + 30 * MIN);
    cr_expect_eq(energy_of_day(), 3 + 120);
}

/* The same, and an epoch between named the register, with the value that the older one holds back,
 * and read nothing of it. The older one's reading comes in its turn, before the youngest names the
 * register, or last. */
enum turn { IN_TURN, BEFORE_IT_IS_NAMED, LAST };

static void fall_is_told(enum turn when) {
    uint16_t energy, late;
    hello_youngest();
    b.younger.prev_last = 3;
    older_begins(&energy);
    if (when == IN_TURN)
        read_energy(&b.older, energy, T0 + 6 * MIN, 0);
    (void)name_energy(&b.younger, T0 + 20 * MIN, 0, T0 + 6 * MIN);
    script_int(&b.younger, 0, T0 + 21 * MIN, 7);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    key(&b.youngest, T0 + 22 * MIN);
    if (when == BEFORE_IT_IS_NAMED)
        read_energy(&b.older, energy, T0 + 6 * MIN, 0);
    late = name_energy(&b.youngest, T0 + 24 * MIN, 0, T0 + 6 * MIN);
    read_energy(&b.youngest, late, T0 + 25 * MIN, 120);
    if (when == LAST)
        read_energy(&b.older, energy, T0 + 6 * MIN, 0);
    at(T0 + 30 * MIN);
    cr_expect_eq(energy_of_day(), 3 + 120);
}

Test(rests, what_is_held_is_judged_where_a_younger_epoch_left_it) {
    fall_is_told(IN_TURN);
}

Test(rests, what_is_held_is_judged_as_a_younger_epoch_left_it_before) {
    fall_is_told(BEFORE_IT_IS_NAMED);
}

Test(rests, what_is_held_is_judged_as_a_younger_epoch_left_it_in_a_lane_of_its_own) {
    fall_is_told(LAST);
}

/* The epoch between reads a fall to 0 as its first value, which is held; the youngest names the
 * register late, with 0, and reads 50: all of that since the fall, however late the oldest ends. */
static void older_says_more(void) {
    script_int(&b.older, 0, T0 + 6 * MIN, 7);
    cr_assert_eq(script_send(&b.older), ERR_OK);
}

static void fall_is_named_late(enum turn when) {
    const struct window_key of = {.node = 2, .kind = WINDOW_QUARTER, .start_ms = T0 + 15 * MIN};
    struct window w = {0};
    uint16_t energy, younger, late;
    hello_youngest();
    b.younger.prev_last = 3;
    older_begins(&energy);
    if (when == IN_TURN)
        older_says_more();
    younger = name_energy(&b.younger, T0 + 20 * MIN, 103, T0 + 5 * MIN);
    read_energy(&b.younger, younger, T0 + 21 * MIN, 0);
    key(&b.youngest, T0 + 22 * MIN);
    late = name_energy(&b.youngest, T0 + 24 * MIN, 0, T0 + 21 * MIN);
    read_energy(&b.youngest, late, T0 + 25 * MIN, 50);
    if (when == LAST)
        older_says_more();
    at(T0 + 30 * MIN);
    cr_expect_eq(energy_of_day(), 3 + 50);
    cr_assert(station_window(&b.station, &of, &w));
    cr_expect_eq(sums_energy(&w.sums) / UWH, 50);
}

Test(rests, what_is_named_late_may_have_fallen) {
    fall_is_named_late(IN_TURN);
}

Test(rests, what_is_named_late_may_have_fallen_beside_an_older_lane) {
    fall_is_named_late(LAST);
}

/* The oldest epoch tells of the first five minutes, the youngest vouches for one: it stands still.
 * The one between has the source, but never names the register: nobody watched it then, whichever
 * lane reads what. */
static void name_another(struct script *s) {
    s->point[script_point(s, "other", POINT_GAUGE, 1)].source = LATE_SOURCE;
}

static void younger_vouches_for_another(void) {
    name_another(&b.younger);
    key(&b.younger, T0 + 20 * MIN);
    batch_writer_add_asof(&b.younger.writer,
                          (struct asof){LATE_SOURCE, T0 + 20 * MIN, T0 + 24 * MIN});
    cr_assert_eq(script_send(&b.younger), ERR_OK);
}

static int64_t energy_seen_of_day(void) {
    const struct window_key of = {.node = 2, .kind = WINDOW_DAY, .start_ms = SIM_DAY0};
    struct window w = {0};
    cr_assert(station_window(&b.station, &of, &w));
    return w.sums.q[QTY_ENERGY_SEEN];
}

Test(rests, what_is_left_is_watched_by_nobody) {
    uint16_t energy;
    hello_youngest();
    b.younger.prev_last = 3;
    key(&b.youngest, T0 + 30 * MIN);
    energy = name_energy(&b.youngest, T0 + 31 * MIN, 103, T0 + 6 * MIN); /* the clock was stepped */
    read_energy(&b.youngest, energy, T0 + 32 * MIN, 103);
    older_begins(&energy);
    script_int(&b.older, 0, T0 + 6 * MIN, 7);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    younger_vouches_for_another();
    at(T0 + 40 * MIN);
    cr_expect_eq(energy_of_day(), 3);
    cr_expect_eq(energy_seen_of_day(), (5 + 1) * MIN);
}

/* The younger epoch has lost its first record. Its key frame tells that the source vouched in it,
 * and does not name the register: again nobody watched that. */
static void younger_has_lost_its_first(void) {
    name_another(&b.younger);
    b.younger.next = 2;
    const struct asof lost = {LATE_SOURCE, T0 + 20 * MIN, T0 + 24 * MIN};
    cr_assert_eq(script_key_asof(&b.younger, T0 + 24 * MIN, NULL, lost), ERR_OK);
    const uint16_t energy = name_energy(&b.younger, T0 + 25 * MIN, 103, T0 + 5 * MIN);
    read_energy(&b.younger, energy, T0 + 30 * MIN, 103);
}

static void hello_lost_first(void) {
    hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 4},
                                 {.epoch = YOUNGER,
                                  .prev_epoch = OLDER,
                                  .prev_last = 3,
                                  .base = 2,
                                  .next = 3,
                                  .open = true}},
          2);
    b.younger.prev_last = 3;
    name_another(&b.older);
}

Test(rests, a_key_frame_vouches_for_nothing_that_it_does_not_name) {
    uint16_t energy;
    hello_lost_first();
    older_begins(&energy);
    script_int(&b.older, 0, T0 + 6 * MIN, 7);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    younger_has_lost_its_first();
    at(T0 + 40 * MIN);
    cr_expect_eq(energy_seen_of_day(), (5 + 1) * MIN);
}

Test(rests, a_key_frame_of_a_younger_lane_vouches_for_no_more) {
    uint16_t energy;
    hello_lost_first();
    older_begins(&energy);
    younger_has_lost_its_first();
    script_int(&b.older, 0, T0 + 6 * MIN, 7);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    at(T0 + 40 * MIN);
    cr_expect_eq(energy_seen_of_day(), (5 + 1) * MIN);
}

/* 1,000,000, then 2 and 4 more; then an epoch that tells no value of the register and loses the
 * rest. The next key frame tells 5,000 more, which is wild by the steps before and held; 10 and 11
 * more show that it was a spike. An epoch without a value between makes nobody forget those steps.
 */
static void hello_spike(uint64_t younger_base) {
    hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 4},
                                 {.epoch = YOUNGER,
                                  .prev_epoch = OLDER,
                                  .prev_last = 3,
                                  .base = younger_base,
                                  .next = 3},
                                 {.epoch = YOUNGEST,
                                  .prev_epoch = YOUNGER,
                                  .prev_last = 2,
                                  .base = 1,
                                  .next = 2,
                                  .open = true}},
          3);
    b.younger.prev_last = 3;
}

static void small_steps_and_an_epoch_without_a_value(void) {
    const uint16_t energy = name_energy(&b.older, T0, MILLION, T0);
    read_energy(&b.older, energy, T0 + 5 * MIN, MILLION + 2);
    read_energy(&b.older, energy, T0 + 10 * MIN, MILLION + 4);
    (void)name_energy(&b.younger, T0 + 15 * MIN, 0, 0);
    hello_spike(3);
}

static void a_spike_in_a_key_frame(void) {
    const uint16_t energy = name_energy(&b.youngest, T0 + 20 * MIN, MILLION + 5000, T0 + 20 * MIN);
    read_energy(&b.youngest, energy, T0 + 23 * MIN, MILLION + 10);
    read_energy(&b.youngest, energy, T0 + 24 * MIN, MILLION + 11);
}

Test(rests, an_epoch_without_a_value_keeps_the_measure) {
    hello_spike(1);
    small_steps_and_an_epoch_without_a_value();
    a_spike_in_a_key_frame();
    at(T0 + 40 * MIN);
    cr_expect_eq(energy_of_day(), 11);
}

Test(rests, an_epoch_without_a_value_keeps_it_before_a_younger_lane_too) {
    hello_spike(1);
    a_spike_in_a_key_frame();
    small_steps_and_an_epoch_without_a_value();
    at(T0 + 40 * MIN);
    cr_expect_eq(energy_of_day(), 11);
}

/* A counter, 100 at 06:00 and 104 at 06:50, which the younger epoch's key frame tells; then an
 * epoch that tells no value, and reads 110 at 07:10. That step leads over a gap, half of it in
 * either hour, whether the older epoch's last record came in order or behind. */
static int64_t pieces_of_hour(int64_t start_ms) {
    const struct window_key of = {.node = 2, .kind = WINDOW_HOUR, .start_ms = start_ms};
    struct window w = {0};
    cr_assert(station_window(&b.station, &of, &w));
    return (w.sums.q[QTY_PQ] + w.sums.q[QTY_PQ_UNKNOWN]) / MILLION;
}

static void key_count(struct script *s, int64_t t_ms, int64_t count) {
    const struct reading r = {.t_ms = t_ms, .v = {.kind = VALUE_INT, .as.i = count}};
    cr_assert_eq(script_key_value(s, t_ms, &r), ERR_OK);
}

static void read_count(struct script *s, int64_t t_ms, int64_t count) {
    script_asof(s, t_ms - MIN, t_ms);
    script_int(s, 0, t_ms, count);
    cr_assert_eq(script_send(s), ERR_OK);
}

static void expect_led_over_a_gap(bool late) {
    hello_older();
    key_count(&b.older, T0, 100);
    read_count(&b.older, T0 + 50 * MIN, 104);
    b.younger.prev_last = 3;
    hello_youngest();
    if (!late)
        cr_assert_eq(script_send(&b.older), ERR_OK);
    key_count(&b.younger, T0 + 50 * MIN, 104);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    key(&b.youngest, T0 + 60 * MIN);
    read_count(&b.youngest, T0 + 70 * MIN, 110);
    if (late)
        cr_assert_eq(script_send(&b.older), ERR_OK);
    at(T0 + 90 * MIN);
    cr_expect_eq(pieces_of_hour(T0), 10);
    cr_expect_eq(pieces_of_hour(T0 + 60 * MIN), 0);
}

Test(rests, what_is_read_behind_an_epoch_without_a_value_leads_over_a_gap) {
    expect_led_over_a_gap(false);
}

Test(rests, what_is_read_behind_such_an_epoch_leads_over_it_beside_an_older_lane_too) {
    expect_led_over_a_gap(true);
}
