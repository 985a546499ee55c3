#include "outbox/outbox_rows.h"

#include <assert.h>

#include "demand/demand.h"
#include "line/line.h"

enum {
    TAG_AREA,
    TAG_LEVEL,
    TAG_LINE,
    TAG_PRODUCT,
    TAG_SHIFT,
    TAG_SITE,
    TAG_TEAM,
    TAG_UNIT,
    TAG_WINDOW,
    TAG_N
};
static const char *const tag_name[TAG_N] = {"area", "level", "line", "product", "shift",
                                            "site", "team",  "unit", "window"};

struct tags {
    struct span at[TAG_N]; /* sorted by name, as the database wants them */
};

/* The shift that a context's window of a shift is one of. */
static struct span shift_of(const struct plant *p, const struct window_key *k) {
    if (k->kind != WINDOW_SHIFT || (!k->product && !k->team))
        return span_of(NULL, 0);
    const struct calendar_piece piece =
        calendar_at(p, plant_node_calendar(p, k->node), k->start_ms);
    return piece.shift_id ? span_str(piece.shift_id->s) : span_of(NULL, 0);
}

static struct tags tags_of(const struct plant *p, const struct window_key *k, outbox_word word,
                           void *user) {
    static const char *const level[] = {"site", "area", "line", "unit"};
    struct tags t = {0};
    for (uint32_t n = k->node; n != UINT32_MAX; n = p->node[n].parent) {
        static const unsigned tag[] = {TAG_SITE, TAG_AREA, TAG_LINE, TAG_UNIT};
        t.at[tag[p->node[n].level]] = span_str(p->node[n].id.s);
    }
    t.at[TAG_LEVEL] = span_str(level[p->node[k->node].level]);
    t.at[TAG_WINDOW] = span_str(window_kind_name((enum window_kind)k->kind));
    t.at[TAG_PRODUCT] = k->product ? word(user, k->product) : span_of(NULL, 0);
    t.at[TAG_SHIFT] = shift_of(p, k);
    t.at[TAG_TEAM] = k->team ? word(user, k->team) : span_of(NULL, 0);
    return t;
}

const char *outbox_measurement(const struct window_key *k) {
    return k->product || k->team ? "pb_context" : "pb_unit";
}

enum { KEY_MAX = 64 };

/* Four of an indicator and a hundred of a line: not by printf. */
static void part_field(struct line *l, struct span id, const char *part, double v) {
    char key[KEY_MAX];
    size_t n = strlen(part) + 1;
    assert(id.n + n <= sizeof key); /* names of our own table */
    memcpy(key, id.p, id.n);
    memcpy(key + id.n, part, n);
    line_real(l, key, v);
}

static void indicator_fields(struct line *l, const struct plant *p, const struct sums *s,
                             bool ratios) {
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        if (!indicator_applies(p, (enum indicator)i))
            continue;
        const char *id = indicator_row((enum indicator)i)->id;
        struct span name = span_str(id);
        struct indicator_value v = indicator_of((enum indicator)i, s);
        if (ratios && v.defined)
            line_real(l, id, v.value);
        if (ratios && v.defined && indicator_ranged((enum indicator)i)) {
            part_field(l, name, "_low", v.low);
            part_field(l, name, "_high", v.high);
        }
        part_field(l, name, "_num", v.numerator);
        part_field(l, name, "_den", v.denominator);
    }
}

enum err outbox_line(const struct plant *p, const struct window *w, outbox_word word, void *user,
                     bool ratios, struct buf *out) {
    struct line l;
    struct tags t = tags_of(p, &w->key, word, user);
    line_begin(&l, out, outbox_measurement(&w->key));
    for (unsigned i = 0; i < TAG_N; i++)
        line_tag(&l, tag_name[i], t.at[i]);
    if (window_commissioning(p, w->key.node))
        line_int(&l, "commissioning", 1);
    line_real(&l, "coverage", indicator_coverage(&w->sums));
    line_int(&l, "end_ms", w->end_ms);
    line_int(&l, "revision", w->revision);
    if (w->key.kind == WINDOW_QUARTER && w->sums.q[QTY_ENERGY_DUE] > 0)
        line_real(&l, "demand_kw", demand_kw(w->sums.q[QTY_IMPORT]));
    indicator_fields(&l, p, &w->sums, ratios);
    /* All that the plant has, zeros too: a quantity that a restatement took away must not stay
     * behind. */
    for (unsigned q = 0; q < QTY_COUNT; q++)
        if (indicator_qty_applies(p, (enum qty)q))
            line_int(&l, qty_name((enum qty)q), w->sums.q[q]);
    line_end(&l, w->key.start_ms);
    return out->failed ? ERR_NOMEM : ERR_OK;
}

enum err outbox_where(const struct plant *p, const struct window_key *k, outbox_word word,
                      void *user, struct buf *out) {
    struct tags t = tags_of(p, k, word, user);
    for (unsigned i = 0; i < TAG_N; i++) {
        buf_addf(out, "%s\"%s\"='", i ? " AND " : "", tag_name[i]);
        for (size_t c = 0; c < t.at[i].n; c++) {
            if (t.at[i].p[c] == '\'' || t.at[i].p[c] == '\\')
                buf_add_byte(out, '\\');
            buf_add_byte(out, t.at[i].p[c]);
        }
        buf_add_byte(out, '\'');
    }
    return out->failed ? ERR_NOMEM : ERR_OK;
}
