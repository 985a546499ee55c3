#include "bus/bus_inbox.h"

#include <stdlib.h>

/* A chunk holds many records, so a message costs a copy and no allocation of its own. The bound
 * counts a chunk's records until the whole chunk is read: one lock for each chunk. */
enum { CHUNK_BYTES = 128 << 10, RESERVE_BYTES = 4 << 10, SPARE_MAX = 8, ALIGN = 8 };

struct inbox_chunk {
    struct inbox_chunk *next;
    size_t used, cap;
    _Alignas(ALIGN) uint8_t bytes[];
};

struct head {
    uint64_t dropped;
    size_t topic_n, payload_n;
    unsigned life;
    uint8_t kind;
    bool retained;
};

static size_t record_bytes(size_t topic_n, size_t payload_n) {
    return (sizeof(struct head) + topic_n + payload_n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

enum err bus_inbox_init(struct bus_inbox *in, size_t bytes_max) {
    struct inbox_chunk *reserve = malloc(sizeof *reserve + RESERVE_BYTES);
    if (reserve == NULL) {
        return ERR_NOMEM;
    }
    *reserve = (struct inbox_chunk){.cap = RESERVE_BYTES};
    *in = (struct bus_inbox){.bytes_max = bytes_max, .reserve = reserve};
    if (uv_mutex_init(&in->lock) != 0) {
        free(reserve);
        return ERR_IO;
    }
    return ERR_OK;
}

static void chunks_free(struct inbox_chunk *c) {
    while (c != NULL) {
        struct inbox_chunk *next = c->next;
        free(c);
        c = next;
    }
}

void bus_inbox_fini(struct bus_inbox *in) {
    chunks_free(in->fill);
    chunks_free(in->drain);
    chunks_free(in->spare);
    chunks_free(in->reserve);
    uv_mutex_destroy(&in->lock);
}

static struct inbox_chunk *chunk_open(size_t need) {
    size_t cap = need > CHUNK_BYTES ? need : CHUNK_BYTES;
    struct inbox_chunk *c = malloc(sizeof *c + cap);
    if (c != NULL) {
        c->cap = cap;
    }
    return c;
}

static struct inbox_chunk *chunk_take(struct bus_inbox *in, enum inbox_kind kind, size_t need) {
    struct inbox_chunk *c = in->spare;
    if (need <= CHUNK_BYTES && c != NULL) {
        in->spare = c->next;
        in->spare_n--;
    } else {
        c = chunk_open(need);
    }
    if (c == NULL && kind != INBOX_MESSAGE && need <= RESERVE_BYTES) {
        c = in->reserve;
        in->reserve = NULL;
    }
    if (c != NULL) {
        c->used = 0;
        c->next = NULL;
    }
    return c;
}

static struct inbox_chunk *chunk_for(struct bus_inbox *in, enum inbox_kind kind, size_t need) {
    if (in->fill_last != NULL && in->fill_last->cap - in->fill_last->used >= need) {
        return in->fill_last;
    }
    struct inbox_chunk *c = chunk_take(in, kind, need);
    if (c == NULL) {
        return NULL;
    }
    if (in->fill_last != NULL) {
        in->fill_last->next = c;
    } else {
        in->fill = c;
    }
    in->fill_last = c;
    return c;
}

static void copy_in(uint8_t *to, const struct inbox_record *r, uint64_t dropped) {
    struct head *h = (struct head *)(void *)to;
    *h = (struct head){
        .dropped = dropped,
        .topic_n = r->topic.n,
        .payload_n = r->payload.n,
        .life = r->life,
        .kind = (uint8_t)r->kind,
        .retained = r->retained,
    };
    to += sizeof *h;
    if (r->topic.n > 0) {
        memcpy(to, r->topic.p, r->topic.n);
    }
    if (r->payload.n > 0) {
        memcpy(to + r->topic.n, r->payload.p, r->payload.n);
    }
}

bool bus_inbox_add(struct bus_inbox *in, const struct inbox_record *r) {
    size_t need = record_bytes(r->topic.n, r->payload.n);
    uv_mutex_lock(&in->lock);
    bool fits =
        r->kind != INBOX_MESSAGE || (need <= in->bytes_max && in->bytes <= in->bytes_max - need);
    struct inbox_chunk *c = fits ? chunk_for(in, r->kind, need) : NULL;
    if (c != NULL) {
        copy_in(c->bytes + c->used, r, in->dropped);
        c->used += need;
        in->bytes += need;
        in->bytes_peak = in->bytes > in->bytes_peak ? in->bytes : in->bytes_peak;
    } else {
        in->dropped++;
    }
    uv_mutex_unlock(&in->lock);
    return c != NULL;
}

/* Gives the first chunk of the drain back, as a spare when it has the usual size, as the reserve
 * when it is that. */
static void chunk_put(struct bus_inbox *in) {
    struct inbox_chunk *c = in->drain;
    in->drain = c->next;
    in->drain_at = 0;
    uv_mutex_lock(&in->lock);
    in->bytes -= c->used;
    if (c->cap == CHUNK_BYTES && in->spare_n < SPARE_MAX) {
        c->next = in->spare;
        in->spare = c;
        in->spare_n++;
        c = NULL;
    } else if (c->cap == RESERVE_BYTES) {
        c->next = NULL;
        in->reserve = c;
        c = NULL;
    }
    uv_mutex_unlock(&in->lock);
    free(c);
}

bool bus_inbox_next(struct bus_inbox *in, struct inbox_record *out) {
    if (in->drain != NULL && in->drain_at == in->drain->used) {
        chunk_put(in);
    }
    if (in->drain == NULL) {
        uv_mutex_lock(&in->lock);
        in->drain = in->fill;
        in->fill = NULL;
        in->fill_last = NULL;
        uv_mutex_unlock(&in->lock);
        in->drain_at = 0;
    }
    if (in->drain == NULL) {
        return false;
    }
    const uint8_t *at = in->drain->bytes + in->drain_at;
    const struct head *h = (const struct head *)(const void *)at;
    at += sizeof *h;
    *out = (struct inbox_record){
        .kind = (enum inbox_kind)h->kind,
        .retained = h->retained,
        .life = h->life,
        .dropped = h->dropped,
        .topic = span_of(at, h->topic_n),
        .payload = span_of(at + h->topic_n, h->payload_n),
    };
    in->drain_at += record_bytes(h->topic_n, h->payload_n);
    return true;
}

struct bus_inbox_counts bus_inbox_counts(struct bus_inbox *in) {
    uv_mutex_lock(&in->lock);
    struct bus_inbox_counts counts = {in->dropped, in->bytes, in->bytes_peak};
    uv_mutex_unlock(&in->lock);
    return counts;
}
