/* A command of the ledger from JSON. */
#include <stdio.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "views/norms.h"

static enum err wrong(struct ledger_refusal *why, const char *field, const char *text) {
    why->field = field;
    (void)snprintf(why->why, sizeof why->why, "%s", text);
    return ERR_FORMAT;
}

/* --- fields ----------------------------------------------------------------------------------- */

struct filling {
    struct norm *norm;
    struct norm_texts *texts;
    const struct zone *zone;
    struct ledger_refusal *why;
};

static enum err scalar_text(const struct json_value *v, char text[40], struct span *out) {
    double x = 0;
    bool yes = false;
    if (json_string_of(v, out) == ERR_OK)
        return ERR_OK;
    if (json_bool_of(v, &yes) == ERR_OK)
        (void)snprintf(text, 40, "%s", yes ? "true" : "false");
    else if (json_double_of(v, &x) == ERR_OK)
        norm_real_text(x, text);
    else if (json_kind(v) == JSON_KIND_NULL)
        text[0] = 0;
    else
        return ERR_FORMAT;
    *out = span_str(text);
    return ERR_OK;
}

static enum err set_one(struct filling *r, const char *path, const struct json_value *v) {
    char number[40], why[FIELD_WHY], text[FIELD_WHY + FIELD_PATH + 4];
    struct span s;
    if (scalar_text(v, number, &s))
        return wrong(r->why, "norm", "a field holds a text, a number, true or false.");
    enum err err = norm_set(r->norm, path, s, r->zone, r->texts, why);
    if (!err || err == ERR_NOMEM)
        return err;
    (void)snprintf(text, sizeof text, "%.100s: %s", path,
                   err == ERR_NOT_FOUND ? "a norm has no such field." : why);
    return wrong(r->why, "norm", text);
}

static enum err set_all(struct filling *r, const char *prefix, const struct json_value *v) {
    char path[FIELD_PATH];
    struct json_walk walk = {0};
    enum err err = ERR_OK;
    if (json_kind(v) == JSON_KIND_ARRAY) {
        for (size_t i = 0; i < json_count(v) && !err; i++) {
            (void)snprintf(path, sizeof path, "%.80s.%u", prefix, (unsigned)i);
            err = set_all(r, path, json_at(v, i));
        }
        return err;
    }
    if (json_kind(v) != JSON_KIND_OBJECT)
        return set_one(r, prefix, v);
    while (!err && json_next(v, &walk)) {
        (void)snprintf(path, sizeof path, "%.70s%s%.*s", prefix, *prefix ? "." : "",
                       (int)(walk.key.n < 30 ? walk.key.n : 30), (const char *)walk.key.p);
        err = set_all(r, path, walk.value);
    }
    return err;
}

enum err norm_form_fields(const struct json_value *fields, const struct zone *zone, struct norm *n,
                          struct norm_texts *texts, struct ledger_refusal *why) {
    struct filling r = {n, texts, zone, why};
    return set_all(&r, "", fields);
}

/* Notes each path and text that was set, too. */
static enum err read_sets(struct filling *r, const struct json_value *sets, struct buf *said) {
    struct json_walk walk = {0};
    enum err err = ERR_OK;
    while (!err && json_next(sets, &walk)) {
        char number[40];
        struct span text;
        err = set_one(r, (const char *)walk.key.p, walk.value);
        if (err || scalar_text(walk.value, number, &text))
            continue;
        (void)buf_add(said, walk.key.p, walk.key.n);
        (void)buf_add_byte(said, 0);
        (void)buf_add(said, text.p, text.n);
        err = buf_add_byte(said, 0);
    }
    return err;
}

/* --- the command ------------------------------------------------------------------------------ */

static enum err text_of(const struct json_value *root, const char *key, const char **out,
                        struct ledger_refusal *why) {
    struct span s;
    const struct json_value *v = json_find(root, key);
    if (json_kind(v) == JSON_KIND_NULL)
        return ERR_OK;
    if (json_string_of(v, &s))
        return wrong(why, key, "expected a text.");
    *out = (const char *)s.p;
    return ERR_OK;
}

/* As a field of a norm is read. */
static enum err time_of(const struct json_value *root, const char *key, const struct zone *zone,
                        int64_t *out, struct ledger_refusal *why) {
    static const struct norm_field moment = {.key = "time", .type = FIELD_TIME};
    const char *text = "";
    char told[FIELD_WHY];
    enum err err = text_of(root, key, &text, why);
    if (err || !*text)
        return err;
    err = norm_field_set(&moment, out, span_str(text), zone, NULL, told);
    return err ? wrong(why, key, told) : ERR_OK;
}

