/* plantbus user: who may come in, from the machine itself (its UNIX socket) or with an
 * administrator's session elsewhere. A table of sub-commands: each says which words it takes. */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/ident.h"
#include "ctl/answer.h"
#include "ctl/args.h"
#include "ctl/cells.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/list.h"
#include "ctl/past_ask.h"
#include "json/json_writer.h"

enum { PASSWORD_MAX = 258, WIDTH = 200 };

struct options {
    const char *socket, *url, *name, *kind, *days, *before;
    struct args_texts roles, areas, rights;
    bool json;
};

struct verb {
    const char *word, *words, *about;
    size_t least, most; /* operands behind the word */
    int (*run)(const struct verb *v, const struct options *o, const struct args_texts *w);
};

/* --- asking -------------------------------------------------------------------------------------
 */

/* Posts, and prints what the answer says of it; said: a word for it. */
static int post(const struct options *o, const char *path, struct buf *json,
                int (*say)(const struct json_value *answer)) {
    struct client client;
    struct json_value *root = NULL;
    struct buf body;
    char why[CLIENT_WHY] = "out of memory";
    bool unanswered = false;
    int code = CTL_FAILED;
    buf_init(&body);
    bool ok = client_open(&client, o->socket, o->url) == ERR_OK && !json->failed;
    ok = ok && client_post(&client, path, buf_span(json), &body, why, &unanswered);
    client_close(&client);
    if (!ok)
        fprintf(stderr, "plantbus: %s\n", why);
    else if (json_parse(buf_span(&body), NULL, &root, NULL))
        fprintf(stderr, "plantbus: the answer is no JSON\n");
    else
        code = say(root);
    json_close(root);
    if (body.p)
        explicit_bzero(body.p, body.n);
    buf_fini(&body);
    return fflush(stdout) ? CTL_FAILED : code;
}

static void put(struct json_writer *w, const char *key, const char *text) {
    json_writer_key(w, key);
    json_writer_text(w, text);
}

/* Each may hold several, with commas. */
static void put_list(struct json_writer *w, const char *key, const char *const *word, size_t n) {
    json_writer_key(w, key);
    json_writer_begin_array(w);
    for (size_t i = 0; i < n; i++)
        for (const char *at = word[i]; *at;) {
            const size_t part = strcspn(at, ",");
            if (part)
                json_writer_string(w, span_of(at, part));
            at += part + (at[part] == ',');
        }
    json_writer_end_array(w);
}

static int say_user(const struct json_value *answer) {
    const struct span user = answer_text(answer, "user"), link = answer_text(answer, "link");
    printf("%.*s: done\n", (int)user.n, (const char *)user.p);
    if (link.n)
        printf("To set a password, once and within a day, open the page with this behind its "
               "address:\n  /#welcome=%.*s\n",
               (int)link.n, (const char *)link.p);
    return CTL_OK;
}

static int say_token(const struct json_value *answer) {
    const struct span id = answer_text(answer, "id"), token = answer_text(answer, "token");
    if (token.n)
        printf("%.*s\n", (int)token.n, (const char *)token.p);
    else
        printf("%.*s: revoked\n", (int)id.n, (const char *)id.p);
    if (token.n)
        fprintf(stderr, "That is shown once: keep it where only its program or screen reads it. A "
                        "screen opens the page with /#token=... behind its address.\n");
    return CTL_OK;
}

static int change(const struct options *o, const char *act, const char *user, const char *name,
                  const struct args_texts *roles, const struct args_texts *areas,
                  const char *password) {
    struct buf json;
    struct json_writer w;
    buf_init(&json);
    json_writer_init(&w, &json);
    json_writer_begin_object(&w);
    put(&w, "act", act);
    put(&w, "user", user);
    if (name)
        put(&w, "name", name);
    if (roles)
        put_list(&w, "roles", roles->at, roles->n);
    if (areas)
        put_list(&w, "areas", areas->at, areas->n);
    if (password)
        put(&w, "password", password);
    json_writer_end_object(&w);
    const int code = post(o, "/api/v1/users", &json, say_user);
    if (json.p)
        explicit_bzero(json.p, json.n);
    buf_fini(&json);
    return code;
}

/* --- users --------------------------------------------------------------------------------------
 */

static int add(const struct verb *v, const struct options *o, const struct args_texts *w) {
    if (!o->roles.n) {
        fprintf(stderr, "plantbus: --role is needed: viewer, operator, team_leader, energy, "
                        "engineer, approver or administrator\n");
        return CTL_USAGE;
    }
    return change(o, v->word, w->at[0], o->name ? o->name : "", &o->roles, &o->areas, NULL);
}

