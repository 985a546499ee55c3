/* Minutes and commands go in, transitions come out. */
#include "alert/alerts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alert/impl.h"
#include "base/utc.h"

/* --- finding -----------------------------------------------------------------------------------
 */

struct watched *alerts_node(const struct alerts *a, uint32_t node) {
    if (node >= a->plant->node_n || a->at[node] == UINT32_MAX)
        return NULL;
    return &a->node[a->at[node]];
}

static const struct alert_rule *find_rule(const struct alerts *a, const struct ident *id) {
    size_t lo = 0, hi = a->rules->rule_n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (strcmp(a->rules->rule[mid].id.s, id->s) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < a->rules->rule_n && ident_equal(&a->rules->rule[lo].id, id) ? &a->rules->rule[lo]
                                                                            : NULL;
}

struct instance *alerts_find(const struct alerts *a, const struct ident *rule,
                             const struct ident *node) {
    const struct alert_rule *r = find_rule(a, rule);
    const struct watched *w = alerts_node(a, plant_find_node(a->plant, node->s));
    for (size_t i = 0; r && w && i < w->n; i++)
        if (a->instance[w->first + i].rule == r)
            return &a->instance[w->first + i];
    return NULL;
}

bool alerts_watches(const struct alerts *a, uint32_t node) {
    return alerts_node(a, node) != NULL;
}

size_t alerts_rules_at(const struct alerts *a, uint32_t node) {
    const struct watched *w = alerts_node(a, node);
    return w ? w->n : 0;
}

int64_t alerts_next(const struct alerts *a, uint32_t node) {
    const struct watched *w = alerts_node(a, node);
    return w ? w->watch.next : INT64_MIN;
}

int64_t alerts_reach(const struct alerts *a, uint32_t node, int64_t minute) {
    const struct watched *w = alerts_node(a, node);
    return w ? watch_reach(&w->watch, a->plant, minute) : minute;
}

bool alerts_hollow(const struct alerts *a, uint32_t node) {
    const struct watched *w = alerts_node(a, node);
    return w && w->hollow;
}

void alerts_forget(struct alerts *a, uint32_t node) {
    struct watched *w = alerts_node(a, node);
    if (w)
        w->hollow = true;
}

/* --- events ------------------------------------------------------------------------------------
 */

enum err alerts_reserve(struct alerts *a, size_t n) {
    size_t cap = a->event_cap ? a->event_cap : 16;
    while (cap < a->event_n + n)
        cap *= 2;
    if (cap == a->event_cap)
        return ERR_OK;
    struct alert_event *at = realloc(a->event, cap * sizeof *at);
    if (!at)
        return ERR_NOMEM;
    a->event = at;
    a->event_cap = cap;
    return ERR_OK;
}

static struct position *find_position(struct alerts *a, const struct ident *id) {
    size_t lo = 0, hi = a->position_n;
    while (lo + 1 < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (strcmp(a->position[mid].id.s, id->s) <= 0)
            lo = mid;
        else
            hi = mid;
    }
    return &a->position[lo]; /* it is there: they were made of all recipients */
}

/* Whether activations up to a time are too many for the position. */
static bool is_flooded(const struct position *p, int64_t at_ms) {
    unsigned recent = 0;
    for (unsigned i = 0; i < p->n; i++)
        recent += p->at_ms[i] > at_ms - ALERT_FLOOD_MS;
    return recent > ALERT_FLOOD_COUNT;
}

/* The same with one more. Only as many as make a flood are remembered. */
static bool count_flood(struct position *p, int64_t at_ms) {
    if (p->n > ALERT_FLOOD_COUNT) {
        memmove(p->at_ms, p->at_ms + 1, ALERT_FLOOD_COUNT * sizeof *p->at_ms);
        p->n--;
    }
    p->at_ms[p->n++] = at_ms;
    return is_flooded(p, at_ms);
}

static void mark_activation(struct alerts *a, struct instance *x, int64_t at_ms) {
    x->mark = a->active[a->node[x->node].group] == 0 ? ALERT_FIRST_OUT : 0;
    x->flood_of = 0;
    for (size_t i = 0; i < x->rule->recipient_n; i++)
        if (count_flood(find_position(a, &x->rule->recipient[i]), at_ms))
            x->flood_of |= (uint8_t)(1U << i);
    if (x->flood_of)
        x->mark |= ALERT_FLOOD;
}

static void count_active(struct alerts *a, const struct instance *x,
                         const struct machine_change *c) {
    uint32_t *n = &a->active[a->node[x->node].group];
    const bool was = c->from == ALERT_ACTIVE || c->from == ALERT_ACKED;
    if (machine_is_active(&x->machine) && !was)
        ++*n;
    else if (!machine_is_active(&x->machine) && was)
        --*n;
}

struct alert_event *alerts_tell(struct alerts *a, struct instance *x,
                                const struct machine_change *c, int64_t at_ms, int64_t now_ms) {
    if (c->activated)
        mark_activation(a, x, at_ms);
    count_active(a, x, c);
    struct alert_event *e = &a->event[a->event_n++];
    *e = (struct alert_event){.n = ++a->last,
                              .at_ms = at_ms,
                              .told_ms = now_ms,
                              .rule = x->rule->id,
                              .node = a->plant->node[a->node[x->node].node].id,
                              .from = c->from,
                              .to = c->to,
                              .why = c->why,
                              .severity = c->severity,
                              .level = c->level,
                              .mark = x->mark,
                              .flood_of = x->flood_of,
                              .value = x->value,
                              .threshold = NAN};
    if (x->machine.flapping)
        e->mark |= ALERT_FLAPPING;
    if (c->level)
        e->threshold = x->rule->level[c->level - 1].threshold * x->scale;
    if (c->to == ALERT_SHELVED)
        e->until_ms = x->machine.until_ms;
    if (!machine_is_active(&x->machine))
        x->mark = x->flood_of = 0;
    x->event = e->n;
    x->changed = true;
    a->changed = a->unstored = true;
    a->events++;
    return e;
}

enum err alerts_announce(struct alerts *a, const struct alert_event *e, size_t n) {
    enum err err = n ? alerts_reserve(a, n) : ERR_OK;
    if (err || !n)
        return err;
    for (size_t i = 0; i < n; i++) {
        a->event[a->event_n] = e[i];
        a->event[a->event_n++].n = ++a->last;
    }
    a->changed = a->unstored = true;
    a->events += n;
    return ERR_OK;
}

const struct alert_event *alerts_event(const struct alerts *a, size_t i) {
    return i < a->event_n ? &a->event[i] : NULL;
}

void alerts_drop_events(struct alerts *a) {
    a->event_n = 0;
}

bool alerts_unstored(const struct alerts *a) {
    return a->event_n > 0 || a->unstored;
}

uint64_t alerts_last(const struct alerts *a) {
    return a->last;
}

size_t alerts_recipients(const struct alerts *a, const struct alert_event *e,
                         const struct ident **out) {
    const struct alert_rule *r = find_rule(a, &e->rule);
    for (const struct orphan *o = a->orphan; o && e->why == ALERT_WHY_GONE; o = o->next) {
        if (ident_equal(&o->rule, &e->rule) && ident_equal(&o->node, &e->node)) {
            *out = o->recipient;
            return o->recipient_n;
        }
    }
    *out = r ? r->recipient : NULL;
    return r ? r->recipient_n : 0;
}

/* --- quiet -------------------------------------------------------------------------------------
 */

static bool is_quiet(const struct alerts *a, const struct watched *w, int64_t minute) {
    for (uint32_t k = w->above; k != UINT32_MAX; k = a->node[k].above)
        for (unsigned i = 0; i < a->node[k].quiet_n; i++)
            if (minute >= a->node[k].quiet[i].from && minute < a->node[k].quiet[i].to)
                return true;
    return false;
}

/* INT64_MIN: none was evaluated yet. */
static int64_t last_minute(const struct watched *w) {
    return w->watch.next == INT64_MIN ? INT64_MIN : w->watch.next - 1;
}

/* Whether the node quiets those below from this minute on. */
static void note_quiet(const struct alerts *a, struct watched *w, int64_t minute) {
    bool now = false, before = w->quiet_n && w->quiet[0].to == INT64_MAX;
    for (size_t i = w->first; i < w->first + w->n; i++)
        now = now || (a->instance[i].rule->quiets && machine_is_active(&a->instance[i].machine));
    if (before && !now)
        w->quiet[0].to = minute;
    if (before || !now)
        return;
    memmove(w->quiet + 1, w->quiet, (QUIET_SPANS - 1) * sizeof *w->quiet);
    w->quiet[0] = (struct quiet_span){minute, INT64_MAX};
    w->quiet_n += w->quiet_n < QUIET_SPANS;
}

bool alerts_ready(const struct alerts *a, uint32_t node) {
    const struct watched *w = alerts_node(a, node);
    for (uint32_t k = w ? w->above : UINT32_MAX; k != UINT32_MAX; k = a->node[k].above)
        if (a->node[k].watch.next <= w->watch.next)
            return false;
    return w && (!w->drifts || a->days_given);
}

/* --- minutes -----------------------------------------------------------------------------------
 */

/* What is quiet by minutes that are evaluated anew is seen then; what quiets now does so still. */
static void quiet_from(struct watched *w, int64_t next) {
    for (unsigned i = 0; i < w->quiet_n; i++) {
        struct quiet_span *q = &w->quiet[i];
        if (q->to == INT64_MAX)
            q->from = q->from < next ? q->from : next;
        else
            q->to = q->to < next ? q->to : next;
    }
}

void alerts_begin(struct alerts *a, uint32_t node, int64_t next) {
    struct watched *w = alerts_node(a, node);
    if (!w)
        return;
    const bool skips = w->watch.next != INT64_MIN && next != w->watch.next;
    for (size_t i = w->first; skips && i < w->first + w->n; i++) {
        struct instance *x = &a->instance[i];
        x->changed = x->changed || !machine_is_idle(&x->machine);
        machine_skip(&x->machine);
    }
    quiet_from(w, next);
    watch_begin(&w->watch, a->plant, next);
    for (size_t i = w->first; i < w->first + w->n; i++)
        if (a->instance[i].shares)
            shares_clear(a->instance[i].shares);
    w->hollow = false;
    w->changed = a->unstored = true;
}

void alerts_need(const struct alerts *a, bool qty[QTY_COUNT]) {
    for (size_t i = 0; i < a->node_n; i++)
        for (size_t k = 0; k < a->node[i].watch.qty_n; k++)
            qty[a->node[i].watch.qty[k]] = true;
}

void alerts_add(struct alerts *a, uint32_t node, int64_t minute, const struct sums *sums,
                int sign) {
    struct watched *w = alerts_node(a, node);
    if (w && !w->hollow)
        watch_add(&w->watch, minute, sums, sign);
}

bool alerts_by_context(const struct alerts *a, uint32_t node) {
    const struct watched *w = alerts_node(a, node);
    return w && w->by_context;
}

static bool is_of(const struct alerts *a, uint32_t word, const struct ident *id) {
    return !id->s[0] || (word && a->norms.is && a->norms.is(a->norms.user, word, id));
}

/* By which norm its part of the minute counts; 1 of all parts that are held against none. */
static bool scale_of(const struct alerts *a, const struct instance *x, int64_t minute,
                     const struct context *of, double *scale) {
    const struct alert_scope scope = {a->node[x->node].node, (enum indicator)x->rule->indicator,
                                      of->product, of->team};
    *scale = 1;
    if (!is_of(a, of->product, &x->rule->product) || !is_of(a, of->team, &x->rule->team))
        return false;
    return x->rule->condition != ALERT_NORM ||
           (a->norms.in_force &&
            a->norms.in_force(a->norms.user, &scope, minute * UTC_MINUTE_MS, scale));
}

enum err alerts_add_context(struct alerts *a, uint32_t node, int64_t minute,
                            const struct context *of, const struct sums *sums, int sign) {
    struct watched *w = alerts_node(a, node);
    enum err err = ERR_OK;
    for (size_t i = w ? w->first : 0; w && !w->hollow && !err && i < w->first + w->n; i++) {
        struct instance *x = &a->instance[i];
        double scale = 1;
        if (!x->shares || minute > w->watch.next || !watch_counts(&w->watch, x->window, minute) ||
            !scale_of(a, x, minute, of, &scale))
            continue;
        err = shares_add(x->shares, a->plant, &w->watch, scale, minute, sums, sign);
    }
    if (err)
        w->hollow = true; /* it is given anew */
    return err;
}

static bool is_scheduled(const struct alert_rule *r, const struct calendar_piece *p) {
    if (p->kind != CALENDAR_WORK)
        return false;
    for (size_t i = 0; i < r->shift_n; i++)
        if (p->shift_id && ident_equal(&r->shift[i], p->shift_id))
            return true;
    return r->shift_n == 0;
}

void alerts_norms_changed(struct alerts *a) {
    for (size_t i = 0; i < a->instance_n; i++)
        if (a->instance[i].rule->condition == ALERT_NORM)
            a->node[a->instance[i].node].hollow = true;
}

/* What was seen may change what stands. */
static void move(struct alerts *a, struct instance *x, const struct observation *seen,
                 const struct moment *t) {
    const struct alert_rule *r = x->rule;
    const struct watched *w = &a->node[x->node];
    /* A unit in commissioning raises none. */
    const bool counts =
        !window_commissioning(a->plant, w->node, t->at_ms - UTC_MINUTE_MS, t->at_ms);
    const struct machine_minute in = {.at_ms = t->at_ms,
                                      .scheduled =
                                          counts && (!r->in_shift || is_scheduled(r, &w->piece)),
                                      .known = seen->known,
                                      .quiet = t->quiet,
                                      .beyond = seen->beyond,
                                      .cleared = seen->cleared};
    const struct machine before = x->machine;
    struct machine_change c;
    if (machine_minute(&x->machine, r, &in, &c))
        alerts_tell(a, x, &c, t->at_ms, t->now_ms);
    // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): padding that differs costs a row
    x->changed = x->changed || memcmp(&before, &x->machine, sizeof before) != 0;
}

struct observation instance_look(const struct alerts *a, struct instance *x, int64_t at_ms) {
    const struct watched *w = &a->node[x->node];
    struct observing o = {
        .rule = x->rule,
        .watch = &w->watch,
        .window = x->window,
        .before = x->before,
        .baseline = alert_baseline_at(x->baseline, x->baseline_n, at_ms - UTC_MINUTE_MS),
        .drift = x->drift ? drift_see(x->drift, a->plant, w->watch.calendar, at_ms) : NULL,
        .shares = x->shares};
    if (x->gauge && w->gauge[x->gauge - 1].given) {
        o.gauge = w->gauge[x->gauge - 1].minute;
        o.gauge_n = w->gauge[x->gauge - 1].minutes;
    }
    return observe(&o);
}

void instance_take(struct alerts *a, struct instance *x, const struct observation *seen,
                   const struct moment *t) {
    x->value = seen->value;
    x->scale = seen->scale;
    x->no_data = x->rule->condition == ALERT_NO_DATA ? seen->beyond != 0 : !seen->known;
    if (seen->beyond || !machine_is_resting(&x->machine, x->rule, t->at_ms))
        move(a, x, seen, t);
}

enum err alerts_evaluate(struct alerts *a, uint32_t node, int64_t now_ms) {
    struct watched *w = alerts_node(a, node);
    if (!w || w->hollow)
        return ERR_STATE;
    if (alerts_reserve(a, w->n))
        return ERR_NOMEM;
    const int64_t minute = w->watch.next, begin_ms = minute * UTC_MINUTE_MS;
    const struct moment t = {begin_ms + UTC_MINUTE_MS, now_ms, is_quiet(a, w, minute)};
    if (begin_ms < w->piece.from_ms || begin_ms >= w->piece.to_ms)
        w->piece = calendar_at(a->plant, w->watch.calendar, begin_ms);
    watch_advance(&w->watch, a->plant);
    for (size_t i = w->first; i < w->first + w->n; i++)
        if (a->instance[i].shares)
            shares_advance(a->instance[i].shares, a->plant);
    a->run.n = 0;
    for (size_t i = w->first; i < w->first + w->n; i++) {
        const struct observation seen = instance_look(a, &a->instance[i], t.at_ms);
        instance_take(a, &a->instance[i], &seen, &t);
    }
    for (size_t i = 0; i < w->gauge_n; i++)
        w->gauge[i].given = false;
    a->evaluations += w->n;
    if (w->quiets)
        note_quiet(a, w, minute);
    w->changed = a->unstored = true;
    return ERR_OK;
}

/* --- people ------------------------------------------------------------------------------------
 */

const char *alert_act_name(enum alert_act act) {
    static const char *const name[ALERT_ACTS] = {"ack", "shelve", "unshelve", "disable", "enable"};
    return act < ALERT_ACTS ? name[act] : "unknown";
}

enum err instance_say(struct instance *x, struct span who, struct span note) {
    char *text = malloc(who.n + note.n + 2);
    if (!text)
        return ERR_NOMEM;
    if (who.n)
        memcpy(text, who.p, who.n);
    text[who.n] = 0;
    if (note.n)
        memcpy(text + who.n + 1, note.p, note.n);
    text[who.n + 1 + note.n] = 0;
    free(x->who);
    x->who = text;
    x->note = text + who.n + 1;
    return ERR_OK;
}

/* No control characters: it goes into mails and terminals. */
static bool is_text(struct span s, size_t max) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return s.n <= max;
}

