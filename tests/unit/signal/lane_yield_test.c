/* A state where two processes of a gateway meet: what the younger one is told late changes what the
 * older one held, whether one lane reads both or each has its own. */
#include <criterion/criterion.h>

#include "rig.h"

#define M(n) (INT64_C(60000) * (n))

struct meeting {
    bool sticky;
    int64_t since; /* of the younger one's run: M(100): another one's, else the same run */
    int64_t told;  /* the time with which its key frame tells the value */
    bool silent;   /* its key frame has no asof */
    bool mute;     /* and it says nothing more */
    bool quiet;    /* nobody ever vouches */
    bool again;    /* the older one reads the value again at minute 30 */
    bool back;     /* the younger one's clock steps from 120 back to 20 */
};

static void begin(struct rig *r, const struct meeting *m) {
    struct point p = rig_point(POINT_STATE);

    p.sticky = m->sticky;
    rig_init(r);
    rig_add(r, &p, NULL);
}

static void older(struct rig *r, const struct meeting *m) {
    if (!m->quiet)
        rig_asof(r, 0, 0, M(100));
    rig_int(r, 0, M(10), 1);
    if (m->again)
        rig_int(r, 0, M(30), 1);
    cr_assert_eq(rig_send(r), ERR_OK);
}

static void key(struct rig *r, const struct meeting *m) {
    rig_at(r, M(109));
    if (!m->silent)
        rig_asof(r, 0, m->since, M(109));
    rig_int(r, 0, m->told, 1);
    cr_assert_eq(rig_key(r, false), ERR_OK);
}

/* 2 holds since minute 50, and is told an hour later. */
static void younger(struct rig *r, const struct meeting *m) {
    if (m->back)
        cr_assert_eq(rig_clock(r, M(120), M(20)), ERR_OK);
    if (m->mute)
        return;
    if (!m->quiet)
        rig_asof(r, 0, m->since, M(110));
    rig_int(r, 0, M(50), 2);
    cr_assert_eq(rig_send(r), ERR_OK);
    if (m->quiet)
        return;
    rig_asof(r, 0, m->since, M(130));
    cr_assert_eq(rig_send(r), ERR_OK);
}

static void finish(struct rig *r) {
    const struct lane_out out = rig_out(r);

    cr_assert_eq(lane_finish(&r->lane, &out), ERR_OK);
}

/* The older lane ends when the younger one is through: it is led to what that began with. */
static void lead(struct rig *old, const struct lane *start, struct lane *young) {
    const struct lane_out out = rig_out(old);
    struct signal_state *s = &start->slab[0];
    const struct lane_meeting m = {.old = &old->lane, .start = start, .young = young};

    cr_assert_eq(lane_end_epoch(&old->lane, true, &out), ERR_OK);
    cr_assert_eq(lane_lead_signal(&old->lane, 0, s, false, &out), ERR_OK);
    cr_assert_eq(lane_lead_source(&old->lane, 0, &start->source[0], &out), ERR_OK);
    cr_assert_eq(lane_yield_state(&m, &out), ERR_OK);
}

static void one_lane(const struct meeting *m, struct rig *r) {
    begin(r, m);
    older(r, m);
    rig_next_epoch(r);
    key(r, m);
    younger(r, m);
    finish(r);
    siglog_canonical(&r->log);
}

static void two_lanes(const struct meeting *m, struct rig *r) {
    struct buf bytes;
    struct lane start;
    struct rig old;

    begin(r, m);
    key(r, m);
    buf_init(&bytes);
    cr_assert_eq(lane_pack(&r->lane, &bytes), ERR_OK);
    lane_init(&start, 10000);
    cr_assert_eq(lane_unpack(&start, buf_span(&bytes)), ERR_OK);
    cr_assert_eq(lane_link_await(&r->lane), ERR_OK);
    younger(r, m);
    begin(&old, m);
    older(&old, m);
    lead(&old, &start, &r->lane);
    finish(&old);
    finish(r);
    for (size_t i = 0; i < old.log.n; i++)
        cr_assert_eq(siglog_add(&r->log, &old.log.at[i]), ERR_OK);
    siglog_canonical(&r->log);
    rig_fini(&old);
    lane_fini(&start);
    buf_fini(&bytes);
}

static void hold(const struct meeting *m) {
    struct rig one, two;

    one_lane(m, &one);
    two_lanes(m, &two);
    cr_expect_eq(two.log.n, one.log.n);
    for (size_t i = 0; i < one.log.n && i < two.log.n; i++)
        cr_expect_eq(siglog_order(&one.log.at[i], &two.log.at[i]), 0,
                     "entry %zu: [%lld, %lld) %lld in one lane, [%lld, %lld) %lld in two", i,
                     (long long)one.log.at[i].t0_ms, (long long)one.log.at[i].t1_ms,
                     (long long)one.log.at[i].value, (long long)two.log.at[i].t0_ms,
                     (long long)two.log.at[i].t1_ms, (long long)two.log.at[i].value);
    rig_fini(&one);
    rig_fini(&two);
}

