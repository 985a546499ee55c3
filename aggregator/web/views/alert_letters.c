/* Dead letters of channels as the store has them. */
#include <inttypes.h>
#include <stdio.h>

#include "alert/letter.h"
#include "views/alerts.h"
#include "views/field.h"

struct listing {
    struct json_writer w;
    size_t limit, n;
    struct ident channel; /* of the last one told */
    uint64_t last;
    bool more;
    enum err err;
};

static void put_letter(struct json_writer *w, const struct alert_letter *l) {
    json_writer_begin_object(w);
    field_text(w, "channel", l->channel.s);
    field_int(w, "n", (int64_t)l->event.n);
    field_time(w, "since", l->at_ms);
    json_writer_key(w, "tries");
    if (l->tries)
        json_writer_int64(w, (int64_t)l->tries);
    else
        json_writer_null(w);
    field_text(w, "error", l->words);
    field_text(w, "recipients", l->to[0] ? l->to : NULL);
    json_writer_key(w, "event");
    if (l->damaged)
        json_writer_null(w);
    else
        view_alert_event(w, &l->event);
    json_writer_end_object(w);
}

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct listing *x = user;
    struct alert_letter l;
    x->err = err;
    for (size_t i = 0; !x->err && i < rows->n && x->n < x->limit; i++) {
        x->err = alert_letter_unpack(rows->at[i].key, rows->at[i].value, &l);
        if (x->err)
            break;
        put_letter(&x->w, &l);
        x->channel = l.channel;
        x->last = l.event.n;
        x->n++;
    }
    x->more = !x->err && (rows->truncated || rows->n > x->n);
}

enum err view_past_letters(const struct view_history *ask, const struct history_reader *r,
                           struct buf *out) {
    const struct view_alarms *a = &ask->alarms;
    uint8_t from[ALERT_LETTER_KEY_MAX + 1] = ALERT_LETTER_KEYS,
                                        to[ALERT_LETTER_KEY_MAX] = ALERT_LETTER_KEYS_END;
    size_t from_n = 1, to_n = 1;
    struct listing x = {.limit = ask->query.limit};
    char next[IDENT_MAX + 24];
    if (a->channel.s[0]) {
        from_n = alert_letter_key(&a->channel, 0, from);
        to_n = alert_letter_key_end(&a->channel, to);
    }
    if (a->after.s[0]) {
        from_n = alert_letter_key(&a->after, a->before, from);
        from[from_n++] = 0; /* the least key after it */
    }
    const struct store_range range = {.table = STORE_NOTICE,
                                      .from = span_of(from, from_n),
                                      .to = span_of(to, to_n),
                                      .limit = (uint32_t)ask->query.limit + 1};
    json_writer_init(&x.w, out);
    json_writer_begin_object(&x.w);
    field_array(&x.w, "letters");
    enum err err = r->load(r->user, &range, 1, on_rows, &x);
    json_writer_end_array(&x.w);
    snprintf(next, sizeof next, "%s/%" PRIu64, x.channel.s, x.last);
    field_text(&x.w, "next", x.more ? next : NULL);
    json_writer_end_object(&x.w);
    err = err ? err : x.err;
    return err ? err : json_writer_finish(&x.w);
}
