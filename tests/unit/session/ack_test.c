/* Acks, and positions as bytes. */
#include <criterion/criterion.h>

#include "rig.h"

static struct rig rig;

static void start(void) {
    rig_init(&rig);
}

static void stop(void) {
    rig_fini(&rig);
}

TestSuite(ack, .init = start, .fini = stop);

Test(ack, names_who_it_answers_and_rises) {
    rig_hello_one(&rig, 9, 1, 4);
    rig_ack(&rig, 9);
    cr_assert_eq(rig.ack.nonce, RIG_NONCE);
    cr_assert_eq(rig.ack.store, RIG_STORE);
    cr_assert_eq(rig.ack.generation, RIG_GENERATION);
    cr_assert_eq(rig.ack.credit_bytes, RIG_CREDIT);
    cr_assert_eq(rig.ack.epoch_n, 1);
    cr_assert_eq(rig.ack.n, 1);
    rig_ack(&rig, 9);
    cr_assert_eq(rig.ack.n, 2);
}

Test(ack, is_never_due_before_a_hello_of_this_process) {
    cr_assert_not(session_ack_due(&rig.s, rig.now_mono_ms));
    rig_hello_one(&rig, 9, 1, 4);
    cr_assert(session_ack_due(&rig.s, rig.now_mono_ms));
    rig_commit(&rig);
    rig_restart(&rig);
    cr_assert_not(session_ack_due(&rig.s, rig.now_mono_ms + SESSION_RESEND_MS));
}

