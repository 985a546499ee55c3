#include "modbus/modbus_reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define NONE INT64_MIN
enum { WHAT = 200, WHY = 400 };

/* --- messages -----------------------------------------------------------------------------------
 */

enum err modbus_message_format(const struct modbus_head *head, struct span rest, struct buf *out) {
    (void)buf_add_byte(out, head->kind);
    (void)buf_add_byte(out, head->exception);
    (void)buf_add_byte(out, 0);
    (void)buf_add_byte(out, 0);
    (void)buf_add_le32(out, head->request);
    (void)buf_add_le64(out, (uint64_t)head->t_ms);
    return buf_add(out, rest.p, rest.n);
}

enum err modbus_message_parse(struct span message, struct modbus_head *head, struct span *rest) {
    struct cursor c = cursor_of(message);
    struct modbus_head h;
    uint8_t zero;
    uint64_t t;
    if (cursor_take_byte(&c, &h.kind) || cursor_take_byte(&c, &h.exception) ||
        cursor_take_byte(&c, &zero) || cursor_take_byte(&c, &zero) ||
        cursor_take_le32(&c, &h.request) || cursor_take_le64(&c, &t) || h.kind >= MODBUS_NEWS_COUNT)
        return ERR_FORMAT;
    h.t_ms = (int64_t)t;
    *head = h;
    *rest = span_of(c.p, cursor_left(&c));
    return ERR_OK;
}

/* --- life ---------------------------------------------------------------------------------------
 */

enum err modbus_reader_init(struct modbus_reader *r, struct modbus_plan *plan) {
    *r = (struct modbus_reader){.plan = plan, .known_ms = NONE, .due_ms = NONE, .broken = true};
    r->silent = calloc(plan->device_n + 1, sizeof *r->silent);
    return r->silent ? ERR_OK : ERR_NOMEM;
}

void modbus_reader_fini(struct modbus_reader *r) {
    free(r->silent);
    r->silent = NULL;
}

enum err modbus_reader_declare(struct modbus_reader *r, const struct source_out *out) {
    for (; r->declared_n < r->plan->item_n; r->declared_n++) {
        struct modbus_item *item = &r->plan->items[r->declared_n];
        const enum err err = out->add_point(out->user, &item->quantity.shape, &item->id);
        if (err)
            return err;
    }
    r->declared = true;
    return ERR_OK;
}

size_t modbus_reader_silent(const struct modbus_reader *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->plan->device_n; i++)
        n += r->silent[i];
    return n;
}

/* --- what is vouched for ------------------------------------------------------------------------
 */

enum err modbus_reader_vouch(struct modbus_reader *r, const struct source_out *out) {
    if (r->due_ms == NONE)
        return ERR_OK;
    const enum err err = out->covered(out->user, r->since_ms, r->due_ms);
    if (err)
        return err;
    r->known_ms = r->due_ms;
    r->due_ms = NONE;
    return ERR_OK;
}

static void extend(struct modbus_reader *r, int64_t t_ms) {
    const int64_t known = r->due_ms != NONE ? r->due_ms : r->known_ms;
    if (known != NONE && t_ms <= known)
        return;
    if (r->due_ms == NONE)
        r->since_ms = known == NONE ? t_ms : known;
    r->due_ms = t_ms;
}

static void forget(struct modbus_reader *r) {
    for (size_t i = 0; i < r->plan->item_n; i++)
        r->plan->items[i].told = false;
    for (size_t i = 0; i < r->plan->factor_n; i++)
        r->plan->factors[i].known = false;
}

/* After a break, or a silence in which nobody looked, a new span begins, and every value is told
 * again, whether it is the same or not. */
static enum err bridge(struct modbus_reader *r, int64_t t_ms, const struct source_out *out) {
    const int64_t known = r->due_ms != NONE ? r->due_ms : r->known_ms;
    if (!r->broken && known != NONE && t_ms - known <= r->plan->gap_ms)
        return ERR_OK;
    enum err err = modbus_reader_vouch(r, out);
    if (err)
        return err;
    if (known == NONE || t_ms > known) {
        err = out->covered(out->user, t_ms, t_ms);
        if (err)
            return err;
        r->known_ms = t_ms;
    }
    forget(r);
    r->broken = false;
    r->owed = true;
    return ERR_OK;
}

/* --- values -------------------------------------------------------------------------------------
 */

