#include "rig.h"

#include <criterion/criterion.h>

static struct ident agent_id(void) {
    struct ident id;
    cr_assert(ident_set(&id, span_str("gw-1")));
    return id;
}

void rig_init(struct rig *r) {
    struct ident id = agent_id();
    *r = (struct rig){.store = {RIG_STORE, RIG_GENERATION}, .now_mono_ms = 1000000};
    session_init(&r->s, &id, RIG_CREDIT);
    buf_init(&r->packed);
    r->h.agent = id;
    r->h.nonce = RIG_NONCE;
}

void rig_fini(struct rig *r) {
    session_fini(&r->s);
    buf_fini(&r->packed);
}

void rig_list(struct rig *r) {
    r->h.epoch_n = 0;
}

void rig_epoch(struct rig *r, uint64_t epoch, uint64_t prev, uint64_t prev_last, uint64_t base,
               uint64_t next, bool open) {
    r->h.epoch[r->h.epoch_n++] = (struct hello_epoch){epoch, prev, prev_last, base, next, open};
}

enum err rig_hello(struct rig *r) {
    r->h.n++;
    enum err err = session_on_hello(&r->s, &r->h, &r->store, r->now_mono_ms, &r->bump);
    cr_assert(session_check(&r->s));
    return err;
}

void rig_hello_one(struct rig *r, uint64_t epoch, uint64_t base, uint64_t next) {
    rig_list(r);
    rig_epoch(r, epoch, 0, 0, base, next, true);
    cr_assert_eq(rig_hello(r), ERR_OK);
}

static enum session_verdict judge(struct rig *r, const struct batch *b) {
    enum session_verdict v = session_on_record(&r->s, b, r->now_mono_ms, &r->plan);
    cr_assert(session_check(&r->s));
    return v;
}

enum session_verdict rig_part(struct rig *r, uint64_t epoch, uint64_t seq, uint32_t part,
                              uint32_t parts) {
    struct batch b = {.head = {.kind = BATCH_KEY, .epoch = epoch, .seq = seq},
                      .key = {.part = part, .parts = parts}};
    return judge(r, &b);
}

enum session_verdict rig_key(struct rig *r, uint64_t epoch, uint64_t seq) {
    return rig_part(r, epoch, seq, 0, 1);
}

static void add_counter(struct batch_writer *w, uint16_t id) {
    struct point p = {.id = id, .type = POINT_COUNTER, .num = 1, .den = 1};
    p.name[0] = (char)('a' + id);
    cr_assert_eq(batch_writer_add_point(w, &p), ERR_OK);
}

static void add_value(struct batch_writer *w, uint16_t point, int64_t t_ms) {
    const struct reading r = {.point = point, .t_ms = t_ms, .v = {.kind = VALUE_INT, .as.i = 7}};
    cr_assert_eq(batch_writer_add(w, &r), ERR_OK);
}

static enum session_verdict judge_key(struct rig *r, struct batch_writer *w,
                                      const struct batch_head *head) {
    const struct batch_key key = {.parts = 1, .points_total = w->point_n};
    struct batch b;
    struct buf frame;
    enum batch_fault fault;
    buf_init(&frame);
    cr_assert_eq(batch_writer_encode(w, head, &key, NULL, NULL, &frame), ERR_OK);
    cr_assert_eq(batch_parse(buf_span(&frame), &b, &fault), ERR_OK);
    enum session_verdict v = judge(r, &b);
    buf_fini(&frame);
    return v;
}

enum session_verdict rig_key_value(struct rig *r, uint64_t epoch, uint64_t seq, int64_t t_ms,
                                   int64_t value_ms) {
    const struct batch_head head = {.kind = BATCH_KEY, .epoch = epoch, .seq = seq, .t_ms = t_ms};
    struct batch_writer w;
    batch_writer_init(&w);
    batch_writer_reset(&w, t_ms);
    add_counter(&w, 0);
    add_value(&w, 0, value_ms);
    enum session_verdict v = judge_key(r, &w, &head);
    batch_writer_fini(&w);
    return v;
}

enum session_verdict rig_key_told(struct rig *r, uint64_t epoch, uint64_t seq, int64_t t_ms,
                                  uint16_t points, uint16_t told) {
    const struct batch_head head = {.kind = BATCH_KEY, .epoch = epoch, .seq = seq, .t_ms = t_ms};
    struct point event = {.id = points, .type = POINT_EVENT, .name = "event", .num = 1, .den = 1};
    struct batch_writer w;
    batch_writer_init(&w);
    batch_writer_reset(&w, t_ms);
    for (uint16_t i = 0; i < points; i++)
        add_counter(&w, i);
    if (points)
        cr_assert_eq(batch_writer_add_point(&w, &event), ERR_OK);
    for (uint16_t i = 0; i < told; i++)
        add_value(&w, i, t_ms);
    enum session_verdict v = judge_key(r, &w, &head);
    batch_writer_fini(&w);
    return v;
}

enum session_verdict rig_data(struct rig *r, uint64_t epoch, uint64_t seq) {
    struct batch b = {.head = {.kind = BATCH_DATA, .epoch = epoch, .seq = seq}};
    return judge(r, &b);
}

enum session_verdict rig_dropped(struct rig *r, uint64_t epoch, uint64_t from, uint64_t to) {
    struct batch b = {.head = {.kind = BATCH_DROPPED, .epoch = epoch, .seq = to},
                      .dropped = {.from = from, .to = to}};
    return judge(r, &b);
}

void rig_run(struct rig *r, uint64_t epoch, uint64_t from, uint64_t to) {
    cr_assert_eq(rig_key(r, epoch, from), SESSION_APPLY);
    for (uint64_t seq = from + 1; seq <= to; seq++)
        cr_assert_eq(rig_data(r, epoch, seq), SESSION_APPLY);
}

bool rig_plan(struct rig *r) {
    bool more = session_next_plan(&r->s, &r->plan);
    cr_assert(session_check(&r->s));
    return more;
}

void rig_drain(struct rig *r) {
    while (rig_plan(r))
        ;
}

void rig_pack(struct rig *r) {
    buf_reset(&r->packed);
    cr_assert_eq(session_pack(&r->s, &r->packed), ERR_OK);
}

void rig_committed(struct rig *r) {
    session_on_committed(&r->s, buf_span(&r->packed));
    cr_assert(session_check(&r->s));
}

void rig_commit(struct rig *r) {
    rig_pack(r);
    rig_committed(r);
}

void rig_restart(struct rig *r) {
    struct ident id = agent_id();
    session_fini(&r->s);
    session_init(&r->s, &id, RIG_CREDIT);
    cr_assert_eq(session_unpack(&r->s, buf_span(&r->packed)), ERR_OK);
    r->store.generation += 1000;
}

const struct ack_epoch *rig_ack(struct rig *r, uint64_t epoch) {
    session_make_ack(&r->s, &r->store, r->now_mono_ms, &r->ack);
    for (uint32_t i = 0; i < r->ack.epoch_n; i++)
        if (r->ack.epoch[i].epoch == epoch)
            return &r->ack.epoch[i];
    return NULL;
}

const struct session_epoch *rig_at(const struct rig *r, uint64_t epoch) {
    for (size_t i = 0; i < r->s.epoch_n; i++)
        if (r->s.epoch[i].epoch == epoch)
            return &r->s.epoch[i];
    return NULL;
}
