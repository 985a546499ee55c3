/* The rows. Order is that of files and of JSON; keys stay for ever, the store has them. */
#include <stddef.h>

#include "norm/field.h"

static const char *word_kind(unsigned v) {
    return norm_kind_name((enum norm_kind)v);
}
static const char *word_origin(unsigned v) {
    return norm_origin_name((enum norm_origin)v);
}
static const char *word_basis(unsigned v) {
    return norm_basis_name((enum norm_basis_kind)v);
}
static const char *word_method(unsigned v) {
    return norm_method_name((enum norm_method)v);
}
static const char *word_state(unsigned v) {
    return norm_state_name((enum norm_state)v);
}
static const char *word_condition(unsigned v) {
    return norm_condition_name((enum norm_condition_kind)v);
}
static const char *word_choice(unsigned v) {
    return norm_choice_name((enum norm_choice_kind)v);
}
static const char *word_class(unsigned v) {
    return norm_class_name((enum norm_class)v);
}
static const char *word_direction(unsigned v) {
    return direction_name((enum direction)v);
}
static const char *word_indicator(unsigned v) {
    return indicator_row((enum indicator)v)->id;
}

// NOLINTBEGIN(bugprone-macro-parentheses)
#define AT(owner, member) .at = offsetof(struct owner, member)
#define ROW(KEY, TYPE, PART, MEMBER, HELP)                                                         \
    { .key = KEY, .type = TYPE, .part = PART, AT(norm, MEMBER), .help = HELP }
#define WORDS(KEY, PART, MEMBER, WORD, COUNT, NONE, HELP)                                          \
    {                                                                                              \
        .key = KEY, .type = FIELD_WORD, .part = PART, AT(norm, MEMBER), .word = WORD,              \
        .word_n = COUNT, .none = NONE, .help = HELP                                                \
    }
#define MAP(KEY, PART, SUB, HELP)                                                                  \
    { .key = KEY, .type = FIELD_MAP, .part = PART, .sub = &SUB, .help = HELP }
#define LIST(KEY, PART, ITEM, MEMBER, COUNT, SUB, HELP)                                            \
    {                                                                                              \
        .key = KEY, .type = FIELD_LIST, .part = PART, AT(norm, MEMBER),                            \
        .count_at = offsetof(struct norm, COUNT), .step = sizeof(struct ITEM),                     \
        .most = sizeof(((struct norm *)0)->MEMBER) / sizeof(struct ITEM), .sub = &SUB,             \
        .help = HELP                                                                               \
    }
#define ITEM(OWNER, KEY, TYPE, PART, MEMBER, HELP)                                                 \
    { .key = KEY, .type = TYPE, .part = PART, AT(OWNER, MEMBER), .help = HELP }
#define FIELDS(TABLE)                                                                              \
    { TABLE, sizeof TABLE / sizeof TABLE[0] }
// NOLINTEND(bugprone-macro-parentheses)

static const struct norm_field exclusion_row[] = {
    ITEM(norm_exclusion, "reason", FIELD_TEXT, PART_CONTENT, reason, "Why they were dropped."),
    ITEM(norm_exclusion, "n", FIELD_INT, PART_CONTENT, n, "How many observations."),
};
static const struct norm_fields exclusion_fields = FIELDS(exclusion_row);

static const struct norm_field reference_row[] = {
    ITEM(norm_reference, "source", FIELD_TEXT, PART_CONTENT, source, "Whose value it is."),
    ITEM(norm_reference, "value", FIELD_REAL, PART_CONTENT, value, "In the norm's unit."),
    ITEM(norm_reference, "date", FIELD_TIME, PART_CONTENT, date_ms, "Of the source."),
};
static const struct norm_fields reference_fields = FIELDS(reference_row);

static const struct norm_field condition_row[] = {
    {.key = "kind",
     .type = FIELD_WORD,
     .part = PART_CONTENT,
     .at = offsetof(struct norm_condition, kind),
     .word = word_condition,
     .word_n = NORM_CONDITION_COUNT,
     .none = NORM_CONDITION_COUNT,
     .help = "What it is about."},
    ITEM(norm_condition, "text", FIELD_TEXT, PART_CONTENT, text, "What has to hold."),
    ITEM(norm_condition, "evidence", FIELD_TEXT, PART_CONTENT, evidence,
         "Signal agent/point, or what is entered."),
    ITEM(norm_condition, "owner", FIELD_TEXT, PART_CONTENT, owner, "Who sees to it."),
};
static const struct norm_fields condition_fields = FIELDS(condition_row);

