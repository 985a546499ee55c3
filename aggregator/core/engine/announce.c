/* Row "announced" of STORE_META: form 1, end of the newest period that was announced (svarint),
 * number of steps, then of each: the norm's id (length, bytes), state, due (svarint), what was told
 * (1: that it is due soon, 2: that it is overdue); CRC-32C of all before it. It is put in the
 * transaction that holds the events it speaks of: a crash leaves both or none. */
#include "engine/announce.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "engine/parts.h"
#include "norm/propose.h"

enum { FORM = 1, SEAL = 4, SOON = 1, OVERDUE = 2, MANY = ALERT_FLOOD_COUNT };
#define LOOK_EVERY_MS UTC_MINUTE_MS

void announce_init(struct core *c) {
    c->announced = (struct announced){.reviewed_ms = STATE_NEVER, .looked_ms = STATE_NEVER};
}

void announce_close(struct core *c) {
    free(c->announced.step);
}

void announce_text(char *out, size_t size, struct span text) {
    size_t n = text.n < size ? text.n : size - 1;
    while (n < text.n && n > 0 && (text.p[n] & 0xc0) == 0x80)
        n--;
    if (n)
        memcpy(out, text.p, n);
    out[n] = 0;
}

void core_set_announcing(struct core *c, const struct core_announcing *a) {
    c->announced.conf = *a;
    c->announced.looked_ms = STATE_NEVER;
}

const struct core_announcing *core_announcing(const struct core *c) {
    return &c->announced.conf;
}

/* More at a time than makes a flood of alerts is told together. */
static void mark_many(struct alert_event *e, size_t n) {
    for (size_t i = 0; i < n && n > MANY; i++) {
        e[i].mark = ALERT_FLOOD;
        e[i].flood_of = UINT8_MAX;
    }
}

/* --- steps -------------------------------------------------------------------------------------
 */

struct look { /* at the ledger, once through */
    struct core *c;
    struct alert_event *event;
    size_t event_n;
    struct announced_step *step; /* of norms of which something was told */
    size_t step_n, old;          /* old: next one of those before */
};

static bool awaits_answer(const struct norm *n) {
    return n->state == NORM_PROPOSED && n->answered_ms == NORM_NO_TIME;
}

/* What is to be told of the step as of now; 0: nothing. */
static uint8_t due(const struct core *c, const struct norm *n) {
    const struct core_announcing *a = &c->announced.conf;
    const bool wanted = a->steps || (a->answers && awaits_answer(n));
    if (n->due_ms == NORM_NO_TIME || norm_state_at(n, c->now.wall_ms) >= NORM_SUPERSEDED)
        return 0;
    if (ledger_overdue(n, c->now.wall_ms))
        return wanted ? OVERDUE : 0;
    if (n->due_ms - a->ahead_ms > c->now.wall_ms)
        return 0;
    return (awaits_answer(n) ? a->answers : a->steps) ? SOON : 0;
}

/* What was told of the norm's step as it is now. Both lists are in the ledger's order. */
static uint8_t told_before(struct look *x, const struct norm *n) {
    const struct announced *a = &x->c->announced;
    if (x->old == a->step_n || !ident_equal(&a->step[x->old].id, &n->id))
        return 0;
    const struct announced_step *s = &a->step[x->old++];
    return s->state == n->state && s->due_ms == n->due_ms ? s->told : 0;
}

static void add_event(struct look *x, const struct norm *n, uint8_t what) {
    const struct core *c = x->c;
    struct alert_event *e = &x->event[x->event_n++];
    *e = (struct alert_event){.at_ms = c->now.wall_ms,
                              .told_ms = c->now.wall_ms,
                              .rule = n->id,
                              .node = n->scope.node.s[0] ? n->scope.node : c->plant->site,
                              .why = ALERT_WHY_NORM_DUE,
                              .severity = ALERT_LOW,
                              .value = (double)NAN,
                              .threshold = (double)NAN,
                              .until_ms = n->due_ms,
                              .norm = {.state = n->state, .norm_class = n->norm_class}};
    if (what == OVERDUE) {
        e->why = ALERT_WHY_NORM_OVERDUE;
        e->severity = ALERT_MEDIUM;
    } else if (awaits_answer(n)) {
        e->why = ALERT_WHY_NORM_ANSWER;
    }
    announce_text(e->who, sizeof e->who, span_str(n->owner));
    announce_text(e->note, sizeof e->note, span_str(n->scope.product.s));
}

/* Who heard that it is overdue need not hear that it is due. */
static void look_at(struct look *x, const struct norm *n) {
    const uint8_t before = told_before(x, n), what = due(x->c, n);
    uint8_t told = before;
    if (what && what > before) {
        add_event(x, n, what);
        told |= what;
    }
    if (told)
        x->step[x->step_n++] = (struct announced_step){n->id, n->due_ms, n->state, told};
}

static enum err look_at_steps(struct core *c) {
    struct announced *a = &c->announced;
    const size_t n = ledger_count(c->norms);
    struct look x = {.c = c,
                     .event = calloc(n ? n : 1, sizeof *x.event),
                     .step = calloc(n ? n : 1, sizeof *x.step)};
    enum err err = x.event && x.step ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; i < n && !err; i++)
        look_at(&x, ledger_at(c->norms, i));
    if (!err) {
        mark_many(x.event, x.event_n);
        err = alerts_announce(c->alarms.all, x.event, x.event_n);
    }
    if (!err && (x.event_n || x.step_n != a->step_n)) {
        struct announced_step *old = a->step;
        a->step = x.step;
        a->step_n = x.step_n;
        a->changed = true;
        x.step = old;
    }
    free(x.event);
    free(x.step);
    return err;
}

