/* The log of a unit, sorted by what it is about. Whatever does not fit (a signal of no role, a slot
 * of a register) is left out: it says nothing here. */
#include "cell/work.h"

#include "cell/mtconnect.h"

#include <stdio.h>
#include <stdlib.h>

const struct cell_signal *signal_of(const struct cell_input *in, uint32_t id) {
    for (size_t i = 0; i < in->signal_n; i++)
        if (in->signal[i].signal == id)
            return &in->signal[i];
    return NULL;
}

struct amount amount_of(const struct siglog_entry *e, const struct cell_signal *s) {
    int64_t t0 = e->t0_ms;

    if (e->kind == SIGLOG_EVENT || t0 >= e->t1_ms)
        t0 = e->t1_ms - 1;
    if (e->t1_ms - t0 > WORK_SPAN_MAX_MS) /* what is older than the log has no minutes to go to */
        t0 = e->t1_ms - WORK_SPAN_MAX_MS;
    return (struct amount){.t0 = t0,
                           .t1 = e->t1_ms,
                           .value = e->value,
                           .quantum = s->quantum,
                           .meter = s->meter,
                           .role = s->role,
                           .product = e->signal >= CELL_ENTERED ? cell_tag_product(e->tag) : 0,
                           .even = e->kind == SIGLOG_ROW,
                           .entry = e,
                           .gap = e->kind == SIGLOG_SPAN && (e->flags & SIGLOG_UNDISTRIBUTED)};
}

static enum err grow(void **at, size_t n, size_t *cap, size_t size) {
    if (n < *cap)
        return ERR_OK;
    const size_t more = *cap == 0 ? 16 : *cap * 2;
    void *p = realloc(*at, more * size);
    if (p == NULL)
        return ERR_NOMEM;
    *at = p;
    *cap = more;
    return ERR_OK;
}

static enum err amount_add(struct amount **at, size_t *n, size_t *cap, const struct amount *a) {
    void *p = *at;
    const enum err e = grow(&p, *n, cap, sizeof *a);

    *at = p;
    if (e == ERR_OK)
        (*at)[(*n)++] = *a;
    return e;
}

static enum err slot_add(struct slot **at, size_t *n, size_t *cap, const struct siglog_entry *e) {
    void *p = *at;
    const enum err err = grow(&p, *n, cap, sizeof **at);

    *at = p;
    if (err != ERR_OK || e->t1_ms <= e->t0_ms)
        return err;
    (*at)[(*n)++] = (struct slot){e->t0_ms, e->t1_ms, e->value, e->signal};
    return ERR_OK;
}

static enum err take_slot(struct work *w, const struct siglog_entry *e,
                          const struct cell_signal *s) {
    if (e->kind != SIGLOG_SLOT)
        return ERR_OK;
    if (s->role == ROLE_GAUGE)
        return slot_add(&w->gauge, &w->gauge_n, &w->gauge_cap, e);
    if (s->meter != 0)
        return slot_add(&w->common, &w->common_n, &w->common_cap, e);
    return slot_add(&w->slot, &w->slot_n, &w->slot_cap, e);
}

static enum err take_amount(struct work *w, const struct siglog_entry *e,
                            const struct cell_signal *s) {
    const struct amount a = amount_of(e, s);
    const uint8_t counts_run = w->has[ROLE_TOTAL] ? ROLE_TOTAL : ROLE_GOOD;
    enum err err = ERR_OK;

    if (w->unit->state_source == STATE_COUNTS && s->role == counts_run && e->kind == SIGLOG_SPAN)
        err = amount_add(&w->counted, &w->counted_n, &w->counted_cap, &a);
    /* Spans that do not touch the range cannot put anything into it. */
    if (err != ERR_OK || a.t1 <= w->in->from_ms || a.t0 >= w->in->to_ms)
        return err;
    if (s->meter == 0) { /* of a shared one each minute is split alone */
        w->from_ms = a.t0 < w->from_ms ? a.t0 : w->from_ms;
        w->to_ms = a.t1 > w->to_ms ? a.t1 : w->to_ms;
    }
    return amount_add(&w->amount, &w->amount_n, &w->amount_cap, &a);
}

static uint8_t map_state(const struct work *w, const struct siglog_entry *e) {
    const struct plant *p = w->in->plant;

    if (w->unit->state_map >= p->state_map_n)
        return MACHINE_UNKNOWN;
    const struct plant_state_map *m = &p->state_map[w->unit->state_map];
    if (e->kind == SIGLOG_ROW)
        return plant_map_code(m, e->tag);
    if ((e->flags & SIGLOG_TEXT) == 0)
        return plant_map_code(m, e->value);
    return plant_map_word(m, w->in->words->text(w->in->words->user, (uint32_t)e->value));
}

