#include "views/window_text.h"

#include <math.h>

#include "views/csv.h"

static const char *const life_name[] = {"provisional", "settled", "restated"};

static bool earned(const struct sums *s) {
    return s->priced_pq != 0;
}

/* Nanoseconds times millionths of a piece to milliseconds of ideal time. */
static int64_t earned_ms(i128 pri) {
    return (int64_t)(pri / 1000000 / 1000000);
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static void put_time(struct json_writer *j, const char *key, int64_t t_ms) {
    char text[UTC_TEXT];
    utc_format(t_ms, text);
    json_writer_key(j, key);
    json_writer_text(j, text);
}

static void put_int(struct json_writer *j, const char *key, int64_t v) {
    json_writer_key(j, key);
    json_writer_int64(j, v);
}

static void put_word(struct json_writer *j, const char *key, struct span text) {
    if (!text.n)
        return;
    json_writer_key(j, key);
    json_writer_string(j, text);
}

static void put_sums(struct json_writer *j, const struct sums *s) {
    json_writer_key(j, "sums");
    json_writer_begin_object(j);
    for (unsigned i = 0; i < QTY_COUNT; i++)
        if (s->q[i] != 0)
            put_int(j, qty_name((enum qty)i), s->q[i]);
    if (earned(s)) {
        put_int(j, "earned_pq_ms", earned_ms(s->pri_pq));
        put_int(j, "earned_gq_ms", earned_ms(s->pri_gq));
    }
    json_writer_end_object(j);
}

static void put_indicator(struct json_writer *j, const struct plant *p, enum indicator i,
                          const struct sums *s) {
    const struct indicator_row *row = indicator_row(i);
    struct indicator_value v = indicator_of(i, s);
    json_writer_key(j, row->id);
    json_writer_begin_object(j);
    json_writer_key(j, "value");
    if (v.defined)
        json_writer_real(j, v.value);
    else
        json_writer_null(j);
    json_writer_key(j, "numerator");
    json_writer_real(j, v.numerator);
    json_writer_key(j, "denominator");
    json_writer_real(j, v.denominator);
    if (isfinite(v.coverage)) {
        json_writer_key(j, "coverage");
        json_writer_real(j, v.coverage);
    }
    json_writer_key(j, "unit");
    json_writer_text(j, indicator_unit(p, i));
    if (v.defined && (v.low < v.value || v.high > v.value)) {
        json_writer_key(j, "low");
        json_writer_real(j, v.low);
        json_writer_key(j, "high");
        json_writer_real(j, v.high);
    }
    json_writer_end_object(j);
}

void window_text_sums_json(struct json_writer *j, const struct plant *p, const struct sums *s) {
    json_writer_key(j, "coverage");
    json_writer_real(j, indicator_coverage(s));
    put_sums(j, s);
    json_writer_key(j, "indicators");
    json_writer_begin_object(j);
    for (unsigned i = 0; i < INDICATOR_COUNT; i++)
        if (indicator_applies(p, (enum indicator)i))
            put_indicator(j, p, (enum indicator)i, s);
    json_writer_end_object(j);
}

void window_text_json(struct json_writer *j, const struct plant *p, const struct window *w,
                      const struct window_words *words) {
    json_writer_begin_object(j);
    json_writer_key(j, "node");
    json_writer_text(j, p->node[w->key.node].id.s);
    json_writer_key(j, "window");
    json_writer_text(j, window_kind_name((enum window_kind)w->key.kind));
    if (window_commissioning(p, w->key.node, w->key.start_ms, w->end_ms)) {
        json_writer_key(j, "commissioning");
        json_writer_bool(j, true);
    }
    put_time(j, "start", w->key.start_ms);
    put_time(j, "end", w->end_ms);
    put_word(j, "product", words->product);
    put_word(j, "team", words->team);
    json_writer_key(j, "life");
    json_writer_text(j, life_name[w->life]);
    put_int(j, "revision", w->revision);
    json_writer_key(j, "cause");
    json_writer_text(j, restate_cause_name((enum restate_cause)w->cause));
    json_writer_key(j, "changed");
    json_writer_bool(j, w->changed);
    window_text_sums_json(j, p, &w->sums);
    json_writer_end_object(j);
}

/* --- CSV ----------------------------------------------------------------------------------------
 */

void window_text_sums_csv_head(struct buf *out) {
    (void)buf_add_str(out, ",coverage");
    for (unsigned i = 0; i < QTY_COUNT; i++)
        (void)buf_addf(out, ",%s", qty_name((enum qty)i));
    (void)buf_add_str(out, ",earned_pq_ms,earned_gq_ms");
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        const char *id = indicator_row((enum indicator)i)->id;
        (void)buf_addf(out, ",%s,%s_numerator,%s_denominator", id, id, id);
    }
}

enum err window_text_csv_head(struct buf *out) {
    (void)buf_add_str(out, "node,window,start,end,product,team,life,revision,cause,changed");
    window_text_sums_csv_head(out);
    (void)buf_add_byte(out, '\n');
    return out->failed ? ERR_NOMEM : ERR_OK;
}

static void add_real(struct buf *out, double v) {
    if (!isfinite(v))
        return;           /* an empty field */
    struct json_writer j; /* the shortest text that reads back the same */
    json_writer_init(&j, out);
    json_writer_real(&j, v);
}

void window_text_sums_csv(const struct sums *s, struct buf *out) {
    (void)buf_add_byte(out, ',');
    add_real(out, indicator_coverage(s));
    for (unsigned i = 0; i < QTY_COUNT; i++)
        (void)buf_addf(out, ",%lld", (long long)s->q[i]);
    (void)buf_addf(out, ",%lld,%lld", (long long)earned_ms(s->pri_pq),
                   (long long)earned_ms(s->pri_gq));
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        struct indicator_value v = indicator_of((enum indicator)i, s);
        (void)buf_add_byte(out, ',');
        if (v.defined)
            add_real(out, v.value);
        (void)buf_add_byte(out, ',');
        add_real(out, v.numerator);
        (void)buf_add_byte(out, ',');
        add_real(out, v.denominator);
    }
}

enum err window_text_csv(const struct plant *p, const struct window *w,
                         const struct window_words *words, struct buf *out) {
    char from[UTC_TEXT], to[UTC_TEXT];
    utc_format(w->key.start_ms, from);
    utc_format(w->end_ms, to);
    (void)buf_addf(out, "%s,%s,%s,%s,", p->node[w->key.node].id.s,
                   window_kind_name((enum window_kind)w->key.kind), from, to);
    csv_text(out, words->product);
    (void)buf_add_byte(out, ',');
    csv_text(out, words->team);
    (void)buf_addf(out, ",%s,%u,%s,%d", life_name[w->life], w->revision,
                   restate_cause_name((enum restate_cause)w->cause), w->changed);
    window_text_sums_csv(&w->sums, out);
    (void)buf_add_byte(out, '\n');
    return out->failed ? ERR_NOMEM : ERR_OK;
}
