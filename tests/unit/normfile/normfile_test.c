/* Files of norms and of the ledger's settings. */
#include "normfile/normfile.h"

#include <criterion/criterion.h>
#include <math.h>

static void expect(struct conf_report *r, const char *text) {
    struct buf out;
    buf_init(&out);
    cr_assert_eq(conf_report_format(r, &out), ERR_OK);
    cr_assert_eq(buf_add_byte(&out, 0), ERR_OK);
    cr_expect_not_null(strstr((const char *)out.p, text), "%s is not in:\n%s", text,
                       (const char *)out.p);
    buf_fini(&out);
}

static void refused(const char *yaml, const char *text) {
    struct conf_report r;
    struct normfile f;
    conf_report_init(&r);
    cr_expect_eq(normfile_load(span_str(yaml), "n.yaml", NULL, &r, &f), ERR_CONFIG);
    expect(&r, text);
    conf_report_fini(&r);
}

static const char whole[] =
    "document: \"Order 12/2026\"\n"
    "norms:\n"
    "  press-use:\n"
    "    indicator: time_utilization\n"
    "    scope: {node: press, product: bolt}\n"
    "    value: 85\n"
    "    unit: '%'\n"
    "    from: 2026-06-01\n"
    "    basis:\n"
    "      kind: statistical\n"
    "      method: advanced\n"
    "      n: 40\n"
    "      teams: 3\n"
    "      mean: 83.25\n"
    "      exclusions:\n"
    "        - {reason: no power, n: 3}\n"
    "        - {reason: trial run, n: 1}\n"
    "    conditions:\n"
    "      - {kind: tool, text: new die, evidence: gw1/tool, owner: toolroom}\n"
    "    approved_by: \"Head: \\\"A\\\"\"\n"
    "  oven:\n"
    "    quantity: oven temperature\n"
    "    class: quality\n"
    "    kind: standard\n"
    "    low: -3.5\n"
    "    high: 215\n"
    "    unit: C\n"
    "    document: Sheet 4\n"
    "    state: draft\n";

static struct normfile load(struct span yaml) {
    struct conf_report r;
    struct normfile f;
    conf_report_init(&r);
    enum err err = normfile_load(yaml, "n.yaml", NULL, &r, &f);
    if (err)
        expect(&r, "nothing is wrong");
    cr_assert_eq(err, ERR_OK);
    conf_report_fini(&r);
    return f;
}

static const struct norm *find(const struct normfile *f, const char *id) {
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->at[i].norm.id.s, id) == 0)
            return &f->at[i].norm;
    cr_assert_fail("no %s", id);
    return NULL;
}

Test(normfile, every_field_of_a_norm_is_read) {
    struct normfile f = load(span_str(whole));
    cr_assert_eq(f.n, 2u);
    const struct norm *n = find(&f, "press-use");
    cr_expect_eq(n->indicator, IND_TIME_UTILIZATION);
    cr_expect_str_eq(n->scope.product.s, "bolt");
    cr_expect_eq(n->value, 85);
    cr_expect_str_eq(n->unit, "%");
    cr_expect_eq(n->from_ms, INT64_C(1780272000000), "2026-06-01 in UTC");
    cr_expect_str_eq(n->document, "Order 12/2026");
    cr_expect_eq(n->basis.method, METHOD_ADVANCED);
    cr_expect_eq(n->basis.n, 40);
    cr_expect_eq(n->basis.exclusion_n, 2u);
    cr_expect_str_eq(n->basis.exclusion[1].reason, "trial run");
    cr_expect_eq(n->condition[0].kind, CONDITION_TOOL);
    cr_expect_str_eq(n->approved_by, "Head: \"A\"");
    const struct norm *oven = find(&f, "oven");
    cr_expect_eq(oven->low, -3.5);
    cr_expect_str_eq(oven->document, "Sheet 4", "its own");
    cr_expect(isnan(oven->value));
    normfile_fini(&f);
}

Test(normfile, what_is_written_is_read_back_the_same) {
    struct normfile f = load(span_str(whole));
    struct norm odd;
    const struct norm *all[3] = {&f.at[0].norm, &f.at[1].norm, &odd};
    struct buf out, again;
    norm_init(&odd);
    odd.id = (struct ident){"odd"};
    odd.note = "line\nbreak, tab\t, \"quote\", back\\slash, # and: all";
    odd.source = "\x7f \xc2\x80 \xc2\x85 \xc2\x9f \xc2\xa0 \xe2\x80\xa8 \xef\xbb\xbf \xc3\xa9 "
                 "\xf0\x9f\x98\x80";
    odd.document = "\xef\xbf\xbd \xef\xbf\xbe \xef\xbf\xbf";
    odd.scope.team = (struct ident){"null"};
    odd.value = 0.1 + 0.2;
    odd.from_ms = 1234567890123;
    odd.reference_n = 2;
    odd.reference[0] = (struct norm_reference){"", 1e-300, NORM_NO_TIME};
    odd.reference[1] = (struct norm_reference){"best year", NAN, 0};
    odd.trial.normal_hours = true;
    odd.choice.team_n = 1;
    odd.choice.team[0] = (struct norm_pay_team){{"red"}, 0.25};
    buf_init(&out);
    buf_init(&again);
    cr_assert_eq(normfile_format(all, 3, &out), ERR_OK);
    struct normfile back = load(buf_span(&out));
    cr_assert_eq(back.n, 3u);
    for (size_t i = 0; i < 3; i++)
        cr_expect(norm_equal(find(&back, all[i]->id.s), all[i]), "%s in\n%.*s", all[i]->id.s,
                  (int)out.n, (const char *)out.p);
    for (size_t i = 0; i < 3; i++)
        all[i] = find(&back, all[i]->id.s);
    cr_assert_eq(normfile_format(all, 3, &again), ERR_OK);
    cr_expect(span_equal(buf_span(&out), buf_span(&again)), "byte by byte");
    normfile_fini(&back);
    normfile_fini(&f);
    buf_fini(&out);
    buf_fini(&again);
}

