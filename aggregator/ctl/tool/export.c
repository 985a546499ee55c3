/* plantbus export: the stored windows of many nodes and kinds, page by page from the daemon, in the
 * order of the plant's tree, the kinds and time. A file is written beside and renamed when it is
 * whole; what was cut short goes on where its last whole line ends. */
#include "ctl/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/pages.h"
#include "ctl/whole_file.h"
#include "json/json.h"

enum { BESIDE_MAX = 1024, TAIL = 1 << 16, NODES_MAX = 65536 };

struct options {
    const char *socket, *url, *out, *next, *product, *team;
    struct args_texts nodes, kinds;
    int64_t from_ms, to_ms;
    bool jsonl, resume, columns;
};

struct place { /* where to go on: behind the window of this begin */
    char node[64], kind[16];
    int64_t start_ms;
    bool set;
};

struct job {
    const struct options *o;
    struct client client;
    FILE *to;
    char beside[BESIDE_MAX]; /* "": standard output */
    const char **node;
    char *names; /* of all nodes, where none is asked for; owned */
    size_t node_n;
    struct place go_on;
    bool headed;     /* the head of the CSV stands already */
    struct buf head; /* as it stands in the file that is gone on with */
    bool told;       /* what is wrong has been said */
    char at_node[64], at_kind[16], at_next[UTC_TEXT];
};

static bool say(struct job *j, const char *what, const char *why) {
    fprintf(stderr, "plantbus: %s%s%s\n", what, *what ? ": " : "", why);
    j->told = true;
    return false;
}

/* --- which nodes --------------------------------------------------------------------------------
 */

/* The tree comes as nodes in order, parents first. */
static bool add_names(struct job *j, const struct json_value *list) {
    struct buf names;
    buf_init(&names);
    j->node_n = json_count(list);
    j->node = calloc(j->node_n ? j->node_n : 1, sizeof *j->node);
    for (size_t i = 0; i < j->node_n; i++) {
        struct span id = {0};
        (void)json_string_of(json_find(json_at(list, i), "id"), &id); /* not there: refused later */
        (void)buf_add(&names, id.p, id.n);
        (void)buf_add_byte(&names, 0);
    }
    if (!j->node || names.failed || j->node_n > NODES_MAX) {
        buf_fini(&names);
        return say(j, "", "out of memory");
    }
    j->names = (char *)names.p; /* taken over */
    const char *at = j->names;
    for (size_t i = 0; i < j->node_n; i++, at += strlen(at) + 1)
        j->node[i] = at;
    return true;
}

static bool ask_nodes(struct job *j) {
    struct buf body;
    char why[CLIENT_WHY] = "out of memory";
    struct json_value *root = NULL;
    buf_init(&body);
    bool ok = client_get(&j->client, "/api/v1/plant", &body, why) || say(j, "", why);
    if (ok && json_parse(buf_span(&body), NULL, &root, NULL))
        ok = say(j, "", "the answer is no JSON");
    ok = ok && add_names(j, json_find(root, "nodes"));
    json_close(root);
    buf_fini(&body);
    return ok;
}

static bool take_nodes(struct job *j) {
    const struct args_texts *asked = &j->o->nodes;
    if (asked->n == 0)
        return ask_nodes(j);
    j->node = calloc(asked->n, sizeof *j->node);
    if (!j->node)
        return say(j, "", "out of memory");
    memcpy(j->node, asked->at, asked->n * sizeof *j->node);
    j->node_n = asked->n;
    return true;
}

/* --- where to go on -----------------------------------------------------------------------------
 */

/* "node,kind,time", as a CSV line begins and --next is written. */
static bool place_parse(struct span text, struct place *out) {
    const uint8_t *a = memchr(text.p, ',', text.n);
    const uint8_t *b = a ? memchr(a + 1, ',', text.n - (size_t)(a + 1 - text.p)) : NULL;
    if (!b || (size_t)(a - text.p) >= sizeof out->node || (size_t)(b - a) > sizeof out->kind)
        return false;
    (void)snprintf(out->node, sizeof out->node, "%.*s", (int)(a - text.p), (const char *)text.p);
    (void)snprintf(out->kind, sizeof out->kind, "%.*s", (int)(b - a - 1), (const char *)a + 1);
    struct span time = span_of(b + 1, text.n - (size_t)(b + 1 - text.p));
    const uint8_t *end = memchr(time.p, ',', time.n);
    time.n = end ? (size_t)(end - time.p) : time.n;
    out->set = utc_parse(time, &out->start_ms) == ERR_OK;
    return out->set;
}

static bool place_of_json(struct span line, struct place *out) {
    struct json_value *root = NULL;
    struct span node = {0}, kind = {0}, start = {0};
    bool ok = json_parse(line, NULL, &root, NULL) == ERR_OK &&
              json_string_of(json_find(root, "node"), &node) == ERR_OK &&
              json_string_of(json_find(root, "window"), &kind) == ERR_OK &&
              json_string_of(json_find(root, "start"), &start) == ERR_OK &&
              node.n < sizeof out->node && kind.n < sizeof out->kind &&
              utc_parse(start, &out->start_ms) == ERR_OK;
    if (ok) {
        (void)snprintf(out->node, sizeof out->node, "%.*s", (int)node.n, (const char *)node.p);
        (void)snprintf(out->kind, sizeof out->kind, "%.*s", (int)kind.n, (const char *)kind.p);
        out->set = true;
    }
    json_close(root);
    return ok;
}

