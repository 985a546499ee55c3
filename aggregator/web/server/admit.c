/* Who asks, and whether they may: before anything of a request is looked at. What is asked without
 * a proof is answered with 401, what a proof is not good for with 403. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "access/credential.h"
#include "views/field.h"
#include "web/web_impl.h"

static const char csrf_head[] = "x-plantbus-csrf:";

/* --- who ----------------------------------------------------------------------------------------
 */

static void address_of(struct client *c, bool local, char text[PEOPLE_ADDRESS_MAX]) {
    struct ucred peer = {.uid = 0};
    socklen_t n = sizeof peer;
    text[0] = 0;
    if (!local)
        (void)lws_get_peer_simple(c->wsi, text, PEOPLE_ADDRESS_MAX);
    else if (getsockopt(lws_get_socket_fd(c->wsi), SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0)
        (void)snprintf(text, PEOPLE_ADDRESS_MAX, "uid %u", (unsigned)peer.uid);
}

void admit_identify(struct client *c) {
    struct web *w = c->web;
    char cookies[WEB_PROOF_MAX], authorization[WEB_PROOF_MAX], address[PEOPLE_ADDRESS_MAX];
    struct web_proof proof = {.local = lws_get_vhost(c->wsi) == w->local, .address = address};
    address_of(c, proof.local, address);
    c->actor = (struct actor){0}; /* another one may have asked before on this connection */
    (void)snprintf(c->actor.address, sizeof c->actor.address, "%s", address);
    if (!w->source.identify) {
        if (proof.local)
            people_owner(&c->actor);
        return;
    }
    if (reply_header(c, WSI_TOKEN_HTTP_AUTHORIZATION, authorization, sizeof authorization))
        proof.authorization = span_str(authorization);
    if (reply_header(c, WSI_TOKEN_HTTP_COOKIE, cookies, sizeof cookies))
        (void)credential_cookie(span_str(cookies), w->cookie, &proof.cookie);
    if (!w->source.identify(w->source.user, &proof, &c->actor))
        c->actor.forged = true;
    explicit_bzero(cookies, sizeof cookies);
    explicit_bzero(authorization, sizeof authorization);
}

/* --- whether ------------------------------------------------------------------------------------
 */

static int not_logged_in(struct client *c) {
    c->challenge = true;
    return reply_problem(
        c, 401, "not logged in",
        c->actor.forged && !c->actor.by_cookie && !c->actor.known
            ? "what was sent is not known, or holds no more: log in again, or ask for another token"
            : "log in at the page, send a token (Authorization: Bearer), or use the UNIX socket on "
              "the machine itself");
}

/* "ack or shelve (operator, team_leader ...)" */
static void say_needed(unsigned rights, char *text, size_t room) {
    size_t n = 0;
    bool first = true;
    for (unsigned r = 0; r < ACCESS_RIGHT_COUNT; r++)
        if (rights & ACCESS_BIT(r) && n + 24 < room) {
            n += (size_t)snprintf(text + n, room - n, "%s%s", first ? "" : " or ",
                                  access_right_name((enum access_right)r));
            first = false;
        }
    first = true;
    for (unsigned k = 0; k < ACCESS_ROLE_COUNT; k++)
        if (access_rights_of((enum access_role)k) & rights && n + 24 < room) {
            n += (size_t)snprintf(text + n, room - n, "%s%s", first ? ", as have: " : ", ",
                                  access_role_name((enum access_role)k));
            first = false;
        }
}

int admit_forbidden(struct client *c, unsigned rights) {
    char needed[320], told[420];
    say_needed(rights, needed, sizeof needed);
    (void)snprintf(told, sizeof told, "%s may not: this needs the right %s",
                   c->actor.known ? c->actor.shown[0] ? c->actor.shown : "who asks" : "nobody",
                   needed);
    return reply_problem(c, 403, "forbidden", told);
}

static int refuse(struct client *c, unsigned rights) {
    c->close = c->close || c->posting;
    return c->actor.known ? admit_forbidden(c, rights) : not_logged_in(c);
}

bool admit_get(struct client *c, const struct route *r, int *out) {
    if (c->actor.forged && !c->actor.known && !r->open) {
        /* Who sends a token is told that it holds no more, also where nobody needs one. */
        if (lws_hdr_total_length(c->wsi, WSI_TOKEN_HTTP_AUTHORIZATION) > 0) {
            *out = not_logged_in(c);
            return false;
        }
    }
    if (r->open || c->actor.rights & ACCESS_BIT(r->right))
        return true;
    *out = refuse(c, ACCESS_BIT(r->right));
    return false;
}

/* The time does not depend on where they differ. */
static bool same_text(const char *a, const char *b, size_t n) {
    unsigned differ = 0;
    for (size_t i = 0; i < n; i++)
        differ |= (unsigned char)a[i] ^ (unsigned char)b[i];
    return differ == 0;
}

/* A browser sends its cookie by itself, whoever makes it ask; this head only a page of ours can. */
static bool is_ours(struct client *c) {
    const int n = (int)sizeof csrf_head - 1;
    char text[SECRET_TEXT] = "";
    if (lws_hdr_custom_length(c->wsi, csrf_head, n) != SECRET_TEXT - 1 ||
        lws_hdr_custom_copy(c->wsi, text, sizeof text, csrf_head, n) != SECRET_TEXT - 1)
        return false;
    return same_text(text, c->actor.csrf, SECRET_TEXT - 1);
}

bool admit_post(struct client *c, const struct route *r, int *out) {
    const unsigned rights = access_rights_for(span_str(r->post));
    if (r->post_for == POST_BY_RIGHT && !(c->actor.rights & rights)) {
        *out = refuse(c, rights);
        return false;
    }
    if (r->post_for == POST_KNOWN && !c->actor.known) {
        *out = not_logged_in(c);
        return false;
    }
    /* Who logs in proves more than that. */
    if (c->actor.by_cookie && strcmp(r->post, "login") != 0 && strcmp(r->post, "welcome") != 0 &&
        !is_ours(c)) {
        *out = reply_problem(c, 403, "forbidden",
                             "X-Plantbus-CSRF: what changes something needs the csrf of "
                             "/api/v1/session in this head");
        return false;
    }
    return true;
}

void admit_cookie(struct client *c, const struct web_command *command) {
    const struct web *w = c->web;
    char life[40] = "";
    const bool sets = command->cookie[0] != 0;
    if (!sets && !command->cookie_ended)
        return;
    if (command->cookie_ended && !sets)
        (void)snprintf(life, sizeof life, "; Max-Age=0");
    else if (command->cookie_ms > 0)
        (void)snprintf(life, sizeof life, "; Max-Age=%lld", (long long)(command->cookie_ms / 1000));
    (void)snprintf(c->set_cookie, sizeof c->set_cookie,
                   "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", w->cookie, command->cookie,
                   w->certificate[0] ? "; Secure" : "", life);
}

/* --- what is told of it -------------------------------------------------------------------------
 */

static int tell(struct client *c, struct web_people_ask *ask) {
    struct web *w = c->web;
    ask->by = &c->actor;
    if (!w->source.people)
        return reply_problem(c, 404, "not found", "nobody is known here");
    if (w->source.people(w->source.user, ask, &c->body))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_json(c, 200);
}

int admit_get_session(struct client *c, struct core *core, const char *id) {
    struct web_people_ask ask = {.what = WEB_SESSION};
    (void)core, (void)id;
    return tell(c, &ask);
}

int admit_get_users(struct client *c, struct core *core, const char *id) {
    struct web_people_ask ask = {.what = WEB_USERS};
    (void)core, (void)id;
    return tell(c, &ask);
}

int admit_get_user(struct client *c, struct core *core, const char *id) {
    char etag[ETAG_TEXT] = "";
    const struct web_people_ask ask = {.what = WEB_USER, .by = &c->actor, .id = id, .etag = etag};
    (void)core;
    if (!c->web->source.people)
        return reply_problem(c, 404, "not found", "nobody is known here");
    const enum err err = c->web->source.people(c->web->source.user, &ask, &c->body);
    if (err == ERR_NOT_FOUND)
        return reply_wrong(c, 404, "id: there is nobody of this id");
    if (err)
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_tagged(c, etag);
}

int admit_get_tokens(struct client *c, struct core *core, const char *id) {
    struct web_people_ask ask = {.what = WEB_TOKENS};
    (void)core, (void)id;
    return tell(c, &ask);
}

/* before, limit. */
int admit_get_audit(struct client *c, struct core *core, const char *id) {
    enum { LIMIT_USUAL = 100, LIMIT_MAX = 500 };
    static const struct sheet_rows rows = {"events",
                                           "event at who roles address station what detail"};
    int64_t before = 0, limit = LIMIT_USUAL;
    enum view_format format = VIEW_JSON;
    enum sheet_locale locale = SHEET_NONE;
    struct web_people_ask ask = {.what = WEB_AUDIT, .by = &c->actor};
    struct args a = {.c = c};
    (void)id;
    args_number(&a, "before", 1, INT64_MAX, &before);
    args_number(&a, "limit", 1, LIMIT_MAX, &limit);
    if (sheets_format(&a, 1 << VIEW_JSON | 1 << VIEW_CSV, &format, &locale))
        return args_refuse(&a);
    ask.before = (uint64_t)before;
    ask.limit = (size_t)limit;
    if (format == VIEW_JSON || !c->web->source.people)
        return tell(c, &ask);
    if (c->web->source.people(c->web->source.user, &ask, &c->body))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    sheets_name(c, "audit", "");
    return sheets_reply(c, core, &rows, NULL, locale);
}

static void put_rights(struct json_writer *w, const char *key, unsigned rights) {
    field_array(w, key);
    for (unsigned r = 0; r < ACCESS_RIGHT_COUNT; r++)
        if (rights & ACCESS_BIT(r))
            json_writer_text(w, access_right_name((enum access_right)r));
    json_writer_end_array(w);
}

static void put_takes(struct json_writer *w, const struct route *r) {
    if (!r->takes)
        return;
    field_array(w, "takes");
    for (const char *at = r->takes; *at;) {
        const size_t n = strcspn(at, " ");
        json_writer_string(w, span_of(at, n - (at[n - 1] == '*')));
        at += n + strspn(at + n, " ");
    }
    json_writer_end_array(w);
}

/* What each path takes and what it needs; an empty list: nothing. */
int admit_get_routes(struct client *c, struct core *core, const char *id) {
    static const char *const whom[] = {"right", "known", "anybody"};
    struct json_writer w;
    (void)core, (void)id;
    json_writer_init(&w, &c->body);
    json_writer_begin_object(&w);
    field_array(&w, "routes");
    for (unsigned i = 0; i < web_route_n; i++) {
        const struct route *r = &web_routes[i];
        char path[96];
        const bool takes_id = r->path[strlen(r->path) - 1] == '/';
        (void)snprintf(path, sizeof path, "%s%s%s", r->path, takes_id ? "{id}" : "",
                       r->tail ? r->tail : "");
        json_writer_begin_object(&w);
        field_text(&w, "path", path);
        if (r->get)
            put_rights(&w, "get", r->open ? 0 : ACCESS_BIT(r->right));
        if (r->post) {
            put_rights(&w, "post", access_rights_for(span_str(r->post)));
            field_text(&w, "post_for", whom[r->post_for]);
        }
        put_takes(&w, r);
        json_writer_end_object(&w);
    }
    json_writer_end_array(&w);
    json_writer_end_object(&w);
    if (json_writer_finish(&w))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_json(c, 200);
}
