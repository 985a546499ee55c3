/* Norms as JSON: the command form read, what the ledger holds written. */
#include "views/norms.h"

#include <criterion/criterion.h>

#include "held.h"
#include "reader.h"
#include "simkit/line_plant.h"

struct scene {
    struct plant *plant;
    struct ledger *ledger;
    struct norm_form form;
    struct ledger_refusal why;
};

static void open_scene(struct scene *s) {
    static const struct held norm[] = {{2, "time_utilization", 0.8, "Board", SIM_DAY0},
                                       {1, "time_utilization", 0.7, "Board", SIM_DAY0}};
    cr_assert_eq(line_plant_open(&s->plant), ERR_OK);
    s->ledger = held_open(s->plant, norm, 2);
}

static void close_scene(struct scene *s) {
    ledger_close(s->ledger);
    plant_close(s->plant);
}

static enum err form(struct scene *s, const char *json) {
    return norm_form_read(span_str(json), s->plant, s->ledger, &s->form, &s->why);
}

Test(norms, a_command_is_read_with_all_its_members) {
    struct scene s;
    open_scene(&s);
    cr_assert_eq(form(&s,
                      "{\"action\":\"answer\",\"id\":\"held-0\",\"who\":\"office\",\"why\":\"so\","
                      "\"evidence\":\"study\",\"key\":\"k\",\"owner\":\"chief\",\"accept\":false,"
                      "\"due\":\"2026-06-03\",\"at\":\"2026-06-02T00:00:00Z\"}"),
                 ERR_OK, "%s", s.why.why);
    const struct ledger_command *c = &s.form.command;
    cr_expect_eq(c->action, LEDGER_ANSWER);
    cr_expect_str_eq(c->id.s, "held-0");
    cr_expect_str_eq(c->who, "office");
    cr_expect_str_eq(c->evidence, "study");
    cr_expect_str_eq(c->owner, "chief");
    cr_expect(span_equal(c->key, span_str("k")));
    cr_expect_not(c->accept);
    cr_expect_eq(c->due_ms, SIM_DAY0 + 2 * UTC_DAY_MS);
    cr_expect_eq(c->at_ms, SIM_DAY0 + UTC_DAY_MS);
    cr_expect_null(c->norm);
    norm_form_fini(&s.form);
    close_scene(&s);
}

/* What is set is put over what the ledger has; what a document says in whole is not. */
Test(norms, fields_come_as_a_tree_or_by_path) {
    struct scene s;
    open_scene(&s);
    cr_assert_eq(form(&s, "{\"action\":\"draft\",\"id\":\"held-0\",\"set\":{\"value\":\"0.85\","
                          "\"conditions.0.kind\":\"tool\"}}"),
                 ERR_OK, "%s", s.why.why);
    cr_expect_eq(s.form.norm.value, 0.85);
    cr_expect_str_eq(s.form.norm.scope.node.s, "press", "of the ledger");
    cr_expect_eq(s.form.norm.condition[0].kind, CONDITION_TOOL);
    norm_form_fini(&s.form);
    cr_assert_eq(form(&s, "{\"action\":\"import\",\"id\":\"held-0\",\"set\":{\"value\":1}}"),
                 ERR_OK);
    cr_expect_str_eq(s.form.norm.scope.node.s, "", "a document says all");
    norm_form_fini(&s.form);
    cr_assert_eq(form(&s, "{\"action\":\"propose\",\"norm\":{\"indicator\":\"oee\",\"value\":0.5,"
                          "\"scope\":{\"node\":\"line\",\"team\":null},\"piece_paid\":true,"
                          "\"basis\":{\"n\":30,\"exclusions\":[{\"reason\":\"a\",\"n\":2},"
                          "{\"reason\":\"b\"}]}}}"),
                 ERR_OK, "%s", s.why.why);
    cr_expect_eq(s.form.norm.indicator, IND_OEE);
    cr_expect_str_eq(s.form.norm.scope.node.s, "line");
    cr_expect(s.form.norm.piece_paid);
    cr_expect_eq(s.form.norm.basis.n, 30);
    cr_expect_eq(s.form.norm.basis.exclusion_n, 2u);
    cr_expect_str_eq(s.form.norm.basis.exclusion[1].reason, "b");
    norm_form_fini(&s.form);
    close_scene(&s);
}

