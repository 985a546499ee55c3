/* States, coverage, hours. */
#include <criterion/criterion.h>

#include "rig.h"

#define S(n) (INT64_C(1000) * (n))
#define M(n) (INT64_C(60000) * (n))
#define H(n) (INT64_C(3600000) * (n))

static struct rig rig;

static void start(void) {
    struct point p = rig_point(POINT_STATE);

    rig_init(&rig);
    rig_add(&rig, &p, NULL); /* 0: asof */
    p.sticky = true;
    rig_add(&rig, &p, NULL); /* 1: sticky */
}

static void stop(void) {
    rig_fini(&rig);
}

TestSuite(lane_state, .init = start, .fini = stop);

static void send(void) {
    cr_assert_eq(rig_send(&rig), ERR_OK);
}

static void finish(void) {
    struct lane_out out = rig_out(&rig);

    cr_assert_eq(lane_finish(&rig.lane, &out), ERR_OK);
    siglog_canonical(&rig.log);
}

static void expect(size_t i, uint32_t signal, int64_t t0, int64_t t1, int64_t value,
                   uint8_t flags) {
    const struct siglog_entry want = {signal, SIGLOG_STATE, flags, t0, t1, value, 0};

    cr_assert_lt(i, rig.log.n);
    cr_expect_eq(siglog_order(&rig.log.at[i], &want), 0, "entry %zu: %u [%lld, %lld) %lld %u", i,
                 rig.log.at[i].signal, (long long)rig.log.at[i].t0_ms,
                 (long long)rig.log.at[i].t1_ms, (long long)rig.log.at[i].value,
                 rig.log.at[i].flags);
}

Test(lane_state, a_value_holds_until_the_next_one) {
    rig_asof(&rig, 0, 0, S(100));
    rig_int(&rig, 0, S(10), 7);
    rig_int(&rig, 0, S(20), 7);
    rig_int(&rig, 0, S(30), 8);
    send();
    cr_expect_eq(rig.log.n, 1); /* the open piece is not in the log */
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, 100, S(10), S(30), 7, 0);
    expect(1, 100, S(30), S(100), 8, 0);
}

Test(lane_state, a_gap_in_coverage_is_a_gap_in_the_log) {
    rig_asof(&rig, 0, 0, S(40));
    rig_int(&rig, 0, S(10), 7);
    send();
    rig_asof(&rig, 0, S(60), S(80));
    send();
    rig_asof(&rig, 0, S(80), S(90));
    send();
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, 100, S(10), S(40), 7, 0);
    expect(1, 100, S(60), S(90), 7, 0);
}

Test(lane_state, an_asof_that_overlaps_the_run_extends_it_and_never_shortens_it) {
    rig_asof(&rig, 0, S(5), S(40));
    rig_int(&rig, 0, S(10), 7);
    send();
    rig_asof(&rig, 0, 0, S(30));
    send();
    rig_asof(&rig, 0, S(20), S(50));
    send();
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 100, S(10), S(50), 7, 0);
}

Test(lane_state, nothing_is_known_without_an_asof) {
    rig_int(&rig, 0, S(10), 7);
    rig_int(&rig, 0, S(20), 8);
    send();
    finish();
    cr_expect_eq(rig.log.n, 0);
    cr_expect_eq(lane_asof_ms(&rig.lane), INT64_MIN);
}

Test(lane_state, a_value_from_before_the_run_holds_from_its_start) {
    rig_asof(&rig, 0, S(50), S(60));
    rig_int(&rig, 0, S(10), 7);
    send();
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 100, S(50), S(60), 7, 0);
}

Test(lane_state, a_value_that_changed_during_a_gap_is_unknown_there) {
    /* Run to 40 s; a change stamped 50 s and run [60 s, 70 s] in one record. */
    rig_asof(&rig, 0, 0, S(40));
    rig_int(&rig, 0, S(10), 7);
    send();
    rig_asof(&rig, 0, S(60), S(70));
    rig_int(&rig, 0, S(50), 8);
    send();
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, 100, S(10), S(40), 7, 0);
    expect(1, 100, S(60), S(70), 8, 0);
}