static enum err action_of(const struct json_value *root, uint8_t *out, struct ledger_refusal *why) {
    const char *names[LEDGER_ACTION_COUNT], *text = "";
    char told[160];
    enum err err = text_of(root, "action", &text, why);
    for (unsigned a = 0; a < LEDGER_ACTION_COUNT; a++) {
        names[a] = ledger_action_name((enum ledger_action)a);
        if (strcmp(text, names[a]) == 0)
            *out = (uint8_t)a;
    }
    if (err || *out < LEDGER_ACTION_COUNT)
        return err;
    const char *near = ident_nearest(text, names, LEDGER_ACTION_COUNT);
    (void)snprintf(told, sizeof told, "\"%.40s\" is no action%s%s%s", text,
                   near ? "; did you mean " : ".", near ? near : "", near ? "?" : "");
    return wrong(why, "action", told);
}

static enum err known_keys(const struct json_value *root, struct ledger_refusal *why) {
    static const char *const keys[] = {"action", "id",  "who",    "why", "evidence", "key",
                                       "owner",  "due", "accept", "at",  "norm",     "set"};
    enum { KEYS = sizeof keys / sizeof *keys };
    struct json_walk walk = {0};
    char told[160];
    while (json_next(root, &walk)) {
        bool known = false;
        for (size_t i = 0; i < KEYS; i++)
            known = known || span_equal(walk.key, span_str(keys[i]));
        if (known)
            continue;
        const char *near = ident_nearest((const char *)walk.key.p, keys, KEYS);
        (void)snprintf(told, sizeof told, "%.31s: a command has no \"%.40s\"%s%s%s",
                       (const char *)walk.key.p, (const char *)walk.key.p,
                       near ? "; did you mean " : ".", near ? near : "", near ? "?" : "");
        return wrong(why, "", told);
    }
    return ERR_OK;
}

static enum err read_texts(struct norm_form *f, const struct plant *p, struct ledger_refusal *why) {
    struct ledger_command *c = &f->command;
    const char *id = "", *key = "";
    const struct json_value *accept = json_find(f->root, "accept");
    c->accept = true;
    enum err err = action_of(f->root, &c->action, why);
    if (!err)
        err = text_of(f->root, "id", &id, why);
    if (!err && *id && !ident_set(&c->id, span_str(id)))
        err = wrong(why, "id", "expected an id of a-z, 0-9, - and _.");
    if (!err)
        err = text_of(f->root, "who", &c->who, why);
    if (!err)
        err = text_of(f->root, "why", &c->why, why);
    if (!err)
        err = text_of(f->root, "evidence", &c->evidence, why);
    if (!err)
        err = text_of(f->root, "key", &key, why);
    if (!err)
        err = text_of(f->root, "owner", &c->owner, why);
    if (!err)
        err = time_of(f->root, "at", p->zone, &c->at_ms, why);
    if (!err)
        err = time_of(f->root, "due", p->zone, &c->due_ms, why);
    if (!err && accept && json_bool_of(accept, &c->accept))
        err = wrong(why, "accept", "expected true or false.");
    c->key = span_str(key);
    return err;
}

/* What is set is put over what the ledger has, but for what a document says in whole. */
static enum err read_norm(struct norm_form *f, const struct plant *p, const struct ledger *l,
                          struct ledger_refusal *why) {
    struct filling r = {&f->norm, &f->texts, p->zone, why};
    const struct json_value *whole = json_find(f->root, "norm"), *sets = json_find(f->root, "set");
    const struct norm *was = ledger_find(l, f->command.id.s);
    enum err err = ERR_OK;
    if (!whole && !sets)
        return ERR_OK;
    if (whole && json_kind(whole) != JSON_KIND_OBJECT)
        return wrong(why, "norm", "expected an object.");
    if (sets && json_kind(sets) != JSON_KIND_OBJECT)
        return wrong(why, "set", "expected an object.");
    if (was && !whole && f->command.action != LEDGER_IMPORT && f->command.action != LEDGER_APPROVE)
        f->norm = *was;
    f->command.norm = &f->norm;
    if (whole)
        err = set_all(&r, "", whole);
    if (!err)
        err = read_sets(&r, sets, &f->said);
    /* A document says all; what is set says little, over what the ledger has by then. */
    if (!err && !whole)
        f->command.said = buf_span(&f->said);
    return err;
}

enum err norm_form_read(struct span json, const struct plant *p, const struct ledger *l,
                        struct norm_form *out, struct ledger_refusal *why) {
    struct json_error error = {0};
    *out = (struct norm_form){
        .command = {.action = LEDGER_ACTION_COUNT, .at_ms = NORM_NO_TIME, .due_ms = NORM_NO_TIME}};
    *why = (struct ledger_refusal){.field = ""};
    norm_init(&out->norm);
    buf_init(&out->said);
    enum err err = json_parse(json, NULL, &out->root, &error);
    if (err) {
        (void)wrong(why, "", error.text);
        return err;
    }
    if (json_kind(out->root) != JSON_KIND_OBJECT)
        return wrong(why, "", "expected an object.");
    err = known_keys(out->root, why);
    if (!err)
        err = read_texts(out, p, why);
    return err ? err : read_norm(out, p, l, why);
}

void norm_form_fini(struct norm_form *f) {
    norm_texts_fini(&f->texts);
    buf_fini(&f->said);
    json_close(f->root);
    f->root = NULL;
}
