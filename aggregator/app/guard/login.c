/* Coming in and going: passwords, PINs at a station, tokens of screens. Whatever is
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

enum err guard_wrong(struct guard *g, struct guard_command *c, const char *what, const char *why,
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
        return guard_wrong(g, c, "token", "token: it is not the token of a screen, or not any more",
                           NULL);
    guard_right(g, c, span_str(""));
    const struct login s = {
        .of_token = true, .who = t->id, .edition = (uint64_t)t->made_ms, .until_ms = t->until_ms};
    c->cookie_ms = t->until_ms - now_ms;
    return guard_begin_session(g, c, &s, now_ms);
}

/* Somebody's password or PIN, for the thread: of a name that nobody has, the same work. */
static enum err prove(struct guard *g, struct guard_command *c, struct span user, struct span given,
                      bool pin, int64_t mono_ms) {
    char id[IDENT_MAX + 1];
    struct job job = {0};
    if (!guard_take_secret(&job, given, false))
        return guard_refuse(c, ERR_FORMAT, 0, pin ? "pin" : "password",
                            pin ? "a PIN has 4 to 12 digits" : "a password has 256 bytes at most");
    if (!guard_try(g, c, user, mono_ms))
        return ERR_BUSY;
    id_text(user, id);
    const struct person *x = people_find(&g->people, id);
    if (x && !x->disabled)
        memcpy(job.against, pin ? x->pin : x->password, sizeof job.against);
    job.edition = x ? x->edition : 0;
    const enum err err = guard_job(g, c, &job);
    secret_wipe(&job, sizeof job);
    return err;
}

/* Who has proved it, as they are now; NULL: nobody has, and that is said. */
static const struct person *proved(struct guard *g, struct guard_command *c,
                                   const struct json_value *root, const struct job *job, bool pin) {
    struct span user;
    char id[IDENT_MAX + 1];
    (void)guard_text(c, root, "user", &user);
    id_text(user, id);
    const struct person *x = people_find(&g->people, id);
    if (x && job->fits && !x->disabled && x->edition == job->edition) {
        guard_right(g, c, user);
        return x;
    }
    (void)guard_wrong(g, c, pin ? "pin" : "password",
                      pin ? "user or PIN is not right" : "user or password is not right", x);
    return NULL;
}

enum err login_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                     int64_t now_ms, int64_t mono_ms) {
    static const char *const keys[] = {"user", "password", "token"};
    struct span user, password, token;
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
    return prove(g, c, user, password, false, mono_ms);
}

enum err login_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                      struct job *job, int64_t now_ms, int64_t mono_ms) {
    const struct person *x = proved(g, c, root, job, false);
    (void)mono_ms;
    if (!x)
        return ERR_STATE;
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
    return prove(g, c, user, pin, true, mono_ms);
}

enum err station_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                        struct job *job, int64_t now_ms, int64_t mono_ms) {
    struct login *s = people_session(&g->people, c->by->session);
    (void)mono_ms;
    if (!s)
        return guard_refuse(c, ERR_STATE, GUARD_LOGIN, "", "the station is logged out");
    const struct person *x = proved(g, c, root, job, true);
    if (!x)
        return ERR_STATE;
    s->acting = x->id;
    s->acting_edition = x->edition;
    s->acting_until_ms = now_ms + g->people.conf.acting_ms;
    struct actor now = *c->by;
    (void)people_by_session(&g->people, c->by->session, now_ms, &now);
    snprintf(now.csrf, sizeof now.csrf, "%s", c->by->csrf);
    guard_note(g, &now, now_ms, "station", "");
    return guard_session_text(g, &now, c->answer);
}
