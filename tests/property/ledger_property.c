/* Laws of the ledger on random lives: [worlds [first seed]]. People with all sorts of rights draft,
 * propose, answer, try, submit, return, approve, withdraw and import whatever comes to their mind;
 * most of it is refused. Whatever is taken, after each step:
 *
 *  - floor: of no unit, product, operation, team and boundary is what is in force weaker than a
 *    superior norm that binds there, now or later;
 *  - rights: nothing in force from now on became weaker by who may not loosen, or went, nor, where
 *    ours took the place of ours, stricter by who may not tighten;
 *  - two: whoever approved a norm neither proposed nor imported it;
 *  - past: what was in force an hour ago still is, but for what was learnt within the day and for
 *    what others issued.
 *
 * The oracle compares in its own way: exact multiples of a small unit instead of conversions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"
#include "norm/ledger.h"
#include "simkit/line_plant.h"

enum { STEPS = 160, SCOPES = 3 * 3 * 3, MOMENTS = 5 };
#define DAY UTC_DAY_MS

static uint64_t state;

static uint64_t draw(void) { /* splitmix64 */
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static unsigned below(unsigned n) {
    return (unsigned)(draw() % n);
}

/* --- the plant and its people -------------------------------------------------------------------
 */

static const struct plant_operation operations[] = {{{"deburr"}, "Deburring"},
                                                    {{"count"}, "Counting"}};
static const struct plant_work work[] = {{0, 1, 0, INT64_MIN},
                                         {1, UINT32_MAX, 1, SIM_DAY0 + 35 * DAY}};

#define R(x) RIGHT_BIT(RIGHT_##x)
static const struct norm_grant grants[] = {
    {"office", R(PROPOSE) | R(APPROVE) | R(TIGHTEN) | R(LOOSEN) | R(IMPORT), ~0u, ~0u},
    {"board", R(APPROVE) | R(TIGHTEN) | R(LOOSEN) | R(IMPORT), ~0u, ~0u},
    {"tight", R(APPROVE) | R(TIGHTEN) | R(IMPORT), ~0u, ~0u},
    {"loose", R(APPROVE) | R(LOOSEN) | R(IMPORT), ~0u, ~0u},
    {"plain", R(APPROVE) | R(IMPORT), ~0u, ~0u},
    {"clerk", R(IMPORT), ~0u, ~0u},
    {"shop", R(PROPOSE), ~0u, ~0u}};
enum { PEOPLE = sizeof grants / sizeof *grants };

struct world {
    struct plant *plant;
    struct ledger_conf conf;
    struct ledger *ledger;
    int64_t now_ms;
    uint64_t seed;
    size_t taken;
};

static void fail(const struct world *w, const char *law, const char *what) {
    fprintf(stderr, "seed %llu, event %llu: %s: %s\n", (unsigned long long)w->seed,
            (unsigned long long)ledger_last(w->ledger), law, what);
    exit(1);
}

static bool may(const char *who, enum norm_right right) {
    for (unsigned i = 0; i < PEOPLE; i++)
        if (strcmp(grants[i].who, who) == 0)
            return grants[i].rights & RIGHT_BIT(right);
    return false;
}

/* --- the oracle ---------------------------------------------------------------------------------
 */

static const struct {
    const char *unit;
    double each; /* in hundredths of a Wh, in ten-thousandths */
} energy_units[] = {{"", 100000}, {"kWh", 100000}, {"Wh", 100}, {"KWH / piece", 100000}},
  share_units[] = {{"", 10000}, {"1", 10000}, {"%", 100}, {"percent", 100}};

static int64_t exact(const struct norm *n, double value) {
    for (unsigned i = 0; i < 4; i++) {
        if (n->indicator == IND_ENERGY_PER_GOOD && strcmp(energy_units[i].unit, n->unit) == 0)
            return llround(value * energy_units[i].each);
        if (n->indicator != IND_ENERGY_PER_GOOD && strcmp(share_units[i].unit, n->unit) == 0)
            return llround(value * share_units[i].each);
    }
    return llround(value * (n->indicator == IND_ENERGY_PER_GOOD ? 100000 : 10000));
}

