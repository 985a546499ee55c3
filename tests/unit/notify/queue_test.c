#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "notify_rig.h"

enum { LETTERS = 64 };

/* A messenger that writes down what it is given and answers when the test says so. */
struct fake {
    struct messenger base;
    struct {
        uint64_t first, last;
        size_t n;
        bool flood, test;
    } letter[LETTERS];
    unsigned letters;
    enum err refuse; /* of the next sends */
    bool closed;
    void (*done)(void *user, const struct messenger_answer *answer);
    void *user;
};

struct bench {
    struct notify_rig rig;
    struct fake fake;
    struct queue *queue;
    int64_t mono_ms;
    char note[200];
    unsigned tested;
    char words[80];
};

static enum err fake_send(struct messenger *m, const struct letter *letter,
                          void (*done)(void *user, const struct messenger_answer *answer),
                          void *user) {
    struct fake *f = (struct fake *)m;
    if (f->refuse)
        return f->refuse;
    cr_assert(!f->done, "one letter at a time");
    cr_assert(f->letters < LETTERS);
    f->letter[f->letters].first = letter->notice[0].event->n;
    f->letter[f->letters].last = letter->notice[letter->n - 1].event->n;
    f->letter[f->letters].n = letter->n;
    f->letter[f->letters].flood = letter->flood;
    f->letter[f->letters++].test = letter->notice[0].test;
    f->done = done;
    f->user = user;
    return ERR_OK;
}

static void fake_close(struct messenger *m, void (*closed)(void *user), void *user) {
    ((struct fake *)m)->closed = true;
    closed(user);
}

static const struct messenger_ops fake_ops = {.send = fake_send, .close = fake_close};

static void fill(void *user, const struct alert_event *e, struct notice *out) {
    struct bench *b = user;
    *out = (struct notice){.event = e, .rule = &b->rig.rule[0]};
}

static void on_note(void *user, bool warn, const char *event, const char *detail) {
    struct bench *b = user;
    snprintf(b->note, sizeof b->note, "%s %s %s", warn ? "warn" : "info", event, detail);
}

static void positions(void *user, const struct ident *channel, const struct alert_event *e,
                      char out[ALERT_LETTER_TO + 1]) {
    (void)user;
    snprintf(out, ALERT_LETTER_TO + 1, "lead of %s-%u", channel->s, (unsigned)e->n);
}

static void ignore_commit(void *user, enum err err) {
    (void)user;
    cr_expect_eq(err, ERR_OK);
}

static void queue_begin(struct bench *b) {
    const struct queue_conf conf = {.channel = {"mail"},
                                    .retry_min_ms = 1000,
                                    .retry_max_ms = 8000,
                                    .retry_after_max_ms = 60000,
                                    .late_ms = 1800000,
                                    .flood_every_ms = 300000,
                                    .notice = fill,
                                    .positions = positions,
                                    .on_note = on_note,
                                    .user = b};
    b->fake = (struct fake){.base = {.ops = &fake_ops, .digests = true}};
    cr_assert_eq(queue_open(&conf, b->rig.store, &b->fake.base, &b->queue), ERR_OK);
}

static void open_bench(struct bench *b) {
    *b = (struct bench){.mono_ms = 1000000};
    notify_rig_open(&b->rig, "");
    queue_begin(b);
}

static void ignore(void *user) {
    (void)user;
}

static void close_bench(struct bench *b) {
    queue_stop(b->queue, ignore, NULL);
    cr_expect(b->fake.closed);
    notify_rig_close(&b->rig);
    queue_close(b->queue);
}

/* Turns until nothing moves any more without an answer or time. */
static void settle(struct bench *b) {
    for (unsigned i = 0; i < 8; i++) {
        queue_on_tick(b->queue, b->mono_ms, RIG_NOW, 0);
        while (store_memory_step(b->rig.store)) {
        }
    }
}

static void pass(struct bench *b, int64_t ms) {
    b->mono_ms += ms;
    settle(b);
}

static void answer(struct bench *b, enum messenger_verdict verdict, int status, int64_t after_ms) {
    void (*done)(void *, const struct messenger_answer *) = b->fake.done;
    const struct messenger_answer a = {.verdict = (uint8_t)verdict,
                                       .status = status,
                                       .retry_after_ms = after_ms,
                                       .words = "the words"};
    cr_assert(done, "nothing was sent");
    b->fake.done = NULL;
    done(b->fake.user, &a);
    settle(b);
}

static void put(struct bench *b, uint64_t n, int64_t at_ms, unsigned mark) {
    struct alert_event e = notify_rig_event(n);
    e.at_ms = at_ms;
    e.mark = (uint8_t)mark;
    notify_rig_wait(&b->rig, "mail", &e);
    queue_wake(b->queue);
}

static size_t rows(const struct bench *b) {
    return store_memory_rows(b->rig.store, STORE_NOTICE);
}

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

/* Tried once too early, then refused three times. Sent again it waits for its turn and is told with
 * its id; the count follows. */
Test(queue, a_dead_letter_says_how_it_came_to_be_and_may_be_told_again) {
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
Test(queue, letters_are_counted_when_they_are_durable) {
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
Test(queue, dead_letters_have_a_bound) {
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
