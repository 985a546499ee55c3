/* What history against norms looks like to people and to programs that read CSV. */
#include <criterion/criterion.h>
#include <string.h>

#include "ctl/norm_past.h"
#include "ctl/rows_csv.h"
#include "normfile/normfile.h"

static struct buf text;

static const char *printed(const char *json,
                           enum err (*print)(const struct json_value *answer, struct buf *out)) {
    struct json_value *v = NULL;
    cr_assert_eq(json_parse(span_str(json), NULL, &v, NULL), ERR_OK);
    buf_init(&text);
    cr_assert_eq(print(v, &text), ERR_OK);
    cr_assert_eq(buf_add_byte(&text, 0), ERR_OK);
    json_close(v);
    return (const char *)text.p;
}

static void forget(void) {
    buf_fini(&text);
}

static void expect(const char *in, const char *what) {
    cr_expect_not_null(strstr(in, what), "%s is not in:\n%s", what, in);
}

#define SUGGESTION(TEAM)                                                                           \
    "{\"from\":\"2026-04-01T00:00:00.000Z\",\"to\":\"2026-07-01T00:00:00.000Z\",\"unit\":\"min\"," \
    "\"observations\":{\"used\":40,\"dropped\":{\"no_team\":3,\"tiny\":0,\"coverage\":2}},"        \
    "\"verdict\":\"ok\",\"proposal\":{\"value\":11.25,\"mean\":12.5,\"better_mean\":10,"           \
    "\"best\":9,\"best_sustained\":9.5,\"reach\":0.375,\"teams\":3,\"periods\":3},"                \
    "\"norm\":{\"id\":\"old\",\"value\":15},\"references\":[{\"norm\":{\"id\":\"state-7\","        \
    "\"origin\":\"state\",\"binding\":true,\"value\":14}}],\"trial\":{\"teams\":[{\"team\":" TEAM  \
    ",\"shifts\":20,\"mean\":12,\"reach\":0.5,\"attainment\":0.9375,\"pay\":{\"incentive\":0.25,"  \
    "\"incentive_if_supplement_stays\":0.125,\"supplement_if_incentive_stays\":0.111111}}]},"      \
    "\"command\":{\"action\":\"propose\",\"id\":\"press-labour\",\"set\":{\"indicator\":"          \
    "\"labour_per_unit\",\"scope.node\":\"press\",\"value\":\"11.25\",\"unit\":\"min\",\"from\":"  \
    "\"2026-08-01T00:00:00Z\",\"basis.kind\":\"statistical\",\"basis.n\":\"40\","                  \
    "\"basis.exclusions.0.reason\":\"no_team\",\"basis.exclusions.0.n\":\"3\"}}}"

Test(norm_print, a_suggestion_is_a_file_with_its_reasons_above_it, .fini = forget) {
    const char *s = printed(SUGGESTION("\"red\""), norm_print_suggest_file);
    expect(s, "# team-shifts from 2026-04-01 to 2026-07-01: 40 used, 3 no_team, 2 coverage\n");
    expect(s, "# verdict: ok; in min, value 11.25, mean 12.5");
    expect(s, "expected reach 37.5 %, 3 teams, 3 months\n");
    expect(s, "# in force: old, value 15");
    expect(s, "# beside it: state-7 (state, binding), value 14\n");
    expect(s, "#   red: 20 shifts, mean 12, attainment 93.8 %, reach 50.0 %, incentive now 25.0 %, "
              "keeping the supplement 12.5 %, or a supplement of 11.1 %\n");
    struct conf_report report;
    struct normfile f;
    conf_report_init(&report);
    cr_assert_eq(normfile_load(span_of(s, strlen(s)), "s.yaml", NULL, &report, &f), ERR_OK);
    cr_assert_eq(f.n, 1u);
    cr_expect_str_eq(f.at[0].norm.id.s, "press-labour");
    cr_expect_eq(f.at[0].norm.value, 11.25);
    cr_expect_eq(f.at[0].norm.basis.n, 40);
    cr_expect_str_eq(f.at[0].norm.basis.exclusion[0].reason, "no_team");
    normfile_fini(&f);
    conf_report_fini(&report);
}

