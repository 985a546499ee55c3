/* Dead letters sent again and given up, against a store in memory. */
#include "notify/letters.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "notify_rig.h"

struct bench {
    struct notify_rig rig;
    struct letters *letters;
    struct letters_done what;
    unsigned ended, moved[2]; /* of mail, of hook */
    bool resent, closed;
};

static bool has(void *user, const struct ident *channel) {
    (void)user;
    return strcmp(channel->s, "gone") != 0;
}

static void on_moved(void *user, const struct ident *channel, uint64_t n, bool resent) {
    struct bench *b = user;
    b->moved[strcmp(channel->s, "hook") == 0] += (unsigned)n;
    b->resent = resent;
}

static void on_done(void *user, const struct letters_done *what) {
    struct bench *b = user;
    b->ended++;
    b->what = *what;
}

static void open_bench(struct bench *b) {
    *b = (struct bench){0};
    notify_rig_open(&b->rig, "");
    const struct letters_conf conf = {
        .store = b->rig.store, .has = has, .moved = on_moved, .user = b};
    cr_assert_eq(letters_open(&conf, &b->letters), ERR_OK);
}

static void on_closed(void *user) {
    ((struct bench *)user)->closed = true;
}

static void close_bench(struct bench *b) {
    letters_stop(b->letters, on_closed, b);
    while (store_memory_step(b->rig.store)) {
    }
    cr_expect(b->closed);
    letters_close(b->letters);
    notify_rig_close(&b->rig);
}

static void ignore(void *user, enum err err) {
    (void)user;
    cr_expect_eq(err, ERR_OK);
}

/* Put aside at n seconds. */
static void put(struct bench *b, const char *channel, uint64_t n, bool damaged) {
    struct alert_letter l = {.at_ms = (int64_t)n * 1000, .tries = 3, .words = "no"};
    struct store_tx *tx = calloc(1, sizeof *tx);
    uint8_t key[ALERT_LETTER_KEY_MAX];
    struct buf value;
    buf_init(&value);
    store_tx_init(tx);
    cr_assert(ident_set(&l.channel, span_str(channel)));
    l.event = notify_rig_event(n);
    cr_assert_eq(alert_letter_pack(&l, &value), ERR_OK);
    const size_t size = alert_letter_key(&l.channel, n, key);
    cr_assert_eq(store_tx_add(tx, STORE_PUT, STORE_NOTICE, span_of(key, size),
                              span_of(value.p, damaged ? 7 : value.n)),
                 ERR_OK);
    cr_assert_eq(b->rig.store->ops->commit(b->rig.store, tx, ignore, NULL), ERR_OK);
    while (store_memory_step(b->rig.store)) {
    }
    buf_fini(&value);
}

static void act(struct bench *b, struct letters_act a) {
    const unsigned ended = b->ended;
    cr_assert_eq(letters_do(b->letters, &a, on_done, b), ERR_OK);
    cr_expect_eq(letters_do(b->letters, &a, on_done, b), ERR_BUSY);
    letters_on_tick(b->letters);
    while (store_memory_step(b->rig.store)) {
    }
    cr_assert_eq(b->ended, ended + 1);
}

static bool finds(const struct bench *b, const char *channel, bool dead, uint64_t n,
                  struct span *value) {
    uint8_t key[QUEUE_KEY_MAX];
    struct ident id;
    cr_assert(ident_set(&id, span_str(channel)));
    const size_t size = queue_key(&id, dead, n, key);
    return store_memory_find(b->rig.store, STORE_NOTICE, span_of(key, size), value);
}

static size_t rows(const struct bench *b) {
    return store_memory_rows(b->rig.store, STORE_NOTICE);
}

Test(letters, one_is_told_again_and_the_others_stay) {
    struct bench b;
    struct span value;
    struct alert_event e;
    open_bench(&b);
    put(&b, "mail", 1, false);
    put(&b, "mail", 2, false);
    put(&b, "mail-2", 2, false);
    act(&b,
        (struct letters_act){.resend = true, .channel = {"mail"}, .n = 2, .before_ms = INT64_MAX});
    cr_expect_eq(b.what.n, 1);
    cr_expect_eq(b.moved[0], 1);
    cr_expect(b.resent);
    cr_expect_eq(rows(&b), 3);
    cr_assert(finds(&b, "mail", false, 2, &value));
    cr_assert_eq(alert_event_unpack(value, &e), ERR_OK);
    cr_expect_eq(e.mark, ALERT_AGAIN, "it says that it was put aside once");
    cr_expect(finds(&b, "mail", true, 1, &value));
    cr_expect(finds(&b, "mail-2", true, 2, &value));
    close_bench(&b);
}

