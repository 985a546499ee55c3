/* The machine in two halves: levels with hold and hysteresis, which follow the process whatever
 * people do; and the state that is told, which follows the levels unless it is hidden. */
#include "alert/machine.h"

#include <string.h>

#include "alert/alerts.h"
#include "base/utc.h"

void machine_init(struct machine *m) {
    *m = (struct machine){
        .state = ALERT_NORMAL, .active_ms = MACHINE_NEVER, .since_ms = MACHINE_NEVER};
    machine_skip(m);
}

static int64_t longer(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* --- levels ------------------------------------------------------------------------------------
 */

static int64_t clear_hold_ms(const struct machine *m, const struct alert_rule *r) {
    return m->flapping ? longer(r->clear_hold_ms, r->flap_quiet_ms) : r->clear_hold_ms;
}

/* Whether it is so for as long as it must be; *first_ms: since when it is. */
static bool held(bool so, int64_t at_ms, int64_t hold_ms, int64_t *first_ms) {
    if (!so) {
        *first_ms = MACHINE_NEVER;
        return false;
    }
    if (*first_ms == MACHINE_NEVER)
        *first_ms = at_ms;
    if (at_ms - *first_ms < hold_ms)
        return false;
    *first_ms = MACHINE_NEVER;
    return true;
}

static void follow_level(struct machine *m, const struct alert_rule *r,
                         const struct machine_minute *in, unsigned i) {
    const uint8_t bit = (uint8_t)(1U << i);
    if (m->on & bit) {
        if (held(in->cleared & bit, in->at_ms, clear_hold_ms(m, r), &m->down_ms[i]))
            m->on &= (uint8_t)~bit;
    } else if (held(in->beyond & bit, in->at_ms, r->hold_ms, &m->up_ms[i])) {
        m->on |= bit;
    }
}

/* A minute that says nothing holds timers; more of them than the timer is long make it begin anew.
 */
static void wait_blind(int64_t blind_ms, int64_t hold_ms, int64_t *first_ms) {
    if (*first_ms == MACHINE_NEVER)
        return;
    *first_ms = blind_ms > hold_ms ? MACHINE_NEVER : *first_ms + UTC_MINUTE_MS;
}

static bool has_timer(const struct machine *m) {
    for (unsigned i = 0; i < ALERT_LEVELS_MAX; i++)
        if (m->up_ms[i] != MACHINE_NEVER || m->down_ms[i] != MACHINE_NEVER)
            return true;
    return false;
}

static void follow_blind(struct machine *m, const struct alert_rule *r) {
    if (!has_timer(m))
        return;
    m->blind_ms += UTC_MINUTE_MS;
    for (unsigned i = 0; i < r->level_n; i++) {
        wait_blind(m->blind_ms, r->hold_ms, &m->up_ms[i]);
        wait_blind(m->blind_ms, clear_hold_ms(m, r), &m->down_ms[i]);
    }
}

void machine_skip(struct machine *m) {
    for (unsigned i = 0; i < ALERT_LEVELS_MAX; i++)
        m->up_ms[i] = m->down_ms[i] = MACHINE_NEVER;
}

static uint8_t level_of(const struct machine *m) {
    uint8_t level = 0;
    for (uint8_t on = m->on; on; on >>= 1)
        level++;
    return level;
}

static uint8_t follow(struct machine *m, const struct alert_rule *r,
                      const struct machine_minute *in) {
    if (!in->scheduled) {
        m->on = 0;
        m->blind_ms = 0;
        machine_skip(m);
    } else if (!in->known) { /* neither raises nor ends */
        follow_blind(m, r);
    } else {
        m->blind_ms = 0;
        for (unsigned i = 0; i < r->level_n; i++)
            follow_level(m, r, in, i);
    }
    return level_of(m);
}

/* --- what is told ------------------------------------------------------------------------------
 */

static bool change(struct machine *m, int64_t at_ms, enum alert_state to, enum alert_why why,
                   struct machine_change *out) {
    *out = (struct machine_change){.from = m->state,
                                   .to = (uint8_t)to,
                                   .why = (uint8_t)why,
                                   .severity = m->severity,
                                   .level = m->level};
    if (m->state != to)
        m->since_ms = at_ms;
    m->state = (uint8_t)to;
    return true;
}

/* It is active no more, or hidden: nothing of what stood is left but what the levels say. */
static bool leave(struct machine *m, int64_t at_ms, enum alert_state to, enum alert_why why,
                  struct machine_change *out) {
    m->level = 0;
    m->active_ms = MACHINE_NEVER;
    m->escalated = false;
    m->flapping = m->flapping && m->on;
    if (to == ALERT_RETURNED)
        m->told_ms = at_ms; /* that it has returned is told, too */
    return change(m, at_ms, to, why, out);
}

static void note_flap(struct machine *m, const struct alert_rule *r, int64_t at_ms) {
    unsigned old = 0;
    if (!r->flaps)
        return;
    while (old < m->flap_n && m->flap_ms[old] <= at_ms - r->flap_ms)
        old++;
    if (old == 0 && m->flap_n == ALERT_FLAPS_MAX)
        old = 1;
    memmove(m->flap_ms, m->flap_ms + old, (m->flap_n - old) * sizeof *m->flap_ms);
    m->flap_n = (uint8_t)(m->flap_n - old);
    m->flap_ms[m->flap_n++] = at_ms;
    m->flapping = m->flapping || m->flap_n >= r->flaps;
}

static uint8_t severity_of(const struct machine *m, const struct alert_rule *r, uint8_t level) {
    const uint8_t severity = r->level[level - 1].severity;
    return m->escalated ? r->escalate_severity : severity;
}

static bool activate(struct machine *m, const struct alert_rule *r, int64_t at_ms, uint8_t level,
                     enum alert_why why, struct machine_change *out) {
    m->escalated = false;
    m->level = level;
    m->severity = severity_of(m, r, level);
    m->active_ms = m->told_ms = at_ms;
    note_flap(m, r, at_ms);
    change(m, at_ms, ALERT_ACTIVE, why, out);
    out->activated = true;
    return true;
}

/* Another level of what is active already; a higher one is to be acknowledged anew. */
static bool shift_level(struct machine *m, const struct alert_rule *r, int64_t at_ms, uint8_t level,
                        struct machine_change *out) {
    const bool raised = level > m->level;
    m->level = level;
    m->severity = severity_of(m, r, level);
    if (!raised)
        return change(m, at_ms, (enum alert_state)m->state, ALERT_WHY_LOWERED, out);
    m->told_ms = at_ms;
    note_flap(m, r, at_ms);
    return change(m, at_ms, ALERT_ACTIVE, ALERT_WHY_RAISED, out);
}

/* It was not active: it is as grave as it would be, for nothing was told. */
static bool suppress(struct machine *m, const struct alert_rule *r, int64_t at_ms, uint8_t level,
                     enum alert_why why, struct machine_change *out) {
    m->severity = r->level[level - 1].severity;
    return leave(m, at_ms, ALERT_SUPPRESSED, why, out);
}

/* What was hidden comes to light. */
static bool release(struct machine *m, const struct alert_rule *r, int64_t at_ms, bool quiet,
                    enum alert_why why, struct machine_change *out) {
    const uint8_t level = level_of(m);
    if (!level)
        return leave(m, at_ms, ALERT_NORMAL, why, out);
    if (quiet)
        return suppress(m, r, at_ms, level, why, out);
    return activate(m, r, at_ms, level, why, out);
}

/* --- a minute ----------------------------------------------------------------------------------
 */

/* What returned stays unacknowledged until somebody says so (ISA-18.2), and people are reminded of
 * it; not out of the rule's schedule, and not while an alert above is what they have to care for.
 */
static bool remind(struct machine *m, const struct alert_rule *r, const struct machine_minute *in,
                   struct machine_change *out) {
    if (m->state != ALERT_RETURNED || !in->scheduled || in->quiet || !r->repeat_ms ||
        in->at_ms - m->told_ms < r->repeat_ms)
        return false;
    m->told_ms = in->at_ms;
    return change(m, in->at_ms, ALERT_RETURNED, ALERT_WHY_REPEATED, out);
}

static bool minute_of_quiet(struct machine *m, const struct alert_rule *r,
                            const struct machine_minute *in, uint8_t level,
                            struct machine_change *out) {
    if (!level)
        return remind(m, r, in, out);
    if (in->quiet)
        return suppress(m, r, in->at_ms, level, ALERT_WHY_SUPPRESSED, out);
    return activate(m, r, in->at_ms, level, ALERT_WHY_REACHED, out);
}

static bool nobody_cares(struct machine *m, const struct alert_rule *r, int64_t at_ms,
                         struct machine_change *out) {
    if (m->state != ALERT_ACTIVE)
        return false;
    if (r->escalate_ms && !m->escalated && at_ms - m->since_ms >= r->escalate_ms) {
        m->escalated = true;
        m->severity = r->escalate_severity;
        m->told_ms = at_ms;
        return change(m, at_ms, ALERT_ACTIVE, ALERT_WHY_ESCALATED, out);
    }
    if (r->repeat_ms && at_ms - m->told_ms >= r->repeat_ms) {
        m->told_ms = at_ms;
        return change(m, at_ms, ALERT_ACTIVE, ALERT_WHY_REPEATED, out);
    }
    return false;
}

static bool minute_of_active(struct machine *m, const struct alert_rule *r,
                             const struct machine_minute *in, uint8_t level,
                             struct machine_change *out) {
    if (!level)
        return leave(m, in->at_ms, m->state == ALERT_ACTIVE ? ALERT_RETURNED : ALERT_NORMAL,
                     in->scheduled ? ALERT_WHY_CLEARED : ALERT_WHY_SCHEDULE, out);
    if (in->quiet)
        return leave(m, in->at_ms, ALERT_SUPPRESSED, ALERT_WHY_SUPPRESSED, out);
    if (level != m->level)
        return shift_level(m, r, in->at_ms, level, out);
    return nobody_cares(m, r, in->at_ms, out);
}

static bool minute_of_suppressed(struct machine *m, const struct alert_rule *r,
                                 const struct machine_minute *in, uint8_t level,
                                 struct machine_change *out) {
    if (!level)
        return leave(m, in->at_ms, ALERT_NORMAL,
                     in->scheduled ? ALERT_WHY_CLEARED : ALERT_WHY_SCHEDULE, out);
    if (in->quiet)
        return false;
    return activate(m, r, in->at_ms, level, ALERT_WHY_RELEASED, out);
}

bool machine_minute(struct machine *m, const struct alert_rule *r, const struct machine_minute *in,
                    struct machine_change *out) {
    const uint8_t level = follow(m, r, in);
    if (m->state == ALERT_NORMAL || m->state == ALERT_RETURNED)
        return minute_of_quiet(m, r, in, level, out);
    if (machine_is_active(m))
        return minute_of_active(m, r, in, level, out);
    if (m->state == ALERT_SUPPRESSED)
        return minute_of_suppressed(m, r, in, level, out);
    if (m->state == ALERT_OUT_OF_SERVICE || in->at_ms < m->until_ms)
        return false;
    return release(m, r, in->at_ms, in->quiet, ALERT_WHY_EXPIRED, out); /* of the shelf */
}

/* --- people ------------------------------------------------------------------------------------
 */

static enum err refuse(const char **why, const char *text) {
    *why = text;
    return ERR_STATE;
}

static enum err ack(struct machine *m, int64_t at_ms, struct machine_change *out,
                    const char **why) {
    m->escalated = false;
    if (m->state == ALERT_ACTIVE) {
        change(m, at_ms, ALERT_ACKED, ALERT_WHY_ACKED, out);
        return ERR_OK;
    }
    if (m->state != ALERT_RETURNED)
        return refuse(why, "There is nothing to acknowledge.");
    change(m, at_ms, ALERT_NORMAL, ALERT_WHY_ACKED, out);
    return ERR_OK;
}

static enum err shelve(struct machine *m, int64_t at_ms, int64_t until_ms,
                       struct machine_change *out, const char **why) {
    if (m->state == ALERT_OUT_OF_SERVICE)
        return refuse(why, "It is out of service.");
    if (until_ms <= at_ms || until_ms > at_ms + ALERT_SHELF_MAX) {
        *why = "A shelf ends later than now, and within seven days.";
        return ERR_RANGE;
    }
    m->until_ms = until_ms;
    leave(m, at_ms, ALERT_SHELVED, ALERT_WHY_SHELVED, out);
    return ERR_OK;
}

enum err machine_command(struct machine *m, const struct alert_rule *r, unsigned act, int64_t at_ms,
                         int64_t until_ms, bool quiet, struct machine_change *out,
                         const char **why) {
    switch (act) {
    case ALERT_ACK:
        return ack(m, at_ms, out, why);
    case ALERT_SHELVE:
        return shelve(m, at_ms, until_ms, out, why);
    case ALERT_UNSHELVE:
        if (m->state != ALERT_SHELVED)
            return refuse(why, "It is not shelved.");
        release(m, r, at_ms, quiet, ALERT_WHY_UNSHELVED, out);
        return ERR_OK;
    case ALERT_DISABLE:
        if (m->state == ALERT_OUT_OF_SERVICE)
            return refuse(why, "It is out of service already.");
        leave(m, at_ms, ALERT_OUT_OF_SERVICE, ALERT_WHY_DISABLED, out);
        return ERR_OK;
    case ALERT_ENABLE:
        if (m->state != ALERT_OUT_OF_SERVICE)
            return refuse(why, "It is in service.");
        release(m, r, at_ms, quiet, ALERT_WHY_ENABLED, out);
        return ERR_OK;
    default:
        return refuse(why, "There is no such command.");
    }
}

bool machine_end(struct machine *m, int64_t at_ms, enum alert_why why, bool keep,
                 struct machine_change *out) {
    const bool hidden = m->state == ALERT_SHELVED || m->state == ALERT_OUT_OF_SERVICE;
    m->on = 0;
    m->blind_ms = 0;
    m->flap_n = 0;
    m->flapping = false;
    machine_skip(m);
    if (m->state == ALERT_NORMAL || (hidden && keep))
        return false;
    return leave(m, at_ms, ALERT_NORMAL, why, out);
}

/* --- views, bytes ------------------------------------------------------------------------------
 */

enum alert_state machine_state(const struct machine *m) {
    return m->state == ALERT_NORMAL && machine_is_pending(m) ? ALERT_PENDING
                                                             : (enum alert_state)m->state;
}

bool machine_is_active(const struct machine *m) {
    return m->state == ALERT_ACTIVE || m->state == ALERT_ACKED;
}

/* A time or none. */
static void add_time(struct buf *out, int64_t t_ms) {
    buf_add_byte(out, t_ms != MACHINE_NEVER);
    if (t_ms != MACHINE_NEVER)
        buf_add_svarint(out, t_ms);
}

static enum err take_time(struct cursor *c, int64_t *t_ms) {
    uint8_t some = 0;
    enum err err = cursor_take_byte(c, &some);
    *t_ms = MACHINE_NEVER;
    if (!err && some > 1)
        err = ERR_FORMAT;
    return err || !some ? err : cursor_take_svarint(c, t_ms);
}

/* Bytes state, on, level, severity, flags (1 escalated, 2 flapping), flap_n; then times: since,
 * active, told, until, blind, up and down of each level, flap_n of the flaps. */
enum err machine_pack(const struct machine *m, struct buf *out) {
    const uint8_t flags = (uint8_t)(m->escalated | m->flapping << 1);
    const uint8_t head[] = {m->state, m->on, m->level, m->severity, flags, m->flap_n};
    buf_add(out, head, sizeof head);
    add_time(out, m->since_ms);
    add_time(out, m->active_ms);
    add_time(out, m->told_ms);
    add_time(out, m->until_ms);
    add_time(out, m->blind_ms);
    for (unsigned i = 0; i < ALERT_LEVELS_MAX; i++) {
        add_time(out, m->up_ms[i]);
        add_time(out, m->down_ms[i]);
    }
    for (unsigned i = 0; i < m->flap_n; i++)
        add_time(out, m->flap_ms[i]);
    return out->failed ? ERR_NOMEM : ERR_OK;
}

static enum err take_head(struct cursor *c, struct machine *m) {
    uint8_t flags = 0, *const field[] = {&m->state,    &m->on, &m->level,
                                         &m->severity, &flags, &m->flap_n};
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof field / sizeof *field && !err; i++)
        err = cursor_take_byte(c, field[i]);
    m->escalated = flags & 1;
    m->flapping = flags & 2;
    bool legal = m->state < ALERT_STATE_COUNT && m->state != ALERT_PENDING &&
                 m->on < 1U << ALERT_LEVELS_MAX && m->level <= ALERT_LEVELS_MAX &&
                 m->severity < ALERT_SEVERITY_COUNT && flags < 4 && m->flap_n <= ALERT_FLAPS_MAX;
    return err || legal ? err : ERR_FORMAT;
}

enum err machine_unpack(struct cursor *c, struct machine *m) {
    struct machine t;
    struct cursor at = *c;
    machine_init(&t);
    int64_t *const field[] = {&t.since_ms, &t.active_ms, &t.told_ms, &t.until_ms, &t.blind_ms};
    enum err err = take_head(&at, &t);
    for (size_t i = 0; i < sizeof field / sizeof *field && !err; i++)
        err = take_time(&at, field[i]);
    for (unsigned i = 0; i < 2 * ALERT_LEVELS_MAX && !err; i++)
        err = take_time(&at, i % 2 ? &t.down_ms[i / 2] : &t.up_ms[i / 2]);
    for (unsigned i = 0; i < t.flap_n && !err; i++)
        err = take_time(&at, &t.flap_ms[i]);
    if (err)
        return err;
    *m = t;
    *c = at;
    return ERR_OK;
}