Test(lane_state, a_bad_reading_closes_and_leaves_no_value) {
    rig_asof(&rig, 0, 0, S(100));
    rig_int(&rig, 0, S(10), 7);
    rig_bad(&rig, 0, S(20));
    rig_int(&rig, 0, S(40), 7);
    send();
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, 100, S(10), S(20), 7, 0);
    expect(1, 100, S(40), S(100), 7, 0);
    cr_expect_eq(rig.verdicts[STEP_BAD], 1);
}

Test(lane_state, texts_become_words_and_quality_becomes_a_flag) {
    struct reading r = {.quality = QUALITY_UNCERTAIN, .t_ms = S(30), .v = {VALUE_INT, {.i = 1}}};

    rig_asof(&rig, 0, 0, S(40));
    rig_text(&rig, 0, S(10), "EXECUTE");
    rig_text(&rig, 0, S(20), "HELD");
    rig_reading(&rig, &r);
    send();
    finish();
    cr_assert_eq(rig.log.n, 3);
    expect(0, 100, S(10), S(20), 1, SIGLOG_TEXT);
    expect(1, 100, S(20), S(30), 2, SIGLOG_TEXT);
    expect(2, 100, S(30), S(40), 1, SIGLOG_UNCERTAIN);
}

Test(lane_state, pieces_are_logged_up_to_a_day_before_the_last_full_hour) {
    rig_asof(&rig, 0, 0, M(50));
    rig_int(&rig, 0, M(40), 7);
    send();
    rig_asof(&rig, 0, M(50), H(24) + M(59));
    send();
    cr_expect_eq(rig.log.n, 0);
    rig_asof(&rig, 0, M(50), H(27) + S(1));
    send();
    cr_assert_eq(rig.log.n, 3);
    expect(0, 100, M(40), H(1), 7, 0);
    expect(1, 100, H(1), H(2), 7, 0);
    expect(2, 100, H(2), H(3), 7, 0);
    cr_expect_eq(rig.lane.slab[0].open_t0_ms, H(3));
}

Test(lane_state, what_is_told_after_its_hour_holds_from_its_own_time) {
    rig_asof(&rig, 0, 0, H(2) + M(1));
    rig_int(&rig, 0, M(10), 7);
    rig_text(&rig, 1, M(10), "P1");
    send();
    rig_asof(&rig, 0, 0, H(3) + M(1));
    rig_int(&rig, 0, H(1) + M(50), 8);
    rig_text(&rig, 1, H(1) + M(50), "P2");
    send();
    finish();
    cr_assert_eq(rig.log.n, 10);
    expect(1, 100, H(1), H(1) + M(50), 7, 0);
    expect(2, 100, H(1) + M(50), H(2), 8, 0);
    expect(6, 101, H(1), H(1) + M(50), 1, SIGLOG_TEXT);
    expect(7, 101, H(1) + M(50), H(2), 2, SIGLOG_TEXT);
}

/* As a lane would that is begun with what the first reading told: its first asof ends every hour
 * that is a day behind. */
Test(lane_state, a_value_from_longer_than_a_day_ago_is_logged_as_far_at_once) {
    rig_asof(&rig, 0, 0, H(30) + M(1));
    send();
    rig_asof(&rig, 0, 0, H(30) + M(2));
    rig_text(&rig, 1, H(5) + M(30), "P1");
    send();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 101, H(5) + M(30), H(6), 1, SIGLOG_TEXT);
    rig_asof(&rig, 0, 0, H(30) + M(3));
    rig_text(&rig, 1, H(5) + M(45), "P2");
    send();
    finish();
    expect(0, 101, H(5) + M(30), H(6), 1, SIGLOG_TEXT);
    expect(1, 101, H(6), H(7), 2, SIGLOG_TEXT);
}

Test(lane_state, a_late_reading_takes_effect_where_the_open_piece_begins) {
    rig_asof(&rig, 0, 0, S(100));
    rig_int(&rig, 0, S(10), 7);
    rig_int(&rig, 0, S(50), 8);
    rig_int(&rig, 0, S(30), 9);
    send();
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, 100, S(10), S(50), 7, 0);
    expect(1, 100, S(50), S(100), 9, 0);
}