static enum err give(struct scene *s, const char *json, struct ledger_answer *out) {
    cr_assert_eq(form(s, json), ERR_OK, "%s", s->why.why);
    enum err err = ledger_apply(s->ledger, &s->form.command, SIM_DAY0 + UTC_DAY_MS, out);
    norm_form_fini(&s->form);
    return err;
}

/* The answer got lost, the same is sent again: by then the ledger has what it said, and more. */
Test(norms, a_command_that_sets_fields_counts_once_under_its_key) {
    static const char draft[] =
        "{\"action\":\"draft\",\"id\":\"use\",\"who\":\"shop\",\"key\":\"k1\",\"set\":{"
        "\"indicator\":\"oee\",\"value\":0.61}}";
    static const char again[] = "{\"action\":\"draft\",\"id\":\"use\",\"who\":\"shop\",\"key\":"
                                "\"k2\",\"set\":{\"value\":0.7}}";
    static const char other[] = "{\"action\":\"draft\",\"id\":\"use\",\"who\":\"shop\",\"key\":"
                                "\"k2\",\"set\":{\"value\":0.7,\"note\":\"\"}}";
    struct scene s;
    struct ledger_answer a;
    open_scene(&s);
    cr_assert_eq(give(&s, draft, &a), ERR_OK, "%s", a.refusal.why);
    const uint64_t n = a.n;
    cr_assert_eq(give(&s, draft, &a), ERR_OK, "%s", a.refusal.why);
    cr_expect(a.repeated && a.n == n);
    cr_assert_eq(give(&s, again, &a), ERR_OK, "%s", a.refusal.why);
    cr_assert_eq(give(&s, draft, &a), ERR_OK, "also when it says something else by now");
    cr_expect(a.repeated && a.n == n);
    cr_assert_eq(give(&s, again, &a), ERR_OK, "%s", a.refusal.why);
    cr_expect(a.repeated && a.n == n + 1);
    cr_expect_eq(give(&s, other, &a), ERR_EXISTS, "that is another command");
    cr_expect_eq(ledger_last(s.ledger), n + 1);
    close_scene(&s);
}

/* Older tools wrote down where on somebody's disk the document lay. */
Test(norms, an_import_tells_the_name_of_its_document_only) {
    struct ledger_event e = {.who = "office",
                             .action = LEDGER_IMPORT,
                             .why = "imported from /home/anna/docs/2026/norms.yaml",
                             .evidence = "",
                             .from = NORM_STATE_COUNT};
    struct json_writer w;
    struct buf text;
    buf_init(&text);
    json_writer_init(&w, &text);
    view_norm_event(&w, &e);
    cr_assert_eq(json_writer_finish(&w), ERR_OK);
    cr_expect(strstr((const char *)text.p, "\"why\":\"imported from norms.yaml\""), "%s", text.p);
    e.action = LEDGER_APPROVE;
    buf_reset(&text);
    json_writer_init(&w, &text);
    view_norm_event(&w, &e);
    cr_assert_eq(json_writer_finish(&w), ERR_OK);
    cr_expect(strstr((const char *)text.p, "/home/anna/docs/"), "what people write stays: %s",
              text.p);
    buf_fini(&text);
}

