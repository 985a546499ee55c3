/* Metrics become readings.
 *
 * A birth repeats what holds. Of a metric whose last reading still holds it is told only if it is
 * newer. After a break it is the first that is known again, so it is told with the time at which
 * the node says it: the message's, or the metric's own where that is later. Of an event, which
 * happened once, only the time of its own counts. */
#include <stdio.h>

#include "sparkplug/sphost.h"

enum {
    QUALITY_GOOD_LEAST = 192,
    QUALITY_GOOD_MOST = 255,
    QUALITY_UNCERTAIN_LEAST = 64,
    QUALITY_STALE = 500,
    TEXT = 160
};

static bool happens(const struct sprules_point *p) {
    return p->quantity.type == POINT_EVENT;
}

/* 192 is good, 0 bad, 500 stale (section 6.4.9); publishers that pass the codes of OPC on have
 * uncertain ones from 64 on. */
static uint8_t quality_of(const struct sppayload_metric *m) {
    if (!m->has_quality || (m->quality >= QUALITY_GOOD_LEAST && m->quality <= QUALITY_GOOD_MOST))
        return QUALITY_GOOD;
    return m->quality >= QUALITY_UNCERTAIN_LEAST && m->quality < QUALITY_GOOD_LEAST
               ? QUALITY_UNCERTAIN
               : QUALITY_BAD;
}

static void refuse(const struct spnode *n, const struct spnode_metric *m,
                   const struct source_out *out, const char *reason, const char *expects,
                   struct span text) {
    char place[TEXT * 2];
    (void)snprintf(place, sizeof place, "%.40s/%.40s/%.40s/%.60s: expected %.60s, not \"%.*s\"",
                   n->group, n->id, n->devices[m->device].id, m->name, expects,
                   (int)(text.n < 40 ? text.n : 40), (const char *)text.p);
    out->refused(out->user, reason, place);
}

static enum err value_of(const struct quantity *q, struct span text, struct value *v) {
    int64_t amount;
    if (q->type != POINT_EVENT) {
        const enum err e = quantity_value(q, text, v);
        /* A state without words of its own takes the truth as a code. */
        if (e == ERR_OK && q->type == POINT_STATE && q->word_n == 0 && v->kind == VALUE_TEXT &&
            (span_equal(text, span_str("true")) || span_equal(text, span_str("false"))))
            *v = (struct value){.kind = VALUE_INT, .as.i = text.n == 4};
        return e;
    }
    const enum err e = quantity_amount(q, text, &amount);
    if (e == ERR_OK)
        *v = (struct value){.kind = VALUE_AMOUNT, .as.span = {amount, 0, 0}};
    return e;
}

/* The moment of arrival counts, as the node's clock is not trusted; that of what is told behind the
 * time is all there is. */
static bool is_ours(const struct sprules_point *point, const struct sppayload_metric *from) {
    return point->clock == SPARKPLUG_ARRIVAL && !from->historical;
}

/* Of a metric that was not born or is no longer live; *skip: it is nothing new. */
static int64_t time_of(const struct sphost *h, const struct spnode_metric *m,
                       const struct sppayload_metric *from, const struct sppayload *p, bool birth,
                       int64_t now_ms, bool *skip) {
    const struct sprules_point *point = h->rules.points[m->point];
    const int64_t message_ms = p->has_time ? p->t_ms : now_ms;
    int64_t t_ms = from->has_time ? from->t_ms : message_ms;
    *skip = false;
    if (birth && happens(point)) {
        *skip = !from->has_time || t_ms <= h->event_ms;
        return t_ms;
    }
    const bool ours = is_ours(point, from);
    if (ours)
        t_ms = now_ms;
    if (!birth)
        return t_ms;
    if (m->live && ours)
        return t_ms; /* what the node's clock says cannot tell whether it is new */
    if (m->live)
        *skip = (from->has_time ? from->t_ms : message_ms) <= m->t_ms;
    else if (!from->historical && !ours && t_ms < message_ms)
        t_ms = message_ms;
    /* Behind the moment at which it went bad, which is by our clock: the node's may be a little
     * behind ours. */
    if (!m->live && !from->historical && t_ms <= m->t_ms)
        t_ms = m->t_ms + 1;
    return t_ms;
}

/* The reading's text may lie in room (SPPAYLOAD_TEXT_ROOM bytes). */
static enum err take_value(struct sphost *h, const struct spnode *n, struct spnode_metric *m,
                           const struct sppayload_metric *from, struct reading *r, char *room,
                           const struct source_out *out, bool *refused) {
    const struct sprules_point *point = h->rules.points[m->point];
    struct span text = {0};
    *refused = false;
    if (from->form == SPPAYLOAD_FORM_NONE || r->quality == QUALITY_BAD) {
        batch_bad(r, r->quality != QUALITY_BAD        ? BATCH_WHY_UNAVAILABLE
                     : from->quality == QUALITY_STALE ? BATCH_WHY_NOT_LIVE
                                                      : BATCH_WHY_MARKED);
        *refused = happens(point); /* nothing happened */
        return ERR_OK;
    }
    if (from->form == SPPAYLOAD_FORM_OTHER || !sppayload_type_known(m->type)) {
        h->stats.passed_over++;
        *refused = true;
        if (!m->told_wrong)
            refuse(n, m, out, "datatype", "a single value", span_str(sppayload_type_name(m->type)));
        m->told_wrong = true;
        return ERR_OK;
    }
    enum err e = sppayload_text(from, m->type, room, &text);
    if (e == ERR_OK)
        e = value_of(&point->quantity, text, &r->v);
    if (e == ERR_NOMEM)
        return e;
    *refused = e != ERR_OK;
    if (*refused && !m->told_wrong)
        refuse(n, m, out, "value", quantity_expects(&point->quantity), text);
    m->told_wrong = *refused;
    return ERR_OK;
}

