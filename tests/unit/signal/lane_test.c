/* Key frames, take-over, limits, other types, checkpoint bytes. */
#include <criterion/criterion.h>

#include "base/hash.h"
#include "rig.h"

#define S(n) (INT64_C(1000) * (n))
#define H(n) (INT64_C(3600000) * (n))

static struct rig rig;

static void start(void) {
    rig_init(&rig);
}

static void stop(void) {
    rig_fini(&rig);
}

TestSuite(lane, .init = start, .fini = stop);

static void finish(void) {
    struct lane_out out = rig_out(&rig);

    cr_assert_eq(lane_finish(&rig.lane, &out), ERR_OK);
    siglog_canonical(&rig.log);
}

static void expect(size_t i, struct siglog_entry want) {
    cr_assert_lt(i, rig.log.n);
    cr_expect_eq(siglog_order(&rig.log.at[i], &want), 0, "entry %zu: (%lld, %lld) %lld", i,
                 (long long)rig.log.at[i].t0_ms, (long long)rig.log.at[i].t1_ms,
                 (long long)rig.log.at[i].value);
}

static void add(enum point_type type) {
    struct point p = rig_point(type);

    rig_add(&rig, &p, NULL);
}

Test(lane, events_and_rows_are_logged_as_they_come) {
    struct point p = rig_point(POINT_EVENT);

    p.num = 1000000;
    rig_add(&rig, &p, NULL);
    add(POINT_INTERVAL);
    add(POINT_GAUGE);
    rig_amount(&rig, 0, S(10), 0, 3, 42);
    rig_amount(&rig, 1, H(2), H(3), 5, -1);
    rig_int(&rig, 0, S(10), 3);
    rig_bad(&rig, 1, S(10));
    rig_real(&rig, 2, S(11), 36.6);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, (struct siglog_entry){100, SIGLOG_EVENT, 0, S(10), S(10), 3000000, 42});
    expect(1, (struct siglog_entry){101, SIGLOG_ROW, 0, H(-1), H(2), 5, -1});
    cr_expect_eq(rig.verdicts[STEP_BAD], 2);
    double gauge;
    memcpy(&gauge, &rig.lane.slab[2].raw, sizeof gauge);
    cr_expect_eq(gauge, 36.6);
}

Test(lane, a_key_frame_in_sequence_changes_nothing) {
    add(POINT_COUNTER);
    add(POINT_STATE);
    add(POINT_EVENT);
    rig_asof(&rig, 0, 0, S(20));
    rig_int(&rig, 0, S(10), 100);
    rig_int(&rig, 1, S(10), 7);
    rig_amount(&rig, 2, S(5), 0, 1, 0);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_int(&rig, 0, S(15), 150);
    rig_int(&rig, 1, S(10), 7);
    rig_amount(&rig, 2, S(5), 0, 1, 0);
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, (struct siglog_entry){101, SIGLOG_STATE, 0, S(10), S(20), 7, 0});
    cr_expect_eq(rig.lane.slab[0].raw, 100);
}

Test(lane, a_fresh_lane_starts_from_the_key_frame) {
    add(POINT_REGISTER);
    add(POINT_STATE);
    rig_int(&rig, 0, S(10), 100);
    rig_int(&rig, 1, S(5), 7);
    rig_asof(&rig, 0, S(20), S(20));
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    rig_asof(&rig, 0, S(20), S(40));
    rig_int(&rig, 0, S(30), 103);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, (struct siglog_entry){100, SIGLOG_SPAN, 0, S(10), S(30), 3, 0});
    expect(1, (struct siglog_entry){101, SIGLOG_STATE, 0, S(20), S(40), 7, 0});
}

