#include "mtconnect/picks.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "sources/series.h"

#define SHOWN(s, most) (int)((s).n < (most) ? (s).n : (most)), (const char *)(s).p

/* --- names --------------------------------------------------------------------------------------
 */

static const struct span *word_of(const struct picks_words *words, const char *key, size_t n) {
    const struct {
        const char *key;
        const struct span *word;
    } row[] = {{"device", &words->device},
               {"component", &words->component},
               {"item", &words->item},
               {"id", &words->id}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (strlen(row[i].key) == n && memcmp(row[i].key, key, n) == 0)
            return row[i].word;
    return NULL;
}

static bool is_legal(uint8_t c) {
    return c < 0x80 && c != '\0' && (isalnum(c) || strchr("_./:-", c) != NULL);
}

enum err picks_name(const char *pattern, const struct picks_words *words,
                    char out[POINT_NAME_MAX + 1]) {
    size_t n = 0;

    while (*pattern != '\0') {
        struct span part = span_of(pattern, 1);
        bool filled = false;
        if (*pattern == '{') {
            const char *end = strchr(pattern, '}');
            const struct span *word =
                end != NULL ? word_of(words, pattern + 1, (size_t)(end - pattern) - 1) : NULL;
            if (word == NULL)
                return ERR_FORMAT;
            part = *word;
            filled = true;
            pattern = end;
        }
        pattern++;
        if (n + part.n > POINT_NAME_MAX)
            return ERR_RANGE;
        for (size_t i = 0; i < part.n; i++)
            out[n++] = !filled || is_legal(part.p[i]) ? (char)part.p[i] : '-';
    }
    out[n] = '\0';
    return n > 0 ? ERR_OK : ERR_RANGE;
}

/* --- data items ---------------------------------------------------------------------------------
 */

enum err picks_init(struct picks *p, const struct mtconnect_conf *c) {
    char why[160];

    *p = (struct picks){.conf = c};
    names_init(&p->items, DOC_ITEMS_MAX);
    conditions_init(&p->conditions);
    p->quantities = calloc(c->point_n + 1, sizeof *p->quantities);
    enum err e = p->quantities != NULL ? ERR_OK : ERR_NOMEM;
    for (; e == ERR_OK && p->quantity_n < c->point_n; p->quantity_n++)
        e = quantity_init(&p->quantities[p->quantity_n], &c->points[p->quantity_n].quantity, false,
                          why);
    if (e != ERR_OK)
        picks_fini(p);
    return e;
}

void picks_fini(struct picks *p) {
    for (size_t i = 0; i < p->quantity_n; i++)
        quantity_fini(&p->quantities[i]);
    free(p->quantities);
    free(p->bound);
    names_fini(&p->items);
    conditions_fini(&p->conditions);
    *p = (struct picks){0};
}

static bool fits(const char *wanted, const struct doc *d, struct doc_text a, struct doc_text b,
                 struct doc_text c) {
    const struct span want = span_str(wanted);

    return want.n == 0 || span_equal(want, doc_span(d, a)) || span_equal(want, doc_span(d, b)) ||
           span_equal(want, doc_span(d, c));
}

const struct mtconnect_point_conf *picks_rule(const struct mtconnect_conf *c, const struct doc *d,
                                              const struct doc_item *i) {
    for (size_t k = 0; k < c->point_n; k++) {
        const struct mtconnect_point_conf *r = &c->points[k];
        if (fits(r->id, d, i->id, i->id, i->id) && fits(r->item, d, i->name, i->name, i->name) &&
            fits(r->item_type, d, i->type, i->type, i->type) &&
            fits(r->sub_type, d, i->sub_type, i->sub_type, i->sub_type) &&
            fits(r->component, d, i->component, i->component_name, i->component_id) &&
            fits(r->device, d, i->device, i->uuid, i->device))
            return r;
    }
    return NULL;
}

static enum err bound_of(struct picks *p, size_t rule, const char *name, uint32_t *out) {
    for (size_t i = 0; i < p->bound_n; i++)
        if (strcmp(p->bound[i].name, name) == 0) {
            *out = (uint32_t)i;
            return p->bound[i].met ? ERR_EXISTS : ERR_OK;
        }
    if (p->bound_n == p->bound_cap) {
        const size_t cap = p->bound_cap > 0 ? p->bound_cap * 2 : 32;
        struct picks_bound *rows = realloc(p->bound, cap * sizeof *rows);
        if (rows == NULL)
            return ERR_NOMEM;
        p->bound = rows;
        p->bound_cap = cap;
    }
    p->bound[p->bound_n] = (struct picks_bound){.rule = rule};
    memcpy(p->bound[p->bound_n].name, name, strlen(name) + 1);
    *out = (uint32_t)p->bound_n++;
    return ERR_OK;
}

/* Finds or makes the point of a data item. */
static enum err bind_item(struct picks *p, const struct doc *d, const struct doc_item *i,
                          const struct picks_note *note, uint32_t *bound) {
    const struct mtconnect_point_conf *rule = picks_rule(p->conf, d, i);
    const struct span id = doc_span(d, i->id);
    struct picks_words words = {doc_span(d, i->device), doc_span(d, i->component_name),
                                doc_span(d, i->name), id};
    char name[POINT_NAME_MAX + 1], place[PICKS_WHY];

    *bound = PICKS_NO_POINT;
    if (rule == NULL)
        return ERR_OK;
    if (words.component.n == 0)
        words.component = doc_span(d, i->component);
    if (words.item.n == 0)
        words.item = id;
    if (picks_name(rule->name, &words, name) != ERR_OK) {
        snprintf(place, sizeof place, "data item %.*s: its point would have a name over %d bytes",
                 SHOWN(id, 80), POINT_NAME_MAX);
        note->note(note->user, "name", place);
        return ERR_OK;
    }
    const enum err e = bound_of(p, (size_t)(rule - p->conf->points), name, bound);
    if (e == ERR_EXISTS) {
        snprintf(place, sizeof place,
                 "data item %.*s: point %s has another one already; choose closer, or put {id} "
                 "into the name",
                 SHOWN(id, 80), name);
        note->note(note->user, "ambiguous", place);
        *bound = PICKS_NO_POINT;
        return ERR_OK;
    }
    if (e == ERR_OK) {
        p->bound[*bound].met = true;
        p->has_conditions |= i->category == DOC_CONDITION;
    }
    return e;
}

static void note_unmet(const struct picks *p, const struct picks_note *note) {
    char place[PICKS_WHY];

    for (size_t k = 0; k < p->conf->point_n; k++) {
        bool met = false;
        for (size_t i = 0; i < p->bound_n; i++)
            met |= p->bound[i].rule == k && p->bound[i].met;
        if (met)
            continue;
        snprintf(place, sizeof place, "point %s: no data item is like that; see probe",
                 p->conf->points[k].name);
        note->note(note->user, "unmatched", place);
    }
}

enum err picks_bind(struct picks *p, const struct doc *d, const struct picks_note *note) {
    names_fini(&p->items);
    names_init(&p->items, DOC_ITEMS_MAX);
    p->has_conditions = false;
    for (size_t i = 0; i < p->bound_n; i++)
        p->bound[i].met = false;
    for (size_t i = 0; i < d->item_n; i++) {
        uint32_t bound;
        const struct span id = doc_span(d, d->items[i].id);
        if (id.n == 0 || names_find(&p->items, id) != NULL)
            continue;
        enum err e = bind_item(p, d, &d->items[i], note, &bound);
        if (e == ERR_OK)
            e = names_add(&p->items, id, bound);
        if (e != ERR_OK)
            return e;
    }
    note_unmet(p, note);
    p->probed = true;
    return ERR_OK;
}

enum err picks_declare(struct picks *p, const struct source_out *out) {
    for (size_t i = 0; i < p->bound_n; i++) {
        struct picks_bound *b = &p->bound[i];
        if (b->declared)
            continue;
        struct point shape = p->quantities[b->rule].shape;
        memcpy(shape.name, b->name, sizeof b->name);
        snprintf(shape.hint, sizeof shape.hint, "%s", p->conf->points[b->rule].hint);
        const enum err e = out->add_point(out->user, &shape, &b->point);
        if (e != ERR_OK)
            return e;
        b->declared = true;
    }
    return ERR_OK;
}

bool picks_find(const struct picks *p, struct span id, uint32_t *bound) {
    const struct name_row *row = names_find(&p->items, id);

    if (row != NULL)
        *bound = row->number;
    return row != NULL;
}

/* --- observations -------------------------------------------------------------------------------
 */

static bool is_unavailable(struct span text) {
    return span_equal(text, span_str("UNAVAILABLE"));
}

static enum err add(struct picks_readings *out, struct reading r, const struct doc_observation *o,
                    struct span raw) {
    if (out->n == out->cap) {
        const size_t cap = out->cap > 0 ? out->cap * 2 : 256;
        struct picks_reading *at = realloc(out->at, cap * sizeof *at);
        if (at == NULL)
            return ERR_NOMEM;
        out->at = at;
        out->cap = cap;
    }
    out->at[out->n++] = (struct picks_reading){.r = r, .sequence = o->sequence, .raw = raw};
    return ERR_OK;
}

static enum err value_of(const struct quantity *q, struct span text, struct value *v) {
    int64_t amount;

    if (q->type != POINT_EVENT)
        return quantity_value(q, text, v);
    const enum err e = quantity_amount(q, text, &amount);
    if (e == ERR_OK)
        *v = (struct value){.kind = VALUE_AMOUNT, .as.span = {.amount = amount}};
    return e;
}

static void note_value(const struct picks_note *note, const struct doc *d,
                       const struct doc_observation *o, const char *expected, struct span text) {
    char place[PICKS_WHY];

    snprintf(place, sizeof place, "sequence %lld, data item %.*s: expected %s, not \"%.*s\"",
             (long long)o->sequence, SHOWN(doc_span(d, o->item), 60), expected, SHOWN(text, 40));
    note->note(note->user, "value", place);
}

/* A text becomes a reading; one that cannot be read is noted, and its point is bad. */
static enum err take_text(const struct quantity *q, const struct doc *d,
                          const struct doc_observation *o, struct span text, struct reading r,
                          const struct picks_note *note, struct picks_readings *out) {
    if (is_unavailable(text) || value_of(q, text, &r.v) != ERR_OK) {
        if (!is_unavailable(text))
            note_value(note, d, o, quantity_expects(q), text);
        batch_bad(&r, is_unavailable(text) ? BATCH_WHY_UNAVAILABLE : BATCH_WHY_UNREADABLE);
        if (q->type == POINT_EVENT)
            return ERR_OK; /* nothing happened */
    }
    return add(out, r, o, text);
}

static enum err take_series(const struct quantity *q, const struct doc *d,
                            const struct doc_observation *o, struct reading r,
                            const struct picks_note *note, struct picks_readings *out) {
    const struct span text = doc_span(d, o->text);
    struct series s;
    struct span value;
    size_t at = 0;
    char why[SERIES_WHY];

    if (series_parse(text, doc_span(d, o->count), doc_span(d, o->rate), &s, why) != ERR_OK) {
        note_value(note, d, o, why + strlen("expected "), text);
        return ERR_OK;
    }
    for (size_t i = 0; series_next(text, &at, &value); i++) {
        r.t_ms = series_time(&s, i, o->t_ms);
        const enum err e = take_text(q, d, o, value, r, note, out);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static enum err take_condition(struct picks *p, const struct quantity *q, const struct doc *d,
                               const struct doc_observation *o, struct reading r,
                               const struct picks_note *note, struct picks_readings *out) {
    enum condition_level level;

    if (condition_parse(doc_span(d, o->level), &level) != ERR_OK) {
        note_value(note, d, o, "Normal, Warning, Fault or Unavailable", doc_span(d, o->level));
        return ERR_OK;
    }
    const enum err e =
        conditions_take(&p->conditions, r.point, level, doc_span(d, o->code), &level);
    if (e == ERR_NOMEM)
        return e;
    return take_text(q, d, o, span_str(condition_name(level)), r, note, out);
}

enum err picks_take(struct picks *p, const struct doc *d, const struct doc_observation *o,
                    const struct picks_note *note, struct picks_readings *out) {
    uint32_t bound;

    if (!picks_find(p, doc_span(d, o->item), &bound) || bound == PICKS_NO_POINT)
        return ERR_OK;
    const struct quantity *q = &p->quantities[p->bound[bound].rule];
    const struct reading r = {
        .point = (uint16_t)bound, .quality = QUALITY_GOOD, .by_device = true, .t_ms = o->t_ms};
    if (o->t_ms == DOC_NO_TIME) {
        note_value(note, d, o, "a timestamp", span_str("none"));
        return ERR_OK;
    }
    if (o->category == DOC_CONDITION)
        return take_condition(p, q, d, o, r, note, out);
    if (o->nested) {
        note_value(note, d, o, "a value; data sets and tables are not read", span_str("entries"));
        return ERR_OK;
    }
    if (o->count.n > 0 && !is_unavailable(doc_span(d, o->text)))
        return take_series(q, d, o, r, note, out);
    return take_text(q, d, o, doc_span(d, o->text), r, note, out);
}

void picks_forget(struct picks *p) {
    p->conditions.n = 0;
}

enum err picks_recall(struct picks *p, const struct doc *d) {
    picks_forget(p);
    for (size_t i = 0; i < d->observation_n; i++) {
        const struct doc_observation *o = &d->observations[i];
        enum condition_level level;
        uint32_t bound;
        if (o->category != DOC_CONDITION || !picks_find(p, doc_span(d, o->item), &bound) ||
            bound == PICKS_NO_POINT || condition_parse(doc_span(d, o->level), &level) != ERR_OK)
            continue;
        if (conditions_take(&p->conditions, bound, level, doc_span(d, o->code), &level) ==
            ERR_NOMEM)
            return ERR_NOMEM;
    }
    return ERR_OK;
}
