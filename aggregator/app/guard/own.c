/* One's own password and PIN: by a one-time link, or by what was there before. */
#include <stdio.h>

#include "guard/guard_impl.h"

// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define KEYS(list) list, sizeof list / sizeof *list

static const char link_gone[] = "link: it holds once and for a day: ask for another one";

static bool link_hash(struct span text, uint8_t hash[SECRET_BYTES]) {
    uint8_t secret[SECRET_BYTES];
    if (!secret_parse(text, secret))
        return false;
    secret_hash(secret, hash);
    secret_wipe(secret, sizeof secret);
    return true;
}

enum err welcome_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                       int64_t now_ms, int64_t mono_ms) {
    static const char *const keys[] = {"link", "password"};
    uint8_t hash[SECRET_BYTES];
    struct span link, password;
    struct job job = {0};
    enum err err = guard_keys(c, root, KEYS(keys));
    if (!err)
        err = guard_text(c, root, "link", &link);
    if (!err)
        err = guard_text(c, root, "password", &password);
    if (err)
        return err;
    if (!guard_try(g, c, span_str(""), mono_ms))
        return ERR_BUSY;
    const struct person *x = link_hash(link, hash) ? people_linked(&g->people, hash, now_ms) : NULL;
    if (!x || x->disabled)
        return guard_wrong(g, c, "link", link_gone, NULL);
    guard_right(g, c, span_str(""));
    const char *bad = people_check_password(password, x->id.s);
    if (bad)
        return guard_refuse(c, ERR_RANGE, 0, "password", bad);
    (void)guard_take_secret(&job, password, true);
    err = guard_job(g, c, &job);
    secret_wipe(&job, sizeof job);
    return err;
}

static enum err say_done(struct guard_command *c, const char *id) {
    return buf_addf(c->answer, "{\"user\":\"%s\"}", id);
}

enum err welcome_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                        struct job *job, int64_t now_ms, int64_t mono_ms) {
    uint8_t hash[SECRET_BYTES];
    struct span link;
    struct actor by = *c->by;
    struct guard_command as = *c;
    (void)mono_ms;
    if (job->applied)
        return say_done(c, job->made);
    (void)guard_text(c, root, "link", &link);
    const struct person *x = link_hash(link, hash) ? people_linked(&g->people, hash, now_ms) : NULL;
    if (!x || x->disabled) /* used meanwhile */
        return guard_wrong(g, c, "link", link_gone, NULL);
    struct person now = *x;
    snprintf(now.password, sizeof now.password, "%s", job->made);
    now.link_until_ms = 0;
    memset(now.link, 0, sizeof now.link);
    now.edition++;
    snprintf(by.name, sizeof by.name, "%s", x->id.s);
    by.roles = x->roles;
    as.by = &by;
    snprintf(job->made, sizeof job->made, "%s", x->id.s);
    return guard_change(g, &as, &now, "password by link", now_ms, job);
}

/* Where one's own password is asked for: not by a token, and not on somebody's behalf. */
static struct person *oneself(struct guard *g, struct guard_command *c) {
    struct person *x = c->by->person.s[0] ? people_find(&g->people, c->by->person.s) : NULL;
    if (!x)
        (void)guard_refuse(c, ERR_STATE, GUARD_FORBIDDEN, "",
                           "only who is logged in as a person has a password of their own");
    return x;
}

static enum err own_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                          const char *old, const char *fresh, int64_t mono_ms) {
    const char *const keys[] = {old, fresh};
    struct span given, wanted;
    struct job job = {0};
    enum err err = guard_keys(c, root, KEYS(keys));
    if (!err)
        err = guard_text(c, root, old, &given);
    if (!err)
        err = guard_text(c, root, fresh, &wanted);
    const struct person *x = err ? NULL : oneself(g, c);
    if (!x)
        return err ? err : ERR_STATE;
    const char *bad = strcmp(fresh, "pin") == 0 ? people_check_pin(wanted)
                                                : people_check_password(wanted, x->id.s);
    if (bad)
        return guard_refuse(c, ERR_RANGE, 0, fresh, bad);
    if (!guard_take_secret(&job, given, false) || !guard_take_secret(&job, wanted, true))
        return guard_refuse(c, ERR_RANGE, 0, old, "a password has 256 bytes at most");
    if (!guard_try(g, c, span_str(x->id.s), mono_ms))
        return ERR_BUSY;
    memcpy(job.against, x->password, sizeof job.against);
    job.edition = x->edition;
    err = guard_job(g, c, &job);
    secret_wipe(&job, sizeof job);
    return err;
}

enum err password_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                        int64_t now_ms, int64_t mono_ms) {
    (void)now_ms;
    return own_begin(g, c, root, "old", "password", mono_ms);
}

enum err pin_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                   int64_t now_ms, int64_t mono_ms) {
    (void)now_ms;
    return own_begin(g, c, root, "password", "pin", mono_ms);
}

static enum err own_finish(struct guard *g, struct guard_command *c, struct job *job, bool pin,
                           int64_t now_ms) {
    const struct person *x = oneself(g, c);
    if (!x)
        return ERR_STATE;
    if (!job->fits || x->disabled || x->edition != job->edition)
        return guard_wrong(g, c, pin ? "pin_change" : "password_change",
                           pin ? "password: it is not right" : "old: the password is not right", x);
    guard_right(g, c, span_str(x->id.s));
    struct person now = *x;
    snprintf(pin ? now.pin : now.password, PEOPLE_HASH_MAX, "%s", job->made);
    now.edition += pin ? 0 : 1;
    return guard_change(g, c, &now, pin ? "pin" : "password", now_ms, job);
}

/* All sessions have ended with the old password; this browser gets another one. */
enum err password_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                         struct job *job, int64_t now_ms, int64_t mono_ms) {
    (void)root, (void)mono_ms;
    if (!job->applied)
        return own_finish(g, c, job, false, now_ms);
    const struct person *x = people_find(&g->people, c->by->person.s);
    if (!x || !c->by->by_cookie || c->by->station.s[0])
        return say_done(c, c->by->person.s);
    const struct login s = {
        .who = x->id, .edition = x->edition, .until_ms = now_ms + g->people.conf.session_ms};
    return guard_begin_session(g, c, &s, now_ms);
}

enum err pin_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                    struct job *job, int64_t now_ms, int64_t mono_ms) {
    (void)root, (void)mono_ms;
    return job->applied ? say_done(c, c->by->person.s) : own_finish(g, c, job, true, now_ms);
}
