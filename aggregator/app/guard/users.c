/* Letting people in and out: users with their roles and areas, tokens. */
#include <stdio.h>
#include <stdlib.h>

#include "base/utc.h"
#include "guard/guard_impl.h"

// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define KEYS(list) list, sizeof list / sizeof *list

enum { DAYS_USUAL = 365, DAYS_MAX = 3650 };

/* --- reading ------------------------------------------------------------------------------------
 */

/* A list of texts, or one text with commas between them; take is told each. */
static enum err each_text(struct guard_command *c, const struct json_value *root, const char *key,
                          bool (*take)(void *user, struct span word, char why[120]), void *user) {
    const struct json_value *v = json_find(root, key);
    char why[120] = "expected a list of texts";
    for (size_t i = 0; i < json_count(v); i++) {
        struct span word;
        if (json_string_of(json_at(v, i), &word) || !take(user, word, why))
            return guard_refuse(c, ERR_RANGE, 0, key, why);
    }
    return json_kind(v) == JSON_KIND_ARRAY || json_kind(v) == JSON_KIND_NULL
               ? ERR_OK
               : guard_refuse(c, ERR_FORMAT, 0, key, why);
}

static bool take_role(void *user, struct span word, char why[120]) {
    unsigned *roles = user;
    const enum access_role r = access_role_of(word);
    if (r == ACCESS_ROLE_COUNT) {
        snprintf(why, 120,
                 "expected viewer, operator, team_leader, energy, engineer, approver or "
                 "administrator");
        return false;
    }
    *roles |= ACCESS_BIT(r);
    return true;
}

static bool take_right(void *user, struct span word, char why[120]) {
    unsigned *rights = user;
    const enum access_right r = access_right_of(word);
    const char *names[ACCESS_RIGHT_COUNT];
    char text[48];
    if (r < ACCESS_RIGHT_COUNT) {
        *rights |= ACCESS_BIT(r);
        return true;
    }
    for (unsigned i = 0; i < ACCESS_RIGHT_COUNT; i++)
        names[i] = access_right_name((enum access_right)i);
    snprintf(text, sizeof text, "%.*s", (int)(word.n < 40 ? word.n : 40), (const char *)word.p);
    const char *near = ident_nearest(text, names, ACCESS_RIGHT_COUNT);
    snprintf(why, 120, "%s is no right%s%s%s", text, near ? "; did you mean " : "",
             near ? near : "", near ? "?" : "");
    return false;
}

struct areas {
    struct guard *g;
    struct ident *area;
    size_t n;
};

static bool take_area(void *user, struct span word, char why[120]) {
    struct areas *a = user;
    struct ident id;
    snprintf(why, 120, "at most %d nodes of the plant", (int)PEOPLE_AREAS_MAX);
    if (a->n == PEOPLE_AREAS_MAX)
        return false;
    if (!ident_set(&id, word) ||
        (a->g->conf.is_node && !a->g->conf.is_node(a->g->conf.user, id.s))) {
        snprintf(why, 120, "no node of the plant is %.*s", (int)(word.n < 60 ? word.n : 60),
                 (const char *)word.p);
        return false;
    }
    a->area[a->n++] = id;
    return true;
}

static enum err read_areas(struct guard *g, struct guard_command *c, const struct json_value *root,
                           struct ident *area, size_t *n) {
    struct areas a = {g, area, 0};
    const enum err err = each_text(c, root, "areas", take_area, &a);
    *n = err ? *n : a.n;
    return err;
}

/* --- people -------------------------------------------------------------------------------------
 */

static void say_roles(unsigned roles, char *text, size_t room) {
    size_t n = 0;
    text[0] = 0;
    for (unsigned r = 0; r < ACCESS_ROLE_COUNT; r++)
        if (roles & ACCESS_BIT(r) && n + 20 < room)
            n += (size_t)snprintf(text + n, room - n, "%s%s", n ? "," : "",
                                  access_role_name((enum access_role)r));
}

static void say_person(const struct person *x, char *text, size_t room) {
    char roles[120];
    size_t n = 0;
    say_roles(x->roles, roles, sizeof roles);
    n = (size_t)snprintf(text, room, "%s roles=%s%s", x->id.s, roles,
                         x->disabled ? " disabled" : "");
    for (size_t i = 0; i < x->area_n && n + IDENT_MAX + 8 < room; i++)
        n += (size_t)snprintf(text + n, room - n, "%s%s", i ? "," : " areas=", x->area[i].s);
}

