/* State values that no map names: time of theirs is unknown, and somebody has to complete the map.
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine/parts.h"

enum { UNMAPPED_MAX = 64 }; /* values kept by name; further ones are only counted */

static struct core_unmapped *find(const struct core *c, uint32_t signal, bool text, int64_t raw) {
    for (size_t i = 0; i < c->unmapped_n; i++) {
        struct core_unmapped *u = &c->unmapped[i];
        if (u->signal == signal && u->is_text == text && u->raw == raw)
            return u;
    }
    return NULL;
}

static void tell(struct core *c, const struct core_unmapped *u) {
    const struct csignal *s = &c->signal[u->signal];
    struct span word = u->is_text ? words_text(&c->words, (uint32_t)u->raw) : span_of("", 0);
    char number[24];
    (void)snprintf(number, sizeof number, "%lld", (long long)u->raw);
    note(c, true, "state_not_mapped", "agent=%s point=%s value=\"%.*s\" map=%s",
         c->agent[s->agent]->id.s, s->name, u->is_text ? (int)word.n : (int)strlen(number),
         u->is_text ? (const char *)word.p : number, c->plant->state_map[s->state->map].id.s);
}

/* NULL: too many, or no memory; the sum counts all the same. */
static struct core_unmapped *get(struct core *c, uint32_t signal, bool text, int64_t raw) {
    struct core_unmapped *u = find(c, signal, text, raw);
    if (u || c->unmapped_n == UNMAPPED_MAX)
        return u;
    if (!c->unmapped)
        c->unmapped = calloc(UNMAPPED_MAX, sizeof *c->unmapped);
    if (!c->unmapped)
        return NULL;
    u = &c->unmapped[c->unmapped_n++];
    *u = (struct core_unmapped){.signal = signal, .is_text = text, .raw = raw};
    tell(c, u);
    return u;
}

static bool is_mapped(const struct core *c, const struct csignal_state *s, bool text, int64_t raw) {
    const struct plant_state_map *m = &c->plant->state_map[s->map];
    return text ? plant_map_has_word(m, words_text(&c->words, (uint32_t)raw))
                : plant_map_has_code(m, raw);
}

void unmapped_inherit(struct core *c, const struct core *from) {
    for (size_t i = 0; i < from->unmapped_n; i++) {
        const struct core_unmapped *u = &from->unmapped[i];
        const struct csignal_state *s = c->signal[u->signal].state;
        if (!s || is_mapped(c, s, u->is_text, u->raw))
            continue;
        if (!c->unmapped)
            c->unmapped = calloc(UNMAPPED_MAX, sizeof *c->unmapped);
        if (c->unmapped)
            c->unmapped[c->unmapped_n++] = *u;
    }
}

void unmapped_look(struct core *c, uint32_t signal, bool text, int64_t raw) {
    struct csignal_state *s = c->signal[signal].state;
    if (s->looked && s->raw == raw && s->text == text)
        return;
    s->looked = true;
    s->raw = raw;
    s->text = text;
    if (is_mapped(c, s, text, raw))
        return;
    c->stats.unmapped++;
    struct core_unmapped *u = get(c, signal, text, raw);
    if (u)
        u->times++;
    c->version++;
}

bool core_unmapped_at(const struct core *c, size_t i, struct core_unmapped *out) {
    if (i >= c->unmapped_n)
        return false;
    const struct csignal *s = &c->signal[c->unmapped[i].signal];
    *out = c->unmapped[i];
    out->agent = &c->agent[s->agent]->id;
    out->point = s->name;
    out->map = &c->plant->state_map[s->state->map].id;
    out->text = out->is_text ? words_text(&c->words, (uint32_t)out->raw) : span_of(NULL, 0);
    return true;
}
