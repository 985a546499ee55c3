/* Points that an agent names late: what the epochs before left of them leads up to the value that
 * the key frame tells. */
#include "rests_rig.h"

#include <criterion/criterion.h>

TestSuite(rests, .init = rests_open, .fini = rests_close);

/* 5000, then 6000 were read; the image knows of the first record only. */
static void two_readings(uint16_t *energy) {
    rests_hello_older();
    *energy = rests_name_energy(&rests.older, T0, 5000, T0);
    rests_read_energy(&rests.older, *energy, T0 + 10 * MIN, 6000);
    rests_at(T0 + 11 * MIN);
    cr_assert_eq(rests_energy_of_day(), 1000);
}

/* 6500 when it is read again: 1000 + 500, not 1500 more than the image's 5000. */
Test(rests, what_an_image_names_late_goes_on_from_what_was_counted) {
    uint16_t energy;
    two_readings(&energy);
    rests_hello_younger(1, 1);
    rests_key(&rests.younger, T0 + 20 * MIN);
    energy = rests_name_energy(&rests.younger, T0 + 22 * MIN, 5000, T0);
    rests_read_energy(&rests.younger, energy, T0 + 23 * MIN, 6500);
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(rests_energy_of_day(), 1500);
}

/* The same where the image was taken before the register had been read at all. */
Test(rests, what_an_image_knows_no_value_of_goes_on_all_the_same) {
    uint16_t energy;
    two_readings(&energy);
    rests_hello_younger(1, 1);
    rests_key(&rests.younger, T0 + 20 * MIN);
    energy = rests_name_energy(&rests.younger, T0 + 22 * MIN, 0, 0);
    rests_read_energy(&rests.younger, energy, T0 + 23 * MIN, 6500);
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(rests_energy_of_day(), 1500);
}

/* And where a whole epoch lies between that never named it, and the aggregator starts anew. */
Test(rests, what_is_left_outlives_an_epoch_and_a_restart) {
    uint16_t energy;
    two_readings(&energy);
    rests_hello_younger(1, 1);
    rests_key(&rests.younger, T0 + 20 * MIN);
    script_int(&rests.younger, 0, T0 + 21 * MIN, 7);
    cr_assert_eq(script_send(&rests.younger), ERR_OK);
    rests_hello(
        (struct hello_epoch[]){
            {.epoch = YOUNGER, .prev_epoch = OLDER, .prev_last = 1, .base = 1, .next = 3},
            {.epoch = YOUNGEST,
             .prev_epoch = YOUNGER,
             .prev_last = 2,
             .base = 1,
             .next = 2,
             .open = true}},
        2);
    rests_key(&rests.youngest, T0 + 22 * MIN);
    rests_at(T0 + 23 * MIN);
    station_kill(&rests.station, 0);
    cr_assert_eq(station_start(&rests.station, (struct core_now){T0 + 24 * MIN, 1000}, 6), ERR_OK);
    rests_hello((struct hello_epoch[]){{.epoch = YOUNGEST,
                                        .prev_epoch = YOUNGER,
                                        .prev_last = 2,
                                        .base = 1,
                                        .next = 2,
                                        .open = true}},
                1);
    energy = rests_name_energy(&rests.youngest, T0 + 25 * MIN, 5000, T0);
    rests_read_energy(&rests.youngest, energy, T0 + 26 * MIN, 6500);
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(rests_energy_of_day(), 1500);
}

/* 100, 103, and a late 90 that is no step; it is the newest that the journal remembers. 110 is 7
 * more than 103, not 20 more than 90. */
static void younger_reads(void) {
    rests_key(&rests.younger, T0 + 20 * MIN);
    const uint16_t energy = rests_name_energy(&rests.younger, T0 + 22 * MIN, 90, T0 + 4 * MIN);
    rests_read_energy(&rests.younger, energy, T0 + 23 * MIN, 110);
}

