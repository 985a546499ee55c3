#include "queue_bench.h"

Test(queue, tells_in_order_and_each_leaves_the_store_when_it_is_told) {
    struct bench b;
    open_bench(&b);
    put(&b, 256, RIG_NOW, 0);
    put(&b, 7, RIG_NOW, 0);
    put(&b, 8, RIG_NOW, 0);
    settle(&b);
    cr_assert_eq(b.fake.letters, 1); /* one at a time */
    cr_expect_eq(queue_stats(b.queue)->waiting, 3);
    cr_expect_eq(queue_stats(b.queue)->oldest_ms, RIG_NOW);
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_expect_eq(rows(&b), 2);
    answer(&b, MESSENGER_TOLD, 200, -1);
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_expect_eq(rows(&b), 0);
    cr_expect_eq(b.fake.letter[0].first, 7);
    cr_expect_eq(b.fake.letter[1].first, 8);
    cr_expect_eq(b.fake.letter[2].first, 256);
    cr_expect_eq(queue_stats(b.queue)->told, 3);
    cr_expect_eq(queue_stats(b.queue)->waiting, 0);
    cr_expect_eq(queue_stats(b.queue)->oldest_ms, INT64_MIN);
    close_bench(&b);
}

/* A page and one more: in between it is known that something waits, and since when. */
Test(queue, what_is_behind_a_page_waits_too) {
    struct bench b;
    open_bench(&b);
    for (uint64_t n = 1; n <= QUEUE_ROWS + 1; n++)
        put(&b, n, RIG_NOW - 7200000, 0);
    settle(&b);
    cr_assert_eq(b.fake.letter[0].n, QUEUE_ROWS);
    cr_expect_eq(queue_stats(b.queue)->waiting, QUEUE_ROWS);
    const struct messenger_answer told = {.verdict = MESSENGER_TOLD, .status = 200, .words = ""};
    b.fake.done(b.fake.user, &told);
    b.fake.done = NULL;
    while (store_memory_step(b.rig.store)) { /* its commit; the next page is not asked for yet */
    }
    cr_expect_eq(queue_stats(b.queue)->waiting, QUEUE_ROWS);
    cr_expect_eq(queue_stats(b.queue)->oldest_ms, RIG_NOW);
    settle(&b);
    cr_expect_eq(queue_stats(b.queue)->waiting, 1);
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_expect_eq(queue_stats(b.queue)->waiting, 0);
    cr_expect_eq(queue_stats(b.queue)->oldest_ms, INT64_MIN);
    close_bench(&b);
}

Test(queue, another_channels_rows_are_not_its_own) {
    struct bench b;
    open_bench(&b);
    struct alert_event e = notify_rig_event(1);
    notify_rig_wait(&b.rig, "mail-2", &e);
    notify_rig_wait(&b.rig, "mai", &e);
    notify_rig_put(&b.rig, "mail", &e);
    settle(&b);
    cr_expect_eq(b.fake.letters, 0);
    cr_expect_eq(rows(&b), 3);
    close_bench(&b);
}

/* 1 s, then 2 s ...; Retry-After 5 s outranks, 10 min is cut to the most that is waited. */
Test(queue, waits_longer_each_time_and_as_long_as_it_is_asked) {
    struct bench b;
    open_bench(&b);
    put(&b, 1, RIG_NOW, 0);
    settle(&b);
    answer(&b, MESSENGER_AGAIN, 500, -1);
    cr_expect_eq(queue_stats(b.queue)->state, QUEUE_RETRYING);
    cr_expect(strstr(b.note, "warn channel_down channel=mail the words"), "%s", b.note);
    pass(&b, 999);
    cr_expect_eq(b.fake.letters, 1);
    pass(&b, 1);
    cr_assert_eq(b.fake.letters, 2);
    answer(&b, MESSENGER_AGAIN, 429, 5000);
    pass(&b, 4999);
    cr_expect_eq(b.fake.letters, 2);
    pass(&b, 1);
    cr_assert_eq(b.fake.letters, 3);
    answer(&b, MESSENGER_AGAIN, 429, 600000);
    pass(&b, 59999);
    cr_expect_eq(b.fake.letters, 3);
    pass(&b, 1);
    cr_assert_eq(b.fake.letters, 4);
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_expect_eq(queue_stats(b.queue)->state, QUEUE_OK);
    cr_expect_eq(queue_stats(b.queue)->retries, 3);
    cr_expect_str_empty(queue_stats(b.queue)->last_error);
    cr_expect_eq(rows(&b), 0);
    close_bench(&b);
}