static int simple(const struct verb *v, const struct options *o, const struct args_texts *w) {
    return change(o, v->word, w->at[0], NULL, NULL, NULL, NULL);
}

static struct args_texts behind(const struct args_texts *w) {
    struct args_texts rest = {.n = w->n - 1};
    memcpy(rest.at, w->at + 1, rest.n * sizeof *rest.at);
    return rest;
}

static int role(const struct verb *v, const struct options *o, const struct args_texts *w) {
    const struct args_texts roles = behind(w);
    (void)v;
    return change(o, "roles", w->at[0], NULL, &roles, NULL, NULL);
}

static int area(const struct verb *v, const struct options *o, const struct args_texts *w) {
    const struct args_texts areas = behind(w);
    (void)v;
    return change(o, "areas", w->at[0], NULL, NULL, &areas, NULL);
}

/* At a terminal nobody looks over a shoulder: it is not shown. False: there is none. */
static bool read_line(const char *ask, char text[PASSWORD_MAX]) {
    struct termios was, quiet;
    const bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &was) == 0;
    if (terminal) {
        fputs(ask, stderr);
        quiet = was;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    const bool got = fgets(text, PASSWORD_MAX, stdin) != NULL;
    if (terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
        fputc('\n', stderr);
    }
    if (got)
        text[strcspn(text, "\r\n")] = 0;
    return got;
}

static int password(const struct verb *v, const struct options *o, const struct args_texts *w) {
    char text[PASSWORD_MAX] = "", again[PASSWORD_MAX] = "";
    bool ok = read_line("Password: ", text);
    if (ok && isatty(STDIN_FILENO)) {
        ok = read_line("Once more: ", again) && strcmp(text, again) == 0;
        if (!ok)
            fprintf(stderr, "plantbus: these are two passwords\n");
    } else if (!ok) {
        fprintf(stderr, "plantbus: a password is expected on standard input\n");
    }
    const int code = ok ? change(o, v->word, w->at[0], NULL, NULL, NULL, text) : CTL_USAGE;
    explicit_bzero(text, sizeof text);
    explicit_bzero(again, sizeof again);
    return code;
}

/* --- lists --------------------------------------------------------------------------------------
 */

static void join(const struct json_value *list, struct buf *out) {
    buf_reset(out);
    for (size_t i = 0; i < json_count(list); i++) {
        struct span s = {0};
        (void)json_string_of(json_at(list, i), &s);
        (void)buf_add_str(out, i ? "," : "");
        (void)buf_add(out, s.p, s.n);
    }
}

static bool flag(const struct json_value *row, const char *key) {
    bool is = false;
    (void)json_bool_of(json_find(row, key), &is);
    return is;
}

static void put_users(struct cells *c, const struct json_value *rows) {
    static const struct list_column head[] = {{"user", 20, false},
                                              {"name", 24, false},
                                              {"roles", 32, false},
                                              {"areas", 24, false},
                                              {"", 20, false}};
    struct buf text;
    buf_init(&text);
    list_head(c, head, sizeof head / sizeof *head);
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json_value *row = json_at(rows, i);
        cells_field(c, STYLE_PLAIN, answer_text(row, "user"), 20, false);
        cells_field(c, STYLE_PLAIN, answer_text(row, "name"), 24, false);
        join(json_find(row, "roles"), &text);
        cells_field(c, STYLE_PLAIN, buf_span(&text), 32, false);
        join(json_find(row, "areas"), &text);
        cells_field(c, STYLE_PLAIN, text.n ? buf_span(&text) : span_str("all"), 24, false);
        cells_put(c, STYLE_PLAIN,
                  span_str(flag(row, "disabled")    ? "disabled"
                           : !flag(row, "password") ? "no password yet"
                                                    : ""));
        cells_end(c);
    }
    buf_fini(&text);
}

