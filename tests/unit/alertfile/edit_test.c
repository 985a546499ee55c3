#include "alertfile/edit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *edited(const char *text, const char *rule, const char *body, enum err want) {
    struct ident id;
    struct buf out;
    buf_init(&out);
    cr_assert(ident_set(&id, span_str(rule)));
    cr_assert_eq(edit_rule(span_str(text), &id, span_str(body), &out), want);
    char *copy = strndup(out.p ? (const char *)out.p : "", out.n);
    buf_fini(&out);
    return copy;
}

static void becomes(const char *text, const char *rule, const char *body, const char *want) {
    char *got = edited(text, rule, body, ERR_OK);
    cr_expect_str_eq(got, want);
    free(got);
}

#define HEAD "# the night shift's\nrules:\n  # idle\n  one:\n    above: 1 kW # note\n\n"
#define TAIL "  # scrap\n  two: {above: 2 %}\n# end\n"

Test(edit, only_the_rule_changes) {
    becomes(
        HEAD TAIL, "one", "above: 3 kW\nfor: 5 min\n",
        "# the night shift's\nrules:\n  # idle\n  one:\n    above: 3 kW\n    for: 5 min\n\n" TAIL);
    becomes(HEAD TAIL, "two", "above: 4 %\n", HEAD "  # scrap\n  two:\n    above: 4 %\n# end\n");
}

Test(edit, a_comment_at_the_key_stays) {
    becomes("rules:\n  one: # ask Ann\n    above: 1\n", "one", "above: 2",
            "rules:\n  one: # ask Ann\n    above: 2\n");
}

Test(edit, the_bodys_own_indent_is_replaced_and_its_blocks_keep_theirs) {
    becomes("rules:\n    \"one\":\n        above: 1\n", "one",
            "  above: 2\n  action: |\n    look\n\n      twice\n",
            "rules:\n    \"one\":\n      above: 2\n      action: |\n        look\n\n          "
            "twice\n");
}

Test(edit, a_new_rule_stands_behind_the_last) {
    becomes(HEAD TAIL, "three", "{\"above\": 1}",
            HEAD "  # scrap\n  two: {above: 2 %}\n  three:\n    {\"above\": 1}\n# end\n");
    becomes("", "one", "above: 1", "rules:\n  one:\n    above: 1\n");
    becomes("rules:\n", "one", "above: 1", "rules:\n  one:\n    above: 1\n");
    becomes("rules:\n  a: {b: 1}", "one", "above: 1",
            "rules:\n  a: {b: 1}\n  one:\n    above: 1\n");
}

Test(edit, a_rule_is_taken_out) {
    becomes(HEAD TAIL, "one", "", "# the night shift's\nrules:\n  # idle\n\n" TAIL);
    becomes(HEAD TAIL, "two", "", HEAD "  # scrap\n# end\n");
    free(edited(HEAD TAIL, "three", "", ERR_NOT_FOUND));
}

Test(edit, an_id_that_another_begins_with_is_another) {
    becomes("rules:\n  one-b: {a: 1}\n  one: {a: 2}\n", "one", "a: 3",
            "rules:\n  one-b: {a: 1}\n  one:\n    a: 3\n");
}

Test(edit, lists_at_the_indent_of_their_key_belong_to_the_rule) {
    becomes("rules:\n  one:\n    levels:\n    - {above: 1}\n    - {above: 2}\n  two: {a: 1}\n",
            "one", "a: 3", "rules:\n  one:\n    a: 3\n  two: {a: 1}\n");
}

Test(edit, rules_in_braces_are_left_alone) {
    char *got = edited("rules: {one: {above: 1}}\n", "one", "above: 2", ERR_UNSUPPORTED);
    cr_expect_str_empty(got);
    free(got);
}

Test(edit, line_ends_of_another_system_stay) {
    becomes("rules:\r\n  one:\r\n    a: 1\r\n  two: {a: 1}\r\n", "one", "a: 2",
            "rules:\r\n  one:\r\n    a: 2\n  two: {a: 1}\r\n");
}

/* The entry reaches from its key on, the body is what stands behind the key, moved to the margin.
 */
static void found(const char *text, const char *rule, const char *entry, const char *body) {
    struct ident id;
    struct edit_place at;
    struct buf out;
    buf_init(&out);
    cr_assert(ident_set(&id, span_str(rule)));
    cr_assert_eq(edit_find(span_str(text), &id, &at), ERR_OK);
    cr_assert(edit_in_lines(span_str(text)));
    struct edit_place same;
    const size_t line = (size_t)((const char *)at.entry.p - text);
    cr_assert_eq(edit_find_at(span_str(text), line, &id, &same), ERR_OK);
    cr_expect(same.entry.p == at.entry.p && same.entry.n == at.entry.n);
    cr_expect(same.body.p == at.body.p && same.body.n == at.body.n);
    cr_expect(span_equal(at.entry, span_str(entry)), "%.*s", (int)at.entry.n, at.entry.p);
    cr_expect_eq(edit_body(at.body, 0, &out), ERR_OK);
    cr_expect(span_equal(buf_span(&out), span_str(body)), "%.*s", (int)out.n, out.p);
    buf_fini(&out);
}

Test(edit, a_rule_is_found_with_what_it_says) {
    found(HEAD TAIL, "one", "  one:\n    above: 1 kW # note\n", "above: 1 kW # note\n");
    found(HEAD TAIL, "two", "  two: {above: 2 %}\n", "{above: 2 %}\n");
    found("rules:\n  one: # ours\n      # why\n      a: 1\n      b:\n        - 2\n", "one",
          "  one: # ours\n      # why\n      a: 1\n      b:\n        - 2\n",
          "# why\na: 1\nb:\n  - 2\n");
    found("rules:\n  one:", "one", "  one:", "");
}

Test(edit, what_is_not_there_is_not_found) {
    const struct ident id = {"three"};
    struct edit_place at;
    cr_expect_eq(edit_find(span_str(HEAD TAIL), &id, &at), ERR_NOT_FOUND);
    cr_expect_eq(edit_find(span_str(""), &id, &at), ERR_NOT_FOUND);
    cr_expect_eq(edit_find(span_str("rules: {three: {above: 1}}\n"), &id, &at), ERR_UNSUPPORTED);
    cr_expect_not(edit_in_lines(span_str("rules: {\n  three: {above: 1}}\n")));
    cr_expect_not(edit_in_lines(span_str("")));
    cr_expect_eq(edit_find_at(span_str(HEAD TAIL), 0, &id, &at), ERR_NOT_FOUND);
}
