/* What the ledger holds, for people. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utc.h"
#include "ctl/answer.h"
#include "ctl/list.h"
#include "ctl/norm.h"
#include "ctl/past_ask.h"

enum { WIDTH = 200, PATH = 512 };

static const struct json_value *in(const struct json_value *n, const char *map, const char *key) {
    return json_find(json_find(json_find(n, "fields"), map), key);
}

static void put_span(struct cells *c, struct span s, unsigned columns) {
    cells_field(c, STYLE_PLAIN, s, columns, false);
}

static struct span text_in(const struct json_value *n, const char *map, const char *key) {
    struct span s = {0};
    (void)json_string_of(in(n, map, key), &s);
    return s;
}

/* "press-1 bolt red": what the scope names. */
static void scope_text(const struct json_value *n, char text[120]) {
    static const char *const keys[] = {"node", "product", "operation", "team"};
    size_t used = 0;
    text[0] = 0;
    for (size_t i = 0; i < 4; i++) {
        const struct span s = text_in(n, "scope", keys[i]);
        if (s.n && used < 110)
            used += (size_t)snprintf(text + used, 120 - used, "%s%.*s", used ? " " : "", (int)s.n,
                                     (const char *)s.p);
    }
    if (!used)
        (void)snprintf(text, 120, "site");
}

static void value_text(const struct json_value *n, char text[64]) {
    const struct json_value *f = json_find(n, "fields");
    const struct span unit = answer_text(f, "unit");
    double v = NAN, low = NAN, high = NAN;
    (void)json_double_of(json_find(f, "value"), &v);
    const bool band = json_double_of(json_find(f, "low"), &low) == ERR_OK &&
                      json_double_of(json_find(f, "high"), &high) == ERR_OK;
    if (band)
        (void)snprintf(text, 64, "%.6g..%.6g %.*s", low, high, (int)unit.n,
                       unit.n ? (const char *)unit.p : "");
    else
        (void)snprintf(text, 64, "%.6g %.*s", v, (int)unit.n, unit.n ? (const char *)unit.p : "");
}

/* Of the plant's zone: a norm from 2026-01-01 on begins with that day there. */
static struct span day_of(const struct json_value *n, const char *key) {
    return answer_text(json_find(n, "days"), key);
}

static void put_norm(struct cells *c, const struct json_value *n) {
    const struct json_value *f = json_find(n, "fields");
    char text[120];
    bool overdue = false;
    struct span subject = answer_text(f, "indicator");
    (void)json_bool_of(json_find(n, "overdue"), &overdue);
    put_span(c, answer_text(n, "id"), 26);
    put_span(c, subject.n ? subject : answer_text(f, "quantity"), 24);
    scope_text(n, text);
    put_span(c, span_str(text), 26);
    value_text(n, text);
    put_span(c, span_str(text), 20);
    put_span(c, answer_text(f, "origin").n ? answer_text(f, "origin") : span_str("own"), 10);
    put_span(c, answer_text(n, "status"), 12);
    put_span(c, day_of(n, "from"), 12);
    put_span(c, day_of(n, "due"), 12);
    cells_put(c, overdue ? STYLE_WARN : STYLE_PLAIN, answer_text(f, "owner"));
    cells_put(c, STYLE_WARN, span_str(overdue ? "  overdue" : ""));
    cells_end(c);
}

static const struct list_column column[] = {
    {"id", 26, false},    {"of", 24, false},     {"where", 26, false},
    {"value", 20, false}, {"origin", 10, false}, {"status", 12, false},
    {"from", 12, false},  {"due", 12, false},    {"owner", 16, false}};

static bool print_page(const struct json_value *root, bool head, struct buf *out) {
    const struct json_value *list = json_find(root, "norms");
    struct cells c = {.out = out, .width = WIDTH};
    if (head && json_count(list))
        list_head(&c, column, sizeof column / sizeof *column);
    for (size_t i = 0; i < json_count(list); i++)
        put_norm(&c, json_at(list, i));
    return !out->failed &&
           fwrite(out->p ? out->p : (const uint8_t *)"", 1, out->n, stdout) == out->n;
}

struct listing {
    struct norm_link link;
    const char *node, *indicator, *state;
    bool json;
};

static bool path_of(const struct listing *o, bool overdue, int64_t from, struct buf *path) {
    char text[24];
    (void)buf_add_str(path, "/api/v1/norms?limit=100");
    if (o->node)
        client_add_argument(path, "node", o->node);
    if (o->indicator)
        client_add_argument(path, "indicator", o->indicator);
    if (o->state)
        client_add_argument(path, "state", o->state);
    if (overdue)
        client_add_argument(path, "overdue", "1");
    (void)snprintf(text, sizeof text, "%" PRId64, from);
    client_add_argument(path, "from", text);
    return buf_add_byte(path, 0) == ERR_OK;
}

