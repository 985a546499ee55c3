#include "mqtt/mqtopic.h"

#include <ctype.h>
#include <stdio.h>

enum level_kind { LEVEL_END, LEVEL_TEXT, LEVEL_ONE, LEVEL_REST };

/* One level of a template or topic. */
struct level {
    enum level_kind kind;
    struct span text; /* of LEVEL_ONE: the name of its capture */
};

/* A walk over the levels of a text; an empty text has one empty level. */
struct walk {
    struct span left;
    bool over;
};

static struct walk walk_of(struct span text) {
    return (struct walk){text, false};
}

static struct span next_text(struct walk *w) {
    const uint8_t *slash = w->left.n > 0 ? memchr(w->left.p, '/', w->left.n) : NULL;
    const size_t n = slash != NULL ? (size_t)(slash - w->left.p) : w->left.n;
    const struct span text = span_of(w->left.p, n);
    w->over = slash == NULL;
    w->left = w->over ? span_of(NULL, 0) : span_of(slash + 1, w->left.n - n - 1);
    return text;
}

static struct level next_level(struct walk *w) {
    if (w->over)
        return (struct level){.kind = LEVEL_END};
    const struct span text = next_text(w);
    if (span_equal(text, span_str("+")))
        return (struct level){.kind = LEVEL_ONE};
    if (span_equal(text, span_str("#")))
        return (struct level){.kind = LEVEL_REST};
    if (text.n > 2 && text.p[0] == '{' && text.p[text.n - 1] == '}')
        return (struct level){LEVEL_ONE, span_of(text.p + 1, text.n - 2)};
    return (struct level){LEVEL_TEXT, text};
}

/* A name is told from a number by its first character. */
static bool is_name(struct span name) {
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] >= 0x80 || !(isalnum(name.p[i]) || name.p[i] == '_' || name.p[i] == '-'))
            return false;
    return name.n > 0 && !isdigit(name.p[0]);
}

static bool has_any(struct span text, const char *characters) {
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\0' || strchr(characters, text.p[i]) != NULL)
            return true;
    return false;
}

static enum err wrong(char why[MQTOPIC_WHY], struct span level, const char *expected) {
    (void)snprintf(why, MQTOPIC_WHY, "%.*s: expected %s", (int)(level.n < 60 ? level.n : 60),
                   level.n > 0 ? (const char *)level.p : "", expected);
    return ERR_FORMAT;
}

static enum err check_level(const struct level *l, const struct walk *w,
                            const struct mqtopic_captures *before, char why[MQTOPIC_WHY]) {
    struct span text;
    if (l->kind == LEVEL_REST && !w->over)
        return wrong(why, span_str("#"), "# as the last level only");
    if (l->kind == LEVEL_TEXT && has_any(l->text, "+#{}"))
        return wrong(why, l->text, "a whole level as {name}, + or #");
    if (l->kind != LEVEL_ONE || l->text.n == 0)
        return ERR_OK;
    if (!is_name(l->text))
        return wrong(why, l->text, "a name of letters, digits, _ and - behind a letter");
    return mqtopic_find(before, l->text, &text) ? wrong(why, l->text, "each name once") : ERR_OK;
}

enum err mqtopic_check(const char *pattern, char why[MQTOPIC_WHY]) {
    struct mqtopic_captures c = {0};
    struct walk w = walk_of(span_str(pattern));
    if (*pattern == '\0')
        return wrong(why, span_str("topic"), "at least one level");
    for (;;) {
        const struct level l = next_level(&w);
        if (l.kind == LEVEL_END)
            return ERR_OK;
        const enum err e = check_level(&l, &w, &c, why);
        if (e != ERR_OK)
            return e;
        if (l.kind == LEVEL_TEXT)
            continue;
        if (c.n == MQTOPIC_CAPTURES)
            return wrong(why, span_str(pattern), "at most 16 wildcards");
        c.name[c.n++] = l.text;
    }
}

void mqtopic_names(const char *pattern, struct mqtopic_captures *out) {
    struct walk w = walk_of(span_str(pattern));
    *out = (struct mqtopic_captures){0};
    for (struct level l = next_level(&w); l.kind != LEVEL_END; l = next_level(&w))
        if (l.kind != LEVEL_TEXT && out->n < MQTOPIC_CAPTURES)
            out->name[out->n++] = l.text;
}