Test(rests, a_late_value_that_fell_is_no_beginning) {
    uint16_t energy;
    rests_hello_younger(3, 3);
    rests.younger.prev_last = 3;
    rests_older_begins(&energy);
    rests_older_ends(energy);
    younger_reads();
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(rests_energy_of_day(), 10);
}

/* The younger epoch is read first: 20 more than 90 are shown until the older one has ended. */
Test(rests, what_is_named_late_waits_for_the_end_of_the_older_lane) {
    uint16_t energy;
    rests_hello_younger(3, 3);
    rests.younger.prev_last = 3;
    rests_older_begins(&energy);
    younger_reads();
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(rests_energy_of_day(), 23);
    rests_older_ends(energy);
    rests_at(T0 + 31 * MIN);
    cr_expect_eq(rests_energy_of_day(), 10);
}

/* The epoch between has named the register and read 105, the youngest names it late; then comes the
 * end of the oldest: 103 to 105 to 110. */
Test(rests, what_is_left_waits_for_the_end_of_an_older_lane) {
    uint16_t energy, younger;
    rests_hello_youngest();
    rests.younger.prev_last = 3;
    rests_older_begins(&energy);
    younger = rests_name_energy(&rests.younger, T0 + 20 * MIN, 90, T0 + 4 * MIN);
    rests_read_energy(&rests.younger, younger, T0 + 21 * MIN, 105);
    rests_key(&rests.youngest, T0 + 22 * MIN);
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(rests_energy_of_day(), 3 + 15);
    younger = rests_name_energy(&rests.youngest, T0 + 31 * MIN, 105, T0 + 21 * MIN);
    rests_read_energy(&rests.youngest, younger, T0 + 32 * MIN, 110);
    rests_at(T0 + 33 * MIN);
    cr_expect_eq(rests_energy_of_day(), 3 + 15 + 5);
    rests_older_ends(energy);
    rests_at(T0 + 34 * MIN);
    cr_expect_eq(rests_energy_of_day(), 10);
}

/* The same, and the one between reads nothing of it; the oldest ends before it is named again. */
Test(rests, what_was_left_unread_is_as_the_older_lane_leaves_it) {
    uint16_t energy;
    rests_hello_youngest();
    rests.younger.prev_last = 3;
    rests_older_begins(&energy);
    (void)rests_name_energy(&rests.younger, T0 + 20 * MIN, 90, T0 + 4 * MIN);
    script_int(&rests.younger, 0, T0 + 21 * MIN, 7);
    cr_assert_eq(script_send(&rests.younger), ERR_OK);
    rests_key(&rests.youngest, T0 + 22 * MIN);
    rests_older_ends(energy);
    energy = rests_name_energy(&rests.youngest, T0 + 31 * MIN, 90, T0 + 4 * MIN);
    rests_read_energy(&rests.youngest, energy, T0 + 32 * MIN, 110);
    rests_at(T0 + 33 * MIN);
    cr_expect_eq(rests_energy_of_day(), 10);
}

/* The same, and nothing was late: the older lane ends with what the key frame told. */
Test(rests, what_is_left_is_booked_when_the_older_lane_ends_as_told) {
    uint16_t energy, younger;
    rests_hello_youngest();
    rests.younger.prev_last = 3;
    rests_older_begins(&energy);
    younger = rests_name_energy(&rests.younger, T0 + 20 * MIN, 103, T0 + 5 * MIN);
    rests_read_energy(&rests.younger, younger, T0 + 5 * MIN + MIN / 2, 105); /* in one minute */
    rests_key(&rests.youngest, T0 + 22 * MIN);
    script_int(&rests.older, 0, T0 + 6 * MIN, 7);
    cr_assert_eq(script_send(&rests.older), ERR_OK);
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(rests_energy_of_day(), 5);
}

