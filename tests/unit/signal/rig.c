#include "rig.h"

#include <assert.h>
#include <stdio.h>

static enum err rig_entry(void *user, const struct siglog_entry *e) {
    struct rig *r = user;

    if (r->entries_left == 0)
        return ERR_NOMEM;
    r->entries_left--;
    assert(siglog_entry_check(e)); /* the lane only logs what is legal */
    return siglog_add(e->kind == SIGLOG_WATCH   ? &r->watch
                      : e->kind == SIGLOG_BREAK ? &r->breaks
                                                : &r->log,
                      e);
}

static void rig_cover(void *user, int64_t from_ms, int64_t to_ms) {
    struct rig *r = user;

    assert(from_ms < to_ms); /* never nothing */
    if (r->covered_to == 0 || from_ms < r->covered_from)
        r->covered_from = from_ms;
    r->covered_to = to_ms > r->covered_to ? to_ms : r->covered_to;
}

static void rig_touch(void *user, uint32_t signal, int64_t from_ms, int64_t to_ms) {
    struct rig *r = user;

    assert(signal >= 100 && from_ms <= to_ms); /* a range has its ends in order */
    if (r->touched == 0 || from_ms < r->touched_from)
        r->touched_from = from_ms;
    if (r->touched == 0 || to_ms > r->touched_to)
        r->touched_to = to_ms;
    r->touched++;
}

static enum err rig_word(void *user, struct span text, uint32_t *id) {
    struct rig *r = user;

    for (uint32_t i = 0; i < r->words; i++) {
        if (span_equal(text, span_str(r->word[i]))) {
            *id = i + 1;
            return ERR_OK;
        }
    }
    if (r->words == RIG_WORDS)
        return ERR_NOMEM;
    (void)snprintf(r->word[r->words], sizeof r->word[0], "%.*s", (int)text.n, (const char *)text.p);
    *id = ++r->words;
    return ERR_OK;
}

static void rig_verdict(void *user, uint32_t signal, enum step_verdict v, int64_t raw,
                        int64_t t_ms) {
    struct rig *r = user;

    (void)raw;
    (void)t_ms;
    r->verdicts[v]++;
    r->strangers += signal == UINT32_MAX;
}

static void rig_late(void *user, uint32_t signal, int64_t t0_ms, int64_t t1_ms, int64_t amount) {
    struct rig *r = user;
    (void)signal;
    r->late_from = t0_ms;
    r->late_to = t1_ms;
    r->late += amount;
    r->lates++;
}

struct lane_out rig_out(struct rig *r) {
    return (struct lane_out){.entry = rig_entry,
                             .touched = rig_touch,
                             .covered = rig_cover,
                             .word = rig_word,
                             .verdict = rig_verdict,
                             .user = r,
                             .least_ms = r->least_ms,
                             .unplaced = r->bounded ? rig_late : NULL};
}

void rig_init(struct rig *r) {
    *r = (struct rig){.entries_left = UINT32_MAX};
    lane_init(&r->lane, 10000);
    siglog_init(&r->log);
    siglog_init(&r->watch);
    siglog_init(&r->breaks);
    batch_writer_init(&r->writer);
    buf_init(&r->frame);
}

void rig_fini(struct rig *r) {
    assert(lane_check(&r->lane)); /* whatever was sent, the lane is whole */
    lane_fini(&r->lane);
    siglog_fini(&r->log);
    siglog_fini(&r->watch);
    siglog_fini(&r->breaks);
    batch_writer_fini(&r->writer);
    buf_fini(&r->frame);
}

struct point rig_point(enum point_type type) {
    struct point p = {.type = (uint8_t)type, .sampling = POINT_HELD, .num = 1, .den = 1};

    (void)snprintf(p.name, sizeof p.name, "p");
    return p;
}

void rig_add(struct rig *r, const struct point *p, const struct signal_limits *limits) {
    struct signal_limits plain = {.num = p->num, .den = p->den};
    uint32_t id = 100 + (uint32_t)r->lane.n;
    enum err err = lane_add_signal(&r->lane, p, id, limits != NULL ? limits : &plain, NULL, NULL);

    assert(err == ERR_OK);
    (void)err;
}

void rig_at(struct rig *r, int64_t t_ms) {
    batch_writer_reset(&r->writer, t_ms);
}

