#include "ctl/cells.h"

#include <criterion/criterion.h>
#include <locale.h>

static struct buf out;
static struct cells c;

static void open_line(void) {
    setlocale(LC_CTYPE, "C.UTF-8");
    buf_init(&out);
    c = (struct cells){.out = &out, .width = 20};
}

static void close_line(void) {
    buf_fini(&out);
}

static void expect(const char *text) {
    cr_assert_not(buf_add_byte(&out, 0));
    cr_expect_str_eq((const char *)out.p, text);
}

TestSuite(cells, .init = open_line, .fini = close_line);

Test(cells, a_field_is_filled_on_the_left_or_the_right) {
    cells_field(&c, STYLE_PLAIN, span_str("ab"), 4, false);
    cells_field(&c, STYLE_PLAIN, span_str("cd"), 4, true);
    cells_put(&c, STYLE_PLAIN, span_str("|"));
    expect("ab    cd|");
}

Test(cells, a_long_text_is_cut_with_an_ellipsis) {
    cells_field(&c, STYLE_PLAIN, span_str("abcdef"), 4, false);
    expect("abc…");
}

Test(cells, a_line_never_becomes_wider_than_the_terminal) {
    cells_put(&c, STYLE_PLAIN, span_str("0123456789012345678901234"));
    cr_expect_eq(c.used, 20);
    expect("01234567890123456789");
}

Test(cells, accents_take_one_column_and_marks_none) {
    cr_expect_eq(cells_width(span_str("phân xưởng")), 10);
    cr_expect_eq(cells_width(span_str("a\xcc\x81")), 1); /* a and a combining acute */
}

Test(cells, control_characters_and_broken_bytes_are_shown_as_question_marks) {
    cells_put(&c, STYLE_PLAIN, span_str("a\033[2Jb\xffz\x7f\xc2\x9b"));
    expect("a?[2Jb?z??");
}

Test(cells, colour_is_only_written_where_it_is_wanted) {
    c.colour = true;
    cells_put(&c, STYLE_BAD, span_str("x"));
    expect("\033[31mx\033[0m");
}
