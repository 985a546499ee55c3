/* Whether an act makes sense. Every refusal names the field and says what would do. */
#include "act/act.h"

#include <stdio.h>

#include "base/utc.h"
#include "cell/sums.h"

/* What people plan may lie ahead, but nobody has counted what is still to come. */
#define AHEAD_MAX_MS (7 * UTC_DAY_MS)
#define PLAN_AHEAD_MAX_MS (100 * UTC_DAY_MS)
#define CLOCKS_DIFFER_MS (5 * UTC_MINUTE_MS)
#define AMOUNT_MAX (INT64_C(1) << 53) /* millionths, uWh: 9 thousand million pieces */
enum { FACTOR_MAX = 1000000000, RATIO_MAX = 1000000, PERSONS_MAX = 10000, NEAREST_MAX = 64 };

__attribute__((format(printf, 3, 4))) static bool refuse(struct act_refusal *why, const char *field,
                                                         const char *fmt, ...) {
    va_list args;
    why->field = field;
    va_start(args, fmt);
    vsnprintf(why->why, sizeof why->why, fmt, args);
    va_end(args);
    return false;
}

static bool is_text(struct span s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return true;
}

static void text_of(struct span s, char out[IDENT_MAX + 1]) {
    size_t n = s.n < IDENT_MAX ? s.n : IDENT_MAX;
    if (n)
        memcpy(out, s.p, n);
    out[n] = 0;
}

/* --- names ------------------------------------------------------------------------------------ */

