#include "ctl/pages.h"

#include <stdio.h>
#include <string.h>

#include "json/json.h"

enum { PAGE = 500 };

enum err pages_path(const struct pages *p, const char *format, struct buf *path) {
    buf_reset(path);
    (void)buf_addf(path, "/api/v1/windows?limit=%d", PAGE);
    client_add_argument(path, "node", p->node);
    client_add_argument(path, "kind", p->kind);
    if (p->next[0])
        client_add_argument(path, "from", p->next);
    client_add_span(path, p->next[0] ? INT64_MIN : p->from_ms, p->to_ms);
    if (p->product)
        client_add_argument(path, "product", p->product);
    if (p->team)
        client_add_argument(path, "team", p->team);
    if (format)
        client_add_argument(path, "format", format);
    return buf_add_byte(path, 0);
}

bool pages_line(struct span line, bool csv, int64_t *start_ms) {
    struct span text = {0};
    if (csv) { /* node,window,start: ids and kinds hold no comma */
        for (unsigned commas = 0; line.n > 0 && commas < 2; line.p++, line.n--)
            commas += *line.p == ',';
        const uint8_t *comma = line.n ? memchr(line.p, ',', line.n) : NULL;
        return comma && utc_parse(span_of(line.p, (size_t)(comma - line.p)), start_ms) == ERR_OK;
    }
    struct json_value *root = NULL;
    bool ok = json_parse(line, NULL, &root, NULL) == ERR_OK &&
              json_string_of(json_find(root, "start"), &text) == ERR_OK &&
              utc_parse(text, start_ms) == ERR_OK;
    json_close(root);
    return ok;
}

static struct span last_line(struct span lines) {
    size_t end = lines.n - 1, at = end;
    while (at > 0 && lines.p[at - 1] != '\n')
        at--;
    return span_of(lines.p + at, end - at);
}

bool pages_take(struct pages *p, struct buf *body, struct span *head, struct span *lines,
                char why[CLIENT_WHY]) {
    struct buf path;
    int64_t start_ms = 0;
    buf_init(&path);
    buf_reset(body);
    (void)snprintf(why, CLIENT_WHY, "out of memory");
    bool ok = pages_path(p, p->csv ? "csv" : "jsonl", &path) == ERR_OK &&
              client_get(p->client, (const char *)path.p, body, why);
    buf_fini(&path);
    *head = span_of(body->p, 0);
    *lines = buf_span(body);
    if (ok && p->csv && lines->n) {
        const uint8_t *end = memchr(lines->p, '\n', lines->n);
        head->n = end ? (size_t)(end - lines->p) + 1 : lines->n;
        *lines = span_of(lines->p + head->n, lines->n - head->n);
    }
    if (!ok || lines->n == 0)
        return ok;
    if (lines->p[lines->n - 1] != '\n' || !pages_line(last_line(*lines), p->csv, &start_ms)) {
        (void)snprintf(why, CLIENT_WHY, "the answer has another form than expected");
        return false;
    }
    utc_format(start_ms + 1, p->next);
    return true;
}