Test(normfile, mistakes_are_told_with_their_place) {
    refused("norms:\n  a:\n    indicator: scrap_ration\n",
            "n.yaml:3:16: indicator: \"scrap_ration\" "
            "is no indicator; did you mean "
            "scrap_ratio?");
    refused("norms:\n  a:\n    value: much\n", "n.yaml:3:12: value: expected a number");
    refused("norms:\n  a:\n    from: 2026-02-30\n", "n.yaml:3:11: from: expected a date");
    refused("norms:\n  a:\n    basis: {n: -4}\n", "n.yaml:3:16: basis.n: expected a whole number");
    refused("norms:\n  a:\n    valeu: 4\n", "n.yaml:3:5:");
    refused("norms:\n  a:\n    binding: maybe\n", "expected true or false");
    refused("norms:\n  a:\n    scope: {node: Press 1}\n", "expected an id");
}

static struct norm_settings *settings(const char *yaml) {
    struct conf_report r;
    struct norm_settings *s = NULL;
    conf_report_init(&r);
    cr_assert_eq(norm_settings_load(span_str(yaml), "s.yaml", &r, &s), ERR_OK);
    conf_report_fini(&r);
    return s;
}

Test(normfile, settings_say_who_may_do_what) {
    struct norm_settings *s = settings("grants:\n"
                                       "  - {who: Head, may: [approve, tighten]}\n"
                                       "  - {who: Shop, may: [propose], classes: [quality], "
                                       "levels: [unit, line]}\n"
                                       "due: {answer: 7 d}\n"
                                       "labour: {incentive: 5 %}\n"
                                       "conversions:\n"
                                       "  - {from: kcal, to: kJ, factor: 4.1868}\n");
    const struct ledger_conf *c = norm_settings_conf(s);
    cr_expect(ledger_may(c, "head", RIGHT_APPROVE, CLASS_LABOUR, LEVEL_SITE));
    cr_expect_not(ledger_may(c, "Head", RIGHT_LOOSEN, CLASS_LABOUR, LEVEL_SITE));
    cr_expect(ledger_may(c, "Shop", RIGHT_PROPOSE, CLASS_QUALITY, LEVEL_LINE));
    cr_expect_not(ledger_may(c, "Shop", RIGHT_PROPOSE, CLASS_QUALITY, LEVEL_AREA));
    cr_expect_not(ledger_may(c, "Shop", RIGHT_PROPOSE, CLASS_LABOUR, LEVEL_LINE));
    cr_expect_str_eq(ledger_whose(c, RIGHT_TIGHTEN, CLASS_QUALITY, LEVEL_UNIT), "Head");
    cr_expect_str_eq(ledger_whose(c, RIGHT_IMPORT, CLASS_QUALITY, LEVEL_UNIT), "");
    cr_expect(c->anyone_proposes);
    cr_expect_eq(c->due_days.answer, 7);
    cr_expect_eq(c->due_days.draft, 90);
    cr_expect_eq(c->incentive_min, 0.05);
    cr_expect_eq(c->trial_reach_min, 0.5);
    cr_expect_eq(c->conversion_n, 1u);
    cr_expect_eq(c->conversion[0].factor, 4.1868);
    norm_settings_close(s);
}

Test(normfile, an_empty_settings_file_grants_nothing) {
    struct norm_settings *s = settings("");
    cr_expect_eq(norm_settings_conf(s)->grant_n, 0u);
    cr_expect(isnan(norm_settings_conf(s)->incentive_min));
    norm_settings_close(s);
}

Test(normfile, mistakes_in_settings_are_told_with_their_place) {
    static const struct {
        const char *yaml, *text;
    } wrong[] = {
        {"grants:\n  - {who: A, may: [aprove]}\n", "s.yaml:2:20:"},
        {"grants:\n  - {may: [approve]}\n", "the key \"who\" is missing"},
        {"grants:\n  - {who: A}\n", "the key \"may\" is missing"},
        {"conversions:\n  - {from: a, to: b, factor: none}\n", "s.yaml:2:30: expected a number"},
        {"conversions:\n  - {from: a, to: b, factor: -1}\n", "s.yaml:2:30: expected a number"},
        {"observations: 4\n", "s.yaml:1:15:"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct conf_report r;
        struct norm_settings *s = NULL;
        conf_report_init(&r);
        cr_expect_eq(norm_settings_load(span_str(wrong[i].yaml), "s.yaml", &r, &s), ERR_CONFIG);
        expect(&r, wrong[i].text);
        conf_report_fini(&r);
    }
}

Test(normfile, rows_are_sound) {
    struct buf wrong, text;
    buf_init(&wrong);
    buf_init(&text);
    cr_expect(conf_schema_check(&norm_settings_schema, &wrong), "%.*s", (int)wrong.n,
              (const char *)wrong.p);
    cr_assert_eq(normfile_reference(&text), ERR_OK);
    cr_assert_eq(buf_add_byte(&text, 0), ERR_OK);
    cr_expect_not_null(strstr((const char *)text.p, "capacity_class"));
    buf_fini(&wrong);
    buf_fini(&text);
}
