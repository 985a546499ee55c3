#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alertfile/folder.h"
#include "hall.h"

struct place { /* a folder of rules for one test */
    char folder[64];
    struct plant *plant;
    struct conf_report report;
    struct buf said;
};

static void place_open(struct place *x) {
    (void)snprintf(x->folder, sizeof x->folder, "/tmp/pb-rules-XXXXXX");
    cr_assert_not_null(mkdtemp(x->folder));
    x->plant = hall_open();
    conf_report_init(&x->report);
    buf_init(&x->said);
}

static void path_of(const struct place *x, const char *name, char out[128]) {
    (void)snprintf(out, 128, "%s/%s", x->folder, name);
}

static void put(const struct place *x, const char *name, const char *text) {
    char path[128];
    path_of(x, name, path);
    cr_assert_eq(folder_write(path, span_str(text)), ERR_OK);
}

static void holds(const struct place *x, const char *name, const char *want) {
    char path[128], got[4096];
    path_of(x, name, path);
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f);
    got[fread(got, 1, sizeof got - 1, f)] = 0;
    (void)fclose(f);
    cr_expect_str_eq(got, want);
}

static const char *said(struct place *x) {
    buf_reset(&x->said);
    (void)conf_report_format(&x->report, &x->said);
    (void)buf_add_byte(&x->said, 0);
    return (const char *)x->said.p;
}

static void place_close(struct place *x) {
    static const char *const names[] = {"a.yaml", "b.yaml", "new.yaml"};
    char path[128];
    for (size_t i = 0; i < 3; i++) {
        path_of(x, names[i], path);
        (void)unlink(path);
    }
    cr_expect_eq(rmdir(x->folder), 0, "nothing else was written");
    buf_fini(&x->said);
    conf_report_fini(&x->report);
    plant_close(x->plant);
}

#define ONE "{indicator: oee, units: [press-1], below: 50 %}"

Test(set, rules_of_all_files_are_one_set_by_id) {
    struct place x;
    struct alertfile *f = NULL;
    place_open(&x);
    put(&x, "a.yaml", "rules: {z: " ONE ", b: " ONE "}\n");
    put(&x, "b.yaml", "rules: {c: " ONE "}\n");
    cr_assert_eq(alertfile_load(x.folder, x.plant, NULL, &x.report, NULL, &f), ERR_OK, "%s",
                 said(&x));
    cr_assert_eq(f->rules.rule_n, 3);
    cr_expect_str_eq(f->rules.rule[0].id.s, "b");
    cr_expect_str_eq(f->rules.rule[1].id.s, "c");
    cr_expect_str_eq(f->rules.rule[2].id.s, "z");
    cr_expect_not_null(strstr(f->place[1].file, "/b.yaml"));
    alertfile_close(f);
    place_close(&x);
}

Test(set, an_empty_folder_has_no_rules) {
    struct place x;
    struct alertfile *f = NULL;
    place_open(&x);
    cr_assert_eq(alertfile_load(x.folder, x.plant, NULL, &x.report, NULL, &f), ERR_OK);
    cr_expect_eq(f->rules.rule_n, 0);
    alertfile_close(f);
    place_close(&x);
}

Test(set, an_id_in_two_files_is_named_with_both_places) {
    struct place x;
    struct alertfile *f = NULL;
    place_open(&x);
    put(&x, "a.yaml", "# none\nrules:\n  one: " ONE "\n");
    put(&x, "b.yaml", "rules:\n  one: " ONE "\n");
    cr_expect_eq(alertfile_load(x.folder, x.plant, NULL, &x.report, NULL, &f), ERR_CONFIG);
    cr_expect_not_null(strstr(said(&x), "/b.yaml:2:3: rule one is in "), "%s", said(&x));
    cr_expect_not_null(strstr(said(&x), "/a.yaml, line 3 already"), "%s", said(&x));
    place_close(&x);
}

Test(set, mistakes_of_all_files_are_told_at_once) {
    struct place x;
    struct alertfile *f = NULL;
    place_open(&x);
    put(&x, "a.yaml", "rules: {one: {indicatr: oee}}\n");
    put(&x, "b.yaml", "rules: {two: {indicator: oee, units: [press-9], below: 1 %}}\n");
    cr_expect_eq(alertfile_load(x.folder, x.plant, NULL, &x.report, NULL, &f), ERR_CONFIG);
    cr_expect_not_null(strstr(said(&x), "indicatr"));
    cr_expect_not_null(strstr(said(&x), "press-9"));
    place_close(&x);
}

static struct ident id_of(const char *text) {
    struct ident id;
    cr_assert(ident_set(&id, span_str(text)));
    return id;
}

static enum err change(struct place *x, const struct ident *rule, const char *body) {
    const struct alertfile_change c = {
        .folder = x->folder, .name = "new.yaml", .rule = rule, .body = span_str(body)};
    return alertfile_change(&c, x->plant, NULL, &x->report);
}

