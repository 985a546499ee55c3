/* Records as an agent's journal writes them: a key frame tells what was read last before it, in
 * whichever epoch, and what its sources have covered in this process; what was given up is one
 * record of a range, or the head that a hello leaves out. */
#include <stdio.h>

#include "lanes_world.h"

/* Point 0 is of the first source: it tells that the agent lives. Where a product is read, that says
 * that the press runs: else nothing is counted of it. */
enum { BEAT, SOURCE };

struct cover {
    bool known, named;
    int64_t since_ms, until_ms;
};

/* What was read last, in whichever epoch: an image of the disk has it. */
struct memory {
    bool known; /* a value of the subject */
    uint8_t quality;
    int64_t raw, t_ms;
    int64_t mate_raw;
    int64_t mate_ms, beat_ms; /* when those were read, 0: never, or they have no values */
};

struct journal {
    const struct lanes_world *w;
    struct lanes_tape *tape;
    struct batch_writer writer;
    struct memory last, image;
    int64_t offset_ms;              /* of its clock */
    uint16_t subject, mate, points; /* ids, 0: not named; points: in the table */
    struct cover cover[2];
    int64_t since_ms[2];
    int64_t written_ms;                  /* the last record of this process */
    bool runs;                           /* the second source */
    bool unvouched;                      /* a reading of it since it vouched last */
    bool renewed, had_subject, had_mate; /* as the epoch began */
};

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

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

static const enum point_type subject_type[] = {POINT_REGISTER, POINT_COUNTER, POINT_STATE,
                                               POINT_STATE};
static const char *const subject_name[] = {"energy", "total", "state", "product"};
static const char *const mate_name[] = {"extra", "extra", "product", "team"};
static const char *const product[LANES_VALUES] = {"bolt", "nut", "pin", ""};
static const uint8_t state[LANES_VALUES] = {MACHINE_RUN, MACHINE_IDLE, MACHINE_FAILED,
                                            MACHINE_UNKNOWN};

static bool runs_beside(const struct lanes_world *w) {
    return w->subject == LANES_STICKY;
}

static struct reading of_beat(const struct lanes_world *w, int64_t t_ms) {
    const struct reading runs = {
        .point = BEAT, .t_ms = t_ms, .v = {.kind = VALUE_INT, .as.i = MACHINE_RUN}};
    const struct reading lives = {
        .point = BEAT, .t_ms = t_ms, .v = {.kind = VALUE_AMOUNT, .as.span = {1, 0, 0}}};
    return runs_beside(w) ? runs : lives;
}

static struct value word(int64_t raw) {
    return (struct value){.kind = VALUE_TEXT,
                          .as.text = {product[raw], (uint32_t)strlen(product[raw])}};
}

/* Of the value that the world gives. */
static struct value of_subject(const struct lanes_world *w, int64_t raw) {
    struct value v = {.kind = VALUE_INT, .as.i = raw};
    if (w->subject == LANES_STATE)
        v.as.i = state[raw];
    if (w->subject == LANES_STICKY)
        v = word(raw);
    return v;
}

