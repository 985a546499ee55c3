#include "ctl/energy_source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/whole_file.h"
#include "energy/batches.h"
#include "energy/columns.h"
#include "energy/window_in.h"

enum { PAGE = 1000 };

static int fail(const char *why, int code) {
    fprintf(stderr, "plantbus: %s\n", why);
    return code;
}

static int read_file(const char *path, struct buf *out) {
    char why[WHOLE_FILE_WHY];
    return whole_file_read(path, out, NULL, why) ? CTL_OK : fail(why, CTL_FAILED);
}

static bool asks(const struct energy_source *s, const struct energy_spec *spec) {
    return !s->windows && spec->grain != ENERGY_BATCH;
}

/* --- the aggregator -----------------------------------------------------------------------------
 */

static const char *text_of(const struct json_value *v, const char *key) {
    struct span s = span_str("");
    (void)json_string_of(json_find(v, key), &s); /* not there: empty */
    return (const char *)s.p;
}

/* GET and parse; the caller closes the root. */
static int get(struct client *c, const char *path, struct json_value **root) {
    struct buf body;
    char why[CLIENT_WHY];
    struct json_error wrong;
    int code = CTL_OK;
    buf_init(&body);
    if (!client_get(c, path, &body, why))
        code = fail(why, CTL_FAILED);
    else if (json_parse(buf_span(&body), NULL, root, &wrong))
        code = fail(wrong.text, CTL_FAILED);
    buf_fini(&body);
    return code;
}

static int add_children(const struct json_value *plant, struct energy_spec *spec) {
    const struct json_value *nodes = json_find(plant, "nodes");
    char why[ENERGY_WHY];
    for (size_t i = 0; i < json_count(nodes); i++) {
        const struct json_value *n = json_at(nodes, i);
        bool commissioning = false;
        (void)json_bool_of(json_find(n, "commissioning"), &commissioning);
        if (commissioning || strcmp(text_of(n, "parent"), spec->node.s) != 0)
            continue;
        if (spec->part_n == ENERGY_PARTS_MAX) {
            fprintf(stderr, "note: %s has more than %d nodes below it: name parts with --part\n",
                    spec->node.s, ENERGY_PARTS_MAX);
            spec->part_n = 0;
            return CTL_OK;
        }
        if (!energy_spec_add_part(spec, text_of(n, "id"), why))
            return fail(why, CTL_FAILED);
    }
    return CTL_OK;
}

int energy_source_complete(const struct energy_source *s, struct energy_spec *spec,
                           char zone[ENERGY_TEXT], bool parts) {
    struct client client;
    struct json_value *plant = NULL;
    if (!asks(s, spec))
        return CTL_OK;
    int code = client_open(&client, s->socket, s->url) ? fail("out of memory", CTL_FAILED)
                                                       : get(&client, "/api/v1/plant", &plant);
    if (code == CTL_OK && !zone[0])
        (void)snprintf(zone, ENERGY_TEXT, "%s", text_of(plant, "zone"));
    if (code == CTL_OK && parts && spec->part_n == 0)
        code = add_children(plant, spec);
    json_close(plant);
    client_close(&client);
    return code;
}

struct asked {
    const char *node, *kind;
    const char *product; /* NULL: of the node as a whole */
};

/* Windows of a node, page by page. */
static int ask_node(const struct energy_source *s, struct client *c, const struct asked *what,
                    energy_window_take take, void *user) {
    char next[UTC_TEXT] = "1970-01-01T00:00:00Z", end[UTC_TEXT];
    struct buf path;
    int code = CTL_OK;
    if (s->from_ms != INT64_MIN)
        utc_format(s->from_ms, next);
    buf_init(&path);
    while (code == CTL_OK && next[0]) {
        struct json_value *root = NULL;
        char why[ENERGY_WHY];
        buf_reset(&path);
        (void)buf_addf(&path, "/api/v1/windows?limit=%d&kind=%s", PAGE, what->kind);
        client_add_argument(&path, "node", what->node);
        client_add_argument(&path, "from", next);
        if (s->to_ms != INT64_MAX) {
            utc_format(s->to_ms, end);
            client_add_argument(&path, "to", end);
        }
        if (what->product)
            client_add_argument(&path, "product", what->product);
        code = buf_add_byte(&path, 0) ? fail("out of memory", CTL_FAILED)
                                      : get(c, (const char *)path.p, &root);
        const struct json_value *list = json_find(root, "windows");
        for (size_t i = 0; code == CTL_OK && i < json_count(list); i++)
            if (!window_in_json("/api/v1/windows", i + 1, json_at(list, i), take, user, why))
                code = fail(why, CTL_FAILED);
        (void)snprintf(next, sizeof next, "%s", text_of(root, "next"));
        json_close(root);
    }
    buf_fini(&path);
    return code;
}