/* Signals named first count first; a certain value before an uncertain one. */
static uint32_t context_rank(const struct work *w, const struct siglog_entry *e,
                             const struct cell_signal *s) {
    const uint32_t uncertain = e->flags & SIGLOG_UNCERTAIN ? 1 : 0;

    return (uint32_t)(s - w->in->signal) * 2 + uncertain;
}

/* Words of a control; a number is none of them. */
static enum err take_control(struct work *w, const struct siglog_entry *e,
                             const struct cell_signal *s) {
    const unsigned signal = mtconnect_signal(s->role);
    struct stretch x = {e->t0_ms, e->t1_ms, MTCONNECT_OTHER, context_rank(w, e, s)};

    if (e->kind != SIGLOG_STATE || signal >= MTCONNECT_SIGNALS)
        return ERR_OK;
    if (e->flags & SIGLOG_TEXT)
        x.value =
            mtconnect_word(signal, w->in->words->text(w->in->words->user, (uint32_t)e->value));
    return layer_add(&w->control[signal], &x);
}

static enum err take_machine(struct work *w, const struct siglog_entry *e) {
    if (w->unit->state_source != STATE_MAP || (e->kind != SIGLOG_STATE && e->kind != SIGLOG_ROW))
        return ERR_OK;
    const uint8_t state = map_state(w, e);
    const struct stretch s = {e->t0_ms, e->t1_ms, state, machine_rank(state)};
    enum err err = layer_add(&w->machine, &s);
    if (err == ERR_OK && e->kind == SIGLOG_ROW)
        err = layer_add(&w->rows, &s);
    return err;
}

/* An order may be a number; its word is the number written out, 0 is no order. */
static enum err number_word(const struct work *w, int64_t value, int64_t *word) {
    char text[24];
    uint32_t id = 0;

    *word = 0;
    if (value == 0)
        return ERR_OK;
    const int n = snprintf(text, sizeof text, "%lld", (long long)value);
    const enum err e = w->in->words->word(w->in->words->user, span_of(text, (size_t)n), &id);
    *word = id;
    return e;
}

static enum err take_context(struct work *w, struct layer *l, const struct siglog_entry *e,
                             const struct cell_signal *s) {
    struct stretch x = {e->t0_ms, e->t1_ms, e->value, context_rank(w, e, s)};
    enum err err = ERR_OK;

    if (e->kind != SIGLOG_STATE)
        return ERR_OK;
    if (s->role != ROLE_HEADCOUNT && (e->flags & SIGLOG_TEXT) == 0)
        err = number_word(w, e->value, &x.value);
    if (s->role == ROLE_HEADCOUNT && (e->flags & SIGLOG_TEXT) != 0)
        return ERR_OK; /* a text is no number of people */
    return err == ERR_OK ? layer_add(l, &x) : err;
}

static enum err take_evidence(struct work *w, const struct siglog_entry *e,
                              const struct cell_signal *s) {
    const bool amount = e->kind == SIGLOG_SPAN || e->kind == SIGLOG_EVENT || e->kind == SIGLOG_ROW;
    struct stretch x = {.t0 = e->t0_ms, .t1 = e->t1_ms};

    if (plant_role_is_amount(s->role) && amount) {
        const struct amount a = amount_of(e, s);
        x.t0 = a.t0;
    } else if (!(plant_role_is_amount(s->role) && e->kind == SIGLOG_WATCH)) {
        return ERR_OK; /* of power its slots tell, once they are whole */
    }
    if (x.t1 <= w->in->from_ms || x.t0 >= w->in->to_ms)
        return ERR_OK;
    return layer_add(&w->watched[s - w->in->signal], &x);
}

/* Pieces whose tag names another unit as the one that made them count there. */
static bool is_ours(const struct work *w, const struct siglog_entry *e,
                    const struct cell_signal *s) {
    const struct plant *p = w->in->plant;

    if (s->tagged == 0 || (e->kind != SIGLOG_EVENT && e->kind != SIGLOG_ROW))
        return true;
    return plant_signal_takes(&p->signal[p->tagged[s->tagged - 1]], e->tag);
}