/* Writes it down and makes it so; whoever lost something is noticed by the next sweep. */
enum err guard_change(struct guard *g, struct guard_command *c, const struct person *x,
                      const char *what, int64_t now_ms, struct job *job) {
    char detail[RECORD_DETAIL_MAX];
    struct store_tx *tx = guard_tx();
    say_person(x, detail, sizeof detail);
    enum err err = tx ? guard_put_person(tx, x) : ERR_NOMEM;
    bool told = false;
    if (!err) {
        err = guard_add_event(g, tx, c->by, now_ms, what, detail);
        told = !err;
    }
    /* There is room for it before it is written down: then the store has what is known. */
    const struct person *was = people_find(&g->people, x->id.s);
    if (!err && !was)
        err = people_put(&g->people, x);
    if (!err)
        err = guard_commit(g, tx, job);
    if (err) {
        if (!was)
            people_remove(&g->people, x->id.s);
        if (told)
            guard_unevent(g);
        guard_tx_free(tx);
        return err;
    }
    (void)people_put(&g->people, x);
    log_event(g->conf.log, LOG_INFO, "access", "what=\"%s\" by=%s address=%s %s", what,
              c->by->name[0] ? c->by->name : "-", c->by->address, detail);
    return ERR_OK;
}

struct user_act {
    const char *name;
    bool makes; /* the user is not there yet */
    bool revokes;
    bool replaces; /* something that stands: who does it has seen it */
    enum err (*apply)(struct guard *g, struct guard_command *c, const struct json_value *root,
                      struct person *x);
};

static enum err apply_name(struct guard *g, struct guard_command *c, const struct json_value *root,
                           struct person *x) {
    struct span name;
    (void)g;
    enum err err = guard_text(c, root, "name", &name);
    const char *bad = err ? NULL : people_check_name(name);
    if (bad)
        return guard_refuse(c, ERR_RANGE, 0, "name", bad);
    if (!err)
        snprintf(x->name, sizeof x->name, "%.*s", (int)name.n, (const char *)name.p);
    return err;
}

static enum err apply_roles(struct guard *g, struct guard_command *c, const struct json_value *root,
                            struct person *x) {
    (void)g;
    x->roles = 0;
    const enum err err = each_text(c, root, "roles", take_role, &x->roles);
    if (!err && !x->roles)
        return guard_refuse(c, ERR_RANGE, 0, "roles", "one role at least, such as viewer");
    return err;
}

static enum err apply_areas(struct guard *g, struct guard_command *c, const struct json_value *root,
                            struct person *x) {
    return read_areas(g, c, root, x->area, &x->area_n);
}

static enum err apply_add(struct guard *g, struct guard_command *c, const struct json_value *root,
                          struct person *x) {
    enum err err = apply_name(g, c, root, x);
    if (!err)
        err = apply_roles(g, c, root, x);
    return err ? err : apply_areas(g, c, root, x);
}

static enum err apply_disable(struct guard *g, struct guard_command *c,
                              const struct json_value *root, struct person *x) {
    (void)g, (void)c, (void)root;
    x->disabled = true;
    x->link_until_ms = 0;
    return ERR_OK;
}

static enum err apply_enable(struct guard *g, struct guard_command *c,
                             const struct json_value *root, struct person *x) {
    (void)g, (void)c, (void)root;
    x->disabled = false;
    return ERR_OK;
}

static enum err apply_nothing(struct guard *g, struct guard_command *c,
                              const struct json_value *root, struct person *x) {
    (void)g, (void)c, (void)root, (void)x;
    return ERR_OK;
}

static const struct user_act user_acts[] = {
    {"add", true, false, false, apply_add},         {"roles", false, true, true, apply_roles},
    {"areas", false, true, true, apply_areas},      {"name", false, false, true, apply_name},
    {"disable", false, true, true, apply_disable},  {"enable", false, true, true, apply_enable},
    {"logout", false, true, false, apply_nothing},  {"link", false, false, false, apply_nothing},
    {"password", false, true, true, apply_nothing},
};

static const struct user_act *user_act_of(struct span name) {
    for (size_t i = 0; i < sizeof user_acts / sizeof *user_acts; i++)
        if (span_equal(name, span_str(user_acts[i].name)))
            return &user_acts[i];
    return NULL;
}

