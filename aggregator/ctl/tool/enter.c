/* plantbus enter and plantbus entries: what people enter, in the command form that the API and the
 * page have, too. */
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utc.h"
#include "ctl/answer.h"
#include "ctl/args.h"
#include "ctl/cells.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "json/json.h"
#include "json/json_writer.h"

enum { TRIES = 3, KEY = 33, WIDTH = 200, PAGE = 1000 /* as much as is given at once */ };

struct options {
    const char *socket, *url, *key, *who, *shift, *product, *reason, *note, *old_end, *new_start,
        *order;
    int64_t from_ms, to_ms, at_ms; /* INT64_MIN: not given */
};

/* --- the form --------------------------------------------------------------------------------- */

static void put_text(struct json_writer *w, const char *key, const char *text) {
    if (!text)
        return;
    json_writer_key(w, key);
    json_writer_text(w, text);
}

static void put_time(struct json_writer *w, const char *key, int64_t t_ms) {
    char text[UTC_TEXT];
    if (t_ms == INT64_MIN)
        return;
    utc_format(t_ms, text);
    put_text(w, key, text);
}

/* What the third word of the line is: an amount, a text, a number of an entry. */
static const char *name_of_third(const char *kind) {
    static const char *const text[] = {"order", "product", "team", "cause", "breach", "handover"};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        if (strcmp(kind, text[i]) == 0)
            return "text";
    return strcmp(kind, "note") == 0 ? "note" : strcmp(kind, "factor") == 0 ? "factor" : "value";
}

