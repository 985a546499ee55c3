/* A queue over a store in memory and a messenger that writes down what it is given: what tests of
 * the queue share. */
#ifndef PB_TEST_QUEUE_BENCH_H
#define PB_TEST_QUEUE_BENCH_H

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

#endif