/* The first line of a CSV, to be held against that of the first page: a file that is not of this
 * export must not get its lines. */
static bool keep_head(struct job *j, int fd) {
    uint8_t bytes[TAIL];
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    const uint8_t *end = n > 0 ? memchr(bytes, '\n', (size_t)n) : NULL;
    return end && buf_add(&j->head, bytes, (size_t)(end - bytes) + 1) == ERR_OK;
}

static bool same_head(const struct job *j, struct span head) {
    return j->head.n == 0 || head.n == 0 || span_equal(buf_span(&j->head), head);
}

/* The last whole line of what was written before: behind it the file is cut. */
static bool find_place(struct job *j, int fd, off_t size) {
    char *tail = malloc(TAIL);
    off_t from = size > TAIL ? size - TAIL : 0;
    ssize_t n = tail ? pread(fd, tail, TAIL, from) : -1;
    size_t end = n > 0 ? (size_t)n : 0;
    while (end > 0 && tail[end - 1] != '\n')
        end--;
    size_t begin = end ? end - 1 : 0;
    while (begin > 0 && tail[begin - 1] != '\n')
        begin--;
    struct span line = span_of(tail ? tail + begin : "", end ? end - 1 - begin : 0);
    bool head = !j->o->jsonl && from == 0 && begin == 0; /* nothing but the head stands there */
    bool ok = end == 0 ? from == 0
                       : head || (j->o->jsonl ? place_of_json(line, &j->go_on)
                                              : place_parse(line, &j->go_on));
    j->headed = !j->o->jsonl && end > 0;
    ok = ok && (!j->headed || keep_head(j, fd));
    if (ok)
        ok = ftruncate(fd, from + (off_t)end) == 0 && lseek(fd, 0, SEEK_END) >= 0;
    free(tail);
    return ok || say(j, j->beside, "nothing to go on from; leave --resume out to begin anew");
}

/* --- the file -----------------------------------------------------------------------------------
 */

static bool open_file(struct job *j) {
    j->to = stdout;
    if (!j->o->out)
        return true;
    int n = snprintf(j->beside, sizeof j->beside, "%s.part", j->o->out);
    if (n < 0 || (size_t)n >= sizeof j->beside)
        return say(j, j->o->out, "too long a name");
    int flags = O_RDWR | O_CREAT | O_CLOEXEC | (j->o->resume ? 0 : O_TRUNC);
    int fd = open(j->beside, flags, 0644);
    if (fd < 0)
        return say(j, j->beside, strerror(errno));
    off_t size = lseek(fd, 0, SEEK_END);
    bool ok = !j->o->resume || size == 0 || find_place(j, fd, size);
    j->to = ok ? fdopen(fd, "r+") : NULL;
    if (j->to)
        return fseek(j->to, 0, SEEK_END) == 0 || say(j, j->beside, strerror(errno));
    close(fd);
    return ok ? say(j, j->beside, strerror(errno)) : false;
}

static bool close_file(struct job *j, bool whole) {
    char why[WHOLE_FILE_WHY];
    if (!j->to)
        return false;
    bool ok = fflush(j->to) == 0;
    if (!j->o->out)
        return ok || say(j, "standard output", strerror(errno));
    ok = fsync(fileno(j->to)) == 0 && ok;
    ok = fclose(j->to) == 0 && ok;
    if (!ok)
        return say(j, j->beside, strerror(errno));
    if (!whole)
        return true;
    return whole_file_rename(j->beside, j->o->out, why) || say(j, "", why);
}

/* --- the walk -----------------------------------------------------------------------------------
 */

static bool put(struct job *j, struct span s) {
    return fwrite(s.p ? s.p : (const uint8_t *)"", 1, s.n, j->to) == s.n ||
           say(j, j->o->out ? j->beside : "standard output", strerror(errno));
}

/* All pages of one node and kind. */
static bool walk(struct job *j, struct pages *p) {
    char why[CLIENT_WHY];
    struct span head, lines = {.n = 1};
    struct buf body;
    bool ok = true;
    buf_init(&body);
    (void)snprintf(j->at_node, sizeof j->at_node, "%s", p->node);
    (void)snprintf(j->at_kind, sizeof j->at_kind, "%s", p->kind);
    (void)snprintf(j->at_next, sizeof j->at_next, "%s", p->next);
    while (ok && lines.n > 0) {
        ok = pages_take(p, &body, &head, &lines, why) || say(j, "", why);
        if (ok && !same_head(j, head))
            ok = say(j, j->beside, "its columns are others; leave --resume out to begin anew");
        if (ok && !j->headed)
            ok = put(j, head);
        j->headed = j->headed || ok;
        ok = ok && put(j, lines);
        if (ok)
            (void)snprintf(j->at_next, sizeof j->at_next, "%s", p->next);
    }
    buf_fini(&body);
    return ok;
}