Test(queue, a_receiver_that_refuses_us_is_held_and_asked_seldom) {
    struct bench b;
    open_bench(&b);
    put(&b, 1, RIG_NOW, 0);
    settle(&b);
    answer(&b, MESSENGER_HELD, 401, -1);
    cr_expect_eq(queue_stats(b.queue)->state, QUEUE_HELD);
    pass(&b, 7999);
    cr_expect_eq(b.fake.letters, 1);
    pass(&b, 1);
    cr_expect_eq(b.fake.letters, 2);
    cr_expect_eq(rows(&b), 1); /* nothing is given up */
    close_bench(&b);
}

Test(queue, what_is_refused_three_times_is_put_aside_with_the_words) {
    struct bench b;
    struct span value;
    uint8_t key[QUEUE_KEY_MAX];
    open_bench(&b);
    put(&b, 1, RIG_NOW, 0);
    put(&b, 2, RIG_NOW, 0);
    settle(&b);
    answer(&b, MESSENGER_REFUSED, 400, -1);
    pass(&b, 1000);
    answer(&b, MESSENGER_REFUSED, 400, -1);
    pass(&b, 2000);
    answer(&b, MESSENGER_REFUSED, 400, -1);
    cr_assert_eq(b.fake.letters, 4); /* the next one */
    cr_expect_eq(b.fake.letter[3].first, 2);
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_expect_eq(queue_stats(b.queue)->dead, 1);
    cr_expect_eq(rows(&b), 1);
    size_t n = queue_key(&(struct ident){"mail"}, true, 1, key);
    cr_assert(store_memory_find(b.rig.store, STORE_NOTICE, span_of(key, n), &value));
    cr_expect(memmem(value.p, value.n, "the words", 9));
    queue_stop(b.queue, ignore, NULL); /* the count outlives the process */
    queue_close(b.queue);
    queue_begin(&b);
    settle(&b);
    cr_expect_eq(queue_stats(b.queue)->dead, 1);
    close_bench(&b);
}

/* Half an hour and more old: together. What is new goes alone, behind them. */
Test(queue, what_is_late_goes_as_a_digest) {
    struct bench b;
    open_bench(&b);
    put(&b, 1, RIG_NOW - 7200000, 0);
    put(&b, 2, RIG_NOW - 3600000, 0);
    put(&b, 3, RIG_NOW - 1800001, 0);
    put(&b, 4, RIG_NOW - 1800000, 0);
    settle(&b);
    cr_expect_eq(b.fake.letter[0].n, 3);
    cr_expect_eq(b.fake.letter[0].last, 3);
    cr_expect_not(b.fake.letter[0].flood);
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_expect_eq(rows(&b), 1);
    cr_expect_eq(b.fake.letter[1].n, 1);
    cr_expect_eq(b.fake.letter[1].first, 4);
    cr_expect_eq(queue_stats(b.queue)->digests, 1);
    cr_expect_eq(queue_stats(b.queue)->told, 3);
    close_bench(&b);
}

Test(queue, a_digest_that_is_refused_goes_one_by_one) {
    struct bench b;
    open_bench(&b);
    put(&b, 1, RIG_NOW - 7200000, 0);
    put(&b, 2, RIG_NOW - 3600000, 0);
    settle(&b);
    answer(&b, MESSENGER_REFUSED, 413, -1);
    cr_assert_eq(b.fake.letters, 2);
    cr_expect_eq(b.fake.letter[1].n, 1);
    answer(&b, MESSENGER_TOLD, 200, -1);
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_expect_eq(b.fake.letter[2].first, 2);
    cr_expect_eq(rows(&b), 0);
    close_bench(&b);
}