static enum err form(const struct options *o, const struct args_texts *line, struct buf *out) {
    const char *kind = line->at[0], *second = line->n > 1 ? line->at[1] : NULL;
    const char *third = line->n > 2 ? line->at[2] : NULL;
    struct json_writer w;
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    put_text(&w, "kind", kind);
    put_text(&w,
             strcmp(kind, "void") == 0                                      ? "entry"
             : strcmp(kind, "factor") == 0 || strcmp(kind, "replaced") == 0 ? "signal"
                                                                            : "unit",
             second);
    put_text(&w, name_of_third(kind), third);
    put_time(&w, "from", o->from_ms);
    put_time(&w, "to", o->to_ms);
    put_time(&w, "at", o->at_ms);
    put_text(&w, "shift", o->shift);
    put_text(&w, "order", o->order);
    put_text(&w, "product", o->product);
    put_text(&w, "reason", o->reason);
    put_text(&w, "old_end", o->old_end);
    put_text(&w, "new_start", o->new_start);
    if (!(strcmp(kind, "note") == 0 && third))
        put_text(&w, "note", o->note);
    put_text(&w, "who", o->who);
    put_text(&w, "key", o->key);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

/* --- entering --------------------------------------------------------------------------------- */

static int say(struct span body) {
    struct json_value *root = NULL;
    int64_t n = 0;
    bool repeated = false;
    if (json_parse(body, NULL, &root, NULL) || json_int64_of(json_find(root, "entry"), &n)) {
        json_close(root);
        fprintf(stderr, "plantbus: the answer has another form than expected\n");
        return CTL_FAILED;
    }
    (void)json_bool_of(json_find(root, "repeated"), &repeated);
    json_close(root);
    printf("entry %" PRId64 "%s\n", n, repeated ? " (it was entered before, and counts once)" : "");
    return fflush(stdout) ? CTL_FAILED : CTL_OK;
}

/* An answer may be lost with the daemon; the key makes it safe to ask again. */
static int post(struct client *c, struct span json, const char *key) {
    struct buf body;
    char why[CLIENT_WHY];
    bool ok = false, unanswered = true;
    buf_init(&body);
    for (unsigned i = 0; i < TRIES && !ok && unanswered; i++) {
        buf_reset(&body);
        ok = client_post(c, "/api/v1/entries", json, &body, why, &unanswered);
    }
    int code = ok ? say(buf_span(&body)) : CTL_FAILED;
    if (!ok)
        fprintf(stderr, "plantbus: %s\n", why);
    if (!ok && unanswered)
        fprintf(stderr,
                "plantbus: whether it was taken is not known; enter it again with --key %s, then "
                "it counts once\n",
                key);
    buf_fini(&body);
    return code;
}

static enum err draw_key(char key[KEY]) {
    uint8_t random[(KEY - 1) / 2];
    enum err err = clock_random(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        (void)snprintf(key + 2 * i, 3, "%02x", random[i]);
    return err;
}

static int enter(struct options *o, const struct args_texts *line) {
    struct client client;
    char key[KEY];
    struct buf json;
    int code = CTL_FAILED;
    if (!o->key && draw_key(key) == ERR_OK)
        o->key = key;
    buf_init(&json);
    enum err err = o->key ? form(o, line, &json) : ERR_IO;
    enum err opened = client_open(&client, o->socket, o->url);
    if (err || opened)
        fprintf(stderr, "plantbus: %s\n", err_name(err ? err : opened));
    else
        code = post(&client, buf_span(&json), o->key);
    client_close(&client);
    buf_fini(&json);
    return code;
}

int enter_run(int argc, char **argv) {
    struct options o = {.from_ms = INT64_MIN, .to_ms = INT64_MIN, .at_ms = INT64_MIN};
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &o.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &o.url, "address of the page; else http://127.0.0.1:8080"},
        {"who", "TEXT", ARGS_TEXT, &o.who, "the team or office that enters it; needed"},
        {"from", "TIME", ARGS_TIME, &o.from_ms, "begin; else now"},
        {"to", "TIME", ARGS_TIME, &o.to_ms, "end; orders, products and teams without: for good"},
        {"at", "TIME", ARGS_TIME, &o.at_ms, "a moment instead of from and to"},
        {"shift", "DATE/NAME", ARGS_TEXT, &o.shift, "a whole shift, such as 2026-11-19/early"},
        {"product", "ID", ARGS_TEXT, &o.product, "of an amount or a plan: what is made"},
        {"order", "TEXT", ARGS_TEXT, &o.order, "of a plan: the order, as the machine tells it"},
        {"reason", "TEXT", ARGS_TEXT, &o.reason,
         "of scrap or rework: id or code of the plant's reasons; of a breach: why"},
        {"old-end", "NUMBER", ARGS_TEXT, &o.old_end, "what a replaced meter showed last"},
        {"new-start", "NUMBER", ARGS_TEXT, &o.new_start, "what the new one showed first"},
        {"note", "TEXT", ARGS_TEXT, &o.note, "anything else"},
        {"key", "TEXT", ARGS_TEXT, &o.key, "under which it counts once; else one is drawn"}};
    const struct args args = {
        .usage = "enter KIND UNIT [VALUE] --who TEXT [OPTION...]",
        .about =
            "Enters what no signal tells, or corrects what one told. It counts once, however\n"
            "often it is sent, and windows that are told already are told anew.\n\n"
            "  order|product|team UNIT TEXT    what held from then on, or --from --to\n"
            "  headcount UNIT PERSONS          the same\n"
            "  cause UNIT CAUSE                of the stops --from --to\n"
            "  breach UNIT CONDITION           of a condition of the plant file, --from --to\n"
            "                                  --reason; attainment is shown without it, too\n"
            "  good|scrap|rework UNIT PIECES   --at, --from --to or --shift [--product]\n"
            "  material UNIT AMOUNT            the same\n"
            "  plan UNIT PIECES                of --shift or --from --to [--product]; of --order\n"
            "                                  --product, --from its begin; a later one holds\n"
            "  energy UNIT KWH                 what the register showed --at\n"
            "  factor AGENT/POINT 2/1          of a meter, --from [--to]; as far back as minutes\n"
            "                                  are kept, if they tell its part of the unit\n"
            "  replaced AGENT/POINT            a meter, --at --old-end --new-start\n"
            "  handover UNIT given|taken       of --shift: by the team that leaves, by the one "
            "that\n"
            "                                  comes; --note: what is open\n"
            "  note UNIT TEXT\n"
            "  void NUMBER                     that entry does not hold",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows,
        .least = 2,
        .most = 3};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    return v == ARGS_GO ? enter(&o, &operands) : args_exit(v);
}

/* --- the list --------------------------------------------------------------------------------- */

