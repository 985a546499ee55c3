/* When a counter was watched, and where its steps begin, where one epoch follows another: the same
 * in whichever lane it is read. */
#include "rests_rig.h"

#include <criterion/criterion.h>

TestSuite(rests_seen, .init = rests_open, .fini = rests_close);

enum turn { IN_TURN, LAST };

static int64_t of_quarter(int64_t start_ms, enum qty quantity) {
    const struct window_key of = {.node = 2, .kind = WINDOW_QUARTER, .start_ms = start_ms};
    struct window w = {0};
    cr_assert(station_window(&rests.station, &of, &w));
    return w.sums.q[quantity];
}

static void vouch(struct script *s, uint16_t source, int64_t since_ms, int64_t until_ms) {
    batch_writer_add_asof(&s->writer, (struct asof){source, since_ms, until_ms});
}

static void send(struct script *s) {
    cr_assert_eq(script_send(s), ERR_OK);
}

static void read_bad(struct script *s, uint16_t point, int64_t t_ms) {
    script_bad(s, point, t_ms, BATCH_WHY_NONE);
}

/* The older epoch is watched until 06:20. What the younger one reads with that time was made since
 * the reading before: nobody of its own process watched it. */
static void older_run_watches_no_step(enum turn when) {
    const struct reading told = {
        .point = 0, .t_ms = T0 + 5 * MIN, .v = {.kind = VALUE_INT, .as.i = 100}};
    rests_hello_younger(3, 3);
    rests.younger.prev_last = 3;
    cr_assert_eq(script_key(&rests.older, T0), ERR_OK);
    script_int(&rests.older, 0, T0 + 5 * MIN, 100);
    send(&rests.older);
    vouch(&rests.older, 0, T0, T0 + 20 * MIN);
    if (when == IN_TURN)
        send(&rests.older);
    cr_assert_eq(script_key_value(&rests.younger, T0 + 20 * MIN, &told), ERR_OK);
    script_int(&rests.younger, 0, T0 + 20 * MIN, 115);
    send(&rests.younger);
    if (when == LAST)
        send(&rests.older);
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(of_quarter(T0, QTY_PQ_UNKNOWN) / MILLION, 10);
    cr_expect_eq(of_quarter(T0 + 15 * MIN, QTY_PQ_UNKNOWN) / MILLION, 5);
}

Test(rests_seen, a_run_of_the_epoch_before_watches_no_step) {
    older_run_watches_no_step(IN_TURN);
}

Test(rests_seen, a_run_of_the_epoch_before_watches_no_step_in_a_lane_of_its_own_either) {
    older_run_watches_no_step(LAST);
}

/* The older epoch knows no value; the younger one reads one that is stamped before it began. */
static void reading_is_stamped_before(enum turn when) {
    rests_hello_younger(2, 2);
    (void)rests_name_energy(&rests.older, T0, 0, 0);
    vouch(&rests.older, LATE_SOURCE, T0, T0 + 10 * MIN);
    if (when == IN_TURN)
        send(&rests.older);
    const uint16_t energy = rests_name_energy(&rests.younger, T0 + 11 * MIN, 0, 0);
    script_int(&rests.younger, energy, T0 + 4 * MIN, 100);
    send(&rests.younger);
    if (when == LAST)
        send(&rests.older);
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(of_quarter(T0, QTY_ENERGY_SEEN), 0);
}

Test(rests_seen, a_reading_is_not_watched_in_a_run_before_it) {
    reading_is_stamped_before(IN_TURN);
}

Test(rests_seen, a_reading_is_not_watched_in_a_run_before_it_whichever_lane) {
    reading_is_stamped_before(LAST);
}

/* The reading before a bad one is lost, and nothing tells of the gap; the next epoch tells it as a
 * bad one: not watched then, were it with a time that its source vouched for. */
static void bad_value_is_told(enum turn when) {
    uint16_t energy;
    const struct reading told = {.point = 1,
                                 .t_ms = T0 + 2 * MIN,
                                 .quality = QUALITY_BAD,
                                 .v = {.kind = VALUE_INT, .as.i = 109}};
    rests_hello_younger(3, 3);
    rests.younger.prev_last = 3;
    energy = rests_name_energy(&rests.older, T0, 0, 0);
    rests_drop_last_of(&rests.older, OLDER, 2);
    rests.older.next = 3;
    vouch(&rests.older, LATE_SOURCE, T0 + 2 * MIN, T0 + 10 * MIN);
    read_bad(&rests.older, energy, T0 + 10 * MIN);
    if (when == IN_TURN)
        send(&rests.older);
    energy = script_point(&rests.younger, "energy", POINT_REGISTER, UWH);
    rests.younger.point[energy].source = LATE_SOURCE;
    cr_assert_eq(script_key_value(&rests.younger, T0 + 11 * MIN, &told), ERR_OK);
    if (when == LAST)
        send(&rests.older);
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(of_quarter(T0, QTY_ENERGY_SEEN), 0);
}