/* A plant file is reloaded while key frames of the image are looked at, and while a rest waits. */
Test(rests, what_is_left_outlives_a_reload) {
    uint16_t energy;
    struct plant *plant = NULL;
    two_readings(&energy);
    rests_hello_younger(1, 1);
    rests_key(&rests.younger, T0 + 20 * MIN);
    rests_at(T0 + 21 * MIN);
    core_begin_flush(rests.station.core, rests.station.now);
    cr_assert_eq(station_settle(&rests.station), ERR_OK);
    cr_assert_eq(line_plant_open(&plant), ERR_OK);
    cr_assert_eq(station_reload(&rests.station, plant, rests.station.now, 9), ERR_OK);
    plant_close(rests.plant);
    rests.plant = plant;
    rests_key(&rests.younger, T0 + 22 * MIN);
    energy = rests_name_energy(&rests.younger, T0 + 22 * MIN, 5000, T0);
    rests_read_energy(&rests.younger, energy, T0 + 23 * MIN, 6500);
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(rests_energy_of_day(), 1500);
}

/* The journal of the younger one remembers no value: 110 is 7 more than the older lane's 103. */
Test(rests, what_is_named_without_a_value_waits_as_well) {
    uint16_t energy;
    rests_hello_younger(3, 3);
    rests.younger.prev_last = 3;
    rests_older_begins(&energy);
    rests_key(&rests.younger, T0 + 20 * MIN);
    const uint16_t younger = rests_name_energy(&rests.younger, T0 + 22 * MIN, 0, 0);
    rests_read_energy(&rests.younger, younger, T0 + 23 * MIN, 110);
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(rests_energy_of_day(), 3);
    rests_older_ends(energy);
    rests_at(T0 + 31 * MIN);
    cr_expect_eq(rests_energy_of_day(), 10);
}

/* Named without a value by the younger one, and not at all by the youngest, which goes on in the
 * same lane: what the older one leaves when it ends is there for who names it late. */
Test(rests, what_an_epoch_named_without_a_value_is_left_by_an_older_one) {
    uint16_t energy;
    rests_hello_youngest();
    rests.younger.prev_last = 3;
    rests_older_begins(&energy);
    (void)rests_name_energy(&rests.younger, T0 + 20 * MIN, 0, 0);
    cr_assert_eq(script_send(&rests.younger), ERR_OK);
    rests_key(&rests.youngest, T0 + 22 * MIN);
    rests_older_ends(energy);
    rests_at(T0 + 24 * MIN);
    cr_expect_eq(rests_energy_of_day(), 3);
    const uint16_t late = rests_name_energy(&rests.youngest, T0 + 25 * MIN, 0, 0);
    rests_read_energy(&rests.youngest, late, T0 + 26 * MIN, 110);
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(rests_energy_of_day(), 10);
}

/* 5000 at 06:00, 5500 at 06:10 and 6000 at 06:11, which was given up. The epoch between reads
 * another point of that source for four minutes, the youngest names the register with 6000. What
 * passed until 06:11 is told; in those four minutes nobody looked. */
Test(rests, what_is_left_is_not_watched_by_who_does_not_name_it) {
    uint16_t energy, extra;
    rests_hello_youngest();
    rests.younger.prev_last = 3;
    energy = rests_name_energy(&rests.older, T0, 5000, T0);
    rests_read_energy(&rests.older, energy, T0 + 10 * MIN, 5500);
    extra = script_point(&rests.younger, "extra", POINT_GAUGE, 1);
    rests.younger.point[extra].source = LATE_SOURCE;
    rests_key(&rests.younger, T0 + 20 * MIN);
    rests_key(&rests.youngest, T0 + 30 * MIN);
    (void)rests_name_energy(&rests.youngest, T0 + 31 * MIN, 6000, T0 + 11 * MIN);
    rests_drop_last_of(&rests.older, OLDER, 3);
    batch_writer_add_asof(&rests.younger.writer,
                          (struct asof){LATE_SOURCE, T0 + 20 * MIN, T0 + 24 * MIN});
    script_int(&rests.younger, extra, T0 + 20 * MIN, 17);
    cr_assert_eq(script_send(&rests.younger), ERR_OK);
    rests_at(T0 + 40 * MIN);
    cr_expect_eq(rests_energy_of_day(), 1000);
    const struct window_key of = {.node = 2, .kind = WINDOW_DAY, .start_ms = SIM_DAY0};
    struct window w = {0};
    cr_assert(station_window(&rests.station, &of, &w));
    cr_expect_eq(w.sums.q[QTY_ENERGY_SEEN], 11 * MIN);
}