/* 1,203 of hook and one of a channel that is no more: pages of 500, none twice. */
Test(letters, all_go_page_by_page_but_what_cannot) {
    struct bench b;
    struct span value;
    open_bench(&b);
    for (uint64_t n = 1; n <= 1203; n++)
        put(&b, "hook", n, n == 700);
    put(&b, "gone", 5, false);
    put(&b, "mail", 9, false);
    act(&b, (struct letters_act){.resend = true, .before_ms = INT64_MAX});
    cr_expect_eq(b.what.err, ERR_OK);
    cr_expect_eq(b.what.n, 1203);
    cr_expect_eq(b.what.left, 2);
    cr_expect_eq(b.moved[1], 1202);
    cr_expect_eq(b.moved[0], 1);
    cr_expect_eq(rows(&b), 1205);
    cr_expect(finds(&b, "hook", true, 700, &value));
    cr_expect(finds(&b, "gone", true, 5, &value));
    cr_expect(finds(&b, "hook", false, 1203, &value));
    close_bench(&b);
}

Test(letters, what_is_old_is_given_up_also_of_a_channel_that_is_no_more) {
    struct bench b;
    struct span value;
    open_bench(&b);
    put(&b, "mail", 10, false);
    put(&b, "mail", 20, false);
    put(&b, "gone", 11, false);
    put(&b, "hook", 12, true); /* when it was is not known: it is old */
    act(&b, (struct letters_act){.before_ms = 20000});
    cr_expect_eq(b.what.n, 3);
    cr_expect_eq(b.what.left, 0);
    cr_expect_eq(rows(&b), 1);
    cr_expect(finds(&b, "mail", true, 20, &value));
    cr_expect_not(b.resent);
    close_bench(&b);
}

Test(letters, nothing_is_nothing) {
    struct bench b;
    open_bench(&b);
    act(&b, (struct letters_act){.resend = true, .before_ms = INT64_MAX});
    cr_expect_eq(b.what.err, ERR_OK);
    cr_expect_eq(b.what.n, 0);
    close_bench(&b);
}

/* The process dies in front of the page's commit, or behind it: each is a letter or waits. */
Test(letters, a_death_neither_loses_nor_doubles) {
    for (size_t written = 0; written <= 1; written++) {
        struct bench b;
        struct span value;
        const struct letters_act a = {.resend = true, .before_ms = INT64_MAX};
        open_bench(&b);
        for (uint64_t n = 1; n <= 3; n++)
            put(&b, "mail", n, false);
        cr_assert_eq(letters_do(b.letters, &a, on_done, &b), ERR_OK);
        letters_on_tick(b.letters);
        cr_assert(store_memory_step(b.rig.store)); /* the page is read, its commit handed over */
        cr_assert(store_memory_commit_next(b.rig.store));
        store_memory_crash(b.rig.store, written);
        cr_expect_eq(rows(&b), 3);
        for (uint64_t n = 1; n <= 3; n++)
            cr_expect_neq(finds(&b, "mail", true, n, &value), finds(&b, "mail", false, n, &value));
        cr_expect_eq(b.moved[0], 0);
        letters_close(b.letters);
        notify_rig_close(&b.rig);
    }
}

Test(letters, a_store_that_fails_is_told_and_a_stop_waits_for_its_page) {
    struct bench b;
    open_bench(&b);
    put(&b, "mail", 1, false);
    store_memory_break(b.rig.store, ERR_IO);
    act(&b, (struct letters_act){.resend = true, .before_ms = INT64_MAX});
    cr_expect_eq(b.what.err, ERR_IO);
    cr_expect_eq(b.what.n, 0);
    store_memory_break(b.rig.store, ERR_OK);
    const struct letters_act a = {.resend = true, .before_ms = INT64_MAX};
    cr_assert_eq(letters_do(b.letters, &a, on_done, &b), ERR_OK);
    letters_on_tick(b.letters);
    cr_assert(store_memory_step(b.rig.store));
    letters_stop(b.letters, on_closed, &b);
    cr_expect_not(b.closed);
    while (store_memory_step(b.rig.store)) {
    }
    cr_expect(b.closed);
    cr_expect_eq(b.ended, 2);
    cr_expect_eq(b.what.err, ERR_STATE);
    cr_expect_eq(b.what.n, 1, "its commit was durable");
    letters_close(b.letters);
    notify_rig_close(&b.rig);
}
