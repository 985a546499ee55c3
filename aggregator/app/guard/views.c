/* What is told of people, tokens and events, as JSON. No secret and no hash is among it. */
#include <stdio.h>

#include "base/hash.h"
#include "base/utc.h"
#include "guard/guard_impl.h"
#include "json/json_writer.h"

static void text(struct json_writer *w, const char *key, const char *value) {
    json_writer_key(w, key);
    if (*value)
        json_writer_text(w, value);
    else
        json_writer_null(w);
}

static void flag(struct json_writer *w, const char *key, bool value) {
    json_writer_key(w, key);
    json_writer_bool(w, value);
}

static void moment(struct json_writer *w, const char *key, int64_t t_ms) {
    char told[UTC_TEXT] = "";
    if (t_ms)
        utc_format(t_ms, told);
    text(w, key, told);
}

static void roles(struct json_writer *w, unsigned set) {
    json_writer_key(w, "roles");
    json_writer_begin_array(w);
    for (unsigned r = 0; r < ACCESS_ROLE_COUNT; r++)
        if (set & ACCESS_BIT(r))
            json_writer_text(w, access_role_name((enum access_role)r));
    json_writer_end_array(w);
}

static void rights(struct json_writer *w, unsigned set) {
    json_writer_key(w, "rights");
    json_writer_begin_array(w);
    for (unsigned r = 0; r < ACCESS_RIGHT_COUNT; r++)
        if (set & ACCESS_BIT(r))
            json_writer_text(w, access_right_name((enum access_right)r));
    json_writer_end_array(w);
}

static void areas(struct json_writer *w, const struct ident *area, size_t n) {
    json_writer_key(w, "areas");
    json_writer_begin_array(w);
    for (size_t i = 0; i < n; i++)
        json_writer_text(w, area[i].s);
    json_writer_end_array(w);
}

enum err guard_session_text(const struct guard *g, const struct actor *a, struct buf *out) {
    struct json_writer w;
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    flag(&w, "known", a->known);
    text(&w, "user", a->person.s);
    text(&w, "name", a->shown);
    text(&w, "token", a->token.s);
    text(&w, "station", a->station.s);
    roles(&w, a->roles);
    rights(&w, a->rights);
    areas(&w, a->area, a->area_n);
    moment(&w, "until", a->until_ms);
    moment(&w, "acting_until", a->acting_until_ms);
    text(&w, "csrf", a->csrf);
    flag(&w, "read_without_login", g->people.conf.read_without_login);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

/* Of all that is written down of them, secrets too: a hash tells none. */
void guard_etag(const struct person *x, char etag[ETAG_TEXT]) {
    struct buf row;
    buf_init(&row);
    (void)record_person(x, &row);
    (void)snprintf(etag, ETAG_TEXT, "\"%s-%016llx\"", x->id.s,
                   (unsigned long long)fnv1a64(buf_span(&row)));
    secret_wipe(row.p, row.n);
    buf_fini(&row);
}

static void user(struct json_writer *w, const struct person *x, int64_t now_ms) {
    char etag[ETAG_TEXT];
    guard_etag(x, etag);
    json_writer_begin_object(w);
    text(w, "user", x->id.s);
    text(w, "name", x->name);
    roles(w, x->roles);
    areas(w, x->area, x->area_n);
    flag(w, "disabled", x->disabled);
    flag(w, "password", x->password[0] != 0);
    flag(w, "pin", x->pin[0] != 0);
    moment(w, "link_until", x->link_until_ms > now_ms ? x->link_until_ms : 0);
    text(w, "etag", etag);
    json_writer_end_object(w);
}

static void users(struct json_writer *w, const struct people *p, int64_t now_ms) {
    json_writer_key(w, "users");
    json_writer_begin_array(w);
    for (size_t i = 0; i < p->person_n; i++)
        user(w, &p->person[i], now_ms);
    json_writer_end_array(w);
}

static void tokens(struct json_writer *w, const struct people *p, int64_t now_ms) {
    json_writer_key(w, "tokens");
    json_writer_begin_array(w);
    for (size_t i = 0; i < p->token_n; i++) {
        const struct token *x = &p->token[i];
        json_writer_begin_object(w);
        text(w, "id", x->id.s);
        text(w, "kind", token_kind_name((enum token_kind)x->kind));
        rights(w, x->rights);
        areas(w, x->area, x->area_n);
        moment(w, "made", x->made_ms);
        text(w, "made_by", x->made_by);
        moment(w, "until", x->until_ms);
        moment(w, "used", x->used_ms);
        flag(w, "over", now_ms >= x->until_ms);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

static void event(struct json_writer *w, const struct access_event *e) {
    json_writer_begin_object(w);
    json_writer_key(w, "event");
    json_writer_int64(w, (int64_t)e->n);
    moment(w, "at", e->at_ms);
    text(w, "who", e->who);
    roles(w, e->roles);
    text(w, "address", e->address);
    text(w, "station", e->station.s);
    text(w, "what", e->what);
    text(w, "detail", e->detail);
    json_writer_end_object(w);
}

/* Newest first. */
static void events(struct json_writer *w, const struct guard *g, uint64_t before, size_t limit) {
    json_writer_key(w, "events");
    json_writer_begin_array(w);
    for (size_t i = 1; i <= g->event_n && limit; i++) {
        const struct access_event *e =
            &g->event[(g->event_at + GUARD_EVENTS_KEPT - i) % GUARD_EVENTS_KEPT];
        if (before && e->n >= before)
            continue;
        event(w, e);
        limit--;
    }
    json_writer_end_array(w);
}

enum err guard_view(const struct guard *g, const struct guard_ask *ask, int64_t now_ms,
                    struct buf *out) {
    struct json_writer w;
    if (ask->what == GUARD_SESSION)
        return guard_session_text(g, ask->by, out);
    json_writer_init(&w, out);
    if (ask->what == GUARD_USER) {
        const struct person *x = people_find(&g->people, ask->id);
        if (!x)
            return ERR_NOT_FOUND;
        guard_etag(x, ask->etag);
        user(&w, x, now_ms);
        return json_writer_finish(&w);
    }
    json_writer_begin_object(&w);
    if (ask->what == GUARD_USERS)
        users(&w, &g->people, now_ms);
    else if (ask->what == GUARD_TOKENS)
        tokens(&w, &g->people, now_ms);
    else
        events(&w, g, ask->before, ask->limit);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}
