/* A change goes this way: rights, areas and the draft on the loop; then, on a thread, the files are
 * read as a whole, for they must be those that run, and the one file is written; then a reload, as
 * if somebody had edited it by hand. Who did it and why is written down once the file is there. */
#include "daemon/rules.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/daemon_impl.h"
#include "views/field.h"
#include "json/json.h"

enum { WHY_MIN = 3, DIFF_LINES = 200 };
/* So long the answer waits for who asked, before others have their turn. */
#define FETCH_MS 5000

static enum err refuse(struct web_command *command, int status, const char *field,
                       const char *why) {
    command->status = status;
    (void)snprintf(command->field, sizeof command->field, "%s", field);
    (void)snprintf(command->detail, sizeof command->detail, "%s%s%s", field, *field ? ": " : "",
                   why);
    return ERR_RANGE;
}

/* --- what is asked for -------------------------------------------------------------------------
 */

struct asked {
    bool takes_out;
    struct ident rule;
    struct span text, file, why, who;
};

static bool is_blank(struct span s) {
    for (size_t i = 0; i < s.n; i++)
        if (!isspace(s.p[i]))
            return false;
    return true;
}

/* Plain names that end in .yaml: nothing leads out of the folder. */
static bool is_file(struct span s) {
    static const char ending[] = ".yaml";
    const size_t tail = sizeof ending - 1;
    return s.n > tail && memcmp(s.p + s.n - tail, ending, tail) == 0 &&
           ident_check(span_of(s.p, s.n - tail)) && s.p[0] != '.';
}

static bool take_span(const struct json_value *root, const char *key, struct span *out) {
    const struct json_value *v = json_find(root, key);
    *out = span_of(NULL, 0);
    return !v || json_string_of(v, out) == ERR_OK;
}

static enum err read_rule(struct web_command *command, const struct json_value *root,
                          struct asked *out) {
    struct span id;
    if (!take_span(root, "rule", &id) || !ident_set(&out->rule, id))
        return refuse(command, 422, "rule", "expected an id of small letters, digits and dashes");
    if (!take_span(root, "text", &out->text) || (!out->takes_out && is_blank(out->text)))
        return refuse(command, 422, "text", "expected the keys of the rule, as its file has them");
    return ERR_OK;
}

static enum err read_asked(struct web_command *command, const struct json_value *root,
                           struct asked *out) {
    struct span action;
    *out = (struct asked){.takes_out = false};
    if (!take_span(root, "action", &action) ||
        (!span_equal(action, span_str("save")) && !span_equal(action, span_str("delete"))))
        return refuse(command, 422, "action", "one of save, delete");
    out->takes_out = span_equal(action, span_str("delete"));
    const enum err err = read_rule(command, root, out);
    if (err)
        return err;
    if (!take_span(root, "why", &out->why) || is_blank(out->why) || out->why.n < WHY_MIN ||
        out->why.n > RULES_WHY_MAX)
        return refuse(command, 422, "why", "a reason of 3 to 200 bytes is needed");
    if (!take_span(root, "file", &out->file) || (out->file.n && !is_file(out->file)))
        return refuse(command, 422, "file", "expected a name such as press.yaml");
    if (!take_span(root, "who", &out->who))
        return refuse(command, 422, "who", "expected a name");
    return ERR_OK;
}

/* --- whether it may be -------------------------------------------------------------------------
 */

static bool may_at(struct daemon *d, struct web_command *command, const char *action,
                   const struct alert_rule *r) {
    for (size_t i = 0; r && i < r->node_n; i++)
        if (!daemon_may(d, command, action, d->plant->node[r->node[i]].id.s))
            return false;
    return true;
}

/* The edition that whoever asks has before him. */
static enum err take_edition(struct rules *r, struct web_command *command,
                             const struct alertfile_place *place) {
    char now[ETAG_TEXT] = "";
    r->change.when = command->new_only ? ALERTFILE_NEW : ALERTFILE_STILL;
    if (command->new_only)
        return ERR_OK;
    r->change.print = place ? alertfile_print(place->text) : 0;
    if (place)
        rules_etag(place->text, now);
    switch (etag_check(command->if_match, now)) {
    case ETAG_MISSING:
        return refuse(command, 428, "",
                      "If-Match: the etag of the rule as it was read, or If-None-Match: * for a "
                      "new one");
    case ETAG_OTHER:
        return refuse(command, 412, "",
                      "If-Match: the rule is another one by now; read it again before it is "
                      "changed");
    case ETAG_SAME:
        break;
    }
    return ERR_OK;
}

static enum err say_report(struct web_command *command, struct conf_report *report) {
    const struct conf_problem *p = conf_report_find(report, 0);
    (void)snprintf(command->detail, sizeof command->detail, "text: %s",
                   p ? p->text : "it is no rule");
    (void)snprintf(command->field, sizeof command->field, "text");
    return ERR_CONFIG;
}

