/* What a queue puts aside, and how it counts that. */
#include "queue_bench.h"

/* Tried once too early, then refused three times. Sent again it waits for its turn and is told with
 * its id; the count follows. */
Test(queue_letters, a_dead_letter_says_how_it_came_to_be_and_may_be_told_again) {
    struct bench b;
    struct alert_letter l;
    struct span value;
    uint8_t key[QUEUE_KEY_MAX];
    open_bench(&b);
    put(&b, 1, RIG_NOW, 0);
    settle(&b);
    answer(&b, MESSENGER_AGAIN, 503, -1);
    pass(&b, 1000);
    for (unsigned i = 0; i < 3; i++) {
        answer(&b, MESSENGER_REFUSED, 400, -1);
        pass(&b, 8000);
    }
    const size_t n = queue_key(&(struct ident){"mail"}, true, 1, key);
    cr_assert(store_memory_find(b.rig.store, STORE_NOTICE, span_of(key, n), &value));
    cr_assert_eq(alert_letter_unpack(span_of(key, n), value, &l), ERR_OK);
    cr_expect_eq(l.tries, 4);
    cr_expect_eq(l.at_ms, RIG_NOW);
    cr_expect_str_eq(l.words, "the words");
    cr_expect_str_eq(l.to, "lead of mail-1");
    cr_expect(queue_counted(b.queue));
    cr_expect_eq(queue_stats(b.queue)->dead, 1);
    put(&b, 1, RIG_NOW, ALERT_AGAIN);
    queue_on_letters(b.queue, 1, true);
    settle(&b);
    cr_expect_eq(queue_stats(b.queue)->dead, 0);
    cr_assert_eq(b.fake.letters, 5);
    cr_expect_eq(b.fake.letter[4].first, 1);
    answer(&b, MESSENGER_TOLD, 200, -1);
    close_bench(&b);
}

/* What cannot be put aside is told anew, and counted when it is. */
Test(queue_letters, letters_are_counted_when_they_are_durable) {
    struct bench b;
    open_bench(&b);
    put(&b, 1, RIG_NOW, 0);
    settle(&b);
    answer(&b, MESSENGER_REFUSED, 400, -1);
    pass(&b, 1000);
    answer(&b, MESSENGER_REFUSED, 400, -1);
    pass(&b, 2000);
    store_memory_break(b.rig.store, ERR_IO);
    answer(&b, MESSENGER_REFUSED, 400, -1);
    cr_expect_eq(queue_stats(b.queue)->dead, 0);
    store_memory_break(b.rig.store, ERR_OK);
    settle(&b);
    cr_assert(b.fake.done, "it is told once more");
    answer(&b, MESSENGER_TOLD, 200, -1);
    cr_expect_eq(queue_stats(b.queue)->dead, 0);
    cr_expect_eq(rows(&b), 0);
    close_bench(&b);
}

/* Ten thousand are kept: the next one is counted, and its row leaves. */
Test(queue_letters, dead_letters_have_a_bound) {
    struct bench b;
    struct alert_letter l = {.words = "no", .event = notify_rig_event(0)};
    struct store_tx *tx = calloc(1, sizeof *tx);
    struct buf value;
    open_bench(&b);
    queue_stop(b.queue, ignore, NULL);
    queue_close(b.queue);
    store_tx_init(tx);
    buf_init(&value);
    for (uint64_t n = 1; n <= QUEUE_DEAD_MAX; n++) {
        uint8_t key[QUEUE_KEY_MAX];
        const size_t size = queue_key(&(struct ident){"mail"}, true, n, key);
        l.event.n = n;
        buf_reset(&value);
        cr_assert_eq(alert_letter_pack(&l, &value), ERR_OK);
        cr_assert_eq(
            store_tx_add(tx, STORE_PUT, STORE_NOTICE, span_of(key, size), buf_span(&value)),
            ERR_OK);
    }
    cr_assert_eq(b.rig.store->ops->commit(b.rig.store, tx, ignore_commit, NULL), ERR_OK);
    queue_begin(&b);
    put(&b, 20000, RIG_NOW, 0);
    for (unsigned i = 0; i < 4; i++)
        settle(&b);
    for (unsigned i = 0; i < 3; i++) {
        answer(&b, MESSENGER_REFUSED, 400, -1);
        pass(&b, 8000);
    }
    cr_expect_eq(queue_stats(b.queue)->dead, QUEUE_DEAD_MAX);
    cr_expect_eq(queue_stats(b.queue)->lost, 1);
    cr_expect(strstr(b.note, "alert_message_lost"), "%s", b.note);
    cr_expect_eq(rows(&b), QUEUE_DEAD_MAX);
    buf_fini(&value);
    close_bench(&b);
}