static void put_tokens(struct cells *c, const struct json_value *rows) {
    static const struct list_column head[] = {{"token", 20, false},
                                              {"kind", 9, false},
                                              {"until", 26, false},
                                              {"used", 26, false},
                                              {"rights", 40, false}};
    struct buf text;
    buf_init(&text);
    list_head(c, head, sizeof head / sizeof *head);
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json_value *row = json_at(rows, i);
        const struct span used = answer_text(row, "used");
        cells_field(c, STYLE_PLAIN, answer_text(row, "id"), 20, false);
        cells_field(c, STYLE_PLAIN, answer_text(row, "kind"), 9, false);
        cells_field(c, flag(row, "over") ? STYLE_BAD : STYLE_PLAIN, answer_text(row, "until"), 26,
                    false);
        cells_field(c, STYLE_PLAIN, used.n ? used : span_str("never"), 26, false);
        join(json_find(row, "rights"), &text);
        cells_put(c, STYLE_PLAIN, buf_span(&text));
        cells_end(c);
    }
    buf_fini(&text);
}

static void put_events(struct cells *c, const struct json_value *rows) {
    static const struct list_column head[] = {
        {"event", 7, true},     {"", 2, false},         {"at", 26, false},  {"who", 20, false},
        {"address", 18, false}, {"station", 12, false}, {"what", 20, false}};
    list_head(c, head, sizeof head / sizeof *head);
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json_value *row = json_at(rows, i);
        const struct span who = answer_text(row, "who");
        char n[24];
        (void)snprintf(n, sizeof n, "%lld", (long long)answer_number(row, "event"));
        list_text(c, n, 7, true);
        cells_blank(c, 2);
        cells_field(c, STYLE_PLAIN, answer_text(row, "at"), 26, false);
        cells_field(c, STYLE_PLAIN, who.n ? who : span_str("(this machine)"), 20, false);
        cells_field(c, STYLE_PLAIN, answer_text(row, "address"), 18, false);
        cells_field(c, STYLE_PLAIN, answer_text(row, "station"), 12, false);
        cells_field(c, STYLE_PLAIN, answer_text(row, "what"), 20, false);
        cells_put(c, STYLE_PLAIN, answer_text(row, "detail"));
        cells_end(c);
    }
}

static enum err print_list(const struct json_value *answer, struct buf *out) {
    struct cells c = {.out = out, .width = WIDTH};
    const struct json_value *users = json_find(answer, "users"),
                            *tokens = json_find(answer, "tokens"),
                            *events = json_find(answer, "events");
    if (users)
        put_users(&c, users);
    if (tokens)
        put_tokens(&c, tokens);
    if (events)
        put_events(&c, events);
    return out->failed ? ERR_NOMEM : ERR_OK;
}

static int list(const struct options *o, const char *path) {
    struct buf body;
    int code = CTL_FAILED;
    buf_init(&body);
    if (past_get(o->socket, o->url, path, &body))
        code = o->json ? (fwrite(body.p, 1, body.n, stdout) == body.n && puts("") >= 0 ? CTL_OK
                                                                                       : CTL_FAILED)
                       : past_print(buf_span(&body), print_list);
    buf_fini(&body);
    return code;
}

static int list_users(const struct verb *v, const struct options *o, const struct args_texts *w) {
    (void)v, (void)w;
    return list(o, "/api/v1/users");
}

static int audit(const struct verb *v, const struct options *o, const struct args_texts *w) {
    struct buf path;
    int code = CTL_FAILED;
    (void)v, (void)w;
    buf_init(&path);
    (void)buf_add_str(&path, "/api/v1/audit?limit=500");
    if (o->before)
        client_add_argument(&path, "before", o->before);
    if (buf_add_byte(&path, 0) == ERR_OK)
        code = list(o, (const char *)path.p);
    buf_fini(&path);
    return code;
}

/* --- tokens -------------------------------------------------------------------------------------
 */

static int token(const struct verb *v, const struct options *o, const struct args_texts *w) {
    struct buf json;
    struct json_writer j;
    (void)v;
    if (strcmp(w->at[0], "list") == 0 && w->n == 1)
        return list(o, "/api/v1/tokens");
    const bool adds = strcmp(w->at[0], "add") == 0;
    if ((!adds && strcmp(w->at[0], "revoke") != 0) || w->n != 2) {
        fprintf(stderr, "plantbus: user token list, user token add ID, or user token revoke ID\n");
        return CTL_USAGE;
    }
    if (o->days && (!*o->days || strlen(o->days) > 4 ||
                    strspn(o->days, "0123456789") != strlen(o->days) || *o->days == '0')) {
        fprintf(stderr, "plantbus: --days takes a number of days\n");
        return CTL_USAGE;
    }
    buf_init(&json);
    json_writer_init(&j, &json);
    json_writer_begin_object(&j);
    put(&j, "act", w->at[0]);
    put(&j, "id", w->at[1]);
    if (adds) {
        put(&j, "kind", o->kind ? o->kind : "machine");
        put_list(&j, "rights", o->rights.at, o->rights.n);
        put_list(&j, "areas", o->areas.at, o->areas.n);
    }
    if (adds && o->days) {
        json_writer_key(&j, "days");
        json_writer_raw(&j, span_str(o->days));
    }
    json_writer_end_object(&j);
    const int code = post(o, "/api/v1/tokens", &json, say_token);
    buf_fini(&json);
    return code;
}