static enum err take(struct work *w, const struct siglog_entry *e, const struct cell_signal *s) {
    if (plant_role_is_amount(s->role)) {
        const bool fits =
            e->kind == SIGLOG_SPAN || e->kind == SIGLOG_EVENT || e->kind == SIGLOG_ROW;
        return fits ? take_amount(w, e, s) : ERR_OK;
    }
    if (w->unit->state_source == STATE_MTCONNECT &&
        (s->role == ROLE_STATE || plant_role_is_control(s->role)))
        return take_control(w, e, s);
    switch (s->role) {
    case ROLE_STATE:
        return take_machine(w, e);
    case ROLE_POWER:
    case ROLE_GAUGE:
        return take_slot(w, e, s);
    case ROLE_ORDER:
        return take_context(w, &w->order, e, s);
    case ROLE_PRODUCT:
        return take_context(w, &w->product, e, s);
    case ROLE_TEAM:
        return take_context(w, &w->team, e, s);
    case ROLE_HEADCOUNT:
        return take_context(w, &w->headcount, e, s);
    case ROLE_REASON:
        return take_context(w, &w->reason, e, s);
    default:
        return ERR_OK;
    }
}

static enum err take_breach(struct work *w, const struct siglog_entry *e) {
    const struct stretch x = {e->t0_ms, e->t1_ms, e->value, 0};

    return layer_add(&w->breach, &x);
}

static enum err take_all(struct work *w) {
    const struct cell_signal *s = NULL;

    for (size_t i = 0; i < w->in->entry_n; i++) {
        const struct siglog_entry *e = &w->in->entry[i];
        if (e->signal == CELL_BREACH) {
            const enum err entered = take_breach(w, e);
            if (entered != ERR_OK)
                return entered;
            continue;
        }
        if (s == NULL || s->signal != e->signal)
            s = signal_of(w->in, e->signal);
        if (s == NULL || (s->meter != 0 && w->in->alone) || !is_ours(w, e, s))
            continue;
        enum err err = take(w, e, s);
        if (err == ERR_OK)
            err = take_evidence(w, e, s);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

/* Word ids depend on who came first, texts do not. */
static int by_text(const struct stretch *a, const struct stretch *b, void *user) {
    const struct cell_words *words = user;
    const struct span x = words->text(words->user, (uint32_t)a->value);
    const struct span y = words->text(words->user, (uint32_t)b->value);
    const size_t n = x.n < y.n ? x.n : y.n;
    const int c = n > 0 ? memcmp(x.p, y.p, n) : 0;

    return c != 0 ? c : (x.n > y.n) - (x.n < y.n);
}

static int slot_compare(const void *a, const void *b) {
    const struct slot *x = a, *y = b;

    if (x->t0 != y->t0)
        return x->t0 < y->t0 ? -1 : 1;
    if (x->signal != y->signal)
        return x->signal < y->signal ? -1 : 1;
    return (x->t1 > y->t1) - (x->t1 < y->t1);
}

static void slots_sort(struct slot *at, size_t n) {
    for (size_t i = 1; i < n; i++) {
        if (slot_compare(&at[i - 1], &at[i]) > 0) {
            qsort(at, n, sizeof *at, slot_compare);
            return;
        }
    }
}

/* Parts of a signal's slot that differ in quality are one slot: one mean power, rounded once. Gives
 * how many are left. */
static size_t slots_merge(struct slot *at, size_t all) {
    size_t n = 0;

    for (size_t i = 0; i < all; i++) {
        const struct slot *s = &at[i];
        struct slot *last = n > 0 ? &at[n - 1] : NULL;
        if (last != NULL && last->t0 == s->t0 && last->signal == s->signal) {
            last->t1 += s->t1 - s->t0;
            last->value = (int64_t)((uint64_t)last->value + (uint64_t)s->value);
        } else {
            at[n++] = *s;
        }
    }
    return n;
}

/* The timeline must hold every slot that touches the range, whole. */
static void slots_reach(struct work *w) {
    for (size_t i = 0; i < w->slot_n; i++) {
        const struct slot *s = &w->slot[i];
        w->slot_max_ms = s->t1 - s->t0 > w->slot_max_ms ? s->t1 - s->t0 : w->slot_max_ms;
        if (s->t1 <= w->in->from_ms || s->t0 >= w->in->to_ms)
            continue;
        w->from_ms = s->t0 < w->from_ms ? s->t0 : w->from_ms;
        w->to_ms = s->t1 > w->to_ms ? s->t1 : w->to_ms;
    }
}

/* Power was watched where it was integrated. */
static enum err slots_watched(struct work *w, const struct slot *at, size_t n) {
    enum err e = ERR_OK;

    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        const struct cell_signal *s = signal_of(w->in, at[i].signal);
        const struct stretch x = {.t0 = at[i].t0, .t1 = at[i].t1};
        if (s != NULL && x.t1 > w->in->from_ms && x.t0 < w->in->to_ms)
            e = layer_add(&w->watched[s - w->in->signal], &x);
    }
    return e;
}

static enum err flatten_all(struct work *w) {
    struct cell_words words = *w->in->words;
    enum err e = layer_flatten(&w->order, by_text, &words);

