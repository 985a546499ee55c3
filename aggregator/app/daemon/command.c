/* What is posted to the API. */
#include <stdio.h>

#include "base/log.h"
#include "daemon/daemon_impl.h"
#include "views/alerts.h"
#include "views/entry.h"
#include "views/norms.h"
#include "json/json.h"
#include "json/json_writer.h"

static enum err refuse(struct web_command *command, const struct act_refusal *why, enum err err) {
    snprintf(command->field, sizeof command->field, "%s", why->field);
    if (why->why[0])
        snprintf(command->detail, sizeof command->detail, "%s%s%s", why->field,
                 why->field[0] ? ": " : "", why->why);
    return err;
}

static enum err answer(struct web_command *command, const struct core_act_answer *a) {
    struct json_writer w;
    json_writer_init(&w, command->answer);
    json_writer_begin_object(&w);
    json_writer_key(&w, "entry");
    json_writer_int64(&w, (int64_t)a->n);
    json_writer_key(&w, "repeated");
    json_writer_bool(&w, a->repeated);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

/* At all units where the signal counts. */
static bool may_enter_signal(struct daemon *d, struct web_command *command, const struct act *act) {
    const char *kind = act_kind_name((enum act_kind)act->kind);
    bool found = false;
    for (size_t i = 0; i < d->plant->signal_n; i++) {
        const struct plant_signal *s = &d->plant->signal[i];
        if (!span_equal(act->agent, span_str(s->agent.s)) ||
            !span_equal(act->point, span_str(s->point)))
            continue;
        found = true;
        if (!daemon_may(d, command, kind, d->plant->unit[s->unit].id.s))
            return false;
    }
    return found || daemon_may(d, command, kind, "");
}

/* Void is as the entry that does not hold any more: by its right, at its unit. */
static bool may_enter(struct daemon *d, struct web_command *command, const struct act *act) {
    const char *unit = act->unit.n ? (const char *)act->unit.p : "";
    if (act_is_signal((enum act_kind)act->kind))
        return may_enter_signal(d, command, act);
    if (act->kind != ACT_VOID)
        return daemon_may(d, command, act_kind_name((enum act_kind)act->kind), unit);
    for (size_t i = core_acts(d->core); i-- > 0;) {
        struct core_act x;
        char id[IDENT_MAX + 1];
        core_act_view(d->core, i, &x);
        if (x.n != (uint64_t)act->value)
            continue;
        if (act_is_signal((enum act_kind)x.act->kind))
            return may_enter_signal(d, command, x.act);
        snprintf(id, sizeof id, "%.*s", (int)x.act->unit.n,
                 x.act->unit.n ? (const char *)x.act->unit.p : "");
        return daemon_may(d, command, act_kind_name((enum act_kind)x.act->kind), id);
    }
    return daemon_may(d, command, act_kind_name(ACT_VOID), ""); /* the core says what is wrong */
}

static void note_entry(struct daemon *d, const struct web_command *command, const struct act *act,
                       struct span said, uint64_t n) {
    char detail[160];
    snprintf(detail, sizeof detail, "entry %llu%s%.*s", (unsigned long long)n,
             act->unit.n ? " " : "", (int)act->unit.n,
             act->unit.n ? (const char *)act->unit.p : "");
    daemon_note_act(d, command, act_kind_name((enum act_kind)act->kind), said, detail, GUARD_ENTRY,
                    n);
}

/* Once the core has taken it, only a failure of the whole process keeps it from being committed. */
static enum err take_entry(struct daemon *d, struct web_command *command) {
    struct core_now now = daemon_now();
    struct core_act_answer taken = {.refusal = {.field = ""}};
    struct json_value *root = NULL;
    struct act act;
    enum err err = view_entry_read(command->json, core_plant(d->core), now.wall_ms, &root, &act,
                                   &taken.refusal);
    if (!err && (!may_enter(d, command, &act) || !daemon_plan_is_seen(d, command, &act))) {
        json_close(root);
        return ERR_STATE;
    }
    const struct span said = act.who;
    act.who = daemon_who(command, act.who);
    if (!err)
        err = core_on_act(d->core, &act, now, &taken);
    if (err) {
        json_close(root);
        return refuse(command, &taken.refusal, err);
    }
    if (!taken.repeated) {
        note_entry(d, command, &act, said, taken.n);
        log_event(d->log, LOG_INFO, "entry", "entry=%llu kind=%s unit=%.*s who=\"%.*s\"",
                  (unsigned long long)taken.n, act_kind_name((enum act_kind)act.kind),
                  (int)act.unit.n, act.unit.n ? (const char *)act.unit.p : "", (int)act.who.n,
                  (const char *)act.who.p);
    }
    json_close(root);
    command->wait_for = taken.n;
    command->durable = core_act_durable;
    return answer(command, &taken);
}

enum err daemon_object(struct web_command *command, const char *const *keys, size_t n,
                       struct json_value **root) {
    struct json_error where = {.text = ""};
    struct json_walk walk = {0};
    const enum err err = json_parse(command->json, NULL, root, &where);
    if (err) {
        (void)snprintf(command->detail, sizeof command->detail, "line %u, column %u: %s",
                       where.line, where.column, where.text);
        return err;
    }
    if (json_kind(*root) != JSON_KIND_OBJECT) {
        (void)snprintf(command->detail, sizeof command->detail, "an object is expected");
        return ERR_FORMAT;
    }
    while (json_next(*root, &walk)) {
        size_t i = 0;
        while (i < n && !span_equal(walk.key, span_str(keys[i])))
            i++;
        if (i < n)
            continue;
        const char *near = ident_nearest((const char *)walk.key.p, keys, n);
        (void)snprintf(command->detail, sizeof command->detail,
                       "%.31s: there is no such field%s%s%s", (const char *)walk.key.p,
                       near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
        return ERR_FORMAT;
    }
    return ERR_OK;
}

/* --- norms -------------------------------------------------------------------------------------
 */

static enum err refuse_norm(struct web_command *command, const struct ledger_refusal *why,
                            enum err err) {
    const char *collides = why->collides.s;
    snprintf(command->field, sizeof command->field, "%s", why->field);
    if (why->why[0])
        snprintf(command->detail, sizeof command->detail, "%s%s%s%s%s", why->field,
                 why->field[0] ? ": " : "", why->why, *collides ? " Collides with " : "", collides);
    return err;
}

static enum err answer_norm(struct web_command *command, const struct ledger_answer *a) {
    struct json_writer w;
    json_writer_init(&w, command->answer);
    view_norm_answer(&w, a);
    return json_writer_finish(&w);
}

/* At the node the norm is of, and the one it would be of. */
static bool may_norm(struct daemon *d, struct web_command *command,
                     const struct ledger_command *c) {
    const char *action = ledger_action_name((enum ledger_action)c->action);
    const struct norm *was = ledger_find(core_norms(d->core), c->id.s);
    const char *site = d->plant->node_n ? d->plant->node[0].id.s : "";
    const char *node = was && was->scope.node.s[0] ? was->scope.node.s : site;
    if (was && !daemon_may(d, command, action, node))
        return false;
    if (was && !c->norm)
        return true;
    node = c->norm && c->norm->scope.node.s[0] ? c->norm->scope.node.s : was ? node : site;
    return daemon_may(d, command, action, node);
}

/* What somebody else did meanwhile is not undone unseen. A command that comes again is answered as
 * the first time; who is on the machine itself may do without. */
static bool is_seen(struct daemon *d, struct web_command *command, const struct ledger_command *c) {
    const struct ledger *l = core_norms(d->core);
    const struct norm *was = c->id.s[0] ? ledger_find(l, c->id.s) : NULL;
    char etag[VIEW_ETAG];
    if (!was || ledger_knows(l, c->key) || (command->by->local && command->if_match.n == 0))
        return true;
    view_norm_etag(l, was, etag);
    const enum etag_verdict v = etag_check(command->if_match, etag);
    if (v == ETAG_SAME)
        return true;
    command->status = v == ETAG_MISSING ? 428 : 412;
    (void)snprintf(command->field, sizeof command->field, "if-match");
    (void)snprintf(command->detail, sizeof command->detail,
                   v == ETAG_MISSING ? "if-match: what is done to norm %s needs its etag, as "
                                       "/api/v1/norms/%s tells it"
                                     : "if-match: norm %s was changed meanwhile: read "
                                       "/api/v1/norms/%s again",
                   was->id.s, was->id.s);
    return false;
}

/* Grants of norms may name a role as they name a person. */
static size_t offices_of(unsigned roles, const char *out[ACCESS_ROLE_COUNT]) {
    size_t n = 0;
    for (unsigned r = 0; r < ACCESS_ROLE_COUNT; r++)
        if (roles & ACCESS_BIT(r))
            out[n++] = access_role_name((enum access_role)r);
    return n;
}

static void note_norm(struct daemon *d, const struct web_command *command,
                      const struct ledger_command *c, struct span said,
                      const struct ledger_answer *a) {
    char detail[96];
    snprintf(detail, sizeof detail, "norm %s event %llu", a->id.s, (unsigned long long)a->n);
    daemon_note_act(d, command, ledger_action_name((enum ledger_action)c->action), said, detail,
                    GUARD_NORM, a->n);
}

static enum err take_norm(struct daemon *d, struct web_command *command) {
    const struct core_now now = daemon_now();
    struct norm_form form;
    struct ledger_answer taken = {.refusal = {.field = ""}};
    enum err err = norm_form_read(command->json, core_plant(d->core), core_norms(d->core), &form,
                                  &taken.refusal);
    if (!err && (!may_norm(d, command, &form.command) || !is_seen(d, command, &form.command))) {
        norm_form_fini(&form);
        return ERR_STATE;
    }
    const struct span said = span_str(form.command.who ? form.command.who : "");
    const char *offices[ACCESS_ROLE_COUNT];
    if (!command->by->local) {
        form.command.who = command->by->name;
        form.command.office = offices;
        form.command.office_n = offices_of(command->by->roles, offices);
    }
    if (!err)
        err = teams_before(d, &form.command, &command->later, &taken.refusal);
    if (!err && command->later) {
        norm_form_fini(&form);
        return ERR_OK;
    }
    if (!err)
        err = core_on_norm(d->core, &form.command, now, &taken);
    core_set_norm_teams(d->core, (struct ledger_teams){0});
    if (err) {
        norm_form_fini(&form);
        return refuse_norm(command, &taken.refusal, err);
    }
    if (!taken.repeated) {
        note_norm(d, command, &form.command, said, &taken);
        log_event(d->log, LOG_INFO, "norm", "event=%llu norm=%s action=%s state=%s who=\"%s\"",
                  (unsigned long long)taken.n, taken.id.s,
                  ledger_action_name((enum ledger_action)form.command.action),
                  norm_state_name((enum norm_state)taken.state), form.command.who);
    }
    norm_form_fini(&form);
    command->wait_for = taken.n;
    command->durable = core_norm_durable;
    return answer_norm(command, &taken);
}

/* Asks at first; then it comes again with the number of the reload until that has ended. Whatever
 * became of it, the question is answered: the answer says what. */
static enum err take_reload(struct daemon *d, struct web_command *command) {
    struct view_configuration v;
    struct json_writer w;
    if (!command->ticket) {
        struct json_value *root = NULL;
        const enum err err = command->json.n ? daemon_object(command, NULL, 0, &root) : ERR_OK;
        json_close(root);
        if (err)
            return err;
        command->ticket = reload_ask(d, "command");
        daemon_note_act(d, command, NULL, span_str(""), "", GUARD_ENTRY, 0);
    }
    command->later = d->reload.told < command->ticket;
    if (command->later)
        return ERR_OK;
    reload_state(d, &v);
    json_writer_init(&w, command->answer);
    view_configuration(&w, &v);
    return json_writer_finish(&w);
}

/* --- alerts ------------------------------------------------------------------------------------
 */

static bool may_alert(struct daemon *d, struct web_command *command,
                      const struct alert_command *cmd, int64_t now_ms) {
    if (!daemon_may(d, command, alert_act_name((enum alert_act)cmd->act), cmd->node.s))
        return false;
    if (cmd->act != ALERT_SHELVE || command->by->rights & ACCESS_BIT(MAY_SHELVE_LONG) ||
        cmd->until_ms - now_ms <= ACCESS_SHELF_MS)
        return true;
    command->status = 403;
    snprintf(command->field, sizeof command->field, "until");
    snprintf(command->detail, sizeof command->detail,
             "until: at most eight hours from now; longer may who has the right shelve_long");
    return false;
}

static void note_alert(struct daemon *d, const struct web_command *command,
                       const struct alert_command *cmd, struct span said, uint64_t n) {
    char detail[160];
    snprintf(detail, sizeof detail, "rule %s node %s event %llu", cmd->rule.s, cmd->node.s,
             (unsigned long long)n);
    daemon_note_act(d, command, alert_act_name((enum alert_act)cmd->act), said, detail, GUARD_ALERT,
                    n);
}

static enum err take_alert(struct daemon *d, struct web_command *command) {
    const struct core_now now = daemon_now();
    struct core_alert_answer taken = {0};
    struct alert_command cmd;
    struct json_value *root = NULL;
    struct json_writer w;
    char why[160] = "";
    enum err err = view_alert_read(command->json, now.wall_ms, &root, &cmd, why);
    if (!err && !may_alert(d, command, &cmd, now.wall_ms)) {
        json_close(root);
        return ERR_STATE;
    }
    const struct span said = cmd.who;
    cmd.who = daemon_who(command, cmd.who);
    if (!err)
        err = core_on_alert(d->core, &cmd, now, &taken);
    if (err) {
        json_close(root);
        snprintf(command->detail, sizeof command->detail, "%s", taken.why ? taken.why : why);
        return err;
    }
    note_alert(d, command, &cmd, said, taken.n);
    log_event(d->log, LOG_INFO, "alert", "event=%llu act=%s rule=%s node=%s who=\"%.*s\"",
              (unsigned long long)taken.n, alert_act_name((enum alert_act)cmd.act), cmd.rule.s,
              cmd.node.s, (int)cmd.who.n, (const char *)cmd.who.p);
    json_close(root);
    command->wait_for = taken.n;
    command->durable = core_alert_durable;
    json_writer_init(&w, command->answer);
    json_writer_begin_object(&w);
    json_writer_key(&w, "event");
    json_writer_int64(&w, (int64_t)taken.n);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

enum err daemon_command(void *user, struct web_command *command) {
    struct daemon *d = user;
    if (d->stopping || d->failed)
        return ERR_BUSY;
    const enum err of_people = daemon_people_command(d, command);
    if (of_people != ERR_UNSUPPORTED)
        return of_people;
    if (span_equal(command->noun, span_str("reload")))
        return take_reload(d, command);
    if (span_equal(command->noun, span_str("alerts/backtest")))
        return trial_command(d, command);
    if (span_equal(command->noun, span_str("alerts/rules")))
        return rules_command(d, command);
    if (span_equal(command->noun, span_str("alerts/rules/check")))
        return rules_check(d, command);
    if (span_equal(command->noun, span_str("alerts/test")))
        return notices_command(d, command);
    if (span_equal(command->noun, span_str("alerts/letters")))
        return letters_command(d, command);
    command->later = reload_holds(d);
    if (command->later)
        return ERR_OK;
    if (span_equal(command->noun, span_str("entries")))
        return take_entry(d, command);
    if (span_equal(command->noun, span_str("norms")))
        return take_norm(d, command);
    if (span_equal(command->noun, span_str("alerts")))
        return take_alert(d, command);
    snprintf(
        command->detail, sizeof command->detail,
        "alerts, alerts/backtest, alerts/letters, alerts/rules, alerts/rules/check, alerts/test, "
        "entries, norms and reload are what can be posted");
    return ERR_NOT_FOUND;
}
