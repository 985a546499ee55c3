/* Where two epochs of a counter meet: in one lane, and with the younger one live beside. Whatever
 * is told last before a restart, nothing is counted twice and nothing is lost. */
#include <criterion/criterion.h>

#include "rig.h"

#define M(n) (INT64_C(60000) * (n))

struct told {
    int64_t t_ms, v;
};

/* drain: the older epochs; live: a lane beside it. */
static struct rig drain, live;

static void start(void) {
    rig_init(&drain);
    rig_init(&live);
}

static void stop(void) {
    rig_fini(&drain);
    rig_fini(&live);
}

TestSuite(lane_link, .init = start, .fini = stop);

static void tell(struct rig *r, const struct told *v, size_t n) {
    for (size_t i = 0; i < n; i++) {
        rig_int(r, 0, v[i].t_ms, v[i].v);
        cr_assert_eq(rig_send(r), ERR_OK);
    }
}

static void key(struct rig *r, struct told k) {
    rig_int(r, 0, k.t_ms, k.v);
    cr_assert_eq(rig_key(r, false), ERR_OK);
}

static int64_t sum_of(const struct rig *r) {
    int64_t sum = 0;

    for (size_t i = 0; i < r->log.n; i++)
        sum += r->log.at[i].value;
    return sum;
}

static void finish(struct rig *r) {
    struct lane_out out = rig_out(r);

    cr_assert_eq(lane_finish(&r->lane, &out), ERR_OK);
}

/* The older lane has come to its end: the live one hears how. */
static void older_ends(void) {
    struct lane_out out = rig_out(&live), old_out = rig_out(&drain);

    cr_assert_eq(lane_end_epoch(&drain.lane, true, &old_out), ERR_OK);
    cr_assert_eq(lane_link_older(&live.lane, 0, &drain.lane, 0, &out), ERR_OK);
    finish(&drain);
}

static void checkpoint(struct rig *r) {
    const struct signal_limits lim = r->lane.limits[r->lane.limits_at[0]];
    struct buf b;

    buf_init(&b);
    cr_assert_eq(lane_pack(&r->lane, &b), ERR_OK);
    lane_fini(&r->lane);
    lane_init(&r->lane, 10000);
    cr_assert_eq(lane_unpack(&r->lane, buf_span(&b)), ERR_OK);
    cr_assert_eq(lane_put_limits(&r->lane, 0, &lim), ERR_OK);
    buf_fini(&b);
}

struct story {
    struct told before[4];
    size_t before_n;
    struct told key; /* what the agent read last */
    struct told after[4];
    size_t after_n;
    int64_t rate; /* pieces an hour, 0: none stated */
};

static void begin(struct rig *r, const struct story *s) {
    const struct point p = rig_point(POINT_COUNTER);
    const struct signal_limits lim = {.num = 1, .den = 1, .max_rate_per_h = s->rate};

    rig_add(r, &p, &lim);
}

static int64_t one_lane(const struct story *s) {
    begin(&drain, s);
    tell(&drain, s->before, s->before_n);
    rig_next_epoch(&drain);
    key(&drain, s->key);
    checkpoint(&drain);
    tell(&drain, s->after, s->after_n);
    finish(&drain);
    return sum_of(&drain);
}

/* The live lane is ahead of the older one by all it has. */
static int64_t two_lanes(const struct story *s) {
    begin(&live, s);
    key(&live, s->key);
    cr_assert_eq(lane_link_await(&live.lane), ERR_OK);
    tell(&live, s->after, s->after_n);
    checkpoint(&live);
    begin(&drain, s);
    tell(&drain, s->before, s->before_n);
    older_ends();
    finish(&live);
    return sum_of(&drain) + sum_of(&live);
}

static void expect(const struct story *s, int64_t want) {
    const int64_t one = one_lane(s);

    stop();
    start();
    const int64_t two = two_lanes(s);
    cr_expect_eq(one, want, "one lane: %lld", (long long)one);
    cr_expect_eq(two, want, "two lanes: %lld", (long long)two);
}

/* 1000, 1003, a single 0; then 1005, 1006: 3 + 2 + 1, not the 1005 that the counter stands at. */
Test(lane_link, a_zero_before_a_restart_is_dropped) {
    expect(&(struct story){{{M(1), 1000}, {M(2), 1003}, {M(3), 0}},
                           3,
                           {M(3), 0},
                           {{M(10), 1005}, {M(11), 1006}},
                           2,
                           0},
           6);
}

