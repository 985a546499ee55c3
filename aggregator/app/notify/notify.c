/* A row of STORE_NOTICE for a position becomes one for each channel that is to be told, in one
 * transaction: so a process that dies in between neither loses nor doubles any. */
#include "notify/notify.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "http/http_client.h"
#include "notify/alertmanager.h"
#include "notify/mailer.h"
#include "notify/mqtt.h"
#include "notify/route.h"
#include "notify/webhook.h"

enum { ROUTE_ROWS = 2000, CHANNELS_MAX = 32 };

struct channel {
    struct notify *notify;
    const struct notify_channel_conf *conf;
    size_t index;
    struct queue *queue;
};

struct notify {
    struct notify_open open;
    struct notice_world world;
    struct http_client *http;
    struct channel channel[CHANNELS_MAX];
    size_t channel_n;
    struct letters *letters;
    struct notify_stats stats;
    bool woken, loading, committing, stopping;
    route_channels fresh; /* channels that the commit under way has rows for */
    int64_t now_wall_ms;
    size_t closing;
    void (*done)(void *user);
    void *done_user;
};

static void tell(struct notify *n, bool warn, const char *event, const char *detail) {
    if (n->open.on_note)
        n->open.on_note(n->open.note_user, warn, event, detail);
}

/* --- what notices need to know ------------------------------------------------------------------
 */

/* The plant may have been replaced since. */
static void look_at_plant(struct notify *n) {
    n->world.plant = n->open.source.plant(n->open.source.user);
}

static void fill_notice(void *user, const struct alert_event *e, struct notice *out) {
    struct notify *n = user;
    struct alert_view view;
    look_at_plant(n);
    out->event = e;
    out->active_ms = 0;
    if (alert_event_is_norm(e))
        return;
    out->rule = n->open.source.rule(n->open.source.user, &e->rule);
    const bool found = n->open.source.find(n->open.source.user, &e->rule, &e->node, &view);
    out->stale = (e->mark & ALERT_AGAIN) && !(found && view.event == e->n);
    if (!notice_is_active(e))
        return;
    if (e->why == ALERT_WHY_REACHED || e->from == ALERT_NORMAL)
        out->active_ms = e->at_ms;
    else if (found && view.active_ms <= e->at_ms)
        out->active_ms = view.active_ms;
}

static void note_of_queue(void *user, bool warn, const char *event, const char *detail) {
    tell(user, warn, event, detail);
}

static bool concerns(const struct channel *c, const struct alert_rule *r,
                     const struct alert_event *e) {
    for (size_t i = 0; i < r->recipient_n; i++)
        if (route_any_shift(c->notify->open.conf, c->notify->world.plant, &r->recipient[i], e) >>
                c->index &
            1)
            return true;
    return false;
}

/* An alert that is active now, as an event of its begin. */
static bool next_active(void *user, size_t *at, struct alert_event *e, struct notice *out) {
    const struct channel *c = user;
    struct notify *n = c->notify;
    const struct notify_source *s = &n->open.source;
    struct alert_view v;
    look_at_plant(n);
    while (s->alert(s->user, (*at)++, &v)) {
        if (v.state != ALERT_ACTIVE && v.state != ALERT_ACKED)
            continue;
        *e = (struct alert_event){.n = v.event,
                                  .at_ms = v.active_ms,
                                  .rule = v.rule->id,
                                  .node = n->world.plant->node[v.node].id,
                                  .from = ALERT_NORMAL,
                                  .to = v.state,
                                  .why = ALERT_WHY_REACHED,
                                  .severity = v.severity,
                                  .level = v.level,
                                  .mark = v.mark,
                                  .value = v.value,
                                  .threshold = v.threshold};
        if (!concerns(c, v.rule, e))
            continue;
        *out = (struct notice){.event = e, .rule = v.rule, .active_ms = v.active_ms};
        return true;
    }
    return false;
}

/* Those of its rule that lead to the channel, at the time when it was told. */
static void positions_of(void *user, const struct ident *channel, const struct alert_event *e,
                         char out[ALERT_LETTER_TO + 1]) {
    struct notify *n = user;
    const struct notify_conf *c = n->open.conf;
    const bool norm = alert_event_is_norm(e);
    const struct alert_rule *r = norm ? NULL : n->open.source.rule(n->open.source.user, &e->rule);
    const struct ident *to = norm ? c->norms.to : r ? r->recipient : NULL;
    const size_t to_n = norm ? c->norms.to_n : r ? r->recipient_n : 0;
    size_t at = 0, index = 0;
    look_at_plant(n);
    while (index < n->channel_n && !ident_equal(&n->channel[index].conf->id, channel))
        index++;
    for (size_t i = 0; i < to_n; i++) {
        bool other = false;
        const route_channels set = route_of(c, n->world.plant, &to[i], e, e->told_ms, &other);
        if (set >> index & 1)
            at += (size_t)snprintf(out + at, ALERT_LETTER_TO + 1 - at, "%s%s", at ? ", " : "",
                                   to[i].s);
    }
}

