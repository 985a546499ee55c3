/* Rules as JSON: what each comes to, and the text of its file to be edited. */
#include <stdio.h>
#include <string.h>

#include "alertfile/edit.h"
#include "daemon/daemon_impl.h"
#include "views/field.h"
#include "json/json_writer.h"

/* Where a draft's map stands in the file that is made of it, and how recipients' mistakes, which
 * have no place, begin. */
enum { DRAFT_LINES = 2, DRAFT_INDENT = 4 };
static const char no_place[] = "draft:0: ";

void rules_etag(struct span text, char out[24]) {
    (void)snprintf(out, 24, "\"%016llx\"", (unsigned long long)alertfile_print(text));
}

const struct alertfile_place *rules_find(const struct daemon *d, const struct ident *rule,
                                         const struct alert_rule **found) {
    const struct alertfile *f = d->settings->alerts;
    for (size_t i = 0; f && i < f->rules.rule_n; i++)
        if (ident_equal(&f->rules.rule[i].id, rule)) {
            *found = &f->rules.rule[i];
            return &f->place[i];
        }
    *found = NULL;
    return NULL;
}

/* --- what a rule comes to ----------------------------------------------------------------------
 */

static const char *unit_of(const struct plant *p, const struct alert_rule *r) {
    if (r->condition == ALERT_NORM || r->condition == ALERT_BASELINE)
        return "1";
    return r->condition == ALERT_DRIFT ? "SE" : alertfile_unit(p, r);
}

