/* Commands that change one norm: each a row that says which options become which fields. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/answer.h"
#include "ctl/norm.h"
#include "json/json_writer.h"

enum { TRIES = 3, KEY = 33, FIELDS_MAX = 16, OPTIONS_MAX = 32 };

/* An option that becomes a field of the norm; path NULL: a member of the command itself. */
struct field_option {
    const char *name, *value, *path, *help;
};

struct giving {
    const char *action;
    bool makes;        /* the id may be left out */
    const char *about; /* of the help */
    const struct field_option *option;
    size_t option_n;
};

static const struct field_option content[] = {
    {"indicator", "ID", "indicator", "of which indicator"},
    {"node", "ID", "scope.node", "unit, line or area; else the site"},
    {"product", "ID", "scope.product", "of one product"},
    {"operation", "ID", "scope.operation", "of one operation"},
    {"team", "ID", "scope.team", "of one team"},
    {"value", "NUMBER", "value", "what it has to be"},
    {"unit", "UNIT", "unit", "of the value; else the indicator's"},
    {"from", "DATE", "from", "valid from"},
    {"basis", "KIND", "basis.kind", "statistical, calculated, time_study, adopted"},
    {"document", "TEXT", "document", "reference of its document"},
    {"note", "TEXT", "note", "anything else"}};
static const struct field_option trial[] = {{"from", "DATE", "trial.from", "its begin"},
                                            {"to", "DATE", "trial.to", "its end"}};
static const struct field_option result[] = {
    {"n", "NUMBER", "trial.n", "team-shifts"},
    {"reach", "SHARE", "trial.reach", "share of them that met it, such as 0.62"},
    {"normal-hours", "YES", "trial.normal_hours", "true, if it was inside normal hours"},
    {"note", "TEXT", "trial.note", "anything else"}};
static const struct field_option consult[] = {
    {"date", "DATE", "consultation.date", "when"},
    {"with", "TEXT", "consultation.with", "whom it was with"},
    {"note", "TEXT", "consultation.note", "what was said"}};
static const struct field_option publish[] = {{"date", "DATE", "publication.date", "when"},
                                              {"where", "TEXT", "publication.where", "where"}};
static const struct field_option choose[] = {
    {"keep", "WHAT", "pay.kind", "keep_supplement or keep_incentive"},
    {"supplement", "K", "pay.supplement", "of the rate before, such as 0.1"}};
static const struct field_option approve[] = {
    {"from", "DATE", "from", "valid from, if not as proposed"},
    {"ceiling-reason", "TEXT", "ceiling_reason", "why it does not lie between mean and best"}};
static const struct field_option withdraw[] = {
    {"at", "DATE", NULL, "of one in force: until when; else now"}};

// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define OPTIONS(TABLE) TABLE, sizeof TABLE / sizeof *TABLE
static const struct giving givings[] = {
    {"draft", true, "Writes a norm down; its author may change it until he proposes it.",
     OPTIONS(content)},
    {"propose", true,
     "Proposes a norm: a new one, a draft, or a returned one. All other fields of a norm\n"
     "(plantbus reference norms) are given by --set PATH=TEXT.",
     OPTIONS(content)},
    {"answer", false,
     "Answers a proposal: it goes on, or with --decline it does not. --why is due.", NULL, 0},
    {"trial", false, "Begins the trial of a proposal that was answered.", OPTIONS(trial)},
    {"result", false, "Enters what the trial showed.", OPTIONS(result)},
    {"consult", false, "Records a consultation on a proposal.", OPTIONS(consult)},
    {"publish", false, "Records that a proposal was published.", OPTIONS(publish)},
    {"choose", false,
     "Chooses what becomes of the piece rate when a labour norm is revised. Each team's real\n"
     "last quarter is needed: --pay TEAM=TIME, several times.",
     OPTIONS(choose)},
    {"submit", false, "Submits a proposal for approval.", NULL, 0},
    {"return", false, "Returns it for correction; --why says which.", NULL, 0},
    {"approve", false, "Approves what was submitted; --why is due. Whoever proposed it can't.",
     OPTIONS(approve)},
    {"withdraw", false, "Withdraws it; --why is due.", OPTIONS(withdraw)},
};