static bool is_low(const struct norm *n) {
    return n->indicator != IND_TIME_UTILIZATION;
}

/* The end of a band that is worse, as of a value. */
static int64_t worse(const struct norm *n) {
    return exact(n, n->kind == NORM_VALUE ? n->value : is_low(n) ? n->high : n->low);
}

static bool weaker(const struct norm *a, const struct norm *b) {
    if (b->kind == NORM_STANDARD) {
        const int64_t low = exact(a, a->kind == NORM_VALUE ? a->value : a->low),
                      high = exact(a, a->kind == NORM_VALUE ? a->value : a->high);
        return low < exact(b, b->low) || high > exact(b, b->high);
    }
    return is_low(b) ? worse(a) > worse(b) : worse(a) < worse(b);
}

static bool both(const char *a, const char *b) {
    return !*a || !*b || strncmp(a, b, 4) == 0; /* however it is written */
}

struct spot { /* where something happens */
    uint32_t node;
    const char *product, *operation, *team;
};

static struct spot spot_of(const struct world *w, unsigned k, int64_t t_ms) {
    static const char *const product[] = {"", "bolt", "nut"}, *const team[] = {"", "red", "blue"};
    static const char *const node[] = {"line", "press", "pack"};
    struct spot s = {plant_find_node(w->plant, node[k / 9]), product[k / 3 % 3], "", team[k % 3]};
    if (k / 9 == 1 && k / 3 % 3 == 2)
        s.operation = "deburr";
    if (k / 9 == 2 && t_ms >= SIM_DAY0 + 35 * DAY)
        s.operation = "count";
    return s;
}

static bool covers(const struct world *w, const struct norm *n, const struct spot *s) {
    uint32_t node = s->node;
    const uint32_t of = *n->scope.node.s ? plant_find_node(w->plant, n->scope.node.s) : 0;
    while (node != UINT32_MAX && node != of)
        node = w->plant->node[node].parent;
    return node != UINT32_MAX &&
           (!*n->scope.product.s || strcmp(n->scope.product.s, s->product) == 0) &&
           (!*n->scope.operation.s || strcmp(n->scope.operation.s, s->operation) == 0) &&
           (!*n->scope.team.s || strcmp(n->scope.team.s, s->team) == 0);
}

static const struct norm *in_force(const struct world *w, enum indicator i, const struct spot *s,
                                   int64_t t_ms) {
    const struct ledger_scope of = {s->node, s->product, NULL, s->team};
    return ledger_in_force(w->ledger, i, &of, t_ms, NULL);
}

static const enum indicator subject[] = {IND_TIME_UTILIZATION, IND_SCRAP_RATIO,
                                         IND_ENERGY_PER_GOOD};
enum { SUBJECTS = 3 };

/* One of ours of another boundary is what is looked at there: b is none of its superiors, nor of
 * what holds in its place. */
static bool is_of_another(const struct world *w, enum indicator i, const struct spot *s,
                          int64_t t_ms, const struct norm *b) {
    for (size_t k = 0; k < ledger_count(w->ledger); k++) {
        const struct norm *n = ledger_at(w->ledger, k);
        if (norm_is_own(n) && n->indicator == i && norm_state_at(n, t_ms) == NORM_IN_FORCE &&
            covers(w, n, s) &&
            !(both(n->boundary, b->boundary) && both(n->capacity_class, b->capacity_class)))
            return true;
    }
    return false;
}

