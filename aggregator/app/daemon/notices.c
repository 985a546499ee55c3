#include "daemon/notices.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "daemon/daemon_impl.h"
#include "json/json.h"
#include "json/json_writer.h"

enum { TEST_WAIT_MS = 60000 };

struct notices_old {
    struct daemon *d;
    struct notify *notify;
    struct notify_conf conf;
};

/* --- what notifications ask ---------------------------------------------------------------------
 */

static const struct plant *plant_now(void *user) {
    return core_plant(((struct daemon *)user)->core);
}

static const struct alert_rule *rule_now(void *user, const struct ident *id) {
    return alerts_rule(core_alerts(((struct daemon *)user)->core), id);
}

static bool alert_now(void *user, size_t i, struct alert_view *out) {
    const struct alerts *all = core_alerts(((struct daemon *)user)->core);
    if (i >= alerts_count(all))
        return false;
    alerts_view(all, i, out);
    return true;
}

static bool find_now(void *user, const struct ident *rule, const struct ident *node,
                     struct alert_view *out) {
    return alerts_view_of(core_alerts(((struct daemon *)user)->core), rule, node, out);
}

enum err notices_open(struct daemon *d, const struct notify_conf *conf, struct notify **out) {
    const struct notify_open open = {.conf = conf,
                                     .source = {.plant = plant_now,
                                                .rule = rule_now,
                                                .alert = alert_now,
                                                .find = find_now,
                                                .user = d},
                                     .store_id = core_store_id(d->core),
                                     .store = d->store,
                                     .bus = &d->bus,
                                     .loop = &d->loop,
                                     .on_note = daemon_note,
                                     .note_user = d};
    return notify_open(&open, out);
}

void notices_on_commit(struct daemon *d) {
    const uint64_t durable = core_alerts_durable(d->core);
    if (d->notices.notify && durable != d->notices.durable)
        notify_wake(d->notices.notify);
    d->notices.durable = durable;
}

bool notices_turn(struct daemon *d, struct core_now now) {
    if (d->notices.notify && !d->stopping)
        notify_on_tick(d->notices.notify, now.mono_ms, now.wall_ms, (uint32_t)clock_mono_ns());
    return false;
}

void notices_on_bus(struct daemon *d, bool up) {
    if (d->notices.notify)
        notify_on_bus(d->notices.notify, up);
}

/* --- tests of channels --------------------------------------------------------------------------
 */

static void on_tested(void *user, const struct messenger_answer *a, int64_t took_ms) {
    struct notices_test *t = user;
    t->answered = true;
    t->verdict = a->verdict;
    t->status = a->status;
    t->took_ms = took_ms;
    snprintf(t->words, sizeof t->words, "%s", a->words);
}

/* Nobody asks any more for one that was given up. */
static struct notices_test *free_slot(struct daemon *d, int64_t now_mono_ms) {
    for (unsigned i = 0; i < NOTICES_TESTS; i++) {
        struct notices_test *t = &d->notices.test[i];
        bool left = t->answered && now_mono_ms - t->begun_mono_ms > TEST_WAIT_MS;
        if (!t->ticket || left)
            return t;
    }
    return NULL;
}

static enum err begin_test(struct daemon *d, struct web_command *command,
                           const struct json_value *root) {
    struct span rule = span_of(NULL, 0), channel = rule, node = rule;
    struct core_now now = daemon_now();
    struct notices_test *t = free_slot(d, now.mono_ms);
    char why[200] = "";
    const bool ruled = json_string_of(json_find(root, "rule"), &rule) == ERR_OK;
    if (!ruled || json_string_of(json_find(root, "channel"), &channel)) {
        snprintf(command->detail, sizeof command->detail,
                 "%s: rule and channel are needed, as texts; node may be one",
                 ruled ? "channel" : "rule");
        return ERR_FORMAT;
    }
    (void)json_string_of(json_find(root, "node"), &node);
    if (!t)
        return ERR_BUSY;
    *t = (struct notices_test){.ticket = ++d->notices.tickets, .begun_mono_ms = now.mono_ms};
    enum err err = notify_test(d->notices.notify, rule, node, channel, now.mono_ms, now.wall_ms,
                               on_tested, t, why);
    snprintf(command->detail, sizeof command->detail, "%s",
             err == ERR_BUSY ? "another test of this channel is under way" : why);
    command->ticket = t->ticket;
    command->later = !err;
    if (err)
        t->ticket = 0;
    return err;
}