static const struct norm_field scope_row[] = {
    ROW("node", FIELD_ID, PART_CONTENT, scope.node, "Unit, line or area; none: the site."),
    ROW("product", FIELD_ID, PART_CONTENT, scope.product, "None: all."),
    ROW("operation", FIELD_ID, PART_CONTENT, scope.operation, "None: all."),
    ROW("team", FIELD_ID, PART_CONTENT, scope.team, "None: all."),
};
static const struct norm_fields scope_fields = FIELDS(scope_row);

static const struct norm_field basis_row[] = {
    WORDS("kind", PART_CONTENT, basis.kind, word_basis, NORM_BASIS_COUNT, BASIS_NONE,
          "Where the value comes from."),
    WORDS("method", PART_CONTENT, basis.method, word_method, NORM_METHOD_COUNT, METHOD_NONE,
          "Of a statistical basis."),
    ROW("from", FIELD_TIME, PART_CONTENT, basis.from_ms, "Begin of the observations' window."),
    ROW("to", FIELD_TIME, PART_CONTENT, basis.to_ms, "Its end."),
    ROW("n", FIELD_INT, PART_CONTENT, basis.n, "Observations used."),
    ROW("teams", FIELD_INT, PART_CONTENT, basis.team_n, "Teams that they are of."),
    ROW("periods", FIELD_INT, PART_CONTENT, basis.period_n, "Periods that they are of."),
    ROW("mean", FIELD_REAL, PART_CONTENT, basis.mean, "In the norm's unit."),
    ROW("best", FIELD_REAL, PART_CONTENT, basis.best, "The best sustained, in the norm's unit."),
    ROW("reach", FIELD_REAL, PART_CONTENT, basis.reach,
        "Share of team-shifts expected to meet it."),
    ROW("note", FIELD_TEXT, PART_CONTENT, basis.note, "Anything else."),
    LIST("exclusions", PART_CONTENT, norm_exclusion, basis.exclusion, basis.exclusion_n,
         exclusion_fields, "Observations that were dropped, and why."),
};
static const struct norm_fields basis_fields = FIELDS(basis_row);

static const struct norm_field trial_row[] = {
    ROW("from", FIELD_TIME, PART_TRIAL, trial.from_ms, "Begin."),
    ROW("to", FIELD_TIME, PART_TRIAL, trial.to_ms, "End."),
    ROW("n", FIELD_INT, PART_RESULT, trial.n, "Team-shifts."),
    ROW("reach", FIELD_REAL, PART_RESULT, trial.reach, "Share of them that met it."),
    ROW("normal_hours", FIELD_BOOL, PART_RESULT, trial.normal_hours, "Inside normal hours."),
    ROW("note", FIELD_TEXT, PART_RESULT, trial.note, "Anything else."),
};
static const struct norm_fields trial_fields = FIELDS(trial_row);

static const struct norm_field consultation_row[] = {
    ROW("date", FIELD_TIME, PART_CONSULTATION, consultation.t_ms, "When."),
    ROW("with", FIELD_TEXT, PART_CONSULTATION, consultation.with, "Whom."),
    ROW("note", FIELD_TEXT, PART_CONSULTATION, consultation.note, "What was said."),
};
static const struct norm_fields consultation_fields = FIELDS(consultation_row);

static const struct norm_field publication_row[] = {
    ROW("date", FIELD_TIME, PART_PUBLICATION, publication.t_ms, "When."),
    ROW("where", FIELD_TEXT, PART_PUBLICATION, publication.where, "Where."),
};
static const struct norm_fields publication_fields = FIELDS(publication_row);

static const struct norm_field pay_team_row[] = {
    ITEM(norm_pay_team, "team", FIELD_ID, PART_CHOICE, team, "Team."),
    ITEM(norm_pay_team, "taken", FIELD_REAL, PART_CHOICE, taken,
         "What it really reached last quarter, in the norm's unit."),
};
static const struct norm_fields pay_team_fields = FIELDS(pay_team_row);

static const struct norm_field choice_row[] = {
    WORDS("kind", PART_CHOICE, choice.kind, word_choice, NORM_CHOICE_COUNT, CHOICE_NONE,
          "Which reading."),
    ROW("revised_from", FIELD_REAL, PART_CHOICE, choice.revised_from, "The norm it revises."),
    ROW("supplement", FIELD_REAL, PART_CHOICE, choice.supplement, "k of the rate before."),
    ROW("supplement_after", FIELD_REAL, PART_CHOICE, choice.supplement_after, "k afterwards."),
    ROW("incentive_least", FIELD_REAL, PART_CHOICE, choice.incentive_least,
        "Least incentive ratio of a team afterwards."),
    LIST("teams", PART_CHOICE, norm_pay_team, choice.team, choice.team_n, pay_team_fields,
         "Each team's last quarter."),
};
static const struct norm_fields choice_fields = FIELDS(choice_row);

