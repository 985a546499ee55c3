#include "simworld/straight.h"

#include <stdio.h>

#include "wire/session_msg.h"

static enum err say_hello(struct station *s, const struct ident *agent, const struct tape *t,
                          size_t i) {
    char topic[TOPIC_MAX];
    struct buf b;
    struct hello h = {.agent = *agent, .nonce = 77, .n = (uint32_t)i + 1};
    for (size_t k = i ? i - 1 : 0; k <= i; k++) {
        const struct tape_epoch *e = &t->at[k];
        h.epoch[h.epoch_n++] = (struct hello_epoch){.epoch = e->epoch,
                                                    .prev_epoch = e->prev_epoch,
                                                    .prev_last = e->prev_last,
                                                    .base = k == i ? 1 : e->last + 1,
                                                    .next = e->last + 1,
                                                    .open = k == i};
    }
    topic_format(TOPIC_HELLO, agent, topic);
    buf_init(&b);
    enum err err = hello_format(&h, &b);
    if (!err)
        err = station_message(s, topic, buf_span(&b));
    buf_fini(&b);
    return err;
}

enum err straight_play(struct station *s, const struct ident *agent, const struct tape *t,
                       bool rolled_back) {
    char topic[TOPIC_MAX];
    enum err err = ERR_OK;
    topic_format(TOPIC_DATA, agent, topic);
    for (size_t i = 0; i < t->n && !err; i++) {
        struct cursor c = cursor_of(buf_span(&t->at[i].frames));
        uint32_t n = 0;
        struct span frame;
        if (i && !rolled_back &&
            (t->at[i].prev_epoch != t->at[i - 1].epoch ||
             t->at[i].prev_last != t->at[i - 1].last)) {
            fprintf(stderr, "  %s: epoch %zu names %llu of its predecessor, which has %llu\n",
                    agent->s, i, (unsigned long long)t->at[i].prev_last,
                    (unsigned long long)t->at[i - 1].last);
            return ERR_STATE;
        }
        err = say_hello(s, agent, t, i);
        while (!err && !cursor_take_le32(&c, &n) && !cursor_take_span(&c, n, &frame))
            err = station_message(s, topic, frame);
    }
    return err;
}