static bool is_near(const struct modbus_item *item, const struct value *v) {
    if (v->kind != item->last.kind)
        return false;
    switch ((enum value_kind)v->kind) {
    case VALUE_NONE:
        return true;
    case VALUE_INT: {
        int64_t moved;
        if (__builtin_sub_overflow(v->as.i, item->last.as.i, &moved) || moved == INT64_MIN)
            return false;
        return (moved < 0 ? -moved : moved) <=
               (item->quantity.type == POINT_STATE ? 0 : item->deadband_raw);
    }
    case VALUE_REAL:
        return fabs(v->as.r - item->last.as.r) <= item->deadband;
    case VALUE_TEXT:
        return v->as.text.n == item->last.as.text.n &&
               memcmp(v->as.text.p, item->last_text, v->as.text.n) == 0;
    case VALUE_AMOUNT:
        return false;
    }
    return false;
}

static void remember(struct modbus_item *item, const struct reading *r) {
    item->told = true;
    item->quality = r->quality;
    item->told_ms = r->t_ms;
    item->why = (uint8_t)batch_why_of(r);
    item->last = r->v;
    if (r->quality == QUALITY_BAD)
        item->last = (struct value){.kind = VALUE_NONE};
    if (r->quality != QUALITY_BAD && r->v.kind == VALUE_TEXT && item->last_text) {
        memcpy(item->last_text, r->v.as.text.p, r->v.as.text.n);
        item->last.as.text.p = item->last_text;
    }
}

/* It says what was told last; of a bad one, for the same reason. */
static bool says_the_same(const struct modbus_item *item, const struct reading *x) {
    if (!item->told || item->quality != x->quality)
        return false;
    return x->quality == QUALITY_BAD ? item->why == batch_why_of(x) : is_near(item, &x->v);
}

/* Tells a reading unless it says nothing new. */
static enum err tell(struct modbus_reader *r, struct modbus_item *item, struct reading reading,
                     struct span raw, const struct source_out *out) {
    const bool by_exception =
        item->quantity.shape.sampling == POINT_HELD || reading.quality == QUALITY_BAD;
    reading.point = item->id;
    reading.t_ms = r->head.t_ms;
    if (by_exception && says_the_same(item, &reading) &&
        reading.t_ms - item->told_ms < r->plan->heartbeat_ms)
        return ERR_OK;
    if (out->raw && raw.n)
        out->raw(out->user, item->id, raw);
    const enum err err = out->reading(out->user, &reading);
    if (err)
        return err;
    remember(item, &reading);
    r->some = true;
    return ERR_OK;
}

/* Says once why a point is bad, until it is good again. */
static void refuse(const struct modbus_reader *r, struct modbus_item *item, const char *reason,
                   const char *what, const struct source_out *out) {
    char place[WHY];
    if (item->refused)
        return;
    item->refused = true;
    const struct modbus_request *q = &r->plan->requests[r->head.request];
    (void)snprintf(place, sizeof place, "device %s, point %s: %s", r->plan->devices[q->device].name,
                   item->quantity.shape.name, what);
    out->refused(out->user, reason, place);
}

static enum err tell_bad(struct modbus_reader *r, struct modbus_item *item, enum batch_why why,
                         struct span raw, const struct source_out *out) {
    struct reading bad = {.quality = QUALITY_BAD};
    batch_bad(&bad, why);
    return tell(r, item, bad, raw, out);
}

static enum err tell_item(struct modbus_reader *r, struct modbus_item *item, struct span raw,
                          const struct source_out *out) {
    static const struct modbus_factor one = {.known = true};
    const struct modbus_factor *f =
        item->factor == MODBUS_NO_FACTOR ? &one : &r->plan->factors[item->factor];
    char text[MODBUS_TEXT], what[WHAT];
    struct value v;
    if (!f->known)
        return ERR_OK; /* its register is on its way */
    enum err err =
        f->absent ? ERR_NOT_FOUND : modbus_value_text(&item->shape, raw.p, f->exponent, text);
    if (!err) {
        err = quantity_value(&item->quantity, span_str(text), &v);
        if (err)
            (void)snprintf(what, sizeof what, "expected %s, not \"%.60s\"",
                           quantity_expects(&item->quantity), text);
    } else if (err == ERR_NOT_FOUND) {
        (void)snprintf(what, sizeof what, "the device says that it has no value");
    } else {
        (void)snprintf(what, sizeof what, "registers that hold no value of its format");
    }
    if (err) {
        refuse(r, item, err == ERR_NOT_FOUND ? "absent" : "value", what, out);
        return tell_bad(r, item,
                        err == ERR_NOT_FOUND ? BATCH_WHY_UNAVAILABLE
                        : err == ERR_RANGE   ? BATCH_WHY_OUT_OF_RANGE
                                             : BATCH_WHY_UNREADABLE,
                        raw, out);
    }
    item->refused = false;
    return tell(r, item, (struct reading){.quality = QUALITY_GOOD, .v = v}, raw, out);
}