static enum err check_draft(struct daemon *d, struct web_command *command, const struct asked *a,
                            const char *action) {
    struct conf_report report;
    struct alertfile *f = NULL;
    if (a->takes_out)
        return ERR_OK;
    conf_report_init(&report);
    enum err err = rules_draft(d, &a->rule, a->text, &report, &f);
    if (err == ERR_CONFIG)
        err = say_report(command, &report);
    else if (!err && !may_at(d, command, action, &f->rules.rule[0]))
        err = ERR_STATE;
    conf_report_fini(&report);
    alertfile_close(f);
    return err;
}

/* --- what is written down ----------------------------------------------------------------------
 */

static struct span next_line(struct span *rest) {
    const uint8_t *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    struct span line = span_of(rest->p, end ? (size_t)(end - rest->p) : rest->n);
    *rest = span_of(rest->p + line.n + (end != NULL), rest->n - line.n - (end != NULL));
    while (line.n && line.p[0] == ' ')
        line = span_of(line.p + 1, line.n - 1);
    while (line.n && isspace(line.p[line.n - 1]))
        line.n--;
    return line;
}

static bool has_line(struct span text, struct span line) {
    while (text.n)
        if (span_equal(next_line(&text), line))
            return true;
    return false;
}

/* Lines of a that b has not, each with its sign. */
static void put_lines(struct span a, struct span b, char sign, char *out, size_t room) {
    for (unsigned i = 0; a.n && i < DIFF_LINES; i++) {
        const struct span line = next_line(&a);
        const size_t n = strlen(out);
        if (line.n && !has_line(b, line))
            (void)snprintf(out + n, room - n, " %c %.*s", sign, (int)line.n, (const char *)line.p);
    }
}

/* Who comes before: the event has him, with the time. */
static void put_detail(struct rules *r, const struct asked *a, struct span said, struct span old) {
    (void)snprintf(r->detail, sizeof r->detail, "rule %s why \"%.*s\"%s%.*s%s:", a->rule.s,
                   (int)a->why.n, (const char *)a->why.p, said.n ? " said \"" : "",
                   (int)(said.n < 64 ? said.n : 64), said.n ? (const char *)said.p : "",
                   said.n ? "\"" : "");
    if (!a->takes_out) {
        put_lines(old, a->text, '-', r->detail, sizeof r->detail);
        put_lines(a->text, old, '+', r->detail, sizeof r->detail);
    } else {
        put_lines(old, span_of(NULL, 0), '-', r->detail, sizeof r->detail);
    }
}

/* --- on the worker's thread --------------------------------------------------------------------
 */

static void say_worker(struct rules *r, struct conf_report *report) {
    const struct conf_problem *p = conf_report_find(report, 0);
    if (r->err == ERR_IO)
        (void)snprintf(r->why_not, sizeof r->why_not, "the file cannot be written: %s",
                       strerror(errno));
    if (p)
        (void)snprintf(r->why_not, sizeof r->why_not, "%s", p->text);
}

static void write_file(uv_work_t *work) {
    struct rules *r = work->data;
    struct conf_report report;
    struct settings *files = NULL;
    uint64_t print = 0;
    conf_report_init(&report);
    r->err = settings_load(r->settings_path, &report, &print, &files);
    r->differs = r->err ? r->err != ERR_NOMEM : print != r->in_force;
    r->err = r->differs ? ERR_STATE : r->err;
    if (!r->err) {
        r->err = alertfile_change(&r->change, files->plant, files->baselines, &report);
        say_worker(r, &report);
    }
    settings_close(files);
    conf_report_fini(&report);
}

static void on_written(uv_work_t *work, int status) {
    struct rules *r = work->data;
    struct daemon *d = r->d;
    (void)status; /* nobody cancels it */
    r->working = false;
    r->done_mono_ms = clock_mono_ms();
    if (!r->err) {
        guard_note(d->guard, &r->by, clock_wall_ms(), r->what, r->detail);
        log_event(d->log, LOG_INFO, "rule_changed", "rule=%s file=%s act=\"%s\" who=\"%s\"",
                  r->rule.s, r->file, r->what, r->by.name);
        r->reload = reload_ask(d, "rules");
        r->step = RULES_LOADING;
    }
    daemon_wake(d);
    reload_stopped(d); /* the end of all may wait for it */
}

/* --- its way -----------------------------------------------------------------------------------
 */

static bool is_free(const struct daemon *d) {
    const struct rules *r = &d->rules;
    if (r->working || (r->step == RULES_LOADING && d->reload.told < r->reload))
        return false;
    return r->step == RULES_IDLE || clock_mono_ms() - r->done_mono_ms > FETCH_MS;
}