    if (e == ERR_OK)
        e = layer_flatten(&w->product, by_text, &words);
    if (e == ERR_OK)
        e = layer_flatten(&w->team, by_text, &words);
    if (e == ERR_OK)
        e = layer_flatten(&w->headcount, NULL, NULL);
    if (e == ERR_OK)
        e = layer_flatten(&w->reason, by_text, &words);
    if (e == ERR_OK && w->unit->state_source == STATE_POWER)
        e = machine_by_power(w);
    if (e == ERR_OK && w->unit->state_source == STATE_COUNTS)
        e = machine_by_counts(w);
    if (e == ERR_OK && w->unit->state_source == STATE_MTCONNECT)
        e = mtconnect_make(w);
    if (e == ERR_OK)
        e = layer_flatten(&w->machine, NULL, NULL);
    return e == ERR_OK ? evidence_make(w) : e;
}

/* What the unit has is what the plant file says. Which signals have been heard of yet depends on
 * who connected first, and values must not (law L3). */
static void take_roles(struct work *w) {
    const struct plant *p = w->in->plant;

    for (size_t i = 0; i < w->unit->signal_n; i++) {
        const uint32_t at = w->unit->signal[i];
        const uint8_t role = at < p->signal_n ? p->signal[at].role : ROLE_NONE;
        if (at < p->signal_n && p->signal[at].meter != 0) {
            w->shared |= w->in->alone ? 0 : ROLE_BIT(role);
            continue;
        }
        w->has[role < ROLE_COUNT ? role : ROLE_NONE] = true;
        w->power_signals += role == ROLE_POWER;
        w->flows = w->flows || plant_role_is_flow((enum plant_role)role);
    }
    for (unsigned role = 0; role < ROLE_COUNT; role++)
        w->has[role] = w->has[role] || w->unit->entered >> role & 1;
}

enum err work_init(struct work *w, const struct cell_input *in) {
    *w = (struct work){
        .in = in, .unit = &in->plant->unit[in->unit], .from_ms = in->from_ms, .to_ms = in->to_ms};
    take_roles(w);
    w->watched = calloc(in->signal_n + 1, sizeof *w->watched);
    enum err e = w->watched == NULL ? ERR_NOMEM : take_all(w);
    if (e != ERR_OK)
        return e;
    slots_sort(w->slot, w->slot_n);
    w->slot_n = slots_merge(w->slot, w->slot_n);
    slots_reach(w);
    e = slots_watched(w, w->slot, w->slot_n);
    if (w->gauge_n > 0) {
        slots_sort(w->gauge, w->gauge_n);
        w->gauge_n = slots_merge(w->gauge, w->gauge_n);
    }
    if (w->common_n > 0 && e == ERR_OK) {
        slots_sort(w->common, w->common_n);
        w->common_n = slots_merge(w->common, w->common_n);
        e = slots_watched(w, w->common, w->common_n);
    }
    return e != ERR_OK ? e : flatten_all(w);
}

void work_fini(struct work *w) {
    layer_fini(&w->machine);
    layer_fini(&w->order);
    layer_fini(&w->product);
    layer_fini(&w->team);
    layer_fini(&w->headcount);
    layer_fini(&w->reason);
    layer_fini(&w->rows);
    layer_fini(&w->breach);
    for (unsigned k = 0; k < MTCONNECT_SIGNALS; k++)
        layer_fini(&w->control[k]);
    for (size_t i = 0; w->watched != NULL && i < w->in->signal_n; i++)
        layer_fini(&w->watched[i]);
    free(w->watched);
    for (unsigned k = 0; k < EVIDENCE_N; k++)
        layer_fini(&w->seen[k]);
    free(w->amount);
    free(w->counted);
    free(w->slot);
    free(w->common);
    free(w->gauge);
    free(w->piece);
}