Test(lane, after_a_gap_the_key_frame_explains_the_step_over_it) {
    add(POINT_COUNTER);
    add(POINT_STATE);
    rig_asof(&rig, 0, 0, S(20));
    rig_int(&rig, 0, S(10), 100);
    rig_int(&rig, 1, S(10), 7);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    /* Lost: up to 80 s. The counter came to 140 at 75 s, the state changed, last to 7 at 70 s. */
    rig_int(&rig, 0, S(75), 140);
    rig_int(&rig, 1, S(70), 7);
    rig_asof(&rig, 0, S(80), S(80));
    cr_assert_eq(rig_key(&rig, true), ERR_OK);
    rig_asof(&rig, 0, S(80), S(100));
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 3);
    expect(0, (struct siglog_entry){100, SIGLOG_SPAN, 0, S(10), S(75), 40, 0});
    expect(1, (struct siglog_entry){101, SIGLOG_STATE, 0, S(10), S(20), 7, 0});
    expect(2, (struct siglog_entry){101, SIGLOG_STATE, 0, S(80), S(100), 7, 0});
}

Test(lane, after_a_gap_a_value_that_is_not_newer_changes_nothing) {
    add(POINT_COUNTER);
    add(POINT_STATE);
    rig_asof(&rig, 0, 0, S(20));
    rig_int(&rig, 0, S(9), 100);
    rig_int(&rig, 0, S(10), 0);
    rig_int(&rig, 1, S(10), 7);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_int(&rig, 0, S(10), 0);
    rig_int(&rig, 1, S(10), 7);
    cr_assert_eq(rig_key(&rig, true), ERR_OK);
    cr_expect(rig.lane.slab[0].flags & SIGNAL_HOLD);
    rig_int(&rig, 0, S(20), 101);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_BACK], 1);
}

Test(lane, a_sampled_power_is_not_joined_over_a_gap_of_records) {
    struct point p = rig_point(POINT_POWER);

    p.sampling = POINT_SAMPLED;
    rig_add(&rig, &p, NULL);
    rig_asof(&rig, 0, 0, S(9));
    rig_int(&rig, 0, S(1), 5);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_int(&rig, 0, S(3), 5);
    cr_assert_eq(rig_key(&rig, true), ERR_OK);
    rig_int(&rig, 0, S(4), 5);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, (struct siglog_entry){100, SIGLOG_SLOT, 0, 0, S(1), 10000, 0});
}

Test(lane, a_clock_step_keeps_the_length_of_the_next_span) {
    /* Last reading 2 s before the step at 100 s -> 4000 s; next at 4003 s: (3998 s, 4003 s]. */
    add(POINT_REGISTER);
    rig_int(&rig, 0, S(98), 10);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_assert_eq(rig_clock(&rig, S(100), S(4000)), ERR_OK);
    rig_int(&rig, 0, S(4003), 15);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, (struct siglog_entry){100, SIGLOG_SPAN, 0, S(3998), S(4003), 5, 0});
}

Test(lane, a_successor_takes_over_value_and_run) {
    struct lane next;
    struct point p = rig_point(POINT_STATE);
    struct signal_limits lim = {.num = 1, .den = 1};

    add(POINT_STATE);
    rig_asof(&rig, 0, 0, S(20));
    rig_int(&rig, 0, S(10), 7);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    lane_init(&next, 10000);
    p.source = 3;
    cr_assert_eq(lane_add_signal(&next, &p, 100, &lim, &rig.lane.slab[0], &rig.lane.source[0]),
                 ERR_OK);
    p.type = POINT_COUNTER;
    cr_expect_eq(lane_add_signal(&next, &p, 100, &lim, &rig.lane.slab[0], NULL), ERR_STATE);
    lane_fini(&rig.lane);
    rig.lane = next;
    rig_asof(&rig, 3, S(20), S(30)); /* continues */
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_asof(&rig, 3, S(50), S(60)); /* a break */
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, (struct siglog_entry){100, SIGLOG_STATE, 0, S(10), S(30), 7, 0});
    expect(1, (struct siglog_entry){100, SIGLOG_STATE, 0, S(50), S(60), 7, 0});
}