static void check_floor(const struct world *w, enum indicator i, const struct spot *s,
                        int64_t t_ms) {
    const struct norm *n = in_force(w, i, s, t_ms);
    char text[240];
    for (size_t k = 0; k < ledger_count(w->ledger); k++) {
        const struct norm *b = ledger_at(w->ledger, k);
        if (!b->binding || b->indicator != i || norm_state_at(b, t_ms) != NORM_IN_FORCE ||
            !covers(w, b, s))
            continue;
        if (!n)
            fail(w, "floor", "nothing is in force where something binds");
        /* Values outside of bands contradict each other. */
        if (n == b || !both(n->boundary, b->boundary) ||
            !both(n->capacity_class, b->capacity_class) || !weaker(n, b) ||
            (n->binding && (weaker(b, n) || is_of_another(w, i, s, t_ms, b))))
            continue;
        (void)snprintf(text, sizeof text, "%s %g %s is weaker than %s %g %s at %s %s %s %s",
                       n->id.s, n->value, n->unit, b->id.s, b->value, b->unit,
                       w->plant->node[s->node].id.s, s->product, s->operation, s->team);
        fail(w, "floor", text);
    }
}

/* --- what was in force before a step ------------------------------------------------------------
 */

static const int64_t ahead[MOMENTS] = {0, 2 * DAY, 5 * DAY, 12 * DAY, 40 * DAY};

struct held {
    struct norm norm; /* its texts are the ledger's: nothing is freed while the world stands */
    bool any;
};
static struct held held[SUBJECTS][SCOPES][MOMENTS], past[SUBJECTS][SCOPES];

static void note(struct held *h, const struct norm *n) {
    h->any = n != NULL;
    if (n)
        h->norm = *n;
}

static void remember(const struct world *w) {
    for (unsigned i = 0; i < SUBJECTS; i++)
        for (unsigned k = 0; k < SCOPES; k++) {
            for (unsigned m = 0; m < MOMENTS; m++) {
                const struct spot s = spot_of(w, k, w->now_ms + ahead[m]);
                note(&held[i][k][m], in_force(w, subject[i], &s, w->now_ms + ahead[m]));
            }
            const struct spot s = spot_of(w, k, w->now_ms - UTC_HOUR_MS);
            note(&past[i][k], in_force(w, subject[i], &s, w->now_ms - UTC_HOUR_MS));
        }
}

static void broken(const struct world *w, const struct ledger_command *c, const struct norm *was,
                   const struct norm *now, const struct spot *s, int64_t t_ms, const char *what) {
    char text[320];
    (void)snprintf(text, sizeof text,
                   "%s of %s by %s, at %s %s %s %s in %lld h: %s %g %s -> %s %g %s: %s",
                   ledger_action_name((enum ledger_action)c->action), c->id.s, c->who,
                   w->plant->node[s->node].id.s, s->product, s->operation, s->team,
                   (long long)((t_ms - w->now_ms) / UTC_HOUR_MS), was->id.s, was->value, was->unit,
                   now ? now->id.s : "none", now ? now->value : NAN, now ? now->unit : "", what);
    fail(w, "rights", text);
}

static void check_one(const struct world *w, const struct ledger_command *c, const struct held *was,
                      const struct norm *now, const struct spot *s, int64_t t_ms) {
    if (!was->any || (now && ident_equal(&now->id, &was->norm.id)))
        return;
    if (!now) {
        if (!may(c->who, RIGHT_LOOSEN))
            broken(w, c, &was->norm, now, s, t_ms, "it went");
        return;
    }
    /* What binds holds, also where it contradicts what held; a band of the law may forbid better.
     */
    if (now->binding && (weaker(&was->norm, now) || (c->norm && c->norm->kind == NORM_STANDARD)))
        return;
    if (weaker(now, &was->norm) && !may(c->who, RIGHT_LOOSEN))
        broken(w, c, &was->norm, now, s, t_ms, "weaker");
    if (norm_is_own(now) && norm_is_own(&was->norm) && weaker(&was->norm, now) &&
        !may(c->who, RIGHT_TIGHTEN))
        broken(w, c, &was->norm, now, s, t_ms, "stricter");
}

