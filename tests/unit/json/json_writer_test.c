#include <criterion/criterion.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "json/json.h"
#include "json/json_real.h"
#include "json/json_writer.h"

static void expect_text(struct json_writer *w, const char *expected) {
    cr_assert_eq(json_writer_finish(w), ERR_OK);
    cr_expect(span_equal(buf_span(w->out), span_str(expected)), "%.*s", (int)w->out->n,
              (const char *)w->out->p);
    buf_fini(w->out);
}

Test(json_writer, nested_values_get_their_commas) {
    struct buf b;
    struct json_writer w;
    buf_init(&b);
    json_writer_init(&w, &b);
    json_writer_begin_object(&w);
    json_writer_key(&w, "a");
    json_writer_begin_array(&w);
    json_writer_int64(&w, 1);
    json_writer_begin_object(&w);
    json_writer_end_object(&w);
    json_writer_begin_array(&w);
    json_writer_end_array(&w);
    json_writer_null(&w);
    json_writer_end_array(&w);
    json_writer_key(&w, "b");
    json_writer_bool(&w, true);
    json_writer_key(&w, "c");
    json_writer_raw(&w, span_str("{\"d\":0}"));
    json_writer_end_object(&w);
    expect_text(&w, "{\"a\":[1,{},[],null],\"b\":true,\"c\":{\"d\":0}}");
}

Test(json_writer, strings_are_escaped_and_bad_utf8_is_replaced) {
    struct buf b;
    struct json_writer w;
    buf_init(&b);
    json_writer_init(&w, &b);
    json_writer_begin_array(&w);
    json_writer_text(&w, "q\" b\\ n\n t\t e\x1b /");
    json_writer_text(&w, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8f\xad"); /* é € factory: stay */
    json_writer_text(&w, "x\xffy\xc0\xafz\xed\xa0\x80\xe2\x82");  /* each bad byte: U+FFFD */
    json_writer_string(&w, span_of("a\0b", 3));
    json_writer_string(&w, span_of(NULL, 0));
    json_writer_text(&w, NULL);
    json_writer_end_array(&w);
    expect_text(&w,
                "[\"q\\\" b\\\\ n\\n t\\t e\\u001b /\",\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8f\xad\","
                "\"x\xef\xbf\xbdy\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                "\xef\xbf\xbd\xef\xbf\xbd\",\"a\\u0000b\",\"\",null]");
}

Test(json_writer, reals_are_shortest_and_never_illegal) {
    struct buf b;
    struct json_writer w;
    buf_init(&b);
    json_writer_init(&w, &b);
    json_writer_begin_array(&w);
    const double v[] = {0.1, 1.0 / 3.0, 2.5, 100, 1e21, -0.0, NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        json_writer_real(&w, v[i]);
    }
    json_writer_decimal(&w, -12500, 3);
    json_writer_end_array(&w);
    /* 1/3 needs 16 digits: 0.333333333333333 (15) is another double */
    expect_text(&w, "[0.1,0.3333333333333333,2.5,100,1e+21,-0,null,null,null,-12.5]");
}

Test(json_writer, every_real_reads_back_as_itself) {
    const double special[] = {DBL_MIN, DBL_MAX, DBL_TRUE_MIN, DBL_EPSILON, 5e-310, 0.1 + 0.2};
    char text[JSON_REAL_TEXT];
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++) {
        json_real_format(special[i], text);
        cr_expect_eq(strtod(text, NULL), special[i], "%s", text);
    }
    json_real_format(DBL_TRUE_MIN, text);
    cr_expect_str_eq(text, "5e-324");
    uint64_t x = 88172645463325252; /* xorshift64 from a fixed seed */
    for (int i = 0; i < 20000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        double d = 0;
        memcpy(&d, &x, sizeof d);
        if (isfinite(d)) {
            json_real_format(d, text);
            cr_assert_eq(strtod(text, NULL), d, "%s", text);
        }
    }
}

Test(json_writer, what_is_written_is_read_back) {
    struct buf b;
    struct json_writer w;
    buf_init(&b);
    json_writer_init(&w, &b);
    json_writer_begin_object(&w);
    json_writer_key(&w, "k\"\n");
    json_writer_int64(&w, INT64_MIN);
    json_writer_end_object(&w);
    cr_assert_eq(json_writer_finish(&w), ERR_OK);
    struct json_value *root = NULL;
    cr_assert_eq(json_parse(buf_span(&b), NULL, &root, NULL), ERR_OK);
    int64_t v = 0;
    cr_expect_eq(json_int64_of(json_find(root, "k\"\n"), &v), ERR_OK);
    cr_expect_eq(v, INT64_MIN);
    json_close(root);
    buf_fini(&b);
}

Test(json_writer, lack_of_memory_is_told_at_the_end) {
    struct buf b;
    struct json_writer w;
    buf_init(&b);
    json_writer_init(&w, &b);
    json_writer_begin_array(&w);
    b.failed = true; /* as after a growth that found no memory */
    json_writer_text(&w, "lost");
    json_writer_end_array(&w);
    cr_expect_eq(json_writer_finish(&w), ERR_NOMEM);
    buf_fini(&b);
}