/* Whether a plant would be left without anybody who lets people in. */
static bool is_last(const struct guard *g, const struct person *now) {
    const unsigned right = ACCESS_BIT(MAY_ADMINISTER);
    if (access_rights(now->roles) & right && !now->disabled)
        return false;
    for (size_t i = 0; i < g->people.person_n; i++) {
        const struct person *x = &g->people.person[i];
        if (!ident_equal(&x->id, &now->id) && access_rights(x->roles) & right && x->password[0] &&
            !x->disabled)
            return false;
    }
    return people_has_administrator(&g->people);
}

static void draw_link(struct person *x, int64_t now_ms, char text[SECRET_TEXT]) {
    uint8_t secret[SECRET_BYTES];
    secret_draw(secret);
    secret_hash(secret, x->link);
    secret_format(secret, text);
    secret_wipe(secret, sizeof secret);
    x->link_until_ms = now_ms + GUARD_LINK_MS;
}

/* A job that has nothing for the thread: it waits for the commit. */
static enum err change_now(struct guard *g, struct guard_command *c, const struct person *x,
                           const char *what, const char *said, int64_t now_ms) {
    struct job like = {0};
    snprintf(like.made, sizeof like.made, "%s", said);
    enum err err = guard_job(g, c, &like);
    secret_wipe(&like, sizeof like);
    if (err)
        return err;
    struct job *job = g->jobs;
    while (job->ticket != c->ticket)
        job = job->next;
    err = guard_change(g, c, x, what, now_ms, job);
    if (err) { /* it is told at once; the job goes with the next sweep */
        job->step = JOB_DONE;
        c->later = false;
        c->ticket = 0;
    }
    return err;
}

static enum err set_password(struct guard *g, struct guard_command *c,
                             const struct json_value *root, const struct person *x) {
    struct span password;
    struct job job = {0};
    enum err err = guard_text(c, root, "password", &password);
    if (err)
        return err;
    if (!c->by->local)
        return guard_refuse(c, ERR_STATE, GUARD_FORBIDDEN, "password",
                            "of somebody else it is set on the machine only; give them a link");
    const char *bad = people_check_password(password, x->id.s);
    if (bad)
        return guard_refuse(c, ERR_RANGE, 0, "password", bad);
    (void)guard_take_secret(&job, password, true);
    err = guard_job(g, c, &job);
    secret_wipe(&job, sizeof job);
    return err;
}

/* What another administrator did meanwhile is not undone unseen; who is on the machine itself may
 * do without. */
static enum err check_seen(struct guard_command *c, const struct person *was) {
    char etag[ETAG_TEXT];
    if (c->by->local && c->if_match.n == 0)
        return ERR_OK;
    guard_etag(was, etag);
    switch (etag_check(c->if_match, etag)) {
    case ETAG_SAME:
        return ERR_OK;
    case ETAG_MISSING:
        return guard_refuse(c, ERR_STATE, GUARD_UNSEEN, "if-match",
                            "to change somebody needs the etag of /api/v1/users/ID");
    case ETAG_OTHER:
        break;
    }
    return guard_refuse(c, ERR_STATE, GUARD_CHANGED, "if-match",
                        "they were changed meanwhile: read /api/v1/users/ID again");
}

/* The act and whom it is of; x is a copy. */
static enum err read_user(struct guard *g, struct guard_command *c, const struct json_value *root,
                          const struct user_act **act, struct person *x) {
    static const char *const keys[] = {"act", "user", "name", "roles", "areas", "password"};
    struct span word, user;
    enum err err = guard_keys(c, root, KEYS(keys));
    if (!err)
        err = guard_text(c, root, "act", &word);
    if (!err)
        err = guard_text(c, root, "user", &user);
    if (err)
        return err;
    *act = user_act_of(word);
    if (!*act)
        return guard_refuse(c, ERR_RANGE, 0, "act",
                            "one of add, roles, areas, name, disable, enable, link, logout, "
                            "password");
    const char *bad = people_check_id(user);
    if (bad)
        return guard_refuse(c, ERR_RANGE, 0, "user", bad);
    *x = (struct person){0};
    (void)ident_set(&x->id, user);
    const struct person *was = people_find(&g->people, x->id.s);
    if (was && (*act)->makes)
        return guard_refuse(c, ERR_EXISTS, 0, "user", "there is one of this id");
    if (!was && !(*act)->makes)
        return guard_refuse(c, ERR_NOT_FOUND, 0, "user", "there is none of this id");
    if (was)
        *x = *was;
    return was && (*act)->replaces ? check_seen(c, was) : ERR_OK;
}