/* The oldest epoch tells of the first five minutes, the youngest vouches for one: it stands still.
 * The one between has the source, but never names the register: nobody watched it then, whichever
 * lane reads what. */
static void name_another(struct script *s) {
    s->point[script_point(s, "other", POINT_GAUGE, 1)].source = LATE_SOURCE;
}

static void younger_vouches_for_another(void) {
    name_another(&rests.younger);
    rests_key(&rests.younger, T0 + 20 * MIN);
    batch_writer_add_asof(&rests.younger.writer,
                          (struct asof){LATE_SOURCE, T0 + 20 * MIN, T0 + 24 * MIN});
    cr_assert_eq(script_send(&rests.younger), ERR_OK);
}

static int64_t energy_seen_of_day(void) {
    const struct window_key of = {.node = 2, .kind = WINDOW_DAY, .start_ms = SIM_DAY0};
    struct window w = {0};
    cr_assert(station_window(&rests.station, &of, &w));
    return w.sums.q[QTY_ENERGY_SEEN];
}

Test(rests, what_is_left_is_watched_by_nobody) {
    uint16_t energy;
    rests_hello_youngest();
    rests.younger.prev_last = 3;
    rests_key(&rests.youngest, T0 + 30 * MIN);
    energy = rests_name_energy(&rests.youngest, T0 + 31 * MIN, 103,
                               T0 + 6 * MIN); /* the clock was stepped */
    rests_read_energy(&rests.youngest, energy, T0 + 32 * MIN, 103);
    rests_older_begins(&energy);
    script_int(&rests.older, 0, T0 + 6 * MIN, 7);
    cr_assert_eq(script_send(&rests.older), ERR_OK);
    younger_vouches_for_another();
    rests_at(T0 + 40 * MIN);
    cr_expect_eq(rests_energy_of_day(), 3);
    cr_expect_eq(energy_seen_of_day(), (5 + 1) * MIN);
}

/* The younger epoch has lost its first record. Its key frame tells that the source vouched in it,
 * and does not name the register: again nobody watched that. */
static void younger_has_lost_its_first(void) {
    name_another(&rests.younger);
    rests.younger.next = 2;
    const struct asof lost = {LATE_SOURCE, T0 + 20 * MIN, T0 + 24 * MIN};
    cr_assert_eq(script_key_asof(&rests.younger, T0 + 24 * MIN, NULL, lost), ERR_OK);
    const uint16_t energy = rests_name_energy(&rests.younger, T0 + 25 * MIN, 103, T0 + 5 * MIN);
    rests_read_energy(&rests.younger, energy, T0 + 30 * MIN, 103);
}

static void hello_lost_first(void) {
    rests_hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 4},
                                       {.epoch = YOUNGER,
                                        .prev_epoch = OLDER,
                                        .prev_last = 3,
                                        .base = 2,
                                        .next = 3,
                                        .open = true}},
                2);
    rests.younger.prev_last = 3;
    name_another(&rests.older);
}

Test(rests, a_key_frame_vouches_for_nothing_that_it_does_not_name) {
    uint16_t energy;
    hello_lost_first();
    rests_older_begins(&energy);
    script_int(&rests.older, 0, T0 + 6 * MIN, 7);
    cr_assert_eq(script_send(&rests.older), ERR_OK);
    younger_has_lost_its_first();
    rests_at(T0 + 40 * MIN);
    cr_expect_eq(energy_seen_of_day(), (5 + 1) * MIN);
}

