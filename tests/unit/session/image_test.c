/* A gateway whose disk image was put back: whose branch goes on, and what waits for what. */
#include <criterion/criterion.h>

#include "rig.h"

static struct rig rig;

static void start(void) {
    rig_init(&rig);
}

static void stop(void) {
    rig_fini(&rig);
}

TestSuite(image, .init = start, .fini = stop);

/* After a silence the image's process lists its epochs: three records of 8, and what follows. */
static void put_back(void) {
    rig.now_mono_ms += SESSION_SILENCE_MS + 1;
    rig.h.nonce = 6;
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 4, false);
}

Test(image, closes_the_branch_it_forgot) {
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 4, false);
    rig_epoch(&rig, 9, 8, 3, 1, 9, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_run(&rig, 8, 1, 3);
    rig_run(&rig, 9, 1, 2);
    put_back();
    rig_epoch(&rig, 10, 8, 3, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
    cr_assert(rig_at(&rig, 9)->closed);
    cr_assert_eq(rig_at(&rig, 9)->gap_records, 6);
    cr_assert_eq(rig.s.epoch[2].epoch, 10);
    cr_assert_eq(rig_key(&rig, 10, 1), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, 0); /* from the tip, 9 */
    cr_assert(rig.plan.after_gap);
}

/* 10 and 11 come from the image: their key frames are older than 9, which is counted. 11 would
 * begin beside 10 with them and count again what 9 has. */
Test(image, lets_nothing_run_beside_the_fork) {
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 4, false);
    rig_epoch(&rig, 9, 8, 3, 1, 9, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_run(&rig, 8, 1, 3);
    rig_run(&rig, 9, 1, 2);
    put_back();
    rig_epoch(&rig, 10, 8, 3, 1, 3, false);
    rig_epoch(&rig, 11, 10, 2, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
    cr_assert_eq(rig_ack(&rig, 11)->want, 0);
    cr_assert_eq(rig_key(&rig, 11, 1), SESSION_GAP);
    rig_run(&rig, 10, 1, 2);
    rig_drain(&rig);
    cr_assert(rig.s.ack_due);
    cr_assert_eq(rig_ack(&rig, 11)->want, 1);
    cr_assert_eq(rig_key(&rig, 11, 1), SESSION_APPLY);
    cr_assert_neq(rig.plan.lane_from, SESSION_NO_LANE);
}

/* 9 ran beside 8, which the image lists, too: what leads from 8 to 9 is to come yet, and what 10
 * tells is not on that way. So 10 waits for 8, although 9 is done. */
Test(image, does_not_go_on_beside_what_is_older) {
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 4, false);
    rig_epoch(&rig, 9, 8, 3, 1, 9, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_run(&rig, 8, 1, 2);
    rig_run(&rig, 9, 1, 2);
    put_back();
    rig_epoch(&rig, 10, 8, 3, 1, 3, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
    cr_assert(rig_at(&rig, 9)->closed);
    cr_assert_eq(rig_ack(&rig, 10)->want, 0);
    cr_assert_eq(rig_key(&rig, 10, 1), SESSION_GAP);
    rig_run(&rig, 8, 3, 3);
    rig_drain(&rig);
    cr_assert_eq(rig_ack(&rig, 10)->want, 1);
    cr_assert_eq(rig_key(&rig, 10, 1), SESSION_APPLY);
    cr_assert_neq(rig.plan.lane_from, SESSION_NO_LANE);
    cr_assert(rig.plan.after_gap);
}

/* The same where the image only holds less of the epoch that goes on. */
Test(image, with_less_of_the_tip_lets_nothing_run_beside) {
    rig_hello_one(&rig, 8, 1, 9);
    rig_run(&rig, 8, 1, 6);
    put_back();
    rig_epoch(&rig, 10, 8, 3, 1, 3, false);
    rig_epoch(&rig, 11, 10, 2, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
    cr_assert_eq(rig_key(&rig, 11, 1), SESSION_GAP);
    rig_run(&rig, 10, 1, 2);
    rig_drain(&rig);
    cr_assert_eq(rig_key(&rig, 11, 1), SESSION_APPLY);
}

/* 10 is the fork, 11 follows it and is done: 12's key frame may still tell what 10 had from the
 * image, so 13 waits for 12; only when a key frame tells nothing but what was read since, the next
 * one may begin beside it. It holds over a restart of ours. */
Test(image, makes_wait_until_all_was_read_anew) {
    rig_hello_one(&rig, 8, 1, 9);
    rig_run(&rig, 8, 1, 6);
    put_back();
    rig_epoch(&rig, 10, 8, 3, 1, 2, false);
    rig_epoch(&rig, 11, 10, 1, 1, 2, false);
    rig_epoch(&rig, 12, 11, 1, 1, 4, false);
    rig_epoch(&rig, 13, 12, 3, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
    cr_assert_eq(rig_key_value(&rig, 10, 1, 5000, 3000), SESSION_APPLY);
    cr_assert_eq(rig_key_value(&rig, 11, 1, 6000, 3000), SESSION_APPLY);
    cr_assert_eq(rig_key_value(&rig, 13, 1, 8000, 5100), SESSION_GAP);
    rig_pack(&rig);
    rig_restart(&rig);
    rig.h.nonce = 6;
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
    cr_assert_eq(rig_key_value(&rig, 12, 1, 7000, 4999), SESSION_APPLY);
    cr_assert_eq(rig_key_value(&rig, 13, 1, 8000, 5100), SESSION_GAP);
    cr_assert_eq(rig_key_value(&rig, 12, 2, 7000, 5000), SESSION_APPLY);
    cr_assert_eq(rig_key_value(&rig, 13, 1, 8000, 5100), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, SESSION_NO_LANE); /* beside 12 */
}

/* The image is from before the first reading: the key frame of 10 has no point yet, that of 11 only
 * names them, that of 12 tells one of two. Beside one of these a lane would begin without the
 * values that we have, and nothing would lead from them to its first ones. */
Test(image, that_tells_no_values_makes_wait_as_well) {
    rig_hello_one(&rig, 8, 1, 9);
    rig_run(&rig, 8, 1, 6);
    rig.now_mono_ms += SESSION_SILENCE_MS + 1;
    rig.h.nonce = 6;
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 2, false);
    rig_epoch(&rig, 10, 8, 1, 1, 3, false);
    rig_epoch(&rig, 11, 10, 2, 1, 3, false);
    rig_epoch(&rig, 12, 11, 2, 1, 4, false);
    rig_epoch(&rig, 13, 12, 3, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
    cr_assert_eq(rig_key_told(&rig, 10, 1, 5000, 0, 0), SESSION_APPLY);
    cr_assert_eq(rig_key_told(&rig, 11, 1, 6000, 2, 0), SESSION_GAP);
    cr_assert_eq(rig_key_told(&rig, 10, 2, 5000, 0, 0), SESSION_APPLY);
    cr_assert_eq(rig_key_told(&rig, 11, 1, 6000, 2, 0), SESSION_APPLY);
    cr_assert_eq(rig_key_told(&rig, 12, 1, 7000, 2, 1), SESSION_GAP);
    cr_assert_eq(rig_key_told(&rig, 11, 2, 6000, 2, 0), SESSION_APPLY);
    cr_assert_eq(rig_key_told(&rig, 12, 1, 7000, 2, 1), SESSION_APPLY);
    cr_assert_eq(rig_key_told(&rig, 13, 1, 8000, 2, 2), SESSION_GAP);
    cr_assert_eq(rig_key_told(&rig, 12, 2, 7000, 2, 2), SESSION_APPLY);
    cr_assert_eq(rig_key_told(&rig, 13, 1, 8000, 2, 2), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, SESSION_NO_LANE); /* beside 12: all was read anew */
}

/* What the lane of an epoch holds of its point: a reading of 3000. */
static bool holds_3000(void *owner, uint8_t lane, uint32_t point, const struct reading *r) {
    cr_expect_eq(owner, &rig);
    cr_expect_neq(lane, SESSION_NO_LANE);
    return point == 0 && r && r->t_ms == 3000;
}

/* The point is dead since before the image: key frames tell its reading of 3000 for ever, which is
 * what we have of it. Of one from 2999 the image has lost something. Not in the first key frame,
 * though: the lane's table is not in place yet. */
Test(image, lets_run_beside_what_tells_just_what_we_have) {
    rig.s.holds = holds_3000;
    rig.s.owner = &rig;
    rig_hello_one(&rig, 8, 1, 9);
    rig_run(&rig, 8, 1, 6);
    put_back();
    rig_epoch(&rig, 10, 8, 3, 1, 5, false);
    rig_epoch(&rig, 11, 10, 4, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
    cr_assert_eq(rig_key_value(&rig, 10, 1, 5000, 3000), SESSION_APPLY);
    cr_assert_eq(rig_key_value(&rig, 11, 1, 8000, 3000), SESSION_GAP);
    cr_assert_eq(rig_key_value(&rig, 10, 2, 6000, 2999), SESSION_APPLY);
    cr_assert_eq(rig_key_value(&rig, 11, 1, 8000, 3000), SESSION_GAP);
    cr_assert_eq(rig_key_value(&rig, 10, 3, 7000, 3000), SESSION_APPLY);
    cr_assert_eq(rig_key_value(&rig, 11, 1, 8000, 3000), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, SESSION_NO_LANE); /* beside 10 */
}

static bool left;
static bool leaves_as_told(void *owner, uint8_t lane) {
    cr_expect_eq(owner, &rig);
    cr_expect_neq(lane, SESSION_NO_LANE);
    return left;
}

/* All that the key frames tell was read since, but a point of before the image is not named yet: it
 * may be with the image's value, so nothing begins beside. Nor does it behind the first key frame
 * of 11: who knows what that leaves out of what 10 had. */
Test(image, that_does_not_name_all_makes_wait_as_well) {
    rig.s.leaves = leaves_as_told;
    rig.s.owner = &rig;
    left = true;
    rig_hello_one(&rig, 8, 1, 9);
    rig_run(&rig, 8, 1, 6);
    put_back();
    rig_epoch(&rig, 10, 8, 3, 1, 3, false);
    rig_epoch(&rig, 11, 10, 2, 1, 4, false);
    rig_epoch(&rig, 12, 11, 3, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
    cr_assert_eq(rig_key_value(&rig, 10, 1, 5000, 3000), SESSION_APPLY);
    cr_assert_eq(rig_key_value(&rig, 10, 2, 6000, 5500), SESSION_APPLY);
    left = false;
    cr_assert_eq(rig_key_value(&rig, 11, 1, 7000, 5500), SESSION_APPLY);
    cr_assert_eq(rig_key_value(&rig, 12, 1, 9000, 5500), SESSION_GAP);
    left = true;
    cr_assert_eq(rig_key_value(&rig, 11, 2, 7500, 5500), SESSION_APPLY);
    cr_assert_eq(rig_key_value(&rig, 12, 1, 9000, 5500), SESSION_GAP);
}

/* The same, and it is named: what follows begins beside. */
Test(image, that_names_all_lets_run_beside) {
    rig.s.leaves = leaves_as_told;
    rig.s.owner = &rig;
    left = true;
    rig_hello_one(&rig, 8, 1, 9);
    rig_run(&rig, 8, 1, 6);
    put_back();
    rig_epoch(&rig, 10, 8, 3, 1, 5, false);
    rig_epoch(&rig, 11, 10, 4, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
    cr_assert_eq(rig_key_value(&rig, 10, 1, 5000, 3000), SESSION_APPLY);
    cr_assert_eq(rig_key_value(&rig, 10, 2, 6000, 5500), SESSION_APPLY);
    cr_assert_eq(rig_key_value(&rig, 11, 1, 8000, 5500), SESSION_GAP);
    left = false;
    cr_assert_eq(rig_key_value(&rig, 10, 3, 7000, 5500), SESSION_APPLY);
    cr_assert_eq(rig_key_value(&rig, 11, 1, 8000, 5500), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, SESSION_NO_LANE); /* beside 10 */
}