static void on_http_closed(void *user) {
    struct notify *n = user;
    n->http = NULL;
    n->done(n->done_user);
}

/* Of what is waited for at the end: channels, what is at the store, the stop itself. */
static void part_closed(struct notify *n) {
    if (--n->closing == 0)
        http_client_close(n->http, on_http_closed, n);
}

/* --- from positions to channels -----------------------------------------------------------------
 */

static void say_unrouted(struct notify *n, const struct ident *position,
                         const struct alert_event *e) {
    char text[200];
    snprintf(text, sizeof text, "position=%s rule=%s node=%s event=%" PRIu64, position->s,
             e->rule.s, e->node.s, e->n);
    n->stats.unrouted++;
    tell(n, true, "alert_nobody_told", text);
}

static enum err put(struct notify *n, struct store_tx *tx, route_channels set, uint64_t number,
                    struct span event) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < n->channel_n && !err; i++) {
        uint8_t key[QUEUE_KEY_MAX];
        if (!(set >> i & 1))
            continue;
        size_t key_n = queue_key(&n->channel[i].conf->id, false, number, key);
        err = store_tx_add(tx, STORE_PUT, STORE_NOTICE, span_of(key, key_n), event);
        n->stats.routed++;
    }
    n->fresh |= set;
    return err;
}

static enum err route_row(struct notify *n, struct store_tx *tx, const struct store_item *item) {
    struct alert_event e;
    struct ident position;
    uint64_t number = 0;
    bool other = false;
    enum err err = ERR_OK;
    if (alert_notice_key_parse(item->key, &position, &number) ||
        alert_event_unpack(item->value, &e)) {
        n->stats.damaged++;
        tell(n, true, "alert_row_damaged", "");
    } else {
        route_channels set =
            route_of(n->open.conf, n->world.plant, &position, &e, n->now_wall_ms, &other);
        n->stats.other += other && set;
        if (!set && other)
            say_unrouted(n, &position, &e);
        err = put(n, tx, set, number, item->value);
    }
    return err ? err : store_tx_add(tx, STORE_DELETE, STORE_NOTICE, item->key, span_of(NULL, 0));
}

static void on_routed(void *user, enum err err) {
    struct notify *n = user;
    n->committing = false;
    if (n->stopping) {
        part_closed(n);
        return;
    }
    n->woken = true; /* there may be more; what was not committed is routed again */
    for (size_t i = 0; !err && i < n->channel_n; i++)
        if (n->fresh >> i & 1)
            queue_wake(n->channel[i].queue);
}

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct notify *n = user;
    n->loading = false;
    if (n->stopping) {
        part_closed(n);
        return;
    }
    if (err || rows->n == 0) {
        n->woken = n->woken || err != ERR_OK;
        return;
    }
    const struct notify_stats before = n->stats;
    look_at_plant(n);
    struct store_tx *tx = calloc(1, sizeof *tx);
    err = tx ? ERR_OK : ERR_NOMEM;
    if (tx)
        store_tx_init(tx);
    n->fresh = 0;
    for (size_t i = 0; i < rows->n && !err; i++)
        err = route_row(n, tx, &rows->at[i]);
    if (!err)
        err = n->open.store->ops->commit(n->open.store, tx, on_routed, n);
    n->committing = !err;
    if (!err)
        return;
    if (tx) {
        store_tx_fini(tx);
        free(tx);
    }
    n->stats = before;
    n->woken = true;
}

static void load(struct notify *n) {
    const struct store_range positions = {
        .table = STORE_NOTICE, .from = span_str(QUEUE_KEYS_END), .limit = ROUTE_ROWS};
    n->woken = false;
    n->loading = n->open.store->ops->load(n->open.store, &positions, 1, on_rows, n) == ERR_OK;
    if (!n->loading)
        n->woken = true;
}

/* --- doors --------------------------------------------------------------------------------------
 */

