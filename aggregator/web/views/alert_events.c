/* Events of alerts as the store has them, read in pages: the list of what happened, back from the
 * newest; figures of a span. */
#include <stdlib.h>

#include "alert/tally.h"
#include "views/alerts.h"

enum {
    PAGE = 500,
    READ_MOST = 20000, /* events looked at for one page of a list */
    TOP = 10
};

struct event_page {
    struct alert_event *page; /* of one read, oldest first */
    size_t n;
    enum err err;
};

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct event_page *r = user;
    r->err = !err && rows->truncated ? ERR_FULL : err;
    for (r->n = 0; r->n < rows->n && r->n < PAGE && !r->err; r->n++)
        r->err = alert_event_unpack(rows->at[r->n].value, &r->page[r->n]);
}

/* Events [first, behind), of which at most a page. */
static enum err read_page(const struct history_reader *reader, uint64_t first, uint64_t behind,
                          struct event_page *r) {
    uint8_t from[ALERT_EVENT_KEY], to[ALERT_EVENT_KEY];
    alert_event_key(first, from);
    alert_event_key(behind, to);
    const struct store_range range = {
        .table = STORE_EVENT, .from = span_of(from, sizeof from), .to = span_of(to, sizeof to)};
    const enum err err = reader->load(reader->user, &range, 1, on_rows, r);
    return err ? err : r->err;
}

/* The newest first of those before, until `take` has enough. *before moves on to the last one that
 * was taken; 0: there are none before it. */
static enum err read_back(const struct history_reader *reader, uint64_t *before, uint64_t most,
                          bool (*take)(void *user, const struct alert_event *e), void *user) {
    struct alert_event *page = calloc(PAGE, sizeof *page);
    struct event_page r = {.page = page};
    bool go = page != NULL;
    enum err err = page ? ERR_OK : ERR_NOMEM;
    for (uint64_t read = 0; go && !err && *before > 1 && read < most; read += r.n) {
        const uint64_t first = *before > PAGE ? *before - PAGE : 1;
        err = read_page(reader, first, *before, &r);
        for (size_t i = r.n; i > 0 && go && !err; i--) {
            go = take(user, &page[i - 1]);
            *before = page[i - 1].n;
        }
        if (go && !err && (r.n == 0 || page[0].n > first || first == 1))
            *before = 0; /* what is older has left the store, or never was */
    }
    free(page);
    return err;
}

/* --- the list ----------------------------------------------------------------------------------
 */

struct listing {
    const struct view_history *ask;
    struct json_writer *w;
    size_t n;
    bool over; /* what is older was not asked for */
};

static bool is_asked(const struct view_history *ask, const struct alert_event *e) {
    const struct view_alarms *a = &ask->alarms;
    return (!a->rule.s[0] || ident_equal(&a->rule, &e->rule)) &&
           (!a->node.s[0] || ident_equal(&a->node, &e->node)) && e->at_ms < ask->query.to_ms &&
           e->at_ms >= ask->query.from_ms;
}

/* By when they were told they are in order but for a clock that was set: an hour is spared. */
static bool list_event(void *user, const struct alert_event *e) {
    struct listing *l = user;
    l->over = e->told_ms < l->ask->query.from_ms - UTC_HOUR_MS;
    if (l->over)
        return false;
    if (is_asked(l->ask, e)) {
        view_alert_event(l->w, e);
        l->n++;
    }
    return l->n < l->ask->query.limit;
}

enum err view_past_alerts(const struct view_history *ask, const struct history_reader *r,
                          struct buf *out) {
    struct json_writer w;
    struct listing l = {.ask = ask, .w = &w};
    uint64_t before = ask->alarms.before;
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    json_writer_key(&w, "events");
    json_writer_begin_array(&w);
    enum err err = read_back(r, &before, READ_MOST, list_event, &l);
    json_writer_end_array(&w);
    json_writer_key(&w, "next");
    if (before > 1 && !l.over)
        json_writer_int64(&w, (int64_t)before);
    else
        json_writer_null(&w);
    json_writer_end_object(&w);
    return err ? err : json_writer_finish(&w);
}

/* --- figures -----------------------------------------------------------------------------------
 */

struct begin { /* of a span, looked for from the newest event back */
    int64_t from_ms;
    uint64_t first; /* number of its first event; 0: none */
};

static bool seek_begin(void *user, const struct alert_event *e) {
    struct begin *b = user;
    if (e->told_ms < b->from_ms - UTC_HOUR_MS)
        return false;
    b->first = e->n;
    return true;
}

