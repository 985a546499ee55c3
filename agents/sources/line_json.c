/* A line that is a JSON object: one "point" with its "value", or several "values". */
#include <stdio.h>

#include "sources/line.h"
#include "json/json.h"
#include "json/json_real.h"

struct walk {
    const struct line_rule *rule;
    struct line *out;
    char *why;
};

static enum err wrong(const struct walk *w, const char *key, const char *expected) {
    snprintf(w->why, LINE_WHY, "column 1: expected \"%s\" to be %s", key, expected);
    return ERR_FORMAT;
}

/* A value as the text it stands for, kept with the line. Real numbers are written as the shortest
 * text that reads back the same, which is what was written if that had at most 15 digits. */
static enum err text_of(const struct walk *w, const struct json_value *v, struct span *text) {
    char number[JSON_REAL_TEXT];
    int64_t i;
    double r;
    bool b;

    switch (json_kind(v)) {
    case JSON_KIND_STRING:
        (void)json_string_of(v, text); /* it is a string */
        return line_keep(w->out, *text, text);
    case JSON_KIND_INT:
        (void)json_int64_of(v, &i);
        snprintf(number, sizeof number, "%lld", (long long)i);
        break;
    case JSON_KIND_REAL:
        (void)json_double_of(v, &r);
        json_real_format(r, number);
        break;
    case JSON_KIND_BOOL:
        (void)json_bool_of(v, &b);
        snprintf(number, sizeof number, "%d", b ? 1 : 0);
        break;
    case JSON_KIND_NULL:
    case JSON_KIND_ARRAY:
    case JSON_KIND_OBJECT:
        return ERR_FORMAT;
    }
    return line_keep(w->out, span_str(number), text);
}

static enum err add_item(const struct walk *w, struct span key, const struct json_value *v,
                         struct line_item **item) {
    struct line_item *k = line_add(w->out);

    if (k == NULL)
        return wrong(w, "values", "at most 1024 values");
    if (line_keep(w->out, key, &k->key) != ERR_OK)
        return wrong(w, "point", "a name");
    *item = k;
    if (json_kind(v) == JSON_KIND_NULL) {
        k->quality = QUALITY_BAD;
        return ERR_OK;
    }
    return text_of(w, v, &k->text) == ERR_OK ? ERR_OK
                                             : wrong(w, "value", "a number, text, bool or null");
}

static enum err take_time(const struct walk *w, const struct json_value *t) {
    struct span text;

    if (t == NULL)
        return ERR_OK;
    if (text_of(w, t, &text) != ERR_OK)
        text = span_of(NULL, 0);
    if (line_time(w->rule, text, &w->out->t_ms) != ERR_OK)
        return wrong(w, "t", line_time_expects(w->rule, text));
    w->out->has_time = true;
    return ERR_OK;
}

static enum err take_quality(const struct walk *w, const struct json_value *q,
                             struct line_item *item) {
    struct span word;

    if (q == NULL)
        return ERR_OK;
    if (json_string_of(q, &word) != ERR_OK)
        return wrong(w, "quality", "good, uncertain or bad");
    if (span_equal(word, span_str("bad")))
        item->quality = QUALITY_BAD;
    else if (span_equal(word, span_str("uncertain")))
        item->quality = item->quality == QUALITY_BAD ? QUALITY_BAD : QUALITY_UNCERTAIN;
    else if (!span_equal(word, span_str("good")))
        return wrong(w, "quality", "good, uncertain or bad");
    return ERR_OK;
}

static const char *const members[] = {"t",       "point", "value",  "values",
                                      "quality", "tag",   "dur_ms", "alive"};

static bool is_member(struct span key) {
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (span_equal(key, span_str(members[i])))
            return true;
    return false;
}

static bool is_position(struct span key) {
    return span_equal(key, span_str("position"));
}

static enum err take_position(const struct walk *w, const struct json_value *position) {
    struct span text;

    if (position == NULL || !w->rule->positions)
        return ERR_OK;
    if (text_of(w, position, &text) != ERR_OK || !line_position(w->out, text))
        return wrong(w, "position", "a text of at most 160 printable characters, or a number");
    return ERR_OK;
}

/* A line whose time has another name would get a wrong one: refused. Other members are kept, to be
 * named once. */
static enum err take_members(const struct walk *w, const struct json_value *root) {
    const bool timed = json_find(root, "t") != NULL;
    struct json_walk at = {0};

