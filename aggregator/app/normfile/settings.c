/* The settings file: grants, due dates, limits, conversions. */
#include <math.h>
#include <stdlib.h>

#include "normfile/normfile.h"

struct grant_row {
    char *who;
    struct conf_pos pos;
    int *may, *classes, *levels;
    size_t may_n, class_n, level_n;
};

struct conversion_row {
    char *from, *to, *factor;
    struct conf_pos pos, factor_pos;
};

struct due_row {
    int64_t draft_ms, answer_ms, trial_ms, submit_ms, approve_ms, correct_ms, review_ms;
};

struct labour_row {
    int64_t trial_reach_ppm, incentive_ppm;
    bool incentive_given;
};

struct settings_row {
    bool anyone_proposes;
    struct grant_row *grants;
    size_t grant_n;
    struct due_row due;
    struct labour_row labour;
    int64_t observations;
    struct conversion_row *conversions;
    size_t conversion_n;
};

#define F(owner, member) CONF_FIELD(struct owner, member)

static const struct conf_word right_words[] = {
    {"propose", RIGHT_PROPOSE, "carry proposals on, of anyone"},
    {"approve", RIGHT_APPROVE, "answer, return, choose, approve"},
    {"tighten", RIGHT_TIGHTEN, "approve what is stricter than before"},
    {"loosen", RIGHT_LOOSEN, "approve what is weaker than before, withdraw what is in force"},
    {"import", RIGHT_IMPORT, "enter norms from documents"}};
static const struct conf_word class_words[] = {{"equipment", CLASS_EQUIPMENT, "class a"},
                                               {"labour", CLASS_LABOUR, "class b"},
                                               {"consumption", CLASS_CONSUMPTION, "class c"},
                                               {"quality", CLASS_QUALITY, "class d"}};
static const struct conf_word level_words[] = {{"site", LEVEL_SITE, "norms of the site"},
                                               {"area", LEVEL_AREA, "of an area"},
                                               {"line", LEVEL_LINE, "of a line"},
                                               {"unit", LEVEL_UNIT, "of a unit"}};

static const struct conf_row grant_rows[] = {
    {.key = "who",
     .type = CONF_TEXT,
     .min = 1,
     .max = 64,
     .field = F(grant_row, who),
     .required = true,
     .reloadable = true,
     .help = "Person or office, as commands name it."},
    {.key = "may",
     .type = CONF_SCALARS,
     .item = CONF_ENUM,
     .words = right_words,
     .word_n = sizeof right_words / sizeof *right_words,
     .least = 1,
     .field = F(grant_row, may),
     .count = F(grant_row, may_n),
     .reloadable = true,
     .help = "What they may do."},
    {.key = "classes",
     .type = CONF_SCALARS,
     .item = CONF_ENUM,
     .words = class_words,
     .word_n = sizeof class_words / sizeof *class_words,
     .field = F(grant_row, classes),
     .count = F(grant_row, class_n),
     .reloadable = true,
     .help = "Of norms of these classes; none: of all."},
    {.key = "levels",
     .type = CONF_SCALARS,
     .item = CONF_ENUM,
     .words = level_words,
     .word_n = sizeof level_words / sizeof *level_words,
     .field = F(grant_row, levels),
     .count = F(grant_row, level_n),
     .reloadable = true,
     .help = "Of norms of nodes of these levels; none: of all."}};
static const struct conf_schema grant_schema = {.rows = grant_rows,
                                                .row_n = sizeof grant_rows / sizeof *grant_rows,
                                                .size = sizeof(struct grant_row),
                                                .pos = F(grant_row, pos)};

// NOLINTBEGIN(bugprone-macro-parentheses)
#define DUE(KEY, MEMBER, DAYS, HELP)                                                               \
    {                                                                                              \
        .key = KEY, .type = CONF_DURATION, .field = F(due_row, MEMBER), .fallback = DAYS,          \
        .min = UTC_DAY_MS, .max = 3660 * UTC_DAY_MS, .reloadable = true, .help = HELP              \
    }
