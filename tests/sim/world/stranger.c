#include "simworld/stranger.h"

#include <stdio.h>

#include "simkit/line_plant.h"

enum { HEARD_MS = 60000, PIECES = 10000 };

static enum err say_hello(struct stranger *x, struct station *s, const struct ident *id) {
    char topic[TOPIC_MAX];
    struct buf b;
    struct hello h = {.agent = *id, .nonce = x->nonce, .n = ++x->hello_n, .epoch_n = 1};
    h.epoch[0] =
        (struct hello_epoch){.epoch = x->epoch, .base = 1, .next = x->next + 1, .open = true};
    topic_format(TOPIC_HELLO, id, topic);
    buf_init(&b);
    enum err err = hello_format(&h, &b);
    if (!err)
        err = station_message(s, topic, buf_span(&b));
    buf_fini(&b);
    x->spoke += err == ERR_OK;
    return err;
}

/* The first record is the key frame, all others count pieces. */
static enum err say_record(struct stranger *x, struct station *s, const struct ident *id) {
    char topic[TOPIC_MAX];
    struct buf b;
    struct batch_writer w;
    int64_t t_ms = s->now.wall_ms;
    struct point p = {.name = "good", .type = POINT_COUNTER, .num = 1000000, .den = 1};
    struct batch_head head = {.kind = x->next == 1 ? BATCH_KEY : BATCH_DATA,
                              .epoch = x->epoch,
                              .seq = x->next,
                              .t_ms = t_ms};
    struct batch_key key = {.parts = 1, .points_total = 1};
    buf_init(&b);
    batch_writer_init(&w);
    batch_writer_reset(&w, t_ms);
    enum err err = x->next == 1 ? batch_writer_add_point(&w, &p) : ERR_OK;
    struct reading r = {.t_ms = t_ms, .v = {.kind = VALUE_INT, .as.i = (int64_t)x->next * PIECES}};
    if (!err)
        err = batch_writer_add(&w, &r);
    if (!err)
        err = batch_writer_encode(&w, &head, x->next == 1 ? &key : NULL, NULL, NULL, &b);
    topic_format(TOPIC_DATA, id, topic);
    if (!err)
        err = station_message(s, topic, buf_span(&b));
    x->next++;
    batch_writer_fini(&w);
    buf_fini(&b);
    return err;
}

enum err stranger_speak(struct stranger *x, struct station *s, const struct gateway *first,
                        int64_t heard_mono_ms, struct rng *rng) {
    if (!x->nonce) {
        x->nonce = rng_id(rng);
        x->epoch = rng_id(rng);
        x->next = 1;
    }
    if (!s->core || s->now.mono_ms - heard_mono_ms > HEARD_MS ||
        witness_nonce(s->store, &first->id) != first->nonce)
        return ERR_OK;
    enum err err = say_hello(x, s, &first->id);
    return err ? err : say_record(x, s, &first->id);
}