static enum err take_one(struct sphost *h, const struct spnode *n, struct spnode_metric *m,
                         const struct sppayload_metric *from, const struct sppayload *p, bool birth,
                         int64_t now_ms, const struct source_out *out) {
    bool skip, refused;
    char room[SPPAYLOAD_TEXT_ROOM];
    if (m->point == SPRULES_NONE)
        return ERR_OK;
    const struct sprules_point *point = h->rules.points[m->point];
    struct reading r = {.point = point->point, .quality = quality_of(from)};
    r.t_ms = time_of(h, m, from, p, birth, now_ms, &skip);
    if (skip)
        return ERR_OK;
    const bool theirs = !is_ours(point, from) || (birth && happens(point));
    r.by_device =
        theirs && ((from->has_time && r.t_ms == from->t_ms) || (p->has_time && r.t_ms == p->t_ms));
    enum err e = take_value(h, n, m, from, &r, room, out, &refused);
    if (e != ERR_OK || refused)
        return e;
    e = tells_add(&h->tells, &r);
    if (e != ERR_OK || from->historical)
        return e;
    m->live = true;
    m->t_ms = r.t_ms > m->t_ms ? r.t_ms : m->t_ms;
    if (happens(point) && r.t_ms > h->event_ms)
        h->event_ms = r.t_ms;
    return ERR_OK;
}

/* Metrics of the protocol itself. */
static bool is_control(struct span name) {
    static const char *const prefixes[] = {"Node Control/", "Device Control/"};
    for (size_t i = 0; i < 2; i++) {
        const struct span prefix = span_str(prefixes[i]);
        if (name.n >= prefix.n && memcmp(name.p, prefix.p, prefix.n) == 0)
            return true;
    }
    return span_equal(name, span_str("bdSeq"));
}

static enum err bear(struct sphost *h, struct spnode *n, uint32_t device,
                     const struct sppayload_metric *from, const struct source_out *out,
                     struct spnode_metric **m) {
    enum err e = spnode_get_metric(n, device, from->name, m);
    if (e != ERR_OK)
        return e;
    struct spnode_metric *k = *m;
    const bool first = k->t_ms == INT64_MIN && k->point == SPRULES_NONE;
    k->type = from->has_type ? from->type : k->type;
    k->has_alias = from->has_alias;
    k->alias = from->alias;
    if (first && !k->born && !is_control(from->name)) {
        const struct sprules_metric names = {span_str(n->group), span_str(n->id),
                                             span_str(n->devices[device].id), from->name,
                                             from->unit};
        e = sprules_bind(&h->rules, &names, out, &k->point);
        h->stats.unmatched += e == ERR_OK && k->point == SPRULES_NONE;
    }
    k->born = e == ERR_OK;
    return e;
}

enum err sphost_take(struct sphost *h, struct spnode *n, uint32_t device, const struct sppayload *p,
                     bool birth, int64_t now_ms, const struct source_out *out, bool *stranger) {
    *stranger = false;
    for (size_t i = 0; i < p->n; i++) {
        const struct sppayload_metric *from = &p->metrics[i];
        struct spnode_metric *m = NULL;
        enum err e = ERR_OK;
        if (birth && from->name.n == 0)
            continue;
        if (birth)
            e = bear(h, n, device, from, out, &m);
        else if (from->name.n > 0)
            m = spnode_find_name(n, device, from->name);
        else if (from->has_alias)
            m = spnode_find_alias(n, from->alias);
        if (e == ERR_FULL) {
            h->stats.unmatched++;
            continue;
        }
        if (e == ERR_OK && (m == NULL || !m->born || m->device != device)) {
            *stranger = true;
            h->stats.strangers++;
            continue;
        }
        if (e == ERR_OK)
            e = take_one(h, n, m, from, p, birth, now_ms, out);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

enum err sphost_stale(struct sphost *h, struct spnode_metric *m, int64_t t_ms) {
    const bool was = m->live;
    m->live = false;
    if (!was || m->point == SPRULES_NONE)
        return ERR_OK;
    const struct sprules_point *p = h->rules.points[m->point];
    if (happens(p) || p->quantity.shape.sticky)
        return ERR_OK;
    if (t_ms <= m->t_ms)
        t_ms = m->t_ms + 1;
    m->t_ms = t_ms;
    struct reading bad = {.point = p->point, .t_ms = t_ms};
    batch_bad(&bad, BATCH_WHY_NOT_LIVE);
    return tells_add(&h->tells, &bad);
}