enum err users_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                     int64_t now_ms, int64_t mono_ms) {
    const struct user_act *act = NULL;
    struct person x;
    char link[SECRET_TEXT] = "", what[RECORD_WHAT_MAX];
    (void)mono_ms;
    enum err err = read_user(g, c, root, &act, &x);
    if (!err && strcmp(act->name, "password") == 0)
        return set_password(g, c, root, &x);
    if (!err)
        err = act->apply(g, c, root, &x);
    if (err)
        return err;
    if (is_last(g, &x))
        return guard_refuse(c, ERR_STATE, 0, "user",
                            "nobody else may administer: make somebody an administrator first");
    x.edition += act->revokes ? 1 : 0;
    if (act->makes || strcmp(act->name, "link") == 0)
        draw_link(&x, now_ms, link);
    snprintf(what, sizeof what, "users %s", act->name);
    err = change_now(g, c, &x, what, link, now_ms);
    secret_wipe(&x, sizeof x);
    secret_wipe(link, sizeof link);
    return err;
}

enum err users_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                      struct job *job, int64_t now_ms, int64_t mono_ms) {
    const struct user_act *act = NULL;
    struct span user;
    struct person x;
    (void)mono_ms;
    (void)guard_text(c, root, "user", &user);
    if (job->applied) {
        const bool link = job->made[0] != 0;
        return buf_addf(c->answer, "{\"user\":\"%.*s\"%s%s%s}", (int)user.n, (const char *)user.p,
                        link ? ",\"link\":\"" : "", job->made, link ? "\"" : "");
    }
    enum err err = read_user(g, c, root, &act, &x);
    if (err)
        return err;
    snprintf(x.password, sizeof x.password, "%s", job->made);
    secret_wipe(job->made, sizeof job->made);
    x.link_until_ms = 0;
    x.edition++;
    err = guard_change(g, c, &x, "users password", now_ms, job);
    secret_wipe(&x, sizeof x);
    return err;
}

bool guard_first_link(struct guard *g, int64_t now_ms, char text[SECRET_TEXT]) {
    static const struct actor starts = {.local = true, .address = "start"};
    struct person x = {.id = {"admin"}, .roles = ACCESS_BIT(ACCESS_ADMINISTRATOR)};
    struct buf none;
    if (people_has_administrator(&g->people))
        return false;
    const struct person *was = people_find(&g->people, x.id.s);
    if (was)
        x = *was;
    x.roles |= ACCESS_BIT(ACCESS_ADMINISTRATOR);
    x.disabled = false;
    draw_link(&x, now_ms, text);
    buf_init(&none);
    struct guard_command c = {.by = &starts, .answer = &none};
    const enum err err = guard_change(g, &c, &x, "users link", now_ms, NULL);
    if (err)
        log_event(g->conf.log, LOG_ERROR, "first_link", "error=%s", err_name(err));
    return !err;
}

/* --- tokens -------------------------------------------------------------------------------------
 */

static enum err read_kind(struct guard_command *c, const struct json_value *root, struct token *x) {
    struct span kind;
    const enum err err = guard_text(c, root, "kind", &kind);
    if (err)
        return err;
    for (x->kind = 0; x->kind < TOKEN_KIND_COUNT; x->kind++)
        if (span_equal(kind, span_str(token_kind_name((enum token_kind)x->kind))))
            return ERR_OK;
    return guard_refuse(c, ERR_RANGE, 0, "kind", "one of machine, wall, station");
}

static enum err read_rights(struct guard_command *c, const struct json_value *root,
                            struct token *x) {
    const unsigned most = token_rights_max((enum token_kind)x->kind);
    const enum err err = each_text(c, root, "rights", take_right, &x->rights);
    if (err)
        return err;
    if (!x->rights) /* what such a token is for; a program is told what it may */
        x->rights = x->kind == TOKEN_MACHINE ? ACCESS_BIT(MAY_VIEW) : most;
    if (x->rights & ~most)
        return guard_refuse(c, ERR_RANGE, 0, "rights",
                            x->kind == TOKEN_MACHINE ? "administer and approve are for people only"
                                                     : "more than such a screen may have");
    return ERR_OK;
}

