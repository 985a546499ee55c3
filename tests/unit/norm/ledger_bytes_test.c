/* Events as bytes: the same norms come out of them, whatever is damaged. */
#include "norm/field.h"
#include "norm_rig.h"

/* A ledger of all kinds of events. */
static void fill(struct norm_rig *r) {
    struct norm n = rig_norm_of(IND_LABOUR_PER_UNIT, 0.5), s = rig_state(IND_SCRAP_RATIO, 0.02);
    cr_assert(rig_give(r, LEDGER_IMPORT, "state", "office", &s));
    n.piece_paid = true;
    n.basis.exclusion_n = 2;
    n.basis.exclusion[0] = (struct norm_exclusion){"no power", 3};
    n.basis.exclusion[1] = (struct norm_exclusion){"first day", 1};
    n.condition_n = 1;
    n.condition[0] = (struct norm_condition){CONDITION_TOOL, "new die", "tool book", "toolroom"};
    rig_in_force(r, "old", &n);
    r->now_ms += 3 * DAY;
    n.value = 0.45;
    n.from_ms = r->now_ms + 3 * DAY;
    n.basis.exclusion_n = 1;
    rig_submitted(r, "new", &n);
    n.choice.kind = CHOICE_INCENTIVE;
    n.choice.supplement = 0.05;
    n.choice.team_n = 2;
    n.choice.team[0] = (struct norm_pay_team){{"red"}, 0.4};
    n.choice.team[1] = (struct norm_pay_team){{"blue"}, 0.41};
    cr_assert(rig_give(r, LEDGER_CHOOSE, "new", "office", &n), "%s", r->a.refusal.why);
    cr_assert(rig_give(r, LEDGER_APPROVE, "new", "office", NULL), "%s", r->a.refusal.why);
    cr_assert(rig_give(r, LEDGER_DRAFT, "", "shop", &n));
    n.condition_n = 0;
    cr_assert(rig_give(r, LEDGER_DRAFT, r->a.id.s, "shop", &n));
    cr_assert(rig_give(r, LEDGER_WITHDRAW, r->a.id.s, "shop", NULL));
}

static void expect_same(const struct ledger *a, const struct ledger *b) {
    cr_assert_eq(ledger_count(a), ledger_count(b));
    cr_assert_eq(ledger_last(a), ledger_last(b));
    for (size_t i = 0; i < ledger_count(a); i++) {
        const struct norm *x = ledger_at(a, i), *y = ledger_at(b, i);
        cr_expect(ident_equal(&x->id, &y->id) && norm_equal(x, y), "%s", x->id.s);
        cr_expect_eq(x->to_ms, y->to_ms);
        cr_expect(ident_equal(&x->superseded_by, &y->superseded_by));
        cr_expect_eq(ledger_told(a, x), ledger_told(b, y));
    }
}

/* Settings and rights of later say nothing of what was decided. */
Test(bytes, the_same_events_make_the_same_norms_under_any_settings) {
    struct norm_rig r;
    struct ledger_conf other;
    struct ledger *again;
    struct buf bytes, twice;
    rig_open(&r);
    fill(&r);
    ledger_conf_init(&other);
    other.anyone_proposes = false;
    cr_assert_eq(ledger_open(&other, &again), ERR_OK);
    ledger_bind(again, r.plant);
    buf_init(&bytes);
    buf_init(&twice);
    for (uint64_t n = 1; n <= ledger_last(r.ledger); n++) {
        buf_reset(&bytes);
        buf_reset(&twice);
        cr_assert_eq(ledger_pack(r.ledger, n, &bytes), ERR_OK);
        cr_expect_eq(ledger_take(again, n + 1, buf_span(&bytes)), ERR_FORMAT, "out of order");
        cr_assert_eq(ledger_take(again, n, buf_span(&bytes)), ERR_OK);
        cr_assert_eq(ledger_pack(again, n, &twice), ERR_OK);
        cr_expect(span_equal(buf_span(&bytes), buf_span(&twice)));
        const struct ledger_event *x = ledger_event(r.ledger, n), *y = ledger_event(again, n);
        cr_expect(x->from == y->from && x->to == y->to && x->change_n == y->change_n);
    }
    expect_same(r.ledger, again);
    const struct norm *draft = ledger_at(again, ledger_count(again) - 1);
    cr_expect_eq(draft->condition_n, 0u, "what was taken out is out");
    cr_expect_eq(draft->basis.exclusion_n, 1u);
    cr_expect_eq(ledger_pack(r.ledger, 0, &bytes), ERR_NOT_FOUND);
    cr_expect_eq(ledger_pack(r.ledger, ledger_last(r.ledger) + 1, &bytes), ERR_NOT_FOUND);
    buf_fini(&bytes);
    buf_fini(&twice);
    ledger_close(again);
    rig_close(&r);
}