Test(norms, a_wrong_form_says_what_is_wrong) {
    static const struct {
        const char *json, *field, *says;
    } row[] = {
        {"[]", "", "expected an object"},
        {"{\"action\":\"aprove\"}", "action", "did you mean approve?"},
        {"{}", "action", "is no action"},
        {"{\"action\":\"draft\",\"whom\":\"x\"}", "", "did you mean who?"},
        {"{\"action\":\"draft\",\"who\":5}", "who", "expected a text"},
        {"{\"action\":\"draft\",\"id\":\"A b\"}", "id", "expected an id"},
        {"{\"action\":\"draft\",\"accept\":1}", "accept", "expected true or false"},
        {"{\"action\":\"draft\",\"due\":\"soon\"}", "due", "expected a date"},
        {"{\"action\":\"draft\",\"norm\":[]}", "norm", "expected an object"},
        {"{\"action\":\"draft\",\"set\":3}", "set", "expected an object"},
        {"{\"action\":\"draft\",\"set\":{\"valeu\":\"1\"}}", "norm", "no such field"},
        {"{\"action\":\"draft\",\"set\":{\"value\":\"much\"}}", "norm", "expected a number"},
        {"{\"action\":\"draft\",\"set\":{\"value\":[1]}}", "norm", "a field holds"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct scene s;
        open_scene(&s);
        const enum err err = form(&s, row[i].json);
        cr_expect_neq(err, ERR_OK, "%s", row[i].json);
        cr_expect_str_eq(s.why.field, row[i].field, "%s", row[i].json);
        cr_expect_not_null(strstr(s.why.why, row[i].says), "%s: %s", row[i].json, s.why.why);
        norm_form_fini(&s.form);
        close_scene(&s);
    }
}

/* --- what is shown ------------------------------------------------------------------------------
 */

Test(norms, one_in_force_is_shown_with_the_others_and_why) {
    struct scene s;
    struct shown v;
    open_scene(&s);
    const struct view_norm_why ask = {
        .node = 2, .indicator = IND_TIME_UTILIZATION, .t_ms = SIM_DAY0 + UTC_DAY_MS};
    struct json_writer w = shown_begin(&v);
    view_norm_why(&w, s.ledger, s.plant, &ask);
    shown_end(&v, &w);
    cr_expect_str_eq(shown_text(&v, "norm.id"), "held-0");
    cr_expect_str_eq(shown_text(&v, "norm.status"), "in_force");
    cr_expect_eq(shown_real(&v, "norm.fields.value"), 0.8);
    cr_expect_str_eq(shown_text(&v, "norm.fields.scope.node"), "press");
    cr_expect_eq(shown_int(&v, "others"), 1);
    cr_expect_str_eq(shown_text(&v, "not_chosen.0.id"), "held-1");
    cr_expect_str_eq(shown_text(&v, "not_chosen.0.because"), "is of a node farther up");
    shown_fini(&v);
    close_scene(&s);
}

/* A zone seven hours ahead of UTC, all year (TZif, version 2: two blocks alike, then the rule). */
static struct zone *seven_hours_ahead(void) {
#define BLOCK                                                                                      \
    "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"                                                          \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4"                                             \
    "\0\0\x62\x70\0\0+07\0"
    static const char bytes[] = BLOCK BLOCK "\n<+07>-7\n";
    struct zone *z = NULL;
    cr_assert_eq(zone_open(span_of(bytes, sizeof bytes - 1), &z), ERR_OK);
    return z;
}

/* The first of June begins there at 17:00 UTC of the last of May. */
Test(norms, a_day_of_a_norm_is_one_of_the_plant) {
    struct scene s;
    struct shown v;
    open_scene(&s);
    zone_close(s.plant->zone);
    s.plant->zone = seven_hours_ahead();
    cr_assert_eq(
        form(&s, "{\"action\":\"draft\",\"id\":\"late\",\"who\":\"shop\",\"due\":\"2026-07-01\","
                 "\"set\":{\"indicator\":\"oee\",\"value\":0.5,\"from\":\"2026-06-01\"}}"),
        ERR_OK, "%s", s.why.why);
    struct ledger_answer a;
    cr_assert_eq(ledger_apply(s.ledger, &s.form.command, SIM_DAY0, &a), ERR_OK);
    norm_form_fini(&s.form);
    struct json_writer w = shown_begin(&v);
    view_norm_whole(&w, s.ledger, ledger_find(s.ledger, "late"), SIM_DAY0);
    shown_end(&v, &w);
    cr_expect_str_eq(shown_text(&v, "fields.from"), "2026-05-31T17:00:00.000Z");
    cr_expect_str_eq(shown_text(&v, "days.from"), "2026-06-01");
    cr_expect_str_eq(shown_text(&v, "days.due"), "2026-07-01");
    shown_fini(&v);
    close_scene(&s);
}

Test(norms, a_list_is_asked_by_node_indicator_state_and_page) {
    static const struct {
        struct view_norms ask;
        int count;
    } row[] = {
        {{.node = UINT32_MAX, .indicator = INDICATOR_COUNT, .limit = 9}, 2},
        {{.node = UINT32_MAX, .indicator = INDICATOR_COUNT, .limit = 1}, 1},
        {{.node = UINT32_MAX, .indicator = INDICATOR_COUNT, .from = 1, .limit = 9}, 1},
        {{.node = UINT32_MAX, .indicator = IND_OEE, .limit = 9}, 0},
        {{.node = 3, .indicator = INDICATOR_COUNT, .limit = 9}, 1},
        {{.node = UINT32_MAX, .indicator = INDICATOR_COUNT, .states = 1u << NORM_DRAFT, .limit = 9},
         0},
        {{.node = UINT32_MAX,
          .indicator = INDICATOR_COUNT,
          .states = 1u << NORM_IN_FORCE,
          .limit = 9},
         2},
        {{.node = UINT32_MAX, .indicator = INDICATOR_COUNT, .overdue = true, .limit = 9}, 0},
    };
    struct scene s;
    open_scene(&s);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct shown v;
        struct json_writer w = shown_begin(&v);
        view_norms(&w, s.ledger, &row[i].ask, SIM_DAY0 + UTC_DAY_MS);
        shown_end(&v, &w);
        cr_expect_eq(json_count(shown_at(&v, "norms")), (size_t)row[i].count, "row %zu", i);
        cr_expect_eq(shown_int(&v, "events"), 2);
        shown_fini(&v);
    }
    close_scene(&s);
}

