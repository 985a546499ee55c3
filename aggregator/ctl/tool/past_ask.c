#include "ctl/past_ask.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/utc.h"
#include "ctl/client.h"
#include "ctl/ctl.h"

static void add_time(struct buf *path, const char *name, int64_t t_ms) {
    char text[UTC_TEXT];
    utc_format(t_ms, text);
    client_add_argument(path, name, text);
}

static enum err path_of(const struct past_ask *o, const char *path, struct buf *out) {
    (void)buf_add_str(out, path);
    if (o->from_ms != INT64_MIN)
        add_time(out, "from", o->from_ms);
    if (o->to_ms != INT64_MAX)
        add_time(out, "to", o->to_ms);
    if (o->csv || o->jsonl)
        client_add_argument(out, "format", o->csv ? "csv" : "jsonl");
    return buf_add_byte(out, 0);
}

bool past_ask(const struct past_ask *o, const char *path, struct buf *body) {
    struct client client;
    struct buf full;
    char why[CLIENT_WHY] = "out of memory";
    buf_init(&full);
    bool ok = client_open(&client, o->socket, o->url) == ERR_OK &&
              path_of(o, path, &full) == ERR_OK &&
              client_get(&client, (const char *)full.p, body, why);
    client_close(&client);
    if (!ok)
        fprintf(stderr, "plantbus: %s\n", why);
    buf_fini(&full);
    return ok;
}

static int print_json(struct span body,
                      enum err (*print)(const struct json_value *answer, struct buf *out)) {
    struct json_value *root = NULL;
    struct json_error wrong;
    struct buf text;
    if (json_parse(body, NULL, &root, &wrong)) {
        fprintf(stderr, "plantbus: the answer is no JSON: %s\n", wrong.text);
        return CTL_FAILED;
    }
    buf_init(&text);
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* widths of characters */
    bool ok = print(root, &text) == ERR_OK && fwrite(text.p, 1, text.n, stdout) == text.n;
    buf_fini(&text);
    json_close(root);
    return ok ? CTL_OK : CTL_FAILED;
}

int past_print(const struct past_ask *o, struct span body,
               enum err (*print)(const struct json_value *answer, struct buf *out)) {
    if (!o->csv && !o->jsonl)
        return print_json(body, print);
    return fwrite(body.p ? body.p : (const uint8_t *)"", 1, body.n, stdout) == body.n ? CTL_OK
                                                                                      : CTL_FAILED;
}
