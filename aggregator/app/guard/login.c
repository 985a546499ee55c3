/* Coming in and going: passwords, one-time links, PINs at a station, tokens of screens. Whatever is
 * wrong with a name or a password, the answer is one and the same, after the same work. */
#include <stdio.h>

#include "base/utc.h"
#include "guard/guard_impl.h"

// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define KEYS(list) list, sizeof list / sizeof *list

/* Text of a token: so that it is seen as one where it does not belong. */
static const char token_mark[] = "pb_";

static bool token_secret(struct span text, uint8_t out[SECRET_BYTES]) {
    const size_t n = sizeof token_mark - 1;
    return text.n > n && memcmp(text.p, token_mark, n) == 0 &&
           secret_parse(span_of(text.p + n, text.n - n), out);
}

/* --- who it is ----------------------------------------------------------------------------------
 */

bool guard_identify(struct guard *g, const struct guard_proof *proof, int64_t now_ms,
                    struct actor *out) {
    uint8_t secret[SECRET_BYTES], hash[SECRET_BYTES];
    struct span text = {0};
    snprintf(out->address, sizeof out->address, "%s", proof->address ? proof->address : "");
    if (proof->local) {
        people_owner(out);
        return true;
    }
    people_nobody(&g->people, out);
    if (proof->authorization.n) { /* said in so many words: a cookie beside it is not looked at */
        if (!credential_bearer(proof->authorization, &text) || !token_secret(text, secret))
            return false;
        secret_hash(secret, hash);
        secret_wipe(secret, sizeof secret);
        if (!people_by_token(&g->people, hash, now_ms, out))
            return false;
        struct token *t = people_token_of(&g->people, hash);
        t->changed = t->changed || now_ms - t->used_ms >= GUARD_SEEN_MS;
        t->used_ms = utc_floor(now_ms, UTC_MINUTE_MS);
        return true;
    }
    if (!proof->cookie.n || !secret_parse(proof->cookie, secret))
        return true;
    secret_hash(secret, hash);
    if (people_by_session(&g->people, hash, now_ms, out)) {
        struct login *s = people_session(&g->people, hash);
        s->changed = s->changed || now_ms - s->seen_ms >= GUARD_SEEN_MS;
        s->seen_ms = now_ms;
        secret_csrf(secret, out->csrf);
    }
    secret_wipe(secret, sizeof secret);
    return true;
}

bool guard_still(struct guard *g, const struct actor *a, int64_t now_ms) {
    struct actor now;
    snprintf(now.address, sizeof now.address, "%s", a->address);
    if (a->local)
        return true;
    if (!a->known)
        return g->people.conf.read_without_login;
    if (a->by_cookie)
        return people_by_session(&g->people, a->session, now_ms, &now);
    return people_by_token(&g->people, a->token_hash, now_ms, &now);
}

/* --- tries --------------------------------------------------------------------------------------
 */

bool guard_try(struct guard *g, struct guard_command *c, struct span name, int64_t mono_ms) {
    char network[64], told[96];
    const struct span from = throttle_network(c->by->address, network);
    int64_t wait_ms = throttle_wait_ms(&g->throttle, THROTTLE_ADDRESS, from, mono_ms);
    const int64_t of_name =
        name.n ? throttle_wait_ms(&g->throttle, THROTTLE_NAME, name, mono_ms) : 0;
    if (of_name > wait_ms)
        wait_ms = of_name;
    if (wait_ms == 0) {
        throttle_failed(&g->throttle, THROTTLE_ADDRESS, from, mono_ms);
        if (name.n)
            throttle_failed(&g->throttle, THROTTLE_NAME, name, mono_ms);
        return true;
    }
    g->stats.throttled++;
    c->retry_ms = wait_ms;
    snprintf(told, sizeof told, "too many tries that were wrong: the next one in %lld s",
             (long long)((wait_ms + 999) / 1000));
    (void)guard_refuse(c, ERR_BUSY, GUARD_WAIT, "", told);
    return false;
}

void guard_right(struct guard *g, struct guard_command *c, struct span name) {
    char network[64];
    throttle_undo(&g->throttle, THROTTLE_ADDRESS, throttle_network(c->by->address, network));
    if (name.n)
        throttle_passed(&g->throttle, THROTTLE_NAME, name);
}

bool guard_take_secret(struct job *job, struct span given, bool fresh) {
    if (given.n >= GUARD_SECRET_MAX)
        return false;
    if (given.n)
        memcpy(fresh ? job->fresh : job->given, given.p, given.n);
    if (fresh) {
        job->fresh_n = given.n;
        job->make = true;
    } else {
        job->given_n = given.n;
        job->verify = true;
    }
    return true;
}