/* Each byte wrong, each end too early: never taken, never half taken. */
Test(bytes, damaged_events_are_refused) {
    struct norm_rig r;
    struct ledger *again;
    struct buf bytes;
    const struct norm n = rig_norm();
    rig_open(&r);
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "x", "shop", &n));
    buf_init(&bytes);
    cr_assert_eq(ledger_pack(r.ledger, 1, &bytes), ERR_OK);
    cr_assert_eq(ledger_open(&r.conf, &again), ERR_OK);
    for (size_t i = 0; i < bytes.n; i++) {
        bytes.p[i] ^= 0x55;
        cr_expect_neq(ledger_take(again, 1, buf_span(&bytes)), ERR_OK, "byte %zu", i);
        bytes.p[i] ^= 0x55;
        cr_expect_neq(ledger_take(again, 1, span_of(bytes.p, i)), ERR_OK, "%zu bytes", i);
    }
    cr_expect_eq(ledger_last(again), 0u);
    cr_expect_eq(ledger_count(again), 0u);
    cr_expect_eq(ledger_take(again, 1, buf_span(&bytes)), ERR_OK);
    buf_fini(&bytes);
    ledger_close(again);
    rig_close(&r);
}

/* Who did what, when, from, to, why: one event as the audit has it. */
Test(bytes, an_event_tells_what_it_changed) {
    struct norm_rig r;
    struct norm n = rig_norm();
    rig_open(&r);
    cr_assert(rig_give(&r, LEDGER_DRAFT, "x", "shop", &n));
    n.value = 0.82;
    struct ledger_command c = rig_of(LEDGER_DRAFT, "x", "shop", &n);
    c.evidence = "study 4";
    cr_assert(rig_command(&r, c));
    const struct ledger_event *e = ledger_event(r.ledger, 2);
    cr_expect_str_eq(e->who, "shop");
    cr_expect_str_eq(e->why, "because");
    cr_expect_str_eq(e->evidence, "study 4");
    cr_expect_eq(e->at_ms, RIG_NOW);
    cr_assert_eq(e->change_n, 1u);
    cr_expect_str_eq(e->change[0].path, "value");
    cr_expect_str_eq(e->change[0].from, "0.8");
    cr_expect_str_eq(e->change[0].to, "0.82");
    cr_expect_null(ledger_event(r.ledger, 0));
    cr_expect_null(ledger_event(r.ledger, 3));
    rig_close(&r);
}

/* --- fields --------------------------------------------------------------------------------------
 */

Test(field, numbers_are_written_as_people_do_and_read_back_the_same) {
    static const struct {
        double x;
        const char *text;
    } row[] = {{30, "30"},
               {0, "0"},
               {0.85, "0.85"},
               {-3.5, "-3.5"},
               {1e15, "1e+15"},
               {123456.5, "123456.5"},
               {0.0001, "0.0001"},
               {1e-5, "1e-05"},
               {0.1 + 0.2, "0.30000000000000004"},
               {100000000000000, "100000000000000"}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char text[32];
        norm_real_text(row[i].x, text);
        cr_expect_str_eq(text, row[i].text);
    }
}

Test(field, paths_lead_to_fields_and_to_nothing_else) {
    struct norm n;
    struct norm_texts texts = {0};
    char why[FIELD_WHY];
    norm_init(&n);
    cr_expect_eq(norm_set(&n, "conditions.0.kind", span_str("tool"), NULL, &texts, why), ERR_OK);
    cr_expect_eq(n.condition_n, 1u);
    static const char *const none[] = {"",
                                       "valu",
                                       "scope",
                                       "scope.",
                                       "scope.x",
                                       "conditions",
                                       "conditions.2.kind",
                                       "conditions.x.kind",
                                       "value.x",
                                       "conditions.0",
                                       "conditions.99.kind",
                                       "basis..n"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_expect_eq(norm_set(&n, none[i], span_str("1"), NULL, &texts, why), ERR_NOT_FOUND, "%s",
                     none[i]);
    cr_expect_eq(norm_set(&n, "from", span_str("2026-02-30"), NULL, &texts, why), ERR_FORMAT);
    cr_expect_eq(norm_set(&n, "from", span_str("2026-06-01T06:00:00+07:00"), NULL, &texts, why),
                 ERR_OK);
    cr_expect_eq(n.from_ms, SIM_DAY0 - UTC_HOUR_MS);
    norm_texts_fini(&texts);
}