Test(queue, in_a_flood_a_digest_comes_every_five_minutes) {
    struct bench b;
    open_bench(&b);
    put(&b, 1, RIG_NOW, ALERT_FLOOD);
    settle(&b);
    cr_expect_eq(b.fake.letters, 1);
    answer(&b, MESSENGER_TOLD, 200, -1);
    put(&b, 2, RIG_NOW, ALERT_FLOOD);
    pass(&b, 1000);
    put(&b, 3, RIG_NOW, ALERT_FLOOD);
    pass(&b, 298999);
    cr_expect_eq(b.fake.letters, 1);
    pass(&b, 1);
    cr_assert_eq(b.fake.letters, 2);
    cr_expect_eq(b.fake.letter[1].n, 2);
    cr_expect(b.fake.letter[1].flood);
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_expect_eq(rows(&b), 0);
    close_bench(&b);
}

Test(queue, the_gravest_does_not_wait_for_the_end_of_a_flood) {
    struct bench b;
    open_bench(&b);
    put(&b, 1, RIG_NOW, ALERT_FLOOD);
    settle(&b);
    answer(&b, MESSENGER_TOLD, 200, -1);
    put(&b, 2, RIG_NOW, ALERT_FLOOD);
    settle(&b);
    cr_expect_eq(b.fake.letters, 1);
    struct alert_event e = notify_rig_event(3);
    e.severity = ALERT_CRITICAL;
    e.mark = ALERT_FLOOD;
    notify_rig_wait(&b.rig, "mail", &e);
    queue_wake(b.queue);
    settle(&b);
    cr_assert_eq(b.fake.letters, 2);
    cr_expect_eq(b.fake.letter[1].n, 2); /* with what waits before it */
    close_bench(&b);
}

Test(queue, a_channel_without_digests_is_told_of_each) {
    struct bench b;
    open_bench(&b);
    b.fake.base.digests = false;
    put(&b, 1, RIG_NOW - 7200000, ALERT_FLOOD);
    put(&b, 2, RIG_NOW - 7200000, ALERT_FLOOD);
    settle(&b);
    answer(&b, MESSENGER_TOLD, 200, -1);
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_expect_eq(b.fake.letters, 2);
    cr_expect_eq(rows(&b), 0);
    close_bench(&b);
}

Test(queue, more_than_a_page_is_told_in_pages) {
    struct bench b;
    open_bench(&b);
    for (uint64_t n = 1; n <= QUEUE_ROWS + 44; n++)
        put(&b, n, RIG_NOW - 7200000, 0);
    settle(&b);
    cr_expect_eq(queue_stats(b.queue)->waiting, QUEUE_ROWS);
    cr_expect_eq(b.fake.letter[0].n, QUEUE_ROWS);
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_assert_eq(b.fake.letters, 2);
    cr_expect_eq(b.fake.letter[1].n, 44);
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_expect_eq(rows(&b), 0);
    close_bench(&b);
}

static void on_stopped(void *user) {
    ((struct bench *)user)->tested++;
}

Test(queue, its_end_waits_for_the_store) {
    struct bench b;
    open_bench(&b);
    put(&b, 1, RIG_NOW, 0);
    queue_on_tick(b.queue, b.mono_ms, RIG_NOW, 0); /* a load is at the store */
    queue_stop(b.queue, on_stopped, &b);
    cr_expect(b.fake.closed);
    cr_expect_eq(b.tested, 0);
    while (store_memory_step(b.rig.store)) {
    }
    cr_expect_eq(b.tested, 1);
    cr_expect_eq(b.fake.letters, 0);
    notify_rig_close(&b.rig);
    queue_close(b.queue);
}

/* Told, and dead before its commit: the next process tells it again, under the same number. */
Test(queue, what_was_told_and_not_committed_is_told_again) {
    struct bench b;
    open_bench(&b);
    put(&b, 5, RIG_NOW, 0);
    settle(&b);
    void (*done)(void *, const struct messenger_answer *) = b.fake.done;
    const struct messenger_answer told = {.verdict = MESSENGER_TOLD, .status = 200, .words = ""};
    b.fake.done = NULL;
    done(b.fake.user, &told); /* its commit is under way */
    store_memory_crash(b.rig.store, 0);
    queue_stop(b.queue, ignore, NULL);
    queue_close(b.queue);
    queue_begin(&b);
    settle(&b);
    cr_assert_eq(b.fake.letters, 1);
    cr_expect_eq(b.fake.letter[0].first, 5);
    close_bench(&b);
}

