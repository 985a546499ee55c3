/* Tokens of programs, walls and stations: made, told once, revoked. */
#include <stdio.h>

#include "base/utc.h"
#include "guard/guard_impl.h"

// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define KEYS(list) list, sizeof list / sizeof *list

enum { DAYS_USUAL = 365, DAYS_MAX = 3650 };

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
    const enum err err = guard_each(c, root, "rights", guard_take_right, &x->rights);
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
        err = guard_areas(g, c, root, x->area, &x->area_n);
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