/* A tally wants the oldest first: a page at a time, so memory does not grow with the events. */
static enum err tally_events(const struct history_reader *reader, uint64_t first, uint64_t behind,
                             struct tally *t) {
    struct alert_event *page = calloc(PAGE, sizeof *page);
    struct event_page r = {.page = page};
    enum err err = page ? ERR_OK : ERR_NOMEM;
    for (; !err && first < behind; first += PAGE) {
        err = read_page(reader, first, behind - first > PAGE ? first + PAGE : behind, &r);
        for (size_t i = 0; i < r.n && !err; i++)
            err = tally_add(t, &page[i]);
    }
    free(page);
    return err;
}

static void put_int(struct json_writer *w, const char *key, uint64_t v) {
    json_writer_key(w, key);
    json_writer_int64(w, (int64_t)v);
}

static void put_time(struct json_writer *w, const char *key, int64_t t_ms) {
    char text[UTC_TEXT];
    utc_format(t_ms, text);
    json_writer_key(w, key);
    json_writer_text(w, text);
}

static void put_name(struct json_writer *w, const struct ident *rule, const struct ident *node) {
    json_writer_key(w, "rule");
    json_writer_text(w, rule->s);
    json_writer_key(w, "node");
    json_writer_text(w, node->s);
}

static void put_top(struct json_writer *w, const struct tally *t) {
    json_writer_key(w, "top");
    json_writer_begin_array(w);
    for (size_t i = 0; i < t->alert_n && i < TOP && t->alert[i].activations; i++) {
        const struct tally_alert *a = &t->alert[i];
        json_writer_begin_object(w);
        put_name(w, &a->rule, &a->node);
        put_int(w, "activations", a->activations);
        json_writer_key(w, "share");
        json_writer_real(w, (double)a->activations / (double)t->activations);
        put_int(w, "told", a->told);
        json_writer_key(w, "chatters");
        json_writer_bool(w, a->chatters);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

static void put_now(struct json_writer *w, const struct view_alarms_now *now) {
    json_writer_key(w, "now");
    json_writer_begin_object(w);
    put_int(w, "active", now->active);
    put_int(w, "unacknowledged", now->unacknowledged);
    put_int(w, "shelved", now->shelved);
    put_int(w, "suppressed", now->suppressed);
    put_int(w, "out_of_service", now->out_of_service);
    put_int(w, "flapping", now->flapping);
    put_int(w, "no_data", now->no_data);
    put_int(w, "positions_flooded", now->positions_flooded);
    put_int(w, "standing", now->standing);
    json_writer_end_object(w);
    json_writer_key(w, "standing");
    json_writer_begin_array(w);
    for (size_t i = 0; i < now->standing && i < VIEW_STANDING_MAX; i++) {
        json_writer_begin_object(w);
        put_name(w, &now->longest[i].rule, &now->longest[i].node);
        put_time(w, "since", now->longest[i].since_ms);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

static void put_figures(struct json_writer *w, const struct tally *t) {
    uint64_t chatter = 0, quiet = 0;
    for (size_t i = 0; i < t->alert_n; i++)
        chatter += t->alert[i].chatters;
    for (size_t i = 0; i < t->hour_n; i++)
        quiet += t->hour[i] == 0;
    put_time(w, "from", t->from_ms);
    put_time(w, "to", t->to_ms);
    put_int(w, "activations", t->activations);
    json_writer_key(w, "per_hour");
    json_writer_real(w, tally_rate_per_h(t));
    put_int(w, "busiest_hour", t->busiest);
    put_int(w, "hours", t->hour_n);
    put_int(w, "quiet_hours", quiet);
    put_int(w, "acknowledged", t->acked);
    put_int(w, "first_out", t->first_out);
    put_int(w, "in_floods", t->flooded);
    put_int(w, "suppressed", t->suppressed);
    put_int(w, "chattering", chatter);
    put_int(w, "alerts", t->alert_n);
    put_int(w, "in_no_row", t->overflow);
    json_writer_key(w, "by_severity");
    json_writer_begin_object(w);
    for (unsigned s = 0; s < ALERT_SEVERITY_COUNT; s++)
        put_int(w, alert_severity_name((enum alert_severity)s), t->by_severity[s]);
    json_writer_end_object(w);
}

enum err view_past_figures(const struct view_history *ask, const struct history_reader *r,
                           struct buf *out) {
    struct begin b = {.from_ms = ask->query.from_ms};
    struct json_writer w;
    struct tally t;
    uint64_t before = ask->alarms.before;
    enum err err = tally_init(&t, ask->query.from_ms, ask->query.to_ms);
    if (!err)
        err = read_back(r, &before, UINT64_MAX, seek_begin, &b);
    if (!err && b.first)
        err = tally_events(r, b.first, ask->alarms.before, &t);
    tally_finish(&t);
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    put_figures(&w, &t);
    put_top(&w, &t);
    put_now(&w, &ask->alarms.now);
    json_writer_end_object(&w);
    tally_fini(&t);
    return err ? err : json_writer_finish(&w);
}