static enum err start(struct daemon *d, struct web_command *command, const struct asked *a) {
    struct rules *r = &d->rules;
    buf_reset(&r->body);
    if (!a->takes_out && buf_add(&r->body, a->text.p, a->text.n))
        return ERR_NOMEM;
    (void)snprintf(r->settings_path, sizeof r->settings_path, "%s", d->settings->path);
    (void)snprintf(r->folder, sizeof r->folder, "%s", d->conf->alerts_path);
    if (strlen(d->settings->path) >= sizeof r->settings_path ||
        strlen(d->conf->alerts_path) >= sizeof r->folder)
        return refuse(command, 409, "", "the path of the folder of rules is too long");
    r->d = d;
    r->rule = a->rule;
    r->in_force = d->settings->print;
    r->by = *command->by;
    r->why_not[0] = 0;
    r->differs = false;
    r->done_mono_ms = 0;
    r->change.folder = r->folder;
    r->change.name = r->file;
    r->change.rule = &r->rule;
    r->change.body = buf_span(&r->body);
    r->work.data = r;
    if (uv_queue_work(&d->loop, &r->work, write_file, on_written))
        return ERR_NOMEM;
    r->working = true;
    r->step = RULES_WRITING;
    command->later = true;
    command->ticket = ++r->ticket;
    return ERR_OK;
}

static enum err begin(struct daemon *d, struct web_command *command, const struct asked *a) {
    struct rules *r = &d->rules;
    const char *action = a->takes_out ? "delete" : "save";
    const struct alert_rule *old = NULL;
    const struct alertfile_place *place = rules_find(d, &a->rule, &old);
    if (!d->settings->alerts)
        return refuse(command, 409, "",
                      "there is no folder of rules: `alerts:` of the aggregator's file names it");
    if (place && place->text.n == 0)
        return refuse(command, 409, "",
                      "its file has the rules in braces: it can be changed there only");
    enum err err = take_edition(r, command, place);
    if (!err && !may_at(d, command, action, old))
        err = ERR_STATE;
    if (!err)
        err = check_draft(d, command, a, action);
    if (err)
        return err;
    (void)snprintf(r->file, sizeof r->file, "%.*s", a->file.n ? (int)a->file.n : 10,
                   a->file.n ? (const char *)a->file.p : "rules.yaml");
    (void)snprintf(r->what, sizeof r->what, "alerts/rules %s", action);
    put_detail(r, a, command->by->local ? a->who : span_of(NULL, 0),
               place ? place->text : span_of(NULL, 0));
    return start(d, command, a);
}

static enum err failed(struct rules *r, struct web_command *command) {
    if (r->differs)
        return refuse(command, 409, "",
                      "the files of the aggregator are others than what runs: `plantbus status` "
                      "says why; once they are taken over, try again");
    switch ((int)r->err) {
    case ERR_STATE:
        return refuse(command, 412, "",
                      "somebody has changed this rule meanwhile: read it again, then change it");
    case ERR_EXISTS:
        return refuse(command, 412, "", "there is a rule of this id already");
    case ERR_NOT_FOUND:
        return refuse(command, 412, "", "this rule is gone");
    case ERR_UNSUPPORTED:
        return refuse(command, 409, "",
                      "its file has the rules in braces: it can be changed there only");
    default:
        (void)snprintf(command->detail, sizeof command->detail, "%s", r->why_not);
        return r->err;
    }
}

static enum err finish(struct daemon *d, struct web_command *command) {
    const struct rules *r = &d->rules;
    const struct alert_rule *rule = NULL;
    const struct alertfile_place *place = rules_find(d, &r->rule, &rule);
    struct json_writer w;
    if (place)
        rules_etag(place->text, command->etag);
    json_writer_init(&w, command->answer);
    json_writer_begin_object(&w);
    field_text(&w, "rule", r->rule.s);
    field_text(&w, "etag", place ? command->etag : NULL);
    /* Else the reload was refused for what others did to the files. */
    field_bool(&w, "in_force", d->reload.result != RELOAD_REFUSED);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

static enum err fetch(struct daemon *d, struct web_command *command) {
    struct rules *r = &d->rules;
    if (r->ticket != command->ticket)
        return refuse(command, 404, "",
                      "others came meanwhile: read the rule, it says whether it was written");
    command->later =
        r->working || (r->step == RULES_LOADING && r->reload && d->reload.told < r->reload);
    if (command->later)
        return ERR_OK;
    r->step = RULES_IDLE;
    return r->err ? failed(r, command) : finish(d, command);
}

enum err rules_command(struct daemon *d, struct web_command *command) {
    static const char *const keys[] = {"action", "rule", "text", "why", "file", "who"};
    struct json_value *root = NULL;
    struct asked a;
    if (command->ticket)
        return fetch(d, command);
    enum err err = daemon_object(command, keys, sizeof keys / sizeof *keys, &root);
    if (!err)
        err = read_asked(command, root, &a);
    if (!err && !is_free(d))
        command->later = true; /* it comes again */
    else if (!err)
        err = begin(d, command, &a);
    json_close(root);
    return err;
}

enum err rules_check(struct daemon *d, struct web_command *command) {
    static const char *const keys[] = {"rule", "text"};
    struct json_value *root = NULL;
    struct asked a = {.takes_out = false};
    enum err err = daemon_object(command, keys, sizeof keys / sizeof *keys, &root);
    if (!err)
        err = read_rule(command, root, &a);
    if (!err)
        err = rules_view_check(d, &a.rule, a.text, command->answer);
    json_close(root);
    return err;
}

void rules_fini(struct rules *r) {
    buf_fini(&r->body);
}
