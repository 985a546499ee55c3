/* Who comes in, between the page and the guard: requests are recognized, commands that change the
 * plant are held against rights and areas, and what was done is written down with who did it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/daemon_impl.h"

/* --- the guard ----------------------------------------------------------------------------------
 */

static bool is_node(void *user, const char *id) {
    return plant_find_node(((struct daemon *)user)->plant, id) != UINT32_MAX;
}

static void on_ready(void *user) {
    struct daemon *d = user;
    if (d->web && !d->failed)
        web_wake(d->web);
}

enum err daemon_open_guard(struct daemon *d, char why[200]) {
    const struct http_conf *h = &d->conf->http;
    const struct guard_conf conf = {.people = {.idle_ms = h->idle_ms,
                                               .session_ms = h->session_ms,
                                               .acting_ms = h->acting_ms,
                                               .read_without_login = h->read_without_login},
                                    .log = d->log,
                                    .is_node = is_node,
                                    .ready = on_ready,
                                    .user = d};
    const enum err err = guard_open(&conf, &d->loop, d->store, clock_wall_ms(), &d->guard);
    if (err)
        snprintf(why, 200, "people and tokens of the store cannot be read: %s", err_name(err));
    return err;
}

/* To standard output, where whoever starts it sees it; never to the log, which others keep. */
void daemon_first_link(struct daemon *d) {
    const struct http_conf *h = &d->conf->http;
    char secret[SECRET_TEXT], name[80];
    snprintf(name, sizeof name, "%s", h->listen);
    if (strcmp(name, "0.0.0.0") == 0 || strcmp(name, "::") == 0)
        if (gethostname(name, sizeof name - 1))
            snprintf(name, sizeof name, "localhost");
    if (web_port(d->web) == 0 || !guard_first_link(d->guard, clock_wall_ms(), secret))
        return;
    log_event(d->log, LOG_WARN, "no_administrator",
              "do=\"open the link on standard output, or: plantbus user password admin\"");
    printf("Nobody may administer yet. Set the password of \"admin\" (once, within a day):\n"
           "  %s://%s%s%s:%u/#welcome=%s\n",
           h->certificate[0] ? "https" : "http", strchr(name, ':') ? "[" : "", name,
           strchr(name, ':') ? "]" : "", web_port(d->web), secret);
    (void)fflush(stdout);
    explicit_bzero(secret, sizeof secret);
}

bool daemon_identify(void *user, const struct web_proof *proof, struct actor *out) {
    struct daemon *d = user;
    const struct guard_proof p = {.cookie = proof->cookie,
                                  .authorization = proof->authorization,
                                  .local = proof->local,
                                  .address = proof->address};
    return guard_identify(d->guard, &p, clock_wall_ms(), out);
}

bool daemon_still(void *user, const struct actor *who) {
    struct daemon *d = user;
    return guard_still(d->guard, who, clock_wall_ms());
}

enum err daemon_people(void *user, const struct web_people_ask *ask, struct buf *out) {
    static const enum guard_what what[] = {[WEB_SESSION] = GUARD_SESSION,
                                           [WEB_USERS] = GUARD_USERS,
                                           [WEB_USER] = GUARD_USER,
                                           [WEB_TOKENS] = GUARD_TOKENS,
                                           [WEB_AUDIT] = GUARD_AUDIT};
    const struct daemon *d = user;
    const struct guard_ask a = {.what = what[ask->what],
                                .by = ask->by,
                                .before = ask->before,
                                .limit = ask->limit,
                                .id = ask->id,
                                .etag = ask->etag};
    return guard_view(d->guard, &a, clock_wall_ms(), out);
}

enum err daemon_people_command(struct daemon *d, struct web_command *command) {
    const struct core_now now = daemon_now();
    struct guard_command c = {.noun = command->noun,
                              .json = command->json,
                              .by = command->by,
                              .if_match = command->if_match,
                              .answer = command->answer,
                              .ticket = command->ticket};
    const enum err err = guard_on_command(d->guard, &c, now.wall_ms, now.mono_ms);
    if (err == ERR_UNSUPPORTED)
        return err;
    snprintf(command->field, sizeof command->field, "%s", c.field);
    snprintf(command->detail, sizeof command->detail, "%s", c.detail);
    snprintf(command->cookie, sizeof command->cookie, "%s", c.cookie);
    explicit_bzero(c.cookie, sizeof c.cookie);
    command->status = c.status;
    command->retry_ms = c.retry_ms;
    command->later = c.later;
    command->ticket = c.ticket;
    command->cookie_ms = c.cookie_ms;
    command->cookie_ended = c.ended;
    return err;
}

/* --- what may be done ---------------------------------------------------------------------------
 */

static bool in_areas(const struct daemon *d, const struct actor *by, const char *node) {
    const uint32_t at = plant_find_node(d->plant, node);
    for (size_t i = 0; i < by->area_n; i++) {
        const uint32_t area = plant_find_node(d->plant, by->area[i].s);
        if (at != UINT32_MAX && area != UINT32_MAX && view_below(d->plant, area, at))
            return true;
    }
    return by->area_n == 0;
}

static bool refuse(struct web_command *command, const char *field, const char *what,
                   const char *which, const char *why) {
    command->status = 403;
    snprintf(command->field, sizeof command->field, "%s", field);
    snprintf(command->detail, sizeof command->detail, "%s may not: %s %s%s",
             command->by->shown[0] ? command->by->shown : "nobody", what, which, why);
    return false;
}

bool daemon_may(struct daemon *d, struct web_command *command, const char *action,
                const char *node) {
    const struct actor *by = command->by;
    const enum access_right right = access_right_for(command->noun, action);
    if (right >= ACCESS_RIGHT_COUNT || !(by->rights & ACCESS_BIT(right)))
        return refuse(command, "", "this needs the right", access_right_name(right), "");
    if (in_areas(d, by, node))
        return true;
    return refuse(command, "node", *node ? node : "this", "is not in the areas of this user", "");
}

struct span daemon_who(const struct web_command *command, struct span said) {
    return command->by->local ? said : span_str(command->by->name);
}

/* What was said besides stays visible: a machine may enter on somebody's behalf. */
void daemon_note_act(struct daemon *d, const struct web_command *command, const char *action,
                     struct span said, const char *detail, enum guard_act act, uint64_t n) {
    char what[RECORD_WHAT_MAX + 1], text[RECORD_DETAIL_MAX + 1];
    snprintf(what, sizeof what, "%.*s%s%s", (int)command->noun.n, (const char *)command->noun.p,
             action ? " " : "", action ? action : "");
    snprintf(text, sizeof text, "%.160s%s%.*s%s", detail, said.n ? " said \"" : "",
             (int)(said.n < 64 ? said.n : 64), said.n ? (const char *)said.p : "",
             said.n ? "\"" : "");
    if (n)
        guard_note_act(d->guard, command->by, clock_wall_ms(), what, text, act, n);
    else
        guard_note(d->guard, command->by, clock_wall_ms(), what, text);
}

void daemon_join_notes(struct daemon *d, struct store_tx *tx) {
    const struct core_handed h = core_handed(d->core);
    const uint64_t handed[GUARD_ACT_COUNT] = {
        [GUARD_ENTRY] = h.act, [GUARD_NORM] = h.norm, [GUARD_ALERT] = h.alert};
    const enum err err = d->guard ? guard_join(d->guard, tx, handed) : ERR_OK;
    if (err)
        log_event(d->log, LOG_ERROR, "act_notes", "error=%s", err_name(err));
}