enum err alerts_command(struct alerts *a, const struct alert_command *c, int64_t now_ms,
                        const char **why) {
    struct instance *x = alerts_find(a, &c->rule, &c->node);
    struct machine_change change;
    *why = "There is no such rule, or it does not stand for that node.";
    if (!x)
        return ERR_NOT_FOUND;
    *why = "Who says so is needed, up to 64 bytes; a note has at most 240, without control "
           "characters.";
    if (!c->who.n || !is_text(c->who, ALERT_WHO_MAX) || !is_text(c->note, ALERT_NOTE_MAX))
        return ERR_RANGE;
    const struct machine before = x->machine;
    const struct watched *w = &a->node[x->node];
    enum err err = alerts_reserve(a, 1);
    if (!err)
        err = machine_command(&x->machine, x->rule, c->act, now_ms, c->until_ms,
                              is_quiet(a, w, last_minute(w)), &change, why);
    if (!err && instance_say(x, c->who, c->note)) {
        x->machine = before;
        err = ERR_NOMEM;
    }
    if (err)
        return err;
    struct alert_event *e = alerts_tell(a, x, &change, now_ms, now_ms);
    memcpy(e->who, x->who, c->who.n + 1);
    memcpy(e->note, x->note, c->note.n + 1);
    a->commands++;
    *why = NULL;
    return ERR_OK;
}