static bool unknown_id(struct act_refusal *why, const char *field, struct span id,
                       const char *const *candidate, size_t n) {
    char word[IDENT_MAX + 1];
    text_of(id, word);
    const char *near = ident_nearest(word, candidate, n);
    return refuse(why, field, "%s %s is not in the plant file%s%s%s.", field, word,
                  near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static bool check_unit(const struct act *a, const struct plant *p, uint32_t *unit,
                       struct act_refusal *why) {
    const char *candidate[NEAREST_MAX];
    size_t n = 0;
    char id[IDENT_MAX + 1];
    text_of(a->unit, id);
    *unit = a->unit.n && a->unit.n <= IDENT_MAX ? plant_find_unit(p, id) : UINT32_MAX;
    if (*unit != UINT32_MAX)
        return true;
    if (a->unit.n == 0)
        return refuse(why, "unit", "the unit is missing: which machine or place of work is it?");
    for (; n < p->unit_n && n < NEAREST_MAX; n++)
        candidate[n] = p->unit[n].id.s;
    return unknown_id(why, "unit", a->unit, candidate, n);
}

static bool check_product(const struct plant *p, const char *field, struct span product,
                          struct act_refusal *why) {
    const char *candidate[NEAREST_MAX];
    size_t n = 0;
    if (product.n == 0 || plant_find_product(p, product) != UINT32_MAX)
        return true;
    for (; n < p->product_n && n < NEAREST_MAX; n++)
        candidate[n] = p->product[n].id.s;
    return unknown_id(why, field, product, candidate, n);
}

/* Of the reasons that may be given at the unit, up to `most`. */
static size_t add_reasons(const struct plant *p, enum plant_reason_kind kind, uint32_t unit,
                          const char **candidate, size_t n, size_t most) {
    for (uint32_t i = 0; i < p->reason_n && n < most; i++)
        if (p->reason[i].kind == kind && plant_reason_fits(p, i, unit))
            candidate[n++] = p->reason[i].id.s;
    return n;
}

/* Of a reason that the plant has, but not for this. False. */
static bool others_reason(const struct plant *p, uint32_t known, enum plant_reason_kind kind,
                          const char *field, uint32_t unit, struct act_refusal *why) {
    const char *word = p->reason[known].id.s;
    if (p->reason[known].kind != kind)
        return refuse(why, field,
                      kind == REASON_STOP ? "%s is a reason of scrap, not of stops."
                                          : "%s is a reason of stops, not of scrap.",
                      word);
    return refuse(why, field, "%s is no reason of %s: the plant file gives it to others.", word,
                  p->unit[unit].id.s);
}

/* Causes, and the reasons of stops that the plant has for this unit. */
static bool unknown_cause(const struct act *a, const struct plant *p, uint32_t unit,
                          struct act_refusal *why) {
    const char *candidate[CAUSE_COUNT + NEAREST_MAX];
    const uint32_t known = plant_find_reason(p, a->text);
    char word[IDENT_MAX + 1];
    size_t n = 0;
    text_of(a->text, word);
    if (known != UINT32_MAX)
        return others_reason(p, known, REASON_STOP, "text", unit, why);
    for (; n < CAUSE_COUNT; n++)
        candidate[n] = cause_name((enum cause)n);
    n = add_reasons(p, REASON_STOP, unit, candidate, n, CAUSE_COUNT + NEAREST_MAX);
    const char *near = ident_nearest(word, candidate, n);
    return refuse(
        why, "text", "%s is no cause and no reason of %s%s%s%s; legal are failure, material ...",
        word, p->unit[unit].id.s, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static bool check_cause(const struct act *a, const struct plant *p, uint32_t unit,
                        struct act_refusal *why) {
    if (span_equal(a->text, span_str(cause_name(CAUSE_MICRO_STOP))))
        return refuse(why, "text", "a micro-stop follows from its length and is not stated.");
    for (unsigned k = 0; k < CAUSE_COUNT; k++)
        if (span_equal(a->text, span_str(cause_name((enum cause)k))))
            return true;
    return plant_stop_reason(p, a->text, unit) != UINT32_MAX || unknown_cause(a, p, unit, why);
}

/* A plant without a tree of reasons takes any words: there is nothing to hold them against. */
static bool check_scrap_reason(const struct act *a, const struct plant *p, uint32_t unit,
                               struct act_refusal *why) {
    const char *candidate[NEAREST_MAX];
    const uint32_t known = plant_find_reason(p, a->reason);
    char word[IDENT_MAX + 1];
    bool tree = false;
    if (a->reason.n == 0 || plant_scrap_reason(p, a->reason, unit) != UINT32_MAX)
        return true;
    for (uint32_t i = 0; i < p->reason_n; i++)
        tree = tree || p->reason[i].kind == REASON_SCRAP;
    if (!tree)
        return true;
    if (known != UINT32_MAX)
        return others_reason(p, known, REASON_SCRAP, "reason", unit, why);
    text_of(a->reason, word);
    const size_t n = add_reasons(p, REASON_SCRAP, unit, candidate, 0, NEAREST_MAX);
    const char *near = ident_nearest(word, candidate, n);
    return refuse(why, "reason", "%s is no reason of scrap at %s%s%s%s", word, p->unit[unit].id.s,
                  near ? "; did you mean " : ".", near ? near : "", near ? "?" : "");
}

/* --- times ------------------------------------------------------------------------------------ */

static bool check_times(const struct act *a, const struct plant *p, int64_t now_ms,
                        struct act_refusal *why) {
    int64_t least = now_ms - p->keep_logs_ms;
    const bool for_good = a->t1_ms == ACT_FOR_GOOD, plan = a->kind == ACT_PLAN;
    const bool said_only = a->kind == ACT_NOTE || a->kind == ACT_HANDOVER;
    const int64_t most = now_ms + (plan ? PLAN_AHEAD_MAX_MS : AHEAD_MAX_MS);
    if (a->t0_ms > a->t1_ms)
        return refuse(why, "to", "it ends before it begins.");
    if (a->t0_ms < least && a->kind != ACT_FACTOR) /* it may act on minutes, too: reach.c */
        return refuse(why, "from",
                      "it lies further back than logs are kept (keep_logs, %lld days): what it "
                      "concerns can't be computed again.",
                      (long long)(p->keep_logs_ms / UTC_DAY_MS));
    if (a->t0_ms > most || (!for_good && a->t1_ms > most))
        return refuse(why, "from", "it lies more than %s ahead.", plan ? "100 days" : "a week");
    if (!act_is_context((enum act_kind)a->kind) && !said_only && !plan && !for_good &&
        a->t1_ms > now_ms + CLOCKS_DIFFER_MS)
        return refuse(why, "to", "it has not happened yet.");
    return true;
}

static bool check_interval(const struct act *a, struct act_refusal *why) {
    if (a->t1_ms == ACT_FOR_GOOD)
        return refuse(why, "to", "the end is missing.");
    if (act_is_amount((enum act_kind)a->kind) || a->t0_ms < a->t1_ms)
        return true;
    return refuse(why, "to", "the begin and the end are the same moment.");
}

/* --- by kind ---------------------------------------------------------------------------------- */

static bool has_signal(const struct plant *p, uint32_t unit, enum plant_role role) {
    const struct plant_unit *u = &p->unit[unit];
    for (size_t i = 0; i < u->signal_n; i++)
        if (p->signal[u->signal[i]].role == role && p->signal[u->signal[i]].meter == 0)
            return true;
    return false;
}

/* One source of truth per unit and quantity: what a signal tells, nobody enters beside it. */
static bool check_entered(const struct act *a, const struct plant *p, uint32_t unit,
                          struct act_refusal *why) {
    enum plant_role role = act_role((enum act_kind)a->kind);
    const struct plant_unit *u = &p->unit[unit];
    if (u->entered & ROLE_BIT(role))
        return true;
    if (has_signal(p, unit, role))
        return refuse(why, "kind",
                      "%s of %s is told by a signal; entered beside it, it would count "
                      "twice.",
                      plant_role_name(role), u->id.s);
    return refuse(why, "kind",
                  "the plant file does not say that people enter %s of %s: add `entered: [%s]` "
                  "there.",
                  plant_role_name(role), u->id.s, plant_role_name(role));
}

static bool check_context(const struct act *a, const struct plant *p, uint32_t unit,
                          struct act_refusal *why) {
    enum plant_role role = act_role((enum act_kind)a->kind);
    bool entered = p->unit[unit].entered & ROLE_BIT(role), told = has_signal(p, unit, role);
    bool needed = a->kind == ACT_ORDER || a->kind == ACT_PRODUCT; /* others have a usual value */
    if (!entered && !told && (needed || a->t1_ms == ACT_FOR_GOOD))
        return check_entered(a, p, unit, why);
    if (a->t1_ms == ACT_FOR_GOOD && !entered)
        return refuse(why, "to", "%s of %s is told by a signal: a correction needs an end.",
                      plant_role_name(role), p->unit[unit].id.s);
    if (a->t0_ms == a->t1_ms)
        return refuse(why, "to", "the begin and the end are the same moment.");
    if (a->kind == ACT_HEADCOUNT)
        return (a->value >= 0 && a->value <= PERSONS_MAX) ||
               refuse(why, "value", "persons are a whole number from 0 to %d.", PERSONS_MAX);
    if (a->kind == ACT_PRODUCT)
        return check_product(p, "text", a->text, why);
    if (a->kind == ACT_TEAM && !ident_check(a->text))
        return refuse(why, "text", "a team is an id: small letters, digits, - and _.");
    return true;
}

static bool check_amount(const struct act *a, const struct plant *p, uint32_t unit,
                         struct act_refusal *why) {
    if (a->value <= 0)
        return refuse(why, "value",
                      "the amount is to be more than 0; a wrong one is voided, not "
                      "entered with a minus.");
    if (a->value > AMOUNT_MAX)
        return refuse(why, "value", "the amount is to be at most %lld.",
                      (long long)(AMOUNT_MAX / 1000000));
    if (a->reason.n && a->kind != ACT_SCRAP && a->kind != ACT_REWORK)
        return refuse(why, "reason", "scrap and rework have a reason, %s has none.",
                      act_kind_name((enum act_kind)a->kind));
    return check_entered(a, p, unit, why) && check_interval(a, why) &&
           check_product(p, "product", a->product, why) && check_scrap_reason(a, p, unit, why);
}

static bool check_register(const struct act *a, const struct plant *p, uint32_t unit,
                           struct act_refusal *why) {
    if (a->value < 0 || a->value > AMOUNT_MAX * 1000)
        return refuse(why, "value", "a register shows no such reading.");
    return check_entered(a, p, unit, why) &&
           (a->t0_ms == a->t1_ms || refuse(why, "to", "a reading is of one moment."));
}

static bool has_cycle(const struct act *a, const struct plant *p, uint32_t unit) {
    const uint32_t product = plant_find_product(p, a->product);
    const struct plant_unit *u = &p->unit[unit];
    for (size_t i = 0; i < u->ideal_n; i++)
        if (u->ideal[i].product == product)
            return true;
    return a->product.n == 0;
}

static bool check_plan(const struct act *a, const struct plant *p, uint32_t unit,
                       struct act_refusal *why) {
    const bool order = a->text.n > 0;
    if (a->value < 0 || a->value > AMOUNT_MAX)
        return refuse(why, "value", "a plan is of 0 to %lld pieces; 0: nothing is planned.",
                      (long long)(AMOUNT_MAX / 1000000));
    if (!check_product(p, "product", a->product, why))
        return false;
    if (order && a->product.n == 0)
        return refuse(why, "product", "of which product is the order?");
    if (!has_cycle(a, p, unit))
        return refuse(why, "product", "%s has no ideal cycle of it: nothing to plan by.",
                      p->unit[unit].id.s);
    if (order)
        return a->t1_ms == ACT_FOR_GOOD ||
               refuse(why, "to", "an order goes on until it is made: give its begin alone.");
    return check_interval(a, why) &&
           (a->t0_ms < a->t1_ms || refuse(why, "to", "the begin and the end are the same moment."));
}

/* What acts on amounts does nothing to a gauge, a state, a word: it judges by what was told. */
static bool is_metered(const struct act *a, enum plant_role role) {
    return plant_role_is_amount(role) || (role == ROLE_POWER && a->kind == ACT_FACTOR);
}

static bool check_signal(const struct act *a, const struct plant *p, struct act_refusal *why) {
    struct ident agent;
    char point[ACT_TEXT_MAX + 1] = "";
    if (a->point.n <= ACT_TEXT_MAX && a->point.n)
        memcpy(point, a->point.p, a->point.n);
    const uint32_t signal =
        ident_set(&agent, a->agent) ? plant_find_signal(p, &agent, point) : UINT32_MAX;
    if (signal == UINT32_MAX)
        return refuse(why, "signal",
                      "the plant file has no such signal of such an agent; it is "
                      "written agent/point.");
    if (!is_metered(a, (enum plant_role)p->signal[signal].role))
        return refuse(why, "signal", "%s/%s tells %s: there is nothing that %s.", agent.s, point,
                      plant_role_name((enum plant_role)p->signal[signal].role),
                      a->kind == ACT_FACTOR ? "a factor could correct" : "a meter could step from");
    if (a->kind == ACT_REPLACE) {
        bool shown = a->value >= 0 && a->value2 >= 0 && a->value <= AMOUNT_MAX * 1000 &&
                     a->value2 <= AMOUNT_MAX * 1000;
        if (!shown)
            return refuse(why, "old_end", "a meter shows no such reading.");
        return a->t0_ms == a->t1_ms || refuse(why, "to", "a meter is replaced at one moment.");
    }
    if (a->value < 1 || a->value > FACTOR_MAX || a->value2 < 1 || a->value2 > FACTOR_MAX)
        return refuse(why, "value", "a factor is a fraction of whole numbers from 1 to %d.",
                      FACTOR_MAX);
    if (a->value / a->value2 > RATIO_MAX || a->value2 / a->value > RATIO_MAX)
        return refuse(why, "value", "a factor changes a meter a million times at most.");
    return true;
}

static bool check_breach(const struct act *a, const struct plant *p, uint32_t unit,
                         struct act_refusal *why) {
    const uint32_t known = plant_find_condition(p, a->text);
    const char *candidate[NEAREST_MAX];
    char word[IDENT_MAX + 1];
    size_t n = 0;
    text_of(a->text, word);
    if (a->text.n == 0)
        return refuse(why, "text", "which condition was breached?");
    if (known != UINT32_MAX && !plant_condition_fits(p, known, unit))
        return refuse(why, "text", "%s is no condition of %s: the plant file gives it to others.",
                      word, p->unit[unit].id.s);
    if (known != UINT32_MAX)
        return a->reason.n || refuse(why, "reason", "why was it breached?");
    for (uint32_t i = 0; i < p->condition_n && n < NEAREST_MAX; i++)
        if (plant_condition_fits(p, i, unit))
            candidate[n++] = p->condition[i].id.s;
    if (n == 0)
        return refuse(why, "text", "the plant file has no `conditions` of %s.", p->unit[unit].id.s);
    return unknown_id(why, "text", a->text, candidate, n);
}

/* Who hands over may do so before the shift ends, but not before it begins. */
static bool check_handover(const struct act *a, int64_t now_ms, struct act_refusal *why) {
    if (!span_equal(a->text, span_str("given")) && !span_equal(a->text, span_str("taken")))
        return refuse(why, "text",
                      "given (by the team that leaves) or taken (by the one that "
                      "comes) is expected.");
    return a->t0_ms <= now_ms || refuse(why, "from", "the shift has not begun yet.");
}

static bool check_by_kind(const struct act *a, const struct plant *p, uint32_t unit, int64_t now_ms,
                          struct act_refusal *why) {
    switch ((enum act_kind)a->kind) {
    case ACT_ORDER:
    case ACT_PRODUCT:
    case ACT_TEAM:
    case ACT_HEADCOUNT:
        return check_context(a, p, unit, why);
    case ACT_CAUSE:
        return check_interval(a, why) && check_cause(a, p, unit, why);
    case ACT_GOOD:
    case ACT_SCRAP:
    case ACT_REWORK:
    case ACT_MATERIAL:
        return check_amount(a, p, unit, why);
    case ACT_ENERGY:
        return check_register(a, p, unit, why);
    case ACT_PLAN:
        return check_plan(a, p, unit, why);
    case ACT_BREACH:
        return check_interval(a, why) && check_breach(a, p, unit, why);
    case ACT_HANDOVER:
        return check_interval(a, why) && check_handover(a, now_ms, why);
    case ACT_NOTE:
        return a->note.n || refuse(why, "note", "the note is empty.");
    case ACT_FACTOR:
    case ACT_REPLACE:
    case ACT_VOID:
    case ACT_KIND_COUNT:
        break;
    }
    return refuse(why, "kind", "there is no such kind of entry.");
}

static bool check_texts(const struct act *a, struct act_refusal *why) {
    if (a->key.n == 0 || a->key.n > ACT_KEY_MAX)
        return refuse(why, "key",
                      "a key of 1 to %d bytes is needed: it makes sure that the entry "
                      "counts once.",
                      ACT_KEY_MAX);
    if (a->text.n > ACT_TEXT_MAX || a->reason.n > ACT_TEXT_MAX)
        return refuse(why, a->text.n > ACT_TEXT_MAX ? "text" : "reason",
                      "it is longer than %d bytes.", ACT_TEXT_MAX);
    if (a->who.n == 0 || a->who.n > ACT_WHO_MAX)
        return refuse(why, "who", "who enters it? A team or an office, 1 to %d bytes.",
                      ACT_WHO_MAX);
    if (a->note.n > ACT_NOTE_MAX)
        return refuse(why, "note", "it is longer than %d bytes.", ACT_NOTE_MAX);
    const struct span all[] = {a->key, a->text, a->reason, a->who, a->note};
    static const char *const field[] = {"key", "text", "reason", "who", "note"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!is_text(all[i]))
            return refuse(why, field[i], "it holds control characters.");
    return true;
}

bool act_check(const struct act *a, const struct plant *plant, int64_t now_ms,
               struct act_refusal *why) {
    uint32_t unit = UINT32_MAX;
    if (!check_texts(a, why))
        return false;
    if (a->kind == ACT_VOID)
        return a->value > 0 || refuse(why, "value", "which entry does not hold? Give its number.");
    if (!check_times(a, plant, now_ms, why))
        return false;
    if (act_is_signal((enum act_kind)a->kind))
        return check_signal(a, plant, why);
    return check_unit(a, plant, &unit, why) && check_by_kind(a, plant, unit, now_ms, why);
}