static void put_line(struct cells *c, const struct json_value *e) {
    const struct json_value *value = json_find(e, "value");
    double v = 0;
    int64_t n = 0;
    char text[64];
    bool is_void = json_int64_of(json_find(e, "voided_by"), &n) == ERR_OK;
    enum cells_style style = is_void ? STYLE_DIM : STYLE_PLAIN;
    (void)json_int64_of(json_find(e, "entry"), &n);
    (void)snprintf(text, sizeof text, "%" PRId64, n);
    cells_field(c, style, span_str(text), 7, true);
    cells_blank(c, 2);
    cells_field(c, style, answer_text(e, "kind"), 10, false);
    cells_field(c, style, answer_text(e, "unit"), 16, false);
    cells_field(c, style, answer_text(e, "from"), 25, false);
    cells_field(c, style, answer_text(e, "to"), 25, false);
    struct span what = answer_text(e, "text");
    if (json_double_of(value, &v) == ERR_OK)
        (void)snprintf(text, sizeof text, "%.10g", v);
    else if (json_int64_of(json_find(e, "voids"), &n) == ERR_OK)
        (void)snprintf(text, sizeof text, "of %" PRId64, n);
    else
        (void)snprintf(text, sizeof text, "%.*s", (int)(what.n < 60 ? what.n : 60),
                       what.n ? (const char *)what.p : "");
    cells_field(c, style, span_str(text), 16, false);
    cells_field(c, style, answer_text(e, "who"), 16, false);
    cells_put(c, style, is_void ? span_str("void  ") : span_str(""));
    cells_put(c, style, answer_text(e, "reason"));
    cells_put(c, style, span_str(answer_text(e, "note").n ? "  " : ""));
    cells_put(c, style, answer_text(e, "note"));
    cells_end(c);
}

static int print(struct span body) {
    struct json_value *root = NULL;
    struct buf out;
    if (json_parse(body, NULL, &root, NULL)) {
        fprintf(stderr, "plantbus: the answer has another form than expected\n");
        return CTL_FAILED;
    }
    const struct json_value *list = json_find(root, "entries");
    buf_init(&out);
    struct cells c = {.out = &out, .width = WIDTH};
    for (size_t i = 0; i < json_count(list); i++)
        put_line(&c, json_at(list, i));
    int64_t last = 0;
    (void)json_int64_of(json_find(json_at(list, json_count(list) - 1), "entry"), &last);
    bool ok = !out.failed && fwrite(out.p, 1, out.n, stdout) == out.n && fflush(stdout) == 0;
    if (json_count(list) == 0)
        fprintf(stderr, "plantbus: nothing was entered\n");
    if (json_count(list) == PAGE)
        fprintf(stderr, "plantbus: older ones: --before %" PRId64 "\n", last);
    buf_fini(&out);
    json_close(root);
    return ok ? CTL_OK : CTL_FAILED;
}

static int list(struct client *c, const char *path, bool json) {
    struct buf body;
    char why[CLIENT_WHY];
    int code = CTL_FAILED;
    buf_init(&body);
    if (!client_get(c, path, &body, why))
        fprintf(stderr, "plantbus: %s\n", why);
    else if (json)
        code = printf("%.*s\n", (int)body.n, (const char *)body.p) > 0 ? CTL_OK : CTL_FAILED;
    else
        code = print(buf_span(&body));
    buf_fini(&body);
    return code;
}

int entries_run(int argc, char **argv) {
    struct options o = {.from_ms = INT64_MIN, .to_ms = INT64_MIN};
    const char *unit = NULL, *before = NULL;
    bool json = false;
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &o.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &o.url, "address of the page; else http://127.0.0.1:8080"},
        {"unit", "ID", ARGS_TEXT, &unit, "of one unit"},
        {"from", "TIME", ARGS_TIME, &o.from_ms, "what concerns the time from then on"},
        {"to", "TIME", ARGS_TIME, &o.to_ms, "and up to then"},
        {"before", "NUMBER", ARGS_TEXT, &before, "older than this entry"},
        {"json", NULL, ARGS_FLAG, &json, "as the API gives it"}};
    const struct args args = {
        .usage = "entries [OPTION...]",
        .about = "Prints what people entered, newest first, void entries too; 1000\n"
                 "at once.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows};
    struct args_texts operands;
    struct client client;
    struct buf path;
    char text[UTC_TEXT];
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* widths of characters */
    buf_init(&path);
    (void)buf_add_str(&path, "/api/v1/entries?limit=1000"); /* PAGE */
    if (unit)
        client_add_argument(&path, "unit", unit);
    if (before)
        client_add_argument(&path, "before", before);
    if (o.from_ms != INT64_MIN) {
        utc_format(o.from_ms, text);
        client_add_argument(&path, "from", text);
    }
    if (o.to_ms != INT64_MIN) {
        utc_format(o.to_ms, text);
        client_add_argument(&path, "to", text);
    }
    bool ready = buf_add_byte(&path, 0) == ERR_OK;
    enum err opened = client_open(&client, o.socket, o.url);
    int code = ready && !opened ? list(&client, (const char *)path.p, json) : CTL_FAILED;
    client_close(&client);
    buf_fini(&path);
    return code;
}