Test(queue, a_store_that_fails_loses_nothing) {
    struct bench b;
    open_bench(&b);
    put(&b, 5, RIG_NOW, 0);
    store_memory_break(b.rig.store, ERR_IO);
    settle(&b);
    cr_expect_eq(b.fake.letters, 0);
    store_memory_break(b.rig.store, ERR_OK);
    settle(&b);
    cr_assert_eq(b.fake.letters, 1);
    store_memory_break(b.rig.store, ERR_IO);
    answer(&b, MESSENGER_TOLD, 200, -1);
    store_memory_break(b.rig.store, ERR_OK);
    settle(&b);
    cr_assert_eq(b.fake.letters, 2); /* again: it is still there */
    cr_expect_eq(b.fake.letter[1].first, 5);
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_expect_eq(rows(&b), 0);
    close_bench(&b);
}

Test(queue, a_messenger_that_cannot_send_is_asked_again) {
    struct bench b;
    open_bench(&b);
    b.fake.refuse = ERR_STATE;
    put(&b, 1, RIG_NOW, 0);
    settle(&b);
    cr_expect_eq(queue_stats(b.queue)->state, QUEUE_RETRYING);
    cr_expect_str_eq(queue_stats(b.queue)->last_error, "no connection");
    b.fake.refuse = ERR_OK;
    pass(&b, 1000);
    cr_expect_eq(b.fake.letters, 1);
    close_bench(&b);
}

/* --- tests of a channel -------------------------------------------------------------------------
 */

static void on_tested(void *user, const struct messenger_answer *a, int64_t took_ms) {
    struct bench *b = user;
    (void)took_ms;
    b->tested++;
    snprintf(b->words, sizeof b->words, "%s", a->words);
}

Test(queue, a_test_goes_through_while_others_wait_for_their_next_try) {
    struct bench b;
    struct alert_event e = notify_rig_event(0);
    open_bench(&b);
    put(&b, 1, RIG_NOW, 0);
    settle(&b);
    cr_expect_eq(queue_test(b.queue, &e, b.mono_ms, on_tested, &b), ERR_OK);
    cr_expect_eq(queue_test(b.queue, &e, b.mono_ms, on_tested, &b), ERR_BUSY);
    settle(&b);
    cr_expect_eq(b.fake.letters, 1); /* the letter under way first */
    answer(&b, MESSENGER_AGAIN, 500, -1);
    cr_assert_eq(b.fake.letters, 2);
    cr_expect(b.fake.letter[1].test);
    pass(&b, 1000); /* the letter is due, the messenger is busy with the test */
    cr_expect_eq(b.fake.letters, 2);
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_expect_eq(b.tested, 1);
    cr_expect_str_eq(b.words, "the words");
    cr_assert_eq(b.fake.letters, 3);
    cr_expect_eq(b.fake.letter[2].first, 1);
    cr_expect_eq(rows(&b), 1); /* a test moves nothing */
    close_bench(&b);
}

Test(queue, a_damaged_row_is_put_aside_and_stops_nothing) {
    struct bench b;
    uint8_t key[QUEUE_KEY_MAX];
    open_bench(&b);
    struct store_tx *tx = calloc(1, sizeof *tx);
    store_tx_init(tx);
    size_t n = queue_key(&(struct ident){"mail"}, false, 1, key);
    cr_assert_eq(store_tx_add(tx, STORE_PUT, STORE_NOTICE, span_of(key, n), span_str("rot")),
                 ERR_OK);
    cr_assert_eq(b.rig.store->ops->commit(b.rig.store, tx, ignore_commit, NULL), ERR_OK);
    put(&b, 2, RIG_NOW, 0);
    settle(&b);
    cr_assert_eq(b.fake.letters, 1);
    cr_expect_eq(b.fake.letter[0].first, 2);
    cr_expect_eq(queue_stats(b.queue)->dead, 1);
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_expect_eq(rows(&b), 1);
    close_bench(&b);
}
