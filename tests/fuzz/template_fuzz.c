/* Any text as a template with any text as its values: what is checked is filled, inside of JSON's
 * quotes the result is JSON's, as a mail's subject it is one field of short lines, as a body it
 * comes out of base64 as it went in. */
#include <stdlib.h>

#include "notify/mime.h"
#include "notify/template.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void value_of(void *user, enum template_field f, struct buf *out) {
    const struct span *value = user;
    if (f != TEMPLATE_CAUSE) /* one has none */
        (void)buf_add(out, value->p, value->n);
}

/* The template's own text is the file's, which is checked at load: here it stands outside. */
static void as_json(struct span value, struct buf *out) {
    struct json_value *root = NULL;
    buf_reset(out);
    must(template_fill("{\"a\": \"{name}\", \"b\": [\"{cause}{value}\"]}", value_of, &value,
                       template_json, out) == ERR_OK);
    enum err err = json_parse(buf_span(out), NULL, &root, NULL);
    bool zero = value.n > 0 && memchr(value.p, 0, value.n) != NULL; /* which our reader refuses */
    must(zero || (err == ERR_OK && json_count(root) == 2));
    json_close(root);
}

static void as_subject(struct span value, struct buf *out) {
    size_t column = 0;
    buf_reset(out);
    mime_words(value, out);
    for (size_t i = 0; i < out->n; i++) {
        bool ends = out->p[i] == '\r' || out->p[i] == '\n';
        must(ends || (out->p[i] >= 0x20 && out->p[i] < 0x7f));
        must(out->p[i] != '\r' ||
             (i + 2 < out->n && out->p[i + 1] == '\n' && out->p[i + 2] == ' '));
        must(out->p[i] != '\n' || (i > 0 && out->p[i - 1] == '\r'));
        column = out->p[i] == '\n' ? 0 : column + 1;
        must(column <= 76);
    }
}

static int digit(uint8_t c) {
    static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(all, c) : NULL;
    return at ? (int)(at - all) : -1;
}

static void as_body(struct span value, struct buf *out) {
    size_t n = 0;
    uint32_t bits = 0, held = 0;
    buf_reset(out);
    mime_base64(value, 76, out);
    for (size_t i = 0; i < out->n; i++) {
        int d = digit(out->p[i]);
        if (d < 0)
            continue;
        bits = bits << 6 | (uint32_t)d;
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        must(n < value.n && value.p[n] == (uint8_t)(bits >> held));
        n++;
    }
    must(n == value.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t cut = size > 0 ? data[0] * (size - 1) / 255 : 0;
    char *text = malloc(cut + 1), why[TEMPLATE_WHY];
    struct buf out;
    must(text != NULL);
    memcpy(text, data + (size > 0), cut);
    text[cut] = 0;
    struct span value = span_of(data + (size > 0) + cut, size > 0 ? size - 1 - cut : 0);
    buf_init(&out);
    if (template_check(text, why)) {
        must(template_fill(text, value_of, &value, template_plain, &out) == ERR_OK);
        buf_reset(&out);
        must(template_fill_lines(text, value_of, &value, template_one_line, &out) == ERR_OK);
    } else {
        must(strlen(why) < sizeof why && why[0]);
    }
    as_json(value, &out);
    as_subject(value, &out);
    as_body(value, &out);
    (void)mime_address(text);
    buf_fini(&out);
    free(text);
    return 0;
}