/* The same with a rate stated: 6, 0; then 16 at 200 s. */
Test(lane_link, so_it_is_with_a_rate_stated) {
    expect(
        &(struct story){
            {{0, 6}, {100000, 0}}, 2, {100000, 0}, {{200000, 16}, {201000, 17}}, 2, 3600},
        11);
}

/* 100,000, + 3, a spike of five million; then 100,010 and 100,012: 3 + 7 + 2. */
Test(lane_link, a_spike_before_a_restart_is_dropped) {
    expect(&(struct story){{{M(1), 100000}, {M(2), 100003}, {M(3), 5000000}},
                           3,
                           {M(3), 5000000},
                           {{M(10), 100010}, {M(11), 100012}},
                           2,
                           0},
           12);
}

/* The counter did begin anew: 3, and 4 + 2 from zero. */
Test(lane_link, a_zero_that_the_next_epoch_goes_on_from_was_a_reset) {
    expect(
        &(struct story){
            {{M(1), 1000}, {M(2), 1003}, {M(3), 0}}, 3, {M(3), 0}, {{M(10), 4}, {M(11), 6}}, 2, 0},
        9);
}

/* 56 stands; the 10 that comes late with a stamp before it is none to step from: 6 + 2. */
Test(lane_link, a_late_value_before_a_restart_is_no_beginning) {
    expect(
        &(struct story){
            {{M(1), 50}, {M(3), 56}, {M(2), 10}}, 3, {M(2), 10}, {{M(10), 58}, {M(11), 58}}, 2, 0},
        8);
}

/* Nothing is held: what the younger epoch saw of it stands. 3 + 7; then a zero that returns, + 1.
 */
Test(lane_link, an_epoch_that_ended_with_what_the_key_frame_says_changes_nothing) {
    expect(&(struct story){{{M(1), 1000}, {M(2), 1003}},
                           2,
                           {M(2), 1003},
                           {{M(10), 0}, {M(11), 1010}, {M(12), 1011}},
                           3,
                           0},
           11);
}

/* An epoch of no readings between: 3 + 2 + 1 all the same. */
Test(lane_link, an_epoch_without_readings_hands_on_what_was_held) {
    const struct story s = {{{M(1), 1000}, {M(2), 1003}, {M(3), 0}}, 3, {M(3), 0},
                            {{M(10), 1005}, {M(11), 1006}},          2, 0};
    begin(&drain, &s);
    tell(&drain, s.before, s.before_n);
    rig_next_epoch(&drain);
    key(&drain, s.key);
    rig_next_epoch(&drain);
    key(&drain, s.key);
    tell(&drain, s.after, s.after_n);
    finish(&drain);
    cr_expect_eq(sum_of(&drain), 6);
}

/* The same where both run beside the older lane, the second in the slab of the first, and where the
 * first has a reading: 3 + 2 + 1 and 3 + 2, then 1. */
static void chain_beside(bool first_reads) {
    const struct story s = {{{M(1), 1000}, {M(2), 1003}, {M(3), 0}}, 3, {M(3), 0}, {{0, 0}}, 0, 0};
    const struct told at_1005 = {M(10), 1005}, at_1006 = {M(11), 1006};

    begin(&live, &s);
    key(&live, s.key);
    cr_assert_eq(lane_link_await(&live.lane), ERR_OK);
    if (first_reads)
        tell(&live, &at_1005, 1);
    rig_next_epoch(&live);
    key(&live, first_reads ? at_1005 : s.key);
    if (!first_reads)
        tell(&live, &at_1005, 1);
    tell(&live, &at_1006, 1);
    begin(&drain, &s);
    tell(&drain, s.before, s.before_n);
    older_ends();
    finish(&live);
    cr_expect_eq(sum_of(&drain) + sum_of(&live), 6);
}

Test(lane_link, an_epoch_without_readings_waits_for_the_older_lane) {
    chain_beside(false);
}

Test(lane_link, what_waits_survives_the_end_of_its_epoch) {
    chain_beside(true);
}

/* Three epochs: what the first one says, one reading of the second that nothing in it follows, then
 * the third. All in one lane; the third beside the other two; the second and the third beside the
 * first one. */
