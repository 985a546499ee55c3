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

/* Once the core has taken it, only a failure of the whole process keeps it from being committed. */
static enum err take_entry(struct daemon *d, struct web_command *command) {
    struct core_now now = daemon_now();
    struct core_act_answer taken = {.refusal = {.field = ""}};
    struct json_value *root = NULL;
    struct act act;
    enum err err = view_entry_read(command->json, core_plant(d->core), now.wall_ms, &root, &act,
                                   &taken.refusal);
    if (!err)
        err = core_on_act(d->core, &act, now, &taken);
    if (err) {
        json_close(root);
        return refuse(command, &taken.refusal, err);
    }
    if (!taken.repeated)
        log_event(d->log, LOG_INFO, "entry", "entry=%llu kind=%s unit=%.*s who=\"%.*s\"",
                  (unsigned long long)taken.n, act_kind_name((enum act_kind)act.kind),
                  (int)act.unit.n, act.unit.n ? (const char *)act.unit.p : "", (int)act.who.n,
                  (const char *)act.who.p);
    json_close(root);
    command->wait_for = taken.n;
    command->durable = core_act_durable;
    return answer(command, &taken);
}

/* --- norms -------------------------------------------------------------------------------------
 */

static enum err refuse_norm(struct web_command *command, const struct ledger_refusal *why,
                            enum err err) {
    const char *collides = why->collides.s;
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

static enum err take_norm(struct daemon *d, struct web_command *command) {
    const struct core_now now = daemon_now();
    struct norm_form form;
    struct ledger_answer taken = {.refusal = {.field = ""}};
    enum err err = norm_form_read(command->json, core_plant(d->core), core_norms(d->core), &form,
                                  &taken.refusal);
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
    if (!taken.repeated)
        log_event(d->log, LOG_INFO, "norm", "event=%llu norm=%s action=%s state=%s who=\"%s\"",
                  (unsigned long long)taken.n, taken.id.s,
                  ledger_action_name((enum ledger_action)form.command.action),
                  norm_state_name((enum norm_state)taken.state), form.command.who);
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
    if (!command->ticket)
        command->ticket = reload_ask(d, "command");
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

static enum err take_alert(struct daemon *d, struct web_command *command) {
    const struct core_now now = daemon_now();
    struct core_alert_answer taken = {0};
    struct alert_command cmd;
    struct json_value *root = NULL;
    struct json_writer w;
    char why[160] = "";
    enum err err = view_alert_read(command->json, now.wall_ms, &root, &cmd, why);
    if (!err)
        err = core_on_alert(d->core, &cmd, now, &taken);
    if (err) {
        json_close(root);
        snprintf(command->detail, sizeof command->detail, "%s", taken.why ? taken.why : why);
        return err;
    }
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
    if (span_equal(command->noun, span_str("reload")))
        return take_reload(d, command);
    if (span_equal(command->noun, span_str("alerts/backtest")))
        return trial_command(d, command);
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
    snprintf(command->detail, sizeof command->detail,
             "alerts, alerts/backtest, alerts/letters, alerts/test, entries, norms and reload are "
             "what can be posted");
    return ERR_NOT_FOUND;
}