static enum err wrong(struct guard *g, struct guard_command *c, const char *what, const char *why,
                      const struct person *x) {
    g->stats.refused++;
    /* A name that nobody has may be a password in the wrong place. */
    log_event(g->conf.log, LOG_WARN, "login_refused", "what=%s user=%s address=%s", what,
              x ? x->id.s : "(unknown)", c->by->address);
    return guard_refuse(c, ERR_STATE, GUARD_LOGIN, "", why);
}

static void id_text(struct span user, char text[IDENT_MAX + 1]) {
    snprintf(text, IDENT_MAX + 1, "%.*s", (int)(user.n <= IDENT_MAX ? user.n : 0),
             user.n ? (const char *)user.p : "");
}

/* --- sessions -----------------------------------------------------------------------------------
 */

void guard_end_session(struct guard *g, const uint8_t hash[SECRET_BYTES]) {
    uint8_t key[RECORD_KEY_MAX];
    const size_t n = record_key_session(hash, key);
    struct store_tx *tx = guard_waiting(g);
    if (tx)
        (void)guard_delete(tx, key, n);
    people_remove_session(&g->people, hash);
}

/* Always a secret of its own: what a browser came with is never taken over. */
enum err guard_begin_session(struct guard *g, struct guard_command *c, const struct login *like,
                             int64_t now_ms) {
    uint8_t secret[SECRET_BYTES];
    struct login s = *like, *surplus = NULL;
    struct actor now;
    if (c->by->by_cookie)
        guard_end_session(g, c->by->session);
    if ((surplus = people_surplus(&g->people, &like->who)) != NULL) {
        uint8_t hash[SECRET_BYTES]; /* the list is not the same behind it */
        memcpy(hash, surplus->hash, sizeof hash);
        guard_end_session(g, hash);
    }
    secret_draw(secret);
    secret_hash(secret, s.hash);
    s.begun_ms = s.seen_ms = now_ms;
    s.changed = true;
    enum err err = people_put_session(&g->people, &s);
    if (err)
        return err;
    snprintf(now.address, sizeof now.address, "%s", c->by->address);
    (void)people_by_session(&g->people, s.hash, now_ms, &now);
    secret_csrf(secret, now.csrf);
    secret_format(secret, c->cookie);
    secret_wipe(secret, sizeof secret);
    g->stats.logins++;
    guard_note(g, &now, now_ms, "login", like->of_token ? "screen" : "");
    log_event(g->conf.log, LOG_INFO, "login", "user=%s address=%s", now.name, now.address);
    return guard_session_text(g, &now, c->answer);
}

static enum err login_screen(struct guard *g, struct guard_command *c, struct span text,
                             int64_t now_ms, int64_t mono_ms) {
    uint8_t secret[SECRET_BYTES], hash[SECRET_BYTES];
    if (!guard_try(g, c, span_str(""), mono_ms))
        return ERR_BUSY;
    const bool is_one = token_secret(text, secret);
    if (is_one)
        secret_hash(secret, hash);
    const struct token *t = is_one ? people_token_of(&g->people, hash) : NULL;
    if (!t || now_ms >= t->until_ms || t->kind == TOKEN_MACHINE)
        return wrong(g, c, "token", "token: it is not the token of a screen, or not any more",
                     NULL);
    guard_right(g, c, span_str(""));
    const struct login s = {
        .of_token = true, .who = t->id, .edition = (uint64_t)t->made_ms, .until_ms = t->until_ms};
    c->cookie_ms = t->until_ms - now_ms;
    return guard_begin_session(g, c, &s, now_ms);
}

enum err login_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                     int64_t now_ms, int64_t mono_ms) {
    static const char *const keys[] = {"user", "password", "token"};
    struct span user, password, token;
    char id[IDENT_MAX + 1];
    struct job job = {0};
    enum err err = guard_keys(c, root, KEYS(keys));
    if (!err)
        err = guard_text(c, root, "user", &user);
    if (!err)
        err = guard_text(c, root, "password", &password);
    if (!err)
        err = guard_text(c, root, "token", &token);
    if (err)
        return err;
    if (token.n)
        return login_screen(g, c, token, now_ms, mono_ms);
    if (!user.n)
        return guard_refuse(c, ERR_FORMAT, 0, "user", "whose password is it?");
    if (!guard_take_secret(&job, password, false))
        return guard_refuse(c, ERR_FORMAT, 0, "password", "a password has 256 bytes at most");
    if (!guard_try(g, c, user, mono_ms))
        return ERR_BUSY;
    id_text(user, id);
    const struct person *x = people_find(&g->people, id);
    if (x && !x->disabled)
        memcpy(job.against, x->password, sizeof job.against);
    job.edition = x ? x->edition : 0;
    err = guard_job(g, c, &job);
    secret_wipe(&job, sizeof job);
    return err;
}

