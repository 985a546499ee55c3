#include "bytes.h"

static void varint(struct buf *out, unsigned number, uint64_t v) {
    (void)buf_add_varint(out, number << 3);
    (void)buf_add_varint(out, v);
}

static void block(struct buf *out, unsigned number, const void *p, size_t n) {
    (void)buf_add_varint(out, number << 3 | 2);
    (void)buf_add_varint(out, n);
    (void)buf_add(out, p, n);
}

static void text(struct buf *out, unsigned number, const char *s) {
    block(out, number, s, strlen(s));
}

static void inner(struct buf *out, unsigned number, struct buf *part) {
    block(out, number, part->p, part->n);
    buf_fini(part);
}

static void properties(struct buf *out, const struct bytes_metric *m) {
    struct buf set, value;
    buf_init(&set);
    if (m->has_quality)
        text(&set, 1, "Quality");
    if (m->unit != NULL)
        text(&set, 1, "engUnit");
    if (m->has_quality) {
        buf_init(&value);
        varint(&value, 1, 3); /* Int32 */
        varint(&value, 3, (uint64_t)m->quality);
        inner(&set, 2, &value);
    }
    if (m->unit != NULL) {
        buf_init(&value);
        varint(&value, 1, 12); /* String */
        text(&value, 8, m->unit);
        inner(&set, 2, &value);
    }
    inner(out, 9, &set);
}

static void metric(struct buf *out, const struct bytes_metric *m) {
    struct buf b;
    buf_init(&b);
    if (m->name != NULL)
        text(&b, 1, m->name);
    if (m->alias != 0)
        varint(&b, 2, (uint64_t)m->alias);
    if (m->t_ms != 0)
        varint(&b, 3, (uint64_t)m->t_ms);
    if (m->type != 0)
        varint(&b, 4, (uint64_t)m->type);
    if (m->historical)
        varint(&b, 5, 1);
    if (m->null)
        varint(&b, 7, 1);
    if (m->has_quality || m->unit != NULL)
        properties(&b, m);
    const bool is_long = m->type == 4 || m->type == 7 || m->type == 8 || m->type == 13;
    if (m->has_word)
        varint(&b, is_long ? 11 : m->type == 11 ? 14 : 10, m->word);
    if (m->text != NULL)
        text(&b, 15, m->text);
    inner(out, 2, &b);
}

void bytes_payload(struct buf *out, int64_t t_ms, int seq, const struct bytes_metric *m, size_t n) {
    if (t_ms != 0)
        varint(out, 1, (uint64_t)t_ms);
    for (size_t i = 0; i < n; i++)
        metric(out, &m[i]);
    if (seq >= 0)
        varint(out, 3, (uint64_t)seq);
}
