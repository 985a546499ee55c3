/* GET /api/v1/energy/demand, baseline, cusum, report and balance: checked here, read off the loop
 * like all of the past. */
#include <stdio.h>
#include <stdlib.h>

#include "web/web_impl.h"

/* Quarters and rows of days in one answer. */
#define LONGEST_MS (1100 * UTC_DAY_MS)
#define LONGEST_QUARTERS_MS (100 * UTC_DAY_MS)
enum { BALANCE_WINDOWS_MAX = 250000 };

struct asked {
    const struct plant *plant;
    struct view_history out;
    struct view_energy_ask *energy; /* out.energy, until it is handed on */
    bool node, reference, trial;
    char text[BASELINE_DRIVERS_MAX][ENERGY_TEXT];
    size_t driver_n;
    bool no_such_node;
    char wrong[ENERGY_WHY + 40];
};

static const char *nearest(struct asked *a, const char *wrong, const char *text,
                           const char *const *legal, size_t n) {
    const char *near = legal ? ident_nearest(text, legal, n) : NULL;
    snprintf(a->wrong, sizeof a->wrong, near ? "%s; did you mean %s?" : "%s", wrong, near);
    return a->wrong;
}

/* What a room of energy says is wrong with an argument. */
static const char *named(struct asked *a, const char *argument, const char *why) {
    snprintf(a->wrong, sizeof a->wrong, "%s: %s", argument, why);
    return a->wrong;
}

static const char *take_node(struct asked *a, const char *text) {
    const struct plant *p = a->plant;
    a->node = true;
    a->out.query.node = plant_find_node(p, text);
    if (a->out.query.node != UINT32_MAX)
        return NULL;
    a->no_such_node = true;
    const char **legal = calloc(p->node_n + 1, sizeof *legal);
    for (size_t i = 0; legal && i < p->node_n; i++)
        legal[i] = p->node[i].id.s;
    const char *wrong =
        nearest(a, "node: no node of the plant has this id", text, legal, p->node_n);
    free(legal);
    return wrong;
}

#define TIME_EXPECTED "expected a time such as 2026-11-23T06:00:00Z, a date or milliseconds"

static const char *take_from(struct asked *a, const char *text) {
    a->energy->from = true;
    return past_time(text, &a->out.query.from_ms) ? NULL : "from: " TIME_EXPECTED;
}

static const char *take_to(struct asked *a, const char *text) {
    return past_time(text, &a->out.query.to_ms) ? NULL : "to: " TIME_EXPECTED;
}

static const char *take_reference_from(struct asked *a, const char *text) {
    a->reference = a->trial = true;
    return past_time(text, &a->energy->reference_from_ms) ? NULL : "reference_from: " TIME_EXPECTED;
}

static const char *take_reference_to(struct asked *a, const char *text) {
    a->trial = true;
    return past_time(text, &a->energy->reference_to_ms) ? NULL : "reference_to: " TIME_EXPECTED;
}

static const char *take_grain(struct asked *a, const char *text) {
    char why[ENERGY_WHY];
    a->trial = true;
    if (strcmp(text, "batch") == 0 || !energy_spec_set_grain(&a->energy->spec, text, why))
        return "grain: day or week; batches stand in a table of the tool's, plantbus energy";
    return NULL;
}

/* Kept until the node is known. */
static const char *take_driver(struct asked *a, const char *text) {
    a->trial = true;
    if (a->driver_n == BASELINE_DRIVERS_MAX)
        return "driver: too many of them";
    const int n = snprintf(a->text[a->driver_n], ENERGY_TEXT, "%s", text);
    if (n <= 0 || n >= ENERGY_TEXT)
        return "driver: expected [NODE/]QUANTITY[:PRODUCT], such as gq";
    a->driver_n++;
    return NULL;
}

static const char *take_profile(struct asked *a, const char *text) {
    a->trial = true;
    for (unsigned p = 0; p < BASELINE_PROFILE_COUNT; p++)
        if (strcmp(text, baseline_profile((enum baseline_profile)p)->name) == 0) {
            a->energy->profile = (enum baseline_profile)p;
            return NULL;
        }
    return "profile: strict, sep or uncertainty";
}

static const char *take_baseline(struct asked *a, const char *text) {
    return ident_set(&a->energy->name, span_str(text))
               ? NULL
               : "baseline: expected the name of a frozen baseline";
}