static void expect_of_three(const struct story *s, struct told lone, int64_t want) {
    for (int beside = 0; beside < 3; beside++) {
        struct rig *second = beside == 2 ? &live : &drain, *third = beside ? &live : &drain;
        begin(&drain, s);
        tell(&drain, s->before, s->before_n);
        if (beside < 2)
            rig_next_epoch(&drain);
        if (beside)
            begin(&live, s);
        key(second, s->key);
        if (beside == 2)
            cr_assert_eq(lane_link_await(&live.lane), ERR_OK);
        tell(second, &lone, 1);
        if (beside != 1)
            rig_next_epoch(third);
        key(third, lone);
        if (beside == 1)
            cr_assert_eq(lane_link_await(&live.lane), ERR_OK);
        tell(third, s->after, s->after_n);
        if (beside)
            older_ends();
        finish(third);
        const int64_t got = sum_of(&drain) + sum_of(&live);
        cr_expect_eq(got, want, "%d: %lld", beside, (long long)got);
        stop();
        start();
    }
}

/* The only reading of an epoch is a zero that returns in the next one: 3 + 2 + 1. */
Test(lane_link, a_zero_alone_in_its_epoch_is_dropped) {
    expect_of_three(
        &(struct story){
            {{M(1), 1000}, {M(2), 1003}}, 2, {M(2), 1003}, {{M(10), 1005}, {M(11), 1006}}, 2, 0},
        (struct told){M(3), 0}, 6);
}

/* Or the counter began anew: 3, then 4 and 2 more from zero, with a rate stated or without. */
Test(lane_link, a_reset_alone_in_its_epoch_is_counted_by_the_next) {
    for (int64_t rate = 0; rate <= 3600; rate += 3600)
        expect_of_three(
            &(struct story){
                {{M(1), 1000}, {M(2), 1003}}, 2, {M(2), 1003}, {{M(10), 4}, {M(11), 6}}, 2, rate},
            (struct told){M(3), 0}, 9);
}

/* The clock goes 10 min forward before the first value: the span keeps its length, 2 to 5 min
 * becomes 12 to 15. */
Test(lane_link, a_clock_step_moves_what_waits) {
    for (int lanes = 1; lanes <= 2; lanes++) {
        struct rig *r = lanes == 1 ? &drain : &live;
        const struct story s = {
            {{M(1), 1000}, {M(2), 1003}, {M(3), 0}}, 3, {M(3), 0}, {{M(15), 1005}}, 1, 0};
        begin(&drain, &s);
        tell(&drain, s.before, s.before_n);
        if (lanes == 1) {
            rig_next_epoch(&drain);
        } else {
            begin(&live, &s);
        }
        key(r, s.key);
        if (lanes == 2)
            cr_assert_eq(lane_link_await(&live.lane), ERR_OK);
        cr_assert_eq(rig_clock(r, M(3), M(13)), ERR_OK);
        tell(r, s.after, 1);
        if (lanes == 2)
            older_ends();
        finish(r);
        cr_assert_gt(r->log.n, 0);
        const struct siglog_entry *e = &r->log.at[r->log.n - 1];
        cr_expect_eq(e->t0_ms, M(12));
        cr_expect_eq(e->t1_ms, M(15));
        cr_expect_eq(e->value, 2);
        stop();
        start();
    }
}

/* A zero that a key frame told over a gap is held; its epoch accepts nothing and hands it on, and
 * so do epochs that end within their first key frame. Then it was a reset: 6 from the zero's minute
 * on. */
Test(lane_link, a_zero_is_held_past_epochs_that_end_within_their_first_key_frame) {
    const struct story s = {{{M(1), 1000}, {M(2), 1003}}, 2, {M(3), 0}, {{0, 0}}, 0, 0};

    for (int cut = 0; cut <= 2; cut++) {
        begin(&drain, &s);
        tell(&drain, s.before, s.before_n);
        rig_next_epoch(&drain);
        rig_int(&drain, 0, s.key.t_ms, s.key.v);
        cr_assert_eq(rig_key(&drain, true), ERR_OK);
        for (int i = 0; i < cut; i++)
            rig_next_epoch(&drain);
        rig_next_epoch(&drain);
        rig_int(&drain, 0, M(10), 6);
        cr_assert_eq(rig_key(&drain, true), ERR_OK);
        finish(&drain);
        const struct siglog_entry *last = &drain.log.at[drain.log.n - 1];
        cr_expect_eq(last->kind, SIGLOG_SPAN, "%d", cut);
        cr_expect_eq(last->t0_ms, M(3), "%d: from %lld", cut, (long long)last->t0_ms);
        cr_expect_eq(last->t1_ms, M(10), "%d", cut);
        cr_expect_eq(last->value, 6, "%d: %lld", cut, (long long)last->value);
        stop();
        start();
    }
}

