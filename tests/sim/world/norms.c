#include "simworld/norms.h"

#include <stdio.h>

#include "norm/field.h"
#include "simkit/line_plant.h"

enum { SEEDS_APART = 3, VALID_AHEAD_DAYS = 60 };

static const struct norm_grant grants[] = {
    {"office", RIGHT_BIT(RIGHT_APPROVE) | RIGHT_BIT(RIGHT_TIGHTEN) | RIGHT_BIT(RIGHT_LOOSEN), ~0u,
     ~0u}};

static const enum indicator indicators[] = {IND_OEE, IND_TIME_UTILIZATION, IND_SCRAP_RATIO};

/* All the way, returned and proposed anew, or given up. */
static const struct norms_story stories[] = {
    {.action = {LEDGER_DRAFT, LEDGER_PROPOSE, LEDGER_ANSWER, LEDGER_SUBMIT, LEDGER_APPROVE},
     .n = 5},
    {.action = {LEDGER_PROPOSE, LEDGER_RETURN, LEDGER_PROPOSE, LEDGER_ANSWER, LEDGER_SUBMIT,
                LEDGER_APPROVE},
     .n = 6},
    {.action = {LEDGER_DRAFT, LEDGER_DRAFT, LEDGER_WITHDRAW}, .n = 3}};

void norms_init(struct norms *x, uint64_t seed, struct station *s) {
    *x = (struct norms){.at_work = seed % SEEDS_APART == 1};
    x->rng.state = seed * UINT64_C(0x9e3779b97f4a7c15) + 11;
    ledger_conf_init(&x->conf);
    x->conf.grant = grants;
    x->conf.grant_n = 1;
    for (size_t i = 0; i < NORMS_MAX; i++)
        x->story[i] = stories[rng_below(&x->rng, sizeof stories / sizeof *stories)];
    if (x->at_work)
        s->conf.norms = &x->conf;
}

/* Step k of norm i says something of its own, so that a wrong one would show. */
static struct norm content(size_t i, size_t k) {
    struct norm n;
    norm_init(&n);
    n.indicator = (uint8_t)indicators[i % 3];
    n.scope.node = (struct ident){"press"};
    n.value = 0.5 + 0.01 * (double)i + 0.001 * (double)k;
    n.basis.mean = 0.01; /* all lie between */
    n.basis.best = 1;
    n.from_ms = SIM_DAY0 + (int64_t)(VALID_AHEAD_DAYS + i) * UTC_DAY_MS;
    return n;
}

static bool is_by_office(uint8_t action) {
    return action == LEDGER_ANSWER || action == LEDGER_RETURN || action == LEDGER_APPROVE;
}

static const char *send(struct norms *x, size_t i, struct station *s) {
    struct norms_story *story = &x->story[i];
    const uint8_t action = story->action[story->at];
    const struct norm n = content(i, story->at);
    const bool writes = action == LEDGER_DRAFT || action == LEDGER_PROPOSE;
    struct ledger_answer out;
    char key[24];
    struct ledger_command c = {.action = action,
                               .who = is_by_office(action) ? "office" : "shop",
                               .why = "because",
                               .accept = true,
                               .norm = writes ? &n : NULL,
                               .at_ms = NORM_NO_TIME,
                               .due_ms = NORM_NO_TIME};
    (void)snprintf(c.id.s, sizeof c.id.s, "norm-of-%zu", i);
    (void)snprintf(key, sizeof key, "n-%zu-%zu", i, story->at);
    c.key = span_str(key);
    if (core_on_norm(s->core, &c, s->now, &out))
        return "a command of the ledger is refused that makes sense";
    const uint64_t known = story->event[story->at];
    if (known && known != out.n && out.repeated)
        return "a command of the ledger has another number than before";
    story->event[story->at] = out.n;
    if (core_norm_durable(s->core, out.n))
        story->at++;
    return NULL;
}

