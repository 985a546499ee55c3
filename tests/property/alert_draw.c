#include "alert_draw.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static uint64_t random_state;

const struct ident ref_word[REF_WORDS] = {{""}, {"bolt"}, {"nut"}, {"red"}, {"blue"}};

void draw_begin(uint64_t seed) {
    random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
}

uint64_t draw(uint64_t n) {
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (random_state >> 33) % n;
}

bool one_in(uint64_t n) {
    return draw(n) == 0;
}

/* --- rules -------------------------------------------------------------------------------------
 */

static const uint32_t node_set[][3] = {{LINE}, {PRESS}, {PACK}, {PRESS, PACK}, {LINE, PRESS, PACK}};
static const size_t node_set_n[] = {1, 1, 1, 2, 3};
static const struct ident early[] = {{"early"}};
static const struct ident people[] = {{"lead"}, {"office"}};

static void draw_subject(struct rule_room *room, struct alert_rule *r) {
    static const uint8_t indicator[] = {IND_TIME_UTILIZATION, IND_ENERGY_PER_GOOD, IND_SCRAP_RATIO,
                                        IND_OEE, IND_TECHNICAL_EFFICIENCY};
    static const uint8_t quantity[] = {ALERT_Q_POWER, ALERT_Q_ENERGY, ALERT_Q_DELAY,
                                       ALERT_Q_GOOD,  ALERT_Q_STOPS,  ALERT_Q_HEADCOUNT};
    r->subject = (uint8_t)draw(2);
    r->indicator = indicator[draw(sizeof indicator)];
    r->quantity = quantity[draw(sizeof quantity)];
    r->window = (uint8_t)(one_in(2) ? ALERT_ROLLING : draw(ALERT_WINDOW_COUNT));
    r->minutes = r->window == ALERT_ROLLING ? (uint8_t)(1 + draw(one_in(3) ? 60 : 8)) : 0;
    r->condition = (uint8_t)draw(ALERT_CONDITION_COUNT);
    if (r->condition == ALERT_NORM)
        r->subject = ALERT_INDICATOR;
    if (r->condition == ALERT_RATE) {
        r->window = ALERT_ROLLING;
        r->minutes = (uint8_t)(1 + draw(20));
        r->span_min = (uint8_t)(1 + draw(30));
    }
    if (r->condition == ALERT_BASELINE) {
        r->subject = ALERT_QUANTITY;
        r->quantity = ALERT_Q_ENERGY;
        r->baseline = room->excess;
        r->baseline_n = EXCESS;
    }
    if (r->condition == ALERT_DRIFT) {
        r->subject = ALERT_QUANTITY;
        r->quantity = ALERT_Q_ENERGY;
        r->window = ALERT_DAY;
        r->minutes = 0;
        r->baseline = room->drift;
        r->baseline_n = DRIFTS;
    }
    if ((r->condition == ALERT_VALUE || r->condition == ALERT_NORM) && one_in(2)) {
        r->product = ref_word[one_in(2) ? REF_NOBODY : REF_BOLT + draw(2)];
        r->team = ref_word[one_in(2) ? REF_NOBODY : REF_RED + draw(2)];
    }
}

/* Where values lie: about half of the minutes beyond. */
static double usual(const struct alert_rule *r) {
    static const double of_indicator[INDICATOR_COUNT] = {[IND_TIME_UTILIZATION] = 0.6,
                                                         [IND_ENERGY_PER_GOOD] = 0.1,
                                                         [IND_SCRAP_RATIO] = 0.2,
                                                         [IND_OEE] = 0.5,
                                                         [IND_TECHNICAL_EFFICIENCY] = 0.6};
    const double minutes = r->minutes ? r->minutes : 60;
    if (r->condition == ALERT_BASELINE)
        return 0.1;
    if (r->condition == ALERT_NORM)
        return 1;
    if (r->condition == ALERT_DRIFT)
        return r->below ? -2 : 2;
    if (r->condition == ALERT_RATE)
        return 0.1;
    if (r->subject == ALERT_INDICATOR)
        return of_indicator[r->indicator];
    return r->quantity == ALERT_Q_POWER       ? 10
           : r->quantity == ALERT_Q_HEADCOUNT ? 2
           : r->quantity == ALERT_Q_DELAY     ? 0.4 * minutes
           : r->quantity == ALERT_Q_STOPS     ? 0.5 * minutes
           : r->quantity == ALERT_Q_GOOD      ? 5 * minutes
                                              : minutes / 6;
}