static enum err read_days(struct guard_command *c, const struct json_value *root, int64_t now_ms,
                          struct token *x) {
    int64_t days = DAYS_USUAL;
    const struct json_value *v = json_find(root, "days");
    if (json_kind(v) != JSON_KIND_NULL && (json_int64_of(v, &days) || days < 1 || days > DAYS_MAX))
        return guard_refuse(c, ERR_RANGE, 0, "days", "1 to 3650");
    x->made_ms = now_ms;
    x->until_ms = now_ms + days * UTC_DAY_MS;
    return ERR_OK;
}

static enum err write_token(struct guard *g, struct guard_command *c, const struct token *x,
                            bool add, const char *said, int64_t now_ms) {
    uint8_t key[RECORD_KEY_MAX];
    char detail[RECORD_DETAIL_MAX], until[UTC_TEXT];
    struct store_tx *tx = guard_tx();
    utc_format(x->until_ms, until);
    snprintf(detail, sizeof detail, "%s kind=%s until=%s", x->id.s,
             token_kind_name((enum token_kind)x->kind), until);
    enum err err = !tx   ? ERR_NOMEM
                   : add ? guard_put_token(tx, x)
                         : guard_delete(tx, key, record_key_token(&x->id, key));
    if (!err)
        err = guard_add_event(g, tx, c->by, now_ms, add ? "tokens add" : "tokens revoke", detail);
    if (err) {
        guard_tx_free(tx);
        return err;
    }
    if (add && (err = people_put_token(&g->people, x))) {
        guard_unevent(g);
        guard_tx_free(tx);
        return err;
    }
    err = guard_write(g, c, tx, said);
    if (add ? err != ERR_OK : !err)
        people_remove_token(&g->people, x->id.s);
    if (!err)
        log_event(g->conf.log, LOG_INFO, "access", "what=\"tokens %s\" by=%s address=%s %s",
                  add ? "add" : "revoke", c->by->name[0] ? c->by->name : "-", c->by->address,
                  detail);
    return err;
}

static enum err add_token(struct guard *g, struct guard_command *c, const struct json_value *root,
                          struct token *x, int64_t now_ms) {
    uint8_t secret[SECRET_BYTES];
    char text[SECRET_TEXT + 4];
    if (people_token(&g->people, x->id.s))
        return guard_refuse(c, ERR_EXISTS, 0, "id", "there is one of this id");
    enum err err = read_kind(c, root, x);
    if (!err)
        err = read_rights(c, root, x);
    if (!err)
        err = read_areas(g, c, root, x->area, &x->area_n);
    if (!err)
        err = read_days(c, root, now_ms, x);
    if (err)
        return err;
    snprintf(x->made_by, sizeof x->made_by, "%s", c->by->name);
    secret_draw(secret);
    secret_hash(secret, x->hash);
    const int n = snprintf(text, sizeof text, "pb_");
    secret_format(secret, text + n);
    err = write_token(g, c, x, true, text, now_ms);
    secret_wipe(secret, sizeof secret);
    secret_wipe(text, sizeof text);
    return err;
}

enum err tokens_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                      int64_t now_ms, int64_t mono_ms) {
    static const char *const keys[] = {"act", "id", "kind", "rights", "areas", "days"};
    struct span act, id;
    struct token x = {0};
    (void)mono_ms;
    enum err err = guard_keys(c, root, KEYS(keys));
    if (!err)
        err = guard_text(c, root, "act", &act);
    if (!err)
        err = guard_text(c, root, "id", &id);
    if (err)
        return err;
    if (!ident_set(&x.id, id))
        return guard_refuse(c, ERR_RANGE, 0, "id", "an id is 1 to 48 of a-z, 0-9, - and _");
    if (span_equal(act, span_str("add")))
        return add_token(g, c, root, &x, now_ms);
    if (!span_equal(act, span_str("revoke")))
        return guard_refuse(c, ERR_RANGE, 0, "act", "one of add, revoke");
    const struct token *was = people_token(&g->people, x.id.s);
    if (!was)
        return guard_refuse(c, ERR_NOT_FOUND, 0, "id", "there is none of this id");
    x = *was;
    return write_token(g, c, &x, false, "", now_ms);
}

enum err tokens_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                       struct job *job, int64_t now_ms, int64_t mono_ms) {
    struct span id;
    (void)g, (void)now_ms, (void)mono_ms;
    (void)guard_text(c, root, "id", &id);
    const bool made = job->made[0] != 0;
    return buf_addf(c->answer, "{\"id\":\"%.*s\"%s%s%s}", (int)id.n, (const char *)id.p,
                    made ? ",\"token\":\"" : "", job->made, made ? "\"" : "");
}