static const struct giving *giving_of(const char *name) {
    for (size_t i = 0; i < sizeof givings / sizeof *givings; i++)
        if (strcmp(givings[i].action, name) == 0)
            return &givings[i];
    return NULL;
}

struct given {
    struct norm_link link;
    const char *who, *why, *evidence, *key, *owner, *due;
    const char *field[FIELDS_MAX];
    struct args_texts set, pay;
    bool decline;
};

/* --- the form --------------------------------------------------------------------------------- */

static void put(struct json_writer *w, const char *key, const char *text) {
    if (!text)
        return;
    json_writer_key(w, key);
    json_writer_text(w, text);
}

/* "PATH=TEXT"; false: it is none. */
static bool put_pair(struct json_writer *w, const char *pair) {
    char path[128];
    const char *equals = strchr(pair, '=');
    if (!equals || equals == pair || (size_t)(equals - pair) >= sizeof path)
        return false;
    (void)snprintf(path, sizeof path, "%.*s", (int)(equals - pair), pair);
    put(w, path, equals + 1);
    return true;
}

static bool put_pay(struct json_writer *w, size_t i, const char *pair) {
    char path[64], team[64];
    const char *equals = strchr(pair, '=');
    if (!equals)
        return false;
    (void)snprintf(team, sizeof team, "%.*s", (int)(equals - pair), pair);
    (void)snprintf(path, sizeof path, "pay.teams.%zu.team", i);
    put(w, path, team);
    (void)snprintf(path, sizeof path, "pay.teams.%zu.taken", i);
    put(w, path, equals + 1);
    return true;
}

static bool put_sets(struct json_writer *w, const struct giving *g, const struct given *o) {
    bool ok = true;
    json_writer_key(w, "set");
    json_writer_begin_object(w);
    for (size_t i = 0; i < g->option_n; i++)
        if (g->option[i].path)
            put(w, g->option[i].path, o->field[i]);
    for (size_t i = 0; i < o->set.n; i++)
        ok = put_pair(w, o->set.at[i]) && ok;
    for (size_t i = 0; i < o->pay.n; i++)
        ok = put_pay(w, i, o->pay.at[i]) && ok;
    json_writer_end_object(w);
    return ok;
}

static bool any_set(const struct giving *g, const struct given *o) {
    bool any = o->set.n || o->pay.n;
    for (size_t i = 0; i < g->option_n; i++)
        any = any || (o->field[i] && g->option[i].path);
    return any;
}

static bool form(const struct giving *g, const struct given *o, const char *id, struct buf *out) {
    struct json_writer w;
    bool ok = true;
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    put(&w, "action", g->action);
    put(&w, "id", id);
    put(&w, "who", o->who);
    put(&w, "why", o->why);
    put(&w, "evidence", o->evidence);
    put(&w, "key", o->key);
    put(&w, "owner", o->owner);
    put(&w, "due", o->due);
    if (o->decline) {
        json_writer_key(&w, "accept");
        json_writer_bool(&w, false);
    }
    for (size_t i = 0; i < g->option_n; i++)
        if (!g->option[i].path)
            put(&w, g->option[i].name, o->field[i]);
    if (any_set(g, o))
        ok = put_sets(&w, g, o);
    json_writer_end_object(&w);
    if (!ok)
        fprintf(stderr, "plantbus: --set is PATH=TEXT, --pay TEAM=TIME\n");
    return json_writer_finish(&w) == ERR_OK && ok;
}

/* --- sending ---------------------------------------------------------------------------------- */

bool norm_send(struct client *c, struct span json, struct buf *body, char why[CLIENT_WHY]) {
    bool ok = false, unanswered = true;
    const size_t from = body->n;
    for (unsigned i = 0; i < TRIES && !ok && unanswered; i++) {
        body->n = from;
        ok = client_post(c, "/api/v1/norms", json, body, why, &unanswered);
    }
    return ok;
}