Test(norm_print, a_suggestion_is_a_command_for_a_shell, .fini = forget) {
    const char *s =
        printed("{\"verdict\":\"ok\",\"command\":{\"action\":\"propose\",\"id\":\"a-b\","
                "\"set\":{\"value\":\"11.25\",\"note\":\"it's $HOME\\nof 'é'\"}}}",
                norm_print_suggest);
    expect(s, "plantbus norm propose a-b \\\n  --set 'value=11.25' \\\n"
              "  --set 'note=it'\\''s $HOME?of '\\''é'\\''' \\\n  --who \"${WHO:?say who proposes "
              "it}\"\n");
}

/* A machine may tell any text as its team: it stays inside its comment. */
Test(norm_print, no_text_leaves_its_line, .fini = forget) {
    const char *s =
        printed(SUGGESTION("\"red\\nnorms: {x: {}}\\u001b[2J\\u0085\\u009b2J \\ufeffé\""),
                norm_print_suggest);
    expect(s, "#   red?norms: {x: {}}?[2J??2J ?é: 20 shifts");
}

Test(norm_print, without_enough_basis_nothing_is_to_be_proposed, .fini = forget) {
    const char *s = printed("{\"observations\":{\"used\":3,\"dropped\":{}},\"verdict\":"
                            "\"not_enough_basis\",\"proposal\":{},\"norm\":null,\"trial\":{},"
                            "\"command\":null}",
                            norm_print_suggest);
    expect(s, "# verdict: not_enough_basis");
    expect(s, "# no norm is in force\n");
    expect(s, "# history proposes no norm\n");
}

Test(norm_print, a_review_gives_its_reasons, .fini = forget) {
    const char *s = printed(
        "{\"rows\":[{\"verdict\":\"REVISE\",\"class\":\"labour\",\"indicator\":\"labour_per_unit\","
        "\"node\":\"press\",\"product\":null,\"norm\":{\"id\":\"use\"},\"n\":25,\"median\":1.25,"
        "\"reach\":0.8,\"without_basis\":true,\"reasons\":[\"the process changed\",\"it is older "
        "than 12 months\"]}],\"overdue\":[{\"id\":\"new\",\"state\":\"proposed\",\"owner\":"
        "\"office\",\"due\":\"2026-04-30T17:00:00.000Z\",\"due_day\":\"2026-05-01\"}]}",
        norm_print_review);
    expect(s, "125.0 %");
    expect(s,
           "use REVISE: the process changed; it is older than 12 months; it rests on no basis\n");
    expect(s, "overdue: new is proposed, was due 2026-05-01, owner office\n");
}

Test(norm_print, status_is_written_out_by_unit_and_team, .fini = forget) {
    const char *s = printed(
        "{\"rows\":[{\"node\":\"press\",\"team\":null,\"shifts\":4,\"text\":\"1 met, 3 without "
        "norm\",\"classes\":[{\"status\":\"met\"},{\"status\":\"no_norm\"},{\"status\":\"no_norm\"}"
        ","
        "{\"status\":\"no_norm\"}]},{\"node\":\"press\",\"team\":\"red\",\"shifts\":2,\"text\":"
        "\"1 not met\",\"classes\":[{\"status\":\"not_met\"}]}]}",
        norm_print_status);
    expect(s, "press                         met         no_norm");
    expect(s, "1 met, 3 without norm\n");
    expect(s, "red          not_met");
}

Test(rows_csv, objects_within_a_row_are_columns_and_lists_are_none, .fini = forget) {
    struct json_value *v = NULL;
    cr_assert_eq(json_parse(span_str("[{\"node\":\"a\",\"from\":\"2026\",\"from_ms\":5,\"all\":"
                                     "{\"n\":2,\"x\":0.5},\"why\":[1],\"flag\":true},{\"node\":"
                                     "\"b, \\\"c\\\"\",\"from\":null,\"from_ms\":null,\"all\":{"
                                     "\"n\":3,\"x\":null},\"why\":[],\"flag\":false}]"),
                            NULL, &v, NULL),
                 ERR_OK);
    buf_init(&text);
    cr_assert_eq(rows_csv(v, &text), ERR_OK);
    cr_assert_eq(buf_add_byte(&text, 0), ERR_OK);
    cr_expect_str_eq((const char *)text.p, "node,from,all_n,all_x,flag\na,2026,2,0.5,true\n"
                                           "\"b, \"\"c\"\"\",,3,,false\n");
    json_close(v);
}