static void put_levels(struct json_writer *w, const struct alert_rule *r) {
    field_array(w, "levels");
    for (size_t i = 0; i < r->level_n; i++) {
        json_writer_begin_object(w);
        field_text(w, "severity", alert_severity_name((enum alert_severity)r->level[i].severity));
        if (r->condition != ALERT_NO_DATA) {
            field_measured(w, "threshold", r->level[i].threshold);
            field_measured(w, "clear", r->level[i].clear);
        }
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

static void put_facts(struct json_writer *w, const struct plant *p, const struct alert_rule *r) {
    field_text(w, "rule", r->id.s);
    field_text(w, "name", r->name);
    field_text(w, "watched", alertfile_watched(r));
    field_text(w, "subject",
               r->subject == ALERT_INDICATOR  ? "indicator"
               : r->subject == ALERT_QUANTITY ? "quantity"
                                              : "gauge");
    field_text(w, "condition", alert_condition_name((enum alert_condition)r->condition));
    field_text(w, "unit", unit_of(p, r));
    field_bool(w, "per_hour", r->condition == ALERT_RATE);
    field_text(w, "window", alert_window_name((enum alert_window)r->window));
    field_int(w, "minutes", r->minutes);
    field_bool(w, "below", r->below);
    put_levels(w, r);
    field_int(w, "for_ms", r->hold_ms);
    field_int(w, "clear_for_ms", r->clear_hold_ms);
    field_text(w, "product", r->product.s[0] ? r->product.s : NULL);
    field_text(w, "team", r->team.s[0] ? r->team.s : NULL);
    field_text(w, "owner", r->owner);
    field_count(w, "nodes", r->node_n);
}

static void put_nodes(struct json_writer *w, const struct plant *p, const struct alert_rule *r) {
    field_array(w, "at");
    for (size_t i = 0; i < r->node_n; i++)
        json_writer_text(w, p->node[r->node[i]].id.s);
    json_writer_end_array(w);
}

/* The map of a rule, at the left margin; null: it cannot be edited through us. */
static enum err put_text(struct json_writer *w, const struct ident *rule, struct span entry) {
    struct buf file, body;
    struct edit_place at = {.body = {.n = 0}};
    enum err err = ERR_OK;
    json_writer_key(w, "text");
    if (entry.n == 0) {
        json_writer_null(w);
        return ERR_OK;
    }
    buf_init(&file);
    buf_init(&body);
    if (buf_add_str(&file, "rules:\n") || buf_add(&file, entry.p, entry.n))
        err = ERR_NOMEM;
    if (!err)
        err = edit_find(buf_span(&file), rule, &at);
    if (!err)
        err = edit_body(at.body, 0, &body);
    json_writer_string(w, buf_span(&body));
    buf_fini(&file);
    buf_fini(&body);
    return err;
}

static enum err put_rule(struct json_writer *w, const struct daemon *d, const struct alert_rule *r,
                         const struct alertfile_place *place, bool whole) {
    char etag[24];
    const char *slash = strrchr(place->file, '/');
    rules_etag(place->text, etag);
    json_writer_begin_object(w);
    put_facts(w, d->plant, r);
    if (whole)
        put_nodes(w, d->plant, r);
    field_text(w, "file", slash ? slash + 1 : place->file);
    field_int(w, "line", place->line);
    field_text(w, "etag", place->text.n ? etag : NULL);
    const enum err err = put_text(w, &r->id, place->text);
    json_writer_end_object(w);
    return err;
}

/* --- a page of them, or one --------------------------------------------------------------------
 */

static bool stands_for(const struct plant *p, const struct alert_rule *r, uint32_t node) {
    bool any = node == UINT32_MAX;
    for (size_t i = 0; i < r->node_n && !any; i++)
        any = view_below(p, node, r->node[i]);
    return any;
}

static enum err put_page(struct json_writer *w, const struct daemon *d,
                         const struct web_rules_ask *ask) {
    const struct alertfile *f = d->settings->alerts;
    const char *next = NULL;
    size_t n = 0;
    enum err err = ERR_OK;
    json_writer_begin_object(w);
    field_bool(w, "files", f != NULL); /* there is a folder of them */
    field_array(w, "rules");
    for (size_t i = 0; f && i < f->rules.rule_n && !err; i++) {
        const struct alert_rule *r = &f->rules.rule[i];
        if (strcmp(r->id.s, ask->after) <= 0 || !stands_for(d->plant, r, ask->node))
            continue;
        if (n == ask->limit) {
            next = f->rules.rule[i - 1].id.s;
            break;
        }
        err = put_rule(w, d, r, &f->place[i], false);
        n++;
    }
    json_writer_end_array(w);
    field_text(w, "next", next);
    json_writer_end_object(w);
    return err;
}

enum err rules_view(void *user, struct web_rules_ask *ask, struct buf *out) {
    const struct daemon *d = user;
    const struct alert_rule *r = NULL;
    struct json_writer w;
    struct ident id;
    enum err err = ERR_OK;
    json_writer_init(&w, out);
    if (!ask->rule) {
        err = put_page(&w, d, ask);
        return err ? err : json_writer_finish(&w);
    }
    const struct alertfile_place *place =
        ident_set(&id, span_str(ask->rule)) ? rules_find(d, &id, &r) : NULL;
    if (!place)
        return ERR_NOT_FOUND;
    if (place->text.n)
        rules_etag(place->text, ask->etag);
    err = put_rule(&w, d, r, place, true);
    return err ? err : json_writer_finish(&w);
}

/* --- a draft -----------------------------------------------------------------------------------
 */

enum err rules_draft(const struct daemon *d, const struct ident *rule, struct span body,
                     struct conf_report *report, struct alertfile **out) {
    struct buf text;
    struct alertfile *f = NULL;
    buf_init(&text);
    enum err err = edit_rule(span_of(NULL, 0), rule, body, &text);
    if (!err)
        err =
            alertfile_parse(buf_span(&text), "draft", d->plant, d->settings->baselines, report, &f);
    buf_fini(&text);
    if (!err) {
        notify_conf_check_rule(&d->conf->notify, &f->rules.rule[0], "draft", 0, report);
        err = conf_report_count(report) ? ERR_CONFIG : ERR_OK;
    }
    if (err)
        alertfile_close(f);
    else
        *out = f;
    return err;
}

static uint32_t least_indent(struct span body) {
    uint32_t least = UINT32_MAX, indent = 0;
    bool front = true;
    for (size_t i = 0; i < body.n; i++) {
        const char c = (char)body.p[i];
        if (c == '\n') {
            front = true;
            indent = 0;
        } else if (front && c == ' ') {
            indent++;
        } else if (front && c != '\r') {
            least = indent < least ? indent : least;
            front = false;
        }
    }
    return least == UINT32_MAX ? 0 : least;
}

/* Places are those of the text that was sent. */
static void put_problem(struct json_writer *w, const struct conf_problem *p, uint32_t indent) {
    const size_t skip = sizeof no_place - 1;
    const bool inside = p->pos.line > DRAFT_LINES;
    const uint32_t column = p->pos.column + indent;
    json_writer_begin_object(w);
    field_int(w, "line", inside ? p->pos.line - DRAFT_LINES : 1);
    field_int(w, "column", inside && column > DRAFT_INDENT ? column - DRAFT_INDENT : 1);
    field_text(w, "text", strncmp(p->text, no_place, skip) == 0 ? p->text + skip : p->text);
    json_writer_end_object(w);
}

enum err rules_view_check(const struct daemon *d, const struct ident *rule, struct span body,
                          struct buf *out) {
    struct conf_report report;
    struct alertfile *f = NULL;
    struct json_writer w;
    conf_report_init(&report);
    const enum err err = rules_draft(d, rule, body, &report, &f);
    if (err && err != ERR_CONFIG) {
        conf_report_fini(&report);
        return err;
    }
    const struct conf_problem *p = NULL;
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    field_bool(&w, "right", !err);
    field_array(&w, "problems");
    for (size_t i = 0; (p = conf_report_find(&report, i)) != NULL; i++)
        put_problem(&w, p, least_indent(body));
    json_writer_end_array(&w);
    if (f) {
        field_object(&w, "draft");
        put_facts(&w, d->plant, &f->rules.rule[0]);
        put_nodes(&w, d->plant, &f->rules.rule[0]);
        json_writer_end_object(&w);
    }
    json_writer_end_object(&w);
    alertfile_close(f);
    conf_report_fini(&report);
    return json_writer_finish(&w);
}