/* --- views -------------------------------------------------------------------------------------
 */

size_t alerts_count(const struct alerts *a) {
    return a->instance_n;
}

void alerts_view(const struct alerts *a, size_t i, struct alert_view *out) {
    const struct instance *x = &a->instance[i];
    const struct machine *m = &x->machine;
    const struct watched *w = &a->node[x->node];
    const unsigned level = m->level ? m->level : 1;
    *out = (struct alert_view){.rule = x->rule,
                               .node = w->node,
                               .state = (uint8_t)machine_state(m),
                               .level = m->level,
                               .severity = m->severity,
                               .mark = (uint8_t)(x->mark | (m->flapping ? ALERT_FLAPPING : 0)),
                               .no_data = x->no_data,
                               .since_ms = m->since_ms == MACHINE_NEVER ? 0 : m->since_ms,
                               .active_ms = m->active_ms == MACHINE_NEVER ? 0 : m->active_ms,
                               .until_ms = m->state == ALERT_SHELVED ? m->until_ms : 0,
                               .observed_ms =
                                   w->watch.next == INT64_MIN ? 0 : w->watch.next * UTC_MINUTE_MS,
                               .value = x->value,
                               .threshold = x->rule->level[level - 1].threshold * x->scale,
                               .event = x->event,
                               .who = x->who ? x->who : "",
                               .note = x->who ? x->note : ""};
}

