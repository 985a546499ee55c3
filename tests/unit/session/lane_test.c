/* Which epoch has which lane: inheriting, running beside, waiting, ending. */
#include <criterion/criterion.h>

#include "rig.h"

static struct rig rig;

static void start(void) {
    rig_init(&rig);
}

static void stop(void) {
    rig_fini(&rig);
}

TestSuite(lanes, .init = start, .fini = stop);

/* Epochs 1 .. n of two records each, the last one open; base 1. */
static void list_chain(uint64_t n) {
    rig_list(&rig);
    for (uint64_t e = 1; e <= n; e++)
        rig_epoch(&rig, e, e - 1, e > 1 ? 2 : 0, 1, 3, e == n);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
}

/* Of three epochs the second ended behind the first part of its key frame. */
static void list_one_cut_short(void) {
    rig_list(&rig);
    rig_epoch(&rig, 1, 0, 0, 1, 3, false);
    rig_epoch(&rig, 2, 1, 2, 1, 2, false);
    rig_epoch(&rig, 3, 2, 1, 1, 3, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
}

Test(lanes, successor_of_a_finished_epoch_inherits_in_place) {
    list_chain(2);
    rig_run(&rig, 1, 1, 2);
    cr_assert(rig_at(&rig, 1)->closed);
    cr_assert_not(rig.plan.lane_end);
    cr_assert_eq(rig_at(&rig, 1)->lane, 0); /* kept until the successor begins */
    cr_assert_eq(rig_key(&rig, 2, 1), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, 0);
    cr_assert_eq(rig.plan.lane, 0);
    cr_assert_not(rig.plan.lane_new);
    cr_assert_not(rig.plan.after_gap);
    cr_assert(rig.plan.lane_whole);
    cr_assert_eq(rig_at(&rig, 1)->lane, SESSION_NO_LANE);
}

Test(lanes, finished_newest_epoch_keeps_its_lane_for_an_epoch_to_come) {
    list_chain(1);
    rig_run(&rig, 1, 1, 2);
    list_chain(2);
    cr_assert(rig_at(&rig, 1)->closed);
    cr_assert_eq(rig_at(&rig, 1)->lane, 0);
    cr_assert_eq(rig_key(&rig, 2, 1), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, 0);
}

Test(lanes, live_epoch_beside_an_unfinished_one_begins_its_own) {
    list_chain(2);
    cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
    cr_assert_eq(rig_key(&rig, 2, 1), SESSION_APPLY);
    cr_assert(rig.plan.lane_new);
    cr_assert_eq(rig.plan.lane, 1);
    cr_assert_eq(rig_data(&rig, 1, 2), SESSION_APPLY); /* 1 is complete, 2 runs elsewhere */
    cr_assert(rig.plan.lane_end);
    cr_assert_eq(rig.plan.lane, 0);
    cr_assert_eq(rig.plan.lane_into, 1);
    cr_assert_eq(rig_at(&rig, 1)->lane, SESSION_NO_LANE);
}

Test(lanes, epoch_closed_by_a_hello_ends_through_a_plan) {
    list_chain(2);
    cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
    cr_assert_eq(rig_key(&rig, 2, 1), SESSION_APPLY);
    rig_list(&rig);
    rig_epoch(&rig, 2, 1, 2, 1, 3, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert(rig_plan(&rig));
    cr_assert_eq(rig.plan.gap_from, 2);
    cr_assert_eq(rig.plan.gap_to, 2);
    cr_assert_not(rig.plan.lane_end);
    cr_assert(rig_plan(&rig));
    cr_assert(rig.plan.lane_end);
    cr_assert_eq(rig.plan.epoch, 1);
    cr_assert_eq(rig.plan.lane, 0);
    cr_assert_eq(rig.plan.lane_into, 1);
    cr_assert_not(rig_plan(&rig));
}

/* 1 drains; 2 and then 3 are live beside it, 3 while 2 is unfinished. 2 finishes first: its start
 * is still needed for the step from 1, so it stays; then 1 ends into 2, and 2 into 3. */
Test(lanes, ends_come_in_the_order_of_the_chain) {
    list_chain(3);
    cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
    cr_assert_eq(rig_key(&rig, 2, 1), SESSION_APPLY);
    cr_assert_eq(rig_key(&rig, 3, 1), SESSION_APPLY);
    cr_assert_eq(rig_data(&rig, 2, 2), SESSION_APPLY);
    cr_assert_not(rig.plan.lane_end);
    cr_assert_not(rig_plan(&rig));
    cr_assert_eq(rig_data(&rig, 1, 2), SESSION_APPLY);
    cr_assert(rig.plan.lane_end);
    cr_assert_eq(rig.plan.lane_into, 1);
    cr_assert(rig_plan(&rig));
    cr_assert(rig.plan.lane_end);
    cr_assert_eq(rig.plan.epoch, 2);
    cr_assert_eq(rig.plan.lane, 1);
    cr_assert_eq(rig.plan.lane_into, 2);
    cr_assert_not(rig_plan(&rig));
}

/* 2 is complete while 1 drains: 3 goes on in its lane, which keeps the start for the step from 1.
 */
Test(lanes, successor_of_a_finished_live_epoch_goes_on_in_its_lane) {
    list_chain(3);
    cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
    rig_run(&rig, 2, 1, 2);
    cr_assert_eq(rig_key(&rig, 3, 1), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, 1);
    cr_assert_eq(rig.plan.lane, 1);
    cr_assert_eq(rig_data(&rig, 1, 2), SESSION_APPLY);
    cr_assert(rig.plan.lane_end);
    cr_assert_eq(rig.plan.lane_into, 1);
}

/* Rule 22: three beside, one always for the oldest unfinished. */
Test(lanes, that_are_all_in_use_make_others_wait_but_never_the_oldest) {
    list_chain(6);
    cr_assert_eq(rig_key(&rig, 6, 1), SESSION_APPLY);
    cr_assert_eq(rig_key(&rig, 5, 1), SESSION_APPLY);
    cr_assert_eq(rig_key(&rig, 4, 1), SESSION_APPLY);
    cr_assert_eq(rig_key(&rig, 3, 1), SESSION_GAP);
    cr_assert_eq(rig_ack(&rig, 3)->want, 0);
    cr_assert_eq(rig_ack(&rig, 2)->want, 0);
    cr_assert_eq(rig_ack(&rig, 1)->want, 1);
    rig_run(&rig, 1, 1, 2);
    cr_assert_eq(rig_ack(&rig, 2)->want, 1); /* inherits from 1 */
    rig_run(&rig, 2, 1, 2);
    rig_run(&rig, 3, 1, 2);
    cr_assert(rig.plan.lane_end);
    cr_assert_eq(rig_data(&rig, 4, 2), SESSION_APPLY);
    cr_assert(rig.plan.lane_end);
    cr_assert_eq(rig_data(&rig, 5, 2), SESSION_APPLY);
    cr_assert(rig.plan.lane_end);
    cr_assert_eq(rig.plan.lane_into, 0);
    cr_assert_eq(rig_data(&rig, 6, 2), SESSION_APPLY);
}

Test(lanes, lane_set_free_makes_an_ack_due) {
    list_chain(2);
    cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
    cr_assert_eq(rig_key(&rig, 2, 1), SESSION_APPLY);
    rig_ack(&rig, 1);
    cr_assert_not(session_ack_due(&rig.s, rig.now_mono_ms));
    cr_assert_eq(rig_data(&rig, 1, 2), SESSION_APPLY);
    cr_assert(session_ack_due(&rig.s, rig.now_mono_ms));
}

/* Nothing of a first key frame counts before it is whole. */
Test(lanes, lane_is_inherited_with_the_last_part) {
    list_chain(2);
    rig_run(&rig, 1, 1, 2);
    cr_assert_eq(rig_part(&rig, 2, 1, 0, 2), SESSION_APPLY);
    cr_assert(rig.plan.keep);
    cr_assert_eq(rig.plan.lane, SESSION_NO_LANE);
    cr_assert_eq(rig.plan.lane_from, SESSION_NO_LANE);
    cr_assert_eq(rig_at(&rig, 1)->lane, 0);
    cr_assert_eq(rig_part(&rig, 2, 2, 1, 2), SESSION_APPLY);
    cr_assert_not(rig.plan.keep);
    cr_assert_eq(rig.plan.lane_from, 0);
    cr_assert(rig.plan.lane_whole);
    cr_assert_eq(rig_at(&rig, 1)->lane, SESSION_NO_LANE);
    cr_assert_eq(rig_at(&rig, 2)->lane, 0);
}

/* Killed between two parts: 2 has part 0 of 2 only, and is closed. */
Test(lanes, epoch_that_ended_within_its_key_frame_began_nothing) {
    list_chain(1);
    rig_run(&rig, 1, 1, 2);
    list_one_cut_short();
    cr_assert_eq(rig_part(&rig, 2, 1, 0, 2), SESSION_APPLY);
    cr_assert(rig_at(&rig, 2)->closed);
    cr_assert_not(rig_at(&rig, 2)->begun);
    cr_assert_eq(rig_key(&rig, 3, 1), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, 0);
    cr_assert(rig.plan.after_gap);
}

Test(lanes, so_it_did_if_a_hello_tells_its_end) {
    list_chain(2);
    rig_run(&rig, 1, 1, 2);
    cr_assert_eq(rig_part(&rig, 2, 1, 0, 2), SESSION_APPLY);
    rig_list(&rig);
    rig_epoch(&rig, 2, 1, 2, 1, 2, false);
    rig_epoch(&rig, 3, 2, 1, 1, 3, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert_not(rig_plan(&rig));
    cr_assert_eq(rig_key(&rig, 3, 1), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, 0);
    cr_assert(rig.plan.after_gap);
}

/* While its parts came, others took the lanes: the last one waits until there is room. */
Test(lanes, last_part_waits_for_a_lane) {
    list_chain(6);
    cr_assert_eq(rig_part(&rig, 6, 1, 0, 2), SESSION_APPLY);
    for (uint64_t i = 2; i < 1 + SESSION_LANES; i++)
        cr_assert_eq(rig_key(&rig, i, 1), SESSION_APPLY);
    cr_assert_eq(rig_part(&rig, 6, 2, 1, 2), SESSION_GAP);
    cr_assert_eq(rig_at(&rig, 6)->last, 1);
    cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
    cr_assert_eq(rig_data(&rig, 1, 2), SESSION_APPLY);
    rig_drain(&rig);
    cr_assert_eq(rig_part(&rig, 6, 2, 1, 2), SESSION_APPLY);
    cr_assert(rig.plan.lane_whole);
}

/* What is given up of an epoch that has no lane needs none. */
Test(lanes, dropped_range_at_the_beginning_takes_no_lane) {
    list_chain(1);
    rig_run(&rig, 1, 1, 2);
    rig_list(&rig);
    rig_epoch(&rig, 1, 0, 0, 1, 3, false);
    rig_epoch(&rig, 2, 1, 2, 1, 9, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert_eq(rig_dropped(&rig, 2, 1, 5), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane, SESSION_NO_LANE);
    cr_assert_eq(rig.plan.gap_from, 1);
    cr_assert_eq(rig_data(&rig, 2, 6), SESSION_GAP);
    cr_assert_eq(rig_key(&rig, 2, 6), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, 0);
    cr_assert(rig.plan.lane_whole);
    cr_assert(rig.plan.after_gap);
}

Test(lanes, survive_a_restart) {
    list_chain(2);
    cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
    cr_assert_eq(rig_part(&rig, 2, 1, 0, 2), SESSION_APPLY);
    rig_commit(&rig);
    rig_restart(&rig);
    cr_assert_eq(rig_at(&rig, 1)->lane, 0);
    cr_assert_eq(rig_at(&rig, 2)->lane, SESSION_NO_LANE);
    cr_assert_eq(rig_part(&rig, 2, 2, 1, 2), SESSION_APPLY);
    cr_assert(rig.plan.lane_whole);
    cr_assert_eq(rig.plan.lane, 1);
    rig_commit(&rig);
    rig_restart(&rig);
    cr_assert_eq(rig_data(&rig, 1, 2), SESSION_APPLY);
    cr_assert(rig.plan.lane_end);
}

/* Records 1 .. 3 of the successor are gone: its key frame is beyond a gap though 1 is complete. */
Test(lanes, successor_that_lost_its_beginning_inherits_over_a_gap) {
    list_chain(1);
    rig_run(&rig, 1, 1, 2);
    rig_list(&rig);
    rig_epoch(&rig, 1, 0, 0, 1, 3, false);
    rig_epoch(&rig, 2, 1, 2, 4, 9, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
    cr_assert_eq(rig_key(&rig, 2, 4), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, 0);
    cr_assert(rig.plan.after_gap);
}

/* The key frame of 2 is not whole yet when 1 is complete: 2 goes on from there. */
Test(lanes, lane_of_one_that_ended_between_parts_is_inherited) {
    list_chain(2);
    cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
    cr_assert_eq(rig_part(&rig, 2, 1, 0, 2), SESSION_APPLY);
    cr_assert_eq(rig_data(&rig, 1, 2), SESSION_APPLY);
    cr_assert_not(rig.plan.lane_end);
    cr_assert_not(rig_plan(&rig));
    cr_assert_eq(rig_part(&rig, 2, 2, 1, 2), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, 0);
    cr_assert_not(rig.plan.after_gap);
    cr_assert_not(rig_plan(&rig));
}

/* The last record of 2 is the last part of its key frame: it goes on from 1, and leads up to 3. */
Test(lanes, an_epoch_that_ends_with_its_key_frame_leads_on) {
    rig_list(&rig);
    rig_epoch(&rig, 1, 0, 0, 1, 3, false);
    rig_epoch(&rig, 2, 1, 2, 1, 3, false);
    rig_epoch(&rig, 3, 2, 2, 1, 3, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
    cr_assert_eq(rig_part(&rig, 2, 1, 0, 2), SESSION_APPLY);
    cr_assert_eq(rig_key(&rig, 3, 1), SESSION_APPLY);
    cr_assert_eq(rig_data(&rig, 1, 2), SESSION_APPLY);
    cr_assert_not(rig.plan.lane_end);
    cr_assert_eq(rig_part(&rig, 2, 2, 1, 2), SESSION_APPLY);
    cr_assert(rig.plan.lane_whole);
    cr_expect_eq(rig.plan.lane_from, 0);
    cr_expect(rig.plan.lane_end);
    cr_expect_eq(rig.plan.lane_into, 1);
    cr_assert_not(rig_plan(&rig));
}

/* 2 was killed within its key frame beside 1: nothing leads on from it, and 3 follows 1. */
Test(lanes, without_a_whole_key_frame_nothing_leads_on) {
    list_one_cut_short();
    cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
    cr_assert_eq(rig_part(&rig, 2, 1, 0, 2), SESSION_APPLY);
    cr_assert_not(rig.plan.lane_end);
    cr_assert_eq(rig_data(&rig, 1, 2), SESSION_APPLY);
    cr_assert_not(rig.plan.lane_end);
    cr_assert_eq(rig_key(&rig, 3, 1), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, 0);
    cr_assert(rig.plan.after_gap);
}

/* The first records of the younger epoch are gone, so are those between the older one and its start
 * in a lane of its own. */
static void lose_the_head_of_the_younger(bool restart) {
    list_chain(2);
    cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
    rig_list(&rig);
    rig_epoch(&rig, 1, 0, 0, 1, 3, false);
    rig_epoch(&rig, 2, 1, 2, 1, 9, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert_eq(rig_part(&rig, 2, 1, 0, 2), SESSION_APPLY);
    cr_assert_eq(rig_dropped(&rig, 2, 2, 5), SESSION_APPLY);
    cr_assert_eq(rig_key(&rig, 2, 6), SESSION_APPLY);
    cr_assert_eq(rig_data(&rig, 2, 7), SESSION_APPLY);
    if (restart) {
        rig_commit(&rig);
        rig_restart(&rig);
        cr_assert_eq(rig_hello(&rig), ERR_OK);
        rig_drain(&rig);
    }
    cr_assert_eq(rig_data(&rig, 1, 2), SESSION_APPLY);
    cr_assert(rig.plan.lane_end);
    cr_assert_eq(rig.plan.lane_into, 1);
    cr_assert(rig.plan.into_gap);
}

Test(lanes, end_leads_over_what_the_younger_epoch_lost_before_its_start) {
    lose_the_head_of_the_younger(false);
}

Test(lanes, end_leads_over_it_after_a_restart_too) {
    lose_the_head_of_the_younger(true);
}

Test(lanes, what_the_younger_epoch_lost_behind_its_start_is_no_gap_before_it) {
    list_chain(2);
    cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
    cr_assert_eq(rig_key(&rig, 2, 1), SESSION_APPLY);
    cr_assert_eq(rig_dropped(&rig, 2, 2, 2), SESSION_APPLY);
    cr_assert_eq(rig_data(&rig, 1, 2), SESSION_APPLY);
    cr_assert(rig.plan.lane_end);
    cr_assert_eq(rig.plan.lane_into, 1);
    cr_assert_not(rig.plan.into_gap);
}

/* Of a younger epoch all is dropped before its key frame is whole, while an older lane waits: that
 * one leads up to the next older first, for what it leaves goes on there. */
Test(lanes, an_older_lane_ends_before_the_next) {
    list_chain(4);
    cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
    rig_run(&rig, 2, 1, 2);
    cr_assert_eq(rig_dropped(&rig, 3, 1, 1), SESSION_APPLY);
    cr_assert_eq(rig_at(&rig, 2)->lane, 1);
    cr_assert_eq(rig_key(&rig, 4, 1), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane, 2);
    cr_assert_eq(rig_data(&rig, 1, 2), SESSION_APPLY);
    cr_assert(rig.plan.lane_end);
    cr_assert_eq(rig.plan.lane_into, 1);
    cr_assert_not(rig_plan(&rig));
    cr_assert_eq(rig_dropped(&rig, 3, 2, 2), SESSION_APPLY);
    cr_assert_not(rig.plan.lane_end);
    cr_assert(rig_plan(&rig));
    cr_assert_eq(rig.plan.epoch, 2);
    cr_assert(rig.plan.lane_end);
    cr_assert_eq(rig.plan.lane_into, 2);
    cr_assert_not(rig_plan(&rig));
}

/* Of the epoch between two lanes the first key frame was never whole, and it ended so: nothing of
 * it leads from the one to the other. */
Test(lanes, end_leads_over_an_epoch_that_ended_within_its_first_key_frame) {
    list_one_cut_short();
    cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
    cr_assert_eq(rig_part(&rig, 2, 1, 0, 2), SESSION_APPLY);
    rig_drain(&rig);
    cr_assert_eq(rig_key(&rig, 3, 1), SESSION_APPLY);
    cr_assert_eq(rig_data(&rig, 1, 2), SESSION_APPLY);
    cr_assert(rig.plan.lane_end);
    cr_assert_eq(rig.plan.lane_into, rig_at(&rig, 3)->lane);
    cr_assert(rig.plan.into_gap);
}

/* The same in one lane. */
Test(lanes, key_behind_an_epoch_that_ended_within_its_own_is_over_a_gap) {
    list_one_cut_short();
    rig_run(&rig, 1, 1, 2);
    cr_assert_eq(rig_part(&rig, 2, 1, 0, 2), SESSION_APPLY);
    rig_drain(&rig);
    cr_assert_eq(rig_key(&rig, 3, 1), SESSION_APPLY);
    cr_assert(rig.plan.after_gap);
}

/* An epoch whose predecessor did not fit into the hello runs beside the first one; both are given
 * up when the next process lists itself alone. Neither waits for the other. */
Test(lanes, an_epoch_given_up_before_its_predecessor_was_listed_ends) {
    for (int hello = 0; hello < 3; hello++) {
        rig_list(&rig);
        for (uint64_t i = 1; i < SESSION_EPOCHS_MAX && hello < 2; i++)
            rig_epoch(&rig, i, i - 1, i > 1 ? 2 : 0, 1, 3, false);
        if (hello == 0)
            rig_epoch(&rig, 1000, 999, 2, 1, 2, true);
        else
            rig_epoch(&rig, 1001, 1000, 1, 1, 3, true);
        cr_assert_eq(rig_hello(&rig), ERR_OK);
        rig_drain(&rig);
        if (hello == 0)
            cr_assert_eq(rig_key(&rig, 1, 1), SESSION_APPLY);
        if (hello < 2)
            cr_assert_eq(rig_key(&rig, hello == 0 ? 1000 : 1001, 1), SESSION_APPLY);
    }
    cr_expect(rig_at(&rig, 1)->closed && rig_at(&rig, 1000)->closed);
    cr_expect_not(rig_at(&rig, 1000)->joined);
    cr_expect_eq(rig_at(&rig, 1)->lane, SESSION_NO_LANE);
    cr_expect_eq(rig_at(&rig, 1000)->lane, SESSION_NO_LANE);
}