/* --- the table ----------------------------------------------------------------------------------
 */

static const struct verb verbs[] = {
    {"list", "", "who may come in", 0, 0, list_users},
    {"add", "NAME --role ROLE [--area NODE] [--name TEXT]",
     "let somebody in; prints a link that sets the password, once", 1, 1, add},
    {"role", "NAME ROLE...", "give other roles", 2, 8, role},
    {"area", "NAME [NODE...]", "limit what they may change to parts of the plant; none: all of it",
     1, 9, area},
    {"disable", "NAME", "keep somebody out, at once", 1, 1, simple},
    {"enable", "NAME", "let them in again", 1, 1, simple},
    {"logout", "NAME", "end all their sessions", 1, 1, simple},
    {"link", "NAME", "print another link that sets a password, once and within a day", 1, 1,
     simple},
    {"password", "NAME", "set a password, read from standard input", 1, 1, password},
    {"token", "list | add ID [--kind KIND] [--right RIGHT] [--area NODE] [--days N] | revoke ID",
     "tokens of programs (machine), screens (wall), shared screens (station)", 1, 2, token},
    {"audit", "", "who did what, the newest 500", 0, 0, audit},
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static void help(FILE *to) {
    fputs("Usage: plantbus user VERB [WORD...] [OPTION...]\n"
          "Users, roles, tokens of a running aggregator. Roles: viewer, operator, team_leader,\n"
          "energy, engineer, approver, administrator.\n\n",
          to);
    for (size_t i = 0; i < VERBS; i++)
        fprintf(to, "  %-9s %s\n            %s\n", verbs[i].word, verbs[i].about, verbs[i].words);
    fputs("\nplantbus user VERB --help tells the options.\n", to);
}

static int run(const struct verb *v, int argc, char **argv) {
    struct options o = {0};
    char usage[200];
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &o.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &o.url, "address of the page; else http://127.0.0.1:8080"},
        {"json", NULL, ARGS_FLAG, &o.json, "lists as they came"},
        {"role", "ROLE", ARGS_TEXTS, &o.roles, "of add; several times, or with commas"},
        {"area", "NODE", ARGS_TEXTS, &o.areas, "of add and token add: part of the plant"},
        {"name", "TEXT", ARGS_TEXT, &o.name, "of add: as people read it"},
        {"kind", "KIND", ARGS_TEXT, &o.kind, "of token add: machine, wall or station"},
        {"right", "RIGHT", ARGS_TEXTS, &o.rights, "of token add: view, metrics, enter, ack ..."},
        {"days", "N", ARGS_TEXT, &o.days, "of token add: how long it holds; else 365"},
        {"before", "NUMBER", ARGS_TEXT, &o.before, "of audit: older than this event"}};
    (void)snprintf(usage, sizeof usage, "user %s %s [OPTION...]", v->word, v->words);
    const struct args args = {.usage = usage,
                              .about = v->about,
                              .rows = rows,
                              .row_n = sizeof rows / sizeof *rows,
                              .least = v->least,
                              .most = v->most};
    struct args_texts operands;
    const enum args_verdict verdict = args_parse(&args, argc, argv, &operands);
    return verdict == ARGS_GO ? v->run(v, &o, &operands) : args_exit(verdict);
}

int user_run(int argc, char **argv) {
    const char *names[VERBS];
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help(argc < 2 ? stderr : stdout);
        return argc < 2 ? CTL_USAGE : CTL_OK;
    }
    for (size_t i = 0; i < VERBS; i++) {
        names[i] = verbs[i].word;
        if (strcmp(argv[1], verbs[i].word) == 0)
            return run(&verbs[i], argc - 1, argv + 1);
    }
    const char *near = ident_nearest(argv[1], names, VERBS);
    fprintf(stderr, "plantbus: no verb %s%s%s%s; see plantbus user --help\n", argv[1],
            near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return CTL_USAGE;
}