// NOLINTEND(bugprone-macro-parentheses)
static const struct conf_row due_rows[] = {
    DUE("draft", draft_ms, "90 d", "A draft is to be proposed or withdrawn."),
    DUE("answer", answer_ms, "14 d", "A proposal is to be answered."),
    DUE("trial", trial_ms, "14 d", "After a trial's end its result is to be entered."),
    DUE("submit", submit_ms, "30 d", "An answered or tried proposal is to be submitted."),
    DUE("approve", approve_ms, "14 d", "What is submitted is to be decided."),
    DUE("correct", correct_ms, "30 d", "What was returned is to be corrected."),
    DUE("review", review_ms, "365 d", "What is in force is to be reviewed.")};
static const struct conf_schema due_schema = CONF_SCHEMA(struct due_row, due_rows);

static const struct conf_row labour_rows[] = {
    {.key = "trial_reach",
     .type = CONF_RATIO,
     .field = F(labour_row, trial_reach_ppm),
     .fallback = "50 %",
     .max = 1000000,
     .reloadable = true,
     .help = "Least share of a trial's team-shifts that meet a labour norm."},
    {.key = "incentive",
     .type = CONF_RATIO,
     .field = F(labour_row, incentive_ppm),
     .given = F(labour_row, incentive_given),
     .max = 10000000,
     .reloadable = true,
     .help = "Least incentive ratio of a piece rate after a revision; none: no minimum."}};
static const struct conf_schema labour_schema = CONF_SCHEMA(struct labour_row, labour_rows);

static const struct conf_row conversion_rows[] = {
    {.key = "from",
     .type = CONF_TEXT,
     .min = 1,
     .max = 32,
     .field = F(conversion_row, from),
     .required = true,
     .reloadable = true,
     .help = "A unit, as norms name it."},
    {.key = "to",
     .type = CONF_TEXT,
     .min = 1,
     .max = 32,
     .field = F(conversion_row, to),
     .required = true,
     .reloadable = true,
     .help = "Another one."},
    {.key = "factor",
     .type = CONF_TEXT,
     .min = 1,
     .max = 32,
     .field = F(conversion_row, factor),
     .pos = F(conversion_row, factor_pos),
     .required = true,
     .reloadable = true,
     .help = "So many of the other are one of the first."}};
static const struct conf_schema conversion_schema = {.rows = conversion_rows,
                                                     .row_n = 3,
                                                     .size = sizeof(struct conversion_row),
                                                     .pos = F(conversion_row, pos)};

static const struct conf_row rows[] = {
    {.key = "anyone_proposes",
     .type = CONF_BOOL,
     .field = F(settings_row, anyone_proposes),
     .fallback = "true",
     .reloadable = true,
     .help = "Whether norms are proposed by anyone, or by who is granted it."},
    {.key = "grants",
     .type = CONF_LIST,
     .sub = &grant_schema,
     .field = F(settings_row, grants),
     .count = F(settings_row, grant_n),
     .reloadable = true,
     .help = "Who may do what. Whoever proposed a norm never approves it."},
    {.key = "due",
     .type = CONF_MAP,
     .sub = &due_schema,
     .field = F(settings_row, due),
     .reloadable = true,
     .help = "When the steps of a norm's life are due."},
    {.key = "labour",
     .type = CONF_MAP,
     .sub = &labour_schema,
     .field = F(settings_row, labour),
     .reloadable = true,
     .help = "What labour norms must reach."},
    {.key = "observations",
     .type = CONF_INT,
     .field = F(settings_row, observations),
     .fallback = "5",
     .min = 5,
     .max = 100000,
     .reloadable = true,
     .help = "Least observations of a statistical basis."},
    {.key = "conversions",
     .type = CONF_LIST,
     .sub = &conversion_schema,
     .field = F(settings_row, conversions),
     .count = F(settings_row, conversion_n),
     .reloadable = true,
     .help = "Units that are not built in. Without a conversion nothing is compared."}};
const struct conf_schema norm_settings_schema = CONF_SCHEMA(struct settings_row, rows);