bool mqtopic_match(const char *pattern, struct span topic, struct mqtopic_captures *captures) {
    struct mqtopic_captures unseen = {0}, *c = captures != NULL ? captures : &unseen;
    struct walk w = walk_of(span_str(pattern)), t = walk_of(topic);
    *c = (struct mqtopic_captures){0};
    for (bool first = true;; first = false) {
        const struct level l = next_level(&w);
        if (l.kind == LEVEL_END)
            return t.over;
        if (l.kind != LEVEL_TEXT && first && topic.n > 0 && topic.p[0] == '$')
            return false;
        struct span text = t.left;
        if (t.over && l.kind != LEVEL_REST)
            return false;
        if (l.kind != LEVEL_REST)
            text = next_text(&t);
        if (l.kind == LEVEL_TEXT && !span_equal(l.text, text))
            return false;
        if (l.kind != LEVEL_TEXT && c->n < MQTOPIC_CAPTURES) {
            c->name[c->n] = l.text;
            c->text[c->n++] = text;
        }
        if (l.kind == LEVEL_REST)
            return true;
    }
}

/* The number that is written, or 0. */
static size_t number_of(struct span text) {
    size_t number = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (!isdigit(text.p[i]) || number > MQTOPIC_CAPTURES)
            return 0;
        number = number * 10 + (size_t)(text.p[i] - '0');
    }
    return number;
}

bool mqtopic_find(const struct mqtopic_captures *c, struct span name, struct span *text) {
    const size_t number = number_of(name);
    for (size_t i = 0; i < c->n; i++)
        if (number == i + 1 || (c->name[i].n > 0 && span_equal(c->name[i], name))) {
            *text = c->text[i];
            return true;
        }
    return false;
}

enum err mqtopic_filter(const char *pattern, char *out, size_t room) {
    struct walk w = walk_of(span_str(pattern));
    size_t n = 0;
    bool first = true;
    for (struct level l = next_level(&w); l.kind != LEVEL_END; l = next_level(&w)) {
        struct span text = l.text;
        if (l.kind != LEVEL_TEXT)
            text = span_str(l.kind == LEVEL_ONE ? "+" : "#");
        if (n + !first + text.n >= room)
            return ERR_RANGE;
        if (!first)
            out[n++] = '/';
        if (text.n > 0)
            memcpy(out + n, text.p, text.n);
        n += text.n;
        first = false;
    }
    out[n] = '\0';
    return ERR_OK;
}

/* Whether a wildcard is kept from a level that begins with $, the first one. */
static bool is_kept_off(const struct level *wild, const struct level *other, bool first) {
    return first && wild->kind != LEVEL_TEXT && other->kind == LEVEL_TEXT && other->text.n > 0 &&
           other->text.p[0] == '$';
}

bool mqtopic_covers(const char *wide, const char *narrow) {
    struct walk a = walk_of(span_str(wide)), b = walk_of(span_str(narrow));
    for (bool first = true;; first = false) {
        const struct level l = next_level(&a), m = next_level(&b);
        if (is_kept_off(&l, &m, first))
            return false;
        if (l.kind == LEVEL_REST)
            return true;
        if (l.kind == LEVEL_END || m.kind == LEVEL_END || m.kind == LEVEL_REST)
            return l.kind == m.kind;
        if (l.kind == LEVEL_TEXT && (m.kind != LEVEL_TEXT || !span_equal(l.text, m.text)))
            return false;
    }
}

bool mqtopic_overlaps(const char *one, const char *other) {
    struct walk a = walk_of(span_str(one)), b = walk_of(span_str(other));
    for (bool first = true;; first = false) {
        const struct level l = next_level(&a), m = next_level(&b);
        if (is_kept_off(&l, &m, first) || is_kept_off(&m, &l, first))
            return false;
        if (l.kind == LEVEL_REST || m.kind == LEVEL_REST)
            return true;
        if (l.kind == LEVEL_END || m.kind == LEVEL_END)
            return l.kind == m.kind;
        if (l.kind == LEVEL_TEXT && m.kind == LEVEL_TEXT && !span_equal(l.text, m.text))
            return false;
    }
}
