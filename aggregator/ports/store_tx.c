/* A transaction as one run of bytes: op, table, varint key length, key, varint value length, value.
 */
#include "ports/store.h"

void store_tx_init(struct store_tx *tx) {
    buf_init(&tx->ops);
    tx->n = 0;
    tx->fold = NULL;
}

void store_tx_fini(struct store_tx *tx) {
    buf_fini(&tx->ops);
    tx->n = 0;
}

enum err store_tx_add(struct store_tx *tx, enum store_op op, enum store_table table,
                      struct span key, struct span value) {
    enum err err = buf_reserve(&tx->ops, key.n + value.n + 22);
    if (err)
        return err;
    buf_add_byte(&tx->ops, (uint8_t)op);
    buf_add_byte(&tx->ops, (uint8_t)table);
    buf_add_varint(&tx->ops, key.n);
    buf_add(&tx->ops, key.p, key.n);
    buf_add_varint(&tx->ops, value.n);
    buf_add(&tx->ops, value.p, value.n);
    tx->n++;
    return ERR_OK;
}

bool store_tx_next(const struct store_tx *tx, struct cursor *c, struct store_item *out) {
    uint64_t n = 0;
    if (!c->p)
        *c = cursor_of(buf_span(&tx->ops));
    if (cursor_left(c) == 0)
        return false;
    /* The bytes are our own, so every take below succeeds. */
    cursor_take_byte(c, &out->op);
    cursor_take_byte(c, &out->table);
    cursor_take_varint(c, &n);
    cursor_take_span(c, (size_t)n, &out->key);
    cursor_take_varint(c, &n);
    cursor_take_span(c, (size_t)n, &out->value);
    return true;
}

enum { TIME_BYTES = 8 };

enum err store_run_init(struct store_run *r, const struct store_item *item) {
    buf_init(&r->first);
    buf_init(&r->drop_to);
    buf_init(&r->next);
    if (item->value.n < TIME_BYTES)
        return ERR_FORMAT;
    size_t n = item->value.n - TIME_BYTES;
    r->to = span_of(item->value.p, n);
    r->bound = span_of(item->value.p + n, TIME_BYTES);
    return ERR_OK;
}

enum err store_run_at(struct store_run *r, struct span key) {
    static const uint8_t last[TIME_BYTES + 1] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0};
    size_t head = key.n > TIME_BYTES ? key.n - TIME_BYTES : 0;
    buf_reset(&r->first);
    buf_reset(&r->drop_to);
    buf_reset(&r->next);
    buf_add(&r->first, key.p, key.n);
    buf_add(&r->drop_to, key.p, head);
    buf_add(&r->drop_to, r->bound.p, TIME_BYTES);
    buf_add(&r->next, key.p, head);
    buf_add(&r->next, last, sizeof last); /* the least key after the run's greatest */
    return r->first.failed || r->drop_to.failed || r->next.failed ? ERR_NOMEM : ERR_OK;
}

void store_run_fini(struct store_run *r) {
    buf_fini(&r->first);
    buf_fini(&r->drop_to);
    buf_fini(&r->next);
}