Test(lane_state, a_stamp_from_the_future_does_not_block_what_follows) {
    rig_asof(&rig, 0, 0, S(100));
    rig_int(&rig, 0, S(10), 7);
    rig_int(&rig, 0, H(9999), 8);
    send();
    rig_asof(&rig, 0, 0, S(200));
    rig_int(&rig, 0, S(120), 9);
    send();
    finish();
    /* 7 is known to the coverage's end when 8 came; nothing says what held until 120 s. */
    cr_assert_eq(rig.log.n, 2);
    expect(0, 100, S(10), S(100), 7, 0);
    expect(1, 100, S(120), S(200), 9, 0);
}

/* What is read again where nothing is known yet is known from there on, the same value or not. */
Test(lane_state, a_first_stamp_from_the_future_gives_way) {
    rig_asof(&rig, 0, 0, S(100));
    rig_int(&rig, 0, H(9999), 8);
    rig_text(&rig, 1, H(9999), "P1");
    send();
    rig_asof(&rig, 0, 0, S(200));
    rig_int(&rig, 0, S(120), 8);
    rig_text(&rig, 1, S(130), "P2");
    send();
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, 100, S(120), S(200), 8, 0);
    expect(1, 101, S(130), S(200), 2, SIGLOG_TEXT);
}

/* It may be told by a key frame, too: a device with a wrong clock, and no more of its values. */
Test(lane_state, a_sticky_value_from_the_future_holds_a_minute_behind_the_next_key_frame) {
    for (unsigned i = 0; i < 2; i++) {
        rig_fini(&rig);
        start();
        if (i == 0) {
            rig_asof(&rig, 0, 0, S(50));
            rig_text(&rig, 1, H(9999), "P1");
            send();
        }
        rig_at(&rig, S(100));
        rig_text(&rig, 1, H(9999), "P1");
        cr_assert_eq(rig_key(&rig, false), ERR_OK);
        rig_asof(&rig, 0, 0, S(200));
        send();
        rig_text(&rig, 1, S(180), "P2");
        send();
        finish();
        cr_assert_eq(rig.log.n, 2);
        expect(0, 101, S(160), S(180), 1, SIGLOG_TEXT);
        expect(1, 101, S(180), S(200), 2, SIGLOG_TEXT);
    }
}

/* A record is lost and the stream goes on without a key frame: the next one tells what it said. */
Test(lane_state, a_value_that_only_a_key_frame_tells_was_lost) {
    rig_asof(&rig, 0, 0, S(50));
    rig_int(&rig, 0, S(10), 7);
    send();
    rig_asof(&rig, 0, 0, S(100));
    send();
    rig_at(&rig, S(100));
    rig_int(&rig, 0, S(60), 8);
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, 100, S(10), S(60), 7, 0);
    expect(1, 100, S(60), S(100), 8, 0);
}

/* It may have been stamped before the one that it followed: then it is told as of that one. */
Test(lane_state, so_was_one_that_is_told_as_of_the_one_before_it) {
    rig_asof(&rig, 0, 0, S(100));
    rig_int(&rig, 0, S(10), 7);
    send();
    rig_at(&rig, S(100));
    rig_int(&rig, 0, S(10), 8);
    cr_assert_eq(rig_key(&rig, true), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 100, S(10), S(100), 8, 0);
}

/* Of a value that was read, and read again, nobody says later that it was another one. */
Test(lane_state, a_key_frame_settles_what_was_read_before_it) {
    rig_asof(&rig, 0, 0, S(50));
    rig_int(&rig, 0, S(10), 7);
    rig_int(&rig, 0, S(40), 7);
    send();
    rig_at(&rig, S(50));
    rig_int(&rig, 0, S(40), 7);
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    rig_asof(&rig, 0, 0, S(100));
    rig_int(&rig, 0, S(20), 8);
    send();
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, 100, S(10), S(40), 7, 0);
    expect(1, 100, S(40), S(100), 8, 0);
}