static const struct norm_field rows[] = {
    WORDS("indicator", PART_CONTENT, indicator, word_indicator, INDICATOR_COUNT, INDICATOR_COUNT,
          "Id of the indicator."),
    ROW("quantity", FIELD_TEXT, PART_CONTENT, quantity, "A quantity that is no indicator."),
    WORDS("class", PART_CONTENT, norm_class, word_class, CLASS_COUNT, CLASS_COUNT,
          "Of a quantity; an indicator has its own."),
    WORDS("kind", PART_CONTENT, kind, word_kind, NORM_KIND_COUNT, NORM_VALUE,
          "One value, or a band."),
    WORDS("direction", PART_CONTENT, direction, word_direction, DIRECTION_COUNT, DIRECTION_COUNT,
          "Of a quantity: what is better."),
    MAP("scope", PART_CONTENT, scope_fields, "Where and of what."),
    ROW("value", FIELD_REAL, PART_CONTENT, value, "Of a norm."),
    ROW("low", FIELD_REAL, PART_CONTENT, low, "Of a standard: the band's lower end."),
    ROW("target", FIELD_REAL, PART_CONTENT, target, "Of a standard."),
    ROW("high", FIELD_REAL, PART_CONTENT, high, "Of a standard: the band's upper end."),
    ROW("unit", FIELD_TEXT, PART_CONTENT, unit, "Unit of the values; none: the indicator's."),
    ROW("from", FIELD_TIME, PART_CONTENT, from_ms, "Valid from."),
    WORDS("origin", PART_CONTENT, origin, word_origin, NORM_ORIGIN_COUNT, ORIGIN_OWN,
          "Whose norm it is."),
    ROW("binding", FIELD_BOOL, PART_CONTENT, binding, "Of an industry, an enterprise, a sister."),
    ROW("source", FIELD_TEXT, PART_CONTENT, source, "Who issued it."),
    ROW("source_date", FIELD_TIME, PART_CONTENT, source_ms, "Date of that."),
    ROW("document", FIELD_TEXT, PART_CONTENT, document, "Reference of its document."),
    ROW("boundary", FIELD_TEXT, PART_CONTENT, boundary, "What is counted in."),
    ROW("capacity_class", FIELD_TEXT, PART_CONTENT, capacity_class, "Class of machines."),
    ROW("note", FIELD_TEXT, PART_CONTENT, note, "Anything else."),
    ROW("piece_paid", FIELD_BOOL, PART_CONTENT, piece_paid, "Its operation is paid by the piece."),
    MAP("basis", PART_CONTENT, basis_fields, "What the value rests on."),
    LIST("references", PART_CONTENT, norm_reference, reference, reference_n, reference_fields,
         "Values beside it."),
    LIST("conditions", PART_CONTENT, norm_condition, condition, condition_n, condition_fields,
         "What it assumes."),
    MAP("trial", PART_TRIAL | PART_RESULT, trial_fields, "Of a labour norm."),
    MAP("consultation", PART_CONSULTATION, consultation_fields, "Of a labour norm."),
    MAP("publication", PART_PUBLICATION, publication_fields, "Of a labour norm."),
    MAP("pay", PART_CHOICE, choice_fields, "The reading of the piece rate that was chosen."),
    ROW("ceiling_reason", FIELD_TEXT, PART_CEILING, ceiling_reason,
        "Why it does not lie between mean and best."),
    WORDS("state", PART_LIFE, state, word_state, NORM_STATE_COUNT, NORM_STATE_COUNT,
          "Where in its life it stands."),
    ROW("proposed_by", FIELD_TEXT, PART_LIFE, proposed_by, "Who proposed it."),
    ROW("proposed", FIELD_TIME, PART_LIFE, proposed_ms, "When."),
    ROW("answer", FIELD_TEXT, PART_LIFE, answer, "What was answered."),
    ROW("answered_by", FIELD_TEXT, PART_LIFE, answered_by, "By whom."),
    ROW("answered", FIELD_TIME, PART_LIFE, answered_ms, "When."),
    ROW("correction", FIELD_TEXT, PART_LIFE, correction, "What was to be corrected."),
    ROW("approved_by", FIELD_TEXT, PART_LIFE, approved_by, "Who approved it."),
    ROW("approved", FIELD_TIME, PART_LIFE, approved_ms, "When."),
    ROW("withdrawn", FIELD_TIME, PART_LIFE, withdrawn_ms, "From when on it is not in force."),
    ROW("owner", FIELD_TEXT, PART_LIFE, owner, "Of the step it stands at."),
    ROW("due", FIELD_TIME, PART_LIFE, due_ms, "When that is due."),
};
const struct norm_fields norm_fields = FIELDS(rows);
