#include "daemon/trial.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utc.h"
#include "daemon/daemon_impl.h"
#include "engine/gauges.h"
#include "views/trial.h"
#include "json/json.h"

#define SPAN_MAX_MS (400 * UTC_DAY_MS)
#define SPAN_USUAL_MS (7 * UTC_DAY_MS)

#define TRY_AGAIN_MS 2000

struct trial {
    struct daemon *d;
    uint64_t ticket;
    struct alertfile *read;           /* what was posted; NULL: those in force are tried */
    struct alertfile *tried, *beside; /* those that are meant, at the nodes that are meant */
    struct backtest_norms *norms;
    struct backtest_conf conf;
    uint64_t gauge_agents[TIMELINES_AGENT_WORDS];
    uint32_t *node_no; /* by plant node */
    struct backtest *backtest;
    struct buf text; /* the answer */
    enum err err;
    bool done;
};

static void trial_close(struct trial *t) {
    if (!t)
        return;
    backtest_close(t->backtest);
    backtest_norms_close(t->norms);
    free(t->node_no);
    alertfile_close(t->tried);
    alertfile_close(t->beside);
    alertfile_close(t->read);
    buf_fini(&t->text);
    free(t);
}

/* --- what is asked for --------------------------------------------------------------------------
 */

struct asked {
    struct span rules; /* p NULL: those in force */
    struct ident rule; /* "": all */
    uint32_t node;
    int64_t from_ms, to_ms;
    bool tries, curved;
    uint32_t curve;
};

static enum err refuse(struct web_command *command, enum err err, const char *why) {
    (void)snprintf(command->detail, sizeof command->detail, "%s", why);
    return err;
}

static bool take_time(const struct json_value *root, const char *key, int64_t *out) {
    struct span text;
    const struct json_value *v = json_find(root, key);
    return !v || (json_string_of(v, &text) == ERR_OK && utc_parse(text, out) == ERR_OK);
}

static enum err take_node(struct daemon *d, struct web_command *command, const char *key,
                          const struct json_value *v, uint32_t *out) {
    struct span text;
    char id[IDENT_MAX + 1];
    if (json_string_of(v, &text)) {
        (void)snprintf(command->detail, sizeof command->detail, "%s: expected an id", key);
        return ERR_RANGE;
    }
    (void)snprintf(id, sizeof id, "%.*s", (int)text.n, (const char *)text.p);
    *out = plant_find_node(d->plant, id);
    if (*out != UINT32_MAX)
        return ERR_OK;
    (void)snprintf(command->detail, sizeof command->detail, "%s: no node of the plant has this id",
                   key);
    return ERR_NOT_FOUND;
}

static enum err read_asked(struct daemon *d, struct web_command *command,
                           const struct json_value *root, struct asked *out) {
    struct span text;
    const struct json_value *v = NULL;
    enum err err = ERR_OK;
    *out = (struct asked){.to_ms = daemon_now().wall_ms, .from_ms = INT64_MIN};
    if ((v = json_find(root, "rules")) && json_string_of(v, &out->rules))
        return refuse(command, ERR_RANGE, "rules: expected the text of a file of rules");
    if ((v = json_find(root, "rule")) && (json_string_of(v, &text) || !ident_set(&out->rule, text)))
        return refuse(command, ERR_RANGE, "rule: expected an id");
    if ((v = json_find(root, "unit")) && (err = take_node(d, command, "unit", v, &out->node)))
        return err;
    out->curved = (v = json_find(root, "curve")) != NULL;
    if (v && (err = take_node(d, command, "curve", v, &out->curve)))
        return err;
    if (v && !out->rule.s[0])
        return refuse(command, ERR_RANGE, "curve: needs the rule that it is of");
    if (!take_time(root, "from", &out->from_ms))
        return refuse(command, ERR_RANGE, "from: expected a time such as 2026-11-23T06:00:00Z");
    if (!take_time(root, "to", &out->to_ms))
        return refuse(command, ERR_RANGE, "to: expected a time such as 2026-11-23T06:00:00Z");
    if ((v = json_find(root, "try")) && json_bool_of(v, &out->tries))
        return refuse(command, ERR_RANGE, "try: expected true or false");
    return ERR_OK;
}