/* --- messages become readings -------------------------------------------------------------------
 */

static struct span part_bytes(const struct modbus_reader *r, const struct modbus_part *part) {
    const bool bits = r->plan->requests[r->head.request].table < MODBUS_HOLDING;
    const size_t each = bits ? 1 : 2;
    return span_of(r->bytes.p + each * part->at, each * part->n);
}

static void take_factors(struct modbus_reader *r, const struct modbus_request *q) {
    for (uint32_t i = 0; i < q->part_n; i++) {
        const struct modbus_part *part = &r->plan->parts[q->part + i];
        if (part->factor == UINT32_MAX)
            continue;
        struct modbus_factor *f = &r->plan->factors[part->factor];
        f->absent = modbus_value_exponent(part_bytes(r, part).p, &f->exponent) != ERR_OK;
        f->known = true;
    }
}

static enum err tell_values(struct modbus_reader *r, const struct source_out *out) {
    const struct modbus_request *q = &r->plan->requests[r->head.request];
    take_factors(r, q);
    for (; r->at < q->part_n; r->at++) {
        const struct modbus_part *part = &r->plan->parts[q->part + r->at];
        if (part->item == UINT32_MAX)
            continue;
        const enum err err = tell_item(r, &r->plan->items[part->item], part_bytes(r, part), out);
        if (err)
            return err;
    }
    return ERR_OK;
}

/* The points of the request are bad: it was refused. */
static enum err tell_refusal(struct modbus_reader *r, const struct source_out *out) {
    const struct modbus_request *q = &r->plan->requests[r->head.request];
    for (; r->at < q->part_n; r->at++) {
        const struct modbus_part *part = &r->plan->parts[q->part + r->at];
        if (part->factor != UINT32_MAX)
            r->plan->factors[part->factor].known = false;
        if (part->item == UINT32_MAX)
            continue;
        const enum err err =
            tell_bad(r, &r->plan->items[part->item], BATCH_WHY_REFUSED, span_of(NULL, 0), out);
        if (err)
            return err;
    }
    return ERR_OK;
}

/* All points of the device are bad; those of which that was told are passed over. */
static enum err tell_silence(struct modbus_reader *r, uint16_t device,
                             const struct source_out *out) {
    for (uint32_t i = 0; i < r->plan->request_n; i++) {
        const struct modbus_request *q = &r->plan->requests[i];
        for (uint32_t k = 0; q->device == device && k < q->part_n; k++) {
            const struct modbus_part *part = &r->plan->parts[q->part + k];
            if (part->item == UINT32_MAX)
                continue;
            const enum err err = tell_bad(r, &r->plan->items[part->item], BATCH_WHY_NO_ANSWER,
                                          span_of(NULL, 0), out);
            if (err)
                return err;
        }
    }
    return ERR_OK;
}

/* With the first answer after a gap, the devices that do not answer are known to be bad. */
static enum err tell_absent(struct modbus_reader *r, const struct source_out *out) {
    for (uint16_t i = 0; r->owed && i < r->plan->device_n; i++) {
        if (!r->silent[i] || i == r->plan->requests[r->head.request].device)
            continue;
        const enum err err = tell_silence(r, i, out);
        if (err)
            return err;
    }
    r->owed = false;
    return ERR_OK;
}

/* Once for each change of a request's or device's state. */
static void announce(struct modbus_reader *r, const struct source_out *out) {
    const struct modbus_request *q = &r->plan->requests[r->head.request];
    const char *name = r->plan->devices[q->device].name;
    const bool refusal = r->head.kind == MODBUS_NEWS_REFUSAL;
    if (refusal)
        (void)snprintf(r->detail, sizeof r->detail,
                       "device %s: function %u, %u from %u on: exception %u: %.*s", name,
                       (unsigned)q->table, (unsigned)q->count, (unsigned)q->address,
                       (unsigned)r->head.exception, (int)(r->bytes.n < 80 ? r->bytes.n : 80),
                       (const char *)r->bytes.p);
    else
        (void)snprintf(r->detail, sizeof r->detail, "device %s, unit %u: no answer: %.*s", name,
                       (unsigned)q->unit, (int)(r->bytes.n < 80 ? r->bytes.n : 80),
                       (const char *)r->bytes.p);
    bool known = true;
    for (uint32_t i = 0; refusal && i < q->part_n; i++) {
        const struct modbus_part *part = &r->plan->parts[q->part + i];
        if (part->item == UINT32_MAX)
            continue;
        known = known && r->plan->items[part->item].refused;
        r->plan->items[part->item].refused = true;
    }
    if (refusal ? !known : !r->silent[q->device])
        out->refused(out->user, refusal ? "exception" : "silent", r->detail);
}