void norm_say(struct span body) {
    struct json_value *root = NULL;
    bool repeated = false;
    if (json_parse(body, NULL, &root, NULL)) {
        fprintf(stderr, "plantbus: the answer has another form than expected\n");
        return;
    }
    (void)json_bool_of(json_find(root, "repeated"), &repeated);
    const struct span id = answer_text(root, "id"), state = answer_text(root, "state");
    printf("event %" PRId64 ": %.*s is %.*s%s\n", answer_number(root, "event"), (int)id.n,
           id.n ? (const char *)id.p : "", (int)state.n, state.n ? (const char *)state.p : "",
           repeated ? " (that was known before)" : "");
    const struct json_value *warnings = json_find(root, "warnings"),
                            *related = json_find(root, "related");
    struct span text;
    for (size_t i = 0; i < json_count(warnings); i++)
        if (json_string_of(json_at(warnings, i), &text) == ERR_OK)
            printf("  warning: %.*s\n", (int)text.n, (const char *)text.p);
    for (size_t i = 0; i < json_count(related); i++)
        if (json_string_of(json_at(related, i), &text) == ERR_OK)
            printf("  related: %.*s\n", (int)text.n, (const char *)text.p);
    json_close(root);
}

static enum err draw_key(char key[KEY]) {
    uint8_t random[(KEY - 1) / 2];
    enum err err = clock_random(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        (void)snprintf(key + 2 * i, 3, "%02x", random[i]);
    return err;
}

static int give(const struct giving *g, struct given *o, const char *id) {
    struct client client;
    struct buf json, body;
    char key[KEY], why[CLIENT_WHY] = "out of memory";
    int code = CTL_FAILED;
    if (!o->key && draw_key(key) == ERR_OK)
        o->key = key;
    buf_init(&json);
    buf_init(&body);
    const bool formed = form(g, o, id, &json);
    if (o->key == key)
        o->key = NULL;
    if (!formed) {
        buf_fini(&json);
        return CTL_USAGE;
    }
    const enum err opened = client_open(&client, o->link.socket, o->link.url);
    if (!opened && norm_send(&client, buf_span(&json), &body, why)) {
        norm_say(buf_span(&body));
        code = CTL_OK;
    } else {
        fprintf(stderr, "plantbus: %s\n", opened ? err_name(opened) : why);
    }
    client_close(&client);
    buf_fini(&json);
    buf_fini(&body);
    return code;
}

static size_t add_rows(const struct giving *g, struct given *o, struct args_row *row) {
    size_t n = 0;
    for (; n < g->option_n; n++)
        row[n] = (struct args_row){g->option[n].name, g->option[n].value, ARGS_TEXT, &o->field[n],
                                   g->option[n].help};
    const struct args_row common[] = {
        {"who", "TEXT", ARGS_TEXT, &o->who, "person or office that does it; needed"},
        {"why", "TEXT", ARGS_TEXT, &o->why, "the reason"},
        {"evidence", "TEXT", ARGS_TEXT, &o->evidence, "what shows it"},
        {"owner", "TEXT", ARGS_TEXT, &o->owner, "of the step that follows; else by the settings"},
        {"due", "DATE", ARGS_TEXT, &o->due, "when that is due; else by the settings"},
        {"set", "PATH=TEXT", ARGS_TEXTS, &o->set, "any other field of the norm"},
        {"key", "TEXT", ARGS_TEXT, &o->key, "under which it counts once; else one is drawn"}};
    memcpy(row + n, common, sizeof common);
    n += sizeof common / sizeof *common;
    if (strcmp(g->action, "answer") == 0)
        row[n++] = (struct args_row){"decline", NULL, ARGS_FLAG, &o->decline, "it does not go on"};
    if (strcmp(g->action, "choose") == 0)
        row[n++] = (struct args_row){"pay", "TEAM=TIME", ARGS_TEXTS, &o->pay,
                                     "what a team took for a piece, in the norm's unit"};
    norm_link_rows(&o->link, row + n);
    return n + NORM_LINK_ROWS;
}

int norm_give_run(int argc, char **argv) {
    const struct giving *g = giving_of(argv[0]);
    struct given o = {0};
    struct args_row rows[OPTIONS_MAX];
    char usage[64];
    (void)snprintf(usage, sizeof usage, "norm %s %s --who TEXT [OPTION...]", g->action,
                   g->makes ? "[ID]" : "ID");
    const struct args args = {.usage = usage,
                              .about = g->about,
                              .rows = rows,
                              .row_n = add_rows(g, &o, rows),
                              .least = g->makes ? 0 : 1,
                              .most = 1};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    return v == ARGS_GO ? give(g, &o, operands.n ? operands.at[0] : NULL) : args_exit(v);
}
