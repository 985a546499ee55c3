#include <criterion/criterion.h>

#include "sample.h"

/* Loads both texts and expects the names of the fixed keys that differ. */
static void changes(const char *old_yaml, const char *new_yaml, const char *want) {
    struct sample a, b;
    char said[SAMPLE_SAID];
    struct buf names;
    size_t n = 99, lines = 0;

    buf_init(&names);
    cr_assert_eq(sample_load(old_yaml, &a, said), ERR_OK, "%s", said);
    cr_assert_eq(sample_load(new_yaml, &b, said), ERR_OK, "%s", said);
    cr_assert_eq(conf_fixed_changes(&sample_schema, &a, &b, &names, &n), ERR_OK);
    cr_assert(span_equal(buf_span(&names), span_str(want)), "%.*s", (int)names.n,
              names.n > 0 ? (const char *)names.p : "");
    for (const char *p = want; *p != '\0'; p++)
        lines += *p == '\n';
    cr_assert_eq(n, lines);
    conf_free(&sample_schema, &a);
    conf_free(&sample_schema, &b);
    buf_fini(&names);
}

Test(change, same_values_written_differently_are_no_change) {
    changes(SAMPLE_LEAST "cache: 1 MiB\n", SAMPLE_LEAST "cache: 1024 KiB\n", "");
}

Test(change, only_fixed_keys_are_named) {
    changes(SAMPLE_LEAST "title: a\ncount: 1\n", SAMPLE_LEAST "title: b\ncount: 2\n", "count\n");
    changes(SAMPLE_LEAST "tags: [a]\n", SAMPLE_LEAST "tags: [b, c]\n", "");
    changes("server: {url: \"mqtt://a\", keep_alive: 5 s}", "server: {url: \"mqtt://b\"}",
            "server.url\n");
}

Test(change, elements_by_id_are_compared_by_id) {
    changes(SAMPLE_LEAST "units: {a: {rated: 1 W}, b: {rated: 2 W}}\n",
            SAMPLE_LEAST "units: {b: {rated: 2 W, mode: manual}, a: {rated: 3 W}}\n",
            "units.a.rated\n");
    changes(SAMPLE_LEAST "units: {a: {}}\n", SAMPLE_LEAST "units: {b: {}}\n", "units\n");
    changes(SAMPLE_LEAST, SAMPLE_LEAST "units: {b: {}}\n", "units\n");
}

Test(change, lists_and_free_maps_are_compared_in_order) {
    changes(SAMPLE_LEAST "sources: [{name: a, registers: [1]}]\n",
            SAMPLE_LEAST "sources: [{name: a, registers: [2]}]\n", "sources[0].registers\n");
    changes(SAMPLE_LEAST "states: {1: a}\n", SAMPLE_LEAST "states: {1: b}\n", "states\n");
}

/* Loads both texts and expects what is told of all keys that differ. */
static void told(const char *old_yaml, const char *new_yaml, const char *want, size_t fixed) {
    struct sample a, b;
    char said[SAMPLE_SAID];
    struct buf text;
    struct conf_changes found = {99, 99};
    size_t lines = 0;

    buf_init(&text);
    cr_assert_eq(sample_load(old_yaml, &a, said), ERR_OK, "%s", said);
    cr_assert_eq(sample_load(new_yaml, &b, said), ERR_OK, "%s", said);
    cr_assert_eq(conf_changes(&sample_schema, &a, &b, &text, &found), ERR_OK);
    cr_expect(span_equal(buf_span(&text), span_str(want)), "%.*s", (int)text.n,
              text.n > 0 ? (const char *)text.p : "");
    for (const char *p = want; *p != '\0'; p++)
        lines += *p == '\n';
    cr_expect_eq(found.n, lines);
    cr_expect_eq(found.fixed, fixed);
    conf_free(&sample_schema, &a);
    conf_free(&sample_schema, &b);
    buf_fini(&text);
}

Test(change, what_differs_is_told_with_its_values) {
    told(SAMPLE_LEAST, SAMPLE_LEAST, "", 0);
    told(SAMPLE_LEAST "title: a\ncount: 1\n", SAMPLE_LEAST "title: b\ncount: 2\n",
         "~ count: 1 pieces -> 2 pieces (needs a restart)\n~ title: a -> b\n", 1);
    told("server: {url: \"mqtt://a\", keep_alive: 5 s}",
         "server: {url: \"mqtt://a\", keep_alive: 2 min}", "~ server.keep_alive: 5 s -> 2 min\n",
         0);
    told(SAMPLE_LEAST "tags: [a]\n", SAMPLE_LEAST "tags: [b, c]\n", "~ tags changes\n", 0);
    told(SAMPLE_LEAST "units: {a: {rated: 1 W}}\n",
         SAMPLE_LEAST "units: {a: {rated: 2 kW, mode: manual}}\n",
         "~ units.a.rated: 1 W -> 2 kW (needs a restart)\n"
         "~ units.a.mode: auto -> manual\n",
         1);
    told("server: {url: \"mqtt://a\", password: \"12345678\"}",
         "server: {url: \"mqtt://a\", password: \"87654321\"}",
         "~ server.password changes (needs a restart)\n", 1);
}