void rig_asof(struct rig *r, uint16_t source, int64_t since, int64_t until) {
    enum err err = batch_writer_add_asof(&r->writer, (struct asof){source, since, until});

    assert(err == ERR_OK);
    (void)err;
}

void rig_reading(struct rig *r, const struct reading *reading) {
    enum err err = batch_writer_add(&r->writer, reading);

    assert(err == ERR_OK);
    (void)err;
}

void rig_int(struct rig *r, uint16_t point, int64_t t_ms, int64_t v) {
    struct reading x = {.point = point, .t_ms = t_ms, .v = {.kind = VALUE_INT, .as.i = v}};

    rig_reading(r, &x);
}

void rig_real(struct rig *r, uint16_t point, int64_t t_ms, double v) {
    struct reading x = {.point = point, .t_ms = t_ms, .v = {.kind = VALUE_REAL, .as.r = v}};

    rig_reading(r, &x);
}

void rig_text(struct rig *r, uint16_t point, int64_t t_ms, const char *v) {
    struct reading x = {.point = point, .t_ms = t_ms, .v.kind = VALUE_TEXT};

    x.v.as.text.p = v;
    x.v.as.text.n = (uint32_t)strlen(v);
    rig_reading(r, &x);
}

void rig_amount(struct rig *r, uint16_t point, int64_t t_ms, int64_t dur_ms, int64_t amount,
                int64_t tag) {
    struct reading x = {.point = point, .t_ms = t_ms, .v.kind = VALUE_AMOUNT};

    x.v.as.span.amount = amount;
    x.v.as.span.dur_ms = dur_ms;
    x.v.as.span.tag = tag;
    rig_reading(r, &x);
}

void rig_bad(struct rig *r, uint16_t point, int64_t t_ms) {
    struct reading x = {.point = point, .quality = QUALITY_BAD, .t_ms = t_ms};

    rig_reading(r, &x);
}

static struct batch rig_parse(struct rig *r, enum batch_kind kind, const struct batch_key *key) {
    struct batch_head head = {
        .kind = (uint8_t)kind, .epoch = 1, .seq = ++r->seq, .t_ms = r->writer.t_ms};
    enum batch_fault fault = BATCH_FAULT_NONE;
    struct batch b;

    buf_reset(&r->frame);
    enum err err = batch_writer_encode(&r->writer, &head, key, NULL, NULL, &r->frame);
    assert(err == ERR_OK);
    err = batch_parse(buf_span(&r->frame), &b, &fault);
    assert(err == ERR_OK);
    (void)err;
    batch_writer_reset(&r->writer, 0);
    return b;
}

enum err rig_send(struct rig *r) {
    struct lane_out out = rig_out(r);
    struct batch b = rig_parse(r, BATCH_DATA, NULL);

    return lane_on_batch(&r->lane, &b, &out);
}

enum err rig_key(struct rig *r, bool after_gap) {
    struct batch_key key = {.parts = 1};
    struct lane_out out = rig_out(r);
    struct batch b = rig_parse(r, BATCH_KEY, &key);

    return lane_on_key_values(&r->lane, &b, 1, after_gap, &out);
}

enum err rig_clock(struct rig *r, int64_t from_ms, int64_t to_ms) {
    struct batch_clock c = {from_ms, to_ms};
    struct lane_out out = rig_out(r);

    return lane_on_clock(&r->lane, &c, &out);
}

void rig_untouched(struct rig *r) {
    r->touched = 0;
}

void rig_next_epoch(struct rig *r) {
    struct lane_out out = rig_out(r);
    struct lane old;
    enum err err = lane_end_epoch(&r->lane, true, &out);

    old = r->lane;
    lane_init(&r->lane, old.slot_ms);
    for (uint32_t i = 0; i < old.n && err == ERR_OK; i++) {
        const struct signal_state *s = &old.slab[i];
        struct point p = rig_point((enum point_type)s->type);
        p.source = s->source;
        p.poll_ms = s->poll_ms;
        p.sampling = s->sampling;
        p.sticky = s->flags & SIGNAL_STICKY;
        p.width_bits = s->width_bits;
        p.width_digits = s->width_digits;
        err = lane_add_signal(&r->lane, &p, s->id, &old.limits[old.limits_at[i]], s,
                              &old.source[s->source]);
        if (err == ERR_OK)
            err = lane_link_inherit(&r->lane, i, &old, i);
    }
    assert(err == ERR_OK);
    lane_fini(&old);
}
