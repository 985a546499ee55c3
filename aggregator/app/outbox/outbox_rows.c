#include "outbox/outbox_rows.h"

#include <assert.h>

#include "base/hash.h"
#include "demand/demand.h"
#include "line/line.h"
#include "plan/plan.h"

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

static struct tags tags_of(const struct outbox_source *from, const struct window_key *k) {
    const struct plant *p = from->plant;
    const bool order = k->kind == WINDOW_ORDER;
    static const char *const level[] = {"site", "area", "line", "unit"};
    struct tags t = {0};
    for (uint32_t n = k->node; n != UINT32_MAX; n = p->node[n].parent) {
        static const unsigned tag[] = {TAG_SITE, TAG_AREA, TAG_LINE, TAG_UNIT};
        t.at[tag[p->node[n].level]] = span_str(p->node[n].id.s);
    }
    t.at[TAG_LEVEL] = span_str(level[p->node[k->node].level]);
    t.at[TAG_WINDOW] = span_str(window_kind_name(order ? WINDOW_HOUR : (enum window_kind)k->kind));
    t.at[TAG_PRODUCT] = k->product ? from->word(from->user, k->product) : span_of(NULL, 0);
    t.at[TAG_SHIFT] = shift_of(p, k);
    t.at[TAG_TEAM] = k->team && !order ? from->word(from->user, k->team) : span_of(NULL, 0);
    return t;
}

const char *outbox_measurement(const struct window_key *k) {
    if (k->kind == WINDOW_ORDER)
        return "pb_order";
    return k->product || k->team ? "pb_context" : "pb_unit";
}

/* The number that it ends with, and a hash of what stands before it: orders that are numbered one
 * after another never fall on the same millisecond, others once in 1.8 million pairs. Hours have
 * half an hour at least. */
int64_t outbox_stamp(const struct outbox_source *from, const struct window_key *k) {
    enum { ROOM_MS = 1800000 };
    if (k->kind != WINDOW_ORDER)
        return k->start_ms;
    const struct span name = from->word(from->user, k->order);
    size_t n = name.n;
    uint32_t number = 0;
    while (n > 0 && name.p[n - 1] >= '0' && name.p[n - 1] <= '9')
        n--;
    for (size_t i = n; i < name.n; i++)
        number = (number * 10 + (uint32_t)(name.p[i] - '0')) % ROOM_MS;
    return k->start_ms + (int64_t)((number + fnv1a32(span_of(name.p, n)) % ROOM_MS) % ROOM_MS);
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

/* --- orders -------------------------------------------------------------------------------------
 */

/* Zeros without a plan, before its begin, and of an hour out of which the order was taken: none of
 * its cells has it told anew. Fields of an earlier plan must not stay behind. */
static void plan_fields(struct line *l, const struct outbox_source *from, const struct window *w) {
    const struct plant_unit *u = &from->plant->unit[from->plant->node[w->key.node].unit];
    struct outbox_plan p = {0};
    int64_t expected = 0, due = 0, end_ms = 0;
    const bool planned = !sums_zero(&w->sums) && from->plan &&
                         from->plan(from->user, &w->key, &p) && p.from_ms < w->end_ms;
    struct plan_order o = {.plant = from->plant,
                           .calendar = u->calendar,
                           .from_ms = p.from_ms,
                           .to_ms = PLAN_NEVER,
                           .quantity = p.quantity,
                           .pri_ns = planned ? plan_cycle_ns(u, p.product, p.from_ms) : 0};
    if (o.pri_ns > 0) {
        const struct plan_now end = plan_at(&o, 0, w->end_ms);
        expected = end.expected;
        due = expected - plan_at(&o, 0, w->key.start_ms).expected;
        end_ms = end.planned_end_ms == PLAN_NEVER ? 0 : end.planned_end_ms;
    }
    line_int(l, "planned", o.pri_ns > 0 ? p.quantity : 0);
    line_int(l, "plan_start_ms", o.pri_ns > 0 ? p.from_ms : 0);
    line_int(l, "plan_end_ms", end_ms);
    line_int(l, "expected", expected);
    line_int(l, "due", due);
    line_int(l, "gap", o.pri_ns > 0 ? w->sums.q[QTY_GQ] + w->sums.q[QTY_GQ_UNKNOWN] - due : 0);
}

enum err outbox_line(const struct outbox_source *from, const struct window *w, bool ratios,
                     struct buf *out) {
    const struct plant *p = from->plant;
    struct line l;
    struct tags t = tags_of(from, &w->key);
    line_begin(&l, out, outbox_measurement(&w->key));
    for (unsigned i = 0; i < TAG_N; i++)
        line_tag(&l, tag_name[i], t.at[i]);
    if (window_commissioning(p, w->key.node, w->key.start_ms, w->end_ms))
        line_int(&l, "commissioning", 1);
    line_real(&l, "coverage", indicator_coverage(&w->sums));
    line_int(&l, "end_ms", w->end_ms);
    line_int(&l, "revision", w->revision);
    if (w->key.kind == WINDOW_ORDER) {
        line_text(&l, "order", from->word(from->user, w->key.order));
        plan_fields(&l, from, w);
    }
    if (w->key.kind == WINDOW_QUARTER && w->sums.q[QTY_ENERGY_DUE] > 0)
        line_real(&l, "demand_kw", demand_kw(w->sums.q[QTY_IMPORT]));
    indicator_fields(&l, p, &w->sums, ratios);
    /* All that the plant has, zeros too: a quantity that a restatement took away must not stay
     * behind. */
    for (unsigned q = 0; q < QTY_COUNT; q++)
        if (indicator_qty_applies(p, (enum qty)q))
            line_int(&l, qty_name((enum qty)q), w->sums.q[q]);
    line_end(&l, outbox_stamp(from, &w->key));
    return out->failed ? ERR_NOMEM : ERR_OK;
}

enum err outbox_where(const struct outbox_source *from, const struct window_key *k,
                      struct buf *out) {
    struct tags t = tags_of(from, k);
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