Test(lane, limits_are_checked_and_change_from_the_next_reading_on) {
    struct signal_limits lim = {.num = 10, .den = 1}, bad = {.num = 1, .den = 0};
    struct signal_limits negative = {.num = -1, .den = 1};

    add(POINT_REGISTER);
    rig_int(&rig, 0, S(10), 100);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_expect_eq(lane_put_limits(&rig.lane, 0, &bad), ERR_RANGE);
    cr_expect_eq(lane_put_limits(&rig.lane, 0, &negative), ERR_RANGE);
    cr_expect_eq(lane_put_limits(&rig.lane, 1, &lim), ERR_RANGE);
    cr_assert_eq(lane_put_limits(&rig.lane, 0, &lim), ERR_OK);
    rig_int(&rig, 0, S(20), 102);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    expect(0, (struct siglog_entry){100, SIGLOG_SPAN, 0, S(10), S(20), 20, 0});
}

Test(lane, finishing_one_point_leaves_the_others_open) {
    struct lane_out out = rig_out(&rig);

    add(POINT_REGISTER);
    add(POINT_REGISTER);
    rig_int(&rig, 0, S(10), 100);
    rig_int(&rig, 1, S(10), 100);
    rig_int(&rig, 0, S(20), 101);
    rig_int(&rig, 1, S(20), 101);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_expect_eq(rig.log.n, 0);
    cr_assert_eq(lane_finish_signal(&rig.lane, 1, &out), ERR_OK);
    cr_expect_eq(rig.log.n, 1);
    cr_expect_eq(lane_finish_signal(&rig.lane, 2, &out), ERR_RANGE);
}

static void fill(void) {
    struct point p = rig_point(POINT_POWER);

    rig_add(&rig, &p, NULL);
    add(POINT_COUNTER);
    p = rig_point(POINT_STATE);
    p.source = 1;
    rig_add(&rig, &p, NULL);
    rig_asof(&rig, 0, 0, S(20));
    rig_int(&rig, 0, S(10), 5);
    rig_int(&rig, 1, S(10), 5);
    rig_int(&rig, 1, S(15), 9);
    rig_int(&rig, 1, S(20), 0);
    rig_text(&rig, 2, S(20), "RUN");
    cr_assert_eq(rig_send(&rig), ERR_OK);
}

Test(lane, checkpoint_bytes_give_the_same_lane_back) {
    struct buf a, b;
    struct lane back;

    fill();
    buf_init(&a);
    buf_init(&b);
    lane_init(&back, 1000);
    cr_assert_eq(lane_pack(&rig.lane, &a), ERR_OK);
    cr_expect_eq(a.n, 21 + 2 * 16 + 3 * 96 + 4);
    cr_assert_eq(lane_unpack(&back, buf_span(&a)), ERR_OK);
    cr_expect_eq(back.slot_ms, 10000);
    cr_expect(lane_check(&back));
    cr_assert_eq(lane_pack(&back, &b), ERR_OK);
    cr_assert_eq(a.n, b.n);
    cr_expect_arr_eq(a.p, b.p, a.n);
    cr_expect_eq(lane_unpack(&back, buf_span(&a)), ERR_STATE);
    lane_fini(&back);
    buf_fini(&a);
    buf_fini(&b);
}

Test(lane, damaged_checkpoint_bytes_leave_the_lane_empty) {
    struct buf a;
    struct lane back;

    fill();
    buf_init(&a);
    lane_init(&back, 1000);
    cr_assert_eq(lane_pack(&rig.lane, &a), ERR_OK);
    for (size_t n = 0; n < a.n; n++)
        cr_expect_neq(lane_unpack(&back, span_of(a.p, n)), ERR_OK);
    for (size_t i = 0; i < a.n - 4; i++) {
        /* Damage under a good checksum: refused, or a lane that passes its own check. */
        a.p[i] ^= 0x81;
        uint32_t crc = crc32c(span_of(a.p, a.n - 4));
        struct buf sealed;
        buf_init(&sealed);
        cr_assert_eq(buf_add(&sealed, a.p, a.n - 4), ERR_OK);
        cr_assert_eq(buf_add_le32(&sealed, crc), ERR_OK);
        enum err err = lane_unpack(&back, buf_span(&sealed));
        cr_expect(err == ERR_OK ? lane_check(&back) : back.n == 0);
        lane_fini(&back);
        buf_fini(&sealed);
        a.p[i] ^= 0x81;
    }
    buf_fini(&a);
}

