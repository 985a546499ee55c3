/* Verdicts, dropped ranges, key frames. */
#include <criterion/criterion.h>

#include "rig.h"

static struct rig rig;

static void start(void) {
    rig_init(&rig);
}

static void stop(void) {
    rig_fini(&rig);
}

TestSuite(record, .init = start, .fini = stop);

Test(record, verdicts_have_names) {
    cr_assert_str_eq(session_verdict_name(SESSION_APPLY), "apply");
    cr_assert_str_eq(session_verdict_name(SESSION_STALE), "stale");
    cr_assert_str_eq(session_verdict_name(SESSION_VERDICT_COUNT), "unknown");
}

Test(record, of_an_epoch_no_hello_named_is_refused) {
    cr_assert_eq(rig_key(&rig, 9, 1), SESSION_NO_HELLO);
    cr_assert_eq(rig.s.no_hello, 1);
    cr_assert_eq(rig.s.epoch_n, 0);
}

Test(record, is_applied_only_when_next_in_order) {
    rig_hello_one(&rig, 9, 1, 6);
    rig_run(&rig, 9, 1, 2);
    cr_assert_eq(rig_data(&rig, 9, 4), SESSION_GAP);
    cr_assert_eq(rig_data(&rig, 9, 2), SESSION_DUPLICATE);
    cr_assert_eq(rig_data(&rig, 9, 1), SESSION_DUPLICATE);
    cr_assert_eq(rig_data(&rig, 9, 3), SESSION_APPLY);
    cr_assert_eq(rig_at(&rig, 9)->last, 3);
    cr_assert_eq(rig.s.duplicates, 2);
    cr_assert_eq(rig.s.gaps, 1);
    cr_assert_eq(rig.s.applied, 3);
}

Test(record, of_an_agent_seen_first_begins_an_empty_lane) {
    rig_hello_one(&rig, 9, 1, 6);
    cr_assert_eq(rig_key(&rig, 9, 1), SESSION_APPLY);
    cr_assert(rig.plan.lane_new);
    cr_assert(rig.plan.lane_whole);
    cr_assert_eq(rig.plan.epoch, 9);
    cr_assert_eq(rig.plan.lane, 0);
    cr_assert_eq(rig.plan.lane_from, SESSION_NO_LANE);
    cr_assert_eq(rig.plan.gap_from, 0);
    cr_assert_not(rig.plan.lane_end);
    cr_assert_eq(rig_data(&rig, 9, 2), SESSION_APPLY);
    cr_assert_not(rig.plan.lane_new);
    cr_assert_eq(rig.plan.lane, 0);
}

Test(record, of_an_epoch_without_key_frame_is_not_usable) {
    rig_hello_one(&rig, 9, 1, 6);
    cr_assert_eq(rig_data(&rig, 9, 1), SESSION_GAP);
    cr_assert_eq(rig_part(&rig, 9, 1, 1, 2), SESSION_GAP);
    cr_assert_eq(rig_at(&rig, 9)->last, 0);
}

Test(record, key_frame_parts_come_in_order) {
    rig_hello_one(&rig, 9, 1, 6);
    cr_assert_eq(rig_part(&rig, 9, 1, 0, 3), SESSION_APPLY);
    cr_assert_not(rig.plan.lane_whole);
    cr_assert_eq(rig_data(&rig, 9, 2), SESSION_GAP);
    cr_assert_eq(rig_part(&rig, 9, 2, 2, 3), SESSION_GAP);
    cr_assert_eq(rig_part(&rig, 9, 2, 1, 3), SESSION_APPLY);
    cr_assert_eq(rig_part(&rig, 9, 3, 2, 4), SESSION_GAP);
    cr_assert_eq(rig_part(&rig, 9, 3, 2, 3), SESSION_APPLY);
    cr_assert(rig.plan.lane_whole);
    cr_assert_eq(rig_data(&rig, 9, 4), SESSION_APPLY);
    cr_assert_eq(rig_key(&rig, 9, 5), SESSION_APPLY);
    cr_assert_not(rig.plan.lane_whole); /* a later segment's key frame */
}

/* Rule 17: last = 2, dropped 1..5 books 3..5 only. */
Test(record, dropped_range_books_only_what_was_not_applied) {
    rig_hello_one(&rig, 9, 1, 9);
    rig_run(&rig, 9, 1, 2);
    cr_assert_eq(rig_dropped(&rig, 9, 1, 2), SESSION_DUPLICATE);
    cr_assert_eq(rig_dropped(&rig, 9, 4, 5), SESSION_GAP);
    cr_assert_eq(rig_dropped(&rig, 9, 1, 5), SESSION_APPLY);
    cr_assert_eq(rig.plan.gap_from, 3);
    cr_assert_eq(rig.plan.gap_to, 5);
    cr_assert(rig.plan.after_gap);
    cr_assert_eq(rig_at(&rig, 9)->last, 5);
    cr_assert_eq(rig_at(&rig, 9)->gap_records, 3);
    cr_assert_eq(rig_key(&rig, 9, 6), SESSION_APPLY);
    cr_assert(rig.plan.after_gap);
    cr_assert_eq(rig_data(&rig, 9, 7), SESSION_APPLY);
    cr_assert_not(rig.plan.after_gap);
}

Test(record, dropped_range_within_a_key_frame_asks_for_a_new_one) {
    rig_hello_one(&rig, 9, 1, 9);
    cr_assert_eq(rig_part(&rig, 9, 1, 0, 3), SESSION_APPLY);
    cr_assert_eq(rig_dropped(&rig, 9, 1, 5), SESSION_APPLY);
    cr_assert_eq(rig_part(&rig, 9, 6, 1, 3), SESSION_GAP);
    cr_assert_eq(rig_data(&rig, 9, 6), SESSION_GAP);
    cr_assert_eq(rig_key(&rig, 9, 6), SESSION_APPLY);
    cr_assert(rig.plan.lane_whole);
}

Test(record, of_a_finished_epoch_is_stale_or_a_duplicate) {
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 3, false);
    rig_epoch(&rig, 9, 8, 2, 1, 3, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_run(&rig, 8, 1, 2);
    cr_assert(rig_at(&rig, 8)->closed);
    cr_assert_eq(rig_data(&rig, 8, 2), SESSION_DUPLICATE);
    cr_assert_eq(rig_data(&rig, 8, 3), SESSION_STALE);
    cr_assert_eq(rig.s.stale, 1);
}

Test(record, of_a_clone_is_told_from_an_unknown_one) {
    rig_hello_one(&rig, 9, 1, 2);
    rig.h.nonce = 6;
    rig_hello_one(&rig, 10, 1, 2);
    cr_assert_eq(rig_key(&rig, 10, 1), SESSION_CLONE);
    rig.now_mono_ms += SESSION_SILENCE_MS + 1;
    cr_assert_eq(rig_key(&rig, 10, 1), SESSION_NO_HELLO);
}