/* Until the older lane ends, people see what the key frame says. */
Test(lane_link, the_live_view_shows_the_step_that_waits) {
    const struct story s = {{{0, 0}}, 0, {M(3), 1003}, {{M(10), 1005}}, 1, 0};
    struct siglog open;

    siglog_init(&open);
    begin(&live, &s);
    key(&live, s.key);
    cr_assert_eq(lane_link_await(&live.lane), ERR_OK);
    tell(&live, s.after, s.after_n);
    cr_expect_eq(live.log.n, 0);
    cr_assert_eq(lane_open_entries(&live.lane, 0, 0, 0, INT64_MIN, &open), ERR_OK);
    cr_assert_eq(open.n, 1);
    cr_expect_eq(open.at[0].value, 2);
    siglog_fini(&open);
}

/* The live lane names the counter late and tells no value: an image put back knows none. What the
 * older lane ends with leads up to the first reading all the same, as in one lane. */
static void names_late(struct rig *r) {
    const struct point p = rig_point(POINT_COUNTER);

    rig_add(r, &p, NULL);
}

static const struct told late_before[] = {{M(1), 10}, {M(2), 12}},
                         late_after[] = {{M(9), 30}, {M(10), 31}};

Test(lane_link, a_first_reading_without_a_key_frames_value_meets_the_older_lane) {
    struct lane_out out = rig_out(&live), old_out = rig_out(&drain);

    names_late(&drain);
    tell(&drain, late_before, 2);
    names_late(&live);
    cr_assert_eq(lane_link_await_late(&live.lane, 0), ERR_OK);
    cr_assert_eq(rig_key(&live, false), ERR_OK);
    tell(&live, late_after, 2);
    checkpoint(&live);
    cr_assert_eq(lane_end_epoch(&drain.lane, true, &old_out), ERR_OK);
    cr_assert_eq(lane_link_untold_older(&live.lane, 0, &drain.lane, 0, &out), ERR_OK);
    finish(&drain);
    finish(&live);
    cr_expect_eq(sum_of(&drain) + sum_of(&live), 31 - 10);
}

Test(lane_link, a_late_name_without_a_value_meets_the_older_lane_before_its_first_reading) {
    struct lane_out out = rig_out(&live), old_out = rig_out(&drain);

    names_late(&drain);
    tell(&drain, late_before, 2);
    names_late(&live);
    cr_assert_eq(lane_link_await_late(&live.lane, 0), ERR_OK);
    cr_assert_eq(rig_key(&live, false), ERR_OK);
    cr_assert_eq(lane_end_epoch(&drain.lane, true, &old_out), ERR_OK);
    cr_assert_eq(lane_link_untold_older(&live.lane, 0, &drain.lane, 0, &out), ERR_OK);
    finish(&drain);
    tell(&live, late_after, 2);
    finish(&live);
    cr_expect_eq(sum_of(&drain) + sum_of(&live), 31 - 10);
}

/* The same where the live lane's first key frame names it so. */
Test(lane_link, so_it_does_where_the_first_key_frame_told_no_value) {
    struct lane_out out = rig_out(&live), old_out = rig_out(&drain);

    names_late(&drain);
    tell(&drain, late_before, 2);
    names_late(&live);
    cr_assert_eq(rig_key(&live, false), ERR_OK);
    cr_assert_eq(lane_link_await(&live.lane), ERR_OK);
    tell(&live, late_after, 2);
    cr_assert_eq(lane_end_epoch(&drain.lane, true, &old_out), ERR_OK);
    cr_assert_eq(lane_link_older(&live.lane, 0, &drain.lane, 0, &out), ERR_OK);
    finish(&drain);
    finish(&live);
    cr_expect_eq(sum_of(&drain) + sum_of(&live), 31 - 10);
}

/* Both know the counter, and the younger one's key frame tells no value of it; its source vouches
 * for the poll before the first reading, but the process that reads does not know what came before.
 * The amount's time goes back to the older reading, in one lane and in two. */
static struct siglog_entry over_untold(bool beside, struct told first, struct told next) {
    struct rig *r = beside ? &live : &drain;
    struct lane_out out = rig_out(&live), old_out = rig_out(&drain);
    struct point p = rig_point(POINT_COUNTER);
    struct siglog_entry e = {0};