static void add_all(struct rig *r) {
    const enum point_type type[] = {POINT_COUNTER, POINT_STATE, POINT_POWER};
    for (size_t i = 0; i < sizeof type / sizeof *type; i++) {
        struct point p = rig_point(type[i]);
        rig_add(r, &p, NULL);
    }
}

/* Up to 20 s heard, up to 80 s lost. The counter came to 140 at 75 s, the state to 8 at 70 s, the
 * power is the one of 10 s. */
static void key_after_loss(struct rig *r, bool after_gap) {
    rig_int(r, 0, S(75), 140);
    rig_int(r, 1, S(70), 8);
    rig_int(r, 2, S(10), 5);
    rig_asof(r, 0, 0, S(80));
    cr_assert_eq(rig_key(r, after_gap), ERR_OK);
}

Test(lane, a_lane_beside_is_led_into_as_by_its_key_frame_after_a_gap) {
    struct rig beside;
    struct lane_out out = rig_out(&rig);

    add_all(&rig);
    rig_asof(&rig, 0, 0, S(20));
    rig_int(&rig, 0, S(10), 100);
    rig_int(&rig, 1, S(10), 7);
    rig_int(&rig, 2, S(10), 5);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_init(&beside);
    add_all(&beside);
    key_after_loss(&beside, false);
    for (uint32_t i = 0; i < 3; i++)
        cr_assert_eq(lane_lead_signal(&rig.lane, i, &beside.lane.slab[i], true, &out), ERR_OK);
    cr_assert_eq(lane_lead_source(&rig.lane, 0, &beside.lane.source[0], &out), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 10);
    expect(0, (struct siglog_entry){100, SIGLOG_SPAN, 0, S(10), S(75), 40, 0});
    expect(1, (struct siglog_entry){101, SIGLOG_STATE, 0, S(10), S(20), 7, 0});
    expect(2, (struct siglog_entry){101, SIGLOG_STATE, 0, S(70), S(80), 8, 0});
    for (int64_t i = 0; i < 7; i++) /* seven slots, twice 5 uW x 10 s */
        expect((size_t)i + 3, (struct siglog_entry){102, SIGLOG_SLOT, 0, S(10 + 10 * i),
                                                    S(20 + 10 * i), 100000, 0});
    rig_fini(&beside);
}

/* The same in one lane. */
Test(lane, a_key_frame_after_a_gap_logs_what_it_vouches_for) {
    add_all(&rig);
    rig_asof(&rig, 0, 0, S(20));
    rig_int(&rig, 0, S(10), 100);
    rig_int(&rig, 1, S(10), 7);
    rig_int(&rig, 2, S(10), 5);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    key_after_loss(&rig, true);
    finish();
    cr_assert_eq(rig.log.n, 10);
    expect(0, (struct siglog_entry){100, SIGLOG_SPAN, 0, S(10), S(75), 40, 0});
    expect(2, (struct siglog_entry){101, SIGLOG_STATE, 0, S(70), S(80), 8, 0});
    expect(9, (struct siglog_entry){102, SIGLOG_SLOT, 0, S(70), S(80), 100000, 0});
}

/* A state, a held power and a held gauge that is plausible up to 100. Up to 20 s heard, up to 60 s
 * lost, the key frame vouches up to 80 s. What one lane logs, whichever lane the key frame is read
 * in. */
static void add_held(struct rig *r) {
    const struct signal_limits plausible = {
        .num = 1, .den = 1, .low = -INT64_C(100000000), .high = INT64_C(100000000)};
    struct point state = rig_point(POINT_STATE), power = rig_point(POINT_POWER),
                 gauge = rig_point(POINT_GAUGE);

    gauge.sampling = POINT_HELD;
    rig_add(r, &state, NULL);
    rig_add(r, &power, NULL);
    rig_add(r, &gauge, &plausible);
}

