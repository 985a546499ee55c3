#include "journal/segment.h"

#include <stdlib.h>

#include "base/hash.h"

static const uint8_t magic[8] = {'P', 'B', 'J', '1', 1, 0, 0, 0};
enum { RESYNC_SEQ_SPAN = 1 << 20 };

static void put_le(uint8_t *p, uint64_t v, size_t n) {
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_le(const uint8_t *p, size_t n) {
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

enum err segment_head_format(struct segment_head *h, struct buf *out) {
    uint8_t b[SEGMENT_HEAD_BYTES] = {0};
    memcpy(b, magic, sizeof magic);
    put_le(b + 8, h->agent_hash, 8);
    put_le(b + 16, h->epoch, 8);
    put_le(b + 24, h->first, 8);
    put_le(b + 32, h->prev_epoch, 8);
    put_le(b + 40, h->prev_last, 8);
    put_le(b + 48, h->ordinal, 8);
    put_le(b + 56, (uint64_t)h->created_ms, 8);
    h->crc = crc32c(span_of(b, 68));
    put_le(b + 68, h->crc, 4);
    return buf_add(out, b, sizeof b);
}

enum err segment_head_parse(struct span bytes, struct segment_head *out) {
    if (bytes.n < SEGMENT_HEAD_BYTES)
        return ERR_TRUNCATED;
    const uint8_t *b = bytes.p;
    if (memcmp(b, magic, sizeof magic) != 0)
        return ERR_FORMAT;
    struct segment_head h = {
        .agent_hash = get_le(b + 8, 8),
        .epoch = get_le(b + 16, 8),
        .first = get_le(b + 24, 8),
        .prev_epoch = get_le(b + 32, 8),
        .prev_last = get_le(b + 40, 8),
        .ordinal = get_le(b + 48, 8),
        .created_ms = (int64_t)get_le(b + 56, 8),
        .crc = (uint32_t)get_le(b + 68, 4),
    };
    if (crc32c(span_of(b, 68)) != h.crc)
        return ERR_CHECKSUM;
    if (h.epoch == 0 || h.first == 0)
        return ERR_FORMAT;
    *out = h;
    return ERR_OK;
}

enum err record_format(const struct record *r, uint32_t seed, struct buf *out) {
    size_t payload = r->wire.n + r->trailer.n;
    if (payload > SEGMENT_PAYLOAD_MAX)
        return ERR_RANGE;
    enum err rc = buf_reserve(out, SEGMENT_RECORD_BYTES + payload);
    if (rc)
        return rc;
    uint8_t b[SEGMENT_RECORD_BYTES] = {0};
    put_le(b + 4, payload, 4);
    put_le(b + 8, r->seq, 8);
    put_le(b + 16, r->wire.n, 4);
    put_le(b + 20, r->points, 4);
    put_le(b + 24, r->readings, 2);
    b[26] = r->kind;
    b[27] = r->flags;
    put_le(b + 28, r->unproven, 4);
    uint32_t crc = crc32c_more(seed, span_of(b + 4, sizeof b - 4));
    crc = crc32c_more(crc, r->wire);
    crc = crc32c_more(crc, r->trailer);
    put_le(b, crc, 4);
    (void)buf_add(out, b, sizeof b); /* the room is reserved */
    if (r->wire.n > 0)
        (void)buf_add(out, r->wire.p, r->wire.n);
    if (r->trailer.n > 0)
        (void)buf_add(out, r->trailer.p, r->trailer.n);
    return ERR_OK;
}

/* What a header may look like; cheap enough to ask at every byte of a damaged region. */
static bool header_plausible(const uint8_t *b, size_t *payload) {
    uint64_t n = get_le(b + 4, 4);
    *payload = (size_t)n;
    return n <= SEGMENT_PAYLOAD_MAX && get_le(b + 16, 4) <= n && b[26] >= RECORD_DATA &&
           b[26] <= RECORD_DROPPED && b[27] <= 3;
}

enum err record_parse(struct span bytes, uint32_t seed, struct record *out, size_t *size) {
    if (bytes.n < SEGMENT_RECORD_BYTES)
        return ERR_TRUNCATED;
    const uint8_t *b = bytes.p;
    size_t payload;
    if (!header_plausible(b, &payload))
        return ERR_CHECKSUM;
    if (bytes.n < SEGMENT_RECORD_BYTES + payload)
        return ERR_TRUNCATED;
    if (crc32c_more(seed, span_of(b + 4, SEGMENT_RECORD_BYTES - 4 + payload)) != get_le(b, 4))
        return ERR_CHECKSUM;
    size_t wire_n = (size_t)get_le(b + 16, 4);
    const uint8_t *body = b + SEGMENT_RECORD_BYTES;
    *out = (struct record){
        .kind = b[26],
        .flags = b[27],
        .readings = (uint16_t)get_le(b + 24, 2),
        .points = (uint32_t)get_le(b + 20, 4),
        .unproven = (uint32_t)get_le(b + 28, 4),
        .seq = get_le(b + 8, 8),
        .wire = span_of(body, wire_n),
        .trailer = span_of(body + wire_n, payload - wire_n),
    };
    *size = SEGMENT_RECORD_BYTES + payload;
    return ERR_OK;
}

enum err segment_reader_init(struct segment_reader *r) {
    *r = (struct segment_reader){0};
    r->window = malloc(SEGMENT_WINDOW_BYTES);
    return r->window ? ERR_OK : ERR_NOMEM;
}

void segment_reader_fini(struct segment_reader *r) {
    free(r->window);
    *r = (struct segment_reader){0};
}

void segment_reader_aim(struct segment_reader *r, struct disk *d, uint32_t file, uint32_t seed,
                        uint64_t at, uint64_t end) {
    r->disk = d;
    r->file = file;
    r->seed = seed;
    r->at = at;
    r->end = end;
    r->window_at = at;
    r->window_n = 0;
}

/* The bytes from r->at on, at least `need` of them unless the file ends before. */
static enum err window_look(struct segment_reader *r, size_t need, struct span *out) {
    uint64_t skip = r->at - r->window_at;
    if (skip > r->window_n) {
        r->window_at = r->at;
        r->window_n = 0;
        skip = 0;
    }
    size_t have = r->window_n - (size_t)skip;
    if (have < need && r->window_at + r->window_n < r->end) {
        memmove(r->window, r->window + skip, have);
        r->window_at = r->at;
        uint64_t left = r->end - (r->at + have);
        size_t room = SEGMENT_WINDOW_BYTES - have;
        size_t got = 0;
        enum err rc = r->disk->ops->read(r->disk, r->file, r->at + have, r->window + have,
                                         left < room ? (size_t)left : room, &got);
        r->window_n = have;
        if (rc)
            return rc;
        r->window_n += got;
        have += got;
        skip = 0;
    }
    *out = span_of(r->window + skip, have);
    return ERR_OK;
}

/* Looks at the record at r->at without moving. */
static enum err reader_look(struct segment_reader *r, struct record *out, size_t *size) {
    struct span s;
    enum err rc = window_look(r, SEGMENT_RECORD_BYTES, &s);
    if (rc)
        return rc;
    if (s.n < SEGMENT_RECORD_BYTES)
        return s.n == 0 ? ERR_NOT_FOUND : ERR_CHECKSUM;
    size_t payload;
    if (!header_plausible(s.p, &payload))
        return ERR_CHECKSUM;
    rc = window_look(r, SEGMENT_RECORD_BYTES + payload, &s);
    if (rc)
        return rc;
    return record_parse(s, r->seed, out, size) ? ERR_CHECKSUM : ERR_OK;
}

enum err segment_reader_take(struct segment_reader *r, struct record *out) {
    if (r->at >= r->end)
        return ERR_NOT_FOUND;
    size_t size;
    enum err rc = reader_look(r, out, &size);
    if (rc == ERR_OK)
        r->at += size;
    return rc;
}

enum err segment_reader_resync(struct segment_reader *r, uint64_t above) {
    struct record rec;
    size_t size;
    for (r->at++; r->at + SEGMENT_RECORD_BYTES <= r->end; r->at++) {
        struct span s;
        enum err rc = window_look(r, SEGMENT_RECORD_BYTES, &s);
        if (rc)
            return rc;
        size_t payload;
        if (s.n < SEGMENT_RECORD_BYTES)
            break;
        uint64_t seq = get_le(s.p + 8, 8);
        if (!header_plausible(s.p, &payload) || r->at + SEGMENT_RECORD_BYTES + payload > r->end ||
            seq <= above || seq - above > RESYNC_SEQ_SPAN)
            continue;
        if (reader_look(r, &rec, &size) == ERR_OK)
            return ERR_OK;
    }
    return ERR_NOT_FOUND;
}
