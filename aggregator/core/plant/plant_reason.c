/* Reasons, the tags that name them, and the conditions that they breach. */
#include "plant/plant.h"

/* A whole number: a fraction would be cut to one. */
static bool is_number(struct span text) {
    for (size_t i = 0; i < text.n; i++)
        if ((text.p[i] < '0' || text.p[i] > '9') && (i > 0 || text.p[i] != '-'))
            return false;
    return text.n > 0;
}

uint32_t plant_find_reason(const struct plant *p, struct span id) {
    for (uint32_t i = 0; i < p->reason_n; i++)
        if (span_equal(span_str(p->reason[i].id.s), id))
            return i;
    return UINT32_MAX;
}

uint32_t plant_find_reason_code(const struct plant *p, enum plant_reason_kind kind, int64_t code) {
    for (uint32_t i = 0; i < p->reason_n && code != PLANT_NO_CODE; i++)
        if (p->reason[i].kind == kind && p->reason[i].code == code)
            return i;
    return UINT32_MAX;
}

static uint32_t stated(const struct plant *p, enum plant_reason_kind kind, struct span text,
                       uint32_t unit) {
    uint32_t found = plant_find_reason(p, text);
    int64_t code = PLANT_NO_CODE;

    if (found == UINT32_MAX && is_number(text) && decimal_parse(text, 0, &code) == ERR_OK)
        found = plant_find_reason_code(p, kind, code);
    const bool legal =
        found != UINT32_MAX && p->reason[found].kind == kind && plant_reason_fits(p, found, unit);
    return legal ? found : UINT32_MAX;
}

uint32_t plant_stop_reason(const struct plant *p, struct span text, uint32_t unit) {
    return stated(p, REASON_STOP, text, unit);
}

uint32_t plant_scrap_reason(const struct plant *p, struct span text, uint32_t unit) {
    return stated(p, REASON_SCRAP, text, unit);
}

static bool is_of(const struct plant *p, const struct ident *of, size_t n, uint32_t unit) {
    for (size_t i = 0; i < n; i++) {
        if (ident_equal(&of[i], &p->unit[unit].kind))
            return true;
        for (uint32_t at = p->unit[unit].node; at != UINT32_MAX; at = p->node[at].parent)
            if (ident_equal(&of[i], &p->node[at].id))
                return true;
    }
    return n == 0;
}

bool plant_reason_fits(const struct plant *p, uint32_t reason, uint32_t unit) {
    for (; reason != UINT32_MAX; reason = p->reason[reason].parent)
        if (!is_of(p, p->reason[reason].of, p->reason[reason].of_n, unit))
            return false;
    return true;
}

uint32_t plant_find_condition(const struct plant *p, struct span id) {
    for (uint32_t i = 0; i < p->condition_n; i++)
        if (span_equal(span_str(p->condition[i].id.s), id))
            return i;
    return UINT32_MAX;
}

bool plant_condition_fits(const struct plant *p, uint32_t condition, uint32_t unit) {
    return is_of(p, p->condition[condition].of, p->condition[condition].of_n, unit);
}

bool plant_condition_meant(const struct plant *p, uint32_t condition, uint32_t reason) {
    const struct plant_condition *c = &p->condition[condition];

    for (; reason != UINT32_MAX; reason = p->reason[reason].parent)
        for (size_t i = 0; i < c->reason_n; i++)
            if (c->reason[i] == reason)
                return true;
    return false;
}

const char *breach_kind_name(enum breach_kind k) {
    static const char *const name[BREACH_KIND_COUNT] = {
        [BREACH_MAINTENANCE] = "maintenance", [BREACH_MATERIAL] = "material",
        [BREACH_PROCEDURE] = "procedure",     [BREACH_TOOL] = "tool",
        [BREACH_SUPPLY] = "supply",           [BREACH_STAFFING] = "staffing",
        [BREACH_SAFETY] = "safety",           [BREACH_OTHER] = "other"};
    return (unsigned)k < BREACH_KIND_COUNT ? name[k] : "other";
}

static const struct plant_tag *find_tag(const struct plant_signal *s, int64_t tag) {
    size_t low = 0, high = s->tag_n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (s->tag[middle].tag < tag)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->tag_n && s->tag[low].tag == tag ? &s->tag[low] : NULL;
}

bool plant_signal_takes(const struct plant_signal *s, int64_t tag) {
    const struct plant_tag *t = find_tag(s, tag);

    return (t != NULL ? t->unit : s->station) == s->unit;
}

uint32_t plant_signal_reason(const struct plant *p, const struct plant_signal *s, int64_t tag) {
    const struct plant_tag *t = find_tag(s, tag);

    return t != NULL && t->reason != UINT32_MAX ? t->reason
                                                : plant_find_reason_code(p, REASON_SCRAP, tag);
}
