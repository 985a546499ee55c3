/* What rows of notify_conf.c cannot say of a configuration by themselves. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "notify/mime.h"
#include "notify/notify_conf.h"
#include "notify/template.h"
#include "json/json.h"

enum {
    M = 1 << NOTIFY_MQTT,
    W = 1 << NOTIFY_WEBHOOK,
    S = 1 << NOTIFY_MAIL,
    A = 1 << NOTIFY_ALERTMANAGER,
    SECRET_MAX = 4096,
    NAMES_MAX = 256
};

/* Which kinds must have a key, and which may. */
static const struct {
    const char *name;
    unsigned must, may;
} uses[NOTIFY_KEY_COUNT] = {[NOTIFY_URL] = {"url", W | S | A, W | S | A},
                            [NOTIFY_USER] = {"user", 0, W | S | A},
                            [NOTIFY_PASSWORD] = {"password", 0, W | S | A},
                            [NOTIFY_PASSWORD_FILE] = {"password_file", 0, W | S | A},
                            [NOTIFY_TOKEN] = {"token", 0, W | A},
                            [NOTIFY_TOKEN_FILE] = {"token_file", 0, W | A},
                            [NOTIFY_CA_FILE] = {"ca_file", 0, W | S | A},
                            [NOTIFY_TLS] = {"tls", 0, S},
                            [NOTIFY_FROM] = {"from", S, S},
                            [NOTIFY_TO] = {"to", S, S},
                            [NOTIFY_HEADERS] = {"headers", 0, W},
                            [NOTIFY_JSON] = {"json", 0, W},
                            [NOTIFY_LABELS] = {"labels", 0, A},
                            [NOTIFY_RESEND] = {"resend", 0, A},
                            [NOTIFY_DIGEST] = {"digest", 0, W | S}};

const char *notify_kind_name(enum notify_kind kind) {
    static const char *const name[] = {"mqtt", "webhook", "mail", "alertmanager"};
    return kind < NOTIFY_KIND_COUNT ? name[kind] : "?";
}

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0 && text[strlen(with)];
}

/* A channel may stand in one line with its secrets, which no report shows. */
static void check_keys(const struct notify_channel_conf *c, struct conf_report *r) {
    unsigned kind = 1U << c->kind;
    for (unsigned k = 0; k < NOTIFY_KEY_COUNT; k++) {
        if (c->given[k] && !(uses[k].may & kind))
            conf_report_hidden(r, c->pos, "channel %s: %s is not for a channel of kind %s", c->id.s,
                               uses[k].name, notify_kind_name((enum notify_kind)c->kind));
        if (!c->given[k] && (uses[k].must & kind))
            conf_report_hidden(r, c->pos, "channel %s: a channel of kind %s needs %s", c->id.s,
                               notify_kind_name((enum notify_kind)c->kind), uses[k].name);
    }
    if (c->given[NOTIFY_PASSWORD] && c->given[NOTIFY_PASSWORD_FILE])
        conf_report_hidden(r, c->password_pos, "channel %s: password or password_file, not both",
                           c->id.s);
    if (c->given[NOTIFY_TOKEN] && c->given[NOTIFY_TOKEN_FILE])
        conf_report_hidden(r, c->token_pos, "channel %s: token or token_file, not both", c->id.s);
    if (c->retry_max_ms < c->retry_min_ms)
        conf_report_hidden(r, c->pos, "channel %s: retry_max is less than retry_min", c->id.s);
}

static void check_url(const struct notify_channel_conf *c, struct conf_report *r) {
    bool mail = c->kind == NOTIFY_MAIL;
    bool fits = mail ? begins(c->url, "smtp://") || begins(c->url, "smtps://")
                     : begins(c->url, "http://") || begins(c->url, "https://");
    if (c->given[NOTIFY_URL] && c->kind != NOTIFY_MQTT && !fits)
        conf_report_hidden(r, c->pos, "channel %s: url is not %s", c->id.s,
                           mail ? "smtp://host:587 or smtps://host:465"
                                : "http://... or https://...");
}

static void check_addresses(const struct notify_channel_conf *c, struct conf_report *r) {
    if (c->given[NOTIFY_FROM] && !mime_address(c->from))
        conf_report_hidden(r, c->pos, "channel %s: from is not one address such as a@plant.example",
                           c->id.s);
    for (size_t i = 0; i < c->to_n; i++)
        if (!mime_address(c->to[i]))
            conf_report_hidden(r, c->pos, "channel %s: to: %.100s is not one address", c->id.s,
                               c->to[i]);
    if (c->given[NOTIFY_TO] && c->to_n == 0)
        conf_report_hidden(r, c->pos, "channel %s: to names nobody", c->id.s);
}