/* The run of the process before says nothing of what the next one reads, whatever its stamp. */
Test(lane_state, a_reading_has_no_say_in_a_run_of_the_epoch_before) {
    rig_asof(&rig, 0, 0, S(100));
    send();
    rig_next_epoch(&rig);
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    rig_int(&rig, 0, S(60), 7);
    rig_text(&rig, 1, S(70), "P1");
    send();
    rig_text(&rig, 1, S(70), "P1");
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 0);
}

Test(lane_state, sticky_values_hold_without_coverage) {
    rig_asof(&rig, 0, 0, S(15));
    rig_text(&rig, 1, S(10), "P1");
    send();
    rig_asof(&rig, 0, S(80), S(90));
    rig_text(&rig, 1, S(200), "P2");
    send();
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 101, S(10), S(200), 1, SIGLOG_TEXT);
}

Test(lane_state, sticky_values_are_logged_a_day_behind_and_up_to_the_asof_at_the_end) {
    rig_asof(&rig, 0, 0, M(10));
    rig_text(&rig, 1, M(5), "P1");
    send();
    rig_asof(&rig, 0, H(25) + M(30), H(25) + M(40));
    send();
    cr_assert_eq(rig.log.n, 1);
    finish();
    cr_assert_eq(rig.log.n, 26);
    expect(0, 101, M(5), H(1), 1, SIGLOG_TEXT);
    expect(25, 101, H(25), H(25) + M(40), 1, SIGLOG_TEXT);
}

Test(lane_state, an_asof_that_jumps_too_far_is_a_gap) {
    rig_asof(&rig, 0, 0, S(100));
    rig_int(&rig, 0, S(10), 7);
    send();
    rig_asof(&rig, 0, S(100), H(24 * 100));
    send();
    finish();
    /* 100 days on: 100 s, then the last 32 days of 24 hours. */
    cr_assert_eq(rig.log.n, 1 + 32 * 24);
    expect(0, 100, S(10), S(100), 7, 0);
    expect(1, 100, H(24 * 68), H(24 * 68 + 1), 7, 0);
}

Test(lane_state, coverage_and_readings_touch_what_they_may_change) {
    rig_asof(&rig, 0, 0, S(100));
    rig_int(&rig, 0, S(10), 7);
    send();
    cr_expect_eq(rig.touched_to, S(100));
    rig_untouched(&rig);
    rig_asof(&rig, 0, S(100), S(110));
    send();
    cr_expect_eq(rig.touched, 1); /* not the sticky one */
    cr_expect_eq(rig.touched_from, S(100));
    cr_expect_eq(rig.touched_to, S(110));
    rig_untouched(&rig);
    rig_asof(&rig, 0, S(110), S(120));
    rig_int(&rig, 0, S(105), 8);
    send();
    cr_expect_eq(rig.touched_from, S(105));
    cr_expect_eq(rig.touched_to, S(120));
}

/* 7 up to 100 s; heard of again from 200 s on, it holds to 240 s, and from 250 s nothing is known:
 * all that this record tells begins at 200 s. */
Test(lane_state, a_value_that_held_on_is_touched_though_the_record_ends_without_one) {
    rig_asof(&rig, 0, 0, S(100));
    rig_int(&rig, 0, S(10), 7);
    send();
    rig_untouched(&rig);
    rig_asof(&rig, 0, S(200), S(300));
    rig_int(&rig, 0, S(240), 8);
    rig_bad(&rig, 0, S(250));
    send();
    cr_expect_eq(rig.touched_from, S(200));
    cr_expect_eq(rig.touched_to, S(300));
    finish();
    cr_assert_eq(rig.log.n, 3);
    expect(1, 100, S(200), S(240), 7, 0);
}

Test(lane_state, a_clock_step_ends_pieces_and_starts_them_again) {
    rig_asof(&rig, 0, 0, S(100));
    rig_int(&rig, 0, S(10), 7);
    send();
    cr_assert_eq(rig_clock(&rig, S(104), S(500)), ERR_OK);
    rig_asof(&rig, 0, S(500), S(510));
    send();
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, 100, S(10), S(100), 7, 0);
    expect(1, 100, S(500), S(510), 7, 0);
}