    p.poll_ms = 1000;
    rig_add(&drain, &p, NULL);
    tell(&drain, late_before, 2);
    if (beside)
        rig_add(&live, &p, NULL);
    else
        rig_next_epoch(&drain);
    cr_assert_eq(rig_key(r, false), ERR_OK);
    if (beside) {
        cr_assert_eq(lane_link_await(&live.lane), ERR_OK);
        cr_assert_eq(lane_end_epoch(&drain.lane, true, &old_out), ERR_OK);
        cr_assert_eq(lane_link_older(&live.lane, 0, &drain.lane, 0, &out), ERR_OK);
    }
    rig_asof(r, 0, M(5), first.t_ms);
    tell(r, &first, 1);
    tell(r, &next, 1);
    finish(r);
    for (size_t i = 0; i < r->log.n; i++)
        if (r->log.at[i].t0_ms == M(2))
            e = r->log.at[i];
    stop();
    start();
    return e;
}

Test(lane_link, what_a_key_frame_tells_no_value_of_goes_on_over_a_gap) {
    for (int beside = 0; beside < 2; beside++) {
        const struct siglog_entry e =
            over_untold(beside, (struct told){M(9), 30}, (struct told){M(10), 31});
        cr_expect_eq(e.t1_ms, M(9), "%d: %lld", beside, (long long)e.t1_ms);
        cr_expect_eq(e.value, 18, "%d: %lld", beside, (long long)e.value);
    }
}

/* Nine steps of one, then one of 9,991: wild by their measure, ordinary by all that was counted.
 * The older epoch's measure is none of the younger one's first reading, whichever comes first, that
 * or the older lane's end. */
static int64_t wild_untold(bool beside, bool older_first) {
    struct rig *r = beside ? &live : &drain;
    const struct told first = {M(20), 1010000};
    struct lane_out out = rig_out(&live), old_out = rig_out(&drain);

    names_late(&drain);
    for (int64_t i = 0; i < 10; i++)
        tell(&drain, &(struct told){M(i), 1000000 + i}, 1);
    if (beside)
        names_late(&live);
    else
        rig_next_epoch(&drain);
    cr_assert_eq(rig_key(r, false), ERR_OK);
    if (beside)
        cr_assert_eq(lane_link_await(&live.lane), ERR_OK);
    if (!older_first)
        tell(r, &first, 1);
    if (beside) {
        cr_assert_eq(lane_end_epoch(&drain.lane, true, &old_out), ERR_OK);
        cr_assert_eq(lane_link_older(&live.lane, 0, &drain.lane, 0, &out), ERR_OK);
        finish(&drain);
    }
    if (older_first)
        tell(r, &first, 1);
    finish(r);
    const int64_t sum = sum_of(&drain) + sum_of(&live);
    stop();
    start();
    return sum;
}

Test(lane_link, a_first_reading_without_a_value_is_measured_by_no_epoch) {
    cr_expect_eq(wild_untold(false, false), 10000);
    cr_expect_eq(wild_untold(true, false), 10000);
    cr_expect_eq(wild_untold(true, true), 10000);
}

/* A fall is judged as if nothing followed: 3 counted from zero, not the slip that 13 would show. */
Test(lane_link, what_falls_where_no_value_was_told_is_judged_at_once) {
    for (int beside = 0; beside < 2; beside++) {
        const struct siglog_entry e =
            over_untold(beside, (struct told){M(9), 3}, (struct told){M(10), 13});
        cr_expect_eq(e.t1_ms, M(9), "%d: %lld", beside, (long long)e.t1_ms);
        cr_expect_eq(e.value, 3, "%d: %lld", beside, (long long)e.value);
    }
}

/* No older lane knew it: the first step is booked at once, and waits for nobody. */
Test(lane_link, alone_a_first_step_is_booked_at_once) {
    struct lane_out out = rig_out(&live);
    const struct told first = {M(2), 15};

    names_late(&live);
    key(&live, (struct told){M(1), 12});
    cr_assert_eq(lane_link_await(&live.lane), ERR_OK);
    tell(&live, &first, 1);
    cr_expect_neq(lane_pending_ms(&live.lane), INT64_MAX);
    cr_assert_eq(lane_link_alone(&live.lane, 0, &out), ERR_OK);
    cr_expect_eq(lane_pending_ms(&live.lane), INT64_MAX);
    finish(&live);
    cr_expect_eq(sum_of(&live), 15 - 12);
}