    while (json_next(root, &at)) {
        struct line *l = w->out;
        if (is_member(at.key) || (w->rule->positions && is_position(at.key)))
            continue;
        if (!timed && line_means_time(at.key)) {
            snprintf(w->why, LINE_WHY, "column 1: unknown member \"%.*s\": did you mean \"t\"?",
                     (int)at.key.n, (const char *)at.key.p);
            return ERR_FORMAT;
        }
        if (l->member_n < LINE_MEMBERS_MAX &&
            line_keep(l, at.key, &l->members[l->member_n]) == ERR_OK)
            l->member_n++;
    }
    return ERR_OK;
}

/* What goes with a point only. */
static enum err take_rest(const struct walk *w, const struct json_value *root) {
    static const char *const only[] = {"value", "quality", "tag", "dur_ms"};

    for (size_t i = 0; i < sizeof only / sizeof only[0]; i++)
        if (json_find(root, only[i]) != NULL) {
            snprintf(w->why, LINE_WHY, "column 1: expected \"point\" beside \"%s\"", only[i]);
            return ERR_FORMAT;
        }
    return ERR_OK;
}

static enum err take_point(const struct walk *w, const struct json_value *root) {
    const struct json_value *point = json_find(root, "point"), *tag = json_find(root, "tag"),
                            *dur = json_find(root, "dur_ms");
    struct line_item *item = NULL;
    struct span name;

    if (point == NULL)
        return take_rest(w, root);
    if (json_string_of(point, &name) != ERR_OK || name.n == 0)
        return wrong(w, "point", "a name");
    enum err e = add_item(w, name, json_find(root, "value"), &item);
    if (e == ERR_OK && tag != NULL && text_of(w, tag, &item->tag) != ERR_OK)
        e = wrong(w, "tag", "a code or a word");
    if (e == ERR_OK && dur != NULL &&
        (json_int64_of(dur, &item->dur_ms) != ERR_OK || item->dur_ms < 0))
        e = wrong(w, "dur_ms", "a length in ms");
    e = e == ERR_OK ? take_quality(w, json_find(root, "quality"), item) : e;
    if (e == ERR_OK && json_find(root, "value") == NULL && json_find(root, "quality") == NULL) {
        snprintf(w->why, LINE_WHY, "column 1: expected \"value\" beside \"point\"");
        return ERR_FORMAT;
    }
    return e;
}

static enum err take_values(const struct walk *w, const struct json_value *values) {
    struct json_walk at = {0};
    struct line_item *item;

    if (values != NULL && json_kind(values) != JSON_KIND_OBJECT)
        return wrong(w, "values", "an object");
    while (json_next(values, &at)) {
        const enum err e = add_item(w, at.key, at.value, &item);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static enum err take_root(const struct walk *w, const struct json_value *root) {
    enum err e = json_kind(root) == JSON_KIND_OBJECT ? ERR_OK : ERR_FORMAT;

    if (e != ERR_OK) {
        snprintf(w->why, LINE_WHY, "column 1: expected an object");
        return e;
    }
    (void)json_bool_of(json_find(root, "alive"), &w->out->alive); /* not there: not alive */
    e = take_members(w, root);
    if (e == ERR_OK)
        e = take_time(w, json_find(root, "t"));
    if (e == ERR_OK)
        e = take_point(w, root);
    if (e == ERR_OK)
        e = take_values(w, json_find(root, "values"));
    if (e == ERR_OK)
        e = take_position(w, json_find(root, "position"));
    if (e == ERR_OK && w->out->n == 0 && !w->out->alive && !w->out->has_position) {
        snprintf(w->why, LINE_WHY, "column 1: expected \"point\", \"values\" or \"alive\"");
        return ERR_FORMAT;
    }
    return e;
}

enum err line_parse_json(const struct line_rule *r, struct span text, struct line *out,
                         char why[LINE_WHY]) {
    const struct json_limits limits = {.bytes_max = LINE_BYTES_MAX, .depth_max = 8};
    const struct walk w = {r, out, why};
    struct json_value *root;
    struct json_error error;

    line_reset(out);
    enum err e = json_parse(text, &limits, &root, &error);
    if (e != ERR_OK) {
        snprintf(why, LINE_WHY, "column %u: expected JSON (%.120s)", error.column, error.text);
        return e == ERR_NOMEM ? e : ERR_FORMAT;
    }
    e = take_root(&w, root);
    json_close(root);
    return e;
}
