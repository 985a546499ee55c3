#include "simworld/people.h"

#include <stdio.h>
#include <stdlib.h>

#include "cell/factor.h"
#include "simkit/line_plant.h"

enum {
    SEEDS_APART = 3,
    BACK_MINUTES = 40,
    PLAN_BACK_MINUTES = 55,
    LAST_MINUTES = 25,
    FACTOR_HOURS = 12
};

void people_init(struct people *p, uint64_t seed, bool crew) {
    *p = (struct people){.at_work = seed % SEEDS_APART == 0, .crew = crew};
    p->rng.state = seed * UINT64_C(0x9e3779b97f4a7c15) + 7;
}

static bool any_fits(const struct plant *plant) {
    char why[CELL_FACTOR_WHY];
    for (uint32_t i = 0; i < plant->signal_n; i++)
        if (cell_factor_fits(plant, i, why))
            return true;
    return false;
}

void people_of_meters(struct people *p, uint64_t seed, const struct plant *plant) {
    people_init(p, seed, false);
    p->plant = plant;
    p->at_work = seed % SEEDS_APART != 0 && any_fits(plant);
}

static const char *const products[] = {"bolt", "nut"}, *const teams[] = {"green", "gold", "red"},
                         *const orders[] = {"bolt", "nut", "o-3"},
                         *const causes[] = {"material", "operator", "quality", "other"};

#define PICK(rng, list) span_str((list)[rng_below((rng), sizeof(list) / sizeof *(list))])

/* Of a meter that cells tell apart: two factors of others could not be taken back one by one. */
static void draw_factor(struct people *p, struct act *a, int64_t now_ms) {
    static const int64_t num[] = {2, 1, 1000, 7, 3}, den[] = {1, 3, 1237, 5, 1000000};
    struct rng *rng = &p->rng;
    const size_t k = rng_below(rng, sizeof num / sizeof *num);
    size_t signal = rng_below(rng, p->plant->signal_n);
    char why[CELL_FACTOR_WHY];
    while (!cell_factor_fits(p->plant, (uint32_t)signal, why))
        signal = (signal + 1) % p->plant->signal_n;
    a->kind = ACT_FACTOR;
    a->agent = span_str(p->plant->signal[signal].agent.s);
    a->point = span_str(p->plant->signal[signal].point);
    a->value = num[k];
    a->value2 = den[k];
    a->t0_ms = now_ms - rng_between(rng, 1, FACTOR_HOURS * UTC_HOUR_MS);
    a->t1_ms = a->t0_ms + rng_between(rng, 1, FACTOR_HOURS * UTC_HOUR_MS);
    a->t1_ms = a->t1_ms < now_ms ? a->t1_ms : rng_ppm(rng, 500000) ? now_ms : ACT_FOR_GOOD;
}

/* What the simulated plant's people may enter: scrap and material at the press, product and
 * headcount at the packer for good; team at the press for a while, plans of its orders and of
 * spans; causes everywhere. */
static void draw(struct people *p, struct act *a, int64_t now_ms) {
    struct rng *rng = &p->rng;
    if (p->plant) {
        draw_factor(p, a, now_ms);
        return;
    }
    a->t0_ms = now_ms - rng_between(rng, 0, BACK_MINUTES * UTC_MINUTE_MS);
    a->t1_ms = a->t0_ms + rng_between(rng, 1, LAST_MINUTES * UTC_MINUTE_MS);
    a->t1_ms = a->t1_ms < now_ms ? a->t1_ms : now_ms;
    a->unit = span_str("press");
    switch (rng_below(rng, 10)) {
    case 0:
        a->kind = ACT_SCRAP;
        a->value = rng_between(rng, 1, 9) * 1000000;
        a->product = rng_ppm(rng, 500000) ? PICK(rng, products) : span_str("");
        break;
    case 1:
        a->kind = ACT_MATERIAL;
        a->value = rng_between(rng, 1, 9000000);
        a->t1_ms = a->t0_ms;
        break;
    case 2:
        a->kind = ACT_TEAM;
        a->text = PICK(rng, teams);
        break;
    case 3:
        a->kind = ACT_PRODUCT;
        a->unit = span_str("pack");
        a->text = PICK(rng, products);
        a->t1_ms = rng_ppm(rng, 500000) ? ACT_FOR_GOOD : a->t1_ms;
        break;
    case 4:
        a->kind = ACT_HEADCOUNT;
        a->unit = span_str("pack");
        a->value = rng_between(rng, 0, 5);
        if (rng_ppm(rng, 500000) && !p->crew)
            a->t1_ms = ACT_FOR_GOOD;
        break;
    case 5:
    case 6: /* of an order, often one of which hours are told already */
        a->kind = ACT_PLAN;
        a->t0_ms = now_ms - rng_between(rng, 0, PLAN_BACK_MINUTES * UTC_MINUTE_MS);
        a->text = PICK(rng, orders);
        a->product = PICK(rng, products);
        a->value = rng_between(rng, 0, 50) * 1000000;
        a->t1_ms = ACT_FOR_GOOD;
        break;
    case 7:
        a->kind = ACT_PLAN;
        a->value = rng_between(rng, 0, 50) * 1000000;
        break;
    default:
        a->kind = ACT_CAUSE;
        a->unit = rng_ppm(rng, 500000) ? span_str("press") : span_str("pack");
        a->text = PICK(rng, causes);
        break;
    }
    if (a->t1_ms <= a->t0_ms && a->kind != ACT_MATERIAL)
        a->t0_ms = a->t1_ms - 1;
}