Test(ack, lists_the_epochs_of_the_newest_hello_only) {
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 2, false);
    rig_epoch(&rig, 9, 8, 1, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_run(&rig, 8, 1, 1);
    cr_assert_not_null(rig_ack(&rig, 8));
    rig_list(&rig);
    rig_epoch(&rig, 9, 8, 1, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert_null(rig_ack(&rig, 8));
    cr_assert_not_null(rig_ack(&rig, 9));
}

Test(ack, durable_follows_the_commit_of_the_same_bytes) {
    rig_hello_one(&rig, 9, 1, 9);
    rig_run(&rig, 9, 1, 3);
    rig_pack(&rig);
    cr_assert_eq(rig_data(&rig, 9, 4), SESSION_APPLY);
    cr_assert_eq(rig_ack(&rig, 9)->durable, 0);
    cr_assert_eq(rig_ack(&rig, 9)->want, 5);
    cr_assert_not(session_ack_due(&rig.s, rig.now_mono_ms));
    rig_committed(&rig);
    cr_assert(session_ack_due(&rig.s, rig.now_mono_ms));
    cr_assert_eq(rig_ack(&rig, 9)->durable, 3);
    cr_assert(rig.s.undurable);
    rig_committed(&rig); /* the same again moves nothing */
    cr_assert_not(session_ack_due(&rig.s, rig.now_mono_ms));
    rig_commit(&rig);
    cr_assert_eq(rig_ack(&rig, 9)->durable, 4);
    cr_assert_not(rig.s.undurable);
    cr_assert_not(rig.s.changed);
}

enum { FULL = SESSION_EPOCHS_MAX };

/* A full hello leaves one out of the middle; the next one has room for it. */
Test(ack, commit_finds_epochs_put_in_between_since) {
    rig_list(&rig);
    for (uint64_t i = 1; i < FULL; i++)
        rig_epoch(&rig, i, i - 1, i > 1, 1, 2, false);
    rig_epoch(&rig, FULL + 1, FULL, 1, 1, 2, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_run(&rig, 1, 1, 1);
    rig_run(&rig, FULL + 1, 1, 1);
    rig_pack(&rig);
    rig_list(&rig);
    for (uint64_t i = 2; i <= FULL + 1; i++)
        rig_epoch(&rig, i, i - 1, 1, 1, 2, i == FULL + 1);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_committed(&rig);
    cr_assert_eq(rig_at(&rig, FULL)->durable, 0);
    cr_assert_eq(rig_at(&rig, FULL + 1)->durable, 1);
}

/* Closed by a fork with 2 of 8 records applied: nothing is waited for, all may be deleted. */
Test(ack, of_a_closed_epoch_covers_all_of_it_once_committed) {
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 4, false);
    rig_epoch(&rig, 9, 8, 3, 1, 9, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_run(&rig, 8, 1, 2);
    rig_list(&rig);
    rig_epoch(&rig, 9, 8, 3, 1, 9, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 9, false); /* a restored gateway shows it again */
    rig_epoch(&rig, 9, 8, 3, 1, 9, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    cr_assert_eq(rig_ack(&rig, 8)->durable, 0);
    cr_assert_eq(rig_ack(&rig, 8)->want, 0);
    rig_commit(&rig);
    cr_assert_eq(rig_ack(&rig, 8)->durable, 8);
    cr_assert_eq(rig_ack(&rig, 8)->want, 0);
}

Test(ack, for_a_burst_of_duplicates_is_sent_once_in_a_while) {
    rig_hello_one(&rig, 9, 1, 4);
    rig_run(&rig, 9, 1, 3);
    rig_commit(&rig);
    rig_ack(&rig, 9);
    cr_assert_eq(rig_data(&rig, 9, 2), SESSION_DUPLICATE);
    cr_assert_not(session_ack_due(&rig.s, rig.now_mono_ms + SESSION_REPEAT_MS - 1));
    cr_assert(session_ack_due(&rig.s, rig.now_mono_ms + SESSION_REPEAT_MS));
    rig.now_mono_ms += SESSION_REPEAT_MS;
    rig_ack(&rig, 9);
    cr_assert_not(session_ack_due(&rig.s, rig.now_mono_ms + SESSION_REPEAT_MS));
    cr_assert_eq(rig_data(&rig, 9, 6), SESSION_GAP);
    cr_assert(session_ack_due(&rig.s, rig.now_mono_ms + SESSION_REPEAT_MS));
}

Test(ack, is_repeated_while_something_is_not_acknowledged) {
    rig_hello_one(&rig, 9, 1, 4);
    rig_commit(&rig);
    rig_ack(&rig, 9);
    cr_assert_not(session_ack_due(&rig.s, rig.now_mono_ms + SESSION_RESEND_MS));
    rig_run(&rig, 9, 1, 3);
    cr_assert_not(session_ack_due(&rig.s, rig.now_mono_ms + SESSION_RESEND_MS - 1));
    cr_assert(session_ack_due(&rig.s, rig.now_mono_ms + SESSION_RESEND_MS));
    rig_commit(&rig);
    rig.h.backlog_bytes = 10; /* the agent has not heard of it */
    rig_hello_one(&rig, 9, 1, 4);
    rig_ack(&rig, 9);
    cr_assert(session_ack_due(&rig.s, rig.now_mono_ms + SESSION_RESEND_MS));
}

Test(ack, wants_nothing_beyond_the_last_number_there_is) {
    rig_hello_one(&rig, 9, BATCH_SEQ_MAX, BATCH_SEQ_MAX);
    rig_drain(&rig);
    cr_assert_eq(rig_ack(&rig, 9)->want, BATCH_SEQ_MAX);
    cr_assert_eq(rig_key(&rig, 9, BATCH_SEQ_MAX), SESSION_APPLY);
    cr_assert_eq(rig_ack(&rig, 9)->want, 0);
}

/* --- positions ---------------------------------------------------------------------------------
 */

static void build(void) {
    rig_list(&rig);
    rig_epoch(&rig, 8, 0, 0, 1, 6, false);
    rig_epoch(&rig, 9, 8, 5, 4, 9, true);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_drain(&rig);
    rig_run(&rig, 8, 1, 2);
    cr_assert_eq(rig_part(&rig, 9, 4, 0, 3), SESSION_APPLY);
    rig_pack(&rig);
}

Test(ack, positions_come_back_as_they_were) {
    build();
    rig_restart(&rig);
    const struct session_epoch *e = rig_at(&rig, 9);
    cr_assert_eq(rig.s.nonce, RIG_NONCE);
    cr_assert_eq(rig.s.open_epoch, 9);
    cr_assert_eq(rig.s.epoch_n, 2);
    cr_assert_eq(e->last, 4);
    cr_assert_eq(e->durable, 4);
    cr_assert_eq(e->prev_epoch, 8);
    cr_assert_eq(e->prev_last, 5);
    cr_assert_eq(e->gap_records, 3);
    cr_assert_eq(e->key_next, 1);
    cr_assert_eq(e->key_parts, 3);
    cr_assert(e->joined);
    cr_assert_eq(rig_at(&rig, 8)->final_last, 5);
    cr_assert(rig_at(&rig, 8)->ended);
    struct buf again;
    buf_init(&again);
    cr_assert_eq(session_pack(&rig.s, &again), ERR_OK);
    cr_assert(span_equal(buf_span(&again), buf_span(&rig.packed)));
    buf_fini(&again);
}

Test(ack, positions_damaged_anywhere_are_refused_whole) {
    struct session s;
    build();
    session_init(&s, &rig.h.agent, RIG_CREDIT);
    for (size_t i = 0; i < rig.packed.n; i++) {
        rig.packed.p[i] ^= 1;
        cr_assert_neq(session_unpack(&s, buf_span(&rig.packed)), ERR_OK);
        rig.packed.p[i] ^= 1;
        cr_assert_neq(session_unpack(&s, span_of(rig.packed.p, i)), ERR_OK);
    }
    cr_assert_eq(s.epoch_n, 0);
    cr_assert_eq(session_unpack(&s, buf_span(&rig.packed)), ERR_OK);
    session_fini(&s);
}

/* An epoch: 8 + 10 (prev) + 8 one-byte varints and bytes = at most 26; head and checksum: 30. */
Test(ack, positions_are_small) {
    rig_list(&rig);
    for (uint64_t e = 1; e <= 64; e++)
        rig_epoch(&rig, e << 56, (e - 1) << 56, e > 1 ? 100 : 0, 1, 101, e == 64);
    cr_assert_eq(rig_hello(&rig), ERR_OK);
    rig_pack(&rig);
    cr_assert_leq(rig.packed.n, 64 * 26 + 30);
}
