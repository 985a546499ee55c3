/* Who speaks, generations, and what a hello lists. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "rig.h"

static struct rig rig;

static void start(void) {
    rig_init(&rig);
}

static void stop(void) {
    rig_fini(&rig);
}

TestSuite(hello, .init = start, .fini = stop);

/* --- rules 12 to 14 --- */

Test(hello, that_is_not_newer_changes_nothing) {
    rig_hello_one(&rig, 9, 1, 2);
    rig.h.n--;
    rig.h.n--;
    rig_hello_one(&rig, 10, 1, 2);
    cr_assert_eq(rig.s.epoch_n, 1);
    cr_assert_eq(rig.s.clones, 0);
}

Test(hello, with_a_nonce_of_0_or_a_leaping_generation_is_refused) {
    rig.h.nonce = 0;
    cr_assert_eq(rig_hello(&rig), ERR_RANGE);
    rig.h.nonce = 5;
    rig.h.store = RIG_STORE;
    rig.h.generation = RIG_GENERATION + SESSION_GENERATION_LEAP + 1;
    cr_assert_eq(rig_hello(&rig), ERR_RANGE);
    cr_assert_eq(rig.s.nonce, 0);
}

Test(hello, of_a_later_generation_bumps_ours) {
    rig.h.store = RIG_STORE;
    rig.h.generation = RIG_GENERATION + 5;
    rig_hello_one(&rig, 9, 1, 2);
    cr_assert_eq(rig.bump, RIG_GENERATION + 6);
}

Test(hello, of_our_generation_bumps_only_before_our_first_ack) {
    rig.h.store = RIG_STORE;
    rig.h.generation = RIG_GENERATION;
    rig_hello_one(&rig, 9, 1, 2);
    cr_assert_eq(rig.bump, RIG_GENERATION + 1);
    rig_ack(&rig, 9);
    rig_hello_one(&rig, 9, 1, 2);
    cr_assert_eq(rig.bump, 0);
    rig.h.generation = RIG_GENERATION - 1;
    rig_hello_one(&rig, 9, 1, 2);
    cr_assert_eq(rig.bump, 0);
}

Test(hello, of_another_store_says_nothing_about_generations) {
    rig.h.store = RIG_STORE + 1;
    rig.h.generation = UINT64_MAX;
    rig_hello_one(&rig, 9, 1, 2);
    cr_assert_eq(rig.bump, 0);
}

Test(hello, of_a_second_process_is_refused_and_told_so_once) {
    struct ack ack;
    rig_hello_one(&rig, 9, 1, 2);
    cr_assert_not(session_make_clone_ack(&rig.s, &rig.store, &ack));
    rig.h.nonce = 6;
    rig_hello_one(&rig, 10, 1, 2);
    cr_assert_eq(rig.s.clones, 1);
    cr_assert_eq(rig.s.nonce, 5);
    cr_assert_eq(rig.s.epoch_n, 1);
    cr_assert(session_make_clone_ack(&rig.s, &rig.store, &ack));
    cr_assert_eq(ack.nonce, 6);
    cr_assert_eq(ack.credit_bytes, 0);
    cr_assert_eq(ack.epoch_n, 0);
    cr_assert_eq(ack.store, RIG_STORE);
    cr_assert_not(session_make_clone_ack(&rig.s, &rig.store, &ack));
}

