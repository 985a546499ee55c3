/* Rows of STORE_ALERT. Each value ends with the CRC-32C of all before it; numbers are varints but
 * where a width is said:
 *
 *   rule NUL node   form 1, said (8 bytes, LE), number of the last event, mark, machine
 *                   (machine.c), who and note (length, bytes), recipients: count, then each id
 *                   (length, bytes); rows of earlier programs end in front of these
 *   NUL node        form 1, next minute (signed), number of quiet spans, each from and to (signed)
 *   NUL             form 1, number of the last event of all, positions: count, then each id
 *                   (length, bytes), number of times, times (signed)
 *
 * A rule's id is never empty, so keys are apart. Rows of one transaction fit each other: states,
 * the minute they are of, the events that led to them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alert/impl.h"
#include "base/hash.h"

enum { FORM = 1, SEAL = 4, KEY_MAX = 2 * IDENT_MAX + 1 };

/* --- putting -----------------------------------------------------------------------------------
 */

typedef enum err (*put_fn)(void *user, struct span key, struct span value);

static enum err seal(struct buf *v) {
    buf_add_le32(v, crc32c(buf_span(v)));
    return v->failed ? ERR_NOMEM : ERR_OK;
}

static void add_text(struct buf *v, const char *s) {
    size_t n = strlen(s);
    buf_add_byte(v, (uint8_t)n);
    buf_add(v, s, n);
}

static size_t key_of(const char *rule, const char *node, uint8_t key[KEY_MAX]) {
    size_t r = strlen(rule), n = strlen(node);
    memcpy(key, rule, r);
    key[r] = 0;
    memcpy(key + r + 1, node, n);
    return r + 1 + n;
}

bool instance_is_blank(const struct instance *x) {
    return machine_is_idle(&x->machine) && !x->machine.flap_n && !x->event;
}

static enum err put_instance(const struct alerts *a, struct instance *x, struct buf *v, put_fn put,
                             void *user) {
    uint8_t key[KEY_MAX];
    size_t n = key_of(x->rule->id.s, a->plant->node[a->node[x->node].node].id.s, key);
    if (instance_is_blank(x)) {
        enum err err = x->stored ? put(user, span_of(key, n), span_of(NULL, 0)) : ERR_OK;
        x->stored = x->stored && err;
        return err;
    }
    buf_reset(v);
    buf_add_byte(v, FORM);
    buf_add_le64(v, x->rule->said);
    buf_add_varint(v, x->event);
    buf_add_byte(v, x->mark);
    machine_pack(&x->machine, v);
    add_text(v, x->who ? x->who : "");
    add_text(v, x->who ? x->note : "");
    buf_add_varint(v, x->rule->recipient_n);
    for (size_t i = 0; i < x->rule->recipient_n; i++)
        add_text(v, x->rule->recipient[i].s);
    enum err err = seal(v);
    if (!err)
        err = put(user, span_of(key, n), buf_span(v));
    x->stored = x->stored || !err;
    return err;
}

static enum err put_node(const struct alerts *a, struct watched *w, struct buf *v, put_fn put,
                         void *user) {
    uint8_t key[KEY_MAX];
    size_t n = key_of("", a->plant->node[w->node].id.s, key);
    buf_reset(v);
    buf_add_byte(v, FORM);
    buf_add_svarint(v, w->watch.next);
    buf_add_varint(v, w->quiet_n);
    for (unsigned i = 0; i < w->quiet_n; i++) {
        buf_add_svarint(v, w->quiet[i].from);
        buf_add_svarint(v, w->quiet[i].to);
    }
    enum err err = seal(v);
    return err ? err : put(user, span_of(key, n), buf_span(v));
}

static enum err put_all(const struct alerts *a, struct buf *v, put_fn put, void *user) {
    buf_reset(v);
    buf_add_byte(v, FORM);
    buf_add_varint(v, a->last);
    buf_add_varint(v, a->position_n);
    for (size_t i = 0; i < a->position_n; i++) {
        const struct position *p = &a->position[i];
        add_text(v, p->id.s);
        buf_add_varint(v, p->n);
        for (unsigned k = 0; k < p->n; k++)
            buf_add_svarint(v, p->at_ms[k]);
    }
    enum err err = seal(v);
    return err ? err : put(user, span_of("", 1), buf_span(v));
}

static enum err drop_orphans(struct alerts *a, put_fn put, void *user) {
    uint8_t key[KEY_MAX];
    enum err err = ERR_OK;
    for (struct orphan *o = a->orphan; o && !err; o = a->orphan) {
        size_t n = key_of(o->rule.s, o->node.s, key);
        err = put(user, span_of(key, n), span_of(NULL, 0));
        if (!err) {
            a->orphan = o->next;
            free(o);
        }
    }
    return err;
}