/* Page by page. */
static int list(const struct listing *o, bool overdue) {
    int64_t from = 0;
    bool ok = true, more = true;
    size_t n = 0;
    while (ok && more) {
        struct json_value *root = NULL;
        struct buf path, out;
        buf_init(&path);
        buf_init(&out);
        ok = path_of(o, overdue, from, &path) && norm_ask(&o->link, (const char *)path.p, &root) &&
             print_page(root, n == 0, &out);
        n += json_count(json_find(root, "norms"));
        more = json_int64_of(json_find(root, "next"), &from) == ERR_OK;
        json_close(root);
        buf_fini(&path);
        buf_fini(&out);
    }
    if (ok && n == 0)
        fputs(overdue ? "plantbus: nothing is overdue\n" : "plantbus: no norm\n", stderr);
    return ok && fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
}

/* As the API gives it, one page. */
static int print_raw(const struct norm_link *link, const char *path) {
    struct buf body;
    buf_init(&body);
    const bool ok = past_get(link->socket, link->url, path, &body) &&
                    printf("%.*s\n", (int)body.n, (const char *)body.p) > 0;
    buf_fini(&body);
    return ok ? CTL_OK : CTL_FAILED;
}

static int list_run(int argc, char **argv, bool overdue) {
    struct listing o = {0};
    struct args_row rows[4 + NORM_LINK_ROWS] = {
        {"node", "ID", ARGS_TEXT, &o.node, "of this node, and of those above and below it"},
        {"indicator", "ID", ARGS_TEXT, &o.indicator, "of one indicator"},
        {"state", "STATE", ARGS_TEXT, &o.state, "draft, proposed, trial ... in_force, superseded"},
        {"json", NULL, ARGS_FLAG, &o.json, "as the API gives it, the first hundred"}};
    const struct args args = {
        .usage = overdue ? "norm due [OPTION...]" : "norm list [OPTION...]",
        .about = overdue ? "Prints norms whose next step is overdue, and who owns it."
                         : "Prints norms in the order they came, with their next step.",
        .rows = rows,
        .row_n = 4 + NORM_LINK_ROWS};
    struct args_texts operands;
    struct buf path;
    norm_link_rows(&o.link, rows + 4);
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    if (!o.json)
        return list(&o, overdue);
    buf_init(&path);
    const int code =
        path_of(&o, overdue, 0, &path) ? print_raw(&o.link, (const char *)path.p) : CTL_FAILED;
    buf_fini(&path);
    return code;
}

int norm_list_run(int argc, char **argv) {
    return list_run(argc, argv, false);
}

int norm_due_run(int argc, char **argv) {
    return list_run(argc, argv, true);
}

/* --- one -------------------------------------------------------------------------------------- */

static void put_scalar(const struct json_value *v) {
    struct span s;
    double x = 0;
    bool yes = false;
    if (json_string_of(v, &s) == ERR_OK)
        printf("%.*s\n", (int)s.n, (const char *)s.p);
    else if (json_bool_of(v, &yes) == ERR_OK)
        puts(yes ? "true" : "false");
    else if (json_double_of(v, &x) == ERR_OK)
        printf("%.10g\n", x);
    else
        puts("");
}

static void put_tree(const struct json_value *v, int indent) {
    struct json_walk walk = {0};
    for (size_t i = 0; json_kind(v) == JSON_KIND_ARRAY && i < json_count(v); i++) {
        printf("%*s-\n", indent, "");
        put_tree(json_at(v, i), indent + 2);
    }
    while (json_next(v, &walk)) {
        const enum json_kind k = json_kind(walk.value);
        const bool deep = k == JSON_KIND_OBJECT || k == JSON_KIND_ARRAY;
        printf("%*s%.*s:%s", indent, "", (int)walk.key.n, (const char *)walk.key.p,
               deep ? "\n" : " ");
        if (deep)
            put_tree(walk.value, indent + 2);
        else
            put_scalar(walk.value);
    }
}

static void put_event(const struct json_value *e) {
    const struct span when = answer_text(e, "when"), who = answer_text(e, "who"),
                      action = answer_text(e, "action"), why = answer_text(e, "why"),
                      from = answer_text(e, "from"), to = answer_text(e, "to");
    printf("  %5" PRId64 "  %.19s  %-9.*s %-9.*s -> %-10.*s %.*s", answer_number(e, "event"),
           when.n ? (const char *)when.p : "", (int)action.n, (const char *)action.p, (int)from.n,
           from.n ? (const char *)from.p : "", (int)to.n, (const char *)to.p, (int)who.n,
           (const char *)who.p);
    printf("%s%.*s\n", why.n ? ": " : "", (int)why.n, why.n ? (const char *)why.p : "");
}

static int show(const struct norm_link *link, const char *id, bool json) {
    struct json_value *root = NULL;
    char path[PATH];
    (void)snprintf(path, sizeof path, "/api/v1/norms/%.100s", id);
    if (json)
        return print_raw(link, path);
    if (!norm_ask(link, path, &root))
        return CTL_FAILED;
    const struct span status = answer_text(root, "status"), until = day_of(root, "until"),
                      by = answer_text(root, "superseded_by"),
                      brought = answer_text(root, "imported_by");
    printf("%s: %.*s%s%.10s%s%.*s", id, (int)status.n, (const char *)status.p,
           until.n ? " until " : "", until.n ? (const char *)until.p : "",
           by.n ? ", superseded by " : "", (int)by.n, by.n ? (const char *)by.p : "");
    printf("%s%.*s\n", brought.n ? ", imported by " : "", (int)brought.n,
           brought.n ? (const char *)brought.p : "");
    put_tree(json_find(root, "fields"), 2);
    puts("history");
    const struct json_value *history = json_find(root, "history");
    for (size_t i = 0; i < json_count(history); i++)
        put_event(json_at(history, i));
    json_close(root);
    return fflush(stdout) ? CTL_FAILED : CTL_OK;
}