/* Whether a node was asked for before driver i. */
static bool asked_before(const struct energy_spec *spec, size_t i) {
    const struct ident *node = &spec->driver[i].node;
    bool before = ident_equal(node, &spec->node);
    for (size_t k = 0; k < spec->part_n; k++)
        before = before || ident_equal(node, &spec->part[k]);
    for (size_t k = 0; k < i; k++)
        before = before || (spec->driver[k].kind == ENERGY_QUANTITY &&
                            ident_equal(node, &spec->driver[k].node));
    return before;
}

/* Whether its product's windows were. */
static bool product_before(const struct energy_spec *spec, size_t i) {
    bool before = false;
    for (size_t k = 0; k < i; k++)
        before = before || (spec->driver[k].kind == ENERGY_QUANTITY &&
                            strcmp(spec->driver[i].product, spec->driver[k].product) == 0 &&
                            ident_equal(&spec->driver[i].node, &spec->driver[k].node));
    return before;
}

static int ask_all(const struct energy_source *s, const struct energy_spec *spec, struct client *c,
                   struct days *to) {
    int code = ask_node(s, c, &(struct asked){spec->node.s, "day", NULL}, days_take, to);
    for (size_t i = 0; i < spec->part_n && code == CTL_OK; i++)
        code = ask_node(s, c, &(struct asked){spec->part[i].s, "day", NULL}, days_take, to);
    for (size_t i = 0; i < spec->driver_n && code == CTL_OK; i++) {
        const struct energy_driver *d = &spec->driver[i];
        if (d->kind != ENERGY_QUANTITY)
            continue;
        if (!asked_before(spec, i))
            code = ask_node(s, c, &(struct asked){d->node.s, "day", NULL}, days_take, to);
        if (code == CTL_OK && d->product[0] && !product_before(spec, i))
            code = ask_node(s, c, &(struct asked){d->node.s, "day", d->product}, days_take, to);
    }
    return code;
}

static int ask(const struct energy_source *s, const struct energy_spec *spec, struct days *to) {
    struct client client;
    int code = client_open(&client, s->socket, s->url) ? fail("out of memory", CTL_FAILED)
                                                       : ask_all(s, spec, &client, to);
    client_close(&client);
    return code;
}

/* --- files --------------------------------------------------------------------------------------
 */

static int read_windows(const char *path, energy_window_take take, void *user) {
    struct buf text;
    char why[ENERGY_WHY];
    buf_init(&text);
    int code = read_file(path, &text);
    if (code == CTL_OK && !window_in_text(path, buf_span(&text), take, user, why))
        code = fail(why, CTL_FAILED);
    buf_fini(&text);
    return code;
}

static int read_columns(const char *path, const struct energy_spec *spec, struct columns *out) {
    struct buf text;
    char why[ENERGY_WHY];
    *out = (struct columns){0};
    if (!energy_spec_has_columns(spec))
        return CTL_OK;
    if (!path)
        return fail("a driver needs the drivers' file: --drivers FILE", CTL_USAGE);
    buf_init(&text);
    int code = read_file(path, &text);
    if (code == CTL_OK && !columns_open(out, spec, path, buf_span(&text), why))
        code = fail(why, CTL_FAILED);
    buf_fini(&text);
    return code;
}