Test(norms, the_audit_is_told_as_json_lines_and_as_csv) {
    struct scene s;
    struct shown v;
    struct buf lines, csv;
    open_scene(&s);
    struct json_writer w = shown_begin(&v);
    view_norm_audit(&w, s.ledger, 2, 1);
    shown_end(&v, &w);
    cr_expect_eq(json_count(shown_at(&v, "events")), 1u);
    cr_expect_eq(shown_int(&v, "events.0.event"), 2);
    cr_expect_str_eq(shown_text(&v, "events.0.who"), "office");
    cr_expect_null(shown_text(&v, "events.0.from"), "it is new");
    cr_expect_str_eq(shown_text(&v, "events.0.to"), "approved");
    cr_expect_eq(json_kind(shown_at(&v, "next")), JSON_KIND_NULL);
    buf_init(&lines);
    buf_init(&csv);
    cr_assert_eq(view_norm_audit_file(&lines, s.ledger, 1, 10, false), ERR_OK);
    size_t n = 0;
    for (size_t i = 0; i < lines.n; i++)
        n += lines.p[i] == '\n';
    cr_expect_eq(n, 2u);
    cr_assert_eq(view_norm_audit_file(&csv, s.ledger, 1, 10, true), ERR_OK);
    cr_assert_eq(buf_add_byte(&csv, 0), ERR_OK);
    cr_expect_not_null(strstr((const char *)csv.p,
                              "\n1,1970-01-01T00:00:00.000Z,office,import,held-0,"
                              ",approved,,,value,,0.8\n"),
                       "%s", (const char *)csv.p);
    buf_fini(&lines);
    buf_fini(&csv);
    shown_fini(&v);
    close_scene(&s);
}