enum err alerts_rows(struct alerts *a, put_fn put, void *user) {
    enum err err = drop_orphans(a, put, user);
    struct buf v;
    buf_init(&v);
    for (size_t i = 0; i < a->instance_n && !err; i++) {
        struct instance *x = &a->instance[i];
        if (x->changed && !(err = put_instance(a, x, &v, put, user)))
            x->changed = false;
    }
    for (size_t i = 0; i < a->node_n && !err; i++) {
        struct watched *w = &a->node[i];
        if (w->changed && !(err = put_node(a, w, &v, put, user)))
            w->changed = false;
    }
    if (a->changed && !err && !(err = put_all(a, &v, put, user)))
        a->changed = false;
    a->unstored = err != ERR_OK;
    buf_fini(&v);
    return err;
}

/* --- taking ------------------------------------------------------------------------------------
 */

static enum err open_value(struct span value, struct cursor *c) {
    uint32_t sum = 0;
    uint8_t form = 0;
    if (value.n < 1 + SEAL)
        return ERR_TRUNCATED;
    struct cursor end = cursor_of(span_of(value.p + value.n - SEAL, SEAL));
    (void)cursor_take_le32(&end, &sum);
    if (sum != crc32c(span_of(value.p, value.n - SEAL)))
        return ERR_CHECKSUM;
    *c = cursor_of(span_of(value.p, value.n - SEAL));
    enum err err = cursor_take_byte(c, &form);
    return err || form == FORM ? err : ERR_FORMAT;
}

static enum err take_span(struct cursor *c, struct span *out) {
    uint8_t n = 0;
    enum err err = cursor_take_byte(c, &n);
    return err ? err : cursor_take_span(c, n, out);
}

static enum err take_all(struct alerts *a, struct cursor *c) {
    uint64_t positions = 0;
    enum err err = cursor_take_varint(c, &a->last);
    if (!err)
        err = cursor_take_varint(c, &positions);
    for (uint64_t i = 0; i < positions && !err; i++) {
        struct position p = {0}, *known = NULL;
        struct span id;
        uint64_t n = 0;
        err = take_span(c, &id);
        if (!err)
            err = ident_set(&p.id, id) ? cursor_take_varint(c, &n) : ERR_FORMAT;
        if (!err && n > ALERT_FLOOD_COUNT + 1)
            err = ERR_FORMAT;
        for (; p.n < n && !err; p.n++)
            err = cursor_take_svarint(c, &p.at_ms[p.n]);
        for (size_t k = 0; k < a->position_n; k++)
            if (ident_equal(&a->position[k].id, &p.id))
                known = &a->position[k];
        if (!err && known)
            *known = p;
    }
    return err;
}

static enum err take_node(struct alerts *a, const struct ident *id, struct cursor *c) {
    struct watched *w = alerts_node(a, plant_find_node(a->plant, id->s));
    struct quiet_span quiet[QUIET_SPANS] = {{0}};
    int64_t next = 0;
    uint64_t n = 0;
    enum err err = cursor_take_svarint(c, &next);
    if (!err)
        err = cursor_take_varint(c, &n);
    if (!err && n > QUIET_SPANS)
        err = ERR_FORMAT;
    for (uint64_t i = 0; i < n && !err; i++) {
        err = cursor_take_svarint(c, &quiet[i].from);
        if (!err)
            err = cursor_take_svarint(c, &quiet[i].to);
    }
    if (!err && cursor_left(c))
        err = ERR_FORMAT;
    if (err)
        return err;
    if (!w) {
        struct machine none;
        machine_init(&none);
        return alerts_keep_orphan(a, &(struct ident){0}, id, &none, NULL, 0);
    }
    w->watch.next = next;
    w->quiet_n = (unsigned)n;
    memcpy(w->quiet, quiet, sizeof quiet);
    w->changed = false;
    return ERR_OK;
}

enum err alerts_keep_orphan(struct alerts *a, const struct ident *rule, const struct ident *node,
                            const struct machine *m, const struct ident *recipient, size_t n) {
    struct orphan *o = calloc(1, sizeof *o);
    if (!o)
        return ERR_NOMEM;
    *o = (struct orphan){.rule = *rule, .node = *node, .machine = *m, .next = a->orphan};
    for (; o->recipient_n < n; o->recipient_n++)
        o->recipient[o->recipient_n] = recipient[o->recipient_n];
    a->orphan = o;
    return ERR_OK;
}