static void draw_levels(struct alert_rule *r) {
    const double middle = usual(r), sign = r->below ? -1 : 1;
    const double step = 0.3 * sign * (middle < 0 ? -1 : 1);
    r->level_n = r->condition == ALERT_NO_DATA ? 1 : (uint8_t)(1 + draw(3));
    for (unsigned i = 0; i < r->level_n; i++) {
        const double out = middle * (1 + step * i);
        r->level[i] =
            (struct alert_level){.threshold = out,
                                 .clear = out - sign * fabs(middle) * 0.1 * (double)draw(3),
                                 .severity = (uint8_t)(i + 1)};
    }
}

static int64_t some_minutes(uint64_t most) {
    return one_in(3) ? 0 : (int64_t)draw(most) * MINUTE_MS;
}

static void draw_rule(struct rule_room *room, struct alert_rule *r, unsigned i) {
    const size_t set = draw(5);
    *r = (struct alert_rule){.node = node_set[set],
                             .node_n = node_set_n[set],
                             .below = one_in(3),
                             .hold_ms = some_minutes(6),
                             .clear_hold_ms = some_minutes(6),
                             .least_coverage = one_in(2) ? 0 : 0.7,
                             .recipient = people,
                             .recipient_n = draw(3)};
    (void)snprintf(r->id.s, sizeof r->id.s, "rule-%u", i);
    draw_subject(room, r);
    draw_levels(r);
    if (one_in(3)) {
        r->flaps = (uint8_t)(2 + draw(3));
        r->flap_ms = (int64_t)(5 + draw(30)) * MINUTE_MS;
        r->flap_quiet_ms = some_minutes(15);
    }
    if (one_in(3)) {
        r->in_shift = true;
        r->shift = early;
        r->shift_n = draw(2);
    }
    if (one_in(3)) {
        r->escalate_ms = (int64_t)(1 + draw(10)) * MINUTE_MS;
        r->escalate_severity = ALERT_CRITICAL;
        for (unsigned k = 0; k < r->level_n; k++)
            r->level[k].severity = (uint8_t)k;
    }
    if (one_in(3))
        r->repeat_ms = (int64_t)(1 + draw(10)) * MINUTE_MS;
    r->quiets = r->node[0] == LINE && one_in(2);
    r->said = alert_rule_said(r);
}

/* One of each node, of some two; what the packer's expects depends on the press. */
static void draw_baselines(struct rule_room *room, int64_t first) {
    static const char *const node[] = {"line", "line", "pack", "press", "press"};
    const bool weeks = one_in(3);
    for (unsigned i = 0; i < EXCESS; i++) {
        const bool second = i > 0 && strcmp(node[i], node[i - 1]) == 0;
        struct alert_baseline b = {.from_ms = INT64_MIN, .base_kwh_per_h = 3, .driver_n = 1};
        b.driver[0] = (struct alert_driver){.quantity = ALERT_Q_GOOD, .kwh_each = 0.02};
        (void)ident_set(&b.node, span_str(node[i]));
        if (second) {
            b.from_ms = (first + (int64_t)draw(REF_MINUTES)) * MINUTE_MS;
            b.base_kwh_per_h = 1 + (double)draw(5);
        }
        room->excess[i] = b;
        b.from_ms = SIM_DAY0 - 14 * DAY_MS + (int64_t)(second ? 7 + draw(12) : draw(4)) * DAY_MS;
        b.base_kwh_per_h = 10;
        b.weeks = weeks;
        b.s_kwh = 10.0371 + (double)draw(30); /* no sum of whole numbers is a level */
        if (!second && strcmp(node[i], "pack") == 0)
            b.driver[0].node = (struct ident){"press"};
        room->drift[i] = b;
    }
}

void draw_rules(struct rule_room *room, int64_t first) {
    const unsigned n = 1 + (unsigned)draw(REF_RULES);
    draw_baselines(room, first);
    for (unsigned i = 0; i < n; i++)
        draw_rule(room, &room->rule[i], i);
    room->all = (struct alert_rules){room->rule, n};
}

void draw_norms(struct ref_world *w) {
    static const struct ref_norm scope[REF_NORMS] = {{.product = REF_NOBODY},
                                                     {.product = REF_BOLT},
                                                     {.product = REF_NUT, .team = REF_RED},
                                                     {.team = REF_BLUE},
                                                     {.product = REF_BOLT, .team = REF_RED},
                                                     {.product = REF_NUT}};
    w->norm_n = 0;
    for (unsigned i = 0; i < REF_NORMS; i++) {
        struct ref_norm *n = &w->norm[w->norm_n];
        if (one_in(3))
            continue;
        *n = scope[i];
        n->from = one_in(2) ? 0 : (int)draw(REF_MINUTES);
        n->to = one_in(2) ? REF_MINUTES : n->from + (int)draw(REF_MINUTES);
        n->value = 0.1 + 0.1 * (double)draw(6);
        w->norm_n++;
    }
}
