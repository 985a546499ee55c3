/* Records as an agent's journal writes them: a key frame tells what was read last before it, in
 * whichever epoch, and what its sources have covered in this process; what was given up is one
 * record of a range, or the head that a hello leaves out. */
#include <stdio.h>

#include "lanes_world.h"

enum { BEAT, SOURCE }; /* point 0 is of the first source: it tells that the agent lives */

struct cover {
    bool known, named;
    int64_t since_ms, until_ms;
};

/* What an image of the disk has. */
struct image {
    bool known;
    uint8_t quality;
    int64_t raw, t_ms, mate_ms;
};

struct journal {
    const struct lanes_world *w;
    struct lanes_tape *tape;
    struct batch_writer writer;
    bool known; /* a value of the counter */
    uint8_t quality;
    int64_t raw, t_ms;
    int64_t mate_ms;                /* when that was read last, 0: never */
    int64_t offset_ms;              /* of its clock */
    uint16_t counter, mate, points; /* ids, 0: not named; points: in the table */
    struct cover cover[2];
    int64_t since_ms[2];
    int64_t written_ms;                  /* the last record of this process */
    bool runs;                           /* the second source */
    bool renewed, had_counter, had_mate; /* as the epoch began */
    struct image image;
};

static int64_t wall(const struct journal *j, const struct lanes_step *s) {
    return s->at_ms + j->offset_ms;
}

static void cover_put(struct cover *c, struct asof a) {
    if (!c->named || (c->known && a.until_ms <= c->until_ms))
        return;
    if (!c->known || a.since_ms > c->until_ms)
        c->since_ms = a.since_ms;
    c->until_ms = a.until_ms;
    c->known = true;
}

static enum err add_point(struct journal *j, uint16_t id) {
    const struct lanes_world *w = j->w;
    struct point p = {.id = id, .sampling = POINT_HELD, .num = 1000000, .den = 1};
    if (id == BEAT) {
        p.type = POINT_EVENT;
        snprintf(p.name, sizeof p.name, "beat");
    } else if (id == j->counter) {
        p.type = w->counts ? POINT_COUNTER : POINT_REGISTER;
        p.source = SOURCE;
        p.width_bits = w->width_bits;
        p.width_digits = w->width_digits;
        p.poll_ms = (uint32_t)w->poll_ms;
        snprintf(p.name, sizeof p.name, "%s", w->counts ? "total" : "energy");
    } else {
        p.type = POINT_GAUGE;
        p.source = SOURCE;
        p.num = 1;
        snprintf(p.name, sizeof p.name, "extra");
    }
    return batch_writer_add_point(&j->writer, &p);
}

/* The newest point of a source tells what that has covered. */
static enum err add_covers(struct journal *j) {
    enum err err = ERR_OK;
    for (uint16_t i = 0; i < 2 && !err; i++)
        if (j->cover[i].known && j->cover[i].named)
            err = batch_writer_add_asof(
                &j->writer, (struct asof){i, j->cover[i].since_ms, j->cover[i].until_ms});
    return err;
}

static enum err add_mate(struct journal *j, int64_t t_ms) {
    const struct reading r = {.point = j->mate, .t_ms = t_ms, .v = {.kind = VALUE_REAL, .as.r = 7}};
    return batch_writer_add(&j->writer, &r);
}

/* A table that keeps a source keeps all of its points. One that does not ends it. */
static void name_points(struct journal *j, const struct lanes_step *s) {
    const bool first = j->points == 0, any = s->names || s->names_mate;
    const bool kept = first && any && j->renewed;
    if (first)
        j->points = 1;
    j->cover[0].named = true;
    if (!j->mate && (s->names_mate || (kept && j->had_mate)))
        j->mate = j->points++;
    if (!j->counter && (s->names || (kept && j->had_counter)))
        j->counter = j->points++;
    j->cover[SOURCE].named = j->counter || j->mate;
    if (first && !any)
        j->cover[SOURCE].known = j->runs = false;
}

/* As it is remembered, if it is. */
static enum err add_value(struct journal *j, uint16_t id) {
    const struct reading of_counter = {.point = id,
                                       .t_ms = j->t_ms,
                                       .quality = j->quality,
                                       .v = {.kind = VALUE_INT, .as.i = j->raw}};
    if (id == BEAT)
        return ERR_OK;
    if (id == j->mate)
        return j->mate_ms ? add_mate(j, j->mate_ms) : ERR_OK;
    return j->known ? batch_writer_add(&j->writer, &of_counter) : ERR_OK;
}