/* A struct as text, read again, is the same struct but for its secrets. */
Test(dump, what_is_written_is_read_again) {
    static const char yaml[] =
        "server: {url: \"mqtt://a\", password: \"12345678\", keep_alive: 90 s}\n"
        "title: \"a\\\"\\\\: # \"\ntags: [x, y]\nstates: {1: a, two words: "
        "\"\\N\\x80\\x7f\\uFEFF\"}\n"
        "units: {a: {rated: 1500 W}, b: {rated: 2 W, mode: manual}}\n"
        "sources: [{name: s, registers: [1, 2]}]\n";
    struct sample a, b;
    char said[SAMPLE_SAID];
    struct buf text, differ;
    struct conf_changes found = {99, 99};

    buf_init(&text);
    buf_init(&differ);
    cr_assert_eq(sample_load(yaml, &a, said), ERR_OK, "%s", said);
    cr_assert_eq(conf_dump(&sample_schema, &a, &text), ERR_OK);
    cr_assert_eq(buf_add_byte(&text, 0), ERR_OK);
    cr_expect_null(strstr((const char *)text.p, "12345678"));
    cr_assert_eq(sample_load((const char *)text.p, &b, said), ERR_OK, "%s\n%s", said, text.p);
    cr_assert_eq(conf_changes(&sample_schema, &a, &b, &differ, &found), ERR_OK);
    cr_expect(
        span_equal(buf_span(&differ), span_str("~ server.password changes (needs a restart)\n")),
        "%.*s", (int)differ.n, (const char *)differ.p);
    conf_free(&sample_schema, &a);
    conf_free(&sample_schema, &b);
    buf_fini(&text);
    buf_fini(&differ);
}

/* What a list says of itself may hold for all that its elements say. */
struct bin {
    struct ident id;
    int64_t size;
    bool has_size;
};
struct store {
    struct bin *bins;
    size_t bin_n;
};

static void bins(bool below, const char *old_yaml, const char *new_yaml, size_t fixed) {
    const struct conf_row bin_row[] = {{.key = "size",
                                        .type = CONF_INT,
                                        .field = CONF_FIELD(struct bin, size),
                                        .given = CONF_FIELD(struct bin, has_size),
                                        .fallback = "3",
                                        .help = "Its size."}};
    const struct conf_schema bin_schema = {
        .rows = bin_row, .row_n = 1, .size = sizeof(struct bin), .id = CONF_FIELD(struct bin, id)};
    const struct conf_row store_row[] = {{.key = "bins",
                                          .type = CONF_KEYED,
                                          .sub = &bin_schema,
                                          .reloadable = true,
                                          .reloadable_below = below,
                                          .field = CONF_FIELD(struct store, bins),
                                          .count = CONF_FIELD(struct store, bin_n),
                                          .help = "Bins."}};
    const struct conf_schema schema = {.rows = store_row, .row_n = 1, .size = sizeof(struct store)};
    struct store a, b;
    struct conf_report report;
    struct buf names, text;
    size_t n;

    conf_report_init(&report);
    buf_init(&names);
    buf_init(&text);
    cr_assert_eq(conf_load(span_str(old_yaml), "a", &schema, &a, &report), ERR_OK);
    cr_assert_eq(conf_load(span_str(new_yaml), "b", &schema, &b, &report), ERR_OK);
    cr_assert_eq(conf_fixed_changes(&schema, &a, &b, &names, &n), ERR_OK);
    cr_expect_eq(n, fixed, "%s", new_yaml);
    cr_assert_eq(conf_reference(&schema, "store", &text), ERR_OK);
    cr_expect_eq(memmem(text.p, text.n, "| no |", 6) != NULL, !below);
    buf_fini(&names);
    buf_fini(&text);
    conf_free(&schema, &a);
    conf_free(&schema, &b);
    conf_report_fini(&report);
}

Test(change, a_list_may_be_reloadable_with_all_below_it) {
    bins(true, "bins: {a: {size: 1}}\n", "bins: {a: {size: 2}, b: {}}\n", 0);
    bins(false, "bins: {a: {size: 1}}\n", "bins: {a: {size: 2}, b: {}}\n", 1);
}

/* A row with `given` asks for the difference, others do not. */
Test(change, a_key_that_is_given_differs_from_one_that_is_left_out) {
    bins(false, "bins: {a: {size: 3}}\n", "bins: {a: {}}\n", 1);
    bins(false, "bins: {a: {size: 3}}\n", "bins: {a: {size: 3}}\n", 0);
}