static enum err open_messenger(struct channel *c, struct messenger **out) {
    struct notify *n = c->notify;
    const struct alertmanager_source source = {.next = next_active, .user = c};
    switch ((enum notify_kind)c->conf->kind) {
    case NOTIFY_MQTT:
        return mqtt_open(c->conf, &n->world, n->open.bus, out);
    case NOTIFY_WEBHOOK:
        return webhook_open(c->conf, &n->world, n->http, out);
    case NOTIFY_MAIL:
        return mailer_open(c->conf, &n->world, n->open.loop, out);
    case NOTIFY_ALERTMANAGER:
        return alertmanager_open(c->conf, &n->world, &source, n->http, out);
    case NOTIFY_KIND_COUNT:
        break;
    }
    return ERR_UNSUPPORTED;
}

static void ignore(void *user) {
    (void)user;
}

static enum err open_channel(struct notify *n, size_t i) {
    struct channel *c = &n->channel[i];
    struct messenger *m = NULL;
    *c = (struct channel){.notify = n, .conf = &n->open.conf->channels[i], .index = i};
    const struct queue_conf conf = {.channel = c->conf->id,
                                    .retry_min_ms = c->conf->retry_min_ms,
                                    .retry_max_ms = c->conf->retry_max_ms,
                                    .retry_after_max_ms = c->conf->retry_after_max_ms,
                                    .late_ms = n->open.conf->late_ms,
                                    .flood_every_ms = n->open.conf->flood_every_ms,
                                    .notice = fill_notice,
                                    .positions = positions_of,
                                    .on_note = note_of_queue,
                                    .user = n};
    enum err err = open_messenger(c, &m);
    if (err)
        return err;
    err = queue_open(&conf, n->open.store, m, &c->queue);
    if (err)
        m->ops->close(m, ignore, NULL);
    return err;
}

static struct channel *find_channel(struct notify *n, const struct ident *id) {
    for (size_t i = 0; i < n->channel_n; i++)
        if (ident_equal(&n->channel[i].conf->id, id))
            return &n->channel[i];
    return NULL;
}

static bool has_channel(void *user, const struct ident *id) {
    return find_channel(user, id) != NULL;
}

static void on_letters(void *user, const struct ident *id, uint64_t letters, bool resent) {
    struct channel *c = find_channel(user, id);
    if (c)
        queue_on_letters(c->queue, letters, resent);
}

enum err notify_open(const struct notify_open *open, struct notify **out) {
    struct notify *n = calloc(1, sizeof *n);
    if (!n)
        return ERR_NOMEM;
    n->open = *open;
    n->woken = true;
    n->world = (struct notice_world){.plant = open->source.plant(open->source.user),
                                     .words = &words_of[open->conf->language],
                                     .store_id = open->store_id,
                                     .url = open->conf->page};
    const struct letters_conf letters = {
        .store = open->store, .has = has_channel, .moved = on_letters, .user = n};
    enum err err = letters_open(&letters, &n->letters);
    if (!err)
        err = http_client_open(open->loop, &n->http);
    for (; !err && n->channel_n < open->conf->channel_n && n->channel_n < CHANNELS_MAX;
         n->channel_n++) {
        err = open_channel(n, n->channel_n);
        if (err)
            break;
    }
    if (err) {
        for (size_t i = 0; i < n->channel_n; i++)
            queue_stop(n->channel[i].queue, ignore, NULL);
        if (n->http)
            http_client_close(n->http, NULL, NULL);
        notify_close(n);
        return err;
    }
    *out = n;
    return ERR_OK;
}

void notify_wake(struct notify *n) {
    n->woken = true;
}

void notify_on_tick(struct notify *n, int64_t now_mono_ms, int64_t now_wall_ms, uint32_t jitter) {
    n->now_wall_ms = now_wall_ms;
    if (n->stopping)
        return;
    if (n->woken && !n->loading && !n->committing)
        load(n);
    for (size_t i = 0; i < n->channel_n; i++)
        queue_on_tick(n->channel[i].queue, now_mono_ms, now_wall_ms, jitter);
    bool counted = true; /* what leaves before it is counted would be taken off twice */
    for (size_t i = 0; i < n->channel_n; i++)
        counted = counted && queue_counted(n->channel[i].queue);
    if (counted)
        letters_on_tick(n->letters);
}

void notify_on_bus(struct notify *n, bool up) {
    for (size_t i = 0; i < n->channel_n; i++)
        queue_on_bus(n->channel[i].queue, up);
}

const struct notify_stats *notify_stats(const struct notify *n) {
    return &n->stats;
}

size_t notify_channels(const struct notify *n) {
    return n->channel_n;
}

const struct queue *notify_channel(const struct notify *n, size_t i) {
    return n->channel[i].queue;
}