static enum err write_key(struct journal *j, char text[LANES_TEXT]) {
    enum err err = ERR_OK;
    for (uint16_t id = 0; id < j->points && !err; id++)
        err = add_point(j, id);
    for (uint16_t id = 0; id < j->points && !err; id++)
        err = add_value(j, id);
    if (!err)
        err = add_covers(j);
    snprintf(text, LANES_TEXT, "key%s%s", j->mate ? " mate" : "",
             !j->counter ? ""
             : !j->known ? " counter without value"
                         : " counter");
    if (j->counter && j->known)
        snprintf(text + strlen(text), LANES_TEXT - strlen(text), "=%lld of %+lld%s",
                 (long long)j->raw, (long long)(j->t_ms - LANES_T0) / 1000,
                 j->quality == QUALITY_BAD ? " bad"
                 : j->quality              ? " uncertain"
                                           : "");
    if (j->cover[SOURCE].known && j->cover[SOURCE].named)
        snprintf(text + strlen(text), LANES_TEXT - strlen(text), " run %+lld..%+lld",
                 (long long)(j->cover[SOURCE].since_ms - LANES_T0) / 1000,
                 (long long)(j->cover[SOURCE].until_ms - LANES_T0) / 1000);
    return err;
}

/* Of a bad total the last good value stays. */
static void remember(struct journal *j, const struct reading *r) {
    j->quality = r->quality;
    if (r->quality == QUALITY_BAD)
        return;
    j->known = true;
    j->raw = r->v.as.i;
    j->t_ms = r->t_ms;
}

static enum err write_counter(struct journal *j, const struct lanes_step *s,
                              char text[LANES_TEXT]) {
    struct reading r = {.point = j->counter,
                        .t_ms = wall(j, s) - s->ago_ms,
                        .v = {.kind = VALUE_INT, .as.i = s->raw}};
    if (s->read == READ_NOTHING || !j->counter)
        return ERR_OK;
    if (s->read == READ_BAD)
        batch_bad(&r, BATCH_WHY_NONE);
    else if (s->read == READ_UNCERTAIN)
        r.quality = QUALITY_UNCERTAIN;
    remember(j, &r);
    snprintf(text + strlen(text), LANES_TEXT - strlen(text), " %lld at %+lld%s", (long long)s->raw,
             (long long)(r.t_ms - LANES_T0) / 1000,
             s->read == READ_BAD         ? " bad"
             : s->read == READ_UNCERTAIN ? " uncertain"
                                         : "");
    if (r.t_ms > j->tape->end_ms)
        j->tape->end_ms = r.t_ms;
    return batch_writer_add(&j->writer, &r);
}

static enum err vouch(struct journal *j, uint16_t source, int64_t until_ms) {
    const struct asof a = {source, j->since_ms[source], until_ms};
    cover_put(&j->cover[source], a);
    return batch_writer_add_asof(&j->writer, a);
}

static enum err write_data(struct journal *j, const struct lanes_step *s, char text[LANES_TEXT]) {
    const struct reading beat = {
        .point = BEAT, .t_ms = wall(j, s), .v = {.kind = VALUE_AMOUNT, .as.span = {1, 0, 0}}};
    enum err err = batch_writer_add(&j->writer, &beat);
    snprintf(text, LANES_TEXT, "data");
    if (!err && j->mate && s->reads_mate)
        err = add_mate(j, j->mate_ms = wall(j, s));
    if (!err)
        err = write_counter(j, s, text);
    if (!err)
        err = vouch(j, 0, wall(j, s));
    if (err || !s->vouches)
        return err;
    if (!j->runs || s->anew)
        j->since_ms[SOURCE] = j->written_ms;
    j->runs = true;
    snprintf(text + strlen(text), LANES_TEXT - strlen(text), " run %+lld..%+lld",
             (long long)(j->since_ms[SOURCE] - LANES_T0) / 1000,
             (long long)(wall(j, s) - LANES_T0) / 1000);
    return vouch(j, SOURCE, wall(j, s));
}

