#include "wire/form.h"

#include "wire/item.h"

/* What follows a lead byte (msgpack specification, "Formats"): bytes of a length, bytes of a body
 * beside what the length says, and how many items each counted element has (0: bytes are counted).
 */
struct form {
    uint8_t first, last;
    uint8_t length_bytes; /* 0: the length is lead - first */
    uint8_t body;
    uint8_t items; /* 1 array, 2 map */
    bool counted;
};

static const struct form form_row[] = {
    {0x00, 0x7f, 0, 0, 0, false}, {0x80, 0x8f, 0, 0, 2, true},  {0x90, 0x9f, 0, 0, 1, true},
    {0xa0, 0xbf, 0, 0, 0, true},  {0xc0, 0xc0, 0, 0, 0, false}, {0xc2, 0xc3, 0, 0, 0, false},
    {0xc4, 0xc4, 1, 0, 0, true},  {0xc5, 0xc5, 2, 0, 0, true},  {0xc6, 0xc6, 4, 0, 0, true},
    {0xc7, 0xc7, 1, 1, 0, true},  {0xc8, 0xc8, 2, 1, 0, true},  {0xc9, 0xc9, 4, 1, 0, true},
    {0xca, 0xca, 0, 4, 0, false}, {0xcb, 0xcb, 0, 8, 0, false}, {0xcc, 0xcc, 0, 1, 0, false},
    {0xcd, 0xcd, 0, 2, 0, false}, {0xce, 0xce, 0, 4, 0, false}, {0xcf, 0xcf, 0, 8, 0, false},
    {0xd0, 0xd0, 0, 1, 0, false}, {0xd1, 0xd1, 0, 2, 0, false}, {0xd2, 0xd2, 0, 4, 0, false},
    {0xd3, 0xd3, 0, 8, 0, false}, {0xd4, 0xd4, 0, 2, 0, false}, {0xd5, 0xd5, 0, 3, 0, false},
    {0xd6, 0xd6, 0, 5, 0, false}, {0xd7, 0xd7, 0, 9, 0, false}, {0xd8, 0xd8, 0, 17, 0, false},
    {0xd9, 0xd9, 1, 0, 0, true},  {0xda, 0xda, 2, 0, 0, true},  {0xdb, 0xdb, 4, 0, 0, true},
    {0xdc, 0xdc, 2, 0, 1, true},  {0xdd, 0xdd, 4, 0, 1, true},  {0xde, 0xde, 2, 0, 2, true},
    {0xdf, 0xdf, 4, 0, 2, true},  {0xe0, 0xff, 0, 0, 0, false},
};

/* Steps over one lead byte with its length and bytes; *inner gets the items it announces. */
static bool step(struct cursor *c, bool *container, uint64_t *inner) {
    const struct form *f = form_row;
    const struct form *end = form_row + sizeof form_row / sizeof form_row[0];
    size_t left = (size_t)(c->end - c->p);
    if (left == 0) {
        return false;
    }
    while (f < end && (*c->p < f->first || *c->p > f->last)) {
        f++;
    }
    if (f == end || left <= f->length_bytes) { /* 0xc1 is never used */
        return false;
    }
    uint64_t length = 0;
    if (f->counted) {
        length =
            f->length_bytes ? item_be(c->p + 1, f->length_bytes) : (uint64_t)(*c->p - f->first);
    }
    c->p += 1 + f->length_bytes;
    left -= 1 + (size_t)f->length_bytes;
    *container = f->items > 0;
    *inner = length * f->items;
    uint64_t bytes = f->body + (f->items > 0 ? 0 : length);
    if (bytes > left || *inner > left) { /* an item has at least one byte */
        return false;
    }
    c->p += bytes;
    return true;
}

bool form_check(struct span bytes) {
    uint64_t open[FORM_DEPTH_MAX + 1] = {1}; /* items still to come, by depth */
    size_t depth = 0;
    struct cursor c = cursor_of(bytes);
    for (;;) {
        while (open[depth] == 0) {
            if (depth == 0) {
                return c.p == c.end;
            }
            depth--;
        }
        bool container = false;
        uint64_t inner = 0;
        open[depth]--;
        if (!step(&c, &container, &inner) || (container && depth == FORM_DEPTH_MAX)) {
            return false;
        }
        if (container) {
            open[++depth] = inner;
        }
    }
}