bool alerts_view_of(const struct alerts *a, const struct ident *rule, const struct ident *node,
                    struct alert_view *out) {
    const struct instance *x = alerts_find(a, rule, node);
    if (x)
        alerts_view(a, (size_t)(x - a->instance), out);
    return x != NULL;
}

const struct alert_rule *alerts_rule(const struct alerts *a, const struct ident *id) {
    return find_rule(a, id);
}

void alerts_figures(const struct alerts *a, int64_t now_ms, struct alert_figures *out) {
    *out = (struct alert_figures){
        .evaluations = a->evaluations, .events = a->events, .commands = a->commands};
    for (size_t i = 0; i < a->instance_n; i++) {
        const struct instance *x = &a->instance[i];
        out->by_state[machine_state(&x->machine)]++;
        out->active_by_severity[x->machine.severity] += machine_is_active(&x->machine);
        out->flapping += x->machine.flapping;
        out->no_data += x->no_data;
    }
    for (size_t i = 0; i < a->position_n; i++)
        out->positions_flooded += is_flooded(&a->position[i], now_ms);
}

size_t alerts_memory(const struct alerts *a) {
    size_t n = sizeof *a + a->instance_n * sizeof *a->instance + a->node_n * sizeof *a->node +
               a->position_n * sizeof *a->position + a->event_cap * sizeof *a->event +
               a->plant->node_n * (sizeof *a->at + sizeof *a->active);
    for (size_t i = 0; i < a->node_n; i++)
        n += watch_memory(&a->node[i].watch) + gauges_memory(&a->node[i]);
    for (size_t i = 0; i < a->instance_n; i++)
        n += (a->instance[i].drift ? drift_memory(a->instance[i].drift) : 0) +
             (a->instance[i].shares ? shares_memory(a->instance[i].shares) : 0);
    return n;
}