static void link_down(struct modbus_reader *r, const struct source_out *out) {
    r->broken = true;
    (void)snprintf(r->detail, sizeof r->detail, "%.*s", (int)(r->bytes.n < 180 ? r->bytes.n : 180),
                   r->bytes.n ? (const char *)r->bytes.p : "");
    if (r->up)
        out->refused(out->user, "disconnected", r->detail);
    r->up = false;
}

static enum err fits(const struct modbus_reader *r, const struct modbus_head *h, struct span rest) {
    if (h->kind == MODBUS_NEWS_LINK_UP || h->kind == MODBUS_NEWS_LINK_DOWN)
        return ERR_OK;
    if (h->request >= r->plan->request_n || h->t_ms > BATCH_TIME_LIMIT_MS ||
        h->t_ms < -BATCH_TIME_LIMIT_MS)
        return ERR_FORMAT;
    const struct modbus_request *q = &r->plan->requests[h->request];
    const size_t expected = (q->table < MODBUS_HOLDING ? 1u : 2u) * (size_t)q->count;
    return h->kind != MODBUS_NEWS_VALUES || rest.n == expected ? ERR_OK : ERR_FORMAT;
}

enum err modbus_reader_take(struct modbus_reader *r, struct span message) {
    struct modbus_head head;
    struct span rest;
    enum err err = modbus_message_parse(message, &head, &rest);
    if (!err)
        err = fits(r, &head, rest);
    if (err)
        return err;
    r->head = head;
    r->bytes = rest;
    r->at = 0;
    r->begun = r->some = false;
    r->have = true;
    return ERR_OK;
}

static enum err tell_news(struct modbus_reader *r, uint16_t device, const struct source_out *out) {
    if (r->head.kind == MODBUS_NEWS_SILENCE)
        return tell_silence(r, device, out);
    const enum err err = tell_absent(r, out);
    if (err)
        return err;
    return r->head.kind == MODBUS_NEWS_VALUES ? tell_values(r, out) : tell_refusal(r, out);
}

/* While nobody is heard of, a silence is told with the first answer that comes. */
static enum err tell_device(struct modbus_reader *r, const struct source_out *out) {
    const uint16_t device = r->plan->requests[r->head.request].device;
    const bool silence = r->head.kind == MODBUS_NEWS_SILENCE, later = silence && r->broken;
    enum err err = later ? ERR_OK : bridge(r, r->head.t_ms, out);
    if (err)
        return err;
    if (!r->begun && r->head.kind != MODBUS_NEWS_VALUES)
        announce(r, out);
    if (!r->begun && r->head.kind == MODBUS_NEWS_REFUSAL)
        r->exceptions++;
    r->begun = true;
    if (!later) {
        err = tell_news(r, device, out);
        if (!err || r->some)
            extend(r, r->head.t_ms);
        if (err)
            return err;
    }
    r->silent[device] = silence;
    if (silence && r->head.exception)
        r->broken = true; /* nobody answers any more */
    return ERR_OK;
}

enum err modbus_reader_step(struct modbus_reader *r, const struct source_out *out) {
    enum err err = ERR_OK;
    if (!r->have)
        return ERR_OK;
    switch ((enum modbus_news)r->head.kind) {
    case MODBUS_NEWS_VALUES:
    case MODBUS_NEWS_REFUSAL:
    case MODBUS_NEWS_SILENCE:
        err = tell_device(r, out);
        break;
    case MODBUS_NEWS_LINK_UP:
        r->up = true;
        r->reconnects++;
        break;
    case MODBUS_NEWS_LINK_DOWN:
        link_down(r, out);
        break;
    case MODBUS_NEWS_COUNT:
        break;
    }
    if (!err)
        r->have = false;
    return err;
}