enum err login_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                      struct job *job, int64_t now_ms, int64_t mono_ms) {
    struct span user;
    char id[IDENT_MAX + 1];
    (void)mono_ms;
    (void)guard_text(c, root, "user", &user);
    id_text(user, id);
    const struct person *x = people_find(&g->people, id);
    if (!x || !job->fits || x->disabled || x->edition != job->edition)
        return wrong(g, c, "password", "user or password is not right", x);
    guard_right(g, c, user);
    const struct login s = {
        .who = x->id, .edition = x->edition, .until_ms = now_ms + g->people.conf.session_ms};
    return guard_begin_session(g, c, &s, now_ms);
}

enum err logout_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                      int64_t now_ms, int64_t mono_ms) {
    struct actor nobody;
    (void)mono_ms;
    enum err err = guard_keys(c, root, NULL, 0);
    if (err)
        return err;
    if (c->by->by_cookie) {
        guard_note(g, c->by, now_ms, "logout", "");
        guard_end_session(g, c->by->session);
    }
    c->ended = true;
    snprintf(nobody.address, sizeof nobody.address, "%s", c->by->address);
    people_nobody(&g->people, &nobody);
    return guard_session_text(g, &nobody, c->answer);
}

/* --- stations -----------------------------------------------------------------------------------
 */

enum err station_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                       int64_t now_ms, int64_t mono_ms) {
    static const char *const keys[] = {"user", "pin"};
    struct span user, pin;
    char id[IDENT_MAX + 1];
    struct job job = {0};
    struct login *s = c->by->by_cookie ? people_session(&g->people, c->by->session) : NULL;
    enum err err = guard_keys(c, root, KEYS(keys));
    if (!err)
        err = guard_text(c, root, "user", &user);
    if (!err)
        err = guard_text(c, root, "pin", &pin);
    if (err)
        return err;
    if (!s || !c->by->station.s[0])
        return guard_refuse(c, ERR_STATE, GUARD_FORBIDDEN, "",
                            "this is no shared station: log in with user and password");
    if (!user.n) { /* whoever acted is done */
        struct actor now = *c->by;
        s->acting = (struct ident){""};
        (void)people_by_session(&g->people, c->by->session, now_ms, &now);
        snprintf(now.csrf, sizeof now.csrf, "%s", c->by->csrf);
        return guard_session_text(g, &now, c->answer);
    }
    if (!guard_take_secret(&job, pin, false))
        return guard_refuse(c, ERR_FORMAT, 0, "pin", "a PIN has 4 to 12 digits");
    if (!guard_try(g, c, user, mono_ms))
        return ERR_BUSY;
    id_text(user, id);
    const struct person *x = people_find(&g->people, id);
    if (x && !x->disabled)
        memcpy(job.against, x->pin, sizeof job.against);
    job.edition = x ? x->edition : 0;
    err = guard_job(g, c, &job);
    secret_wipe(&job, sizeof job);
    return err;
}

enum err station_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                        struct job *job, int64_t now_ms, int64_t mono_ms) {
    struct span user;
    char id[IDENT_MAX + 1];
    (void)mono_ms;
    (void)guard_text(c, root, "user", &user);
    id_text(user, id);
    const struct person *x = people_find(&g->people, id);
    struct login *s = people_session(&g->people, c->by->session);
    if (!x || !job->fits || x->disabled || x->edition != job->edition)
        return wrong(g, c, "pin", "user or PIN is not right", x);
    if (!s)
        return guard_refuse(c, ERR_STATE, GUARD_LOGIN, "", "the station is logged out");
    guard_right(g, c, user);
    s->acting = x->id;
    s->acting_edition = x->edition;
    s->acting_until_ms = now_ms + g->people.conf.acting_ms;
    struct actor now = *c->by;
    (void)people_by_session(&g->people, c->by->session, now_ms, &now);
    snprintf(now.csrf, sizeof now.csrf, "%s", c->by->csrf);
    guard_note(g, &now, now_ms, "station", "");
    return guard_session_text(g, &now, c->answer);
}

/* --- one's own password and PIN -----------------------------------------------------------------
 */

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
        return wrong(g, c, "link", link_gone, NULL);
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
        return wrong(g, c, "link", link_gone, NULL);
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
        return wrong(g, c, pin ? "pin_change" : "password_change",
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