static enum err check_span(struct daemon *d, struct web_command *command, struct asked *a) {
    const int64_t now_ms = daemon_now().wall_ms;
    a->to_ms = a->to_ms < now_ms ? a->to_ms : now_ms; /* nothing is known of what comes */
    if (a->from_ms == INT64_MIN)
        a->from_ms = a->to_ms - SPAN_USUAL_MS;
    a->from_ms = utc_floor(a->from_ms, UTC_MINUTE_MS);
    a->to_ms = utc_floor(a->to_ms, UTC_MINUTE_MS);
    if (a->from_ms >= a->to_ms)
        return refuse(command, ERR_RANGE, "from: lies behind to, or behind the present");
    if (a->to_ms - a->from_ms > SPAN_MAX_MS)
        return refuse(command, ERR_RANGE, "from: at most 400 days before to");
    if (d->plant->keep_cells_ms > 0 && a->to_ms < now_ms - d->plant->keep_cells_ms)
        return refuse(command, ERR_RANGE, "to: minutes are not kept as long (keep_cells)");
    return ERR_OK;
}

static enum err read_rules(struct trial *t, struct web_command *command, struct span text) {
    struct conf_report report;
    struct buf said;
    conf_report_init(&report);
    buf_init(&said);
    const enum err err =
        alertfile_parse(text, "rules", t->d->plant, t->d->settings->baselines, &report, &t->read);
    if (err == ERR_CONFIG && conf_report_format(&report, &said) == ERR_OK)
        (void)snprintf(command->detail, sizeof command->detail, "%.*s", (int)said.n,
                       (const char *)said.p);
    buf_fini(&said);
    conf_report_fini(&report);
    return err;
}

/* --- the test -----------------------------------------------------------------------------------
 */

static enum err step(void *user, const struct history_reader *r, bool *more) {
    struct trial *t = user;
    enum err err = t->backtest ? ERR_OK : backtest_open(&t->conf, &t->backtest);
    if (!err)
        err = backtest_step(t->backtest, r, more);
    if (!err && !*more)
        err = view_trial(t->backtest, &t->conf, &t->text);
    return err;
}

static void on_done(void *user, enum err err) {
    struct trial *t = user;
    t->err = err;
    t->done = true;
    /* The plant may be another one soon. */
    backtest_close(t->backtest);
    t->backtest = NULL;
    daemon_wake(t->d);
}

static enum err choose(struct trial *t, struct web_command *command, const struct asked *a) {
    static const struct alertfile none;
    const struct alertfile *force = t->d->settings->alerts ? t->d->settings->alerts : &none;
    const struct ident *rule = a->rule.s[0] ? &a->rule : NULL;
    enum err err = alertfile_none(&t->tried);
    if (!err)
        err = alertfile_none(&t->beside);
    if (!err)
        err = alertfile_select(t->read ? t->read : force, t->d->plant, rule, a->node, t->tried);
    if (!err && t->read)
        err = alertfile_select(force, t->d->plant, rule, a->node, t->beside);
    if (!err && t->tried->rules.rule_n == 0)
        return refuse(command, ERR_NOT_FOUND,
                      rule ? "rule: there is none of this id for this unit"
                           : "there are no rules to be tried for this unit");
    return err;
}

static uint32_t word_number(const void *core, const char *text) {
    return core_word_number(core, text);
}

/* Of those that are tried and of those that they are compared with. */
static enum err take_norms(struct trial *t, const struct asked *a) {
    const struct alert_rules *tried = &t->tried->rules, *beside = &t->beside->rules;
    const struct backtest_words words = {word_number, t->d->core};
    const size_t n = tried->rule_n + beside->rule_n;
    struct alert_rule *all = calloc(n + 1, sizeof *all);
    if (!all)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        all[i] = i < tried->rule_n ? tried->rule[i] : beside->rule[i - tried->rule_n];
    const enum err err =
        backtest_norms_open(core_norms(t->d->core), &words, &(struct alert_rules){all, n},
                            a->from_ms, a->to_ms, &t->norms);
    free(all);
    return err;
}