struct norm_settings {
    struct settings_row row;
    struct ledger_conf conf;
    struct norm_grant *grant;
    struct norm_conversion *conversion;
};

static unsigned set_of(const int *at, size_t n, unsigned all) {
    unsigned set = 0;
    for (size_t i = 0; i < n; i++)
        set |= 1u << at[i];
    return n ? set : all;
}

static double factor_of(const struct conversion_row *r, struct conf_report *report) {
    char *end = NULL;
    const double x = strtod(r->factor, &end);
    if (*end || !isfinite(x) || x <= 0)
        conf_report_at(report, r->factor_pos, "expected a number above 0, found \"%s\"", r->factor);
    return x;
}

static struct norm_due days_of(const struct due_row *d) {
    return (struct norm_due){.draft = d->draft_ms / UTC_DAY_MS,
                             .answer = d->answer_ms / UTC_DAY_MS,
                             .trial = d->trial_ms / UTC_DAY_MS,
                             .submit = d->submit_ms / UTC_DAY_MS,
                             .approve = d->approve_ms / UTC_DAY_MS,
                             .correct = d->correct_ms / UTC_DAY_MS,
                             .review = d->review_ms / UTC_DAY_MS};
}

static enum err fill(struct norm_settings *s, struct conf_report *report) {
    const struct settings_row *r = &s->row;
    const size_t before = conf_report_count(report);
    s->grant = calloc(r->grant_n + 1, sizeof *s->grant);
    s->conversion = calloc(r->conversion_n + 1, sizeof *s->conversion);
    if (!s->grant || !s->conversion)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->grant_n; i++)
        s->grant[i] =
            (struct norm_grant){r->grants[i].who, set_of(r->grants[i].may, r->grants[i].may_n, 0),
                                set_of(r->grants[i].classes, r->grants[i].class_n, ~0u),
                                set_of(r->grants[i].levels, r->grants[i].level_n, ~0u)};
    for (size_t i = 0; i < r->conversion_n; i++)
        s->conversion[i] = (struct norm_conversion){r->conversions[i].from, r->conversions[i].to,
                                                    factor_of(&r->conversions[i], report)};
    ledger_conf_init(&s->conf);
    s->conf.grant = s->grant;
    s->conf.grant_n = r->grant_n;
    s->conf.anyone_proposes = r->anyone_proposes;
    s->conf.conversion = s->conversion;
    s->conf.conversion_n = r->conversion_n;
    s->conf.due_days = days_of(&r->due);
    s->conf.trial_reach_min = (double)r->labour.trial_reach_ppm / 1e6;
    s->conf.incentive_min = r->labour.incentive_given ? (double)r->labour.incentive_ppm / 1e6 : NAN;
    s->conf.basis_min = r->observations;
    return conf_report_count(report) > before ? ERR_CONFIG : ERR_OK;
}

enum err norm_settings_load(struct span bytes, const char *file, struct conf_report *report,
                            struct norm_settings **out) {
    struct norm_settings *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    enum err err = conf_load(bytes, file, &norm_settings_schema, &s->row, report);
    if (err) {
        free(s);
        return err;
    }
    err = fill(s, report);
    if (err)
        norm_settings_close(s);
    else
        *out = s;
    return err;
}

const struct ledger_conf *norm_settings_conf(const struct norm_settings *s) {
    return &s->conf;
}

enum err norm_settings_diff(const struct norm_settings *old, const struct norm_settings *now,
                            struct buf *out, struct conf_changes *found) {
    struct settings_row nothing;
    enum err err = conf_defaults(&norm_settings_schema, &nothing);
    if (err)
        return err;
    err = conf_changes(&norm_settings_schema, old ? &old->row : &nothing,
                       now ? &now->row : &nothing, out, found);
    conf_free(&norm_settings_schema, &nothing);
    return err;
}

void norm_settings_close(struct norm_settings *s) {
    if (!s)
        return;
    conf_free(&norm_settings_schema, &s->row);
    free(s->grant);
    free(s->conversion);
    free(s);
}
