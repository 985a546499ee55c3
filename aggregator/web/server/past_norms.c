/* GET /api/v1/norms/suggest, attainment, teams, status, review, records and links: questions of
 * history against norms, checked here and read off the loop like all of the past. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "web/web_impl.h"

#define LONGEST_MS (1100 * UTC_DAY_MS)
#define USUAL_MS (92 * UTC_DAY_MS)

struct asked {
    const struct plant *plant;
    struct view_history out;
    bool from, indicator;
    bool no_such_node;
    char wrong[200];
};

static const char *nearest(struct asked *a, const char *wrong, const char *text,
                           const char *const *legal, size_t n) {
    const char *near = ident_nearest(text, legal, n);
    snprintf(a->wrong, sizeof a->wrong, near ? "%s; did you mean %s?" : "%s", wrong, near);
    return a->wrong;
}

static const char *take_node(struct asked *a, const char *text) {
    const struct plant *p = a->plant;
    const uint32_t node = plant_find_node(p, text);
    if (node != UINT32_MAX) {
        a->out.query.node = node;
        return NULL;
    }
    a->no_such_node = true;
    const char **legal = calloc(p->node_n + 1, sizeof *legal);
    for (size_t i = 0; legal && i < p->node_n; i++)
        legal[i] = p->node[i].id.s;
    const char *wrong =
        legal ? nearest(a, "node: no node of the plant has this id", text, legal, p->node_n)
              : "node: no node of the plant has this id";
    free(legal);
    return wrong;
}

static const char *take_indicator(struct asked *a, const char *text) {
    const char *legal[INDICATOR_COUNT];
    size_t n = 0;
    a->indicator = true;
    a->out.indicator = indicator_find(text);
    if (a->out.indicator != INDICATOR_COUNT && indicator_applies(a->plant, a->out.indicator))
        return NULL;
    for (unsigned i = 0; i < INDICATOR_COUNT; i++)
        if (indicator_applies(a->plant, (enum indicator)i))
            legal[n++] = indicator_row((enum indicator)i)->id;
    return nearest(a, "indicator: none of this plant has this id", text, legal, n);
}

static const char *take_from(struct asked *a, const char *text) {
    a->from = true;
    return past_time(text, &a->out.query.from_ms)
               ? NULL
               : "from: expected a time such as 2026-11-23T06:00:00Z, a date or milliseconds";
}

static const char *take_to(struct asked *a, const char *text) {
    return past_time(text, &a->out.query.to_ms)
               ? NULL
               : "to: expected a time such as 2026-11-23T06:00:00Z, a date or milliseconds";
}

static const char *take_word(char out[IDENT_MAX + 1], const char *text, const char *wrong) {
    const int n = snprintf(out, IDENT_MAX + 1, "%s", text);
    return n > 0 && n <= IDENT_MAX ? NULL : wrong;
}

static const char *take_product(struct asked *a, const char *text) {
    return take_word(a->out.norms.product, text, "product: expected the product as it was read");
}

static const char *take_team(struct asked *a, const char *text) {
    return take_word(a->out.norms.team, text, "team: expected the team as it was read");
}

static const char *take_by(struct asked *a, const char *text) {
    static const struct {
        const char *word;
        unsigned by;
    } row[] = {{"unit", ATTAIN_BY_NODE},
               {"team", ATTAIN_BY_TEAM},
               {"product", ATTAIN_BY_PRODUCT},
               {"period", ATTAIN_BY_PERIOD}};
    for (const char *at = text; *at;) {
        const size_t n = strcspn(at, ",");
        unsigned found = 0;
        for (size_t i = 0; i < sizeof row / sizeof *row; i++)
            if (strlen(row[i].word) == n && strncmp(at, row[i].word, n) == 0)
                found = row[i].by;
        if (!found)
            return "by: some of unit, team, product, period, with commas between them";
        a->out.norms.by |= found;
        at += n + (at[n] == ',');
    }
    return NULL;
}

static const char *take_method(struct asked *a, const char *text) {
    for (unsigned m = METHOD_ADVANCED; m <= METHOD_GROWTH; m++)
        if (strcmp(text, norm_method_name((enum norm_method)m)) == 0) {
            a->out.norms.method = (uint8_t)m;
            return NULL;
        }
    return "method: advanced, middle or growth";
}

static const char *take_supplement(struct asked *a, const char *text) {
    char *end = NULL;
    a->out.norms.supplement = strtod(text, &end);
    const double k = a->out.norms.supplement;
    return *text && !*end && isfinite(k) && k > -1 && k <= 10
               ? NULL
               : "supplement: a number above -1; 0.1 pays a tenth more a piece";
}

static const char *take_limit(struct asked *a, const char *text) {
    char *end = NULL;
    const long n = strtol(text, &end, 10);
    a->out.query.limit = n > 0 ? (size_t)n : 0;
    return *text && !*end && n >= 1 && n <= HISTORY_LIMIT_MAX ? NULL
                                                              : "limit: a number from 1 to 1000";
}

enum {
    SUGGEST = 1 << VIEW_NORMS_SUGGEST,
    ATTAINMENT = 1 << VIEW_NORMS_ATTAINMENT,
    TEAMS = 1 << VIEW_NORMS_TEAMS,
    STATUS = 1 << VIEW_NORMS_STATUS,
    REVIEW = 1 << VIEW_NORMS_REVIEW,
    RECORDS = 1 << VIEW_NORMS_RECORDS,
    LINKS = 1 << VIEW_NORMS_LINKS,
    ALL = (1 << VIEW_NORMS_COUNT) - 1,
    OF_ONE = SUGGEST | TEAMS | RECORDS /* an indicator must be named */
};