static enum err add_point(struct journal *j, uint16_t id) {
    const struct lanes_world *w = j->w;
    struct point p = {.id = id, .sampling = POINT_HELD, .num = 1000000, .den = 1};
    if (id == BEAT) {
        p.type = runs_beside(w) ? POINT_STATE : POINT_EVENT;
        snprintf(p.name, sizeof p.name, "%s", runs_beside(w) ? "state" : "beat");
    } else if (id == j->subject) {
        p.type = (uint8_t)subject_type[w->subject];
        p.sticky = w->subject == LANES_STICKY;
        p.source = SOURCE;
        p.width_bits = w->width_bits;
        p.width_digits = w->width_digits;
        p.poll_ms = (uint32_t)w->poll_ms;
        snprintf(p.name, sizeof p.name, "%s", subject_name[w->subject]);
    } else {
        p.type = lanes_holds(w) ? POINT_STATE : POINT_GAUGE;
        p.sticky = lanes_holds(w);
        p.source = SOURCE;
        p.num = 1;
        snprintf(p.name, sizeof p.name, "%s", mate_name[w->subject]);
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

static enum err add_mate(struct journal *j, int64_t t_ms, int64_t raw) {
    const struct value real = {.kind = VALUE_REAL, .as.r = 7};
    const struct reading r = {
        .point = j->mate, .t_ms = t_ms, .v = lanes_holds(j->w) ? word(raw) : real};
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
    if (!j->subject && (s->names || (kept && j->had_subject)))
        j->subject = j->points++;
    j->cover[SOURCE].named = j->subject || j->mate;
    if (first && !any)
        j->cover[SOURCE].known = j->runs = false;
}

/* As it is remembered, if it is. */
static enum err add_value(struct journal *j, uint16_t id) {
    struct reading r = {.point = id, .t_ms = j->last.t_ms, .v = of_subject(j->w, j->last.raw)};
    const struct reading beat = of_beat(j->w, j->last.beat_ms);
    if (id == BEAT)
        return j->last.beat_ms ? batch_writer_add(&j->writer, &beat) : ERR_OK;
    if (id == j->mate)
        return j->last.mate_ms ? add_mate(j, j->last.mate_ms, j->last.mate_raw) : ERR_OK;
    if (j->last.quality == QUALITY_BAD && lanes_holds(j->w))
        batch_bad(&r, BATCH_WHY_NONE);
    else
        r.quality = j->last.quality;
    return j->last.known ? batch_writer_add(&j->writer, &r) : ERR_OK;
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
             !j->subject      ? ""
             : !j->last.known ? " without value"
                              : " value");
    if (j->subject && j->last.known)
        snprintf(text + strlen(text), LANES_TEXT - strlen(text), "=%lld of %+lld%s",
                 (long long)j->last.raw, (long long)(j->last.t_ms - LANES_T0) / 1000,
                 j->last.quality == QUALITY_BAD ? " bad"
                 : j->last.quality              ? " uncertain"
                                                : "");
    if (j->cover[SOURCE].known && j->cover[SOURCE].named)
        snprintf(text + strlen(text), LANES_TEXT - strlen(text), " run %+lld..%+lld",
                 (long long)(j->cover[SOURCE].since_ms - LANES_T0) / 1000,
                 (long long)(j->cover[SOURCE].until_ms - LANES_T0) / 1000);
    return err;
}

/* Of a bad total the last good value stays. What holds counts from the reading before on at least,
 * were it stamped earlier. */
static void remember(struct journal *j, const struct reading *r, int64_t raw) {
    j->last.quality = r->quality;
    if (r->quality == QUALITY_BAD && !lanes_holds(j->w))
        return;
    const int64_t now_ms = j->w->subject == LANES_STICKY
                               ? j->last.t_ms
                               : j->writer.t_ms; /* else a stamp ahead waits */
    const int64_t before_ms = earlier(j->last.t_ms, now_ms);
    j->last.t_ms = lanes_holds(j->w) && j->last.known && r->t_ms < before_ms ? before_ms : r->t_ms;
    j->last.known = true;
    j->last.raw = raw;
}

static enum err write_subject(struct journal *j, const struct lanes_step *s,
                              char text[LANES_TEXT]) {
    struct reading r = {
        .point = j->subject, .t_ms = wall(j, s) - s->ago_ms, .v = of_subject(j->w, s->raw)};
    if (s->read == READ_NOTHING || !j->subject)
        return ERR_OK;
    if (s->read == READ_BAD)
        batch_bad(&r, BATCH_WHY_NONE);
    else if (s->read == READ_UNCERTAIN)
        r.quality = QUALITY_UNCERTAIN;
    remember(j, &r, s->raw);
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

/* As remember(). */
static enum err read_mate(struct journal *j, const struct lanes_step *s, char text[LANES_TEXT]) {
    const int64_t before_ms = j->last.mate_ms, t_ms = wall(j, s) - s->mate_ago_ms;
    j->last.mate_ms = t_ms < before_ms && lanes_holds(j->w) ? before_ms : t_ms;
    j->last.mate_raw = s->mate_raw;
    snprintf(text + strlen(text), LANES_TEXT - strlen(text), " mate %lld at %+lld",
             (long long)s->mate_raw, (long long)(t_ms - LANES_T0) / 1000);
    return add_mate(j, t_ms, s->mate_raw);
}

static bool reads_any(const struct journal *j, const struct lanes_step *s) {
    return (j->mate && s->reads_mate) || (j->subject && s->read != READ_NOTHING);
}

static enum err write_data(struct journal *j, const struct lanes_step *s, char text[LANES_TEXT]) {
    const struct reading beat = of_beat(j->w, wall(j, s));
    enum err err = batch_writer_add(&j->writer, &beat);
    if (runs_beside(j->w))
        j->last.beat_ms = wall(j, s);
    snprintf(text, LANES_TEXT, "data");
    if (!err && j->mate && s->reads_mate)
        err = read_mate(j, s, text);
    if (!err)
        err = write_subject(j, s, text);
    if (!err)
        err = vouch(j, 0, wall(j, s));
    j->unvouched = !s->vouches && (j->unvouched || reads_any(j, s));
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
    if (j->subject && j->last.known && !lanes_holds(j->w))
        j->last.t_ms += by_ms;
    if (j->subject && lanes_holds(j->w))
        j->last.t_ms =
            j->w->subject == LANES_STICKY && by_ms < 0 ? c->to_ms : earlier(j->last.t_ms, c->to_ms);
    j->last.beat_ms = earlier(j->last.beat_ms, c->to_ms);
    if (j->mate && j->last.mate_ms && lanes_holds(j->w))
        j->last.mate_ms = by_ms < 0 ? c->to_ms : earlier(j->last.mate_ms, c->to_ms);
    else if (j->mate && j->last.mate_ms)
        j->last.mate_ms = earlier(j->last.mate_ms + by_ms, c->to_ms - 1);
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
    j->had_subject = j->subject;
    j->had_mate = j->mate;
    /* The first process has none to go on from; none goes on before it has vouched for all. */
    j->renewed = e->renewed && j->points > 0 && !(lanes_holds(j->w) && j->unvouched);
    j->subject = j->mate = j->points = 0;
    for (unsigned i = 0; i < 2; i++) {
        j->cover[i].named = false;
        j->cover[i].known = j->cover[i].known && j->renewed;
    }
    if (j->renewed)
        return;
    j->runs = j->unvouched = false;
    j->since_ms[0] = j->written_ms = wall(j, &e->step[0]);
}

static void take_image(struct journal *j, unsigned epoch, unsigned step) {
    if (epoch == j->w->image_of && step == j->w->image_step)
        j->image = j->last;
}

static void put_back(struct journal *j, unsigned epoch) {
    if (epoch && epoch == j->w->image)
        j->last = j->image;
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
