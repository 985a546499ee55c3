/* What people want of dead letters of channels: taken, and answered when it is done and durable. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utc.h"
#include "daemon/daemon_impl.h"
#include "json/json.h"
#include "json/json_writer.h"

enum { DAYS_MAX = 36500, WAIT_MS = 60000 };

static enum err wrong(struct web_command *command, const char *text) {
    snprintf(command->detail, sizeof command->detail, "%s", text);
    return ERR_FORMAT;
}

/* --- what is asked for --------------------------------------------------------------------------
 */

static bool is_given(const struct json_value *root, const char *key) {
    return json_kind(json_find(root, key)) != JSON_KIND_NULL;
}

static enum err take_act(const struct json_value *root, struct web_command *command,
                         struct letters_act *out) {
    struct span text = span_of(NULL, 0);
    (void)json_string_of(json_find(root, "act"), &text);
    out->resend = span_equal(text, span_str("resend"));
    if (!out->resend && !span_equal(text, span_str("prune")))
        return wrong(command, "act: resend or prune");
    if (is_given(root, "channel") &&
        (json_string_of(json_find(root, "channel"), &text) || !ident_set(&out->channel, text)))
        return wrong(command, "channel: the id of a channel is expected");
    int64_t n = 0;
    if (is_given(root, "n") &&
        (json_int64_of(json_find(root, "n"), &n) || n < 1 || !out->channel.s[0]))
        return wrong(command, "n: the number of an event of one channel is expected");
    out->n = (uint64_t)n;
    return ERR_OK;
}

/* All that is given up must have been meant: an age, or the number of one. */
static enum err take_before(const struct json_value *root, struct web_command *command,
                            int64_t now_ms, struct letters_act *out) {
    struct span text;
    int64_t days = 0;
    out->before_ms = INT64_MAX;
    if (is_given(root, "before") && is_given(root, "days"))
        return wrong(command, "days: one of them, before or days");
    if (is_given(root, "before")) {
        if (json_string_of(json_find(root, "before"), &text) || utc_parse(text, &out->before_ms))
            return wrong(command, "before: a time is expected, such as 2026-11-26T14:00:00Z");
    } else if (is_given(root, "days")) {
        if (json_int64_of(json_find(root, "days"), &days) || days < 0 || days > DAYS_MAX)
            return wrong(command, "days: a number of days is expected");
        out->before_ms = now_ms - days * UTC_DAY_MS;
    } else if (!out->resend && !out->n) {
        return wrong(command, "before: prune needs it or days, or the number of one letter");
    }
    return ERR_OK;
}

static enum err take_who(const struct json_value *root, struct web_command *command,
                         struct notices_letters *out) {
    struct span who = span_of(NULL, 0);
    (void)json_string_of(json_find(root, "who"), &who);
    for (size_t i = 0; i < who.n; i++)
        if (who.p[i] < 0x20 || who.p[i] == 0x7f || who.p[i] == '"')
            who.n = 0;
    if (who.n == 0 || who.n > ALERT_WHO_MAX)
        return wrong(command, "who: who wants so is needed, up to 64 bytes");
    snprintf(out->who, sizeof out->who, "%.*s", (int)who.n, (const char *)who.p);
    return ERR_OK;
}

/* --- the act ------------------------------------------------------------------------------------
 */

static void on_done(void *user, const struct letters_done *what) {
    struct notices_letters *x = user;
    x->what = *what;
    x->answered = true;
    log_event(x->d->log, what->err ? LOG_WARN : LOG_INFO, "alert_letters",
              "act=%s channel=%s n=%" PRIu64 " who=\"%s\" done=%" PRIu64 " left=%" PRIu64 " err=%s",
              x->act.resend ? "resend" : "prune", x->act.channel.s[0] ? x->act.channel.s : "-",
              x->act.n, x->who, what->n, what->left, err_name(what->err));
    daemon_wake(x->d);
}

/* Nobody asks any more for one that was given up. */
static struct notices_letters *free_place(struct daemon *d, int64_t now_mono_ms) {
    for (unsigned i = 0; i < NOTICES_ACTS; i++) {
        struct notices_letters *x = &d->notices.letters[i];
        if (!x->ticket || (x->answered && now_mono_ms - x->begun_mono_ms > WAIT_MS))
            return x;
    }
    return NULL;
}

static enum err begin(struct daemon *d, struct web_command *command,
                      const struct json_value *root) {
    const struct core_now now = daemon_now();
    struct notices_letters *place = free_place(d, now.mono_ms);
    struct notices_letters x = {.d = d, .begun_mono_ms = now.mono_ms};
    char why[200] = "another act is under way";
    enum err err = take_act(root, command, &x.act);
    if (!err)
        err = take_before(root, command, now.wall_ms, &x.act);
    if (!err)
        err = take_who(root, command, &x);
    if (err)
        return err;
    err = ERR_BUSY;
    if (place) {
        x.ticket = ++d->notices.tickets;
        *place = x;
        err = notify_letters(d->notices.notify, &x.act, on_done, place, why);
    }
    if (!err) {
        command->ticket = x.ticket;
        command->later = true;
        return ERR_OK;
    }
    if (place)
        place->ticket = 0;
    snprintf(command->detail, sizeof command->detail, "%s", why);
    return err;
}

static enum err answer(const struct notices_letters *x, struct web_command *command) {
    struct json_writer w;
    if (x->what.err) {
        snprintf(command->detail, sizeof command->detail,
                 "the store has failed (%s) when %" PRIu64 " were done", err_name(x->what.err),
                 x->what.n);
        return x->what.err;
    }
    json_writer_init(&w, command->answer);
    json_writer_begin_object(&w);
    json_writer_key(&w, "act");
    json_writer_text(&w, x->act.resend ? "resend" : "prune");
    json_writer_key(&w, "letters");
    json_writer_int64(&w, (int64_t)x->what.n);
    json_writer_key(&w, "left");
    json_writer_int64(&w, (int64_t)x->what.left);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

static enum err fetch(struct daemon *d, struct web_command *command) {
    for (unsigned i = 0; i < NOTICES_ACTS; i++) {
        struct notices_letters *x = &d->notices.letters[i];
        if (x->ticket != command->ticket)
            continue;
        command->later = !x->answered;
        if (!x->answered)
            return ERR_OK;
        x->ticket = 0;
        return answer(x, command);
    }
    snprintf(command->detail, sizeof command->detail, "what became of it stands in the log");
    return ERR_NOT_FOUND;
}

enum err letters_command(struct daemon *d, struct web_command *command) {
    static const char *const keys[] = {"act", "channel", "n", "before", "days", "who"};
    struct json_value *root = NULL;
    if (command->ticket)
        return fetch(d, command);
    enum err err = daemon_object(command, keys, sizeof keys / sizeof *keys, &root);
    if (!err)
        err = begin(d, command, root);
    json_close(root);
    return err;
}
