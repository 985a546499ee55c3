/* Any bytes as a configuration file: loaded or refused with a report, and nothing leaks; what is
 * loaded and written again loads as the same. The schema has each type of row inside of each kind
 * of container. */
#include <stdlib.h>

#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* libfyaml 0.7.12 loses a buffer on some broken quoted texts; what we allocate is still watched. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libfyaml";
}

struct leaf {
    struct ident id;
    struct conf_pos pos;
    bool on;
    int16_t small;
    int64_t number[8];
    int mode;
    char *text, *url;
    struct conf_pair *pairs;
    size_t pair_n;
    int64_t *list;
    size_t list_n;
};

#define LEAF(k, t, m)                                                                              \
    { .key = (k), .type = (t), .field = CONF_FIELD(struct leaf, m), .help = "h" }

static const struct conf_word word[] = {{"auto", 1, NULL}, {"manual", 2, NULL}};
static const struct conf_row leaf_row[] = {
    LEAF("b", CONF_BOOL, on),
    LEAF("i", CONF_INT, small),
    LEAF("d", CONF_DURATION, number[0]),
    LEAF("z", CONF_BYTES, number[1]),
    LEAF("w", CONF_POWER, number[2]),
    LEAF("e", CONF_ENERGY, number[3]),
    LEAF("r", CONF_RATIO, number[4]),
    LEAF("a", CONF_AMOUNT, number[5]),
    LEAF("day", CONF_DATE, number[6]),
    LEAF("utc", CONF_UTC, number[7]),
    LEAF("t", CONF_TEXT, text),
    LEAF("u", CONF_URL, url),
    {.key = "m",
     .type = CONF_ENUM,
     .field = CONF_FIELD(struct leaf, mode),
     .words = word,
     .word_n = 2,
     .fallback = "auto",
     .help = "h"},
    {.key = "p",
     .type = CONF_PAIRS,
     .field = CONF_FIELD(struct leaf, pairs),
     .count = CONF_FIELD(struct leaf, pair_n),
     .help = "h"},
    {.key = "l",
     .type = CONF_SCALARS,
     .item = CONF_TIME_OF_DAY,
     .field = CONF_FIELD(struct leaf, list),
     .count = CONF_FIELD(struct leaf, list_n),
     .help = "h"},
};
static const struct conf_schema leaf_schema = {.rows = leaf_row,
                                               .row_n = sizeof leaf_row / sizeof leaf_row[0],
                                               .size = sizeof(struct leaf),
                                               .id = CONF_FIELD(struct leaf, id),
                                               .pos = CONF_FIELD(struct leaf, pos)};

struct root {
    struct leaf one;
    struct leaf *many, *keyed;
    size_t many_n, keyed_n;
};
static const struct conf_row root_row[] = {
    {.key = "one",
     .type = CONF_MAP,
     .sub = &leaf_schema,
     .field = CONF_FIELD(struct root, one),
     .help = "h"},
    {.key = "many",
     .type = CONF_LIST,
     .sub = &leaf_schema,
     .field = CONF_FIELD(struct root, many),
     .count = CONF_FIELD(struct root, many_n),
     .help = "h"},
    {.key = "keyed",
     .type = CONF_KEYED,
     .sub = &leaf_schema,
     .field = CONF_FIELD(struct root, keyed),
     .count = CONF_FIELD(struct root, keyed_n),
     .help = "h"},
};
static const struct conf_schema root_schema = CONF_SCHEMA(struct root, root_row);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void written_again(const struct root *root) {
    struct conf_changes found;
    struct conf_report report;
    struct buf text, differ;
    struct root back;
    buf_init(&text);
    buf_init(&differ);
    conf_report_init(&report);
    must(conf_dump(&root_schema, root, &text) == ERR_OK);
    must(conf_load(buf_span(&text), "back", &root_schema, &back, &report) == ERR_OK);
    must(conf_changes(&root_schema, root, &back, &differ, &found) == ERR_OK && found.n == 0);
    conf_free(&root_schema, &back);
    conf_report_fini(&report);
    buf_fini(&differ);
    buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct conf_report report;
    struct root root;
    struct buf text;

    conf_report_init(&report);
    buf_init(&text);
    const enum err e = conf_load(span_of(data, n), "fuzz", &root_schema, &root, &report);
    must((e == ERR_OK) == (conf_report_count(&report) == 0) || e == ERR_NOMEM);
    must(conf_report_format(&report, &text) == ERR_OK);
    if (e == ERR_OK) {
        written_again(&root);
        conf_free(&root_schema, &root);
    }
    buf_fini(&text);
    conf_report_fini(&report);
    return 0;
}
