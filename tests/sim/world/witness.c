#include "simworld/witness.h"

#include "journal/segment.h"
#include "memory/store_memory.h"
#include "session/session.h"

/* --- the store ---------------------------------------------------------------------------------
 */

/* The session as it is committed; false: the agent has no row. The row's head is that of
 * checkpoint.c. */
static bool committed(const struct store *s, const struct ident *agent, struct session *out) {
    struct span row;
    uint64_t v = 0;
    uint8_t online = 0;
    session_init(out, agent, 0);
    if (!store_memory_find(s, STORE_AGENT, span_str(agent->s), &row))
        return false;
    struct cursor c = cursor_of(row);
    return !cursor_take_varint(&c, &v) && !cursor_take_varint(&c, &v) &&
           !cursor_take_byte(&c, &online) &&
           !session_unpack(out, span_of(row.p + (row.n - cursor_left(&c)), cursor_left(&c)));
}

static bool has(const struct session *s, uint64_t epoch, uint64_t last) {
    for (size_t i = 0; i < s->epoch_n; i++)
        if (s->epoch[i].epoch == epoch)
            return s->epoch[i].closed || s->epoch[i].last >= last;
    return last == 0;
}

static bool generation_is(const struct store *s, uint64_t generation) {
    struct span row;
    uint64_t id = 0, stored = 0;
    if (!store_memory_find(s, STORE_META, span_str("store"), &row))
        return false;
    struct cursor c = cursor_of(row);
    return !cursor_take_le64(&c, &id) && !cursor_take_le64(&c, &stored) && stored == generation;
}

const char *witness_ack(const struct store *s, const struct ident *agent, const struct ack *ack) {
    struct session stored;
    const char *wrong = NULL;
    if (!generation_is(s, ack->generation))
        wrong = "an ack carries a generation that is not committed";
    (void)committed(s, agent, &stored);
    for (uint32_t i = 0; i < ack->epoch_n && !wrong; i++)
        if (!has(&stored, ack->epoch[i].epoch, ack->epoch[i].durable))
            wrong = "an ack is ahead of the committed store";
    session_fini(&stored);
    return wrong;
}

uint64_t witness_last(const struct store *s, const struct ident *agent, uint64_t epoch) {
    struct session stored;
    uint64_t last = 0;
    (void)committed(s, agent, &stored);
    for (size_t i = 0; i < stored.epoch_n; i++)
        if (stored.epoch[i].epoch == epoch)
            last = stored.epoch[i].last;
    session_fini(&stored);
    return last;
}

uint64_t witness_nonce(const struct store *s, const struct ident *agent) {
    struct session stored;
    uint64_t nonce = committed(s, agent, &stored) ? stored.nonce : 0;
    session_fini(&stored);
    return nonce;
}

/* --- the disk ----------------------------------------------------------------------------------
 */

static bool head_of(const struct disk_memory_file *f, struct segment_head *h) {
    return f && f->n >= SEGMENT_HEAD_BYTES &&
           !segment_head_parse(span_of(f->p, SEGMENT_HEAD_BYTES), h);
}

/* The last seq that this file alone may hold for the stream: what a younger segment of its epoch
 * numbers anew, and what was never accepted, does not count. */
static uint64_t last_held(struct disk_memory *d, const struct disk_memory_file *f,
                          const struct segment_head *h, const struct tape *tape) {
    uint64_t last = 0, accepted = 0;
    struct segment_reader r;
    struct record rec;
    if (segment_reader_init(&r))
        return 0;
    segment_reader_aim(&r, &d->disk, f->id, h->crc, SEGMENT_HEAD_BYTES, f->n);
    while (!segment_reader_take(&r, &rec))
        if (rec.kind != RECORD_DROPPED)
            last = rec.seq;
    segment_reader_fini(&r);
    for (size_t i = 0; i < tape->n; i++)
        if (tape->at[i].epoch == h->epoch)
            accepted = tape->at[i].last;
    for (size_t i = 0; i < d->file_n; i++) {
        struct segment_head other;
        if (head_of(&d->files[i], &other) && other.epoch == h->epoch &&
            other.ordinal > h->ordinal && other.first - 1 < last)
            last = other.first - 1;
    }
    return last < accepted ? last : accepted;
}

bool witness_given(const struct witness_given_up *g, uint64_t epoch, uint64_t seq) {
    for (size_t i = 0; i < g->n; i++)
        if (g->at[i].epoch == epoch && g->at[i].from <= seq && seq <= g->at[i].to)
            return true;
    return false;
}

void witness_take_ack(struct witness_acked *a, const struct ack *ack) {
    for (uint32_t i = 0; i < ack->epoch_n; i++) {
        const struct ack_epoch *e = &ack->epoch[i];
        size_t k = 0;
        while (k < a->n && a->at[k].epoch != e->epoch)
            k++;
        if (k == a->n && a->n < sizeof a->at / sizeof *a->at)
            a->at[a->n++].epoch = e->epoch;
        if (k < a->n && e->durable > a->at[k].durable)
            a->at[k].durable = e->durable;
    }
}

static bool is_acked(const struct witness_acked *a, uint64_t epoch, uint64_t seq) {
    for (size_t i = 0; i < a->n; i++)
        if (a->at[i].epoch == epoch)
            return seq <= a->at[i].durable;
    return false;
}

const char *witness_remove(const struct store *s, const struct ident *agent, struct disk_memory *d,
                           uint32_t file, const struct tape *tape, const struct witness_given_up *g,
                           const struct witness_acked *acked) {
    const struct disk_memory_file *f = disk_memory_find(d, file);
    struct segment_head h;
    struct session stored;
    const char *wrong = NULL;
    if (!head_of(f, &h))
        return NULL;
    uint64_t last = last_held(d, f, &h, tape);
    (void)committed(s, agent, &stored);
    for (uint64_t seq = h.first; seq <= last && !wrong; seq++)
        if (!witness_given(g, h.epoch, seq))
            wrong = !has(&stored, h.epoch, seq)
                        ? "a segment is deleted that the store does not have"
                    : !is_acked(acked, h.epoch, seq) ? "a segment is deleted that no ack named"
                                                     : NULL;
    session_fini(&stored);
    return wrong;
}