/* Without memory nothing has changed, and the next tick looks again. */
void announce_run(struct core *c) {
    struct announced *a = &c->announced;
    const int64_t since_ms = a->looked_ms == STATE_NEVER ? 0 : c->now.wall_ms - a->looked_ms;
    const bool looked = a->looked_ms != STATE_NEVER && since_ms >= 0 && since_ms < LOOK_EVERY_MS &&
                        a->looked_n == ledger_last(c->norms);
    if (c->conf.offline || c->stopping || looked || a->conf.to_n == 0 ||
        !(a->conf.steps || a->conf.answers) || look_at_steps(c))
        return;
    a->looked_ms = c->now.wall_ms;
    a->looked_n = ledger_last(c->norms);
}

/* --- reviews -----------------------------------------------------------------------------------
 */

/* What nobody wants to hear of is not made up for when somebody does; nor is what was before the
 * first start. */
bool core_review_due(struct core *c, struct core_now now, int64_t *to_ms) {
    struct announced *a = &c->announced;
    const struct plant *p = c->plant;
    const bool wanted = a->conf.to_n && (a->conf.verdicts || a->conf.neglected);
    const int64_t over_ms =
        norm_period_begin(p, norm_period(p, now.wall_ms - ANNOUNCE_REVIEW_AFTER_MS));
    if (c->conf.offline || c->stopping || over_ms == a->reviewed_ms)
        return false;
    if (a->reviewed_ms == STATE_NEVER || (!wanted && over_ms > a->reviewed_ms)) {
        a->reviewed_ms = over_ms;
        a->changed = true;
        return false;
    }
    /* By a day, for the plant's zone may be another one since. */
    *to_ms = norm_period_begin(p, norm_period(p, a->reviewed_ms + UTC_DAY_MS) + 1);
    return wanted && *to_ms <= over_ms;
}

enum err core_on_review(struct core *c, const struct announce_findings *f, struct core_now now) {
    struct announced *a = &c->announced;
    c->now = now;
    if (a->reviewed_ms != STATE_NEVER && f->to_ms <= a->reviewed_ms)
        return ERR_OK;
    for (size_t i = 0; i < f->n; i++)
        f->at[i].at_ms = f->at[i].told_ms = now.wall_ms;
    mark_many(f->at, f->n);
    const enum err err = alerts_announce(c->alarms.all, f->at, f->n);
    if (err)
        return err;
    a->reviewed_ms = f->to_ms;
    a->changed = true;
    c->version++;
    return ERR_OK;
}

/* --- the row -----------------------------------------------------------------------------------
 */

static void add_step(struct buf *v, const struct announced_step *s) {
    const size_t n = strlen(s->id.s);
    buf_add_byte(v, (uint8_t)n);
    buf_add(v, s->id.s, n);
    buf_add_byte(v, s->state);
    buf_add_svarint(v, s->due_ms);
    buf_add_byte(v, s->told);
}

enum err announce_put(struct core *c, struct store_tx *tx) {
    struct announced *a = &c->announced;
    struct buf v;
    if (!a->changed)
        return ERR_OK;
    buf_init(&v);
    buf_add_byte(&v, FORM);
    buf_add_svarint(&v, a->reviewed_ms);
    buf_add_varint(&v, a->step_n);
    for (size_t i = 0; i < a->step_n; i++)
        add_step(&v, &a->step[i]);
    if (!v.failed)
        buf_add_le32(&v, crc32c(buf_span(&v)));
    enum err err =
        v.failed ? ERR_NOMEM
                 : store_tx_add(tx, STORE_PUT, STORE_META, span_str("announced"), buf_span(&v));
    buf_fini(&v);
    a->changed = err != ERR_OK;
    return err;
}

static enum err take_step(struct cursor *c, struct announced_step *s) {
    uint8_t n = 0;
    struct span id;
    enum err err = cursor_take_byte(c, &n);
    if (!err)
        err = cursor_take_span(c, n, &id);
    if (!err && !ident_set(&s->id, id))
        err = ERR_FORMAT;
    if (!err)
        err = cursor_take_byte(c, &s->state);
    if (!err)
        err = cursor_take_svarint(c, &s->due_ms);
    return err ? err : cursor_take_byte(c, &s->told);
}

static enum err take_steps(struct announced *a, struct cursor *v, uint64_t n) {
    if (n > cursor_left(v)) /* each takes more than a byte */
        return ERR_FORMAT;
    struct announced_step *step = calloc(n ? n : 1, sizeof *step);
    enum err err = step ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; i < n && !err; i++)
        err = take_step(v, &step[i]);
    if (!err && cursor_left(v))
        err = ERR_FORMAT;
    if (err) {
        free(step);
        return err;
    }
    free(a->step);
    a->step = step;
    a->step_n = n;
    return ERR_OK;
}

enum err announce_take(struct core *c, struct span value) {
    struct announced *a = &c->announced;
    uint64_t n = 0;
    uint32_t seal = 0;
    uint8_t form = 0;
    if (value.n < SEAL)
        return ERR_TRUNCATED;
    const struct span body = span_of(value.p, value.n - SEAL);
    struct cursor end = cursor_of(span_of(value.p + body.n, SEAL)), v = cursor_of(body);
    (void)cursor_take_le32(&end, &seal);
    if (seal != crc32c(body))
        return ERR_CHECKSUM;
    enum err err = cursor_take_byte(&v, &form);
    if (!err && form != FORM)
        err = ERR_FORMAT;
    if (!err)
        err = cursor_take_svarint(&v, &a->reviewed_ms);
    if (!err)
        err = cursor_take_varint(&v, &n);
    return err ? err : take_steps(a, &v, n);
}