static enum err answer_test(const struct notices_test *t, struct web_command *command) {
    static const char *const verdict[] = {"told", "again", "held", "refused"};
    struct json_writer w;
    json_writer_init(&w, command->answer);
    json_writer_begin_object(&w);
    json_writer_key(&w, "told");
    json_writer_bool(&w, t->verdict == MESSENGER_TOLD);
    json_writer_key(&w, "verdict");
    json_writer_text(&w, verdict[t->verdict]);
    json_writer_key(&w, "status");
    json_writer_int64(&w, t->status);
    json_writer_key(&w, "answer");
    json_writer_text(&w, t->words);
    json_writer_key(&w, "took_ms");
    json_writer_int64(&w, t->took_ms);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

/* Comes again until the receiver has answered, or for a minute. */
static enum err end_test(struct daemon *d, struct web_command *command) {
    for (unsigned i = 0; i < NOTICES_TESTS; i++) {
        struct notices_test *t = &d->notices.test[i];
        if (t->ticket != command->ticket)
            continue;
        bool over = clock_mono_ms() - t->begun_mono_ms > TEST_WAIT_MS;
        command->later = !t->answered && !over;
        if (command->later)
            return ERR_OK;
        if (t->answered) {
            t->ticket = 0;
            return answer_test(t, command);
        }
        break;
    }
    snprintf(command->detail, sizeof command->detail,
             "the receiver has not answered; what became of it stands in the status");
    return ERR_BUSY;
}

enum err notices_command(struct daemon *d, struct web_command *command) {
    static const char *const keys[] = {"rule", "channel", "node"};
    struct json_value *root = NULL;
    if (command->ticket)
        return end_test(d, command);
    enum err err = daemon_object(command, keys, sizeof keys / sizeof *keys, &root);
    if (!err)
        err = begin_test(d, command, root);
    json_close(root);
    return err;
}

/* --- views --------------------------------------------------------------------------------------
 */

static void view_one(const struct notify *n, size_t i, struct core_now now,
                     struct view_channel *out) {
    static const char *const state[] = {"ok", "retrying", "held"};
    const struct queue *q = notify_channel(n, i);
    const struct queue_stats *s = queue_stats(q);
    *out = (struct view_channel){.name = queue_channel(q)->s,
                                 .kind = notify_channel_kind(n, i),
                                 .state = state[s->state],
                                 .detail = s->last_error[0] ? s->last_error : queue_trouble(q),
                                 .told = s->told,
                                 .letters = s->letters,
                                 .digests = s->digests,
                                 .retries = s->retries,
                                 .waiting = s->waiting,
                                 .dead = s->dead,
                                 .lost = s->lost,
                                 .oldest_ms = s->oldest_ms};
    if (s->last_ok_mono_ms >= 0)
        out->last_ok_ms = now.wall_ms - (now.mono_ms - s->last_ok_mono_ms);
}

void notices_state(struct daemon *d, struct view_extra *out) {
    const struct notify *n = d->notices.notify;
    struct core_now now = daemon_now();
    size_t channels = n ? notify_channels(n) : 0;
    if (!n)
        return;
    const struct notify_stats *s = notify_stats(n);
    for (size_t i = 0; i < channels && i < NOTICES_CHANNELS; i++)
        view_one(n, i, now, &d->notices.view[i]);
    d->notices.figures = (struct view_notices){
        .routed = s->routed, .unrouted = s->unrouted, .otherwise = s->other, .damaged = s->damaged};
    out->channel = d->notices.view;
    out->channel_n = channels;
    out->notices = &d->notices.figures;
}

/* --- reload -------------------------------------------------------------------------------------
 */

enum err notices_prepare(struct notices_old **out) {
    *out = calloc(1, sizeof **out);
    return *out ? ERR_OK : ERR_NOMEM;
}

void notices_keep(struct daemon *d, struct notify_conf *old, struct notify_conf *now) {
    struct notify_conf same = *now;
    *now = *old;
    *old = same;
    notify_move_conf(d->notices.notify, now);
}

static void on_old_closed(void *user) {
    struct notices_old *x = user;
    struct daemon *d = x->d;
    notify_close(x->notify);
    conf_free(&notify_schema, &x->conf);
    free(x);
    d->notices.old_n--;
    reload_stopped(d);
}

/* Its configuration moves along; what it was part of may go. */
static void retire(struct daemon *d, struct notify *notify, struct notify_conf *conf,
                   struct notices_old *x) {
    *x = (struct notices_old){.d = d, .notify = notify, .conf = *conf};
    *conf = (struct notify_conf){0};
    notify_move_conf(notify, &x->conf);
    d->notices.old_n++;
    notify_stop(notify, on_old_closed, x);
}

void notices_swap(struct daemon *d, struct notify *fresh, struct notify_conf *old,
                  struct notices_old *x) {
    struct notify *before = d->notices.notify;
    d->notices.notify = fresh;
    notify_on_bus(fresh, d->bus_up);
    retire(d, before, old, x);
}

void notices_drop(struct daemon *d, struct notify *fresh, struct notify_conf *conf,
                  struct notices_old *x) {
    if (fresh)
        retire(d, fresh, conf, x);
    else
        free(x);
}