static bool is_token(const char *name) {
    bool fits = *name != 0;
    for (const char *c = name; *c; c++)
        fits = fits && (strchr("-_!#$%&'*+.^`|~", *c) || (*c >= '0' && *c <= '9') ||
                        (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z'));
    return fits;
}

static bool is_label(const char *name) {
    bool fits = *name != 0 && !(*name >= '0' && *name <= '9');
    for (const char *c = name; *c; c++)
        fits = fits && (*c == '_' || (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') ||
                        (*c >= 'A' && *c <= 'Z'));
    return fits;
}

static void check_pairs(const struct notify_channel_conf *c, struct conf_report *r) {
    for (size_t i = 0; i < c->header_n; i++)
        if (!is_token(c->headers[i].key) || strpbrk(c->headers[i].value, "\r\n"))
            conf_report_hidden(r, c->pos, "channel %s: headers: %.60s is no head field", c->id.s,
                               c->headers[i].key);
    for (size_t i = 0; i < c->label_n; i++)
        if (!is_label(c->labels[i].key))
            conf_report_hidden(r, c->labels[i].pos, "channel %s: labels: %.60s is no label's name",
                               c->id.s, c->labels[i].key);
}

/* --- templates ----------------------------------------------------------------------------------
 */

static void no_value(void *user, enum template_field f, struct buf *out) {
    (void)user, (void)f, (void)out;
}

/* Legal with no values is legal with all: they are written for the inside of quotes, and outside of
 * them an empty one breaks it. */
static void check_json(const struct notify_channel_conf *c, struct conf_report *r) {
    struct json_value *root = NULL;
    struct json_error wrong = {.text = ""};
    struct buf text;
    buf_init(&text);
    enum err err = template_fill(c->json, no_value, NULL, template_json, &text);
    if (!err)
        err = json_parse(buf_span(&text), NULL, &root, &wrong);
    if (err)
        conf_report_hidden(r, c->json_pos,
                           "channel %s: json is no JSON with placeholders in quotes: %s", c->id.s,
                           wrong.text);
    json_close(root);
    buf_fini(&text);
}

static void check_template(const struct notify_channel_conf *c, const char *key, const char *text,
                           struct conf_pos pos, struct conf_report *r) {
    char why[TEMPLATE_WHY];
    if (!template_check(text, why))
        conf_report_hidden(r, pos, "channel %s: %s: %s", c->id.s, key, why);
}

static void check_texts(const struct notify_channel_conf *c, struct conf_report *r) {
    check_template(c, "subject", c->subject, c->subject_pos, r);
    check_template(c, "body", c->body, c->body_pos, r);
    check_template(c, "json", c->json, c->json_pos, r);
    if (strpbrk(c->subject, "\r\n"))
        conf_report_hidden(r, c->subject_pos, "channel %s: subject has more than one line",
                           c->id.s);
    if (c->given[NOTIFY_JSON])
        check_json(c, r);
}

/* --- names --------------------------------------------------------------------------------------
 */

const struct notify_channel_conf *notify_conf_channel(const struct notify_conf *c,
                                                      const struct ident *id) {
    for (size_t i = 0; i < c->channel_n; i++)
        if (ident_equal(&c->channels[i].id, id))
            return &c->channels[i];
    return NULL;
}

static void report_unknown(struct conf_report *r, struct conf_pos pos, const char *what,
                           const char *id, const char *const *names, size_t n) {
    const char *near = ident_nearest(id, names, n);
    conf_report_at(r, pos, "there is no %s %s%s%s%s", what, id, near ? "; did you mean " : "",
                   near ? near : "", near ? "?" : "");
}

static void check_channels(const struct notify_conf *c, const struct ident *id, size_t n,
                           struct conf_pos pos, struct conf_report *r) {
    const char *names[NAMES_MAX];
    size_t name_n = 0;
    for (size_t i = 0; i < c->channel_n && name_n < NAMES_MAX; i++)
        names[name_n++] = c->channels[i].id.s;
    for (size_t i = 0; i < n; i++)
        if (!notify_conf_channel(c, &id[i]))
            report_unknown(r, pos, "channel", id[i].s, names, name_n);
}

static const struct notify_position_conf *position_of(const struct notify_conf *c,
                                                      const struct ident *id) {
    for (size_t i = 0; i < c->position_n; i++)
        if (ident_equal(&c->positions[i].id, id))
            return &c->positions[i];
    return NULL;
}

static void check_positions(const struct notify_conf *c, struct conf_report *r) {
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (size_t i = 0; i < c->position_n && n < NAMES_MAX; i++)
        names[n++] = c->positions[i].id.s;
    for (size_t i = 0; i < c->norms.to_n; i++)
        if (!position_of(c, &c->norms.to[i]))
            report_unknown(r, c->norms.to_pos, "position", c->norms.to[i].s, names, n);
}

void notify_conf_finish(const struct notify_conf *c, struct conf_report *report) {
    for (size_t i = 0; i < c->channel_n; i++) {
        check_keys(&c->channels[i], report);
        check_url(&c->channels[i], report);
        check_addresses(&c->channels[i], report);
        check_pairs(&c->channels[i], report);
        check_texts(&c->channels[i], report);
    }
    for (size_t p = 0; p < c->position_n; p++)
        for (size_t i = 0; i < c->positions[p].route_n; i++) {
            const struct notify_route_conf *route = &c->positions[p].routes[i];
            check_channels(c, route->channels, route->channel_n, route->pos, report);
        }
    check_channels(c, c->otherwise, c->otherwise_n, c->otherwise_pos, report);
    check_positions(c, report);
    if (c->page[0] && !begins(c->page, "http://") && !begins(c->page, "https://"))
        conf_report_at(report, c->page_pos, "page is not http://... or https://...");
}

static bool has_shift(const struct plant *p, const struct ident *id) {
    for (size_t c = 0; c < p->calendar_n; c++)
        for (size_t s = 0; s < p->calendar[c].shift_n; s++)
            if (ident_equal(&p->calendar[c].shift[s].id, id))
                return true;
    return false;
}

static void check_node(const struct plant *p, const struct notify_route_conf *route,
                       const struct ident *id, struct conf_report *r) {
    const char *names[NAMES_MAX];
    size_t n = 0;
    if (plant_find_node(p, id->s) != UINT32_MAX)
        return;
    for (size_t i = 0; i < p->node_n && n < NAMES_MAX; i++)
        names[n++] = p->node[i].id.s;
    report_unknown(r, route->pos, "node", id->s, names, n);
}

static void check_shift(const struct plant *p, const struct notify_route_conf *route,
                        const struct ident *id, struct conf_report *r) {
    const char *names[NAMES_MAX];
    size_t n = 0;
    if (has_shift(p, id))
        return;
    for (size_t c = 0; c < p->calendar_n; c++)
        for (size_t s = 0; s < p->calendar[c].shift_n && n < NAMES_MAX; s++)
            names[n++] = p->calendar[c].shift[s].id.s;
    report_unknown(r, route->pos, "shift", id->s, names, n);
}

void notify_conf_check_plant(const struct notify_conf *c, const struct plant *plant,
                             struct conf_report *report) {
    for (size_t p = 0; p < c->position_n; p++)
        for (size_t i = 0; i < c->positions[p].route_n; i++) {
            const struct notify_route_conf *route = &c->positions[p].routes[i];
            for (size_t n = 0; n < route->node_n; n++)
                check_node(plant, route, &route->nodes[n], report);
            for (size_t n = 0; n < route->shift_n; n++)
                check_shift(plant, route, &route->shifts[n], report);
        }
}

void notify_conf_check_rule(const struct notify_conf *c, const struct alert_rule *r,
                            const char *file, uint32_t line, struct conf_report *report) {
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (size_t i = 0; i < c->position_n && n < NAMES_MAX; i++)
        names[n++] = c->positions[i].id.s;
    for (size_t i = 0; n && i < r->recipient_n; i++) {
        if (position_of(c, &r->recipient[i]))
            continue;
        const char *near = ident_nearest(r->recipient[i].s, names, n);
        conf_report_at(report, (struct conf_pos){0},
                       "%s:%u: rule %s: notify: there is no position %s%s%s%s", file, line, r->id.s,
                       r->recipient[i].s, near ? "; did you mean " : "", near ? near : "",
                       near ? "?" : "");
    }
}

/* --- secrets ------------------------------------------------------------------------------------
 */

static enum err take_secret(const char *path, struct conf_pos pos, char **secret,
                            struct conf_report *r) {
    char line[SECRET_MAX];
    FILE *f = fopen(path, "re");
    if (!f || !fgets(line, sizeof line, f)) {
        conf_report_at(r, pos, "%s cannot be read, or is empty: %s", path, strerror(errno));
        if (f)
            fclose(f);
        return ERR_OK;
    }
    fclose(f);
    line[strcspn(line, "\r\n")] = 0;
    char *copy = strdup(line);
    explicit_bzero(line, sizeof line);
    if (!copy)
        return ERR_NOMEM;
    free(*secret);
    *secret = copy;
    return ERR_OK;
}

enum err notify_conf_secrets(struct notify_conf *c, struct conf_report *report) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < c->channel_n && !err; i++) {
        struct notify_channel_conf *ch = &c->channels[i];
        if (ch->given[NOTIFY_PASSWORD_FILE])
            err = take_secret(ch->password_file, ch->password_file_pos, &ch->password, report);
        if (!err && ch->given[NOTIFY_TOKEN_FILE])
            err = take_secret(ch->token_file, ch->token_file_pos, &ch->token, report);
    }
    return err;
}
