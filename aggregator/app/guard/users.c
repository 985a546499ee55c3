/* Letting people in and out: users with their roles and areas. */
#include <stdio.h>
#include <stdlib.h>

#include "base/utc.h"
#include "guard/guard_impl.h"

// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define KEYS(list) list, sizeof list / sizeof *list

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
    const enum err err = guard_each(c, root, "roles", take_role, &x->roles);
    if (!err && !x->roles)
        return guard_refuse(c, ERR_RANGE, 0, "roles", "one role at least, such as viewer");
    return err;
}

static enum err apply_areas(struct guard *g, struct guard_command *c, const struct json_value *root,
                            struct person *x) {
    return guard_areas(g, c, root, x->area, &x->area_n);
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