static void check_two(const struct world *w, const char *id, const char *importer) {
    const struct norm *n = ledger_find(w->ledger, id);
    if (!n || n->state != NORM_APPROVED || !norm_is_own(n))
        return;
    if (strcmp(n->approved_by, n->proposed_by) == 0 || strcmp(n->approved_by, importer) == 0)
        fail(w, "two", n->approved_by);
}

static void check(const struct world *w, const struct ledger_command *c, const char *id) {
    for (unsigned i = 0; i < SUBJECTS; i++)
        for (unsigned k = 0; k < SCOPES; k++) {
            for (unsigned m = 0; m < MOMENTS; m++) {
                const int64_t t = w->now_ms + ahead[m];
                const struct spot s = spot_of(w, k, t);
                check_floor(w, subject[i], &s, t);
                check_one(w, c, &held[i][k][m], in_force(w, subject[i], &s, t), &s, t);
            }
            const struct spot s = spot_of(w, k, w->now_ms - UTC_HOUR_MS);
            const struct norm *n = in_force(w, subject[i], &s, w->now_ms - UTC_HOUR_MS);
            const bool same = past[i][k].any ? n && ident_equal(&n->id, &past[i][k].norm.id) : !n;
            if (!same && c->action != LEDGER_IMPORT)
                fail(w, "past", ledger_action_name((enum ledger_action)c->action));
        }
    check_two(w, id, ledger_imported_by(w->ledger, ledger_find(w->ledger, id)));
}

/* --- what people think of -----------------------------------------------------------------------
 */

static struct ident any_of(const char *const *of, unsigned n) {
    struct ident id = {""};
    const char *word = of[below(n)];
    if (*word && !ident_set(&id, span_str(word)))
        abort();
    return id;
}

static struct norm any_norm(const struct world *w, bool superior) {
    static const char *const node[] = {"", "", "line", "press", "pack"},
                             *const product[] = {"", "", "bolt", "nut"},
                             *const operation[] = {"", "", "", "deburr", "count"},
                             *const team[] = {"", "", "", "red", "blue"},
                             *const boundary[] = {"", "", "", "Hall  one", "hall one", "shop"},
                             *const class_of[] = {"", "", "", "", "over 100 t", "OVER 100 t"};
    struct norm n;
    norm_init(&n);
    n.indicator = (uint8_t)subject[below(SUBJECTS)];
    n.scope = (struct norm_scope){any_of(node, 5), any_of(product, 4), any_of(operation, 5),
                                  any_of(team, 5)};
    const unsigned u = below(4);
    const bool energy = n.indicator == IND_ENERGY_PER_GOOD;
    const double step = energy ? 1 / energy_units[u].each : 1 / share_units[u].each;
    n.unit = energy ? energy_units[u].unit : share_units[u].unit;
    n.value = (200 + 100 * below(7)) * step * (energy ? 100 : 1);
    if (below(5) == 0) {
        n.kind = NORM_STANDARD;
        n.low = n.value;
        n.high = n.value + 300 * step * (energy ? 100 : 1);
        n.value = NAN;
    }
    n.boundary = boundary[below(6)];
    n.capacity_class = class_of[below(6)];
    n.from_ms = w->now_ms + ((int64_t)below(14) - (superior ? 8 : 1)) * DAY;
    n.ceiling_reason = "because";
    n.basis.kind = below(2) ? BASIS_CALCULATED : BASIS_NONE;
    if (superior) {
        n.origin = (uint8_t)(ORIGIN_STATE + below(4));
        n.binding = below(2);
        n.source = "an office";
        n.source_ms = SIM_DAY0;
        n.document = "a decree";
    }
    return n;
}

/* As of a document: who is said to have done what. */
static void document(const struct world *w, struct norm *n) {
    n->state = (uint8_t)(below(3) ? NORM_APPROVED : NORM_DRAFT + below(5));
    n->proposed_by = grants[below(PEOPLE)].who;
    n->approved_by = grants[below(PEOPLE)].who;
    n->document = "an order";
    n->correction = "better";
    if (below(2)) {
        n->answered_ms = w->now_ms - (int64_t)below(4) * DAY;
        n->answered_by = grants[below(PEOPLE)].who;
        n->answer = "well";
    }
}