/* What is not named yet stands in the time that it was told in. */
static void step_clock(struct journal *j, const struct batch_clock *c) {
    const int64_t by_ms = c->to_ms - c->from_ms;
    if (j->counter && j->known)
        j->t_ms += by_ms;
    if (j->mate && j->mate_ms && j->mate_ms + by_ms < c->to_ms)
        j->mate_ms += by_ms;
    else if (j->mate && j->mate_ms)
        j->mate_ms = c->to_ms - 1;
    for (unsigned i = 0; i < 2; i++) {
        if (j->cover[i].named)
            j->cover[i].since_ms = j->cover[i].until_ms = c->to_ms;
        j->since_ms[i] = c->to_ms;
    }
}

static enum err encode(struct journal *j, unsigned e, uint64_t seq, const struct lanes_step *s,
                       struct batch_clock *clock, struct buf *out) {
    static const uint8_t kinds[] = {BATCH_KEY, BATCH_DATA, BATCH_CLOCK};
    const struct batch_head head = {
        .kind = kinds[s->kind], .epoch = LANES_FIRST_EPOCH + e, .seq = seq, .t_ms = j->writer.t_ms};
    const unsigned prev = e ? lanes_prev(j->w, e) : 0;
    const struct batch_key key = {.prev_epoch = e ? LANES_FIRST_EPOCH + prev : 0,
                                  .prev_last = e ? j->tape->last[prev] : 0,
                                  .parts = 1,
                                  .points_total = j->points};
    return batch_writer_encode(&j->writer, &head, s->kind == STEP_KEY ? &key : NULL, NULL,
                               s->kind == STEP_CLOCK ? clock : NULL, out);
}

static enum err write_step(struct journal *j, unsigned e, uint64_t seq, const struct lanes_step *s,
                           struct buf *out, char text[LANES_TEXT]) {
    struct batch_clock clock = {wall(j, s), wall(j, s) + s->by_ms};
    enum err err = ERR_OK;
    if (s->kind == STEP_CLOCK && s->told_twice)
        clock = (struct batch_clock){wall(j, s) - s->by_ms, wall(j, s)};
    batch_writer_reset(&j->writer, s->kind == STEP_CLOCK ? clock.to_ms : wall(j, s));
    switch ((enum step_kind)s->kind) {
    case STEP_KEY:
        name_points(j, s);
        err = write_key(j, text);
        break;
    case STEP_DATA:
        err = write_data(j, s, text);
        break;
    case STEP_CLOCK:
        step_clock(j, &clock);
        snprintf(text, LANES_TEXT, "clock %+lld to %+lld",
                 (long long)(clock.from_ms - LANES_T0) / 1000,
                 (long long)(clock.to_ms - LANES_T0) / 1000);
        break;
    }
    if (!err)
        err = encode(j, e, seq, s, &clock, out);
    if (s->kind == STEP_CLOCK && !s->told_twice)
        j->offset_ms += s->by_ms;
    j->written_ms = wall(j, s);
    if (wall(j, s) > j->tape->end_ms)
        j->tape->end_ms = wall(j, s);
    return err;
}

/* Which records are given up: behind a lost key frame, or before the first one, nothing is of use
 * until the next. */
static void mark_gone(const struct lanes_epoch *e, bool gone[LANES_STEPS]) {
    bool table = false;
    for (unsigned i = 0; i < e->n; i++) {
        const bool key = e->step[i].kind == STEP_KEY;
        gone[i] = e->step[i].gone || (!key && !table);
        table = key ? !gone[i] : table;
    }
}

static struct lanes_record *add_record(struct lanes_tape *t, unsigned e,
                                       const struct lanes_step *s) {
    struct lanes_record *r = &t->record[t->n++];
    *r = (struct lanes_record){.epoch = e, .step = s, .at = t->bytes.n};
    return r;
}

static enum err write_range(struct journal *j, unsigned e, const struct lanes_epoch *from,
                            uint64_t first, uint64_t last) {
    struct lanes_tape *t = j->tape;
    struct lanes_record *r = add_record(t, e, &from->step[last - 1]);
    const struct batch_head head = {.kind = BATCH_DROPPED,
                                    .epoch = LANES_FIRST_EPOCH + e,
                                    .seq = last,
                                    .t_ms = wall(j, r->step)};
    const struct batch_dropped range = {.from = first, .to = last, .reason = DROP_QUOTA};
    batch_writer_reset(&j->writer, head.t_ms);
    enum err err = batch_writer_encode(&j->writer, &head, NULL, &range, NULL, &t->bytes);
    r->n = t->bytes.n - r->at;
    snprintf(r->text, sizeof r->text, "given up %llu to %llu", (unsigned long long)first,
             (unsigned long long)last);
    return err;
}