Test(set, one_rule_is_changed_in_its_file) {
    struct place x;
    const struct ident one = id_of("one"), new = id_of("new");
    place_open(&x);
    put(&x, "a.yaml", "# ours\nrules:\n  one: " ONE "\n\n  # another\n  two: " ONE "\n");
    cr_expect_eq(change(&x, &one, "indicator: oee\nunits: [press-2]\nbelow: 40 %\n"), ERR_OK, "%s",
                 said(&x));
    holds(
        &x, "a.yaml",
        "# ours\nrules:\n  one:\n    indicator: oee\n    units: [press-2]\n    below: 40 %\n\n  # "
        "another\n  two: " ONE "\n");
    cr_expect_eq(change(&x, &new, ONE), ERR_OK, "%s", said(&x));
    holds(&x, "new.yaml", "rules:\n  new:\n    " ONE "\n");
    cr_expect_eq(change(&x, &one, ""), ERR_OK);
    holds(&x, "a.yaml", "# ours\nrules:\n\n  # another\n  two: " ONE "\n");
    cr_expect_eq(change(&x, &one, ""), ERR_NOT_FOUND);
    place_close(&x);
}

Test(set, a_change_that_is_wrong_changes_nothing) {
    struct place x;
    const struct ident one = id_of("one");
    place_open(&x);
    put(&x, "a.yaml", "rules:\n  one: " ONE "\n");
    cr_expect_eq(change(&x, &one, "{indicator: oee, units: [press-9], below: 1 %}"), ERR_CONFIG);
    cr_expect_not_null(strstr(said(&x), "/a.yaml:3:30: unit press-9"), "%s", said(&x));
    holds(&x, "a.yaml", "rules:\n  one: " ONE "\n");
    /* What breaks out of its place would say something about the other rules. */
    cr_expect_eq(change(&x, &one, "below: 1 %\n}\nrules: {}"), ERR_CONFIG);
    holds(&x, "a.yaml", "rules:\n  one: " ONE "\n");
    place_close(&x);
}

static enum err change_when(struct place *x, const struct ident *rule, struct alertfile_change c) {
    c.folder = x->folder;
    c.name = "new.yaml";
    c.rule = rule;
    c.body = span_str("indicator: oee\nunits: [press-2]\nbelow: 40 %\n");
    return alertfile_change(&c, x->plant, NULL, &x->report);
}

Test(set, what_another_has_changed_meanwhile_is_not_overwritten) {
    struct place x;
    struct alertfile *f = NULL;
    const struct ident one = id_of("one"), two = id_of("two");
    place_open(&x);
    put(&x, "a.yaml", "rules:\n  # why\n  one: " ONE " # as it is\n");
    cr_assert_eq(alertfile_load(x.folder, x.plant, NULL, &x.report, NULL, &f), ERR_OK);
    const struct span text = f->place[0].text;
    cr_expect(span_equal(text, span_str("  one: " ONE " # as it is\n")), "%.*s", (int)text.n,
              (const char *)text.p);
    const uint64_t print = alertfile_print(text);
    alertfile_close(f);
    const struct alertfile_change still = {.when = ALERTFILE_STILL, .print = print};
    const struct alertfile_change other = {.when = ALERTFILE_STILL, .print = print + 1};
    const struct alertfile_change fresh = {.when = ALERTFILE_NEW};
    cr_expect_eq(change_when(&x, &one, other), ERR_STATE);
    cr_expect_eq(change_when(&x, &one, fresh), ERR_EXISTS);
    cr_expect_eq(change_when(&x, &two, still), ERR_NOT_FOUND);
    holds(&x, "a.yaml", "rules:\n  # why\n  one: " ONE " # as it is\n");
    cr_expect_eq(change_when(&x, &one, still), ERR_OK, "%s", said(&x));
    cr_expect_eq(change_when(&x, &one, still), ERR_STATE); /* the second of two who had the same */
    cr_expect_eq(change_when(&x, &two, fresh), ERR_OK, "%s", said(&x));
    place_close(&x);
}

static void differ(const struct plant *p, const char *old, const char *now, const char *want) {
    struct alertfile *a = NULL, *b = NULL;
    char text[HALL_SAID];
    struct buf out;
    size_t n = 99, lines = 0;
    buf_init(&out);
    cr_assert_eq(hall_load(old, p, &a, text), ERR_OK, "%s", text);
    cr_assert_eq(hall_load(now, p, &b, text), ERR_OK, "%s", text);
    cr_assert_eq(alertfile_diff(a, p, b, p, &out, &n), ERR_OK);
    cr_expect(span_equal(buf_span(&out), span_str(want)), "%.*s", (int)out.n,
              out.n ? (const char *)out.p : "");
    for (const char *c = want; *c; c++)
        lines += *c == '\n';
    cr_expect_eq(n, lines);
    buf_fini(&out);
    alertfile_close(a);
    alertfile_close(b);
}

Test(set, differences_are_told_by_rule) {
    struct plant *p = hall_open();
    differ(p, "rules: {a: " ONE ", b: " ONE "}", "rules: {b: " ONE ", a: " ONE "}", "");
    differ(p, "rules: {a: " ONE ", c: " ONE "}", "rules: {b: " ONE ", c: " ONE "}",
           "- rule a: its alerts end\n+ rule b at 1 node\n");
    differ(p, "rules: {a: " ONE "}", "rules: {a: {indicator: oee, units: [press-1], below: 40 %}}",
           "~ rule a: says something else, its alerts begin anew\n");
    differ(p, "rules: {a: " ONE "}",
           "rules: {a: {indicator: oee, units: [press-2], below: 50 %, owner: me}}",
           "~ rule a: 1 more; 1 fewer; other texts or recipients\n");
    plant_close(p);
}