static const struct argument_row {
    const char *name;
    const char *(*take)(struct asked *a, const char *text); /* what is wrong, or NULL */
    unsigned of;                                            /* who takes it */
} arguments[] = {
    {"node", take_node, ALL},
    {"indicator", take_indicator, OF_ONE | ATTAINMENT},
    {"from", take_from, ALL & ~REVIEW},
    {"to", take_to, ALL},
    {"product", take_product, SUGGEST | ATTAINMENT | TEAMS | STATUS | RECORDS},
    {"team", take_team, SUGGEST | ATTAINMENT | STATUS | RECORDS},
    {"by", take_by, ATTAINMENT},
    {"method", take_method, SUGGEST},
    {"supplement", take_supplement, SUGGEST},
    {"limit", take_limit, RECORDS},
};
enum { ARGUMENTS = sizeof arguments / sizeof *arguments };

static const char *take_argument(struct asked *a, char *fragment) {
    char *equals = strchr(fragment, '=');
    if (equals)
        *equals = 0;
    for (size_t i = 0; i < ARGUMENTS; i++)
        if (strcmp(fragment, arguments[i].name) == 0 && arguments[i].of >> a->out.norms.what & 1)
            return arguments[i].take(a, equals ? equals + 1 : "");
    return "there is no such parameter";
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
    return wrong;
}

static const char *check(struct asked *a) {
    struct history_query *q = &a->out.query;
    if (OF_ONE >> a->out.norms.what & 1 && !a->indicator)
        return "indicator: missing; /api/v1/indicators tells them";
    if (!a->from)
        q->from_ms = q->to_ms - USUAL_MS;
    if (q->from_ms > q->to_ms)
        return "from: lies behind to";
    return q->to_ms - q->from_ms > LONGEST_MS ? "from: at most 1100 days before to" : NULL;
}

static int get(struct client *c, struct core *core, enum view_norms_what what) {
    struct web *w = c->web;
    struct asked a = {.plant = core_plant(core), .out.what = VIEW_PAST_NORMS};
    if (!w->source.history)
        return reply_problem(c, 404, "not found", "no history is kept here");
    a.out.norms.what = what;
    a.out.norms.method = METHOD_ADVANCED;
    a.out.norms.conf = core_norm_conf(core);
    a.out.indicator = INDICATOR_COUNT;
    a.out.query.plant = a.plant;
    a.out.query.limit = HISTORY_LIMIT_MAX;
    a.out.query.to_ms = w->source.now(w->source.user).wall_ms + 1;
    const char *wrong = read_arguments(c, &a);
    if (!wrong)
        wrong = check(&a);
    if (wrong)
        return reply_wrong(c, a.no_such_node ? 404 : 400, wrong);
    return past_send(c, core, &a.out);
}

int past_get_norms_suggest(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_NORMS_SUGGEST);
}

int past_get_norms_attainment(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_NORMS_ATTAINMENT);
}

int past_get_norms_teams(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_NORMS_TEAMS);
}

int past_get_norms_status(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_NORMS_STATUS);
}

int past_get_norms_review(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_NORMS_REVIEW);
}

int past_get_norms_records(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_NORMS_RECORDS);
}

int past_get_norms_links(struct client *c, struct core *core, const char *id) {
    (void)id;
    return get(c, core, VIEW_NORMS_LINKS);
}