Test(hello, of_a_restart_that_lists_the_open_epoch_is_taken_at_once) {
    rig_hello_one(&rig, 9, 1, 4);
    rig_run(&rig, 9, 1, 3);
    rig.h.nonce = 6;
    rig_list(&rig);
    rig_epoch(&rig, 9, 0, 0, 1, 4, false); /* next 4 > last 3 */
    rig_epoch(&rig, 10, 9, 3, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert_eq(rig.s.nonce, 6);
}

Test(hello, of_a_restart_that_names_the_open_epoch_as_prev_is_taken_at_once) {
    rig_hello_one(&rig, 9, 1, 4);
    rig_run(&rig, 9, 1, 3);
    rig.h.nonce = 6;
    rig_list(&rig);
    rig_epoch(&rig, 10, 9, 3, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert_eq(rig.s.nonce, 6);
}

Test(hello, of_an_older_image_waits_for_silence) {
    rig_hello_one(&rig, 9, 1, 5);
    rig_run(&rig, 9, 1, 4);
    rig.h.nonce = 6;
    rig_list(&rig);
    rig_epoch(&rig, 9, 0, 0, 1, 4, false); /* next 4, but 4 was applied */
    rig_epoch(&rig, 10, 9, 3, 1, 2, true);
    rig.now_mono_ms += SESSION_SILENCE_MS;
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert_eq(rig.s.nonce, 5);
    rig.now_mono_ms += 1;
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert_eq(rig.s.nonce, 6);
    cr_assert_eq(rig.s.clone_nonce, 0);
}

Test(hello, of_a_stranger_after_our_restart_waits_from_our_start) {
    rig_hello_one(&rig, 9, 1, 4);
    rig_run(&rig, 9, 1, 3);
    rig_pack(&rig);
    rig_restart(&rig);
    rig.h.nonce = 6;
    rig_hello_one(&rig, 10, 1, 2);
    cr_assert_eq(rig.s.nonce, 5);
    rig.now_mono_ms += SESSION_SILENCE_MS + 1;
    rig_hello_one(&rig, 10, 1, 2);
    cr_assert_eq(rig.s.nonce, 6);
}

/* --- rules 15 and 16 --- */

Test(hello, with_a_base_beyond_last_books_a_gap_and_wants_base) {
    rig_hello_one(&rig, 9, 1, 3);
    rig_run(&rig, 9, 1, 2);
    rig_drain(&rig);
    rig_hello_one(&rig, 9, 7, 9);
    cr_assert(rig_plan(&rig));
    cr_assert_eq(rig.plan.epoch, 9);
    cr_assert_eq(rig.plan.gap_from, 3);
    cr_assert_eq(rig.plan.gap_to, 6);
    cr_assert_eq(rig.plan.lane, 0);
    cr_assert_not(rig_plan(&rig));
    const struct ack_epoch *a = rig_ack(&rig, 9);
    cr_assert_eq(a->want, 7);
    cr_assert_eq(a->durable, 0);
    rig_commit(&rig);
    cr_assert_eq(rig_ack(&rig, 9)->durable, 6);
    cr_assert_eq(rig_data(&rig, 9, 7), SESSION_GAP); /* key frame first */
    cr_assert_eq(rig_key(&rig, 9, 7), SESSION_APPLY);
    cr_assert(rig.plan.after_gap);
}

Test(hello, of_an_unknown_epoch_wants_its_base) {
    rig_hello_one(&rig, 9, 5, 9);
    cr_assert_eq(rig_ack(&rig, 9)->want, 5);
    cr_assert(rig_plan(&rig));
    cr_assert_eq(rig.plan.gap_from, 1);
    cr_assert_eq(rig.plan.gap_to, 4);
    cr_assert_eq(rig.plan.lane, SESSION_NO_LANE);
}

/* --- rule 18 --- */

enum { FULL = SESSION_EPOCHS_MAX };

/* A full hello: 1 .. FULL - 1 of one record each, and the open one, whose predecessor did not fit.
 */
static void full_hello(uint64_t open, uint64_t prev) {
    rig_list(&rig);
    for (uint64_t i = 1; i < FULL; i++)
        rig_epoch(&rig, i, i - 1, i > 1, 1, 2, false);
    rig_epoch(&rig, open, prev, 1, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
}

Test(hello, puts_an_epoch_before_the_one_that_names_it) {
    full_hello(FULL + 2, FULL + 1);
    cr_assert_eq(rig.s.epoch_n, FULL);
    rig_list(&rig);
    for (uint64_t i = 4; i <= FULL + 2; i++)
        rig_epoch(&rig, i, i - 1, 1, 1, 2, i == FULL + 2);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert_eq(rig.s.epoch_n, FULL + 2);
    for (uint64_t i = 0; i < FULL + 2; i++)
        cr_assert_eq(rig.s.epoch[i].epoch, i + 1);
}

Test(hello, that_left_out_the_middle_does_not_join_its_ends) {
    full_hello(FULL + 1, FULL);
    for (uint64_t i = 1; i < FULL; i++) {
        rig_run(&rig, i, 1, 1);
        rig_drain(&rig);
    }
    cr_assert_neq(rig_at(&rig, FULL - 1)->lane,
                  SESSION_NO_LANE); /* kept for what is still to come */
    cr_assert_eq(rig_key(&rig, FULL + 1, 1), SESSION_APPLY);
    cr_assert(rig.plan.lane_new);
    rig_list(&rig);
    rig_epoch(&rig, FULL, FULL - 1, 1, 1, 3, false);
    rig_epoch(&rig, FULL + 1, FULL, 2, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
    cr_assert_eq(rig_key(&rig, FULL, 1), SESSION_APPLY);
    cr_assert_neq(rig.plan.lane_from, SESSION_NO_LANE);
}

Test(hello, end_of_an_unlisted_epoch_is_what_its_successor_names) {
    rig_hello_one(&rig, 9, 1, 4);
    rig_run(&rig, 9, 1, 3);
    rig_list(&rig);
    rig_epoch(&rig, 10, 9, 3, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert(rig_at(&rig, 9)->closed);
    cr_assert_eq(rig_at(&rig, 9)->final_last, 3);
    cr_assert_eq(rig_at(&rig, 9)->gap_records, 0);
}

/* --- rules 20 and 21 --- */

Test(hello, abandons_what_is_older_than_the_oldest_listed) {
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 6, false);
    rig_epoch(&rig, 9, 8, 5, 1, 3, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_run(&rig, 8, 1, 2);
    rig_list(&rig);
    rig_epoch(&rig, 9, 8, 5, 1, 3, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert(rig_plan(&rig));
    cr_assert_eq(rig.plan.epoch, 8);
    cr_assert_eq(rig.plan.gap_from, 3);
    cr_assert_eq(rig.plan.gap_to, 5);
    cr_assert_not(rig_plan(&rig)); /* its lane waits for 9 */
    cr_assert_eq(rig_data(&rig, 8, 6), SESSION_STALE);
    cr_assert_eq(rig_key(&rig, 9, 1), SESSION_APPLY);
    cr_assert_eq(rig.plan.lane_from, 0);
    cr_assert(rig.plan.after_gap);
}

/* The gateway was replaced, or its journal is gone. What the last hello told of was accepted by the
 * agent, was it not by us: also after a restart. */
Test(hello, without_an_epoch_books_all_that_it_was_told_to_have) {
    rig_hello_one(&rig, 9, 1, 100);
    rig_run(&rig, 9, 1, 50);
    rig_commit(&rig);
    rig_restart(&rig);
    rig.h.nonce = 6;
    rig_hello_one(&rig, 50, 1, 2); /* the silence is counted from here */
    cr_assert_not(rig_plan(&rig));
    rig.now_mono_ms += SESSION_SILENCE_MS + 1;
    rig_hello_one(&rig, 50, 1, 2);
    cr_assert(rig_plan(&rig));
    cr_assert_eq(rig.plan.epoch, 9);
    cr_assert_eq(rig.plan.gap_from, 51);
    cr_assert_eq(rig.plan.gap_to, 99);
    cr_assert_eq(rig_at(&rig, 9)->gap_records, 49);
    cr_assert_eq(rig_data(&rig, 9, 100), SESSION_STALE);
}

Test(hello, that_comes_within_a_commit_is_stored_by_the_next_one) {
    rig_hello_one(&rig, 9, 1, 51);
    rig_run(&rig, 9, 1, 50);
    rig_commit(&rig);
    rig_hello_one(&rig, 9, 1, 60);
    rig_pack(&rig);
    rig_hello_one(&rig, 9, 1, 100);
    rig_committed(&rig);
    cr_expect(rig.s.changed);
    rig_commit(&rig);
    cr_expect_not(rig.s.changed);
}

Test(hello, whose_oldest_prev_was_never_seen_books_all_of_it) {
    rig_list(&rig);
    rig_epoch(&rig, 9, 8, 5, 1, 3, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert(rig_plan(&rig));
    cr_assert_eq(rig.plan.epoch, 8);
    cr_assert_eq(rig.plan.gap_from, 1);
    cr_assert_eq(rig.plan.gap_to, 5);
    cr_assert_not(rig_plan(&rig));
    cr_assert_eq(rig.s.epoch[0].epoch, 8);
    cr_assert_eq(rig_key(&rig, 9, 1), SESSION_APPLY);
    cr_assert(rig.plan.lane_new);
}

/* Fewer rows than fit: the agent holds nothing else. 9 was trimmed, though this store (restored)
 * has not all of it; 8 is still held. */
Test(hello, that_is_not_full_books_what_it_leaves_out_of_the_middle) {
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 4, false);
    rig_epoch(&rig, 9, 8, 3, 1, 6, false);
    rig_epoch(&rig, 10, 9, 5, 1, 3, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_run(&rig, 9, 1, 2);
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 4, false);
    rig_epoch(&rig, 10, 9, 5, 1, 3, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert(rig_plan(&rig));
    cr_assert_eq(rig.plan.epoch, 9);
    cr_assert_eq(rig.plan.gap_from, 3);
    cr_assert_eq(rig.plan.gap_to, 5);
    rig_drain(&rig);
    rig_run(&rig, 8, 1, 3);
    rig_drain(&rig);
    cr_assert_eq(rig.s.front, 2);
    cr_assert_eq(rig_key(&rig, 10, 1), SESSION_APPLY);
    cr_assert(rig.plan.after_gap);
}

/* The same for an epoch never seen: only its successor names it. */
Test(hello, that_is_not_full_books_a_predecessor_never_seen_in_the_middle) {
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 4, false);
    rig_epoch(&rig, 10, 9, 5, 1, 3, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert_eq(rig.s.epoch_n, 3);
    cr_assert_eq(rig.s.epoch[1].epoch, 9);
    cr_assert(rig_plan(&rig));
    cr_assert_eq(rig.plan.epoch, 9);
    cr_assert_eq(rig.plan.gap_from, 1);
    cr_assert_eq(rig.plan.gap_to, 5);
    rig_run(&rig, 8, 1, 3);
    rig_drain(&rig);
    cr_assert_eq(rig.s.front, 2);
}

/* What came after the newest row is not for this hello to say: it may be an older process's. */
Test(hello, that_is_not_full_leaves_what_is_younger_alone) {
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 4, false);
    rig_epoch(&rig, 9, 8, 3, 1, 6, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 4, false);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert_not(rig_at(&rig, 9)->closed);
}

/* A stranger with this agent's id took over while the agent was silent, and its epoch was given up.
 * It comes back with records that can no longer be applied: they are acked as durable, so they must
 * be a counted gap. */
Test(hello, that_lists_a_given_up_epoch_again_books_what_came_to_it) {
    rig_hello_one(&rig, 9, 1, 4);
    rig_run(&rig, 9, 1, 3);
    rig.now_mono_ms += SESSION_SILENCE_MS + 1;
    rig.h.nonce = 6;
    rig_hello_one(&rig, 50, 1, 2);
    rig_drain(&rig);
    rig.now_mono_ms += SESSION_SILENCE_MS + 1;
    rig.h.nonce = RIG_NONCE;
    rig_hello_one(&rig, 9, 1, 8);
    cr_assert(rig_plan(&rig));
    cr_assert_eq(rig.plan.epoch, 9);
    cr_assert_eq(rig.plan.gap_from, 4);
    cr_assert_eq(rig.plan.gap_to, 7);
    cr_assert_eq(rig_at(&rig, 9)->gap_records, 4);
    rig_commit(&rig);
    cr_assert_eq(rig_ack(&rig, 9)->durable, 7);
    cr_assert_eq(rig_ack(&rig, 9)->want, 0);
}

Test(hello, of_a_new_beginning_inherits_nothing) {
    rig_hello_one(&rig, 9, 1, 4);
    rig_run(&rig, 9, 1, 3);
    rig.now_mono_ms += SESSION_SILENCE_MS + 1;
    rig.h.nonce = 6;
    rig_hello_one(&rig, 10, 1, 2);
    cr_assert(rig_plan(&rig));
    cr_assert_eq(rig.plan.epoch, 9);
    cr_assert(rig.plan.lane_end);
    cr_assert_eq(rig.plan.lane, 0);
    cr_assert_eq(rig.plan.lane_into, SESSION_NO_LANE);
    cr_assert_eq(rig_key(&rig, 10, 1), SESSION_APPLY);
    cr_assert(rig.plan.lane_new);
}

/* --- bounds --- */

Test(hello, beyond_the_chain_limit_is_an_ordinary_error) {
    rig_list(&rig);
    rig_epoch(&rig, 1, 0, 0, 1, 1, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    struct session_epoch *at = realloc(rig.s.epoch, SESSION_CHAIN_MAX * sizeof *at);
    cr_assert_not_null(at);
    rig.s.epoch = at;
    rig.s.epoch_cap = SESSION_CHAIN_MAX;
    for (size_t i = 1; i < SESSION_CHAIN_MAX; i++) {
        at[i] = at[0];
        at[i].epoch = i + 1;
    }
    rig.s.epoch_n = SESSION_CHAIN_MAX;
    rig_epoch(&rig, UINT64_MAX, 1, 0, 1, 2, true);
    rig.h.n++;
    cr_assert_eq(session_on_hello(&rig.s, &rig.h, &rig.store, rig.now_mono_ms, &rig.bump),
                 ERR_FULL);
    cr_assert_eq(rig.s.epoch_n, SESSION_CHAIN_MAX);
    cr_assert_eq(rig.s.hello_n, 1);
}