int norm_show_run(int argc, char **argv) {
    struct norm_link link = {0};
    bool json = false;
    struct args_row rows[1 + NORM_LINK_ROWS] = {
        {"json", NULL, ARGS_FLAG, &json, "as the API gives it"}};
    const struct args args = {.usage = "norm show ID [OPTION...]",
                              .about = "Prints one norm, field by field, and its history.",
                              .rows = rows,
                              .row_n = 1 + NORM_LINK_ROWS,
                              .least = 1,
                              .most = 1};
    struct args_texts operands;
    norm_link_rows(&link, rows + 1);
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    return v == ARGS_GO ? show(&link, operands.at[0], json) : args_exit(v);
}

/* --- which one, and why ------------------------------------------------------------------------
 */

struct asking {
    struct norm_link link;
    const char *quantity, *product, *operation, *team, *at;
    bool json;
};

static void put_why(const struct json_value *root) {
    const struct json_value *n = json_find(root, "norm"), *others = json_find(root, "not_chosen");
    char value[64], scope[120];
    bool bound = false, plan = false;
    if (json_kind(n) == JSON_KIND_NULL) {
        puts("no norm is in force there then");
        return;
    }
    value_text(n, value);
    scope_text(n, scope);
    const struct span id = answer_text(n, "id"), from = day_of(n, "from"),
                      operation = answer_text(root, "operation");
    printf("%.*s: %s, of %s, since %.10s\n", (int)id.n, (const char *)id.p, value, scope,
           from.n ? (const char *)from.p : "");
    if (operation.n)
        printf("  asked for in the operation %.*s\n", (int)operation.n, (const char *)operation.p);
    (void)json_bool_of(json_find(root, "bound"), &bound);
    (void)json_bool_of(json_find(root, "plan_required"), &plan);
    if (bound)
        puts("  it binds, and stands in the place of a weaker one of ours");
    if (plan)
        puts("  it lies beyond our best: a plan is required");
    for (size_t i = 0; i < json_count(others); i++) {
        const struct span other = answer_text(json_at(others, i), "id"),
                          because = answer_text(json_at(others, i), "because");
        printf("  not %.*s: it %.*s\n", (int)other.n, (const char *)other.p, (int)because.n,
               (const char *)because.p);
    }
}

static int why(const struct asking *o, const char *node, const char *indicator) {
    struct json_value *root = NULL;
    struct buf path;
    int code = CTL_FAILED;
    buf_init(&path);
    (void)buf_add_str(&path, "/api/v1/norms/why?");
    client_add_argument(&path, "node", node);
    if (indicator)
        client_add_argument(&path, "indicator", indicator);
    if (o->quantity)
        client_add_argument(&path, "quantity", o->quantity);
    if (o->product)
        client_add_argument(&path, "product", o->product);
    if (o->operation)
        client_add_argument(&path, "operation", o->operation);
    if (o->team)
        client_add_argument(&path, "team", o->team);
    if (o->at)
        client_add_argument(&path, "at", o->at);
    const bool ready = buf_add_byte(&path, 0) == ERR_OK;
    if (ready && o->json) {
        code = print_raw(&o->link, (const char *)path.p);
    } else if (ready && norm_ask(&o->link, (const char *)path.p, &root)) {
        put_why(root);
        json_close(root);
        code = fflush(stdout) ? CTL_FAILED : CTL_OK;
    }
    buf_fini(&path);
    return code;
}

int norm_why_run(int argc, char **argv) {
    struct asking o = {0};
    struct args_row rows[6 + NORM_LINK_ROWS] = {
        {"at", "TIME", ARGS_TEXT, &o.at, "in force then; else now"},
        {"product", "ID", ARGS_TEXT, &o.product, "when this product is made"},
        {"operation", "ID", ARGS_TEXT, &o.operation, "in this operation"},
        {"team", "ID", ARGS_TEXT, &o.team, "by this team"},
        {"quantity", "TEXT", ARGS_TEXT, &o.quantity, "of a quantity instead of an indicator"},
        {"json", NULL, ARGS_FLAG, &o.json, "as the API gives it"}};
    const struct args args = {
        .usage = "norm why NODE INDICATOR [OPTION...]",
        .about = "Says which norm is in force at a node, and why none of the others.",
        .rows = rows,
        .row_n = 6 + NORM_LINK_ROWS,
        .least = 1,
        .most = 2};
    struct args_texts operands;
    norm_link_rows(&o.link, rows + 6);
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    return v == ARGS_GO ? why(&o, operands.at[0], operands.n > 1 ? operands.at[1] : NULL)
                        : args_exit(v);
}