Test(rests, a_key_frame_of_a_younger_lane_vouches_for_no_more) {
    uint16_t energy;
    hello_lost_first();
    rests_older_begins(&energy);
    younger_has_lost_its_first();
    script_int(&rests.older, 0, T0 + 6 * MIN, 7);
    cr_assert_eq(script_send(&rests.older), ERR_OK);
    rests_at(T0 + 40 * MIN);
    cr_expect_eq(energy_seen_of_day(), (5 + 1) * MIN);
}

/* 1,000,000, then 2 and 4 more; then an epoch that tells no value of the register and loses the
 * rest. The next key frame tells 5,000 more, which is wild by the steps before and held; 10 and 11
 * more show that it was a spike. An epoch without a value between makes nobody forget those steps.
 */
static void hello_spike(uint64_t younger_base) {
    rests_hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 4},
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
    rests.younger.prev_last = 3;
}

static void small_steps_and_an_epoch_without_a_value(void) {
    const uint16_t energy = rests_name_energy(&rests.older, T0, MILLION, T0);
    rests_read_energy(&rests.older, energy, T0 + 5 * MIN, MILLION + 2);
    rests_read_energy(&rests.older, energy, T0 + 10 * MIN, MILLION + 4);
    (void)rests_name_energy(&rests.younger, T0 + 15 * MIN, 0, 0);
    hello_spike(3);
}

static void a_spike_in_a_key_frame(void) {
    const uint16_t energy =
        rests_name_energy(&rests.youngest, T0 + 20 * MIN, MILLION + 5000, T0 + 20 * MIN);
    rests_read_energy(&rests.youngest, energy, T0 + 23 * MIN, MILLION + 10);
    rests_read_energy(&rests.youngest, energy, T0 + 24 * MIN, MILLION + 11);
}

Test(rests, an_epoch_without_a_value_keeps_the_measure) {
    hello_spike(1);
    small_steps_and_an_epoch_without_a_value();
    a_spike_in_a_key_frame();
    rests_at(T0 + 40 * MIN);
    cr_expect_eq(rests_energy_of_day(), 11);
}

Test(rests, an_epoch_without_a_value_keeps_it_before_a_younger_lane_too) {
    hello_spike(1);
    a_spike_in_a_key_frame();
    small_steps_and_an_epoch_without_a_value();
    rests_at(T0 + 40 * MIN);
    cr_expect_eq(rests_energy_of_day(), 11);
}

/* A counter, 100 at 06:00 and 104 at 06:50, which the younger epoch's key frame tells; then an
 * epoch that tells no value, and reads 110 at 07:10. That step leads over a gap, half of it in
 * either hour, whether the older epoch's last record came in order or behind. */
static int64_t pieces_of_hour(int64_t start_ms) {
    const struct window_key of = {.node = 2, .kind = WINDOW_HOUR, .start_ms = start_ms};
    struct window w = {0};
    cr_assert(station_window(&rests.station, &of, &w));
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
    rests_hello_older();
    key_count(&rests.older, T0, 100);
    read_count(&rests.older, T0 + 50 * MIN, 104);
    rests.younger.prev_last = 3;
    rests_hello_youngest();
    if (!late)
        cr_assert_eq(script_send(&rests.older), ERR_OK);
    key_count(&rests.younger, T0 + 50 * MIN, 104);
    cr_assert_eq(script_send(&rests.younger), ERR_OK);
    rests_key(&rests.youngest, T0 + 60 * MIN);
    read_count(&rests.youngest, T0 + 70 * MIN, 110);
    if (late)
        cr_assert_eq(script_send(&rests.older), ERR_OK);
    rests_at(T0 + 90 * MIN);
    cr_expect_eq(pieces_of_hour(T0), 10);
    cr_expect_eq(pieces_of_hour(T0 + 60 * MIN), 0);
}

Test(rests, what_is_read_behind_an_epoch_without_a_value_leads_over_a_gap) {
    expect_led_over_a_gap(false);
}

Test(rests, what_is_read_behind_such_an_epoch_leads_over_it_beside_an_older_lane_too) {
    expect_led_over_a_gap(true);
}