static bool same(const struct place *g, const char *node, const char *kind) {
    return strcmp(g->node, node) == 0 && strcmp(g->kind, kind) == 0;
}

/* Nothing before the place; at the place itself behind its window. */
static bool walk_all(struct job *j) {
    const struct options *o = j->o;
    bool ok = true, found = !j->go_on.set;
    for (size_t n = 0; n < j->node_n && ok; n++)
        for (size_t k = 0; k < o->kinds.n && ok; k++) {
            struct pages p = {.client = &j->client,
                              .node = j->node[n],
                              .kind = o->kinds.at[k],
                              .product = o->product,
                              .team = o->team,
                              .from_ms = o->from_ms,
                              .to_ms = o->to_ms,
                              .csv = !o->jsonl};
            bool here = !found && same(&j->go_on, p.node, p.kind);
            found = found || here;
            if (here)
                utc_format(j->go_on.start_ms + 1, p.next);
            ok = !found || walk(j, &p);
        }
    return ok && (found || say(j, j->go_on.node, "it is not among the nodes and kinds asked for"));
}

static int run(const struct options *o) {
    struct job j = {.o = o};
    buf_init(&j.head);
    bool ok = client_open(&j.client, o->socket, o->url) == ERR_OK || say(&j, "", "out of memory");
    if (ok && o->next) {
        j.headed = true;
        ok = place_parse(span_str(o->next), &j.go_on) ||
             say(&j, "--next", "expected NODE,KIND,TIME");
        j.go_on.start_ms--; /* from where, not behind what */
    }
    ok = ok && take_nodes(&j) && open_file(&j);
    bool whole = ok && walk_all(&j);
    if (ok && !whole && !o->out && j.at_next[0])
        fprintf(stderr, "plantbus: go on with --next %s,%s,%s\n", j.at_node, j.at_kind, j.at_next);
    else if (ok && !whole && o->out)
        fprintf(stderr, "plantbus: go on with --resume; %s stays\n", j.beside);
    ok = ok && close_file(&j, whole);
    client_close(&j.client);
    free(j.node);
    free(j.names);
    buf_fini(&j.head);
    return ok && whole ? CTL_OK : CTL_FAILED;
}

static int print_columns(void) {
    struct buf text;
    buf_init(&text);
    bool ok = export_columns(&text) == ERR_OK && fwrite(text.p, 1, text.n, stdout) == text.n;
    buf_fini(&text);
    return ok && fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
}

static const char *wrong_with(const struct options *o) {
    if (o->resume && !o->out)
        return "--resume goes on with a file: say --out too";
    if (o->next && o->out)
        return "--next is for standard output; a file goes on with --resume";
    return o->from_ms == INT64_MIN ? "--from is missing: the begin of the period" : NULL;
}

int export_run(int argc, char **argv) {
    struct options o = {.from_ms = INT64_MIN, .to_ms = INT64_MAX};
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &o.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &o.url, "address of the page; else http://127.0.0.1:8080"},
        {"from", "TIME", ARGS_TIME, &o.from_ms, "windows that begin then or later"},
        {"to", "TIME", ARGS_TIME, &o.to_ms, "windows that begin before; else up to now"},
        {"node", "ID", ARGS_TEXTS, &o.nodes, "several times; else all, parents first"},
        {"kind", "KIND", ARGS_TEXTS, &o.kinds, "several times; else 15min, hour, shift, day"},
        {"product", "NAME", ARGS_TEXT, &o.product, "of one product (shift, day)"},
        {"team", "NAME", ARGS_TEXT, &o.team, "of one team (shift, day)"},
        {"jsonl", NULL, ARGS_FLAG, &o.jsonl, "JSON, one window a line, instead of CSV"},
        {"out", "FILE", ARGS_TEXT, &o.out, "written beside as FILE.part, renamed when whole"},
        {"resume", NULL, ARGS_FLAG, &o.resume, "go on with FILE.part where it was cut short"},
        {"next", "PLACE", ARGS_TEXT, &o.next, "go on from NODE,KIND,TIME, as told when cut short"},
        {"columns", NULL, ARGS_FLAG, &o.columns, "print every column with its unit, no more"}};
    const struct args args = {
        .usage = "export --from TIME [OPTION...] | export --columns",
        .about =
            "Writes stored windows of many nodes and kinds, each with its revision and cause,\n"
            "coverage, exact sums as whole numbers, and every indicator with its numerator and\n"
            "denominator. Page by page, so any period fits.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    if (o.columns)
        return print_columns();
    const char *wrong = wrong_with(&o);
    if (wrong) {
        fprintf(stderr, "plantbus: %s\n", wrong);
        return CTL_USAGE;
    }
    if (o.kinds.n == 0)
        o.kinds = (struct args_texts){{"15min", "hour", "shift", "day"}, 4};
    return run(&o);
}