static const struct argument_row {
    const char *name;
    const char *(*take)(struct asked *a, const char *text); /* what is wrong, or NULL */
} arguments[] = {
    {"node", take_node},
    {"from", take_from},
    {"to", take_to},
    {"grain", take_grain},
    {"driver", take_driver},
    {"profile", take_profile},
    {"reference_from", take_reference_from},
    {"reference_to", take_reference_to},
    {"baseline", take_baseline},
};
enum { ARGUMENTS = sizeof arguments / sizeof *arguments };

/* Names were looked at before: args_check(). */
static const char *take_argument(struct asked *a, char *fragment) {
    char *equals = strchr(fragment, '=');
    if (equals)
        *equals = 0;
    for (size_t i = 0; i < ARGUMENTS; i++)
        if (strcmp(fragment, arguments[i].name) == 0)
            return arguments[i].take(a, equals ? equals + 1 : "");
    return NULL;
}

static const char *take_formats(struct client *c, struct asked *a) {
    struct args args = {.c = c};
    if (!sheets_format(&args, 1 << VIEW_JSON | 1 << VIEW_CSV, &a->out.format, &a->out.locale))
        return NULL;
    (void)snprintf(a->wrong, sizeof a->wrong, "%s", args.wrong);
    return a->wrong;
}

