#include "daemon/publish.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "wire/topic.h"
#include "json/json_writer.h"

static const enum window_kind kinds[] = {WINDOW_HOUR, WINDOW_SHIFT};
enum { KIND_N = sizeof kinds / sizeof *kinds };
enum { SLICE = 4 /* half a millisecond */, CLOSED_MAX = 8192, LEFT_MAX = 2 * CLOSED_MAX };

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
    if (window_commissioning(p, win->key.node, win->key.start_ms, end_ms)) {
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

/* What waited when the plant changed is older than all else. */
static enum err tell_left(struct publisher_state *p, const struct core *core, struct bus *bus,
                          struct core_now now) {
    const struct window *w = &p->left[p->left_at];
    enum err err = w->key.node == UINT32_MAX ? ERR_NOT_FOUND /* it has left the plant */
                                             : publish_one_closed(p, core, bus, now, w);
    if (err == ERR_FULL || err == ERR_STATE)
        return err;
    p->closed_told += !err;
    p->closed_lost += err != ERR_OK;
    if (++p->left_at < p->left_n)
        return ERR_OK;
    free(p->left);
    p->left = NULL;
    p->left_at = p->left_n = p->left_cap = 0;
    return ERR_OK;
}

static enum err tell_next(struct publisher_state *p, const struct core *core, struct bus *bus,
                          struct core_now now) {
    const struct window *w = core_window(core, &p->closed[p->closed_at]);
    enum err err = w ? publish_one_closed(p, core, bus, now, w) : ERR_NOT_FOUND;
    if (err == ERR_FULL || err == ERR_STATE)
        return err;
    p->closed_told += !err;
    p->closed_lost += err != ERR_OK;
    p->closed_at = (p->closed_at + 1) % CLOSED_MAX;
    p->closed_n--;
    return ERR_OK;
}

bool publish_closed(struct publisher_state *p, struct core *core, struct bus *bus, bool up,
                    struct core_now now) {
    gather_closed(p, core);
    for (size_t i = 0; up && (p->left_n || p->closed_n) && i < SLICE; i++)
        if (p->left_n ? tell_left(p, core, bus, now) : tell_next(p, core, bus, now))
            return false; /* a later call goes on */
    return up && (p->left_n || p->closed_n);
}

/* --- another plant ------------------------------------------------------------------------------
 */

static void give_up(struct publisher_state *p) {
    p->closed_lost += p->closed_n;
    p->closed_at = p->closed_n = 0;
}

/* Room for all that wait; what is told already goes. */
static bool make_room(struct publisher_state *p) {
    if (p->left_n + p->closed_n <= p->left_cap)
        return true;
    struct window *at = realloc(p->left, (p->left_n + p->closed_n) * sizeof *at);
    if (!at)
        return false;
    p->left = at;
    p->left_cap = p->left_n + p->closed_n;
    return true;
}

bool publish_leave(struct publisher_state *p, struct core *core) {
    gather_closed(p, core);
    if (p->left_n - p->left_at + p->closed_n > LEFT_MAX || !make_room(p))
        give_up(p); /* told of too many changes while the broker was away */
    for (size_t i = 0; p->closed_n && i < SLICE; i++) {
        const struct window *w = core_window(core, &p->closed[p->closed_at]);
        if (w)
            p->left[p->left_n++] = *w;
        p->closed_lost += !w;
        p->closed_at = (p->closed_at + 1) % CLOSED_MAX;
        p->closed_n--;
    }
    return p->closed_n > 0;
}

static void take_gone(struct publisher_state *p, const struct plant *was, const struct plant *plant,
                      const uint32_t *node) {
    const bool moved = !ident_equal(&was->site, &plant->site);
    size_t n = 0;
    for (size_t i = 0; i < was->node_n; i++)
        n += moved || node[i] == UINT32_MAX;
    struct publisher_gone *at = n ? realloc(p->gone, (p->gone_n + n) * sizeof *at) : NULL;
    if (!at)
        return;
    p->gone = at;
    p->gone_topics = 0;
    for (size_t i = 0; i < was->node_n; i++)
        if (moved || node[i] == UINT32_MAX)
            p->gone[p->gone_n++] = (struct publisher_gone){was->site, was->node[i].id};
}

/* A node that is back before its topics were taken off keeps them. */
static void keep_back(struct publisher_state *p, const struct plant *plant) {
    size_t n = 0;
    for (size_t i = 0; i < p->gone_n; i++) {
        const struct publisher_gone *g = &p->gone[i];
        if (!ident_equal(&g->site, &plant->site) || plant_find_node(plant, g->node.s) == UINT32_MAX)
            p->gone[n++] = *g;
    }
    p->gone_topics = n == p->gone_n ? p->gone_topics : 0;
    p->gone_n = n;
}

void publish_set_core(struct publisher_state *p, const struct core *old, const struct core *core,
                      const uint32_t *node) {
    assert(p->closed_n == 0); /* the keys name nodes of the old plant */
    for (size_t i = p->left_at; i < p->left_n; i++)
        if (p->left[i].key.node != UINT32_MAX)
            p->left[i].key.node = node[p->left[i].key.node];
    keep_back(p, core_plant(core));
    take_gone(p, core_plant(old), core_plant(core), node);
    p->next = 0; /* all nodes once more: their numbers are others now */
    p->version = UINT64_MAX;
}

bool publish_gone(struct publisher_state *p, struct bus *bus) {
    char topic[TOPIC_MAX];
    for (size_t i = 0; p->gone_n && i < SLICE; i++) {
        const struct publisher_gone *g = &p->gone[p->gone_n - 1];
        topic_indicator(g->site.s, g->node.s, window_kind_name(kinds[p->gone_topics]), false,
                        topic);
        if (bus->ops->publish(bus, topic, span_of(NULL, 0), 1, true))
            return false; /* full or down: a later call goes on */
        p->gone_topics = (p->gone_topics + 1) % KIND_N;
        p->gone_n -= p->gone_topics == 0;
    }
    return p->gone_n > 0;
}

void publish_fini(struct publisher_state *p) {
    free(p->closed);
    free(p->left);
    free(p->gone);
    buf_fini(&p->text);
}
