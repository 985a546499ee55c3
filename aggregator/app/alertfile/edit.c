/* Rules are the entries of the map `rules` in column 1. An entry reaches from the line of its key
 * to the next line that is indented no deeper; blank lines and comments before that line belong to
 * what follows, for people write them above what they are about. */
#include "alertfile/edit.h"

#include <string.h>

struct line {
    struct span text; /* without its end */
    size_t at, next;  /* bytes from the text's begin */
    size_t indent;    /* blanks in front */
    bool idle;        /* nothing but blanks or a comment */
};

static bool take_line(struct span text, size_t at, struct line *out) {
    if (at >= text.n)
        return false;
    const uint8_t *end = memchr(text.p + at, '\n', text.n - at);
    size_t n = end ? (size_t)(end - text.p) - at : text.n - at;
    *out = (struct line){.at = at, .next = at + n + (end != NULL)};
    if (n > 0 && text.p[at + n - 1] == '\r')
        n--;
    out->text = span_of(text.p + at, n);
    while (out->indent < n && out->text.p[out->indent] == ' ')
        out->indent++;
    out->idle = out->indent == n || out->text.p[out->indent] == '#';
    return true;
}

/* What stands behind "key:" in the line; p NULL: it is another key's. */
static struct span behind_key(const struct line *l, const char *key) {
    struct span s = span_of(l->text.p + l->indent, l->text.n - l->indent);
    const size_t n = strlen(key);
    const size_t quote = s.n > 0 && (*s.p == '"' || *s.p == '\'');
    if (s.n < n + 2 * quote + 1 || memcmp(s.p + quote, key, n) != 0 ||
        (quote && s.p[n + 1] != *s.p) || s.p[n + 2 * quote] != ':')
        return span_of(NULL, 0);
    s = span_of(s.p + n + 2 * quote + 1, s.n - n - 2 * quote - 1);
    while (s.n > 0 && *s.p == ' ')
        s = span_of(s.p + 1, s.n - 1);
    return s;
}

static bool is_bare(struct span behind) {
    return behind.p && (behind.n == 0 || *behind.p == '#');
}

struct found {
    size_t from, key_end, to; /* of the rule's entry; from == to: it would stand here */
    size_t indent;            /* of its key */
    bool rules, there, bare;  /* the map is there, the rule is; its key stands alone in its line */
};

/* Walks the entries of the map; `at` is behind the line "rules:". */
static void find_entry(struct span text, size_t at, const char *rule, struct found *out) {
    struct line l;
    size_t end = at; /* behind the last line that belongs to an entry */
    bool open = false, first = true;
    while (take_line(text, at, &l)) {
        at = l.next;
        if (l.idle && (first || l.indent <= out->indent)) /* whose it is, what follows says */
            continue;
        if (!l.idle && first)
            out->indent = l.indent;
        if (!l.idle && l.indent < out->indent + (out->indent == 0))
            break;
        if (first && l.indent == 0)
            break;
        first = false;
        if (!l.idle && l.indent == out->indent) {
            if (open)
                break;
            const struct span rest = behind_key(&l, rule);
            open = out->there = rest.p != NULL;
            out->bare = is_bare(rest);
            out->from = open ? l.at : out->from;
            out->key_end = l.next;
        }
        end = l.next;
    }
    if (!out->there)
        out->from = end;
    out->to = end;
}

static enum err find(struct span text, const char *rule, struct found *out) {
    struct line l;
    *out = (struct found){.from = text.n, .to = text.n};
    for (size_t at = 0; take_line(text, at, &l); at = l.next) {
        const struct span rest = l.indent == 0 ? behind_key(&l, "rules") : span_of(NULL, 0);
        if (!rest.p)
            continue;
        if (!is_bare(rest))
            return ERR_UNSUPPORTED;
        out->rules = true;
        find_entry(text, l.next, rule, out);
        break;
    }
    out->indent = out->indent ? out->indent : 2;
    return ERR_OK;
}

static void add_blanks(struct buf *out, size_t n) {
    while (n-- > 0)
        (void)buf_add_byte(out, ' ');
}

/* The body, its least indent replaced by `indent`. */
static void add_body(struct span body, size_t indent, struct buf *out) {
    struct line l;
    size_t least = SIZE_MAX;
    for (size_t at = 0; take_line(body, at, &l); at = l.next)
        if (l.indent < l.text.n && l.indent < least)
            least = l.indent;
    for (size_t at = 0; take_line(body, at, &l); at = l.next) {
        if (l.indent < l.text.n) {
            add_blanks(out, indent);
            (void)buf_add(out, l.text.p + least, l.text.n - least);
        }
        (void)buf_add_byte(out, '\n');
    }
}

enum err edit_body(struct span body, size_t indent, struct buf *out) {
    add_body(body, indent, out);
    return out->failed ? ERR_NOMEM : ERR_OK;
}

/* In front of what is added stands the end of a line. */
static void end_line(struct buf *out, size_t begun) {
    if (out->n > begun && out->p[out->n - 1] != '\n')
        (void)buf_add_byte(out, '\n');
}

enum err edit_find(struct span text, const struct ident *rule, struct edit_place *out) {
    struct found f;
    struct line l;
    const enum err err = find(text, rule->s, &f);
    if (err)
        return err;
    if (!f.there)
        return ERR_NOT_FOUND;
    out->entry = span_of(text.p + f.from, f.to - f.from);
    size_t body = f.key_end;
    if (!f.bare && take_line(text, f.from, &l)) {
        const struct span behind = behind_key(&l, rule->s);
        body = behind.p ? (size_t)(behind.p - text.p) : body;
    }
    out->body = span_of(text.p + body, f.to - body);
    return ERR_OK;
}

bool edit_in_lines(struct span text) {
    struct found f;
    return find(text, "", &f) == ERR_OK && f.rules;
}

enum err edit_find_at(struct span text, size_t at, const struct ident *rule,
                      struct edit_place *out) {
    struct line key, l;
    const bool there = take_line(text, at, &key);
    const struct span behind = there ? behind_key(&key, rule->s) : span_of(NULL, 0);
    if (!behind.p)
        return ERR_NOT_FOUND;
    size_t end = key.next;
    for (size_t next = key.next; take_line(text, next, &l); next = l.next) {
        if (!l.idle && l.indent <= key.indent)
            break;
        end = l.idle && l.indent <= key.indent ? end : l.next;
    }
    const size_t body = is_bare(behind) ? key.next : (size_t)(behind.p - text.p);
    out->entry = span_of(text.p + at, end - at);
    out->body = span_of(text.p + body, end - body);
    return ERR_OK;
}

enum err edit_rule(struct span text, const struct ident *rule, struct span body, struct buf *out) {
    const size_t begun = out->n;
    struct found f;
    enum err err = find(text, rule->s, &f);
    if (!err && body.n == 0 && !f.there)
        err = ERR_NOT_FOUND;
    if (err)
        return err;
    (void)buf_add(out, text.p, f.from);
    if (body.n > 0) {
        end_line(out, begun);
        if (!f.rules)
            (void)buf_add_str(out, "rules:\n");
        if (f.there && f.bare) {
            (void)buf_add(out, text.p + f.from, f.key_end - f.from);
        } else {
            add_blanks(out, f.indent);
            (void)buf_addf(out, "%s:\n", rule->s);
        }
        end_line(out, begun);
        add_body(body, f.indent + 2, out);
    }
    (void)buf_add(out, text.p + f.to, text.n - f.to);
    if (!out->failed)
        return ERR_OK;
    out->n = begun;
    return ERR_NOMEM;
}