static enum err take_core(struct trial *t, const struct asked *a) {
    const struct core *core = t->d->core;
    t->node_no = calloc(t->d->plant->node_n + 1, sizeof *t->node_no);
    if (!t->node_no)
        return ERR_NOMEM;
    for (uint32_t n = 0; n < t->d->plant->node_n; n++)
        t->node_no[n] = core_node_number(core, n);
    core_gauge_agents(core, t->gauge_agents);
    return take_norms(t, a);
}

static enum err begin(struct trial *t, struct web_command *command, const struct asked *a) {
    enum err err = a->rules.p ? read_rules(t, command, a->rules) : ERR_OK;
    if (!err)
        err = choose(t, command, a);
    if (!err)
        err = take_core(t, a);
    t->conf = (struct backtest_conf){.plant = t->d->plant,
                                     .gauge_agents = t->gauge_agents,
                                     .node_no = t->node_no,
                                     .rules = err ? NULL : &t->tried->rules,
                                     .beside = err ? NULL : &t->beside->rules,
                                     .norms = {backtest_norm, backtest_word_is, t->norms},
                                     .from_ms = a->from_ms,
                                     .to_ms = a->to_ms,
                                     .tries = a->tries,
                                     .curved = a->curved,
                                     .curve_node = a->curve};
    return err ? err : archive_run(t->d->archive, step, on_done, t);
}

/* A free place; an answer that nobody fetched makes room. */
static struct trial **find_place(struct trials *all) {
    struct trial **oldest = NULL;
    for (size_t i = 0; i < TRIALS_MAX; i++) {
        if (!all->at[i])
            return &all->at[i];
        if (all->at[i]->done && (!oldest || all->at[i]->ticket < (*oldest)->ticket))
            oldest = &all->at[i];
    }
    if (oldest) {
        trial_close(*oldest);
        *oldest = NULL;
    }
    return oldest;
}

static enum err ask(struct daemon *d, struct web_command *command, const struct asked *a) {
    struct trial **place = find_place(&d->trials);
    if (!place) {
        command->retry_ms = TRY_AGAIN_MS;
        return refuse(command, ERR_BUSY, "too many back-tests at a time: try again soon");
    }
    struct trial *t = calloc(1, sizeof *t);
    if (!t)
        return ERR_NOMEM;
    t->d = d;
    buf_init(&t->text);
    const enum err err = begin(t, command, a);
    if (err) {
        trial_close(t);
        return err;
    }
    t->ticket = command->ticket = ++d->trials.last;
    command->later = true;
    *place = t;
    return ERR_OK;
}

static enum err fetch(struct daemon *d, struct web_command *command) {
    for (size_t i = 0; i < TRIALS_MAX; i++) {
        struct trial *t = d->trials.at[i];
        if (!t || t->ticket != command->ticket)
            continue;
        command->later = !t->done;
        if (!t->done)
            return ERR_OK;
        const enum err err = t->err ? t->err : buf_add(command->answer, t->text.p, t->text.n);
        trial_close(t);
        d->trials.at[i] = NULL;
        return err;
    }
    return refuse(command, ERR_NOT_FOUND, "others asked for so much meanwhile that it is gone");
}

enum err trial_command(struct daemon *d, struct web_command *command) {
    static const char *const keys[] = {"rules", "rule", "unit", "from", "to", "try", "curve"};
    struct json_value *root = NULL;
    struct asked a;
    if (command->ticket)
        return fetch(d, command);
    enum err err = daemon_object(command, keys, sizeof keys / sizeof *keys, &root);
    if (!err)
        err = read_asked(d, command, root, &a);
    if (!err)
        err = check_span(d, command, &a);
    if (!err)
        err = ask(d, command, &a);
    json_close(root);
    return err;
}

void trials_fini(struct trials *t) {
    for (size_t i = 0; i < TRIALS_MAX; i++)
        trial_close(t->at[i]);
    *t = (struct trials){.last = t->last};
}