static const char *any_id(const struct world *w) {
    const size_t n = ledger_count(w->ledger);
    return n ? ledger_at(w->ledger, draw() % n)->id.s : "";
}

static void step(struct world *w) {
    static const enum ledger_action often[] = {
        LEDGER_PROPOSE, LEDGER_PROPOSE, LEDGER_ANSWER,   LEDGER_ANSWER,   LEDGER_SUBMIT,
        LEDGER_SUBMIT,  LEDGER_APPROVE, LEDGER_APPROVE,  LEDGER_APPROVE,  LEDGER_RETURN,
        LEDGER_DRAFT,   LEDGER_TRIAL,   LEDGER_WITHDRAW, LEDGER_WITHDRAW, LEDGER_IMPORT,
        LEDGER_IMPORT,  LEDGER_IMPORT};
    const bool superior = below(2);
    struct ledger_command c = {.action = (uint8_t)often[below(sizeof often / sizeof *often)],
                               .who = grants[below(PEOPLE)].who,
                               .why = "because",
                               .accept = below(8) != 0,
                               .at_ms = NORM_NO_TIME,
                               .due_ms = NORM_NO_TIME};
    struct norm n = any_norm(w, c.action == LEDGER_IMPORT && superior);
    if (c.action == LEDGER_IMPORT && below(6) == 0)
        n.withdrawn_ms = n.from_ms + (int64_t)below(20) * DAY;
    struct ledger_answer a;
    char made[16];
    const bool makes = c.action == LEDGER_IMPORT ||
                       ((c.action == LEDGER_PROPOSE || c.action == LEDGER_DRAFT) && below(4));
    (void)snprintf(made, sizeof made, "n-%zu", ledger_count(w->ledger));
    const char *id = makes ? made : any_id(w);
    if (*id && !ident_set(&c.id, span_str(id)))
        abort();
    if (c.action == LEDGER_IMPORT && !superior)
        document(w, &n);
    if (c.action == LEDGER_WITHDRAW && below(2))
        c.at_ms = w->now_ms + (int64_t)below(20) * DAY;
    n.trial.from_ms = w->now_ms;
    n.trial.to_ms = w->now_ms + DAY;
    if (c.action != LEDGER_APPROVE || below(2))
        c.norm = &n;
    remember(w);
    if (ledger_apply(w->ledger, &c, w->now_ms, &a) == ERR_OK) {
        w->taken++;
        check(w, &c, a.id.s);
    }
    if (below(3) == 0)
        w->now_ms += (int64_t)below(3 * 24) * UTC_HOUR_MS;
}

int main(int argc, char **argv) {
    const uint64_t worlds = argc > 1 ? strtoull(argv[1], NULL, 10) : 100;
    const uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    size_t taken = 0, norms = 0;
    struct world w = {0};
    if (line_plant_open(&w.plant))
        return 1;
    w.plant->operation = operations;
    w.plant->operation_n = 2;
    w.plant->work = work;
    w.plant->work_n = 2;
    ledger_conf_init(&w.conf);
    w.conf.grant = grants;
    w.conf.grant_n = PEOPLE;
    for (w.seed = first; w.seed < first + worlds; w.seed++) {
        state = w.seed * UINT64_C(0x2545f4914f6cdd1d);
        if (ledger_open(&w.conf, &w.ledger))
            return 1;
        ledger_bind(w.ledger, w.plant);
        w.now_ms = SIM_DAY0 + 30 * DAY;
        for (unsigned i = 0; i < STEPS; i++)
            step(&w);
        norms += ledger_count(w.ledger);
        ledger_close(w.ledger);
    }
    taken = w.taken;
    plant_close(w.plant);
    printf("%llu worlds, %zu norms, %zu commands taken of %llu\n", (unsigned long long)worlds,
           norms, taken, (unsigned long long)worlds * STEPS);
    return taken > worlds ? 0 : 1;
}