const char *notify_channel_kind(const struct notify *n, size_t i) {
    return notify_kind_name((enum notify_kind)n->channel[i].conf->kind);
}

/* --- tests --------------------------------------------------------------------------------------
 */

static struct channel *channel_of(struct notify *n, struct span id, char why[200]) {
    const char *names[CHANNELS_MAX];
    char word[IDENT_MAX + 1];
    for (size_t i = 0; i < n->channel_n; i++) {
        names[i] = n->channel[i].conf->id.s;
        if (span_equal(id, span_str(names[i])))
            return &n->channel[i];
    }
    snprintf(word, sizeof word, "%.*s", (int)(id.n < IDENT_MAX ? id.n : IDENT_MAX),
             id.n ? (const char *)id.p : "");
    const char *near = ident_nearest(word, names, n->channel_n);
    snprintf(why, 200, "there is no channel %s%s%s%s", word, near ? "; did you mean " : "",
             near ? near : "", near ? "?" : "");
    return NULL;
}

static enum err event_of(const struct notify *n, struct span rule, struct span node, int64_t now_ms,
                         struct alert_event *e, char why[200]) {
    *e = (struct alert_event){.at_ms = now_ms,
                              .told_ms = now_ms,
                              .from = ALERT_NORMAL,
                              .to = ALERT_ACTIVE,
                              .why = ALERT_WHY_REACHED};
    const struct alert_rule *r =
        ident_set(&e->rule, rule) ? n->open.source.rule(n->open.source.user, &e->rule) : NULL;
    if (!r) {
        snprintf(why, 200, "there is no rule %.*s", (int)(rule.n < 60 ? rule.n : 60),
                 rule.n ? (const char *)rule.p : "");
        return ERR_NOT_FOUND;
    }
    const struct plant *p = n->world.plant;
    uint32_t at = node.n == 0 && r->node_n ? r->node[0] : UINT32_MAX;
    if (node.n && ident_set(&e->node, node))
        at = plant_find_node(p, e->node.s);
    if (at == UINT32_MAX) {
        snprintf(why, 200, "there is no node %.*s", (int)(node.n < 60 ? node.n : 60),
                 node.n ? (const char *)node.p : "");
        return ERR_NOT_FOUND;
    }
    e->node = p->node[at].id;
    e->level = r->level_n ? 1 : 0;
    e->severity = r->level_n ? r->level[0].severity : ALERT_INFO;
    e->threshold = e->value = r->condition == ALERT_NO_DATA ? (double)NAN : r->level[0].threshold;
    return ERR_OK;
}

enum err notify_test(struct notify *n, struct span rule, struct span node, struct span channel,
                     int64_t now_mono_ms, int64_t now_wall_ms,
                     void (*done)(void *user, const struct messenger_answer *answer,
                                  int64_t took_ms),
                     void *user, char why[200]) {
    struct alert_event e;
    struct channel *c = channel_of(n, channel, why);
    look_at_plant(n);
    if (!c)
        return ERR_NOT_FOUND;
    enum err err = event_of(n, rule, node, now_wall_ms, &e, why);
    return err ? err : queue_test(c->queue, &e, now_mono_ms, done, user);
}

/* --- dead letters -------------------------------------------------------------------------------
 */

enum err notify_letters(struct notify *n, const struct letters_act *act,
                        void (*done)(void *user, const struct letters_done *what), void *user,
                        char why[200]) {
    if (act->resend && act->channel.s[0] && !channel_of(n, span_str(act->channel.s), why))
        return ERR_NOT_FOUND;
    return letters_do(n->letters, act, done, user);
}

/* --- the end ------------------------------------------------------------------------------------
 */

static void on_channel_closed(void *user) {
    part_closed(user);
}

void notify_move_conf(struct notify *n, const struct notify_conf *conf) {
    n->open.conf = conf;
    n->world.url = conf->page;
}

void notify_stop(struct notify *n, void (*done)(void *user), void *user) {
    n->stopping = true;
    n->done = done;
    n->done_user = user;
    n->closing = n->channel_n + 2U + n->loading + n->committing;
    letters_stop(n->letters, on_channel_closed, n);
    for (size_t i = 0; i < n->channel_n; i++)
        queue_stop(n->channel[i].queue, on_channel_closed, n);
    part_closed(n);
}

void notify_close(struct notify *n) {
    if (!n)
        return;
    for (size_t i = 0; i < n->channel_n; i++)
        queue_close(n->channel[i].queue);
    letters_close(n->letters);
    free(n);
}