Test(rests_seen, a_value_that_is_told_as_a_bad_one_was_not_watched) {
    bad_value_is_told(IN_TURN);
}

Test(rests_seen, a_value_that_is_told_as_a_bad_one_was_not_watched_in_an_older_lane) {
    bad_value_is_told(LAST);
}

/* A bad reading, and the good one behind it is lost: that the register reads well, or bad, only the
 * next key frame tells. From its own process's run on that holds. */
static void quality_is_told(enum turn when, uint8_t lost, uint8_t told, int64_t seen_ms) {
    uint16_t energy;
    const struct reading value = {
        .point = 1, .t_ms = T0 + 4 * MIN, .quality = told, .v = {.kind = VALUE_INT, .as.i = 108}};
    rests_hello_younger(4, 4);
    rests.younger.prev_last = 4;
    energy = rests_name_energy(&rests.older, T0, 100, T0);
    if (lost == QUALITY_BAD)
        script_int(&rests.older, energy, T0 + 2 * MIN, 100);
    else
        read_bad(&rests.older, energy, T0 + 2 * MIN);
    send(&rests.older);
    rests_drop_last_of(&rests.older, OLDER, 3);
    rests.older.next = 4;
    if (when == IN_TURN)
        send(&rests.older);
    energy = script_point(&rests.younger, "energy", POINT_REGISTER, UWH);
    rests.younger.point[energy].source = LATE_SOURCE;
    cr_assert_eq(script_key_value(&rests.younger, T0 + 15 * MIN, &value), ERR_OK);
    vouch(&rests.younger, LATE_SOURCE, T0 + 15 * MIN, T0 + 25 * MIN);
    send(&rests.younger);
    if (when == LAST)
        send(&rests.older);
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(of_quarter(T0 + 15 * MIN, QTY_ENERGY_SEEN), seen_ms);
}

Test(rests_seen, a_value_that_is_told_as_a_good_one_is_watched) {
    quality_is_told(IN_TURN, QUALITY_GOOD, QUALITY_GOOD, 10 * MIN);
}

Test(rests_seen, a_value_that_is_told_as_a_good_one_is_watched_beside_an_older_lane) {
    quality_is_told(LAST, QUALITY_GOOD, QUALITY_GOOD, 10 * MIN);
}

Test(rests_seen, a_value_that_is_told_as_a_bad_one_is_watched_no_more) {
    quality_is_told(IN_TURN, QUALITY_BAD, QUALITY_BAD, 0);
}

Test(rests_seen, a_value_that_is_told_as_a_bad_one_is_watched_no_more_beside_an_older_lane) {
    quality_is_told(LAST, QUALITY_BAD, QUALITY_BAD, 0);
}

/* The bad reading is lost with the end of the epoch between; the youngest one's key frame tells the
 * value of before, as a bad one. */
static void bad_value_is_told_over_a_gap(enum turn when) {
    const struct reading told = {
        .point = 1, .t_ms = T0, .quality = QUALITY_BAD, .v = {.kind = VALUE_INT, .as.i = 100}};
    uint16_t energy;
    rests_hello_youngest();
    rests.younger.prev_last = 3;
    energy = rests_name_energy(&rests.older, T0, 0, 0);
    script_int(&rests.older, energy, T0, 100);
    send(&rests.older);
    if (when == IN_TURN)
        rests_older_says_more();
    (void)rests_name_energy(&rests.younger, T0 + 11 * MIN, 100, T0);
    rests_drop_last_of(&rests.younger, YOUNGER, 2);
    energy = script_point(&rests.youngest, "energy", POINT_REGISTER, UWH);
    rests.youngest.point[energy].source = LATE_SOURCE;
    cr_assert_eq(script_key_value(&rests.youngest, T0 + 15 * MIN, &told), ERR_OK);
    vouch(&rests.youngest, LATE_SOURCE, T0 + 15 * MIN, T0 + 25 * MIN);
    send(&rests.youngest);
    if (when == LAST)
        rests_older_says_more();
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(of_quarter(T0 + 15 * MIN, QTY_ENERGY_SEEN), 0);
}

Test(rests_seen, a_value_that_is_told_as_a_bad_one_over_a_gap_is_watched_no_more) {
    bad_value_is_told_over_a_gap(IN_TURN);
}

Test(rests_seen, a_value_that_is_told_as_a_bad_one_over_a_gap_is_watched_nowhere) {
    bad_value_is_told_over_a_gap(LAST);
}