/* Whom the rule named: should it be gone now, they hear of that. */
static enum err take_recipients(struct cursor *c, struct ident out[ALERT_RECIPIENTS_MAX],
                                uint64_t *n) {
    struct span id;
    *n = 0;
    enum err err = cursor_left(c) ? cursor_take_varint(c, n) : ERR_OK;
    if (!err && *n > ALERT_RECIPIENTS_MAX)
        err = ERR_FORMAT;
    for (uint64_t i = 0; i < *n && !err; i++) {
        err = take_span(c, &id);
        if (!err && !ident_set(&out[i], id))
            err = ERR_FORMAT;
    }
    return err;
}

static enum err take_instance(struct alerts *a, const struct ident *rule, const struct ident *node,
                              struct cursor *c) {
    struct instance *x = alerts_find(a, rule, node);
    struct machine m;
    struct span who = {0}, note = {0};
    struct ident recipient[ALERT_RECIPIENTS_MAX];
    uint64_t said = 0, event = 0, recipient_n = 0;
    uint8_t mark = 0;
    enum err err = cursor_take_le64(c, &said);
    if (!err)
        err = cursor_take_varint(c, &event);
    if (!err)
        err = cursor_take_byte(c, &mark);
    if (!err)
        err = machine_unpack(c, &m);
    if (!err)
        err = take_span(c, &who);
    if (!err)
        err = take_span(c, &note);
    if (!err)
        err = take_recipients(c, recipient, &recipient_n);
    if (!err && (cursor_left(c) || who.n > ALERT_WHO_MAX || note.n > ALERT_NOTE_MAX))
        err = ERR_FORMAT;
    if (err)
        return err;
    if (!x)
        return alerts_keep_orphan(a, rule, node, &m, recipient, recipient_n);
    if (who.n && instance_say(x, who, note))
        return ERR_NOMEM;
    x->machine = m;
    x->mark = mark;
    x->flood_of = mark & ALERT_FLOOD ? UINT8_MAX : 0; /* whose it was is not stored */
    x->event = event;
    x->stored = true;
    x->other = said != x->rule->said;
    return ERR_OK;
}

enum err alerts_take_row(struct alerts *a, struct span key, struct span value) {
    const uint8_t *nul = key.n ? memchr(key.p, 0, key.n) : NULL;
    struct ident rule = {0}, node = {0};
    struct cursor c;
    if (!nul)
        return ERR_FORMAT;
    const size_t n = (size_t)(nul - key.p);
    enum err err = open_value(value, &c);
    if (err)
        return err;
    if (key.n == 1)
        return take_all(a, &c);
    if (!ident_set(&node, span_of(nul + 1, key.n - n - 1)) ||
        (n > 0 && !ident_set(&rule, span_of(key.p, n))))
        return ERR_FORMAT;
    return n > 0 ? take_instance(a, &rule, &node, &c) : take_node(a, &node, &c);
}

/* --- what is gone, what is another -------------------------------------------------------------
 */

static void tell_orphan(struct alerts *a, struct orphan *o, int64_t now_ms) {
    struct machine_change c;
    if (!machine_end(&o->machine, now_ms, ALERT_WHY_GONE, false, &c))
        return;
    a->event[a->event_n++] = (struct alert_event){.n = ++a->last,
                                                  .at_ms = now_ms,
                                                  .told_ms = now_ms,
                                                  .rule = o->rule,
                                                  .node = o->node,
                                                  .from = c.from,
                                                  .to = c.to,
                                                  .why = c.why,
                                                  .severity = c.severity,
                                                  .value = NAN,
                                                  .threshold = NAN};
    a->changed = true;
    a->events++;
}

enum err alerts_started(struct alerts *a, int64_t now_ms) {
    size_t n = 0;
    for (const struct orphan *o = a->orphan; o; o = o->next)
        n++;
    enum err err = alerts_reserve(a, a->instance_n + n);
    if (err)
        return err;
    alerts_count_active(a);
    a->unstored = a->unstored || a->orphan;
    for (struct orphan *o = a->orphan; o; o = o->next)
        tell_orphan(a, o, now_ms);
    for (size_t i = 0; i < a->instance_n; i++) {
        struct instance *x = &a->instance[i];
        struct machine_change c;
        if (!x->other)
            continue;
        x->other = false;
        x->changed = a->unstored = true;
        if (machine_end(&x->machine, now_ms, ALERT_WHY_CHANGED, true, &c))
            alerts_tell(a, x, &c, now_ms, now_ms);
    }
    return ERR_OK;
}