static void begin_epoch(struct journal *j, const struct lanes_epoch *e) {
    j->had_counter = j->counter;
    j->had_mate = j->mate;
    /* The first process has none to go on from. */
    j->renewed = e->renewed && j->points > 0;
    j->counter = j->mate = j->points = 0;
    for (unsigned i = 0; i < 2; i++) {
        j->cover[i].named = false;
        j->cover[i].known = j->cover[i].known && j->renewed;
    }
    if (j->renewed)
        return;
    j->runs = false;
    j->since_ms[0] = j->written_ms = wall(j, &e->step[0]);
}

static void take_image(struct journal *j, unsigned epoch, unsigned step) {
    if (epoch == j->w->image_of && step == j->w->image_step)
        j->image = (struct image){j->known, j->quality, j->raw, j->t_ms, j->mate_ms};
}

static void put_back(struct journal *j, unsigned epoch) {
    if (!epoch || epoch != j->w->image)
        return;
    j->known = j->image.known;
    j->quality = j->image.quality;
    j->raw = j->image.raw;
    j->t_ms = j->image.t_ms;
    j->mate_ms = j->image.mate_ms;
}

static enum err write_epoch(struct journal *j, unsigned no) {
    const struct lanes_epoch *e = &j->w->epoch[no];
    struct lanes_tape *t = j->tape;
    bool gone[LANES_STEPS] = {false};
    uint64_t from = 0;
    struct buf lost;
    enum err err = ERR_OK;
    buf_init(&lost);
    mark_gone(e, gone);
    put_back(j, no);
    begin_epoch(j, e);
    t->base[no] = 1;
    t->last[no] = e->n;
    for (unsigned i = 0; i < e->n && !err; i++) {
        char text[LANES_TEXT];
        const uint64_t seq = i + 1;
        if (i)
            take_image(j, no, i - 1);
        if (gone[i]) {
            struct lanes_step s = e->step[i];
            s.kind = s.kind == STEP_CLOCK ? STEP_DATA : s.kind; /* see lanes_draw.c */
            s.ago_ms = 0;
            from = from ? from : seq;
            err = write_step(j, no, seq, &s, &lost, text);
            if (!err && (seq == e->n || seq == LANES_STEPS || !gone[seq])) {
                if (from == 1 && e->by_hello)
                    t->base[no] = seq + 1;
                else
                    err = write_range(j, no, e, from, seq);
                from = 0;
            }
            continue;
        }
        struct lanes_record *r = add_record(t, no, &e->step[i]);
        err = write_step(j, no, seq, &e->step[i], &t->bytes, r->text);
        r->n = t->bytes.n - r->at;
    }
    take_image(j, no, e->n - 1);
    buf_fini(&lost);
    return err;
}

enum err lanes_record(const struct lanes_world *w, struct lanes_tape *out) {
    struct journal j = {.w = w, .tape = out};
    enum err err = ERR_OK;
    *out = (struct lanes_tape){0};
    buf_init(&out->bytes);
    batch_writer_init(&j.writer);
    for (unsigned i = 0; i < w->n && !err; i++)
        err = write_epoch(&j, i);
    batch_writer_fini(&j.writer);
    return err;
}

enum err lanes_close(const struct lanes_world *w, const struct lanes_tape *t, struct buf *out) {
    const struct batch_head head = {
        .kind = BATCH_KEY, .epoch = LANES_FIRST_EPOCH + w->n, .seq = 1, .t_ms = t->end_ms};
    const struct batch_key key = {.prev_epoch = head.epoch - 1,
                                  .prev_last = t->last[w->n - 1],
                                  .parts = 1,
                                  .points_total = 1};
    struct journal j = {.w = w};
    batch_writer_init(&j.writer);
    batch_writer_reset(&j.writer, head.t_ms);
    enum err err = add_point(&j, BEAT);
    if (!err)
        err = batch_writer_encode(&j.writer, &head, &key, NULL, NULL, out);
    batch_writer_fini(&j.writer);
    return err;
}

void lanes_tape_fini(struct lanes_tape *t) {
    buf_fini(&t->bytes);
}
