#include "simworld/straight.h"

#include <stdio.h>

#include "wire/session_msg.h"

struct straight {
    struct station *station;
    const struct ident *agent;
    const struct tape *tape;
    uint32_t hello_n;
};

/* The agent holds its i-th epoch from base on, and nothing of the one before. */
static enum err say_hello(struct straight *x, size_t i, uint64_t base) {
    char topic[TOPIC_MAX];
    struct buf b;
    struct hello h = {.agent = *x->agent, .nonce = 77, .n = ++x->hello_n};
    for (size_t k = i ? i - 1 : 0; k <= i; k++) {
        const struct tape_epoch *e = &x->tape->at[k];
        h.epoch[h.epoch_n++] = (struct hello_epoch){.epoch = e->epoch,
                                                    .prev_epoch = e->prev_epoch,
                                                    .prev_last = e->prev_last,
                                                    .base = k == i ? base : e->last + 1,
                                                    .next = e->last + 1,
                                                    .open = k == i};
    }
    topic_format(TOPIC_HELLO, x->agent, topic);
    buf_init(&b);
    enum err err = hello_format(&h, &b);
    if (!err)
        err = station_message(x->station, topic, buf_span(&b));
    buf_fini(&b);
    return err;
}

/* What is not on the tape was given up: the hello says so, as an agent's would. */
static enum err play_epoch(struct straight *x, size_t i, const char *topic) {
    const struct tape_epoch *e = &x->tape->at[i];
    struct cursor c = cursor_of(buf_span(&e->frames));
    uint64_t next = 1;
    uint32_t n = 0;
    struct span frame;
    enum err err = say_hello(x, i, 1);
    while (!err && !cursor_take_le32(&c, &n) && !cursor_take_span(&c, n, &frame)) {
        struct batch b;
        enum batch_fault fault;
        err = batch_parse(frame, &b, &fault);
        uint64_t from = b.head.kind == BATCH_DROPPED ? b.dropped.from : b.head.seq;
        if (!err && from > next)
            err = say_hello(x, i, from);
        if (!err)
            err = station_message(x->station, topic, frame);
        next = b.head.seq + 1;
    }
    if (!err && next <= e->last)
        err = say_hello(x, i, e->last + 1);
    return err;
}

enum err straight_play(struct station *s, const struct ident *agent, const struct tape *t,
                       bool rolled_back) {
    struct straight x = {.station = s, .agent = agent, .tape = t};
    char topic[TOPIC_MAX];
    enum err err = ERR_OK;
    topic_format(TOPIC_DATA, agent, topic);
    for (size_t i = 0; i < t->n && !err; i++) {
        if (i && !rolled_back &&
            (t->at[i].prev_epoch != t->at[i - 1].epoch ||
             t->at[i].prev_last != t->at[i - 1].last)) {
            fprintf(stderr, "  %s: epoch %zu names %llu of its predecessor, which has %llu\n",
                    agent->s, i, (unsigned long long)t->at[i].prev_last,
                    (unsigned long long)t->at[i - 1].last);
            return ERR_STATE;
        }
        err = play_epoch(&x, i, topic);
    }
    return err;
}
