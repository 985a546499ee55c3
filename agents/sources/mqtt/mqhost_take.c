/* A record becomes readings. What can be sent again is known by its time (mqseen.h); what went bad
 * because nobody was heard holds again from the moment after. */
#include <stdio.h>

#include "base/decimal.h"
#include "base/hash.h"
#include "mqtt/mqhost.h"

enum { TEXT = 300, OPC_GOOD = 192, OPC_UNCERTAIN = 64, OPC_MOST = 255 };

/* What a record says of one point; a text may lie in room. */
struct said {
    char room[JSON_REAL_TEXT];
    struct value v;
    uint8_t quality;
    uint32_t mark; /* hash of what was said */
};

static void refuse(struct mqhost *h, const struct mqhost_message *m, const struct source_out *out,
                   const char *pointer, const char *expected, struct span not ) {
    char what[TEXT];
    h->stats.refused++;
    (void)snprintf(what, sizeof what, "%.100s%sexpected %.100s, not \"%.*s\"", pointer,
                   *pointer != '\0' ? ": " : "", expected, (int)(not .n < 40 ? not .n : 40),
                   not .n > 0 ? (const char *)not .p : "");
    mqpoints_refuse(out, "value", m->topic, what);
}

static bool is_bad_word(const struct mqtt_conf *c, struct span text) {
    static const char *const usual[] = {"NaN", "null", "UNAVAILABLE"};
    for (size_t i = 0; i < c->bad_word_n; i++)
        if (span_equal(text, span_str(c->bad_words[i])))
            return true;
    for (size_t i = 0; c->bad_word_n == 0 && i < sizeof usual / sizeof usual[0]; i++)
        if (span_equal(text, span_str(usual[i])))
            return true;
    return false;
}

/* What stands at a pointer as text. ERR_NOT_FOUND: nothing; ERR_FORMAT: no single value. *null: it
 * is there and says that there is none. */
static enum err text_at(const struct mqname_from *from, const struct mqhost_message *m,
                        const char *pointer, char room[JSON_REAL_TEXT], struct span *text,
                        bool *null) {
    *null = false;
    if (m->whole == NULL) {
        *text = m->payload;
        return ERR_OK;
    }
    const struct json_value *v = mqname_find(from, pointer);
    if (v == NULL)
        return ERR_NOT_FOUND;
    *null = json_kind(v) == JSON_KIND_NULL;
    *text = span_str("");
    return *null || mqname_text(v, room, text) ? ERR_OK : ERR_FORMAT;
}

/* The words of truth have codes even if no map has them. */
static enum err single_value(const struct quantity *q, struct span text, struct value *v) {
    const bool yes = span_equal(text, span_str("true"));
    const enum err e = quantity_value(q, text, v);
    if (!yes && !span_equal(text, span_str("false")))
        return e;
    if (q->type == POINT_STATE && (e != ERR_OK || v->kind == VALUE_TEXT)) {
        *v = (struct value){.kind = VALUE_INT, .as.i = yes};
        return ERR_OK;
    }
    return e == ERR_OK ? e : quantity_value(q, span_str(yes ? "1" : "0"), v);
}

static bool tag_of(struct mqhost *h, const struct mqhost_message *m, const struct mqpoint *p,
                   const struct mqname_from *from, const struct source_out *out, int64_t *tag) {
    char room[JSON_REAL_TEXT];
    struct span text = {0};
    bool null;
    if (*p->conf->tag == '\0' ||
        text_at(from, m, p->conf->tag, room, &text, &null) == ERR_NOT_FOUND || null)
        return true;
    if (quantity_code(p->quantity, text, tag) == ERR_OK)
        return true;
    refuse(h, m, out, p->conf->tag, "a code or a word of the map", text);
    return false;
}

static bool length_of(struct mqhost *h, const struct mqhost_message *m, const struct mqpoint *p,
                      const struct mqname_from *from, const struct source_out *out,
                      int64_t *dur_ms) {
    char room[JSON_REAL_TEXT];
    struct span text = {0};
    int64_t milli;
    bool null;
    if (p->quantity->type != POINT_INTERVAL)
        return true;
    if (text_at(from, m, p->conf->length, room, &text, &null) == ERR_OK && !null &&
        decimal_parse(text, 3, &milli) == ERR_OK && milli >= 0 &&
        decimal_scale(milli, p->conf->length_ms, 1000, dur_ms) == ERR_OK &&
        *dur_ms <= BATCH_TIME_LIMIT_MS)
        return true;
    refuse(h, m, out, p->conf->length, "the length of an interval", text);
    return false;
}

