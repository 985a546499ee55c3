#include "ctl/args.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include "ctl/ctl.h"

struct taken {
    const char *text;
    bool flag;
    int64_t t_ms;
    struct args_texts many, operands;
};

static enum args_verdict parse(struct taken *t, int argc, char **argv) {
    const struct args_row rows[] = {{"text", "T", ARGS_TEXT, &t->text, "a text"},
                                    {"flag", NULL, ARGS_FLAG, &t->flag, "a flag"},
                                    {"time", "T", ARGS_TIME, &t->t_ms, "a time"},
                                    {"many", "T", ARGS_TEXTS, &t->many, "several"}};
    const struct args a = {.usage = "test", .about = "About.", .rows = rows, .row_n = 4, .most = 2};
    return args_parse(&a, argc, argv, &t->operands);
}

Test(args, options_take_their_value_from_the_next_word_or_after_an_equals_sign) {
    struct taken t = {0};
    char *argv[] = {"test", "--text", "a", "--flag", "--many=x", "--many", "y", "file"};
    cr_assert_eq(parse(&t, 8, argv), ARGS_GO);
    cr_expect_str_eq(t.text, "a");
    cr_expect(t.flag);
    cr_assert_eq(t.many.n, 2);
    cr_expect_str_eq(t.many.at[1], "y");
    cr_assert_eq(t.operands.n, 1);
    cr_expect_str_eq(t.operands.at[0], "file");
}

Test(args, a_date_is_its_midnight_in_utc) {
    struct taken t = {0};
    char *argv[] = {"test", "--time", "1970-01-02"};
    cr_assert_eq(parse(&t, 3, argv), ARGS_GO);
    cr_expect_eq(t.t_ms, 86400000); /* one day after 1970-01-01 */
}

Test(args, a_time_with_an_offset_is_taken) {
    struct taken t = {0};
    char *argv[] = {"test", "--time=1970-01-01T07:00:01+07:00"};
    cr_assert_eq(parse(&t, 2, argv), ARGS_GO);
    cr_expect_eq(t.t_ms, 1000);
}

Test(args, an_unknown_option_names_the_nearest, .init = cr_redirect_stderr) {
    struct taken t = {0};
    char *argv[] = {"test", "--flagg"};
    cr_assert_eq(parse(&t, 2, argv), ARGS_WRONG);
    fflush(stderr);
    cr_expect_stderr_eq_str(
        "plantbus: no option --flagg; did you mean --flag?\nUsage: plantbus test\n");
}

Test(args, a_missing_value_and_a_bad_time_are_wrong_calls, .init = cr_redirect_stderr) {
    struct taken t = {0};
    char *missing[] = {"test", "--text"}, *bad[] = {"test", "--time", "noon"};
    cr_expect_eq(parse(&t, 2, missing), ARGS_WRONG);
    cr_expect_eq(parse(&t, 3, bad), ARGS_WRONG);
    cr_expect_eq(args_exit(ARGS_WRONG), CTL_USAGE);
    cr_expect_eq(args_exit(ARGS_HELPED), CTL_OK);
}

Test(args, behind_two_dashes_everything_is_an_operand) {
    struct taken t = {0};
    char *argv[] = {"test", "--", "--flag"};
    cr_assert_eq(parse(&t, 3, argv), ARGS_GO);
    cr_expect_not(t.flag);
    cr_expect_str_eq(t.operands.at[0], "--flag");
}