static void lead_over_gap(void (*before)(struct rig *), void (*key)(struct rig *)) {
    struct rig one, beside;
    struct lane_out out = rig_out(&rig), out_one;

    rig_init(&one);
    rig_init(&beside);
    out_one = rig_out(&one);
    add_held(&rig);
    add_held(&one);
    add_held(&beside);
    before(&rig);
    before(&one);
    key(&beside);
    cr_assert_eq(rig_key(&beside, false), ERR_OK);
    for (uint32_t i = 0; i < 3; i++)
        cr_assert_eq(lane_lead_signal(&rig.lane, i, &beside.lane.slab[i], true, &out), ERR_OK);
    cr_assert_eq(lane_lead_source(&rig.lane, 0, &beside.lane.source[0], &out), ERR_OK);
    key(&one);
    cr_assert_eq(rig_key(&one, true), ERR_OK);
    cr_assert_eq(lane_finish(&one.lane, &out_one), ERR_OK);
    siglog_canonical(&one.log);
    finish();
    cr_assert_eq(rig.log.n, one.log.n);
    for (size_t i = 0; i < one.log.n; i++)
        expect(i, one.log.at[i]);
    rig_fini(&one);
    rig_fini(&beside);
}

static void good_up_to_20(struct rig *r) {
    rig_asof(r, 0, 0, S(20));
    for (uint16_t i = 0; i < 3; i++)
        rig_int(r, i, S(10), 5);
    cr_assert_eq(rig_send(r), ERR_OK);
}

static void bad_since_15(struct rig *r) {
    rig_asof(r, 0, 0, S(20));
    for (uint16_t i = 0; i < 3; i++)
        rig_int(r, i, S(10), 5);
    rig_bad(r, 0, S(15));
    rig_bad(r, 1, S(15));
    rig_int(r, 2, S(15), 101);
    cr_assert_eq(rig_send(r), ERR_OK);
}

static void key_bad(struct rig *r) {
    rig_bad(r, 0, S(70));
    rig_bad(r, 1, S(70));
    rig_int(r, 2, S(70), 101);
    rig_asof(r, 0, S(60), S(80));
}

static void key_good(struct rig *r) {
    for (uint16_t i = 0; i < 3; i++)
        rig_int(r, i, S(70), 8);
    rig_asof(r, 0, S(60), S(80));
}

/* 5 from 10 to 20 s; that it held on behind the gap nobody knows. */
Test(lane, a_lane_is_led_into_what_reads_bad_behind_a_gap) {
    lead_over_gap(good_up_to_20, key_bad);
    cr_assert_eq(rig.log.n, 3);
    expect(0, (struct siglog_entry){100, SIGLOG_STATE, 0, S(10), S(20), 5, 0});
    expect(1, (struct siglog_entry){101, SIGLOG_SLOT, 0, S(10), S(20), 100000, 0});
    expect(2, (struct siglog_entry){102, SIGLOG_SLOT, 0, S(10), S(20), INT64_C(100000000000), 0});
}

/* 5 from 10 to 15 s, 8 from 70 to 80 s. */
Test(lane, a_lane_that_reads_bad_is_led_into_what_is_good_behind_a_gap) {
    lead_over_gap(bad_since_15, key_good);
    cr_assert_eq(rig.log.n, 6);
    expect(0, (struct siglog_entry){100, SIGLOG_STATE, 0, S(10), S(15), 5, 0});
    expect(1, (struct siglog_entry){100, SIGLOG_STATE, 0, S(70), S(80), 8, 0});
    expect(3, (struct siglog_entry){101, SIGLOG_SLOT, 0, S(70), S(80), 160000, 0});
    expect(5, (struct siglog_entry){102, SIGLOG_SLOT, 0, S(70), S(80), INT64_C(160000000000), 0});
}