/* One that nobody has voided yet, or none. */
static bool draw_void(struct people *p, struct people_entry *e) {
    size_t of = rng_below(&p->rng, p->n);
    bool done = p->at[of].act.kind == ACT_VOID || !p->at[of].answered;
    for (size_t i = 0; i < p->n; i++)
        done = done || (p->at[i].act.kind == ACT_VOID && p->at[i].of == of);
    e->act = (struct act){.kind = ACT_VOID};
    e->of = of;
    return !done;
}

static void append(struct people *p, struct people_entry *e) {
    snprintf(e->key, sizeof e->key, "e-%zu", p->n);
    e->act.key = span_str(e->key);
    e->act.who = span_str("shift");
    p->n++;
}

static bool is_void(const struct people *p, size_t of) {
    for (size_t i = 0; i < p->n; i++)
        if (p->at[i].act.kind == ACT_VOID && p->at[i].of == of)
            return true;
    return false;
}

/* In the end one that is there still. */
static void void_next(struct people *p) {
    for (size_t of = 0; of < p->n && p->n < PEOPLE_ENTRIES_MAX; of++) {
        struct people_entry *e = &p->at[p->n];
        if (p->at[of].act.kind == ACT_VOID || !p->at[of].answered || is_void(p, of))
            continue;
        *e = (struct people_entry){.act = {.kind = ACT_VOID}, .of = of};
        append(p, e);
        return;
    }
}

static void enter(struct people *p, int64_t now_ms) {
    struct people_entry *e = &p->at[p->n];
    *e = (struct people_entry){.of = SIZE_MAX};
    bool voids = p->n && rng_ppm(&p->rng, 150000);
    if (voids && !draw_void(p, e))
        return;
    if (!voids)
        draw(p, &e->act, now_ms);
    append(p, e);
}

/* A clock of ours that was set back may not have come to it yet. */
static bool too_early(enum err err, const struct core_act_answer *out) {
    return err == ERR_RANGE &&
           (strcmp(out->refusal.field, "to") == 0 || strcmp(out->refusal.field, "from") == 0);
}

static const char *send(struct people *p, struct people_entry *e, struct station *s) {
    struct core_act_answer out;
    if (e->act.kind == ACT_VOID) {
        if (!p->at[e->of].answered)
            return NULL;
        if (p->plant && !p->at[e->of].n) { /* it was refused */
            e->answered = true;
            return NULL;
        }
        e->act.value = (int64_t)p->at[e->of].n;
    }
    bool known = e->n != 0 && e->answered;
    enum err err = core_on_act(s->core, &e->act, s->now, &out);
    if (too_early(err, &out)) {
        if (p->plant) { /* it reaches back too far, or does so by now */
            e->n = 0;
            e->answered = true;
        }
        return NULL;
    }
    if (err)
        return "an entry is refused that makes sense";
    if (known && (!out.repeated || out.n != e->n))
        return "an entry that was answered is taken again";
    e->n = out.n;
    e->answered = e->answered || core_act_durable(s->core, out.n);
    return NULL;
}

const char *people_step(struct people *p, struct station *s, bool more) {
    const char *wrong = NULL;
    if (!p->at_work || !s->core)
        return NULL;
    size_t most = p->plant ? PEOPLE_ENTRIES_MAX / 2 : PEOPLE_ENTRIES_MAX;
    if (more && p->n < most && rng_ppm(&p->rng, 60000))
        enter(p, s->now.wall_ms);
    if (!more && p->plant)
        void_next(p);
    for (size_t i = 0; i < p->n && !wrong; i++)
        if (!p->at[i].answered || rng_ppm(&p->rng, 5000)) /* some send twice */
            wrong = send(p, &p->at[i], s);
    station_effects(s);
    return wrong;
}

void people_forget(struct people *p) {
    for (size_t i = 0; i < p->n; i++)
        p->at[i].answered = false;
}

bool people_answered(const struct people *p) {
    for (size_t i = 0; i < p->n && p->plant && p->at_work; i++)
        if (p->at[i].act.kind != ACT_VOID && !is_void(p, i))
            return false;
    for (size_t i = 0; i < p->n; i++)
        if (!p->at[i].answered)
            return false;
    return true;
}

/* Of two that claim one moment the later one holds: the order of their numbers is part of what they
 * say. */
enum err people_play(const struct people *p, struct station *s) {
    uint64_t last = 0;
    for (size_t played = 0; played < p->n; played++) {
        const struct people_entry *next = NULL;
        struct core_act_answer out;
        for (size_t i = 0; i < p->n; i++)
            if (p->at[i].n > last && (!next || p->at[i].n < next->n))
                next = &p->at[i];
        if (!next)
            return ERR_STATE;
        last = next->n;
        struct act a = next->act;
        for (size_t i = 0; i < core_acts(s->core) && a.kind == ACT_VOID; i++) {
            struct core_act x;
            core_act_view(s->core, i, &x);
            if (span_equal(x.act->key, p->at[next->of].act.key))
                a.value = (int64_t)x.n;
        }
        if (core_on_act(s->core, &a, s->now, &out) || out.repeated)
            return ERR_STATE;
    }
    station_effects(s);
    return ERR_OK;
}