/* An amount with its tag and length. */
static bool amount_of(struct mqhost *h, const struct mqhost_message *m, const struct mqpoint *p,
                      const struct mqname_from *from, struct span text,
                      const struct source_out *out, struct value *v) {
    int64_t amount, tag = 0, dur_ms = 0;
    if (quantity_amount(p->quantity, text, &amount) != ERR_OK) {
        refuse(h, m, out, p->conf->value, quantity_expects(p->quantity), text);
        return false;
    }
    if (!tag_of(h, m, p, from, out, &tag) || !length_of(h, m, p, from, out, &dur_ms))
        return false;
    *v = (struct value){.kind = VALUE_AMOUNT, .as.span = {amount, dur_ms, tag}};
    return true;
}

static bool quality_of(struct mqhost *h, const struct mqhost_message *m, const struct mqpoint *p,
                       const struct mqname_from *from, const struct source_out *out,
                       uint8_t *quality) {
    static const struct {
        const char *word;
        uint8_t quality;
    } words[] = {{"good", QUALITY_GOOD},
                 {"GOOD", QUALITY_GOOD},
                 {"Good", QUALITY_GOOD},
                 {"bad", QUALITY_BAD},
                 {"BAD", QUALITY_BAD},
                 {"Bad", QUALITY_BAD},
                 {"true", QUALITY_GOOD},
                 {"uncertain", QUALITY_UNCERTAIN},
                 {"false", QUALITY_BAD},
                 {"UNCERTAIN", QUALITY_UNCERTAIN},
                 {"Uncertain", QUALITY_UNCERTAIN}};
    char room[JSON_REAL_TEXT];
    struct span text = {0};
    int64_t code;
    bool null;
    *quality = QUALITY_GOOD;
    if (*p->conf->quality == '\0')
        return true;
    const enum err e = text_at(from, m, p->conf->quality, room, &text, &null);
    if (e == ERR_NOT_FOUND || null)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (span_equal(text, span_str(words[i].word))) {
            *quality = words[i].quality;
            return true;
        }
    if (decimal_parse(text, 0, &code) != ERR_OK || code < 0 || code > OPC_MOST) {
        refuse(h, m, out, p->conf->quality, "good, uncertain, bad, or a code of OPC", text);
        return false;
    }
    *quality = code >= OPC_GOOD        ? QUALITY_GOOD
               : code >= OPC_UNCERTAIN ? QUALITY_UNCERTAIN
                                       : QUALITY_BAD;
    return true;
}

/* ERR_NOT_FOUND: the record says nothing of it; ERR_FORMAT: it was refused. */
static enum err said_of(struct mqhost *h, const struct mqhost_message *m, const struct mqpoint *p,
                        const struct mqname_from *from, const struct source_out *out,
                        struct said *said) {
    struct span text = span_str(p->conf->amount);
    bool null = false;
    enum err e = ERR_OK;
    if (text.n == 0)
        e = text_at(from, m, p->conf->value, said->room, &text, &null);
    if (e == ERR_FORMAT)
        refuse(h, m, out, p->conf->value, "a single value", span_str("an array or object"));
    if (e != ERR_OK)
        return e;
    said->v = (struct value){.kind = VALUE_NONE};
    said->mark = fnv1a32(text);
    if (!quality_of(h, m, p, from, out, &said->quality))
        return ERR_FORMAT;
    const bool none = null || is_bad_word(h->conf, text);
    if (none || said->quality == QUALITY_BAD) {
        struct reading bad = {0};
        batch_bad(&bad, none ? BATCH_WHY_UNAVAILABLE : BATCH_WHY_MARKED);
        said->quality = bad.quality;
        said->v = bad.v;
        return ERR_OK;
    }
    if (mqpoint_happens(p)) {
        if (!amount_of(h, m, p, from, text, out, &said->v))
            return ERR_FORMAT;
        const int64_t all[] = {said->v.as.span.amount, said->v.as.span.dur_ms, said->v.as.span.tag};
        said->mark = fnv1a32(span_of(all, sizeof all));
        return ERR_OK;
    }
    if (single_value(p->quantity, text, &said->v) == ERR_OK)
        return ERR_OK;
    refuse(h, m, out, p->conf->value, quantity_expects(p->quantity), text);
    return ERR_FORMAT;
}

