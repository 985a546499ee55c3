/* Whatever a line says, each format answers, and what it found lies in the line or beside it. The
 * first byte chooses the format; the rest is cut into lines, since SHDR texts reach over several.
 */
#include <stdlib.h>

#include "sources/line.h"
#include "sources/quantity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool lies_in(struct span part, struct span whole) {
    return part.n == 0 ||
           (whole.n > 0 && part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void check(const struct line *l, struct span text) {
    const struct quantity number = {.type = POINT_GAUGE};
    const struct span kept = buf_span(&l->texts);
    struct value v;

    for (size_t i = 0; i < l->n; i++) {
        const struct line_item *k = &l->items[i];
        if ((!lies_in(k->key, text) && !lies_in(k->key, kept)) ||
            (!lies_in(k->text, text) && !lies_in(k->text, kept)) ||
            (!lies_in(k->tag, text) && !lies_in(k->tag, kept)) || k->dur_ms < 0 ||
            k->quality >= QUALITY_COUNT)
            abort();
        (void)quantity_value(&number, k->text, &v);
    }
    if (l->has_position && (l->position.n > LINE_POSITION_MAX ||
                            (!lies_in(l->position, text) && !lies_in(l->position, kept))))
        abort();
}

static enum err parse(int format, bool positions, struct line_shdr *state, struct span text,
                      struct line *out, char *why) {
    const struct line_rule rule = {.stamp = {.offset_min = 60}, .positions = positions};

    if (format == 0)
        return line_parse_json(&rule, text, out, why);
    if (format == 1)
        return line_parse_pairs(&rule, text, out, why);
    return line_parse_shdr(&rule, state, text, out, why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct line_shdr state = {0};
    struct line *l = calloc(1, sizeof *l);

    if (l == NULL || line_init(l) != ERR_OK)
        abort();
    for (size_t at = 1; at < size;) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        const size_t n = end != NULL ? (size_t)(end - data) - at : size - at;
        char why[LINE_WHY] = "";
        /* A copy of its own length, so that a step beyond it is seen. */
        uint8_t *copy = malloc(n > 0 ? n : 1);
        if (copy == NULL)
            abort();
        memcpy(copy, data + at, n);
        if (n <= LINE_BYTES_MAX) {
            const enum err e = parse(data[0] % 3, data[0] >= 128, &state, span_of(copy, n), l, why);
            if (e == ERR_OK)
                check(l, span_of(copy, n));
            else if (why[0] == '\0')
                abort();
        }
        free(copy);
        at += n + 1;
    }
    line_fini(l);
    free(l);
    return 0;
}
