/* Loaded structs as text again: single values, and whole files. */
#include "conf/number.h"
#include "conf/object.h"

static int64_t whole_at(const void *at, size_t size) {
    int64_t v = 0;
    int32_t v32;
    int16_t v16;
    int8_t v8;

    switch (size) {
    case sizeof v8:
        memcpy(&v8, at, size);
        return v8;
    case sizeof v16:
        memcpy(&v16, at, size);
        return v16;
    case sizeof v32:
        memcpy(&v32, at, size);
        return v32;
    default:
        memcpy(&v, at, sizeof v);
        return v;
    }
}

static enum err put_word(const struct conf_row *row, int64_t v, struct buf *out) {
    for (size_t i = 0; i < row->word_n; i++)
        if (row->words[i].value == v)
            return buf_add_str(out, row->words[i].word);
    return ERR_OK;
}

static const char *text_at(const void *at) {
    const char *text;

    memcpy(&text, at, sizeof text);
    return text != NULL ? text : "";
}

enum err conf_value_format(const struct conf_row *row, enum conf_type type, size_t size,
                           const void *at, struct buf *out) {
    bool on;

    if (type == CONF_BOOL) {
        memcpy(&on, at, sizeof on);
        return buf_add_str(out, on ? "true" : "false");
    }
    if (type == CONF_ENUM)
        return put_word(row, whole_at(at, size), out);
    if (conf_kind_get(type)->owned)
        return buf_add_str(out, text_at(at)[0] != '\0' ? text_at(at) : "nothing");
    if (type == CONF_ID)
        return buf_add_str(out, ((const struct ident *)at)->s);
    return conf_number_format(row, type, whole_at(at, size), out);
}

/* --- a file --------------------------------------------------------------------------------------
 */

/* Bytes at p of a character that a file may not hold as itself (conf_screen()): control characters
 * and the byte order mark; its number to *of. 0: the character may stand as it is. */
static size_t unshown(const uint8_t *p, size_t left, unsigned *of) {
    *of = p[0];
    if (p[0] < 0x20 || p[0] == 0x7f)
        return 1;
    if (left >= 2 && p[0] == 0xc2 && p[1] < 0xa0) {
        *of = p[1];
        return 2;
    }
    *of = 0xfeff;
    return left >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

void conf_quote(struct span text, struct buf *out) {
    (void)buf_add_byte(out, '"');
    for (size_t i = 0, n; i<text.n; i += n> 0 ? n : 1) {
        unsigned number;
        n = unshown(text.p + i, text.n - i, &number);
        if (n > 0)
            (void)buf_addf(out, number > 0xff ? "\\u%04x" : "\\x%02x", number);
        else if (text.p[i] == '"' || text.p[i] == '\\')
            (void)buf_addf(out, "\\%c", text.p[i]);
        else
            (void)buf_add_byte(out, text.p[i]);
    }
    (void)buf_add_byte(out, '"');
}

static void put_scalar(const struct conf_row *row, enum conf_type type, size_t size, const void *at,
                       struct buf *out) {
    if (conf_kind_get(type)->owned)
        conf_quote(span_str(text_at(at)), out);
    else
        (void)conf_value_format(row, type, size, at, out);
}

static void put_map(const struct conf_schema *schema, const void *object, struct buf *out);

/* A KEYED one as a map by ids, all others as lists. */
static void put_list(const struct conf_row *row, const void *object, struct buf *out) {
    const bool keyed = row->type == CONF_KEYED, pairs = row->type == CONF_PAIRS;
    const size_t size = conf_element_size(row);
    size_t n;
    const uint8_t *at = conf_list_get(row, object, &n);

    (void)buf_add_byte(out, keyed || pairs ? '{' : '[');
    for (size_t i = 0; i < n; i++, at += size) {
        (void)buf_add_str(out, i > 0 ? ", " : "");
        if (pairs) {
            const struct conf_pair *p = (const void *)at;
            conf_quote(span_str(p->key), out);
            (void)buf_add_str(out, ": ");
            conf_quote(span_str(p->value), out);
        } else if (row->sub == NULL) {
            put_scalar(row, row->item, size, at, out);
        } else {
            if (keyed)
                (void)buf_addf(out,
                               "%s: ", ((const struct ident *)conf_at_const(at, row->sub->id))->s);
            put_map(row->sub, at, out);
        }
    }
    (void)buf_add_byte(out, keyed || pairs ? '}' : ']');
}

/* A text that is empty is as good as none; a list without elements may be too short to be read. */
static bool is_left_out(const struct conf_row *row, const void *object) {
    size_t n = 1;
    bool given = true;

    if (row->given.size > 0)
        memcpy(&given, conf_at_const(object, row->given), sizeof given);
    if (row->secret || !given)
        return true;
    if (row->type > CONF_MAP)
        (void)conf_list_get(row, object, &n);
    else if (row->type != CONF_MAP && conf_kind_get(row->type)->owned)
        n = strlen(text_at(conf_at_const(object, row->field)));
    return n == 0;
}

static void put_rows(const struct conf_schema *schema, const void *object, const char *behind,
                     const char *between, struct buf *out) {
    bool first = true;

    for (size_t i = 0; i < schema->row_n; i++) {
        const struct conf_row *row = &schema->rows[i];
        const void *at = conf_at_const(object, row->field);
        if (is_left_out(row, object))
            continue;
        (void)buf_addf(out, "%s%s: ", first ? "" : between, row->key);
        first = false;
        if (row->type == CONF_MAP)
            put_map(row->sub, at, out);
        else if (row->type > CONF_MAP)
            put_list(row, object, out);
        else
            put_scalar(row, row->type, row->field.size, at, out);
        (void)buf_add_str(out, behind);
    }
}

static void put_map(const struct conf_schema *schema, const void *object, struct buf *out) {
    (void)buf_add_byte(out, '{');
    put_rows(schema, object, "", ", ", out);
    (void)buf_add_byte(out, '}');
}

enum err conf_dump(const struct conf_schema *schema, const void *value, struct buf *out) {
    put_rows(schema, value, "\n", "", out);
    return out->failed ? ERR_NOMEM : ERR_OK;
}