static const char *read_arguments(struct client *c, struct asked *a) {
    char fragment[320];
    const char *wrong = NULL;
    for (int i = 0; !wrong; i++) {
        const int n =
            lws_hdr_copy_fragment(c->wsi, fragment, sizeof fragment, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (n < 0 && lws_hdr_fragment_length(c->wsi, WSI_TOKEN_HTTP_URI_ARGS, i) > 0)
            return "a parameter is too long";
        if (n < 0)
            break;
        if (n > 0 && strcmp(fragment, "/") != 0) /* "?" alone is handed on as "/" */
            wrong = take_argument(a, fragment);
    }
    return wrong ? wrong : take_formats(c, a);
}

/* --- what is asked together ---------------------------------------------------------------------
 */

static bool is_not_accepted(const struct plant *p, uint32_t node) {
    return window_commissioning(p, node, INT64_MAX - 1, INT64_MAX);
}

/* The nodes below it, as the tool has them; of more than can be parts there are none. */
static void add_parts(const struct plant *p, uint32_t node, struct energy_spec *s) {
    char why[ENERGY_WHY];
    for (uint32_t n = 0; n < p->node_n; n++) {
        if (p->node[n].parent != node || is_not_accepted(p, n))
            continue;
        if (s->part_n == ENERGY_PARTS_MAX) {
            s->part_n = 0;
            return;
        }
        (void)energy_spec_add_part(s, p->node[n].id.s, why); /* an id of the plant is one */
    }
}

static const char *finish_spec(struct asked *a) {
    const struct plant *p = a->plant;
    struct energy_spec *s = &a->energy->spec;
    char why[ENERGY_WHY];
    s->node = p->node[a->out.query.node].id;
    for (size_t i = 0; i < a->driver_n; i++)
        if (!energy_spec_add_driver(s, a->text[i], why))
            return named(a, "driver", why);
    if (energy_spec_has_columns(s))
        return "driver: a column of a file is the tool's, plantbus energy";
    for (size_t i = 0; i < s->driver_n; i++)
        if (plant_find_node(p, s->driver[i].node.s) == UINT32_MAX)
            return "driver: no node of the plant has this id";
    add_parts(p, a->out.query.node, s);
    return energy_spec_finish(s, why) ? NULL : named(a, "driver", why);
}

static const char *check_span(const struct asked *a, int64_t longest_ms, const char *wrong) {
    const struct history_query *q = &a->out.query;
    if (!a->energy->from)
        return "from: missing";
    if (q->from_ms > q->to_ms)
        return "from: lies behind to";
    return q->to_ms - q->from_ms > longest_ms ? wrong : NULL;
}

/* A reference period of its own, else a frozen baseline. */
static const char *check_held(struct asked *a, struct client *c, int *status) {
    struct view_energy_ask *e = a->energy;
    const struct web_source *source = &c->web->source;
    if (a->reference && e->name.s[0])
        return "baseline: either a frozen one or a reference period";
    if (a->trial && !a->reference)
        return "reference_from: missing; a baseline of its own needs its reference period";
    if (a->reference && e->reference_to_ms <= e->reference_from_ms)
        return "reference_to: must lie behind reference_from";
    if (a->reference && e->reference_to_ms - e->reference_from_ms > LONGEST_MS)
        return "reference_from: at most 1100 days before reference_to";
    if (e->from && a->out.query.from_ms > a->out.query.to_ms)
        return "from: lies behind to";
    if (a->reference)
        return finish_spec(a);
    if (source->baseline && source->baseline(source->user, &a->plant->node[a->out.query.node].id,
                                             &e->name, &e->frozen) == ERR_OK)
        return NULL;
    *status = 404;
    return e->name.s[0] ? "baseline: none of this name is frozen"
                        : "baseline: none of this node is frozen; reference_from and reference_to "
                          "try one";
}

/* Windows that a balance reads: a unit's of an hour. */
static const char *check_balance(const struct asked *a) {
    const struct plant *p = a->plant;
    const struct history_query *q = &a->out.query;
    size_t units = 0;
    for (uint32_t u = 0; u < p->unit_n; u++)
        units += window_counts(p, q->node, u);
    const int64_t hours = (q->to_ms - q->from_ms) / UTC_HOUR_MS;
    const int64_t windows = hours <= 31 * 24 ? hours : hours / 24;
    return (int64_t)units * windows > BALANCE_WINDOWS_MAX
               ? "from: that is too much at once; ask for a shorter period or a node below"
               : NULL;
}

static const char *check(struct asked *a, struct client *c, int *status) {
    const char *wrong = NULL;
    if (!a->node)
        return "node: missing";
    switch (a->energy->what) {
    case VIEW_ENERGY_DEMAND:
        return check_span(a, LONGEST_QUARTERS_MS, "from: at most 100 days before to");
    case VIEW_ENERGY_BASELINE:
        wrong = check_span(a, LONGEST_MS, "from: at most 1100 days before to");
        return wrong ? wrong : finish_spec(a);
    case VIEW_ENERGY_BALANCE:
        wrong = check_span(a, LONGEST_MS, "from: at most 1100 days before to");
        return wrong ? wrong : check_balance(a);
    case VIEW_ENERGY_CUSUM:
    case VIEW_ENERGY_REPORT:
        return check_held(a, c, status);
    case VIEW_ENERGY_COUNT:
        break;
    }
    return NULL;
}

static bool take_numbers(const struct core *core, struct view_energy_ask *e) {
    const struct plant *p = core_plant(core);
    e->node_no = calloc(p->node_n + 1, sizeof *e->node_no);
    for (uint32_t n = 0; e->node_no && n < p->node_n; n++)
        e->node_no[n] = core_node_number(core, n);
    return e->node_no != NULL;
}

static int refuse(struct client *c, struct asked *a, int status, const char *wrong) {
    const int answered = status == 503 ? reply_problem(c, status, "out of memory", wrong)
                                       : reply_wrong(c, status, wrong);
    view_energy_ask_fini(a->energy);
    free(a->energy);
    return answered;
}

static int get(struct client *c, struct core *core, enum view_energy what) {
    struct asked a = {.plant = core_plant(core), .out.what = VIEW_PAST_ENERGY};
    int status = 400;
    a.energy = calloc(1, sizeof *a.energy);
    if (!a.energy)
        return reply_problem(c, 503, "out of memory", "ask again later");
    view_energy_ask_init(a.energy, what);
    a.out.query.plant = a.plant;
    a.out.query.to_ms = c->web->source.now(c->web->source.user).wall_ms + 1;
    a.out.query.from_ms = INT64_MIN;
    const char *wrong = read_arguments(c, &a);
    if (!wrong)
        wrong = check(&a, c, &status);
    if (wrong)
        return refuse(c, &a, a.no_such_node ? 404 : status, wrong);
    if (!take_numbers(core, a.energy))
        return refuse(c, &a, 503, "ask again later");
    a.out.energy = a.energy;
    if (a.out.locale != SHEET_NONE)
        sheets_name(c, view_energy_name(what), a.plant->node[a.out.query.node].id.s);
    return past_send(c, core, &a.out);
}

int past_get_energy_demand(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_ENERGY_DEMAND);
}

int past_get_energy_baseline(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_ENERGY_BASELINE);
}

int past_get_energy_cusum(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_ENERGY_CUSUM);
}

int past_get_energy_report(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_ENERGY_REPORT);
}

int past_get_energy_balance(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_ENERGY_BALANCE);
}
