#include "ctl/cells.h"

#include <wchar.h>

static const char *const style_code[STYLE_COUNT] = {
    [STYLE_PLAIN] = "",        [STYLE_BOLD] = "\033[1m",     [STYLE_DIM] = "\033[2m",
    [STYLE_GOOD] = "\033[32m", [STYLE_BAD] = "\033[31m",     [STYLE_WARN] = "\033[33m",
    [STYLE_INFO] = "\033[36m", [STYLE_BETTER] = "\033[1;32m"};

struct glyph {
    const uint8_t *p;
    size_t n;      /* bytes */
    unsigned wide; /* columns */
    bool legal;
};

/* Bytes of the character that begins with this byte; 0: none does. */
static size_t length_of(uint8_t lead) {
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead < 0xe0)
        return 2;
    if (lead >= 0xe0 && lead < 0xf0)
        return 3;
    return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

static struct glyph glyph_of(struct span s) {
    static const uint8_t mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    struct glyph g = {.p = s.p, .n = length_of(s.p[0]), .wide = 1};
    if (g.n == 0 || g.n > s.n) {
        g.n = 1;
        return g;
    }
    uint32_t code = s.p[0] & mask[g.n];
    for (size_t i = 1; i < g.n; i++) {
        if ((s.p[i] & 0xc0) != 0x80) {
            g.n = 1;
            return g;
        }
        code = code << 6 | (s.p[i] & 0x3f);
    }
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xfeff)
        return g; /* a control character, or one that no file may hold */
    int wide = wcwidth((wchar_t)code);
    g.wide = wide < 0 ? 1 : (unsigned)wide;
    g.legal = true;
    return g;
}

unsigned cells_width(struct span text) {
    unsigned width = 0;
    while (text.n > 0) {
        struct glyph g = glyph_of(text);
        width += g.wide;
        text = span_of(text.p + g.n, text.n - g.n);
    }
    return width;
}

static void put_glyphs(struct cells *c, struct span text, unsigned room) {
    while (text.n > 0) {
        struct glyph g = glyph_of(text);
        if (g.wide > room)
            return;
        room -= g.wide;
        c->used += g.wide;
        if (g.legal)
            (void)buf_add(c->out, g.p, g.n);
        else
            (void)buf_add_byte(c->out, '?');
        text = span_of(text.p + g.n, text.n - g.n);
    }
}

static void begin(struct cells *c, enum cells_style style) {
    if (c->colour && style != STYLE_PLAIN)
        (void)buf_add_str(c->out, style_code[style]);
}

static void end(struct cells *c, enum cells_style style) {
    if (c->colour && style != STYLE_PLAIN)
        (void)buf_add_str(c->out, "\033[0m");
}

static unsigned left_of(const struct cells *c) {
    return c->used < c->width ? c->width - c->used : 0;
}

void cells_put(struct cells *c, enum cells_style style, struct span text) {
    if (text.n == 0 || left_of(c) == 0)
        return;
    begin(c, style);
    put_glyphs(c, text, left_of(c));
    end(c, style);
}

void cells_blank(struct cells *c, unsigned columns) {
    for (unsigned i = 0; i < columns && c->used < c->width; i++, c->used++)
        (void)buf_add_byte(c->out, ' ');
}

void cells_field(struct cells *c, enum cells_style style, struct span text, unsigned columns,
                 bool right) {
    unsigned width = cells_width(text);
    unsigned room = columns < left_of(c) ? columns : left_of(c);
    if (width > room) {
        begin(c, style);
        if (room > 1)
            put_glyphs(c, text, room - 1);
        if (room > 0) {
            (void)buf_add_str(c->out, "…");
            c->used++;
        }
        end(c, style);
        return;
    }
    if (right)
        cells_blank(c, room - width);
    cells_put(c, style, text);
    if (!right)
        cells_blank(c, room - width);
}

void cells_end(struct cells *c) {
    while (c->out->n > 0 && c->out->p[c->out->n - 1] == ' ')
        c->out->n--; /* nothing at the end of a line */
    (void)buf_add_byte(c->out, '\n');
    c->used = 0;
}