/* A publisher's clock that is far from ours is named once for each point. */
static void look_at_clock(const struct mqhost *h, struct mqpoint *p, const struct mqhost_message *m,
                          int64_t t_ms, const struct source_out *out) {
    char what[TEXT];
    const int64_t behind_ms = m->now_ms - t_ms;
    if (p->told_clock || m->retained ||
        (behind_ms <= h->conf->heartbeat_ms && behind_ms >= -MQSEEN_AHEAD_MS))
        return;
    p->told_clock = true;
    (void)snprintf(what, sizeof what,
                   "%.100s: its time is %lld s %s ours; if its clock is wrong: clock: arrival",
                   p->rule->time, (long long)((behind_ms < 0 ? -behind_ms : behind_ms) / 1000),
                   behind_ms < 0 ? "ahead of" : "behind");
    mqpoints_refuse(out, "clock", m->topic, what);
}

/* Whether it is new; else counted. */
static bool is_new(struct mqhost *h, struct mqpoint *p, const struct mqhost_message *m,
                   const struct said *said, int64_t t_ms, const struct source_out *out) {
    if (mqpoint_happens(p) && m->retained) {
        h->stats.retained++;
        return false;
    }
    if (!mqhost_is_timed(p->rule))
        return true;
    look_at_clock(h, p, m, t_ms, out);
    switch (mqseen_take(&p->seen, t_ms, said->mark, m->now_ms)) {
    case MQSEEN_NEW:
        return true;
    case MQSEEN_AGAIN:
        if (!mqpoint_happens(p) && !p->live)
            return true; /* it holds again, or was told by a process before this one */
        h->stats.again++;
        return false;
    case MQSEEN_LATE:
        h->stats.late++;
        return false;
    }
    return false;
}

static enum err take_point(struct mqhost *h, uint32_t at, const struct mqname_from *from,
                           const struct mqhost_message *m, int64_t t_ms,
                           const struct source_out *out) {
    struct mqpoint *p = &h->points.at[at];
    struct said said;
    const enum err e = said_of(h, m, p, from, out, &said);
    if (e != ERR_OK)
        return e == ERR_FORMAT ? ERR_OK : e;
    p->heard_ms = m->now_ms;
    if ((said.quality == QUALITY_BAD && mqpoint_happens(p)) || !is_new(h, p, m, &said, t_ms, out))
        return ERR_OK;
    struct reading r = {.point = p->point, .quality = said.quality, .t_ms = t_ms, .v = said.v};
    /* Nobody knows when the broker was given it. */
    if (m->retained && !mqhost_is_timed(p->rule) && r.quality == QUALITY_GOOD)
        r.quality = QUALITY_UNCERTAIN;
    if (!mqpoint_happens(p) && !p->live && p->t_ms != MQSEEN_NONE && r.t_ms <= p->t_ms)
        r.t_ms = p->t_ms + 1; /* behind the moment at which it went bad */
    r.by_device = mqhost_is_timed(p->rule) && m->whole != NULL && r.t_ms == t_ms;
    p->live = true;
    p->t_ms = r.t_ms;
    if (p->rule->silent_ms > 0 && p->heard_ms + p->rule->silent_ms < h->silent_due_ms)
        h->silent_due_ms = p->heard_ms + p->rule->silent_ms;
    h->tells.mark = at;
    return tells_add(&h->tells, &r);
}

/* Whether a record has anything of a point. */
static bool has_point(const struct mqhost_message *m, const struct mqtt_point_conf *k,
                      const struct mqname_from *from) {
    return m->whole == NULL || *k->amount != '\0' || mqname_find(from, k->value) != NULL;
}

enum err mqhost_take(struct mqhost *h, const struct mqtt_rule *rule, const struct mqhost_message *m,
                     const struct mqhost_record *record, const struct source_out *out) {
    const struct mqname_from from = {&m->captures, record->at, m->whole};
    bool any = false;
    for (size_t i = 0; i < rule->point_n; i++) {
        uint32_t at;
        if (!has_point(m, &rule->points[i], &from))
            continue;
        any = true;
        const size_t known = h->points.n;
        enum err e = mqpoints_get(&h->points, rule, &rule->points[i], &from, m->topic, out, &at);
        if (e == ERR_OK && at != MQPOINTS_NONE && h->points.n > known) {
            struct mqpoint *p = &h->points.at[at];
            if (mqpoint_counts(p))
                mqseen_init(&p->seen, mqlast_find(&h->last, p->name));
        }
        if (e == ERR_OK && at != MQPOINTS_NONE)
            e = take_point(h, at, &from, m, record->t_ms, out);
        if (e != ERR_OK && e != ERR_NOT_FOUND)
            return e;
    }
    return any ? ERR_OK : ERR_NOT_FOUND;
}