/* As a restarted agent tells it again: a lane that ended before it keeps its piece whole, too. */
Test(lane_state, a_clock_step_takes_nothing_that_was_vouched_for) {
    rig_asof(&rig, 0, 0, S(100));
    rig_int(&rig, 0, S(10), 7);
    send();
    cr_assert_eq(rig_clock(&rig, S(5), S(500)), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 100, S(10), S(100), 7, 0);
}

Test(lane_state, a_clock_step_back_starts_the_run_in_the_past) {
    rig_asof(&rig, 0, S(1000), S(1100));
    rig_int(&rig, 0, S(1010), 7);
    rig_text(&rig, 1, S(1020), "P1");
    send();
    cr_assert_eq(rig_clock(&rig, S(1100), S(100)), ERR_OK);
    rig_asof(&rig, 0, S(100), S(160));
    rig_int(&rig, 0, S(130), 8);
    send();
    finish();
    cr_assert_eq(rig.log.n, 5);
    expect(0, 100, S(100), S(130), 7, 0);
    expect(1, 100, S(130), S(160), 8, 0);
    expect(2, 100, S(1010), S(1100), 7, 0);
    expect(3, 101, S(100), S(160), 1, SIGLOG_TEXT);
    expect(4, 101, S(1020), S(1100), 1, SIGLOG_TEXT);
}

/* The first pass over the time is told up to the step, whether or not the coverage had passed a
 * full hour and it was logged already: with this the two runs say the same. */
static void back_by_ten_minutes(int64_t noon_ms) {
    rig_fini(&rig);
    start();
    rig_asof(&rig, 0, noon_ms - M(20), noon_ms + M(2));
    rig_text(&rig, 1, noon_ms - M(20), "P1");
    send();
    cr_assert_eq(rig_clock(&rig, noon_ms + M(2), noon_ms - M(8)), ERR_OK);
    rig_asof(&rig, 0, noon_ms - M(8), noon_ms - M(2));
    rig_text(&rig, 1, noon_ms - M(5), "P2");
    send();
    finish();
    size_t at = 0; /* of an hour, by their begins */
    int64_t first = 0;
    for (; at < rig.log.n; at++)
        if (rig.log.at[at].value == 1)
            first += rig.log.at[at].t1_ms - rig.log.at[at].t0_ms;
    cr_expect_eq(first, M(22), "P1 held for 22 minutes, and again from 8 to 5 before");
}

Test(lane_state, a_clock_step_back_lets_a_sticky_value_stand_to_the_step) {
    back_by_ten_minutes(H(12));
    back_by_ten_minutes(H(12) + M(30));
}

/* A key frame tells it in the new time, and a table that names it late does. */
Test(lane_state, what_was_read_before_a_clock_step_is_not_ahead_of_it) {
    rig_asof(&rig, 0, 0, S(1000));
    rig_int(&rig, 0, S(900), 7);
    rig_text(&rig, 1, S(900), "P1");
    send();
    cr_assert_eq(rig_clock(&rig, S(1000), S(100)), ERR_OK);
    cr_expect_eq(rig.lane.slab[0].t_ms, S(100));
    cr_expect_eq(rig.lane.slab[1].t_ms, S(100));
    rig_bad(&rig, 0, S(110));
    send();
    cr_assert_eq(rig_clock(&rig, S(110), S(50)), ERR_OK);
    rig_asof(&rig, 0, S(50), S(80));
    rig_int(&rig, 0, S(60), 8);
    send();
    siglog_canonical(&rig.log);
    rig.log.n = 0;
    finish();
    expect(0, 100, S(60), S(80), 8, 0);
}

Test(lane_state, a_sticky_value_holds_through_a_step_forward) {
    rig_asof(&rig, 0, 0, S(100));
    rig_text(&rig, 1, S(10), "P1");
    send();
    cr_assert_eq(rig_clock(&rig, S(100), S(500)), ERR_OK);
    rig_asof(&rig, 0, S(500), S(510));
    send();
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 101, S(10), S(510), 1, SIGLOG_TEXT);
}

