/* Any bytes into the batch reader. What it accepts must be one whole object for msgpack-c too, walk
 * to its counts by single steps and by chunks, and come back equal after our writer wrote it again.
 */
#include <msgpack.h>
#include <stdlib.h>

#include "wire/batch.h"

/* Kept at parsing, as many as there is room for or none. */
static void kept(struct span frame, uint32_t readings) {
    static struct reading room[64], one[7];
    const struct reading *r;
    struct batch b;
    enum batch_fault fault;
    uint32_t n = 0;
    must(batch_parse_into(frame, room, 64, &b, &fault) == ERR_OK);
    must((b.decoded != NULL) == (readings > 0 && readings <= 64));
    for (size_t got; (got = batch_next_chunk(&b, one, 7, &r)) > 0;)
        n += (uint32_t)got;
    must(n == readings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void whole_for_msgpack_c(const uint8_t *data, size_t size) {
    msgpack_unpacked tree;
    size_t end = 0;
    msgpack_unpacked_init(&tree);
    must(msgpack_unpack_next(&tree, (const char *)data, size, &end) == MSGPACK_UNPACK_SUCCESS);
    must(end == size);
    msgpack_unpacked_destroy(&tree);
}

static void write_again(struct batch b, struct batch_writer *w) {
    struct reading r;
    struct asof a;
    struct point p;
    uint32_t n = 0;
    for (; batch_next_reading(&b, &r); n++) {
        must(batch_writer_add(w, &r) == ERR_OK);
    }
    must(n == b.reading_n);
    for (n = 0; batch_next_asof(&b, &a); n++) {
        must(batch_writer_add_asof(w, a) == ERR_OK);
    }
    must(n == b.asof_n);
    for (n = 0; batch_next_point(&b, &p); n++) {
        must(batch_writer_add_point(w, &p) == ERR_OK);
    }
    must(n == b.point_n);
}

static uint32_t chunks(struct batch b) {
    struct reading r[7];
    uint32_t n = 0;
    for (size_t got; (got = batch_next_readings(&b, r, 7)) > 0;) {
        n += (uint32_t)got;
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct batch b, again;
    struct batch_head head;
    enum batch_fault fault = BATCH_FAULT_COUNT;
    bool headed = batch_parse_head(span_of(data, size), &head) == ERR_OK;
    if (batch_parse(span_of(data, size), &b, &fault) != ERR_OK) {
        must(fault != BATCH_FAULT_NONE && fault < BATCH_FAULT_COUNT);
        return 0;
    }
    must(headed && head.seq == b.head.seq && head.epoch == b.head.epoch);
    whole_for_msgpack_c(data, size);
    must(chunks(b) == b.reading_n);
    kept(span_of(data, size), b.reading_n);
    if (size > BATCH_BYTES_MAX / 2) {
        return 0; /* the writer's bound counts each item at its largest: near the limit it may be
                     full */
    }
    struct batch_writer w;
    struct buf out;
    batch_writer_init(&w);
    buf_init(&out);
    batch_writer_reset(&w, b.head.t_ms);
    write_again(b, &w);
    must(batch_writer_encode(&w, &b.head, b.head.kind == BATCH_KEY ? &b.key : NULL,
                             b.head.kind == BATCH_DROPPED ? &b.dropped : NULL,
                             b.head.kind == BATCH_CLOCK ? &b.clock : NULL, &out) == ERR_OK);
    must(out.n <= batch_writer_size(&w));
    must(batch_parse(buf_span(&out), &again, &fault) == ERR_OK);
    must(again.reading_n == b.reading_n && again.asof_n == b.asof_n && again.point_n == b.point_n);
    batch_writer_fini(&w);
    buf_fini(&out);
    return 0;
}