static int read_batches(const struct energy_source *s, const struct energy_spec *spec,
                        struct energy_rows *out) {
    struct buf text;
    char why[ENERGY_WHY];
    if (!s->table)
        return fail("batches come from a table: --table FILE", CTL_USAGE);
    buf_init(&text);
    int code = read_file(s->table, &text);
    if (code == CTL_OK && !batches_take(spec, s->table, buf_span(&text), out, why))
        code = fail(why, CTL_FAILED);
    if (code == CTL_OK)
        energy_rows_cut(out, s->from_ms, s->to_ms);
    buf_fini(&text);
    return code;
}

static int open_zone(const char *name, struct zone **out) {
    struct buf tzif;
    char why[ENERGY_WHY];
    if (!name[0])
        return CTL_OK;
    buf_init(&tzif);
    enum err err = clock_zone_bytes(name, &tzif);
    if (!err)
        err = zone_open(buf_span(&tzif), out);
    buf_fini(&tzif);
    (void)snprintf(why, sizeof why, "time zone %s: %s", name, err_name(err));
    return err ? fail(why, CTL_USAGE) : CTL_OK;
}

/* --- the period ---------------------------------------------------------------------------------
 */

static int parse_moment(const char *name, const char *text, enum energy_grain grain,
                        const struct zone *zone, int64_t *out) {
    char full[64];
    if (!text)
        return CTL_OK;
    bool date = strlen(text) == 10;
    (void)snprintf(full, sizeof full, "%.40s%s", text, date ? "T00:00:00Z" : "");
    if (utc_parse(span_str(full), out)) {
        fprintf(stderr, "plantbus: --%s %s: expected a time such as %s or a date\n", name, text,
                "2026-11-23T06:00:00Z");
        return CTL_USAGE;
    }
    struct utc_parts midnight = utc_to_parts(*out);
    if (date && zone)
        *out = zone_instant(zone, &midnight);
    else if (date && grain != ENERGY_BATCH)
        *out -= UTC_DAY_MS / 2;
    return CTL_OK;
}

int energy_source_period(struct energy_source *s, enum energy_grain grain, const char *zone_name) {
    struct zone *zone = NULL;
    s->from_ms = INT64_MIN;
    s->to_ms = INT64_MAX;
    int code = open_zone(zone_name, &zone);
    if (code == CTL_OK)
        code = parse_moment("from", s->from, grain, zone, &s->from_ms);
    if (code == CTL_OK)
        code = parse_moment("to", s->to, grain, zone, &s->to_ms);
    zone_close(zone);
    return code;
}

/* --- rows ---------------------------------------------------------------------------------------
 */

static int take_days(const struct energy_source *s, const struct energy_spec *spec,
                     const struct zone *zone, struct energy_rows *out) {
    struct days *days = NULL;
    struct columns columns;
    char why[ENERGY_WHY];
    int code = read_columns(s->columns, spec, &columns);
    const struct days_columns view = columns_view(&columns);
    if (code == CTL_OK && days_open(spec, zone, &days))
        code = fail("out of memory", CTL_FAILED);
    if (code == CTL_OK)
        code = s->windows ? read_windows(s->windows, days_take, days) : ask(s, spec, days);
    if (code == CTL_OK && !days_finish(days, &view, s->from_ms, s->to_ms, out, why)) {
        fprintf(stderr, "plantbus: %s: %s\n", s->windows ? s->windows : "the aggregator", why);
        code = CTL_FAILED;
    }
    for (size_t i = 0; code == CTL_OK && i < spec->part_n; i++)
        if (!days_part_seen(days, i))
            fprintf(stderr, "note: the part %s has no window of a day in this time\n",
                    spec->part[i].s);
    days_close(days);
    columns_close(&columns);
    return code;
}

int energy_source_rows(const struct energy_source *s, const struct energy_spec *spec,
                       const char *zone_name, struct energy_rows *out) {
    struct zone *zone = NULL;
    int code = open_zone(zone_name, &zone);
    if (code == CTL_OK)
        code = spec->grain == ENERGY_BATCH ? read_batches(s, spec, out)
                                           : take_days(s, spec, zone, out);
    zone_close(zone);
    return code;
}

struct choice { /* from a file everything comes */
    const struct energy_source *source;
    const char *node, *kind;
    energy_window_take take;
    void *user;
};

static enum err take_chosen(void *user, const struct energy_window *w) {
    const struct choice *c = user;
    const struct energy_source *s = c->source;

