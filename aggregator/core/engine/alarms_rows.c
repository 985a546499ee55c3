/* Alerts in the transaction of a checkpoint: what happened, whom it is to be told, and the states
 * it led to, all of them or none.
 *
 * Events are kept as long as windows. They lie in the order of their numbers, so where a month
 * begins is remembered (row "alerts" of STORE_META: number of the first event that is kept, then
 * for each month its begin and the number of its first event, varints, CRC-32C), and whole months
 * leave. */
#include "base/hash.h"
#include "engine/parts.h"

enum { SEAL_BYTES = 4 };
#define MONTH_MS (30 * UTC_DAY_MS)

/* --- months ------------------------------------------------------------------------------------
 */

static void note_month(struct alarms *a, const struct alert_event *e) {
    const int64_t begin = utc_floor(e->told_ms, MONTH_MS);
    if (a->month_n && begin <= a->month[a->month_n - 1].begin_ms)
        return; /* of a clock that was set back: it stays as long as those told before it */
    if (a->month_n == ALARM_MONTHS) {
        memmove(a->month + 1, a->month + 2, (ALARM_MONTHS - 2) * sizeof *a->month);
        a->month_n--;
    }
    a->month[a->month_n++] = (struct alarm_month){begin, e->n};
    a->months_changed = true;
}

/* Months whose next one has begun before what is kept. */
static enum err drop_old(struct core *c, struct store_tx *tx) {
    struct alarms *a = &c->alarms;
    const int64_t least = c->now.wall_ms - c->plant->keep_windows_ms;
    uint8_t from[ALERT_EVENT_KEY], to[ALERT_EVENT_KEY];
    unsigned n = 0;
    while (n + 1 < a->month_n && a->month[n + 1].begin_ms <= least)
        n++;
    if (n == 0)
        return ERR_OK;
    alert_event_key(a->dropped, from);
    alert_event_key(a->month[n].first, to);
    enum err err = store_tx_add(tx, STORE_DELETE_RANGE, STORE_EVENT, span_of(from, sizeof from),
                                span_of(to, sizeof to));
    if (err)
        return err;
    a->dropped = a->month[n].first;
    a->month_n -= n;
    memmove(a->month, a->month + n, a->month_n * sizeof *a->month);
    a->months_changed = true;
    return ERR_OK;
}

static enum err put_months(struct alarms *a, struct store_tx *tx) {
    struct buf v;
    if (!a->months_changed)
        return ERR_OK;
    buf_init(&v);
    buf_add_varint(&v, a->dropped);
    buf_add_varint(&v, a->month_n);
    for (unsigned i = 0; i < a->month_n; i++) {
        buf_add_svarint(&v, a->month[i].begin_ms);
        buf_add_varint(&v, a->month[i].first);
    }
    buf_add_le32(&v, crc32c(buf_span(&v)));
    enum err err = v.failed
                       ? ERR_NOMEM
                       : store_tx_add(tx, STORE_PUT, STORE_META, span_str("alerts"), buf_span(&v));
    buf_fini(&v);
    a->months_changed = err != ERR_OK;
    return err;
}

enum err alarms_take_months(struct core *c, struct span value) {
    struct alarms *a = &c->alarms;
    struct cursor v = cursor_of(value);
    uint64_t n = 0;
    uint32_t seal = 0;
    enum err err = cursor_take_varint(&v, &a->dropped);
    if (!err)
        err = cursor_take_varint(&v, &n);
    if (!err && n > ALARM_MONTHS)
        err = ERR_FORMAT;
    for (a->month_n = 0; a->month_n < n && !err; a->month_n++) {
        err = cursor_take_svarint(&v, &a->month[a->month_n].begin_ms);
        if (!err)
            err = cursor_take_varint(&v, &a->month[a->month_n].first);
    }
    if (!err)
        err = cursor_take_le32(&v, &seal);
    if (!err && (cursor_left(&v) || seal != crc32c(span_of(value.p, value.n - SEAL_BYTES))))
        err = ERR_CHECKSUM;
    return err;
}

/* --- rows --------------------------------------------------------------------------------------
 */

/* A flood is one of a position: who has no flood is told at once. */
static enum err put_notices(struct core *c, const struct alert_event *e, struct store_tx *tx) {
    const struct ident *to = NULL;
    size_t n = 0;
    if (alert_event_is_norm(e)) {
        to = c->announced.conf.to;
        n = c->announced.conf.to_n;
    } else if (alert_event_is_told(e)) {
        n = alerts_recipients(c->alarms.all, e, &to);
    }
    enum err err = ERR_OK;
    struct buf v;
    buf_init(&v);
    for (size_t i = 0; i < n && !err; i++) {
        uint8_t key[ALERT_NOTICE_KEY_MAX];
        const size_t bytes = alert_notice_key(&to[i], e->n, key);
        struct alert_event his = *e;
        if (!(e->flood_of >> i & 1))
            his.mark &= (uint8_t)~ALERT_FLOOD;
        buf_reset(&v);
        err = alert_event_pack(&his, &v);
        if (!err)
            err = store_tx_add(tx, STORE_PUT, STORE_NOTICE, span_of(key, bytes), buf_span(&v));
        c->alarms.notices++;
    }
    buf_fini(&v);
    return err;
}

static enum err put_events(struct core *c, struct store_tx *tx) {
    const struct alert_event *e = NULL;
    enum err err = ERR_OK;
    struct buf v;
    buf_init(&v);
    for (size_t i = 0; !err && (e = alerts_event(c->alarms.all, i)) != NULL; i++) {
        uint8_t key[ALERT_EVENT_KEY];
        alert_event_key(e->n, key);
        buf_reset(&v);
        err = alert_event_pack(e, &v);
        if (!err)
            err = store_tx_add(tx, STORE_PUT, STORE_EVENT, span_of(key, sizeof key), buf_span(&v));
        if (!err)
            err = put_notices(c, e, tx);
        if (!err)
            note_month(&c->alarms, e);
    }
    buf_fini(&v);
    return err;
}

static enum err put_row(void *user, struct span key, struct span value) {
    return store_tx_add(user, value.n ? STORE_PUT : STORE_DELETE, STORE_ALERT, key, value);
}

enum err alarms_put(struct core *c, struct store_tx *tx) {
    struct alarms *a = &c->alarms;
    a->in_commit = alerts_last(a->all);
    enum err err = announce_put(c, tx); /* with the events that it says were told */
    if (err || !alerts_unstored(a->all))
        return err;
    err = put_events(c, tx);
    if (!err)
        err = alerts_rows(a->all, put_row, tx);
    if (!err)
        alerts_drop_events(a->all);
    if (!err)
        err = drop_old(c, tx);
    return err ? err : put_months(a, tx);
}

enum err alarms_take(struct core *c, const struct store_item *row) {
    return alerts_take_row(c->alarms.all, row->key, row->value);
}

enum err alarms_start(struct core *c) {
    struct alarms *a = &c->alarms;
    a->in_commit = a->durable = alerts_last(a->all);
    return alerts_started(a->all, c->now.wall_ms);
}
