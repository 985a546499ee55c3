#include <criterion/criterion.h>

#include "sample.h"

static void complains(const struct conf_schema *s, const char *want) {
    struct buf wrong;

    buf_init(&wrong);
    cr_assert_not(conf_schema_check(s, &wrong));
    (void)buf_add_byte(&wrong, '\0');
    cr_assert_not_null(strstr((const char *)wrong.p, want), "wanted %s in %s", want,
                       (const char *)wrong.p);
    buf_fini(&wrong);
}

Test(check, sound_schema_passes) {
    struct buf wrong;

    buf_init(&wrong);
    cr_assert(conf_schema_check(&sample_schema, &wrong), "%.*s", (int)wrong.n,
              (const char *)wrong.p);
    cr_assert_eq(wrong.n, 0);
    buf_fini(&wrong);
}

struct thing {
    int64_t n;
    int16_t small;
    struct ident id;
};

#define ONE(...)                                                                                   \
    (&(const struct conf_schema){                                                                  \
        .rows = &(const struct conf_row){__VA_ARGS__}, .row_n = 1, .size = sizeof(struct thing)})

Test(check, mistakes_in_rows_are_named) {
    complains(ONE(.key = "Bad Key", .type = CONF_INT, .field = CONF_FIELD(struct thing, n)),
              "Bad Key: key is no id");
    complains(ONE(.key = "n", .type = CONF_INT, .field = CONF_FIELD(struct thing, n)),
              "n: has no help");
    complains(
        ONE(.key = "n", .type = CONF_TEXT, .help = "x", .field = CONF_FIELD(struct thing, id)),
        "n: field has the wrong size for its type");
    complains(ONE(.key = "n", .type = CONF_INT, .help = "x", .max = 70000,
                  .field = CONF_FIELD(struct thing, small)),
              "n: its range does not fit into the field");
    complains(ONE(.key = "n", .type = CONF_INT, .help = "x", .min = 5, .max = 4,
                  .field = CONF_FIELD(struct thing, n)),
              "n: min is above max");
    complains(ONE(.key = "n", .type = CONF_DURATION, .help = "x", .fallback = "5",
                  .field = CONF_FIELD(struct thing, n)),
              "n: \"5\" has no unit");
    complains(ONE(.key = "n", .type = CONF_INT, .help = "x", .fallback = "5", .required = true,
                  .field = CONF_FIELD(struct thing, n)),
              "n: is required and has a fallback");
    complains(ONE(.key = "n", .type = CONF_ENUM, .help = "x", .field = {0, sizeof(int)}),
              "n: words belong to an enum");
    complains(
        ONE(.key = "n", .type = CONF_ENUM, .help = "x", .word_n = 2, .field = {0, sizeof(int)}),
        "n: words belong to an enum");
    complains(ONE(.key = "n", .type = CONF_LIST, .help = "x", .field = {0, sizeof(void *)}),
              "n: sub belongs to maps");
    complains(ONE(.key = "n", .type = CONF_INT, .help = "x", .field = {1000, 8}),
              "n: field lies outside of the struct");
}
