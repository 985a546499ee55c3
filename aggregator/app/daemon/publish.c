#include "daemon/publish.h"

#include <math.h>
#include <stdlib.h>

#include "wire/topic.h"
#include "json/json_writer.h"

static const enum window_kind kinds[] = {WINDOW_HOUR, WINDOW_SHIFT};
enum { KIND_N = sizeof kinds / sizeof *kinds };
enum { SLICE = 32 /* half a millisecond */, CLOSED_MAX = 8192 };

static void write_indicator(struct json_writer *w, const struct plant *p, enum indicator i,
                            const struct sums *s) {
    struct indicator_value v = indicator_of(i, s);
    json_writer_key(w, indicator_row(i)->id);
    json_writer_begin_object(w);
    json_writer_key(w, "value");
    json_writer_real(w, v.defined ? v.value : NAN);
    json_writer_key(w, "numerator");
    json_writer_real(w, v.numerator);
    json_writer_key(w, "denominator");
    json_writer_real(w, v.denominator);
    json_writer_key(w, "coverage");
    json_writer_real(w, v.coverage);
    if (v.defined && indicator_ranged(i)) {
        json_writer_key(w, "low");
        json_writer_real(w, v.low);
        json_writer_key(w, "high");
        json_writer_real(w, v.high);
    }
    json_writer_key(w, "unit");
    json_writer_text(w, indicator_unit(p, i));
    json_writer_end_object(w);
}

static enum err write_window(struct buf *out, const struct plant *p, const struct window *win,
                             int64_t end_ms, int64_t now_ms) {
    static const char *const life[] = {"provisional", "settled", "restated"};
    struct json_writer w;
    char text[UTC_TEXT];
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    json_writer_key(&w, "node");
    json_writer_text(&w, p->node[win->key.node].id.s);
    json_writer_key(&w, "name");
    json_writer_text(&w, p->node[win->key.node].name);
    if (window_commissioning(p, win->key.node)) {
        json_writer_key(&w, "commissioning");
        json_writer_bool(&w, true);
    }
    json_writer_key(&w, "window");
    json_writer_text(&w, window_kind_name((enum window_kind)win->key.kind));
    json_writer_key(&w, "start");
    utc_format(win->key.start_ms, text);
    json_writer_text(&w, text);
    json_writer_key(&w, "end");
    utc_format(end_ms, text);
    json_writer_text(&w, text);
    json_writer_key(&w, "at");
    utc_format(now_ms, text);
    json_writer_text(&w, text);
    json_writer_key(&w, "life");
    json_writer_text(&w, life[win->life]);
    json_writer_key(&w, "revision");
    json_writer_int64(&w, win->revision);
    json_writer_key(&w, "cause");
    if (win->life == WINDOW_RESTATED)
        json_writer_text(&w, restate_cause_name((enum restate_cause)win->cause));
    else
        json_writer_null(&w);
    json_writer_key(&w, "coverage");
    json_writer_real(&w, indicator_coverage(&win->sums));
    json_writer_key(&w, "indicators");
    json_writer_begin_object(&w);
    for (unsigned i = 0; i < INDICATOR_COUNT; i++)
        if (indicator_applies(p, (enum indicator)i))
            write_indicator(&w, p, (enum indicator)i, &win->sums);
    json_writer_end_object(&w);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

static enum err publish_one(struct publisher_state *p, const struct core *core, struct bus *bus,
                            struct core_now now, size_t i) {
    const struct plant *plant = core_plant(core);
    struct window_key key;
    char topic[TOPIC_MAX];
    int64_t end_ms = 0;
    uint32_t node = (uint32_t)(i / KIND_N);
    enum window_kind kind = kinds[i % KIND_N];
    if (!core_current(core, node, kind, now.wall_ms, &key, &end_ms))
        return ERR_OK;
    const struct window *w = core_window(core, &key);
    if (!w)
        return ERR_OK;
    buf_reset(&p->text);
    enum err err = write_window(&p->text, plant, w, end_ms, now.wall_ms);
    if (err)
        return err;
    topic_indicator(plant->site.s, plant->node[node].id.s, window_kind_name(kind), false, topic);
    /* QoS 0: the next one comes in seconds, and the broker keeps the last. */
    return bus->ops->publish(bus, topic, buf_span(&p->text), 0, true);
}

bool publish_due(struct publisher_state *p, const struct core *core, struct bus *bus,
                 struct core_now now, int64_t publish_ms) {
    size_t n = core_plant(core)->node_n * KIND_N;
    if (p->next == 0) {
        if (now.mono_ms - p->last_mono_ms < publish_ms || p->version == core_version(core))
            return false;
        p->last_mono_ms = now.mono_ms;
        p->version = core_version(core);
    }
    size_t end = p->next + SLICE < n ? p->next + SLICE : n;
    while (p->next < end && publish_one(p, core, bus, now, p->next) == ERR_OK)
        p->next++;
    bool more = p->next == end && end < n;
    if (p->next >= n)
        p->next = 0;
    return more;
}

static void gather_closed(struct publisher_state *p, struct core *core) {
    for (const struct window *w; (w = core_next_published(core)) != NULL;) {
        if (w->key.kind == WINDOW_MINUTE || w->key.kind == WINDOW_ORDER || w->key.product ||
            w->key.team)
            continue;
        if (!p->closed)
            p->closed = calloc(CLOSED_MAX, sizeof *p->closed);
        if (!p->closed || p->closed_n == CLOSED_MAX)
            p->closed_lost++;
        if (!p->closed)
            continue;
        p->closed[(p->closed_at + p->closed_n) % CLOSED_MAX] = w->key;
        if (p->closed_n < CLOSED_MAX)
            p->closed_n++;
        else
            p->closed_at = (p->closed_at + 1) % CLOSED_MAX;
    }
}

static enum err publish_one_closed(struct publisher_state *p, const struct core *core,
                                   struct bus *bus, struct core_now now, const struct window *w) {
    const struct plant *plant = core_plant(core);
    char topic[TOPIC_MAX];
    buf_reset(&p->text);
    enum err err = write_window(&p->text, plant, w, w->end_ms, now.wall_ms);
    if (err)
        return err;
    topic_indicator(plant->site.s, plant->node[w->key.node].id.s,
                    window_kind_name((enum window_kind)w->key.kind), true, topic);
    return bus->ops->publish(bus, topic, buf_span(&p->text), 1, false);
}

bool publish_closed(struct publisher_state *p, struct core *core, struct bus *bus, bool up,
                    struct core_now now) {
    gather_closed(p, core);
    for (size_t i = 0; up && p->closed_n && i < SLICE; i++) {
        const struct window *w = core_window(core, &p->closed[p->closed_at]);
        enum err err = w ? publish_one_closed(p, core, bus, now, w) : ERR_NOT_FOUND;
        if (err == ERR_FULL || err == ERR_STATE)
            return false; /* a later call goes on */
        p->closed_told += !err;
        p->closed_lost += err != ERR_OK;
        p->closed_at = (p->closed_at + 1) % CLOSED_MAX;
        p->closed_n--;
    }
    return up && p->closed_n;
}

void publish_fini(struct publisher_state *p) {
    free(p->closed);
    buf_fini(&p->text);
}