const char *norms_step(struct norms *x, struct station *s, bool more) {
    const char *wrong = NULL;
    if (!x->at_work || !s->core)
        return NULL;
    for (size_t i = 0; i < NORMS_MAX && !wrong; i++)
        if (x->story[i].at < x->story[i].n && rng_ppm(&x->rng, more ? 30000 : 700000))
            wrong = send(x, i, s);
    station_effects(s);
    return wrong;
}

void norms_forget(struct norms *x) {
    for (size_t i = 0; i < NORMS_MAX; i++) {
        x->story[i].at = 0;
        for (size_t k = 0; k < NORMS_STEPS; k++)
            x->story[i].event[k] = 0;
    }
}

bool norms_answered(const struct norms *x) {
    for (size_t i = 0; i < NORMS_MAX && x->at_work; i++)
        if (x->story[i].at < x->story[i].n)
            return false;
    return true;
}

/* --- at the end ---------------------------------------------------------------------------------
 */

static const char *each_once(const struct norms *x, const struct ledger *l) {
    size_t steps = 0;
    for (size_t i = 0; i < NORMS_MAX; i++) {
        uint64_t last = 0;
        for (size_t k = 0; k < x->story[i].n; k++, steps++) {
            const struct ledger_event *e = ledger_event(l, x->story[i].event[k]);
            char key[48];
            (void)snprintf(key, sizeof key, "n-%zu-%zu", i, k);
            if (!e || !span_equal(e->key, span_str(key)) || e->n <= last)
                return "a command that was answered is not in the ledger, or out of order";
            last = e->n;
        }
    }
    return steps == ledger_last(l) ? NULL : "the ledger holds events that nobody sent";
}

/* The norm says what its last writing said, and stands where its story ends. */
static const char *as_told(const struct norms *x, const struct ledger *l) {
    for (size_t i = 0; i < NORMS_MAX; i++) {
        const struct norms_story *story = &x->story[i];
        char id[24];
        size_t written = 0;
        (void)snprintf(id, sizeof id, "norm-of-%zu", i);
        const struct norm *n = ledger_find(l, id);
        for (size_t k = 0; k < story->n; k++)
            written = story->action[k] == LEDGER_DRAFT || story->action[k] == LEDGER_PROPOSE
                          ? k
                          : written;
        const bool ends = story->action[story->n - 1] == LEDGER_APPROVE;
        const double value = content(i, written).value;
        if (!n || n->state != (ends ? NORM_APPROVED : NORM_WITHDRAWN) || n->value < value ||
            n->value > value)
            return "a norm is not what was said of it";
    }
    return NULL;
}

static const char *same_again(const struct ledger *l, const struct plant *p) {
    struct ledger_conf conf;
    struct ledger *again = NULL;
    struct buf bytes;
    const char *wrong = NULL;
    ledger_conf_init(&conf);
    if (ledger_open(&conf, &again))
        return "out of memory";
    ledger_bind(again, p);
    buf_init(&bytes);
    for (uint64_t n = 1; n <= ledger_last(l) && !wrong; n++) {
        buf_reset(&bytes);
        if (ledger_pack(l, n, &bytes) || ledger_take(again, n, buf_span(&bytes)))
            wrong = "an event of the ledger cannot be taken again";
    }
    for (size_t i = 0; i < ledger_count(l) && !wrong; i++)
        if (!norm_equal(ledger_at(l, i), ledger_at(again, i)) ||
            ledger_at(l, i)->to_ms != ledger_at(again, i)->to_ms)
            wrong = "the same events make other norms";
    buf_fini(&bytes);
    ledger_close(again);
    return wrong;
}

const char *norms_audit(const struct norms *x, const struct station *s) {
    if (!x->at_work)
        return NULL;
    const struct ledger *l = core_norms(s->core);
    const char *wrong = each_once(x, l);
    if (!wrong)
        wrong = as_told(x, l);
    return wrong ? wrong : same_again(l, s->plant);
}