Test(lane_state, open_pieces_are_seen_without_ending_them) {
    struct siglog open;

    siglog_init(&open);
    rig_asof(&rig, 0, 0, M(70));
    rig_int(&rig, 0, M(65), 7);
    rig_text(&rig, 1, M(50), "P1");
    send();
    size_t logged = rig.log.n;
    cr_assert_eq(lane_open_entries(&rig.lane, 0, 0, H(2), INT64_MIN, &open), ERR_OK);
    cr_assert_eq(open.n, 1);
    cr_expect_eq(open.at[0].t0_ms, M(65));
    cr_expect_eq(open.at[0].t1_ms, M(70));
    cr_assert_eq(lane_open_entries(&rig.lane, 1, 0, M(130), INT64_MIN, &open), ERR_OK);
    cr_assert_eq(open.n, 4); /* [50 min, 1 h), [1 h, 2 h), [2 h, 130 min) */
    cr_expect_eq(open.at[1].t0_ms, M(50));
    cr_expect_eq(open.at[3].t1_ms, M(130));
    open.n = 0;
    cr_assert_eq(lane_open_entries(&rig.lane, 1, M(65), M(130), INT64_MIN, &open), ERR_OK);
    cr_assert_eq(open.n, 2, "the hours before are not asked for");
    cr_expect_eq(open.at[0].t0_ms, H(1));
    cr_expect_eq(lane_open_entries(&rig.lane, 2, 0, 0, INT64_MIN, &open), ERR_RANGE);
    cr_expect_eq(rig.log.n, logged);
    siglog_fini(&open);
}

Test(lane_state, what_holds_at_the_end_of_coverage_is_one_millisecond_behind_it) {
    struct siglog newest;

    siglog_init(&newest);
    rig_asof(&rig, 0, 0, M(70));
    rig_int(&rig, 0, M(70), 7); /* told at the very end */
    rig_text(&rig, 1, M(50), "P1");
    send();
    cr_assert_eq(lane_newest_state(&rig.lane, 0, M(70) - 1, &newest), ERR_OK);
    cr_assert_eq(lane_newest_state(&rig.lane, 1, M(70), &newest), ERR_OK); /* sticky: holds on */
    cr_expect_eq(newest.n, 0);
    cr_assert_eq(lane_newest_state(&rig.lane, 0, M(70), &newest), ERR_OK);
    cr_assert_eq(newest.n, 1);
    cr_expect_eq(newest.at[0].t0_ms, M(70));
    cr_expect_eq(newest.at[0].t1_ms, M(70) + 1);
    cr_expect_eq(newest.at[0].value, 7);
    cr_expect_eq(lane_newest_state(&rig.lane, 2, 0, &newest), ERR_RANGE);
    siglog_fini(&newest);
}

Test(lane_state, the_asof_of_a_lane_is_its_slowest_source) {
    struct point p = rig_point(POINT_STATE), event = rig_point(POINT_EVENT);

    p.source = 1;
    event.source = 2;
    rig_add(&rig, &p, NULL);
    rig_add(&rig, &event, NULL);
    rig_asof(&rig, 0, 0, S(50));
    send();
    cr_expect_eq(lane_asof_ms(&rig.lane), INT64_MIN); /* source 1 has not spoken */
    rig_asof(&rig, 1, 0, S(40));
    send();
    cr_expect_eq(lane_asof_ms(&rig.lane), S(40));
    rig_asof(&rig, 2, 0, S(30));
    send();
    cr_expect_eq(lane_asof_ms(&rig.lane), S(30));
}

Test(lane_state, readings_and_asofs_of_strangers_are_refused) {
    rig_asof(&rig, 9, 0, S(50));
    rig_int(&rig, 5, S(10), 7);
    send();
    cr_expect_eq(rig.strangers, 1);
    cr_expect_eq(rig.verdicts[STEP_BAD], 1);
}

Test(lane_state, no_memory_for_an_entry_stops_the_record) {
    rig_asof(&rig, 0, 0, S(100));
    rig_int(&rig, 0, S(10), 7);
    rig_int(&rig, 0, S(20), 8);
    rig.entries_left = 0;
    cr_expect_eq(rig_send(&rig), ERR_NOMEM);
}