Test(lane_yield, a_sticky_value_told_late_changes_it_where_it_was_told_from) {
    hold(&(struct meeting){.sticky = true, .since = M(100), .told = M(10)});
    hold(&(struct meeting){.sticky = true, .since = M(100), .told = M(30)});
    hold(&(struct meeting){.sticky = true, .since = M(100), .told = M(10), .silent = true});
    hold(&(struct meeting){.sticky = true, .since = 0, .told = M(10)});
    hold(&(struct meeting){.sticky = true, .since = M(105), .told = M(30)});
}

Test(lane_yield, a_sticky_value_holds_as_far_as_the_older_one_knew) {
    hold(&(struct meeting){.sticky = true, .told = M(10), .silent = true, .mute = true});
    hold(&(struct meeting){.sticky = true, .told = M(30), .silent = true, .mute = true});
    hold(&(struct meeting){.told = M(10), .silent = true, .mute = true});
}

Test(lane_yield, a_sticky_value_that_nobody_vouches_for_is_logged_up_to_where_it_was_read_again) {
    const struct meeting m = {
        .sticky = true, .told = M(30), .silent = true, .mute = true, .quiet = true, .again = true};
    struct meeting told = m;

    hold(&m);
    told.mute = false;
    hold(&told);
}

Test(lane_yield,
     what_the_older_one_vouched_for_says_nothing_behind_a_step_of_the_younger_ones_clock) {
    hold(&(struct meeting){
        .sticky = true, .told = M(10), .silent = true, .mute = true, .back = true});
    hold(&(struct meeting){.sticky = true, .told = M(10), .silent = true, .back = true});
}

/* The younger process does not name it any more, or late and as it was told: it holds as far as the
 * older one vouched, unless the younger one went on to another value. */
Test(lane_yield, a_sticky_value_that_is_named_no_more_holds_as_far_as_the_older_one_vouched) {
    for (unsigned i = 0; i < 3; i++) {
        const struct meeting m = {.sticky = true, .told = M(10), .silent = true};
        struct signal_state left;
        struct rig old, young, next;
        begin(&young, &m);
        key(&young, &m);
        left = young.lane.slab[0];
        left.held_raw = left.open_t0_ms; /* as lane_leave() has it */
        left.raw = i == 2 ? 2 : left.raw;
        begin(&next, &m);
        next.lane.slab[0] = left;
        begin(&old, &m);
        older(&old, &m);
        const struct lane_meeting meeting = {.old = &old.lane,
                                             .start = &young.lane,
                                             .young = &next.lane,
                                             .to = i == 1 ? 0 : UINT32_MAX,
                                             .left = i == 1 ? NULL : &left};
        const struct lane_out out = rig_out(&old);
        cr_assert_eq(lane_yield_state(&meeting, &out), ERR_OK);
        finish(&old);
        cr_assert_eq(old.log.n, i == 2 ? 0 : 2, "case %u: %zu entries", i, old.log.n);
        if (i < 2) {
            cr_expect_eq(old.log.at[0].t0_ms, M(10));
            cr_expect_eq(old.log.at[1].t1_ms, M(100));
        }
        rig_fini(&old);
        rig_fini(&young);
        rig_fini(&next);
    }
}

Test(lane_yield, an_asof_state_changes_as_far_back_as_the_run_goes_on) {
    hold(&(struct meeting){.since = 0, .told = M(10)});
    hold(&(struct meeting){.since = M(40), .told = M(10)});
    hold(&(struct meeting){.since = 0, .told = M(30)});
}

Test(lane_yield, another_process_changes_nothing_before_it_began) {
    hold(&(struct meeting){.since = M(100), .told = M(10)});
    hold(&(struct meeting){.since = M(105), .told = M(10)});
    hold(&(struct meeting){.since = M(105), .told = M(30)});
    hold(&(struct meeting){.since = M(105), .told = M(10), .silent = true});
}

Test(lane_yield, there_is_no_such_point) {
    struct rig r;

    begin(&r, &(struct meeting){.sticky = true});
    const struct lane_out out = rig_out(&r);
    const struct lane_meeting m = {.old = &r.lane, .at = 1, .start = &r.lane, .young = &r.lane};
    cr_expect_eq(lane_yield_state(&m, &out), ERR_RANGE);
    rig_fini(&r);
}