    if (!span_equal(w->node, span_str(c->node)) || !span_equal(w->kind, span_str(c->kind)) ||
        w->product.n > 0 || w->team.n > 0 || w->start_ms < s->from_ms || w->start_ms >= s->to_ms)
        return ERR_OK;
    return c->take(c->user, w);
}

int energy_source_windows(const struct energy_source *s, const char *node, const char *kind,
                          energy_window_take take, void *user) {
    struct choice choice = {s, node, kind, take, user};
    struct client client;

    if (s->windows)
        return read_windows(s->windows, take_chosen, &choice);
    int code = client_open(&client, s->socket, s->url)
                   ? fail("out of memory", CTL_FAILED)
                   : ask_node(s, &client, &(struct asked){node, kind, NULL}, take_chosen, &choice);
    client_close(&client);
    return code;
}

static const struct json_value *node_find(const struct json_value *nodes, const char *id) {
    for (size_t i = 0; i < json_count(nodes); i++)
        if (strcmp(text_of(json_at(nodes, i), "id"), id) == 0)
            return json_at(nodes, i);
    return NULL;
}

/* Parents stand before children, so the walk up ends. */
static bool lies_below(const struct json_value *nodes, const struct json_value *n,
                       const char *above) {
    for (size_t steps = json_count(nodes); n && steps > 0; steps--) {
        if (strcmp(text_of(n, "id"), above) == 0)
            return true;
        n = node_find(nodes, text_of(n, "parent"));
    }
    return false;
}

static bool is_counted_unit(const struct json_value *n) {
    bool commissioning = false;
    (void)json_bool_of(json_find(n, "commissioning"), &commissioning);
    return !commissioning && strcmp(text_of(n, "level"), "unit") == 0;
}

static int no_node(const struct json_value *nodes, const char *node) {
    const char **id = calloc(json_count(nodes) + 1, sizeof *id);
    for (size_t i = 0; id && i < json_count(nodes); i++)
        id[i] = text_of(json_at(nodes, i), "id");
    const char *near = id ? ident_nearest(node, id, json_count(nodes)) : NULL;
    fprintf(stderr, "plantbus: %s: no node of the plant has this id%s%s%s\n", node,
            near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    free(id);
    return CTL_FAILED;
}

static int units_of(const struct json_value *plant, const char *node, struct ident **out,
                    size_t *n) {
    const struct json_value *nodes = json_find(plant, "nodes");
    if (!node_find(nodes, node))
        return no_node(nodes, node);
    struct ident *at = calloc(json_count(nodes) + 1, sizeof *at);
    *n = 0;
    if (!at)
        return fail("out of memory", CTL_FAILED);
    for (size_t i = 0; i < json_count(nodes); i++) {
        const struct json_value *x = json_at(nodes, i);
        if (is_counted_unit(x) && lies_below(nodes, x, node) &&
            ident_set(&at[*n], span_str(text_of(x, "id"))))
            ++*n;
    }
    *out = at;
    if (*n > 0)
        return CTL_OK;
    free(at);
    *out = NULL;
    return fail("no unit below that node", CTL_FAILED);
}

int energy_source_contract(const struct energy_source *s, const char *node, int64_t *contract_uw) {
    struct client client;
    struct json_value *plant = NULL;
    double kw = 0;
    int code = client_open(&client, s->socket, s->url) ? fail("out of memory", CTL_FAILED)
                                                       : get(&client, "/api/v1/plant", &plant);
    const struct json_value *n = node_find(json_find(plant, "nodes"), node);
    if (json_double_of(json_find(n, "contract_kw"), &kw))
        kw = 0;
    *contract_uw = (int64_t)llround(kw * 1e9);
    json_close(plant);
    client_close(&client);
    return code;
}

int energy_source_units(const struct energy_source *s, const char *node, struct ident **out,
                        size_t *n) {
    struct client client;
    struct json_value *plant = NULL;
    int code = client_open(&client, s->socket, s->url) ? fail("out of memory", CTL_FAILED)
                                                       : get(&client, "/api/v1/plant", &plant);
    if (code == CTL_OK)
        code = units_of(plant, node, out, n);
    json_close(plant);
    client_close(&client);
    return code;
}
