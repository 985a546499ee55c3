#include "notify/template.h"

#include <stdio.h>

#include "base/ident.h"
#include "json/json_writer.h"

static const char *const names[TEMPLATE_COUNT] = {[TEMPLATE_RULE] = "rule",
                                                  [TEMPLATE_NODE] = "node",
                                                  [TEMPLATE_SITE] = "site",
                                                  [TEMPLATE_ID] = "id",
                                                  [TEMPLATE_NAME] = "name",
                                                  [TEMPLATE_NODE_NAME] = "node_name",
                                                  [TEMPLATE_EVENT] = "event",
                                                  [TEMPLATE_STATE] = "state",
                                                  [TEMPLATE_SEVERITY] = "severity",
                                                  [TEMPLATE_LEVEL] = "level",
                                                  [TEMPLATE_VALUE] = "value",
                                                  [TEMPLATE_THRESHOLD] = "threshold",
                                                  [TEMPLATE_UNIT] = "unit",
                                                  [TEMPLATE_AT] = "at",
                                                  [TEMPLATE_SINCE] = "since",
                                                  [TEMPLATE_UNTIL] = "until",
                                                  [TEMPLATE_CAUSE] = "cause",
                                                  [TEMPLATE_CONSEQUENCE] = "consequence",
                                                  [TEMPLATE_ACTION] = "action",
                                                  [TEMPLATE_OWNER] = "owner",
                                                  [TEMPLATE_RESPOND_WITHIN] = "respond_within",
                                                  [TEMPLATE_WHO] = "who",
                                                  [TEMPLATE_NOTE] = "note",
                                                  [TEMPLATE_MARKS] = "marks",
                                                  [TEMPLATE_URL] = "url",
                                                  [TEMPLATE_CLASS] = "class",
                                                  [TEMPLATE_PRODUCT] = "product",
                                                  [TEMPLATE_TEAM] = "team",
                                                  [TEMPLATE_DUE] = "due",
                                                  [TEMPLATE_PERIOD] = "period",
                                                  [TEMPLATE_VERDICT] = "verdict",
                                                  [TEMPLATE_REASONS] = "reasons"};

const char *template_field_name(enum template_field f) {
    return f < TEMPLATE_COUNT ? names[f] : "?";
}

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
}

/* A piece of a template: text as it stands, then perhaps a placeholder. */
struct piece {
    struct span text, word; /* word.n = 0: none, the template ends */
    const char *next;
};

/* Bytes of the word in braces at s, 0: it is none. */
static size_t word_at(const char *s) {
    size_t n = 1;
    if (s[0] != '{')
        return 0;
    while (is_word(s[n]))
        n++;
    return n > 1 && s[n] == '}' ? n - 1 : 0;
}

static struct piece piece_at(const char *s) {
    struct piece p = {.text = span_of(s, 0), .next = s};
    for (; *p.next; p.next++, p.text.n++) {
        size_t n = word_at(p.next);
        if (n > 0) {
            p.word = span_of(p.next + 1, n);
            p.next += n + 2;
            return p;
        }
        if (p.next[0] == '{' && word_at(p.next + 1) > 0) { /* {{word}: the brace, then no word */
            p.text.n++;
            p.next += 2;
            return p;
        }
    }
    return p;
}

static enum template_field field_of(struct span word) {
    for (unsigned f = 0; f < TEMPLATE_COUNT; f++)
        if (span_equal(word, span_str(names[f])))
            return (enum template_field)f;
    return TEMPLATE_COUNT;
}

bool template_check(const char *text, char why[TEMPLATE_WHY]) {
    while (*text) {
        struct piece p = piece_at(text);
        text = p.next;
        if (p.word.n == 0 || field_of(p.word) < TEMPLATE_COUNT)
            continue;
        char word[IDENT_MAX + 1];
        snprintf(word, sizeof word, "%.*s", (int)(p.word.n < IDENT_MAX ? p.word.n : IDENT_MAX),
                 (const char *)p.word.p);
        const char *near = ident_nearest(word, names, TEMPLATE_COUNT);
        snprintf(why, TEMPLATE_WHY, "there is no placeholder {%s}%s%s%s", word,
                 near ? "; did you mean {" : "", near ? near : "", near ? "}?" : "");
        return false;
    }
    return true;
}

/* Fills one line or the whole text; *empty: its first placeholder has no value. */
static void fill(const char *text, const char *end, template_value value, void *user,
                 template_escape escape, struct buf *scratch, struct buf *out, bool *empty) {
    bool first = true;
    *empty = false;
    while (text < end) {
        struct piece p = piece_at(text);
        size_t n = text + p.text.n <= end ? p.text.n : (size_t)(end - text);
        (void)buf_add(out, text, n);
        text = p.next;
        if (p.word.n == 0 || text > end)
            continue;
        buf_reset(scratch);
        value(user, field_of(p.word), scratch);
        *empty = *empty || (first && scratch->n == 0);
        first = false;
        escape(buf_span(scratch), out);
        out->failed |= scratch->failed;
    }
}

enum err template_fill(const char *text, template_value value, void *user, template_escape escape,
                       struct buf *out) {
    struct buf scratch;
    bool empty;
    buf_init(&scratch);
    fill(text, text + strlen(text), value, user, escape, &scratch, out, &empty);
    buf_fini(&scratch);
    return out->failed ? ERR_NOMEM : ERR_OK;
}

enum err template_fill_lines(const char *text, template_value value, void *user,
                             template_escape escape, struct buf *out) {
    struct buf scratch;
    buf_init(&scratch);
    while (*text) {
        const char *newline = strchr(text, '\n');
        const char *end = newline ? newline + 1 : text + strlen(text);
        size_t begun = out->n;
        bool empty;
        fill(text, end, value, user, escape, &scratch, out, &empty);
        if (empty && !out->failed)
            out->n = begun;
        text = end;
    }
    buf_fini(&scratch);
    return out->failed ? ERR_NOMEM : ERR_OK;
}

void template_plain(struct span value, struct buf *out) {
    (void)buf_add(out, value.p, value.n);
}

void template_one_line(struct span value, struct buf *out) {
    for (size_t i = 0; i < value.n; i++)
        (void)buf_add_byte(out, value.p[i] < 0x20 || value.p[i] == 0x7f ? ' ' : value.p[i]);
}

/* As the writer of JSON does it: what is no UTF-8 cannot make the whole illegal. */
void template_json(struct span value, struct buf *out) {
    struct json_writer w;
    struct buf text;
    buf_init(&text);
    json_writer_init(&w, &text);
    json_writer_string(&w, value);
    if (json_writer_finish(&w) == ERR_OK && text.n >= 2)
        (void)buf_add(out, text.p + 1, text.n - 2); /* without its quotes */
    out->failed |= text.failed;
    buf_fini(&text);
}
