#include "replay/stream.h"

#include "wire/session_msg.h"

/* A part is closed when it is larger; one more point with its value always fits under the bound. */
enum { KEY_PART_BYTES = 60000, DATA_BYTES = 56000 };

void stream_init(struct stream *s, const struct ident *agent, uint64_t epoch,
                 enum err (*deliver)(void *user, const char *topic, struct span bytes),
                 void *user) {
    *s = (struct stream){
        .agent = *agent, .epoch = epoch, .seq = 1, .deliver = deliver, .user = user};
    lasttab_init(&s->last);
    batch_writer_init(&s->data);
    batch_writer_init(&s->key);
    batch_writer_reset(&s->data, 0);
    buf_init(&s->frame);
    topic_format(TOPIC_DATA, agent, s->data_topic);
    topic_format(TOPIC_HELLO, agent, s->hello_topic);
    for (size_t i = 0; i < STREAM_SOURCES_MAX; i++)
        s->until_ms[i] = INT64_MIN;
}

void stream_fini(struct stream *s) {
    lasttab_fini(&s->last);
    batch_writer_fini(&s->data);
    batch_writer_fini(&s->key);
    buf_fini(&s->frame);
}

/* The aggregator takes nothing of an epoch that no hello has named. */
static enum err send_hello(struct stream *s) {
    struct hello h = {.agent = s->agent, .nonce = 1, .n = 1, .epoch_n = 1};
    h.epoch[0] = (struct hello_epoch){.epoch = s->epoch, .base = 1, .next = s->seq, .open = true};
    buf_reset(&s->frame);
    enum err err = hello_format(&h, &s->frame);
    return err ? err : s->deliver(s->user, s->hello_topic, buf_span(&s->frame));
}

static enum err send(struct stream *s, const struct batch_writer *w, uint8_t kind,
                     const struct batch_key *key) {
    const struct batch_head head = {
        .kind = kind, .epoch = s->epoch, .seq = s->seq, .t_ms = w->t_ms};
    buf_reset(&s->frame);
    enum err err = batch_writer_encode(w, &head, key, NULL, NULL, &s->frame);
    if (err)
        return err;
    s->seq++;
    s->batches++;
    return s->deliver(s->user, s->data_topic, buf_span(&s->frame));
}

/* --- key frames ---------------------------------------------------------------------------------
 */

static bool part_full(const struct batch_writer *w) {
    return batch_writer_size(w) > KEY_PART_BYTES || w->reading_n >= BATCH_READINGS_MAX - 1;
}

/* Goes through the table part by part; parts == 0 only counts them. */
static enum err key_walk(struct stream *s, uint32_t parts, uint32_t *count) {
    struct batch_key key = {.parts = parts, .points_total = (uint32_t)s->last.points.n};
    enum err err = ERR_OK;
    batch_writer_reset(&s->key, s->data.t_ms);
    for (size_t i = 0; i < s->last.points.n && !err; i++) {
        struct reading r;
        if (part_full(&s->key)) {
            err = parts ? send(s, &s->key, BATCH_KEY, &key) : ERR_OK;
            key.part++;
            batch_writer_reset(&s->key, s->data.t_ms);
        }
        if (!err)
            err = batch_writer_add_point(&s->key, &s->last.points.at[i]);
        if (!err && lasttab_get(&s->last, (uint16_t)i, &r))
            err = batch_writer_add(&s->key, &r);
    }
    *count = key.part + 1;
    return err || !parts ? err : send(s, &s->key, BATCH_KEY, &key);
}

static enum err send_key(struct stream *s) {
    uint32_t parts = 0;
    enum err err = key_walk(s, 0, &parts);
    if (!err)
        err = key_walk(s, parts, &parts);
    if (!err)
        s->keyed_n = s->last.points.n;
    return err;
}

/* --- records ------------------------------------------------------------------------------------
 */

static enum err keep_last(struct stream *s, struct span frame) {
    struct batch b;
    struct reading r;
    enum batch_fault fault;
    enum err err = batch_parse(frame, &b, &fault);
    while (!err && batch_next_reading(&b, &r))
        err = lasttab_put(&s->last, &r, INT64_MAX); /* no stamp of a file is ahead */
    return err;
}

enum err stream_flush(struct stream *s) {
    enum err err = ERR_OK;
    bool covers = false;
    for (size_t i = 0; i < STREAM_SOURCES_MAX && !err; i++) {
        struct stream_cover *c = &s->cover[i];
        if (!c->set)
            continue;
        covers = true;
        c->set = false;
        err = batch_writer_add_asof(&s->data, (struct asof){(uint16_t)i, c->since_ms, c->until_ms});
    }
    if (err || (!covers && s->data.reading_n == 0))
        return err;
    if (s->seq == 1)
        err = send_hello(s);
    if (!err && (s->keyed_n < s->last.points.n || s->seq == 1))
        err = send_key(s);
    if (!err)
        err = send(s, &s->data, BATCH_DATA, NULL);
    if (!err)
        err = keep_last(s, buf_span(&s->frame));
    batch_writer_reset(&s->data, s->data.t_ms);
    return err;
}

enum err stream_add_point(struct stream *s, uint16_t source, const struct point *p, uint16_t *id) {
    struct point mine = *p;
    mine.id = 0;
    mine.source = source;
    if (!lasttab_find(&s->last, p->name, id))
        return lasttab_add(&s->last, &mine, id);
    return point_equal(&mine, &s->last.points.at[*id]) ? ERR_OK : ERR_EXISTS;
}

enum err stream_reading(struct stream *s, uint16_t source, const struct reading *r) {
    if (s->data.reading_n >= STREAM_BATCH_READINGS || batch_writer_size(&s->data) > DATA_BYTES)
        return ERR_FULL;
    if (s->data.reading_n == 0) /* covers are added when the record is complete */
        batch_writer_reset(&s->data, r->t_ms);
    enum err err = batch_writer_add(&s->data, r);
    if (err)
        return err;
    s->readings++;
    if (r->t_ms > s->until_ms[source])
        s->until_ms[source] = r->t_ms;
    return ERR_OK;
}

enum err stream_covered(struct stream *s, uint16_t source, int64_t since_ms, int64_t until_ms) {
    struct stream_cover *c = &s->cover[source];
    if (since_ms > until_ms)
        return ERR_RANGE;
    if (c->set && since_ms > c->until_ms) { /* a break: the record ends here */
        enum err err = stream_flush(s);
        if (err)
            return err;
    }
    if (!c->set)
        *c = (struct stream_cover){true, since_ms, until_ms};
    else if (until_ms > c->until_ms)
        c->until_ms = until_ms;
    if (until_ms > s->until_ms[source])
        s->until_ms[source] = until_ms;
    return ERR_OK;
}
